"""compliance_check: every clause of the catalogue on one table, with the rows that break it."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from ..errors import UnknownName, closest
from ..frames import Frame
from ..values import (
    AgentCapability,
    Badge,
    Block,
    ClauseStatus,
    Code,
    Context,
    Explanation,
    Finding,
    Fold,
    Grid,
    Passage,
    Result,
    Severity,
    Status,
    Text,
    finding,
    plural,
    worst_first,
)
from ._options import Option
from .regulations import (
    CONTRACT_COLUMNS,
    Case,
    Catalogue,
    Clause,
    ClauseResult,
    catalogue,
    clause_hint,
    evaluate,
    read_metadata,
    regulation_of,
    same_clause,
    unused_statements,
)

S = ClauseStatus
NOT_ADVICE = "A check by rules on data and declared facts; not legal advice. The cited texts prevail."
_ORDER = (S.FAIL, S.WARN, S.NEEDS_ATTESTATION, S.NOT_ASSESSED, S.PASS, S.NOT_APPLICABLE)
_WORDS = {
    S.FAIL: "fail",
    S.WARN: "warn",
    S.PASS: "pass",
    S.NOT_APPLICABLE: "not applicable",
    S.NOT_ASSESSED: "not assessed",
    S.NEEDS_ATTESTATION: "to be attested",
}
_SHOWN = 25
_NAMED = 8
"""So many columns that a contract describes in vain are named in one line."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ComplianceResult(Result):
    """The verdict on every clause in ``clauses``; ``counts`` by regulation and status; ``supply`` says what to declare.

    ``unused`` says, line by line, what was declared and could not be used: unknown fields, values that cannot be read.
    """

    clauses: tuple[ClauseResult, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    supply: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    catalogue_version: str = ""
    unused: tuple[str, ...] = ()

    def clause(self, clause_id: str) -> ClauseResult:
        """The verdict on one clause."""
        found = next((c for c in self.clauses if same_clause(c.id, clause_id)), None)
        if found is None:
            known = [c.id for c in self.clauses]
            raise UnknownName("clause", clause_id, known=known, hint=_not_checked(clause_id) or clause_hint(clause_id, known))
        return found

    def explain(self, finding_id: str) -> Explanation:
        """Why a verdict stands: by the id of its finding, of its clause (``GDPR-17``), or by a column (its worst finding)."""
        known = next((f for f in self.findings if f.id == finding_id), None)
        known = known or next((f for f in self.findings if finding_id in f.columns or same_clause(f.rule, finding_id)), None)
        if known is not None:
            return super().explain(known.id)
        clause = next((c for c in self.clauses if same_clause(c.id, finding_id)), None)
        if clause is None:
            names = [c.id for c in self.clauses]
            other = closest(finding_id, [*self.dataset.columns, *(f.id for f in self.findings)])
            near = _not_checked(finding_id) or clause_hint(finding_id, names) or (f"Did you mean `{other}`?" if other else "")
            hint = f"{near} Give a clause such as `{names[0]}`, a column, or the id of a finding.".strip() if names else near
            raise UnknownName("clause, column or finding", finding_id, known=names, hint=hint)
        made = finding_of(clause, self.capability, ())
        return Explanation(finding=made, dataset=self.dataset, capability=self.capability)

    def body(self) -> list[Block]:
        """What was declared in vain, verdicts by regulation, the clauses that want something, what to supply, the rest."""
        out: list[Block] = [*unused_further(self.unused), Text(NOT_ADVICE, tone="note"), counts_grid(self.counts)]
        wanting = [c for c in self.clauses if c.status in (S.FAIL, S.WARN, S.NEEDS_ATTESTATION)]
        out += [clauses_grid(wanting[:_SHOWN], "Clauses that want action", more=max(0, len(wanting) - _SHOWN))] if wanting else []
        out += [supply_grid(self.supply)] if self.supply else []
        rest = [c for c in self.clauses if c.status not in (S.FAIL, S.WARN, S.NEEDS_ATTESTATION)]
        return [*out, Fold(f"All other clauses ({len(rest)})", clauses_by_verdict(rest))] if rest else out

    def found(self) -> list[Block]:
        """The ids of the findings, folded: what they say stands in the body, by clause."""
        tables = {finding_of(c, self.capability, (), c.dataset).id: c.dataset for c in self.clauses if c.status in (S.FAIL, S.WARN)}
        rows = tuple((Code(f.id), Code(f.rule), tables.get(f.id, ""), ", ".join(f.columns)) for f in self.findings)
        grid = without_blank(Grid("Findings", ("id", "clause", "dataset", "columns"), rows))
        return [Fold(f"The same as findings, with ids ({len(rows)})", (grid,))] if rows else []


def check_compliance(
    frame: Frame,
    context: Context,
    *,
    regulations: Annotated[tuple[str, ...], Option("only these regulations: gdpr, ccpa, hipaa, pci, sox, lgpd, pdpa, aia, bcbs")] = (),
    clauses: Annotated[tuple[str, ...], Option("only these clauses, such as GDPR-17; GDPR-32 stands for all clauses below it")] = (),
    metadata: Annotated[Any, Option("what is declared about the table: a mapping, YAML, or an ODCS contract")] = None,
) -> ComplianceResult:
    """Check every clause on the table and what is declared about it; exact over all rows, by rule alone.

    What is missing never passes: such a clause says what to supply. Metadata may also stand in the cell body.
    """
    book = catalogue()
    chosen = book.select(regulations, clauses)
    case, unused = open_case(frame, context, metadata, book)
    asked = frozenset(c.regulation for c in chosen) if regulations or clauses else frozenset()
    results = evaluate_all(case, chosen, book, asked)
    return ComplianceResult(
        capability=AgentCapability.COMPLIANCE_CHECK,
        dataset=frame.ref,
        status=status_of(results),
        summary=before_verdicts(book.taken(clauses), unused) + summary_of(results),
        findings=findings_of(results, AgentCapability.COMPLIANCE_CHECK, context),
        metrics=metrics_of(results),
        notes=(NOT_ADVICE, f"Clause catalogue {book.version}; {plural(len(chosen), 'clause')} checked."),
        clauses=results,
        counts=counts_of(results),
        supply=supply_of(results),
        catalogue_version=book.version,
        unused=unused,
    )


def before_verdicts(taken: str, unused: Sequence[str]) -> str:
    """What comes before the verdicts: the clauses a name was taken for, and that something declared could not be used."""
    lost = f"{plural(len(unused), 'declaration')} could not be used: {unused[0]}" if unused else ""
    return "".join(f"{said} " for said in (taken, lost) if said)


def unused_further(unused: Sequence[str]) -> list[Block]:
    """The lines on what could not be used that the summary does not name."""
    return [Text(line, tone="strong") for line in unused[1:]]


def _not_checked(name: str) -> str:
    """That a clause of the catalogue was left out of this run; blank where it is none."""
    known = next((c.id for c in catalogue().clauses if same_clause(c.id, name)), "")
    return f"It was not checked in this run: add it with clauses=('{known}',)." if known else ""


def open_case(frame: Frame, context: Context, metadata: Any, book: Catalogue) -> tuple[Case, tuple[str, ...]]:
    """The case of one table: metadata read, personal data found; and what was declared in vain, in words."""
    declared, notes = read_metadata(metadata, context.body, book.fields, (frame.name,))
    scan = context.results.get(AgentCapability.PRIVACY_SCAN.value) or _scan(frame, context)
    detected = {name: {d.entity_type: float(d.confidence) for d in found if _whole(d)} for name, found in scan.columns.items()}
    case = Case(frame, context, declared, detected, scan.spans, tuple(scan.notes), tuple(scan.attacks))
    lost = _lost(case, book)
    said = (*_unknown_regulations(case, book), *lost.values(), *_described_without(case, lost), *unused_statements(declared, book))
    return case, (*notes, *said)


def _unknown_regulations(case: Case, book: Catalogue) -> list[str]:
    """Regimes that are said to apply and of which the catalogue has no clause."""
    given = case.metadata["regulations"]
    names = given if isinstance(given, (list, tuple)) else str(given).split(",") if case.metadata.has("regulations") else []
    unknown = [str(n).strip()[:40] for n in names if regulation_of(n, book.regulations) is None]
    near = {n: closest(n, book.regulations) for n in unknown}
    held = ", ".join(book.regulations)
    return [
        f"`regulations` names `{n}`, of which there are no clauses; " + (f"did you mean `{m}`?" if m else f"there are of {held}.")
        for n, m in near.items()
    ]


def _whole(detection: Any) -> bool:
    """Whether a type was asserted for the column itself, not for pieces of its text (those come as spans)."""
    return detection.confidence >= 0.5 and not any(e.source == "text" for e in detection.evidence[:1])


def _scan(frame: Frame, context: Context) -> Any:
    from ._scan import scan_privacy

    return scan_privacy(frame, replace(context, body=""))


def _lost(case: Case, book: Catalogue) -> dict[tuple[str, str], str]:
    """By field and name, what names a column that is not in the table; a purpose may need more columns than one table has."""
    out = {}
    for field_ in book.fields:
        named = case.metadata.columns(field_)
        for name in named:
            near = closest(str(name), case.frame.columns)
            if case.named(name) is None and (field_ != "required_columns" or (near and near not in named)):
                said = f"`{field_}` names `{str(name)[:40]}`, which is not a column"
                out[field_, str(name)] = said + (f"; did you mean `{near}`?" if near else ".")
    return out


def _described_without(case: Case, told: Collection[tuple[str, str]]) -> list[str]:
    """Columns that a contract describes and the table lacks, one by one where another may be meant; a table may hold fewer than it says."""
    said = {name for _, name in told}
    lacking = [n for n in map(str, case.metadata[CONTRACT_COLUMNS] or ()) if case.named(n) is None and n not in said]
    near = {n: closest(n, [c for c in case.frame.columns if c not in lacking]) for n in lacking}
    out = [f"The contract describes `{n[:40]}`, which is not a column; did you mean `{m}`?" for n, m in near.items() if m]
    rest = [f"`{n[:40]}`" for n, m in near.items() if not m]
    more = f" and {len(rest) - _NAMED} more" if len(rest) > _NAMED else ""
    are = "which is not a column" if len(rest) == 1 else "which are not columns"
    return [*out, f"The contract describes {', '.join(rest[:_NAMED])}{more}, {are} of the table."] if rest else out


def evaluate_all(case: Case, chosen: Sequence[Clause], book: Catalogue, asked: frozenset[str]) -> tuple[ClauseResult, ...]:
    """The verdicts, those that want action first, in the order of the catalogue within a status."""
    out = []
    for i, clause in enumerate(chosen):
        case.context.progress.step(f"clause {clause.id}", i / len(chosen))
        out.append(evaluate(case, clause, book, asked))
    return tuple(out)


# -- summing up --------------------------------------------------------------------------------------------------------
def counts_of(results: Sequence[ClauseResult]) -> dict[str, dict[str, int]]:
    """Number of clauses by regulation and status."""
    out: dict[str, dict[str, int]] = {}
    for result in results:
        row = out.setdefault(result.regulation, {s.value: 0 for s in _ORDER})
        row[result.status.value] += 1
    return out


def supply_of(results: Sequence[ClauseResult]) -> dict[str, tuple[str, ...]]:
    """Fields to supply with the clauses that wait for them, the most useful first."""
    waiting: dict[str, list[str]] = {}
    for result in results:
        if result.status in (S.NOT_ASSESSED, S.FAIL, S.WARN):
            for line in result.supply:
                if result.id not in waiting.setdefault(line, []):
                    waiting[line].append(result.id)
    return {line: tuple(ids) for line, ids in sorted(waiting.items(), key=lambda p: (-len(p[1]), p[0]))}


def status_of(results: Sequence[ClauseResult]) -> Status:
    """The status of the run."""
    found = Counter(r.status for r in results)
    if found[S.FAIL] or found[S.WARN]:
        return Status.ISSUES
    if found[S.NOT_ASSESSED] and not found[S.PASS]:
        return Status.NOT_ASSESSED
    return Status.PARTIAL if found[S.NOT_ASSESSED] or found[S.NEEDS_ATTESTATION] else Status.OK


def summary_of(results: Sequence[ClauseResult]) -> str:
    """One paragraph."""
    found = Counter(r.status for r in results)
    failing = [r for r in results if r.status is S.FAIL]
    ordered = sorted(failing, key=lambda r: (-r.severity.rank, -r.violating_rows))
    worst = list(dict.fromkeys(f"{r.id} {r.title} ({r.severity.value})" for r in ordered))
    named = "; ".join(worst[:3])
    parts = [f"{found[s]} {word}" for s, word in _WORDS.items() if found[s] or s in (S.FAIL, S.PASS)]
    head = f"{plural(len(results), 'clause')}: {', '.join(parts)}"
    return f"{head}." + (f" Worst: {named}." if named else "")


def metrics_of(results: Sequence[ClauseResult]) -> dict[str, int]:
    """Counts by status."""
    found = Counter(r.status for r in results)
    return {"clauses": len(results)} | {s.value.lower(): found[s] for s in _ORDER}


def findings_of(results: Sequence[ClauseResult], capability: AgentCapability, context: Context, *, key: str = "") -> tuple[Finding, ...]:
    """One finding for every clause that fails or warns."""
    return worst_first(finding_of(r, capability, context.passages, key) for r in results if r.status in (S.FAIL, S.WARN))


def finding_of(result: ClauseResult, capability: AgentCapability, passages: Sequence[Passage], key: str = "") -> Finding:
    """A verdict as a finding; one that neither fails nor warns is for information."""
    rank = {S.FAIL: result.severity.rank, S.WARN: max(0, result.severity.rank - 1)}.get(result.status, 0)
    verdict = "" if result.status in (S.FAIL, S.WARN) else f"{result.status.value}: "
    return finding(
        capability,
        result.id,
        result.columns,
        f"{f'{key}: ' if key else ''}{reference(result.regulation, result.citation)}, {result.title}: {verdict}{result.message}",
        list(Severity)[rank],
        key=key,
        clause=f"{result.regulation} {result.citation}",
        count=result.violating_rows if result.unit == "rows" else len(result.rows),
        of=result.of,
        rows=result.rows,
        evidence=result.evidence,
        confidence={"high": 0.95, "medium": 0.75}.get(result.confidence, 0.6),
        computation=f"Fails when: {result.check}. Evidence asked for: counts and masked samples"
        + (f"; counted in {result.unit}" if result.unit != "rows" else ""),
        actions=tuple(a for a in (result.remediation, *(f"Supply {s}" for s in result.supply)) if a),
        citations=_citations(result.id, passages),
    )


_MARK = re.compile(r"Check id: (\S+)\.(?=\s|$)")


@functools.lru_cache(maxsize=1_024)
def _explained(text: str) -> frozenset[str]:
    """The clauses a passage says it explains, by their whole ids: PCI-3.3.1 is also how PCI-3.3.1.2 begins."""
    return frozenset(_MARK.findall(text))


def _citations(clause: str, passages: Sequence[Passage]) -> tuple[str, ...]:
    """The passages of a clause, then those of the clauses that explain it, too."""
    wanted = (clause, *_related(clause))
    return tuple(dict.fromkeys(p.id for name in wanted for p in passages if name in _explained(p.text)))


def _related(clause: str) -> tuple[str, ...]:
    """Clauses whose passages explain this one, too."""
    return next((c.see for c in catalogue().clauses if c.id == clause), ())


# -- as blocks ---------------------------------------------------------------------------------------------------------
def counts_grid(counts: Mapping[str, Mapping[str, int]]) -> Grid:
    """Verdicts by regulation."""
    rows = tuple((name.replace("_", " "), *(row.get(s.value) or None for s in _ORDER)) for name, row in counts.items())
    return Grid("Verdicts by regulation", ("regulation", *(s.value.lower().replace("_", " ") for s in _ORDER)), rows)


def reference(regulation: str, citation: str) -> str:
    """Where a clause stands, for reading."""
    return f"{regulation.replace('_', ' ')} {citation}"


def clauses_grid(results: Sequence[ClauseResult], caption: str, more: int = 0) -> Grid:
    """Clauses with their verdicts, the worst first."""
    ordered = sorted(results, key=lambda r: (_ORDER.index(r.status), -r.severity.rank))
    rows = tuple(
        (
            Badge(r.status.value, r.severity if r.status in (S.FAIL, S.WARN) else None),
            Code(r.id),
            reference(r.regulation, r.citation),
            r.title,
            r.message,
            f"{r.violating_rows:,}" + ("" if r.unit == "rows" else f" {r.unit}") if r.violating_rows else None,
            r.todo,
        )
        for r in ordered
    )
    names = ("verdict", "clause", "reference", "title", "finding", "rows", _TODO)
    return without_blank(Grid(caption, names, rows, more=more))


def without_blank(grid: Grid) -> Grid:
    """The grid without the columns in which no row says anything."""
    kept = [i for i in range(len(grid.columns)) if any(row[i] not in (None, "") for row in grid.rows)]
    return replace(grid, columns=tuple(grid.columns[i] for i in kept), rows=tuple(tuple(row[i] for i in kept) for row in grid.rows))


def clauses_by_verdict(results: Sequence[ClauseResult]) -> tuple[Grid, ...]:
    """Clauses in a table for each verdict, which its caption says once, with what every clause in it asks for."""
    worst = sorted(results, key=lambda r: -r.severity.rank)
    groups = ((s, [r for r in worst if r.status is s]) for s in _ORDER)
    return tuple(_of_verdict(s, found) for s, found in groups if found)


def _of_verdict(status: ClauseStatus, results: Sequence[ClauseResult]) -> Grid:
    caption = f"{_WORDS[status].capitalize()} ({len(results)})"
    if status in (S.FAIL, S.WARN):
        return clauses_grid(results, caption)
    plain_ = [says_all(r) for r in results]
    grid = clauses_grid(results, caption + (": supply the fields that the finding names, or attest" if any(plain_) else ""))
    rows = tuple((*row[1:-1], "") if said and grid.columns[-1] == _TODO else row[1:] for row, said in zip(grid.rows, plain_, strict=True))
    return without_blank(replace(grid, columns=grid.columns[1:], rows=rows))


_TODO = "what to do"


def says_all(result: ClauseResult) -> bool:
    """Whether the finding itself names every field to supply, and a statement would do as well."""
    fields = [n for f in result.missing for n in f.split("|")]
    return result.status is S.NOT_ASSESSED and result.attestable and bool(fields) and all(f"`{n}`" in result.message for n in fields)


def supply_grid(supply: Mapping[str, tuple[str, ...]]) -> Fold:
    """What to declare, and which clauses wait for it."""
    rows = tuple(
        (Code(line.partition(": ")[0]), line.partition(": ")[2], len(ids), ", ".join(ids[:8]) + (", …" if len(ids) > 8 else ""))
        for line, ids in supply.items()
    )
    return Fold(
        f"Metadata to supply ({len(rows)} fields)", (Grid("What to declare in metadata", ("field", "meaning", "clauses", "which"), rows),)
    )
