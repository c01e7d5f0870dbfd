"""Conditions on results, such as ``score < 90 and severity >= high``: read by a small parser, never evaluated as code."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError, WorkflowError, closest
from ._figures import RANKS, WORDS, Points

_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)(?P<percent>\s*%)?|(?P<op><=|>=|==|!=|<|>|=)|(?P<word>[A-Za-z_][\w.]*)|(?P<mark>[()])|'(?P<one>[^']*)'|\"(?P<two>[^\"]*)\")"
)
_OPS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Percent:
    """A value written with a percent sign."""

    value: float

    def __str__(self) -> str:
        return f"{self.value:g} %"


@dataclass(frozen=True)
class Test:
    """``name op value``."""

    name: str
    op: str
    value: float | str | Percent

    def holds(self, figures: Mapping[str, Any]) -> bool:
        """Whether it holds for the figures of a result; one that is not known is an error, for unknown is not a pass."""
        if self.name not in figures:
            raise _unknown(self.name, figures)
        found = figures[self.name]
        if found is None:
            raise WorkflowError(f"`{self}` cannot be decided: {self.name} was not assessed.", hint="Route around it.")
        if self.name == "severity":
            return _OPS[self.op](RANKS[str(found)], RANKS[str(self.value)])
        if isinstance(self.value, str) and isinstance(found, str):
            return _OPS[self.op](found.lower(), self.value.lower())
        if isinstance(self.value, str) or isinstance(found, str):
            kinds = "a word" if isinstance(found, str) else "a number"
            raise WorkflowError(f"`{self}` cannot be decided: {self.name} is {kinds}.", hint="Compare it with a value of its kind.")
        return _OPS[self.op](float(found), self._number(found))

    def _number(self, found: Any) -> float:
        """The value in the figure's own unit."""
        if not isinstance(self.value, Percent):
            return float(self.value)
        return self.value.value if isinstance(found, Points) else self.value.value / 100

    def tests(self) -> Iterator[Test]:
        """The comparisons in it."""
        yield self

    def __str__(self) -> str:
        return f"{self.name} {self.op} {self.value if not isinstance(self.value, float) else f'{self.value:g}'}"


@dataclass(frozen=True)
class Both:
    """Two conditions joined by ``and`` or ``or``."""

    left: Condition
    right: Condition
    every: bool

    def holds(self, figures: Mapping[str, Any]) -> bool:
        """Whether it holds."""
        if self.every:
            return self.left.holds(figures) and self.right.holds(figures)
        return self.left.holds(figures) or self.right.holds(figures)

    def tests(self) -> Iterator[Test]:
        """The comparisons in it."""
        yield from self.left.tests()
        yield from self.right.tests()


@dataclass(frozen=True)
class Not:
    """The opposite."""

    inner: Condition

    def holds(self, figures: Mapping[str, Any]) -> bool:
        """Whether it holds."""
        return not self.inner.holds(figures)

    def tests(self) -> Iterator[Test]:
        """The comparisons in it."""
        yield from self.inner.tests()


Condition = Test | Both | Not


def parse_condition(text: str) -> Condition:
    """The condition that a text says.

    >>> parse_condition("score < 90 or not findings == 0").holds({"score": 95.0, "findings": 2})
    True
    """
    tokens = _tokens(text)
    found, rest = _any(tokens, text)
    if rest:
        raise _bad(text, f"`{rest[0][1]}` is one word too many")
    return found


def _unknown(name: str, figures: Mapping[str, Any]) -> WorkflowError:
    near = closest(name, figures)
    hint = f"Did you mean `{near}`? " if near else ""
    return WorkflowError(f"the result has no figure `{name}`.", hint=f"{hint}It has: {', '.join(sorted(figures))[:200]}")


Tokens = list[tuple[str, Any]]


def _tokens(text: str) -> Tokens:
    out: Tokens = []
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _bad(text, f"`{text[at:].strip()[:20]}` cannot be read")
        at = found.end()
        kind = str(found.lastgroup)
        if found["number"] is not None:
            number = float(found["number"])
            out.append(("value", Percent(number) if found["percent"] else number))
        elif kind in ("one", "two"):
            out.append(("value", found[kind]))
        elif kind == "word" and found["word"].lower() in ("and", "or", "not"):
            out.append((found["word"].lower(), found["word"]))
        else:
            out.append((kind if kind in ("op", "word") else found["mark"], found[kind]))
    return out


def _any(tokens: Tokens, text: str) -> tuple[Condition, Tokens]:
    left, rest = _every(tokens, text)
    while rest and rest[0][0] == "or":
        right, rest = _every(rest[1:], text)
        left = Both(left, right, every=False)
    return left, rest


def _every(tokens: Tokens, text: str) -> tuple[Condition, Tokens]:
    left, rest = _one(tokens, text)
    while rest and rest[0][0] == "and":
        right, rest = _one(rest[1:], text)
        left = Both(left, right, every=True)
    return left, rest


def _one(tokens: Tokens, text: str) -> tuple[Condition, Tokens]:
    if not tokens:
        raise _bad(text, "it ends too early")
    if tokens[0][0] == "not":
        inner, rest = _one(tokens[1:], text)
        return Not(inner), rest
    if tokens[0][0] == "(":
        inner, rest = _any(tokens[1:], text)
        if not rest or rest[0][0] != ")":
            raise _bad(text, "a bracket is not closed")
        return inner, rest[1:]
    return _test(tokens, text)


def _test(tokens: Tokens, text: str) -> tuple[Condition, Tokens]:
    kinds = [kind for kind, _ in tokens[:3]]
    if kinds[:2] != ["word", "op"] or len(kinds) < 3 or kinds[2] not in ("value", "word"):
        raise _bad(text, "it needs a figure, a comparison and a value")
    name, op, value = (value for _, value in tokens[:3])
    if name == "severity" and str(value) not in RANKS:
        raise _bad(text, f"severity is one of {', '.join(RANKS)}, not {value}")
    if isinstance(value, str) != (name in WORDS):
        raise _bad(text, f"{name} is {'a word' if name in WORDS else 'a number'}, {value} is not")
    if isinstance(value, str) and name != "severity" and op not in ("==", "=", "!="):
        raise _bad(text, f"a word can be equal or not, it has no order: {name} {op} {value}")
    return Test(str(name), str(op), value), tokens[3:]


def _bad(text: str, why: str) -> UsageError:
    return UsageError(
        f"the condition `{' '.join(text.split())[:60]}` cannot be read: {why}.", hint="For example: score < 90 and severity >= high"
    )
