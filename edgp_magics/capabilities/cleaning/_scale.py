"""Numbers ten, a hundred or a thousand times what they should be: a slipped decimal point or another unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ._groups import key_of
from ._hits import Hits, repairs, suspects
from ._numbers import plain_number, shortest
from ._view import Flags, Floats, Ints, View

_NEAR = float(np.log10(1.02))
"""What is expected is known to 2 %: so near is a value to it, and a slip to a power of ten of it."""
_LEAST_ROWS = 30
_LEAST_GROUP = 4
_TOLD = 0.9
_MOST = 0.05
_PROBE = 2_000
_REPAIR, _SUSPICION = 0.8, 0.65


@dataclass(frozen=True)
class _Expected:
    """For each row the logarithm of what its value should be (NaN: nothing says), and what says so."""

    logs: Floats
    said_by: str
    basis: tuple[str, ...] = ()


def find_scale_slips(views: Sequence[View], step: Callable[[], None] = lambda: None) -> list[Hits]:
    """Outliers that are a power of ten away from what their column, group, neighbours or another number say.

    Only where nearly all values lie within 2 % of what is said, so that heavy tails are left alone. A repair is proposed
    where what is expected is no power of ten itself: 10 and 100 may both be meant.
    """
    out = []
    measured = [(view, logs) for view in views if (logs := _logs(view)) is not None]
    for view, logs in measured:
        step()
        if np.nanmax(logs) - np.nanmin(logs) >= 1 - _NEAR:
            for expected in _expectations(view, logs, views, measured):
                hits = _slips(view, logs, expected)
                if hits:
                    out += hits
                    break
    return out


def _logs(view: View) -> Floats | None:
    """The logarithms of a column of positive numbers of several sizes; None where it is none."""
    if view.kind not in ("string", "integer", "float", "decimal") or view.filled < _LEAST_ROWS or len(view.texts) < 10:
        return None
    if view.counts[0] > 0.5 * view.filled:  # mostly one value: another size is another thing
        return None
    probe = [plain_number(t) for t in view.texts[:50]]
    if np.isnan(probe).mean() > 0.1:
        return None
    numbers = np.array([plain_number(t) for t in view.texts])
    good = np.isfinite(numbers) & (numbers > 0)
    if view.weight(np.flatnonzero(good)) < _TOLD * view.filled:
        return None
    logs = np.full(len(numbers) + 1, np.nan)
    logs[:-1][good] = np.log10(numbers[good])
    return np.asarray(logs[view.codes])


# -- what is expected ------------------------------------------------------------------------------------------------
def _expectations(view: View, logs: Floats, views: Sequence[View], measured: Sequence[tuple[View, Floats]]) -> Iterator[_Expected]:
    yield _Expected(np.full(len(logs), np.nanmedian(logs)), "the other values of the column")
    for key in views:
        groups = len(key.texts)
        if key is not view and groups >= 2 and key.filled >= _LEAST_GROUP * groups and _is_told_by(key, logs):
            yield _Expected(_by_group(key_of([key]), logs), f"the other rows with the same {key.name}", (key.name,))
    yield _Expected(_by_neighbours(logs), "the rows before and after")
    for other, theirs in measured:
        if other is not view:
            yield _Expected(theirs + np.nanmedian(logs - theirs), f"its usual proportion to {other.name}", (other.name,))


def _is_told_by(key: View, logs: Floats) -> bool:
    """Whether the largest groups, a few thousand rows, agree among themselves."""
    enough = int(np.searchsorted(np.cumsum(key.counts), _PROBE)) + 1
    rows = np.flatnonzero((key.codes >= 0) & (key.codes < enough))[: 4 * _PROBE]
    return _is_told(logs[rows] - _by_group(key.codes[rows], logs[rows]))


def _by_group(key: Ints, logs: Floats) -> Floats:
    """The median of each row's group, where the group is large enough that one slip does not move it."""
    out = np.full(len(logs), np.nan)
    known = np.flatnonzero((key >= 0) & ~np.isnan(logs))
    if not len(known):
        return out
    order = known[np.lexsort((logs[known], key[known]))]
    start = np.flatnonzero(np.r_[True, np.diff(key[order]) != 0])
    size = np.diff(np.r_[start, len(order)])
    middle = (logs[order][start + (size - 1) // 2] + logs[order][start + size // 2]) / 2
    out[order] = np.repeat(np.where(size >= _LEAST_GROUP, middle, np.nan), size)
    return out


def _by_neighbours(logs: Floats) -> Floats:
    """The middle of the two rows before and the two after, where those agree."""
    near = np.full((4, len(logs)), np.nan)
    for i, shift in enumerate((1, 2)):
        near[i, shift:], near[i + 2, :-shift] = logs[:-shift], logs[shift:]
    spread = near.max(axis=0) - near.min(axis=0)  # NaN at the ends and at gaps
    return np.where(spread <= 2 * _NEAR, near.mean(axis=0), np.nan)


# -- slips -----------------------------------------------------------------------------------------------------------
def _is_told(away: Floats) -> bool:
    known = away[~np.isnan(away)]
    return len(known) >= _LEAST_ROWS and float((np.abs(known) <= _NEAR).mean()) >= _TOLD


def _slips(view: View, logs: Floats, expected: _Expected) -> list[Hits]:
    away = logs - expected.logs
    if not _is_told(away):
        return []
    power = np.round(np.nan_to_num(away))
    slipped: Flags = (np.abs(power) >= 1) & (np.abs(power) <= 3) & (np.abs(away - power) <= _NEAR)
    others = (np.abs(away) > 0.3) & ~slipped
    rows = np.flatnonzero(slipped)
    if not len(rows) or len(rows) > max(1.0, _MOST * view.filled) or others.sum() > len(rows):
        return []  # among many far values some are a power of ten away by chance
    reason = f"a power of ten away (within 2 %) from what {expected.said_by} say"
    times = np.bincount(view.codes[rows], minlength=len(view.texts))[view.codes[rows]]
    meant = (times > 1).sum() > 0.5 * len(rows)  # sizes that come back are no slips: packs of ten among single ones
    new = {int(r): None if meant else _shifted(view, int(r), int(power[r]), float(expected.logs[r])) for r in rows}
    fixed, open_ = [r for r, t in new.items() if t is not None], [r for r, t in new.items() if t is None]
    out = [repairs(view, "scale", fixed, [new[r] for r in fixed], _REPAIR, reason, expected.basis)] if fixed else []
    return out + ([suspects(view, "scale", open_, _SUSPICION, reason, expected.basis)] if open_ else [])


def _shifted(view: View, row: int, power: int, expected: float) -> str | None:
    """The number with its decimal point moved back; None where the column cannot hold it or both sizes may be meant."""
    if abs(expected - round(expected)) <= _NEAR:
        return None
    text = shortest(plain_number(view.texts[int(view.codes[row])]) / 10.0**power)
    return None if view.kind == "integer" and not text.lstrip("-").isdigit() else text
