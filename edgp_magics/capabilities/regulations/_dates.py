"""Columns as dates, whatever they were typed as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from ...frames import Column

_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y%m%d",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%B %d, %Y",
)
_MONTH_FIRST = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y"}


def as_dates(column: Column) -> pl.Series:
    """The column as a polars series of dates.

    Text is read in the one format that fits most values, so that a column is never read half day-first; what does
    not fit is null. Where day-first and month-first fit alike, day-first is taken.
    """
    series = column.series
    if column.kind == "date":
        return series
    if column.kind == "datetime":
        return series.dt.replace_time_zone(None).dt.date()
    if column.kind not in ("string", "mixed", "integer", "float"):
        return pl.Series(series.name, [None] * len(series), dtype=pl.Date)
    whole = column.kind in ("integer", "float")
    chosen = _format(_trimmed(column.text_counts["value"].head(_LOOKED_AT), whole=whole))
    if chosen is None:
        return pl.Series(series.name, [None] * len(series), dtype=pl.Date)
    found = _trimmed(column.text, whole=whole).str.to_date(chosen, strict=False, exact=True)
    return found.set(~found.dt.year().is_between(1850, 2200), None)


def either_way(column: Column) -> bool:
    """Whether the dates are read day first though month first would fit as well and give other days: nothing in them tells."""
    if column.kind not in ("string", "mixed"):
        return False
    values = _trimmed(column.text_counts["value"].head(_LOOKED_AT), whole=False)
    other = _MONTH_FIRST.get(_format(values) or "")
    if other is None:
        return False
    one, two = (values.str.to_date(f, strict=False, exact=True) for f in (_format(values) or "", other))
    return one.null_count() == two.null_count() and bool((one != two).any())


_LOOKED_AT = 2_000
_TIME = r"[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]{1,9})?\s*(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})?$"


def _trimmed(text: pl.Series, *, whole: bool) -> pl.Series:
    """Texts without blanks and time of day; of numbers only those of eight digits can be dates."""
    text = text.str.strip_chars().str.replace(r"\.0$", "").str.replace(_TIME, "")
    return text.set(text.str.len_chars() != 8, None) if whole else text


def _format(values: pl.Series) -> str | None:
    """The format that fits most of the values; None when none fits any."""
    fits = {f: len(values) - values.str.to_date(f, strict=False, exact=True).null_count() for f in _FORMATS}
    best = max(fits, key=lambda f: fits[f])
    return best if fits[best] else None


def unreadable(column: Column, dates: pl.Series) -> pl.Series:
    """Where the column holds something that is no date."""
    blank = column.text.str.strip_chars().str.len_chars() == 0
    return column.text.is_not_null() & ~blank & dates.is_null()
