"""Rules as SodaCL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..checks import Rule
from ._sql import allowed_percent, bounds, failing, pattern_of, share
from ._yaml import dump

_PLAIN = str.maketrans({"\n": " ", "\r": " "})


def to_soda(table: str, rules: Sequence[Rule], broken: Mapping[str, str]) -> str:
    """``checks for TABLE:`` with one entry a rule.

    ``broken`` says by rule id how many rows break a strict rule today: such a check warns (all but a reference: Soda has no
    alerts for it) and its name says so.
    """
    return dump({f"checks for {table}": [_check(r, table, broken.get(r.id, "")) for r in rules]})


def _check(rule: Rule, table: str, broken: str) -> Any:
    metric, options = _metric(rule, table)
    said = {"name": (f"{rule.label}: {broken}" if broken else rule.label).translate(_PLAIN)}
    if broken and rule.kind != "relationship":
        return {metric.removesuffix(" = 0"): {**options, **said, "warn": "when > 0"}}
    return {metric: {**options, **said}}


def _metric(rule: Rule, table: str) -> tuple[str, Mapping[str, Any]]:
    columns = ", ".join(rule.columns)
    if rule.kind == "row_count":
        return f"row_count between {rule.parameters['min']} and {rule.parameters['max']}", {}
    if rule.kind == "freshness":
        return f"freshness({columns}) < {rule.parameters['days']}d", {}
    if rule.kind == "relationship":
        theirs = ", ".join(rule.parameters.get("columns") or rule.columns)
        return f"values in ({columns}) must exist in {rule.parameters['frame']} ({theirs})", {}
    if rule.kind == "not_null":
        return _limited("missing", columns, rule), {}
    if rule.kind in ("unique", "unique_combo"):
        return _limited("duplicate", columns, rule), {}
    valid = _valid(rule)
    if valid:
        return _limited("invalid", columns, rule), valid
    return _failed_rows(rule, table)


def _limited(metric: str, columns: str, rule: Rule) -> str:
    allowed = allowed_percent(rule)
    return f"{metric}_percent({columns}) <= {allowed:g}%" if allowed else f"{metric}_count({columns}) = 0"


def _valid(rule: Rule) -> dict[str, Any]:
    if rule.kind == "in_set":
        return {"valid values": list(rule.parameters["values"])}
    if rule.kind == "length":
        return bounds(rule, "valid min length", "valid max length")
    if rule.kind == "range" and all(isinstance(v, (int, float)) for v in bounds(rule, "a", "b").values()):
        return bounds(rule, "valid min", "valid max")
    pattern = pattern_of(rule)
    return {"valid regex": pattern} if pattern else {}


def _failed_rows(rule: Rule, table: str) -> tuple[str, Mapping[str, Any]]:
    """A condition; or, where some rows may fail, a query that gives a row only when too many do."""
    condition = failing(rule)
    if condition is not None and not allowed_percent(rule):
        return "failed rows", {"fail condition": condition}
    query = f"SELECT broken FROM ({share(rule, table)}) AS s WHERE broken > {allowed_percent(rule):g}"  # noqa: S608  # text for another tool
    return "failed rows", {"fail query": query}
