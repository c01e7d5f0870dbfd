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
_CELLS = 4_000_000
_CLEAR = 0.8
_STRAY = 0.05
Codes = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class _Coded:
    name: str
    codes: Codes
    size: int


@dataclass(frozen=True)
class _Dependency:
    left: str
    right: str
    odd: np.ndarray[Any, np.dtype[np.bool_]]
    judged: int


def find_dependencies(table: CheckTable) -> list[Outcome]:
    """Dependencies that hold but for a few rows, one outcome per dependent column.

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
    return [_outcome(right, group) for right, group in found.items()]


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
    """Whether ``left`` decides ``right`` much better than guessing its most frequent value would."""
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
    broken = 1 - tops[large].sum() / covered
    guess = 1 - table[large].sum(axis=0).max() / covered
    if not 0 < broken <= min(_BREAK, _BETTER * guess):
        return None
    usual = table.argmax(axis=1)
    clear = large & (tops >= _CLEAR * groups)
    odd = np.zeros(len(left.codes), dtype=bool)
    odd[known] = clear[a] & (usual[a] != b) & (table[a, b] <= _STRAY * groups[a])
    return _Dependency(left.name, right.name, odd, covered) if odd.any() else None


def _outcome(right: str, group: list[_Dependency]) -> Outcome:
    votes = np.sum([d.odd for d in group], axis=0)
    odd = votes * 2 > len(group) if len(group) > 2 else votes == len(group)
    best = min(group, key=lambda d: (int(d.odd.sum()), d.left))
    lefts = ", ".join(d.left for d in group[:4]) + (", …" if len(group) > 4 else "")
    judged = max(d.judged for d in group)
    rule = Rule.of("dependency", (best.left, right)).but(
        severity=Severity.MEDIUM,
        origin="found",
        confidence=0.85,
        support=1 - _BREAK,
        name=f"{lefts} -> {right}",
    )
    count = int(odd.sum())
    mask = pl.Series(odd) if count else None
    return Outcome(rule=rule, status=FAIL if count else PASS, failing=count, judged=judged, mask=mask, blamed=(right,))
