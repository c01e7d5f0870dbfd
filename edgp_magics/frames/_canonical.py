"""Any Arrow column in one of few types, so that no capability has to know the others."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_DAY = 86_400_000_000


def canonical(array: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """The array in one of few types: NaN as null, strings as large_string, categories decoded, times in µs.

    What neither Python nor polars can hold becomes what they can: an extension type what it is stored as (a UUID its
    text), a wide decimal a narrower one or a float, an interval a duration, days past the year 9999 text.

    >>> canonical(pa.array([3_000_000, 0], pa.date32())).to_pylist()
    ['10183-09-21', '1970-01-01']
    """
    chunked = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    kind = chunked.type
    plainer = next((make for test, make in _PLAINER if test(kind)), None)
    if plainer is not None:
        return canonical(plainer(chunked))
    if pa.types.is_floating(kind):
        return _nan_to_null(chunked if kind == pa.float64() else chunked.cast(pa.float64()))
    if (pa.types.is_timestamp(kind) or pa.types.is_date(kind)) and _is_far(chunked):
        return _far_text(chunked)
    target = _canonical_type(kind)
    out = chunked if target == kind else chunked.cast(target, safe=False)
    return _readable(out) if pa.types.is_large_string(target) else out


def nested_text(value: Any) -> str | None:
    """A list, struct or bytes as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    return json.dumps(value, default=str, ensure_ascii=False)


def _nan_to_null(chunked: pa.ChunkedArray) -> pa.ChunkedArray:
    nan = pc.is_nan(chunked)
    return pc.if_else(nan, pa.scalar(None, pa.float64()), chunked) if pc.any(nan).as_py() else chunked


def _readable(chunked: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text that is UTF-8: Arrow does not look, and everything after it fails on what is not."""
    try:
        chunked.validate(full=True)
    except pa.ArrowInvalid:
        cells = chunked.cast(pa.large_binary()).to_pylist()
        return pa.chunked_array([pa.array([None if b is None else b.decode("utf-8", "replace") for b in cells], pa.large_string())])
    return chunked


def _canonical_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_string(kind) or pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_unsigned_integer(kind):
        return kind if kind == pa.uint64() else pa.int64()
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", tz=kind.tz)
    if pa.types.is_duration(kind):
        return pa.duration("us")
    if pa.types.is_time(kind):
        return pa.time64("us")
    if pa.types.is_date(kind):
        return pa.date32()
    if pa.types.is_binary(kind) or pa.types.is_binary_view(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.large_binary()
    return kind


# -- types that few libraries hold -------------------------------------------------------------------------------
def _is_extension(kind: pa.DataType) -> bool:
    return isinstance(kind, pa.BaseExtensionType)


def _stored(chunked: pa.ChunkedArray) -> pa.ChunkedArray:
    """An extension array as what it is stored as; a UUID as its usual text, an 8-bit boolean as one."""
    kind = chunked.type
    storage = pa.chunked_array([c.storage for c in chunked.chunks], kind.storage_type)
    if kind.extension_name == "arrow.uuid":
        return pa.chunked_array(
            [pa.array([None if b is None else str(uuid.UUID(bytes=b)) for b in storage.to_pylist()], pa.large_string())]
        )
    return storage.cast(pa.bool_()) if kind.extension_name == "arrow.bool8" else storage


def _decoded(chunked: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([pc.run_end_decode(c) for c in chunked.chunks], chunked.type.value_type)


def _is_odd_decimal(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind) and (not pa.types.is_decimal128(kind) or kind.scale < 0))


def _narrowed(chunked: pa.ChunkedArray) -> pa.ChunkedArray:
    """A decimal of another width as one of 128 bits, or as float where it has more digits than that holds."""
    kind = chunked.type
    scale = max(kind.scale, 0)
    digits = kind.precision - min(kind.scale, 0)
    try:
        return chunked.cast(pa.decimal128(min(digits, 38), scale))
    except (pa.ArrowInvalid, ValueError):
        return chunked.cast(pa.float64())


def _interval(chunked: pa.ChunkedArray) -> pa.ChunkedArray:
    """Months, days and nanoseconds as a duration; as ISO text where there are months, which have no fixed length."""
    values = chunked.to_pylist()
    if any(v is not None and v.months for v in values):
        texts = [None if v is None else f"P{v.months}M{v.days}DT{v.nanoseconds / 1e9:g}S" for v in values]
        return pa.chunked_array([pa.array(texts, pa.large_string())])
    spans = [None if v is None else v.days * _DAY + v.nanoseconds // 1000 for v in values]
    return pa.chunked_array([pa.array(spans, pa.int64()).cast(pa.duration("us"))])


def _is_odd_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind) and not _polars_holds(kind))


def _polars_holds(kind: pa.DataType) -> bool:
    """Whether polars has a type for it, down to the leaves."""
    if pa.types.is_struct(kind):
        return kind.num_fields > 0 and all(_polars_holds(kind.field(i).type) for i in range(kind.num_fields))
    if pa.types.is_map(kind):
        return _polars_holds(kind.key_type) and _polars_holds(kind.item_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _polars_holds(kind.value_type)
    odd = (_is_extension, _is_odd_decimal, pa.types.is_interval, pa.types.is_run_end_encoded, pa.types.is_nested)
    return not any(test(kind) for test in odd)


def _as_text(chunked: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([nested_text(v) for v in chunked.to_pylist()], pa.large_string())])


_PLAINER: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.ChunkedArray], pa.ChunkedArray]], ...] = (
    (pa.types.is_dictionary, lambda chunked: chunked.cast(chunked.type.value_type)),
    (pa.types.is_run_end_encoded, _decoded),
    (_is_extension, _stored),
    (_is_odd_decimal, _narrowed),
    (pa.types.is_interval, _interval),
    (_is_odd_nested, _as_text),
)


# -- days outside of Python's years ------------------------------------------------------------------------------
def _unit(kind: pa.DataType) -> str:
    if pa.types.is_date(kind):
        return "D" if pa.types.is_date32(kind) else "ms"
    return str(kind.unit)


def _is_far(chunked: pa.ChunkedArray) -> bool:
    """Whether a day lies outside the years 1 to 9999 (with a zone: so close to the end that it might, there)."""
    unit = _unit(chunked.type)
    if unit == "ns":  # holds no such year
        return False
    zoned = pa.types.is_timestamp(chunked.type) and chunked.type.tz is not None
    edges = ("0001-01-02", "9999-12-31T10:00:00") if zoned else ("0001-01-01", "9999-12-31T23:59:59")
    first, last = (int(np.datetime64(e).astype(f"datetime64[{unit}]").astype(np.int64)) for e in edges)
    found = pc.min_max(_ticks(chunked))
    low, high = found["min"].as_py(), found["max"].as_py()
    return low is not None and (low < first or high > last + (10**6 if unit == "us" else 10**3 if unit == "ms" else 0))


def _ticks(chunked: pa.ChunkedArray) -> pa.ChunkedArray:
    return chunked.cast(pa.int32()) if pa.types.is_date32(chunked.type) else chunked.cast(pa.int64())


def _far_text(chunked: pa.ChunkedArray) -> pa.ChunkedArray:
    ticks = _ticks(chunked).fill_null(0).to_numpy().astype(np.int64)
    texts = np.datetime_as_string(ticks.view(f"datetime64[{_unit(chunked.type)}]"))
    whole = [t.split("T")[0] if pa.types.is_date(chunked.type) else t.replace("T", " ") for t in texts.tolist()]
    gone = np.asarray(pc.is_null(chunked).to_numpy(), dtype=bool)
    return pa.chunked_array([pa.array(whole, pa.large_string(), mask=gone)])
