"""A document as plain text for terminals, logs and screen readers."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable
from typing import Any

from ..values import Block, Cell, Document, Drawing, Facts, Fold, Grid, Heading, Items, Listing, Text
from ._common import clean, is_number, words

_WIDTH = 120
_GAP = 2
_UNBROKEN = 32
"""A longer word is broken where a grid does not fit."""


def to_text(document: Document, *, folds: bool = True) -> str:
    """The document as text; with ``folds=False`` only the summary line of what is folded."""
    title = clean(document.title)
    parts = [f"{title}\n{'=' * _columns(title)}", *(_block(b, folds) for b in document.blocks)]
    if document.footer:
        parts.append(clean(document.footer))
    return "\n\n".join(p for p in parts if p)


def _block(block: Block, folds: bool) -> str:
    if isinstance(block, Fold):
        return _fold(block, folds)
    return _BLOCKS[type(block)](block)


def _fold(block: Fold, folds: bool) -> str:
    head = f"▸ {clean(block.summary)}"
    if not folds:
        return head
    return head + "\n" + textwrap.indent("\n\n".join(_block(b, folds) for b in block.blocks), "  ")


def _heading(block: Heading) -> str:
    text = clean(block.text)
    return f"{text}\n{'-' * _columns(text)}"


def _text(block: Text) -> str:
    return "\n".join(textwrap.wrap(clean(block.text, None), _WIDTH)) if block.text else ""


def _facts(block: Facts) -> str:
    return "\n".join(textwrap.wrap(" · ".join(f"{clean(k)}: {words(v)}" for k, v in block.pairs), _WIDTH))


def _items(block: Items) -> str:
    return "\n".join(textwrap.fill(f"- {clean(i, None)}", _WIDTH, subsequent_indent="  ") for i in block.items)


def _listing(block: Listing) -> str:
    return textwrap.indent(clean(block.text, 20_000), "    ")


def _drawing(block: Drawing) -> str:
    return textwrap.indent(clean(block.alt, None), "    ")


def _grid(block: Grid) -> str:
    """Columns side by side; where they do not fit the width, the long ones are wrapped, and nothing is cut."""
    cells = [[" ".join(words(c).split()) for c in row] for row in block.rows]
    heads = [clean(c) for c in block.columns]
    right = [any(is_number(r[i]) for r in block.rows) for i in range(len(heads))]
    widths = _widths(block, heads, cells)
    lines = [clean(block.caption)] if block.caption else []
    lines += _lines(heads, widths, right)
    lines.append((" " * _GAP).join("-" * w for w in widths))
    for row in cells:
        lines += _lines(row, widths, right)
    if block.more:
        lines.append(f"… {block.more:,} more rows")
    return "\n".join(lines)


def _widths(block: Grid, heads: list[str], cells: list[list[str]]) -> list[int]:
    """The width of each column: as wide as it is where all fit; else the widest are narrowed alike, as far as words allow."""
    natural = [max([_columns(h), *(_columns(r[i]) for r in cells)]) for i, h in enumerate(heads)]
    least = [max([_columns(h), *(_unbroken(r[i], c[i]) for r, c in zip(block.rows, cells, strict=True))]) for i, h in enumerate(heads)]
    room = _WIDTH - _GAP * (len(heads) - 1)
    for cap in range(max(natural, default=0), 0, -1):
        widths = [min(n, max(cap, low)) for n, low in zip(natural, least, strict=True)]
        if sum(widths) <= room:
            return widths
    return [min(n, low) for n, low in zip(natural, least, strict=True)]


def _unbroken(cell: Cell, text: str) -> int:
    """The width under which a cell would be broken inside a word, or a figure, badge, bar or name at all."""
    return min(_UNBROKEN, max(map(_columns, text.split()), default=0) if isinstance(cell, str) else _columns(text))


def _lines(row: list[str], widths: list[int], right: list[bool]) -> list[str]:
    """The lines of one row of a grid."""
    parts = [_wrapped(c, w) for c, w in zip(row, widths, strict=True)]
    out = []
    for i in range(max(map(len, parts), default=0)):
        line = [p[i] if i < len(p) else "" for p in parts]
        out.append((" " * _GAP).join(_pad(c, w, r) for c, w, r in zip(line, widths, right, strict=True)).rstrip())
    return out


def _wrapped(text: str, width: int) -> list[str]:
    columns = _columns(text)
    if columns <= width:
        return [text]
    return textwrap.wrap(text, max(1, width * len(text) // columns if columns > len(text) else width))


def _columns(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int, right: bool) -> str:
    gap = " " * max(0, width - _columns(text))
    return gap + text if right else text + gap


_BLOCKS: dict[type, Callable[[Any], str]] = {
    Heading: _heading,
    Text: _text,
    Facts: _facts,
    Items: _items,
    Listing: _listing,
    Grid: _grid,
    Drawing: _drawing,
}
