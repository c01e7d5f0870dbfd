"""policy_generation: a draft policy for one table, computed from what it holds and grounded in passages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from ..frames import Frame
from ..values import AgentCapability, Block, Code, Context, Grid, Heading, Items, Passage, Result, Status, Text, plural
from ._options import Option

Kind = Literal["classification", "retention", "access", "sharing", "quality"]

_LEVELS = ("public", "internal", "confidential", "restricted")
_RESTRICTED = frozenset(
    {
        "CREDIT_CARD", "CVV", "SECRET", "PASSWORD", "API_KEY", "HEALTH", "RACE_ETHNICITY", "RELIGION", "POLITICAL", "SEXUAL_ORIENTATION",
        "TRADE_UNION", "BIOMETRIC", "GENETIC", "US_SSN", "PASSPORT", "DRIVER_LICENSE", "NATIONAL_ID", "MEDICAL_RECORD", "CRIMINAL_RECORD",
    }
)  # fmt: skip
_HANDLING = {
    "public": ("anyone", "no restriction", "publish with source and date"),
    "internal": ("staff", "access by role", "inside the organisation"),
    "confidential": (
        "named roles with a purpose",
        "encrypted at rest and in transit; access logged",
        "under a processing or sharing agreement, minimised",
    ),
    "restricted": (
        "few named persons, approved by the owner",
        "encrypted with keys kept apart; masked in notebooks and reports; access logged and reviewed quarterly",
        "not shared raw: tokenised, generalised or left out",
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One paragraph of the draft, with the passages it rests on."""

    heading: str
    text: str
    citations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ColumnClass:
    """The level proposed for a column and why."""

    column: str
    level: str
    reason: str


@dataclass(frozen=True, kw_only=True, repr=False)
class PolicyResult(Result):
    """A draft: ``clauses`` with citations, the ``classes`` of columns; ``document_text`` is the whole as Markdown."""

    kind: str
    clauses: tuple[Clause, ...] = ()
    classes: tuple[ColumnClass, ...] = ()

    @property
    def document_text(self) -> str:
        """The draft as Markdown."""
        return self.to_markdown()

    @property
    def title(self) -> str:
        """The heading of the draft."""
        return f"Draft {self.kind} policy: {self.dataset.name}"

    def body(self) -> list[Block]:
        """Clauses, then the columns by level."""
        out: list[Block] = []
        for number, clause in enumerate(self.clauses, 1):
            out += [Heading(f"{number}. {clause.heading}"), Text(clause.text)]
            if clause.citations:
                out.append(Text("Based on: " + "; ".join(clause.citations), tone="note"))
        rows = tuple((Code(c.column), c.level, c.reason) for c in self.classes)
        if rows:
            out.append(Grid("Columns by level", ("column", "level", "why"), rows))
        out.append(Items(("Review and complete this draft with the data owner; it is not legal advice.",)))
        return out


def generate_policy(
    frame: Frame,
    context: Context,
    *,
    kind: Annotated[Kind, Option("which policy to draft")] = "classification",
    owner: Annotated[str, Option("who owns the table")] = "",
    purpose: Annotated[str, Option("what the table is used for")] = "",
) -> PolicyResult:
    """Draft a policy for a table from the personal data found in it and the passages retrieved for its kind.

    Facts about the table are computed; requirements are taken from passages and cited. What only a person can
    decide (owner, purpose, legal basis, period) is left open and named.
    """
    scan = context.results.get("privacy_scan")
    classes = tuple(_class(c, scan) for c in frame.columns)
    clauses = [_scope(frame, owner, purpose), *_own(kind, classes, context), *_grounded(kind, context.passages)]
    open_points = [name for name, given in (("owner", owner), ("purpose", purpose)) if not given]
    level = max((c.level for c in classes), key=_LEVELS.index, default="internal")
    return PolicyResult(
        capability=AgentCapability.POLICY_GENERATION,
        dataset=frame.ref,
        status=Status.PARTIAL if open_points or scan is None else Status.OK,
        summary=(
            f"A {kind} policy for {frame.name} in {plural(len(clauses), 'clause')}; the table as a whole is {level}. "
            + (f"Still to be decided by a person: {', '.join(open_points)}." if open_points else "")
        ).strip(),
        metrics={f"columns_{x}": sum(c.level == x for c in classes) for x in _LEVELS},
        notes=() if scan is not None else ("No privacy scan was available: every column is taken as internal.",),
        kind=kind,
        clauses=tuple(clauses),
        classes=classes,
    )


def _class(column: str, scan: Any) -> ColumnClass:
    found = scan.columns.get(column, ()) if scan is not None else ()
    types = [str(d.entity_type) for d in found]
    grave = next((t for t in types if t in _RESTRICTED or t.endswith(("_ID", "_SSN", "_TAX_ID"))), None)
    if grave:
        return ColumnClass(column=column, level="restricted", reason=f"holds {grave}")
    if types:
        return ColumnClass(column=column, level="confidential", reason=f"holds {types[0]}")
    return ColumnClass(column=column, level="internal", reason="no personal data found" if scan is not None else "not scanned")


def _scope(frame: Frame, owner: str, purpose: str) -> Clause:
    who = f"Its owner is {owner}." if owner else "Its owner is to be named before this policy takes effect."
    why = f"It is used for {purpose}." if purpose else "The purpose of its use is to be stated."
    return Clause(
        heading="Scope", text=f"This policy covers the table {frame.name} ({frame.rows:,} rows, {len(frame.columns)} columns). {who} {why}"
    )


def _own(kind: Kind, classes: tuple[ColumnClass, ...], context: Context) -> list[Clause]:
    """What follows from the table itself."""
    by_level = {x: [c.column for c in classes if c.level == x] for x in reversed(_LEVELS)}
    used = {x: names for x, names in by_level.items() if names}
    if kind == "classification":
        text = " ".join(f"{x.capitalize()}: {', '.join(names)}." for x, names in used.items())
        return [Clause(heading="Levels", text=text), *(_handling(x) for x in used)]
    if kind in ("access", "sharing"):
        which = 0 if kind == "access" else 2
        return [Clause(heading=f"{x.capitalize()} columns", text=f"{', '.join(n)}: {_HANDLING[x][which]}.") for x, n in used.items()]
    if kind == "quality":
        return [_thresholds(context.results)]
    personal = [c.column for c in classes if c.level in ("confidential", "restricted")]
    text = (
        f"Personal data stands in {', '.join(personal)}. "
        "Each of these columns needs a period, the event that starts it and the way it ends "
        "(erasure, or generalisation that is checked for re-identification)."
        if personal
        else "No personal data was found; periods follow from accounting, contract and evidence duties."
    )
    return [Clause(heading="What must have a period", text=text)]


def _handling(level: str) -> Clause:
    who, how, share = _HANDLING[level]
    return Clause(heading=f"Handling of {level} data", text=f"Access: {who}. Protection: {how}. Sharing: {share}.")


def _thresholds(results: Mapping[str, Any]) -> Clause:
    quality = results.get("data_quality_assessment")
    if quality is None:
        return Clause(
            heading="Thresholds", text="No assessment of this table is at hand; run %governance assess and set thresholds from it."
        )
    scores = {str(k): getattr(d, "score", None) for k, d in quality.dimensions.items()}
    parts = [
        f"{getattr(k, 'value', k)!s}: now {v:.1f}, not to fall below {max(0.0, v - 1):.1f}" for k, v in scores.items() if v is not None
    ]
    return Clause(heading="Thresholds", text="; ".join(parts) + "." if parts else "No dimension could be assessed yet.")


def _grounded(kind: Kind, passages: tuple[Passage, ...]) -> list[Clause]:
    """One clause per passage: the requirement in the words of our knowledge, with its source."""
    out = []
    for p in passages:
        heading = p.section[-1] if p.section else p.title or p.source
        out.append(Clause(heading=heading, text=" ".join(p.text.split()), citations=(f"{p.title or p.source} [{p.id}]",)))
    return out
