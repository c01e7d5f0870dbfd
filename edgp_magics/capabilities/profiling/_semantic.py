"""What a column is about, from its name and a sample of its values; and whether it looks personal."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import polars as pl

from ...frames import Column, spaced
from ...values import Progress
from ..checks._types import TYPES, is_valid, may_hold

_SAMPLE = 200
_FITS = 0.9
_ORDER = (
    "email", "uuid", "ipv4", "mac", "url", "iban", "nric", "ssn", "lei", "isin", "credit_card", "iso_datetime", "iso_date", "date_slash",
    "hex_colour", "phone_e164", "time",
)  # fmt: skip
_PERSONAL_TYPES = frozenset(
    {"email", "phone_e164", "iban", "credit_card", "ssn", "nric", "ipv4", "mac", "person_name", "birth_date", "address", "phone"}
)

_NAMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("email", ("email", "e mail", "mail")),
    ("phone", ("phone", "mobile", "telephone", "tel", "fax", "cell", "msisdn", "handphone")),
    ("birth_date", ("dob", "birth", "birthday", "birthdate", "born", "date of birth")),
    ("person_name", ("first name", "last name", "surname", "firstname", "lastname", "full name", "fullname", "given name", "family name")),
    ("person_name", ("middle name", "maiden", "customer name", "patient", "employee name", "contact name", "person", "forename")),
    ("person_name", ("username", "user name", "holder", "applicant", "fname", "lname")),
    ("address", ("address", "street", "addr", "addr1", "address1", "house no")),
    ("postcode", ("postcode", "zip", "zipcode", "postal", "postal code", "zip code")),
    ("ssn", ("ssn", "social security", "nric", "fin no", "passport", "national id", "tax id", "tin", "nino", "aadhaar")),
    ("ssn", ("driver license", "drivers license", "driving licence")),
    ("iban", ("iban",)),
    ("account", ("bank account", "account no", "account number", "acct")),
    ("credit_card", ("card no", "card number", "credit card", "pan", "cvv", "card")),
    ("ipv4", ("ip", "ip address", "ip addr")),
    ("health", ("diagnosis", "disease", "condition code", "blood", "medication", "icd")),
    ("special", ("religion", "ethnicity", "race", "political", "sexual", "union member", "disability")),
    ("money", ("salary", "income", "wage", "pay", "bonus")),
    ("country", ("country", "nationality", "country code")),
    ("city", ("city", "town")),
    ("currency", ("currency", "ccy")),
    ("gender", ("gender", "sex")),
    ("latitude", ("latitude", "lat")),
    ("longitude", ("longitude", "lon", "lng")),
    ("percent", ("percent", "pct")),
    ("age", ("age",)),
)  # fmt: skip
_PERSONAL_NAMES = frozenset(
    {
        "email",
        "phone",
        "birth_date",
        "person_name",
        "address",
        "ssn",
        "iban",
        "account",
        "credit_card",
        "ipv4",
        "health",
        "special",
        "money",
    }
)
_NUMERIC_NAMES = frozenset({"birth_date", "latitude", "longitude", "percent", "age", "money", "phone", "ssn", "credit_card", "postcode"})
_ID_WORDS = frozenset(
    {"id", "ids", "key", "no", "nr", "num", "number", "code", "ref", "uuid", "guid", "sku", "identifier", "index", "pk", "rowid"}
)


@dataclass(frozen=True)
class Meaning:
    """A semantic type, the share of sampled values that fit it, and whether it is personal."""

    type: str | None
    share: float
    personal: bool


def words(name: str) -> str:
    """A column name as lower-case words.

    >>> words("customerEmail_addr"), words("IBANCode")
    ('customer email addr', 'iban code')
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return " ".join(re.findall(r"[^\W_]+", spaced)).lower()


def named(name: str) -> str | None:
    """The meaning a column name gives away."""
    text = f" {words(name)} "
    return next((meaning for meaning, hints in _NAMES if any(f" {h} " in text for h in hints)), None)


def id_named(name: str) -> bool:
    """Whether the name says identifier."""
    return bool(_ID_WORDS & set(words(name).split()))


def sample_texts(column: Column) -> pl.Series:
    """Evenly spaced non-null texts of the column (at most 200)."""
    return pl.Series([v for v in spaced(column.array, 4 * _SAMPLE).to_pylist() if v is not None][:_SAMPLE], dtype=pl.String)


def meaning_of(column: Column, progress: Progress) -> Meaning:
    """The semantic type of a column."""
    hint = named(column.name)
    if column.kind not in ("string", "mixed"):
        fits = hint if hint in _NUMERIC_NAMES else None
        return Meaning(fits, 0.0, hint in _PERSONAL_NAMES)
    sample = sample_texts(column)
    if not len(sample):
        return Meaning(hint, 0.0, hint in _PERSONAL_NAMES)
    texts = sample.str.strip_chars()
    first = texts.head(12).to_list()
    for kind in _ORDER:
        share = _share(kind, texts, progress) if may_hold(TYPES[kind], first) else 0.0
        if share >= (_FITS if TYPES[kind].checksum is None else 0.8):
            return Meaning(kind, share, kind in _PERSONAL_TYPES or hint in _PERSONAL_NAMES)
    if hint is None and _like_names(sample):
        hint = "person_name"
    return Meaning(hint, 0.0, hint in _PERSONAL_NAMES)


def _share(kind: str, texts: pl.Series, progress: Progress) -> float:
    first = texts.head(12)  # a check digit rules out what a pattern lets through
    if not is_valid(TYPES[kind], first, progress).sum():
        return 0.0
    return int(is_valid(TYPES[kind], texts, progress).sum()) / len(texts)


def _like_names(sample: pl.Series) -> bool:
    """Two or three capitalised words, many different ones: people more often than anything else."""
    fits = sample.str.contains(r"^\p{Lu}[\p{L}'’-]+,?( \p{Lu}\.)?( \p{Lu}[\p{L}'’-]+){1,2}$").sum()
    return bool(fits >= 0.8 * len(sample) and sample.n_unique() > 20)


_PLAIN = r"([0-9]|[1-9][0-9]{0,11})?([0-9]|\.[0-9]+)"
_AMOUNT = r"(?:[0-9]{1,3}(?:[, '’][0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|(?:[0-9]{1,3}(?:[. '’][0-9]{3})+|[0-9]+)(?:,[0-9]+)?"
_CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|INR|SGD|AUD|CAD|NZD|HKD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|BRL|MXN|ARS|CLP|COP|ZAR|NGN|KES|EGP|KRW|TWD|THB|MYR"
    "|IDR|PHP|VND|PKR|BDT|LKR|TRY|AED|SAR|QAR|ILS|UAH|RUB"
)
_CURRENCY = rf"(?:\p{{Sc}}|{_CODES}|[A-Z]{{1,2}}\$|kr|zł|Fr\.)"
_FORMS: tuple[tuple[str, str], ...] = (
    ("number", rf"^[+-]?{_PLAIN}$"),
    ("number", rf"^[+-]?(?:{_AMOUNT})$"),
    ("percentage", rf"^[+-]?(?:{_AMOUNT})\s?%$"),
    ("money", rf"^[(+-]?\s?{_CURRENCY}\s?[+-]?(?:{_AMOUNT})\)?$"),
    ("money", rf"^[(+-]?(?:{_AMOUNT})\s?{_CURRENCY}\)?$"),
)
_FORM_SHARE = 0.98


def text_form(sample: pl.Series) -> str:
    """What nearly all sampled texts spell: ``integer``, ``number``, ``percentage``, ``money``, ``json``; empty for none.

    A zero in front, as codes have it, makes no number. A point between groups of three digits could be one of a code, so
    that at least one value must have a decimal comma.

    >>> text_form(pl.Series(["$1,234.50", "$7.00"])), text_form(pl.Series(["12,50", "1.000,00"])), text_form(pl.Series(["007", "1"]))
    ('money', 'number', '')
    """
    texts = sample.str.strip_chars()
    if not len(texts):
        return ""
    if _most(texts.str.contains(r"^[+-]?[0-9]+$")):
        return "" if texts.str.contains(r"^[+-]?0[0-9]").any() else "integer"
    form = next((name for name, pattern in _FORMS if _most(texts.str.contains(pattern))), "")
    if form == "number" and (texts.str.contains(r"^0[0-9]").any() or _grouped_by_points(texts)):
        return ""
    return form or ("json" if _most(texts.map_elements(_is_json, return_dtype=pl.Boolean)) else "")


def _grouped_by_points(texts: pl.Series) -> bool:
    return bool(texts.str.contains(r"\..*\.").any()) and not texts.str.contains(",").any()


def _most(fits: pl.Series) -> bool:
    return bool(fits.sum() >= _FORM_SHARE * len(fits))


def _is_json(text: str) -> bool:
    if text[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
