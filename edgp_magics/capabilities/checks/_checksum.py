"""Checksums over many values at once: characters as a matrix, one numpy step per position.

All take texts of ASCII letters and digits (a pattern has judged them before) and give null for null.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from ...values import Progress

_BLOCK = 100_000
_DIGITS = 15
Digits = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


def luhn(values: pl.Series, progress: Progress) -> pl.Series:
    """Whether each text of digits passes the Luhn test (cards, IMEI).

    >>> luhn(pl.Series(["4111111111111111", "4111111111111112", None]), Progress()).to_list()
    [True, False, None]
    """
    return _each_block(values, _luhn_block, progress)


def mod97(values: pl.Series, progress: Progress) -> pl.Series:
    """Whether each text passes ISO 7064 mod 97-10 with its first four characters moved to the end (IBAN).

    >>> mod97(pl.Series(["GB82WEST12345698765432", "GB83WEST12345698765432"]), Progress()).to_list()
    [True, False]
    """
    return mod97_plain(values.str.slice(4) + values.str.slice(0, 4), progress)


def mod97_plain(values: pl.Series, progress: Progress) -> pl.Series:
    """As :func:`mod97` without moving anything (LEI)."""
    return _each_block(values, _mod97_block, progress)


def ean(values: pl.Series, progress: Progress) -> pl.Series:
    """Whether each text of digits passes the GS1 test (EAN-8, EAN-13, ISBN-13).

    >>> ean(pl.Series(["9780306406157", "9780306406158"]), Progress()).to_list()
    [True, False]
    """
    return _each_block(values, _ean_block, progress)


def _each_block(values: pl.Series, test: Callable[[Digits], Flags], progress: Progress) -> pl.Series:
    parts = [pl.Series([], dtype=pl.Boolean)]
    for start in range(0, len(values), _BLOCK):
        progress.step()
        block = values.slice(start, _BLOCK)
        passed = pl.Series(test(_digits(block.fill_null("0"))))
        parts.append(passed.set(block.is_null(), None) if block.null_count() else passed)
    return pl.concat(parts)


def _digits(values: pl.Series) -> Digits:
    """Characters as numbers (0-9, A=10 ... Z=35), one row per position; zeros on the left make all texts equally long."""
    width = max(1, int(values.str.len_bytes().max() or 0))  # type: ignore[arg-type]  # the length of a text
    array = values.str.pad_start(width, "0").to_arrow().cast(pa.large_string())
    data = np.frombuffer(array.buffers()[2], dtype=np.uint8)[: len(values) * width].reshape(-1, width)
    codes = np.ascontiguousarray(data.T).astype(np.int64)
    return np.where(codes >= 65, codes - 55, codes - 48)


def _luhn_block(digits: Digits) -> Flags:
    doubled = digits[::-1][1::2] * 2
    total = digits[::-1][::2].sum(axis=0) + np.where(doubled > 9, doubled - 9, doubled).sum(axis=0)
    return np.asarray(total % 10 == 0)


def _ean_block(digits: Digits) -> Flags:
    return np.asarray((digits[::-1][::2].sum(axis=0) + 3 * digits[::-1][1::2].sum(axis=0)) % 10 == 0)


def _mod97_block(digits: Digits) -> Flags:
    """The number read from left to right; the remainder is taken when another digit would not fit."""
    rest = np.zeros(digits.shape[1], np.int64)
    room = _DIGITS
    for place in digits:
        letters = bool((place > 9).any())
        room -= 2 if letters else 1
        if room < 0:
            rest %= 97
            room = _DIGITS - (2 if letters else 1)
        rest = rest * np.where(place > 9, 100, 10) + place if letters else rest * 10 + place
    return np.asarray(rest % 97 == 1)
