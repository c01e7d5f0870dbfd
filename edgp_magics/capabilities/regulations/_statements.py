"""What people state about clauses: attestations, and verdicts they replace. None is ever dropped without a word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...values import ClauseStatus, plain
from . import _read as read
from ._catalogue import Catalogue, meant
from ._metadata import Metadata
from ._model import Attestation, ClauseResult, Override, Verdict

S = ClauseStatus


def by_clause(given: Any) -> dict[str, Any]:
    """Statements by the id of their clause, from a mapping or a list of entries with ``clause``.

    >>> by_clause([{"clause": "gdpr-17", "by": "DPO"}])
    {'GDPR-17': {'clause': 'gdpr-17', 'by': 'DPO'}}
    """
    if isinstance(given, Mapping):
        return {_id(name): _entry(entry) for name, entry in given.items()}
    entries = given if isinstance(given, (list, tuple)) else []
    return {_id(e["clause"]): _entry(e) for e in entries if isinstance(e, Mapping) and "clause" in e}


def _entry(entry: Any) -> Any:
    """An entry with ``on`` under its name: other readers of YAML take that word for true."""
    return {("on" if name is True else name): value for name, value in entry.items()} if isinstance(entry, Mapping) else entry


def _id(name: Any) -> str:
    from ._catalogue import catalogue

    folded = read.word(name)
    return next((c.id for c in catalogue().clauses if read.word(c.id) == folded), str(name))


def statements_of(metadata: Metadata) -> dict[str, dict[str, Any]]:
    """The attestations and overrides that can be used, by clause, as they were given: what a later audit goes on with."""
    return {
        field: {c: plain(e) for c, e in sorted(by_clause(metadata[field]).items()) if e is not None and not trouble(e)}
        for field, trouble in _TROUBLE.items()
    }


# -- attestations ------------------------------------------------------------------------------------------------------
def attestation_of(given: Any, clause: str) -> Attestation | None:
    """The statement on a clause, if one was given with a name and a day."""
    entry = by_clause(given).get(clause)
    if not isinstance(entry, Mapping) or _attestation_trouble(entry):
        return None
    return Attestation(
        by=str(entry["by"]),
        on=str(read.day(entry["on"])),
        expires=str(read.day(entry.get("expires")) or ""),
        statement=str(entry.get("statement") or ""),
    )


def attested(verdict: Verdict, attestation: Attestation | None, day: dt.date | None) -> tuple[Verdict, Attestation | None]:
    """The verdict under a statement: it fills in for a fact that is missing, and never hides what was computed."""
    if attestation is None:
        return verdict, None
    who = f"{attestation.by} on {attestation.on}"
    ended = _ended(attestation, day)
    if ended:
        return replace(verdict, message=f"{verdict.message.rstrip('.')}. {ended}".removeprefix(". ")), attestation
    if not (verdict.status is S.NEEDS_ATTESTATION or verdict.attestable):
        if verdict.status in (S.FAIL, S.WARN, S.NOT_ASSESSED):
            note = f"The attestation by {who} is on record; it does not replace what was computed."
            return replace(verdict, message=f"{verdict.message} {note}".strip()), attestation
        return verdict, attestation
    until = f" until {attestation.expires}" if attestation.expires else ""
    said = f": {attestation.statement.rstrip('.')}" if attestation.statement else ""
    message = f"Attested by {who}{until}{said}. Stated by a person, not computed."
    return replace(verdict, status=S.PASS, message=message, missing=()), replace(attestation, used=True)


def _ended(attestation: Attestation, day: dt.date | None) -> str:
    """Why a statement does not hold on the day of processing; blank when it does."""
    if attestation.expires and day is None:
        return f"The attestation by {attestation.by} ends on {attestation.expires}; without `as_of` it cannot be known to hold."
    if day is not None and expired(attestation.expires, day):
        return f"The attestation by {attestation.by} ended on {attestation.expires}."
    if day is not None and dt.date.fromisoformat(attestation.on) > day:
        return f"The attestation by {attestation.by} is of a later day ({attestation.on}) than the day of processing ({day})."
    return ""


def expired(expires: str, day: dt.date) -> bool:
    """Whether a statement that ends was given for an earlier time."""
    return bool(expires) and dt.date.fromisoformat(expires) < day


def _attestation_trouble(entry: Any) -> str:
    """Why an attestation cannot be used; blank when it can."""
    if not isinstance(entry, Mapping):
        return "it is not an entry with `by` and `on`"
    if not read.given(entry.get("by"), "name"):
        return "it does not say who attests (`by`)"
    return _day_trouble(entry, "on", needed=True) or _end_trouble(entry)


def _end_trouble(entry: Mapping[str, Any]) -> str:
    """Why the end of a statement cannot be; blank when it can, or none is given."""
    said, start, end = _day_trouble(entry, "expires", needed=False), read.day(entry.get("on")), read.day(entry.get("expires"))
    return said or (f"it ends on {end}, before it was given ({start})" if start and end and end < start else "")


def _day_trouble(entry: Mapping[str, Any], field: str, *, needed: bool) -> str:
    value = entry.get(field)
    if not read.given(value):
        return f"it does not say when (`{field}`: 2025-06-30)" if needed else ""
    return "" if read.day(value) is not None else f"`{field}` is `{str(value)[:40]}`, which is not a date: write it as 2025-06-30"


# -- overrides ---------------------------------------------------------------------------------------------------------
def override_of(given: Any, clause: str) -> Mapping[str, Any] | None:
    """The replaced verdict of a clause, if it says which, why and by whom."""
    entry = by_clause(given).get(clause)
    return entry if isinstance(entry, Mapping) and not _override_trouble(entry) else None


def _override_trouble(entry: Any) -> str:
    """Why an override cannot be used; blank when it can."""
    if not isinstance(entry, Mapping):
        return "it is not an entry with `status`, `reason` and `by`"
    if _status(entry) is None:
        return f"its status `{str(entry.get('status', ''))[:40]}` is not one of {', '.join(S.__members__)}"
    lacking = [f for f in ("reason", "by") if not read.given(entry.get(f), "name")]
    if lacking:
        return f"it does not say {' or '.join({'reason': 'why (`reason`)', 'by': 'who decided (`by`)'}[f] for f in lacking)}"
    return _day_trouble(entry, "on", needed=False) or _end_trouble(entry)


def _status(entry: Mapping[str, Any]) -> ClauseStatus | None:
    value = entry.get("status")
    return S.__members__.get(str(getattr(value, "value", value)).strip().upper().replace(" ", "_"))


def overridden(result: ClauseResult, entry: Mapping[str, Any] | None, day: dt.date | None) -> ClauseResult:
    """The result with the verdict that a person put in its place; what was computed stays on record."""
    status = _status(entry) if entry is not None else None
    if entry is None or status is None:
        return result
    expires = str(read.day(entry.get("expires")) or "")
    if expires and day is None:
        return replace(result, message=f"{result.message} (An override ends on {expires}; without `as_of` it cannot be known to hold.)")
    if day is not None and expired(expires, day):
        return replace(result, message=f"{result.message} (An override by {entry['by']} ended on {expires}.)")
    given = read.day(entry.get("on"))
    if day is not None and given is not None and given > day:
        return replace(result, message=f"{result.message} (An override by {entry['by']} is of a later day, {given}.)")
    override = Override(
        by=str(entry["by"]),
        on=str(read.day(entry.get("on")) or ""),
        reason=str(entry["reason"]),
        status=status,
        computed=result.status,
        expires=expires,
    )
    said = f"{result.message} Computed {result.status.value}; overridden to {status.value} by {override.by}: {override.reason}"
    return replace(result, status=status, override=override, message=said)


_TROUBLE = {"attestations": _attestation_trouble, "overrides": _override_trouble}


# -- what is not used ----------------------------------------------------------------------------------------------------
def unused_statements(metadata: Metadata, book: Catalogue) -> tuple[str, ...]:
    """A line for every attestation and override that cannot be used, with the reason."""
    out: list[str] = []
    for field, trouble in _TROUBLE.items():
        given, word = metadata[field], field.removesuffix("s")
        if read.given(given) and not isinstance(given, (Mapping, list, tuple)):
            out.append(f"`{field}` is not used: give a mapping by clause, such as {{GDPR-17: {{by: DPO, on: 2025-06-30}}}}.")
        if isinstance(given, (list, tuple)):
            bare = sum(not (isinstance(e, Mapping) and "clause" in e) for e in given)
            out += [f"{bare} of {len(given)} entries in `{field}` are not used: they name no `clause`."] if bare else []
        known = {c.id for c in book.clauses}
        for clause, entry in by_clause(given).items():
            if entry is None:  # a kept one is taken back
                continue
            if clause not in known:
                out.append(_of_no_clause(field, word, clause, book))
            elif why := trouble(entry):
                out.append(f"{word} of {clause} is not used: {why}.")
    return tuple(out)


def _of_no_clause(field: str, word: str, clause: str, book: Catalogue) -> str:
    """That a statement is of a clause the catalogue does not hold, whether it never did or does no more; and what to do."""
    ids = [c.id for c in book.clauses]
    near = meant(clause, ids)
    anew = f"; did you mean {' or '.join(f'`{n}`' for n in near)}? State it anew for" if near else ". State it anew for"
    return (
        f"{word} of `{clause}` is not used: there is no such clause in catalogue {book.version}{anew} a clause of the catalogue, and take "
        f"this one back with `{field}: {{{clause}: null}}`; until then each later audit keeps it."
    )
