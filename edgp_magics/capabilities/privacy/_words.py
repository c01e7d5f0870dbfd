"""Word lists written as text."""

from __future__ import annotations


def words(text: str, separator: str | None = None) -> frozenset[str]:
    """The words of a text, by blanks or another separator.

    >>> sorted(words("b a"))
    ['a', 'b']
    """
    return frozenset(w.strip() for w in text.split(separator))
