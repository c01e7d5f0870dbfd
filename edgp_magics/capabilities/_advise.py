"""governance_advice: an answer in sentences of the knowledge itself, each with its citation, or the word that it is not known."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from ..frames import Frame
from ..values import AgentCapability, Block, Context, Fold, Grid, Items, Marked, Passage, Result, Status, Text, plural
from ._options import Option

_WORD = re.compile(r"\d+(?:[.\-/]\d+)+|[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])|\n\s*\n|\n(?=\s*(?:[-*|+]|\d+[.)])\s?)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:arts?|art|no|nos|sec|secs|para|paras|cf|vs|e\.g|i\.e|approx|ca|reg|regs|dr|st|inc|ltd|fig|vol|ed|al)|\b[A-Z])\.$", re.I
)
_MARKUP = re.compile(r"^\s*(?:[-*+]|\d+[.)]|#{1,6}|>)\s+|[*`]{1,2}|\[([^\]]*)\]\([^)]*\)")
_RULE = re.compile(r"[\s|:\-=]+")
_SAYS_NOTHING = """
a about all also an and any are as at be been but by can could did do does for from get give had has have how i if in into is it its
know long may me mean means must my need no not of on or our please shall should so some such tell than that the their them then there these
they this those to under us was we were what when where which who whom whose why will with would you your
"""
_EMPTY = frozenset(_SAYS_NOTHING.split())
_NEAR = 0.5
_COVERED = 0.5
"""A passage answers when the question's words are in it, weighted by how telling they are, or when its meaning is as near as `_NEAR`."""
_A_PASSAGE = 2
_REPEATS = 0.6


@dataclass(frozen=True, kw_only=True)
class Citation:
    """Where a sentence of the answer stands: ``text`` is ``source_text[start:end]``."""

    number: int
    passage: str
    source: str
    text: str
    title: str = ""
    section: tuple[str, ...] = ()
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
            rows = tuple((f"[{c.number}]", _marked(c.text, self.question), _place(c), c.source) for c in self.citations)
            caption = "Where it stands" if self.known else "Nearest passages; they do not answer the question"
            blocks.append(Grid(caption, ("", "sentence", "document and section", "source"), rows))
        if self.about:
            blocks.append(Fold(f"What is known of {self.dataset.name}", (Items(self.about),)))
        return blocks


@dataclass(frozen=True)
class _Sentence:
    """A sentence of a passage: its place in the passage, what it says beyond the question (stems), what it is worth."""

    passage: Passage
    rank: int
    start: int
    end: int
    says: frozenset[str]
    worth: float

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]


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
    telling = _telling(asked, context.passages)
    confidence = max((_answers(p, telling) for p in context.passages), default=0.0)
    context.progress.step("reading passages", 0.5)
    ranked = _ranked(context.passages, telling)
    if not context.passages or confidence < 1.0:
        nearest = tuple(_citations(_best_of_each(ranked)[:3]))
        why = "no passage bears on it" if not nearest else "the nearest passages do not cover it"
        summary = f"The knowledge base does not answer this: {why}."
        return _unanswered(frame, asked, summary, nearest, confidence, known_of)
    chosen = _chosen(ranked, sentences)
    citations = tuple(_citations(chosen))
    sources = len({c.source for c in citations})
    return AdviceResult(
        capability=AgentCapability.GOVERNANCE_ADVICE,
        dataset=frame.ref,
        status=Status.OK,
        summary=f"Answered in {plural(len(citations), 'sentence')} from {plural(sources, 'document')}; no word is made up.",
        metrics={"passages": len(context.passages), "sentences": len(citations), "sources": sources},
        notes=_notes(chosen, context),
        context=context.passages,
        question=asked,
        answer=" ".join(f"{_said(c.text)} [{c.number}]" for c in citations),
        known=True,
        confidence=round(_share(context.passages, telling), 3),
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


# -- how well a passage answers -------------------------------------------------------------------------------
def _telling(question: str, passages: Sequence[Passage]) -> dict[str, float]:
    """The words of the question by stem, each weighted by how few of the passages have it, so that they sum to 1."""
    wanted = list(dict.fromkeys(_stems(question)))
    have = [_context_stems(p) for p in passages]
    weights = {stem: math.log(1 + (len(have) + 1) / (0.5 + sum(stem in h for h in have))) for stem in wanted}
    total = sum(weights.values())
    return {stem: weight / total for stem, weight in weights.items()} if total else {}


def _coverage(passage: Passage, telling: Mapping[str, float]) -> float:
    return sum(weight for stem, weight in telling.items() if stem in _context_stems(passage))


def _answers(passage: Passage, telling: Mapping[str, float]) -> float:
    """1 and more when the passage bears on the question: its words, or its meaning with some of its words."""
    covered = _coverage(passage, telling) / _COVERED
    if passage.dense is None:
        return covered
    # meaning counts in full only together with words: a model finds something near for every question
    near = passage.dense / _NEAR
    return max(min(covered, near / 0.7), min(near, 1.0) * (0.6 + min(covered, 1.0)))


def _share(passages: Sequence[Passage], telling: Mapping[str, float]) -> float:
    return max((max(_coverage(p, telling), p.dense or 0.0) for p in passages), default=0.0)


# -- choosing sentences ---------------------------------------------------------------------------------------
def _ranked(passages: Sequence[Passage], telling: Mapping[str, float]) -> list[_Sentence]:
    """Sentences of all passages, best first."""
    best = max((p.score for p in passages), default=1.0) or 1.0
    out = []
    for rank, passage in enumerate(passages):
        weight = max(0.1, passage.score / best) * (0.4 + 0.6 * min(1.0, _answers(passage, telling)))
        for start, end in _statements(passage.text):
            stems = frozenset(_stems(passage.text[start:end]))
            hit = sum(w for stem, w in telling.items() if stem in stems)
            first = 0.15 if start == 0 else 0.0  # a passage opens with what it is about
            if hit > 0 or start == 0:
                out.append(_Sentence(passage, rank, start, end, stems - telling.keys(), weight * (hit + first)))
    return sorted(out, key=lambda s: (-s.worth, s.rank, s.start))


def _statements(text: str) -> list[tuple[int, int]]:
    """Sentences that state something: no questions, no headings of tables and their rules."""
    spans = split_sentences(text)
    kept = []
    for i, (start, end) in enumerate(spans):
        said = text[start:end]
        heads_table = said.startswith("|") and i + 1 < len(spans) and _RULE.fullmatch(text[slice(*spans[i + 1])])
        if not (said.endswith("?") or heads_table or _RULE.fullmatch(said)):
            kept.append((start, end))
    return kept


def _chosen(ranked: Sequence[_Sentence], limit: int) -> list[_Sentence]:
    """The best sentences that do not repeat each other, few a passage; those of a passage stay together and in its order."""
    taken: list[_Sentence] = []
    least = 0.35 * ranked[0].worth if ranked else 0.0
    used: Counter[str] = Counter()
    for sentence in ranked:
        if len(taken) == limit or sentence.worth < least:
            break
        repeats = any(_overlap(sentence.says, other.says) > _REPEATS for other in taken)
        if not repeats and used[sentence.passage.id] < _A_PASSAGE:
            taken.append(sentence)
            used[sentence.passage.id] += 1
    best = {s.rank: max(o.worth for o in taken if o.rank == s.rank) for s in taken}
    return sorted(taken, key=lambda s: (-best[s.rank], s.rank, s.start))


def _best_of_each(ranked: Sequence[_Sentence]) -> list[_Sentence]:
    first: dict[str, _Sentence] = {}
    for sentence in ranked:
        first.setdefault(sentence.passage.id, sentence)
    return list(first.values())


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / min(len(a), len(b)) if a and b else float(a == b)


def _citations(chosen: Sequence[_Sentence]) -> list[Citation]:
    return [
        Citation(
            number=i,
            passage=s.passage.id,
            source=s.passage.source,
            text=s.text,
            title=s.passage.title,
            section=s.passage.section,
            start=s.passage.start + s.start,
            end=s.passage.start + s.end,
        )
        for i, s in enumerate(chosen, start=1)
    ]


def _notes(chosen: Sequence[_Sentence], context: Context) -> tuple[str, ...]:
    """What a reader should know of the sources: several legal systems, or not yet in force."""
    notes = ["The answer quotes the knowledge base; it is no legal advice."]
    places = sorted({str(s.passage.metadata["jurisdiction"]) for s in chosen if s.passage.metadata.get("jurisdiction")})
    if len(places) > 1:
        notes.append(f"The sources speak of different jurisdictions: {', '.join(places)}.")
    if context.as_of is not None:
        day = context.as_of.isoformat()
        later = sorted({s.passage.source for s in chosen if str(s.passage.metadata.get("valid_from", "")) > day})
        notes += [f"{source} is valid only from {_from(chosen, source)}." for source in later]
    return tuple(notes)


def _from(chosen: Sequence[_Sentence], source: str) -> str:
    return next(str(s.passage.metadata["valid_from"]) for s in chosen if s.passage.source == source)


def _known_of(results: Mapping[str, Any]) -> tuple[str, ...]:
    """What other capabilities found on the same table, a line each."""
    found = [(name, r) for name, r in sorted(results.items()) if isinstance(r, Result)]
    return tuple(f"{name.replace('_', ' ')}: {result.summary}" for name, result in found)


# -- words ----------------------------------------------------------------------------------------------------
def split_sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences and list items of a text.

    >>> text = "See Art. 5(1)(e). It sets no number of days."
    >>> [text[a:b] for a, b in split_sentences(text)]
    ['See Art. 5(1)(e).', 'It sets no number of days.']
    """
    spans, start = [], 0
    for found in _SENTENCE.finditer(text):
        if _ABBREVIATION.search(text[max(start, found.start() - 12) : found.start()]):
            continue
        spans.append((start, found.start()))
        start = found.end()
    spans.append((start, len(text)))
    trimmed = ((a + len(text[a:b]) - len(text[a:b].lstrip()), b - len(text[a:b]) + len(text[a:b].rstrip())) for a, b in spans)
    return [(a, b) for a, b in trimmed if a < b]


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _EMPTY]


def _context_stems(passage: Passage) -> frozenset[str]:
    return _all_stems(" ".join((passage.title, *passage.section, passage.text)))


@functools.lru_cache(maxsize=512)
def _all_stems(text: str) -> frozenset[str]:
    return frozenset(_stems(text))


@functools.lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


@functools.cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english", 0)


def _said(text: str) -> str:
    """A sentence without the marks of a list, a table or of emphasis."""
    plain = _MARKUP.sub(lambda m: m.group(1) or "", text)
    if plain.lstrip().startswith("|"):
        plain = "; ".join(cell.strip() for cell in plain.strip().strip("|").split("|") if cell.strip())
    return " ".join(plain.split())


def _marked(text: str, question: str) -> Marked:
    wanted = set(_stems(question))
    flat = _said(text)
    return Marked(flat, tuple(m.span() for m in _WORD.finditer(flat) if _stem(m.group().lower()) in wanted))


def _place(citation: Citation) -> str:
    parts = [citation.title, *(s for s in citation.section if s != citation.title)]
    return " › ".join(p for p in parts if p)


__all__ = ["AdviceResult", "Citation", "advise_governance", "split_sentences"]
