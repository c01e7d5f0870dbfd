"""``comprehensive_data_assessment``: quality, then compliance and a plan where there are issues, then the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..values import AgentCapability as Cap
from ._nodes import WorkflowContext, add, capability_work
from ._routing import quality_check_router
from ._state import WorkflowState

if TYPE_CHECKING:
    from langgraph.graph import StateGraph


def build() -> StateGraph[Any, Any, Any, Any]:
    """The graph, as the architecture guide draws it."""
    from langgraph.graph import END, START, StateGraph

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(WorkflowState, context_schema=WorkflowContext)
    add(graph, "quality_check", capability_work("quality_check", Cap.DATA_QUALITY_ASSESSMENT, "quality_results"))
    add(graph, "compliance_scan", capability_work("compliance_scan", Cap.PRIVACY_SCAN, "compliance_results"))
    add(graph, "remediation_plan", capability_work("remediation_plan", Cap.DATA_CLEANING, "remediation_plan"))
    add(graph, "analytics_report", capability_work("analytics_report", Cap.REPORT_GENERATION, "final_report"))
    graph.add_edge(START, "quality_check")
    graph.add_conditional_edges("quality_check", quality_check_router, {"issues_found": "compliance_scan", "no_issues": "analytics_report"})
    graph.add_edge("compliance_scan", "remediation_plan")
    graph.add_edge("remediation_plan", "analytics_report")
    graph.add_edge("analytics_report", END)
    return graph
