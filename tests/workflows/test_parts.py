"""Routing as tables, the picture, answers, and the magic around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

import edgp_magics as edgp
from edgp_magics.errors import BadCellBody, WorkflowError
from edgp_magics.workflows import (
    WORKFLOWS,
    approval_router,
    drift_router,
    plan_router,
    privacy_router,
    remediation_router,
    workflow_of,
)
from edgp_magics.workflows._drift import changes
from edgp_magics.workflows._nodes import worth_another_try
from edgp_magics.workflows._picture import draw
from edgp_magics.workflows._privacy import risk_of


@pytest.mark.parametrize(
    ("router", "state", "wanted"),
    [
        (privacy_router, {}, "personal_data"),
        (privacy_router, {"results": {"risk_assessment": {"personal": False}}}, "no_personal_data"),
        (plan_router, {}, "nothing_to_do"),
        (plan_router, {"remediation_plan": {"doable": 2}}, "to_approve"),
        (approval_router, {}, "rejected"),
        (approval_router, {"decisions": {"approval": {"approve": ["A-1"]}}}, "approved"),
        (approval_router, {"decisions": {"approval": {"approve": ["A-1"]}, "approval_2": {"approve": []}}}, "rejected"),
        (remediation_router, {"scores": [70.0]}, "improve"),
        (remediation_router, {"scores": [70.0, 80.0], "applied": [{}]}, "improve"),
        (remediation_router, {"scores": [80.0, 80.0], "applied": [{}]}, "fixed_point"),
        (remediation_router, {"scores": [80.0, 70.0], "applied": [{}]}, "fixed_point"),
        (remediation_router, {"scores": [1.0, 2.0, 3.0, 4.0], "applied": [{}, {}, {}]}, "fixed_point"),
        (remediation_router, {"scores": [1.0, 2.0], "applied": [{}], "max_rounds": 1}, "fixed_point"),
        (drift_router, {}, "drifted"),
        (drift_router, {"results": {"compare": {"drifted": False}}}, "stable"),
    ],
)
def test_routing(router: Any, state: dict[str, Any], wanted: str) -> None:
    assert router(state) == wanted


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (OSError(16, "busy"), True),
        (OSError(28, "full"), False),
        (FileNotFoundError(), False),
        (ValueError(), False),
        (WorkflowError("x"), False),
    ],
)
def test_what_is_tried_again(error: Exception, wanted: bool) -> None:
    assert worth_another_try(error) is wanted


@pytest.mark.parametrize(
    ("metrics", "level"),
    [
        ({}, "medium"),
        ({"personal_columns": 0, "spans": 0}, "none"),
        ({"personal_columns": 2}, "medium"),
        ({"personal_columns": 0, "k": 3}, "medium"),
        ({"personal_columns": 1, "k": 1}, "high"),
        ({"personal_columns": 1, "special_columns": 1}, "high"),
    ],
)
def test_risk(metrics: dict[str, Any], level: str) -> None:
    assert risk_of({"metrics": metrics})["level"] == level


def test_changes_of_figures() -> None:
    assert changes({"rows": 100, "new": 1}, {"rows": 103})["drifted"] is False
    assert changes({"rows": 100}, {"rows": 120})["moved"] == {"rows": {"before": 120, "now": 100}}
    assert changes({"rows": 100}, {"rows": None})["drifted"] is True
    assert changes({"rows": 100}, None)["status"] == "not_assessed"


@pytest.mark.parametrize("name", list(WORKFLOWS))
def test_every_workflow_can_be_drawn(name: str) -> None:
    chosen = workflow_of(name)
    assert set(chosen.steps) == {n for layer in chosen.layout.layers for n in layer if not n.startswith("__")}
    svg, mermaid = draw(chosen.layout, dict.fromkeys(chosen.steps, "done") | {chosen.steps[0]: "failed", chosen.steps[-1]: "waiting"})
    root = ElementTree.fromstring(svg)  # made by us
    assert root.tag.endswith("svg")
    assert not re.search(r"<script|href|url\(", svg)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    boxes = [r.attrib for r in root.iter() if r.tag.endswith("rect")]
    assert all(float(b["x"]) >= 0 and float(b["x"]) + float(b["width"]) <= width for b in boxes)
    assert all(float(b["y"]) >= 0 and float(b["y"]) + float(b["height"]) <= height for b in boxes)
    assert mermaid.splitlines()[0] == "flowchart TD"
    assert all(step in mermaid for step in chosen.steps)


def test_a_label_cannot_leave_the_picture() -> None:
    from edgp_magics.workflows._picture import Edge, arrange

    layout = arrange(["a", 'x"]<script>'], [Edge("a", 'x"]<script>', "</svg><script>")])
    svg, mermaid = draw(layout, {})
    assert "<script" not in svg + mermaid
    assert mermaid.count('"') % 2 == 0


@pytest.fixture
def shell(folder: Any, orders: pd.DataFrame) -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(colors="nocolor")
    shell.run_line_magic("load_ext", "edgp_magics")
    shell.user_ns["orders"] = orders
    yield shell
    shell.run_line_magic("unload_ext", "edgp_magics")
    InteractiveShell.clear_instance()


def test_the_magic_runs_waits_and_resumes(shell: InteractiveShell) -> None:
    run = shell.run_line_magic("governance", "workflow privacy_review orders -o review")
    assert run.status == "waiting"
    assert "--approve" in repr(run)
    listed = shell.run_line_magic("governance", "workflows --runs")
    assert run.id in repr(listed)
    assert "waiting" in repr(listed)
    done = shell.run_line_magic("governance", f"resume {run.id} --approve 1-2")
    assert done.status == "completed"
    assert not done.frames["deidentified"]["email"].dropna().str.contains("example").any()
    assert "apply" in repr(shell.run_line_magic("governance", f"workflows --run {run.id}"))
    with pytest.raises(WorkflowError, match="is finished"):
        shell.run_line_magic("governance", "resume review --approve all")


def test_the_magic_runs_a_graph_of_the_cell(shell: InteractiveShell) -> None:
    run = shell.run_cell_magic("governance", "workflow orders", "nodes:\n  quality: assess\n")
    assert (run.status, list(run.results)) == ("completed", ["quality"])
    with pytest.raises(BadCellBody, match="line 2 of the cell body"):
        shell.run_cell_magic("governance", "workflow orders", "nodes:\n  quality: asess\n")


def test_the_magic_takes_a_standing_answer_and_tables(shell: InteractiveShell) -> None:
    shell.user_ns["returns"] = shell.user_ns["orders"].head(20)
    pack = shell.run_line_magic("governance", "workflow regulatory_audit_pack orders --frames returns")
    assert list(pack.state["tables"]) == ["orders", "returns"]
    assert (pack.status, len(pack.results)) == ("completed", 6)
    review = shell.run_line_magic("governance", "workflow privacy_review orders --approve all")
    assert (review.status, review.interrupts) == ("completed", ())


def test_a_table_that_fails_does_not_stop_the_pack(folder: Any, orders: pd.DataFrame, calls: dict[str, Any]) -> None:
    calls["fail"] = "data_quality_assessment"
    run = edgp.run_workflow("regulatory_audit_pack", orders, dataset="orders", frames={"returns": orders.head(20)})
    assert run.status == "partial"
    assert {"table_quality: orders", "table_quality: returns"} <= set(run.failed)
    assert {"table_scan: orders", "table_scan: returns", "regulatory_audit"} <= set(run.results)


def test_equal_runs_are_equal_but_for_the_run_block(folder: Any, orders: pd.DataFrame) -> None:
    one, two = (edgp.run_workflow("data_onboarding", orders, dataset="orders").to_dict() for _ in range(2))

    def without_runs(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: without_runs(v) for k, v in value.items() if k != "run"}
        return [without_runs(v) for v in value] if isinstance(value, list) else value

    assert without_runs(one) == without_runs(two)
    assert list(one["results"]) == list(two["results"])
