"""Rules on people and their rights: consent, withdrawal, children, access, correction, erasure, restriction."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ...values import plural
from . import _read as read
from ._case import NO_ROWS, Case, Rows, all_rows, both, positions, union, without
from ._dates import unreadable
from ._model import Clause, Hits, Verdict, failed, not_applicable, not_assessed, not_found, passed, warned

if TYPE_CHECKING:
    from ...frames import Column

Rule = Callable[[Case, Clause], Verdict]


# -- consent ---------------------------------------------------------------------------------------------------------
def consent_is_basis(case: Case) -> bool | None:
    """Whether consent is the declared basis; None when no basis is declared."""
    return _basis(case, "consent", "6_1_a", "7_i")


def _basis(case: Case, name: str, *articles: str) -> bool | None:
    """Whether the declared basis is this one, by name or by article; None when no basis is declared."""
    words = case.metadata.words("lawful_basis")
    return any(name in w or w.removeprefix("art_").removeprefix("article_") in articles for w in words) if words else None


def consent(case: Case, clause: Clause) -> Verdict:
    """Every row needs a consent that was given and stands."""
    if consent_is_basis(case) is False:
        return not_applicable("The declared basis is not consent.")
    lost = case.lost("consent_column", "consent_date_column", "consent_withdrawn_column")
    flag, when = case.column("consent_column"), case.column("consent_date_column")
    bad: list[Hits] = []
    if flag is not None:
        bad.append(Hits(flag.name, without(all_rows(case), _agreed(case, flag)), "consent missing or refused"))
    if when is not None:
        bad.append(Hits(when.name, _no_date(case, when), "no date of consent, or one after the day of processing"))
    withdrawn = case.column("consent_withdrawn_column")
    if withdrawn is not None:
        bad.append(Hits(withdrawn.name, _withdrawn(case, withdrawn)[0], "consent withdrawn"))
    found = tuple(h for h in bad if h.rows.size)
    if found:
        why = "; ".join(f"{h.rows.size:,} by `{h.column}`: {h.note}" for h in found)
        return failed(f"{plural(int(union(h.rows for h in found).size), 'row')} without valid consent ({why}).", *found)
    if lost:
        return not_assessed(f"The column named in `{lost[0]}` is not in the table.", *lost)
    return passed("Every row carries a consent.", columns=tuple(c.name for c in (flag, when) if c is not None))


def _agreed(case: Case, column: Column) -> Rows:
    """Rows where the column says yes, or holds the day on which yes was said."""
    dates = case.dates(column)
    dated = positions(dates <= case.as_of if case.as_of else dates.is_not_null())
    return dated if column.kind in ("date", "datetime") else union((case.truths(column)[0], dated))


def _no_date(case: Case, column: Column) -> Rows:
    dates = case.dates(column)
    late = dates > case.as_of if case.as_of else pl.Series([False] * len(dates))
    return union((positions(dates.is_null()), positions(late)))


def _withdrawn(case: Case, column: Column) -> tuple[Rows, Rows]:
    """Rows withdrawn by the day of processing, and rows with a date that cannot be placed without that day."""
    yes, _ = case.truths(column)
    dates = case.dates(column)
    dated = positions(dates.is_not_null())
    if case.as_of is None:
        return yes, without(dated, yes)
    return union((yes, positions(dates <= case.as_of))), NO_ROWS


def withdrawal(case: Case, clause: Clause) -> Verdict:
    """Rows whose consent was withdrawn may not be here any more."""
    if consent_is_basis(case) is False:
        return not_applicable("The declared basis is not consent.")
    column = case.column("consent_withdrawn_column")
    if column is None:
        return _no_column(case, "consent_withdrawn_column")
    rows, open_ = _withdrawn(case, column)
    if rows.size:
        return failed(f"{plural(int(rows.size), 'row')} whose consent was withdrawn by the day of processing.", Hits(column.name, rows))
    if open_.size:
        return not_assessed("There are dates of withdrawal, but no day of processing.", "as_of")
    odd = unreadable(column, case.dates(column)) & ~_says_no(case, column)
    if odd.any():
        return warned(f"{plural(int(odd.sum()), 'row')} with a withdrawal that cannot be read.", Hits(column.name, positions(odd)))
    return passed("No row was withdrawn by the day of processing.", columns=(column.name,))


def _says_no(case: Case, column: Column) -> pl.Series:
    flags = np.zeros(case.rows, dtype=bool)
    flags[case.truths(column)[1]] = True
    return pl.Series(flags)


def _no_column(case: Case, field: str) -> Verdict:
    if case.metadata.has(field):
        return not_assessed(f"The column named in `{field}` is not in the table.", field)
    return passed("")


# -- age -------------------------------------------------------------------------------------------------------------
def ages(case: Case) -> tuple[str, pl.Series] | None:
    """The column that tells ages and the age of every row in years; None where nothing tells them."""
    found: tuple[str, pl.Series] | None = case.once("ages", lambda: _ages(case))
    return found


def _ages(case: Case) -> tuple[str, pl.Series] | None:
    named = case.column("age_column")
    for name in (named.name,) if named is not None else case.columns_of("AGE"):
        return name, _numbers(case.frame.column(name))
    dob = case.column("birth_date_column")
    for name in (dob.name,) if dob is not None else case.columns_of("DATE_OF_BIRTH"):
        if case.as_of is not None:
            return name, years(case.dates(case.frame.column(name)), case.as_of)
    return None


def _numbers(column: Column) -> pl.Series:
    if column.kind in ("integer", "float", "decimal"):
        return column.series.cast(pl.Float64)
    return (
        column.text.str.strip_chars()
        .str.extract(r"^[<>≥≤~]?\s*([0-9]{1,3})(?:\.[0-9]+)?\s*(?:\+|y|yrs?|years?)?$", 1)
        .cast(pl.Float64, strict=False)
    )


def years(births: pl.Series, day: dt.date) -> pl.Series:
    """Completed years on a day.

    >>> years(pl.Series([dt.date(2009, 7, 1), dt.date(2009, 6, 30)]), dt.date(2025, 6, 30)).to_list()
    [15, 16]
    """
    before = (births.dt.month() > day.month) | ((births.dt.month() == day.month) & (births.dt.day() > day.day))
    return day.year - births.dt.year() - before.cast(pl.Int32)


def minors(case: Case, clause: Clause) -> Verdict:
    """Rows of children need the consent that the law asks for."""
    scope = _minors_scope(case, clause)
    if scope is not None:
        return scope
    known = ages(case)
    if known is None:
        return not_assessed("There is no age, or no day to compute it from the date of birth.", *(() if case.as_of else ("as_of",)))
    name, age = known
    limit = _limits(case, clause)
    young = positions((age >= 0) & (age < limit))
    ageless = without(all_rows(case), positions(age.is_between(0, _OLDEST)))
    field = clause.params["field"]
    marks = case.column(field)
    if marks is None:
        return _unmarked(case, name, field, young, ageless)
    covered = [case.truths(c)[0] for c in (marks, case.column(clause.params.get("or_field", ""))) if c is not None]
    bare = without(young, *covered)
    bare = union((bare, _by_child_alone(case, clause, age)))
    if bare.size:
        facts = {
            f"under {clause.params.get('child', 13)}": int(positions((age < clause.params.get("child", 13)) & (age >= 0)).size),
            "below the limit": int(young.size),
        }
        return failed(
            f"{plural(int(bare.size), 'row')} below the age limit without the consent asked for.",
            Hits(name, bare, "below the age limit"),
            facts=facts,
        )
    return passed(
        f"{plural(int(young.size), 'row')} below the age limit, all with the consent asked for.",
        columns=(name, marks.name),
        unjudged=(Hits(name, without(ageless, *covered), f"`{name}` tells no age"),),
    )


_OLDEST = 130


def _unmarked(case: Case, name: str, field: str, young: Rows, ageless: Rows) -> Verdict:
    """The verdict where no column says whether a guardian agreed."""
    if young.size:
        return not_assessed(f"{plural(int(young.size), 'row')} below the age limit; `{field}` is not declared.", field)
    if ageless.size:
        said = f"`{name}` tells no age in {ageless.size:,} of {plural(case.rows, 'row')}; none of the others is below the limit."
        return not_assessed(said)
    return not_applicable(f"No row is below the age limit by `{name}`.")


def _by_child_alone(case: Case, clause: Clause, age: pl.Series) -> Rows:
    """Rows of small children where a column says that the child itself opted in."""
    who = case.column("opt_in_by_column")
    if who is None or "child" not in clause.params:
        return NO_ROWS
    own = case.matching(who, lambda v: read.word(v) in ("consumer", "child", "self", "minor", "subject"))
    return both(own, positions((age >= 0) & (age < clause.params["child"])))


def _minors_scope(case: Case, clause: Clause) -> Verdict | None:
    if clause.params.get("when") == "consent":
        basis = consent_is_basis(case)
        if basis is False:
            return not_applicable("The declared basis is not consent.")
        return None if basis else not_assessed("No lawful basis is declared.", "lawful_basis")
    return _export(case) if clause.params.get("when") == "export" else None


def _limits(case: Case, clause: Clause) -> Any:
    """The age limit of every row: by country where one is told, else the default."""
    default, table = float(clause.params["limit"]), clause.params.get("by_country", {})
    column = case.column("country_column")
    if column is None or not table:
        fixed = [table.get(read.country(c)) for c in case.metadata.words("service_country")]
        return float(fixed[0]) if fixed and fixed[0] else default
    limits = {raw: float(table.get(read.country(raw), default)) for raw in column.text_counts["value"].to_list()}
    return column.text.replace_strict(limits, default=default, return_dtype=pl.Float64)


AGES = ("AGE", "DATE_OF_BIRTH")


def children(case: Case, below: float) -> tuple[Hits, ...]:
    """The rows of people known to be younger than this."""
    known = ages(case)
    if known is None:
        return ()
    rows = positions((known[1] >= 0) & (known[1] < below))
    return (Hits(known[0], rows, f"known to be under {below:g}: all of their personal information is sensitive"),) if rows.size else ()


def unknown_ages(case: Case) -> bool:
    """Whether there are dates of birth, and no day to compute ages on."""
    return ages(case) is None and case.as_of is None and bool(case.column("birth_date_column") or case.columns_of("DATE_OF_BIRTH"))


# -- flags -----------------------------------------------------------------------------------------------------------
def _export(case: Case) -> Verdict | None:
    words = case.metadata.words("export_purpose")
    if not words:
        return not_assessed("It is not declared whether this is a sale or share.", "export_purpose")
    sells = any(w.startswith(("sale", "sell", "share", "sharing", "cross_context", "targeted_advertising", "third_party")) for w in words)
    return None if sells else not_applicable("The declared purpose of the export is neither sale nor share.")


def flagged(case: Case, clause: Clause) -> Verdict:
    """Rows that a flag keeps out are here (restriction, opt-out, limited use)."""
    outside = _export(case) if clause.params.get("when") == "export" else None
    if outside is not None:
        return outside
    if clause.params.get("when") == "marketing" and case.metadata.has("purpose") and not _for_marketing(case):
        return not_applicable("The declared purpose is not direct marketing.")
    if clause.params.get("when") == "secondary" and case.metadata.truth("secondary_use") is False:
        return not_applicable("The table is declared not to be for secondary use.")
    inside, kinds = _covered(case, clause)
    if not inside.size and "children_below" in clause.params:
        return nothing_sensitive(case)
    columns = [c for c in (case.column(f) for f in clause.params["fields"]) if c is not None]
    lost = case.lost(*clause.params["fields"])
    read_ = [(c, *_flag_rows(case, c)) for c in columns]
    found = [Hits(c.name, both(rows, inside), clause.title) for c, rows, _ in read_]
    odd = tuple(Hits(c.name, both(rows, inside), f"`{c.name}` says neither yes nor no") for c, _, rows in read_)
    found = [h for h in found if h.rows.size]
    if found:
        total = int(union(h.rows for h in found).size)
        return failed(
            f"{plural(total, 'row')} that the flag keeps out of this use.",
            *found,
            facts={"columns": ", ".join(case.columns_of(*kinds))} if kinds else {},
        )
    if lost:
        return not_assessed(f"The column named in `{lost[0]}` is not in the table.", *lost)
    return passed("No row carries the flag.", columns=tuple(c.name for c in columns), unjudged=odd)


def _covered(case: Case, clause: Clause) -> tuple[Rows, tuple[str, ...]]:
    """The rows that the flag is about, and the types that make them so: all rows, those with these types, or those of children."""
    if not clause.types or clause.scope != "types":
        return all_rows(case), clause.types
    below = clause.params.get("children_below")
    kinds = tuple(t for t in clause.types if not below or t not in AGES)
    young = children(case, below) if below else ()
    return union(h.rows for h in (*case.hits(*kinds), *young)), kinds


def nothing_sensitive(case: Case) -> Verdict:
    """No sensitive personal information was found, as far as ages can be told."""
    if unknown_ages(case):
        return not_assessed("Whether anybody is known to be under 16 cannot be told without the day of processing.", "as_of")
    return not_found("No sensitive personal information was found, and nobody known to be under 16.")


def _for_marketing(case: Case) -> bool:
    return any(
        re.search(r"market|advert|newsletter|promotion|campaign|werbung|publicit|mailing", w) for w in case.metadata.words("purpose")
    )


def _flag_rows(case: Case, column: Column) -> tuple[Rows, Rows]:
    """Rows where a flag is set (yes, a word that says so, or a date that has come), and rows that cannot be read."""
    said = case.matching(column, lambda v: read.flag(v) is True)
    clear = case.matching(column, lambda v: read.flag(v) is False)
    if column.kind in ("string", "date", "datetime", "mixed"):
        dates = case.dates(column)
        said = union((said, positions(dates <= case.as_of if case.as_of else dates.is_not_null())))
        clear = union((clear, positions(dates.is_not_null())))
    return said, without(case.filled(column), said, clear)


# -- rights ----------------------------------------------------------------------------------------------------------
def subject_key(case: Case, clause: Clause) -> Verdict:
    """A column has to find the rows of one person."""
    column = case.column("subject_key")
    if column is None:
        return (
            failed("The declared subject key is not a column of the table.", missing=("subject_key",))
            if case.metadata.has("subject_key")
            else passed("")
        )
    blank = without(all_rows(case), case.filled(column))
    facts = {"distinct keys": column.text_counts.height, "blank keys": int(blank.size)}
    if blank.size:
        return failed(f"{plural(int(blank.size), 'row')} without a subject key.", Hits(column.name, blank, "no key"), facts=facts)
    if clause.params.get("disclosures") and case.metadata.has("disclosure_log"):
        bare = incomplete_disclosures(case, ("date", "recipient"))
        if bare:
            return failed(
                f"{plural(bare, 'entry', 'entries')} of the disclosure log without date or recipient.",
                count=bare,
                unit="log entries",
                facts=facts,
            )
    said = f"Every row has a key in `{column.name}`, {plural(column.text_counts.height, 'different one', 'different ones')}."
    return passed(said, columns=(column.name,), facts=facts)


def incomplete_disclosures(case: Case, fields: tuple[str, ...]) -> int:
    """Entries of the disclosure log that lack one of the fields."""
    lacking = sum(any(not read.given(e.get(f)) for f in fields) for e in case.metadata.records("disclosure_log"))
    return lacking + case.metadata.wordless("disclosure_log")


def disclosures(case: Case, clause: Clause) -> Verdict:
    """A complete log of disclosures that reaches back far enough."""
    log = case.metadata.records("disclosure_log")
    if not case.metadata.has("disclosure_log"):
        return passed("")
    bare = incomplete_disclosures(case, tuple(clause.params["fields"]))
    if bare:
        return failed(
            f"{plural(bare, 'entry', 'entries')} lack one of {', '.join(clause.params['fields'])}.", count=bare, unit="log entries"
        )
    dates = [d for d in (read.day(e.get("date")) for e in log) if d]
    since = case.metadata.date("disclosure_log_since") or min(dates, default=None)
    if since is None or case.as_of is None:
        return not_assessed("How far back the log reaches is not known.", *(["disclosure_log_since"] if since is None else ["as_of"]))
    start = case.as_of - dt.timedelta(days=round(clause.params["years"] * 365.25))
    created = case.metadata.date("dataset_created")
    if since > max(start, created or start):
        return failed(f"The log reaches back to {since}, not to {max(start, created or start)}.", facts={"entries": len(log)})
    return passed(f"{plural(len(log), 'entry', 'entries')}, reaching back to {since}.")


def portable(case: Case, clause: Clause) -> Verdict:
    """What a person gave on consent or under a contract can be exported in a structured form."""
    explicit = any("consent" in w or w.endswith("9_2_a") for w in case.metadata.words("art9_condition"))
    owed = explicit or consent_is_basis(case) or _basis(case, "contract", "6_1_b")
    if owed is None:
        return not_assessed("It is owed where the basis is consent or a contract, and no lawful basis is declared.", "lawful_basis")
    if not owed:
        return not_applicable("The declared basis is neither consent nor a contract.")
    key = subject_key(case, clause)
    if key.status.value == "FAIL":
        return key
    bad = tuple(c.name for c in case.frame if c.kind in ("mixed", "nested", "binary"))
    if bad:
        return failed(
            f"{plural(len(bad), 'column')} of mixed, nested or binary values cannot be exported as they are.",
            columns=bad,
            count=len(bad),
            unit="columns",
        )
    return passed("Every column has one type and a key finds the rows of one person.", columns=key.columns)


def erased(case: Case, clause: Clause) -> Verdict:
    """People who asked for erasure may not be in the table, in free text neither."""
    wanted, by_column, lost = case.once("erasure list", lambda: _erasure_values(case))
    if not wanted and not by_column and not lost:
        return passed("The list of people to erase is empty.")
    key = case.column("subject_key")
    hits: tuple[Hits, ...] = case.once("erasure hits", lambda: _to_erase(case, wanted, by_column, key))
    if hits:
        total = int(union(h.rows for h in hits).size)
        return failed(
            f"{plural(total, 'row')} of people who asked for erasure, found in {', '.join(f'`{h.column}`' for h in hits)}.",
            *hits,
            facts={"people on the list": len(wanted) + sum(map(len, by_column.values()))},
        )
    if case.lost("subject_key"):
        return not_assessed("The declared subject key is not a column of the table.", "subject_key")
    if lost:
        return not_assessed(f"{'; '.join(lost)}.", "erasure_list")
    return passed("Nobody on the list was found, by key or in text.", columns=(key.name,) if key is not None else ())


def _to_erase(case: Case, wanted: frozenset[str], by_column: Mapping[str, frozenset[str]], key: Column | None) -> tuple[Hits, ...]:
    found = [_listed_rows(case, case.frame.column(n), v) for n, v in by_column.items()]
    found += [_mentioned(case, c, wanted, key) for c in case.frame if c.kind in ("string", "mixed", "integer", "float")]
    return tuple(h for h in found if h.rows.size)


_BARE_NAME = re.compile(r"[^\W\d]+")
"""What is more likely the name of a table that was not given than the only key of a list."""


def _erasure_values(case: Case) -> tuple[frozenset[str], dict[str, frozenset[str]], tuple[str, ...]]:
    """Keys to look for anywhere, keys of named columns, and what is named and not there."""
    loose: set[str] = set()
    by_column: dict[str, frozenset[str]] = {}
    lost: list[str] = []
    for field in sorted(case.metadata.values):
        value = case.metadata[field]
        if not field.startswith("erasure_"):
            continue
        if isinstance(value, str) and value in case.context.frames:
            value, why = _keys_of(case, field, value)
            lost += [why] if why else []
        if isinstance(value, (list, tuple)) and any(isinstance(v, Mapping) for v in value):
            value, why = _subjects_of(case, field, value)
            lost += [why] if why else []
        if isinstance(value, Mapping):
            by_column |= {c.name: frozenset(map(str, read.listed(v))) for n, v in value.items() if (c := case.named(n)) is not None}
            lost += [f"`{field}` speaks of `{n}`, which is not a column of the table" for n in value if case.named(n) is None]
        elif isinstance(value, str) and _BARE_NAME.fullmatch(value.strip()) and read.given(value, "name"):
            lost.append(f"`{field}` names `{value.strip()}`: no such table was given with frames (one key is written [{value.strip()}])")
            loose.add(value.strip())
        elif not (isinstance(value, str) and read.word(value) in read.NOTHING):
            loose |= {str(v).strip() for v in read.listed(value) if str(v).strip()}
    return frozenset(loose), by_column, tuple(lost)


def _keys_of(case: Case, field: str, table: str) -> tuple[list[str], str]:
    """The keys that a table given with frames lists, and why they cannot be told: of several columns one is called as the subject key."""
    other, key = case.context.frames[table], case.metadata["subject_key"]
    name = key if key in other else other.columns[0] if len(other.columns) == 1 else None
    if name is not None:
        return other.column(name).text.drop_nulls().to_list(), ""
    none = f"none of them called `{str(key)[:40]}`" if case.metadata.has("subject_key") else "and no `subject_key` is declared"
    many = f"{plural(len(other.columns), 'column')}, {none}"
    return [], f"`{field}` names the table `{table}` of {many}: which holds the keys is not known"


def _subjects_of(case: Case, field: str, entries: Sequence[Any]) -> tuple[list[Any], str]:
    """The keys of a list in which requests stand with their fields, and that some name nobody."""
    names = [n for n in ("subject", "subject_id", "subject_key", "key", case.metadata["subject_key"]) if isinstance(n, str)]
    keys = [next((e[n] for n in names if read.given(e.get(n))), None) if isinstance(e, Mapping) else e for e in entries]
    bare = sum(k is None for k in keys)
    return [
        k for k in keys if k is not None
    ], f"{bare} of {plural(len(keys), 'entry', 'entries')} in `{field}` name no `subject`" if bare else ""


def _listed_rows(case: Case, column: Column, wanted: frozenset[str]) -> Hits:
    raw, text = case.distinct(column)
    if column.kind in ("integer", "float"):  # a key that was read as a number elsewhere
        wanted = frozenset(w.removesuffix(".0") for w in wanted)
    folded = pl.Series(sorted({w.lower() for w in wanted}), dtype=pl.String).implode()
    return Hits(column.name, case.where(column, raw.filter(text.str.to_lowercase().is_in(folded))), "on the erasure list")


_LONG_ENOUGH = 5
"""A key shorter than this is looked for as a whole cell only: in free text it would be found by accident."""


def _mentioned(case: Case, column: Column, wanted: frozenset[str], key: Column | None) -> Hits:
    if column.kind in ("integer", "float") and (key is None or column.name != key.name):
        return Hits(column.name, NO_ROWS)
    whole = _listed_rows(case, column, wanted)
    long_ = [w for w in sorted(wanted) if len(w) >= _LONG_ENOUGH]
    if column.kind not in ("string", "mixed") or not long_:
        return whole
    raw, text = case.distinct(column)
    near = text.str.contains_any(long_, ascii_case_insensitive=True)
    folded = frozenset(w.casefold() for w in long_)
    flags = [_mentions(v, wanted=folded) for v in text.filter(near).to_list()]
    rows = case.where(column, raw.filter(near).filter(pl.Series(flags, dtype=pl.Boolean)))
    return Hits(column.name, union((whole.rows, rows)), "on the erasure list")


def _mentions(value: str, *, wanted: frozenset[str]) -> bool:
    """Whether a text names one of the keys as a word of its own."""
    folded = value.casefold()
    return any(_stands_alone(folded, w) for w in wanted if w in folded)


def _stands_alone(text: str, key: str) -> bool:
    at = text.find(key)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(key) : at + len(key) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        at = text.find(key, at + 1)
    return False


def rectified(case: Case, clause: Clause) -> Verdict:
    """Open requests for correction whose rows are unchanged."""
    if not case.metadata.has("rectification_log"):
        return passed("")
    log = case.metadata.records("rectification_log")
    key = case.column("subject_key")
    states = [(e, _request_state(case, e, key)) for e in log]
    undone = [(e, rows) for e, (state, rows) in states if state == "unchanged"]
    unsent = [e for e, (state, _) in states if clause.params.get("recipients") and state == "done" and _not_sent(e)]
    if undone or unsent:
        rows = union(r for _, r in undone)
        ids = ", ".join(str(e.get("request_id", "?")) for e, _ in undone[:5])
        said = (
            f"{plural(len(undone), 'open request')} not applied ({ids})"
            if undone
            else f"{plural(len(unsent), 'correction')} not sent to recipients"
        )
        return failed(
            said + ".", Hits(key.name if key is not None else "", rows, "unchanged"), count=len(undone) + len(unsent), unit="requests"
        )
    unknown = sum(state == "unknown" for _, (state, _) in states) + case.metadata.wordless("rectification_log")
    if unknown:
        missing = () if key is not None else ("subject_key",)
        return not_assessed(
            f"{plural(unknown, 'open request')} cannot be judged: give `column` and `value`, or `row_hash`, and a subject key.", *missing
        )
    return passed(f"{plural(len(log), 'request')}, none open and unapplied.")


_CLOSED = read.bag("closed done applied rejected refused completed resolved")


def _request_state(case: Case, entry: Mapping[str, Any], key: Column | None) -> tuple[str, Rows]:
    """``done``, ``unchanged`` or ``unknown``, and the rows concerned."""
    closed = read.word(entry.get("status", "open")) in _CLOSED
    subject = next((entry[f] for f in ("subject", "subject_id", "key", "subject_key") if read.given(entry.get(f))), None)
    if key is None or subject is None:
        return ("done" if closed else "unknown"), NO_ROWS
    rows = case.matching(key, lambda v: v.casefold() == str(subject).casefold())
    column = case.named(entry.get("column"))
    if column is not None and any(f in entry for f in ("value", "new_value", "old_value")):
        stale = _stale(column, rows, entry)
        return ("unchanged", stale) if stale.size else ("done", rows)
    if read.given(entry.get("row_hash")):
        same = np.array([r for r in rows if row_hash(case, int(r)) == str(entry["row_hash"])], dtype=np.int64)
        return ("unchanged", same) if same.size and not closed else ("done", rows)
    return ("done" if closed or not rows.size else "unknown"), NO_ROWS


def _stale(column: Column, rows: Rows, entry: Mapping[str, Any]) -> Rows:
    cells = [(r, str(column.text[int(r)] or "").strip()) for r in rows]
    wanted = entry.get("value", entry.get("new_value"))
    if wanted is not None:
        return np.array([r for r, v in cells if v != str(wanted).strip()], dtype=np.int64)
    return np.array([r for r, v in cells if v == str(entry["old_value"]).strip()], dtype=np.int64)


def row_hash(case: Case, row: int) -> str:
    """SHA-256 of a row: the text of its cells joined by the unit separator, null as blank."""
    cells = [str(c.text[row] if c.text[row] is not None else "") for c in case.frame]
    return hashlib.sha256("\x1f".join(cells).encode("utf-8", "surrogatepass")).hexdigest()


def _not_sent(entry: Mapping[str, Any]) -> bool:
    sent = next((entry[f] for f in ("recipients_notified", "sent_to_recipients", "notified") if f in entry), None)
    return sent is None or read.truth(sent) is False


def automated(case: Case, clause: Clause) -> Verdict:
    """Decisions made by machine alone need a ground or a human."""
    said = case.metadata["automated_decision"]
    column = case.named(said)
    if column is None and case.metadata.truth("automated_decision") is False:
        return not_applicable("The table is declared to hold no automated decision.")
    if said is None:
        return passed("")
    review, reviewed = case.metadata.truth("human_review"), case.named(case.metadata["human_review"])
    special = case.columns_of("@special")
    if special and not case.metadata.has("art9_condition"):
        return failed("Sensitive data feeds an automated decision and no condition for it is declared.", columns=special)
    if reviewed is not None:
        decided = case.filled(column) if column is not None else all_rows(case)
        bare = without(decided, case.truths(reviewed)[0])
        return (
            failed(f"{plural(int(bare.size), 'decision')} without human review.", Hits(reviewed.name, bare))
            if bare.size and not case.metadata.has("art22_ground")
            else passed("Decisions were reviewed.")
        )
    if review is False and not case.metadata.has("art22_ground"):
        return failed(
            "Decisions are made by machine alone, without review or a declared ground.",
            columns=(column.name,) if column is not None else (),
        )
    return passed("Human review or a ground is declared.")


RULES: dict[str, Rule] = {
    "consent": consent,
    "withdrawal": withdrawal,
    "minors": minors,
    "flagged": flagged,
    "subject_key": subject_key,
    "disclosures": disclosures,
    "portable": portable,
    "erased": erased,
    "rectified": rectified,
    "automated": automated,
}
