"""What every agent is and does: gather what a capability needs, call it, record what came out."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
import uuid
from abc import ABC
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from ..capabilities import CAPABILITIES, CapabilitySpec, read_options, spec_of
from ..errors import UsageError
from ..services.bus import MCPMessage
from ..values import AgentCapability, AgentStatus, AgentType, Context, DatasetRef, Passage, Progress, Result, Run, plain
from ._heard import dataset_of, heard, newest
from ._versions import versions

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    from ..frames import Frame
    from ._runtime import Runtime


_MANY = 1_000


@dataclass(frozen=True, kw_only=True)
class AgentTask:
    """A unit of work for an agent: a capability on a dataset handle with its options."""

    capability: AgentCapability
    dataset: DatasetRef
    options: Mapping[str, Any] = field(default_factory=dict)
    task_id: str = field(default_factory=lambda: f"task-{uuid.uuid4().hex[:8]}")


class BaseAgent(ABC):
    """An agent. A subclass is a declaration: its type, and words about what it does.

    Its capabilities are the lines of the registry that name its type; its knowledge is the folder of that name.
    """

    agent_type: ClassVar[AgentType]
    purpose: ClassVar[str] = ""
    listens_to: ClassVar[tuple[AgentCapability, ...]] = ()

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.started_at = dt.datetime.now(dt.UTC)
        self.last_activity: dt.datetime | None = None
        self.notices: deque[MCPMessage] = deque(maxlen=200)
        self._running = 0

    @property
    def agent_id(self) -> str:
        """``data_quality_agent`` and so on."""
        return f"{self.agent_type.value}_agent"

    @property
    def capabilities(self) -> list[AgentCapability]:
        """What the agent can do."""
        return [s.capability for s in CAPABILITIES.values() if s.agent is self.agent_type]

    @property
    def status(self) -> AgentStatus:
        """Idle or busy."""
        return AgentStatus.BUSY if self._running else AgentStatus.IDLE

    @property
    def tools(self) -> list[BaseTool]:
        """The capabilities as LangChain tools: arguments are a dataset's name and the options."""
        from ._tools import tools_of

        return tools_of(self)

    # -- work ------------------------------------------------------------------------------------------------
    async def execute_capability(self, capability: AgentCapability | str, parameters: Mapping[str, Any]) -> Result:
        """Run a capability.

        Parameters
        ----------
        capability
            one of this agent's, by name or verb.
        parameters
            ``dataset``: a :class:`DatasetRef` of a registered frame; ``options``: the capability's options;
            optional: ``body`` (text of the cell), ``as_of`` (date), ``frames`` (other tables by name),
            ``progress`` (:class:`Progress`).
        """
        spec = spec_of(capability)
        if spec.agent is not self.agent_type:
            raise UsageError(f"{self.agent_id} cannot {spec.verb}.", hint=f"Ask {spec.agent.value}_agent.")
        options = read_options(spec.options, parameters.get("options", {}), of=spec.verb)
        started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
        run_id = f"run-{uuid.uuid4().hex[:8]}"
        self._running += 1
        try:
            frame = self.runtime.datasets.frame(parameters["dataset"])
            _check_columns(spec, options, frame)
            context = await self._gather(spec, parameters, options)
            context.progress.step(f"{spec.verb} {frame.name}")
            about = {
                "gen_ai.agent.name": self.agent_id,
                "edgp.dataset": frame.name,
                "edgp.rows": frame.rows,
                "edgp.columns": len(frame.columns),
            }
            with self.runtime.recorder.tracer.run(run_id, spec.capability.value, about) as span:
                result = await asyncio.to_thread(spec.function, frame, context, **options)
                span.set({"edgp.status": result.status.value, "edgp.findings": len(result.findings)})
        except BaseException as error:
            self.runtime.record_failure(self, spec, parameters["dataset"], error, time.perf_counter() - clock)
            raise
        finally:
            self._running -= 1
            self.last_activity = dt.datetime.now(dt.UTC)
        run = Run(
            id=run_id,
            started=started.isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - clock, 3),
            options=plain(options),
            versions=versions(),
            heard=heard(result, [n for n in newest(self.notices) if self.takes_in(n, result)], self._told_of),
        )
        result = _cited(result, context.passages).with_run(run, agent=self.agent_id)
        if frame.notes:  # what was assumed to read the table, such as the encoding of a file
            result = replace(result, notes=(*result.notes, *frame.notes))
        await self.runtime.record(self, result, parameters)
        return result

    async def _gather(self, spec: CapabilitySpec, parameters: Mapping[str, Any], options: Mapping[str, Any]) -> Context:
        """The values a capability is given: earlier results it builds on, passages, other frames."""
        progress = parameters.get("progress") or Progress()
        earlier = {}
        for use in spec.uses:
            found = self.runtime.latest(use, parameters["dataset"])
            if found is not None and use is not spec.capability:
                earlier[use.value] = found
        for need in spec.needs:
            if need in CAPABILITIES and need.value not in earlier:
                progress.step(f"{CAPABILITIES[need].verb} {parameters['dataset'].name}")
                earlier[need.value] = await self.runtime.ask(self, need, parameters)
        question = _question(spec, options, str(parameters.get("body") or ""))
        passages = await self.runtime.passages(question, as_of=parameters.get("as_of")) if question else ()
        if spec.reads:
            passages = await self.runtime.passages(spec.reads, agent=self.agent_type, k=_MANY, mode="lexical")
        return Context(
            progress=progress,
            crew=self.runtime.crew,
            as_of=parameters.get("as_of"),
            seed=int(parameters.get("seed", self.runtime.settings.get("seed"))),
            body=str(parameters.get("body") or ""),
            frames={} if parameters.get("frames") is None else parameters["frames"],  # none by name may still be read by path
            stored=getattr(parameters.get("frames"), "stored", {}),
            passages=passages,
            results=earlier,
        )

    # -- conversation ----------------------------------------------------------------------------------------
    async def process_message(self, message: str, context: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a request in plain words about ``context["dataset"]``: routed to the best of this agent's capabilities."""
        ranked = [(c, p) for c, p in self.runtime.route(message) if c in self.capabilities]
        if not ranked:
            raise UsageError(f"{self.agent_id} found nothing to do in that message.", hint="Name a capability.")
        result = await self.execute_capability(ranked[0][0], {**context, "body": message if spec_of(ranked[0][0]).query else ""})
        return {"capability": ranked[0][0].value, "confidence": ranked[0][1], "result": result.to_dict()}

    async def process_task(self, task: AgentTask) -> dict[str, Any]:
        """Do a task and return its result as plain data."""
        result = await self.execute_capability(task.capability, {"dataset": task.dataset, "options": task.options})
        return {"task_id": task.task_id, "status": "completed", "result": result.to_dict()}

    async def handle_message(self, message: MCPMessage) -> MCPMessage | None:
        """Answer a message of the bus: a request runs the capability, a notice is kept."""
        if message.message_type != "request" or message.capability is None:
            if {"dataset", "run", "findings"} <= message.content.keys():
                self.notices.append(message)
            return None
        options = message.content.get("options", {})
        parameters = {"dataset": dataset_of(message), "options": options, **self.runtime.attachments(message)}
        result = await self.execute_capability(message.capability, parameters)
        return message.reply({"run": result.run.id if result.run else "", "status": result.status.value, "summary": result.summary})

    def takes_in(self, notice: MCPMessage, result: Result) -> bool:
        """Whether what another agent told matters to a result of this one."""
        return False

    def _told_of(self, notice: MCPMessage) -> Result | None:
        """The result a notice is about, while it is the session's last one of its kind."""
        found = self.runtime.latest(notice.capability, dataset_of(notice)) if notice.capability else None
        return found if found is not None and found.run is not None and found.run.id == notice.content["run"] else None

    async def health_check(self) -> dict[str, Any]:
        """The agent's state, and that of its knowledge and model; nothing is sent anywhere."""
        return {
            "agent_id": self.agent_id,
            "status": self.status.value,
            "capabilities": [c.value for c in self.capabilities],
            "rag_system_status": self.runtime.knowledge_status(),
            "llm_status": "none configured: answers are computed",
            "last_activity": self.last_activity.isoformat(timespec="seconds") if self.last_activity else None,
            "uptime": (dt.datetime.now(dt.UTC) - self.started_at).total_seconds(),
        }


def _check_columns(spec: CapabilitySpec, options: Mapping[str, Any], frame: Frame) -> None:
    """Every column that an option names is there; one that is not raises with the nearest."""
    for option in spec.options:
        if option.kind == "column":
            for name in options.get(option.name) or ():
                frame.position(name)


def _cited(result: Result, passages: tuple[Passage, ...]) -> Result:
    """The result with the passages its findings cite."""
    cited = {c for f in result.findings for c in f.citations}
    return result if result.context or not cited else replace(result, context=tuple(p for p in passages if p.id in cited))


def _question(spec: CapabilitySpec, options: Mapping[str, Any], body: str) -> str:
    """What a capability asks of the knowledge base: its own template, filled with options and the cell's question."""
    if not spec.query:
        return ""
    values = {o.name: o.default for o in spec.options} | dict(options)
    values["question"] = str(values.get("question") or body)
    return spec.query.format_map(values).strip()
