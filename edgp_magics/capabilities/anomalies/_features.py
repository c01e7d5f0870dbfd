"""Columns of any type as numbers in which distance means something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from ...frames import Column, Frame
from ...values import Progress
from ._axis import TimeAxis
from ._series import SeriesReading

Floats = np.ndarray[Any, np.dtype[np.float64]]
FeatureKind = Literal["number", "series", "date", "rarity", "length", "missing"]
_CATEGORIES = 0.2
_MISSING = 0.002
_COUNTED = 0.9
_HUGE = 1e100
_LARGEST = 1e300
_DATES = ("date", "datetime")


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One number per row made from a column: its value, its date in days, how rare its value is, its length, whether it is missing."""

    column: str
    kind: FeatureKind
    values: Floats


@dataclass(frozen=True, kw_only=True)
class Features:
    """All features of a frame, and the columns that were left out with the reason."""

    items: tuple[Feature, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    def matrix(self) -> Floats:
        """Rows by features."""
        return np.column_stack([f.values for f in self.items]) if self.items else np.zeros((0, 0))


def features_of(frame: Frame, progress: Progress, axis: TimeAxis | None = None, reading: SeriesReading | None = None) -> Features:
    """Numbers as they are (along a time axis: what trend and season leave of them), dates in days, categories as the surprise of
    their value, long text as length and rarity of form.

    A missing value is set to the middle of its column; where some are missing, that is a feature of its own. Columns that
    never vary, and those that only count or name rows, are left out; so are the dates of a time axis.
    """
    items: list[Feature] = []
    left: list[tuple[str, str]] = []
    for column in frame:
        progress.step()
        if axis is not None and column.name == axis.column:
            left.append((column.name, "the time axis"))
            continue
        made, why = _features(column, frame.rows)
        rest = reading.rest.get(column.name) if reading is not None else None
        if rest is not None:
            made = [f if f.kind != "number" else Feature(column=f.column, kind="series", values=_filled(rest)) for f in made]
        items += [Feature(column=f.column, kind=f.kind, values=_tamed(f.values)) for f in made if _varies(f.values)]
        if why:
            left.append((column.name, why))
    return Features(items=tuple(items), left_out=tuple(left))


def _tamed(values: Floats) -> Floats:
    """Numbers so large that their squares would overflow, in another unit."""
    peak = float(np.abs(values).max())
    return values if peak < _HUGE else values / peak


def _varies(values: Floats) -> bool:
    return len(values) > 0 and bool(values.max() > values.min())


def _features(column: Column, rows: int) -> tuple[list[Feature], str]:
    kind = column.kind
    nulls = column.null_count
    if nulls >= rows:
        return [], "no values"
    out: list[Feature] = []
    if _MISSING * rows <= nulls < rows:
        gone = column.series.is_null().to_numpy().astype(float)
        out.append(Feature(column=column.name, kind="missing", values=gone))
    if kind in ("integer", "float", "decimal", "boolean", "duration"):
        values = _number(column)
        if kind == "integer" and _names_rows(values):
            return out, "whole numbers that name the rows"
        return [Feature(column=column.name, kind="number", values=_filled(values)), *out], ""
    if kind in _DATES:
        days = column.series.cast(pl.Datetime("us")).to_physical().cast(pl.Float64).to_numpy() / 86_400e6
        return [Feature(column=column.name, kind="date", values=_filled(days)), *out], ""
    return _text_features(column, rows, out)


def _number(column: Column) -> Floats:
    if column.kind == "duration":
        return np.asarray(column.series.to_physical().cast(pl.Float64).to_numpy(), dtype=float)
    if column.kind == "boolean":
        return np.asarray(column.series.cast(pl.Float64).to_numpy(), dtype=float)
    return column.numbers()


def _names_rows(values: Floats) -> bool:
    """Whether whole numbers (nearly) never repeat and fill their range evenly: they count rows and measure nothing."""
    known = values[np.isfinite(values)]
    if len(known) < 20:
        return False
    ordered = np.unique(known)
    span = ordered[-1] - ordered[0] + 1
    steps = np.diff(ordered)
    return bool(
        len(ordered) > 0.98 * len(known) and np.quantile(steps, 0.99) <= 20 * max(1.0, float(np.median(steps))) and span < 50 * len(known)
    )


def _filled(values: Floats) -> Floats:
    """Nulls at the median, infinities at the ends of what is finite."""
    values = np.where(np.isfinite(values), np.clip(values, -_LARGEST, _LARGEST), values)
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.zeros(len(values))
    low, high = float(finite.min()), float(finite.max())
    reach = max(high - low, 1.0)
    return np.nan_to_num(values, nan=float(np.median(finite)), posinf=high + reach, neginf=low - reach)


def _text_features(column: Column, rows: int, out: list[Feature]) -> tuple[list[Feature], str]:
    if column.kind in ("null",):
        return out, "no values"
    counts = column.text_counts
    if counts.height <= max(2, _CATEGORIES * rows):
        return [Feature(column=column.name, kind="rarity", values=_rarity(column.text)), *out], ""
    text = column.text.str.replace(r"[0-9]+", "9") if _counts_rows(column.text) else column.text
    sizes = text.str.len_chars().cast(pl.Float64).to_numpy()
    form = text.str.slice(0, 40).str.replace_all(r"[0-9]", "9").str.replace_all(r"\p{L}+", "a")
    made = [Feature(column=column.name, kind="length", values=np.log1p(_filled(sizes)))]
    if form.n_unique() <= _CATEGORIES * rows:
        made.append(Feature(column=column.name, kind="rarity", values=_rarity(form)))
    return [*made, *out], ""


def _counts_rows(texts: pl.Series) -> bool:
    """Whether the first number in each text counts the rows (``user7``, ``O-1024``): how many digits it has means nothing."""
    numbers = texts.str.extract(r"([0-9]{1,15})").cast(pl.Float64)
    return bool(numbers.is_not_null().sum() >= _COUNTED * len(texts)) and _names_rows(numbers.to_numpy())


def _rarity(texts: pl.Series) -> Floats:
    """How surprising each value is: minus the logarithm of its share; a missing one is as usual as the middle."""
    frame = texts.alias("v").to_frame().with_columns(pl.len().over("v").alias("n"))
    share = frame["n"].cast(pl.Float64) / max(1, len(texts) - texts.null_count())
    surprise = -share.log().to_numpy()
    known = texts.is_not_null().to_numpy()
    return np.where(known, surprise, float(np.median(surprise[known])) if known.any() else 0.0)
