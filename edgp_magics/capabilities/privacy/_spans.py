"""Personal data inside free text: character spans with their type, found by rules alone.

Strong patterns first (e-mail, IBAN, card, address of a network …), then digit groups read with the words around them, then
postal addresses, then names and places from gazetteers and cues. Overlaps go to the surer span.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from . import _checks as ck
from ._lexicon import CALENDAR, COUNTRIES, DEMONYMS, ORG_WORDS, PARTICLES, PLAIN, TITLES, address_spans, fold, gazetteer, name_shape
from ._recognizers import BY_ENTITY
from ._words import words

TEXT_LIMIT = 100_000
"""At most this many characters of one cell are read …"""
WINDOW = 20_000
"""… this many at a time …"""
OVERLAP = 200
"""… with so many read twice, so that nothing is cut in two."""
_PLAIN = r"[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
"""A letter or digit of a script that puts blanks between words: only those can continue a value."""


@dataclass(frozen=True)
class Span:
    """A piece of text and what it is; ``confidence`` decides between overlapping spans."""

    start: int
    end: int
    entity_type: str
    confidence: float

    def moved(self, by: int) -> Span:
        """The same span in a text that has ``by`` characters before this one."""
        return Span(self.start + by, self.end + by, self.entity_type, self.confidence)


def find_spans(text: str, possible: Possible | None = None) -> tuple[Span, ...]:
    """All personal data in a text, in order, without overlaps; ``possible`` leaves out what a whole column does not hold.

    >>> [(s.start, s.end, s.entity_type) for s in find_spans("Call Maria Garcia on +49 30 901820.")]
    [(5, 17, 'PERSON_NAME'), (21, 34, 'PHONE')]
    """
    return _read(text, lambda part: _all_spans(part, possible or _anything()))


def _read(text: str, spans_in: Callable[[str], list[Span]]) -> tuple[Span, ...]:
    """The spans of a text without overlaps; a long one is read window by window."""
    if len(text) <= WINDOW:
        return _resolve(spans_in(text))
    starts = range(0, min(len(text), TEXT_LIMIT), WINDOW - OVERLAP)
    return _resolve(s.moved(start) for start in starts for s in spans_in(text[start : min(start + WINDOW, TEXT_LIMIT)]))


def _all_spans(text: str, possible: Possible) -> list[Span]:
    found = [s for s in _tried(text, possible) if s.confidence]
    if _DIGIT.search(text):
        found += _numbers(text)
        found += _addresses(text)
    runs = list(_runs(text))
    for run in runs:
        found += _names_in(text, run)
        found += _place(text, run)
    if not text.isascii():
        found += _eastern_names(text)
    return found


def with_extra(text: str, found: tuple[Span, ...], extra: Iterable[Span]) -> tuple[Span, ...]:
    """The spans together with those of another recognizer."""
    return _resolve([*found, *(s for s in extra if 0 <= s.start < s.end <= len(text))])


def find_evident(text: str, possible: Possible | None = None) -> tuple[Span, ...]:
    """Only what proves itself by its form or check digits, for columns of codes and short values.

    A number that has the form and fails the check comes with confidence 0: how many do says how much is luck.

    >>> [(s.entity_type, s.confidence) for s in find_evident("pan=4111111111111111;ref=4111111111111112")]
    [('CREDIT_CARD', 0.96), ('CREDIT_CARD', 0.0)]
    """
    return _read(text, lambda part: _evident_spans(part, possible or _anything()))


def _evident_spans(text: str, possible: Possible) -> list[Span]:
    found = list(_tried(text, possible))
    if _DIGIT.search(text):
        found += _evident_numbers(text)
    return found


_DIGIT = re.compile(r"[0-9]")


def _resolve(found: Iterable[Span]) -> tuple[Span, ...]:
    """The surer and longer span wins where two overlap."""
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
def _inside(entity: str) -> re.Pattern[str]:
    pattern = BY_ENTITY[entity].pattern
    flags = re.IGNORECASE if pattern.startswith("(?i)") else 0
    return re.compile(rf"(?<![.+-])(?<!{_PLAIN})(?:" + pattern.removeprefix("(?i)") + rf")(?!-)(?!{_PLAIN})", flags)


@dataclass(frozen=True)
class _Strong:
    entity: str
    regex: re.Pattern[str]
    check: Callable[[str], bool] | None
    confidence: float


_MIXED = (
    r"[A-Za-z][0-9]{5}|[0-9]{5}[-+]?[A-Za-z]|[A-Z]{3}[0-9]{2}|[0-9][A-Z][A-Z0-9][0-9]-?[A-Z]|[A-Z]{2} ?[0-9]{2} ?[0-9]{2}|"
    r"[0-9]-[0-9Kk](?![0-9])|[0-9]{6}[-+ABCDEF]|[A-Z] [0-9]|[0-9]{17}[Xx]"
)
_GATES: tuple[tuple[re.Pattern[str], tuple[tuple[str, float], ...]], ...] = (
    (re.compile("@"), (("EMAIL", 0.99),)),
    (
        re.compile(r"_|eyJ|AKIA|ASIA|ARO|AIDA|sk-|AIza|ya29|SG\.|BEGIN|://|glpat|xox|xapp|pypi|key-|EAA|dapi|hvs|AC[0-9a-f]"),
        (("SECRET", 0.99),),
    ),
    (re.compile(r"[0-9a-zA-Z]{26}"), (("CRYPTO", 0.97),)),
    (re.compile(r"[0-9][=^]"), (("CARD_TRACK", 0.98),)),
    (re.compile(r"[0-9a-fA-F]{2}[:-][0-9a-fA-F]{2}[:-]|[0-9a-f]{4}\.[0-9a-f]{4}"), (("MAC_ADDRESS", 0.95),)),
    (
        re.compile(_MIXED),
        (
            ("US_MBI", 0.9),
            ("UK_NINO", 0.9),
            ("IT_FISCAL_CODE", 0.95),
            ("MX_CURP", 0.95),
            ("FI_HETU", 0.9),
            ("IN_PAN", 0.85),
            ("SG_NRIC_FIN", 0.95),
            ("ES_NIF", 0.9),
            ("US_DEA", 0.9),
            ("CL_RUT", 0.85),
            ("CN_RESIDENT_ID", 0.97),
        ),
    ),
)
"""What must be in a text before the patterns behind it are tried, and how sure their matches are."""


@functools.cache
def _gated() -> tuple[tuple[re.Pattern[str], tuple[_Strong, ...]], ...]:
    return tuple((gate, tuple(_Strong(e, _inside(e), BY_ENTITY[e].check, c) for e, c in rows)) for gate, rows in _GATES)


_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Za-z0-9]){11,30}")
_IP4 = re.compile(r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9]|\.[0-9])")
_IP6 = re.compile(r"(?<![0-9A-Za-z:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![0-9A-Za-z:])")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"')]{3,300}")
_VERSION_CUE = re.compile(
    r"(?:firmware|version|release|build|upgrade[d]?|ver\.?|v|schema|driver|kernel|section|chapter|oid)\s*(?:to\s*)?$", re.IGNORECASE
)


@dataclass(frozen=True)
class Possible:
    """Which patterns can occur in a column at all, by one search over its joined texts, so that no text is tried for the others."""

    gated: tuple[tuple[re.Pattern[str], tuple[_Strong, ...]], ...]
    ibans: bool
    networks: bool


@functools.cache
def _anything() -> Possible:
    return Possible(_gated(), ibans=True, networks=True)


def possible_in(texts: Iterable[str]) -> Possible:
    """The patterns that can be found in these texts."""
    joined = "\n\n".join(texts)
    return Possible(
        tuple((gate, patterns) for gate, patterns in _gated() if gate.search(joined)),
        ibans=_IBAN.search(joined) is not None,
        networks=_IP4.search(joined) is not None or "::" in joined or _IP6_HINT.search(joined) is not None,
    )


_IP6_HINT = re.compile(r"[0-9a-fA-F]:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:")


def _tried(text: str, possible: Possible) -> Iterator[Span]:
    """Every piece with the form of a strong pattern; confidence 0 where its check fails."""
    for gate, patterns in possible.gated:
        if gate.search(text) is None:
            continue
        for p in patterns:
            for m in p.regex.finditer(text):
                yield Span(m.start(), m.end(), p.entity, p.confidence if p.check is None or p.check(m.group()) else 0.0)
    if "://" in text or "www." in text:
        yield from (Span(m.start(), m.end(), "URL", 0.9) for m in _URL.finditer(text))
    if possible.ibans:
        yield from _ibans(text)
    if possible.networks:
        yield from _networks(text)


def _ibans(text: str) -> Iterator[Span]:
    for m in _IBAN.finditer(text):
        length = int(ck._IBAN_LENGTHS.get(m.group()[:2], "0"))
        end = _nth_alnum(m.group(), length)
        if end and ck.iban(m.group()[:end]) and not text[m.start() + end : m.start() + end + 1].isalnum():
            yield Span(m.start(), m.start() + end, "IBAN", 0.99)
        elif end:
            yield Span(m.start(), m.start() + end, "IBAN", 0.8 if _cue(text, m.start(), "IBAN") else 0.0)


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


# -- digit groups --------------------------------------------------------------------------------------------------------
_GROUP = re.compile(rf"(?<![.,#/-])(?<!{_PLAIN})[+(]?[0-9](?:[0-9]|[ ().\u2010-\u2015-]{{1,3}}(?=[0-9(])|/(?=[0-9])){{4,28}}(?!{_PLAIN})")
_COMPACT = re.compile(rf"(?<![.+-])(?<!{_PLAIN})[+(]?[0-9](?:[0-9]|[ ().-]{{1,2}}(?=[0-9(])){{6,28}}(?!{_PLAIN})")
_CUES: dict[str, re.Pattern[str]] = {
    entity: re.compile(rf"(?:{words})[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]{{0,6}}\W*(?:[a-z]+\W+){{0,3}}$", re.IGNORECASE)
    for entity, words in {
        "CREDIT_CARD": r"card|cc|visa|mastercard|amex|kreditkarte|karte|carte|tarjeta|carta|kaart|pan|卡号|信用卡",
        "PHONE": (
            r"phone|call|callback|contact|tel|telephone|mobile|cell|fax|number|reach|dial|ring|answering at|whatsapp|sms|text|"
            r"telefon|handy|téléphone|telefono|teléfono|móvil|电话|手机|联系|電話|携帯|連絡先?|折り返し|전화|휴대폰|연락처"
        ),
        "US_SSN": r"ssn|social security|soc sec",
        "US_ITIN": r"itin|taxpayer|tax id",
        "UK_NHS": r"nhs|identity|patient|health service",
        "BANK_ACCOUNT": r"account|acct|a/c|konto|kontonummer|compte|cuenta|conto|账号|账户",
        "US_ABA_ROUTING": r"routing|aba|identity|rtn",
        "US_NPI": r"npi|provider|identity",
        "PASSPORT": r"passport|reisepass|passeport|pasaporte|护照",
        "DRIVER_LICENSE": r"licen[cs]e|driver|führerschein|permis",
        "POSTAL_CODE": r"zip|zip ?code|post ?code|postal code|plz|zip code is",
        "MRN": r"mrn|medical record|patient id",
        "IBAN": r"iban",
        "DATE_OF_BIRTH": (
            r"dob|d\.o\.b\.?|born|birth|birthday|birthdate|date of birth|geboren|geb\.?|né[e]? le|nacid[oa]|nacimiento|nat[oa] il|"
            r"出生|生日"
        ),
        "AGE": r"aged?|turned|turning|years old",
        "NATIONAL_ID": r"identity|id|identified|verified|national id|identification|ausweis|身份证",
    }.items()
}
_NOT_PHONE = re.compile(
    r"(?:order|invoice|batch|code|ticket|ref|reference|case|serial|sku|part|model|total|amount|version|checksum|id|isbn|"
    r"tracking|rechnung|bestellung|commande|facture|pedido|version|item|lot|shipment|"
    r"card|account|订单|发票)\s*(?:no\.?|number|nr\.?|#|:)?\s*#?$",
    re.IGNORECASE,
)
_DATE_SHAPE = re.compile(
    r"(?:(?:18|19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2}))(?:[ T][0-9:.]{4,12})?"
)
_DATE_RANGE = re.compile(r"[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})? ?[-\u2013] ?[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?")
_DATE_WORDS = re.compile(
    (
        r"\b[0-9]{1,2}\.? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? (?:19|20)[0-9]{2}\b|\b(?:jan|feb|"
        r"mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? [0-9]{1,2},? (?:19|20)[0-9]{2}\b"
    ),
    re.IGNORECASE,
)
_AGE = re.compile(
    (
        r"(?<![\w.,-])([0-9]{1,3})(?:[ -]?(?:years?|yrs?)[ -]?olds?\b|[ -]?y/?o\b| jahre alt| ans\b| años)|\b(?:aged?|turned|"
        r"turning|i'm|i am|he is|she is|was|am)(?: just)? ([0-9]{2})(?= ?[.,!?;)]|$| and\b| years)"
    ),
    re.IGNORECASE,
)


_AGE_HINT = re.compile(r"old|\b[Aa]ged?|turn|[yY]/?o\b|I'm|am\b|is\b|was\b|ahre|ans\b|años")


def _cue(text: str, start: int, entity: str) -> bool:
    """Whether the words before a value say that it is of this type."""
    return _CUES[entity].search(text[max(0, start - 40) : start]) is not None


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


def _numbers(text: str) -> Iterator[Span]:
    yield from _dates(text)
    for m in _AGE.finditer(text) if _AGE_HINT.search(text) else ():
        part = 1 if m.group(1) else 2
        if 0 < int(m.group(part)) <= 120:
            yield Span(m.start(part), m.end(part), "AGE", 0.7)
    for m in _POSTAL.finditer(text) if "ode" in text or "zip" in text.lower() else ():
        yield Span(m.start(1), m.end(1), "POSTAL_CODE", 0.85)
    for m in _GROUP.finditer(text):
        value = m.group().rstrip(" ().-/")
        best = _number(text, m.start(), value)
        if best is not None:
            yield best


def _can_be_date(text: str) -> bool:
    """Whether the short numbers of a date can be a day and a month."""
    parts = [int(p) for p in _DIGITS.findall(text.split("T")[0])[:3]]
    short = [p for p in parts if p < 100]
    return len(parts) < 3 or (min(short, default=1) <= 12 and sum(p <= 31 for p in short) >= 2)


_DIGITS = re.compile(r"[0-9]+")


def _dates(text: str) -> Iterator[Span]:
    if "19" not in text and "20" not in text and text.count("/") + text.count("-") + text.count(".") < 2:
        return
    for pattern in (_DATE_SHAPE, _DATE_WORDS):
        for m in pattern.finditer(text):
            if not _can_be_date(m.group()):
                continue
            born = _cue(text, m.start(), "DATE_OF_BIRTH")
            yield Span(m.start(), m.end(), "DATE_OF_BIRTH" if born else "DATE_TIME", 0.92 if born else 0.88)


def _number(text: str, start: int, value: str) -> Span | None:
    digits = sum(c.isdecimal() for c in value)
    options = [
        s
        for s in (*_national(text, start, value, digits), *_financial(text, start, value, digits), _phone(text, start, value, digits))
        if s
    ]
    return max(options, key=lambda s: s.confidence, default=None)


def _national(text: str, start: int, value: str, digits: int) -> Iterator[Span | None]:
    end = start + len(value)
    for entity, alone, cued in _checked_with(digits):
        r = BY_ENTITY[entity]
        if r.regex.fullmatch(value) and r.check is not None and r.check(value):
            yield Span(start, end, entity, cued if _cue(text, start, "NATIONAL_ID") else alone)
    if digits != 9 and digits != 10:
        return
    grouped = re.fullmatch(r"[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}", value) is not None
    if ck.ssn(value) and digits == 9 and (grouped or _cue(text, start, "US_SSN")):
        yield Span(start, end, "US_SSN", 0.92)
    if ck.itin(value) and (grouped or _cue(text, start, "US_ITIN")):
        yield Span(start, end, "US_ITIN", 0.93)
    yield from _cued_check(text, start, value, (("UK_NHS", ck.nhs), ("US_NPI", ck.npi), ("US_ABA_ROUTING", ck.aba)))


def _cued_check(text: str, start: int, value: str, kinds: tuple[tuple[str, ck.Check], ...]) -> Iterator[Span]:
    for entity, check in kinds:
        if BY_ENTITY[entity].regex.fullmatch(value) and check(value) and _cue(text, start, entity):
            yield Span(start, start + len(value), entity, 0.9)


def _financial(text: str, start: int, value: str, digits: int) -> Iterator[Span | None]:
    end = start + len(value)
    if 12 <= digits <= 19 and "." not in value and "(" not in value:
        named = _cue(text, start, "CREDIT_CARD")
        if ck.card(value):
            yield Span(start, end, "CREDIT_CARD", 0.96 if named or digits >= 14 else 0.7)
        elif named and (ck.luhn(value) or ck.card_brand(ck.compact(value))):
            yield Span(start, end, "CREDIT_CARD", 0.8)
    if 6 <= digits <= 18 and _cue(text, start, "BANK_ACCOUNT") and value.replace("-", "").replace(" ", "").isdigit():
        yield Span(start, end, "BANK_ACCOUNT", 0.66)
    if 4 <= digits <= 9 and _cue(text, start, "POSTAL_CODE"):
        yield Span(start, end, "POSTAL_CODE", 0.85)


_PHONE_FORM = re.compile(
    r"\+[1-9][0-9 ().\u2010-\u2015/-]{6,22}|\(\+?[0-9]{2,5}\) ?[0-9][0-9 ./-]{4,14}|1?[ .-]?\(?[2-9][0-9]{2}\)?[ .-][0-9]{3}[ .-][0-9]{4}|"
    r"0[0-9]{1,4}[ ./()-]{1,2}[0-9][0-9 ./-]{4,14}|0[0-9]{8,11}|"
    r"[0-9]{2,4}(?:[ -][0-9]{2,4}){2,4}|00[1-9][0-9 ]{7,16}|1[3-9][0-9]{9}|[6-9][0-9]{9}"
)


def _phone(text: str, start: int, value: str, digits: int) -> Span | None:
    if not 7 <= digits <= 15 or _DATE_SHAPE.fullmatch(value) or _DATE_RANGE.fullmatch(value) or _IP4.fullmatch(value):
        return None
    before = text[max(0, start - 30) : start]
    if _NOT_PHONE.search(before) and not value.startswith("+"):
        return None
    named = _cue(text, start, "PHONE")
    if _PHONE_FORM.fullmatch(value):
        sure = value[0] in "+(" or re.fullmatch(r"(?:1[ .-])?\(?[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}", value) is not None
        return Span(start, start + len(value), "PHONE", 0.92 if sure and named else 0.86 if sure else 0.83 if named else 0.62)
    return Span(start, start + len(value), "PHONE", 0.75) if named else None


_EVIDENT_NUMBERS: tuple[tuple[str, re.Pattern[str], float], ...] = (
    ("CREDIT_CARD", re.compile(r"[0-9]{15,16}|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{2,7}|[0-9]{4}([ -])[0-9]{6}\2[0-9]{5}"), 0.96),
    ("BR_CPF", re.compile(r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}"), 0.95),
    ("CN_RESIDENT_ID", re.compile(r"[0-9]{18}"), 0.97),
    ("US_SSN", re.compile(r"[0-9]{3}([- ])[0-9]{2}\1[0-9]{4}"), 0.92),
    ("FR_NIR", re.compile(r"[0-9]{15}|[0-9] [0-9]{2} [0-9]{2} [0-9]{2} [0-9]{3} [0-9]{3} [0-9]{2}"), 0.93),
    ("KR_RRN", re.compile(r"[0-9]{6}-[0-9]{7}"), 0.93),
    ("IN_AADHAAR", re.compile(r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}"), 0.9),
    ("CH_AHV", re.compile(r"756\.?[0-9]{4}\.?[0-9]{4}\.?[0-9]{2}"), 0.93),
)
"""Numbers that are believed without a word beside them: the form they must have, and how sure they are when the check passes."""
_TOLL_FREE = re.compile(r"(?:\+?1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .-]|0800|1800[ -]")
"""Numbers that never are a person's."""
_PIECE = re.compile(r"[0-9.-]{9,}")


def _pieces(value: str) -> list[tuple[int, str]]:
    """A group of digits, and what stands between its blanks (numbers side by side look like one)."""
    return [(0, value), *((m.start(), m.group()) for m in _PIECE.finditer(value) if " " in value)]


def _evident_numbers(text: str) -> Iterator[Span]:
    links = [m.span() for m in _URL.finditer(text)] if "://" in text else []
    for m in _COMPACT.finditer(text):
        if any(a <= m.start() < b for a, b in links) and text[m.start() - 1] != "=":
            continue  # the path of a link is full of numbers
        value = m.group().rstrip(" ().-")
        digits = sum(c.isdecimal() for c in value)
        for piece in _pieces(value) if digits >= 9 else ():
            yield from _evident_number(m.start() + piece[0], piece[1])
        if (value[0] in "+(" or _cue(text, m.start(), "PHONE")) and not _TOLL_FREE.match(value):
            called = _phone(text, m.start(), value, digits)
            if called:
                yield called


def _evident_number(start: int, value: str) -> Iterator[Span]:
    for entity, form, sure in _EVIDENT_NUMBERS:
        check = BY_ENTITY[entity].check
        if form.fullmatch(value) and check is not None:
            yield Span(start, start + len(value), entity, sure if check(value) else 0.0)


# -- addresses -----------------------------------------------------------------------------------------------------------
_CAP = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]{0,30}"
_LOOSE = re.compile(
    rf"(?<![\w.,-])(?:the corner of )?[0-9]{{1,6}}[a-zA-Z]?(?:[-/][0-9]{{1,4}})?,? +(?:[0-9]{{1,5}} +)?(?:{_CAP}[ ,]{{0,2}}){{1,5}}"
    rf"(?:[0-9]{{1,5}}[a-z]?\b)?(?:[ ,\n]*(?:Apt|"
    rf"Suite|Unit|Ste|Floor|Fl|#)\.? ?[0-9A-Z]{{1,6}})?"
)
_TAIL = re.compile(
    rf"(?:[,\s]{{1,6}}(?:(?:Apt|Suite|Unit|Ste|Flat|Floor|Room|#)\.?\s?[0-9A-Za-z]{{1,6}}|[0-9]{{4,6}}(?:-[0-9]{{4}})?(?!\w)|"
    rf"[A-Z]{{1,2}}[0-9][0-9A-Z]?\s[0-9][A-Z]{{2}}|{_CAP}(?:[ -]{_CAP}){{0,3}}|[A-Z]{{2}}\b)){{1,6}}"
)
_ADDRESS_CUE = re.compile(
    r"(?:address(?: is| to|:)?|ship(?:ped)? to|deliver(?:ed)? to|sent? (?:it )?to|lives? (?:at|on|in)|located at|live at|"
    r"at|arrived at|moved to|mail to|located on|residing at|residence|street|enter on|is on|taxi to|one to|same:|following\?|"
    r"wohnt in|anschrift|adresse|habite|domicili[oé]|indirizzo|address is the same|linked to [\w ]{0,20}to)\W{0,3}(?:the )?$",
    re.IGNORECASE,
)


_LOOSE_HINT = re.compile(
    r"[Aa]ddress|\b(?:Apt|Suite|Unit|Ste)\b|(?:ship|deliver|send|sent|lives?|located|live|arrived|moved|mail|residing|"
    r"is|taxi|one) (?:to|at|on|in)\b|wohnt|nschrift|dresse|habite|domicili|indirizzo|corner of|following|same"
)


def _addresses(text: str) -> Iterator[Span]:
    for low, high in address_spans(text):
        start, end = _leading_number(text, low), _tail(text, high)
        if _DIGIT.search(text[start:end]):
            cased = any(c.isupper() for c in text[start:end]) or not text[start:end].isascii()
            cue = _ADDRESS_CUE.search(text[max(0, start - 50) : start]) is not None
            if cased or cue:
                yield Span(start, end, "ADDRESS", 0.87 if cue else 0.78)
    for m in _LOOSE.finditer(text) if _LOOSE_HINT.search(text) else ():
        end = _tail(text, m.end())
        body = text[m.start() : end]
        cue = _ADDRESS_CUE.search(text[max(0, m.start() - 50) : m.start()]) is not None
        unit = re.search(r"\b(?:Apt|Suite|Unit|Ste)\b", body) is not None
        if cue or unit:
            yield Span(m.start(), m.start() + len(body.rstrip(" ,\n.?!")), "ADDRESS", 0.84)


def _leading_number(text: str, start: int) -> int:
    found = re.search(r"(?<![\w,.-])[0-9]{1,6},? +$", text[max(0, start - 10) : start])
    return start - len(found.group()) if found else start


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
_PERSON_CUE = re.compile(
    r"(?:\b(?:name(?:'s)? is|name:|named|my name|called|spoke to|speak to|spoke with|customer|client|patient|user|employee|"
    r"contact|mr|mrs|ms|dr|dear|hi|hello|hey|i'm|i am|this is|from|by|with|for|cc|attn|attention|signed|regards|"
    r"beneficiary|guardian|under|author|director|directed by|starring|written by|sung by|says?|said|told|tell|ask|asked|"
    r"met|with|meet|herr|frau|monsieur|madame|señora?|signora?|kunde|kundin|client|cliente|patient|gesprochen mit|"
    r"file for|remember|remember me|calls? me|call me|your name\?|leave me|behalf of|partner's name|maiden name is|known as|"
    r"as)\s*[:,]?\s*)$",
    re.IGNORECASE,
)
_PERSON_AFTER = re.compile(
    (
        r"^(?:'s\b|’s\b|\s*\(|\s*,?\s*(?:said|says|told|called|requested|reset|lives?|is a|was|has|had|asked|wrote|reported|"
        r"listed|began|points out|of |from |and I\b|just\b|can I\b)|:)"
    ),
    re.IGNORECASE,
)
_HAN_NAME = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,4}(?![\u4e00-\u9fff])")


def _eastern_names(text: str) -> Iterator[Span]:
    for m in _HAN_NAME.finditer(text):
        shape = name_shape(m.group())
        if shape.full and shape.score >= 0.6:
            yield Span(m.start(), m.end(), "PERSON_NAME", 0.8)


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    text: str
    folded: str


def _runs(text: str) -> Iterator[list[_Token]]:
    """Runs of capitalised words (with particles and initials between) on one line."""
    run: list[_Token] = []
    for m in _WORD.finditer(text):
        word = m.group()
        capital = word[0].isupper()
        if not run and not capital:
            continue
        start, end = m.span()
        capital = capital and not text[end : end + 1].isdigit() and not text[max(0, start - 1) : start].isdigit()  # else part of a code
        if run and (text[run[-1].end : start] not in _JOINTS or _ends(run[-1])):
            yield run
            run = []
        folded = fold(word).strip(".") if capital or len(word) <= 4 else ""
        if capital or (run and folded in PARTICLES):
            owned = folded.endswith(("'s", "’s"))
            run.append(_Token(start, end - 2, word[:-2], folded[:-2]) if owned else _Token(start, end, word, folded))
        elif run:
            yield run
            run = []
    if run:
        yield run


_JOINTS = frozenset({" ", "  ", "-", " - "})


def _ends(token: _Token) -> bool:
    """Whether a full stop after the word ends a sentence rather than an abbreviation."""
    return token.text.endswith(".") and len(token.text) > 2 and token.folded not in TITLES


def _names_in(text: str, run: list[_Token]) -> Iterator[Span]:
    tokens = _without_edges(text, run)
    if not tokens or len(tokens) > 6:
        return
    if any(t.folded in ORG_WORDS and len(t.folded) > 2 for t in run):
        return
    score = _run_score(text, tokens)
    if score >= 0.5:
        end = tokens[-1].end - (1 if tokens[-1].text.endswith(".") and len(tokens[-1].folded) > 1 else 0)
        yield Span(tokens[0].start, end, "PERSON_NAME", min(0.9, score))


_NEVER_FIRST = PARTICLES - {"de", "van", "von", "al", "el", "bin", "le", "la", "di", "da"}


def _without_edges(text: str, run: list[_Token]) -> list[_Token]:
    """The run without leading ordinary words and trailing ones (a sentence's first word, a noun after a name)."""
    g = gazetteer()
    tokens = list(run)
    while tokens and (_ordinary(tokens[0], g.words, g.given) or tokens[0].folded in _NEVER_FIRST):
        tokens.pop(0)
    while tokens and (_ordinary(tokens[-1], g.words, g.family) or tokens[-1].folded in PARTICLES):
        tokens.pop()
    while tokens and tokens[0].folded in TITLES and tokens[0].folded not in g.given:
        tokens.pop(0)
    return tokens


def _ordinary(token: _Token, words: frozenset[str], names: frozenset[str]) -> bool:
    t = token.folded
    if t in _FUNCTION or t.replace("’", "'").partition("'")[0] in _FUNCTION or t in CALENDAR or t in DEMONYMS or t in _JOB_WORDS:
        return True
    return (t in words or t in PLAIN) and t not in names


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
    if not kept or len(kept) > 4:
        return 0.0
    before, after = text[max(0, tokens[0].start - 32) : tokens[0].start], text[tokens[-1].end : tokens[-1].end + 24]
    cue = 0.25 if _PERSON_CUE.search(before) or _titled(text, tokens[0]) else 0.0
    cue += 0.2 if _PERSON_AFTER.match(after) else 0.0
    given = [_part_of(t.folded, g.given) for t in kept]
    family = [_part_of(t.folded, g.family) for t in kept]
    place = " ".join(t.folded for t in kept) in g.cities or " ".join(t.folded for t in kept) in COUNTRIES
    if len(kept) == 1 and _titled(text, tokens[0]) and kept[0].folded not in _FUNCTION:
        return 0.85
    if len(kept) == 1:
        return _single_score(kept[0], given[0], family[0], place, cue)
    base = 0.85 if given[0] and family[-1] else 0.7 if given[0] or (family[-1] and given[-1]) else 0.5 if family[-1] else 0.3
    lowered = sum(t.folded in g.words and not (a or b) for t, a, b in zip(kept, given, family, strict=True))
    base -= 0.3 * lowered + (0.35 if place and not cue else 0.0)
    return base + cue if base + cue >= 0.5 else 0.0


def _single_score(token: _Token, given: bool, family: bool, place: bool, cue: float) -> float:
    g = gazetteer()
    if (
        token.folded in DEMONYMS
        or token.folded in COUNTRIES
        or token.folded in CALENDAR
        or len(token.folded) < 3
        or (token.text.isupper() and not cue)
    ):
        return 0.0
    base = 0.62 if given else 0.52 if family else 0.3 if cue >= 0.25 and token.folded not in g.words else 0.0
    if token.folded in g.words or token.folded in PLAIN:
        base -= 0.3
    return base - (0.25 if place else 0.0) + cue


def _part_of(word: str, names: frozenset[str]) -> bool:
    return word in names or ("-" in word and all(p in names for p in word.split("-"))) or ("'" in word and word.partition("'")[2] in names)


def _titled(text: str, token: _Token) -> bool:
    head = fold(text[max(0, token.start - 8) : token.start]).split()
    return bool(head) and head[-1].strip(".,") in TITLES


# -- places --------------------------------------------------------------------------------------------------------------
_PLACE_BEFORE = re.compile(
    (
        r"\b(?:in|from|to|at|near|of|visit|visiting|visited|into|towards?|around|outside|leaving|via|southern|northern|eastern|"
        r"western|central|based in|city|nach|aus|bei|à|en|de|desde|a|da|di|住在|来自)\s(?:the\s)?$"
    ),
    re.IGNORECASE,
)
_PLACE_AFTER = re.compile(
    r"^(?:\s*[.,;:!?)\n\"']|\s*$|\s+(?:and|or|for|on|this|next|last|was|is|in|with|to|by|when|yesterday|today|tomorrow|"
    r"bridge|leader|und|et|y)\b)"
)


_NOT_FIRST = _FUNCTION | words("southern northern eastern western central upper lower")


def _place(text: str, run: list[_Token]) -> Iterator[Span]:
    tokens = run
    while tokens and tokens[0].folded in _NOT_FIRST and " ".join(t.folded for t in tokens) not in COUNTRIES:
        tokens = tokens[1:]
    if not tokens or len(tokens) > 4:
        return
    name = " ".join(t.folded for t in tokens)
    start, end = tokens[0].start, tokens[-1].end - tokens[-1].text.endswith(".")
    if name in DEMONYMS or (name.removesuffix("s") in DEMONYMS and len(tokens) == 1):
        yield Span(start, end, "NATIONALITY", 0.55)
        return
    if name in COUNTRIES:
        yield Span(start, end, "LOCATION", 0.8)
        return
    before = _PLACE_BEFORE.search(text[max(0, start - 24) : start]) is not None
    if before and _PLACE_AFTER.match(text[end : end + 16]):
        known = name in gazetteer().cities
        lower = (
            tokens[-1].folded in PLAIN
            or tokens[-1].folded in CALENDAR
            or tokens[-1].folded in gazetteer().words
            or tokens[-1].folded in ORG_WORDS
        )
        owner = re.search(r"\b(?:of|by|a)\s(?:the\s)?$", text[max(0, start - 8) : start], re.IGNORECASE) is not None
        if known or not (lower or owner):
            yield Span(start, end, "LOCATION", 0.76 if known else 0.6)
