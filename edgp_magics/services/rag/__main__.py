"""``python -m edgp_magics.services.rag``: make the vectors that are shipped beside the knowledge."""

from __future__ import annotations

import sys

from ._prebuild import QUESTIONS, prebuild

if __name__ == "__main__":
    sys.stdout.write(f"{prebuild(questions=QUESTIONS)} vectors written\n")
