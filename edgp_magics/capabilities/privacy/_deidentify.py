"""De-identification as plan actions: what to do with each entity type, and the presets of three regimes.

Keyed transforms take the key as an argument and use HMAC-SHA-256: the same key gives the same token in every table, so that
joins survive; without the key no dictionary helps.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ...errors import BadOption
from ...frames import Column, Frame
from ...values import Action, Example, Plan, finding_id, mask
from ...values import AgentCapability as Cap
from ._risk import classes_of
from ._words import words

Method = Literal[
    "keep",
    "mask",
    "redact",
    "token",
    "format_preserving",
    "date_shift",
    "year",
    "generalise",
    "top_code",
    "zip3",
    "truncate_pan",
    "last4",
    "suppress",
    "drop_column",
]
KEYED = frozenset({"token", "format_preserving", "date_shift"})


@dataclass(frozen=True, kw_only=True)
class Transform:
    """What is done to the cells of a column: a method, and its width, limit or subject column where it has one."""

    method: Method
    width: int = 10
    limit: int = 90
    subject: str = ""


_DROP, _REDACT, _TOKEN = Transform(method="suppress"), Transform(method="redact"), Transform(method="token")
_YEAR, _ZIP3 = Transform(method="year"), Transform(method="zip3")

PRESETS: dict[str, dict[str, Transform]] = {
    "hipaa_safe_harbor": {
        "POSTAL_CODE": _ZIP3,
        "AGE": Transform(method="top_code", limit=90),
        "DATE_OF_BIRTH": _YEAR,
        "DATE_TIME": _YEAR,
        **dict.fromkeys(("CITY", "GEO"), _DROP),
        **dict.fromkeys(
            (
                "GENDER",
                "RACE_ETHNICITY",
                "RELIGION",
                "MARITAL_STATUS",
                "NATIONALITY",
                "HEALTH",
                "SALARY",
                "BLOOD_TYPE",
                "POLITICAL",
                "SEXUAL_ORIENTATION",
            ),
            Transform(method="keep"),
        ),
        "*": _DROP,
    },
    "pci": {
        "CREDIT_CARD": Transform(method="truncate_pan"),
        **dict.fromkeys(("CVV", "CARD_TRACK", "CARD_PIN"), _DROP),
        **dict.fromkeys(("PERSON_NAME", "CARD_EXPIRY"), Transform(method="keep")),
        "*": Transform(method="keep"),
    },
    "pdpa": {
        **dict.fromkeys(("SG_NRIC_FIN", "PASSPORT", "NATIONAL_ID"), Transform(method="last4")),
        **dict.fromkeys(("PERSON_NAME", "EMAIL", "PHONE", "USERNAME"), _TOKEN),
        **dict.fromkeys(("PASSWORD", "SECRET", "CVV", "CARD_TRACK", "CARD_PIN"), _DROP),
        "CREDIT_CARD": Transform(method="truncate_pan"),
        "DATE_OF_BIRTH": _YEAR,
        "ADDRESS": _REDACT,
        "AGE": Transform(method="generalise", width=10),
        "*": Transform(method="keep"),
    },
    "mask": {"*": Transform(method="mask")},
    "pseudonymise": {"*": _TOKEN, **dict.fromkeys(("PASSWORD", "SECRET", "CVV", "CARD_TRACK", "CARD_PIN"), _DROP)},
}
"""What each regime asks for by entity type; ``*`` is every other type."""

ZIP3_RESTRICTED = words("036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893")
"""Three-digit ZIP areas of 20,000 people or fewer (census of 2000, as the HHS guidance lists them)."""


def deidentify(
    frame: Frame,
    types: Mapping[str, str],
    *,
    preset: str = "mask",
    transforms: Mapping[str, Transform] | None = None,
    key: bytes = b"",
    subject: str = "",
    minimum_k: int = 0,
    quasi: Sequence[str] = (),
) -> Plan:
    """A plan that de-identifies ``frame``: one action per column, and one for rows in classes under ``minimum_k``.

    ``types`` is column → entity type (as a scan found them); ``transforms`` overrides the preset by column name.
    """
    if preset not in PRESETS:
        raise BadOption(f"no preset `{preset}`.", hint="Known: " + ", ".join(sorted(PRESETS)))
    rules = PRESETS[preset]
    actions = []
    for name, entity in types.items():
        transform = (transforms or {}).get(name) or rules.get(entity) or rules["*"]
        action = _action(frame, frame.column(name), entity, transform, key, subject or transform.subject)
        if action is not None:
            actions.append(action)
    if minimum_k > 1 and quasi:
        rows = rows_below(frame, quasi, minimum_k)
        if rows:
            actions.append(_suppress_rows(rows, quasi, minimum_k))
    return Plan(dataset=frame.ref, actions=tuple(actions))


def rows_below(frame: Frame, quasi: Sequence[str], minimum_k: int) -> tuple[int, ...]:
    """Positions of rows whose class is smaller than ``minimum_k``; a row that misses a quasi-identifier is in no class."""
    codes, valid = classes_of(frame, quasi)
    sizes = np.bincount(codes[valid], minlength=1)
    small = valid.copy()
    small[valid] = sizes[codes[valid]] < minimum_k
    return tuple(int(i) for i in np.flatnonzero(small))


def _suppress_rows(rows: tuple[int, ...], quasi: Sequence[str], minimum_k: int) -> Action:
    return Action(
        id=finding_id(Cap.PRIVACY_SCAN, "enforce_k", quasi).replace("F-", "A-"),
        kind="drop_rows",
        detector="enforce_k",
        title=f"drop rows in classes under {minimum_k}",
        reason=f"fewer than {minimum_k} rows share " + ", ".join(quasi),
        tier="review",
        confidence=1.0,
        rows=rows,
    )


def _action(frame: Frame, column: Column, entity: str, transform: Transform, key: bytes, subject: str) -> Action | None:
    if transform.method == "keep":
        return None
    if transform.method in KEYED and not key:
        raise BadOption(
            f"`{transform.method}` for `{column.name}` needs a key.", hint="Pass key=b'…' from your secret store; the same key keeps joins."
        )
    identity = finding_id(Cap.PRIVACY_SCAN, transform.method, [column.name], entity).replace("F-", "A-")
    title, reason = f"{transform.method.replace('_', ' ')} {column.name}", f"`{column.name}` holds {entity}"
    if transform.method == "drop_column":
        return Action(
            id=identity,
            kind="drop_columns",
            detector="deidentify",
            title=title,
            reason=reason,
            tier="review",
            confidence=1.0,
            columns=(column.name,),
        )
    rows, old, new = _changes(frame, column, entity, transform, key, subject)
    if not rows:
        return None
    return Action(
        id=identity,
        kind="set",
        detector="deidentify",
        title=title,
        reason=reason,
        tier="review",
        confidence=1.0,
        column=column.name,
        rows=tuple(rows),
        old=tuple(old),
        new=tuple(new),
        examples=tuple(
            Example(row=frame.row_labels([r])[0], before=mask(o), after=mask(n) if transform.method == "format_preserving" else str(n))
            for r, o, n in list(zip(rows, old, new, strict=True))[:3]
        ),
    )


def _changes(
    frame: Frame, column: Column, entity: str, transform: Transform, key: bytes, subject: str
) -> tuple[list[int], list[Any], list[Any]]:
    values = column.array.to_pylist()
    change = _changer(frame, entity, transform, key, subject)
    rows, old, new = [], [], []
    cache: dict[Any, Any] = {}
    for row, value in enumerate(values):
        if value is None:
            continue
        spot = (value, row) if transform.method == "date_shift" else value
        known = cache.get(spot, cache) if isinstance(value, (str, int, float, dt.date)) else cache
        fresh = change(value, row) if known is cache else known
        if isinstance(value, (str, int, float, dt.date)):
            cache[spot] = fresh
        if fresh != value:
            rows.append(row)
            old.append(value)
            new.append(fresh)
    return rows, old, new


def _changer(frame: Frame, entity: str, transform: Transform, key: bytes, subject: str) -> Callable[[Any, int], Any]:
    subjects = frame.column(subject).text if subject else None
    simple: dict[str, Callable[[Any, int], Any]] = {
        "mask": lambda v, _: mask(_text(v)),
        "redact": lambda v, _: f"[{entity}]",
        "suppress": lambda v, _: None,
        "token": lambda v, _: token(_text(v), key),
        "format_preserving": lambda v, _: format_preserving(_text(v), key),
        "year": lambda v, _: _year(v),
        "generalise": lambda v, _: band(v, transform.width),
        "top_code": lambda v, _: top_code(v, transform.limit),
        "zip3": lambda v, _: zip3(v),
        "truncate_pan": lambda v, _: truncate_pan(_text(v)),
        "last4": lambda v, _: "*" * max(0, len(_text(v)) - 4) + _text(v)[-4:],
        "date_shift": lambda v, row: date_shift(v, str(subjects[row]) if subjects is not None else "", key),
    }
    return simple[transform.method]


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


# -- the transforms ------------------------------------------------------------------------------------------------------
def _digest(key: bytes, *parts: str) -> bytes:
    return hmac.new(key, "\x1f".join(parts).encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def token(value: str, key: bytes) -> str:
    """A keyed token of 16 characters; equal values give equal tokens under one key.

    >>> token("a@x.org", b"k") == token("A@x.org ", b"k"), token("a", b"k") == token("a", b"other")
    (True, False)
    """
    import base64

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


def _year(value: Any) -> Any:
    """The year of a date, as a date of January 1st where the column holds dates."""
    if isinstance(value, dt.datetime):
        return value.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    if isinstance(value, dt.date):
        return value.replace(month=1, day=1)
    found = _YEAR_IN.search(str(value))
    return found.group() if found and isinstance(value, str) else None if isinstance(value, str) else value


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
    digits = re.sub(r"[^0-9]", "", _text(value)[:5] if isinstance(value, str) else f"{int(value):05d}")[:3]
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
