"""Cells that are small records (JSON, key=value, the query of a URL), taken apart so that each key is judged as a column is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ...frames import Column
from ._facts import Facts, facts_of, sentence
from ._recognizers import BY_ENTITY
from ._spans import TEXT_LIMIT, Span, find_evident, find_spans
from ._verdict import Detection, judge_columns

KEYS = 60
"""At most this many keys of a column's records are judged, the most frequent first."""
SEEN = 2_000
"""A key's type is judged on at most this many of its values."""
_JSON = re.compile(r'"((?:[^"\\]|\\.){1,60})"\s{0,4}:\s{0,4}(?:"((?:[^"\\]|\\.)*)"|(-?[0-9][0-9.eE+-]{0,40}))')
_PAIR = re.compile(r"(?:^|[?&;,|{\s])([^\W\d][\w.-]{0,40})\s?[=:]\s?(?:\"([^\"]*)\"|'([^']*)'|([^&;,|\s\"'}]+))")
_QUERY = re.compile(r"(?:https?://|/)[^\s?]{0,300}\?")


@dataclass(frozen=True)
class Part:
    """One value of a record: its key and where it stands."""

    key: str
    start: int
    end: int


def parts_of(text: str) -> list[Part]:
    """The values of a cell that is a record, or nothing for other cells.

    >>> [(p.key, p.start, p.end) for p in parts_of('{"tel": "+65 9123 4567", "ok": true}')]
    [('tel', 9, 22)]
    >>> [p.key for p in parts_of("/pay?card=4111&x=1")], parts_of("note: we called the customer back today")
    (['card', 'x'], [])
    """
    text = text[:TEXT_LIMIT]
    if text.lstrip()[:1] in ("{", "["):
        found = list(_parts(_JSON, text))
        if found:
            return found
    if "=" not in text and ":" not in text:
        return []
    found = [p for p in _parts(_PAIR, text) if text[p.start : p.start + 2] != "//"]
    covered = sum(p.end - p.start + len(p.key) + 2 for p in found)
    return found if _QUERY.match(text) or covered >= 0.6 * len(text) else []


def _parts(pattern: re.Pattern[str], text: str) -> Iterator[Part]:
    for m in pattern.finditer(text):
        which = next(i for i in range(2, (m.lastindex or 1) + 1) if m.group(i) is not None)
        yield Part(m.group(1), *m.span(which))


def holds_records(values: Sequence[str]) -> bool:
    """Whether most values of a column are records."""
    return bool(values) and sum(bool(parts_of(v)) for v in values[:32]) >= 0.5 * min(32, len(values))


def spans_of_records(name: str, texts: Iterable[str], sample: int) -> dict[str, tuple[Span, ...]]:
    """Text → what its parts hold: each key is judged by its name and all its values, sentences among them are read."""
    apart = {text: parts_of(text) for text in texts}
    judged = _judged(name, apart, sample)
    out: dict[str, tuple[Span, ...]] = {}
    for text, parts in apart.items():
        spans = tuple(s for p in parts for s in _part_spans(text[p.start : p.end], p, judged.get(p.key, ())))
        if spans:
            out[text] = spans
    return out


def _judged(name: str, apart: Mapping[str, Sequence[Part]], sample: int) -> dict[str, tuple[Detection, ...]]:
    values: dict[str, list[str]] = {}
    for text, parts in apart.items():
        for p in parts:
            cells = values.setdefault(p.key, [])
            if len(cells) < min(SEEN, sample):
                cells.append(text[p.start : p.end])
    common = sorted(values.items(), key=lambda kv: -len(kv[1]))[:KEYS]
    facts = [_facts(key, cells) for key, cells in common]
    return {f.name: v.asserted for f, v in zip(facts, judge_columns(facts), strict=True)}


def _facts(key: str, cells: list[str]) -> Facts:
    return facts_of(Column(key, key, 0, pa.chunked_array([pa.array(cells, pa.large_string())]), "str"), SEEN)


def _part_spans(value: str, part: Part, types: Sequence[Detection]) -> Iterator[Span]:
    whole = next((d for d in types if _has_form(d, value)), None)
    if whole is not None:
        yield Span(part.start, part.end, whole.entity_type, whole.confidence)
        return
    for s in find_spans(value) if sentence(value) else find_evident(value):
        yield s.moved(part.start)


def _has_form(d: Detection, value: str) -> bool:
    r = BY_ENTITY[d.entity_type]
    return not r.pattern or r.regex.fullmatch(value.strip()) is not None
