"""The statements of a passage: its sentences, rows and lists, and whether one has what a kind of question asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ._question import Kind

_SENTENCE = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9§])|\n\s*\n|\n(?=\s*(?:[-*|+]|\d+[.)])\s?)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:arts?|no|nos|secs?|paras?|cf|vs|e\.g|i\.e|approx|ca|regs?|reqs?|dr|st|inc|ltd|fig|vol|ed|al)|(?<![\w.] )\b[A-Z])\.$",
    re.I,
)
_NUMERAL = re.compile(
    r"\b(?:annex|part|chapter|title|appendix|schedule|book|section|item|class|group|point|table|tier|type|level)\s+[A-Z]\.$", re.I
)
"""A single letter that numbers a part ends a sentence, where the initial of a name does not."""
_RULE = re.compile(r"[\s|:\-=]+")
_ITEM = re.compile(r"(?:^|(?<=\n)|(?<=[.;:?!)] ))\s*(\d{1,2})[.)]?[ \t]+(?=[A-Z§])")
_MARK = re.compile(r"(?:^|[:;])\s*\d{1,2}[.)]\s*$")
_ASIDE = re.compile(
    r"(?:\d+\s)?(?:mistakes?|evidence|in the [\w\s-]{1,40}|from the [\w\s-]{1,20}|check ids?|remedy|remedies|example|examples of evidence"
    r"|good pattern|practical order|data evidence|status|note)\b[^.:]{0,40}:|^check id",
    re.I,
)
"""What follows such a word is about the checking of a rule, not the rule."""
_COUNT = r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|eighteen|thirty|forty-five|sixty|ninety)"
_UNIT = r"(?:business |working |calendar |full )?(?:seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?)"
_TIME = re.compile(
    rf"\b{_COUNT}\)?(?:(?: or| to|-)? ?{_COUNT})?[ -](?:more |further |other )?{_UNIT}\b"
    r"|\b(?:hourly|daily|weekly|monthly|quarterly|yearly|annually)\b|\beach (?:day|week|month|quarter|year)\b",
    re.I,
)
_OPEN_TIME = re.compile(
    r"\b(?:at once|immediately|without (?:undue|unreasonable) delay|as long as|no (?:longer|fixed|number|period|limit))\b", re.I
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_DATE = re.compile(rf"\b\d{{1,2}} {_MONTH} (?:19|20)\d\d\b|\b{_MONTH} (?:\d{{1,2}}, )?(?:19|20)\d\d\b|\b(?:19|20)\d\d-\d\d-\d\d\b")
_MONEY = re.compile(r"(?:EUR|USD|GBP|SGD|BRL|CHF|AUD|JPY|€|\$|£)\s?\d|\d\s?(?:%|per ?cent\b)|\d[\d.,]* ?(?:million|billion)\b", re.I)
_CITED = re.compile(
    r"\([^()]*\b(?:19|20)\d\d[^()]*\)"
    r"|\b(?:arts?|sec|secs|reqs?|s|ss|no|recital|principles?|annex|cfr|directive|regulation|iso(?:/iec)?|point)\b\.? ?[\d.()/:-]+"
    r"|§+ ?[\d.()]+|\b(?:19|20)\d\d\b|\b\d+/\d+\b|\b\d+ ?CFR\b|\b[A-Z]{2,} [\d.]+",
    re.I,
)
_AMOUNT = re.compile(r"\b\d")
_LABEL = re.compile(r"[A-Z§][\w .&/'’-]{1,28}:\s")


@dataclass(frozen=True)
class Statement:
    """A span of a passage that states something; ``aside`` tells how to check a rule, ``row`` is a line of a table."""

    text: str
    start: int
    end: int
    aside: bool = False
    row: bool = False
    label: bool = False

    def tells(self, kind: Kind) -> bool:
        """Whether it gives the time as a number, where :meth:`has` is content with "without delay"."""
        return bool(_TIME.search(self.text)) if kind == "time" else self.has(kind)

    def has(self, kind: Kind) -> bool:
        """Whether it holds what a question of this kind asks for."""
        return _HAS[kind](self.text)


def statements(text: str, kind: Kind = "plain") -> list[Statement]:
    """What a passage states, in order: no questions, no headings of tables, no lines.

    A numbered list is one statement for a question that asks for steps or for a list.
    """
    spans = split_sentences(text)
    if kind in ("steps", "list"):
        spans = _with_lists(text, spans)
    out = []
    for i, (start, end) in enumerate(spans):
        said = text[start:end]
        heads_table = said.startswith("|") and i + 1 < len(spans) and _RULE.fullmatch(text[slice(*spans[i + 1])])
        if not (said.endswith("?") or heads_table or _RULE.fullmatch(said)):
            out.append(Statement(said, start, end, bool(_ASIDE.match(said)), said.startswith("|"), bool(_LABEL.match(said))))
    return out


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences and list items of a text.

    >>> text = "See Art. 5(1)(e). It is in Annex I. No days are set."
    >>> [text[a:b] for a, b in split_sentences(text)]
    ['See Art. 5(1)(e).', 'It is in Annex I.', 'No days are set.']
    """
    spans, start = [], 0
    for found in _SENTENCE.finditer(text):
        before = text[max(start, found.start() - 24) : found.start()]
        if _goes_on(before, found.group(), whole=text[start : found.start()]):
            continue
        spans.append((start, found.start()))
        start = found.end()
    spans.append((start, len(text)))
    trimmed = ((a + len(text[a:b]) - len(text[a:b].lstrip()), b - len(text[a:b]) + len(text[a:b].rstrip())) for a, b in spans)
    return [(a, b) for a, b in trimmed if a < b]


def _goes_on(before: str, gap: str, whole: str) -> bool:
    """Whether what looks like the end of a sentence is none: an abbreviation, or the number of a list item."""
    if _MARK.search(whole):
        return True
    return bool(_ABBREVIATION.search(before)) and not _NUMERAL.search(before) and "\n" not in gap


def _with_lists(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans, those of a numbered list of three and more joined into one."""
    for first, last in _lists(text):
        inside = [(a, b) for a, b in spans if first <= a and a <= last]
        if inside:
            whole = (inside[0][0], inside[-1][1])
            spans = sorted([span for span in spans if span not in inside] + [whole])
    return spans


def _lists(text: str) -> Iterator[tuple[int, int]]:
    """Where numbered lists begin, and where their last items do: numbers that rise by one."""
    run: list[int] = []
    for item in _ITEM.finditer(text):
        if int(item.group(1)) == len(run) + 1:
            run.append(item.start(1))
        else:
            if len(run) > 2:
                yield run[0], run[-1]
            run = [item.start(1)] if int(item.group(1)) == 1 else []
    if len(run) > 2:
        yield run[0], run[-1]


def items(text: str) -> int:
    """How many numbered items a text has."""
    return len(_ITEM.findall(text))


def _lists_things(text: str) -> bool:
    return text.count(";") >= 3 or len(re.findall(r"\([a-z]\)", text)) >= 3 or items(text) >= 3 or text.count(",") >= 5


_HAS: Mapping[Kind, Callable[[str], bool]] = {
    "time": lambda text: bool(_TIME.search(text) or _OPEN_TIME.search(text)),
    "date": lambda text: bool(_DATE.search(text)),
    "money": lambda text: bool(_MONEY.search(text)),
    "amount": lambda text: bool(_AMOUNT.search(_CITED.sub(" ", text))),
    "formula": lambda text: " = " in text,
    "list": _lists_things,
    "steps": lambda text: items(text) >= 3,
    "plain": lambda text: True,
}

__all__ = ["Statement", "items", "split_sentences", "statements"]
