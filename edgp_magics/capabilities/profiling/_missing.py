"""Values that stand for "missing" without being null."""

from __future__ import annotations

import bisect

import numpy as np
import polars as pl

from ...values import mask
from ._model import Coded
from ._runs import Array

LONGEST = 16
_WORDS = (
    "n/a", "#n/a", "n.a.", "n.a", "na", "nan", "null", "(null)", "<null>", "<na>", "none", "nil", "missing", "unknown", "undefined",
    "not available",
    "not applicable", "not known", "no data", "tbd", "#null!", "#value!", "#ref!", "#div/0!", "\\n",
)  # fmt: skip
_MARKS = frozenset({"-", "--", "---", "–", "—", "?", "??", "???", ".", "..", "...", "*", "#", "/", "_"})
_CODES = frozenset({"na", "none", "nil", "nan", "null", "unknown"})
SPELLINGS: frozenset[str] = (
    frozenset(v for w in _WORDS for v in (w, w.upper(), w.capitalize())) | _MARKS | {"NaN", "None", "N/a", "Not Available"}
)

_SENTINELS = (-999999, -99999, -9999, -999, -99, -9, -1, 999, 9999, 99999, 999999, 9999999, 99999999, 999999999)
_SENTINEL_DAYS = ("1899-12-30", "1900-01-01", "1970-01-01", "9999-12-31", "2999-12-31", "0001-01-01")
_RECURS = 3


def coded_texts(counts: pl.DataFrame, rows: int, *, names: bool = False) -> tuple[Coded, ...]:
    """Words and marks for "missing" among distinct texts; in a column of names or two-letter codes ``Na`` is a value.

    >>> coded_texts(pl.DataFrame({"value": ["N/A", "red"], "count": [3, 9]}), 12)
    (Coded(shown='N/A', count=3),)
    """
    hits = counts.filter(pl.col("value").is_in(list(SPELLINGS)))
    if not hits.height or (hits.height == counts.height and hits.height > 1):
        return ()
    short = float(counts.filter(pl.col("value").str.len_bytes() <= 2)["count"].sum()) > 0.5 * float(counts["count"].sum())
    return tuple(Coded(shown=v, count=n) for v, n in hits.iter_rows() if not _is_value(v, names=names, short=short))


def _is_value(text: str, *, names: bool, short: bool) -> bool:
    if short and len(text) <= 2:
        return True
    return names and text.istitle() and text.casefold() in _CODES


def coded_numbers(ordered: Array) -> tuple[Coded, ...]:
    """Sentinels such as -1 or 999 that recur far away from all other values of a sorted array."""
    if len(ordered) < 10:
        return ()
    wanted = [s for s in _SENTINELS if ordered[0] <= s <= ordered[-1]]
    found = [(s, int(np.searchsorted(ordered, s, "right") - np.searchsorted(ordered, s, "left"))) for s in wanted]
    found = [(s, n) for s, n in found if n >= _RECURS]
    return tuple(Coded(shown=str(s), count=n) for s, n in found if _apart(ordered, s, [f for f, _ in found if f != s]))


def _apart(ordered: Array, value: float, others: list[int]) -> bool:
    low, high = _rest(ordered, value, others)
    if low is None or high is None:
        return False
    spread = max(high - low, 1.0)
    if value < low:
        return low >= 0 and (value <= -9 or high > 20) and low - value > 0
    return value > high and value > 3 * max(abs(high), abs(low), 1.0) and value - high > 2 * spread


def _rest(ordered: Array, value: float, others: list[int]) -> tuple[float | None, float | None]:
    """Smallest and largest value that is no sentinel."""
    skip = sorted({value, *others})
    low, high = 0, len(ordered) - 1
    while low <= high and ordered[low] == skip[min(bisect.bisect_left(skip, ordered[low]), len(skip) - 1)]:
        low = int(np.searchsorted(ordered, ordered[low], "right"))
    while high >= low and ordered[high] == skip[min(bisect.bisect_left(skip, ordered[high]), len(skip) - 1)]:
        high = int(np.searchsorted(ordered, ordered[high], "left")) - 1
    return (None, None) if low > high else (float(ordered[low]), float(ordered[high]))


def coded_days(ordered: Array, ticks_per_day: int) -> tuple[Coded, ...]:
    """Dates that systems write for "missing" (1900-01-01, 9999-12-31) and that recur outside the rest."""
    out = []
    for text in _SENTINEL_DAYS:
        value = int(np.datetime64(text, "D").astype(np.int64)) * ticks_per_day
        left, right = int(np.searchsorted(ordered, value, "left")), int(np.searchsorted(ordered, value, "right"))
        edge = left == 0 or right == len(ordered)
        if right - left >= _RECURS and edge and right - left < len(ordered) and _far(ordered, left, right, ticks_per_day):
            out.append(Coded(shown=text, count=right - left))
    return tuple(out)


def _far(ordered: Array, left: int, right: int, ticks_per_day: int) -> bool:
    """At least a year between the sentinel and the nearest other value."""
    near = ordered[right] - ordered[left] if left == 0 else ordered[left] - ordered[left - 1]
    return bool(near >= 365 * ticks_per_day)


def masked_codes(coded: tuple[Coded, ...]) -> tuple[Coded, ...]:
    """The codes of a personal column, masked where they could be somebody's value."""
    return tuple(c if c.shown.casefold() in _WORDS or c.shown in _MARKS else Coded(shown=mask(c.shown), count=c.count) for c in coded)
