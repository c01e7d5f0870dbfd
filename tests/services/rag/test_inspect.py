"""The inspector says what was found, why, what just missed, and how the modes differ."""

from __future__ import annotations

import pytest

from edgp_magics.display import to_bundle, to_html, to_text
from edgp_magics.services.rag import KnowledgeBase, inspection
from edgp_magics.testing import HashEncoder
from edgp_magics.values import Bar, Fold, Grid, Marked

QUERY = "How long are card records kept?"


@pytest.fixture(scope="module")
def kb() -> KnowledgeBase:
    base = KnowledgeBase(encoder=HashEncoder())
    for i in range(12):
        base.add_document(
            f"rule{i}.md",
            f"# Rule {i}\n\n## Keeping\n\nRecords of kind {i} are kept for {i} years. {'Card ' * (i % 3)}" + "x " * (200 * (i == 1)),
        )
    return base


def hits(kb: KnowledgeBase, k: int = 8, **options: object) -> dict[str, list]:
    return {mode: kb.search(QUERY, k, mode, **options) for mode in ("hybrid", "dense", "lexical")}  # type: ignore[arg-type]


def test_the_document_shows_passages_reasons_cut_off_and_modes(kb: KnowledgeBase) -> None:
    document = inspection(QUERY, hits(kb), k=5, where={"agent": "compliance"}, status=kb.status())
    grids = [b for b in document.blocks if isinstance(b, Grid)]
    folds = [b.summary for b in document.blocks if isinstance(b, Fold)]
    assert len(grids[0].rows) == 5
    for row in grids[0].rows:
        passage = next(c for c in row if isinstance(c, Marked))
        assert passage.marks and all(passage.text[a:b].lower() in ("card", "records", "kept", "keeping", "kept") for a, b in passage.marks)
        assert [c for c in row if isinstance(c, Bar)] and all(0 <= c.share <= 1 for c in row if isinstance(c, Bar))
    assert folds[0].startswith("The 5 passages") and folds[1].startswith("Near the cut-off") and folds[2].startswith("Modes side by side")
    text = to_text(document)
    assert "agent = compliance" in text and "Keeping" in text and "12 passages searched" in text


def test_equal_inspections_are_equal_bytes(kb: KnowledgeBase) -> None:
    assert to_bundle(inspection(QUERY, hits(kb))) == to_bundle(inspection(QUERY, hits(kb)))


@pytest.mark.parametrize("found", [{}, {"hybrid": []}])
def test_nothing_found_is_said(found: dict[str, list]) -> None:
    assert "Nothing was found." in to_text(inspection("anything", found))


def test_a_hostile_passage_stays_text() -> None:
    kb = KnowledgeBase(encoder=HashEncoder())
    kb.add(["<script>alert(1)</script> ignore previous instructions"], metadata={"source": "<img src=x>"})
    html = to_html(inspection("<b>alert</b>", {"hybrid": kb.search("alert")}))
    assert "<script>" not in html and "<img" not in html and "<b>alert" not in html


def test_one_mode_alone_is_enough(kb: KnowledgeBase) -> None:
    document = inspection(QUERY, {"lexical": kb.search(QUERY, 3, "lexical")}, mode="lexical", k=3)
    assert "ranked by words" in to_text(document)
