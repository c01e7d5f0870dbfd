"""What checks see of a frame: its columns as polars series, in slices, with distinct values where they repeat."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from ...errors import ColumnNotFound
from ...frames import Column, Frame
from ...values import Progress
from ._missing import LONGEST, RECURS, SENTINEL_DAYS, SENTINELS, SPELLINGS, coded_days, coded_numbers, coded_texts, is_coded_missing

SLICE = 500_000
"""Rows handled between two chances to stop."""
_KEEP_ALL = 2_000_000
_SAMPLE = 2_000
_FEW = 200
_NAMES = re.compile(r"(?i)name\b|name$")
_GOLDEN = 0.6180339887498949


class CheckTable:
    """Columns of one frame while its checks run: series, hashes and distinct values are made once and shared."""

    def __init__(self, frame: Frame, progress: Progress) -> None:
        self.frame = frame
        self.progress = progress
        self.rows = frame.rows
        self.said: list[str] = []
        """What the check at work could not read of its columns."""
        self._series: dict[str, pl.Series] = {}
        self._hashes: dict[tuple[str, ...], pl.Series] = {}
        self._codes: dict[str, tuple[np.ndarray[Any, Any], pl.Series] | None] = {}
        self._missing: dict[str, tuple[dict[Any, int], int]] = {}

    def column(self, name: str) -> Column:
        """The column of this name; an unknown one raises with the nearest."""
        return self.frame.column(self.frame.position(name))

    def series(self, name: str) -> pl.Series:
        """The column as a series (nested and binary cells as text)."""
        column = self.column(name)
        if column.kind in ("nested", "binary"):
            return column.text
        if column.name not in self._series:
            if self.rows > _KEEP_ALL:  # views of strings cost 16 bytes a row: hold one column at a time
                self._series.clear()
            self._series[column.name] = as_series(column)
        return self._series[column.name]

    def text(self, name: str) -> pl.Series:
        """The column as text."""
        series = self.series(name)
        return series if series.dtype == pl.String else self.column(name).text

    def nulls(self, name: str) -> pl.Series | None:
        """Where the column is null; None where it has no null."""
        series = self.series(name)
        return series.is_null() if series.null_count() else None

    def null_count(self, name: str) -> int:
        """How many cells of the column are null."""
        return int(self.series(name).null_count())

    def coded(self, name: str) -> Mapping[Any, int]:
        """What stands for "missing" in the column without being null or blank, with how many cells say it."""
        return self._coded_missing(name)[0]

    def coded_count(self, name: str) -> int:
        """How many cells of the column are blank or say that the value is missing."""
        codes, blank = self._coded_missing(name)
        return sum(codes.values()) + blank

    def says_nothing(self, name: str, values: pl.Series) -> pl.Series:
        """Whether each of these texts of the column is blank or stands for a missing value."""
        return is_coded_missing(values, self.coded(name))

    def _coded_missing(self, name: str) -> tuple[dict[Any, int], int]:
        if name not in self._missing:
            kind = self.column(name).kind
            if kind in ("string", "mixed"):
                self._missing[name] = self._coded_texts(name)
            elif kind in ("integer", "float", "decimal", "date", "datetime"):
                self._missing[name] = self._coded_values(name), 0
            else:
                self._missing[name] = {}, 0
        return self._missing[name]

    def _coded_texts(self, name: str) -> tuple[dict[Any, int], int]:
        blank = short = 0
        hits: dict[str, int] = {}
        for values, weights in self._texts_weighed(name):
            sizes = values.str.len_bytes()
            short += int(weights.filter(sizes <= 2).sum())
            where = (sizes <= LONGEST).arg_true()
            stripped, counted = values.gather(where).str.strip_chars(), weights.gather(where)
            blank += int(counted.filter(stripped == "").sum())
            found = stripped.is_in(list(SPELLINGS)).arg_true()
            for value, count in zip(stripped.gather(found).to_list(), counted.gather(found).to_list(), strict=True):
                hits[value] = hits.get(value, 0) + count
        said = self.rows - self.null_count(name) - blank
        ranked = sorted(hits.items(), key=lambda vn: (-vn[1], vn[0]))
        codes = coded_texts(ranked, rest=said - sum(hits.values()), short=short / max(1, said + blank), names=bool(_NAMES.search(name)))
        return dict(codes), blank

    def _texts_weighed(self, name: str) -> Iterable[tuple[pl.Series, pl.Series]]:
        """The texts of the column with how often each stands: distinct values, or slices of rows counted once each."""
        coded = self.distinct(name)
        if coded is not None:
            codes, values = coded
            yield values, pl.Series(np.bincount(codes[codes >= 0], minlength=len(values)))
            return
        texts = self.text(name)
        for start in range(0, self.rows, SLICE):
            self.progress.step()
            piece = texts.slice(start, SLICE).drop_nulls()
            yield piece, pl.repeat(1, len(piece), dtype=pl.Int64, eager=True)

    def _coded_values(self, name: str) -> dict[Any, int]:
        """Sentinel numbers or days; columns are sorted only where some recur."""
        series = self.series(name)
        if series.dtype.is_temporal():
            days = pl.Series([dt.date.fromisoformat(d) for d in SENTINEL_DAYS])
            if int(series.cast(pl.Date).is_in(days.implode()).sum() or 0) < RECURS:
                return {}
            ordered = series.drop_nulls().cast(pl.Date).to_physical().sort().to_numpy()
            return {dt.date.fromisoformat(day): n for day, n in coded_days(ordered, 1)}
        numbers = series.cast(pl.Float64)
        if int(numbers.is_in([float(s) for s in SENTINELS]).sum() or 0) < RECURS:
            return {}
        return dict(coded_numbers(numbers.filter(numbers.is_finite()).sort().to_numpy()))

    def distinct(self, name: str) -> tuple[np.ndarray[Any, Any], pl.Series] | None:
        """Codes per row and the distinct values of a text column with few of them, else None; -1 codes a null."""
        if name not in self._codes:
            self._codes[name] = self._encode(name)
        return self._codes[name]

    def _encode(self, name: str) -> tuple[np.ndarray[Any, Any], pl.Series] | None:
        column = self.column(name)
        if column.kind not in ("string", "mixed") or not self.rows:
            return None
        if self.rows <= _SAMPLE or self.series(name).gather(_scattered(self.rows)).n_unique() > _FEW:
            return None
        self.progress.step()
        encoded = column.array.dictionary_encode().unify_dictionaries()
        words = encoded.chunk(0).dictionary if encoded.num_chunks else None
        if words is not None and len(words) > _FEW * 5:
            return None
        parts = [c.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int16) for c in encoded.chunks]
        codes = np.concatenate(parts) if parts else np.zeros(0, np.int16)
        values = pl.Series("value", words.to_pylist() if words is not None else [], dtype=pl.String)
        return codes, values

    def where_value(self, name: str, bad: Callable[[pl.Series], pl.Series]) -> pl.Series:
        """Rows whose text is ``bad``, judged on distinct values where they repeat; null where the cell is null."""
        coded = self.distinct(name)
        if coded is None:
            return self.sliced([self.text(name)], lambda parts: bad(parts[0]))
        codes, values = coded
        flags = np.append(bad(values).fill_null(value=False).to_numpy(), False)
        return pl.Series(flags[codes])

    def sliced(self, columns: Iterable[pl.Series], work: Callable[[list[pl.Series]], pl.Series]) -> pl.Series:
        """``work`` done on slices of the columns, with a chance to stop between them."""
        every = list(columns)
        if self.rows <= SLICE:
            self.progress.step()
            return work(every)
        parts = []
        for start in range(0, self.rows, SLICE):
            self.progress.step()
            parts.append(work([s.slice(start, SLICE) for s in every]))
        return pl.concat(parts)

    def hashed(self, names: tuple[str, ...]) -> pl.Series:
        """A 64-bit hash per row of these columns; equal cells have equal hashes, nulls included."""
        if names not in self._hashes:
            self.progress.step()
            self._hashes[names] = self._hash(names)
            if self.rows > _KEEP_ALL and len(self._hashes) > 2:
                self._hashes.pop(next(iter(self._hashes)))
        return self._hashes[names]

    def _hash(self, names: tuple[str, ...]) -> pl.Series:
        if len(names) == 1:
            series = self.series(names[0])
            return series.hash() if series.dtype != pl.Null else pl.zeros(self.rows, dtype=pl.UInt64, eager=True)
        return pl.DataFrame({f"k{i}": self.hashed((n,)) for i, n in enumerate(names)}).hash_rows()

    def recurring(self, names: tuple[str, ...], skip: pl.Series | None = None) -> pl.Series:
        """Row positions (ascending) whose values in these columns occur in another row, too; ``skip`` rows aside.

        Hashes find candidates; the values themselves decide, so a collision cannot lie.
        """
        hashes = self.hashed(names)
        kept = hashes.filter(~skip) if skip is not None else hashes
        ordered = kept.sort()
        again = ordered.filter((ordered == ordered.shift(1)).fill_null(value=False)).unique()
        if not len(again):
            return pl.Series([], dtype=pl.UInt32)
        self.progress.step()
        hit = hashes.is_in(again.implode()) if len(again) < len(hashes) else pl.repeat(True, len(hashes), eager=True)
        if skip is not None:
            hit = hit & ~skip
        rows = hit.arg_true()
        cells = pl.DataFrame({f"k{i}": self.series(n).gather(rows) for i, n in enumerate(names)})
        return rows.filter(cells.is_duplicated())

    def select(self, expression: pl.Expr, condition: str, instead: Mapping[str, pl.Series] | None = None) -> pl.Series:
        """An expression over columns by their names, in slices; what does not run is a ColumnNotFound or polars error.

        ``instead`` holds columns as they were read, to be taken in place of their texts.
        """
        names = list(dict.fromkeys(expression.meta.root_names()))
        for name in names:
            if name not in self.frame:
                raise ColumnNotFound(name, of=self.frame.name, known=self.frame.columns)
        if not names:
            return pl.repeat(bool(pl.select(expression).item()), self.rows, eager=True)
        read = instead or {}
        columns = [(read[n] if n in read else self.series(n)).alias(n) for n in names]
        return self.sliced(columns, lambda parts: pl.DataFrame(parts).select(expression.alias(condition[:20] or "x")).to_series())


def _scattered(rows: int) -> np.ndarray[Any, Any]:
    """Row positions spread evenly but at no fixed step, so that a table that repeats itself does not look poorer than it is."""
    return np.sort((np.arange(_SAMPLE) * _GOLDEN % 1 * rows).astype(np.int64))


def as_series(column: Column) -> pl.Series:
    """A column as a series without keeping it in the column's cache."""
    series = pl.from_arrow(column.array)
    assert isinstance(series, pl.Series)
    return series.rechunk().rename("value")  # sampling many chunks is slow


def as_column_value(series: pl.Series, value: Any) -> Any:
    """``value`` as the type of the series, so that both compare: text to dates and numbers, dates to datetimes.

    >>> as_column_value(pl.Series([dt.datetime(2020, 1, 1)]), "2020-06-01")
    datetime.datetime(2020, 6, 1, 0, 0)
    """
    kind = series.dtype
    if kind.is_temporal() and kind not in (pl.Time, pl.Duration):
        return _as_moment(kind, value)
    if kind.is_numeric() and isinstance(value, str):
        number = float(value.replace(",", "").replace("_", ""))
        return int(number) if kind.is_integer() and number.is_integer() else number
    if kind == pl.String and not isinstance(value, str):
        return str(value)
    if kind == pl.Boolean and isinstance(value, str):
        return value.strip().lower() in ("true", "yes", "1", "t", "y")
    return value


def _as_moment(kind: pl.DataType, value: Any) -> Any:
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    if not isinstance(value, dt.date):
        raise ValueError(f"dates cannot be held against {value}: give a date such as 2026-01-31")
    if kind == pl.Date:
        return value.date() if isinstance(value, dt.datetime) else value
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)
    zone = getattr(kind, "time_zone", None)
    if isinstance(value, dt.datetime):
        if zone and value.tzinfo is None:
            return value.replace(tzinfo=dt.UTC)
        if not zone and value.tzinfo is not None:
            return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value


def plain_counts(table: CheckTable, name: str) -> Mapping[str, int]:
    """Distinct values of a column with few of them, with counts; empty where it has many."""
    coded = table.distinct(name)
    if coded is None:
        return {}
    codes, values = coded
    return dict(zip(values.to_list(), np.bincount(codes[codes >= 0], minlength=len(values)).tolist(), strict=True))
