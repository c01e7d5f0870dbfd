"""From hits to one verdict per cell, and from verdicts to actions."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...frames import Frame
from ...values import Action, Example, Plan, Table, plural
from ._detect import Detected
from ._showing import showable, shown
from ._verdicts import Verdict
from ._view import View

_EXAMPLES = 5
_TITLES = {
    "whitespace": "Trim blanks",
    "encoding": "Repair damaged text",
    "coded_missing": "Empty coded missing values",
    "sentinel": "Empty sentinel values",
    "number_format": "Write numbers plainly",
    "unit_format": "Write quantities in one way",
    "date_format": "Write dates in one form",
    "date_parts": "Swap day and month back",
    "time_format": "Write times in one form",
    "letter_case": "Unify letter case",
    "punctuation": "Unify punctuation",
    "template": "Write codes in one template",
    "typo": "Correct misspelt values",
    "word_typo": "Correct misspelt words",
    "shape": "Values of another shape",
    "dependency": "Restore what the key determines",
    "missing_fill": "Fill in what the key determines",
    "source_conflict": "Take what reliable sources say",
    "spilled": "Move a value into its own column",
    "swapped": "Swap values back into their columns",
    "foreign_row": "Rows from another source",
    "impossible": "Impossible values",
    "reference": "Take what the reference says",
    "labelled": "Correct as labelled",
    "given_check": "Values that break a given check",
    "composition": "Restore what two other columns make up",
    "scale": "Move a slipped decimal point back",
    "proposed": "Take what a model proposes",
    "order": "Values out of order",
}

_LOOKS = {
    "dependency": "Key or value is wrong",
    "scale": "Values a power of ten away",
    "swapped": "Values in each other's column",
}
"""Titles of what is only shown, where that of the repair would promise one."""


@dataclass(frozen=True)
class _Columns:
    """What writing an action needs to know of its column: how a gap is written there, and which values may be shown."""

    blanks: Mapping[int, Any]
    open_values: Mapping[int, frozenset[str]]


# -- the plan --------------------------------------------------------------------------------------------------------
def plan_of(frame: Frame, found: Detected, cells: Sequence[Verdict]) -> Plan:
    """Actions: one per detector, column and tier, the surest first within its tier."""
    groups: defaultdict[tuple[int, str, str, int], list[Verdict]] = defaultdict(list)
    for verdict in cells:
        if found.raw[verdict.column].writable or not verdict.repair:
            groups[verdict.column, f"{verdict.detector}/{verdict.repair}", verdict.tier, verdict.stage].append(verdict)
    about = _Columns(_blanks(frame, found.raw), showable(frame, found.raw, {v.column for v in cells}))
    actions = [_action(frame, found, about, mine) for _, mine in sorted(groups.items())]
    order = {"auto": 0, "review": 1, "flag": 2}
    ranked = sorted((a for a in actions if a is not None), key=lambda a: (order[a.tier], -a.count, a.id))
    return Plan(dataset=frame.ref, actions=tuple(ranked), like=frame)


def _action(frame: Frame, found: Detected, about: _Columns, cells: list[Verdict]) -> Action | None:
    first = cells[0]
    column, tier = found.raw[first.column], first.tier
    array = frame.column(first.column).array
    rows = [v.row for v in cells]
    old = array.take(rows).to_pylist()
    new = [_native(column, about.blanks, v.new) if v.repair else None for v in cells]
    if first.repair:
        kept = [i for i, (o, n) in enumerate(zip(old, new, strict=True)) if o != n]
        cells, rows = [cells[i] for i in kept], [rows[i] for i in kept]
        old, new = [old[i] for i in kept], [new[i] for i in kept]
    if not rows:
        return None
    sure = sum(v.confidence for v in cells) / len(cells)
    return Action(
        id=action_id(first.detector, column.name, tier, str(first.stage), "" if first.repair else "look"),
        kind="set" if first.repair else "flag",
        detector=first.detector,
        title=f"{_title(first)} in {column.name}",
        reason=_reason(cells),
        tier=tier,
        confidence=round(sure, 4),
        column=column.name,
        columns=(column.name,),
        rows=tuple(rows),
        old=tuple(old),
        new=tuple(new),
        examples=_examples(frame, about.open_values[first.column], cells, old, new),
        basis=tuple(dict.fromkeys(name for v in cells for name in v.basis)),
        stage=first.stage,
    )


def _title(verdict: Verdict) -> str:
    known = _TITLES.get(verdict.detector, verdict.detector)
    return known if verdict.repair else _LOOKS.get(verdict.detector, known)


def action_id(*parts: str) -> str:
    """A short id that is the same for the same detector, column and tier."""
    return "A-" + hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def _reason(cells: Sequence[Verdict]) -> str:
    reasons = Counter(v.reason for v in cells).most_common()
    return reasons[0][0] + (f" (and {plural(len(reasons) - 1, 'other reason')})" if len(reasons) > 1 else "")


def _native(view: View, blanks: Mapping[int, Any], text: str | None) -> Any:
    if text is None:
        return blanks[view.position]
    return view.value_of(text)


def _blanks(frame: Frame, views: Sequence[View]) -> dict[int, Any]:
    """How this frame writes a missing text: null, or the empty text where it knows no nulls."""
    nulls = {v.position: frame.column(v.position).null_count for v in views}
    raw_text = not any(nulls.values()) and all(v.is_text for v in views)
    return {v.position: "" if v.is_text and (raw_text or (len(v.empty) and not nulls[v.position])) else None for v in views}


def _examples(
    frame: Frame, open_values: frozenset[str], cells: Sequence[Verdict], old: Sequence[Any], new: Sequence[Any]
) -> tuple[Example, ...]:
    """The first changes of different values, masked but for what may be shown."""
    picked: dict[tuple[Any, Any], int] = {}
    for i, pair in enumerate(zip(old, new, strict=True)):
        if len(picked) >= _EXAMPLES:
            break
        picked.setdefault((repr(pair[0]), repr(pair[1])), i)
    at = list(picked.values())
    labels = frame.row_labels(cells[i].row for i in at)
    return tuple(
        Example(row=label, before=shown(old[i], open_values), after=shown(new[i], open_values) if cells[i].repair else "?")
        for label, i in zip(labels, at, strict=True)
    )


def suspect_table(found: Detected, cells: Sequence[Verdict]) -> Table:
    """Every cell with a verdict: row position, column, rule, confidence; the surest verdict where a cell has two."""
    best: dict[tuple[int, int], Verdict] = {}
    for v in cells:
        at = (v.row, v.column)
        if at not in best or v.confidence > best[at].confidence:
            best[at] = v
    ordered = [best[at] for at in sorted(best)]
    return Table(
        {
            "row": [v.row for v in ordered],
            "column": [found.raw[v.column].name for v in ordered],
            "rule": [v.detector for v in ordered],
            "confidence": [v.confidence for v in ordered],
        }
    )
