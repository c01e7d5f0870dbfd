"""Review of a plan with buttons: a thin view over the same list that works without it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from html import escape
from typing import Any

from ..errors import GovernanceError, PlanError
from ..values import Action, ChangeLog, Plan, Remediated, plural

_SHOWN = 40
_CHOICES = ("undecided", "accept", "reject")


class PlanReview:
    """Accept, reject, apply and undo the actions of a plan on its table.

    ``plan`` is the plan as decided so far, ``frame`` the table as it is now, ``last_error`` what went wrong last.
    Everything can be called without buttons; :meth:`widget` draws them.
    """

    def __init__(self, plan: Plan, data: Any, *, who: str = "analyst", on_change: Callable[[ChangeLog, bool], None] | None = None) -> None:
        self.plan = plan
        self.frame = data
        self.log: ChangeLog | None = None
        self.last_error = ""
        self._who = who
        self._on_change = on_change
        self._widgets: dict[str, Any] = {}

    def decide(self, action_id: str, choice: str, **cells: Any) -> None:
        """Accept or reject an action, or leave it ``undecided``; ``rows``, ``labels`` or ``values`` pick some of its cells."""
        if choice == "undecided":
            self.plan = self.plan.undecided(action_id)
        else:
            decided = self.plan.undecided(action_id)  # a new answer takes the place of the old one
            self.plan = (decided.accept if choice == "accept" else decided.reject)(action_id, **cells)

    def apply(self, approve: str = "auto") -> Remediated:
        """Make the chosen actions in a new table, kept as ``frame``."""
        if self.log is not None:
            raise PlanError("the plan is applied already.", hint="Undo it first.")
        done = self.plan.apply(self.frame, approve, who=self._who)
        self.frame, self.log = done.frame, done.log
        self._tell(done.log, False)
        return done

    def undo(self) -> Any:
        """The table as it was, kept as ``frame``."""
        if self.log is None:
            raise PlanError("nothing to undo.", hint="Apply the plan first.")
        log, self.log = self.log, None
        self.frame = log.undo(self.frame)
        self._tell(log, True)
        return self.frame

    def _tell(self, log: ChangeLog, undone: bool) -> None:
        if self._on_change is not None:
            self._on_change(log, undone)

    # -- buttons ---------------------------------------------------------------------------------------------
    def widget(self) -> Any:
        """The list with buttons; errors of a button stand below it."""
        import ipywidgets as w

        self._widgets = {}
        rows = w.VBox([self._row(w, action) for action in self.plan.actions[:_SHOWN]])
        more = w.Button(description="Show more", tooltip="the next actions of the plan", layout=w.Layout(width="120px"))
        more.layout.display = "" if len(self.plan) > _SHOWN else "none"
        approve = w.Dropdown(options=["auto", "all", "accepted"], value="auto", description="approve", layout=w.Layout(width="220px"))
        apply = w.Button(description="Apply", tooltip="make the chosen fixes in a new table")
        undo = w.Button(description="Undo", tooltip="take the fixes back", disabled=True)
        status = w.HTML(self._status())
        self._widgets |= {"apply": apply, "undo": undo, "approve": approve, "status": status, "more": more}
        more.on_click(lambda _: self._show_more(w, rows))
        apply.on_click(lambda _: self._press(lambda: self.apply(approve.value)))
        undo.on_click(lambda _: self._press(self.undo))
        return w.VBox([rows, more, w.HBox([approve, apply, undo]), status])

    def _show_more(self, w: Any, rows: Any) -> None:
        start = len(rows.children)
        rows.children += tuple(self._row(w, action) for action in self.plan.actions[start : start + _SHOWN])
        self._widgets["more"].layout.display = "" if len(rows.children) < len(self.plan) else "none"

    def _row(self, w: Any, action: Action) -> Any:
        text = f"<b>{escape(action.title)}</b> · {action.tier} · {plural(action.count, 'cell')} · {action.confidence:.2f}"
        examples = "; ".join(f"{escape(e.before)} → {escape(e.after)}" for e in action.examples[:2])
        label = w.HTML(f"{text}<br><span style='opacity:.8'>{examples}</span>", layout=w.Layout(width="560px"))
        if action.kind == "flag":
            return w.HBox([label, w.HTML("to look at")])
        choice = w.ToggleButtons(options=_CHOICES, value="undecided", style={"button_width": "84px"}, layout=w.Layout(width="290px"))
        rows = w.Text(placeholder="all rows", continuous_update=False, layout=w.Layout(width="110px"))
        for part in (choice, rows):
            part.observe(functools.partial(self._chosen, action.id), names="value")
        self._widgets |= {action.id: choice, f"{action.id} rows": rows}
        return w.HBox([label, choice, rows])

    def _chosen(self, action_id: str, change: Any) -> None:
        """An answer for the whole action, or for the rows that stand beside it as the preview names them."""
        picked = [part.strip() for part in self._widgets[f"{action_id} rows"].value.split(",") if part.strip()]
        cells = {"labels": picked} if picked else {}
        self._press(lambda: self.decide(action_id, self._widgets[action_id].value, **cells))

    def _press(self, work: Callable[[], object]) -> None:
        """Do what a button asks for; what goes wrong is shown and kept, never lost in a callback."""
        self.last_error = ""
        try:
            work()
        except GovernanceError as error:
            self.last_error = error.one_line()
        self._widgets["status"].value = self._status()
        self._widgets["apply"].disabled = self.log is not None
        self._widgets["undo"].disabled = self.log is None

    def _status(self) -> str:
        if self.last_error:
            return f"<b>{escape(self.last_error)}</b>"
        if self.log is not None:
            return f"Applied: {plural(len(self.log), 'change')} in a new table (.frame)."
        decided = sum(a.decision is not None for a in self.plan.actions)
        return f"{plural(len(self.plan), 'action')}, {decided} decided; nothing is applied."

    def __repr__(self) -> str:
        return f"Review of the plan for {self.plan.dataset.name}: {self._status()}"
