"""Vectors of the shipped knowledge, made once when the knowledge is edited and shipped beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ._chunk import chunks
from ._encoder import load_encoder
from ._protocols import Encoder
from ._sources import Stored
from ._system import PREBUILT, shipped_knowledge
from ._vectors import key_of, rounded, write_prebuilt
from ._windows import windows_of
from .parsers import FORMATS, parse_file

QUESTIONS = (
    "personal data, identifiers, de-identification and re-identification risk",
    *(f"{kind} policy requirements" for kind in ("classification", "retention", "access", "sharing", "quality")),
)
"""What capabilities ask of the knowledge whatever the table: their vectors are shipped, so that no model is loaded to ask."""


def texts_of(folder: Path) -> dict[bytes, str]:
    """Every text of the folder's documents that is embedded, by its key."""
    out: dict[bytes, str] = {}
    for file in sorted(p for p in folder.rglob("*") if p.suffix.lower() in FORMATS):
        parsed = parse_file(file)
        for chunk in chunks(parsed):
            stored = Stored(id="", document="", place=0, text=chunk.text, title=parsed.title, section=chunk.section)
            out.update((key_of(text), text) for text in windows_of(stored))
    return out


def prebuild(folder: Path | None = None, encoder: Encoder | None = None, questions: Sequence[str] = ()) -> int:
    """Embed a folder's documents, and questions that will be asked of them, and write the vectors into it; returns how many."""
    root = folder if folder is not None else shipped_knowledge()
    model = encoder if encoder is not None else load_encoder()
    texts = texts_of(root) | {key_of(q): q for q in questions}
    vectors = model.encode(list(texts.values())) if texts else np.zeros((0, model.dimension), np.float32)
    write_prebuilt(root / PREBUILT, model.name, list(texts), rounded(vectors))
    return len(texts)
