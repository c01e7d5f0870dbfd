"""What joins the parts of one kernel: agents, datasets, bus, records. Created on first use."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ..capabilities import CapabilitySpec, spec_of
from ..errors import BadOption, BusError, UnknownName
from ..frames import DatasetRegistry, as_frame, in_memory
from ..infrastructure import ProcessCrew, Settings, resolve
from ..services.bus import MCPMessage, MCPMessageBus
from ..values import AgentCapability, AgentType, DatasetRef, Passage, Progress, Result, plain
from ._agents import AGENTS
from ._loop import Loop
from ._recorder import Recorder
from ._route import route

if TYPE_CHECKING:
    from ..services.rag import RAGSystem
    from ._base import BaseAgent

T = TypeVar("T")
_RESULTS_KEPT = 64
_TRACERS = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2")
Show = Callable[[Any], None]
Mode = Literal["hybrid", "dense", "lexical"]


class Runtime:
    """Agents with everything they share. :func:`runtime` gives the kernel's own."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or resolve()
        self.loop = Loop()
        self.datasets = DatasetRegistry()
        self.recorder = Recorder(lambda: self.settings)
        self.crew = ProcessCrew(lambda: self.settings["processes"])
        self.bus = MCPMessageBus(on_event=self.recorder.telemetry.bus_event)
        self.agents: dict[str, BaseAgent] = {a.agent_id: a for a in (kind(self) for kind in AGENTS)}
        self._results: OrderedDict[tuple[str, str, str], Result] = OrderedDict()
        self._plain: OrderedDict[tuple[str, str, str], Result] = OrderedDict()
        self._attached: dict[str, dict[str, Any]] = {}
        self._rag: RAGSystem | None = None
        self._started = False

    # -- the way in ------------------------------------------------------------------------------------------
    def run(self, capability: str | AgentCapability, data: Any, *, show: Show | None = None, **given: Any) -> Result:
        """Run a capability and wait; an interrupt stops it. See :func:`edgp_magics.run` for the arguments."""
        events: queue.SimpleQueue[tuple[str, float | None]] = queue.SimpleQueue()
        progress = Progress(lambda label, done: events.put((label, done)))
        return self.wait(self.arun(capability, data, progress=progress, **given), progress, events, show)

    async def arun(
        self,
        capability: str | AgentCapability,
        data: Any,
        *,
        name: str | None = None,
        body: str = "",
        as_of: dt.date | str | None = None,
        frames: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Result:
        """Run a capability on this loop."""
        spec = spec_of(capability)
        frame = await asyncio.to_thread(self.datasets.hold, data, name=name)  # held until the run is done
        agent = self.agent(spec.agent)
        parameters = {
            "dataset": frame.ref,
            "options": options or {},
            "body": body,
            "as_of": _day(as_of),
            "frames": Frames(_by_name(frames)),
            "progress": progress or Progress(),
        }
        return await agent.execute_capability(spec.capability, parameters)

    def wait(
        self,
        work: Coroutine[Any, Any, T],
        progress: Progress | None = None,
        events: queue.SimpleQueue[Any] | None = None,
        show: Show | None = None,
    ) -> T:
        """Run a coroutine of this runtime on its loop and wait for it."""
        return self.loop.wait(self.prepared(work), progress or Progress(), events, show)

    async def prepared(self, work: Coroutine[Any, Any, T]) -> T:
        """``work``, after the agents were subscribed to the bus (once, on the loop they live on)."""
        if not self._started:
            self._started = True
            for agent in self.agents.values():
                self.bus.subscribe(agent.agent_id, agent.handle_message, capabilities=agent.listens_to)
        with _untraced():
            return await work

    # -- what agents use -------------------------------------------------------------------------------------
    def agent(self, which: AgentType | str) -> BaseAgent:
        """An agent by id or type."""
        key = f"{which.value}_agent" if isinstance(which, AgentType) else str(which)
        found = self.agents.get(key) or self.agents.get(f"{key}_agent")
        if found is None:
            raise UnknownName("agent", key, known=self.agents)
        return found

    def agent_for(self, capability: AgentCapability) -> BaseAgent:
        """The agent that has a capability."""
        return self.agent(spec_of(capability).agent)

    async def ask(self, asker: BaseAgent, capability: AgentCapability, parameters: Mapping[str, Any]) -> Result:
        """Another agent's result on the same dataset: an earlier one of this session, or asked for over the bus.

        The message carries the handle; the result comes back by the run id it names.
        """
        ref: DatasetRef = parameters["dataset"]
        known = self._plain.get(_key(capability, ref))
        if known is not None:
            return known
        recipient = self.agent(spec_of(capability).agent).agent_id
        with self.recorder.tracer.span(f"message {capability.value}", {"messaging.destination.name": recipient}) as span:
            message = MCPMessage(
                sender_id=asker.agent_id,
                recipient_id=recipient,
                message_type="request",
                capability=capability,
                content={"dataset": plain(ref), "options": {}},
                context={"traceparent": span.traceparent},
            )
            span.set({"messaging.message.id": message.message_id})
            self._attached[message.message_id] = {k: parameters[k] for k in ("progress", "frames", "as_of") if k in parameters}
            try:
                await self.bus.request(message)
            finally:
                self._attached.pop(message.message_id, None)
        result = self._plain.get(_key(capability, ref))
        if result is None:
            raise BusError(f"{message.recipient_id} answered without a result.", hint="Report this.")
        return result

    def attachments(self, message: MCPMessage) -> dict[str, Any]:
        """In-process values that belong to a message but never travel in it: progress, other frames."""
        return self._attached.get(message.message_id, {})

    def latest(self, capability: AgentCapability, ref: DatasetRef) -> Result | None:
        """The session's last result of a capability on the very same content, with whatever body and options it was run."""
        return self._results.get(_key(capability, ref))

    def newest_results(self) -> tuple[Result, ...]:
        """The session's last results, however they were asked for, the newest first."""
        return tuple(reversed(self._results.values()))

    async def record(self, agent: BaseAgent, result: Result, parameters: Mapping[str, Any]) -> None:
        """Remember a result, write the records, tell the other agents."""
        options = parameters.get("options") or {}
        kept = [] if options.get("columns") else [self._results]  # a part of the table answers for no other run
        kept += [self._plain] if not options and not parameters.get("body") else []
        for store in kept:
            key = _key(result.capability, result.dataset)
            store[key] = result
            store.move_to_end(key)
            while len(store) > _RESULTS_KEPT:
                store.popitem(last=False)
        await asyncio.to_thread(self.recorder.result, result)
        await self._announce(agent, result)

    async def _announce(self, agent: BaseAgent, result: Result) -> None:
        """Tell whoever listens that a capability has findings: ids and counts, never cell values."""
        if result.findings:
            content = {
                "dataset": plain(result.dataset),
                "run": result.run.id if result.run else "",
                "findings": [f.id for f in result.findings[:50]],
            }
            await self.bus.broadcast_message(result.capability, content, sender_id=agent.agent_id)

    def record_failure(self, agent: BaseAgent, spec: CapabilitySpec, ref: DatasetRef, error: BaseException, seconds: float) -> None:
        """Count a failed run."""
        self.recorder.failure(agent.agent_id, spec.capability, ref, error, seconds)

    def route(self, text: str) -> list[tuple[AgentCapability, float]]:
        """Capabilities for a request in plain words, best first."""
        return route(text)

    # -- knowledge -------------------------------------------------------------------------------------------
    async def rag(self) -> RAGSystem:
        """The retrieval system over the shipped knowledge; made on first use."""
        from ..services.rag import RAGSystem

        if self._rag is None:
            self._rag = await asyncio.to_thread(RAGSystem.open, self.settings)
        return self._rag

    async def passages(
        self, question: str, *, agent: AgentType | None = None, k: int = 5, mode: Mode = "hybrid", as_of: dt.date | None = None
    ) -> tuple[Passage, ...]:
        """Passages of the knowledge (of one agent's where named) for a question."""
        system = await self.rag()
        clock = time.perf_counter()
        with self.recorder.tracer.span(f"retrieve {mode}"):
            found = tuple(await system.retrieve_context(question, k=k, agent=agent, mode=mode, as_of=as_of))
        self.recorder.telemetry.retrieved(time.perf_counter() - clock, mode=mode)
        return found

    def knowledge_status(self) -> str:
        """Whether the knowledge index was opened in this kernel."""
        return "ready" if self._rag is not None else "not opened yet"

    def health(self) -> dict[str, Any]:
        """The state of every part; nothing is sent anywhere."""
        from ..infrastructure import Health, check, home_health, settings_health

        dead = len(self.bus.dead_letters())
        parts: dict[str, Callable[[], Health]] = {"home": home_health}
        parts |= {h.name: (lambda h=h: h) for h in settings_health(self.settings, contacted=self.recorder.contacted)}  # type: ignore[misc]
        found = check(parts)
        knowledge = Health(name="knowledge", status="idle", detail=self.knowledge_status())
        if self._rag is not None:
            status, detail = self._rag.standing()
            knowledge = Health(name="knowledge", status=status, detail=detail)
        own = [
            Health(
                name="message_bus",
                status="ok" if not dead else "degraded",
                detail=f"{len(self.bus.conversation())} events, {dead} dead letters",
            ),
            Health(name="datasets", status="ok", detail=f"{len(self.datasets)} held"),
            knowledge,
            Health(name="language_model", status="off", detail="none configured: every answer is computed"),
        ]
        own += [Health(name=name, status="degraded", detail=text) for name, text in self.recorder.trouble.items()]
        agents = {
            a.agent_id: {"status": a.status.value, "detail": ", ".join(spec_of(c).verb for c in a.capabilities)}
            for a in self.agents.values()
        }
        return agents | {h.name: {"status": h.status, "detail": " ".join((h.detail, h.hint)).strip()} for h in (*found, *own)}

    def close(self) -> None:
        """Stop the loop; nothing is left running."""
        self.loop.stop()
        self.crew.close()
        self.recorder.close()
        if self._rag is not None:
            self._rag.close()


def _key(capability: AgentCapability, ref: DatasetRef) -> tuple[str, str, str]:
    return capability.value, ref.name, ref.fingerprint


def _day(value: dt.date | str | None) -> dt.date | None:
    """The day of processing; text has to be ISO, as ``03/04`` is a different day here and there."""
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise BadOption(f"as_of: `{value}` is not a date.", hint="Write it as 2025-06-30.", option="as_of") from None


def _by_name(frames: Any) -> Mapping[str, Any]:
    """Other tables by name; names alone say no table."""
    if frames is None or isinstance(frames, Mapping):
        return frames or {}
    raise BadOption("frames takes the other tables by name.", hint="For example frames={'orders': orders}.", option="frames")


def _untraced() -> contextlib.AbstractContextManager[Any]:
    """Keeps LangGraph and LangChain from posting runs to a tracing service that the user's environment switches on for other work."""
    if not any(os.environ.get(name, "").strip().lower() in ("true", "1") for name in _TRACERS):
        return contextlib.nullcontext()
    from langsmith import tracing_context

    return tracing_context(enabled=False)


class Frames(Mapping[str, Any]):
    """Other tables by name or path, each made a frame when it is first looked at; ``stored`` are the results among them."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self._source = source
        self.stored: Mapping[str, Result] = _Stored(source)

    def __getitem__(self, name: str) -> Any:
        if name not in self._source and Path(name).is_file():
            return as_frame(name)
        if isinstance(self._source[name], Result):
            raise KeyError(name)
        return as_frame(self._source[name], name=name)

    def __iter__(self) -> Any:
        """Tables whose rows are in memory; a query is run only for who names it."""
        return (name for name in self._source if not isinstance(self._source[name], Result) and in_memory(self._source[name]))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Stored(Mapping[str, Result]):
    """Results by the name they have in the kernel, or by the path of the ``.json`` file they were saved in."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self._source = source

    def __getitem__(self, name: str) -> Result:
        if name not in self._source and name.lower().endswith(".json"):
            return Result.load(name)
        value = self._source[name]
        if not isinstance(value, Result):
            raise KeyError(name)
        return value

    def __iter__(self) -> Any:
        return (name for name in self._source if isinstance(self._source[name], Result))

    def __len__(self) -> int:
        return sum(1 for _ in self)


_lock = threading.Lock()
_current: Runtime | None = None


def runtime() -> Runtime:
    """The kernel's runtime."""
    global _current
    with _lock:
        if _current is None:
            _current = Runtime()
        return _current


def reset() -> None:
    """Close the kernel's runtime; the next use makes a new one."""
    global _current
    with _lock:
        old, _current = _current, None
    if old is not None:
        with contextlib.suppress(TimeoutError):
            old.close()
