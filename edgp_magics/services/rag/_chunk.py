"""Cutting a document along its structure into passages that slice back to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ._parsed import Parsed

LIMIT = 1_000
"""Characters a passage: within the 256 tokens the sentence model reads, heading path included."""
WINDOW = 1_400
"""Characters a window of a passage that was given as it is: about what the sentence model reads."""
_SMALL = 200
"""A shorter remainder joins the passage before it."""

_BLOCK_END = re.compile(r"\n[ \t]*\n+")
_LINE_END = re.compile(r"\n")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？;:])[\"'”’)\]]*\s+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Chunk:
    """``document.text[start:end]`` and the headings it stands under."""

    text: str
    start: int
    end: int
    section: tuple[str, ...] = ()


def chunks(document: Parsed, limit: int = LIMIT) -> list[Chunk]:
    r"""The document in passages of at most ``limit`` characters, none across a heading.

    >>> from edgp_magics.services.rag import parse_text
    >>> doc = parse_text("# Keep\n\nTen years.\n\n## Delete\n\nThen erase.", name="a.md")
    >>> [(c.section, doc.text[c.start:c.end]) for c in chunks(doc)]
    [(('Keep',), 'Ten years.'), (('Keep', 'Delete'), 'Then erase.')]
    """
    out = []
    for section, start, end in _sections(document):
        for a, b in _pieces(document.text, start, end, limit):
            out.append(Chunk(document.text[a:b], a, b, section))
    return out


def windows(text: str, limit: int = WINDOW) -> list[tuple[int, int]]:
    """Spans that cover a text piece by piece, each short enough for the sentence model."""
    return list(_pieces(text, 0, len(text), limit)) or [(0, len(text))]


def _sections(document: Parsed) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Heading path, start and end of the text under each heading."""
    path: list[tuple[int, str]] = []
    start = document.start
    for heading in document.headings:
        yield tuple(text for _, text in path), start, heading.start
        path = [(level, text) for level, text in path if level < heading.level]
        path.append((heading.level, heading.text))
        start = heading.end
    yield tuple(text for _, text in path), start, len(document.text)


def _pieces(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """Spans of at most ``limit`` characters, cut at the strongest break there is."""
    start, end = _trimmed(text, start, end)
    while start < end:
        cut = end if end - start <= limit else _cut(text, start, end, limit)
        if 0 < end - cut < _SMALL and end - start <= limit + _SMALL:
            cut = end
        a, b = _trimmed(text, start, cut)
        if a < b:
            yield a, b
        start, end = _trimmed(text, cut, end)


def _cut(text: str, start: int, end: int, limit: int) -> int:
    """The last break before the limit: a blank line, else a line end, a sentence end, a space; else the limit itself."""
    for pattern, least in ((_BLOCK_END, 0.3), (_LINE_END, 0.5), (_SENTENCE_END, 0.3), (_SPACE, 0.1)):
        breaks = [m.end() for m in pattern.finditer(text, start + int(limit * least), min(end, start + limit))]
        if breaks:
            return breaks[-1]
    return start + limit


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
