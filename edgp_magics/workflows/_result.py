"""A run of a workflow, as a value and as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..values import (
    AgentCapability,
    Badge,
    Block,
    Code,
    DatasetRef,
    Document,
    Drawing,
    Fold,
    Grid,
    Heading,
    Listing,
    Plan,
    Result,
    Text,
    View,
    plain,
    plural,
)
from ._answers import how_to_answer, name_of

if TYPE_CHECKING:
    import pandas as pd

_OPEN = (AgentCapability.REPORT_GENERATION, AgentCapability.REGULATORY_AUDIT)
"""Results that are what a run is for: shown whole, where the others are folded."""
_VARIES = ("execution_id", "started_at")


@dataclass(frozen=True, kw_only=True)
class Step:
    """Progress of a run: a step started, ended, failed, waits for an answer, or reports a stage.

    ``label`` tells runs of one step apart (one for each table); ``detail`` is what came out, ``findings`` how many.
    """

    step: str
    status: str
    detail: str = ""
    seconds: float = 0.0
    label: str = ""
    findings: int | None = None


class Mermaid(str):
    """A graph as mermaid text; a cell that ends with it shows the picture where the front end draws mermaid."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return f"```mermaid\n{self}\n```"


@dataclass(frozen=True, kw_only=True, repr=False)
class WorkflowRun:
    """A run of a workflow.

    ``status`` is ``completed``, ``waiting`` (for the answers that ``interrupts`` ask for), ``partial`` (``failed`` names
    the steps that did not work; :func:`edgp_magics.resume` tries them again) or ``paused`` (a graph of your own that was
    compiled to stop before the steps in ``upcoming``). ``state`` is plain data; ``results`` and ``plans`` are the full
    results and plans this kernel made (results of another kernel as far as the state keeps them), ``frames`` the tables
    made on the way, ``artifacts`` texts such as a data contract, ``errors`` what failed steps raised. Only state, findings
    and steps are in :meth:`to_dict`.
    """

    id: str
    workflow: str
    dataset: DatasetRef
    status: str
    state: Mapping[str, Any]
    results: Mapping[str, Result] = field(default_factory=dict)
    interrupts: tuple[Mapping[str, Any], ...] = ()
    steps: tuple[Step, ...] = ()
    plans: Mapping[str, Plan] = field(default_factory=dict)
    frames: Mapping[str, Any] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, BaseException] = field(default_factory=dict)
    upcoming: tuple[str, ...] = ()
    svg: str = ""
    mermaid: str = ""

    @property
    def findings(self) -> tuple[Any, ...]:
        """Findings of all steps, each once: a report repeats what other steps found, a second round what is still there."""
        reports = (AgentCapability.REPORT_GENERATION,)
        made = {self.dataset.name, *(ref["name"] for ref in (self.state.get("frames") or {}).values())}
        own = [
            ("" if r.dataset.name in made else r.dataset.name, f)
            for r in self.results.values()
            if r.capability not in reports
            for f in r.findings
        ]
        known = {f.id for _, f in own}
        repeated = [("", f) for r in self.results.values() if r.capability in reports for f in r.findings if f.id not in known]
        return tuple({(table, f.id): f for table, f in (*own, *repeated)}.values())

    @property
    def failed(self) -> tuple[str, ...]:
        """The steps that failed."""
        own = [s.label or s.step for s in self.steps if s.status == "failed"]
        return tuple(dict.fromkeys([*own, *(str(f["step"]) for f in self.state.get("failed_steps") or ())]))

    # -- as data ---------------------------------------------------------------------------------------------
    def to_dict(self) -> dict[str, Any]:
        """Plain data; the ``run`` block holds what differs between equal runs."""
        state = {k: v for k, v in self.state.items() if k not in _VARIES}
        results = {k: r.to_dict() for k, r in self.results.items()}
        out = plain(
            {
                "workflow": self.workflow,
                "dataset": self.dataset,
                "status": self.status,
                "state": _without_runs(state),
                "failed": self.failed,
                "interrupts": [{k: v for k, v in i.items() if k != "id"} for i in self.interrupts],
                "results": {k: {n: v for n, v in r.items() if n != "run"} for k, r in results.items()},
            }
        )
        own = {"id": self.id, "steps": self.steps, "interrupts": [i["id"] for i in self.interrupts]}
        return {**out, "run": plain({**own, "results": {k: r.get("run") for k, r in results.items()}})}

    def to_frame(self) -> pd.DataFrame:
        """The steps as a pandas frame, one row each."""
        import pandas as pd

        rows = [[s.label or s.step, s.status, s.detail, s.findings, s.seconds] for s in self.steps]
        return pd.DataFrame(rows, columns=["step", "status", "outcome", "findings", "seconds"])

    def to_markdown(self) -> str:
        """The run as Markdown."""
        return self._view().to_markdown()

    def to_html(self) -> str:
        """The run as an HTML fragment without script or outside links."""
        return self._view().to_html()

    def save(self, path: str | Path) -> Path:
        """Write the run to ``path``: .html, .md or .txt by its ending, .json for :meth:`to_dict`."""
        return self._view().save(path)

    def _view(self) -> View:
        return View(self.document(), self.to_dict())

    # -- as a document ---------------------------------------------------------------------------------------
    def document(self) -> Document:
        """The graph with the state of each step, what each found, what the run waits for; then the results."""
        blocks: list[Block] = [Text(self._headline(), tone="strong"), *self._picture(), self._steps_grid(), *self._tables()]
        for waiting in self.interrupts:
            blocks += _question(self.id, waiting, self.interrupts)
        if self.errors:
            blocks.append(Text(f"Try the failed step again: %governance resume {self.id}", tone="note"))
        if self.upcoming:
            blocks.append(Text(f"It stopped before {', '.join(self.upcoming)}. Go on: %governance resume {self.id}", tone="note"))
        shown = {n: r for n, r in self.results.items() if r.capability in _OPEN}
        for name, result in reversed(shown.items()):
            blocks += [Heading(name.replace("_", " ").capitalize()), *result.document().blocks]
        blocks += [Fold(f"{n}: {r.capability.value}", r.document().blocks) for n, r in self.results.items() if n not in shown]
        blocks += [_artifact(name, text) for name, text in self.artifacts.items()]
        own = "" if self.status == "completed" else f" · run {self.id}"
        return Document(f"Workflow: {self.workflow.replace('_', ' ')}", tuple(blocks), footer=f"{self.dataset}{own}")

    def _picture(self) -> list[Block]:
        if not self.svg:
            return []
        steps = " → ".join(f"{s.label or s.step} ({s.status})" for s in self.steps)
        return [
            Drawing(self.svg, f"Steps of the workflow\n{steps}"),
            Fold("The graph as mermaid text", (Listing(self.mermaid, "mermaid"),)),
        ]

    def _steps_grid(self) -> Grid:
        """Without times, so that equal runs look equal in a saved notebook; ``steps`` has them."""
        rows = tuple((Badge(s.status), s.label or s.step, s.detail, s.findings) for s in self.steps)
        return Grid("Steps", ("status", "step", "what came out", "findings"), rows)

    def _tables(self) -> list[Block]:
        """Where the new tables are."""
        made = {role: ref for role, ref in (self.state.get("frames") or {}).items() if role in self.frames}
        return [
            Text(f"New table {ref['name']} ({plural(ref['rows'], 'row')}): it is .frames['{role}'] of this run.")
            for role, ref in made.items()
        ]

    def _headline(self) -> str:
        done = sum(s.status == "done" for s in self.steps)
        text = f"{self.status.capitalize()}: {plural(done, 'step')} on {self.dataset.name}, {plural(len(self.findings), 'finding')}."
        if self.failed:
            text += f" Failed: {', '.join(self.failed)}."
        return text + (f" It waits for {plural(len(self.interrupts), 'answer')}." if self.interrupts else "")

    def __repr__(self) -> str:
        from ..display import to_text

        return to_text(self.document())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from ..display import to_bundle

        return to_bundle(self.document())


def _artifact(name: str, text: str) -> Block:
    """A text made on the way: shown where it is for people, named where it is for programs."""
    about = f"{name} ({plural(len(text.splitlines()), 'line')}): .artifacts['{name}']"
    return Text(about, tone="note") if name.endswith(".json") else Fold(about, (Listing(text, "yaml"),))


def _without_runs(value: Any) -> Any:
    """The state without the ids of the runs that made its parts."""
    if isinstance(value, Mapping):
        return {k: _without_runs(v) for k, v in value.items() if k != "run"}
    return [_without_runs(v) for v in value] if isinstance(value, (list, tuple)) else value


def _question(run_id: str, waiting: Mapping[str, Any], among: tuple[Mapping[str, Any], ...]) -> list[Block]:
    """What the run asks, and how to answer."""
    actions = waiting.get("actions") or ()
    out: list[Block] = [Text(f"{waiting['question']} (interrupt {name_of(waiting)})", tone="strong")]
    named = f" --interrupt {name_of(waiting)}" if len(among) > 1 else ""
    if actions:
        rows = tuple(
            (n, Badge(a["tier"]), a["title"], a["count"], f"{a['confidence']:.2f}", Code(a["id"])) for n, a in enumerate(actions, 1)
        )
        more = len(waiting.get("action_ids") or ()) - len(rows)
        out.append(Grid("Proposed", ("no.", "tier", "action", "cells", "confidence", "id"), rows, more=max(0, more)))
        out.append(Text(f"Answer: %governance resume {run_id}{named} --approve auto (or all, none, 1,3-5, ids)", tone="note"))
    elif named:
        out.append(Text(how_to_answer(run_id, among), tone="note"))
    else:
        out.append(Text(f"Answer: edgp.resume('{run_id}', answer)", tone="note"))
    return out
