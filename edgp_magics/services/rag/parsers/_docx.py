"""DOCX: paragraphs, headings and tables. It is a ZIP file of XML, and is looked over before it is opened."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any

from ....errors import KnowledgeError
from .._parsed import Parsed
from ._build import TextBuilder

_UNPACKED = 200_000_000
_RATIO = 200
_PARTS = 5_000
_HEADING = re.compile(r"heading (\d)$", re.IGNORECASE)


def parse_docx(data: bytes) -> Parsed:
    """Headings by their style; the rows of tables with bars between the cells."""
    _check(data)
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    try:
        document = docx.Document(io.BytesIO(data))
        builder = TextBuilder()
        for block in document.iter_inner_content():
            _block(block, builder)
        return builder.parsed(str(document.core_properties.title or "").strip())
    except (OpcError, LxmlError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise KnowledgeError(f"the DOCX cannot be read: {' '.join(str(error).split())[:80]}.", hint="Open and save it anew.") from None


def _block(block: Any, builder: TextBuilder) -> None:
    if hasattr(block, "rows"):
        for row in block.rows:
            cells = [" ".join(cell.text.split()) for cell in row.cells]
            builder.word(" | ".join(cells))
            builder.line()
        return
    style = block.style.name if block.style is not None else ""
    if found := _HEADING.match(style or ""):
        builder.heading(block.text, int(found.group(1)))
    elif style == "Title":
        builder.heading(block.text, 1)
    else:
        builder.paragraph(block.text)


def _check(data: bytes) -> None:
    """Refuse what would unpack to far more than a document is, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise KnowledgeError(f"this is no DOCX file: {' '.join(str(error).split())[:80]}.", hint="Open and save it anew.") from None
    unpacked = sum(part.file_size for part in parts)
    if unpacked > _UNPACKED or len(parts) > _PARTS or unpacked > _RATIO * max(len(data), 100_000):
        raise KnowledgeError(
            f"the DOCX would unpack to {unpacked / 1e6:,.0f} MB in {len(parts):,} parts and is refused.", unpacked=unpacked
        )
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise KnowledgeError("this is a ZIP file, but no DOCX document.")
