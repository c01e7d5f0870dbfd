"""Clauses and verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

import numpy as np

from ...values import ClauseStatus, Evidence, Severity, mask_label, plain

Kind = Literal["data", "data+meta", "meta", "attest"]


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One clause of a regulation as a machine can check it.

    ``scope`` says when it applies: ``personal`` (personal data found), ``types`` (one of ``types`` found), or a name of a
    regime that has to be declared. ``declares`` are fields whose absence is itself the finding; ``needs`` are fields without
    which a pass cannot be given (``a|b``: either); ``uses`` refine the check. ``see`` names clauses whose passages explain this
    one, too.
    """

    id: str
    regulation: str
    citation: str
    title: str
    severity: Severity
    kind: Kind
    scope: str
    rule: str
    check: str
    evidence: str
    remediation: str
    confidence: str = "high"
    types: tuple[str, ...] = ()
    declares: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    see: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field the clause asks for, alternatives written out."""
        return tuple(dict.fromkeys(f for name in (*self.declares, *self.needs, *self.uses) for f in name.split("|")))


@dataclass(frozen=True, eq=False)
class Hits:
    """Rows of one column (or of the whole table) that break a clause, by position."""

    column: str
    rows: np.ndarray[Any, Any]
    note: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Verdict:
    """What a rule found, before it is put into words for people.

    ``count`` and ``unit`` are given where the clause counts something other than rows (journals, entries of a log).
    ``unjudged`` are rows that the rule could not decide on, with the reason as their note. ``scanned`` says that the verdict
    rests on the privacy scan having found nothing, so that it holds only as far as the scan has read. ``attestable`` is set
    by the engine where all that is missing is a fact that a person can state.
    """

    status: ClauseStatus
    message: str
    hits: tuple[Hits, ...] = ()
    columns: tuple[str, ...] = ()
    count: int | None = None
    unit: str = "rows"
    facts: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    unjudged: tuple[Hits, ...] = ()
    scanned: bool = False
    attestable: bool = False


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """What a person stated about a clause, when, and until when it holds; ``used`` says whether the verdict rests on it."""

    by: str
    on: str
    expires: str = ""
    statement: str = ""
    used: bool = False


@dataclass(frozen=True, kw_only=True)
class Override:
    """A verdict that a person replaced, and why; the computed status stays on record."""

    by: str
    on: str
    reason: str
    status: ClauseStatus
    computed: ClauseStatus
    expires: str = ""


@dataclass(frozen=True, kw_only=True)
class ClauseResult:
    """The verdict on one clause, with what it rests on. ``violating_rows`` counts ``unit``.

    ``rows`` are the table's own row labels, to look the rows up with; labels that are text leave the kernel masked.
    """

    id: str
    regulation: str
    citation: str
    title: str
    status: ClauseStatus
    severity: Severity
    kind: str
    message: str
    check: str
    violating_rows: int = 0
    unit: str = "rows"
    of: int = 0
    rows: tuple[Any, ...] = ()
    columns: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    supply: tuple[str, ...] = ()
    remediation: str = ""
    confidence: str = "high"
    attestable: bool = False
    attestation: Attestation | None = None
    override: Override | None = None
    citations: tuple[str, ...] = ()
    dataset: str = ""

    def __plain__(self) -> dict[str, Any]:
        evidence = tuple(replace(e, row=mask_label(e.row)) for e in self.evidence)
        shared = replace(self, rows=tuple(map(mask_label, self.rows)), evidence=evidence)
        return {f.name: plain(getattr(shared, f.name)) for f in fields(shared)}

    @property
    def todo(self) -> str:
        """The next move of whoever answers for the table; blank when there is none."""
        supply = "supply " + ", ".join(f.replace("|", " or ") for f in self.missing) if self.missing else ""
        if self.status is ClauseStatus.NEEDS_ATTESTATION:
            return f"attest by name, day and end (attestations: {{{self.id}: {{by, on, expires, statement}}}})"
        if self.status is ClauseStatus.NOT_ASSESSED:
            return f"{supply or 'see the finding'}, or attest" if self.attestable else supply
        if self.status in (ClauseStatus.FAIL, ClauseStatus.WARN):
            return "; ".join(part for part in (self.remediation, supply) if part)
        return ""


def passed(message: str, **rest: Any) -> Verdict:
    """Nothing in the way of a pass was found; fields that are missing still turn it."""
    return Verdict(status=ClauseStatus.PASS, message=message, **rest)


def failed(message: str, *hits: Hits, **rest: Any) -> Verdict:
    """The clause is broken."""
    return Verdict(status=ClauseStatus.FAIL, message=message, hits=hits, **rest)


def warned(message: str, *hits: Hits, **rest: Any) -> Verdict:
    """Something a person has to look at."""
    return Verdict(status=ClauseStatus.WARN, message=message, hits=hits, **rest)


def not_applicable(message: str, **rest: Any) -> Verdict:
    """The clause does not concern this table."""
    return Verdict(status=ClauseStatus.NOT_APPLICABLE, message=message, **rest)


def not_found(message: str) -> Verdict:
    """The clause does not concern this table, as far as the privacy scan has read it."""
    return Verdict(status=ClauseStatus.NOT_APPLICABLE, message=message, scanned=True)


def not_assessed(message: str, *missing: str, **rest: Any) -> Verdict:
    """It cannot be known from what is there."""
    return Verdict(status=ClauseStatus.NOT_ASSESSED, message=message, missing=missing, **rest)
