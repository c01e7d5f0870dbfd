"""Rules on payment cards (PCI DSS)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from ...values import plural
from ..privacy._checks import card_brand, luhn, test_card
from . import _read as read
from ._case import NO_ROWS, Case, Rows, both, header_words, union, without
from ._hashes import derived, from_truncated, hash_columns, keyed, restored, rows_with
from ._model import Clause, Hits, Verdict, failed, not_applicable, not_assessed, not_found, passed, warned
from ._rules_data import retention
from ._rules_records import looked_at, protected

if TYPE_CHECKING:
    from ...frames import Column

Rule = Callable[[Case, Clause], Verdict]

_DIGITS = re.compile(r"[0-9][0-9 -]{10,21}[0-9]")
_INSIDE = re.compile(
    r"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2})|(?<=%[Bb])|(?<=[Pp][Aa][Nn]))(?<![0-9]\.)"
    r"(?:[0-9]{12,19}|[0-9]{4}([ .-])[0-9]{4}\1[0-9]{4}\1[0-9]{1,4}(?:\1[0-9]{1,3})?|[0-9]{4}([ .-])[0-9]{6}\2[0-9]{4,5})"
    r"(?![0-9A-Za-z])(?!\.(?!0(?![0-9]))[0-9])"
)
"""A number of card length within any text (JSON, ``key=value``, a URL, prose): no digit or letter beside it, no decimal fraction."""
_LIKE_INSIDE = r"[0-9](?:[ .-]?[0-9]){11}"
_CUE = re.compile(r"(?:card|\bcc\b|\bpan\b|visa|master|amex|credit|debit|karte|carte|tarjeta|carta|kaart|卡)[^0-9]{0,20}$", re.IGNORECASE)
_HEADERS = read.bag("pan card cardnumber cardno cc ccnumber creditcard debitcard")
_BY_LUCK = 0.1
"""Of numbers with an issuer's prefix and length, one in ten has the right check digit by luck."""
_MASKED = re.compile(r"[0-9*xX#•]{13,19}")
_TRACK = re.compile(r"%?[Bb]([0-9]{12,19})\^[^\^]{2,26}\^[0-9]{4}|;?\b([0-9]{12,19})=[0-9]{4}")
_LIKE_MASKED = r"^[0-9*xX#• -]*[*xX#•][0-9*xX#• -]*$"
_SURE = 3


@dataclass(frozen=True)
class Cards:
    """Rows with readable card numbers, rows with numbers that may be some, and columns with masked ones."""

    clear: tuple[Hits, ...]
    masked: tuple[str, ...]
    doubtful: tuple[Hits, ...] = ()


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers of card length in the distinct values of one column: how many have an issuer's prefix, and those with the right
    check digit by the value they stand in; ``cued`` are values in which a word says that it is a card.
    """

    plausible: int
    right: Mapping[str, tuple[str, ...]]
    cued: frozenset[str]

    @property
    def distinct(self) -> int:
        """How many different numbers have the right check digit."""
        return len({n for found in self.right.values() for n in found})


def cards(case: Case) -> Cards:
    """The card numbers of the table, wherever in a cell they stand; every cell is read."""
    found: Cards = case.once("cards", lambda: _cards(case))
    return found


_READ = ("string", "mixed", "integer", "float", "decimal", "nested", "binary")


def _cards(case: Case) -> Cards:
    scanned = {h.column: h for h in case.hits("CREDIT_CARD")}
    clear, masked, doubtful = [], [], []
    for column in case.frame:
        case.context.progress.step()
        if column.kind not in _READ:
            continue
        _, text = case.distinct(column)
        hidden = text.filter(text.str.contains(_LIKE_MASKED)).to_list()
        if sum(bool(partly_masked(v)) for v in hidden) >= max(1, 0.05 * len(text)):
            masked.append(column.name)
        hit = scanned.get(column.name)
        sure, maybe = _card_rows(case, column, known=hit is not None or column.name in masked)
        rows = union((hit.rows if hit is not None else NO_ROWS, sure))
        clear += [Hits(column.name, rows, "card number in clear")] if rows.size else []
        maybe = without(maybe, rows)
        doubtful += [Hits(column.name, maybe, "may be a card number")] if maybe.size else []
    return Cards(tuple(clear), tuple(masked), tuple(doubtful))


def _card_rows(case: Case, column: Column, *, known: bool) -> tuple[Rows, Rows]:
    """Rows that hold a card number, and rows that may: in a column of other numbers a few pass by luck."""
    found = card_numbers(case, column)
    rows = case.where(column, pl.Series(list(found.right), dtype=pl.String))
    right, all_ = found.distinct, found.plausible
    if known or header_words(column.name) & _HEADERS or (right >= _SURE and right >= 0.6 * all_):
        return rows, NO_ROWS
    cued = case.where(column, pl.Series(sorted(found.cued), dtype=pl.String))
    beyond_luck = right >= 0.6 * all_ or right > _BY_LUCK * all_ + 3 * math.sqrt(_BY_LUCK * (1 - _BY_LUCK) * all_)
    return cued, rows if beyond_luck else NO_ROWS


def card_numbers(case: Case, column: Column) -> Numbers:
    """The numbers of a column that may be cards, over all its distinct values."""
    found: Numbers = case.once(("numbers", column.name), lambda: _card_numbers(case, column))
    return found


def _card_numbers(case: Case, column: Column) -> Numbers:
    raw, text = case.distinct(column)
    if column.kind == "binary":
        text = pl.Series([bytes.fromhex(v).decode("utf-8", "replace") for v in raw.to_list()], dtype=pl.String)
    like = text.str.contains(_LIKE_INSIDE)
    plausible: set[str] = set()
    right: dict[str, tuple[str, ...]] = {}
    cued: set[str] = set()
    for i, (key, value) in enumerate(zip(raw.filter(like).to_list(), text.filter(like).to_list(), strict=True)):
        if i % 5_000 == 0:
            case.context.progress.step()
        numbers = [(n, told) for n, told in _numbers_in(value) if card_brand(n)]
        plausible.update(n for n, _ in numbers)
        good = [(n, told) for n, told in numbers if luhn(n)]
        if good:
            right[key] = tuple(n for n, _ in good)
            cued |= {key} if any(told for _, told in good) else set()
    return Numbers(len(plausible), right, frozenset(cued))


def _numbers_in(value: str) -> list[tuple[str, bool]]:
    """Digits of every number of card length in a text, and whether a word before it says that it is a card.

    >>> _numbers_in('{"card": "4539-5787-6362-1486", "id": 7}')
    [('4539578763621486', True)]
    """
    if value.isdecimal() or _DIGITS.fullmatch(value):
        return [(_only_digits(value), False)]
    return [(_only_digits(m.group()), bool(_CUE.search(value, max(0, m.start() - 30), m.start()))) for m in _INSIDE.finditer(value)]


def _only_digits(value: str) -> str:
    return value if value.isdecimal() else re.sub(r"[^0-9]", "", value)


def partly_masked(value: str) -> tuple[str, str, int] | None:
    """First digits, last digits and length of a masked card number; None when it is none.

    >>> partly_masked("557143******7539"), partly_masked("5571432178537539")
    (('557143', '7539', 16), None)
    """
    text = re.sub(r"[ -]", "", value)
    if not _MASKED.fullmatch(text) or text.isdigit():
        return None
    shown = re.fullmatch(r"([0-9]*)([*xX#•]+)([0-9]*)", text)
    return (shown[1], shown[3], len(text)) if shown and (shown[1] or shown[3]) else None


def tracks(case: Case) -> tuple[Hits, ...]:
    """Rows with track data: a Luhn-valid number in the frame of track 1 or 2."""
    found: tuple[Hits, ...] = case.once("tracks", lambda: _tracks(case))
    return found


def _tracks(case: Case) -> tuple[Hits, ...]:
    out = []
    for column in case.frame:
        if column.kind in ("string", "mixed", "nested"):
            rows = case.matching(column, _has_track, like=r"[0-9]{12}[0-9]{0,7}[\^=]")
            out += [Hits(column.name, rows, "track data")] if rows.size else []
    return tuple(out)


def _has_track(value: str) -> bool:
    return ("^" in value or "=" in value) and any(luhn(m[1] or m[2]) and card_brand(m[1] or m[2]) for m in _TRACK.finditer(value))


def has_cards(case: Case) -> bool:
    """Whether readable card numbers are here."""
    return bool(cards(case).clear)


# -- sensitive authentication data -------------------------------------------------------------------------------------
def _authentication(case: Case, clause: Clause) -> tuple[Hits, ...]:
    wanted = set(clause.types)
    hits = [h for h in case.hits(*clause.types) if "CARD_TRACK" not in h.note or header_words(h.column)]
    if "CARD_TRACK" in wanted:
        have = {h.column for h in hits}
        hits += [h for h in tracks(case) if h.column not in have]
        hits = [Hits(h.column, union((h.rows, *(t.rows for t in tracks(case) if t.column == h.column))), h.note) for h in hits]
    return tuple(hits)


def stored_authentication(case: Case, clause: Clause) -> Verdict:
    """Verification codes, track data and PINs may not be kept after authorisation."""
    if case.metadata.truth("post_authorization") is False and clause.params.get("before"):
        return not_applicable("The table is declared to be from before authorisation.")
    hits = _authentication(case, clause)
    if hits:
        total = int(union(h.rows for h in hits).size)
        return failed(f"{plural(total, 'row')} with {clause.params['what']} in {', '.join(h.column for h in hits)}.", *hits)
    return passed(f"{looked_at(case)}: found no {clause.params['what']}.", scanned=True)


def before_authorization(case: Case, clause: Clause) -> Verdict:
    """Authentication data kept until authorisation has to be unreadable."""
    hits = _authentication(case, clause)
    after = case.metadata.truth("post_authorization")
    if after or (after is None and not hits):
        late = not_applicable("The table is declared to be from after authorisation.")
        return late if after else not_found("No sensitive authentication data was found.")
    if after is None:
        return not_assessed("It is not declared whether authorisation has taken place.", "post_authorization")
    if hits:
        return failed(f"Readable authentication data before authorisation in {', '.join(h.column for h in hits)}.", *hits)
    return passed("No readable authentication data was found.")


# -- card numbers ------------------------------------------------------------------------------------------------------
def readable_cards(case: Case, clause: Clause) -> Verdict:
    """Card numbers have to be unreadable wherever they are stored."""
    hits = cards(case).clear
    if hits:
        total = int(union(h.rows for h in hits).size)
        return failed(
            f"{plural(total, 'row')} with a readable card number in {', '.join(h.column for h in hits)}.",
            *hits,
            facts={h.column: f"{h.rows.size:,} rows" for h in hits},
        )
    maybe = cards(case).doubtful
    if maybe:
        total = int(union(h.rows for h in maybe).size)
        names = ", ".join(h.column for h in maybe)
        return warned(
            f"{plural(total, 'row')} of {names} with a number that has a card issuer's prefix, length and check digit. Some pass by "
            "luck: look whether they are card numbers.",
            *maybe,
        )
    return passed(
        f"Every cell was read ({plural(len(case.frame.columns), 'column')}, texts and nested values to their end): "
        "no readable card number was found.",
        columns=cards(case).masked,
    )


def display_mask(case: Case, clause: Clause) -> Verdict:
    """What is shown may be at most the issuer's digits and the last four."""
    if case.metadata.truth("is_display_layer") is False:
        return not_applicable("The table is declared not to be displayed.")
    found = cards(case)
    if not found.clear and not found.masked:
        return not_applicable("No card number, masked or not, was found.")
    hits = list(found.clear)
    for name in found.masked:
        rows = case.matching(case.frame.column(name), _shows_too_much, like=_LIKE_MASKED)
        hits += [Hits(name, rows, "mask shows too much")] if rows.size else []
    if hits:
        total = int(union(h.rows for h in hits).size)
        names = ", ".join(f"`{h.column}`" for h in hits)
        return failed(
            f"{plural(total, 'row')} of {names} show more of a card number than its first six or eight and last four digits.", *hits
        )
    return passed("Every card number is masked to at most the first six or eight and the last four digits.", columns=found.masked)


def _shows_too_much(value: str) -> bool:
    shown = partly_masked(value)
    if shown is None:
        return False
    head, tail, length = shown
    return len(head) > (8 if length >= 16 else 6) or len(tail) > 4


def copying(case: Case, clause: Clause) -> Verdict:
    """Copies of card numbers need an authorised business reason."""
    if not has_cards(case):
        return not_applicable("No readable card number was found.")
    allowed = case.metadata.truth("export_allowed")
    if allowed and not case.metadata.has("business_justification"):
        return failed(
            "Export is allowed and no business justification is declared.", columns=_names(case), missing=("business_justification",)
        )
    said = "It is declared that export is not allowed." if allowed is False else "Export is allowed, for the declared business reason."
    return passed(said if allowed is not None else "", columns=_names(case))


def _names(case: Case) -> tuple[str, ...]:
    return tuple(h.column for h in cards(case).clear)


def card_retention(case: Case, clause: Clause) -> Verdict:
    """Stored card data within its declared period."""
    if not has_cards(case):
        return not_applicable("No readable card number was found.")
    return retention(case, clause)


def correlated(case: Case, clause: Clause) -> Verdict:
    """A hash and a truncated form of one card number, in one table or in two that join, give the number away."""
    pairs = [(h, t, how) for t in cards(case).masked for h in hash_columns(case) for how in [_same_card(case, h, t)] if how]
    hits = []
    for hashed, truncated, _ in pairs:
        together = both(case.filled(case.frame.column(hashed)), _masked_rows(case, truncated))
        hits.append(Hits(truncated, together, f"beside the hash in `{hashed}`"))
    for hashed in hash_columns(case):
        ends, _ = restored(case, hashed) or ((), "")
        if ends and not any(h == hashed for h, _, _ in pairs):
            pairs.append((hashed, "` and `".join(ends), "proven by computing it"))
            hits.append(Hits(ends[0], rows_with(case, hashed, *ends), f"beside the hash in `{hashed}`"))
    if not pairs:
        return _correlated_with_others(case)
    message = f"`{pairs[0][0]}` and `{pairs[0][1]}` hold a hash and a truncated form of the same card number ({pairs[0][2]})."
    sure = any(how != "unknown" for _, _, how in pairs)
    facts = {"pairs": ", ".join(f"{h} + {t}" for h, t, _ in pairs)}
    return failed(message, *hits, facts=facts) if sure else warned(message.replace("hold", "may hold"), *hits, facts=facts)


def _correlated_with_others(case: Case) -> Verdict:
    half = bool(cards(case).masked) or any(header_words(h) & _CARD_WORDS for h in hash_columns(case))
    for name in sorted(case.context.frames) if half else ():
        other = Case(case.context.frames[name], case.context, case.metadata, {}, ())
        shared = [c for c in case.frame.columns if c in other.frame and header_words(c) & _KEY_WORDS]
        for here, there in ((case, other), (other, case)):
            hashed = [h for h in hash_columns(there) if header_words(h) & _CARD_WORDS]
            if shared and hashed and cards(here).masked:
                mine = cards(case).masked or tuple(h for h in hash_columns(case) if h in hashed)
                said = f"A truncated card number and its hash are in this table and `{name}`, which join by `{shared[0]}`."
                return failed(said, *[Hits(c, case.filled(case.frame.column(c)), f"joins with `{name}`") for c in mine])
    return passed("No hash stands beside a truncated form of the same card number.")


_KEY_WORDS = read.bag("id key no number ref customer account order code")


def _masked_rows(case: Case, name: str) -> Rows:
    return case.matching(case.frame.column(name), lambda v: partly_masked(v) is not None, like=_LIKE_MASKED)


def _same_card(case: Case, hashed: str, truncated: str) -> str:
    """How it is known that a hash is of the truncated card; blank when it is not one of cards."""
    if proven_plain(case, hashed):
        return "proven by computing it"
    if header_words(hashed) & _CARD_WORDS:
        return "by its name"
    return "unknown" if not header_words(hashed) & {"row", "file", "password", "email", "name", "checksum", "commit"} else ""


_CARD_WORDS = read.bag("pan card cardnumber cc creditcard acct account")


def proven_plain(case: Case, hashed: str) -> str:
    """The algorithm by which a hash column is a plain digest of cards in this table, truncated or not."""
    found: str = case.once(("plain", hashed), lambda: _proven_plain(case, hashed))
    return found


def _proven_plain(case: Case, hashed: str) -> str:
    source = derived(case, hashed)
    if source is not None and source.source in _names(case):
        return source.algorithm
    known = restored(case, hashed)
    if known is not None:
        return known[1]
    for name in cards(case).masked:
        column = case.frame.column(name)
        rows = both(_masked_rows(case, name), case.filled(case.frame.column(hashed)))[:8]
        shown = [(int(r), *m) for r in rows if (m := partly_masked(str(column.text[int(r)]).strip()))]
        found = from_truncated(case, case.frame.column(hashed), shown)
        if found:
            return found
    return ""


def keyed_hashes(case: Case, clause: Clause) -> Verdict:
    """Hashes of card numbers need a key."""
    of_cards = [
        h
        for h in hash_columns(case)
        if proven_plain(case, h) or header_words(h) & _CARD_WORDS or cards(case).masked or (has_cards(case) and derived(case, h))
    ]
    hinted = any(w in " ".join(case.metadata.words("hash_input")) for w in ("pan", "card"))
    if not of_cards and not (hinted and hash_columns(case)):
        return not_applicable("No hash of a card number was found.")
    names = of_cards or list(hash_columns(case))
    hits = tuple(Hits(n, case.filled(case.frame.column(n)), "hash of a card number") for n in names)
    plain = next((p for n in names for p in [proven_plain(case, n)] if p), "")
    if plain:
        return failed(f"`{names[0]}` is a plain {plain} of the card number: its input can be computed.", *hits)
    method = keyed(case)
    if method is False:
        return failed(f"The declared method of hashing, {case.metadata.text('hash_method')}, uses no key.", *hits)
    if method and not case.metadata.has("key_management"):
        return warned("A keyed method is declared; how its key is managed is not.", columns=tuple(names), missing=("key_management",))
    return passed("A keyed method with managed key is declared, and no plain digest was found.", columns=tuple(names))


def encryption_level(case: Case, clause: Clause) -> Verdict:
    """Disk encryption alone does not protect card numbers."""
    if not has_cards(case):
        return not_applicable("No readable card number was found.")
    levels = case.metadata.words("encryption_level")
    disk = read.NOTHING | {"disk", "full_disk", "partition", "volume", "storage", "none", "transparent_volume", "luks", "bitlocker", "ebs"}
    if levels and set(levels) <= disk and not case.metadata.truth("removable_media"):
        return failed(f"Only {levels[0]}-level encryption is declared.", columns=_names(case))
    return passed(f"`encryption_level` is {', '.join(levels)}." if levels else "", columns=_names(case))


def in_transit(case: Case, clause: Clause) -> Verdict:
    """Card numbers need strong cryptography on open networks."""
    if not has_cards(case):
        return not_applicable("No readable card number was found.")
    if not case.metadata.has("encryption_in_transit"):
        return passed("")
    value = case.metadata["encryption_in_transit"]
    weak = re.search(r"(?:^|_)(?:none|plain|http|ftp|telnet|smtp|ssl|sslv?[23](?:_0)?|tls_?v?1(?:_[01])?|wep)$", read.word(value))
    sure = False if weak else protected(value)
    said = f"`encryption_in_transit` is `{case.metadata.text('encryption_in_transit')}`"
    if sure is False:
        return failed(f"{said}, which is no protection or not a strong one today.", columns=_names(case))
    if sure is None:
        return warned(f"{said}, which names no protocol this check knows: a person has to confirm it.", columns=_names(case))
    return passed(f"{said}.", columns=_names(case))


_TEST_ENV = read.bag(
    "dev development test testing qa uat staging stage sandbox preprod pre_prod pre_production nonprod "
    "non_prod int integration demo training lab preview playground abnahme entwicklung homologacao recette"
)
_PRODUCTION = read.bag("prod production live prd produktion produktiv productive produccion producao operational")


def _environment(case: Case) -> str:
    """``test``, ``production``, ``unknown`` where the declared word is neither, or blank where none is declared."""
    words = {part for w in case.metadata.words("environment") for part in (w, *w.split("_"))}
    if words & _TEST_ENV or {"pre", "non"} & words:
        return "test"
    return "production" if words & _PRODUCTION else "unknown" if words else ""


def _unplaced(case: Case) -> Verdict:
    """The verdict where it is not known where the table lives."""
    said = case.metadata.text("environment")
    known = f"`environment` is `{said}`, which is neither production nor a test environment" if said else "The environment is not declared"
    return not_assessed(f"{known}.", "environment")


def live_cards(case: Case, clause: Clause) -> Verdict:
    """No live card number outside production."""
    environment = _environment(case)
    if environment in ("", "unknown"):
        return _unplaced(case) if has_cards(case) else not_applicable("No readable card number was found.")
    if environment == "production":
        return not_applicable("The environment is production.")
    hits = tuple(Hits(h.column, without(h.rows, _only_test(case, h.column)), "live card number") for h in cards(case).clear)
    hits = tuple(h for h in hits if h.rows.size)
    if hits:
        rows, where = union(h.rows for h in hits), case.metadata.text("environment")
        said = f"{plural(int(rows.size), 'row')} with a live card number in a {where} environment"
        if _in_scope(case):
            return warned(f"{said}, which is on the declared inventory of scope: allowed only if it is protected as production is.", *hits)
        return failed(f"{said}.", *hits)
    return passed("No live card number was found.")


def _test_rows(case: Case, column: Column) -> Rows:
    """Rows with a number that payment firms publish for testing."""
    return _rows_where(case, column, any)


def _only_test(case: Case, name: str) -> Rows:
    """Rows in which every card number is one for testing."""
    return _rows_where(case, case.frame.column(name), all)


def _rows_where(case: Case, column: Column, which: Callable[[Iterable[bool]], bool]) -> Rows:
    right = card_numbers(case, column).right
    return case.where(column, pl.Series([v for v, numbers in right.items() if which(map(test_card, numbers))], dtype=pl.String))


def test_cards(case: Case, clause: Clause) -> Verdict:
    """No test card number in production."""
    environment = _environment(case)
    hits = tuple(
        h for c in case.frame if c.kind in _READ for h in [Hits(c.name, _test_rows(case, c), "published test number")] if h.rows.size
    )
    if environment in ("", "unknown"):
        return _unplaced(case) if hits or has_cards(case) else not_applicable("No readable card number was found.")
    if environment == "test":
        return not_applicable("The environment is not production.")
    if hits:
        total = int(union(h.rows for h in hits).size)
        return failed(f"{plural(total, 'row')} with a published test card number in production.", *hits)
    return (
        passed("No published test card number was found.")
        if has_cards(case) or cards(case).masked
        else not_applicable("No card number was found.")
    )


def scope_inventory(case: Case, clause: Clause) -> Verdict:
    """A table with card numbers has to be on the inventory of scope."""
    if not has_cards(case):
        return not_applicable("No readable card number was found.")
    if case.metadata.has("pci_scope_inventory") and not _in_scope(case):
        return failed(f"`{case.frame.name}` holds card numbers and is not on the declared inventory of scope.", columns=_names(case))
    last = case.metadata.date("pci_scope_confirmed_on")
    if last and case.as_of and (case.as_of - last).days > _YEAR:
        return failed(f"The scope was last confirmed on {last}, more than twelve months before {case.as_of}.", columns=_names(case))
    return passed(f"The table is on the declared inventory of scope, last confirmed on {last}.", columns=_names(case))


_YEAR = 366


def _in_scope(case: Case) -> bool:
    """Whether the table is on the declared inventory."""
    names = {read.word(case.frame.name), *case.metadata.words("dataset_id"), *case.metadata.words("record_id")}
    return bool(names & set(case.metadata.words("pci_scope_inventory")))


RULES: dict[str, Rule] = {
    "stored_authentication": stored_authentication,
    "before_authorization": before_authorization,
    "readable_cards": readable_cards,
    "display_mask": display_mask,
    "copying": copying,
    "card_retention": card_retention,
    "correlated": correlated,
    "keyed_hashes": keyed_hashes,
    "encryption_level": encryption_level,
    "in_transit": in_transit,
    "live_cards": live_cards,
    "test_cards": test_cards,
    "scope_inventory": scope_inventory,
}
