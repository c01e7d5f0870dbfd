"""Vectors in FAISS: exact, in memory, kept in one file."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ....errors import KnowledgeError, NotAvailable
from .._protocols import Vectors
from .._weights import write_whole


class FaissStore:
    """A flat index of inner products, which on unit vectors are cosines."""

    def __init__(self, folder: Path | None = None, collection: str = "edgp") -> None:
        self._file = folder / f"{collection}.faiss.npz" if folder is not None else None
        self._index: Any = None
        self._number: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        self._next = 0
        self._stamp = 0
        self._load()

    @property
    def name(self) -> str:
        """What a status line calls it."""
        return "faiss" if self._file else "faiss (in memory)"

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add, or replace what is there under the same id."""
        if not len(ids):
            return
        last = {key: i for i, key in enumerate(ids)}
        self.delete([key for key in last if key in self._number])
        if self._index is None:
            faiss = _faiss()
            self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        numbers = np.arange(self._next, self._next + len(last), dtype=np.int64)
        self._next += len(last)
        self._index.add_with_ids(np.ascontiguousarray(vectors[list(last.values())], np.float32), numbers)
        self._number.update(zip(last, numbers.tolist(), strict=True))
        self._ids.update(zip(numbers.tolist(), last, strict=True))

    def delete(self, ids: Collection[str]) -> None:
        """Remove; ids that are not there are passed over."""
        numbers = sorted(self._number.pop(key) for key in ids if key in self._number)
        if numbers:
            self._index.remove_ids(np.asarray(numbers, np.int64))
        for number in numbers:
            del self._ids[number]

    def search(self, vector: Vectors, k: int, within: Collection[str] | None = None) -> list[tuple[str, float]]:
        """The ``k`` nearest ids and their cosine, best first."""
        if self._index is None or not self._ids or k <= 0:
            return []
        options: dict[str, Any] = {}
        if within is not None:
            faiss = _faiss()
            among = np.asarray(sorted(self._number[key] for key in within if key in self._number), np.int64)
            options["params"] = faiss.SearchParameters(sel=faiss.IDSelectorBatch(among))
        cosine, numbers = self._index.search(np.asarray([vector], np.float32), min(k, len(self._ids)), **options)
        return [(self._ids[int(n)], float(c)) for n, c in zip(numbers[0], cosine[0], strict=True) if n >= 0]

    def ids(self) -> set[str]:
        """Every id held."""
        return set(self._number)

    def clear(self) -> None:
        """Remove everything."""
        self._index, self._number, self._ids = None, {}, {}

    def reload(self) -> None:
        """Read the file again when another process wrote it."""
        if self._file is not None and self._file.exists() and self._file.stat().st_mtime_ns != self._stamp:
            self._load()

    def save(self) -> None:
        """Write the index, whole or not at all."""
        if self._file is None:
            return
        block = io.BytesIO()
        keys = sorted(self._ids)
        index = _faiss().serialize_index(self._index) if self._index is not None else np.zeros(0, np.uint8)
        np.savez(block, index=index, numbers=np.asarray(keys, np.int64), ids=np.asarray([self._ids[n] for n in keys], np.str_))
        write_whole(self._file, block.getvalue())
        self._stamp = self._file.stat().st_mtime_ns

    def close(self) -> None:
        """Nothing is held open."""

    def _load(self) -> None:
        _faiss()
        if self._file is None or not self._file.exists():
            return
        try:
            with np.load(self._file, allow_pickle=False) as data:
                index = _faiss().deserialize_index(data["index"]) if len(data["index"]) else None
                numbers, ids = data["numbers"].tolist(), data["ids"].tolist()
        except Exception as error:  # a damaged file fails in zipfile, numpy or FAISS, which share no base
            raise KnowledgeError("the FAISS index cannot be read.", hint="It is rebuilt from the sources.", damaged=True) from error
        self._index = index
        self._ids = dict(zip(numbers, ids, strict=True))
        self._number = {key: n for n, key in self._ids.items()}
        self._next = max(numbers, default=-1) + 1
        self._stamp = self._file.stat().st_mtime_ns


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        raise NotAvailable("FAISS is not installed.", hint="pip install 'edgp_magics[faiss]', or use another store.") from None
    return faiss
