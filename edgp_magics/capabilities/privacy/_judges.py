"""Types that no single pattern decides: names, places, dates of birth, coordinates and the like.

A judge looks at a column's facts and returns the weight of its values in log-odds, a note, and the indexes that match.
``named`` says that the header already points at the type.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable

from . import _checks as ck
from ._checks import COUNTRY_CODES, entropy, vin
from ._facts import Facts, sentence
from ._headers import foreign
from ._lexicon import (
    COLOURS,
    COMMON_ICD,
    COUNTRIES,
    DEMONYMS,
    ICD10,
    NUMBER_LAST,
    PLAIN,
    STREET_TAILS,
    TITLES,
    NameShape,
    address_score,
    address_word,
    city_score,
    fold,
    gazetteer,
    health_score,
    name_shape,
    names_street,
)
from ._words import words

Verdict = tuple[float, str, frozenset[int]]
Judge = Callable[[Facts, bool], Verdict]
_NOTHING: Verdict = (0.0, "", frozenset())


def _note(matched: frozenset[int], facts: Facts, what: str) -> str:
    return f"{len(matched)} of {len(facts.values)} distinct values {what}"


PROBE = 14


def _hopeless(facts: Facts, score: Callable[[str], float], least: float) -> bool:
    """Whether the first values already rule a type out, so that the rest need not be scored."""
    head = facts.values[:PROBE]
    return sum(map(score, head)) < least * len(head)


def _wordy(facts: Facts) -> bool:
    """Whether most values are made of letters (so that a name or place is possible at all)."""
    return facts.kind in ("string", "mixed") and facts.digit_share <= 0.5


def person(facts: Facts, named: bool) -> Verdict:
    """Names: how many values are full names or known given and family names, less what speaks for organisations."""
    if not _wordy(facts) or facts.prose:
        return (-5.0, "values are not made of words", frozenset()) if named or "PERSON_NAME" in facts.hits else _NOTHING
    if named and sum(d > 0 and " " not in v for v, (_, d) in zip(facts.values, facts.lengths, strict=True)) > 0.6 * len(facts.values):
        return -5.0, "values are codes with digits", frozenset()
    if not named and _hopeless(facts, lambda v: name_shape(v).score, 0.25):
        return _NOTHING
    shapes = [_INITIAL_NAME if named and _INITIAL.fullmatch(v) else name_shape(v) for v in facts.values]
    scores = [s.score for s in shapes]
    matched = frozenset(i for i, s in enumerate(scores) if s >= 0.5)
    mean = _in_company(scores)
    full = sum(s.full and s.score >= 0.5 for s in shapes) / len(shapes)
    organisations = sum(s.organisation for s in shapes) / len(shapes)
    weight = _name_weight(mean, full, len(scores))
    weight -= 14 * max(0.0, organisations - 0.04)
    cities = sum(city_score(v) >= 0.9 for v in facts.values) / len(scores) if not named and full < 0.5 else 0.0
    weight -= 6.0 * max(0.0, cities - 0.25)
    if not named:
        weight -= (0.0 if _titled(facts) else _repetition(facts)) + _things(facts)
    elif facts.hits["PERSON_NAME"].level < 0.5:
        weight -= _things(facts)
    if named and mean < 0.2 and facts.mean_length > 3:
        weight = min(weight, -2.5)
    return (
        round(max(-6.0, weight), 3),
        _note(matched, facts, "look like names") + (f", {organisations:.0%} like organisations" if organisations else ""),
        matched,
    )


def _in_company(scores: list[float]) -> float:
    """The mean score; words that no list knows count as names where they stand among many that are and few plain words."""
    total = len(scores)
    listed = sum(s >= 0.7 for s in scores) / total
    plain = sum(s < 0.2 for s in scores) / total
    mean = sum(scores) / total
    return max(mean, listed + 0.75 * (1 - listed - plain)) if listed >= 0.35 and plain <= 0.12 and total >= 12 else mean


_INITIAL = re.compile(r"[A-Z]\.?")
_INITIAL_NAME = NameShape(0.7)


def _name_weight(mean: float, full: float, count: int) -> float:
    sure = min(1.0, math.log10(max(count, 1)) / 1.3 + 0.15)
    return (8.0 * (mean - 0.45) + 1.5 * full) * sure


def _things(facts: Facts) -> float:
    """Many values that end in the same few words, not all of them names, are things with names (Victor chair, Bianca chair)."""
    several = [v for v in facts.folded if " " in v]
    g = gazetteer()
    tails = Counter(w for v in several if len(w := v.rpartition(" ")[2].rstrip(".")) > 1)
    if _few(tails) and (foreign(facts.words, "PERSON_NAME") or sum(w in g.family or w in g.given for w in tails) <= 0.6 * len(tails)):
        return 4.0
    heads = Counter(v.partition(" ")[0] for v in several)
    return 4.0 if _few(heads) and sum(w in g.words and w not in g.given for w in heads) >= 0.6 * len(heads) else 0.0


def _few(found: Counter[str]) -> bool:
    """Whether so many values have so few words."""
    return found.total() >= 20 and 4 * len(found) <= found.total()


def _titled(facts: Facts) -> bool:
    """Whether most values begin with a title: those are people, however often they recur."""
    return 2 * sum(v.partition(" ")[0].rstrip(".") in TITLES for v in facts.folded) > len(facts.folded)


def _repetition(facts: Facts) -> float:
    """Few values over many rows are categories rather than people."""
    if facts.distinct <= 12 and facts.filled > 6 * facts.distinct:
        return 4.0
    return 1.0 if facts.filled > 20 * facts.distinct else 0.0


def city(facts: Facts, named: bool) -> Verdict:
    """Towns: known names, and the endings and first words that town names have."""
    if not _wordy(facts) or facts.prose:
        return (-4.0, "values are not made of words", frozenset()) if named else _NOTHING
    if not named and _hopeless(facts, city_score, 0.25):
        return _NOTHING
    scores = [city_score(v) for v in facts.values]
    matched = frozenset(i for i, s in enumerate(scores) if s >= 0.5)
    mean = sum(scores) / len(scores)
    names = sum(s.full and s.score > 0.8 for s in map(name_shape, facts.values)) / len(scores)
    weight = (10.0 * (mean - 0.42) - 5.0 * names) * min(1.0, 0.2 + len(scores) / 12)
    if named:
        weight = _plain_words(facts, len(matched)) or max(weight, -1.2 if mean > 0.05 else -2.0 if mean > 0.02 else -3.2)
    return round(weight, 3), _note(matched, facts, "look like towns"), matched


def _plain_words(facts: Facts, towns: int) -> float:
    """What speaks against a telling header: ordinary words and codes; unknown towns do not."""
    g = gazetteer()
    plain = sum(v in g.words or v in PLAIN for v in facts.folded)
    return -3.2 if facts.coded or plain > max(0.3 * len(facts.values), towns) else 0.0


def address(facts: Facts, named: bool) -> Verdict:
    """Postal addresses: street words, house numbers, postal codes, boxes, and their order in many languages."""
    if facts.kind not in ("string", "mixed"):
        return _NOTHING if not named else (-4.0, "not text", frozenset())
    if facts.mean_length > 160 or facts.mean_length < 4:
        return (-3.0, "values are too long or short for addresses", frozenset()) if named else _NOTHING
    if not named and (_single_words(facts) or _hopeless(facts, address_score, 0.2)):
        return _NOTHING
    scores = [address_score(v) for v in facts.values]
    matched = frozenset(i for i, s in enumerate(scores) if s >= 0.5)
    mean = sum(scores) / len(scores)
    numbered = _numbered_streets(facts)
    if numbered > mean:
        mean, matched = numbered, frozenset(i for i, v in enumerate(facts.values) if NUMBER_LAST.match(v))
    digits = sum(d > 0 for _, d in facts.lengths) / len(scores)
    weight = (9.0 * (mean - 0.42) + (0.5 if digits > 0.5 else -1.5)) * min(1.0, 0.3 + len(scores) / 10)
    if facts.prose and (mean < 0.6 or _running_text(facts)):
        weight -= 4.0
    if named:
        weight = max(weight, -1.5 if _unread_script(facts) else -2.0 if mean > 0.1 else -3.2)
    elif weight > 0:
        weight -= _same_words(facts) + min(3.0, _repetition(facts))
    return round(min(5.5, weight), 3), _note(matched, facts, "look like postal addresses"), matched


_UNREAD = re.compile("[\u0530-\u058f\u0900-\u0dff\u0e80-\u0fff\u1000-\u109f\u10a0-\u10ff\u1200-\u139f\u1780-\u17ff]")


def _unread_script(facts: Facts) -> bool:
    """Whether most values are written in letters of which no word for a street is known: they contradict no header."""
    return not facts.lines.isascii() and 2 * sum(_UNREAD.search(v) is not None for v in facts.values) > len(facts.values)


def _single_words(facts: Facts) -> bool:
    """Whether one look at all values rules addresses out: they have no blanks, and none is grown together with its kind of street."""
    lines = facts.lines
    return " " not in lines and lines.isascii() and not any(map(lines.lower().__contains__, STREET_TAILS))


_NUMERALS = re.compile(r"[0-9]+")


def _same_words(facts: Facts) -> float:
    """The same few words around different numbers are counts, measures and visits (BP 120/80, 2 tabs daily) unless they tell of streets."""
    forms = {_NUMERALS.sub("0", v) for v in facts.values}
    if len(facts.values) < 12 or len(forms) > 0.3 * len(facts.values):
        return 0.0
    return 0.0 if len(forms) > 2 and 2 * sum(map(names_street, forms)) >= len(forms) else 5.0


_LETTERED = re.compile(r"[^\W\d_]{2,}")


def _running_text(facts: Facts) -> bool:
    """Whether most words are written small, as in sentences; addresses are made of names and numbers."""
    found: list[str] = [w for v in facts.values[:PROBE] for w in _LETTERED.findall(v)]
    return sum(w.islower() and not address_word(w) for w in found) > 0.6 * max(1, len(found))


def _numbered_streets(facts: Facts) -> float:
    """Names with a house number behind, of many different names: streets rather than models or rooms."""
    hits = [v for v in facts.values if NUMBER_LAST.match(v) and not _after_ordinary_word(v)]
    if len(hits) < 0.8 * len(facts.values) or len(hits) < 8:
        return 0.0
    names = {v.rstrip("0123456789 abcdefABCDEF/-,.") for v in hits}
    return 0.75 if len(names) > 0.55 * len(hits) and all(len(n) > 1 for n in names) else 0.0


_BEFORE_NUMBER = re.compile(r"([^\W\d_]+) [0-9]")


def _after_ordinary_word(value: str) -> bool:
    """Whether the number of a sentence follows a word written small, as that of an order or page does and few streets do."""
    found = _BEFORE_NUMBER.search(value)
    return found is not None and found[1].islower() and sentence(value) and not address_word(found[1])


_DATE = re.compile(
    r"(?:(?P<y>(?:18|19|20)[0-9]{2})[-/.年]\s?[0-9]{1,2}[-/.月]\s?[0-9]{1,2}日?|[0-9]{1,2}[-/.\s][0-9]{1,2}[-/.\s](?P<y2>(?:18|"
    r"19|20)?[0-9]{2})|"
    r"[0-9]{1,2}\.?\s?[-/]?\s?[^\W\d_]{3,9}\.?,?\s?[-/]?\s?(?P<y3>(?:18|19|20)?[0-9]{2})|[^\W\d_]{3,9}\.?\s[0-9]{1,2},?\s(?P<y4>(?:18|"
    r"19|20)[0-9]{2})|(?P<y5>(?:18|19|20)[0-9]{2})[0-9]{4}|(?P<y6>(?:18|19|20)[0-9]{2}))"
    r"(?:[T ][0-9:.]{4,15}(?:Z|[+-][0-9:]{4,6})?(?: ?[AaPp][Mm])?)?"
)


def birth(facts: Facts, named: bool) -> Verdict:
    """Dates of birth: dates only, and only where the header says so; years spread as ages are."""
    if not named:
        return _NOTHING
    found = [_DATE.fullmatch(v) for v in facts.values]
    matched = frozenset(i for i, f in enumerate(found) if f)
    share = len(matched) / len(found)
    if share < 0.5:
        return -4.5, _note(matched, facts, "are dates"), frozenset()
    return (1.5 if share > 0.8 else 0.0), _note(matched, facts, "are dates"), matched


def coordinates(facts: Facts, named: bool) -> Verdict:
    """Coordinates: a pair in one cell, or one number in range under a telling header."""
    if facts.kind in ("float", "decimal", "integer") or _all_numbers(facts):
        return _single_coordinate(facts, named)
    matched = facts.having("GEO")
    share = len(matched) / len(facts.values)
    if share < 0.3:
        return (-4.0, _note(matched, facts, "are coordinates"), frozenset()) if named else _NOTHING
    return 6.0 * share, _note(matched, facts, "are coordinates"), matched


def _all_numbers(facts: Facts) -> bool:
    return all(set(s) <= set("9.-+") and "9" in s for s in facts.shapes)


def _single_coordinate(facts: Facts, named: bool) -> Verdict:
    if not named:
        return _NOTHING
    numbers = [_number(v) for v in facts.values]
    matched = frozenset(i for i, x in enumerate(numbers) if x is not None and -180 <= x <= 180)
    fine = sum("." in v and len(v.partition(".")[2]) >= 3 for v in facts.values) / len(numbers)
    if len(matched) < 0.9 * len(numbers) or fine < 0.3:
        return -3.5, _note(matched, facts, "are in range with decimals"), frozenset()
    return 1.5, _note(matched, facts, "are in range with decimals"), matched


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def health(facts: Facts, named: bool) -> Verdict:
    """Diagnoses and medicines by word endings, ICD-10 codes by structure and by how common their category is."""
    if facts.kind not in ("string", "mixed"):
        return (-1.0 if facts.flag else -3.0, "not text", frozenset(range(len(facts.values)))) if named else _NOTHING
    if not named and facts.mean_length < 3:
        return _NOTHING
    codes = frozenset(i for i in facts.sized((3, 8), (1, 8)) if ICD10.fullmatch(facts.values[i]))
    if not named and not codes and _hopeless(facts, health_score, 0.1):
        return _NOTHING
    scores = [health_score(v) for v in facts.values]
    words = frozenset(i for i, s in enumerate(scores) if s)
    total = len(scores)
    if len(codes) >= 0.5 * total:
        return _codes(facts, codes, named)
    share = len(words) / total
    if share < 0.25 or (facts.prose and not named):
        return (_unknown_terms(facts, bool(words)), _note(words, facts, "are medical terms"), words) if named else _NOTHING
    return round((7.0 * share - 0.8) * min(1.0, 0.4 + len(words) / 10), 3), _note(words, facts, "are medical terms"), words


def _unknown_terms(facts: Facts, any_known: bool) -> float:
    """What values say that are no known medical terms under a header that promises some: tokens and numbers contradict it."""
    if not any_known and sum(any(c.isdigit() for c in v) and " " not in v and len(v) > 5 for v in facts.values) > 0.6 * len(facts.values):
        return -4.0
    return -1.0 if facts.flag or facts.mean_length < 30 else -2.0


def _codes(facts: Facts, codes: frozenset[int], named: bool) -> Verdict:
    """Codes of ICD-10's form: random ones fall into common categories about one time in eleven."""
    common = sum(facts.values[i][:3] in COMMON_ICD for i in codes)
    odds = common * math.log(0.8 / 0.1) + (len(codes) - common) * math.log(0.2 / 0.9)
    return (
        round(max(-1.0 if named else -6.0, min(5.0, odds)), 3),
        _note(codes, facts, f"have the form of ICD-10, {common} in a common category"),
        codes,
    )


def nationality(facts: Facts, named: bool) -> Verdict:
    """Demonyms; country names only under a telling header."""
    if facts.kind not in ("string", "mixed"):
        return _NOTHING
    matched = facts.known_in(DEMONYMS)
    share = len(matched) / len(facts.values)
    if named:
        countries = sum(f in COUNTRIES or v in COUNTRY_CODES for f, v in zip(facts.folded, facts.values, strict=True)) / len(facts.values)
        everything = frozenset(range(len(facts.values)))
        return (
            (1.0, _note(everything, facts, "are countries or nationalities"), everything)
            if share + countries > 0.5
            else (-1.5 if share + countries or facts.coded else -3.2, _note(matched, facts, "are nationalities"), matched)
        )
    if share < 0.5 or len(matched) < 3 or {facts.folded[i] for i in matched} <= _LANGUAGES:
        return _NOTHING
    return round(6.0 * share - 1.5, 3), _note(matched, facts, "are nationalities"), matched


_LANGUAGES = words(
    "english french german spanish italian portuguese dutch chinese japanese korean russian arabic polish turkish vietnamese thai greek "
    "hindi swedish norwegian danish finnish czech hungarian romanian ukrainian persian hebrew indonesian bengali somali nepali haitian"
)
"""Words for peoples that are languages too: alone they do not say where anybody is from."""


def password(facts: Facts, named: bool) -> Verdict:
    """Passwords: by header, or random strings of mixed classes with punctuation, nearly all distinct."""
    if facts.kind not in ("string", "mixed", "integer"):
        return (-4.0, "not text", frozenset()) if named else _NOTHING
    if not named and _hopeless(facts, _password_like, 0.3):
        return _NOTHING
    mixed = frozenset(i for i, v in enumerate(facts.values) if _password_like(v))
    share = len(mixed) / len(facts.values)
    if named:
        plain = frozenset(i for i, v in enumerate(facts.values) if 3 < len(v) <= 130 and " " not in v)
        return (
            (0.5 + 2 * share, _note(plain, facts, "are single strings"), plain)
            if len(plain) > 0.5 * len(facts.values)
            else (-3.0, _note(plain, facts, "are single strings"), plain)
        )
    heads = Counter(facts.values[i][0] for i in mixed)
    alike = len({facts.shapes[i] for i in mixed}) < 0.6 * len(mixed) or max(heads.values(), default=0) > 0.4 * len(mixed)
    if share < 0.6 or facts.distinct < 0.8 * facts.filled or len(mixed) < 5 or alike:
        return _NOTHING
    return round(4.5 * share, 3), _note(mixed, facts, "are random strings of mixed classes"), mixed


_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"), re.compile(r"[!#$%^&*()+=?@~,;<>\[\]{}|_]"))


def _password_like(value: str) -> bool:
    if not 6 <= len(value) <= 40 or " " in value or "://" in value or (value[0] in "#/\\{[<" and value[-1] in "}]>"):
        return False
    if value[0] in "#/\\" or ("@" in value and "." in value.rpartition("@")[2]):
        return False
    return sum(c.search(value) is not None for c in _CLASSES) >= 3 and _CLASSES[3].search(value) is not None and entropy(value) > 2.3


_SHOUT = re.compile(r"[A-Za-z0-9+/=_-]{20,512}")


def secret(facts: Facts, named: bool) -> Verdict:
    """Credentials: an issuer's prefix, a decodable JWT, or high entropy under a telling header."""
    from ._recognizers import BY_ENTITY

    if facts.kind not in ("string", "mixed"):
        return (-5.0, "not text", frozenset()) if named else _NOTHING
    if facts.longest < 12:
        return (-4.5, "values are short", frozenset()) if named else _NOTHING
    r = BY_ENTITY["SECRET"]
    known = frozenset(i for i in facts.having("SECRET") if len(facts.values[i]) >= 12 and r.check is not None and r.check(facts.values[i]))
    if len(known) >= 0.1 * len(facts.values) or len(known) >= 3:
        return 7.5, _note(known, facts, "carry a known prefix or decode as a token"), known
    if not named:
        return _NOTHING
    random = frozenset(i for i, v in enumerate(facts.values) if _SHOUT.fullmatch(v) and entropy(v) > 3.2)
    if len(random) >= 0.5 * len(facts.values):
        return 1.0, _note(random, facts, "are random strings"), random
    return -1.5, _note(random, facts, "are random strings"), random


_WMI = words(
    "1B3 1C3 1C4 1C6 1D7 1F1 1FA 1FB 1FD 1FM 1FT 1FU 1G1 1G2 1G4 1G6 1GC 1GM 1GN 1GT 1GY 1HG 1J4 1J8 1LN 1M1 1M2 1M8 "
    "1N4 1N6 1NP 1VW 1XK 1XP 19U 2B3 2C3 2C4 2FA 2FM 2FT 2G1 2G2 2HG 2HK 2HM 2T1 2T3 3C4 3C6 3FA 3G1 3GN 3HG 3N1 3VW "
    "4F2 4JG 4S3 4S4 4T1 4T3 4US 5FN 5J6 5J8 5L1 5N1 5NP 5TD 5TF 5UX 5XX 5XY 5YJ 6F4 6G1 6T1 7SA JA3 JA4 JF1 JF2 JH4 "
    "JHL JHM JM1 JM3 JMB JN1 JN8 JS2 JS3 JT2 JT3 JTD JTE JTH JTM JTN KL1 KMH KM8 KNA KND KPT L6T LBV LFV LGX LHG LJ1 "
    "LRW LSG LSV LVS LVV MA1 MA3 MAL MAT MB1 MR0 NMT SAJ SAL SAR SB1 SCA SCB SCC SCF SFD SHH SHS SJN TMA TMB TRU TSM "
    "U5Y UU1 VF1 VF3 VF6 VF7 VF8 VN1 VNK VSS VSX VWV W0L WA1 WAU WBA WBS WBX WBY WDB WDC WDD WDF WF0 WMA WME WMW WP0 "
    "WP1 "
    "WUA WV1 WV2 WVG WVW XTA YS2 YS3 YV1 YV4 ZAM ZAR ZFA ZFF ZHW 93H 9BF 9BG 9BW 8AG 8AP 3D7 3D3 1FV 1HD 1HT"
)
_VIN_SHAPE = re.compile(r"[A-HJ-NPR-Z0-9]{17}")


def vehicle(facts: Facts, named: bool) -> Verdict:
    """VINs: a check digit where the region has one, else a known maker's prefix."""
    matched = frozenset(i for i, v in enumerate(facts.values) if len(v) == 17 and _VIN_SHAPE.fullmatch(v.upper()))
    total = len(facts.values)
    if len(matched) < 0.5 * total:
        return (-4.0, _note(matched, facts, "have the form of a VIN"), frozenset()) if named else _NOTHING
    makers = sum(facts.values[i][:3].upper() in _WMI for i in matched)
    checked = sum(vin(facts.values[i]) for i in matched)
    ill = total - len(matched)
    odds = makers * math.log(0.85 / 0.01) + (len(matched) - makers) * math.log(0.15 / 0.99)
    digit = checked * math.log(0.7 / 0.09) + (len(matched) - checked) * math.log(0.3 / 0.91)
    weight = max(-6.0, min(6.0, max(odds, digit))) - 4.0 * (ill / total > 0.05)
    return (
        round(max(-1.5, weight) if named and not ill else weight, 3),
        _note(matched, facts, f"have the form of a VIN, {makers} a maker's prefix, {checked} the check digit"),
        matched,
    )


_DATED = re.compile(r"(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:19|20)[0-9]{2}\b")
_FRACTION = re.compile(r"[0-9]{1,3}\.[0-9]{5,}(?:[eE][+-]?[0-9]+)?")
_PHONE_SURE = re.compile(
    r"\+[1-9][0-9 ()./-]{6,20}[0-9](?: ?(?:x|ext\.?) ?[0-9]{1,6})?|00[1-9][0-9]{1,2}[ -][0-9 -]{6,16}|\(0?[0-9]{2,5}\) ?[0-9][0-9 -]{4,12}|"
    r"\+?1?[ .-]?\(?[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?"
)
_PHONE_LIKELY = re.compile(
    r"0[1-9][0-9]{0,4}[ /.-][0-9]{2,8}(?:[ .-]?[0-9]{1,4}){0,4}|0[1-9](?:[ .-]?[0-9]{2}){4}|0[1-9][0-9]{8,10}|1[3-9][0-9]{9}|"
    r"[6-9][0-9]{9}|[2-9][0-9]{2}[2-9][0-9]{6}|[2-9][0-9]{2}[-.][0-9]{4}|[689][0-9]{3} [0-9]{4}|[0-9]{2,4}(?:[ -][0-9]{2,4}){2,4}"
)
_PHONE_MIN = re.compile(r"\(?\+?[0-9][0-9 ()./\u2010-\u2015-]{4,24}(?: ?(?:x|ext\.?|#)\.? ?[0-9]{1,6})?")


def phone(facts: Facts, named: bool) -> Verdict:
    """Telephone numbers: international or bracketed forms are sure, national and bare ones need support."""
    if facts.kind in ("boolean", "date", "datetime"):
        return _NOTHING
    near, total = sorted(facts.sized((7, 36), (7, 20))), len(facts.values)
    if any(map(facts.lines.__contains__, "-/.")):
        near = [i for i in near if not _dated_or_fraction(facts, facts.values[i])]
    if len(near) < 0.1 * total:
        return (-4.0, "values do not have the digits of telephone numbers", frozenset()) if named else _NOTHING
    sure = frozenset(i for i in near if _PHONE_SURE.fullmatch(facts.values[i]))
    likely = frozenset(i for i in near if i not in sure and _PHONE_LIKELY.fullmatch(facts.values[i]))
    loose = frozenset(i for i in near if _PHONE_MIN.match(facts.values[i])) if named else frozenset()
    matched = sure | likely | loose
    if not matched or (not named and _dated_codes(facts)):
        return _NOTHING
    alone = _phone_weight(facts, near, sure, likely)
    if not named:
        return alone
    share = len(matched) / total
    weight = max(1.5 if share > 0.5 else -1.0, alone[0])
    return weight, _note(matched, facts, "can be telephone numbers"), matched


def _dated_or_fraction(facts: Facts, value: str) -> bool:
    """Whether digits are a date or a number with decimals: nobody is called there."""
    return _DATED.match(value) is not None or (facts.numeric and "." in value) or _FRACTION.fullmatch(value) is not None


def _dated_codes(facts: Facts) -> bool:
    """Whether the values are numbers that begin with a date (YYMMDD): serials and batches rather than telephones."""
    whole = [v.zfill(10) if facts.numeric and len(v) == 9 else v for v in facts.values]
    hits = sum(len(v) > 7 and v.isdigit() and "01" <= v[2:4] <= "12" and "01" <= v[4:6] <= "31" for v in whole)
    return len(facts.values) >= 10 and hits >= 0.95 * len(facts.values)


def _phone_weight(facts: Facts, near: list[int], sure: frozenset[int], likely: frozenset[int]) -> Verdict:
    total = len(facts.values)
    matched = sure | likely
    weight = 5.5 * min(1.0, len(sure) / (0.3 * total)) if len(sure) >= 0.05 * total else 0.0
    if weight:
        weight += _impossible_areas([facts.values[i] for i in near])
    if len(likely) > 0.5 * total and len(sure) < 0.1 * total:
        values = [facts.values[i] for i in near]
        trunk = sum(v[0] == "0" and v[1] != "0" and not v.isdigit() for v in values) / len(values)
        weight = max(_plausibility(values), 3.5 * trunk if trunk > 0.8 else -4.0)
    elif len(likely) >= 0.1 * total and not weight:
        weight = 1.0
    return round(weight, 3), _note(matched, facts, "have the form of telephone numbers"), matched


_THREE_THREE_FOUR = re.compile(r"[0-9]{3}[ .-][0-9]{3}[ .-][0-9]{4}")
_POSSIBLE_AREA = re.compile(r"[2-9][0-9]{2}.[2-9]")


def _impossible_areas(values: list[str]) -> float:
    """Against parcels and part numbers in groups as American telephones have them: a third of random ones have no area or exchange."""
    grouped = [v for v in values if _THREE_THREE_FOUR.fullmatch(v)]
    if len(grouped) < 0.8 * len(values):
        return 0.0
    possible = sum(_POSSIBLE_AREA.match(v) is not None for v in grouped)
    odds = possible * math.log(0.98 / 0.64) + (len(grouped) - possible) * math.log(0.02 / 0.36)
    return max(-8.0, min(0.0, odds))


_TRUNK_REGIONS = ("DE", "GB", "FR", "IN", "IT", "NL", "JP", "AU", "CH", "SE", "ZA", "KR", "BE", "PL", "TR", "CN")
_BARE_REGIONS = ("US", "CN", "IN", "ES", "SG", "PT", "PL", "DK", "NO", "BR", "MX", "CZ", "IT")
_LUCK = 0.45
_EASY = {"US": 0.5, "MX": 0.6, "CN": 0.72, "IN": 0.8}
"""The share of random bare digits that a region's numbering plan takes, where it is more."""


def _plausibility(values: list[str]) -> float:
    """Log-odds from the best share of valid numbers that any one region gives, against what random digits would pass there."""
    import phonenumbers

    def valid(value: str, region: str) -> bool:
        try:
            return bool(phonenumbers.is_valid_number(phonenumbers.parse(value, region)))
        except phonenumbers.NumberParseException:
            return False

    few = values[:: max(1, len(values) // 18)][:18]
    zero = sum(v.lstrip("(").startswith("0") for v in few) > 0.5 * len(few)
    best = _best_region(few[::3], _TRUNK_REGIONS if zero else _BARE_REGIONS, valid)
    passed = sum(valid(v, best) for v in few)
    luck = _LUCK if zero else _EASY.get(best, _LUCK)
    if 2 * passed > len(few) and all(v.isdigit() for v in few):
        luck = max(luck, min(0.97, sum(valid(v, best) for v in _thrown(few)) / len(few)))
    odds = passed * math.log(0.97 / luck) + (len(few) - passed) * math.log(0.03 / (1 - luck))
    return max(-4.0, min(4.5, odds))


def _thrown(values: list[str]) -> list[str]:
    """Random numbers that begin with the same digits as these: serials of one series may all begin as a country's telephones do."""
    scattered = (str(int(hashlib.sha256(v.encode()).hexdigest(), 16)) for v in values)
    return [v[0] + digits[9 : 8 + len(v)] for v, digits in zip(values, scattered, strict=True)]


def _best_region(values: list[str], regions: tuple[str, ...], valid: Callable[[str, str], bool]) -> str:
    """The first region in which most values are valid; one that cannot win any more is left early, as each look is dear."""
    best, most = regions[0], -1
    for region in regions:
        passed = 0
        for i, value in enumerate(values):
            if passed + len(values) - i <= most:
                break
            passed += valid(value, region)
        if passed > most:
            best, most = region, passed
    return best


_AGEING = words(
    "day days week weeks hour hours hrs minute minutes shelf vehicle car truck fleet building house roof tree stand crop equipment machine "
    "engine device battery asset stock inventory account debt loan mortgage credit cache file log backup sample rock site well pipe bridge"
)
"""Units in which, and things of which, an age is told that is no person's."""


def age(facts: Facts, named: bool) -> Verdict:
    """Ages: only under a telling header; whole numbers up to 120 or bands."""
    if not named:
        return _NOTHING
    from ._recognizers import BY_ENTITY

    full = BY_ENTITY["AGE"].regex.fullmatch
    matched = frozenset(i for i, v in enumerate(facts.values) if len(v) <= 30 and full(v))
    share = len(matched) / len(facts.values)
    if share <= 0.7:
        return -3.0, _note(matched, facts, "can be ages"), frozenset()
    if facts.hits["AGE"].level < 0.9 and (_AGEING & set(facts.words) or all(v.isdigit() and int(v) < 12 for v in facts.values)):
        return -1.5, _note(matched, facts, "can be ages") + ", though of things rather than persons", matched
    return 0.5, _note(matched, facts, "can be ages"), matched


def gender(facts: Facts, named: bool) -> Verdict:
    """Gender: a handful of words or letters of which a pair such as m and f is there."""
    if facts.kind not in ("string", "mixed", "integer"):
        return _NOTHING
    from ._recognizers import BY_ENTITY

    known = BY_ENTITY["GENDER"].words
    folded = facts.folded
    matched = facts.known_in(known)
    share = len(matched) / len(folded)
    if named:
        if _AUDIENCE & set(folded):
            return -4.0, "values name whom a product is for", frozenset()
        few = facts.distinct <= 12
        return (
            1.0 if share > 0.6 else -3.2 if not few or not (matched or facts.coded or facts.numeric) else 0.0,
            _note(matched, facts, "are words for gender"),
            matched or frozenset(range(len(folded))),
        )
    kinds = {v for v in folded if v in known}
    pair = any(set(p) <= kinds for p in _PAIRS)
    if not pair or share < 0.75 or facts.distinct > 10:
        return _NOTHING
    return round(5.5 * share - 1.0 * (len(kinds) > 6), 3), _note(matched, facts, "are words for gender"), matched


_AUDIENCE = words("unisex kids kinder enfant adults")
_PAIRS = tuple(
    tuple(map(fold, pair.split("/")))
    for pair in [
        "m/f",
        "male/female",
        "man/woman",
        "men/women",
        "m/w",
        "mannlich/weiblich",
        "mann/frau",
        "homme/femme",
        "masculin/feminin",
        "hombre/mujer",
        "masculino/femenino",
        "masculino/feminino",
        "maschio/femmina",
        "uomo/donna",
        "homem/mulher",
        "man/vrouw",
        "mannelijk/vrouwelijk",
        "男/女",
        "男性/女性",
        "남/여",
        "남성/여성",
        "kobieta/mezczyzna",
        "zena/muz",
        "no/ferfi",
        "femeie/barbat",
        "zensko/musko",
        "kvinna/man",
        "kvinde/mand",
        "kvinne/mann",
        "nainen/mies",
        "kadin/erkek",
        "perempuan/laki-laki",
        "wanita/pria",
        "nu/nam",
        "ชาย/หญิง",
        "муж/жен",
        "мужской/женский",
        "мужчина/женщина",
        "чоловік/жінка",
        "чоловіча/жіноча",
        "ذكر/أنثى",
        "זכר/נקבה",
        "ανδρας/γυναικα",
        "ανδρας/γυναίκα",
    ]
)


def race(facts: Facts, named: bool) -> Verdict:
    """Race and ethnicity: its vocabulary, unless the values are colours."""
    return _contrasted("RACE_ETHNICITY", facts, named, against=lambda words: len(words & COLOURS) >= 1)


def politics(facts: Facts, named: bool) -> Verdict:
    """Parties: their names, with at least two that mean nothing else."""
    return _contrasted("POLITICAL", facts, named, against=lambda words: not words - _PARTY_LIKE and len(words & _LEANINGS) < 2)


_LEANINGS = frozenset({"green", "greens", "liberal", "conservative", "labour", "labor", "socialist"})
_PARTY_LIKE = _LEANINGS | words(
    "independent congress vox renaissance inc unaffiliated other national nationals momentum act stan ods dk ano pan pri prd usr erc "
    "psd pnl kke pks"
)
"""Names of parties that are ordinary words or codes too."""


def orientation(facts: Facts, named: bool) -> Verdict:
    """Sexual orientation: its vocabulary, with a word that means nothing else."""
    return _contrasted("SEXUAL_ORIENTATION", facts, named, against=lambda words: not words - {"straight", "queer", "questioning"})


def _contrasted(entity: str, facts: Facts, named: bool, *, against: Callable[[set[str]], bool]) -> Verdict:
    from ._recognizers import BY_ENTITY

    if facts.kind not in ("string", "mixed"):
        return (
            (-0.5, "codes", frozenset(range(len(facts.values)))) if named and facts.kind == "integer" and facts.distinct <= 20 else _NOTHING
        )
    if not named and (facts.distinct > 120 or facts.prose):
        return _NOTHING
    words = BY_ENTITY[entity].words
    folded = facts.folded
    matched = facts.known_in(words)
    share = len(matched) / len(folded)
    if named:
        everything = frozenset(range(len(folded)))
        few = facts.distinct <= 60 and facts.mean_length < 60
        fits = few and (matched or facts.coded or _shares_words(folded, words) or _names_of_own(facts, entity))
        return (1.0 if share > 0.3 else -0.8 if fits else -3.2, _note(matched, facts, "are in the vocabulary"), matched or everything)
    if share < 0.5 or len(matched) < 3 or against({folded[i] for i in matched} | (set(folded) & COLOURS)):
        return _NOTHING
    return round(6.0 * share - 1.2, 3), _note(matched, facts, "are in the vocabulary"), matched


def _names_of_own(facts: Facts, entity: str) -> bool:
    """Whether a header that leaves no doubt stands over names that no list holds, as those of a country's parties and peoples."""
    sure = facts.hits[entity].level > 0.9 and (entity == "POLITICAL" or _PEOPLES.search(facts.hits[entity].phrase) is not None)
    return sure and _wordy(facts) and not any(v in PLAIN or v in COLOURS for v in facts.folded)


_PEOPLES = re.compile("ethn|etni|tribe|caste|民族|种族")
_LETTERS = re.compile(r"[^\W\d_]{4,}")


def _shares_words(values: Iterable[str], vocabulary: frozenset[str]) -> bool:
    """Whether a word of the values is one of the vocabulary's (``Other Hispanic or Latino``)."""
    known = {w for phrase in vocabulary for w in _LETTERS.findall(phrase)} - {"other", "group", "with", "more"}
    return any(w in known for v in values for w in _LETTERS.findall(v))


_POSTAL_SURE = re.compile(
    r"[A-Z]{1,2}[0-9]{1,2}[A-Z]? [0-9][A-Z]{2}|[ABCEGHJ-NPRSTVXY][0-9][A-Z] ?[0-9][A-Z][0-9]|[1-9][0-9]{3} [A-Z]{2}|"
    r"[0-9]{5}-[0-9]{4}|[0-9]{5}-[0-9]{3}|〒?[0-9]{3}-[0-9]{4}|(?:[AC-FHKNPRTV-Y][0-9]{2}|D6W) [0-9AC-FHKNPRTV-Y]{4}"
)


def postal(facts: Facts, named: bool) -> Verdict:
    """Postal codes: the lettered and dashed forms by themselves, plain digits only under a telling header."""
    from ._recognizers import BY_ENTITY

    r = BY_ENTITY["POSTAL_CODE"]
    if not named and (
        facts.numeric or not 6 <= facts.mean_length <= 10 or _hopeless(facts, lambda v: _POSTAL_SURE.fullmatch(v) is not None, 0.2)
    ):
        return _NOTHING
    values = [v.zfill(5) if facts.numeric and len(v) in (3, 4) else v for v in facts.values]
    matched = frozenset(i for i, v in enumerate(values) if len(v) <= 10 and r.regex.fullmatch(v))
    share = len(matched) / len(values)
    sure = frozenset(i for i in matched if _POSTAL_SURE.fullmatch(values[i]))
    if named:
        return (
            (1.0, _note(matched, facts, "have the form of postal codes"), matched)
            if share > 0.5
            else (-3.0, _note(matched, facts, "have the form of postal codes"), matched)
        )
    if len(sure) < 0.3 * len(values):
        return _NOTHING
    letters = sum(not values[i].replace("-", "").isdigit() for i in sure) / len(sure)
    return round(3.0 * len(sure) / len(values) + 1.5 * letters - 1.0, 3), _note(sure, facts, "have a sure form of postal codes"), sure


def bank_code(facts: Facts, named: bool) -> Verdict:
    """Bank identifier codes: eight or eleven capitals with a country inside, not ordinary words, towns or names."""
    from ._recognizers import BY_ENTITY

    r = BY_ENTITY["SWIFT_BIC"]
    matched = facts.having("SWIFT_BIC")
    share = len(matched) / len(facts.values)
    if share < 0.5:
        return (-4.0, _note(matched, facts, "have the form of a bank code"), frozenset()) if named else _NOTHING
    g = gazetteer()
    words = sum(v in g.words or v in g.cities or v in g.family or v in g.given for v in (fold(facts.values[i]) for i in matched)) / len(
        matched
    )
    country = sum(r.check is not None and r.check(facts.values[i]) for i in matched)
    odds = country * math.log(0.98 / r.chance) + (len(matched) - country) * math.log(0.02 / (1 - r.chance))
    weight = max(-6.0, min(4.5, odds)) - 12 * words - (2.0 if len(matched) < 3 else 0.0)
    return round(weight, 3), _note(matched, facts, f"have the form of a bank code, {country} with a country inside"), matched


def network(facts: Facts, named: bool) -> Verdict:
    """Addresses of a network: their form; numbers that nearly all begin below ten are versions, many different hundreds are not."""
    formed = facts.having("IP_ADDRESS")
    total = len(facts.values)
    if len(formed) < 0.05 * total:
        return (-4.0, _note(formed, facts, "have the form of a network address"), frozenset()) if named else _NOTHING
    matched = frozenset(i for i in formed if ck.ip(facts.values[i]) and not _RANGE.search(facts.values[i]))
    low = sum(facts.values[i].partition(".")[0] in _LOW for i in matched)
    share = len(matched) / total
    if share < 0.5 or low > 0.6 * max(1, len(matched)):
        return -4.0, _note(matched, facts, f"are network addresses, {low} begin as versions do"), frozenset()
    odds = len(matched) * math.log(0.995 / 0.3) + (len(formed) - len(matched)) * math.log(0.005 / 0.7)
    wide = {v for v in (facts.values[i].partition(".")[0] for i in matched) if len(v) == 3}
    return (
        round(3.0 * min(1.0, share / 0.6) + max(-8.0, min(2.5, odds)) + 1.5 * (len(wide) >= 10), 3),
        _note(matched, facts, "are network addresses"),
        matched,
    )


_LOW = frozenset("123456789")
_RANGE = re.compile(r"^[0-9.]+/(?:[0-9]|[12][0-9]|3[01])$|:.*/(?:[0-9]{1,2}|1[01][0-9]|12[0-7])$")
"""A network of many hosts rather than the address of one."""


def pay(facts: Facts, named: bool) -> Verdict:
    """Salaries: only under a telling header; amounts, none of them negative."""
    from ._recognizers import BY_ENTITY

    if not named:
        return _NOTHING
    full = BY_ENTITY["SALARY"].regex.fullmatch
    matched = frozenset(i for i, v in enumerate(facts.values) if len(v) <= 24 and full(v))
    if any(v.startswith("-") for v in facts.values) or len(matched) < 0.5 * len(facts.values):
        return -4.0, _note(matched, facts, "can be pay"), frozenset()
    return 0.3, _note(matched, facts, "can be pay"), matched


JUDGES: dict[str, Judge] = {
    "PERSON_NAME": person,
    "CITY": city,
    "ADDRESS": address,
    "DATE_OF_BIRTH": birth,
    "GEO": coordinates,
    "HEALTH": health,
    "NATIONALITY": nationality,
    "PASSWORD": password,
    "SECRET": secret,
    "SWIFT_BIC": bank_code,
    "VIN": vehicle,
    "PHONE": phone,
    "AGE": age,
    "GENDER": gender,
    "POSTAL_CODE": postal,
    "RACE_ETHNICITY": race,
    "POLITICAL": politics,
    "SEXUAL_ORIENTATION": orientation,
    "IP_ADDRESS": network,
    "SALARY": pay,
}
