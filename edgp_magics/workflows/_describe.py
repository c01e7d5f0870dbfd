"""A graph described in words: capabilities as nodes, edges with conditions on results, checked line by line.

::

    name: quality_gate
    nodes:
      quality: assess
      personal: {capability: scan, options: {sample: 5000}}
      repair: clean
      ask: {approve: repair}
      mended: {apply: repair}
    edges:
      - start -> quality, personal
      - quality -> repair when score < 95 or severity >= high
      - repair -> ask when actions > 0
      - ask -> mended

An edge with a condition is taken where it holds, ``otherwise`` where none of its node's conditions does, any other edge
always. A node that nothing follows, or none of whose conditions holds, leads to the end; one that several ways lead to waits
for all that are under way. ``approve`` asks a person about the plan of a node, ``apply`` makes what was approved of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..capabilities import CAPABILITIES, read_options, spec_of
from ..errors import BadCellBody, GovernanceError, UsageError, closest
from ..values import AgentCapability, DatasetRef, Plan, Progress
from ._conditions import Condition, parse_condition
from ._figures import APPLY_FIGURES, APPROVAL_FIGURES, figures_of, is_figure, known_figures
from ._nodes import (
    PLANNERS,
    Planner,
    Work,
    WorkflowContext,
    add,
    apply_work,
    approval_work,
    capability_work,
    new_plan,
    options_of,
    plan_name,
)
from ._registry import WORKFLOWS, Workflow
from ._state import WorkflowState, planned

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

START, END = "start", "end"
_ARROW = re.compile(r"^(?P<from>[^>]+?)\s*->\s*(?P<to>.+?)(?:\s+(?:(?:when|if)\s+(?P<when>.+)|(?P<otherwise>otherwise)))?$", re.S)
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_KEYS = ("name", "nodes", "edges")
_NODE_KEYS = ("capability", "options", "approve", "apply")


@dataclass(frozen=True, kw_only=True)
class NodeSpec:
    """A node: a capability with options, or an approval or application of the plan of another node."""

    name: str
    line: int
    capability: AgentCapability | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    approve: str = ""
    apply: str = ""


@dataclass(frozen=True, kw_only=True)
class EdgeSpec:
    """An edge, with its condition as text and as read."""

    source: str
    target: str
    line: int
    text: str = ""
    condition: Condition | None = None
    otherwise: bool = False


@dataclass(frozen=True, kw_only=True)
class Description:
    """A graph as it was described."""

    name: str
    nodes: Mapping[str, NodeSpec]
    edges: tuple[EdgeSpec, ...]


def described(text: str, *, name: str = "", kept: bool = False) -> Workflow:
    """The workflow that a cell body describes; ``kept``: of a run that exists, whose name was judged when it began."""
    found = read(text)
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    if name and found.name and name != found.name and not kept:
        raise BadCellBody(f"the body calls the workflow `{found.name}`, the line `{name}`.", hint="Give it one name.")
    chosen = name or found.name or f"described_{mark}"
    if chosen in WORKFLOWS and not kept:
        raise BadCellBody(f"`{chosen}` is the name of another workflow.", hint="Give yours a name of its own.")
    return Workflow(chosen, "described in a cell", tuple(found.nodes), source=build(found, mark), definition=text)


# -- reading -------------------------------------------------------------------------------------------------
def read(text: str) -> Description:
    """Nodes and edges of a text; a mistake is an error that names its line."""
    import yaml

    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise BadCellBody("a workflow is `nodes:` and `edges:`.", line=1, hint="See %governance help workflow.")
        _no_key_twice(root)
        parts = {str(k.value): (v, k.start_mark.line + 1) for k, v in root.value}
        value = {k: loader.construct_object(v, deep=True) for k, (v, _) in parts.items() if k == "name"}
        nodes = _nodes(loader, parts)
        edges = _edges(parts)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or "it is no YAML"
        raise BadCellBody(f"{why}.", line=mark.line + 1 if mark else None, hint="Indent with spaces; quote text with a colon.") from None
    finally:
        loader.dispose()
    for key, (_, line) in parts.items():
        if key not in _KEYS:
            raise BadCellBody(f"no part `{key}`.", line=line, hint=f"Known: {', '.join(_KEYS)}")
    found = Description(name=str(value.get("name") or ""), nodes=nodes, edges=_completed(nodes, edges))
    _check(found)
    return found


def _no_key_twice(node: Any) -> None:
    """YAML takes the last of two equal keys and says nothing; here the first would be lost."""
    import yaml

    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _no_key_twice(item)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        if str(key.value) in seen:
            raise BadCellBody(f"`{str(key.value)[:40]}` stands here twice.", line=key.start_mark.line + 1, hint="Keep one of them.")
        seen.add(str(key.value))
        _no_key_twice(value)


def _nodes(loader: Any, parts: Mapping[str, tuple[Any, int]]) -> dict[str, NodeSpec]:
    import yaml

    holder, line = parts.get("nodes", (None, 1))
    if holder is not None and holder.value and not isinstance(holder, yaml.MappingNode):
        raise BadCellBody("nodes are names with what each does, not a list.", line=line, hint="nodes: {quality: assess}")
    if holder is None or not holder.value:
        raise BadCellBody("there are no nodes.", line=line, hint="nodes: {quality: assess}")
    out: dict[str, NodeSpec] = {}
    for key, value in holder.value:
        name, line = str(key.value), key.start_mark.line + 1
        if not _NAME.fullmatch(name) or name in (START, END) or name.startswith("__"):
            raise BadCellBody(f"a node cannot be called `{name}`.", line=line, hint="Use letters, digits, _ and -; not two _ first.")
        out[name] = _node(name, loader.construct_object(value, deep=True), line)
    for spec in out.values():
        _check_plan(spec, out)
    return out


def _node(name: str, given: Any, line: int) -> NodeSpec:
    parts = {"capability": given} if isinstance(given, str) else given
    if not isinstance(parts, Mapping):
        raise BadCellBody(f"node `{name}` needs a capability.", line=line, hint=f"{name}: assess")
    for key in parts:
        if key not in _NODE_KEYS:
            raise BadCellBody(f"node `{name}` has no part `{key}`.", line=line, hint=f"Known: {', '.join(_NODE_KEYS)}")
    if sum(k in parts for k in ("capability", "approve", "apply")) != 1:
        raise BadCellBody(f"node `{name}` needs one of capability, approve, apply.", line=line, hint=f"{name}: assess")
    if "capability" not in parts:
        return NodeSpec(name=name, line=line, approve=str(parts.get("approve", "")), apply=str(parts.get("apply", "")))
    try:
        spec = spec_of(str(parts["capability"]))
        options = parts.get("options") or {}
        if not isinstance(options, Mapping):
            raise UsageError(f"the options of `{name}` are no mapping.", hint="options: {sample: 5000}")
        read_options(spec.options, options, of=spec.verb)
    except GovernanceError as error:
        raise BadCellBody(error.message, line=line, hint=error.hint) from None
    return NodeSpec(name=name, line=line, capability=spec.capability, options=dict(options))


_PLANNING = (AgentCapability.DATA_CLEANING, AgentCapability.ISSUE_RESOLUTION, AgentCapability.QUALITY_IMPROVEMENT)


def _check_plan(spec: NodeSpec, nodes: Mapping[str, NodeSpec]) -> None:
    of = spec.approve or spec.apply
    if not of:
        return
    if of not in nodes:
        raise _unknown(of, nodes, spec.line)
    if nodes[of].capability not in _PLANNING:
        verbs = ", ".join(CAPABILITIES[c].verb for c in _PLANNING)
        raise BadCellBody(f"node `{of}` makes no plan.", line=spec.line, hint=f"Only {verbs} make plans.")


def _unknown(name: str, nodes: Mapping[str, NodeSpec], line: int) -> BadCellBody:
    near = closest(name, nodes)
    hint = f"Did you mean `{near}`? " if near else ""
    return BadCellBody(f"no node `{name[:40]}`.", line=line, hint=f"{hint}Nodes: {', '.join(nodes)}")


def _edges(parts: Mapping[str, tuple[Any, int]]) -> list[EdgeSpec]:
    import yaml

    if "edges" not in parts:
        return []
    holder, line = parts["edges"]
    if not isinstance(holder, yaml.SequenceNode):
        raise BadCellBody("edges are a list.", line=line, hint="- quality -> scan when score < 90")
    return [e for item in holder.value for e in _edge(str(item.value) if isinstance(item.value, str) else "", item.start_mark.line + 1)]


def _edge(text: str, line: int) -> list[EdgeSpec]:
    found = _ARROW.match(text.strip())
    if found is None:
        raise BadCellBody(f"`{text[:40]}` is no edge.", line=line, hint="- quality -> scan when score < 90")
    try:
        condition = parse_condition(found["when"]) if found["when"] else None
    except UsageError as error:
        raise BadCellBody(error.message, line=line, hint=error.hint) from None
    said = found["when"] or ("otherwise" if found["otherwise"] else "")
    return [
        EdgeSpec(source=s, target=t, line=line, text=" ".join(said.split()), condition=condition, otherwise=bool(found["otherwise"]))
        for s in _names(found["from"])
        for t in _names(found["to"])
    ]


def _names(text: str) -> list[str]:
    return [t.strip() for t in text.split(",") if t.strip()]


def _completed(nodes: Mapping[str, NodeSpec], edges: Sequence[EdgeSpec]) -> tuple[EdgeSpec, ...]:
    """The edges with a beginning and an end where none was written."""
    begin = [] if any(e.source == START for e in edges) else [EdgeSpec(source=START, target=next(iter(nodes)), line=0)]
    last = [n for n in nodes if not any(e.source == n for e in edges)]
    return (*begin, *edges, *(EdgeSpec(source=n, target=END, line=0) for n in last))


# -- checking ------------------------------------------------------------------------------------------------
Pairs = Sequence[tuple[str, str]]


def _check(found: Description) -> None:
    for edge in found.edges:
        _check_edge(edge, found)
    pairs = [(e.source, e.target) for e in found.edges]
    reached = _reach({START}, pairs)
    ending = _reach({END}, [(e.target, e.source) for e in found.edges] + [(END, n) for n in found.nodes if _may_end(n, found.edges)])
    always = [(e.source, e.target) for e in found.edges if e.condition is None and not e.otherwise]
    for name, spec in found.nodes.items():
        if name not in reached:
            raise BadCellBody(f"nothing leads to node `{name}`.", line=spec.line, hint=f"- start -> {name}")
        if name not in ending:
            raise BadCellBody(
                f"a cycle without exit: from `{name}` the end is never reached.", line=spec.line, hint=f"- {name} -> end when …"
            )
        if name in _after(name, always):
            raise BadCellBody(
                f"a cycle without exit: `{name}` always leads back to itself.", line=spec.line, hint="Put a condition on an edge."
            )
        _check_order(spec, found, pairs)


def _may_end(name: str, edges: Sequence[EdgeSpec]) -> bool:
    """Whether a run ends behind a node because none of its conditions holds."""
    own = [e for e in edges if e.source == name]
    return bool(own) and all(e.condition is not None for e in own)


def _check_order(spec: NodeSpec, found: Description, pairs: Pairs) -> None:
    """A plan is made, then asked about, then applied, to the table it was made for."""
    if spec.approve and spec.name not in _after(spec.approve, pairs):
        raise BadCellBody(
            f"`{spec.name}` asks about the plan of `{spec.approve}`, which is not made before.",
            line=spec.line,
            hint=f"- {spec.approve} -> {spec.name}",
        )
    if not spec.apply:
        return
    asking = [n.name for n in found.nodes.values() if n.approve == spec.apply]
    if not any(spec.name in _after(n, pairs) for n in asking):
        raise BadCellBody(
            f"`{spec.name}` applies the plan of `{spec.apply}`, about which nobody is asked before.",
            line=spec.line,
            hint=f"A node ask: {{approve: {spec.apply}}} comes before it.",
        )
    since = [(s, t) for s, t in pairs if t != spec.apply]
    for other in found.nodes.values():
        if other.apply and other is not spec and other.name in _after(spec.apply, since) and spec.name in _after(other.name, since):
            raise BadCellBody(
                f"`{other.name}` changes the table after `{spec.apply}` made the plan that `{spec.name}` applies.",
                line=spec.line,
                hint=f"Let `{spec.apply}` come after `{other.name}`.",
            )


def _after(name: str, pairs: Pairs) -> set[str]:
    """What can come after a node."""
    return _reach({t for s, t in pairs if s == name}, pairs)


def _check_edge(edge: EdgeSpec, found: Description) -> None:
    for name, wrong in ((edge.source, END), (edge.target, START)):
        if name == wrong:
            raise BadCellBody(f"an edge cannot {'leave the end' if wrong == END else 'lead to the start'}.", line=edge.line)
        if name not in found.nodes and name not in (START, END):
            raise _unknown(name, found.nodes, edge.line)
    if edge.source == START and edge.text:
        raise BadCellBody("there is no result at the start to judge.", line=edge.line, hint="Put the condition behind a node.")
    if edge.condition is not None:
        _check_figures(edge, found.nodes[edge.source])
    if edge.otherwise and not any(e.source == edge.source and e.condition for e in found.edges):
        raise BadCellBody(f"`otherwise` needs another edge of `{edge.source}` with a condition.", line=edge.line)


def _check_figures(edge: EdgeSpec, source: NodeSpec) -> None:
    """A condition speaks about figures that its node's result can have."""
    known = _figures(source)
    for test in edge.condition.tests() if edge.condition else ():
        if test.name not in known and not (source.capability and is_figure(test.name, source.capability)):
            near = closest(test.name, known)
            hint = f"Did you mean `{near}`? " if near else ""
            raise BadCellBody(
                f"`{source.name}` has no figure `{test.name[:40]}`.", line=edge.line, hint=f"{hint}It has: {', '.join(known)}"
            )


def _figures(spec: NodeSpec) -> tuple[str, ...]:
    if spec.capability is not None:
        return known_figures(spec.capability)
    return APPROVAL_FIGURES if spec.approve else APPLY_FIGURES


def _reach(start: set[str], pairs: Pairs) -> set[str]:
    seen, todo = set(start), list(start)
    while todo:
        at = todo.pop()
        for source, target in pairs:
            if source == at and target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


# -- building ------------------------------------------------------------------------------------------------
def build(found: Description, mark: str) -> StateGraph[Any, Any, Any, Any]:
    """The graph; a node that several ways lead to waits for all that are under way."""
    from langgraph.graph import StateGraph

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(WorkflowState, context_schema=WorkflowContext)
    planning = {s.approve or s.apply for s in found.nodes.values()}
    pairs = [(e.source, e.target) for e in found.edges]
    for name, spec in found.nodes.items():
        incoming = {s for s, t in pairs if t == name}
        work = _decided(_work(spec, mark, plans=name in planning), name, [e for e in found.edges if e.source == name])
        add(graph, name, work, defer=len(incoming) > 1)
    for name in (START, *found.nodes):
        _connect(graph, name, [e for e in found.edges if e.source == name])
    return graph


def _work(spec: NodeSpec, mark: str, *, plans: bool) -> Work:
    if spec.approve:
        return approval_work(spec.name, f"{mark}:{spec.approve}", "Which changes shall be made?")
    if spec.apply:
        return apply_work(spec.name, f"{mark}:{spec.apply}", spec.name)
    assert spec.capability is not None
    if plans:
        return _plan_node(spec, f"{mark}:{spec.name}")
    return capability_work(spec.name, spec.capability, options=spec.options)


def _decided(work: Work, name: str, edges: Sequence[EdgeSpec]) -> Work:
    """The work, and behind it a first look at the edges: one that cannot be decided fails the node, which can run again.

    An error of a graph's routing itself would leave a run that is neither finished nor to be gone on with.
    """
    if not any(e.condition for e in edges):
        return work
    route = router(name, edges)

    async def decided(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
        update = await work(state, context, progress)
        route({"results": update.get("results") or {}})
        return update

    return decided


def _plan_node(spec: NodeSpec, key: str) -> Work:
    PLANNERS[key] = _planner(spec, key)

    async def work(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
        plan, short = await new_plan(key, state, context, progress)
        return {"remediation_plan": short, "plans": planned(key, plan), "results": {spec.name: short}}

    return work


def _planner(spec: NodeSpec, key: str) -> Planner:
    async def planner(state: Mapping[str, Any], context: WorkflowContext, ref: DatasetRef, progress: Progress) -> Plan:
        assert spec.capability is not None
        result = await context.execute(spec.capability, ref, progress, options_of(state, spec.name, spec.options))
        context.results[plan_name(state, key, ref)] = result
        plan: Plan = result.plan  # type: ignore[attr-defined]  # the planning capabilities have one
        return plan

    return planner


def _connect(graph: StateGraph[Any, Any, Any, Any], name: str, edges: Sequence[EdgeSpec]) -> None:
    from langgraph.graph import END as LAST
    from langgraph.graph import START as FIRST

    ends = {START: FIRST, END: LAST}
    source = ends.get(name, name)
    if not any(e.text for e in edges):
        for edge in edges:
            graph.add_edge(source, ends.get(edge.target, edge.target))
        return
    labels: dict[Hashable, str] = {f"{e.text or 'always'} → {e.target}": ends.get(e.target, e.target) for e in edges}
    graph.add_conditional_edges(source, router(name, edges), labels | {"no condition holds": LAST})


def router(name: str, edges: Sequence[EdgeSpec]) -> Callable[[Mapping[str, Any]], list[str]]:
    """Which edges are taken: a pure function of the state."""

    def route(state: Mapping[str, Any]) -> list[str]:
        figures = figures_of((state.get("results") or {}).get(name) or {})
        taken = [e for e in edges if e.condition is not None and e.condition.holds(figures)]
        chosen = [e for e in edges if e in taken or (e.otherwise and not taken) or not e.text]
        return [f"{e.text or 'always'} → {e.target}" for e in chosen] or ["no condition holds"]

    route.__name__ = f"after_{name}"
    return route
