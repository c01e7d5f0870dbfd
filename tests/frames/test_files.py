"""Files as they come: other separators, encodings, compression, codes with leading zeros, folders."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from edgp_magics.errors import DataNotFound, UnsupportedData
from edgp_magics.frames import as_frame

CITIES = ["Zürich", "Genève", "Málaga", "Köln", "Besançon", "São Paulo"] * 3


def _text(separator: str) -> str:
    name = "Ada {}" if separator == "," else "Ada, {}"
    rows = [("name", "city", "n"), *((name.format(i), city, str(i)) for i, city in enumerate(CITIES))]
    return "\n".join(map(separator.join, rows))


@pytest.mark.parametrize(
    ("name", "separator", "encoding", "notes"),
    [
        ("a.csv", ",", "utf-8", ()),
        ("a.csv", ";", "utf-8", ("read as separated by ';'",)),
        ("a.csv", "|", "utf-8", ("read as separated by '|'",)),
        ("a.csv", "\t", "utf-8", ("read as separated by a tab",)),
        ("a.tsv", "\t", "utf-8", ()),
        ("a.tsv", ",", "utf-8", ("read as separated by ','",)),
        ("a.csv", ",", "utf-8-sig", ()),
        ("a.csv", ";", "utf-16", ("read as separated by ';'", "read as utf-16")),
        ("a.csv", ",", "latin-1", None),
        ("a.csv.gz", ",", "utf-8", ()),
        ("A.TSV.GZ", "\t", "cp1252", None),
    ],
)
def test_separator_and_encoding_are_found(tmp_path: Path, name: str, separator: str, encoding: str, notes: Any) -> None:
    data = _text(separator).encode(encoding)
    (tmp_path / name).write_bytes(gzip.compress(data) if name.lower().endswith(".gz") else data)
    frame = as_frame(tmp_path / name)
    assert (frame.name.lower(), frame.columns, frame.rows) == ("a", ("name", "city", "n"), len(CITIES))
    assert frame.column("city").array.to_pylist() == CITIES
    assert frame.column("n").kind == "integer"
    assert frame.notes == notes if notes is not None else frame.notes[-1].startswith("read as ")


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        (["Müller"], "cp1252"),
        (["Café", "naïve"], "cp1252"),
        (["Москва", "Казань", "Новосибирск"], "cp1251"),
        (["Αθήνα", "Θεσσαλονίκη", "Πάτρα"], "cp1253"),
        (["北京", "上海", "广州"], "gb18030"),
        (["서울", "부산", "대구"], "cp949"),
    ],
)
def test_other_scripts_are_read(tmp_path: Path, words: list[str], encoding: str) -> None:
    (tmp_path / "w.csv").write_bytes("\n".join(["id,word", *(f"{i},{w}" for i, w in enumerate(words))]).encode(encoding))
    frame = as_frame(tmp_path / "w.csv")
    assert frame.column("word").array.to_pylist() == words
    assert frame.notes == (f"read as {encoding}",)


def test_a_header_may_be_all_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_bytes("id,Straße\n1,a\n".encode("latin-1"))
    assert as_frame(tmp_path / "h.csv").columns == ("id", "Straße")


@pytest.mark.parametrize(
    ("cells", "kind", "first"),
    [
        (["01234", "99999"], "string", "01234"),
        (["1234", "99999"], "integer", 1234),
        (["0", "0.5"], "float", 0.0),
        (["007", ""], "string", "007"),
        (["2020-01-02", "2021-02-03"], "date", None),
    ],
)
def test_codes_with_leading_zeros_stay_text(tmp_path: Path, cells: list[str], kind: str, first: Any) -> None:
    (tmp_path / "z.csv").write_text("zip,zip,n\n" + "\n".join(f"{c},{c},1" for c in cells))
    frame = as_frame(tmp_path / "z.csv")
    for column in (frame.column(0), frame.column(1)):
        assert column.kind == kind
        assert first is None or column.array[0].as_py() == first
        assert ("leading zeros" in column.dtype) == (kind == "string")


def test_a_folder_of_parquet_files_is_one_table(tmp_path: Path) -> None:
    for i in range(3):
        pd.DataFrame({"a": [i]}).to_parquet(tmp_path / f"{i}.parquet")
    assert as_frame(tmp_path).shape == (3, 1)


def test_a_path_may_start_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    assert as_frame("~/x.csv").shape == (1, 2)


@pytest.mark.parametrize(
    ("name", "content", "error", "words"),
    [
        ("x.xlsx", b"PK", UnsupportedData, r"pandas.read_excel\('x.xlsx'\)"),
        ("x.json", b"{}", UnsupportedData, "Files: .parquet"),
        ("ragged.csv", b"a,b\n1,2\n1,2,secret\n", UnsupportedData, "pandas.read_csv"),
        ("broken.csv.gz", b"no gzip", UnsupportedData, "cannot read"),
        ("gone", None, UnsupportedData, "not a table file"),
        ("gone.csv.gz", None, DataNotFound, "no file"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(tmp_path: Path, name: str, content: bytes | None, error: type[Exception], words: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=words) as caught:
        as_frame(tmp_path / name)
    assert "secret" not in str(caught.value)


def test_a_folder_without_tables_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedData, match="without Parquet files"):
        as_frame(tmp_path)
