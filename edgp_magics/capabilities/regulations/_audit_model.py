"""What an audit holds besides the verdicts: record of processing, controls, gaps, attestations, differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ...values import ClauseStatus, DatasetRef, Severity
from ._model import ClauseResult

S = ClauseStatus
OPEN = (S.FAIL, S.WARN, S.NOT_ASSESSED, S.NEEDS_ATTESTATION)
"""Verdicts that leave a gap."""


@dataclass(frozen=True, kw_only=True)
class AuditedDataset:
    """A dataset as it was when audited, and how much of it was looked at."""

    ref: DatasetRef
    sha256: str
    personal_columns: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    bounds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RecordField:
    """One field of the record of processing (GDPR Art. 30(1)) of one dataset."""

    dataset: str
    item: str
    value: str
    source: Literal["declared", "computed", "missing"]
    citation: str


@dataclass(frozen=True, kw_only=True)
class Control:
    """A clause across all datasets."""

    clause: str
    regulation: str
    citation: str
    title: str
    worst: ClauseStatus
    statuses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A clause that is not fulfilled, or not known to be."""

    dataset: str
    clause: str
    title: str
    status: ClauseStatus
    severity: Severity
    message: str
    rows: int
    todo: str


State = Literal["asked", "given", "expired", "not needed"]


@dataclass(frozen=True, kw_only=True)
class AttestationRequest:
    """A statement that a person has to make, or has made."""

    dataset: str
    clause: str
    statement: str
    state: State
    by: str = ""
    on: str = ""
    expires: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What differs from the previous audit."""

    dataset: str
    clause: str
    kind: Literal[
        "new gap", "closed", "worse", "better", "rows changed", "new clause", "data changed", "new dataset", "dataset gone", "catalogue"
    ]
    before: str
    after: str


RECORD: tuple[tuple[str, str, str], ...] = (
    ("controller", "Controller and contact", "Art. 30(1)(a)"),
    ("purpose", "Purposes", "Art. 30(1)(b)"),
    ("subject_categories", "Categories of data subjects", "Art. 30(1)(c)"),
    ("data categories", "Categories of personal data", "Art. 30(1)(c)"),
    ("recipients", "Categories of recipients", "Art. 30(1)(d)"),
    ("transfers", "Transfers to third countries", "Art. 30(1)(e)"),
    ("retention_days|retention_criteria", "Time limits for erasure", "Art. 30(1)(f)"),
    ("security_measures", "Security measures", "Art. 30(1)(g)"),
    ("lawful_basis", "Lawful basis (good practice)", "Art. 6(1)"),
    ("owner", "Owner (good practice)", "Art. 5(2)"),
)


def record_of(dataset: str, metadata: Mapping[str, Any], categories: tuple[str, ...]) -> tuple[RecordField, ...]:
    """The record of processing of one dataset; categories of data are filled in from what was found."""
    out = []
    for key, item, citation in RECORD:
        if key == "data categories":
            value, source = ", ".join(categories) or "none found", "computed"
        else:
            given = next((metadata[k] for k in key.split("|") if metadata.get(k) not in (None, "")), None)
            value, source = (_shown(given), "declared") if given is not None else ("", "missing")
        out.append(RecordField(dataset=dataset, item=item, value=value, source=source, citation=citation))  # type: ignore[arg-type]
    return tuple(out)


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_shown, value)) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {_shown(v)}" for k, v in value.items())
    return str(value)


def controls_of(results: tuple[ClauseResult, ...]) -> tuple[Control, ...]:
    """The controls matrix: every clause with its verdict by dataset."""
    by_clause: dict[str, list[ClauseResult]] = {}
    for result in results:
        by_clause.setdefault(result.id, []).append(result)
    return tuple(
        Control(
            clause=name,
            regulation=found[0].regulation,
            citation=found[0].citation,
            title=found[0].title,
            worst=min((r.status for r in found), key=_rank),
            statuses={r.dataset: r.status.value for r in found},
        )
        for name, found in by_clause.items()
    )


_BY_RANK = (S.FAIL, S.WARN, S.NOT_ASSESSED, S.NEEDS_ATTESTATION, S.PASS, S.NOT_APPLICABLE)


def _rank(status: ClauseStatus) -> int:
    return _BY_RANK.index(status)


def gaps_of(results: tuple[ClauseResult, ...]) -> tuple[Gap, ...]:
    """What is open, the most severe failures first."""
    gaps = [
        Gap(
            dataset=r.dataset,
            clause=r.id,
            title=r.title,
            status=r.status,
            severity=r.severity,
            message=r.message,
            rows=r.violating_rows,
            todo=r.todo,
        )
        for r in results
        if r.status in OPEN
    ]
    return tuple(sorted(gaps, key=lambda g: (_rank(g.status), -g.severity.rank, -g.rows, g.clause, g.dataset)))


def requests_of(results: tuple[ClauseResult, ...]) -> tuple[AttestationRequest, ...]:
    """Statements asked of people, and those given."""
    out = []
    for r in results:
        given = r.attestation
        if r.status is not S.NEEDS_ATTESTATION and given is None:
            continue
        out.append(
            AttestationRequest(
                dataset=r.dataset,
                clause=r.id,
                statement=(given.statement if given and given.statement else f"It is not the case that: {r.check}."),
                state=_state(r),
                by=given.by if given else "",
                on=given.on if given else "",
                expires=given.expires if given else "",
            )
        )
    return tuple(out)


def _state(result: ClauseResult) -> State:
    """Where a statement stands: a computed verdict needs none, and is not changed by one."""
    if result.attestation is None:
        return "asked"
    waits = result.status is S.NEEDS_ATTESTATION or result.attestable
    return "given" if result.attestation.used else "expired" if waits else "not needed"


# -- difference --------------------------------------------------------------------------------------------------------
def changes_since(
    previous: Mapping[str, Any], results: tuple[ClauseResult, ...], datasets: tuple[AuditedDataset, ...], version: str
) -> tuple[Change, ...]:
    """What differs from an earlier audit (its ``to_dict()``)."""
    out: list[Change] = []
    if previous.get("catalogue_version") != version:
        out.append(_change("", "", "catalogue", str(previous.get("catalogue_version")), version))
    before = {str(d["ref"]["name"]): str(d["sha256"]) for d in previous.get("datasets", ())}
    now = {d.ref.name: d.sha256 for d in datasets}
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            kind = "data changed" if name in before and name in now else "new dataset" if name in now else "dataset gone"
            out.append(_change(name, "", kind, before.get(name, "")[:16], now.get(name, "")[:16]))
    old = {(str(c.get("dataset")), str(c["id"])): c for c in previous.get("clauses", ())}
    for r in results:
        earlier = old.get((r.dataset, r.id))
        if earlier is not None:
            out += _clause_change(earlier, r)
        elif r.dataset in before:
            out.append(_change(r.dataset, r.id, "new clause", "", r.status.value))
    return tuple(out)


def _clause_change(earlier: Mapping[str, Any], result: ClauseResult) -> list[Change]:
    was, rows = S(str(earlier["status"])), int(earlier.get("violating_rows") or 0)
    if was is result.status:
        moved = rows != result.violating_rows
        return [_change(result.dataset, result.id, "rows changed", f"{rows:,}", f"{result.violating_rows:,}")] if moved else []
    kind = "closed" if was in OPEN and result.status not in OPEN else "new gap" if was not in OPEN and result.status in OPEN else ""
    kind = kind or ("worse" if _rank(result.status) < _rank(was) else "better")
    return [_change(result.dataset, result.id, kind, was.value, result.status.value)]


def _change(dataset: str, clause: str, kind: str, before: str, after: str) -> Change:
    return Change(dataset=dataset, clause=clause, kind=kind, before=before, after=after)  # type: ignore[arg-type]
