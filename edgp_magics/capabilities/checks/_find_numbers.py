"""Ranges found in the data: values far outside the rest, negative ones among positive, dates that cannot be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import polars as pl

from ...values import Severity
from ._model import Rule
from ._table import CheckTable

_LEAST = 30
_DISTINCT = 10
_SAMPLE = 100_000
_FENCE = 3.0
_GAP = 0.5
_RARE = 0.005
_SIGN = 0.005
_SKEWED = 0.2
Floats = np.ndarray[Any, np.dtype[np.float64]]


def find_ranges(table: CheckTable, name: str, today: dt.date | None) -> Iterable[Rule]:
    """Rules that bound a column of numbers, dates or text that is nearly all numbers."""
    if table.rows < _LEAST:
        return
    series = table.series(name)
    if series.dtype in (pl.Date,) or isinstance(series.dtype, pl.Datetime):
        yield from _dates(name, series, today)
        return
    numbers = _numbers(series)
    if numbers is None or len(numbers) < _LEAST:
        return
    low, high = robust_bounds(numbers)
    negative = _sign(numbers)
    if low is not None or negative:
        least = 0.0 if negative and (low is None or low < 0) else low
        yield _bound(name, min=_plain(least, series), what="not far below the rest" if not negative else "not negative")
    if high is not None:
        yield _bound(name, max=_plain(high, series), what="not far above the rest")


def _bound(name: str, *, what: str, **limits: Any) -> Rule:
    rule = Rule.of("range", name, **limits, missing_passes=True)
    edge = "; ".join(f"{k} {v}" for k, v in limits.items())
    return rule.but(severity=Severity.LOW, origin="found", confidence=0.85, support=1 - _RARE, name=f"{name} {what} ({edge})")


def _plain(value: float | None, series: pl.Series) -> Any:
    if value is None or series.dtype.is_integer():
        return None if value is None else int(value)
    return float(f"{value:.6g}")


def _numbers(series: pl.Series) -> Floats | None:
    if series.dtype.is_integer() or series.dtype.is_float() or isinstance(series.dtype, pl.Decimal):
        values = series.drop_nulls().cast(pl.Float64).to_numpy()
    elif series.dtype == pl.String:
        head = series.drop_nulls().gather_every(max(1, len(series) // 500))
        if not len(head) or head.str.strip_chars().cast(pl.Float64, strict=False).null_count() > 0.1 * len(head):
            return None
        values = series.str.strip_chars().cast(pl.Float64, strict=False).drop_nulls().to_numpy()
    else:
        return None
    return np.asarray(values[np.isfinite(values)], dtype=float)


def robust_bounds(values: Floats) -> tuple[float | None, float | None]:
    """Values beyond which the few that are there stand apart from all others; None where none does.

    Fences stand three interquartile ranges outside the quartiles (for normal values one in 400,000 is beyond), after a
    logarithm or its like where the middle of the data is skewed. What is beyond counts only if it is rare (half a
    percent) and a gap of half an interquartile range separates it, so that a long tail is not cut off.

    >>> robust_bounds(np.append(np.arange(1000.0), [1e6]))
    (None, 999.0)
    """
    if len(values) < _LEAST:
        return None, None
    sample = np.sort(values[:: max(1, len(values) // _SAMPLE)])
    if len(np.unique(sample[:2000])) < _DISTINCT and len(np.unique(sample)) < _DISTINCT:
        return None, None
    forward = _straightened(sample)
    shifted = forward(sample)
    q1, q3 = np.quantile(shifted, [0.25, 0.75])
    spread = float(q3 - q1)
    if not spread > 0:
        return None, None
    low = _edge(values, forward, q1 - _FENCE * spread, spread, below=True)
    high = _edge(values, forward, q3 + _FENCE * spread, spread, below=False)
    return low, high


def _straightened(sample: Floats) -> Callable[[Floats], Floats]:
    """A monotone function that makes the middle of the data symmetric enough for fences."""
    q05, q50, q95 = np.quantile(sample, [0.05, 0.5, 0.95])
    width = q95 - q05
    skew = (q95 + q05 - 2 * q50) / width if width > 0 else 0.0
    if abs(skew) < _SKEWED:
        return lambda x: x
    scale = float(np.quantile(np.abs(sample - q50), 0.5)) or 1.0
    if q05 >= 0 and skew > 0:
        return lambda x: np.log1p(np.maximum(x, 0) / scale) + np.minimum(x, 0) / scale
    return lambda x: np.arcsinh((x - q50) / scale)


def _edge(values: Floats, forward: Any, fence: float, spread: float, *, below: bool) -> float | None:
    """The last ordinary value before the gap beyond the fence, if few values lie past it."""
    shifted = forward(values)
    beyond = shifted < fence if below else shifted > fence
    count = int(beyond.sum())
    if not count or count > max(1, _RARE * len(values)):
        return None
    inner = values[~beyond]
    last = float(inner.min() if below else inner.max())
    outer = np.sort(values[beyond])[:: -1 if below else 1]
    chain = np.append(last, outer)
    gaps = np.abs(np.diff(forward(chain)))
    wide = np.flatnonzero(gaps >= _GAP * spread)
    return float(chain[wide[0]]) if len(wide) else None


def _sign(values: Floats) -> bool:
    """Whether a few negative values stand among numbers that are otherwise never below zero."""
    negative = int((values < 0).sum())
    return 0 < negative <= _SIGN * len(values) and float(np.quantile(values[:: max(1, len(values) // _SAMPLE)], 0.02)) >= 0


def _dates(name: str, series: pl.Series, today: dt.date | None) -> Iterable[Rule]:
    """Dates far before or after all others, before 1900, or in the future where hardly any is."""
    kept = series.drop_nulls()
    if len(kept) < _LEAST:
        return
    days = kept.cast(pl.Datetime("us")).to_physical().to_numpy().astype(float) / 86_400e6
    low, high = _date_edges(days)
    start = dt.datetime(1970, 1, 1)
    if low is not None:
        yield _bound(name, min=_day(start, low).isoformat(), what="not long before the rest")
    if high is not None:
        yield _bound(name, max=_day(start, high, up=True).isoformat(), what="not long after the rest")
    if today is not None:
        ahead = float((days > (today - start.date()).days + 1).mean())
        if 0 < ahead <= 0.02:
            rule = Rule.of("range", name, max=dt.datetime(today.year, today.month, today.day, 23, 59, 59).isoformat())
            yield rule.but(severity=Severity.MEDIUM, origin="found", confidence=0.9, support=0.98, name=f"{name} not in the future")


def _date_edges(days: Floats) -> tuple[float | None, float | None]:
    ordered = np.sort(days)
    low, high = np.quantile(ordered, [0.005, 0.995])
    span = float(high - low)
    if span <= 0 or len(np.unique(ordered[:: max(1, len(ordered) // 5000)])) < _DISTINCT:
        return None, None
    allowed = max(1, int(_RARE * len(ordered)))
    return _date_gap(ordered[: allowed + 1][::-1], span), _date_gap(ordered[-allowed - 1 :], span)


def _date_gap(tail: Floats, span: float) -> float | None:
    """Where the tail (ordered outwards) jumps by a tenth of the span of all dates."""
    wide = np.flatnonzero(np.abs(np.diff(tail)) >= 0.1 * span)
    return float(tail[wide[0]]) if len(wide) else None


def _day(start: dt.datetime, days: float, *, up: bool = False) -> dt.datetime:
    whole = start + dt.timedelta(days=float(np.floor(days)))
    return whole + dt.timedelta(days=1) if up else whole
