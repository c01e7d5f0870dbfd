"""Why a row stands out: the columns that are far from the middle, or far from what the rest of the row suggests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...frames import Frame
from ...values import mask
from ._features import Features

Floats = np.ndarray[Any, np.dtype[np.float64]]
_COLUMNS = 3
_RIDGE = 0.1
_FAR = 2.0
_LEAST_SPREAD = 0.2
_MODEL_ROWS = 20_000


@dataclass(frozen=True, kw_only=True)
class ColumnReason:
    """One column's part in it: how far, in spreads, from the middle or from what the rest of the row suggests; the value masked."""

    column: str
    why: str
    distance: float
    shown: str

    def __str__(self) -> str:
        return f"{self.column} {self.why} ({self.distance:.1f} spreads)"


@dataclass(frozen=True, kw_only=True)
class RowReasons:
    """A row that stands out: its position and label, its score, and the columns that say so, the farthest first."""

    row: int
    label: Any
    score: float
    columns: tuple[ColumnReason, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.columns)) or "far from every group of rows, by no column alone"


def reasons_of(frame: Frame, features: Features, rows: Sequence[int], scores: Floats) -> tuple[RowReasons, ...]:
    """The reasons of these rows, in their order."""
    if not rows or not features.items:
        return ()
    matrix = features.matrix()
    chosen = np.asarray(rows, dtype=np.intp)
    model = matrix[:: max(1, len(matrix) // _MODEL_ROWS)]
    alone, rest = _alone(model, matrix[chosen]), _given_rest(model, matrix[chosen])
    labels = frame.row_labels(rows)
    return tuple(
        RowReasons(row=int(r), label=label, score=float(scores[r]), columns=_columns(frame, features, int(r), alone[i], rest[i]))
        for i, (r, label) in enumerate(zip(rows, labels, strict=True))
    )


def _alone(model: Floats, rows: Floats) -> Floats:
    """Signed distance from the median in robust spreads, each side with its own."""
    q = np.quantile(model, [0.1, 0.25, 0.5, 0.75, 0.9], axis=0)
    least = _LEAST_SPREAD * model.std(axis=0)  # where most rows are alike a robust spread is next to nothing
    below = np.maximum.reduce([(q[2] - q[1]) / 0.6745, (q[2] - q[0]) / 1.2816, least])
    above = np.maximum.reduce([(q[3] - q[2]) / 0.6745, (q[4] - q[2]) / 1.2816, least])
    side = np.asarray(np.where(rows < q[2], below, above), dtype=float)
    return np.asarray((rows - q[2]) / np.where(side > 0, side, 1.0), dtype=float)


def _given_rest(model: Floats, rows: Floats) -> Floats:
    """Distance from what a linear model of all other columns expects, in spreads of its error (a ridge keeps it stable)."""
    if model.shape[1] < 2 or len(model) < 3:
        return np.zeros_like(rows)
    middle, spread = model.mean(axis=0), model.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    z = (model - middle) / scale
    precision = np.linalg.inv(np.cov(z.T) + _RIDGE * np.eye(z.shape[1]))
    weights = precision / np.diag(precision)
    residual = z @ weights
    error = np.maximum(np.quantile(np.abs(residual), 0.6827, axis=0), _LEAST_SPREAD * residual.std(axis=0))
    return np.asarray((rows - middle) / scale @ weights / np.where(error > 0, error, 1.0))


def _columns(frame: Frame, features: Features, row: int, alone: Floats, rest: Floats) -> tuple[ColumnReason, ...]:
    best: dict[str, ColumnReason] = {}
    for place, feature in enumerate(features.items):
        if feature.kind in ("rarity", "missing") and alone[place] <= 0:  # to be usual, or there, is no reason
            continue
        found = [(float(alone[place]), _words(feature.kind, alone[place]))]
        if feature.kind in ("number", "series", "date"):
            found.append((float(rest[place]), "is unlike the rest of its row"))
        for distance, why in found:
            size = round(abs(distance), 2)
            known = best.get(feature.column)
            if size >= _FAR and (known is None or size > known.distance):
                best[feature.column] = ColumnReason(column=feature.column, why=why, distance=size, shown=_shown(frame, feature.column, row))
    return tuple(sorted(best.values(), key=lambda r: (-r.distance, r.column))[:_COLUMNS])


def _words(kind: str, distance: float) -> str:
    if kind == "rarity":
        return "has a rare value"
    if kind == "missing":
        return "is missing"
    if kind == "length":
        return "is long" if distance > 0 else "is short"
    if kind == "series":
        return "is high for its time" if distance > 0 else "is low for its time"
    if kind == "date":
        return "is late" if distance > 0 else "is early"
    return "is high" if distance > 0 else "is low"


def _shown(frame: Frame, column: str, row: int) -> str:
    return mask(frame.column(frame.position(column)).array[row].as_py())
