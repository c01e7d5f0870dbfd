"""A small document model: what a result says, before anyone decides how it looks.

Blocks are values; ``edgp_magics.display`` turns a document into HTML, Markdown or plain text. Every string in a
block is untrusted text (column names and cell values are hostile): renderers escape it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ._domain import Severity


@dataclass(frozen=True)
class Bar:
    """A share 0..1 drawn as a bar with its label; ``tone`` says how to read it."""

    share: float
    label: str
    tone: Literal["neutral", "good", "bad"] = "neutral"


@dataclass(frozen=True)
class Badge:
    """A short verdict: word, symbol and border, never colour alone."""

    word: str
    severity: Severity | None = None


@dataclass(frozen=True)
class Code:
    """A name, value or expression in fixed width."""

    text: str


@dataclass(frozen=True)
class Marked:
    """Text in which the character spans ``marks`` are highlighted."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Link:
    """Text that leads to a web address; an address that is none of http or https is shown as text."""

    text: str
    href: str

    @property
    def safe(self) -> bool:
        """Whether the address may become a link: the document it came from may be hostile."""
        return re.fullmatch(r"https?://[^\s<>\"'`\\]{1,2000}", self.href) is not None


Cell = str | int | float | None | Bar | Badge | Code | Marked | Link
"""What may stand in a cell of a grid; numbers are set right with thousands separators."""


@dataclass(frozen=True)
class Heading:
    """A heading line; level 1 is the title of the result."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    """A paragraph; ``strong`` for the answer, ``note`` for small print."""

    text: str
    tone: Literal["plain", "strong", "note"] = "plain"


@dataclass(frozen=True)
class Facts:
    """Pairs of label and value on one line."""

    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class Items:
    """A bulleted list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """A block of text in fixed width (code, YAML, a drawn graph)."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Grid:
    """A table with a visible caption; ``more`` counts rows that are not shown."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: int = 0


@dataclass(frozen=True)
class Fold:
    """Blocks behind a summary line, closed at first."""

    summary: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Drawing:
    """A static picture (SVG made by us) with its text equivalent for readers without it."""

    svg: str
    alt: str


Block = Heading | Text | Facts | Items | Listing | Grid | Fold | Drawing


@dataclass(frozen=True)
class Document:
    """A title, blocks and a footer: everything a reader sees of a result."""

    title: str
    blocks: tuple[Block, ...]
    footer: str = ""


SPARKS = " ▁▂▃▄▅▆▇█"


def spark(counts: Sequence[float]) -> str:
    """A histogram in characters, one per bin; an empty bin is blank, a filled one at least ``▁``.

    >>> spark([0, 1, 8, 4])
    ' ▁█▄'
    """
    top = max(counts, default=0)
    if top <= 0:
        return ""
    return "".join(SPARKS[0 if c <= 0 else max(1, round(c / top * 8))] for c in counts)


def percent(part: float, whole: float = 1.0) -> str:
    """A share as text that never rounds something to nothing or nearly all to all.

    >>> percent(1, 3), percent(1, 100_000), percent(0, 5), percent(99_999, 100_000)
    ('33.3 %', '< 0.1 %', '0 %', '> 99.9 %')
    """
    if not whole or not part:
        return "0 %"
    share = 100 * part / whole
    if share >= 100:
        return "100 %"
    if share < 0.1:
        return "< 0.1 %"
    if share > 99.9:
        return "> 99.9 %"
    return f"{share:.1f} %"


def plural(count: int, noun: str, many: str | None = None) -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"
