"""From a clause to its result: scope, rule, missing metadata, attestation, override."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...values import ROWS_KEPT, ClauseStatus
from . import _read as read
from . import _rules_anonymity, _rules_cards, _rules_data, _rules_finance, _rules_records, _rules_subjects, _rules_training
from ._case import Case, header_words, union
from ._catalogue import Catalogue
from ._model import Attestation, Clause, ClauseResult, Override, Verdict, not_applicable, not_assessed

RULES: Mapping[str, _rules_records.Rule] = {
    name: rule
    for module in (_rules_records, _rules_subjects, _rules_data, _rules_anonymity, _rules_cards, _rules_finance, _rules_training)
    for name, rule in module.RULES.items()
}
"""Every rule a clause may name."""

S = ClauseStatus


def evaluate(case: Case, clause: Clause, catalogue: Catalogue, asked: frozenset[str] = frozenset()) -> ClauseResult:
    """The verdict on one clause; ``asked`` are regulations that were named, which puts their regimes in scope."""
    verdict = _scoped(case, clause, catalogue, asked)
    attestation = attestation_of(case.metadata["attestations"], clause.id, case.as_of)
    verdict = _attested(verdict, attestation, clause, case.as_of)
    result = _result(case, clause, verdict, catalogue, attestation)
    return _overridden(result, override_of(case.metadata["overrides"], clause.id), case.as_of)


def _scoped(case: Case, clause: Clause, catalogue: Catalogue, asked: frozenset[str]) -> Verdict:
    outside = _outside(case, clause, catalogue, asked)
    if outside is not None:
        return outside
    if not case.rows or not case.frame.columns:
        return not_assessed("The table holds no rows: nothing can be found in it.")
    return _without_gaps(case, clause, RULES[clause.rule](case, clause))


def _outside(case: Case, clause: Clause, catalogue: Catalogue, asked: frozenset[str]) -> Verdict | None:
    """Why the clause does not apply; None when it does."""
    regime = catalogue.regimes.get(clause.scope)
    if regime is not None:
        return _regime(case, regime, regime.regulation in asked)
    if not case.rows or clause.scope not in ("personal", "types") or case.seen(clause):
        return None
    if clause.scope == "personal":
        return not_applicable("No personal data was found.")
    return not_applicable(
        f"Nothing of type {', '.join(t.removeprefix('@') for t in clause.types[:6])}{' …' if len(clause.types) > 6 else ''} was found."
    )


def _regime(case: Case, regime: Any, asked: bool) -> Verdict | None:
    said = case.metadata.truth(regime.flag)
    if said is False:
        return not_applicable(f"It is declared that the table is not one that {regime.what}.")
    listed = {read.word(r) for r in read.listed(case.metadata["regulations"])}
    named = said or asked or read.word(regime.regulation) in listed or any(case.metadata.has(f) for f in regime.fields)
    words = [header_words(c) for c in case.frame.columns]
    if named or (regime.columns and all(any(w in ws for ws in words) for w in regime.columns)):
        return None
    return not_assessed(f"It is not known whether the table {regime.what}: declare `{regime.flag}`.", regime.flag)


def _without_gaps(case: Case, clause: Clause, verdict: Verdict) -> Verdict:
    """A pass that rests on metadata which is not there is none."""
    undeclared, unknown = case.metadata.missing(clause.declares), case.metadata.missing(clause.needs)
    unknown = tuple(f for f in unknown if not (f == "as_of" and case.as_of))
    if verdict.status is not S.PASS:
        more = tuple(f for f in (*undeclared, *unknown) if f not in verdict.missing) if verdict.status in (S.FAIL, S.NOT_ASSESSED) else ()
        return replace(verdict, missing=(*verdict.missing, *more))
    if undeclared:
        columns = verdict.columns or (case.personal if clause.scope == "personal" else ())
        return replace(
            verdict,
            status=S.FAIL,
            message=f"Not declared: {_fields(undeclared)}. The missing declaration is itself the finding.",
            missing=(*undeclared, *unknown),
            columns=columns,
            hits=(),
        )
    if unknown:
        return replace(verdict, status=S.NOT_ASSESSED, message=f"Cannot be known without {_fields(unknown)}.", missing=unknown, hits=())
    return verdict


def _fields(names: tuple[str, ...]) -> str:
    return ", ".join(" or ".join(f"`{n}`" for n in name.split("|")) for name in names)


# -- attestations and overrides ----------------------------------------------------------------------------------------
def attestation_of(given: Any, clause: str, as_of: dt.date | None) -> Attestation | None:
    """The statement on a clause, if one was given with a name and a day."""
    entry = _entry(given, clause)
    if entry is None or not read.given(entry.get("by")) or read.day(entry.get("on")) is None:
        return None
    return Attestation(
        by=str(entry["by"]),
        on=str(read.day(entry["on"])),
        expires=str(read.day(entry.get("expires")) or ""),
        statement=str(entry.get("statement") or ""),
    )


def override_of(given: Any, clause: str) -> Mapping[str, Any] | None:
    """The replaced verdict of a clause, if it has a status and a reason."""
    entry = _entry(given, clause)
    named = entry is not None and read.given(entry.get("reason")) and str(entry.get("status")) in S.__members__
    return entry if named else None


def _entry(given: Any, clause: str) -> Mapping[str, Any] | None:
    found = (
        given.get(clause)
        if isinstance(given, Mapping)
        else next((e for e in given if isinstance(e, Mapping) and e.get("clause") == clause), None)
        if isinstance(given, (list, tuple))
        else None
    )
    return found if isinstance(found, Mapping) else None


def expired(expires: str, as_of: dt.date | None) -> bool:
    """Whether a statement no longer holds; one with an end and no day to compare with does not, either."""
    return bool(expires) and (as_of is None or dt.date.fromisoformat(expires) < as_of)


def _attested(verdict: Verdict, attestation: Attestation | None, clause: Clause, as_of: dt.date | None) -> Verdict:
    if verdict.status is not S.NEEDS_ATTESTATION or attestation is None:
        return verdict
    if expired(attestation.expires, as_of):
        return replace(verdict, message=f"The attestation by {attestation.by} ended on {attestation.expires}.")
    if as_of is not None and dt.date.fromisoformat(attestation.on) > as_of:
        return replace(verdict, message=f"The attestation by {attestation.by} is of a later day ({attestation.on}).")
    return replace(verdict, status=S.PASS, message=f"Attested by {attestation.by} on {attestation.on}.")


def _overridden(result: ClauseResult, entry: Mapping[str, Any] | None, as_of: dt.date | None) -> ClauseResult:
    if entry is None:
        return result
    expires = str(read.day(entry.get("expires")) or "")
    if expired(expires, as_of):
        return replace(result, message=f"{result.message} (An override ended on {expires}.)")
    status = S(str(entry["status"]))
    override = Override(
        by=str(entry.get("by") or "not named"),
        on=str(read.day(entry.get("on")) or ""),
        reason=str(entry["reason"]),
        status=status,
        computed=result.status,
        expires=expires,
    )
    return replace(
        result,
        status=status,
        override=override,
        message=f"{result.message} Overridden to {status.value} by {override.by}: {override.reason}",
    )


# -- results -----------------------------------------------------------------------------------------------------------
def _result(case: Case, clause: Clause, verdict: Verdict, catalogue: Catalogue, attestation: Attestation | None) -> ClauseResult:
    rows = union(h.rows for h in verdict.hits)
    columns = tuple(dict.fromkeys([h.column for h in verdict.hits if h.column in case.frame] + list(verdict.columns)))
    fields = [f for name in verdict.missing for f in name.split("|")]
    return ClauseResult(
        id=clause.id,
        regulation=clause.regulation,
        citation=clause.citation,
        title=clause.title,
        status=verdict.status,
        severity=clause.severity,
        kind=clause.kind,
        message=verdict.message,
        check=clause.check,
        violating_rows=verdict.count if verdict.count is not None else int(rows.size),
        unit=verdict.unit,
        of=case.rows,
        rows=case.frame.row_labels(rows[:ROWS_KEPT]),
        columns=columns,
        evidence=case.evidence(verdict.hits),
        facts=verdict.facts,
        missing=tuple(verdict.missing),
        supply=tuple(f"{f}: {catalogue.fields[f]}" for f in dict.fromkeys(fields) if f in catalogue.fields),
        remediation=clause.remediation if verdict.status is not S.PASS else "",
        confidence=clause.confidence,
        attestation=attestation,
    )
