"""Metrics, reports and charts: what they must not show and must not claim."""

from __future__ import annotations

import pandas as pd
import pytest

import edgp_magics as edgp
from edgp_magics.values import Result, Status

NAMES = ["Ada Lovelace", "Alan Turing", "Grace Hopper", "Edsger Dijkstra"]


def shop() -> pd.DataFrame:
    return pd.DataFrame({"customer": NAMES * 10, "country": ["SG", "DE"] * 20, "amount": [1.0, None, 3.0, 4.0] * 10})


def test_groups_by_person_are_counted_but_not_named() -> None:
    result = edgp.run("metrics", shop(), by=["customer"])
    groups = [row["group"] for row in result.tables["groups"]]
    assert len(groups) == 4
    assert not any(word in str(result.to_dict()) + result.to_html() for name in NAMES for word in name.split())


def test_groups_by_category_are_named() -> None:
    result = edgp.run("metrics", shop(), by=["country"])
    assert [row["group"] for row in result.tables["groups"]] == ["DE", "SG"]


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame(index=range(3)), pd.DataFrame({"a": []})], ids=["none", "rows", "column"])
def test_a_report_on_nothing_claims_nothing(frame: pd.DataFrame) -> None:
    result = edgp.run("report", frame)
    assert result.status is Status.NOT_ASSESSED
    assert "No personal data" not in result.summary


def test_a_name_cannot_turn_a_chart_around() -> None:
    result: Result = edgp.run("plot", pd.DataFrame({"a\u202eb": [1, 2, 3, None] * 10}))
    assert "\u202e" not in result.to_html()
