"""Runs that stop and go on: approvals, failures, restarts; what was finished is never done again."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import edgp_magics as edgp
from edgp_magics.agents import BaseAgent, RemediationAgent, reset, runtime
from edgp_magics.errors import BadOption, FrameChanged, Interrupted, UnknownName, UsageError, WorkflowError
from edgp_magics.workflows import checkpoints, run_workflow, runs

NODES = {
    "quality_check": "data_quality_assessment",
    "compliance_scan": "privacy_scan",
    "remediation_plan": "data_cleaning",
    "analytics_report": "report_generation",
}


def records(event: str) -> list[Any]:
    return list(runtime().recorder.audit.records(event=event))


@pytest.mark.parametrize("step", NODES)
def test_a_failed_step_is_named_and_alone_runs_again(folder: Path, orders: pd.DataFrame, calls: dict[str, Any], step: str) -> None:
    calls["fail"] = NODES[step]
    told: list[Any] = []
    run = edgp.run_workflow("comprehensive_data_assessment", orders, dataset="orders", show=told.append)
    before = list(NODES).index(step)
    assert (run.status, run.failed, list(run.results)) == ("partial", (step,), list(NODES)[:before])
    assert step in str(run)
    assert isinstance(run.errors[step], RuntimeError)
    assert [s.status for s in told if s.step == step] == ["running", "failed"]
    assert "user7@example.org" not in json.dumps(run.to_dict()) + repr(run)
    assert runs()[0].status == "partial"
    calls["fail"] = ""
    again = edgp.resume(run)
    assert (again.status, again.state["completed_steps"], list(again.results)) == ("completed", list(NODES), list(NODES))
    own = [n for n in calls["names"] if n in NODES.values()]
    assert own.count(NODES[step]) == 2
    assert all(own.count(n) == 1 for n in NODES.values() if n != NODES[step])


def test_a_failure_that_may_pass_is_tried_again(folder: Path, orders: pd.DataFrame, calls: dict[str, Any]) -> None:
    calls |= {"fail": "data_cleaning", "error": ConnectionResetError()}
    run = edgp.run_workflow("comprehensive_data_assessment", orders, dataset="orders")
    assert (run.failed, calls["names"].count("data_cleaning")) == (("remediation_plan",), 3)


def test_a_step_has_a_time_limit(folder: Path, orders: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGP_TIMEOUT", "0.001")
    reset()
    run = edgp.run_workflow("comprehensive_data_assessment", orders)
    assert run.failed == ("quality_check",)
    assert "took longer than 0.001 s" in run.steps[0].detail


def test_an_approval_is_asked_answered_and_applied_once(folder: Path, orders: pd.DataFrame) -> None:
    given = orders.copy()
    run = edgp.run_workflow("privacy_review", orders, dataset="orders")
    assert run.status == "waiting"
    (asked,) = run.interrupts
    assert [a["title"] for a in asked["actions"]] == ["mask customer", "mask email"]
    assert records("approval") == []
    done = edgp.resume(run, "2")
    assert done.status == "completed"
    assert done.state["decisions"]["approval"]["approve"] == [asked["action_ids"][1]]
    clean = done.frames["deidentified"]
    assert list(clean["customer"]) == list(orders["customer"])
    assert not clean["email"].dropna().str.contains("example").any()
    pd.testing.assert_frame_equal(orders, given)
    assert (len(records("approval")), len(records("apply")), len(records("workflow"))) == (1, 1, 2)
    with pytest.raises(WorkflowError, match="is finished"):
        edgp.resume(run, "2")
    assert len(records("apply")) == 1


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (None, WorkflowError, "waits for an answer"),
        ("A-nothing", UnknownName, "no action"),
        ("1,3-5", BadOption, "numbered 1 to 2"),
        (7.0, BadOption, "no confidence"),
        (["auto", "all"], UnknownName, "no action `auto`"),
        ({"approve": object()}, BadOption, "an approval cannot be"),
    ],
)
def test_a_wrong_answer_is_refused_and_the_run_still_waits(
    folder: Path, orders: pd.DataFrame, answer: Any, error: type[Exception], words: str
) -> None:
    run = edgp.run_workflow("privacy_review", orders, dataset="orders")
    with pytest.raises(error, match=words):
        edgp.resume(run.id, answer)
    assert edgp.resume(run.id, "none").state["decisions"]["approval"]["approve"] == []


def test_a_changed_table_is_refused(folder: Path, orders: pd.DataFrame) -> None:
    run = edgp.run_workflow("privacy_review", orders, dataset="orders")
    with pytest.raises(FrameChanged, match="is not the table"):
        edgp.resume(run, "all", data=orders.assign(amount=0.0))
    orders.loc[0, "amount"] = -1.0
    with pytest.raises(FrameChanged, match="is not the table"):
        edgp.resume(run, "all")
    orders.loc[0, "amount"] = 10.0
    assert edgp.resume(run, "all").status == "completed"


def test_unknown_runs(folder: Path, orders: pd.DataFrame) -> None:
    with pytest.raises(UnknownName, match="no run `wf-nothing`"):
        edgp.resume("wf-nothing")
    run = edgp.run_workflow("drift_watch", orders)
    with pytest.raises(WorkflowError, match="is finished"):
        edgp.resume(run.id, "all")


def test_no_cell_is_kept_in_checkpoints_or_plain_data(folder: Path, orders: pd.DataFrame) -> None:
    canary = "zq7canary"
    orders["customer"] = [f"{canary}{i} Lovelace" for i in range(60)]
    orders["email"] = [f"{canary}{i}@example.org" for i in range(60)]
    orders.loc[3, "country"] = f"{canary}land"
    shown = ""
    for name, state in (("privacy_review", {}), ("remediation_loop", {"approve": "all"}), ("data_onboarding", {})):
        run = edgp.run_workflow(name, orders, dataset="orders", **state)
        run = edgp.resume(run, "all") if run.interrupts else run
        assert run.status == "completed"
        shown += json.dumps(run.to_dict()["state"]) + json.dumps(run.to_dict()["interrupts"])
    reset()
    kept = b"".join(p.read_bytes() for p in folder.glob("workflows.sqlite*"))
    assert b"execution_id" in kept
    assert canary.encode() not in kept
    assert canary not in shown


CHILD = """
import os, sys
import pandas as pd
import edgp_magics as edgp
from edgp_magics.workflows import resume_workflow, run_workflow

def end_at_second_scan():
    from edgp_magics.agents import BaseAgent

    real = BaseAgent.execute_capability

    async def execute(self, capability, parameters):
        if parameters["dataset"].name == "orders_deidentified":
            os._exit(9)
        return await real(self, capability, parameters)

    BaseAgent.execute_capability = execute

df = pd.read_parquet(sys.argv[1])
if sys.argv[2] == "begin":
    print(run_workflow("privacy_review", df, dataset="orders").id)
else:
    end_at_second_scan()
    resume_workflow(sys.argv[2], "all", data=df)
"""


def child(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "EDGP_HOME": str(folder)}
    script = folder / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    return subprocess.run([sys.executable, str(script), *arguments], env=env, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.slow
def test_an_approval_survives_restarts_and_a_crash(folder: Path, orders: pd.DataFrame) -> None:
    path = folder / "orders.parquet"
    orders.to_parquet(path)
    begun = child(folder, str(path), "begin")
    assert begun.returncode == 0, begun.stderr
    run_id = begun.stdout.strip()
    died = child(folder, str(path), run_id)
    assert died.returncode == 9, died.stderr
    known = {r.id: r for r in runs()}[run_id]
    assert known.steps[-2:] == ("approval", "apply")
    done = edgp.resume(run_id, data=pd.read_parquet(path))
    assert done.status == "completed"
    assert done.state["completed_steps"].count("apply") == 1
    assert (len(records("approval")), len(records("apply"))) == (1, 1)
    assert not done.frames["deidentified"]["email"].dropna().str.contains("example").any()


def test_an_interrupt_keeps_what_is_finished(folder: Path, orders: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(step: Any) -> None:
        if step.step == "remediation_plan" and step.status == "running":
            raise KeyboardInterrupt

    async def slowly(self: BaseAgent, *given: Any) -> Any:
        await asyncio.sleep(0.5)  # long enough to be interrupted in
        return await BaseAgent.execute_capability(self, *given)

    monkeypatch.setattr(RemediationAgent, "execute_capability", slowly)
    with pytest.raises(Interrupted, match="Finished steps are kept") as caught:
        run_workflow("comprehensive_data_assessment", orders, dataset="orders", show=stop)
    run_id = str(caught.value.values["run"])
    assert threading.current_thread() is threading.main_thread()
    done = edgp.resume(run_id)
    assert done.status == "completed"
    assert done.state["completed_steps"] == list(NODES)
    assert checkpoints(run_id)[0].next == ()


def test_the_loop_ends_at_a_fixed_point(folder: Path) -> None:
    df = pd.DataFrame({"id": range(300), "size": ["S", "M", "L"] * 100, "amount": [float(i % 40) for i in range(300)]})
    df.loc[5, "size"], df.loc[9, "size"] = "  M ", "s"
    run = edgp.run_workflow("remediation_loop", df, dataset="shirts", approve="all")
    assert run.status == "completed"
    assert len(run.state.get("applied", [])) <= 3
    assert len(run.state["scores"]) == len(run.state.get("applied", [])) + 1


def test_two_questions_are_answered_by_id(folder: Path, orders: pd.DataFrame) -> None:
    from edgp_magics.workflows import described

    graph = described(
        "nodes:\n  one: clean\n  two: {capability: clean, options: {columns: [email]}}\n  ask_one: {approve: one}\n  ask_two: {approve: two}\n"
        "edges:\n  - start -> one\n  - one -> two\n  - two -> ask_one, ask_two\n"
    )
    run = run_workflow(graph, orders, dataset="orders")
    asked = {i["step"]: i["id"] for i in run.interrupts}
    assert sorted(asked) == ["ask_one", "ask_two"]
    with pytest.raises(UsageError, match="waits for 2 answers"):
        edgp.resume(run, "all")
    half = edgp.resume(run, {asked["ask_two"]: "none"})
    assert [i["step"] for i in half.interrupts] == ["ask_one"]
    done = edgp.resume(half, {asked["ask_one"][:8]: "auto"})
    assert (done.status, sorted(done.state["decisions"])) == ("completed", ["ask_one", "ask_two"])


def test_a_failed_step_does_not_cut_off_the_one_beside_it(
    folder: Path, orders: pd.DataFrame, calls: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls["fail"] = "data_profiling"
    run = edgp.run_workflow("data_onboarding", orders, dataset="orders")
    assert (run.status, run.failed) == ("partial", ("profile",))
    assert "privacy_scan" in run.results
    calls["fail"] = ""
    before = calls["names"].count("privacy_scan")
    done = edgp.resume(run)
    assert done.status == "completed"
    assert done.state["completed_steps"].count("privacy_scan") == 1
    assert calls["names"].count("privacy_scan") == before
