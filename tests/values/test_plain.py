"""Values to plain data and back; what is raw stays behind."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field

import numpy as np
import pytest

from edgp_magics.values import RAW, AgentCapability, Severity, Table, finding, mask, percent, plain, plural, restore, shape, spark


@dataclass(frozen=True)
class Inner:
    name: str
    secret: str = field(default="", metadata=RAW)


@dataclass(frozen=True)
class Outer:
    inner: tuple[Inner, ...]
    by: dict[str, Inner]
    when: dt.date | None = None
    level: Severity = Severity.LOW
    table: Table | None = None


def test_round_trip_without_raw_values() -> None:
    value = Outer((Inner("a", "hush"),), {"x": Inner("b", "hush")}, dt.date(2026, 1, 2), Severity.HIGH, Table({"n": [1, 2]}))
    data = json.loads(json.dumps(plain(value)))
    assert "hush" not in json.dumps(data)
    again = restore(Outer, data)
    assert again == Outer((Inner("a"),), {"x": Inner("b")}, dt.date(2026, 1, 2), Severity.HIGH, Table({"n": [1, 2]}))


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (np.int64(3), 3),
        (np.float64("nan"), None),
        (float("inf"), None),
        (np.array([1.0, 2.0]), [1.0, 2.0]),
        ({"b", "a"}, ["a", "b"]),
        (b"abc", "<3 bytes>"),
        (dt.timedelta(minutes=1), 60.0),
        (Severity.HIGH, "high"),
        (True, True),
    ],
)
def test_scalars(value: object, wanted: object) -> None:
    assert plain(value) == wanted


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("alice@example.org", "axxxx@xxxxxxx.xxx"),
        ("+65 9123 4567", "+99 9999 9999"),
        ("é", "x"),
        (None, "null"),
        (12345, "19999"),
        ("שלום", "שxxx"),
    ],
)
def test_masking_keeps_the_shape_alone(value: object, shown: str) -> None:
    assert mask(value) == shown


def test_a_long_value_is_cut() -> None:
    assert len(mask("a" * 1_000_000)) < 100


@pytest.mark.parametrize(("text", "wanted"), [("AB-12", "A-9"), ("Main St 5", "Aa Aa 9"), ("", ""), ("x  y", "a a")])
def test_shapes(text: str, wanted: str) -> None:
    assert shape(text) == wanted


def test_finding_ids_depend_on_what_and_where_alone() -> None:
    one = finding(AgentCapability.DATA_PROFILING, "unique", ["a"], "two", Severity.LOW, count=2)
    two = finding(AgentCapability.DATA_PROFILING, "unique", ["a"], "three", Severity.HIGH, count=3)
    other = finding(AgentCapability.DATA_PROFILING, "unique", ["b"], "two", Severity.LOW)
    assert one.id == two.id != other.id


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(0, 0, "0 %"), (1, 3, "33.3 %"), (1, 10**6, "< 0.1 %"), (10**6 - 1, 10**6, "> 99.9 %"), (3, 3, "100 %")]
)
def test_percent_never_rounds_to_a_lie(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


def test_small_words() -> None:
    assert plural(1, "row") == "1 row"
    assert plural(2000, "row") == "2,000 rows"
    assert spark([]) == ""
    assert spark([0, 0]) == ""
