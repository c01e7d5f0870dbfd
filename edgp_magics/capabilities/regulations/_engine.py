"""From a clause to its result: scope, rule, missing metadata, attestation, override."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...values import ROWS_KEPT, ClauseStatus, plural
from . import _read as read
from . import (
    _rules_anonymity,
    _rules_cards,
    _rules_data,
    _rules_deadlines,
    _rules_finance,
    _rules_records,
    _rules_subjects,
    _rules_training,
)
from ._case import Case, header_words, union
from ._catalogue import Catalogue, regulation_of
from ._metadata import kind_of
from ._model import Attestation, Clause, ClauseResult, Verdict, not_applicable, not_assessed
from ._rules_training import always_high_risk
from ._statements import attestation_of, attested, overridden, override_of

RULES: Mapping[str, _rules_records.Rule] = {
    name: rule
    for module in (
        _rules_records,
        _rules_subjects,
        _rules_deadlines,
        _rules_data,
        _rules_anonymity,
        _rules_cards,
        _rules_finance,
        _rules_training,
    )
    for name, rule in module.RULES.items()
}
"""Every rule a clause may name."""

S = ClauseStatus


def evaluate(case: Case, clause: Clause, catalogue: Catalogue, asked: frozenset[str] = frozenset()) -> ClauseResult:
    """The verdict on one clause; ``asked`` are regulations that were named, which puts their regimes in scope."""
    verdict = _bound(case, clause, catalogue, asked, _with_reading(case, clause, _scoped(case, clause, catalogue, asked)))
    verdict, attestation = attested(verdict, attestation_of(case.metadata["attestations"], clause.id), case.as_of)
    result = _result(case, clause, verdict, catalogue, attestation)
    return overridden(result, override_of(case.metadata["overrides"], clause.id), case.as_of)


def _with_reading(case: Case, clause: Clause, verdict: Verdict) -> Verdict:
    """The verdict with what was assumed to read its dates."""
    columns = case.read_day_first(*clause.fields) if verdict.status in (S.PASS, S.FAIL, S.WARN) else ()
    named = ", ".join(f"`{c}`" for c in columns)
    said = f"{verdict.message} Dates of {named} are read day first; nothing in them tells: write them as 2025-06-30 to be sure."
    return replace(verdict, message=said) if columns else verdict


def _scoped(case: Case, clause: Clause, catalogue: Catalogue, asked: frozenset[str]) -> Verdict:
    outside = _outside(case, clause, catalogue, asked)
    if outside is not None:
        return _attestable(case, outside)
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
    if case.unread:
        return _unread(case, not_assessed(""))
    if clause.scope == "personal":
        return not_applicable("No personal data was found.")
    return not_applicable(
        f"Nothing of type {', '.join(t.removeprefix('@') for t in clause.types[:6])}{' …' if len(clause.types) > 6 else ''} was found."
    )


def _regime(case: Case, regime: Any, asked: bool) -> Verdict | None:
    said = case.metadata.truth(regime.flag)
    if said is False:
        return not_applicable(f"It is declared that the table is not one that {regime.what}.")
    if regime.unless and case.metadata.truth(regime.unless) is False and not always_high_risk(case):
        return not_applicable(f"`{regime.unless}` is declared to be no, and the clause binds those systems alone; it stays good practice.")
    named = said or asked or _listed(case, regime.regulation) or any(case.metadata.has(f) for f in regime.fields)
    words = [header_words(c) for c in case.frame.columns]
    if named or (regime.columns and all(any(w in ws for ws in words) for w in regime.columns)):
        return None
    return not_assessed(f"It is not known whether the table {regime.what}: declare `{regime.flag}`.", regime.flag)


def _bound(case: Case, clause: Clause, catalogue: Catalogue, asked: frozenset[str], verdict: Verdict) -> Verdict:
    """The verdict, as far as it is known that the regulation binds whoever keeps the table: what nobody has to keep is not broken."""
    bound = catalogue.bound.get(clause.regulation)
    if bound is None or any(case.metadata.has(f) and case.metadata.truth(f) is not False for f in bound.fields):
        return verdict
    said = [case.metadata.truth(f) for f in bound.flags]
    if True in said:
        return verdict
    if None not in said:
        return not_applicable(f"It is declared that the table is not one that {bound.what}.")
    if clause.regulation in asked or _listed(case, clause.regulation) or verdict.status not in (S.FAIL, S.WARN):
        return verdict
    unsaid = "|".join(f for f, answer in zip(bound.flags, said, strict=True) if answer is None)
    message = f"It is not known whether the table {bound.what}: declare {_fields((unsaid,))}. If it is: {verdict.message}"
    return replace(not_assessed(message, unsaid, *verdict.missing), facts=verdict.facts, columns=_columns(case, verdict))


def _listed(case: Case, regulation: str) -> bool:
    return any(regulation_of(name, (regulation,)) for name in read.listed(case.metadata["regulations"]))


def _without_gaps(case: Case, clause: Clause, verdict: Verdict) -> Verdict:
    """A pass that rests on metadata, columns or cells which are not there, or cannot be read, is none."""
    undeclared, unknown = case.metadata.missing(clause.declares), case.metadata.missing(clause.needs)
    unknown = tuple(f for f in unknown if not (f == "as_of" and case.as_of))
    if verdict.status is S.NOT_APPLICABLE and verdict.scanned and case.unread:
        return _unread(case, verdict)
    if verdict.status is not S.PASS:
        more = tuple(f for f in (*undeclared, *unknown) if f not in verdict.missing) if verdict.status in (S.FAIL, S.NOT_ASSESSED) else ()
        return _attestable(case, replace(verdict, missing=(*verdict.missing, *more)))
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
        said = f"Cannot be known without {_fields(unknown)}, which {'is' if len(unknown) == 1 else 'are'} not declared."
        return _attestable(case, replace(verdict, status=S.NOT_ASSESSED, message=said, missing=unknown, hits=()))
    return _with_evidence(case, clause, verdict)


def _with_evidence(case: Case, clause: Clause, verdict: Verdict) -> Verdict:
    """A pass whose fields can be read, whose columns exist and hold something, and whose cells were all looked at."""
    bad = [why for f in clause.fields if (why := case.metadata.unreadable(f))]
    if bad:
        fields = tuple(f for f in clause.fields if case.metadata.unreadable(f))
        return replace(verdict, status=S.NOT_ASSESSED, message=f"{'; '.join(bad)}.", missing=fields, hits=())
    absent = _absent(case, clause)
    if absent:
        said = "; ".join(f"`{f}` names `{n}`, which is not a column of the table" for f, n in absent)
        return replace(verdict, status=S.NOT_ASSESSED, message=f"{said}.", missing=tuple(f for f, _ in absent), hits=())
    empty = _empty(case, clause)
    if empty:
        said = f"`{case.metadata[empty[0]]}`, named in `{empty[0]}`, is blank in every row and shows nothing: fill it, or attest."
        return replace(verdict, status=S.NOT_ASSESSED, message=said, missing=empty, hits=(), attestable=True)
    if verdict.scanned and case.unread:
        return _unread(case, verdict)
    if not verdict.message:
        return replace(verdict, status=S.NOT_ASSESSED, message="There is nothing to decide this on.", hits=())
    return _judged(case, verdict)


def _unread(case: Case, verdict: Verdict) -> Verdict:
    """A verdict from nothing having been found, where not every cell was read."""
    said = f"Nothing that the clause speaks of was found in what was read, but {'; '.join(case.unread)}."
    return replace(verdict, status=S.NOT_ASSESSED, message=said, hits=())


def _judged(case: Case, verdict: Verdict) -> Verdict:
    """A pass over every row; rows that could not be judged make it a warning."""
    open_ = tuple(h for h in verdict.unjudged if h.rows.size)
    if not open_:
        return verdict
    total = int(union(h.rows for h in open_).size)
    why = "; ".join(f"in {h.rows.size:,} {h.note}" for h in open_)
    said = f"{verdict.message} {total:,} of {plural(case.rows, 'row')} could not be judged: {why}."
    return replace(verdict, status=S.WARN if total < case.rows else S.NOT_ASSESSED, message=said, hits=open_)


def _absent(case: Case, clause: Clause) -> tuple[tuple[str, Any], ...]:
    """Fields of the clause that name columns which are not in the table, with those names."""
    asked = [f for f in clause.fields if case.metadata.has(f)]
    one = [(f, case.metadata[f]) for f in asked if kind_of(f) == "column" and case.column(f) is None]
    many = [(f, n) for f in asked if kind_of(f) == "columns" for n in read.listed(case.metadata[f]) if case.named(n) is None]
    return (*one, *many)


def _empty(case: Case, clause: Clause) -> tuple[str, ...]:
    """Fields the clause cannot do without that name columns in which no cell is filled."""
    asked = dict.fromkeys(f for name in (*clause.declares, *clause.needs) for f in name.split("|"))
    columns = {f: c for f in asked if kind_of(f) == "column" and (c := case.column(f)) is not None}
    return tuple(f for f, c in columns.items() if not case.filled(c).size)


def _attestable(case: Case, verdict: Verdict) -> Verdict:
    """A verdict that waits for facts which a person can state, and for nothing else."""
    facts = [f for f in verdict.missing if not case.metadata.has(f)]
    waits = verdict.status is S.NEEDS_ATTESTATION or (verdict.status is S.NOT_ASSESSED and len(facts) == len(verdict.missing) > 0)
    return replace(verdict, attestable=waits)


def _fields(names: tuple[str, ...]) -> str:
    return ", ".join(" or ".join(f"`{n}`" for n in name.split("|")) for name in names)


def _columns(case: Case, verdict: Verdict) -> tuple[str, ...]:
    """The columns that a verdict is about."""
    return tuple(dict.fromkeys([h.column for h in verdict.hits if h.column in case.frame] + list(verdict.columns)))


# -- results -----------------------------------------------------------------------------------------------------------
def _result(case: Case, clause: Clause, verdict: Verdict, catalogue: Catalogue, attestation: Attestation | None) -> ClauseResult:
    rows = union(h.rows for h in verdict.hits)
    columns = _columns(case, verdict)
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
        rows=case.frame.row_labels(rows[:ROWS_KEPT]) if rows.size else (),
        columns=columns,
        evidence=case.evidence(verdict.hits),
        facts=verdict.facts,
        missing=tuple(verdict.missing),
        supply=tuple(f"{f}: {catalogue.fields[f]}" for f in dict.fromkeys(fields) if f in catalogue.fields),
        remediation=clause.remediation if verdict.status is not S.PASS else "",
        confidence=clause.confidence,
        attestable=verdict.attestable,
        attestation=attestation,
    )
