"""Types a text can be checked for: a pattern, and where there is one a checksum. One entry each, with examples."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from ...errors import UnknownName
from ...values import Progress
from . import _checksum

Checksum = Callable[[pl.Series, Progress], pl.Series]


@dataclass(frozen=True)
class TextType:
    """A type of text: ``pattern`` must match in full; then ``checksum`` judges it in capitals, or ``reader`` as it is.

    ``clean`` lists characters that are taken out before (blanks and hyphens in card numbers). ``found`` says whether
    the type may be recognised without being asked for; a type without checksum whose pattern is loose may not.
    """

    name: str
    pattern: str
    matches: tuple[str, ...]
    rejects: tuple[str, ...]
    checksum: Checksum | None = None
    clean: str = ""
    found: bool = True
    about: str = ""
    reader: Checksum | None = None


def _each(valid: Callable[[str], bool]) -> Checksum:
    """A judgement value by value (give it distinct values)."""

    def check(values: pl.Series, progress: Progress) -> pl.Series:
        out: list[bool | None] = []
        for place, value in enumerate(values.to_list()):
            if not place % 2000:
                progress.step()
            out.append(None if value is None else valid(value))
        return pl.Series(out, dtype=pl.Boolean)

    return check


def _json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _dated(values: pl.Series, progress: Progress) -> pl.Series:
    """Whether pandas can read each text as a date, in whatever format."""
    import pandas as pd

    progress.step()
    return pl.Series(
        pd.to_datetime(pd.Series(values.to_list(), dtype=object), format="mixed", errors="coerce", utc=True).notna().to_numpy()
    )


def _stdnum(module: str) -> Checksum:
    """The checksum of a python-stdnum module, value by value (give it distinct values)."""
    return _each(lambda value: bool(importlib.import_module(f"stdnum.{module}").is_valid(value)))


def _nric(values: pl.Series, progress: Progress) -> pl.Series:
    """Singapore NRIC/FIN: weights 2 7 6 5 4 3 2, an offset for T/G (4) and M (3), a letter by remainder."""
    progress.step()
    return pl.Series([None if v is None else _nric_one(v.upper()) for v in values.to_list()], dtype=pl.Boolean)


def _nric_one(value: str) -> bool:
    total = sum(int(d) * w for d, w in zip(value[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    total += {"T": 4, "G": 4, "M": 3}.get(value[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}[value[0]]
    if value[0] == "M":
        return letters[10 - total % 11] == value[8]
    return letters[total % 11] == value[8]


def _day_in(*formats: str) -> Checksum:
    """Whether the day that a text begins with is in the calendar, in any of these formats: 30 February is not."""

    def check(values: pl.Series, progress: Progress) -> pl.Series:
        progress.step()
        days = values.str.slice(0, 10)
        read = [days.str.to_date(f, strict=False).is_not_null() for f in formats]
        return functools.reduce(operator.or_, read) & values.is_not_null()

    return check


_DAY = r"(0?[1-9]|[12][0-9]|3[01])"
_MONTH = r"(0?[1-9]|1[0-2])"
_YEAR = r"(1[6-9]|20|21)[0-9]{2}"
_ISO_DAY = rf"{_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

TYPES: dict[str, TextType] = {
    t.name: t
    for t in (
        TextType(
            "iban",
            r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{10,30}",
            ("GB82WEST12345698765432", "GB82 WEST 1234 5698 7654 32"),
            ("GB83WEST12345698765432", "GB82"),
            _checksum.mod97,
            " ",
        ),
        TextType(
            "credit_card",
            r"[2-6][0-9]{12,18}",
            ("4111111111111111", "4111-1111-1111-1111"),
            ("4111111111111112", "1234"),
            _checksum.luhn,
            " -",
        ),
        TextType("imei", r"[0-9]{15}", ("490154203237518",), ("490154203237519",), _checksum.luhn, " -"),
        TextType("ean", r"([0-9]{8}|[0-9]{12}|[0-9]{13})", ("4006381333931",), ("4006381333932",), _checksum.ean),
        TextType("isbn", r"(97[89])?[0-9]{9}[0-9Xx]", ("978-0-306-40615-7", "0306406152"), ("978-0-306-40615-8",), _stdnum("isbn"), " -"),
        TextType("lei", r"[A-Z0-9]{18}[0-9]{2}", ("213800KUD8LAJWSQ9D15",), ("213800KUD8LAJWSQ9D16",), _checksum.mod97_plain),
        TextType("isin", r"[A-Z]{2}[A-Z0-9]{9}[0-9]", ("US0378331005",), ("US0378331006",), _stdnum("isin")),
        TextType("nric", r"[STFGMstfgm][0-9]{7}[A-Za-z]", ("S1234567D",), ("S1234567A",), _nric, about="Singapore NRIC/FIN"),
        TextType("orcid", r"[0-9]{15}[0-9X]", ("0000-0002-1825-0097",), ("0000-0002-1825-0098",), _stdnum("iso7064.mod_11_2"), "-"),
        TextType(
            "ssn",
            r"(00[1-9]|0[1-9][0-9]|[1-57-8][0-9]{2}|6([0-57-9][0-9]|6[0-57-9]))-?(0[1-9]|[1-9][0-9])-?([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)",
            ("536-90-4399",),
            ("000-12-3456", "666-12-3456", "536-00-4399", "900-12-3456"),
            found=False,
            about="US social security number",
        ),
        TextType(
            "email",
            r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\.[A-Za-z]{2,}",
            ("a.b@example.org",),
            ("a at example.org", "a@b", "@example.org"),
        ),
        TextType("url", r"(https?|ftp)://[^\s/?#]+([/?#][^\s]*)?", ("https://example.org/a?b",), ("example", "http://")),
        TextType(
            "uuid",
            r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
            ("123e4567-e89b-12d3-a456-426614174000",),
            ("123e4567",),
        ),
        TextType("ipv4", rf"({_OCTET}\.){{3}}{_OCTET}", ("192.0.2.1",), ("256.0.0.1", "1.2.3")),
        TextType("mac", r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}", ("00:1A:2b:3c:4d:5e",), ("00:1A",)),
        TextType("phone_e164", r"\+[1-9][0-9]{7,14}", ("+6581234567",), ("81234567", "+0123")),
        TextType(
            "iso_datetime",
            rf"{_ISO_DAY}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{{2}}:?[0-9]{{2}})?",
            ("2026-01-31T10:20:30Z",),
            ("2026-13-01T10:20", "2026-01-31", "2026-02-30T10:20"),
            reader=_day_in("%Y-%m-%d"),
        ),
        TextType(
            "iso_date", _ISO_DAY, ("2026-01-31", "2024-02-29"), ("2026-13-31", "31/01/2026", "2026-02-30"), reader=_day_in("%Y-%m-%d")
        ),
        TextType(
            "date_slash",
            rf"{_DAY}/{_MONTH}/{_YEAR}|{_MONTH}/{_DAY}/{_YEAR}|{_YEAR}/{_MONTH}/{_DAY}",
            ("31/01/2026", "1/31/2026"),
            ("32/01/2026", "31/31/2026", "31/02/2026", "02/31/2026"),
            reader=_day_in("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d"),
        ),
        TextType("time", r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?( ?([aApP]\.?[mM]\.?))?", ("23:59", "9:05 p.m."), ("24:00", "9:60")),
        TextType("hex_colour", r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", ("#a0b1c2",), ("#xyz",)),
        TextType("integer", r"[+-]?[0-9]+", ("-12",), ("1.5", "x"), found=False),
        TextType("number", r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", ("1.5", "-2e3"), ("1,5", "x"), found=False),
        TextType("boolean", r"(?i)(true|false|yes|no|y|n|t|f|0|1)", ("Yes",), ("maybe",), found=False),
        TextType("json", r"(?s)\s*[\[{\"0-9tfn-].*", ('{"a": 1}', "[1]"), ("{a: 1}", "{"), found=False, reader=_each(_json)),
        TextType("any_date", r"(?s).*[0-9].*", ("31 January 2026", "2026-01-31"), ("1.2.3.4.5", "soon"), found=False, reader=_dated),
        TextType("country_code", r"[A-Z]{2}", ("SG",), ("sg", "SGP"), found=False, about="two letters as in ISO 3166-1"),
        TextType("currency_code", r"[A-Z]{3}", ("SGD",), ("$",), found=False, about="three letters as in ISO 4217"),
    )
}
"""Types by name. ``type_is`` takes these, and any python-stdnum module such as ``de.idnr`` or ``us.ssn``."""

_ALIASES = {
    "e-mail": "email",
    "mail": "email",
    "email_address": "email",
    "card": "credit_card",
    "creditcard": "credit_card",
    "credit_card_number": "credit_card",
    "phone": "phone_e164",
    "phone_number": "phone_e164",
    "ip": "ipv4",
    "ip_address": "ipv4",
    "guid": "uuid",
    "int": "integer",
    "float": "number",
    "decimal": "number",
    "numeric": "number",
    "date": "iso_date",
    "date_iso_8601": "iso_date",
    "timestamp": "iso_datetime",
    "datetime": "iso_datetime",
    "bool": "boolean",
    "social_security_number": "ssn",
    "date_eu": "date_slash",
    "date_us": "date_slash",
    "money": "number",
    "country": "country_code",
    "currency": "currency_code",
    "sg_nric": "nric",
    "fin": "nric",
    "isbn13": "isbn",
    "gtin": "ean",
    "colour": "hex_colour",
    "color": "hex_colour",
}


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def may_hold(kind: TextType, texts: Sequence[str]) -> bool:
    """Whether any of a few texts has the form of the type: what rules most types out before a column is read.

    >>> may_hold(TYPES["email"], ["a@example.org", "x"]), may_hold(TYPES["iban"], ["a@example.org"])
    (True, False)
    """
    regex = _compiled(kind.pattern)
    table = str.maketrans("", "", kind.clean)
    return any(regex.fullmatch(t.translate(table)) for t in texts)


def text_type(name: str) -> TextType:
    """The type of this name (any case, spaces or hyphens), an alias, or a python-stdnum module.

    >>> text_type("SSN").name, text_type("credit card number").name, text_type("de.idnr").name
    ('ssn', 'credit_card', 'de.idnr')
    """
    key = re.sub(r"[\s-]+", "_", name.strip().lower())
    key = _ALIASES.get(key, key)
    if key in TYPES:
        return TYPES[key]
    if re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", key) and importlib.util.find_spec("stdnum") and _has_module(key):
        return TextType(key, r"(?s).*", (), (), _stdnum(key), found=False)
    raise UnknownName("type", name, known=TYPES)


def _has_module(name: str) -> bool:
    try:
        return hasattr(importlib.import_module(f"stdnum.{name}"), "is_valid")
    except ModuleNotFoundError:
        return False


def is_valid(kind: TextType, values: pl.Series, progress: Progress) -> pl.Series:
    """Whether each text is of this type; null for null.

    >>> is_valid(TYPES["nric"], pl.Series(["S1234567D", "S1234567A", None]), Progress()).to_list()
    [True, False, None]
    """
    cleaned = values
    for char in kind.clean:
        cleaned = cleaned.str.replace_all(char, "", literal=True)
    fits = cleaned.str.contains(f"^(?:{kind.pattern})$")
    where = fits.fill_null(value=False)
    if kind.checksum is not None:
        judged = kind.checksum(cleaned.filter(where).str.to_uppercase(), progress)
    elif kind.reader is not None:
        judged = kind.reader(cleaned.filter(where), progress)
    else:
        return fits
    out = fits.to_frame("fits").with_row_index("row")
    passed = pl.DataFrame({"row": where.arg_true(), "passed": judged})
    return (
        out.join(passed, on="row", how="left", maintain_order="left")
        .select(pl.when(pl.col("fits")).then(pl.col("passed")).otherwise(pl.col("fits")))
        .to_series()
    )
