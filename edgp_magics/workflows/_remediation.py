"""``remediation_loop``: assess, plan, approval, apply, assess again, until nothing gets better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..values import AgentCapability as Cap
from ..values import Result
from ._nodes import WorkflowContext, add, apply_work, approval_work, capability_work, cleaning_plan, plan_work
from ._routing import approval_router, plan_router, remediation_router
from ._state import WorkflowState

if TYPE_CHECKING:
    from langgraph.graph import StateGraph


def _score(state: Mapping[str, Any], result: Result) -> dict[str, Any]:
    score = getattr(result, "score", None)
    return {"scores": [float(score)]} if isinstance(score, (int, float)) else {}


def build() -> StateGraph[Any, Any, Any, Any]:
    """The loop; ``max_rounds`` bounds it."""
    from langgraph.graph import END, START, StateGraph

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(WorkflowState, context_schema=WorkflowContext)
    add(graph, "quality_check", capability_work("quality_check", Cap.DATA_QUALITY_ASSESSMENT, "quality_results", more=_score))
    add(graph, "remediation_plan", plan_work("remediation_plan", cleaning_plan))
    add(graph, "approval", approval_work("approval", "remediation_plan", "Which repairs shall be made?"))
    add(graph, "apply", apply_work("apply", "remediation_plan", "clean"))
    graph.add_edge(START, "quality_check")
    graph.add_conditional_edges("quality_check", remediation_router, {"improve": "remediation_plan", "fixed_point": END})
    graph.add_conditional_edges("remediation_plan", plan_router, {"to_approve": "approval", "nothing_to_do": END})
    graph.add_conditional_edges("approval", approval_router, {"approved": "apply", "rejected": END})
    graph.add_edge("apply", "quality_check")
    return graph
