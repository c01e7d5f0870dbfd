"""regulatory_audit: several tables, record, gaps, statements kept, differences, and a pack that cannot be changed unseen."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import edgp_magics
from edgp_magics.capabilities._audit import AuditResult, audit_regulatory
from edgp_magics.capabilities.regulations._audit_model import record_of
from edgp_magics.capabilities.regulations._pack import pack_bytes, verify_pack
from edgp_magics.errors import BadOption, DataNotFound, UnknownName, UsageError
from edgp_magics.frames import as_frame
from edgp_magics.values import ClauseStatus, Context, Narrative, Passage, Result, Run

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
    for path in (tmp_path / "x.json", tmp_path / "none.zip"):
        with pytest.raises(BadOption):
            audit(previous=str(path), clauses=("GDPR-5.2",))


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


def test_formulas_in_csv_are_text(tmp_path: Path) -> None:
    evil = PEOPLE.rename(columns={"email": "=cmd()"})
    path = audit(people=evil).save(tmp_path / "a.zip")
    with zipfile.ZipFile(path) as pack:
        lines = [
            cell for n in pack.namelist() if n.endswith(".csv") for line in pack.read(n).decode().splitlines() for cell in line.split(",")
        ]
    assert not any(c.lstrip('"').startswith(("=", "+", "@")) for c in lines)


def test_oscal_is_well_formed(result: AuditResult, tmp_path: Path) -> None:
    import re

    with zipfile.ZipFile(result.save(tmp_path / "a.zip")) as pack:
        found = json.loads(pack.read("oscal.json"))["assessment-results"]
    assert set(found) == {"uuid", "metadata", "import-ap", "results"}
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", found["uuid"])
    ids = [o["uuid"] for r in found["results"] for key in ("observations", "findings") for o in r[key]]
    assert len(set(ids)) == len(ids)
    for r in found["results"]:
        known = {o["uuid"] for o in r["observations"]}
        assert all(f["related-observations"][0]["observation-uuid"] in known for f in r["findings"])
        assert all(
            re.fullmatch(r"[A-Za-z_][\w.-]*", c["control-id"]) for c in r["reviewed-controls"]["control-selections"][0]["include-controls"]
        )
        assert {f["target"]["status"]["state"] for f in r["findings"]} <= {"satisfied", "not-satisfied"}


def test_round_trip(result: AuditResult) -> None:
    again = Result.from_dict(json.loads(json.dumps(result.to_dict())))
    assert again.to_dict() == result.to_dict()


def test_empty_table() -> None:
    found = audit(people=pd.DataFrame())
    assert not any(c.status is ClauseStatus.PASS for c in found.clauses if c.dataset == "people")
