"""Regular expressions from the character patterns of a column."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..profiling._findings import shape_regex
from ..profiling._model import ColumnProfile
from ..profiling._shapes import detail

_USUAL = 0.02
_COVER = 0.97
_MOST = 6
_SIGNS = ".*+?()|[]{}^$\\"


def pattern_of(profile: ColumnProfile, sample: Sequence[str]) -> str | None:
    """A pattern for text of few fixed forms, letters that never change spelled out; None where forms vary.

    >>> from edgp_magics.capabilities.profiling._model import ShapeShare
    >>> shapes = (ShapeShare(pattern="A9", detail="A{2}9{3}", count=9, share=1.0),)
    >>> p = ColumnProfile(name="c", position=0, kind="string", dtype="str", logical_type="text", rows=9, nulls=0, distinct=9,
    ...                   shapes=shapes, shapes_of=9)
    >>> pattern_of(p, ["AC123", "AC456"])
    '^AC[0-9]{3}$'
    """
    usual = [s for s in profile.shapes if s.share >= _USUAL]
    if not usual or len(usual) > _MOST or sum(s.share for s in usual) < _COVER or not any(set(s.pattern) & set("9-_/.:@") for s in usual):
        return None
    parts = [_spelled(s.detail, [t for t in sample if detail(t) == s.detail]) if s.detail else shape_regex(s.pattern) for s in usual]
    if any("…" in p for p in parts):
        return None
    unique = list(dict.fromkeys(parts))
    return f"^{unique[0]}$" if len(unique) == 1 else "^(?:" + "|".join(unique) + ")$"


def _spelled(shape: str, texts: Sequence[str]) -> str:
    """A pattern with lengths, in which places that are always the same letter or sign stand for themselves."""
    out: list[str] = []
    place = 0
    for symbol, count in re.findall(r"(.)(?:\{(\d+)\})?", shape, flags=re.DOTALL):
        width = int(count or 1)
        seen = {t[place : place + width] for t in texts}
        place += width
        if symbol in "Aa" and len(seen) == 1 and len(texts) >= _ENOUGH:
            out.append(re.escape(next(iter(seen))))
        elif symbol in _CLASSES:
            out.append(_CLASSES[symbol] + (f"{{{width}}}" if width > 1 else ""))
        else:
            out.append(_sign(symbol) * width)
    return "".join(out)


_ENOUGH = 2
_CLASSES = {"A": "[A-Z]", "a": "[a-z]", "9": "[0-9]"}


def _sign(char: str) -> str:
    return "\\" + char if char in _SIGNS else char
