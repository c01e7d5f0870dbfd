"""Time series: gaps in time, points that break trend and season, and shifts of level.

A series is taken apart into a line, up to two seasons, shifts of level, and a slow trend (a running median); what is left
is judged. A shift is a jump beyond what the slope on both sides leads to, so that trends and seasons are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ...frames import Frame
from ...values import Progress
from ._axis import LEAST, Floats, Places, TimeAxis

_GAP = 3.0
_POINT = 6.0
_SHIFT = 6.0
_USUAL_SHIFT = 5.0
_QUARTER = 0.3186
"""The lower quartile of the absolute value of a normal variable."""
_PERIODS = (4, 7, 12, 24, 30, 52, 96, 168)
_SEASON = 0.3
_BETTER = 0.9
_SEASONS = 2
_WINDOW = 12
_TREND = 2 * _WINDOW + 1
_MOST = 200
_MOST_SHIFTS = 10
_MOST_SERIES = 400
_MOVES = 0.8


@dataclass(frozen=True, kw_only=True)
class SeriesPoint:
    """Something odd at one place of a series: ``gap``, ``point`` or ``level_shift``; ``distance`` in spreads (or steps for a gap)."""

    row: int
    column: str
    kind: str
    distance: float
    why: str


@dataclass(frozen=True, kw_only=True)
class SeriesReading:
    """What is odd along the axis; ``rest`` by column: what trend and seasons leave of each value, in spreads of its series, where
    they explain some of it in most series.
    """

    points: tuple[SeriesPoint, ...] = ()
    rest: Mapping[str, Floats] = field(default_factory=dict)
    unread: int = 0


@dataclass(frozen=True)
class _Shift:
    at: int
    size: float
    distance: float


def read_series(frame: Frame, axis: TimeAxis, progress: Progress) -> SeriesReading:
    """Gaps on the axis, then points and shifts of every numeric column along it; at most 200 of each, the farthest first."""
    found: list[SeriesPoint] = []
    columns = [c for c in frame if c.kind in ("integer", "float", "decimal") and c.name != axis.by]
    rest = {c.name: np.full(frame.rows, np.nan) for c in columns}
    explained: dict[str, list[bool]] = {c.name: [] for c in columns}
    read = axis.series[: max(1, _MOST_SERIES // max(1, len(columns)))]
    for rows in axis.series:
        found += _gaps(axis.name, axis.moments[rows], rows)
    for rows in read:
        places, at = _grid(axis.moments[rows], rows)
        for column in columns:
            progress.step("time series")
            values = np.full(len(at), np.nan)
            values[places] = _finite(column.numbers()[rows])
            known = np.isfinite(values)
            if known.sum() >= LEAST and np.ptp(values[known]) > 0:
                points, left = _of_column(column.name, values, at)
                found += points
                spread = _spread(left[known])
                rest[column.name][rows] = np.where(known, left, np.nan)[places] / spread
                explained[column.name].append(spread < _MOVES * _spread(values[known]))
    kept = {name: rest[name] for name, moves in explained.items() if len(read) == len(axis.series) and 2 * sum(moves) > len(moves)}
    return SeriesReading(points=tuple(found), rest=kept, unread=len(axis.series) - len(read))


def _finite(values: Floats) -> Floats:
    return np.where(np.abs(values) < 1e150, values, np.nan)  # squares of larger ones overflow; they are odd cells anyway


def _grid(moments: Floats, rows: Places) -> tuple[Places, Places]:
    """Places on an even grid of steps, and the row at (or after) every place; where gaps are too wide to fill, as ordered."""
    steps = np.diff(moments)
    places = np.rint((moments - moments[0]) / float(np.median(steps[steps > 0]))).astype(np.intp)
    if places[-1] > 3 * len(rows) or (np.diff(places) <= 0).any():
        return np.arange(len(rows)), rows
    return places, rows[np.searchsorted(places, np.arange(places[-1] + 1))]


def _gaps(axis: str, moments: Floats, rows: Places) -> list[SeriesPoint]:
    steps = np.diff(moments)
    usual = float(np.median(steps[steps > 0]))
    wide = np.flatnonzero(steps >= _GAP * usual)[:_MOST]
    return [
        SeriesPoint(
            row=int(rows[i + 1]),
            column=axis,
            kind="gap",
            distance=round(float(steps[i] / usual), 1),
            why=f"{steps[i] / usual - 1:.0f} steps are missing before it",
        )
        for i in wide
    ]


def _of_column(name: str, values: Floats, rows: Places) -> tuple[list[SeriesPoint], Floats]:
    """What is odd in one series, and what trend and seasons leave of it."""
    filled = _interpolated(values)
    flat = filled - _line(filled)
    season, periods = _seasons(flat)
    plain = _interpolated(np.where(np.isfinite(values), flat - season, np.nan))  # a gap is bridged without its season
    shifts = _shifts(plain, _spread(plain - _trend(plain, _TREND)))
    level = plain.copy()
    for shift in shifts:
        level[shift.at :] -= shift.size
    rest = level - _trend(level, _TREND)
    known = np.isfinite(values)
    far = np.abs(rest) / _spread(rest[known])
    near = {i for s in shifts for i in range(s.at - 2, s.at + 3)}
    odd = [i for i in np.argsort(-far, kind="stable")[:_MOST] if far[i] >= _POINT and i not in near and known[i]]
    words = f"breaks its season of {' and '.join(map(str, periods))} steps" if periods else "breaks its trend"
    points = [SeriesPoint(row=int(rows[i]), column=name, kind="point", distance=round(float(far[i]), 1), why=words) for i in sorted(odd)]
    return [*(_said(name, s, rows) for s in shifts), *points], rest


def _said(name: str, shift: _Shift, rows: Places) -> SeriesPoint:
    why = "the level rises" if shift.size > 0 else "the level falls"
    return SeriesPoint(row=int(rows[shift.at]), column=name, kind="level_shift", distance=round(shift.distance, 1), why=why)


def _spread(values: Floats) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values)))) or float(values.std()) or 1.0


def _interpolated(values: Floats) -> Floats:
    at = np.arange(len(values))
    known = np.isfinite(values)
    return np.interp(at, at[known], values[known])


def _line(values: Floats) -> Floats:
    """A straight line through the medians of the first and the last third."""
    n, third = len(values), len(values) // 3
    slope = (np.median(values[-third:]) - np.median(values[:third])) / (n - third)
    at = np.arange(n)
    return np.asarray(slope * at + np.median(values - slope * at))


def _trend(values: Floats, window: int) -> Floats:
    """A running median; beyond the ends the series is continued mirrored in its end level, so that a slope goes on."""
    half = min(window // 2, (len(values) - 1) // 2)
    first, last = np.median(values[:3]), np.median(values[-3:])
    longer = np.concatenate([2 * first - values[half:0:-1], values, 2 * last - values[-2 : -half - 2 : -1]])
    medians = pl.Series(longer).rolling_median(2 * half + 1, center=True).to_numpy()
    return np.asarray(medians[half : half + len(values)], dtype=float)


def _slow(values: Floats, window: int) -> Floats:
    """A running median over whole seasons; at the ends it stays where it was, since a mirrored season is another one."""
    medians = pl.Series(values).rolling_median(min(window, len(values)), center=True)
    return np.asarray(medians.fill_null(strategy="forward").fill_null(strategy="backward").to_numpy(), dtype=float)


# -- seasons -------------------------------------------------------------------------------------------------------
def _seasons(values: Floats) -> tuple[Floats, tuple[int, ...]]:
    """The sum of up to two seasons (a day and a week, say), and their periods."""
    total, periods = np.zeros(len(values)), list[int]()
    for _ in range(_SEASONS):
        season, period = _season(values - total)
        if not period:
            break
        total += season
        periods.append(period)
    return total, tuple(sorted(periods))


def _season(values: Floats) -> tuple[Floats, int]:
    """The median at each place of the period that leaves least, if it explains enough; a longer period must leave clearly less."""
    best, least, found = np.zeros(len(values)), np.inf, 0
    for period in _PERIODS:
        if len(values) < 4 * period:
            continue
        detrended = values - _slow(values, 2 * period + 1)
        phase = np.arange(len(values)) % period
        middle = np.array([np.median(detrended[phase == p]) for p in range(period)])
        season = (middle - middle.mean())[phase]
        before, after = _size(detrended), _size(detrended - season)
        if after < (1 - _SEASON) * before and after < _BETTER * least:
            best, least, found = season, after, period
    return best, found


def _size(values: Floats) -> float:
    """The mean absolute value, a few far ones cut short."""
    size = np.abs(values)
    return float(np.minimum(size, np.quantile(size, 0.98)).mean())


# -- shifts of level -----------------------------------------------------------------------------------------------
def _shifts(values: Floats, spread: float) -> list[_Shift]:
    """Places where the level jumps by more than noise, and more than this series does elsewhere."""
    n, w = len(values), _WINDOW
    if n < 4 * w:
        return []
    jump, slope = _jumps(values)
    least = max(_SHIFT * spread, _USUAL_SHIFT * float(np.quantile(np.abs(jump), 0.25)) / _QUARTER)
    left = np.abs(jump)
    out: list[_Shift] = []
    while len(out) < _MOST_SHIFTS:
        i = int(left.argmax())
        if left[i] < least:
            break
        at = _sharpest(values, i + w, float(slope[i]))
        out.append(_Shift(at=at, size=float(jump[i]), distance=float(left[i] / spread)))
        left[max(0, i - 2 * w) : i + 2 * w] = 0
    return sorted(out, key=lambda s: s.at)


def _jumps(values: Floats) -> tuple[Floats, Floats]:
    """For every place: the median of the next twelve values less that of the last twelve and what the slope makes of it; the slope."""
    n, w = len(values), _WINDOW
    medians = np.concatenate([pl.Series(values).rolling_median(w).to_numpy()[w - 1 :], np.full(2 * w, np.nan)])
    before = np.arange(n - 2 * w + 1)  # where the window that ends at the place begins
    after = before + w
    earlier = np.where(before >= w, medians[before - w], np.nan)
    slopes = np.stack([medians[before] - earlier, medians[after + w] - medians[after]]) / w
    slope = np.nansum(slopes, axis=0) / np.maximum(np.isfinite(slopes).sum(axis=0), 1)
    return np.asarray(medians[after] - medians[before] - w * slope), np.asarray(slope)


def _sharpest(values: Floats, middle: int, slope: float) -> int:
    """Where exactly the step is: the split of the neighbourhood that leaves the least spread on both sides."""
    low, high = max(0, middle - _WINDOW), min(len(values), middle + _WINDOW)
    part = values[low:high] - slope * np.arange(high - low)
    costs = [np.abs(part[:k] - np.median(part[:k])).sum() + np.abs(part[k:] - np.median(part[k:])).sum() for k in range(2, len(part) - 1)]
    return low + 2 + int(np.argmin(costs))
