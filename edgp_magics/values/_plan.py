"""A plan of changes that people can read, edit, apply and take back."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from ..errors import BadOption, FrameChanged, PlanError, UnknownName
from ._document import Badge, Block, Code, Document, Fold, Grid, Text, plural
from ._mask import mask, mask_label
from ._plain import RAW, plain, restore
from ._recipe import Recipe, recipe_of
from ._request import DatasetRef

if TYPE_CHECKING:
    import pandas as pd

    from ..frames import Frame

Tier = Literal["auto", "review", "flag"]
Decision = Literal["accepted", "rejected"]
ActionKind = Literal["set", "drop_rows", "drop_columns", "flag"]
_NAMED = 5
Approve = Literal["auto", "all", "accepted"] | float | Iterable[str]


@dataclass(frozen=True, kw_only=True)
class Example:
    """One change as it may be shown: row label, before and after (masked where the column is personal)."""

    row: Any
    before: str
    after: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "row", mask_label(self.row))


@dataclass(frozen=True, kw_only=True)
class Action:
    """One kind of change in one place, with its reason.

    ``kind`` says what applying it does: ``set`` writes ``new`` into ``column`` at the 0-based positions ``rows``;
    ``drop_rows`` and ``drop_columns`` remove; ``flag`` changes nothing and asks a person to look. ``tier``: ``auto``
    is safe to apply unseen, ``review`` wants a look, ``flag`` cannot be repaired safely. ``rejected`` holds the row
    positions a person took out of the action. ``stage`` orders actions on one cell: a later stage has seen what the
    earlier one wrote, and wins. ``basis`` names the columns a new value was derived from.
    """

    id: str
    kind: ActionKind
    detector: str
    title: str
    reason: str
    tier: Tier
    confidence: float
    column: str | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    old: tuple[Any, ...] = field(default=(), metadata=RAW)
    new: tuple[Any, ...] = field(default=(), metadata=RAW)
    examples: tuple[Example, ...] = ()
    findings: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    stage: int = 0
    decision: Decision | None = None
    rejected: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """How many cells, rows or columns the action touches."""
        return len(self.columns) if self.kind == "drop_columns" else len(self.rows) - len(self.rejected)

    @property
    def code(self) -> str:
        """Plain pandas that makes this change in a frame ``df``; it holds raw values."""
        return _with_imports(_code_lines(self, None))

    def cells(self) -> list[tuple[int, Any, Any]]:
        """Row position, old and new value of every cell still in the action."""
        if len(self.new) != len(self.rows):
            raise PlanError(f"action {self.id} holds no values.", hint="Save plans with plan.save(), or make the plan again.")
        out = set(self.rejected)
        return [(r, o, n) for r, o, n in zip(self.rows, self.old, self.new, strict=True) if r not in out]


@dataclass(frozen=True, kw_only=True, repr=False)
class Plan:
    """Actions proposed for one dataset. Frozen: editing returns a new plan.

    >>> ref = DatasetRef(name="t", fingerprint="0", rows=1, columns=("a",))
    >>> len(Plan(dataset=ref))
    0
    """

    dataset: DatasetRef
    actions: tuple[Action, ...] = ()
    like: Any = field(default=None, metadata=RAW, compare=False)
    """The table itself, where the plan was made in this kernel: it tells which rows changed, and what they are called."""

    def __len__(self) -> int:
        return len(self.actions)

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the table: a pickled plan travels without it."""
        return {name: value for name, value in self.__dict__.items() if name != "like"}

    def __getitem__(self, action_id: str) -> Action:
        for action in self.actions:
            if action.id == action_id:
                return action
        raise UnknownName("action", action_id, known=[a.id for a in self.actions])

    # -- editing ---------------------------------------------------------------------------------------------
    def accept(
        self,
        *action_ids: str,
        rows: Iterable[int] | None = None,
        values: Iterable[Any] | None = None,
        labels: Iterable[Any] | None = None,
    ) -> Plan:
        """The plan with these actions accepted (all of them without arguments), or only some of their cells.

        ``rows`` are positions, ``labels`` what the table's index calls the rows (as previews show them), ``values`` old
        values; the other cells are taken out of the actions. Rows or values that no action holds are refused.
        """
        if rows is None and values is None and labels is None:
            return self._decide("accepted", action_ids)
        ids, at, of = self._picked(action_ids, rows, values, labels)
        return self._replace(ids, lambda a: replace(a, rejected=_without(a, at, of, keep=True), decision="accepted"))

    def reject(
        self,
        *action_ids: str,
        rows: Iterable[int] | None = None,
        values: Iterable[Any] | None = None,
        labels: Iterable[Any] | None = None,
    ) -> Plan:
        """The plan with these actions rejected, or only some of their cells taken out, picked as in :meth:`accept`.

        In an action that drops duplicate rows, ``rows`` are the members of a cluster that shall stay.
        """
        if rows is None and values is None and labels is None:
            return self._decide("rejected", action_ids)
        ids, at, of = self._picked(action_ids, rows, values, labels)
        return self._replace(ids, lambda a: replace(a, rejected=_without(a, at, of, keep=False)))

    def edit(
        self,
        action_id: str,
        value: Any,
        *,
        rows: Iterable[int] | None = None,
        values: Iterable[Any] | None = None,
        labels: Iterable[Any] | None = None,
    ) -> Plan:
        """The plan with another new value for every cell of an action, or for those picked as in :meth:`accept`.

        An action that only flagged its cells sets them now; where some are picked, it sets no others.
        """
        if self[action_id].kind not in ("set", "flag"):
            raise PlanError(f"action {action_id} sets no cells.", hint="Only new values can be edited.")
        some = not (rows is None and values is None and labels is None)
        _, at, of = self._picked((action_id,), rows, values, labels) if some else ((), set(self[action_id].rows), [])
        return self._replace((action_id,), lambda a: _edited(a, value, at, of))

    def undecided(self, *action_ids: str) -> Plan:
        """The plan with these actions as they were proposed."""
        return self._replace(action_ids, lambda a: replace(a, decision=None, rejected=()))

    def _decide(self, decision: Decision, action_ids: Sequence[str]) -> Plan:
        return self._replace(action_ids or [a.id for a in self.actions], lambda a: replace(a, decision=decision))

    def _replace(self, action_ids: Sequence[str], change: Callable[[Action], Action]) -> Plan:
        wanted = {self[a].id for a in action_ids}
        return replace(self, actions=tuple(change(a) if a.id in wanted else a for a in self.actions))

    def _picked(
        self, action_ids: Sequence[str], rows: Iterable[int] | None, values: Iterable[Any] | None, labels: Iterable[Any] | None
    ) -> tuple[list[str], set[int], list[Any]]:
        """The actions meant (those that hold one of the cells, where none is named), and their cells by position and old value."""
        chosen = [self[a] for a in action_ids] or list(self.actions)
        at, of = set(rows or ()) | self._at(chosen, list(labels or ())), list(values or ())
        held, olds = {r for a in chosen for r in a.rows}, [o for a in chosen for o in a.old]
        if at - held:
            wrong = ", ".join(map(repr, list(at - held)[:5]))
            raise BadOption(f"no such row in the action: {wrong}.", hint="rows= takes 0-based positions, labels= what the preview shows.")
        strange = sum(v not in olds for v in of)
        if strange:
            raise BadOption(f"{plural(strange, 'value')} not in the action.", hint="values= takes old values, exactly as they are.")
        ids = [a.id for a in chosen if action_ids or at & set(a.rows) or any(v in a.old for v in of)]
        return ids, at, of

    def _at(self, actions: Sequence[Action], labels: Sequence[Any]) -> set[int]:
        """Positions of the rows with these labels (or their text), among those of the actions."""
        if not labels:
            return set()
        if self.like is None:
            raise PlanError("this plan was loaded without its table.", hint="Give positions with rows=.")
        rows = sorted({r for a in actions for r in a.rows})
        known: dict[Any, list[int]] = {}
        for row, label in zip(rows, self.like.row_labels(rows), strict=True):
            for name in {str(label), label}:
                known.setdefault(name, []).append(row)
        wrong = [x for x in labels if x not in known]
        if wrong:
            shown = ", ".join(repr(x) for x in wrong[:5])
            raise BadOption(f"no such row in the action: {shown}.", hint="Give row labels as the preview shows them.")
        return {row for x in labels for row in known[x]}

    def selected(self, approve: Approve = "auto") -> tuple[Action, ...]:
        """The actions that ``apply(approve=…)`` would make.

        A person's accept or reject wins over ``approve``: ``"auto"`` the auto tier, ``"all"`` auto and review,
        ``"accepted"`` only what was accepted, a number the cell repairs of that confidence and above, else a list of
        action ids. The flag tier (such as dropping duplicates) is made only when accepted or named.
        """
        if approve is None:
            raise BadOption("approve says nothing.", hint="Say auto, all, accepted, action ids, or a confidence such as 0.9.")
        if isinstance(approve, str) and approve not in ("auto", "all", "accepted"):
            approve = [a.strip() for a in approve.split(",")]
        if isinstance(approve, bool) or (isinstance(approve, (int, float)) and not 0 <= approve <= 1):
            raise BadOption(f"approve={approve!r} is out of range.", hint="A confidence is between 0 and 1.")
        ids = set() if isinstance(approve, (str, float, int)) else {self[a].id for a in approve}
        return tuple(
            a
            for a in self.actions
            if a.kind != "flag" and a.decision != "rejected" and (a.decision == "accepted" or _covers(approve, ids, a))
        )

    # -- applying --------------------------------------------------------------------------------------------
    def apply(self, data: Any, approve: Approve = "auto", *, who: str = "analyst") -> Remediated:
        """A new frame with the selected actions made, and the log that takes them back.

        ``data`` must be the table the plan was made for (same fingerprint); it is not changed. Where two actions
        set one cell, the later stage wins, then the accepted one, then the more confident one.

        Raises
        ------
        FrameChanged
            when the content differs from the plan's table.
        """
        from ..frames import Edit, as_frame, edited

        frame = as_frame(data, name=self.dataset.name)
        self._check(frame)
        chosen = self.selected(approve)
        cells, entries = _merge(frame, chosen)
        rows = tuple(sorted({r for a in chosen if a.kind == "drop_rows" for r in a.rows if r not in a.rejected}))
        columns = tuple(sorted({frame.position(c) for a in chosen if a.kind == "drop_columns" for c in a.columns}))
        native = edited(frame, Edit(cells, rows, columns))
        log = ChangeLog(
            before=frame.ref,
            after=as_frame(native, name=self.dataset.name).ref,
            entries=tuple(entries),
            dropped_rows=rows,
            dropped_columns=columns,
            actions=tuple(a.id for a in chosen),
            who=who,
            when=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            like=frame,
            made=chosen,
        )
        left = tuple(a for a in self.actions if a.tier == "flag" and a.decision != "rejected" and a.id not in log.actions)
        return Remediated(frame=native, log=log, left=left)

    def recipe(self, data: Any = None, approve: Approve = "auto") -> Recipe:
        """What ``apply(data, approve)`` would set, for ``clean`` with ``recipe=`` on the next file of the same kind.

        ``data`` is the table of the plan; it may be left out in the kernel where the plan was made.
        """
        from ..frames import as_frame

        if data is None and self.like is None:
            raise PlanError("this plan was loaded without its table.", hint="Give the table: plan.recipe(df).")
        return recipe_of(self.selected(approve), self.like if data is None else as_frame(data, name=self.dataset.name), self.dataset.name)

    def _check(self, frame: Frame) -> None:
        if frame.fingerprint == self.dataset.fingerprint:
            return
        if frame.rows != self.dataset.rows:
            what = f"it has {frame.rows:,} rows, the plan's had {self.dataset.rows:,}"
        elif frame.columns != self.dataset.columns:
            what = "its columns differ from the plan's"
        else:
            moved = self._moved(frame)
            shown = ", ".join(map(str, moved[:_NAMED])) + (f", … ({len(moved):,} in all)" if len(moved) > _NAMED else "")
            what = f"rows {shown} moved or changed" if moved else "cells outside the plan changed"
        raise FrameChanged(f"`{frame.name}` is not the table this plan was made for: {what}.", hint="Make a new plan.")

    def _moved(self, frame: Frame) -> list[Any]:
        """Labels of the rows that hold other values than before; of a loaded plan, of those it changes."""
        from ..frames import differing_rows

        if self.like is not None and self.like.shape == frame.shape:
            return list(frame.row_labels(differing_rows(self.like, frame).tolist()))
        gone: set[int] = set()
        for action in self.actions:
            if action.kind == "set" and action.column in frame.columns:
                cells = frame.column(str(action.column)).array
                gone.update(r for r, old in zip(action.rows, action.old, strict=True) if cells[r].as_py() != old)
        return list(frame.row_labels(sorted(gone)))

    def code(self, approve: Approve = "auto", *, name: str = "df") -> str:
        """Plain pandas that equals ``apply(df, approve)``; it holds raw values, so it stays with the data.

        >>> ref = DatasetRef(name="t", fingerprint="0", rows=2, columns=("a",))
        >>> fix = Action(id="A-1", kind="set", detector="typo", title="Correct a", reason="", tier="auto",
        ...              confidence=1.0, column="a", rows=(1,), old=("x",), new=("y",))
        >>> print(Plan(dataset=ref, actions=(fix,)).code(name="orders"))
        import numpy as np
        orders = orders.copy()
        # Correct a
        orders.isetitem(0, orders.iloc[:, 0].mask(np.isin(np.arange(len(orders)), [1]), 'y'))
        """
        chosen = self.selected(approve)
        sets = sorted((a for a in chosen if a.kind == "set"), key=_authority, reverse=True)
        lines = [f"{name} = {name}.copy()"] + [line for a in sets for line in _code_lines(a, self.dataset.columns, name)]
        rows = sorted({r for a in chosen if a.kind == "drop_rows" for r in a.rows if r not in a.rejected})
        columns = sorted({self.dataset.columns.index(c) for a in chosen if a.kind == "drop_columns" for c in a.columns})
        lines += [f"{name} = {name}.take(np.setdiff1d(np.arange(len({name})), {rows}))"] if rows else []
        lines += [f"{name} = {name}.take(np.setdiff1d(np.arange({name}.shape[1]), {columns}), axis=1)"] if columns else []
        return _with_imports(lines)

    # -- as data ---------------------------------------------------------------------------------------------
    def to_dict(self, *, values: bool = False) -> dict[str, Any]:
        """Plain data. With ``values=True`` it holds the raw old and new values, as replaying it needs."""
        out: dict[str, Any] = plain(self)
        if values:
            for shown, action in zip(out["actions"], self.actions, strict=True):
                shown |= {"old": plain(action.old), "new": plain(action.new)}
        return out

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The plan that :meth:`to_dict` wrote."""
        plan: Self = restore(cls, data)
        return plan

    def save(self, path: str | Path) -> Path:
        """Write the plan with its raw values to a JSON file (it is needed to apply it later)."""
        target = Path(path)
        target.write_text(json.dumps(self.to_dict(values=True), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return target

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a plan that :meth:`save` wrote."""
        try:
            return cls.from_dict(json.loads(Path(path).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise PlanError(f"cannot read a plan from `{path}`: {error}", hint="Was it written by plan.save()?") from error

    def to_frame(self) -> pd.DataFrame:
        """One row per action."""
        import pandas as pd

        names = ["id", "tier", "confidence", "detector", "column", "title", "decision"]
        rows = [[getattr(a, n) for n in names] + [a.count] for a in self.actions]
        return pd.DataFrame(rows, columns=[*names, "count"])

    # -- as a document ---------------------------------------------------------------------------------------
    def blocks(self, limit: int = 30) -> list[Block]:
        """The plan as a list of actions with before → after."""
        if not self.actions:
            return [Text("Nothing to change.")]
        out: list[Block] = [_actions_grid(self.actions[:limit], len(self.actions) - limit)]
        examples = tuple(
            (a.id, a.column or "", str(e.row), Code(e.before), Code(e.after)) for a in self.actions[:limit] for e in a.examples[:3]
        )
        if examples:
            grid = Grid("Before → after on real rows", ("action", "column", "row", "before", "after"), examples)
            out.append(Fold(f"Preview ({plural(len(examples), 'example')})", (grid,)))
        return out

    def document(self) -> Document:
        """The plan as a document."""
        tiers = {t: sum(a.tier == t for a in self.actions) for t in ("auto", "review", "flag")}
        head = f"{plural(len(self.actions), 'action')}: {tiers['auto']} auto, {tiers['review']} to review, {tiers['flag']} to look at."
        said = (Text(head, tone="strong"),) if self.actions else ()
        return Document(f"Plan: {self.dataset.name}", (*said, *self.blocks()), footer=str(self.dataset))

    def __repr__(self) -> str:
        from ..display import to_text

        return to_text(self.document())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from ..display import to_bundle

        return to_bundle(self.document())


class Change(NamedTuple):
    """One changed cell: where (row position), from what to what, by which action and detector, why, and how sure."""

    row: int
    column: str
    old: Any
    new: Any
    action: str
    detector: str
    confidence: float
    reason: str


_RAW_FILE = "RAW VALUES: this file holds cells as they were before the fix, so that it can be taken back. Keep it with the data."
_SHAPE = 1
"""The form of a saved log."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ChangeLog:
    """What was changed, by which action, by whom and when; :meth:`undo` takes it back.

    It holds raw values and stays in the kernel: :meth:`to_dict` leaves them out. Only :meth:`save` writes them, because
    nothing else could put them back in another kernel.
    """

    before: DatasetRef
    after: DatasetRef
    entries: tuple[Change, ...] = field(metadata=RAW)
    dropped_rows: tuple[int, ...] = ()
    dropped_columns: tuple[int, ...] = ()
    actions: tuple[str, ...] = ()
    who: str = ""
    when: str = ""
    like: Any = field(default=None, metadata=RAW, compare=False)
    """The old table, where the fix was made in this kernel."""
    remains: Any = field(default=None, metadata=RAW, compare=False)
    """Of a loaded log: what was kept of the old table."""
    made: tuple[Action, ...] = field(default=(), metadata=RAW, compare=False)
    """The actions that were made, where that was in this kernel."""

    def __len__(self) -> int:
        return len(self.entries) + len(self.dropped_rows) + len(self.dropped_columns)

    def __repr__(self) -> str:
        drops = f", {plural(len(self.dropped_rows), 'row')} dropped" if self.dropped_rows else ""
        return f"ChangeLog({plural(len(self.entries), 'cell')} changed{drops} in {self.before.name}, by {self.who})"

    def to_frame(self) -> pd.DataFrame:
        """One row per changed cell: row, column, old, new, action, detector, confidence, reason, who, when."""
        import pandas as pd

        frame = pd.DataFrame(list(self.entries), columns=list(Change._fields)).astype({"old": object, "new": object})
        return frame.assign(who=self.who, when=self.when)

    def to_dict(self) -> dict[str, Any]:
        """Plain data without raw values."""
        return dict(plain(self)) | {"changed_cells": len(self.entries)}

    def recipe(self) -> Recipe:
        """What was really applied, for ``clean`` with ``recipe=`` on the next file of the same kind."""
        if self.like is None or len(self.made) != len(self.actions):
            raise PlanError("this log was loaded without its plan.", hint="Take the recipe where the fix is made, and recipe.save() it.")
        return recipe_of(self.made, self.like, self.before.name)

    def undo(self, data: Any) -> Any:
        """The frame as it was before; ``data`` must be the frame that ``apply`` returned.

        Raises
        ------
        FrameChanged
            when ``data`` was changed since.
        """
        from ..frames import as_frame, restored

        frame = as_frame(data, name=self.after.name)
        if self.remains and (frame.kind == "pandas") != (self.remains["kind"] == "pandas"):
            raise PlanError(f"the fix was made in a table of {self.after.kind}.", hint=f"Give it as {self.after.kind}, not {frame.kind}.")
        if frame.fingerprint != self.after.fingerprint:
            raise FrameChanged(f"`{frame.name}` was changed since the fix was applied.", hint="Undo needs the frame that apply returned.")
        native = restored(frame, self._cells(), self._like(frame), (self.dropped_rows, self.dropped_columns))
        if as_frame(native, name=self.before.name).fingerprint != self.before.fingerprint:
            raise PlanError("undo did not give the frame from before.", hint="Keep your original frame and report this.")
        return native

    def _cells(self) -> dict[int, tuple[list[int], list[Any]]]:
        """The old values by column position: row positions and values."""
        cells: dict[int, tuple[list[int], list[Any]]] = {}
        for change in self.entries:
            rows, values = cells.setdefault(self.before.columns.index(change.column), ([], []))
            rows.append(change.row)
            values.append(change.old)
        return cells

    def _like(self, frame: Frame) -> Any:
        """The old table, or of a loaded log what was kept of it."""
        from ..frames import skeleton

        if self.remains is not None:
            return skeleton(self.remains, frame.native)
        return self.like.native if frame.kind == "pandas" and self.like.kind == "pandas" else self.like

    def save(self, path: str | Path) -> Path:
        """Write the log to a JSON file, so that :meth:`undo` works in another kernel.

        The file holds raw old and new values (changed cells, dropped rows and columns): undoing needs them. Its first
        field says so, and only its owner may read it.
        """
        from ..frames import pack, remains_of

        cells = {p: rows for p, (rows, _) in self._cells().items()}
        remains = self.remains or remains_of(self.like, self.after.kind, cells, self.dropped_rows, self.dropped_columns)
        entries = [[pack(v) for v in change] for change in self.entries]
        saved = {"warning": _RAW_FILE, "form": _SHAPE, **plain(self), "entries": entries, "remains": remains}
        target = Path(path)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            target.chmod(0o600)  # the file may have been there, open to others
            json.dump(saved, file, ensure_ascii=False)
        return target

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a log that :meth:`save` wrote."""
        from ..frames import unpack

        try:
            saved = json.loads(Path(path).read_text(encoding="utf-8"))
            entries = tuple(Change(*(unpack(v) for v in change)) for change in saved["entries"])
            log: Self = restore(cls, {k: v for k, v in saved.items() if k not in ("entries", "remains")} | {"entries": ()})
            return replace(log, entries=entries, remains=saved["remains"])
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise PlanError(f"cannot read a change log from `{path}`: {error}", hint="Was it written by log.save()?") from error


@dataclass(frozen=True, repr=False)
class Remediated:
    """A new frame and the log of what differs from the old one."""

    frame: Any
    log: ChangeLog
    left: tuple[Action, ...] = ()
    """What no approval of a tier makes and nobody decided on: duplicate rows, and cells without a safe repair."""

    @property
    def __stored__(self) -> Any:
        """What ``-o name`` keeps: the frame."""
        return self.frame

    def recipe(self) -> Recipe:
        """What was really applied, for ``clean`` with ``recipe=`` on the next file of the same kind."""
        return self.log.recipe()

    @property
    def quarantine(self) -> Any:
        """The dropped rows as they were, in a frame of the same kind."""
        from ..frames import Edit, edited

        gone = set(self.log.dropped_rows)
        return edited(self.log.like, Edit(drop_rows=tuple(r for r in range(self.log.before.rows) if r not in gone)))

    def document(self) -> Document:
        """How much was changed, by what; no cell is shown."""
        log = self.log
        by: dict[tuple[str, str, str], int] = {}
        for change in log.entries:
            by[change.action, change.detector, change.column] = by.get((change.action, change.detector, change.column), 0) + 1
        rows = tuple((Code(action), detector, Code(column), count) for (action, detector, column), count in sorted(by.items()))
        parts = [plural(len(log.entries), "cell") + " changed"]
        parts += [plural(len(log.dropped_rows), "row") + " dropped"] if log.dropped_rows else []
        parts += [plural(len(log.dropped_columns), "column") + " dropped"] if log.dropped_columns else []
        blocks: list[Block] = [Text(f"{', '.join(parts)} in a new table; the one that was given is unchanged.", tone="strong")]
        if not len(log):
            blocks.append(
                Text('This approval made nothing: accept some actions, or use --approve all (approve="all") where some are to review.')
            )
        blocks += [Text(_left_text(self.left), tone="note" if len(log) else "strong")] if self.left else []
        blocks += [Grid("Changes", ("action", "detector", "column", "cells"), rows)] if rows else []
        blocks.append(Text("Take it back with %governance undo, or log.undo(frame).", tone="note"))
        marks = f"fingerprint {log.before.fingerprint[:12]} → {log.after.fingerprint[:12]}"
        return Document(f"Applied: {log.before.name}", tuple(blocks), footer=marks)

    def __repr__(self) -> str:
        from ..display import to_text

        return to_text(self.document())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from ..display import to_bundle

        return to_bundle(self.document())


def _left_text(left: Sequence[Action]) -> str:
    """How much was left as it is, and how it can be decided on."""
    rows = len({r for a in left if a.kind == "drop_rows" for r in a.rows})
    doubtful = len({(a.column, r) for a in left if a.kind == "set" for r in a.rows})
    flagged = len({(a.column, r) for a in left if a.kind == "flag" for r in a.rows})
    columns = {str(c) for a in left if a.kind == "flag" and not a.rows for c in a.columns}
    parts = (
        (rows, "duplicate row"),
        (doubtful, "change that wants a person's word", "changes that want a person's word"),
        (flagged, "flagged cell"),
        (len(columns), "flagged column"),
    )
    said = [plural(count, *what) for count, *what in parts if count]
    made, shown = [a for a in left if a.kind != "flag"], [a for a in left if a.kind == "flag" and a.rows]
    how = [f"what can be done needs its id (--approve {','.join(a.id for a in made[:3])})"] if made else []
    how += [f"flagged cells need a value (review --edit {shown[0].id} --to VALUE)"] if shown else []
    how += ["flagged columns are for a person to decide: " + ", ".join(f"`{c}`" for c in sorted(columns))] if columns else []
    return f"{' and '.join(said)} left as they are: {'; '.join(how)}."


def _covers(approve: Any, ids: set[str], action: Action) -> bool:
    if isinstance(approve, str):
        return {"auto": action.tier == "auto", "all": action.tier in ("auto", "review"), "accepted": False}[approve]
    if isinstance(approve, (int, float)):
        return action.kind == "set" and action.confidence >= approve
    return action.id in ids


def _merge(frame: Frame, chosen: Sequence[Action]) -> tuple[dict[int, tuple[list[int], list[Any]]], list[Change]]:
    """Cells to write by column, and log entries; the most confident action owns a cell."""
    cells: dict[int, tuple[list[int], list[Any]]] = {}
    entries: list[Change] = []
    taken: set[tuple[int, int]] = set()
    for action in sorted(chosen, key=_authority):
        if action.kind != "set" or action.column is None:
            continue
        position = frame.position(action.column)
        rows, values = cells.setdefault(position, ([], []))
        for row, old, new in action.cells():
            if (row, position) not in taken:
                taken.add((row, position))
                rows.append(row)
                values.append(new)
                where = (row, frame.columns[position])
                entries.append(Change(*where, old, new, action.id, action.detector, action.confidence, action.reason))
    return {p: c for p, c in cells.items() if c[0]}, sorted(entries, key=lambda e: (e.row, e.column))


def _authority(action: Action) -> tuple[Any, ...]:
    """Who owns a cell that several actions set: the later stage, then the accepted one, then the more confident one."""
    return (-action.stage, action.decision != "accepted", -action.confidence, action.id)


def _without(action: Action, rows: set[int], values: Sequence[Any], *, keep: bool) -> tuple[int, ...]:
    """The rejected rows of an action once the cells picked by row or old value are kept (alone) or taken out."""
    picked = rows & set(action.rows) | {r for r, old in zip(action.rows, action.old, strict=False) if old in values}
    return tuple(sorted(set(action.rows) - picked if keep else {*action.rejected, *picked}))


def _edited(action: Action, value: Any, rows: set[int], values: Sequence[Any]) -> Action:
    """The action with another new value for some of its cells, and previews that say so."""
    if len(action.old) != len(action.rows):
        raise PlanError(f"action {action.id} holds no values.", hint="Save plans with plan.save(), or make the plan again.")
    picked = [r in rows or o in values for r, o in zip(action.rows, action.old, strict=True)]
    flagged = action.kind == "flag"
    new = tuple(value if p else n for p, n in zip(picked, action.new or (None,) * len(picked), strict=True))
    left = {r for r, p in zip(action.rows, picked, strict=True) if flagged and not p}
    shown = tuple(replace(e, after=mask(value)) if all(picked) else e for e in action.examples)
    return replace(action, kind="set", new=new, rejected=tuple(sorted({*action.rejected, *left})), examples=shown, decision="accepted")


def _with_imports(lines: Sequence[str]) -> str:
    """The lines below the imports they need."""
    code = "\n".join(lines)
    needs = {
        "np.": "import numpy as np",
        "pd.": "import pandas as pd",
        "datetime.": "import datetime",
        "Decimal(": "from decimal import Decimal",
    }
    return "\n".join([*(text for mark, text in needs.items() if mark in code), code])


def _code_lines(action: Action, columns: Sequence[str] | None, name: str = "df") -> list[str]:
    """One line per new value: the rows by position, so that it holds for any index and any column names."""
    if action.kind != "set":
        return []
    at = repr(action.column) if columns is None else str(columns.index(str(action.column)))
    by_name = columns is None
    get, put = (f"{name}[{at}]", f"{name}[{at}] = ") if by_name else (f"{name}.iloc[:, {at}]", f"{name}.isetitem({at}, ")
    end = "" if by_name else ")"
    lines = [f"# {' '.join(action.title.split())}"]
    wider = {int: "Int64", bool: "boolean"}.get(type(next((o for o in action.old if o is not None), "")))
    if wider and any(new is None for new in action.new):
        lines.append(f'{put}{get}.astype("{wider}"){end}')
    by_new: dict[str, list[int]] = {}
    for row, _, new in action.cells():
        by_new.setdefault(_literal(new), []).append(row)
    return lines + [f"{put}{get}.mask(np.isin(np.arange(len({name})), {rows}), {new}){end}" for new, rows in by_new.items()]


def _literal(value: Any) -> str:
    """A value as Python source."""
    if isinstance(value, dt.datetime):
        return f"pd.Timestamp({value.isoformat()!r})"
    if isinstance(value, dt.date):
        return f"datetime.date.fromisoformat({value.isoformat()!r})"
    return f"Decimal({str(value)!r})" if type(value).__name__ == "Decimal" else repr(value)


def _actions_grid(actions: Sequence[Action], more: int) -> Grid:
    rows = tuple(
        (Badge(a.tier), a.title, a.count, f"{a.confidence:.2f}", a.reason, Badge(a.decision) if a.decision else None, Code(a.id))
        for a in actions
    )
    return Grid("Plan", ("tier", "action", "cells", "confidence", "why", "decision", "id"), rows, more=max(0, more))
