"""The runs that are kept, and the checkpoints of one: what the list of runs and time travel show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..agents import runtime
from ..errors import GovernanceError, UnknownName, WorkflowError
from ..services.state import is_damaged
from ..values import Badge, Block, Code, Document, Grid, Text, View, plural
from ._picture import Layout
from ._registry import workflow_of
from ._store import Store, store_of

_OPEN = ("waiting", "partial", "interrupted")
_WAITING = "__interrupt__"
_RESUME = "__resume__"
_FAILED = "__error__"


@dataclass(frozen=True, kw_only=True)
class KeptRun:
    """A run whose state is kept: what it ran on, when it began, and where it stands."""

    id: str
    workflow: str
    dataset: str
    rows: int
    started: str
    status: str
    steps: tuple[str, ...] = ()
    tables: tuple[str, ...] | None = None
    definition: str = ""

    @property
    def layout(self) -> Layout | None:
        """Its graph, to be drawn; nothing where this kernel does not know the workflow."""
        try:
            return workflow_of(self.workflow, definition=self.definition).layout
        except GovernanceError:
            return None


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A moment of a run: what was finished, what came next."""

    id: str
    at: str
    finished: tuple[str, ...]
    next: tuple[str, ...]


async def runs_in(store: Store, limit: int = 50) -> list[KeptRun]:
    """The last runs, newest first."""
    saver = await store.saver()
    out: dict[str, KeptRun] = {}
    begun = [c async for c in saver.alist(None, filter={"source": "input"}, limit=limit)]  # whole: a store may lock while it lists
    for first in begun:
        thread = str(first.config["configurable"]["thread_id"])
        if thread in out:
            continue
        newest = await saver.aget_tuple({"configurable": {"thread_id": thread}})
        if newest is not None:
            out[thread] = _kept(thread, first, newest, working=await saver.claims.held(thread))
    return list(out.values())


def _kept(thread: str, first: Any, newest: Any, *, working: bool) -> KeptRun:
    about: Mapping[str, Any] = first.metadata
    named: dict[str, Any] = {"id": thread, "workflow": str(about.get("workflow", "")), "dataset": str(about.get("dataset", ""))}
    rows = int(about.get("rows", 0))
    if is_damaged(first) or is_damaged(newest):
        return KeptRun(**named, rows=rows, started="", status="damaged")
    values = newest.checkpoint["channel_values"]
    return KeptRun(
        **named,
        rows=rows,
        started=str(first.checkpoint["ts"])[:19].replace("T", " "),
        status="running" if working else _status(newest, values),
        steps=tuple(values.get("completed_steps") or ()) if isinstance(values, Mapping) else (),
        tables=tuple(values["tables"]) if values.get("tables") else None,
        definition=str(about.get("definition", "")),
    )


def _status(newest: Any, values: Mapping[str, Any]) -> str:
    """Where a run stands, from its last checkpoint: pending branches mean that it has not ended."""
    writes = {(task, channel) for task, channel, _ in newest.pending_writes or ()}
    channels = {channel for _, channel in writes}
    if any(channel == _WAITING and (task, _RESUME) not in writes for task, channel in writes):
        return "waiting"
    if _FAILED in channels:
        return "partial"
    pending = any(name.startswith("branch:to:") or name == "__pregel_tasks" for name in values)
    return "interrupted" if pending else "partial" if values.get("failed_steps") else "completed"


def runs(limit: int = 50) -> list[KeptRun]:
    """The runs whose state is kept, newest first; any of them can be looked at, those not completed resumed."""
    current = runtime()
    return current.wait(runs_in(store_of(current), limit))


def checkpoints(run_id: str) -> list[Checkpoint]:
    """The moments of a run, newest first."""
    current = runtime()
    return current.wait(checkpoints_in(store_of(current), run_id))


async def checkpoints_in(store: Store, run_id: str) -> list[Checkpoint]:
    """The moments of a run, newest first."""
    from ._run import find_run

    chosen = (await find_run(store, run_id)).workflow
    graph = await store.compiled(chosen.key, chosen.graph, own=chosen.own)
    try:
        history = [s async for s in graph.aget_state_history({"configurable": {"thread_id": run_id}})]
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # an old checkpoint whose bytes are damaged
        raise WorkflowError(f"the history of run {run_id} cannot be read.", hint=f"%governance resume {run_id} may still work.") from error
    return [
        Checkpoint(
            id=str(s.config["configurable"]["checkpoint_id"]),
            at=str(s.created_at or "")[:19].replace("T", " "),
            finished=tuple(s.values.get("completed_steps") or ()) if isinstance(s.values, Mapping) else (),
            next=tuple(s.next),
        )
        for s in history
        if s.next != ("__start__",)  # nothing had begun: to run again from there is to run the workflow again
    ]


def forget_run(run_id: str) -> None:
    """Delete the state of a run for good; one that a kernel is at work on is not deleted."""
    current = runtime()
    current.wait(_forget(store_of(current), run_id))


async def _forget(store: Store, run_id: str) -> None:
    saver = await store.saver()
    if await saver.aget_tuple({"configurable": {"thread_id": run_id}}) is None:
        raise UnknownName("run", run_id, known=[r.id for r in await runs_in(store, limit=8)])
    async with store.running(run_id):
        await saver.adelete_thread(run_id)
    store.done(run_id)


def runs_view(limit: int = 50) -> View:
    """What ``%governance workflows --runs`` shows."""
    found = runs(limit)
    notice = store_of(runtime()).notice
    told: tuple[Block, ...] = (Text(notice),) if notice else ()
    if not found:
        return View(Document("Workflow runs", (Text("No run is kept yet.", tone="strong"), *told)), {"runs": []})
    rows = tuple((Badge(r.status), Code(r.id), r.workflow, r.dataset, r.rows, r.started, " → ".join(r.steps)) for r in found)
    open_ = sum(r.status in _OPEN for r in found)
    head = f"{plural(len(found), 'run')}, {open_} to go on with: %governance resume RUN. Delete one: %governance workflows --forget RUN."
    grid = Grid("Newest first", ("status", "run", "workflow", "data", "rows", "began (UTC)", "finished steps"), rows)
    return View(Document("Workflow runs", (Text(head, tone="strong"), *told, grid)), {"runs": found})


def history_view(run_id: str) -> View:
    """The checkpoints of a run."""
    found = checkpoints(run_id)
    rows = tuple(
        (len(found) - n, Code(c.id), c.at, c.finished[-1] if c.finished else "", ", ".join(c.next) or "the end")
        for n, c in enumerate(found)
    )
    grid = Grid("Newest first", ("no.", "checkpoint", "at (UTC)", "finished", "next"), rows)
    note = Text(f"Go back to one and run again from there: %governance resume {run_id} --checkpoint NO (or its id).", tone="note")
    return View(
        Document(f"Run {run_id}", (Text(f"{plural(len(found), 'checkpoint')}.", tone="strong"), grid, note)), {"checkpoints": found}
    )
