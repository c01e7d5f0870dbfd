"""The rows on which pairs of columns are looked at, and every column as small integers there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ...frames import Frame
from ._runs import Array

MAX_ROWS = 20_000
MAX_CELLS = 4_000_000


@dataclass(frozen=True)
class Coding:
    """One column on the sampled rows: codes 0..n-1 (null is -1) and how many there are."""

    codes: Array
    count: int

    @property
    def valid(self) -> Array:
        """Where the column is not null."""
        out: Array = self.codes >= 0
        return out


@dataclass(frozen=True)
class Sample:
    """Evenly drawn rows (all of them in a small table) with columns coded when first asked for."""

    frame: Frame
    positions: Array | None
    rows: int
    _codings: dict[int, Coding] = field(default_factory=dict)
    _numbers: dict[int, Array] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether the sample is the table."""
        return self.positions is None

    def array(self, position: int) -> pa.ChunkedArray:
        """The sampled cells of a column."""
        return self.frame.column(position).array if self.positions is None else self.frame.cells_at(position, self.positions)

    def coding(self, position: int) -> Coding:
        """The sampled cells of a column as codes."""
        if position not in self._codings:
            self._codings[position] = encode(self.array(position))
        return self._codings[position]

    def numbers(self, position: int) -> Array:
        """The sampled cells as float64, NaN for null (dates as integers)."""
        if position not in self._numbers:
            series = pl.from_arrow(self.array(position))
            assert isinstance(series, pl.Series)
            self._numbers[position] = series.to_physical().cast(pl.Float64).to_numpy()
        return self._numbers[position]


def draw(frame: Frame, seed: int, columns: int | None = None) -> Sample:
    """A seeded sample of rows in order, small enough to look at all pairs of columns."""
    width = max(1, len(frame.columns) if columns is None else columns)
    limit = min(MAX_ROWS, max(2_000, MAX_CELLS // width))
    if frame.rows <= limit:
        return Sample(frame, None, frame.rows)
    chosen = np.random.default_rng(seed).choice(frame.rows, limit, replace=False, shuffle=False)
    return Sample(frame, np.sort(chosen), limit)


def encode(array: pa.ChunkedArray) -> Coding:
    """Cells as codes in order of first appearance."""
    if pa.types.is_null(array.type):
        return Coding(np.full(len(array), -1, np.int64), 0)
    if pa.types.is_nested(array.type) or pa.types.is_large_binary(array.type):
        return _encode_texts(array)
    coded = array.dictionary_encode()
    flat = coded.combine_chunks() if coded.num_chunks != 1 else coded.chunk(0)
    flat = flat.chunk(0) if isinstance(flat, pa.ChunkedArray) else flat
    codes = pc.fill_null(flat.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Coding(codes, len(flat.dictionary))


def _encode_texts(array: pa.ChunkedArray) -> Coding:
    seen: dict[str, int] = {}
    codes = [-1 if v is None else seen.setdefault(repr(v), len(seen)) for v in array.to_pylist()]
    return Coding(np.array(codes, np.int64), len(seen))


def joint(codings: Sequence[Coding]) -> tuple[Array, Array]:
    """Codes of combinations (of rows where all are given), and which rows those are."""
    valid = np.logical_and.reduce([c.valid for c in codings])
    out = np.zeros(int(valid.sum()), np.int64)
    size = 1
    for coding in codings:
        if size * max(1, coding.count) > 1 << 62:  # beyond 64 bits: number the combinations so far
            _, out = np.unique(out, return_inverse=True)
            size = int(out.max(initial=0)) + 1
        out = out * max(1, coding.count) + coding.codes[valid]
        size *= max(1, coding.count)
    return out, valid


Step = Callable[[str], Any]
