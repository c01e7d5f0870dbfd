"""What an edit took away, as JSON: enough to put a table back in another kernel, where the old one is not at hand."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from ..errors import PlanError
from ._edit import Edit, edited, native_table
from ._frame import Frame

Rows = Sequence[int]


def remains_of(old: Frame, kind: str, cells: Mapping[int, Rows], drop_rows: Rows, drop_columns: Rows) -> dict[str, Any]:
    """The old cells at the changed positions (by column), the dropped rows and columns, types and labels.

    ``kind`` is the kind of the new table: a file is read as pandas.
    """
    if kind == "pandas":
        return _pandas_remains(old.native if old.kind == "pandas" else edited(old, Edit()), cells, drop_rows, drop_columns)
    return _arrow_remains(native_table(old), cells, drop_rows, drop_columns)


def skeleton(remains: Mapping[str, Any], new: Any) -> Any:
    """A table in the old one's shape, types and labels, right wherever undoing looks; elsewhere its cells mean nothing."""
    return _arrow_skeleton(remains) if remains["kind"] == "arrow" else _pandas_skeleton(remains, new)


def _parts(columns: int, rows: int, cells: Mapping[int, Rows], drop_rows: Rows, drop_columns: Rows) -> dict[int, list[int]]:
    """For each column that undoing reads, the rows to keep of it."""
    whole = {p: list(range(rows)) for p in drop_columns}
    some = {p: sorted({*cells.get(p, ()), *drop_rows}) for p in (range(columns) if drop_rows else cells)}
    return some | whole


def _spread(rows: int, kept: Rows) -> np.ndarray[Any, Any]:
    """For every row of the old table the place among the kept ones; 0 where none was kept."""
    place = np.zeros(rows, dtype=np.int64)
    place[list(kept)] = np.arange(len(kept))
    return place


# -- pandas ------------------------------------------------------------------------------------------------------
def _pandas_remains(df: Any, cells: Mapping[int, Rows], drop_rows: Rows, drop_columns: Rows) -> dict[str, Any]:
    parts = _parts(df.shape[1], len(df), cells, drop_rows, drop_columns)
    kept = [{"column": p, "rows": rows, "values": _packed_series(df.iloc[rows, p])} for p, rows in sorted(parts.items())]
    return {
        "kind": "pandas",
        "rows": len(df),
        "columns": df.shape[1],
        "cells": kept,
        "index": _packed_index(df.index, drop_rows) if len(drop_rows) else None,
        "labels": _packed_index(df.columns, range(df.shape[1])) if len(drop_columns) else None,
    }


def _pandas_skeleton(remains: Mapping[str, Any], new: Any) -> Any:
    import pandas as pd

    rows = int(remains["rows"])
    held = {part["column"]: part for part in remains["cells"]}
    empty = pd.Series([None], dtype=object)
    columns = []
    for position in range(int(remains["columns"])):
        part = held.get(position)
        values = empty if part is None else _unpacked_series(part["values"])
        columns.append(values.take(_spread(rows, part["rows"] if part else ())).set_axis(range(rows)))
    out = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(rows))
    out.index = _whole_index(remains["index"], new.index, rows)
    out.columns = _whole_index(remains["labels"], new.columns, len(columns))
    return out


def _packed_series(series: Any) -> dict[str, Any]:
    """Objects one by one, so that every way of being missing comes back; other types by Arrow, that their type does."""
    import pandas as pd

    if series.dtype == object:
        return {"objects": [pack(v) for v in series]}
    flat = series.reset_index(drop=True).rename("v").to_frame()
    try:
        packed = {"arrow": _blob(pa.Table.from_pandas(flat, preserve_index=False)), "dtype": _dtype_name(series.dtype)}
        pd.testing.assert_series_equal(_unpacked_series(packed), flat["v"])
    except (pa.ArrowException, TypeError, ValueError, AssertionError, NotImplementedError) as error:
        raise PlanError(f"a column of type {series.dtype} cannot be kept in a file.", hint="Undo in this kernel, with log.undo.") from error
    return packed


def _dtype_name(dtype: Any) -> str:
    """The type by name, where that name says all of it."""
    import pandas as pd

    try:
        return str(dtype) if pd.api.types.pandas_dtype(str(dtype)) == dtype else ""
    except TypeError:
        return ""


def _unpacked_series(packed: Mapping[str, Any]) -> Any:
    import pandas as pd

    if "objects" in packed:
        return pd.Series(_object_array([unpack(v) for v in packed["objects"]]), dtype=object, name="v")
    series = _unblobbed(packed["arrow"]).to_pandas()["v"]
    return series.astype(packed["dtype"]) if packed["dtype"] else series


def _object_array(values: Sequence[Any]) -> np.ndarray[Any, Any]:
    out = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        out[i] = value
    return out


def _packed_index(index: Any, at: Rows) -> dict[str, Any]:
    """The labels at these positions, by level; of a range only its ends."""
    import pandas as pd

    if isinstance(index, pd.RangeIndex):
        return {"range": [index.start, index.stop, index.step], "name": pack(index.name)}
    levels = [_packed_series(index.get_level_values(i).take(list(at)).to_series()) for i in range(index.nlevels)]
    return {"at": list(at), "levels": levels, "names": [pack(n) for n in index.names], "freq": getattr(index, "freqstr", None)}


def _whole_index(packed: Mapping[str, Any] | None, new: Any, size: int) -> Any:
    """The old labels: the new table's, with the dropped ones put back at their positions."""
    import pandas as pd

    if packed is None:
        return new
    if "range" in packed:
        return pd.RangeIndex(range(*packed["range"]), name=unpack(packed["name"]))
    names = [unpack(n) for n in packed["names"]]
    levels = [pd.Index(_unpacked_series(level)) for level in packed["levels"]]
    back = pd.MultiIndex.from_arrays(levels, names=names) if len(levels) > 1 else levels[0].set_names(names)
    if len(packed["at"]) == size:
        return back
    gone = np.zeros(size, dtype=bool)
    gone[list(packed["at"])] = True
    order = np.empty(size, dtype=np.int64)
    order[~gone], order[gone] = np.arange(len(new)), len(new) + np.arange(len(back))
    out = new.append(back).take(order)
    if packed["freq"]:
        out.freq = packed["freq"]
    return out


# -- Arrow, and all that is Arrow underneath ---------------------------------------------------------------------
def _arrow_remains(table: pa.Table, cells: Mapping[int, Rows], drop_rows: Rows, drop_columns: Rows) -> dict[str, Any]:
    whole = {p for p in cells if not pa.types.is_string(table.column(p).type) and not pa.types.is_large_string(table.column(p).type)}
    parts = _parts(table.num_columns, table.num_rows, cells, drop_rows, sorted({*drop_columns, *whole}))  # a type may have changed
    kept = [
        {"column": p, "rows": rows, "values": _blob(pa.table({"v": table.column(p).take(pa.array(rows, pa.int64()))}))}
        for p, rows in sorted(parts.items())
    ]
    schema = base64.b64encode(table.schema.serialize().to_pybytes()).decode()
    return {"kind": "arrow", "rows": table.num_rows, "schema": schema, "cells": kept}


def _arrow_skeleton(remains: Mapping[str, Any]) -> pa.Table:
    schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(remains["schema"])))
    rows = int(remains["rows"])
    held = {part["column"]: part for part in remains["cells"]}
    columns = []
    for position, field in enumerate(schema):
        part = held.get(position)
        if part is None:
            columns.append(pa.chunked_array([pa.nulls(rows, field.type)]))
        else:
            columns.append(_unblobbed(part["values"]).column(0).take(pa.array(_spread(rows, part["rows"]))).cast(field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _blob(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return base64.b64encode(sink.getvalue().to_pybytes()).decode()


def _unblobbed(text: str) -> pa.Table:
    with pa.ipc.open_stream(pa.py_buffer(base64.b64decode(text))) as reader:
        return reader.read_all()


# -- single values -----------------------------------------------------------------------------------------------
_READERS: dict[str, Any] = {
    "nan": lambda _: float("nan"),
    "inf": float,
    "decimal": Decimal,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "bytes": base64.b64decode,
    "tuple": lambda parts: tuple(unpack(p) for p in parts),
    "list": lambda parts: [unpack(p) for p in parts],
    "dict": lambda parts: {unpack(k): unpack(v) for k, v in parts},
}
_WRITERS: tuple[tuple[type, str, Any], ...] = (
    (Decimal, "decimal", str),
    (dt.date, "date", dt.date.isoformat),
    (dt.time, "time", dt.time.isoformat),
    (bytes, "bytes", lambda b: base64.b64encode(b).decode()),
    (tuple, "tuple", lambda parts: [pack(p) for p in parts]),
    (list, "list", lambda parts: [pack(p) for p in parts]),
    (dict, "dict", lambda d: [[pack(k), pack(v)] for k, v in d.items()]),
)


def pack(value: Any) -> Any:
    """One value as JSON that :func:`unpack` reads back as the same value of the same type."""
    import pandas as pd

    if value is None or isinstance(value, (bool, str)):
        return value
    if value is pd.NA or value is pd.NaT:
        return {"missing": "NA" if value is pd.NA else "NaT"}
    value = value.item() if isinstance(value, np.generic) and not isinstance(value, (np.datetime64, np.timedelta64)) else value
    if isinstance(value, float) and not np.isfinite(value):
        return {"nan": ""} if np.isnan(value) else {"inf": str(value)}
    if isinstance(value, (bool, str, int, float)):
        return value
    return _packed_object(value)


def _packed_object(value: Any) -> dict[str, Any]:
    import pandas as pd

    if isinstance(value, (dt.datetime, dt.timedelta, np.datetime64, np.timedelta64)):
        python = type(value) in (dt.datetime, dt.timedelta)
        return {"python" if python else "pandas": _packed_series(pd.Series([value]))}
    for kind, name, write in _WRITERS:
        if type(value) is kind:
            return {name: write(value)}
    raise PlanError(f"a value of type {type(value).__name__} cannot be kept in a file.", hint="Undo in this kernel, with log.undo.")


def unpack(data: Any) -> Any:
    """The value that :func:`pack` wrote."""
    import pandas as pd

    if not isinstance(data, dict):
        return data
    ((kind, held),) = data.items()
    if kind == "missing":
        return pd.NA if held == "NA" else pd.NaT
    if kind in ("python", "pandas"):
        value = _unpacked_series(held).iloc[0]
        return value if kind == "pandas" else value.to_pydatetime() if isinstance(value, pd.Timestamp) else value.to_pytimedelta()
    return _READERS[kind](held)
