"""governance_advice: an answer in sentences of the knowledge itself, each with its citation, or the word that it is not known."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from ..frames import Frame
from ..values import AgentCapability, Block, Cell, Context, Fold, Grid, Items, Link, Marked, Passage, Result, Status, Text, plural
from ._options import Option
from ._question import WORD, Kind, Name, Question, all_stems, flat, read_question, stem, stems
from ._statements import Statement, items, statements

_MARKUP = re.compile(r"^\s*(?:[-*+]|\d+[.)]|#{1,6}|>)\s+|[*`]{1,2}|\[([^\]]*)\]\([^)]*\)")
_NEAR = 0.5
_COVERED = 0.5
"""A passage answers when the question's words are in it, weighted by how telling they are, or when its meaning is as near as `_NEAR`."""
_SUBJECT = 0.5
"""Share of the words of the question, names not counted, that stand in the passage: less is about something else."""
_MOST = 0.8
"""Where all that is named stands in the headings, so much of the rest is enough without nearness in meaning."""
_EXACT: tuple[Kind, ...] = ("time", "date", "money", "amount")
"""Kinds of question that only a figure answers."""
_LACKS = 0.6
"""What is left of the worth of a passage without what the kind of question asks for."""
_PLENTY = 0.02
"""What a passage gains with each further figure of the kind asked for: five countries are more of an answer than one."""
_ALONE = 0.2
_ONE_OF_MANY = 0.85
"""What is left of the worth of a passage that names what is asked about only beside others."""
_OTHER_LAW = 0.8
_ANYWHERE = frozenset({"GLOBAL", "INTERNATIONAL"})
_REPEATS = 0.6
_LIMIT_WORDS = re.compile(
    r"\b(?:usual(?:ly)?|default|thresholds?|limits?|at (?:least|most)|minimum|maximum|no(?:t)? (?:later|longer|more) than|within|every)\b",
    re.I,
)
_PAST = re.compile(r"\b(?:originally|formerly|until then|used to|was planned|had been)\b", re.I)
_HEADED: Mapping[Kind, re.Pattern[str]] = {
    "time": re.compile(r"\b(?:deadlines?|how long|periods?|cadence|times?|time limits?)\b", re.I),
    "date": re.compile(r"\bdates?\b|\bwhen\b", re.I),
    "money": re.compile(r"\b(?:fines?|penalt\w+)\b", re.I),
    "amount": re.compile(r"\b(?:thresholds?|limits?)\b", re.I),
    "formula": re.compile(r"\bformula", re.I),
    "list": re.compile(r"\b(?:list|contents?|contains?|elements?)\b|\b\d+ \w+s\b", re.I),
    "steps": re.compile(r"\bsteps?\b|\bhow to\b|^handle\b", re.I),
    "plain": re.compile(r"(?!)"),
}
"""Words of a heading that promise what a kind of question asks for."""


@dataclass(frozen=True, kw_only=True)
class Citation:
    """Where a sentence of the answer stands: ``text`` is ``source_text[start:end]``; ``reference`` is what its document is drawn from."""

    number: int
    passage: str
    source: str
    text: str
    title: str = ""
    section: tuple[str, ...] = ()
    reference: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, kw_only=True, repr=False)
class AdviceResult(Result):
    """``answer``: sentences taken from the knowledge, each with a number into ``citations``; ``known`` False when it has none.

    ``confidence`` is the share of the question that the best passage covers, by words or by meaning.
    """

    question: str = ""
    answer: str = ""
    known: bool = False
    confidence: float = 0.0
    citations: tuple[Citation, ...] = ()
    about: tuple[str, ...] = ()

    def body(self) -> list[Block]:
        """The answer, where each sentence is from, and what is already known of the table."""
        blocks: list[Block] = [Text(self.answer)] if self.known else []
        if self.citations:
            rows = tuple((f"[{c.number}]", _marked(c.text, self.question), _place(c), _drawn_from(c)) for c in self.citations)
            caption = "Where it stands" if self.known else "Nearest passages; they do not answer the question"
            blocks.append(Grid(caption, ("", "sentence", "document and section", "source"), rows))
        if self.about:
            blocks.append(Fold(f"What is known of {self.dataset.name}", (Items(self.about),)))
        return blocks


@dataclass(frozen=True)
class _Source:
    """A passage that bears on the question: what it states about it, what it covers, what it is worth."""

    passage: Passage
    said: tuple[Statement, ...]
    own: tuple[float, ...]
    covered: float
    worth: float


@dataclass(frozen=True)
class _Chosen:
    """A statement of the answer."""

    passage: Passage
    statement: Statement


def advise_governance(
    frame: Frame,
    context: Context,
    *,
    question: Annotated[str, Option("what you want to know, in plain words")] = "",
    sentences: Annotated[int, Option("how many sentences the answer has at most", minimum=1, maximum=12)] = 4,
) -> AdviceResult:
    """Answer a question about governance from passages of the knowledge base.

    >>> import polars as pl
    >>> from edgp_magics.frames import as_frame
    >>> from edgp_magics.values import Context, Passage
    >>> rule = Passage(id="r#1", text="Applicant records are deleted six months after the decision.", source="retention.md", score=1.0)
    >>> frame = as_frame(pl.DataFrame({"cv": ["a.pdf"]}), name="applicants")
    >>> advise_governance(frame, Context(passages=(rule,)), question="When are applicant records deleted?").answer
    'Applicant records are deleted six months after the decision. [1]'
    """
    asked = " ".join((question or context.body).split())
    known_of = _known_of(context.results)
    if not asked:
        return _unanswered(frame, asked, "No question was asked. Give one: --question, or the body of the cell.", (), 0.0, known_of)
    read = read_question(asked)
    telling = _telling(read, context.passages)
    context.progress.step("reading passages", 0.5)
    sources = _sources(read, context.passages, telling)
    if not sources:
        nearest = tuple(_citations(_nearest(context.passages, telling)))
        summary = f"The knowledge base does not answer this: {_why_not(read, context.passages)}."
        confidence = max((_answers(p, telling) for p in context.passages), default=0.0)
        return _unanswered(frame, asked, summary, nearest, confidence, known_of)
    chosen = _chosen(read, sources, sentences)
    citations = tuple(_citations(chosen))
    documents = len({c.source for c in citations})
    return AdviceResult(
        capability=AgentCapability.GOVERNANCE_ADVICE,
        dataset=frame.ref,
        status=Status.OK,
        summary=f"Answered in {plural(len(citations), 'sentence')} from {plural(documents, 'document')}; no word is made up.",
        metrics={"passages": len(context.passages), "sentences": len(citations), "sources": documents},
        notes=_notes(chosen, context),
        context=context.passages,
        question=asked,
        answer=" ".join(f"{_said(c.text)} [{c.number}]" for c in citations),
        known=True,
        confidence=round(max(sources[0].covered, sources[0].passage.dense or 0.0), 3),
        citations=citations,
        about=known_of,
    )


def _unanswered(
    frame: Frame, asked: str, summary: str, nearest: tuple[Citation, ...], confidence: float, about: tuple[str, ...]
) -> AdviceResult:
    return AdviceResult(
        capability=AgentCapability.GOVERNANCE_ADVICE,
        dataset=frame.ref,
        status=Status.NOT_ASSESSED,
        summary=summary,
        notes=("Add a document on it with `%governance knowledge add`, or ask in other words.",) if asked else (),
        question=asked,
        confidence=round(min(confidence, 0.99), 3),
        citations=nearest,
        about=about,
    )


# -- which passages answer ------------------------------------------------------------------------------------
def _telling(read: Question, passages: Sequence[Passage]) -> dict[str, float]:
    """The words of the question by stem, each weighted by how few of the passages have it, so that they sum to 1."""
    have = [_context_stems(p) for p in passages]
    weights = {word: math.log(1 + (len(have) + 1) / (0.5 + sum(word in h for h in have))) for word in read.stems}
    total = sum(weights.values())
    return {word: weight / total for word, weight in weights.items()} if total else {}


def _coverage(found: frozenset[str], telling: Mapping[str, float]) -> float:
    return sum(weight for word, weight in telling.items() if word in found) if telling else 1.0


def _answers(passage: Passage, telling: Mapping[str, float]) -> float:
    """1 and more when the passage bears on the question: its words, or its meaning with some of its words."""
    covered = _coverage(_context_stems(passage), telling) / _COVERED
    if passage.dense is None:
        return covered
    # meaning counts in full only together with words: a model finds something near for every question
    near = passage.dense / _NEAR
    return max(min(covered, near / 0.7), min(near, 1.0) * (0.6 + min(covered, 1.0)))


def _sources(read: Question, passages: Sequence[Passage], telling: Mapping[str, float]) -> list[_Source]:
    """The passages that answer, best first; those that do not hold on the day only where no other does."""
    if not (read.stems or read.names or read.clauses):
        return []
    best = max((p.score for p in passages), default=1.0) or 1.0
    found = [s for p in passages if (s := _source(read, p, telling, best)) is not None]
    valid = [s for s in found if not s.passage.metadata.get("not_in_force")]
    return sorted(valid or found, key=lambda s: -s.worth)


def _source(read: Question, passage: Passage, telling: Mapping[str, float], best: float) -> _Source | None:
    """The passage as a source, or None when it is not about what the question names and asks."""
    words = _context_stems(passage)
    if not _bears(read, passage, words, telling):
        return None
    named = [name for name in read.names if not _carried(name, passage)]
    said = tuple(s for s in statements(passage.text, read.kind) if all(name.within(flat(s.text)) for name in named))
    fitting = sum(s.tells(read.kind) and not s.aside for s in said) or any(s.has(read.kind) and not s.aside for s in said)
    if all(s.aside for s in said) or (read.kind in _EXACT and not fitting):
        return None
    above = _above(passage)
    head = _coverage(all_stems(above), telling) + (0.5 if _HEADED[read.kind].search(above) else 0.0)
    covered = _coverage(words, telling)
    worth = max(0.1, passage.score / best) * (0.55 + 0.25 * covered + 0.2 * head) * (1.0 if fitting else _LACKS)
    worth *= _ONE_OF_MANY if named else 1.0
    if read.kind in _EXACT:
        worth *= 1 + _PLENTY * min(5, fitting)
    own = tuple(_own(s, all_stems(above), telling) for s in said)
    return _Source(passage, said, own, covered, worth)


def _own(said: Statement, above: frozenset[str], telling: Mapping[str, float]) -> float:
    """What a statement covers, its headings with it: they are about all that stands under them; a row of a table is by itself."""
    if not telling:
        return 0.0
    words = all_stems(said.text)
    alone = _coverage(words, telling)
    return alone if said.row else _ALONE * alone + (1 - _ALONE) * _coverage(words | above, telling)


def _bears(read: Question, passage: Passage, words: frozenset[str], telling: Mapping[str, float]) -> bool:
    """Whether the passage is about the matter: by its words and meaning, or because its headings name all that is named."""
    share = sum(word in words for word in telling) / len(telling) if telling else 1.0
    if share < _SUBJECT or not _has_clauses(read, passage):
        return False
    named = bool(read.names) and all(_carried(name, passage) for name in read.names)
    return _answers(passage, telling) >= 1.0 or (named and share > _MOST)


def _carried(name: Name, passage: Passage) -> bool:
    """Whether all of the passage is about what is named: its document or a heading above it says so."""
    return name.within(flat(_above(passage))) or name.of(passage.metadata)


def _has_clauses(read: Question, passage: Passage) -> bool:
    whole = flat(f"{_above(passage)} {passage.text}")
    return all(f" {clause} " in whole for clause in read.clauses)


def _why_not(read: Question, passages: Sequence[Passage]) -> str:
    """What the passages lack: a name, or the matter."""
    if not passages:
        return "no passage bears on it"
    whole = [flat(f"{_above(p)} {p.metadata.get('reference', '')} {p.text}") for p in passages]
    missing = [n.said for n in read.names if not any(n.within(w) or n.of(p.metadata) for w, p in zip(whole, passages, strict=True))]
    missing += [c for c in read.clauses if not any(f" {c} " in w for w in whole)]
    if missing:
        return f"no passage found speaks of {', '.join(missing)}"
    return "the nearest passages do not cover it"


# -- choosing statements --------------------------------------------------------------------------------------
def _chosen(read: Question, sources: Sequence[_Source], limit: int) -> list[_Chosen]:
    """What answers, from the best passage; from another only what a different law says, or what the first left open."""
    first, *others = sources
    taken = [_Chosen(first.passage, s) for s in _picked(first, read.kind, limit)]
    for other in others:
        if len(taken) == limit:
            break
        if _adds(other, first, read):
            more = [s for s in _picked(other, read.kind, 1) if not any(_repeats(s.text, t.statement.text) for t in taken)]
            taken += [_Chosen(other.passage, s) for s in more]
    return taken


def _picked(source: _Source, kind: Kind, limit: int) -> list[Statement]:
    """The statements of a passage that answer, in its order."""
    ranked = list(_weighed(source, kind))
    fitting = [(w, s) for w, s in ranked if s.has(kind)] if kind != "plain" else []
    if not fitting:
        return _told(ranked, limit)
    labelled = [s for _, s in fitting if s.label]
    if len(labelled) > 2 and kind in _EXACT:  # the same answer for one country after another
        return labelled[:limit]
    most = max(w for w, _ in fitting)
    near = [s for w, s in fitting if w >= (0.9 if s.row else 0.85) * most]
    kept = sorted(fitting, key=lambda pair: (-pair[0], pair[1].start))
    several = limit if all(s.row for s in near) else 2 if kind in _EXACT else 1
    return sorted([s for _, s in kept if s in near][: min(several, limit)] or [kept[0][1]], key=lambda s: s.start)


def _told(ranked: Sequence[tuple[float, Statement]], limit: int) -> list[Statement]:
    """The best statement and those that say nearly as much of what was asked: with an opening sentence, two or three."""
    most = max(w for w, _ in ranked)
    best = sorted(ranked, key=lambda pair: (-pair[0], pair[1].start))
    return sorted([s for w, s in best if w >= 0.8 * most][: min(3, limit)], key=lambda s: s.start)


def _weighed(source: _Source, kind: Kind) -> Iterator[tuple[float, Statement]]:
    """Each statement with its weight: its words, its place, a word of limit where a figure is asked for."""
    plain_talk = [s for s in source.said if not s.aside]
    for own, said in zip(source.own, source.said, strict=True):
        if said.aside and plain_talk:
            continue
        opens = 0.25 if plain_talk and said is plain_talk[0] and not said.row else 0.0
        figure = 0.2 if kind in _EXACT and said.tells(kind) else 0.0
        limits = 0.3 if figure and not said.row and _LIMIT_WORDS.search(said.text) else 0.0
        past = 0.4 if _PAST.search(said.text) else 0.0
        yield max(0.0, 0.15 + own + opens + figure + limits - past), said


def _adds(other: _Source, first: _Source, read: Question) -> bool:
    """Whether another passage says what the first cannot: the figure of another place's law, where none was named."""
    if read.kind not in _EXACT or read.names or read.clauses or other.worth < _OTHER_LAW * first.worth or other.covered < first.covered:
        return False
    here, there = _places(first.passage) - _ANYWHERE, _places(other.passage) - _ANYWHERE
    return bool(here and there) and not here & there


def _places(passage: Passage) -> frozenset[str]:
    found = passage.metadata.get("jurisdiction") or ()
    return frozenset(map(str, found)) if isinstance(found, (list, tuple)) else frozenset([str(found)])


def _repeats(one: str, other: str) -> bool:
    a, b = all_stems(one), all_stems(other)
    return len(a & b) > _REPEATS * min(len(a), len(b)) if a and b else a == b


def _nearest(passages: Sequence[Passage], telling: Mapping[str, float]) -> list[_Chosen]:
    """The best statement of each of the nearest passages."""
    out = []
    for passage in passages[:3]:
        said = statements(passage.text)
        if said:
            out.append(_Chosen(passage, max(said, key=lambda s: (_coverage(all_stems(s.text), telling), -s.start))))
    return out


def _citations(chosen: Sequence[_Chosen]) -> list[Citation]:
    return [
        Citation(
            number=i,
            passage=c.passage.id,
            source=c.passage.source,
            text=c.statement.text,
            title=c.passage.title,
            section=c.passage.section,
            reference=str(c.passage.metadata.get("reference", "")),
            start=c.passage.start + c.statement.start,
            end=c.passage.start + c.statement.end,
        )
        for i, c in enumerate(chosen, start=1)
    ]


def _notes(chosen: Sequence[_Chosen], context: Context) -> tuple[str, ...]:
    """What a reader should know of the sources: several legal systems, or not in force."""
    notes = ["The answer quotes the knowledge base; it is no legal advice."]
    cited = {c.passage.source: c.passage for c in chosen}
    local = [_places(p) - _ANYWHERE for p in cited.values()]
    places = sorted(frozenset().union(*local))
    if len(local) > 1 and all(local) and not frozenset.intersection(*local):
        notes.append(f"The sources speak of different jurisdictions: {', '.join(places)}.")
    day = context.as_of.isoformat() if context.as_of is not None else ""
    for source, passage in sorted(cited.items()):
        begins = str(passage.metadata.get("valid_from", ""))
        later = f"valid only from {begins}" if day and begins > day else ""
        if said := str(passage.metadata.get("not_in_force") or later):
            notes.append(f"{source} is {said}.")
    return tuple(notes)


def _known_of(results: Mapping[str, Any]) -> tuple[str, ...]:
    """What other capabilities found on the same table, a line each."""
    found = [(name, r) for name, r in sorted(results.items()) if isinstance(r, Result)]
    return tuple(f"{name.replace('_', ' ')}: {result.summary}" for name, result in found)


# -- words ----------------------------------------------------------------------------------------------------
def _above(passage: Passage) -> str:
    return " ".join((passage.title, *passage.section))


def _context_stems(passage: Passage) -> frozenset[str]:
    return all_stems(f"{_above(passage)} {passage.text}")


def _said(text: str) -> str:
    """A sentence without the marks of a list, a table or of emphasis."""
    plain = text if items(text) > 2 else _MARKUP.sub(lambda m: m.group(1) or "", text)
    if plain.lstrip().startswith("|"):
        plain = "; ".join(cell.strip() for cell in plain.strip().strip("|").split("|") if cell.strip())
    return " ".join(plain.split())


def _marked(text: str, question: str) -> Marked:
    wanted = set(stems(question))
    plain = _said(text)
    return Marked(plain, tuple(m.span() for m in WORD.finditer(plain) if stem(m.group().lower()) in wanted))


def _drawn_from(citation: Citation) -> Cell:
    """The file, and what it is drawn from; a link where that is an address."""
    said = citation.reference
    if said.startswith("http"):
        return Link(citation.source, said)
    return f"{citation.source}: {said}" if said else citation.source


def _place(citation: Citation) -> str:
    parts = [citation.title, *(s for s in citation.section if s != citation.title)]
    return " › ".join(p for p in parts if p)


__all__ = ["AdviceResult", "Citation", "advise_governance"]
