"""Rules as a Great Expectations suite (1.x)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...values import plain
from ..checks import Rule
from ._sql import allowed_percent, bounds, pattern_of, rows, share


def to_great_expectations(table: str, rules: Sequence[Rule], broken: Mapping[str, str]) -> dict[str, Any]:
    """A suite as its JSON form: ``name``, ``expectations`` with ``type`` and ``kwargs``, ``meta``.

    ``broken`` says by rule id how many rows break a strict rule today: such an expectation warns.
    """
    made = [(_expectation(r), r) for r in rules]
    expectations = [{**_typed(e), **_said(r, broken.get(r.id, "")), "meta": _meta(r)} for e, r in made if e is not None]
    left = [r.label for e, r in made if e is None]
    return dict(
        plain({"name": f"{table}_suggested", "expectations": expectations, "meta": {"made_by": "edgp_magics", "not_expressed": left}})
    )


def _typed(made: tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {"type": made[0], "kwargs": dict(made[1])}


def _meta(rule: Rule) -> dict[str, Any]:
    return {"rule": rule.id, "support": rule.support, "confidence": rule.confidence, "notes": rule.label}


def _said(rule: Rule, broken: str) -> dict[str, Any]:
    return {"severity": "warning", "description": broken} if broken else {"severity": _level(rule)}


def _level(rule: Rule) -> str:
    return {"low": "info", "info": "info", "medium": "warning"}.get(rule.severity.value, "critical")


def _expectation(rule: Rule) -> tuple[str, Mapping[str, Any]] | None:
    kwargs: dict[str, Any] = {"column": rule.columns[0]} if rule.columns else {}
    allowed = allowed_percent(rule)
    mostly = {"mostly": round(1 - allowed / 100, 6)} if allowed else {}
    simple = _simple(rule)
    if simple is not None:
        name, more = simple
        return name, {**kwargs, **more, **mostly}
    if rule.kind == "unique_combo":
        return "expect_compound_columns_to_be_unique", {"column_list": list(rule.columns), **mostly}
    if rule.kind == "row_count":
        return "expect_table_row_count_to_be_between", bounds(rule, "min_value", "max_value")
    if rule.kind == "pair" and rule.parameters["op"] == "<=":
        a, b = rule.columns
        pair = {"column_A": b, "column_B": a, "or_equal": True, "ignore_row_if": "either_value_is_missing", **mostly}
        return "expect_column_pair_values_a_to_be_greater_than_b", pair
    return _by_query(rule, allowed)


def _by_query(rule: Rule, allowed: float) -> tuple[str, Mapping[str, Any]] | None:
    """Rows that must not be there, or a figure that must stay within the limit."""
    unexpected = rows(rule, "{batch}")
    if unexpected is not None and not allowed:
        return "unexpected_rows_expectation", {"unexpected_rows_query": unexpected}
    query = share(rule, "{batch}")
    if query is None:
        return None
    over = f"SELECT broken FROM ({query}) AS s WHERE broken > {allowed:g}"  # noqa: S608
    return "unexpected_rows_expectation", {"unexpected_rows_query": over}


def _simple(rule: Rule) -> tuple[str, Mapping[str, Any]] | None:
    if rule.kind == "not_null":
        return "expect_column_values_to_not_be_null", {}
    if rule.kind == "unique":
        return "expect_column_values_to_be_unique", {}
    if rule.kind == "in_set":
        return "expect_column_values_to_be_in_set", {"value_set": list(rule.parameters["values"])}
    if rule.kind == "range":
        return "expect_column_values_to_be_between", bounds(rule, "min_value", "max_value")
    if rule.kind == "length":
        return "expect_column_value_lengths_to_be_between", bounds(rule, "min_value", "max_value")
    pattern = pattern_of(rule)
    return ("expect_column_values_to_match_regex", {"regex": pattern}) if pattern else None
