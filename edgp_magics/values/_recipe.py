"""Approved fixes as a recipe that replays on another file of the same kind."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ..errors import PlanError
from ._plain import RAW, plain, restore

if TYPE_CHECKING:
    from ..frames import Frame
    from ._plan import Action

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
            hint = "Give a recipe, a plan or a change log of this kernel, or a file that recipe.save() wrote."
            raise PlanError(f"cannot read a recipe from `{path}`.", hint=hint) from error
        return recipe


def recipe_of(actions: Iterable[Action], frame: Frame, source: str) -> Recipe:
    """The recipe of what these actions set in their table, but for those that hold for this table alone."""
    steps = [_step(a, frame) for a in actions if a.kind == "set" and a.detector not in _OF_ONE_TABLE]
    return Recipe(source=source, steps=tuple(steps))


def _step(action: Action, frame: Frame) -> Step:
    column = str(action.column)
    keys = [texts_of(frame, name) for name in action.basis] if action.stage else []
    old = texts_of(frame, column)
    spelled = {} if frame.column(column).kind == "string" else dict(zip(frame.column(column).array.to_pylist(), old, strict=True))
    seen: dict[tuple[tuple[str | None, ...], str | None], set[str | None]] = {}
    for row, _, new in action.cells():
        seen.setdefault((tuple(k[row] for k in keys), old[row]), set()).add(spelled.get(new, new) or None)
    cases = tuple((key, was, next(iter(news))) for (key, was), news in seen.items() if len(news) == 1)
    left = {old[row] for row in action.rejected} - {was for _, was in seen}
    basis = action.basis if keys else ()
    return Step(detector=action.detector, column=column, stage=action.stage, basis=basis, cases=cases, left=tuple(sorted(left, key=str)))


def texts_of(frame: Frame, name: str) -> list[str | None]:
    """The column as texts; blank is missing."""
    return [None if t is None or not t.strip() else t for t in frame.column(name).text.to_list()]
