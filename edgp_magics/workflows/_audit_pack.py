"""``regulatory_audit_pack``: every table looked at by itself, side by side; then one audit over all of them, and the report."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import UnknownName
from ..values import AgentCapability as Cap
from ..values import Progress, Result, plain, plural
from ._nodes import Work, WorkflowContext, add, options_of, table
from ._report import report_work
from ._state import WorkflowState, brief, ref_of, said

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

_STEPS = {"table_scan": Cap.PRIVACY_SCAN, "table_quality": Cap.DATA_QUALITY_ASSESSMENT}


async def tables(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
    """The handles of all tables: the main one, and those given by name (``tables`` names fewer)."""
    main = await table(state, context, progress)
    wanted = list(state["tables"]) if state.get("tables") else list(context.frames)
    out = {main.name: plain(main)}
    for name in wanted:
        if name == main.name:
            continue
        if name not in context.frames:
            raise UnknownName("table", name, known=[main.name, *context.frames])
        out[name] = plain(await asyncio.to_thread(context.hold, context.frames[name], name))
    return {"tables": out, "results": {"tables": {"summary": f"{plural(len(out), 'table')}: {', '.join(out)}."}}}


def fan_out(state: Mapping[str, Any]) -> list[Any]:
    """One scan and one quality check for each table, all at the same time.

    >>> [(s.node, s.arg["table"]) for s in fan_out({"tables": {"a": {}}})]
    [('table_scan', 'a'), ('table_quality', 'a')]
    """
    from langgraph.types import Send

    shared = {k: state[k] for k in ("input_data", "options") if k in state}
    return [Send(step, {**shared, "tables": state["tables"], "table": name}) for name in state["tables"] for step in _STEPS]


def of_table(step: str) -> Work:
    """A capability on one of the tables. A table that cannot be looked at is named and does not stop the others."""

    async def work(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
        name = state["table"]
        ref = ref_of(state["tables"][name])
        if context.known(ref) is None and name in context.frames:
            await asyncio.to_thread(context.hold, context.frames[name], name)
        result = await context.execute(_STEPS[step], ref, progress, options_of(state, step))
        context.results[f"{step}: {name}"] = result
        return {"results": {f"{step}: {name}": {k: v for k, v in brief(result).items() if k != "findings"}}}

    return work


def failed(step: str) -> Any:
    """The error handler of a table's step."""
    from langgraph.errors import NodeError

    async def handler(state: WorkflowState, error: NodeError) -> dict[str, Any]:
        return {"failed_steps": [{"step": f"{step}: {state.get('table', '')}", "error": said(error.error)}]}

    handler.__annotations__["error"] = NodeError
    return handler


async def audit(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
    """One audit over all tables."""
    main = await table(state, context, progress)
    others = tuple(n for n in state["tables"] if n != main.name)
    options = options_of(state, "regulatory_audit", {"frames": others} if others else {})
    result = await context.execute(Cap.REGULATORY_AUDIT, main, progress, options, only=others)
    context.results["regulatory_audit"] = result
    context.live.artifacts["evidence.json"] = json.dumps(_without_run(result.to_dict()), indent=1, ensure_ascii=False, sort_keys=True)
    return {"compliance_results": brief(result)}


def _without_run(result: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in result.items() if k != "run"}


def findings_of_all(context: WorkflowContext) -> list[tuple[str, Result]]:
    """What the report of the main table does not know of: the other tables' scans and quality, and the audit over all."""
    audited = context.results.get("regulatory_audit")
    main = audited.dataset.name if audited else ""
    others = [(name, r) for name, r in sorted(context.results.items()) if name.startswith(tuple(_STEPS)) and r.dataset.name != main]
    words = {"table_scan": "Personal data", "table_quality": "Quality"}
    found = [(f"{words[name.partition(':')[0]]} of {r.dataset.name}", r) for name, r in others]
    return [*found, ("Audit of all tables", audited)] if audited else found


def build() -> StateGraph[Any, Any, Any, Any]:
    """Fan out, join, audit, report."""
    from langgraph.graph import END, START, StateGraph

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(WorkflowState, context_schema=WorkflowContext)
    add(graph, "tables", tables)
    for step in _STEPS:
        add(graph, step, of_table(step), error_handler=failed(step))
        graph.add_edge(step, "regulatory_audit")
    add(graph, "regulatory_audit", audit)
    add(graph, "analytics_report", report_work("analytics_report", findings_of_all))
    graph.add_edge(START, "tables")
    graph.add_conditional_edges("tables", fan_out, list(_STEPS))
    graph.add_edge("regulatory_audit", "analytics_report")
    graph.add_edge("analytics_report", END)
    return graph
