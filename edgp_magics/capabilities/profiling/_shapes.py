"""Character patterns of text, counted exactly and fast: every value hashed by the classes of its bytes.

A row's code is a polynomial over byte classes (upper, lower, digit, space, other bytes as they are), taken from one
running sum over the whole buffer; rows with one code have one pattern, so that patterns are spelled out once each.
Bytes above 127 are one class, so that letters of other scripts fall together.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from ...values import shape
from ._model import ShapeShare

_BLOCK = 1 << 16
_SPELLED = 2000
_READ = 200
_COVERED = 0.995
_MASK = (1 << 64) - 1
_BASE = 0x9E3779B97F4A7C15


def _class_of(byte: int) -> int:
    char = chr(byte)
    if byte > 127:
        return 200
    if char.isupper():
        return ord("A")
    if char.islower():
        return ord("a")
    return ord("9") if char.isdigit() else ord(" ") if char.isspace() else byte


def _class_table() -> NDArray[np.uint64]:
    """One odd 64-bit number per class, from a fixed multiplicative sequence (no chance involved)."""
    weight = [(pow(_BASE, k + 3, 1 << 64) ^ (k * 0xD6E8FEB86659FD93)) & _MASK | 1 for k in range(256)]
    return np.array([weight[_class_of(b)] for b in range(256)], dtype=np.uint64)


_CLASSES = _class_table()
_POWERS = np.cumprod(np.full(_BLOCK, _BASE, np.uint64))
_INVERSES = np.cumprod(np.array([1] + [pow(_BASE, -1, 1 << 64)] * _BLOCK, np.uint64))


def codes(array: pa.LargeStringArray, step: Callable[[], None] = lambda: None) -> NDArray[np.uint64]:
    """One number per value (nulls give the empty text's): equal for equal patterns with run lengths."""
    size = len(array)
    offsets, data = _buffers(array)
    out = np.zeros(size, np.uint64)
    sums = np.zeros(_BLOCK + 1, np.uint64)
    row = 0
    while row < size:
        end = int(np.searchsorted(offsets, offsets[row] + _BLOCK, side="right")) - 1
        if end <= row:  # a single value longer than a block: pattern of its head
            end, stop = row + 1, int(offsets[row]) + _BLOCK
        else:
            end = min(end, size)
            stop = int(offsets[end])
        start = int(offsets[row])
        values = _CLASSES[data[start:stop]]
        values *= _POWERS[: stop - start]
        np.cumsum(values, out=sums[1 : stop - start + 1])
        local = np.minimum(offsets[row : end + 1] - start, stop - start)
        at = sums[local]
        out[row:end] = (at[1:] - at[:-1]) * _INVERSES[local[:-1]]
        row = end
        step()
    return out


def _buffers(array: pa.LargeStringArray) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    return ends, np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)


def edged(array: pa.LargeStringArray) -> NDArray[np.bool_]:
    """Values that may begin or end with a space: by their first and last byte (other scripts' spaces start above 127)."""
    offsets, data = _buffers(array)
    out = np.zeros(len(array), bool)
    filled = offsets[1:] > offsets[:-1]
    first, last = data[offsets[:-1][filled]], data[offsets[1:][filled] - 1]
    out[filled] = (first <= 32) | (last <= 32) | (first > 127) | (last > 127)
    return out


class ShapeCounter:
    """Adds up patterns over chunks: code → count and one value to spell it by.

    ``rows`` were looked at; ``unread`` of them have patterns so many and rare that they are not spelled out.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.unread = 0
        self._found: dict[int, tuple[int, str]] = {}

    def add(self, array: pa.LargeStringArray, weights: pl.Series | None = None, step: Callable[[], None] = lambda: None) -> None:
        """Count the patterns of a chunk without nulls (``weights``: how often each value counts)."""
        ones = weights if weights is not None else pl.repeat(1, len(array), dtype=pl.Int64, eager=True)
        frame = pl.DataFrame({"code": codes(array, step), "n": ones})
        grouped = frame.with_row_index("at").group_by("code").agg(pl.col("n").sum(), pl.col("at").min())
        grouped = grouped.sort(["n", "at"], descending=[True, False])
        self.rows += int(frame["n"].sum())
        for code, count, at in grouped.head(_SPELLED).iter_rows():
            seen = self._found.get(code)
            if seen is not None:
                self._found[code] = (seen[0] + count, seen[1])
            elif len(self._found) < 2 * _SPELLED:
                self._found[code] = (count, array[at].as_py()[:_READ])
            else:
                self.unread += count
        self.unread += int(grouped["n"].slice(_SPELLED).sum())

    def shares(self, limit: int = 12) -> tuple[ShapeShare, ...]:
        """The patterns, most frequent first: with lengths where few of them cover nearly all rows, else folded."""
        spelled: dict[str, int] = {}
        for count, text in self._found.values():
            name = detail(text)
            spelled[name] = spelled.get(name, 0) + count
        ranked = _ranked(spelled)[:limit]
        if sum(n for _, n in ranked) >= _COVERED * self.rows:
            return tuple(ShapeShare(pattern=folded(name), detail=name, count=n, share=n / self.rows) for name, n in ranked)
        merged: dict[str, int] = {}
        for name, n in spelled.items():
            short = folded(name)
            merged[short] = merged.get(short, 0) + n
        return tuple(ShapeShare(pattern=name, detail="", count=n, share=n / self.rows) for name, n in _ranked(merged)[:limit])


def _ranked(tally: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(tally.items(), key=lambda kv: (-kv[1], kv[0]))


def detail(text: str, limit: int = 60) -> str:
    """The pattern of ``text`` with run lengths; letters of any script are ``A`` or ``a``.

    >>> detail("AC-0012 x")
    'A{2}-9{4} a'
    """
    classes = "".join(map(_symbol, text[:limit]))
    out = re.sub(r"([Aa9])\1+", lambda m: f"{m[1]}{{{len(m[0])}}}", classes)
    return out + ("…" if len(text) > limit else "")


def _symbol(char: str) -> str:
    if char.isdigit():
        return "9"
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return " " if char.isspace() else char


def folded(name: str) -> str:
    """A detailed pattern with its runs folded: ``A{2}9{8}`` is ``A9``."""
    return shape(re.sub(r"([Aa9])\{\d+\}", r"\1\1", name))
