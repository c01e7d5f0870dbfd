"""One sort gives nearly everything: distinct values, how often they occur, the most frequent ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Runs:
    """Distinct values of a sorted array, those that occur once, and the most frequent with their counts."""

    distinct: int
    singletons: int
    top: tuple[tuple[Any, int], ...]


def runs(ordered: Array, k: int = 10) -> Runs:
    """Runs of equal values in a sorted array.

    >>> runs(np.array([1, 1, 2, 3, 3, 3]), k=2)
    Runs(distinct=3, singletons=1, top=((3, 3), (1, 2)))
    """
    size = len(ordered)
    if not size:
        return Runs(0, 0, ())
    equal = ordered[1:] == ordered[:-1]
    repeats = int(np.count_nonzero(equal))
    starts, lengths = _repeated(equal, repeats) if repeats * 2 <= size else _all_runs(equal)
    distinct = size - repeats
    many = lengths > 1
    top = _top(ordered, starts, lengths, k)
    if len(top) < k and len(starts) < distinct:  # fewer repeated values than asked for: fill with the first single ones
        top += _first_singles(ordered, starts, lengths, k - len(top))
    return Runs(distinct, distinct - int(np.count_nonzero(many)), tuple(top))


def _repeated(equal: Array, repeats: int) -> tuple[Array, Array]:
    """Starts and lengths of runs of two and more, touching only the repeats (few in a nearly unique column)."""
    if not repeats:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    at = np.flatnonzero(equal)
    breaks = np.flatnonzero(np.diff(at) > 1) + 1
    first = np.concatenate([[0], breaks])
    last = np.concatenate([breaks, [len(at)]])
    return at[first], last - first + 1


def _all_runs(equal: Array) -> tuple[Array, Array]:
    starts = np.concatenate([[0], np.flatnonzero(~equal) + 1])
    return starts, np.diff(np.concatenate([starts, [len(equal) + 1]]))


def _top(ordered: Array, starts: Array, lengths: Array, k: int) -> list[tuple[Any, int]]:
    """The longest runs; of equal ones the first in order of value."""
    if not len(starts):
        return []
    if len(lengths) > 4 * k:
        least = np.partition(lengths, len(lengths) - k)[len(lengths) - k]
        near = np.flatnonzero(lengths >= least)
        longer = near[lengths[near] > least]
        keep = np.concatenate([longer, near[lengths[near] == least][: k - len(longer)]])
        starts, lengths = starts[np.sort(keep)], lengths[np.sort(keep)]
    order = np.argsort(-lengths, kind="stable")[:k]
    return [(ordered[starts[i]].item(), int(lengths[i])) for i in order]


def _first_singles(ordered: Array, starts: Array, lengths: Array, wanted: int) -> list[tuple[Any, int]]:
    taken = {ordered[s].item() for s in starts}
    out: list[tuple[Any, int]] = []
    for item in ordered[: wanted + int(lengths.sum()) + 1 if len(starts) < wanted else len(ordered)]:
        value = item.item()
        if value not in taken:
            out.append((value, 1))
            if len(out) == wanted:
                break
    return out
