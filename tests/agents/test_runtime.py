"""Agents: each is a declaration, finds its capabilities, answers requests, tells the others."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import pandas as pd
import pytest

import edgp_magics as edgp
from edgp_magics.agents import AGENTS, AgentTask, BaseAgent, Runtime
from edgp_magics.agents._loop import Loop
from edgp_magics.capabilities import CAPABILITIES
from edgp_magics.errors import BadOption, Interrupted, UnknownName, UsageError
from edgp_magics.services.bus import MCPMessage
from edgp_magics.values import AgentCapability, AgentStatus, AgentType, Progress, plain


def test_there_are_five_agents_and_each_capability_has_one(fresh_runtime: Runtime) -> None:
    assert {a.agent_type for a in fresh_runtime.agents.values()} == set(AgentType)
    owned = [c for a in fresh_runtime.agents.values() for c in a.capabilities]
    assert sorted(owned) == sorted(CAPABILITIES)


def test_the_door_runs_by_verb_and_by_name(orders: pd.DataFrame) -> None:
    by_verb = edgp.run("profile", orders, name="orders")
    by_name = edgp.run(AgentCapability.DATA_PROFILING, orders, name="orders")
    assert by_verb.agent == "data_quality_agent"
    assert by_verb.run is not None
    assert by_name.run is not None
    assert by_verb.run.id != by_name.run.id
    assert by_verb.dataset == by_name.dataset


async def test_the_door_runs_inside_a_running_loop(orders: pd.DataFrame) -> None:
    result = await edgp.arun("profile", orders, name="orders")
    assert result.dataset.rows == 60


@pytest.mark.parametrize(
    ("verb", "options", "error", "words"),
    [
        ("proflie", {}, UnknownName, "Did you mean `profile`"),
        ("profile", {"dept": "full"}, UnknownName, "Did you mean `depth`"),
        ("profile", {"depth": "deep"}, BadOption, "one of full, columns"),
    ],
)
def test_mistakes_name_the_next_move(orders: pd.DataFrame, verb: str, options: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        edgp.run(verb, orders, **options)


def test_an_agent_refuses_what_is_not_its_own(fresh_runtime: Runtime, orders: pd.DataFrame) -> None:
    agent = fresh_runtime.agent("analytics_agent")
    ref = fresh_runtime.datasets.add(orders, name="orders")
    with pytest.raises(UsageError, match="Ask data_quality_agent"):
        fresh_runtime.wait(agent.execute_capability("profile", {"dataset": ref}))
    assert agent.status is AgentStatus.IDLE


def test_a_task_and_a_message_give_plain_data(fresh_runtime: Runtime, orders: pd.DataFrame) -> None:
    agent = fresh_runtime.agent(AgentType.DATA_QUALITY)
    ref = fresh_runtime.datasets.add(orders, name="orders")
    done = fresh_runtime.wait(agent.process_task(AgentTask(capability=AgentCapability.DATA_PROFILING, dataset=ref)))
    assert json.loads(json.dumps(done))["result"]["dataset"]["name"] == "orders"
    said = fresh_runtime.wait(agent.process_message("describe the columns of this table", {"dataset": ref}))
    assert said["capability"] == "data_profiling"


def test_a_request_over_the_bus_is_answered_with_a_run(fresh_runtime: Runtime, orders: pd.DataFrame) -> None:
    ref = fresh_runtime.datasets.add(orders, name="orders")
    message = MCPMessage(
        sender_id="test",
        recipient_id="data_quality_agent",
        message_type="request",
        capability=AgentCapability.DATA_PROFILING,
        content={"dataset": plain(ref)},
    )
    reply = fresh_runtime.wait(fresh_runtime.bus.request(message))
    assert reply.content["run"].startswith("run-")
    assert fresh_runtime.latest(AgentCapability.DATA_PROFILING, ref) is not None


def test_agents_are_told_of_findings_and_see_no_value(fresh_runtime: Runtime, orders: pd.DataFrame) -> None:
    fresh_runtime.run("profile", orders, name="orders")
    for _ in range(50):
        if fresh_runtime.agent("analytics_agent").notices:
            break
        time.sleep(0.02)
    notice = fresh_runtime.agent("analytics_agent").notices[0]
    assert notice.capability is AgentCapability.DATA_PROFILING
    assert "user3@example.org" not in json.dumps(notice.to_dict(), default=str)


def test_an_interrupt_returns_at_once_and_the_next_run_works(orders: pd.DataFrame) -> None:
    loop, progress = Loop(), Progress()

    async def long() -> None:
        await asyncio.to_thread(_until_cancelled, progress)

    threading.Timer(0.2, lambda: __import__("_thread").interrupt_main()).start()
    begun = time.monotonic()
    with pytest.raises(Interrupted, match="Nothing was changed"):
        loop.wait(long(), progress)
    assert time.monotonic() - begun < 1
    assert progress.cancelled

    async def next_one() -> int:
        return 7

    assert loop.wait(next_one(), Progress()) == 7
    loop.stop()


def _until_cancelled(progress: Progress) -> None:
    while not progress.cancelled:
        time.sleep(0.01)


def test_tools_are_langchain_tools(fresh_runtime: Runtime, orders: pd.DataFrame) -> None:
    fresh_runtime.datasets.add(orders, name="orders")
    tool = next(t for t in fresh_runtime.agent("data_quality_agent").tools if t.name == "data_profiling")
    assert "dataset" in tool.args
    answer = json.loads(fresh_runtime.wait(tool.ainvoke({"dataset": "orders"})))
    assert answer["summary"]
    assert "user3@example.org" not in json.dumps(answer)


def test_health_names_every_part_without_network() -> None:
    state = edgp.health()
    assert {a.agent_type.value + "_agent" for a in AGENTS} <= set(state)
    assert state["language_model"]["status"] == "off"


def test_a_new_agent_is_a_few_lines(fresh_runtime: Runtime) -> None:
    class Profiler(BaseAgent):
        agent_type = AgentType.DATA_QUALITY

    assert Profiler(fresh_runtime).capabilities == fresh_runtime.agent("data_quality_agent").capabilities


def test_resolve_takes_the_last_run_and_needs_get_a_plain_one(fresh_runtime: Runtime, orders: pd.DataFrame) -> None:
    few = pd.DataFrame({"a": ["x", "x", "x", "y"], "b": ["1", "1", "2", "3"]})
    own = fresh_runtime.run("clean", few, name="few", options={"dependencies": ("a -> b",)})
    resolved = fresh_runtime.run("resolve", few, name="few")
    assert own.plan.actions and {a.id for a in own.plan.actions} <= {a.id for a in resolved.plan.actions}
    fresh_runtime.run("assess", few, name="few", body="b = 1")
    assert "assess" not in " ".join(fresh_runtime.run("resolve", few, name="few").notes)
    fresh_runtime.run("scan", orders, name="o", options={"columns": (orders.columns[0],)})
    assert set(fresh_runtime.run("check", orders, name="o").status.value.split()) and fresh_runtime.latest(
        AgentCapability.PRIVACY_SCAN, fresh_runtime.datasets.named("o")
    ).columns.keys() == set(orders.columns)


def test_what_was_assumed_to_read_a_file_is_said(tmp_path: Any) -> None:
    path = tmp_path / "orte.csv"
    path.write_text("id;stadt\n1;Graz\n2;Linz\n", encoding="utf-8")
    assert any("separated by ';'" in note for note in edgp.run("profile", path).notes)
