"""The stores by name, and what to do with a damaged one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ....errors import KnowledgeError, UnknownName
from ....infrastructure import set_aside
from .._protocols import VectorStore
from ._chroma import ChromaStore
from ._faiss import FaissStore
from ._memory import MemoryStore

Opener = Callable[[Path | None, str | None, str], VectorStore]

STORES: dict[str, Opener] = {
    "memory": lambda folder, url, collection: MemoryStore(),
    "chroma": ChromaStore,
    "faiss": lambda folder, url, collection: FaissStore(folder, collection),
}
"""What ``store=`` takes: a function of folder, address and collection name."""


def open_store(kind: str, *, folder: Path | None = None, url: str | None = None, collection: str = "edgp") -> tuple[VectorStore, str]:
    """The store of this kind, in ``folder`` (None: nothing is kept) or at ``url``, and what had to be repaired."""
    if kind not in STORES:
        raise UnknownName("vector store", kind, known=STORES)
    try:
        return STORES[kind](folder, url, collection), ""
    except KnowledgeError as error:
        if not error.values.get("damaged") or folder is None or url:
            raise
        moved = put_away(kind, folder, collection)
        return STORES[kind](
            folder, url, collection
        ), f"The {kind} index was damaged and is rebuilt from the sources; the old one is {moved}."


def put_away(kind: str, folder: Path, collection: str) -> str:
    """Move a damaged index aside; the name it has now."""
    place = folder / ("chroma" if kind == "chroma" else f"{collection}.faiss.npz")
    return set_aside(place).name if place.exists() else "gone"
