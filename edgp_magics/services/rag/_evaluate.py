"""How well questions find what they should: anyone can ask it of their own questions."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...errors import BadOption
from ...values import Bar, Document, Grid, Passage, Text, plural


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
    """Figures by mode, and for each mode the questions that found nothing of what they should among the first ten."""

    questions: int
    modes: Mapping[str, Measured]
    missed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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
        missed = [f"{name}: {plural(len(q), 'question')} found nothing" for name, q in self.missed.items() if q]
        notes = (Text("; ".join(missed) + ".", tone="note"),) if missed else ()
        return Document(title="Retrieval on these questions", blocks=(Grid(plural(self.questions, "question"), columns, rows), *notes))


def evaluate(search: Callable[..., list[Passage]], questions: Iterable[Mapping[str, Any]], *, k: int, modes: Sequence[str]) -> Evaluation:
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
    return Evaluation(questions=len(asked), modes=figures, missed=missed)


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
