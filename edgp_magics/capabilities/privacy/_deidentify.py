"""De-identification as plan actions: what to do with each entity type, and the presets of three regimes.

A column that is of a type as a whole is transformed cell by cell; personal data inside texts is transformed span by span, the
words around it stay. Rows in small classes are counted on the table as the other actions leave it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

import numpy as np

from ...errors import BadOption
from ...frames import Column, Frame, as_frame
from ...values import Action, Example, Plan, finding_id, mask
from ...values import AgentCapability as Cap
from ._risk import classes_of
from ._spans import Span, find_spans
from ._transforms import band, date_shift, format_preserving, hidden, plain_text, token, top_code, truncate_pan, year, zip3

Method = Literal[
    "keep",
    "mask",
    "redact",
    "token",
    "format_preserving",
    "date_shift",
    "year",
    "generalise",
    "top_code",
    "zip3",
    "truncate_pan",
    "last4",
    "suppress",
    "drop_column",
]
KEYED = frozenset({"token", "format_preserving", "date_shift"})


@dataclass(frozen=True, kw_only=True)
class Transform:
    """What is done to the cells of a column: a method, and its width, limit or subject column where it has one."""

    method: Method
    width: int = 10
    limit: int = 90
    subject: str = ""

    @classmethod
    def of(cls, given: Transform | str | Mapping[str, Any]) -> Transform:
        """A transform from its method, or from a mapping of its fields; a typo is refused.

        >>> Transform.of("mask").method, Transform.of({"method": "generalise", "width": 5}).width
        ('mask', 5)
        """
        if isinstance(given, Transform):
            return given
        options: dict[str, Any] = {"method": given} if isinstance(given, str) else dict(given)
        known = {f.name for f in fields(cls)}
        if set(options) - known or options.get("method") not in get_args(Method):
            raise BadOption(
                f"no transform {given!r}.",
                hint=f"Methods: {', '.join(get_args(Method))}; further fields: {', '.join(sorted(known - {'method'}))}.",
            )
        return cls(**options)


_DROP, _REDACT, _TOKEN = Transform(method="suppress"), Transform(method="redact"), Transform(method="token")
_YEAR, _ZIP3 = Transform(method="year"), Transform(method="zip3")

PRESETS: dict[str, dict[str, Transform]] = {
    "hipaa_safe_harbor": {
        "POSTAL_CODE": _ZIP3,
        "AGE": Transform(method="top_code", limit=90),
        "DATE_OF_BIRTH": _YEAR,
        "DATE_TIME": _YEAR,
        "LOCATION": _DROP,
        **dict.fromkeys(("CITY", "GEO"), _DROP),
        **dict.fromkeys(
            (
                "GENDER",
                "RACE_ETHNICITY",
                "RELIGION",
                "MARITAL_STATUS",
                "NATIONALITY",
                "HEALTH",
                "SALARY",
                "BLOOD_TYPE",
                "POLITICAL",
                "SEXUAL_ORIENTATION",
            ),
            Transform(method="keep"),
        ),
        "*": _DROP,
    },
    "pci": {
        "CREDIT_CARD": Transform(method="truncate_pan"),
        **dict.fromkeys(("CVV", "CARD_TRACK", "CARD_PIN"), _DROP),
        **dict.fromkeys(("PERSON_NAME", "CARD_EXPIRY"), Transform(method="keep")),
        "*": Transform(method="keep"),
    },
    "pdpa": {
        **dict.fromkeys(("SG_NRIC_FIN", "PASSPORT", "NATIONAL_ID"), Transform(method="last4")),
        **dict.fromkeys(("PERSON_NAME", "EMAIL", "PHONE", "USERNAME"), _TOKEN),
        **dict.fromkeys(("PASSWORD", "SECRET", "CVV", "CARD_TRACK", "CARD_PIN"), _DROP),
        "CREDIT_CARD": Transform(method="truncate_pan"),
        "DATE_OF_BIRTH": _YEAR,
        "ADDRESS": _REDACT,
        "AGE": Transform(method="generalise", width=10),
        "*": Transform(method="keep"),
    },
    "mask": {"*": Transform(method="mask")},
    "pseudonymise": {"*": _TOKEN, **dict.fromkeys(("PASSWORD", "SECRET", "CVV", "CARD_TRACK", "CARD_PIN"), _DROP)},
}
"""What each regime asks for by entity type; ``*`` is every other type."""


Rules = Mapping[str, Transform]


def deidentify(
    frame: Frame,
    types: Mapping[str, str | Sequence[str]],
    *,
    preset: str = "mask",
    transforms: Mapping[str, Transform | str | Mapping[str, Any]] | None = None,
    key: bytes = b"",
    subject: str = "",
    minimum_k: int = 0,
    quasi: Sequence[str] = (),
    spans: Iterable[Mapping[str, Any]] = (),
    as_of: dt.date | None = None,
) -> Plan:
    """A plan that de-identifies ``frame``: one action per column, and one for rows in classes under ``minimum_k``.

    ``types`` is column → entity type or types (as a scan found them) and ``spans`` what it found inside texts; ``transforms``
    overrides the preset by column name. ``as_of`` is the day on which somebody is over 89 (by default the latest in the table).
    """
    if preset not in PRESETS:
        raise BadOption(f"no preset `{preset}`.", hint="Known: " + ", ".join(sorted(PRESETS)))
    own = {frame.columns[frame.position(name)]: Transform.of(t) for name, t in (transforms or {}).items()}
    work = _Work(frame, PRESETS[preset], key, subject, _earliest(frame, as_of) if preset == "hipaa_safe_harbor" else 0)
    whole = _whole(frame, types, own, work.rules)
    inside = _by_column(spans, whole)
    inside |= {name: {} for name in _texts_to_read(frame, whole) if name not in inside} if "DATE_TIME" in work.rules else {}
    actions = [a for name, (entity, t) in whole.items() if (a := work.column_action(frame.column(name), entity, t)) is not None]
    actions += [a for name, found in inside.items() if (a := work.text_action(frame.column(name), found)) is not None]
    plan = Plan(dataset=frame.ref, actions=tuple(actions))
    rows = _rows_left_below(frame, plan, quasi, minimum_k) if minimum_k > 1 and quasi else ()
    return Plan(dataset=frame.ref, actions=(*actions, _suppress_rows(rows, quasi, minimum_k))) if rows else plan


def _whole(
    frame: Frame, types: Mapping[str, str | Sequence[str]], own: Mapping[str, Transform], rules: Rules
) -> dict[str, tuple[str, Transform]]:
    """Column → the type that decides and its transform: of several types the first that the preset does not keep."""
    out: dict[str, tuple[str, Transform]] = {}
    further = {n: kind for n in frame.columns if n not in types and (kind := _further(frame.column(n)))} if "DATE_TIME" in rules else {}
    for name in dict.fromkeys((*types, *further, *own)):
        given = types.get(name, (further.get(name, "VALUE"),))
        names = (given,) if isinstance(given, str) else tuple(given)
        entity = next((e for e in names if rules.get(e, rules["*"]).method != "keep"), names[0])
        out[name] = (entity, own.get(name) or rules.get(entity, rules["*"]))
    return out


_DATE = re.compile(
    r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/. ](?:[0-9]{1,2}|[A-Za-z]{3,9})[-/. ][0-9]{2,4})(?:[T ][0-9:.]{4,15}Z?)?"
)


_LINK = re.compile(r"(?:(?:https?|ftp)://|www\.)[^\s]+")


def _further(column: Column) -> str:
    """What a column holds that is no personal type of a scan and yet an identifier under Safe Harbor: dates, links."""
    if column.kind in ("date", "datetime"):
        return "DATE_TIME"
    if column.kind != "string":
        return ""
    seen = [v.strip() for v in column.text_counts["value"].head(50).to_list()]
    kinds = {"DATE_TIME": _DATE, "URL": _LINK}
    return next((k for k, form in kinds.items() if seen and sum(form.fullmatch(v) is not None for v in seen) >= 0.9 * len(seen)), "")


def _texts_to_read(frame: Frame, whole: Mapping[str, Any]) -> Iterator[str]:
    """Columns in whose texts a date or a link stands."""
    pattern = f"{_DATE.pattern}|{_LINK.pattern}"
    for column in frame:
        if column.kind in ("string", "mixed") and column.name not in whole and column.text.str.contains(pattern).any():
            yield column.name


def _earliest(frame: Frame, as_of: dt.date | None) -> int:
    """The birth year in which whoever is over 89 is pooled."""
    if as_of is not None:
        return as_of.year - 90
    latest = [c.series.max() for c in frame if c.kind in ("date", "datetime")]
    years = [d.year for d in latest if isinstance(d, dt.date)]
    return max(years, default=90) - 90


def _by_column(spans: Iterable[Mapping[str, Any]], whole: Mapping[str, Any]) -> dict[str, dict[int, list[Span]]]:
    out: dict[str, dict[int, list[Span]]] = {}
    for s in spans:
        if s["column"] not in whole:
            found = out.setdefault(s["column"], {}).setdefault(s["row"], [])
            found.append(Span(s["start"], s["end"], s["entity_type"], s["confidence"]))
    return out


# -- small classes -------------------------------------------------------------------------------------------------------
def _rows_left_below(frame: Frame, plan: Plan, quasi: Sequence[str], minimum_k: int) -> tuple[int, ...]:
    """The rows in classes under ``minimum_k`` on the table as the plan leaves it; columns that it empties tell nothing any more."""
    done = as_frame(plan.apply(frame.native, approve="all").frame, name=frame.name) if plan.actions else frame
    left = [q for q in quasi if q in done and done.column(q).null_count < done.rows]
    return rows_below(done, left, minimum_k) if left else ()


def rows_below(frame: Frame, quasi: Sequence[str], minimum_k: int) -> tuple[int, ...]:
    """Positions of rows whose class is smaller than ``minimum_k``; a row that misses a quasi-identifier is in no class."""
    codes, valid = classes_of(frame, quasi)
    sizes = np.bincount(codes[valid], minlength=1)
    small = valid.copy()
    small[valid] = sizes[codes[valid]] < minimum_k
    return tuple(int(i) for i in np.flatnonzero(small))


def _suppress_rows(rows: tuple[int, ...], quasi: Sequence[str], minimum_k: int) -> Action:
    return Action(
        id=finding_id(Cap.PRIVACY_SCAN, "enforce_k", quasi).replace("F-", "A-"),
        kind="drop_rows",
        detector="enforce_k",
        title=f"drop rows in classes under {minimum_k}",
        reason=f"after the other actions fewer than {minimum_k} rows share " + ", ".join(quasi),
        tier="review",
        confidence=1.0,
        rows=rows,
    )


# -- actions -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Work:
    """What every action needs: the table, the preset's rules, the key, the subject column, the year in which the oldest are pooled."""

    frame: Frame
    rules: Rules
    key: bytes
    subject: str
    earliest: int

    def column_action(self, column: Column, entity: str, transform: Transform) -> Action | None:
        """The action that transforms a column cell by cell, or drops it."""
        if transform.method == "keep":
            return None
        self._need_key(transform, column.name)
        title, reason = f"{transform.method.replace('_', ' ')} {column.name}", f"`{column.name}` holds {entity}"
        if transform.method == "drop_column":
            return Action(
                id=_identity(transform.method, column, entity),
                kind="drop_columns",
                detector="deidentify",
                title=title,
                reason=reason,
                tier="review",
                confidence=1.0,
                columns=(column.name,),
            )
        change = _changer(self.frame, entity, transform, self.key, self.subject or transform.subject, self.earliest)
        changed = _changes(column, change, by_row=transform.method == "date_shift")
        shown: Callable[[Any], str] = mask if transform.method == "format_preserving" else str
        return self._set(column, _identity(transform.method, column, entity), title, reason, changed, shown)

    def text_action(self, column: Column, found: Mapping[int, Sequence[Span]]) -> Action | None:
        """The action that transforms the personal pieces of a column's texts and leaves the words around them."""
        changed: list[tuple[int, Any, Any]] = []
        kinds: set[str] = set()
        cells = column.array.to_pylist()
        dates = self.rules.get("DATE_TIME", Transform(method="keep")).method != "keep"
        for row, old in enumerate(cells):
            if not isinstance(old, str):
                continue
            spans = (
                [*found.get(row, ()), *(s for s in find_spans(old) if s.entity_type in ("DATE_TIME", "URL"))]
                if dates
                else found.get(row, ())
            )
            new = self._without_spans(old, spans, column.name, kinds)
            if new != old:
                changed.append((row, old, new))
        title, reason = f"redact pieces of {column.name}", f"texts in `{column.name}` hold " + ", ".join(sorted(kinds))
        return self._set(column, _identity("spans", column, ""), title, reason, changed, mask)

    def _without_spans(self, text: str, spans: Sequence[Span], name: str, kinds: set[str]) -> str:
        end = len(text) + 1
        for s in sorted(spans, key=lambda s: -s.start):
            transform = self.rules.get(s.entity_type, self.rules["*"])
            if transform.method == "keep" or s.end > end:
                continue
            self._need_key(transform, name)
            piece = _changer(self.frame, s.entity_type, transform, self.key, "", self.earliest)(text[s.start : s.end], -1)
            text = text[: s.start] + (f"[{s.entity_type}]" if piece is None else str(piece)) + text[s.end :]
            kinds.add(s.entity_type)
            end = s.start
        return text

    def _need_key(self, transform: Transform, name: str) -> None:
        if transform.method in KEYED and not self.key:
            raise BadOption(
                f"`{transform.method}` for `{name}` needs a key.", hint="Pass key=b'…' from your secret store; the same key keeps joins."
            )

    def _set(
        self, column: Column, identity: str, title: str, reason: str, changed: Sequence[tuple[int, Any, Any]], shown: Callable[[Any], str]
    ) -> Action | None:
        if not changed:
            return None
        rows, old, new = zip(*changed, strict=True)
        return Action(
            id=identity,
            kind="set",
            detector="deidentify",
            title=title,
            reason=reason,
            tier="review",
            confidence=1.0,
            column=column.name,
            rows=rows,
            old=old,
            new=new,
            examples=tuple(Example(row=self.frame.row_labels([r])[0], before=mask(o), after=shown(n)) for r, o, n in changed[:3]),
        )


def _identity(method: str, column: Column, entity: str) -> str:
    return finding_id(Cap.PRIVACY_SCAN, method, [column.name], entity).replace("F-", "A-")


def _changes(column: Column, change: Callable[[Any, int], Any], *, by_row: bool) -> list[tuple[int, Any, Any]]:
    """Row, old and new value of the cells that change; equal values are transformed once."""
    out = []
    cache: dict[Any, Any] = {}
    for row, value in enumerate(column.array.to_pylist()):
        if value is None:
            continue
        spot = (value, row) if by_row else value
        if not isinstance(value, (str, int, float, dt.date)):
            fresh = change(value, row)
        elif spot in cache:
            fresh = cache[spot]
        else:
            fresh = cache[spot] = change(value, row)
        if fresh != value:
            out.append((row, value, fresh))
    return out


def _changer(frame: Frame, entity: str, transform: Transform, key: bytes, subject: str, earliest: int) -> Callable[[Any, int], Any]:
    subjects = frame.column(subject).text if subject else None
    simple: dict[str, Callable[[Any, int], Any]] = {
        "mask": lambda v, _: hidden(plain_text(v)),
        "redact": lambda v, _: f"[{entity}]",
        "suppress": lambda v, _: None,
        "token": lambda v, _: token(plain_text(v), key),
        "format_preserving": lambda v, _: format_preserving(plain_text(v), key),
        "year": lambda v, _: year(v, earliest if entity == "DATE_OF_BIRTH" else 0),
        "generalise": lambda v, _: band(v, transform.width),
        "top_code": lambda v, _: top_code(v, transform.limit),
        "zip3": lambda v, _: zip3(v),
        "truncate_pan": lambda v, _: truncate_pan(plain_text(v)),
        "last4": lambda v, _: "*" * max(0, len(plain_text(v)) - 4) + plain_text(v)[-4:],
        "date_shift": lambda v, row: date_shift(v, str(subjects[row]) if subjects is not None else "", key),
    }
    return simple[transform.method]
