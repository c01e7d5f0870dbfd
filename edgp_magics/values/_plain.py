"""Values to plain data (JSON) and back."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import math
import types
import typing
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

RAW = {"raw": True}
"""Metadata of a dataclass field that holds raw cell values: it never leaves through :func:`plain`."""


def plain(value: Any) -> Any:
    """``value`` as dicts, lists, strings, numbers, booleans and None, ready for ``json.dumps``.

    Fields marked :data:`RAW` are left out. NaN and infinities become None.

    >>> plain({"when": dt.date(2026, 1, 2), "share": float("nan")})
    {'when': '2026-01-02', 'share': None}
    """
    if value is None or (isinstance(value, (bool, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if hasattr(value, "__plain__"):
        return value.__plain__()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value) if not f.metadata.get("raw")}
    if isinstance(value, Mapping):
        return {str(plain(k)): plain(v) for k, v in value.items()}
    if isinstance(value, AbstractSet):
        return sorted((plain(v) for v in value), key=str)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [plain(v) for v in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (bytes, bytearray)):
        return f"<{len(value)} bytes>"
    if isinstance(value, Path):
        return value.as_posix()
    if hasattr(value, "shape") and hasattr(value, "columns"):  # a table: its cells stay where they are
        return f"<table of {value.shape[0]} x {value.shape[1]}>"
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return plain(value.tolist())
    return str(value)


def restore(kind: Any, data: Any) -> Any:
    """The value of type ``kind`` that :func:`plain` turned into ``data``.

    >>> restore(tuple[int, ...], [1, 2])
    (1, 2)
    """
    if data is None or kind is Any or isinstance(kind, str):
        return data
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _restore_union(typing.get_args(kind), data)
    if origin is typing.Literal:
        return data
    if origin is not None:
        return _restore_container(origin, typing.get_args(kind), data)
    if hasattr(kind, "__restore__"):
        return kind.__restore__(data)
    if dataclasses.is_dataclass(kind):
        return _restore_dataclass(kind, data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if kind in (dt.datetime, dt.date, dt.time):
        return kind.fromisoformat(data)
    return kind(data) if kind in (int, float, str, bool) and not isinstance(data, kind) else data


def _restore_union(choices: tuple[Any, ...], data: Any) -> Any:
    kinds = [k for k in choices if k is not type(None)]
    if len(kinds) == 1:
        return restore(kinds[0], data)
    for kind in kinds:  # a scalar union such as int | float | str: keep what JSON kept
        if isinstance(kind, type) and isinstance(data, kind):
            return data
    structured = [k for k in kinds if not (isinstance(k, type) and k in (int, float, str, bool))]
    return restore(structured[0], data) if structured and isinstance(data, (dict, list)) else data


def _restore_container(origin: Any, args: tuple[Any, ...], data: Any) -> Any:
    if origin is tuple:
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(restore(args[0], v) for v in data)
        return tuple(restore(a, v) for a, v in zip(args, data, strict=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {restore(args[0], k): restore(args[1], v) for k, v in data.items()}
    return [restore(args[0], v) for v in data]


def _restore_dataclass(kind: Any, data: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    known = {f.name for f in dataclasses.fields(kind) if f.init}
    return kind(**{name: restore(hints[name], value) for name, value in data.items() if name in known})


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
