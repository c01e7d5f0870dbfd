"""Vectors in Chroma: embedded in a folder, or on a server over HTTP."""

from __future__ import annotations

import contextlib
import logging
import socket
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ....errors import BadOption, KnowledgeError, NotAvailable
from .._protocols import Vectors

_SPACE = {"hnsw": {"space": "cosine", "ef_search": 200}}
_PAGE = 20_000


class ChromaStore:
    """A collection with cosine distance.

    ``folder`` keeps it on disk, ``url`` names a server (``chroma run``), neither keeps it in memory.
    """

    def __init__(self, folder: Path | None = None, url: str | None = None, collection: str = "edgp") -> None:
        self._folder = folder / "chroma" if folder is not None else None
        self._url, self._collection_name = url, collection
        self._known: set[str] | None = None
        self._client: Any = None
        self._collection: Any = None
        self._open()

    @property
    def name(self) -> str:
        """What a status line calls it."""
        return f"chroma at {self._url}" if self._url else ("chroma" if self._folder else "chroma (in memory)")

    def _open(self) -> None:
        with self._said():
            if self._folder is not None:
                _check(self._folder / "chroma.sqlite3")
            self._client = _client(self._folder, self._url)
            # our vectors come ready made: without this the default function would be downloaded
            self._collection = self._client.get_or_create_collection(self._collection_name, configuration=_SPACE, embedding_function=None)
        self._known = None

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add, or replace what is there under the same id."""
        last = {key: i for i, key in enumerate(ids)}
        keys, rows = list(last), list(last.values())
        with self._said():
            step = self._client.get_max_batch_size()
            for start in range(0, len(keys), step):
                part = slice(start, start + step)
                self._collection.upsert(ids=keys[part], embeddings=vectors[rows[part]])
        self._known = None

    def delete(self, ids: Collection[str]) -> None:
        """Remove; ids that are not there are passed over."""
        keys = sorted(ids)
        with self._said():
            step = self._client.get_max_batch_size()
            for start in range(0, len(keys), step):
                self._collection.delete(ids=keys[start : start + step])
        self._known = None

    def search(self, vector: Vectors, k: int, within: Collection[str] | None = None) -> list[tuple[str, float]]:
        """The ``k`` nearest ids and their cosine, best first."""
        known = self._ids()
        among = None if within is None else sorted(known.intersection(within))
        size = min(k, len(known) if among is None else len(among))
        if size <= 0:
            return []
        with self._said():
            found = self._collection.query(query_embeddings=[vector], n_results=size, include=["distances"], ids=among)
        hits = [(key, 1 - float(distance)) for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)]
        return sorted(hits, key=lambda hit: -hit[1])

    def ids(self) -> set[str]:
        """Every id held."""
        return set(self._ids())

    def _ids(self) -> set[str]:
        if self._known is None:
            known: set[str] = set()
            with self._said():
                while part := self._collection.get(include=[], limit=_PAGE, offset=len(known))["ids"]:
                    known.update(part)
            self._known = known
        return self._known

    def clear(self) -> None:
        """Remove everything."""
        with self._said():
            self._client.delete_collection(self._collection_name)
            self._collection = self._client.get_or_create_collection(self._collection_name, configuration=_SPACE, embedding_function=None)
        self._known = None

    def reload(self) -> None:
        """Look again: an embedded Chroma does not see what another process wrote until it is opened anew."""
        if self._folder is not None:
            self.close()
            self._open()
        self._known = None

    def save(self) -> None:
        """Every write is durable already."""

    def close(self) -> None:
        """Give back the files; a server goes on without us."""
        if self._client is not None:
            parts = (self._client, getattr(self._client, "_admin_client", None))
            sessions = [getattr(getattr(part, "_server", None), "_session", None) for part in parts]
            self._client.close()
            for session in filter(None, sessions):  # Chroma's clients leave their HTTP sessions open
                session.close()
        self._client = self._collection = None

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        """Chroma's errors as ours: not reached, or damaged. A panic of its core is no Exception, so its name is looked at."""
        try:
            yield
        except (ConnectionError, TimeoutError) as error:
            raise self._unreachable(error) from error
        except BaseException as error:
            module = type(error).__module__.split(".")[0]
            if module in ("httpx", "httpcore") or (self._url and isinstance(error, ValueError)):
                raise self._unreachable(error) from error
            if module in ("chromadb", "pyo3_runtime", "sqlite3") or isinstance(error, (OSError, RuntimeError)):
                raise KnowledgeError("the Chroma index cannot be read.", hint="It is rebuilt from the sources.", damaged=True) from error
            raise

    def _unreachable(self, error: BaseException) -> NotAvailable:
        return NotAvailable(
            f"no Chroma server answers at {self._url}.", hint="Start one with `chroma run`, or unset store_url.", reason=str(error)[:200]
        )


def _check(file: Path) -> None:
    """Raise when Chroma's own database is damaged: a client that fails to start on it blocks its folder for this process."""
    if file.exists():
        with contextlib.closing(sqlite3.connect(file, timeout=30)) as db:
            db.execute("PRAGMA schema_version").fetchone()
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _client(folder: Path | None, url: str | None) -> Any:
    import chromadb
    from chromadb.config import Settings

    logging.getLogger("chromadb.telemetry").setLevel(logging.CRITICAL)
    settings = Settings(anonymized_telemetry=False)
    if url:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        if not parts.hostname:
            raise BadOption(f"store_url {url[:60]!r} is no address.", hint="Write http://host:port.")
        port = parts.port or (443 if parts.scheme == "https" else 8000)
        socket.create_connection((parts.hostname, port), timeout=5).close()  # the client would leave a session open on failure
        return chromadb.HttpClient(host=parts.hostname, port=port, ssl=parts.scheme == "https", settings=settings)
    if folder is None:
        return chromadb.EphemeralClient(settings=settings)
    return chromadb.PersistentClient(path=str(folder), settings=settings)
