"""Repairs that somebody else proposes, such as a language model: for flagged cells only, and through the detectors' own gates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import BadOption
from ...frames import Frame
from ...values import Context, mask, plural
from ..checks import Rule
from ._detect import Detected, after, look_again
from ._given import keeping_to
from ._hits import CONTENT, repairs
from ._shapes import pattern
from ._spills import is_vocabulary
from ._verdicts import Verdict, verdicts_of
from ._view import View

DETECTOR = "proposed"
_CONFIDENCE = 0.8
"""Of every proposal that passes: what a model says of itself counts for nothing."""
_CELLS = 50
_CANDIDATES = 20
_FORMS = 5
_USUAL_FORM = 0.05


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A flagged cell: its handle, what it holds, and what the detector says of it."""

    id: str
    value: str
    detector: str
    reason: str
    confidence: float


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A value that recurs in the column, under a handle by which it may be chosen."""

    id: str
    value: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked about one column: its schema, the forms of its values, the cells in doubt, and candidates.

    Cell values, forms and candidates are masked unless ``values_sent``.
    """

    dataset: str
    column: str
    kind: str
    schema: tuple[tuple[str, str], ...]
    rows: int
    distinct: int
    missing: int
    forms: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    candidates: tuple[Candidate, ...]
    values_sent: bool


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The answer for one cell: the handle of a candidate, or a value."""

    cell: str
    candidate: str | None = None
    value: str | None = None


Propose = Callable[[Question], Iterable[Proposal]]


@dataclass(frozen=True)
class _Asked:
    """A question with what its handles stand for."""

    question: Question
    cells: dict[str, Verdict]
    values: dict[str, str]


def with_proposals(
    frame: Frame, found: Detected, cells: Sequence[Verdict], propose: Any, rules: Sequence[Rule], context: Context, *, send_values: bool
) -> tuple[list[Verdict], str]:
    """The verdicts with the proposals that pass in the place of mere flags, and a note on what was asked and sent."""
    if not callable(propose):
        raise BadOption("propose cannot be called.", hint="Give a function from Python: edgp.run('clean', df, propose=ask_model).")
    asked = [_asked(frame, found, column, cells, send_values) for column in range(len(found.views))]
    told = [a for a in asked if a is not None]
    said, given, failed = _answers(told, propose)
    passed = keeping_to(frame, found.raw, _past_gates(found, said), rules, context)
    better = {(v.row, v.column): v for v in passed if v.repair}
    sent = "raw values were sent (send_values)" if send_values else "only masked values were sent"
    note = (
        f"A model was asked about {plural(sum(len(a.cells) for a in told), 'flagged cell')} in {plural(len(told), 'column')}: {sent}."
        f" {len(better):,} of {plural(given, 'proposal')} passed the checks.{failed}"
    )
    return [better.get((v.row, v.column), v) for v in cells], note


# -- asking ----------------------------------------------------------------------------------------------------------
def _asked(frame: Frame, found: Detected, column: int, cells: Sequence[Verdict], send_values: bool) -> _Asked | None:
    view = found.views[column]
    repaired = {v.row for v in cells if v.column == column and v.tier != "flag"}
    open_ = [v for v in cells if v.column == column and v.stage == CONTENT and v.tier == "flag" and v.row not in repaired][:_CELLS]
    if not open_ or not view.writable:
        return None
    show = (lambda text: text) if send_values else mask
    doubts = {f"c{i}": v for i, v in enumerate(open_)}
    values = {f"v{i}": t for i, (t, n) in enumerate(zip(view.texts[:_CANDIDATES], view.counts, strict=False)) if n >= 2}
    question = Question(
        dataset=frame.name,
        column=view.name,
        kind=view.kind,
        schema=tuple((v.name, v.kind) for v in found.raw),
        rows=view.rows,
        distinct=len(view.texts),
        missing=view.rows - view.filled,
        forms=tuple(_forms(view))[:_FORMS],
        doubts=tuple(
            Doubt(id=i, value=show(_now(view, v.row)), detector=v.detector, reason=v.reason, confidence=v.confidence)
            for i, v in doubts.items()
        ),
        candidates=tuple(Candidate(id=i, value=show(t), rows=int(n)) for (i, t), n in zip(values.items(), view.counts, strict=False)),
        values_sent=send_values,
    )
    return _Asked(question, doubts, values)


def _now(view: View, row: int) -> str:
    return view.texts[int(view.codes[row])] if view.codes[row] >= 0 else ""


def _forms(view: View) -> dict[str, int]:
    """How many rows have each usual form of letters and digits, most first."""
    forms: dict[str, int] = {}
    for text, count in zip(view.texts, view.counts, strict=True):
        form = pattern(text)
        forms[form] = forms.get(form, 0) + int(count)
    usual = {f: n for f, n in forms.items() if n >= _USUAL_FORM * view.filled}
    return dict(sorted(usual.items(), key=lambda item: (-item[1], item[0])))


def _answers(told: Sequence[_Asked], propose: Propose) -> tuple[list[Verdict], int, str]:
    """Proposals for cells that were asked about, as verdicts; how many there were; which columns got no answer."""
    out: dict[tuple[int, int], Verdict] = {}
    given, silent = 0, []
    for asked in told:
        try:
            proposals = list(propose(asked.question))
        except Exception as error:  # noqa: BLE001  what answers is foreign: cleaning goes on without it, and says so
            silent.append(f"{asked.question.column} ({type(error).__name__})")
            continue
        given += len(proposals)
        for proposal in proposals:
            verdict, new = asked.cells.get(proposal.cell), asked.values.get(proposal.candidate or "", proposal.value)
            if verdict is not None and isinstance(new, str) and new.strip():
                reason = f"proposed by a model; flagged because: {verdict.reason}"
                out[verdict.row, verdict.column] = replace(
                    verdict, detector=DETECTOR, confidence=_CONFIDENCE, reason=reason, repair=True, new=new.strip()
                )
    return list(out.values()), given, f" No answer for {', '.join(silent)}." if silent else ""


# -- gates -----------------------------------------------------------------------------------------------------------
def _past_gates(found: Detected, said: Sequence[Verdict]) -> list[Verdict]:
    """Those of a known value or a usual form that no detector objects to once they are in the table."""
    fit = [v for v in said if _fits(found.views[v.column], v)]
    views = list(found.views)
    for column in sorted({v.column for v in fit}):
        mine = [v for v in fit if v.column == column]
        hit = repairs(views[column], DETECTOR, np.array([v.row for v in mine]), [v.new for v in mine], _CONFIDENCE, "")
        views[column] = after(views[column], hit)
    wrong = {(v.row, v.column) for v in verdicts_of(look_again(views, found.dependencies))}
    return [v for v in fit if (v.row, v.column) not in wrong]


def _fits(view: View, verdict: Verdict) -> bool:
    text = str(verdict.new)
    if text == _now(view, verdict.row):
        return False
    try:
        view.value_of(text)
    except (ValueError, ArithmeticError, KeyError):
        return False  # no number or day, in a column of those
    if text in view.texts[: int((view.counts >= 2).sum())]:
        return True
    return not is_vocabulary(view) and pattern(text) in _forms(view)
