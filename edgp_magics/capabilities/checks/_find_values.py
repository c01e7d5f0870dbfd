"""Odd values of a column with a small vocabulary: misspellings of frequent values, and values that hardly occur."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ...values import Dimension, Severity
from ._missing import is_coded_missing
from ._model import Rule
from ._table import CheckTable, plain_counts

_SMALL = 50_000
_VALUES = 3_000
_TIMES = 20
_CLOSED = 60
_CLOSED_COVER = 0.97
_CLOSED_DROP = 20


def find_odd_values(table: CheckTable, name: str) -> Iterable[Rule]:
    """Rules against misspelt values and, where the vocabulary is closed, against rare ones."""
    counts = vocabulary(table, name)
    if len(counts) < 2:
        return
    typos = misspelt(counts)
    if typos:
        rule = Rule.of("not_in_set", name, values=sorted(typos)).but(dimension=Dimension.VALIDITY)
        label = f"{name} spelt as its frequent values are"
        yield rule.but(severity=Severity.MEDIUM, origin="found", confidence=0.9, support=0.8, name=label)
    rest = {v: n for v, n in counts.items() if v not in typos}
    usual = closed_set(rest)
    if usual and len(usual) < len(rest):
        rule = Rule.of("not_in_set", name, values=sorted(set(rest) - usual)).but(dimension=Dimension.VALIDITY)
        yield rule.but(
            severity=Severity.LOW, origin="found", confidence=0.6, support=0.97, name=f"{name} is one of its {len(usual)} usual values"
        )


def vocabulary(table: CheckTable, name: str) -> Mapping[str, int]:
    """Distinct texts with counts, most frequent first, where they are few enough to compare; else empty."""
    counts: Mapping[str, int] = plain_counts(table, name)
    if not counts and table.rows <= _SMALL:
        counted = table.column(name).text_counts
        if counted.height <= _VALUES and counted.height < 0.5 * table.rows:
            counts = dict(counted.iter_rows())
    if not counts:
        return {}
    values = pl.Series(list(counts), dtype=pl.String)
    said = values.filter(~is_coded_missing(values)).to_list()
    return {v: counts[v] for v in sorted(said, key=lambda v: (-counts[v], v))}


def closed_set(counts: Mapping[str, int]) -> frozenset[str]:
    """The usual values when they are few and everything else is far rarer; empty where there is no such gap.

    >>> sorted(closed_set({"a": 500, "b": 300, "c": 200, "x": 3, "y": 1}))
    ['a', 'b', 'c']
    """
    ranked = sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))
    total = sum(counts.values())
    covered, best, drop_best = 0, 0, float(_CLOSED_DROP)
    for place, (_, count) in enumerate(ranked[:_CLOSED], 1):
        covered += count
        drop = count / ranked[place][1] if place < len(ranked) else 0.0
        if covered >= _CLOSED_COVER * total and drop > drop_best:
            best, drop_best = place, drop
    return frozenset(v for v, _ in ranked[:best]) if total >= 50 else frozenset()


@dataclass(frozen=True)
class _Spelling:
    value: str
    count: int
    folded: str


def misspelt(counts: Mapping[str, int]) -> dict[str, str]:
    """Rare values that are a letter or two from a value at least twenty times as frequent: value → what it should be.

    Numbers and short codes are left alone: ``A12`` is no misspelling of ``A13``.

    >>> misspelt({"Singapore": 90, "Malaysia": 40, "Singapor": 2, "SINGAPORE ": 1, "Mali": 1})
    {'SINGAPORE ': 'Singapore', 'Singapor': 'Singapore'}
    """
    every = [_Spelling(v, n, " ".join(v.casefold().split())) for v, n in counts.items()]
    frequent = [s for s in every if s.count >= _TIMES][:1000]
    rare = [s for s in every if frequent and s.count * _TIMES <= frequent[0].count]
    if not frequent or not rare:
        return {}
    out = _same_but_case(frequent, rare)
    near = [s for s in rare if s.value not in out and _wordy(s.folded)]
    return out | _near(frequent, near)


def _same_but_case(frequent: Sequence[_Spelling], rare: Sequence[_Spelling]) -> dict[str, str]:
    known: dict[str, _Spelling] = {}
    for spelling in frequent:
        known.setdefault(spelling.folded, spelling)
    return {s.value: known[s.folded].value for s in rare if s.folded in known and _much(known[s.folded], s) and known[s.folded] != s}


def _near(frequent: Sequence[_Spelling], rare: Sequence[_Spelling]) -> dict[str, str]:
    from rapidfuzz.distance import OSA

    out: dict[str, str] = {}
    for spelling in rare:
        limit = 1 if len(spelling.folded) < 8 else 2
        close = [
            (OSA.distance(spelling.folded, f.folded, score_cutoff=limit), -f.count, f.value)
            for f in frequent
            if abs(len(f.folded) - len(spelling.folded)) <= limit and _much(f, spelling) and _wordy(f.folded)
        ]
        best = min((c for c in close if 0 < c[0] <= limit), default=None)
        if best is not None and _same_digits(best[2], spelling.value):
            out[spelling.value] = best[2]
    return out


def _much(usual: _Spelling, odd: _Spelling) -> bool:
    return odd.count * _TIMES <= usual.count


def _wordy(text: str) -> bool:
    """Whether a text is made of letters enough to speak of spelling."""
    letters = sum(c.isalpha() for c in text)
    return len(text) >= 4 and letters >= math.ceil(0.7 * len(text))


def _same_digits(one: str, other: str) -> bool:
    return [c for c in one if c.isdigit()] == [c for c in other if c.isdigit()]
