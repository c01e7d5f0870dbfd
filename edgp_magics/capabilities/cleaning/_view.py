"""A column as codes over its distinct texts: what every detector works on."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from ...frames import Column, Frame

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

MISSING = -1
LONG = 200
"""Texts longer than this are prose: no detector of codes or vocabularies looks at them."""

_WRITABLE = frozenset({"string", "integer", "float", "decimal", "boolean", "date", "datetime"})
_PARSERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "float": float,
    "decimal": Decimal,
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
}


@dataclass(frozen=True, eq=False)
class View:
    """One column: ``texts`` are its distinct non-missing values, most frequent first; ``codes`` says which row has which.

    ``kind`` is the frame's kind. ``natives`` gives the value behind a text for columns that are not text.
    """

    name: str
    position: int
    kind: str
    codes: Ints
    texts: tuple[str, ...]
    counts: Ints
    natives: dict[str, Any] = field(default_factory=dict, repr=False)
    empty: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64), repr=False)
    _shares: dict[str, float] = field(default_factory=dict, repr=False)

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return len(self.codes)

    @functools.cached_property
    def filled(self) -> int:
        """Rows with a value."""
        return int(self.counts.sum())

    @property
    def is_text(self) -> bool:
        """Whether the column holds text, so that a new spelling can be written."""
        return self.kind == "string"

    @property
    def writable(self) -> bool:
        """Whether a value of this column may be set at all (not nested, binary or of mixed types)."""
        return self.kind in _WRITABLE

    def value_of(self, text: str) -> Any:
        """What a cell of this column holds that reads so: the value met elsewhere, or a new one of the column's type."""
        if self.is_text:
            return text
        return self.natives[text] if text in self.natives else _PARSERS[self.kind](text)

    @functools.cached_property
    def prose(self) -> bool:
        """Whether the values are mostly long or many-worded text that hardly comes back."""
        return len(self.texts) > 0.3 * self.filled and self.share("long", lambda t: len(t) > 60 or t.count(" ") > 7) > 0.3

    def share(self, name: str, test: Callable[[str], bool]) -> float:
        """The share of filled rows whose text passes the test, computed once under its name."""
        if name not in self._shares:
            hit = int(self.counts[[test(t) for t in self.texts]].sum()) if self.texts else 0
            self._shares[name] = hit / self.filled if self.filled else 0.0
        return self._shares[name]

    def weight(self, codes: Iterable[int]) -> int:
        """How many rows hold one of these codes."""
        return int(self.counts[list(codes)].sum())

    def rows_of(self, codes: Sequence[int] | Ints) -> Ints:
        """Row positions that hold one of these codes, ascending."""
        wanted = np.zeros(len(self.texts) + 1, dtype=bool)
        wanted[np.asarray(codes, dtype=np.int64)] = True
        wanted[-1] = False
        return np.flatnonzero(wanted[self.codes])

    def recoded(self, texts: Sequence[str | None]) -> View:
        """The column with each distinct text replaced by another one, or by missing (None)."""
        target = list(texts)
        total: dict[str, int] = {}
        for text, count in zip(target, self.counts, strict=True):
            if text is not None:
                total[text] = total.get(text, 0) + int(count)
        ordered = sorted(total, key=lambda t: (-total[t], t))
        place = {t: i for i, t in enumerate(ordered)}
        move = np.array([MISSING if t is None else place[t] for t in target] + [MISSING], dtype=np.int64)
        counts = np.array([total[t] for t in ordered], dtype=np.int64)
        return View(self.name, self.position, self.kind, move[self.codes], tuple(ordered), counts, self.natives, self.empty)


def view_of(column: Column) -> View:
    """The column as codes; null and blank text are missing."""
    array = _as_text(column)
    encoded = pc.dictionary_encode(array)
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], pa.large_string()).dictionary_encode()
    codes = np.asarray(pc.fill_null(encoded.indices, -1)).astype(np.int64)
    texts = [t or "" for t in encoded.dictionary.to_pylist()]
    counts = np.bincount(codes[codes >= 0], minlength=len(texts)).astype(np.int64)
    first = View(column.name, column.position, column.kind, codes, tuple(texts), counts, _natives(column, codes, texts))
    blank = [i for i, t in enumerate(texts) if not t.strip()]
    done = first.recoded([None if not t.strip() else t for t in texts])
    object.__setattr__(done, "empty", first.rows_of(blank) if blank else done.empty)
    return done


def _as_text(column: Column) -> pa.ChunkedArray:
    text = column.text.to_arrow()
    return text.cast(pa.large_string()) if text.type != pa.large_string() else text


def _natives(column: Column, codes: Ints, texts: Sequence[str]) -> dict[str, Any]:
    """The value behind each text, for columns whose values are not their text."""
    if column.kind in ("string", "mixed", "null", "nested", "binary") or not len(codes):
        return {}
    first = np.full(len(texts), -1, dtype=np.int64)
    rows = np.flatnonzero(codes >= 0)[::-1]
    first[codes[rows]] = rows
    values = column.array.take(pa.array(first)).to_pylist()
    return dict(zip(texts, values, strict=True))


def views_of(frame: Frame) -> list[View]:
    """Every column of the frame as codes."""
    return [view_of(column) for column in frame]
