"""All suspect cells of all checks as one table: row, column, rule and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ...frames import Frame
from ...values import Table
from ._run import Outcome

FIXES = {
    "not_null": "fill in, or say that it may be missing",
    "unique": "keep one row per value",
    "unique_combo": "keep one row per combination",
    "in_set": "map to an allowed value",
    "not_in_set": "replace the value",
    "regex": "rewrite to the format",
    "not_regex": "rewrite the text",
    "range": "correct or clear the value",
    "length": "correct the value",
    "type_is": "correct or clear the value",
    "pair": "correct one of the two",
    "conditional": "correct the value",
    "expression": "correct the value",
    "dependency": "set to the usual value of its group",
    "combo_in_set": "correct one of them",
    "sorted": "correct the value or the order of rows",
    "z_score": "correct or clear the value",
    "date_format": "rewrite to the format",
    "relationship": "add the missing reference or correct the key",
}
"""What usually repairs a cell that fails a check of this kind."""
_SCHEMA = {
    "row": pl.UInt32,
    "column": pl.String,
    "rule": pl.String,
    "check": pl.String,
    "severity": pl.String,
    "dimension": pl.String,
    "confidence": pl.Float64,
    "value": pl.String,
    "fix": pl.String,
    "repair": pl.String,
}


def cell_table(frame: Frame, outcomes: Sequence[Outcome], extra: Sequence[pl.DataFrame] = ()) -> Table:
    """One line per suspect cell and rule: ``row`` is the 0-based position; ``value`` and ``repair`` are raw (mask them to show them)."""
    parts = [part for o in outcomes for part in _of_outcome(frame, o)]
    parts += list(extra)
    if not parts:
        return Table(pl.DataFrame(schema=_SCHEMA).to_arrow())
    return Table(pl.concat(parts).with_columns(pl.col("row").cast(pl.Int64)).to_arrow())


def _of_outcome(frame: Frame, outcome: Outcome) -> list[pl.DataFrame]:
    if outcome.mask is None:
        return []
    rows = outcome.rows
    return [cells(frame, rows, name, outcome) for name in outcome.blamed]


def cells(frame: Frame, rows: pl.Series, column: str, outcome: Outcome) -> pl.DataFrame:
    """The cells of one column at these rows, with what the outcome's rule says of them."""
    rule = outcome.rule
    constants = {
        "column": column,
        "rule": rule.kind,
        "check": rule.label,
        "severity": rule.severity.value,
        "dimension": rule.dimension.value,
        "confidence": rule.confidence,
    }
    values = cell_text(frame, column, rows)
    literals = [pl.lit(v).alias(k) for k, v in constants.items()]
    fix = pl.lit(FIXES.get(rule.kind, "look at it")).alias("fix")
    repair = _repair(outcome, values).alias("repair")
    return pl.DataFrame({"row": rows}).select("row", *literals, values.alias("value"), fix, repair)


def _repair(outcome: Outcome, values: pl.Series) -> pl.Series:
    """What each cell should say instead, where the check knows: the value meant, or the usual one of its group."""
    if outcome.repairs is not None:
        return outcome.repairs
    meant = outcome.rule.parameters.get("meant")
    if meant:
        return values.replace_strict(dict(meant), default=None, return_dtype=pl.String)
    return pl.repeat(None, len(values), dtype=pl.String, eager=True)


def cell_text(frame: Frame, column: str, rows: pl.Series) -> pl.Series:
    """The cells at these rows as text."""
    found = frame.column(frame.position(column))
    if found.kind in ("nested", "binary", "duration"):  # polars casts none of these to text
        return found.text.gather(rows)
    taken = pl.from_arrow(found.array.take(rows.to_arrow()))
    assert isinstance(taken, pl.Series)
    return taken.cast(pl.String)
