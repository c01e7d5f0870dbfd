"""New frames from old: the only place that changes cells, rows or columns, always in a copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ._frame import Frame
from ._polars_columns import polars_array

Cells = Mapping[int, tuple[Sequence[int], Sequence[Any]]]
"""Column position → (row positions, new values)."""


@dataclass(frozen=True)
class Edit:
    """What to change: cells first, then whole rows and columns are dropped, all by position in the old frame."""

    cells: Cells = field(default_factory=dict)
    drop_rows: tuple[int, ...] = ()
    drop_columns: tuple[int, ...] = ()


def edited(frame: Frame, edit: Edit) -> Any:
    """A new native frame of the same kind and dtypes with ``edit`` made; the old one stays as it is.

    A file path yields a pandas frame. A dtype is widened only where a new value does not fit
    (a null in an integer column makes it ``Int64``).
    """
    return _edit_pandas(frame.native, edit) if frame.kind == "pandas" else _edit_arrow(frame, edit)


def restored(frame: Frame, cells: Cells, like: Any, drop: tuple[Sequence[int], Sequence[int]]) -> Any:
    """The inverse of :func:`edited`: ``cells`` written back and the dropped rows and columns of ``like`` put in."""
    rows, columns = drop
    if frame.kind == "pandas":
        old = edited(like, Edit()) if isinstance(like, Frame) else like  # a file was read as this
        return _restore_pandas(frame.native, cells, old, rows, columns)
    return _restore_arrow(frame, cells, like, rows, columns)


# -- pandas ------------------------------------------------------------------------------------------------------
def _edit_pandas(df: Any, edit: Edit) -> Any:
    out = df.copy(deep=False)
    for position, (rows, values) in edit.cells.items():
        out.isetitem(position, _set_pandas(df.iloc[:, position], rows, values))
    if edit.drop_rows:
        out = out.take(_kept(len(df), edit.drop_rows))
    return out.take(_kept(df.shape[1], edit.drop_columns), axis=1) if edit.drop_columns else out


def _set_pandas(series: Any, rows: Sequence[int], values: Sequence[Any]) -> Any:
    import pandas as pd

    where = np.asarray(rows, dtype=np.intp)
    if series.dtype == object:
        cells = series.to_numpy(copy=True)
        for row, value in zip(where, values, strict=True):
            cells[row] = value
        return pd.Series(cells, index=series.index, dtype=object, name=series.name)
    if isinstance(series.dtype, pd.CategoricalDtype):
        fresh = [v for v in dict.fromkeys(values) if v is not None and v not in series.cat.categories]
        out = series.cat.add_categories(fresh) if fresh else series.copy()
        out.iloc[where] = pd.Categorical(values, dtype=out.dtype)
        return out
    for dtype in (series.dtype, *_wider(series.dtype)):
        if not _holds(dtype, values):
            continue
        try:
            fitted = pd.array(list(values), dtype=dtype)
        except (TypeError, ValueError, OverflowError):
            continue  # the values do not fit this dtype: try the next wider one
        out = series.astype(dtype) if dtype != series.dtype else series.copy()
        out.iloc[where] = fitted
        return out
    return _set_pandas(series.astype(object), rows, values)


def _holds(dtype: Any, values: Sequence[Any]) -> bool:
    """Whether the values keep their meaning: pandas would make False of None, 2 of 2.5 and a day of a year without a word."""
    kind = "b" if str(dtype) in ("bool", "boolean") else getattr(dtype, "kind", str(dtype)[:1].lower())
    nullable = str(dtype)[:1].isupper() or str(dtype) == "boolean"
    real = [v for v in values if v is not None]
    if kind == "M":
        return not any(str(v).isdecimal() for v in real)
    if kind not in ("b", "i", "u"):
        return True
    whole = all(isinstance(v, bool) for v in real) if kind == "b" else all(map(_is_whole, real))
    return whole and (nullable or len(real) == len(values))


def _is_whole(value: Any) -> bool:
    try:
        return float(value).is_integer()
    except (TypeError, ValueError):
        return False  # text such as "30-39": the column becomes one of objects


def _wider(dtype: Any) -> tuple[str, ...]:
    return {"i": ("Int64", "float64"), "u": ("UInt64", "float64"), "b": ("boolean",)}.get(getattr(dtype, "kind", ""), ())


def _restore_pandas(df: Any, cells: Cells, like: Any, rows: Sequence[int], columns: Sequence[int]) -> Any:
    import pandas as pd

    out = df
    if rows:
        back = like.take(_kept(like.shape[1], columns), axis=1) if columns else like
        kept = _kept(len(like), rows)
        both = pd.concat([out, back.take(list(rows))])
        order = np.empty(len(like), dtype=np.intp)
        order[kept] = np.arange(len(kept))
        order[list(rows)] = np.arange(len(kept), len(like))
        out = both.take(order)
    out = out.copy(deep=False)
    for position in sorted(columns):
        out.insert(position, like.columns[position], like.iloc[:, position].to_numpy(), allow_duplicates=True)
        out.isetitem(position, like.iloc[:, position].set_axis(out.index))
    for position, (where, _) in cells.items():  # the table's own cells: what was read of them may be their text
        old = like.iloc[list(where), position].astype(object).tolist()
        column = _set_pandas(out.iloc[:, position].astype(object), where, old)
        out.isetitem(position, column.astype(like.dtypes.iloc[position]))
    out.index = like.index
    out.columns = like.columns
    return out


# -- Arrow, and all that is Arrow underneath ---------------------------------------------------------------------
def _edit_arrow(frame: Frame, edit: Edit) -> Any:
    table = native_table(frame)
    for position, (rows, values) in edit.cells.items():
        column = _set_arrow(table.column(position), rows, values)
        table = table.set_column(position, table.schema.field(position).with_type(column.type), column)
    changed = _retyped(table, native_table(frame))
    if edit.drop_rows:
        table = table.take(pa.array(_kept(table.num_rows, edit.drop_rows)))
    if edit.drop_columns:
        table = table.select(_kept(table.num_columns, edit.drop_columns).tolist())
    return _rebuild(frame, table, changed)


def _retyped(table: pa.Table, like: pa.Table) -> frozenset[str]:
    """Names of columns whose type differs from ``like``'s."""
    return frozenset(a.name for a, b in zip(table.schema, like.schema, strict=True) if a.type != b.type)


def _set_arrow(column: pa.ChunkedArray, rows: Sequence[int], values: Sequence[Any]) -> pa.ChunkedArray:
    order = np.argsort(np.asarray(rows, dtype=np.intp), kind="stable")
    mask = np.zeros(len(column), dtype=bool)
    mask[np.asarray(rows, dtype=np.intp)] = True
    target = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    new = [values[i] for i in order]
    if any(isinstance(v, str) for v in new) and not _holds_text(target):
        column, target = column.cast(pa.large_string()), pa.large_string()
        new = [None if v is None else str(v) for v in new]
    if pa.types.is_integer(target) and not _fits(new, target):
        column, target = column.cast(pa.int64()), pa.int64()
    fresh = pa.array(new, target)
    plain = column.cast(target) if target != column.type else column
    flat = pa.concat_arrays(plain.chunks) if plain.num_chunks else pa.array([], target)
    if pa.types.is_nested(target):  # Arrow replaces none of them
        return _put(plain, np.flatnonzero(mask).tolist(), pa.chunked_array([fresh]))
    done = pa.chunked_array([pc.replace_with_mask(flat, pa.array(mask), fresh)])
    return done.cast(column.type) if target != column.type else done


def _fits(values: Sequence[Any], kind: pa.DataType) -> bool:
    """Whether whole numbers are within a type's range."""
    try:
        pa.array(values, kind)
    except (pa.ArrowInvalid, OverflowError):
        return False
    return True


def _put(column: pa.ChunkedArray, rows: Sequence[int], cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with cells of its own type at these rows."""
    at = np.arange(len(column))
    at[np.asarray(rows, dtype=np.intp)] = len(column) + np.arange(len(cells))
    both = pa.chunked_array([*column.chunks, *cells.chunks], type=column.type)
    return both.unify_dictionaries().take(pa.array(at))


def _holds_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _restore_arrow(frame: Frame, cells: Cells, like: Any, rows: Sequence[int], columns: Sequence[int]) -> Any:
    old = like if isinstance(like, pa.Table) else native_table(like)
    table = native_table(frame)
    for position in sorted(columns):
        column = old.column(position)
        if rows:
            column = column.take(pa.array(_kept(old.num_rows, rows)))
        if not table.num_columns:  # a table without columns has lost how many rows it had
            table = pa.table([column], schema=pa.schema([old.schema.field(position)]))
        else:
            table = table.add_column(position, old.schema.field(position), column)
    changed = _retyped(table, old)
    for position, kept_field in enumerate(old.schema):
        if kept_field.name in changed:  # the edit made text of the column: take the old one
            column = old.column(position)
            table = table.set_column(position, kept_field, column.take(pa.array(_kept(old.num_rows, rows))) if rows else column)
    if rows:
        kept = _kept(old.num_rows, rows)
        order = np.empty(old.num_rows, dtype=np.int64)
        order[kept] = np.arange(len(kept))
        order[list(rows)] = np.arange(len(kept), old.num_rows)
        table = pa.concat_tables([table, old.take(pa.array(list(rows)))]).take(pa.array(order))
    for position, (where, _) in cells.items():
        fresh = old.column(position).take(pa.array(where, pa.int64()))
        table = table.set_column(position, old.schema.field(position), _put(table.column(position), where, fresh))
    return _rebuild(frame, table, changed)


def native_table(frame: Frame) -> pa.Table:
    """The frame's own Arrow table with its own types (not the canonical ones) and unique names."""
    if frame.kind == "polars":
        return pa.table([polars_array(s) for s in frame.native], names=frame.native.columns)
    if frame.kind == "arrow":
        return frame.native if isinstance(frame.native, pa.Table) else pa.Table.from_batches([frame.native])
    return pa.table([c.array for c in frame], names=list(frame.columns))


def _rebuild(frame: Frame, table: pa.Table, changed: frozenset[str] = frozenset()) -> Any:
    makers: dict[str, Callable[[], Any]] = {
        "polars": lambda: _polars_like(frame.native, table, changed),
        "arrow": lambda: table if isinstance(frame.native, pa.Table) else table.combine_chunks().to_batches()[0],
        "duckdb": lambda: _relation(table),
    }
    return makers.get(frame.kind, lambda: _to_pandas(table))()


def _to_pandas(table: pa.Table) -> Any:
    """A pandas frame of the table; whole numbers and flags with gaps stay what they are."""
    import pandas as pd

    out = table.to_pandas()
    for i, column in enumerate(table.columns):
        if column.null_count and pa.types.is_integer(column.type):
            out.isetitem(i, column.to_pandas(types_mapper=lambda t: getattr(pd, _nullable(t))()))
        elif column.null_count and pa.types.is_boolean(column.type):
            out.isetitem(i, column.to_pandas(types_mapper=lambda _: pd.BooleanDtype()))
    return out


def _nullable(kind: pa.DataType) -> str:
    """The name of the pandas type for whole numbers with gaps: int64 is Int64Dtype."""
    return str(kind).replace("uint", "UInt").replace("int", "Int") + "Dtype"


def _polars_like(native: Any, table: pa.Table, changed: frozenset[str]) -> Any:
    import polars as pl

    out = pl.from_arrow(table)
    assert isinstance(out, pl.DataFrame)
    return out.cast({n: native.schema[n] for n in out.columns if n in native.schema and n not in changed})


def _relation(table: pa.Table) -> Any:
    import duckdb

    return duckdb.from_arrow(table)


def _kept(total: int, dropped: Sequence[int]) -> np.ndarray[Any, Any]:
    keep = np.ones(total, dtype=bool)
    keep[list(dropped)] = False
    return np.flatnonzero(keep)
