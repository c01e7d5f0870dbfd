"""Rows that repeat: exactly, and in all columns but one with letter case and spaces ignored.

Equal rows agree in every column, so only rows whose value recurs in the most selective column can repeat; rows
that differ in one column agree in at least one of the two most selective. That keeps the work small and exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from ...frames import Column, Frame
from ...values import ROWS_KEPT, Progress
from ._model import ColumnProfile, Duplicates
from ._runs import Array
from ._texts import CHUNK, as_series, chunks, in_order, recurring_rows

_SELECTIVE = 0.5
_SMALL = 20_000
_BEYOND_CHANCE = 3.0
"""Rows alike in all columns but one mean something when there are so many times more than unrelated columns would give."""
_NEAR_CELLS = 6_000_000
_ODD = np.uint64(0x9E3779B97F4A7C15)


def duplicate_rows(frame: Frame, profiles: Sequence[ColumnProfile], progress: Progress) -> Duplicates:
    """Exact and near duplicates; ``near`` is None where the table has no selective columns and is too large."""
    if frame.rows < 2 or not frame.columns:
        return Duplicates(near=0)
    progress.step("looking for duplicate rows")
    pivots = _pivots(profiles)
    again = [_recurring(frame, p, progress) for p in pivots]
    groups, later = _exact(frame, again[0] if again else None, progress)
    candidates = _candidates(frame, again)
    if len(frame.columns) < 3 or candidates is None or len(candidates) * len(frame.columns) > _NEAR_CELLS:
        near: dict[int, str] | None = None if len(frame.columns) >= 3 else {}
    else:
        near = _near(frame, candidates, set(later.tolist()), progress)
    return Duplicates(
        exact=len(later),
        groups=groups,
        rows=frame.row_labels(later[:ROWS_KEPT].tolist()),
        near=None if near is None else len(near),
        near_rows=frame.row_labels(sorted(near)[:ROWS_KEPT]) if near else (),
        near_columns=dict(sorted(Counter(near.values()).items())) if near else {},
    )


def _pivots(profiles: Sequence[ColumnProfile]) -> list[ColumnProfile]:
    """The most selective columns, of equal ones numbers first (their values have one spelling)."""
    selective = [p for p in profiles if p.distinct >= _SELECTIVE * p.rows and p.nulls <= 0.02 * p.rows]
    return sorted(selective, key=lambda p: (-p.distinct, p.kind == "string", p.position))[:2]


def _recurring(frame: Frame, pivot: ColumnProfile, progress: Progress) -> Array:
    """Positions of rows whose value in this column recurs (nulls count as one value)."""
    column = frame.column(pivot.position)
    again = pivot.again
    if again is None:
        ordered = np.concatenate([h for _, h in _hashed(column, progress)])
        ordered.sort()
        again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        found = [np.flatnonzero(np.isin(h, again)) + start for start, h in _hashed(column, progress)]
        return np.concatenate(found)
    rows = recurring_rows(column, again, progress.step)
    if column.null_count < 2:
        return rows
    nulls = [np.flatnonzero(as_series(piece).is_null().to_numpy()) + start for start, piece in chunks(column.array)]
    return np.union1d(rows, np.concatenate(nulls))


def _hashed(column: Column, progress: Progress) -> Iterator[tuple[int, Array]]:
    for start, piece in chunks(column.array):
        progress.step()
        yield start, as_series(piece).hash().to_numpy()


def _exact(frame: Frame, rows: Array | None, progress: Progress) -> tuple[int, Array]:
    """Number of groups of equal rows, and positions of all but the first of each."""
    hashes = np.zeros(frame.rows if rows is None else len(rows), np.uint64)
    for position in range(len(frame.columns)):  # a column at a time, so that a large table is never held whole
        _mix(hashes, frame, position, rows, progress)
    ordered = in_order(hashes)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(repeated):
        return 0, np.empty(0, np.int64)
    groups = np.unique(repeated)
    at = np.flatnonzero(np.isin(hashes, groups))
    positions = at[_later(hashes[at])]
    return len(groups), positions if rows is None else rows[positions]


def _mix(hashes: Array, frame: Frame, position: int, rows: Array | None, progress: Progress) -> None:
    """Work one column into the hashes of the rows, in place."""
    array = frame.column(position).array if rows is None else frame.cells_at(position, rows)
    for start in range(0, len(hashes), CHUNK):
        progress.step()
        part = hashes[start : start + CHUNK]
        part *= _ODD
        part ^= _cells(array.slice(start, CHUNK)).hash().to_numpy()


def _cells(array: pa.ChunkedArray) -> pl.Series:
    """Cells as a series, nested ones as text."""
    if pa.types.is_nested(array.type) or pa.types.is_large_binary(array.type):
        return pl.Series([None if v is None else repr(v) for v in array.to_pylist()], dtype=pl.String)
    return as_series(array)


def _candidates(frame: Frame, again: Sequence[Array]) -> Array | None:
    """Rows that can be near duplicates of another: all of a small table, else those that recur in a pivot."""
    if frame.rows <= _SMALL:
        return np.arange(frame.rows)
    return np.union1d(again[0], again[1]) if len(again) == 2 else None


def _near(frame: Frame, rows: Array, exact: set[int], progress: Progress) -> dict[int, str]:
    """Position → the column in which the row differs from an earlier one (or "" when only case and spaces do)."""
    keep = np.array([r for r in rows.tolist() if r not in exact], np.int64)
    if len(keep) < 2:
        return {}
    total = np.zeros(len(keep), np.uint64)
    parts = []
    for position in range(len(frame.columns)):
        progress.step()
        hashes = _folded(_cells(frame.cells_at(position, keep))).hash(seed=position).to_numpy()
        parts.append(hashes)
        total += hashes  # sums, so that one column can be taken out again; wraps around by design
    found: dict[int, str] = {int(keep[i]): "" for i in _later(total)}
    alike = [_alike(p) for p in parts]
    for place, (name, hashes) in enumerate(zip(frame.columns, parts, strict=True)):
        progress.step()
        later = _later(total - hashes)
        by_chance = len(keep) * (len(keep) - 1) / 2 * float(np.prod(alike[:place] + alike[place + 1 :]))
        if len(later) > _BEYOND_CHANCE * by_chance:
            for i in later:
                found.setdefault(int(keep[i]), name)
    return found


def _alike(hashes: Array) -> float:
    """The chance that two rows have the same value."""
    _, counts = np.unique(hashes, return_counts=True)
    return float((counts * (counts - 1)).sum()) / max(1, len(hashes) * (len(hashes) - 1))


def _folded(cells: pl.Series) -> pl.Series:
    if cells.dtype != pl.String:
        return cells
    return cells.str.to_lowercase().str.strip_chars().str.replace_all(r"\s+", " ")


def _later(codes: Array) -> Array:
    """Places of all but the first of equal codes."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    out: Array = np.sort(order[1:][ordered[1:] == ordered[:-1]])
    return out
