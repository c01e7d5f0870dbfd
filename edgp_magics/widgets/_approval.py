"""The questions of a workflow run with buttons: a thin view over the list that the run itself shows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from ..errors import GovernanceError, UsageError
from ..values import Plan, plural

_SHOWN = 40
Resume = Callable[[Any, Mapping[str, Any]], Any]
"""The run as it stands and decisions by the step that asks → the run that went on."""


class RunApproval:
    """Choose the actions of each plan a run asks about, and let it go on.

    ``run`` is the run as it stands, ``chosen`` the ids ticked so far by the step that asks, ``last_error`` what went wrong
    last. Everything can be called without buttons; :meth:`widget` draws them. Nothing is decided before :meth:`answer`.
    """

    def __init__(self, run: Any, resume: Resume) -> None:
        self.run = run
        self.last_error = ""
        self._resume = resume
        self._widgets: dict[str, Any] = {}
        self.chosen: dict[str, set[str]] = {}
        self._begin()

    def _begin(self) -> None:
        """What the run asks now; what is safe to apply unseen is ticked."""
        asked = [i for i in self.run.interrupts if i.get("kind") == "approval"]
        self.chosen = {i["step"]: {a["id"] for a in i["actions"] if a["tier"] == "auto"} for i in asked}

    def tick(self, step: str, action_id: str, on: bool) -> None:
        """Approve an action of a step's plan, or not."""
        (self.chosen[step].add if on else self.chosen[step].discard)(action_id)

    def answer(self, decisions: Mapping[str, Any] | None = None) -> Any:
        """Let the run go on with what is ticked (or with ``decisions`` by step); the run as it stands then."""
        if not self.run.interrupts:
            raise UsageError("the run asks for nothing any more.", hint="See .run.")
        ticked = {step: sorted(ids) or "none" for step, ids in self.chosen.items()}
        self.run = self._resume(self.run, decisions if decisions is not None else ticked)
        self._begin()
        return self.run

    # -- buttons ---------------------------------------------------------------------------------------------
    def widget(self) -> Any:
        """The lists with ticks, and what sends them; errors of a button stand below."""
        import ipywidgets as w

        self._widgets = {"box": w.VBox([]), "status": w.HTML(), "send": w.Button(description="Go on", tooltip="with what is ticked")}
        self._widgets["none"] = w.Button(description="Reject all", tooltip="go on without any change")
        self._widgets["send"].on_click(lambda _: self._press(self.answer))
        self._widgets["none"].on_click(lambda _: self._press(lambda: self.answer(dict.fromkeys(self.chosen, "none"))))
        self._draw()
        return w.VBox([self._widgets["box"], w.HBox([self._widgets["send"], self._widgets["none"]]), self._widgets["status"]])

    def _draw(self) -> None:
        import ipywidgets as w

        rows: list[Any] = []
        for asked in self.run.interrupts:
            if asked.get("kind") == "approval":
                rows.append(w.HTML(f"<b>{escape(asked['question'])}</b> · {escape(asked['dataset'])}"))
                rows += [self._row(w, asked, action) for action in asked["actions"][:_SHOWN]]
        self._widgets["box"].children = tuple(rows)
        self._widgets["status"].value = self._status()
        for name in ("send", "none"):
            self._widgets[name].disabled = not self.chosen

    def _row(self, w: Any, asked: Mapping[str, Any], action: Mapping[str, Any]) -> Any:
        step, own = asked["step"], action["id"]
        title = escape(action["title"])
        tick = w.Checkbox(value=own in self.chosen[step], indent=False, tooltip=action["title"], layout=w.Layout(width="30px"))
        tick.disabled = action.get("kind") == "flag"  # it can only be looked at
        tick.observe(functools.partial(self._ticked, step, own), names="value")
        self._widgets[f"{step} {own}"] = tick
        what = f"{action['tier']} · {plural(action['count'], 'cell')} · {action['confidence']:.2f}"
        what += " · to look at" if tick.disabled else ""
        examples = _examples(self.run.plans.get(asked.get("plan", "")), own)
        below = f"<br><span style='opacity:.8'>{escape(examples)}</span>" if examples else ""
        words = w.HTML(f"<div style='line-height:1.5;padding:4px 0'>{title} · {what}{below}</div>", layout=w.Layout(width="620px"))
        return w.HBox([tick, words])

    def _ticked(self, step: str, action_id: str, change: Any) -> None:
        self.tick(step, action_id, bool(change["new"]))
        self._widgets["status"].value = self._status()

    def _press(self, work: Callable[[], object]) -> None:
        """Do what a button asks for; what goes wrong is shown and kept, never lost in a callback."""
        self.last_error = ""
        try:
            work()
        except GovernanceError as error:
            self.last_error = error.one_line()
        self._draw()

    def _status(self) -> str:
        if self.last_error:
            return f"<b>{escape(self.last_error)}</b>"
        if not self.chosen:
            return f"The run is {self.run.status}: see .run."
        return f"{plural(sum(map(len, self.chosen.values())), 'action')} ticked; nothing is applied."

    def __repr__(self) -> str:
        return f"Approval of run {self.run.id}; .run is the run as it stands, .answer() goes on with what is ticked."


def _examples(plan: Plan | None, action_id: str) -> str:
    """Before → after of an action, masked where the column is personal; a plan of another kernel shows none."""
    action = next((a for a in plan.actions if a.id == action_id), None) if plan is not None else None
    return "; ".join(f"{e.before} → {e.after}" for e in action.examples[:2]) if action is not None else ""
