"""Values that stand for "missing", as a profile tells them; what counts as one is defined with the checks."""

from __future__ import annotations

import polars as pl

from ...values import mask
from ..checks import _missing
from ..checks._missing import LONGEST, MARKS, SPELLINGS, WORDS
from ._model import Coded
from ._runs import Array

__all__ = ["LONGEST", "SPELLINGS", "coded_days", "coded_numbers", "coded_texts", "masked_codes"]


def coded_texts(counts: pl.DataFrame, rows: int, *, names: bool = False) -> tuple[Coded, ...]:
    """Words and marks for "missing" among distinct texts; in a column of names or two-letter codes ``Na`` is a value.

    >>> coded_texts(pl.DataFrame({"value": ["N/A", "red"], "count": [3, 9]}), 12)
    (Coded(shown='N/A', count=3),)
    """
    hits = counts.filter(pl.col("value").is_in(list(SPELLINGS)))
    if not hits.height:
        return ()
    total = float(counts["count"].sum())
    short = float(counts.filter(pl.col("value").str.len_bytes() <= 2)["count"].sum()) / total
    found = _missing.coded_texts(hits.select("value", "count").iter_rows(), rest=counts.height - hits.height, short=short, names=names)
    return tuple(Coded(shown=v, count=n) for v, n in found)


def coded_numbers(ordered: Array) -> tuple[Coded, ...]:
    """Sentinels such as -1 or 999 that recur far away from all other values of a sorted array."""
    return tuple(Coded(shown=str(s), count=n) for s, n in _missing.coded_numbers(ordered))


def coded_days(ordered: Array, ticks_per_day: int) -> tuple[Coded, ...]:
    """Dates that systems write for "missing" (1900-01-01, 9999-12-31) and that recur outside the rest."""
    return tuple(Coded(shown=day, count=n) for day, n in _missing.coded_days(ordered, ticks_per_day))


def masked_codes(coded: tuple[Coded, ...]) -> tuple[Coded, ...]:
    """The codes of a personal column, masked where they could be somebody's value."""
    return tuple(c if c.shown.casefold() in WORDS or c.shown in MARKS else Coded(shown=mask(c.shown), count=c.count) for c in coded)
