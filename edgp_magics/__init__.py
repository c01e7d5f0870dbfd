"""Data governance in a notebook: ``%load_ext edgp_magics``, then ``%governance``.

The same from Python::

    import edgp_magics as edgp
    result = edgp.run("profile", df)

Importing this module imports nothing heavy; each function loads what it needs when it is first called.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    from .capabilities.regulations import Verification
    from .services.rag import KnowledgeBase
    from .values import AgentCapability, Passage, Result
    from .workflows import WorkflowRun

__version__ = "0.1.0"

__all__ = [
    "KnowledgeBase",
    "agents",
    "arun",
    "capabilities",
    "health",
    "load_ipython_extension",
    "metrics",
    "register_workflow",
    "resume",
    "retrieve",
    "route",
    "run",
    "run_workflow",
    "unload_ipython_extension",
    "verify",
    "workflows",
]


def run(
    capability: str | AgentCapability,
    data: Any,
    /,
    *,
    name: str | None = None,
    body: str = "",
    as_of: dt.date | str | None = None,
    frames: Mapping[str, Any] | None = None,
    **options: Any,
) -> Result:
    """Run one capability on one table and return its :class:`~edgp_magics.values.Result`.

    Parameters
    ----------
    capability
        a full name (``"data_profiling"``) or verb (``"profile"``); :func:`capabilities` lists them.
    data
        a pandas or polars DataFrame, an Arrow table, a DuckDB relation, or the path of a Parquet or CSV file.
        It is never changed.
    name
        what findings and reports call the data.
    body
        what a cell body would hold: checks, a question, YAML.
    as_of
        the date by which freshness and ages are judged.
    frames
        other tables by name, for rules that refer to them.
    **options
        the capability's own options (``%governance help VERB``).

    Raises
    ------
    edgp_magics.errors.GovernanceError
        with the next move in its message.

    >>> import pandas as pd
    >>> run("profile", pd.DataFrame({"a": [1, 2, None]}), name="t").dataset.rows
    3
    """
    from .agents import runtime

    return runtime().run(capability, data, name=name, body=body, as_of=as_of, frames=frames, options=options)


async def arun(
    capability: str | AgentCapability,
    data: Any,
    /,
    *,
    name: str | None = None,
    body: str = "",
    as_of: dt.date | str | None = None,
    frames: Mapping[str, Any] | None = None,
    **options: Any,
) -> Result:
    """:func:`run` for code that has an event loop of its own: ``await edgp.arun("profile", df)``."""
    import asyncio

    from .agents import runtime

    current = runtime()
    work = current.prepared(current.arun(capability, data, name=name, body=body, as_of=as_of, frames=frames, options=options))
    return await asyncio.wrap_future(current.loop.submit(work))


def run_workflow(name: str, data: Any, /, **state: Any) -> WorkflowRun:
    """Run a LangGraph workflow on a table: ``.id``, ``.state``, ``.results``, ``.frames``, ``.interrupts``.

    A run that waits for an answer, failed at a step or was interrupted goes on with :func:`resume`, in this kernel or
    another. ``dataset=`` names the table, ``frames=`` gives others by name, ``show=`` is told of each step, ``key=`` is
    the secret of keyed de-identification; ``**state`` sets fields of the initial state, such as ``approve="auto"`` (a
    standing decision), ``options={"privacy_scan": {"sample": 1000}}``, ``preset``, ``reference``, ``max_rounds``.
    :func:`workflows` lists the names.
    """
    from .workflows import run_workflow as start

    return start(name, data, **state)


def resume(
    run: WorkflowRun | str,
    decisions: Any = None,
    *,
    data: Any = None,
    frames: Mapping[str, Any] | None = None,
    key: bytes = b"",
    checkpoint: str | int = "",
) -> WorkflowRun:
    """Go on with a workflow that stopped for an approval, failed at a step, or was interrupted; no finished step runs again.

    Parameters
    ----------
    run
        the run, or its id.
    decisions
        the answer: ``"auto"``, ``"all"``, ``"none"``, a confidence, action ids or numbers (``"1,3-5"``), or
        ``{interrupt id or step: answer}`` where several wait.
    data
        the table, when the kernel no longer has it; one with other content is refused.
    frames
        other tables by name, for a workflow that looks at them.
    key
        the secret of keyed de-identification, which is not kept.
    checkpoint
        go back to this moment of the run (its id, or its number in ``%governance workflows --run ID``) and on from there.
    """
    from .workflows import resume_workflow

    return resume_workflow(run, decisions, data=data, frames=frames, key=key, checkpoint=checkpoint)


def register_workflow(name: str, graph: Any, *, summary: str = "") -> None:
    """Make a LangGraph graph of your own, compiled or not, a workflow: ``run_workflow(name, df)``, ``%governance workflow``.

    Its nodes reach the table with ``runtime.context.frame(state)`` where the state has the field ``input_data``.
    """
    from .workflows import register_workflow as register

    register(name, graph, summary=summary)


def retrieve(query: str, *, agent: str | None = None, k: int = 5) -> list[Passage]:
    """Passages of the shipped and added knowledge for a question, best first."""
    from .agents import runtime

    current = runtime()
    chosen = current.agent(agent).agent_type if agent else None
    return list(current.wait(current.passages(query, agent=chosen, k=k)))


def route(text: str) -> list[tuple[AgentCapability, float]]:
    """Capabilities for a request in plain words with a confidence, best first.

    >>> str(route("find outliers in the amount column")[0][0])
    'anomaly_detection'
    """
    from .agents import route as find

    return find(text)


def agents() -> list[dict[str, Any]]:
    """The agents: id, type, purpose, capabilities, status."""
    from .agents import runtime

    return [
        {
            "agent_id": a.agent_id,
            "agent_type": a.agent_type.value,
            "purpose": type(a).purpose,
            "capabilities": [c.value for c in a.capabilities],
            "status": a.status.value,
        }
        for a in runtime().agents.values()
    ]


def capabilities() -> list[dict[str, Any]]:
    """The capabilities that work: name, verb, agent, what it does, options."""
    from .capabilities import CAPABILITIES

    return [
        {
            "name": s.capability.value,
            "verb": s.verb,
            "agent": f"{s.agent.value}_agent",
            "summary": s.summary,
            "options": [o.name for o in s.options],
        }
        for s in CAPABILITIES.values()
    ]


def workflows() -> list[dict[str, Any]]:
    """The workflows: name, what it does, steps."""
    from .workflows import WORKFLOWS

    return [{"name": w.name, "summary": w.summary, "steps": list(w.steps)} for w in WORKFLOWS.values()]


def health() -> dict[str, Any]:
    """The state of every part, without using the network."""
    from .agents import runtime

    return runtime().health()


def metrics() -> dict[str, Any]:
    """What was counted and timed in this kernel, by metric."""
    from .agents import runtime

    return dict(runtime().recorder.metrics())


def verify(path: str | Path, *, seal: str | None = None) -> Verification:
    """Check an evidence pack that an audit saved: any change to it is found.

    ``seal`` is the value an earlier check gave; with it even a pack that was rebuilt whole is found out.
    """
    from .capabilities.regulations import verify_pack

    return verify_pack(path, seal=seal)


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext edgp_magics``."""
    from .magics._entry import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext edgp_magics``: nothing of ours stays."""
    from .magics._entry import unload

    unload(shell)


class _Door(ModuleType):
    """The class of this module: importing the subpackage ``agents`` must not put it in the place of the function :func:`agents`.

    Python binds a subpackage to its parent's attribute of that name; the door's functions and the layout's packages
    share three names, and the door is what people call.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in ("agents", "capabilities", "workflows")):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Door


def __getattr__(name: str) -> Any:
    if name == "KnowledgeBase":
        from .services.rag import KnowledgeBase

        return KnowledgeBase
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
