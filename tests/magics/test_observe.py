"""Messages that were not delivered, and traces, as cells show them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from edgp_magics.agents import runtime
from edgp_magics.errors import BusError, UnknownName, WorkflowError
from edgp_magics.services.bus import MCPMessage


@pytest.fixture
def shell(folder: Any, orders: pd.DataFrame) -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(colors="nocolor")
    shell.run_line_magic("load_ext", "edgp_magics")
    shell.user_ns["orders"] = orders
    yield shell
    shell.run_line_magic("unload_ext", "edgp_magics")
    InteractiveShell.clear_instance()


def test_dead_letters_are_listed_and_sent_again(shell: InteractiveShell) -> None:
    heard: list[str] = []
    current = runtime()
    message = MCPMessage(sender_id="me", recipient_id="late", content={"note": "secret cell"})

    async def lose() -> None:
        with pytest.raises(BusError):
            await current.bus.send_message(message)

    async def listen(given: MCPMessage) -> None:
        heard.append(given.message_id)

    current.wait(lose())
    shown = repr(shell.run_line_magic("governance", "messages --dead"))
    assert message.message_id in shown
    assert "secret cell" not in shown
    with pytest.raises(BusError, match="is not on the bus"):
        shell.run_line_magic("governance", f"messages --replay {message.message_id}")
    current.bus.subscribe("late", listen)
    assert "1 message sent again" in repr(shell.run_line_magic("governance", f"messages --replay {message.message_id}"))
    current.wait(asyncio.sleep(0.05))
    assert heard == [message.message_id]
    assert "Every message was delivered" in repr(shell.run_line_magic("governance", "messages --dead"))
    with pytest.raises(UnknownName, match="no dead letter"):
        shell.run_line_magic("governance", "messages --replay m-nothing")


def test_a_trace_shows_steps_messages_and_retrievals(shell: InteractiveShell) -> None:
    run = shell.run_line_magic("governance", "workflow comprehensive_data_assessment orders -o checked")
    listed = repr(shell.run_line_magic("governance", "trace"))
    assert run.id in listed
    for name in (run.id, "checked"):
        shown = shell.run_line_magic("governance", f"trace {name}")
        names = [s["name"] for s in shown.data["spans"]]
        assert {"step quality_check", "step analytics_report", "data_quality_assessment"} <= set(names)
        assert sum(n.startswith("step ") for n in names) == 4
    with pytest.raises(UnknownName, match="no trace"):
        shell.run_line_magic("governance", "trace wf-nothing")


def test_resume_shows_the_question_with_buttons_and_goes_on_when_answered(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    run = shell.run_line_magic("governance", "workflow privacy_review orders -o run")
    asked = shell.run_line_magic("governance", f"resume {run.id} --widget")
    assert (asked.run.id, asked.run.status) == (run.id, "waiting")
    assert asked.run.interrupts == run.interrupts
    capsys.readouterr()
    first = run.interrupts[0]["action_ids"][0]
    for action in run.interrupts[0]["action_ids"]:
        asked.tick("approval", action, action == first)
    asked.answer()
    assert asked.run.state["decisions"]["approval"]["approve"] == [first]
    with pytest.raises(WorkflowError, match="is finished"):
        shell.run_line_magic("governance", f"resume {run.id} --widget")


def test_the_monitor_draws_what_it_counts_and_refreshes_where_it_stands(shell: InteractiveShell) -> None:
    assert "Nothing was run yet." in repr(shell.run_line_magic("governance", "monitor"))
    shell.run_line_magic("governance", "assess orders")
    shell.run_line_magic("governance", "clean orders")
    shown = shell.run_line_magic("governance", "monitor")
    text = repr(shown)
    for words in ("2 capability runs", "Runs by capability", "data quality assessment", "Mean time by capability", "Messages by recipient"):
        assert words in text
    assert shown.to_html().count("<svg") >= 4
    live = shell.run_line_magic("governance", "monitor --live")
    assert live.running
    live.stop()
    assert not live.running
