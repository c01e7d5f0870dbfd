"""What one process keeps in memory of a knowledge base: words, filters, neighbourhood. Made from the sources."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ._lexical import LexicalIndex
from ._sources import Entry, Sources, Stored, dumps
from ._validity import Period, periods
from ._vectors import KEY_BYTES
from ._where import fits

_FILTERS_KEPT = 32
_PART = 2_000


def lead(title: str, section: tuple[str, ...]) -> str:
    """What stands above a passage: its document and headings, put before it in both indexes."""
    parts = [title, *(s for s in section if s != title)]
    return " › ".join(p for p in parts if p)


def indexed_text(passage: Stored) -> str:
    """The passage with what stands above it."""
    above = lead(passage.title, passage.section)
    return f"{above}\n{passage.text}" if above else passage.text


class Index:
    """Passages by position; positions follow the numbers of the rows."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.lexical = LexicalIndex()
        self._position: dict[int, int] = {}
        self._place: dict[tuple[str, int], int] = {}
        self._vector_ids: list[tuple[str, ...]] = []
        self._filters: dict[str, tuple[npt.NDArray[np.bool_], frozenset[str]]] = {}
        self._periods: dict[str, Period] = {}
        self._past: dict[str, dict[int, str]] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def refresh(self, sources: Sources) -> None:
        """Take over what changed in the sources."""
        there = set(sources.rows())
        keep = [i for i, entry in enumerate(self.entries) if entry.row in there]
        if len(keep) < len(self.entries):
            self.entries = [self.entries[i] for i in keep]
            self._vector_ids = [self._vector_ids[i] for i in keep]
            self.lexical.keep(keep)
        last = self.entries[-1].row if self.entries else -1
        fresh = sources.entries(after=last)
        for start in range(0, len(fresh), _PART):
            part = fresh[start : start + _PART]
            stored = sources.passages([entry.row for entry in part])
            part = [entry for entry in part if entry.row in stored]  # gone between two reads: the next refresh sees it
            self.lexical.add(indexed_text(stored[entry.row]) for entry in part)
            self.entries += part
            self._vector_ids += [_vector_ids(entry) for entry in part]
        self._position = {entry.row: i for i, entry in enumerate(self.entries)}
        self._place = {(entry.document, entry.place): i for i, entry in enumerate(self.entries)}
        self._filters.clear()
        self._periods = periods({entry.document: _metadata(entry.metadata) for entry in self.entries})
        self._past.clear()

    def past(self, day: str) -> Mapping[int, str]:
        """Positions whose document does not hold on a day, and why: not yet valid, no more, or replaced."""
        if day not in self._past:
            if len(self._past) >= _FILTERS_KEPT:
                self._past.pop(next(iter(self._past)))
            reasons = {document: why for document, period in self._periods.items() if (why := period.lacks(day))}
            self._past[day] = {i: reasons[e.document] for i, e in enumerate(self.entries) if e.document in reasons} if reasons else {}
        return self._past[day]

    def position(self, vector_id: str) -> int | None:
        """Where the passage of a vector is."""
        return self._position.get(int(vector_id.split(".", 1)[0]))

    def names(self) -> set[str]:
        """Every name a passage or its document goes by."""
        sources = {str(_metadata(text).get("source")) for text in {e.metadata for e in self.entries}}
        return sources.union(*((e.id, e.document) for e in self.entries))

    def beside(self, position: int) -> list[int]:
        """Positions of the passages before and after this one in its document."""
        entry = self.entries[position]
        around = (self._place.get((entry.document, entry.place + step)) for step in (-1, 1))
        return [p for p in around if p is not None]

    def vector_ids(self, position: int) -> tuple[str, ...]:
        """The ids of a passage's vectors."""
        return self._vector_ids[position]

    def allowed(self, where: Mapping[str, Any], day: str = "") -> tuple[npt.NDArray[np.bool_], frozenset[str]]:
        """Which passages pass a filter, and hold on a day where one is given, as a mask and as vector ids.

        Remembered, for filters come again and again.
        """
        name = f"{day} {dumps(where)}"
        if name not in self._filters:
            if len(self._filters) >= _FILTERS_KEPT:
                self._filters.pop(next(iter(self._filters)))
            verdict = {text: fits(_metadata(text), where) for text in {e.metadata for e in self.entries}}
            past = self.past(day) if day else {}
            mask = np.fromiter((verdict[e.metadata] and i not in past for i, e in enumerate(self.entries)), bool, len(self.entries))
            ids = frozenset(v for i in np.flatnonzero(mask) for v in self.vector_ids(int(i)))
            self._filters[name] = (mask, ids)
        return self._filters[name]


def _vector_ids(entry: Entry) -> tuple[str, ...]:
    """Number, window, and the beginning of the key, so that a changed text has another id."""
    return tuple(f"{entry.row}.{i}.{key.hex()[:8]}" for i, key in enumerate(keys_of(entry)))


def keys_of(entry: Entry | Stored) -> list[bytes]:
    """The keys of a passage's vectors."""
    return [entry.keys[i : i + KEY_BYTES] for i in range(0, len(entry.keys), KEY_BYTES)]


@functools.lru_cache(maxsize=10_000)
def _metadata(text: str) -> Mapping[str, Any]:
    return json.loads(text)  # type: ignore[no-any-return]
