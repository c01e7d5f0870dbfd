"""Values that stand for "missing" without being null: the one definition that profiles, assessments and checks share."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

LONGEST = 24
"""No spelling is longer, in bytes."""
WORDS = (
    "n/a", "#n/a", "#na", "n.a.", "n.a", "na", "nan", "null", "(null)", "<null>", "<na>", "none", "nil", "missing", "unknown", "undefined",
    "not available", "not applicable", "not known", "no data", "tbd", "tba", "(blank)", "#null!", "#value!", "#ref!", "#div/0!", "#name?",
    "\\n",
)  # fmt: skip
MARKS = frozenset({"-", "--", "---", "–", "—", "?", "??", "???", ".", "..", "...", "*", "#", "/", "_"})
_NAMES = frozenset({"na", "none", "nil", "nan", "null", "unknown"})
SPELLINGS: frozenset[str] = (
    frozenset(v for w in WORDS for v in (w, w.upper(), w.capitalize())) | MARKS | {"NaN", "None", "N/a", "Not Available"}
)
"""What people and programs write for nothing; whether it is meant so in a column, :func:`coded_texts` says."""
SENTINELS = (-999999, -99999, -9999, -999, -99, -9, -1, 999, 9999, 99999, 999999, 9999999, 99999999, 999999999)
SENTINEL_DAYS = ("1899-12-30", "1900-01-01", "1970-01-01", "9999-12-31", "2999-12-31", "0001-01-01")
RECURS = 3
"""A number or day must stand so often to be a code."""
Array = np.ndarray[Any, Any]


def is_coded_missing(values: pl.Series, codes: Iterable[str] = SPELLINGS) -> pl.Series:
    """Whether each text is blank or one of ``codes``, blanks around it aside.

    >>> is_coded_missing(pl.Series(["N/A", " ", "Nadia", None])).to_list()
    [True, True, False, None]
    """
    short = values.str.len_bytes() <= LONGEST
    if not short.any():
        return short
    stripped = values.str.strip_chars()
    return (stripped == "") | stripped.is_in(list(codes))


def coded_texts(hits: Iterable[tuple[str, int]], *, rest: int, short: float, names: bool = False) -> list[tuple[str, int]]:
    """Of the spellings that stand in a column, with counts, those that mean "missing" there.

    Where nothing else stands in the column (``rest`` rows do) several spellings are its vocabulary; where most rows
    (``short`` of them) have two characters at most, ``NA`` and ``-`` are codes like the others; ``Null`` is a name
    in a column of ``names``.

    >>> coded_texts([("N/A", 3), ("-", 2)], rest=9, short=0.1), coded_texts([("NA", 3)], rest=9, short=1.0)
    ([('N/A', 3), ('-', 2)], [])
    """
    listed = list(hits)
    if not rest and len(listed) > 1:
        return []
    return [(v, n) for v, n in listed if not _is_value(v, names=names, short=short > 0.5)]


def _is_value(text: str, *, names: bool, short: bool) -> bool:
    if short and len(text) <= 2:
        return True
    return names and text.istitle() and text.casefold() in _NAMES


def coded_numbers(ordered: Array) -> list[tuple[int, int]]:
    """Sentinels such as -1 or 999 that recur far away from all other values of a sorted array, with counts."""
    if len(ordered) < 10:
        return []
    wanted = [s for s in SENTINELS if ordered[0] <= s <= ordered[-1]]
    found = [(s, int(np.searchsorted(ordered, s, "right") - np.searchsorted(ordered, s, "left"))) for s in wanted]
    found = [(s, n) for s, n in found if n >= RECURS]
    return [(s, n) for s, n in found if _apart(ordered, s, [f for f, _ in found if f != s])]


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


def coded_days(ordered: Array, ticks_per_day: int) -> list[tuple[str, int]]:
    """Dates that systems write for "missing" (1900-01-01, 9999-12-31) and that recur outside the rest, with counts."""
    out = []
    for text in SENTINEL_DAYS:
        value = int(np.datetime64(text, "D").astype(np.int64)) * ticks_per_day
        left, right = int(np.searchsorted(ordered, value, "left")), int(np.searchsorted(ordered, value, "right"))
        edge = left == 0 or right == len(ordered)
        if right - left >= RECURS and edge and right - left < len(ordered) and _far(ordered, left, right, ticks_per_day):
            out.append((text, right - left))
    return out


def _far(ordered: Array, left: int, right: int, ticks_per_day: int) -> bool:
    """At least a year between the sentinel and the nearest other value."""
    near = ordered[right] - ordered[left] if left == 0 else ordered[left] - ordered[left - 1]
    return bool(near >= 365 * ticks_per_day)
