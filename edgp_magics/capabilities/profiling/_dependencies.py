"""Which columns determine which: approximate functional dependencies by their g3 error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ...frames import Column, Frame
from ...values import Progress
from ._model import ColumnProfile, Dependency
from ._runs import Array
from ._sample import Coding, Sample, joint
from ._texts import CHUNK, as_series

MAX_ERROR = 0.05
_GAIN = 0.25
"""The error must be at most this share of the error made by always guessing the most frequent value."""
_GROUP = 3.0
_LEFTS = 40
_PAIRED = 8
_TABLE = 400_000
_KEPT = 40


@dataclass(frozen=True)
class _Fit:
    violations: int
    of: int
    base: int
    groups: int

    @property
    def holds(self) -> bool:
        return (
            self.of > 0 and self.violations <= MAX_ERROR * self.of and self.violations <= _GAIN * self.base and self.base >= 0.02 * self.of
        )


def dependencies(frame: Frame, profiles: Sequence[ColumnProfile], sample: Sample, progress: Progress) -> list[Dependency]:
    """Dependencies that hold but for few rows: screened on the sample, then counted on all rows."""
    rights = [p for p in profiles if _may_follow(p)][:_LEFTS]
    lefts = [p for p in profiles if _may_lead(p)][:_LEFTS]
    found: list[tuple[tuple[ColumnProfile, ...], ColumnProfile]] = []
    for left in lefts:
        progress.step("looking for dependencies")
        found += [((left,), right) for right in _screened(frame, left, rights, sample)]
    known = {(lefts_[0].name, r.name) for lefts_, r in found}
    found += _pairs(lefts, rights, sample, known, progress)
    tallies = _tallies(frame, [[*(p.position for p in left), right.position] for left, right in found[:_KEPT]], progress)
    counted = [_counted(frame, left, right, tally) for (left, right), tally in zip(found[:_KEPT], tallies, strict=True)]
    return sorted((d for d in counted if d is not None), key=lambda d: (len(d.left), d.g3, d.left, d.right))


def _may_lead(profile: ColumnProfile) -> bool:
    """Codes and categories, in groups of some rows; never measures."""
    grouped = 2 <= profile.distinct * _GROUP <= profile.count * 1.0 or (
        profile.distinct >= 2 and profile.distinct * _GROUP <= profile.count
    )
    return (
        grouped
        and profile.kind in ("string", "integer", "boolean")
        and profile.logical_type not in ("free_text",)
        and not _measure(profile)
    )


def _measure(profile: ColumnProfile) -> bool:
    """Integers that count or measure: many values, spread unevenly over their range."""
    return profile.kind == "integer" and profile.distinct > 200 and not profile.identifier and abs(profile.skew or 0.0) > 0.5


def _may_follow(profile: ColumnProfile) -> bool:
    return (
        profile.distinct >= 2
        and profile.kind in ("string", "integer", "boolean", "float", "date")
        and profile.distinct * 2 <= profile.count
    )


def _screened(frame: Frame, left: ColumnProfile, rights: Sequence[ColumnProfile], sample: Sample) -> list[ColumnProfile]:
    others = [r for r in rights if r.position != left.position and r.distinct <= left.distinct * 1.5]
    if not others:
        return []
    if left.count / left.distinct * (sample.rows / max(1, frame.rows)) >= _GROUP or sample.whole:
        coding = sample.coding(left.position)
        return [r for r in others if _fit(coding, sample.coding(r.position)).holds]
    return _screened_by_group(frame, left, others, sample.rows)


def _screened_by_group(frame: Frame, left: ColumnProfile, rights: Sequence[ColumnProfile], wanted: int) -> list[ColumnProfile]:
    """Whole groups instead of scattered rows: those whose hash falls in a fixed slice, so that groups stay complete."""
    every = max(1, frame.rows // wanted)
    column = frame.column(left.position)
    parts = []
    for start in range(0, frame.rows, CHUNK):
        hashes = as_series(column.array.slice(start, CHUNK)).hash().to_numpy()
        parts.append(np.flatnonzero((hashes >> np.uint64(7)) % np.uint64(every) == 0) + start)
    positions = np.concatenate(parts)[: 4 * wanted]
    if not len(positions):
        return []
    part = Sample(frame, positions, len(positions))
    coding = part.coding(left.position)
    return [r for r in rights if _fit(coding, part.coding(r.position)).holds]


def _pairs(
    lefts: Sequence[ColumnProfile], rights: Sequence[ColumnProfile], sample: Sample, known: set[tuple[str, str]], progress: Progress
) -> list[tuple[tuple[ColumnProfile, ...], ColumnProfile]]:
    """Two columns together, where neither does it alone; among the columns with the fewest values."""
    few = sorted((p for p in lefts if p.distinct <= 1000), key=lambda p: (p.distinct, p.position))[:_PAIRED]
    out: list[tuple[tuple[ColumnProfile, ...], ColumnProfile]] = []
    for a, b in combinations(sorted(few, key=lambda p: p.position), 2):
        progress.step()
        if (a.name, b.name) in known or (b.name, a.name) in known:
            continue  # one of them says nothing new beside the other
        codes, valid = joint([sample.coding(a.position), sample.coding(b.position)])
        both = Coding(np.where(valid, 0, -1), a.distinct * b.distinct)
        both.codes[valid] = np.unique(codes, return_inverse=True)[1]
        size = int(both.codes.max(initial=-1)) + 1
        if size * _GROUP * 3 > valid.sum():
            continue
        for right in few:
            if right in (a, b) or (a.name, right.name) in known or (b.name, right.name) in known:
                continue
            if _fit(Coding(both.codes, size), sample.coding(right.position)).holds:
                out.append(((a, b), right))
    return out


def _fit(left: Coding, right: Coding) -> _Fit:
    """Rows that differ from the most frequent right value of their group, over groups of two and more."""
    valid = left.valid & right.valid
    a, b = left.codes[valid], right.codes[valid]
    if not len(a):
        return _Fit(0, 0, 0, 0)
    base = len(b) - int(np.bincount(b).max())
    best = _group_modes(a, b, left.count, right.count)
    sizes = np.bincount(a, minlength=len(best))[: len(best)]
    many = sizes > 1
    return _Fit(int((sizes - best)[many].sum()), int(sizes[many].sum()), base, int(many.sum()))


def _group_modes(a: Array, b: Array, na: int, nb: int) -> Array:
    """Count of the most frequent ``b`` in every group of ``a``."""
    if na * nb <= _TABLE:
        return np.asarray(np.bincount(a * nb + b, minlength=na * nb).reshape(na, nb).max(axis=1))
    ordered = np.sort(a * nb + b)
    starts = np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])
    counts = np.diff(np.concatenate([starts, [len(ordered)]]))
    out = np.zeros(na, np.int64)
    np.maximum.at(out, ordered[starts] // nb, counts)
    return out


def _counted(frame: Frame, left: tuple[ColumnProfile, ...], right: ColumnProfile, tally: pl.DataFrame) -> Dependency | None:
    """The dependency on all rows, or None where it does not hold there."""
    keys = [c for c in tally.columns if c.startswith("l")]
    groups = tally.group_by(keys).agg(pl.col("n").sum().alias("size"), pl.col("n").max().alias("best"), pl.len().alias("kinds"))
    groups = groups.filter(pl.col("size") > 1)
    total = int(groups["size"].sum())
    violations = total - int(groups["best"].sum())
    values = tally.group_by("r").agg(pl.col("n").sum())["n"]
    base = int(values.sum()) - int(values.max() or 0)  # type: ignore[arg-type]
    if not _Fit(violations, total, base, groups.height).holds:
        return None
    rows = _breaking(frame, [p.position for p in left], right.position, tally, keys) if violations else ()
    return Dependency(
        left=tuple(p.name for p in left),
        right=right.name,
        g3=violations / total,
        violations=violations,
        of=total,
        groups=groups.height,
        rows=rows,
    )


def _tallies(frame: Frame, combos: Sequence[Sequence[int]], progress: Progress) -> list[pl.DataFrame]:
    """How often the values of each combination of columns occur together; every column is coded once per chunk."""
    parts: list[list[pl.DataFrame]] = [[] for _ in combos]
    columns = {p: frame.column(p) for p in sorted({p for combo in combos for p in combo})}
    for start in range(0, frame.rows if combos else 0, CHUNK):
        coded: dict[int, tuple[Array, pl.Series]] = {}
        for position, column in columns.items():
            progress.step("counting dependencies")
            coded[position] = _coded(column, start)
        for place, combo in enumerate(combos):
            progress.step()
            parts[place].append(_together([coded[p] for p in combo]))
    return [_merged(found, len(combo)) for found, combo in zip(parts, combos, strict=True)]


def _coded(column: Column, start: int) -> tuple[Array, pl.Series]:
    """A chunk of a column as codes (null is -1) and the values they stand for."""
    piece = column.array.slice(start, CHUNK).combine_chunks().dictionary_encode()
    piece = pa.chunked_array(piece) if isinstance(piece, pa.Array) else piece
    chunk = piece.unify_dictionaries().combine_chunks()
    flat = chunk.chunk(0) if isinstance(chunk, pa.ChunkedArray) else chunk
    return pc.fill_null(flat.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64), as_series(flat.dictionary)


def _together(columns: Sequence[tuple[Array, pl.Series]]) -> pl.DataFrame:
    """Combinations of one chunk with their counts."""
    known = np.logical_and.reduce([codes >= 0 for codes, _ in columns])
    joined = np.zeros(int(known.sum()), np.int64)
    for codes, values in columns:
        joined = joined * max(1, len(values)) + codes[known]
    size = int(np.prod([max(1, len(v)) for _, v in columns], dtype=float))
    if size <= _TABLE:
        counts = np.bincount(joined, minlength=1)
        found = np.flatnonzero(counts)
        counts = counts[found]
    else:
        found, counts = np.unique(joined, return_counts=True)
    out: dict[str, pl.Series] = {}
    for place, (_, values) in reversed(list(enumerate(columns))):
        out[_name(place, len(columns))] = values.gather(found % max(1, len(values)))
        found = found // max(1, len(values))
    return pl.DataFrame({**dict(reversed(out.items())), "n": counts.astype(np.int64)})


def _name(place: int, width: int) -> str:
    return "r" if place == width - 1 else f"l{place}"


def _merged(parts: list[pl.DataFrame], width: int) -> pl.DataFrame:
    names = [_name(i, width) for i in range(width)]
    return pl.concat(parts).group_by(names).agg(pl.col("n").sum()).sort(names)


def _part(columns: Sequence[Column], names: Sequence[str], start: int) -> pl.DataFrame:
    return pl.DataFrame([as_series(c.array.slice(start, CHUNK)).alias(n) for c, n in zip(columns, names, strict=True)])


def _breaking(frame: Frame, left: Sequence[int], right: int, tally: pl.DataFrame, keys: list[str], limit: int = 50) -> tuple[int, ...]:
    """Positions of the first rows that differ from their group's most frequent value."""
    modes = (
        tally.sort(["n", "r"], descending=[True, False])
        .unique(keys, keep="first", maintain_order=True)
        .select(*keys, pl.col("r").alias("mode"))
    )
    out: list[int] = []
    columns = [frame.column(p) for p in (*left, right)]
    for start in range(0, frame.rows, CHUNK):
        part = _part(columns, [*keys, "r"], start).with_row_index("at").drop_nulls()
        bad = part.join(modes, on=keys, how="inner").filter(pl.col("r") != pl.col("mode"))["at"].sort()
        out += [start + int(i) for i in bad.head(limit - len(out))]
        if len(out) >= limit:
            break
    return tuple(out)
