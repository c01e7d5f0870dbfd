"""Cells at given rows, chunk by chunk: taking from a chunked column as a whole would first copy all of it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def taken(array: pa.ChunkedArray, rows: NDArray[np.int64]) -> pa.ChunkedArray:
    """The cells at these rows, which must be in ascending order.

    >>> taken(pa.chunked_array([[1, 2], [3, 4, 5]]), np.array([1, 2, 4])).to_pylist()
    [2, 3, 5]
    """
    ends = np.cumsum([len(c) for c in array.chunks], dtype=np.int64)
    cuts = np.concatenate([[0], np.searchsorted(rows, ends, "left")]) if len(ends) else np.zeros(1, np.int64)
    parts = []
    for i, chunk in enumerate(array.chunks):
        if cuts[i + 1] > cuts[i]:
            parts.append(chunk.take(pa.array(rows[cuts[i] : cuts[i + 1]] - (ends[i] - len(chunk)))))
    return pa.chunked_array(parts, array.type)


def spaced(array: pa.ChunkedArray, count: int) -> pa.ChunkedArray:
    """So many cells at even distances; all of them where there are no more."""
    if len(array) <= count:
        return array
    return taken(array, np.linspace(0, len(array) - 1, count).astype(np.int64))
