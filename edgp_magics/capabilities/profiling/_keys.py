"""Candidate keys: single columns from their distinct counts, combinations from a sample and then on all rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import polars as pl

from ...frames import Frame
from ...values import Progress
from ._model import ColumnProfile, Key
from ._runs import runs
from ._sample import Sample, joint
from ._texts import CHUNK, as_series, in_order

NEAR = 0.98
_PARTS = 14
_WIDEST = 3
_KEPT = 6
_CHANCE = 10.0
"""Fewer expected collisions than this, were the columns independent: the combination is unique by chance, no key."""


def single_keys(profiles: Sequence[ColumnProfile]) -> list[Key]:
    """Columns that identify rows, and those that nearly do (duplicates and nulls said), best first."""
    found = [
        Key(columns=(p.name,), duplicates=p.count - p.distinct, nulls=p.nulls)
        for p in profiles
        if p.rows > 1 and p.count >= NEAR * p.rows and p.distinct >= NEAR * p.count and _may_identify(p)
    ]
    order = {p.name: (not p.identifier, p.kind == "float", p.position) for p in profiles}
    return sorted(found, key=lambda k: (not k.exact, order[k.columns[0]], k.duplicates + k.nulls))


def _may_identify(profile: ColumnProfile) -> bool:
    """Floats and amounts measure; integers and times that happen to differ are keys only when exact."""
    if profile.logical_type in ("money in text", "percentage in text", "json"):
        return False
    if profile.identifier or (profile.kind == "string" and profile.logical_type != "free_text"):
        return True
    return profile.kind not in ("float", "nested", "binary", "boolean") and profile.unique and not profile.nulls


def composite_keys(frame: Frame, profiles: Sequence[ColumnProfile], sample: Sample, progress: Progress) -> list[Key]:
    """Minimal combinations of two or three columns without duplicate, where that is no matter of chance."""
    parts = _parts(profiles)
    found: list[Key] = []
    for width in range(2, _WIDEST + 1):
        for combo in combinations(parts, width):
            if len(found) >= _KEPT:
                return found
            names = tuple(p.name for p in combo)
            if any(set(k.columns) <= set(names) for k in found) or np.prod([float(p.distinct) for p in combo]) < frame.rows:
                continue
            chance = _collisions(combo, sample)
            if chance < _CHANCE or not _unique_in(sample, combo):
                continue
            progress.step("looking for composite keys")
            duplicates = _duplicates(frame, combo, progress)
            if not duplicates:
                found.append(Key(columns=names, duplicates=0, nulls=0, chance=chance))
    return found


def _parts(profiles: Sequence[ColumnProfile]) -> list[ColumnProfile]:
    """Columns that may be part of a key: no measures, no nulls, neither constant nor nearly unique alone."""
    fit = [
        p
        for p in profiles
        if p.kind in ("integer", "string", "date", "datetime", "boolean")
        and p.logical_type not in ("free_text", "number in text")
        and not p.nulls
        and 2 <= p.distinct < NEAR * p.rows
    ]
    ranked = sorted(fit, key=lambda p: (-p.distinct, p.position))[:_PARTS]
    return sorted(ranked, key=lambda p: p.position)


def _collisions(combo: Sequence[ColumnProfile], sample: Sample) -> float:
    """Expected pairs of equal rows if the columns were independent: n(n-1)/2 times the product of match probabilities."""
    rows = sample.frame.rows
    out = rows * (rows - 1) / 2
    for profile in combo:
        coding = sample.coding(profile.position)
        counts = np.bincount(coding.codes[coding.valid], minlength=1).astype(float)
        pairs = float((counts * (counts - 1)).sum()) / max(1.0, counts.sum() * (counts.sum() - 1))
        out *= max(pairs, 1.0 / max(1, profile.distinct) ** 2)
    return out


def _unique_in(sample: Sample, combo: Sequence[ColumnProfile]) -> bool:
    codes, _ = joint([sample.coding(p.position) for p in combo])
    ordered = np.sort(codes)
    return not bool(np.any(ordered[1:] == ordered[:-1]))


def _duplicates(frame: Frame, combo: Sequence[ColumnProfile], progress: Progress) -> int:
    """Rows beyond the first of each combination, over all rows."""
    hashes = np.empty(frame.rows, np.uint64)
    columns = [frame.column(p.position) for p in combo]
    for start in range(0, frame.rows, CHUNK):
        progress.step()
        parts = [as_series(c.array.slice(start, CHUNK)).alias(str(i)) for i, c in enumerate(columns)]
        hashes[start : start + CHUNK] = pl.DataFrame(parts).hash_rows().to_numpy()
    return frame.rows - runs(in_order(hashes), 1).distinct
