"""A content fingerprint: the same table gives the same text on every machine and in every library."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

_VERSION = "edgp-frame-1"
_PART = 1_000_000


def fingerprint_of(columns: Iterable[tuple[str, str, pa.ChunkedArray]]) -> str:
    """XXH3-128 (hex) over names, kinds and values of canonical columns.

    Not a cryptographic hash: it detects change, not an adversary; the audit pack adds SHA-256.
    """
    digest = xxhash.xxh3_128(_VERSION.encode())
    for name, kind, array in columns:
        digest.update(f"\x1e{name}\x1f{kind}\x1f{len(array)}".encode("utf-8", "surrogatepass"))
        _update(digest, array)
    return digest.hexdigest()


def _update(digest: xxhash.xxh3_128, array: pa.ChunkedArray) -> None:
    kind = array.type
    if pa.types.is_null(kind):
        return
    if pa.types.is_nested(kind) or pa.types.is_decimal(kind):
        digest.update(repr(array.to_pylist()).encode("utf-8", "surrogatepass"))
        return
    if array.null_count:
        for part in _parts(array):
            digest.update(_bytes(pc.is_valid(part)))
    if pa.types.is_large_string(kind) or pa.types.is_large_binary(kind):
        for part in _parts(array):
            digest.update(_lengths(part))
        for part in _parts(array):
            _, offsets, data = part.buffers()
            if data is not None and len(part):
                digest.update(_text_bytes(part, offsets, data))
        return
    for part in _parts(array):
        digest.update(_bytes(part.fill_null(_zero(kind)) if part.null_count else part))


def _parts(array: pa.ChunkedArray) -> Iterable[pa.Array]:
    """The column in pieces, so that what is written anew for hashing stays small; the digest is the same for any cut."""
    for chunk in array.chunks:
        for start in range(0, len(chunk), _PART):
            yield chunk.slice(start, _PART)


def _lengths(part: pa.Array) -> memoryview | bytes:
    """How many bytes each text has, 0 for a null one, as 64-bit numbers."""
    if part.null_count or not len(part):
        return _bytes(pc.fill_null(pc.binary_length(part), 0))
    ends: Any = np.frombuffer(part.buffers()[1], dtype=np.int64)[part.offset : part.offset + len(part) + 1]
    return memoryview((ends[1:] - ends[:-1]).view("u1"))


def _text_bytes(chunk: pa.Array, offsets: pa.Buffer, data: pa.Buffer) -> memoryview:
    """The bytes of the chunk's non-null values; null slots hold no bytes once the chunk is compact."""
    if chunk.null_count:  # a null slot may hide bytes: write the values anew
        chunk = pc.fill_null(chunk, "" if pa.types.is_large_string(chunk.type) else b"")
        _, offsets, data = chunk.buffers()
    ends = memoryview(offsets).cast("B").cast("q")
    return memoryview(data)[ends[chunk.offset] : ends[chunk.offset + len(chunk)]]


def _bytes(array: pa.ChunkedArray) -> memoryview | bytes:
    flat = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if isinstance(flat, pa.ChunkedArray):
        flat = pa.concat_arrays(flat.chunks) if flat.num_chunks else pa.array([], flat.type)
    if pa.types.is_boolean(flat.type):
        flat = flat.cast(pa.uint8())
    if pa.types.is_time(flat.type):  # numpy has no time of day
        flat = flat.cast(pa.int64())
    values = flat.to_numpy(zero_copy_only=False)
    return memoryview(values.view("u1")) if values.size else b""


def _zero(kind: pa.DataType) -> pa.Scalar:
    if pa.types.is_boolean(kind):
        return pa.scalar(False)
    return pa.scalar(0, pa.int32() if kind.bit_width == 32 else pa.int64()).cast(kind)  # a date casts from 32 bits alone
