"""What an audit holds besides the verdicts: record of processing, controls, gaps, attestations, differences."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ...values import ClauseStatus, DatasetRef, Severity
from . import _read as read
from ._metadata import kind_of
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


State = Literal["asked", "given", "expired", "not yet", "day unknown", "not needed"]


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
        "new gap",
        "worse",
        "no longer known",
        "rows changed",
        "computed changed",
        "better",
        "closed",
        "new clause",
        "declared",
        "data changed",
        "new dataset",
        "dataset gone",
        "catalogue",
    ]
    before: str
    after: str


RECORD: tuple[tuple[str, str, str], ...] = (
    ("record_id", "Number in the record", "Art. 30(3)"),
    ("controller", "Controller and contact", "Art. 30(1)(a)"),
    (
        "joint_controllers&representative&dpo",
        "Joint controllers, representative, data protection officer, where there are such",
        "Art. 30(1)(a)",
    ),
    ("purpose", "Purposes", "Art. 30(1)(b)"),
    ("subject_categories", "Categories of data subjects", "Art. 30(1)(c)"),
    ("data categories", "Categories of personal data", "Art. 30(1)(c)"),
    ("recipients", "Categories of recipients", "Art. 30(1)(d)"),
    ("transfers", "Transfers to third countries", "Art. 30(1)(e)"),
    ("transfer_mechanism", "Safeguards of transfers, where there are such", "Art. 30(1)(e)"),
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
            value, source = ", ".join(c.replace("_", " ").lower() for c in categories) or "none found", "computed"
        else:
            value = _declared(key, metadata)
            source = "declared" if value else "missing"
        out.append(RecordField(dataset=dataset, item=item, value=value, source=source, citation=citation))  # type: ignore[arg-type]
    return tuple(out)


def _declared(key: str, metadata: Mapping[str, Any]) -> str:
    """What is declared of fields: the first of ``a|b``, all of ``a&b``; blank when nothing, or a placeholder, is there."""
    names = re.split(r"[|&]", key)
    given = [n for n in names if read.given(metadata.get(n), kind_of(n))]
    shown = [_shown(metadata[n], n) for n in given]
    if key == "transfers" and [s.casefold() for s in shown] in [[word] for word in read.NOTHING]:
        abroad = read.places(metadata.get("recipients"))
        return f"none declared; recipients are named in {', '.join(abroad)}" if abroad else "none"
    if "&" in key:
        return "; ".join(f"{n.replace('_', ' ')}: {v}" for n, v in zip(given, shown, strict=True))
    return shown[0] if shown else ""


def _shown(value: Any, name: str = "") -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_shown, value)) or "none"
    if isinstance(value, Mapping):
        rest = ", ".join(f"{k}: {_shown(v)}" for k, v in value.items() if k != "name")
        return f"{value['name']} ({rest})" if rest and "name" in value else str(value.get("name", rest))
    return f"{value} days" if name.endswith("_days") and not isinstance(value, str) else str(value)


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
    """What is open, the most severe failures first; of equal ones in the order of the datasets."""
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
    return tuple(sorted(gaps, key=lambda g: (_rank(g.status), -g.severity.rank, -g.rows, g.clause)))


def requests_of(results: tuple[ClauseResult, ...], days: Mapping[str, dt.date | None]) -> tuple[AttestationRequest, ...]:
    """Statements asked of people, and those given, as they stand on the day each dataset was audited by."""
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
                state=_state(r, days.get(r.dataset)),
                by=given.by if given else "",
                on=given.on if given else "",
                expires=given.expires if given else "",
            )
        )
    return tuple(out)


def _state(result: ClauseResult, day: dt.date | None) -> State:
    """Where a statement stands: a computed verdict needs none, and is not changed by one."""
    given = result.attestation
    if given is None:
        return "asked"
    if given.used:
        return "given"
    if not (result.status is S.NEEDS_ATTESTATION or result.attestable):
        return "not needed"
    return "day unknown" if day is None else "not yet" if given.on > day.isoformat() else "expired"


# -- difference --------------------------------------------------------------------------------------------------------
_FIRST = (
    "catalogue",
    "new dataset",
    "dataset gone",
    "data changed",
    "new gap",
    "worse",
    "no longer known",
    "computed changed",
    "rows changed",
)


def changes_since(
    previous: Mapping[str, Any], results: tuple[ClauseResult, ...], datasets: tuple[AuditedDataset, ...], version: str
) -> tuple[Change, ...]:
    """What differs from an earlier audit (its ``to_dict()``): the data, what got worse, what got better, what was declared."""
    out: list[Change] = []
    if previous.get("catalogue_version") != version:
        out.append(_change("", "", "catalogue", str(previous.get("catalogue_version")), version))
    before = {str(d["ref"]["name"]): d for d in previous.get("datasets", ())}
    out += _dataset_changes(before, {d.ref.name: d for d in datasets})
    old = {(str(c.get("dataset")), str(c["id"])): c for c in previous.get("clauses", ())}
    for r in results:
        earlier = old.get((r.dataset, r.id))
        if earlier is not None:
            out += _clause_change(earlier, r)
        elif r.dataset in before:
            out.append(_change(r.dataset, r.id, "new clause", "", r.status.value))
    return tuple(sorted(out, key=lambda c: _FIRST.index(c.kind) if c.kind in _FIRST else len(_FIRST)))


def _dataset_changes(before: Mapping[str, Mapping[str, Any]], now: Mapping[str, AuditedDataset]) -> list[Change]:
    out: list[Change] = []
    for name in sorted({*before, *now}):
        was, is_ = before.get(name), now.get(name)
        old = f"{int(was['ref']['rows']):,} rows, {str(was['sha256'])[:12]}" if was is not None else ""
        new = f"{is_.ref.rows:,} rows, {is_.sha256[:12]}" if is_ is not None else ""
        if was is None or is_ is None:
            out.append(_change(name, "", "new dataset" if was is None else "dataset gone", old, new))
            continue
        out += [_change(name, "", "data changed", old, new)] if was["sha256"] != is_.sha256 else []
        out += _declared_changes(name, was.get("metadata") or {}, is_.metadata)
    return out


def _declared_changes(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """Fields that are declared otherwise than before; the day of processing always is."""
    fields = [f for f in dict.fromkeys([*was, *now]) if f != "as_of" and was.get(f) != now.get(f)]
    return [_change(name, "", "declared", f"{f}: {_brief(was.get(f))}", f"{f}: {_brief(now.get(f))}") for f in fields]


def _brief(value: Any) -> str:
    text = "not declared" if value is None else _shown(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _clause_change(earlier: Mapping[str, Any], result: ClauseResult) -> list[Change]:
    was, rows = S(str(earlier["status"])), int(earlier.get("violating_rows") or 0)
    out: list[Change] = []
    old, new = earlier.get("override"), result.override
    if old and new is not None and str(old.get("computed")) != new.computed.value:
        out.append(
            _change(result.dataset, result.id, "computed changed", f"{old['computed']}, overridden", f"{new.computed.value}, overridden")
        )
    if was is result.status and not ((old is None) ^ (new is None)):
        moved = rows != result.violating_rows
        said = (f"{rows:,} {result.unit}", f"{result.violating_rows:,} {result.unit}")
        return [*out, _change(result.dataset, result.id, "rows changed", *said)] if moved else out
    kind = _kind(was, result.status)
    stood = ", overridden" if old else ", attested" if (earlier.get("attestation") or {}).get("used") else ""
    stands = ", overridden" if new else ", attested" if result.attestation and result.attestation.used else ""
    return [*out, _change(result.dataset, result.id, kind, was.value + stood, result.status.value + stands)]


BROKEN = (S.FAIL, S.WARN)


def _kind(was: ClauseStatus, is_: ClauseStatus) -> str:
    """What a verdict has become: what was broken and cannot be told any more is neither better nor closed."""
    if was in BROKEN and is_ in OPEN and is_ not in BROKEN:
        return "no longer known"
    if (was in OPEN) != (is_ in OPEN):
        return "closed" if was in OPEN else "new gap"
    return "worse" if _rank(is_) < _rank(was) else "better"


def _change(dataset: str, clause: str, kind: str, before: str, after: str) -> Change:
    return Change(dataset=dataset, clause=clause, kind=kind, before=before, after=after)  # type: ignore[arg-type]
