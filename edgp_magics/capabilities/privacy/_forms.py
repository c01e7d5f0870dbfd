"""Which of many patterns a text can have, told by one pass over it instead of one for each.

RE2 reads all patterns as one automaton, in time linear in the text. Its answer only rules out: a pattern that a text can have is
then tried by Python's own expression, which also knows what stands around it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

_MEMORY = 256 << 20
"""The automaton grows with the texts it sees, up to so many bytes; then it starts over."""
_CLASS = re.compile(r"\\[bBwWdDsS]")
_ODD = r"[^\x00-\x0a\x0c-\x1b\x20-\x7f]"
r"""What ``\w``, ``\s`` and ``\b`` mean differently in Python and in RE2, which knows ASCII alone: with it a text may have the form."""


class Forms:
    r"""Patterns by name; ``lines`` asks for texts of which a line is the pattern rather than holds it.

    Each group of patterns becomes an automaton of its own: one of them all would have a state for every pair of states.

    >>> Forms({"year": "(?:19|20)[0-9]{2}", "mail": "@"}).of("seen in 2024")
    frozenset({'year'})
    >>> Forms({"year": "[0-9]{4}"}, lines=True).of("in 2024"), Forms({"year": "[0-9]{4}"}, lines=True).of("in\n2024")
    (frozenset(), frozenset({'year'}))
    """

    def __init__(self, *groups: Mapping[str, str], lines: bool = False) -> None:
        self._sets = tuple(_compiled(group.values(), lines) for group in groups)
        self._names = tuple(tuple(group) for group in groups)
        self._seen = functools.lru_cache(maxsize=4_096)(self._names_at)  # texts are many, what they hold together is not

    def of(self, text: str) -> frozenset[str]:
        """The names of the patterns that the text can have."""
        data = text.encode("utf-8", "surrogatepass")
        return self._seen(tuple([tuple(s.Match(data) or ()) for s in self._sets]))

    def _names_at(self, found: tuple[tuple[int, ...], ...]) -> frozenset[str]:
        return frozenset(n for at, group in zip(found, self._names, strict=True) for n in _named(at, group))


def _compiled(patterns: Iterable[str], lines: bool) -> Any:
    import re2

    options = re2.Options()
    options.max_mem = _MEMORY
    out: Any = re2.Set.SearchSet(options)
    for pattern in patterns:
        wider = _superset(pattern)
        out.Add(f"(?m:^(?:{wider})$)" if lines else wider)
    out.Add("(?s:.*)")  # is always there, unless the automaton gave up
    out.Compile()
    return out


def _named(found: Collection[int], names: Sequence[str]) -> Iterable[str]:
    """The patterns that were found, or all where the automaton gave up."""
    sure = len(names) in found
    return (n for i, n in enumerate(names) if i in found or not sure)


def _superset(pattern: str) -> str:
    r"""The pattern as RE2 reads it, for at least the same texts: without what it does not know, such as a look ahead.

    >>> _superset(r"(?=[0-9])\u0410{8,2000}"), _superset(r"\bzip").startswith(r"\bzip|.*[^")
    ('\\x{0410}{8,}', True)
    """
    out = re.sub(r"\(\?<?[=!][^()]*\)", "", pattern)
    out = re.sub(r"\\u([0-9a-fA-F]{4})", r"\\x{\1}", out)
    out = re.sub(r"\{([0-9]+),[0-9]{4,}\}", r"{\1,}", out)
    return f"{out}|.*{_ODD}.*" if _CLASS.search(out) else out
