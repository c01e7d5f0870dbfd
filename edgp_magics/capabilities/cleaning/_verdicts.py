"""One verdict per cell from all that detectors say about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...values._plan import Tier
from ._hits import FORMAT, Hits

AUTO, REVIEW = 0.95, 0.7
"""Confidence from which a repair is applied unseen, and from which it is proposed at all."""


@dataclass(frozen=True)
class Verdict:
    """What is to be done about one cell. ``new`` is text; ``repair`` tells whether it holds anything."""

    row: int
    column: int
    detector: str
    confidence: float
    reason: str
    stage: int
    repair: bool
    new: str | None = None
    basis: tuple[str, ...] = ()

    @property
    def tier(self) -> Tier:
        """``auto``, ``review`` or ``flag``."""
        if not self.repair or self.confidence < REVIEW:
            return "flag"
        return "auto" if self.confidence >= AUTO else "review"


def verdicts_of(hits: Sequence[Hits]) -> list[Verdict]:
    """One verdict per cell and stage: the surest repair, helped by others that say the same; else the surest suspicion."""
    format_: dict[tuple[int, int], Verdict] = {}
    content: defaultdict[tuple[int, int], list[Verdict]] = defaultdict(list)
    for hit in hits:
        for verdict in _of(hit):
            at = (verdict.column, verdict.row)
            if verdict.stage == FORMAT:
                format_[at] = verdict
            else:
                content[at].append(verdict)
    done = {at: _agreed(said) for at, said in content.items()}
    out = [*format_.values(), *(v for v in done.values() if v is not None)]
    return sorted(out, key=lambda v: (v.column, v.row, v.stage))


def _of(hit: Hits) -> Iterable[Verdict]:
    news: Sequence[str | None] = hit.new if hit.new is not None else (None,) * len(hit)
    for row, sure, new in zip(hit.rows.tolist(), hit.confidence.tolist(), news, strict=True):
        yield Verdict(row, hit.column, hit.detector, round(sure, 4), hit.reason, hit.stage, hit.new is not None, new, hit.basis)


def _agreed(said: Sequence[Verdict]) -> Verdict | None:
    """Detectors that propose the same value strengthen each other; ones that contradict weaken the winner."""
    fixes = [v for v in said if v.repair]
    if not fixes:
        return max(said, key=lambda v: (v.confidence, v.detector))
    doubt: dict[str | None, float] = {}
    for v in fixes:
        doubt[v.new] = doubt.get(v.new, 1.0) * (1 - min(v.confidence, 0.98))
    best = min(fixes, key=lambda v: (doubt[v.new], -v.confidence, v.detector))
    sure = 1 - doubt[best.new]
    rivals = [1 - d for new, d in doubt.items() if new != best.new]
    if rivals:
        sure *= sure / (sure + max(rivals))
    sure = min(sure, 0.99)
    return Verdict(best.row, best.column, best.detector, round(sure, 4), best.reason, best.stage, True, best.new, best.basis)
