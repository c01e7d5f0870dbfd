"""No class of fewer than k rows: quasi-identifiers are widened step by step, and the few rows that still stand out are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ...frames import Column, Frame
from ._risk import Codes, count_rows_alike
from ._transforms import band, number_in

DROPPED = 0.05
"""Where at most this share of the rows is left in small classes, they are dropped rather than a column widened for all."""
_WIDTHS = (5, 10, 20, 50)


@dataclass(frozen=True)
class Quasi:
    """What is known of a quasi-identifier: its entity type, and the number from which its values are pooled (0: none)."""

    entity: str = ""
    top: int = 0


@dataclass(frozen=True)
class Widened:
    """A column widened: how, and the text of each row (None: suppressed)."""

    column: str
    how: str
    values: tuple[str | None, ...]


@dataclass(frozen=True)
class _Ladder:
    """A column's distinct values by row, and what they become on each step; the last one leaves nothing."""

    name: str
    codes: Codes
    steps: tuple[tuple[str, tuple[str | None, ...]], ...]
    at: int = 0

    @property
    def digits(self) -> tuple[Codes, int]:
        """A number per row, equal for what is equal on this step."""
        number: dict[str | None, int] = {}
        by_value = np.array([number.setdefault(v, len(number)) for v in self.steps[self.at][1]], dtype=np.int64)
        return by_value[self.codes], len(number)

    @property
    def ended(self) -> bool:
        return self.at + 1 == len(self.steps)


def enforce_k(frame: Frame, quasi: Mapping[str, Quasi], k: int) -> tuple[tuple[Widened, ...], tuple[int, ...]]:
    """The columns to widen and the rows to drop, so that every row shares its quasi-identifiers with k - 1 others.

    The most varied column is widened first. A missing value counts as a value. Where the table itself has fewer than k rows all
    of the columns are suppressed.
    """
    ladders = [_ladder(frame.column(name), known) for name, known in quasi.items()]
    while not all(x.ended for x in ladders) and _too_many(ladders, k):
        widest = max((i for i, x in enumerate(ladders) if not x.ended), key=lambda i: ladders[i].digits[1])
        ladders = _moved(ladders, widest, 1)
    ladders = _narrowed(ladders, k)
    return tuple(_widened(x) for x in ladders if x.at), tuple(int(i) for i in _small(ladders, k))


def _narrowed(ladders: list[_Ladder], k: int) -> list[_Ladder]:
    """The ladders after every step that was not needed in the end is taken back, those that left nothing first."""
    while True:
        order = sorted((i for i, x in enumerate(ladders) if x.at), key=lambda i: not ladders[i].ended)
        back = (tried for i in order if not _too_many(tried := _moved(ladders, i, -1), k))
        found = next(back, None)
        if found is None:
            return ladders
        ladders = found


def _moved(ladders: Sequence[_Ladder], which: int, by: int) -> list[_Ladder]:
    return [replace(x, at=x.at + by) if i == which else x for i, x in enumerate(ladders)]


def _too_many(ladders: Sequence[_Ladder], k: int) -> bool:
    return len(_small(ladders, k)) > DROPPED * len(ladders[0].codes)


def _small(ladders: Sequence[_Ladder], k: int) -> Codes:
    """Positions of the rows in classes under k; nobody stands out in a table of which nothing is left."""
    if all(x.ended for x in ladders):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(count_rows_alike([x.digits for x in ladders]) < k)


def _widened(ladder: _Ladder) -> Widened:
    how, values = ladder.steps[ladder.at]
    return Widened(ladder.name, how, tuple(values[c] for c in ladder.codes.tolist()))


def _ladder(column: Column, known: Quasi) -> _Ladder:
    encoded = pa.array(column.text.to_arrow()).dictionary_encode()
    values: list[str] = encoded.dictionary.to_pylist()
    codes = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    steps: list[tuple[str, Sequence[str | None]]] = [("", values), *_steps(values, column.kind, known), ("suppress", [None] * len(values))]
    return _Ladder(column.name, codes, tuple((how, (*labels, None)) for how, labels in steps))


def _steps(values: Sequence[str], kind: str, known: Quasi) -> list[tuple[str, list[str | None]]]:
    """What lies between a column as it is and nothing: areas of three digits, years, bands."""
    if known.entity == "POSTAL_CODE":
        return [("cut to three digits", [f"{v[:3]}**" for v in values])] if any(len(v) > 3 for v in values) else []
    if kind in ("date", "datetime"):
        return [("cut to the year", [v[:4] for v in values]), *_bands([v[:4] for v in values], 0)]
    return _bands(values, known.top)


def _bands(values: Sequence[str], top: int) -> list[tuple[str, list[str | None]]]:
    if sum(band(v, 1) is not None for v in values) < 0.9 * len(values):
        return []
    return [(f"widen to bands of {width}", [_banded(v, width, top) for v in values]) for width in _WIDTHS]


def _banded(value: str, width: int, top: int) -> str | None:
    """The band of a number; what is pooled already stays so, and no band reaches across the pool's edge."""
    number = number_in(value.rstrip("+"))
    return f"{top}+" if top and number is not None and number >= top else band(value, width)
