"""What was found, where, and on what evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ._domain import AgentCapability, Severity
from ._mask import mask_label

ROWS_KEPT = 50
"""A finding lists at most this many row labels; ``count`` is always the true total."""

Label = int | float | str | bool | None | tuple[Any, ...]
"""A row label as the user's frame has it."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One masked example of a finding."""

    row: Any
    column: str
    shown: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that somebody should know or do something about.

    ``id`` depends on capability, rule and columns alone, so that it is the same in the next run. ``count`` is
    the number of offending rows out of ``of``; ``rows`` holds the first of their labels.
    """

    id: str
    rule: str
    message: str
    severity: Severity
    columns: tuple[str, ...] = ()
    count: int = 0
    of: int = 0
    rows: tuple[Any, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    dimension: str | None = None
    clause: str | None = None
    confidence: float = 1.0
    computation: str = ""
    actions: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Offending rows over all rows, 0..1."""
        return self.count / self.of if self.of else 0.0

    def with_citations(self, citations: Iterable[str]) -> Finding:
        """The same finding, grounded in these passages."""
        return replace(self, citations=tuple(citations))


def finding(
    capability: AgentCapability,
    rule: str,
    columns: Iterable[str],
    message: str,
    severity: Severity,
    *,
    key: str = "",
    **rest: Any,
) -> Finding:
    """A :class:`Finding` with its stable id; row labels that are text are masked.

    >>> finding(AgentCapability.DATA_PROFILING, "not_null", ["email"], "3 missing", Severity.LOW).id
    'F-1b7c2588'
    """
    cols = tuple(columns)
    return Finding(
        id=finding_id(capability, rule, cols, key),
        rule=rule,
        columns=cols,
        message=message,
        severity=severity,
        **rest
        | {
            "rows": tuple(map(mask_label, tuple(rest.get("rows", ()))[:ROWS_KEPT])),
            "evidence": tuple(replace(e, row=mask_label(e.row)) for e in rest.get("evidence", ())),
        },
    )


def finding_id(capability: AgentCapability, rule: str, columns: Iterable[str], key: str = "") -> str:
    """A short id that is the same for the same capability, rule, columns and key."""
    text = "\x1f".join([capability.value, rule, *columns, key])
    return "F-" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by falling severity, then falling share, then id."""
    return tuple(sorted(findings, key=lambda f: (-f.severity.rank, -f.share, -f.count, f.id)))
