"""Graphs described in a cell, and graphs of the user's own."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import pandas as pd
import pytest

import edgp_magics as edgp
from edgp_magics.capabilities import CAPABILITIES
from edgp_magics.errors import BadCellBody, UnknownName, UsageError, WorkflowError
from edgp_magics.workflows import WORKFLOWS, described, run_workflow
from edgp_magics.workflows._conditions import parse_condition
from edgp_magics.workflows._figures import Points, figures_of, known_figures

FIGURES = {
    "score": Points(88.5),
    "completeness": Points(99.72),
    "findings": 3,
    "severity": "high",
    "status": "issues",
    "k": 1,
    "share": 0.25,
    "unknown": None,
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("score < 90", True),
        ("score>=90", False),
        ("findings > 0 and severity >= high", True),
        ("severity >= critical or k == 1", True),
        ("not (score < 90 or k = 1)", False),
        ("severity < medium", False),
        ("status == issues", True),
        ("status != 'issues'", False),
        ("share > 20 %", True),
        ("score < 88.6 %", True),
        ("score > 88.6%", False),
        ("completeness < 99.9%", True),
        ("findings == 3 and not severity == low", True),
        ("k = 2 or k = 1 and score > 100", False),
    ],
)
def test_conditions(text: str, wanted: bool) -> None:
    assert parse_condition(text).holds(FIGURES) is wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "score",
        "score <",
        "< 90",
        "score < 90 score",
        "(score < 90",
        "severity >= grave",
        "status > issues",
        "__import__('os').system('x')",
        "score < 90; x",
        "score == ninety",
        "score >= high",
        "status == 3",
        "1 < 2",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        parse_condition(text)


@pytest.mark.parametrize(("text", "words"), [("scroe < 90", "Did you mean `score`"), ("unknown > 1", "not assessed")])
def test_an_unknown_figure_is_no_pass(text: str, words: str) -> None:
    with pytest.raises(WorkflowError, match=words):
        parse_condition(text).holds(FIGURES)


def test_figures_of_a_result() -> None:
    brief = {"findings": [{"severity": "low"}, {"severity": "high"}], "findings_total": 9, "metrics": {"rows": 3}, "status": "issues"}
    assert figures_of(brief) == {"rows": 3, "findings": 9, "severity": "high", "status": "issues", "actions": 0}
    assert figures_of({})["severity"] == "none"


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("nodes:\n  a: asess\n", 2, "no capability `asess`"),
        ("nodes:\n  a: assess\nedges:\n  - a -> b\n", 4, "no node `b`"),
        ("nodes:\n  a: assess\n  b: scan\nedges:\n  - a -> b when scroe\n", 5, "cannot be read"),
        ("nodes:\n  a: assess\n  b: scan\nedges:\n  - a to b\n", 5, "is no edge"),
        ("nodes:\n  a: {capability: scan, options: {smaple: 5}}\n", 2, "smaple"),
        ("nodes:\n  a: {capability: scan, options: {sample: many}}\n", 2, "sample"),
        ("nodes:\n  a: assess\n  b: scan\nedges:\n  - start -> a\n  - a -> b\n  - b -> a\n", 2, "cycle without exit"),
        ("nodes:\n  a: assess\n  b: scan\nedges:\n  - start -> a\n  - a -> b\n  - b -> a when findings > 0\n  - a -> end\n", None, ""),
        ("nodes:\n  a: assess\n  b: scan\nedges:\n  - start -> a\n", 3, "nothing leads to"),
        ("nodes:\n  a: assess\nedges:\n  - end -> a\n", 4, "leave the end"),
        ("nodes:\n  a: assess\nedges:\n  - start -> a when score < 9\n", 4, "no result at the start"),
        ("nodes:\n  a: assess\nedges:\n  - a -> end otherwise\n", 4, "otherwise"),
        ("nodes:\n  a: assess\n  b: {approve: a}\n", 3, "makes no plan"),
        ("nodes:\n  a: assess\n  a: scan\n", 3, "`a` stands here twice"),
        ("nodes:\n  start: assess\n", 2, "cannot be called"),
        ("nodes:\n  __start__: assess\n", 2, "cannot be called"),
        ("nodes:\n  __pregel_x: assess\n", 2, "cannot be called"),
        ("nodes:\n  a: assess\n  b: scan\nedges:\n  - a -> b when scroe < 3\n", 5, "no figure `scroe`. Did you mean `score`"),
        ("nodes:\n  a: assess\n  b: scan\nedges:\n  - a -> b when not (score < 3 or k > 1)\n", 5, "no figure `k`"),
        ("nodes:\n  a: clean\n  b: {approve: a}\n  c: {apply: a}\nedges: [a -> b, b -> c when rows > 0]\n", 5, "no figure `rows`"),
        ("nodes:\n  a: clean\n  b: {apply: a}\nedges: [a -> b]\n", 3, "nobody is asked before"),
        ("nodes:\n  a: clean\n  b: {approve: a}\nedges: [start -> b, b -> a]\n", 3, "is not made before"),
        ("nodes:\n  a: assess\nedges: []\nedges: []\n", 4, "`edges` stands here twice"),
        ("nodes:\n  a: {capability: scan, options: {sample: 1, sample: 2}}\n", 2, "`sample` stands here twice"),
        ("nodes:\n  - a\n  - b\n", 1, "not a list"),
        ("nodes:\n  a: {capability: scan, when: now}\n", 2, "no part `when`"),
        ("nodes:\n  a: assess\nedgse: []\n", 3, "no part `edgse`"),
        ("nodes: []\n", 1, "no nodes"),
        ("just words\n", 1, "a workflow is"),
        ("nodes:\n  a: [assess\n", None, ""),
    ],
)
def test_a_mistake_names_its_line(body: str, line: int | None, words: str) -> None:
    if line is None and not words:
        if "[" not in body:
            assert described(body).steps == ("a", "b")
            return
        words = "line"
    with pytest.raises(BadCellBody, match=words) as caught:
        described(body)
    if line is not None:
        assert caught.value.values["line"] == line


def test_a_description_runs_and_its_conditions_decide(folder: Any, orders: pd.DataFrame) -> None:
    body = """
name: gate
nodes:
  quality: assess
  personal: {capability: scan, options: {sample: 5000}}
  figures: metrics
  report: report
edges:
  - start -> quality, personal
  - quality -> figures when score > 101
  - quality -> report otherwise
  - personal -> report
"""
    run = run_workflow(described(body), orders, dataset="orders")
    assert (run.workflow, run.status) == ("gate", "completed")
    assert run.state["completed_steps"] == ["personal", "quality", "report"]
    assert "score #gt; 101" in run.mermaid
    with pytest.raises(BadCellBody, match="another workflow"):
        described(body.replace("name: gate", "name: drift_watch"))


def test_a_description_goes_on_after_a_restart(folder: Any, orders: pd.DataFrame) -> None:
    from edgp_magics.agents import reset

    body = "nodes:\n  fix: clean\n  ask: {approve: fix}\n  made: {apply: fix}\nedges:\n  - fix -> ask\n  - ask -> made\n"
    run = run_workflow(described(body), orders, dataset="orders")
    reset()
    done = edgp.resume(run.id, "1", data=orders)
    assert (done.status, done.state["completed_steps"]) == ("completed", ["fix", "ask", "made"])
    assert list(done.frames) == ["made"]


def test_a_condition_that_does_not_hold_leads_to_the_end(folder: Any, orders: pd.DataFrame) -> None:
    body = "nodes: {a: metrics, b: metrics, d: metrics}\nedges: [a -> b, b -> d, d -> a when findings > 100]\n"
    assert run_workflow(described(body), orders).state["completed_steps"] == ["a", "b", "d"]


def test_a_join_inside_a_cycle_waits_for_both_ways(folder: Any, orders: pd.DataFrame) -> None:
    body = """
nodes: {a: metrics, b: metrics, c: metrics, e: metrics, d: metrics}
edges: ["a -> b, c", c -> e, "b, e -> d", d -> a when findings > 100]
"""
    assert sorted(run_workflow(described(body), orders).state["completed_steps"]) == ["a", "b", "c", "d", "e"]


def test_plans_side_by_side(folder: Any, orders: pd.DataFrame) -> None:
    body = "nodes: {one: clean, two: resolve, ask: {approve: two}}\nedges: ['start -> one, two', two -> ask]\n"
    run = run_workflow(described(body), orders, dataset="orders")
    assert [i["action_ids"] for i in run.interrupts] == [[a.id for a in run.plans["two"].actions]]


@pytest.mark.parametrize("capability", list(CAPABILITIES))
def test_the_figures_of_every_capability_are_known(folder: Any, orders: pd.DataFrame, capability: Any) -> None:
    spec = CAPABILITIES[capability]
    found = edgp.run(spec.verb, orders, name="orders", body="how long may we keep it?" if spec.query else "").metrics
    assert {n for n in found if not n.startswith("rules_")} <= set(known_figures(spec.capability))


def test_a_figure_that_is_missing_fails_the_step_and_can_be_tried_again(folder: Any, orders: pd.DataFrame) -> None:
    body = "nodes: {a: assess, b: metrics}\nedges: [a -> b when timeliness > 0]\n"
    run = run_workflow(described(body), orders, dataset="orders")
    assert (run.status, run.failed, run.state.get("completed_steps")) == ("partial", ("a",), [])
    assert "was not assessed" in repr(run)
    assert edgp.resume(run).status == "partial"


class Own(TypedDict, total=False):
    """A state of the user's."""

    input_data: dict[str, Any]
    rows: int
    log: Annotated[list[str], operator.add]


def own_graph() -> Any:
    from langgraph.graph import END, START, StateGraph
    from langgraph.types import interrupt

    def count(state: Own, runtime: Any) -> dict[str, Any]:
        return {"rows": len(runtime.context.frame(state)), "log": ["count"]}

    async def ask(state: Own) -> dict[str, Any]:
        return {"log": [interrupt(f"{state['rows']} rows: go on?")]}

    graph: Any = StateGraph(Own)
    graph.add_node("count", count)
    graph.add_node("ask", ask)
    graph.add_edge(START, "count")
    graph.add_edge("count", "ask")
    graph.add_edge("ask", END)
    return graph


@pytest.mark.parametrize("compiled", [False, True])
def test_a_graph_of_the_users_own(folder: Any, orders: pd.DataFrame, compiled: bool) -> None:
    graph = own_graph()
    edgp.register_workflow("mine", graph.compile() if compiled else graph)
    try:
        run = edgp.run_workflow("mine", orders, dataset="orders")
        assert (run.status, run.state["rows"], run.interrupts[0]["question"]) == ("waiting", 60, "60 rows: go on?")
        done = edgp.resume(run, "yes")
        assert (done.status, done.state["log"]) == ("completed", ["count", "yes"])
        with pytest.raises(UnknownName, match="no field"):
            edgp.run_workflow("mine", orders, approve="auto")
    finally:
        WORKFLOWS.pop("mine")


def test_what_cannot_be_registered() -> None:
    with pytest.raises(UsageError, match="of this package"):
        edgp.register_workflow("drift-watch", own_graph())
    with pytest.raises(WorkflowError, match="not a LangGraph graph"):
        edgp.register_workflow("mine", lambda state: state)
    from langgraph.graph import StateGraph

    with pytest.raises(WorkflowError, match="cannot be compiled"):
        edgp.register_workflow("mine", StateGraph(Own))


def test_a_cycle_that_does_not_end_is_stopped(folder: Any, orders: pd.DataFrame) -> None:
    from langgraph.graph import START, StateGraph

    graph: Any = StateGraph(Own)
    graph.add_node("again", lambda state: {"rows": 1})
    graph.add_edge(START, "again")
    graph.add_edge("again", "again")
    edgp.register_workflow("endless", graph)
    try:
        with pytest.raises(WorkflowError, match="did not end after"):
            edgp.run_workflow("endless", orders)
    finally:
        WORKFLOWS.pop("endless")
