"""Vectors in one array, searched exactly: the fastest up to some hundred thousand, with nothing to import."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from .._protocols import Vectors

_MASKS_KEPT = 8
_COPY = 0.2


class MemoryStore:
    """Exact search by cosine.

    >>> store = MemoryStore()
    >>> store.upsert(["a", "b"], np.eye(2, dtype=np.float32))
    >>> store.search(np.asarray([1, 0], np.float32), k=1)
    [('a', 1.0)]
    """

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._row: dict[str, int] = {}
        self._matrix: Vectors = np.zeros((0, 0), np.float32)
        self._rows: dict[frozenset[str], npt.NDArray[np.intp]] = {}

    @property
    def name(self) -> str:
        """What a status line calls it."""
        return "memory (exact)"

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add, or replace what is there under the same id."""
        if not len(ids):
            return
        last = {key: i for i, key in enumerate(ids)}  # of one id given twice the later counts
        fresh = [key for key in last if key not in self._row]
        for key in last:
            if key in self._row:
                self._matrix[self._row[key]] = vectors[last[key]]
        self._append(fresh, vectors[[last[key] for key in fresh]])
        self._rows.clear()

    def _append(self, ids: list[str], vectors: Vectors) -> None:
        used, width = len(self._ids), vectors.shape[1]
        if used + len(ids) > len(self._matrix):
            grown = np.zeros((max(used + len(ids), int(1.5 * used)), width), np.float32)
            if used:
                grown[:used] = self._matrix[:used]
            self._matrix = grown
        self._matrix[used : used + len(ids)] = vectors
        self._row.update((key, used + i) for i, key in enumerate(ids))
        self._ids += ids

    def delete(self, ids: Collection[str]) -> None:
        """Remove; ids that are not there are passed over."""
        gone = {self._row[key] for key in ids if key in self._row}
        if not gone:
            return
        keep = [i for i in range(len(self._ids)) if i not in gone]
        self._matrix = self._matrix[keep]
        self._ids = [self._ids[i] for i in keep]
        self._row = {key: i for i, key in enumerate(self._ids)}
        self._rows.clear()

    def search(self, vector: Vectors, k: int, within: Collection[str] | None = None) -> list[tuple[str, float]]:
        """The ``k`` nearest ids and their cosine, best first; equal ones in the order they came."""
        rows = None if within is None else self._positions(within)
        many = len(self._ids) if rows is None else len(rows)
        if not many or k <= 0:
            return []
        if rows is None or many > _COPY * len(self._ids):  # to score all costs less than to copy out many rows
            cosine = self._matrix[: len(self._ids)] @ vector
            cosine = cosine if rows is None else cosine[rows]
        else:
            cosine = self._matrix[rows] @ vector
        return [(self._ids[i if rows is None else rows[i]], float(cosine[i])) for i in top(cosine, k)]

    def _positions(self, within: Collection[str]) -> npt.NDArray[np.intp]:
        if not isinstance(within, frozenset):
            return np.asarray(sorted(self._row[key] for key in within if key in self._row), np.intp)
        if within not in self._rows:
            if len(self._rows) >= _MASKS_KEPT:
                self._rows.pop(next(iter(self._rows)))
            self._rows[within] = np.asarray(sorted(self._row[key] for key in within if key in self._row), np.intp)
        return self._rows[within]

    def ids(self) -> set[str]:
        """Every id held."""
        return set(self._ids)

    def clear(self) -> None:
        """Remove everything."""
        self._ids, self._row, self._matrix = [], {}, np.zeros((0, 0), np.float32)
        self._rows.clear()

    def reload(self) -> None:
        """Nobody else writes here."""

    def save(self) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing to give back."""


def top(scores: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.intp]:
    """Positions of the ``k`` highest scores, best first, equal ones by position."""
    if k < len(scores):
        edge = np.partition(scores, len(scores) - k)[len(scores) - k]
        chosen = np.flatnonzero(scores >= edge)
        return chosen[np.argsort(-scores[chosen], kind="stable")][:k]
    return np.argsort(-scores, kind="stable")
