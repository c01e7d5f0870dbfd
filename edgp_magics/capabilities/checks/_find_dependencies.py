"""Dependencies found in the data: columns whose value (nearly) always decides another's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ...values import Severity
from ._model import Rule
from ._run import FAIL, PASS, Outcome
from ._table import CheckTable

_SMALL = 50_000
_COLUMNS = 40
_LEAST = 50
_GROUP = 4
_COVER = 0.5
_BREAK = 0.04
_BETTER = 0.15
_DOUBTED = 0.12
_DOUBTED_BETTER = 0.5
_DOUBTED_CLEAR = 0.9
_CELLS = 4_000_000
_CLEAR = 0.8
_STRAY = 0.12
Codes = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class _Coded:
    name: str
    codes: Codes
    size: int


@dataclass(frozen=True)
class _Dependency:
    """``usual`` is the code of the dependent value usual for each row's group; ``sure`` says that few rows break it."""

    left: str
    right: _Coded
    odd: np.ndarray[Any, np.dtype[np.bool_]]
    usual: Codes
    judged: int
    sure: bool


def find_dependencies(table: CheckTable) -> list[Outcome]:
    """Dependencies that hold, but for a few rows at most, one outcome per dependent column.

    A row is suspect when most of the columns that decide the dependent one disagree with what it says: a wrong city
    breaks all of them, a wrong postcode only its own.
    """
    if table.rows < _LEAST:
        return []
    columns = _coded(table)
    found: dict[str, list[_Dependency]] = {}
    for right in columns:
        for left in columns:
            if left is not right:
                table.progress.step()
                dependency = _judge(left, right)
                if dependency is not None:
                    found.setdefault(right.name, []).append(dependency)
    return [_outcome(table, group) for group in found.values()]


def _coded(table: CheckTable) -> list[_Coded]:
    """Columns that may take part: text with few values; in small tables any column whose values repeat."""
    out: list[_Coded] = []
    for name in table.frame.columns:
        if len(out) >= _COLUMNS:
            break
        made = _encode(table, name)
        if made is not None:
            out.append(made)
    return out


def _encode(table: CheckTable, name: str) -> _Coded | None:
    coded = table.distinct(name)
    if coded is not None:
        return _Coded(name, coded[0].astype(np.int64), len(coded[1])) if len(coded[1]) > 1 else None
    if table.rows > _SMALL or table.column(name).kind not in ("string", "mixed", "integer", "date", "boolean"):
        return None
    series = table.series(name)
    distinct = series.n_unique()
    if not 2 <= distinct <= table.rows / _GROUP:
        return None
    ranks = series.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
    return _Coded(name, ranks, int(ranks.max(initial=-1)) + 1)


def _judge(left: _Coded, right: _Coded) -> _Dependency | None:
    """Whether ``left`` decides ``right`` much better than guessing its most frequent value would.

    Where more rows break it than errors usually do, every group must be clear: errors strike all groups alike, while in
    a mere association some groups are mixed.
    """
    if left.size * right.size > _CELLS:
        return None
    known = (left.codes >= 0) & (right.codes >= 0)
    a, b = left.codes[known], right.codes[known]
    if len(a) < _LEAST:
        return None
    table = np.bincount(a * right.size + b, minlength=left.size * right.size).reshape(left.size, right.size)
    groups = table.sum(axis=1)
    large = groups >= _GROUP
    covered = int(groups[large].sum())
    if covered < _COVER * len(a):
        return None
    tops = table.max(axis=1)
    clear = large & (tops >= _CLEAR * groups)
    broken = 1 - tops[large].sum() / covered
    guess = 1 - table[large].sum(axis=0).max() / covered
    sure = broken <= min(_BREAK, _BETTER * guess)
    if not sure and not (broken <= min(_DOUBTED, _DOUBTED_BETTER * guess) and groups[clear].sum() >= _DOUBTED_CLEAR * covered):
        return None
    usual = table.argmax(axis=1)
    odd = np.zeros(len(left.codes), dtype=bool)
    odd[known] = clear[a] & (usual[a] != b) & (table[a, b] <= _STRAY * groups[a])
    best = np.full(len(left.codes), -1, dtype=np.int64)
    best[known] = usual[a]
    return _Dependency(left.name, right, odd, best, covered, sure=sure) if odd.any() or not broken else None


def _outcome(table: CheckTable, group: list[_Dependency]) -> Outcome:
    """What decides the dependent column, sure ones before doubted ones, and the rows that disagree with most of them."""
    group = [d for d in group if d.sure] or group
    right = group[0].right.name
    votes = np.sum([d.odd for d in group], axis=0)
    odd = votes * 2 > len(group) if len(group) > 2 else votes == len(group)
    best = min(group, key=lambda d: (int(d.odd.sum()), d.left))
    others = sorted(d.left for d in group if d is not best)
    also = f" (as it does from {', '.join(others[:3])}{', …' if len(others) > 3 else ''})" if others else ""
    rule = Rule.of("dependency", (best.left, right), also=others).but(
        severity=Severity.MEDIUM,
        origin="found",
        confidence=0.85,
        support=1 - _BREAK if best.sure else 1.0,
        name=f"{right} follows from {best.left}{also}",
    )
    count = int(odd.sum())
    mask = pl.Series(odd) if count else None
    judged = max(d.judged for d in group)
    repairs = _repairs(table, best, np.flatnonzero(odd)) if count else None
    return Outcome(rule=rule, status=FAIL if count else PASS, failing=count, judged=judged, mask=mask, blamed=(right,), repairs=repairs)


def _repairs(table: CheckTable, dependency: _Dependency, rows: Codes) -> pl.Series:
    """The usual value of the group of each of these rows, as text."""
    codes, wanted = dependency.right.codes, dependency.usual[rows]
    first = np.zeros(dependency.right.size, dtype=np.int64)
    kept = np.flatnonzero(codes >= 0)[::-1]
    first[codes[kept]] = kept
    return table.text(dependency.right.name).gather(first[np.maximum(wanted, 0)])
