"""Texts that stand for a missing value."""

from __future__ import annotations

import polars as pl

TOKENS = (
    "n/a", "na", "n.a.", "#n/a", "#na", "nan", "null", "none", "nil", "missing", "not available", "not applicable", "unknown", "undefined",
    "-", "--", "---", "?", "??", "tbd", "tba", "(null)", "<na>", "(blank)", "#value!", "#ref!", "#div/0!", "#name?",
)  # fmt: skip
"""What people and programs write for nothing, in lower case."""


def is_coded_missing(values: pl.Series) -> pl.Series:
    """Whether each text is blank or one of :data:`TOKENS` in any case.

    >>> is_coded_missing(pl.Series(["N/A", " ", "Nadia", None])).to_list()
    [True, True, False, None]
    """
    short = values.str.len_bytes() <= 24
    if not short.any():
        return short
    stripped = values.str.strip_chars().str.to_lowercase()
    return (stripped == "") | stripped.is_in(TOKENS)
