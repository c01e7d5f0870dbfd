"""Orders between columns found in the data: one date never after another, one amount never above another."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import polars as pl

from ...values import Severity
from ._model import Rule
from ._table import CheckTable

_SAMPLE = 20_000
_LEAST = 50
_COLUMNS = 30
_DATES_BREAK = 0.03
_NUMBERS_BREAK = 0.005
_DOUBTED = 0.12
_RELATED = 0.3
_CLOSELY = 0.8
_OFTEN = 0.1
Floats = np.ndarray[Any, np.dtype[np.float64]]


def find_pairs(table: CheckTable) -> list[Rule]:
    """Rules ``a <= b`` that nearly all rows keep; what follows from two others is left out."""
    if table.rows < _LEAST:
        return []
    dates = {n: v for n, v in _sampled(table, temporal=True).items() if len(v)}
    numbers = _sampled(table, temporal=False)
    kept = [(a, b, _DATES_BREAK) for a, b in permutations(dates, 2) if _ordered_dates(dates[a], dates[b])]
    kept += [(a, b, _NUMBERS_BREAK) for a, b in permutations(numbers, 2) if _ordered_numbers(numbers[a], numbers[b])]
    edges = {(a, b) for a, b, _ in kept}
    middle = {(a, c) for a, b in edges for b2, c in edges if b == b2 and (a, c) in edges and (b, a) not in edges and (c, b) not in edges}
    return [_rule(a, b, allowed) for a, b, allowed in kept if (a, b) not in middle]


def _rule(a: str, b: str, allowed: float) -> Rule:
    rule = Rule.of("pair", (a, b), op="<=")
    return rule.but(severity=Severity.MEDIUM, origin="found", confidence=0.7, support=1 - allowed)


def _sampled(table: CheckTable, *, temporal: bool) -> dict[str, Floats]:
    """An even sample of rows of every column of dates (or of measured numbers) as floats, NaN for null."""
    out: dict[str, Floats] = {}
    step = max(1, table.rows // _SAMPLE)
    for name in table.frame.columns:
        kind = table.column(name).kind
        wanted = kind in ("date", "datetime") if temporal else kind in ("float", "decimal", "integer")
        if not wanted or len(out) >= _COLUMNS:
            continue
        table.progress.step()
        series = table.series(name).gather_every(step)
        series = series.cast(pl.Datetime("us")).to_physical() if temporal else series
        values = series.cast(pl.Float64).to_numpy()
        if temporal or not _is_key(values):
            out[name] = values
    return out


def _is_key(values: Floats) -> bool:
    """Whole numbers that (nearly) never repeat count or name rows: they measure nothing."""
    known = values[np.isfinite(values)]
    whole = len(known) and bool((known == np.floor(known)).all())
    return bool(whole and len(np.unique(known)) > 0.9 * len(known))


def _ordered_dates(a: Floats, b: Floats) -> bool:
    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() < _LEAST:
        return False
    left, right = a[both], b[both]
    return float((left > right).mean()) <= _DOUBTED and float((left < right).mean()) >= 0.5


def _ordered_numbers(a: Floats, b: Floats) -> bool:
    """Amounts of one size that move together (closely, where many break the order), one hardly ever the larger."""
    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() < _LEAST:
        return False
    left, right = a[both], b[both]
    above, below = float((left > right).mean()), float((left < right).mean())
    if above > _DOUBTED or below < _OFTEN:
        return False
    kept = left <= right
    wanted = _RELATED if above <= _NUMBERS_BREAK else _CLOSELY
    size = abs(np.median(left)) + 1e-12, abs(np.median(right)) + 1e-12
    overlap = np.quantile(left, 0.75) >= np.quantile(right, 0.05)
    return bool(0.1 <= size[0] / size[1] <= 1.5 and overlap and _rank_correlation(left[kept], right[kept]) >= wanted)


def _rank_correlation(a: Floats, b: Floats) -> float:
    ranks = [np.argsort(np.argsort(v, kind="stable"), kind="stable").astype(float) for v in (a, b)]
    matrix = np.corrcoef(ranks[0], ranks[1])
    return float(matrix[0, 1]) if np.isfinite(matrix[0, 1]) else 0.0
