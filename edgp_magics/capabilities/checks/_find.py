"""Checks found by looking at the data: what nearly every row keeps to is taken for a rule, the rest is suspect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from ...values import Context, Dimension, Severity
from ._find_dependencies import find_dependencies
from ._find_numbers import find_ranges
from ._find_pairs import find_pairs
from ._find_text import find_text
from ._model import Rule, Tolerance
from ._run import Outcome, run_rule
from ._semantics import SEMANTICS
from ._table import CheckTable

_RARE_NULL = 0.05
_KEY_ROWS = 20
_KEY_SHARE = 0.98
_KEY_HOLDS = 0.995
_SAMPLE = 20_000


@dataclass(frozen=True, kw_only=True)
class Found:
    """Outcomes of found checks, and how many exact duplicate rows there are beyond the first of each."""

    outcomes: tuple[Outcome, ...]
    extra_rows: int = 0


def find_checks(table: CheckTable, context: Context) -> Found:
    """Rules that the data itself suggests, run: types, formats, checksums, ranges, orders, keys, dependencies, odd values.

    Deciding whether a rule holds looks at an even sample of rows; counting what breaks it looks at all of them.
    """
    outcomes: list[Outcome] = []
    names = table.frame.columns
    for place, name in enumerate(names):
        context.progress.step(f"looking for checks on {name[:40]}", 0.7 * place / max(1, len(names)))
        rules = [*_completeness(table, name), *_keys(table, name), *find_text(table, name), *find_ranges(table, name, context.as_of)]
        outcomes += [run_rule(table, rule, context, SEMANTICS["edgp"]) for rule in rules]
    context.progress.step("looking for orders and dependencies", 0.75)
    outcomes += [run_rule(table, rule, context, SEMANTICS["edgp"]) for rule in find_pairs(table)]
    outcomes += find_dependencies(table)
    context.progress.step("looking for duplicate rows", 0.9)
    whole, extra = _whole_rows(table, context)
    return Found(outcomes=(*whole, *filter(_credible, outcomes)), extra_rows=extra)


def _credible(outcome: Outcome) -> bool:
    """A found rule that too many rows break was no rule: its tolerance says how many are believed to be errors."""
    share = outcome.failing / outcome.judged if outcome.judged else 0.0
    dull = outcome.rule.kind in ("not_regex", "not_in_set") and not outcome.failing
    return outcome.status != "not_run" and outcome.judged > 0 and share <= (1 - outcome.rule.support) and not dull


def _completeness(table: CheckTable, name: str) -> Iterable[Rule]:
    """Few nulls in a column that is otherwise full are suspect; many mean that it may be empty."""
    share = table.null_count(name) / table.rows if table.rows else 0.0
    if 0 < share <= _RARE_NULL:
        rule = Rule.of("not_null", name)
        yield rule.but(severity=Severity.LOW, origin="found", confidence=round(1 - share, 4), support=1 - _RARE_NULL)


def _keys(table: CheckTable, name: str) -> Iterable[Rule]:
    """Columns of codes or whole numbers in which nearly every value stands once."""
    series = table.series(name)
    if table.rows < _KEY_ROWS or not (series.dtype == pl.String or series.dtype.is_integer()) or series.null_count() > table.rows * 0.5:
        return
    sample = series.gather_every(max(1, table.rows // _SAMPLE)).drop_nulls()
    if len(sample) < _KEY_ROWS or sample.n_unique() < len(sample) * _KEY_SHARE or not _like_codes(sample):
        return
    yield Rule.of("unique", name).but(severity=Severity.MEDIUM, origin="found", confidence=0.9, support=_KEY_HOLDS)


def _like_codes(sample: pl.Series) -> bool:
    """Whether values look like identifiers: no sentences, and digits in most of them."""
    if sample.dtype != pl.String:
        return True
    spaces = int(sample.str.count_matches(" ", literal=True).gt(1).sum())
    digits = int(sample.str.contains("[0-9]").sum())
    return spaces <= 0.05 * len(sample) and digits >= 0.8 * len(sample) and float(sample.str.len_chars().max() or 0) <= 64  # type: ignore[arg-type]


def _whole_rows(table: CheckTable, context: Context) -> tuple[list[Outcome], int]:
    """Rows that are equal to another in every column."""
    if not table.frame.columns or table.rows < 2:
        return [], 0
    rule = Rule.of("unique_combo", table.frame.columns).but(
        name="no row repeats another",
        severity=Severity.MEDIUM,
        dimension=Dimension.UNIQUENESS,
        origin="found",
        tolerance=Tolerance(),
        support=0.0,
    )
    outcome = run_rule(table, rule, context, SEMANTICS["pointblank"])
    if outcome.mask is None:
        return [outcome], 0
    rows = outcome.rows
    cells = pl.DataFrame({f"k{i}": table.series(n).gather(rows) for i, n in enumerate(table.frame.columns)})
    first = int(cells.to_struct("row").is_first_distinct().sum())
    return [Outcome(**{**vars(outcome), "blamed": ()})], len(rows) - first
