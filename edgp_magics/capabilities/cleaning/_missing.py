"""Missing values that were written as something."""

from __future__ import annotations

import re

import numpy as np

from ._dates import day_of
from ._hits import Hits, respelled
from ._numbers import number_share, plain_number
from ._view import View

_ALWAYS = re.compile(
    r"#?n/a|#n/a|n\.a\.|null|\(null\)|<null>|<na>|nan|-nan|#null!|#value!|#ref!|#div/0!|not available|missing|no data|\\n", re.IGNORECASE
)
_SOMETIMES = re.compile(r"na|none|nil|unknown|unk|undefined|tbd|tba|not known|not applicable|not given|not specified|x+|\?+", re.IGNORECASE)
_MARKS = re.compile(r"[-\u2013\u2014.?*_/\\#~ ]+")
_SENTINELS = re.compile(
    r"-?9{3,}(?:\.0+)?|-1(?:\.0+)?|-9(?:9)?(?:\.0+)?|0?1[/-]0?1[/-]1900|(?:1900-01-01|9999-12-31|1970-01-01)(?:[T ][0:.]+Z?)?"
)
_NUMERIC = 0.6
_DECADES = 20 * 365


def is_placeholder(text: str) -> bool:
    """Whether the text is one of the words and marks that stand for no value."""
    return any(p.fullmatch(text.strip()) for p in (_ALWAYS, _SOMETIMES, _MARKS, _SENTINELS))


def find_coded_missing(view: View) -> list[Hits]:
    """Cells that hold a word, mark or sentinel for a missing value."""
    if not view.filled or not view.writable:
        return []
    words = dict.fromkeys(_words(view)) if view.is_text else {}
    sentinels = {c: None for c in _sentinels(view) if c not in words}
    out = []
    if words and view.weight(words) < view.filled:
        out.append(respelled(view, "coded_missing", dict(words), 0.97, "a word or mark that stands for a missing value"))
    if sentinels:
        out.append(
            respelled(view, "sentinel", dict(sentinels), 0.85, "a recurring value far outside the rest, as systems write for a missing one")
        )
    return out


def _words(view: View) -> list[int]:
    numeric = number_share(view) >= _NUMERIC
    short = sum(int(n) for t, n in zip(view.texts, view.counts, strict=True) if len(t) <= 3) > 0.5 * view.filled
    return [c for c, t in enumerate(view.texts) if len(t) <= 20 and _is_word(t, numeric=numeric, codes=short)]


def _is_word(text: str, *, numeric: bool, codes: bool) -> bool:
    """``Nan``, ``NAN`` and ``Null`` are names, ``None`` a category, ``NA`` a country: they count only among numbers."""
    if _ALWAYS.fullmatch(text):
        return numeric or not ((text.istitle() and text.isalpha()) or text == "NAN")
    if _MARKS.fullmatch(text):
        return numeric or not (codes and len(text) == 1)
    return numeric and bool(_SOMETIMES.fullmatch(text))


def _sentinels(view: View) -> list[int]:
    """Recurring sentinel numbers that lie apart from all other values."""
    found = [c for c, t in enumerate(view.texts) if view.counts[c] >= 3 and len(t) <= 32 and _SENTINELS.fullmatch(t)]
    if not found or len(view.texts) < 8:
        return []
    numbers = np.array([plain_number(t) for t in view.texts])
    if np.isnan(numbers).mean() > 0.2:
        return _day_sentinels(view, found)
    rest = np.delete(numbers, found)
    rest = rest[~np.isnan(rest)]
    return [c for c in found if rest.size >= 5 and _apart(float(numbers[c]), float(rest.min()), float(rest.max()))]


def _day_sentinels(view: View, found: list[int]) -> list[int]:
    """The same for dates: a recurring first or last day that lies decades from all others."""
    days = np.array([np.nan if (d := day_of(t)) is None else float(d) for t in view.texts])
    rest = np.delete(days, found)
    rest = rest[~np.isnan(rest)]
    if len(rest) < max(5, 0.8 * (len(days) - len(found))):
        return []
    low, high = float(rest.min()), float(rest.max())
    gap = max(_DECADES, 2 * (high - low))
    return [c for c in found if days[c] < low - gap or days[c] > high + gap]


def _apart(value: float, low: float, high: float) -> bool:
    if np.isnan(value):
        return False
    if value < 0:
        return low >= 0 and (value <= -9 or high > 20)
    return value > 3 * max(abs(high), abs(low), 1) and value - high > 2 * (high - low)
