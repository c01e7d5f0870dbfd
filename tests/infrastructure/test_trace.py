import asyncio
import json
import os

import pytest

from edgp_magics.infrastructure import Tracer, read_trace, trace_document, traceparent
from edgp_magics.infrastructure import _trace as module


def spans(tmp_path, run="run-1"):
    return read_trace(tmp_path / f"{run}.jsonl")


def test_a_run_is_a_tree_of_spans(tmp_path):
    tracer = Tracer(tmp_path)
    with tracer.run("run-1", "workflow", {"edgp.workflow": "w"}):
        with tracer.span("assess", {"edgp.rows": 3}) as span:
            span.set({"edgp.findings": 2, "edgp.status": None})
        with tracer.span("scan"):
            pass
    root, assess, scan = spans(tmp_path)
    assert [s["name"] for s in (root, assess, scan)] == ["workflow", "assess", "scan"]
    assert root["attributes"] == {"edgp.run": "run-1", "edgp.workflow": "w"}
    assert assess["attributes"] == {"edgp.findings": 2, "edgp.rows": 3}
    assert {s["trace_id"] for s in (root, assess, scan)} == {root["trace_id"]}
    assert (root["parent_span_id"], assess["parent_span_id"]) == ("", root["span_id"])
    assert root["start_time_unix_nano"] <= assess["start_time_unix_nano"] <= assess["end_time_unix_nano"]
    assert traceparent.get() == ""


def test_errors_are_named_but_not_quoted(tmp_path):
    tracer = Tracer(tmp_path)
    with pytest.raises(ValueError), tracer.run("run-1", "x"):
        raise ValueError("canary-value")
    (span,) = spans(tmp_path)
    assert (span["status"], span["attributes"]["error.type"]) == ({"code": "ERROR"}, "ValueError")
    assert "canary" not in json.dumps(span)


def test_a_new_attribute_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no attribute user"), Tracer(tmp_path).run("run-1", "x", {"user.email": "a@b"}):
        pass


def test_a_run_inside_a_run_goes_to_the_same_file(tmp_path):
    tracer = Tracer(tmp_path)
    with tracer.run("run-1", "outer"), tracer.run("run-2", "inner"):
        pass
    assert [s["name"] for s in spans(tmp_path)] == ["outer", "inner"]
    assert not (tmp_path / "run-2.jsonl").exists()


async def test_two_runs_at_once_do_not_mix(tmp_path):
    tracer = Tracer(tmp_path)

    async def run(name):
        with tracer.run(name, name):
            for _ in range(3):
                with tracer.span(f"{name} step"):
                    await asyncio.sleep(0.001)
                await asyncio.to_thread(in_thread, name)

    def in_thread(name):
        with tracer.span(f"{name} thread"):
            pass

    await asyncio.gather(run("a"), run("b"))
    for name in "ab":
        found = spans(tmp_path, name)
        assert len(found) == 7
        assert all(s["name"].startswith(name) for s in found)
        assert {s["parent_span_id"] for s in found[1:]} == {found[0]["span_id"]}


async def test_the_bus_carries_the_trace(tmp_path):
    from edgp_magics.services.bus import MCPMessage, MCPMessageBus

    tracer, bus = Tracer(tmp_path), MCPMessageBus()

    async def handler(message):
        with tracer.span("handled", {"messaging.message.id": message.message_id}):
            return {}

    bus.subscribe("b", handler)
    with tracer.run("run-1", "asks"):
        message = MCPMessage(sender_id="a", recipient_id="b")
        await bus.request(message)
    root, handled = spans(tmp_path)
    assert handled["trace_id"] == root["trace_id"] == message.context["traceparent"][3:35]
    assert handled["parent_span_id"] == message.context["traceparent"][36:52]


def test_without_a_folder_only_the_context_is_passed_on():
    tracer = Tracer(None)
    with tracer.run("run-1", "x") as root, tracer.span("y") as span:
        assert span.trace_id == root.trace_id
        assert traceparent.get() == span.traceparent


def test_a_full_disk_stops_the_trace_and_not_the_work(tmp_path, monkeypatch):
    tracer = Tracer(tmp_path)
    with tracer.run("run-1", "x") as _:
        file = next(iter(tracer._files.values()))
        monkeypatch.setattr(module.json, "dumps", lambda *a, **k: (_ for _ in ()).throw(OSError(28, os.strerror(28))))
        with tracer.span("y"):
            pass
        monkeypatch.undo()
    assert tracer.problem == "traces are not written: No space left on device"
    assert file.closed


def test_old_traces_go(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TRACES_KEPT", 3)
    tracer = Tracer(tmp_path)
    for n in range(6):
        with tracer.run(f"run-{n}", "x"):
            os.utime(tmp_path / f"run-{n}.jsonl", (n, n))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run-3.jsonl", "run-4.jsonl", "run-5.jsonl"]


def test_names_of_runs_stay_in_the_folder(tmp_path):
    with Tracer(tmp_path / "t").run("../../evil", "x"):
        pass
    assert [p.name for p in (tmp_path / "t").iterdir()] == ["______evil.jsonl"]


def test_a_trace_reads_well(tmp_path):
    assert trace_document([]).blocks[0].text == "The trace is empty."
    tracer = Tracer(tmp_path)
    with tracer.run("run-1", "outer"), tracer.span("inner"):
        pass
    path = tmp_path / "run-1.jsonl"
    path.write_text(path.read_text() + '{"cut off')
    grid = trace_document(read_trace(path)).blocks[1]
    assert [row[0] for row in grid.rows] == ["outer", "· inner"]
