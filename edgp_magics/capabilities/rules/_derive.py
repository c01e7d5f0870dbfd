"""Candidate rules from a profile: what the columns, and pairs of them, look as if they keep to."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...frames import Frame
from ...values import Context, plural
from .._profile import ProfileResult
from ..checks import TYPES, CheckTable, Rule
from ..checks._find_numbers import robust_bounds
from ..checks._find_pairs import find_pairs
from ..checks._find_values import doubted_typos, misspelt, usual_values
from ..profiling._model import ColumnProfile
from ..profiling._semantic import sample_texts
from ._conditions import conditions
from ._model import Draft
from ._patterns import pattern_of

_NULLS = 0.05
_SET = 60
_LEVELS = 10
_NAMED = 6
_SEVERAL = 5
_LEAST = 20
_FRESH_DAYS = 45


def drafts(frame: Frame, profile: ProfileResult, context: Context) -> Iterator[Draft]:
    """Every rule that the profile suggests, not yet counted."""
    if not frame.rows or not frame.columns:
        return
    yield from _table(frame, profile)
    for p in profile.columns.values():
        context.progress.step(f"looking for rules on {p.name[:40]}")
        if p.count:
            yield from _column(frame, p, context)
    yield from _between(frame, profile, context)


# -- the table ---------------------------------------------------------------------------------------------------
def _table(frame: Frame, profile: ProfileResult) -> Iterator[Draft]:
    rule = Rule.of("row_count", min=max(1, frame.rows // 2), max=frame.rows * 2)
    yield Draft(rule, f"half to twice today's {frame.rows:,} rows")
    for key in profile.keys:
        if len(key.columns) > 1 and key.exact:
            yield Draft(
                Rule.of("unique_combo", key.columns), f"no combination repeats, where chance would give {key.chance or 0:,.0f} repeats"
            )


def _between(frame: Frame, profile: ProfileResult, context: Context) -> Iterator[Draft]:
    table = CheckTable(frame, context.progress)
    for rule in find_pairs(table):
        if all(c in profile.columns for c in rule.columns):
            yield Draft(Rule.of("pair", rule.columns, op="<="), "nearly every row keeps this order")
    for d in profile.dependencies:
        yield Draft(Rule.of("dependency", (*d.left, d.right)), f"{d.groups:,} groups, g3 error {d.g3:.4f}")
    for i in profile.inclusions:
        yield Draft(Rule.of("relationship", i.column, frame=i.ref, columns=(i.ref_column,)), f"values occur in {i.ref}.{i.ref_column}")
    yield from conditions(frame, list(profile.columns.values()), context)


# -- one column --------------------------------------------------------------------------------------------------
def _column(frame: Frame, p: ColumnProfile, context: Context) -> Iterator[Draft]:
    if p.nulls <= _NULLS * p.rows:
        yield Draft(Rule.of("not_null", p.name), "hardly ever null" if p.nulls else "never null")
    if p.rows >= _LEAST and _names_rows(p):
        yield Draft(Rule.of("unique", p.name), "names rows" if p.identifier else "never repeats")
    if p.kind in ("string", "mixed"):
        yield from _text(frame, p)
    elif p.numeric:
        yield from _number(frame, p)
    elif p.kind in ("date", "datetime"):
        yield from _date(p, context.as_of)


def _names_rows(p: ColumnProfile) -> bool:
    if p.identifier:
        return True
    return p.unique and p.kind == "string" and p.logical_type != "free_text" and not p.nulls


def _text(frame: Frame, p: ColumnProfile) -> Iterator[Draft]:
    meant = _meant(p)
    values = _closed(p, meant)
    if values:
        yield Draft(Rule.of("in_set", p.name, values=values), _left_out(p, values, meant))
        return
    if p.semantic_type in TYPES and p.semantic_share >= 0.8:
        yield Draft(Rule.of("type_is", p.name, type=p.semantic_type), f"{p.semantic_share:.0%} of a sample are valid")
        return
    if p.rows >= _LEAST and p.logical_type not in ("free_text", "categorical"):
        pattern = pattern_of(p, sample_texts(frame.column(p.position)).to_list())
        if pattern is not None:
            yield Draft(Rule.of("regex", p.name, pattern=pattern), f"{len(p.shapes)} character patterns, few of them usual")
            return
    if p.lengths is not None and p.rows >= _LEAST and p.lengths.max < 10_000:
        yield Draft(Rule.of("length", p.name, **_lengths(p)), f"{p.lengths.min} to {p.lengths.max} characters today")


def _lengths(p: ColumnProfile) -> dict[str, int]:
    """The lengths there are; where they vary, with room above."""
    assert p.lengths is not None
    low, high = p.lengths.min, p.lengths.max
    often = [n for n, c in p.lengths.counts if c >= 0.01 * p.count]
    fixed = p.identifier and len(often) <= 6 and sum(c for n, c in p.lengths.counts if n in often) >= 0.95 * p.count
    if fixed:
        return {"min": min(often), "max": max(often)}
    return {"min": min(low, 1) if low else 0, "max": _round_up(high * 1.25)}


def _round_up(value: float) -> int:
    size = 10 ** max(0, math.floor(math.log10(max(1.0, value))))
    return int(math.ceil(value / size * 2) / 2 * size) if size > 1 else math.ceil(value)


def _meant(p: ColumnProfile) -> dict[str, str]:
    """What the categories that are misspelt, or written in other letters or with stray blanks, should be."""
    typos = misspelt(p.categories)
    return typos | doubted_typos(p.categories, typos)


def _closed(p: ColumnProfile, meant: Mapping[str, str]) -> list[str]:
    """The vocabulary of a column that is not personal, without the rare and the misspelt values, when it is small."""
    if p.personal or p.logical_type != "categorical" or not p.categories or p.rows < _LEAST:
        return []
    rest = {v: n for v, n in p.categories.items() if v not in meant}
    usual, _ = usual_values(rest)
    covered = sum(p.categories.values())
    if not usual and p.distinct - len(meant) <= _SET and covered >= 0.95 * p.count:
        usual = frozenset(rest)
    return sorted(usual) if usual and len(usual) <= _SET else []


def _left_out(p: ColumnProfile, values: list[str], meant: Mapping[str, str]) -> str:
    """How much of the column the values are, and which others are not accepted, but for those that hardly occur and are no misspelling."""
    odd = {v: n for v, n in p.categories.items() if v in meant and v not in values}
    other = p.count - sum(odd.values()) - sum(p.categories[v] for v in values)
    text = f"{plural(len(values), 'value')} make up nearly all rows"
    if odd:
        text += f"; {plural(sum(odd.values()), 'row')} spelt otherwise: {_named(odd)}"
    if other:
        several = {v: n for v, n in p.categories.items() if v not in odd and v not in values and n >= _SEVERAL}
        text += f"; {plural(other, 'row')} with other values" + (f": {_named(several)}" if several else "")
    return text


def _named(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))
    listed = ", ".join(f"{v!r} {n:,}x" for v, n in ranked[:_NAMED])
    return listed + (f" and {len(ranked) - _NAMED:,} more" if len(ranked) > _NAMED else "")


def _number(frame: Frame, p: ColumnProfile) -> Iterator[Draft]:
    if p.identifier or p.count < _LEAST or p.distinct < 2:
        return
    whole = p.kind == "integer"
    if whole and p.distinct <= _LEVELS and p.top and p.max - p.min >= p.distinct:
        values = sorted(t.value for t in p.top if t.count >= 0.001 * p.count)
        yield Draft(Rule.of("in_set", p.name, values=values), f"{len(values)} different numbers")
        return
    numbers = frame.column(p.position).numbers()
    low, high = robust_bounds(numbers[np.isfinite(numbers)])
    bounds = {"min": _low(p, low), "max": _high(p, high)}
    bounds = {k: (int(v) if whole else v) for k, v in bounds.items() if v is not None}
    if bounds:
        cut = "what stands far apart is left out" if low is not None or high is not None else "with room beyond today's values"
        yield Draft(Rule.of("range", p.name, **bounds), cut)


def _low(p: ColumnProfile, robust: float | None) -> float | None:
    """Zero for what is hardly ever negative; else the edge of the bulk, with room."""
    if p.semantic_type == "latitude":
        return -90.0
    if p.semantic_type == "longitude":
        return -180.0
    if p.negatives <= 0.005 * p.count:
        return 0.0
    edge = robust if robust is not None else float(p.min) if math.isfinite(float(p.min)) else None
    return None if edge is None else _outward(edge, p, up=False)


def _high(p: ColumnProfile, robust: float | None) -> float | None:
    fixed = {"latitude": 90.0, "longitude": 180.0, "age": 120.0}.get(p.semantic_type or "")
    if fixed is not None:
        return fixed
    edge = robust if robust is not None else float(p.max) if math.isfinite(float(p.max)) else None
    if edge is not None and p.semantic_type == "percent" and edge <= 100:
        return 100.0 if edge > 1 else 1.0
    return None if edge is None else _outward(edge, p, up=True)


def _outward(edge: float, p: ColumnProfile, *, up: bool) -> float:
    """The edge with a tenth of the range as room, rounded to two figures away from the data: no value is told."""
    width = abs(p.quantiles.get("99%", edge) - p.quantiles.get("1%", edge)) or abs(edge) or 1.0
    value = edge + 0.1 * width if up else edge - 0.1 * width
    if value == 0 or not math.isfinite(value):  # no room is left beyond so large an edge
        return edge if value else 0.0
    size = 10 ** (math.floor(math.log10(abs(value))) - 1)
    return float(f"{(math.ceil(value / size) if up else math.floor(value / size)) * size:.6g}")


def _date(p: ColumnProfile, as_of: dt.date | None) -> Iterator[Draft]:
    low, high = p.quantiles.get("1%"), p.quantiles.get("99%")
    if not isinstance(low, dt.date) or not isinstance(high, dt.date) or p.count < _LEAST:
        return
    start, end = _day(low), _day(high)
    room = max(366, int((end - start).days * 0.1))
    limits: dict[str, Any] = {"min": dt.date(max(1, (start - dt.timedelta(days=min(room, start.toordinal() - 1))).year), 1, 1).isoformat()}
    last = as_of if as_of is not None and _day(high) <= as_of else None
    limits["max"] = (last or dt.date(min(9999, end.year + 1 + room // 366), 12, 31)).isoformat()
    if p.kind == "datetime":
        limits["max"] += "T23:59:59"
    yield Draft(
        Rule.of("range", p.name, **limits), "the bulk of the dates, with room" + ("; nothing after the day of the run" if last else "")
    )
    newest = p.max
    if as_of is not None and isinstance(newest, dt.date) and 0 <= (as_of - _day(newest)).days <= _FRESH_DAYS and not p.personal:
        days = max(2, 2 * (as_of - _day(newest)).days)
        yield Draft(Rule.of("freshness", p.name, days=days), f"the newest value is {(as_of - _day(newest)).days} days old")


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value
