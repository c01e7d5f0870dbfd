"""All detectors in their order: respell first, then look for wrong content in the respelled table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...frames import Frame
from ...values import Context
from ._compose import Composition, check_compositions, find_compositions
from ._dates import find_date_formats
from ._dependencies import Dependency, find_dependencies, find_violations, read_dependencies
from ._foreign import find_foreign_rows
from ._hits import CONTENT, Hits, repairs
from ._missing import find_coded_missing
from ._numbers import find_number_formats
from ._order import find_disordered
from ._ranges import find_impossible
from ._scale import find_scale_slips
from ._shapes import find_shape_outliers
from ._sources import Reports, find_conflicts, find_reports
from ._spelling import find_spellings
from ._spills import find_spills
from ._tidy import find_untidy
from ._typos import find_typos
from ._verdicts import AUTO, verdicts_of
from ._view import MISSING, View, views_of

_ROUNDS = 4
Step = Callable[[str, float | None], None]
_FORMATS: tuple[Callable[[View], list[Hits]], ...] = (
    find_untidy,
    find_coded_missing,
    find_number_formats,
    find_date_formats,
    find_spellings,
)
_CONTENT: tuple[Callable[[View], list[Hits]], ...] = (find_typos, find_shape_outliers, find_impossible)


@dataclass(frozen=True)
class Detected:
    """What the detectors found: columns as they are and respelled, hits in order, and the structure behind them."""

    raw: tuple[View, ...]
    views: tuple[View, ...]
    hits: tuple[Hits, ...]
    dependencies: tuple[Dependency, ...]
    reports: Reports | None


def detect(frame: Frame, context: Context, *, content: bool = True, dependencies: Sequence[str] = ()) -> Detected:
    """Run every detector on the frame; with ``content=False`` only those of formats.

    ``dependencies`` are lines such as ``zip -> city`` that somebody vouches for.
    """
    step = context.progress.step
    raw = tuple(views_of(frame))
    hits: list[Hits] = []
    views: list[View] = []
    for i, view in enumerate(raw):
        step("formats", 0.3 * i / max(1, len(raw)))
        views.append(_respell(view, hits, step))
    if not content:
        return Detected(raw, tuple(views), tuple(hits), (), None)
    for hit in find_spills(views, lambda: step("columns", 0.3)):
        hits.append(hit)
        views[hit.column] = after(views[hit.column], hit)

    def rules_of(columns: Sequence[View]) -> list[Dependency]:
        found = find_dependencies(columns, lambda: step("dependencies", 0.5))
        given = read_dependencies(dependencies, frame, columns)
        return [*given, *(r for r in found if (r.left, r.right) not in {(g.left, g.right) for g in given})]

    rules = rules_of(views)
    reports = find_reports(views, {r.right for r in rules if r.accuracy > 0.9}, lambda: step("sources", 0.6))
    reported = frozenset(reports.targets if reports is not None else ())
    if reports is not None:
        hits += find_conflicts(views, reports, lambda: step("sources", 0.7))
    rules = _undisputed(rules, reported)
    made = tuple(find_compositions(views, lambda: step("compositions", 0.65)))
    hits += _settled(views, rules, made, step, lambda columns: _undisputed(rules_of(columns), reported))
    hits += _unrepaired([*find_scale_slips(views, lambda: step("scales", 0.87)), *find_disordered(views, lambda: step("order", 0.9))], hits)
    hits += find_foreign_rows(views, hits)
    return Detected(raw, tuple(views), tuple(hits), tuple(rules), reports)


def look_again(views: Sequence[View], rules: Sequence[Dependency]) -> list[Hits]:
    """What the detectors of formats and of content say of columns as they are now, with known rules."""

    def silent(_name: str, _done: float | None) -> None:
        return

    hits: list[Hits] = []
    for view in views:
        _respell(view, hits, silent)
    return hits + _contents(list(views), rules, (), silent, {})


def _undisputed(rules: Sequence[Dependency], reported: frozenset[int]) -> list[Dependency]:
    """The rules that no column takes part in whose sources disagree: such a column decides nothing else."""
    return [r for r in rules if not reported & {r.right, *r.left}]


def _settled(
    views: list[View],
    rules: Sequence[Dependency],
    made: Sequence[Composition],
    step: Step,
    rules_of: Callable[[Sequence[View]], Sequence[Dependency]],
) -> list[Hits]:
    """Content hits, looked for again while sure ones are repaired: a repaired key speaks for its row, too.

    When nothing sure is left, the rules are looked for once more in the repaired table, as a later scan would.
    """
    better = list(views)
    kept: list[Hits] = []
    done: set[tuple[int, int]] = set()
    seen: dict[View, list[Hits]] = {}
    open_ = False
    for _ in range(2 * _ROUNDS):
        found = _contents(better, rules, made, step, seen)
        sure = {(v.column, v.row) for v in verdicts_of(found) if v.repair and v.confidence >= AUTO} - done
        fresh = [part for hit in found if (part := _part(hit, sure, inside=True)) is not None]
        rest = [part for hit in found if (part := _part(hit, sure | done, inside=False)) is not None]
        kept, done = [*kept, *fresh], done | sure
        if not sure and not open_:
            break
        if not sure:
            rules, open_ = rules_of(better), False
            continue
        open_ = True
        decided = verdicts_of(fresh)
        for column in sorted({c for c, _ in sure}):
            cells = {v.row: v.new for v in decided if v.column == column}
            rows = np.array(sorted(cells), dtype=np.int64)
            better[column] = after(better[column], repairs(better[column], "", rows, [cells[int(r)] for r in rows], 1.0, ""))
    return kept + rest


def _unrepaired(found: Sequence[Hits], hits: Sequence[Hits]) -> list[Hits]:
    """The found ones but for cells whose content is repaired already: what two things of one row say is no second witness."""
    done = {(h.column, r) for h in hits if h.new is not None and h.stage == CONTENT for r in h.rows.tolist()}
    return [part for hit in found if (part := _part(hit, done, inside=False)) is not None]


def _part(hit: Hits, cells: set[tuple[int, int]], *, inside: bool) -> Hits | None:
    """The hit for cells inside (or outside) the set; None where nothing is left."""
    at = np.array([i for i, row in enumerate(hit.rows.tolist()) if ((hit.column, row) in cells) is inside], dtype=np.int64)
    if not len(at):
        return None
    new = None if hit.new is None else tuple(hit.new[i] for i in at)
    return replace(hit, rows=hit.rows[at], confidence=hit.confidence[at], new=new)


def _respell(view: View, hits: list[Hits], step: Step) -> View:
    """The column after its format fixes, which are added to ``hits``."""
    for _ in range(_ROUNDS):
        before = view
        open_: list[Hits] = []
        for find in _FORMATS:
            step("formats", None)
            for hit in find(view):
                (hits if hit.new is not None else open_).append(hit)
                view = after(view, hit) if hit.new is not None else view
        if view is before:
            break  # nothing was respelled: what a look would find now, a later scan would find
    hits += open_
    return view


def after(view: View, hit: Hits) -> View:
    """The column with the hit's new values in place, row by row."""
    texts = list(view.texts)
    place = {t: i for i, t in enumerate(texts)}
    codes = view.codes.copy()
    for row, new in zip(hit.rows, hit.new or (), strict=True):
        if new is None:
            codes[row] = MISSING
        else:
            if new not in place:
                place[new] = len(texts)
                texts.append(new)
            codes[row] = place[new]
    counts = np.bincount(codes[codes >= 0], minlength=len(texts)).astype(np.int64)
    kept: list[str | None] = [t if n else None for t, n in zip(texts, counts, strict=True)]
    return View(view.name, view.position, view.kind, codes, tuple(texts), counts, view.natives, view.empty).recoded(kept)


def _contents(
    views: list[View], rules: Sequence[Dependency], made: Sequence[Composition], step: Step, seen: dict[View, list[Hits]]
) -> list[Hits]:
    """What is wrong with the content; ``seen`` keeps what was found in columns that have not changed since."""
    out: list[Hits] = []
    for i, view in enumerate(views):
        if view not in seen:
            seen[view] = []
            for find in _CONTENT:
                step("values", 0.7 + 0.1 * i / max(1, len(views)))
                seen[view] += find(view)
        out += seen[view]
    out += check_compositions(views, made)
    return out + find_violations(views, rules, lambda: step("violations", 0.85))
