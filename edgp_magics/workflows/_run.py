"""Run a workflow step by step, stop where it asks, go on where it stopped."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import queue
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from ..agents import Runtime, runtime
from ..errors import FrameChanged, GovernanceError, Interrupted, UnknownName, UsageError, WorkflowError
from ..services.state import explained
from ..values import DatasetRef, Progress, plain
from ._answers import answers
from ._nodes import WorkflowContext, user_mistake
from ._picture import draw
from ._registry import Workflow, workflow_of
from ._result import Step, WorkflowRun
from ._state import ref_of, said
from ._store import Live, Store, store_of

Show = Callable[[Step], None]
Tell = Callable[[Step], None]
_STEPS_LIMIT = 200


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
) -> WorkflowRun:
    """Go on with a run that waits for an answer, failed at a step, or was interrupted."""
    run_id = run.id if isinstance(run, WorkflowRun) else str(run).strip()
    return _wait(runtime(), functools.partial(_resume, decisions=decisions, data=data, frames=frames, key=key), show, run_id)


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
    return await _go(store, leg, {k: v for k, v in start.items() if k in fields})


async def _resume(
    *, run_id: str, decisions: Any, data: Any, frames: Mapping[str, Any] | None, key: bytes, progress: Progress, tell: Tell
) -> WorkflowRun:
    current = runtime()
    store = store_of(current)
    chosen, ref, stopped = await find_run(store, run_id)
    if not stopped.next:
        raise WorkflowError(
            f"run {run_id} is finished.", hint="Only a run that waits, failed or was interrupted can be resumed.", run=run_id
        )
    context = _context(current, store, run_id, progress, frames, key, resumed=True)
    ref = await asyncio.to_thread(_same_table, context, ref, data)
    command: Any = None
    if stopped.interrupts:
        from langgraph.types import Command

        command = Command(resume=answers(run_id, [waiting_for(i) for i in stopped.interrupts], decisions))
    elif decisions is not None:
        raise UsageError(f"run {run_id} asks for nothing.", hint=f"%governance resume {run_id}")
    leg = _Leg(run_id=run_id, workflow=chosen, dataset=ref, context=context, config=_config(current, chosen, run_id, ref), tell=tell)
    return await _go(store, leg, command, stopped.values)


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
    about = {
        "workflow": chosen.name,
        "dataset": ref.name,
        "fingerprint": ref.fingerprint,
        "rows": ref.rows,
        "definition": chosen.definition,
    }
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
async def find_run(store: Store, run_id: str) -> tuple[Workflow, DatasetRef, Any]:
    """The workflow of a run, the handle of its table, and where it stands."""
    saver = await store.saver()
    try:
        found = await saver.aget_tuple({"configurable": {"thread_id": run_id}})
    except Exception as error:  # every store has errors of its own
        raise await _store_error(store, error) from error
    if found is None:
        from ._log import runs_in

        raise UnknownName("run", run_id, known=[r.id for r in await runs_in(store, limit=8)])
    about: Mapping[str, Any] = found.metadata
    chosen = workflow_of(str(about.get("workflow", "")), definition=str(about.get("definition", "")))
    graph = await store.compiled(chosen.key, chosen.graph)
    stopped = await graph.aget_state({"configurable": {"thread_id": run_id}})
    kept = stopped.values.get("input_data") if isinstance(stopped.values, Mapping) else None
    if kept is not None:
        return chosen, ref_of(kept), stopped
    ref = DatasetRef(name=str(about["dataset"]), fingerprint=str(about["fingerprint"]), rows=int(about["rows"]), columns=())
    return chosen, ref, stopped


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
    with store.running(leg.run_id):
        try:
            with recorder.tracer.run(leg.run_id, f"workflow {leg.workflow.name}", about):
                run = await _stream(store, leg, command, values)
            outcome = {"completed": "ok", "waiting": "waiting", "partial": "failed"}[run.status]
        except GovernanceError:
            outcome = "failed"
            raise
        finally:
            recorder.telemetry.workflow_done(leg.workflow.name, time.perf_counter() - clock, outcome=outcome)
    detail = {"run": leg.run_id, "status": run.status, "steps": ",".join(s.step for s in run.steps), "failed": ",".join(run.failed)}
    await asyncio.to_thread(recorder.event, "workflow", leg.workflow.name, leg.dataset, detail)
    await store.rest()
    return run


async def _stream(store: Store, leg: _Leg, command: Any, values: Mapping[str, Any] | None) -> WorkflowRun:
    graph = await store.compiled(leg.workflow.key, leg.workflow.graph)
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
        step = Step(step=name, status="done", seconds=seconds)
    leg.live.steps.append(step)
    if step.status != "failed":  # a failed one is told once it is known why
        leg.tell(step)


def _tell_handled(leg: _Leg, state: Mapping[str, Any]) -> None:
    """Failures that the graph itself dealt with: the state says what they were."""
    known = {str(f["step"]).partition(":")[0]: str(f["error"]) for f in state.get("failed_steps") or ()}
    for i, step in enumerate(leg.live.steps):
        if step.status == "failed" and not step.detail:
            leg.live.steps[i] = Step(step=step.step, status="failed", detail=known.get(step.step, ""), seconds=step.seconds)
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
        leg.live.steps[i] = Step(step=step.step, status="failed", detail=said(error), seconds=step.seconds)
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
    status = "waiting" if interrupts else "partial" if partial else "completed"
    steps = tuple(live.steps)
    svg, mermaid = draw(leg.workflow.layout, {s.step: s.status for s in steps})
    run = WorkflowRun(
        id=leg.run_id,
        workflow=leg.workflow.name,
        dataset=leg.dataset,
        status=status,
        state=state,
        results=_ordered(live, leg.workflow.steps),
        interrupts=interrupts,
        steps=steps,
        plans={step: plan for (step, _), plan in live.plans.items()},
        frames=_frames(leg.context, state),
        artifacts=dict(live.artifacts),
        errors=dict(live.errors),
        svg=svg,
        mermaid=mermaid,
    )
    if status == "completed":
        leg.context.store.done(leg.run_id)
    return run


def _ordered(live: Live, steps: tuple[str, ...]) -> dict[str, Any]:
    """Results in the order of the graph, whichever of two parallel steps was done first."""

    def place(name: str) -> tuple[int, str]:
        return next((i for i, s in enumerate(steps) if name == s or name.startswith((f"{s}:", f"{s}_"))), len(steps)), name

    rounds = any(name[-1:].isdigit() for name in live.results)
    return dict(live.results) if rounds else {name: live.results[name] for name in sorted(live.results, key=place)}


def _frames(context: WorkflowContext, state: Mapping[str, Any]) -> dict[str, Any]:
    """Tables made on the way that this kernel holds."""
    out = {}
    for role, ref in (state.get("frames") or {}).items():
        held = context.known(ref_of(ref))
        if held is not None:
            out[role] = held.native
    return out


def _steps_of(state: Mapping[str, Any]) -> list[Step]:
    """The steps another kernel finished."""
    return [Step(step=name, status="done") for name in state.get("completed_steps") or ()]
