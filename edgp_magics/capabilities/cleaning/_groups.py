"""Votes within groups: what the other rows with the same key say a cell should hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ._view import MISSING, Flags, Ints, View


@dataclass(frozen=True)
class Tally:
    """How often each (key, value) pair occurs: pairs sorted by key, then by falling count, then by value."""

    key: Ints
    value: Ints
    count: Ints
    start: Ints
    total: Ints
    mode: Ints
    second: Ints

    @property
    def groups(self) -> int:
        """How many keys have a value."""
        return len(self.start)


def key_of(views: Sequence[View], rows: Ints | None = None) -> Ints:
    """One code per combination of the columns' values; missing where any of them is."""
    parts = [v.codes if rows is None else v.codes[rows] for v in views]
    if len(parts) == 1:
        return parts[0]
    joint = parts[0] * (len(views[1].texts) + 1) + parts[1]
    gone = (parts[0] < 0) | (parts[1] < 0)
    _, inverse = np.unique(joint, return_inverse=True)
    return np.where(gone, MISSING, inverse.astype(np.int64))


def tally(key: Ints, value: Ints, values: int) -> Tally:
    """Count the pairs of key and value where both are there."""
    both = (key >= 0) & (value >= 0)
    pair, count = np.unique(key[both] * max(1, values) + value[both], return_counts=True)
    keys, codes = pair // max(1, values), pair % max(1, values)
    order = np.lexsort((codes, -count, keys))
    keys, codes, count = keys[order], codes[order], count[order].astype(np.int64)
    start = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, dtype=np.int64)
    total = np.add.reduceat(count, start) if len(start) else np.empty(0, dtype=np.int64)
    width = np.diff(np.r_[start, len(keys)])
    second = np.zeros(len(start), dtype=np.int64)
    second[width > 1] = count[start[width > 1] + 1]
    return Tally(keys, codes, count, start, total, count[start] if len(start) else total, second)


@dataclass(frozen=True)
class Votes:
    """Per row, what the other rows of its group say.

    ``value`` is the value most of them hold (missing: nobody else, or a tie), ``votes`` how many hold it, ``others``
    how many there are, ``own`` how many of them hold the row's own value.
    """

    value: Ints
    votes: Ints
    others: Ints
    own: Ints

    def agree(self, codes: Ints) -> Flags:
        """Rows whose value is what the others hold."""
        return np.asarray((self.value == codes) & (codes >= 0))

    def differ(self, codes: Ints) -> Flags:
        """Rows that hold a value, but not the one the others hold."""
        return np.asarray((self.value >= 0) & (codes >= 0) & (self.value != codes))


def vote(key: Ints, value: Ints, values: int) -> Votes:
    """Leave-one-out votes for every row."""
    counts = tally(key, value, values)
    rows = len(key)
    if not counts.groups:
        gone = np.full(rows, MISSING, dtype=np.int64)
        return Votes(gone, gone * 0, gone * 0, gone * 0)
    group = np.full(int(counts.key.max()) + 1, -1, dtype=np.int64)
    group[counts.key[counts.start]] = np.arange(counts.groups)
    inside = (key >= 0) & (key < len(group))
    g = np.where(inside, group[np.where(inside, key, 0)], -1)
    known = g >= 0
    own = _own_counts(counts, key, value, values)
    has = known & (value >= 0)
    first, runner = counts.value[counts.start], _runner_up(counts)
    others = np.where(known, counts.total[g] - has, 0)
    mode_here = has & (first[g] == value)
    mode_votes = np.where(known, counts.mode[g] - mode_here, 0)
    second_votes = np.where(known, counts.second[g], 0)
    overtaken = mode_here & (second_votes > mode_votes)
    tied = (second_votes == mode_votes) & ~mode_here
    best = np.where(overtaken, runner[g], first[g])
    votes = np.where(overtaken, second_votes, mode_votes)
    silent = ~known | (votes <= 0) | tied
    return Votes(
        np.where(silent, MISSING, best).astype(np.int64), np.where(silent, 0, votes), others, np.where(has, own - 1, 0).astype(np.int64)
    )


def _runner_up(counts: Tally) -> Ints:
    out = np.full(counts.groups, MISSING, dtype=np.int64)
    more = counts.second > 0
    out[more] = counts.value[counts.start[more] + 1]
    return out


def _own_counts(counts: Tally, key: Ints, value: Ints, values: int) -> Ints:
    """How many rows share key and value with each row, itself included."""
    pair = counts.key * max(1, values) + counts.value
    order = np.argsort(pair, kind="stable")
    wanted = np.where((key >= 0) & (value >= 0), key * max(1, values) + value, -1)
    place = np.searchsorted(pair[order], wanted)
    place = np.minimum(place, len(pair) - 1)
    hit = pair[order][place] == wanted
    return np.where(hit, counts.count[order][place], 0)
