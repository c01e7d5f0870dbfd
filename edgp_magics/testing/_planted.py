"""A generated table with planted defects: what is wrong where is known exactly."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_FIRST = [
    "Ada",
    "Ben",
    "Chloe",
    "Dev",
    "Elif",
    "Farid",
    "Grace",
    "Hana",
    "Ivan",
    "Jun",
    "Kira",
    "Liam",
    "Mei",
    "Noor",
    "Omar",
    "Pia",
    "Quinn",
    "Rosa",
    "Sven",
    "Tara",
]
_LAST = [
    "Abbott",
    "Berger",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Hansen",
    "Ito",
    "Jensen",
    "Khan",
    "Lindholm",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Rossi",
    "Schmidt",
    "Tan",
    "Weber",
]
_PLACES = {"Singapore": "SGD", "Germany": "EUR", "France": "EUR", "Malaysia": "MYR", "United Kingdom": "GBP", "India": "INR"}
_STATUS = ["active", "inactive", "pending", "closed"]


@dataclass(frozen=True)
class Planted:
    """``frame`` with defects, ``clean`` without, and ``truth``: kind of defect → the (row, column) cells it was planted in."""

    frame: pd.DataFrame
    clean: pd.DataFrame
    truth: dict[str, set[tuple[int, str]]]


def planted_customers(rows: int = 500, *, each: int = 5, seed: int = 7) -> Planted:
    """A customer table of ``rows`` rows with ``each`` defects of every kind, no two in one row.

    Kinds: missing, coded_missing, typo, dependency (country → currency), out_of_range, order (last_login before
    signup), checksum (IBAN), format (an e-mail without @), case, duplicate (a row repeated at the end).

    >>> planted = planted_customers(200, each=2)
    >>> len(planted.frame), sorted(planted.truth)[:3]
    (202, ['case', 'checksum', 'coded_missing'])
    """
    import pandas as pd

    draw = random.Random(seed)  # noqa: S311  # test data, not a secret
    records = [_record(i, draw) for i in range(rows)]
    clean = pd.DataFrame(records)
    order = draw.sample(range(rows), each * len(_DEFECTS))
    truth: dict[str, set[tuple[int, str]]] = {}
    for k, (kind, (column, spoil)) in enumerate(_DEFECTS.items()):
        for row in order[k * each : (k + 1) * each]:
            records[row] = {**records[row], column: spoil(records[row], draw)}
            truth.setdefault(kind, set()).add((row, column))
    untouched = sorted(set(range(rows)) - set(order))
    for i, row in enumerate(draw.sample(untouched, each)):
        records.append(dict(records[row]))
        truth.setdefault("duplicate", set()).add((rows + i, "customer_id"))
    return Planted(frame=pd.DataFrame(records), clean=clean, truth=truth)


def _record(i: int, draw: random.Random) -> dict[str, Any]:
    first, last = draw.choice(_FIRST), draw.choice(_LAST)
    country = draw.choice(list(_PLACES))
    signup = dt.date(2019, 1, 1) + dt.timedelta(days=draw.randrange(2000))
    return {
        "customer_id": f"C{100000 + i}",
        "name": f"{first} {last}",
        "email": f"{first}.{last}{i}@example.org".lower(),
        "country": country,
        "currency": _PLACES[country],
        "iban": _iban(draw),
        "age": draw.randrange(18, 91),
        "balance": round(draw.lognormvariate(7, 0.8), 2),
        "status": draw.choice(_STATUS),
        "signup": signup.isoformat(),
        "last_login": (signup + dt.timedelta(days=draw.randrange(1, 700))).isoformat(),
    }


def _iban(draw: random.Random) -> str:
    """A German account number with right check digits (ISO 13616), of no bank: its bank code is all zeros."""
    account = f"00000000{draw.randrange(10**10):010d}"
    check = 98 - int(account + "131400") % 97
    return f"DE{check:02d}{account}"


def _typo(record: dict[str, Any], draw: random.Random) -> str:
    text = str(record["country"])
    at = draw.randrange(1, len(text) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :] if text[at] != text[at + 1] else text[:at] + text[at + 1 :]


def _wrong_digit(record: dict[str, Any], draw: random.Random) -> str:
    iban = str(record["iban"])
    at = draw.randrange(12, len(iban))
    return iban[:at] + str((int(iban[at]) + draw.randrange(1, 10)) % 10) + iban[at + 1 :]


_DEFECTS: dict[str, tuple[str, Any]] = {
    "missing": ("email", lambda r, d: None),
    "coded_missing": ("status", lambda r, d: "N/A"),
    "typo": ("country", _typo),
    "dependency": ("currency", lambda r, d: d.choice([c for c in sorted(set(_PLACES.values())) if c != r["currency"]])),
    "out_of_range": ("age", lambda r, d: d.choice([-7, 212, 999])),
    "order": ("last_login", lambda r, d: (dt.date.fromisoformat(r["signup"]) - dt.timedelta(days=d.randrange(5, 400))).isoformat()),
    "checksum": ("iban", _wrong_digit),
    "format": ("email", lambda r, d: str(r["email"]).replace("@", " at ")),
    "case": ("status", lambda r, d: str(r["status"]).upper()),
}
