"""Ranges found in the data: values far outside the rest, negative ones among positive, dates that cannot be."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
_APART = 0.12
_INNER = 0.12
_CORE = 4
_SKEWED = 0.2
_JUMP = 4
_SIGN_GAP = 0.1
_CODE = 5
_ALIKE = 0.95
_DAYS_GAP = 0.1
_DAYS_APART = 0.5
_AHEAD = 0.02
_EPOCH = dt.datetime(1970, 1, 1)
_FIRST_DAY, _LAST_DAY = (dt.datetime.min - _EPOCH).days, (dt.datetime.max - _EPOCH).days
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class _Edge:
    """The last ordinary value before a gap, and the first value behind it."""

    inner: float
    outer: float


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
    scale = _scale(numbers)
    share = _RARE if _all_as_long(numbers) else _APART
    low, high = (_edge(numbers, scale, share=share, below=b) if scale else None for b in (True, False))
    whole = series.dtype.is_integer()
    if _sign(numbers) and (low is None or low.inner < 0):
        yield _bound(name, what="not negative", min=0 if whole else 0.0)
    elif low is not None:
        yield _bound(name, what="not far below the rest", min=_between(low, whole=whole))
    elif high is None and scale and not (whole and _names_rows(numbers)):
        yield _usual(name, numbers, scale, whole=whole)
    if high is not None:
        yield _bound(name, what="not far above the rest", max=_between(high, whole=whole))


def _bound(name: str, *, what: str, **limits: Any) -> Rule:
    rule = Rule.of("range", name, **limits, missing_passes=True)
    edge = "; ".join(f"{k} {v}" for k, v in limits.items())
    return rule.but(severity=Severity.LOW, origin="found", confidence=0.85, support=1 - _RARE, name=f"{name} {what} ({edge})")


def _usual(name: str, numbers: Floats, scale: _Scale, *, whole: bool) -> Rule:
    """The range that holds all values, with room: it says that nothing stands apart."""
    least, most = float(numbers.min()), float(numbers.max())
    room = max((most - least) / 2, 1.0 if whole else 0.0)
    low = _between(_Edge(least, min(least - room, 0.0) if least >= 0 else least - room), whole=whole)
    return _bound(name, what="in its usual range", min=low, max=_between(_Edge(most, most + room), whole=whole))


def _all_as_long(numbers: Floats) -> bool:
    """Whole numbers of five digits or more that nearly all have as many are codes: a cluster apart is no fault there."""
    sample = np.abs(numbers[:: max(1, len(numbers) // _SAMPLE)])
    digits = np.floor(np.log10(np.maximum(sample, 1.0))) + 1
    usual = float(np.median(digits))
    return usual >= _CODE and bool((sample == np.floor(sample)).all()) and float((digits == usual).mean()) >= _ALIKE


def _names_rows(numbers: Floats) -> bool:
    """Whole numbers that hardly repeat number the rows: their range means nothing."""
    sample = numbers[:: max(1, len(numbers) // _SAMPLE)]
    return len(np.unique(sample)) > 0.9 * len(sample)


def _between(edge: _Edge, *, whole: bool) -> Any:
    """The roundest number from the last ordinary value on, outwards, that keeps the first odd one out.

    Rounded outwards, it lets every ordinary value pass; and it tells less of the one person who holds the extreme.
    """
    size = math.floor(math.log10(abs(edge.inner) or 1.0))
    rise = edge.outer > edge.inner
    for digits in range(16):
        step = 10.0 ** (size - digits)
        if whole and step < 1:
            break
        rounded = (math.ceil if rise else math.floor)(edge.inner / step) * step
        rounded = int(rounded) if whole else float(f"{rounded:.15g}")
        if edge.inner <= rounded < edge.outer or edge.inner >= rounded > edge.outer:
            return rounded
    return int(edge.inner) if whole else edge.inner


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
    scale = _scale(values)
    if scale is None:
        return None, None
    low, high = (_edge(values, scale, share=_RARE, below=b) for b in (True, False))
    return low.inner if low else None, high.inner if high else None


@dataclass(frozen=True)
class _Scale:
    """A monotone function that makes the middle of the data symmetric enough for fences, and its quartiles there."""

    forward: Callable[[Floats], Floats]
    low: float
    high: float

    @property
    def spread(self) -> float:
        return self.high - self.low


def _scale(values: Floats) -> _Scale | None:
    """None where the values are too few, too much alike, or half of them the same."""
    if len(values) < _LEAST:
        return None
    sample = np.sort(values[:: max(1, len(values) // _SAMPLE)])
    if len(np.unique(sample[:2000])) < _DISTINCT and len(np.unique(sample)) < _DISTINCT:
        return None
    forward = _straightened(sample)
    q1, q3 = np.quantile(forward(sample), [0.25, 0.75])
    return _Scale(forward, float(q1), float(q3)) if q3 - q1 > 0 else None


def _straightened(sample: Floats) -> Callable[[Floats], Floats]:
    """Skew is read off the core, so that a tenth of odd values does not pass for skew."""
    low, middle, high = np.quantile(sample, [_INNER, 0.5, 1 - _INNER])
    core = sample[(sample >= middle - _CORE * (middle - low)) & (sample <= middle + _CORE * (high - middle))]
    least, q50, most = np.quantile(core, [0.05, 0.5, 0.95])
    width = most - least
    skew = (most + least - 2 * q50) / width if width > 0 else 0.0
    if abs(skew) < _SKEWED:
        return lambda x: x
    scale = float(np.quantile(np.abs(sample - q50), 0.5)) or 1.0
    if least >= 0 and skew > 0:
        return lambda x: np.log1p(np.maximum(x, 0) / scale) + np.minimum(x, 0) / scale
    return lambda x: np.arcsinh((x - q50) / scale)


def _edge(values: Floats, scale: _Scale, *, share: float, below: bool) -> _Edge | None:
    """The first gap beyond the fence, if at most this share of the values lies past the fence.

    Few values may stand between fence and gap: where many do, the data has a long tail and no odd values.
    """
    shifted = scale.forward(values)
    beyond = shifted < scale.low - _FENCE * scale.spread if below else shifted > scale.high + _FENCE * scale.spread
    count = int(beyond.sum())
    if not count or count > max(1, share * len(values)):
        return None
    inner = values[~beyond]
    last = float(inner.min() if below else inner.max())
    outer = np.sort(values[beyond])[:: -1 if below else 1]
    chain = np.append(last, outer)
    gaps = np.abs(np.diff(scale.forward(chain)))
    wide = np.flatnonzero(gaps >= _GAP * scale.spread)
    if not len(wide) or wide[0] > max(1, _RARE * len(values)):
        return None
    return _Edge(float(chain[wide[0]]), float(chain[wide[0] + 1]))


def _sign(values: Floats) -> bool:
    """Whether the negative values among these are odd: rare, or parted from the rest by a gap or a jump at zero.

    Numbers that cross zero by nature are about as frequent just below it as just above.
    """
    negative = values[values < 0]
    if not len(negative) or len(negative) > _APART * len(values):
        return False
    rest = values[values >= 0]
    if len(negative) <= _RARE * len(values):
        return True
    near = float(np.quantile(-negative, 0.25))
    above, under = int((rest < near).sum()), int((-negative < near).sum())
    if above >= max(_DISTINCT, _JUMP * under):
        return True
    gap = float(rest.min() - negative.max())
    spread = float(np.subtract(*np.quantile(rest, [0.75, 0.25])))
    return above <= _RARE * len(rest) and gap >= _SIGN_GAP * spread


def _dates(name: str, series: pl.Series, today: dt.date | None) -> Iterable[Rule]:
    """Dates far before or after all others, or in the future where hardly any is."""
    kept = series.drop_nulls()
    if len(kept) < _LEAST:
        return
    days = np.sort(kept.cast(pl.Datetime("us")).to_physical().to_numpy().astype(float) / 86_400e6)
    low, high = _date_edges(days)
    if low is None and high is None and days[-1] > days[0]:
        limits = {"min": _day(_Edge(days[0], days[0] - 366)).isoformat(), "max": _day(_Edge(days[-1], days[-1] + 367)).isoformat()}
        yield _bound(name, what="in its usual range", **limits)
    if low is not None:
        yield _bound(name, min=_day(low).isoformat(), what="not long before the rest")
    if high is not None:
        yield _bound(name, max=_day(high).isoformat(), what="not long after the rest")
    if today is not None:
        ahead = float((days > (today - _EPOCH.date()).days + 1).mean())
        if 0 < ahead <= _APART:
            rule = Rule.of("range", name, max=dt.datetime(today.year, today.month, today.day, 23, 59, 59).isoformat())
            yield rule.but(severity=Severity.MEDIUM, origin="found", confidence=0.9, support=1 - _AHEAD, name=f"{name} not in the future")


def _date_edges(ordered: Floats) -> tuple[_Edge | None, _Edge | None]:
    if len(np.unique(ordered[:: max(1, len(ordered) // 5000)])) < _DISTINCT:
        return None, None
    return _date_edge(ordered[::-1]), _date_edge(ordered)


def _date_edge(outwards: Floats) -> _Edge | None:
    """Where the outer dates jump: by a tenth of the span of all others where they are rare, by half of it where more."""
    count = len(outwards)
    for share, wide in ((_RARE, _DAYS_GAP), (_APART, _DAYS_APART)):
        tail = outwards[-max(1, int(share * count)) - 1 :]
        span = float(np.abs(np.subtract(*np.quantile(outwards[: count - len(tail) + 1], [0.995, 0.005]))))
        jumps = np.flatnonzero(np.abs(np.diff(tail)) >= wide * span)
        if span > 0 and len(jumps):
            return _Edge(float(tail[jumps[0]]), float(tail[jumps[0] + 1]))
    return None


def _day(edge: _Edge) -> dt.datetime:
    """The beginning of a year, else a month, else a day, that parts the edge; outwards as far as it can go."""
    inner, outer = (_EPOCH + dt.timedelta(days=min(max(d, _FIRST_DAY), _LAST_DAY)) for d in (edge.inner, edge.outer))
    day = inner.replace(hour=0, minute=0, second=0, microsecond=0)
    late = outer > inner
    ends = _after(day) if late else (day.replace(month=1, day=1), day.replace(day=1), day)
    return next((e for e in ends if (inner <= e < outer if late else inner >= e > outer)), inner)


def _after(day: dt.datetime) -> tuple[dt.datetime, ...]:
    """The beginnings of the year, month and day after this one."""
    if day.year == dt.MAXYEAR:
        return ()
    following = day.replace(day=1) + dt.timedelta(days=32)
    return day.replace(year=day.year + 1, month=1, day=1), following.replace(day=1), day + dt.timedelta(days=1)
