"""Going back to a checkpoint, damaged and moved files, two kernels on one run, deleting runs."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pandas as pd
import pytest

import edgp_magics as edgp
from edgp_magics.agents import reset, runtime
from edgp_magics.errors import BadOption, UnknownName, UsageError, WorkflowError
from edgp_magics.workflows import WORKFLOWS, checkpoints, forget_run, look_at, run_workflow, runs, runs_view
from edgp_magics.workflows._store import store_of


# -- time travel ---------------------------------------------------------------------------------------------
def test_a_run_goes_back_and_is_answered_otherwise(folder: Path, orders: pd.DataFrame) -> None:
    done = edgp.resume(edgp.run_workflow("privacy_review", orders, dataset="orders"), "all")
    before = len(checkpoints(done.id))
    asked = next(c for c in checkpoints(done.id) if c.next == ("approval",))
    again = edgp.resume(done.id, checkpoint=asked.id, data=orders)
    assert (again.status, again.id) == ("waiting", done.id)
    assert [s.step for s in again.steps if s.status == "done"] == list(asked.finished)
    other = edgp.resume(again, "2")
    assert (other.status, len(other.state["decisions"]["approval"]["approve"])) == ("completed", 1)
    assert list(other.frames["deidentified"]["customer"]) == list(orders["customer"])
    assert len(checkpoints(done.id)) > before
    assert asked.id in [c.id for c in checkpoints(done.id)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_run_is_replayed_from_any_of_its_moments(folder: Path, orders: pd.DataFrame, calls: dict[str, Any], number: int) -> None:
    done = edgp.run_workflow("comprehensive_data_assessment", orders, dataset="orders")
    ran = len(calls["names"])
    again = edgp.resume(done, checkpoint=number)
    assert (again.status, again.state["completed_steps"]) == ("completed", done.state["completed_steps"])
    assert list(again.results) == list(done.results)
    steps = ["data_quality_assessment", "privacy_scan", "data_cleaning", "report_generation"]
    assert [n for n in calls["names"][ran:] if n in steps] == steps[number - 1 :]


def test_where_a_run_cannot_go_back_to(folder: Path, orders: pd.DataFrame) -> None:
    done = edgp.run_workflow("drift_watch", orders, dataset="orders")
    with pytest.raises(UnknownName, match="no checkpoint"):
        edgp.resume(done, checkpoint="1f0c-nothing")
    with pytest.raises(BadOption, match="numbered 1 to"):
        edgp.resume(done, checkpoint=99)
    with pytest.raises(UsageError, match="two steps"):
        edgp.resume(done, "all", checkpoint=1)


# -- graphs of one's own ---------------------------------------------------------------------------------------
class Own(TypedDict, total=False):
    """A state of the user's."""

    input_data: dict[str, Any]
    log: Annotated[list[str], lambda a, b: a + b]


def own_graph(route: Any = None, **compiling: Any) -> Any:
    from langgraph.graph import END, START, StateGraph

    graph: Any = StateGraph(Own)
    for name in ("a", "b"):
        graph.add_node(name, lambda state, name=name: {"log": [name]})
    graph.add_edge(START, "a")
    if route is None:
        graph.add_edge("a", "b")
    else:
        graph.add_conditional_edges("a", route, ["b"])
    graph.add_edge("b", END)
    return graph.compile(**compiling)


def test_a_graph_that_stops_before_a_step_is_not_completed(folder: Path, orders: pd.DataFrame) -> None:
    edgp.register_workflow("stops", own_graph(interrupt_before=["b"]))
    try:
        run = edgp.run_workflow("stops", orders)
        assert (run.status, run.upcoming, run.state["log"]) == ("paused", ("b",), ["a"])
        assert f"resume {run.id}" in repr(run)
        assert edgp.resume(run).state["log"] == ["a", "b"]
    finally:
        WORKFLOWS.pop("stops")


def test_a_router_that_fails_can_be_tried_again(folder: Path, orders: pd.DataFrame) -> None:
    broken = [True]

    def route(state: Own) -> str:
        if broken[0]:
            raise RuntimeError("no way")
        return "b"

    edgp.register_workflow("crossroads", own_graph(route))
    try:
        run = edgp.run_workflow("crossroads", orders)
        assert (run.status, run.failed) == ("partial", ("a",))
        broken[0] = False
        done = edgp.resume(run)
        assert (done.status, done.state["log"]) == ("completed", ["a", "b"])
    finally:
        WORKFLOWS.pop("crossroads")
    with pytest.raises(WorkflowError, match=r"edgp\.register_workflow\('crossroads', graph\) first"):
        edgp.resume(run.id)


# -- the file ------------------------------------------------------------------------------------------------
def damage(folder: Path, run_id: str) -> None:
    reset()
    with sqlite3.connect(folder / "workflows.sqlite") as connection:
        connection.execute("UPDATE checkpoints SET checkpoint = x'c1c1c1' WHERE thread_id = ?", (run_id,))
        connection.execute("UPDATE writes SET value = x'c1c1' WHERE thread_id = ?", (run_id,))
    connection.close()


def test_one_damaged_run_does_not_hide_the_others(folder: Path, orders: pd.DataFrame) -> None:
    bad = edgp.run_workflow("privacy_review", orders, dataset="orders")
    good = edgp.run_workflow("privacy_review", orders, dataset="orders")
    damage(folder, bad.id)
    assert {r.id: r.status for r in runs()} == {bad.id: "damaged", good.id: "waiting"}
    with pytest.raises(WorkflowError, match="is damaged"):
        edgp.resume(bad.id, "all", data=orders)
    assert edgp.resume(good.id, "none", data=orders).status == "completed"
    forget_run(bad.id)
    assert [r.id for r in runs()] == [good.id]


def test_it_is_said_where_a_damaged_file_was_put(folder: Path, orders: pd.DataFrame) -> None:
    run = edgp.run_workflow("privacy_review", orders, dataset="orders")
    reset()
    (folder / "workflows.sqlite").write_bytes(b"garbage" * 1000)
    with pytest.raises(UnknownName, match=r"workflows\.sqlite\.damaged-1"):
        edgp.resume(run.id, "all", data=orders)
    assert "workflows.sqlite.damaged-1" in repr(runs_view())


def test_a_file_that_was_moved_while_open_is_not_written_to(folder: Path, orders: pd.DataFrame) -> None:
    edgp.run_workflow("privacy_review", orders, dataset="orders")
    path = folder / "workflows.sqlite"
    path.rename(folder / "moved.sqlite")
    later = edgp.run_workflow("privacy_review", orders, dataset="orders")
    assert path.exists()
    reset()
    assert edgp.resume(later.id, "none", data=orders).status == "completed"


def test_a_forgotten_run_is_gone(folder: Path, orders: pd.DataFrame) -> None:
    run = edgp.run_workflow("privacy_review", orders, dataset="orders")
    forget_run(run.id)
    assert runs() == []
    with pytest.raises(UnknownName, match="no run"):
        forget_run(run.id)


# -- two kernels ---------------------------------------------------------------------------------------------
CHILD = """
import sys, time
import pandas as pd
from edgp_magics.workflows import resume_workflow, runs
run_id, answer, at, slow = sys.argv[2], sys.argv[3], float(sys.argv[4]), float(sys.argv[5])
df = pd.read_parquet(sys.argv[1])
from edgp_magics.workflows import _nodes
real = _nodes.once
async def slowly(*given):
    import asyncio
    print("working", flush=True)
    await asyncio.sleep(slow)
    await real(*given)
_nodes.once = slowly
runs()
time.sleep(max(0.0, at - time.time()))
try:
    print("done", len(resume_workflow(run_id, answer, data=df).state["decisions"]["approval"]["approve"]))
except Exception as error:
    print("refused", error)
"""


def kernels(folder: Path, *arguments: tuple[str, ...]) -> list[subprocess.Popen[str]]:
    script = folder / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    env = {**os.environ, "EDGP_HOME": str(folder)}
    return [
        subprocess.Popen([sys.executable, str(script), *a], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for a in arguments
    ]


@pytest.mark.slow
def test_two_kernels_do_not_go_on_with_one_run(folder: Path, orders: pd.DataFrame) -> None:
    path = folder / "orders.parquet"
    orders.to_parquet(path)
    run_id = edgp.run_workflow("privacy_review", orders, dataset="orders").id
    reset()
    at = str(time.time() + 12)
    said = [p.communicate(timeout=200)[0].split("\n") for p in kernels(folder, *((str(path), run_id, a, at, "3") for a in ("all", "none")))]
    words = sorted(next(line for line in lines if line.startswith(("done", "refused"))) for lines in said)
    assert words[0].startswith("done")
    assert "is going on in another kernel" in words[1] or "is finished" in words[1]
    assert len(runtime().recorder.audit.records(event="approval")) == 1


@pytest.mark.slow
def test_a_kernel_that_died_loses_its_claim_at_once(folder: Path, orders: pd.DataFrame) -> None:
    path = folder / "orders.parquet"
    orders.to_parquet(path)
    run_id = edgp.run_workflow("privacy_review", orders, dataset="orders").id
    (child,) = kernels(folder, (str(path), run_id, "all", "0", "600"))
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "working\n"
        assert runs()[0].status == "running"
        refused(folder, run_id, child.pid, orders)
    finally:
        child.kill()
        child.communicate()
    assert edgp.resume(run_id, "none", data=orders).status == "completed"


def refused(folder: Path, run_id: str, process: int, orders: pd.DataFrame) -> None:
    with pytest.raises(WorkflowError, match=f"in another kernel \\(process {process} on"):
        edgp.resume(run_id, "none", data=orders)
    with pytest.raises(WorkflowError, match="in another kernel"):
        forget_run(run_id)


def test_a_run_that_was_taken_over_is_not_written_to(folder: Path, orders: pd.DataFrame) -> None:
    """A machine that slept: its lease ran out, another kernel went on, and it wakes up in the middle of a step."""
    current = runtime()
    store = store_of(current)

    def sleep(step: Any) -> None:
        if step.step == "compliance_scan" and step.status == "running":
            current.wait(lose())

    async def lose() -> None:
        saver = await store.saver()
        claims = saver.claims
        (run_id,) = list(claims._mine)
        held, _ = claims._mine[run_id]
        assert await claims._swap(run_id, held, f"elsewhere:1:x {time.time() + 60}")
        claims._mine[run_id] = held, 0.0

    with pytest.raises(WorkflowError, match="was taken over by another kernel"):
        run_workflow("comprehensive_data_assessment", orders, dataset="orders", show=sleep)
    assert runs()[0].steps == ("quality_check",)


# -- another kernel --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("workflow", ["comprehensive_data_assessment", "privacy_review", "remediation_loop", "regulatory_audit_pack"])
def test_results_of_finished_steps_are_read_back_from_the_store(folder: Path, orders: pd.DataFrame, workflow: str) -> None:
    given = {"tables": ["orders"]} if workflow == "regulatory_audit_pack" else {}
    run = edgp.run_workflow(workflow, orders, dataset="orders", **given)
    reset()
    kept = look_at(run.id)
    assert (kept.status, list(kept.results)) == (run.status, list(run.results))
    for name, result in run.results.items():
        again = kept.results[name]
        assert (again.capability, again.status, again.summary, again.dataset) == (
            result.capability,
            result.status,
            result.summary,
            result.dataset,
        )
        if not name.startswith("table_"):  # of many tables only the counts are kept
            assert [f.id for f in again.findings] == [f.id for f in result.findings[:20]]
        assert "not kept" in again.notes[0]
    assert [i["question"] for i in kept.interrupts] == [i["question"] for i in run.interrupts]


def test_going_back_in_another_kernel_keeps_results(folder: Path, orders: pd.DataFrame) -> None:
    done = edgp.run_workflow("comprehensive_data_assessment", orders, dataset="orders")
    reset()
    again = edgp.resume(done.id, checkpoint=3, data=orders)
    assert list(again.results) == list(done.results)
    assert again.results["quality_check"].summary == done.results["quality_check"].summary
