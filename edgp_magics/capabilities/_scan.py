"""privacy_scan: which columns and which pieces of text are personal, how surely, and how easily rows lead to persons."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import polars as pl
import pyarrow as pa

from ..errors import BadOption, FrameChanged, UnknownName, closest
from ..frames import Column, Frame, as_frame
from ..values import AgentCapability as Cap
from ..values import (
    Badge,
    Bar,
    Block,
    Code,
    Context,
    Explanation,
    Finding,
    Fold,
    Grid,
    Plan,
    Result,
    Severity,
    Status,
    Table,
    Text,
    finding,
    mask,
    percent,
    plural,
    worst_first,
)
from ..values import (
    Evidence as Example,
)
from ..values import (
    Facts as FactsBlock,
)
from ._options import Option
from .privacy import (
    BY_ENTITY,
    DISTINCT_SEEN,
    PRESETS,
    Attack,
    ColumnVerdict,
    Detection,
    Facts,
    Risk,
    Transform,
    assess_risk,
    attack_tests,
    deidentify,
    facts_of,
    judge_columns,
    search_quasi_sets,
)
from .privacy._deidentify import Method
from .privacy._ner import Reader, reader_of
from .privacy._text import TextScan, scan_text

QUASI = ("DATE_OF_BIRTH", "POSTAL_CODE", "CITY", "GENDER", "AGE", "NATIONALITY", "MARITAL_STATUS", "RACE_ETHNICITY", "GEO")
SENSITIVE = (
    "HEALTH",
    "SALARY",
    "RELIGION",
    "POLITICAL",
    "SEXUAL_ORIENTATION",
    "TRADE_UNION",
    "GENETIC",
    "CRIMINAL_RECORD",
    "BLOOD_TYPE",
    "RACE_ETHNICITY",
)
_TEXT_ROWS = 50_000
DIRECT_GROUPS = ("direct", "national", "financial", "secret")


@dataclass(frozen=True, kw_only=True, repr=False)
class ScanResult(Result):
    """What is personal in a table.

    ``columns[name]`` holds the asserted types, surest first (empty: not personal); ``runners_up[name]`` what came close.
    ``spans`` has one row per piece of personal text: row position, column, start, end, entity_type, confidence.
    """

    columns: Mapping[str, tuple[Detection, ...]] = field(default_factory=dict)
    runners_up: Mapping[str, tuple[Detection, ...]] = field(default_factory=dict)
    spans: Table = field(default_factory=lambda: Table(_NO_SPANS))
    risk: Risk = field(default_factory=Risk)
    attacks: tuple[Attack, ...] = ()

    @property
    def types(self) -> dict[str, str]:
        """Column → its surest type, for columns that are personal."""
        return {name: found[0].entity_type for name, found in self.columns.items() if found}

    def explain(self, finding_id: str) -> Explanation:
        """Why a finding stands, by its id or by the name of a column; what else the column could be, and what came close."""
        known = {f.id: f for f in self.findings}
        named = next((f for f in self.findings if f.columns == (finding_id,)), known.get(finding_id))
        if named is None and finding_id not in self.columns:
            raise UnknownName("column or finding", finding_id, known=self.columns, hint=_near(finding_id, self.columns))
        if named is None:
            return Explanation(finding=self._not_personal(finding_id), dataset=self.dataset, capability=self.capability)
        found = super().explain(named.id)
        near = _came_close(self.runners_up.get(named.columns[0], ())) if len(named.columns) == 1 else ""
        return replace(found, finding=replace(named, computation=f"{named.computation}. {near}")) if near else found

    def _not_personal(self, name: str) -> Finding:
        """Why nothing is said of a column: as a finding for information, which is not among those of the result."""
        near = self.runners_up.get(name, ())
        return finding(
            Cap.PRIVACY_SCAN,
            "not_personal",
            [name],
            f"`{name}` was not recognised as personal",
            Severity.INFO,
            confidence=1 - max((d.confidence for d in near), default=0.0),
            computation=(_came_close(near) or "no type had evidence to speak of") + ". That is no proof: unknown forms can be missed",
        )

    def deidentify(
        self,
        data: Any,
        *,
        preset: str = "mask",
        key: bytes = b"",
        transforms: Mapping[str, Transform | str | Mapping[str, Any]] | None = None,
        subject: str = "",
        minimum_k: int = 0,
        as_of: dt.date | None = None,
    ) -> Plan:
        """A plan that de-identifies the scanned table by a preset; apply it, then scan again to see that it worked.

        ``transforms`` sets the treatment of columns by name: a method (``"mask"``), or a mapping with its fields
        (``{"method": "generalise", "width": 5}``).
        """
        frame = as_frame(data, name=self.dataset.name)
        types = {name: whole for name, found in self.columns.items() if (whole := [d.entity_type for d in found if not _inside(d)])}
        undone = self._undone(types, PRESETS.get(preset, {}))
        asked = self.run.options if self.run else {}
        if len(self.spans) and frame.fingerprint != self.dataset.fingerprint:
            raise FrameChanged("this is not the table that was scanned: its texts would be cut in wrong places.", hint="Scan it again.")
        return deidentify(
            frame,
            types | {name: [entity] for name, (entity, _) in undone.items()},
            preset=preset,
            transforms={name: method for name, (_, method) in undone.items()} | dict(transforms or {}),
            key=key,
            subject=subject,
            minimum_k=minimum_k,
            quasi=self.risk.quasi_identifiers,
            spans=self.spans,
            texts_read=int(asked.get("text_rows", _TEXT_ROWS)),
            as_of=as_of or (dt.date.fromisoformat(self.run.started[:10]) if self.run else None),
        )

    def _undone(self, types: Mapping[str, list[str]], rules: Mapping[str, Transform]) -> dict[str, tuple[str, Method]]:
        """Columns of hashes that an attack undid, with what they give away: they go where the preset does not keep it."""
        out: dict[str, tuple[str, Method]] = {}
        rest: Method = rules["*"].method if rules else "keep"
        for a in self.attacks:
            given = ["CREDIT_CARD"] if a.kind == "hash_and_truncated_pan" else types.get(a.source, ["VALUE"])
            entity = next((e for e in given if rules and rules.get(e, rules["*"]).method != "keep"), "")
            if entity and a.column not in types:
                out[a.column] = (entity, "suppress" if rest == "keep" else rest)
        return out

    def body(self) -> list[Block]:
        """The personal columns with their evidence, the gravest first, the risk, the attacks, what to do next."""
        blocks: list[Block] = []
        personal = _gravest_first(self.columns)
        if personal:
            rows = tuple(_column_row(name, found) for name, found in personal[:40])
            blocks.append(
                Grid("Personal columns", ("column", "type", "confidence", "match", "group", "why"), rows, more=max(0, len(personal) - 40))
            )
        if len(self.spans):
            blocks.append(_span_grid(self.spans))
        if self.risk.assessed:
            blocks += [_risk_facts(self.risk), Text(_RISK_WORDS, tone="note")]
        if self.risk.sets:
            shown = tuple((", ".join(q.columns), percent(q.unique_share), q.classes) for q in self.risk.sets[:8])
            blocks.append(Grid("Columns that single out rows together", ("columns", "unique rows", "classes"), shown))
        if self.attacks:
            rows = tuple((a.column, a.source, a.algorithm, f"{a.broken} of {a.tried}", a.note) for a in self.attacks)
            blocks.append(Grid("Attacks that work", ("column", "from", "algorithm", "broken", "how"), rows))
        if personal:
            blocks.append(Text(_NEXT, tone="note"))
        close = [(n, d) for n, ds in self.runners_up.items() for d in ds[:1] if d.confidence >= 0.1]
        if close:
            rows = tuple((n, d.entity_type, percent(d.confidence), _why(d)) for n, d in close[:40])
            blocks.append(Fold(f"Came close ({len(close)})", (Grid("Not asserted", ("column", "type", "confidence", "why"), rows),)))
        return blocks


_NEXT = (
    "To de-identify: `.deidentify(table, preset=…)` of this result gives a plan (" + ", ".join(PRESETS) + "), %governance apply PLAN "
    "--approve all makes it, a new scan shows what is left. A preset is a technical measure; this is not legal advice."
)
_RISK_WORDS = (
    "k is the size of the smallest group of rows that these columns do not tell apart, l the fewest sensitive values within a group, t how "
    "far a group's sensitive values are from those of all. The risks are chances to name a person: of whoever knows that somebody is in "
    "the table (prosecutor) or only in the population (journalist), and of whoever tries it on all rows (marketer)."
)
_NO_SPANS: dict[str, list[Any]] = {"row": [], "column": [], "start": [], "end": [], "entity_type": [], "confidence": []}


def scan_privacy(
    frame: Frame,
    context: Context,
    *,
    columns: Annotated[tuple[str, ...], Option("only these columns", kind="column")] = (),
    sample: Annotated[int, Option("rows looked at per column for its type (free text has its own limit)", minimum=100)] = 20_000,
    min_confidence: Annotated[float, Option("assert a type from this confidence on", minimum=0.05, maximum=0.99)] = 0.5,
    free_text: Annotated[bool, Option("look for personal data inside texts")] = True,
    text_rows: Annotated[int, Option("distinct texts read per column", minimum=1)] = _TEXT_ROWS,
    ner: Annotated[Any, Option("a recognizer of yours: text → rows of (start, end, type, confidence), or a Presidio analyzer")] = None,
    risk: Annotated[bool, Option("assess re-identification risk and try attacks on hashes")] = True,
    quasi_identifiers: Annotated[
        tuple[str, ...], Option("columns an intruder may know (found by themselves if not given)", kind="column")
    ] = (),
    sensitive: Annotated[tuple[str, ...], Option("columns whose content must not be given away", kind="column")] = (),
    k_threshold: Annotated[int, Option("classes under this size are too small", minimum=2)] = 5,
    sampling_fraction: Annotated[float, Option("the share of the population that the table holds", minimum=0.000001, maximum=1.0)] = 1.0,
) -> ScanResult:
    """Find personal data column by column and inside texts, and assess how easily rows lead to persons.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> people = as_frame(pd.DataFrame({"mail": ["a.tan@example.org", "b.lim@example.org"], "qty": [1, 2]}), name="people")
    >>> scan_privacy(people, Context()).types
    {'mail': 'EMAIL'}
    """
    step = context.progress.step
    reader = reader_of(ner)
    chosen = [frame.position(name) for name in columns] or range(len(frame.columns))
    facts = []
    for i, position in enumerate(chosen):
        step(f"reading {frame.columns[position]}", 0.3 * i / max(1, len(chosen)))
        source = functools.partial(_column, frame, position)
        facts.append(facts_of(source(), sample, source))
    outside = [] if columns else [facts_of(level, sample) for level in _index_levels(frame, sample)]
    verdicts = judge_columns([*facts, *outside], minimum=min_confidence, progress=context.progress, crew=context.crew)
    indexed = {f.name: v.asserted for f, v in zip(outside, verdicts[len(facts) :], strict=True) if v.asserted}
    verdicts = verdicts[: len(facts)]
    texts = _texts(facts, verdicts, text_rows, context, reader) if free_text else TextScan()
    asserted = {f.name: _merged(v, texts.detections.get(f.name, ())) for f, v in zip(facts, verdicts, strict=True)}
    near = {f.name: v.runners_up for f, v in zip(facts, verdicts, strict=True) if v.runners_up}
    danger = (
        _risk(frame, asserted, quasi_identifiers, sensitive, k_threshold, sampling_fraction, context)
        if risk
        else Risk(note="not asked for", threshold=k_threshold)
    )
    attacks = attack_tests(facts, progress=context.progress) if risk else ()
    step("privacy scan", 1.0)
    findings = worst_first(
        [
            *_column_findings(frame, facts, asserted, texts),
            *_index_findings(frame, indexed),
            *_attack_findings(attacks),
            *_risk_findings(frame, asserted, danger),
        ]
    )
    return ScanResult(
        capability=Cap.PRIVACY_SCAN,
        dataset=frame.ref,
        status=_status(findings, facts, texts),
        summary=" ".join((_summary(frame, facts, asserted, indexed, danger, attacks), *texts.notes[:1])),
        findings=findings,
        metrics=_metrics(asserted, texts, danger, attacks),
        notes=_notes(frame, facts, texts, sample, danger, free_text),
        columns=asserted,
        runners_up=near,
        spans=texts.table,
        risk=danger,
        attacks=attacks,
    )


def _status(findings: Sequence[Finding], facts: Sequence[Facts], texts: TextScan) -> Status:
    """Texts that were not read to the end are no pass."""
    if any(f.severity.rank >= Severity.MEDIUM.rank for f in findings):
        return Status.ISSUES
    if not any(f.filled for f in facts):
        return Status.NOT_ASSESSED
    return Status.PARTIAL if texts.notes else Status.OK


def _column(frame: Frame, position: int) -> Column:
    return _decoded(frame.column(position))


def _decoded(column: Column) -> Column:
    """A column of bytes as the text they are in UTF-8; what is none (an image, a hash) is null. Spans are not sought in it."""
    if column.kind != "binary":
        return column
    cells = [_utf8(v) for v in column.array.to_pylist()]
    return Column(column.name, column.label, column.position, pa.chunked_array([pa.array(cells, pa.large_string())]), "bytes")


def _utf8(cell: bytes | None) -> str | None:
    try:
        return None if cell is None else cell.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _texts(facts: Sequence[Facts], verdicts: Sequence[ColumnVerdict], limit: int, context: Context, reader: Reader | None) -> TextScan:
    """Personal data inside texts; not in bytes, in which no position of a character could be given."""
    read = [(f, v) for f, v in zip(facts, verdicts, strict=True) if f.dtype != "bytes"]
    return scan_text([f for f, _ in read], [v for _, v in read], limit=limit, progress=context.progress, crew=context.crew, ner=reader)


def _bytes_notes(frame: Frame, facts: Sequence[Facts]) -> list[str]:
    """What was read of columns of bytes, in words."""
    out = []
    for f in (f for f in facts if f.dtype == "bytes"):
        filled = f.rows - frame.column(frame.position(f.name)).null_count
        unread = filled - f.cells
        missed = f"; {plural(unread, 'cell')} could not be read" if unread else ""
        out.append(
            f"`{f.name}` holds bytes: {filled - unread:,} of {filled:,} cells are UTF-8 and were judged as whole values, not searched "
            f"piece by piece{missed}."
        )
    return out


def _merged(verdict: ColumnVerdict, inside: Sequence[Detection]) -> tuple[Detection, ...]:
    have = {d.entity_type for d in verdict.asserted}
    return (*verdict.asserted, *(d for d in inside if d.entity_type not in have))


# -- risk ----------------------------------------------------------------------------------------------------------------
def _risk(
    frame: Frame,
    asserted: Mapping[str, tuple[Detection, ...]],
    quasi: tuple[str, ...],
    sensitive: tuple[str, ...],
    threshold: int,
    fraction: float,
    context: Context,
) -> Risk:
    first = {name: found[0].entity_type for name, found in asserted.items() if found and found[0].confidence >= 0.5}
    names = [frame.columns[frame.position(q)] for q in quasi] or [n for n, t in first.items() if t in QUASI]
    secret = [frame.columns[frame.position(s)] for s in sensitive] or [n for n, t in first.items() if t in SENSITIVE and n not in names]
    if set(names) & set(secret):
        raise BadOption(
            "a column cannot be quasi-identifier and sensitive at once.",
            hint=f"Choose one for {', '.join(sorted(set(names) & set(secret)))}.",
        )
    found = assess_risk(frame, names, secret, threshold=threshold, sampling_fraction=fraction, progress=context.progress)
    candidates = [*names, *_candidates(frame, asserted, names, context)]
    return replace(found, sets=search_quasi_sets(frame, candidates, progress=context.progress)) if candidates else found


_HEAD = 100_000
"""Examples of a column come from its first rows."""
SEARCHED = 8
"""At most this many columns are combined in the search for sets that single out rows."""


def _candidates(frame: Frame, asserted: Mapping[str, tuple[Detection, ...]], known: Sequence[str], context: Context) -> list[str]:
    """Further columns of no personal type that may yet single out persons: of a table of persons those whose values recur."""
    if not any(d.group in DIRECT_GROUPS or d.entity_type in QUASI for found in asserted.values() for d in found):
        return []
    out: list[str] = []
    for name, found in asserted.items():
        if len(out) + len(known) >= SEARCHED:
            break
        context.progress.step("risk", 0.7)
        if not found and name not in known and _recurs(frame.column(name)):
            out.append(name)
    return out


def _recurs(column: Column) -> bool:
    """Whether values come more than once, and more than one does: seen on the first rows where they tell."""
    if column.kind not in ("string", "integer", "date", "datetime", "boolean"):
        return False
    rows, first = len(column), pl.Series(column.array.slice(0, _HEAD)).n_unique()
    if 1 < first < min(rows, _HEAD):
        return True
    return rows > _HEAD and 1 < column.series.n_unique() < rows


# -- findings ------------------------------------------------------------------------------------------------------------
def _column_findings(frame: Frame, facts: Sequence[Facts], asserted: Mapping[str, tuple[Detection, ...]], texts: TextScan) -> list[Finding]:
    out = []
    for f in facts:
        for d in asserted.get(f.name, ()):
            out.append(_text_finding(frame, f, d, texts) if _inside(d) else _column_finding(frame, f, d))
    return out


def _inside(d: Detection) -> bool:
    """Whether a type was found in pieces of texts rather than in whole cells."""
    return bool(d.evidence) and d.evidence[0].source == "text"


def _gravest_first(columns: Mapping[str, tuple[Detection, ...]]) -> list[tuple[str, tuple[Detection, ...]]]:
    """Columns that are personal, the gravest first; of each the types of whole cells first, then those inside texts, gravest first."""
    ranked = [(name, tuple(sorted(found, key=lambda d: -_rank(d) if _inside(d) else -9))) for name, found in columns.items() if found]
    return sorted(ranked, key=lambda pair: -max(map(_rank, pair[1])))


def _rank(d: Detection) -> int:
    return Severity(d.severity).rank


def _column_finding(frame: Frame, facts: Facts, d: Detection) -> Finding:
    name = facts.name
    head = _head(facts.column)
    rows = _first_rows(head, d)
    labels = frame.row_labels(rows)
    counted = (
        f"evidence over all {facts.distinct:,} distinct values"
        if d.exact
        else f"evidence over {len(facts.values):,} of {facts.distinct:,} distinct values"
        + (f" in {facts.rows_seen:,} rows" if facts.sampled else "")
    )
    return finding(
        Cap.PRIVACY_SCAN,
        f"holds_{d.entity_type.lower()}",
        [name],
        f"`{name}` holds {_spoken(d.entity_type)} ({percent(d.confidence)} sure)",
        Severity(d.severity),
        count=d.matches,
        of=frame.rows,
        rows=labels,
        evidence=tuple(Example(row=label, column=name, shown=mask(head[p])) for label, p in zip(labels[:3], rows[:3], strict=True)),
        confidence=d.confidence,
        computation=f"{counted}, added in log-odds: {_why(d)}; the count is of cells that match"
        + ("" if d.exact else ", scaled up from the values looked at"),
        actions=_advice(d.entity_type),
    )


def _head(column: Column) -> pl.Series:
    """The text of the first rows: a long column is not made text for the sake of three examples, unless it begins empty."""
    if len(column) <= _HEAD:
        return column.text
    first = replace(column, array=column.array.slice(0, _HEAD), _cache={})
    return first.text if first.null_count < len(first) else column.text


def _first_rows(head: pl.Series, d: Detection) -> list[int]:
    """The first filled rows, of those that have the type's pattern where only part of the column does."""
    pattern = BY_ENTITY[d.entity_type].pattern
    filled: Iterator[tuple[int, str]] = itertools.islice(_filled(head), _BLOCK)
    if d.share <= 0.98 and pattern:
        full = BY_ENTITY[d.entity_type].regex.fullmatch
        filled = ((row, cell) for row, cell in filled if full(cell.strip()))
    return [row for row, _ in itertools.islice(filled, 10)]


def _filled(head: pl.Series) -> Iterator[tuple[int, str]]:
    """The cells that are not empty with their rows, read as far as they are asked for."""
    for start in range(0, len(head), _BLOCK):
        yield from ((row, cell) for row, cell in enumerate(head.slice(start, _BLOCK).to_list(), start) if cell is not None)


_BLOCK = 1_000


def _text_finding(frame: Frame, facts: Facts, d: Detection, texts: TextScan) -> Finding:
    name = facts.name
    rows = texts.rows_of(name, d.entity_type)
    return finding(
        Cap.PRIVACY_SCAN,
        f"text_holds_{d.entity_type.lower()}",
        [name],
        f"texts in `{name}` hold {_spoken(d.entity_type)}",
        Severity(d.severity),
        count=len(rows),
        of=frame.rows,
        rows=frame.row_labels(rows[:10]),
        evidence=_pieces(frame, facts.column, d.entity_type, texts),
        confidence=d.confidence,
        computation=_why(d),
        actions=("redact the spans",),
    )


def _pieces(frame: Frame, column: Column, entity: str, texts: TextScan) -> tuple[Example, ...]:
    """The first pieces of this type, masked; of a secret not even the first character is shown."""
    first = texts.first_of(column.name, entity)
    labels = frame.row_labels([row for row, _, _ in first])
    keep = 0 if BY_ENTITY[entity].group == "secret" else 1
    out = []
    for label, (row, start, end) in zip(labels, first, strict=True):
        text = column.array[row].as_py()
        if isinstance(text, str):
            out.append(Example(row=label, column=column.name, shown=mask(text[start:end], keep=keep), note=f"characters {start} to {end}"))
    return tuple(out)


_SAID = {
    "HEALTH": "health data",
    "GENETIC": "genetic data",
    "BIOMETRIC": "biometric data",
    "POLITICAL": "political opinion",
    "CRYPTO": "crypto wallet",
    "GEO": "coordinates",
}
_LETTERS = frozenset(("IP", "US", "UK", "IBAN", "SWIFT", "IMEI", "IMSI", "ICCID"))
"""Abbreviations that are not of three letters."""


def _spoken(entity: str) -> str:
    """A type as people say it; what is an abbreviation stays one.

    >>> _spoken("PERSON_NAME"), _spoken("IP_ADDRESS"), _spoken("SG_NRIC_FIN"), _spoken("IBAN"), _spoken("HEALTH")
    ('person name', 'IP address', 'SG NRIC FIN', 'IBAN', 'health data')
    """
    if entity in _SAID:
        return _SAID[entity]
    if BY_ENTITY[entity].group == "national" and "_" in entity and len(entity.split("_")[0]) == 2:
        return entity.replace("_", " ")
    return " ".join(w if w in _LETTERS or (len(w) == 3 and w not in ("AGE", "ZIP")) else w.lower() for w in entity.split("_"))


def _advice(entity: str) -> tuple[str, ...]:
    known = {
        "CREDIT_CARD": ("truncate to first six and last four, or replace by a keyed token",),
        "CVV": ("delete: it may not be stored after authorisation",),
        "CARD_TRACK": ("delete: it may not be stored after authorisation",),
        "PASSWORD": ("delete, rotate, and store salted hashes elsewhere",),
        "SECRET": ("rotate the credential now, then delete it from the data",),
    }
    group = BY_ENTITY[entity].group
    return known.get(entity) or {"quasi": ("generalise",), "location": ("generalise",)}.get(group, ("replace by a keyed token or mask",))


def _index_levels(frame: Frame, sample: int) -> list[Column]:
    """The levels of an index that says more than the row number, as columns of text; spread rows of a long one."""
    if not frame.index_names or not frame.rows:
        return []
    step = max(1, frame.rows // sample)
    labels = frame.row_labels(range(0, frame.rows, step))
    rows = [x if isinstance(x, tuple) else (x,) for x in labels]
    levels = zip(frame.index_names, zip(*rows, strict=True), strict=True)
    return [
        Column(name, name, i, pa.chunked_array([pa.array([None if v is None else str(v) for v in values], pa.large_string())]), "index")
        for i, (name, values) in enumerate(levels)
    ]


def _index_findings(frame: Frame, indexed: Mapping[str, tuple[Detection, ...]]) -> list[Finding]:
    return [
        finding(
            Cap.PRIVACY_SCAN,
            f"index_holds_{d.entity_type.lower()}",
            (),
            f"the index `{name}` holds {_spoken(d.entity_type)} ({percent(d.confidence)} sure)",
            Severity(d.severity),
            count=round(d.share * frame.rows),
            of=frame.rows,
            confidence=d.confidence,
            computation=f"evidence over the labels, added in log-odds: {_why(d)}",
            actions=("make it a column (reset_index), so that it is checked and de-identified",),
            key=name,
        )
        for name, found in indexed.items()
        for d in found
    ]


def _attack_findings(attacks: Sequence[Attack]) -> list[Finding]:
    return [
        finding(
            Cap.PRIVACY_SCAN,
            a.kind,
            [a.column],
            a.note,
            Severity.CRITICAL,
            count=a.broken,
            of=a.tried,
            computation=f"the attack was carried out on {plural(a.tried, 'value')}; {a.broken} fell",
            actions=("use a keyed hash (HMAC) and keep the key apart, or delete the column",),
            key=a.source,
        )
        for a in attacks
    ]


def _risk_findings(frame: Frame, asserted: Mapping[str, tuple[Detection, ...]], risk: Risk) -> list[Finding]:
    if not risk.assessed or risk.k is None or risk.k >= risk.threshold or len(risk.quasi_identifiers) < 2:
        return []
    direct = any(d.group in DIRECT_GROUPS for found in asserted.values() for d in found)
    extra = "" if direct else ": without direct identifiers it is still not anonymous"
    return [
        finding(
            Cap.PRIVACY_SCAN,
            "k_anonymity",
            risk.quasi_identifiers,
            f"k = {risk.k}: {plural(risk.below, 'row')} share their quasi-identifiers with fewer than {risk.threshold - 1} others{extra}",
            Severity.MEDIUM if direct else Severity.HIGH if risk.k == 1 else Severity.MEDIUM,
            count=risk.below,
            of=frame.rows,
            computation=(
                f"rows grouped by {', '.join(risk.quasi_identifiers)}; {plural(risk.classes, 'class', 'classes')}, {risk.unique:,} "
                f"of one row"
            ),
            actions=(f"generalise the quasi-identifiers or suppress rows until k is {risk.threshold}",),
        )
    ]


_NAMED = 8
"""So many kinds of personal data are named in the summary, the gravest first."""


# -- words and figures -----------------------------------------------------------------------------------------------
def _summary(
    frame: Frame,
    facts: Sequence[Facts],
    asserted: Mapping[str, tuple[Detection, ...]],
    indexed: Mapping[str, tuple[Detection, ...]],
    risk: Risk,
    attacks: Sequence[Attack],
) -> str:
    if not any(f.filled for f in facts):
        what = "columns" if not asserted else "rows" if not frame.rows else "values"
        return f"No {what} to look at: nothing could be assessed."
    personal = {n: found for n, found in asserted.items() if found}
    if not personal:
        text = f"None of {plural(len(asserted), 'column')} was recognised as personal."
    else:
        held = sorted((d for _, found in _gravest_first(personal) for d in found), key=lambda d: -_rank(d))
        kinds = list(dict.fromkeys(_spoken(d.entity_type) for d in held))
        shown = ", ".join(kinds[:_NAMED]) + (f" and {len(kinds) - _NAMED} more kinds" if len(kinds) > _NAMED + 1 else "")
        verb = "hold" if len(personal) > 1 else "holds"
        text = f"{len(personal)} of {plural(len(asserted), 'column')} {verb} personal data: {shown}."
    if indexed:
        text += " The index holds " + ", ".join(sorted({_spoken(d.entity_type) for found in indexed.values() for d in found})) + "."
    if risk.assessed:
        text += f" k = {risk.k}, {percent(risk.uniqueness)} of rows are unique by {', '.join(risk.quasi_identifiers[:5])}."
    if risk.sets and risk.sets[0].unique_share > max(0.2, risk.uniqueness):
        best = risk.sets[0]
        verb = "together single" if len(best.columns) > 1 else "singles"
        text += f" {', '.join(best.columns)} {verb} out {percent(best.unique_share)} of rows."
    return text + (f" {plural(len(attacks), 'attack')} on hashed columns worked." if attacks else "")


def _metrics(
    asserted: Mapping[str, tuple[Detection, ...]], texts: TextScan, risk: Risk, attacks: Sequence[Attack]
) -> dict[str, float | int | None]:
    groups = [found[0].group for found in asserted.values() if found]
    out: dict[str, float | int | None] = {
        "columns": len(asserted),
        "personal_columns": len(groups),
        "special_columns": sum(g in ("special", "health") for g in groups),
        "secret_columns": groups.count("secret"),
        "spans": len(texts.table),
        "attacks": len(attacks),
    }
    if risk.assessed:
        out |= {
            "k": risk.k,
            "l": risk.l,
            "t": risk.t,
            "uniqueness": risk.uniqueness,
            "prosecutor_risk": risk.prosecutor_max,
            "journalist_risk": risk.journalist_max,
            "marketer_risk": risk.marketer,
        }
    return out


def _notes(frame: Frame, facts: Sequence[Facts], texts: TextScan, sample: int, risk: Risk, free_text: bool) -> tuple[str, ...]:
    notes = []
    if any(f.sampled for f in facts):
        notes.append(f"Types were judged on {sample:,} of {frame.rows:,} rows, evenly spread.")
    if any(f.distinct > len(f.values) for f in facts):
        notes.append(
            f"A column's type rests on {DISTINCT_SEEN} of its distinct values, evenly spread: what {percent(3 / DISTINCT_SEEN)} of them "
            f"hold is missed with a probability of 5 %, what {percent(0.69 / DISTINCT_SEEN)} hold with one of 50 %. What proves itself "
            f"(an e-mail address, a checked number) is looked for in every distinct text."
        )
    notes += [*texts.notes, *_bytes_notes(frame, facts)]
    if not free_text:
        notes.append("Texts were not searched (free_text is off): personal data inside them is not known.")
    if risk.note:
        notes.append(f"Risk: {risk.note}.")
    notes.append(
        "Recognition is by patterns, check digits, gazetteers and context without a language model: rare names and unknown "
        "forms can be missed."
    )
    return tuple(notes)


def _came_close(near: Sequence[Detection]) -> str:
    """The types that were not asserted, in words."""
    told = [f"{_spoken(d.entity_type)} ({percent(d.confidence)}: {_why(d)})" for d in near[:3]]
    return f"Came close: {'; '.join(told)}" if told else ""


def _near(name: str, columns: Mapping[str, Any]) -> str:
    """What may be meant by a name that is neither a column nor a finding."""
    near = closest(name, list(columns))
    said = f"Did you mean `{near}`? " if near else ""
    return f"{said}Give a column, or the id at the end of a finding's row."


def _why(d: Detection) -> str:
    return "; ".join(f"{e.note} ({e.weight:+.1f})" for e in d.evidence)


def _column_row(name: str, found: tuple[Detection, ...]) -> tuple[Any, ...]:
    d = found[0]
    more = f" + {len(found) - 1} more" if len(found) > 1 else ""
    also = f"also {', '.join(x.entity_type for x in found[1:])}; " if more else ""
    return (
        Code(name),
        Badge(d.entity_type + more, max((Severity(x.severity) for x in found), key=lambda s: s.rank)),
        Bar(d.confidence, percent(d.confidence)),
        percent(d.share),
        d.group,
        also + _why(d),
    )


def _span_grid(spans: Table) -> Grid:
    counted: dict[tuple[str, str], int] = {}
    for row in spans:
        counted[row["column"], row["entity_type"]] = counted.get((row["column"], row["entity_type"]), 0) + 1
    gravest = sorted(counted.items(), key=lambda kv: (-_gravity(kv[0][1]), -kv[1], kv[0]))
    rows = tuple((Code(c), t, n) for (c, t), n in gravest[:30])
    return Grid(f"Personal data inside texts ({len(spans):,} spans)", ("column", "type", "spans"), rows, more=max(0, len(counted) - 30))


def _gravity(entity: str) -> int:
    """How grave a type is; places in texts and the types of a recognizer of the user's own are in no table."""
    known = BY_ENTITY.get(entity)
    return known.severity.rank if known is not None else Severity.INFO.rank


def _risk_facts(risk: Risk) -> Block:
    pairs: list[tuple[str, Any]] = [
        ("quasi-identifiers", ", ".join(risk.quasi_identifiers)),
        ("k", risk.k),
        ("unique rows", percent(risk.uniqueness)),
        (f"rows in classes under {risk.threshold}", risk.below),
        ("prosecutor risk", percent(risk.prosecutor_max)),
        ("journalist risk", percent(risk.journalist_max)),
        ("marketer risk", percent(risk.marketer)),
    ]
    pairs += [("l", risk.l)] if risk.l is not None else []
    pairs += [("t", f"{risk.t:.3f}")] if risk.t is not None else []
    return FactsBlock(tuple(pairs))
