"""The six dimensions of ISO/IEC 25012 and DAMA, each as a formula over what the checks counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ...values import Dimension
from ..checks import CheckTable, Outcome

ASSESSED, NOT_ASSESSED = "ASSESSED", "NOT_ASSESSED"
_FORMULAS = {
    Dimension.COMPLETENESS: "100 x (1 - missing cells / cells), where null, blank and coded-missing (N/A, -, ...) cells are missing",
    Dimension.VALIDITY: "100 x (1 - cells that fail a validity check / cells that say something in the columns checks were looked for "
    "or given for)",
    Dimension.UNIQUENESS: "100 x (1 - rows beyond the first of their kind / rows judged), summed over whole rows and every key checked",
    Dimension.CONSISTENCY: "100 x (1 - cells that fail a consistency check / cells judged by one)",
    Dimension.ACCURACY: "100 x (1 - cells that differ from the reference / cells compared with it)",
    Dimension.TIMELINESS: "100 x mean over freshness checks of min(1, days allowed / days old)",
}
_MISSING = {
    Dimension.COMPLETENESS: "the table has no cells",
    Dimension.VALIDITY: "no check on values applies: give some (age between 0 and 120, email like EMAIL)",
    Dimension.UNIQUENESS: "no check on duplicates applies: give one (unique(id)), or let checks be looked for",
    Dimension.CONSISTENCY: "no check between columns applies: give some (a <= b, country -> currency)",
    Dimension.ACCURACY: "no reference to compare with: give one with --reference FRAME --key COLUMN",
    Dimension.TIMELINESS: "no date is promised: give a freshness check (freshness(updated_at) < 7d)",
}


@dataclass(frozen=True, kw_only=True)
class DimensionScore:
    """One dimension: its score 0..100 with formula and inputs, or NOT_ASSESSED with what is missing to assess it."""

    dimension: str
    status: str
    score: float | None
    formula: str
    inputs: Mapping[str, float | int] = field(default_factory=dict)
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the scores are computed from; ``searched`` are the columns that checks on values were looked for in."""

    table: CheckTable
    outcomes: Sequence[Outcome]
    searched: frozenset[str] = frozenset()
    extra_rows: int | None = None


def score_dimensions(evidence: Evidence) -> dict[str, DimensionScore]:
    """Every dimension, in the order of the standards."""
    inputs = {
        Dimension.COMPLETENESS: _completeness(evidence),
        Dimension.VALIDITY: _cells(evidence, Dimension.VALIDITY, evidence.searched),
        Dimension.UNIQUENESS: _uniqueness(evidence),
        Dimension.CONSISTENCY: _cells(evidence, Dimension.CONSISTENCY),
        Dimension.ACCURACY: _cells(evidence, Dimension.ACCURACY),
        Dimension.TIMELINESS: _timeliness(evidence),
    }
    return {d.value: _score(d, found) for d, found in inputs.items()}


def total(scores: Mapping[str, DimensionScore]) -> float | None:
    """The mean of the assessed dimensions, each with equal weight; None when none was assessed."""
    known = [s.score for s in scores.values() if s.score is not None]
    return _floored(sum(known) / len(known)) if known else None


def _floored(value: float) -> float:
    """Two decimals, never rounded up to 100: only what nothing is wrong with has 100."""
    return min(round(value, 2), 99.99) if value < 100 else 100.0


def _score(dimension: Dimension, inputs: dict[str, float | int]) -> DimensionScore:
    bad, of = inputs.get("failing", 0), inputs.get("judged", 0)
    scored = bool(of)
    return DimensionScore(
        dimension=dimension.value,
        status=ASSESSED if scored else NOT_ASSESSED,
        score=_floored(max(0.0, 100.0 * (1 - bad / of))) if scored else None,
        formula=_FORMULAS[dimension],
        inputs=inputs,
        missing="" if scored else _MISSING[dimension],
    )


def _completeness(evidence: Evidence) -> dict[str, float | int]:
    table = evidence.table
    null = sum(table.null_count(name) for name in table.frame.columns)
    coded = sum(table.coded_count(name) for name in table.frame.columns)
    broken, whole = _whole(evidence, Dimension.COMPLETENESS) if table.frame.cells else (0, 0)
    return {"null": null, "blank or coded": coded, "failing": null + coded + broken, "judged": table.frame.cells + whole}


def _cells(evidence: Evidence, dimension: Dimension, looked_at: Iterable[str] = ()) -> dict[str, float | int]:
    """Cells failing at least one check of the dimension, over the cells judged.

    What was looked at counts as judged whether a check was found there or not: a score must not rise because a fault
    brings a check with it. A verdict on the whole table counts as one cell.
    """
    table = evidence.table
    judged = {name: table.rows - table.null_count(name) for name in looked_at}
    failing: dict[str, pl.Series] = {}
    used = whole = broken = 0
    for outcome in _of(evidence.outcomes, dimension):
        used += 1
        if not outcome.rule.row_level:
            whole, broken = whole + 1, broken + (outcome.status == "fail")
            continue
        for name in outcome.blamed or outcome.rule.columns:
            judged[name] = max(judged.get(name, 0), outcome.judged)
            if outcome.mask is not None:
                failing[name] = failing[name] | outcome.mask if name in failing else outcome.mask
    bad = sum(int(m.sum()) for m in failing.values())
    return {"failing": bad + broken, "judged": sum(judged.values()) + whole, "checks": used}


def _of(outcomes: Iterable[Outcome], dimension: Dimension) -> Iterable[Outcome]:
    """The checks of this dimension that were run."""
    return (o for o in outcomes if o.rule.dimension is dimension and o.status != "not_run")


def _whole(evidence: Evidence, dimension: Dimension) -> tuple[int, int]:
    """How many checks on the whole table failed, and how many there are."""
    whole = [o.status == "fail" for o in _of(evidence.outcomes, dimension) if not o.rule.row_level]
    return sum(whole), len(whole)


def _uniqueness(evidence: Evidence) -> dict[str, float | int]:
    table, extra = evidence.table, evidence.extra_rows
    broken, whole = _whole(evidence, Dimension.UNIQUENESS)
    failing, judged, keys = (extra or 0) + broken, whole + (table.rows if extra is not None else 0), 0
    for outcome in _of(evidence.outcomes, Dimension.UNIQUENESS):
        every = outcome.rule.kind == "unique_combo" and len(outcome.rule.columns) == len(table.frame.columns)
        if outcome.rule.kind not in ("unique", "unique_combo") or (every and extra is not None):
            continue
        keys += 1
        judged += outcome.judged
        failing += _beyond_first(table, outcome)
    return {"failing": failing, "judged": judged, "keys": keys}


def _beyond_first(table: CheckTable, outcome: Outcome) -> int:
    if outcome.mask is None:
        return 0
    rows = outcome.rows
    names = dict.fromkeys((*outcome.rule.by, *outcome.rule.columns))
    cells = pl.DataFrame({f"k{i}": table.series(n).gather(rows) for i, n in enumerate(names)})
    return len(rows) - int(cells.to_struct("row").is_first_distinct().sum())


def _timeliness(evidence: Evidence) -> dict[str, float | int]:
    shares: list[float] = []
    oldest = 0.0
    for outcome in evidence.outcomes:
        if outcome.rule.kind == "freshness" and isinstance(outcome.value, (int, float)):
            allowed = float(outcome.rule.parameters["days"])
            oldest = max(oldest, outcome.value)
            shares.append(min(1.0, max(allowed, 0.0) / outcome.value) if outcome.value > 0 else 1.0)
    lost = sum(1 - s for s in shares)
    return {"failing": round(lost, 6), "judged": len(shares), "days old": oldest} if shares else {}
