"""Personal data inside the texts of a table: which columns are read, which spans are kept, what that says of the column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...values import Progress, Table
from ._facts import Facts
from ._recognizers import BY_ENTITY
from ._spans import TEXT_LIMIT, Span, find_evident, find_spans, with_extra
from ._verdict import ColumnVerdict, Detection, Evidence, confidence

Ner = Callable[[str], Iterable[Sequence[Any]]]
"""A recognizer of the user's: text → rows of start, end, entity type, confidence."""
NOT_PERSONAL = frozenset({"URL", "DATE_TIME"})
"""Types that only keep other types off a piece of text."""
SPANS_ONLY = frozenset({"LOCATION", "NATIONALITY", "AGE"})
"""Types too common in prose to make its column personal."""
SELF_EVIDENT = frozenset({"EMAIL", "IBAN", "SECRET", "CRYPTO", "CARD_TRACK"})
"""Types that are believed wherever they stand, even in a column of something else."""
GUESSED = {"PERSON_NAME": 0.85, "ADDRESS": 0.85}
"""Types that rest on gazetteers and form: only spans this sure (that is, with a cue beside them) count for the column."""
_HINT = r"@|eyJ|gh[pousr]_|AKIA|sk[-_]|xox|BEGIN|0x[0-9a-fA-F]{40}|\b(?:[13]|bc1)[1-9A-Za-z]{25}|\b[A-Z]{2}[0-9]{2}[ 0-9A-Z]{11}|\^"
_HINTED = re.compile(_HINT)


@dataclass(frozen=True)
class TextScan:
    """Spans of all texts, and what they say of the columns."""

    table: Table = field(
        default_factory=lambda: Table({"row": [], "column": [], "start": [], "end": [], "entity_type": [], "confidence": []})
    )
    detections: Mapping[str, tuple[Detection, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def rows_of(self, column: str, entity: str) -> list[int]:
        """Positions of rows with this type in this column, rising."""
        return sorted({r["row"] for r in self.table if r["column"] == column and r["entity_type"] == entity})


def scan_text(
    facts: Sequence[Facts], verdicts: Sequence[ColumnVerdict], *, limit: int, progress: Progress, ner: Ner | None = None
) -> TextScan:
    """Read every text column that is not already explained as a whole."""
    rows: dict[str, list[Any]] = {"row": [], "column": [], "start": [], "end": [], "entity_type": [], "confidence": []}
    detections: dict[str, tuple[Detection, ...]] = {}
    notes: list[str] = []
    for f, verdict in zip(facts, verdicts, strict=True):
        if not _worth_reading(f, verdict):
            continue
        found, read = _spans_by_text(f, limit, progress, ner)
        total = f.column.text_counts.height if f.sampled else len(f.texts)
        if read < total and f.prose:
            notes.append(
                f"`{f.column.name}`: {read:,} of {total:,} distinct texts were read; what 1 in {max(1, read // 3):,} texts holds "
                f"is missed with a probability of 5 %."
            )
        found = _beyond_luck(f, found)
        if found:
            _add_rows(rows, f, found)
            detections[f.column.name] = _detections(f, found, read)
    return TextScan(Table(rows), detections, tuple(notes))


def _worth_reading(facts: Facts, verdict: ColumnVerdict) -> bool:
    if facts.kind not in ("string", "mixed", "nested") or facts.flag or facts.mean_length < 6:
        return False
    return not any(d.share >= 0.5 for d in verdict.asserted)


def _spans_by_text(facts: Facts, limit: int, progress: Progress, ner: Ner | None) -> tuple[dict[str, tuple[Span, ...]], int]:
    """Text → its spans, for distinct texts that hold any; and how many texts were looked at."""
    values, read = _texts(facts, limit)
    found: dict[str, tuple[Span, ...]] = {}
    read_text = find_spans if facts.prose else find_evident
    for i, text in enumerate(values):
        if i % 64 == 0:
            progress.step(f"reading texts in {facts.column.name}", 0.5)
        seen = read_text(text)
        if ner is not None and facts.prose:
            seen = with_extra(text, seen, ner)
        spans = tuple(s for s in seen if s.entity_type not in NOT_PERSONAL and (facts.prose or s.entity_type in SELF_EVIDENT))
        if spans:
            found[text] = spans
    return found, read


def _texts(facts: Facts, limit: int) -> tuple[Sequence[str], int]:
    """The distinct texts to read: those of the facts, or of the whole column where the facts rest on a sample."""
    if facts.sampled:
        counted = facts.column.text_counts["value"].head(limit)
        hinted = counted if facts.prose else counted.filter(counted.str.contains(_HINT).fill_null(value=False))
        return hinted.to_list(), len(counted)
    texts = facts.texts[:limit]
    return texts if facts.prose else [t for t in texts if _HINTED.search(t, 0, TEXT_LIMIT)], len(texts)


def _beyond_luck(facts: Facts, found: dict[str, tuple[Span, ...]]) -> dict[str, tuple[Span, ...]]:
    """Without cells that are nothing but a checked number where the column is full of failing ones: about 1 in 97 passes by luck."""
    whole = [
        t
        for t, spans in found.items()
        if len(spans) == 1 and spans[0].entity_type == "IBAN" and spans[0].end - spans[0].start >= len(t.strip())
    ]
    pattern = BY_ENTITY["IBAN"].regex
    alike = sum(pattern.fullmatch(v) is not None for v in facts.values)
    if not whole or alike < 5 or len(whole) > 0.1 * facts.distinct:
        return found
    return {t: s for t, s in found.items() if t not in set(whole)}


def _add_rows(rows: dict[str, list[Any]], facts: Facts, found: Mapping[str, tuple[Span, ...]]) -> None:
    for position, text in enumerate(facts.column.text.to_list()):
        for s in found.get(text, ()) if text is not None else ():
            rows["row"].append(position)
            rows["column"].append(facts.column.name)
            rows["start"].append(s.start)
            rows["end"].append(s.end)
            rows["entity_type"].append(s.entity_type)
            rows["confidence"].append(round(s.confidence, 2))


def _detections(facts: Facts, found: Mapping[str, tuple[Span, ...]], read: int) -> tuple[Detection, ...]:
    counts: Counter[str] = Counter()
    best: dict[str, float] = {}
    for spans in found.values():
        for s in spans:
            counts[s.entity_type] += s.confidence >= GUESSED.get(s.entity_type, 0.0)
            best[s.entity_type] = max(best.get(s.entity_type, 0.0), s.confidence)
    out = []
    for entity, count in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])):
        if entity not in SPANS_ONLY and entity in BY_ENTITY and _enough(entity, count, best[entity], read):
            out.append(_detection(facts, entity, count, best[entity], read))
    return tuple(out)


def _enough(entity: str, count: int, best: float, read: int) -> bool:
    """Names and addresses are guessed and need company; what carries its own proof does not."""
    if entity in ("PERSON_NAME", "ADDRESS"):
        return count >= max(2, 0.02 * read)
    return best >= 0.9 or count >= 2


def _detection(facts: Facts, entity: str, count: int, best: float, read: int) -> Detection:
    r = BY_ENTITY[entity]
    note = f"{count:,} spans in {read:,} distinct texts, the surest {best:.2f}"
    return Detection(
        entity_type=entity,
        confidence=confidence(8 * best - 4.5 + min(2.0, count / 5)),
        matches=count,
        of=max(facts.filled, count),
        group=r.group,
        severity=r.severity.value,
        evidence=(Evidence("text", round(8 * best - 4.5, 2), note),),
    )
