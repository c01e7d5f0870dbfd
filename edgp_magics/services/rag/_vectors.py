"""Vectors remembered by model and text: embedding costs more than everything else together."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...infrastructure import set_aside, write_ahead
from ._protocols import Encoder, Report, Vectors

KEY_BYTES = 16
_PART = 512
"""Texts embedded between two saves: what an interrupt can lose."""


def key_of(text: str) -> bytes:
    """What a text's vector is kept under."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def rounded(vectors: Vectors) -> npt.NDArray[np.float16]:
    """Vectors as they are kept. Fresh ones are rounded, too, so that the cache never changes a result."""
    return vectors.astype(np.float16)


class VectorCache:
    """Vectors of one encoder by :func:`key_of`, in a SQLite file, or in memory when ``path`` is None.

    ``prebuilt`` is a file of vectors that :func:`write_prebuilt` made, looked into where the cache has none.
    """

    def __init__(self, path: Path | None, *, prebuilt: Path | None = None, encoder: str = "") -> None:
        self._lock = threading.RLock()
        self._db = _opened(path)
        self._prebuilt = read_prebuilt(prebuilt, encoder) if prebuilt is not None else {}

    def get(self, keys: Sequence[bytes]) -> dict[bytes, npt.NDArray[np.float16]]:
        """What is known of ``keys``."""
        out = {key: self._prebuilt[key] for key in keys if key in self._prebuilt}
        missing = [key for key in dict.fromkeys(keys) if key not in out]
        with self._lock:
            for start in range(0, len(missing), _PART):
                part = missing[start : start + _PART]
                marks = ",".join("?" * len(part))
                rows = self._db.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)  # noqa: S608  # only question marks
                out.update((bytes(key), np.frombuffer(blob, np.float16)) for key, blob in rows)
        return out

    def put(self, keys: Sequence[bytes], vectors: npt.NDArray[np.float16]) -> None:
        """Remember."""
        with self._lock, self._db:
            rows = [(key, vector.tobytes()) for key, vector in zip(keys, vectors, strict=True)]
            self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def close(self) -> None:
        """Give back the file."""
        self._db.close()

    def vectors(self, encoder: Encoder, keys: Sequence[bytes], text: Callable[[int], str], report: Report | None = None) -> Vectors:
        """A vector for each key; ``text(i)`` is asked for those that are not known, and they are remembered."""
        known = self.get(keys)
        first: dict[bytes, int] = {}
        for i, key in enumerate(keys):
            if key not in known:
                first.setdefault(key, i)
        missing = list(first.values())
        for start in range(0, len(missing), _PART):
            part = missing[start : start + _PART]
            fresh = rounded(encoder.encode([text(i) for i in part]))
            self.put([keys[i] for i in part], fresh)
            known.update((keys[i], vector) for i, vector in zip(part, fresh, strict=True))
            if report is not None:
                report("embedding", min(1.0, (start + len(part)) / len(missing)))
        if not len(keys):
            return np.zeros((0, encoder.dimension), np.float32)
        return np.asarray([known[key] for key in keys], np.float32)


def _opened(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connected(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) or path is None:
            raise
        set_aside(path)  # a cache: what is lost is computed again
        return _connected(path)


def _connected(path: Path | None) -> sqlite3.Connection:
    db = sqlite3.connect(path or ":memory:", check_same_thread=False, timeout=30)
    try:
        if path is not None:
            write_ahead(db)
        with db:
            db.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID")
    except sqlite3.DatabaseError:
        with contextlib.suppress(sqlite3.Error):
            db.close()
        raise
    return db


def write_prebuilt(path: Path, encoder: str, keys: Sequence[bytes], vectors: npt.NDArray[np.float16]) -> None:
    """Write vectors to be shipped, sorted by key, so that equal content gives an equal file."""
    order = sorted(range(len(keys)), key=lambda i: keys[i])
    table = np.asarray([list(keys[i]) for i in order], np.uint8).reshape(-1, KEY_BYTES)
    np.savez(path, encoder=np.asarray(encoder), keys=table, vectors=vectors[order])


def read_prebuilt(path: Path, encoder: str) -> dict[bytes, npt.NDArray[np.float16]]:
    """The shipped vectors, when they were made by this encoder."""
    if not path.is_file():
        return {}
    with np.load(path, allow_pickle=False) as data:
        if str(data["encoder"]) != encoder:
            return {}
        return {row.tobytes(): vector for row, vector in zip(data["keys"], data["vectors"], strict=True)}
