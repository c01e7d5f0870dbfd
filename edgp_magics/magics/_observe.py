"""Commands that look at how work went: the agents' messages, those not delivered, the trace of a run, and the monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import UnknownName
from ..values import Block, Code, Document, Grid, Text, View, plural
from ._commands import Command
from ._parse import Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..capabilities.charts import Chart
    from ..services.bus import DeadLetter
    from ._session import Session

Options = dict[str, Any]
_TRACES = 30


def messages(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """What the agents said to each other, as a sequence chart; with ``--dead`` what was not delivered, ``--replay ID`` sends it again."""
    from ..services.bus import sequence_chart

    current = session.runtime
    if options.get("replay"):
        wanted = options["replay"]
        count = current.wait(current.bus.replay(None if wanted == "all" else wanted))
        text = f"{plural(count, 'message')} sent again."
        return View(Document("Dead letters", (Text(text, tone="strong"), *_dead(current.bus.dead_letters()))), {"replayed": count})
    if options.get("dead"):
        letters = current.bus.dead_letters()
        return View(Document("Dead letters", _dead(letters)), {"dead": [d.message.message_id for d in letters]})
    entries = current.bus.conversation()
    return View(sequence_chart(entries), {"events": len(entries)})


def _dead(letters: tuple[DeadLetter, ...]) -> tuple[Block, ...]:
    """Names, reasons and kinds of error; contents and error texts may quote data and stay in the kernel."""
    if not letters:
        return (Text("Every message was delivered.", tone="strong"),)
    rows = tuple(
        (
            Code(d.message.message_id),
            Code(d.message.sender_id),
            Code(d.message.recipient_id),
            str(d.message.capability or d.message.message_type).replace("_", " "),
            d.reason,
            type(d.error).__name__ if d.error else "",
        )
        for d in reversed(letters)
    )
    head = Text(
        f"{plural(len(letters), 'message')} not delivered. Send one again: %governance messages --replay ID, or all.", tone="strong"
    )
    return (head, Grid("Newest first", ("id", "from", "to", "about", "why", "error"), rows))


def monitor(session: Session, command: Command, call: Invocation, options: Options) -> Any:
    """Runs, messages, retrievals and their times in this kernel, as a table and drawn; with ``--live`` refreshed in place."""
    telemetry = session.runtime.recorder.telemetry

    def page() -> Document:
        table = telemetry.document()
        return Document(table.title, (*table.blocks, *(c.drawing for c in _charts(telemetry.snapshot()))), table.footer)

    if not options.get("live"):
        return View(page(), dict(telemetry.snapshot()))
    from IPython.core.display_functions import display

    from ..widgets import LiveMonitor

    live = LiveMonitor(page)
    display(live.widget())
    return live


_DRAWN = (
    ("Runs by capability", "capability_execution_count_total", ""),
    ("Mean time by capability (ms)", "capability_execution_duration_seconds", "mean"),
    ("Messages by recipient", "messages_sent_total", ""),
    ("Mean time of a message's handling (ms)", "message_processing_duration_seconds", "mean"),
    ("Mean time of a retrieval (ms)", "rag_retrieval_time_seconds", "mean"),
    ("Mean time of a workflow (ms)", "workflow_execution_time_seconds", "mean"),
)
_NAMED_BY = {"capability_execution_count_total": 1, "capability_execution_duration_seconds": 1, "messages_sent_total": 1}
"""Which of a metric's labels its bars are named by, where it is not the first."""


def _charts(snapshot: Mapping[str, Mapping[str, float]]) -> list[Chart]:
    """A chart for each metric of which something is known, its bars in the order of their names."""
    from ..capabilities.charts import bars

    out = []
    for title, metric, kind in _DRAWN:
        sums = _by_name(snapshot.get(f"{metric}_sum" if kind else metric, {}), _NAMED_BY.get(metric, 0))
        counts = _by_name(snapshot.get(f"{metric}_count", {}), _NAMED_BY.get(metric, 0))
        values = {n: _shown(1000 * v / counts[n]) if kind else v for n, v in sums.items() if not kind or counts.get(n)}
        if values:
            out.append(bars(title, [n.replace("_", " ") for n in sorted(values)], [values[n] for n in sorted(values)]))
    return out


def _shown(milliseconds: float) -> float:
    """A time with the digits that say something."""
    return round(milliseconds, 0 if milliseconds >= 10 else 3)


def _by_name(values: Mapping[str, float], label: int) -> dict[str, float]:
    """Totals by one of the labels of a metric."""
    out: dict[str, float] = {}
    for labels, value in values.items():
        name = labels.split(",")[label]
        out[name] = out.get(name, 0.0) + value
    return out


def trace(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """The span tree of a run: its steps, capabilities, messages and retrievals, with their times."""
    from ..infrastructure import home, read_trace, trace_document

    assert session.runtime is not None  # puts the settings in force
    folder = home() / "traces"
    kept = sorted(folder.glob("*.jsonl"), key=lambda p: p.stat().st_mtime, reverse=True) if folder.is_dir() else []
    given = call.argument.strip()
    value = session.namespace.get(given)
    wanted = str(getattr(value, "id", "") or getattr(getattr(value, "run", None), "id", "") or given)
    if not wanted:
        return _traces(kept)
    found = next((p for p in kept if p.stem == wanted), None)
    if found is None:
        raise UnknownName("trace", wanted, known=[p.stem for p in kept[:8]])
    spans = read_trace(found)
    return View(trace_document(spans), {"spans": spans})


def _traces(kept: list[Path]) -> View:
    if not kept:
        return View(Document("Traces", (Text("No trace is kept yet.", tone="strong"),)), {"traces": []})
    rows = tuple((Code(p.stem), round(p.stat().st_size / 1024, 1)) for p in kept[:_TRACES])
    grid = Grid("Newest first: %governance trace RUN", ("run", "kB"), rows, more=max(0, len(kept) - _TRACES))
    return View(Document("Traces", (grid,)), {"traces": [p.stem for p in kept]})
