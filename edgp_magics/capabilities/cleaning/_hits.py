"""What detectors say: cells, what they should be, how sure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ._view import Floats, Ints, View

FORMAT, CONTENT = 0, 1
"""Stages: a format fix respells a value, a content fix replaces it. Content sees respelled values and wins."""


@dataclass(frozen=True, kw_only=True)
class Hits:
    """Cells of one column that one detector found wrong.

    ``new`` holds a text for each row (None: no value), or is None as a whole when the detector knows no repair.
    """

    detector: str
    column: int
    rows: Ints
    confidence: Floats
    reason: str
    new: tuple[str | None, ...] | None = None
    stage: int = CONTENT
    basis: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)


def suspects(
    view: View, detector: str, rows: Iterable[int], confidence: float | Sequence[float] | Floats, reason: str, basis: tuple[str, ...] = ()
) -> Hits:
    """Cells that look wrong without a known repair."""
    where = np.asarray(list(rows), dtype=np.int64)
    return Hits(detector=detector, column=view.position, rows=where, confidence=_sure(confidence, len(where)), reason=reason, basis=basis)


def respelled(view: View, detector: str, new: dict[int, str | None], confidence: float, reason: str, *, stage: int = FORMAT) -> Hits:
    """Every row that holds one of the codes of ``new`` gets its text."""
    rows = view.rows_of(list(new))
    texts = tuple(new[int(c)] for c in view.codes[rows])
    return Hits(
        detector=detector, column=view.position, rows=rows, new=texts, confidence=_sure(confidence, len(rows)), reason=reason, stage=stage
    )


def repairs(
    view: View,
    detector: str,
    rows: Sequence[int] | Ints,
    new: Sequence[str | None],
    confidence: float | Sequence[float] | Floats,
    reason: str,
    basis: tuple[str, ...] = (),
) -> Hits:
    """Cells with the value they should have."""
    where = np.asarray(rows, dtype=np.int64)
    return Hits(
        detector=detector,
        column=view.position,
        rows=where,
        new=tuple(new),
        confidence=_sure(confidence, len(where)),
        reason=reason,
        basis=basis,
    )


def _sure(confidence: float | Sequence[float] | Floats, size: int) -> Floats:
    return np.full(size, float(confidence)) if isinstance(confidence, (int, float)) else np.asarray(confidence, dtype=float)
