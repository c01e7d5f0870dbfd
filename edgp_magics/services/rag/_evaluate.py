"""How well questions find what they should: anyone can ask it of their own questions."""

from __future__ import annotations

import dataclasses
import math
import statistics
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...errors import BadOption
from ...values import Bar, Block, Document, Fold, Grid, Items, Passage, Text, View, plain, plural

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The figures of one mode: means over the questions."""

    recall_at_5: float
    recall_at_10: float
    ndcg_at_10: float
    mrr_at_10: float
    hit_at_1: float
    median_ms: float


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Figures by mode, and for each mode the questions that found nothing of what they should among the first ten.

    ``unknown`` are relevant ids that no passage or document has: nothing can find them. ``notes`` say what was not measured.
    """

    questions: int
    modes: Mapping[str, Measured]
    missed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def document(self) -> Document:
        """The modes side by side."""
        columns = ("mode", "recall@5", "recall@10", "nDCG@10", "MRR@10", "first is right", "median ms")
        rows = tuple(
            (
                name,
                Bar(m.recall_at_5, f"{m.recall_at_5:.3f}"),
                f"{m.recall_at_10:.3f}",
                f"{m.ndcg_at_10:.3f}",
                f"{m.mrr_at_10:.3f}",
                f"{m.hit_at_1:.3f}",
                f"{m.median_ms:.1f}",
            )
            for name, m in self.modes.items()
        )
        blocks: list[Block] = [Grid(plural(self.questions, "question"), columns, rows)]
        if self.unknown:
            some = ", ".join(self.unknown[:5]) + (" …" if len(self.unknown) > 5 else "")
            blocks.append(Text(f"{plural(len(self.unknown), 'relevant id')} name nothing in this base: {some}", tone="strong"))
        blocks += [Text(note, tone="note") for note in self.notes]
        blocks += [
            Fold(f"{name}: {plural(len(lost), 'question')} found nothing", (Items(lost),)) for name, lost in self.missed.items() if lost
        ]
        return Document(title="Retrieval on these questions", blocks=tuple(blocks))

    def view(self) -> View:
        """The page that shows the figures and can be saved."""
        return View(self.document(), plain(self))

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return self.view().to_dict()

    def to_frame(self) -> pd.DataFrame:
        """The figures, a row a mode."""
        import pandas as pd

        return pd.DataFrame([{"mode": name, **dataclasses.asdict(m)} for name, m in self.modes.items()])

    def to_markdown(self) -> str:
        """The page as Markdown."""
        return self.view().to_markdown()

    def to_html(self) -> str:
        """The page as an HTML fragment."""
        return self.view().to_html()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.view()._repr_mimebundle_()


def evaluate(
    search: Callable[..., list[Passage]],
    questions: Iterable[Mapping[str, Any]],
    *,
    k: int,
    modes: Sequence[str],
    known: Collection[str],
    notes: tuple[str, ...] = (),
) -> Evaluation:
    """Ask every question in every mode.

    A question is ``{"query": …, "relevant": [ids], "filter": {…}}``; ``filter`` may be left out. An id is that of a
    passage, or of a document when any of its passages will do.
    """
    asked = [_checked(q, i) for i, q in enumerate(questions)]
    if not asked:
        raise BadOption("no questions were given.", hint='Give a list of {"query": …, "relevant": [ids]}.')
    figures, missed = {}, {}
    for mode in modes:
        rows, times, lost = [], [], []
        for query, relevant, where in asked:
            started = time.perf_counter()
            hits = search(query, max(10, k), mode, where)
            times.append(1_000 * (time.perf_counter() - started))
            row = score([_found(h, relevant) for h in hits], relevant)
            rows.append(row)
            if not row["recall_at_10"]:
                lost.append(query)
        means = {name: statistics.fmean(row[name] for row in rows) for name in rows[0]}
        figures[mode] = Measured(**means, median_ms=statistics.median(times))
        missed[mode] = tuple(lost)
    unknown = tuple(dict.fromkeys(name for _, relevant, _ in asked for name in relevant if name not in known))
    return Evaluation(questions=len(asked), modes=figures, missed=missed, unknown=unknown, notes=notes)


def score(ranked: Sequence[str], relevant: Iterable[str]) -> dict[str, float]:
    """Recall, nDCG and reciprocal rank of one ranking.

    >>> score(["b", "a"], ["a"])["mrr_at_10"]
    0.5
    """
    wanted = set(relevant)
    order = list(dict.fromkeys(ranked))[:10]
    right = [name in wanted for name in order]
    gain = sum(1 / math.log2(i + 2) for i, hit in enumerate(right) if hit)
    best = sum(1 / math.log2(i + 2) for i in range(min(len(wanted), 10)))
    return {
        "recall_at_5": sum(right[:5]) / len(wanted),
        "recall_at_10": sum(right) / len(wanted),
        "ndcg_at_10": gain / best,
        "mrr_at_10": next((1 / (i + 1) for i, hit in enumerate(right) if hit), 0.0),
        "hit_at_1": float(any(right[:1])),
    }


def _found(hit: Passage, relevant: Sequence[str]) -> str:
    """The name under which a hit counts: its own, or its document's when that was asked for."""
    return hit.source if hit.id not in relevant and hit.source in relevant else hit.id


def _checked(question: Mapping[str, Any], number: int) -> tuple[str, tuple[str, ...], Mapping[str, Any] | None]:
    query, relevant = question.get("query"), question.get("relevant")
    if not isinstance(query, str) or not query.strip() or not relevant or isinstance(relevant, str):
        raise BadOption(
            f"question {number + 1} lacks its `query` or the ids of what is `relevant`.", hint='Give {"query": …, "relevant": [ids]}.'
        )
    return query, tuple(map(str, relevant)), question.get("filter")
