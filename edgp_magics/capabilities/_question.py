"""What a question in plain words asks for: the kind of answer, and the laws, places and things it names."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["time", "date", "money", "amount", "formula", "list", "steps", "plain"]

WORD = re.compile(r"\d+(?:[.\-/]\d+)+|[^\W_]+(?:['’][^\W_]+)*")
_SAYS_NOTHING = """
a about after all also an and any are as at be been but by can could did do does for from get give had has have how i if in into is it its
know long may me mean means must my need no not of on or our over please said say says shall should so some such tell than that
the their them then there these they this those to under was we were what when where which who whom whose why will with would you your
"""
_EMPTY = frozenset(_SAYS_NOTHING.split())

_KINDS: tuple[tuple[Kind, str], ...] = (
    ("formula", r"\bformulas?\b|\bhow (?:do|can|should) (?:i|we|you) (?:compute|calculate)\b|\bhow is\b.*\b(?:computed|calculated)\b"),
    ("steps", r"\bstep by step\b|\bsteps\b|^how (?:to|do i|do we|can i|can we|should i|should we|does one)\b|\bprocedure for\b"),
    ("money", r"\b(?:fines?|penalt\w+|costs?)\b"),
    ("amount", r"\bhow (?:much|many|large|big|high|small)\b|\b(?:maximum|minimum|thresholds?|limits?)\b"),
    ("amount", r"\b(?:what|which) (?:k|l|t|epsilon|age|size|share|percentage|value|number|psi)\b"),
    ("time", r"\bhow (?:long|often|soon|quickly|frequently|late|old)\b|\bhow many (?:hours|days|weeks|months|years)\b|\bdeadlines?\b"),
    ("time", r"\b(?:retention|notice|notification|storage|keeping) periods?\b|\bcadence\b|\bwithin what\b|\btime limits?\b"),
    ("time", r"^(?:by )?when (?:must|should|shall|do (?:i|we) have to)\b"),
    ("time", r"^when (?:are|is)\b.*\b(?:deleted|erased|notified|answered|reviewed|due)\b"),
    (
        "date",
        r"^(?:since |from |until )?when (?:do|does|did|will|is|are|was|were)\b.*\b(?:appl(?:y|ies)|force|start|begin|effective|adopted)\b",
    ),
    ("date", r"\b(?:effective|application|start(?:ing)?) dates?\b|\bwhat date\b|\bsince when\b"),
    ("list", r"\b(?:list|name|enumerate)\b|\b(?:what|which) are\b|\b(?:contain|include|consist of)\b"),
    ("list", r"^(?:what|which) (?!(?:is|does|was|has|this)\b)\w*[^\Ws]s\b"),
)
"""Read in order, except that a question on days or years asks for a time before it asks for a number."""
_FORM = re.compile(
    r"\b(?:step by step|steps?|formulas?|list|deadlines?|maximum|minimum|thresholds?|values?|within|many|much|often|soon"
    r"|hours|days|weeks|months|years|apply|applies|compute|calculate|choose|cadence)\b",
    re.I,
)
"""Words that say what the answer should look like rather than what it is about."""

_LAWS = (
    "gdpr|dsgvo|general data protection regulation|2016/679",
    "ccpa|cpra|california consumer privacy act|1798",
    "hipaa|health insurance portability",
    "pci dss|pci",
    "sox|sarbanes oxley",
    "lgpd|lei geral|13.709",
    "pdpa|personal data protection act",
    "ai act|artificial intelligence act|2024/1689",
    "bcbs|bcbs 239|basel",
    "iso 27001|27001",
    "nis2|nis 2|2022/2555",
    "dora|2022/2554|digital operational resilience",
)
_PLACES = (
    "EU:eu|eea|europe|european union|european", "UK:uk|united kingdom|britain|british|england", "US:united states|usa|u.s|american|america",
    "DE:germany|german", "FR:france|french", "NL:netherlands|dutch|holland", "AT:austria|austrian", "ES:spain|spanish",
    "IT:italy|italian", "PT:portugal|portuguese", "BE:belgium|belgian", "IE:ireland|irish", "CH:switzerland|swiss", "PL:poland|polish",
    "SE:sweden|swedish", "DK:denmark|danish", "NO:norway|norwegian", "FI:finland|finnish", "GR:greece|greek", "CZ:czechia|czech",
    "HU:hungary|hungarian", "RO:romania|romanian", "LU:luxembourg", "RU:russia|russian", "UA:ukraine|ukrainian", "TR:turkey|turkish",
    "BR:brazil|brazilian", "MX:mexico|mexican", "AR:argentina|argentine|argentinian", "CL:chile|chilean", "CO:colombia|colombian",
    "CA:canada|canadian|quebec", "SG:singapore|singaporean", "CN:china|chinese|prc", "HK:hong kong", "TW:taiwan|taiwanese",
    "JP:japan|japanese", "KR:korea|korean", "IN:india|indian", "ID:indonesia|indonesian", "MY:malaysia|malaysian", "TH:thailand|thai",
    "VN:vietnam|vietnamese", "PH:philippines|philippine", "AU:australia|australian", "NZ:new zealand", "IL:israel|israeli",
    "AE:uae|emirates|emirati|dubai", "SA:saudi arabia|saudi", "ZA:south africa|south african", "NG:nigeria|nigerian", "KE:kenya|kenyan",
    "EG:egypt|egyptian", "US-CA:california|californian", "US-NY:new york", "US-TX:texas|texan", "US-VA:virginia", "US-CO:colorado",
)  # fmt: skip
"""Code and names of places a question may be about; what is named has to be in the answer."""
_CLAUSE = re.compile(
    r"\b(?:arts?|articles?|sec|sections?|req|reqs|requirements?|principles?|recitals?|rules?|annex|clauses?)\b\.?\s*(\d[\d.]*|[IVX]+\b)|§+\s*(\d[\d.]*)"
    r"|(?<![\w./])(\d+(?:\.\d+){2,}|\d{3,}\.\d+)(?![\w/])",
    re.I,
)
_ACRONYM = re.compile(r"(?<![\w-])(?=[A-Z0-9-]*[A-Z][A-Z0-9-]*[A-Z])[A-Z][A-Z0-9]+(?:-\d+)?(?=s?\b)")
_PROPER = re.compile(r"(?<=[\w,;:)] )(?<![.!?] )[A-Z][a-zß-ÿ]{2,}")
_NO_NAME = frozenset(
    "art arts article articles section sections act regulation directive law rule requirement principle recital annex chapter part".split()  # noqa: SIM905
)
_IZE = re.compile(r"(\w{3,})iz(e|ed|es|er|ers|ing|ation|ations)$")
_SAME = (
    "keep kept retain retained retention store stored storage",
    "delete deleted erase erased erasure deletion",
    "notify notified notice notification",
    "fine fines penalty penalties",
    "dead deceased died",
    "firm company companies organisation",
    "customer customers client clients",
    "measure measured measurement",
    "contain contains content contents",
)
_PLAIN = re.compile(r"[^\w./]+")


@dataclass(frozen=True)
class Name:
    """Something a question names, as it writes it: any of ``words`` in a text says it, and so does the place ``code`` of a document."""

    said: str
    words: tuple[str, ...]
    code: str = ""
    acronym: bool = False

    def within(self, text: str) -> bool:
        """Whether a :func:`flat` text names it, an acronym also by the words it stands for."""
        if _in(self.words, text):
            return True
        return self.acronym and (f" {self.words[0]}" in text or _spelled_out(self.words[0], text))

    def of(self, metadata: Mapping[str, Any]) -> bool:
        """Whether a document with this metadata is of this place, and of no other."""
        places = metadata.get("jurisdiction")
        return bool(self.code) and places in (self.code, [self.code], (self.code,))


@dataclass(frozen=True)
class Question:
    """A question read: its kind, the stems of what it is about, what it names, and those clause numbers."""

    text: str
    kind: Kind
    stems: tuple[str, ...]
    names: tuple[Name, ...]
    clauses: tuple[str, ...]


def read_question(text: str) -> Question:
    """Kind and names of a question.

    >>> read = read_question("How long must tax records be kept in Italy?")
    >>> read.kind, [name.said for name in read.names], read.stems
    ('time', ['Italy'], ('tax', 'record', 'keep'))
    """
    names, said = _names(text)
    clauses = tuple(dict.fromkeys(next(filter(None, m.groups())).lower().rstrip(".") for m in _CLAUSE.finditer(text)))
    kind = _kind(text)
    about = _FORM.sub(" ", text) if kind != "plain" else text
    left_out = said.union(clauses, _CLAUSE_WORDS if clauses else ())
    wanted = [s for s in dict.fromkeys(stems(about)) if s not in left_out]
    return Question(text, kind, tuple(wanted), names, clauses)


def _kind(text: str) -> Kind:
    low = " ".join(text.lower().split())
    found = [kind for kind, pattern in _KINDS if re.search(pattern, low)]
    return "time" if "time" in found and "steps" not in found else found[0] if found else "plain"


def _names(text: str) -> tuple[tuple[Name, ...], frozenset[str]]:
    """What the question names, and the stems that are said by it."""
    low = flat(text)
    names = [Name(_shown(words, text), words) for words in map(_split, _LAWS) if _in(words, low)]
    names += [Name(_shown(words, text), words, code) for code, words in _places() if _in(words, low)]
    if re.search(r"\bUS\b", text):
        names.append(Name("US", ("united states", "us", "u.s"), "US"))
    known = {word for name in names for phrase in name.words for word in phrase.split()}
    for acronym in dict.fromkeys(_ACRONYM.findall(text)):
        if len(acronym) > 2 and acronym.lower() not in known:
            names.append(Name(acronym, (flat(acronym).strip(),), acronym=True))
    names += [Name(word, (word.lower(),)) for word in _proper(text) if word.lower() not in known]
    spoken = [phrase for name in names for phrase in name.words if _in((phrase,), low)]
    return tuple(names), frozenset(stem(w) for phrase in spoken for w in WORD.findall(phrase))


def _in(words: Iterable[str], text: str) -> bool:
    return any(f" {word} " in text or f" {word}s " in text for word in words)


def _shown(words: Iterable[str], text: str) -> str:
    """The words as the question writes them."""
    found = re.search("|".join(rf"\b{re.escape(word)}s?\b" for word in words), text, re.I)
    return found.group() if found else next(iter(words))


def _proper(text: str) -> list[str]:
    """Names of people and things: capitalised inside the sentence, unless most of the words are."""
    words = re.findall(r"[^\W\d_]{3,}", text)
    found = _PROPER.findall(text)
    if len(found) > 0.5 * max(1, len(words) - 1):
        return []
    return [w for w in dict.fromkeys(found) if w.lower() not in _NO_NAME and w.lower() not in _EMPTY]


def _spelled_out(acronym: str, text: str) -> bool:
    """Whether words whose initials make the acronym follow each other."""
    return len(acronym) > 2 and re.search(r" " + r" ".join(rf"{re.escape(c)}[^ ]*" for c in acronym) + r"(?= )", text) is not None


def flat(text: str) -> str:
    """Lower case with single spaces, so that `` word `` finds a whole word.

    >>> flat("GDPR Art. 12(3)")
    ' gdpr art 12 3 '
    """
    return f" {' '.join(part.strip('./') for part in _PLAIN.split(text.lower()) if part.strip('./'))} "


def stems(text: str) -> list[str]:
    """The stems of the words that say something, in order."""
    return [stem(word) for word in WORD.findall(text.lower()) if word not in _EMPTY]


@functools.lru_cache(maxsize=2_000)
def all_stems(text: str) -> frozenset[str]:
    """The stems of a text as a set."""
    return frozenset(stems(text))


@functools.lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of an English word in lower case; spellings and words that mean the same in these matters share one.

    >>> stem("authorization") == stem("authorisation"), stem("retained") == stem("kept")
    (True, True)
    """
    found = str(_stemmer().stemWord(_IZE.sub(r"\1is\2", word)))
    return _same().get(found, found)


@functools.cache
def _same() -> Mapping[str, str]:
    """The first word of its group for each stem of a word with companions."""
    stemmer = _stemmer()
    return {stemmer.stemWord(word): stemmer.stemWord(group[0]) for group in map(str.split, _SAME) for word in group}


@functools.cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english", 0)


@functools.cache
def _places() -> tuple[tuple[str, tuple[str, ...]], ...]:
    pairs = (entry.split(":", 1) for entry in _PLACES)
    return tuple((code, _split(words)) for code, words in pairs)


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split("|"))


def _stemmed(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(stem, words))


_CLAUSE_WORDS = _stemmed(_NO_NAME)

__all__ = ["WORD", "Kind", "Name", "Question", "all_stems", "flat", "read_question", "stem", "stems"]
