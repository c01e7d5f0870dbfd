"""``drift_watch``: profile, compare with a reference or with the last time, new rules where it moved, and the report."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import UnknownName
from ..frames import as_frame
from ..values import AgentCapability as Cap
from ..values import Progress, Result
from ._nodes import WorkflowContext, add, capability_work, options_of, table
from ._routing import drift_router
from ._state import WorkflowState, brief

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

_MOVED = 0.05


async def compare(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
    """Compare the profile with that of the reference table, else its figures with those of the last profile of this name."""
    name = state.get("reference")
    if not name:
        return {"results": {"compare": await asyncio.to_thread(_with_history, state, context)}}
    if name not in context.frames:
        raise UnknownName("table", str(name), known=context.frames)
    ref = await table(state, context, progress)
    profile: Any = context.results.get("profile")
    if profile is None:
        profile = await context.execute(Cap.DATA_PROFILING, ref, progress, options_of(state, "profile"))
        context.results["profile"] = profile
    drift: Result = await asyncio.to_thread(lambda: profile.compare(as_frame(context.frames[name], name=str(name))))
    context.results["compare"] = drift
    return {"results": {"compare": {**brief(drift), "drifted": bool(getattr(drift, "drifted", ()) or drift.findings)}}}


def _with_history(state: Mapping[str, Any], context: WorkflowContext) -> dict[str, Any]:
    now = state["results"]["profile"]
    past = context.runtime.recorder.history.runs(state["dataset_id"], capability=Cap.DATA_PROFILING.value, limit=20)
    earlier = [run for run in past if run.id != now["run"]]
    return changes(now["metrics"], earlier[-1].metrics if earlier else None)


def changes(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The figures that moved by more than a twentieth; without an earlier run nothing is known, which is no pass.

    >>> changes({"rows": 200}, {"rows": 100})["moved"]
    {'rows': {'before': 100, 'now': 200}}
    """
    if before is None:
        return {"drifted": True, "status": "not_assessed", "moved": {}, "summary": "There is no earlier run to compare with."}
    moved = {
        name: {"before": before.get(name), "now": value}
        for name, value in sorted(now.items())
        if name in before and _differs(before.get(name), value)
    }
    words = ", ".join(f"{n} {m['before']} → {m['now']}" for n, m in list(moved.items())[:6])
    return {
        "drifted": bool(moved),
        "status": "issues" if moved else "ok",
        "moved": moved,
        "summary": words or "No figure of the profile moved.",
    }


def _differs(before: Any, now: Any) -> bool:
    if isinstance(before, (int, float)) and isinstance(now, (int, float)):
        return abs(now - before) > _MOVED * max(abs(before), abs(now), 1e-12)
    return bool(before != now)


def build() -> StateGraph[Any, Any, Any, Any]:
    """New rules only where the data moved; the report in any case."""
    from langgraph.graph import END, START, StateGraph

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(WorkflowState, context_schema=WorkflowContext)
    add(graph, "profile", capability_work("profile", Cap.DATA_PROFILING))
    add(graph, "compare", compare)
    add(graph, "rules", capability_work("rules", Cap.RULE_SUGGESTION))
    add(graph, "analytics_report", capability_work("analytics_report", Cap.REPORT_GENERATION, "final_report"))
    graph.add_edge(START, "profile")
    graph.add_edge("profile", "compare")
    graph.add_conditional_edges("compare", drift_router, {"drifted": "rules", "stable": "analytics_report"})
    graph.add_edge("rules", "analytics_report")
    graph.add_edge("analytics_report", END)
    return graph
