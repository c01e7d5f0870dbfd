"""The small words of checks: values, lists, calls, bounds, severities."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from ...errors import BadCellBody
from ...values import Severity

NUMBER = r"[-+]?[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_SEVERITIES = {
    "warn": Severity.MEDIUM,
    "warning": Severity.MEDIUM,
    "fail": Severity.HIGH,
    "error": Severity.HIGH,
    "info": Severity.INFO,
    "low": Severity.LOW,
    "medium": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
    "fatal": Severity.CRITICAL,
}
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_BOUND = re.compile(r"^(must be\s+)?(<=|>=|!=|<>|==|=|<|>)\s*(.+?)$")


def severity_of(word: str) -> Severity | None:
    """The severity a word stands for, if it is one.

    >>> severity_of("warn").value
    'medium'
    """
    return _SEVERITIES.get(word.strip().lower())


def value_of(text: str) -> Any:
    """A literal as written: number, quoted text, true/false/null, else the text itself.

    >>> value_of("12"), value_of("'SG'"), value_of("SG"), value_of("1e6"), value_of("null")
    (12, 'SG', 'SG', 1000000.0, None)
    """
    stripped = text.strip()
    if len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[0] in "\"'`":
        return stripped[1:-1]
    if re.fullmatch(NUMBER, stripped) and not re.match(r"[-+]?0[0-9]", stripped):
        return float(stripped) if re.search(r"[.eE]", stripped) else int(stripped.replace("_", ""))
    words = {"true": True, "false": False, "null": None, "none": None}
    return words.get(stripped.lower(), stripped)


def split_top(text: str, separator: str = ",") -> list[str]:
    """``text`` split at separators outside quotes and brackets.

    >>> split_top("a, [1, 2], 'x,y'")
    ['a', '[1, 2]', "'x,y'"]
    """
    parts, depth, quoted, start = [], 0, "", 0
    for place, char in enumerate(text):
        if quoted:
            quoted = "" if char == quoted and text[place - 1] != "\\" else quoted
        elif char in "\"'":
            quoted = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:place].strip())
            start = place + 1
    parts.append(text[start:].strip())
    return [p for p in parts if p]


def list_of(text: str) -> list[Any]:
    """A list in any brackets or none, lists in it included: ``[SG, 'MY']``, ``(1, 2)``.

    >>> list_of("[SG, 'M,Y', 3]"), list_of("[(1, a), (2, b)]")
    (['SG', 'M,Y', 3], [[1, 'a'], [2, 'b']])
    """
    stripped = text.strip()
    if stripped[:1] in _BRACKETS:
        if stripped[-1:] != _BRACKETS[stripped[0]]:
            raise BadCellBody(f"`{stripped[:60]}` is not closed.", hint=f"End the list with {_BRACKETS[stripped[0]]}.")
        stripped = stripped[1:-1]
    return [list_of(p) if p[:1] in _BRACKETS else value_of(p) for p in split_top(stripped)]


def call_of(text: str) -> tuple[str, str, str] | None:
    """``name(arguments) rest`` taken apart, with brackets and quotes in the arguments counted.

    >>> call_of("missing_count(email) = 0")
    ('missing_count', 'email', '= 0')
    """
    head = re.match(r"^\s*([A-Za-z_][\w.]*)\s*\(", text)
    if head is None:
        return None
    depth, quoted = 1, ""
    for place in range(head.end(), len(text)):
        char = text[place]
        if quoted:
            quoted = "" if char == quoted and text[place - 1] != "\\" else quoted
        elif char in "\"'":
            quoted = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if not depth:
                return head.group(1), text[head.end() : place], text[place + 1 :].strip()
    return None


def arguments_of(text: str) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call: positional ones and named ones (``=`` or ``:``).

    >>> arguments_of("age, 0, max_value=120, value_set=['a', 'b']")
    (['age', 0], {'max_value': 120, 'value_set': ['a', 'b']})
    """
    placed: list[Any] = []
    named: dict[str, Any] = {}
    for part in split_top(text):
        match = re.match(r"^([A-Za-z_]\w*)\s*[=:](?!=)\s*(.+)$", part, re.DOTALL)
        if match:
            named[match.group(1)] = _argument(match.group(2))
        else:
            placed.append(_argument(part))
    return placed, named


def _argument(text: str) -> Any:
    stripped = text.strip()
    if re.match(r"^[rR]['\"]", stripped):
        return stripped[2:-1]
    if stripped[:1] in "'\"" and stripped[-1:] == stripped[:1]:
        try:
            return ast.literal_eval(stripped)
        except (ValueError, SyntaxError):
            return stripped[1:-1]
    if stripped[:1] in "[({" and stripped[-1:] in "])}":
        return list_of(stripped)
    return value_of(stripped)


def bounds_of(text: str) -> dict[str, Any] | None:
    """A comparison or ``between`` as bounds; None when it is neither. A percent sign sets ``percent``.

    >>> bounds_of("< 5%"), bounds_of("between 1 and 10"), bounds_of("= 0")
    ({'max': 5, 'strict_max': True, 'percent': True}, {'min': 1, 'max': 10}, {'min': 0, 'max': 0})
    """
    stripped = text.strip()
    between = re.match(r"(?i)^(not\s+)?between\s+(\S+)\s+and\s+(\S+)$", stripped)
    if between and not between.group(1):
        low, high = between.group(2).strip("("), between.group(3).strip(")")
        out = {"min": value_of(low.rstrip("%")), "max": value_of(high.rstrip("%"))}
        return out | ({"percent": True} if high.endswith("%") else {})
    match = _BOUND.match(stripped)
    if match is None:
        return None
    op, given = match.group(2), match.group(3).strip()
    value = value_of(given.rstrip("%").strip())
    found: dict[str, Any] | None = {
        "<": {"max": value, "strict_max": True},
        "<=": {"max": value},
        ">": {"min": value, "strict_min": True},
        ">=": {"min": value},
        "=": {"min": value, "max": value},
        "==": {"min": value, "max": value},
    }.get(op)
    return None if found is None else found | ({"percent": True} if given.endswith("%") else {})


def take(given: Mapping[str, Any], *names: str, default: Any = None) -> Any:
    """The first of these keys that is there."""
    return next((given[n] for n in names if n in given and given[n] is not None), default)


def names_of(value: Any) -> tuple[str, ...]:
    """Column names from a text or a list of them, quotes taken off.

    >>> names_of("a, 'b c'"), names_of(["a"])
    (('a', 'b c'), ('a',))
    """
    parts = split_top(value) if isinstance(value, str) else [str(v) for v in value or ()]
    return tuple(p[1:-1] if len(p) > 1 and p[0] == p[-1] and p[0] in "\"'`" else p for p in parts)
