"""Approvals: each asks about its own plan, each application makes what was approved of its own plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import edgp_magics as edgp
from edgp_magics.agents import reset, runtime
from edgp_magics.errors import BadCellBody, BadOption, PlanError, UnknownName, UsageError, WorkflowError
from edgp_magics.workflows import described, resume_workflow, run_workflow
from edgp_magics.workflows._answers import answers
from edgp_magics.workflows._nodes import approved_words

TWO_PLANS = """
nodes:
  one: {capability: clean, options: {columns: [size]}}
  two: {capability: clean, options: {columns: [city]}}
  ask_one: {approve: one}
  ask_two: {approve: two}
  do_one: {apply: one}
edges: [start -> one, one -> two, "two -> ask_one, ask_two", "ask_one, ask_two -> do_one"]
"""


@pytest.fixture
def shirts() -> pd.DataFrame:
    """One repair in `size`, one in `city`."""
    n = 120
    df = pd.DataFrame({"id": range(n), "size": ["S", "M", "L", "XL"] * 30, "city": ["Paris", "Berlin", "Rome", "Oslo"] * 30})
    df.loc[5, "size"], df.loc[9, "city"] = "  M ", " Berlin  "
    return df


@pytest.mark.parametrize(
    ("decisions", "made"),
    [
        ({"ask_one": "none", "ask_two": "all"}, []),
        ({"ask_one": "all", "ask_two": "none"}, ["size"]),
        ({"ask_two": "none", "ask_one": "1"}, ["size"]),
    ],
)
def test_each_question_is_about_its_own_plan(folder: Path, shirts: pd.DataFrame, decisions: dict[str, str], made: list[str]) -> None:
    run = run_workflow(described(TWO_PLANS), shirts, dataset="shirts")
    columns = {i["step"]: [a["column"] for a in i["actions"]] for i in run.interrupts}
    assert columns == {"ask_one": ["size"], "ask_two": ["city"]}
    done = edgp.resume(run, decisions)
    assert done.status == "completed"
    after = done.frames["do_one"]
    assert [c for c in ("size", "city") if not after[c].equals(shirts[c])] == made
    assert sorted(done.plans) == ["one", "two"]


@pytest.mark.parametrize("restart", [False, True])
def test_a_plan_is_not_applied_to_a_table_that_changed_since(folder: Path, shirts: pd.DataFrame, restart: bool) -> None:
    body = TWO_PLANS.replace("  do_one: {apply: one}", "  do_one: {apply: one}\n  do_two: {apply: two}")
    body = body.replace('do_one"]', 'do_one", do_one -> do_two]')
    with pytest.raises(BadCellBody, match="`do_one` changes the table after `two` made the plan"):
        described(body)
    body = body.replace("two -> ask_one, ask_two", "two -> ask_one").replace(
        '"ask_one, ask_two -> do_one", do_one -> do_two', "ask_one -> do_one, do_one -> ask_two, ask_two -> do_two"
    )
    body = (
        body.replace("one -> two", "one -> ask_one")
        .replace('"two -> ask_one"', "do_one -> two")
        .replace("do_one -> ask_two", "two -> ask_two")
    )
    run = run_workflow(described(body), shirts, dataset="shirts")
    run = edgp.resume(run, "all")
    if restart:
        reset()
    run = edgp.resume(run.id, "all", data=shirts)
    assert run.status == "completed"
    after = run.frames["do_two"]
    assert not after["size"].equals(shirts["size"])
    assert not after["city"].equals(shirts["city"])


def test_a_condition_can_look_at_the_answer(folder: Path, shirts: pd.DataFrame) -> None:
    body = """
nodes: {fix: clean, ask: {approve: fix}, made: {apply: fix}, figures: metrics}
edges: [fix -> ask, ask -> made when approved > 0, ask -> figures otherwise]
"""
    run = run_workflow(described(body), shirts, dataset="shirts")
    assert edgp.resume(run, "none").state["completed_steps"] == ["fix", "ask", "figures"]


ASKED = [
    {
        "id": "a" * 32,
        "step": "ask_one",
        "kind": "approval",
        "action_ids": ["A-1"],
        "question": "?",
        "tiers": {"auto": 0, "review": 0, "flag": 1},
    },
    {
        "id": "b" * 32,
        "step": "ask_two",
        "kind": "approval",
        "action_ids": ["A-2"],
        "question": "?",
        "tiers": {"auto": 1, "review": 0, "flag": 0},
    },
]
OWN = [{"id": "c" * 32, "question": "go on?"}]


@pytest.mark.parametrize(
    ("asked", "decisions", "interrupt", "wanted"),
    [
        (ASKED, {"ask_two": "all"}, "", {"b" * 32: {"approve": "all"}}),
        (ASKED, {"a" * 8: "1", "b" * 32: "none"}, "", {"a" * 32: {"approve": ["A-1"]}, "b" * 32: {"approve": "none"}}),
        (ASKED, "all", "ask_two", {"b" * 32: {"approve": "all"}}),
        (ASKED[:1], {"approve": "1"}, "", {"a" * 32: {"approve": ["A-1"]}}),
        (OWN, {"limit": 3}, "", {"c" * 32: {"limit": 3}}),
        (OWN, {"c" * 6: "yes"}, "", {"c" * 32: "yes"}),
    ],
)
def test_answers_find_their_question(asked: Any, decisions: Any, interrupt: str, wanted: Any) -> None:
    assert answers("wf-1", asked, decisions, interrupt=interrupt) == wanted


@pytest.mark.parametrize(
    ("asked", "decisions", "interrupt", "error", "words"),
    [
        (ASKED, "all", "", UsageError, "--interrupt ask_one"),
        (ASKED, None, "", WorkflowError, "--interrupt ask_one"),
        (ASKED, "all", "ask_three", UnknownName, "Did you mean `ask_two`|Known: ask_one"),
        (ASKED[:1], {"f" * 32: "1"}, "", UnknownName, "no interrupt"),
        (ASKED[:1], "1", "ffffffff", UnknownName, "no interrupt"),
        (OWN, {"f" * 32: "yes"}, "", UnknownName, "no interrupt"),
        (OWN, "yes", "ffffffff", UnknownName, "no interrupt"),
        (ASKED[:1], "all", "", BadOption, "0 of 1: a flag needs its number"),
        (ASKED[:1], True, "", BadOption, "0 of 1: a flag needs its number"),
    ],
)
def test_what_answers_no_question_is_refused(asked: Any, decisions: Any, interrupt: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        answers("wf-1", asked, decisions, interrupt=interrupt)


@pytest.mark.parametrize(
    ("chosen", "tiers", "answer", "words"),
    [
        (0, {"auto": 0, "review": 0, "flag": 2}, "all", "0 of 2 actions approved. A flag needs its number or id: 2 was left out."),
        (1, {"auto": 1, "review": 0, "flag": 0}, "auto", "1 of 2 actions approved. 1 can only be looked at."),
        (2, {"auto": 0, "review": 0, "flag": 2}, ["A-1", "A-2"], "2 of 2 actions approved."),
    ],
)
def test_it_is_said_how_many_were_approved(chosen: int, tiers: dict[str, int], answer: Any, words: str) -> None:
    assert approved_words(chosen, {"action_ids": ["A-1", "A-2"], "tiers": tiers}, answer) == words


def test_a_standing_all_says_that_flags_were_left_out(folder: Path) -> None:
    people = pd.DataFrame({"name": [f"Name{i} Surname{i}" for i in range(80)], "mail": [f"n{i}.s{i}@example.org" for i in range(80)]})
    people = pd.concat([people, people.iloc[[3]]], ignore_index=True)
    run = edgp.run_workflow("remediation_loop", people, dataset="people", approve="all")
    said = [s.detail for s in run.steps if s.step == "approval"]
    assert run.status == "completed"
    assert not said or "needs its number" in said[0] or "0 of" not in said[0]


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        ({"options": {"nostep": {}}}, UnknownName, "no step of remediation_loop `nostep`"),
        ({"options": {"quality_check": 3}}, BadOption, "mapping"),
        ({"max_rounds": "x"}, BadOption, "max_rounds"),
        ({"max_rounds": 0}, BadOption, "max_rounds"),
        ({"approve": "everything"}, BadOption, "standing approval"),
        ({"approve": 7}, BadOption, "standing approval"),
    ],
)
def test_what_a_caller_sets_is_judged_before_anything_runs(
    folder: Path, shirts: pd.DataFrame, state: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        edgp.run_workflow("remediation_loop", shirts, **state)


def test_an_answer_to_a_question_that_passed_is_refused(folder: Path, shirts: pd.DataFrame) -> None:
    run = edgp.run_workflow("remediation_loop", shirts, dataset="shirts")
    again = edgp.resume(run.id, "all")
    if again.status == "waiting":
        with pytest.raises(WorkflowError, match="has gone on since"):
            edgp.resume(run, "all")
    else:
        with pytest.raises(WorkflowError, match="is finished"):
            edgp.resume(run, "all")


def test_the_log_tells_which_approval_counted(folder: Path, orders: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that died between the record and the checkpoint, and another answer after it."""
    from edgp_magics.workflows import _nodes

    run = edgp.run_workflow("privacy_review", orders, dataset="orders")
    real = _nodes.once

    async def dies(*given: Any) -> None:
        await real(*given)
        raise PlanError("died")

    monkeypatch.setattr(_nodes, "once", dies)
    assert edgp.resume(run, "all").status == "partial"
    monkeypatch.setattr(_nodes, "once", real)
    done = resume_workflow(run.id, "none")
    assert done.state["decisions"]["approval"]["approve"] == []
    log = runtime().recorder.audit
    first, second = log.records(event="approval")
    assert (first.detail["approved"], second.detail["approved"], second.detail["supersedes"]) == (2, 0, first.number)
    assert log.verify().ok
