"""issue_resolution: from what the other agents found to what is done about it, with conflicts settled or shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from ..errors import BadOption
from ..frames import Frame
from ..values import (
    Action,
    AgentCapability,
    Badge,
    Block,
    Cell,
    Code,
    Context,
    Finding,
    Grid,
    Plan,
    Result,
    Severity,
    Status,
    plural,
)
from ._clean import CleaningResult, clean_data
from ._options import Option
from ._scan import ScanResult
from .cleaning._assemble import action_id
from .cleaning._impute import impute_actions
from .cleaning._recipe import Replayable
from .cleaning._view import views_of

CAPABILITY = AgentCapability.ISSUE_RESOLUTION
Resolution = Literal["repair", "estimate", "de-identify", "drop", "quarantine", "ask"]
_MASKING = 3
"""De-identification comes after every repair and wins."""
_SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class Issue:
    """A finding of another capability and how it is resolved: by which actions, or by asking whom."""

    finding: str
    source: str
    severity: Severity
    message: str
    resolution: Resolution
    actions: tuple[str, ...] = ()
    ask: str = ""


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Two actions that want different things of the same cells, rows or columns, and which one wins."""

    first: str
    second: str
    about: str
    settled: str


@dataclass(frozen=True, kw_only=True, repr=False)
class ResolutionResult(Replayable, Result):
    """Every issue with its resolution, one plan for all of them, and the conflicts in it."""

    plan: Plan
    issues: tuple[Issue, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    def body(self) -> list[Block]:
        """Issues with their resolution, conflicts, the plan."""
        issues = [_issues_grid(self.issues)] if self.issues else []
        conflicts = [_conflicts_grid(self.conflicts)] if self.conflicts else []
        return [*issues, *conflicts, *self.plan.blocks()]


def _issues_grid(issues: Sequence[Issue]) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    for i in issues[:_SHOWN]:
        rows.append((Badge(i.severity.value, i.severity), i.message, i.resolution, ", ".join(i.actions) or i.ask, Code(i.finding)))
    head = ("severity", "issue", "resolution", "by", "finding")
    return Grid(f"Issues ({len(issues)})", head, tuple(rows), more=max(0, len(issues) - _SHOWN))


def _conflicts_grid(conflicts: Sequence[Conflict]) -> Grid:
    rows: list[tuple[Cell, ...]] = [(c.about, Code(c.first), Code(c.second), c.settled) for c in conflicts[:_SHOWN]]
    head = ("about", "one", "other", "settled")
    return Grid(f"Conflicts ({len(conflicts)})", head, tuple(rows), more=max(0, len(conflicts) - _SHOWN))


def resolve_issues(
    frame: Frame,
    context: Context,
    *,
    privacy: Annotated[
        Literal["propose", "mask", "hipaa_safe_harbor", "pci", "pdpa", "pseudonymise", "none"],
        Option("how personal columns are de-identified; propose is mask, made only when accepted"),
    ] = "propose",
    key: Annotated[
        Any,
        Option("secret of pdpa and pseudonymise: bytes, or in a cell the name of a variable; never recorded", kind="secret"),
    ] = b"",
    impute: Annotated[bool, Option("estimate missing values that nothing determines")] = True,
    quarantine: Annotated[bool, Option("set rows with unrepaired grave faults aside")] = True,
) -> ResolutionResult:
    """Turn the findings of assess, scan and check into actions; what no action can settle is a question to the owner.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> result = resolve_issues(as_frame(pd.DataFrame({"a": ["x ", "y"]}), name="t"), Context())
    >>> [(i.resolution, len(i.actions)) for i in result.issues]
    [('repair', 1)]
    """
    cleaning = _cleaning(frame, context)
    actions = list(cleaning.plan.actions)
    if impute:
        taken = {(r, str(a.column)) for a in actions if a.kind == "set" for r in a.rows}
        actions += impute_actions(frame, views_of(frame), taken, lambda: context.progress.step("estimates", 0.6))
    actions += [_over_fills(a, actions) for a in _privacy_actions(frame, context, privacy, key)]
    if quarantine:
        actions += _quarantine(context, actions)
    plan = Plan(dataset=frame.ref, actions=tuple(actions), like=frame)
    issues = tuple(_issues(cleaning, context, plan))
    conflicts = tuple(_conflicts(plan))
    return ResolutionResult(
        capability=CAPABILITY,
        dataset=frame.ref,
        status=_status(frame, issues),
        summary=_summary(issues, conflicts, context),
        metrics={
            "issues": len(issues),
            "actions": len(plan),
            "asked": sum(i.resolution == "ask" for i in issues),
            "conflicts": len(conflicts),
        },
        notes=_missing(context),
        plan=plan,
        issues=issues,
        conflicts=conflicts,
    )


def _cleaning(frame: Frame, context: Context) -> CleaningResult:
    earlier = context.results.get(AgentCapability.DATA_CLEANING.value)
    return earlier if isinstance(earlier, CleaningResult) else clean_data(frame, context)


# -- actions that cleaning does not propose ----------------------------------------------------------------------------
def _privacy_actions(frame: Frame, context: Context, preset: str, key: Any) -> list[Action]:
    """De-identification of what a privacy scan found, in texts piece by piece: to review if asked for, else never made unaccepted."""
    if not isinstance(key, bytes):  # text from a cell would be kept with the notebook and the run
        raise BadOption("the key is no bytes.", hint="Give bytes: edgp.run('resolve', df, privacy='pdpa', key=KEY); in a cell --key NAME.")
    scan = context.results.get(AgentCapability.PRIVACY_SCAN.value)
    if preset == "none" or not isinstance(scan, ScanResult):
        return []
    unasked = preset == "propose"
    plan = scan.deidentify(frame, preset="mask" if unasked else preset, key=key, as_of=context.as_of)
    return [
        replace(a, tier="flag" if unasked else a.tier, stage=_MASKING + a.stage, columns=a.columns or (str(a.column),))
        for a in plan.actions
    ]


def _over_fills(masking: Action, repairs: Sequence[Action]) -> Action:
    """The action with the empty cells of its column that a repair fills: they stay empty, else a value would stand there unmasked."""
    if masking.kind != "set":
        return masking
    mine = [a for a in repairs if a.kind == "set" and a.column == masking.column]
    rows = sorted({r for a in mine for r, old in zip(a.rows, a.old, strict=True) if old is None} - set(masking.rows))
    nothing = (None,) * len(rows)
    return replace(masking, rows=(*masking.rows, *rows), old=(*masking.old, *nothing), new=(*masking.new, *nothing))


def _quarantine(context: Context, actions: Sequence[Action]) -> list[Action]:
    """Rows with a grave fault that no repair reaches, to be set aside; the log keeps them."""
    assessment = context.results.get(AgentCapability.DATA_QUALITY_ASSESSMENT.value)
    suspects = getattr(assessment, "suspects", None)
    if suspects is None or "severity" not in suspects.names:
        return []
    repairs = [a for a in actions if a.kind == "set" and a.tier != "flag" and a.detector != "deidentify"]
    repaired = {(r, a.column) for a in repairs for r in a.rows}
    columns = zip(suspects["row"], suspects["column"], suspects["severity"], strict=True)
    rows = sorted({int(r) for r, c, s in columns if s in ("high", "critical") and (int(r), c) not in repaired})
    if not rows:
        return []
    return [
        Action(
            id=action_id("quarantine"),
            kind="drop_rows",
            detector="quarantine",
            title=f"Set {plural(len(rows), 'row')} aside",
            reason="a fault of high severity that no proposed repair reaches; the rows stay in the log as `quarantine`",
            tier="flag",
            confidence=0.8,
            rows=tuple(rows),
        )
    ]


# -- issues ------------------------------------------------------------------------------------------------------------
def _issues(cleaning: CleaningResult, context: Context, plan: Plan) -> Iterable[Issue]:
    """Findings of every earlier result, gravest first, each with what resolves it."""
    results = [cleaning, *(r for name, r in sorted(context.results.items()) if name != cleaning.capability.value)]
    found = [(f, r.capability.value) for r in results for f in getattr(r, "findings", ()) if f.severity is not Severity.INFO]
    order = sorted(found, key=lambda p: (-p[0].severity.rank, p[1], -p[0].count, p[0].id))
    clauses = {c.id: c for c in getattr(context.results.get(AgentCapability.COMPLIANCE_CHECK.value), "clauses", ())}
    return (_issue(f, source, plan, clauses.get(f.rule)) for f, source in order)


def _issue(found: Finding, source: str, plan: Plan, clause: Any) -> Issue:
    common: dict[str, Any] = {"finding": found.id, "source": source, "severity": found.severity, "message": found.message}
    if clause is not None and clause.missing and not clause.violating_rows:  # no change to the table makes up for a declaration
        return Issue(**common, resolution="ask", ask="Declare " + "; ".join(clause.supply or clause.missing))
    mine = [a for a in plan.actions if _settles(a, found, source)]
    if not mine:
        return Issue(**common, resolution="ask", ask=_question(found))
    first = mine[0]
    kinds: dict[str, Resolution] = {"deidentify": "de-identify", "impute": "estimate", "quarantine": "quarantine", "duplicates": "drop"}
    return Issue(**common, resolution=kinds.get(first.detector, "repair"), actions=tuple(a.id for a in mine))


def _settles(action: Action, found: Finding, source: str) -> bool:
    """Whether an action is about what a finding says."""
    if action.kind == "flag":
        return False
    if source == AgentCapability.DATA_CLEANING.value:
        return any(action.id in text for text in found.actions)
    if found.clause is not None or source == AgentCapability.PRIVACY_SCAN.value:
        return action.detector == "deidentify" and bool(set(action.columns) & set(found.columns))
    if found.dimension == "uniqueness":
        return action.detector == "duplicates"
    if found.dimension == "completeness":
        return action.detector in ("missing_fill", "impute", "coded_missing") and bool(set(action.columns) & set(found.columns))
    return action.detector not in ("deidentify", "impute", "duplicates", "golden_record") and bool(set(action.columns) & set(found.columns))


def _question(found: Finding) -> str:
    where = ", ".join(found.columns) or "the table"
    if found.clause is not None:
        return found.actions[0] if found.actions else f"Ask the owner how {found.clause} is met for {where}."
    return f"Ask the owner of {where}: is this right, and if not, where is the true value?"


# -- conflicts ---------------------------------------------------------------------------------------------------------
def _conflicts(plan: Plan) -> Iterable[Conflict]:
    """Actions that meet in a column, and who wins: dropping before masking, masking before repairs, repairs before respelling."""
    acting = [a for a in plan.actions if a.kind != "flag"]
    for i, first in enumerate(acting):
        for second in acting[i + 1 :]:
            about = _meet(first, second)
            if about:
                yield Conflict(first=first.id, second=second.id, about=about, settled=_settled(first, second))


def _meet(a: Action, b: Action) -> str:
    if "drop_columns" in (a.kind, b.kind):
        both = sorted(set(a.columns) & set(b.columns))
        return ", ".join(both)
    if "drop_rows" in (a.kind, b.kind):
        return "" if a.kind == b.kind else plural(len(set(a.rows) & set(b.rows)), "row") * bool(set(a.rows) & set(b.rows))
    shared = set(a.rows) & set(b.rows) if a.column == b.column else set()
    return f"{plural(len(shared), 'cell')} of {a.column}" if shared else ""


def _settled(a: Action, b: Action) -> str:
    if "drop_rows" in (a.kind, b.kind) or "drop_columns" in (a.kind, b.kind):
        return f"{(a if a.kind.startswith('drop') else b).id} wins where it is accepted: what is dropped needs no repair"
    winner = max((a, b), key=lambda x: (x.stage, x.confidence, x.id))
    why = "it comes later" if a.stage != b.stage else "it is surer"
    return f"{winner.id} wins: {why}"


# -- words -------------------------------------------------------------------------------------------------------------
def _status(frame: Frame, issues: Sequence[Issue]) -> Status:
    if not frame.rows or not frame.columns:
        return Status.NOT_ASSESSED
    return Status.ISSUES if issues else Status.OK


def _summary(issues: Sequence[Issue], conflicts: Sequence[Conflict], context: Context) -> str:
    if not issues:
        return "No issue was found that needs an action."
    solved = sum(i.resolution != "ask" for i in issues)
    words = f" {plural(len(conflicts), 'conflict')} between actions settled as shown." if conflicts else ""
    return f"{plural(len(issues), 'issue')}: {solved:,} with actions, {len(issues) - solved:,} to ask the owner about.{words}"


def _missing(context: Context) -> tuple[str, ...]:
    wanted = {
        AgentCapability.DATA_QUALITY_ASSESSMENT: "assess",
        AgentCapability.PRIVACY_SCAN: "scan",
        AgentCapability.COMPLIANCE_CHECK: "check",
    }
    absent = [verb for capability, verb in wanted.items() if capability.value not in context.results]
    return (f"Not taken in, because it was not run on this table: {', '.join(absent)}.",) if absent else ()
