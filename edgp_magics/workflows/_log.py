"""The runs that are kept, and the checkpoints of one: what the list of runs and time travel show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..agents import runtime
from ..errors import UnknownName
from ..values import Badge, Code, Document, Grid, Text, View, plural
from ._store import Store, store_of

_WAITING = "__interrupt__"
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
            out[thread] = _kept(thread, first, newest)
    return list(out.values())


def _kept(thread: str, first: Any, newest: Any) -> KeptRun:
    about: Mapping[str, Any] = first.metadata
    values = newest.checkpoint["channel_values"]
    return KeptRun(
        id=thread,
        workflow=str(about.get("workflow", "")),
        dataset=str(about.get("dataset", "")),
        rows=int(about.get("rows", 0)),
        started=str(first.checkpoint["ts"])[:19].replace("T", " "),
        status=_status(newest, values),
        steps=tuple(values.get("completed_steps") or ()) if isinstance(values, Mapping) else (),
    )


def _status(newest: Any, values: Mapping[str, Any]) -> str:
    """Where a run stands, from its last checkpoint: pending branches mean that it has not ended."""
    channels = {channel for _, channel, _ in newest.pending_writes or ()}
    if _WAITING in channels and "__resume__" not in channels:
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
    return current.wait(_checkpoints(store_of(current), run_id))


async def _checkpoints(store: Store, run_id: str) -> list[Checkpoint]:
    from ._run import find_run

    chosen, _, _ = await find_run(store, run_id)
    graph = await store.compiled(chosen.key, chosen.graph)
    history = [s async for s in graph.aget_state_history({"configurable": {"thread_id": run_id}})]
    return [
        Checkpoint(
            id=str(s.config["configurable"]["checkpoint_id"]),
            at=str(s.created_at or "")[:19].replace("T", " "),
            finished=tuple(s.values.get("completed_steps") or ()) if isinstance(s.values, Mapping) else (),
            next=tuple(s.next),
        )
        for s in history
    ]


def runs_view(limit: int = 50) -> View:
    """What ``%governance workflows --runs`` shows."""
    found = runs(limit)
    if not found:
        return View(Document("Workflow runs", (Text("No run is kept yet.", tone="strong"),)), {"runs": []})
    rows = tuple((Badge(r.status), Code(r.id), r.workflow, r.dataset, r.rows, r.started, " → ".join(r.steps)) for r in found)
    waiting = sum(r.status != "completed" for r in found)
    head = f"{plural(len(found), 'run')}, {waiting} to go on with: %governance resume RUN."
    grid = Grid("Newest first", ("status", "run", "workflow", "data", "rows", "began (UTC)", "finished steps"), rows)
    return View(Document("Workflow runs", (Text(head, tone="strong"), grid)), {"runs": found})


def history_view(run_id: str) -> View:
    """The checkpoints of a run."""
    found = checkpoints(run_id)
    if not found:
        raise UnknownName("run", run_id, known=[r.id for r in runs(8)])
    rows = tuple(
        (len(found) - n, Code(c.id), c.at, c.finished[-1] if c.finished else "", ", ".join(c.next) or "the end")
        for n, c in enumerate(found)
    )
    grid = Grid("Newest first", ("no.", "checkpoint", "at (UTC)", "finished", "next"), rows)
    note = Text(f"Go back to one: edgp.resume('{run_id}', checkpoint=…) runs again from there.", tone="note")
    return View(
        Document(f"Run {run_id}", (Text(f"{plural(len(found), 'checkpoint')}.", tone="strong"), grid, note)), {"checkpoints": found}
    )
