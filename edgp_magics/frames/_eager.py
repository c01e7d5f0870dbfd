"""Whether looking at a table costs more than looking."""

from __future__ import annotations

from typing import Any

import narwhals.dependencies as nwd


def in_memory(data: Any) -> bool:
    """Whether a table's rows are there already: a LazyFrame or a relation is a query that would have to be run.

    >>> import polars as pl
    >>> in_memory(pl.DataFrame({"a": [1]})), in_memory(pl.LazyFrame({"a": [1]}))
    (True, False)
    """
    return not (nwd.is_polars_lazyframe(data) or nwd.is_duckdb_relation(data))
