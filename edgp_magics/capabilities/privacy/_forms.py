"""Which of many patterns a text can have, told by one pass over it instead of one for each.

RE2 reads all patterns as one automaton, in time linear in the text. Its answer only rules out: a pattern that a text can have is
then tried by Python's own expression, which also knows what stands around it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_MEMORY = 256 << 20
"""The automaton grows with the texts it sees, up to so many bytes; then it starts over."""
_CLASS = re.compile(r"\\[bBwWdDsS]")
_ODD = r"[^\x00-\x0a\x0c-\x1b\x20-\x7f]"
r"""What ``\w``, ``\s`` and ``\b`` mean differently in Python and in RE2, which knows ASCII alone: with it a text may have the form."""


class Forms:
    r"""Patterns by name; ``lines`` asks for texts of which a line is the pattern rather than holds it.

    >>> Forms({"year": "(?:19|20)[0-9]{2}", "mail": "@"}).of("seen in 2024")
    frozenset({'year'})
    >>> Forms({"year": "[0-9]{4}"}, lines=True).of("in 2024"), Forms({"year": "[0-9]{4}"}, lines=True).of("in\n2024")
    (frozenset(), frozenset({'year'}))
    """

    def __init__(self, patterns: Mapping[str, str], *, lines: bool = False) -> None:
        import re2

        options = re2.Options()
        options.max_mem = _MEMORY
        self._set: Any = re2.Set.SearchSet(options)
        for pattern in patterns.values():
            wider = _superset(pattern)
            self._set.Add(f"(?m:^(?:{wider})$)" if lines else wider)
        self._set.Add(r"(?s:.*)")  # is always there, unless the automaton gave up
        self._set.Compile()
        self._names = tuple(patterns)
        self._always = len(self._names)
        self._known: dict[tuple[int, ...], frozenset[str]] = {}

    def of(self, text: str) -> frozenset[str]:
        """The names of the patterns that the text can have."""
        found = tuple(self._set.Match(text.encode("utf-8", "surrogatepass")) or ())
        names = self._known.get(found)
        if names is None:
            sure = self._always in found
            names = self._known[found] = frozenset(n for i, n in enumerate(self._names) if i in found or not sure)
        return names


def _superset(pattern: str) -> str:
    r"""The pattern as RE2 reads it, for at least the same texts: without what it does not know, such as a look ahead.

    >>> _superset(r"(?=[0-9])\u0410{8,2000}"), _superset(r"\bzip").startswith(r"\bzip|.*[^")
    ('\\x{0410}{8,}', True)
    """
    out = re.sub(r"\(\?<?[=!][^()]*\)", "", pattern)
    out = re.sub(r"\\u([0-9a-fA-F]{4})", r"\\x{\1}", out)
    out = re.sub(r"\{([0-9]+),[0-9]{4,}\}", r"{\1,}", out)
    return f"{out}|.*{_ODD}.*" if _CLASS.search(out) else out
