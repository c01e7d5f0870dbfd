"""A column's verdict: evidence for and against every entity type, added up in log-odds.

Prior + header + values (pattern, check against luck, vocabulary) + dtype + siblings = score; confidence = 1 / (1 + e^-score).
A weak pattern never reaches one half alone; a strong contradiction outweighs a good name.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ...values import Crew, Progress
from ._facts import Facts
from ._headers import foreign
from ._judges import JUDGES
from ._recognizers import BY_ENTITY, RECOGNIZERS, Recognizer
from ._stand_ins import stand_ins

PRIOR = -2.5
HEADER = 4.6
HEADER_AGAINST = -4.0
AGAINST_FOREIGN = -3.2
CHECKED = 64
"""At most this many matching values are put to a check …"""
FIRST = 14
"""… and only so many where most of them fail."""
AGAINST = frozenset({"values", "misfits", "masked", "pseudonyms"})
"""Sources of evidence that siblings do not make up for where they speak against a type."""
HEAD = 24
"""A weak pattern that none of so many values has is no pattern of the column."""


@dataclass(frozen=True)
class Evidence:
    """One reason for or against: where it comes from, its weight in log-odds, and what was seen."""

    source: str
    weight: float
    note: str


@dataclass(frozen=True, kw_only=True)
class Detection:
    """One entity type that a column holds (or nearly), with its evidence.

    ``matches`` of the ``of`` filled cells match: counted where every distinct value was looked at (``exact``), else scaled up
    from those that were.
    """

    entity_type: str
    confidence: float
    matches: int
    of: int
    group: str
    severity: str
    evidence: tuple[Evidence, ...] = ()
    exact: bool = True

    @property
    def share(self) -> float:
        """The share of filled cells seen that match."""
        return self.matches / self.of if self.of else 0.0


@dataclass(frozen=True)
class ColumnVerdict:
    """The asserted types of a column, best first, and the runner-ups."""

    asserted: tuple[Detection, ...]
    runners_up: tuple[Detection, ...]


@dataclass(frozen=True)
class Candidate:
    """A type under consideration for one column."""

    recognizer: Recognizer
    evidence: tuple[Evidence, ...]
    matched: frozenset[int]
    rows: int

    def __reduce__(self) -> tuple[Any, ...]:
        """Between processes a type goes by its name."""
        return _candidate_of, (self.recognizer.entity, self.evidence, self.matched, self.rows)

    @functools.cached_property
    def score(self) -> float:
        """The sum of the evidence."""
        return sum(e.weight for e in self.evidence)

    def also(self, *evidence: Evidence) -> Candidate:
        """The same with more evidence."""
        return Candidate(self.recognizer, self.evidence + evidence, self.matched, self.rows)


def _candidate_of(entity: str, evidence: tuple[Evidence, ...], matched: frozenset[int], rows: int) -> Candidate:
    return Candidate(BY_ENTITY[entity], evidence, matched, rows)


def confidence(score: float) -> float:
    """Log-odds as a probability, rounded to four places."""
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, score)))), 4)


def judge_columns(
    columns: Sequence[Facts], *, minimum: float = 0.5, progress: Progress | None = None, crew: Crew | None = None
) -> tuple[ColumnVerdict, ...]:
    """The verdict on every column of a table; a second look weighs in what stands beside it."""
    seconds = [_BASE_SECONDS + _VALUE_SECONDS * len(facts.values) for facts in columns]
    first = (crew or Crew()).share(find_candidates, columns, seconds, progress or Progress())
    present = [{c.recognizer.entity for c in found if c.score > 0} for found in first]
    out = []
    for i, (facts, found) in enumerate(zip(columns, first, strict=True)):
        beside = {e for j, p in enumerate(present) if j != i for e in p}
        out.append(_decide(facts, [_with_siblings(c, beside) for c in found], minimum))
    return tuple(out)


_BASE_SECONDS, _VALUE_SECONDS = 2e-4, 6e-6
"""About how long a column takes, and each of its values."""


def find_candidates(columns: Sequence[Facts], progress: Progress) -> list[list[Candidate]]:
    """The types under consideration for each column by itself."""
    out = []
    for facts in columns:
        progress.step(f"judging {facts.name}", 0.4)
        out.append(_candidates(facts))
    return out


def _with_siblings(candidate: Candidate, beside: set[str]) -> Candidate:
    near = [s for s in candidate.recognizer.siblings if s in beside]
    if not near or any(e.source in AGAINST and e.weight <= -3 for e in candidate.evidence):
        return candidate
    return candidate.also(Evidence("siblings", 0.8, "beside " + ", ".join(near[:3])))


# -- candidates ------------------------------------------------------------------------------------------------------
def _candidates(facts: Facts) -> list[Candidate]:
    if not facts.values:
        return [_absent_candidate(facts, r, "values", "no values") for r in _named(facts)]
    hidden = stand_ins(facts)
    if hidden is None:
        return _found(facts)
    if not hidden.rest.values:
        return [_absent_candidate(facts, r, hidden.source, hidden.note) for r in _named(facts)]
    return [c.also(Evidence(hidden.source, 0.0, hidden.note)) for c in _found(hidden.rest)]


def _found(facts: Facts) -> list[Candidate]:
    if facts.flag and not _TOLD_BY_YES_AND_NO & facts.hits.keys():
        return []
    found = [_candidate(facts, r) for r in _worth_asking(facts)]
    return [c for c in found if c is not None]


_TOLD_BY_YES_AND_NO = frozenset({"HEALTH", "GENDER", "TRADE_UNION"})
"""Types of which a column may say no more than whether (pregnant: yes, union member: no)."""


def _named(facts: Facts) -> Iterable[Recognizer]:
    return (BY_ENTITY[e] for e, h in facts.hits.items() if h.level > 0)


def _absent_candidate(facts: Facts, recognizer: Recognizer, source: str, why: str) -> Candidate:
    """A column without values, or with none but masked ones, is known by its name alone: a runner-up, never asserted."""
    header = Evidence("header", HEADER * facts.hits[recognizer.entity].level, f"named like `{facts.hits[recognizer.entity].phrase}`")
    return Candidate(recognizer, (Evidence("prior", PRIOR, "before looking"), header, Evidence(source, -4.0, why)), frozenset(), 0)


PLACES = {r.entity: i for i, r in enumerate(RECOGNIZERS)}


@functools.cache
def _padded_recognizers() -> tuple[Recognizer, ...]:
    return tuple(r for r in RECOGNIZERS if r.pad and r.weight >= 0.5 and r.entity not in JUDGES)


@functools.cache
def _votable() -> frozenset[str]:
    """Types that a column may be of without a telling name and without a judge."""
    return frozenset(r.entity for r in RECOGNIZERS if r.entity not in JUDGES and (r.weight >= 0.5 or r.words))


@functools.cache
def _vocabulary() -> dict[str, tuple[str, ...]]:
    """Word → the types whose vocabulary has it."""
    out: dict[str, tuple[str, ...]] = {}
    for r in RECOGNIZERS:
        if r.entity not in JUDGES:
            out |= {word: (*out.get(word, ()), r.entity) for word in r.words}
    return out


def _worth_asking(facts: Facts) -> list[Recognizer]:
    """The recognizers that a column's name calls for or whose pattern or words some of its values have, and the judges."""
    known = _vocabulary()
    held = facts.possible | {e for word in facts.folded_set & known.keys() for e in known[word]}
    enough = max(1.0, 0.1 * len(facts.values))
    asked = {*facts.hits, *_judges_for(facts)}
    asked |= {e for e in held & _votable() if len(facts.sized(BY_ENTITY[e].lengths, BY_ENTITY[e].digits)) >= enough}
    if facts.numeric:
        shorter = (r for r in _padded_recognizers() if len(facts.sized((r.pad - 3, r.pad), (0, r.pad))) >= enough)
        asked |= {r.entity for r in shorter}
    return [BY_ENTITY[e] for e in sorted(asked, key=PLACES.__getitem__)]


def _judges_for(facts: Facts) -> frozenset[str]:
    """The judges that can say something without a header: numbers may be telephones, text without letters no words."""
    if facts.kind not in ("string", "mixed", "nested"):
        return _FOR_NUMBERS if facts.numeric else frozenset()
    return _FOR_CODES if facts.digit_share > 0.9 else _FOR_TEXT


_FOR_NUMBERS = frozenset({"PHONE"})
_FOR_CODES = frozenset({"PHONE", "GEO", "ADDRESS", "POSTAL_CODE", "PASSWORD", "SECRET", "VIN", "HEALTH", "IP_ADDRESS"})
_FOR_TEXT = frozenset(JUDGES) - {"AGE", "DATE_OF_BIRTH"}


def _candidate(facts: Facts, r: Recognizer) -> Candidate | None:
    header = _header(facts, r)
    judge = JUDGES.get(r.entity)
    if judge is not None:
        weight, note, matched = judge(facts, header.weight > 1)
        values = [Evidence("values", weight, note)] if note else []
    else:
        values, matched = _value_evidence(facts, r, header.weight > 1)
    if not matched and header.weight <= 0:
        return None
    if header.weight < 1.7 and (word := foreign(facts.words, r.entity)):
        header = Evidence("header", AGAINST_FOREIGN, f"`{word}` names another kind of thing")
    evidence = (Evidence("prior", PRIOR, "before looking"), *([header] if header.weight else []), *values)
    rows = sum(facts.counts[i] for i in matched)
    return Candidate(r, evidence, matched, rows)


_UNNAMED = Evidence("header", 0.0, "")


def _header(facts: Facts, r: Recognizer) -> Evidence:
    hit = facts.hits.get(r.entity)
    if hit is None:
        return _UNNAMED
    if hit.level < 0:
        return Evidence("header", HEADER_AGAINST, f"says something about `{hit.phrase}`, not the thing itself")
    return Evidence("header", HEADER * hit.level, f"named like `{hit.phrase}`")


def _value_evidence(facts: Facts, r: Recognizer, named: bool) -> tuple[list[Evidence], frozenset[int]]:
    if r.words:
        return _vocabulary_evidence(facts, r)
    matched = _matching(facts, r)
    total = len(facts.values)
    share = len(matched) / total
    if share < 0.05 and not (r.weight >= 5 and matched):
        return [Evidence("values", -4.0, f"{len(matched)} of {total} values have the pattern")], frozenset()
    weight = r.weight * min(1.0, share / 0.6) + (0.8 * math.log10(max(len(matched), 1)) if r.weight >= 2 else 0.0)
    if share < 0.5 and r.weight < 5:
        weight -= 3.0 * (1 - share / 0.5)
    out = [Evidence("pattern", round(weight, 3), f"{len(matched)} of {total} distinct values have the pattern")]
    if r.grouped and sum(
        " " in facts.shapes[i] or "-" in facts.shapes[i] or "." in facts.shapes[i] or "/" in facts.shapes[i] for i in matched
    ) > 0.8 * len(matched):
        out.append(Evidence("shape", r.grouped, "digits stand in the groups of the type"))
    if r.check is None or r.chance >= 1.0:
        return out, _passing(facts, r, matched)
    out += _near_misses(facts, matched)
    tried = sorted(matched)[:: max(1, len(matched) // CHECKED)][:CHECKED]
    first = tried[:: max(1, len(tried) // FIRST)][:FIRST]
    passed = [i for i in first if r.check(_padded(facts, r, facts.values[i]))]
    if 2 * len(passed) > len(first):
        passed = [i for i in tried if r.check(_padded(facts, r, facts.values[i]))]
    else:
        tried = first
    out.append(_chance_corrected(len(passed), len(tried), r))
    if len(passed) >= 0.5 * len(tried):
        return out, matched
    return out, frozenset(passed)


def _near_misses(facts: Facts, matched: frozenset[int]) -> list[Evidence]:
    """What speaks against a numbering scheme: values of the same shape that it cannot give (a zero in front where it has none)."""
    alike = {facts.shapes[i] for i in matched}
    missed = sum(shape in alike for shape in facts.shapes) - len(matched)
    odds = missed * math.log(0.01 / 0.15) + len(matched) * math.log(0.99 / 0.85)
    if odds >= 0:
        return []
    return [Evidence("misfits", round(max(-8.0, odds), 3), f"{missed} more values of the same shape cannot be of the type")]


def _passing(facts: Facts, r: Recognizer, matched: frozenset[int]) -> frozenset[int]:
    return matched if r.check is None else frozenset(i for i in matched if r.check is not None and r.check(facts.values[i]))


def _padded(facts: Facts, r: Recognizer, value: str) -> str:
    return value.zfill(r.pad) if r.pad and facts.numeric else value


def _chance_corrected(passed: int, tried: int, r: Recognizer) -> Evidence:
    """How much likelier this many passes are for the real thing than for random values of the same pattern."""
    real, luck = r.pass_rate, r.chance
    odds = passed * math.log(real / luck) + (tried - passed) * math.log((1 - real) / (1 - luck))
    odds = max(-8.0, min(6.0 if luck <= 0.15 else 2.5 if luck <= 0.6 else 1.5, odds))
    return Evidence(
        "check",
        round(odds, 3),
        f"{passed} of {tried} pass the check; luck gives {luck:.0%}"
        if luck >= 0.01
        else f"{passed} of {tried} pass the check; luck gives {luck:.1%}",
    )


def _matching(facts: Facts, r: Recognizer) -> frozenset[int]:
    full = r.regex.fullmatch
    if r.pad and facts.numeric:
        return frozenset(i for i, v in enumerate(facts.values) if r.pad - 3 <= len(v) <= r.lengths[1] and full(v.zfill(r.pad)))
    if not facts.may_have(r.entity):
        return frozenset()
    if r.weight < 5 and len(facts.values) > 48 and r.entity not in facts.hits and not any(map(full, facts.values[:HEAD])):
        return frozenset()
    return frozenset(i for i in facts.sized(r.lengths, r.digits) if full(facts.values[i]))


def _vocabulary_evidence(facts: Facts, r: Recognizer) -> tuple[list[Evidence], frozenset[int]]:
    matched = facts.known_in(r.words)
    known = len(matched) / len(facts.values)
    note = f"{len(matched)} of {len(facts.values)} distinct values are in the vocabulary"
    if not matched:
        return [Evidence("values", -0.8 if facts.coded or facts.flag else -3.2, note)], matched
    weight = _vocabulary_weight(facts, known, len(matched))
    return [Evidence("vocabulary", round(weight, 3), note)], matched


def _vocabulary_weight(facts: Facts, known: float, count: int) -> float:
    if known < 0.3:
        return -1.0
    return (6.0 * known - 2.0) * min(1.0, 0.35 + 0.22 * count) - (2.0 if count < 2 else 0.0)


# -- decision --------------------------------------------------------------------------------------------------------
def _decide(facts: Facts, found: list[Candidate], minimum: float) -> ColumnVerdict:
    ranked = sorted(found, key=lambda c: (-c.score, c.recognizer.entity))
    asserted: list[Candidate] = []
    rest: list[Candidate] = []
    for c in ranked:
        if confidence(c.score) >= minimum and _new(c, asserted):
            asserted.append(c)
        else:
            rest.append(c)
    shown = [c for c in rest if c.score > -2.5][:4]
    return ColumnVerdict(tuple(_detection(facts, c) for c in asserted), tuple(_detection(facts, c) for c in shown))


WORDED = frozenset({"PERSON_NAME", "CITY", "ADDRESS", "NATIONALITY", "HEALTH"})
"""Types made of words: what one of them leaves over is its own rare values, not another type."""


def _new(candidate: Candidate, asserted: list[Candidate]) -> bool:
    """A further type is asserted only for values that the better ones leave unexplained."""
    if not asserted:
        return True
    if candidate.recognizer.entity in WORDED and any(a.recognizer.entity in WORDED for a in asserted):
        return False
    taken = frozenset().union(*(c.matched for c in asserted))
    own = candidate.matched - taken
    return len(own) >= 0.6 * max(1, len(candidate.matched)) and len(own) >= 2


def _detection(facts: Facts, c: Candidate) -> Detection:
    exact = not facts.sampled and facts.distinct == len(facts.values)
    seen = sum(facts.counts)
    filled = facts.filled if not facts.sampled else facts.cells
    return Detection(
        entity_type=c.recognizer.entity,
        confidence=confidence(c.score),
        matches=c.rows if exact else round(filled * c.rows / max(1, seen)),
        of=filled,
        group=c.recognizer.group,
        severity=c.recognizer.severity.value,
        evidence=tuple(e for e in c.evidence if e.source != "prior"),
        exact=exact,
    )
