"""What an agent makes of the notices of others: which of their findings and cells bear on its own result.

A notice carries handles: the run and the ids of its findings. Here they are joined with the results they name. What comes out
belongs to the circumstances of a run: findings and plan are the same whatever was said before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from ..services.bus import MCPMessage
from ..values import DatasetRef, Finding, Heard, Result, Table, plural

Cells = dict[tuple[Any, str], set[str]]
"""Suspect cells by row (position) and column, with the rules that suspect them."""


def dataset_of(message: MCPMessage) -> DatasetRef:
    """The handle that a message carries."""
    data = message.content["dataset"]
    return DatasetRef(**{**data, "columns": tuple(data["columns"])})


def newest(notices: Iterable[MCPMessage]) -> list[MCPMessage]:
    """The last notice of each capability on each content of a table, oldest first."""
    last = {(n.capability, n.content["dataset"]["name"], n.content["dataset"]["fingerprint"]): n for n in notices}
    return list(last.values())


def heard(result: Result, notices: Iterable[MCPMessage], result_of: Callable[[MCPMessage], Result | None]) -> tuple[Heard, ...]:
    """Each notice with what it means for a result; ``result_of`` gives the result a notice is about, if it is still there."""
    return tuple(_one(result, notice, result_of(notice)) for notice in notices)


def _one(result: Result, notice: MCPMessage, told: Result | None) -> Heard:
    same = told is not None and told.dataset.fingerprint == result.dataset.fingerprint
    about, text = _bearing(result, told, notice.sender_id) if told is not None and same else ({}, _elsewhere(result, notice))
    return Heard(
        sender=notice.sender_id,
        capability=notice.capability.value if notice.capability else "",
        dataset=str(notice.content["dataset"]["name"]),
        run=str(notice.content["run"]),
        findings=len(told.findings) if told is not None else len(notice.content["findings"]),
        text=text,
        about=about,
    )


def _elsewhere(result: Result, notice: MCPMessage) -> str:
    if notice.content["dataset"]["name"] != result.dataset.name:
        return "about another table"
    same = notice.content["dataset"]["fingerprint"] == result.dataset.fingerprint
    return "its result is not kept any more" if same else "about other content of this table"


def _bearing(result: Result, told: Result, sender: str) -> tuple[dict[str, str], str]:
    """By the ids of findings here what was told of them, and all of it in one line."""
    listed = _listed(result) & {f.id for f in told.findings}
    if listed:
        return {}, f"{len(listed)} of its {plural(len(told.findings), 'finding')} stand here"
    own, theirs = _cells(result), _cells(told)
    if own and theirs:
        about = {f.id: text for f in result.findings if (text := _shared(_cells_of(f, own), theirs, sender))}
        both = len(own.keys() & theirs.keys())
        return (
            about,
            f"{both:,} of its {plural(len(theirs), 'suspect cell')} are among the {len(own):,} here, {len(theirs) - both:,} are not",
        )
    about = {f.id: text for f in result.findings if (text := _on_columns(f, told, sender))}
    return about, f"it bears on {len(about)} of the {plural(len(result.findings), 'finding')} here"


def _listed(result: Result) -> set[str]:
    """The ids of a result's findings, of those a report repeats, and of those that are resolved in it."""
    own = {f.id for part in (result, *getattr(result, "sections", ())) for f in part.findings}
    return own | {issue.finding for issue in getattr(result, "issues", ())}


def _cells(result: Result) -> Cells:
    table = getattr(result, "suspects", None)
    table = getattr(result, "cells", None) if table is None else table
    out: Cells = {}
    if isinstance(table, Table):
        for row, column, rule in zip(table["row"], table["column"], table["rule"], strict=True):
            out.setdefault((row, column), set()).add(rule)
    return out


def _cells_of(found: Finding, cells: Cells) -> list[tuple[Any, str]]:
    return [cell for cell, rules in cells.items() if cell[1] in found.columns and found.rule in rules]


def _shared(own: list[tuple[Any, str]], theirs: Cells, sender: str) -> str:
    """How many of a finding's cells another agent suspects too, and why.

    >>> _shared([(0, "a"), (1, "a")], {(1, "a"): {"range"}}, "data_quality_agent")
    'data_quality_agent suspects 1 of these 2 cells, too (range)'
    """
    both = [cell for cell in own if cell in theirs]
    rules = Counter(rule for cell in both for rule in theirs[cell])
    why = ", ".join(rule for rule, _ in rules.most_common(3))
    return f"{sender} suspects {len(both)} of these {plural(len(own), 'cell')}, too ({why})" if both else ""


def _on_columns(found: Finding, told: Result, sender: str) -> str:
    bearing = [f for f in told.findings if set(f.columns) & set(found.columns)]
    return f"{sender}: " + "; ".join(f"{f.message} ({f.id})" for f in bearing[:3]) if bearing else ""
