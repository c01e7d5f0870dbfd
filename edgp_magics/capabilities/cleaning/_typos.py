"""Typos in closed vocabularies: rare values and words next to a frequent one.

Closed means that the frequent entries lie far apart from each other. Where established entries are one edit apart
(first names, codes, numbers), a rare neighbour of a frequent entry is just another entry, and nothing is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..privacy._lexicon import COUNTRIES, fold, gazetteer
from ._hits import Hits, repairs
from ._numbers import number_share
from ._spills import is_vocabulary
from ._view import LONG, View

_TOKENS = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_MAX_PAIRS = 6_000_000
_TIMES = 20
_AGAIN = 0.85
"""A slip that comes back: the least ratio of frequencies, and how sure it can be."""


@dataclass(frozen=True)
class Match:
    """A rare entry, the frequent one it seems to be, their distance and how sure that is."""

    rare: str
    frequent: str
    distance: int
    confidence: float


def find_typos(view: View) -> list[Hits]:
    """Cells of a text column that are one slip away from a value or word that is frequent in the column."""
    if not view.is_text or view.filled < 20 or view.prose or number_share(view) > 0.5:
        return []
    whole = _value_typos(view)
    words = _word_typos(view, {m.rare for m in whole})
    return [h for h in (_as_hits(view, whole, "typo", "a rare value next to a frequent one"), words) if h is not None]


def _value_typos(view: View) -> list[Match]:
    count = dict(zip(view.texts, map(int, view.counts), strict=True))
    return near_misses({t: n for t, n in count.items() if len(t) <= LONG}, min_count=3, recurring=is_vocabulary(view))


def _as_hits(view: View, matches: Sequence[Match], detector: str, reason: str) -> Hits | None:
    place = {t: c for c, t in enumerate(view.texts)}
    by_code = {place[m.rare]: m for m in matches}
    rows = view.rows_of(list(by_code))
    if not len(rows):
        return None
    found = [by_code[int(c)] for c in view.codes[rows]]
    return repairs(view, detector, rows, [m.frequent for m in found], [m.confidence for m in found], reason)


def _word_typos(view: View, done: set[str]) -> Hits | None:
    """Rare words within multi-word values, next to a word that is frequent in the column."""
    words = Counter[str]()
    for text, n in zip(view.texts, view.counts, strict=True):
        if len(text) <= LONG:
            words.update({w: int(n) for w in set(_TOKENS.findall(text))})
    matches = {} if _open_ended(view, words) else {m.rare: m for m in near_misses(words, min_count=5, shortest=5)}
    if not matches:
        return None
    rows, new, sure = [], [], []
    for code, text in enumerate(view.texts):
        hit = [matches[w] for w in _TOKENS.findall(text) if w in matches] if text not in done and len(text) <= LONG else []
        if hit:
            fixed = _TOKENS.sub(lambda m: matches[m.group()].frequent if m.group() in matches else m.group(), text)
            known = 0.05 if fixed in view.texts else 0.0
            where = view.rows_of([code])
            rows += where.tolist()
            new += [fixed] * len(where)
            sure += [min(0.99, min(m.confidence for m in hit) + known)] * len(where)
    return repairs(view, "word_typo", rows, new, sure, "a rare word next to one that is frequent in the column") if rows else None


def _open_ended(view: View, words: Counter[str]) -> bool:
    """Whether new words keep coming (titles, names): then a rare word proves nothing."""
    new = sum(
        int(n) for t, n in zip(view.texts, view.counts, strict=True) if any(words[w] <= 2 and not w.isdigit() for w in _TOKENS.findall(t))
    )
    return new > 0.15 * view.filled


# -- near misses -----------------------------------------------------------------------------------------------------
def near_misses(count: dict[str, int] | Counter[str], *, min_count: int, shortest: int = 3, recurring: bool = False) -> list[Match]:
    """Rare entries with exactly one frequent entry within a slip or two, where chance does not explain it.

    One and the same slip seldom comes back by itself; with ``recurring`` one that does (a wrong entry of a list to choose
    from) is still matched, if it is one edit from an entry many times as frequent, but never surely.

    >>> near_misses({"London": 40, "Paris": 50, "Lisbon": 30, "Lonxon": 1, "Rome": 30}, min_count=3)[0].frequent
    'London'
    """
    total = sum(count.values())
    established = sorted(
        (t for t, n in count.items() if n >= max(min_count, total * 0.0005) and len(t) >= shortest), key=lambda t: (-count[t], t)
    )
    most = max(count.values(), default=0)
    rare = sorted(t for t, n in count.items() if n <= max(2, most // 20) and len(t) >= shortest)
    if not established or not rare or len(established) * len(rare) > _MAX_PAIRS:
        return []
    found = _nearest(rare, established, count)
    likely = _beyond_chance(found, rare, established, count)
    repeats = _repeats(likely, count)
    seldom = [m for m in likely if count[m.rare] <= repeats[m.frequent]]
    if not recurring:
        return seldom
    often = [m for m in likely if m not in seldom and m.distance == 1 and count[m.frequent] >= _TIMES * count[m.rare]]
    return seldom + [replace(m, confidence=min(m.confidence, _AGAIN)) for m in often]


def _nearest(rare: list[str], established: list[str], count: dict[str, int] | Counter[str]) -> list[Match]:
    out = []
    for part in range(0, len(rare), 512):
        block = rare[part : part + 512]
        distances = _distances(block, established)
        best = distances.argmin(axis=1)
        for i, text in enumerate(block):
            near, d = established[int(best[i])], int(distances[i, best[i]])
            if near == text:
                continue
            rivals = int((distances[i] <= d).sum()) - 1
            if (
                d <= slip_reach(text, near)
                and not rivals
                and count[near] >= 5 * count[text]
                and _is_slip(text, near)
                and not _is_word(text, near)
            ):
                out.append(Match(text, near, d, 0.0))
    return out


def _distances(rare: list[str], established: list[str]) -> np.ndarray:
    """Restricted Damerau distances; a text itself counts as far away."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cdist

    longest = max(map(len, rare))
    cutoff = slip_reach("a" * longest, "a" * longest)
    out = cdist(rare, established, scorer=OSA.distance, score_cutoff=cutoff, dtype=np.int32, workers=1)
    place = {t: j for j, t in enumerate(established)}
    for i, text in enumerate(rare):
        if text in place:
            out[i, place[text]] = 10_000
    return out


def slip_reach(a: str, b: str) -> int:
    """How many edits a slip may be: one in short texts, about one in five characters in long ones."""
    size = min(len(a), len(b))
    return 1 if size < 6 else 2 if size < 12 else min(size // 5, 8)


def _is_slip(text: str, near: str) -> bool:
    """Not a slip: other digits (another number or code), a plural or suffix, another case, an initial."""
    if re.sub(r"\D", "", text) != re.sub(r"\D", "", near):
        return _letter_for_digit(text, near)
    if text.casefold() == near.casefold():
        return False
    if min(len(text), len(near)) <= 3 and len(text) != len(near):
        return False
    short, long = sorted((text, near), key=len)
    return not (
        long.startswith(short)
        and (long[len(short) :].lower() in ("s", "es", "e", "a", "y", "n", "d", "r", "t", "i", "o") or long[len(short) :].startswith(" "))
    )


def _is_word(text: str, near: str) -> bool:
    """Whether what sets the rare text apart is a word, name, town or country of its own: Australia is no slip of Austria."""
    lists = gazetteer()
    if fold(text) in lists.cities:
        return True
    own = {fold(w) for w in _TOKENS.findall(text)} - {fold(w) for w in _TOKENS.findall(near)}
    return bool(own) and all(w in lists.words or w in lists.given or w in lists.family or w in COUNTRIES for w in own)


def _letter_for_digit(text: str, near: str) -> bool:
    """A digit turned into a letter (or the other way round) inside text of equal length: ``b1rmingham``, ``10o45``."""
    if len(text) != len(near):
        return False
    differ = [(a, b) for a, b in zip(text, near, strict=True) if a != b]
    return all(a.isdigit() != b.isdigit() for a, b in differ)


def _beyond_chance(found: list[Match], rare: list[str], established: list[str], count: dict[str, int] | Counter[str]) -> list[Match]:
    """Keep matches where few other entries have a neighbour of their own kind: then a neighbour is a slip.

    The share of established and of unmatched rare entries that have one as near estimates how often a correct rare
    entry would have one by chance.
    """
    matched = {m.rare for m in found}
    peers = [t for t in established if t not in matched]
    out = []
    for short in (True, False):
        part = [m for m in found if (len(m.rare) < 8) is short]
        if not part:
            continue
        unmatched = [t for t in rare if t not in matched and (len(t) < 8) is short]
        near = [*_nearest_peers([t for t in peers if (len(t) < 8) is short], peers, count), *_nearest_peers(unmatched, unmatched, count)]
        for m in part:
            crowd = (sum(d <= m.distance for d in near) + 0.5) / (len(near) + 1)
            wrong = min(1.0, crowd * (len(unmatched) + len(part)) / len(part))
            sure = (1 - wrong) * (1 - 0.5 / (1 + count[m.frequent] / max(1, count[m.rare]) / 5)) - 0.02 * (m.distance - 1)
            out.append(Match(m.rare, m.frequent, m.distance, round(max(0.0, min(0.98, sure)), 4)))
    return [m for m in out if m.confidence >= 0.7]


def _repeats(found: list[Match], count: dict[str, int] | Counter[str]) -> dict[str, float]:
    """How often one and the same slip may come back: with many slips in few places, several times."""
    slips = Counter[str]()
    for m in found:
        slips[m.frequent] += count[m.rare]
    return {text: 2 + 3 * n / len(text) for text, n in slips.items()}


def _nearest_peers(peers: list[str], established: list[str], count: dict[str, int] | Counter[str]) -> list[int]:
    """For each entry the distance to the nearest entry of comparable frequency (a far more frequent one: this is the slip)."""
    some = peers[:400]
    if len(established) < 2 or not some:
        return [10_000] * len(some)
    distances = _distances(some, established)
    often = np.array([count[t] for t in established])
    for i, text in enumerate(some):
        distances[i, often >= 8 * count[text]] = 10_000
        distances[i, 8 * often <= count[text]] = 10_000
    return [int(d) for d in distances.min(axis=1)]
