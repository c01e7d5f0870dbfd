"""Routing as tables, the picture, answers, and the magic around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

import edgp_magics as edgp
from edgp_magics.errors import BadCellBody, BadOption, UsageError, WorkflowError
from edgp_magics.workflows import (
    WORKFLOWS,
    approval_router,
    described,
    drift_router,
    plan_router,
    privacy_router,
    remediation_router,
    run_workflow,
    workflow_of,
)
from edgp_magics.workflows._drift import changes, moved_columns
from edgp_magics.workflows._limits import worth_another_try
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


def test_drift_by_history_sees_what_moved(folder: Any, orders: pd.DataFrame) -> None:
    """The first run, the same rows in another order, and every amount 80 higher."""
    runs = [
        edgp.run_workflow("drift_watch", data, dataset="sales")
        for data in (orders, orders.sample(frac=1, random_state=1), orders.assign(amount=orders["amount"] + 80))
    ]
    said = [run.state["results"]["compare"] for run in runs]
    assert [(s["status"], s["drifted"]) for s in said] == [("not_assessed", True), ("ok", False), ("issues", True)]
    report = runs[2].results["analytics_report"]
    assert any("`amount` moved: its median is 119.5, it was 39.5" in f.message for f in report.findings)
    assert "Drift" in [s.heading for s in report.sections]
    assert "rules" not in runs[1].state["completed_steps"]


COLUMN = {"kind": "float", "count": 400, "missing": 0.0, "distinct": 0.5, "mean": 20.0, "std": 10.0, "quartiles": [10.0, 20.0, 30.0]}


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        ({}, []),
        ({"quartiles": [10.5, 20.5, 30.5]}, []),
        ({"quartiles": [90.0, 100.0, 110.0]}, ["location"]),
        ({"count": 20, "quartiles": [14.0, 26.0, 34.0]}, []),
        ({"kind": "string"}, ["type"]),
        ({"missing": 0.2}, ["missing"]),
        ({"distinct": 1.0}, ["distinct"]),
        ({"mean": 60.0}, []),
    ],
)
def test_what_counts_as_moved(now: dict[str, Any], kinds: list[str]) -> None:
    assert [kind for _, kind, _ in moved_columns({"a": COLUMN | now}, {"a": COLUMN})] == kinds


def test_columns_that_come_and_go() -> None:
    assert [(n, kind) for n, kind, _ in moved_columns({"b": COLUMN}, {"a": COLUMN})] == [("b", "added"), ("a", "removed")]


def test_an_audit_pack_looks_at_the_named_tables_alone(shell: InteractiveShell) -> None:
    for name in ("returns", "stock"):
        shell.user_ns[name] = shell.user_ns["orders"].head(20)
    alone = shell.run_line_magic("governance", "workflow regulatory_audit_pack orders")
    assert [d.ref.name for d in alone.results["regulatory_audit"].datasets] == ["orders"]
    pack = shell.run_line_magic("governance", "workflow regulatory_audit_pack orders --frames returns")
    assert [d.ref.name for d in pack.results["regulatory_audit"].datasets] == ["orders", "returns"]
    labels = [s.label or s.step for s in pack.steps]
    assert len(set(labels)) == len(labels)
    assert all(s.detail for s in pack.steps)
    shown = repr(pack)
    assert "Datasets" in shown
    assert "Quality of returns" in shown
    assert json.loads(pack.artifacts["evidence.json"])["datasets"]


def test_a_second_round_tells_its_own_figures(folder: Any) -> None:
    df = pd.DataFrame({"id": range(300), "size": ["S", "M", "L"] * 100, "amount": [float(i % 40) for i in range(300)]})
    df.loc[5, "size"], df.loc[9, "size"] = "  M ", "s"
    run = edgp.run_workflow("remediation_loop", df, dataset="shirts", approve="all")
    told = [s.detail for s in run.steps if s.step == "quality_check"]
    assert [r.summary for n, r in run.results.items() if n.startswith("quality_check")] == told
    assert len(told) == len(run.state["scores"])
    assert len({f.id for f in run.findings}) == len(run.findings)
    kept = [(s.step, s.detail, s.findings) for s in run.steps]
    from edgp_magics.workflows._run import _steps_of

    assert [(s.step, s.detail, s.findings) for s in _steps_of(run.state)] == kept


def test_a_run_is_an_object_in_every_form(folder: Any, tmp_path: Any) -> None:
    df = pd.DataFrame({"a": range(30), "b": ["x", "y"] * 15})
    graph = described("name: two_steps\nnodes: {quality: assess, figures: metrics}\nedges: [quality -> figures]\n")
    one, two = (run_workflow(graph, df, dataset="t") for _ in range(2))
    assert one.to_html() == two.to_html()
    assert {k: v for k, v in one.to_dict().items() if k != "run"} == {k: v for k, v in two.to_dict().items() if k != "run"}
    assert list(one.to_frame()["step"]) == one.state["completed_steps"]
    assert one.to_markdown().startswith("### Workflow: two steps")
    assert (one.save(tmp_path / "run.html")).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads((one.save(tmp_path / "run.json")).read_text(encoding="utf-8"))["status"] == "completed"
    assert one.mermaid._repr_markdown_().startswith("```mermaid\nflowchart TD")
    assert "→" not in one.to_html().partition("<figcaption>")[2].partition("</figcaption>")[0]


def test_a_new_table_is_named(folder: Any, orders: pd.DataFrame) -> None:
    run = edgp.run_workflow("privacy_review", orders, dataset="orders", approve="all")
    assert "New table orders_deidentified (60 rows): it is .frames['deidentified']" in repr(run)


@pytest.mark.parametrize("name", ["", "  ", None, "two words", "a/b"])
def test_a_workflow_needs_a_name_a_cell_can_say(name: Any) -> None:
    with pytest.raises(UsageError, match="is no name for a workflow"):
        edgp.register_workflow(name, object())


def test_a_body_may_stand_below_a_name(shell: InteractiveShell) -> None:
    run = shell.run_cell_magic("governance", "workflow gate orders", "nodes:\n  quality: assess\n")
    assert (run.workflow, run.status) == ("gate", "completed")
    with pytest.raises(BadCellBody, match="Give it one name"):
        shell.run_cell_magic("governance", "workflow gate orders", "name: door\nnodes:\n  quality: assess\n")
    assert "approve: repair" in repr(shell.run_line_magic("governance", "help workflow"))


def test_a_run_goes_on_with_a_file(shell: InteractiveShell, tmp_path: Any) -> None:
    path = tmp_path / "o.csv"
    pd.DataFrame({"id": range(40), "mail": [f"u{i}@example.org" for i in range(40)]}).to_csv(path, index=False)
    run = shell.run_line_magic("governance", f"workflow privacy_review '{path}'")
    assert shell.run_line_magic("governance", f"resume {run.id} --data '{path}' --approve none").status == "completed"


def test_a_key_is_given_by_its_name_alone(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "secret-in-the-environment")
    for name in ("here", "THE_KEY"):
        shell.user_ns["here"] = "secret-in-the-kernel"
        run = shell.run_line_magic("governance", f"workflow privacy_review orders --key {name}")
        assert "secret-in" not in repr(run) + json.dumps(run.to_dict())
    with pytest.raises(BadOption, match="names no secret"):
        shell.run_line_magic("governance", "workflow privacy_review orders --key nothing_of_that_name")


def test_the_magic_goes_back_and_forgets(shell: InteractiveShell) -> None:
    run = shell.run_line_magic("governance", "workflow privacy_review orders -o review")
    done = shell.run_line_magic("governance", f"resume {run.id} --approve all")
    again = shell.run_line_magic("governance", f"resume {done.id} --checkpoint 4")
    assert again.status == "waiting"
    assert "deleted" in repr(shell.run_line_magic("governance", f"workflows --forget {run.id}"))
    assert run.id not in repr(shell.run_line_magic("governance", "workflows --runs"))


def test_the_picture_changes_as_steps_go(folder: Any) -> None:
    from edgp_magics.magics._progress import StepPicture
    from edgp_magics.workflows import Step

    shown: list[tuple[str, str]] = []

    class Recorder:
        def show(self, line: str, picture: str) -> None:
            shown.append((line, picture))

    picture = StepPicture(Recorder(), workflow_of("comprehensive_data_assessment").layout, ("quality_check",))  # type: ignore[arg-type]
    picture(Step(step="compliance_scan", status="running"))
    picture(Step(step="compliance_scan", status="stage", detail="50%"))
    picture(Step(step="compliance_scan", status="done", seconds=1.25, findings=3))
    assert len(shown) == 2
    assert "✓ quality_check → … compliance_scan" in shown[0][0]
    assert "✓ compliance_scan (1.2 s, 3 found)" in shown[1][0]
    assert "1.2 s, 3 found" in shown[1][1]
    assert "compliance scan: done" in shown[1][1]
