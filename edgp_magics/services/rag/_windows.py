"""The texts that stand for a passage when it is embedded."""

from __future__ import annotations

from ._chunk import windows
from ._index import lead
from ._sources import Stored


def windows_of(passage: Stored) -> list[str]:
    """Each window of the passage with what stands above the passage."""
    above = lead(passage.title, passage.section)
    prefix = f"{above}\n" if above else ""
    return [prefix + passage.text[a:b] for a, b in windows(passage.text)]
