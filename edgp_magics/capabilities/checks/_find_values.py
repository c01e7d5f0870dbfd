"""Odd values of a column with a small vocabulary: misspellings of frequent values, and values that hardly occur."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ...values import Dimension, Severity
from ._model import Rule
from ._table import CheckTable, plain_counts

_SMALL = 50_000
_VALUES = 3_000
_TIMES = 20
_CLOSED = 60
_CLOSED_COVER = 0.97
_CLOSED_DROP = 20
_TIMES_DOUBTED = 5
_DOUBTED = 0.12
_DOZEN = 12
_LEAST = 50


def find_odd_values(table: CheckTable, name: str) -> Iterable[Rule]:
    """Rules against misspelt values and, where the vocabulary is closed, against rare or differently written ones."""
    counts = vocabulary(table, name)
    if len(counts) < 2:
        return
    typos = misspelt(counts)
    doubted = doubted_typos(counts, typos)
    if typos or doubted:
        meant = typos | doubted
        rule = Rule.of("not_in_set", name, values=sorted(meant), meant=meant).but(dimension=Dimension.VALIDITY)
        label = f"{name} spelt as its frequent values are"
        support = 1.0 if doubted else 0.8
        yield rule.but(severity=Severity.MEDIUM, origin="found", confidence=0.9, support=support, name=label)
    rest = {v: n for v, n in counts.items() if v not in typos and v not in doubted}
    usual, support = usual_values(rest)
    if usual and len(usual) < len(rest):
        rule = Rule.of("not_in_set", name, values=sorted(set(rest) - usual)).but(dimension=Dimension.VALIDITY)
        yield rule.but(
            severity=Severity.LOW, origin="found", confidence=0.6, support=support, name=f"{name} is one of its {len(usual)} usual values"
        )


def doubted_typos(counts: Mapping[str, int], known: Mapping[str, str]) -> dict[str, str]:
    """Of a dozen values or fewer, those a letter from another that are only a few times rarer."""
    few = {v: n for v, n in counts.items() if v not in known}
    if len(few) > _DOZEN:
        return {}
    rare = _DOUBTED * sum(counts.values())
    return {v: to for v, to in misspelt(few, times=_TIMES_DOUBTED).items() if few[v] <= rare}


def usual_values(counts: Mapping[str, int]) -> tuple[frozenset[str], float]:
    """The closed vocabulary and the support of its rule: by a drop in frequency, else by the way values are written."""
    usual = closed_set(counts)
    return (usual, _CLOSED_COVER) if usual else (_written_alike(counts), 1.0)


def _written_alike(counts: Mapping[str, int]) -> frozenset[str]:
    """Of a dozen values or fewer, those in the one case of letters that nearly all rows have; empty where all do."""
    if not 3 <= len(counts) <= _DOZEN:
        return frozenset()
    cases = {v: _case(v) for v in counts}
    total = sum(counts.values())
    for case in set(cases.values()):
        alike = frozenset(v for v in counts if cases[v] == case)
        if 2 <= len(alike) < len(counts) and sum(counts[v] for v in alike) >= (1 - _DOUBTED) * total >= _LEAST:
            return alike
    return frozenset()


def _case(text: str) -> str:
    return "lower" if text.islower() else "upper" if text.isupper() else "title" if text[:1].isupper() else "none"


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
    said = values.filter(~table.says_nothing(name, values)).to_list()
    return {v: counts[v] for v in sorted(said, key=lambda v: (-counts[v], v))}


def closed_set(counts: Mapping[str, int]) -> frozenset[str]:
    """The usual values when they are few and everything else is far rarer; empty where there is no such gap.

    >>> sorted(closed_set({"a": 500, "b": 300, "c": 200, "x": 3, "y": 1}))
    ['a', 'b', 'c']
    """
    ranked = sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))
    total = sum(counts.values())
    covered, best, steepest = 0, 0, float(_CLOSED_DROP)
    for place, (_, count) in enumerate(ranked[:_CLOSED], 1):
        covered += count
        fall = count / ranked[place][1] if place < len(ranked) else 0.0
        if covered >= _CLOSED_COVER * total and fall > steepest:
            best, steepest = place, fall
    return frozenset(v for v, _ in ranked[:best]) if total >= _LEAST else frozenset()


@dataclass(frozen=True)
class _Spelling:
    value: str
    count: int
    folded: str


def misspelt(counts: Mapping[str, int], *, times: int = _TIMES) -> dict[str, str]:
    """Rare values that are a letter or two from a value (twenty) times as frequent: value → what it should be.

    Numbers and short codes are left alone: ``A12`` is no misspelling of ``A13``.

    >>> misspelt({"Singapore": 90, "Malaysia": 40, "Singapor": 2, "SINGAPORE ": 1, "Mali": 1})
    {'SINGAPORE ': 'Singapore', 'Singapor': 'Singapore'}
    """
    every = [_Spelling(v, n, " ".join(v.casefold().split())) for v, n in counts.items()]
    frequent = [s for s in every if s.count >= _TIMES][:1000]
    rare = [s for s in every if frequent and s.count * times <= frequent[0].count]
    if not frequent or not rare:
        return {}
    out = _same_but_case(frequent, rare, times)
    near = [s for s in rare if s.value not in out and _wordy(s.folded)]
    return out | _near(frequent, near, times)


def _same_but_case(frequent: Sequence[_Spelling], rare: Sequence[_Spelling], times: int) -> dict[str, str]:
    known: dict[str, _Spelling] = {}
    for spelling in frequent:
        known.setdefault(spelling.folded, spelling)
    meant = {s.value: known.get(s.folded, s) for s in rare}
    return {s.value: meant[s.value].value for s in rare if meant[s.value] != s and _much(meant[s.value], s, times)}


def _near(frequent: Sequence[_Spelling], rare: Sequence[_Spelling], times: int) -> dict[str, str]:
    from rapidfuzz.distance import OSA

    out: dict[str, str] = {}
    for spelling in rare:
        limit = 1 if len(spelling.folded) < 8 else 2
        close = [
            (OSA.distance(spelling.folded, f.folded, score_cutoff=limit), -f.count, f.value)
            for f in frequent
            if abs(len(f.folded) - len(spelling.folded)) <= limit and _much(f, spelling, times) and _wordy(f.folded)
        ]
        best = min((c for c in close if 0 < c[0] <= limit), default=None)
        if best is not None and _same_digits(best[2], spelling.value):
            out[spelling.value] = best[2]
    return out


def _much(usual: _Spelling, odd: _Spelling, times: int) -> bool:
    return odd.count * times <= usual.count


def _wordy(text: str) -> bool:
    """Whether a text is made of letters enough to speak of spelling."""
    letters = sum(c.isalpha() for c in text)
    return len(text) >= 4 and letters >= math.ceil(0.7 * len(text))


def _same_digits(one: str, other: str) -> bool:
    return [c for c in one if c.isdigit()] == [c for c in other if c.isdigit()]
