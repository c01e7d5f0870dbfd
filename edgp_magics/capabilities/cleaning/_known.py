"""What the user knows: rules, a reference table, labelled cells. Each makes the detectors surer; none is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...errors import BadOption, ColumnNotFound
from ...frames import Frame
from ._hits import CONTENT, Hits, repairs
from ._verdicts import Verdict
from ._view import View


# -- a reference table -----------------------------------------------------------------------------------------------
def compare_with_reference(views: Sequence[View], frame: Frame, reference: Frame, key: Sequence[str]) -> list[Hits]:
    """Cells that differ from the row of the reference with the same key."""
    if not key:
        raise BadOption("--reference needs --key.", hint="Name the columns that identify a row in both tables.")
    for name in key:
        if name not in reference:
            raise ColumnNotFound(name, of=reference.name, known=reference.columns)
    truth = _rows_by_key(reference, key)
    own = list(zip(*(_texts(frame, name) for name in key), strict=True))
    out = []
    for view in views:
        if view.name in reference and view.name not in key:
            right = _texts(reference, view.name)
            rows, new = [], []
            for row, at in enumerate(own):
                there = truth.get(at)
                if there is not None and right[there] is not None:
                    mine = view.texts[view.codes[row]] if view.codes[row] >= 0 else None
                    if mine != right[there] and _fits(view, right[there]):
                        rows.append(row)
                        new.append(right[there])
            if rows:
                out.append(repairs(view, "reference", rows, new, 0.98, f"{reference.name} has another value for the same key", tuple(key)))
    return out


def _fits(view: View, text: str | None) -> bool:
    return view.is_text or text in view.natives


def _rows_by_key(reference: Frame, key: Sequence[str]) -> dict[tuple[str | None, ...], int]:
    """The row of each key that occurs once and has no gap."""
    seen: dict[tuple[str | None, ...], int] = {}
    twice = set()
    for row, at in enumerate(zip(*(_texts(reference, name) for name in key), strict=True)):
        if at in seen or None in at:
            twice.add(at)
        seen[at] = row
    return {at: row for at, row in seen.items() if at not in twice}


def _texts(frame: Frame, name: str) -> list[str | None]:
    return [None if t is None or not t.strip() else t.strip() for t in frame.column(name).text.to_list()]


# -- labelled cells --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Labels:
    """True values of some cells: (row, column position) → text."""

    cells: Mapping[tuple[int, int], str | None]


def read_labels(labels: Frame, frame: Frame) -> Labels:
    """From a table with ``row``, ``column``, ``value``, or with ``row`` and some of the frame's own columns, true in full."""
    if "row" not in labels:
        raise ColumnNotFound("row", of=labels.name, known=labels.columns)
    rows = [int(t) for t in _texts(labels, "row") if t is not None]
    if len(rows) != labels.rows or any(not 0 <= r < frame.rows for r in rows):
        raise BadOption("--labels: a row is missing or out of range.", hint=f"`row` holds 0-based positions below {frame.rows:,}.")
    if "column" in labels and "value" in labels:
        columns = [frame.position(str(c)) for c in _texts(labels, "column")]
        return Labels(dict(zip(zip(rows, columns, strict=True), _texts(labels, "value"), strict=True)))
    cells: dict[tuple[int, int], str | None] = {}
    for name in labels.columns:
        if name != "row":
            cells |= {(r, frame.position(name)): t for r, t in zip(rows, _texts(labels, name), strict=True)}
    return Labels(cells)


def with_labels(views: Sequence[View], cells: Sequence[Verdict], labels: Labels) -> list[Verdict]:
    """Verdicts after labels: labelled cells are known; detectors that were right or wrong there are trusted more or less.

    A label that corrects a value also corrects the same value elsewhere in its column, for review.
    """
    trust = _trust(views, cells, labels)
    kept = [_weighed(v, trust) for v in cells if (v.row, v.column) not in labels.cells]
    return [*kept, *_labelled(views, labels), *_alike(views, kept, labels)]


def _now(view: View, row: int) -> str | None:
    return view.texts[int(view.codes[row])] if view.codes[row] >= 0 else None


def _trust(views: Sequence[View], cells: Sequence[Verdict], labels: Labels) -> dict[tuple[str, int], tuple[int, int]]:
    """For each detector and column: how often it was right about labelled cells, and how often wrong."""
    out: defaultdict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for v in cells:
        at = (v.row, v.column)
        if at in labels.cells:
            truth = labels.cells[at]
            right = v.new == truth if v.repair else _now(views[v.column], v.row) != truth
            out[v.detector, v.column][0 if right else 1] += 1
    return {k: (a, b) for k, (a, b) in out.items()}


def _weighed(verdict: Verdict, trust: Mapping[tuple[str, int], tuple[int, int]]) -> Verdict:
    right, wrong = trust.get((verdict.detector, verdict.column), (0, 0))
    if not right + wrong:
        return verdict
    weight = 4.0  # the detector's own confidence counts as much as this many labels
    return replace(verdict, confidence=round((verdict.confidence * weight + right) / (weight + right + wrong), 4))


def _labelled(views: Sequence[View], labels: Labels) -> list[Verdict]:
    out = []
    for (row, column), truth in sorted(labels.cells.items()):
        view = views[column]
        if _now(view, row) != truth and (truth is None or _fits(view, truth)):
            out.append(Verdict(row, column, "labelled", 1.0, "labelled by hand", CONTENT, True, truth))
    return out


def _alike(views: Sequence[View], cells: Sequence[Verdict], labels: Labels) -> list[Verdict]:
    """The same wrong value elsewhere in the column, where no label says that it may be right."""
    wrong: defaultdict[tuple[int, str], set[str | None]] = defaultdict(set)
    fine = set()
    for (row, column), truth in labels.cells.items():
        now = _now(views[column], row)
        if now is not None:
            (fine.add((column, now)) if now == truth else wrong[column, now].add(truth))
    done = {(v.row, v.column) for v in cells if v.repair} | set(labels.cells)
    out = []
    for (column, text), truths in sorted(wrong.items()):
        view = views[column]
        if len(truths) == 1 and (column, text) not in fine and text in view.texts:
            rows = [r for r in view.rows_of([view.texts.index(text)]).tolist() if (r, column) not in done]
            new = next(iter(truths))
            if new is None or _fits(view, new):
                out += [
                    Verdict(r, column, "labelled", 0.85, "the same value was corrected by hand elsewhere", CONTENT, True, new) for r in rows
                ]
    return out
