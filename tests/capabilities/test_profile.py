"""data_profiling: what is counted must be counted exactly, whatever the table."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from edgp_magics.capabilities._profile import ProfileResult, profile_data
from edgp_magics.capabilities.profiling._shapes import ShapeCounter, codes, detail
from edgp_magics.errors import ColumnNotFound, DataNotFound, Interrupted
from edgp_magics.frames import as_frame
from edgp_magics.values import Context, Progress, Result, Status, shape


def profile(data: Any, /, context: Context | None = None, **options: Any) -> ProfileResult:
    return profile_data(as_frame(data, name="t"), context or Context(), **options)


def table(rows: int = 6000, seed: int = 3) -> pd.DataFrame:
    r = np.random.default_rng(seed)
    country = r.choice(["SG", "DE", "FR", "US"], rows, p=[0.4, 0.3, 0.2, 0.1])
    return pd.DataFrame(
        {
            "order_id": np.arange(rows) + 1000,
            "code": [f"AC{i:06d}" for i in range(rows)],
            "country": country,
            "currency": pd.Series(country).map({"SG": "SGD", "DE": "EUR", "FR": "EUR", "US": "USD"}),
            "amount": np.round(r.gamma(2, 50, rows), 2),
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(r.integers(0, 300, rows), unit="D"),
            "paid": r.random(rows) < 0.7,
            "note": [f"text {i % 7} of some length" for i in range(rows)],
        }
    )


# -- figures -----------------------------------------------------------------------------------------------------
def test_numbers_match_numpy():
    values = np.random.default_rng(0).normal(50, 9, 5000)
    values[:7] = np.nan
    got = profile(pd.DataFrame({"x": values})).columns["x"]
    clean = values[7:]
    assert (got.nulls, got.distinct, got.rows) == (7, len(np.unique(clean)), 5000)
    assert got.min == clean.min() and got.max == clean.max()
    assert got.mean == pytest.approx(clean.mean()) and got.std == pytest.approx(clean.std(ddof=1))
    for q in (0.05, 0.25, 0.5, 0.75, 0.95):
        assert got.quantiles[q] == pytest.approx(np.quantile(clean, q))
    assert sum(got.histogram.counts) == len(clean)
    assert got["mean"] == got.mean and "mean" in dict(got)


@pytest.mark.parametrize("rows", [500, 20_000])
def test_text_counts_are_exact_by_value_and_by_hash(rows):
    values = [f"id-{i:07d}" for i in range(rows)]
    values[10:13] = ["id-0000001"] * 3
    values[20], values[21], values[22] = "  ", "N/A", " padded"
    values[30] = None
    got = profile(pd.DataFrame({"c": values})).columns["c"]
    assert (got.nulls, got.blanks, got.coded_missing, got.padded) == (1, 1, 1, 1)
    assert got.distinct == len({v for v in values if v is not None})
    assert got.lengths.min == 2 and got.lengths.max == 10
    assert got.shapes[0].detail == "a{2}-9{7}" and got.shapes[0].count == rows - 4
    assert set(got.repeated) == {1, 10, 11, 12}


@pytest.mark.parametrize(
    ("values", "kind", "logical"),
    [
        ([1, 2, 3], "integer", "integer"),
        ([1.5, None], "float", "float"),
        ([True, False], "boolean", "boolean"),
        (["a", "b", "a", "b"], "string", "categorical"),
        ([dt.date(2024, 1, 1), None], "date", "date"),
        ([dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 2)], "datetime", "date"),
        ([dt.datetime(2024, 1, 1, 5), dt.datetime(2024, 1, 2)], "datetime", "datetime"),
        ([dt.timedelta(hours=5)], "duration", "duration"),
        ([None, None], "null", "empty"),
        (["2024-01-01", "2024-02-03"], "string", "date in text"),
        (["1.5", "22", "-3"], "string", "number in text"),
        ([f"{i},5" for i in range(30)], "string", "number in text"),
        ([f"{i}.000,50" for i in range(1, 30)], "string", "number in text"),
        ([f"{i},000.50" for i in range(1, 30)], "string", "number in text"),
        ([f"${i},234.50" for i in range(1, 30)], "string", "money in text"),
        ([f"{i},50 €" for i in range(30)], "string", "money in text"),
        ([f"CHF {i}.-"[:-2] for i in range(30)], "string", "money in text"),
        ([f"(£{i}.20)" for i in range(30)], "string", "money in text"),
        ([f"{i}.5 %" for i in range(30)], "string", "percentage in text"),
        ([f'{{"a": {i}}}' for i in range(30)], "string", "json"),
        ([f"{i:05d}" for i in range(30)], "string", "identifier"),
        ([f"{i}.200.300" for i in range(101, 131)], "string", "identifier"),
        ([f"SKU {i}" for i in range(130, 160)], "string", "identifier"),
        ([f"{{{i}}}" for i in range(30)], "string", "identifier"),
        ([[1, 2], [3]], "nested", "nested"),
    ],
)
def test_types(values, kind, logical):
    got = profile(pa.table({"c": values})).columns["c"]
    assert (got.kind, got.logical_type) == (kind, logical)


@pytest.mark.parametrize(
    ("name", "values", "semantic", "personal"),
    [
        ("contact", ["a@b.org", "c.d@example.com"] * 5, "email", True),
        ("x", ["SG", "DE"] * 5, None, False),
        ("x", ["GB82WEST12345698765432", "DE89370400440532013000"] * 5, "iban", True),
        ("x", ["S1234567D"] * 9, "nric", True),
        ("x", ["192.0.2.1", "198.51.100.7"] * 5, "ipv4", True),
        ("first_name", ["Ann", "Bo"] * 5, "person_name", True),
        ("fname", ["Ann", "Bo"] * 5, "person_name", True),
        ("city", ["Paris", "Lyon"] * 5, "city", False),
        ("x", ["123e4567-e89b-12d3-a456-426614174000"] * 4, "uuid", False),
    ],
)
def test_meaning(name, values, semantic, personal):
    got = profile(pd.DataFrame({name: values})).columns[name]
    assert (got.semantic_type, got.personal) == (semantic, personal)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3, 5, 4, 6, 2] * 10 + [999999] * 4, {"999999": 4}),
        ([30, 50, 40, 60, 20] * 10 + [-1] * 3, {"-1": 3}),
        ([-3, 5, -4, 6, 2] * 10 + [-1] * 3, {}),
        (list(range(990, 1010)) * 3, {}),
        (["red", "blue"] * 10 + ["unknown", "n/a", "-"], {"unknown": 1, "n/a": 1, "-": 1}),
        (["NA", "DE", "FR"] * 9, {}),
        ([dt.date(2024, 1, d) for d in range(1, 29)] + [dt.date(1900, 1, 1)] * 3, {"1900-01-01": 3}),
    ],
)
def test_coded_missing(values, expected):
    got = profile(pd.DataFrame({"v": values})).columns["v"]
    assert {c.shown: c.count for c in got.coded} == expected
    assert got.coded_missing == sum(expected.values())


def test_dates_know_their_gaps():
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=i) for i in range(100) if not 40 <= i < 50]
    got = profile(pd.DataFrame({"d": pd.to_datetime(days)}), Context(as_of=dt.date(2024, 3, 31))).columns["d"]
    assert (got.dates.missing_days, got.dates.longest_gap_days, got.dates.gap_after) == (10, 11.0, "2024-02-09")
    assert got.dates.future == sum(d > dt.date(2024, 3, 31) for d in days)
    assert got.min == dt.datetime(2024, 1, 1)


def test_shapes_agree_with_the_spelled_out_ones():
    texts = ["AB-12", "ab-12", "AB-123", "", "Zoë 9", "x" * 70_000, "A1", "日本", "tab\there"]
    array = pa.array(texts, pa.large_string())
    same = {(a, b) for a in range(len(texts)) for b in range(len(texts)) if codes(array)[a] == codes(array)[b]}
    assert same == {(i, i) for i in range(len(texts))}
    counter = ShapeCounter()
    counter.add(pa.array(["AB-12"] * 3 + ["x1"], pa.large_string()))
    assert [(s.detail, s.count, s.pattern) for s in counter.shares()] == [("A{2}-9{2}", 3, "A-9"), ("a9", 1, "a9")]
    assert detail("AB-12") == "A{2}-9{2}" and shape("AB-12") == "A-9"


# -- the table ---------------------------------------------------------------------------------------------------
def test_keys_and_near_keys():
    df = table()
    df.loc[5, "order_id"] = df.loc[6, "order_id"]
    keys = {k.columns: k for k in profile(df).keys}
    assert keys[("order_id",)].duplicates == 1 and not keys[("order_id",)].exact
    assert keys[("code",)].exact


def test_a_composite_key_that_is_no_accident():
    rows = [(o, line) for o in range(2000) for line in range(1, 4)]
    df = pd.DataFrame(rows, columns=["order_no", "line"])
    df["qty"] = np.random.default_rng(0).integers(1, 9, len(df))
    got = [k.columns for k in profile(df).keys if k.exact]
    assert got == [("order_no", "line")]


def test_dependencies_count_the_broken_rows():
    df = table()
    df.loc[[3, 700, 5000], "currency"] = ["USD", "USD", "USD"]
    want = int((df.currency != df.country.map({"SG": "SGD", "DE": "EUR", "FR": "EUR", "US": "USD"})).sum())
    result = profile(df)
    found = {(d.left, d.right): d for d in result.dependencies}
    assert found[(("country",), "currency")].violations == want
    broken = next(f for f in result.findings if f.rule == "dependency" and f.columns == ("country", "currency"))
    assert broken.count == want and set(broken.rows) <= {3, 700, 5000}


def test_associations_of_mixed_types():
    r = np.random.default_rng(1)
    kind = r.choice(["a", "b", "c"], 3000)
    x = r.normal(size=3000)
    df = pd.DataFrame(
        {
            "x": x,
            "y": x * 2 + r.normal(size=3000) * 0.1,
            "kind": kind,
            "size": pd.Series(kind).map({"a": 1.0, "b": 5.0, "c": 9.0}) + r.random(3000),
        }
    )
    df["twin"] = pd.Series(kind).str.upper()
    found = {frozenset((a.a, a.b)): a for a in profile(df).correlations}
    assert found[frozenset("xy")].value > 0.98 and found[frozenset("xy")].measure == "spearman"
    assert found[frozenset(("kind", "twin"))].value == pytest.approx(1.0)
    assert found[frozenset(("kind", "size"))].measure == "correlation_ratio" and found[frozenset(("kind", "size"))].value > 0.9
    assert frozenset(("x", "kind")) not in found


@pytest.mark.parametrize("rows", [2000, 60_000])
def test_exact_and_near_duplicates(rows):
    df = table(rows)
    exact = df.iloc[[10, 20, 20]]
    near = df.iloc[[30, 40]].assign(note=["other", "else"])
    spaced = df.iloc[[50]].assign(note=df.note.iloc[50].upper() + " ")
    got = profile(pd.concat([df, exact, near, spaced], ignore_index=True)).duplicates
    assert (got.exact, got.groups, got.near) == (3, 2, 3)
    assert got.rows == (rows, rows + 1, rows + 2) and set(got.near_rows) == {rows + 3, rows + 4, rows + 5}


def test_references_to_other_tables():
    parents = pd.DataFrame({"id": np.arange(500) * 7, "name": [f"n{i}" for i in range(500)]})
    kids = pd.DataFrame({"customer_id": np.append(np.repeat(parents.id, 4), [1, 2, 3])})
    context = Context(frames={"customers": as_frame(parents, name="customers")})
    (found,) = profile(kids, context).inclusions
    assert (found.column, found.ref, found.ref_column, found.orphans) == ("customer_id", "customers", "id", 3)
    assert found.rows == (2000, 2001, 2002)


# -- laws --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [pl.from_pandas, pa.Table.from_pandas, lambda d: d.convert_dtypes()], ids=["polars", "arrow", "nullable"])
def test_the_library_makes_no_difference(make):
    base, other = profile(table(3000)).to_dict(), profile(make(table(3000))).to_dict()
    for one in (base, other):
        one["dataset"] = None
        for column in one["columns"].values():
            column.pop("dtype")
    assert base == other


def test_same_input_same_result_and_round_trip():
    first, second = profile(table()), profile(table())
    plain = first.to_dict()
    assert json.dumps(plain, sort_keys=True) == json.dumps(second.to_dict(), sort_keys=True)
    assert Result.from_dict(json.loads(json.dumps(plain))).to_dict() == plain
    assert list(first.to_frame()["column"]) == list(first.columns)


def test_raw_values_stay_in_memory():
    names = ["Zebulon Quartermain", "Wilhelmina Ostrander", "Bartholomew Ximenes"]
    df = pd.DataFrame(
        {"full_name": (names * 200)[:500], "secret": [f"tok-{i:x}-zq" for i in range(500)], "salary": np.arange(500) * 17 + 30011}
    )
    result = profile(df)
    said = json.dumps(result.to_dict()) + result.to_markdown() + result.to_html() + repr(result)
    assert all(n not in said for n in [*names, "tok-1f3-zq", "30011", "tok-0-zq"])
    assert result.columns["full_name"].top[0].value in names and result.columns["salary"].min == 30011


def test_no_day_of_a_personal_date_is_saved():
    days = [dt.date(1970, 1, 1) + dt.timedelta(days=i) for i in range(400)] + [dt.date(1801, 3, 7)]
    result = profile(pd.DataFrame({"birth_date": pd.to_datetime(days), "seen": pd.to_datetime(days)}))
    saved = result.to_dict()["columns"]
    assert result.columns["birth_date"].dates.gap_after == "1801-03-07" == saved["seen"]["dates"]["gap_after"]
    assert "1801" not in json.dumps(saved["birth_date"]["dates"]) and saved["birth_date"]["dates"]["longest_gap_days"] > 60_000


@pytest.mark.parametrize("values", [[b"a", b""], [b"a", None], [b"\xff", b"a"], [b" a", b"b"], [b"\xff\x00", b"a", None, b""]])
def test_bytes_are_profiled(values):
    got = profile(pd.DataFrame({"b": values * 20}))
    assert got.columns["b"].kind == "binary" and got.to_html()


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.DataFrame({"a": [1]}),
        pd.DataFrame({"a": [None, None], "b": [np.nan, np.nan]}),
        pd.DataFrame([[1, 2], [3, 4]], columns=["x", "x"]),
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
        pd.DataFrame({3: [1, 2], None: ["a", "b"]}),
        pd.DataFrame({"m": [1, "x", 2.5, None, dt.date(2024, 1, 1)]}),
        pd.DataFrame({"h": [2**70, -(2**70), 5]}),
        pd.DataFrame({"u": np.array([2**64 - 1, 0], dtype=np.uint64)}),
        pd.DataFrame({"e": ["😀", "שלום", "<script>alert(1)</script>", "=1+1", "\x00", ""]}),
        pd.DataFrame({"big": ["x" * 1_000_000, "y"]}),
        pd.DataFrame({"i": [math.inf, -math.inf, 1.0, None]}),
        pd.DataFrame({"i": [math.inf] * 3}),
        pd.DataFrame({"f": [1e308, -1e308, 1e308]}),
        pd.DataFrame({"c": pd.Categorical(["a", None, "b"])}),
        pd.DataFrame({"t": [dt.time(1, 2), None]}),
        pd.DataFrame({"z": pd.to_datetime(["2024-01-01", None]).tz_localize("Asia/Singapore")}),
        pa.table({"d": pa.array([1, None], pa.decimal128(10, 2)), "b": pa.array([b"\x00", None])}),
        pa.table({"s": pa.array([{"a": 1}, None])}),
        pa.table({"far": pa.array([10**17, -(10**17)], pa.timestamp("us"))}),
        pl.DataFrame({"l": [[1], None]}),
    ],
    ids=[str(i) for i in range(22)],
)
def test_odd_tables_are_profiled_without_complaint(data):
    result = profile(data)
    assert result.status in Status
    assert Result.from_dict(result.to_dict()).to_dict() == result.to_dict()
    assert result.to_html() and result.to_markdown() and result.to_frame() is not None


def test_infinite_values_are_counted_and_left_out():
    got = profile(pd.DataFrame({"i": [math.inf, -math.inf, 1.0, 3.0]})).columns["i"]
    assert (got.infinite, got.mean, got.max) == (2, 2.0, math.inf)


def test_an_empty_table_is_not_a_pass():
    assert profile(pd.DataFrame({"a": []})).status is Status.NOT_ASSESSED


def test_a_thousand_columns_stay_readable():
    r = np.random.default_rng(0)
    df = pd.DataFrame(r.normal(size=(200, 1000)), columns=[f"c{i}" for i in range(1000)])
    df.loc[:150, "c777"] = np.nan
    result = profile(df)
    text = result.to_markdown()
    assert text.index("c777") < text.index("c0`") and len(text) < 400_000
    assert "975 more columns" in text


def test_options():
    assert list(profile(table(), columns=("amount", "code")).columns) == ["amount", "code"]
    assert profile(table(), depth="columns").duplicates is None
    with pytest.raises(ColumnNotFound):
        profile(table(), columns=("amout",))
    with pytest.raises(DataNotFound):
        profile(table(), reference="nothing")


@pytest.mark.parametrize(
    ("values", "rare"),
    [
        ([f"user{i}@example.org" for i in range(2000)], 0),
        ([f"user{i}@example.org" for i in range(10_000)], 0),
        ([f"https://example.org/{i}" for i in range(1100)], 0),
        ([f"O-{i}" for i in range(3000)] + ["O 17"] * 3, 3),
        ([f"AC{i:06d}" for i in range(2000)] + ["AC12345"] * 4, 4),
        ([f"AC{i:06d}" for i in range(2000)] + [f"AC{'x' * (i % 15)}7" for i in range(30)], 30),
    ],
)
def test_numbers_that_count_have_no_fixed_length(values, rare):
    found = [f.count for f in profile(pd.DataFrame({"v": values})).findings if f.rule == "rare_shape"]
    assert found == ([rare] if rare else [])


def test_lines_of_orders_are_no_near_duplicates():
    r = np.random.default_rng(0)
    lines = {
        "order": np.repeat(range(500), 4),
        "line": np.tile(range(4), 500),
        "sku": r.integers(0, 30, 2000),
        "qty": r.integers(1, 5, 2000),
    }
    result = profile(pd.DataFrame(lines))
    assert result.duplicates.near == 0 and result.findings == ()
    assert profile(pd.DataFrame({f"c{i}": range(100) for i in range(4)} | {"id": range(500, 600)}).assign(c0=0)).duplicates.near == 0


def test_one_is_said_as_one():
    df = table(2000)
    df.loc[7, "code"] = df.loc[8, "code"]
    found = {f.rule: f.message for f in profile(df).findings}
    assert found["nearly_unique"] == "`code` names rows, but 1 row repeats an earlier value."
    assert "1 row repeats another" in profile(pd.concat([table(50), table(50).head(1)])).summary


def test_it_can_be_stopped():
    progress = Progress()
    progress.cancel()
    with pytest.raises(Interrupted):
        profile(table(), Context(progress=progress))


def test_findings_name_rows_by_label():
    df = table(500)
    df.index = [f"r{i}" for i in range(500)]
    df.loc["r7", "code"] = "??"
    df.loc["r9", "note"] = "   "
    found = {f.rule: f for f in profile(df).findings}
    assert found["rare_shape"].rows == ("r7",) and found["blank"].rows == ("r9",)
