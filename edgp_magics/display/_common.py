"""What the three renderers share: safe text, symbols, bars."""

from __future__ import annotations

import unicodedata

from ..values import Badge, Bar, Cell, Code, Link, Marked

CELL_LIMIT = 300
"""Longer cell text is cut; the object has it whole."""

_SEVERITY = {"info": "○", "low": "◔", "medium": "◑", "high": "◕", "critical": "●"}
_WORDS = {
    "PASS": "✓",
    "FAIL": "✗",
    "WARN": "▲",
    "NOT_APPLICABLE": "–",
    "NOT_ASSESSED": "?",
    "NOT RUN": "?",
    "NEEDS_ATTESTATION": "✎",
    "unchanged": "✓",
    "CHANGED": "✗",
    "not verified": "?",
    "no evidence pack": "✗",
    "auto": "✓",
    "review": "◑",
    "flag": "⚑",
    "accepted": "✓",
    "rejected": "✗",
    "done": "✓",
    "running": "…",
    "waiting": "✎",
    "failed": "✗",
    "skipped": "–",
    "pending": "·",
}
_BAR_WIDTH = 10


def clean(text: object, limit: int | None = CELL_LIMIT) -> str:
    """Text that cannot disturb its surroundings: control and bidirectional-override characters are made visible."""
    out = "".join(c if c == "\n" or not _hostile(c) else f"\\u{ord(c):04x}" for c in str(text))
    return out if limit is None or len(out) <= limit else out[: limit - 1] + "…"


def _hostile(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") or "‪" <= char <= "‮" or "⁦" <= char <= "⁩"


def symbol(badge: Badge) -> str:
    """The sign of a verdict; a word without one gets a dot."""
    return _SEVERITY[badge.severity.value] if badge.severity else _WORDS.get(badge.word, "·")


def bar(value: Bar) -> str:
    """Ten characters for a share."""
    filled = round(max(0.0, min(1.0, value.share)) * _BAR_WIDTH)
    if value.share > 0:
        filled = max(1, filled)
    return "█" * filled + "░" * (_BAR_WIDTH - filled)


def number(value: int | float) -> str:
    """A figure with thousands separators; whole floats lose their tail, others keep four significant digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if value != value:
        return "–"
    if value.is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"


def is_number(cell: Cell) -> bool:
    """Whether a cell is set right."""
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def words(cell: Cell) -> str:
    """A cell as unescaped text."""
    if cell is None:
        return ""
    if isinstance(cell, Bar):
        return f"{bar(cell)} {clean(cell.label)}"
    if isinstance(cell, Badge):
        return f"{symbol(cell)} {clean(cell.word)}"
    if isinstance(cell, Link):
        return clean(cell.text if cell.href in ("", cell.text) else f"{cell.text} ({cell.href})")
    if isinstance(cell, (Code, Marked)):
        return clean(cell.text)
    if isinstance(cell, (int, float)):
        return number(cell)
    return clean(cell)
