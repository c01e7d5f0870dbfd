"""What goes in comes out: ids, spans, filters, replacement, two processes, damage, odd input."""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from edgp_magics.errors import BadOption, Interrupted, KnowledgeError
from edgp_magics.services.rag import KnowledgeBase
from edgp_magics.testing import HashEncoder

TEXTS = [
    "Personal data are erased after two years.",
    "Card numbers are masked in logs.",
    "Each table has an owner.",
    "Owners review access each quarter.",
]
ABOUT = [{"jurisdiction": "EU", "year": 2018}, {"jurisdiction": "US", "year": 2024}, {"jurisdiction": "EU", "year": 2024}, {"year": 2024}]
DOCUMENT = """---
title: Keeping data
agent: compliance
jurisdiction: EU
valid_from: 2018-05-25
---
# Keeping data

Intro line.

## How long

Data are kept for two years. Then they are erased.

## Who

The owner decides.
"""


@pytest.fixture
def kb() -> KnowledgeBase:
    base = KnowledgeBase(encoder=HashEncoder())
    base.add(TEXTS, ids=["a", "b", "c", "d"], metadata=ABOUT)
    return base


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_every_mode_finds_the_passage_and_gives_its_id(kb: KnowledgeBase, mode: Any) -> None:
    hits = kb.search("masked card numbers", k=2, mode=mode)
    assert hits[0].id == "b" and hits[0].text == TEXTS[1]
    assert hits == sorted(hits, key=lambda h: -h.score)
    assert (hits[0].lexical is None) == (mode == "dense")
    assert (hits[0].dense is None) == (mode == "lexical")


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"jurisdiction": "EU"}, {"a", "c"}),
        ({"jurisdiction": ["EU", "US"]}, {"a", "b", "c"}),
        ({"year": {"$gte": 2024}, "jurisdiction": "EU"}, {"c"}),
        ({"year": {"$gt": 2018, "$lt": 2025}}, {"b", "c", "d"}),
        ({"$or": [{"jurisdiction": "US"}, {"jurisdiction": {"$exists": False}}]}, {"b", "d"}),
        ({"jurisdiction": {"$ne": "EU"}}, {"b", "d"}),
        ({"jurisdiction": {"$nin": ["EU", "US"]}}, {"d"}),
        ({"$and": [{"year": 2024}, {"jurisdiction": {"$eq": "US"}}]}, {"b"}),
        ({"nothing": "here"}, set()),
        ({}, {"a", "b", "c", "d"}),
    ],
)
@pytest.mark.parametrize("mode", ["hybrid", "dense"])
def test_filters_mean_the_same_in_every_mode(kb: KnowledgeBase, mode: Any, where: dict[str, Any], ids: set[str]) -> None:
    assert {hit.id for hit in kb.search("data owner card access year", mode=mode, where=where)} == ids


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda kb: kb.search("x", mode="fuzzy"), "hybrid"),
        (lambda kb: kb.search("x", k=0), "at least 1"),
        (lambda kb: kb.search("x", where={"year": {"$about": 3}}), "$about"),
        (lambda kb: kb.search("x", where={"$not": {}}), "$not"),
        (lambda kb: kb.add(["x", "y"], ids=["only one"]), "2 texts, 1 ids"),
        (lambda kb: kb.search(None), "NoneType"),
        (lambda kb: kb.search("x", k="3"), "whole number"),
        (lambda kb: kb.search("x", where="EU"), "mapping"),
        (lambda kb: kb.search("x", as_of="last year"), "2026-11-22"),
        (lambda kb: kb.evaluate([]), "no questions"),
        (lambda kb: kb.evaluate([{"query": "x"}]), "relevant"),
    ],
)
def test_mistakes_are_said(kb: KnowledgeBase, call: Any, said: str) -> None:
    with pytest.raises(BadOption) as caught:
        call(kb)
    assert said in str(caught.value)


def test_adding_an_id_again_replaces_it(kb: KnowledgeBase) -> None:
    kb.add("Cats sleep all day.", ids=["b"])
    assert len(kb) == 4
    assert kb.search("cats", k=1, mode="dense")[0].text == "Cats sleep all day."
    assert not [h for h in kb.search("card numbers", mode="lexical") if h.id == "b"]
    assert kb.status()["vectors"] == 4


def test_equal_texts_with_different_ids_are_both_kept_but_shown_once(kb: KnowledgeBase) -> None:
    kb.add(TEXTS[:1], ids=["again"])
    assert len(kb) == 5
    assert [h.id for h in kb.search(TEXTS[0], k=2)].count("again") + [h.id for h in kb.search(TEXTS[0], k=2)].count("a") == 1
    assert {h.id for h in kb.search(TEXTS[0], k=2, distinct=False)} == {"a", "again"}


SAID = "Log files of the payment service are kept for ninety days and then erased by the job of the platform team."


@pytest.mark.parametrize(
    ("other", "again"),
    [
        (SAID.replace("erased by", "erased, by").replace(".", "!"), True),
        ("The " + SAID, True),
        (SAID.replace("ninety", "30"), False),
        (SAID.replace("are kept", "are not kept"), False),
        ("Access to log files is reviewed by the platform team every quarter.", False),
    ],
)
@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_what_says_the_same_is_shown_once(other: str, again: bool, mode: Any) -> None:
    kb = KnowledgeBase(encoder=HashEncoder())
    kb.add_document("a.md", f"# Logs\n\n{SAID}")
    kb.add_document("b.md", f"# Something else\n\n{other}")
    assert len(kb.search("log files of the platform team", mode=mode)) == (1 if again else 2)
    assert len(kb.search("log files of the platform team", mode=mode, distinct=False)) == 2


@pytest.mark.parametrize("query", ["", "   ", "???", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 שלום", "a" * 100_000, "\ud800", "<b>'; DROP TABLE passages; --"])
def test_odd_queries_are_answered(kb: KnowledgeBase, query: str) -> None:
    assert len(kb.search(query)) <= 4
    assert len(kb) == 4


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud83d half", "x" * 1_000_000, "שלום עולם", "{}{{%s}}"])
def test_odd_texts_are_kept(kb: KnowledgeBase, text: str) -> None:
    kb.add([text], ids=["odd"])
    assert len(kb) == 5
    kb.search("anything")


def test_an_empty_base_finds_nothing() -> None:
    assert KnowledgeBase(encoder=HashEncoder()).search("anything") == []


def test_document_passages_slice_back_to_the_source() -> None:
    kb = KnowledgeBase(encoder=HashEncoder())
    ids = kb.add_document("keeping.md", DOCUMENT)
    assert ids == ["keeping.md#1", "keeping.md#2", "keeping.md#3"]
    for hit in kb.get(ids):
        assert DOCUMENT[hit.start : hit.end] == hit.text == kb.source_text("keeping.md")[hit.start : hit.end]  # type: ignore[index]
        assert hit.source == "keeping.md" and hit.title == "Keeping data"
    found = kb.search("How long are data kept?", k=1, where={"agent": "compliance", "valid_from": {"$lte": "2020-01-01"}})[0]
    assert found.section == ("Keeping data", "How long") and "kept" in found.matched
    assert [p.id for p in kb.around(found.id)] == ids


def test_a_document_given_again_replaces_the_earlier_one_whole() -> None:
    kb = KnowledgeBase(encoder=HashEncoder())
    kb.add_document("keeping.md", DOCUMENT)
    kb.add_document("keeping.md", "# Short\n\nOnly this.")
    assert [h.id for h in kb.search("data owner years only this", k=9)] == ["keeping.md#1"]
    assert kb.status()["vectors"] == 1 and list(kb.documents()) == ["keeping.md"]
    assert kb.delete("keeping.md") == 1 and kb.documents() == {}


def test_versions_of_a_regulation_live_side_by_side() -> None:
    kb = KnowledgeBase(encoder=HashEncoder())
    for version, years in (("2018", "two"), ("2026", "three")):
        kb.add_document(f"rule@{version}.md", f"---\ntitle: Rule\nversion: '{version}'\n---\n# Rule\n\nKeep for {years} years.")
    assert {h.metadata["version"] for h in kb.search("how many years", k=5)} == {"2018", "2026"}
    assert [h.text for h in kb.search("how many years", k=5, where={"version": "2026"})] == ["Keep for three years."]


LAW = "---\ntitle: Law\n{front}\n---\n# Law\n\nBreaches are notified within {hours} hours to the authority."


@pytest.fixture
def versions() -> KnowledgeBase:
    kb = KnowledgeBase(encoder=HashEncoder())
    for name, front, hours in (
        ("old.md", "valid_from: 2018-01-01", 72),
        ("new.md", "valid_from: 2026-01-01", 96),
        ("next.md", "valid_from: 2999-01-01", 24),
    ):
        kb.add_document(name, LAW.format(front=front, hours=hours))
    kb.add_document(
        "gone.md",
        "---\ntitle: Notice\nvalid_from: 2001-01-01\nvalid_to: 2009-12-31\n---\n# Notice\n\nBreaches are notified to the authority by fax.",
    )
    kb.add_document("open.md", "# Guide\n\nBreaches are notified to the authority on its form.")
    return kb


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_what_holds_now_comes_first_and_the_rest_is_marked(versions: KnowledgeBase, mode: Any) -> None:
    hits = {h.source: h for h in versions.search("within 72 hours breaches are notified", k=9, mode=mode)}
    assert next(iter(hits)) == "new.md" and len(hits) == 5
    said = {source: hit.metadata.get("not_in_force") for source, hit in hits.items()}
    assert said == {
        "new.md": None,
        "open.md": None,
        "old.md": "replaced by the version of 2026-01-01",
        "next.md": "valid only from 2999-01-01",
        "gone.md": "valid until 2009-12-31",
    }


@pytest.mark.parametrize(
    ("day", "sources"),
    [
        ("2005-06-01", {"gone.md", "open.md"}),
        ("2009-12-31", {"gone.md", "open.md"}),
        (dt.date(2020, 1, 1), {"old.md", "open.md"}),
        ("2026-01-01", {"new.md", "open.md"}),
        ("3000-01-01", {"next.md", "open.md"}),
    ],
)
@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_as_of_a_day_only_what_held_is_found(versions: KnowledgeBase, mode: Any, day: Any, sources: set[str]) -> None:
    assert {h.source for h in versions.search("breaches are notified", k=9, mode=mode, as_of=day)} == sources


def test_a_document_may_name_what_it_supersedes() -> None:
    kb = KnowledgeBase(encoder=None)
    kb.add_document("handbook.md", "# Handbook\n\nLogs are kept for two years.")
    kb.add_document("policy.md", "---\nsupersedes: handbook.md\nvalid_from: 2025-01-01\n---\n# Policy\n\nLogs are kept for ninety days.")
    assert [h.source for h in kb.search("logs kept years")] == ["policy.md", "handbook.md"]
    assert [h.source for h in kb.search("logs kept years", as_of="2024-05-01")] == ["handbook.md"]


def test_what_a_document_names_as_its_source_is_kept_as_its_reference() -> None:
    kb = KnowledgeBase(encoder=None)
    kb.add_document("law.md", "---\nsource: Regulation (EU) 2016/679\n---\n# Law\n\nBody.")
    hit = kb.search("body")[0]
    assert hit.source == "law.md" and hit.metadata["reference"] == "Regulation (EU) 2016/679"


def test_without_an_encoder_words_are_searched_and_that_is_said_once(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            kb = KnowledgeBase(model=tmp_path)  # a folder without a model
            kb.add(TEXTS, ids=["a", "b", "c", "d"])
            assert kb.search("card numbers", k=1)[0].id == "b"
    assert len([r for r in caplog.records if "by words only" in r.getMessage()]) == 1
    assert kb.status()["lexical_only"] and kb.modes() == ("lexical",)
    measured = kb.evaluate([{"query": "card numbers", "relevant": ["b"]}])
    assert list(measured.modes) == ["lexical"] and "dense" in measured.notes[0]
    with pytest.raises(KnowledgeError, match="by meaning"):
        kb.search("card numbers", mode="dense")


def test_a_reranker_has_the_last_word(kb: KnowledgeBase) -> None:
    reranked = KnowledgeBase(encoder=HashEncoder(), reranker=lambda query, hits: [float(h.id == "d") for h in hits])
    reranked.add(TEXTS, ids=["a", "b", "c", "d"])
    assert reranked.search("masked card numbers", k=1)[0].id == "d"
    bad = KnowledgeBase(encoder=HashEncoder(), reranker=lambda query, hits: [1.0])
    bad.add(TEXTS)
    with pytest.raises(KnowledgeError, match="1 scores for 4"):
        bad.search("masked card numbers")


def test_stopping_halfway_leaves_nothing_half_done() -> None:
    kb = KnowledgeBase(encoder=HashEncoder(dimension=32))

    def stop(label: str, done: float | None) -> None:
        raise Interrupted("stopped.")

    with pytest.raises(Interrupted):
        kb.add([f"text number {i} never seen" for i in range(40)], report=stop)
    assert len(kb) == 0
    kb.add(["fine"])
    assert len(kb) == 1


def test_vectors_are_remembered_by_text() -> None:
    encoder = HashEncoder(dimension=48)
    for _ in range(2):
        KnowledgeBase(encoder=encoder).add(["remembered by its text alone"])
    assert sum(encoder.calls) == 1


def test_two_bases_on_one_folder_see_each_other(tmp_path: Path) -> None:
    one, other = (KnowledgeBase(tmp_path, encoder=HashEncoder()) for _ in range(2))
    one.add(TEXTS[:2], ids=["a", "b"])
    assert other.search("card numbers", k=1)[0].id == "b"
    other.add(TEXTS[2:], ids=["c", "d"])
    other.delete("a")
    assert {h.id for h in one.search("personal data owner access card", k=9)} == {"b", "c", "d"}


WRITER = """
import sys
from edgp_magics.services.rag import KnowledgeBase
from edgp_magics.testing import HashEncoder
kb = KnowledgeBase(sys.argv[1], encoder=HashEncoder(), store=sys.argv[3])
for i in range(15):
    kb.add([f"text {i} of writer {sys.argv[2]}"], ids=[f"{sys.argv[2]}-{i}"])
    kb.search("text of writer", mode="hybrid")
"""


@pytest.mark.slow
@pytest.mark.parametrize("store", ["memory", "faiss", "chroma"])
def test_two_kernels_write_at_once_and_lose_nothing(tmp_path: Path, store: str) -> None:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)]
    writers = [subprocess.Popen([*command, name, store], stderr=subprocess.PIPE, text=True) for name in ("one", "two")]
    for writer in writers:
        _, errors = writer.communicate(timeout=200)
        assert writer.returncode == 0, errors
    kb = KnowledgeBase(tmp_path, encoder=HashEncoder(), store=store)
    assert len(kb) == 30
    kb.search("text", mode="dense")
    assert kb.status()["vectors"] == 30 and not kb.status()["notices"]
    kb.close()


def test_a_damaged_file_is_set_aside_and_what_can_be_read_is_kept(tmp_path: Path) -> None:
    kb = KnowledgeBase(tmp_path, encoder=HashEncoder())
    kb.add([f"passage {i} about data {'x' * 300}" for i in range(200)], ids=[str(i) for i in range(200)])
    kb.close()
    file = tmp_path / "sources.sqlite"
    data = bytearray(file.read_bytes())
    data[-8_000:-4_000] = b"\xff" * 4_000
    file.write_bytes(bytes(data))
    again = KnowledgeBase(tmp_path, encoder=HashEncoder())
    again.search("data")
    assert len(again) == 200
    again.close()
    file.write_bytes(b"this is no database at all" * 100)
    file.with_suffix(".jsonl").unlink()
    last = KnowledgeBase(tmp_path, encoder=HashEncoder())
    assert last.search("data") == []
    assert "damaged" in last.status()["notices"][0] and list(tmp_path.glob("sources.sqlite.damaged-*"))
    last.add(["new"], ids=["n"])
    assert last.search("new", k=1)[0].id == "n"


def _cut(file: Path) -> None:
    file.write_bytes(b"x" * 200 + file.read_bytes()[200:])


@pytest.mark.parametrize(("harm", "said"), [(_cut, "was damaged"), (Path.unlink, "was gone")])
@pytest.mark.parametrize("with_journal", [True, False], ids=["journal kept", "journal of an older base"])
def test_all_that_was_added_comes_back_from_the_journal(tmp_path: Path, harm: Any, said: str, with_journal: bool) -> None:
    kb = KnowledgeBase(tmp_path, encoder=HashEncoder())
    kb.add_document("keeping.md", DOCUMENT)
    kb.add(TEXTS, ids=["a", "b", "c", "d"], metadata=ABOUT)
    kb.add("Cats sleep all day.", ids=["b"])
    kb.delete(["a"])
    before, documents = kb.search("data owner cats", k=9), kb.documents()
    kb.close()
    file = tmp_path / "sources.sqlite"
    if not with_journal:
        file.with_suffix(".jsonl").unlink()
        KnowledgeBase(tmp_path, encoder=HashEncoder()).close()
    with file.with_suffix(".jsonl").open("ab") as journal:
        journal.write(b'{"put": [{"id": "cut sho')
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    harm(file)
    again = KnowledgeBase(tmp_path, encoder=HashEncoder())
    assert again.documents() == documents and {h.id for h in again.search("data owner cats", k=9)} == {h.id for h in before}
    assert said in again.status()["notices"][0] and "1 documents and 6 passages" in again.status()["notices"][0]
    again.add("After the crash.", ids=["z"])
    again.close()
    file.write_bytes(b"no database" * 99)
    assert {"z", "b"} <= {h.id for h in KnowledgeBase(tmp_path, encoder=HashEncoder()).get(["z", "b"])}


def test_the_journal_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgp_magics.services.rag._journal._SLACK", 100)
    kb = KnowledgeBase(tmp_path, encoder=None)
    for i in range(200):
        kb.add_document("same.md", f"# Same\n\nVersion {i} {'x' * 3_000}")
    kb.close()
    size = (tmp_path / "sources.jsonl").stat().st_size
    again = KnowledgeBase(tmp_path, encoder=None)
    assert (tmp_path / "sources.jsonl").stat().st_size < size / 50
    again.add("more", ids=["more"])
    held = len(again)
    again.close()
    (tmp_path / "sources.sqlite").write_bytes(b"no database" * 99)
    assert len(KnowledgeBase(tmp_path, encoder=None)) == held


def test_evaluation_measures_each_mode(kb: KnowledgeBase) -> None:
    questions = [
        {"query": "masked card numbers", "relevant": ["b"]},
        {"query": "who owns a table", "relevant": ["c"], "filter": {"jurisdiction": "EU"}},
        {"query": "weather", "relevant": ["nowhere"]},
    ]
    measured = kb.evaluate(questions)
    assert measured.questions == 3
    assert measured.modes["hybrid"].recall_at_5 == pytest.approx(2 / 3)
    assert measured.missed["hybrid"] == ("weather",)
    assert measured.unknown == ("nowhere",)
    assert "recall@5" in measured.to_markdown() and "nowhere" in measured.to_html()
    assert list(measured.to_frame()["mode"]) == ["hybrid", "dense", "lexical"] and "text/html" in measured._repr_mimebundle_()
    assert measured.to_dict()["questions"] == 3


def test_a_question_may_name_a_document(tmp_path: Path) -> None:
    kb = KnowledgeBase(encoder=HashEncoder())
    kb.add_document("keeping.md", DOCUMENT)
    assert kb.evaluate([{"query": "how long", "relevant": ["keeping.md"]}]).modes["hybrid"].hit_at_1 == 1


@pytest.mark.parametrize("base", [0, 1])
def test_equal_content_gives_equal_hits(base: int) -> None:
    first, second = (KnowledgeBase(encoder=HashEncoder()) for _ in range(2))
    for one in (first, second):
        one.add(TEXTS, ids=["a", "b", "c", "d"], metadata=ABOUT)
    assert first.search("data and owners") == second.search("data and owners")


def test_a_question_asked_again_is_answered_at_once_until_something_changes(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    kb.search("who owns a table", k=2)  # the first one writes what it computed
    first = kb.search("who owns a table", k=2)
    searched: list[str] = []
    find = KnowledgeBase._find
    monkeypatch.setattr(KnowledgeBase, "_find", lambda self, asked, *rest: searched.append(asked.query) or find(self, asked, *rest))
    again = kb.search("who owns a table", k=2)
    again.clear()
    assert kb.search("who owns a table", k=2) == first and not searched
    kb.add(["Who owns a table is written in its contract."], ids=["new"])
    assert kb.search("who owns a table", k=2)[0].id == "new" and len(searched) == 1


class FailingEncoder(HashEncoder):
    """A model that turns out to be unusable when the first text is to be embedded."""

    def encode(self, texts: Any, report: Any = None) -> Any:
        raise KnowledgeError("the sentence model could not be prepared: no room.", encoder=self.name)


def test_an_encoder_that_fails_when_first_asked_leaves_search_by_words(caplog: pytest.LogCaptureFixture) -> None:
    base = KnowledgeBase(encoder=FailingEncoder(dimension=8))
    with caplog.at_level(logging.WARNING):
        base.add(TEXTS, ids=["a", "b", "c", "d"])
        assert base.search("masked card numbers")[0].id == "b"
    assert base.modes() == ("lexical",) and "no room" in base.status()["lexical_only"]
    assert sum("Search is by words only" in r.message for r in caplog.records) == 1
    with pytest.raises(KnowledgeError, match="no search by meaning"):
        base.search("masked", mode="dense")


def test_an_encoder_that_fails_on_a_question_leaves_search_by_words() -> None:
    encoder = HashEncoder(dimension=8)
    base = KnowledgeBase(encoder=encoder)
    base.add(TEXTS, ids=["a", "b", "c", "d"])
    assert base.search("each table") and base.modes() != ("lexical",)
    encoder.encode = FailingEncoder(dimension=8).encode  # type: ignore[method-assign]
    with pytest.raises(KnowledgeError, match="no room"):
        base.search("masked card numbers", mode="dense")
    assert base.search("masked card numbers")[0].id == "b" and base.modes() == ("lexical",)
