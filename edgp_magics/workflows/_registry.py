"""The workflows there are: our own, those of the user, and those described in a cell. A graph is built when it is first run."""

from __future__ import annotations

import functools
import hashlib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import UnknownName, UsageError, WorkflowError
from ._picture import Layout, layout_of
from ._state import FIELDS


@dataclass(frozen=True)
class Workflow:
    """A named graph: what it does, its steps in order, and what builds it."""

    name: str
    summary: str
    steps: tuple[str, ...]
    target: str = ""
    source: Any = field(default=None, compare=False)
    definition: str = ""

    def graph(self) -> Any:
        """The ``StateGraph``, or a compiled one of the user's."""
        return _load(self.target)() if self.target else self.source

    @property
    def key(self) -> str:
        """What tells this graph from another of the same name."""
        mark = self.definition or (str(id(self.source)) if self.source is not None else "")
        return f"{self.name}:{hashlib.sha256(mark.encode()).hexdigest()[:12]}" if mark else self.name

    @property
    def own(self) -> bool:
        """Whether its nodes are of our making: built in, or described in a cell."""
        return bool(self.target or self.definition)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of its state."""
        return FIELDS if self.own else tuple(_builder(self.source).channels)

    @property
    def layout(self) -> Layout:
        """Its nodes and edges, to be drawn."""
        return _layout(self.key, self)


@functools.cache
def _load(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(f".{module}", __package__), name)


_layouts: dict[str, Layout] = {}


def _layout(key: str, workflow: Workflow) -> Layout:
    if key not in _layouts:
        graph = workflow.graph()
        _layouts[key] = layout_of((graph if hasattr(graph, "astream") else graph.compile()).get_graph())
    return _layouts[key]


def _builder(graph: Any) -> Any:
    """The ``StateGraph`` of a graph, compiled or not."""
    return getattr(graph, "builder", graph)


_OWN = (
    Workflow(
        "comprehensive_data_assessment",
        "quality check; where it finds issues a privacy scan and a remediation plan; then the report",
        ("quality_check", "compliance_scan", "remediation_plan", "analytics_report"),
        "_assessment:build",
    ),
    Workflow(
        "privacy_review",
        "privacy scan, risk, de-identification plan, your approval, a new table, a second scan",
        ("privacy_scan", "risk_assessment", "deidentification_plan", "approval", "apply", "rescan", "residual_risk"),
        "_privacy:build",
    ),
    Workflow(
        "data_onboarding",
        "profile, rules, a data contract, its check, and a policy for a table that is new here",
        ("profile", "privacy_scan", "rules", "contract", "contract_check", "policy"),
        "_onboarding:build",
    ),
    Workflow(
        "remediation_loop",
        "assess, plan, your approval, a repaired table, assess again, until it no longer gets better",
        ("quality_check", "remediation_plan", "approval", "apply"),
        "_remediation:build",
    ),
    Workflow(
        "regulatory_audit_pack",
        "quality and personal data of several tables at once, then one audit over all of them, and the report",
        ("tables", "table_scan", "table_quality", "regulatory_audit", "analytics_report"),
        "_audit_pack:build",
    ),
    Workflow(
        "drift_watch",
        "profile, compare with a reference or with the last time, new rules where it moved, and the report",
        ("profile", "compare", "rules", "analytics_report"),
        "_drift:build",
    ),
)
WORKFLOWS: dict[str, Workflow] = {w.name: w for w in _OWN}


def register_workflow(name: str, graph: Any, *, summary: str = "") -> Workflow:
    """Make a LangGraph graph of your own, compiled or not, a workflow that runs like ours.

    Its state gets ``dataset_id``, ``input_data``, ``execution_id`` and ``started_at`` where it has fields of these names;
    its nodes reach the table with ``runtime.context.frame(state)``.

    The settings ``retries`` and ``timeout`` hold for its steps where a node says nothing else. The time limit is for nodes
    that are ``async`` functions: a plain function runs in a thread, which nothing can stop, and a node that is a graph of its
    own may wait for a person. A step that takes too long, or fails, is named and can be resumed.
    """
    key = _name(name) if isinstance(name, str) else ""
    if not key.isidentifier():
        raise UsageError(f"{name!r} is no name for a workflow.", hint="Use letters, digits and _, as in `my_checks`: a cell has to say it.")
    if key in {w.name for w in _OWN}:
        raise UsageError(f"`{key}` is a workflow of this package.", hint="Register yours under another name.")
    builder = _builder(graph)
    if not hasattr(builder, "channels") or not hasattr(builder, "nodes"):
        raise WorkflowError(f"`{key}` is a {type(graph).__name__}, not a LangGraph graph.", hint="Give a StateGraph, compiled or not.")
    try:
        steps = tuple((graph if hasattr(graph, "astream") else graph.compile()).get_graph().nodes)
    except ValueError as error:
        raise WorkflowError(f"`{key}` cannot be compiled: {error}", hint="Mend the graph and register it again.") from error
    shown = tuple(s for s in steps if not s.startswith("__"))
    made = Workflow(key, summary or "a graph of your own", shown, source=graph)
    WORKFLOWS[key] = made
    return made


def workflow_of(name: str, *, definition: str = "") -> Workflow:
    """The workflow of this name; of a run that was described in a cell, the one its definition gives."""
    if definition:
        from ._describe import described

        return described(definition, name=name, kept=True)
    key = _name(name)
    if key not in WORKFLOWS:
        raise UnknownName("workflow", name, known=WORKFLOWS)
    return WORKFLOWS[key]


def _name(name: str) -> str:
    return name.strip().replace("-", "_")


def listing() -> list[Mapping[str, Any]]:
    """Every workflow: name, what it does, steps."""
    return [{"name": w.name, "summary": w.summary, "steps": list(w.steps)} for w in WORKFLOWS.values()]
