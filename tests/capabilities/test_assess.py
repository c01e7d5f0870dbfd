"""The assessment as an analyst meets it: scores with formulas, found checks, cells, NOT RUN and NOT_ASSESSED."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from edgp_magics.capabilities._assess import AssessmentResult, assess_quality
from edgp_magics.capabilities._profile import profile_data
from edgp_magics.errors import BadOption, NotAvailable
from edgp_magics.frames import as_frame
from edgp_magics.values import Context, Grid, Result, Severity, Status


def assess(df: Any, body: str = "", **given: Any) -> AssessmentResult:
    known = {k: given.pop(k) for k in ("as_of", "frames") if k in given}
    return assess_quality(as_frame(df, name="t"), Context(body=body, **known), **given)


def people(n: int = 2000) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    city = rng.choice(["Singapore", "Kuala Lumpur", "Hamburg"], n, p=[0.5, 0.3, 0.2])
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 500, n), unit="D")
    return pd.DataFrame(
        {
            "id": np.arange(n) + 5000,
            "code": [f"AC{i:06d}" for i in rng.permutation(n)],
            "email": [f"user{i}@example.org" for i in range(n)],
            "city": city,
            "land": pd.Series(city).map({"Singapore": "SG", "Kuala Lumpur": "MY", "Hamburg": "DE"}),
            "start": start,
            "end": start + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
            "amount": np.round(rng.lognormal(4, 0.5, n), 2),
        }
    )


def planted(k: int) -> tuple[pd.DataFrame, dict[str, list[int]]]:
    """The table with k faults of every kind in rows of their own."""
    df = people().astype({"code": object, "email": object, "city": object, "land": object})
    rows = np.random.default_rng(k).permutation(len(df))[: 7 * k].reshape(7, k)
    df.loc[rows[0], "code"] = "broken"
    df.loc[rows[1], "email"] = "nobody at example"
    df.loc[rows[2], "city"] = "Singapor"
    df.loc[rows[3], "land"] = np.where(df.loc[rows[3], "land"] == "SG", "MY", "SG")
    df.loc[rows[4], "end"] = df.loc[rows[4], "start"] - pd.Timedelta(days=40)
    df.loc[rows[5], "amount"] = 1e7 + np.arange(k) * 1e4
    df.loc[rows[6], "email"] = None
    kinds = ["regex:code", "type_is:email", "not_in_set:city", "dependency:land", "pair:end", "range:amount", "not_null:email"]
    return df, {name: sorted(r.tolist()) for name, r in zip(kinds, rows, strict=True)}


@pytest.mark.parametrize("k", [1, 3, 8])
def test_found_checks_name_exactly_what_was_planted(k: int) -> None:
    df, truth = planted(k)
    cells = assess(df).cells
    for name, rows in truth.items():
        rule, column = name.split(":")
        got = cells[(cells["rule"] == rule) & (cells["column"] == column)]["row"]
        assert sorted(got) == rows, name


def _set(column: str, value: Any) -> Callable[[pd.DataFrame, Any], None]:
    """Plant the same (or, given the cells, another) value in a column."""

    def plant(df: pd.DataFrame, rows: Any) -> None:
        df[column] = df[column].astype(object) if df[column].dtype.kind not in "fM" else df[column]
        df.loc[rows, column] = value(df.loc[rows]) if callable(value) else value

    return plant


FAULTS = {
    "null": _set("email", None),
    "coded": _set("email", "N/A"),
    "sentinel": _set("age", 999.0),
    "negative": _set("age", -5.0),
    "high": _set("age", lambda d: 300.0 + np.arange(len(d))),
    "negated": _set("amount", lambda d: -d["amount"]),
    "email": _set("email", "nobody"),
    "format": _set("code", "broken"),
    "typo": _set("city", "Hambrug"),
    "case": _set("city", lambda d: d["city"].str.upper()),
    "unknown": _set("city", "XXX"),
    "key": _set("code", lambda d: [f"AC{i:06d}" for i in range(len(d))]),
    "dependency": _set("land", lambda d: np.where(d["land"] == "SG", "MY", "SG")),
    "order": _set("end", lambda d: d["start"] - pd.Timedelta(days=40)),
    "first day": _set("start", pd.Timestamp("1900-01-01")),
    "blank": _set("city", lambda d: d["city"] + " "),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_more_faults_never_raise_the_score(fault: str) -> None:
    clean = people(600).assign(age=np.random.default_rng(3).integers(18, 90, 600).astype(float))
    rows = np.random.default_rng(1).permutation(600)
    scores = [assess(clean).score]
    for k in (1, 3, 12, 30, 60):
        df = clean.copy()
        FAULTS[fault](df, rows[:k])
        result = assess(df)
        assert any(c.status == "fail" for c in result.checks), k
        scores.append(result.score)
    known = [s for s in scores if s is not None]
    assert known == sorted(known, reverse=True)
    assert known[0] == 100.0 > known[1]


def test_a_rule_that_many_rows_break_is_told_with_less_weight() -> None:
    df = people(1000).assign(age=np.random.default_rng(3).integers(18, 90, 1000))
    few, many = (assess(df.assign(age=df["age"].where(df.index >= k, -5))) for k in (4, 80))
    weights = [next(f for f in r.findings if f.rule == "range") for r in (few, many)]
    assert weights[0].severity is Severity.LOW
    assert weights[1].severity is Severity.INFO
    assert weights[1].confidence < weights[0].confidence
    assert "so many may be genuine" in weights[1].message
    assert weights[1].count == 80


def test_one_row_of_a_small_table_is_not_so_many() -> None:
    (found,) = [f for f in assess(pd.DataFrame({"n": [*range(40), -999]})).findings if f.rule == "range"]
    assert (found.severity, found.message) == (Severity.LOW, "n not far below the rest (min 0): 1 row fails")


@pytest.mark.parametrize("seed", range(6))
def test_a_found_bound_lets_every_ordinary_value_pass(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=1000)
    x[5] = 1e6
    assert assess(pd.DataFrame({"x": x})).cells["row"].unique().tolist() == [5]


def test_faults_at_the_head_are_found_as_well() -> None:
    df = people(1000)
    df.loc[:99, "email"] = "bad"
    assert next(c for c in assess(df).checks if c.kind == "type_is").failing == 100


def test_labels_hold_no_extreme_of_the_data() -> None:
    born = pd.Timestamp("1950-02-08") + pd.to_timedelta(np.random.default_rng(0).integers(0, 15_000, 500), unit="D")
    df = pd.DataFrame({"salary": np.random.default_rng(1).normal(4000, 600, 500).round(2), "dob": born})
    df.loc[[3, 4], "salary"], df.loc[[5], "dob"] = 9e6, pd.Timestamp("1800-01-01")
    text = json.dumps(assess(df).to_dict())
    assert str(df["salary"].drop([3, 4]).max()) not in text
    assert str(df["dob"].drop(5).min().date()) not in text


MISSING = [
    ("phone", ["+49 30 1234567"] * 40 + ["N/A"] * 2, 2),
    ("age", [34, 35, 36, 41, 57] * 8 + [-999] * 4, 4),
    ("since", list(pd.date_range("2020-01-01", periods=40)) + [pd.Timestamp("1900-01-01")] * 3, 3),
    ("country", ["NA", "ZA", "DE"] * 12, 0),
    ("grade", ["A", "B", "-"] * 12, 0),
    ("note", ["some", " ", "", "n/a"] * 9, 27),
    ("last_name", ["Smith", "Null", "None", "Ng"] * 9, 0),
]


@pytest.mark.parametrize(("name", "values", "missing"), MISSING, ids=[m[0] for m in MISSING])
def test_profile_and_assess_agree_on_what_is_missing(name: str, values: list[Any], missing: int) -> None:
    df = pd.DataFrame({name: values})
    result = assess(df)
    assert result.dimensions["completeness"].inputs["failing"] == missing
    assert [c.failing for c in result.checks if c.kind == "not_null"] == ([missing] if missing else [])
    profile = profile_data(as_frame(df, name="t"), Context()).columns[name]
    assert profile.coded_missing + profile.blanks == missing


def test_gaps_are_told_however_large() -> None:
    df = pd.DataFrame({"a": np.arange(100.0)})
    df.loc[:49, "a"] = np.nan
    result = assess(df)
    assert result.status is Status.ISSUES
    assert [f.count for f in result.findings if f.rule == "not_null"] == [50]


def test_found_dependencies_say_what_decides_alone_and_repeat_no_given_one() -> None:
    df = people(400).assign(region=lambda d: d["land"].str.lower())
    labels = [c.label for c in assess(df).checks if c.kind == "dependency" and c.columns[-1] == "land"]
    assert labels == ["land follows from city (as it does from region)"]
    assert len([c for c in assess(df, "region -> land").checks if c.kind == "dependency" and c.columns[-1] == "land"]) == 1


def test_a_clean_table_raises_no_doubt() -> None:
    result = assess(people())
    assert result.status is Status.OK
    assert len(result.cells) == 0
    assert result.score == 100.0


def test_dimensions_carry_formula_and_inputs() -> None:
    df, _ = planted(8)
    result = assess(df, as_of=dt.date(2026, 1, 1))
    done = result.dimensions["completeness"]
    assert done.inputs["failing"] == 8
    assert done.score == round(100 * (1 - 8 / df.size), 2)
    assert [result.dimensions[d].status for d in ("accuracy", "timeliness")] == ["NOT_ASSESSED", "NOT_ASSESSED"]
    assert "freshness" in result.dimensions["timeliness"].missing
    assert all(d.formula for d in result.dimensions.values())
    known = [d.score for d in result.dimensions.values() if d.score is not None]
    assert result.score == pytest.approx(sum(known) / len(known), abs=0.01)


def test_timeliness_is_assessed_when_a_date_is_promised() -> None:
    result = assess(people(), "freshness(end) < 10d", as_of=dt.date(2025, 8, 30))
    assert result.dimensions["timeliness"].status == "ASSESSED"


def test_accuracy_against_a_reference() -> None:
    true = people(200)
    df = true.astype({"city": object})
    df.loc[[3, 9], "city"] = "Atlantis"
    result = assess(df, frames={"truth": as_frame(true, name="truth")}, reference="truth", key=("id",), discover=False)
    assert result.dimensions["accuracy"].inputs["failing"] == 2
    assert sorted(result.cells["row"]) == [3, 9]
    with pytest.raises(BadOption):
        assess(df, frames={"truth": as_frame(true, name="truth")}, reference="truth")


def test_accuracy_compares_values_not_their_types() -> None:
    days = pd.date_range("2024-01-01", periods=50)
    df = pd.DataFrame({"id": range(50), "x": range(50), "p": np.arange(50) * 0.1, "d": days, "s": ["7.50"] * 50, "t": days.astype(str)})
    true = df.assign(id=df["id"].astype(float), x=df["x"] * 1.0, p=df["p"].astype("float32"), d=days.date, s=7.5, t=days)
    result = assess(df, frames={"truth": as_frame(true, name="truth")}, reference="truth", key=("id",), discover=False)
    assert {c.columns[0]: (c.failing, c.judged) for c in result.checks} == dict.fromkeys("xpdst", (0, 50))
    true.loc[3, ["x", "p", "s"]] = [4, 0.30001, 7.6]
    result = assess(df, frames={"truth": as_frame(true, name="truth")}, reference="truth", key=("id",), discover=False)
    assert [c.failing for c in result.checks] == [1, 1, 0, 1, 0]


def test_a_hundred_means_that_nothing_failed() -> None:
    df = people(400)
    result = assess(df, "row_count > 5000\navg(amount) < 0\nduplicate_count(city) > 1000")
    assert result.score is not None and result.score < 100
    assert "Quality 100.0" not in result.summary
    assert [result.dimensions[d].score < 100 for d in ("completeness", "validity", "uniqueness")] == [True] * 3  # type: ignore[operator]
    found = next(f for f in result.findings if f.message.startswith("row count"))
    assert (found.count, found.of) == (0, 0)


def test_nothing_looked_for_is_nothing_assessed() -> None:
    plain = assess(pd.DataFrame({"a": range(10)}), discover=False)
    assert "let checks be looked for" in plain.dimensions["uniqueness"].missing
    assert assess(pd.DataFrame(index=range(5))).score is None


@pytest.mark.parametrize(
    ("forms", "label", "failing"),
    [
        (["%Y-%m-%d"] * 5 + ["%d/%m/%Y"] * 3 + ["%B %d, %Y"] * 2, "day has one date format (9999-99-99; 3 in use)", 50),
        (["%Y-%m-%d"] * 6 + ["%d/%m/%Y"] * 4, "day has one date format (9999-99-99; 2 in use)", 40),
        (["%d/%m/%Y"] * 6 + ["%Y/%m/%d"] * 4, "day has one date format (99/99/9999; 2 in use)", 40),
        (["%d %B %Y"] * 9 + ["%Y-%m-%d"], "day has one date format (99 name 9999; 2 in use)", 10),
        (["%d/%m/%Y", "%Y-%m-%d"], "day has one date format (9999-99-99; 2 in use)", 50),
        (["%d %B %Y"], "day has one date format (99 name 9999)", 0),
        (["%Y-%m-%d"] * 9 + ["%d/%m/%Y"], "day is iso_date", 10),
    ],
)
def test_dates_in_several_formats_are_told(forms: list[str], label: str, failing: int) -> None:
    days = pd.date_range("2025-01-01", periods=100)
    result = assess(pd.DataFrame({"day": [d.strftime(forms[i % len(forms)]) for i, d in enumerate(days)]}))
    lines = {c.label: c for c in result.checks}
    assert (lines[label].failing, lines[label].status) == (failing, "fail" if failing else "pass")
    assert any(label in f.message for f in result.findings) == bool(failing)
    assert not any("usual form" in name for name in lines)


def test_what_could_not_be_read_is_shown_beside_the_check() -> None:
    df = pd.DataFrame({"day": ["2026-05-03", "May 4, 2026", "soon"]})
    result = assess(df, "day >= 2026-05-01", discover=False)
    grid = next(b for b in result.body() if isinstance(b, Grid) and b.caption.startswith("Checks given"))
    assert "1 cell of `day` could not be read as a date" in str(grid.rows[0][1])


@pytest.mark.parametrize("text", ["2024-02-30", "2023-13-01"])
def test_days_that_are_in_no_calendar_are_no_dates(text: str) -> None:
    df = pd.DataFrame({"d": [f"2024-02-{i % 28 + 1:02d}" for i in range(95)] + [text] * 5})
    assert next(c for c in assess(df).checks if c.kind == "type_is").failing == 5


def test_cells_are_masked_where_they_are_shown_and_raw_inside() -> None:
    df, _ = planted(3)
    cells = assess(df).cells
    for shown in (repr(cells), cells._repr_html_(), repr(cells.head(2)), repr(cells[["row", "value"]])):
        assert "nobody at example" not in shown
        assert "Singapor" not in shown
    assert "nobody at example" in set(cells["value"])
    assert isinstance(cells, pd.DataFrame)
    assert f"{len(cells.drop_duplicates(['row', 'column']))} suspect cells" in repr(assess(df))


def test_given_checks_come_first_and_not_run_is_said() -> None:
    result = assess(people(100), "amount between 0 and 1\nrelationships(land, ref=lands.code)\nunique(id) (warn)")
    assert [c.status for c in result.checks[:3]] == ["fail", "not_run", "pass"]
    assert result.status is Status.PARTIAL
    assert "NOT RUN" in repr(result)
    assert result.checks[0].line == 1


def test_checks_as_an_option() -> None:
    result = assess(people(50), checks=["amount >= 0", {"metric": "nullValues", "column": "email", "mustBe": 0}], discover=False)
    assert [c.kind for c in result.checks] == ["range", "not_null"]
    with pytest.raises(BadOption):
        assess(people(50), checks=7)


def test_the_semantics_are_printed() -> None:
    df = pd.DataFrame({"e": ["a", "a", None, None, "b"]})
    counts = {
        s: assess(df, "unique(e)", semantics=s, discover=False).checks[0].failing
        for s in ("edgp", "gx", "dbt", "soda", "odcs", "pointblank")
    }
    assert counts == {"edgp": 2, "gx": 2, "dbt": 1, "soda": 1, "odcs": 1, "pointblank": 4}
    assert "uniqueness counts" in repr(assess(df, "unique(e)"))


def test_no_raw_value_leaves() -> None:
    df, _ = planted(3)
    text = json.dumps(assess(df).to_dict())
    assert "nobody at example" not in text
    assert 'Singapor"' not in text


def test_saved_results_say_that_cells_are_gone() -> None:
    result = assess(people(60))
    again = Result.from_dict(json.loads(json.dumps(result.to_dict())))
    assert isinstance(again, AssessmentResult)
    with pytest.raises(NotAvailable):
        _ = again.cells


def test_duplicate_rows_are_counted_once() -> None:
    df = people(500)
    df = pd.concat([df, df.iloc[[3, 3, 10]]], ignore_index=True)
    uniqueness = assess(df).dimensions["uniqueness"]
    found = next(c for c in assess(df).checks if c.label == "no row repeats another")
    assert found.failing == 5
    assert uniqueness.inputs["failing"] >= 3
