"""The inspector's controls, called directly."""

from __future__ import annotations

from collections.abc import Sequence

from edgp_magics.errors import KnowledgeError
from edgp_magics.services.rag import KnowledgeBase, inspection
from edgp_magics.values import Document, Passage
from edgp_magics.widgets import Inspector


def make(fail: bool = False) -> Inspector:
    base = KnowledgeBase(encoder=None)
    base.add_document(
        "logs.md", "# Logs\n\n## Keep\n\nLogs are kept for ninety days.\n\n## Access\n\nLogs are read by few.\n", {"agent": "compliance"}
    )

    def search(query: str, k: int, mode: str, agent: str) -> tuple[Document, Sequence[Passage]]:
        if fail:
            raise KnowledgeError("the index is gone.", hint="Add the documents again.")
        hits = base.search(query, k, "lexical", {"agent": agent} if agent else None)
        return inspection(query, {"lexical": hits}, mode="lexical", k=k), hits

    return Inspector("how long are logs kept", search, base.around, agents=["compliance", "analytics"])


def test_controls_steer_the_page() -> None:
    inspector = make()
    inspector.widget()
    assert "ninety days" in inspector._widgets["page"].value
    inspector._widgets["k"].value = 1
    assert len(inspector.passages) == 1
    inspector._widgets["open"].click()
    assert "read by few" in inspector._widgets["near"].value
    inspector._widgets["agent"].value = "analytics"
    assert inspector.passages == []
    assert inspector.last_error == ""


def test_an_error_is_shown_and_kept() -> None:
    inspector = make(fail=True)
    inspector.widget()
    assert "the index is gone" in inspector.last_error
    assert "the index is gone" in inspector._widgets["status"].value
