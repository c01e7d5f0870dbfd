"""Word lists written as text."""

from __future__ import annotations

UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
"""Letters of scripts that put no blanks between words, as part of a character class."""


def words(text: str, separator: str | None = None) -> frozenset[str]:
    """The words of a text, by blanks or another separator.

    >>> sorted(words("b a"))
    ['a', 'b']
    """
    return frozenset(w.strip() for w in text.split(separator))
