"""``data_onboarding``: profile, rules, a data contract, its check, and a policy for a table that is new here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..values import AgentCapability as Cap
from ..values import Progress, plural
from ._nodes import WorkflowContext, add, capability_work, options_of, remember, table
from ._state import WorkflowState, brief

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

CONTRACT = "contract"


async def contract_text(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> str:
    """The contract (ODCS) of the suggested rules. It may name values of the table, so it stays in the kernel."""
    if CONTRACT not in context.live.artifacts:
        ref = await table(state, context, progress)
        rules: Any = context.results.get("rules")
        if rules is None:
            rules = await context.execute(Cap.RULE_SUGGESTION, ref, progress, options_of(state, "rules"))
            context.results["rules"] = rules
        context.live.artifacts[CONTRACT] = rules.to_odcs()
    return context.live.artifacts[CONTRACT]


async def contract(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
    """Write the contract; the state keeps its hash."""
    text = await contract_text(state, context, progress)
    lines = len(text.splitlines())
    mark = hashlib.sha256(text.encode()).hexdigest()
    return {"results": {CONTRACT: {"sha256": mark, "lines": lines, "summary": f"Data contract of {plural(lines, 'line')} (ODCS)."}}}


async def contract_check(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
    """Assess the table against its contract, and nothing else."""
    ref = await table(state, context, progress)
    text = await contract_text(state, context, progress)
    options = options_of(state, "contract_check", {"discover": False})
    result = await context.execute(Cap.DATA_QUALITY_ASSESSMENT, ref, progress, options, text)
    remember(state, context, "contract_check", result)
    return {"quality_results": brief(result)}


def build() -> StateGraph[Any, Any, Any, Any]:
    """Profile and scan side by side; the policy waits for both ways."""
    from langgraph.graph import END, START, StateGraph

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(WorkflowState, context_schema=WorkflowContext)
    add(graph, "profile", capability_work("profile", Cap.DATA_PROFILING))
    add(graph, "privacy_scan", capability_work("privacy_scan", Cap.PRIVACY_SCAN, "compliance_results"))
    add(graph, "rules", capability_work("rules", Cap.RULE_SUGGESTION))
    add(graph, "contract", contract)
    add(graph, "contract_check", contract_check)
    add(graph, "policy", capability_work("policy", Cap.POLICY_GENERATION))
    graph.add_edge(START, "profile")
    graph.add_edge(START, "privacy_scan")
    graph.add_edge("profile", "rules")
    graph.add_edge("rules", "contract")
    graph.add_edge("contract", "contract_check")
    graph.add_edge(["contract_check", "privacy_scan"], "policy")
    graph.add_edge("policy", END)
    return graph
