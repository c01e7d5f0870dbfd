"""Reading what people write in metadata and cells: yes and no, periods, days, countries, lists of words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from ._countries import country, is_country

__all__ = [
    "NOTHING", "PLACEHOLDERS", "bag", "before", "country", "day", "days", "flag", "given", "hours", "is_country", "listed", "moment",
    "places", "settled", "truth", "unreadable", "word", "zone_of",
]  # fmt: skip


def bag(words: str) -> frozenset[str]:
    """Words as a set."""
    return frozenset(words.split())


_YES = bag("yes y true t 1 on ja oui si sì sim tak ano igen evet wahr vrai verdadero verdadeiro vero да так 是 はい 예 ✓ ✔ ✅")
_NO = bag("no n false f 0 off none nein non não nao nie nem hayır falsch faux falso нет ні 否 いいえ 아니요 ✗ ✘ ❌")
YES = _YES | bag("granted given opt-in opted-in optin consented agreed accepted active valid")
NO = _NO | bag("refused denied declined withdrawn revoked opt-out opted-out")
_UNITS = {"d": (0, 1), "w": (0, 7), "m": (1, 0), "y": (12, 0)}
_MONTH = 30.4375
_ENDLESS = 1e15
_LARGEST = 10**300
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(d|w|m|y)(?:ays?|eeks?|onths?|ears?|o|k|r)?s?\s*(?:(?:and|,)\s*)?", re.IGNORECASE)


def truth(value: Any) -> bool | None:
    """Yes, no, or None where the value says neither.

    >>> truth("Y"), truth(0), truth("maybe"), truth(None)
    (True, False, None, None)
    """
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().casefold().removesuffix(".0")
    return True if word in YES else False if word in NO else None


_SET = _YES | bag(
    "x checked set restricted restrict blocked frozen objected objection opted_out optout opt_out do_not_sell do_not_share do_not_contact "
    "dns dnc limit limited yes_restricted sale_opt_out gpc unsubscribed gesperrt eingeschränkt widersprochen abgemeldet bloqué limité "
    "opposé bloqueado restringido limitado restrito oposto bloccato limitato opposto"
)
_UNSET = _NO | bag(
    "opt_in opted_in optin unrestricted open normal free ok allowed permitted subscribed consented granted agreed accepted frei offen "
    "unchecked unset not_set"
)


def flag(value: Any) -> bool | None:
    """Whether a mark that keeps a row out is set; None where the value says neither.

    >>> flag("x"), flag("opt-out"), flag("opt-in"), flag("active")
    (True, True, False, None)
    """
    said = str(value).strip().casefold().removesuffix(".0")
    known = {said, word(said)}
    return True if known & _SET else False if known & _UNSET else None


def days(value: Any) -> float | None:
    """A period as days: a number, ``"2 years"``, ``"P1Y6M"``, ``"730d"``.

    >>> days(730), days("2 years"), days("P6M"), days("1 year and 6 months"), days("soon")
    (730.0, 730.5, 182.625, 547.875, None)
    """
    found = _months_and_days(value)
    return None if found is None else _finite(found[0] * _MONTH + found[1])


def _months_and_days(value: Any) -> tuple[float, float] | None:
    """A period in months, which differ in length, and days."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return (0, float(value)) if 0 <= value < _ENDLESS else None
    text = str(value).strip()
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        return 0, float(text)
    at, months, rest = 1 if text[:1] in "pP" else 0, 0.0, 0.0
    while (part := _PART.match(text, at)) is not None:
        unit = _UNITS[part[2].lower()]
        months, rest, at = months + float(part[1]) * unit[0], rest + float(part[1]) * unit[1], part.end()
    return (months, rest) if text and at == len(text) and (months or rest or at > 1) else None


def before(day_: dt.date, value: Any) -> dt.date:
    """The day that lies a period before another: months and years by the calendar, not as so many days.

    >>> before(dt.date(2025, 6, 30), "2 years"), before(dt.date(2025, 3, 31), "1 month"), before(dt.date(2025, 6, 30), 730)
    (datetime.date(2023, 6, 30), datetime.date(2025, 2, 28), datetime.date(2023, 7, 1))
    """
    months, rest = _months_and_days(value) or (0, 0)
    whole = min(int(months), 12 * (day_.year - 1))
    years, month = divmod(day_.year * 12 + day_.month - 1 - whole, 12)
    first = dt.date(years, month + 1, 1)
    last = ((first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)).day
    found = first.replace(day=min(day_.day, last))
    return found - dt.timedelta(days=int(min(rest + (months - int(months)) * _MONTH, (found - dt.date.min).days)))


def _finite(value: float) -> float | None:
    return value if 0 <= value < _ENDLESS else None


def hours(value: Any) -> float | None:
    """A period as hours: a number, or text with its unit.

    >>> hours(24), hours("12 h"), hours("2 days"), hours("soon")
    (24.0, 12.0, 48.0, None)
    """
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*(?:h|hrs?|hours?)?", str(value).strip().lower())
    if found is not None and not isinstance(value, bool):
        return _finite(float(found[1]))
    period = days(value)
    return None if period is None else period * 24


def day(value: Any) -> dt.date | None:
    """A date of our time, from a date, a timestamp or ISO text."""
    try:
        found = value if isinstance(value, dt.date) else dt.datetime.fromisoformat(_dated(value)) if value else None
    except ValueError:
        return None
    found = found.date() if isinstance(found, dt.datetime) else found
    return found if found is not None and 1800 <= found.year <= 2300 else None


def _dated(value: Any) -> str:
    """A text as it stands, but for a week without its day, which is no date."""
    text = str(value).strip()
    return "" if re.fullmatch(r"[0-9]{4}-?W[0-9]{2}", text) else text


def moment(value: Any, zone: dt.tzinfo | None = None) -> dt.datetime | None:
    """A point in time in UTC, without zone; a bare date is its end, and what names no zone is of the ``zone`` given."""
    found = _as_written(value)
    if found is None or (found.tzinfo is None and zone is None):
        return found
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(dt.UTC).replace(tzinfo=None)


def zone_of(value: Any) -> dt.tzinfo | None:
    """The time zone that a point in time names."""
    found = _as_written(value)
    return found.tzinfo if found is not None else None


def _as_written(value: Any) -> dt.datetime | None:
    found, text = day(value), str(value).strip()
    if found is None or isinstance(value, dt.datetime):
        return value if found is not None else None
    if len(text) > 10 and not isinstance(value, dt.date):
        return dt.datetime.fromisoformat(text)
    return dt.datetime.combine(found, dt.time.max).replace(microsecond=0)


def settled(value: Any) -> Any:
    """A value as YAML would have given it: what stands for nothing in a table is None, arrays are lists, and texts can be written.

    >>> settled({"a": float("nan"), "b": (1, {2})})
    {'a': None, 'b': [1, [2]]}
    """
    if value is None or isinstance(value, (bool, int)):
        return None if isinstance(value, int) and abs(value) > _LARGEST else value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {k: settled(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [settled(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(settled, value), key=str)
    return _settled_scalar(value)


def _settled_scalar(value: Any) -> Any:
    if str(value) in ("nan", "NaT", "<NA>", "inf", "-inf"):
        return None
    if isinstance(value, (float, dt.date, dt.time)):
        return value
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return settled({name: value[name].tolist() for name in value.columns})
    if hasattr(value, "tolist"):
        return settled(value.tolist())
    return float(value) if isinstance(value, Decimal) else str(value)


def listed(value: Any) -> list[Any]:
    """A value as a list: text with commas is split, a mapping gives its keys, nothing gives nothing.

    >>> listed("a, b"), listed(["a"]), listed(None), listed(3)
    (['a', 'b'], ['a'], [], [3])
    """
    if value is None:
        return []
    if isinstance(value, str):
        return [p.strip() for p in value.split(",") if p.strip()]
    if isinstance(value, (Mapping, Iterable)):
        return list(value)
    return [value]


def word(value: Any) -> str:
    """A word folded for comparison: ``"Legitimate Interests"`` is ``legitimate_interests``.

    >>> word(" Legitimate-Interests ")
    'legitimate_interests'
    """
    return re.sub(r"[^\w]+", "_", str(value).strip().casefold()).strip("_")


_IN_BRACKETS = re.compile(r"\(([^()]{2,60})\)\s*$")


def places(value: Any) -> list[str]:
    """The countries that entries name, as they are written: in their field, or behind a name in brackets.

    >>> places([{"name": "bank", "country": "IN"}, "auditors (US)", "staff (internal)"])
    ['IN', 'US']
    """
    out: list[str] = []
    for entry in [value] if isinstance(value, Mapping) else listed(value):
        if isinstance(entry, Mapping):
            out += [str(c) for c in listed(entry.get("country")) if given(c, "country")]
        elif (found := _IN_BRACKETS.search(str(entry))) and is_country(country(found[1])):
            out.append(found[1])
    return out


PLACEHOLDERS = bag(
    "_ na n_a tba tbc tbd todo to_do fixme unknown not_known undefined not_defined undetermined unspecified not_specified "
    "to_be_announced to_be_confirmed to_be_decided to_be_defined to_be_determined to_be_done not_yet not_yet_known pending "
    "placeholder dummy missing null nil nan blank empty xx xxx xxxx unbekannt inconnu desconocido desconhecido sconosciuto "
    "onbekend 未定 未知"
)
"""What people write where they do not know yet, folded as :func:`word` folds."""
NOTHING = bag("none no false 0 nobody nothing keine kein aucun aucune ninguno nenhum nessuno geen")


def given(value: Any, kind: str = "") -> bool:
    """Whether a field was filled in with something: blank text and placeholders such as ``TBD`` or ``n/a`` are nothing.

    An empty list says "none" where the field is a ``list`` of what there is, and nothing elsewhere. A field that has to
    ``name`` something is not filled in by "none", either.

    >>> given("TBD"), given([]), given([], "list"), given("none"), given("none", "name"), given(False), given(0)
    (False, False, True, True, False, True, True)
    """
    if value is None:
        return False
    if isinstance(value, str):
        return _says_something(value, kind)
    if isinstance(value, (list, tuple, set, frozenset, Mapping)):
        return any(given(v, kind) for v in value) if value else kind == "list"
    return not (kind == "name" and (isinstance(value, bool) or value == 0))


def _says_something(text: str, kind: str) -> bool:
    folded = word(text)
    if kind == "country" and text.strip() == "NA":  # Namibia
        return True
    return bool(folded) and folded not in PLACEHOLDERS and not (kind == "name" and folded in NOTHING)


_READABLE: dict[str, tuple[Callable[[Any], bool], str]] = {
    "date": (lambda v: day(v) is not None, "a date: write it as 2025-06-30"),
    "period": (lambda v: days(v) is not None, "a period: write a number of days, or text such as 2 years"),
    "hours": (lambda v: hours(v) is not None, "a number of hours: write 24, or text such as 2 days"),
    "number": (lambda v: days(v) is not None, "a number"),
    "column": (lambda v: not isinstance(v, list) or len(v) < 2, "the name of one column"),
    "yes or no": (lambda v: truth(v) is not None, "yes or no"),
}


def unreadable(value: Any, kind: str) -> str:
    """What a value should have been, where it is not what its field has to be; blank when it is.

    >>> unreadable("30/06/2025", "date"), unreadable("2025-06-30", "date"), unreadable("maybe", "yes or no")
    ('a date: write it as 2025-06-30', '', 'yes or no')
    """
    accept, wanted = _READABLE.get(kind, (None, ""))
    return "" if accept is None or accept(value) else wanted
