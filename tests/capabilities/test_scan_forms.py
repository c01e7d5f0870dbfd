"""The first look rules out nothing that a closer look would find, and says what is there."""

from __future__ import annotations

import random
import re

import pytest

from edgp_magics.capabilities.privacy import BY_ENTITY, RECOGNIZERS
from edgp_magics.capabilities.privacy._forms import Forms
from edgp_magics.capabilities.privacy._hints import CUE_WORDS, look
from edgp_magics.capabilities.privacy._lexicon import address_spans
from edgp_magics.capabilities.privacy._spans import _AGE, _DATE_WORDS, _STRONG, _inside, find_spans

PATTERNS = {r.entity: r.pattern for r in RECOGNIZERS if r.pattern}
EXAMPLES = [v for r in RECOGNIZERS for v in (*r.matches, *r.rejects)]
ODD = ["\u00a0", "é", "ſ", "\x1c", "\n", "٣", " ", "-", "Ł", "中", "\u2011", "'", "0"]


def altered(value: str, rng: random.Random) -> str:
    """The value with one character put in, taken out or made another."""
    at = rng.randrange(len(value) + 1)
    return value[:at] + rng.choice([*ODD, ""]) + value[at + rng.randrange(2) :]


def test_every_pattern_that_a_value_has_is_among_those_it_may_have():
    forms, rng = Forms(PATTERNS, lines=True), random.Random(7)
    values = EXAMPLES + [altered(v, rng) for v in EXAMPLES for _ in range(20)]
    missed = [
        (entity, value)
        for value in values
        for entity, pattern in PATTERNS.items()
        if re.fullmatch(pattern, value) and entity not in forms.of(value.replace("\n", "\r"))
    ]
    assert missed == []


def test_many_values_are_looked_at_as_lines():
    forms = Forms(PATTERNS, lines=True)
    assert forms.of("red\ngreen\nS1234567D") >= {"SG_NRIC_FIN"}
    assert "SG_NRIC_FIN" not in forms.of("red S1234567D green")


def test_what_is_ruled_out_is_ruled_out():
    forms = Forms({"mail": "@", "number": "[0-9]{4}"})
    assert forms.of("see page 12") == frozenset()
    assert forms.of("a lone surrogate \ud800 and 2024") == {"number"}


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("call me on 555 010 2200", {"digit", "group", "word for PHONE"}),
        ("lives at 12 High Street", {"street", "house number", "way to an address"}),
        ("born 3 March 1980", {"date in words", "word for DATE_OF_BIRTH"}),
        ("Lindenstraße 7", {"street"}),
        ("rue de Lyon 48", {"street"}),
        ("is 45 years old", {"age"}),
        ("nothing to see", set()),
    ],
)
def test_hints_are_seen(text: str, hints: set[str]):
    assert look(text) >= hints
    assert hints or not look(text)


def test_each_word_that_tells_of_a_value_is_a_hint():
    for entity, words in CUE_WORDS.items():
        plain = [w for w in words.split("|") if not set(w) & set("[]?.()")]
        assert plain and all(f"word for {entity}" in look(f"the {w}: 1") for w in plain)


@pytest.mark.parametrize(
    "text", ["12 High Street", "ship to Lindenstraße 7", "48, rue de Lyon", "P.O. Box 1234", "Calle Mayor 5", "7 N Main St."]
)
def test_no_address_is_without_its_hint(text: str):
    for said in (text, text.upper(), f"({text})", f"Sent to {text}, thanks."):
        if address_spans(said):
            assert "street" in look(said), said


def test_spans_do_not_depend_on_what_else_a_text_holds():
    texts = ["Call Maria Garcia on +49 30 901820.", "paid with 4111 1111 1111 1111", "12 High Street", "mail a.tan@example.org now"]
    apart = [{text[s.start : s.end] for s in find_spans(text)} for text in texts]
    joined = "\n".join(texts)
    together = {joined[s.start : s.end] for s in find_spans(joined)}
    assert together >= {v for found in apart for v in found} and all(apart)


def test_each_strong_type_has_its_hint_wherever_a_value_of_it_is():
    rng = random.Random(11)
    for entity in _STRONG:
        r, search = BY_ENTITY[entity], _inside(entity, ascii_text=False).search
        values = [f"see {v} there" for m in r.matches for v in (m, m.lower(), *(altered(m, rng) for _ in range(50)))]
        held = [v for v in values if (m := search(v)) and (r.check is None or r.check(m.group()))]
        assert held, entity
        assert [v for v in held if entity not in look(v)] == []


AGES = ["aged 81", "67-year-old", "54 Jahre alt", "Paziente di 63 anni", "tem 46 anos", "is 38 jaar oud", "Pacjentka, 49 lat", "45 y/o"]
DATES = [
    "14 March 1962",
    "7. Juli 1944",
    "23 avril 1990",
    "5 de mayo de 1983",
    "2 giugno 1975",
    "12 marca 1985",
    "3rd of août, 2001",
    "May 3, 1999",
]


@pytest.mark.parametrize(
    ("hint", "pattern", "texts"), [("age", _AGE, [*AGES, "thirty-four years old"]), ("date in words", _DATE_WORDS, DATES)]
)
def test_no_age_or_date_is_without_its_hint(hint: str, pattern: re.Pattern[str], texts: list[str]):
    rng = random.Random(5)
    assert all(pattern.search(t) for t in texts)
    for text in (said for t in texts for said in (t, t.upper(), *(altered(t, rng) for _ in range(40)))):
        assert hint in look(text) or not pattern.search(text), text
