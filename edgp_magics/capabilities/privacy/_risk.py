"""Re-identification risk: classes of rows that look alike, and what they give away.

k, l and t follow pycanon 1.0: rows with a missing quasi-identifier belong to no class, l counts distinct sensitive values
(a missing one counts as a value), t is the earth mover's distance, ordered for numbers and equal for text. All of it is
O(rows log rows): classes are integer codes, never materialised groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...frames import Column, Frame
from ...values import Progress

Codes = np.ndarray[Any, np.dtype[np.int64]]
SEARCH_COLUMNS = 12
SEARCH_ROWS = 100_000


@dataclass(frozen=True, kw_only=True)
class QuasiSet:
    """A set of columns and the share of rows that it makes unique."""

    columns: tuple[str, ...]
    unique_share: float
    classes: int


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
    codes, valid = classes_of(frame, quasi)
    step("risk", 0.3)
    kept = codes[valid]
    if not len(kept):
        return Risk(quasi_identifiers=tuple(quasi), note="every row misses a quasi-identifier", excluded=frame.rows, threshold=threshold)
    sizes = np.bincount(kept)
    k = int(sizes.min())
    unique, below = int((sizes == 1).sum()), int(sizes[sizes < threshold].sum())
    l_by: dict[str, int] = {}
    t_by: dict[str, float] = {}
    for name in sensitive:
        step("risk", 0.6)
        l_by[name], t_by[name] = _diversity(frame.column(name), codes, valid, sizes)
    return Risk(
        quasi_identifiers=tuple(quasi),
        sensitive=tuple(sensitive),
        assessed=True,
        k=k,
        l=min(l_by.values(), default=None),
        t=max(t_by.values(), default=None),
        rows=len(kept),
        excluded=frame.rows - len(kept),
        classes=len(sizes),
        unique=unique,
        uniqueness=unique / len(kept),
        below=below,
        threshold=threshold,
        prosecutor_max=1 / k,
        prosecutor_mean=len(sizes) / len(kept),
        journalist_max=min(1.0, sampling_fraction / k),
        marketer=len(sizes) / len(kept) * sampling_fraction,
        l_by=l_by,
        t_by=t_by,
        note=f"{frame.rows - len(kept):,} rows miss a quasi-identifier and belong to no class" if len(kept) < frame.rows else "",
    )


# -- classes -------------------------------------------------------------------------------------------------------------
def classes_of(frame: Frame, names: Iterable[str]) -> tuple[Codes, np.ndarray[Any, np.dtype[np.bool_]]]:
    """A class number per row (0..classes-1 over complete rows) and which rows are complete."""
    valid = np.ones(frame.rows, dtype=bool)
    total = np.zeros(frame.rows, dtype=np.int64)
    size = 1
    for name in names:
        codes, count = _codes(frame.column(name))
        valid &= codes >= 0
        if size * count > 1 << 62:
            total, size = _dense(total, size)
        total = total * count + codes
        size *= count
    total[~valid] = -1
    dense, _ = _dense(total[valid], size)
    out = np.full(frame.rows, -1, dtype=np.int64)
    out[valid] = dense
    return out, valid


def _codes(column: Column) -> tuple[Codes, int]:
    """Integer codes of a column's values, -1 for null, and how many values there are."""
    array = _plain(column)
    encoded = array.dictionary_encode()
    flat = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    if isinstance(flat, pa.ChunkedArray):
        flat = flat.chunk(0) if flat.num_chunks else pa.array([], array.type).dictionary_encode()
    codes = flat.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, max(1, len(flat.dictionary))


def _plain(column: Column) -> pa.ChunkedArray:
    if column.kind in ("nested", "binary", "null"):
        return pa.chunked_array([pa.array(column.text.to_list(), pa.large_string())])
    if column.kind == "float":
        return pc.add(column.array, 0.0)  # so that -0.0 and 0.0 are one value
    return column.array


def _dense(codes: Codes, size: int) -> tuple[Codes, int]:
    """The same classes numbered without gaps."""
    if size <= max(1024, 4 * len(codes)):
        present = np.flatnonzero(np.bincount(codes, minlength=1))
        where = np.zeros(size, dtype=np.int64)
        where[present] = np.arange(len(present))
        return where[codes], max(1, len(present))
    encoded = pa.array(codes).dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), max(1, len(encoded.dictionary))


# -- diversity and closeness ---------------------------------------------------------------------------------------------
def _diversity(column: Column, codes: Codes, valid: np.ndarray[Any, np.dtype[np.bool_]], sizes: Codes) -> tuple[int, float]:
    """Distinct l and t of one sensitive column over the classes."""
    numeric = column.kind in ("integer", "float", "decimal", "boolean")
    ranks, count = _ordered(column)
    share = np.bincount(ranks[ranks >= 0], minlength=count) / len(ranks)
    slots = count + bool((ranks < 0).any())
    inside = np.where(ranks[valid] < 0, count, ranks[valid])
    pairs, amount = np.unique(codes[valid] * (count + 1) + inside, return_counts=True)
    group, value = pairs // (count + 1), pairs % (count + 1)
    distinct = int(np.bincount(group).min())
    known = value < count
    group, value, part = group[known], value[known], amount[known] / sizes[group[known]]
    distance = (
        _ordered_distance(group, value, part, share, len(sizes), slots)
        if numeric
        else _equal_distance(group, value, part, share, len(sizes))
    )
    return distinct, float(distance.max())


def _ordered(column: Column) -> tuple[Codes, int]:
    """Each row's rank among the column's sorted distinct values (-1 for null), and how many there are."""
    codes, count = _codes(column)
    if column.kind in ("integer", "float", "decimal", "boolean"):
        array = _plain(column).cast(pa.int8()) if column.kind == "boolean" else _plain(column)
        encoded = array.dictionary_encode().combine_chunks() if array.num_chunks != 1 else array.chunk(0).dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            return codes, count
        order = pc.rank(encoded.dictionary, tiebreaker="dense").to_numpy(zero_copy_only=False).astype(np.int64) - 1
        return np.where(codes >= 0, order[codes], -1), count
    return codes, count


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
    take = np.linspace(0, frame.rows - 1, min(frame.rows, SEARCH_ROWS)).astype(np.int64)
    coded = {}
    for name in names:
        codes, count = _codes(frame.column(name))
        coded[name] = (codes[take] + 1, count + 1)
    found: list[QuasiSet] = []
    telling: list[frozenset[str]] = []
    for size in range(1, largest + 1):
        for combo in combinations(names, size):
            if progress is not None:
                progress.step("quasi-identifiers", 0.8)
            if any(known.issubset(combo) for known in telling):
                continue
            found.append(_uniqueness(combo, coded, len(take)))
            if found[-1].unique_share >= 0.95:
                telling.append(frozenset(combo))
    useful = [f for f in found if f.unique_share > 0.01]
    return tuple(sorted(useful, key=lambda f: (-round(f.unique_share, 2), len(f.columns), f.columns))[:10])


def _uniqueness(combo: tuple[str, ...], coded: dict[str, tuple[Codes, int]], rows: int) -> QuasiSet:
    total, size = coded[combo[0]]
    for name in combo[1:]:
        codes, count = coded[name]
        if size * count > 1 << 62:
            total, size = _dense(total, size)
        total, size = total * count + codes, size * count
    sizes = np.bincount(total) if size <= max(1024, 4 * rows) else np.unique(total, return_counts=True)[1]
    return QuasiSet(columns=combo, unique_share=float((sizes == 1).sum() / rows), classes=int((sizes > 0).sum()))
