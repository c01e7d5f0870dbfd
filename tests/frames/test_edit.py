"""Editing: new frames of the same kind and dtypes; the inverse gives the old one."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from edgp_magics.frames import Edit, as_frame, edited, restored


def typed() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "i": [1, 2, 3],
            "f": [1.5, None, 3.0],
            "s": ["a", "b", None],
            "b": [True, False, True],
            "c": pd.Categorical(["u", "v", "u"]),
            "t": pd.to_datetime(["2024-01-01", "2024-01-02", None]),
            "d": [dt.date(2024, 1, 1), dt.date(2024, 1, 2), None],
            "o": [1, "x", None],
            "I": pd.array([1, None, 3], dtype="Int64"),
        },
        index=[10, 20, 20],
    )


@pytest.mark.parametrize(
    ("column", "new", "dtype"),
    [
        ("i", 7, "int64"),
        ("i", None, "Int64"),
        ("i", 2.5, "float64"),
        ("f", 7.0, "float64"),
        ("f", None, "float64"),
        ("s", "z", "str"),
        ("b", None, "boolean"),
        ("c", "w", "category"),
        ("t", None, "datetime64[us]"),
        ("t", pd.Timestamp("2025-05-05"), "datetime64[us]"),
        ("d", dt.date(2025, 5, 5), "object"),
        ("I", None, "Int64"),
    ],
)
def test_one_cell(column, new, dtype):
    df = typed()
    at = df.columns.get_loc(column)
    out = edited(as_frame(df), Edit({at: ([1], [new])}))
    assert str(out[column].dtype) == dtype
    assert (pd.isna(out.iloc[1, at]) and new is None) or out.iloc[1, at] == new
    pd.testing.assert_frame_equal(df, typed())
    back = restored(as_frame(out), {at: ([1], [as_frame(df).column(at).array[1].as_py()])}, df, ((), ()))
    pd.testing.assert_frame_equal(back, df)


def test_rows_and_columns_come_back():
    df = typed()
    out = edited(as_frame(df), Edit({0: ([0], [9])}, drop_rows=(1,), drop_columns=(2, 4)))
    assert out.shape == (2, 7) and out.index.tolist() == [10, 20]
    pd.testing.assert_frame_equal(restored(as_frame(out), {0: ([0], [1])}, df, ((1,), (2, 4))), df)


@pytest.mark.parametrize("make", [pl.from_pandas, lambda df: pa.Table.from_pandas(df, preserve_index=False)])
def test_arrow_kinds_keep_their_types(make):
    data = make(pd.DataFrame({"i": [1, 2, 3], "s": ["a", "b", None]}))
    frame = as_frame(data)
    out = edited(frame, Edit({0: ([2, 0], [None, 8])}, drop_rows=(1,)))
    assert type(out) is type(data)
    again = as_frame(out)
    assert again.column("i").array.to_pylist() == [8, None] and again.columns == frame.columns
    back = restored(again, {0: ([2, 0], [3, 1])}, frame, ((1,), ()))
    assert as_frame(back).fingerprint == frame.fingerprint


@pytest.mark.parametrize("labels", [["x", "x"], [("a", 1), ("a", 2)], [1, None]])
def test_odd_column_labels(labels):
    df = pd.DataFrame([[1, "a"], [2, "b"]])
    df.columns = pd.MultiIndex.from_tuples(labels) if isinstance(labels[0], tuple) else labels
    out = edited(as_frame(df), Edit({1: ([0], ["z"])}))
    assert out.iloc[0, 1] == "z" and out.columns.equals(df.columns)


def test_each_way_of_missing_comes_back():
    df = pd.DataFrame({"o": ["a", None, float("nan"), pd.NA, "b"]}, dtype=object)
    out = edited(as_frame(df), Edit({0: ([1, 2, 3], ["x", "y", "z"])}))
    back = restored(as_frame(out), {0: ([1, 2, 3], [None, None, None])}, df, ((), ()))
    assert [repr(v) for v in back["o"]] == [repr(v) for v in df["o"]]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_comes_back_as_it_was_read(tmp_path, suffix):
    df = pd.DataFrame(
        {"i": pd.array([1, None, 3], dtype="Int64"), "b": pd.array([True, None, False], dtype="boolean"), "s": ["a", "b", None]}
    )
    path = tmp_path / f"t.{suffix}"
    df.to_csv(path, index=False) if suffix == "csv" else df.to_parquet(path)
    frame = as_frame(path)
    out = edited(frame, Edit({2: ([0], ["z"])}, drop_rows=(1,)))
    back = restored(as_frame(out), {2: ([0], ["a"])}, frame, ((1,), ()))
    assert as_frame(back).fingerprint == frame.fingerprint
