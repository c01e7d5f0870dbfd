"""Two rankings into one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

DENSE_SHARE = 0.5
"""Weight of meaning against words."""
NEIGHBOUR_SHARE = 0.1
"""What a passage gains from the better of its neighbours: an answer stands among text on the same matter."""
DOCUMENT_SHARE = 0.4
"""What a passage gains from its document being on the matter."""


def fused(lexical: Floats, dense: Floats) -> Floats:
    """Both sides as a share of their best, weighted. Ranks alone (RRF) would forget how far the best is ahead.

    >>> [round(float(s), 3) for s in fused(np.asarray([10, 5], np.float32), np.asarray([0.4, 0.8], np.float32))]
    [0.75, 0.75]
    """
    return ((1 - DENSE_SHARE) * _share(lexical) + DENSE_SHARE * _share(dense)).astype(np.float32)


def _share(scores: Floats) -> Floats:
    best = float(scores.max(initial=0.0))
    return (np.clip(scores, 0, None) / best if best > 0 else np.zeros_like(scores)).astype(np.float32)


def in_context(positions: Sequence[int], scores: Floats, beside: Callable[[int], Sequence[int]], document: Callable[[int], str]) -> Floats:
    """Scores with a share of the better neighbour's and of the document's, as parts of a whole, so that 1 stays the most.

    A document counts by the mean of its best two passages: one on the matter may be chance, two are a subject.
    """
    known: Mapping[int, float] = dict(zip(positions, scores.tolist(), strict=True))
    near = [max((known.get(n, 0.0) for n in beside(p)), default=0.0) for p in positions]
    best: dict[str, list[float]] = {}
    for position, score in known.items():
        best.setdefault(document(position), []).append(score)
    subject = {name: sum(sorted(found)[-2:]) / 2 for name, found in best.items()}
    most = max(subject.values(), default=0.0) or 1.0
    of_document = [subject[document(p)] / most for p in positions]
    total: Floats = scores + NEIGHBOUR_SHARE * np.asarray(near, np.float32) + DOCUMENT_SHARE * np.asarray(of_document, np.float32)
    return np.asarray(total / (1 + NEIGHBOUR_SHARE + DOCUMENT_SHARE), np.float32)


class Scored(NamedTuple):
    """A passage by position with its score and the parts it came from."""

    position: int
    score: float
    lexical: float | None
    dense: float | None


def ranked(positions: Sequence[int], scores: Floats, lexical: Mapping[int, float], dense: Mapping[int, float]) -> list[Scored]:
    """Best first, equal ones by position."""
    order = sorted(range(len(positions)), key=lambda i: (-float(scores[i]), positions[i]))
    return [Scored(positions[i], float(scores[i]), lexical.get(positions[i]), dense.get(positions[i])) for i in order]
