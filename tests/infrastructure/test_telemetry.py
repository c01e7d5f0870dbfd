import importlib
import sys
from types import SimpleNamespace

import pytest

from edgp_magics.infrastructure import AgentMetrics, monitor
from edgp_magics.infrastructure import _telemetry as module

NINE = {
    "capability_execution_count": "Counter",
    "capability_execution_duration": "Histogram",
    "capability_success_rate": "Gauge",
    "messages_sent": "Counter",
    "messages_received": "Counter",
    "message_processing_duration": "Histogram",
    "rag_retrieval_time": "Histogram",
    "llm_response_time": "Histogram",
    "workflow_execution_time": "Histogram",
}


def used():
    metrics = AgentMetrics()
    metrics.capability_done("a", "scan", 0.2)
    metrics.capability_done("a", "scan", 0.4, outcome="failed")
    metrics.capability_done("a", "scan", 0.1, outcome="cancelled")
    message = SimpleNamespace(sender_id="x", recipient_id="y")
    for kind in ("sent", "handled", "dead"):
        metrics.bus_event(kind, message, 0.01)
    metrics.retrieved(0.02, mode="lexical")
    metrics.model_answered(1.0, model="m")
    metrics.workflow_done("w", 2.0, outcome="paused")
    return metrics


@pytest.mark.parametrize(("name", "kind"), NINE.items())
def test_the_nine_metrics_of_the_guide(name, kind):
    assert type(getattr(AgentMetrics(), name)).__name__ == kind


def test_what_is_counted():
    found = used().snapshot()
    assert found["capability_execution_count_total"] == {"a,scan,ok": 1, "a,scan,failed": 1, "a,scan,cancelled": 1}
    assert found["capability_success_rate"] == {"a,scan": 0.5}
    assert found["capability_execution_duration_seconds_count"] == {"a,scan": 3}
    assert found["messages_sent_total"] == {"x,y": 1}
    assert found["messages_received_total"] == {"y,handled": 1, "y,dead": 1}
    assert found["message_processing_duration_seconds_count"] == {"y": 1}
    assert found["rag_retrieval_time_seconds_sum"] == {"lexical": 0.02}
    assert found["llm_response_time_seconds_sum"] == {"m": 1.0}
    assert found["workflow_execution_time_seconds_sum"] == {"w,paused": 2.0}


def test_the_exposition_is_prometheus_text():
    from prometheus_client.parser import text_string_to_metric_families

    names = {f.name for f in text_string_to_metric_families(used().exposition())}
    assert {n.removesuffix("_seconds") for n in names if not n.endswith("_created")} >= {f"edgp_{n}" for n in NINE}


def test_reload_never_fails():
    for _ in range(3):
        used()
        importlib.reload(sys.modules[module.__name__])


def test_names_do_not_grow_without_end():
    metrics = AgentMetrics()
    for n in range(300):
        metrics.capability_done("a", f"c{n}", 0.0)
    assert len(metrics.snapshot()["capability_execution_count_total"]) == 101


def test_minutes_are_filled(monkeypatch):
    metrics, now = AgentMetrics(), [6000.0]
    monkeypatch.setattr(module.time, "time", lambda: now[0])
    metrics.capability_done("a", "scan", 0.2)
    now[0] += 180
    metrics.capability_done("a", "scan", 0.2, outcome="failed")
    assert [(m["runs"], m["failures"]) for m in metrics.minutes()] == [(1, 0), (0, 0), (0, 0), (1, 1)]
    now[0] += 60 * 200
    assert len(metrics.minutes()) == 60


def test_the_monitor_reads_well():
    from edgp_magics.display import to_html, to_text

    metrics = used()
    text = to_text(metrics.document())
    assert "3 capability runs, 1 message." in text
    assert "50" in text
    assert to_html(metrics.document())
    assert monitor({}).blocks[0].text == "Nothing was run yet."
