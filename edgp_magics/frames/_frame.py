"""The one view of a table that capabilities see, whatever library it came from."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from ..errors import ColumnNotFound
from ..values import DatasetRef
from ._canonical import canonical, nested_text
from ._fingerprint import fingerprint_of
from ._polars_columns import needs_whole, polars_array
from ._reading import reading
from ._take import taken

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import polars as pl

Kind = Literal[
    "boolean", "integer", "float", "decimal", "string", "date", "datetime", "time", "duration", "binary", "nested", "null", "mixed"
]
FrameKind = Literal["pandas", "polars", "arrow", "duckdb", "parquet", "csv"]


_LARGE = 2_000_000
_COPIES = 2


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its Arrow array in canonical types, and what is computed from it once.

    ``name`` is unique text for people and findings; ``label`` is what the user's frame calls it; ``dtype`` is the
    user's dtype as text. NaN, NA, None and NaT are all null here. A column of mixed Python types is held as text
    with ``mixed`` counting the types.
    """

    name: str
    label: Hashable
    position: int
    array: pa.ChunkedArray
    dtype: str
    mixed: tuple[tuple[str, int], ...] = ()
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.array)

    @functools.cached_property
    def kind(self) -> Kind:
        """What sort of values the column holds."""
        return "mixed" if self.mixed else _kind(self.array.type)

    @property
    def null_count(self) -> int:
        """How many cells are null (None, NaN, NA, NaT)."""
        return int(self.array.null_count)

    @property
    def series(self) -> pl.Series:
        """The column as a polars Series named by position (zero-copy where the type allows)."""
        series: pl.Series = self._once("series", self._series)
        return series

    def _series(self) -> pl.Series:
        import polars as pl

        series = pl.from_arrow(self.array)
        assert isinstance(series, pl.Series)
        return series.rename(f"c{self.position}")

    @property
    def text(self) -> pl.Series:
        """The non-null cells as text, nulls kept: strings as they are, ``123`` for ints, ISO for dates."""
        series: pl.Series = self._once("text", self._text)
        return series

    def _text(self) -> pl.Series:
        import polars as pl

        if self.kind in ("string", "mixed"):
            return self.series
        if self.kind == "null":
            return self.series.cast(pl.String)
        if self.kind in ("nested", "binary"):
            return pl.Series(self.series.name, [nested_text(v) for v in self.array.to_pylist()], dtype=pl.String)
        if self.kind == "duration":  # polars has no text for it
            return pl.Series(self.series.name, [None if v is None else str(v) for v in self.array.to_pylist()], dtype=pl.String)
        if self.kind == "float":
            return pl.Series(self.series.name, [None if v is None else _float_text(v) for v in self.series.to_list()], dtype=pl.String)
        return self.series.cast(pl.String)

    @property
    def counts(self) -> pl.DataFrame:
        """Distinct non-null values and how often each occurs: columns ``value``, ``count``, most frequent first.

        Ties are in order of value, so that the table is the same for the same content.
        """
        table: pl.DataFrame = self._once("counts", self._counts)
        return table

    def _counts(self) -> pl.DataFrame:
        import polars as pl

        source = self.text if self.kind in ("nested", "binary", "null") else self.series
        frame = source.drop_nulls().alias("value").to_frame().group_by("value").agg(pl.len().alias("count"))
        return frame.sort(["count", "value"], descending=[True, False])

    @property
    def text_counts(self) -> pl.DataFrame:
        """As :attr:`counts`, over :attr:`text`: what regular expressions and checksums should run on."""
        table: pl.DataFrame = self._once("text_counts", self._text_counts)
        return table

    def _text_counts(self) -> pl.DataFrame:
        import polars as pl

        if self.kind in ("string", "mixed", "nested", "binary", "null"):
            return self.counts
        frame = self.text.drop_nulls().alias("value").to_frame().group_by("value").agg(pl.len().alias("count"))
        return frame.sort(["count", "value"], descending=[True, False])

    def numbers(self) -> np.ndarray[Any, Any]:
        """Numeric columns as float64 with NaN for null."""
        import numpy as np

        return np.asarray(self.array.cast(pa.float64(), safe=False).to_numpy(), dtype=float)

    def _once(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]


class Frame:
    """An immutable view of the user's table as Arrow columns; made once, shared by all capabilities.

    ``columns`` are unique names as text (a duplicate ``x`` becomes ``x#2``, a MultiIndex label ``a / b``);
    ``labels`` are the user's own; ``index_names`` are the levels of an index that says more than the row number.
    Row positions are 0-based; :meth:`row_labels` translates them to the user's index. ``notes`` say what was assumed
    in reading a file. The native object is never written to.
    """

    def __init__(
        self,
        *,
        name: str,
        kind: FrameKind,
        native: Any,
        labels: Sequence[Hashable],
        load: Callable[[int], tuple[pa.ChunkedArray, str, tuple[tuple[str, int], ...]]],
        rows: int,
        index: Callable[[Sequence[int]], list[Any]] | None = None,
        index_names: Sequence[str] = (),
        notes: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.kind = kind
        self.native = native
        self.labels = tuple(labels)
        self.columns = unique_names(labels)
        self.rows = rows
        self.notes = notes
        self._load = load
        self._index = index
        self.index_names = tuple(index_names)
        self._loaded: dict[int, Column] = {}
        self._copied: list[int] = []
        self._positions = {c: i for i, c in enumerate(self.columns)}
        self._fingerprint: str | None = None
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return self.rows

    def __repr__(self) -> str:
        return f"Frame({self.name}: {self.rows:,} x {len(self.columns):,}, {self.kind})"

    def __iter__(self) -> Iterator[Column]:
        return (self.column(i) for i in range(len(self.columns)))

    def __contains__(self, name: object) -> bool:
        return name in self._positions

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.rows, len(self.columns)

    @property
    def cells(self) -> int:
        """Rows times columns."""
        return self.rows * len(self.columns)

    def column(self, which: int | str) -> Column:
        """The column at a position or of a name (unique name, or the user's own label)."""
        position = which if isinstance(which, int) else self.position(which)
        with self._lock:
            if position not in self._loaded:
                with reading(f"column `{self.columns[position]}` of `{self.name}`"):
                    array, dtype, mixed = self._load(position)
                    column = Column(self.columns[position], self.labels[position], position, canonical(array), dtype, mixed)
                if self.rows > _LARGE and (self.kind == "polars" or column.array.type != array.type):
                    self._forget_oldest(position)
                self._loaded[position] = column
            return self._loaded[position]

    def cells_at(self, position: int, rows: np.ndarray[Any, Any]) -> pa.ChunkedArray:
        """The cells of a column at these row positions (ascending), in canonical types, without loading the rest of it."""
        if self.kind == "polars" and position not in self._loaded and not needs_whole(self.native.dtypes[position]):
            return canonical(polars_array(self.native.to_series(position).gather(rows)))
        return taken(self.column(position).array, rows)

    def _forget_oldest(self, position: int) -> None:
        """Of a large table few columns that had to be copied are held at once: loading one again is cheap, memory is not."""
        self._copied.append(position)
        while len(self._copied) > _COPIES:
            self._loaded.pop(self._copied.pop(0), None)

    def position(self, name: Hashable) -> int:
        """Where the column is; an unknown name raises with the nearest one."""
        if isinstance(name, str) and name in self._positions:
            return self._positions[name]
        if name in self.labels:
            return self.labels.index(name)
        raise ColumnNotFound(str(name), of=self.name, known=self.columns)

    def select(self, names: Iterable[Hashable]) -> list[Column]:
        """Several columns; all of them when ``names`` is empty."""
        wanted = list(names)
        return [self.column(self.position(n)) for n in wanted] if wanted else list(self)

    def arrow(self) -> pa.Table:
        """All columns as one Arrow table named c0..cN (names of a frame may repeat or differ by case alone)."""
        return pa.table([c.array for c in self], names=[f"c{i}" for i in range(len(self.columns))])

    def polars(self) -> pl.DataFrame:
        """All columns as a polars frame named c0..cN."""
        import polars as pl

        return pl.DataFrame([c.series for c in self])

    def pandas(self) -> pd.DataFrame:
        """All columns as a pandas frame with unique text names and a plain index (a copy; the user's is untouched)."""
        import pandas as pd

        return pd.DataFrame({c.name: c.array.to_pandas() for c in self})

    def row_labels(self, positions: Iterable[int]) -> tuple[Any, ...]:
        """The user's index labels of these row positions (the positions themselves where there is no index)."""
        rows = [int(p) for p in positions]
        return tuple(rows if self._index is None else self._index(rows))

    @property
    def fingerprint(self) -> str:
        """A hash of column names, types and content: equal for equal tables in pandas, polars, Arrow or DuckDB."""
        with self._lock:
            if self._fingerprint is None:
                with reading(f"`{self.name}`"):
                    self._fingerprint = fingerprint_of((c.name, c.kind, c.array) for c in self)
            return self._fingerprint

    @property
    def ref(self) -> DatasetRef:
        """The handle that stands for this frame in messages, states and checkpoints."""
        return DatasetRef(name=self.name, fingerprint=self.fingerprint, rows=self.rows, columns=self.columns, kind=self.kind)


def unique_names(labels: Sequence[Hashable]) -> tuple[str, ...]:
    """Text names that are unique: tuples joined by `` / ``, a repeated name numbered.

    >>> unique_names(["a", "a", 3, ("x", "y")])
    ('a', 'a#2', '3', 'x / y')
    """
    seen: dict[str, int] = {}
    out: list[str] = []
    taken = {str(label) for label in labels}
    for label in labels:
        base = " / ".join(str(p) for p in label) if isinstance(label, tuple) else str(label)
        seen[base] = seen.get(base, 0) + 1
        name = base
        while seen[base] > 1 and (name == base or name in taken):
            name = f"{base}#{seen[base]}"
            if name in taken:
                seen[base] += 1
        taken.add(name)
        out.append(name)
    return tuple(out)


_KINDS: tuple[tuple[Callable[[pa.DataType], bool], Kind], ...] = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_floating, "float"),
    (pa.types.is_decimal, "decimal"),
    (pa.types.is_large_string, "string"),
    (pa.types.is_timestamp, "datetime"),
    (pa.types.is_date, "date"),
    (pa.types.is_time, "time"),
    (pa.types.is_duration, "duration"),
    (pa.types.is_large_binary, "binary"),
    (pa.types.is_null, "null"),
)


def _kind(arrow_type: pa.DataType) -> Kind:
    return next((kind for test, kind in _KINDS if test(arrow_type)), "nested")


def _float_text(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
