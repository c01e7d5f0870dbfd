"""Every type of every library becomes a value, and every failure of a library one line."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import edgp_magics as edgp
from edgp_magics.errors import UnsupportedData
from edgp_magics.frames import Edit, as_frame, edited

N = 24
ID = list(range(N))
VERBS = ("profile", "assess", "scan", "clean", "rules", "report")
UUIDS = [uuid.UUID(int=i) for i in ID]


def _pandas(values: Any) -> Callable[[], Any]:
    return lambda: pd.DataFrame({"id": ID, "v": values})


def _polars(values: Any, dtype: Any) -> Callable[[], Any]:
    return lambda: pl.DataFrame({"id": ID, "v": pl.Series(values, dtype=dtype)})


def _arrow(values: Any, kind: pa.DataType) -> Callable[[], Any]:
    return lambda: pa.table({"id": ID, "v": pa.array(values, kind)})


def _stored(kind: Any, values: Any, storage: pa.DataType) -> Callable[[], Any]:
    return lambda: pa.table({"id": ID, "v": pa.ExtensionArray.from_storage(kind, pa.array(values, storage))})


def _duckdb(expression: str) -> Callable[[], Any]:
    return lambda: duckdb.sql(f"select i as id, {expression} as v from range({N}) t(i)")


TABLES: dict[str, tuple[Callable[[], Any], str]] = {
    "pandas uuid": (_pandas(UUIDS), "string"),
    "pandas timedelta, constant": (_pandas([pd.Timedelta(days=1)] * N), "duration"),
    "pandas largest floats": (_pandas([1e308, -1e308] * (N // 2)), "float"),
    "pandas infinite": (_pandas([float("inf"), -float("inf"), 1.0] * (N // 3)), "float"),
    "pandas complex": (_pandas([complex(i, 1) for i in ID]), "mixed"),
    "pandas period": (_pandas(pd.period_range("2020-01", periods=N, freq="M")), "string"),
    "pandas after 9999": (_pandas(np.array(["12345-01-01", "2020-01-01"] * (N // 2), dtype="datetime64[s]")), "string"),
    "pandas before 1": (_pandas(np.array(["-0100-01-01", "2020-01-01"] * (N // 2), dtype="datetime64[s]")), "string"),
    "pandas last day": (_pandas([dt.date(9999, 12, 31), dt.date(1, 1, 1)] * (N // 2)), "date"),
    "pandas wide decimal": (_pandas(pd.Series([Decimal(i) for i in ID], dtype=pd.ArrowDtype(pa.decimal256(50, 2)))), "decimal"),
    "polars int128": (_polars(ID, pl.Int128), "integer"),
    "polars int128, large": (_polars([2**100 + i for i in ID], pl.Int128), "decimal"),
    "polars int128, inside": (_polars([[i] for i in ID], pl.List(pl.Int128)), "string"),
    "polars duration": (_polars([dt.timedelta(1)] * N, pl.Duration), "duration"),
    "polars object": (_polars([object() for _ in ID], pl.Object), "mixed"),
    "polars struct": (_polars([{"a": i} for i in ID], pl.Struct({"a": pl.Int64})), "nested"),
    "arrow uuid": (_stored(pa.uuid(), [u.bytes for u in UUIDS], pa.binary(16)), "string"),
    "arrow json": (_stored(pa.json_(), ['{"a":1}'] * N, pa.string()), "string"),
    "arrow bool8": (_stored(pa.bool8(), [1, 0] * (N // 2), pa.int8()), "boolean"),
    "arrow decimal256": (_arrow([Decimal(i) for i in ID], pa.decimal256(60, 2)), "decimal"),
    "arrow decimal256, large": (_arrow([Decimal(10) ** 50 + i for i in ID], pa.decimal256(76, 2)), "float"),
    "arrow decimal, thousands": (_arrow([Decimal(i * 1000) for i in ID], pa.decimal128(10, -3)), "decimal"),
    "arrow months": (_arrow([(1, 2, 3)] * N, pa.month_day_nano_interval()), "string"),
    "arrow after 9999": (_arrow([2**31 - 1, None] * (N // 2), pa.date32()), "string"),
    "arrow seconds": (_arrow([2**40] * N, pa.timestamp("s")), "string"),
    "arrow list view": (_arrow([[1]] * N, pa.list_view(pa.int64())), "string"),
    "arrow map": (_arrow([[("a", 1)]] * N, pa.map_(pa.string(), pa.int64())), "nested"),
    "arrow half": (_arrow([np.float16(i) for i in ID], pa.float16()), "float"),
    "arrow not UTF-8": (lambda: pa.table({"id": ID, "v": pa.array([b"\xff\xfe"] * N).view(pa.string())}), "string"),
    "duckdb interval": (_duckdb("INTERVAL 1 MONTH * i"), "string"),
    "duckdb interval of days": (_duckdb("INTERVAL 1 DAY * i"), "duration"),
    "duckdb uuid": (_duckdb("uuid()"), "string"),
    "duckdb infinity": (_duckdb("'infinity'::DATE"), "string"),
    "duckdb hugeint": (_duckdb("i::HUGEINT"), "decimal"),
    "duckdb union": (_duckdb("union_value(num := i)"), "string"),
    "duckdb bit": (_duckdb("'101'::BIT"), ""),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_type_is_read(name: str) -> None:
    make, kind = TABLES[name]
    frame = as_frame(make(), name="t")
    assert kind in ("", frame.column("v").kind)
    assert len(frame.column("v").text) == N == len(frame.column("v").series)
    assert frame.fingerprint


@pytest.mark.parametrize("name", TABLES)
def test_every_type_goes_through_every_verb(name: str, folder: Any) -> None:
    data = TABLES[name][0]()
    for verb in VERBS:
        assert edgp.run(verb, data, name="t").summary


def test_a_uuid_is_the_same_in_every_library() -> None:
    marks = {as_frame(TABLES[n][0]()).fingerprint for n in ("pandas uuid", "arrow uuid")}
    assert len(marks) == 1


def test_an_edit_keeps_128_bits() -> None:
    frame = as_frame(TABLES["polars int128"][0]())
    assert edited(frame, Edit(drop_rows=(0,))).schema["v"] == pl.Int128


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: pl.LazyFrame({"a": ["secret@x.org"]}).with_columns(pl.col("a").cast(pl.Int64)), "InvalidOperationError"),
        (lambda: pl.LazyFrame({"a": [1]}).select("b"), "ColumnNotFoundError"),
        (lambda: duckdb.sql("select v::INT as v from (values ('secret@x.org')) t(v)"), "ConversionException"),
        (lambda: pa.table({"v": pa.array([[2**31 - 1]], pa.list_(pa.date32()))}), "OverflowError"),
    ],
)
def test_a_failing_library_is_one_line_without_cells(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(UnsupportedData, match=words) as caught:
        _ = as_frame(make(), name="t").fingerprint
    assert "secret" not in str(caught.value)
    assert "cannot read" in caught.value.one_line()
    assert "\n" not in caught.value.one_line()
