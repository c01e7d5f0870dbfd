"""The transforms of single values: keyed tokens and shifts, truncation, bands, years, and hiding.

Keyed transforms use HMAC-SHA-256: the same key gives the same token in every table, so that joins survive; without the key no
dictionary helps.
"""

from __future__ import annotations

import base64
import datetime as dt
import functools
import hashlib
import hmac
import math
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ._words import words

ZIP3_RESTRICTED = words("036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893")
"""Three-digit ZIP areas of 20,000 people or fewer (census of 2000, as the HHS guidance lists them)."""


def plain_text(value: Any) -> str:
    """A cell as text: whole numbers without their zeros, bytes as the text they are, midnight as its day.

    >>> plain_text(12.0), plain_text(Decimal("12.00")), plain_text(b"ab"), plain_text(dt.datetime(2024, 1, 2))
    ('12', '12', 'ab', '2024-01-02')
    """
    if isinstance(value, (float, Decimal)):
        return str(int(value)) if value == value and abs(value) != float("inf") and value == int(value) else str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


_WHOLE = re.compile(r"(-?[0-9]+)\.0+")


def joined_text(value: Any) -> str:
    """What a cell is joined by: its text without the marks of its dtype, its case, its blanks and its way of writing accents.

    >>> joined_text(" Jose\u0301  TAN "), joined_text("123.0"), joined_text(123)
    ('josé tan', '123', '123')
    """
    text = " ".join(unicodedata.normalize("NFKC", plain_text(value)).casefold().split())
    whole = _WHOLE.fullmatch(text)
    return whole.group(1) if whole else text


def hidden(value: str) -> str:
    """The value with letters and digits starred but for the first, and no mark left that tells its type.

    >>> hidden("a.tan@example.org"), hidden("Alice Tan"), hidden("+65 9123 4567")
    ('a****************', 'A**** ***', '+** **** ****')
    """
    kept = 1 if len(value) > 2 and value[0].isalpha() else 0
    return value[:kept] + "".join(c if c in " -()+" else "*" for c in value[kept:])


def _digest(key: bytes, *parts: str) -> bytes:
    return hmac.new(key, "\x1f".join(parts).encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def token(value: Any, key: bytes) -> str:
    """A keyed token of 16 characters; equal values give equal tokens under one key, whatever dtype they have.

    >>> token("a@x.org", b"k") == token("A@x.org ", b"k"), token(7, b"k") == token("7.0", b"k"), token("a", b"k") == token("a", b"l")
    (True, True, False)
    """
    return base64.b32encode(_digest(key, "token", joined_text(value))[:10]).decode()


_ALPHABETS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def format_preserving(value: Any, key: bytes) -> Any:
    """Another value of the same form: digits stay digits, letters letters of their script; one to one under one key.

    A whole number stays one of as many digits. What has few forms (four digits) can still be told by how often it occurs.

    >>> out = format_preserving("S1234567D", b"k"); out != "S1234567D", len(out), out[1:8].isdigit()
    (True, 9, True)
    >>> sorted(format_preserving(n, b"k") for n in range(10, 100)) == list(range(10, 100))
    True
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return _permuted_number(value, key)
    if isinstance(value, float) and value.is_integer():
        return float(_permuted_number(int(value), key))
    text = unicodedata.normalize("NFC", plain_text(value))
    parts = [text[i : i + _PART] for i in range(0, len(text), _PART)]
    return "".join(_permuted_text(part, key, before) for before, part in zip(["", *parts], parts, strict=False))


_PART = 64
"""Longer texts are exchanged part by part, each by the one before it: numbers of thousands of digits are slow."""


def _permuted_number(value: int, key: bytes) -> int:
    digits = str(abs(value))
    least = 10 ** (len(digits) - 1) if len(digits) > 1 else 0
    most = 10 ** len(digits) if abs(value) >> 63 else min(10 ** len(digits), 1 << 63)
    moved = least + _permute(abs(value) - least, most - least, key, f"number {len(digits)}")
    return -moved if value < 0 else moved


def _permuted_text(value: str, key: bytes, before: str) -> str:
    places = [_alphabet(c) for c in value]
    number, size = 0, 1
    for char, alphabet in zip(value, places, strict=True):
        if alphabet:
            number, size = number * len(alphabet) + alphabet.index(char), size * len(alphabet)
    if size < 2:
        return value
    form = before + "".join(a[:1] or c for a, c in zip(places, value, strict=True))
    number = _permute(number, size, key, form)
    out = []
    for char, alphabet in zip(reversed(value), reversed(places), strict=True):
        if alphabet:
            number, rest = divmod(number, len(alphabet))
            char = alphabet[rest]
        out.append(char)
    return "".join(reversed(out))


@functools.lru_cache(maxsize=4096)
def _alphabet(char: str) -> str:
    """The characters that one may be exchanged for: of other scripts those of its sort in its block of 256."""
    plain = next((a for a in _ALPHABETS if char in a), "")
    if plain or char.isascii() or not char.isalnum():
        return plain
    first = ord(char) & ~0xFF
    sort = unicodedata.category(char)
    return "".join(c for c in map(chr, range(max(first, 0x80), first + 0x100)) if unicodedata.category(c) == sort)


def _permute(number: int, size: int, key: bytes, tweak: str) -> int:
    """A keyed permutation of 0..size-1: Feistel rounds over its bits, repeated until the result is in range."""
    half = max(1, (size - 1).bit_length() + 1 >> 1)
    low = (1 << half) - 1
    while True:
        left, right = number >> half, number & low
        for i in range(8):
            left, right = right, left ^ int.from_bytes(_digest(key, tweak, str(i), str(right)), "big") & low
        number = left << half | right
        if number < size:
            return number


_WRITTEN = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])|([0-9]{1,2})([-/.])([0-9]{1,2})\6([0-9]{4})(?![0-9])")


def date_shift(value: Any, subject: Any, key: bytes, *, day_first: bool | None = None, days: int = 182) -> Any:
    """The date moved by a number of days that is secret and the same for all dates of a subject; a time of day stays.

    Text keeps its form. ``day_first`` says what ``03/04/2024`` is; where that is not known, or it is no date, nothing is left.

    >>> a = date_shift("2024-03-01", "p1", b"k"); b = date_shift("2024-03-08T10:00Z", "p1", b"k")
    >>> (dt.date.fromisoformat(b[:10]) - dt.date.fromisoformat(a)).days, b[10:], date_shift("03/04/2024", "p1", b"k")
    (7, 'T10:00Z', None)
    """
    delta = dt.timedelta(days=(int.from_bytes(_digest(key, "shift", joined_text(subject))[:4], "big") % (2 * days) - days) or days)
    try:
        return value + delta if isinstance(value, dt.date) else _shifted_text(str(value).strip(), delta, day_first)
    except (ValueError, OverflowError):
        return None


def _shifted_text(text: str, delta: dt.timedelta, day_first: bool | None) -> str | None:
    found = _WRITTEN.match(text)
    if found is None:
        return None
    if found[1]:
        moved = dt.date(int(found[1]), int(found[3]), int(found[4])) + delta
        return f"{moved.year:04}{found[2]}{moved.month:02}{found[2]}{moved.day:02}{text[found.end() :]}"
    order = day_first if day_first is not None else part_order([text])
    if order is None:
        return None
    day, month = (found[5], found[7]) if order else (found[7], found[5])
    moved = dt.date(int(found[8]), int(month), int(day)) + delta
    first, second = (moved.day, moved.month) if order else (moved.month, moved.day)
    return f"{first:02}{found[6]}{second:02}{found[6]}{moved.year:04}{text[found.end() :]}"


def part_order(texts: Iterable[str]) -> bool | None:
    """Whether the day stands before the month in dates that end in the year; None where nothing tells.

    >>> part_order(["03/04/2024", "25/04/2024"]), part_order(["04/25/2024"]), part_order(["03/04/2024"])
    (True, False, None)
    """
    parts = [(int(m[5]), int(m[7])) for t in texts if (m := _WRITTEN.match(t.strip())) and m[5]]
    later, earlier = any(a > 12 for a, _ in parts), any(b > 12 for _, b in parts)
    return None if later == earlier else later


_YEAR_IN = re.compile(r"(?<![0-9])(?:18|19|20)[0-9]{2}(?![0-9])")
_COMPACT = re.compile(r"((?:18|19|20)[0-9]{2})(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


def year(value: Any, earliest: int = 0) -> Any:
    """The year of a date: text, but a number where it was one. Years before ``earliest`` are pooled in it.

    A first of January would be a date still, so that dates become text.

    >>> year("1980-04-12"), year("12.04.1911", 1935), year("soon"), year(19800412), year(dt.date(1980, 4, 12))
    ('1980', '1935', None, 1980, '1980')
    """
    if isinstance(value, dt.date):
        return str(max(value.year, earliest))
    text = plain_text(value).strip()
    compact = _COMPACT.fullmatch(text)
    found = compact.group(1) if compact else m.group() if (m := _YEAR_IN.search(text)) else None
    if found is None:
        return None
    pooled = max(int(found), earliest)
    return str(pooled) if isinstance(value, (str, bytes)) else pooled if text in (found, compact and compact.group()) else None


_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def number_in(value: Any) -> float | None:
    """A cell's number: of text the only one that stands in it.

    >>> number_in("85 years"), number_in(3), number_in("3 to 5"), number_in("-4")
    (85.0, 3.0, None, -4.0)
    """
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        found = _NUMBER.findall(value) if isinstance(value, str) else ()
        return float(found[0]) if len(found) == 1 else None


def band(value: Any, width: int) -> Any:
    """The band of ``width`` that a number falls into, as text; of a date that of its year.

    >>> band(47, 10), band("47 years", 10), band(dt.date(1987, 5, 1), 10), band("n/a", 10)
    ('40-49', '40-49', '1980-1989', None)
    """
    number = value.year if isinstance(value, dt.date) else number_in(value)
    if number is None or not math.isfinite(number):
        return None
    low = int(number // width * width)
    return f"{low}-{low + width - 1}"


def top_code(value: Any, limit: int) -> Any:
    """The value, or ``limit`` where it is larger (text gets a plus sign).

    >>> top_code(93, 90), top_code("93 years", 90), top_code("85 years", 90), top_code("90+", 90), top_code("old", 90)
    (90, '90+', '85 years', '90+', None)
    """
    number = number_in(value)
    if number is None or number != number:
        return None
    if number < limit:
        return value
    return f"{limit}+" if isinstance(value, str) else type(value)(limit)


def zip3(value: Any, *, shortened: bool = False) -> Any:
    """The first three digits of a ZIP code, 000 for areas of 20,000 people or fewer.

    Four digits have lost their leading zero. ``shortened`` says that the column holds numbers of three digits already.

    >>> zip3("94105-1420"), zip3("03601"), zip3(2139), zip3("2139"), zip3("941"), zip3(941, shortened=True)
    ('941', '000', 21, '021', '941', 941)
    """
    text = plain_text(value).strip()
    digits = re.sub(r"[^0-9]", "", text[:5])
    written = isinstance(value, (str, bytes))
    digits = (digits.zfill(3 if shortened else 5) if not written or len(digits) == 4 else digits)[:3]
    kept = "000" if digits in ZIP3_RESTRICTED or len(digits) < 3 else digits
    return kept if written else int(kept)


def first_of(value: str, count: int) -> str:
    """The first characters, the letters and digits behind them hidden.

    >>> first_of("637459", 2), first_of("SW1A 1AA", 4)
    ('63****', 'SW1A ***')
    """
    return value[:count] + "".join("*" if c.isalnum() else c for c in value[count:])


def last_four(value: str) -> str:
    """The last four characters, of short values at most half.

    >>> last_four("S1234567D"), last_four("1234")
    ('*****567D', '**34')
    """
    kept = min(4, len(value) // 2)
    return "*" * (len(value) - kept) + value[len(value) - kept :]


def truncate_pan(value: str) -> str:
    """First six and last four digits, the rest hidden.

    >>> truncate_pan("4111 1111 1111 1111")
    '4111 11** **** 1111'
    """
    total = sum(c.isdigit() for c in value)
    out, seen = [], 0
    for char in value:
        seen += char.isdigit()
        out.append("*" if char.isdigit() and 6 < seen <= total - 4 else char)
    return "".join(out)
