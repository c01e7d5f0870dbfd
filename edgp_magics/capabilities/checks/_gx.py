"""Great Expectations names and their arguments."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

from ...errors import UnknownName
from ._model import Rule, Tolerance
from ._words import names_of, take

Arguments = Mapping[str, Any]


def _range(given: Arguments, name: str = "column") -> Rule:
    return Rule.of("range", str(given[name]), **_limits(given))


def _limits(given: Arguments, low: str = "min_value", high: str = "max_value") -> dict[str, Any]:
    out = {"min": given.get(low), "max": given.get(high)}
    out |= {k: True for k in ("strict_min", "strict_max") if given.get(k) in (True, "True", "true")}
    return {k: v for k, v in out.items() if v is not None}


def _column(kind: Any, **fixed: Any) -> Callable[[Arguments], Rule]:
    return lambda given: Rule.of(kind, str(given["column"]), **fixed)


def _aggregate(function: str) -> Callable[[Arguments], Rule]:
    return lambda given: Rule.of("aggregate", str(given["column"]), function=function, **_limits(given))


def _with(kind: Any, ours: str, theirs: str) -> Callable[[Arguments], Rule]:
    return lambda given: Rule.of(kind, str(given["column"]), **{ours: given[theirs]})


def like_pattern(pattern: str) -> str:
    """An SQL LIKE pattern as a regular expression.

    >>> like_pattern("AC_%")
    '^AC..*$'
    """
    return "^" + "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern) + "$"


def _pair(op: str) -> Callable[[Arguments], Rule]:
    def make(given: Arguments) -> Rule:
        equal = given.get("or_equal") in (True, "True", "true")
        return Rule.of("pair", (str(given["column_A"]), str(given["column_B"])), op=op + ("=" if equal and op == ">" else ""))

    return make


def _any_of(given: Arguments) -> Rule:
    patterns = [f"(?:{p})" for p in given["regex_list"]]
    if given.get("match_on", "any") == "all":
        return Rule.of("unsupported", str(given["column"]), reason="all of several patterns: write one check per pattern")
    return Rule.of("regex", str(given["column"]), pattern="|".join(patterns))


def _exact(kind: Any, *names: str) -> Callable[[Arguments], Rule]:
    return lambda given: Rule.of(kind, str(given["column"]) if "column" in given else (), min=take(given, *names), max=take(given, *names))


def _flag(given: Arguments, name: str, *, default: bool) -> bool:
    value = given.get(name)
    return default if value is None else value in (True, "True", "true")


def _match_set(given: Arguments) -> Rule:
    return Rule.of("schema", wanted=list(names_of(given["column_set"])), exact=_flag(given, "exact_match", default=True))


def _sum(given: Arguments) -> Rule:
    columns = names_of(given["column_list"])
    return Rule.of("expression", columns, condition=" + ".join(f'"{c}"' for c in columns) + f" = {given['sum_total']}")


def _within_record(given: Arguments) -> Rule:
    columns = names_of(given["column_list"])
    pairs = (f'"{a}" <> "{b}"' for a, b in combinations(columns, 2))
    return Rule.of("expression", columns, condition=" AND ".join(pairs))


def _z_scores(given: Arguments) -> Rule:
    one_sided = {} if _flag(given, "double_sided", default=True) else {"one_sided": True}
    return Rule.of("z_score", str(given["column"]), max=float(given["threshold"]), **one_sided)


def _ordered(*, decreasing: bool) -> Callable[[Arguments], Rule]:
    def make(given: Arguments) -> Rule:
        strict = {"strict": True} if _flag(given, "strictly", default=False) else {}
        return Rule.of("sorted", str(given["column"]), **({"decreasing": True} if decreasing else {}), **strict)

    return make


def _vocabulary(how: str) -> Callable[[Arguments], Rule]:
    return lambda given: Rule.of("vocabulary", str(given["column"]), values=list(given["value_set"]), how=how)


def _pairs(given: Arguments) -> Rule:
    values = [list(pair) for pair in given["value_pairs_set"]]
    return Rule.of("combo_in_set", (str(given["column_A"]), str(given["column_B"])), values=values)


_COLUMN = ("column",)
_BETWEEN = ("column", "min_value", "max_value", "strict_min", "strict_max")
EXPECTATIONS: dict[str, tuple[tuple[str, ...], Callable[[Arguments], Rule]]] = {
    "expect_column_to_exist": (_COLUMN, _column("column_exists")),
    "expect_column_values_to_not_be_null": (_COLUMN, _column("not_null")),
    "expect_column_values_to_be_null": (_COLUMN, lambda g: Rule.of("expression", str(g["column"]), condition=f'"{g["column"]}" IS NULL')),
    "expect_column_values_to_be_unique": (_COLUMN, _column("unique")),
    "expect_compound_columns_to_be_unique": (("column_list",), lambda g: Rule.of("unique_combo", names_of(g["column_list"]))),
    "expect_column_values_to_be_in_set": (("column", "value_set"), _with("in_set", "values", "value_set")),
    "expect_column_distinct_values_to_be_in_set": (("column", "value_set"), _with("in_set", "values", "value_set")),
    "expect_column_values_to_not_be_in_set": (("column", "value_set"), _with("not_in_set", "values", "value_set")),
    "expect_column_values_to_match_regex": (("column", "regex"), _with("regex", "pattern", "regex")),
    "expect_column_values_to_not_match_regex": (("column", "regex"), _with("not_regex", "pattern", "regex")),
    "expect_column_values_to_match_regex_list": (("column", "regex_list", "match_on"), _any_of),
    "expect_column_values_to_match_like_pattern": (
        ("column", "like_pattern"),
        lambda g: Rule.of("regex", str(g["column"]), pattern=like_pattern(str(g["like_pattern"]))),
    ),
    "expect_column_values_to_not_match_like_pattern": (
        ("column", "like_pattern"),
        lambda g: Rule.of("not_regex", str(g["column"]), pattern=like_pattern(str(g["like_pattern"]))),
    ),
    "expect_column_values_to_be_between": (_BETWEEN, _range),
    "expect_column_value_lengths_to_be_between": (_BETWEEN, lambda g: Rule.of("length", str(g["column"]), **_limits(g))),
    "expect_column_value_lengths_to_equal": (("column", "value"), _exact("length", "value")),
    "expect_column_values_to_be_of_type": (("column", "type_"), _with("column_type", "type", "type_")),
    "expect_column_pair_values_a_to_be_greater_than_b": (("column_A", "column_B", "or_equal"), _pair(">")),
    "expect_column_pair_values_to_be_equal": (("column_A", "column_B"), _pair("=")),
    "expect_table_row_count_to_be_between": (("min_value", "max_value"), lambda g: Rule.of("row_count", **_limits(g))),
    "expect_table_row_count_to_equal": (("value",), _exact("row_count", "value")),
    "expect_table_row_count_to_equal_other_table": (
        ("other_table_name",),
        lambda g: Rule.of("row_count", frame=str(g["other_table_name"])),
    ),
    "expect_table_columns_to_match_set": (("column_set", "exact_match"), _match_set),
    "expect_table_columns_to_match_ordered_list": (
        ("column_list",),
        lambda g: Rule.of("schema", wanted=list(names_of(g["column_list"])), exact=True, ordered=True),
    ),
    "expect_table_column_count_to_equal": (("value",), _exact("schema", "value")),
    "expect_table_column_count_to_be_between": (("min_value", "max_value"), lambda g: Rule.of("schema", **_limits(g))),
    "expect_column_values_to_be_increasing": (("column", "strictly"), _ordered(decreasing=False)),
    "expect_column_values_to_be_decreasing": (("column", "strictly"), _ordered(decreasing=True)),
    "expect_column_values_to_be_json_parseable": (_COLUMN, _column("type_is", type="json")),
    "expect_column_values_to_be_dateutil_parseable": (_COLUMN, _column("type_is", type="any_date")),
    "expect_column_values_to_match_strftime_format": (
        ("column", "strftime_format"),
        _with("date_format", "format", "strftime_format"),
    ),
    "expect_column_value_z_scores_to_be_less_than": (("column", "threshold", "double_sided"), _z_scores),
    "expect_column_values_to_be_in_type_list": (("column", "type_list"), _with("column_type", "type", "type_list")),
    "expect_column_values_to_not_match_regex_list": (
        ("column", "regex_list"),
        lambda g: Rule.of("not_regex", str(g["column"]), pattern="|".join(f"(?:{p})" for p in g["regex_list"])),
    ),
    "expect_column_pair_values_to_be_in_set": (("column_A", "column_B", "value_pairs_set"), _pairs),
    "expect_multicolumn_sum_to_equal": (("column_list", "sum_total"), _sum),
    "expect_select_column_values_to_be_unique_within_record": (("column_list",), _within_record),
    "expect_column_distinct_values_to_equal_set": (("column", "value_set"), _vocabulary("equal")),
    "expect_column_distinct_values_to_contain_set": (("column", "value_set"), _vocabulary("contain")),
    "expect_column_most_common_value_to_be_in_set": (("column", "value_set"), _vocabulary("most_common")),
    "expect_column_mean_to_be_between": (_BETWEEN, _aggregate("mean")),
    "expect_column_median_to_be_between": (_BETWEEN, _aggregate("median")),
    "expect_column_stdev_to_be_between": (_BETWEEN, _aggregate("std")),
    "expect_column_sum_to_be_between": (_BETWEEN, _aggregate("sum")),
    "expect_column_min_to_be_between": (_BETWEEN, _aggregate("min")),
    "expect_column_max_to_be_between": (_BETWEEN, _aggregate("max")),
    "expect_column_unique_value_count_to_be_between": (_BETWEEN, _aggregate("distinct")),
    "expect_column_proportion_of_unique_values_to_be_between": (_BETWEEN, _aggregate("unique_share")),
}
"""Expectations by name: the order of their arguments, and the rule they make."""
_UNSUPPORTED = frozenset(
    {
        "expect_column_kl_divergence_to_be_less_than",
        "expect_column_quantile_values_to_be_between",
        "expect_column_values_to_match_json_schema",
        "unexpected_rows_expectation",
    }
)


def snake(name: str) -> str:
    """``ExpectColumnMeanToBeBetween`` as ``expect_column_mean_to_be_between``.

    >>> snake("ExpectColumnPairValuesAToBeGreaterThanB")
    'expect_column_pair_values_a_to_be_greater_than_b'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def is_expectation(name: str) -> bool:
    """Whether the name is one of Great Expectations'."""
    return snake(name).startswith("expect_") or snake(name) in _UNSUPPORTED


def expectation(name: str, placed: list[Any], named: Arguments) -> Rule:
    """The rule of an expectation by its name and arguments.

    >>> expectation("expect_column_values_to_be_between", ["age", 0], {"max_value": 120, "mostly": 0.99}).label
    'age between 0 and 120 (failing <= 1 %)'
    """
    key = snake(name)
    if key in _UNSUPPORTED:
        return Rule.of("unsupported", reason=f"`{key}` has no counterpart here")
    if key not in EXPECTATIONS:
        raise UnknownName("expectation", name, known=EXPECTATIONS)
    order, make = EXPECTATIONS[key]
    given = dict(zip(order, placed, strict=False)) | {_spelled(k): v for k, v in named.items()}
    rule = make(given)
    if given.get("mostly") is not None:
        rule = rule.but(tolerance=Tolerance(percent=round(100 * (1 - float(given["mostly"])), 9)))
    if given.get("row_condition"):
        rule = rule.but(filter=_filter(str(given["row_condition"])))
    return rule


def _spelled(name: str) -> str:
    return {"min": "min_value", "max": "max_value", "values": "value_set", "column_a": "column_A", "column_b": "column_B"}.get(name, name)


def _filter(condition: str) -> str:
    """A pandas row condition as SQL: ``status=="closed"`` becomes ``status='closed'``."""
    text = re.sub(r"\bcol\((['\"])(.+?)\1\)", r"\2", condition)
    text = re.sub(r'"([^"]*)"', r"'\1'", text).replace("==", "=")
    text = re.sub(r"\.notnull\(\)", " IS NOT NULL", text)
    return re.sub(r"\s&\s", " AND ", re.sub(r"\s\|\s", " OR ", text))
