"""What becomes of duplicate rows: which row of a cluster stays, and what the others give it before they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from ...errors import BadOption
from ...frames import Frame
from ...values import Action, Example, plural
from ._assemble import action_id
from ._duplicates import Cluster, Duplicates
from ._showing import shown
from ._view import View

Keep = Literal["fullest", "first", "last"]
_DETECTOR = "duplicates"


def kept(twins: Duplicates, keep: Keep = "fullest", rows: Collection[int] = ()) -> Duplicates:
    """The clusters with another row to stay: by a rule, or the one that ``rows`` (positions) names."""
    strange = sorted(set(rows) - {r for c in twins.clusters for r in c.rows})
    if strange:
        shown_rows = ", ".join(map(str, strange[:5]))
        raise BadOption(f"in no cluster of duplicates: row {shown_rows}.", hint="Take a position that result.duplicates.clusters holds.")
    return replace(twins, clusters=tuple(replace(c, keep=_keeper(c, keep, rows)) for c in twins.clusters))


def _keeper(cluster: Cluster, keep: Keep, rows: Collection[int]) -> int:
    named = [r for r in cluster.rows if r in rows]
    if len(named) > 1:
        raise BadOption(f"rows {named} are one cluster.", hint="Name one row to keep for each cluster.")
    return named[0] if named else {"fullest": cluster.keep, "first": cluster.rows[0], "last": cluster.rows[-1]}[keep]


def duplicate_actions(frame: Frame, views: Sequence[View], twins: Duplicates) -> list[Action]:
    """Drop all rows of a cluster but one, and fill that one's gaps from the others first.

    Never applied by tier: somebody accepts them, whole or without some rows.
    """
    if not twins.clusters:
        return []
    return [*_fills(frame, views, twins.clusters), _drop(twins)]


def _drop(twins: Duplicates) -> Action:
    rows = sorted(r for c in twins.clusters for r in c.rows if r != c.keep)
    return Action(
        id=action_id(_DETECTOR),
        kind="drop_rows",
        detector=_DETECTOR,
        title=f"Drop duplicate rows of {plural(len(twins.clusters), 'cluster')}",
        reason=f"rows that agree on more than chance in {', '.join(twins.fields[:6])}; one row of each cluster stays",
        tier="flag",
        confidence=round(sum(c.confidence for c in twins.clusters) / len(twins.clusters), 4),
        rows=tuple(rows),
    )


def _fills(frame: Frame, views: Sequence[View], clusters: Sequence[Cluster]) -> Iterable[Action]:
    """For each column the gaps of rows that stay, where the other rows of the cluster hold one value (or mostly one)."""
    for view in views:
        found = [(c, code) for c in clusters if view.writable and (code := _given(view, c)) is not None]
        if found:
            yield _fill(frame, view, [c for c, _ in found], [code for _, code in found])


def _given(view: View, cluster: Cluster) -> int | None:
    if view.codes[cluster.keep] >= 0:
        return None
    votes = Counter(int(view.codes[r]) for r in cluster.rows if view.codes[r] >= 0).most_common(2)
    return votes[0][0] if votes and (len(votes) == 1 or votes[0][1] > votes[1][1]) else None


def _fill(frame: Frame, view: View, clusters: Sequence[Cluster], codes: Sequence[int]) -> Action:
    rows = [c.keep for c in clusters]
    new = [view.texts[c] if view.is_text else view.natives[view.texts[c]] for c in codes]
    labels = frame.row_labels(rows[:5])
    return Action(
        id=action_id("golden_record", view.name),
        kind="set",
        detector="golden_record",
        title=f"Complete the rows that stay in {view.name}",
        reason="missing in the row that stays, given by its duplicates, which would be dropped",
        tier="flag",
        confidence=round(sum(c.confidence for c in clusters) / len(clusters), 4),
        column=view.name,
        columns=(view.name,),
        rows=tuple(rows),
        old=tuple(frame.column(view.position).array.take(rows).to_pylist()),
        new=tuple(new),
        examples=tuple(Example(row=r, before="null", after=shown(n, frozenset())) for r, n in zip(labels, new, strict=False)),
    )
