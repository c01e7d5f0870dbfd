"""Accuracy: cells held against a frame that is known to be true."""

from __future__ import annotations

import polars as pl

from ...errors import BadOption, DataNotFound
from ...values import Context, Dimension, Severity
from ..checks import CheckTable, Outcome, Rule, is_coded_missing
from ..checks._run import same_key

_ROUNDING = 1e-12


def compare_with(table: CheckTable, context: Context, reference: str, key: tuple[str, ...]) -> list[Outcome]:
    """One outcome per column that both have: cells that differ from those of the reference row with the same key."""
    if reference not in context.frames:
        known = ", ".join(sorted(context.frames)) or "none"
        raise DataNotFound(f"no frame `{reference}` to compare with.", hint=f"Frames: {known}.", name=reference)
    if not key:
        raise BadOption("--reference needs --key.", hint="Name the columns that identify a row in both frames.", option="key")
    truth = CheckTable(context.frames[reference], context.progress)
    ours = [table.column(k).name for k in key]
    theirs = [truth.column(k).name for k in key]
    shared = [c for c in table.frame.columns if c in truth.frame.columns and c not in ours]
    pairs = [same_key(table.series(a), truth.series(b)) for a, b in zip(ours, theirs, strict=True)]
    names = [f"k{i}" for i in range(len(pairs))]
    left = pl.DataFrame([a.alias(n) for (a, _), n in zip(pairs, names, strict=True)])
    right = pl.DataFrame([b.alias(n) for (_, b), n in zip(pairs, names, strict=True)]).with_row_index("at")
    matched = left.join(right.unique(names, keep="first", maintain_order=True), on=names, how="left", maintain_order="left")["at"]
    return [_column(table, name, truth.series(name).gather(matched), reference) for name in shared]


def _column(table: CheckTable, name: str, true: pl.Series, reference: str) -> Outcome:
    table.progress.step()
    ours = table.series(name)
    known = true.is_not_null() & ours.is_not_null()
    wrong = _differ(ours, true).fill_null(value=False) & known
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


def _differ(ours: pl.Series, true: pl.Series) -> pl.Series:
    """Where two columns say different things, whatever types they say it in.

    Numbers may differ by the rounding of the coarser type; where one side knows only the day, days are compared; text
    is read as what the other side is, and differs where it cannot be.
    """
    if ours.dtype == pl.String and true.dtype == pl.String:
        return ours != true
    if ours.dtype == pl.String or true.dtype == pl.String:
        return _differ_from_text(ours, true)
    if ours.dtype.is_numeric() and true.dtype.is_numeric():
        return _numbers_differ(ours, true)
    if ours.dtype == pl.Date or true.dtype == pl.Date:
        return ours.cast(pl.Date) != true.cast(pl.Date)
    a, b = same_key(ours, true)
    return a != b


def _differ_from_text(ours: pl.Series, true: pl.Series) -> pl.Series:
    text, typed = (ours, true) if ours.dtype == pl.String else (true, ours)
    if typed.dtype.is_numeric():
        read = text.str.strip_chars().cast(pl.Float64, strict=False)
        unread = read.is_null() & ~is_coded_missing(text)
        return _numbers_differ(read, typed).fill_null(value=False) | unread
    if typed.dtype == pl.Date or isinstance(typed.dtype, pl.Datetime):
        days = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        return (days != typed.cast(pl.Date)).fill_null(value=False) | days.is_null()
    return text != typed.cast(pl.String)


def _numbers_differ(ours: pl.Series, true: pl.Series) -> pl.Series:
    if ours.dtype.is_integer() and true.dtype.is_integer():
        return ours.cast(pl.Int128) != true.cast(pl.Int128)
    a, b = ours.cast(pl.Float64), true.cast(pl.Float64)
    if _in_single(a) or _in_single(b):
        return a.cast(pl.Float32) != b.cast(pl.Float32)
    return ((a - b).abs() > _ROUNDING * b.abs()) & (a != b)


def _in_single(values: pl.Series) -> bool:
    """Whether the column was held in single precision: fractions, none with more digits than that has."""
    kept = values.drop_nulls()
    return bool((kept != kept.floor()).any() and (kept.cast(pl.Float32).cast(pl.Float64) == kept).all())
