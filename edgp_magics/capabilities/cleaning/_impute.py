"""Values for missing cells where nothing determines them: estimates, with how far off they tend to be."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...frames import Frame
from ...values import Action
from ..privacy._words import words
from ._assemble import action_id
from ._groups import vote
from ._view import Floats, Ints, View

_MOST_MISSING = 0.4
_FEWEST = 20
_GROUPS = 200
_FEW_VALUES = 10
_LEAST_GAIN = 0.2
"""How much of what the most frequent value leaves open another column must explain: less is a guess."""
_WORDS = re.compile(r"[^\W\d_]+")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAMING = words(
    "id ids key uuid guid code codes no nr num number nummer ref reference year jahr annee ano zip zipcode plz postcode postal"
    " phone tel telephone fax mobile ssn iban sku ean isbn account serial plate barcode fips"
)


@dataclass(frozen=True)
class Estimate:
    """Estimated values for the missing rows of a column, from another column or from itself alone."""

    rows: Ints
    values: tuple[Any, ...]
    confidence: float
    how: str
    basis: tuple[str, ...]


def impute_actions(
    frame: Frame, views: Sequence[View], taken: set[tuple[int, str]], step: Callable[[], None] = lambda: None
) -> list[Action]:
    """One action for each column with missing cells that can be estimated; ``taken`` cells have a better repair."""
    out = []
    for view in views:
        step()
        gone = np.array([r for r in np.flatnonzero(view.codes < 0).tolist() if (r, view.name) not in taken], dtype=np.int64)
        if not len(gone) or len(gone) > _MOST_MISSING * view.rows or view.filled < _FEWEST or _names_things(view):
            continue
        counted = view.kind in ("integer", "float") and len(view.texts) > _FEW_VALUES
        found = _numeric(frame, views, view, gone) if counted else _category(views, view, gone)
        if found is not None:
            out.append(_action(frame, view, found))
    return out


def _names_things(view: View) -> bool:
    """Whether the values name or number things (keys, codes, years, postcodes): there is nothing to take a mean of."""
    whole = view.kind == "integer" or view.share("whole", lambda t: t.removesuffix(".0").isdigit()) == 1
    unique = len(view.texts) >= 0.95 * view.filled
    words = {w.casefold() for w in _WORDS.findall(_HUMPS.sub(" ", view.name))}
    return (whole or view.is_text) and (unique or bool(words & _NAMING))


def _action(frame: Frame, view: View, found: Estimate) -> Action:
    rows = tuple(found.rows.tolist())
    return Action(
        id=action_id("impute", view.name),
        kind="set",
        detector="impute",
        title=f"Estimate missing values in {view.name}",
        reason=found.how + "; an estimate, marked as such in the log",
        tier="review" if found.basis and found.confidence >= 0.5 else "flag",
        confidence=round(found.confidence, 4),
        column=view.name,
        columns=(view.name,),
        rows=rows,
        old=tuple(frame.column(view.position).array.take(list(rows)).to_pylist()),
        new=found.values,
        basis=found.basis,
    )


def _keys(views: Sequence[View], view: View) -> list[View]:
    return [v for v in views if v is not view and 2 <= len(v.texts) <= min(_GROUPS, v.filled // 3) and v.filled >= 0.9 * v.rows]


def _category(views: Sequence[View], view: View, gone: Ints) -> Estimate | None:
    """The most frequent value of the rows alike in the column that predicts it best, judged by leaving one out."""
    if not 2 <= len(view.texts) <= _GROUPS or len(view.texts) > 0.3 * view.filled:
        return None
    best: tuple[float, View] | None = None
    known = view.codes >= 0
    for key in _keys(views, view):
        votes = vote(key.codes, view.codes, len(view.texts))
        right = float(votes.agree(view.codes)[known].mean())
        if best is None or right > best[0]:
            best = (right, key)
    if best is None:
        return None
    right, key = best
    usual = float(view.counts[0]) / view.filled
    if right - usual < _LEAST_GAIN * (1 - usual):
        return None
    votes = vote(key.codes, view.codes, len(view.texts))
    rows = gone[votes.value[gone] >= 0]
    values = tuple(view.natives.get(view.texts[int(c)], view.texts[int(c)]) for c in votes.value[rows])
    how = f"the most frequent value among rows with the same {key.name}, right for {right:.0%} of the known ones"
    return Estimate(rows, values, right, how, (key.name,)) if len(rows) else None


def _numeric(frame: Frame, views: Sequence[View], view: View, gone: Ints) -> Estimate | None:
    """The median of the rows alike in the column whose medians come closest."""
    numbers = frame.column(view.position).numbers()
    known = np.isfinite(numbers)
    whole = float(np.median(numbers[known]))
    spread = float(np.median(np.abs(numbers[known] - whole)))
    best: tuple[float, View | None, Floats] = (spread, None, np.full(view.rows, whole))
    for key in _keys(views, view):
        guess = _medians(key, numbers, known, whole)
        off = float(np.median(np.abs(numbers[known] - guess[known])))
        if off < 0.9 * best[0]:
            best = (off, key, guess)
    off, chosen, guess = best
    values = tuple(round(v) if view.kind == "integer" else float(v) for v in guess[gone].tolist())
    of = f" among rows with the same {chosen.name}" if chosen else ""
    sure = 1 - off / spread / 2 if spread else float((guess == numbers)[known].mean())
    how = f"the median{of}; half of the known values lie within {off:.4g}"
    return Estimate(gone, values, float(np.clip(sure, 0.3, 0.9)), how, (chosen.name,) if chosen else ())


def _medians(key: View, numbers: Floats, known: np.ndarray[Any, Any], whole: float) -> Floats:
    out = np.full(len(numbers), whole)
    for code in range(len(key.texts)):
        rows = key.codes == code
        if (rows & known).sum() >= 3:
            out[rows] = np.median(numbers[rows & known])
    return out
