"""The state that nodes share and checkpoints keep: handles and summaries, never frames or cell values."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

from ..errors import GovernanceError
from ..values import AgentCapability, DatasetRef, Finding, Plan, Result, Severity, Status, plain, plural


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Two mappings as one; what parallel nodes write under different names is kept.

    >>> merged({"a": 1}, {"b": 2})
    {'a': 1, 'b': 2}
    """
    return {**old, **new}


def last(old: Any, new: Any) -> Any:
    """The later of two values, so that parallel nodes may both say where they are."""
    return new


class WorkflowState(TypedDict, total=False):
    """State of a workflow run, as the architecture guide names it; all of it plain data.

    Beyond the guide: ``results`` holds the briefs of steps that have no field of their own, ``plans`` what each plan step
    proposed last and for which table, ``frames`` the handles of tables made on the way, ``applied`` by which approved actions
    each was made, ``decisions`` who approved what, ``outcomes`` what each step that ran brought, in order.
    ``options`` (by step), ``approve`` (a standing decision), ``preset``, ``reference``, ``tables`` and ``max_rounds``
    are what a caller may set.
    """

    dataset_id: str
    input_data: dict[str, Any]
    quality_results: dict[str, Any]
    compliance_results: dict[str, Any]
    remediation_plan: Annotated[dict[str, Any], last]
    final_report: dict[str, Any]
    execution_id: str
    started_at: str
    current_step: Annotated[str, last]
    completed_steps: Annotated[list[str], operator.add]
    results: Annotated[dict[str, Any], merged]
    plans: Annotated[dict[str, Any], merged]
    outcomes: Annotated[list[dict[str, Any]], operator.add]
    frames: Annotated[dict[str, Any], merged]
    applied: Annotated[list[dict[str, Any]], operator.add]
    decisions: Annotated[dict[str, Any], merged]
    failed_steps: Annotated[list[dict[str, str]], operator.add]
    scores: Annotated[list[float], operator.add]
    options: dict[str, dict[str, Any]]
    approve: Any
    preset: str
    reference: str
    tables: dict[str, Any]
    table: str
    max_rounds: int


FIELDS = tuple(WorkflowState.__annotations__)
_BRIEFS = ("quality_results", "compliance_results", "remediation_plan", "final_report")
_FINDINGS = 20
_ACTIONS = 20


def brief(result: Result) -> dict[str, Any]:
    """A result as the state keeps it: status, summary, metrics, and the worst findings without rows and examples."""
    findings = [
        {"id": f.id, "rule": f.rule, "severity": f.severity.value, "columns": list(f.columns[:8]), "count": f.count, "message": f.message}
        for f in result.findings[:_FINDINGS]
    ]
    out = {
        "capability": result.capability,
        "status": result.status,
        "summary": result.summary,
        "metrics": result.metrics,
        "findings": findings,
        "findings_total": len(result.findings),
        "run": result.run.id if result.run else "",
        "of": result.dataset.fingerprint,
    }
    score, plan = getattr(result, "score", None), getattr(result, "plan", None)
    out |= {"score": score} if isinstance(score, (int, float)) else {}
    out = (plan_brief(plan) if isinstance(plan, Plan) else {}) | out
    return dict(plain(out))


def plan_brief(plan: Plan) -> dict[str, Any]:
    """A plan as the state keeps it: every action's id in order, and what the first ones do, without values."""
    shown = [
        {
            "id": a.id,
            "title": a.title,
            "tier": a.tier,
            "kind": a.kind,
            "column": a.column or "",
            "count": a.count,
            "confidence": a.confidence,
        }
        for a in plan.actions[:_ACTIONS]
    ]
    ids = [a.id for a in plan.actions]
    doable = [a for a in plan.actions if a.kind != "flag"]
    tiers = {tier: sum(a.tier == tier for a in doable) for tier in ("auto", "review", "flag")}
    summary = f"{plural(len(plan.actions), 'action')} proposed for {plan.dataset.name}."
    return dict(plain({"summary": summary, "actions": shown, "action_ids": ids, "doable": len(doable), "tiers": tiers}))


def planned(step: str, plan: Plan) -> dict[str, Any]:
    """A plan under the name of the step that made it, with the table it is for: approvals and applications look here."""
    return {step: {**plan_brief(plan), "dataset": plain(plan.dataset)}}


def restored(state: Mapping[str, Any]) -> dict[str, Result]:
    """Results by step as far as the state has them: for a kernel that did not run the steps itself.

    Without rows, examples and tables, which no checkpoint keeps. A brief that stands in a field of its own is that of the
    last step that said its summary.
    """
    told = [(o["step"], o["summary"]) for o in state.get("outcomes") or ()]
    kept: dict[str, Mapping[str, Any]] = dict(state.get("results") or {})
    for key in _BRIEFS:
        short = state.get(key) or {}
        rounds = [step for step, summary in told if summary == short.get("summary")]
        if rounds:
            kept[numbered(rounds[-1], sum(step == rounds[-1] for step, _ in told) - 1)] = short
    handles = {ref["fingerprint"]: ref for ref in _handles(state)}
    return {name: _result_of(b, ref_of(handles[b["of"]])) for name, b in kept.items() if b.get("capability") and b.get("of") in handles}


def _handles(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every table the state names."""
    made = [entry["after"] for entry in state.get("applied") or ()]
    own = [state["input_data"]] if state.get("input_data") else []
    return [*(state.get("tables") or {}).values(), *(state.get("frames") or {}).values(), *made, *own]


def _result_of(short: Mapping[str, Any], ref: DatasetRef) -> Result:
    findings = [Finding(**{**f, "severity": Severity(f["severity"]), "columns": tuple(f["columns"])}) for f in short.get("findings") or ()]
    left = short["findings_total"] - len(findings)
    more = f" {plural(left, 'further finding')} were counted only." if left else ""
    return Result(
        capability=AgentCapability(short["capability"]),
        dataset=ref,
        status=Status(short["status"]),
        summary=short["summary"],
        findings=tuple(findings),
        metrics=dict(short["metrics"]),
        notes=(f"Read back from the kept state of the run: rows, examples and tables are not kept.{more}",),
    )


def numbered(name: str, before: int) -> str:
    """The name of what was made ``before`` times already.

    >>> numbered("approval", 0), numbered("approval", 1)
    ('approval', 'approval_2')
    """
    return f"{name}_{before + 1}" if before else name


def decision_on(state: Mapping[str, Any], plan_step: str) -> Mapping[str, Any] | None:
    """The last decision on a step's plan.

    >>> decision_on({"decisions": {"a": {"plan": "one"}, "b": {"plan": "two"}}}, "one")
    {'plan': 'one'}
    """
    found = [d for d in (state.get("decisions") or {}).values() if d["plan"] == plan_step]
    return found[-1] if found else None


def outcome(step: str, update: Mapping[str, Any]) -> dict[str, Any]:
    """What a step brought, from its update: its label, a summary, the number of findings.

    >>> outcome("scan", {"results": {"scan: a": {"summary": "2 columns.", "findings_total": 2}}})
    {'step': 'scan', 'label': 'scan: a', 'summary': '2 columns.', 'findings': 2}
    """
    briefs = [(step, v) for v in update.values() if isinstance(v, Mapping) and "summary" in v]
    found: list[tuple[str, Mapping[str, Any]]] = [*(update.get("results") or {}).items(), *briefs]
    label, brought = found[0] if found else (step, {})
    return {"step": step, "label": label, "summary": str(brought.get("summary", "")), "findings": brought.get("findings_total")}


def reference(state: Mapping[str, Any], role: str = "") -> DatasetRef:
    """The handle of the table to work on: the newest one made on the way, else the one that was given."""
    made = state.get("applied") or []
    found = state.get("frames", {})[role] if role else made[-1]["after"] if made else state["input_data"]
    return ref_of(found)


def ref_of(data: Mapping[str, Any]) -> DatasetRef:
    """The handle in plain data."""
    return DatasetRef(**{**data, "columns": tuple(data["columns"])})


def said(error: BaseException) -> str:
    """What may be kept and shown of an error: our own text; of a foreign one only its type, for it may quote a cell."""
    from langgraph.errors import NodeTimeoutError

    return str(error) if isinstance(error, (GovernanceError, NodeTimeoutError)) else type(error).__name__
