"""Values in the wrong column: one that ran into its neighbour, and two that changed places."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ._hits import Hits, repairs
from ._view import Ints, View

_VOCABULARY = 2_000


def find_spills(views: Sequence[View], step: Callable[[], None] = lambda: None) -> list[Hits]:
    """Pairs of text columns with a value in the wrong one."""
    closed = [v for v in views if is_vocabulary(v)]
    wide = [v for v in views if v.is_text and not v.prose and len(v.texts) >= 2]
    out: list[Hits] = []
    for target in closed:
        step()
        for source in wide:
            if source.position != target.position:
                out += _spilled(source, target)
                if is_vocabulary(source) and source.position < target.position:
                    out += _swapped(source, target)
    return out


def is_vocabulary(view: View) -> bool:
    """Text values that come back: most rows hold a value that occurs several times."""
    if not view.is_text or view.prose or not 2 <= len(view.texts) <= _VOCABULARY:
        return False
    return int(view.counts[view.counts >= 2].sum()) >= 0.7 * view.filled and any(not t[:1].isdigit() for t in view.texts[:20])


def _spilled(source: View, target: View) -> list[Hits]:
    """``Boston MA`` in one column and nothing in the other, whose vocabulary knows ``MA``."""
    gone = target.codes < 0
    if not gone.any():
        return []
    words = {t for t, n in zip(target.texts, target.counts, strict=True) if n >= 2 and len(t) <= 40}
    known = set(source.texts)
    split = {c: s for c, t in enumerate(source.texts) if len(t) <= 120 and (s := _split(t, words)) is not None}
    rows = source.rows_of(list(split)) if split else np.empty(0, dtype=np.int64)
    spilled = rows[gone[rows]]
    if len(spilled) < 3 or len(spilled) < 0.8 * len(rows) or len(spilled) < 0.5 * gone.sum():
        return []  # where the column is empty anyway, the words belong where they stand
    parts = [split[int(c)] for c in source.codes[spilled]]
    if sum(rest in known for rest, _ in parts) < 0.3 * len(parts):
        return []
    reason = f"the value holds that of {target.name}, too, which is empty there"
    return [
        repairs(source, "spilled", spilled, [rest for rest, _ in parts], 0.96, reason),
        repairs(target, "spilled", spilled, [word for _, word in parts], 0.96, f"its value stands in {source.name}", (source.name,)),
    ]


def _split(text: str, words: set[str]) -> tuple[str, str] | None:
    """The text without a trailing (or leading) word of the other column, and that word; the longest wins."""
    tokens = text.split(" ")
    for size in range(min(4, len(tokens) - 1), 0, -1):
        tail, rest = " ".join(tokens[-size:]), " ".join(tokens[:-size])
        if tail in words or tail.strip("()") in words:
            return rest.rstrip(" ,;/-|("), tail if tail in words else tail.strip("()")
        head, rest = " ".join(tokens[:size]), " ".join(tokens[size:])
        if head.rstrip(",;:") in words:
            return rest.lstrip(" ,;/-|"), head.rstrip(",;:")
    return None


def _swapped(a: View, b: View) -> list[Hits]:
    """Rows where each column holds a value that belongs to the other's vocabulary and not to its own."""
    own_a, own_b = _counts(a), _counts(b)
    strange_a = [c for c, t in enumerate(a.texts) if len(t) > 1 and own_b.get(t, 0) >= max(3, 5 * own_a[t])]
    strange_b = [c for c, t in enumerate(b.texts) if len(t) > 1 and own_a.get(t, 0) >= max(3, 5 * own_b[t])]
    if not strange_a or not strange_b:
        return []
    rows_a, rows_b = a.rows_of(strange_a), b.rows_of(strange_b)
    rows = np.intersect1d(rows_a, rows_b)
    if not len(rows) or len(rows) > 0.2 * a.rows or 2 * len(rows) < max(len(rows_a), len(rows_b)) or _alike(own_a, own_b, a, rows):
        return []
    reason = f"{a.name} and {b.name} hold each other's values"
    return [
        repairs(a, "swapped", rows, [b.texts[int(c)] for c in b.codes[rows]], 0.95, reason, (b.name,)),
        repairs(b, "swapped", rows, [a.texts[int(c)] for c in a.codes[rows]], 0.95, reason, (a.name,)),
    ]


def _alike(own_a: dict[str, int], own_b: dict[str, int], a: View, rows: Ints) -> bool:
    """Whether the two vocabularies overlap beyond the swapped rows: then a shared value proves nothing."""
    shared = sum(min(n, own_b[t]) for t, n in own_a.items() if t in own_b)
    return shared > 2 * len(rows) + 0.01 * a.rows


def _counts(view: View) -> dict[str, int]:
    return dict(zip(view.texts, map(int, view.counts), strict=True))
