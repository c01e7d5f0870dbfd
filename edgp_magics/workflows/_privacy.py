"""``privacy_review``: what is personal, how easily rows lead to persons, a plan to hide it, approval, a new table, a second look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..values import AgentCapability as Cap
from ..values import DatasetRef, Plan, Progress, Status
from ._nodes import WorkflowContext, add, apply_work, approval_work, capability_work, options_of, plan_work
from ._routing import approval_router, plan_router, privacy_router
from ._state import WorkflowState

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

PRESET = "mask"


async def deidentification(state: Mapping[str, Any], context: WorkflowContext, ref: DatasetRef, progress: Progress) -> Plan:
    """The plan of the preset, from the scan of this very table."""
    import asyncio

    scan: Any = context.results.get("privacy_scan")
    if scan is None or scan.dataset.fingerprint != ref.fingerprint:
        scan = await context.execute(Cap.PRIVACY_SCAN, ref, progress, options_of(state, "privacy_scan"))
        context.results["privacy_scan"] = scan
    options = {"preset": state.get("preset") or PRESET, **options_of(state, "deidentification_plan")}
    if context.key:
        options["key"] = context.key
    plan: Plan = await asyncio.to_thread(scan.deidentify, context.runtime.datasets.frame(ref), **options)
    return plan


async def risk(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
    """How near the table is to persons, from what the scan counted."""
    return {"results": {"risk_assessment": risk_of(state.get("compliance_results") or {})}}


def risk_of(scan: Mapping[str, Any], threshold: int = 5) -> dict[str, Any]:
    """Level and figures of a scan's brief.

    >>> risk_of({"metrics": {"personal_columns": 0, "spans": 0}})["level"]
    'none'
    """
    metrics = scan.get("metrics") or {}
    k = metrics.get("k")
    special = (metrics.get("special_columns") or 0) + (metrics.get("secret_columns") or 0) + (metrics.get("attacks") or 0)
    small = k is not None and k < threshold
    known = bool(metrics) and scan.get("status") != Status.NOT_ASSESSED.value
    personal = not known or bool(metrics.get("personal_columns") or metrics.get("spans") or metrics.get("attacks"))
    level = "high" if special or (small and k == 1) else "medium" if personal or small else "none"
    figures = {n: metrics.get(n) for n in ("personal_columns", "special_columns", "spans", "k", "uniqueness", "prosecutor_risk", "attacks")}
    return {"level": level, "personal": personal or small, "metrics": figures, "summary": f"Risk {level}."}


async def compare(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
    """What is left: the figures of the first scan beside those of the second."""
    before, after = state.get("compliance_results") or {}, state["results"]["rescan"]
    names = ("personal_columns", "special_columns", "secret_columns", "spans", "k", "uniqueness", "attacks")
    figures = {n: {"before": (before.get("metrics") or {}).get(n), "after": after["metrics"].get(n)} for n in names}
    left = after["metrics"].get("personal_columns") or 0
    text = f"{before.get('metrics', {}).get('personal_columns', 0)} personal columns before, {left} after."
    return {"results": {"residual_risk": {**risk_of(after), "figures": figures, "summary": text}}}


def build() -> StateGraph[Any, Any, Any, Any]:
    """Scan, risk, plan, approval, apply, scan again."""
    from langgraph.graph import END, START, StateGraph

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(WorkflowState, context_schema=WorkflowContext)
    add(graph, "privacy_scan", capability_work("privacy_scan", Cap.PRIVACY_SCAN, "compliance_results"))
    add(graph, "risk_assessment", risk)
    add(graph, "deidentification_plan", plan_work("deidentification_plan", deidentification))
    add(graph, "approval", approval_work("approval", "deidentification_plan", "Which columns shall be de-identified?"))
    add(graph, "apply", apply_work("apply", "deidentification_plan", "deidentified"))
    add(graph, "rescan", capability_work("rescan", Cap.PRIVACY_SCAN))
    add(graph, "residual_risk", compare)
    graph.add_edge(START, "privacy_scan")
    graph.add_edge("privacy_scan", "risk_assessment")
    graph.add_conditional_edges("risk_assessment", privacy_router, {"personal_data": "deidentification_plan", "no_personal_data": END})
    graph.add_conditional_edges("deidentification_plan", plan_router, {"to_approve": "approval", "nothing_to_do": END})
    graph.add_conditional_edges("approval", approval_router, {"approved": "apply", "rejected": END})
    graph.add_edge("apply", "rescan")
    graph.add_edge("rescan", "residual_risk")
    graph.add_edge("residual_risk", END)
    return graph
