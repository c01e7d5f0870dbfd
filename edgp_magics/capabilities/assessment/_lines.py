"""One line per check, and a finding for each that failed."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...frames import Frame
from ...values import RAW, ROWS_KEPT, AgentCapability, Finding, finding, mask, percent, plural
from ...values import Evidence as Example
from ..checks import Outcome, Semantics
from ..checks._cells import FIXES, cell_text

_EXAMPLES = 5


@dataclass(frozen=True, kw_only=True)
class CheckLine:
    """One check and what became of it: ``pass``, ``fail`` or ``not_run`` with its reason.

    ``failing`` is what the semantics count, ``judged`` what it was counted among; ``value`` is what an aggregate came
    to; ``line`` is the line of the cell. ``seconds`` is what the check cost: shown, but no part of the saved result.
    """

    id: str
    label: str
    kind: str
    columns: tuple[str, ...]
    dimension: str
    severity: str
    origin: str
    status: str
    failing: int = 0
    judged: int = 0
    value: float | str | None = None
    tolerance: str = ""
    confidence: float = 1.0
    reason: str = ""
    line: int | None = None
    seconds: float = field(default=0.0, compare=False, metadata=RAW)


def check_line(outcome: Outcome) -> CheckLine:
    """The line of an outcome."""
    rule = outcome.rule
    value = outcome.value if outcome.value is None or isinstance(outcome.value, (int, float, str)) else str(outcome.value)
    return CheckLine(
        id=rule.id,
        label=rule.label,
        kind=rule.kind,
        columns=rule.columns,
        dimension=rule.dimension.value,
        severity=rule.severity.value,
        origin=rule.origin,
        status=outcome.status,
        failing=outcome.failing,
        judged=outcome.judged,
        value=value,
        tolerance=str(rule.tolerance),
        confidence=rule.confidence,
        reason=outcome.reason,
        line=rule.line,
        seconds=outcome.seconds,
    )


def finding_of(frame: Frame, outcome: Outcome, semantics: Semantics, capability: AgentCapability) -> Finding:
    """The finding of a failed check: how many rows, which, masked examples, and how it was counted."""
    rule = outcome.rule
    rows = outcome.rows.head(ROWS_KEPT).to_list()
    found = "found in the data" if rule.origin == "found" else f"given{f' on line {rule.line}' if rule.line else ''}"
    if rule.origin == "found":
        found += f"; it holds for {percent(1 - outcome.failing / max(1, outcome.judged))} of the rows judged"
    return finding(
        capability,
        rule.kind,
        rule.columns[:8],
        _message(outcome),
        rule.severity,
        key=rule.id,
        count=outcome.failing if rule.row_level else 0,
        of=outcome.judged if rule.row_level else 0,
        rows=frame.row_labels(rows),
        evidence=_examples(frame, outcome, rows),
        dimension=rule.dimension.value,
        confidence=rule.confidence,
        computation=f"check `{rule.label}`, {found}; counted over all rows ({semantics})",
        actions=(FIXES[rule.kind],) if rule.kind in FIXES else (),
    )


def _message(outcome: Outcome) -> str:
    rule = outcome.rule
    if not rule.row_level:
        return f"{rule.label}: it is {_shown(outcome.value)}"
    allowed = f" ({rule.tolerance} allowed)" if str(rule.tolerance) else ""
    groups = f"; {outcome.reason}" if outcome.reason else ""
    verb = "fails" if outcome.failing == 1 else "fail"
    label = rule.but(tolerance=type(rule.tolerance)()).label
    return f"{label}: {plural(outcome.failing, 'row')} {verb}{allowed}{groups}"


def _shown(value: float | str | None) -> str:
    return f"{value:,.6g}" if isinstance(value, (int, float)) else str(value)


def _examples(frame: Frame, outcome: Outcome, rows: list[int]) -> tuple[Example, ...]:
    import polars as pl

    if not rows or outcome.rule.kind == "not_null":
        return ()
    head = pl.Series(rows[:_EXAMPLES], dtype=pl.UInt32)
    labels = frame.row_labels(head.to_list())
    columns = outcome.blamed[:2] or outcome.rule.columns[:2]
    shown = {name: cell_text(frame, name, head).to_list() for name in columns}
    return tuple(Example(row=label, column=name, shown=mask(shown[name][i])) for i, label in enumerate(labels) for name in columns)
