"""Passages that say again what a better one said: the same words, or all but a few that change nothing."""

from __future__ import annotations

import re
from collections import Counter

from ._words import fold

_WORD = re.compile(r"\w+(?:[.,:/'’-]\w+)*")
_FEW = 5
"""So short a text says something else under another heading."""
_LIKE = 0.94
_TURNS = frozenset(["no", "not", "nor", "never", "none", "without", "except", "unless", "only", "neither", "cannot"])


class Kept:
    """The texts shown so far.

    >>> kept = Kept()
    >>> [kept.repeats(t) for t in ("Logs are kept for ninety days.", "Logs are kept for ninety days!", "Logs are kept for 30 days.")]
    [False, True, False]
    """

    def __init__(self) -> None:
        self._exact: set[str] = set()
        self._long: list[tuple[list[str], frozenset[tuple[str, ...]]]] = []

    def repeats(self, text: str, above: str = "") -> bool:
        """Whether a kept text says this, too; if not, it is kept. ``above`` are the headings it stands under."""
        words = _WORD.findall(fold(text))
        name = " ".join(words if len(words) >= _FEW else [*_WORD.findall(fold(above)), *words])
        if name in self._exact:
            return True
        runs = frozenset(zip(words, words[1:], words[2:], strict=False))
        if any(_alike(words, runs, *other) for other in self._long):
            return True
        self._exact.add(name)
        self._long.append((words, runs))
        return False


def _alike(words: list[str], runs: frozenset[tuple[str, ...]], others: list[str], their: frozenset[tuple[str, ...]]) -> bool:
    """Nearly all runs of three words are the same, and no number or negation is among what differs."""
    if not runs or len(runs & their) < _LIKE * len(runs | their):
        return False
    mine, theirs = Counter(words), Counter(others)
    return not any(w in _TURNS or any(c.isdigit() for c in w) for w in (mine - theirs) | (theirs - mine))
