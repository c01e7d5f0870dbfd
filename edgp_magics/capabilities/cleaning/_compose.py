"""Columns that are put together from two others (``AB`` and ``EN-1`` make ``AB_EN-1``): each side checks the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ._hits import Hits, repairs
from ._view import View

_SAMPLE = 400
_SHARE = 0.75
_VARIED = 0.3


@dataclass(frozen=True)
class Composition:
    """``whole`` is ``left``, ``glue`` and ``right`` in nearly every row."""

    whole: int
    left: int
    glue: str
    right: int


def check_compositions(views: Sequence[View], compositions: Sequence[Composition]) -> list[Hits]:
    """Cells that break such a composition, where it is clear which of the three is wrong."""
    return [hit for found in compositions for hit in _broken(views, found)]


def find_compositions(views: Sequence[View], step: Callable[[], None] = lambda: None) -> Iterator[Composition]:
    """Columns that two others make up."""
    usable = [v for v in views if v.is_text and not v.prose and len(v.texts) >= 2]
    for whole in usable:
        step()
        rows = np.flatnonzero(whole.codes >= 0)
        rows = rows[:: max(1, len(rows) // _SAMPLE)]
        if len(rows) < 20:
            continue
        heads = [v for v in usable if v is not whole and _fits(whole, v, rows, str.startswith)]
        tails = [v for v in usable if v is not whole and _fits(whole, v, rows, str.endswith)]
        for left in heads:
            for right in tails:
                glue = _glue(whole, left, right, rows) if left is not right else None
                if glue is not None:
                    yield Composition(whole.position, left.position, glue, right.position)


def _text(view: View, row: int) -> str:
    code = int(view.codes[row])
    return view.texts[code] if code >= 0 else ""


def _fits(whole: View, part: View, rows: np.ndarray, test: Callable[[str, str], bool]) -> bool:
    for sample in (rows[:: max(1, len(rows) // 25)], rows):  # most pairs are ruled out by a few rows
        hit = sum(bool(p := _text(part, r)) and test(_text(whole, r), p) for r in sample.tolist())
        if hit < (_SHARE if sample is rows else 0.5) * len(sample):
            return False
    return True


def _glue(whole: View, left: View, right: View, rows: np.ndarray) -> str | None:
    """What stands between the two in nearly all rows; None when that varies."""
    between = Counter[str]()
    for row in rows.tolist():
        text, a, b = _text(whole, row), _text(left, row), _text(right, row)
        if a and b and len(text) >= len(a) + len(b) and text.startswith(a) and text.endswith(b):
            between[text[len(a) : len(text) - len(b)]] += 1
    if not between:
        return None
    if not (_varied(left, rows) and _varied(right, rows)):
        return None
    glue, count = between.most_common(1)[0]
    return glue if count >= _SHARE * len(rows) and len(glue) <= 5 else None


def _varied(view: View, rows: np.ndarray) -> bool:
    """Whether the part varies: one that is nearly always the same fits by chance."""
    codes = view.codes[rows]
    return float((np.bincount(codes[codes >= 0]).max(initial=0)) / len(rows)) <= 1 - _VARIED


def _broken(views: Sequence[View], found: Composition) -> list[Hits]:
    whole, left, right = views[found.whole], views[found.left], views[found.right]
    fixes: dict[int, list[tuple[int, str]]] = {found.whole: [], found.left: [], found.right: []}
    complete = np.flatnonzero((whole.codes >= 0) & (left.codes >= 0) & (right.codes >= 0))
    for row in complete.tolist():
        text, a, b = _text(whole, row), _text(left, row), _text(right, row)
        if text != a + found.glue + b:
            wrong = _wrong(views, found, row)
            if wrong is not None:
                fixes[wrong[0]].append((row, wrong[1]))
    reason = f"{whole.name} is {left.name} and {right.name} put together"
    names = {found.whole: (left.name, right.name), found.left: (whole.name,), found.right: (whole.name,)}
    return [
        repairs(views[column], "composition", [r for r, _ in cells], [n for _, n in cells], 0.96, reason, names[column])
        for column, cells in fixes.items()
        if cells
    ]


def _wrong(views: Sequence[View], found: Composition, row: int) -> tuple[int, str] | None:
    """The one of the three whose repair makes all three values known ones; None unless it is the only one."""
    whole, left, right = views[found.whole], views[found.left], views[found.right]
    text, a, b = _text(whole, row), _text(left, row), _text(right, row)
    options = []
    if _known(left, a) and _known(right, b):
        options.append((found.whole, a + found.glue + b))
    head, tail = text[: len(text) - len(found.glue + b)], text[len(a + found.glue) :]
    if text.endswith(found.glue + b) and _known(left, head) and _known(right, b) and not _known(left, a):
        options.append((found.left, head))
    if text.startswith(a + found.glue) and _known(right, tail) and _known(left, a) and not _known(right, b):
        options.append((found.right, tail))
    fresh = [o for o in options if o[0] != found.whole or whole.counts[whole.codes[row]] <= 2]
    return fresh[0] if len(fresh) == 1 else None


def _known(view: View, text: str) -> bool:
    """Whether the value comes back in its column."""
    return text in view.texts and int(view.counts[view.texts.index(text)]) >= 3
