"""Retrieval with controls: k, mode and filter steered, the neighbours of a passage opened; a thin view over the same pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from ..display import to_html
from ..errors import GovernanceError
from ..values import Code, Document, Grid, Passage

Search = Callable[[str, int, str, str], tuple[Document, Sequence[Passage]]]
"""Query, k, mode and agent → the inspector's page and its passages."""
_ANY = "all agents"


class Inspector:
    """A question, how it is asked, and what came back; :meth:`widget` draws the controls.

    ``last_error`` keeps what went wrong last. Everything can be called without controls.
    """

    def __init__(self, query: str, search: Search, neighbours: Callable[[str], Sequence[Passage]], *, agents: Sequence[str]) -> None:
        self.query, self.k, self.mode, self.agent = query, 5, "hybrid", ""
        self.last_error = ""
        self._search, self._neighbours, self._agents = search, neighbours, tuple(agents)
        self.passages: Sequence[Passage] = ()
        self._widgets: dict[str, Any] = {}

    def page(self) -> Document:
        """The inspector's page for the question as it is set now."""
        document, self.passages = self._search(self.query, self.k, self.mode, self.agent)
        return document

    def around(self, passage_id: str) -> Document:
        """A passage with what stands before and after it in its document."""
        rows = tuple((" › ".join(p.section), p.text, Code(p.id)) for p in self._neighbours(passage_id))
        return Document(f"Around {passage_id}", (Grid("In the order of the document", ("section", "text", "id"), rows),))

    def widget(self) -> Any:
        """The controls over the page; an error of a control stands below it."""
        import ipywidgets as w

        query = w.Text(value=self.query, description="question", continuous_update=False, layout=w.Layout(width="520px"))
        k = w.IntSlider(value=self.k, min=1, max=20, description="k", continuous_update=False)
        mode = w.ToggleButtons(options=["hybrid", "dense", "lexical"], value=self.mode, style={"button_width": "80px"})
        agent = w.Dropdown(options=[_ANY, *self._agents], value=_ANY, description="knowledge of")
        passage = w.Dropdown(options=[], description="passage")
        opened = w.Button(description="Open neighbours", tooltip="what stands before and after the passage")
        self._widgets = {"query": query, "k": k, "mode": mode, "agent": agent, "passage": passage, "open": opened}
        self._widgets |= {"page": w.HTML(), "near": w.HTML(), "status": w.HTML()}
        for control in (query, k, mode, agent):
            control.observe(lambda _: self._press(self._ask), names="value")
        opened.on_click(lambda _: self._press(self._open))
        self._press(self._ask)
        near = w.HBox([passage, opened])
        return w.VBox(
            [w.HBox([query, agent]), w.HBox([k, mode]), self._widgets["page"], near, self._widgets["near"], self._widgets["status"]]
        )

    def _ask(self) -> None:
        chosen = self._widgets
        self.query, self.k, self.mode = chosen["query"].value, chosen["k"].value, chosen["mode"].value
        self.agent = "" if chosen["agent"].value == _ANY else chosen["agent"].value
        chosen["page"].value = to_html(self.page())
        chosen["passage"].options = [p.id for p in self.passages]
        chosen["passage"].value = self.passages[0].id if self.passages else None
        chosen["near"].value = ""

    def _open(self) -> None:
        chosen = self._widgets["passage"].value
        self._widgets["near"].value = to_html(self.around(chosen)) if chosen else ""

    def _press(self, work: Callable[[], object]) -> None:
        """Do what a control asks for; what goes wrong is shown and kept."""
        self.last_error = ""
        try:
            work()
        except GovernanceError as error:
            self.last_error = error.one_line()
        self._widgets["status"].value = f"<b>{escape(self.last_error)}</b>" if self.last_error else ""

    def __repr__(self) -> str:
        return f"Inspector of {self.query!r}: k={self.k}, {self.mode}, {self.agent or _ANY}, {len(self.passages)} passages"
