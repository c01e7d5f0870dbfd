"""The questions of a run with buttons, pressed without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import edgp_magics as edgp
from edgp_magics.errors import UsageError
from edgp_magics.testing import planted_customers
from edgp_magics.widgets import RunApproval


@pytest.fixture
def approval(folder: Path, orders: pd.DataFrame) -> Any:
    run = edgp.run_workflow("privacy_review", orders, dataset="orders")
    return RunApproval(run, edgp.resume)


def texts(widget: Any) -> str:
    return str(getattr(widget, "value", "")) + "".join(texts(c) for c in getattr(widget, "children", ()))


def test_what_is_ticked_is_what_is_made(approval: Any, orders: pd.DataFrame) -> None:
    box = approval.widget()
    ((step, _),) = approval.chosen.items()
    first, second = approval.run.interrupts[0]["action_ids"]
    assert "mask email" in texts(box)
    assert "→" in texts(box)
    assert "user0@example.org" not in texts(box)
    approval._widgets[f"{step} {first}"].value = False
    approval._widgets[f"{step} {second}"].value = True
    assert "1 action ticked" in approval._widgets["status"].value
    approval._widgets["send"].click()
    assert (approval.last_error, approval.run.status) == ("", "completed")
    assert list(approval.run.frames["deidentified"]["customer"]) == list(orders["customer"])
    assert approval._widgets["send"].disabled
    with pytest.raises(UsageError, match="asks for nothing"):
        approval.answer()


def test_all_can_be_rejected(approval: Any) -> None:
    approval.widget()
    approval._widgets["none"].click()
    assert approval.run.state["decisions"]["approval"]["approve"] == []


def test_what_goes_wrong_stands_below(approval: Any, orders: pd.DataFrame) -> None:
    approval.widget()
    orders.loc[0, "amount"] = -1.0
    approval._widgets["send"].click()
    assert "is not the table" in approval._widgets["status"].value
    assert approval.run.status == "waiting"


def test_a_loop_that_asks_again_is_answered_again(folder: Path) -> None:
    table = planted_customers(200, each=4).frame
    approval = RunApproval(edgp.run_workflow("remediation_loop", table, dataset="customers"), edgp.resume)
    approval.widget()
    first = next(a["id"] for a in approval.run.interrupts[0]["actions"] if "misspelt" in a["title"])
    for action in approval.run.interrupts[0]["action_ids"]:
        approval.tick("approval", action, action == first)
    approval._widgets["send"].click()
    assert (approval.last_error, approval.run.status) == ("", "waiting")
    assert first not in approval.run.interrupts[0]["action_ids"]
    approval._widgets["none"].click()
    assert (approval.last_error, approval.run.status) == ("", "completed")
    assert [a["approve"] for a in approval.run.state["applied"]] == [[first]]
