"""What the user asked for, and the small values that travel with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ._domain import AgentCapability


@dataclass(frozen=True, kw_only=True)
class DatasetRef:
    """A handle to a frame: what messages, graph state and checkpoints carry in its place."""

    name: str
    fingerprint: str
    rows: int
    columns: tuple[str, ...]
    kind: str = "pandas"

    def __str__(self) -> str:
        return f"{self.name} ({self.rows:,} rows x {len(self.columns):,} columns)"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One capability on one dataset, as parsed from a cell, a call or a message."""

    capability: AgentCapability
    dataset: DatasetRef
    options: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A piece of a document that was retrieved: ``text`` is ``source_text[start:end]``.

    ``score`` is the rank score of the mode used; ``lexical`` and ``dense`` are the parts it came from
    (BM25 score, cosine in -1..1), None where that side did not run.
    """

    id: str
    text: str
    source: str
    score: float
    title: str = ""
    section: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    lexical: float | None = None
    dense: float | None = None
    matched: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Narrative:
    """A text and who wrote it: ``computed`` (by rule) or a model's name. Numbers never come from a model."""

    text: str
    author: str = "computed"


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A notice of another agent that a run took in: of which run it is, what it means here, and for which findings (by id)."""

    sender: str
    capability: str
    dataset: str
    run: str
    findings: int
    text: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Run:
    """The circumstances of a run; the only part of a result that differs between equal runs."""

    id: str
    started: str
    seconds: float
    options: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    heard: tuple[Heard, ...] = ()


RunStage = Literal["queued", "running", "done", "failed", "cancelled"]
