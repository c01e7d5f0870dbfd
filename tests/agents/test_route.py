"""Plain words to capabilities."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgp_magics.agents import route
from edgp_magics.agents._route import matched

ASKED = [
    ("please tidy this up: trim blanks and unify the spelling of cities", "data_cleaning"),
    ("anything unusual in last week's payments?", "anomaly_detection"),
    ("are there credit card numbers in here", "privacy_scan"),
    ("is it legal to use this for marketing under GDPR", "compliance_check"),
    ("how trustworthy is this table", "data_quality_assessment"),
    ("give the board a summary report", "report_generation"),
    ("who should own customer data, and what does a data steward do?", "governance_advice"),
    ("infer constraints and expectations", "rule_suggestion"),
    ("draft a retention policy", "policy_generation"),
    ("bar chart of nulls", "visualization"),
    ("calculate the duplicate rate by region", "metrics_calculation"),
    ("prepare evidence for the auditors", "regulatory_audit"),
    ("describe the columns", "data_profiling"),
    ("resolve the violations found above", "issue_resolution"),
    ("how do we raise our quality score", "quality_improvement"),
]


@pytest.mark.parametrize(("text", "capability"), ASKED)
def test_a_request_reaches_its_capability(text: str, capability: str) -> None:
    ranked = route(text)
    assert ranked[0][0].value == capability
    assert matched(text, ranked[0][0])
    assert 0 < ranked[0][1] <= 1


@pytest.mark.parametrize("text", ["", "   ", "book me a flight to Rome", "🙂", "what time is it"])
def test_what_fits_nothing_is_refused(text: str) -> None:
    assert route(text) == []


def test_the_shared_utterances(shared: Path) -> None:
    rows = [json.loads(line) for line in (shared / "data/intent/utterances.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]
    good = sum(route(r["text"])[0][0].value == r["capability"] for r in rows)
    assert good / len(rows) >= 0.95
