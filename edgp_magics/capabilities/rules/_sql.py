"""A rule as a query that counts the rows that break it: the form every tool takes when it has no word of its own."""

from __future__ import annotations

from typing import Any

from ..checks import TYPES, Rule
from ._conditions import literal, quoted


def counting(rule: Rule, table: str) -> str | None:
    """``SELECT count(*) ...`` of failing rows, or None where SQL cannot say it portably.

    >>> counting(Rule.of("pair", ("a", "b"), op="<="), "t")
    'SELECT count(*) FROM t WHERE NOT (a <= b)'
    """
    if rule.kind == "dependency":
        return _dependency(rule, table)
    if rule.kind in ("unique", "unique_combo"):
        names = ", ".join(map(quoted, rule.columns))
        given = " AND ".join(f"{quoted(c)} IS NOT NULL" for c in rule.columns)
        return (
            f"SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM {table} WHERE {given} GROUP BY {names} HAVING count(*) > 1) AS g"  # noqa: S608
        )
    condition = failing(rule)
    return None if condition is None else f"SELECT count(*) FROM {table} WHERE {condition}"  # noqa: S608  # text for other tools, never run here


def share(rule: Rule, table: str) -> str | None:
    """The share of failing rows in percent, of the rows the rule speaks about."""
    count = counting(rule, table)
    if count is None:
        return None
    scope = [f"({rule.parameters['when']})"] if rule.kind == "conditional" else [f"{quoted(c)} IS NOT NULL" for c in rule.columns]
    where = f" WHERE {' AND '.join(scope)}" if scope and rule.kind != "not_null" else ""
    return f"SELECT 100.0 * ({count}) / nullif(count(*), 0) AS broken FROM {table}{where}"  # noqa: S608  # text for other tools, never run here


def rows(rule: Rule, table: str) -> str | None:
    """``SELECT * ...`` of the failing rows, where a condition on the row says it."""
    condition = failing(rule)
    return None if condition is None else f"SELECT * FROM {table} WHERE {condition}"  # noqa: S608  # text for other tools, never run here


def failing(rule: Rule) -> str | None:
    """A condition that is true in a failing row."""
    if rule.kind == "relationship":
        other, theirs = rule.parameters["frame"], rule.parameters.get("columns") or rule.columns
        mine = quoted(rule.columns[0])
        return f"{mine} IS NOT NULL AND {mine} NOT IN (SELECT {quoted(str(theirs[0]))} FROM {quoted(str(other))})"  # noqa: S608
    if rule.kind == "conditional":
        return f"({rule.parameters['when']}) AND NOT ({rule.parameters['then']})"
    holding = _holding(rule)
    return None if holding is None else f"NOT ({holding})" if rule.kind != "not_null" else f"{quoted(rule.columns[0])} IS NULL"


def _holding(rule: Rule) -> str | None:
    """A condition that is true in a row that keeps the rule."""
    if rule.kind == "pair":
        return f"{quoted(rule.columns[0])} {rule.parameters['op']} {quoted(rule.columns[1])}"
    if rule.kind == "not_null":
        return f"{quoted(rule.columns[0])} IS NOT NULL"
    name = quoted(rule.columns[0]) if rule.columns else ""
    if rule.kind == "in_set":
        return f"{name} IN ({', '.join(map(literal, rule.parameters['values']))})"
    if rule.kind in ("range", "length"):
        return _between(name if rule.kind == "range" else f"length({name})", rule)
    pattern = pattern_of(rule)
    return f"regexp_matches({name}, {literal(pattern)})" if pattern else None


def _between(what: str, rule: Rule) -> str | None:
    parts = [f"{what} {sign} {literal(rule.parameters[k])}" for k, sign in (("min", ">="), ("max", "<=")) if k in rule.parameters]
    return " AND ".join(parts) or None


def _dependency(rule: Rule, table: str) -> str:
    left, right = ", ".join(map(quoted, rule.columns[:-1])), quoted(rule.columns[-1])
    given = " AND ".join(f"{quoted(c)} IS NOT NULL" for c in rule.columns)
    inner = f"SELECT {left}, count(*) AS n FROM {table} WHERE {given} GROUP BY {left}, {right}"  # noqa: S608
    return f"SELECT coalesce(sum(size - best), 0) FROM (SELECT sum(n) AS size, max(n) AS best FROM ({inner}) AS c GROUP BY {left}) AS g"  # noqa: S608


def pattern_of(rule: Rule) -> str | None:
    """The regular expression of a rule on text: its own, or that of its type (checksums aside)."""
    if rule.kind == "regex":
        return str(rule.parameters["pattern"])
    if rule.kind == "type_is":
        kind = TYPES.get(str(rule.parameters["type"]))
        return f"^(?:{kind.pattern})$" if kind is not None else None
    return None


def allowed_percent(rule: Rule) -> float:
    """The tolerated failing share in percent."""
    return float(rule.tolerance.percent or 0.0)


def bounds(rule: Rule, low: str, high: str) -> dict[str, Any]:
    """``min`` and ``max`` of a rule under other names."""
    return {name: rule.parameters[k] for k, name in (("min", low), ("max", high)) if rule.parameters.get(k) is not None}
