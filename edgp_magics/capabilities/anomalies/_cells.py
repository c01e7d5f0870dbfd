"""Cells that stand out: far outside their column, far outside their group, rare combinations, impossible dates."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import polars as pl

from ...frames import Frame
from ...values import Context, Table
from ..checks import CheckTable, run_rules
from ..checks._find_numbers import find_ranges, robust_bounds
from ..checks._find_values import vocabulary
from ..profiling._semantic import meaning_of

_GROUPS = 30
_GROUP_ROWS = 30
_PAIR_EXPECTED = 10.0
_PAIR_SEEN = 0.05
_PAIR_ROWS = 0.005
_COLUMNS = 20
_SCHEMA = {"row": pl.Int64, "column": pl.String, "rule": pl.String, "why": pl.String, "confidence": pl.Float64}


def odd_cells(frame: Frame, context: Context) -> Table:
    """Every cell that stands out, with the rule and why; row positions, no values."""
    table = CheckTable(frame, context.progress)
    parts = [*_outside(table, context), *_outside_group(table), *_rare_pairs(table)]
    if not parts:
        return Table(pl.DataFrame(schema=_SCHEMA).to_arrow())
    every = pl.concat(parts).unique(["row", "column", "rule"], keep="first", maintain_order=True)
    return Table(every.sort(["row", "column", "rule"]).to_arrow())


def _part(rows: Iterable[int], column: str, rule: str, why: str, confidence: float) -> pl.DataFrame:
    frame = pl.DataFrame({"row": pl.Series(list(rows), dtype=pl.Int64)})
    return frame.with_columns(
        pl.lit(column).alias("column"), pl.lit(rule).alias("rule"), pl.lit(why).alias("why"), pl.lit(confidence).alias("confidence")
    )


def _outside(table: CheckTable, context: Context) -> Iterable[pl.DataFrame]:
    """Values far outside their column; dates far from all others or in the future."""
    for name in table.frame.columns:
        context.progress.step()
        rules = list(find_ranges(table, name, context.as_of))
        column = table.column(name)
        dated = column.kind in ("date", "datetime")
        personal = meaning_of(column, context.progress).personal  # the bounds are somebody's values
        for outcome in run_rules(table.frame, rules, context, table=table):
            if outcome.mask is not None and outcome.failing <= 0.02 * table.rows:
                why = f"{name} far outside the rest of its column" if personal else outcome.rule.label
                yield _part(outcome.rows.to_list(), name, "impossible_date" if dated else "far_outside", why, 0.9)


def _outside_group(table: CheckTable) -> Iterable[pl.DataFrame]:
    """Numbers ordinary for the column and far outside for their group."""
    groups = [n for n in table.frame.columns if 2 <= len(vocabulary(table, n)) <= _GROUPS][:_COLUMNS]
    numbers = [n for n in table.frame.columns if table.column(n).kind in ("integer", "float", "decimal")][:_COLUMNS]
    for by in groups:
        labels = table.text(by)
        codes = labels.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
        for name in numbers:
            table.progress.step()
            values = table.column(name).numbers()
            yield from _in_groups(name, by, values, codes)


def _in_groups(name: str, by: str, values: np.ndarray, codes: np.ndarray) -> Iterable[pl.DataFrame]:
    for code in np.unique(codes[codes > 0]):
        at = np.flatnonzero((codes == code) & np.isfinite(values))
        if len(at) < _GROUP_ROWS:
            continue
        low, high = robust_bounds(values[at])
        odd = np.zeros(len(at), dtype=bool)
        odd |= values[at] < low if low is not None else False
        odd |= values[at] > high if high is not None else False
        if odd.any():
            yield _part(at[odd].tolist(), name, "far_outside_group", f"{name} far from others of its {by}", 0.8)


def _rare_pairs(table: CheckTable) -> Iterable[pl.DataFrame]:
    """Values of two columns that hardly ever stand together though both are frequent."""
    names = [n for n in table.frame.columns if 2 <= len(vocabulary(table, n)) <= _GROUPS][:_COLUMNS]
    for a, b in combinations(names, 2):
        table.progress.step()
        cells = pl.DataFrame({"a": table.text(a), "b": table.text(b)}).with_row_index("row").drop_nulls()
        counted = cells.with_columns(pl.len().over("a").alias("na"), pl.len().over("b").alias("nb"), pl.len().over("a", "b").alias("n"))
        expected = pl.col("na") * pl.col("nb") / max(1, cells.height)
        odd = counted.filter((expected >= _PAIR_EXPECTED) & (pl.col("n") <= _PAIR_SEEN * expected))
        if 0 < odd.height <= _PAIR_ROWS * table.rows:
            for column in (a, b):
                yield _part(odd["row"].to_list(), column, "rare_combination", f"{a} and {b} hardly ever stand together so", 0.6)
