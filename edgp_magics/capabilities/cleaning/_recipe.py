"""Approved fixes replayed on another file of the same kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import BadOption
from ...frames import Frame
from ...values import ChangeLog, Context, Plan, Recipe, Remediated, Table
from ...values._plan import Approve
from ...values._recipe import Step, texts_of
from ._assemble import plan_of, suspect_table
from ._detect import Detected, detect
from ._hits import FORMAT
from ._verdicts import Verdict
from ._view import View


class Replayable:
    """A result whose plan can be replayed on the next file."""

    plan: Plan

    def recipe(self, data: Any = None, approve: Approve = "auto", *, plan: Plan | None = None) -> Recipe:
        """The approved fixes, as :meth:`Plan.recipe`; ``plan`` is the result's plan as decided since."""
        return (self.plan if plan is None else plan).recipe(data, approve)


def recipe_in(given: Any) -> Recipe:
    """The recipe in what was given: itself, what a plan, result or change log approved, or a file."""
    if isinstance(given, Recipe):
        return given
    if isinstance(given, (str, Path)):
        return Recipe.load(given)
    if isinstance(given, (Plan, ChangeLog, Remediated, Replayable)):
        return given.recipe()
    raise BadOption(f"recipe cannot be a {type(given).__name__}.", hint="Give a recipe, a plan, a change log, or the path of a recipe.")


def replay(recipe: Recipe, frame: Frame, context: Context) -> tuple[Plan, Table, tuple[str, ...]]:
    """The plan for another frame, all of it accepted, the cells it is about, and what could not be replayed."""
    found = detect(frame, context, content=False)
    steps = [s for s in recipe.steps if {s.column, *s.basis} <= set(frame.columns)]
    missing = [f"{s.detector} in {s.column}: the column is not there" for s in recipe.steps if s not in steps]
    cells = [*_formats(found, steps), *_contents(frame, found, steps)]
    plan = plan_of(frame, found, cells)
    accepted = tuple(replace(a, decision="accepted") for a in plan.actions if a.kind == "set")
    return replace(plan, actions=accepted), suspect_table(found, cells), tuple(missing)


def _formats(found: Detected, steps: Iterable[Step]) -> list[Verdict]:
    """Format faults of the approved kinds in the approved columns, found anew."""
    wanted = {(s.detector, s.column): s for s in steps if s.stage == FORMAT}
    decided = {key: {was: new for _, was, new in s.cases} for key, s in wanted.items()}
    last: dict[tuple[int, int], Verdict] = {}
    for hit in found.hits:
        view = found.raw[hit.column]
        key = (hit.detector, view.name)
        if hit.stage == FORMAT and hit.new is not None and key in wanted:
            for row, new in zip(hit.rows.tolist(), hit.new, strict=True):
                old = view.texts[view.codes[row]] if view.codes[row] >= 0 else None
                if old not in wanted[key].left:
                    text = decided[key].get(old, new)
                    last[hit.column, row] = Verdict(row, hit.column, hit.detector, 0.99, hit.reason, FORMAT, True, text)
    return list(last.values())


def _contents(frame: Frame, found: Detected, steps: Iterable[Step]) -> list[Verdict]:
    """The very cases that were decided, where they occur again."""
    out = []
    for step in steps:
        if step.stage == FORMAT:
            continue
        view = found.raw[frame.position(step.column)]
        by_old: defaultdict[str | None, dict[tuple[str | None, ...], str | None]] = defaultdict(dict)
        for key, old, new in step.cases:
            by_old[old][key] = new
        keys = [texts_of(frame, name) for name in step.basis]
        for row in _rows(view, by_old):
            old = view.texts[view.codes[row]] if view.codes[row] >= 0 else None
            new = by_old[old].get(tuple(k[row] for k in keys), old)
            if new != old and (new is None or view.is_text or new in view.natives):
                out.append(
                    Verdict(row, view.position, step.detector, 0.99, "decided before for the same case", step.stage, True, new, step.basis)
                )
    return out


def _rows(view: View, olds: Mapping[str | None, object]) -> list[int]:
    codes = {c for c, t in enumerate(view.texts) if t in olds} | ({-1} if None in olds else set())
    return [row for row, code in enumerate(view.codes.tolist()) if code in codes]
