"""Polars columns as Arrow, also those of types that Arrow has no room for."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from ._canonical import nested_text

_WIDE = ("Int128", "UInt128")


def polars_array(series: Any) -> pa.ChunkedArray:
    """A polars column as Arrow: 128-bit integers as whole numbers where they fit, then as decimals, then as text.

    >>> import polars as pl
    >>> polars_array(pl.Series([2**100], dtype=pl.Int128)).type
    Decimal128Type(decimal128(38, 0))
    """
    if str(series.dtype) in _WIDE:
        series = _narrowed(series)
    try:
        return pa.chunked_array([series.to_arrow()])
    except pa.ArrowException:  # such a type inside of a list or a struct
        return pa.chunked_array([pa.array([nested_text(v) for v in series.to_list()], pa.large_string())])


def _narrowed(series: Any) -> Any:
    import polars as pl

    for target in (pl.Int64, pl.Decimal(38, 0)):
        try:
            return series.cast(target)
        except pl.exceptions.PolarsError:
            continue  # too large for this one
    return series.cast(pl.String)


def needs_whole(dtype: Any) -> bool:
    """Whether what a column becomes hangs on all its values, so that a part of it may not be read alone."""
    return str(dtype).startswith(("Object", "Date", *_WIDE, "List", "Array", "Struct"))
