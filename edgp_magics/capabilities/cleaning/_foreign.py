"""Rows that came from another source: several of their columns break the column's form at once."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ._hits import Hits, suspects
from ._view import Flags, View

_PARTS = re.compile(r"\s*[,;|]\s*")
_BREAKS = frozenset({"shape", "date_format", "unit_format", "number_format", "template", "time_format"})


def find_foreign_rows(views: Sequence[View], hits: Sequence[Hits]) -> list[Hits]:
    """The cells of such rows in columns where they differ as a group, without a repair."""
    rows = _foreign(views, hits)
    if rows is None:
        return []
    marked = {(h.column, int(r)) for h in hits for r in h.rows}
    out = []
    for view in views:
        where = [int(r) for r in np.flatnonzero(_differs(view, rows, marked)) if (view.position, int(r)) not in marked]
        if where:
            out.append(
                suspects(view, "foreign_row", where, 0.75, "rows whose columns break the usual forms together, as from another source")
            )
    return out


def _foreign(views: Sequence[View], hits: Sequence[Hits]) -> Flags | None:
    """Rows with broken forms in at least three columns; columns where breaking is common do not count."""
    if not views or len(views) < 4:
        return None
    total = views[0].rows
    broken = np.zeros((len(views), total), dtype=bool)
    for hit in hits:
        if hit.detector in _BREAKS:
            broken[hit.column, hit.rows] = True
    broken &= (broken.sum(axis=1) <= 0.1 * total)[:, None]
    rows = broken.sum(axis=0) >= 3
    return rows if 3 <= rows.sum() <= 0.1 * total else None


def _differs(view: View, rows: Flags, marked: set[tuple[int, int]]) -> Flags:
    """Which cells of the foreign rows differ from the rest of their column, judged for the rows as a group."""
    here = np.flatnonzero(rows)
    known = np.array([(view.position, int(r)) in marked for r in here])
    if known.mean() >= 0.5:
        return rows
    gone = view.codes < 0
    if gone[rows].mean() - gone[~rows].mean() >= 0.3:
        return rows & gone
    if view.prose:
        return rows & ~gone if _apart(view, rows) else np.zeros_like(rows)
    new = _novel(view, rows)
    return rows & new if new[rows].mean() - new[~rows].mean() >= 0.3 else np.zeros_like(rows)


def _apart(view: View, rows: Flags) -> bool:
    """Whether the lengths of the texts differ between the two sets of rows."""
    length = np.array([len(t) for t in view.texts] + [0], dtype=float)[view.codes]
    a, b = length[rows & (view.codes >= 0)], length[~rows & (view.codes >= 0)]
    if len(a) < 5 or len(b) < 20:
        return False
    error = float(np.sqrt(a.var() / len(a) + b.var() / len(b)))
    return error > 0 and abs(float(a.mean() - b.mean())) / error > 5


def _novel(view: View, rows: Flags) -> Flags:
    """Rows with a part (of a list) that no other ordinary row has."""
    parts = [frozenset(_PARTS.split(t)) for t in view.texts]
    ordinary = np.bincount(view.codes[~rows & (view.codes >= 0)], minlength=len(view.texts))
    seen: dict[str, int] = {}
    for found, n in zip(parts, ordinary, strict=True):
        for part in found:
            seen[part] = seen.get(part, 0) + int(n)
    least = np.array([min(seen[p] for p in found) for found in parts] + [1])
    own = np.where(rows, 0, 1)  # an ordinary row has counted itself
    return np.asarray((least[view.codes] <= own) & (view.codes >= 0))
