"""A trace per run: spans with OpenTelemetry's names in a JSONL file. Times, counts and names; never a cell value."""

from __future__ import annotations

import contextlib
import json
import os
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from ..values import Bar, Block, Code, Document, Grid, Text, plural

TRACES_KEPT = 200
_TEXT_LIMIT = 200

ATTRIBUTES = frozenset(
    {
        "edgp.capability",
        "edgp.columns",
        "edgp.dataset",
        "edgp.findings",
        "edgp.fingerprint",
        "edgp.node",
        "edgp.redactions",
        "edgp.rows",
        "edgp.run",
        "edgp.status",
        "edgp.workflow",
        "edgp.attempt",
        "error.type",
        "gen_ai.agent.name",
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "messaging.destination.name",
        "messaging.message.id",
        "retrieval.mode",
        "retrieval.passages",
    }
)
"""What a span may say: a closed list, so that no value of a table slips in under a new name."""

_random = random.Random(int.from_bytes(os.urandom(16)))  # noqa: S311  trace ids need no secrecy
traceparent: ContextVar[str] = ContextVar("edgp_traceparent", default="")
"""The W3C trace context of the work that runs now; spans and messages made here become its children."""


def child_trace(parent: str, source: random.Random = _random) -> str:
    """A ``traceparent`` (W3C Trace Context, version 00) with a new span, in the parent's trace or a new one.

    >>> child_trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")[:36]
    '00-4bf92f3577b34da6a3ce929d0e0e4736-'
    """
    span = source.getrandbits(64) or 1
    if len(parent) == 55 and parent[2] == parent[35] == parent[52] == "-":
        return f"{parent[:36]}{span:016x}{parent[52:]}"
    return f"00-{source.getrandbits(128) or 1:032x}-{span:016x}-01"


@dataclass
class Span:
    """A piece of work under way; :meth:`set` adds what became known."""

    name: str
    traceparent: str
    parent_id: str
    start: int
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def trace_id(self) -> str:
        """The trace it belongs to."""
        return self.traceparent[3:35]

    @property
    def span_id(self) -> str:
        """Its own id."""
        return self.traceparent[36:52]

    def set(self, attributes: Mapping[str, Any]) -> None:
        """Add attributes; a name that is not in :data:`ATTRIBUTES` is a mistake of the program."""
        strange = set(attributes) - ATTRIBUTES
        if strange:
            raise ValueError(f"a span has no attribute {', '.join(sorted(strange))}")
        self.attributes |= {k: _small(v) for k, v in attributes.items() if v is not None}


def _small(value: Any) -> str | int | float | bool:
    if isinstance(value, (bool, int, float)):
        return value
    return str(value)[:_TEXT_LIMIT]


class Tracer:
    """Writes each run's spans to ``folder/<run>.jsonl`` as they end; without a folder it only passes the context on.

    A disk that cannot be written stops the writing, not the work: :attr:`problem` says why.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: dict[str, TextIO] = {}
        self._lock = threading.Lock()
        self.problem = ""

    @contextlib.contextmanager
    def run(self, run_id: str, name: str, attributes: Mapping[str, Any] | None = None) -> Iterator[Span]:
        """A run: the root span, or a child where a trace is under way, and the file its spans go to."""
        own = "" if traceparent.get()[3:35] in self._files else run_id
        with self._span(name, {"edgp.run": run_id, **(attributes or {})}, own) as span:
            yield span

    @contextlib.contextmanager
    def span(self, name: str, attributes: Mapping[str, Any] | None = None) -> Iterator[Span]:
        """A piece of the work under way."""
        with self._span(name, attributes or {}, "") as span:
            yield span

    @contextlib.contextmanager
    def _span(self, name: str, attributes: Mapping[str, Any], run_id: str) -> Iterator[Span]:
        parent = traceparent.get()
        span = Span(name=name, traceparent=child_trace(parent), parent_id=parent[36:52], start=time.time_ns())
        span.set(attributes)
        file = self._open(run_id) if run_id else None
        if file is not None:
            self._files[span.trace_id] = file
        token = traceparent.set(span.traceparent)
        clock = time.perf_counter_ns()
        error: BaseException | None = None
        try:
            yield span
        except BaseException as raised:
            error = raised
            raise
        finally:
            traceparent.reset(token)
            self._write(span, time.perf_counter_ns() - clock, error)
            if file is not None:
                self._close(span.trace_id)

    def _open(self, run_id: str) -> TextIO | None:
        if self._folder is None or self.problem:
            return None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._prune(self._folder)
            return (self._folder / f"{_file_name(run_id)}.jsonl").open("a", encoding="utf-8", newline="\n")
        except OSError as error:
            self._give_up(error)
            return None

    def _prune(self, folder: Path) -> None:
        """Where a new file would be one too many, take the oldest away, an eighth at once: to look at all costs time."""
        files = list(folder.glob("*.jsonl"))
        if len(files) < TRACES_KEPT:
            return
        files.sort(key=lambda p: p.stat().st_mtime)
        for old in files[: len(files) - TRACES_KEPT + 1 + TRACES_KEPT // 8]:
            old.unlink(missing_ok=True)

    def _write(self, span: Span, duration: int, error: BaseException | None) -> None:
        file = self._files.get(span.trace_id)
        if file is None:
            return
        if error is not None:
            span.attributes["error.type"] = type(error).__name__
        line = {
            "name": span.name[:_TEXT_LIMIT],
            "trace_id": span.trace_id,
            "span_id": span.span_id,
            "parent_span_id": span.parent_id,
            "start_time_unix_nano": span.start,
            "end_time_unix_nano": span.start + duration,
            "status": {"code": "ERROR" if error is not None else "OK"},
            "attributes": dict(sorted(span.attributes.items())),
        }
        try:
            with self._lock:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()
        except (OSError, ValueError) as failure:  # ValueError: closed, because the run ended before one of its tasks
            self._give_up(failure)

    def _close(self, trace_id: str) -> None:
        with self._lock, contextlib.suppress(OSError):
            self._files.pop(trace_id).close()

    def _give_up(self, error: Exception) -> None:
        if isinstance(error, OSError):
            self.problem = f"traces are not written: {error.strerror or type(error).__name__}"


def _file_name(run_id: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in run_id)[:80] or "run"


def read_trace(path: Path) -> list[dict[str, Any]]:
    """The spans of a trace file in the order they began; lines that were cut off are left out."""
    spans = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        with contextlib.suppress(ValueError):
            spans.append(json.loads(line))
    return sorted(spans, key=lambda s: int(s["start_time_unix_nano"]))


def trace_document(spans: list[dict[str, Any]]) -> Document:
    """A trace as a document: the span tree with times."""
    if not spans:
        return Document(title="Trace", blocks=(Text("The trace is empty.", tone="strong"),))
    began = min(s["start_time_unix_nano"] for s in spans)
    whole = max(1, max(s["end_time_unix_nano"] for s in spans) - began)
    depth = _depths(spans)
    rows = tuple(
        (
            "· " * depth[s["span_id"]] + s["name"],
            s["attributes"].get("edgp.dataset", ""),
            Bar(
                (s["end_time_unix_nano"] - s["start_time_unix_nano"]) / whole,
                f"{(s['end_time_unix_nano'] - s['start_time_unix_nano']) / 1e6:,.1f} ms",
            ),
            s["attributes"].get("error.type", s["status"]["code"]),
            Code(s["span_id"][:8]),
        )
        for s in spans
    )
    grid: Block = Grid("Spans in the order they began", ("work", "data", "time", "ended", "span"), rows)
    head = Text(f"{plural(len(spans), 'span')} in {whole / 1e9:,.3f} s.", tone="strong")
    return Document(title="Trace", blocks=(head, grid), footer=f"trace {spans[0]['trace_id']}")


def _depths(spans: list[dict[str, Any]]) -> dict[str, int]:
    parents = {s["span_id"]: s["parent_span_id"] for s in spans}
    out = {}
    for span_id in parents:
        depth, at = 0, parents[span_id]
        while at in parents and depth < 20:
            depth, at = depth + 1, parents[at]
        out[span_id] = depth
    return out
