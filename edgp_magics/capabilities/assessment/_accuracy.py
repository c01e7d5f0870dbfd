"""Accuracy: cells held against a frame that is known to be true."""

from __future__ import annotations

import polars as pl

from ...errors import BadOption, DataNotFound
from ...values import Context, Dimension, Severity
from ..checks import CheckTable, Outcome, Rule


def compare_with(table: CheckTable, context: Context, reference: str, key: tuple[str, ...]) -> list[Outcome]:
    """One outcome per column that both have: cells that differ from those of the reference row with the same key."""
    if reference not in context.frames:
        known = ", ".join(sorted(context.frames)) or "none"
        raise DataNotFound(f"no frame `{reference}` to compare with.", hint=f"Frames: {known}.", name=reference)
    if not key:
        raise BadOption("--reference needs --key.", hint="Name the columns that identify a row in both frames.", option="key")
    other = context.frames[reference]
    ours = [table.column(k).name for k in key]
    theirs = [other.column(other.position(k)).name for k in key]
    shared = [c for c in table.frame.columns if c in other.columns and c not in ours]
    names = [f"k{i}" for i in range(len(ours))]
    left = pl.DataFrame([table.text(k).alias(n) for k, n in zip(ours, names, strict=True)])
    right = pl.DataFrame([other.column(k).text.alias(n) for k, n in zip(theirs, names, strict=True)]).with_row_index("at")
    matched = left.join(right.unique(names, keep="first", maintain_order=True), on=names, how="left", maintain_order="left")["at"]
    return [_column(table, name, other.column(name).text.gather(matched), reference) for name in shared]


def _column(table: CheckTable, name: str, true: pl.Series, reference: str) -> Outcome:
    table.progress.step()
    known = true.is_not_null() & table.text(name).is_not_null()
    wrong = (table.text(name) != true).fill_null(value=False) & known
    rule = Rule.of("relationship", name, frame=reference).but(
        name=f"{name} equals {reference}.{name}", dimension=Dimension.ACCURACY, severity=Severity.HIGH
    )
    failing = int(wrong.sum())
    return Outcome(
        rule=rule,
        status="fail" if failing else "pass",
        failing=failing,
        judged=int(known.sum()),
        mask=wrong if failing else None,
        blamed=(name,),
    )
