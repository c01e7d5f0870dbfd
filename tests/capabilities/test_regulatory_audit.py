"""regulatory_audit: several tables, record, gaps, statements kept, differences, and a pack that cannot be changed unseen."""

from __future__ import annotations

import hashlib
import io
import json
import re
import uuid
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import edgp_magics
from edgp_magics.capabilities._audit import AuditResult, audit_regulatory
from edgp_magics.capabilities._report import generate_report
from edgp_magics.capabilities.regulations import catalogue, read_metadata
from edgp_magics.capabilities.regulations._audit_model import record_of
from edgp_magics.capabilities.regulations._oscal import assessment_results
from edgp_magics.capabilities.regulations._pack import FORMAT, _json, _line, _tables, chained, pack_bytes, verify_pack
from edgp_magics.errors import BadOption, DataNotFound, UnknownName, UsageError
from edgp_magics.frames import as_frame
from edgp_magics.values import ClauseStatus, Context, Fold, Grid, Narrative, Passage, Result, Run, Text

CANARY = "Zyxwv"
PEOPLE = pd.DataFrame({"name": [f"{CANARY} Quill"] * 6, "email": [f"{CANARY}{i}@example.org" for i in range(6)], "n": range(6)})
CARDS = pd.DataFrame({"pan": ["4539578763621486", "5425233430109903", "374245455400126"], "at": ["2020-01-01"] * 3})
SHARED = {
    "as_of": "2025-06-30",
    "lawful_basis": "contract",
    "purpose": "billing",
    "risk_data": True,
    "controller": "Example Ltd",
    "recipients": ["bank"],
}


def audit(metadata: Any = SHARED, *, people: pd.DataFrame = PEOPLE, **options: Any) -> AuditResult:
    context = Context(frames={"cards": as_frame(CARDS, name="cards")})
    return audit_regulatory(as_frame(people, name="people"), context, metadata=metadata, **options)


@pytest.fixture(scope="module")
def result() -> AuditResult:
    return audit()


def test_several_tables(result: AuditResult) -> None:
    assert [d.ref.name for d in result.datasets] == ["people", "cards"]
    status = {(c.dataset, c.id): c.status.value for c in result.clauses}
    assert status["people", "GDPR-5.1.a"] == "PASS"
    assert status["cards", "PCI-3.5.1"] == "FAIL" and status["people", "PCI-3.5.1"] == "PASS"
    control = next(c for c in result.controls if c.clause == "PCI-3.5.1")
    assert (control.worst, dict(control.statuses)) == (ClauseStatus.FAIL, {"people": "PASS", "cards": "FAIL"})
    assert len({f.id for f in result.findings}) == len(result.findings)


def test_metadata_by_table() -> None:
    found = audit({**SHARED, "datasets": {"cards": {"environment": "test", "lawful_basis": "habit"}}}, clauses=("PCI-6.5.5", "GDPR-6.1"))
    status = {(c.dataset, c.id): c.status.value for c in found.clauses}
    assert status == {
        ("people", "PCI-6.5.5"): "NOT_APPLICABLE",
        ("people", "GDPR-6.1"): "PASS",
        ("cards", "PCI-6.5.5"): "FAIL",
        ("cards", "GDPR-6.1"): "FAIL",
    }


CONTRACT = {
    "kind": "DataContract",
    "customProperties": [{"property": "lawfulBasis", "value": "contract"}],
    "slaProperties": [
        {"property": "retention", "value": 2, "unit": "y", "element": "crm.people.last_seen"},
        {"property": "retention", "value": 9, "unit": "y", "element": "orders.placed"},
    ],
    "schema": [
        {
            "name": "Person",
            "physicalName": "crm.people",
            "customProperties": [{"property": "owner", "value": "kim"}],
            "properties": [{"name": "email", "description": "where to write to", "tags": ["pii"]}],
        },
        {"name": "orders", "properties": [{"name": "amount", "description": "in euro", "classification": "internal"}]},
    ],
}
"""A contract on two tables."""


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("people", {"retention_date_column": "last_seen", "glossary": {"email": "where to write to"}, "owner": "kim"}),
        ("person", {"retention_date_column": "last_seen", "personal_columns": ["email"], "owner": "kim"}),
        ("Orders", {"retention_date_column": "placed", "glossary": {"amount": "in euro"}, "classification": "internal"}),
        ("df", {}),
    ],
)
def test_of_a_contract_on_several_tables_the_one_of_the_name_is_read(name: str, fields: dict[str, Any]) -> None:
    found, said = read_metadata(CONTRACT, "", catalogue().fields, (name,))
    specific = ("glossary", "personal_columns", "classification", "owner", "retention_days", "retention_date_column")
    assert found["lawful_basis"] == "contract" and fields.items() <= found.values.items()
    assert bool(fields) or not any(found.has(f) for f in specific)
    note = f"The contract describes `Person`, `orders`, none called `{name}`: what it says of columns is not used."
    assert [line.startswith(note) for line in said] == ([] if fields else [True])


def test_a_contract_on_several_tables_is_read_by_table_in_an_audit() -> None:
    found, said = read_metadata(CONTRACT, "", {**catalogue().fields, "datasets": ""}, ("people", "orders", "x"))
    assert not said and found["lawful_basis"] == "contract" and not found.has("glossary")
    by_table = {name: own.get("retention_date_column") for name, own in found["datasets"].items()}
    assert by_table == {"people": "last_seen", "orders": "placed", "x": None}
    audited = {d.ref.name: d.metadata for d in audit(CONTRACT).datasets}
    assert audited["people"]["retention_date_column"] == "last_seen" and audited["people"]["owner"] == "kim"
    assert all("owner" not in m and m["lawful_basis"] == "contract" for n, m in audited.items() if n != "people")


@pytest.mark.parametrize(
    ("metadata", "body", "lines"),
    [
        ({"lawfull_basis": "x"}, "", ("`lawfull_basis` is not a field: did you mean `lawful_basis`?",)),
        ({"datasets": {"cards": {"environmnt": "x"}}}, "", ("cards: `environmnt` is not a field: did you mean `environment`?",)),
        ({"datasets": {"card": {}}}, "", ("`datasets` speaks of `card`, which is not audited; did you mean `cards`?",)),
        ({"datasets": "cards"}, "", ("`datasets` is not used: give the fields by table, such as {orders: {retention_days: 730}}.",)),
        ({"subject_key": "emial"}, "", ("people: `subject_key` names `emial`, which is not a column; did you mean `email`?",)),
        ({"datasets": {"cards": "habit"}}, "", ("cards: What `datasets` says is not used: it is not a list of fields.",)),
        ({"datasets": {"cards": 5}}, "", ("cards: What `datasets` says is not used: it is not a mapping of fields.",)),
        ({"regulations": "HIPPA"}, "", ("`regulations` names `HIPPA`, of which there are no clauses; did you mean `HIPAA`?",)),
        ({}, "owner: kim\nowner: lee", ("`owner` is given twice: only the last one counts.",)),
        ({"as_of": "30/06/2025"}, "", ("`as_of` is `30/06/2025`, which is not a date: write it as 2025-06-30.",)),
    ],
)
def test_what_was_declared_in_vain_stands_on_top(metadata: dict[str, Any], body: str, lines: tuple[str, ...]) -> None:
    context = Context(frames={"cards": as_frame(CARDS, name="cards")}, body=body)
    found = audit_regulatory(as_frame(PEOPLE, name="people"), context, metadata=metadata, clauses=("GDPR-5.2", "PCI-3.5.1"))
    assert all(any(said.startswith(line) for said in found.unused) for line in lines), found.unused
    assert not any(line in note for line in lines for note in found.notes)
    assert found.unused[0] in found.summary
    assert found.body()[: len(found.unused) - 1] == [Text(line, tone="strong") for line in found.unused[1:]]
    report = generate_report(as_frame(PEOPLE, name="people"), Context(results={"regulatory_audit": found}))
    assert f"Audit: {found.unused[0]}" in report.notes


def test_the_day_of_an_audit_is_a_day(tmp_path: Path) -> None:
    found = audit({**SHARED, "as_of": "30/06/2025"}, clauses=("GDPR-5.2",))
    with zipfile.ZipFile(found.save(tmp_path / "a.zip")) as pack:
        assert (
            found.as_of == "" and json.loads(pack.read("oscal.json"))["assessment-results"]["results"][0]["start"] == "1980-01-01T00:00:00Z"
        )


def test_frames_by_name() -> None:
    assert [d.ref.name for d in audit(frames=("cards",), clauses=("GDPR-5.2",)).datasets] == ["people", "cards"]
    with pytest.raises(UnknownName):
        audit(frames=("card",), clauses=("GDPR-5.2",))


def test_record_of_processing(result: AuditResult) -> None:
    fields = {(f.dataset, f.item): (f.source, f.value) for f in result.record}
    assert fields["people", "Controller and contact"] == ("declared", "Example Ltd")
    assert (
        fields["people", "Categories of personal data"][0] == "computed" and "email" in fields["people", "Categories of personal data"][1]
    )
    assert fields["people", "Security measures"] == ("missing", "")


@pytest.mark.parametrize(
    ("metadata", "item", "source", "value"),
    [
        (
            {"transfers": [], "recipients": [{"name": "bank", "country": "US"}]},
            "Transfers",
            "declared",
            "none declared; recipients are named in US",
        ),
        (
            {"recipients": [{"name": "bank", "country": "US"}, "auditors"]},
            "Categories of recipients",
            "declared",
            "bank (country: US), auditors",
        ),
        ({"transfers": []}, "Transfers", "declared", "none"),
        ({"retention_days": 730}, "Time limits", "declared", "730 days"),
        ({"retention_criteria": "end of contract"}, "Time limits", "declared", "end of contract"),
        ({"controller": "TBD"}, "Controller", "missing", ""),
        ({"dpo": "kim@example.org"}, "Joint controllers", "declared", "dpo: kim@example.org"),
    ],
)
def test_a_line_of_the_record(metadata: dict[str, Any], item: str, source: str, value: str) -> None:
    found = next(f for f in record_of("people", {**SHARED, "recipients": ["bank"], **metadata}, ()) if f.item.startswith(item))
    assert (found.source, found.value) == (source, value)


def test_what_was_computed_under_an_override_is_compared() -> None:
    kept = {"overrides": {"GDPR-5.2": {"status": "NOT_APPLICABLE", "reason": "sandbox", "by": "DPO", "on": "2025-06-01"}}}
    first = audit({**SHARED, **kept}, clauses=("GDPR-5.2",))
    again = audit({**SHARED, "owner": "kim", "record_id": "R1"}, previous=first, clauses=("GDPR-5.2",))
    assert {c.status.value for c in again.clauses} == {"NOT_APPLICABLE"}
    change = next(c for c in again.changes or () if c.kind == "computed changed")
    assert (change.before, change.after) == ("FAIL, overridden", "PASS, overridden")
    assert "Since the previous audit of 2025-06-30" in again.to_markdown()


def test_the_difference_is_said_first_and_the_unbroken_is_folded() -> None:
    first = audit({"as_of": "2025-06-30"}, clauses=("GDPR-5.1.a", "GDPR-5.2", "GDPR-17"))
    again = audit({**SHARED, "owner": "kim"}, previous=first, clauses=("GDPR-5.1.a", "GDPR-5.2", "GDPR-17"))
    assert again.summary.endswith(" Since the previous audit: 0 gaps opened, 2 closed.")
    back = audit({"as_of": "2025-06-30"}, previous=again, clauses=("GDPR-5.1.a", "GDPR-5.2", "GDPR-17"))
    assert back.summary.endswith(" Since the previous audit: 2 gaps opened, 0 closed.")
    erased = audit({**SHARED, "subject_key": "email", "erasure_list": []}, previous=first, clauses=("GDPR-5.1.a", "GDPR-17"))
    shown = [b for b in erased.body() if isinstance(b, Grid) and b.caption.startswith("Since")]
    assert "GDPR-17" not in str(shown) and "GDPR-5.1.a" in str(shown)
    assert any(b.summary.startswith("Changes of other clauses") and "GDPR-17" in str(b) for b in erased.body() if isinstance(b, Fold))


OVERRIDE = {"status": "NOT_APPLICABLE", "reason": "sandbox", "by": "DPO", "on": "2025-06-01"}
KEPT = {"retention_days": 1, "retention_date_column": "at"}


@pytest.mark.parametrize(
    ("before", "after", "kinds", "said"),
    [
        ({"owner": "kim", "record_id": "R"}, {}, {"new gap"}, "2 gaps opened, 0 closed."),
        ({}, {"owner": "kim", "record_id": "R"}, {"closed"}, "0 gaps opened, 2 closed."),
        # a broken clause that cannot be told any more is not mended
        ({"datasets": {"cards": KEPT}}, {}, {"no longer known"}, "0 gaps opened, 0 closed, 1 no longer known."),
        ({}, {"datasets": {"cards": KEPT}}, {"worse"}, "1 gap opened, 0 closed."),
        # what was broken and is broken worse was open before
        (
            {"overrides": {"GDPR-5.2": {**OVERRIDE, "status": "WARN"}}},
            {"overrides": {"GDPR-5.2": None}},
            {"worse"},
            "0 gaps opened, 0 closed.",
        ),
    ],
)
def test_a_change_is_called_what_it_is(before: dict[str, Any], after: dict[str, Any], kinds: set[str], said: str) -> None:
    only = ("GDPR-5.2", "GDPR-5.1.e")
    shared = {**SHARED, "retention_criteria": "x"}
    found = audit({**shared, **after}, previous=audit({**shared, **before}, clauses=only), clauses=only)
    changed = {c.kind for c in found.changes or () if c.clause}
    assert changed == kinds and found.summary.endswith(f"Since the previous audit: {said}"), (found.changes, found.summary)


@pytest.mark.parametrize(
    ("entry", "caption", "asks"),
    [
        ({}, "Attestations (1 asked)", True),
        ({"by": "CRO", "on": "2025-06-01"}, "Attestations (1 given)", False),
        ({"by": "CRO", "on": "2025-06-01", "expires": "2025-06-29"}, "Attestations (1 expired)", True),
        ({"by": "CRO", "on": "2025-07-01"}, "Attestations (1 not yet)", True),
    ],
)
def test_a_statement_that_does_not_hold_is_asked_for_anew(entry: dict[str, str], caption: str, asks: bool) -> None:
    found = audit({**SHARED, "attestations": {"BCBS-6": entry} if entry else {}}, clauses=("BCBS-6",))
    assert caption in shown(found)
    assert any(isinstance(b, Text) and b.text.startswith("Attest in the metadata") for b in found.body()) == asks


def test_an_audit_that_cannot_be_saved_names_the_pack(result: AuditResult, tmp_path: Path) -> None:
    with pytest.raises(BadOption, match=r"cannot save a result as `.pptx`. Use one of .*, or .zip for the evidence pack"):
        result.save(tmp_path / "audit.pptx")


def test_findings_name_their_dataset(result: AuditResult) -> None:
    assert all(f.message.startswith(("people: ", "cards: ")) for f in result.findings)


def test_gaps_are_worst_first(result: AuditResult) -> None:
    fails = [g for g in result.gaps if g.status is ClauseStatus.FAIL]
    assert [g.severity.rank for g in fails] == sorted((g.severity.rank for g in fails), reverse=True)
    assert all(g.todo for g in result.gaps)


def test_statements_survive_reruns() -> None:
    only = ("BCBS-6", "GDPR-5.2")
    first = audit(
        {
            **SHARED,
            "attestations": {"BCBS-6": {"by": "CRO", "on": "2025-06-01", "expires": "2025-12-31"}},
            "overrides": {
                "GDPR-5.2": {"status": "NOT_APPLICABLE", "reason": "sandbox", "by": "DPO", "on": "2025-06-01", "expires": "2026-01-01"}
            },
        },
        clauses=only,
    )
    assert {c.status.value for c in first.clauses} == {"PASS", "NOT_APPLICABLE"}
    assert first.overrides[0].override is not None and first.overrides[0].override.computed is ClauseStatus.FAIL
    again = audit(previous=first.to_dict(), clauses=only)
    assert [c.status for c in again.clauses] == [c.status for c in first.clauses]
    assert again.changes == ()
    later = audit({**SHARED, "as_of": "2026-06-30"}, previous=again, clauses=only)
    assert {c.status.value for c in later.clauses} == {"NEEDS_ATTESTATION", "FAIL"}
    assert {c.kind for c in later.changes or ()} == {"new gap"}
    assert {a.state for a in later.attestations} == {"expired"}


@pytest.mark.parametrize(
    ("between", "status"),
    [
        ({"clauses": ("BCBS-6",)}, "NOT_APPLICABLE"),  # an audit of other clauses
        ({"people": CARDS, "clauses": ("GDPR-5.2",)}, "NOT_APPLICABLE"),  # of the same table with other content
        ({"metadata": {**SHARED, "overrides": {"GDPR-5.2": None}}, "clauses": ("GDPR-5.2",)}, "FAIL"),  # taken back
        ({"metadata": {**SHARED, "overrides": {"GDPR-5.2": {**OVERRIDE, "status": "WARN"}}}, "clauses": ("GDPR-5.2",)}, "WARN"),
    ],
)
def test_overrides_survive_every_rerun(between: dict[str, Any], status: str, tmp_path: Path) -> None:
    first = audit({**SHARED, "overrides": {"GDPR-5.2": OVERRIDE}}, clauses=("GDPR-5.2",))
    again = audit(previous=audit(**{"previous": first, **between}).save(tmp_path / "a.zip"), clauses=("GDPR-5.2",))
    assert {c.status.value for c in again.clauses} == {status} and not again.unused


def test_a_statement_of_no_clause_is_said_in_every_audit_until_it_is_taken_back() -> None:
    first = audit({**SHARED, "attestations": {"GDPR-99": {"by": "DPO", "on": "2025-06-01"}}}, clauses=("GDPR-32",))
    assert "`GDPR-32` is taken as GDPR-32.1.a, GDPR-32.1.b." in first.summary
    later = audit(previous=first, clauses=("BCBS-6",))
    assert ["`GDPR-99` is not used" in line and "`attestations: {GDPR-99: null}`" in line for line in later.unused] == [True]
    assert not audit({**SHARED, "attestations": {"GDPR-99": None}}, previous=later, clauses=("BCBS-6",)).unused


def test_overrides_of_a_table_that_is_left_out_once() -> None:
    first = audit({**SHARED, "overrides": {"GDPR-5.2": OVERRIDE}}, clauses=("GDPR-5.2",))
    alone = audit_regulatory(as_frame(PEOPLE, name="people"), Context(), metadata=SHARED, previous=first, clauses=("GDPR-5.2",))
    again = audit(previous=alone, clauses=("GDPR-5.2",))
    assert {(c.dataset, c.status.value) for c in again.clauses} == {("people", "NOT_APPLICABLE"), ("cards", "NOT_APPLICABLE")}


@pytest.mark.parametrize(
    ("entry", "status", "said"),
    [
        ({**OVERRIDE, "on": "2025-07-01"}, "FAIL", "(An override by DPO is of a later day, 2025-07-01.)"),
        ({**OVERRIDE, "expires": "2025-06-29"}, "FAIL", "(An override by DPO ended on 2025-06-29.)"),
        ({**OVERRIDE, "expires": "2025-06-30"}, "NOT_APPLICABLE", "overridden to NOT_APPLICABLE by DPO: sandbox"),
        ({**OVERRIDE, "expires": "2025-01-01"}, "FAIL", "it ends on 2025-01-01, before it was given (2025-06-01)"),
    ],
)
def test_an_override_holds_from_its_day_to_its_end(entry: dict[str, Any], status: str, said: str) -> None:
    found = audit({**SHARED, "overrides": {"GDPR-5.2": entry}}, clauses=("GDPR-5.2",))
    assert {c.status.value for c in found.clauses} == {status}
    assert said in " ".join([found.clauses[0].message, *found.unused])


def test_changes_say_that_a_person_stands_behind_them() -> None:
    first = audit(clauses=("GDPR-5.2", "BCBS-6"))
    people = {"overrides": {"GDPR-5.2": OVERRIDE}, "attestations": {"BCBS-6": {"by": "CRO", "on": "2025-06-01"}}}
    found = audit({**SHARED, **people}, previous=first, clauses=("GDPR-5.2", "BCBS-6"))
    assert {(c.kind, c.clause, c.before, c.after) for c in found.changes or ()} == {
        ("closed", "GDPR-5.2", "FAIL", "NOT_APPLICABLE, overridden"),
        ("closed", "BCBS-6", "NEEDS_ATTESTATION", "PASS, attested"),
    }


def test_a_previous_pack_that_was_changed_is_refused(result: AuditResult, tmp_path: Path) -> None:
    path = result.save(tmp_path / "a.zip")
    files = files_of(path)
    path.write_bytes(pack_bytes({**files, "audit.json": files["audit.json"].replace(b"Example Ltd", b"Example Inc")}))
    with pytest.raises(BadOption, match=r"a\.zip` is not as it was written: audit\.json: content was changed"):
        audit(previous=str(path), clauses=("GDPR-5.2",))


def test_attestation_needs_a_name_and_a_day() -> None:
    for entry in ({"by": "CRO"}, {"on": "2025-06-01"}, {"by": "CRO", "on": "2025-12-01"}, "yes"):
        found = audit({**SHARED, "attestations": {"BCBS-6": entry}}, clauses=("BCBS-6",), frames=())
        assert found.clauses[0].status is ClauseStatus.NEEDS_ATTESTATION


def test_difference(result: AuditResult, tmp_path: Path) -> None:
    for previous in (result, result.to_dict(), result.save(tmp_path / "a.zip"), result.save(tmp_path / "a.json")):
        changed = audit(
            {**SHARED, "owner": "kim", "record_id": "R1"}, people=PEOPLE.assign(n=0), previous=previous, clauses=("GDPR-5.2", "GDPR-5.1.a")
        )
        kinds = {(c.kind, c.dataset, c.clause) for c in changed.changes or ()}
        both = {(kind, name, clause) for kind, clause in (("closed", "GDPR-5.2"), ("declared", "")) for name in ("people", "cards")}
        assert kinds == {*both, ("data changed", "people", "")}


def test_previous_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]", encoding="utf-8")
    (tmp_path / "y.json").write_text("[" * 100_000, encoding="utf-8")
    clause = {"id": "GDPR-5.2", "status": "FAIL", "violating_rows": 0}
    given: list[Any] = [str(tmp_path / n) for n in ("x.json", "y.json", "none.zip", "none.json")]
    given += [5, PEOPLE, {"clauses": 1}, {"clauses": [clause]}, {"clauses": [{**clause, "status": "fine"}], "datasets": []}]
    given += [{"clauses": [clause], "datasets": [{"ref": {}}]}]
    for previous in given:
        with pytest.raises(BadOption, match="--previous: cannot read an audit"):
            audit(previous=previous, clauses=("GDPR-5.2",))


@pytest.mark.parametrize(
    ("as_of", "state", "said"),
    [
        ("2025-05-31", "not yet", "of a later day (2025-06-01)"),
        ("2025-06-01", "given", "until 2025-12-31"),
        ("2025-12-31", "given", "until 2025-12-31"),
        ("2026-01-01", "expired", "produced. The attestation by CRO ended on 2025-12-31."),
        (None, "day unknown", "without `as_of` it cannot be known to hold"),
    ],
)
def test_an_attestation_stands_from_its_day_to_its_end(as_of: str | None, state: str, said: str) -> None:
    stated = {"BCBS-6": {"by": "CRO", "on": "2025-06-01", "expires": "2025-12-31"}}
    found = audit({**SHARED, "as_of": as_of, "attestations": stated}, clauses=("BCBS-6",))
    assert {(a.state, a.by, a.on, a.expires) for a in found.attestations} == {(state, "CRO", "2025-06-01", "2025-12-31")}
    assert all(said in c.message for c in found.clauses), found.clauses[0].message


# -- the pack ----------------------------------------------------------------------------------------------------------
def stamped(result: AuditResult, run: str) -> AuditResult:
    return result.with_run(Run(id=run, started="2026-01-01T00:00:00", seconds=1.0), agent="compliance_agent")


def test_the_pack_is_the_same_bytes(result: AuditResult, tmp_path: Path) -> None:
    one, two = stamped(result, "a").save(tmp_path / "one.zip"), stamped(audit(), "b").save(tmp_path / "two.zip")
    assert one.read_bytes() == two.read_bytes()
    checked = edgp_magics.verify(one)
    assert checked.ok and not checked.problems and [d["name"] for d in checked.datasets] == ["people", "cards"]
    assert edgp_magics.verify(one, seal=checked.seal).ok
    assert not edgp_magics.verify(one, seal="0" * 64).ok


def test_what_a_model_wrote_and_what_was_retrieved_is_no_evidence(result: AuditResult, tmp_path: Path) -> None:
    passages = (Passage(id="p1", text="a passage", source="x.md", score=0.5),)
    told = stamped(replace(result, narrative=Narrative(text="All is well.", author="a model"), context=passages), "c")
    assert told.save(tmp_path / "one.zip").read_bytes() == result.save(tmp_path / "two.zip").read_bytes()


def test_a_pack_that_cannot_be_written(result: AuditResult, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no-such-folder/a\.zip"):
        result.save(tmp_path / "no-such-folder" / "a.zip")


@pytest.fixture(scope="module")
def labelled() -> AuditResult:
    """An audit of a table whose row labels are raw values."""
    return audit(people=PEOPLE.set_index(pd.Index([f"{CANARY}-{i} Quill" for i in range(6)])))


def test_no_raw_value_in_the_pack(labelled: AuditResult, tmp_path: Path) -> None:
    path = labelled.save(tmp_path / "a.zip")
    with zipfile.ZipFile(path) as pack:
        for name in pack.namelist():
            text = pack.read(name).decode()
            assert CANARY not in text, name
            assert "4539578763621486" not in text and "@example.org" not in text


def test_no_raw_value_elsewhere(labelled: AuditResult, tmp_path: Path) -> None:
    saved = labelled.save(tmp_path / "a.json").read_text()
    for text in (saved, json.dumps(labelled.to_dict()), labelled.to_html(), labelled.to_markdown(), repr(labelled)):
        assert CANARY not in text and "4539578763621486" not in text


def test_rows_can_be_looked_up_by_their_own_labels(labelled: AuditResult) -> None:
    found = next(c for c in labelled.clauses if c.dataset == "people" and c.id == "GDPR-32.1.a")
    assert found.rows == tuple(f"{CANARY}-{i} Quill" for i in range(6))
    assert labelled.to_dict()["clauses"][labelled.clauses.index(found)]["rows"] == ["Xxxxx-9 Xxxxx"] * 6


@pytest.mark.parametrize(("label", "shown"), [("O-0012", "O-0012"), ("2025-06-30", "2025-06-30"), (("Ann Lee", 3), ["Xxx Xxx", 3]), (7, 7)])
def test_labels_in_the_pack(label: Any, shown: Any, tmp_path: Path) -> None:
    people = PEOPLE.iloc[:1].set_index(pd.MultiIndex.from_tuples([label]) if isinstance(label, tuple) else pd.Index([label]))
    with zipfile.ZipFile(audit(people=people, clauses=("GDPR-32.1.a",)).save(tmp_path / "a.zip")) as pack:
        assert json.loads(pack.read("audit.json"))["clauses"][0]["rows"] == [shown]


def test_a_pack_that_is_not_there() -> None:
    with pytest.raises(DataNotFound, match=r"none\.zip"):
        verify_pack("none.zip")


def test_any_change_is_detected(result: AuditResult, tmp_path: Path) -> None:
    path = result.save(tmp_path / "a.zip")
    content = path.read_bytes()
    for at in range(0, len(content), max(1, len(content) // 150)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert not verify_pack(path).ok, at
    for broken in (content[:-1], content + b"x", content[: len(content) // 2], b""):
        path.write_bytes(broken)
        assert not verify_pack(path).ok


@pytest.mark.parametrize("name", ["manifest.json", "audit.json", "chain.jsonl", "report.html", "README.txt"])
def test_a_changed_byte_names_its_file(name: str, result: AuditResult, tmp_path: Path) -> None:
    path = result.save(tmp_path / "a.zip")
    with zipfile.ZipFile(path) as pack:
        entry, count = pack.getinfo(name), len(pack.namelist())
    content = bytearray(path.read_bytes())
    content[entry.header_offset + 30 + len(name) + entry.file_size // 2] ^= 1
    path.write_bytes(content)
    checked = verify_pack(path)
    assert not checked and checked.is_pack and checked.files == count - 1 and checked.seal
    assert len(checked.problems) == 1 and checked.problems[0].startswith(f"{name}: content was changed")
    assert f"CHANGED: {count - 1} files checked" in repr(checked)


def archive_of(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"x" * 10_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "an empty file"),
        (b"id,name\n1,Ann\n", "another kind of file"),
        (b"PK\x03\x04 and no more", "an archive of other files"),
        (archive_of("word/document.xml"), "an archive of other files"),
    ],
)
def test_another_kind_of_file_is_no_pack(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    path.write_bytes(content)
    checked = verify_pack(path)
    assert not checked and not checked.is_pack and checked.problems[0].startswith("this is no evidence pack") and why in checked.problems[0]
    assert "This is no evidence pack." in repr(checked) and "CHANGED" not in repr(checked)


def test_a_pack_that_is_cut_off_is_still_called_one(result: AuditResult, tmp_path: Path) -> None:
    path = result.save(tmp_path / "a.zip")
    path.write_bytes(path.read_bytes()[:-200])
    assert verify_pack(path).is_pack and "cut off" in verify_pack(path).problems[0]


@pytest.mark.parametrize("name", ["audit.json", "chain.jsonl", "report.html", "clauses.csv", "oscal.json", "manifest.json"])
def test_a_rebuilt_archive_is_detected(name: str, result: AuditResult, tmp_path: Path) -> None:
    path = result.save(tmp_path / "a.zip")
    with zipfile.ZipFile(path) as pack:
        files = {n: pack.read(n) for n in pack.namelist()}
    path.write_bytes(pack_bytes({**files, name: files[name].replace(b"FAIL", b"PASS").replace(b'"rows": 6', b'"rows": 7')}))
    assert not verify_pack(path).ok
    path.write_bytes(pack_bytes({n: c for n, c in files.items() if n != name}))
    assert not verify_pack(path).ok
    path.write_bytes(pack_bytes({**files, "more.txt": b"x"}))
    assert not verify_pack(path).ok


def files_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as pack:
        return {n: pack.read(n) for n in pack.namelist()}


def sealed(files: dict[str, bytes]) -> bytes:
    """The archive with a manifest that fits its files, as one who knows the format would make it."""
    manifest = json.loads(files["manifest.json"])
    chain = [json.loads(line) for line in files["chain.jsonl"].splitlines()]
    manifest["chain"] = {"entries": len(chain), "head": chain[-1]["hash"]}
    manifest["files"] = {
        n: {"sha256": hashlib.sha256(c).hexdigest(), "bytes": len(c)} for n, c in sorted(files.items()) if n != "manifest.json"
    }
    return pack_bytes({**files, "manifest.json": _json(manifest)})


def test_a_pack_that_was_sealed_anew_is_detected(result: AuditResult, tmp_path: Path) -> None:
    path = result.save(tmp_path / "a.zip")
    files = files_of(path)
    path.write_bytes(sealed(files))
    assert verify_pack(path).ok
    data = json.loads(files["audit.json"])
    clause = next(c for c in data["clauses"] if c["status"] == "FAIL")
    clause["status"] = "PASS"
    chain = "".join(_line(e) + "\n" for e in chained(data["clauses"])).encode()
    audit_json = _json(data)
    lines = files["chain.jsonl"].splitlines(keepends=True)
    for changed in (
        {"chain.jsonl": chain},
        {"chain.jsonl": chain, "audit.json": audit_json},
        {"chain.jsonl": b"".join(lines[:-1])},
        {"chain.jsonl": b"".join([lines[1], lines[0], *lines[2:]])},
        {"gaps.csv": files["gaps.csv"].replace(b"FAIL", b"WARN")},
        {"oscal.json": files["oscal.json"].replace(b"not-satisfied", b"satisfied")},
    ):
        path.write_bytes(sealed({**files, **changed}))
        assert not verify_pack(path).ok, list(changed)
    path.write_bytes(pack_bytes(dict(reversed(files.items()))))
    assert not verify_pack(path).ok


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["catalogue"].update(sha256="0" * 64),
        lambda m: m["catalogue"].update(version="2020.01"),
        lambda m: m["files"]["README.txt"].update(bytes=1),
        lambda m: m["chain"].update(entries=1),
        lambda m: m["chain"].update(head="0" * 64),
        lambda m: m.update(more=1),
        lambda m: m.update(format="edgp-evidence-0"),
        lambda m: m.update(as_of="2020-01-01"),
        lambda m: m["datasets"][0].update(rows=True),
        lambda m: m.pop("counts"),
        lambda m: m.update(files=[]),
    ],
)
def test_every_word_of_the_manifest_counts(change: Any, result: AuditResult, tmp_path: Path) -> None:
    path = result.save(tmp_path / "a.zip")
    files = files_of(path)
    manifest = json.loads(files["manifest.json"])
    change(manifest)
    path.write_bytes(pack_bytes({**files, "manifest.json": _json(manifest)}))
    assert not verify_pack(path).ok


@pytest.mark.parametrize("name", ["manifest.json", "audit.json", "chain.jsonl"])
@pytest.mark.parametrize("content", [b"[" * 100_000, b"\x00", b"", b"[]", b"{}", b"7"])
def test_a_pack_of_anything_is_read(name: str, content: bytes, result: AuditResult, tmp_path: Path) -> None:
    path = result.save(tmp_path / "a.zip")
    path.write_bytes(pack_bytes({**files_of(path), name: content}))
    assert not verify_pack(path).ok


def zipped(
    files: dict[str, bytes], *, folder: str = "", compress: int = zipfile.ZIP_STORED, comment: bytes = b"", twice: str = ""
) -> bytes:
    """An archive as another tool would write it."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", compress) as archive:
        warnings.simplefilter("ignore")
        for name, content in [*files.items(), *([(twice, files[twice])] if twice else [])]:
            archive.writestr(zipfile.ZipInfo(folder + name, (1980, 1, 1, 0, 0, 0)), content, compress_type=compress)
        archive.comment = comment
    return out.getvalue()


def test_an_archive_that_unfolds_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(dict.fromkeys(("audit.json", "chain.jsonl"), b"0" * 10_000_000), compress=zipfile.ZIP_DEFLATED))
    assert [p.partition(":")[0] for p in verify_pack(path).problems] == ["its files are compressed, as those of a pack never are"]


@pytest.mark.parametrize(
    ("made", "problems"),
    [
        (lambda f: zipped(f, compress=zipfile.ZIP_DEFLATED), ["its files are compressed, as those of a pack never are: it was unpacked"]),
        (lambda f: zipped(f, folder="audit/"), ["its files lie in a folder of the archive: it was unpacked and zipped again"]),
        (lambda f: zipped(f), ["the archive itself differs from what was written"]),
        (lambda f: zipped(f, comment=b"hello"), ["the archive carries a comment"]),
        (lambda f: zipped(f, twice="gaps.csv"), ["gaps.csv: stands in the archive 2 times"]),
        (lambda f: pack_bytes(dict(reversed(f.items()))), ["the files stand in another order"]),
        *((lambda f, n=n: pack_bytes({k: v for k, v in f.items() if k != n}), [f"{n}: is missing"])
          for n in ("manifest.json", "audit.json", "chain.jsonl", "oscal.json", "report.html")),
        (lambda f: pack_bytes({{"gaps.csv": "gap.csv"}.get(k, k): v for k, v in f.items()}), ["gaps.csv: is missing", "gap.csv: is not in the manifest"]),
        (lambda f: pack_bytes({**f, "gaps.csv": b"x"}), ["gaps.csv: content was changed"]),
        (lambda f: pack_bytes({**f, "manifest.json": f["manifest.json"].replace(FORMAT.encode(), b"edgp-evidence-0x")}), ["manifest.json: is of another format"]),
        (lambda f: sealed({k: v for k, v in f.items() if k != "gaps.csv"}), ["gaps.csv: is missing"]),
    ],
)  # fmt: skip
def test_each_change_is_said_once(made: Any, problems: list[str], result: AuditResult, tmp_path: Path) -> None:
    path = result.save(tmp_path / "a.zip")
    path.write_bytes(made(files_of(path)))
    checked = verify_pack(path)
    assert not checked and checked.is_pack and checked.word == "CHANGED"
    assert len(checked.problems) == len(problems) and all(p.startswith(s) for p, s in zip(checked.problems, problems, strict=True)), (
        checked.problems
    )


@pytest.mark.parametrize(
    "files", [{"manifest.json": b'{"name": "an extension"}'}, {"manifest.json": b"{}", "a.js": b"x"}, {"audit.json": b"{}"}]
)
def test_an_archive_with_a_manifest_of_its_own_is_no_pack(files: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(files))
    assert not verify_pack(tmp_path / "a.zip").is_pack


@pytest.mark.parametrize("number", ["1", "2", "9"])
def test_a_pack_of_another_version_is_neither_passed_nor_called_changed(number: str, result: AuditResult, tmp_path: Path) -> None:
    stated = audit({**SHARED, "overrides": {"GDPR-5.2": OVERRIDE}}, clauses=("GDPR-5.2",))
    path = stated.save(tmp_path / "a.zip")
    files = files_of(path)
    files["manifest.json"] = files["manifest.json"].replace(FORMAT.encode(), f"edgp-evidence-{number}".encode())
    path.write_bytes(pack_bytes(files))
    checked = verify_pack(path)
    assert (checked.ok, checked.is_pack, checked.word) == (False, True, "not verified")
    assert checked.problems[0].endswith("verify it with the version that wrote it") and "bytes fit each other" in repr(checked)
    assert {c.status.value for c in audit(previous=path, clauses=("GDPR-5.2",)).clauses} == {"NOT_APPLICABLE"}
    path.write_bytes(pack_bytes({**files, "gaps.csv": b"x"}))
    assert verify_pack(path).word == "CHANGED"


@pytest.mark.parametrize("given", [None, 5, b"audit.zip", ["audit.zip"], {"a": 1}, "result"])
def test_verify_asks_for_a_path(given: Any, result: AuditResult, tmp_path: Path) -> None:
    with pytest.raises(BadOption, match=r"verify reads a file, not a `.*result\.save"):
        edgp_magics.verify(result if given == "result" else given)
    with pytest.raises(DataNotFound, match=r"is a folder"):
        edgp_magics.verify(tmp_path)


def test_the_seal_is_asked_for_and_may_be_pasted(result: AuditResult, tmp_path: Path) -> None:
    path = result.save(tmp_path / "a.zip")
    seal = verify_pack(path).seal
    assert "Keep the seal apart" in repr(verify_pack(path)) and verify_pack(path, seal=f" {seal.upper()}\n").ok
    assert not verify_pack(path, seal="").ok and "Keep the seal" not in repr(verify_pack(path, seal=seal))


def test_a_pack_is_there_whole_or_not_at_all(result: AuditResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = result.save(tmp_path / "a.zip")
    before = path.read_bytes()

    def stop(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(UsageError, match="No space left"):
        audit(clauses=("GDPR-5.2",)).save(path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def test_what_is_made_from_an_audit_stays_as_its_format_says() -> None:
    """Where this fails, packs of the format cannot be verified any more: give FORMAT the next number."""
    clause = {"dataset": "t", "id": "X-1", "regulation": "R", "citation": "1", "title": "T", "status": "FAIL", "severity": "high", "of": 2}
    clause |= {"violating_rows": 1, "unit": "rows", "columns": ["a"], "message": "m", "missing": [], "remediation": "r", "check": "c"}
    clause |= {"kind": "data", "attestation": None, "override": {"by": "b", "reason": "w", "computed": "PASS"}}
    data = {
        "datasets": [{"ref": {"name": "t", "rows": 2, "columns": ["a"]}, "sha256": "0"}],
        "catalogue_version": "1",
        "catalogue_sha256": "0",
        "as_of": "2025-06-30",
    }
    data |= {"clauses": [clause], "gaps": [], "record": [], "attestations": []}
    data |= {"controls": [{"clause": "X-1", "regulation": "R", "citation": "1", "title": "T", "worst": "FAIL", "statuses": {"t": "FAIL"}}]}
    made = b"".join([_json(assessment_results(data)), *_tables(data).values()])
    assert (FORMAT, hashlib.sha256(made).hexdigest()[:16]) == ("edgp-evidence-3", "efb6bfa0706ae1be")


def test_the_report_in_the_pack_is_whole(result: AuditResult, tmp_path: Path) -> None:
    page = files_of(result.save(tmp_path / "a.zip"))["report.html"].decode()
    assert "more parts are not shown" not in page and "@media print" in page and "color-scheme:light dark" in page
    assert all(
        part in page for part in ("Record of processing activities", "Controls matrix", "Why clauses pass", "Why clauses do not apply")
    )


def shown(result: AuditResult) -> list[str]:
    """What stands on the page, in order: captions of tables and summaries of folds."""
    return [b.caption if isinstance(b, Grid) else b.summary for b in result.document().blocks if isinstance(b, (Grid, Fold))]


def test_the_page_says_what_a_reader_acts_on_first() -> None:
    people = {"attestations": {"BCBS-6": {"by": "CRO", "on": "2025-06-01"}}, "overrides": {"GDPR-5.2": OVERRIDE}}
    heads = shown(audit({**SHARED, **people, "financial_reporting": True}))
    parts = [
        "Datasets",
        "Verdicts by regulation",
        "Gaps by severity (",
        "Attestations (",
        "Overrides",
        "What to declare (",
        "Not known for another",
    ]
    parts += [
        "Record of processing",
        "Controls matrix (",
        "Why clauses pass (",
        "Why clauses do not apply (",
        "What was looked at",
        "The same as findings",
    ]
    assert [h for h, p in zip(heads, parts, strict=False) if not h.startswith(p)] == [], heads


def test_the_page_of_an_audit_is_not_cut(result: AuditResult) -> None:
    bundle = result._repr_mimebundle_()
    assert not any("more parts are not shown" in text or "… cut after" in text for text in bundle.values())
    assert sum(map(len, bundle.values())) < 200_000


def test_what_holds_of_several_tables_is_said_once() -> None:
    found = audit({**SHARED, "datasets": {"people": {"owner": "kim"}}}, clauses=("GDPR-5.2", "GDPR-12.3", "GDPR-30.1", "LGPD-37"))
    grid = next(b for b in found.body() if isinstance(b, Grid) and b.caption.startswith("Gaps"))
    at = {name: grid.columns.index(name) for name in ("clause", "dataset", "gap")}
    said = {(row[at["clause"]].text, row[at["dataset"]], row[at["gap"]].partition(". ")[0]) for row in grid.rows}  # type: ignore[union-attr]
    assert {s for s in said if s[0] != "GDPR-30.1"} == {
        ("GDPR-5.2", "people", "Not declared: `record_id`"),
        ("GDPR-5.2", "cards", "Not declared: `owner`, `record_id`"),
        ("LGPD-37", "people, cards", "Not declared: `record_id`"),
    }
    fold = next(b for b in found.body() if isinstance(b, Fold) and b.summary.startswith("What to declare"))
    lines = {row[0].text: row[2:] for row in fold.blocks[0].rows}  # type: ignore[union-attr]
    assert lines["owner"] == ("GDPR-5.2", "cards") and lines["record_id"] == ("GDPR-5.2, LGPD-37", "")


def test_every_verdict_stands_on_the_page(result: AuditResult) -> None:
    """By its clause in the matrix, or among those that do not apply; and every message and every personal column with it."""
    text = result.to_markdown().replace("\\", "")
    ids = [c.id for c in catalogue().clauses]
    for first, last in re.findall(r"(\S+) to (\S+) \(\d+\)", text):
        text += " ".join(ids[ids.index(first) : ids.index(last) + 1]) if {first, last} <= {*ids} else ""
    assert all(i in text for i in ids)
    # what is said of nothing but the fields to declare stands there by the field
    for c in result.clauses:
        said = c.status is ClauseStatus.NOT_ASSESSED and all(f in text for m in c.missing for f in m.split("|"))
        assert said or re.sub(r"[`\\]", "", c.message.removeprefix("A person has to attest: "))[:250] in re.sub(r"[`\\]", "", text).replace(
            "&lt;", "<"
        ), c.message


def test_gaps_beyond_what_is_shown_are_folded_not_dropped() -> None:
    tables = {
        f"t{i:02d}": as_frame(pd.DataFrame({"email": [f"a{i}{j}@example.org" for j in range(i + 1)]}), name=f"t{i:02d}") for i in range(50)
    }
    found = audit_regulatory(as_frame(PEOPLE, name="people"), Context(frames=tables), metadata={}, clauses=("GDPR-32.1.a",))
    fold = next(b for b in found.body() if isinstance(b, Fold) and "more gap" in b.summary)
    assert fold.summary == "11 more gaps, less severe" and len(fold.blocks[0].rows) == 11  # type: ignore[union-attr]


def test_many_tables_stand_beside_each_other_four_at_a_time() -> None:
    tables = {f"t{i}": as_frame(CARDS, name=f"t{i}") for i in range(9)}
    found = audit_regulatory(as_frame(PEOPLE, name="people"), Context(frames=tables), metadata={}, clauses=("GDPR-5.2",))
    records = [b.columns[2:] for b in found.body() if isinstance(b, Grid) and b.caption.startswith("Record")]
    assert records == [("people", "t0", "t1", "t2"), ("t3", "t4", "t5", "t6"), ("t7", "t8")]
    matrix = next(b for b in found.body() if isinstance(b, Fold) and b.summary.startswith("Controls matrix"))
    assert [len(g.columns) for g in matrix.blocks] == [11, 5]  # type: ignore[union-attr]


def test_formulas_in_csv_are_text(tmp_path: Path) -> None:
    evil = PEOPLE.rename(columns={"email": "=cmd()"})
    path = audit(people=evil).save(tmp_path / "a.zip")
    with zipfile.ZipFile(path) as pack:
        lines = [
            cell for n in pack.namelist() if n.endswith(".csv") for line in pack.read(n).decode().splitlines() for cell in line.split(",")
        ]
    assert not any(c.lstrip('"').startswith(("=", "+", "@")) for c in lines)


NEEDS = {
    "assessment-results": "uuid metadata import-ap results",
    "metadata": "title last-modified version oscal-version",
    "import-ap": "href",
    "results": "uuid title description start reviewed-controls",
    "reviewed-controls": "control-selections",
    "include-controls": "control-id",
    "include-all": "",
    "observations": "uuid description methods collected",
    "risks": "uuid title description statement status",
    "remediations": "uuid lifecycle title description",
    "props": "name value",
    "findings": "uuid title description target",
    "target": "type target-id status",
    "target status": "state",
    "implementation-status": "state",
    "related-observations": "observation-uuid",
    "related-risks": "risk-uuid",
    "back-matter": "",
    "resources": "uuid",
    "citation": "text",
}
"""What the model of OSCAL 1.1.2 asks for in each kind of object that is used here."""
MAY = {
    "assessment-results": "local-definitions back-matter",
    "metadata": "published revisions document-ids props links roles locations parties responsible-parties actions remarks",
    "import-ap": "remarks",
    "results": "end props links local-definitions attestations assessment-log observations risks findings remarks",
    "reviewed-controls": "description props links control-objective-selections remarks",
    "control-selections": "description props links include-all include-controls exclude-controls remarks",
    "control-objective-selections": "description props links include-all include-objectives exclude-objectives remarks",
    "include-controls": "statement-ids",
    "observations": "title props links types origins subjects relevant-evidence expires remarks",
    "risks": "props links origins threat-ids characterizations mitigating-factors deadline remediations risk-log related-observations",
    "remediations": "props links origins required-assets tasks remarks",
    "props": "uuid ns class group remarks",
    "findings": "props links origins implementation-statement-uuid related-observations related-risks remarks",
    "target": "title description props links implementation-status remarks",
    "target status": "reason remarks",
    "implementation-status": "remarks",
    "back-matter": "resources",
    "resources": "title description props document-ids citation rlinks base64 remarks",
    "citation": "props links",
}
"""What else it lets stand there."""
UUID = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[45][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}"
TOKEN = r"(?:[^\W\d]|_)[\w.\-]*"
DAY = r"(?:19|2\d)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-]\d\d:\d\d)"
FORMS = {
    **dict.fromkeys(("uuid", "observation-uuid", "risk-uuid"), UUID),
    **dict.fromkeys(("control-id", "target-id", "name"), TOKEN),
    **dict.fromkeys(("start", "collected", "expires", "last-modified"), DAY),
    **dict.fromkeys(("title", "value", "version", "text"), r"\S(?:[^\n]*\S)?"),
    **dict.fromkeys(("description", "statement", "remarks"), r"\S(?:.*\S)?"),
    "href": "#" + UUID,
    "ns": r"[a-z][a-z0-9+.\-]*:\S+",
    "type": "statement-id|objective-id",
    "target status state": "satisfied|not-satisfied",
    "implementation-status state": "implemented|partial|planned|alternative|not-applicable",
    "reason": "pass|fail|other",
    "methods": "EXAMINE|INTERVIEW|TEST|UNKNOWN",
    "types": "ssp-statement-issue|control-objective|mitigation|finding|historic",
    "risks status": "open|investigating|remediating|deviation-requested|deviation-approved|closed",
    "lifecycle": "recommendation|planned|completed",
    "oscal-version": r"1\.1\.2",
}


def check_oscal(value: Any, kind: str, seen: dict[str, list[str]]) -> None:
    """Each object has what it must and nothing that it may not, each text its form; identifiers are gathered in ``seen``."""
    if isinstance(value, list):
        assert value, kind
        for entry in value:
            check_oscal(entry, kind, seen)
    elif isinstance(value, dict):
        kind = f"target {kind}" if kind == "status" else kind
        needed = {*NEEDS.get(kind, "").split()}
        assert needed <= set(value) <= needed | {*MAY.get(kind, "").split()}, (kind, set(value))
        assert not {"include-all", "include-controls"} <= set(value)
        for key, entry in value.items():
            check_oscal(entry, key if f"{kind} {key}" not in FORMS else f"{kind} {key}", seen)
    else:
        form = FORMS[kind]
        assert isinstance(value, str) and re.fullmatch(form, value), (kind, value)
        if kind.endswith("uuid") or kind == "href":
            seen.setdefault(kind, []).append(value)


@pytest.mark.parametrize("people", [PEOPLE, PEOPLE.rename(columns={"email": "a\n<img src=x> b "}), pd.DataFrame()])
def test_oscal_is_as_the_model_asks(people: pd.DataFrame, tmp_path: Path) -> None:
    stated = {"BCBS-6": {"by": "CRO\n", "on": "2025-06-01", "expires": "2025-12-31"}}
    found = audit({**SHARED, "attestations": stated, "overrides": {"GDPR-5.2": {**OVERRIDE, "reason": " two\nlines "}}}, people=people)
    document = json.loads(files_of(found.save(tmp_path / "a.zip"))["oscal.json"])
    seen: dict[str, list[str]] = {}
    assert set(document) == {"assessment-results"}
    check_oscal(document["assessment-results"], "assessment-results", seen)
    own = seen["uuid"]
    assert len(set(own)) == len(own) > 4 * len(catalogue().clauses) and {uuid.UUID(u).version for u in own} == {5}
    assert seen["href"] == [f"#{r['uuid']}" for r in document["assessment-results"]["back-matter"]["resources"]]
    for part in document["assessment-results"]["results"]:
        check_references(part)
    text = json.dumps(document)
    assert '"overridden-by"' in text and '"two lines"' in text and '"attested-by"' in text and "2025-12-31T23:59:59Z" in text
    assert "<img" not in re.sub("`[^`]*`", "", text)


def check_references(part: dict[str, Any]) -> None:
    """What a result speaks of is there: the controls it reviewed, its observations and its risks, each clause once."""
    reviewed = [c["control-id"] for c in part["reviewed-controls"]["control-selections"][0]["include-controls"]]
    assert [f["target"]["target-id"] for f in part["findings"]] == reviewed and len(set(reviewed)) == len(reviewed)
    observed, risks = {o["uuid"] for o in part["observations"]}, {r["uuid"]: r for r in part.get("risks", ())}
    for entry in (*part["findings"], *risks.values()):
        assert {o["observation-uuid"] for o in entry["related-observations"]} <= observed
    named = {r["risk-uuid"]: f for f in part["findings"] for r in f.get("related-risks", ())}
    assert named.keys() == risks.keys()
    for name, finding in named.items():
        taken = risks[name]["status"] == "deviation-approved"
        assert taken == (
            finding["target"]["status"]["reason"] not in ("fail", "other") or finding["target"]["status"]["state"] == "satisfied"
        )


def test_oscal_says_how_each_verdict_came_about(tmp_path: Path) -> None:
    people = {"attestations": {"BCBS-6": {"by": "CRO", "on": "2025-06-01"}}, "overrides": {"GDPR-5.2": OVERRIDE}}
    only = ("BCBS-6", "GDPR-5.2", "GDPR-32.1.a", "GDPR-17", "HIPAA-164.528")
    document = json.loads(files_of(audit({**SHARED, **people}, clauses=only).save(tmp_path / "a.zip"))["oscal.json"])
    part = document["assessment-results"]["results"][0]
    methods = {f["target"]["target-id"]: o["methods"][0] for f, o in zip(part["findings"], part["observations"], strict=True)}
    assert methods == {
        "BCBS-6": "INTERVIEW",
        "GDPR-5.2": "EXAMINE",
        "GDPR-32.1.a": "TEST",
        "GDPR-17": "EXAMINE",
        "HIPAA-164.528": "EXAMINE",
    }
    state = {f["target"]["target-id"]: f["target"].get("implementation-status") for f in part["findings"]}
    assert [n for n, s in state.items() if s] == ["GDPR-5.2", "HIPAA-164.528"]
    assert {(r["title"].split()[0], r["status"], r["props"][0]["value"]) for r in part["risks"]} == {
        ("GDPR-5.2", "deviation-approved", "medium"),
        ("GDPR-32.1.a", "open", "high"),
    }


def test_oscal_says_that_its_times_stand_for_none(tmp_path: Path) -> None:
    document = json.loads(files_of(audit({}, clauses=("GDPR-5.2",)).save(tmp_path / "a.zip"))["oscal.json"])["assessment-results"]
    assert "placeholder" in document["metadata"]["remarks"] and document["metadata"]["last-modified"].startswith("1980")


def test_round_trip(result: AuditResult) -> None:
    again = Result.from_dict(json.loads(json.dumps(result.to_dict())))
    assert again.to_dict() == result.to_dict()


def test_empty_table() -> None:
    found = audit(people=pd.DataFrame())
    assert not any(c.status is ClauseStatus.PASS for c in found.clauses if c.dataset == "people")
