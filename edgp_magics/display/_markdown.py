"""A document as Markdown that GitHub, VS Code and JupyterLab render alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..values import Block, Cell, Code, Document, Drawing, Facts, Fold, Grid, Heading, Items, Link, Listing, Marked, Text
from ._common import clean, is_number, words

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def to_markdown(document: Document) -> str:
    """The document as Markdown; every string from the data is escaped."""
    parts = [f"### {_escape(document.title)}", *map(_block, document.blocks)]
    if document.footer:
        parts.append(f"*{_escape(document.footer)}*")
    return "\n\n".join(parts)


def _block(block: Block) -> str:
    return _BLOCKS[type(block)](block)


def _heading(block: Heading) -> str:
    return "#" * min(6, block.level + 2) + " " + _escape(block.text)


def _text(block: Text) -> str:
    text = _inline(block.text)
    return f"**{text}**" if block.tone == "strong" else f"*{text}*" if block.tone == "note" else text


def _facts(block: Facts) -> str:
    return " · ".join(f"{_escape(k)}: {_cell(v)}" for k, v in block.pairs)


def _items(block: Items) -> str:
    return "\n".join(f"- {_inline(i)}" for i in block.items)


def _listing(block: Listing) -> str:
    fence = "`" * max(3, 1 + max((len(m) for m in re.findall(r"`+", block.text)), default=0))
    return f"{fence}{block.language}\n{clean(block.text, 20_000)}\n{fence}"


def _fold(block: Fold) -> str:
    inner = "\n\n".join(map(_block, block.blocks))
    return f"<details><summary>{_escape(block.summary)}</summary>\n\n{inner}\n\n</details>"


def _drawing(block: Drawing) -> str:
    return _listing(Listing(block.alt))


def _grid(block: Grid) -> str:
    right = [
        any(is_number(r[i]) for r in block.rows) and all(r[i] is None or is_number(r[i]) for r in block.rows)
        for i in range(len(block.columns))
    ]
    lines = [
        "| " + " | ".join(_escape(c) for c in block.columns) + " |",
        "|" + "|".join("---:" if r else "---" for r in right) + "|",
        *("| " + " | ".join(_cell(c) for c in row) + " |" for row in block.rows),
    ]
    head = [f"**{_escape(block.caption)}**", ""] if block.caption else []
    tail = ["", f"*{block.more:,} more rows are not shown.*"] if block.more else []
    return "\n".join([*head, *lines, *tail])


def _cell(cell: Cell) -> str:
    if isinstance(cell, Code):
        return _code(clean(cell.text))
    if isinstance(cell, Marked):
        return _marked(cell)
    if isinstance(cell, Link) and cell.safe:
        return f"[{_escape(cell.text)}](<{cell.href.replace('|', '%7C')}>)"
    return _inline(words(cell))


def _inline(text: str) -> str:
    """Escaped text in which `names in backticks` stay code."""
    parts = clean(text, None).split("`")
    if len(parts) % 2 == 0:
        return _escape(text, None)
    return "".join(_code(p) if i % 2 else _escape(p, None) for i, p in enumerate(parts))


def _code(text: str) -> str:
    flat = " ".join(text.split()).replace("|", "\\|")
    if not flat:
        return ""
    fence = "`" * (1 + max((len(m) for m in re.findall(r"`+", flat)), default=0))
    pad = " " if "`" in (flat[0], flat[-1]) else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def _marked(cell: Marked) -> str:
    out, at = "", 0
    for start, end in sorted(cell.marks):
        if start >= at:
            out += _escape(cell.text[at:start], None) + f"**{_escape(cell.text[start:end], None)}**"
            at = end
    return out + _escape(cell.text[at:], None)


def _escape(text: str, limit: int | None = 300) -> str:
    return _SPECIAL.sub(r"\\\1", re.sub(r"\s*\n\s*", " ", clean(text, limit)).replace("&", "&amp;")).replace("\\<", "&lt;")


_BLOCKS: dict[type, Callable[[Any], str]] = {
    Heading: _heading,
    Text: _text,
    Facts: _facts,
    Items: _items,
    Listing: _listing,
    Grid: _grid,
    Fold: _fold,
    Drawing: _drawing,
}
