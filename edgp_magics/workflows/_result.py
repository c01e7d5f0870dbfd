"""A run of a workflow, as a value and as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..values import Badge, Block, Code, DatasetRef, Document, Drawing, Fold, Grid, Listing, Plan, Result, Text, plain, plural


@dataclass(frozen=True, kw_only=True)
class Step:
    """Progress of a run: a step started, ended, failed, waits for an answer, or reports a stage."""

    step: str
    status: str
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, repr=False)
class WorkflowRun:
    """A run of a workflow.

    ``status`` is ``completed``, ``waiting`` (for the answers that ``interrupts`` ask for) or ``partial`` (``failed`` names
    the steps that did not work; :func:`edgp_magics.resume` tries them again). ``state`` is plain data; ``results`` and
    ``plans`` are the full results and plans this kernel made, ``frames`` the tables made on the way, ``artifacts`` texts
    such as a data contract, ``errors`` what failed steps raised. Only state, findings and steps are in :meth:`to_dict`.
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
    svg: str = ""
    mermaid: str = ""

    @property
    def findings(self) -> tuple[Any, ...]:
        """Findings of all steps."""
        return tuple(f for r in self.results.values() for f in r.findings)

    @property
    def failed(self) -> tuple[str, ...]:
        """The steps that failed."""
        own = [s.step for s in self.steps if s.status == "failed"]
        return tuple(dict.fromkeys([*own, *(str(f["step"]) for f in self.state.get("failed_steps") or ())]))

    def to_dict(self) -> dict[str, Any]:
        """Plain data; the ``run`` block holds what differs between equal runs."""
        varies = ("execution_id", "started_at")
        state = {k: v for k, v in self.state.items() if k not in varies}
        return dict(
            plain(
                {
                    "workflow": self.workflow,
                    "dataset": self.dataset,
                    "status": self.status,
                    "state": state,
                    "failed": self.failed,
                    "interrupts": [{k: v for k, v in i.items() if k != "id"} for i in self.interrupts],
                    "results": {k: r.to_dict() for k, r in self.results.items()},
                    "run": {"id": self.id, "steps": self.steps, "interrupts": [i["id"] for i in self.interrupts]},
                }
            )
        )

    # -- as a document ---------------------------------------------------------------------------------------
    def document(self) -> Document:
        """The graph with the state of each step, what each found, what the run waits for; the results folded."""
        blocks: list[Block] = [Text(self._headline(), tone="strong"), *self._picture(), self._steps_grid()]
        for waiting in self.interrupts:
            blocks += _question(self.id, waiting)
        if self.errors:
            blocks.append(Text(f"Try the failed step again: %governance resume {self.id}", tone="note"))
        last = list(self.results.values())[-1] if self.results else None
        if last is not None and last.capability.value == "report_generation":
            blocks += list(last.document().blocks)
        else:
            blocks += [Fold(f"{name}: {r.capability.value}", r.document().blocks) for name, r in self.results.items()]
        blocks += [
            Fold(f"{name} ({plural(len(text.splitlines()), 'line')})", (Listing(text, "yaml"),)) for name, text in self.artifacts.items()
        ]
        return Document(f"Workflow: {self.workflow.replace('_', ' ')}", tuple(blocks), footer=f"{self.dataset} · run {self.id}")

    def _picture(self) -> list[Block]:
        if not self.svg:
            return []
        alt = " → ".join(f"{s.step} ({s.status})" for s in self.steps)
        return [Drawing(self.svg, alt), Fold("The graph as mermaid text", (Listing(self.mermaid, "mermaid"),))]

    def _steps_grid(self) -> Grid:
        """Without times, so that equal runs look equal in a saved notebook; ``steps`` has them."""
        rows = tuple((Badge(s.status), s.step, self._outcome(s), self._found(s.step)) for s in self.steps)
        return Grid("Steps", ("status", "step", "what came out", "findings"), rows)

    def _outcome(self, step: Step) -> str:
        if step.status in ("failed", "waiting"):
            return step.detail
        if step.step in self.results:
            return self.results[step.step].summary
        if step.step.endswith("_plan"):
            return str((self.state.get("remediation_plan") or {}).get("summary", ""))
        own = (self.state.get("results") or {}).get(step.step)
        return str(own.get("summary", "")) if isinstance(own, Mapping) else step.detail

    def _found(self, step: str) -> int | None:
        return len(self.results[step].findings) if step in self.results else None

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


def _question(run_id: str, waiting: Mapping[str, Any]) -> list[Block]:
    """What the run asks, and how to answer."""
    actions = waiting.get("actions") or ()
    out: list[Block] = [Text(f"{waiting['question']} (interrupt {waiting['id'][:12]})", tone="strong")]
    if actions:
        rows = tuple(
            (n, Badge(a["tier"]), a["title"], a["count"], f"{a['confidence']:.2f}", Code(a["id"])) for n, a in enumerate(actions, 1)
        )
        more = len(waiting.get("action_ids") or ()) - len(rows)
        out.append(Grid("Proposed", ("no.", "tier", "action", "cells", "confidence", "id"), rows, more=max(0, more)))
        out.append(Text(f"Answer: %governance resume {run_id} --approve auto (or all, none, 1,3-5, ids)", tone="note"))
    else:
        out.append(Text(f"Answer: edgp.resume('{run_id}', answer)", tone="note"))
    return out
