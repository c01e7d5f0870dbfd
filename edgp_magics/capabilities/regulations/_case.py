"""The case: one dataset with its metadata and what the privacy scan found, as the rules ask about it."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ...values import Evidence, mask, plural
from ..privacy import BY_ENTITY
from ..privacy._spans import TEXT_LIMIT
from . import _read as read
from ._dates import as_dates, either_way
from ._metadata import Metadata, kind_of
from ._model import Clause, Hits

if TYPE_CHECKING:
    from ...frames import Column, Frame
    from ...values import Context
    from ..privacy import Attack

Rows = np.ndarray[Any, Any]
NO_ROWS: Rows = np.empty(0, dtype=np.int64)
EVIDENCE_KEPT = 5
TEXTS_READ = 50_000
"""So many distinct texts of a column the privacy scan reads unless it is told otherwise."""

SPECIAL = read.bag("HEALTH BLOOD_TYPE RACE_ETHNICITY RELIGION POLITICAL SEXUAL_ORIENTATION GENETIC BIOMETRIC TRADE_UNION")
CREDENTIALS = read.bag("PASSWORD SECRET")
INDIRECT = read.bag("CITY POSTAL_CODE GEO GENDER AGE NATIONALITY MARITAL_STATUS SALARY")
PERSON_TRAITS = read.bag("GENDER AGE NATIONALITY MARITAL_STATUS SALARY")
NOT_PERSONS = read.bag("SECRET SWIFT_BIC US_ABA_ROUTING UK_SORT_CODE CARD_EXPIRY CRYPTO US_EIN VIN")
"""Types that say nothing of a person when they stand alone."""
NATIONAL = frozenset(e for e, r in BY_ENTITY.items() if r.group == "national")
DIRECT = frozenset(BY_ENTITY) - SPECIAL - CREDENTIALS - INDIRECT - NOT_PERSONS
GROUPS: Mapping[str, frozenset[str]] = {
    "@special": SPECIAL,
    "@national": NATIONAL,
    "@direct": DIRECT,
    "@credentials": CREDENTIALS,
    "@personal": frozenset(BY_ENTITY),
}
_BLANK = read.bag("- -- ? n/a na nan none null nil unknown tbd redacted withheld xxx * [] {}") | {""}

_BLANKS = pl.Series(sorted(_BLANK)).implode()


def expand(types: Iterable[str]) -> frozenset[str]:
    """Types with groups such as ``@special`` written out."""
    return frozenset(t for name in types for t in GROUPS.get(name, (name,)))


class Case:
    """Frame, metadata and detections, with what rules ask again and again computed once."""

    def __init__(
        self,
        frame: Frame,
        context: Context,
        metadata: Metadata,
        detected: Mapping[str, Mapping[str, float]],
        spans: Iterable[Mapping[str, Any]],
        bounds: tuple[str, ...] = (),
        attacks: tuple[Attack, ...] = (),
    ) -> None:
        self.frame = frame
        self.context = context
        self.metadata = metadata
        self.detected: Mapping[str, Mapping[str, float]] = detected
        self.bounds = bounds
        self.attacks = attacks
        self._spans: dict[str, dict[str, Rows]] = {}
        for column, kind, rows in _spans_by_column(spans):
            self._spans.setdefault(column, {})[kind] = rows
        self._memo: dict[Any, Any] = {}
        self._whole = self._whole_cells()
        self.detected = {**detected, **self._whole}

    def _whole_cells(self) -> dict[str, dict[str, float]]:
        """Columns in which most cells are, whole, what was found in them as text: they are columns of that type."""
        out: dict[str, dict[str, float]] = {}
        for name, found in self._spans.items():
            if name not in self.frame:
                continue
            column = self.frame.column(name)
            least = max(1.0, 0.5 * self.filled(column).size)
            kinds = [k for k, rows in found.items() if rows.size >= least and _has_form(k) and self.valid(column, k).size >= least]
            if kinds:
                out[name] = {**self.detected.get(name, {}), **dict.fromkeys(kinds, 0.9)}
        return out

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """``make()``, computed once for this case."""
        if key not in self._memo:
            self._memo[key] = make()
        return self._memo[key]

    # -- the table -------------------------------------------------------------------------------------------
    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.frame.rows

    @functools.cached_property
    def as_of(self) -> dt.date | None:
        """The day by which ages and periods are judged; never the clock's."""
        return self.metadata.date("as_of") or self.context.as_of

    def column(self, field: str) -> Column | None:
        """The column that a metadata field names; None when none is named or there is no such column."""
        return self.named(self.metadata[field])

    def named(self, name: Any) -> Column | None:
        """The column of this name, if there is one."""
        known = isinstance(name, (str, int)) and not isinstance(name, bool) and (name in self.frame or name in self.frame.labels)
        return self.frame.column(self.frame.position(name)) if known else None

    def lost(self, *fields: str) -> tuple[str, ...]:
        """Fields that name columns which are not in the table."""
        return tuple(f for f in fields if self.metadata.has(f) and self.column(f) is None)

    def filled(self, column: Column) -> Rows:
        """Rows where the column holds something (blanks and placeholders do not count)."""

        def find() -> Rows:
            raw, text = self.distinct(column)
            return self.where(column, raw.filter(~text.str.to_lowercase().is_in(_BLANKS)))

        found: Rows = self.once(("filled", column.name), find)
        return found

    def distinct(self, column: Column) -> tuple[pl.Series, pl.Series]:
        """The distinct values of a column, as they are and as validators want them: trimmed, ``123.0`` as ``123``."""

        def make() -> tuple[pl.Series, pl.Series]:
            raw = column.text_counts["value"]
            text = raw.str.strip_chars()
            return raw, text.str.replace(r"\.0$", "") if column.kind == "float" else text

        found: tuple[pl.Series, pl.Series] = self.once(("distinct", column.name), make)
        return found

    def matching(self, column: Column, accept: Callable[[str], bool] | None, *, like: str = "") -> Rows:
        """Rows whose value, as trimmed text, is accepted; asked once per distinct value.

        ``like`` is a regular expression that every accepted value contains; it is tried first, all at once.
        """
        raw, text = self.distinct(column)
        if like:
            keep = text.str.contains(like)
            raw, text = raw.filter(keep), text.filter(keep)
        if accept is None or not len(raw):
            return self.where(column, raw)
        flags = np.zeros(len(raw), dtype=bool)
        for i, value in enumerate(text.to_list()):
            if i % 20_000 == 0:
                self.context.progress.step()
            flags[i] = accept(value)
        return self.where(column, raw.filter(pl.Series(flags)))

    def where(self, column: Column, values: pl.Series) -> Rows:
        """Rows whose text is one of ``values``, distinct values of the column."""
        if not len(values):
            return NO_ROWS
        if len(values) == column.text_counts.height:
            return positions(column.text.is_not_null())
        return positions(column.text.is_in(values.implode()))

    def truths(self, column: Column) -> tuple[Rows, Rows]:
        """Rows that say yes, and rows that say no."""
        return self.matching(column, lambda v: read.truth(v) is True), self.matching(column, lambda v: read.truth(v) is False)

    def dates(self, column: Column) -> pl.Series:
        """The column as dates; null where there is none or it cannot be read."""
        found: pl.Series = self.once(("dates", column.name), lambda: as_dates(column))
        return found

    def read_day_first(self, *fields: str) -> tuple[str, ...]:
        """Columns named in these fields whose dates were read day first without anything in them that tells."""
        named = dict.fromkeys(c.name for f in fields if kind_of(f) == "column" and (c := self.column(f)) is not None)
        return tuple(n for n in named if ("dates", n) in self._memo and self._either_way(n))

    def _either_way(self, name: str) -> bool:
        return bool(self.once(("either way", name), lambda: either_way(self.frame.column(name))))

    # -- what the scan could not read ---------------------------------------------------------------------------
    @functools.cached_property
    def unread(self) -> tuple[str, ...]:
        """What of the cells nobody has read, in words: bytes, the rest of very long texts, texts beyond the number that is read."""
        return tuple(why for c in self.frame for why in [self._unread(c)] if why)

    def _unread(self, column: Column) -> str:
        if column.kind == "binary" and column.null_count < self.rows:
            return f"`{column.name}` holds bytes, which are not read as text ({plural(self.rows - column.null_count, 'cell')})"
        if column.kind not in ("string", "mixed", "nested"):
            return ""
        texts = column.text_counts["value"]
        long_ = self.where(column, texts.filter(texts.str.len_chars() > TEXT_LIMIT))
        if long_.size:
            return f"{plural(int(long_.size), 'cell')} of `{column.name}` are read only to character {TEXT_LIMIT:,}"
        if len(texts) > TEXTS_READ and column.name not in self.detected and _is_prose(texts):
            return f"only {TEXTS_READ:,} of {len(texts):,} distinct texts in `{column.name}` are read"
        return ""

    # -- what the scan found -----------------------------------------------------------------------------------
    def columns_of(self, *types: str) -> tuple[str, ...]:
        """Columns that hold one of these types, in the order of the table."""
        wanted = expand(types)
        return tuple(c for c in self.frame.columns if wanted & self.detected.get(c, {}).keys() or wanted & self._spans.get(c, {}).keys())

    def types_in(self, column: str) -> frozenset[str]:
        """The types found in a column, in free text too."""
        return frozenset(self.detected.get(column, {})) | frozenset(self._spans.get(column, {}))

    def is_all(self, column: str, *types: str) -> bool:
        """Whether a column's cells are of one of the types as a whole; one that stands in its texts does not make it one."""
        found = self.detected.get(column, {}).keys() - self._spans.get(column, {}).keys() | self._whole.get(column, {}).keys()
        return bool(found & set(types))

    def hits(self, *types: str) -> tuple[Hits, ...]:
        """The cells that hold one of these types, by column."""
        wanted = expand(types)
        out = []
        for name in self.columns_of(*types):
            rows = union(self._cells(name, t) for t in sorted(wanted & self.types_in(name)))
            if rows.size:
                out.append(Hits(name, rows, ", ".join(sorted(wanted & self.types_in(name)))))
        return tuple(out)

    def _cells(self, name: str, kind: str) -> Rows:
        found: Rows = self.once(("cells", name, kind), lambda: self._find_cells(name, kind))
        return found

    def _find_cells(self, name: str, kind: str) -> Rows:
        inside = self._spans.get(name, {}).get(kind, NO_ROWS)
        if kind not in self.detected.get(name, {}):
            return inside
        column = self.frame.column(name)
        if not checked(kind):
            return union((self.filled(column), inside))
        return union((self.valid(column, kind), inside))

    def valid(self, column: Column, kind: str) -> Rows:
        """Rows whose value is a right one of the type."""
        found: Rows = self.once(("valid", column.name, kind), lambda: self.matching(column, functools.partial(is_valid, kind)))
        return found

    @functools.cached_property
    def personal(self) -> tuple[str, ...]:
        """Columns with personal data: identifiers and sensitive data, and traits where they describe persons."""
        said = {c.name for c in (self.named(n) for n in read.listed(self.metadata["personal_columns"])) if c}
        strong = {*self.columns_of("@direct", "@special", "PASSWORD"), *said}
        traits = set(self.columns_of(*PERSON_TRAITS))
        kinds = {t for c in traits for t in self.types_in(c) & PERSON_TRAITS}
        if not strong and len(kinds) < 2:
            return ()
        return tuple(c for c in self.frame.columns if c in strong or self.types_in(c) & (INDIRECT | CREDENTIALS))

    def is_pseudonym(self, name: str) -> bool:
        """Whether the column is declared to hold tokens."""
        return name in {str(n) for n in read.listed(self.metadata["pseudonymised_columns"])}

    def seen(self, clause: Clause) -> bool:
        """Whether something that the clause speaks of is in the table."""
        if clause.scope == "personal":
            return bool(self.personal)
        return bool(self.columns_of(*clause.types))

    def evidence(self, hits: Sequence[Hits]) -> tuple[Evidence, ...]:
        """Some of the cells, masked."""
        out: list[Evidence] = []
        for hit in hits:
            rows = hit.rows[: max(1, EVIDENCE_KEPT - len(out))] if hit.column in self.frame else NO_ROWS
            for row, label in zip(rows, self.frame.row_labels(rows), strict=True):
                cell = self.frame.column(hit.column).text[int(row)]
                out.append(Evidence(row=label, column=hit.column, shown=mask(cell, keep=0), note=hit.note))
        return tuple(out[:EVIDENCE_KEPT])


def _is_prose(texts: pl.Series) -> bool:
    """Whether most of the texts are sentences; codes are searched to the last."""
    return number((texts.head(TEXTS_READ).str.count_matches(" ") >= 4).mean()) > 0.5


_MANY_FORMS = frozenset({"GEO"})
"""Coordinates stand in pairs, one a column, as WKT or in metres: a value in another form than the pattern's is not a wrong one."""


def checked(kind: str) -> bool:
    """Whether single values of a type can be told right from wrong."""
    found = BY_ENTITY.get(kind) if kind not in _MANY_FORMS else None
    return found is not None and bool(found.pattern) and (found.check is not None or found.weight >= 3)


def _has_form(kind: str) -> bool:
    """Whether a pattern tells values of a type, if not all of them."""
    return kind in _MANY_FORMS or checked(kind)


def is_valid(kind: str, value: str) -> bool:
    """Whether a value is a right one of its type; leading zeros that a number lost are put back."""
    recognizer = BY_ENTITY[kind]
    if recognizer.pad and value.isdecimal() and len(value) < recognizer.pad:
        value = value.zfill(recognizer.pad)
    return recognizer.accepts(value)


def positions(flags: pl.Series) -> Rows:
    """Row positions where a boolean series is true."""
    found: Rows = np.flatnonzero(flags.fill_null(False).to_numpy())
    return found


def union(parts: Iterable[Rows]) -> Rows:
    """Positions in any part, sorted."""
    arrays = [p for p in parts if p.size]
    if len(arrays) < 2:
        return arrays[0] if arrays else NO_ROWS
    flags = np.zeros(max(int(a[-1]) for a in arrays) + 1, dtype=bool)
    for array in arrays:
        flags[array] = True
    found: Rows = np.flatnonzero(flags)
    return found


def without(rows: Rows, *others: Rows) -> Rows:
    """Positions that are in none of the others."""
    out = union(others)
    if not rows.size or not out.size:
        return rows
    flags = np.zeros(max(int(rows[-1]), int(out[-1])) + 1, dtype=bool)
    flags[rows] = True
    flags[out] = False
    found: Rows = np.flatnonzero(flags)
    return found


def both(one: Rows, other: Rows) -> Rows:
    """Positions that are in both."""
    return without(one, without(one, other))


def all_rows(case: Case) -> Rows:
    """Every position."""
    return np.arange(case.rows)


_TOKENS = re.compile(r"[^\w]+|_+|(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=[0-9])")


def header_words(name: str) -> frozenset[str]:
    """The words of a column's name.

    >>> sorted(header_words("admitDate_1"))
    ['1', 'admit', 'date']
    """
    return frozenset(w.casefold() for w in _TOKENS.split(name) if w)


def _spans_by_column(spans: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str, Rows]]:
    found: dict[tuple[str, str], set[int]] = {}
    for span in spans:
        found.setdefault((span["column"], span["entity_type"]), set()).add(int(span["row"]))
    for (column, kind), rows in sorted(found.items()):
        yield column, kind, np.array(sorted(rows), dtype=np.int64)


def number(value: Any) -> float:
    """A scalar of polars (null as 0) as a number."""
    return float(value) if value is not None else 0.0
