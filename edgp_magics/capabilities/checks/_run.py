"""Running checks: each becomes a bitmap of failing rows or a value held against its bounds."""

from __future__ import annotations

import datetime as dt
import functools
import operator
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ...errors import GovernanceError, Interrupted
from ...frames import Column, Frame
from ...values import Context, mask
from ._condition import Condition, read_condition
from ._model import Rule
from ._pattern import check_pattern
from ._semantics import SEMANTICS, Semantics
from ._table import CheckTable, as_column_value
from ._text_values import Reading, is_day_text, nearly_all_read, read_dates, read_numbers
from ._types import is_valid, text_type

_GROUPS_NAMED = 5
_GROUP_SHOWN = 5
PASS, FAIL, NOT_RUN = "pass", "fail", "not_run"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one rule.

    ``mask`` marks the failing rows (None when there are none, or for a verdict on the whole table); ``failing`` is
    what the semantics count. ``value`` is what an aggregate came to. ``blamed`` are the columns whose cells are
    suspect in a failing row; ``repairs``, where known, what each failing row should say instead, as text. ``seconds`` is
    what the check cost, for people: nothing depends on it.
    """

    rule: Rule
    status: str
    failing: int = 0
    judged: int = 0
    value: float | str | None = None
    reason: str = ""
    mask: pl.Series | None = None
    blamed: tuple[str, ...] = ()
    repairs: pl.Series | None = None
    seconds: float = 0.0

    @property
    def rows(self) -> pl.Series:
        """Positions of the failing rows, all of them, ascending."""
        return self.mask.arg_true() if self.mask is not None else pl.Series([], dtype=pl.UInt32)


class _NotRun(Exception):
    """A check that cannot be made; the message says why."""


@dataclass(frozen=True)
class _Judged:
    """Failing rows and how many rows were judged; ``failing`` where it is not the number of rows marked."""

    mask: pl.Series
    judged: int
    failing: int | None = None
    blamed: tuple[str, ...] | None = None


@dataclass(frozen=True)
class _Valued:
    """What an aggregate came to."""

    value: float | str | None
    failed: bool
    judged: int


def run_rules(
    frame: Frame, rules: Sequence[Rule], context: Context, *, semantics: Semantics | None = None, table: CheckTable | None = None
) -> list[Outcome]:
    """Every rule on the frame, in the order given. A rule that cannot be run says so and why; none is left out.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> run_rules(as_frame(pd.DataFrame({"age": [4, 140, None]})), [Rule.of("range", "age", max=120)], Context())[0].rows.to_list()
    [1]
    """
    means = semantics or SEMANTICS["edgp"]
    shared = table or CheckTable(frame, context.progress)
    done: dict[int, Outcome] = {}
    # grouped by column, so that a wide table is held one column at a time; reported in the order given
    order = sorted(range(len(rules)), key=lambda i: (rules[i].columns[:1], len(rules[i].columns)))
    for count, place in enumerate(order):
        context.progress.step(f"check {count + 1} of {len(rules)}: {rules[place].label[:60]}", count / len(rules))
        done[place] = run_rule(shared, rules[place], context, means)
    return [done[i] for i in range(len(rules))]


def run_rule(table: CheckTable, rule: Rule, context: Context, semantics: Semantics) -> Outcome:
    """One rule; what stops it is told as its reason."""
    table.said.clear()
    started = time.perf_counter()  # shown as the cost of the check; no result depends on it
    try:
        outcome = _outcome(table, rule, context, semantics)
    except Interrupted:
        raise
    except _NotRun as reason:
        outcome = Outcome(rule=rule, status=NOT_RUN, reason=str(reason))
    except GovernanceError as error:
        outcome = Outcome(rule=rule, status=NOT_RUN, reason=str(error))
    except (pl.exceptions.PolarsError, ValueError, TypeError, OverflowError, NotImplementedError) as error:
        outcome = Outcome(rule=rule, status=NOT_RUN, reason=_first_line(error))
    said = [outcome.reason, *table.said] if outcome.status != NOT_RUN else [outcome.reason]
    told = "; ".join(dict.fromkeys(part for part in said if part))
    return replace(outcome, reason=told, seconds=time.perf_counter() - started)


def _outcome(table: CheckTable, rule: Rule, context: Context, semantics: Semantics) -> Outcome:
    if rule.kind != "column_exists":
        for name in (*rule.columns, *rule.by):
            table.frame.position(name)
    names = tuple(table.column(c).name for c in rule.columns) if rule.kind != "column_exists" else rule.columns
    rule = rule.but(columns=names)
    judge = _ROW_KINDS.get(rule.kind)
    if judge is None:
        return _of_value(rule, _TABLE_KINDS[rule.kind](table, rule, context))
    judged = judge(table, rule, _Setting(context, semantics))
    scope = _scope(table, rule.filter)
    return _of_rows(table, rule, judged, scope, semantics)


def _of_value(rule: Rule, valued: _Valued) -> Outcome:
    status = FAIL if valued.failed else PASS
    return Outcome(rule=rule, status=status, failing=int(valued.failed), judged=valued.judged, value=valued.value)


def _of_rows(table: CheckTable, rule: Rule, judged: _Judged, scope: pl.Series | None, semantics: Semantics) -> Outcome:
    mask, count = judged.mask.fill_null(value=False) if judged.mask.null_count() else judged.mask, judged.judged
    if scope is not None:
        inside = mask & scope
        mask, count = inside, _judged_within(table, rule, scope, count)
    rows = int(mask.sum())
    failing = rows if judged.failing is None or scope is not None else judged.failing
    of = count if semantics.share_of == "judged" else (table.rows if scope is None else int(scope.sum()))
    reason, failed = "", not rule.tolerance.allows(failing, of)
    if rule.by:
        failed, reason = _by_group(table, rule, mask)
    blamed = judged.blamed if judged.blamed is not None else rule.columns
    return Outcome(
        rule=rule,
        status=FAIL if failed else PASS,
        failing=failing,
        judged=count,
        reason=reason,
        mask=mask if rows else None,
        blamed=blamed,
    )


def _judged_within(table: CheckTable, rule: Rule, scope: pl.Series, count: int) -> int:
    inside = int(scope.sum())
    if rule.kind == "not_null" or not rule.columns:
        return inside
    lost = scope
    for name in rule.columns:
        nulls = table.nulls(name)
        lost = lost & ~nulls if nulls is not None else lost
    return min(inside, int(lost.sum())) if count < table.rows else inside


def _by_group(table: CheckTable, rule: Rule, mask: pl.Series) -> tuple[bool, str]:
    """Whether any group is beyond the tolerance, and which."""
    keys = [f"g{i}" for i in range(len(rule.by))]
    groups = pl.DataFrame([table.series(n).alias(k) for n, k in zip(rule.by, keys, strict=True)] + [mask.alias("failing")])
    counted = groups.group_by(keys, maintain_order=True).agg(pl.col("failing").sum(), pl.len().alias("of"))
    beyond = [(g[:-2], int(g[-1])) for g in counted.iter_rows() if not rule.tolerance.allows(int(g[-2]), int(g[-1]))]
    if not beyond:
        return False, f"all {counted.height:,} groups within"
    return True, f"{len(beyond):,} of {counted.height:,} groups beyond the tolerance: {_named(beyond)}"


def _named(groups: Sequence[tuple[tuple[Any, ...], int]]) -> str:
    """Groups by their values, the largest first; one of few rows could be a person and is masked."""
    ranked = sorted(groups, key=lambda g: (-g[1], str(g[0])))[:_GROUPS_NAMED]
    shown = [", ".join(str(v) if rows >= _GROUP_SHOWN else mask(v) for v in key) for key, rows in ranked]
    return "; ".join(shown) + ("; …" if len(groups) > len(ranked) else "")


def _scope(table: CheckTable, condition: str) -> pl.Series | None:
    """The rows a filter lets in."""
    if not condition:
        return None
    return _evaluate(table, read_condition(condition)).fill_null(value=False)


def _evaluate(table: CheckTable, condition: Condition) -> pl.Series:
    """A condition as true, false or null per row; literals that look like dates are read as such where they must be.

    A column of text that is held against a date or number is read as such; a cell that cannot be read is not judged.
    """
    dates = {n: _read_as(table, n, read_dates, _UNJUDGED) for n in condition.dates if _is_text(table, n)}
    numbers = {n: _read_as(table, n, read_numbers, _UNJUDGED) for n in condition.numbers if n not in dates and _is_text(table, n)}
    expression = condition.dated if dates and condition.dated is not None else condition.expression
    try:
        out = table.select(expression, condition.text, {**dates, **numbers})
    except (pl.exceptions.InvalidOperationError, pl.exceptions.ComputeError):
        if condition.dated is None:
            raise
        out = table.select(condition.dated, condition.text, {**dates, **numbers})
    if out.dtype != pl.Boolean:
        raise _NotRun(f"`{condition.text}` is not a condition: it gives {out.dtype}, not true or false")
    return out


_UNJUDGED, _FAILS = "not judged", "counted as failing"


def _is_text(table: CheckTable, name: str) -> bool:
    return name in table.frame and table.series(name).dtype == pl.String


def _read_as(table: CheckTable, name: str, read: Callable[[pl.Series], Reading], then: str) -> pl.Series:
    """A column of text as dates or numbers; what could not be read is said, with what becomes of it."""
    found = read(table.series(name))
    if found.mostly_unread:
        raise _NotRun(found.refusal(name))
    if found.unread:
        table.said.append(f"{found.said(name)}: {then}")
    return found.values


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]


# -- kinds that mark rows ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Setting:
    context: Context
    semantics: Semantics


def _value_check(table: CheckTable, rule: Rule, setting: _Setting, mask: pl.Series) -> _Judged:
    """Failing rows of a check on one column's values, with what the semantics say of nulls."""
    nulls = table.nulls(rule.columns[0])
    if nulls is None:
        return _Judged(mask, table.rows)
    if setting.semantics.null_fails:
        return _Judged(mask.fill_null(value=False) | nulls, table.rows)
    return _Judged(mask, table.rows - int(nulls.sum()))


def _not_null(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    missing = [str(v) for v in rule.parameters.get("missing", ())]
    blank = bool(rule.parameters.get("blank"))
    mask = None
    for name in rule.columns:
        series = table.series(name)
        here = series.is_null() if series.null_count() else pl.repeat(False, table.rows, eager=True, dtype=pl.Boolean)
        if (blank or missing) and series.dtype == pl.String:
            here = here | table.where_value(name, lambda v: _is_missing(v, blank, missing)).fill_null(value=False)
        elif missing:
            said = _membership(table, rule.but(columns=(name,), parameters={"values": rule.parameters["missing"]}))
            here = here | said.fill_null(value=False)
        mask = here if mask is None else mask | here
    return _Judged(mask if mask is not None else _none(table), table.rows)


def _is_missing(values: pl.Series, blank: bool, missing: list[str]) -> pl.Series:
    stripped = values.str.strip_chars()
    out = values.is_in(missing) | stripped.is_in(missing) if missing else values.is_null()
    return out | (stripped == "") if blank else out


def _none(table: CheckTable) -> pl.Series:
    return pl.repeat(False, table.rows, eager=True, dtype=pl.Boolean)


def _unique(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    means, names = setting.semantics, tuple(dict.fromkeys((*rule.by, *rule.columns)))
    skip = _skipped(table, names, means)
    judged = table.rows if skip is None else table.rows - int(skip.sum())
    if rule.filter:
        scope = _scope(table, rule.filter)
        outside = ~scope if scope is not None else None
        skip = outside if skip is None else skip | outside if outside is not None else skip
    rows = table.recurring(names, skip)
    marked, failing = rows, len(rows)
    if len(rows) and means.duplicates != "rows":
        cells = pl.DataFrame({f"k{i}": table.series(n).gather(rows) for i, n in enumerate(names)})
        first = cells.to_struct("cells").is_first_distinct()
        marked = rows.filter(~first) if means.duplicates == "extra" else rows
        failing = len(marked) if means.duplicates == "extra" else int(first.sum())
    return _Judged(_marked(table, marked), judged, failing if means.duplicates == "values" else None)


def _marked(table: CheckTable, rows: pl.Series) -> pl.Series:
    import numpy as np

    flags = np.zeros(table.rows, dtype=bool)
    flags[rows.to_numpy()] = True
    return pl.Series(flags)


def _skipped(table: CheckTable, names: tuple[str, ...], means: Semantics) -> pl.Series | None:
    """Rows that a uniqueness check leaves out because of their nulls."""
    if means.null_recurs or (len(names) > 1 and means.combo_nulls == "recur"):
        return None
    nulls = [table.nulls(n) for n in names]
    if means.combo_nulls == "any":
        nulls = [n for n in nulls if n is not None]
        return functools.reduce(operator.or_, nulls) if nulls else None
    return None if any(n is None for n in nulls) else functools.reduce(operator.and_, nulls)


def _in_set(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    name = rule.columns[0]
    mask = _membership(table, rule)
    judged = _value_check(table, rule, setting, ~mask if rule.kind == "in_set" else mask)
    if not setting.semantics.set_values:
        return judged
    bad = table.series(name).filter(judged.mask.fill_null(value=False))
    return replace(judged, failing=int(bad.n_unique()))


def _membership(table: CheckTable, rule: Rule) -> pl.Series:
    name, wanted = rule.columns[0], [v for v in rule.parameters["values"] if v is not None]
    series = table.series(name)
    if series.dtype == pl.String:
        texts = [_as_text(v) for v in wanted]
        if rule.parameters.get("case") is False:
            folded = [t.lower() for t in texts]
            return _kept_null(table, name, table.where_value(name, lambda v: v.str.to_lowercase().is_in(folded)))
        return _kept_null(table, name, table.where_value(name, lambda v: v.is_in(texts)))
    if series.dtype.is_numeric():
        return _among_numbers(table, series, wanted)
    values = pl.Series([as_column_value(series, v) for v in wanted])
    if series.dtype == pl.Null or not len(values):
        return pl.repeat(None if series.dtype == pl.Null else False, table.rows, dtype=pl.Boolean, eager=True)
    return table.sliced([series], lambda parts: parts[0].is_in(values.implode()))


def _among_numbers(table: CheckTable, series: pl.Series, wanted: Sequence[Any]) -> pl.Series:
    """Membership of numbers whatever their types: 1, 1.0 and "1" are one number; 1.5 is none of a whole column's."""
    numbers = [as_column_value(series, v) for v in wanted]
    if series.dtype.is_integer():
        whole = pl.Series([int(n) for n in numbers if float(n).is_integer()], dtype=pl.Int128)
        return table.sliced([series], lambda parts: parts[0].cast(pl.Int128).is_in(whole.implode()))
    kind = pl.Float32 if series.dtype == pl.Float32 else pl.Float64
    values = pl.Series([float(n) for n in numbers], dtype=pl.Float64).cast(kind)
    return table.sliced([series], lambda parts: parts[0].cast(kind).is_in(values.implode()))


def _kept_null(table: CheckTable, name: str, mask: pl.Series) -> pl.Series:
    """The mask with null where the cell is null, so that its negation is null there, too."""
    nulls = table.nulls(name)
    return mask if nulls is None else mask.to_frame("m").select(pl.when(~nulls).then(pl.col("m"))).to_series()


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _but_missing(table: CheckTable, rule: Rule, bad: Callable[[pl.Series], pl.Series]) -> Callable[[pl.Series], pl.Series]:
    """``bad`` for texts that say something, where the rule lets blank and coded missing ones pass."""
    if not rule.parameters.get("missing_passes"):
        return bad

    def judge(values: pl.Series) -> pl.Series:
        out = bad(values)
        where = out.fill_null(value=False).arg_true()
        excused = where.filter(table.says_nothing(rule.columns[0], values.gather(where)))
        return out.scatter(excused, False) if len(excused) else out

    return judge


def _regex(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    pattern, name = str(rule.parameters["pattern"]), rule.columns[0]
    check_pattern(pattern)
    wanted = rule.kind == "regex"
    mask = table.where_value(name, _but_missing(table, rule, lambda v: ~v.str.contains(pattern) if wanted else v.str.contains(pattern)))
    return _value_check(table, rule, setting, mask)


def _range(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    name, bounds = rule.columns[0], rule.parameters
    series = _comparable(table, rule)
    mask = table.sliced([series], lambda parts: _outside(parts[0], bounds))
    if series.null_count() > table.null_count(name):  # text that should be a number or date and is none fails
        mask = mask.fill_null(value=not rule.parameters.get("missing_passes"))
        nulls = table.nulls(name)
        mask = mask & ~nulls if nulls is not None else mask
    return _value_check(table, rule, setting, mask)


def _comparable(table: CheckTable, rule: Rule) -> pl.Series:
    """The column in a type its bounds can be held against."""
    name, bounds = rule.columns[0], rule.parameters
    series = table.series(name)
    if series.dtype != pl.String:
        return series.cast(pl.Int8) if series.dtype == pl.Boolean else series
    given = [v for v in (bounds.get("min"), bounds.get("max")) if v is not None]
    then = _UNJUDGED if rule.parameters.get("missing_passes") else _FAILS
    if all(isinstance(v, (int, float)) for v in given):
        return _read_as(table, name, read_numbers, then)
    if all(isinstance(v, (dt.date, dt.datetime)) or is_day_text(v) for v in given):
        return _read_as(table, name, read_dates, then)
    return series


def _outside(values: pl.Series, bounds: Mapping[str, Any]) -> pl.Series:
    low, high = bounds.get("min"), bounds.get("max")
    out = None
    if low is not None:
        edge = as_column_value(values, low)
        out = values <= edge if bounds.get("strict_min") else values < edge
    if high is not None:
        edge = as_column_value(values, high)
        above = values >= edge if bounds.get("strict_max") else values > edge
        out = above if out is None else out | above
    return out if out is not None else values.is_null() & False


def _length(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    mask = table.where_value(rule.columns[0], lambda v: _outside(v.str.len_chars().cast(pl.Int64), rule.parameters))
    return _value_check(table, rule, setting, mask)


def _type_is(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    kind, name = text_type(str(rule.parameters["type"])), rule.columns[0]
    progress = setting.context.progress
    mask = table.where_value(name, _but_missing(table, rule, lambda v: ~is_valid(kind, v, progress)))
    return _value_check(table, rule, setting, mask)


_COMPARE: dict[str, Callable[[pl.Series, pl.Series], pl.Series]] = {
    "<": lambda a, b: a >= b,
    "<=": lambda a, b: a > b,
    ">": lambda a, b: a <= b,
    ">=": lambda a, b: a < b,
    "=": lambda a, b: a != b,
    "!=": lambda a, b: a == b,
}


def _pair(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    op = {"==": "=", "<>": "!="}.get(str(rule.parameters["op"]), str(rule.parameters["op"]))
    if op not in _COMPARE:
        raise _NotRun(f"`{op}` compares nothing; use one of {' '.join(_COMPARE)}")
    one_name, two_name = rule.columns[:2]
    a, b = _same_type(table, one_name, two_name, op)
    mask = table.sliced([a, b], lambda parts: _COMPARE[op](parts[0], parts[1]))
    gone_a, gone_b = table.nulls(one_name), table.nulls(two_name)
    if a.null_count() > table.null_count(one_name) or b.null_count() > table.null_count(two_name):
        filled = table.series(one_name).is_not_null() & table.series(two_name).is_not_null()
        mask = mask.fill_null(value=True) & filled  # what cannot be read fails
    if gone_a is None and gone_b is None:
        return _Judged(mask, table.rows)
    blank = _none(table)
    one, two = gone_a if gone_a is not None else blank, gone_b if gone_b is not None else blank
    if setting.semantics.null_fails:
        return _Judged(mask.fill_null(value=False) | one | two, table.rows)
    if setting.semantics.one_null_fails:
        return _Judged(mask.fill_null(value=False) | (one ^ two), table.rows - int((one & two).sum()))
    return _Judged(mask, table.rows - int((one | two).sum()))


def _same_type(table: CheckTable, one: str, two: str, op: str) -> tuple[pl.Series, pl.Series]:
    """Two columns in a type that compares: text is read as the dates or numbers that it is held against."""
    a, b = table.series(one), table.series(two)
    if any(_is_day(s) for s in (a, b)) and all(_is_day(s) or s.dtype == pl.String for s in (a, b)):
        return _dated(table, one), _dated(table, two)
    if {a.dtype == pl.String, b.dtype == pl.String} == {True, False} and (a.dtype.is_numeric() or b.dtype.is_numeric()):
        return _numbered(table, one), _numbered(table, two)
    if a.dtype == b.dtype == pl.String and op not in ("=", "!="):
        return _texts_compared(table, one, two)
    if (a.dtype.is_numeric() and b.dtype.is_numeric()) or a.dtype == b.dtype:
        return a, b
    raise _NotRun(f"a column of type {a.dtype} cannot be compared with one of type {b.dtype}")


def _texts_compared(table: CheckTable, one: str, two: str) -> tuple[pl.Series, pl.Series]:
    """Two columns of text: as numbers or dates where both are nearly all such, else by the alphabet."""
    if nearly_all_read(table, (one, two), read_numbers):
        return _numbered(table, one), _numbered(table, two)
    if nearly_all_read(table, (one, two), read_dates):
        return _dated(table, one), _dated(table, two)
    return table.series(one), table.series(two)


def _dated(table: CheckTable, name: str) -> pl.Series:
    return _read_as(table, name, read_dates, _FAILS) if _is_text(table, name) else _moments(table.series(name))


def _numbered(table: CheckTable, name: str) -> pl.Series:
    return _read_as(table, name, read_numbers, _FAILS) if _is_text(table, name) else table.series(name).cast(pl.Float64)


def _is_day(series: pl.Series) -> bool:
    return series.dtype == pl.Date or isinstance(series.dtype, pl.Datetime)


def _moments(series: pl.Series) -> pl.Series:
    """Days, moments (in UTC where they have a zone) and text as moments; text that is none is null."""
    if series.dtype == pl.String:
        return read_dates(series).values
    if isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return series.cast(pl.Datetime("us"))


def _conditional(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    when = _evaluate(table, read_condition(str(rule.parameters["when"]))).fill_null(value=False)
    then = read_condition(str(rule.parameters["then"]))
    holds = _evaluate(table, then)
    bad = (~holds).fill_null(value=setting.semantics.null_fails)
    known = when if setting.semantics.null_fails else when & holds.is_not_null()
    return _Judged(when & bad, int(known.sum()), blamed=_known(table, then))


def _known(table: CheckTable, condition: Condition) -> tuple[str, ...]:
    return tuple(n for n in condition.columns if n in table.frame)


def _expression(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    condition = read_condition(str(rule.parameters["condition"]))
    holds = _evaluate(table, condition)
    nulls = holds.null_count()
    bad = (~holds).fill_null(value=setting.semantics.null_fails)
    return _Judged(bad, table.rows if setting.semantics.null_fails else table.rows - nulls, blamed=_known(table, condition))


def _dependency(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    """Rows that differ from the most frequent value of their group (the first in order among equals)."""
    keys = [f"k{i}" for i in range(len(rule.columns) - 1)]
    cells = pl.DataFrame([table.series(n).alias(k) for n, k in zip(rule.columns, [*keys, "v"], strict=True)])
    known = cells.filter(pl.all_horizontal(pl.col("*").is_not_null()))
    table.progress.step()
    counted = known.group_by([*keys, "v"]).agg(pl.len().alias("n"))
    split = counted.filter(pl.len().over(keys) > 1)
    if not split.height:
        return _Judged(_none(table), known.height, blamed=rule.columns[-1:])
    usual = split.sort([*keys, "n", "v"], descending=[False] * len(keys) + [True, False]).group_by(keys, maintain_order=True).first()
    odd = split.join(usual.select(*keys, pl.col("v").alias("usual")), on=keys).filter(pl.col("v") != pl.col("usual"))
    table.progress.step()
    marks = cells.join(odd.select(*keys, "v", pl.lit(value=True).alias("bad")), on=[*keys, "v"], how="left", maintain_order="left")
    return _Judged(marks["bad"].fill_null(value=False), known.height, blamed=rule.columns[-1:])


def _other_frame(name: str, context: Context) -> Frame:
    if name not in context.frames:
        known = ", ".join(sorted(context.frames)) or "none"
        raise _NotRun(f"no frame `{name}` was given; frames: {known}")
    return context.frames[name]


def _relationship(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    reference = _other_frame(str(rule.parameters["frame"]), setting.context)
    theirs = tuple(rule.parameters.get("columns") or rule.columns)
    columns = [reference.column(reference.position(n)) for n in theirs]
    mine = [table.series(n) for n in rule.columns]
    yours = [c.text if c.kind in ("nested", "binary") else c.series for c in columns]
    pairs = [same_key(a, b) for a, b in zip(mine, yours, strict=True)]
    names = [f"k{i}" for i in range(len(pairs))]
    left = pl.DataFrame([a.alias(n) for (a, _), n in zip(pairs, names, strict=True)])
    right = pl.DataFrame([b.alias(n) for (_, b), n in zip(pairs, names, strict=True)]).unique()
    table.progress.step()
    found = left.join(right.with_columns(pl.lit(value=True).alias("there")), on=names, how="left", maintain_order="left")["there"]
    known_rows = left.select(pl.all_horizontal(pl.col("*").is_not_null())).to_series()
    mask = found.is_null() & known_rows
    if setting.semantics.null_fails:
        return _Judged(mask | ~known_rows, table.rows)
    return _Judged(mask, int(known_rows.sum()))


def same_key(a: pl.Series, b: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Two columns as one type, so that equal keys are equal: 1 and 1.0, a day and its midnight; else as text."""
    if a.dtype == b.dtype:
        return a, b
    if a.dtype.is_numeric() and b.dtype.is_numeric():
        return a.cast(pl.Float64), b.cast(pl.Float64)
    if _is_day(a) and _is_day(b):
        return _moments(a), _moments(b)
    return a.cast(pl.String), b.cast(pl.String)


def _combo_in_set(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    """Rows whose values together are none of the combinations; a row with a null among them is not judged."""
    names = [f"k{i}" for i in range(len(rule.columns))]
    mine = pl.DataFrame([table.series(n).alias(k) for n, k in zip(rule.columns, names, strict=True)])
    if any(len(combination) != len(names) for combination in rule.parameters["values"]):
        raise _NotRun(f"each combination needs {len(names)} values")
    listed = zip(names, mine, zip(*rule.parameters["values"], strict=True), strict=True)
    allowed = pl.DataFrame([_typed(series, values).alias(k) for k, series, values in listed]).unique()
    table.progress.step()
    there = mine.join(allowed.with_columns(pl.lit(value=True).alias("there")), on=names, how="left", maintain_order="left")["there"]
    known = mine.select(pl.all_horizontal(pl.col("*").is_not_null())).to_series()
    if setting.semantics.null_fails:
        return _Judged(there.is_null(), table.rows)
    return _Judged(there.is_null() & known, int(known.sum()))


def _typed(series: pl.Series, values: Sequence[Any]) -> pl.Series:
    """Given values as a column of the type of another."""
    given = [None if v is None else as_column_value(series, v) for v in values]
    return pl.Series(given, strict=False).cast(series.dtype, strict=False)


def _sorted(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    """Rows that come before (or with ``strict``, with) the last value above them."""
    series = table.series(rule.columns[0])
    above = series.shift(1).fill_null(strategy="forward")
    before, strict = (series > above) if rule.parameters.get("decreasing") else (series < above), bool(rule.parameters.get("strict"))
    return _value_check(table, rule, setting, before | (series == above) if strict else before)


def _z_score(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    numbers = table.series(rule.columns[0]).cast(pl.Float64)
    spread = numbers.std()
    if not isinstance(spread, float) or not spread > 0:
        raise _NotRun("all values are the same: there is no standard deviation to measure by")
    scores = (numbers - float(numbers.mean())) / spread  # type: ignore[arg-type]  # the mean of numbers is one
    far = scores if rule.parameters.get("one_sided") else scores.abs()
    return _value_check(table, rule, setting, far > float(rule.parameters["max"]))


def _reads(text: str, form: str) -> bool:
    try:
        dt.datetime.strptime(text, form)
    except ValueError:
        return False
    return True


def _date_format(table: CheckTable, rule: Rule, setting: _Setting) -> _Judged:
    form = str(rule.parameters["format"])

    def unread(values: pl.Series) -> pl.Series:
        try:
            bad = values.str.to_date(form, strict=False).is_null()
        except pl.exceptions.PolarsError:  # a format of hours, or of no day
            bad = pl.repeat(True, len(values), eager=True)
        where = (bad & values.is_not_null()).arg_true()
        setting.context.progress.step()
        return pl.zeros(len(values), dtype=pl.Boolean, eager=True).scatter(where, [not _reads(v, form) for v in values.gather(where)])

    return _value_check(table, rule, setting, table.where_value(rule.columns[0], unread))


_ROW_KINDS: dict[str, Callable[[CheckTable, Rule, _Setting], _Judged]] = {
    "not_null": _not_null,
    "unique": _unique,
    "unique_combo": _unique,
    "in_set": _in_set,
    "not_in_set": _in_set,
    "regex": _regex,
    "not_regex": _regex,
    "range": _range,
    "length": _length,
    "type_is": _type_is,
    "pair": _pair,
    "conditional": _conditional,
    "expression": _expression,
    "dependency": _dependency,
    "relationship": _relationship,
    "combo_in_set": _combo_in_set,
    "sorted": _sorted,
    "z_score": _z_score,
    "date_format": _date_format,
}


# -- kinds that judge the table ----------------------------------------------------------------------------------
def _row_count(table: CheckTable, rule: Rule, context: Context) -> _Valued:
    other = rule.parameters.get("frame")
    if other is not None:
        rows = _other_frame(str(other), context).rows
        return _Valued(f"{table.rows:,} against {rows:,}", table.rows != rows, table.rows)
    return _Valued(table.rows, _beyond(table.rows, rule.parameters), table.rows)


def _beyond(value: Any, bounds: Mapping[str, Any]) -> bool:
    return bool(_outside(pl.Series([value]), bounds).fill_null(value=True)[0])


def _freshness(table: CheckTable, rule: Rule, context: Context) -> _Valued:
    if context.as_of is None:
        raise _NotRun("no date to measure age against: give the date of the run, --as-of 2026-01-31")
    series = table.series(rule.columns[0])
    if series.dtype != pl.String and not _is_day(series):
        raise _NotRun(f"`{rule.columns[0]}` holds no dates")
    newest = (_read_as(table, rule.columns[0], read_dates, _UNJUDGED) if series.dtype == pl.String else _moments(series)).max()
    if not isinstance(newest, dt.datetime):
        raise _NotRun("the column holds no date")
    day = newest.date()
    age = (context.as_of - day).days
    return _Valued(float(age), age > float(rule.parameters["days"]), table.rows - table.null_count(rule.columns[0]))


def _aggregate(table: CheckTable, rule: Rule, context: Context) -> _Valued:
    function = str(rule.parameters["function"])
    if function not in _AGGREGATES:
        raise _NotRun(f"no aggregate `{function}`")
    scope = _scope(table, rule.filter)
    if rule.by:
        return _aggregate_by(table, rule, scope)
    columns = [table.text(n) if "length" in function else table.series(n) for n in rule.columns]
    columns = [c.filter(scope) for c in columns] if scope is not None else columns
    value = _AGGREGATES[function](columns)
    if value is None:
        raise _NotRun(f"no value to take the {function} of")
    return _Valued(value, _beyond(value, rule.parameters), len(columns[0]) - columns[0].null_count())


def _aggregate_by(table: CheckTable, rule: Rule, scope: pl.Series | None) -> _Valued:
    function = str(rule.parameters["function"])
    names = [*rule.by, *rule.columns]
    cells = pl.DataFrame([table.series(n).alias(f"x{i}") for i, n in enumerate(names)])
    cells = cells.filter(scope) if scope is not None else cells
    keys, values = [f"x{i}" for i in range(len(rule.by))], [f"x{i}" for i in range(len(rule.by), len(names))]
    results = [(k, g.height, _AGGREGATES[function]([g[v] for v in values])) for k, g in cells.group_by(keys, maintain_order=True)]
    beyond = [(key, rows) for key, rows, value in results if value is not None and _beyond(value, rule.parameters)]
    named = f": {_named(beyond)}" if beyond else ""
    return _Valued(f"{len(beyond):,} of {len(results):,} groups beyond the bounds{named}", bool(beyond), cells.height)


def _mean(columns: list[pl.Series]) -> Any:
    return columns[0].mean()


def _duplicates(columns: list[pl.Series]) -> int:
    kept = pl.DataFrame([c.alias(f"c{i}") for i, c in enumerate(columns)]).drop_nulls()
    return kept.height - kept.n_unique() if kept.height else 0


def _percent(part: float, whole: int) -> float:
    return 100.0 * part / whole if whole else 0.0


_AGGREGATES: dict[str, Callable[[list[pl.Series]], Any]] = {
    "mean": _mean,
    "sum": lambda c: c[0].sum(),
    "min": lambda c: c[0].min(),
    "max": lambda c: c[0].max(),
    "std": lambda c: c[0].std(),
    "median": lambda c: c[0].median(),
    "distinct": lambda c: int(c[0].drop_nulls().n_unique()),
    "missing": lambda c: int(c[0].null_count()),
    "missing_percent": lambda c: _percent(c[0].null_count(), len(c[0])),
    "duplicates": _duplicates,
    "duplicates_percent": lambda c: _percent(_duplicates(c), len(c[0])),
    "mean_length": lambda c: c[0].str.len_chars().mean(),
    "min_length": lambda c: c[0].str.len_chars().min(),
    "max_length": lambda c: c[0].str.len_chars().max(),
    "unique_share": lambda c: c[0].drop_nulls().n_unique() / max(1, len(c[0]) - c[0].null_count()),
}


def _column_exists(table: CheckTable, rule: Rule, context: Context) -> _Valued:
    missing = [c for c in rule.columns if c not in table.frame]
    return _Valued(f"missing: {', '.join(missing)}" if missing else "there", bool(missing), table.rows)


_KIND_NAMES = {
    "str": "string",
    "text": "string",
    "varchar": "string",
    "char": "string",
    "object": "string",
    "int": "integer",
    "bigint": "integer",
    "smallint": "integer",
    "int64": "integer",
    "int32": "integer",
    "double": "float",
    "real": "float",
    "float64": "float",
    "number": "float",
    "numeric": "float",
    "bool": "boolean",
    "timestamp": "datetime",
    "datetime64": "datetime",
    "datetime64[ns]": "datetime",
    "datetime64[us]": "datetime",
}


def _column_type(table: CheckTable, rule: Rule, context: Context) -> _Valued:
    column, given = table.column(rule.columns[0]), rule.parameters["type"]
    wanted = [str(w).strip().lower().split("(")[0] for w in ([given] if isinstance(given, str) else given)]
    return _Valued(column.kind, not any(_has_type(column, w) for w in wanted), table.rows)


def _has_type(column: Column, wanted: str) -> bool:
    if wanted in ("number", "numeric") and column.kind in ("integer", "decimal"):
        return True
    return _KIND_NAMES.get(wanted, wanted) == column.kind or wanted == column.dtype.lower()


def _schema(table: CheckTable, rule: Rule, context: Context) -> _Valued:
    """The columns there are, against those wanted or how many there may be."""
    names, wanted = list(table.frame.columns), rule.parameters.get("wanted")
    if wanted is None:
        return _Valued(len(names), _beyond(len(names), rule.parameters), table.rows)
    missing, other = [c for c in wanted if c not in names], [c for c in names if c not in wanted]
    said = [f"missing: {', '.join(missing)}"] if missing else []
    said += [f"not wanted: {', '.join(other)}"] if other and rule.parameters.get("exact") else []
    common = [c for c in names if c in wanted]
    if rule.parameters.get("ordered") and not missing and common != list(wanted):
        said.append(f"the order is {', '.join(common)}")
    return _Valued("; ".join(said) or "as wanted", bool(said), table.rows)


def _vocabulary(table: CheckTable, rule: Rule, context: Context) -> _Valued:
    """The distinct values of a column against a set: how many are missing from it, or from the column."""
    how, name = str(rule.parameters["how"]), rule.columns[0]
    series = table.series(name).drop_nulls()
    if not len(series):
        raise _NotRun("the column holds no value")
    inside = _membership(table, rule).fill_null(value=False)
    if how == "most_common":
        counted = series.value_counts(name="n")
        top = counted.filter(pl.col("n") == pl.col("n").max())[series.name]
        listed = table.series(name).filter(inside)
        away = int((~top.is_in(listed.unique().implode())).sum())
        return _Valued("none of the set" if away == len(top) else "one of the set", away == len(top), len(series))
    found = table.series(name).filter(inside).n_unique()
    absent = len(set(map(str, rule.parameters["values"]))) - found
    if how == "contain":
        return _Valued(f"{absent:,} absent", absent > 0, len(series))
    strange = series.n_unique() - found
    return _Valued(f"{absent:,} absent, {strange:,} not in the set", absent + strange > 0, len(series))


def _query(table: CheckTable, rule: Rule, context: Context) -> _Valued:
    """One value from SQL, run by DuckDB on the frame alone: no file and no network can be reached."""
    import duckdb
    import pyarrow as pa

    column = rule.columns[0] if rule.columns else ""
    query = re.sub(r"\$?\{(?:object|table)\}", "object", str(rule.parameters["query"]))
    query = re.sub(r"\$?\{(?:property|column)\}", lambda _: f'"{column}"', query)
    data = pa.table([c.array for c in table.frame], names=list(table.frame.columns))
    with duckdb.connect(config={"enable_external_access": "false"}) as con:
        context.progress.on_cancel(con.interrupt)
        for name in dict.fromkeys((table.frame.name, "object", *context.frames)):
            other = context.frames.get(name)
            con.register(name, data if other is None else pa.table([c.array for c in other], names=list(other.columns)))
        try:
            rows = con.execute(query).fetchmany(2)
        except duckdb.InterruptException:
            raise Interrupted("stopped.", hint="Nothing was changed.") from None
        except duckdb.Error as error:
            raise _NotRun(f"the query does not run: {_first_line(error)}") from None
    if len(rows) != 1 or len(rows[0]) != 1 or rows[0][0] is None:
        raise _NotRun("the query must give one value")
    value = rows[0][0]
    value = value if isinstance(value, (int, float, str)) else float(value)
    return _Valued(value, _beyond(value, rule.parameters), table.rows)


def _unsupported(table: CheckTable, rule: Rule, context: Context) -> _Valued:
    raise _NotRun(str(rule.parameters.get("reason") or "it cannot be computed here"))


_TABLE_KINDS: dict[str, Callable[[CheckTable, Rule, Context], _Valued]] = {
    "row_count": _row_count,
    "freshness": _freshness,
    "aggregate": _aggregate,
    "column_exists": _column_exists,
    "column_type": _column_type,
    "schema": _schema,
    "vocabulary": _vocabulary,
    "query": _query,
    "unsupported": _unsupported,
}


def failing_count(outcomes: Iterable[Outcome]) -> int:
    """How many of these checks failed."""
    return sum(o.status == FAIL for o in outcomes)
