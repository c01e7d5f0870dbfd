"""Plain words to capabilities."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgp_magics.agents import nearest, options_named, route
from edgp_magics.agents._route import matched
from edgp_magics.capabilities import spec_of

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
    ("Show me the rows with negative amount", "data_quality_assessment"),
    ("what is wrong with this table?", "data_quality_assessment"),
    ("which values in country are misspelt?", "data_cleaning"),
    ("apply the fixes", "data_cleaning"),
    ("get rid of repeated rows", "data_cleaning"),
    ("has this month drifted compared with orders?", "data_profiling"),
    ("has the distribution of amount shifted", "data_profiling"),
    ("could anybody be recognised from these records?", "privacy_scan"),
    ("which articles does this table break", "compliance_check"),
    ("how many rows have no email", "metrics_calculation"),
    ("calculate the average null rate by region", "metrics_calculation"),
]


@pytest.mark.parametrize(("text", "capability"), ASKED)
def test_a_request_reaches_its_capability(text: str, capability: str) -> None:
    ranked = route(text)
    assert ranked[0][0].value == capability
    assert matched(text, ranked[0][0])
    assert 0 < ranked[0][1] <= 1


REFUSED = [
    "",
    "   ",
    "book me a flight to Rome",
    "🙂",
    "what time is it",
    "average amount by country",
    "sum of sales per region",
    "show me something",
    "train a model to predict churn",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_fits_nothing_is_refused_with_what_is_near(text: str) -> None:
    assert route(text) == []
    assert len(set(nearest(text))) == 3


def test_what_is_near_has_words_in_common_with_the_request() -> None:
    assert nearest("average amount by country")[0].value == "metrics_calculation"
    assert "visualization" in [c.value for c in nearest("show me something")]


@pytest.mark.parametrize(
    ("question", "verb", "options"),
    [
        ("has this month drifted compared with may?", "profile", {"reference": "may"}),
        ("how is it different from `may`", "profile", {"reference": "may"}),
        ("has it changed since may?", "profile", {"reference": "may"}),
        ("is the data from may good?", "profile", {}),
        ("metrics compared with may", "metrics", {}),
        ("which values in country are misspelt?", "clean", {"columns": ("country",)}),
        ("rows of a country", "assess", {}),
    ],
)
def test_a_question_names_columns_and_tables(question: str, verb: str, options: dict[str, object]) -> None:
    assert options_named(question, spec_of(verb), ["id", "country"], ["may", "june"]) == options


def test_the_shared_utterances(shared: Path) -> None:
    rows = [json.loads(line) for line in (shared / "data/intent/utterances.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]
    good = sum(route(r["text"])[0][0].value == r["capability"] for r in rows)
    assert good / len(rows) >= 0.95
