"""What checks count: exactly what was planted, in every kind, under every semantics, in every library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from edgp_magics.capabilities.checks import (
    TYPES,
    CheckTable,
    Outcome,
    Rule,
    Tolerance,
    cell_table,
    find_checks,
    is_valid,
    read_checks,
    run_rules,
    semantics_of,
)
from edgp_magics.errors import Interrupted
from edgp_magics.frames import as_frame
from edgp_magics.values import Context, Progress


def run(df: Any, *rules: Rule, semantics: str = "edgp", **context: Any) -> list[Outcome]:
    return run_rules(as_frame(df, name="t"), rules, Context(**context), semantics=semantics_of(semantics))


def rows(df: Any, rule: Rule, **context: Any) -> list[int]:
    return run(df, rule, **context)[0].rows.to_list()


DAYS = pd.to_datetime(["2026-01-01", "2026-01-05", None, "2026-01-03"])
TABLE = pd.DataFrame(
    {
        "id": [1, 2, 2, 4],
        "code": ["AB1", "ab2", None, "XY9"],
        "n": [1.0, np.nan, -5.0, 10.0],
        "start": DAYS,
        "end": pd.to_datetime(["2026-01-02", "2026-01-04", "2026-01-01", None]),
        "group": ["a", "a", "b", "b"],
        "value": ["x", "x", "y", "z"],
        "one": [1, 1, 1, 1],
    }
)
KINDS = [
    (Rule.of("not_null", "code"), [2]),
    (Rule.of("not_null", "code", missing=["XY9"]), [2, 3]),
    (Rule.of("unique", "id"), [1, 2]),
    (Rule.of("unique_combo", ("id", "group")), []),
    (Rule.of("in_set", "code", values=["AB1", "XY9"]), [1]),
    (Rule.of("in_set", "code", values=["ab1", "AB2", "xy9"], case=False), []),
    (Rule.of("in_set", "id", values=["1", 4]), [1, 2]),
    (Rule.of("not_in_set", "code", values=["AB1"]), [0]),
    (Rule.of("regex", "code", pattern="^[A-Z]{2}[0-9]$"), [1]),
    (Rule.of("not_regex", "code", pattern="9"), [3]),
    (Rule.of("range", "n", min=0, max=5), [2, 3]),
    (Rule.of("range", "n", min=1, strict_min=True), [0, 2]),
    (Rule.of("range", "start", min="2026-01-02", max=dt.date(2026, 1, 4)), [0, 1]),
    (Rule.of("length", "code", max=2), [0, 1, 3]),
    (Rule.of("pair", ("start", "end"), op="<="), [1]),
    (Rule.of("conditional", ("group", "n"), when="\"group\" = 'b'", then="n > 0"), [2]),
    (Rule.of("expression", ("n",), condition="n >= 1 or code is null"), []),
    (Rule.of("expression", ("start",), condition="start >= '2026-01-02'"), [0]),
    (Rule.of("dependency", ("group", "value")), [3]),
    (Rule.of("range", "n", min=0).but(filter="\"group\" = 'a'"), []),
]


@pytest.mark.parametrize(("rule", "failing"), KINDS, ids=[f"{r.kind}-{i}" for i, (r, _) in enumerate(KINDS)])
def test_every_kind_names_all_its_failing_rows(rule: Rule, failing: list[int], make_frame: Callable[[pd.DataFrame], Any]) -> None:
    (outcome,) = run(make_frame(TABLE), rule)
    assert (outcome.status, outcome.reason) == ("fail" if failing else "pass", "")
    assert outcome.rows.to_list() == failing
    assert outcome.failing == len(failing)


def test_a_query_may_name_the_table_in_every_dialect() -> None:
    for name in ("{object}", "${object}", "{table}", "${table}", "t"):
        rule = Rule.of("query", "n", query=f"SELECT count(${{column}}) FROM {name}", min=3, max=3)  # a test's own words
        assert (run(TABLE, rule)[0].reason, run(TABLE, rule)[0].value) == ("", 3)


def test_groups_that_fail_are_named_unless_they_could_be_a_person() -> None:
    df = pd.DataFrame({"g": ["north"] * 6 + ["Mia Tan"], "n": [-1, 1, 1, 1, 1, 1, -1]})
    (outcome,) = run(df, Rule.of("range", "n", min=0).but(by=("g",)))
    assert outcome.reason == "2 of 2 groups beyond the tolerance: north; Mxx Xxx"
    (outcome,) = run(df, Rule.of("aggregate", "n", function="min", min=0).but(by=("g",)))
    assert outcome.value == "2 of 2 groups beyond the bounds: north; Mxx Xxx"


def test_text_dates_are_held_against_dates() -> None:
    df = pd.DataFrame({"a": ["2026-01-03", "2026-01-03 12:00:00", "soon"], "b": pd.to_datetime(["2026-01-02", "2026-01-04", "2026-01-04"])})
    assert rows(df, Rule.of("pair", ("a", "b"), op="<=")) == [0, 2]


SHAPES = pd.DataFrame(
    {
        "id": [1, 2, 2, 5, 4],
        "b": [9.0, 8, 7, 6, 5],
        "c": ["A", "B", "A", None, "C"],
        "j": ['{"a": 1}', "[1]", "{a}", None, "true"],
        "d": ["2024-01-01", "2024-02-30", "x", None, "2024-03-01"],
        "z": [1.0, 2, 3, 2, 500],
    }
)
EXPECTATIONS = [
    ("expect_column_values_to_be_increasing(id)", [4]),
    ("expect_column_values_to_be_increasing(id, strictly=True)", [2, 4]),
    ("expect_column_values_to_be_decreasing(b)", []),
    ("expect_column_values_to_be_json_parseable(j)", [2]),
    ("expect_column_values_to_be_dateutil_parseable(d)", [1, 2]),
    ("expect_column_values_to_match_strftime_format(d, '%Y-%m-%d')", [1, 2]),
    ("expect_column_values_to_match_strftime_format(d, '%Y-%m-%d %H:%M')", [0, 1, 2, 4]),
    ("expect_column_value_z_scores_to_be_less_than(z, 1.5)", [4]),
    ("expect_column_pair_values_to_be_in_set(id, b, [(1, 9), (2, 8), [2, 7.0]])", [3, 4]),
    ("expect_multicolumn_sum_to_equal(['id', 'b'], 10)", [2, 3, 4]),
    ("expect_select_column_values_to_be_unique_within_record(['id', 'z'])", [0, 1]),
    ("expect_column_values_to_not_match_regex_list(c, ['A', 'B'])", [0, 1, 2]),
    ("expect_column_values_to_be_in_type_list(id, [float, integer])", True),
    ("expect_column_distinct_values_to_equal_set(c, [A, B, C])", True),
    ("expect_column_distinct_values_to_equal_set(c, [A, B, D])", False),
    ("expect_column_distinct_values_to_contain_set(c, [A])", True),
    ("expect_column_distinct_values_to_contain_set(id, [1.0, 9])", False),
    ("expect_column_most_common_value_to_be_in_set(c, [A])", True),
    ("expect_column_most_common_value_to_be_in_set(c, [B])", False),
    ("expect_table_columns_to_match_set([id])", False),
    ("expect_table_columns_to_match_set([id, b], exact_match=False)", True),
    ("expect_table_columns_to_match_ordered_list([id, b, c, j, d, z])", True),
    ("expect_table_columns_to_match_ordered_list([b, id, c, j, d, z])", False),
    ("expect_table_column_count_to_equal(6)", True),
    ("expect_table_column_count_to_be_between(1, 3)", False),
    ("expect_table_row_count_to_equal_other_table(two)", False),
    ("dbt_utils.at_least_one(c)", True),
    ("dbt_utils.not_constant(c)", True),
    ("dbt_utils.equal_rowcount(ref('two'))", False),
    ("dbt_utils.recency(day, d, 3)", False),
]


@pytest.mark.parametrize(("line", "wanted"), EXPECTATIONS, ids=[e[0][:70] for e in EXPECTATIONS])
def test_expectations_of_other_tools(line: str, wanted: list[int] | bool) -> None:
    frame = as_frame(SHAPES, name="t")
    context = Context(frames={"two": as_frame(SHAPES.head(2), name="two")}, as_of=dt.date(2026, 1, 1))
    (outcome,) = run_rules(frame, read_checks(line, frame), context)
    assert outcome.status != "not_run", outcome.reason
    assert outcome.status == ("pass" if wanted is True or wanted == [] else "fail")
    if not isinstance(wanted, bool):
        assert outcome.rows.to_list() == wanted


MIXED = pd.DataFrame({"f": [1.0, 2, 3.5, np.nan], "i": [1, 2, 3, 4], "d": [Decimal("1.5"), Decimal("2"), None, Decimal("3.25")]})


WRITTEN = pd.DataFrame(
    {
        "order_date": ["2026-05-03", "12/05/2026", "May 3, 2026", "2026-04-30", "25/04/2026", "soon", None],
        "sent": ["2026-05-04", "2026-05-01", "2026-05-02", "2026-05-01", "2026-05-01", "2026-05-01", "2026-05-01"],
        "day": pd.to_datetime(["2026-05-04", "2026-05-01", "2026-05-02", "2026-05-01", "2026-05-01", "2026-05-01", "2026-05-01"]),
        "doubtful": ["2026-05-03", "2026-05-04", "2026-05-05", "2026-04-30", "2026-04-29", "01/02/2026", "02/03/2026"],
        "swappable": ["01/02/2026", "02/03/2026", "03/04/2026", "04/05/2026", "05/06/2026", "06/07/2026", "07/08/2026"],
        "n": ["5", "12", "x", "7", "100", "8", None],
        "m": ["10", "9", "100", "10", "99", "9", "1"],
        "words": ["red", "blue", "red", "green", "2026-05-01", "5", "blue"],
    }
)
READ_AS_MEANT = [
    ("order_date >= 2026-05-01", "fail", [3, 4, 5], 6, "1 cell of `order_date` could not be read as a date"),
    ("order_date between 2026-04-01 and 2026-05-03", "fail", [1, 5], 6, "counted as failing"),
    ("sent >= 2026-05-01", "pass", [], 7, ""),
    ("doubtful >= 2026-05-01", "fail", [3, 4, 5, 6], 7, "2 cells of `doubtful` could not be read as a date (no day, or nothing tells"),
    ("order_date <= day", "fail", [1, 2, 5], 6, "counted as failing"),
    ("order_date <= sent", "fail", [1, 2, 5], 6, "counted as failing"),
    ("m > 9", "fail", [1, 5, 6], 7, ""),
    ("n > 7", "fail", [0, 2, 3], 6, "1 cell of `n` could not be read as a number"),
    ("n <= m", "fail", [1, 2, 4], 6, "1 cell of `n` could not be read as a number"),
    ("if order_date >= 2026-05-01 then m >= 10", "fail", [1], 3, "1 cell of `order_date` could not be read as a date"),
    ("order_date >= 2026-05-01 or m > 50", "fail", [3], 5, "not judged"),
    ("m > 9 where order_date >= '2026-05-01'", "fail", [1], 3, "1 cell of `order_date` could not be read as a date"),
    ("swappable >= 2026-05-01", "not_run", [], 0, "7 cells of `swappable` could not be read as a date (no day, or nothing tells which"),
    ("words >= 2026-05-01", "not_run", [], 0, "6 cells of `words` could not be read as a date"),
    ("words > 3", "not_run", [], 0, "`words is number` shows which"),
]


@pytest.mark.parametrize(("line", "status", "failing", "judged", "says"), READ_AS_MEANT, ids=[r[0] for r in READ_AS_MEANT])
def test_text_is_read_as_what_it_is_held_against(line: str, status: str, failing: list[int], judged: int, says: str) -> None:
    outcome = run(WRITTEN, *read_checks(line, as_frame(WRITTEN, name="t")))[0]
    assert (outcome.status, outcome.rows.to_list(), outcome.judged) == (status, failing, judged), outcome.reason
    assert says in outcome.reason and bool(says) == bool(outcome.reason)


@pytest.mark.parametrize(
    ("column", "values", "failing"),
    [("f", [1, 2], [2]), ("f", [3.5], [0, 1]), ("f", ["1", 2.0], [2]), ("i", [1.0, 2.5], [1, 2, 3]), ("i", ["3"], [0, 1, 3]), ("d", [1.5, 2], [3])],
)  # fmt: skip
def test_a_set_of_numbers_is_read_whatever_their_types(column: str, values: list[Any], failing: list[int]) -> None:
    (outcome,) = run(MIXED, Rule.of("in_set", column, values=values))
    assert (outcome.reason, outcome.rows.to_list()) == ("", failing)


def test_relationship() -> None:
    other = as_frame(pd.DataFrame({"code": ["AB1", "ab2"]}), name="codes")
    rule = Rule.of("relationship", "code", frame="codes")
    assert rows(TABLE, rule, frames={"codes": other}) == [3]
    (missing,) = run(TABLE, rule)
    assert (missing.status, missing.reason) == ("not_run", "no frame `codes` was given; frames: none")


AGGREGATES = [
    ("mean", "n", 2.0), ("sum", "n", 6.0), ("min", "n", -5.0), ("max", "n", 10.0), ("median", "n", 1.0), ("distinct", "id", 3), ("missing", "n", 1),
    ("missing_percent", "n", 25.0), ("duplicates", "id", 1), ("mean_length", "code", 3.0), ("unique_share", "id", 0.75),
]  # fmt: skip


@pytest.mark.parametrize(("function", "column", "value"), AGGREGATES)
def test_aggregates(function: str, column: str, value: float) -> None:
    (outcome,) = run(TABLE, Rule.of("aggregate", column, function=function, min=value, max=value))
    assert (outcome.status, outcome.value) == ("pass", value)


def test_freshness_needs_a_date() -> None:
    rule = Rule.of("freshness", "start", days=10)
    assert run(TABLE, rule)[0].status == "not_run"
    assert run(TABLE, rule, as_of=dt.date(2026, 1, 10))[0].value == 5
    assert run(TABLE, rule, as_of=dt.date(2026, 3, 10))[0].status == "fail"


def test_a_query_reads_the_frame_and_nothing_else(tmp_path: Any) -> None:
    ok = Rule.of("query", query="SELECT count(*) FROM {object} WHERE n < 0", min=1, max=1)
    assert run(TABLE, ok)[0].value == 1
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    (refused,) = run(TABLE, Rule.of("query", query=f"SELECT count(*) FROM '{secret}'", max=5))
    assert refused.status == "not_run"


EMAILS = pd.DataFrame({"e": ["a", "a", "b", "b", "b", None, None, "c"], "s": ["x", "y", "q", "q", None, "x", "p", None]})


@pytest.mark.parametrize(
    ("semantics", "unique", "in_set", "judged"),
    [("edgp", 5, 3, 6), ("gx", 5, 3, 6), ("dbt", 2, 2, 6), ("soda", 3, 3, 6), ("odcs", 2, 3, 6), ("pointblank", 7, 5, 8)],
)
def test_semantics_count_as_each_tool_does(semantics: str, unique: int, in_set: int, judged: int) -> None:
    outcomes = run(EMAILS, Rule.of("unique", "e"), Rule.of("in_set", "s", values=["x", "y"]), semantics=semantics)
    assert [o.failing for o in outcomes] == [unique, in_set]
    assert outcomes[1].judged == judged


def test_tolerance_filters_and_groups() -> None:
    rule = Rule.of("range", "n", min=0)
    assert run(TABLE, rule.but(tolerance=Tolerance(count=1)))[0].status == "pass"
    assert run(TABLE, rule.but(tolerance=Tolerance(percent=33)))[0].status == "fail"
    grouped = run(TABLE, rule.but(by=("group",), tolerance=Tolerance(percent=40)))[0]
    assert (grouped.status, grouped.reason) == ("fail", "1 of 2 groups beyond the tolerance: x")


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (Rule.of("not_null", "cod"), "Did you mean `code`?"),
        (Rule.of("regex", "code", pattern="(?=x)"), "look-around"),
        (Rule.of("pair", ("n", "start"), op="<"), "cannot be compared"),
        (Rule.of("aggregate", "n", function="mode"), "no aggregate `mode`"),
        (Rule.of("aggregate", "start", function="mean", min=3), "give a date such as 2026-01-31"),
        (Rule.of("freshness", "start", days=3), "--as-of"),
        (Rule.of("z_score", "one", max=3), "all values are the same"),
        (Rule.of("combo_in_set", ("id", "n"), values=[[1]]), "each combination needs 2 values"),
        (Rule.of("unsupported", reason="it is written for people"), "written for people"),
        (Rule.of("expression", condition="n + 1"), "is not a condition"),
    ],
)
def test_what_cannot_be_run_says_why(rule: Rule, says: str) -> None:
    (outcome,) = run(TABLE, rule)
    assert outcome.status == "not_run"
    assert says in outcome.reason


def test_counts_move_by_exactly_what_is_planted() -> None:
    rng = np.random.default_rng(0)
    n = 30_000
    base = pd.DataFrame({"k": np.arange(n), "c": rng.choice(["SG", "MY", "DE"], n), "x": rng.normal(size=n)})
    base["t"] = "AC" + base["k"].astype(str).str.zfill(8)
    for k in (1, 17, 400):
        hit = rng.choice(n, k, replace=False)
        df = base.astype({"c": object})
        df.loc[hit, "c"] = "??"
        df.loc[hit, "x"] = np.nan
        df.loc[hit, "t"] = "broken"
        outcomes = run(
            df,
            Rule.of("in_set", "c", values=["SG", "MY", "DE"]),
            Rule.of("not_null", "x"),
            Rule.of("regex", "t", pattern="^AC[0-9]{8}$"),
            Rule.of("unique", "k"),
        )
        assert [o.failing for o in outcomes] == [k, k, k, 0]
        assert all(sorted(o.rows.to_list()) == sorted(hit.tolist()) for o in outcomes[:3])


def test_cells_say_what_to_put_there_where_a_check_knows() -> None:
    df = pd.DataFrame({"city": ["Hamburg"] * 60 + ["Singapore"] * 60, "land": ["DE"] * 60 + ["SG"] * 60})
    df.loc[3, "city"], df.loc[70, "land"] = "Hamubrg", "DE"
    frame = as_frame(df, name="t")
    found = find_checks(CheckTable(frame, Progress()), Context())
    repairs = {(c["row"], c["column"]): c["repair"] for c in cell_table(frame, found.outcomes).rows() if c["repair"]}
    assert (repairs[3, "city"], repairs[70, "land"]) == ("Hamburg", "SG")


def test_cells_name_every_failing_cell_once_per_rule() -> None:
    frame = as_frame(TABLE, name="t")
    rules = [Rule.of("unique", "id"), Rule.of("pair", ("start", "end"), op="<="), Rule.of("dependency", ("group", "value"))]
    cells = cell_table(frame, run_rules(frame, rules, Context())).rows()
    got = {(c["row"], c["column"], c["rule"]) for c in cells}
    assert got == {(1, "id", "unique"), (2, "id", "unique"), (1, "start", "pair"), (1, "end", "pair"), (3, "value", "dependency")}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_knows_its_examples(name: str) -> None:
    import polars as pl

    kind = TYPES[name]
    given = pl.Series([*kind.matches, *kind.rejects, None])
    wanted = [True] * len(kind.matches) + [False] * len(kind.rejects) + [None]
    assert is_valid(kind, given, Progress()).to_list() == wanted


def test_checksums_agree_with_a_second_source() -> None:
    import polars as pl
    from stdnum import iban, luhn

    rng = np.random.default_rng(1)
    cards = ["".join(map(str, rng.integers(0, 10, 16))).replace("0", "4", 1) for _ in range(500)]
    cards = [c if c[0] in "23456" else "4" + c[1:] for c in cards]
    assert is_valid(TYPES["credit_card"], pl.Series(cards), Progress()).to_list() == [luhn.is_valid(c) for c in cards]
    ibans = [f"DE{rng.integers(2, 99):02d}" + "".join(map(str, rng.integers(0, 10, 18))) for _ in range(2000)]
    from stdnum.iso7064 import mod_97_10

    assert is_valid(TYPES["iban"], pl.Series(ibans), Progress()).to_list() == [mod_97_10.is_valid(i[4:] + i[:4]) for i in ibans]
    assert not any(is_valid(TYPES["iban"], pl.Series([i]), Progress())[0] for i in ["GB82 WEST 1234 5698 7654 33"] if not iban.is_valid(i))


def test_a_cancelled_run_stops() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Interrupted):
        run(TABLE, Rule.of("not_null", "code"), progress=progress)


AWKWARD = [
    pd.DataFrame(),
    pd.DataFrame({"a": pd.Series([], dtype="str")}),
    pd.DataFrame({"a": [None, None]}),
    pd.DataFrame({"a": [1, "x", None, 2.5]}),
]


@pytest.mark.parametrize("df", AWKWARD, ids=["nothing", "no rows", "all null", "mixed"])
def test_awkward_columns(df: pd.DataFrame) -> None:
    rules = [
        Rule.of("not_null", "a"),
        Rule.of("unique", "a"),
        Rule.of("regex", "a", pattern="x"),
        Rule.of("in_set", "a", values=["x"]),
        Rule.of("length", "a", max=1),
    ]
    outcomes = run(df, *rules)
    wanted = {"not_run"} if not len(df.columns) else {"pass", "fail"}
    assert {o.status for o in outcomes} <= wanted
