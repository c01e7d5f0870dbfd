"""Checks found by looking at the data: what nearly every row keeps to is taken for a rule, the rest is suspect."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

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
_RARE_BLANK = 0.01
_KEY_ROWS = 20
_KEY_SHARE = 0.98
_KEY_DOUBTED = 0.85
_KEY_HOLDS = 0.98
_DENSE = 2
_LONG = 12
_NAMED = re.compile(r"(?i)(^|[\W_])(id|key|uuid|guid|no|nr|number|code)$|[a-z](Id|ID|Key|Code)$")
_SAMPLE = 20_000
_DOUBTED = 0.25
_FEW = 2


@dataclass(frozen=True, kw_only=True)
class Found:
    """Outcomes of found checks, the columns looked at, and how many exact duplicate rows there are beyond the first of each."""

    outcomes: tuple[Outcome, ...]
    searched: frozenset[str] = frozenset()
    extra_rows: int | None = None


def find_checks(table: CheckTable, context: Context) -> Found:
    """Rules that the data itself suggests, run: types, formats, checksums, ranges, orders, keys, dependencies, odd values.

    Deciding whether a rule holds looks at an even sample of rows; counting what breaks it looks at all of them.
    """
    gaps: list[Outcome] = []
    outcomes: list[Outcome] = []
    names = table.frame.columns
    for place, name in enumerate(names):
        context.progress.step(f"looking for checks on {name[:40]}", 0.7 * place / max(1, len(names)))
        gaps += _completeness(table, name, context)
        rules = [*_keys(table, name), *find_text(table, name), *find_ranges(table, name, context.as_of)]
        outcomes += [run_rule(table, rule, context, SEMANTICS["edgp"]) for rule in rules]
    context.progress.step("looking for orders and dependencies", 0.75)
    outcomes += [run_rule(table, rule, context, SEMANTICS["edgp"]) for rule in find_pairs(table)]
    outcomes += find_dependencies(table)
    context.progress.step("looking for duplicate rows", 0.9)
    whole, extra = _whole_rows(table, context)
    believed = [kept for o in outcomes if (kept := _weighed(o)) is not None]
    return Found(outcomes=(*whole, *gaps, *believed), searched=_searched(table), extra_rows=extra)


def _weighed(outcome: Outcome) -> Outcome | None:
    """The outcome as far as it is believed: as it is, as a doubt, or (a quarter of the rows break it) not at all.

    ``support`` says how many rows a rule of the kind must hold for to be taken for a rule. One that more rows break is
    still told, with less weight: were it dropped, a table would look the better the more was wrong with it.
    """
    dull = outcome.rule.kind in ("not_regex", "not_in_set") and not outcome.failing
    if outcome.status == "not_run" or not outcome.judged or dull:
        return None
    allowed = (1 - outcome.rule.support) * outcome.judged
    if outcome.failing <= (max(_FEW, allowed) if allowed > 0 else 0):
        return outcome
    return _doubted(outcome) if outcome.failing <= _DOUBTED * outcome.judged else None


def _doubted(outcome: Outcome) -> Outcome:
    rule = outcome.rule
    level = Severity.INFO if rule.severity in (Severity.INFO, Severity.LOW) else Severity.LOW
    return replace(outcome, rule=rule.but(severity=level, confidence=round(rule.confidence / 2, 4)), reason="so many may be genuine")


def _completeness(table: CheckTable, name: str, context: Context) -> Iterable[Outcome]:
    """Missing cells: few are suspect each; many mean that the column may be empty, and are told without naming cells."""
    codes = table.coded(name)
    missing = table.null_count(name) + table.coded_count(name)
    if not missing:
        return
    share = missing / table.rows
    said = f" (null, blank, {', '.join(map(str, codes))})" if codes else ""
    rule = Rule.of("not_null", name, blank=True, **({"missing": sorted(codes, key=str)} if codes else {})).but(
        name=f"{name} not missing{said}", severity=Severity.LOW, origin="found", confidence=round(max(0.5, 1 - share), 4)
    )
    outcome = run_rule(table, rule, context, SEMANTICS["edgp"])
    blank = table.coded_count(name) > sum(codes.values())  # in a text file a blank is often how nothing is written
    yield (
        outcome
        if share <= (_RARE_BLANK if blank else _RARE_NULL)
        else replace(outcome, reason="the column may be meant to have gaps", blamed=())
    )


def _searched(table: CheckTable) -> frozenset[str]:
    """Columns with values enough to look for checks on them."""
    least = dict.fromkeys(("integer", "float", "decimal", "date", "datetime"), 30) | dict.fromkeys(("string", "mixed"), 20)
    kinds = {name: table.column(name).kind for name in table.frame.columns}
    return frozenset(n for n, k in kinds.items() if k in least and table.rows - table.null_count(n) >= least[k])


def _keys(table: CheckTable, name: str) -> Iterable[Rule]:
    """Columns of codes or whole numbers in which nearly every value stands once."""
    series = table.series(name)
    if table.rows < _KEY_ROWS or not (series.dtype == pl.String or series.dtype.is_integer()) or series.null_count() > table.rows * 0.5:
        return
    sample = series.gather_every(max(1, table.rows // _SAMPLE)).drop_nulls()
    if len(sample) < _KEY_ROWS or not _like_codes(sample) or not _hardly_repeats(name, sample):
        return
    yield Rule.of("unique", name).but(severity=Severity.MEDIUM, origin="found", confidence=0.9, support=_KEY_HOLDS)


def _hardly_repeats(name: str, sample: pl.Series) -> bool:
    """Whether values repeat so little that they name rows: hardly at all, or little for a name, a long code or a numbering of rows.

    Numbers drawn from a wide range hardly repeat, either: repeats that chance explains are no broken key.
    """
    distinct = sample.n_unique()
    if distinct < len(sample) * _KEY_DOUBTED:
        return False
    numbers = _numbering(sample)
    width = float(numbers.quantile(0.99) or 0) - float(numbers.quantile(0.01) or 0) if numbers is not None else 0.0
    long = numbers is None and float(sample.str.len_bytes().median() or 0) >= _LONG  # type: ignore[arg-type]  # the length of a text
    if long or _NAMED.search(name) or 0 < width <= _DENSE * len(sample):
        return True
    by_chance = len(sample) ** 2 / (2 * width) if width > 0 else 0.0
    return distinct >= len(sample) * _KEY_SHARE and (distinct == len(sample) or by_chance < 0.5 * (len(sample) - distinct))


def _numbering(sample: pl.Series) -> pl.Series | None:
    """The number in each code, where most have one short enough to count with."""
    numbers = sample if sample.dtype != pl.String else sample.str.extract(r"^[^0-9]*([0-9]{1,15})$").cast(pl.Int64)
    return numbers.drop_nulls() if numbers.null_count() < 0.2 * len(sample) else None


def _like_codes(sample: pl.Series) -> bool:
    """Whether values look like identifiers: no sentences, and digits in most of them."""
    if sample.dtype != pl.String:
        return True
    spaces = int(sample.str.count_matches(" ", literal=True).gt(1).sum())
    digits = int(sample.str.contains("[0-9]").sum())
    return spaces <= 0.05 * len(sample) and digits >= 0.8 * len(sample) and float(sample.str.len_chars().max() or 0) <= 64  # type: ignore[arg-type]


def _whole_rows(table: CheckTable, context: Context) -> tuple[list[Outcome], int | None]:
    """Rows that are equal to another in every column."""
    if not table.frame.columns or not table.rows:
        return [], None
    if table.rows < 2:
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
    return [replace(outcome, blamed=())], len(rows) - first
