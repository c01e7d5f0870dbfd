"""Dates and links within texts: what Safe Harbor forbids although it names nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ._spans import Span
from ._words import words

_FULL = words("january february april june july september october november december")
"""English months that are no other word."""
_NAMES = _FULL | words(
    """march may august jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz april mai juni juli september oktober
    november dezember okt dez janvier février mars avril juin juillet août septembre octobre novembre décembre févr avr juil déc enero
    febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre ene abr ago dic gennaio febbraio aprile maggio
    giugno luglio settembre ottobre dicembre gen mag giu lug set ott janeiro fevereiro março maio junho julho setembro outubro novembro
    dezembro fev out"""
)
_MONTH = "(?:" + "|".join(sorted(_NAMES, key=lambda w: (-len(w), w))) + r")\.?"
_FIRST = "".join(sorted({w[0] for w in _NAMES}))
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th|er|º|\.)?"
_YEAR = r"(?:(?:18|19|20)[0-9]{2}|['’][0-9]{2})"
_TIME = r"(?:[T ,]{1,2}[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?(?: ?[ap]\.?m\b)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_AFTER = "(?:" + "|".join(rf"(?<=\b{w} )" for w in ("on", "in", "since", "until", "from", "dated", "last", "of")) + ")"
_DATE = (
    r"(?i:(?<![\w.-])(?:(?=[0-9])(?:"
    rf"[0-9]{{4}}[-/.](?:0?[1-9]|1[0-2])[-/.][0-3]?[0-9]{_TIME}"
    rf"|[0-9]{{1,2}}[-/.] ?[0-9]{{1,2}}[-/.] ?(?:[0-9]{{4}}|[0-9]{{2}}){_TIME}"
    rf"|{_DAY}[ -]{{0,2}}(?:of |de |do )?{_MONTH}(?:,?[ -]{{0,2}}(?:of |de |do )?(?:{_YEAR}|[0-9]{{2}})(?![0-9]))?{_TIME}"
    r"|(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:18|19|20)[0-9]{2}[-/](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])[-/](?:18|19|20)[0-9]{2}"
    rf"|{_AFTER}[01]?[0-9]/[0-3]?[0-9](?!/))"
    rf"|(?=[{_FIRST}])(?:{_MONTH}[ -]{{1,2}}{_DAY}(?![0-9])(?:,?[ -]{{1,2}}{_YEAR})?{_TIME}"
    rf"|{_MONTH},?[ -]{{1,2}}(?:of |de )?{_YEAR}"
    rf"|(?=[ma]){_AFTER}(?:march|may|august)\b)"
    rf")(?![\w-]))|(?=[A-Z])\b(?:{'|'.join(sorted(w.title() for w in _FULL))})\b"
)
"""A date, or a month with its day or year, in figures or in the words of six languages; or an English month alone, of those that are
other words too only after `in` or the like."""
_LINK = r"(?:(?:https?|ftp)://|www\.)[^\s\"'<>]*[^\s\"'<>.,;:!?)]"
_FOUND = re.compile(f"(?P<DATE_TIME>{_DATE})|(?P<URL>{_LINK})")


def kind_of(values: list[str]) -> str:
    """DATE_TIME or URL where nine in ten values are one as a whole, else nothing."""
    found = [str(m.lastgroup) for v in values if (m := _FOUND.fullmatch(v.strip()))]
    return next((kind for kind in ("DATE_TIME", "URL") if values and found.count(kind) >= 0.9 * len(values)), "")


def dates_and_links(text: str) -> Iterator[Span]:
    """The dates and links in a text, from left to right.

    >>> [text[s.start : s.end] for text in ["on 3 March 2024 at www.example.org, in July"] for s in dates_and_links(text)]
    ['3 March 2024', 'www.example.org', 'July']
    """
    for m in _FOUND.finditer(text):
        yield Span(m.start(), m.end(), str(m.lastgroup), 0.9)
