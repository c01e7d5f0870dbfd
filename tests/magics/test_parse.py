"""Cell text to tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgp_magics.capabilities import read_options
from edgp_magics.errors import UsageError
from edgp_magics.magics._commands import command
from edgp_magics.magics._data import find_data, label_of
from edgp_magics.magics._parse import parse


@pytest.mark.parametrize(
    ("line", "verb", "argument", "options"),
    [
        ("", "", "", {}),
        ("profile df", "profile", "df", {}),
        ("profile df --top 5", "profile", "df", {"top": "5"}),
        ("profile --top=5 df", "profile", "df", {"top": "5"}),
        ('profile sales["e u"] -o p', "profile", 'sales["e u"]', {"o": "p"}),
        ("profile df[df.x > 3] --risk", "profile", "df[df.x > 3]", {"risk": None}),
        ("profile df - 1", "profile", "df - 1", {}),
        ("profile 'data/my file.csv' --name x", "profile", "'data/my file.csv'", {"name": "x"}),
        ("scan df --columns 'a b',c", "scan", "df", {"columns": "'a b',c"}),
        ("profile df.query('a == \"--x y\"')", "profile", "df.query('a == \"--x y\"')", {}),
        ("clean df --flag --top 3", "clean", "df", {"flag": None, "top": "3"}),
        ("why F-12", "why", "F-12", {}),
        ("profile df # the orders", "profile", "df", {}),
        ("profile df --top 5 #--risk", "profile", "df", {"top": "5"}),
        ("profile df['# no'] # yes", "profile", "df['# no']", {}),
        ("scan df --columns x#2", "scan", "df", {"columns": "x#2"}),
        ("# nothing", "", "", {}),
    ],
)
def test_a_line_is_read(line: str, verb: str, argument: str, options: dict[str, str | None]) -> None:
    read = parse(line)
    assert (read.verb, read.argument, dict(read.options)) == (verb, argument, options)


@pytest.mark.parametrize(
    ("typed", "items"),
    [
        ("a,b", ("a", "b")),
        ("'customer id',email", ("customer id", "email")),
        ('"a,b"', ("a,b",)),
        ("\"a,b\",c,'d,e'", ("a,b", "c", "d,e")),
        ("o'clock,b", ("o'clock", "b")),
        ("'a b'", ("a b",)),
        (",a,,b,", ("a", "b")),
    ],
)
def test_items_of_a_list_may_be_quoted(typed: str, items: tuple[str, ...]) -> None:
    chosen = command("scan")
    for line in (f"scan df --columns {typed}", f"scan df --columns={typed}"):
        read = parse(line, flags=chosen.flags, lists=chosen.lists)
        assert read_options(chosen.options, dict(read.options), of="scan") == {"columns": items}


@pytest.mark.parametrize(
    ("expression", "label"),
    [
        ("df", "df"),
        ("df[df.email=='x@y.z']", "df[df.email=='…']"),
        ("df[df.ö == 'ü'].head(5)", "df[df.ö == '…'].head(…)"),
        ("df.query(f'a == {x}')", "df.query('…')"),
        ("sales['eu']", "sales['eu']"),
        ("groups['x@y.z']", "groups['…']"),
        ("groups['91234567']", "groups['…']"),
        ("frames[0]", "frames[0]"),
        ("df.loc['x@y.z':]", "df.loc['…':]"),
        ("df.dropna(inplace=False)", "df.dropna(inplace=False)"),
        ("df[df.amount > -1234.5]", "df[df.amount > -…]"),
    ],
)
def test_a_label_tells_no_cell(expression: str, label: str) -> None:
    assert label_of(expression) == label


@pytest.mark.parametrize("text", ["x.csv", "'my file.csv.gz'", "~/x.tsv", "x.xlsx", "'data/y.PARQUET'"])
def test_a_path_is_no_expression(text: str) -> None:
    assert isinstance(find_data(text, {}, verb="profile")[0], Path)


def test_a_folder_is_a_path(tmp_path: Path) -> None:
    assert find_data(str(tmp_path), {}, verb="profile") == (tmp_path, tmp_path.name)


def test_a_flag_takes_no_value() -> None:
    assert parse("clean --dry-run df", flags=frozenset({"dry-run"})).argument == "df"


@pytest.mark.parametrize("line", ["profile df['a", "profile (df", 'profile "x'])
def test_what_is_left_open_is_an_error(line: str) -> None:
    with pytest.raises(UsageError, match="not closed"):
        parse(line)


@settings(max_examples=1000, deadline=None)
@given(st.text())
def test_a_body_reaches_the_parser_as_typed(body: str) -> None:
    assert parse("assess df", body).body == body
