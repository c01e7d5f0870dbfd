"""What agents make of each other's notices."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from edgp_magics.agents import Runtime
from edgp_magics.services.bus import MCPMessage
from edgp_magics.testing import planted_customers
from edgp_magics.values import Heard, Result, plain


@pytest.fixture
def customers() -> pd.DataFrame:
    frame: pd.DataFrame = planted_customers(200, each=4).frame
    return frame


def heard(result: Result) -> tuple[Heard, ...]:
    assert result.run is not None
    return result.run.heard


def without_run(result: Result) -> str:
    return json.dumps({k: v for k, v in result.to_dict().items() if k != "run"}, sort_keys=True, default=str)


def test_cleaning_takes_in_what_the_quality_agent_suspects(fresh_runtime: Runtime, customers: pd.DataFrame) -> None:
    alone = fresh_runtime.run("clean", customers, name="customers")
    assert heard(alone) == ()
    told = fresh_runtime.run("assess", customers, name="customers")
    result = fresh_runtime.run("clean", customers, name="customers")
    (notice,) = heard(result)
    assert told.run is not None
    assert (notice.sender, notice.run, notice.findings) == ("data_quality_agent", told.run.id, len(told.findings))
    theirs = {(c["row"], c["column"]) for c in told.suspects}  # type: ignore[attr-defined]
    own = {(c["row"], c["column"]) for c in result.cells}  # type: ignore[attr-defined]
    assert notice.text.startswith(f"{len(theirs & own)} of its {len(theirs)} suspect cells are among the {len(own)} here")
    first = next(f.id for f in result.findings if f.rule == "typo")
    assert "data_quality_agent suspects 4 of these 4 cells" in repr(result.explain(first))
    assert "Taken in from other agents" in repr(result)
    assert without_run(result) == without_run(alone)
    assert Result.from_dict(json.loads(json.dumps(result.to_dict(), default=str))).run == result.run


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("assess", "of its 13 findings stand here"),
        ("scan", "of its 4 findings stand here"),
    ],
)
@pytest.mark.parametrize("then", ["report", "resolve"])
def test_reports_and_resolutions_name_what_was_told(
    fresh_runtime: Runtime, customers: pd.DataFrame, verb: str, words: str, then: str
) -> None:
    told = fresh_runtime.run(verb, customers, name="customers")
    by_agent = {h.capability: h for h in heard(fresh_runtime.run(then, customers, name="customers"))}
    assert words in by_agent[told.capability.value].text


def test_what_is_of_another_table_or_content_is_told_apart(fresh_runtime: Runtime, customers: pd.DataFrame, orders: pd.DataFrame) -> None:
    fresh_runtime.run("profile", orders, name="orders")
    fresh_runtime.run("assess", customers, name="customers")
    changed = customers.assign(age=1)
    assert heard(fresh_runtime.run("clean", changed, name="customers")) == ()
    told = {(h.dataset, h.text) for h in heard(fresh_runtime.run("report", changed, name="customers"))}
    assert {("orders", "about another table"), ("customers", "about other content of this table")} <= told


def test_a_notice_without_a_run_is_not_kept(fresh_runtime: Runtime, customers: pd.DataFrame) -> None:
    ref = fresh_runtime.datasets.add(customers, name="customers")
    agent = fresh_runtime.agent("remediation_agent")
    for content in ({"dataset": plain(ref)}, {}):
        fresh_runtime.wait(agent.handle_message(MCPMessage(sender_id="x", recipient_id=agent.agent_id, content=content)))
    assert not agent.notices


def test_compliance_asks_for_its_scan_over_the_bus(fresh_runtime: Runtime, customers: pd.DataFrame) -> None:
    fresh_runtime.run("check", customers, name="customers")
    asked = [e for e in fresh_runtime.bus.conversation() if e.capability == "privacy_scan" and e.message_type == "request"]
    assert [e.kind for e in asked if e.kind in ("sent", "handled")] == ["sent", "handled"]
    assert {e.sender for e in asked} == {"compliance_agent"}
