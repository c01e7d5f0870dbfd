"""PDF: the text of its pages. Actions, attachments and scripts in it are not looked at."""

from __future__ import annotations

import contextlib
import io
import logging
import time
import warnings
from typing import Any

from ....errors import KnowledgeError
from .._parsed import Parsed
from ._build import TextBuilder

_PAGES, _SECONDS, _CHARACTERS = 2_000, 60.0, 20_000_000
_DEEPEST = 5


def parse_pdf(data: bytes) -> Parsed:
    """Each page under ``page N``, and the bookmarks that point to it above; pages that cannot be read are said."""
    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pypdf repairs on its way
        try:
            reader = pypdf.PdfReader(io.BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):
                raise KnowledgeError("the PDF is protected by a password.", hint="Save a copy without one.")
            title = str((reader.metadata.title if reader.metadata else "") or "").strip()
            return _pages(reader, title)
        except KnowledgeError:
            raise
        except (PyPdfError, *_BROKEN) as error:
            raise KnowledgeError(f"the PDF cannot be read: {_short(error)}.", hint="Open and save it anew, or give its text.") from None


_BROKEN = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    RecursionError,
    ArithmeticError,
    NotImplementedError,
    MemoryError,
)
"""What pypdf lets through on broken files besides its own errors."""


def _pages(reader: Any, title: str) -> Parsed:
    from pypdf.errors import PyPdfError

    builder = TextBuilder()
    notes: list[str] = []
    started, size = time.monotonic(), 0
    marks = _bookmarks(reader)
    deepest = max((level for found in marks.values() for level, _ in found), default=0)
    pages = reader.pages
    for number in range(1, min(len(pages), _PAGES) + 1):
        try:
            text = pages[number - 1].extract_text() or ""
        except (PyPdfError, *_BROKEN) as error:
            notes.append(f"page {number} cannot be read: {_short(error)}")
            continue
        size += len(text)
        for level, heading in marks.get(number, ()):
            builder.heading(heading, level)
        if text.strip():
            builder.heading(f"page {number}", min(6, deepest + 1))
            builder.paragraph(_clean(text))
        if time.monotonic() - started > _SECONDS or size > _CHARACTERS:
            notes.append(f"stopped after page {number} of {len(pages)}: too large")
            break
    else:
        if len(pages) > _PAGES:
            notes.append(f"stopped after page {_PAGES} of {len(pages)}")
    return builder.parsed(title, notes)


def _bookmarks(reader: Any) -> dict[int, list[tuple[int, str]]]:
    """Level and title of the bookmarks by the page they point to; broken ones are passed over."""
    from pypdf.errors import PyPdfError

    found: dict[int, list[tuple[int, str]]] = {}
    try:
        todo = [(1, item) for item in reversed(reader.outline)]
    except (PyPdfError, *_BROKEN):
        return found
    while todo and len(found) < _PAGES:
        level, item = todo.pop()
        if isinstance(item, list):
            todo += [(min(level + 1, _DEEPEST), inner) for inner in reversed(item)]
            continue
        with contextlib.suppress(PyPdfError, *_BROKEN):
            page, title = reader.get_destination_page_number(item), " ".join(str(item.title).split())
            if page is not None and page >= 0 and title:
                found.setdefault(page + 1, []).append((level, title))
    return found


def _clean(text: str) -> str:
    """Lines as they are, words cut at a line end joined."""
    joined = text.replace("\u00ad\n", "").replace("\x00", "")
    return "\n".join(" ".join(line.split()) for line in joined.splitlines()).replace("\n\n\n", "\n\n")


def _short(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:80].rstrip(".")
