"""The comprehensive assessment: routing as a table, then the real graph."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import edgp_magics as edgp
from edgp_magics.errors import UnknownName
from edgp_magics.workflows import quality_check_router


@pytest.mark.parametrize(
    ("findings", "wanted"),
    [
        ([], "no_issues"),
        ([{"severity": "info"}], "no_issues"),
        ([{"severity": "low"}], "issues_found"),
        ([{"severity": "info"}, {"severity": "critical"}], "issues_found"),
    ],
)
def test_routing(findings: list[dict[str, str]], wanted: str) -> None:
    assert quality_check_router({"quality_results": {"findings": findings}}) == wanted


@pytest.mark.parametrize("state", [{}, {"quality_results": {"status": "not_assessed", "findings": []}}])
def test_unknown_is_not_a_pass(state: dict[str, Any]) -> None:
    assert quality_check_router(state) == "issues_found"


def test_an_empty_table_is_scanned_for_personal_data(folder: Any, orders: pd.DataFrame) -> None:
    run = edgp.run_workflow("comprehensive_data_assessment", orders.head(0), dataset="empty")
    assert "compliance_scan" in run.state["completed_steps"]


def test_with_issues_all_steps_run(orders: pd.DataFrame) -> None:
    run = edgp.run_workflow("comprehensive_data_assessment", orders, dataset="orders")
    assert run.state["completed_steps"] == ["quality_check", "compliance_scan", "remediation_plan", "analytics_report"]
    assert list(run.results) == run.state["completed_steps"]
    assert run.state["dataset_id"] == "orders"
    assert run.interrupts == ()
    text = json.dumps(run.to_dict())
    assert "user3@example.org" not in text


def test_without_issues_the_report_follows_at_once() -> None:
    clean = pd.DataFrame({"code": [f"K{i:03d}" for i in range(200)], "value": [float(i % 17) + 0.5 for i in range(200)]})
    run = edgp.run_workflow("comprehensive_data_assessment", clean, dataset="clean")
    assert run.state["completed_steps"] == ["quality_check", "analytics_report"]


@pytest.mark.parametrize(
    ("name", "state", "words"),
    [("comprehensive", {}, "no workflow"), ("comprehensive_data_assessment", {"datset_id": "x"}, "Did you mean `dataset_id`")],
)
def test_mistakes(orders: pd.DataFrame, name: str, state: dict[str, Any], words: str) -> None:
    with pytest.raises(UnknownName, match=words):
        edgp.run_workflow(name, orders, **state)
