"""Rules on time: requests answered, breaches notified, reviews done, people informed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from ...values import plural
from . import _read as read
from ._case import Case, positions, without
from ._model import Clause, Hits, Verdict, failed, not_applicable, not_assessed, passed

Rule = Callable[[Case, Clause], Verdict]


def later(day: dt.date, months: int) -> dt.date:
    """The same day some months on, or the last one of that month.

    >>> later(dt.date(2025, 1, 31), 1)
    datetime.date(2025, 2, 28)
    """
    first = dt.date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    last = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def working_days_on(day: dt.date, count: int) -> dt.date:
    """The day so many working days on (Monday to Friday; public holidays are not known).

    >>> working_days_on(dt.date(2025, 6, 27), 3)
    datetime.date(2025, 7, 2)
    """
    while count:
        day += dt.timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _first(entry: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((entry[n] for n in names if read.given(entry.get(n))), None)


def _times(case: Case, params: Mapping[str, Any]) -> int:
    """How often the term runs: twice where the declared fact says so."""
    return 2 if case.metadata.truth(params.get("doubled_by", "")) else 1


def _perhaps(case: Case, params: Mapping[str, Any], late: int, late_doubled: int) -> str:
    """What to declare where a doubled term would change the verdict, and it is not said whether it holds."""
    field = params.get("doubled_by", "")
    if not field or case.metadata.has(field) or late == late_doubled:
        return ""
    return f" {late - late_doubled} of them within twice the time, which small processing agents have: declare `{field}`."


# -- requests of people ------------------------------------------------------------------------------------------------
_RECEIVED = ("received", "received_on", "received_at", "date", "requested_on")
_ANSWERED = ("answered", "answered_on", "answered_at", "completed_on", "closed_on")


def answered(case: Case, clause: Clause) -> Verdict:
    """Every request of a person was answered in time; an open one is judged on the day of processing."""
    if not case.metadata.has("request_log") or case.as_of is None:
        return passed("")
    log, times = case.metadata.records("request_log"), _times(case, clause.params)
    states = [_request(e, clause.params, case.as_of, times) for e in log]
    late, odd = states.count("late"), states.count("unknown") + case.metadata.wordless("request_log")
    period = _period(clause.params, times)
    if late:
        shown = ", ".join(str(e.get("request_id", "?")) for e, s in zip(log, states, strict=True) if s == "late")
        doubled = [_request(e, clause.params, case.as_of, 2) for e in log].count("late")
        return failed(
            f"{late} of {plural(len(log), 'request')} not answered within {period} on {case.as_of} ({shown[:120]})."
            + _perhaps(case, clause.params, late, doubled),
            count=late,
            unit="requests",
            facts={"requests": len(log), "late": late},
        )
    if odd:
        said = f"{plural(odd, 'entry', 'entries')} of `request_log` without a `received` or `answered` date that can be read (2025-06-30)."
        return not_assessed(said, "request_log")
    return passed(f"{plural(len(log), 'request')}, every one answered within {period} or still within it on {case.as_of}.")


def _period(params: Mapping[str, Any], times: int) -> str:
    unit = "month" if "months" in params else "day"
    return plural(times * int(params[f"{unit}s"]), unit)


def _request(entry: Mapping[str, Any], params: Mapping[str, Any], today: dt.date, times: int) -> str:
    """``late``, ``fine`` or ``unknown``."""
    start, end = read.day(_first(entry, _RECEIVED)), read.day(_first(entry, _ANSWERED))
    if start is None or (end is None and _first(entry, _ANSWERED) is not None) or (end is not None and end < start):
        return "unknown"
    factor = times * (1 + int(params["extension"]) if read.truth(entry.get("extended")) else 1)
    due = later(start, factor * int(params["months"])) if "months" in params else start + dt.timedelta(days=factor * int(params["days"]))
    return "late" if (end or today) > due else "fine"


# -- breaches ----------------------------------------------------------------------------------------------------------
def notified(case: Case, clause: Clause) -> Verdict:
    """Every notifiable breach was notified in time, to everybody whom the clause names."""
    if not case.metadata.has("breach_log") or case.as_of is None:
        return passed("")
    log = [e for e in case.metadata.records("breach_log") if read.truth(e.get("notifiable")) is not False]
    times = _times(case, clause.params)
    states = [_breach(e, clause.params, case, times) for e in log]
    late, within = states.count("late"), str(clause.params["within"]) + (" (doubled)" if times > 1 else "")
    odd = states.count("unknown") + case.metadata.wordless("breach_log")
    if late:
        doubled = [_breach(e, clause.params, case, 2) for e in log].count("late")
        return failed(
            f"{late} of {plural(len(log), 'notifiable breach', 'notifiable breaches')} not notified within {within}."
            + _perhaps(case, clause.params, late, doubled),
            count=late,
            unit="breaches",
            facts={"breaches": len(log), "late": late},
        )
    if odd:
        fields = ", ".join(f"`{clause.params[p][0]}`" for p in ("start", "end", "people") if p in clause.params)
        return not_assessed(f"{plural(odd, 'entry', 'entries')} of `breach_log` without times that can be read ({fields}).", "breach_log")
    return passed(f"{plural(len(log), 'notifiable breach', 'notifiable breaches')}, none notified later than {within}.")


def _breach(entry: Mapping[str, Any], params: Mapping[str, Any], case: Case, times: int) -> str:
    """``late``, ``fine`` or ``unknown``: the worst of the notices due."""
    times = 1 if read.truth(entry.get("double_term")) is False else times
    end, people = tuple(params["end"]), tuple(params.get("people", ()))
    states = [_notice(entry, params, case, end, times)]
    if people:
        unsaid = _first(entry, end) is not None and not any(n in entry for n in people)
        states.append("unknown" if unsaid else _notice(entry, params, case, people, times))
    return next(s for s in ("late", "unknown", "fine") if s in states)


def _notice(entry: Mapping[str, Any], params: Mapping[str, Any], case: Case, names: tuple[str, ...], times: int) -> str:
    """``late``, ``fine`` or ``unknown``; a bare date counts to its end."""
    began, said = _first(entry, tuple(params["start"])), _first(entry, names)
    zone = read.zone_of(began) or read.zone_of(said)
    start, end = read.moment(began, zone), read.moment(said, zone)
    if start is None or (said is not None and end is None) or (end is not None and end.date() < start.date()):
        return "unknown"
    due = start + dt.timedelta(hours=times * float(params["hours"])) if "hours" in params else _last_moment(began, params, times, zone)
    today = read.moment(case.metadata["as_of"], zone) or read.moment(case.as_of, zone)
    return "late" if (end or today or due) > due else "fine"


def _last_moment(began: Any, params: Mapping[str, Any], times: int, zone: dt.tzinfo | None) -> dt.datetime:
    """The end of the last day of a term in days; the day it starts on, as it is written, does not count."""
    day = read.day(began) or dt.date.max
    if "working_days" in params:
        last = working_days_on(day, times * int(params["working_days"]))
    else:
        last = day + dt.timedelta(days=times * int(params["days"]))
    return read.moment(last, zone) or dt.datetime.max


# -- reviews -----------------------------------------------------------------------------------------------------------
def recent(case: Case, clause: Clause) -> Verdict:
    """Something that has to be done again and again was done lately enough."""
    field, limit = clause.params["field"], float(clause.params["days"])
    last = case.metadata.date(field)
    if last is None or case.as_of is None:
        return passed("")
    age = (case.as_of - last).days
    facts = {"days ago": age, "limit days": limit}
    if age < 0:
        return not_assessed(f"`{field}` is {last}, after the day of processing ({case.as_of}).", field, facts=facts)
    if age > limit:
        return failed(f"`{field}` is {last}: {age:,} days before {case.as_of}; the clause asks for every {limit:g} days.", facts=facts)
    return passed(f"`{field}` is {last}: {age:,} days before {case.as_of}, within {limit:g}.", facts=facts)


def confirmed(case: Case, clause: Clause) -> Verdict:
    """A yes-or-no fact has to be yes."""
    field = clause.params["field"]
    said = case.metadata.truth(field)
    if said is False:
        return failed(f"`{field}` is declared to be no.")
    return passed(f"`{field}` is declared to be yes." if said else "")


# -- information -------------------------------------------------------------------------------------------------------
def informed(case: Case, clause: Clause) -> Verdict:
    """People whose data came from elsewhere were told within a month."""
    words = set(case.metadata.words("obtained_from"))
    if words and words <= read.bag("subject subjects data_subject data_subjects person people customer customers self directly them"):
        return not_applicable("The data was obtained from the people themselves.")
    start, told = case.column("collected_on_column"), case.column("informed_on_column")
    if not words or start is None or told is None or case.as_of is None:
        return passed("")
    collected, dates = case.dates(start), case.dates(told)
    due = collected.dt.offset_by(f"{int(clause.params['months'])}mo")
    late = positions((dates > due) | (dates.is_null() & (due < case.as_of)))
    if late.size:
        return failed(
            f"{plural(int(late.size), 'row')} of people not informed within {plural(int(clause.params['months']), 'month')} of collection.",
            Hits(told.name, late, "informed late or not"),
        )
    blank = Hits(start.name, without(positions(collected.is_null()), late), f"`{start.name}` is blank or not a date")
    return passed("Everybody was informed in time, or the time is still running.", columns=(start.name, told.name), unjudged=(blank,))


RULES: dict[str, Rule] = {"answered": answered, "notified": notified, "recent": recent, "confirmed": confirmed, "informed": informed}
