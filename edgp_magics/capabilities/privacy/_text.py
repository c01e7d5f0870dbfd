"""Personal data inside the texts of a table: which columns are read, which spans are kept, what that says of the column."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...frames import spaced
from ...values import Crew, Progress, Table, plural
from ._facts import Facts, sentence
from ._forms import Forms
from ._ner import Reader
from ._recognizers import BY_ENTITY
from ._records import holds_records, spans_of_records
from ._spans import TEXT_LIMIT, Span, find_evident, find_spans, with_extra
from ._verdict import ColumnVerdict, Detection, Evidence, confidence
from ._words import words

FEW = 10_000
"""The cells of columns of at most so many rows are looked up one by one: that is done before other ways have begun."""
LONG = 1_000_000
"""Columns of more rows are read at evenly spread rows."""
NOT_PERSONAL = frozenset({"URL", "DATE_TIME"})
"""Types that only keep other types off a piece of text."""
SPANS_ONLY = frozenset({"LOCATION", "NATIONALITY", "AGE"})
"""Types too common in prose to make its column personal."""
GUESSED = {"PERSON_NAME": 0.85, "ADDRESS": 0.85}
"""Types that rest on gazetteers and form: only spans this sure (that is, with a cue beside them) count for the column."""
GUESSED_TYPES = frozenset({"PERSON_NAME", "ADDRESS", "LOCATION", "NATIONALITY", "AGE", "POSTAL_CODE"})
"""Types for which a single sentence among codes is no evidence."""
_HINT = "|".join(
    (
        r"@|eyJ|gh[pousr]_|AKIA|sk[-_]|xox|BEGIN|0x[0-9a-fA-F]{40}|\b(?:[13]|bc1)[1-9A-Za-z]{25}|\b[A-Z]{2}[0-9]{2}[ 0-9A-Z]{11}|\^",
        r"[0-9](?:[ -]?[0-9]){12}|[0-9]{3}\.[0-9]{3}\.[0-9]{3}-|[0-9]{11}|[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}",
        r"[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}|[0-9]{6}-[0-9]{7}|756\.[0-9]{4}",
        r"\+\(?[0-9]|\([0-9]{2,5}\) ?[0-9]|0[0-9]{1,4}[ /-][0-9]{3,4}",
        r"(?i:\b[STFGM][0-9]{7}[A-Z]\b)|\b[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Z]\b|[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z]",
        r"[A-Z]{4}[0-9]{6}[HMX]|\b[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Z]\b|\b(?:[0-9]{8}|[XYZ][0-9]{7})-?[A-Z]\b",
        r"\b[1-9][A-Z][0-9A-Z][0-9]-?[A-Z][0-9A-Z][0-9]-?[A-Z]{2}[0-9]{2}\b",
    )
)
"""Cells without any of this hold nothing that proves itself."""
TOGETHER = 64
"""So many short texts are looked at as one."""
SHOWN = 3
"""So many spans of a type are examples of it."""
EVIDENT = words(
    "EMAIL IBAN SECRET CRYPTO CARD_TRACK CREDIT_CARD BR_CPF CN_RESIDENT_ID US_SSN FR_NIR KR_RRN IN_AADHAAR CH_AHV PHONE US_MBI UK_NINO "
    "IT_FISCAL_CODE MX_CURP FI_HETU SG_NRIC_FIN ES_NIF"
)
"""Types that are believed wherever they stand, even in a column of something else."""


@dataclass(frozen=True)
class TextScan:
    """Spans of all texts, and what they say of the columns."""

    table: Table = field(
        default_factory=lambda: Table({"row": [], "column": [], "start": [], "end": [], "entity_type": [], "confidence": []})
    )
    detections: Mapping[str, tuple[Detection, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @functools.cached_property
    def _rows(self) -> dict[tuple[str, str], set[int]]:
        out: dict[tuple[str, str], set[int]] = {}
        for row, column, entity in zip(self.table["row"], self.table["column"], self.table["entity_type"], strict=True):
            out.setdefault((column, entity), set()).add(row)
        return out

    @functools.cached_property
    def _first(self) -> dict[tuple[str, str], list[tuple[int, int, int]]]:
        out: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
        spans = (self.table[name] for name in ("column", "entity_type", "row", "start", "end"))
        for column, entity, *place in zip(*spans, strict=True):
            found = out.setdefault((column, entity), [])
            if len(found) < SHOWN:
                found.append((place[0], place[1], place[2]))
        return out

    def first_of(self, column: str, entity: str) -> list[tuple[int, int, int]]:
        """Row, start and end of the first spans of this type in this column, at most :data:`SHOWN`."""
        return self._first.get((column, entity), [])

    def rows_of(self, column: str, entity: str) -> list[int]:
        """Positions of rows with this type in this column, rising."""
        return sorted(self._rows.get((column, entity), ()))


@dataclass(frozen=True)
class _Reading:
    """One column on its way: how its texts are read, which, how many there are to read in all, and what is not read."""

    facts: Facts
    way: str
    texts: Sequence[str]
    read: int
    notes: tuple[str, ...] = ()


class Texts(NamedTuple):
    """Some texts of a column and how they are read: a piece of work."""

    column: str
    way: str
    texts: Sequence[str]


def scan_text(
    facts: Sequence[Facts],
    verdicts: Sequence[ColumnVerdict],
    *,
    limit: int,
    progress: Progress,
    crew: Crew | None = None,
    ner: Reader | None = None,
) -> TextScan:
    """Read every text column: sentences for all types, everything else for what proves itself."""
    rows: dict[str, list[Any]] = {"row": [], "column": [], "start": [], "end": [], "entity_type": [], "confidence": []}
    detections: dict[str, tuple[Detection, ...]] = {}
    readings = [_to_read(f, verdict, limit) for f, verdict in zip(facts, verdicts, strict=True) if _readable(f)]
    for reading, spans in zip(readings, _read_all(readings, limit, progress, crew or Crew(), ner), strict=True):
        f = reading.facts
        progress.step(f"reading texts in {f.name}", 0.5)
        found = spans if reading.way == "prose" else _beyond_luck(f, spans)
        if found:
            matches = _add_rows(rows, f, found)
            detections[f.name] = _detections(f, found, reading.read, matches)
    return TextScan(Table(rows), detections, tuple(note for reading in readings for note in reading.notes))


def _texts(facts: Facts, limit: int) -> tuple[Sequence[str], int]:
    """The distinct texts to read, and how many there are in all.

    Those of a very long column come from evenly spread rows, and its filled cells stand for their number: to count all of
    them apart would take as much memory as the table.
    """
    if not facts.sampled:
        return facts.texts[:limit], len(facts.texts)
    if facts.rows > LONG and facts.kind == "string":
        cells = spaced(facts.column.array, 2 * limit).to_pylist()
        return list(dict.fromkeys(c for c in cells if c is not None))[:limit], facts.cells
    counted = facts.column.text_counts["value"]
    return counted.head(limit).to_list(), len(counted)


def _readable(facts: Facts) -> bool:
    """Whether a column can hold texts with something in them."""
    return facts.kind in ("string", "mixed", "nested") and not facts.flag and facts.longest >= 6


def _explained(verdict: ColumnVerdict) -> list[str]:
    """The types that most of a column's cells are as a whole."""
    return [d.entity_type for d in verdict.asserted if d.share >= 0.5]


def _to_read(facts: Facts, verdict: ColumnVerdict, limit: int) -> _Reading:
    """Which texts of a column are read, and in which way."""
    read, total = _texts(facts, limit)
    notes = _unread(facts, total, read)
    explained = _explained(verdict)
    if explained:
        rest = _without(_hinted(read), explained)
        return _Reading(facts, "evident", rest if len(rest) < 0.5 * len(read) else (), len(read), notes)
    way = "records" if holds_records(facts.values) else "prose" if facts.sentences >= NOTES else "codes"
    return _Reading(facts, way, read, len(read), notes)


NOTES = 0.25
"""A column of which so many values are sentences is read as notes, however short the others are."""


def _read_all(
    readings: Sequence[_Reading], limit: int, progress: Progress, crew: Crew, ner: Reader | None
) -> list[dict[str, tuple[Span, ...]]]:
    """For each column its texts with their spans; what comes in many texts is shared out."""
    out: list[dict[str, tuple[Span, ...]]] = []
    pieces: list[tuple[int, Texts]] = []
    for at, reading in enumerate(readings):
        here = _read_here(reading, limit, progress, ner)
        out.append(here or {})
        if here is None:
            pieces += [(at, Texts(reading.facts.name, reading.way, part)) for part in _parts(reading.texts)]
    seconds = [_SECONDS[piece.way] * sum(map(len, piece.texts)) for _, piece in pieces]
    done = crew.share(read_texts, [piece for _, piece in pieces], seconds, progress)
    for (at, piece), found in zip(pieces, done, strict=True):
        out[at] |= {piece.texts[i]: spans for i, spans in found}
    return out


def _read_here(reading: _Reading, limit: int, progress: Progress, ner: Reader | None) -> dict[str, tuple[Span, ...]] | None:
    """What is read in one go: records, and sentences where a recognizer of the user's own looks at each."""
    if reading.way == "records":
        return spans_of_records(reading.facts.name, reading.texts, limit)
    if reading.way == "prose" and ner is not None:
        return _spans_by_text(reading.texts, progress, lambda t: _prose(t, ner))
    return None


_SECONDS = {"prose": 8e-7, "codes": 2e-7, "evident": 8e-7}
"""About how long a character takes to read."""
PART = 64
"""So many texts are one piece of work …"""
PART_CHARACTERS = 5_000
"""… or fewer, where they are long."""


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in pieces of work."""
    part: list[str] = []
    size = 0
    for text in texts:
        part.append(text)
        size += len(text)
        if len(part) == PART or size >= PART_CHARACTERS:
            yield part
            part, size = [], 0
    if part:
        yield part


def read_texts(pieces: Sequence[Texts], progress: Progress) -> list[list[tuple[int, tuple[Span, ...]]]]:
    """For each piece the texts that hold something, by their place in it, with their spans."""
    out = []
    for piece in pieces:
        progress.step(f"reading texts in {piece.column}", 0.5)
        texts = _hinted(piece.texts) if piece.way == "codes" else piece.texts
        found = _spans_by_text(texts, progress, _WAYS[piece.way])
        out.append([(i, found[text]) for i, text in enumerate(piece.texts) if text in found])
    return out


@functools.cache
def _codes() -> Forms:
    return Forms({"hint": _HINT})


def _hinted(texts: Sequence[str], together: int = TOGETHER) -> list[str]:
    """The texts with a hint; many are looked at as one, as most hold none, and fewer where one of them does."""
    of = _codes().of
    out: list[str] = []
    for start in range(0, len(texts), together):
        part = texts[start : start + together]
        if of("\n".join(part)):
            out += part if together == 1 else _hinted(part, together // 8)
    return out


def _without(texts: Sequence[str], types: Iterable[str]) -> list[str]:
    """The texts that are not as a whole of one of these types."""
    patterns = [BY_ENTITY[t].regex.fullmatch for t in types if BY_ENTITY[t].pattern]
    return [t for t in texts if not any(p(t.strip()) for p in patterns)]


def _prose(text: str, ner: Reader) -> tuple[Span, ...]:
    return with_extra(text, find_spans(text), ner(text))


def _evident(text: str) -> tuple[Span, ...]:
    return tuple([s for s in find_evident(text) if s.entity_type in EVIDENT])


def _among_codes(text: str) -> tuple[Span, ...]:
    if not sentence(text):
        return _evident(text)
    return tuple(s for s in find_spans(text) if s.entity_type not in GUESSED_TYPES)


_WAYS: dict[str, Callable[[str], Iterable[Span]]] = {"prose": find_spans, "codes": _among_codes, "evident": _evident}


def _spans_by_text(texts: Iterable[str], progress: Progress, read: Callable[[str], Iterable[Span]]) -> dict[str, tuple[Span, ...]]:
    """Text → its spans, for texts that hold any."""
    found: dict[str, tuple[Span, ...]] = {}
    for i, text in enumerate(texts):
        if i % 64 == 0:
            progress.step("reading texts", 0.5)
        spans = tuple([s for s in read(text) if s.entity_type not in NOT_PERSONAL])
        if spans:
            found[text] = spans
    return found


def _unread(facts: Facts, total: int, read: Sequence[str]) -> tuple[str, ...]:
    """What of a column was not read, in words."""
    name = facts.name
    long = sum(len(t) > TEXT_LIMIT for t in read)
    out = []
    if len(read) < total:
        out.append(
            f"`{name}`: {len(read):,} distinct texts of {total:,} were read; what 1 in {max(1, len(read) // 3):,} texts holds "
            f"is missed with a probability of 5 %."
        )
    if long:
        out.append(f"`{name}`: {plural(long, 'text')} longer than {TEXT_LIMIT:,} characters; what stands behind was not read.")
    return tuple(out)


def _beyond_luck(facts: Facts, found: Mapping[str, tuple[Span, ...]]) -> dict[str, tuple[Span, ...]]:
    """The spans less the types that luck explains.

    Random digits pass a check now and then: a type stays only where at least half of the pieces with its form pass. Where
    the form fills the whole column, the column's own verdict has decided, and pieces do not overrule it.
    """
    tried: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    for spans in found.values():
        for s in spans:
            tried[s.entity_type] += 1
            passed[s.entity_type] += s.confidence > 0
    kept = {e for e, n in passed.items() if n and 2 * n >= tried[e] and not _fills(facts, e)}
    out = {t: tuple(s for s in spans if s.confidence and s.entity_type in kept) for t, spans in found.items()}
    return {t: spans for t, spans in out.items() if spans}


def _fills(facts: Facts, entity: str) -> bool:
    r = BY_ENTITY.get(entity)
    return bool(r and r.pattern) and sum(r.regex.fullmatch(v) is not None for v in facts.values if r) >= 0.5 * len(facts.values)


def _add_rows(rows: dict[str, list[Any]], facts: Facts, found: Mapping[str, tuple[Span, ...]]) -> Counter[str]:
    """Write one line per span and row; returned is in how many rows each type stands."""
    matches: Counter[str] = Counter()
    together: Counter[frozenset[str]] = Counter()
    lines = {text: _lines(spans) for text, spans in found.items()}
    for position, value in _places(facts, list(found)):
        start, end, entity, sure, types = lines[value]
        rows["row"] += [position] * len(start)
        rows["start"] += start
        rows["end"] += end
        rows["entity_type"] += entity
        rows["confidence"] += sure
        together[types] += 1
    rows["column"] += [facts.name] * (len(rows["row"]) - len(rows["column"]))
    for types, count in together.items():
        matches.update(dict.fromkeys(types, count))
    return matches


def _lines(spans: Sequence[Span]) -> tuple[list[int], list[int], list[str], list[float], frozenset[str]]:
    """Where the spans of a text start and end, their types, how sure they are, and which types there are."""
    entities = [s.entity_type for s in spans]
    return [s.start for s in spans], [s.end for s in spans], entities, [round(s.confidence, 2) for s in spans], frozenset(entities)


def _places(facts: Facts, texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Every row that holds one of the texts, piece by piece: a long column is never copied whole."""
    import polars as pl

    column = facts.column
    if len(column) <= FEW:
        cells = column.array.to_pylist() if column.kind == "string" else column.text.to_list()
        known = set(texts)
        yield from ((row, cell) for row, cell in enumerate(cells) if cell in known)
        return
    wanted = pl.Series(texts, dtype=pl.String).implode()
    whole = None if column.kind == "string" else column.text
    for start in range(0, len(column), LONG):
        piece = pl.Series(column.array.slice(start, LONG), dtype=pl.String) if whole is None else whole.slice(start, LONG)
        rows = piece.is_in(wanted).fill_null(value=False).arg_true()
        yield from zip((rows + start).to_list(), piece.gather(rows).to_list(), strict=True)


def _detections(facts: Facts, found: Mapping[str, tuple[Span, ...]], read: int, matches: Mapping[str, int]) -> tuple[Detection, ...]:
    counts: Counter[str] = Counter()
    best: dict[str, float] = {}
    for spans in found.values():
        for s in spans:
            counts[s.entity_type] += s.confidence >= GUESSED.get(s.entity_type, 0.0)
            best[s.entity_type] = max(best.get(s.entity_type, 0.0), s.confidence)
    filled = facts.cells
    return tuple(
        _detection(entity, count, best[entity], read, matches[entity], filled)
        for entity, count in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))
        if entity not in SPANS_ONLY
        and entity in BY_ENTITY
        and _enough(entity, count, best[entity], read, 0.02 if facts.prose else 0.1)
        and (entity != "PHONE" or facts.prose or matches[entity] >= 0.02 * filled)
    )


def _enough(entity: str, count: int, best: float, read: int, share: float) -> bool:
    """Names and addresses are guessed and need company, the more where few texts are sentences; what carries its own proof does not."""
    if entity in ("PERSON_NAME", "ADDRESS"):
        return count >= max(2, share * read)
    return best >= 0.9 or count >= 2


def _detection(entity: str, count: int, best: float, read: int, rows: int, filled: int) -> Detection:
    r = BY_ENTITY[entity]
    note = f"{plural(count, 'span')} in {read:,} distinct texts, the surest {best:.2f}"
    return Detection(
        entity_type=entity,
        confidence=confidence(8 * best - 4.5 + min(2.0, count / 5)),
        matches=rows,
        of=filled,
        group=r.group,
        severity=r.severity.value,
        evidence=(Evidence("text", round(8 * best - 4.5, 2), note),),
    )
