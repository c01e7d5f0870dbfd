"""Functional dependencies found in dirty data, the cells that break them, and which cell of a row is to blame."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from ...errors import BadOption
from ...frames import Frame
from ._groups import Tally, Votes, key_of, tally, vote
from ._hits import Hits, repairs, suspects
from ._numbers import plain_number
from ._view import Flags, Floats, Ints, View

_SAMPLE = 20_000
_DIGITS = re.compile(r"[0-9]")
_TOKENS = re.compile(r"[^\W_]{2,}")
_PER_TARGET = 6
_PAIR_COLUMNS = 14
WIDE = 150
"""Among more columns than this dependencies are looked for between the ones that repeat most: pairs grow with the square."""
_ROUNDS = 5
_LEAST_FILL = 0.7
_OPEN = 0.65
_LEAST = 0.6
"""Below this a violation is more likely an exception than an error: it is not reported."""


@dataclass(frozen=True)
class Dependency:
    """``left`` determines ``right`` but for errors.

    ``accuracy`` is the share of rows whose value the other rows of their group predict, ``strength`` how much of
    what the most frequent value leaves open is predicted, ``genuine`` the estimated share of violations by a known
    value that are errors and not exceptions (exceptions repeat, errors hardly do). ``law`` says how far this is a
    law and no habit: what one row in ten breaks by known values, or what few rows bear out, is not trusted much.
    """

    left: tuple[int, ...]
    right: int
    accuracy: float
    strength: float
    support: float
    genuine: float
    law: float
    given: bool = False

    def named(self, views: Sequence[View]) -> str:
        """``zip → city``."""
        return f"{', '.join(views[i].name for i in self.left)} → {views[self.right].name}"


# -- discovery -----------------------------------------------------------------------------------------------------
def find_dependencies(views: Sequence[View], step: Callable[[], None] = lambda: None) -> list[Dependency]:
    """The dependencies that the data supports, the best few for each column."""
    if not views or views[0].rows < 10:
        return []
    rows = _sample(views[0].rows)
    usable = [i for i, v in enumerate(views) if len(v.texts) >= 2 and v.filled >= 0.05 * v.rows and not v.prose]
    if len(usable) > WIDE:
        usable = sorted(sorted(usable, key=lambda i: (len(views[i].texts), i))[:WIDE])
    single = [d for i in usable for d in _from_one(views, i, usable, rows, step)]
    return _best([*single, *_from_two(views, usable, single, rows, step)], len(views))


def _sample(rows: int) -> Ints | None:
    """None for all rows; else evenly spread positions (groups stay whole only as far as the order is random)."""
    return None if rows <= 2 * _SAMPLE else np.linspace(0, rows - 1, 2 * _SAMPLE).astype(np.int64)


def _from_one(views: Sequence[View], left: int, usable: Sequence[int], rows: Ints | None, step: Callable[[], None]) -> Iterator[Dependency]:
    key = key_of([views[left]], rows)
    if len(views[left].texts) > 0.95 * views[left].filled:
        return
    step()
    for right in usable:
        if right != left:
            found = _measure((left,), right, key, views[right], rows)
            if found is not None:
                yield found


def _from_two(
    views: Sequence[View], usable: Sequence[int], single: Sequence[Dependency], rows: Ints | None, step: Callable[[], None]
) -> Iterator[Dependency]:
    """Two-column keys for columns that no single column determines well."""
    explained = {d.right for d in single if d.accuracy > 0.9}
    targets = [i for i in usable if i not in explained and len(views[i].texts) <= 0.5 * views[i].filled]
    keys = sorted((i for i in usable if 2 <= len(views[i].texts) <= 0.34 * views[i].filled), key=lambda i: -len(views[i].texts))[
        :_PAIR_COLUMNS
    ]
    thin = _thinned(views[0].rows, rows)
    for a, b in combinations(sorted(keys), 2):
        step()
        key = key_of([views[a], views[b]], thin)
        sizes = np.bincount(key[key >= 0])
        if sizes.size == 0 or sizes[sizes >= 3].sum() < 0.3 * len(key):
            continue
        for right in targets:
            if right not in (a, b) and not any(d.right == right and d.left[0] in (a, b) for d in single):
                found = _measure((a, b), right, key, views[right], thin)
                if found is not None and found.strength > 0.9 and found.accuracy > 0.85:
                    yield found


def _thinned(total: int, rows: Ints | None) -> Ints | None:
    size = total if rows is None else len(rows)
    return rows if size <= _SAMPLE else np.linspace(0, total - 1, _SAMPLE).astype(np.int64)


def _measure(left: tuple[int, ...], right: int, key: Ints, view: View, rows: Ints | None) -> Dependency | None:
    """The dependency with its figures, or None where the data does not bear it out."""
    codes = view.codes if rows is None else view.codes[rows]
    counts = tally(key, codes, len(view.texts))
    several = counts.total >= 2
    support = int(counts.total[several].sum())
    if support < max(10, 0.03 * len(key)) or int(several.sum()) < 3:
        return None
    correct = _predicted(counts)
    accuracy = correct / support
    if accuracy < 0.7:
        return None
    strength = _strength(counts, correct)
    mixed = several & (counts.total >= 4) & (counts.second >= 2) & (counts.second >= 0.25 * counts.total)
    blurred = counts.total[mixed].sum() / support
    if strength < 0.75 or blurred > 0.06:
        return None
    law = min(float(np.interp(_lowest(counts), [0.7, 0.93], [0.2, 1.0])), float(np.interp(accuracy, [0.87, 0.96], [0.2, 1.0])))
    return Dependency(left, right, float(accuracy), float(strength), support / len(key), _genuine(counts, several), law)


def read_dependencies(lines: Iterable[str], frame: Frame, views: Sequence[View]) -> list[Dependency]:
    """``zip -> city`` or ``state + pay -> rate``, measured on the data and trusted."""
    out = []
    for line in lines:
        left, arrow, right = line.replace("→", "->").partition("->")
        if not arrow or not left.strip() or not right.strip():
            raise BadOption(f"--dependencies cannot read {line[:40]!r}.", hint="Write `zip -> city` or `state + pay -> rate`.")
        columns = tuple(frame.position(name.strip()) for name in left.split("+"))
        if len(columns) > 2:
            raise BadOption(f"--dependencies: {line[:40]!r} has more than two columns on the left.", hint="Give one or two.")
        out.append(measured(views, columns, frame.position(right.strip())))
    return out


def measured(views: Sequence[View], left: tuple[int, ...], right: int) -> Dependency:
    """A dependency somebody vouches for: its accuracy is measured, its violations are errors."""
    counts = tally(key_of([views[i] for i in left]), views[right].codes, len(views[right].texts))
    support = int(counts.total[counts.total >= 2].sum())
    accuracy = _predicted(counts) / support if support else 0.0
    return Dependency(left, right, max(accuracy, 0.97), 1.0, support / max(1, views[right].rows), 0.98, 1.0, given=True)


def _predicted(counts: Tally) -> float:
    """Rows whose value is what the rest of their group holds most; a tie counts half."""
    lead = counts.mode - 1 - counts.second
    weight = np.where(counts.total < 2, 0.0, np.where(lead > 0, 1.0, np.where(lead == 0, 0.5, 0.0)))
    return float((weight * counts.mode).sum())


def _lowest(counts: Tally) -> float:
    """A lower bound of the share predicted among rows that the most frequent value does not explain (Wilson, 95 %)."""
    width = np.diff(np.r_[counts.start, len(counts.key)])
    leader = np.repeat(counts.value[counts.start], width)
    known = np.unique(counts.value[counts.start[(counts.mode >= 2) & (counts.total >= 2)]])
    if len(known) < 2:
        return 0.0
    kept = np.repeat(counts.total >= 2, width) & np.isin(counts.value, known)
    top = known[np.bincount(np.searchsorted(known, counts.value[kept]), weights=counts.count[kept]).argmax()]
    telling = kept & ((counts.value != top) | (leader != top))
    total = float(counts.count[telling].sum())
    right = float(counts.count[telling & (counts.value == leader)].sum())
    return _wilson(right, total)


def _wilson(right: float, total: float, z: float = 1.645) -> float:
    if not total:
        return 0.0
    share, slack = right / total, z * z / total
    return float((share + slack / 2 - z * np.sqrt(share * (1 - share) / total + slack / total / 4)) / (1 + slack))


def _strength(counts: Tally, correct: float) -> float:
    """Goodman and Kruskal's lambda, leave-one-out, over values that lead some group: errors do not count against it."""
    leads = (counts.mode >= 2) & (counts.total >= 2)
    known = np.unique(counts.value[counts.start[leads]])
    if len(known) < 2:
        return 0.0
    in_group = np.repeat(counts.total >= 2, np.diff(np.r_[counts.start, len(counts.key)]))
    kept = in_group & np.isin(counts.value, known)
    rows = counts.count[kept].sum()
    base = np.bincount(counts.value[kept], weights=counts.count[kept]).max() / rows
    return float((min(1.0, correct / rows) - base) / (1 - base)) if base < 1 else 0.0


def _genuine(counts: Tally, several: Flags) -> float:
    """Exceptions come back more often than chance lets errors: the share of single violations that are errors."""
    width = np.diff(np.r_[counts.start, len(counts.key)])
    first = np.zeros(len(counts.key), dtype=bool)
    first[counts.start] = True
    size, minority = np.repeat(counts.total, width), np.repeat(counts.total - counts.mode, width)
    minor = ~first & (size >= 3) & np.repeat(several, width)
    values = max(1, len(np.unique(counts.value[counts.start])) - 1)
    expected = minority[minor] / values
    often = counts.count[minor] > expected + 3 * np.sqrt(expected) + 1
    single = int((~often).sum())
    return float(np.clip(1 - 2.5 * int(often.sum()) / (single + 1), 0.05, 0.98)) if single else 0.5


def _best(found: list[Dependency], columns: int) -> list[Dependency]:
    out: list[Dependency] = []
    for right in range(columns):
        mine = [d for d in found if d.right == right]
        out += sorted(mine, key=lambda d: (-round(d.strength * min(1.0, d.support * 2), 3), len(d.left), d.left))[:_PER_TARGET]
    return out


# -- violations ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Ballots:
    """The votes of all dependencies on the rows where any of them is broken: dependency x row."""

    rules: tuple[Dependency, ...]
    rows: Ints
    votes: tuple[Votes, ...]
    broken: Flags
    kept: Flags
    weight: Floats
    known: dict[int, Flags]


def find_violations(views: Sequence[View], rules: Sequence[Dependency], step: Callable[[], None] = lambda: None) -> list[Hits]:
    """Cells that break dependencies, each with what the others say, and missing cells the others can fill."""
    if not rules:
        return []
    votes = []
    for rule in rules:
        step()
        key = key_of([views[i] for i in rule.left])
        votes.append(vote(key, views[rule.right].codes, len(views[rule.right].texts)))
    ballots = _ballots(views, rules, votes)
    return [*_fills(views, rules, votes), *_blamed(views, ballots, step)]


def _ballots(views: Sequence[View], rules: Sequence[Dependency], votes: Sequence[Votes]) -> _Ballots:
    broken = np.array([_clear(v) & v.differ(views[r.right].codes) for r, v in zip(rules, votes, strict=True)])
    rows = np.flatnonzero(broken.any(axis=0))
    kept = np.array([v.agree(views[r.right].codes)[rows] for r, v in zip(rules, votes, strict=True)])
    weight = np.array([np.clip(np.log((r.accuracy + 0.01) / (1.01 - r.accuracy)), 0.5, 3.5) for r in rules])
    return _Ballots(tuple(rules), rows, tuple(votes), broken[:, rows], kept, weight, _known(views, rules, votes))


def _known(views: Sequence[View], rules: Sequence[Dependency], votes: Sequence[Votes]) -> dict[int, Flags]:
    """For each column the values that some group agrees on: they are right somewhere, whatever they are here."""
    out: dict[int, Flags] = {}
    for rule, said in zip(rules, votes, strict=True):
        codes = views[rule.right].codes
        agreed = said.agree(codes) & (said.own >= 1)
        led = np.bincount(codes[agreed], minlength=len(views[rule.right].texts)) >= 2
        out[rule.right] = out.get(rule.right, np.zeros(len(led), dtype=bool)) | led
    return out


def _clear(votes: Votes) -> Flags:
    """At least two others hold it, two thirds of all, and far more than hold the row's own value."""
    return (votes.votes >= 2) & (3 * votes.votes >= 2 * votes.others) & (votes.votes >= 3 * votes.own)


@dataclass(frozen=True)
class _Blamed:
    """A cell found wrong: its row, the code it should have (None: it cannot be told), how sure, why, and the key columns."""

    row: int
    code: int | None
    sure: float
    reason: str
    basis: tuple[str, ...] = ()


def _blamed(views: Sequence[View], ballots: _Ballots, step: Callable[[], None]) -> list[Hits]:
    """For each row the cell that explains most broken dependencies, then the next, until none is left."""
    if not len(ballots.rows):
        return []
    left = ballots.broken.copy()
    found: dict[int, list[_Blamed]] = {}
    for _ in range(_ROUNDS):
        step()
        against, support, blame = _scores(views, ballots, left)
        score = against - support + blame + 0.1 * (against > 0) + _oddness(views, ballots, against)
        score[(against <= 0) & (blame <= 0)] = -np.inf
        worst = score.argmax(axis=1)
        live = np.isfinite(score.max(axis=1))
        if not live.any():
            break
        rival = _rival(ballots, left, score, worst)
        for at in np.flatnonzero(live):
            column = int(worst[at])
            lead = float(score[at, column] - rival[at])
            verdict = _verdict(views, ballots, left, int(at), column, lead)
            if verdict is not None and verdict.sure >= _LEAST:
                for blamed, said in _told(views, ballots, left, int(at), column, verdict):
                    found.setdefault(blamed, []).append(said)
        for f, rule in enumerate(ballots.rules):
            touched = np.isin(worst, [rule.right, *rule.left]) & live
            left[f] &= ~touched
    return [h for column in sorted(found) for h in _as_hits(views[column], found[column])]


def _scores(views: Sequence[View], ballots: _Ballots, left: Flags) -> tuple[Floats, Floats, Floats]:
    shape = (len(ballots.rows), len(views))
    against, support, blame = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for f, rule in enumerate(ballots.rules):
        against[:, rule.right] += left[f] * ballots.weight[f]
        support[:, rule.right] += ballots.kept[f] * ballots.weight[f]
        for column in () if rule.given else rule.left:  # who vouches for a rule says where to look
            blame[:, column] += left[f] * ballots.weight[f] / len(rule.left)
    return against, support, blame


def _oddness(views: Sequence[View], ballots: _Ballots, against: Floats) -> Floats:
    """A value that occurs nowhere else is more likely the wrong side of a broken dependency."""
    out = np.zeros(against.shape)
    for column in np.flatnonzero(against.any(axis=0)).tolist():
        view = views[column]
        codes = view.codes[ballots.rows]
        rare = (codes >= 0) & (view.counts[codes] <= 1)
        out[:, column] = 1.5 * rare * (against[:, column] > 0)
    return out


def _rival(ballots: _Ballots, left: Flags, score: Floats, worst: Ints) -> Floats:
    """The highest score among the other cells that take part in the same broken dependencies."""
    others = np.full(score.shape, -np.inf)
    for f, rule in enumerate(ballots.rules):
        members = [rule.right, *rule.left]
        shared = left[f] & np.isin(worst, members)
        for column in members:
            others[:, column] = np.where(shared, score[:, column], others[:, column])
    others[np.arange(len(worst)), worst] = -np.inf
    best = others.max(axis=1)
    return np.where(np.isfinite(best), best, -5.0)


def _verdict(views: Sequence[View], ballots: _Ballots, left: Flags, at: int, column: int, lead: float) -> _Blamed | None:
    """What the broken dependencies say about the cell they blame."""
    row = int(ballots.rows[at])
    votes: dict[int, list[float]] = {}
    rules: list[Dependency] = []
    silent = 0
    for f, rule in enumerate(ballots.rules):
        if rule.right == column and left[f, at]:
            code = int(ballots.votes[f].value[row])
            votes.setdefault(code, []).append(_chance(views, ballots, f, row))
            rules.append(rule)
        elif rule.right == column and ballots.votes[f].others[row] == 0:
            silent += 1
    if not votes:
        return None  # a key that leads the rest of its row astray: nothing says what it should be
    view = views[column]
    slip = _is_slip(view, row, votes)
    chances = {code: _together(said, independent=slip) for code, said in votes.items()}
    code = max(chances, key=lambda c: (chances[c], -c))
    sure = chances[code] * (0.7 if len(chances) > 1 else 1.0) * (0.8 if lead < 0.3 else 1.0)
    if silent >= len(rules):
        sure *= 0.8  # the keys that stay silent are new here: the row may be about something else
    return _Blamed(row, code, sure, "; ".join(r.named(views) for r in rules[:3]), tuple(views[i].name for i in rules[0].left))


def _told(views: Sequence[View], ballots: _Ballots, left: Flags, at: int, column: int, verdict: _Blamed) -> Iterator[tuple[int, _Blamed]]:
    """The verdict; or where the key may as well be wrong and nothing else in the row says which, a look at both sides.

    The value is to blame where it is none that others have, where two keys say so, where somebody vouches for the rule,
    or where another column of the row bears the key out.
    """
    own = int(views[column].codes[ballots.rows[at]])
    broken = [rule for f, rule in enumerate(ballots.rules) if rule.right == column and left[f, at]]
    kept = [rule for f, rule in enumerate(ballots.rules) if ballots.kept[f, at]]
    keys = {frozenset(r.left) for r in broken}
    several = any(not a & b for a, b in combinations(keys, 2))
    if not ballots.known[column][own] or several or any(r.given or _bears_out(kept, r) for r in broken):
        yield column, verdict
        return
    both = [column, *sorted(set().union(*keys))]
    for side in both:
        basis = tuple(views[other].name for other in both if other != side)
        yield side, replace(verdict, code=None, sure=_OPEN, reason=f"{verdict.reason}: one side is wrong, nothing says which", basis=basis)


def _bears_out(kept: Iterable[Dependency], rule: Dependency) -> bool:
    """Whether another dependency that holds in the row speaks for the key of this one."""
    key = set(rule.left)
    return any((key & set(k.left) and k.right != rule.right) or (k.right in key and rule.right not in k.left) for k in kept)


def _is_slip(view: View, row: int, votes: Iterable[int]) -> bool:
    """Whether the value is a rare one a few slips away from what is proposed."""
    own = int(view.codes[row])
    return int(view.counts[own]) <= 2 and any(similar(view.texts[own], view.texts[code]) for code in votes)


def _together(said: Sequence[float], *, independent: bool) -> float:
    """Several dependencies that say the same. Keys of one thing repeat each other: only a slip that all of them see counts fully."""
    doubt = float(np.prod([1 - s for s in said]))
    return 1 - doubt if independent else 1 - (1 - max(said)) * (0.7 if len(said) > 1 else 1.0)


def _chance(views: Sequence[View], ballots: _Ballots, f: int, row: int) -> float:
    """How likely one broken dependency means that its right side is wrong and what the others hold is right."""
    rule, votes = ballots.rules[f], ballots.votes[f]
    view = views[rule.right]
    own = int(view.codes[row])
    share = (votes.votes[row] - votes.own[row]) / (votes.others[row] + 0.5)
    right = view.texts[int(votes.value[row])]
    if ballots.known[rule.right][own]:
        genuine = rule.genuine * rule.law
    elif similar(view.texts[own], right):
        genuine = 0.99
    else:
        number = view.texts[own][:1].isdigit()  # another number may be an exception; another word is seldom one
        genuine = (0.5 + 0.5 * rule.genuine) * (rule.law if number else 0.3 + 0.65 * rule.law)
    if _borne_out(views, row, rule, view.texts[own], right):
        genuine *= 0.2
    return float(np.clip(share, 0, 1) * genuine)


def _borne_out(views: Sequence[View], row: int, rule: Dependency, own: str, other: str) -> bool:
    """Whether the row itself supports its value: what sets it apart from the other one stands in another cell, too."""
    mine = set(_TOKENS.findall(own.casefold())) - set(_TOKENS.findall(other.casefold()))
    if not mine or len(own) > 200:
        return False
    for view in views:
        if view.position not in (rule.right, *rule.left) and view.codes[row] >= 0:
            text = view.texts[int(view.codes[row])]
            if len(text) <= 200 and mine & set(_TOKENS.findall(text.casefold())):
                return True
    return False


def similar(a: str, b: str) -> bool:
    """Whether two texts are a few slips apart; other digits make another number, however near.

    >>> similar("Ashford", "Ashfrod"), similar("10x05", "10005"), similar("2.91", "2.94"), similar("29.1", "2.91")
    (True, True, False, False)
    """
    from rapidfuzz.distance import OSA

    if len(a) >= 500 or len(b) >= 500 or OSA.normalized_distance(a, b) > 0.35:
        return False
    if len(a) != len(b) and min(len(a), len(b)) <= 8 and _DIGITS.search(a + b):
        return False  # a short code with a letter more is another code
    if np.isfinite([plain_number(a), plain_number(b)]).all():
        return False
    digits = _DIGITS.findall(a)
    return digits == _DIGITS.findall(b) or any(ch.isalpha() for ch in a) != any(ch.isalpha() for ch in b)


def _as_hits(view: View, found: Sequence[_Blamed]) -> list[Hits]:
    out = []
    for reason, basis in sorted({(f.reason, f.basis) for f in found}):
        mine = [f for f in found if (f.reason, f.basis) == (reason, basis)]
        rows, sure = [f.row for f in mine], [f.sure for f in mine]
        new = [view.texts[f.code] for f in mine if f.code is not None]
        out.append(
            repairs(view, "dependency", rows, new, sure, reason, basis) if new else suspects(view, "dependency", rows, sure, reason, basis)
        )
    return out


def _fills(views: Sequence[View], rules: Sequence[Dependency], votes: Sequence[Votes]) -> list[Hits]:
    """Missing cells whose value all dependencies agree on."""
    out = []
    for column in sorted({r.right for r in rules}):
        view = views[column]
        gone = view.codes < 0
        if not gone.any():
            continue
        value = np.full(view.rows, -1, dtype=np.int64)
        sure = np.zeros(view.rows)
        clash = np.zeros(view.rows, dtype=bool)
        usual = float(np.interp(gone.mean(), [0.05, 0.25], [1.0, 0.6]))  # what is often missing may well be missing here
        for rule, ballot in zip(rules, votes, strict=True):
            if rule.right == column and rule.accuracy >= 0.9:
                speaks = gone & (ballot.votes >= 2) & (ballot.votes >= 0.8 * ballot.others)
                clash |= speaks & (value >= 0) & (value != ballot.value)
                chance = ballot.votes / (ballot.others + 0.3) * rule.accuracy * (0.5 + 0.5 * rule.law) * usual
                better = speaks & (chance > sure)
                value = np.where(better, ballot.value, value)
                sure = np.where(better, chance, sure)
        rows = np.flatnonzero((value >= 0) & ~clash & (sure >= _LEAST_FILL))
        if len(rows):
            known = [r for r in rules if r.right == column and r.accuracy >= 0.9]
            names = "; ".join(r.named(views) for r in known)
            new = [view.texts[int(c)] for c in value[rows]]
            reason = f"the other rows with the same key hold one value ({names})"
            basis = tuple(views[i].name for i in known[0].left)
            out.append(repairs(view, "missing_fill", rows, new, sure[rows], reason, basis))
    return out
