"""Conditional rules: what holds for one value of a category and not for the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...frames import Frame
from ...values import Context
from ..checks import Rule
from ..profiling._model import ColumnProfile
from ..profiling._runs import Array
from ..profiling._sample import Sample, draw
from ._model import Draft

_VALUES = 12
_ROWS = 30
_HOLDS = 0.99
_ELSEWHERE = 0.6
_KEPT = 30


def conditions(frame: Frame, profiles: Sequence[ColumnProfile], context: Context) -> Iterator[Draft]:
    """Rules ``if status = 'closed' then balance = 0``: a column is null, given or zero for one value of a category alone."""
    classes = [p for p in profiles if p.logical_type == "categorical" and not p.personal and 2 <= len(p.categories) <= _VALUES]
    if not classes:
        return
    sample = draw(frame, context.seed, len(profiles))
    found = [d for p in classes for d in _of_class(frame, p, profiles, sample, context)]
    yield from found[:_KEPT]


def _of_class(frame: Frame, p: ColumnProfile, profiles: Sequence[ColumnProfile], sample: Sample, context: Context) -> Iterator[Draft]:
    cells = sample.array(p.position)
    for value in p.categories:
        context.progress.step()
        rows = np.asarray(pc.fill_null(pc.equal(cells, value), False).to_numpy(zero_copy_only=False), bool)
        if rows.sum() < _ROWS or (~rows).sum() < _ROWS:
            continue
        sides = [("=", rows)] if len(p.categories) == 2 else [("=", rows), ("<>", _given(cells) & ~rows)]
        for sign, inside in sides:
            when = f"{quoted(p.name)} {sign} {literal(value)}"
            for other in profiles:
                if other.position != p.position:
                    yield from _pair(p, other, when, inside, sample)


def _given(cells: pa.ChunkedArray) -> Array:
    return np.asarray(pc.is_valid(cells).to_numpy(zero_copy_only=False), bool)


def _pair(p: ColumnProfile, other: ColumnProfile, when: str, rows: Array, sample: Sample) -> Iterator[Draft]:
    """``other`` is given, null or zero in (nearly) all of these rows and not in the others."""
    columns, name = (p.name, other.name), quoted(other.name)
    if 0 < other.nulls < other.rows:
        given = _given(sample.array(other.position))
        everywhere = np.ones(len(rows), bool)
        if (shares := _shares(given, rows, everywhere)) is not None:
            yield Draft(
                _rule(columns, when, f"{name} IS NOT NULL"), f"given in {shares[0]:.1%} of these rows, {shares[1]:.1%} of the others"
            )
        if (shares := _shares(~given, rows, everywhere)) is not None:
            yield Draft(_rule(columns, when, f"{name} IS NULL"), f"null in {shares[0]:.1%} of these rows, {shares[1]:.1%} of the others")
    if other.numeric and other.zeros and other.zeros < 0.9 * other.count:
        numbers = sample.numbers(other.position)
        if (shares := _shares(numbers == 0, rows, ~np.isnan(numbers))) is not None:
            yield Draft(_rule(columns, when, f"{name} = 0"), f"zero in {shares[0]:.1%} of these rows, {shares[1]:.1%} of the others")


def _shares(holds: Array, rows: Array, known: Array) -> tuple[float, float] | None:
    """How often it holds in these rows and in the others, where that makes a rule."""
    inside, outside = holds[rows & known], holds[~rows & known]
    if len(inside) < _ROWS or not len(outside):
        return None
    shares = float(inside.mean()), float(outside.mean())
    return shares if shares[0] >= _HOLDS and shares[1] <= _ELSEWHERE else None


def _rule(columns: tuple[str, ...], when: str, then: str) -> Rule:
    return Rule.of("conditional", columns, when=when, then=then)


def quoted(name: str) -> str:
    """A column name as SQL writes it: in double quotes unless plain.

    >>> quoted("age"), quoted('my "col')
    ('age', '"my ""col"')
    """
    return (
        name if name.isidentifier() and name.isascii() and name.islower() and name not in _RESERVED else '"' + name.replace('"', '""') + '"'
    )


_RESERVED = frozenset(
    [
        "all",
        "and",
        "any",
        "as",
        "asc",
        "between",
        "by",
        "case",
        "cast",
        "check",
        "column",
        "create",
        "cross",
        "current_date",
        "default",
        "delete",
        "desc",
        "distinct",
        "drop",
        "else",
        "end",
        "except",
        "exists",
        "false",
        "for",
        "foreign",
        "from",
        "full",
        "grant",
        "group",
        "having",
        "in",
        "index",
        "inner",
        "insert",
        "intersect",
        "into",
        "is",
        "join",
        "key",
        "left",
        "like",
        "limit",
        "not",
        "null",
        "offset",
        "on",
        "or",
        "order",
        "outer",
        "primary",
        "references",
        "right",
        "row",
        "rows",
        "select",
        "set",
        "some",
        "table",
        "then",
        "to",
        "true",
        "union",
        "unique",
        "update",
        "user",
        "using",
        "values",
        "when",
        "where",
        "with",
    ]
)


def literal(value: object) -> str:
    """A value as SQL writes it.

    >>> literal("it's"), literal(3)
    ("'it''s'", '3')
    """
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else "'" + str(value).replace("'", "''") + "'"
