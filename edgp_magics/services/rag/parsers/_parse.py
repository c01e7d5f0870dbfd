"""The formats by file ending, and the limits that hold for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath

from ....errors import KnowledgeError
from .._parsed import Parsed
from ._decode import decode
from ._docx import parse_docx
from ._html import declared, parse_html
from ._markdown import parse_markdown
from ._pdf import parse_pdf

MAX_BYTES = 50_000_000
"""A larger file is refused: it is no document to read passages from."""


def _plain(data: bytes) -> Parsed:
    text, notes = decode(data)
    return Parsed(text, notes=notes)


def _markdown(data: bytes) -> Parsed:
    text, notes = decode(data)
    parsed = parse_markdown(text)
    return replace(parsed, notes=(*notes, *parsed.notes))


def _html(data: bytes) -> Parsed:
    text, notes = decode(data, declared=declared(data))
    parsed = parse_html(text)
    return replace(parsed, notes=(*notes, *parsed.notes))


FORMATS: dict[str, Callable[[bytes], Parsed]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _plain,
    ".text": _plain,
    ".html": _html,
    ".htm": _html,
    ".pdf": parse_pdf,
    ".docx": parse_docx,
}
"""What can be ingested, by file ending."""


def parse_file(path: Path) -> Parsed:
    """Read and parse a file; :class:`KnowledgeError` says why it cannot be."""
    try:
        size = path.stat().st_size
        _check(path.name, size)
        data = path.read_bytes()
    except OSError as error:
        raise KnowledgeError(f"{path.name} cannot be read: {error.strerror or error}.", source=path.name) from None
    return parse_bytes(data, path.name)


def parse_bytes(data: bytes, name: str) -> Parsed:
    """Parse the bytes of a document by the ending of its name."""
    _check(name, len(data))
    parsed = FORMATS[PurePath(name).suffix.lower()](data)
    if not parsed.text[parsed.start :].strip():
        raise KnowledgeError(f"{name} holds no text.", hint="A scanned document needs text recognition first.", source=name)
    return parsed if parsed.title else replace(parsed, title=PurePath(name).stem.replace("_", " "))


def parse_text(text: str, name: str = "text.md") -> Parsed:
    """Parse text that is already in memory; Markdown unless the name says otherwise."""
    return parse_bytes(text.encode("utf-8", "surrogatepass"), name)


def _check(name: str, size: int) -> None:
    if PurePath(name).suffix.lower() not in FORMATS:
        raise KnowledgeError(f"{name} is of a kind that cannot be read.", hint=f"Kinds: {', '.join(FORMATS)}.", source=name)
    if size > MAX_BYTES:
        raise KnowledgeError(
            f"{name} has {size / 1e6:,.0f} MB; the limit is {MAX_BYTES / 1e6:,.0f} MB.", hint="Split it, or extract its text.", source=name
        )
    if size == 0:
        raise KnowledgeError(f"{name} is empty.", source=name)
