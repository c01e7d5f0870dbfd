"""Rules as a dbt schema file (dbt itself, dbt_utils, dbt_expectations)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...values import Severity
from ..checks import Rule
from ._conditions import literal
from ._sql import allowed_percent, bounds, pattern_of
from ._yaml import dump


def to_dbt(table: str, columns: Sequence[str], rules: Sequence[Rule], broken: Mapping[str, str], *, rows: int) -> str:
    """``models:`` with tests by column and by table. What dbt has no test for stands in ``meta.not_expressed``.

    ``broken`` says by rule id how many rows break a strict rule today: such a test warns.
    """
    of_table: list[Any] = []
    of_column: dict[str, list[Any]] = {c: [] for c in columns}
    left: list[str] = []
    for rule in rules:
        test = _column_test(rule)
        if test is not None:
            of_column[rule.columns[0]].append(_configured(test, rule, rows, broken.get(rule.id, "")))
        elif (whole := _table_test(rule)) is not None:
            of_table.append(_configured(whole, rule, rows, broken.get(rule.id, "")))
        else:
            left.append(rule.label)
    model: dict[str, Any] = {"name": table}
    if left:
        model["meta"] = {"not_expressed": left}
    if of_table:
        model["data_tests"] = of_table
    model["columns"] = [{"name": c, "data_tests": tests} for c, tests in of_column.items() if tests]
    return dump({"version": 2, "models": [model]})


def _column_test(rule: Rule) -> dict[str, dict[str, Any]] | None:
    if rule.kind in ("not_null", "unique"):
        return {rule.kind: {}}
    if rule.kind == "in_set":
        quote = all(isinstance(v, str) for v in rule.parameters["values"])
        return {"accepted_values": {"values": list(rule.parameters["values"])} | ({} if quote else {"quote": False})}
    if rule.kind == "relationship":
        theirs = rule.parameters.get("columns") or rule.columns
        return {"relationships": {"to": f"ref('{rule.parameters['frame']}')", "field": str(theirs[0])}}
    if rule.kind == "range":
        return {"dbt_utils.accepted_range": {k: _bound(v) for k, v in bounds(rule, "min_value", "max_value").items()}}
    if rule.kind == "length":
        return {"dbt_expectations.expect_column_value_lengths_to_be_between": bounds(rule, "min_value", "max_value")}
    if rule.kind == "freshness":
        return {"dbt_expectations.expect_row_values_to_have_recent_data": {"datepart": "day", "interval": rule.parameters["days"]}}
    pattern = pattern_of(rule)
    return {"dbt_expectations.expect_column_values_to_match_regex": {"regex": pattern}} if pattern else None


def _bound(value: Any) -> Any:
    """Dbt takes bounds as expressions: a date needs its quotes."""
    return literal(value) if isinstance(value, str) else value


def _table_test(rule: Rule) -> dict[str, dict[str, Any]] | None:
    if rule.kind == "unique_combo":
        return {"dbt_utils.unique_combination_of_columns": {"combination_of_columns": list(rule.columns)}}
    if rule.kind == "row_count":
        return {"dbt_expectations.expect_table_row_count_to_be_between": bounds(rule, "min_value", "max_value")}
    if rule.kind == "pair":
        a, b = rule.columns
        condition = f'"{a}" {rule.parameters["op"]} "{b}" or "{a}" is null or "{b}" is null'
        return {"dbt_utils.expression_is_true": {"expression": condition}}
    if rule.kind == "conditional":
        return {"dbt_utils.expression_is_true": {"expression": f"not ({rule.parameters['when']}) or ({rule.parameters['then']})"}}
    return None


def _configured(test: dict[str, dict[str, Any]], rule: Rule, rows: int, broken: str) -> Any:
    """Dbt counts rows: a tolerated share becomes a number of rows of today's table."""
    name, arguments = next(iter(test.items()))
    config: dict[str, Any] = {}
    if broken or rule.severity.rank <= Severity.LOW.rank:
        config["severity"] = "warn"
    allowed = int(allowed_percent(rule) / 100 * rule.support * rows)
    if allowed:
        config |= {"error_if": f">{allowed}", "warn_if": f">{allowed}"}
    out: dict[str, Any] = {"description": broken} if broken else {}
    if arguments:
        out["arguments"] = arguments
    if config:
        out["config"] = config
    return {name: out} if out else name
