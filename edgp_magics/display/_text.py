"""A document as plain text for terminals, logs and screen readers."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable
from typing import Any

from ..values import Block, Document, Drawing, Facts, Fold, Grid, Heading, Items, Listing, Text
from ._common import clean, is_number, words

_WIDTH = 120
_CELL = 64


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
    cells = [[_short(words(c)) for c in row] for row in block.rows]
    heads = [clean(c) for c in block.columns]
    right = [any(is_number(r[i]) for r in block.rows) for i in range(len(heads))]
    widths = [max([_columns(h), *(_columns(r[i]) for r in cells)]) for i, h in enumerate(heads)]
    lines = [clean(block.caption)] if block.caption else []
    lines.append("  ".join(_pad(h, w, r) for h, w, r in zip(heads, widths, right, strict=True)).rstrip())
    lines.append("  ".join("-" * w for w in widths))
    lines += ["  ".join(_pad(c, w, r) for c, w, r in zip(row, widths, right, strict=True)).rstrip() for row in cells]
    if block.more:
        lines.append(f"… {block.more:,} more rows")
    return "\n".join(lines)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _CELL else flat[: _CELL - 1] + "…"


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
