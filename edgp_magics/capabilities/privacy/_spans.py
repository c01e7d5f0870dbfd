"""Personal data inside free text: character spans with their type, found by rules alone.

Strong patterns first (e-mail, IBAN, card, address of a network …), then digit groups read with the words around them, then
postal addresses, then names and places from gazetteers and cues. Overlaps go to the surer span.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from . import _checks as ck
from ._hints import CUE_WORDS, CVV_WORDS, LOGIN_WORDS, MONTH, NO_PHONE_WORDS, PERSON_WORDS, look, look_at_code
from ._lexicon import (
    BODY,
    CALENDAR,
    DEMONYMS,
    FORMS_OF_ADDRESS,
    ORG_WORDS,
    PARTICLES,
    PLAIN,
    ROMANCE,
    SUFFIXES,
    TITLES,
    address_spans,
    fold,
    gazetteer,
    name_shape,
)
from ._recognizers import BY_ENTITY, RECOGNIZERS
from ._span_words import (
    ADDRESSED,
    ALSO_FAMILY,
    ASKING,
    AT_PLACES,
    CITIES,
    EPONYM_BEHIND,
    FIRM_BEFORE,
    FIRM_BEHIND,
    FIRMS,
    GERMAN,
    HANDED_TO,
    LABELS,
    LANDS,
    LANGUAGE_BEFORE,
    LANGUAGE_BEHIND,
    LETTERED,
    NAMED_FIRMS,
    OPENERS,
    ROLES,
    STREETS,
    THINGS,
    TO_PLACES,
    WEAK_ASKING,
)
from ._words import UNSPACED, words

TEXT_LIMIT = 100_000
"""At most this many characters of one cell are read …"""
WINDOW = 20_000
"""… this many at a time …"""
OVERLAP = 200
"""… with so many read twice, so that nothing is cut in two."""
_PLAIN = {True: r"\w", False: rf"[^\W{UNSPACED}]"}
"""A letter or digit of a script that puts blanks between words, as only those can continue a value; by whether the text is ASCII alone:
the other form takes milliseconds to compile, for every pattern that it is part of.
"""


class Span(NamedTuple):
    """A piece of text and what it is; ``confidence`` decides between overlapping spans."""

    start: int
    end: int
    entity_type: str
    confidence: float

    def moved(self, by: int) -> Span:
        """The same span in a text that has ``by`` characters before this one."""
        return Span(self.start + by, self.end + by, self.entity_type, self.confidence)


def find_spans(text: str) -> tuple[Span, ...]:
    """All personal data in a text, in order, without overlaps.

    >>> [(s.start, s.end, s.entity_type) for s in find_spans("Call Maria Garcia on +49 30 901820.")]
    [(5, 17, 'PERSON_NAME'), (21, 34, 'PHONE')]
    """
    return _read(text, _all_spans)


def _read(text: str, spans_in: Callable[[str], list[Span]]) -> tuple[Span, ...]:
    """The spans of a text without overlaps; a long one is read window by window."""
    if len(text) <= WINDOW:
        return _resolve(spans_in(text))
    starts = range(0, min(len(text), TEXT_LIMIT), WINDOW - OVERLAP)
    return _resolve(s.moved(start) for start in starts for s in spans_in(text[start : min(start + WINDOW, TEXT_LIMIT)]))


def _all_spans(text: str) -> list[Span]:
    seen = look(text)
    found = [s for s in _tried(text, seen) if s.confidence]
    found += _ages(text) if "age" in seen else ()
    found += _said_codes(text) if "said code" in seen else ()
    found += _said_passwords(text) if "said password" in seen else ()
    if "digit" in seen:
        found += _numbers(text, seen)
        found += _addresses(text, seen)
        found += _address_lines(text) if "\n" in text else ()
    for run in _runs(text):
        if len(run) > 1 or _may_be_name(run[0].folded) or _may_be_place(run[0].folded):
            found += _names_in(text, run)
            found += _place(text, run)
    if not text.isascii():
        found += _eastern_names(text)
    if text.islower():
        found += _small_names(text)
    return found


def with_extra(text: str, found: tuple[Span, ...], extra: Iterable[Span]) -> tuple[Span, ...]:
    """The spans together with those of another recognizer."""
    return _resolve([*found, *(s for s in extra if 0 <= s.start < s.end <= len(text))])


def find_evident(text: str) -> tuple[Span, ...]:
    """Only what proves itself by its form or check digits, for columns of codes and short values.

    A number that has the form and fails the check comes with confidence 0: how many do says how much is luck.

    >>> [(s.entity_type, s.confidence) for s in find_evident("pan=4111111111111111;ref=4111111111111112")]
    [('CREDIT_CARD', 0.96), ('CREDIT_CARD', 0.0)]
    """
    return _read(text, _evident_spans)


def _evident_spans(text: str) -> list[Span]:
    seen = look_at_code(text)
    found = list(_tried(text, seen))
    if "compact" in seen:
        found += _evident_numbers(text, seen)
    return found


_DIGIT = re.compile(r"[0-9]")


def _resolve(found: Iterable[Span]) -> tuple[Span, ...]:
    """The surer and longer span wins where two overlap."""
    found = list(found)
    if not found:
        return ()
    ranked = sorted(found, key=lambda s: (-s.confidence, s.start - s.end, s.start, s.entity_type))
    if len(ranked) < 2:
        return tuple(ranked)
    taken = bytearray(max(s.end for s in ranked))
    kept: list[Span] = []
    for span in ranked:
        if not any(taken[span.start : span.end]):
            if span.confidence:  # failed forms may overlap one another
                taken[span.start : span.end] = b"\x01" * (span.end - span.start)
            kept.append(span)
    return tuple(sorted(kept, key=lambda s: s.start))


# -- strong patterns ---------------------------------------------------------------------------------------------------
def _inside(entity: str, *, ascii_text: bool) -> re.Pattern[str]:
    pattern, letter = BY_ENTITY[entity].pattern, _PLAIN[ascii_text]
    alike = f"(?i:{pattern.removeprefix('(?i)')})" if pattern.startswith("(?i)") else f"(?:{pattern})"
    return re.compile(rf"(?<![.+-])(?<!{letter}){alike}(?!-)(?!{letter})")


@dataclass(frozen=True)
class _Strong:
    entity: str
    regex: re.Pattern[str]
    check: Callable[[str], bool] | None
    confidence: float


_STRONG = {
    "EMAIL": 0.99,
    "SECRET": 0.99,
    "CRYPTO": 0.97,
    "CARD_TRACK": 0.98,
    "MAC_ADDRESS": 0.95,
    "US_MBI": 0.9,
    "UK_NINO": 0.9,
    "IT_FISCAL_CODE": 0.95,
    "MX_CURP": 0.95,
    "FI_HETU": 0.9,
    "IN_PAN": 0.85,
    "SG_NRIC_FIN": 0.95,
    "ES_NIF": 0.9,
    "US_DEA": 0.9,
    "CL_RUT": 0.85,
    "CN_RESIDENT_ID": 0.97,
}
"""Types that prove themselves in letters and digits, and how sure their matches are."""


@functools.lru_cache(maxsize=4_096)
def _strong_in(seen: frozenset[str], *, ascii_text: bool) -> tuple[_Strong, ...]:
    return tuple(_strong(entity, ascii_text=ascii_text) for entity in _STRONG if entity in seen)


@functools.cache
def _strong(entity: str, *, ascii_text: bool) -> _Strong:
    return _Strong(entity, _inside(entity, ascii_text=ascii_text), BY_ENTITY[entity].check, _STRONG[entity])


_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Za-z0-9]){11,30}")
_IP4 = re.compile(r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9]|\.[0-9])")
_IP6 = re.compile(r"(?<![0-9A-Za-z:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![0-9A-Za-z:])")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"')]{3,300}")
_VERSION_CUE = re.compile(
    r"(?:firmware|version|release|build|upgrade[d]?|ver\.?|v|schema|driver|kernel|section|chapter|oid)\s*(?:to\s*)?$", re.IGNORECASE
)


def _tried(text: str, seen: frozenset[str]) -> Iterator[Span]:
    """Every piece with the form of a strong pattern; confidence 0 where its check fails."""
    for p in _strong_in(seen, ascii_text=text.isascii()):
        for m in p.regex.finditer(text):
            yield Span(m.start(), m.end(), p.entity, p.confidence if p.check is None or p.check(m.group()) else 0.0)
    if "link" in seen:
        yield from (Span(m.start(), m.end(), "URL", 0.9) for m in _URL.finditer(text))
    if "IBAN" in seen:
        yield from _ibans(text, seen)
    if "network" in seen:
        yield from _networks(text)


def _ibans(text: str, seen: frozenset[str]) -> Iterator[Span]:
    for m in _IBAN.finditer(text):
        length = int(ck._IBAN_LENGTHS.get(m.group()[:2], "0"))
        end = _nth_alnum(m.group(), length)
        if end and ck.iban(m.group()[:end]) and not text[m.start() + end : m.start() + end + 1].isalnum():
            yield Span(m.start(), m.start() + end, "IBAN", 0.99)
        elif end:
            yield Span(m.start(), m.start() + end, "IBAN", 0.8 if _cue(text, m.start(), "IBAN", seen) else 0.0)


def _nth_alnum(text: str, count: int) -> int:
    """Where the ``count``-th letter or digit ends, or 0."""
    seen = 0
    for i, char in enumerate(text):
        seen += char.isalnum()
        if seen == count and count:
            return i + 1
    return 0


def _networks(text: str) -> Iterator[Span]:
    for m in _IP4.finditer(text):
        if ck.ip(m.group()) and not _VERSION_CUE.search(text[max(0, m.start() - 24) : m.start()]):
            yield Span(m.start(), m.end(), "IP_ADDRESS", 0.9)
    if text.count(":") >= 2:
        for m in _IP6.finditer(text):
            if len(m.group()) > 6 and ck.ip(m.group()) and sum(c.isalnum() for c in m.group()) > 4:
                yield Span(m.start(), m.end(), "IP_ADDRESS", 0.9)


# -- what a word before it makes a secret -------------------------------------------------------------------------------
_SAID_CODE = re.compile(rf"(?i:\b(?:{CVV_WORDS}))(?: ?(?i:is|was|ist|est|es|number|code|no|nr)\b)?[ .:=#(]{{0,4}}([0-9]{{3,4}})(?![0-9])")
_SAID_PASSWORD = re.compile(
    rf"(?i:(?<![a-z])(?:{LOGIN_WORDS}))(?: ?(?:is|was|ist|est|es|é|to)\b)?[ ]?([:=])?[ ]?[\"'“«`]?([^\s\"'”»`,;<>\[\]*]{{5,64}})"
)
_MIXED_CASE = re.compile(r"[a-z][A-Z]|[A-Z][a-z]+[A-Z]")


def _said_codes(text: str) -> Iterator[Span]:
    for m in _SAID_CODE.finditer(text):
        yield Span(m.start(1), m.end(1), "CVV", 0.93)


def _said_passwords(text: str) -> Iterator[Span]:
    """What stands behind the word for one, where it is no word itself: it has digits or signs inside, or capitals between."""
    for m in _SAID_PASSWORD.finditer(text):
        value = m.group(2).rstrip(".)?:")
        told = any(c.isdigit() for c in value) or _MIXED_CASE.search(value) or any(c in "!#$%&@^_+=|~" for c in value[:-1])
        if len(value) >= 5 and told and "://" not in value and any(c.isalpha() for c in value):
            yield Span(m.start(2), m.start(2) + len(value), "PASSWORD", 0.93 if m.group(1) else 0.9)


# -- digit groups --------------------------------------------------------------------------------------------------------
@functools.cache
def _group(*, ascii_text: bool) -> re.Pattern[str]:
    """Digits with what people put between them."""
    letter = _PLAIN[ascii_text]
    return re.compile(rf"(?<![.,#/-])(?<!{letter})[+(]?[0-9](?:[0-9]|[ ().\u2010-\u2015-]{{1,3}}(?=[0-9(])|/(?=[0-9])){{4,28}}(?!{letter})")


@functools.cache
def _compact(*, ascii_text: bool) -> re.Pattern[str]:
    """Digits with less between them, as in columns of codes."""
    letter = _PLAIN[ascii_text]
    return re.compile(rf"(?<![.+-])(?<!{letter})[+(]?[0-9](?:[0-9]|[ ().-]{{1,2}}(?=[0-9(])){{6,28}}(?!{letter})")


# What is looked for before a value is written small and sought in small letters: that is three times as fast as to ignore the case.
_CUES: dict[str, tuple[str, re.Pattern[str]]] = {
    entity: (
        f"word for {entity}",
        re.compile(rf"(?:{words})[^\W\d_a-z]{{0,6}}\W*(?:[a-z]+\W+){{0,3}}$"),
    )
    for entity, words in CUE_WORDS.items()
}
_NOT_PHONE = re.compile(rf"(?:{NO_PHONE_WORDS})\s*(?:no\.?|numbers?|nr\.?|#|:)?\s*#?$")
_DATE_SHAPE = re.compile(
    r"(?:(?:18|19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2}))(?:[ T][0-9:.]{4,12})?"
)
_DATE_RANGE = re.compile(r"[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})? ?[-\u2013] ?[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?")
_DATE_WORDS = re.compile(
    rf"\b[0-9]{{1,2}}(?:\.|st|nd|rd|th|er|º)? (?:de |of )?{MONTH}\.?,? (?:de |of )?(?:19|20)[0-9]{{2}}\b"
    rf"|\b{MONTH}\.? [0-9]{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)[0-9]{{2}}\b",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"(?<![\w.,-])([0-9]{1,3})(?:[ -]?(?:years?|yrs?)[ -]?olds?\b|[ -]?y/?o\b| jahre alt| jaar oud)"
    r"|\b((?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:one|two|three|four|five|six|seven|eight|nine))?)"
    r"[ -]years?[ -]old\b"
    r"|\b(?:aged?|turned|turning|i'm|i am|he is|she is|was|am)(?: just)? ([0-9]{2})(?= ?[.,!?;)]|$| and\b| years)"
    rf"|(?:\b(?:âgée? de|tiene|tengo|cumpli[óo]|avere|ha|ho|tem|tenho|ma|mam|ben|is|il a|elle a|j'ai|edad de|età di|im alter von|"
    rf"(?:{PERSON_WORDS}) (?:de|di|d'))|(?:{PERSON_WORDS}|[A-Z][^\W\d_]+) ?[,(]) ?([0-9]{{1,3}}) (?:jahre|ans|años|anni|anos|jaar|lata?)\b"
    r"(?! (?:de|d'|di|ervaring|erfahrung|doświad|garan|lang))",
    re.IGNORECASE,
)
"""An age in years: said to be one, or said of a person where the word for years counts anything."""


def _cue(text: str, start: int, entity: str, seen: frozenset[str]) -> bool:
    """Whether the words before a value say that it is of this type."""
    name, cue = _CUES[entity]
    return name in seen and cue.search(text[max(0, start - 40) : start].lower()) is not None


_CHECKED: tuple[tuple[str, float, float], ...] = (
    ("FR_NIR", 0.93, 0.97),
    ("CN_RESIDENT_ID", 0.97, 0.99),
    ("BR_CPF", 0.85, 0.97),
    ("IN_AADHAAR", 0.72, 0.9),
    ("DE_TAX_ID", 0.8, 0.95),
    ("CH_AHV", 0.9, 0.97),
    ("KR_RRN", 0.85, 0.95),
    ("IMEI", 0.8, 0.95),
    ("PL_PESEL", 0.75, 0.95),
    ("RO_CNP", 0.75, 0.95),
    ("TR_TCKN", 0.75, 0.95),
    ("BE_NATIONAL_NUMBER", 0.8, 0.95),
    ("NO_FODSELSNUMMER", 0.8, 0.95),
    ("SE_PERSONNUMMER", 0.7, 0.93),
    ("ZA_ID", 0.72, 0.93),
)
"""Number types with a check digit: confidence without and with a cue before the number."""


_POSTAL = re.compile(
    r"\b(?:zip|post|postal)[ -]?(?:code)?(?: is|:)? ([0-9]{3,6}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2})\b", re.IGNORECASE
)


@functools.cache
def _checked_with(digits: int) -> tuple[tuple[str, float, float], ...]:
    return tuple(row for row in _CHECKED if BY_ENTITY[row[0]].digits[0] <= digits <= BY_ENTITY[row[0]].digits[1])


_SAID_PASSPORT = re.compile(
    r"(?i:passport|reisepass(?:nummer)?|passeport|pasaporte|passaporto|paspoort(?:nummer)?)"
    r"(?i:[ .:#]{0,2}(?:no|number|nr|n[úu]mero|num[ée]ro|n°|is)\b)?"
    r"[ .:#]{0,3}([A-Z]{0,2}[0-9]{6,9}[A-Z]?)(?![\w-])"
)


def _numbers(text: str, seen: frozenset[str]) -> Iterator[Span]:
    yield from _dates(text, seen)
    for m in _POSTAL.finditer(text) if "postal" in seen and ("ode" in text or "zip" in text.lower()) else ():
        yield Span(m.start(1), m.end(1), "POSTAL_CODE", 0.85)
    for m in _SAID_PASSPORT.finditer(text) if "word for PASSPORT" in seen else ():
        yield Span(m.start(1), m.end(1), "PASSPORT", 0.93)
    for m in _group(ascii_text=text.isascii()).finditer(text) if "group" in seen else ():
        value = m.group().rstrip(" ().-/")
        best = _number(text, m.start(), value, seen)
        if best is not None:
            yield best


def _ages(text: str) -> Iterator[Span]:
    for m in _AGE.finditer(text):
        part = m.lastindex or 1
        if not m.group(part).isdigit() or 0 < int(m.group(part)) <= 120:
            yield Span(m.start(part), m.end(part), "AGE", 0.7)


def _can_be_date(text: str) -> bool:
    """Whether the short numbers of a date can be a day and a month."""
    parts = [int(p) for p in _DIGITS.findall(text.split("T")[0])[:3]]
    short = [p for p in parts if p < 100]
    return len(parts) < 3 or (min(short, default=1) <= 12 and sum(p <= 31 for p in short) >= 2)


_DIGITS = re.compile(r"[0-9]+")


def _dates(text: str, seen: frozenset[str]) -> Iterator[Span]:
    for name, pattern in (("date", _DATE_SHAPE), ("date in words", _DATE_WORDS)):
        for m in pattern.finditer(text) if name in seen else ():
            if not _can_be_date(m.group()):
                continue
            born = _cue(text, m.start(), "DATE_OF_BIRTH", seen) or _BORN_BEHIND.match(text, m.end()) is not None
            yield Span(m.start(), m.end(), "DATE_OF_BIRTH" if born else "DATE_TIME", 0.92 if born else 0.88)


_BORN_BEHIND = re.compile(r",? (?:in [^\W\d_]+ )?(?:geboren|born|nacid[oa]|nascid[oa]|née?|nat[oa]|urodzon[ya]|narozen[áý]?)\b")
_SEPARATORS = str.maketrans("", "", "+() ./-\u2010\u2011\u2012\u2013\u2014\u2015")
"""All that a group of digits holds beside them."""


def _number(text: str, start: int, value: str, seen: frozenset[str]) -> Span | None:
    if _FRACTION.fullmatch(value):
        return None
    at = _At(text, start, value, len(value.translate(_SEPARATORS)), seen)
    if at.digits < 7 and seen.isdisjoint(_SHORT):
        return None
    options = [*_national(at), *_financial(at), *_phone(at)]
    return max(options, key=lambda s: s.confidence) if options else None


_SHORT = frozenset({"word for POSTAL_CODE", "word for BANK_ACCOUNT"})
"""Only these words make something of fewer than seven digits."""
_FRACTION = re.compile(r"\(?[1-9][0-9]{0,2}\.[0-9]{5,}")
"""A number with decimals, such as a coordinate: nobody is called there."""


class _At(NamedTuple):
    """A group of digits, where it stands, and what is seen around it."""

    text: str
    start: int
    value: str
    digits: int
    seen: frozenset[str]

    def is_called(self, entity: str) -> bool:
        """Whether the words before it say that it is of this type."""
        return _cue(self.text, self.start, entity, self.seen)

    def span(self, entity: str, confidence: float) -> Span:
        """The group as a span."""
        return Span(self.start, self.start + len(self.value), entity, confidence)


def _national(at: _At) -> Iterator[Span]:
    value, digits = at.value, at.digits
    for entity, alone, cued in _checked_with(digits):
        r = BY_ENTITY[entity]
        if entity == "CH_AHV" and value.isdigit() and not at.is_called("NATIONAL_ID"):
            continue  # a barcode begins and is checked alike
        if r.accepts(value):
            yield at.span(entity, cued if at.is_called("NATIONAL_ID") else alone)
    named = BY_ENTITY.get(_named(at.text[max(0, at.start - 32) : at.start]))
    if named is not None and named.accepts(value):
        yield at.span(named.entity, 0.94)
    if digits != 9 and digits != 10:
        return
    grouped = _SSN_GROUPS.fullmatch(value) is not None
    if digits == 9 and ck.ssn(value) and (grouped or at.is_called("US_SSN")):
        yield at.span("US_SSN", 0.92)
    if ck.itin(value) and (grouped or at.is_called("US_ITIN")):
        yield at.span("US_ITIN", 0.93)
    for entity in ("UK_NHS", "US_NPI", "US_ABA_ROUTING"):
        if at.is_called(entity) and BY_ENTITY[entity].accepts(value):
            yield at.span(entity, 0.94)


@functools.cache
def _id_phrases() -> dict[str, str]:
    """The unambiguous phrases by which numbers with a check are called → their type."""
    numbered = (r for r in RECOGNIZERS if r.group in ("national", "health") and r.check is not None)
    return {fold(p): r.entity for r in numbered for p in r.headers.split("|") if p and not p.startswith("~")}


_NUMBER_FOLLOWS = words("no nr num number is code est es ist lautet numero numer")


def _named(before: str) -> str:
    """The type that the last words before a number give it, or nothing.

    >>> _named("tax file number: "), _named("NIF "), _named("order no ")
    ('AU_TFN', 'PT_NIF', '')
    """
    said = _LETTERS.findall(fold(before))[-4:]
    while said and said[-1] in _NUMBER_FOLLOWS and " ".join(said) not in _id_phrases():
        said.pop()
    return next((entity for i in range(len(said)) if (entity := _id_phrases().get(" ".join(said[i:]), ""))), "")


_LETTERS = re.compile(r"[^\W\d_]+")


_SSN_GROUPS = re.compile(r"[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}")


def _financial(at: _At) -> Iterator[Span]:
    value, digits = at.value, at.digits
    if 12 <= digits <= 19 and "." not in value and "(" not in value:
        named = at.is_called("CREDIT_CARD")
        if ck.card(value):
            yield at.span("CREDIT_CARD", 0.96 if named or digits >= 14 else 0.7)
        elif named and (ck.luhn(value) or ck.card_brand(ck.compact(value))):
            yield at.span("CREDIT_CARD", 0.8)
    if 6 <= digits <= 18 and at.is_called("BANK_ACCOUNT") and value.replace("-", "").replace(" ", "").isdigit():
        yield at.span("BANK_ACCOUNT", 0.66)
    if 4 <= digits <= 9 and at.is_called("POSTAL_CODE"):
        yield at.span("POSTAL_CODE", 0.85)


_PHONE_FORM = re.compile(
    r"\+[1-9][0-9 ().\u2010-\u2015/-]{6,22}|\(\+?[0-9]{2,5}\) ?[0-9][0-9 ./-]{4,14}|1?[ .-]?\(?[2-9][0-9]{2}\)?[ .-][0-9]{3}[ .-][0-9]{4}|"
    r"0[0-9]{1,4}[ ./()-]{1,2}[0-9][0-9 ./-]{4,14}|0[0-9]{8,11}|"
    r"[0-9]{2,4}(?:[ -][0-9]{2,4}){2,4}|00[1-9][0-9 ]{7,16}|1[3-9][0-9]{9}|[6-9][0-9]{9}"
)


def _phone(at: _At) -> Iterator[Span]:
    value = at.value
    formed = 7 <= at.digits <= 15 and _PHONE_FORM.fullmatch(value) is not None
    if not formed and not (7 <= at.digits <= 15 and at.is_called("PHONE")):
        return
    if _DATE_SHAPE.fullmatch(value) or _DATE_RANGE.fullmatch(value) or _IP4.fullmatch(value):
        return
    if value[0] != "+" and "no phone" in at.seen and _NOT_PHONE.search(at.text[max(0, at.start - 30) : at.start].lower()):
        return
    named = at.is_called("PHONE")
    sure = formed and (value[0] in "+(" or _PHONE_SURE.fullmatch(value) is not None)
    if not sure and not named and _IN_CODE.match(at.text, at.start + len(value)):
        return
    if formed:
        yield at.span("PHONE", 0.92 if sure and named else 0.86 if sure else 0.83 if named else 0.62)
    else:
        yield at.span("PHONE", 0.75)


_IN_CODE = re.compile(r"[ /-]?[A-Z]{1,3}[0-9]{3}")
"""What goes on behind a number that is part of a code (PC 029 475 73 A9945)."""
_PHONE_SURE = re.compile(r"(?:1[ .-])?\(?[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}")


_EVIDENT_NUMBERS: tuple[tuple[str, tuple[int, int], re.Pattern[str], float], ...] = (
    (
        "CREDIT_CARD",
        (14, 19),
        re.compile(r"[0-9]{15,16}|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{2,7}|[0-9]{4}([ -])[0-9]{6}\2[0-9]{5}"),
        0.96,
    ),
    ("BR_CPF", (11, 11), re.compile(r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}"), 0.95),
    ("CN_RESIDENT_ID", (18, 18), re.compile(r"[0-9]{18}"), 0.97),
    ("US_SSN", (9, 9), re.compile(r"[0-9]{3}([- ])[0-9]{2}\1[0-9]{4}"), 0.92),
    ("FR_NIR", (15, 15), re.compile(r"[0-9]{15}|[0-9] [0-9]{2} [0-9]{2} [0-9]{2} [0-9]{3} [0-9]{3} [0-9]{2}"), 0.93),
    ("KR_RRN", (13, 13), re.compile(r"[0-9]{6}-[0-9]{7}"), 0.93),
    ("IN_AADHAAR", (12, 12), re.compile(r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}"), 0.9),
    ("CH_AHV", (13, 13), re.compile(r"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}"), 0.93),
)
"""Numbers that are believed without a word beside them: their digits and form, and how sure they are when the check passes."""
_TOLL_FREE = re.compile(r"(?:\+?1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .-]|0800|1800[ -]")
"""Numbers that never are a person's."""
_PIECE = re.compile(r"[0-9.-]{9,}")


def _pieces(value: str) -> list[tuple[int, str]]:
    """A group of digits, and what stands between its blanks (numbers side by side look like one)."""
    return [(0, value), *((m.start(), m.group()) for m in _PIECE.finditer(value))] if " " in value else [(0, value)]


def _evident_numbers(text: str, seen: frozenset[str]) -> Iterator[Span]:
    links = [m.span() for m in _URL.finditer(text)] if "://" in text else ()
    for m in _compact(ascii_text=text.isascii()).finditer(text):
        if links and any(a <= m.start() < b for a, b in links) and text[m.start() - 1] != "=":
            continue  # the path of a link is full of numbers
        value = m.group().rstrip(" ().-")
        digits = len(value.translate(_SEPARATORS))
        for offset, piece in _pieces(value) if digits >= 9 else ():
            yield from _evident_number(m.start() + offset, piece)
        if (value[0] in "+(" or _cue(text, m.start(), "PHONE", seen)) and not _TOLL_FREE.match(value):
            yield from _phone(_At(text, m.start(), value, digits, seen))


def _evident_number(start: int, value: str) -> Iterator[Span]:
    for entity, form, sure in _evident_with(len(value.translate(_SEPARATORS))):
        check = BY_ENTITY[entity].check
        if form.fullmatch(value) and check is not None:
            yield Span(start, start + len(value), entity, sure if check(value) else 0.0)


@functools.cache
def _evident_with(digits: int) -> tuple[tuple[str, re.Pattern[str], float], ...]:
    return tuple((entity, form, sure) for entity, (least, most), form, sure in _EVIDENT_NUMBERS if least <= digits <= most)


# -- addresses -----------------------------------------------------------------------------------------------------------
_CAP = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]{0,30}"
_LOOSE = re.compile(
    rf"(?<![\w.,-])(?:the corner of )?[0-9]{{1,6}}[a-zA-Z]?(?:[-/][0-9]{{1,4}})?,? +(?:[0-9]{{1,5}} +)?(?:{_CAP}[ ,]{{0,2}}){{1,5}}"
    rf"(?:[0-9]{{1,5}}[a-z]?\b)?(?:[ ,\n]*(?:Apt|"
    rf"Suite|Unit|Ste|Floor|Fl|#)\.? ?[0-9A-Z]{{1,6}})?"
)
_UK_CODE = r"[A-Z]{1,2}[0-9][0-9A-Z]?\s[0-9][A-Z]{2}\b"
_TAIL = re.compile(
    rf"(?:(?!\n\n)[,\s]{{1,6}}(?:(?:Apt|Suite|Unit|Ste|Flat|Floor|Room|#)\.?\s?[0-9A-Za-z]{{1,6}}|[0-9]{{4,6}}(?:-[0-9]{{4}})?(?!\w)|"
    rf"{_UK_CODE}|(?!{_UK_CODE}){_CAP}(?:[ -](?!{_UK_CODE}){_CAP}){{0,3}}|[A-Z]{{2}}\b)){{1,6}}"
)
_ADDRESS_CUE = re.compile(
    r"(?:address(?: is| to|:)?|ship(?:ped)? to|deliver(?:ed)? to|sent? (?:it )?to|lives? (?:at|on|in)|located at|live at|"
    r"at|arrived at|moved to|mail to|located on|residing at|residence|street|enter on|is on|taxi to|one to|same:|following\?|"
    r"wohnt in|anschrift|adresse|habite|domicili[oé]|indirizzo|address is the same|linked to [\w ]{0,20}to)\W{0,3}(?:the )?$"
)


def _addresses(text: str, seen: frozenset[str]) -> Iterator[Span]:
    for low, high in address_spans(text) if "street" in seen else ():
        start, end = _leading_number(text, low), _tail(text, high)
        if _NO_STREET.match(text, start):
            continue
        if _DIGIT.search(text[start:end]):
            cased = any(c.isupper() for c in text[start:end]) or not text[start:end].isascii()
            cue = _ADDRESS_CUE.search(text[max(0, start - 50) : start].lower()) is not None
            if cased or cue:
                yield Span(start, end, "ADDRESS", 0.87 if cue else 0.78)
    for m in _LOOSE.finditer(text) if "way to an address" in seen and "house number" in seen else ():
        end = _tail(text, m.end())
        body = text[m.start() : end]
        cue = _ADDRESS_CUE.search(text[max(0, m.start() - 50) : m.start()].lower()) is not None
        unit = re.search(r"\b(?:Apt|Suite|Unit|Ste)\b", body) is not None
        if cue or unit:
            yield Span(m.start(), m.start() + len(body.rstrip(" ,\n.?!")), "ADDRESS", 0.84)


_NO_STREET = re.compile(
    r"[0-9]+[a-z]?,? (?:and|of|near|(?-i:the)|at|in|on|for|with|to|by|is|was|per|from|und|et|y|de|von)\b|al\.?,|"
    r"BP [0-9]{2,3}(?:/[0-9]|,? (?:over|mmHg|HR|P )\b)",
    re.IGNORECASE,
)
"""A number that counts something else, and a blood pressure, which looks like a box (boîte postale)."""


def _leading_number(text: str, start: int) -> int:
    found = re.search(r"(?<![\w,.-])[0-9]{1,6},? +$", text[max(0, start - 10) : start])
    return start - len(found.group()) if found else start


_UNIT_LINE = re.compile(r"^[>?# \t]*((?:apt|apartment|suite|unit|flat|ste)\.? ?[0-9]{1,5}[a-z]?)[ ,.]*$", re.IGNORECASE | re.MULTILINE)
_LAND_LINE = re.compile(
    r"(?:^[>?# \t]*([^\W\d_][^\d\n,:;]{1,40}?)[ ,]*\n+)?^[>?# \t]*([^\W\d_][^\d\n,:;]{2,30}?) ([0-9]{4,6})\b", re.IGNORECASE | re.MULTILINE
)


def _address_lines(text: str) -> Iterator[Span]:
    """The pieces of an address that stand on lines of their own: the unit, the town above the country, the code behind it."""
    for m in _UNIT_LINE.finditer(text):
        yield Span(*m.span(1), "ADDRESS", 0.7)
    for m in _LAND_LINE.finditer(text):
        if fold(m.group(2)) not in LANDS:
            continue
        yield Span(*m.span(3), "POSTAL_CODE", 0.75)
        if m.group(1):
            yield Span(*m.span(1), "LOCATION", 0.74)


_STOP_AFTER = re.compile(r"\s(?:and|or|but|when|please|is|was|on|for|with|et|und|y|if|because|this|last|the|it|since)\b", re.IGNORECASE)


def _tail(text: str, end: int) -> int:
    """Where an address that is found up to ``end`` ends with unit, town, state and postal code."""
    found = _TAIL.match(text, end)
    if not found:
        return end
    stop = _STOP_AFTER.search(text, end, found.end())
    limit = stop.start() if stop else found.end()
    return end + len(text[end:limit].rstrip(" ,\n.?!"))


# -- people --------------------------------------------------------------------------------------------------------------
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_PERSON_AFTER = re.compile(
    (
        r"^(?:'s\b|’s\b|\s*\(|\s*,?\s*(?:said|says|told|called|requested|reset|lives?|is a|was|has|had|asked|wrote|reported|"
        r"listed|began|points out|of |from |and I\b|just\b|can I\b)|:)"
    ),
    re.IGNORECASE,
)
_SYLLABLE = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_HONOURED = re.compile(
    r"([\u4e00-\u9fff々]{2,5})(?:様|さん|さま|殿)|([\u4e00-\u9fff]{1,5})(?:先生|女士|小姐)(?!们)|([\uac00-\ud7a3]{2,4})(?:님|씨)(?![\uac00-\ud7a3]{3})"
)
"""A name before what it is honoured with."""
_BEFORE_HONOURED = re.compile(r"^(?:客户|顾客|患者|病人|用户|联系人|会员|고객|환자|회원)")
_HAN_NAME = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,4}(?![\u4e00-\u9fff])")


def _eastern_names(text: str) -> Iterator[Span]:
    least = 3 if _SYLLABLE.search(text) else 2  # Japanese writes most of its nouns with two such characters
    for m in _HAN_NAME.finditer(text):
        shape = name_shape(m.group())
        if shape.full and shape.score >= 0.6 and len(m.group()) >= least:
            yield Span(m.start(), m.end(), "PERSON_NAME", 0.8)
    for m in _HONOURED.finditer(text):
        name = _BEFORE_HONOURED.sub("", m.group(m.lastindex or 1))
        end = m.end(m.lastindex or 1)
        if name_shape(name).score >= 0.6:
            yield Span(end - len(name), end, "PERSON_NAME", 0.82)


def _small_names(text: str) -> Iterator[Span]:
    """Names in a text that knows no capitals: a given name with a family name, or one of them where a word asks for a person."""
    tokens = [_Token(m.start(), m.end(), m.group(), fold(m.group()).strip(".").removesuffix("'s")) for m in _WORD.finditer(text)]
    past = 0
    for i, token in enumerate(tokens):
        if token.start < past or not _small_part(token.folded):
            continue
        full = _small_full(text, tokens[i : i + 3])
        if full or _asked_for(text, token):
            end = full or token.start + len(token.text.rstrip(".").removesuffix("'s"))
            past = end
            yield Span(token.start, end, "PERSON_NAME", 0.7 if full else 0.6)


def _small_full(text: str, tokens: list[_Token]) -> int:
    """Where a given and a family name end, with an initial between them or none; 0 if there are not both."""
    g = gazetteer()
    if len(tokens) == 3 and len(tokens[1].folded) == 1:
        tokens = [tokens[0], tokens[2]]
    if len(tokens) < 2 or tokens[0].folded not in g.given or text[tokens[0].end : tokens[1].start].strip(" .abcdefghijklmnopqrstuvwxyz"):
        return 0
    family = tokens[1]
    if family.folded not in gazetteer().family or _ordinary(family.folded, first=False):
        return 0
    if not (_asked_for(text, tokens[0]) or _small_part(family.folded, town=True)):
        return 0
    return family.start + len(family.text.rstrip(".").removesuffix("'s"))


@functools.lru_cache(maxsize=16_384)
def _small_part(word: str, *, town: bool = False) -> bool:
    """Whether a word written small can be part of a name: known as one, and as nothing else but a ``town``."""
    g = gazetteer()
    if (
        len(word) < 3
        or word in PLAIN
        or word in THINGS
        or word in LANDS
        or word in PARTICLES
        or word in ORG_WORDS
        or (not town and _town(word))
    ):
        return False
    return word not in g.words and (word in g.given or word in g.family) and not _ordinary(word, first=True)


def _asked_for(text: str, token: _Token) -> bool:
    return _cue_before(text, token.start) == _CUE_BEFORE or _SPEAKS.match(text, token.end) is not None


_SPEAKS = re.compile(r": ?[\"“«„']")


class _Token(NamedTuple):
    start: int
    end: int
    text: str
    folded: str


def _runs(text: str) -> Iterator[list[_Token]]:
    """Runs of capitalised words (with particles and initials between) on one line."""
    past = 0
    for found in (_CAPITAL if text.isascii() else _WORD).finditer(text):
        first = _token(text, found, inside=False) if found.start() >= past else None
        if first is not None:
            run = [first]
            past = _extend(text, run) if text[first.end : first.end + 1] in _GLUE else found.end()
            yield run


def _extend(text: str, run: list[_Token]) -> int:
    """Add to a run the words that follow its first; returned is where it ends."""
    while not _ends(run[-1]):
        joint = _JOINT.match(text, run[-1].end)
        following = _WORD.match(text, joint.end()) if joint else None
        token = _token(text, following, inside=True) if following else None
        if token is None or (token.text in _SMALL and not _small_word_in_name(run)):
            break
        run.append(token)
    return run[-1].end


_SMALL = words("la le les las den der des e et und y")
"""Particles that are far more often an article or *and*."""


def _small_word_in_name(run: list[_Token]) -> bool:
    """Whether an article or *and* behind these words can be part of a name (Juan de la Cruz, van den Berg)."""
    return run[-1].text.islower() and run[-1].folded in PARTICLES


def _token(text: str, found: re.Match[str], *, inside: bool) -> _Token | None:
    """The word as part of a run: capitalised and no part of a code, or ``inside`` one a particle."""
    word = found.group()
    start, end = found.span()
    capital = word[0].isupper() and not text[end : end + 1].isdigit() and not (start and text[start - 1].isdigit())
    if not capital and not (inside and len(word) <= 4):
        return None
    folded = fold(word).strip(".")
    if not capital and folded not in PARTICLES:
        return None
    if folded.endswith(("'s", "’s")):
        return _Token(start, end - 2, word[:-2], folded[:-2])
    return _Token(start, end, word, folded)


_CAPITAL = re.compile(r"[A-Z](?<![A-Za-z][A-Z])(?<![A-Za-z]['-][A-Z])[A-Za-z]*(?:['-][A-Za-z]+)*\.?")
"""A word of plain letters that begins with a capital."""
_JOINT = re.compile(r" - |  ?|-")
_GLUE = (" ", "-")


def _ends(token: _Token) -> bool:
    """Whether a full stop after the word ends a sentence rather than an abbreviation."""
    return token.text.endswith(".") and len(token.text) > 2 and token.folded not in TITLES


def _names_in(text: str, run: list[_Token]) -> Iterator[Span]:
    tokens = _without_edges(run)
    if not 0 < len(tokens) <= 6:
        return
    if len(tokens) == 1 and tokens[0] is run[-1] and text.startswith(", ", tokens[0].end):
        yield from _turned(text, tokens[0])
    score = _run_score(text, tokens)
    if score >= 0.5 and not _names_no_person(text, run, tokens):
        end = tokens[-1].end - (1 if tokens[-1].text.endswith(".") and len(tokens[-1].folded) > 1 else 0)
        yield Span(tokens[0].start, end, "PERSON_NAME", min(0.9, score))


_GIVEN_BEHIND = re.compile(r", ([^\W\d_]+(?:-[^\W\d_]+)?)(?= [a-z0-9(]|[.;:)\n]|$)")


def _turned(text: str, family: _Token) -> Iterator[Span]:
    """A family name with the given name behind its comma (Kowalczyk, Piotr): each can be nothing else."""
    found = _GIVEN_BEHIND.match(text, family.end)
    if found is None or not found.group(1)[0].isupper():
        return
    g, given = gazetteer(), fold(found.group(1))
    alone = not any(w in g.words or w in THINGS or _town(w) for w in (family.folded, given))
    if alone and _only(family.folded, g.family, g.given) and _only(given, g.given, g.family):
        yield Span(family.start, found.end(), "PERSON_NAME", 0.7)


def _only(word: str, these: frozenset[str], those: frozenset[str]) -> bool:
    return word in these and word not in those


def _names_no_person(text: str, run: list[_Token], tokens: list[_Token]) -> bool:
    """Whether the words around a name make it that of a firm, a street or a town."""
    if any(t.folded in ORG_WORDS and len(t.folded) > 2 and not _given_like(t, tokens) for t in run):
        return True
    if run[-1] is not tokens[-1] and any(t.folded in STREETS or t.folded in FIRMS for t in run[run.index(tokens[-1]) + 1 :]):
        return True
    if len(tokens) > 1 and tokens[0].folded in ROMANCE and text[tokens[-1].end :].lstrip(" ,")[:1].isdigit():
        return True
    if _acronyms(text, tokens) or (not text.isascii() and BODY.search(text, tokens[0].start, tokens[-1].end + 24) is not None):
        return True
    if tokens[0] is not run[0] and _town(" ".join(t.folded for t in run)) and not _titled(text, run[0]):
        return True
    end = tokens[-1].end
    return (
        not NAMED_FIRMS.isdisjoint((" ".join(t.folded for t in tokens), " ".join(t.folded for t in run)))
        or EPONYM_BEHIND.match(text[end : end + 16]) is not None
        or FIRM_BEHIND.match(text[end : end + 60]) is not None
        or FIRM_BEFORE.search(text[max(0, tokens[0].start - 28) : tokens[0].start]) is not None
    )


def _acronyms(text: str, tokens: list[_Token]) -> bool:
    """Whether short words in capitals are no names (EU AI, GDPR Arts): none of them is known as one, or there is nothing else."""
    short = [t.folded for t in tokens if t.text.isupper() and 1 < len(t.folded) <= 4 and t.folded not in SUFFIXES]
    if not short or _cue_before(text, tokens[0].start) == _CUE_BEFORE:
        return False
    g = gazetteer()
    return (len(short) == len(tokens) and not text.isupper()) or any(len(w) > 2 and w not in g.given and w not in g.family for w in short)


def _given_like(token: _Token, tokens: list[_Token]) -> bool:
    """Whether a word that is a legal form too (Asa, As) is a given name here: first of several, and written like one."""
    return len(tokens) > 1 and token is tokens[0] and not token.text.isupper() and token.folded in gazetteer().given


def _town(name: str) -> bool:
    return name in gazetteer().cities or name in CITIES


@functools.lru_cache(maxsize=65_536)
def _may_be_name(word: str) -> bool:
    """Whether a word that stands alone can be a name, whatever is around it."""
    run = [_Token(0, len(word), word, word)]
    return bool(_without_edges(run))


_NEVER_FIRST = PARTICLES - {"de", "van", "von", "al", "el", "bin", "le", "la", "di", "da"}


def _without_edges(run: list[_Token]) -> list[_Token]:
    """The run without leading ordinary words and trailing ones (a sentence's first word, a noun after a name)."""
    first, last = max((i for i, t in enumerate(run[:-1]) if t.folded in FORMS_OF_ADDRESS), default=0), len(run)
    while first < last and not _starts_name(run, first):
        first += 1
    while first < last and not _stays_last(run, first, last - 1):
        last -= 1
    while first < last and run[first].folded in TITLES and run[first].folded not in gazetteer().given:
        first += 1
    return run[first:last]


def _starts_name(run: list[_Token], at: int) -> bool:
    """Whether a name can begin with this word."""
    word = run[at].folded
    if at and run[at - 1].folded in ADDRESSED:
        return word not in _FUNCTION
    behind = len(run) - at - 1
    if behind == 2 and _before_initial(run, at):
        return True
    if behind and (word in CALENDAR or run[at + 1].text in _OF):
        return _starts_before(word, run[at + 1 :])
    return _can_start(word) and not (at and word in _OF)


def _before_initial(run: list[_Token], at: int) -> bool:
    """Whether a word has an initial and a family name behind it (Delvis J. Carvajal, not Plan B Carter)."""
    word = run[at].folded
    if len(run) < at + 3 or not _initial(run[at + 1]) or run[at + 2].folded not in gazetteer().family:
        return False
    return not (word in _FUNCTION or word in PLAIN or word in LETTERED or word in ORG_WORDS or word in OPENERS or len(word) < 3)


def _can_start(word: str) -> bool:
    return not (_ordinary(word, first=True) or word in _NEVER_FIRST)


def _starts_before(word: str, behind: list[_Token]) -> bool:
    """Whether a name begins with a month (June Miller, not June Report) or with a word before *of* (Maria von, not Report von Ingrid)."""
    g = gazetteer()
    if word in CALENDAR:
        return word in g.given and (behind[0].folded in g.family or _initial(behind[0]))
    known = word in g.given or word in g.family
    return _can_start(word) and (known or len(behind) == 1 or behind[1].folded not in g.given)


_OF = words("von de di da van")
"""Particles that mean *of* where the word before them is no name."""


def _stays_last(run: list[_Token], first: int, at: int) -> bool:
    """Whether the last word of a run belongs to the name: a word that is none elsewhere may follow a title or a given name."""
    word, g = run[at].folded, gazetteer()
    if not (_ordinary(word, first=False) or word in PARTICLES):
        return True
    if at and run[at - 1].folded in ADDRESSED:
        sure = run[at - 1].folded in FORMS_OF_ADDRESS and word not in ROLES and word not in _JOB_WORDS and word not in TITLES
        return (sure or word in g.family) and word not in _FUNCTION
    if at > first:
        return word in ALSO_FAMILY and word in g.family and run[at - 1].folded in g.given
    return word in g.given and not _ordinary(word, first=True)


@functools.lru_cache(maxsize=65_536)
def _ordinary(word: str, *, first: bool) -> bool:
    """Whether a word is no part of a name at that end of it."""
    if (
        word in _FUNCTION
        or _article(word) in _FUNCTION
        or word in CALENDAR
        or word in DEMONYMS
        or word in _JOB_WORDS
        or (first and (word in OPENERS or word in ROLES))
    ):
        return True
    g = gazetteer()
    if word in (g.given if first else g.family):
        return False
    return word in ROLES or word in g.words or word in PLAIN or _ADVERB.fullmatch(word) is not None


def _article(word: str) -> str:
    """What stands before the apostrophe of a word (l'avion, who's), or the whole; an O' begins a family name."""
    head = word.replace("’", "'").partition("'")[0]
    return word if head == "o" else head


_ADVERB = re.compile(r"[a-z]{4,}ly")
_FUNCTION = words(
    "the a an and or but if in on at to from of for with by as is are was were be been has have had do does did will "
    "would can could should may might must shall not no yes i you he she it we they me him her us them my your "
    "his its our their this that these those what which who whom whose when where why how all any each few more most "
    "other some such only own same so than too very just please could would what's it's i'm don't can't let's "
    "dear hi hello hey thanks thank regards best sincerely customer client user patient contact call card email mail "
    "phone address name date time order invoice ticket batch verified escalated refund meeting package "
    "firmware checksum wallet login dob sla need want have been called here there maybe perhaps could unlike remember "
    "great one two three title president senator doctor king queen prince princess royal "
    "der die das und oder ein eine le la les un une et ou el los las una y o il lo gli e du des kunde client cliente "
    "herr frau monsieur madame mr mrs ms billing shipping personal info website fax mobile office account bank "
    "my bot north south east west street avenue road university college orchestra government article treaty union act "
    "civil rights section chapter pt pts ssn mrn npi mbi nric iban acct"
)
_JOB_WORDS = words(
    "manager engineer director administrator officer packager analyst assistant clerk teacher nurse driver technician "
    "specialist supervisor consultant developer operator worker ceo cto cfo network computer systems"
)


def _run_score(text: str, tokens: list[_Token]) -> float:
    g = gazetteer()
    kept = [t for t in tokens if len(t.folded) > 1 and t.folded not in PARTICLES]
    if not 0 < len(kept) <= 4:
        return 0.0
    name = " ".join(t.folded for t in kept)
    place = _town(name) or name in LANDS
    if len(kept) == 1:
        return _single_score(text, tokens, kept[0], place)
    given = [_part_of(t.folded, g.given) for t in kept]
    family = [_part_of(t.folded, g.family) for t in kept]
    base = 0.85 if given[0] and family[-1] else 0.7 if given[0] or (family[-1] and given[-1]) else 0.5 if family[-1] else 0.3
    base -= 0.25 * (_after_article(text, tokens[0].start) and not _titled(text, tokens[0]))
    base -= 0.3 * sum(t.folded in g.words and not (a or b) for t, a, b in zip(kept, given, family, strict=True))
    if len(tokens) > 2 and any(_initial(t) for t in tokens[1:-1]):
        base = max(base + 0.15, 0.65 * _before_initial(tokens, 0))
    if base + _CUE_BEFORE + _CUE_BEHIND < 0.5:
        return 0.0
    cue = _cued(text, tokens)
    score = base + cue - (0.35 if place and not cue else 0.0)
    return score if score >= 0.5 else 0.0


_CUE_BEFORE, _CUE_BEHIND, _CUE_WEAK, _CUE_GERMAN = 0.25, 0.2, 0.15, 0.14
"""What cues add. The weak ones stand before things alike; in German every thing has its capital too."""


def _initial(token: _Token) -> bool:
    """Whether a word is a letter that stands for a name (John F. Kennedy)."""
    return len(token.folded) == 1 and token.text[0].isupper()


def _cued(text: str, tokens: list[_Token]) -> float:
    """What the words before and behind a run say for a person."""
    start, end = tokens[0].start, tokens[-1].end
    before = _cue_before(text, start)
    if before == _CUE_WEAK and len(tokens) > 1:
        before = _CUE_BEFORE
    return before + (_PERSON_AFTER.match(text[end : end + 24]) is not None) * _CUE_BEHIND


def _cue_before(text: str, start: int) -> float:
    """What the words before a place in a text say for a person there."""
    last = text[max(0, start - 32) : start].lower().replace('"', " ").split()[-4:]
    if not last:
        return 0.0
    labelled, last[-1] = last[-1][-1] in ":(", last[-1].strip(_MARKS)
    word = fold(last[-1])
    if labelled and word in LABELS:
        return _CUE_BEFORE
    if word == "to" and HANDED_TO.search(text[max(0, start - 40) : start].lower()):
        return _CUE_BEFORE
    if word in ADDRESSED or word in ROLES or (last[-1] in _ASKING_END and _asking(last)):
        return _CUE_BEFORE
    return 0.0 if word not in WEAK_ASKING else _CUE_GERMAN if word in ("von", "mit") else _CUE_WEAK


_ASKING_END = frozenset(phrase.rpartition(" ")[2] for phrase in ASKING)


def _asking(last: list[str]) -> bool:
    return any(" ".join(last[i:]).lstrip(_MARKS) in ASKING for i in range(len(last)))


_MARKS = "\"'([{<>.,:;-*?!¿¡"


def _single_score(text: str, tokens: list[_Token], token: _Token, place: bool) -> float:
    g = gazetteer()
    word = token.folded
    if word not in _FUNCTION and _titled(text, tokens[0]):
        return 0.85
    if word in DEMONYMS or word in LANDS or word in CALENDAR or len(word) < 3:
        return 0.0
    given, family = _part_of(word, g.given), _part_of(word, g.family)
    plain = word in g.words or word in PLAIN or word in THINGS
    if plain and not (given or family):
        return 0.0
    cue = _cued(text, tokens)
    if (token.text.isupper() and not cue) or (cue < _CUE_BEFORE and _of_partners(text, token)):
        return 0.0
    base = 0.62 if given else 0.45 if family else 0.3 if cue >= _CUE_BEFORE else 0.0
    return base - (0.3 if plain else 0.0) - (0.25 if place else 0.0) - (0.25 if _after_article(text, token.start) else 0.0) + cue


def _after_article(text: str, start: int) -> bool:
    """Whether an English article stands before a name: what follows is named after somebody (the Kalman filter, a Chanel bag)."""
    before = text[max(0, start - 5) : start].lower()
    return before.endswith((" the ", " a ", " an ")) or (start < 5 and before in ("the ", "a ", "an "))


_LIST_BEFORE = re.compile(r"([A-Z][\w'-]+), (?:([A-Z][\w'-]+),? (?:and|und|et|y|e|&) )?$|([A-Z][\w'-]+),? (?:and|&) $")
_LIST_BEHIND = re.compile(r"(?:, ([A-Z][\w'-]+))?,? (?:and|&) ([A-Z][\w'-]+)(?! [A-Z])")


def _of_partners(text: str, token: _Token) -> bool:
    """Whether a word stands in a list of family names that is the name of a firm (Baker, Hill and Sons)."""
    before, behind = _LIST_BEFORE.search(text[max(0, token.start - 48) : token.start]), _LIST_BEHIND.match(text, token.end)
    listed = [fold(w) for m in (before, behind) if m for w in m.groups() if w]
    g = gazetteer()
    return (
        len(listed) == 2 and any(w not in g.given for w in (*listed, token.folded)) and all(w in g.family for w in (*listed, token.folded))
    )


def _part_of(word: str, names: frozenset[str]) -> bool:
    return word in names or ("-" in word and all(p in names for p in word.split("-"))) or ("'" in word and word.partition("'")[2] in names)


def _titled(text: str, token: _Token) -> bool:
    head = text[max(0, token.start - 14) : token.start].split()
    return bool(head) and fold(head[-1]).strip(".,") in ADDRESSED


# -- places --------------------------------------------------------------------------------------------------------------
_PLACE_AFTER = re.compile(
    r"^(?:\s*[.,;:!?)\n\"']|\s*$|\s+(?:and|or|for|on|this|next|last|was|is|in|with|to|by|when|yesterday|today|tomorrow|"
    r"bridge|leader|und|et|y)\b)"
)


_NOT_FIRST = _FUNCTION | OPENERS | words("southern northern eastern western central upper lower")


def _place(text: str, run: list[_Token]) -> Iterator[Span]:
    tokens = run
    while tokens and tokens[0].folded in _NOT_FIRST and not _known_place(" ".join(t.folded for t in tokens)):
        tokens = tokens[1:]
    if not 0 < len(tokens) <= 4:
        return
    name = " ".join(t.folded for t in tokens)
    start, end = tokens[0].start, tokens[-1].end - tokens[-1].text.endswith(".")
    if name in DEMONYMS or (name.removesuffix("s") in DEMONYMS and len(tokens) == 1):
        if not _language(text, start, end):
            yield Span(start, end, "NATIONALITY", 0.55)
    elif name in LANDS:
        yield Span(start, end, "LOCATION", 0.8)
    elif name not in CALENDAR:
        street = len(tokens) > 1 and tokens[-1].folded in STREETS and _ON_STREET.search(text[max(0, start - 12) : start])
        sure = 0.6 if street else _place_score(text, tokens, start, end, known=_town(name))
        if sure:
            yield Span(start, end, "LOCATION", sure)


@functools.lru_cache(maxsize=65_536)
def _may_be_place(word: str) -> bool:
    """Whether a word that stands alone can be a place or a nationality, whatever is around it."""
    if word in LANDS or word in DEMONYMS or word.removesuffix("s") in DEMONYMS:
        return True
    return not (word in _NOT_FIRST or word in CALENDAR) and (_town(word) or not _common(word))


_AND = words("und et y and e i en")
_ON_STREET = re.compile(r"\b(?:on|at|in|to|near|from|off|along|down) (?:the )?$")


def _known_place(name: str) -> bool:
    return name in LANDS or (" " in name and _town(name))


def _language(text: str, start: int, end: int) -> bool:
    """Whether the word is the language rather than the nation (studying English and journalism, fluent English)."""
    return LANGUAGE_BEHIND.match(text[end : end + 14]) is not None and LANGUAGE_BEFORE.search(text[max(0, start - 20) : start]) is not None


def _place_score(text: str, tokens: list[_Token], start: int, end: int, *, known: bool) -> float:
    """How sure a capitalised word behind a preposition is a place: 0 for none."""
    if not known and _common(tokens[-1].folded):
        return 0.0
    if not (_PLACE_AFTER.match(text[end : end + 16]) or (known and _only_place(tokens))):
        return 0.0
    before = text[max(0, start - 24) : start].lower().split()[-2:]
    the = len(before) > 1 and before[-1] == "the"
    word = before[-1 - the].strip(_MARKS) if before and text[start - 1].isspace() else ""
    if known and len(tokens) > 1 and not any(t.folded in gazetteer().given for t in tokens):
        return 0.76
    if known:
        listed = word in _AND and _only_place(tokens) and tokens[0].folded not in gazetteer().family
        return 0.76 * (word in TO_PLACES or word in AT_PLACES or listed)
    if word == "to" and len(tokens) > 1 and HANDED_TO.search(text[max(0, start - 40) : start].lower()):
        return 0.0
    if word not in TO_PLACES or the or (tokens[0].text.isupper() and end - start < 4):
        return 0.0
    return 0.0 if GERMAN.search(text) else 0.6


def _only_place(tokens: list[_Token]) -> bool:
    """Whether the name of a town is no person's as well."""
    g = gazetteer()
    return len(tokens) > 1 or not (tokens[0].folded in g.given or tokens[0].folded in g.words)


@functools.lru_cache(maxsize=65_536)
def _common(word: str) -> bool:
    """Whether a word names no place that is not known as one."""
    return word in PLAIN or word in CALENDAR or word in gazetteer().words or word in ORG_WORDS
