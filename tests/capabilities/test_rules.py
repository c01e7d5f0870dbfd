"""rule_suggestion: the rules a table was made by are found, counted and said in every tool's words."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from edgp_magics.capabilities._rules import RulesResult, suggest_rules
from edgp_magics.capabilities.checks import read_checks, run_rules
from edgp_magics.capabilities.rules._model import tolerance_for, wilson
from edgp_magics.frames import as_frame
from edgp_magics.values import Context, Result, Status


def orders(rows: int = 3000, seed: int = 0) -> pd.DataFrame:
    r = np.random.default_rng(seed)
    country = r.choice(["SG", "DE", "FR", "US"], rows, p=[0.4, 0.3, 0.2, 0.1])
    placed = pd.Timestamp("2025-01-01") + pd.to_timedelta(r.integers(0, 300, rows), unit="D")
    status = r.choice(["open", "closed", "returned"], rows, p=[0.5, 0.3, 0.2])
    return pd.DataFrame(
        {
            "order_id": np.arange(rows) + 1000,
            "sku": [f"AB-{n:05d}" for n in r.integers(0, 99999, rows)],
            "customer_id": r.integers(1, 200, rows) * 3,
            "country": country,
            "currency": pd.Series(country).map({"SG": "SGD", "DE": "EUR", "FR": "EUR", "US": "USD"}),
            "amount": np.round(r.gamma(2, 50, rows), 2),
            "placed": placed,
            "shipped": placed + pd.to_timedelta(r.integers(0, 20, rows), unit="D"),
            "status": status,
            "refund": np.where(status == "returned", np.round(r.gamma(2, 20, rows) + 1, 2), 0.0),
            "closed_by": np.where(status == "closed", "desk", None),
            "email": [f"user{i}@example.org" for i in r.integers(0, 10**6, rows)],
        }
    )


def suggest(df: Any, **options: Any) -> RulesResult:
    customers = as_frame(pd.DataFrame({"id": np.arange(1, 250) * 3}), name="customers")
    return suggest_rules(as_frame(df, name="orders"), Context(as_of=dt.date(2025, 11, 20), frames={"customers": customers}), **options)


def broken_orders() -> pd.DataFrame:
    df = orders()
    df.loc[[5, 6], "country"] = "XX"
    df.loc[[7], "sku"] = "?"
    df.loc[[8, 9, 10], "amount"] = None
    df.loc[[11], "shipped"] = df.placed[11] - pd.Timedelta(days=3)
    return df


@pytest.fixture(scope="module")
def result() -> RulesResult:
    return suggest(broken_orders())


@pytest.mark.parametrize(
    ("kind", "columns", "parameters", "failing"),
    [
        ("unique", ("order_id",), {}, 0),
        ("not_null", ("order_id",), {}, 0),
        ("not_null", ("amount",), {}, 3),
        ("in_set", ("country",), {"values": ["DE", "FR", "SG", "US"]}, 2),
        ("regex", ("sku",), {"pattern": "^AB-[0-9]{5}$"}, 1),
        ("type_is", ("email",), {"type": "email"}, 0),
        ("pair", ("placed", "shipped"), {"op": "<="}, 1),
        ("conditional", ("status", "refund"), {"when": "status <> 'returned'", "then": "refund = 0"}, 0),
        ("conditional", ("status", "closed_by"), {"when": "status = 'closed'", "then": "closed_by IS NOT NULL"}, 0),
        ("relationship", ("customer_id",), {"frame": "customers", "columns": ("id",)}, 0),
        ("freshness", ("placed",), {}, 0),
        ("row_count", (), {"min": 1500, "max": 6000}, 0),
    ],
)
def test_the_rules_the_table_was_made_by(result, kind, columns, parameters, failing):
    found = [r for r in result.rules if r.kind == kind and r.columns == columns]
    match = next(r for r in found if all(r.parameters[k] == v for k, v in parameters.items()))
    basis = result.basis[match.id]
    assert basis.failing == failing
    assert match.origin == "suggested" and 0 < basis.at_least <= match.confidence <= 1
    assert match.confidence == pytest.approx(1 - failing / basis.judged, abs=1e-6)


def test_dependency_and_range(result):
    kinds = {(r.kind, r.columns): r for r in result.rules}
    assert ("dependency", ("country", "currency")) in kinds
    amount = kinds["range", ("amount",)].parameters
    assert amount["min"] == 0.0 and 300 < amount["max"] < 2000


def test_suggested_rules_hold_today_with_their_tolerance():
    df = orders()
    df.loc[::100, "country"] = None
    df.loc[::150, "sku"] = "bad"
    made = suggest(df, tolerance=True)
    context = Context(
        as_of=dt.date(2025, 11, 20), frames={"customers": as_frame(pd.DataFrame({"id": np.arange(1, 250) * 3}), name="customers")}
    )
    outcomes = run_rules(as_frame(df, name="orders"), made.rules, context)
    assert {o.status for o in outcomes} == {"pass"}
    strict = suggest(df)
    assert all(not str(r.tolerance) for r in strict.rules) and len(strict.rules) == len(made.rules)


def test_options():
    assert {c for r in suggest(orders(), columns=("amount",)).rules for c in r.columns} == {"amount"}
    noisy = orders().assign(sku=lambda d: d.sku.where(d.index % 100 != 0, "?"))
    assert any(r.kind == "regex" for r in suggest(noisy, min_confidence=0.98).rules)
    assert not any(r.kind == "regex" for r in suggest(noisy, min_confidence=0.999).rules)
    assert not any(r.kind == "conditional" and r.support < 0.4 for r in suggest(orders(), min_support=0.4).rules)


def test_personal_values_are_in_no_rule():
    df = orders().assign(last_name=lambda d: np.where(d.index % 2, "Ostrander", "Ximenes"))
    said = json.dumps(suggest(df).to_dict()) + suggest(df).to_soda() + suggest(df).to_odcs()
    assert "Ostrander" not in said and "SGD" in said


@pytest.mark.parametrize(("kept", "of", "low"), [(100, 100, 0.963), (0, 100, 0.0), (50, 100, 0.404), (0, 0, 0.0)])
def test_wilson(kept, of, low):
    assert wilson(kept, of)[0] == pytest.approx(low, abs=0.001)


@pytest.mark.parametrize("failing", [1, 3, 50, 999])
def test_a_tolerance_allows_what_there_is(failing):
    assert tolerance_for(failing, 1000).allows(failing, 1000) and not tolerance_for(failing, 1000).allows(failing * 5 + 20, 1000)


# -- other tools -------------------------------------------------------------------------------------------------
def test_soda(result):
    checks = yaml.safe_load(result.to_soda())["checks for orders"]
    assert len(checks) == len(result.rules)
    keys = [next(iter(c)) for c in checks]
    assert "missing_count(order_id) = 0" in keys and "invalid_count(country)" in keys
    assert any(c.get("failed rows", {}).get("fail condition") for c in checks)
    assert "values in (customer_id) must exist in customers (id)" in keys


def test_great_expectations(result):
    suite = json.loads(json.dumps(result.to_great_expectations()))
    by_type = {e["type"]: e for e in suite["expectations"]}
    assert suite["name"] == "orders_suggested" and len(suite["expectations"]) + len(suite["meta"]["not_expressed"]) == len(result.rules)
    assert by_type["expect_column_values_to_be_in_set"]["kwargs"]["value_set"]
    assert all(
        set(e) - {"description"} == {"type", "kwargs", "severity", "meta"} and e["severity"] in ("info", "warning", "critical")
        for e in suite["expectations"]
    )
    nulls = next(e for e in suite["expectations"] if e["type"].endswith("not_be_null") and e["kwargs"]["column"] == "amount")
    assert nulls["kwargs"] == {"column": "amount"} and nulls["description"].startswith("holds for 99.9 %: 3 of 3,000 rows break it today")
    mostly = [
        e["kwargs"]["mostly"]
        for e in suggest(broken_orders(), tolerance=True).to_great_expectations()["expectations"]
        if "mostly" in e["kwargs"]
    ]
    assert mostly and all(0.96 < m < 1 for m in mostly)
    pair = by_type["expect_column_pair_values_a_to_be_greater_than_b"]["kwargs"]
    assert (pair["column_A"], pair["column_B"], pair["or_equal"]) == ("shipped", "placed", True)


def test_dbt(result):
    (model,) = yaml.safe_load(result.to_dbt())["models"]
    columns = {c["name"]: c["data_tests"] for c in model["columns"]}
    assert model["name"] == "orders" and "unique" in columns["order_id"] and "not_null" in columns["order_id"]
    relation = next(t["relationships"] for t in columns["customer_id"] if isinstance(t, dict) and "relationships" in t)
    assert relation["arguments"] == {"to": "ref('customers')", "field": "id"}
    assert any("dbt_utils.expression_is_true" in t for t in model["data_tests"])
    assert model["meta"]["not_expressed"]


def test_odcs(result):
    contract = yaml.safe_load(result.to_odcs())
    assert (contract["apiVersion"], contract["kind"], contract["status"]) == ("v3.1.0", "DataContract", "draft")
    (table,) = contract["schema"]
    assert table["logicalType"] == "object" and {p["name"] for p in table["properties"]} == set(orders().columns)
    operators = {"mustBe", "mustBeLessOrEqualTo", "mustBeBetween"}
    entries = [q for p in table["properties"] for q in p.get("quality", [])] + table["quality"]
    assert all(q["type"] in ("library", "sql") and len(operators & set(q)) == 1 and ("metric" in q) != ("query" in q) for q in entries)
    assert len(entries) + len(contract["slaProperties"]) == len(result.rules)
    order_id = next(p for p in table["properties"] if p["name"] == "order_id")
    assert order_id["required"] and order_id["unique"] and order_id["logicalType"] == "integer"


def test_pandera_code_compiles_and_names_every_column(result):
    code = result.to_pandera()
    compile(code, "schema.py", "exec")
    assert all(f"{c!r}: pa.Column(" in code for c in orders().columns)
    assert "import pandera.pandas as pa" in code


@pytest.mark.parametrize("form", ["to_soda", "to_odcs", "to_dbt", "to_great_expectations"])
def test_what_we_write_we_read(form):
    df = orders()
    frames = {"customers": as_frame(pd.DataFrame({"id": np.arange(1, 250) * 3}), name="customers")}
    made = suggest_rules(as_frame(df, name="orders"), Context(frames=frames))
    text = getattr(made, form)()
    frame = as_frame(df, name="orders")
    back = read_checks(json.dumps(text) if isinstance(text, dict) else text, frame)
    kinds = {r.kind for r in back}
    assert {"not_null", "unique", "in_set", "range"} <= kinds | ({"query", "range"} if form == "to_odcs" else set())
    assert "unsupported" not in kinds or form == "to_great_expectations"  # a query for another engine


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.DataFrame({"a": [1]}),
        pd.DataFrame({"a": [None] * 30}),
        pd.DataFrame([[1, 2]] * 30, columns=["x", "x"]),
        pd.DataFrame({'we"ird; name\n': ["a", "b"] * 30, "<b>": range(60), "select": [1.5] * 60}),
        pd.DataFrame({"m": [1, "x", None] * 20}),
        pd.DataFrame({"i": [np.inf, 1.0, 2.0] * 20}),
        pd.DataFrame({"h": [2**70, 1, 2] * 20}),
        pd.DataFrame({"e": ["😀 it's", "=1+1"] * 20}),
    ],
    ids=[*"0123456789"],
)
def test_odd_tables(data):
    made = suggest(data)
    assert made.status in (Status.OK, Status.NOT_ASSESSED)
    assert Result.from_dict(json.loads(json.dumps(made.to_dict()))).to_dict() == made.to_dict()
    compile(made.to_pandera(), "schema.py", "exec")
    yaml.safe_load(made.to_soda()), yaml.safe_load(made.to_odcs()), yaml.safe_load(made.to_dbt())
    assert made.to_html() and made.to_markdown() and len(made.to_frame()) == len(made.rules)
    assert json.dumps(made.to_great_expectations())


def test_the_same_twice():
    assert json.dumps(suggest(orders()).to_dict(), sort_keys=True) == json.dumps(suggest(orders()).to_dict(), sort_keys=True)


def test_the_queries_we_write_count_the_same_rows(result):
    import duckdb

    from edgp_magics.capabilities.rules._sql import counting, share

    df = broken_orders()
    con = duckdb.connect()
    con.register("orders", df)
    con.register("customers", pd.DataFrame({"id": np.arange(1, 250) * 3}))
    for rule in (r for r in result.rules if r.row_level and (r.kind != "type_is")):
        basis = result.basis[rule.id]
        assert int(con.execute(counting(rule, "orders")).fetchall()[0][0]) == basis.failing, rule.label
        percent = con.execute(share(rule, "orders")).fetchall()[0][0]
        assert percent == pytest.approx(100 * basis.failing / basis.judged, rel=1e-6), rule.label


# -- rules that today's rows break -------------------------------------------------------------------------------
def slips() -> pd.DataFrame:
    """2,000 orders: 57 countries and 110 genders spelt otherwise, 66 rows that share their id with another."""
    country = np.array(["Singapore"] * 900 + ["Germany"] * 500 + ["France"] * 300 + ["Malaysia"] * 300, dtype=object)
    country[:20], country[20:34], country[900:908], country[1400:1415] = " Singapore", "singapore", "Germny", "Frnace"
    gender = np.array(["F", "M"] * 1000, dtype=object)
    gender[0:120:2], gender[1:101:2] = "female", "m"
    ids = np.arange(2000) + 1000
    ids[1967:] = ids[:33]
    return pd.DataFrame({"order_id": ids, "country": country, "gender": gender})


@pytest.fixture(scope="module")
def slipped() -> RulesResult:
    return suggest(slips())


COUNTRIES = ["France", "Germany", "Malaysia", "Singapore"]
COUNTRY_NOTE = (
    "holds for 97.2 %: 57 of 2,000 rows break it today (4 values make up nearly all rows; "
    "57 rows spelt otherwise: ' Singapore' 20x, 'Frnace' 15x, 'singapore' 14x, 'Germny' 8x)"
)
UNIQUE_NOTE = "holds for 96.7 %: 66 of 2,000 rows break it today (names rows)"


@pytest.mark.parametrize(
    ("kind", "column", "values", "failing", "why"),
    [
        ("in_set", "country", COUNTRIES, 57, COUNTRY_NOTE[COUNTRY_NOTE.index("(") + 1 : -1]),
        (
            "in_set",
            "gender",
            ["F", "M"],
            110,
            "2 values make up nearly all rows; 50 rows spelt otherwise: 'm' 50x; 60 rows with other values: 'female' 60x",
        ),
        ("unique", "order_id", None, 66, "names rows"),
    ],
)
def test_misspelt_values_are_not_accepted_and_defects_not_allowed(slipped, kind, column, values, failing, why):
    rule = next(r for r in slipped.rules if (r.kind, r.columns) == (kind, (column,)))
    basis = slipped.basis[rule.id]
    assert rule.parameters.get("values") == values and not str(rule.tolerance)
    assert (basis.judged, basis.failing, basis.why) == (2000, failing, why)
    assert (rule.support, rule.confidence) == (1.0, 1 - failing / 2000)


def test_a_value_of_its_own_stays_accepted():
    df = pd.DataFrame({"size": ["small"] * 400 + ["large"] * 300 + ["medium"] * 50, "code": ["A1"] * 500 + ["A2"] * 210 + ["A3"] * 40})
    sets = {r.columns[0]: r.parameters["values"] for r in suggest(df).rules if r.kind == "in_set"}
    assert sets == {"size": ["large", "medium", "small"], "code": ["A1", "A2", "A3"]}


def test_dbt_warns_of_what_is_broken_today(slipped):
    (model,) = yaml.safe_load(slipped.to_dbt())["models"]
    tests = {c["name"]: c["data_tests"] for c in model["columns"]}
    assert tests["country"] == [
        {"accepted_values": {"description": COUNTRY_NOTE, "arguments": {"values": COUNTRIES}, "config": {"severity": "warn"}}},
        "not_null",
    ]
    assert {"unique": {"description": UNIQUE_NOTE, "config": {"severity": "warn"}}} in tests["order_id"]
    assert "error_if" not in slipped.to_dbt() and "error_if" in suggest(slips(), tolerance=True).to_dbt()


def test_great_expectations_warns_of_what_is_broken_today(slipped):
    made = {(e["type"], e["kwargs"].get("column")): e for e in slipped.to_great_expectations()["expectations"]}
    country = made["expect_column_values_to_be_in_set", "country"]
    assert country["kwargs"] == {"column": "country", "value_set": COUNTRIES}
    assert (country["severity"], country["description"]) == ("warning", COUNTRY_NOTE)
    unique = made["expect_column_values_to_be_unique", "order_id"]
    assert (unique["kwargs"], unique["severity"], unique["description"]) == ({"column": "order_id"}, "warning", UNIQUE_NOTE)
    assert sum("description" in e for e in made.values()) == 3


def test_odcs_warns_of_what_is_broken_today(slipped):
    properties = {p["name"]: p for p in yaml.safe_load(slipped.to_odcs())["schema"][0]["properties"]}
    said = {(n, q["metric"]): q for n, p in properties.items() for q in p["quality"]}
    country, unique = said["country", "invalidValues"], said["order_id", "duplicateValues"]
    assert country["arguments"] == {"validValues": COUNTRIES}
    assert [(q["severity"], q["mustBe"], q["description"]) for q in (country, unique)] == [
        ("warning", 0, COUNTRY_NOTE),
        ("warning", 0, UNIQUE_NOTE),
    ]
    assert properties["order_id"]["required"] and "unique" not in properties["order_id"]


def test_soda_warns_of_what_is_broken_today(slipped):
    checks = {k: v for c in yaml.safe_load(slipped.to_soda())["checks for orders"] for k, v in c.items()}
    name = "country in (France, Germany, Malaysia, Singapore): " + COUNTRY_NOTE
    assert checks["invalid_count(country)"] == {"valid values": COUNTRIES, "name": name, "warn": "when > 0"}
    assert checks["duplicate_count(order_id)"] == {"name": f"order_id unique: {UNIQUE_NOTE}", "warn": "when > 0"}
    assert "missing_count(order_id) = 0" in checks


def test_pandera_warns_of_what_is_broken_today(slipped):
    code = slipped.to_pandera()
    compile(code, "schema.py", "exec")
    assert f"s.isin({COUNTRIES!r})" in code and f"description={COUNTRY_NOTE!r}, raise_warning=True" in code
    assert "'order_id': pa.Column(nullable=False, unique=False" in code and "s: ~s.duplicated(keep=False)" in code
    assert code.count("raise_warning=True") == 3


@pytest.mark.parametrize("form", ["to_soda", "to_odcs", "to_dbt", "to_great_expectations"])
def test_what_warns_is_read_as_the_strict_rule(slipped, form):
    text = getattr(slipped, form)()
    frame = as_frame(slips(), name="orders")
    back = read_checks(json.dumps(text) if isinstance(text, dict) else text, frame)
    failing = {o.rule.columns: o.failing for o in run_rules(frame, back, Context()) if o.status == "fail" and o.rule.row_level}
    assert failing == {("country",): 57, ("gender",): 110, ("order_id",): 66}


@pytest.mark.parametrize("ending", ["yml", "yaml"])
def test_saved_as_yaml_it_is_the_contract(slipped, tmp_path, ending):
    assert slipped.save(tmp_path / f"rules.{ending}").read_text("utf-8") == slipped.to_odcs()
    assert slipped.save(tmp_path / "rules.json").exists()


def test_the_notes_name_the_other_tools(slipped):
    said = " ".join(slipped.notes)
    assert all(f"{m}()" in said for m in ("to_odcs", "to_great_expectations", "to_dbt", "to_soda", "to_pandera"))
