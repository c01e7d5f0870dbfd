"""The nine metrics of the agents, on prometheus-client, in a registry of our own."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..values import Bar, Block, Code, Document, Facts, Grid, Text, percent, plural, spark

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

Outcome = Literal["ok", "failed", "cancelled"]

_FAST = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)
_SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_NAMES_KEPT = 100
"""A label takes this many values; what comes later counts as `other`, so that metrics stay small."""
_MINUTES_KEPT = 60


class AgentMetrics:
    """Counters and clocks of agents, bus, retrieval, models and workflows.

    Each instance has its own registry: making another one (on reload, in a test) never collides.

    >>> metrics = AgentMetrics()
    >>> metrics.capability_done("compliance_agent", "privacy_scan", 0.2)
    >>> metrics.capability_done("compliance_agent", "privacy_scan", 0.1, outcome="failed")
    >>> metrics.success_rate("compliance_agent", "privacy_scan")
    0.5
    """

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        registry = CollectorRegistry(auto_describe=True)
        work = ("agent", "capability")
        self.registry: CollectorRegistry = registry
        self.capability_execution_count = Counter(
            "edgp_capability_execution_count", "capabilities run", (*work, "outcome"), registry=registry
        )
        self.capability_execution_duration = Histogram(
            "edgp_capability_execution_duration_seconds", "time of a capability", work, registry=registry, buckets=_SLOW
        )
        self.capability_success_rate = Gauge("edgp_capability_success_rate", "share of runs that ended well", work, registry=registry)
        self.messages_sent = Counter("edgp_messages_sent", "messages sent", ("sender", "recipient"), registry=registry)
        self.messages_received = Counter("edgp_messages_received", "messages handled", ("recipient", "outcome"), registry=registry)
        self.message_processing_duration = Histogram(
            "edgp_message_processing_duration_seconds", "time to handle a message", ("recipient",), registry=registry, buckets=_FAST
        )
        self.rag_retrieval_time = Histogram(
            "edgp_rag_retrieval_time_seconds", "time of a retrieval", ("mode",), registry=registry, buckets=_FAST
        )
        self.llm_response_time = Histogram(
            "edgp_llm_response_time_seconds", "time of a model's answer", ("model",), registry=registry, buckets=_SLOW
        )
        self.workflow_execution_time = Histogram(
            "edgp_workflow_execution_time_seconds", "time of a workflow", ("workflow", "outcome"), registry=registry, buckets=_SLOW
        )
        self._lock = threading.Lock()
        self._ended: dict[tuple[str, str], list[int]] = {}
        self._names: dict[str, set[str]] = {}
        self._minutes: deque[_Minute] = deque(maxlen=_MINUTES_KEPT)

    # -- what happened ---------------------------------------------------------------------------------------
    def capability_done(self, agent: str, capability: str, seconds: float, *, outcome: Outcome = "ok") -> None:
        """A capability ended. One that the user stopped counts, but neither as success nor as failure."""
        labels = (self._name("agent", agent), self._name("capability", capability))
        self.capability_execution_count.labels(*labels, outcome).inc()
        self.capability_execution_duration.labels(*labels).observe(seconds)
        with self._lock:
            minute = self._minute()
            minute.runs += 1
            minute.seconds += seconds
            minute.failures += outcome == "failed"
            if outcome == "cancelled":
                return
            ended = self._ended.setdefault(labels, [0, 0])
            ended[0] += outcome == "ok"
            ended[1] += 1
            self.capability_success_rate.labels(*labels).set(ended[0] / ended[1])

    def bus_event(self, kind: str, message: Any, seconds: float) -> None:
        """Something happened on the bus; give this to the bus as ``on_event``."""
        recipient = self._name("recipient", message.recipient_id)
        if kind == "sent":
            self.messages_sent.labels(self._name("sender", message.sender_id), recipient).inc()
            with self._lock:
                self._minute().messages += 1
            return
        self.messages_received.labels(recipient, kind).inc()
        if kind in ("handled", "failed"):
            self.message_processing_duration.labels(recipient).observe(seconds)

    def retrieved(self, seconds: float, *, mode: str = "hybrid") -> None:
        """Passages were retrieved."""
        self.rag_retrieval_time.labels(self._name("mode", mode)).observe(seconds)

    def model_answered(self, seconds: float, *, model: str) -> None:
        """A language model answered."""
        self.llm_response_time.labels(self._name("model", model)).observe(seconds)

    def workflow_done(self, workflow: str, seconds: float, *, outcome: str = "ok") -> None:
        """A workflow ended or paused."""
        self.workflow_execution_time.labels(self._name("workflow", workflow), outcome).observe(seconds)

    def _name(self, label: str, value: str) -> str:
        with self._lock:
            known = self._names.setdefault(label, set())
            if value not in known and len(known) >= _NAMES_KEPT:
                return "other"
            known.add(value)
        return value

    def _minute(self) -> _Minute:
        now = int(time.time() // 60)
        if not self._minutes or self._minutes[-1].number != now:
            self._minutes.append(_Minute(now))
        return self._minutes[-1]

    # -- what is known ---------------------------------------------------------------------------------------
    def success_rate(self, agent: str, capability: str) -> float | None:
        """The share of runs of a capability that ended well, or None where none ended."""
        with self._lock:
            good, ended = self._ended.get((agent, capability), (0, 0))
        return good / ended if ended else None

    def exposition(self) -> str:
        """All metrics in Prometheus' text format."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry).decode("utf-8")

    def snapshot(self) -> dict[str, dict[str, float]]:
        """Each metric's totals by its labels; histograms as ``count`` and ``sum``."""
        out: dict[str, dict[str, float]] = {}
        for family in self.registry.collect():
            for sample in family.samples:
                if sample.name.endswith(("_bucket", "_created")):
                    continue
                name = sample.name.removeprefix("edgp_")
                out.setdefault(name, {})[",".join(sample.labels.values())] = sample.value
        return out

    def minutes(self) -> tuple[Mapping[str, float], ...]:
        """Runs, failures, seconds and messages of each of the last 60 minutes, empty ones included."""
        with self._lock:
            return tuple(_filled(self._minutes, int(time.time() // 60)))

    def document(self) -> Document:
        """What ``%governance monitor`` shows."""
        return monitor(self.snapshot(), self.minutes())


@dataclass
class _Minute:
    number: int
    runs: int = 0
    failures: int = 0
    seconds: float = 0.0
    messages: int = 0


def _filled(minutes: deque[_Minute], now: int) -> Iterator[Mapping[str, float]]:
    known = {m.number: m for m in minutes}
    first = max(min(known, default=now), now - _MINUTES_KEPT + 1)
    for number in range(first, now + 1):
        m = known.get(number, _Minute(number))
        yield {"runs": m.runs, "failures": m.failures, "seconds": m.seconds, "messages": m.messages}


def monitor(snapshot: Mapping[str, Mapping[str, float]], minutes: tuple[Mapping[str, float], ...] = ()) -> Document:
    """The metrics as a document, from :meth:`AgentMetrics.snapshot` and :meth:`AgentMetrics.minutes`.

    >>> monitor({}).blocks[0].text
    'Nothing was run yet.'
    """
    counts = snapshot.get("capability_execution_count_total", {})
    runs = int(sum(counts.values()))
    if not runs and not snapshot.get("messages_sent_total"):
        return Document(title="Monitor", blocks=(Text("Nothing was run yet.", tone="strong"),))
    sent = int(sum(snapshot.get("messages_sent_total", {}).values()))
    blocks: list[Block] = [Text(f"{plural(runs, 'capability run')}, {plural(sent, 'message')}.", tone="strong")]
    if minutes:
        lines = [(f"{what} a minute", Code(spark([m[what] for m in minutes]))) for what in ("runs", "failures", "messages")]
        blocks.append(Facts(tuple((label, drawn) for label, drawn in lines if drawn.text.strip())))
    blocks += [_capabilities(snapshot), *_times(snapshot)]
    return Document(title="Monitor", blocks=tuple(b for b in blocks if not isinstance(b, Grid) or b.rows))


def _capabilities(snapshot: Mapping[str, Mapping[str, float]]) -> Grid:
    rates = snapshot.get("capability_success_rate", {})
    number = snapshot.get("capability_execution_duration_seconds_count", {})
    seconds = snapshot.get("capability_execution_duration_seconds_sum", {})
    rows = []
    for labels in sorted(number):
        agent, capability = labels.split(",", 1)
        rate = rates.get(labels)
        shown = Bar(rate, percent(rate), "good" if rate == 1 else "bad") if rate is not None else None
        rows.append((capability, agent, int(number[labels]), _mean(seconds[labels], number[labels]), shown))
    return Grid("Capabilities", ("capability", "agent", "runs", "mean time", "ended well"), tuple(rows))


_CLOCKS = {
    "message_processing_duration_seconds": "message to",
    "rag_retrieval_time_seconds": "retrieval",
    "llm_response_time_seconds": "model",
    "workflow_execution_time_seconds": "workflow",
}


def _times(snapshot: Mapping[str, Mapping[str, float]]) -> list[Grid]:
    rows = []
    for name, what in _CLOCKS.items():
        number, seconds = snapshot.get(f"{name}_count", {}), snapshot.get(f"{name}_sum", {})
        rows += [
            (f"{what} {labels.replace(',', ', ')}", int(number[labels]), _mean(seconds[labels], number[labels]))
            for labels in sorted(number)
        ]
    return [Grid("Other work", ("what", "times", "mean time"), tuple(rows))]


def _mean(total: float, number: float) -> str:
    mean = total / number if number else 0.0
    return f"{mean * 1000:,.1f} ms" if mean < 1 else f"{mean:,.2f} s"
