"""data_cleaning: what is wrong in which cell, what it should be, how sure that is, as a plan that can be applied and undone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from ..errors import DataNotFound
from ..frames import Frame, as_frame
from ..values import (
    Action,
    AgentCapability,
    Block,
    Context,
    Dimension,
    Evidence,
    Facts,
    Finding,
    Fold,
    Grid,
    Items,
    Plan,
    Recipe,
    Result,
    Severity,
    Status,
    Table,
    finding,
    percent,
    plural,
    worst_first,
)
from ._options import Option
from .cleaning import Detected, detect, plan_of, suspect_table, verdicts_of
from .cleaning._dependencies import WIDE
from .cleaning._duplicates import Duplicates, find_duplicates
from .cleaning._given import find_broken, keeping_to, read_given
from .cleaning._known import compare_with_reference, read_labels, with_labels
from .cleaning._merge import Keep, duplicate_actions, kept
from .cleaning._propose import with_proposals
from .cleaning._recipe import Replayable, recipe_in, replay
from .cleaning._view import views_of

CAPABILITY = AgentCapability.DATA_CLEANING
_ROWS_FOR_DUPLICATES = 60_000
_ABOUT_ROWS = ("duplicates", "golden_record")


@dataclass(frozen=True, kw_only=True, repr=False)
class CleaningResult(Replayable, Result):
    """A plan of repairs, the duplicate rows, every suspect cell, and the dependencies that were relied on."""

    plan: Plan
    duplicates: Duplicates = field(default_factory=Duplicates)
    cells: Table = field(default_factory=lambda: Table({"row": [], "column": [], "rule": [], "confidence": []}))
    dependencies: tuple[str, ...] = ()

    def keeping(self, data: Any, *rows: int) -> CleaningResult:
        """The same result with these rows (positions) staying in their clusters; the decisions about duplicates are open again."""
        frame = as_frame(data, name=self.dataset.name)
        twins = kept(self.duplicates, rows=rows)
        others = [a for a in self.plan.actions if a.detector not in _ABOUT_ROWS]
        plan = replace(self.plan, actions=(*others, *duplicate_actions(frame, views_of(frame), twins)))
        return replace(self, plan=plan, duplicates=twins)

    def body(self) -> list[Block]:
        """Counts, the plan with before → after, duplicates, dependencies."""
        cells = sum(a.count for a in self.plan.actions if a.kind == "set")
        pairs = (("suspect cells", len(self.cells)), ("repairs proposed", cells), ("duplicate clusters", len(self.duplicates.clusters)))
        out: list[Block] = [Facts(pairs), *self.plan.blocks()]
        if self.duplicates.clusters:
            out.append(_clusters_block(self.duplicates))
        if self.dependencies:
            out.append(Fold(f"Dependencies relied on ({len(self.dependencies)})", (Items(self.dependencies),)))
        return out


def _clusters_block(duplicates: Duplicates) -> Fold:
    shown = duplicates.clusters[:30]
    rows = tuple((", ".join(map(str, c.rows[:12])), c.keep, f"{c.confidence:.2f}") for c in shown)
    grid = Grid("Clusters of duplicate rows (positions)", ("rows", "keep", "confidence"), rows, more=len(duplicates.clusters) - len(shown))
    return Fold(f"Duplicates ({plural(len(duplicates.clusters), 'cluster')}, {plural(len(duplicates), 'pair')})", (grid,))


def clean_data(
    frame: Frame,
    context: Context,
    *,
    columns: Annotated[tuple[str, ...], Option("columns that may be changed; all by default", kind="column")] = (),
    dependencies: Annotated[tuple[str, ...], Option("rules you vouch for: zip -> city, state + pay -> rate")] = (),
    reference: Annotated[Any, Option("a frame (or its name) that holds true values", kind="frame")] = None,
    key: Annotated[tuple[str, ...], Option("columns that identify a row in both frames", kind="column")] = (),
    labels: Annotated[Any, Option("a frame (or its name) of labelled rows: row (position) and true values", kind="frame")] = None,
    recipe: Annotated[
        Any, Option("a recipe, plan or change log (or a recipe's path) to replay instead of looking for faults", kind="variable")
    ] = None,
    duplicates: Annotated[bool, Option("look for duplicate rows")] = True,
    keep: Annotated[Keep, Option("which row of a cluster of duplicates stays; its gaps can be filled from the others")] = "fullest",
    propose: Annotated[Any, Option("from Python: a function that is asked for repairs of flagged cells, such as a model")] = None,
    send_values: Annotated[bool, Option("let propose see raw values; else it sees masked ones")] = False,
) -> CleaningResult:
    """Find wrong cells and duplicate rows, and plan their repair; nothing is changed.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> df = pd.DataFrame({"city": ["Graz", "Graz ", "Linz"]})
    >>> result = clean_data(as_frame(df, name="t"), Context())
    >>> result.plan.apply(df).frame["city"].tolist()
    ['Graz', 'Graz', 'Linz']
    """
    if recipe is not None:
        return _replayed(frame, context, recipe)
    allowed = {frame.position(c) for c in columns} or set(range(len(frame.columns)))
    laws, rules = read_given(context.body, frame)
    found = detect(frame, context, dependencies=(*dependencies, *laws))
    found = replace(found, hits=(*found.hits, *find_broken(frame, found.views, rules, context))) if rules else found
    if reference is not None:
        hits = compare_with_reference(found.views, frame, _other(context, reference, "reference"), key)
        found = replace(found, hits=(*found.hits, *hits))
    cells = keeping_to(frame, found.raw, verdicts_of(found.hits), rules, context)
    if labels is not None:
        cells = with_labels(found.raw, cells, read_labels(_other(context, labels, "labels"), frame))
    cells = [v for v in cells if v.column in allowed]
    said = ""
    if propose is not None:
        cells, said = with_proposals(frame, found, cells, propose, rules, context, send_values=send_values)
    context.progress.step("plan", 0.92)
    twins, note = _duplicates(frame, found, context) if duplicates else (Duplicates(), "")
    plan = plan_of(frame, found, cells)
    twins = kept(twins, keep)
    plan = replace(plan, actions=(*plan.actions, *duplicate_actions(frame, found.raw, twins)))
    return _result(frame, found, plan, suspect_table(found, cells), twins, (note, _unwritable(found), _wide(found), said))


def _other(context: Context, given: Any, option: str) -> Frame:
    """Another table, by its name in the notebook or itself."""
    if not isinstance(given, str):
        return as_frame(given, name=option)
    if given not in context.frames:
        raise DataNotFound(f"no frame `{given[:60]}`.", hint="Give a DataFrame, or the name of one in the notebook.", name=given[:60])
    return context.frames[given]


def _replayed(frame: Frame, context: Context, recipe: Any) -> CleaningResult:
    """The plan of a recipe, all of it accepted."""
    steps = recipe_in(recipe)
    plan, cells, notes = replay(steps, frame, context)
    found = Detected((), (), (), (), None)
    head = f"Replayed {plural(len(steps.steps), 'step')} approved for {steps.source}."
    result = _result(frame, found, plan, cells, Duplicates(), (head, *notes))
    return replace(result, summary=_replay_summary(frame, plan, steps))


def _replay_summary(frame: Frame, plan: Plan, recipe: Recipe) -> str:
    count = len({(a.column, row) for a in plan.actions for row in a.rows})
    what = f"what was approved for {recipe.source} ({plural(len(recipe.steps), 'step')})"
    if not count:
        return f"Nothing of {what} was found in {plural(frame.cells, 'cell')}; other faults were not looked for."
    return f"{plural(count, 'cell')} of {frame.cells:,} ({percent(count, frame.cells)}) fit {what}; other faults were not looked for."


def _result(frame: Frame, found: Detected, plan: Plan, suspects: Table, twins: Duplicates, notes: Sequence[str]) -> CleaningResult:
    return CleaningResult(
        capability=CAPABILITY,
        dataset=frame.ref,
        status=_status(frame, plan),
        summary=_summary(frame, plan, suspects, twins),
        findings=_findings(frame, plan),
        metrics=_metrics(frame, plan, suspects, twins),
        notes=tuple(n for n in notes if n),
        plan=plan,
        duplicates=twins,
        cells=suspects,
        dependencies=tuple(
            f"{d.named(found.views)} (holds for {percent(d.accuracy)} of the rows that can be checked)" for d in found.dependencies
        ),
    )


def _duplicates(frame: Frame, found: Detected, context: Context) -> tuple[Duplicates, str]:
    if frame.rows > _ROWS_FOR_DUPLICATES:
        return Duplicates(), f"Duplicates were not looked for: more than {_ROWS_FOR_DUPLICATES:,} rows."
    twins = find_duplicates(found.views, seed=context.seed, step=lambda: context.progress.step("duplicates", 0.95))
    return twins, twins.note


def _unwritable(found: Detected) -> str:
    names = [v.name for v in found.raw if not v.writable and v.filled]
    return f"Only looked at, never changed (mixed types, nested or binary): {', '.join(names)}." if names else ""


def _wide(found: Detected) -> str:
    if len(found.raw) <= WIDE:
        return ""
    return f"Of {len(found.raw)} columns the {WIDE} that repeat most were searched for dependencies."


def _status(frame: Frame, plan: Plan) -> Status:
    if not frame.rows or not frame.columns:
        return Status.NOT_ASSESSED
    return Status.ISSUES if plan.actions else Status.OK


def _summary(frame: Frame, plan: Plan, suspects: Table, twins: Duplicates) -> str:
    if not frame.rows or not frame.columns:
        return "There are no rows to clean."
    if not plan.actions:
        return f"Nothing to clean was found in {plural(frame.cells, 'cell')}."
    by = _by_tier(plan)
    dup = f" {plural(len(twins.clusters), 'cluster')} of duplicate rows." if twins.clusters else ""
    return (
        f"{plural(len(suspects), 'suspect cell')} of {frame.cells:,} ({percent(len(suspects), frame.cells)}): {by['auto']:,} can be"
        f" repaired unseen, {by['review']:,} want a look, {by['flag']:,} have no safe repair.{dup}"
    )


def _by_tier(plan: Plan) -> Counter[str]:
    """Suspect cells by tier, each once: of two actions on a cell the later one sees what the first one wrote."""
    last: dict[tuple[str | None, int], Action] = {}
    for action in sorted((a for a in plan.actions if a.detector not in _ABOUT_ROWS), key=lambda a: a.stage):
        last |= {(action.column, row): action for row in action.rows}
    return Counter(a.tier for a in last.values())


def _metrics(frame: Frame, plan: Plan, suspects: Table, twins: Duplicates) -> dict[str, float | int | None]:
    by = _by_tier(plan)
    return {
        "cells": frame.cells,
        "suspect_cells": len(suspects),
        "auto_cells": by["auto"],
        "review_cells": by["review"],
        "flagged_cells": by["flag"],
        "actions": len(plan.actions),
        "duplicate_pairs": len(twins),
        "duplicate_clusters": len(twins.clusters),
    }


_DIMENSIONS = {
    "coded_missing": Dimension.COMPLETENESS,
    "sentinel": Dimension.COMPLETENESS,
    "missing_fill": Dimension.COMPLETENESS,
    "duplicates": Dimension.UNIQUENESS,
    "dependency": Dimension.CONSISTENCY,
    "source_conflict": Dimension.CONSISTENCY,
    "foreign_row": Dimension.CONSISTENCY,
    "swapped": Dimension.ACCURACY,
    "spilled": Dimension.ACCURACY,
    "typo": Dimension.ACCURACY,
    "word_typo": Dimension.ACCURACY,
}


def _findings(frame: Frame, plan: Plan) -> tuple[Finding, ...]:
    """One finding per detector and column, over all its tiers."""
    groups: defaultdict[tuple[str, tuple[str, ...]], list[Action]] = defaultdict(list)
    for action in plan.actions:
        if action.detector != "golden_record":  # part of what is done about duplicates, no fault of its own
            groups[action.detector, action.columns].append(action)
    return worst_first(_finding(frame, detector, columns, mine) for (detector, columns), mine in groups.items())


def _finding(frame: Frame, detector: str, columns: tuple[str, ...], actions: Sequence[Action]) -> Finding:
    rows = sorted({r for a in actions for r in a.rows})
    first = actions[0]
    tiers = ", ".join(
        f"{sum(a.count for a in actions if a.tier == t):,} {t}" for t in ("auto", "review", "flag") if any(a.tier == t for a in actions)
    )
    unit = "row" if detector == "duplicates" else "cell"
    return finding(
        CAPABILITY,
        detector,
        columns,
        f"{first.title}: {plural(len(rows), unit)} ({first.reason})",
        _severity(len(rows), frame.rows, actions),
        count=len(rows),
        of=frame.rows,
        rows=frame.row_labels(rows[:50]),
        evidence=tuple(Evidence(row=e.row, column=first.column or "", shown=e.before, note=f"→ {e.after}") for e in first.examples),
        dimension=_DIMENSIONS.get(detector, Dimension.VALIDITY).value,
        confidence=max(a.confidence for a in actions),
        computation=f"detector `{detector}` over all rows; {tiers}",
        actions=tuple(f"{a.title} ({a.tier}, {a.id})" for a in actions),
    )


def _severity(count: int, rows: int, actions: Sequence[Action]) -> Severity:
    if all(a.tier == "flag" for a in actions) or count < 0.01 * rows:
        return Severity.LOW
    return Severity.HIGH if count > 0.2 * rows else Severity.MEDIUM
