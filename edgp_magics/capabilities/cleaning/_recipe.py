"""Approved fixes as a recipe that replays on another file of the same kind."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from ...errors import PlanError
from ...frames import Frame, as_frame
from ...values import RAW, Action, Context, Plan, plain, restore
from ._assemble import plan_of
from ._detect import Detected, detect
from ._hits import FORMAT
from ._verdicts import Verdict
from ._view import View, view_of

_OF_ONE_TABLE = frozenset({"deidentify", "golden_record"})


@dataclass(frozen=True, kw_only=True)
class Step:
    """One approved fix of one column.

    A format fix (``stage`` 0) is found anew in the other file; values it was decided for are written as decided, and those
    in ``left`` stay. A content fix replays what was decided: ``cases`` are (values of the ``basis`` columns, old text,
    new text), and only the very same case is changed again.
    """

    detector: str
    column: str
    stage: int
    basis: tuple[str, ...] = ()
    cases: tuple[tuple[tuple[str | None, ...], str | None, str | None], ...] = field(default=(), metadata=RAW)
    left: tuple[str | None, ...] = field(default=(), metadata=RAW)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The fixes somebody approved once, in the order of their plan.

    Replaying is idempotent: on a file that holds none of the faults it changes nothing.
    """

    source: str
    steps: tuple[Step, ...]

    def save(self, path: str | Path) -> Path:
        """Write the recipe with its values to a JSON file."""
        target = Path(path)
        steps = [plain(s) | {"cases": plain(s.cases), "left": plain(s.left)} for s in self.steps]
        target.write_text(json.dumps({"source": self.source, "steps": steps}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return target

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a recipe that :meth:`save` wrote."""
        try:
            recipe: Self = restore(cls, json.loads(Path(path).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise PlanError(f"cannot read a recipe from `{path}`.", hint="Was it written by recipe.save()?") from error
        return recipe


class Replayable:
    """A result whose plan can be replayed on the next file."""

    plan: Plan

    def recipe(self, data: Any, approve: Any = "auto", *, plan: Plan | None = None) -> Recipe:
        """The approved fixes, for ``clean`` with ``recipe=``; ``data`` is the table, ``plan`` the result's plan as decided since."""
        chosen = self.plan if plan is None else plan
        return recipe_of(chosen, as_frame(data, name=chosen.dataset.name), approve)


def recipe_of(plan: Plan, frame: Frame, approve: Any = "auto") -> Recipe:
    """The recipe of the actions that ``plan.apply(frame, approve)`` would make, but for those that hold for this table alone."""
    steps = [_step(a, frame) for a in plan.selected(approve) if a.kind == "set" and a.detector not in _OF_ONE_TABLE]
    return Recipe(source=plan.dataset.name, steps=tuple(steps))


def _step(action: Action, frame: Frame) -> Step:
    column = str(action.column)
    view = view_of(frame.column(column))
    spelled = {value: text for text, value in view.natives.items()}
    keys = [_texts(frame, name) for name in action.basis] if action.stage != FORMAT else []
    old = _texts(frame, column)
    seen: dict[tuple[tuple[str | None, ...], str | None], set[str | None]] = {}
    for row, _, new in action.cells():
        seen.setdefault((tuple(k[row] for k in keys), old[row]), set()).add(spelled.get(new, new) or None)
    cases = tuple((key, was, next(iter(news))) for (key, was), news in seen.items() if len(news) == 1)
    left = {old[row] for row in action.rejected} - {was for _, was in seen}
    basis = action.basis if keys else ()
    return Step(detector=action.detector, column=column, stage=action.stage, basis=basis, cases=cases, left=tuple(sorted(left, key=str)))


def _texts(frame: Frame, name: str) -> list[str | None]:
    return [None if t is None or not t.strip() else t for t in frame.column(name).text.to_list()]


def replay(recipe: Recipe, frame: Frame, context: Context) -> tuple[Plan, tuple[str, ...]]:
    """The plan for another frame, all of it accepted, and what could not be replayed."""
    found = detect(frame, context, content=False)
    steps = [s for s in recipe.steps if {s.column, *s.basis} <= set(frame.columns)]
    missing = [f"{s.detector} in {s.column}: the column is not there" for s in recipe.steps if s not in steps]
    cells = [*_formats(found, steps), *_contents(frame, found, steps)]
    plan = plan_of(frame, found, cells)
    return replace(plan, actions=tuple(replace(a, decision="accepted") for a in plan.actions if a.kind == "set")), tuple(missing)


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
        keys = [_texts(frame, name) for name in step.basis]
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
