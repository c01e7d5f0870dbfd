"""Duplicate rows: candidates by rare shared values, evidence per field, one threshold the data chooses.

The evidence is Fellegi and Sunter's: for each field, how much more often duplicates agree (closely, partly) than
random pairs do; agreement on a rare value weighs more. How often duplicates agree is estimated by expectation
maximisation over the candidates, how often random pairs do is counted. A pair is a duplicate when that is more
likely than not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from ...values import Table
from ._view import Flags, Floats, Ints, View

Levels = np.ndarray[Any, np.dtype[np.int8]]
_MAX_PAIRS = 600_000
_RANDOM_PAIRS = 30_000
_EM_ROUNDS = 25
_LEVELS = 5
_LARGE, _LARGE_SHARE = 6, 0.2
_NEARLY_ALL = 0.95
_FIELDS = 40
"""Rows are compared by so many of their most specific columns: more say nothing new, and take as long again."""
_KEYED = 3.0
"""Log-odds against two rows being one thing where a column names every row apart."""
MISSING_LEVEL, DIFFERENT, PARTLY, CLOSE, EQUAL = -1, 0, 1, 2, 3
_PRIOR_LEVELS = np.array([0.1, 0.05, 0.15, 0.7])
_NEAR_BY_CHANCE = 0.1
_NEARNESS = np.array([0.0, 0.4, 0.8, 1.0])
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Rows (positions) that seem to be one thing, the one to keep, and the weakest link's confidence."""

    rows: tuple[int, ...]
    keep: int
    confidence: float


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """Pairs of duplicate rows with their probability, and the clusters they form."""

    table: Table = field(default_factory=lambda: Table({"a": [], "b": [], "score": []}))
    clusters: tuple[Cluster, ...] = ()
    threshold: float = 0.5
    fields: tuple[str, ...] = ()
    note: str = ""

    def __len__(self) -> int:
        return len(self.table)

    @property
    def pairs(self) -> pd.DataFrame:
        """The pairs as a pandas frame: ``a`` and ``b`` are row positions, ``a < b``; ``score`` is the probability."""
        return self.table.to_frame()


@dataclass(frozen=True)
class _Fields:
    """Normalised columns: codes into folded texts, and how many rows hold each."""

    names: tuple[str, ...]
    codes: tuple[Ints, ...]
    texts: tuple[tuple[str, ...], ...]
    counts: tuple[Ints, ...]
    keyed: bool = False
    """Whether a column names every row apart: then two rows are two things until much speaks against it."""
    keys: tuple[int, ...] = ()
    """The fields that name nearly every row apart."""

    def __len__(self) -> int:
        return len(self.names)


def find_duplicates(views: Sequence[View], *, seed: int = 0, step: Callable[[], None] = lambda: None) -> Duplicates:
    """Pairs and clusters of duplicate rows."""
    fields = _fields(views)
    rows = views[0].rows if views else 0
    if rows < 2 or not len(fields):
        return Duplicates(note="nothing to compare rows by")
    a, b = _candidates(fields, rows, step)
    if not len(a):
        return Duplicates(fields=fields.names)
    levels = _levels(fields, a, b, step)
    chance = _chances(fields, rows, seed, step)
    score = _scored(fields, levels, a, chance, _given(fields), rows, step)
    apart, names = _apart(fields, levels, score, chance)
    found = _decided(fields, levels, a, b, np.where(apart, 0.0, score), rows)
    return replace(found, note=_note(names)) if names else found


def _fields(views: Sequence[View]) -> _Fields:
    folded = [view.recoded([_SIGNS.sub(" ", t.casefold()).strip()[:80] or t[:80] for t in view.texts]) for view in views]
    used = [v for v in folded if len(v.texts) >= 2 and not _is_key(v)]
    used = sorted(used, key=lambda v: (-len(v.texts), v.position))[:_FIELDS]  # what is most specific speaks first
    names, codes, texts, counts = (tuple(getattr(v, part) for v in used) for part in ("name", "codes", "texts", "counts"))
    keys = tuple(f for f, v in enumerate(used) if len(v.texts) >= _NEARLY_ALL * v.rows)
    return _Fields(names, codes, texts, counts, any(_is_key(v) for v in folded), keys)


def _is_key(view: View) -> bool:
    """Whether every row has its own value."""
    return len(view.texts) == view.filled == view.rows


# -- candidates ------------------------------------------------------------------------------------------------------
def _candidates(fields: _Fields, rows: int, step: Callable[[], None]) -> tuple[Ints, Ints]:
    """Pairs that share a rare value or a rare word, within a budget; the rarest keys first."""
    keys = [k for f in range(len(fields)) for k in _keys(fields, f)]
    step()
    pairs = []
    budget = min(_MAX_PAIRS, 50 * rows)
    for size in range(2, 60):
        blocks = [k for k in keys if len(k) == size]
        if not blocks:
            continue
        step()
        cost = len(blocks) * size * (size - 1) // 2
        if cost > budget:
            break
        budget -= cost
        block = np.array(blocks)
        left, right = np.triu_indices(size, 1)
        pairs.append(block[:, left].ravel() * rows + block[:, right].ravel())
    joined = np.unique(np.concatenate(pairs)) if pairs else np.empty(0, dtype=np.int64)
    return joined // rows, joined % rows


def _keys(fields: _Fields, f: int) -> list[Ints]:
    """Row lists that share a value of this field, or a word or a piece of it."""
    codes, texts = fields.codes[f], fields.texts[f]
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(texts) + 1))
    rows_of = [order[starts[i] : starts[i + 1]] for i in range(len(texts))]
    out = [rows for rows in rows_of if 2 <= len(rows) < 60]
    pieces: dict[str, list[int]] = {}
    for code, text in enumerate(texts):
        for piece in _pieces(text):
            pieces.setdefault(piece, []).append(code)
    for shared in pieces.values():
        if 2 <= len(shared) < 60 and (size := sum(len(rows_of[c]) for c in shared)) < 60 and size >= 2:
            out.append(np.sort(np.concatenate([rows_of[c] for c in shared])))
    return out


def _pieces(text: str) -> set[str]:
    """Words, halves of one long word: what survives one typo."""
    words = text.split()
    if len(words) > 1:
        return {w for w in words if len(w) >= 4 or w.isdigit()} | {" ".join(words[i : i + 2]) for i in range(len(words) - 1)}
    half = len(text) // 2
    return {"^" + text[:half], text[half:] + "$"} if len(text) >= 6 else set()


# -- evidence --------------------------------------------------------------------------------------------------------
def _levels(fields: _Fields, a: Ints, b: Ints, step: Callable[[], None]) -> Levels:
    """Agreement of every pair in every field: pair x field."""
    out = np.full((len(a), len(fields)), MISSING_LEVEL, dtype=np.int8)
    for f in range(len(fields)):
        step()
        left, right = fields.codes[f][a], fields.codes[f][b]
        both = (left >= 0) & (right >= 0)
        equal = both & (left == right)
        out[equal, f] = EQUAL
        differ = np.flatnonzero(both & ~equal)
        if len(differ):
            out[differ, f] = _graded(fields.texts[f], np.minimum(left, right)[differ], np.maximum(left, right)[differ], step)
    return out


def _graded(texts: tuple[str, ...], left: Ints, right: Ints, step: Callable[[], None]) -> Levels:
    """Levels of pairs of unequal texts, each distinct pair compared once."""
    length = np.array([len(t) for t in texts])
    number = np.array([t[:1].isdigit() for t in texts])
    words = np.array([" " in t for t in texts])
    pair, inverse = np.unique(left * len(texts) + right, return_inverse=True)
    done = np.empty(len(pair), dtype=np.int8)
    for start in range(0, len(pair), 20_000):
        step()
        one, two = pair[start : start + 20_000] // len(texts), pair[start : start + 20_000] % len(texts)
        short = np.minimum(length[one], length[two])
        slips, near, token = _compared(texts, one, two, number[one] | number[two], words[one] | words[two])
        near = np.maximum(near, np.where(short >= 6, token, 0))
        digits = number[one] | number[two]
        close = np.where(digits, (slips <= 1) & (short >= 4), (near >= 0.93) | ((slips <= 1) & (short >= 4)))
        partly = np.where(digits, (slips <= 2) & (short >= 6) | (token >= 0.9), near >= 0.84)
        done[start : start + 20_000] = np.where(close, CLOSE, np.where(partly, PARTLY, DIFFERENT))
    return done[inverse]


def _compared(texts: tuple[str, ...], one: Ints, two: Ints, digits: Flags, words: Flags) -> tuple[Ints, Floats, Floats]:
    """Slips (3: more than two), likeness of texts, and likeness of their words; each only where it can matter."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import OSA, JaroWinkler
    from rapidfuzz.process import cpdist

    def of(rows: Flags, scorer: Any, cutoff: float, kind: Any) -> Any:
        at = np.flatnonzero(rows)
        a, b = [texts[i] for i in one[at].tolist()], [texts[i] for i in two[at].tolist()]
        return cpdist(a, b, scorer=scorer, score_cutoff=cutoff, dtype=kind, workers=1) if len(at) else np.empty(0, dtype=kind)

    slips = of(np.ones(len(one), dtype=bool), OSA.distance, 2, np.int64)
    near, token = np.zeros(len(one)), np.zeros(len(one))
    near[~digits] = of(~digits, JaroWinkler.similarity, 0.84, np.float64)
    token[words] = of(words, fuzz.token_set_ratio, 84, np.float64) / 100
    return slips, near, token


def _chances(fields: _Fields, rows: int, seed: int, step: Callable[[], None]) -> Floats:
    """How often random pairs reach each level in each field: field x level."""
    rng = np.random.default_rng(seed)
    a = rng.integers(0, rows, _RANDOM_PAIRS)
    b = (a + rng.integers(1, rows, _RANDOM_PAIRS)) % rows
    levels = _levels(fields, a, b, step)
    out = np.empty((len(fields), _LEVELS - 1))
    for f in range(len(fields)):
        seen = levels[:, f][levels[:, f] >= 0]
        out[f] = (np.bincount(seen, minlength=_LEVELS - 1)[: _LEVELS - 1] + np.array([1, 0.2, 0.1, 0.05])) / (len(seen) + 1.35)
    return out


def _given(fields: _Fields) -> Floats:
    """How often two rows that share a value of one field share that of another, where the first one's groups are large.

    What follows from an agreement is no further evidence: planes of one model have one engine, orders of one customer
    one address. Small groups may be the very duplicates, so they do not count.
    """
    out = np.zeros((len(fields), len(fields)))
    for f in range(len(fields)):
        large = np.append(fields.counts[f] >= _LARGE, False)[fields.codes[f]]
        if large.sum() < _LARGE_SHARE * len(large):
            continue
        for g in range(f + 1, len(fields)):
            both = large & (fields.codes[g] >= 0)
            pairs = _pairs(fields.codes[f][both])
            joint = fields.codes[f][both] * len(fields.texts[g]) + fields.codes[g][both]
            out[f, g] = _pairs(joint) / pairs if pairs else 0.0
    return out


def _pairs(codes: Ints) -> float:
    """How many pairs of rows share a code."""
    count = np.unique(codes, return_counts=True)[1].astype(float)
    return float((count * (count - 1)).sum() / 2)


def _follows(fields: _Fields, levels: Levels, chance: Floats, given: Floats, rarity: Floats) -> Floats:
    """What agreements say too much: those that follow from another one."""
    out = np.zeros(len(levels))
    equal = levels == EQUAL
    for g in range(len(fields)):
        likely = np.max(np.where(equal[:, :g], given[:g, g], 0.0), axis=1, initial=0.0)
        more = np.log(np.maximum(likely, chance[g, EQUAL]) / chance[g, EQUAL]) + np.where(likely > 0.5, rarity[:, g], 0.0)
        out += np.where(equal[:, g], np.maximum(more, 0.0), 0.0)
    return out


def _scored(fields: _Fields, levels: Levels, a: Ints, chance: Floats, given: Floats, rows: int, step: Callable[[], None]) -> Floats:
    """The probability of being duplicates for every candidate pair.

    Pairs of equal levels and about equal rarity count as one: there are far fewer of those.
    """
    rare = _rarity(fields, levels, a, chance)
    key = levels[:, list(fields.keys)]
    unkeyed = ((key >= 0) & (key < EQUAL)).any(axis=1) | fields.keyed
    rarity = rare.sum(axis=1) - _follows(fields, levels, chance, given, rare) - _KEYED * unkeyed
    few, inverse, times = _distinct(levels, np.round(2 * rarity).astype(np.int64))
    shift = np.bincount(inverse, weights=rarity, minlength=len(few)) / times
    agree = np.tile(_PRIOR_LEVELS, (len(fields), 1))
    total = rows * (rows - 1) / 2
    prior = 1 / rows
    evidence = probability = np.zeros(len(few))
    for _ in range(_EM_ROUNDS):
        step()
        evidence = _evidence(few, np.log(agree) - np.log(chance))
        fresh = _logistic(evidence + shift + np.log(prior / (1 - prior)))
        moved = float(np.abs(fresh - probability).max())
        probability = fresh
        prior = float(np.clip((probability * times).sum() / total, 0.05 / rows / rows, 2 / rows))
        agree = _agreement(few, probability * times, len(fields))
        if moved < 1e-4:
            break
    return _logistic(evidence[inverse] + rarity + np.log(prior / (1 - prior)))


def _distinct(levels: Levels, extra: Ints) -> tuple[Levels, Ints, Ints]:
    """Distinct rows of levels (and extra), where each pair's row is, and how often it occurs."""
    mix = np.random.default_rng(0).integers(1, 1 << 62, levels.shape[1] + 1)
    key = (levels.astype(np.int64) * mix[:-1]).sum(axis=1) + extra * mix[-1]  # wraps: a hash
    _, first, inverse, times = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    return levels[first], inverse, times


def _evidence(levels: Levels, weight: Floats) -> Floats:
    out = np.zeros(len(levels))
    for f in range(levels.shape[1]):
        known = levels[:, f] >= 0
        out[known] += weight[f][levels[known, f]]
    return out


def _logistic(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -500, 500))))


def _agreement(levels: Levels, weight: Floats, fields: int) -> Floats:
    """How often duplicates reach each level, with a little prior towards agreement."""
    out = np.empty((fields, _LEVELS - 1))
    for f in range(fields):
        known = levels[:, f] >= 0
        out[f] = np.bincount(levels[known, f], weights=weight[known], minlength=_LEVELS - 1)[: _LEVELS - 1] + 5 * _PRIOR_LEVELS
    return np.asarray(out / out.sum(axis=1, keepdims=True))


def _rarity(fields: _Fields, levels: Levels, a: Ints, chance: Floats) -> Floats:
    """What agreement on a rare (or common) value adds to agreement on just any."""
    out = np.zeros(levels.shape)
    for f in range(len(fields)):
        equal = levels[:, f] == EQUAL
        share = fields.counts[f] / fields.counts[f].sum()
        value = share[fields.codes[f][a[equal]]]
        out[equal, f] = np.clip(0.5 * np.log(chance[f, EQUAL] / np.clip(value, 1e-9, 1)), -3, 3)
    return out


def _apart(fields: _Fields, levels: Levels, score: Floats, chance: Floats) -> tuple[Flags, tuple[str, ...]]:
    """Pairs that share an entity but are different records of it.

    Where the likely pairs differ in several columns about as often as random pairs do, those columns say what a record
    is about: several measurements of one site, several products of one maker. A pair that differs in more than a
    quarter of them is no duplicate. A column that names nearly every row, and that true copies share, is enough alone.
    """
    likely = score >= 0.5
    known = (levels[likely] >= 0).mean(axis=0) if likely.any() else np.zeros(len(fields))
    main = np.flatnonzero(known >= 0.5)
    least = np.where(chance[:, PARTLY] + chance[:, CLOSE] > _NEAR_BY_CHANCE, EQUAL, PARTLY)
    least[list(fields.keys)] = EQUAL  # the next number is close, and another thing
    own = [f for f in main if chance[f, EQUAL] <= 0.7 and _lift(levels[likely, f], chance[f], int(least[f])) <= 0.3]
    differ = (levels >= 0) & (levels < least)
    named = [f for f in own if f in fields.keys]
    apart = np.asarray(differ[:, named].any(axis=1))
    if len(own) >= max(2, 0.2 * len(main)):
        apart |= 4 * differ[:, own].sum(axis=1) > (levels[:, own] >= 0).sum(axis=1)
        named = own
    return apart, tuple(fields.names[f] for f in named)


def _lift(levels: Levels, chance: Floats, least: int) -> float:
    """How much more the pairs agree in a field than random pairs do, from 0 (no more) to 1 (always)."""
    seen = levels[levels >= 0]
    if not len(seen):
        return 1.0
    worth = np.where(np.arange(_LEVELS - 1) >= least, _NEARNESS, 0.0)
    usual = float((chance * worth).sum())
    return (float(worth[seen].mean()) - usual) / (1 - usual)


def _note(names: tuple[str, ...]) -> str:
    return f"Rows that share an entity but differ in {', '.join(names[:6])} are taken for different records, not duplicates."


# -- decision --------------------------------------------------------------------------------------------------------
def _decided(fields: _Fields, levels: Levels, a: Ints, b: Ints, score: Floats, rows: int) -> Duplicates:
    chosen = score >= 0.5
    if not chosen.any():
        return Duplicates(fields=fields.names)
    left, right, sure = a[chosen], b[chosen], score[chosen]
    clusters = _clusters(fields, left, right, sure, rows)
    pairs = _closed(clusters, left, right, sure)
    table = Table({"a": [p[0] for p in pairs], "b": [p[1] for p in pairs], "score": [p[2] for p in pairs]})
    return Duplicates(table=table, clusters=tuple(clusters), fields=fields.names)


def _clusters(fields: _Fields, a: Ints, b: Ints, score: Floats, rows: int) -> list[Cluster]:
    """Groups in which pairs hang together; the surest pairs join first, a join needs half of its cross pairs."""
    strength = {(int(x), int(y)): float(s) for x, y, s in zip(a, b, score, strict=True)}
    member: dict[int, int] = {}
    groups: dict[int, list[int]] = {}
    for x, y in sorted(strength, key=lambda p: (-strength[p], p)):
        gx, gy = member.setdefault(x, x), member.setdefault(y, y)
        left, right = groups.setdefault(gx, [gx]), groups.setdefault(gy, [gy])
        if gx == gy or len(left) * len(right) > 40_000:
            continue
        cross = sum((min(i, j), max(i, j)) in strength for i in left for j in right)
        if 2 * cross >= len(left) * len(right):
            left += right
            for row in right:
                member[row] = gx
            del groups[gy]
    filled = np.sum([c >= 0 for c in fields.codes], axis=0)
    out = []
    for group in groups.values():
        if len(group) > 1:
            found = tuple(sorted(group))
            inner = [strength[x, y] for i, x in enumerate(found) for y in found[i + 1 :] if (x, y) in strength]
            keep = max(found, key=lambda r: (int(filled[r]), -r))
            out.append(Cluster(rows=found, keep=int(keep), confidence=round(min(inner), 4)))
    return sorted(out, key=lambda c: c.rows)


def _closed(clusters: Sequence[Cluster], a: Ints, b: Ints, score: Floats) -> list[tuple[int, int, float]]:
    """All pairs within clusters."""
    known = {(int(x), int(y)): float(s) for x, y, s in zip(a, b, score, strict=True)}
    out = []
    for cluster in clusters:
        for i, x in enumerate(cluster.rows):
            out += [(x, y, round(known.get((x, y), cluster.confidence), 4)) for y in cluster.rows[i + 1 :]]
    return out
