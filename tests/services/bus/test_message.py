"""What may travel in a message."""

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from edgp_magics.errors import BusError
from edgp_magics.infrastructure import child_trace
from edgp_magics.services.bus import MCPMessage, MessagePriority
from edgp_magics.values import AgentCapability, DatasetRef, Severity, Table, finding

FRAME = pd.DataFrame({"a": [1, 2]})
REF = DatasetRef(name="t", fingerprint="f", rows=2, columns=("a",))


def message(**content):
    return MCPMessage(sender_id="a", recipient_id="b", content=content)


@pytest.mark.parametrize(
    "value",
    [
        FRAME,
        FRAME["a"],
        FRAME.index,
        FRAME["a"].array,
        pl.DataFrame({"a": [1]}),
        pl.Series([1]),
        pl.LazyFrame({"a": [1]}),
        pa.table({"a": [1]}),
        pa.array([1]),
        duckdb.sql("select 1"),
        np.array([1, 2]),
        Table({"a": [1]}),
        b"bytes",
        bytearray(b"x"),
        memoryview(b"x"),
        object(),
        lambda: 1,
        DatasetRef,
    ],
    ids=lambda v: type(v).__module__.split(".")[0] + "." + type(v).__name__,
)
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: [v], lambda v: {"x": (v,)}], ids=["bare", "list", "nested"])
def test_frames_and_objects_do_not_travel(value, wrap):
    with pytest.raises(BusError, match=r"cannot travel|handle") as caught:
        message(data=wrap(value))
    assert "`data`" in str(caught.value)
    with pytest.raises(BusError):
        MCPMessage(sender_id="a", context={"data": wrap(value)})


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (1, 1),
        (True, True),
        (None, None),
        ("x", "x"),
        (1.5, 1.5),
        (float("nan"), None),
        (float("inf"), None),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.float64("nan"), None),
        (np.bool_(True), True),
        (np.str_("x"), "x"),
        (np.datetime64("2026-01-02", "D"), "2026-01-02"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (pd.Timestamp("2026-01-02"), "2026-01-02T00:00:00"),
        (Decimal("1.5"), 1.5),
        (Path("a/b"), "a/b"),
        (Severity.HIGH, "high"),
        (MessagePriority.HIGH, 2),
        ((1, 2), [1, 2]),
        ({3, 1}, [1, 3]),
        ({"a": {"b": (1,)}}, {"a": {"b": [1]}}),
        ({1: "x", Severity.LOW: "y"}, {"1": "x", "low": "y"}),
        (REF, {"name": "t", "fingerprint": "f", "rows": 2, "columns": ["a"], "kind": "pandas"}),
        (range(3), [0, 1, 2]),
    ],
    ids=str,
)
def test_values_become_plain(value, plain):
    content = message(v=value).content
    assert content == {"v": plain}
    assert type(content["v"]) is type(plain)
    assert json.loads(json.dumps(content)) == content


def test_a_finding_travels_as_plain_data():
    found = finding(AgentCapability.PRIVACY_SCAN, "r", ["a"], "m", Severity.LOW, count=3)
    assert message(findings=[found]).content["findings"][0]["severity"] == "low"


@pytest.mark.parametrize(
    "content", [{"rows": [[1, 2, 3]] * 3000}, {"rows": FRAME.sample(9000, replace=True).to_dict("list")}, {"text": "x" * 70_000}]
)
def test_a_table_in_disguise_is_too_large(content):
    with pytest.raises(BusError, match="too large for a message"):
        message(**content)


def test_content_is_copied():
    given = {"list": [1]}
    sent = message(**given)
    given["list"].append(2)
    assert sent.content == {"list": [1]}


@pytest.mark.parametrize("content", [[1], "x", None, 3])
def test_content_is_a_mapping(content):
    with pytest.raises(BusError, match="mapping"):
        MCPMessage(sender_id="a", content=content)


def test_a_message_of_the_guide():
    sent = MCPMessage(
        sender_id="data_quality_agent",
        recipient_id="remediation_agent",
        capability=AgentCapability.ISSUE_RESOLUTION,
        content={"issues": ["F-1"]},
    )
    assert sent.priority is MessagePriority.NORMAL
    assert sent.timestamp.tzinfo is dt.UTC
    assert sent.deadline is None
    assert json.loads(json.dumps(sent.to_dict()))["capability"] == "issue_resolution"
    with pytest.raises(AttributeError):
        sent.content = {}


def test_ids_differ():
    assert len({message().message_id for _ in range(1000)}) == 1000


@pytest.mark.parametrize("parent", ["", "rubbish", "00-short-01"])
def test_a_new_trace_where_there_is_none(parent):
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", child_trace(parent))


def test_not_sampled_stays_so():
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
    assert child_trace(parent).endswith("-00")


def test_a_deadline_has_its_time_zone():
    with pytest.raises(BusError, match="time zone"):
        MCPMessage(sender_id="a", deadline=dt.datetime(2026, 1, 1))
