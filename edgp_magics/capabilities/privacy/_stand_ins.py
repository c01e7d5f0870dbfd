"""Values that stand in the place of others: stars, labels, digests and tokens, from which the value itself is not read any more.

What is masked or replaced by a label is gone. A digest or token is a pseudonym: personal data still (GDPR Art. 4(5)), though not the
value. Neither is of the type that the column's name promises, and a scan after a de-identification says so instead of finding it anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ._facts import Facts
from ._lexicon import fold
from ._recognizers import BY_ENTITY
from ._words import words

_STARRED = re.compile(r"[*•●█]{2}|^\*$")
_CROSSED = re.compile(
    r"(?=(?:[^Xx#]{0,8}[Xx#]){3})\+?[0-9]{0,6}[-. /()]{0,2}(?:[Xx#]{2,8}[-. /()]{0,2}){1,6}[0-9]{0,6}|"
    r"(?:[0-9]{1,3}\.){1,3}[Xx*](?:\.[Xx*]){0,2}"
)
_SIGNS = ("*", "•", "●", "█", "##", "xx", ".x", "[", "<", "{", "(")
"""Something short that every masked value has, beside those of a single word."""
_LABEL = re.compile(r"[\[<{(]{1,2} ?([^\W\d_][^\W\d_ -]*(?:[_ -][^\W\d_]+){0,4})(?:[_ -]?[0-9]{1,6})? ?[\]>})]{1,2}")
_GAP = re.compile(r"[_ -]")
_TAKEN = words(
    "redacted removed masked hidden deleted suppressed withheld anonymous anonymized anonymised anonym geschwarzt anonymisiert geloscht "
    "anonyme supprime anonimizado eliminado anonimo oscurato"
)
_LABELS = _TAKEN | words(
    "person patient customer user first last full name location date time birth org organization organisation street phi pii id number "
    "url nrp"
)
_TYPES = frozenset(w for entity in BY_ENTITY for w in entity.lower().split("_"))
"""The words that a label in brackets is made of, beside those of the types."""
_DIGEST = re.compile(
    r"(?:sha[0-9]{1,3}[:$]|0x)?(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{96}|[0-9a-fA-F]{64}|[0-9a-fA-F]{56}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})|"
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[A-Z2-7]{16}|[0-9A-Za-z+/]{43}=|"
    r"(?:tok|token|anon|pseudo|hash|enc|vault)[_:-][0-9A-Za-z+/=_-]{4,128}"
)
_RANDOM_BY_NATURE = frozenset(e for e, r in BY_ENTITY.items() if r.group in ("secret", "device")) | {"CRYPTO"}
"""Types whose own values look like digests."""
_MOSTLY = 0.9
"""The share of values that have to look like digests, so that single codes are not taken for them."""


@dataclass(frozen=True)
class StandIns:
    """What of a column stands in for other values: the facts of the rest, and what was seen, in words."""

    rest: Facts
    source: str
    note: str


def stand_ins(facts: Facts) -> StandIns | None:
    """The masked values or pseudonyms of a column whose name promises a type, or that is starred out."""
    if facts.kind not in ("string", "mixed") or not (facts.hidden or any(h.level > 0 for h in facts.hits.values())):
        return None
    random = bool(facts.hits.keys() & _RANDOM_BY_NATURE)
    masked = _masked(facts)
    if len(masked) >= (_MOSTLY * len(facts.values) if random else 1):
        return StandIns(_without(facts, masked), "masked", _note(facts, masked, "are masked or labels: what is left is not the value"))
    coded = frozenset() if random else _coded(facts)
    if not coded:
        return None
    return StandIns(
        _without(facts, coded),
        "pseudonyms",
        _note(facts, coded, "are digests or tokens: personal data still (GDPR Art. 4(5)), though not the value itself"),
    )


def _masked(facts: Facts) -> frozenset[int]:
    """The values that are masked; one look at all of them rules nearly every column out."""
    if facts.folded_set.isdisjoint(_TAKEN) and not any(map(facts.lines.lower().__contains__, _SIGNS)):
        return frozenset()
    return frozenset(i for i, v in enumerate(facts.values) if len(v) <= 64 and _is_masked(v))


def _is_masked(value: str) -> bool:
    if _CROSSED.fullmatch(value) or (_STARRED.search(value) and value.count(" ") < 6):
        return True
    found = _LABEL.fullmatch(value)
    if found is None:
        return fold(value) in _TAKEN
    return all(w in _LABELS or w in _TYPES for w in _GAP.split(found[1].lower()))


def _coded(facts: Facts) -> frozenset[int]:
    """The values that are digests or tokens, where nearly all are."""
    if not any(map(_DIGEST.fullmatch, facts.values[:3])):
        return frozenset()
    found = frozenset(i for i, v in enumerate(facts.values) if _DIGEST.fullmatch(v) and not v.isdecimal())
    letters = sum(facts.values[i].isalpha() for i in found)
    return found if len(found) >= _MOSTLY * len(facts.values) and 2 * letters <= len(found) else frozenset()


def _note(facts: Facts, found: frozenset[int], what: str) -> str:
    return f"{len(found)} of {len(facts.values)} distinct values {what}"


def _without(facts: Facts, gone: frozenset[int]) -> Facts:
    """The same column as if these of its values were not there."""
    left = [i for i in range(len(facts.values)) if i not in gone]
    return replace(
        facts,
        values=tuple(facts.values[i] for i in left),
        counts=tuple(facts.counts[i] for i in left),
        shapes=tuple(facts.shapes[i] for i in left),
        lengths=tuple(facts.lengths[i] for i in left),
    )
