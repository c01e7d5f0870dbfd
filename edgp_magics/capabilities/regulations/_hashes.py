"""Tests on hash columns: is a code derived from another column, can it be undone by trying all inputs.

What the privacy scan has broken is broken; only what withstood it is tried here, with what is declared about the inputs.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..privacy import numbers_between
from ._case import Case, Rows, both, header_words

if TYPE_CHECKING:
    from ...frames import Column
    from ..privacy import Attack

ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b")
_LENGTHS = {32, 40, 56, 64, 96, 128}
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{16,128}")
_TRIED_ROWS = 40
TRIES = 1_500_000
"""At most this many inputs are tried against one hash column where the space is declared."""
TRIES_BLIND = 150_000
_STEP = 20_000


@dataclass(frozen=True)
class Derived:
    """A code column that is a plain digest of another column."""

    column: str
    source: str
    algorithm: str


@dataclass(frozen=True)
class Reversed:
    """A hash column whose inputs were found by trying."""

    column: str
    algorithm: str
    space: str
    how: str


def hash_columns(case: Case) -> tuple[str, ...]:
    """Columns that hold digests in hex."""
    found: tuple[str, ...] = case.once("hash columns", lambda: tuple(c.name for c in case.frame if _is_hash(case, c)))
    return found


def _is_hash(case: Case, column: Column) -> bool:
    if column.kind not in ("string", "mixed"):
        return False
    values = [v for v in column.text_counts["value"].head(200).to_list() if v.strip()]
    hexed = [v for v in values if _HEX.fullmatch(v.strip()) and not v.strip().isdecimal()]
    lengths = {len(v.strip().removeprefix("0x")) for v in hexed}
    return len(values) > 0 and len(hexed) >= 0.9 * len(values) and len(lengths) == 1 and (lengths <= _LENGTHS or _named_hash(column.name))


def _named_hash(name: str) -> bool:
    return bool(header_words(name) & {"hash", "hashed", "md5", "sha", "sha1", "sha256", "digest", "token", "code", "pseudonym"})


def keyed(case: Case) -> bool | None:
    """Whether the declared method of hashing uses a key; None when no method is declared."""
    words = case.metadata.words("hash_method")
    return any(k in w for w in words for k in ("hmac", "cmac", "gmac", "kmac", "keyed", "token")) if words else None


def _broken(case: Case, kind: str, name: str) -> Attack | None:
    """The attack by which the privacy scan has broken this column."""
    return next((a for a in case.attacks if (a.kind, a.column) == (kind, name)), None)


def _algorithm(attack: Attack) -> str:
    """The algorithm as it is called here: ``SHA-256`` is ``sha256``."""
    return attack.algorithm.casefold().replace("sha-", "sha").replace("-", "_")


# -- derived from another column ---------------------------------------------------------------------------------------
def derived(case: Case, name: str) -> Derived | None:
    """The column of which this one is a plain digest, row by row."""
    found: Derived | None = case.once(("derived", name), lambda: _derived(case, name))
    return found


def _derived(case: Case, name: str) -> Derived | None:
    known = _broken(case, "hash_of_column", name)
    if known is not None:
        return Derived(name, known.source, _algorithm(known))
    column = case.frame.column(name)
    filled = case.filled(column)
    rows = filled[np.linspace(0, filled.size - 1, min(_TRIED_ROWS, filled.size)).astype(int)] if filled.size else filled
    codes = [str(column.text[int(r)]).strip().casefold().removeprefix("0x") for r in rows]
    if not codes or min(map(len, codes)) < 6 or not all(_HEXISH.fullmatch(c) for c in codes):
        return None
    for other in case.frame:
        case.context.progress.step()
        if other.name == name or other.kind in ("nested", "binary", "null", "boolean"):
            continue
        cells = [other.text[int(r)] for r in rows]
        pairs = [(c, _plain(v, other)) for c, v in zip(codes, cells, strict=True) if v]
        algorithm = _digest_of(pairs)
        if algorithm:
            return Derived(name, other.name, algorithm)
    return None


_HEXISH = re.compile(r"[0-9a-f]{6,128}")


def _plain(value: str, column: Column) -> str:
    return value.strip().removesuffix(".0") if column.kind == "float" else value.strip()


def _digest_of(pairs: list[tuple[str, str]]) -> str:
    """The algorithm by which most codes are the digest of their value; at least two have to be."""
    if not pairs:
        return ""
    for algorithm in ALGORITHMS:
        for form in _FORMS:
            hits = sum(_hex(algorithm, form(v)).startswith(c) for c, v in pairs[:3])
            if hits and sum(_hex(algorithm, form(v)).startswith(c) for c, v in pairs) >= max(1, 0.5 * len(pairs)):
                return algorithm
    return ""


_FORMS: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper, lambda v: re.sub(r"[^0-9A-Za-z]", "", v))


def _hex(algorithm: str, value: str) -> str:
    return hashlib.new(algorithm, value.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


# -- undone by trying --------------------------------------------------------------------------------------------------
def reverse(case: Case, name: str) -> Reversed | None:
    """Try the inputs of small spaces: the declared one, then dates, short numbers and PINs."""
    found: Reversed | None = case.once(("reversed", name), lambda: _reverse(case, name))
    return found


def _reverse(case: Case, name: str) -> Reversed | None:
    known = _broken(case, "hash_of_small_space", name)
    if known is not None:
        return Reversed(name, _algorithm(known), known.source, f"{known.broken:,} of {known.tried:,} values tried were found")
    if keyed(case):
        return None
    targets = {v.strip().casefold().removeprefix("0x") for v in case.frame.column(name).text_counts["value"].to_list()}
    length = len(next(iter(targets), ""))
    declared = [w for w in case.metadata.words("hash_method") if w.replace("_", "") in ALGORITHMS]
    algorithms = [
        a
        for a in ALGORITHMS
        if hashlib.new(a, usedforsecurity=False).digest_size * 2 == length and (not declared or a in [d.replace("_", "") for d in declared])
    ]
    for algorithm in algorithms or [a for a in ALGORITHMS if hashlib.new(a, usedforsecurity=False).digest_size * 2 >= length > 0][:4]:
        for space, size, inputs in _spaces(case):
            tried, found = _try(case, targets, length, algorithm, itertools.islice(inputs, TRIES if size > TRIES_BLIND else TRIES_BLIND))
            if found:
                return Reversed(name, algorithm, space, f"{tried:,} tries gave {found}")
    return None


def _try(case: Case, targets: set[str], length: int, algorithm: str, inputs: Iterable[str]) -> tuple[int, int]:
    """How many inputs were tried and how many of the hashes they gave; stops at the third."""
    found = 0
    tried = 0
    make = getattr(hashlib, algorithm)
    for tried, text in enumerate(inputs, 1):
        if tried % _STEP == 0:
            case.context.progress.step("trying to reverse hashes")
        if make(text.encode()).hexdigest()[:length] in targets:
            found += 1
            if found >= 3:
                break
    return tried, found


def _spaces(case: Case) -> Iterator[tuple[str, int, Iterator[str]]]:
    """Spaces of inputs that can be tried: the declared one first."""
    for template in re.findall(r"[+0-9A-Za-z-]*[xX#]{3,12}[0-9A-Za-z-]*", case.metadata.text("hash_input")):
        yield f"inputs like {template}", 10 ** len(re.findall(r"[xX#]", template)), _fill(template, case.context.seed)
    yield "days since 1925", TRIES_BLIND, _days()
    yield "whole numbers below 100,000", TRIES_BLIND, map(str, range(100_000))


def _fill(template: str, seed: int) -> Iterator[str]:
    """The template with its x filled with digits, every filling once, in a scattered order."""
    width = len(re.findall(r"[xX#]", template))
    size = 10**width
    step = next(s for s in range(int(size * 0.618) | 1, size + 2) if math.gcd(s, size) == 1)
    pieces = re.split(r"[xX#]", template)
    for i in range(size):
        digits = f"{(i * step + seed) % size:0{width}d}"
        yield "".join(itertools.chain.from_iterable(itertools.zip_longest(pieces, digits, fillvalue="")))


def _days() -> Iterator[str]:
    import datetime as dt

    first = dt.date(1925, 1, 1)
    for i in range(37_000):
        text = (first + dt.timedelta(days=i)).isoformat()
        year, month, day = text[:4], text[5:7], text[8:]
        yield from (text, f"{year}{month}{day}", f"{day}{month}{year}", f"{month}/{day}/{year}")


# -- cards -------------------------------------------------------------------------------------------------------------
def restored(case: Case, hashed: str) -> tuple[tuple[str, ...], str] | None:
    """The columns whose digits gave the privacy scan the card numbers behind a hash column back, and its algorithm."""
    known = _broken(case, "hash_and_truncated_pan", hashed)
    if known is None:
        return None
    pair = tuple(known.source.split(" + "))
    return (known.source,) if known.source in case.frame else pair, _algorithm(known)


def from_truncated(case: Case, hashed: Column, shown: list[tuple[int, str, str, int]], *, keep: int = 2) -> str:
    """The algorithm by which a hash column is the plain digest of the cards whose first and last digits are shown.

    ``shown`` are (row, first digits, last digits, length); a few rows are enough to prove it.
    """
    for row, head, tail, length in shown[:keep]:
        code = str(hashed.text[row] or "").strip().casefold()
        size = length - len(head) - len(tail)
        algorithms = [a for a in ALGORITHMS if hashlib.new(a, usedforsecurity=False).digest_size * 2 == len(code)]
        if not 1 <= size <= 6 or not algorithms:
            continue
        case.context.progress.step("testing card hashes")
        numbers = [n.encode() for n in numbers_between(head, size, tail)]
        for algorithm in algorithms[:2]:
            make = getattr(hashlib, algorithm)
            if any(make(number).hexdigest() == code for number in numbers):
                return algorithm
    return ""


def rows_with(case: Case, *names: str) -> Rows:
    """Rows in which every one of these columns is filled."""
    rows = case.filled(case.frame.column(names[0]))
    for name in names[1:]:
        rows = both(rows, case.filled(case.frame.column(name)))
    return rows
