"""regulatory_audit: clauses over several tables with record of processing, controls, gaps and an evidence pack."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from ..errors import BadOption, UnknownName, UsageError, closest
from ..frames import Frame
from ..values import AgentCapability as Cap
from ..values import Badge, Block, Cell, ClauseStatus, Code, Context, Finding, Fold, Grid, Text, plural, worst_first
from ._check import (
    NOT_ADVICE,
    ComplianceResult,
    before_verdicts,
    counts_grid,
    counts_of,
    evaluate_all,
    finding_of,
    findings_of,
    metrics_of,
    open_case,
    reference,
    says_all,
    status_of,
    summary_of,
    supply_of,
    unused_further,
    without_blank,
)
from ._options import Option
from .regulations import Case, Catalogue, ClauseResult, Metadata, by_clause, catalogue, clause_list, declared, read_metadata, statements_of
from .regulations._audit_model import (
    AttestationRequest,
    AuditedDataset,
    Change,
    Control,
    Gap,
    RecordField,
    changes_since,
    controls_of,
    gaps_of,
    record_of,
    requests_of,
)
from .regulations._pack import read_previous, write_pack
from .regulations._rules_data import content_sha256

S = ClauseStatus
Statements = Mapping[str, Mapping[str, Any]]
_SHOWN = 40


@dataclass(frozen=True, kw_only=True, repr=False)
class AuditResult(ComplianceResult):
    """Verdicts of all datasets in ``clauses``, and what an auditor asks for; ``save("audit.zip")`` writes the evidence pack."""

    datasets: tuple[AuditedDataset, ...] = ()
    record: tuple[RecordField, ...] = ()
    controls: tuple[Control, ...] = ()
    gaps: tuple[Gap, ...] = ()
    attestations: tuple[AttestationRequest, ...] = ()
    changes: tuple[Change, ...] | None = None
    statements: Mapping[str, Statements] = field(default_factory=dict)
    """Attestations and overrides by dataset, as they were given; the next audit takes them from here."""
    as_of: str = ""
    previous_as_of: str = ""

    @property
    def overrides(self) -> tuple[ClauseResult, ...]:
        """Verdicts that a person replaced."""
        return tuple(c for c in self.clauses if c.override is not None)

    @property
    def title(self) -> str:
        """The heading."""
        return f"Regulatory audit: {', '.join(d.ref.name for d in self.datasets)}"

    def save(self, path: str | Path) -> Path:
        """Write the evidence pack (``.zip``, byte-identical for equal input), or one document as other results do."""
        target = Path(path)
        if target.suffix.lower() == ".zip":
            return write_pack(self, target)
        try:
            return super().save(target)
        except BadOption as error:
            raise BadOption(error.message, hint=f"{error.hint.rstrip('.')}, or .zip for the evidence pack.") from None

    def body(self) -> list[Block]:
        """Each thing once, in the order in which a reader acts: gaps, statements, record of processing; then what is looked up."""
        out: list[Block] = [*unused_further(self.unused), Text(NOT_ADVICE, tone="note"), _datasets_grid(self.datasets)]
        out.append(counts_grid(self.counts))
        if self.changes is not None:
            out += _changes_blocks(self.changes, {c.id: c.title for c in self.clauses}, self.previous_as_of)
        out += _gaps_blocks([g for g in self.gaps if g.status in (S.FAIL, S.WARN)])
        out += _requests_blocks(self.attestations)
        out += [_overrides_grid(self.overrides)] if self.overrides else []
        out += _unknown_blocks(self.clauses, self.supply, len(self.datasets))
        names = tuple(d.ref.name for d in self.datasets)
        out += [_record_grid(self.record, part) for part in _parts(names, _ABREAST)]
        return [*out, *_controls_blocks(self.controls, names), *_other_blocks(self.clauses), _looked_at(self.datasets)]

    def found(self) -> list[Block]:
        """The ids of the findings, folded: what they say stands among the gaps."""
        ids: dict[str, list[str]] = {}
        of = {finding_of(c, self.capability, (), c.dataset).id: c.dataset for c in self.clauses if c.status in (S.FAIL, S.WARN)}
        for f in self.findings:
            ids.setdefault(f.rule, []).append(f"{of.get(f.id, '')} `{f.id}`".strip())
        grid = Grid("", ("clause", "finding"), tuple((Code(rule), ", ".join(named)) for rule, named in ids.items()))
        return [Fold(f"The same as findings, with ids for `why` ({len(self.findings)})", (grid,))] if ids else []


def audit_regulatory(
    frame: Frame,
    context: Context,
    *,
    frames: Annotated[tuple[str, ...], Option("other tables to audit, by name (all that are given, if not named)", kind="frame")] = (),
    regulations: Annotated[tuple[str, ...], Option("only these regulations")] = (),
    clauses: Annotated[tuple[str, ...], Option("only these clauses")] = (),
    metadata: Annotated[Any, Option("what is declared; `datasets:` holds what differs by table; YAML, mapping or ODCS")] = None,
    previous: Annotated[
        Any, Option("the previous audit: a result, its to_dict(), or the path of its .json or .zip", kind="variable")
    ] = None,
) -> AuditResult:
    """Audit one or several tables against the clause catalogue, by rule alone.

    Attestations and overrides of the previous audit are kept until they end; what changed since is listed.
    """
    book = catalogue()
    chosen = book.select(regulations, clauses)
    asked = frozenset(c.regulation for c in chosen) if regulations or clauses else frozenset()
    earlier = read_previous(previous)
    tables = _tables(frame, context, frames)
    shared, unused = _shared(metadata, context.body, tuple(tables), book)
    audited, results = [], []
    days: dict[str, dt.date | None] = {}
    statements = dict(earlier.get("statements") or {})
    for name, table in tables.items():
        view = _context_of(context, tables, name, frame)
        values, told = _metadata_of(shared, name, statements.get(name) or {}, book)
        case, said = open_case(table, view, values, book)
        audited.append(_dataset(case, name))
        statements[name] = statements_of(case.metadata)
        results += [replace(r, dataset=name) for r in evaluate_all(case, chosen, book, asked)]
        days[name] = case.as_of
        for line in (*told, *said):
            unused.setdefault(line, {})[name] = None
    done, lines = tuple(results), _lines(unused, tuple(tables))
    said_first = before_verdicts(book.taken(clauses), lines)
    changes = changes_since(earlier, done, tuple(audited), book.version) if earlier else None
    return AuditResult(
        capability=Cap.REGULATORY_AUDIT,
        dataset=frame.ref,
        status=status_of(done),
        summary=f"{plural(len(tables), 'dataset')} audited. {said_first}{summary_of(done)}{_changed(changes)}",
        findings=_findings(done, context),
        metrics={"datasets": len(tables)} | metrics_of(done),
        notes=(NOT_ADVICE, f"Clause catalogue {book.version}; {plural(len(chosen), 'clause')} per dataset."),
        clauses=done,
        counts=counts_of(done),
        supply=supply_of(done),
        catalogue_version=book.version,
        unused=lines,
        datasets=tuple(audited),
        record=tuple(f for d in audited for f in record_of(d.ref.name, d.metadata, d.categories)),
        controls=controls_of(done),
        gaps=gaps_of(done),
        attestations=requests_of(done, days),
        changes=changes,
        statements=statements,
        as_of=str(max((d for d in days.values() if d), default="")),
        previous_as_of=str(earlier.get("as_of") or ""),
    )


def _tables(frame: Frame, context: Context, names: tuple[str, ...]) -> dict[str, Frame]:
    """The tables to audit by name, the main one first."""
    unknown = [n for n in names if n not in context.frames and n != frame.name]
    if unknown:
        raise UnknownName("frame", unknown[0], known=[frame.name, *context.frames])
    others = names or tuple(sorted(context.frames))
    return {frame.name: frame} | {n: context.frames[n] for n in others if n != frame.name}


def _context_of(context: Context, tables: Mapping[str, Frame], name: str, main: Frame) -> Context:
    """The context of one table: the others beside it, the earlier scan only where it is of this table."""
    others = {**context.frames, **tables}
    others.pop(name, None)
    return replace(context, frames=others, body="", results=context.results if name == main.name else {})


def _shared(given: Any, body: str, names: tuple[str, ...], book: Catalogue) -> tuple[Metadata, dict[str, dict[str, None]]]:
    """What is declared about all tables; and lines on what could not be used, with the tables they concern."""
    shared, said = read_metadata(given, body, {**book.fields, "datasets": "what differs by table"}, names)
    lines = {line: dict.fromkeys(names) for line in said}
    own = shared["datasets"]
    if own is not None and not isinstance(own, Mapping):
        lines["`datasets` is not used: give the fields by table, such as {orders: {retention_days: 730}}."] = dict.fromkeys(names)
    for name in shared.mapping("datasets"):
        if name not in names:
            near = closest(str(name), names)
            said_ = f"`datasets` speaks of `{name}`, which is not audited" + (f"; did you mean `{near}`?" if near else ".")
            lines[said_] = dict.fromkeys(names)
    return shared, lines


def _metadata_of(shared: Metadata, name: str, kept: Mapping[str, Any], book: Catalogue) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What is declared about one table: shared fields, its own, and statements kept from earlier; a new one replaces a kept one."""
    try:
        own, said = read_metadata(shared.mapping("datasets").get(name), "", book.fields, (name,))
    except UsageError as error:
        own, said = Metadata(), (f"What `datasets` says is not used: {error.message.removeprefix('--metadata: ')}",)
    values = {k: v for k, v in shared.values.items() if k != "datasets"} | dict(own.values)
    for field_ in ("attestations", "overrides"):
        given = by_clause(shared[field_]) | by_clause(own[field_])
        if given or kept.get(field_):
            values[field_] = dict(kept.get(field_) or {}) | given
    return values, said


def _lines(unused: Mapping[str, Mapping[str, None]], tables: tuple[str, ...]) -> tuple[str, ...]:
    """What could not be used, with the tables where that does not hold for all."""
    return tuple(line if len(names) == len(tables) else f"{', '.join(names)}: {line}" for line, names in unused.items())


def _dataset(case: Case, name: str) -> AuditedDataset:
    kinds = sorted({t for c in case.personal for t in case.types_in(c)})
    shown = {k: v for k, v in declared(case.metadata).items() if k not in ("attestations", "overrides")}
    return AuditedDataset(
        ref=replace(case.frame.ref, name=name),
        sha256=content_sha256(case),
        personal_columns=case.personal,
        categories=tuple(kinds),
        metadata=shown,
        bounds=(f"clauses: all {case.rows:,} rows", *case.bounds),
    )


def _findings(results: tuple[ClauseResult, ...], context: Context) -> tuple[Finding, ...]:
    names = dict.fromkeys(r.dataset for r in results)
    found = [f for n in names for f in findings_of([r for r in results if r.dataset == n], Cap.REGULATORY_AUDIT, context, key=n)]
    return worst_first(found)


# -- as blocks ---------------------------------------------------------------------------------------------------------
def _datasets_grid(datasets: tuple[AuditedDataset, ...]) -> Grid:
    rows = tuple(
        (
            d.ref.name,
            d.ref.rows,
            len(d.ref.columns),
            ", ".join(d.personal_columns) or "none found",
        )
        for d in datasets
    )
    return Grid("Datasets", ("dataset", "rows", "columns", "personal columns"), rows)


Key = tuple[Cell, ...]


def _by_dataset(rows: Iterable[tuple[Key, str]]) -> dict[Key, str]:
    """Rows that say the same of several datasets as one, with the names of these; in the order in which they first come."""
    found: dict[Key, dict[str, None]] = {}
    for key, dataset in rows:
        found.setdefault(key, {})[dataset] = None
    return {key: ", ".join(names) for key, names in found.items()}


def _gaps_blocks(gaps: Sequence[Gap]) -> list[Block]:
    """What is broken, the worst in sight, the rest folded."""
    merged = _by_dataset(
        ((Badge(g.severity.value, g.severity), g.status.value, Code(g.clause), g.title, g.message, g.rows or None, g.todo), g.dataset)
        for g in gaps
    )
    names = ("severity", "verdict", "clause", "title", "dataset", "gap", "rows", "what to do")
    rows = tuple((*key[:4], datasets, *key[4:]) for key, datasets in merged.items())
    head, rest = rows[:_SHOWN], rows[_SHOWN:]
    out: list[Block] = [without_blank(Grid(f"Gaps by severity ({len(rows)})", names, head))]
    return [*out, Fold(f"{plural(len(rest), 'more gap')}, less severe", (Grid("More gaps", names, rest),))] if rest else out


def _unknown_blocks(clauses: Sequence[ClauseResult], supply: Iterable[str], tables: int) -> list[Block]:
    """The facts to declare, each with the clauses that wait for it; then what is not known for another reason."""
    open_ = [c for c in clauses if c.status is S.NOT_ASSESSED]
    lines = tuple(_to_declare(line, [c for c in clauses if line in c.supply], tables) for line in supply)
    title = f"What to declare ({plural(len(lines), 'field')})" + (f"; {plural(len(open_), 'verdict')} not known yet" if open_ else "")
    names = ("field", "meaning", "clauses that wait for it", "dataset")
    out: list[Block] = [Fold(title, (without_blank(Grid("", names, lines)),))] if lines else []
    others = _by_message([c for c in open_ if not says_all(c)], todo=True)
    return [*out, Fold(f"Not known for another reason ({len(others.rows)})", (others,))] if others.rows else out


def _to_declare(line: str, waiting: Sequence[ClauseResult], tables: int) -> Key:
    """A field, its meaning, the clauses that wait for it, and for which datasets, if not for all."""
    open_ = [c for c in waiting if c.status in (S.NOT_ASSESSED, S.FAIL, S.WARN)]
    names = dict.fromkeys(c.dataset for c in open_)
    field_, _, meaning = line.partition(": ")
    return Code(field_), meaning, clause_list([c.id for c in open_]), ", ".join(names) if len(names) < tables else ""


def _by_message(clauses: Iterable[ClauseResult], *, todo: bool = False) -> Grid:
    """Verdicts by what they rest on, with the clauses of which the same is said."""
    found: dict[Key, list[str]] = {}
    for (message, do, name), datasets in _by_dataset(((c.message, c.todo if todo else "", c.id), c.dataset) for c in clauses).items():
        found.setdefault((message, datasets, do), []).append(str(name))
    rows = tuple((key[0], clause_list(names), *key[1:]) for key, names in found.items())
    return without_blank(Grid("", ("finding", "clauses", "dataset", "what to do"), rows))


def _other_blocks(clauses: Sequence[ClauseResult]) -> list[Block]:
    """Why clauses pass or do not apply, but for those of which a person said so."""
    mine = [c for c in clauses if c.override is None and not (c.attestation and c.attestation.used)]
    out: list[Block] = []
    for status, words in ((S.PASS, "Why clauses pass"), (S.NOT_APPLICABLE, "Why clauses do not apply")):
        grid = _by_message(c for c in mine if c.status is status)
        out += [Fold(f"{words} ({plural(len(grid.rows), 'reason')})", (grid,))] if grid.rows else []
    return out


_ABREAST = 4
"""So many datasets stand beside each other in a table of sentences; of single words twice as many do."""


def _parts(names: tuple[str, ...], size: int) -> list[tuple[str, ...]]:
    return [names[i : i + size] for i in range(0, len(names), size)]


def _record_grid(record: tuple[RecordField, ...], names: tuple[str, ...]) -> Grid:
    said = {(f.item, f.dataset): f"{f.value or 'not declared'}{' (found in the data)' if f.source == 'computed' else ''}" for f in record}
    items = dict.fromkeys((f.item, f.citation) for f in record)
    rows = tuple((item, citation, *(said.get((item, n), "") for n in names)) for item, citation in items)
    return Grid("Record of processing activities (GDPR Art. 30)", ("item", "reference", *names), rows)


def _requests_blocks(requests: tuple[AttestationRequest, ...]) -> list[Block]:
    merged = _by_dataset(((Code(a.clause), a.state, a.statement, a.by, a.on, a.expires), a.dataset) for a in requests)
    rows = tuple((key[0], datasets, *key[1:]) for key, datasets in merged.items())
    states = Counter(str(key[1]) for key in merged)
    how = "Attest in the metadata, by name, day and end: `attestations: {CLAUSE: {by, on, expires, statement}}`."
    names = ("clause", "dataset", "state", "statement", "by", "on", "until")
    grid = without_blank(Grid(f"Attestations ({', '.join(f'{n} {state}' for state, n in states.items())})", names, rows))
    open_ = states.keys() - {"given", "not needed"}
    return [grid, *([Text(how, tone="note")] if open_ else [])] if rows else []


def _overrides_grid(results: tuple[ClauseResult, ...]) -> Grid:
    merged = _by_dataset(
        ((Code(r.id), o.computed.value, o.status.value, o.reason, o.by, o.on, o.expires), r.dataset) for r in results if (o := r.override)
    )
    rows = tuple((key[0], datasets, *key[1:]) for key, datasets in merged.items())
    return without_blank(Grid("Overrides", ("clause", "dataset", "computed", "overridden to", "reason", "by", "on", "until"), rows))


_BROKEN = (S.FAIL.value, S.WARN.value)


def _weighs(change: Change) -> bool:
    """Whether a change is about a clause that is or was broken, or about the data and what is said of it."""
    return not change.clause or change.before.startswith(_BROKEN) or change.after.startswith(_BROKEN)


def _changed(changes: tuple[Change, ...] | None) -> str:
    """The difference to the previous audit in a sentence."""
    if changes is None:
        return ""
    of = [c for c in changes if c.clause and c.kind not in ("computed changed", "rows changed")]
    opened = sum(c.after.startswith(_BROKEN) and not c.before.startswith(_BROKEN) for c in of)
    lost = sum(c.kind == "no longer known" for c in of)
    closed = sum(c.before.startswith(_BROKEN) and not c.after.startswith(_BROKEN) for c in of) - lost
    unknown = f", {lost} no longer known" if lost else ""
    return f" Since the previous audit: {plural(opened, 'gap')} opened, {closed} closed{unknown}."


def _changes_blocks(changes: tuple[Change, ...], titles: Mapping[str, str], day: str) -> list[Block]:
    """What changed for clauses that are or were broken; what else did, folded."""
    weighty = [c for c in changes if _weighs(c)]
    rest = [c for c in changes if not _weighs(c)]
    caption = f"Since the previous audit{f' of {day}' if day else ''} ({plural(len(changes), 'change')})"
    out: list[Block] = [_changes_grid(weighty, titles, caption)] if weighty or not rest else [Text(f"{caption}: none of a broken clause.")]
    return [*out, Fold(f"Changes of other clauses ({len(rest)})", (_changes_grid(rest, titles, "Other clauses"),))] if rest else out


def _changes_grid(changes: Sequence[Change], titles: Mapping[str, str], caption: str) -> Grid:
    rows = tuple(
        (c.kind, c.dataset, Code(c.clause) if c.clause else "", titles.get(c.clause, ""), c.before, c.after) for c in changes[:_SHOWN]
    )
    return Grid(caption, ("what", "dataset", "clause", "title", "before", "after"), rows, more=max(0, len(changes) - _SHOWN))


def _controls_blocks(controls: tuple[Control, ...], names: tuple[str, ...]) -> list[Block]:
    """The verdict on every clause that applies to one of the datasets at least."""
    apply = [c for c in controls if c.worst is not S.NOT_APPLICABLE]
    rest = len(controls) - len(apply)
    aside = f"; {rest} more apply to none of the datasets" if rest else ""
    title = f"Controls matrix ({plural(len(apply), 'clause')}{aside}; blank: does not apply)"
    grids = tuple(_controls_grid(apply, part) for part in _parts(names, 2 * _ABREAST))
    return [Fold(title, grids)] if apply else []


def _controls_grid(controls: Sequence[Control], names: tuple[str, ...]) -> Grid:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (Code(c.clause), reference(c.regulation, c.citation), c.title, *(_applying(c.statuses.get(n, "")) for n in names)) for c in controls
    )
    return Grid("", ("clause", "reference", "title", *names), rows)


def _applying(status: str) -> str:
    return "" if status == S.NOT_APPLICABLE.value else status


def _looked_at(datasets: tuple[AuditedDataset, ...]) -> Fold:
    """The data as it was, to be known again, and how much of it was read."""
    rows = tuple((d.ref.name, Code(d.ref.fingerprint), Code(d.sha256), "; ".join(d.bounds)) for d in datasets)
    grid = Grid("What was looked at", ("dataset", "fingerprint", "sha256", "read"), rows)
    return Fold(f"What was looked at, and its fingerprints ({plural(len(rows), 'dataset')})", (grid,))
