"""Values whose characters do not fit their column: letters among digits, a code without its hyphen, wrong lengths."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from ._hits import Hits, repairs, suspects
from ._view import Ints, View

_RUNS = re.compile(r"\d+|[^\W\d_]+")
_SYMBOLS = frozenset("*^~@_|<>{}[]=%$\\?;#")
_SPLICED = re.compile(r"[^\W\d_][0-9]|[0-9][^\W\d_]")
_ORDINAL = re.compile(r"\b[0-9]+(?:st|nd|rd|th)\b", re.IGNORECASE)
_MIN_ROWS = 30
_MAX_SHARE = 0.08
_VOCABULARY = 2_000


@dataclass(frozen=True)
class _Usual:
    """The classes of characters that usual values have: the sets that occur, their union and their intersection."""

    sets: frozenset[frozenset[str]]
    some: frozenset[str]
    every: frozenset[str]
    wordy: bool
    length: int | None


def pattern(text: str) -> str:
    """Runs of digits as ``9``, of letters as ``a``, the rest as it is.

    >>> pattern("AB-1234"), pattern("10 St")
    ('a-9', '9 a')
    """
    return _RUNS.sub(lambda m: "9" if m.group()[0].isdigit() else "a", text)


def find_shape_outliers(view: View) -> list[Hits]:
    """Cells of a structured column whose character classes or length do not fit, repaired where one value fits."""
    if not view.is_text or view.filled < _MIN_ROWS or view.prose:
        return []
    patterns = [pattern(t) if len(t) <= 200 else "long" for t in view.texts]
    usual = _usual(view, patterns)
    if usual is None:
        return []
    odd = [c for c, p in enumerate(patterns) if _odd(view.texts[c], p, usual)]
    if not odd or view.weight(odd) > _MAX_SHARE * view.filled or max(int(view.counts[c]) for c in odd) > 0.02 * view.filled + 2:
        return []
    strange = set(odd)
    known = _Known(view, [c for c, n in enumerate(view.counts) if n >= 2 and c not in strange])
    fixed = {c: r for c in odd if (r := known.best_for(view.texts[c])) is not None}
    open_ = [c for c in odd if c not in fixed]
    out = []
    if open_:
        rows = view.rows_of(open_)
        out.append(suspects(view, "shape", rows, 0.85, "characters or length unlike the rest of the column"))
    if fixed:
        rows = view.rows_of(list(fixed))
        found = [fixed[int(c)] for c in view.codes[rows]]
        reason = "characters unlike the rest of the column; one frequent value fits what is left"
        out.append(repairs(view, "shape", rows, [f[0] for f in found], [f[1] for f in found], reason))
    return out


def _usual(view: View, patterns: list[str]) -> _Usual | None:
    """What the frequent patterns have; None when no few patterns cover the column or none of them is structured."""
    weight = Counter[str]()
    for code, text in enumerate(patterns):
        weight[text] += int(view.counts[code])
    frequent = [p for p, n in weight.items() if n >= max(3, 0.03 * view.filled)]
    if sum(weight[p] for p in frequent) < 0.88 * view.filled:
        return None
    classes = [_classes(p) for p in frequent]
    some, every = frozenset.union(*classes), frozenset.intersection(*classes)
    wordy = any(" " in c and "a" in c for c in classes)
    return _Usual(frozenset(map(_core, classes) if wordy else classes), some, every, wordy, _fixed_length(view, patterns, frequent))


def _classes(text: str) -> frozenset[str]:
    return frozenset(text)


def _core(classes: frozenset[str]) -> frozenset[str]:
    """Digits, letters and blanks: in wordy columns punctuation comes and goes."""
    return classes & {"9", "a", " "}


def _fixed_length(view: View, patterns: list[str], frequent: list[str]) -> int | None:
    """The length nearly all values share, where it is no accident of numbers of one size."""
    if len(frequent) != 1:
        return None
    lengths = Counter[int]()
    for code, text in enumerate(view.texts):
        lengths[len(text)] += int(view.counts[code])
    size, most = lengths.most_common(1)[0]
    quantity = frequent[0] in ("9", "9.9", "-9", "-9.9") and size < 5
    return size if most >= 0.97 * view.filled and size >= 4 and not quantity else None


def _odd(text: str, shape: str, usual: _Usual) -> bool:
    if len(text) > 200:
        return False
    classes = _classes(shape)
    strange = classes - usual.some
    lacking = usual.every - classes
    if "9" not in usual.some:  # words and names: punctuation comes and goes, but no symbol, and no digit within a word
        return bool(strange & _SYMBOLS) or ("9" in strange and bool(_SPLICED.search(_ORDINAL.sub("", text))))
    novel = (_core(classes) if usual.wordy else classes) not in usual.sets
    if usual.wordy:
        return novel or bool(lacking)
    return novel or bool(strange) or bool(lacking) or (usual.length is not None and len(text) != usual.length)


class _Known:
    """The recurring values of a column by length, as characters and their classes (0 other, 1 digit, 2 letter)."""

    def __init__(self, view: View, codes: list[int]) -> None:
        self._by_length: dict[int, tuple[list[int], Ints, Ints]] = {}
        self._view = view
        groups: dict[int, list[int]] = {}
        for code in codes if len(codes) <= _VOCABULARY else []:
            groups.setdefault(len(view.texts[code]), []).append(code)
        for length, members in groups.items():
            if length:
                signs = np.array([list(map(ord, view.texts[c])) for c in members])
                classes = np.array([[_class(ch) for ch in view.texts[c]] for c in members])
                self._by_length[length] = (members, signs, classes)

    def best_for(self, text: str) -> tuple[str, float] | None:
        """The one frequent value that agrees with every character that is not out of place."""
        if len(text) not in self._by_length:
            return None
        codes, signs, classes = self._by_length[len(text)]
        own, kind = np.array(list(map(ord, text))), np.array([_class(ch) for ch in text])
        same = signs == own
        clash = ~same & ((kind == 1) | ((kind == 2) == (classes == 2)))  # two digits or two letters that differ: another value
        fits = [codes[i] for i in np.flatnonzero(~clash.any(axis=1) & (same.sum(axis=1) * 2 >= len(text)))]
        total = self._view.weight(fits)
        if not total:
            return None
        best = max(fits, key=lambda c: (int(self._view.counts[c]), self._view.texts[c]))
        share = int(self._view.counts[best]) / (total + 0.5)
        return (self._view.texts[best], round(0.95 * share, 4)) if share > 0.75 else None


def _class(sign: str) -> int:
    return 1 if sign.isdigit() else 2 if sign.isalpha() else 0
