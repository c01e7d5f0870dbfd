"""The clauses against the knowledge that explains them: a passage each, of its own regime, and readings that differ by regime."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import edgp_magics
from edgp_magics.capabilities._check import check_compliance, finding_of
from edgp_magics.capabilities.regulations import Clause, catalogue
from edgp_magics.frames import as_frame
from edgp_magics.services.rag import KnowledgeBase, RAGSystem, shipped_knowledge
from edgp_magics.values import AgentCapability, ClauseStatus, Context, Passage

CLAUSES = catalogue().clauses
FILES = {
    "GDPR": "gdpr",
    "CCPA": "ccpa_cpra",
    "HIPAA": "hipaa",
    "PCI_DSS_4.0.1": "pci_dss",
    "SOX": "sox",
    "LGPD": "lgpd",
    "PDPA_SG": "pdpa",
    "EU_AI_ACT": "eu_ai_act",
    "BCBS239": "bcbs_239",
}
PEOPLE = {"sid": ["A1", "B2"], "email": ["ann@example.org", "bo@example.org"], "faith": ["Sikh", "Hindu"]}


@pytest.fixture(scope="module")
def passages() -> tuple[Passage, ...]:
    """What the compliance agent reads for a check."""
    base = KnowledgeBase(encoder=None)
    base.ingest(shipped_knowledge())
    return tuple(asyncio.run(RAGSystem(base).retrieve_context("Check id", k=1_000, agent="compliance", mode="lexical")))


def explaining(clause: Clause, passages: tuple[Passage, ...]) -> list[Passage]:
    return [p for p in passages if clause.id in re.findall(r"Check id: (\S+)\.(?=\s|$)", p.text)]


# -- passages ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("clause", CLAUSES, ids=lambda c: c.id)
def test_every_clause_has_one_passage_of_its_own_regime_that_names_its_provision(clause: Clause, passages: tuple[Passage, ...]) -> None:
    found = explaining(clause, passages)
    assert [p.source for p in found] == [f"compliance/{FILES[clause.regulation]}.md"]
    assert [p.id for p in passages if (p.source, p.section) == (found[0].source, found[0].section)] == [found[0].id], "cut in two"
    provision = re.search(r"\d[\d.]*[A-Z]?(?:\([0-9a-zA-Z]+\))*|NRIC", clause.citation.removeprefix("45 CFR "))
    assert provision is not None and provision[0] in f"{' '.join(found[0].section)} {found[0].text}"


def test_no_passage_explains_a_clause_that_is_not_there(passages: tuple[Passage, ...]) -> None:
    named = {n for p in passages for n in re.findall(r"Check id: (\S+)\.(?=\s|$)", p.text)}
    assert named == {c.id for c in CLAUSES}
    assert all(see in named for c in CLAUSES for see in c.see)


def test_every_failed_clause_cites_its_own_passage_first(passages: tuple[Passage, ...]) -> None:
    by_id = {p.id: p for p in passages}
    frame = as_frame(pd.DataFrame(PEOPLE), name="t")
    for result in check_compliance(frame, Context(passages=passages)).clauses:
        failed = replace(result, status=ClauseStatus.FAIL)
        cited = finding_of(failed, AgentCapability.COMPLIANCE_CHECK, passages).citations
        assert re.search(rf"Check id: {re.escape(result.id)}\.(?=\s|$)", by_id[cited[0]].text), result.id
        assert {by_id[c].source for c in cited} == {by_id[cited[0]].source}, result.id


def test_a_late_breach_shows_the_passage_on_its_deadline() -> None:
    log = [{"aware_at": "2026-05-01T08:00", "notified_at": "2026-05-09T08:00"}]
    result = edgp_magics.run(
        "check", pd.DataFrame(PEOPLE), name="people", regulations=("gdpr",), metadata={"as_of": "2026-06-01", "breach_log": log}
    )
    found = next(f for f in result.findings if f.rule == "GDPR-33.1")
    first = next(p for p in result.context if p.id == found.citations[0])
    assert "72 hours" in first.section[-1] and "Art. 33(1)" in first.section[-1]


# -- readings ------------------------------------------------------------------------------------------------------------
AI = {"ai_training": True, "high_risk_system": False}
MET = ["necessity", "protection", "access_control", "no_transfer", "deletion", "reasons_recorded"]


@pytest.mark.parametrize(
    ("clause", "metadata", "status"),
    [
        # a ground of one regime is none of another
        ("GDPR-44", {"storage_country": "US", "transfer_mechanism": "DPF"}, "PASS"),
        ("GDPR-44", {"storage_country": "SG", "transfer_mechanism": "CBPR"}, "WARN"),
        ("GDPR-44", {"storage_country": "SG", "transfer_mechanism": "IDTA"}, "WARN"),
        ("GDPR-44", {"storage_country": "SG", "transfer_mechanism": "legal claims (Art. 49)"}, "PASS"),
        ("LGPD-33", {"storage_country": "US", "transfer_mechanism": "DPF"}, "WARN"),
        ("LGPD-33", {"storage_country": "US", "transfer_mechanism": "global corporate norms"}, "PASS"),
        ("LGPD-33", {"storage_country": "US", "transfer_mechanism": "Art. 49"}, "WARN"),
        ("LGPD-33", {"storage_country": "NO"}, "PASS"),
        ("PDPA-26", {"storage_country": "US", "transfer_mechanism": "CBPR"}, "PASS"),
        ("PDPA-26", {"storage_country": "US", "transfer_mechanism": "DPF"}, "WARN"),
        # criteria stand in for a period where none can be given, and are no period that rows can be judged by
        ("CCPA-100.a3", {"retention_criteria": "as long as the account is open"}, "NOT_ASSESSED"),
        ("CCPA-100.a3", {}, "FAIL"),
        # since 27 July 2026 the conditions hold for other AI systems, too; the duties of Chapter III do not
        ("AIA-10.5", AI, "FAIL"),
        ("AIA-10.5", {**AI, "art10_5_conditions": MET}, "PASS"),
        ("AIA-10.5", {"ai_training": False}, "NOT_APPLICABLE"),
        ("AIA-10.2.b", AI, "NOT_APPLICABLE"),
    ],
)
def test_a_clause_is_read_as_its_own_law_says(clause: str, metadata: Mapping[str, Any], status: str) -> None:
    frame = as_frame(pd.DataFrame(PEOPLE), name="t")
    result = check_compliance(frame, Context(), clauses=(clause,), metadata={"as_of": "2026-11-24", **metadata}).clause(clause)
    assert (result.status.value, result.id) == (status, clause), result.message


def test_duties_that_do_not_bind_yet_say_from_when() -> None:
    chapter_three = [c for c in CLAUSES if c.regulation == "EU_AI_ACT" and c.id != "AIA-10.5"]
    assert [c.id for c in chapter_three if "binding from 2 December 2027" not in c.check] == []
