"""The commands over the knowledge as a user meets them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def words_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home of its own, and no sentence model."""
    monkeypatch.setenv("EDGP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EDGP_EMBEDDING_PATH", str(tmp_path))
    monkeypatch.setenv("EDGP_OFFLINE", "1")


def found(view: Any) -> list[str]:
    return [p["source"] for p in view.to_dict()["passages"]]


@pytest.mark.parametrize("options", ["--mode lexical", ""])
def test_without_a_model_the_inspector_goes_by_words(words_only: None, notebook: Any, options: str) -> None:
    view = notebook.run(f'%governance rag "how long may we keep CVs?" --k 3 {options}')
    assert len(found(view)) == 3 and "words only" in repr(view)
    assert "degraded" in repr(notebook.run("%governance health"))
    assert "no search by meaning" in notebook.fail('%governance rag "CVs" --mode dense')


def test_filters_match_every_place_of_a_document_and_name_what_there_is(words_only: None, notebook: Any) -> None:
    ask = '%governance rag "breach notification to the supervisory authority within 72 hours" --k 20'
    assert "analytics/regulations.md" in found(notebook.run(f"{ask} --jurisdiction eu"))
    assert set(found(notebook.run(f"{ask} --source compliance/gdpr.md"))) == {"compliance/gdpr.md"}
    assert "EU" in notebook.fail(f"{ask} --jurisdiction Atlantis")
    assert "regulation" in notebook.fail(f"{ask} --kind regulations")
    assert "2026-11-22" in notebook.fail(f"{ask} --as-of yesterday")


def test_what_is_added_is_named_noted_and_found_for_every_agent(words_only: None, notebook: Any, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "note.md").write_text(f"---\ntitle: [broken\n---\nA note on quokkas in {folder}.")
    added = [notebook.run(f"%governance knowledge add {tmp_path / folder / 'note.md'}") for folder in ("one", "two")]
    assert [view.to_dict()["documents"] for view in added] == [["note.md"], ["two/note.md"]]
    assert "front matter" in repr(added[0]) and "both are kept" in repr(added[1])
    view = notebook.run('%governance rag "quokkas" --agent compliance --k 2')
    assert set(found(view)) == {"note.md", "two/note.md"} and "agent = compliance" in repr(view)
    assert "1 passage removed" in repr(notebook.run("%governance knowledge remove two/note.md"))
    assert "comes with the package" in notebook.fail("%governance knowledge remove compliance/gdpr.md")
