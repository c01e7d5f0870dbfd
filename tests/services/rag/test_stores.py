"""Every store keeps one contract; what is kept survives closing; a damaged index is rebuilt from the sources."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pytest

from edgp_magics.errors import BadOption, NotAvailable, UnknownName
from edgp_magics.services.rag import KnowledgeBase, VectorStore
from edgp_magics.services.rag.stores import ChromaStore, FaissStore, MemoryStore, open_store
from edgp_magics.testing import HashEncoder, check_store

TEXTS = {
    "keep": "Personal data are erased after two years.",
    "mask": "Card numbers are masked in every log.",
    "own": "Each table has an owner.",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Chroma server on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "the server did not start"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_memory_keeps_the_contract() -> None:
    check_store(MemoryStore())


@pytest.mark.parametrize("kept", [False, True], ids=["in memory", "kept"])
def test_faiss_keeps_the_contract(tmp_path: Path, kept: bool) -> None:
    check_store(FaissStore(tmp_path if kept else None))


@pytest.mark.slow
def test_chroma_keeps_the_contract(tmp_path: Path) -> None:
    store = ChromaStore(tmp_path)
    check_store(store)
    store.close()


@pytest.mark.slow
def test_chroma_over_http_keeps_the_contract(server: str) -> None:
    store = ChromaStore(url=server, collection="edgp-contract")
    check_store(store)
    store.close()


@pytest.mark.slow
def test_two_chromas_in_memory_do_not_share() -> None:
    one, other = ChromaStore(collection="edgp-one"), ChromaStore(collection="edgp-other")
    one.upsert(["1.0.a"], np.eye(2, dtype=np.float32)[:1])
    assert other.ids() == set()


def test_an_unknown_store_says_which_there_are() -> None:
    with pytest.raises(UnknownName, match="chroma"):
        open_store("pinecone")


@pytest.mark.slow
@pytest.mark.parametrize(("url", "error"), [("http://127.0.0.1:1", NotAvailable), ("http://", BadOption)])
def test_a_server_that_is_not_there_is_said(url: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        ChromaStore(url=url)


STORES = ["memory", "faiss", pytest.param("chroma", marks=pytest.mark.slow)]


class CosineStore(MemoryStore):
    """A store that makes the cosine itself, as Chroma does: the length of what is asked with says nothing to it."""

    def search(self, vector: np.ndarray, k: int, within: Collection[str] | None = None) -> list[tuple[str, float]]:
        return super().search(vector / np.linalg.norm(vector), k, within)


@pytest.mark.parametrize("store", [CosineStore(), "faiss", pytest.param("chroma", marks=pytest.mark.slow)])
def test_every_store_ranks_alike(store: str | VectorStore) -> None:
    found = []
    for kind in ("memory", store):
        kb = KnowledgeBase(encoder=HashEncoder(), store=kind)
        kb.add([f"{text} Rule {i} on data {i % 7}." for i in range(60) for text in TEXTS.values()])
        hits = [kb.search(f"Which rule {i} on data erased or masked?", k=10) for i in range(0, 60, 7)]
        found.append([[(h.id, h.score) for h in part] for part in hits])
        kb.close()
    for one, other in zip(*found, strict=True):
        assert [key for key, _ in one] == [key for key, _ in other]
        assert [score for _, score in one] == pytest.approx([score for _, score in other], abs=1e-3)


def base(folder: Path | None, store: str) -> KnowledgeBase:
    return KnowledgeBase(folder, encoder=HashEncoder(), store=store)


@pytest.mark.parametrize("store", STORES)
def test_a_kept_base_finds_the_same_after_it_is_opened_again(tmp_path: Path, store: str) -> None:
    with_store = base(tmp_path, store)
    with_store.add(list(TEXTS.values()), ids=list(TEXTS))
    before = with_store.search("Who owns a table?", k=3)
    with_store.close()
    again = base(tmp_path, store)
    assert again.search("Who owns a table?", k=3) == before
    assert before[0].id == "own"
    again.close()


@pytest.mark.parametrize("store", STORES)
def test_a_deleted_passage_leaves_nothing_behind(tmp_path: Path, store: str) -> None:
    kb = base(tmp_path, store)
    kb.add(list(TEXTS.values()), ids=list(TEXTS))
    kb.search("cards", mode="dense")
    assert kb.delete(["mask"]) == 1
    assert "mask" not in [hit.id for hit in kb.search("card numbers in logs", mode="dense")]
    assert kb.status()["vectors"] == kb.status()["passages"] == 2
    kb.close()


@pytest.mark.parametrize("store", ["faiss", pytest.param("chroma", marks=pytest.mark.slow)])
def test_a_damaged_index_is_rebuilt_and_said(tmp_path: Path, store: str) -> None:
    kb = base(tmp_path, store)
    kb.add(list(TEXTS.values()), ids=list(TEXTS))
    before = kb.search("cards")
    kb.close()
    for file in [p for p in tmp_path.rglob("*") if p.is_file() and "sources" not in p.name]:
        file.write_bytes(b"\x00broken" * 20)
    again = base(tmp_path, store)
    assert again.search("cards") == before
    assert "damaged" in " ".join(again.status()["notices"])
    assert list(tmp_path.glob("*damaged*")), "the old index is kept aside"
    again.close()


@pytest.mark.slow
def test_bases_on_one_server_keep_to_themselves(tmp_path: Path, server: str) -> None:
    bases = [KnowledgeBase(tmp_path / name, encoder=HashEncoder(), store="chroma", store_url=server) for name in ("one", "other")]
    bases.append(KnowledgeBase(encoder=HashEncoder(), store="chroma", store_url=server))
    for i, kb in enumerate(bases):
        kb.add([f"text {i} of a base", f"another {i}"], ids=[f"{i}a", f"{i}b"])
        kb.search("text", mode="dense")
    for i, kb in enumerate(bases):
        assert {h.id for h in kb.search("text of a base", mode="dense")} == {f"{i}a", f"{i}b"}
        kb.close()


@pytest.mark.slow
def test_a_base_over_http_is_filled_from_the_sources(tmp_path: Path, server: str) -> None:
    kb = KnowledgeBase(tmp_path, encoder=HashEncoder(), store="chroma", store_url=server)
    kb.add(list(TEXTS.values()), ids=list(TEXTS))
    assert kb.search("Who owns a table?", k=1, mode="dense")[0].id == "own"
    assert kb.status()["vectors"] == 3
    kb.close()
