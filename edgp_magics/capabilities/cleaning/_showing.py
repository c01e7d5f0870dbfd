"""What may be shown of raw values: recurring categories of columns that are not personal, and words for no value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ...frames import Frame
from ...values import mask
from ..privacy import facts_of, judge_columns
from ..privacy._lexicon import token_name
from ._missing import is_placeholder
from ._view import View

_COMMON = 5
_CLOSED = 60
_SAMPLE = 2_000
_SUSPICION = 0.1
"""A column this likely to be personal is not shown: a preview is no place to find out."""
_WORDS = re.compile(r"[^\W\d_]+")
_ODD = re.compile(r"[^\w\s,.()&/%+-]|_|\d.*\d")
_NAMELIKE = 0.1


def showable(frame: Frame, views: Sequence[View], columns: Iterable[int]) -> dict[int, frozenset[str]]:
    """For each of the columns the values that may be shown as they are.

    How often a value occurs says nothing about whom it is about: a customer comes back, too. So a value is shown only
    where few values make up the whole column, the recognizers of the privacy scan suspect nothing personal in it, and
    every word of the value is an ordinary one: an account name or a family name need not look like a person to them.
    """
    closed = [c for c in sorted(set(columns)) if _is_closed(views[c])]
    facts = [facts_of(frame.column(c), _SAMPLE) for c in closed]
    out = {c: frozenset[str]() for c in columns}
    for column, verdict in zip(closed, judge_columns(facts, minimum=_SUSPICION), strict=True):
        if not verdict.asserted and all(d.confidence < _SUSPICION for d in verdict.runners_up):
            view = views[column]
            common = (t for t, n in zip(view.texts, view.counts, strict=True) if n >= _COMMON)
            out[column] = frozenset(t for t in common if _is_ordinary(t))
    return out


def _is_closed(view: View) -> bool:
    """Whether a few recurring texts make up nearly the whole column."""
    common = view.counts >= _COMMON
    return view.is_text and 2 <= common.sum() <= _CLOSED and int(view.counts[common].sum()) >= 0.8 * view.filled


def _is_ordinary(text: str) -> bool:
    words = _WORDS.findall(text)
    return bool(words) and not _ODD.search(text) and all(token_name(w) <= _NAMELIKE for w in words)


def shown(value: object, open_values: frozenset[str]) -> str:
    """The value as it may stand in an output that is kept."""
    if value is None:
        return "null"
    text = str(value)
    return text if text == "" or text in open_values or is_placeholder(text) else mask(text)
