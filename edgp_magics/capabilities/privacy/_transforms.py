"""The transforms of single values: keyed tokens and shifts, truncation, bands, years, and hiding.

Keyed transforms use HMAC-SHA-256: the same key gives the same token in every table, so that joins survive; without the key no
dictionary helps.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
from typing import Any

from ._words import words

ZIP3_RESTRICTED = words("036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893")
"""Three-digit ZIP areas of 20,000 people or fewer (census of 2000, as the HHS guidance lists them)."""


def plain_text(value: Any) -> str:
    """A cell as text; whole floats without their zero."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def hidden(value: str) -> str:
    """The value with letters and digits starred but for the first, and no mark left that tells its type.

    >>> hidden("a.tan@example.org"), hidden("Alice Tan"), hidden("+65 9123 4567")
    ('a****************', 'A**** ***', '+** **** ****')
    """
    kept = 1 if len(value) > 2 and value[0].isalpha() else 0
    return value[:kept] + "".join(c if c in " -()+" else "*" for c in value[kept:])


def _digest(key: bytes, *parts: str) -> bytes:
    return hmac.new(key, "\x1f".join(parts).encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def token(value: str, key: bytes) -> str:
    """A keyed token of 16 characters; equal values give equal tokens under one key.

    >>> token("a@x.org", b"k") == token("A@x.org ", b"k"), token("a", b"k") == token("a", b"other")
    (True, False)
    """
    return base64.b32encode(_digest(key, "token", value.strip().casefold())[:10]).decode()


_ALPHABETS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def format_preserving(value: str, key: bytes) -> str:
    """Another value of the same form: digits stay digits, letters stay letters, the rest stays; one to one under one key.

    >>> out = format_preserving("S1234567D", b"k"); out != "S1234567D", len(out), out[1:8].isdigit()
    (True, 9, True)
    """
    places = [next((a for a in _ALPHABETS if c in a), "") for c in value]
    number, size = 0, 1
    for char, alphabet in zip(value, places, strict=True):
        if alphabet:
            number, size = number * len(alphabet) + alphabet.index(char), size * len(alphabet)
    if size < 2:
        return value
    form = "".join(a[:1] or c for a, c in zip(places, value, strict=True))
    number = _permute(number, size, key, form)
    out = []
    for char, alphabet in zip(reversed(value), reversed(places), strict=True):
        if alphabet:
            number, rest = divmod(number, len(alphabet))
            char = alphabet[rest]
        out.append(char)
    return "".join(reversed(out))


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


def date_shift(value: Any, subject: str, key: bytes, days: int = 182) -> Any:
    """The date moved by a number of days that is secret and the same for all dates of a subject.

    >>> a = date_shift("2024-03-01", "p1", b"k"); b = date_shift("2024-03-08", "p1", b"k")
    >>> (dt.date.fromisoformat(b) - dt.date.fromisoformat(a)).days
    7
    """
    delta = dt.timedelta(days=(int.from_bytes(_digest(key, "shift", subject)[:4], "big") % (2 * days) - days) or days)
    if isinstance(value, (dt.date, dt.datetime)):
        return value + delta
    try:
        return (dt.datetime.fromisoformat(str(value)) + delta).isoformat()[: len(str(value))]
    except ValueError:
        return None


_YEAR_IN = re.compile(r"(?<![0-9])(?:18|19|20)[0-9]{2}(?![0-9])")


def year(value: Any, earliest: int = 0) -> Any:
    """The year of a date, as a date of January 1st where the column holds dates; years before ``earliest`` are pooled in it.

    >>> year("1980-04-12"), year("12.04.1911", 1935), year("soon")
    ('1980', '1935', None)
    """
    if isinstance(value, dt.datetime):
        return value.replace(year=max(value.year, earliest), month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    if isinstance(value, dt.date):
        return value.replace(year=max(value.year, earliest), month=1, day=1)
    if not isinstance(value, str):
        return max(value, earliest)
    found = _YEAR_IN.search(value)
    return str(max(int(found.group()), earliest)) if found else None


def band(value: Any, width: int) -> Any:
    """The band of ``width`` that a number falls into, as text.

    >>> band(47, 10), band("47", 10)
    ('40-49', '40-49')
    """
    try:
        low = int(float(value) // width * width)
    except (TypeError, ValueError, OverflowError):
        return None
    return f"{low}-{low + width - 1}"


def top_code(value: Any, limit: int) -> Any:
    """The value, or ``limit`` where it is larger (text gets a plus sign)."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if number < limit:
        return value
    return f"{limit}+" if isinstance(value, str) else type(value)(limit)


def zip3(value: Any) -> Any:
    """The first three digits of a ZIP code, 000 for areas of 20,000 people or fewer.

    >>> zip3("94105-1420"), zip3("03601"), zip3(2139)
    ('941', '000', 21)
    """
    digits = re.sub(r"[^0-9]", "", plain_text(value)[:5] if isinstance(value, str) else f"{int(value):05d}")[:3]
    kept = "000" if digits in ZIP3_RESTRICTED or len(digits) < 3 else digits
    return kept if isinstance(value, str) else int(kept)


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
