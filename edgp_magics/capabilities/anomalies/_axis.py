"""What orders the rows in time: a column of dates (also as text), or the index; one series, or one per entity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ...frames import Column, Frame

Floats = np.ndarray[Any, np.dtype[np.float64]]
Places = np.ndarray[Any, np.dtype[np.intp]]
LEAST = 30
"""Fewer points make no series."""
INDEX = "the index"
_REGULAR = 0.8
_REPEATED = 0.02
_UNKNOWN = 0.01
_ENTITIES = 500
_PROBED = 20
_PARSED = 0.99


@dataclass(frozen=True, kw_only=True, eq=False)
class TimeAxis:
    """Moments in seconds by row (NaN where unknown), and the rows of every series in order of time.

    ``column`` is the column of dates (None for the index), ``by`` the column that tells series apart (None for one series).
    """

    name: str
    moments: Floats
    series: tuple[Places, ...]
    column: str | None
    by: str | None = None


def time_axis(frame: Frame) -> TimeAxis | None:
    """The first dates at mostly equal steps, hardly any missing or repeated: over all rows, else within each value of a column."""
    if frame.rows < LEAST:
        return None
    dated = list(_dated(frame))
    for column, moments in dated:
        rows = _ordered(moments)
        if _regular(moments[rows]):
            return TimeAxis(name=column or INDEX, moments=moments, series=(rows,), column=column)
    return next((panel for column, moments in dated if (panel := _panel(frame, column, moments)) is not None), None)


def _dated(frame: Frame) -> Iterator[tuple[str | None, Floats]]:
    """Columns of dates, then text that is all ISO dates, then the index; none with many nulls."""
    for column in frame:
        if column.kind in ("date", "datetime") and column.null_count <= _UNKNOWN * frame.rows:
            yield column.name, _seconds(column.series)
    for column in frame:
        if column.kind == "string" and column.null_count <= _UNKNOWN * frame.rows:
            parsed = _parsed(column)
            if parsed is not None:
                yield column.name, _seconds(parsed)
    if hasattr(frame.row_labels([0])[0], "isoformat"):
        labels = [getattr(label, "to_pydatetime", lambda label=label: label)() for label in frame.row_labels(range(frame.rows))]
        yield None, _seconds(pl.Series(labels, strict=False))


def _seconds(dates: pl.Series) -> Floats:
    return np.asarray(dates.cast(pl.Datetime("us")).to_physical().cast(pl.Float64).to_numpy(), dtype=float) / 1e6


def _parsed(column: Column) -> pl.Series | None:
    """ISO dates in text as dates, if (nearly) all are."""
    first = column.series.drop_nulls().head(_PROBED).str.strip_chars()
    if not len(first) or not first.str.contains(r"^\d{4}-\d{2}-\d{2}").all():
        return None
    day = column.series.str.strip_chars().str.replace("T", " ")
    dates = day.str.to_datetime("%Y-%m-%d", strict=False, exact=True)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        if dates.null_count():
            dates = dates.fill_null(day.str.to_datetime(form, strict=False))
    return dates if dates.is_not_null().sum() >= _PARSED * len(day) else None


def _ordered(moments: Floats, among: Places | None = None) -> Places:
    """Row positions in order of time, unknown ones left out."""
    rows = np.arange(len(moments)) if among is None else among
    rows = rows[np.isfinite(moments[rows])]
    return rows[np.argsort(moments[rows], kind="stable")]


def _regular(moments: Floats) -> bool:
    steps = np.diff(moments)
    if not len(steps) or (steps == 0).mean() > _REPEATED or (steps > 0).sum() < LEAST - 1:
        return False
    usual = float(np.median(steps[steps > 0]))
    return float((np.abs(steps - usual) <= 0.1 * usual).mean()) >= _REGULAR


def _panel(frame: Frame, column: str | None, moments: Floats) -> TimeAxis | None:
    """One series per value of a column: within (nearly) every value the dates are regular."""
    for entity in frame:
        if entity.name == column or entity.kind not in ("string", "integer", "boolean") or entity.null_count:
            continue
        groups = entity.counts.height
        if not 2 <= groups <= min(_ENTITIES, frame.rows // LEAST):
            continue
        codes = entity.series.rank("dense").to_numpy().astype(np.int64)
        found = [_ordered(moments, np.flatnonzero(codes == code)) for code in np.unique(codes)]
        long = tuple(rows for rows in found if len(rows) >= LEAST and _regular(moments[rows]))
        if sum(map(len, long)) >= _REGULAR * frame.rows:
            return TimeAxis(name=f"{column or INDEX} by {entity.name}", moments=moments, series=long, column=column, by=entity.name)
    return None
