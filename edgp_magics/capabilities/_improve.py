"""quality_improvement: what each repair is worth, before and after, and the plan at which nothing more can be done unseen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from ..frames import Frame, as_frame
from ..values import Action, AgentCapability, Block, Cell, Code, Context, Facts, Grid, Plan, Result, Status, plural
from ._assess import AssessmentResult, assess_quality
from ._clean import clean_data
from ._options import Option
from .cleaning._assemble import action_id
from .cleaning._recipe import Replayable

CAPABILITY = AgentCapability.QUALITY_IMPROVEMENT
_SHOWN = 30
_ROUND_STAGES = 2
"""Stages of one round of cleaning; those of the next round come after them."""
_SECONDS = {"auto": 0.0, "review": 4.0, "flag": 20.0}
"""What a person spends on one distinct change of a tier, by rough experience."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The scores if the plan were applied in one way: overall and by dimension (None: not assessed)."""

    name: str
    cells: int
    score: float | None
    dimensions: tuple[tuple[str, float | None], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Effort:
    """One action: how many cells it mends, how long looking at it takes, and cells mended per minute (None: at once)."""

    action: str
    title: str
    tier: str
    cells: int
    minutes: float
    per_minute: float | None


@dataclass(frozen=True, kw_only=True, repr=False)
class ImprovementResult(Replayable, Result):
    """What-if scores, effort against effect, and one plan that holds all rounds."""

    plan: Plan
    scenarios: tuple[Scenario, ...] = ()
    efforts: tuple[Effort, ...] = ()
    rounds: int = 0
    fixed: bool = True

    def body(self) -> list[Block]:
        """Scenarios side by side, effort against effect, the plan."""
        out: list[Block] = [Facts((("rounds to the fixed point" if self.fixed else "rounds made, more would change", self.rounds),))]
        if self.scenarios:
            out.append(_scenario_grid(self.scenarios))
        if self.efforts:
            out.append(_effort_grid(self.efforts))
        return [*out, *self.plan.blocks()]


def _scenario_grid(scenarios: Sequence[Scenario]) -> Grid:
    names = [d for d, _ in scenarios[0].dimensions]
    rows: list[tuple[Cell, ...]] = [(s.name, s.cells, _shown(s.score), *(_shown(v) for _, v in s.dimensions)) for s in scenarios]
    return Grid("What if", ("applied", "cells", "score", *names), tuple(rows))


def _effort_grid(efforts: Sequence[Effort]) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    for e in efforts[:_SHOWN]:
        pace = "at once" if e.per_minute is None else f"{e.per_minute:.0f}"
        rows.append((e.title, e.tier, e.cells, f"{e.minutes:.1f}", pace, Code(e.action)))
    head = ("action", "tier", "cells mended", "minutes", "cells per minute", "id")
    return Grid("Effort against effect", head, tuple(rows), more=len(efforts) - len(rows))


def _shown(score: float | None) -> str:
    return "not assessed" if score is None else f"{score:.2f}"


def improve_quality(
    frame: Frame,
    context: Context,
    *,
    approve: Annotated[Literal["auto", "all"], Option("which tiers each round applies before it looks again")] = "auto",
    rounds: Annotated[int, Option("at most this many rounds", minimum=1, maximum=10)] = 4,
) -> ImprovementResult:
    """Clean in rounds until nothing more changes, and score the table before, after, and in between.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> df = pd.DataFrame({"a": ["N/A", "y", "z"] * 4})
    >>> result = improve_quality(as_frame(df, name="t"), Context())
    >>> result.rounds, len(result.plan.apply(df).log.entries)
    (1, 4)
    """
    plan, done, fixed = _fixed_point(frame, context, approve, rounds)
    scenarios = tuple(_scenarios(frame, context, plan))
    efforts = tuple(sorted((_effort(a) for a in plan.actions), key=lambda e: (e.minutes > 0, -(e.per_minute or 0.0), -e.cells, e.action)))
    return ImprovementResult(
        capability=CAPABILITY,
        dataset=frame.ref,
        status=_status(frame, plan),
        summary=_summary(scenarios, done, fixed),
        metrics={"rounds": done, "score_before": scenarios[0].score, "score_after": scenarios[-1].score, "actions": len(plan)},
        plan=plan,
        scenarios=scenarios,
        efforts=efforts,
        rounds=done,
        fixed=fixed,
    )


# -- rounds --------------------------------------------------------------------------------------------------------------
def _fixed_point(frame: Frame, context: Context, approve: str, rounds: int) -> tuple[Plan, int, bool]:
    """One plan for the frame as it is, from as many rounds as change something, and whether a last one changed nothing.

    Of every round the plan holds what was applied, of the last one also what was not: that is what is left to decide.
    """
    current, done, fixed = frame, 0, False
    applied: list[Action] = []
    left: list[Action] = []
    for number in range(rounds + 1):  # the last one only looks
        context.progress.step("improve", number / (rounds + 1))
        plan = clean_data(current, context, duplicates=False).plan
        used = {a.id for a in applied}
        chosen = {a.id for a in plan.selected(approve)}
        left = [_staged(frame, a, number, used) for a in plan.actions if a.id not in chosen or number == rounds]
        if not chosen or number == rounds:
            fixed = not chosen
            break
        done += 1
        applied += [_staged(frame, a, number, used) for a in plan.actions if a.id in chosen]
        current = as_frame(plan.apply(current.native if current is not frame else frame.native, approve).frame, name=frame.name)
    return Plan(dataset=frame.ref, actions=(*applied, *map(_held, left)), like=frame), done, fixed


def _staged(frame: Frame, action: Action, number: int, used: Collection[str]) -> Action:
    """The action as part of the one plan: its old values are those of the frame as it is, its stage that of its round."""
    if not number or action.kind not in ("set", "flag"):
        return action
    old = frame.column(str(action.column)).array.take(list(action.rows)).to_pylist()
    own = action_id(action.id, str(number)) if action.id in used else action.id
    return replace(action, id=own, old=tuple(old), stage=action.stage + number * _ROUND_STAGES)


def _held(action: Action) -> Action:
    """An action that no round applied waits for a look, however sure it is: the rounds were at an end."""
    return replace(action, tier="review") if action.tier == "auto" else action


# -- what if -------------------------------------------------------------------------------------------------------------
def _scenarios(frame: Frame, context: Context, plan: Plan) -> list[Scenario]:
    ways = [("as it is", None), ("auto", "auto"), ("auto and review", "all")]
    out: list[Scenario] = []
    for name, approve in ways:
        context.progress.step(f"what if: {name}", 0.8)
        done = plan.apply(frame.native, approve) if approve else None
        if done is not None and len(done.log.entries) == out[-1].cells:
            out.append(replace(out[-1], name=name))
            continue
        after = as_frame(done.frame, name=frame.name) if done else frame
        out.append(_scored(name, assess_quality(after, context), len(done.log.entries) if done else 0))
    return out


def _scored(name: str, result: AssessmentResult, cells: int) -> Scenario:
    dimensions = tuple((n, d.score) for n, d in result.dimensions.items())
    return Scenario(name=name, cells=cells, score=result.score, dimensions=dimensions)


def _effort(action: Action) -> Effort:
    distinct = len({(repr(o), repr(n)) for o, n in zip(action.old, action.new, strict=False)}) or len(action.rows)
    minutes = _SECONDS[action.tier] * (min(distinct, 5) if action.stage == 0 else distinct) / 60
    mended = action.count if action.kind != "flag" else 0
    return Effort(
        action=action.id,
        title=action.title,
        tier=action.tier,
        cells=mended,
        minutes=round(minutes, 2),
        per_minute=round(mended / minutes, 1) if minutes else None,
    )


# -- words ---------------------------------------------------------------------------------------------------------------
def _status(frame: Frame, plan: Plan) -> Status:
    if not frame.rows or not frame.columns:
        return Status.NOT_ASSESSED
    return Status.ISSUES if plan.actions else Status.OK


def _summary(scenarios: Sequence[Scenario], rounds: int, fixed: bool) -> str:
    before, auto, everything = scenarios
    if before.score is None:
        return "The table could not be scored."
    if not everything.cells:
        return f"Score {before.score:.1f}; no repair is known that would raise it."
    text = f"Score {before.score:.1f} now; {_shown(auto.score)} with {plural(auto.cells, 'cell')} repaired unseen"
    more = f"; {_shown(everything.score)} with {plural(everything.cells, 'cell')} once the rest is reviewed"
    end = "Nothing more changes" if fixed else "Another round would change more; this stopped"
    return text + (more if everything.cells > auto.cells else "") + f". {end} after {plural(rounds, 'round')}."
