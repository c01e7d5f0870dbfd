"""Checks that somebody gives, in the words of ``assess``: what breaks them is suspect, and no repair may break them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from ...frames import Frame, as_frame
from ...values import Context
from ..checks import Rule, read_checks, run_rules
from ._hits import Hits, repairs, suspects
from ._typos import slip_reach
from ._verdicts import Verdict
from ._view import View

_OF_VALUES = frozenset({"in_set", "not_in_set", "regex", "not_regex", "range", "length", "type_is", "date_format"})
_DETECTOR = "given_check"
_SURE, _NEAR = 0.98, 0.9
_SPELLING = frozenset({"typo", "word_typo", "shape", "letter_case", "punctuation", "template"})


def read_given(body: str, frame: Frame) -> tuple[tuple[str, ...], tuple[Rule, ...]]:
    """The dependencies of a cell body as lines such as ``zip -> city``, and its other checks."""
    rules = read_checks(body, frame) if body.strip() else ()
    lines = tuple(f"{' + '.join(r.columns[:-1])} -> {r.columns[-1]}" for r in rules if r.kind == "dependency")
    return lines, tuple(r for r in rules if r.kind != "dependency")


def find_broken(frame: Frame, views: Sequence[View], rules: Sequence[Rule], context: Context) -> list[Hits]:
    """Cells that break the checks once their formats are repaired; a value of a closed list is restored from a slip."""
    out: list[Hits] = []
    for rule in rules:
        if _is_of_values(rule):
            view = views[frame.position(rule.columns[0])]
            wrong = _failing(view, rule, view.texts, context)
            out += _said(view, rule, wrong)
        else:
            out += _rows_said(frame, views, rule, context)
    return out


def keeping_to(frame: Frame, views: Sequence[View], cells: Sequence[Verdict], rules: Sequence[Rule], context: Context) -> list[Verdict]:
    """The verdicts without those on values that a closed list allows, and with repairs taken back that would break a check."""
    allowed = {
        frame.position(r.columns[0]): set(map(str, r.parameters["values"])) for r in rules if r.kind == "in_set" and _is_of_values(r)
    }
    cells = [v for v in cells if v.detector not in _SPELLING or _now(views[v.column], v.row) not in allowed.get(v.column, ())]
    banned: dict[int, set[str]] = {}
    for rule in filter(_is_of_values, rules):
        position = frame.position(rule.columns[0])
        texts = sorted({v.new for v in cells if v.column == position and v.repair and v.new is not None})
        banned.setdefault(position, set()).update(texts[i] for i in _failing(views[position], rule, texts, context))
    return [replace(v, repair=False, new=None) if v.repair and v.new in banned.get(v.column, ()) else v for v in cells]


def _now(view: View, row: int) -> str | None:
    return view.texts[int(view.codes[row])] if view.codes[row] >= 0 else None


def _is_of_values(rule: Rule) -> bool:
    return rule.kind in _OF_VALUES and not rule.filter and not rule.by


def _failing(view: View, rule: Rule, texts: Sequence[str], context: Context) -> list[int]:
    """Which of the texts break a check of single values."""
    if not texts:
        return []
    values = [view.value_of(t) for t in texts]
    few = as_frame(pl.DataFrame({rule.columns[0]: values}, strict=False), name="values")
    outcome = run_rules(few, [rule], context)[0]
    return [int(i) for i in outcome.rows]


def _said(view: View, rule: Rule, wrong: Sequence[int]) -> list[Hits]:
    fixed = _restored(view, rule, wrong)
    open_ = [c for c in wrong if c not in fixed]
    out = []
    if open_:
        out.append(suspects(view, _DETECTOR, view.rows_of(open_), _SURE, _reason(rule)))
    if fixed:
        rows = view.rows_of(list(fixed))
        new = [fixed[int(c)] for c in view.codes[rows]]
        out.append(repairs(view, _DETECTOR, rows, [t for t, _ in new], [s for _, s in new], f"{_reason(rule)}; one allowed value is near"))
    return out


def _restored(view: View, rule: Rule, wrong: Sequence[int]) -> dict[int, tuple[str, float]]:
    """Slips of the values of a closed list."""
    allowed = [str(v) for v in rule.parameters["values"]] if rule.kind == "in_set" and view.is_text else []
    folded = {a.casefold(): a for a in allowed}
    out = {c: (folded[view.texts[c].casefold()], _SURE) for c in wrong if view.texts[c].casefold() in folded}
    for code in wrong:
        near = None if code in out else _nearest(view.texts[code], allowed)
        if near is not None:
            out[code] = (near, _NEAR)
    return out


def _nearest(text: str, allowed: Sequence[str]) -> str | None:
    """The one allowed value that is a slip away."""
    from rapidfuzz.distance import OSA

    close = [a for a in allowed if min(len(a), len(text)) >= 3 and OSA.distance(text, a) <= slip_reach(text, a)]
    return close[0] if len(close) == 1 else None


def _rows_said(frame: Frame, views: Sequence[View], rule: Rule, context: Context) -> Iterable[Hits]:
    """Cells of rows that break a check over several columns, or one that no single value breaks."""
    outcome = run_rules(frame, [rule], context)[0]
    rows = np.asarray(outcome.rows.to_list(), dtype=np.int64)
    for name in (outcome.blamed or rule.columns) if len(rows) else ():
        yield suspects(views[frame.position(name)], _DETECTOR, rows, 0.8, _reason(rule))


def _reason(rule: Rule) -> str:
    return f"breaks the check of {', '.join(rule.columns) or 'the table'} that was given ({rule.kind.replace('_', ' ')})"
