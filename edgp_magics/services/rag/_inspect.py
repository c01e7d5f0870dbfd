"""What a retrieval found and why, as a document: the inspector behind ``%governance rag "…"``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...values import Bar, Block, Cell, Code, Document, Facts, Fold, Grid, Link, Marked, Passage, Text, percent, plural
from ._words import matches, terms

_EXCERPT = 420
_NEAR_MISSES = 3
_BEARS = 0.35
"""A cosine below this, with few of the words, is what a model finds for anything at all."""
_HALF = 0.5
_NEAR, _VERY = 0.4, 0.6
"""Cosines from which a reader may call a passage near, and very near."""


def inspection(
    query: str,
    hits_by_mode: Mapping[str, Sequence[Passage]],
    *,
    mode: str = "hybrid",
    k: int = 5,
    where: Mapping[str, Any] | None = None,
    status: Mapping[str, Any] | None = None,
) -> Document:
    """The first ``k`` hits of ``mode`` in full, what came next, and the modes side by side.

    ``hits_by_mode`` holds hits best first, some more than ``k`` (3 are enough), so that the cut-off can be seen;
    ``where`` is the filter that was used; ``status`` is what :meth:`KnowledgeBase.status` says, for the small print.
    """
    chosen = mode if mode in hits_by_mode else next(iter(hits_by_mode), mode)
    hits = list(hits_by_mode.get(chosen, ()))
    shown, beyond = hits[:k], hits[k : k + _NEAR_MISSES]
    bears = _bears(query, shown)
    blocks: list[Block] = [Text(_answer(shown, chosen, bears), tone="strong"), _facts(chosen, k, where)]
    if shown:
        ranks = _ranks(hits_by_mode)
        blocks.append(_passages(query, shown, chosen, ranks, bears))
        blocks.append(Fold(f"The {plural(len(shown), 'passage')} in full", tuple(_whole(query, i, p) for i, p in enumerate(shown, 1))))
        blocks += _cut_off(shown, beyond, k)
        if len(hits_by_mode) > 1:
            blocks.append(_side_by_side(hits_by_mode, k))
    else:
        blocks.append(Text("Try other words, fewer filters, or add knowledge on it.", tone="note"))
    return Document(title=f"Retrieval: {query}", blocks=tuple(blocks), footer=_footer(status))


def _bears(query: str, shown: Sequence[Passage]) -> bool:
    """Whether anything shown is about the question: near in meaning, or with half of its words and more."""
    wanted = set(terms(query))
    near = max((p.dense for p in shown if p.dense is not None), default=0.0)
    share = max((len(wanted & set(terms(f"{_above(p)} {p.text}"))) / max(1, len(wanted)) for p in shown), default=0.0)
    return near >= _BEARS or share >= _HALF


def _answer(shown: Sequence[Passage], mode: str, bears: bool) -> str:
    if not shown:
        return "Nothing was found."
    if not bears:
        return "Nothing here bears on this: these passages are only the least far away."
    sources = len({p.source for p in shown})
    return f"{plural(len(shown), 'passage')} from {plural(sources, 'document')}, ranked by {_MODES.get(mode, mode)}."


_MODES = {"hybrid": "words and meaning together", "dense": "meaning (cosine)", "lexical": "words (BM25)"}


def _facts(mode: str, k: int, where: Mapping[str, Any] | None) -> Facts:
    filters = ", ".join(f"{name} = {value}" for name, value in (where or {}).items()) or "none"
    return Facts((("mode", Code(mode)), ("k", k), ("filters", Code(filters))))


def _passages(query: str, shown: Sequence[Passage], mode: str, ranks: Mapping[str, Mapping[str, int]], bears: bool) -> Grid:
    best = max((p.score for p in shown), default=0.0) / (1.0 if bears else _BEARS)  # the best of nothing is no full bar
    most = max((p.lexical or 0.0 for p in shown), default=0.0)
    rows = tuple(
        (
            i,
            _excerpt(query, p.text),
            Bar(_share(p.score, best), f"{p.score:.3f}", "good" if i == 1 and bears else "neutral"),
            None if p.lexical is None else Bar(_share(p.lexical, most), f"{p.lexical:.2f}"),
            None if p.dense is None else Bar(min(1.0, max(0.0, p.dense)), f"{p.dense:.3f}"),
            _place(p),
            _why(query, p, mode, ranks),
        )
        for i, p in enumerate(shown, start=1)
    )
    return Grid("Passages, best first", ("rank", "passage", "score", "words (BM25)", "meaning (cosine)", "source and section", "why"), rows)


def _whole(query: str, rank: int, passage: Passage) -> Grid:
    told = ("title", "source", "reference", "url", "not_in_force")
    about = "; ".join(f"{name}: {_value(value)}" for name, value in sorted(passage.metadata.items()) if name not in told)
    rows: tuple[tuple[Cell, ...], ...] = (
        ("text", Marked(passage.text, tuple(matches(passage.text, terms(query))))),
        ("section", " › ".join(passage.section) or passage.title),
        ("source", f"{passage.source}, characters {passage.start:,}-{passage.end:,}"),
        ("drawn from", _reference(passage)),
        ("in force", str(passage.metadata.get("not_in_force", ""))),
        ("id", Code(passage.id)),
        ("about", about),
    )
    return Grid(f"{rank}. {passage.title or passage.source}", ("", ""), tuple(row for row in rows if row[1] not in ("", None)))


def _cut_off(shown: Sequence[Passage], beyond: Sequence[Passage], k: int) -> list[Block]:
    """What just missed the list, and by how much: a small gap says that ``k`` cuts through equals."""
    if not beyond:
        return [Text(f"Nothing more was found after these {len(shown)}.", tone="note")] if len(shown) < k else []
    last = shown[-1].score
    rows = tuple(
        (k + i, _start(p.text), f"{p.score:.3f}", f"-{percent(max(0.0, last - p.score), last or 1.0)}", _place(p))
        for i, p in enumerate(beyond, start=1)
    )
    gap = (last - beyond[0].score) / last if last else 0.0
    said = "The cut-off falls between near equals: a larger k may help." if gap < 0.02 else f"The next one scores {percent(gap)} less."
    return [
        Fold(
            f"Near the cut-off: {said}", (Grid("Just missed", ("rank", "passage", "score", "below the last", "source and section"), rows),)
        )
    ]


def _side_by_side(hits_by_mode: Mapping[str, Sequence[Passage]], k: int) -> Fold:
    """Every passage that any mode has among its first ``k``, with its rank in each."""
    modes = list(hits_by_mode)
    ranks = _ranks(hits_by_mode)
    found = {p.id: p for hits in hits_by_mode.values() for p in hits[:k]}

    def order(key: str) -> tuple[float, float, str]:
        places = [ranks[m].get(key, 99) for m in modes]
        return min(places), sum(places) / len(places), key

    rows = tuple((_place(found[key]), *(ranks[m].get(key) for m in modes), _start(found[key].text)) for key in sorted(found, key=order))
    agreed = sum(all(ranks[m].get(key, 99) <= k for m in modes) for key in found)
    grid = Grid("Rank of each passage by mode", ("source and section", *modes, "passage"), rows)
    return Fold(f"Modes side by side: they agree on {agreed} of {len(found)}", (grid,))


def _ranks(hits_by_mode: Mapping[str, Sequence[Passage]]) -> dict[str, dict[str, int]]:
    return {mode: {p.id: i for i, p in enumerate(hits, start=1)} for mode, hits in hits_by_mode.items()}


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _reference(passage: Passage) -> Cell:
    """What the document is drawn from: a link where it names an address."""
    said = str(passage.metadata.get("reference", ""))
    address = next((str(u) for u in (passage.metadata.get("url"), said, passage.source) if str(u or "").startswith("http")), "")
    return Link(said or address, address) if address else said


def _why(query: str, passage: Passage, mode: str, ranks: Mapping[str, Mapping[str, int]]) -> str:
    """In a few words what brought a passage up."""
    reasons = [str(passage.metadata["not_in_force"])] if passage.metadata.get("not_in_force") else []
    if passage.matched:
        more = len(passage.matched) - 6
        reasons.append("has " + ", ".join(passage.matched[:6]) + (f" and {plural(more, 'other word')}" if more > 0 else ""))
    if passage.dense is not None:
        near = "very near in meaning" if passage.dense >= _VERY else "near in meaning" if passage.dense >= _NEAR else "far in meaning"
        reasons.append(near)
    above = sorted(_above(passage)[a:b].lower() for a, b in matches(_above(passage), terms(query)))
    if above:
        reasons.append(f"its heading has {', '.join(dict.fromkeys(above))}")
    elif mode == "hybrid" and not passage.matched and (passage.dense or 0.0) < _NEAR:
        reasons.append(f"lifted by what else {passage.title or passage.source} says on the matter")
    others = [f"{name} {places[passage.id]}" for name, places in ranks.items() if name != mode and passage.id in places]
    return "; ".join(reasons) + (f" (rank by {', '.join(others)})" if others else "")


def _excerpt(query: str, text: str) -> Marked:
    """The stretch of a passage with the most words of the query, the words marked."""
    marks = matches(text, terms(query))
    if len(text) <= _EXCERPT:
        return Marked(text, tuple(marks))
    starts = [0, *(max(0, a - 40) for a, _ in marks)]
    best = max(starts, key=lambda s: (sum(s <= a and b <= s + _EXCERPT for a, b in marks), -s))
    best = min(best, len(text) - _EXCERPT)  # an excerpt is never shorter than it may be
    begin = text.rfind(" ", 0, best) + 1 if best else 0
    end = min(len(text), best + _EXCERPT)
    before, after = "… " if begin else "", " …" if end < len(text) else ""
    shift = len(before) - begin
    inside = tuple((a + shift, b + shift) for a, b in marks if begin <= a and b <= end)
    return Marked(f"{before}{text[begin:end]}{after}", inside)


def _above(passage: Passage) -> str:
    return " › ".join(dict.fromkeys((passage.title, *passage.section)))


def _start(text: str, limit: int = 90) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _place(passage: Passage) -> str:
    section = [s for s in passage.section if s != passage.title]
    return " › ".join([passage.source, *section[-2:]])


def _share(part: float, whole: float) -> float:
    return min(1.0, max(0.0, part / whole)) if whole > 0 else 0.0


def _footer(status: Mapping[str, Any] | None) -> str:
    if not status:
        return ""
    encoder = status.get("encoder") or "words only"
    said = f"{plural(int(status.get('passages', 0)), 'passage')} searched · {encoder} · {status.get('store', '')}".rstrip(" ·")
    why = [f"search is by words only: {status['lexical_only']}"] if status.get("lexical_only") else []
    return " · ".join([said, *why, *map(str, status.get("notices", ()))])
