"""How strongly columns go together, whatever their types: Spearman, Cramér's V, correlation ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from ...values import Progress
from ._model import Association, ColumnProfile
from ._runs import Array
from ._sample import Coding, Sample

_NUMBERS = 300
_CATEGORIES = 60
_LEVELS = 60
_LEAST = 0.1
_KEPT = 200
_ROWS = 20
_NOTHING = 1e-12
"""A variance this small beside the sum of squares is rounding."""


def associations(profiles: Sequence[ColumnProfile], sample: Sample, progress: Progress) -> list[Association]:
    """All pairs with a noticeable association, strongest first."""
    numbers = [p for p in profiles if (p.numeric or p.temporal) and p.distinct > 2 and not p.identifier][:_NUMBERS]
    classes = [p for p in profiles if _is_class(p)][:_CATEGORIES]
    if sample.rows < _ROWS:
        return []
    ranks = [_ranks(sample.numbers(p.position)) for p in numbers]
    out = _spearman(numbers, ranks)
    table = _Numbers.of(ranks) if ranks else None
    for i, a in enumerate(classes):
        progress.step("looking for associations")
        left = sample.coding(a.position)
        out += [_cramer(a, b, left, sample.coding(b.position)) for b in classes[i + 1 :]]
        out += _ratios(a, numbers, left, table) if table is not None else []
    strong = [x for x in out if abs(x.value) >= _LEAST]
    return sorted(strong, key=lambda x: (-abs(x.value), x.a, x.b))[:_KEPT]


def _is_class(profile: ColumnProfile) -> bool:
    if profile.kind == "integer" and profile.distinct > 12:
        return False
    return profile.kind in ("string", "boolean", "integer", "mixed") and 2 <= profile.distinct <= _LEVELS


def _ranks(values: Array) -> Array:
    series = pl.Series(values).fill_nan(None)
    return series.rank("average").cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _spearman(numbers: Sequence[ColumnProfile], ranks: Sequence[Array]) -> list[Association]:
    """Rank correlation over the rows where both are given, for all pairs in five matrix products."""
    if len(numbers) < 2:
        return []
    table = np.column_stack(ranks)
    valid = (~np.isnan(table)).astype(float)
    scale = max(1.0, float(len(table)))
    filled = np.nan_to_num(table) / scale
    n = valid.T @ valid
    sums, squares, products = filled.T @ valid, (filled**2).T @ valid, filled.T @ filled
    with np.errstate(invalid="ignore", divide="ignore"):
        cov = n * products - sums * sums.T
        spread = n * squares - sums**2
        corr = cov / np.sqrt(spread * spread.T)
    return [
        Association(a=a.name, b=numbers[j].name, value=round(float(np.clip(corr[i, j], -1, 1)), 6), measure="spearman", of=int(n[i, j]))
        for i, a in enumerate(numbers)
        for j in range(i + 1, len(numbers))
        if n[i, j] >= _ROWS and np.isfinite(corr[i, j])
    ]


def _cramer(a: ColumnProfile, b: ColumnProfile, left: Coding, right: Coding) -> Association:
    """Cramér's V with the bias correction of Bergsma (2013)."""
    valid = left.valid & right.valid
    n = int(valid.sum())
    value = 0.0
    if n >= _ROWS:
        table = np.bincount(left.codes[valid] * right.count + right.codes[valid], minlength=left.count * right.count)
        value = cramers_v(table.reshape(left.count, right.count).astype(float))
    return Association(a=a.name, b=b.name, value=round(value, 6), measure="cramers_v", of=n)


def cramers_v(table: Array) -> float:
    """Bias-corrected Cramér's V of a contingency table.

    >>> cramers_v(np.array([[50.0, 0.0], [0.0, 50.0]]))
    1.0
    """
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    n = float(table.sum())
    r, k = table.shape
    if n < 2 or min(r, k) < 2:
        return 0.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / n
    phi2 = float((((table - expected) ** 2) / expected).sum()) / n
    corrected = max(0.0, phi2 - (k - 1) * (r - 1) / (n - 1))
    least = min(k - (k - 1) ** 2 / (n - 1), r - (r - 1) ** 2 / (n - 1)) - 1
    return float(min(1.0, np.sqrt(corrected / least))) if least > 0 else 0.0


@dataclass(frozen=True)
class _Numbers:
    """Ranks of several columns side by side, scaled so that sums of squares stay exact enough; zero where null."""

    filled: Array
    squares: Array
    present: Array

    @classmethod
    def of(cls, ranks: Sequence[Array]) -> _Numbers:
        table = np.column_stack(ranks)
        present = ~np.isnan(table)
        filled = np.nan_to_num(table) / max(1.0, float(len(table)))
        filled -= np.where(present, filled.sum(axis=0) / np.maximum(1, present.sum(axis=0)), 0.0) * present
        return cls(filled, filled**2, present.astype(float))


def _ratios(a: ColumnProfile, numbers: Sequence[ColumnProfile], left: Coding, table: _Numbers) -> list[Association]:
    """Correlation ratios of ranks by class: the square root of the variance explained, corrected for the number of classes."""
    from scipy.sparse import csr_array

    rows = np.flatnonzero(left.valid)
    member = csr_array((np.ones(len(rows)), (left.codes[rows], rows)), shape=(left.count, len(left.valid)))
    counts, sums = member @ table.present, member @ table.filled
    n, total_sum = counts.sum(axis=0), sums.sum(axis=0)
    squares = (member @ table.squares).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = total_sum**2 / n
        total = squares - middle
        between = np.where(counts > 0, sums**2 / counts, 0.0).sum(axis=0) - middle
        degrees = (counts > 0).sum(axis=0) - 1
        explained = 1 - (1 - between / total) * (n - 1) / (n - degrees - 1)
    known = (n >= _ROWS) & (total > _NOTHING * squares) & (n > degrees + 1)
    values = np.sqrt(np.clip(np.where(known, explained, 0.0), 0.0, 1.0))
    return [
        Association(a=a.name, b=b.name, value=round(float(v), 6), measure="correlation_ratio", of=int(m))
        for b, v, m in zip(numbers, values, n, strict=True)
    ]
