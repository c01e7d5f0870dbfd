"""Two values of a row that do not go together: an end before its start, a latitude in the place of a longitude."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from ._dates import day_of
from ._hits import Hits, repairs, suspects
from ._numbers import plain_number
from ._view import Flags, Floats, Ints, View

_ALWAYS = 0.99
_LEAST = 50
_CORE = (0.005, 0.995)
_MARGIN = 0.25
_REPAIR, _SUSPICION = 0.85, 0.65


def find_disordered(views: Sequence[View], step: Callable[[], None] = lambda: None) -> list[Hits]:
    """Rows that break an order of two date columns, and rows whose two numbers would each fit the other's column only."""
    out: list[Hits] = []
    days = [(v, days) for v in views if (days := _amounts(v, _day)) is not None]
    for first, second in combinations(days, 2):
        step()
        out += _ordered(first, second) or _ordered(second, first)
    numbers = [(v, n) for v in views if (n := _amounts(v, plain_number)) is not None]
    strange = [(v, n, _outside(n, _core(n))) for v, n in numbers]
    for a, b in combinations([s for s in strange if 0 < s[2].sum() <= (1 - _ALWAYS) * len(s[2])], 2):
        step()
        out += _exchanged(a, b)
    return out


def _day(text: str) -> float:
    day = day_of(text)
    return float("nan") if day is None else float(day)


def _amounts(view: View, read: Callable[[str], float]) -> Floats | None:
    """The column as numbers (NaN where there is none), where nearly every value is one."""
    if view.kind not in ("string", "integer", "float", "decimal", "date", "datetime") or view.filled < _LEAST or len(view.texts) < 5:
        return None
    if np.isnan([read(t) for t in view.texts[:20]]).mean() > 0.1:
        return None
    values = np.array([*(read(t) for t in view.texts), np.nan])
    told = view.weight(np.flatnonzero(~np.isnan(values[:-1])))
    return np.asarray(values[view.codes]) if told >= 0.95 * view.filled else None


# -- two days in one order -----------------------------------------------------------------------------------------
def _ordered(first: tuple[View, Floats], second: tuple[View, Floats]) -> list[Hits]:
    """Rows whose second day is before the first one, where that is so in at most one row of a hundred.

    They are only shown: nothing tells two days in each other's place from one that is wrong.
    """
    (a, start), (b, end) = first, second
    gap = end - start
    both = ~np.isnan(gap)
    broken: Flags = both & (gap < 0)
    if both.sum() < _LEAST or not broken.any() or broken.sum() > (1 - _ALWAYS) * both.sum() or not (gap > 0).any():
        return []
    reason = f"{a.name} is not after {b.name} in nearly all rows: one of the two is wrong, or they are swapped"
    rows = np.flatnonzero(broken)
    return [suspects(here, "order", rows, _SUSPICION, reason, (there.name,)) for here, there in ((a, b), (b, a))]


# -- two numbers in each other's column ----------------------------------------------------------------------------
def _exchanged(first: tuple[View, Floats, Flags], second: tuple[View, Floats, Flags]) -> list[Hits]:
    """Rows where each number is outside its own column's range and inside the other's."""
    (a, mine, odd_a), (b, theirs, odd_b) = first, second
    rows = odd_a & odd_b & ~_outside(mine, _core(theirs)) & ~_outside(theirs, _core(mine))
    if not rows.any():
        return []
    reason = f"{a.name} and {b.name} are outside their ranges, and each is inside the other's"
    return _said(a, b, "swapped", np.flatnonzero(rows), reason)


def _core(values: Floats) -> tuple[float, float]:
    """The range of nearly all values, and a quarter more on both sides."""
    low, high = np.nanquantile(values, _CORE)
    return float(low - _MARGIN * (high - low)), float(high + _MARGIN * (high - low))


def _outside(values: Floats, core: tuple[float, float]) -> Flags:
    return np.asarray((values < core[0]) | (values > core[1]))


def _said(a: View, b: View, detector: str, swap: Ints, reason: str) -> list[Hits]:
    """Swaps where each column can hold the other's text, else both cells to look at."""
    can = [r for r in swap.tolist() if a.kind == b.kind]
    look = np.setdiff1d(swap, can).astype(np.int64)
    out = []
    for here, there in ((a, b), (b, a)):
        if can:
            new = [there.texts[int(there.codes[r])] for r in can]
            out.append(repairs(here, detector, can, new, _REPAIR, reason, (there.name,)))
        if len(look):
            out.append(suspects(here, detector, look, _SUSPICION, reason, (there.name,)))
    return out
