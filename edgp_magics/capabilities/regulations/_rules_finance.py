"""Rules on financial records (SOX) and risk data (BCBS 239)."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ...values import percent, plural
from . import _read as read
from ._case import NO_ROWS, Case, Rows, both, header_words, number, positions, union, without
from ._dates import unreadable
from ._model import Clause, Hits, Verdict, failed, not_assessed, passed, warned

if TYPE_CHECKING:
    from ...frames import Column

Rule = Callable[[Case, Clause], Verdict]


def amounts(column: Column) -> pl.Series:
    """The column as numbers; text with separators, currency signs, and brackets or a trailing sign for minus is read, too."""
    if column.kind in ("integer", "float", "decimal"):
        return column.series.cast(pl.Float64)
    text = column.text.str.replace_all(r"[\s$€£'’]", "").str.replace(r"^\((.*)\)$", "-$1").str.replace(r"^([^-].*)-$", "-$1")
    if _decimal_comma(column.text_counts["value"]):
        text = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return text.str.replace_all(",", "", literal=True).cast(pl.Float64, strict=False)


def _decimal_comma(texts: pl.Series) -> bool:
    """Whether the comma is what parts decimals, by the figures that leave no doubt: ``1.234,56`` and ``0,5``, not ``1,234``."""
    by_comma = texts.str.contains(r",[0-9]{1,2}[^0-9.,]*$|\.[0-9]{3},").sum()
    by_point = texts.str.contains(r"\.[0-9]{1,2}[^0-9.,]*$|,[0-9]{3}\.").sum()
    return number(by_comma) > number(by_point)


def _entries(case: Case, rows: Rows) -> tuple[int, str]:
    """Rows as entries: journals where a journal key is declared, else rows."""
    key = case.column("journal_key")
    if key is None or not rows.size:
        return int(rows.size), "rows"
    names = key.text.gather(rows)
    return int(names.drop_nulls().n_unique()) + int(names.null_count()), "journal entries"


# -- completeness ------------------------------------------------------------------------------------------------------
def completeness(case: Case, clause: Clause) -> Verdict:
    """Gaps in document numbers, missing periods, totals that differ from the source."""
    lost = case.lost("sequence_column", "period_column")
    gaps, gap_text = _gaps(case)
    periods = _missing_periods(case)
    totals = differences(case, case.metadata.mapping("control_totals"), 0.005)
    said = [gap_text] if gaps else []
    said += [f"{plural(len(periods), 'period')} missing ({', '.join(periods[:4])})"] if periods else []
    said += [f"{n} differs from its control total by {d:,.2f}" for n, d in totals if d]
    if said:
        return failed(
            "; ".join(said) + ".",
            count=gaps + len(periods) + sum(bool(d) for _, d in totals),
            unit="missing numbers" if gaps and not periods else "differences",
        )
    unknown = [n for n, d in totals if d is None]
    if lost or unknown:
        return not_assessed(f"`{(lost or unknown)[0]}` names no column of the table.", *lost)
    tested = [
        f for f, there in (("sequence_column", True), ("period_column", True), ("control_totals", totals)) if case.metadata.has(f) and there
    ]
    if not tested:
        return not_assessed("`control_totals` names no total: write the figure of the source by column.", "control_totals")
    said_ = f"No number, period or total is missing or different, by {', '.join(f'`{t}`' for t in tested)}."
    return passed(said_, unjudged=_unnumbered(case))


def _gaps(case: Case) -> tuple[int, str]:
    column = case.column("sequence_column")
    if column is None:
        return 0, ""
    parsed = _numbered(column)
    series: dict[str, set[int]] = {}
    for raw in parsed.drop_nulls().to_list():
        if raw["2"] is not None:
            series.setdefault(raw["1"], set()).add(int(raw["2"]))
    start, end = read.days(case.metadata["sequence_start"]), read.days(case.metadata["sequence_end"])
    missing = 0
    sample: list[str] = []
    for prefix, numbers in sorted(series.items()):
        first = int(start) if start is not None and len(series) == 1 else min(numbers)
        last = int(end) if end is not None and len(series) == 1 else max(numbers)
        lacking = last - first + 1 - sum(first <= n <= last for n in numbers)
        missing += lacking
        if lacking and len(sample) < 5:
            sample += [f"{prefix if not prefix else '…'}{n}" for n in _first_missing(numbers, first, last, 5 - len(sample))]
    return missing, f"{plural(missing, 'document number')} missing ({', '.join(sample)}{', …' if missing > len(sample) else ''})"


def _numbered(column: Column) -> pl.Series:
    """What stands before the number of a document, and the number; null where there is none."""
    return column.text.str.strip_chars().str.replace(r"\.0$", "").str.extract_groups(r"^(.*?)([0-9]+)$")


def _unnumbered(case: Case) -> tuple[Hits, ...]:
    """Rows whose document number or period cannot be read, so that nothing is known of what they are missing."""
    out = []
    column = case.column("sequence_column")
    if column is not None:
        rows = positions(_numbered(column).struct.field("2").is_null())
        out.append(Hits(column.name, rows, f"`{column.name}` is blank or ends in no number"))
    booked = case.column("period_column")
    if booked is not None:
        known = [v for v in booked.text_counts["value"].to_list() if period(v)]
        rows = without(np.arange(case.rows), case.where(booked, pl.Series(known, dtype=pl.String)))
        out.append(Hits(booked.name, rows, f"`{booked.name}` is blank or not a period such as 2025-06"))
    return tuple(out)


def _first_missing(numbers: set[int], first: int, last: int, limit: int) -> list[int]:
    out: list[int] = []
    n = first
    while n <= last and len(out) < limit:
        if n not in numbers:
            out.append(n)
        n += 1
    return out


def _missing_periods(case: Case) -> list[str]:
    """Months (quarters, years) between the first and the last, or of those declared, that no row is booked in."""
    column = case.column("period_column")
    if column is None:
        return []
    spans = [_span(s) for v in column.text_counts["value"].to_list() if (s := period(v))]
    declared = [_span(s) for v in read.listed(case.metadata["periods"]) if (s := period(str(v)))]
    if not spans and not declared:
        return []
    unit = min(months for months, _ in declared or spans)
    booked = {place for months, place in spans if months == unit}
    wanted = {place for months, place in declared if months == unit} or set(range(min(booked), max(booked) + 1))
    return [_span_name(unit, place) for place in sorted(wanted - booked)]


def _span(span: tuple[dt.date, dt.date]) -> tuple[int, int]:
    """How many months a period has, and which of all periods of that length it is."""
    first, last = span
    months = last.month - first.month + 1
    return months, (first.year * 12 + first.month - 1) // months


def _span_name(months: int, place: int) -> str:
    """A period as it is written.

    >>> _span_name(1, 24300), _span_name(3, 8100), _span_name(12, 2025)
    ('2025-01', '2025Q1', '2025')
    """
    year, month = divmod(place * months, 12)
    return f"{year}" if months == 12 else f"{year}Q{month // 3 + 1}" if months == 3 else f"{year}-{month + 1:02d}"


_MONTHS = {name.casefold(): i for names in (calendar.month_name, calendar.month_abbr) for i, name in enumerate(names) if name}


def period(value: str) -> tuple[dt.date, dt.date] | None:
    """First and last day of a booking period: ``2025-06``, ``202506``, ``2025Q2``, ``2025``, ``Jun 2025``.

    >>> period("2025Q2")
    (datetime.date(2025, 4, 1), datetime.date(2025, 6, 30))
    """
    text = value.strip().casefold().removesuffix(".0")
    for pattern, make in _PERIODS:
        found = re.fullmatch(pattern, text)
        if found:
            year, first, last = make(found)
            if 1 <= first <= last <= 12 and 1900 <= year <= 2200:
                return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])
    return None


def _quarter(found: re.Match[str], year: int, quarter: int) -> tuple[int, int, int]:
    number = int(found[quarter])
    return int(found[year]), number * 3 - 2, number * 3


_PERIODS: tuple[tuple[str, Callable[[re.Match[str]], tuple[int, int, int]]], ...] = (
    (r"([0-9]{4})[-/._ ]?(?:m|p)?([0-9]{2})(?:-[0-9]{2})?", lambda m: (int(m[1]), int(m[2]), int(m[2]))),
    (r"([0-9]{2})[-/.]([0-9]{4})", lambda m: (int(m[2]), int(m[1]), int(m[1]))),
    (r"([0-9]{4})[-/ ]?q([1-4])", lambda m: _quarter(m, 1, 2)),
    (r"q([1-4])[-/ ]?([0-9]{4})", lambda m: _quarter(m, 2, 1)),
    (r"(?:fy|cy)?([0-9]{4})", lambda m: (int(m[1]), 1, 12)),
    (r"([a-z]{3,9})\.?[-/ ]?([0-9]{4})", lambda m: (int(m[2]), _MONTHS.get(m[1], 0), _MONTHS.get(m[1], 0))),
)


def differences(case: Case, totals: Mapping[str, Any], tolerance: float) -> list[tuple[str, float | None]]:
    """For every declared total its difference to the table: 0 when equal, None when there is no such column.

    A name is a column (its sum), ``row_count``, or ``column by other`` with a mapping of its groups.
    """
    out: list[tuple[str, float | None]] = []
    for name, value in totals.items():
        column = case.named(name)
        wanted = read.days(value) if not isinstance(value, (int, float)) else float(value)
        if str(name).casefold() in ("row_count", "rows", "count", "records") and column is None:
            out.append((str(name), None if wanted is None else float(case.rows) - wanted))
        elif column is None or wanted is None:
            out.append((str(name), None))
        else:
            gap = float(amounts(column).sum() or 0) - wanted
            out.append((str(name), 0.0 if abs(gap) <= tolerance + abs(wanted) * 1e-12 else gap))
    return out


def totals(case: Case, clause: Clause) -> Verdict:
    """Declared totals against the sums of the table."""
    field = clause.params["field"]
    tolerance = (
        float(case.metadata["total_tolerance"])
        if isinstance(case.metadata["total_tolerance"], (int, float))
        else float(clause.params["tolerance"])
    )
    found = differences(case, case.metadata.mapping(field), tolerance)
    off = [(n, d) for n, d in found if d]
    facts = {f"difference in {n}": round(d, 4) for n, d in off if d is not None}
    if off:
        return failed(
            f"{plural(len(off), 'total')} differ from the table: {', '.join(f'{n} by {d:,.2f}' for n, d in off)}.",
            columns=tuple(n for n, _ in off if n in case.frame),
            count=len(off),
            unit="totals",
            facts=facts,
        )
    bare = _undocumented_adjustments(case)
    if bare is not None and bare.rows.size:
        return failed(f"{plural(int(bare.rows.size), 'manual adjustment')} without a reason.", bare)
    if any(d is None for _, d in found) or (case.metadata.has(field) and not found):
        return not_assessed(f"`{field}` names columns that are not in the table.", field)
    return passed(f"{plural(len(found), 'declared total')} agree with the table.")


def _undocumented_adjustments(case: Case) -> Hits | None:
    flag, reason = case.column("adjustment_column"), case.column("adjustment_reason_column")
    if flag is None:
        return None
    rows = case.truths(flag)[0]
    return Hits(flag.name, without(rows, case.filled(reason)) if reason is not None else rows, "no reason")


# -- accuracy, occurrence, cut-off ---------------------------------------------------------------------------------------
def _by_words(case: Case, *words: str) -> Column | None:
    """The one column whose name has one of these words."""
    found = [c for c in case.frame if header_words(c.name) & set(words)]
    return found[0] if len(found) == 1 else None


def balance(case: Case, clause: Clause) -> Verdict:
    """Debits equal credits in every journal; signs and calculated columns are right."""
    key = case.column("journal_key") or _by_words(case, "journal", "je", "voucher")
    debit = case.column("debit_column") or _by_words(case, "debit", "dr", "soll")
    credit = case.column("credit_column") or _by_words(case, "credit", "cr", "haben")
    wrong = _calculated(case)
    if key is None or debit is None or credit is None:
        if wrong:
            return failed("Calculated columns differ from their parts.", *wrong)
        return not_assessed(
            "Journals, debits and credits are not declared and not found by name.",
            *case.metadata.missing(("journal_key", "debit_column", "credit_column")),
        )
    left, right = amounts(debit), amounts(credit)
    data = pl.DataFrame({"k": key.text, "d": left.fill_null(0), "c": right.fill_null(0)})
    gap = data.select((pl.col("d").sum().over("k") - pl.col("c").sum().over("k")).abs()).to_series()
    tolerance = float(clause.params["tolerance"])
    unbalanced = positions(gap > tolerance + 1e-9)
    negative = union((positions(left < 0), positions(right < 0)))
    hits = [
        Hits(debit.name, unbalanced, "journal does not balance"),
        Hits(debit.name, without(negative, unbalanced), "negative amount"),
        *wrong,
    ]
    found = [h for h in hits if h.rows.size]
    if found:
        rows = union(h.rows for h in found)
        count, unit = _entries_by(key, rows)
        off = key.text.gather(unbalanced).n_unique() if unbalanced.size else 0
        return failed(
            f"Debits and credits differ in {plural(off, 'journal')}." if off else "Amounts with the wrong sign or wrongly calculated.",
            *found,
            count=count,
            unit=unit,
            facts={"largest difference": round(number(gap.max()), 2)},
        )
    unread = positions((left.is_null() & debit.series.is_not_null()) | (right.is_null() & credit.series.is_not_null()))
    if unread.size:
        return warned(f"{plural(int(unread.size), 'amount')} cannot be read as numbers.", Hits(debit.name, unread))
    return passed(f"All {plural(key.text_counts.height, 'journal')} balance within {tolerance:g}.", columns=(debit.name, credit.name))


def _entries_by(key: Column, rows: Rows) -> tuple[int, str]:
    names = key.text.gather(rows)
    return int(names.drop_nulls().n_unique()) + int(names.null_count()), "journal entries"


_FORMULA = re.compile(r"\s*([^*+-]+?)\s*([*+-])\s*([^*+-]+?)\s*")


def _calculated(case: Case) -> list[Hits]:
    """Declared calculated columns (``total: quantity * price``) that differ from their parts."""
    out = []
    for name, formula in case.metadata.mapping("calculated_columns").items():
        found = _FORMULA.fullmatch(str(formula))
        columns = [case.named(n) for n in (name, *(found[1], found[3]))] if found else [None]
        if found is None or any(c is None for c in columns):
            continue
        total, a, b = (amounts(c) for c in columns if c is not None)
        made = a * b if found[2] == "*" else a + b if found[2] == "+" else a - b
        rows = positions(((made - total).abs() > 0.01).fill_null(False))
        out += [Hits(str(name), rows, f"differs from {formula}")] if rows.size else []
    return out


def occurrence(case: Case, clause: Clause) -> Verdict:
    """No posting without a document, none twice."""
    document = case.column("document_ref_column")
    lost = case.lost("document_ref_column")
    hits = []
    if document is not None:
        hits.append(Hits(document.name, without(np.arange(case.rows), case.filled(document)), "no document reference"))
    twice = _duplicates(case, document)
    hits += [twice] if twice is not None else []
    found = [h for h in hits if h.rows.size]
    if found:
        return failed("; ".join(f"{plural(int(h.rows.size), 'row')} of `{h.column}`: {h.note}" for h in found) + ".", *found)
    if lost:
        return not_assessed("The declared column of document references is not in the table.", *lost)
    return passed("Every row has a document reference and none is a duplicate.")


def _duplicates(case: Case, document: Column | None) -> Hits | None:
    """Rows of one vendor and amount within the window of days, or of one vendor and document number."""
    vendor = case.column("vendor_column") or _by_words(case, "vendor", "supplier", "payee", "creditor")
    amount = case.column("amount_column") or _by_words(case, "amount", "total", "betrag")
    date = case.column("transaction_date_column") or case.column("effective_date_column") or _by_words(case, "date")
    if amount is None or (vendor is None and document is None):
        return None
    who = vendor.text.str.strip_chars().str.to_lowercase() if vendor is not None else pl.Series([""] * case.rows, dtype=pl.String)
    data = {"v": who, "a": amounts(amount).round(2), "row": pl.Series(np.arange(case.rows))}
    frame = pl.DataFrame(data)
    rows = NO_ROWS
    if date is not None and vendor is not None:
        window = int(case.metadata["duplicate_window_days"]) if isinstance(case.metadata["duplicate_window_days"], int) else 0
        frame = frame.with_columns(case.dates(date).alias("t")).drop_nulls().sort("v", "a", "t", "row")
        near = (pl.col("t") - pl.col("t").shift(1).over("v", "a")).dt.total_days() <= window
        after = (pl.col("t").shift(-1).over("v", "a") - pl.col("t")).dt.total_days() <= window
        rows = frame.filter(near.fill_null(False) | after.fill_null(False))["row"].to_numpy()
    if document is not None:
        number = document.text.str.to_lowercase().str.replace_all(r"[^0-9a-z]", "").str.replace(r"^0+", "")
        same = (
            pl.DataFrame({"v": data["v"], "n": number, "a": data["a"], "row": data["row"]})
            .drop_nulls()
            .filter(pl.len().over("v", "n", "a") > 1)
        )
        rows = union((np.asarray(rows, dtype=np.int64), same["row"].to_numpy()))
    return Hits(amount.name, np.unique(rows).astype(np.int64), "same vendor and amount")


def cutoff(case: Case, clause: Clause) -> Verdict:
    """The effective date lies in the period the row is booked in."""
    date, booked = case.column("effective_date_column"), case.column("period_column")
    if date is None or booked is None:
        lost = case.lost("effective_date_column", "period_column")
        return not_assessed(f"The column named in `{lost[0]}` is not in the table.", *lost) if lost else passed("")
    dates = case.dates(date)
    spans = {v: s for v in booked.text_counts["value"].to_list() if (s := period(v))}
    first = booked.text.replace_strict({v: s[0] for v, s in spans.items()}, default=None, return_dtype=pl.Date)
    last = booked.text.replace_strict({v: s[1] for v, s in spans.items()}, default=None, return_dtype=pl.Date)
    outside = positions((dates < first) | (dates > last))
    if outside.size:
        count, unit = _entries(case, outside)
        said = plural(count, "row" if unit == "rows" else "journal entry", unit)
        return failed(
            f"{said} whose effective date is outside the period they are booked in.",
            Hits(date.name, outside, "outside its period"),
            count=count,
            unit=unit,
        )
    odd = (
        Hits(date.name, positions(dates.is_null()), f"`{date.name}` is blank or not a date"),
        Hits(booked.name, positions(first.is_null()), f"`{booked.name}` is blank or not a period such as 2025-06"),
    )
    return passed(
        f"Every `{date.name}` that can be read lies in the period of `{booked.name}`.", columns=(date.name, booked.name), unjudged=odd
    )


def duties(case: Case, clause: Clause) -> Verdict:
    """Nobody prepares and approves the same entry."""
    preparer, approver = case.column("preparer_column"), case.column("approver_column")
    if preparer is None or approver is None:
        lost = case.lost("preparer_column", "approver_column")
        return not_assessed(f"The column named in `{lost[0]}` is not in the table.", *lost) if lost else passed("")
    one, two = (c.text.str.strip_chars().str.to_lowercase() for c in (preparer, approver))
    same = positions((one == two) & (one.str.len_chars() > 0))
    if same.size:
        count, unit = _entries(case, same)
        return failed(
            f"{plural(count, 'row' if unit == 'rows' else 'journal entry', unit)} prepared and approved by one user.",
            Hits(approver.name, same, "same user"),
            count=count,
            unit=unit,
        )
    blank = without(case.filled(preparer), case.filled(approver))
    if blank.size:
        return warned(f"{plural(int(blank.size), 'row')} without an approver.", Hits(approver.name, blank))
    unknown = Hits(preparer.name, without(np.arange(case.rows), case.filled(preparer)), f"`{preparer.name}` is blank")
    return passed("No entry was prepared and approved by one user.", columns=(preparer.name, approver.name), unjudged=(unknown,))


def approval_limits(case: Case, clause: Clause) -> Verdict:
    """Nobody approves more than the declared limit."""
    amount, approver, limits = case.column("amount_column"), case.column("approver_column"), case.metadata.mapping("approval_limits")
    if amount is None or approver is None or not limits:
        return passed("")
    known = {str(k).strip().casefold(): figure for k, v in limits.items() if (figure := read.days(v)) is not None}
    who = approver.text.str.strip_chars().str.to_lowercase()
    limit = who.replace_strict(known, default=known.get("default"), return_dtype=pl.Float64)
    value = amounts(amount).abs()
    over = positions(value > limit)
    if over.size:
        count, unit = _entries(case, over)
        said = plural(count, "row" if unit == "rows" else "journal entry", unit)
        return failed(f"{said} approved above the approver's limit.", Hits(amount.name, over, "above the limit"), count=count, unit=unit)
    unknown = (
        Hits(amount.name, positions(value.is_null()), f"`{amount.name}` is blank or not a number"),
        Hits(approver.name, positions(limit.is_null() | who.is_null()), f"no limit is declared for the name in `{approver.name}`"),
    )
    return passed("No amount is above the limit of who approved it.", columns=(amount.name, approver.name), unjudged=unknown)


def changes(case: Case, clause: Clause) -> Verdict:
    """No change after close, none without a ticket."""
    changed, ticket = case.column("changed_at_column"), case.column("change_ticket_column")
    lost = case.lost("changed_at_column", "change_ticket_column")
    if changed is None:
        return not_assessed(f"The column named in `{lost[0]}` is not in the table.", *lost) if lost else passed("")
    dates, close = case.dates(changed), case.metadata.date("period_close_date")
    hits = [Hits(changed.name, positions(dates > close), "after the close")] if close else []
    if ticket is not None:
        hits.append(Hits(ticket.name, without(positions(dates.is_not_null()), case.filled(ticket)), "no ticket"))
    found = [h for h in hits if h.rows.size]
    if found:
        return failed(f"{plural(int(union(h.rows for h in found).size), 'row')} changed after the close or without a ticket.", *found)
    if lost:
        return not_assessed(f"The column named in `{lost[0]}` is not in the table.", *lost)
    odd = _unusual(case, changed)
    if odd.size:
        return warned(
            f"{plural(int(odd.size), 'manual entry', 'manual entries')} at unusual times or of round amounts.", Hits(changed.name, odd)
        )
    unread = Hits(changed.name, positions(unreadable(changed, dates)), f"`{changed.name}` holds something that is not a date")
    said = f"{plural(int(dates.is_not_null().sum()), 'change')} by `{changed.name}`: none after the close and none without a ticket."
    return passed(said, columns=(changed.name,), unjudged=(unread,))


def _unusual(case: Case, changed: Column) -> Rows:
    manual = case.column("manual_column")
    if manual is None:
        return NO_ROWS
    rows = case.truths(manual)[0]
    amount = case.column("amount_column")
    dates = case.dates(changed)
    odd = [positions(dates.dt.weekday() > 5)]
    if changed.kind == "datetime":
        odd.append(positions(~changed.series.dt.hour().is_between(6, 21)))
    if amount is not None:
        values = amounts(amount)
        odd.append(positions((values != 0) & (values % 1000 == 0)))
    return both(rows, union(odd))


def freshness(case: Case, clause: Clause) -> Verdict:
    """The newest row is not older than the declared hours."""
    column, hours = case.column("updated_at_column"), case.metadata["freshness_sla_hours"]
    limit = read.hours(hours) if hours is not None else None
    stamp = read.moment(case.metadata["as_of"]) or (read.moment(case.as_of) if case.as_of else None)
    if column is None and not case.metadata.has("updated_at_column") and not case.metadata.has("updated_at"):
        column = _stamp_column(case)
    ahead = positions(case.dates(column) > stamp.date()) if column is not None and stamp is not None else NO_ROWS
    newest = _newest(case, column, stamp) or read.moment(case.metadata["updated_at"])
    if limit is None or stamp is None or newest is None:
        lost = case.lost("updated_at_column")
        if lost:
            return not_assessed("The column named in `updated_at_column` is not in the table.", *lost)
        unknown = () if newest is not None else ("updated_at_column",)
        return not_assessed("The age of the newest data is not known.", *unknown) if unknown and limit is not None else passed("")
    lag = max(0.0, (stamp - newest).total_seconds() / 3600)
    facts = {"lag hours": round(lag, 1), "limit hours": limit}
    if lag > limit:
        return failed(
            f"The newest data is {lag:,.1f} hours old on {stamp:%Y-%m-%d %H:%M}; the limit is {limit:g}.",
            facts=facts,
            columns=(column.name,) if column is not None else (),
        )
    said = f"The newest data is {lag:,.1f} hours old; the limit is {limit:g}."
    if newest > stamp + dt.timedelta(days=1):
        return not_assessed(f"`updated_at` is {newest:%Y-%m-%d}, after the day of processing ({stamp:%Y-%m-%d}).", "updated_at")
    later = Hits(column.name, ahead, f"`{column.name}` is later than the day of processing") if column is not None else None
    return passed(said, facts=facts, unjudged=(later,) if later is not None else ())


def _stamp_column(case: Case) -> Column | None:
    """The one column that by its name and content says when rows were brought up to date."""
    words = {"updated", "modified", "refreshed", "loaded", "timestamp", "asof", "snapshot", "reported", "valuation"}
    found = [
        c for c in case.frame if (header_words(c.name) & words or "as_of" in c.name.casefold()) and case.dates(c).null_count() < case.rows
    ]
    return found[0] if len(found) == 1 else None


def _newest(case: Case, column: Column | None, stamp: dt.datetime | None) -> dt.datetime | None:
    """The latest time in the column up to the day of processing; what is later is a mistake and shows nothing."""
    if column is None:
        return None
    dates = case.dates(column)
    known = dates <= stamp.date() if stamp is not None else dates.is_not_null()
    if column.kind == "datetime":
        top = column.series.dt.replace_time_zone(None).filter(known).max()
        return top if isinstance(top, dt.datetime) else None
    day = dates.filter(known).max()
    if column.kind in ("string", "mixed"):
        stamps = [m for v in column.text_counts["value"].to_list() if len(v) > 10 and read.day(v) == day and (m := read.moment(v))]
        if stamps:
            return max(stamps)
    return read.moment(day) if isinstance(day, dt.date) else None


# -- BCBS 239 ----------------------------------------------------------------------------------------------------------
def glossary(case: Case, clause: Clause) -> Verdict:
    """Every column has a business definition."""
    known = {str(k).casefold() for k in read.listed(case.metadata["glossary"])}
    bare = [c for c in case.frame.columns if c.casefold() not in known]
    share = percent(len(case.frame.columns) - len(bare), len(case.frame.columns))
    if case.metadata.has("glossary") and bare:
        return failed(
            f"{plural(len(bare), 'column')} without a business definition: {', '.join(bare[:6])}.",
            columns=tuple(bare),
            count=len(bare),
            unit="columns",
            facts={"defined": share},
        )
    return passed("Every column has a business definition.", facts={"defined": share})


def dimensions(case: Case, clause: Clause) -> Verdict:
    """Declared dimensions are columns, filled, and hold every declared member."""
    declared_ = case.metadata["required_dimensions"]
    if declared_ is None:
        return passed("")
    absent, hits, lacking = [], [], []
    for name in read.listed(declared_):
        column = case.named(name)
        if column is None:
            absent.append(str(name))
            continue
        blank = without(np.arange(case.rows), case.filled(column))
        hits += [Hits(column.name, blank, "dimension is blank")] if blank.size else []
        members = read.listed(declared_[name]) if isinstance(declared_, Mapping) else []
        here = {v.strip().casefold() for v in column.text_counts["value"].to_list()}
        lacking += [f"{name}={m}" for m in members if str(m).strip().casefold() not in here]
    if absent or hits or lacking:
        said = [f"no column {', '.join(absent)}"] if absent else []
        said += [f"{plural(int(union(h.rows for h in hits).size), 'row')} with a blank dimension"] if hits else []
        said += [f"no data for {', '.join(lacking[:5])}"] if lacking else []
        return failed("; ".join(said) + ".", *hits, count=None if hits else len(absent) + len(lacking), unit="rows" if hits else "gaps")
    return passed("Every declared dimension is there and filled.")


RULES: dict[str, Rule] = {
    "completeness": completeness,
    "totals": totals,
    "balance": balance,
    "occurrence": occurrence,
    "cutoff": cutoff,
    "duties": duties,
    "changes": changes,
    "approval_limits": approval_limits,
    "freshness": freshness,
    "glossary": glossary,
    "dimensions": dimensions,
}
