"""Words that are names, places, organisations or plain words: gazetteers, morphology, vetoes. No model weights.

Every judgement is a number in 0..1 for one value; a column's verdict averages them.
"""

from __future__ import annotations

import functools
import itertools
import lzma
import re
import unicodedata
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

from ._words import words

_SPECIAL = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ə": "e", "’": "'"})


@functools.lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower case without accents.

    >>> fold("Müller"), fold("Øystein"), fold("Łukasz")
    ('muller', 'oystein', 'lukasz')
    """
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    marks = unicodedata.normalize("NFKD", lowered.translate(_SPECIAL))
    return unicodedata.normalize("NFC", "".join(c for c in marks if not unicodedata.combining(c)))


def _lines(name: str) -> list[str]:
    raw = files(__package__).joinpath("data", name).read_bytes()
    return lzma.decompress(raw).decode("utf-8").split("\n")


_TRADITIONAL = (
    "陳黃張劉楊吳趙鄭謝許羅葉蘇盧蔣蕭韓馮鄧呂賴鍾龔嚴顏莊湯藍連鄒賀龍萬錢範譚閻華魯齊喬馬孫賈蔡溫聶關駱倪畢塗饒簡岳紀區單龐歐項翁鄔"
)
"""Family names in traditional characters; the list beside has the simplified ones."""


def _further_names() -> frozenset[str]:
    """The plain lists of names of further languages: words after lines that start with ``#``."""
    texts = (files(__package__).joinpath("data", name).read_text(encoding="utf-8") for name in ("romanised.txt", "native.txt"))
    return frozenset(fold(w) for text in texts for line in text.splitlines() if not line.startswith("#") for w in line.split())


@dataclass(frozen=True)
class Gazetteer:
    """The word lists, read once."""

    given: frozenset[str]
    family: frozenset[str]
    words: frozenset[str]
    cities: frozenset[str]
    cjk_family: frozenset[str]
    cjk_given: frozenset[str]
    korean_family: frozenset[str]


@functools.cache
def gazetteer() -> Gazetteer:
    """The lists under ``data/`` (their sources are in the NOTICE beside them)."""
    names = _lines("names.txt.xz")
    single, double, chars, korean = _lines("cjk.txt.xz")
    more = _further_names()
    return Gazetteer(
        given=frozenset(n[:-1] for n in names if n[-1] != "2") | more,
        family=frozenset(n[:-1] for n in names if n[-1] != "1") | more,
        words=frozenset(_lines("words.txt.xz")),
        cities=frozenset(_lines("cities.txt.xz")),
        cjk_family=frozenset(single) | frozenset(_TRADITIONAL) | frozenset(double.split(" ")),
        cjk_given=frozenset(chars),
        korean_family=frozenset(korean),
    )


def _set(text: str) -> frozenset[str]:
    return words(text, "|")


TITLES = _set(
    "mr|mrs|ms|miss|mx|dr|prof|professor|sir|lord|lady|rev|reverend|hon|capt|captain|col|lt|sgt|maj|gen|fr|sr|sra|srta|"
    "don|dona|sig|sig.ra|dott|dott.ssa|ing|herr|herrn|frau|"
    "dipl|mag|m|mme|mlle|madame|monsieur|maitre|shri|smt|sri|ustad|sheikh|dato|datuk|tan|haji|judge|justice|officer|"
    "nurse|pan|pani|dhr|mevr|hr|fru|bay|bayan|cllr|councillor|г-н|г-жа|господин|госпожа|пан|пані|κ|κος|κα|κυρια|κυριος|"
    "السيد|السيدة|الانسة|الدكتور|الدكتورة|المهندس|المهندسة|الاستاذ|الاستاذة|מר|גב|ดร"
) - {"tan", "don", "m"}
FORMS_OF_ADDRESS = _set("mr|mrs|ms|mx|dr|prof|mme|mlle|herr|herrn|frau|sra|srta|sig.ra|dott|dott.ssa|shri|smt|cllr|dhr|mevr")
"""Titles before which nothing but a person is named."""
SUFFIXES = _set("jr|sr|ii|iii|iv|v|phd|md|do|esq|dds|rn|cpa|msc|mba|bsc|ba|ma|jd|llm|pe|dvm|cbe|obe|mbe|kc|qc|filho|junior|neto")
PARTICLES = _set(
    "de|da|do|dos|das|del|della|di|du|des|d|la|le|les|van|von|der|den|ter|ten|te|zu|zum|zur|af|av|bin|binti|bint|ben|"
    "ibn|al|el|y|e|und|dal|san|st|mc|mac|o|abu|abd|ur|ul|s/o|d/o|a/l|a/p"
)
ORG_WORDS = _set(
    "inc|llc|ltd|limited|corp|corporation|company|co|gmbh|ag|kg|kgaa|ohg|ug|mbh|e.v|ev|sa|sas|sarl|srl|spa|s.p.a|bv|"
    "nv|plc|llp|lp|pty|pvt|oy|ab|as|asa|aps|group|gruppe|holding|holdings|tnhh|doanh|nghiep|ао|ооо|оао|зао|пао|тоо|тов|еоод|оод|"
    "partners|associates|association|foundation|trust|bank|university|college|school|hospital|clinic|church|ministry|"
    "department|dept|services|service|solutions|systems|"
    "technologies|technology|industries|international|enterprises|consulting|logistics|capital|ventures|labs|studio|"
    "studios|media|energy|insurance|realty|properties|"
    "construction|center|centre|institute|society|club|council|committee|commission|agency|authority|board|bureau|office|"
    "city|county|state|district|village|township|"
    "stiftung|verein|fils|freres|sons|brothers|bros|et|cie|stores|store|market|markets|restaurant|cafe|hotel|pharmacy|"
    "motors|airlines|farms|foods|inc.|ltd.|co.|corp.|e.g|store|"
    "&|n.v|b.v|s.a|s.l|s.r.l|ltda|eireli|limitada|anonima|sociedad|asociados|corporacion|compania|inversiones|s.a.s|sp|z.o.o|a.s|s.r.o|kft|d.o.o|jsc|ooo|oao|pt|tbk|sdn|bhd|team|fund|union|"
    "federation|league|academy|program|project|division|management|playground|playlot|museum|stadium|arena|library|courts|cemetery|"
    "apartments|condominiums|recreation|gymnasium|elementary|kindergarten|preschool|cathedral|synagogue|mosque|airport|terminal"
) - {"as", "city"}
_PLACE_HEADS = _set(
    "parc|parque|parco|pont|puente|ponte|stade|estadio|stadio|musee|museo|museum|theatre|teatro|hopital|hospital|ospedale|clinica|"
    "ecole|escuela|scuola|escola|lycee|liceo|colegio|colegiul|eglise|iglesia|chiesa|igreja|gare|estacion|stazione|mercado|mercato|"
    "biblioteca|bibliotheque|jardin|jardim|giardino|szkola|liceum|gimnazija|universidad|universita|universite|basisschool|volksschule|"
    "istituto|ceip|ies|emef|школа|гимназия|лицеи|больница|парк"
)
"""First words of what is named after people without being one."""
CALENDAR = _set(
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|january|february|"
    "march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|spring|summer|autumn|fall|winter|montag|dienstag|mittwoch|donnerstag|"
    "freitag|samstag|sonnabend|sonntag|januar|februar|marz|mai|juni|juli|oktober|"
    "dezember|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janvier|fevrier|mars|avril|juin|juillet|aout|septembre|"
    "octobre|novembre|decembre|lunes|martes|miercoles|jueves|viernes|sabado|domingo|enero|"
    "febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|lunedi|martedi|mercoledi|giovedi|"
    "venerdi|domenica|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|"
    "novembre|dicembre|segunda|terca|quarta|quinta|sexta|janeiro|fevereiro|marco|maio|junho|julho|setembro|outubro|"
    "novembro|dezembro|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|maart|augustus|"
    "jänner|feber|meses|mes|mois|jours|dias|giorni|mesi|tage|monate|maanden|dagen|dni|miesiecy"
)
PLAIN = _set(
    "alpha|beta|gamma|delta|epsilon|zeta|theta|kappa|lambda|sigma|omega|open|closed|active|inactive|pending|new|old|yes|no|true|false|none|other|unknown|high|low|medium|error|ok|failed|"
    "success|retry|draft|approved|rejected|north|south|east|west|central|northern|"
    "southern|eastern|western|red|green|blue|black|white|yellow|orange|brown|grey|gray|purple|pink|silver|gold|home|"
    "work|billing|shipping|mailing|office|male|female|finance|legal|marketing|sales|"
    "engineering|support|operations|hr|it|product|design|research|europe|asia|africa|america|apac|emea|latam|sofa|jacket|"
    "dress|lamp|boot|boots|mug|adapter|backpack|armchair|shirt|jeans|coat|"
    "chair|table|desk|watch|pan|pot|bag|hat|scarf|sweater|street|road|avenue|model|type|size|small|large|total|average|"
    "standard|premium|basic|bronze|platinum|morning|evening|night|day"
)
COLOURS = _set(
    "red|green|blue|yellow|orange|brown|grey|gray|purple|pink|violet|silver|gold|beige|navy|teal|cyan|magenta|maroon|"
    "olive|turquoise|rot|grun|blau|gelb|rouge|vert|bleu|jaune|rojo|verde|azul|amarillo"
)

COUNTRIES = _set(
    "afghanistan|albania|algeria|andorra|angola|argentina|armenia|australia|austria|azerbaijan|bahamas|bahrain|bangladesh|"
    "barbados|belarus|belgium|belize|benin|bhutan|bolivia|bosnia and herzegovina|"
    "botswana|brazil|brunei|bulgaria|burkina faso|burundi|cambodia|cameroon|canada|cape verde|chad|chile|china|colombia|"
    "comoros|congo|costa rica|croatia|cuba|cyprus|czech republic|czechia|"
    "denmark|djibouti|dominica|dominican republic|ecuador|egypt|el salvador|eritrea|estonia|eswatini|ethiopia|fiji|"
    "finland|france|gabon|gambia|georgia|germany|ghana|greece|greenland|grenada|guatemala|"
    "guinea|guyana|haiti|honduras|hong kong|hungary|iceland|india|indonesia|iran|iraq|ireland|israel|italy|ivory coast|"
    "jamaica|japan|jordan|kazakhstan|kenya|kiribati|korea|south korea|north korea|kosovo|"
    "kuwait|kyrgyzstan|laos|latvia|lebanon|lesotho|liberia|libya|liechtenstein|lithuania|luxembourg|macau|macedonia|"
    "north macedonia|madagascar|malawi|malaysia|maldives|mali|malta|mauritania|mauritius|mexico|"
    "micronesia|moldova|monaco|mongolia|montenegro|morocco|mozambique|myanmar|namibia|nauru|nepal|netherlands|the netherlands|"
    "new zealand|nicaragua|niger|nigeria|norway|oman|pakistan|palau|palestine|panama|"
    "papua new guinea|paraguay|peru|philippines|poland|portugal|puerto rico|qatar|romania|russia|rwanda|samoa|san marino|"
    "saudi arabia|senegal|serbia|seychelles|sierra leone|singapore|slovakia|slovenia|"
    "somalia|south africa|south sudan|spain|sri lanka|sudan|suriname|swaziland|sweden|switzerland|syria|taiwan|tajikistan|"
    "tanzania|thailand|togo|tonga|trinidad and tobago|tunisia|turkey|turkmenistan|tuvalu|"
    "uganda|ukraine|united arab emirates|united kingdom|united states|united states of america|usa|uk|england|scotland|"
    "wales|northern ireland|great britain|uruguay|uzbekistan|vanuatu|vatican|venezuela|"
    "vietnam|yemen|zambia|zimbabwe|deutschland|osterreich|schweiz|frankreich|italien|spanien|vereinigte staaten|allemagne|"
    "espagne|italie|royaume-uni|etats-unis|espana|alemania|francia|estados unidos|"
    "germania|spagna|regno unito|brasil|alemanha|franca|reino unido|duitsland|frankrijk|nederland|belgie|"
    "中国|美国|英国|德国|法国|日本|韩国|印度|新加坡"
)
_DEMONYM_STEMS = (
    "afghan|albanian|algerian|american|argentine|argentinian|armenian|australian|austrian|bangladeshi|belgian|bolivian|"
    "brazilian|british|bulgarian|cambodian|cameroonian|canadian|chilean|chinese|colombian|"
    "costa rican|croatian|cuban|cypriot|czech|danish|dominican|dutch|ecuadorian|egyptian|emirati|english|estonian|ethiopian|"
    "fijian|filipino|finnish|french|georgian|german|ghanaian|greek|guatemalan|haitian|"
    "honduran|hungarian|icelandic|indian|indonesian|iranian|iraqi|irish|israeli|italian|ivorian|jamaican|japanese|jordanian|"
    "kazakh|kenyan|korean|south korean|north korean|kuwaiti|lao|laotian|latvian|lebanese|libyan|lithuanian|"
    "luxembourgish|macedonian|malagasy|malaysian|malian|maltese|mexican|moldovan|mongolian|moroccan|mozambican|namibian|"
    "nepalese|nepali|new zealander|nicaraguan|nigerian|norwegian|omani|pakistani|panamanian|"
    "paraguayan|peruvian|polish|portuguese|qatari|romanian|russian|rwandan|salvadoran|saudi|scottish|senegalese|serbian|"
    "singaporean|slovak|slovenian|somali|south african|spanish|sri lankan|sudanese|swedish|"
    "swiss|syrian|taiwanese|tajik|tanzanian|thai|tongan|tunisian|turkish|ugandan|ukrainian|uruguayan|uzbek|venezuelan|"
    "vietnamese|welsh|yemeni|zambian|zimbabwean|deutsch|osterreichisch|schweizerisch|turkisch|"
    "polnisch|franzosisch|italienisch|spanisch|francaise|francais|allemande|allemand|espagnole|espagnol|italienne|italien|"
    "britannique|espanola|espanol|mexicana|mexicano|colombiana|colombiano|argentina|argentino|"
    "italiana|italiano|tedesca|tedesco|rumena|brasileira|brasileiro|portuguesa|nederlandse|nederlands|belgische|duitse|turkse"
)
DEMONYMS = _set(_DEMONYM_STEMS)


def _endings(text: str) -> tuple[str, ...]:
    """Endings of words, to ask for all at once: an expression would try each at every letter."""
    return tuple(text.split("|"))


_FAMILY_ENDING = _endings(
    "son|sen|sson|dottir|ova|eva|ov|ev|ski|ska|sky|skaya|skyi|wicz|vich|enko|yan|ian|dze|shvili|escu|eanu|poulos|"
    "idis|akis|ez|es|oglu|zade|ssen|stra|sma|huis|veld|mann|meier|meyer|maier|"
    "hauser|bauer|berger|stein|bach|inen|nen|lainen|aitis|auskas|iene|kova|cek|ak|ik|ic|vic|nik|uk|chuk|ini|etti|elli|"
    "ello|ucci|ardi|aldo|ani|eau|ault|oux|ard|ier|aud|singh|kumar|wala|kar|"
    "nathan|murthy|rao|wati|anto|moto|mura|yama|kawa|guchi|saki|shima|naka|hashi|shita|ford|worth|ley|well|wood|land"
)
_PATRONYMIC = _endings("ovich|evich|ovna|evna|ович|евич|ьич|овна|евна|ична|івна")
_FURTHER_ENDING = re.compile(
    r"[^\W\d_]{2,}(?:ов|ова|ев|ева|ин|ина|скии|ская|цкии|цкая|ськии|ська|цька|енко|чук|щук|ник|юк|дзе|швили|ски|ска|შვილი|ძე|ია|ავა|უა|იანი|յան|եան|ունի|οπουλος|οπουλου|ιδης|ιδου|"
    r"αδης|αδου|ακης|ακη|ατος|ογλου)"
)
_CITY_ENDING = _endings(
    "ville|villes|town|ton|burg|burgh|bury|borough|stadt|heim|hausen|hofen|kirchen|dorf|furt|ford|port|mouth|chester|"
    "cester|ham|shire|field|view|side|haven|stead|wick|by|thorpe|bridge|fort|"
    "berg|bourg|sur|court|mont|igny|ac|y-le|grad|gorod|sk|pur|abad|nagar|polis|stad|holm|kobing|vik|dal|koping|borg|"
    "land|mere|land|chester|wood|cidade|hafen|munde|bruck|brunn|au|ingen|stetten|leben|walde|itz|ow"
)
_CITY_SURE = _endings(
    "ville|stadt|burg|burgh|bury|hausen|heim|kirchen|hofen|dorf|bourg|chester|grad|gorod|abad|nagar|polis|borough|"
    "furt|brunn|bruck|koping|havn|holm|münde|munde|walde|ingen|leben|roda|stedt|feld|rode|springe|thal|tal"
)
_CITY_START = _set(
    "new|north|south|east|west|lake|port|saint|st|san|santa|sainte|bad|fort|mount|upper|lower|el|la|los|las|le|les|"
    "villa|ciudad|puerto|rio|sao|nova|novo|alt|neu|gross|klein|great|little|old|ville|sur|royal|grand"
)

_HAN = re.compile(r"[\u4e00-\u9fff々]+")
_HANGUL = re.compile(r"[\uac00-\ud7a3]+")
_KANA = re.compile(r"[\u3040-\u30ff\u4e00-\u9fffー々]+")
_KATAKANA_PAIR = re.compile(r"[\u30a0-\u30ffー]{2,6}[ \u3000][\u30a0-\u30ffー]{2,6}")
_NOT_NAME = re.compile(r"[0-9@/\\:;#$%^*+=<>\[\]{}|_?!\"«»]")
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")


@functools.lru_cache(maxsize=32_768)
def token_name(word: str) -> float:
    """How much a single word looks like a given or family name.

    >>> token_name("Garcia") > .8, token_name("Finance") < .2
    (True, True)
    """
    g = gazetteer()
    text = fold(word).strip(".'-")
    if text in PLAIN or text in CALENDAR or text in ORG_WORDS or text in DEMONYMS or text in COUNTRIES:
        return 0.1
    if text in g.given or text in g.family:
        return 0.55 if text in g.words and text not in g.given else 0.7 if text in g.words else 0.95
    if "-" in text or "'" in text:
        parts = [p for p in re.split(r"[-']", text) if len(p) > 1]
        if parts and len(parts) <= 3 and all(p in g.given or p in g.family for p in parts):
            return 0.95
    if text in g.words:
        return 0.03
    if not text.isascii() and (_patronymic(text) or _FURTHER_ENDING.fullmatch(text)):
        return 0.6
    return 0.5 if len(text) > 4 and text.endswith(_FAMILY_ENDING) else 0.35


def _patronymic(word: str) -> bool:
    """Whether a word is a father's name as Slavic full names have it, of two letters at least before its ending."""
    return word[2:].endswith(_PATRONYMIC) and word.isalpha()


class NameShape(NamedTuple):
    """How much a value looks like a name (``score``), and whether like a full one."""

    score: float
    full: bool = False
    organisation: bool = False


_NO_NAME = NameShape(0.0)


@functools.lru_cache(maxsize=65_536)
def name_shape(value: str) -> NameShape:
    """How much a whole value looks like a person's name.

    >>> name_shape("Dr. Maria Garcia").score > .9, name_shape("Georgia mug").score, name_shape("Smith & Sons Ltd").organisation
    (True, 0.0, True)
    """
    if len(value) > 60 or _NOT_NAME.search(value):
        return _NO_NAME
    if not value.isascii() and BODY.search(value):
        return NameShape(0.0, organisation=True)
    if not value.isascii() and (found := _eastern(value)) is not None:
        return found
    words = _WORD.findall(value)
    if not words or "&" in value or " et " in value.lower():
        return NameShape(0.0, organisation=bool(words))
    kept = [w for w in words if _counts(w)]
    if words[0].lower() == "the":
        return _NO_NAME
    if len(words) > 1 and (fold(words[0]) in _PLACE_HEADS or any(map(_of_firm, words))):
        return NameShape(0.05, organisation=True)
    if not kept or len(kept) > 5 or "(" in value:
        return _NO_NAME
    return _western(value, words, kept)


BODY = re.compile(r"(?i:\b(?:công ty|tập đoàn|trách nhiệm|doanh nghiệp|hợp tác xã|ngân hàng)\b)")
"""How firms are called by two words that names may have too."""


@functools.lru_cache(maxsize=32_768)
def _of_firm(word: str) -> bool:
    return len(word) > 1 and fold(word).strip(".") in ORG_WORDS


@functools.lru_cache(maxsize=32_768)
def _counts(word: str) -> bool:
    text = fold(word).strip(".")
    return len(text) > 1 and text not in TITLES and text not in SUFFIXES and text not in PARTICLES


def _western(value: str, words: list[str], kept: list[str]) -> NameShape:
    mixed = any(w[0].isupper() for w in kept)
    if mixed and any(w[0].islower() for w in kept):
        return _NO_NAME
    scores = [token_name(w) for w in kept]
    if len(kept) == 1 and len(words) == 1:
        return NameShape(scores[0])
    if len(kept) == 1 and _INITIALS.match(value):
        return NameShape(0.75 if scores[0] > 0.2 else 0.1, full=True)
    if len(kept) == 1 and _INITIALS_LAST.fullmatch(value):
        return NameShape(0.75 if scores[0] > 0.75 else 0.1, full=True)
    head = fold(words[0]).strip(".")
    titled = head in TITLES
    if titled and (len(kept) == 1 or (head in FORMS_OF_ADDRESS and min(scores) > 0.2)):
        return NameShape(max(0.8, min(1.0, _joint(value, kept, scores) + 0.2)), full=True)
    return NameShape(min(1.0, _joint(value, kept, scores) + 0.2 * titled), full=True)


_INITIALS_LAST = re.compile(r"[^\W\d_]{2,}(?:[-'’][^\W\d_]{2,})?,? (?:[^\W\d_]\.? ?){1,3}")


def _joint(value: str, kept: list[str], scores: list[float]) -> float:
    """A full name: a given name first and a family name last, or the other way round with a comma."""
    g = gazetteer()
    first, last = fold(kept[0]).strip("."), fold(kept[-1]).strip(".")
    if "," in value:
        first, last = last, first
    given, family = _listed(first, g.given), _listed(last, g.family)
    if min(scores) < 0.05 and not given:
        return 0.03
    if len(kept) in (2, 3) and any(map(_patronymic, map(fold, kept))):
        return 1.0
    if given and family:
        return 1.0 if max(scores) > 0.8 else 0.75
    if min(scores) > 0.2 and _listed(first, g.family) and _listed(last, g.given):
        return 0.85
    if given:
        return 0.85 if first not in g.words and min(scores) > 0.2 else 0.5 * (min(scores) > 0.2)
    if not value.isascii() and len(kept) in (2, 3) and min(scores) > 0.2 and _FURTHER_ENDING.fullmatch(last):
        return 0.7
    if family and len(kept) <= 3:
        return 0.65 if min(scores) > 0.2 else 0.1
    if value.strip().lower() in COUNTRIES or value.strip().lower() in g.cities:
        return 0.1
    return 0.3 * (min(scores) > 0.2)


_INITIALS = re.compile(r"(?![NSEW]\.)[^\W\d_]\. ?(?:[^\W\d_]\. ?){0,2}(?=[^\W\d_]{2})")


def _listed(word: str, names: frozenset[str]) -> bool:
    return word in names or any(p in names for p in word.split("-")) if "-" in word else word in names


def _eastern(value: str) -> NameShape | None:
    """Chinese, Japanese and Korean names; None for other scripts."""
    g = gazetteer()
    text = value.replace(" ", "").replace("\u3000", "").replace("·", "")
    if _THAI.fullmatch(value):
        return _thai(value)
    if _INDIC.fullmatch(value):
        return _indic(value)
    if _HANGUL.fullmatch(text):
        if any(len(w) > 2 and w[-1] in "시군도읍" for w in value.split(" ")):
            return _NO_NAME
        if len(text) == 1:
            return NameShape(0.7 if text in g.korean_family else 0.1)
        full = len(text) in (2, 3, 4) and text[0] in g.korean_family
        return NameShape(0.95 if text in g.given or (full and len(text) == 3) else 0.5 if full else 0.1, full=full and text not in g.given)
    if _HAN.fullmatch(text):
        before, _, behind = value.replace("\u3000", " ").partition(" ")
        return _han(behind + before if behind in g.family and before not in g.family else text)
    if _KANA.fullmatch(text):
        head = any(text[:n] in g.family for n in (1, 2, 3)) or (" " in value and value.rpartition(" ")[2] in g.family)
        reading = _KATAKANA_PAIR.fullmatch(value) is not None
        return NameShape(0.9 if head and len(text) <= 7 else 0.5 if reading else 0.1, full=True)
    return None


def _indic(value: str) -> NameShape:
    """The scripts of India: known names; of unknown words two or three may be a name, where a header or siblings say so."""
    g = gazetteer()
    kept = value.split()
    if kept[0] in _INDIC_TITLES:
        return NameShape(0.95, full=True)
    known = sum(fold(w).strip(".") in g.given for w in kept)
    if known:
        return NameShape(0.95 if known == len(kept) else 0.8, full=len(kept) > 1)
    return NameShape(0.5 if len(kept) > 1 else 0.4)


_INDIC = re.compile(
    r"[\u0900-\u0963\u0971-\u09e3\u09f0-\u0dff.\u200c\u200d]{2,24}(?: [\u0900-\u0963\u0971-\u09e3\u09f0-\u0dff.\u200c\u200d]{1,24}){0,3}"
)
_INDIC_TITLES = _set("श्री|श्रीमती|सुश्री|कुमारी|डॉ|डॉ.|जनाब|মোঃ|মোছাঃ|জনাব|ডাঃ|ডা.|শ্রী|শ্রীমতী|திரு|திருமதி|శ్రీ|శ్రీమతి")


def _thai(value: str) -> NameShape:
    """Thai: a given and a family name with one blank between, or a title before them; companies say that they are ones."""
    if value.startswith(_THAI_BODIES):
        return NameShape(0.0, organisation=True)
    if value.startswith(_THAI_TITLES):
        return NameShape(0.95, full=True)
    return NameShape(0.6, full=True) if value.count(" ") == 1 else NameShape(0.3)


_THAI = re.compile(r"[\u0e01-\u0e4e.]{2,24}(?: [\u0e01-\u0e4e.]{2,24}){0,3}")
_THAI_TITLES = ("นาย", "นาง", "น.ส.", "ด.ช.", "ด.ญ.", "เด็กชาย", "เด็กหญิง", "ดร.", "คุณ")
_THAI_BODIES = (
    "บริษัท",
    "บจก",
    "หจก",
    "ห้าง",
    "ร้าน",
    "โรง",
    "มหาวิทยาลัย",
    "ธนาคาร",
    "สำนัก",
    "กรม",
    "กระทรวง",
    "องค์การ",
    "ถนน",
    "ตำบล",
    "อำเภอ",
    "จังหวัด",
    "วัด",
)


def _han(text: str) -> NameShape:
    g = gazetteer()
    if any(text[:n] in g.family for n in (2, 3)) and len(text) in (3, 4, 5):
        return NameShape(0.9, full=True)
    head = 2 if text[:2] in g.cjk_family else 1 if text[0] in g.cjk_family else 0
    rest = text[head:]
    if head and 1 <= len(rest) <= 2 and len(text) >= 2:
        return NameShape(0.95 if all(c in g.cjk_given for c in rest) else 0.75 if len(text) == 3 else 0.6, full=True)
    if len(text) == 1:
        return NameShape(0.7 if text in g.cjk_family or text in g.cjk_given else 0.1)
    if len(text) == 2 and (text in g.given or all(c in g.cjk_given for c in text)):
        return NameShape(0.8)
    return NameShape(0.7) if text in g.family else _NO_NAME


def city_score(value: str) -> float:
    """How much a value looks like the name of a town.

    >>> city_score("Hamburg"), city_score("New Andreatown") > .4, city_score("4711")
    (1.0, True, 0.0)
    """
    if len(value) > 40 or _NOT_NAME.search(value):
        return 0.0
    text = fold(value.strip())
    head = text.partition(",")[0]
    if text in COUNTRIES or text in PLAIN or text in CALENDAR:
        return 0.05
    g = gazetteer()
    if text in g.cities or head in g.cities:
        return 1.0
    if not text.isascii():
        return _city_elsewhere(text)
    words = re.split(r"[ -]+", head)
    if 1 < len(words) <= 4 and words[0].strip(".") in _CITY_START and words[-1] not in g.words:
        return 0.7
    if len(words[-1]) > 6 and len(words) <= 3 and words[-1].endswith(_CITY_SURE):
        return 0.8
    ending = len(words[-1]) > 5 and words[-1].endswith(_CITY_ENDING) and words[-1] not in g.words
    return 0.5 if ending and len(words) <= 3 else 0.1


def _city_elsewhere(text: str) -> float:
    """Towns in other scripts: the word for a town at either end, or the ending of one."""
    if text[-1] in "市县縣区區郡町村鎮鄉시군구읍":
        return 0.9
    if _SETTLEMENT.match(text):
        return 0.9
    return 0.6 if _CYRILLIC_TOWN.fullmatch(text) else 0.1


_SETTLEMENT = re.compile(
    r"(?:อำเภอ|เมือง|ตำบล|เทศบาล)|"
    r"(?:г|гор|город|д|дер|деревня|с|село|п|пос|поселок|пгт|к|ст|клх|м|місто|смт|град|τ\.? ?κ|δημος)\.? [^\W\d_]{3}"
)
_CYRILLIC_TOWN = re.compile(r"[^\W\d_-]{2,}(?:ск|град|город|бург|поль|ополь|ово|ево|ино|ыно|горск|ськ|цьк|піль|івка|овка|евка|ичи)")


STREET = (
    "street|st|avenue|ave|tce|av|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|circle|cir|place|pl|square|sq|terrace|"
    "ter|way|highway|hwy|parkway|pkwy|trail|trl|loop|alley|crescent|cres|close|"
    "row|walk|mews|gardens|gdns|grove|hill|rise|view|plaza|plz|pike|turnpike|expressway|freeway|fwy|route|rte|crossing|"
    "xing|path|run|point|pt|ridge|rdg|bend|cove|cv|bypass|esplanade|quay|wharf|"
    "causeway|heights|hts|manor|meadow|meadows|park|parade|pde|green|common|commons|junction|jct|landing|knoll|knolls|"
    "creek|glen|hollow|oval|estates|estate|villages|village|springs|spring|"
    "shores|shore|islands|island|isle|station|stream|summit|trace|track|tunnel|union|unions|valley|via|viaduct|vista|"
    "ville|wall|well|wells|fields|field|flat|flats|ford|fords|forest|forge|fork|forks|fort|"
    "garden|gateway|groves|harbor|harbors|haven|inlet|key|keys|lake|lakes|land|light|lights|lock|locks|lodge|mall|mill|"
    "mills|mission|motorway|mount|mountain|mountains|neck|orchard|overpass|pass|passage|pines|pine|"
    "plain|plains|port|ports|prairie|radial|ramp|ranch|rapid|rapids|rest|river|roads|rue|shoal|shoals|skyway|spur|spurs|"
    "squares|stravenue|streets|throughway|trafficway|trailer|underpass|brook|brooks|burg|burgs|"
    "center|centers|circles|cliff|cliffs|club|corner|corners|course|courts|coves|crest|crossroad|curve|dale|dam|divide|"
    "drives|extension|extensions|fall|falls|ferry|bluff|bluffs|bottom|branch|bridge|camp|canyon|cape|bayou|beach|annex|"
    "arcade|"
    "nagar|marg|chowk|ganj|path|road|salai|colony|sector|jalan|jln|lorong|drive"
)
_STREET_WORDS = frozenset(STREET.split("|"))
_DIGIT = re.compile(r"[0-9]")
_GERMANIC = (
    "straße|strasse|str|str.|weg|platz|allee|gasse|ring|damm|ufer|steig|chaussee|promenade|markt|graben|straat|laan|plein|"
    "kade|gracht|dreef|singel|burgwal|dijk|steeg|gatan|gata|vägen|väg|stigen|gränd|torget|backen|vej|gade|stræde|veien|vegen|"
    "allén|gate|katu|tie|kuja|polku|raitti|kaari|utca|út|ulice"
)
_ROMANCE = (
    "rue|avenue|av|av.|ctra|ctra.|carrera|cra|cra.|kr|cll|cll.|transversal|crta|crta.|pº|p.º|avd|avd.|urb|urb.|pza|pza.|bv|bv.|calz|calz.|priv.|rod.|boulevard|bd|chemin|place|impasse|allée|allee|quai|route|cours|square|sentier|passage|calle|c/|avenida|"
    "avda|avda.|paseo|plaza|pasaje|carrer|camino|glorieta|ronda|urbanizacion|urbanización|cuesta|rambla|via|vía|viale|piazza|"
    "piazzetta|corso|vicolo|largo|strada|borgo|contrada|canale|lungomare|stretto|incrocio|rotonda|rua|travessa|praça|praca|"
    "alameda|rodovia|estrada|ladeira|viela|condominio|condomínio|vila|jardim|parque|campo|favela|ul|ul.|ulica|al|al.|os|os.|"
    "plac|aleja|str.|bulevardul|calea|улица|ул|ул.|проспект|переулок|бульвар|площадь|набережная|шоссе|аллея|проезд|тупик|парк|"
    "сквер|вулиця|площа|провулок|узвіз|набережна|шосе|алея|майдан|пр|пр.|пер|пер.|бул|бул.|наб|наб.|ш.|алл|алл.|вул|вул.|"
    "δρόμος|οδός|λεωφόρος|jl|jl.|jalan|gg|gg.|gang|cd.|sk.|sokak|cadde|caddesi|mah|mah.|mahallesi|mahallesi.|eje vial|"
    "circuito|privada|prolongacion|prolongación|call.|pl.|aleea|soseaua|șoseaua|intrarea|drumul|splaiul|piata|piața|piaţa|"
    "nucleo|núcleo|residencial|loteamento|conjunto|quadra|setor|beco|đường|phố|hẻm|ngõ|оδός|οδος|λεωφ|λεωφ.|רחוב|שדרות|שד'|"
    "شارع|طريق|حي|ถนน|ซอย|callejon|callejón|retorno|diagonal|andador|corredor|periférico|continuacion|continuación|calzada|"
    "viaducto|cerrada"
)
GERMANIC, ROMANCE = tuple(_GERMANIC.split("|")), _set(_ROMANCE)
"""How words end that are streets in the north, and words that begin streets in the south."""
_NUMBER = re.compile(r"(?<![\w.,])[0-9]{1,6}(?:[-/][0-9]{1,4})?[a-zA-Z]?(?![\w%€$]|\.[0-9]{4})")
_WORD_BEFORE = re.compile(r"[^\s,;:()\"]+")
COMPASS = _set("n|s|e|w|n.|s.|e.|w.|ne|nw|se|sw|north|south|east|west")
BOX = re.compile(
    r"(?:p\.?\s?o\.?\s?box\s?#?|postfach|apartado|casella postale|bo[iî]te postale|bp|caixa postal|postbus|h\.? ?no\.?|"
    r"(?:flat|plot|door|house|block|blk)(?:\sno\.?)?)\s?[0-9]{1,7}|"
    r"(?:psc|cmr|unit|usns|uss)\s[\w ]{1,14},?\s(?:box\s[0-9]{1,6}|f?p?o?\s?(?:ap|aa|ae)\b)|(?:apo|fpo|dpo)\s(?:ap|aa|ae)\s[0-9]{5}",
    re.IGNORECASE,
)
_BOX_HINT = _set(
    "box|postfach|apartado|postale|bp|postal|postbus|no|no.|h.no.|hno|flat|plot|door|house|block|blk|psc|cmr|unit|usns|uss|ap|aa|ae|#"
)
_EASTERN_ADDRESS = re.compile(
    r"[\u4e00-\u9fff]{1,8}[省市区县州][\u4e00-\u9fffA-Za-z0-9]{1,24}[路街道巷弄号號座楼樓室村镇鎮幢栋]|"
    r"[\u4e00-\u9fff]{1,8}[路街道巷弄][\u4e00-\u9fffA-Za-z0-9]{0,10}[号號座楼樓室栋幢]|"
    r"[\u4e00-\u9fff]{2,4}[都道府県][\u3040-\u30ff\u4e00-\u9fff]{1,12}[市区町村郡][\u3040-\u30ff\u4e00-\u9fff0-9０-９-]{0,24}|"
    r"(?:ถนน|ซอย|แขวง|ตำบล|[ถซต]\.) ?[\u0e01-\u0e4e]{2,24}|"
    r"(?:[Pp]hố|[Đđ]ường|[Hh]ẻm|[Nn]gõ|[Kk]hu|[Kk]hóm|[Pp]hường|[Xx]ã|[Qq]uận|[Hh]uyện) [0-9A-ZĐ][^\W_]{0,7}(?: [A-ZĐ][^\W\d_]{1,7}){0,3}|"
    r"[\uac00-\ud7a3]{2,8}[시도]\s?[\uac00-\ud7a3]{1,6}[시군구]\s?[\uac00-\ud7a30-9]{1,12}[로길동읍면가]|"
    r"[\uac00-\ud7a3]{1,7}[시군구] [\uac00-\ud7a30-9]{1,10}[로길] ?[0-9]{1,4}(?:-[0-9]{1,3})?|"
    r"[\u3400-\u9fff]{1,5}[市区町村郡][\u3040-\u30ff\u3400-\u9fff]{1,10}[0-9０-９]{1,4}(?:[-－−][0-9０-９]{1,4}){1,3}"
)
_ONE_WORD = re.compile(r"[^\W_][\w.'’-]{0,45}")
_LINKS = _set("de|di|do|du|des|dei|del|della|dello|la|le|les|los|las|da|das|dos|van|von|der|den|het|e|y|et|l'|d'")


STREETS_APART = _set(
    "utca|út|tér|körút|köz|sor|park|ulice|náměstí|třída|street|ulica|trg|cesta|tänav|iela|gatvė|gatve|sokak|sokağı|caddesi|cad.|sok.|mah.|"
    "bulvarı|mahallesi|meydanı"
)
_NUMBER_WORDS = _set("nr|nr.|num|num.|numero|n.|n°|nº|č.p.|д.|д|буд.|буд|дом|br.|km")


def address_word(word: str) -> bool:
    """Whether a word written small is one that stands in addresses (``rue``, ``nr``)."""
    return word in _NUMBER_WORDS or word in ("кв", "этаж", "sc", "bl", "ap") or _street_kind(word) != ""


def names_street(text: str) -> bool:
    """Whether one of the words, other than of a box or flat, is one that streets are called by.

    >>> names_street("12 Maple Ave"), names_street("BP 120/80")
    (True, False)
    """
    told = any(fold(w).rstrip(".") in _STREET_WORDS or _street_kind(w) != "" for w in _WORD_BEFORE.findall(text))
    return told or (not text.isascii() and _EASTERN_ADDRESS.search(text) is not None)


_MAY_END = _BOX_HINT | _LINKS | STREETS_APART | _NUMBER_WORDS


@functools.lru_cache(maxsize=16_384)
def _street_kind(word: str) -> str:
    """``germanic`` for Lindenstraße, ``romance`` for Rue, nothing for other words."""
    lower = word.lower()
    if word[0].isupper() and lower.endswith(GERMANIC) and _ONE_WORD.fullmatch(word):
        return "germanic"
    return "romance" if lower in ROMANCE else ""


def address_spans(text: str) -> list[tuple[int, int]]:
    """Where postal addresses stand, read from their house or box numbers outwards; towns behind them are not included.

    >>> [("ship to Lindenstraße 7, or 12 High Street now")[a:b] for a, b in address_spans("ship to Lindenstraße 7, or 12 High Street now")]
    ['Lindenstraße 7', '12 High Street']
    """
    found: list[tuple[int, int]] = []
    for start, end in _numbers_near_streets(text):
        span = _around(text, start, end)
        if span is not None:
            if found and span[0] < found[-1][1]:
                span = (min(span[0], found[-1][0]), max(span[1], found[-1][1]))
                found.pop()
            found.append(span)
    if "#" in text:
        found += [m.span() for m in _GRID.finditer(text) if not any(a < m.end() and m.start() < b for a, b in found)]
    if not text.isascii():
        found += [m.span() for m in _EASTERN_ADDRESS.finditer(text)]
    return found


_GRID = re.compile(
    r"\b(?:calle|cll?|carrera|cra?|kr|diagonal|dg|transversal|tr|tv|avenida|av|circular)\b\.? ?"
    r"[\w., ]{1,24}# ?[0-9]{1,3}[a-z]{0,2}(?: bis)? ?- ?[0-9]{1,3}"
    r"(?: (?:sur|norte|este|oeste)\b)?",
    re.IGNORECASE,
)
"""A house by the streets that cross there, as Colombia numbers them (Cra 7 # 45-10)."""


def _numbers_near_streets(text: str) -> list[tuple[int, int]]:
    """Where numbers stand that may be those of houses: a word that tells of a street is near."""
    numbers = [m.span() for m in _NUMBER.finditer(text)]
    if not numbers or not any(map(_tells_of_street, _WORD_BEFORE.findall(text))):
        return []
    if len(text) <= _BEFORE:
        return numbers
    telling = [m.start() for m in _WORD_BEFORE.finditer(text) if _tells_of_street(m.group())]
    return [(start, end) for start, end in numbers if any(start - _BEFORE <= t <= end + _BEHIND for t in telling)]


_BEFORE = 72
"""So many characters before a house number are read …"""
_BEHIND = 120
"""… and so many behind it."""


@functools.lru_cache(maxsize=65_536)
def _tells_of_street(word: str) -> bool:
    """Whether a word is one from which a street or box can be known."""
    lower = word.lower()
    return lower in _MAY_END or lower in COMPASS or fold(word).rstrip(".") in _STREET_WORDS or _street_kind(word) != ""


def _around(text: str, start: int, end: int) -> tuple[int, int] | None:
    behind = _street_behind(text, end)
    left = _street_before(text, start) if start else None
    if not behind and left is None:
        return None
    return (start if left is None else left[0], max(end if left is None else left[1], behind))


def _street_behind(text: str, end: int) -> int:
    """Where a street that follows its number ends (12 High Street, 48, rue de Lyon), or 0."""
    after = text[end : end + 2].lstrip(",")
    if not after.startswith((" ", "\n")):
        return 0
    words = list(itertools.islice(_WORD_BEFORE.finditer(text, end + 1, min(len(text), end + _BEHIND)), 7))
    if not words or words[0].start() - end > 3:
        return 0
    if _street_kind(words[0].group()) == "romance" and len(words) > 1:
        return _named_street(text, words)
    if words[0].group().lower() in COMPASS and len(words) > 1 and not words[1].group()[0].islower():
        return words[1].end()
    for i, word in enumerate(words):
        if not word.group()[0].isalpha() or (i and text[words[i - 1].end() : word.start()] not in (" ", "\n")):
            return 0
        if fold(word.group()).rstrip(".") in _STREET_WORDS:
            return 0 if i and words[i - 1].group() in _FUNCTION_WORDS else _numbered_road(text, word)
    return 0


def _numbered_road(text: str, word: re.Match[str]) -> int:
    """The end of a street, with the number behind it where roads have one (County Rd 12)."""
    found = _ROAD_NUMBER.match(text, word.end()) if word.group().lower().rstrip(".") in _NUMBERED_ROADS else None
    return found.end() if found else word.end()


_NUMBERED_ROADS = _set("rd|road|hwy|highway|rte|route")
_ROAD_NUMBER = re.compile(r" [0-9]{1,4}(?![\w-])")


_FUNCTION_WORDS = _set("of|by|to|from|with|for|at|in|on|and|per|as")
"""No street is called so before its last word: what follows them is a doctor, a saint or no street at all."""


def _named_street(text: str, words: list[re.Match[str]]) -> int:
    """The end of a street whose kind comes first: link words, then capitalised ones."""
    end = 0
    for before, word in itertools.pairwise(words):
        piece = word.group()
        if text[before.end() : word.start()] not in (" ", ", ", ",") or not (piece[0].isupper() or piece.lower() in _LINKS):
            break
        end = word.end() if piece[0].isupper() else end
    return end


def _street_before(text: str, start: int) -> tuple[int, int] | None:
    """The street, box or house word that a number belongs to, with the words between."""
    low, end = max(0, start - _BEFORE), _number_end(text, start)
    last = text[low:start].rstrip().rpartition(" ")[2]
    if last.isalpha() and last.islower() and last not in _MAY_END:
        return None  # most numbers follow an ordinary word
    before = list(_WORD_BEFORE.finditer(text, low, start))[-8:]
    while before and _number_word([m.group().lower() for m in before[-2:]]):
        start = before.pop().start()
    if not before or start - before[-1].end() > 2:
        return None
    last = before[-1].group()
    if last.lower() == "bp" and "/" in text[start:end]:
        return None  # blood pressure rather than boîte postale
    if last.lower() in _BOX_HINT:
        return next(
            (m.span() for m in BOX.finditer(text, low, min(len(text), end + 24)) if m.start() <= before[-1].start() and m.end() >= start),
            None,
        )
    apart = len(before) > 1 and last.lower() in STREETS_APART and before[-2].group()[0].isupper()
    if apart or _street_kind(last) == "germanic":
        return _leftwards(text, before), end
    for i in range(len(before) - 1, -1, -1):
        word = before[i].group()
        if _street_kind(word) == "romance" and i < len(before) - 1:
            return before[i].start(), end
        if not (word[0].isupper() or word.lower() in _LINKS):
            return None
    return None


def _number_word(words: list[str]) -> bool:
    """Whether the last word only says that a number follows."""
    return words[-1] in _NUMBER_WORDS or (words[-1] in ("no", "no.") and words[0] in STREETS_APART)


def _number_end(text: str, start: int) -> int:
    found = _NUMBER.match(text, start)
    return found.end() if found else start


def _leftwards(text: str, words: list[re.Match[str]]) -> int:
    """The start of a street name: capitalised words joined by one blank or dash."""
    start = words[-1].start()
    for word in reversed(words[:-1]):
        joined = text[word.end() : start] == " "
        if not joined or not word.group()[0].isupper() or fold(word.group()) in ("please", "the", "an", "nach", "at"):
            break
        start = word.start()
    return start


_NUMBER_FIRST = re.compile(r"^[0-9]{1,6}(?:[-/][0-9]{1,4})?[a-zA-Z]?,?\s+(?:[NSEW]\.?\s)?[^\W\d_][\w.'’-]+(?:\s[\w.'’-]+){0,6}(?:,.*)?$")
NUMBER_LAST = re.compile(r"^[^\W\d_][\w.'’ -]{3,60},?\s[0-9]{1,5}\s?[a-zA-Z]?(?:[-/][0-9]{1,4})?(?:,.*)?$")
_POSTAL_INSIDE = re.compile(
    r"\b(?:[0-9]{4,6}|[0-9]{3} [0-9]{2}|[0-9]{2}-[0-9]{3}|[0-9]{5}-[0-9]{3})\b,?\s+[^\W\d_]{3,}|"
    r"[^\W\d_]{3,}.{0,20}\b[0-9]{3}[ -][0-9]{2,3}$|"
    r"[^\W\d_]{3,}.{0,20}\b[0-9]{5}(?:-[0-9]{4})?$|\b[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}$"
)
_STREET_ONLY = re.compile(rf"^(?:[NSEW]\.?\s)?(?:[\w.'’-]+\s){{1,4}}(?:{STREET})\.?(?:\s[NSEW]{{1,2}})?$", re.IGNORECASE)
_MEASURE = re.compile(r"\b(?:mm|cm|km|kg|mg|ml|gb|mb|inch|pcs|units?|hours?|days?|weeks?|months?|years?|percent|pack|oz|lbs?)\b|[%$€£]")


@functools.lru_cache(maxsize=32_768)
def address_score(value: str) -> float:
    """How much a value looks like a postal address.

    >>> address_score("12 High Street"), address_score("Lindenstraße 7, 10969 Berlin"), address_score("billing")
    (1.0, 1.0, 0.0)
    """
    text = value.strip()
    if not 4 <= len(text) <= 250 or "@" in text or "://" in text:
        return 0.0
    if not _DIGIT.search(text):
        if _bare_street(text):
            return 0.55
        if text.isascii() and not any(fold(w).strip(".") in _STREET_WORDS for w in text.split()[-2:]):
            return 0.0
    if " " not in text and text.isascii():
        return 0.0
    covered = sum(b - a for a, b in address_spans(text))
    if covered >= 0.25 * len(text):
        return 1.0
    if ("," in text or "\n" in text) and _POSTAL_INSIDE.search(text):
        return 0.8
    score = _unmarked(text)
    return 0.0 if score and _MEASURE.search(text.lower()) else score


def _unmarked(text: str) -> float:
    """An address that nothing but the order of words and numbers tells."""
    if _NUMBER_FIRST.match(text):
        return _numbered_name(text)
    if any(w.lower().rstrip(".") in _STREET_WORDS for w in text.split()[-2:]) and _STREET_ONLY.match(text):
        return 0.55
    return 0.45 if NUMBER_LAST.match(text) else 0.0


STREET_TAILS = (
    *(
        "straße",
        "strasse",
        "weg",
        "platz",
        "allee",
        "gasse",
        "damm",
        "ufer",
        "chaussee",
        "straat",
        "laan",
        "plein",
        "kade",
        "gracht",
        "singel",
    ),
    *("gatan", "vägen", "katu"),
)
_SHORT_KINDS = _set("av|bd|c/|ul")


def _bare_street(text: str) -> bool:
    """A street without a house number: its kind first (rue Fleury), or grown to the name (Sonnenallee, Danziger Straße)."""
    head, _, name = text.partition(" ")
    if (
        (len(head) > 2 or head.lower() in _SHORT_KINDS)
        and name[:1].isalpha()
        and name[-1].isalpha()
        and len(text) < 60
        and _street_kind(head) == "romance"
    ):
        return True
    return 6 < len(text) < 50 and text[0].isalpha() and text.lower().endswith(STREET_TAILS)


def _numbered_name(text: str) -> float:
    """A number with words behind: a house before its street, unless a date, a padded code, a firm or a single word says otherwise."""
    number, _, rest = text.partition(" ")
    found = [fold(w) for w in rest.split()]
    if found[0].strip(".,") in CALENDAR or found[-1].strip(".,") in _LEGAL_FORMS:
        return 0.0
    return 0.45 if number[0] == "0" or len(found) == 1 else 0.7


_LEGAL_FORMS = _set("inc|llc|ltd|limited|corp|gmbh|ag|kg|sa|sas|sarl|srl|spa|bv|nv|plc|oy|ab|as|aps|ltda|kft|lda|doo")
_MEDICAL_ENDING = _endings(
    "itis|osis|emia|aemia|oma|pathy|algia|uria|plegia|phrenia|sclerosis|penia|trophy|rrhea|rrhoea|ectomy|plasia|"
    "statin|pril|sartan|olol|dipine|azole|"
    "cillin|mycin|floxacin|cycline|prazole|tidine|gliptin|gliflozin|formin|glitazone|setron|triptan|zepam|zolam|oxetine|"
    "traline|pram|faxine|piprazole|apine|idone|"
    "barbital|caine|mab|nib|vir|vudine|parin|xaban|gatran|grel|thiazide|semide|lukast|terol|solone|onide|tropium|thyroxine|"
    "profen|oxicam|coxib|codone|morphone|"
    "fentanil|dronate|zide|gabalin|bapentin|racetam|trigine|zepine|quine|sulin|phylline"
)
_MEDICAL_WORDS = _set(
    "diabetes|diabetic|cancer|carcinoma|tumor|tumour|asthma|hypertension|depression|depressive|anxiety|bipolar|epilepsy|"
    "hiv|aids|copd|disease|disorder|syndrome|infection|"
    "influenza|covid|covid-19|stroke|allergy|fracture|pregnant|pregnancy|obesity|dementia|migraine|insomnia|autism|"
    "adhd|ptsd|deficiency|kidney|cardiac|renal|hepatic|"
    "pulmonary|chronic|parkinson's|alzheimer's|parkinson|alzheimer|hepatitis|krebs|krankheit|bluthochdruck|maladie|"
    "enfermedad|malattia|doença|ziekte|diabète|cancer|"
    "aspirin|paracetamol|acetaminophen|ibuprofen|insulin|warfarin|digoxin|lithium|morphine|tramadol|prednisone|metformin|"
    "levothyroxine|prednisolone|methylprednisolone"
)
_MEDICAL_STEM = re.compile(
    r"(?:(?:hyper|hiper|iper|hypo|hipo)t(?:ens|onie|onia|yreo|hyr|iroid)|verenpain|nadci[sś]n|diab[eè]t|diyabet|cukrzyc|sockersj|asthm|astım|astm|"
    r"bronch|bronq|bronşit|pneumon|neumon|migr(?:aine|aña|än|en)|emicran|enxaqueca|d[ée]pr[eé]ss?[iy]|masennus|epilep|padacz|schizo|"
    r"an[eé]mi|anaemi|arthr[io]|artr[io][tszc]|nowotw|rakovin|c[aá]ncer|kanser|[ck]ar[cz]in|karzin|leuk(?:[aä]?em|oz)|lymphom|onkolog|"
    r"hepatit|gastrit|gastroen|insuff|niewydoln|herzin|[ck]ardiop|[ck]ardiom|miokard|tubercul|gruźlic|dement|demen[cz]|parkinson|"
    r"alzheimer|al+ergi|psoria|soriasis|e[kc]zem|egzem|osteopor|s[kc]leroz|s[kc]lerosi|obesi|obezit|adipos|"
    r"диабет|сахарн|астм|гиперт|мигрен|депресс|депрес|эпилеп|епілеп|гастрит|бронхит|анеми|онколог|артри|артро|"
    r"διαβητ|διαβήτ|ασθμα|άσθμα|υπερτασ|υπέρτασ|ημικραν|κατάθλιψ|επιληψ)[^\W\d_]*"
)
"""Stems that the languages of Europe borrowed from Greek and Latin, with the most common words of their own."""
_NOT_MEDICAL = _set(
    "diploma|aroma|oklahoma|tacoma|roma|coma|idaho|program|telegram|instagram|roger|prom|paloma|sonoma|glaucoma-free|"
    "caroline|april|elvir|vladimir|elzide|program|pram|marine|cuisine"
)
_EASTERN_MEDICAL = re.compile(
    r"糖尿病|癌|高血[压壓圧]|哮喘|喘息|[氣气]喘|抑郁|憂鬱|鬱症|うつ|肿瘤|腫瘤|腫瘍|潰瘍|溃疡|[頭头]痛|骨折|炎|病|症$|"
    r"당뇨|고혈압|천식|두통|우울|위염|폐렴|골절|질환|증후군|سكري|ضغط الدم|ربو|صداع|اكتئاب|صرع|فقر الدم|"
    r"סוכרת|אסתמה|לחץ דם|מיגרנה|דיכאון|אפילפסיה|"
    r"เบาหวาน|ความดัน|หอบหืด|ไมเกรน|ซึมเศร้า"
)


@functools.lru_cache(maxsize=32_768)
def _medical_word(word: str) -> bool:
    text = word.strip('.,;:()[]"')
    if len(text) < 4 or text in _NOT_MEDICAL:
        return False
    return (
        text in _MEDICAL_WORDS
        or (len(text) > 5 and text[2:].endswith(_MEDICAL_ENDING))
        or (len(text) > 4 and _MEDICAL_STEM.fullmatch(text) is not None)
    )


@functools.lru_cache(maxsize=16_384)
def health_score(value: str) -> float:
    """How much a value looks like a diagnosis or a medicine.

    >>> health_score("type 2 diabetes"), health_score("atorvastatin 20 mg"), health_score("Finance")
    (1.0, 1.0, 0.0)
    """
    if len(value) > 120:
        return 0.0
    if not value.isascii() and _EASTERN_MEDICAL.search(value):
        return 1.0
    return float(any(map(_medical_word, value.lower().split())))


ICD10 = re.compile(r"[A-TV-Z][0-9][0-9AB](?:\.?[0-9A-TV-Z]{1,4})?")
COMMON_ICD = words(
    "A09 A41 A49 B18 B20 B34 B35 C18 C34 C43 C44 C50 C61 C67 C73 C78 C79 C90 D12 D50 D64 D69 E03 E05 E10 E11 E55 E66 "
    "E78 E86 E87 F03 F10 F17 F20 F31 F32 F33 F41 F43 F84 F90 G20 G30 G35 G40 G43 G47 G56 G62 G89 "
    "H10 H25 H26 H35 H40 H52 H65 H66 H90 I10 I11 I12 I13 I20 I21 I25 I26 I48 I50 I63 I64 I70 I73 I80 I83 I87 J00 J01 "
    "J02 J03 J06 J10 J11 J18 J20 J30 J32 J40 J44 J45 J96 K21 K25 K29 K35 K40 K50 K51 K52 K57 K58 K59 K70 "
    "K74 K80 K92 L02 L03 L20 L30 L40 L50 L70 M05 M06 M10 M15 M16 M17 M19 M25 M47 M48 M51 M54 M62 M75 M79 M81 N17 N18 "
    "N20 N30 N39 N40 N76 N80 N92 O24 O80 O82 P07 Q21 Q90 R00 R05 R06 R07 R10 R11 R42 R50 R51 R53 R55 S06 "
    "S52 S72 S82 S93 T78 T81 U07 Z00 Z01 Z12 Z20 Z21 Z23 Z34 Z38 Z51 Z71 Z76 Z79 Z85 Z86 Z87 Z94 Z95 Z96 Z99"
)
