"""De-identification as plan actions: what to do with each entity type, and the presets of three regimes.

A column that is of a type as a whole is transformed cell by cell; personal data inside texts is transformed span by span, the
words around it stay. Small classes are widened or dropped on the table as the other actions leave it.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import statistics
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from ...errors import BadOption, closest
from ...frames import Column, Frame, as_frame
from ...values import Action, Example, Plan, Progress, finding_id, mask, plural
from ...values import AgentCapability as Cap
from ._facts import facts_of
from ._recognizers import BY_ENTITY
from ._small_classes import Quasi, Widened, enforce_k
from ._spans import OVERLAP, TEXT_LIMIT, Span, find_spans
from ._text import NOT_PERSONAL, scan_text
from ._transforms import (
    band,
    date_shift,
    first_of,
    format_preserving,
    hidden,
    last_four,
    number_in,
    part_order,
    plain_text,
    token,
    top_code,
    truncate_pan,
    year,
    zip3,
)
from ._verdict import judge_columns
from ._written_dates import dates_and_links, kind_of

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
    "prefix",
    "truncate_pan",
    "last4",
    "suppress",
    "drop_column",
]
KEYED = frozenset({"token", "format_preserving", "date_shift"})
KEY_BYTES = 16
"""Shorter keys can be tried out: whoever knows one value and its token finds them."""


@dataclass(frozen=True, kw_only=True)
class Transform:
    """What is done to the cells of a column: a method, and its width, limit or subject column where it has one."""

    method: Method
    width: int = 10
    limit: int = 90
    subject: str = ""

    def __post_init__(self) -> None:
        if any(not isinstance(n, int) or n < 1 for n in (self.width, self.limit)):
            raise BadOption(
                f"`{self.method}` cannot work with width {self.width!r} and limit {self.limit!r}.", hint="Both are whole numbers from 1 on."
            )

    @classmethod
    def of(cls, given: Transform | str | Mapping[str, Any]) -> Transform:
        """A transform from its method, or from a mapping of its fields; a typo is refused.

        >>> Transform.of("mask").method, Transform.of({"method": "generalise", "width": 5}).width
        ('mask', 5)
        """
        if isinstance(given, Transform):
            return given
        options: dict[str, Any] = {"method": given} if isinstance(given, str) else dict(given)
        known = [f.name for f in fields(cls)]
        for name in options:
            if name not in known:
                raise _no_such("field", name, known)
        if options.get("method") not in get_args(Method):
            raise _no_such("method", options.get("method", ""), get_args(Method))
        return cls(**options)


def _no_such(what: str, given: object, known: Sequence[str]) -> BadOption:
    near = closest(str(given), known)
    said = f"Did you mean `{near}`? " if near else ""
    return BadOption(f"no {what} `{given}` of a transform.", hint=f"{said}{what.capitalize()}s: {', '.join(known)}.")


_DROP, _REDACT, _TOKEN = Transform(method="suppress"), Transform(method="redact"), Transform(method="token")
_YEAR, _ZIP3 = Transform(method="year"), Transform(method="zip3")

_ACCOUNTS = ("IBAN", "BANK_ACCOUNT", "CRYPTO", "MRN", "HEALTH_INSURANCE_ID")


def _of_group(*groups: str) -> tuple[str, ...]:
    return tuple(entity for entity, r in BY_ENTITY.items() if r.group in groups)


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
        **dict.fromkeys(_of_group("national"), Transform(method="last4")),
        **dict.fromkeys((*_of_group("direct", "device"), *_ACCOUNTS), _TOKEN),
        **dict.fromkeys(("PASSWORD", "SECRET", "CVV", "CARD_TRACK", "CARD_PIN"), _DROP),
        "CREDIT_CARD": Transform(method="truncate_pan"),
        "DATE_OF_BIRTH": _YEAR,
        "ADDRESS": _REDACT,
        "AGE": Transform(method="generalise", width=10),
        "POSTAL_CODE": Transform(method="prefix", width=2),
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
    texts_read: int = 50_000,
    as_of: dt.date | None = None,
) -> Plan:
    """A plan that de-identifies ``frame``: one action per column, and one for rows in classes under ``minimum_k``.

    ``types`` is column → entity type or types (as a scan found them) and ``spans`` what it found inside texts; ``transforms``
    overrides the preset by column name. Columns of more distinct texts than ``texts_read``, of which a scan read but some, are read
    to the end, and so are texts of which it read but the beginning. Personal columns of which the preset says nothing are flagged.
    ``as_of`` is the day on which somebody is over 89 (by default the end of the latest year
    that the table tells of; plans say which). ``minimum_k`` widens the quasi-identifiers as far as it must, and drops the last 5 % of
    rows rather than widen them further.
    """
    if preset not in PRESETS:
        raise BadOption(f"no preset `{preset}`.", hint="Known: " + ", ".join(sorted(PRESETS)))
    if minimum_k > 1 and not quasi:
        raise BadOption(
            "k cannot be enforced: no quasi-identifier is known.", hint="Scan with quasi_identifiers=[…], the columns an intruder may know."
        )
    if not isinstance(key, bytes):
        raise BadOption("the key has to be bytes.", hint='Write key=b"…", or key=secret.encode() where it is text.')
    own = {frame.columns[frame.position(name)]: Transform.of(t) for name, t in (transforms or {}).items()}
    work = _Work(frame, PRESETS[preset], key, subject, _earliest(frame, types, as_of) if preset == "hipaa_safe_harbor" else 0)
    whole = _whole(frame, types, own, work.rules)
    done = {n for n, (_, t) in whole.items() if t.method != "keep" or n in own}
    inside = {name: _read_on(frame.column(name), found, texts_read) for name, found in _by_column(spans, done).items()}
    inside |= {c.name: {} for c in frame if c.kind in _TEXTS and c.name not in done and c.name not in inside and (work.dates or _long(c))}
    inside = {name: _to_the_end(frame.column(name), found) for name, found in inside.items()}
    actions = [a for name, (entity, t) in whole.items() if (a := work.column_action(frame.column(name), entity, t)) is not None]
    actions += [a for name, found in inside.items() if (a := work.text_action(frame.column(name), found)) is not None]
    if minimum_k > 1:
        actions += _enforced(frame, Plan(dataset=frame.ref, actions=tuple(actions)), dict.fromkeys(quasi), whole, minimum_k)
    actions += _kept(preset, [n for n in types if n not in own and n not in {c for a in actions for c in (a.column, *a.columns)}])
    actions += [a for name in inside if (a := _cut_records(frame.column(name))) is not None]
    return Plan(dataset=frame.ref, actions=tuple(actions), like=frame)


_TEXTS = ("string", "mixed", "nested")


def _whole(
    frame: Frame, types: Mapping[str, str | Sequence[str]], own: Mapping[str, Transform], rules: Rules
) -> dict[str, tuple[str, Transform]]:
    """Column → the type that decides and its transform: of several types the first that the preset does not keep."""
    out: dict[str, tuple[str, Transform]] = {}
    further = _further(frame, types) if "DATE_TIME" in rules else {}
    for name in dict.fromkeys((*types, *further, *own)):
        given = types.get(name, (further.get(name, "VALUE"),))
        names = _names(given)
        entity = next((e for e in names if rules.get(e, rules["*"]).method != "keep"), names[0])
        out[name] = (entity, own.get(name) or rules.get(entity, rules["*"]))
    return out


def _further(frame: Frame, types: Container[str]) -> dict[str, str]:
    """What columns hold that is no personal type of a scan and yet an identifier under Safe Harbor."""
    from ..regulations import safe_harbor_columns  # the clauses are read for this preset alone; they import the scan

    listed = safe_harbor_columns(frame)
    found = ((n, _dates_or_unread(frame.column(n)) or listed.get(n, "")) for n in frame.columns if n not in types)
    return {name: kind for name, kind in found if kind}


def _dates_or_unread(column: Column) -> str:
    """Dates, links, and bytes that nobody reads."""
    if column.kind in ("date", "datetime"):
        return "DATE_TIME"
    if column.kind == "binary":
        return "BYTES" if column.null_count < len(column) else ""
    return kind_of(column.text_counts["value"].head(50).to_list()) if column.kind == "string" else ""


def _earliest(frame: Frame, types: Mapping[str, str | Sequence[str]], as_of: dt.date | None) -> int:
    """The birth year in which whoever is over 89 is pooled: 90 years before ``as_of``, or before the latest year the table tells of.

    Days of birth tell it by the ages beside them; of ends that never come (9999-12-31) nothing is learnt.
    """
    if as_of is not None:
        return as_of.year - 90
    years = [y for column in frame for y in _years(column) if y < _NEVER]
    ages = [c for c in frame if "AGE" in _names(types.get(c.name, ()))]
    births = [c for c in frame if "DATE_OF_BIRTH" in _names(types.get(c.name, ()))]
    years += [_written_in(b, a) for b in births for a in ages]
    return max(years, default=0) - 90


_NEVER = 2099
_HEAD = 10_000


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _written_in(births: Column, ages: Column) -> int:
    """The year in which these days of birth and ages fit each other, by most rows."""
    both = zip(births.array.slice(0, _HEAD).to_pylist(), ages.array.slice(0, _HEAD).to_pylist(), strict=True)
    sums = [int(y) + int(n) for b, a in both if (y := year(b)) is not None and (n := number_in(a)) is not None]
    return int(statistics.median_high(sums)) if sums else 0


def _years(column: Column) -> Iterable[int]:
    if column.kind in ("date", "datetime"):
        return [int(y) for y in column.series.dt.year().unique().drop_nulls().to_list()]
    if column.kind != "string" or kind_of(column.text_counts["value"].head(50).to_list()) != "DATE_TIME":
        return ()
    return [int(y) for v in column.text_counts["value"].to_list() if (y := year(v)) is not None]


def _by_column(spans: Iterable[Mapping[str, Any]], done: Container[str]) -> dict[str, dict[int, list[Span]]]:
    out: dict[str, dict[int, list[Span]]] = {}
    for s in spans:
        if s["column"] not in done:
            found = out.setdefault(s["column"], {}).setdefault(s["row"], [])
            found.append(Span(s["start"], s["end"], s["entity_type"], s["confidence"]))
    return out


def _read_on(column: Column, found: dict[int, list[Span]], limit: int) -> dict[int, list[Span]]:
    """The pieces found in a column and, where it holds more texts than were read, those in the others."""
    if len(column) <= limit or column.text.n_unique() <= limit:
        return found
    facts = facts_of(column, len(column))
    rest = scan_text([facts], judge_columns([facts]), limit=len(column), progress=Progress(), ner=None).table
    return {**_by_column(rest, ()).get(column.name, {}), **found}


def _long(column: Column) -> list[int]:
    """Rows of texts that a scan reads but in part."""
    return (column.text.str.len_chars() > TEXT_LIMIT).fill_null(value=False).arg_true().to_list()


def _to_the_end(column: Column, found: Mapping[int, list[Span]]) -> dict[int, list[Span]]:
    """The pieces found in a column, and those behind the characters that a scan reads of a text."""
    texts = column.text
    return {**found, **{row: [*found.get(row, ()), *_behind(texts[row])] for row in _long(column)}}


def _behind(text: str) -> Iterator[Span]:
    step = TEXT_LIMIT - OVERLAP
    for start in range(step, len(text), step):
        piece = text[start : start + TEXT_LIMIT]
        yield from (s.moved(start) for s in find_spans(piece) if s.entity_type not in NOT_PERSONAL)


# -- what is left -------------------------------------------------------------------------------------------------------
def _kept(preset: str, names: Sequence[str]) -> Iterator[Action]:
    """Personal columns that stay, said where a preset is about a few types only: that it finds none is not that all is well."""
    if names and PRESETS[preset]["*"].method == "keep":
        listed = ", ".join(f"`{n}`" for n in names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
        title = f"{plural(len(names), 'personal column')} left as {'it is' if len(names) == 1 else 'they are'}"
        yield _flag("kept", title, f"`{preset}` does not change {listed}; transforms= or another preset does", names)


_NAMED = 20


def _cut_records(column: Column) -> Action | None:
    """Records that are longer than what is taken apart: behind it a value that only its key gives away is not found."""
    texts = column.text
    rows = [r for r in _long(column) if _is_record(texts[r])]
    if not rows:
        return None
    title = f"{plural(len(rows), 'record')} of {column.name} read without keys behind character {TEXT_LIMIT:,}"
    return _flag(
        "cut_records",
        title,
        "there only what shows by itself was sought: shorten them, or set this column to suppress",
        [column.name],
        rows,
    )


def _flag(identity: str, title: str, reason: str, names: Sequence[str], rows: Sequence[int] = ()) -> Action:
    return Action(
        id=finding_id(Cap.PRIVACY_SCAN, identity, names).replace("F-", "A-"),
        kind="flag",
        detector="deidentify",
        title=title,
        reason=reason,
        tier="flag",
        confidence=1.0,
        columns=tuple(names),
        rows=tuple(rows),
    )


# -- small classes -------------------------------------------------------------------------------------------------------
def _enforced(frame: Frame, plan: Plan, quasi: Iterable[str], whole: Mapping[str, tuple[str, Transform]], k: int) -> Iterator[Action]:
    """Actions that leave no class under k, found on the table as the plan leaves it; columns that it empties tell nothing any more."""
    done = as_frame(plan.apply(frame.native, approve="all").frame, name=frame.name) if plan.actions else frame
    known: dict[str, Quasi] = {}
    for name in quasi:
        if name in done and done.column(name).null_count < done.rows:
            entity, transform = whole.get(name, ("", Transform(method="keep")))
            known[name] = Quasi(entity, transform.limit if transform.method == "top_code" else 0)
    if not known:
        return
    widened, rows = enforce_k(done, known, k)
    reason = f"fewer than {k} rows share " + ", ".join(known)
    yield from (_widen(frame, done.column(w.column), w, f"{reason}, as the other actions leave them") for w in widened)
    if rows:
        yield Action(
            id=finding_id(Cap.PRIVACY_SCAN, "enforce_k", tuple(known)).replace("F-", "A-"),
            kind="drop_rows",
            detector="enforce_k",
            title=f"drop rows in classes under {k}",
            reason=f"after the other actions {reason}",
            tier="review",
            confidence=1.0,
            rows=rows,
        )


def _widen(frame: Frame, done: Column, widened: Widened, reason: str) -> Action:
    """The action that sets a widened column; it comes after the one that transforms it."""
    column = frame.column(widened.column)
    before = done.text.to_list()
    cells = enumerate(zip(column.array.to_pylist(), before, widened.values, strict=True))
    changed = [(row, old, new) for row, (old, was, new) in cells if was != new]
    return _set(
        frame, column, _identity("enforce_k", column, widened.how), f"{widened.how} in {column.name}", reason, changed, str, stage=1
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

    @property
    def dates(self) -> bool:
        """Whether dates and links are removed wherever they stand."""
        return "DATE_TIME" in self.rules

    def column_action(self, column: Column, entity: str, transform: Transform) -> Action | None:
        """The action that transforms a column cell by cell, or drops it."""
        if transform.method == "keep":
            return None
        self._need_key(transform, column.name)
        if column.kind == "nested" and transform.method != "drop_column":  # a record has no mask of its own kind
            transform = _DROP
        title = f"{transform.method.replace('_', ' ')} {column.name}"
        reason = f"`{column.name}` holds {entity}" + _limits(transform, self.subject or transform.subject)
        if transform.method == "year" and entity == "DATE_OF_BIRTH" and self.earliest > 0:
            reason += f"; years to {self.earliest} are one: over 89 in {self.earliest + 90} (as_of= says another day)"
        if entity == "BYTES":
            reason = f"`{column.name}` holds bytes, in which identifiers cannot be sought"
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
        changed = _changes(column, self._changer(column, entity, transform), by_row=transform.method == "date_shift")
        shown: Callable[[Any], str] = mask if transform.method in ("format_preserving", "date_shift") else str
        return _set(self.frame, column, _identity(transform.method, column, entity), title, reason, changed, shown) if changed else None

    def text_action(self, column: Column, found: Mapping[int, Sequence[Span]]) -> Action | None:
        """The action that transforms the personal pieces of a column's texts and leaves the words around them."""
        changed: list[tuple[int, Any, Any]] = []
        kinds: set[str] = set()
        nested = column.kind == "nested"
        for row, (old, text) in enumerate(zip(column.array.to_pylist(), column.text.to_list(), strict=True)):
            if text is None:
                continue
            spans = [*found.get(row, ()), *(dates_and_links(text) if self.dates else ())]
            new = self._without_spans(text, spans, column.name, kinds) if spans else text
            if new != text:
                changed.append((row, old, _rebuilt(old, new) if nested else new))
        if not changed:
            return None
        title, reason = f"redact pieces of {column.name}", f"texts in `{column.name}` hold " + ", ".join(sorted(kinds))
        return _set(self.frame, column, _identity("spans", column, ""), title, reason, changed, _with_marks)

    def _without_spans(self, text: str, spans: Sequence[Span], name: str, kinds: set[str]) -> str:
        record = _is_record(text)
        for s in reversed(_apart([s for s in spans if self._rule(s.entity_type).method != "keep"])):
            transform = self._rule(s.entity_type)
            self._need_key(transform, name)
            change = self._changer(None, "DATE_OF_BIRTH" if s.entity_type == "DATE_TIME" else s.entity_type, transform)
            old = text[s.start : s.end]
            new = change(old, -1)
            piece = f"[{s.entity_type}]" if new is None else str(new)
            if not record and transform.method in ("year", "token"):  # so that nobody reads a word or a house number in it
                piece = f"[{piece.strip('[]')}]"
            if record and _bare(text, s) and not _is_number(piece):  # so that it stays a record
                piece = json.dumps(piece)
            text = text[: s.start] + piece + text[s.end :]
            kinds.update({s.entity_type} if piece != old else ())
        return text

    def _rule(self, entity: str) -> Transform:
        return self.rules.get(entity, self.rules["*"])

    def _need_key(self, transform: Transform, name: str) -> None:
        if transform.method not in KEYED or len(self.key) >= KEY_BYTES:
            return
        if not self.key:
            raise BadOption(
                f"`{transform.method}` for `{name}` needs a key.", hint="Pass key=b'…' from your secret store; the same key keeps joins."
            )
        raise BadOption(
            f"the key has {plural(len(self.key), 'byte')}; `{transform.method}` for `{name}` needs {KEY_BYTES} or more.",
            hint="Make one once, keep it in your secret store: import secrets; KEY = secrets.token_bytes(32).",
        )

    def _changer(self, column: Column | None, entity: str, transform: Transform) -> Callable[[Any, int], Any]:
        """What is done to a cell of a column, or to a piece of a text (no column)."""
        key, earliest = self.key, self.earliest if entity == "DATE_OF_BIRTH" else 0
        if transform.method == "date_shift":
            return self._shifter(column, transform)
        if transform.method == "zip3":
            areas = column is not None and column.kind in ("integer", "float") and int(column.series.max() or 0) <= 999  # type: ignore[arg-type]
            return lambda v, _: zip3(v, shortened=areas)
        simple: dict[str, Callable[[Any, int], Any]] = {
            "mask": lambda v, _: hidden(plain_text(v)),
            "redact": lambda v, _: f"[{entity}]",
            "suppress": lambda v, _: None,
            "token": lambda v, _: token(v, key),
            "format_preserving": lambda v, _: format_preserving(v, key),
            "year": lambda v, _: year(v, earliest),
            "generalise": lambda v, _: band(v, transform.width),
            "top_code": lambda v, _: top_code(v, transform.limit),
            "prefix": lambda v, _: first_of(plain_text(v), transform.width),
            "truncate_pan": lambda v, _: truncate_pan(plain_text(v)),
            "last4": lambda v, _: last_four(plain_text(v)),
        }
        return simple[transform.method]

    def _shifter(self, column: Column | None, transform: Transform) -> Callable[[Any, int], Any]:
        """Dates move with their subject; a row without one is a subject of its own."""
        name = self.subject or transform.subject
        subjects = self.frame.column(name).text.to_list() if name else []
        day_first = part_order(column.text_counts["value"].to_list()) if column is not None and column.kind == "string" else None

        def shift(value: Any, row: int) -> Any:
            known = subjects[row] if row >= 0 and subjects else None
            return date_shift(value, f"row {row}" if known is None else f"subject {known}", self.key, day_first=day_first)

        return shift


def _limits(transform: Transform, subject: str) -> str:
    """What a transform does not give, said where it is decided on."""
    if transform.method == "date_shift" and not subject:
        return "; without subject= every row is moved on its own"
    return "; what has few forms can be told by how often it occurs" if transform.method == "format_preserving" else ""


def _apart(spans: Sequence[Span]) -> list[Span]:
    """The spans from left to right; those that overlap are one, of the type of the longest."""
    out: list[Span] = []
    for s in sorted(spans, key=lambda s: (s.start, -s.end)):
        if out and s.start < out[-1].end:
            last = max(out[-1], s, key=lambda x: x.end - x.start)
            out[-1] = Span(out[-1].start, max(out[-1].end, s.end), last.entity_type, last.confidence)
        else:
            out.append(s)
    return out


def _is_record(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _bare(text: str, s: Span) -> bool:
    """Whether a piece of a record is a number, rather than in a text."""
    return (
        _is_number(text[s.start : s.end])
        and text[: s.start].rstrip()[-1:] in (":", ",", "[")
        and text[s.end :].lstrip()[:1] in (",", "}", "]")
    )


def _is_number(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return text[:1] in "-0123456789"


def _rebuilt(old: Any, text: str) -> Any:
    """The record as its text now says it; what would change its kind becomes null, so that it still fits the column."""
    try:
        return _fitted(old, json.loads(text))
    except ValueError:
        return None


def _fitted(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        fitted = {str(k): v for k, v in new.items()}
        return {k: _fitted(v, fitted.get(str(k))) for k, v in old.items()}
    if isinstance(old, (list, tuple)) and isinstance(new, list) and len(old) == len(new):
        return [_fitted(a, b) for a, b in zip(old, new, strict=True)]
    if old == new or json.loads(json.dumps(old, default=str)) == new:
        return old
    return new if type(new) is type(old) else None


def _set(
    frame: Frame,
    column: Column,
    identity: str,
    title: str,
    reason: str,
    changed: Sequence[tuple[int, Any, Any]],
    shown: Callable[[Any], str],
    *,
    stage: int = 0,
) -> Action:
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
        stage=stage,
        examples=tuple(Example(row=frame.row_labels([r])[0], before=mask(o), after=shown(n)) for r, o, n in changed[:3]),
    )


_MARK = re.compile("|".join(rf"\[{entity}\]" for entity in BY_ENTITY))


def _with_marks(text: Any) -> str:
    """A redacted text masked, but for the marks that say what stood there.

    >>> _with_marks("call [PERSON_NAME] on [PHONE], badge 17")
    'cxxx [PERSON_NAME] xx [PHONE], xxxxx 99'
    """
    shown = mask(text)
    for found in _MARK.finditer(str(text)):
        hidden = shown[found.start() : found.end()]
        if len(hidden) == len(found.group()) and not hidden.endswith("…"):  # long texts are cut
            shown = shown[: found.start()] + found.group() + shown[found.end() :]
    return shown


def _identity(method: str, column: Column, entity: str) -> str:
    return finding_id(Cap.PRIVACY_SCAN, method, [column.name], entity).replace("F-", "A-")


def _changes(column: Column, change: Callable[[Any, int], Any], *, by_row: bool) -> list[tuple[int, Any, Any]]:
    """Row, old and new value of the cells that change; equal values are transformed once."""
    once = functools.cache(lambda value: change(value, -1))
    out = []
    each = by_row or column.kind == "nested"
    for row, value in enumerate(column.array.to_pylist()):
        if value is None:
            continue
        fresh = change(value, row) if each else once(value)
        if isinstance(value, bytes) and isinstance(fresh, str):
            fresh = fresh.encode()
        if fresh != value or type(fresh) is not type(value):
            out.append((row, value, fresh))
    return out
