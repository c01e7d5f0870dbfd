"""Any table to a :class:`Frame`. The only place that knows one library from another."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

import narwhals.dependencies as nwd
import pyarrow as pa

from ..errors import UnsupportedData
from ._files import file_stem, read_file
from ._frame import Frame, unique_names
from ._polars_columns import polars_array
from ._reading import reading

Loaded = tuple[pa.ChunkedArray, str, tuple[tuple[str, int], ...]]


def as_frame(data: Any, *, name: str | None = None) -> Frame:
    """A :class:`Frame` over pandas, polars, Arrow or DuckDB data, or over a Parquet or CSV file.

    Parameters
    ----------
    data
        a pandas or polars DataFrame or Series, a polars LazyFrame (collected), a ``pyarrow.Table`` or
        ``RecordBatch``, a DuckDB relation, or the path of a ``.parquet``, ``.csv`` or ``.tsv`` file (the latter two
        also as ``.gz``) or of a folder of Parquet files. Separator and encoding of a text file are found out.
    name
        what findings and reports call it; by default the file's name or ``data``.

    Raises
    ------
    UnsupportedData
        when the object is none of these, or its library fails to give its rows.

    >>> import pandas as pd
    >>> as_frame(pd.DataFrame({"a": [1, 2]}), name="t").shape
    (2, 1)
    """
    if isinstance(data, Frame):
        return data
    if isinstance(data, (str, Path)):
        return _from_path(Path(data), name)
    label = name or "data"
    for recognises, make in _READERS:
        if recognises(data):
            with reading(f"`{label}`"):
                return make(data, label)
    raise UnsupportedData(
        f"`{label}` is a {type(data).__name__}, not a table.",
        hint="Give a pandas or polars DataFrame, an Arrow table, a DuckDB relation, or a .parquet/.csv path.",
        kind=type(data).__name__,
    )


def _is_batch(data: Any) -> bool:
    return isinstance(data, pa.RecordBatch)


_READERS: tuple[tuple[Callable[[Any], bool], Callable[[Any, str], Frame]], ...] = (
    (nwd.is_pandas_dataframe, lambda data, name: _from_pandas(data, name)),
    (nwd.is_pandas_series, lambda data, name: _from_pandas(data.to_frame(), name)),
    (nwd.is_polars_dataframe, lambda data, name: _from_polars(data, name)),
    (nwd.is_polars_lazyframe, lambda data, name: _from_polars(data.collect(), name)),
    (nwd.is_polars_series, lambda data, name: _from_polars(data.to_frame(), name)),
    (nwd.is_pyarrow_table, lambda data, name: _from_arrow(data, name, data, "arrow")),
    (_is_batch, lambda data, name: _from_arrow(pa.Table.from_batches([data]), name, data, "arrow")),
    (nwd.is_duckdb_relation, lambda data, name: _from_arrow(_relation_table(data), name, data, "duckdb")),
)


def is_frame_like(data: Any) -> bool:
    """Whether :func:`as_frame` takes this object (paths aside); reads nothing.

    >>> is_frame_like([1, 2])
    False
    """
    return bool(
        nwd.is_pandas_dataframe(data)
        or nwd.is_polars_dataframe(data)
        or nwd.is_polars_lazyframe(data)
        or nwd.is_pyarrow_table(data)
        or nwd.is_duckdb_relation(data)
    )


def column_names(data: Any) -> tuple[str, ...]:
    """The names of a table's columns as findings have them; reads no rows.

    >>> column_names(pa.table({"a": ["secret"]}))
    ('a',)
    """
    if nwd.is_polars_lazyframe(data):
        return unique_names(data.collect_schema().names())
    return unique_names(list(data.column_names if nwd.is_pyarrow_table(data) else data.columns))


def _from_pandas(df: Any, name: str) -> Frame:
    import pandas as pd

    columns = functools.cache(lambda: [series for _, series in df.items()])

    def load(position: int) -> Loaded:
        series = columns()[position]
        array, mixed = _pandas_array(series)
        return array, str(series.dtype), mixed

    def index(rows: Sequence[int]) -> list[Any]:
        return [v.item() if hasattr(v, "item") else v for v in df.index.take(list(rows))]

    plain = df.index.name is None and df.index.nlevels == 1 and df.index.dtype.kind in "iu"
    named = () if plain else tuple(f"index {i}" if n is None else str(n) for i, n in enumerate(df.index.names))
    counted = isinstance(df.index, pd.RangeIndex) and df.index.start == 0 and df.index.step == 1  # its labels are the positions
    own = None if counted else index
    return Frame(name=name, kind="pandas", native=df, labels=list(df.columns), load=load, rows=len(df), index=own, index_names=named)


def _pandas_array(series: Any) -> tuple[pa.ChunkedArray, tuple[tuple[str, int], ...]]:
    """A pandas column as Arrow; a column of mixed Python types as text, with its types counted."""
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        categories, _ = _pandas_array(pd.Series(series.cat.categories))
        codes = pa.array(series.cat.codes.to_numpy(), mask=(series.cat.codes < 0).to_numpy())
        return pa.chunked_array([categories.combine_chunks().take(codes)]) if len(categories) else pa.chunked_array(
            [pa.nulls(len(series))]
        ), ()
    if isinstance(series.dtype, (pd.PeriodDtype, pd.IntervalDtype)):
        return pa.chunked_array([pa.array(series.astype("string"), pa.large_string())]), ()
    if isinstance(series.dtype, pd.SparseDtype):
        series = series.sparse.to_dense()
    if series.dtype == object:
        return _object_array(series)
    try:
        array = pa.Array.from_pandas(series)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return _object_array(series.astype(object))
    return (array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])), ()


def _object_array(series: Any) -> tuple[pa.ChunkedArray, tuple[tuple[str, int], ...]]:
    """Object cells: as Arrow when they are of one type, else as text."""
    import pandas as pd

    null = pd.isna(series).to_numpy()
    cells = series.to_numpy()
    types = Counter(type(v).__name__ for v, gone in zip(cells, null, strict=True) if not gone)
    if len(types) <= 1:
        try:
            return pa.chunked_array([pa.array(cells, from_pandas=True)]), ()
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, UnicodeEncodeError):
            pass  # a single type that Arrow has no room for (huge ints, own classes, lone surrogates): text below
    texts = [None if gone else _cell_text(v) for v, gone in zip(cells, null, strict=True)]
    array = pa.chunked_array([pa.array(texts, pa.large_string())])
    return array, tuple(sorted(types.items(), key=lambda kv: (-kv[1], kv[0])))


def _cell_text(value: Any) -> str:
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _from_polars(df: Any, name: str) -> Frame:
    def load(position: int) -> Loaded:
        series = df.to_series(position)
        if series.dtype == "Object" or str(series.dtype) == "Object":
            import pandas as pd

            array, mixed = _object_array(pd.Series(series.to_list(), dtype=object))
            return array, "Object", mixed
        return polars_array(series), str(series.dtype), ()

    return Frame(name=name, kind="polars", native=df, labels=df.columns, load=load, rows=df.height)


def _from_arrow(table: pa.Table, name: str, native: Any, kind: Any, *, dtypes: Sequence[str] = (), notes: tuple[str, ...] = ()) -> Frame:
    shown = dtypes or [str(t) for t in table.schema.types]

    def load(position: int) -> Loaded:
        return table.column(position), shown[position], ()

    labels: list[Hashable] = list(table.column_names)
    return Frame(name=name, kind=kind, native=native, labels=labels, load=load, rows=table.num_rows, notes=notes)


def _relation_table(relation: Any) -> pa.Table:
    table = relation.arrow()
    return table.read_all() if isinstance(table, pa.RecordBatchReader) else table


def _from_path(path: Path, name: str | None) -> Frame:
    path = path.expanduser()
    done, kind = read_file(path)
    return _from_arrow(done.table, name or file_stem(path), path, kind, dtypes=done.dtypes, notes=done.notes)
