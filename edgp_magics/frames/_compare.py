"""Where two tables of one shape differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ._frame import Frame


def differing_rows(a: Frame, b: Frame) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Positions of the rows in which two tables of equal shape hold other values.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> differing_rows(as_frame(pd.DataFrame({"v": [1, 2]})), as_frame(pd.DataFrame({"v": [1, 3]}))).tolist()
    [1]
    """
    out = np.zeros(a.rows, dtype=bool)
    for one, two in zip(a, b, strict=True):
        out |= _differ(one.array, two.array)
    return np.flatnonzero(out)


def _differ(a: pa.ChunkedArray, b: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if a.type != b.type and _is_number(a.type) and _is_number(b.type):
        a, b = a.cast(pa.float64(), safe=False), b.cast(pa.float64(), safe=False)
    if a.type != b.type or pa.types.is_nested(a.type) or pa.types.is_null(a.type):
        return np.array([repr(x) != repr(y) for x, y in zip(a.to_pylist(), b.to_pylist(), strict=True)], dtype=bool)
    other = pc.fill_null(pc.not_equal(a, b), False)
    if pa.types.is_floating(a.type):
        other = pc.and_(other, pc.invert(pc.fill_null(pc.and_(pc.is_nan(a), pc.is_nan(b)), False)))
    return np.asarray(pc.or_(other, pc.xor(pc.is_null(a), pc.is_null(b))).to_numpy(), dtype=bool)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
