"""Words of a text as the lexical index sees them: folded, stemmed, without words that say nothing."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

_WORD = re.compile(r"\d+(?:[.\-/]\d+)+|[^\W_]+(?:['’][^\W_]+)*")
"""A word, or a numbering such as ``12.3.1``, which names a clause and is one thing."""

_EMPTY = """
    a an and any are as at be been but by can did do does for from had has have how i if in into is it its may me must my no not of
    on or our shall should so such than that the their them then there these they this those to under was we were what when where
    which who whom whose why will with would you your
"""
STOPWORDS = frozenset(_EMPTY.split())


@functools.lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem of a folded English word; other words come back as they are."""
    return _stemmer().stemWord(word)  # type: ignore[no-any-return]


@functools.cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english", 0)  # its own cache is slower than ours and not safe across threads


def fold(text: str) -> str:
    """Lower case, compatibility forms resolved, for matching only: the length may change.

    >>> fold("ﬁle №")
    'file no'
    """
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def terms(text: str) -> list[str]:
    """The stems of a text in order.

    >>> terms("Retention periods under Rule 12.3.1")
    ['retent', 'period', 'rule', '12.3.1']
    """
    return [stem(word) for word in _WORD.findall(fold(text)) if word not in STOPWORDS]


def matches(text: str, wanted: Iterable[str]) -> list[tuple[int, int]]:
    """Spans of the words of ``text`` whose stem is in ``wanted``, to be marked.

    >>> matches("It was retained.", ["retain"])
    [(7, 15)]
    """
    stems = set(wanted)
    lower = text.lower()
    if len(lower) != len(text):  # a few letters grow when folded: then word by word, so that spans stay true
        return [m.span() for m in _WORD.finditer(text) if stem(fold(m.group())) in stems]
    return [m.span() for m in _WORD.finditer(lower) if stem(m.group()) in stems]
