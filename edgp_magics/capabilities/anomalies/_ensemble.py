"""One score per row: distances at several scales and densities, each on the values and on their ranks.

Anomalies are of two kinds: far from everything (a global outlier) and far from their own neighbourhood (a local one), and
columns are of two kinds: those whose values are comparable as they are and those with heavy tails. No single detector
serves all four, so the members are

- the mean logarithm of the distance to the k-th neighbour, k from 5 to a fifth of the rows in equal ratios, on
  standardised values, on normal scores (ranks through the normal quantile function) and on the mean of the two;
- minus the log-likelihood of Gaussian mixtures of 1, 3 and 5 parts, averaged, on values and on normal scores, each fitted
  to the nine tenths of the rows that lie nearest (a mixture that may spend a part on an outlier finds it likely).

The score is the mean of the members' ranks; distance on the values as they are counts twice, since ranks throw away how far
far is. Nothing is fitted to labels.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...values import Progress

Floats = np.ndarray[Any, np.dtype[np.float64]]
MINIMUM_ROWS = 10
"""Fewer rows than this cannot be told apart."""
EXACT_ROWS = 12_000
"""Above so many rows neighbours are looked for in a seeded sample."""
_PAIRS = 5e7
_LEAST_SAMPLE, _LARGEST_SAMPLE = 500, 4_000
_BLOCK_PAIRS = 2_000_000
_SCALES = 10
_FIRST = 5
_WIDEST = 0.2
_MOST = 2_000
_PARTS = (1, 3, 5)
_TRIMMED = 0.9
_WEIGHTS = (2, 1, 1, 1, 1)
_MIXTURE_ROWS = 12_000
_MIXTURE_COLUMNS = 60


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Scores in 0..1 by row, the distances on a common scale (for the threshold), and how they were made."""

    scores: Floats
    evidence: Floats
    method: str


def score_rows(values: Floats, *, seed: int, progress: Progress) -> Scored:
    """Scores of all rows; equal for equal input and seed.

    >>> x = np.random.default_rng(0).normal(size=(200, 3)); x[7] = 9
    >>> int(score_rows(x, seed=0, progress=Progress()).scores.argmax())
    7
    """
    from threadpoolctl import threadpool_limits

    n = len(values)
    spaces = _spaces(values, progress)
    sample = _sample(n, seed)
    far: list[Floats] = []
    for place, space in enumerate(spaces):
        progress.step("distances", 0.1 + 0.2 * place)
        far.append(_distances(space, sample, progress))
    thin: list[Floats] = []
    with threadpool_limits(1):  # many small products: threads would wait for each other, and sums could differ by a bit
        for place, space in enumerate(spaces[:2]):
            progress.step("densities", 0.7 + 0.1 * place)
            thin.append(_densities(space, _bulk(far), seed, progress))
    scores = np.average([*map(_ranks, far), *thin], axis=0, weights=_WEIGHTS)
    evidence = np.mean([_common(m) for m in far], axis=0)
    method = "exact neighbours" if sample is None else f"neighbours among {len(sample):,} rows drawn with seed {seed}"
    return Scored(scores=np.round(scores, 6), evidence=evidence, method=method)


def _spaces(values: Floats, progress: Progress) -> list[Floats]:
    plain = _standardised(values)
    normal = np.empty_like(plain)
    for place, column in enumerate(values.T):
        progress.step()
        normal[:, place] = _normal_scores(column)
    kind = np.float64 if len(values) <= EXACT_ROWS else np.float32  # half the memory where rows are many
    return [space.astype(kind, copy=False) for space in (plain, normal, (plain + normal) / 2)]


def _standardised(values: Floats) -> Floats:
    spread = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0), dtype=float)


def _normal_scores(column: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri((_average_ranks(column) - 0.5) / len(column)), dtype=float)


def _average_ranks(column: Floats) -> Floats:
    """Ranks from 1; equal values share their mean rank."""
    _, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((2 * ends - counts + 1) / 2)[inverse]


def _ranks(member: Floats) -> Floats:
    """Ranks in 0..1."""
    return (_average_ranks(np.round(member, 9)) - 0.5) / len(member)


def _common(member: Floats) -> Floats:
    """A member on a scale common to all: 0 at its median, 1 at its 90th percentile."""
    middle, upper = np.quantile(member, [0.5, 0.9])
    return np.asarray((member - middle) / max(float(upper - middle), 1e-9), dtype=float)


def _sample(rows: int, seed: int) -> np.ndarray[Any, Any] | None:
    if rows <= EXACT_ROWS:
        return None
    size = int(min(_LARGEST_SAMPLE, max(_LEAST_SAMPLE, _PAIRS / rows), rows / 2))
    return np.sort(np.random.default_rng(seed).choice(rows, size, replace=False))


def _distances(space: Floats, sample: np.ndarray[Any, Any] | None, progress: Progress) -> Floats:
    """Mean log distance over the scales; the row itself is no neighbour."""
    others = space if sample is None else space[sample]
    widest = int(min(_MOST, max(_FIRST, _WIDEST * len(others)), len(others) - 2))
    first = max(1, round(_FIRST * len(others) / len(space)))
    scales = np.unique(np.geomspace(min(first, widest), widest, _SCALES).astype(int))
    block = max(1, _BLOCK_PAIRS // len(others))
    own = None if sample is None else dict(zip(sample.tolist(), range(len(sample)), strict=True))
    parts = []
    for start in range(0, len(space), block):
        progress.step()
        rows = space[start : start + block]
        square = _squares(rows, others)
        for place in range(len(rows)):
            at = start + place if own is None else own.get(start + place)
            if at is not None:
                square[place, at] = np.inf
        parts.append(np.partition(square, (scales - 1).tolist(), axis=1)[:, scales - 1])
    found = np.sqrt(np.concatenate(parts).astype(np.float64))
    floor = 0.01 * np.median(found, axis=0) + 1e-9
    return np.asarray(np.log(found + floor).mean(axis=1))


def _squares(rows: Floats, others: Floats) -> Floats:
    square = (rows**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None, :] - 2 * rows @ others.T
    return np.asarray(np.maximum(square, 0.0), dtype=float)


def _bulk(far: list[Floats]) -> np.ndarray[Any, Any]:
    """Positions of the rows that are not among the farthest: a mixture fitted to outliers would find them likely."""
    ranks = np.mean([_ranks(f) for f in far], axis=0)
    return np.flatnonzero(ranks <= np.quantile(ranks, _TRIMMED))


def _densities(space: Floats, bulk: np.ndarray[Any, Any], seed: int, progress: Progress) -> Floats:
    """Minus the log-likelihood under small mixtures of the bulk, as mean rank; one Gaussian where rows are too few for more."""
    kept = _projected(space)
    rows = bulk if len(bulk) <= _MIXTURE_ROWS else np.sort(np.random.default_rng(seed).choice(bulk, _MIXTURE_ROWS, replace=False))
    known = kept[rows]
    parts = [p for p in _PARTS if len(known) >= 5 * p * min(kept.shape[1], 8)] or [1]
    return np.asarray(np.mean([_ranks(_unlikely(kept, known, p, seed, progress)) for p in parts], axis=0), dtype=float)


def _projected(space: Floats) -> Floats:
    """At most sixty columns: the directions that vary most."""
    if space.shape[1] <= _MIXTURE_COLUMNS:
        return space
    _, vectors = np.linalg.eigh(np.cov(space.T))
    return np.asarray(space @ vectors[:, -_MIXTURE_COLUMNS:])


def _unlikely(kept: Floats, known: Floats, parts: int, seed: int, progress: Progress) -> Floats:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    progress.step()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a mixture that has not settled still ranks rows
        model = GaussianMixture(parts, reg_covar=1e-3, random_state=seed, max_iter=60).fit(known)
    return np.concatenate([_likelihood(model, block, progress) for block in _blocks(kept)])


def _likelihood(model: Any, block: Floats, progress: Progress) -> Floats:
    progress.step()
    return -np.asarray(model.score_samples(block))


def _blocks(values: Floats) -> Iterable[Floats]:
    return (values[start : start + 50_000] for start in range(0, len(values), 50_000))
