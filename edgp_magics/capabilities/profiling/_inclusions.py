"""Columns whose values come from another table of the kernel: candidate foreign keys, with their orphans."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...frames import Column, Frame
from ...values import ROWS_KEPT, Progress
from ._model import Inclusion
from ._runs import Array
from ._semantic import words
from ._texts import CHUNK, as_series

LEAST = 0.9
_FEWEST = 3
_COVERAGE = 0.02
_KINDS = frozenset({"integer", "string", "date"})
_KEPT = 20


def inclusions(frame: Frame, others: Mapping[str, Frame], progress: Progress) -> list[Inclusion]:
    """Columns of ``frame`` contained in a (nearly) unique column of another table, but for a few orphans."""
    out: list[Inclusion] = []
    cache: dict[tuple[str, int], tuple[Array, Array]] = {}
    for name in sorted(others):
        other = others[name]
        if not other.rows or _same(frame, other):
            continue
        for ref in other:
            out += [found for column in frame if (found := _inclusion(frame, column, name, ref, cache, progress)) is not None]
    return sorted(out, key=lambda i: (-i.share, -i.coverage, i.column, i.ref, i.ref_column))[:_KEPT]


def _same(frame: Frame, other: Frame) -> bool:
    """Whether the other table is this one: itself under another name, or a copy."""
    return other.native is frame.native or (
        other.shape == frame.shape and other.columns == frame.columns and other.fingerprint == frame.fingerprint
    )


def _inclusion(
    frame: Frame, column: Column, name: str, ref: Column, cache: dict[tuple[str, int], tuple[Array, Array]], progress: Progress
) -> Inclusion | None:
    if column.kind != ref.kind or column.kind not in _KINDS or not (len(column) - column.null_count):
        return None
    same = _alike(column.name, ref.name, name)
    if not same and column.kind == "date":
        return None
    progress.step("looking for references to other tables")
    mine, theirs = _distinct("", column, cache), _distinct(name, ref, cache)
    unique = len(theirs[0]) >= 0.98 * max(1, len(ref) - ref.null_count)
    if not unique or (len(mine[0]) < _FEWEST and not same):
        return None
    inside = np.isin(mine[0], theirs[0], assume_unique=True)
    total = int(mine[1].sum())
    orphans = int(mine[1][~inside].sum())
    coverage = float(inside.sum()) / max(1, len(theirs[0]))
    if orphans > (1 - LEAST) * total or (not same and coverage < max(_COVERAGE, 0.5 if column.kind == "integer" else 0.0)):
        return None
    rows = _orphan_rows(column, mine[0][~inside]) if orphans else []
    return Inclusion(
        column=column.name,
        ref=name,
        ref_column=ref.name,
        share=1 - orphans / total,
        orphans=orphans,
        of=total,
        coverage=coverage,
        ref_unique=bool(len(theirs[0]) == len(ref) - ref.null_count),
        rows=frame.row_labels(rows),
    )


def _alike(name: str, ref: str, table: str) -> bool:
    """Equal names, or ``customer_id`` against ``customers.id``."""
    mine, theirs = words(name).replace(" ", ""), words(ref).replace(" ", "")
    owner = words(table).replace(" ", "").rstrip("s")
    return mine == theirs or mine == owner + theirs or owner + mine == theirs


def _distinct(table: str, column: Column, cache: dict[tuple[str, int], tuple[Array, Array]]) -> tuple[Array, Array]:
    """Hashes of the distinct values in order, and how often each occurs."""
    key = (table, column.position)
    if key not in cache:
        series = [as_series(column.array.slice(s, CHUNK)).drop_nulls().hash().to_numpy() for s in range(0, len(column), CHUNK)]
        cache[key] = np.unique(np.concatenate(series), return_counts=True)
    return cache[key]


def _orphan_rows(column: Column, orphans: Array) -> list[int]:
    out: list[int] = []
    for start in range(0, len(column), CHUNK):
        piece = as_series(column.array.slice(start, CHUNK))
        bad = np.isin(piece.hash().to_numpy(), orphans) & piece.is_not_null().to_numpy()
        out += (np.flatnonzero(bad)[: ROWS_KEPT - len(out)] + start).tolist()
        if len(out) >= ROWS_KEPT:
            break
    return out
