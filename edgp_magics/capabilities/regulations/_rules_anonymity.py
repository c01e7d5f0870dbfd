"""Rules on claims: anonymous, de-identified, limited data set, expert determination, re-identification codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ...values import percent, plural
from . import _read as read
from ._case import NO_ROWS, Case, Rows, header_words, number, positions, union
from ._catalogue import catalogue
from ._dates import unreadable
from ._hashes import derived, hash_columns, reverse
from ._model import Clause, Hits, Verdict, failed, not_applicable, not_assessed, not_found, passed, warned
from ._rules_records import looked_at

if TYPE_CHECKING:
    from ...frames import Column, Frame

Rule = Callable[[Case, Clause], Verdict]


# -- uniqueness ------------------------------------------------------------------------------------------------------
def quasi_identifiers(case: Case) -> tuple[tuple[str, ...], bool]:
    """Columns that together single people out, and whether they were declared."""
    said = [c.name for n in read.listed(case.metadata["quasi_identifiers"]) if (c := case.named(n)) is not None]
    if said:
        return tuple(said), True
    return tuple(c for c in case.columns_of(*_QUASI) if case.is_all(c, *_QUASI)), False


_QUASI = ("AGE", "DATE_OF_BIRTH", "GENDER", "POSTAL_CODE", "CITY", "NATIONALITY", "MARITAL_STATUS", "RACE_ETHNICITY")


def class_sizes(frame: Any, names: Sequence[str]) -> pl.Series:
    """For every row, how many rows share its values in these columns (null equals null)."""
    data = pl.DataFrame([frame.column(n).text.alias(f"q{i}") for i, n in enumerate(names)])
    return data.select(pl.len().over(data.columns)).to_series()


def _sizes(case: Case, names: tuple[str, ...]) -> pl.Series:
    found: pl.Series = case.once(("classes", names), lambda: class_sizes(case.frame, names))
    return found


def _risk(sizes: pl.Series) -> dict[str, Any]:
    rows = len(sizes)
    classes = float((1 / sizes).sum()) if rows else 0.0
    unique = int((sizes == 1).sum())
    least = int(number(sizes.min()))
    return {
        "k": least,
        "unique rows": f"{unique:,} ({percent(unique, rows)})",
        "highest risk": round(1 / max(1, least), 4),
        "average risk": round(classes / rows, 4) if rows else 0,
    }


def anonymous(case: Case, clause: Clause) -> Verdict:
    """A table declared anonymous may hold no identifier, no small class and no reversible code."""
    field = clause.params["field"]
    claim = case.metadata[field]
    if not case.metadata.has(field):
        if not case.personal and not hash_columns(case):
            return not_found("No personal data was found, and the table is not claimed to be anonymous.")
        return not_assessed(f"It is not declared whether the table is claimed to be {field.removeprefix('declared_')} (`{field}`).", field)
    if case.metadata.truth(field) is False:
        return not_applicable(f"`{field}` is declared to be {claim}.")
    left = tuple(h for h in case.hits("@direct", *clause.params.get("also", ())) if not _birth_year(case, h.column))
    codes = _reversible(case)
    names, said = quasi_identifiers(case)
    small = _small_classes(case, names, int(clause.params["k_min"]))
    facts = {"identifiers left": ", ".join(h.column for h in left) or "none"} | (_risk(_sizes(case, names)) if names and case.rows else {})
    if left or codes or small:
        why = [f"identifiers left in {', '.join(h.column for h in left)}"] if left else []
        why += [h.note for h in codes]
        why += (
            [f"{plural(int(small[0].rows.size), 'row')} in classes of fewer than {clause.params['k_min']} by {', '.join(names)}"]
            if small
            else []
        )
        return failed(f"Declared {field.removeprefix('declared_')}, but {'; '.join(why)}.", *left, *codes, *small, facts=facts)
    lacking = [f for f in clause.params.get("commitments", ()) if not case.metadata.has(f)]
    if lacking:
        return failed(f"Declared, but `{lacking[0]}` is not on record.", missing=tuple(lacking), facts=facts)
    if not said:
        note = f"by the columns that look like quasi-identifiers ({', '.join(names)})" if names else "and none could be guessed"
        return not_assessed(f"The quasi-identifiers are not declared, {note}.", "quasi_identifiers", facts=facts)
    passed_ = f"No identifier left; every combination of {', '.join(names)} is shared by at least {clause.params['k_min']} rows"
    doubts = _undeclared(case, names, int(clause.params["k_min"]))
    if doubts:
        singled = "; ".join(f"`{h.column}` {h.note}" for h in doubts)
        return warned(f"{passed_}. Not declared as quasi-identifiers, yet singling rows out: {singled}.", *doubts, facts=facts)
    return passed(f"{passed_}.", columns=names, facts=facts)


def _undeclared(case: Case, names: tuple[str, ...], least: int) -> tuple[Hits, ...]:
    """Columns by which rows can be singled out though nobody declared them: such as look like quasi-identifiers, and codes a row."""
    kinds = (*_QUASI, "GEO")
    near = [c for c in case.columns_of(*kinds) if c not in names and case.is_all(c, *kinds)]
    small = [Hits(c, positions(_sizes(case, (*names, c)) < least), f"leaves fewer than {least} rows a class") for c in near]
    lone = [
        Hits(c.name, case.filled(c), "has a value of its own for nearly every row")
        for c in case.frame
        if c.name not in (*names, *near) and not case.is_pseudonym(c.name) and _lone_code(c, case.filled(c).size, _NEARLY_ALL)
    ]
    return tuple(h for h in (*small, *lone) if h.rows.size)


def _birth_year(case: Case, name: str) -> bool:
    """A column of birth years holds no direct identifier."""
    return case.types_in(name) == {"DATE_OF_BIRTH"} and not finer_than_year(case, case.frame.column(name)).size


def _small_classes(case: Case, names: tuple[str, ...], least: int) -> tuple[Hits, ...]:
    if not names or not case.rows:
        return ()
    rows = positions(_sizes(case, names) < least)
    return (Hits(names[0], rows, f"fewer than {least} rows share {', '.join(names)}"),) if rows.size else ()


def _reversible(case: Case) -> tuple[Hits, ...]:
    out = []
    for name in hash_columns(case):
        source, undone = derived(case, name), reverse(case, name)
        if source or undone:
            what = f"`{name}` is a plain digest of `{source.source}`" if source else f"`{name}` can be undone by trying all inputs"
            out.append(Hits(name, case.filled(case.frame.column(name)), what))
    return tuple(out)


def unique_people(case: Case, clause: Clause) -> Verdict:
    """After identifiers are gone, nobody may stand alone by quasi-identifiers.

    Years, ages and areas that Safe Harbor lets stay are no knowledge of who somebody is: without a declaration of what an intruder
    may know they are shown to a person, not failed.
    """
    if not deidentified(case):
        return not_applicable("The table is not declared de-identified.")
    names, said = quasi_identifiers(case)
    small = _small_classes(case, names, int(clause.params.get("k_min", 2)))
    facts = _risk(_sizes(case, names)) if names and case.rows else {}
    if small and not said:
        return warned(
            f"{plural(int(small[0].rows.size), 'row')} unique by {', '.join(names)}, which look like quasi-identifiers. "
            "That is no actual knowledge yet: declare what an intruder may know, or widen these columns.",
            *small,
            facts=facts,
            missing=("quasi_identifiers",),
        )
    if small:
        return failed(f"{plural(int(small[0].rows.size), 'row')} unique by {', '.join(names)}.", *small, facts=facts)
    if not said:
        return not_assessed("The quasi-identifiers are not declared.", "quasi_identifiers", facts=facts)
    return passed(f"No row is unique by {', '.join(names)}.", columns=names, facts=facts)


def expert(case: Case, clause: Clause) -> Verdict:
    """Expert determination: a report on record; whether the risk is very small the expert says, beside the figures."""
    method = case.metadata.words("declared_deidentified")
    if not case.metadata.has("declared_deidentified"):
        if not case.columns_of("HEALTH", "MRN", "BLOOD_TYPE", "HEALTH_INSURANCE_ID"):
            return not_found("No health data was found.")
        return not_assessed("It is not declared whether and how the table was de-identified.", "declared_deidentified")
    if not any("expert" in m for m in method):
        return not_applicable("The declared method is not expert determination.")
    names, said = quasi_identifiers(case)
    facts = _risk(_sizes(case, names)) if names and case.rows else {}
    if not case.metadata.has("expert_report_id"):
        return failed("Expert determination is declared without a reference to the report.", missing=("expert_report_id",), facts=facts)
    if facts and (facts["highest risk"] > clause.params["usual_risk"] or facts["average risk"] > clause.params["usual_avg_risk"]):
        return warned(
            f"A report is on record. By {', '.join(names)} risk is {facts['highest risk']} at most, {facts['average risk']} on average; "
            f"usual are {clause.params['usual_risk']} and {clause.params['usual_avg_risk']}. The rule sets no figure: ask the expert.",
            Hits(names[0], positions(_sizes(case, names) < 1 / clause.params["usual_risk"])),
            facts=facts,
        )
    if not said:
        return not_assessed("The quasi-identifiers are not declared.", "quasi_identifiers", facts=facts)
    return passed("A report is on record, and the computed risk is within what is usual.", columns=names, facts=facts)


def deidentified(case: Case) -> bool:
    """Whether the table is declared de-identified, by whatever method."""
    return case.metadata.has("declared_deidentified") and case.metadata.truth("declared_deidentified") is not False


def joined(case: Case, clause: Clause) -> Verdict:
    """Joining an anonymous set with another one that is at hand makes people unique."""
    if case.metadata.truth("declared_anonymous") is False:
        return not_applicable("The table is not declared anonymous.")
    if not case.metadata.has("declared_anonymous"):
        if not case.personal:
            return not_found("No personal data was found, and the table is not claimed to be anonymous.")
        return not_assessed("It is not declared whether the table is anonymous.", "declared_anonymous")
    names, said = quasi_identifiers(case)
    others = {n: case.context.frames[n] for n in case.context.frames if n != case.frame.name}
    if not others:
        return not_assessed("There is no other table to join with: give it with frames.", "frames")
    if not said:
        return not_assessed("The quasi-identifiers are not declared.", "quasi_identifiers")
    for name, other in others.items():
        shared = tuple(c for c in names if c in other)
        if shared:
            rows = _singled_out(case, other, shared)
            if rows.size:
                return failed(
                    f"{plural(int(rows.size), 'row')} match exactly one row of `{name}` by {', '.join(shared)}.",
                    Hits(shared[0], rows, "singled out by the join"),
                    facts={"k before": int(number(_sizes(case, names).min()))},
                )
    return passed(f"No row is singled out by {plural(len(others), 'other table')}.", columns=names)


def _singled_out(case: Case, other: Any, names: tuple[str, ...]) -> Rows:
    """Rows alone in their class here whose class has exactly one row there."""
    here = pl.DataFrame([case.frame.column(n).text.alias(f"q{i}") for i, n in enumerate(names)])
    there = pl.DataFrame([other.column(n).text.alias(f"q{i}") for i, n in enumerate(names)])
    keys = [f"q{i}" for i in range(len(names))]
    counts = there.group_by(keys).len("there")
    found = here.with_columns(pl.len().over(keys).alias("here")).join(counts, on=keys, how="left", maintain_order="left")
    return positions(((found["there"] == 1) & (found["here"] == 1)).fill_null(False))


# -- HIPAA -----------------------------------------------------------------------------------------------------------
def safe_harbor_applies(case: Case) -> Verdict | None:
    """None when Safe Harbor is claimed, or health data is here and nobody says that it is not; else why it does not apply."""
    words = case.metadata.words("declared_deidentified")
    if any("expert" in w for w in words):
        return not_applicable("De-identified by expert determination, not by Safe Harbor.")
    if case.metadata.truth("declared_limited_data_set"):
        return not_applicable("Declared to be a limited data set, which has a rule of its own.")
    if case.metadata.truth("declared_deidentified") is False:
        return not_applicable("Declared not to be de-identified: as protected health information it may hold identifiers.")
    if deidentified(case) or case.columns_of("HEALTH", "MRN", "HEALTH_INSURANCE_ID", "US_MBI", "BLOOD_TYPE"):
        return None
    return not_found("Not declared de-identified, and no health data was found.")


def _left(case: Case, message: str, *hits: Hits) -> Verdict:
    """Identifiers are left: that breaks the claim to be de-identified; beside health data without such a claim it is shown to a person."""
    if deidentified(case):
        return failed(message, *hits)
    said = "Whether the table is called de-identified, which it then is not, is not said: declare `declared_deidentified` (or no)."
    return warned(f"{message} {said}", *hits, missing=("declared_deidentified",))


def safe_harbor(case: Case, clause: Clause) -> Verdict:
    """No value of the listed types may be left."""
    outside = safe_harbor_applies(case)
    if outside is not None:
        return outside
    found = _listed(case, clause)
    if found:
        total = int(union(h.rows for h in found).size)
        return _left(case, f"{plural(total, 'row')} with {_item(clause)} in {', '.join(h.column for h in found)}.", *found)
    return passed(f"{looked_at(case)}: found no {_item(clause)}.", scanned=True)


def _item(clause: Clause) -> str:
    text = clause.title.partition(": ")[2].partition(" (")[0]
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _listed(case: Case, clause: Clause) -> tuple[Hits, ...]:
    """Cells of the listed types, and columns whose name says so (fax, licence, device: no pattern tells them)."""
    words = frozenset(clause.params.get("headers", ()))
    code = {str(n) for n in read.listed(case.metadata["reid_code_column"])}
    hits = [h for h in case.hits(*clause.types) if h.column not in code or clause.id.endswith("-A")]
    if clause.params.get("only_headers"):
        hits = [h for h in hits if header_words(h.column) & words]
    if "like" in clause.params:
        hits += [Hits(c.name, rows, "in text") for c in case.frame if (rows := _like(case, c, clause.params["like"])).size]
    have = {h.column for h in hits}
    for column in case.frame:
        if _named(column, words) and column.name not in have and column.name not in code:
            rows = case.filled(column)
            hits += [Hits(column.name, rows, "by its name")] if rows.size else []
    return tuple(hits)


def _named(column: Column, words: frozenset[str]) -> bool:
    """Whether a column is called so, and not a kind, a count or a day of it."""
    own = header_words(column.name)
    return bool(own & words) and not own & _ABOUT and column.kind not in ("boolean", "date", "datetime")


_ABOUT = frozenset({"type", "status", "flag", "count", "kind", "date"})


def safe_harbor_columns(frame: Frame) -> dict[str, str]:
    """Columns that Safe Harbor forbids though no pattern tells, with what they hold: by their names, or as codes of their own a row."""
    clauses = [c for c in catalogue().clauses if c.id.startswith("HIPAA-164.514.b2i-")]
    least = next(float(c.params["uniqueness_min"]) for c in clauses if "uniqueness_min" in c.params)
    words = [(_item(c), frozenset(c.params.get("headers", ()))) for c in clauses]
    out: dict[str, str] = {}
    for column in frame:
        item = next((held for held, w in words if _named(column, w)), "")
        item = item or ("a place smaller than a state" if header_words(column.name) & _AREAS else "")
        item = item or ("nearly one value a row" if _lone_code(column, len(column) - column.null_count, least) else "")
        if item and column.null_count < len(column):
            out[column.name] = item
    return out


def _like(case: Case, column: Column, pattern: str) -> Rows:
    """Rows whose text holds the pattern anywhere."""
    return case.matching(column, None, like=pattern) if column.kind in ("string", "mixed", "nested") else NO_ROWS


_AREAS = frozenset({"county", "precinct", "parish", "borough"})
_ZIP3 = re.compile(r"([0-9]{3})(?:[*xX]{2}|-?[*xX]+)?")
_ROUNDED = re.compile(r"([0-9]{3})00")


def safe_harbor_places(case: Case, clause: Clause) -> Verdict:
    """No place smaller than a state; three digits of a ZIP only where enough people live."""
    outside = safe_harbor_applies(case)
    if outside is not None:
        return outside
    zips = [c for c in case.frame if _is_zip(case, c)]
    hits = [Hits(c.name, _bad_zips(case, c, clause), "full ZIP, or the first three digits of a small area") for c in zips]
    hits += [h for h in case.hits(*clause.types) if h.column not in {c.name for c in zips}]
    hits += [
        Hits(c.name, case.filled(c), "by its name")
        for c in case.frame
        if header_words(c.name) & _AREAS and c.name not in {h.column for h in hits}
    ]
    found = [h for h in hits if h.rows.size]
    if found:
        total = int(union(h.rows for h in found).size)
        return _left(
            case,
            f"{plural(total, 'row')} with a place smaller than a state, or a ZIP area that is too small, "
            f"in {', '.join(h.column for h in found)}.",
            *found,
        )
    said = f"{looked_at(case)}: no place smaller than a state; ZIP areas, if any, are large enough."
    return passed(said, columns=tuple(c.name for c in zips), scanned=True)


def _is_zip(case: Case, column: Column) -> bool:
    words = header_words(column.name)
    joined_ = "".join(sorted(words))
    return bool(
        words & {"zip", "zipcode", "zip3", "zip5", "postcode", "postal"} or joined_.startswith("zip")
    ) or "POSTAL_CODE" in case.detected.get(column.name, {})


def _bad_zips(case: Case, column: Column, clause: Clause) -> Rows:
    small = {str(z).zfill(3) for z in read.listed(case.metadata["zip3_restricted"]) or clause.params["zip3_restricted"]}
    numbers = column.kind in ("integer", "float")
    width = 3 if numbers and _only_three(case, column) else 5 if numbers else 0  # a number has lost its leading zeros
    _, texts = case.distinct(column)
    five = [v for v in (t.zfill(width) for t in texts.to_list()) if len(v) == 5 and v.isdecimal()]
    form = _ROUNDED if five and all(map(_ROUNDED.fullmatch, five)) else _ZIP3

    def bad(value: str) -> bool:
        text = value.zfill(width)
        short = form.fullmatch(text) or _ZIP3.fullmatch(text)
        return (short[1] in small) if short else any(c.isdigit() for c in text)

    return case.matching(column, bad)


def _only_three(case: Case, column: Column) -> bool:
    """Whether a number column holds three-digit areas (their leading zeros are lost)."""
    top = column.series.max()
    return top is not None and float(top) <= 999  # type: ignore[arg-type]


_ADMIN = read.bag(
    "created updated modified loaded inserted extracted exported load etl processed ingested retrieved "
    "published as_of refresh refreshed batch"
)
_MONTH_WORDS = (
    "jan(?:uary|uar|vier|eiro)?|ene(?:ro)?|gen(?:naio)?|feb(?:ruary|ruar|brero|braio)?|f[ée]v(?:rier|ereiro)?|mar(?:ch|s|zo|ço)?|märz|"
    "apr(?:il|ile)?|avr(?:il)?|abr(?:il)?|may|mai|mayo|mag(?:gio)?|maio|june?|juni|juin|junio|giu(?:gno)?|junho|july?|juli|juillet|julio|"
    "lug(?:lio)?|julho|aug(?:ust)?|août|ago(?:sto)?|sep(?:t(?:ember|embre|iembre)?)?|set(?:tembre|embro)?|oct(?:ober|obre|ubre)?|okt(?:ober)?|"
    "ott(?:obre)?|out(?:ubro)?|nov(?:ember|embre|iembre|embro)?|dec(?:ember)?|dez(?:ember|embro)?|déc(?:embre)?|dic(?:iembre|embre)?"
)
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th|er|\.)?"
_TEXT_DATE = (
    r"(?i)\b(?:[0-9]{4}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12][0-9]|3[01])|[0-9]{1,2}[/.-][0-9]{1,2}[/.-](?:[12][0-9]{3}|[0-9]{2})"
    rf"|(?:{_MONTH_WORDS})\.?,?[ -]+(?:{_DAY},?[ -]+)?(?:of )?[12][0-9]{{3}}|{_DAY}[ -]+(?:of |de )?"
    rf"(?:{_MONTH_WORDS})\.?,?(?:[ -]+(?:de )?[12][0-9]{{3}})?"
    r")\b|\b(?-i:January|February|March|April|June|July|August|September|October|November|December) "
    rf"{_DAY}\b"
)
"""A date, or a month with its day or year, in words or figures, in the common languages."""


def finer_than_year(case: Case, column: Column) -> Rows:
    """Rows whose value is a date finer than a year."""
    if column.kind in ("date", "datetime"):
        return positions(column.series.is_not_null())
    if column.kind in ("integer", "float"):
        return positions(case.dates(column).is_not_null())
    return union((positions(case.dates(column).is_not_null()), case.matching(column, None, like=_MONTH)))


_MONTH = r"^(?:[12][0-9]{3}[-/](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])[-/][12][0-9]{3})$"


def safe_harbor_dates(case: Case, clause: Clause) -> Verdict:
    """Nothing finer than a year about the person, no age over 89."""
    outside = safe_harbor_applies(case)
    if outside is not None:
        return outside
    cap = float(clause.params["age_cap"])
    hits = []
    for column in case.frame:
        rows, note = _dated(case, column)
        hits += [Hits(column.name, rows, note)] if rows.size else []
    for name in case.columns_of("AGE"):
        rows = _older(case, name, cap) if name in case.detected else NO_ROWS
        hits += [Hits(name, rows, "age over 89")] if rows.size else []
    if hits:
        total = int(union(h.rows for h in hits).size)
        return _left(
            case,
            f"{plural(total, 'row')} with a date finer than a year or an age over {cap:g} "
            f"in {', '.join(dict.fromkeys(h.column for h in hits))}.",
            *hits,
        )
    return passed(f"{looked_at(case)}: no date finer than a year about the person and no age over {cap:g}.", scanned=True)


def _older(case: Case, name: str, cap: float) -> Rows:
    """Rows with an age over the cap; where nobody is older than the year behind it, that year is the one class allowed for them."""

    def over(limit: float) -> Rows:
        return case.matching(case.frame.column(name), lambda v: bool(re.fullmatch(r"[0-9]{2,3}(?:\.[0-9]+)?", v)) and float(v) > limit)

    return over(cap) if over(cap + 1).size or not deidentified(case) else NO_ROWS


def _dated(case: Case, column: Column) -> tuple[Rows, str]:
    """Rows with a date about the person, in a date column or within text."""
    if header_words(column.name) & _ADMIN:
        return NO_ROWS, ""
    if column.kind in ("date", "datetime"):
        return finer_than_year(case, column), "date finer than a year"
    if column.kind in ("integer", "float"):
        telling = header_words(column.name) & {"date", "dob", "birth", "dt", "admission", "discharge", "death"}
        return (finer_than_year(case, column), "date finer than a year") if telling else (NO_ROWS, "")
    if column.kind == "nested":
        return _like(case, column, _TEXT_DATE), "date in text"
    if column.kind not in ("string", "mixed"):
        return NO_ROWS, ""
    dates = case.dates(column)
    filled = case.filled(column)
    if filled.size and positions(dates.is_not_null()).size >= 0.5 * filled.size and not unreadable(column, dates).all():
        return finer_than_year(case, column), "date finer than a year"
    whole = case.matching(column, None, like=_MONTH)
    return union((whole, case.matching(column, None, like=_TEXT_DATE))), "date in text"


_ID_WORDS = read.bag(
    "id ids uid uuid guid key code no num number nr ref reference serial barcode trial token hash rid pid "
    "sid mrn accession specimen sample identifier"
)
_CODE = re.compile(r"(?=[^0-9]*[0-9])[0-9A-Za-z._:-]{5,64}")


def safe_harbor_unique(case: Case, clause: Clause) -> Verdict:
    """No other unique number or code, but for a permitted re-identification code."""
    outside = safe_harbor_applies(case)
    if outside is not None:
        return outside
    permitted = {str(n) for n in read.listed(case.metadata["reid_code_column"])}
    hits = [
        Hits(c.name, case.filled(c), "nearly one value a person")
        for c in case.frame
        if c.name not in permitted and _lone_code(c, case.filled(c).size, float(clause.params["uniqueness_min"]))
    ]
    for name in sorted(permitted & set(case.frame.columns)):
        source = derived(case, name)
        hits += [Hits(name, case.filled(case.frame.column(name)), f"the plain {source.algorithm} of `{source.source}`")] if source else []
    if hits:
        return _left(case, f"{plural(len(hits), 'column')} single people out: {', '.join(h.column for h in hits)}.", *hits)
    return passed("No other column has a value of its own for nearly every row.")


_ENOUGH = 10
_NEARLY_ALL = 0.95


def _lone_code(column: Column, filled: int, least: float) -> bool:
    """A column of codes with nearly one value a row; measures, dates and prose are none."""
    if column.kind not in ("string", "integer", "mixed") or filled < _ENOUGH:
        return False
    if column.text_counts.height < least * filled:
        return False
    if header_words(column.name) & _ID_WORDS:
        return True
    if column.kind == "integer":
        return False
    sample = [v.strip() for v in column.text_counts["value"].head(100).to_list()]
    return sum(bool(_CODE.fullmatch(v)) for v in sample) >= 0.9 * len(sample)


def code_derived(case: Case, clause: Clause) -> Verdict:
    """A re-identification code may not be derived from the person, nor stand beside what it stands for."""
    named = [c.name for n in read.listed(case.metadata["reid_code_column"]) if (c := case.named(n)) is not None]
    if case.lost("reid_code_column") and not named:
        return not_assessed("The declared code column is not in the table.", "reid_code_column")
    codes = tuple(dict.fromkeys([*named, *hash_columns(case)]))
    if not codes:
        return not_applicable("There is no re-identification code.")
    outside = None if named or deidentified(case) else safe_harbor_applies(case)
    if outside is not None:
        return outside
    hits = []
    for name in codes:
        source, undone = derived(case, name), reverse(case, name) if name in hash_columns(case) else None
        note = f"the plain {source.algorithm} of `{source.source}`" if source else f"undone by trying {undone.space}" if undone else ""
        hits += [Hits(name, case.filled(case.frame.column(name)), note)] if note else []
    if hits:
        said = f"`{hits[0].column}` is {hits[0].note}."
        return failed(said, *hits) if named else _left(case, said, *hits)
    if case.metadata.truth("reid_key_disclosed"):
        return failed("The key that maps the code back is declared to be disclosed.", columns=codes)
    return passed("No code was found to be derived from another column.", columns=codes)


def limited_set(case: Case, clause: Clause) -> Verdict:
    """A limited data set: the listed identifiers are gone and an agreement is on record."""
    if not case.metadata.has("declared_limited_data_set"):
        if not case.columns_of("HEALTH", "MRN", "BLOOD_TYPE", "HEALTH_INSURANCE_ID"):
            return not_found("No health data was found.")
        return not_assessed("It is not declared whether this is a limited data set.", "declared_limited_data_set")
    if case.metadata.truth("declared_limited_data_set") is False:
        return not_applicable("Not declared to be a limited data set.")
    found = _listed(case, clause)
    if found:
        return failed(f"Direct identifiers left in {', '.join(h.column for h in found)}.", *found)
    if not case.metadata.has("dua_id"):
        return failed("No data-use agreement is on record.", missing=("dua_id",))
    return passed("None of the excluded identifiers was found, and a data-use agreement is on record.")


_IMAGE_HEAD = r"^(?:data:image/|/9j/4|iVBORw0KGgo|R0lGOD|Qk0[0-9A-Za-z+/]{40})"
_IMAGE_FILE = r"(?i)^[^\s]{1,300}\.(?:jpe?g|png|gif|bmp|tiff?|heic|webp|dcm)$"


def safe_harbor_images(case: Case, clause: Clause) -> Verdict:
    """No photographs: image bytes, encoded images, or files of portraits."""
    outside = safe_harbor_applies(case)
    if outside is not None:
        return outside
    hits = [Hits(c.name, rows, "image") for c in case.frame for rows in [_images(case, c, clause)] if rows.size]
    if hits:
        return _left(case, f"Images in {', '.join(h.column for h in hits)}.", *hits)
    return passed(f"{looked_at(case)}: no image, encoded image or file of a portrait.")


def _images(case: Case, column: Column, clause: Clause) -> Rows:
    if column.kind == "binary":
        heads = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"RIFF")
        return np.array([i for i, v in enumerate(column.array.to_pylist()) if v and v.startswith(heads)], dtype=np.int64)
    if column.kind not in ("string", "mixed"):
        return NO_ROWS
    portrait = bool(header_words(column.name) & set(clause.params["headers"]))
    like = _IMAGE_HEAD + ("|" + _IMAGE_FILE if portrait else "")
    return case.matching(column, None, like=like)


# -- national numbers, research ----------------------------------------------------------------------------------------
_PARTIAL_NRIC = re.compile(r"(?:[*xX#•]{4,5}|[STFGM][*xX#•]{3,4})?[0-9]{3}[A-Z]")


def full_nric(case: Case, clause: Clause) -> Verdict:
    """Full numbers of Singapore need a ground; a partial one is the remedy."""
    hits = case.hits(*clause.types)
    if hits and (not case.metadata.has("nric_ground") or case.metadata.truth("nric_ground") is False):
        total = int(union(h.rows for h in hits).size)
        return failed(
            f"{plural(total, 'row')} with a full NRIC or FIN whose check letter is right, and no `nric_ground` is declared.",
            *hits,
            missing=("nric_ground",),
        )
    if hits:
        return passed("Full numbers are kept on a declared ground.", columns=tuple(h.column for h in hits))
    partial = [c.name for c in case.frame if c.kind == "string" and _mostly(case, c, _PARTIAL_NRIC)]
    if partial:
        return passed(
            f"Only partial numbers, in {', '.join(partial)}; beside other data they are still personal data.", columns=tuple(partial)
        )
    return not_found("No NRIC or FIN, full or partial, was found.")


def _mostly(case: Case, column: Column, pattern: re.Pattern[str]) -> bool:
    filled = case.filled(column).size
    return filled >= _ENOUGH and case.matching(column, None, like=f"^(?:{pattern.pattern})$").size >= 0.95 * filled


_RESEARCH = ("research", "study", "studies", "trial", "epidemiolog", "public_health", "pesquisa", "estudo", "surveillance")


def research(case: Case, clause: Clause) -> Verdict:
    """Health research works on pseudonyms where it can."""
    words = case.metadata.words("purpose")
    if not words:
        return passed("")
    if not any(r in w for w in words for r in _RESEARCH):
        return not_applicable("The declared purpose is not research.")
    hits = tuple(h for h in case.hits("@direct") if not case.is_pseudonym(h.column) and h.note != "MRN" and not _birth_year(case, h.column))
    if hits:
        return failed(f"Direct identifiers in a health study: {', '.join(h.column for h in hits)}.", *hits)
    return passed("No direct identifier was found in the study data.")


RULES: dict[str, Rule] = {
    "anonymous": anonymous,
    "unique_people": unique_people,
    "expert": expert,
    "joined": joined,
    "safe_harbor": safe_harbor,
    "safe_harbor_places": safe_harbor_places,
    "safe_harbor_dates": safe_harbor_dates,
    "safe_harbor_unique": safe_harbor_unique,
    "safe_harbor_images": safe_harbor_images,
    "code_derived": code_derived,
    "limited_set": limited_set,
    "full_nric": full_nric,
    "research": research,
}
