"""Several sources that report the same things and disagree: weigh each source by how often it is right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ._groups import tally, vote
from ._hits import Hits, repairs, suspects
from ._view import Floats, Ints, View

_CALENDAR = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|q[1-4]|week|month|day|wave|round)", re.I
)
_ITERATIONS = 8
_AT_MOST = 0.94
"""Sources may differ for a reason (a price per shop): somebody looks before it is applied."""


@dataclass(frozen=True)
class Reports:
    """``source`` reports ``targets`` of the thing that ``key`` names."""

    key: int
    source: int
    targets: tuple[int, ...]


def find_reports(views: Sequence[View], taken: set[int], step: Callable[[], None] = lambda: None) -> Reports | None:
    """A key whose groups agree far more than chance, and a source column that tells its rows apart."""
    if not views or views[0].rows < 30:
        return None
    best: tuple[float, Reports] | None = None
    for key in (i for i, v in enumerate(views) if v.filled > 0.9 * v.rows and 2 * len(v.texts) <= v.filled and not v.prose):
        step()
        source = _source_of(views, key)
        if source is None:
            continue
        facts_of = [t for t, v in enumerate(views) if t not in (key, source) and 2 <= len(v.texts) < 0.95 * max(1, v.filled)]
        gains = {t: _agreement(views, key, t) for t in facts_of}
        targets = tuple(t for t, gain in gains.items() if gain >= 0.3 and t not in taken)
        facts = sum(gain >= 0.3 for gain in gains.values())
        total = sum(gains[t] for t in targets)
        if targets and facts >= 0.75 * len(gains) and (best is None or total > best[0]) and _uneven(views, Reports(key, source, targets)):
            best = (total, Reports(key, source, targets))
    return None if best is None else best[1]


def _uneven(views: Sequence[View], reports: Reports) -> bool:
    """Whether some sources agree with the majority far more often than others.

    Where all do alike, what they report may well differ for a reason (the price of a thing in several shops).
    """
    source, size = views[reports.source].codes, len(views[reports.source].texts)
    right, said = np.zeros(size), np.zeros(size)
    for target in reports.targets:
        value = views[target]
        counts = vote(views[reports.key].codes, value.codes, len(value.texts))
        told = (counts.value >= 0) & (value.codes >= 0) & (source >= 0)
        said += np.bincount(source[told], minlength=size)
        right += np.bincount(source[told], weights=counts.agree(value.codes)[told], minlength=size)
    known = said >= 5
    if known.sum() < 3:
        return False
    share = right[known] / said[known]
    mean = right[known].sum() / said[known].sum()
    luck = np.mean(mean * (1 - mean) / said[known]) + 1e-9
    return bool(share.var() >= 3 * luck)


def _source_of(views: Sequence[View], key: int) -> int | None:
    """A column of few recurring values that occurs at most once in nearly every group."""
    fits = []
    groups = len(views[key].texts)
    size = views[key].filled / max(1, groups)
    for i, view in enumerate(views):
        few = 3 <= len(view.texts) <= max(3, view.filled // 5)
        if i == key or not few or not view.is_text or _is_measure(view) or size < 3 or view.filled < 0.95 * view.rows:
            continue
        counts = tally(views[key].codes, view.codes, len(view.texts))
        once = counts.count[counts.count == 1].sum() / max(1, counts.count.sum())
        spread = len(view.texts) / size
        if once >= 0.9 and spread <= 2.5:
            fits.append((round(float(once), 3), -len(view.texts), i))
    return max(fits)[2] if fits else None


def _is_measure(view: View) -> bool:
    """Numbers, dates, months and days tell times apart, not sources: what changes over time is no conflict."""
    times = [c for c, t in enumerate(view.texts) if t[:1].isdigit() or _CALENDAR.match(t)]
    return view.weight(times) > 0.5 * view.filled


def _agreement(views: Sequence[View], key: int, target: int) -> float:
    """How much better than the column's most frequent value the rest of the group predicts a cell."""
    view = views[target]
    if len(view.texts) < 3 or view.filled < 0.2 * view.rows:
        return 0.0
    counts = tally(views[key].codes, view.codes, len(view.texts))
    several = counts.total >= 3
    support = counts.total[several].sum()
    if support < 0.3 * view.filled or several.sum() < 3:
        return 0.0
    lead = np.where(counts.mode - 1 > counts.second, 1.0, np.where(counts.mode - 1 == counts.second, 0.5, 0.0))
    hit = float((lead * counts.mode)[several].sum() / support)
    base = float(view.counts[0] / view.filled)
    return (hit - base) / (1 - base) if base < 1 else 0.0


def find_conflicts(views: Sequence[View], reports: Reports, step: Callable[[], None] = lambda: None) -> list[Hits]:
    """Cells that differ from what the sources, weighed by their reliability, say; missing ones are filled."""
    source = views[reports.source].codes
    trust = _trust(views, reports, step)
    out: list[Hits] = []
    for target in reports.targets:
        step()
        view = views[target]
        truth, chance, voters = _weighed(views[reports.key].codes, view.codes, len(view.texts), _weights(trust, source))
        key = views[reports.key].codes
        known = (key >= 0) & (truth[key] >= 0)
        wrong = np.flatnonzero(known & (view.codes >= 0) & (view.codes != truth[key]))
        gone = np.flatnonzero(known & (view.codes < 0) & (voters[key] >= 2))
        name = f"sources of one {views[reports.key].name} disagree; weighed by how often each is right"
        basis = (views[reports.key].name, views[reports.source].name)
        out += _said(view, wrong, truth[key], chance[key], name, "source_conflict", basis)
        given = f"other sources of the same {views[reports.key].name} give it"
        out += _said(view, gone, truth[key], chance[key] * 0.97, given, "missing_fill", basis)
    return out


def _said(view: View, rows: Ints, truth: Ints, chance: Floats, reason: str, detector: str, basis: tuple[str, ...]) -> list[Hits]:
    if not len(rows):
        return []
    sure = np.minimum(chance[rows], _AT_MOST)
    good = sure >= 0.6
    out = []
    if good.any():
        new = [view.texts[int(c)] for c in truth[rows[good]]]
        out.append(repairs(view, detector, rows[good], new, sure[good], reason, basis))
    if (~good).any() and detector != "missing_fill":
        out.append(suspects(view, detector, rows[~good], sure[~good], reason))
    return out


def _trust(views: Sequence[View], reports: Reports, step: Callable[[], None]) -> Floats:
    """How often each source says what the weighed majority says, estimated in turn with that majority."""
    source, key = views[reports.source].codes, views[reports.key].codes
    size = len(views[reports.source].texts)
    trust = np.full(size, 0.8)
    for _ in range(_ITERATIONS):
        step()
        right, said = np.zeros(size), np.zeros(size)
        for target in reports.targets:
            view = views[target]
            truth, _, voters = _weighed(key, view.codes, len(view.texts), _weights(trust, source))
            counted = (key >= 0) & (view.codes >= 0) & (source >= 0) & (truth[key] >= 0) & (voters[key] >= 2)
            said += np.bincount(source[counted], minlength=size)
            right += np.bincount(source[counted], weights=(view.codes == truth[key])[counted], minlength=size)
        fresh = (right + 1.6) / (said + 2)
        if np.abs(fresh - trust).max() < 1e-3:
            break
        trust = fresh
    return trust


def _weights(trust: Floats, source: Ints) -> Floats:
    """Log odds of a source against one of a handful of wrong values, tempered: sources copy each other."""
    sure = np.clip(trust, 0.05, 0.98)
    odds = np.clip(0.7 * np.log(5 * sure / (1 - sure)), 0.05, None)
    return np.where(source >= 0, odds[source], 0.5)


def _weighed(key: Ints, value: Ints, values: int, weight: Floats) -> tuple[Ints, Floats, Ints]:
    """For each key the value with the largest weight, its share of the posterior, and how many rows voted."""
    groups = int(key.max(initial=-1)) + 2
    truth = np.full(groups, -1, dtype=np.int64)
    chance = np.zeros(groups)
    both = (key >= 0) & (value >= 0)
    voters = np.bincount(key[both], minlength=groups)
    if not both.any():
        return truth, chance, voters
    pair, inverse = np.unique(key[both] * max(1, values) + value[both], return_inverse=True)
    total = np.bincount(inverse, weights=weight[both])
    keys, codes = pair // max(1, values), pair % max(1, values)
    order = np.lexsort((codes, -total, keys))
    keys, codes, total = keys[order], codes[order], total[order]
    start = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    width = np.diff(np.r_[start, len(keys)])
    top = np.repeat(total[start], width)
    share = 1 / np.add.reduceat(np.exp(np.clip(total - top, -50, 0)), start)
    truth[keys[start]], chance[keys[start]] = codes[start], share
    return truth, chance, voters
