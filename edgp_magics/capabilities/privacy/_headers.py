"""What a column's name says: words, glued words and abbreviations against the header phrases of the recognizers."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from ._header_words import FURTHER
from ._lexicon import fold
from ._recognizers import RECOGNIZERS
from ._words import UNSPACED, words

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_])(?=[0-9])|(?<=[0-9])(?=[^\W\d_])")
_SPLIT = re.compile(r"[\s!-/:-@\[-`{-~°´·‘’“”_–—]+")
_EXPAND = {
    "nbr": "number",
    "num": "number",
    "nr": "no",
    "addr": "address",
    "adr": "address",
    "ph": "phone",
    "tele": "telephone",
    "acct": "account",
    "cust": "customer",
    "emp": "employee",
}

QUALIFIERS = words(
    "admin agent mailing principal owner contact customer client user member employee emp patient primary secondary "
    "business bus work home office personal private public company firm vendor supplier facility filer "
    "fundraiser visitor applicant candidate buyer seller billing shipping delivery physical property legal registered "
    "main alternate alt other current previous old new spouse partner child parent guardian father mother "
    "emergency next student teacher driver passenger guest host sender recipient payer payee victim suspect defendant "
    "officer physician doctor provider staff person people individual holder subject insured beneficiary "
    "location site account school store branch safety rso nf ada first last middle second full line text txt raw value "
    "val number no nm cd the of at on in for to my your id kunde kunden client cliente klant "
    "principalagent registrant licensee owner1 owner2 requestor requester reporter author permittee contractor operator "
    "taxpayer donor voter resident tenant landlord manager director "
    "de da do dos das del della di du des der die das den le la les el y e et und en og och i"
)
_ROLES = words(
    "customer client patient employee emp staff applicant candidate student teacher driver guest member user tenant landlord "
    "resident registrant beneficiary payer payee buyer seller attendee participant subscriber insured claimant visitor voter donor "
    "reviewer doctor physician nurse inspector spouse officer trustee licensee "
    "cliente paciente empleado titular demandeur salarie utente dipendente paziente "
    "kunde kunden mitarbeiter patienten klient pacjent pracownik klant medewerker kund asiakas asiakkaan potilaan musteri hasta calisan "
    "pelanggan pasien karyawan zakaznik pacient kupac pacijent pasient ugyfel angajat клиент клиента пациента сотрудника"
)
"""Who a person is to the keeper of the table: with one of these, even a bare word for `name` speaks of people."""
_NAME_WORDS = words("name nm nombre nom nome naam namn navn nimi nev nume ime nama ten имя")
NEGATING = words(
    "type kind status flag valid validity validated verified verification verify count cnt score ratio rate model domain "
    "hash hashed md5 sha sha1 sha256 checksum opt optin optout in_out consent preference pref allowed required "
    "error accuracy precision confidence format length len size category class level match matched exists has is present "
    "provided known available missing missed on file last_updated updated created modified changed expiry_policy "
    "design template source channel provider carrier brand vendor_type campaign subject body title template_id group_id "
    "unsubscribe bounced bounce delivered sent opened clicked per total average avg sum min max mean "
    "percent pct percentage range_id bucket segment tier rank ranking index idx order sequence seq version policy url "
    "ms msec sec secs seconds mm hz khz mhz px err deviation drift offset slope "
    "scaled norm normed normalized normalised standardized standardised zscore encoded delta diff residual "
    "contable contabile contabil comptable dog cat pet animal hund hunde katze chien chat perro mascota cane gatto cachorro hond koira "
    "uri link path color colour theme token_type typ art anzahl nombre_de tipo tipologia estado_de"
) - {"subject", "title", "on", "in_out", "in"}
_SOFT_NEGATING = words("id ids key code_id ref reference date time year on")
_NEGATING_BEFORE = words("has is count total valid hash hashed no_of dog cat pet animal hund hunde gl")


@dataclass(frozen=True)
class HeaderHit:
    """What a header says of one entity: ``level`` 0..1, or negative when it speaks of something about it."""

    level: float
    phrase: str


@functools.cache
def _phrases() -> dict[str, list[tuple[tuple[str, ...], str, bool]]]:
    """First word of each phrase → (words, entity, ambiguous)."""
    out: dict[str, list[tuple[tuple[str, ...], str, bool]]] = {}
    for r in RECOGNIZERS:
        for raw in (r.headers + "|" + FURTHER.get(r.entity, "")).split("|"):
            phrase = raw.strip()
            words = tuple(_split(phrase.lstrip("~")))
            if words:
                out.setdefault(words[0], []).append((words, r.entity, phrase.startswith("~")))
            if len(words) > 1 and words[-1] in _NUMBERS:
                other = (*words[:-1], _NUMBERS[words[-1]])
                out.setdefault(words[0], []).append((other, r.entity, phrase.startswith("~")))
    return out


_NUMBERS = {"number": "no", "no": "number"}
"""Either word may end a phrase that the other ends."""


@functools.cache
def _vocabulary() -> frozenset[str]:
    words = {w for hits in _phrases().values() for phrase, _, _ in hits for w in phrase}
    return (
        frozenset(w for w in words if w.isascii() and len(w) > 2) | frozenset(q for q in QUALIFIERS if len(q) > 2) | NEGATING | {"id", "no"}
    )


@functools.lru_cache(maxsize=8192)
def words_of(header: str) -> tuple[str, ...]:
    """The words of a header, folded; glued words are taken apart where every part is known.

    >>> words_of("adminFirstName"), words_of("mailingzipcode"), words_of("PHONE_NUMBER2")
    (('admin', 'first', 'name'), ('mailing', 'zipcode'), ('phone', 'number', '2'))
    """
    return tuple(piece for word in _split(header) for piece in _unglue(word))


def _split(header: str) -> list[str]:
    """The folded words between blanks, marks, capitals and digits."""
    return [fold(part) for part in _SPLIT.split(_CAMEL.sub(" ", header)) if part]


def _unglue(word: str) -> tuple[str, ...]:
    if not word.isascii() and re.search(_CJK, word):
        return _head_last(word)
    if len(word) < 6 or word in _vocabulary() or not word.isascii():
        return (word,)
    return _segment(word) or (word,)


_CJK = f"[{UNSPACED}]"


def _head_last(word: str) -> tuple[str, ...]:
    """A word of a script without blanks: what it is about, and the known head at its end."""
    known = _phrases()
    start = next((i for i in range(len(word)) if word[i:] in known and (len(word) - i > 1 or i == 0)), 0)
    return (word[:start], word[start:]) if start else (word,)


@functools.lru_cache(maxsize=4096)
def _segment(word: str) -> tuple[str, ...]:
    """Fewest known words that make up ``word``, or nothing."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 18), end):
            before = best[start]
            piece = word[start:end]
            if before is not None and piece in _vocabulary() and len(piece) > 1:
                fresh = (*before, piece)
                if best[end] is None or len(fresh) < len(best[end] or ()):
                    best[end] = fresh
    return best[-1] or ()


@functools.lru_cache(maxsize=8192)
def header_hits(header: str) -> dict[str, HeaderHit]:
    """Entity → what this header says of it.

    >>> header_hits("customer_email")["EMAIL"].level > .8, header_hits("email_verified")["EMAIL"].level < 0
    (True, True)
    """
    words = words_of(header)
    hits: dict[str, HeaderHit] = {}
    for start, word in enumerate(words):
        for form in dict.fromkeys((word, _EXPAND.get(word, word))):
            for phrase, entity, weak in _phrases().get(form, ()):
                if _follows(words, start, phrase):
                    _keep(hits, entity, HeaderHit(_level(words, start, phrase, weak), " ".join(phrase)))
    if not any(h.level > _SURE for h in hits.values()):
        _add_joined(hits, words)
        _add_abbreviated(hits, words)
    return hits


_SURE = 0.35
"""A header of which words are known this well is not read as one of abbreviations."""


def _add_joined(hits: dict[str, HeaderHit], words: tuple[str, ...]) -> None:
    """What two words say that others write as one (``PostNr``, ``Reg Nr``)."""
    for start in range(len(words) - 1):
        joined = words[start] + words[start + 1]
        for phrase, entity, weak in _phrases().get(joined, ()) if len(joined) > 4 and not words[start].isdigit() else ():
            if phrase == (joined,):
                said = (*words[:start], joined, *words[start + 2 :])
                _keep(hits, entity, HeaderHit(_level(said, start, phrase, weak), joined))


def _add_abbreviated(hits: dict[str, HeaderHit], words: tuple[str, ...]) -> None:
    """What a header says in two or three abbreviated words (``KodPoczt``, ``tglLhr``, ``dtnais``), each beginning like its word."""
    cut = _cut_in_two(words[0]) if len(words) == 1 else ()
    for said in (words, *cut):
        for start in range(len(said) - 1):
            for length in (2, 3):
                part = said[start : start + length]
                for phrase, entity in _phrases_by_initials().get(tuple(w[0] for w in part), ()):
                    if sum(map(len, part)) >= 5 and all(map(_shortens, part, phrase)):
                        _keep(hits, entity, HeaderHit(_level(said, start, phrase, weak=False), " ".join(phrase)))


def _cut_in_two(word: str) -> tuple[tuple[str, str], ...]:
    if not word.isascii() or not word.isalpha() or not 6 <= len(word) <= 16 or word in _vocabulary():
        return ()
    return tuple((word[:i], word[i:]) for i in range(2, len(word) - 2))


@functools.cache
def _phrases_by_initials() -> dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]]:
    """First letters of phrases of several words that are not ambiguous → words, entity."""
    out: dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]] = {}
    for phrase, entity, weak in (p for found in _phrases().values() for p in found):
        if not weak and 1 < len(phrase) < 4 and all(w.isascii() for w in phrase):
            out.setdefault(tuple(w[0] for w in phrase), []).append((phrase, entity))
    return out


@functools.lru_cache(maxsize=16_384)
def _shortens(word: str, full: str) -> bool:
    """Whether a word is another or short for it: its beginning, or some of its letters without vowels; no word of its own.

    >>> _shortens("poczt", "pocztowy"), _shortens("tgl", "tanggal"), _shortens("id", "identidad"), _shortens("lahir", "lahir")
    (True, True, False, True)
    """
    if word == full:
        return True
    if word in _WORDS_OF_THEIR_OWN or _EXPAND.get(word, full) != full or not 1 < len(word) < len(full) or word[0] != full[0]:
        return False
    if len(word) > 2 and full.startswith(word):
        return True
    letters = iter(full)
    return not set("aeiou") & set(word[1:]) and all(c in letters for c in word)


def _follows(words: tuple[str, ...], start: int, phrase: tuple[str, ...]) -> bool:
    if start + len(phrase) > len(words):
        return False
    return all(w == p or _EXPAND.get(w) == p for w, p in zip(words[start + 1 : start + len(phrase)], phrase[1:], strict=True))


def _keep(hits: dict[str, HeaderHit], entity: str, hit: HeaderHit) -> None:
    old = hits.get(entity)
    longer = old is not None and len(hit.phrase.split()) > len(old.phrase.split())
    if old is None or hit.level > old.level or (longer and hit.level < 0):
        hits[entity] = hit


def _level(words: tuple[str, ...], start: int, phrase: tuple[str, ...], weak: bool) -> float:
    before = [w for w in words[:start] if not w.isdigit()]
    after = [w for w in words[start + len(phrase) :] if not w.isdigit()]
    if any(w in NEGATING for w in after) or any(w in _NEGATING_BEFORE for w in before):
        return -1.0
    if any(w in _SOFT_NEGATING for w in after):
        return 0.1
    strangers = sum(w not in QUALIFIERS for w in before) + 1.5 * sum(w not in QUALIFIERS for w in after)
    people = weak and phrase[0] in _NAME_WORDS and any(w in _ROLES for w in words)
    base = 0.35 if weak and not people else 1.0
    return base * max(0.3, 1.0 - 0.22 * strangers)


_THINGS = words(
    "ticket order invoice case serial sku product item part node doc document transaction txn shipment tracking parcel "
    "batch lot asset article barcode ean upc gtin isbn isin version build revision drawing permit docket incident "
    "project contract policy claim session request event message job task run row record sequence amount price cost "
    "qty quantity total balance revenue score rating count number_of weight height width volume temperature "
    "timestamp created updated modified duration epoch checksum etag commit bestellnummer artikelnummer rechnungsnummer "
    "commande facture pedido factura ordine fattura encomenda"
)
_EMPTY = words("item number record row entry")
"""Words that say nothing where they stand alone or with a count (``item_24``)."""
_PLACES_AND_BODIES = words(
    "county country state province region district department dept division section team school university college "
    "facility company organization organisation org business employer agency institution hospital clinic store shop "
    "vendor_name brand make model product item category class type status title program programme project event course "
    "subject station park species breed color colour language county_name month weekday day landkreis bundesland "
    "abteilung firma departement entreprise societe marque pais provincia departamento empresa marca regione azienda "
    "ditta provincie afdeling bedrijf merk precinct ward borough parish neighborhood neighbourhood venue building area "
    "short long trade trading dba scientific latin botanical vessel ship dish exhibition river basin mascot landmark vehicle "
    "vernacular taxon genus cultivar storm hurricane typhoon cyclone committee pac horse character album song movie film "
    "tournament competition stadium arena "
    "playground hotel restaurant cafe pub pharmacy hospital church mine plant reactor substation device server cluster "
    "dog cat pet animal hund parc parque parco parken bezirk stadtteil stadtkreis quartier viertel distrito barrio dzielnica "
    "osiedle stadsdeel wijk buurt arrondissement arrond quartiere bydel stadsdel mahalle rajon район"
)


_SITES = words("location site place home")
"""What `name` behind it is the name of, though alone the word may say where somebody is."""
_WORDS_OF_THEIR_OWN = NEGATING | QUALIFIERS | _THINGS | _SOFT_NEGATING
"""Words that are no abbreviations although longer ones begin like them."""


def foreign(words: tuple[str, ...], entity: str) -> str:
    """The word of a header that names another kind of thing than ``entity``, or nothing.

    >>> foreign(("ticket", "number"), "PHONE"), foreign(("county",), "PERSON_NAME"), foreign(("phone",), "PHONE")
    ('ticket', 'county', '')
    """
    if words[:1] and words[0] in _EMPTY and all(w.isdigit() or len(w) == 1 for w in words[1:]):
        return ""
    against = _PLACES_AND_BODIES | _THINGS if entity in ("PERSON_NAME", "CITY", "ADDRESS") else _THINGS
    if entity == "PERSON_NAME" and words[1:2] == ("name",) and words[0] in _SITES:
        return words[0]
    return next((w for w in words if w in against), "")
