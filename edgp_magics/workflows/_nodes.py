"""Nodes: a capability on the run's table, its brief into the state; an approval; the plan that was approved, applied.

A node is made of ``work(state, context, progress) -> update``. Every one of them takes its turn, has a time limit, and
stops its capability when it is cancelled; ``_limits`` has it tried again where that may help.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..agents import Frames
from ..errors import DataError, FrameChanged, PlanError, UsageError, WorkflowError
from ..frames import Frame
from ..values import AgentCapability, DatasetRef, Plan, Progress, Result, plain, plural
from ._state import WorkflowState, brief, decision_on, numbered, outcome, plan_brief, planned, ref_of, reference
from ._store import Live, Store

if TYPE_CHECKING:
    from langgraph.graph import StateGraph
    from langgraph.runtime import Runtime as GraphRuntime

    from ..agents import Runtime


@dataclass(frozen=True)
class WorkflowContext:
    """What nodes are given and no checkpoint keeps: the agents' runtime, progress, other tables, the results so far.

    A node of a graph of your own gets it as ``runtime.context``; :meth:`frame` is the table of the run.
    """

    runtime: Runtime
    progress: Progress
    store: Store
    run_id: str
    live: Live
    frames: Mapping[str, Any] = field(default_factory=dict)
    key: bytes = b""
    resumed: bool = False

    @property
    def results(self) -> dict[str, Result]:
        """Full results by step."""
        return self.live.results

    def frame(self, state: Mapping[str, Any], role: str = "") -> Any:
        """The table of the run as it was given (or the one made under ``role``)."""
        return self.runtime.datasets.frame(reference(state, role)).native

    def hold(self, data: Any, name: str | None = None) -> DatasetRef:
        """Register a table for as long as the run lasts, and return its handle."""
        frame = self.runtime.datasets.hold(data, name=name)
        self.live.held[frame.fingerprint] = frame
        return frame.ref

    def known(self, ref: DatasetRef) -> Frame | None:
        """The table behind a handle where the run holds it; the registry may have let go of it."""
        held: Frame | None = self.live.held.get(ref.fingerprint)
        if held is not None:
            self.runtime.datasets.add(held)
        return held

    async def execute(
        self,
        capability: AgentCapability,
        ref: DatasetRef,
        progress: Progress,
        options: Mapping[str, Any],
        body: str = "",
        *,
        only: Collection[str] | None = None,
    ) -> Result:
        """A capability through its agent; it sees the other tables, or ``only`` some of them."""
        frames = self.frames if only is None else {n: self.frames[n] for n in only}
        parameters = {"dataset": ref, "options": options, "body": body, "progress": progress, "frames": Frames(frames)}
        return await self.runtime.agent_for(capability).execute_capability(capability, parameters)


Work = Callable[[Mapping[str, Any], WorkflowContext, Progress], Awaitable[dict[str, Any]]]
Node = Callable[..., Awaitable[dict[str, Any]]]
Planner = Callable[[Mapping[str, Any], WorkflowContext, DatasetRef, Progress], Awaitable[Plan]]
PLANNERS: dict[str, Planner] = {}
"""How each plan step makes its plan, so that after a restart it can be made again."""


# -- any node ------------------------------------------------------------------------------------------------
def add(graph: StateGraph[Any, Any, Any, Any], step: str, work: Work, **given: Any) -> None:
    """Add a node to a graph, with its time limit."""
    graph.add_node(step, limited(step, work), **given)


def limited(step: str, work: Work) -> Node:
    """The node of a piece of work."""

    async def node(state: WorkflowState, runtime: GraphRuntime[WorkflowContext]) -> dict[str, Any]:
        context = runtime.context
        progress = Progress(context.progress.step)
        context.progress.on_cancel(progress.cancel)
        span = context.runtime.recorder.tracer.span(f"step {step}", {"edgp.node": step, "edgp.run": context.run_id})
        async with context.live.together(), context.store.turn():
            with span:
                update = await _in_time(step, work(state, context, progress), progress, float(context.runtime.settings["timeout"]))
        return {**update, "current_step": step, "completed_steps": [step], "outcomes": [outcome(step, update)]}

    node.__name__ = step
    return node


async def _in_time(step: str, work: Awaitable[dict[str, Any]], progress: Progress, seconds: float) -> dict[str, Any]:
    """The update of a step; one that takes too long, or is cancelled, has its capability stopped in its thread too."""
    try:
        async with asyncio.timeout(seconds) as clock:
            try:
                return await work
            except asyncio.CancelledError:
                progress.cancel()
                raise
    except TimeoutError:
        if not clock.expired():
            raise
        raise WorkflowError(f"step {step} took longer than {seconds:g} s.", hint="Raise the setting `timeout`.", step=step) from None


def options_of(state: Mapping[str, Any], step: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The options of a step: the workflow's, then what the caller set."""
    return {**(options or {}), **(state.get("options") or {}).get(step, {})}


async def table(state: Mapping[str, Any], context: WorkflowContext, progress: Progress, ref: DatasetRef | None = None) -> DatasetRef:
    """The handle of the table to work on, which is made sure to be in the kernel: what was applied is applied again if need be."""
    wanted = ref or reference(state)
    if context.known(wanted) is not None:
        return wanted
    made = next((e for e in state.get("applied") or [] if e["after"]["fingerprint"] == wanted.fingerprint), None)
    if made is None:
        context.live.held[wanted.fingerprint] = context.runtime.datasets.frame(wanted)
        return wanted
    before = await table(state, context, progress, ref_of(made["before"]))
    plan = await plan_for(made["plan"], state, context, before, progress)
    done = await asyncio.to_thread(plan.apply, context.runtime.datasets.frame(before), made["approve"])
    again = context.hold(done.frame, wanted.name)
    if again.fingerprint != wanted.fingerprint:
        raise FrameChanged(f"`{wanted.name}` did not come out as before.", hint="Run the workflow again.")
    return again


# -- capabilities --------------------------------------------------------------------------------------------
def capability_work(
    step: str,
    capability: AgentCapability,
    key: str = "",
    *,
    options: Mapping[str, Any] | None = None,
    more: Callable[[Mapping[str, Any], Result], dict[str, Any]] | None = None,
) -> Work:
    """Run a capability on the table in hand; its brief goes to the state's ``key``, or to ``results`` under the step's name."""

    async def work(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
        ref = await table(state, context, progress)
        result = await context.execute(capability, ref, progress, options_of(state, step, options))
        remember(state, context, step, result)
        short = brief(result)
        return ({key: short} if key else {"results": {step: short}}) | (more(state, result) if more else {})

    return work


def remember(state: Mapping[str, Any], context: WorkflowContext, step: str, result: Result) -> None:
    """Keep a full result for the caller; a step's second round gets a name of its own."""
    context.results[numbered(step, (state.get("completed_steps") or []).count(step))] = result


# -- plans -------------------------------------------------------------------------------------------------------
def plan_work(step: str, planner: Planner) -> Work:
    """Make a plan; the state keeps the ids of its actions."""
    PLANNERS[step] = planner

    async def work(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
        plan, short = await new_plan(step, state, context, progress)
        return {"remediation_plan": short, "plans": planned(step, plan)}

    return work


async def new_plan(step: str, state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> tuple[Plan, dict[str, Any]]:
    """The plan of a step for the table in hand, and its brief: that of the result it came with, where there is one."""
    plan = await plan_for(step, state, context, await table(state, context, progress), progress)
    found = next((r for r in context.results.values() if getattr(r, "plan", None) is plan), None)
    return plan, brief(found) if found else plan_brief(plan)


async def plan_for(step: str, state: Mapping[str, Any], context: WorkflowContext, ref: DatasetRef, progress: Progress) -> Plan:
    """The plan of a step for a table: the one this kernel made, or made again, which gives the same one."""
    key = (step, ref.fingerprint)
    if key not in context.live.plans:
        context.live.plans[key] = await PLANNERS[step](state, context, ref, progress)
    return context.live.plans[key]


async def cleaning_plan(state: Mapping[str, Any], context: WorkflowContext, ref: DatasetRef, progress: Progress) -> Plan:
    """The repairs that data_cleaning proposes."""
    result = await context.execute(AgentCapability.DATA_CLEANING, ref, progress, options_of(state, "remediation_plan"))
    context.results[plan_name(state, "remediation_plan", ref)] = result
    plan: Plan = result.plan  # type: ignore[attr-defined]  # a CleaningResult
    return plan


def plan_name(state: Mapping[str, Any], plan_step: str, ref: DatasetRef) -> str:
    """What the plan of a step for a table is called: numbered by the rounds that led to that table, in this kernel or another."""
    rounds = 0
    for made in state.get("applied") or []:
        if made["before"]["fingerprint"] == ref.fingerprint:
            break
        rounds += made["plan"] == plan_step
    return numbered(shown_name(plan_step), rounds)


def shown_name(plan_step: str) -> str:
    """The name of a plan step without the mark of its description."""
    return plan_step.rpartition(":")[2]


@dataclass(frozen=True)
class Approval:
    """An answer to an approval: ``auto``, ``all``, ``none``, a confidence, or the ids of actions."""

    approve: Literal["auto", "all", "none"] | float | list[str]


def approval_work(step: str, plan_step: str, question: str) -> Work:
    """Ask a person about the plan of a step; the state keeps the ids approved. A standing decision is not asked for again."""

    async def work(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
        from langgraph.types import interrupt

        proposed = (state.get("plans") or {}).get(plan_step)
        if proposed is None:
            raise PlanError(f"{step} has no plan to ask about.", hint=f"Let `{shown_name(plan_step)}` come before it.")
        ref = ref_of(proposed["dataset"])
        standing = state.get("approve")
        if standing is None:
            waiting = {"kind": "approval", "step": step, "question": question, "plan": plan_name(state, plan_step, ref)}
            offered = {k: proposed[k] for k in ("actions", "action_ids", "tiers")}
            standing = interrupt({**waiting, **offered, "dataset": ref.name}, response_schema=Approval).approve
        await table(state, context, progress, ref)
        plan = await plan_for(plan_step, state, context, ref, progress)
        chosen = [] if standing == "none" else [a.id for a in plan.selected(standing)]
        name = numbered(step, sum(d["step"] == step for d in (state.get("decisions") or {}).values()))
        answer = standing if isinstance(standing, (str, float, int)) else "ids"
        detail = {"answer": answer, "approved": len(chosen), "actions": _few(chosen)}
        await once(context, "approval", f"{name} of {context.run_id}", ref, detail)
        decision = {"step": step, "plan": plan_step, "of": ref.fingerprint, "approve": chosen, "answer": answer, "proposed": len(plan)}
        figures = {"approved": len(chosen), "proposed": len(plan), "answer": str(answer)}
        said = {"summary": approved_words(len(chosen), proposed, standing), "metrics": figures}
        return {"decisions": {name: {**decision, "who": who()}}, "results": {step: said}}

    return work


def approved_words(chosen: int, proposed: Mapping[str, Any], answer: Any) -> str:
    """How many actions were approved, and why a word approved none.

    >>> approved_words(0, {"action_ids": ["A-1"], "tiers": {"flag": 1}}, "all")
    '0 of 1 action approved. A flag needs its number or id: 1 was left out.'
    """
    count, left = len(proposed["action_ids"]), proposed["tiers"].get("flag", 0)
    text = f"{chosen} of {plural(count, 'action')} approved."
    text += f" A flag needs its number or id: {left} was left out." if left and answer in ("auto", "all") else ""
    looked = count - sum(proposed["tiers"].values())
    return f"{text} {looked} can only be looked at." if looked else text


def _few(ids: list[str]) -> str:
    return ",".join(ids[:50]) + (", …" if len(ids) > 50 else "")


def apply_work(step: str, plan_step: str, suffix: str) -> Work:
    """Make the approved changes in a new table. The change is recorded once, however often the node has to run."""

    async def work(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
        before = await table(state, context, progress)
        approved = _approved(state, plan_step, before)
        plan = await plan_for(plan_step, state, context, before, progress)
        unknown = sorted(set(approved) - {a.id for a in plan.actions})
        if unknown:
            raise PlanError(f"the plan has no action {unknown[0]}.", hint="Run the workflow again.", actions=unknown)
        name = f"{ref_of(state['input_data']).name}_{suffix}"
        done = await asyncio.to_thread(plan.apply, context.runtime.datasets.frame(before), approved, who=who())
        after = context.hold(done.frame, name)
        detail = {"changes": len(done.log), "actions": _few(approved), "after": after.fingerprint}
        await once(context, "apply", f"{plan_step} of {context.run_id}, round {len(state.get('applied') or []) + 1}", before, detail)
        entry = {"plan": plan_step, "approve": approved, "before": plain(before), "after": plain(after), "changes": len(done.log)}
        text = f"{plural(len(done.log), 'change')} in {name}: .frames['{suffix}']"
        said = {"summary": text, "metrics": {"changes": len(done.log)}}
        return {"applied": [entry], "frames": {suffix: plain(after)}, "results": {step: said}}

    return work


def _approved(state: Mapping[str, Any], plan_step: str, before: DatasetRef) -> list[str]:
    """The ids approved of a step's plan; a plan that was approved for another table is not applied to this one."""
    name = shown_name(plan_step)
    decision = decision_on(state, plan_step)
    if decision is None:
        raise PlanError(f"nobody was asked about the plan of `{name}`.", hint=f"Put a node with `approve: {name}` before this one.")
    if decision["approve"] and decision["of"] != before.fingerprint:
        raise PlanError(
            f"the table was changed after the plan of `{name}` was approved.", hint=f"Let `{name}` come after the node that changes it."
        )
    return list(decision["approve"])


async def once(
    context: WorkflowContext, event: Literal["approval", "apply"], what: str, ref: DatasetRef, detail: Mapping[str, Any]
) -> None:
    """Write a record of the audit log, unless an earlier try of this run wrote it before it was cut off."""
    recorder = context.runtime.recorder
    await asyncio.to_thread(recorder.event, event, what, ref, detail, once=context.resumed)


def who() -> str:
    """The name of the person at the keyboard."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "analyst"


def user_mistake(error: BaseException) -> bool:
    """Whether an error is for the caller to mend before anything can go on: a wrong option, a table that is not there."""
    return isinstance(error, (UsageError, DataError))
