"""Statistics of numbers and dates from one sorted copy of the column."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from ...frames import Column
from ...values import Progress
from ._missing import coded_days, coded_numbers
from ._model import DateFacts, Histogram, Quantiles, TopValue, visible
from ._runs import Array, runs
from ._texts import repeats_of

LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_GRID = 201
_GRID_ROWS = 5
"""A point of the distribution sketch stands for at least so many rows: no point is one person's value."""
_BLOCK = 1 << 18
SKETCH = 2001
"""Quantiles kept in memory, for comparing with another table; they are not saved."""
BINS = 16
DAY_US = 86_400_000_000
_TOP = 10


def ordered_values(column: Column) -> Array:
    """The non-null values as a sorted numpy array (dates and times as integers)."""
    array = column.array
    if column.kind == "decimal":
        array = array.cast(pa.float64(), safe=False)
    series = pl.from_arrow(array)
    assert isinstance(series, pl.Series)
    series = series.to_physical().sort(nulls_last=False)
    out: Array = series.slice(series.null_count()).to_numpy()
    return out


def number_fields(column: Column, progress: Progress) -> dict[str, Any]:
    """The fields of a :class:`ColumnProfile` for a column of numbers."""
    ordered = ordered_values(column)
    found = runs(ordered, _TOP)
    out: dict[str, Any] = {"distinct": found.distinct, "singletons": found.singletons}
    if not len(ordered):
        return out
    integral = column.kind == "integer"
    low, high = int(np.searchsorted(ordered, -np.inf, "right")), int(np.searchsorted(ordered, np.inf, "left"))
    finite = ordered[low:high] if not integral else ordered
    out |= {
        "min": _exact(column, ordered[0], integral, "min"),
        "max": _exact(column, ordered[-1], integral, "max"),
        "infinite": len(ordered) - len(finite),
        "zeros": _count(ordered, 0),
        "negatives": int(np.searchsorted(ordered, 0, "left")),
        "top": tuple(_top(column, v, n) for v, n in found.top),
        "coded": coded_numbers(finite),
        **(repeats_of(column, ordered, found.distinct, progress) if integral else {}),
    }
    return out | (_moments(finite) if len(finite) else {})


def _exact(column: Column, value: Any, integral: bool, which: str) -> Any:
    if column.kind == "decimal":
        import pyarrow.compute as pc

        return pc.min_max(column.array)[which].as_py()
    return int(value) if integral else float(value)


def _count(ordered: Array, value: float) -> int:
    return int(np.searchsorted(ordered, value, "right") - np.searchsorted(ordered, value, "left"))


def _moments(finite: Array) -> dict[str, Any]:
    """Mean, spread, quantiles, outliers and histogram of finite sorted numbers."""
    values = finite if finite.dtype == np.float64 else finite.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(values.mean())
        std = _deviation(values, mean) if len(values) > 1 else None
        skew = _skew(values, mean)
    fences = _fences(values)
    outliers = int(np.searchsorted(values, fences[0], "left") + len(values) - np.searchsorted(values, fences[1], "right"))
    return {
        "mean": mean if np.isfinite(mean) else None,
        "std": std if std is not None and np.isfinite(std) else None,
        "skew": skew,
        "quantiles": Quantiles({f"{100 * q:g}%": quantile(values, q) for q in LEVELS}),
        "outliers": outliers,
        "fences": fences,
        "histogram": histogram(values),
        "grid": grid(values),
        "sketch": spread(values, min(SKETCH, len(values))),
    }


def _deviation(values: Array, mean: float) -> float:
    """The sample standard deviation, in blocks: numpy's own takes two copies of the column."""
    blocks = (values[start : start + _BLOCK] - mean for start in range(0, len(values), _BLOCK))
    return float(np.sqrt(sum(float(np.dot(b, b)) for b in blocks) / (len(values) - 1)))


def _skew(values: Array, mean: float) -> float | None:
    """Third standardised moment on at most 100,000 evenly spaced values of the sorted column."""
    part = values[:: max(1, len(values) // 100_000)] - mean
    second = float(np.mean(part * part))
    third = float(np.mean(part * part * part))
    if not (np.isfinite(second) and np.isfinite(third)) or second <= 0 or len(values) < 3:
        return None
    out = third / second**1.5
    return round(out, 6) if np.isfinite(out) else None


def quantile(ordered: Array, q: float) -> float:
    """The quantile of a sorted array, interpolated linearly between neighbours (as numpy and pandas do).

    >>> quantile(np.array([1.0, 2.0, 4.0]), 0.75)
    3.0
    """
    place = (len(ordered) - 1) * q
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    left, right = float(ordered[low]), float(ordered[high])
    return left if left == right else left * (1 - (place - low)) + right * (place - low)


def _fences(ordered: Array) -> tuple[float, float]:
    """Three interquartile ranges beyond the quartiles (the outer fences)."""
    q1, q3 = quantile(ordered, 0.25), quantile(ordered, 0.75)
    spread = q3 - q1
    if spread <= 0:
        spread = (quantile(ordered, 0.99) - quantile(ordered, 0.01)) or float("inf")
    with np.errstate(invalid="ignore"):
        return q1 - 3 * spread, q3 + 3 * spread


def histogram(ordered: Array, bins: int = BINS) -> Histogram | None:
    """Counts between the 0.5 % and 99.5 % quantiles; the tails go to the end bins."""
    low, high = quantile(ordered, 0.005), quantile(ordered, 0.995)
    if high <= low:
        low, high = float(ordered[0]), float(ordered[-1])
    if high <= low or not np.isfinite(high - low):
        return Histogram(edges=(low, high), counts=(len(ordered),)) if np.isfinite(low) and np.isfinite(high) else None
    edges = np.linspace(low, high, bins + 1)
    inner = np.searchsorted(ordered, edges[1:-1], "left")
    counts = np.diff(np.concatenate([[0], inner, [len(ordered)]]))
    return Histogram(edges=tuple(map(float, edges)), counts=tuple(map(int, counts)))


def grid(ordered: Array) -> tuple[float, ...]:
    """A sketch of the distribution: evenly spaced quantiles, each standing for some rows at least; empty when too few."""
    points = min(_GRID, len(ordered) // _GRID_ROWS)
    return () if points < 3 else tuple(map(float, spread(ordered, points)))


def spread(ordered: Array, points: int) -> Array:
    """So many quantiles at evenly spaced levels of a sorted array."""
    places = np.linspace(0.5 / points, 1 - 0.5 / points, points) * (len(ordered) - 1)
    low = places.astype(np.int64)
    left, right = ordered[low].astype(float), ordered[np.minimum(low + 1, len(ordered) - 1)].astype(float)
    part = places - low
    out: Array = np.where(left == right, left, left * (1 - part) + right * part)
    return out


def _top(column: Column, value: Any, count: int) -> TopValue:
    native = int(value) if column.kind == "integer" else float(value)
    return TopValue(value=native, shown=visible(native, count, len(column), personal=False), count=count, share=count / len(column))


# -- dates -------------------------------------------------------------------------------------------------------
def temporal_fields(column: Column, as_of: dt.date | None) -> dict[str, Any]:
    """The fields of a :class:`ColumnProfile` for dates, times and durations."""
    ordered = ordered_values(column)
    found = runs(ordered, _TOP)
    out: dict[str, Any] = {"distinct": found.distinct, "singletons": found.singletons}
    if not len(ordered):
        return out
    kind = column.array.type
    out |= {
        "min": _instant(ordered[0], kind),
        "max": _instant(ordered[-1], kind),
        "mean": _instant(int(ordered.mean()), kind),
        "quantiles": Quantiles({f"{100 * q:g}%": _instant(int(quantile(ordered, q)), kind) for q in LEVELS}),
        "histogram": histogram(ordered),
        "grid": grid(ordered),
        "sketch": spread(ordered, min(SKETCH, len(ordered))),
        "top": tuple(_top_instant(column, v, n) for v, n in found.top),
    }
    if column.kind in ("date", "datetime"):
        per_day = 1 if column.kind == "date" else DAY_US
        out |= {"dates": _date_facts(ordered, per_day, kind, as_of), "coded": coded_days(ordered, per_day)}
    return out


def _instant(value: Any, kind: pa.DataType) -> Any:
    """An integer of the column as its Python value; text where Python has no such instant (year 10000)."""
    try:
        return pa.scalar(int(value), pa.int32() if pa.types.is_date32(kind) else pa.int64()).cast(kind).as_py()
    except (OverflowError, ValueError, pa.ArrowInvalid):
        return str(np.array(int(value)).astype("datetime64[D]" if pa.types.is_date32(kind) else "datetime64[us]"))


def _top_instant(column: Column, value: Any, count: int) -> TopValue:
    native = _instant(value, column.array.type)
    return TopValue(value=native, shown=visible(native, count, len(column), personal=False), count=count, share=count / len(column))


def _date_facts(ordered: Array, per_day: int, kind: pa.DataType, as_of: dt.date | None) -> DateFacts:
    days = ordered if per_day == 1 else np.floor_divide(ordered, per_day)
    fresh = np.flatnonzero(days[1:] != days[:-1]) + 1
    first = np.concatenate([[0], fresh])
    steps = np.diff(days[first])
    widest = int(np.argmax(steps)) if len(steps) else -1
    before = ordered[first[widest + 1] - 1] if len(steps) else ordered[0]
    after = ordered[first[widest + 1]] if len(steps) else ordered[0]
    whole = len(ordered) if per_day == 1 else int(np.count_nonzero(days * per_day == ordered))
    return DateFacts(
        span_days=float(ordered[-1] - ordered[0]) / per_day,
        distinct_days=len(first),
        missing_days=int(days[-1] - days[0]) + 1 - len(first),
        longest_gap_days=float(after - before) / per_day,
        gap_after=str(_instant(days[first[widest]] if len(steps) else days[0], pa.date32())),
        midnight_share=whole / len(ordered),
        future=_future(ordered, per_day, as_of),
    )


def _future(ordered: Array, per_day: int, as_of: dt.date | None) -> int | None:
    if as_of is None:
        return None
    after = (as_of - dt.date(1970, 1, 1)).days + 1
    return len(ordered) - int(np.searchsorted(ordered, after * per_day, "left"))
