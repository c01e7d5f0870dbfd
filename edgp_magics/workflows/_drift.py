"""``drift_watch``: profile, compare with a reference or with the last time, new rules where it moved, and the report."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import UnknownName
from ..frames import as_frame
from ..infrastructure import PastRun, column_figures
from ..values import AgentCapability as Cap
from ..values import Dimension, Finding, Progress, Result, Severity, Status, finding, plural, worst_first
from ._nodes import WorkflowContext, add, capability_work, options_of, table
from ._report import report_work
from ._routing import drift_router
from ._state import WorkflowState, brief

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

Columns = Mapping[str, Mapping[str, Any]]
_MOVED = 0.05
_SHIFT = 0.15
"""Standard deviations by which the middle of the numbers has to move."""
_SURE = 3.0


async def compare(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
    """Compare the profile with that of the reference table, else its figures with those of the last profile of this name."""
    name = state.get("reference")
    if not name:
        return await _with_history(state, context, progress)
    if name not in context.frames:
        raise UnknownName("table", str(name), known=context.frames)
    profile = await _profile(state, context, progress)
    drift: Result = await asyncio.to_thread(lambda: profile.compare(as_frame(context.frames[name], name=str(name))))
    context.results["compare"] = drift
    return {"results": {"compare": {**brief(drift), "drifted": bool(getattr(drift, "drifted", ()) or drift.findings)}}}


async def _with_history(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
    now = await _profile(state, context, progress)
    past = await asyncio.to_thread(_earlier, state, context)
    drift = since(now, past)
    context.results["compare"] = drift
    moved = changes(now.metrics, past.metrics if past else None)["moved"]
    return {"results": {"compare": {**brief(drift), "moved": moved, "drifted": past is None or bool(drift.findings)}}}


def _earlier(state: Mapping[str, Any], context: WorkflowContext) -> PastRun | None:
    """The last profile of a table of this name before this run's."""
    past = context.runtime.recorder.history.runs(state["dataset_id"], capability=Cap.DATA_PROFILING.value, limit=20)
    found = [run for run in past if run.id != state["results"]["profile"]["run"]]
    return found[-1] if found else None


async def _profile(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> Any:
    """The profile this kernel made, or made again."""
    if "profile" not in context.results:
        ref = await table(state, context, progress)
        context.results["profile"] = await context.execute(Cap.DATA_PROFILING, ref, progress, options_of(state, "profile"))
    return context.results["profile"]


def since(profile: Result, past: PastRun | None) -> Result:
    """How a profile differs from an earlier one of which the history keeps the figures: of the table and of each column."""
    if past is None:
        return Result(
            capability=Cap.DATA_PROFILING,
            dataset=profile.dataset,
            status=Status.NOT_ASSESSED,
            summary="There is no earlier run to compare with.",
        )
    now = column_figures(profile)
    table_moved = changes(profile.metrics, past.metrics)
    found = [_finding([], "figures", f"Figures of the table moved: {table_moved['summary']}.")] if table_moved["drifted"] else []
    found += [_finding([name], kind, text) for name, kind, text in moved_columns(now, past.profile)]
    both = [n for n in now if n in past.profile]
    names = ", ".join(dict.fromkeys(f"`{c}`" for f in found for c in f.columns))
    where = f" in {names}" if names else ""
    day = past.at[:10]
    text = f"{plural(len(found), 'change')} since {day}{where}." if found else f"No figure of the profile moved since {day}."
    return Result(
        capability=Cap.DATA_PROFILING,
        dataset=profile.dataset,
        status=Status.ISSUES if found else Status.OK if both or not now else Status.NOT_ASSESSED,
        summary=text,
        findings=worst_first(found),
        metrics={"changes": len(found), "compared": len(both)},
        notes=("Compared by aggregates that the history keeps; --reference TABLE compares whole distributions.",),
    )


def _finding(columns: list[str], kind: str, text: str) -> Finding:
    severity = Severity.LOW if kind in ("added", "distinct", "figures", "length") else Severity.MEDIUM
    how = "aggregates of this profile against those of the last one in the history"
    return finding(Cap.DATA_PROFILING, f"drift_{kind}", columns, text, severity, computation=how, dimension=Dimension.CONSISTENCY.value)


def moved_columns(now: Columns, before: Columns) -> Iterator[tuple[str, str, str]]:
    """Column, kind of change and words for everything that moved; nothing is known where no columns were kept.

    >>> was = {"kind": "float", "count": 400, "missing": 0.0, "quartiles": [10.0, 20.0, 30.0]}
    >>> list(moved_columns({"a": was | {"quartiles": [90.0, 100.0, 110.0]}}, {"a": was}))
    [('a', 'location', '`a` moved: its median is 100, it was 20.')]
    """
    if not before:
        return
    yield from ((n, "added", f"`{n}` is new.") for n in now if n not in before)
    yield from ((n, "removed", f"`{n}` is gone.") for n in before if n not in now)
    for name in (n for n in now if n in before):
        yield from ((name, kind, f"`{name}` {text}") for kind, text in _moved(now[name], before[name]))


def _moved(now: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if now["kind"] != before["kind"]:
        yield "type", f"is {now['kind']} now, it was {before['kind']}."
        return
    for key, words, limit in (("missing", "missing", _MOVED), ("distinct", "distinct", 4 * _MOVED)):
        if abs(now.get(key, 0.0) - before.get(key, 0.0)) > limit and key in now and key in before:
            yield key, f"has {now[key]:.1%} {words} values, it had {before[key]:.1%}."
    if "length" in now and "length" in before and abs(now["length"] - before["length"]) > max(1.0, before["length"] / 4):
        yield "length", f"is {now['length']:g} characters long on average, it was {before['length']:g}."
    moved = _location(now, before)
    if moved:
        yield "location", moved


def _location(now: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """Whether the middle of the numbers moved, beyond chance; the median where it is kept, for an outlier moves a mean."""
    chance = _SURE * math.sqrt(1 / max(1, now["count"]) + 1 / max(1, before["count"]))
    if "quartiles" in now and "quartiles" in before:
        (low, middle, high), median = before["quartiles"], now["quartiles"][1]
        spread = (high - low) / 1.35
        if abs(median - middle) > max(_SHIFT, 1.25 * chance) * spread:
            return f"moved: its median is {median:g}, it was {middle:g}."
    elif "mean" in now and "mean" in before and abs(now["mean"] - before["mean"]) > max(_SHIFT, chance) * before["std"]:
        return f"moved: its mean is {now['mean']:g}, it was {before['mean']:g}."
    return ""


def changes(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The figures that moved by more than a twentieth; without an earlier run nothing is known, which is no pass.

    >>> changes({"rows": 200}, {"rows": 100})["moved"]
    {'rows': {'before': 100, 'now': 200}}
    """
    if before is None:
        return {"drifted": True, "status": "not_assessed", "moved": {}, "summary": "There is no earlier run to compare with."}
    moved = {
        name: {"before": before.get(name), "now": value}
        for name, value in sorted(now.items())
        if name in before and _differs(before.get(name), value)
    }
    words = ", ".join(f"{n} {m['before']} → {m['now']}" for n, m in list(moved.items())[:6])
    return {
        "drifted": bool(moved),
        "status": "issues" if moved else "ok",
        "moved": moved,
        "summary": words or "No figure of the profile moved.",
    }


def _differs(before: Any, now: Any) -> bool:
    if isinstance(before, (int, float)) and isinstance(now, (int, float)):
        return abs(now - before) > _MOVED * max(abs(before), abs(now), 1e-12)
    return bool(before != now)


def _compared(context: WorkflowContext) -> list[tuple[str, Result]]:
    return [("Drift", context.results["compare"])] if "compare" in context.results else []


def build() -> StateGraph[Any, Any, Any, Any]:
    """New rules only where the data moved; the report in any case."""
    from langgraph.graph import END, START, StateGraph

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(WorkflowState, context_schema=WorkflowContext)
    add(graph, "profile", capability_work("profile", Cap.DATA_PROFILING))
    add(graph, "compare", compare)
    add(graph, "rules", capability_work("rules", Cap.RULE_SUGGESTION))
    add(graph, "analytics_report", report_work("analytics_report", _compared))
    graph.add_edge(START, "profile")
    graph.add_edge("profile", "compare")
    graph.add_conditional_edges("compare", drift_router, {"drifted": "rules", "stable": "analytics_report"})
    graph.add_edge("rules", "analytics_report")
    graph.add_edge("analytics_report", END)
    return graph
