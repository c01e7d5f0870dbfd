"""Every dialect of checks is read into the same model."""

from __future__ import annotations

import pandas as pd
import pytest

from edgp_magics.capabilities.checks import Rule, read_checks
from edgp_magics.errors import BadCellBody
from edgp_magics.frames import Frame, as_frame
from edgp_magics.values import Severity


@pytest.fixture
def customers() -> Frame:
    day = pd.to_datetime(["2026-01-01", "2026-01-02"])
    columns = {"customer_id": [1, 2], "email": ["a@b.co", None], "age": [3, 4], "country": ["SG", "MY"], "currency": ["SGD", "MYR"]}
    return as_frame(
        pd.DataFrame(columns | {"ssn": ["536-90-4399", "1"], "signup_date": day, "last_login": day, "full name": ["A B", "C"]}),
        name="customers",
    )


LINES = [
    ("missing_count(email) = 0", "not_null", ("email",), {}),
    ("missing_percent(email) < 5%", "not_null", ("email",), {}),
    ("duplicate_count(customer_id) = 0", "unique", ("customer_id",), {}),
    ("duplicate_count(customer_id, country) = 0", "unique_combo", ("customer_id", "country"), {}),
    ("row_count > 0", "row_count", (), {"min": 0, "strict_min": True}),
    ("row_count between 1 and 10", "row_count", (), {"min": 1, "max": 10}),
    ("avg(age) between 1 and 50", "aggregate", ("age",), {"function": "mean", "min": 1, "max": 50}),
    ("freshness(last_login) < 36h", "freshness", ("last_login",), {"days": 1.5}),
    ("values in (country) must exist in countries (code)", "relationship", ("country",), {"frame": "countries", "columns": ("code",)}),
    ("expect_column_values_to_be_between(age, 0, 120)", "range", ("age",), {"min": 0, "max": 120}),
    ("ExpectColumnValuesToBeInSet(column='country', value_set=['SG', 'MY'])", "in_set", ("country",), {"values": ["SG", "MY"]}),
    ("expect_column_values_to_match_regex(email, '^[^@]+@', mostly=0.9)", "regex", ("email",), {"pattern": "^[^@]+@"}),
    (
        "expect_column_pair_values_a_to_be_greater_than_b(last_login, signup_date, or_equal=True)",
        "pair",
        ("last_login", "signup_date"),
        {"op": ">="},
    ),
    ("expect_compound_columns_to_be_unique(column_list=['customer_id', 'country'])", "unique_combo", ("customer_id", "country"), {}),
    ("unique(customer_id)", "unique", ("customer_id",), {}),
    ("not_null(email)", "not_null", ("email",), {}),
    ("accepted_values(country, ['SG', 'MY'])", "in_set", ("country",), {"values": ["SG", "MY"]}),
    ("relationships(country, ref=countries.code)", "relationship", ("country",), {"frame": "countries", "columns": ("code",)}),
    (
        "relationships(country, to=ref('countries'), field='code')",
        "relationship",
        ("country",),
        {"frame": "countries", "columns": ("code",)},
    ),
    ("dbt_utils.accepted_range(age, min_value=0, inclusive=false)", "range", ("age",), {"min": 0, "strict_min": True}),
    ("dbt_utils.unique_combination_of_columns(customer_id, country)", "unique_combo", ("customer_id", "country"), {}),
    ("dbt_expectations.expect_column_values_to_be_between(age, min_value=0)", "range", ("age",), {"min": 0}),
    ("signup_date <= last_login", "pair", ("signup_date", "last_login"), {"op": "<="}),
    ("age >= 18", "range", ("age",), {"min": 18}),
    ("age > 18", "range", ("age",), {"min": 18, "strict_min": True}),
    ("country = 'SG'", "in_set", ("country",), {"values": ["SG"]}),
    ("country in (SG, MY)", "in_set", ("country",), {"values": ["SG", "MY"]}),
    ("country in [NO, 'on']", "in_set", ("country",), {"values": ["NO", "on"]}),
    ("country not in ['XX']", "not_in_set", ("country",), {"values": ["XX"]}),
    ("email is not null", "not_null", ("email",), {}),
    ("AGE between 0 and 120", "range", ("age",), {"min": 0, "max": 120}),
    ("full name is not null", "not_null", ("full name",), {}),
    ("customer_id is unique", "unique", ("customer_id",), {}),
    ("email matches ^[^@]+@[^@]+$", "regex", ("email",), {"pattern": "^[^@]+@[^@]+$"}),
    ("age between 0 and 120", "range", ("age",), {"min": 0, "max": 120}),
    ("length(country) = 2", "length", ("country",), {"min": 2, "max": 2}),
    ("country -> currency", "dependency", ("country", "currency"), {}),
    ("country, age -> currency", "dependency", ("country", "age", "currency"), {}),
    ("ssn like SSN", "type_is", ("ssn",), {"type": "ssn"}),
    ("email is email", "type_is", ("email",), {"type": "email"}),
    (
        "if country = 'SG' then currency = 'SGD'",
        "conditional",
        ("country", "currency"),
        {"when": "country = 'SG'", "then": "currency = 'SGD'"},
    ),
    ("age * 2 < 200 and customer_id > 0", "expression", ("age", "customer_id"), {"condition": "age * 2 < 200 and customer_id > 0"}),
    ("anomaly score for row_count < default", "unsupported", (), {"reason": "it needs earlier runs or another source"}),
]


@pytest.mark.parametrize(("line", "kind", "columns", "parameters"), LINES, ids=[line[0][:50] for line in LINES])
def test_a_line_is_read(customers: Frame, line: str, kind: str, columns: tuple[str, ...], parameters: dict[str, object]) -> None:
    for text in (line, f"- {line}", f"checks for customers:\n  - {line}"):
        (rule,) = read_checks(text, customers)
        assert (rule.kind, rule.columns) == (kind, columns)
        assert dict(rule.parameters) == parameters


@pytest.mark.parametrize(
    ("line", "severity", "tolerance", "condition"),
    [
        ("ssn like SSN: invalid_percent < 1% (warn)", Severity.MEDIUM, "< 1 %", ""),
        ("age >= 18 (critical)", Severity.CRITICAL, "", ""),
        ("age >= 18 where country = 'SG'", Severity.HIGH, "", "country = 'SG'"),
        ("age >= 18 where country = 'SG', failing <= 3", Severity.HIGH, "<= 3", "country = 'SG'"),
        ("missing_count(email) < 10", Severity.HIGH, "< 10", ""),
        ("expect_column_values_to_not_be_null(email, mostly=0.95)", Severity.HIGH, "<= 5 %", ""),
        ("email is not null mostly 0.9", Severity.HIGH, "<= 10 %", ""),
    ],
)
def test_a_tail_is_read(customers: Frame, line: str, severity: Severity, tolerance: str, condition: str) -> None:
    (rule,) = read_checks(line, customers)
    assert (rule.severity, str(rule.tolerance), rule.filter) == (severity, tolerance, condition)


def test_a_test_of_ones_own_in_a_schema_file_is_told_and_the_rest_read(customers: Frame) -> None:
    body = "models:\n- name: t\n  columns:\n  - name: age\n    tests:\n    - not_nul\n    - my_package.is_odd: {by: 2}\n    - not_null"
    rules = read_checks(body, customers)
    assert [r.kind for r in rules] == ["unsupported", "unsupported", "not_null"]
    assert "Did you mean `not_null`?" in rules[0].parameters["reason"]
    with pytest.raises(BadCellBody, match="it needs `values`"):
        read_checks(body.replace("not_nul\n", "accepted_values\n"), customers)


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ("missing_count(emial) = 0", 1, "Did you mean `email`?"),
        ("- age >= 1\n- foo bar baz", 2, "is not a check"),
        ("- age >= 1\n- expect_column_values_to_be_betwen(age)", 2, "Did you mean `expect_column_values_to_be_between`?"),
        ("- age >= 1\n- email matches [a-", 2, "at character 1"),
        ("ssn like SNN", 1, "Did you mean `ssn`?"),
        ("- age >= 1\n- country in [SG, MY", 2, "is not closed"),
        ("checks for orders:\n  - age >= 1", 1, "these checks are for `orders`"),
        ("AGE * 2 > 3", 1, "Did you mean `age`?"),
        ("country -> curency", 1, "Did you mean `currency`?"),
        ("if contry = 'SG' then age > 1", 1, "Did you mean `country`?"),
        ("expect_column_values_to_be_between(min_value=3)", 1, "it needs `column`"),
        ("foo(age)", 1, "no check `foo`"),
        ("quality:\n  - metric: nullValues\n    column: emial\n    mustBe: 0", 2, "Did you mean `email`?"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(customers: Frame, body: str, line: int, says: str) -> None:
    with pytest.raises(BadCellBody) as caught:
        read_checks(body, customers)
    assert caught.value.values["line"] == line
    assert says in str(caught.value)


SODA = """
checks for customers:
  - invalid_count(email) = 0:
      valid format: email
  - invalid_percent(country) < 5%:
      name: known countries
      valid values: [SG, NO]
      filter: age > 3
  - missing_count(email):
      warn: when > 5
      fail: when > 10
  - schema:
      fail:
        when required column missing: [email, foo]
        when wrong column type: {age: integer}
  - failed rows:
      fail condition: age > 100
"""


def test_soda_details(customers: Frame) -> None:
    rules = read_checks(SODA, customers)
    kinds = ["type_is", "in_set", "not_null", "not_null", "column_exists", "column_type", "expression"]
    assert [r.kind for r in rules] == kinds
    assert rules[1].label == "known countries"
    assert rules[1].filter == "age > 3"
    assert [(str(r.tolerance), r.severity.value) for r in rules[2:4]] == [("<= 5", "medium"), ("<= 10", "high")]
    assert rules[1].parameters["values"] == ["SG", "NO"]


ODCS = """
apiVersion: v3.1.0
kind: DataContract
schema:
  - name: customers
    properties:
      - name: email
        required: true
        quality:
          - {metric: nullValues, mustBeLessThan: 1, unit: percent, severity: warn, dimension: completeness}
          - {type: text, description: looks nice}
      - name: country
        logicalTypeOptions: {minLength: 2, maxLength: 2}
        quality:
          - {metric: invalidValues, arguments: {validValues: [SG, NO]}, mustBe: 0}
    quality:
      - {metric: rowCount, mustBeBetween: [1, 10]}
      - {type: sql, query: "SELECT count(*) FROM {object} WHERE age > 100", mustBe: 0}
      - {metric: duplicateValues, arguments: {properties: [customer_id, country]}, mustBe: 0}
slaProperties:
  - {property: latency, value: 4, unit: d, element: customers.last_login}
"""


def test_a_contract(customers: Frame) -> None:
    rules = read_checks(ODCS, customers)
    kinds = ["not_null", "not_null", "unsupported", "length", "in_set", "row_count", "query", "unique_combo", "freshness"]
    assert [r.kind for r in rules] == kinds
    assert str(rules[1].tolerance) == "< 1 %"
    assert all(r.line for r in rules)


DBT = """
models:
  - name: customers
    tests:
      - dbt_utils.unique_combination_of_columns:
          combination_of_columns: [customer_id, country]
    columns:
      - name: email
        data_tests:
          - not_null:
              config: {severity: warn, where: "age > 1", error_if: ">10"}
          - unique
      - name: country
        tests:
          - accepted_values: {values: [SG, MY]}
          - relationships: {to: ref('countries'), field: code}
"""


def test_a_dbt_schema(customers: Frame) -> None:
    rules = read_checks(DBT, customers)
    assert [r.kind for r in rules] == ["unique_combo", "not_null", "unique", "in_set", "relationship"]
    assert (rules[1].filter, str(rules[1].tolerance), rules[1].severity) == ("age > 1", "<= 10", Severity.MEDIUM)


def test_mappings_and_rules_in_a_list(customers: Frame) -> None:
    given = [
        "age >= 0",
        {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "email"}},
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "customer_id"}},
        {"metric": "nullValues", "column": "email", "mustBe": 0},
        {"kind": "range", "column": "age", "max": 120, "severity": "low"},
        {"not_null": {"column_name": "email"}},
        Rule.of("unique", "email"),
        "- age <= 5\n- email not null",
    ]
    kinds = ["range", "not_null", "unique", "not_null", "range", "not_null", "unique", "range", "not_null"]
    assert [r.kind for r in read_checks(given, customers)] == kinds


def test_equal_demands_have_equal_ids(customers: Frame) -> None:
    texts = ("missing_count(email) = 0", "not_null(email)", "email is not null", "expect_column_values_to_not_be_null(email)")
    assert len({read_checks(t, customers)[0].id for t in texts}) == 1
