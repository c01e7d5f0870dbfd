"""Run a workflow step by step, stop where it asks, go on where it stopped."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import queue
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..agents import Runtime, runtime
from ..errors import BadOption, FrameChanged, GovernanceError, Interrupted, UnknownName, UsageError, WorkflowError
from ..services.state import explained, is_damaged
from ..values import DatasetRef, Progress, plain
from ._answers import answers, standing
from ._nodes import WorkflowContext, plan_name, user_mistake
from ._picture import draw
from ._registry import Workflow, workflow_of
from ._result import Mermaid, Step, WorkflowRun
from ._state import FIELDS, ref_of, restored, said
from ._store import Live, Store, store_of

Show = Callable[[Step], None]
Tell = Callable[[Step], None]
_STEPS_LIMIT = 200
_RESUME = "__resume__"
_ABOUT = ("workflow", "dataset", "fingerprint", "rows", "definition")


@dataclass(frozen=True, kw_only=True)
class _Leg:
    """One go at a run: from the start, or from where it stopped, to its end or the next stop."""

    run_id: str
    workflow: Workflow
    dataset: DatasetRef
    context: WorkflowContext
    config: Mapping[str, Any]
    tell: Tell

    @property
    def live(self) -> Live:
        return self.context.live


@dataclass(frozen=True, kw_only=True)
class _Way:
    """How a run is gone on with: what was answered to what, on which table, from where; ``seen`` is what the caller has of it."""

    decisions: Any = None
    data: Any = None
    interrupt: str = ""
    checkpoint: str = ""
    seen: WorkflowRun | None = None


# -- the doors -----------------------------------------------------------------------------------------------
def run_workflow(
    name: str | Workflow,
    data: Any,
    *,
    dataset: str | None = None,
    show: Show | None = None,
    frames: Mapping[str, Any] | None = None,
    key: bytes = b"",
    **state: Any,
) -> WorkflowRun:
    """Run a workflow and wait; an interrupt stops it, and what is finished is kept under the run's id.

    Parameters
    ----------
    name
        one of :func:`edgp_magics.workflows`, or of your own (:func:`edgp_magics.register_workflow`).
    data
        the table.
    dataset
        what to call it.
    show
        told of every :class:`Step` as it happens.
    frames
        other tables by name.
    key
        the secret of keyed de-identification; it is never kept.
    **state
        fields of the first state.
    """
    current = runtime()
    start = functools.partial(arun_workflow, name, data, dataset=dataset, frames=frames, key=key, **state)
    return _wait(current, start, show, f"wf-{uuid.uuid4().hex[:8]}")


def resume_workflow(
    run: WorkflowRun | str,
    decisions: Any = None,
    *,
    data: Any = None,
    frames: Mapping[str, Any] | None = None,
    show: Show | None = None,
    key: bytes = b"",
    interrupt: str = "",
    checkpoint: str | int = "",
) -> WorkflowRun:
    """Go on with a run that waits for an answer, failed at a step, or was interrupted.

    ``interrupt`` says which question is answered, where several wait. ``checkpoint`` (its id, or its number) goes back: the
    run goes on from there, as a new branch that leaves the old checkpoints as they are.
    """
    run_id = run.id if isinstance(run, WorkflowRun) else str(run).strip()
    if checkpoint and decisions is not None:
        raise UsageError("going back and answering are two steps.", hint="Go back first; the run asks again.")
    how = _Way(
        decisions=decisions, data=data, interrupt=interrupt, checkpoint=str(checkpoint), seen=run if isinstance(run, WorkflowRun) else None
    )
    return _wait(runtime(), functools.partial(_resume, how=how, frames=frames, key=key), show, run_id)


def look_at(run: WorkflowRun | str) -> WorkflowRun:
    """A run as it stands, without going on with it: what it asks, what is finished, the results this kernel or the store has."""
    seen = run if isinstance(run, WorkflowRun) else None
    current = runtime()
    return current.wait(_look(store_of(current), seen.id if seen else str(run).strip(), seen))


async def _look(store: Store, run_id: str, seen: WorkflowRun | None) -> WorkflowRun:
    current, found = runtime(), await find_run(store, run_id)
    context = _context(current, store, run_id, None, None, b"", resumed=True)
    live = context.live
    live.steps[:] = [s for s in live.steps or _steps_of(found.snapshot.values) if s.status != "waiting"]
    live.steps += [
        Step(step=t.name, status="waiting", detail=waiting_for(t.interrupts[0])["question"]) for t in found.snapshot.tasks if t.interrupts
    ]
    live.results = {**(seen.results if seen else {}), **live.results}
    leg = _Leg(run_id=run_id, workflow=found.workflow, dataset=found.dataset, context=context, config={}, tell=_quiet)
    return _made(leg, {}, found.snapshot, failed=any(t.error for t in found.snapshot.tasks))


def _wait(current: Runtime, work: Callable[..., Coroutine[Any, Any, WorkflowRun]], show: Show | None, run_id: str) -> WorkflowRun:
    events: queue.SimpleQueue[Step] = queue.SimpleQueue()
    progress = Progress(lambda label, done: events.put(Step(step=label, status="stage", detail="" if done is None else f"{done:.0%}")))
    try:
        return current.wait(work(run_id=run_id, progress=progress, tell=events.put), progress, events, show)
    except Interrupted:
        raise Interrupted("stopped.", hint=f"Finished steps are kept: %governance resume {run_id}", run=run_id) from None


async def arun_workflow(
    name: str | Workflow,
    data: Any,
    *,
    dataset: str | None = None,
    frames: Mapping[str, Any] | None = None,
    key: bytes = b"",
    run_id: str = "",
    progress: Progress | None = None,
    tell: Tell | None = None,
    **state: Any,
) -> WorkflowRun:
    """:func:`run_workflow` on the runtime's own loop."""
    current, chosen = runtime(), name if isinstance(name, Workflow) else workflow_of(name)
    fields = chosen.fields
    for given in state:
        if given not in fields:
            raise UnknownName("field of the workflow state", given, known=fields)
    if fields == FIELDS:
        state = _checked(chosen, state)
    store = store_of(current)
    run_id = run_id or f"wf-{uuid.uuid4().hex[:8]}"
    context = _context(current, store, run_id, progress, frames, key)
    ref = await asyncio.to_thread(context.hold, data, dataset)
    start = {
        "dataset_id": ref.name,
        "input_data": plain(ref),
        "execution_id": run_id,
        "started_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "current_step": "",
        "completed_steps": [],
        **state,
    }
    leg = _Leg(
        run_id=run_id, workflow=chosen, dataset=ref, context=context, config=_config(current, chosen, run_id, ref), tell=tell or _quiet
    )
    async with store.running(run_id):
        run = await _go(store, leg, {k: v for k, v in start.items() if k in fields})
    await store.rest()
    return run


def _checked(chosen: Workflow, state: dict[str, Any]) -> dict[str, Any]:
    """What a caller sets of our own state, judged before anything runs."""
    options = state.get("options") or {}
    if not isinstance(options, Mapping) or not all(isinstance(v, Mapping) for v in options.values()):
        raise BadOption("options= holds a mapping of options for each step.", hint='For example: {"privacy_scan": {"sample": 1000}}')
    for step in options:
        if step not in chosen.steps:
            raise UnknownName(f"step of {chosen.name}", str(step), known=chosen.steps)
    rounds = state.get("max_rounds")
    if rounds is not None and (isinstance(rounds, bool) or not isinstance(rounds, int) or rounds < 1):
        raise BadOption(f"max_rounds cannot be {rounds!r}.", hint="It takes a whole number from 1.")
    return state if state.get("approve") is None else {**state, "approve": standing(state["approve"])}


async def _resume(*, run_id: str, how: _Way, frames: Mapping[str, Any] | None, key: bytes, progress: Progress, tell: Tell) -> WorkflowRun:
    """The run is claimed first and looked at then, so that what it is judged by is what it goes on from."""
    current = runtime()
    store = store_of(current)
    async with store.running(run_id):
        found = await find_run(store, run_id)
        chosen, stopped = found.workflow, found.snapshot
        if how.checkpoint or _half_done(stopped):
            stopped = await _back(store, chosen, run_id, stopped, how)
        if not stopped.next:
            raise WorkflowError(
                f"run {run_id} is finished.",
                hint=f"Run again from one of its checkpoints: %governance workflows --run {run_id}",
                run=run_id,
            )
        command = None if how.checkpoint else await _command(store, run_id, found, how)
        context = _context(current, store, run_id, progress, frames, key, resumed=True)
        if how.checkpoint:
            _rewind(context.live, stopped, how.seen)
        ref = await asyncio.to_thread(_same_table, context, found.dataset, how.data)
        leg = _Leg(run_id=run_id, workflow=chosen, dataset=ref, context=context, config=_config(current, chosen, run_id, ref), tell=tell)
        run = await _go(store, leg, command, stopped.values)
    await store.rest()
    return run


async def _command(store: Store, run_id: str, found: _Found, how: _Way) -> Any:
    """What the graph is given: the answers to what it asks, or nothing."""
    from langgraph.types import Command

    asked = [waiting_for(i) for i in found.open]
    if not asked and found.answered and how.decisions is not None:
        await _answer_again(store, run_id, found, how)
        return None
    if not asked:
        if how.decisions is not None:
            raise UsageError(f"run {run_id} asks for nothing.", hint=f"%governance resume {run_id}")
        return None
    known = {i["id"] for i in how.seen.interrupts} if how.seen else set()
    if how.decisions is not None and known and not known & {i["id"] for i in asked}:
        raise WorkflowError(f"run {run_id} has gone on since: it asks something else now.", hint=f"%governance resume {run_id} shows it.")
    return Command(resume=answers(run_id, asked, how.decisions, interrupt=how.interrupt))


async def _answer_again(store: Store, run_id: str, found: _Found, how: _Way) -> None:
    """Another answer to a question whose step failed after the first one: the last answer counts.

    LangGraph keeps the first with the step and would not look at a second.
    """
    asked = [waiting_for(i) for i, _ in found.answered]
    chosen = answers(run_id, asked, how.decisions, interrupt=how.interrupt)
    saver = await store.saver()
    for interrupt, task in found.answered:
        if interrupt.id in chosen:
            await saver.aput_writes(found.snapshot.config, [(_RESUME, [chosen[interrupt.id]])], task)


def _half_done(stopped: Any) -> bool:
    """Whether the routing behind a step failed: the step's own update is kept, but nothing follows it."""
    return not stopped.next and any(t.error for t in stopped.tasks)


async def _back(store: Store, chosen: Workflow, run_id: str, stopped: Any, how: _Way) -> Any:
    """The run as it stood at a checkpoint, as its newest state: a copy, so that whatever came after it stays to be looked at.

    Copied here, for LangGraph's own way of doing it loses the metadata by which a run is known.
    """
    from langgraph.checkpoint.base import copy_checkpoint
    from langgraph.checkpoint.base.id import uuid6

    wanted = stopped.config["configurable"]["checkpoint_id"]
    if how.checkpoint:
        wanted = await _checkpoint_id(store, run_id, how.checkpoint)
    place: Any = {"configurable": {"thread_id": run_id, "checkpoint_ns": "", "checkpoint_id": wanted}}
    saver = await store.saver()
    old = await saver.aget_tuple(place)
    assert old is not None
    new: Any = {**copy_checkpoint(old.checkpoint), "id": str(uuid6()), "ts": dt.datetime.now(dt.UTC).isoformat()}
    await saver.aput(place, new, {**old.metadata, "source": "fork"}, {})
    return await _standing(store, await store.compiled(chosen.key, chosen.graph, own=chosen.own), run_id)


async def _checkpoint_id(store: Store, run_id: str, given: str) -> str:
    """The id of a checkpoint: given by its number in the history, or by the id or its beginning."""
    from ._log import checkpoints_in

    found = await checkpoints_in(store, run_id)
    if given.isdigit() and len(given) < 6:
        number = int(given)
        if not 1 <= number <= len(found):
            raise BadOption(f"there is no checkpoint {number}.", hint=f"They are numbered 1 to {len(found)}.")
        return found[len(found) - number].id
    matching = [c.id for c in found if c.id == given or (len(given) >= 6 and c.id.startswith(given))]
    if len(matching) != 1:
        raise UnknownName("checkpoint", given, known=[c.id for c in found])
    return matching[0]


def _rewind(live: Live, stopped: Any, seen: WorkflowRun | None) -> None:
    """What this kernel knows of a run that goes back: the steps finished by then, and their results where the caller has them."""
    finished = _steps_of(stopped.values)
    names = {s.step for s in finished}
    kept = {**live.results, **(seen.results if seen else {})}
    live.steps[:] = finished
    live.results = {n: r for n, r in kept.items() if n in names}


def _quiet(step: Step) -> None:
    """Nobody wants to be told."""


def _context(
    current: Runtime, store: Store, run_id: str, progress: Progress | None, frames: Any, key: bytes, *, resumed: bool = False
) -> WorkflowContext:
    return WorkflowContext(
        runtime=current,
        progress=progress or Progress(),
        store=store,
        run_id=run_id,
        live=store.live(run_id),
        frames=frames or {},
        key=key,
        resumed=resumed,
    )


def _config(current: Runtime, chosen: Workflow, run_id: str, ref: DatasetRef) -> dict[str, Any]:
    """The thread is the run; what a list of runs needs is in the metadata, for a graph of the user's may keep none of it."""
    values = (chosen.name, ref.name, ref.fingerprint, ref.rows, chosen.definition)
    about = dict(zip(_ABOUT, values, strict=True))
    return {
        "configurable": {"thread_id": run_id},
        "metadata": {k: v for k, v in about.items() if v != ""},
        "max_concurrency": int(current.settings["concurrency"]),
        "recursion_limit": _STEPS_LIMIT,
    }


def _same_table(context: WorkflowContext, ref: DatasetRef, data: Any) -> DatasetRef:
    """The handle of the run's table, which must be what it was: given now, or still in the kernel and not changed in place."""
    given = context.runtime.datasets.frame(ref).native if data is None else data
    now = context.hold(given, ref.name)
    if now.fingerprint != ref.fingerprint:
        raise FrameChanged(
            f"`{ref.name}` is not the table run {context.run_id} began with: it has {now.rows:,} rows and other content "
            f"(fingerprint {now.fingerprint[:12]}, not {ref.fingerprint[:12]}).",
            hint="Give the table as it was with data=, or run the workflow again.",
        )
    return now


# -- finding a run -------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class _Found:
    """A run as it stands: its workflow, the handle of its table, LangGraph's snapshot, and what was written since."""

    workflow: Workflow
    dataset: DatasetRef
    snapshot: Any
    writes: tuple[tuple[str, str], ...]

    @property
    def open(self) -> list[Any]:
        """Questions nobody has answered."""
        return [i for t in self.snapshot.tasks if (t.id, _RESUME) not in self.writes for i in t.interrupts]

    @property
    def answered(self) -> list[tuple[Any, str]]:
        """Questions that were answered, but whose step did not come to its end; with the task each belongs to."""
        return [(i, t.id) for t in self.snapshot.tasks if (t.id, _RESUME) in self.writes and t.result is None for i in t.interrupts]


async def find_run(store: Store, run_id: str) -> _Found:
    """A run that is kept, or an error that says what else there is."""
    saver = await store.saver()
    try:
        found = await saver.aget_tuple({"configurable": {"thread_id": run_id}})
    except Exception as error:  # every store has errors of its own
        raise await _store_error(store, error) from error
    if found is None:
        from ._log import runs_in

        unknown = UnknownName("run", run_id, known=[r.id for r in await runs_in(store, limit=8)])
        unknown.hint = f"{unknown.hint} {store.notice}".strip()
        raise unknown
    if is_damaged(found):
        raise WorkflowError(
            f"the state of run {run_id} is damaged and cannot be read.",
            hint=f"Run the workflow again; %governance workflows --forget {run_id} deletes what is left.",
            run=run_id,
        )
    about: Mapping[str, Any] = found.metadata
    chosen = _workflow_again(str(about.get("workflow", "")), str(about.get("definition", "")), run_id)
    graph = await store.compiled(chosen.key, chosen.graph, own=chosen.own)
    stopped = await graph.aget_state({"configurable": {"thread_id": run_id}})
    kept = stopped.values.get("input_data") if isinstance(stopped.values, Mapping) else None
    handle = {"name": str(about["dataset"]), "fingerprint": str(about["fingerprint"]), "rows": int(about["rows"]), "columns": ()}
    writes = tuple((task, channel) for task, channel, _ in found.pending_writes or ())
    return _Found(workflow=chosen, dataset=ref_of(kept or handle), snapshot=stopped, writes=writes)


def _workflow_again(name: str, definition: str, run_id: str) -> Workflow:
    """The workflow of a run that is kept; a graph of the user's own has to be registered in every kernel."""
    try:
        return workflow_of(name, definition=definition)
    except UnknownName:
        raise WorkflowError(
            f"run {run_id} is of `{name}`, which this kernel does not know.",
            hint=f"edgp.register_workflow('{name}', graph) first, then resume.",
            run=run_id,
        ) from None


def waiting_for(interrupt: Any) -> dict[str, Any]:
    """What an interrupt asks, as plain data."""
    value = plain(interrupt.value)
    out = value if isinstance(value, dict) else {"value": value}
    question = out.get("question") or (value if isinstance(value, str) else "The workflow waits for an answer.")
    return {**out, "id": interrupt.id, "question": str(question), "actions": out.get("actions", [])}


# -- one leg -------------------------------------------------------------------------------------------------
async def _go(store: Store, leg: _Leg, command: Any, values: Mapping[str, Any] | None = None) -> WorkflowRun:
    """Run until the end or the next stop; write the records; make the value."""
    recorder, clock = leg.context.runtime.recorder, time.perf_counter()
    about = {"edgp.workflow": leg.workflow.name, "edgp.dataset": leg.dataset.name, "edgp.rows": leg.dataset.rows}
    outcome = "cancelled"
    try:
        with recorder.tracer.run(leg.run_id, f"workflow {leg.workflow.name}", about):
            run = await _stream(store, leg, command, values)
        outcome = {"completed": "ok", "waiting": "waiting", "paused": "waiting", "partial": "failed"}[run.status]
    except GovernanceError:
        outcome = "failed"
        raise
    finally:
        recorder.telemetry.workflow_done(leg.workflow.name, time.perf_counter() - clock, outcome=outcome)
    detail = {"run": leg.run_id, "status": run.status, "steps": ",".join(s.step for s in run.steps), "failed": ",".join(run.failed)}
    await asyncio.to_thread(recorder.event, "workflow", leg.workflow.name, leg.dataset, detail)
    return run


async def _stream(store: Store, leg: _Leg, command: Any, values: Mapping[str, Any] | None) -> WorkflowRun:
    graph = await store.compiled(leg.workflow.key, leg.workflow.graph, own=leg.workflow.own)
    seen: dict[str, Any] = dict(values or {})
    leg.live.errors.clear()
    leg.live.steps[:] = [s for s in leg.live.steps or _steps_of(seen) if s.status == "done"]
    clocks: dict[str, float] = {}
    failure: Exception | None = None
    stream = graph.astream(command, leg.config, context=leg.context, stream_mode=["tasks", "values"], version="v2", durability="sync")
    try:
        async for event in stream:
            if event["type"] == "values":
                seen = dict(event["data"]) if isinstance(event["data"], Mapping) else {"value": event["data"]}
            else:
                _note(leg, event["data"], clocks)
    except Exception as error:  # noqa: BLE001  # a node may raise anything, and so may a store
        failure = error
        await _judge(store, leg, error)
    else:
        _tell_handled(leg, seen)
    stopped = await _standing(store, graph, leg.run_id)
    return _made(leg, seen, stopped, failed=failure is not None)


def _note(leg: _Leg, task: Mapping[str, Any], clocks: dict[str, float]) -> None:
    """A step began, ended, failed or waits."""
    name = str(task["name"])
    if "input" in task:
        clocks[task["id"]] = time.perf_counter()
        leg.tell(Step(step=name, status="running"))
        return
    seconds = round(time.perf_counter() - clocks.get(task["id"], time.perf_counter()), 3)
    if task.get("error"):
        step = Step(step=name, status="failed", seconds=seconds)
    elif task.get("interrupts"):
        asked = task["interrupts"][0]
        value = asked["value"] if isinstance(asked, Mapping) else asked.value
        step = Step(step=name, status="waiting", detail=str(value.get("question", "")) if isinstance(value, Mapping) else "")
    else:
        step = _done(name, task.get("result"), seconds)
    leg.live.steps.append(step)
    if step.status != "failed":  # a failed one is told once it is known why
        leg.tell(step)


def _done(name: str, update: Any, seconds: float = 0.0) -> Step:
    """A step that ended well, with what it says it brought."""
    brought = (update.get("outcomes") or [{}])[-1] if isinstance(update, Mapping) else {}
    return Step(
        step=name,
        status="done",
        detail=str(brought.get("summary", "")),
        seconds=seconds,
        label=str(brought.get("label", "")),
        findings=brought.get("findings"),
    )


def _tell_handled(leg: _Leg, state: Mapping[str, Any]) -> None:
    """Failures that the graph itself dealt with: the state says what they were, one for each time a step ran."""
    known = list(state.get("failed_steps") or ())
    for i, step in enumerate(leg.live.steps):
        if step.status == "failed" and not step.detail:
            entry = next((f for f in known if str(f["step"]).partition(":")[0] == step.step), {"step": step.step, "error": ""})
            known = [f for f in known if f is not entry]
            leg.live.steps[i] = replace(step, detail=str(entry["error"]), label=str(entry["step"]))
            leg.tell(leg.live.steps[i])


async def _judge(store: Store, leg: _Leg, error: Exception) -> None:
    """What to do about an error: raise what the caller has to mend and what is the store's; keep what a step did not manage."""
    from langgraph.errors import GraphRecursionError, is_invalid_resume

    if is_invalid_resume(error):
        raise WorkflowError("that is no answer to what was asked.", hint="Say auto, all, none, a confidence, numbers or ids.") from None
    if isinstance(error, GraphRecursionError):
        raise WorkflowError(
            f"{leg.workflow.name} did not end after {_STEPS_LIMIT} steps.", hint="A cycle in it has no exit that is taken.", run=leg.run_id
        ) from None
    failed = [i for i, s in enumerate(leg.live.steps) if s.status == "failed"]
    if isinstance(error, Interrupted) or user_mistake(error):
        raise error
    known = explained(error)
    if known is not None or not failed:
        raise await _store_error(store, error) from error
    for i in failed:
        step = leg.live.steps[i]
        leg.live.steps[i] = replace(step, detail=said(error))
        leg.live.errors[step.step] = error
        leg.tell(leg.live.steps[i])


async def _store_error(store: Store, error: Exception) -> GovernanceError:
    """A failure of the store in one line; the store is opened anew next time."""
    known = error if isinstance(error, GovernanceError) else explained(error)
    if known is not None and known is not error:
        await store.drop()
    return known or WorkflowError(f"the workflow could not go on: {type(error).__name__}.", hint="--debug shows where.")


async def _standing(store: Store, graph: Any, run_id: str) -> Any:
    try:
        return await graph.aget_state({"configurable": {"thread_id": run_id}})
    except Exception as error:  # every store has errors of its own
        raise await _store_error(store, error) from error


def _made(leg: _Leg, seen: dict[str, Any], stopped: Any, *, failed: bool) -> WorkflowRun:
    live = leg.live
    interrupts = () if failed else tuple(waiting_for(i) for i in stopped.interrupts)
    state = dict(stopped.values) if isinstance(stopped.values, Mapping) and stopped.values else seen
    partial = failed or bool(state.get("failed_steps"))
    upcoming = () if failed or interrupts else tuple(stopped.next)
    status = "waiting" if interrupts else "partial" if partial else "paused" if upcoming else "completed"
    steps = tuple(live.steps)
    svg, mermaid = draw(leg.workflow.layout, {s.step: s.status for s in steps})
    run = WorkflowRun(
        id=leg.run_id,
        workflow=leg.workflow.name,
        dataset=leg.dataset,
        status=status,
        state=state,
        results=_ordered({**restored(state), **live.results} if leg.workflow.fields == FIELDS else live.results, leg.workflow.steps),
        interrupts=interrupts,
        steps=steps,
        plans={plan_name(state, step, plan.dataset): plan for (step, _), plan in live.plans.items()},
        frames=_frames(leg.context, state),
        artifacts=dict(live.artifacts),
        errors=dict(live.errors),
        upcoming=upcoming,
        svg=svg,
        mermaid=Mermaid(mermaid),
    )
    if status == "completed":
        leg.context.store.done(leg.run_id)
    return run


def _ordered(results: Mapping[str, Any], steps: tuple[str, ...]) -> dict[str, Any]:
    """Results by round, then in the order of the graph, whichever of two parallel steps was done first."""

    def place(name: str) -> tuple[int, int, str]:
        base, _, number = name.rpartition("_")
        step, turn = (base, int(number)) if number.isdigit() and base in steps else (name.partition(":")[0], 1)
        return turn, steps.index(step) if step in steps else len(steps), name

    return {name: results[name] for name in sorted(results, key=place)}


def _frames(context: WorkflowContext, state: Mapping[str, Any]) -> dict[str, Any]:
    """Tables made on the way that this kernel holds."""
    out = {}
    for role, ref in (state.get("frames") or {}).items():
        held = context.known(ref_of(ref))
        if held is not None:
            out[role] = held.native
    return out


def _steps_of(state: Any) -> list[Step]:
    """The steps another kernel finished, with what the state keeps of each."""
    values: Mapping[str, Any] = state if isinstance(state, Mapping) else {}
    names, brought = values.get("completed_steps") or [], values.get("outcomes") or []
    if len(brought) != len(names):
        return [Step(step=name, status="done") for name in names]
    return [_done(name, {"outcomes": [one]}) for name, one in zip(names, brought, strict=True)]
