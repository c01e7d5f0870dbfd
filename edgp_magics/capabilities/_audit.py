"""regulatory_audit: clauses over several tables with record of processing, controls, gaps and an evidence pack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from ..errors import BadOption, UnknownName, closest
from ..frames import Frame
from ..values import AgentCapability as Cap
from ..values import Badge, Block, Cell, ClauseStatus, Code, Context, Facts, Finding, Fold, Grid, Items, Text, plural, worst_first
from ._check import (
    NOT_ADVICE,
    ComplianceResult,
    before_verdicts,
    clauses_by_verdict,
    counts_grid,
    counts_of,
    evaluate_all,
    findings_of,
    metrics_of,
    open_case,
    reference,
    status_of,
    summary_of,
    supply_grid,
    supply_of,
    unused_further,
)
from ._options import Option
from .regulations import Case, Catalogue, ClauseResult, Metadata, by_clause, catalogue, declared, read_metadata, statements_of
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
        """Datasets, verdicts, changes, gaps, record of processing, overrides, attestations; then what is looked up."""
        out: list[Block] = [*unused_further(self.unused), Text(NOT_ADVICE, tone="note"), _datasets_grid(self.datasets)]
        out.append(counts_grid(self.counts))
        if self.changes is not None:
            out += _changes_blocks(self.changes, {c.id: c.title for c in self.clauses}, self.previous_as_of)
        found = [g for g in self.gaps if g.status in (S.FAIL, S.WARN)]
        out.append(_gaps_grid(found[:_SHOWN], f"Gaps by severity ({len(found)})", more=max(0, len(found) - _SHOWN)))
        out.append(_record_grid(self.record))
        out += [_overrides_grid(self.overrides)] if self.overrides else []
        out += [_requests_grid(self.attestations)] if self.attestations else []
        return [*out, *self._folded()]

    def _folded(self) -> list[Block]:
        """What is long and looked up: what to supply, what is not known, the matrix, every clause."""
        out: list[Block] = [supply_grid(self.supply)] if self.supply else []
        unknown = [g for g in self.gaps if g.status not in (S.FAIL, S.WARN)]
        title = f"Not known yet ({len(unknown)}): facts to supply, or statements to ask for"
        out += [Fold(title, (_gaps_grid(unknown, "Not known yet", more=0),))] if unknown else []
        out.append(Fold(f"Controls matrix ({len(self.controls)} clauses)", (_controls_grid(self.controls, self.datasets),)))
        for d in self.datasets:
            mine = [c for c in self.clauses if c.dataset == d.ref.name]
            known = Facts((("fingerprint", Code(d.ref.fingerprint)), ("sha256", Code(d.sha256))))
            out.append(Fold(f"All clauses of {d.ref.name}, and what was looked at", (known, Items(d.bounds), *clauses_by_verdict(mine))))
        return out


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
    own, said = read_metadata(shared.mapping("datasets").get(name), "", book.fields, (name,))
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


def _gaps_grid(gaps: Sequence[Gap], caption: str, more: int) -> Grid:
    rows = tuple(
        (Badge(g.severity.value, g.severity), g.status.value, Code(g.clause), g.title, g.dataset, g.message, g.rows or None, g.todo)
        for g in gaps
    )
    return Grid(caption, ("severity", "verdict", "clause", "title", "dataset", "gap", "rows", "what to do"), rows, more=more)


def _record_grid(record: tuple[RecordField, ...]) -> Grid:
    rows = tuple((f.dataset, f.item, f.value or "not declared", f.source, f.citation) for f in record)
    return Grid("Record of processing activities (GDPR Art. 30)", ("dataset", "item", "content", "source", "reference"), rows)


def _requests_grid(requests: tuple[AttestationRequest, ...]) -> Grid:
    rows = tuple((Code(a.clause), a.dataset, a.state, a.statement, a.by, a.on, a.expires) for a in requests)
    return Grid("Attestations", ("clause", "dataset", "state", "statement", "by", "on", "until"), rows)


def _overrides_grid(results: tuple[ClauseResult, ...]) -> Grid:
    rows = tuple(
        (Code(r.id), r.dataset, o.computed.value, o.status.value, o.reason, o.by, o.on, o.expires) for r in results if (o := r.override)
    )
    return Grid("Overrides", ("clause", "dataset", "computed", "overridden to", "reason", "by", "on", "until"), rows)


_BROKEN = (S.FAIL.value, S.WARN.value)


def _weighs(change: Change) -> bool:
    """Whether a change is about a clause that is or was broken, or about the data and what is said of it."""
    return not change.clause or change.before.startswith(_BROKEN) or change.after.startswith(_BROKEN)


def _changed(changes: tuple[Change, ...] | None) -> str:
    """The difference to the previous audit in a sentence."""
    if changes is None:
        return ""
    opened = sum(c.kind in ("new gap", "worse", "new clause") and c.after.startswith(_BROKEN) for c in changes)
    closed = sum(c.before.startswith(_BROKEN) and not c.after.startswith(_BROKEN) for c in changes if c.kind in ("closed", "better"))
    return f" Since the previous audit: {plural(opened, 'gap')} opened, {closed} closed."


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


def _controls_grid(controls: tuple[Control, ...], datasets: tuple[AuditedDataset, ...]) -> Grid:
    names = tuple(d.ref.name for d in datasets)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (Code(c.clause), reference(c.regulation, c.citation), c.title, *(c.statuses.get(n, "") for n in names)) for c in controls
    )
    return Grid("Controls matrix", ("clause", "reference", "title", *names), rows)
