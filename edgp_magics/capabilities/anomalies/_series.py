"""Time series: gaps in time, points that break trend and season, and shifts of level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ...frames import Frame
from ...values import Progress

Floats = np.ndarray[Any, np.dtype[np.float64]]
_LEAST = 30
_REGULAR = 0.8
_GAP = 3.0
_POINT = 6.0
_SHIFT = 6.0
_PERIODS = (7, 12, 24, 4, 52, 30, 168, 96)
_SEASON = 0.3
_WINDOW = 12
_MOST = 200


@dataclass(frozen=True, kw_only=True)
class SeriesPoint:
    """Something odd at one place of a series: ``gap``, ``point`` or ``level_shift``; ``distance`` in spreads (or steps for a gap)."""

    row: int
    column: str
    kind: str
    distance: float
    why: str


def time_axis(frame: Frame) -> str | None:
    """The column that orders the rows in time: dates, hardly any missing or repeated, at mostly equal steps; None without one."""
    for column in frame:
        if column.kind not in ("date", "datetime") or frame.rows < _LEAST or column.null_count > 0.01 * frame.rows:
            continue
        moments = np.sort(_moments(frame, column.name))
        moments = moments[np.isfinite(moments)]
        steps = np.diff(moments)
        if not len(steps) or (steps == 0).mean() > 0.02 or (steps > 0).sum() < _LEAST:
            continue
        usual = float(np.median(steps[steps > 0]))
        if float((np.abs(steps - usual) <= 0.1 * usual).mean()) >= _REGULAR:
            return column.name
    return None


def _moments(frame: Frame, name: str) -> Floats:
    series = frame.column(name).series.cast(pl.Datetime("us")).to_physical().cast(pl.Float64)
    return np.asarray(series.to_numpy(), dtype=float) / 1e6


def find_points(frame: Frame, axis: str, progress: Progress) -> tuple[SeriesPoint, ...]:
    """Gaps on the axis, then points and shifts of every numeric column along it; at most 200 of each column, the farthest first."""
    moments = _moments(frame, axis)
    order = np.argsort(moments, kind="stable")
    order = order[np.isfinite(moments[order])]
    found = _gaps(axis, moments[order], order)
    places, rows = _grid(moments[order], order)
    for column in frame:
        if column.kind in ("integer", "float", "decimal"):
            progress.step()
            values = np.full(len(rows), np.nan)
            values[places] = column.numbers()[order]
            if np.isfinite(values).sum() >= _LEAST and np.nanstd(values[np.isfinite(values)]) > 0:
                found += _of_column(column.name, values, rows)
    return tuple(found)


def _grid(moments: Floats, order: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Places on an even grid of steps, and the row at (or after) every place; where gaps are too wide to fill, as ordered."""
    steps = np.diff(moments)
    places = np.rint((moments - moments[0]) / float(np.median(steps[steps > 0]))).astype(np.int64)
    if places[-1] > 3 * len(order) or (np.diff(places) <= 0).any():
        return np.arange(len(order)), order
    return places, order[np.searchsorted(places, np.arange(places[-1] + 1))]


def _gaps(axis: str, moments: Floats, order: np.ndarray[Any, Any]) -> list[SeriesPoint]:
    steps = np.diff(moments)
    usual = float(np.median(steps[steps > 0]))
    wide = np.flatnonzero(steps >= _GAP * usual)[:_MOST]
    return [
        SeriesPoint(
            row=int(order[i + 1]),
            column=axis,
            kind="gap",
            distance=round(float(steps[i] / usual), 1),
            why=f"{steps[i] / usual - 1:.0f} steps are missing before it",
        )
        for i in wide
    ]


def _of_column(name: str, values: Floats, order: np.ndarray[Any, Any]) -> list[SeriesPoint]:
    filled = _interpolated(values)
    season, period = _season(filled - _rolling_median(filled, _WINDOW * 2 + 1))
    plain = filled - season
    shifts = _shifts(name, plain, order, _spread(plain - _rolling_median(plain, _WINDOW * 2 + 1)))
    level = _levelled(plain, [at for _, at in shifts])
    rest = level - _rolling_median(level, _WINDOW * 2 + 1)
    far = np.abs(rest) / _spread(rest[np.isfinite(values)])
    near = {i for _, at in shifts for i in range(at - 2, at + 3)}
    points = [i for i in np.argsort(-far, kind="stable")[:_MOST] if far[i] >= _POINT and i not in near and np.isfinite(values[i])]
    words = f"breaks its season of {period} steps" if period else "breaks its trend"
    out = [SeriesPoint(row=int(order[i]), column=name, kind="point", distance=round(float(far[i]), 1), why=words) for i in sorted(points)]
    return [*(s for s, _ in shifts), *out]


def _spread(values: Floats) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values)))) or float(values.std()) or 1.0


def _levelled(values: Floats, shifts: list[int]) -> Floats:
    """The series with its shifts of level taken back, so that points beside a shift are judged by their own level."""
    out = values.copy()
    for at in shifts:
        out[at:] -= np.median(out[at : at + _WINDOW]) - np.median(out[max(0, at - _WINDOW) : at])
    return out


def _interpolated(values: Floats) -> Floats:
    at = np.arange(len(values))
    known = np.isfinite(values)
    return np.interp(at, at[known], values[known])


def _rolling_median(values: Floats, window: int) -> Floats:
    size = min(window, len(values))
    series = pl.Series(values).rolling_median(size, center=True, min_samples=1)
    return np.asarray(series.to_numpy(), dtype=float)


def _season(detrended: Floats) -> tuple[Floats, int]:
    """The median at each place of the period that explains most, if any does."""
    best, share, found = np.zeros(len(detrended)), _SEASON, 0
    total = float(np.median(np.abs(detrended - np.median(detrended))))
    for period in _PERIODS:
        if len(detrended) < 4 * period or total <= 0:
            continue
        phase = np.arange(len(detrended)) % period
        middle = np.array([np.median(detrended[phase == p]) for p in range(period)])
        left = float(np.median(np.abs(detrended - middle[phase])))
        if 1 - left / total > share + (0.05 if found else 0):
            best, share, found = middle[phase], 1 - left / total, period
    return best, found


def _shifts(name: str, values: Floats, order: np.ndarray[Any, Any], spread: float) -> list[tuple[SeriesPoint, int]]:
    """Places where the median of the next twelve values leaves that of the last twelve for good."""
    n, w = len(values), _WINDOW
    if n < 4 * w:
        return []
    medians = np.asarray(pl.Series(values).rolling_median(w).to_numpy(), dtype=float)
    before, after = medians[w - 1 : n - w], medians[2 * w - 1 : n]
    jump = np.abs(after - before) / spread
    out: list[tuple[SeriesPoint, int]] = []
    while len(jump) and len(out) < 10:
        i = int(jump.argmax())
        if jump[i] < _SHIFT:
            break
        at = _sharpest(values, i + w, w)
        why = "the level rises" if after[i] > before[i] else "the level falls"
        out.append((SeriesPoint(row=int(order[at]), column=name, kind="level_shift", distance=round(float(jump[i]), 1), why=why), at))
        jump[max(0, i - 2 * w) : i + 2 * w] = 0
    return sorted(out, key=lambda pair: pair[1])


def _sharpest(values: Floats, middle: int, window: int) -> int:
    """Where exactly the step is: the split of the neighbourhood that leaves the least spread on both sides."""
    low, high = max(0, middle - window), min(len(values), middle + window)
    part = values[low:high]
    costs = [np.abs(part[:k] - np.median(part[:k])).sum() + np.abs(part[k:] - np.median(part[k:])).sum() for k in range(2, len(part) - 1)]
    return low + 2 + int(np.argmin(costs))
