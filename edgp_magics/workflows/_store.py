"""What all runs of a kernel share: the open checkpointer, compiled graphs, and what checkpoints do not keep."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import weakref
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..agents import Runtime
from ..errors import WorkflowError
from ..infrastructure import home
from ..services.state import LEASE, open_checkpointer
from ..values import Plan, Result
from ._limits import limited_graph

if TYPE_CHECKING:
    from ..agents._loop import Loop
    from ..services.state import Claims
    from ..services.state._guarded import Guarded

_KEPT = 64
_ENDING = 10.0
_BESIDE = 0.02


@dataclass
class Live:
    """What this kernel knows of a run beside its checkpoint: full results, plans, tables, steps taken."""

    results: dict[str, Result] = field(default_factory=dict)
    plans: dict[tuple[str, str], Plan] = field(default_factory=dict)
    held: dict[str, Any] = field(default_factory=dict)
    artifacts: dict[str, str] = field(default_factory=dict)
    steps: list[Any] = field(default_factory=list)
    errors: dict[str, BaseException] = field(default_factory=dict)
    working: int = 0

    @contextlib.asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """A step at work. Where it fails, those beside it come to their end first: LangGraph would cut them off."""
        self.working += 1
        failure: Exception | None = None
        try:
            yield
        except Exception as error:  # noqa: BLE001  # whatever it is, it is raised below
            failure = error
        finally:
            self.working -= 1
        if failure is None:
            return
        await asyncio.sleep(_BESIDE)  # those that start at the same moment are counted then
        while self.working:
            await asyncio.sleep(_BESIDE)
        raise failure


class Store:
    """The workflow state of one runtime; lives on the runtime's loop.

    The checkpointer stays open in a task of its own, which ends, and closes it, with the loop. At rest (no run under way)
    the write-ahead file of SQLite is folded back, so that what lies on the disk is small.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = weakref.proxy(runtime)
        self._opening = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._saver: Guarded | None = None
        self._for: tuple[str, ...] = ()
        self._live: OrderedDict[str, Live] = OrderedDict()
        self._active: dict[str, asyncio.Task[Any]] = {}
        self._compiled: dict[tuple[Any, ...], Any] = {}
        self.gate = asyncio.Semaphore(int(runtime.settings["concurrency"]))

    # -- the checkpointer ------------------------------------------------------------------------------------
    async def saver(self) -> Guarded:
        """The checkpointer of the settings in force, opened on first use."""
        settings = self._runtime.settings
        wanted = (settings["checkpointer"], str(settings["checkpointer_url"]), str(home()))
        async with self._opening:
            if self._saver is None or self._for != wanted or self._saver.moved():
                await self.drop()  # a file that another kernel moved aside is not written to any more
                self._saver, self._for = await self._open(), wanted
                self._runtime.recorder.contacted.add("workflow_state")
            return self._saver

    async def _open(self) -> Guarded:
        ready: asyncio.Future[Guarded] = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep(ready), name="edgp-checkpointer")
        _close_at_exit(self._runtime.loop, weakref.ref(self))
        waited: set[asyncio.Future[Any]] = {self._keeper, ready}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            keeper, self._keeper = self._keeper, None
            await keeper
        return ready.result()

    async def _keep(self, ready: asyncio.Future[Guarded]) -> None:
        notice = functools.partial(self._runtime.recorder.trouble.__setitem__, "workflows")
        async with open_checkpointer(self._runtime.settings, on_notice=notice) as saver:
            ready.set_result(saver)
            await asyncio.Event().wait()

    @property
    def is_open(self) -> bool:
        """Whether a checkpointer is open."""
        return self._keeper is not None and not self._keeper.done()

    async def drop(self) -> None:
        """Close the checkpointer; the next use opens it anew."""
        keeper, self._keeper, self._saver = self._keeper, None, None
        self._compiled.clear()
        if keeper is not None:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    async def compiled(self, name: str, build: Callable[[], Any], *, own: bool) -> Any:
        """The graph of a workflow (one of our ``own``, or of the user's) with checkpointer and limits in force."""
        saver, settings = await self.saver(), self._runtime.settings
        key = (name, id(saver), settings["retries"], settings["timeout"])
        if key not in self._compiled:
            graph = build()
            plain_graph = not hasattr(graph, "astream")
            compiled = graph.compile(name=name, checkpointer=saver) if plain_graph else graph.copy({"checkpointer": saver, "name": name})
            self._compiled[key] = limited_graph(compiled, settings, own=own)
        return self._compiled[key]

    def forget_graph(self, name: str) -> None:
        """A workflow of this name was registered anew."""
        self._compiled = {k: v for k, v in self._compiled.items() if k[0] != name}

    # -- runs ------------------------------------------------------------------------------------------------
    def live(self, run_id: str) -> Live:
        """What this kernel knows of a run."""
        found = self._live.setdefault(run_id, Live())
        self._live.move_to_end(run_id)
        for old in list(self._live)[: max(0, len(self._live) - _KEPT)]:
            if old not in self._active:
                del self._live[old]
        return found

    def done(self, run_id: str) -> None:
        """A run has ended: what it held is the caller's now."""
        self._live.pop(run_id, None)

    @contextlib.asynccontextmanager
    async def running(self, run_id: str) -> AsyncIterator[None]:
        """One leg of a run, claimed in the store; a second one at the same time, here or in another process, is refused."""
        leg, mine = self._active.get(run_id), asyncio.current_task()
        assert mine is not None
        if leg is not None and leg.cancelling():  # it was interrupted and is about to end
            await asyncio.wait({leg}, timeout=_ENDING)
        if run_id in self._active:
            raise WorkflowError(f"run {run_id} is going on.", hint="Wait for it, or interrupt it first.")
        self._active[run_id] = mine
        try:
            claims = (await self.saver()).claims
            await claims.take(run_id)
            beat = asyncio.create_task(_renew(claims, run_id), name=f"edgp-claim {run_id}")
            try:
                yield
            finally:
                beat.cancel()
                with contextlib.suppress(Exception):  # a claim that cannot be given back ends with its lease
                    await claims.give(run_id)
        finally:
            del self._active[run_id]

    @property
    def notice(self) -> str:
        """What was put aside where, when the file with the runs was damaged."""
        return str(self._runtime.recorder.trouble.get("workflows", ""))

    async def rest(self) -> None:
        """After a leg: fold SQLite's write-ahead file back when no run is under way."""
        connection = getattr(self._saver, "conn", None)
        if self._active or self._for[:1] != ("sqlite",) or connection is None:
            return
        async with connection.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
            await cursor.fetchall()

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A step's turn: as many at a time as the setting ``concurrency`` says."""
        async with self.gate:
            yield


async def _renew(claims: Claims, run_id: str) -> None:
    """Keep a claim while a step takes long; one that is lost is noticed by the next write."""
    while True:
        await asyncio.sleep(LEASE / 3)
        with contextlib.suppress(Exception):  # a store that is away for a moment: the next write says so if it stays away
            await claims.keep(run_id)


def _close_at_exit(loop: Loop, store: weakref.ref[Store]) -> None:
    """A kernel that ends without unloading still closes its files."""

    def close() -> None:
        found = store()
        if found is not None and found.is_open:
            with contextlib.suppress(TimeoutError, RuntimeError):
                loop.submit(found.drop()).result(timeout=5)

    atexit.register(close)


_stores: weakref.WeakKeyDictionary[Runtime, Store] = weakref.WeakKeyDictionary()


def store_of(runtime: Runtime) -> Store:
    """The store of a runtime; made on first use."""
    if runtime not in _stores:
        _stores[runtime] = Store(runtime)
    return _stores[runtime]
