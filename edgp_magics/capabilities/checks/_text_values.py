"""Columns of text read as the dates or numbers they are compared with; what cannot be read is counted, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from ...values import plural
from ._table import CheckTable

_PROBE = 500
_NEARLY = 0.8
_HALF = 0.5
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?Z?")


@dataclass(frozen=True)
class Reading:
    """A column of text as dates or numbers (``what``): null where the cell is null or cannot be read."""

    values: pl.Series
    unread: int
    filled: int
    what: str

    @property
    def mostly_unread(self) -> bool:
        """Whether so little was read that the column holds something else."""
        return self.filled - self.unread < _HALF * self.filled

    def said(self, name: str) -> str:
        """How many cells could not be read, in words; blank where all could."""
        if not self.unread:
            return ""
        why = " (no day, or nothing tells which part is the month)" if self.what == "date" else ""
        return f"{plural(self.unread, 'cell')} of `{name}` could not be read as a {self.what}{why}"

    def refusal(self, name: str) -> str:
        """Why nothing is judged, and the next move."""
        kind = "any_date" if self.what == "date" else "number"
        return (
            f"{self.said(name)}, out of {self.filled:,}: `{name} is {kind}` shows which; `clean` may repair them, or compare another column"
        )


def is_day_text(value: object) -> bool:
    """Whether a literal is a day or moment written the ISO way.

    >>> is_day_text("2026-05-01"), is_day_text("2026"), is_day_text(3)
    (True, False, False)
    """
    return isinstance(value, str) and _DAY.fullmatch(value.strip()) is not None


def read_dates(texts: pl.Series) -> Reading:
    """Texts as moments: ISO first, other ways of writing where the column tells which part is the month.

    >>> found = read_dates(pl.Series(["2026-05-03", "25/04/2026", "12/05/2026", "May 3, 2026", "soon"]))
    >>> found.values.dt.date().cast(str).to_list(), found.unread
    (['2026-05-03', '2026-04-25', '2026-05-12', '2026-05-03', None], 1)
    """
    stripped = texts.str.strip_chars()
    moments = _iso(stripped)
    where = (moments.is_null() & stripped.is_not_null()).arg_true()
    if len(where):
        moments = moments.scatter(where, _otherwise(stripped.gather(where)))
    return _reading(texts, moments, "date")


def read_numbers(texts: pl.Series) -> Reading:
    """Texts as numbers."""
    return _reading(texts, texts.str.strip_chars().cast(pl.Float64, strict=False), "number")


def nearly_all_read(table: CheckTable, names: Iterable[str], read: Callable[[pl.Series], Reading]) -> bool:
    """Whether columns of text are of dates (or numbers), by an even sample of each."""
    for name in names:
        texts = table.series(name).drop_nulls()
        probe = read(texts.gather_every(max(1, len(texts) // _PROBE)))
        if not probe.filled or probe.filled - probe.unread < _NEARLY * probe.filled:
            return False
    return True


def _reading(texts: pl.Series, values: pl.Series, what: str) -> Reading:
    return Reading(values, values.null_count() - texts.null_count(), len(texts) - texts.null_count(), what)


def _iso(texts: pl.Series) -> pl.Series:
    """ISO days and moments; a zone or fractions of a second are left out."""
    flat = texts.str.slice(0, 19).str.replace("T", " ", literal=True)
    seconds = flat.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    minutes = flat.str.slice(0, 16).str.to_datetime("%Y-%m-%d %H:%M", time_unit="us", strict=False)
    days = flat.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    return pl.select(pl.coalesce(seconds, minutes, days)).to_series()


def _otherwise(texts: pl.Series) -> pl.Series:
    from ..cleaning._dates import days_of  # the cleaner imports the checks

    counted = texts.value_counts(name="times", sort=False).sort(texts.name)
    words = counted[texts.name]
    days = pl.Series(days_of(words.to_list(), counted["times"].to_list()), dtype=pl.Date)
    return texts.replace_strict(words, days, return_dtype=pl.Date).cast(pl.Datetime("us"))
