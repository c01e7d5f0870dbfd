"""Attacks on pseudonyms: what an outsider could undo with the table alone. Every attack is carried out, not guessed.

Hash columns are recognised by length and alphabet. Tried are: the hash of another column of the same row, the hashes of small
spaces (dates, four to six digits, postal codes, words), and a truncated card number beside its hash.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_lowercase, digits
from typing import Any

from ...values import Progress
from ._checks import card_brand, luhn_sum
from ._facts import FLAGS, Facts
from ._lexicon import COUNTRIES, DEMONYMS, gazetteer
from ._recognizers import RECOGNIZERS
from ._transforms import plain_text

Hash = Callable[[bytes], Any]
"""Makes a hash object of some bytes; its ``digest()`` is half as long as its text, and is what is compared."""


_ALGORITHMS: dict[int, tuple[tuple[str, Hash], ...]] = {
    32: (("MD5", functools.partial(hashlib.md5, usedforsecurity=False)),),
    40: (("SHA-1", functools.partial(hashlib.sha1, usedforsecurity=False)),),
    56: (("SHA-224", hashlib.sha224),),
    64: (("SHA-256", hashlib.sha256), ("SHA3-256", hashlib.sha3_256), ("BLAKE2s", hashlib.blake2s)),
    96: (("SHA-384", hashlib.sha384),),
    128: (("SHA-512", hashlib.sha512), ("BLAKE2b", hashlib.blake2b)),
}
_BIN = re.compile(r"[0-9]{6}|[0-9]{8}")
_LAST = re.compile(r"[0-9]{1,4}")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")
_TRUNCATED = re.compile(r"([0-9]{4,8})[ *xX•.#_-]{2,14}([0-9]{4})")
TRIED = 12
"""Hash values put to an attack per column."""


@dataclass(frozen=True, kw_only=True)
class Attack:
    """An attack that worked: on which column, with what help, how many of the values tried fell."""

    kind: str
    column: str
    source: str
    algorithm: str
    broken: int
    tried: int
    note: str


def attack_tests(columns: Sequence[Facts], *, progress: Progress | None = None) -> tuple[Attack, ...]:
    """All attacks that succeed on this table."""
    hashed = [f for f in columns if _hash_length(f)]
    if not hashed:
        return ()
    found: list[Attack] = []
    spell = functools.cache(_spellings)
    for target in hashed:
        if progress is not None:
            progress.step("attacks", 0.85)
        attack = _derived(target, [f for f in columns if f is not target], spell) or _small_space(target, progress)
        if attack is not None:
            found.append(attack)
    return (*found, *_truncated_beside_hash(columns, hashed, found))


def _hash_length(facts: Facts) -> int:
    """The length of the hexadecimal digests that fill the column, or 0."""
    if facts.kind != "string" or len(facts.values) < 2:
        return 0
    size = facts.lengths[0][0]
    if size not in _ALGORITHMS or any(n != size for n, _ in facts.lengths) or not all(map(_HEXADECIMAL.fullmatch, facts.values)):
        return 0
    return size


# -- a hash of another column --------------------------------------------------------------------------------------------
_FORMS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("as it is", lambda v: v),
    ("trimmed, lower case", lambda v: v.strip().lower()),
    ("upper case", lambda v: v.strip().upper()),
    ("letters and digits only", lambda v: re.sub(r"[^0-9A-Za-z]", "", v)),
    ("letters and digits only, lower case", lambda v: re.sub(r"[^0-9A-Za-z]", "", v).lower()),
)


Spelled = tuple[tuple[str, tuple[bytes | None, ...]], ...]
"""For each way to write the cells of some rows: its name and the cells; no bytes for a gap."""


def _derived(target: Facts, others: Sequence[Facts], spell: Callable[[Facts, tuple[int, ...]], Spelled]) -> Attack | None:
    """Whether the digests are those of another column's value in the same row."""
    rows = _filled_rows(target)
    digests = [bytes.fromhex(c) for c in _cells(target, rows)]
    algorithms = _ALGORITHMS[_hash_length(target)]
    for other in others:
        if other.flag or other.distinct < 2:
            continue
        first = spell(other, rows[:FEW])
        for name, algorithm in algorithms:
            if not any(_hits(algorithm, cells, digests[:FEW]) for _, cells in first):
                continue
            for form, cells in spell(other, rows):
                hits = _hits(algorithm, cells, digests)
                if hits >= max(2, 0.6 * len(rows)):
                    return Attack(
                        kind="hash_of_column",
                        column=target.name,
                        source=other.name,
                        algorithm=name,
                        broken=hits,
                        tried=len(rows),
                        note=f"`{target.name}` is the unkeyed {name} of `{other.name}` ({form})",
                    )
    return None


FEW = 3
"""So many rows decide whether the rest are tried."""


def _spellings(facts: Facts, rows: tuple[int, ...]) -> Spelled:
    """The cells of these rows in each of the forms, those left out that change nothing."""
    cells, out = _cells(facts, rows), dict[tuple[bytes | None, ...], str]()
    for form, change in _FORMS:
        out.setdefault(tuple([change(c).encode("utf-8", "surrogatepass") if c else None for c in cells]), form)
    return tuple((form, spelled) for spelled, form in out.items())


def _hits(algorithm: Hash, cells: Sequence[bytes | None], digests: Sequence[bytes]) -> int:
    """How many digests are those of the cells beside them."""
    return sum(cell is not None and algorithm(cell).digest() == digest for cell, digest in zip(cells, digests, strict=True))


def _cells(facts: Facts, rows: Sequence[int]) -> list[str]:
    """The cells of these rows as text, nothing for a gap."""
    array = facts.column.array
    return ["" if v is None else plain_text(v) for v in (array[row].as_py() for row in rows)]


def _filled_rows(facts: Facts) -> tuple[int, ...]:
    mask = facts.column.series.is_not_null().arg_true()
    step = max(1, len(mask) // TRIED)
    return tuple(int(r) for r in mask.gather_every(step)[:TRIED])


# -- small spaces --------------------------------------------------------------------------------------------------------
def _dates(step: int) -> Iterator[str]:
    first, last = dt.date(1930, 1, 1).toordinal(), dt.date(2027, 1, 1).toordinal()
    for ordinal in range(first, last, step):
        day = dt.date.fromordinal(ordinal)
        y, m, d = day.year, day.month, day.day
        yield from (f"{y}-{m:02}-{d:02}", f"{d:02}/{m:02}/{y}", f"{m:02}/{d:02}/{y}", f"{y}{m:02}{d:02}", f"{d:02}.{m:02}.{y}")


def _categories(step: int) -> Iterator[str]:
    pools = (COUNTRIES, DEMONYMS, frozenset(digits + ascii_lowercase), FLAGS, *(r.words for r in RECOGNIZERS if r.words))
    for pool in pools:
        for word in sorted(pool)[::step]:
            yield from (word, word.title(), word.upper())
    for pair in itertools.islice(itertools.product(ascii_lowercase, repeat=2), 0, None, step):  # countries, languages, states
        yield from ("".join(pair), "".join(pair).upper())


def _names(step: int) -> Iterator[str]:
    for pool in (gazetteer().given, gazetteer().family):
        for word in sorted(pool)[::step]:
            yield from (word, word.title())


def _digits(size: int) -> Callable[[int], Iterator[str]]:
    return lambda step: (f"{i:0{size}}" for i in range(0, 10**size, step))


_SPACES: tuple[tuple[str, int, Callable[[int], Iterator[str]]], ...] = (
    ("category words", 1, _categories),
    ("whole numbers up to four digits", 1, lambda step: map(str, range(0, 10_000, step))),
    ("four digits", 8, _digits(4)),
    ("dates since 1930", 12, _dates),
    ("five digits (postal codes)", 12, _digits(5)),
    ("six digits", 48, _digits(6)),
    ("given and family names", 12, _names),
)
"""What is enumerated: its name, how many distinct digests a column must have for it to be likely, its values by a step."""


def _small_space(target: Facts, progress: Progress | None) -> Attack | None:
    """Whether enumerating a small space finds the digests.

    A thinned enumeration comes first, the thinner the more digests there are to be met: where all of them lie in the space, it
    misses them with a probability of 0.5 % at most. Only the space of which it meets most is enumerated in full.
    """
    wanted = _wanted(target)
    for name, algorithm in _ALGORITHMS[_hash_length(target)]:
        space = _likeliest(wanted, name, algorithm, progress)
        if space is None:
            continue
        label, _, values = _SPACES[space]
        hits = _reversed(wanted, algorithm, values(1))
        if hits >= max(2, 0.1 * len(wanted)):
            return Attack(
                kind="hash_of_small_space",
                column=target.name,
                source=label,
                algorithm=name,
                broken=hits,
                tried=len(wanted),
                note=f"`{target.name}` holds unkeyed {name} digests of {label}: {hits} of {len(wanted)} tried were reversed",
            )
    return None


WANTED = 4096
"""So many digests of a column are sought."""
_MISSED = 0.005


def _wanted(target: Facts) -> set[bytes]:
    """Digests of the column's first filled cells."""
    cells = target.column.series.drop_nulls().head(WANTED).str.decode("hex", strict=False)
    return set(cells.drop_nulls().to_list())


def _step(wanted: int) -> int:
    """The largest power of two by which a space can be thinned without missing so many digests.

    >>> [_step(n) for n in (2, 20, 200, 4096)]
    [1, 4, 32, 512]
    """
    step = 1
    while (1 - 0.5 / step) ** wanted <= _MISSED:
        step *= 2
    return step


def _likeliest(wanted: set[bytes], name: str, algorithm: Hash, progress: Progress | None) -> int | None:
    """The space whose thinned digests meet most of the wanted ones; of equals the smaller, which comes first."""
    met: dict[int, int] = {}
    step = _step(len(wanted))
    for space, (_, least, _) in enumerate(_SPACES):
        if progress is not None:
            progress.step("attacks", 0.9)
        if len(wanted) >= least:
            met[space] = len(wanted & _digests(name, algorithm, space, step))
        if met.get(space) == len(wanted):
            break
    best = max(met, key=lambda s: met[s], default=0)
    return best if met.get(best) else None


def _reversed(wanted: set[bytes], algorithm: Hash, values: Iterator[str]) -> int:
    """How many of the digests the values have; the search ends with the last one found."""
    left = set(wanted)
    for value in values:
        left.discard(algorithm(value.encode()).digest())
        if not left:
            break
    return len(wanted) - len(left)


@functools.lru_cache(maxsize=64)
def _digests(name: str, algorithm: Hash, space: int, step: int) -> frozenset[bytes]:
    """The digests of a thinned space, kept for the next column."""
    return frozenset([algorithm(value).digest() for value in _thinned(space, step)])


@functools.lru_cache(maxsize=16)
def _thinned(space: int, step: int) -> tuple[bytes, ...]:
    """Every ``step``-th value of a space, for one algorithm after the other."""
    return tuple(map(str.encode, _SPACES[space][2](step)))


# -- truncated card numbers ----------------------------------------------------------------------------------------------
def _truncated_beside_hash(columns: Sequence[Facts], hashed: Sequence[Facts], found: Sequence[Attack]) -> Iterator[Attack]:
    """A card number's first and last digits beside its digest leave at most a million tries."""
    parts: list[tuple[Facts, ...]] = [(f,) for f in columns if _most(f, (10, 26), (8, 12), lambda v: _TRUNCATED.fullmatch(v) is not None)]
    parts += itertools.islice(_split_numbers(columns), PAIRS)
    for part in parts:
        for target in hashed:
            if any(a.column == target.name for a in found):
                continue
            yield from _restore_cards(part, target)


PAIRS = 4
"""At most this many pairs of columns are tried as the two ends of card numbers."""


def _most(facts: Facts, lengths: tuple[int, int], digits: tuple[int, int], test: Callable[[str], bool]) -> bool:
    """Whether half of the values have so many characters and digits and pass a test."""
    sized, enough = facts.sized(lengths, digits), max(1.0, 0.5 * len(facts.values))
    return len(sized) >= enough and sum(test(facts.values[i]) for i in sized) >= enough


def _split_numbers(columns: Sequence[Facts]) -> Iterator[tuple[Facts, Facts]]:
    """Pairs of columns that can hold the first six or eight and the last four digits of cards."""
    heads = [f for f in columns if _most(f, (6, 8), (6, 8), lambda v: _BIN.fullmatch(v) is not None and _length(v) > 0)]
    tails = [f for f in columns if f.distinct > 1 and not f.flag and _most(f, (3, 4), (3, 4), lambda v: _LAST.fullmatch(v) is not None)]
    return itertools.product(heads, tails)


def _ends(cells: tuple[str, ...]) -> tuple[str, str] | None:
    """The first and the last digits that stand in a row's cell, or in its two."""
    if len(cells) == 2:
        head, tail = cells
        return (head, tail.zfill(4)) if _BIN.fullmatch(head) and _LAST.fullmatch(tail) else None
    found = _TRUNCATED.fullmatch(cells[0])
    return (found.group(1), found.group(2)) if found else None


def _restore_cards(part: tuple[Facts, ...], target: Facts) -> Iterator[Attack]:
    rows = _filled_rows(target)[:2]
    beside = zip(*(_cells(f, rows) for f in part), strict=True)
    ends = [(found, bytes.fromhex(digest)) for cells, digest in zip(beside, _cells(target, rows), strict=True) if (found := _ends(cells))]
    names = " and ".join(f"`{f.name}`" for f in part)
    for name, algorithm in _ALGORITHMS[_hash_length(target)]:
        broken = itertools.takewhile(bool, (_restore(*cut, digest, algorithm) for cut, digest in ends))  # the first row decides
        done = sum(broken)
        if done:
            yield Attack(
                kind="hash_and_truncated_pan",
                column=target.name,
                source=" + ".join(f.name for f in part),
                algorithm=name,
                broken=done,
                tried=len(rows),
                note=f"the truncated numbers in {names} and the {name} digests in `{target.name}` give back full card numbers",
            )
            return


def _restore(head: str, tail: str, digest: bytes, algorithm: Hash) -> bool:
    """Whether a card number between these ends has the digest; first digits say how many there are."""
    hidden = _length(head) - len(head) - len(tail)
    return 2 <= hidden <= 6 and any(algorithm(n.encode()).digest() == digest for n in numbers_between(head, hidden, tail))


def _length(head: str) -> int:
    """How many digits a card that begins so has, or 0 where no card does."""
    return next((n for n in (16, 15) if card_brand(head.ljust(n, "0")) is not None), 0)


def numbers_between(head: str, hidden: int, tail: str) -> Iterator[str]:
    """All numbers with these ends of which Luhn's sum is right: the last hidden digit follows from the others.

    >>> list(numbers_between("45395787636214", 1, "6")), len(list(numbers_between("453957", 3, "8763621486")))
    (['4539578763621486'], 100)
    """
    sums = [luhn_sum(head + "0" * hidden + tail)]
    for zeros in range(len(tail) + hidden - 1, len(tail), -1):
        adds = [luhn_sum(f"{d}" + "0" * zeros) for d in range(10)]
        sums = [s + add for s in sums for add in adds]
    last = sorted(range(10), key=lambda d: luhn_sum(f"{d}" + "0" * len(tail)))
    return (f"{head}{10 * m + last[-s % 10]:0{hidden}d}{tail}" for m, s in enumerate(sums))
