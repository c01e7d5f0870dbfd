"""The six dimensions of ISO/IEC 25012 and DAMA, each as a formula over what the checks counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ...values import Dimension
from ..checks import CheckTable, Outcome, is_coded_missing

ASSESSED, NOT_ASSESSED = "ASSESSED", "NOT_ASSESSED"
_FORMULAS = {
    Dimension.COMPLETENESS: "100 x (1 - missing cells / cells), where null, blank and coded-missing (N/A, -, ...) cells are missing",
    Dimension.VALIDITY: "100 x (1 - cells that fail a validity check / cells judged by one)",
    Dimension.UNIQUENESS: "100 x (1 - rows beyond the first of their kind / rows judged), summed over whole rows and every key checked",
    Dimension.CONSISTENCY: "100 x (1 - cells that fail a consistency check / cells judged by one)",
    Dimension.ACCURACY: "100 x (1 - cells that differ from the reference / cells compared with it)",
    Dimension.TIMELINESS: "100 x mean over freshness checks of min(1, days allowed / days old)",
}
_MISSING = {
    Dimension.COMPLETENESS: "the table has no cells",
    Dimension.VALIDITY: "no check on values applies: give some (age between 0 and 120, email like EMAIL)",
    Dimension.UNIQUENESS: "the table has no rows",
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
    """What the scores are computed from."""

    table: CheckTable
    outcomes: Sequence[Outcome]
    extra_rows: int | None = None
    compared: tuple[int, int] | None = None


def score_dimensions(evidence: Evidence) -> dict[str, DimensionScore]:
    """Every dimension, in the order of the standards."""
    inputs = {
        Dimension.COMPLETENESS: _completeness(evidence.table),
        Dimension.VALIDITY: _cells(evidence, Dimension.VALIDITY),
        Dimension.UNIQUENESS: _uniqueness(evidence),
        Dimension.CONSISTENCY: _cells(evidence, Dimension.CONSISTENCY),
        Dimension.ACCURACY: _accuracy(evidence),
        Dimension.TIMELINESS: _timeliness(evidence),
    }
    return {d.value: _score(d, found) for d, found in inputs.items()}


def total(scores: Mapping[str, DimensionScore]) -> float | None:
    """The mean of the assessed dimensions, each with equal weight; None when none was assessed."""
    known = [s.score for s in scores.values() if s.score is not None]
    return round(sum(known) / len(known), 2) if known else None


def _score(dimension: Dimension, inputs: dict[str, float | int]) -> DimensionScore:
    bad, of = inputs.get("failing", 0), inputs.get("judged", 0)
    if not of:
        return DimensionScore(
            dimension=dimension.value,
            status=NOT_ASSESSED,
            score=None,
            formula=_FORMULAS[dimension],
            inputs=inputs,
            missing=_MISSING[dimension],
        )
    value = round(max(0.0, 100.0 * (1 - bad / of)), 2)
    if bad and value == 100.0:
        value = 99.99  # a fault never rounds away
    return DimensionScore(dimension=dimension.value, status=ASSESSED, score=value, formula=_FORMULAS[dimension], inputs=inputs)


def _completeness(table: CheckTable) -> dict[str, float | int]:
    null = blank = 0
    for name in table.frame.columns:
        null += table.null_count(name)
        if table.column(name).kind in ("string", "mixed"):
            found = table.where_value(name, is_coded_missing)
            blank += int(found.sum() or 0)
    return {"null": null, "blank or coded": blank, "failing": null + blank, "judged": table.frame.cells}


def _cells(evidence: Evidence, dimension: Dimension) -> dict[str, float | int]:
    """Cells failing at least one check of the dimension, over the cells that one judged."""
    failing: dict[str, pl.Series] = {}
    judged: dict[str, int] = {}
    used = 0
    for outcome in _of(evidence.outcomes, dimension):
        if not outcome.rule.row_level or outcome.status == "not_run":
            continue
        used += 1
        for name in outcome.blamed or outcome.rule.columns:
            judged[name] = max(judged.get(name, 0), outcome.judged)
            if outcome.mask is not None:
                failing[name] = failing[name] | outcome.mask if name in failing else outcome.mask
    return {"failing": sum(int(m.sum()) for m in failing.values()), "judged": sum(judged.values()), "checks": used}


def _of(outcomes: Iterable[Outcome], dimension: Dimension) -> Iterable[Outcome]:
    return (o for o in outcomes if o.rule.dimension is dimension)


def _uniqueness(evidence: Evidence) -> dict[str, float | int]:
    failing, judged, keys = evidence.extra_rows or 0, evidence.table.rows if evidence.extra_rows is not None else 0, 0
    for outcome in _of(evidence.outcomes, Dimension.UNIQUENESS):
        whole = outcome.rule.kind == "unique_combo" and len(outcome.rule.columns) == len(evidence.table.frame.columns)
        if (
            outcome.rule.kind not in ("unique", "unique_combo")
            or outcome.status == "not_run"
            or (whole and evidence.extra_rows is not None)
        ):
            continue
        keys += 1
        judged += outcome.judged
        failing += _beyond_first(evidence.table, outcome)
    return {"failing": failing, "judged": judged, "keys": keys}


def _beyond_first(table: CheckTable, outcome: Outcome) -> int:
    if outcome.mask is None:
        return 0
    rows = outcome.rows
    names = dict.fromkeys((*outcome.rule.by, *outcome.rule.columns))
    cells = pl.DataFrame({f"k{i}": table.series(n).gather(rows) for i, n in enumerate(names)})
    return len(rows) - int(cells.to_struct("row").is_first_distinct().sum())


def _accuracy(evidence: Evidence) -> dict[str, float | int]:
    found = _cells(evidence, Dimension.ACCURACY)
    if evidence.compared is not None:
        found |= {"failing": found["failing"] + evidence.compared[0], "judged": found["judged"] + evidence.compared[1]}
    return found


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
