"""Rules on the content: minimisation, accuracy, retention, clear text, credentials, sensitive data, baselines."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ...values import percent, plural
from . import _read as read
from ._case import Case, Rows, all_rows, both, checked, header_words, positions, union, without
from ._catalogue import catalogue
from ._dates import unreadable
from ._hashes import derived, hash_columns, reverse
from ._model import Clause, Hits, Verdict, failed, not_assessed, not_found, passed, warned
from ._rules_records import access_open, looked_at
from ._rules_subjects import AGES, children, nothing_sensitive, unknown_ages

if TYPE_CHECKING:
    from ...frames import Column

Rule = Callable[[Case, Clause], Verdict]


# -- minimisation ----------------------------------------------------------------------------------------------------
def surplus(case: Case, clause: Clause) -> Verdict:
    """Columns with personal data that the purpose does not need."""
    held = _held(case, clause)
    extra: list[Hits] = []
    if case.metadata.has("required_columns"):
        needed = {str(c) for c in read.listed(case.metadata["required_columns"])}
        extra = [Hits(n, case.filled(case.frame.column(n)), "not required for the purpose") for n in held if n not in needed]
    problems = _also(case, clause)
    if extra:
        names = ", ".join(h.column for h in extra)
        return failed(
            f"{plural(len(extra), 'personal column')} not among the required ones: {names}.", *extra, facts={"surplus columns": len(extra)}
        )
    if problems:
        return failed(problems[0], facts={"problems": "; ".join(problems)})
    if not case.metadata.has("required_columns"):
        return passed("")
    odd = [c for c in held if _says_nothing(case, c)] if clause.params.get("constant") else []
    prose = [c for c in held if clause.params.get("prose") and case.frame.column(c).kind == "string" and c not in case.detected]
    if odd or prose:
        return warned(
            "Required, but "
            + (f"constant or empty: {', '.join(odd)}" if odd else f"free text with personal data: {', '.join(prose)}")
            + ".",
            columns=tuple(odd or prose),
        )
    return passed("Every personal column is among the required ones.", columns=held)


def _held(case: Case, clause: Clause) -> tuple[str, ...]:
    """The personal columns; all columns of persons where health data makes every one of them protected."""
    if clause.params.get("columns") != "health":
        return case.personal
    return tuple(c for c in case.frame.columns if case.types_in(c))


def _also(case: Case, clause: Clause) -> list[str]:
    """Other breaches that the clause names."""
    out = []
    if clause.params.get("access") and access_open(case):
        out.append(f"Access is open by default: `access_scope` is `{access_open(case)}`.")
    kept, default = case.metadata.days("retention_days"), case.metadata.days("default_retention_days")
    if clause.params.get("access") and kept and default and kept > default:
        out.append(f"Kept for {kept:g} days; the default for the purpose is {default:g}.")
    if clause.params.get("invalid"):
        bad = [h for h, share in invalid(case) if share > clause.params["invalid"]]
        out += [f"More than {percent(clause.params['invalid'])} of `{h.column}` fail their format or check digit." for h in bad]
    if clause.params.get("security") and case.metadata.has("security_measures") and read.truth(case.metadata["security_measures"]) is False:
        out.append("No security measure is declared.")
    return out


def _says_nothing(case: Case, name: str) -> bool:
    return case.rows > 1 and case.frame.column(name).text_counts.height <= 1


# -- accuracy --------------------------------------------------------------------------------------------------------
def invalid(case: Case, types: frozenset[str] | None = None) -> list[tuple[Hits, float]]:
    """Cells of personal columns that fail the rule of their type, with their share of the filled cells."""
    found: list[tuple[Hits, float]] = case.once(("invalid", types), lambda: list(_invalid(case, types)))
    return found


def _invalid(case: Case, types: frozenset[str] | None) -> Iterator[tuple[Hits, float]]:
    for name in case.personal:
        kinds = [k for k, _ in sorted(case.detected.get(name, {}).items(), key=lambda p: (-p[1], p[0]))]
        best = kinds[0] if kinds else ""
        if types is not None and best not in types:
            continue
        column = case.frame.column(name)
        rows = _impossible_births(case, column) if best == "DATE_OF_BIRTH" else _invalid_cells(case, column, best)
        filled = int(case.filled(column).size)
        if rows is not None and filled:
            yield Hits(name, rows, f"not a valid {best}"), rows.size / filled


def _invalid_cells(case: Case, column: Column, kind: str) -> Rows | None:
    if not checked(kind):
        return None
    return without(case.filled(column), case.valid(column, kind))


_OLDEST = 120


def _impossible_births(case: Case, column: Column) -> Rows:
    dates = case.dates(column)
    if column.kind in ("integer", "float") and dates.null_count() == len(dates):
        return positions(~_year(column).is_between(1850, case.as_of.year if case.as_of else 2200) & column.series.is_not_null())
    bad = unreadable(column, dates) & ~column.text.str.contains(r"^\s*[12][0-9]{3}\s*$")
    if case.as_of is not None:
        first = dt.date(case.as_of.year - _OLDEST, 1, 1)
        bad = bad | (dates > case.as_of) | (dates < first)
    return positions(bad)


def _year(column: Column) -> pl.Series:
    return column.series.cast(pl.Int64, strict=False)


def accuracy(case: Case, clause: Clause) -> Verdict:
    """Share of personal values that fail their rule; contradictions within one person."""
    wanted = None if not clause.params.get("types") else frozenset(clause.params["types"])
    limit = float(clause.params["invalid_rate_max"])
    measured = invalid(case, wanted) + (_singapore(case) if clause.params.get("singapore") else [])
    against = _contradictions(case) if wanted is None else ()
    facts = {f"invalid in {h.column}": f"{h.rows.size:,} ({percent(share)})" for h, share in measured if h.rows.size}
    wrong = [h for h, _ in measured if h.rows.size]
    over = [h for h, share in measured if share > limit]
    if over or against:
        total = int(union(h.rows for h in (*wrong, *against)).size)
        return failed(
            f"{plural(total, 'row')} with values that fail their format, check digit or date rule, or contradict each other.",
            *wrong,
            *against,
            facts=facts,
        )
    if _stale(case):
        return failed("The declared day of last verification is older than the declared period.", facts=facts)
    if wrong:
        return warned(
            f"{plural(int(union(h.rows for h in wrong).size), 'row')} with invalid values, not over {percent(limit)} of any column.",
            *wrong,
            facts=facts,
        )
    if not measured:
        return not_assessed("No personal column has a format or check-digit rule; compare with a source.", "last_verified")
    return passed(f"All values of {plural(len(measured), 'checked column')} pass their rule.", columns=tuple(h.column for h, _ in measured))


def _stale(case: Case) -> bool:
    last, period = case.metadata.date("last_verified"), case.metadata.days("verification_days")
    return bool(last and period and case.as_of and (case.as_of - last).days > period)


def _contradictions(case: Case) -> tuple[Hits, ...]:
    """Rows of one subject key that disagree on what cannot change: date of birth, national number."""
    key = case.column("subject_key")
    if key is None:
        return ()
    out = []
    for name in case.columns_of("DATE_OF_BIRTH", "@national"):
        if name == key.name or name not in case.detected:
            continue
        pair = pl.DataFrame({"k": key.text, "v": case.frame.column(name).text})
        odd = pair.select((pl.col("v").drop_nulls().n_unique().over("k") > 1) & pl.col("k").is_not_null()).to_series()
        rows = positions(odd)
        out += [Hits(name, rows, "differs within one subject")] if rows.size else []
    return tuple(out)


_SG_POSTAL, _SG_PHONE = re.compile(r"[0-9]{6}"), re.compile(r"(?:\+?65)?[3689][0-9]{7}")


def _singapore(case: Case) -> list[tuple[Hits, float]]:
    """Postal codes and phone numbers by the rules of Singapore, where the table is from there."""
    at_home = "SG" in {read.country(c) for c in read.listed(case.metadata["storage_country"])} or case.columns_of("SG_NRIC_FIN")
    if not at_home:
        return []
    out = []
    for kind, pattern in (("POSTAL_CODE", _SG_POSTAL), ("PHONE", _SG_PHONE)):
        for name in case.columns_of(kind):
            column = case.frame.column(name)
            filled = case.filled(column) if name in case.detected else np.empty(0, dtype=np.int64)
            right = case.matching(column, lambda v, p=pattern: bool(p.fullmatch(_compact(v))) or _foreign(v))  # type: ignore[misc]
            if filled.size:
                bad = without(filled, right)
                out.append((Hits(name, bad, f"not a valid {kind} of Singapore"), bad.size / filled.size))
    return out


def _compact(value: str) -> str:
    return re.sub(r"[ ()./-]", "", value).zfill(6)


def _foreign(value: str) -> bool:
    """A phone number with another country's prefix is not judged by Singapore's rule."""
    return value.strip().startswith(("+", "00")) and not value.strip().startswith(("+65", "0065"))


# -- retention -------------------------------------------------------------------------------------------------------
def retention(case: Case, clause: Clause) -> Verdict:
    """Rows older than the declared period."""
    limit, column = case.metadata.days("retention_days"), case.column("retention_date_column")
    if case.metadata.has("retention_days") and limit is None:
        return _retention_text(case)
    if limit is None or column is None or case.as_of is None:
        lost = case.lost("retention_date_column")
        return not_assessed("The column named in `retention_date_column` is not in the table.", *lost) if lost else passed("")
    dates = case.dates(column)
    said = case.metadata.text("retention_days")
    period = said if read.days(said) is not None and not said.replace(".", "").isdigit() else f"{limit:g} days"
    overdue = positions(dates < read.before(case.as_of, case.metadata["retention_days"]))
    held = case.column("legal_hold_column")
    kept = case.column("retention_exception_column")
    excused = union(
        [case.truths(held)[0] if held is not None else all_rows(case)[:0], case.filled(kept) if kept is not None else all_rows(case)[:0]]
    )
    overdue = without(overdue, excused)
    if clause.scope == "types":
        overdue = both(overdue, union(h.rows for h in case.hits(*clause.types)))
    open_ = without(positions(dates.is_null()), excused)
    facts = {"retention days": limit, "oldest in days": _age(dates, case.as_of), "rows without a date": int(dates.null_count())}
    if overdue.size:
        return failed(
            f"{plural(int(overdue.size), 'row')} older than {period} on {case.as_of}, by `{column.name}`."
            + (f" {plural(int(open_.size), 'row')} without a date that can be read could not be judged." if open_.size else ""),
            Hits(column.name, overdue, "past the period"),
            facts=facts,
        )
    if _late_review(case, clause):
        return failed("The last verification of stored data is older than three months.", facts=facts)
    return passed(
        f"No row is older than {period} on {case.as_of}, by `{column.name}`.",
        columns=(column.name,),
        facts=facts,
        unjudged=_undated(case, column, dates, open_),
    )


def _undated(case: Case, column: Column, dates: pl.Series, rows: Rows) -> tuple[Hits, ...]:
    """Rows without a date, unless a blank is declared to mean that the case is open; what cannot be read counts always."""
    odd = both(positions(unreadable(column, dates)), rows)
    blank = without(rows, odd)
    out = [Hits(column.name, odd, f"`{column.name}` holds something that is not a date")]
    if not case.metadata.truth("retention_blank_means_open"):
        note = f"`{column.name}` is blank (if that means the case is still open, declare `retention_blank_means_open: yes`)"
        out.append(Hits(column.name, blank, note))
    return tuple(out)


def _age(dates: pl.Series, day: dt.date) -> int | None:
    """The age of the oldest date; the date itself is a cell and is not shown."""
    first = dates.min()
    return (day - first).days if isinstance(first, dt.date) else None


def _retention_text(case: Case) -> Verdict:
    return not_assessed("`retention_days` is not a period such as 730 or `2 years`.", "retention_days")


def _late_review(case: Case, clause: Clause) -> bool:
    last = case.metadata.date("retention_verified_on")
    return bool(last and case.as_of and "verify_days" in clause.params and (case.as_of - last).days > clause.params["verify_days"])


# -- clear text ------------------------------------------------------------------------------------------------------
def clear_identifiers(case: Case, clause: Clause) -> Verdict:
    """Direct identifiers and sensitive values that can be read, and hashes that can be undone."""
    read_ = case.hits(*clause.types)
    hits, tokens = (tuple(h for h in read_ if case.is_pseudonym(h.column) == said) for said in (False, True))
    weak = _weak_hashes(case) if clause.params.get("hashes") else ()
    if weak:
        facts = {h.column: h.note for h in weak}
        return failed(f"{plural(len(weak), 'hash column')} can be undone: {'; '.join(h.note for h in weak)}.", *weak, *hits, facts=facts)
    if hits and clause.params.get("beside"):
        names = {h.column for h in hits}
        if names >= set(case.frame.columns):
            said = f"{_named(hits)} identify people and stand alone: no other attribute is kept beside them."
            return passed(said, columns=tuple(h.column for h in hits))
    if hits:
        total = int(union(h.rows for h in hits).size)
        said = f"{_named(hits)} can be read in clear in {total:,} of {plural(case.rows, 'row')} without being declared to hold tokens."
        return failed(said, *hits, facts={"identifiers in clear": len(hits)})
    if tokens:
        said = (
            f"{_named(tokens)} is declared to hold tokens, yet what stands there reads like {', '.join(sorted({h.note for h in tokens}))}"
        )
        return warned(f"{said}: a person has to confirm that these are tokens of the same form.", *tokens)
    if not case.personal and not hash_columns(case) and clause.scope != "personal":
        return not_found("No personal data was found.")
    return passed(f"{looked_at(case)}: no identifier, credential or sensitive value can be read.", columns=case.personal, scanned=True)


def _named(hits: Sequence[Hits]) -> str:
    return ", ".join(f"`{h.column}`" for h in hits)


def _weak_hashes(case: Case) -> tuple[Hits, ...]:
    out = []
    for name in hash_columns(case):
        rows = case.filled(case.frame.column(name))
        source = derived(case, name)
        if source is not None:
            out.append(Hits(name, rows, f"`{name}` is the plain {source.algorithm} of `{source.source}`"))
            continue
        undone = reverse(case, name)
        if undone is not None:
            out.append(Hits(name, rows, f"`{name}` is a plain {undone.algorithm} of {undone.space} ({undone.how})"))
    return tuple(out)


def credentials(case: Case, clause: Clause) -> Verdict:
    """Passwords, keys and tokens in any cell."""
    hits = case.hits(*clause.types)
    if hits:
        total = int(union(h.rows for h in hits).size)
        return failed(f"{plural(total, 'row')} with credentials in {', '.join(h.column for h in hits)}.", *hits)
    return passed(f"{looked_at(case)}: no password, key or token was found.", scanned=True)


# -- breach ----------------------------------------------------------------------------------------------------------
def breach_inputs(case: Case, clause: Clause) -> Verdict:
    """The counts that a breach notice needs."""
    key = case.column("subject_key")
    people = key.text_counts.height if key is not None else case.rows
    kinds = sorted({t for c in case.personal for t in case.types_in(c)})
    facts = {"subjects": people, "records": case.rows, "categories": ", ".join(kinds)}
    scale = clause.params.get("significant_scale")
    prescribed = bool(scale) and _prescribed(case, clause)
    if scale and (people >= scale or prescribed):
        why = f"{people:,} individuals" + (", with prescribed data" if prescribed else "")
        return warned(f"A breach of this table would be notifiable: {why}.", columns=case.personal, facts=facts)
    if scale:
        return passed(f"Below significant scale ({people:,} individuals) and no prescribed data found.", columns=case.personal, facts=facts)
    if key is None:
        return warned(
            f"A notice of breach would name {people:,} records; people are counted as rows, as no `subject_key` is declared.",
            columns=case.personal,
            facts=facts,
            missing=("subject_key",),
        )
    return passed(
        f"A notice of breach would name {people:,} people and {case.rows:,} records of these categories: {', '.join(kinds).lower()}.",
        columns=case.personal,
        facts=facts,
    )


_CODES = ("CVV", "CARD_PIN", "PASSWORD")
_ACCOUNTS = ("CREDIT_CARD", "BANK_ACCOUNT", "IBAN")


def _prescribed(case: Case, clause: Clause) -> bool:
    """Whether data is here of which a breach harms: who somebody is beside what is listed, or an account beside what opens it."""
    who = case.columns_of("PERSON_NAME", "@national")
    listed = case.columns_of(*clause.types, "@credentials", "BANK_ACCOUNT", "IBAN", "SALARY")
    return bool(who and listed) or bool(_log_ins(case)) or any(_pairs(case.hits(*_ACCOUNTS), case.hits(*_CODES)))


def _log_ins(case: Case) -> list[tuple[str, str, Rows]]:
    """Account names beside a password or the answer to a security question, in clear."""
    coded = {*hash_columns(case), *map(str, read.listed(case.metadata["pseudonymised_columns"]))}
    answers = [Hits(c.name, case.filled(c)) for c in case.frame if _security_answer(c.name) and c.name not in coded]
    return list(_pairs(case.hits("EMAIL", "USERNAME"), [*case.hits("PASSWORD"), *answers]))


_ANSWER = read.bag("answer answers ans antwort respuesta resposta reponse réponse risposta")
_SECURITY = read.bag("security secret recovery challenge kba sicherheit seguridad secreta seguranca segurança securite sécurité segreta")


def _security_answer(name: str) -> bool:
    """Whether a column is called like the answer to a security question."""
    words = header_words(name)
    return bool(words & _ANSWER and words & _SECURITY) or ("maiden" in words and bool(words & {"mother", "mothers"}))


def breach_elements(case: Case, clause: Clause) -> Verdict:
    """A name beside one of the elements that make a breach costly; or a log-in beside its password."""
    names = case.hits("PERSON_NAME")
    accounts, codes = case.hits(*_ACCOUNTS), case.hits(*_CODES)
    elements = [h for h in case.hits(*clause.params["elements"]) if h.column not in {n.column for n in names}]
    pairs = list(_pairs(names, elements))
    if codes:
        pairs += list(_pairs(names, [h for h in accounts if h.column not in {c.column for c in codes}]))
    pairs += _log_ins(case)
    rows = union(r for _, _, r in pairs)
    if rows.size:
        shown = ", ".join(sorted({f"{a} + {b}" for a, b, _ in pairs})[:6])
        return failed(
            f"{plural(int(rows.size), 'row')} with a combination in clear: {shown}.",
            *[Hits(b, r, f"beside {a}") for a, b, r in pairs],
            facts={"combinations": shown},
        )
    if list(_pairs(names, accounts)):
        return warned(
            "Names stand beside account or card numbers, without a code that gives access.", columns=tuple(h.column for h in accounts)
        )
    return passed(f"{looked_at(case)}: no name stands beside a listed element in clear.", scanned=True)


def _pairs(left: Any, right: Any) -> Iterator[tuple[str, str, Rows]]:
    for a in left:
        for b in right:
            together = both(a.rows, b.rows)
            if together.size:
                yield a.column, b.column, together


# -- sensitive data and categories ---------------------------------------------------------------------------------------
def sensitive(case: Case, clause: Clause) -> Verdict:
    """Sensitive personal information is here and has to be known as such; of children everything is."""
    hits, young = _sensitive_hits(case, clause)
    if not hits and not young:
        return nothing_sensitive(case)
    said = [f"{plural(len(hits), 'column')} of sensitive personal information: {', '.join(h.column for h in hits)}"] if hits else []
    said += [f"{plural(int(h.rows.size), 'row')} of people {h.note}" for h in young]
    if set(case.metadata.words("classification")) & {"sensitive", "restricted", "confidential", "spi", "highly_confidential", "secret"}:
        return passed(f"In a table classified as sensitive: {'; '.join(said)}.", columns=tuple(h.column for h in (*hits, *young)))
    return warned(f"{'; '.join(said)}. Classify them and honour requests to limit their use.", *hits, *young)


def _sensitive_hits(case: Case, clause: Clause) -> tuple[tuple[Hits, ...], tuple[Hits, ...]]:
    """Cells of sensitive personal information, a card only beside what opens it; and the rows of people known to be children."""
    hits = case.hits(*(t for t in clause.types if t not in AGES))
    cards = () if case.hits("CVV", "CARD_PIN", "PASSWORD") else case.columns_of("CREDIT_CARD", "CVV")
    kept = tuple(h for h in hits if h.column not in cards and not _coarse(case, h.column, clause))
    return kept, children(case, clause.params["children_below"])


def _coarse(case: Case, name: str, clause: Clause) -> bool:
    """Coordinates in degrees of so few decimals that they name no place of a person."""
    if case.types_in(name) != {"GEO"}:
        return False
    places = int(clause.params.get("geo_decimals_max", 2))
    fine = rf"\.[0-9]{{{places + 1}}}|[0-9]{{4}}"  # so large a number is one of metres
    return not case.matching(case.frame.column(name), None, like=fine).size


def categories(case: Case, clause: Clause) -> Verdict:
    """Categories found, against those declared."""
    table: Mapping[str, Any] = clause.params["categories"]
    columns = {letter: _of_category(case, entry) for letter, entry in table.items()}
    found = {letter for letter, names in columns.items() if names}
    said = case.metadata.words("declared_categories")
    known = {
        letter
        for letter, entry in table.items()
        if letter.casefold() in said or any(read.word(n) in s for n in entry["names"] for s in said)
    }
    lacking = sorted(found - known)
    if not case.metadata.has("declared_categories"):
        return passed("")
    if lacking:
        names = ", ".join(f"{x} ({table[x]['names'][0]})" for x in lacking)
        return failed(
            f"Categories in the data that the inventory does not name: {names}.",
            columns=tuple(c for c in case.frame.columns if any(c in columns[x] for x in lacking)),
            count=len(lacking),
            unit="categories",
        )
    if unknown_ages(case) and any("found_by" in table[x] for x in table.keys() - known):
        return not_assessed("Whether anybody is under 16, so that all about them is sensitive, cannot be told without `as_of`.", "as_of")
    return passed(f"All {plural(len(found), 'category', 'categories')} found are declared.")


def _of_category(case: Case, entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns of a category: by their types, or by what another clause looks for (sensitive is what it says is sensitive)."""
    if "found_by" not in entry:
        return case.columns_of(*entry["types"])
    clause = next(c for c in catalogue().clauses if c.id == entry["found_by"])
    return tuple(h.column for hits in _sensitive_hits(case, clause) for h in hits)


# -- baselines -------------------------------------------------------------------------------------------------------
def baseline(case: Case, clause: Clause) -> Verdict:
    """The content against its registered hash; the retention of its records."""
    said, least = case.metadata["baseline_hash"], clause.params.get("days")
    kept = case.metadata.days("audit_record_retention_days")
    if least and kept is not None and kept < least:
        return failed(f"Audit records are kept for {kept:g} days; the clause asks for {least:g}.")
    if said is None:
        return passed("")
    wrong = _differing(case, said)
    if wrong is None:
        return not_assessed(
            "The baseline is neither this tool's fingerprint nor a SHA-256 of the table: register one of them.",
            "baseline_hash",
            facts=hashes(case),
        )
    if wrong and not case.metadata.has("change_record"):
        return failed(
            f"The content differs from the registered baseline ({', '.join(wrong)}) and no change record is declared.",
            columns=tuple(w for w in wrong if w in case.frame),
            facts=hashes(case),
        )
    if wrong:
        return warned(
            "The content differs from the baseline; a change record is declared and has to be judged by a person.", facts=hashes(case)
        )
    return passed("The content equals the registered baseline.", facts=hashes(case))


def hashes(case: Case) -> dict[str, str]:
    """The hashes of the table as it is now."""
    return {"fingerprint": case.frame.fingerprint, "sha256": content_sha256(case)}


def content_sha256(case: Case) -> str:
    """SHA-256 over names and cells as text, column by column; equal for equal tables in any library."""
    return str(case.once("sha256", lambda: sha256_of(case.frame)))


def sha256_of(frame: Any) -> str:
    """SHA-256 over the names and the text of all cells."""
    digest = hashlib.sha256(b"edgp-table-1")
    for column in frame:
        digest.update(f"\x1e{column.name}\x1f{column.kind}\x1f".encode("utf-8", "surrogatepass"))
        digest.update(column_sha256(column).encode())
    return digest.hexdigest()


def column_sha256(column: Column) -> str:
    """SHA-256 over the text of a column's cells; null and blank differ."""
    digest = hashlib.sha256()
    text = column.text
    for start in range(0, len(text), 50_000):
        part = text.slice(start, 50_000)
        lengths = part.str.len_bytes().fill_null(2**32 - 1).cast(pl.Int64)
        digest.update(lengths.to_numpy().tobytes())
        digest.update("".join(part.fill_null("")).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _differing(case: Case, said: Any) -> list[str] | None:
    """What differs: ``table``, or columns; None when the baseline is of a kind that is not known."""
    if isinstance(said, Mapping):
        return [
            str(n) for n, h in said.items() if (c := case.named(n)) is None or _plain(h) not in (column_sha256(c), case.frame.fingerprint)
        ]
    text = _plain(said)
    if not re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{64}", text):
        return None
    return [] if text in (case.frame.fingerprint, content_sha256(case)) else ["table"]


def _plain(value: Any) -> str:
    return str(value).strip().casefold().removeprefix("sha256:").removeprefix("xxh3:")


RULES: dict[str, Rule] = {
    "surplus": surplus,
    "accuracy": accuracy,
    "retention": retention,
    "clear_identifiers": clear_identifiers,
    "credentials": credentials,
    "breach_inputs": breach_inputs,
    "breach_elements": breach_elements,
    "sensitive": sensitive,
    "categories": categories,
    "baseline": baseline,
}
