"""One view of any table."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from edgp_magics.errors import ColumnNotFound, DataNotFound, FrameChanged, UnsupportedData
from edgp_magics.frames import DatasetRegistry, as_frame, is_frame_like, unique_names


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([], ()),
        (["a", "b"], ("a", "b")),
        (["a", "a", "a"], ("a", "a#2", "a#3")),
        (["a", "a", "a#2"], ("a", "a#3", "a#2")),
        ([1, "1"], ("1", "1#2")),
        ([("x", 1), None], ("x / 1", "None")),
    ],
)
def test_names_are_unique_text(labels: list[Any], names: tuple[str, ...]) -> None:
    assert unique_names(labels) == names


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "integer"),
        ([1.5, None], "float"),
        ([True, False], "boolean"),
        (["a", None], "string"),
        ([pd.Timestamp("2026-01-01")], "datetime"),
        ([pd.Timedelta(days=1)], "duration"),
        ([{"a": 1}], "nested"),
        ([[1], [2]], "nested"),
        ([b"x"], "binary"),
        ([None, None], "null"),
        ([1, "a"], "mixed"),
        ([2**80, 1], "mixed"),
    ],
)
def test_kinds(values: list[Any], kind: str) -> None:
    assert as_frame(pd.DataFrame({"c": values})).column("c").kind == kind


@pytest.mark.parametrize("null", [None, np.nan, pd.NA, pd.NaT])
def test_every_kind_of_missing_is_null(null: Any) -> None:
    column = as_frame(pd.DataFrame({"c": pd.Series(["a", null], dtype=object)})).column("c")
    assert column.null_count == 1
    assert column.counts.rows() == [("a", 1)]


def test_the_fingerprint_is_the_same_in_every_library(orders: pd.DataFrame, make_frame: Callable[[pd.DataFrame], Any]) -> None:
    assert as_frame(make_frame(orders)).fingerprint == as_frame(orders).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        lambda df: df.assign(amount=df["amount"] + 1),
        lambda df: df.rename(columns={"amount": "sum"}),
        lambda df: df.iloc[::-1],
        lambda df: df.drop(columns="amount"),
        lambda df: df.assign(email=df["email"].fillna("")),
        lambda df: df.assign(amount=df["amount"].astype("int64")),
    ],
)
def test_the_fingerprint_moves_with_the_content(orders: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    assert as_frame(change(orders)).fingerprint != as_frame(orders).fingerprint


def test_the_fingerprint_does_not_mind_chunks_and_slices(orders: pd.DataFrame) -> None:
    import pyarrow as pa

    whole = pa.Table.from_pandas(orders, preserve_index=False)
    parts = pa.concat_tables([whole.slice(0, 7), whole.slice(7)])
    assert as_frame(parts).fingerprint == as_frame(whole).fingerprint
    assert as_frame(whole.slice(3, 9)).fingerprint == as_frame(orders.iloc[3:12]).fingerprint


def test_row_labels_are_the_users(orders: pd.DataFrame) -> None:
    assert as_frame(orders.set_index("order_id")).row_labels([0, 2]) == ("O-0000", "O-0002")


def test_an_unknown_column_names_the_nearest(orders: pd.DataFrame) -> None:
    with pytest.raises(ColumnNotFound, match="Did you mean `email`"):
        as_frame(orders, name="orders").column("emial")


def test_files_are_read(tmp_path: Path, orders: pd.DataFrame) -> None:
    orders.to_parquet(tmp_path / "o.parquet")
    orders.to_csv(tmp_path / "o.csv", index=False)
    (tmp_path / "empty.csv").write_text("")
    assert as_frame(tmp_path / "o.parquet").fingerprint == as_frame(orders).fingerprint
    assert as_frame(tmp_path / "o.csv").shape == (60, 6)
    assert as_frame(tmp_path / "empty.csv").shape == (0, 0)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        ([1, 2], UnsupportedData, "not a table"),
        ("nothing.csv", DataNotFound, "no file"),
        ("table.xlsx", UnsupportedData, "not a table file"),
    ],
)
def test_what_is_no_table_says_so(data: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        as_frame(data)


def test_a_broken_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(UnsupportedData, match=r"cannot read `x.parquet`"):
        as_frame(tmp_path / "x.parquet")


def test_recognition_reads_nothing(orders: pd.DataFrame, make_frame: Callable[[pd.DataFrame], Any]) -> None:
    assert is_frame_like(make_frame(orders))
    assert not is_frame_like(orders["amount"].tolist())


def test_a_registry_gives_the_same_content_or_refuses(orders: pd.DataFrame) -> None:
    registry = DatasetRegistry()
    ref = registry.add(orders, name="orders")
    assert registry.frame(ref).native is orders
    other = DatasetRegistry()
    with pytest.raises(DataNotFound, match="Load it again"):
        other.frame(ref)
    fewer = orders.head(3)
    other.add(fewer, name="orders")
    with pytest.raises(FrameChanged, match="not the table this run was made for"):
        other.frame(ref)


@pytest.mark.parametrize("verb", ["", "profile"])
def test_a_registry_keeps_no_table_alive(make_frame: Callable[[pd.DataFrame], Any], verb: str, fresh_runtime: Any) -> None:
    data = make_frame(pd.DataFrame({"a": [1, 2, None], "b": ["x", "y", "y"]}))
    gone = weakref.ref(data)
    ref = fresh_runtime.datasets.add(data, name="t")
    assert len(fresh_runtime.datasets) == 1
    if verb == "profile":
        fresh_runtime.run(verb, data, name="t")
    del data
    gc.collect()
    assert gone() is None
    assert (len(fresh_runtime.datasets), fresh_runtime.datasets.refs()) == (0, [ref])
    with pytest.raises(DataNotFound, match=r"no longer\. Load it again"):
        fresh_runtime.datasets.frame(ref)


def test_a_frame_in_use_is_found_by_its_handle(orders: pd.DataFrame) -> None:
    registry = DatasetRegistry()
    held = registry.hold(orders.head(3), name="few")
    assert registry.frame(held.ref) is held
    assert registry.named("few") == held.ref


def test_a_table_changed_in_place_is_refused(orders: pd.DataFrame) -> None:
    registry = DatasetRegistry()
    ref = registry.add(orders, name="orders")
    orders.loc[0, "country"] = "XX"
    with pytest.raises(FrameChanged):
        registry.frame(ref)


def test_a_file_is_read_again(orders: pd.DataFrame, tmp_path: Path) -> None:
    orders.to_csv(tmp_path / "o.csv", index=False)
    registry = DatasetRegistry()
    ref = registry.add(str(tmp_path / "o.csv"))
    assert registry.frame(ref).fingerprint == ref.fingerprint
