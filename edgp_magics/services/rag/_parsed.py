"""A document as the chunker takes it, whatever format it came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Heading:
    """A heading: where its line starts and ends in the text, how deep it is, what it says."""

    start: int
    end: int
    level: int
    text: str


@dataclass(frozen=True)
class Parsed:
    """The text of a document, its headings in order, what it says about itself, and what could not be read."""

    text: str
    title: str = ""
    headings: tuple[Heading, ...] = ()
    start: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
