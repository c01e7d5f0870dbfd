"""Cell text to tokens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgp_magics.errors import UsageError
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
    ],
)
def test_a_line_is_read(line: str, verb: str, argument: str, options: dict[str, str | None]) -> None:
    read = parse(line)
    assert (read.verb, read.argument, dict(read.options)) == (verb, argument, options)


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
