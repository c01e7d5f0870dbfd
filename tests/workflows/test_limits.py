"""Time limit and further tries of the steps of a graph of one's own."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pandas as pd
import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy, TimeoutPolicy

import edgp_magics as edgp
from edgp_magics.agents import reset
from edgp_magics.workflows import WORKFLOWS


class Own(TypedDict, total=False):
    """A state of the user's."""

    log: Annotated[list[str], lambda a, b: a + b]


def run_of(node: Any, orders: pd.DataFrame, **given: Any) -> Any:
    graph: Any = StateGraph(Own)
    graph.add_node("a", node, **given)
    graph.add_edge(START, "a")
    graph.add_edge("a", END)
    compiled = graph.compile()
    edgp.register_workflow("limits", compiled)
    try:
        return edgp.run_workflow("limits", orders)
    finally:
        WORKFLOWS.pop("limits")
        assert compiled.nodes["a"].timeout == given.get("timeout")  # the user's own graph stays as it was
        assert not compiled.retry_policy


async def slow(state: Own) -> Own:
    await asyncio.sleep(0.4)
    return {"log": ["slow"]}


def slow_in_a_thread(state: Own) -> Own:
    time.sleep(0.4)
    return {"log": ["slow"]}


@pytest.mark.parametrize(
    ("node", "given", "status"),
    [
        (slow, {}, "partial"),
        (slow, {"timeout": TimeoutPolicy(run_timeout=30)}, "completed"),
        (slow_in_a_thread, {}, "completed"),
    ],
    ids=["async", "a limit of its own", "a thread cannot be stopped"],
)
def test_the_time_limit_is_for_what_can_be_stopped(
    folder: Path, orders: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, node: Any, given: dict[str, Any], status: str
) -> None:
    monkeypatch.setenv("EDGP_TIMEOUT", "0.1")
    reset()
    run = run_of(node, orders, **given)
    assert run.status == status
    if status == "partial":
        assert run.failed == ("a",)
        assert "0.1" in run.steps[-1].detail


@pytest.mark.parametrize(
    ("error", "retries", "given", "tries"),
    [
        (ConnectionResetError, 2, {}, 3),
        (ConnectionResetError, 0, {}, 1),
        (ValueError, 2, {}, 1),
        (ValueError, 0, {"retry_policy": RetryPolicy(initial_interval=0.01, max_attempts=2, retry_on=ValueError)}, 2),
    ],
)
def test_a_step_is_tried_again_after_what_may_pass(
    folder: Path,
    orders: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    retries: int,
    given: dict[str, Any],
    tries: int,
) -> None:
    monkeypatch.setenv("EDGP_RETRIES", str(retries))
    reset()
    seen: list[int] = []

    def fails(state: Own) -> Own:
        seen.append(1)
        raise error("secret cell")

    run = run_of(fails, orders, **given)
    assert (run.status, len(seen)) == ("partial", tries)
    assert "secret" not in repr(run)
