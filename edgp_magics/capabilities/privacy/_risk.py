"""Re-identification risk: classes of rows that look alike, and what they give away.

k, l and t follow pycanon 1.0: rows with a missing quasi-identifier belong to no class, l counts distinct sensitive values
(a missing one counts as a value), t is the earth mover's distance, ordered for numbers and equal for text. All of it is
O(rows log rows): classes are integer codes, never materialised groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...frames import Column, Frame
from ...values import Progress, plural

Codes = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
SEARCH_COLUMNS = 12
SEARCH_ROWS = 100_000


@dataclass(frozen=True, kw_only=True)
class QuasiSet:
    """A set of columns, the share of rows that it makes unique and how many classes, both counted on ``rows`` rows."""

    columns: tuple[str, ...]
    unique_share: float
    classes: int
    rows: int = 0


@dataclass(frozen=True, kw_only=True)
class Risk:
    """The risk that rows can be tied to persons through their quasi-identifiers.

    ``prosecutor_max`` is 1/k: the intruder knows that the person is in the table. ``marketer`` is classes over rows: the share that
    a linkage of everybody finds. ``journalist_max`` is 1 over the smallest class of the population, which is known only through
    ``sampling_fraction``: the same as prosecutor's where the table is the population.
    """

    quasi_identifiers: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    assessed: bool = False
    k: int | None = None
    l: int | None = None  # noqa: E741  (its name in the literature)
    t: float | None = None
    rows: int = 0
    excluded: int = 0
    classes: int = 0
    unique: int = 0
    uniqueness: float = 0.0
    below: int = 0
    threshold: int = 5
    prosecutor_max: float = 0.0
    prosecutor_mean: float = 0.0
    journalist_max: float = 0.0
    marketer: float = 0.0
    l_by: dict[str, int] = field(default_factory=dict)
    t_by: dict[str, float] = field(default_factory=dict)
    sets: tuple[QuasiSet, ...] = ()
    note: str = ""


def assess_risk(
    frame: Frame,
    quasi: Sequence[str],
    sensitive: Sequence[str] = (),
    *,
    threshold: int = 5,
    sampling_fraction: float = 1.0,
    progress: Progress | None = None,
) -> Risk:
    """k, l, t, uniqueness and the three attackers' risks for these quasi-identifiers."""
    step = progress.step if progress else lambda *_: None
    if not quasi or not frame.rows:
        return Risk(note="no quasi-identifiers" if frame.rows else "no rows", threshold=threshold)
    keys, valid, size = _keys(frame, quasi)
    step("risk", 0.3)
    kept = int(valid.sum())
    if not kept:
        return Risk(quasi_identifiers=tuple(quasi), note="every row misses a quasi-identifier", excluded=frame.rows, threshold=threshold)
    keys = keys if kept == frame.rows else keys[valid]
    keys, size = _dense(keys, size) if sensitive else (keys, size)
    sizes = _sizes(keys, size)
    k = int(sizes.min())
    unique, below = int((sizes == 1).sum()), int(sizes[sizes < threshold].sum())
    l_by: dict[str, int] = {}
    t_by: dict[str, float] = {}
    for name in sensitive:
        step("risk", 0.6)
        l_by[name], t_by[name] = _diversity(frame.column(name), keys, valid, sizes)
    return Risk(
        quasi_identifiers=tuple(quasi),
        sensitive=tuple(sensitive),
        assessed=True,
        k=k,
        l=min(l_by.values(), default=None),
        t=max(t_by.values(), default=None),
        rows=kept,
        excluded=frame.rows - kept,
        classes=len(sizes),
        unique=unique,
        uniqueness=unique / kept,
        below=below,
        threshold=threshold,
        prosecutor_max=1 / k,
        prosecutor_mean=len(sizes) / kept,
        journalist_max=min(1.0, sampling_fraction / k),
        marketer=len(sizes) / kept * sampling_fraction,
        l_by=l_by,
        t_by=t_by,
        note=f"{plural(frame.rows - kept, 'row')} without a quasi-identifier belong to no class" if kept < frame.rows else "",
    )


# -- classes -------------------------------------------------------------------------------------------------------------
def classes_of(frame: Frame, names: Iterable[str]) -> tuple[Codes, Flags]:
    """A class number per row (0..classes-1 over complete rows, -1 for the others) and which rows are complete."""
    keys, valid, size = _keys(frame, names)
    if valid.all():
        return _dense(keys, size)[0], valid
    out = np.full(frame.rows, -1, dtype=np.int64)
    out[valid] = _dense(keys[valid], size)[0]
    return out, valid


def count_rows_alike(digits: Iterable[tuple[Codes, int]]) -> Codes:
    """For every row how many rows have its numbers; each column is given as a number per row and a bound."""
    (keys, size), *others = digits
    for codes, bound in others:
        keys, size, _ = _joined(keys, size, codes, bound)
    classes = _dense(keys, size)[0]
    return np.bincount(classes)[classes]


def _keys(frame: Frame, names: Iterable[str]) -> tuple[Codes, Flags, int]:
    """A number below a bound per row, equal for rows that are equal in these columns, and which rows miss none of them.

    The columns' codes are the digits of the number. Where it would grow too long the rows are numbered anew; once every row stands
    alone no further column is read for more than its gaps.
    """
    valid = np.ones(frame.rows, dtype=bool)
    keys = np.zeros(frame.rows, dtype=np.int64)
    size, alone = 1, False
    for name in names:
        column = frame.column(name)
        if column.null_count:
            valid &= pc.is_valid(column.array).to_numpy()
        if not alone:
            keys, size, alone = _joined(keys, size, *_codes(column))
    return keys, valid, size


def _joined(keys: Codes, size: int, codes: Codes, bound: int) -> tuple[Codes, int, bool]:
    """The rows' numbers with one more digit, their bound, and whether every row was alone already."""
    if size * bound > _MOST:
        keys, size = _dense(keys, size)
        if size == len(keys):
            return keys, size, True
        codes, bound = (codes, bound) if size * bound <= _MOST else _dense(codes, bound)
    keys = keys * np.int64(bound)  # codes of texts are 32 bits wide
    keys += codes
    return keys, size * bound, False


_MOST = 1 << 62
_WHOLE = frozenset({"integer", "boolean", "date", "datetime", "time", "duration"})
_NUMBERS = frozenset({"integer", "float", "decimal", "boolean"})


def _codes(column: Column) -> tuple[Codes, int]:
    """A number per row, equal for equal values and for numbers in their order, and a bound; a missing value has the last one."""
    if column.kind in _WHOLE and not pa.types.is_uint64(column.array.type):
        codes, bound = _spread(column.array)
    elif column.kind == "float":
        codes, bound = _sorted_codes(pc.add(column.array, 0.0).fill_null(0.0).to_numpy())  # -0.0 and 0.0 are one value
    else:
        codes, bound = _encoded(column)
    if not column.null_count:
        return codes, bound
    return np.where(pc.is_valid(column.array).to_numpy(), codes, bound), bound + 1


def _spread(array: pa.ChunkedArray) -> tuple[Codes, int]:
    """Whole numbers (and what is stored as such) counted from the least one."""
    narrow = pa.types.is_date32(array.type) or pa.types.is_time32(array.type)
    whole = (array.cast(pa.int32()) if narrow else array).cast(pa.int64())
    least, most = (v.as_py() for v in pc.min_max(whole).values())
    if least is None:
        return np.zeros(len(array), dtype=np.int64), 1
    values = whole.fill_null(least).to_numpy()
    return (values - least, most - least + 1) if most - least < _MOST else _sorted_codes(values)


def _encoded(column: Column) -> tuple[Codes, int]:
    """Codes of a column's distinct values, for decimals in their order."""
    array = pa.chunked_array([column.text.to_arrow()]) if column.kind in ("nested", "binary", "null") else column.array
    flat = array.combine_chunks().dictionary_encode()
    flat = flat.combine_chunks() if isinstance(flat, pa.ChunkedArray) else flat
    codes = flat.indices.fill_null(0).to_numpy(zero_copy_only=False)
    if column.kind in _NUMBERS and len(flat.dictionary):
        codes = (pc.rank(flat.dictionary, tiebreaker="dense").to_numpy().astype(np.int64) - 1)[codes]
    return codes, max(1, len(flat.dictionary))


def _dense(codes: Codes, size: int) -> tuple[Codes, int]:
    """The same classes numbered without gaps, in the same order, and how many they are."""
    if size > max(1024, 2 * len(codes)):
        return _sorted_codes(codes)
    present = np.bincount(codes, minlength=1) > 0
    where = np.cumsum(present) - 1
    return where[codes], max(1, int(where[-1]) + 1)


def _sorted_codes(values: Any) -> tuple[Codes, int]:
    """Each value's place among the sorted distinct ones. By sorting: a hash table of millions of values takes five times the memory."""
    order = np.argsort(values)
    ranked = values[order]
    steps = np.cumsum(ranked[1:] != ranked[:-1], dtype=np.int64)
    del ranked
    out = np.zeros(len(values), dtype=np.int64)
    out[order[1:]] = steps
    return out, int(steps[-1]) + 1 if len(steps) else 1


def _counted(keys: Codes, size: int) -> tuple[Codes, Codes]:
    """The distinct numbers, rising, and how often each occurs; ``keys`` are sorted in place where their bound is wide."""
    if size <= max(1024, len(keys)):
        counts = np.bincount(keys)
        present = np.flatnonzero(counts)
        return present, counts[present]
    first = _first_of_equal(keys)
    return keys[first], np.diff(first, append=len(keys))


def _sizes(keys: Codes, size: int) -> Codes:
    """How often each distinct number occurs, in rising order of the numbers; the cheaper half of :func:`_counted`."""
    if size <= max(1024, len(keys)):
        counts = np.bincount(keys)
        return counts[counts > 0]
    ends: Codes = np.append(_first_of_equal(keys), len(keys))
    out: Codes = ends[1:] - ends[:-1]
    return out


def _first_of_equal(keys: Codes) -> Codes:
    """Sorts the numbers in place; where each first occurs."""
    keys.sort()
    new = np.empty(len(keys), dtype=bool)
    new[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return np.flatnonzero(new)


# -- diversity and closeness ---------------------------------------------------------------------------------------------
def _diversity(column: Column, codes: Codes, valid: Flags, sizes: Codes) -> tuple[int, float]:
    """Distinct l and t of one sensitive column over the classes; ``codes`` number the complete rows."""
    ranks, count = _ranks(column)
    share = np.bincount(ranks, minlength=count + 1)[:count] / len(ranks)
    slots = count + bool(column.null_count)
    pairs = codes * (count + 1)
    pairs += ranks if len(codes) == len(ranks) else ranks[valid]
    del ranks
    pairs, amount = _counted(pairs, len(sizes) * (count + 1))
    least, furthest = count + 1, 0.0
    for block in _blocks(pairs, count + 1):
        group, value = np.divmod(pairs[block], count + 1)
        first, here = group[0], sizes[group[0] : group[-1] + 1]
        least = min(least, int(np.bincount(group - first).min()))
        known = value < count
        group, value = group[known] - first, value[known]
        part = amount[block][known] / here[group]
        distance = (
            _ordered_distance(group, value, part, share, len(here), slots)
            if column.kind in _NUMBERS
            else _equal_distance(group, value, part, share, len(here))
        )
        furthest = max(furthest, float(distance.max()))
    return least, furthest


_BLOCK = 1 << 20
"""So many pairs of class and value are measured at once, that the memory for it does not grow with the table."""


def _blocks(pairs: Codes, width: int) -> Iterator[slice]:
    """The rising pairs in blocks that part no class."""
    start = 0
    while start < len(pairs):
        stop = len(pairs)
        if stop - start > _BLOCK:
            stop = int(np.searchsorted(pairs, (pairs[start + _BLOCK] // width + 1) * width))
        yield slice(start, stop)
        start = stop


def _ranks(column: Column) -> tuple[Codes, int]:
    """Each row's place among the column's distinct values (for numbers in their order), and how many there are; a gap has the number
    behind the last.
    """
    codes, bound = _dense(*_codes(column))
    return codes, bound - bool(column.null_count)


def _equal_distance(group: Codes, value: Codes, part: Any, share: Any, groups: int) -> Any:
    """Half the sum of |q - p|: values that a class lacks contribute their p."""
    near = np.abs(part - share[value]) - share[value]
    return 0.5 * (np.bincount(group, weights=near, minlength=groups) + share.sum())


def _ordered_distance(group: Codes, value: Codes, part: Any, share: Any, groups: int, slots: int) -> Any:
    """The mean of |Q - P| over the ordered values, Q and P cumulated, segment by segment between a class's own values."""
    if slots < 2:
        return np.zeros(groups)
    whole = np.cumsum(share)
    area = np.concatenate([[0.0], np.cumsum(whole)])
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]]) if len(group) else np.zeros(0, dtype=np.int64)
    reached = _cumulated(part, starts, len(group))
    until = np.r_[value[1:], len(share)] if len(value) else value
    last = np.r_[starts[1:] - 1, len(group) - 1] if len(starts) else starts
    until[last] = len(share)
    total = np.bincount(group, weights=_segment(reached, value, until, whole, area), minlength=groups)
    leads = np.zeros(groups)
    leads[group[starts]] = area[value[starts]]
    missing = np.ones(groups, dtype=bool)
    missing[group] = False
    leads[missing] = area[-1]
    extra = 0.0
    if slots > len(share):  # the missing value stands last: |Q - P| there is what the known ones leave
        final = np.zeros(groups)
        final[group[last]] = reached[last]
        extra = np.abs(final - whole[-1])
    return (total + leads + extra) / (slots - 1)


def _cumulated(part: Any, starts: Codes, length: int) -> Any:
    """Running sums that start anew at every class."""
    running = np.cumsum(part)
    before = np.r_[0.0, running][starts]
    lengths = np.diff(np.r_[starts, length])
    return running - np.repeat(before, lengths)


def _segment(level: Any, start: Codes, stop: Codes, whole: Any, area: Any) -> Any:
    """The sum of |level - P_i| for start <= i < stop, P rising."""
    cross = np.clip(np.searchsorted(whole, level, side="right"), start, stop)
    low = level * (cross - start) - (area[cross] - area[start])
    high = (area[stop] - area[cross]) - level * (stop - cross)
    return low + high


# -- search --------------------------------------------------------------------------------------------------------------
def search_quasi_sets(
    frame: Frame, candidates: Sequence[str], *, largest: int = 3, progress: Progress | None = None
) -> tuple[QuasiSet, ...]:
    """The small sets of columns that single out the most rows: minimal ones first by the share they make unique."""
    names = list(candidates)[:SEARCH_COLUMNS]
    if not names or not frame.rows:
        return ()
    table = _Digits(frame, names)
    found: list[QuasiSet] = []
    telling: list[frozenset[str]] = []
    for size in range(1, largest + 1):
        for combo in combinations(names, size):
            if progress is not None:
                progress.step("quasi-identifiers", 0.8)
            if any(known.issubset(combo) for known in telling):
                continue
            found.append(table.uniqueness(combo))
            if found[-1].unique_share >= 0.95:
                telling.append(frozenset(combo))
    useful = [f for f in found if f.unique_share > _USEFUL]
    return tuple(sorted(useful, key=lambda f: (-round(f.unique_share, 2), len(f.columns), f.columns))[:10])


_USEFUL = 0.01
Digits = dict[str, tuple[Codes, int]]


class _Digits:
    """The candidates' codes on so many rows as are counted for a set.

    Of a long table no plain sample of rows will do: who is alone among some is not alone among all. A set is counted on all rows
    that have one of some values of its least lopsided column, so that every class is there whole or not at all; the plain sample
    gives an upper bound and spares most sets that.
    """

    def __init__(self, frame: Frame, names: Sequence[str]) -> None:
        self.frame = frame
        self.spread = self._of(names, np.linspace(0, frame.rows - 1, min(frame.rows, SEARCH_ROWS)).astype(np.int64))
        self.commonest = {n: int(_sizes(self.spread[n][0].copy(), self.spread[n][1]).max()) for n in names}
        self.whole: dict[str, Digits] = {}

    def _of(self, names: Sequence[str], rows: Codes) -> Digits:
        return {n: _codes(self._cells(self.frame.column(n), rows)) for n in names}

    def _cells(self, column: Column, rows: Codes) -> Column:
        return replace(column, array=self.frame.cells_at(column.position, rows), _cache={}) if len(rows) < len(column) else column

    def uniqueness(self, combo: tuple[str, ...]) -> QuasiSet:
        """How many rows a set makes unique, and of how many."""
        found = _uniqueness(combo, self.spread)
        if found.rows == self.frame.rows or found.unique_share <= _USEFUL:
            return found
        key = min(combo, key=lambda n: self.commonest[n])
        if key not in self.whole:
            self.whole[key] = self._of(tuple(self.spread), self._rows_of_values(key))
        return _uniqueness(combo, self.whole[key])

    def _rows_of_values(self, name: str) -> Codes:
        """The rows that have one of a few of the column's values, chosen by a hash of their codes."""
        codes = _codes(self.frame.column(name))[0].astype(np.uint64)
        codes *= np.uint64(0x9E3779B97F4A7C15)
        return np.flatnonzero(codes <= max(int(codes.min()), (1 << 64) // self.frame.rows * SEARCH_ROWS))


def _uniqueness(combo: tuple[str, ...], digits: Digits) -> QuasiSet:
    keys, size = digits[combo[0]][0].copy(), digits[combo[0]][1]
    for name in combo[1:]:
        keys, size, _ = _joined(keys, size, *digits[name])
    sizes = _sizes(keys, size)
    return QuasiSet(columns=combo, unique_share=int(np.count_nonzero(sizes == 1)) / len(keys), classes=len(sizes), rows=len(keys))
