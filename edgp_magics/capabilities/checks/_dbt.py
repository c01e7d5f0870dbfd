"""dbt test names, with those of dbt_utils and dbt_expectations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import UnknownName
from ._gx import expectation, is_expectation
from ._model import Rule, Tolerance
from ._words import bounds_of, names_of, severity_of, take

Arguments = Mapping[str, Any]


def reference(text: str) -> str:
    """The table a ``ref('countries')`` or ``source('raw', 'countries')`` names.

    >>> reference("ref('countries')"), reference("countries")
    ('countries', 'countries')
    """
    inner = re.match(r"^\s*\{?\{?\s*(?:ref|source)\((.+)\)\s*\}?\}?\s*$", text)
    return names_of(inner.group(1))[-1] if inner else text.strip().strip("'\"")


def _relationships(given: Arguments) -> Rule:
    target = take(given, "ref", "to", "frame")
    field = take(given, "field", "column")
    name = reference(str(target))
    if field is None and "." in name:
        name, field = name.rsplit(".", 1)
    columns = names_of(given["column_name"])
    return Rule.of("relationship", columns, frame=name, columns=names_of(field) if field else columns)


def _accepted_range(given: Arguments) -> Rule:
    limits = {"min": given.get("min_value"), "max": given.get("max_value")}
    out = {k: v for k, v in limits.items() if v is not None}
    if given.get("inclusive") in (False, "false", "False"):
        out |= {f"strict_{k}": True for k in list(out)}
    return Rule.of("range", str(given["column_name"]), **out)


def _expression(given: Arguments) -> Rule:
    text, column = str(given["expression"]), given.get("column_name")
    condition = f'"{column}" {text}' if column else text
    return Rule.of("expression", condition=condition)


def _proportion(given: Arguments) -> Rule:
    allowed = Tolerance(percent=round(100 * (1 - float(given.get("at_least", 1))), 9))
    return Rule.of("not_null", str(given["column_name"])).but(tolerance=allowed)


def _recency(given: Arguments) -> Rule:
    days = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 31.0, "year": 366.0}[str(given["datepart"]).lower()]
    return Rule.of("freshness", str(given["field"]), days=days * float(given["interval"]))


def _unique(given: Arguments) -> Rule:
    columns = names_of(given["column_name"])
    return Rule.of("unique_combo" if len(columns) > 1 else "unique", columns)


TESTS: dict[str, tuple[tuple[str, ...], Callable[[Arguments], Rule]]] = {
    "not_null": (("column_name",), lambda g: Rule.of("not_null", names_of(g["column_name"]))),
    "unique": (("column_name",), _unique),
    "accepted_values": (("column_name", "values"), lambda g: Rule.of("in_set", str(g["column_name"]), values=list(g["values"]))),
    "not_accepted_values": (("column_name", "values"), lambda g: Rule.of("not_in_set", str(g["column_name"]), values=list(g["values"]))),
    "relationships": (("column_name", "to", "field"), _relationships),
    "accepted_range": (("column_name", "min_value", "max_value", "inclusive"), _accepted_range),
    "unique_combination_of_columns": (
        ("combination_of_columns",),
        lambda g: Rule.of("unique_combo", names_of(g["combination_of_columns"])),
    ),
    "expression_is_true": (("expression",), _expression),
    "not_null_proportion": (("column_name", "at_least"), _proportion),
    "at_least_one": (
        ("column_name",),
        lambda g: Rule.of("aggregate", str(g["column_name"]), function="missing_percent", max=100, strict_max=True),
    ),
    "not_constant": (("column_name",), lambda g: Rule.of("aggregate", str(g["column_name"]), function="distinct", min=2)),
    "equal_rowcount": (("compare_model",), lambda g: Rule.of("row_count", frame=reference(str(g["compare_model"])))),
    "recency": (("datepart", "field", "interval"), _recency),
    "not_empty_string": (("column_name",), lambda g: Rule.of("not_regex", str(g["column_name"]), pattern=r"^\s*$")),
}
"""Tests by name: the order of their arguments, and the rule they make."""


def is_test(name: str) -> bool:
    """Whether the name is a dbt test known here."""
    return _bare(name) in TESTS


def _bare(name: str) -> str:
    return name.split(".", 1)[1] if name.startswith(("dbt_utils.", "dbt.")) else name


def test_rule(name: str, placed: list[Any], named: Arguments) -> Rule:
    """The rule of a dbt test by its name and arguments.

    >>> test_rule("relationships", ["country"], {"ref": "countries.code"}).label
    'country in countries.code'
    """
    if name.startswith("dbt_expectations.") or is_expectation(name):
        spelled = {("column" if k == "column_name" else k): v for k, v in named.items()}
        return configured(expectation(name.rsplit(".", 1)[-1], placed, spelled), named)
    if not is_test(name):
        raise UnknownName("dbt test", name, known=TESTS)
    order, make = TESTS[_bare(name)]
    bundled = list(placed)
    if _bare(name) in ("unique", "not_null") and len(bundled) > 1:
        bundled = [tuple(str(p) for p in bundled)]
    if _bare(name) == "unique_combination_of_columns" and bundled and not isinstance(bundled[0], (list, tuple)):
        bundled = [[str(p) for p in bundled]]
    if "column" in named and "column_name" not in named and _bare(name) != "relationships":
        named = {**named, "column_name": named["column"]}
    return configured(make(dict(zip(order, bundled, strict=False)) | dict(named)), named)


def configured(rule: Rule, given: Arguments) -> Rule:
    """The rule with dbt's ``severity``, ``where``, ``error_if`` and ``warn_if``."""
    config = {**given, **(given.get("config") or {})}
    if config.get("severity") and severity_of(str(config["severity"])):
        rule = rule.but(severity=severity_of(str(config["severity"])))
    if config.get("where"):
        rule = rule.but(filter=str(config["where"]))
    limit = bounds_of(str(take(config, "error_if", "warn_if", default="")))
    if limit and limit.get("min") is not None:
        rule = rule.but(tolerance=Tolerance(count=float(limit["min"]), strict=not limit.get("strict_min")))
    return rule


def schema_rules(document: Mapping[str, Any]) -> list[tuple[Rule, int | None]]:
    """The rules of a dbt schema file: ``models: - columns: - tests:``."""
    out: list[tuple[Rule, int | None]] = []
    models = list(document.get("models") or []) or [document]
    for model in models:
        out += [(_listed(test, {}), _line(test)) for test in take(model, "data_tests", "tests", default=[])]
        for column in model.get("columns") or []:
            tests = take(column, "data_tests", "tests", default=[])
            out += [(_listed(test, {"column_name": column["name"]}), _line(test) or _line(column)) for test in tests]
    return out


def _listed(test: Any, column: Mapping[str, Any]) -> Rule:
    if isinstance(test, str):
        return _known(test, column)
    name = next(k for k in test if k not in ("name", "description", "config"))
    given = dict(test[name] or {}) if isinstance(test[name], Mapping) else {}
    given |= dict(given.pop("arguments", None) or {})
    return _known(str(name), {**column, **given})


def _known(name: str, given: Arguments) -> Rule:
    """The rule of a test in a schema file; one of the project's own making is told as NOT RUN, the rest is run."""
    try:
        return test_rule(name, [], given)
    except UnknownName as error:
        return Rule.of("unsupported", names_of(given.get("column_name", ())), reason=f"{error.message} {error.hint}").but(text=name)


def _line(value: Any) -> int | None:
    return getattr(value, "line", None) or None
