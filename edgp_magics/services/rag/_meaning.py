"""The side of search that goes by meaning: an encoder, remembered vectors, and a store that mirrors the sources."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...errors import GovernanceError, KnowledgeError
from ...infrastructure import home
from ._encoder import load_encoder
from ._index import Index, keys_of
from ._protocols import Encoder, Report, Vectors, VectorStore
from ._sources import Sources, Stored
from ._vectors import VectorCache, key_of, rounded
from ._windows import windows_of
from .stores import open_store, put_away

LARGE = 150_000
"""Passages up to which an exact search in memory is the fastest and needs nothing imported."""
_SAMPLE = 2_000
_FEW = 200
"""The middle of fewer vectors than this says little about what all texts have in common."""
_QUERIES_KEPT = 256

_log = logging.getLogger("edgp_magics.knowledge")
_said: set[str] = set()


class Meaning:
    """Encoder, cache and store of one knowledge base; everything is made when it is first needed.

    The caller holds the lock and says when the sources have changed.
    """

    def __init__(
        self,
        sources: Sources,
        *,
        folder: Path | None,
        encoder: Encoder | Literal["auto"] | None,
        store: str | VectorStore,
        store_url: str | None,
        model: str | Path | None,
        offline: bool,
        prebuilt: Path | None,
    ) -> None:
        self.why_not = "none is wanted" if encoder is None else ""
        self.notices: list[str] = []
        self._sources, self._folder = sources, folder
        self._given, self._model, self._offline, self._prebuilt = encoder, model, offline, prebuilt
        self._encoder: Encoder | None = None
        self._cache: VectorCache | None = None
        self._wanted_store, self._url = store, store_url
        self._store: VectorStore | None = None
        self._synced: tuple[int, int] | None = None
        self._centre: Vectors | None = None
        self._queries: dict[str, Vectors] = {}

    # -- the encoder and its vectors --------------------------------------------------------------------------
    def encoder(self, report: Report | None = None) -> Encoder | None:
        """The encoder, found when first needed; None, said once, when there is none."""
        if self._encoder is None and not self.why_not:
            try:
                given = self._given
                found = (
                    load_encoder(self._model, offline=self._offline, report=report) if given is None or isinstance(given, str) else given
                )
                self._encoder = found
            except GovernanceError as error:
                self._give_up(error)
        return self._encoder

    def _give_up(self, error: GovernanceError) -> None:
        """Search by words only from now on, and say why, once."""
        self._encoder, self.why_not = None, str(error)
        if self.why_not not in _said:
            _said.add(self.why_not)
            _log.warning("Search is by words only: %s", self.why_not)

    def lost(self, error: KnowledgeError) -> bool:
        """Whether it is the encoder that failed; then there is none any more. It is made ready only when a new text needs a vector."""
        if "encoder" in error.values:
            self._give_up(error)
        return "encoder" in error.values

    def embed(self, passages: Sequence[Stored], report: Report | None = None) -> None:
        """Make and remember the vectors of passages that are about to be kept."""
        encoder = self.encoder(report)
        if encoder is None:
            return
        texts = [text for p in passages for text in windows_of(p)]
        try:
            self._vectors(encoder).vectors(encoder, [key_of(t) for t in texts], texts.__getitem__, report)
        except KnowledgeError as error:
            if not self.lost(error):
                raise

    def _vectors(self, encoder: Encoder) -> VectorCache:
        if self._cache is None:
            path = home() / "vectors" / f"{encoder.name}.sqlite"
            self._cache = VectorCache(path, prebuilt=self._prebuilt, encoder=encoder.name)
        return self._cache

    def _query(self, query: str) -> Vectors:
        if query not in self._queries:
            if len(self._queries) >= _QUERIES_KEPT:
                self._queries.pop(next(iter(self._queries)))
            encoder, key = self._ready(), key_of(query)
            known = self._vectors(encoder).get([key])
            found = known[key] if key in known else rounded(encoder.encode([query]))[0]
            self._queries[query] = np.asarray(found, np.float32)
        return self._queries[query]

    # -- the store --------------------------------------------------------------------------------------------
    def stale(self, version: tuple[int, int] | None) -> bool:
        """Whether the store has to be brought up to the sources."""
        return self._synced is None or self._synced != version

    def sync(self, index: Index, version: tuple[int, int] | None) -> None:
        """Make the store hold exactly the vectors of the passages there are.

        The caller holds the write lock of the sources: one process at a time fills and clears.
        """
        store = self._opened(index)
        if self._synced is not None:
            store.reload()
        self._reconcile(store, index)
        self._synced, self._centre = version, None

    def _reconcile(self, store: VectorStore, index: Index) -> None:
        """Fill in what is missing and remove what is over: after a change, a crash, damage, or another process's work."""
        encoder = self._ready()
        wanted = {v: (p, i) for p in range(len(index)) for i, v in enumerate(index.vector_ids(p))}
        have = store.ids()
        over = sorted(have - wanted.keys())
        missing = [v for v in wanted if v not in have]
        store.delete(over)
        for start in range(0, len(missing), 5_000):
            part = missing[start : start + 5_000]
            keys = [keys_of(index.entries[wanted[v][0]])[wanted[v][1]] for v in part]

            def text(i: int, part: list[str] = part) -> str:
                position, window = wanted[part[i]]
                stored = self._sources.passages([index.entries[position].row])
                return windows_of(next(iter(stored.values())))[window]

            store.upsert(part, self._vectors(encoder).vectors(encoder, keys, text))
        if over or missing:
            store.save()

    def _opened(self, index: Index) -> VectorStore:
        if self._store is None and not isinstance(self._wanted_store, str):
            self._store = self._wanted_store
        if self._store is None:
            store, notice = open_store(self._kind(index), folder=self._folder, url=self._url, collection=self._collection())
            self._store = store
            self.notices += [notice] if notice else []
        return self._store

    def _kind(self, index: Index) -> str:
        if self._wanted_store != "auto":
            return str(self._wanted_store)
        return "chroma" if self._url or (self._folder and len(index) > LARGE) else "memory"

    def _collection(self) -> str:
        """The name of this base's vectors by this encoder: those of another base or model on the same server never mix with them."""
        return f"{f'edgp-{self._ready().name}'[:50].rstrip('-._')}-{self._sources.identity()}"

    def start_over(self, index: Index) -> None:
        """Set a damaged store aside and begin another, to be filled by the next :meth:`sync`."""
        kind = self._kind(index)
        if self._store is not None:
            self._store.close()
        moved = put_away(kind, self._folder, self._collection()) if self._folder else "gone"
        self.notices.append(f"The {kind} index was damaged and is rebuilt from the sources; the old one is {moved}.")
        self._store, self._synced = None, None

    def forget(self) -> None:
        """The sources were replaced: look at everything again."""
        self._synced = None

    # -- asking -----------------------------------------------------------------------------------------------
    def nearest(self, query: str, depth: int, within: Collection[str] | None, index: Index) -> dict[int, float]:
        """The nearest passages by position, with the cosine of their nearest window."""
        return _by_position(self._held().search(self._query(query), depth, within), index)

    def among(
        self, query: str, positions: Collection[int], known: Mapping[int, float], index: Index
    ) -> tuple[dict[int, float], dict[int, float]]:
        """Cosine and likeness of these passages.

        Likeness takes half the cosine and half the cosine seen from the middle of all texts: what every text of a
        collection has in common says nothing about which of them answers.
        """
        store = self._held()
        missing = [v for p in positions if p not in known for v in index.vector_ids(p)]
        cosine = dict.fromkeys(positions, 0.0) | _by_position(store.search(self._query(query), len(missing), missing), index) | dict(known)
        middle = self._middle(index)
        size, asked = float(middle @ middle), float(middle @ self._query(query))
        common = self._towards(middle, size**0.5, positions, index)
        length = max(1e-6, 1 - 2 * asked + size) ** 0.5
        like = {}
        for p in positions:
            seen = (cosine[p] - asked - common[p] + size) / (length * max(1e-6, 1 - 2 * common[p] + size) ** 0.5)
            like[p] = (cosine[p] + seen) / 2
        return cosine, like

    def _towards(self, middle: Vectors, size: float, positions: Collection[int], index: Index) -> dict[int, float]:
        """The product of each passage with the middle: stores are asked for the cosine, which some of them make themselves."""
        if size == 0:
            return dict.fromkeys(positions, 0.0)
        ids = [v for p in positions for v in index.vector_ids(p)]
        found = _by_position(self._held().search((middle / size).astype(np.float32), len(ids), ids), index)
        return {p: size * found.get(p, 0.0) for p in positions}

    def _middle(self, index: Index) -> Vectors:
        """The mean of (a sample of) all vectors, drawn to zero where they are few."""
        if self._centre is None:
            encoder = self._ready()
            step = max(1, len(index) // _SAMPLE)
            keys = [key for entry in index.entries[::step] for key in keys_of(entry)[:1]]
            known = self._vectors(encoder).get(keys)
            table = np.asarray([known[k] for k in dict.fromkeys(keys) if k in known], np.float32)
            share = len(table) / (len(table) + _FEW)
            self._centre = (share * table.mean(axis=0) if len(table) else np.zeros(encoder.dimension)).astype(np.float32)
        return self._centre

    # -- about ------------------------------------------------------------------------------------------------
    def status(self) -> dict[str, Any]:
        """Encoder, store and how many vectors."""
        return {
            "encoder": self._encoder.name if self._encoder else (None if self.why_not else "not loaded yet"),
            "lexical_only": self.why_not or None,
            "store": self._store.name if self._store is not None else str(getattr(self._wanted_store, "name", self._wanted_store)),
            "vectors": len(self._store.ids()) if self._store is not None else 0,
        }

    def close(self) -> None:
        """Give back files and connections; what a base in memory put on a server goes with it."""
        if self._store is not None and self._url and self._folder is None:
            with contextlib.suppress(GovernanceError):  # a server that has gone away holds nothing of ours for long
                self._store.clear()
        for part in (self._store, self._cache):
            if part is not None:
                part.close()
        self._store = self._cache = None

    def _ready(self) -> Encoder:
        if self._encoder is None:
            raise KnowledgeError(f"no search by meaning: {self.why_not or 'the encoder is not loaded'}", hint="Use mode lexical.")
        return self._encoder

    def _held(self) -> VectorStore:
        if self._store is None:
            raise KnowledgeError("the vector store is not open.", hint="Report this.")
        return self._store


def _by_position(found: Sequence[tuple[str, float]], index: Index) -> dict[int, float]:
    """Cosine by position: a passage counts by the best of its windows."""
    out: dict[int, float] = {}
    for key, cosine in found:
        position = index.position(key)
        if position is not None:
            out[position] = max(cosine, out.get(position, -1.0))
    return out
