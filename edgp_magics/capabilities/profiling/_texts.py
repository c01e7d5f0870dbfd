"""Statistics of text: on distinct values where they repeat, else on 64-bit hashes, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from ...frames import Column, spaced
from ...values import ROWS_KEPT, Progress
from ._missing import LONGEST, SPELLINGS, coded_texts
from ._model import SHOWN_ROWS, SHOWN_SHARE, Lengths, TopValue
from ._runs import Array, runs
from ._shapes import ShapeCounter, edged

CHUNK = 500_000
_PROBE = 4_000
_REPEATS = 0.3
"""A column is worked on by distinct values when a probe of rows holds fewer distinct values than this share."""
_TOP = 10
_BUCKETS = 64
CATEGORIES = 200
CATEGORY_LENGTH = 80
_NEARLY = 0.05
_SIEVE_BITS = 20
_SIEVE = 1 << _SIEVE_BITS
_BYTES = 60_000_000
_LENGTHS = 4096
_EXACT_LENGTHS = 128
_LENGTH_STEP = 1.125


def chunks(array: pa.ChunkedArray) -> Iterator[tuple[int, pa.Array]]:
    """The column in flat pieces with the position of their first row."""
    for start in range(0, len(array), CHUNK):
        piece = array.slice(start, CHUNK)
        yield start, pa.concat_arrays(piece.chunks) if piece.num_chunks != 1 else piece.chunk(0)


def as_series(array: pa.Array | pa.ChunkedArray) -> pl.Series:
    """An Arrow array as a polars Series."""
    series = pl.from_arrow(array)
    assert isinstance(series, pl.Series)
    return series


def in_order(values: Array) -> Array:
    """A sorted copy, by polars (quicker than numpy here) and without a second copy on the way."""
    out: Array = as_series(pa.array(values)).sort().to_numpy()
    return out


def repeats(column: Column) -> bool:
    """Whether values recur so often that distinct values are worth counting, judged on evenly spaced rows."""
    size = len(column)
    if size <= _PROBE:
        return True
    return bool(pc.count_distinct(spaced(column.array, _PROBE)).as_py() <= _REPEATS * _PROBE)


def text_fields(column: Column, progress: Progress, *, names: bool, personal: bool) -> dict[str, Any]:
    """The fields of a :class:`ColumnProfile` for a column of text."""
    if column.kind not in ("string", "mixed"):
        return _counted_fields(column, column.text_counts, progress, names=names, personal=personal)
    if repeats(column):
        return _counted_fields(column, value_counts(column, progress), progress, names=names, personal=personal)
    return _hashed_fields(column, progress, names=names)


def value_counts(column: Column, progress: Progress) -> pl.DataFrame:
    """Distinct values and counts, as ``column.counts``; counted in chunks where the column is large."""
    if len(column) <= 2 * CHUNK or "counts" in column._cache:
        return column.counts
    parts = []
    for _, piece in chunks(column.array):
        progress.step()
        parts.append(as_series(piece).drop_nulls().alias("value").to_frame().group_by("value").agg(pl.len().alias("count")))
    merged = pl.concat(parts).group_by("value").agg(pl.col("count").sum())
    return merged.sort(["count", "value"], descending=[True, False])


# -- by distinct values ------------------------------------------------------------------------------------------
def _counted_fields(column: Column, counts: pl.DataFrame, progress: Progress, *, names: bool, personal: bool) -> dict[str, Any]:
    total = int(counts["count"].sum())
    if not total:
        return {"distinct": 0}
    values, weights = counts["value"], counts["count"]
    trimmed = values.str.strip_chars()
    sizes = values.str.len_chars()
    blank = trimmed.str.len_bytes() == 0
    out = {
        "distinct": counts.height,
        "singletons": int((weights == 1).sum()),
        "min": values.min(),
        "max": values.max(),
        "blanks": int(weights.filter(blank).sum()),
        "padded": int(weights.filter((trimmed.str.len_bytes() != values.str.len_bytes()) & ~blank).sum()),
        "coded": coded_texts(counts, total, names=names),
        "top": tuple(_top(v, n, len(column)) for v, n in counts.head(_TOP).iter_rows()),
        "lengths": _lengths(np.bincount(np.minimum(sizes.to_numpy(), _LENGTHS), weights=weights.to_numpy()), sizes, weights),
        "repeated": () if 2 * counts.height < total else _recurring_rows(column, counts),
        "buckets": buckets(counts),
        "categories": {} if personal else categories(counts, len(column)),
    }
    counter = ShapeCounter()
    array = pa.array(values.to_arrow()).cast(pa.large_string())
    counter.add(array, weights.cast(pl.Int64), progress.step)
    return out | {"shapes": counter.shares(), "shapes_of": counter.rows, "shapes_unread": counter.unread}


def _recurring_rows(column: Column, counts: pl.DataFrame) -> tuple[int, ...]:
    """Positions of the first rows whose value recurs (values of ``counts`` with a count above one)."""
    again = counts.filter(pl.col("count") > 1)["value"]
    if not len(again) or float(counts["count"].sum()) * (1 - _NEARLY) > counts.height:
        return ()
    hits = column.text.is_in(again.implode()).fill_null(value=False).arg_true()
    return tuple(hits.head(ROWS_KEPT).to_list())


def buckets(counts: pl.DataFrame) -> tuple[int, ...]:
    """Rows per bucket of a hash of the value: enough to see a shift in a personal column, too little to name a value."""
    if counts.height > 20_000:
        return ()
    out = np.zeros(_BUCKETS, np.int64)
    for value, count in counts.iter_rows():
        out[bucket_of(value, _BUCKETS)] += count
    return tuple(map(int, out))


def bucket_of(value: Any, buckets: int) -> int:
    """The bucket a value falls in."""
    return xxhash.xxh3_64_intdigest(str(value).encode("utf-8", "surrogatepass")) % buckets


def categories(counts: pl.DataFrame, rows: int) -> dict[str, int]:
    """The values that may be shown, with their counts: what a later table is compared with."""
    often = counts.filter((pl.col("count") >= SHOWN_ROWS) & (pl.col("count") >= SHOWN_SHARE * rows))
    return {str(v)[:CATEGORY_LENGTH]: n for v, n in often.head(CATEGORIES).iter_rows()}


def _top(value: Any, count: int, rows: int) -> TopValue:
    return TopValue(value=value, shown="", count=count, share=count / rows)


def _lengths(tally: Array, sizes: pl.Series, weights: pl.Series) -> Lengths:
    total = float(weights.sum())
    return Lengths(
        min=int(sizes.min() or 0),  # type: ignore[arg-type]
        max=int(sizes.max() or 0),  # type: ignore[arg-type]
        mean=float((sizes.cast(pl.Float64) * weights.cast(pl.Float64)).sum()) / total,
        counts=_by_length(tally),
    )


def _by_length(tally: Array) -> tuple[tuple[int, int], ...]:
    """Rows by length: each length up to 128 by itself, longer ones in ranges that are the same for every table."""
    found = np.flatnonzero(tally)
    counts = np.bincount(np.searchsorted(_LENGTH_STARTS, found, "right") - 1, weights=tally[found])
    return tuple((int(_LENGTH_STARTS[i]), int(counts[i])) for i in np.flatnonzero(counts))


def _length_starts() -> Array:
    steps = np.arange(1, 1 + np.log(_LENGTHS / _EXACT_LENGTHS) / np.log(_LENGTH_STEP))
    return np.concatenate([np.arange(_EXACT_LENGTHS + 1), np.unique((_EXACT_LENGTHS * _LENGTH_STEP**steps).astype(np.int64))])


_LENGTH_STARTS = _length_starts()


# -- by hashes ---------------------------------------------------------------------------------------------------
def _hashed_fields(column: Column, progress: Progress, *, names: bool) -> dict[str, Any]:
    """Near-unique text: distinct and top values through hashes, so that no table of values is built."""
    tally = _Tally(len(column), names)
    hashes = np.empty(len(column) - column.null_count, np.uint64)
    filled = 0
    for _, piece in chunks(column.array):
        progress.step("profiling " + column.name[:40])
        whole = piece.drop_null() if piece.null_count else piece
        series = as_series(whole)
        hashes[filled : filled + len(series)] = series.hash().to_numpy()
        filled += len(series)
        progress.step()
        tally.add(whole, series, progress)
    ordered = in_order(hashes)
    del hashes
    found = runs(ordered, _TOP)
    progress.step()
    return tally.fields() | {
        "distinct": found.distinct,
        "distinct_how": "exact but for collisions of 64-bit hashes (chance below 1 in 100,000)",
        "singletons": found.singletons,
        "top": _name_hashes(column, [(int(h), n) for h, n in found.top if n >= SHOWN_ROWS]),
        **repeats_of(column, ordered, found.distinct, progress),
    }


def repeats_of(column: Column, ordered: Array, distinct: int, progress: Progress) -> dict[str, Any]:
    """What recurs in a nearly unique column, and the first rows that hold it."""
    again = recurring(ordered, distinct)
    if again is None:
        return {}
    return {"again": again, "repeated": tuple(recurring_rows(column, again, progress.step, ROWS_KEPT).tolist())}


def recurring(ordered: Array, distinct: int) -> Array | None:
    """The hashes or values that recur in a nearly unique column (``ordered``); None where many do."""
    extra = len(ordered) - distinct
    if extra > _NEARLY * len(ordered):
        return None
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]]) if extra else ordered[:0]


def recurring_rows(column: Column, again: Array, step: Callable[[], None], limit: int | None = None) -> Array:
    """Positions of the rows that hold one of these hashes (of text) or values; nulls are left out."""
    found: list[Array] = []
    total = 0
    sieve = np.zeros(_SIEVE, bool)
    sieve[_low_bits(again)] = True
    for start, piece in chunks(column.array) if len(again) else ():
        step()
        series = as_series(piece)
        codes = series.hash() if series.dtype == pl.String else series.to_physical()
        values = codes.fill_null(again[0]).to_numpy() if codes.null_count() else codes.to_numpy()
        near = np.flatnonzero(sieve[_low_bits(values)])  # most rows are ruled out without a search
        hits = near[again[np.minimum(np.searchsorted(again, values[near]), len(again) - 1)] == values[near]]
        hits = hits[series.gather(hits).is_not_null().to_numpy()] if series.null_count() else hits
        found.append(hits + start)
        total += len(hits)
        if limit is not None and total >= limit:
            break
    out: Array = np.concatenate(found) if found else np.empty(0, np.int64)
    return out[:limit]


def _low_bits(values: Array) -> Array:
    """A few mixed bits of 64-bit values, as places in the sieve."""
    mixed = values.view(np.uint64) if values.dtype.itemsize == 8 else values.astype(np.uint64)
    out: Array = ((mixed * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _SIEVE_BITS)).astype(np.int64)
    return out


def _name_hashes(column: Column, wanted: list[tuple[int, int]]) -> tuple[TopValue, ...]:
    """The values behind hashes: read on until all are found."""
    missing, names = {h for h, _ in wanted}, {}
    for _, piece in chunks(column.array):
        if not missing:
            break
        series = as_series(piece).drop_nulls()
        hashes = series.hash()
        for at in hashes.is_in(list(missing)).arg_true().to_list():
            if (code := int(hashes[at])) in missing:
                missing.discard(code)
                names[code] = series[at]
    ranked = sorted(((names[h], n) for h, n in wanted if h in names), key=lambda vn: (-vn[1], vn[0]))
    return tuple(_top(v, n, len(column)) for v, n in ranked)


class _Tally:
    """Sums over the chunks of a text column."""

    def __init__(self, rows: int, names: bool) -> None:
        self.rows, self.names = rows, names
        self.low: str | None = None
        self.high: str | None = None
        self.sizes = np.zeros(_LENGTHS + 1, np.int64)
        self.longest = 0
        self.total = 0
        self.count = 0
        self.blanks = 0
        self.padded = 0
        self.codes: dict[str, int] = {}
        self.shapes = ShapeCounter()
        self.bytes = 0

    def add(self, whole: pa.Array, series: pl.Series, progress: Progress) -> None:
        """Take in one chunk without nulls."""
        if not len(series):
            return
        low, high = str(series.min()), str(series.max())
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)
        sizes = series.str.len_chars()
        self.sizes += np.bincount(np.minimum(sizes.to_numpy(), _LENGTHS), minlength=_LENGTHS + 1)
        self.longest = max(self.longest, int(sizes.max()))  # type: ignore[arg-type]
        self.total += int(sizes.sum())
        self.count += len(series)
        progress.step()
        self._edges(whole, series, sizes)
        nbytes = int(series.str.len_bytes().sum())
        if self.bytes + nbytes <= _BYTES or not self.bytes:
            self.shapes.add(whole if nbytes <= _BYTES else pc.utf8_slice_codeunits(whole, 0, 64), step=progress.step)
        self.bytes += nbytes

    def _edges(self, whole: pa.Array, series: pl.Series, sizes: pl.Series) -> None:
        """Blank, padded and coded-missing values."""
        trimmed = series.filter(pl.Series(edged(whole)))
        trimmed = trimmed.filter(trimmed.str.contains(r"^\s|\s$"))
        blank = int((trimmed.str.strip_chars().str.len_bytes() == 0).sum())
        empty = int((sizes == 0).sum())
        self.blanks += blank + empty
        self.padded += len(trimmed) - blank
        short = series.filter(sizes <= LONGEST) if int(sizes.min() or 0) <= LONGEST else series.clear()  # type: ignore[arg-type]
        for value, count in short.filter(short.is_in(list(SPELLINGS))).alias("v").value_counts().iter_rows():
            self.codes[value] = self.codes.get(value, 0) + count

    def fields(self) -> dict[str, Any]:
        """What the chunks gave."""
        coded = pl.DataFrame(
            {"value": list(self.codes), "count": list(self.codes.values())}, schema={"value": pl.String, "count": pl.Int64}
        )
        known = coded.sort(["count", "value"], descending=[True, False])
        rest = pl.DataFrame({"value": ["…" * 9], "count": [max(0, self.count - int(known["count"].sum()))]})
        return {
            "min": self.low,
            "max": self.high,
            "blanks": self.blanks,
            "padded": self.padded,
            "coded": coded_texts(pl.concat([known, rest], how="vertical_relaxed"), self.count, names=self.names),
            "lengths": Lengths(
                min=self._shortest(), max=self.longest, mean=float(self.total) / max(1, self.count), counts=_by_length(self.sizes)
            ),
            "shapes": self.shapes.shares(),
            "shapes_of": self.shapes.rows,
            "shapes_unread": self.shapes.unread,
        }

    def _shortest(self) -> int:
        filled = np.flatnonzero(self.sizes)
        return int(filled[0]) if len(filled) else 0
