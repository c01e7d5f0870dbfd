"""Numbers that cannot be: a sign nothing else has, or a size far away from everything else."""

from __future__ import annotations

import re

import numpy as np

from ._hits import Hits, suspects
from ._numbers import plain_number
from ._view import Floats, View

_SPLIT = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])|\d+")
_BOUNDS = {
    "age": (0, 120),
    "alter": (0, 120),
    "lat": (-90, 90),
    "latitude": (-90, 90),
    "lon": (-180, 180),
    "lng": (-180, 180),
    "longitude": (-180, 180),
    "month": (1, 12),
    "hour": (0, 24),
    "percent": (-100, 1000),
    "ph": (0, 14),
}
"""What quantities of these names can be at all."""


def find_impossible(view: View) -> list[Hits]:
    """Cells of a numeric column that stand alone, without a repair."""
    if view.kind not in ("string", "integer", "float", "decimal") or view.filled < 50:
        return []
    numbers = np.array([plain_number(t) for t in view.texts])
    if view.weight(np.flatnonzero(~np.isfinite(numbers))) > 0.1 * view.filled or len(view.texts) < 10:
        return []
    out = []
    negative = np.flatnonzero(numbers < 0)
    if len(negative) and view.weight(negative) <= 0.005 * view.filled:
        out.append(suspects(view, "impossible", view.rows_of(negative), 0.7, "negative in a column that is never negative otherwise"))
    beyond = _beyond(view, numbers)
    if len(beyond):
        out.append(suspects(view, "impossible", view.rows_of(beyond), 0.85, "outside what such a quantity can be"))
    far = [c for c in _far(view, numbers) if c not in beyond]
    if len(far):
        out.append(suspects(view, "impossible", view.rows_of(far), 0.7, "far outside the range of all other values"))
    return out


def _beyond(view: View, numbers: Floats) -> list[int]:
    """Values outside the bounds of what the column is named for, where nearly all others keep to them."""
    named = _SPLIT.sub(" ", view.name).casefold().split()
    bounds = next((_BOUNDS[w] for w in named if w in _BOUNDS), None)
    if bounds is None:
        return []
    out = np.flatnonzero((numbers < bounds[0]) | (numbers > bounds[1])).tolist()
    return out if view.weight(out) <= 0.02 * view.filled + 1 else []


def _far(view: View, numbers: Floats) -> list[int]:
    """Values at least ten times as large as the next one, past a wide margin, in at most 0.5 % of the rows."""
    codes = np.flatnonzero(np.isfinite(numbers) & (numbers > 0))
    if len(codes) < 10:
        return []
    order = codes[np.argsort(numbers[codes], kind="stable")]
    logs = np.log10(numbers[order])
    weights = view.counts[order].astype(float)
    middle = np.interp([0.25, 0.5, 0.75], np.cumsum(weights) / weights.sum(), logs)
    margin = max(1.0, 4 * float(middle[2] - middle[0]))
    steps = np.diff(logs)
    above = [i for i in range(len(steps)) if steps[i] >= 1 and logs[i + 1] > middle[1] + margin]
    if not above:
        return []
    tail = [int(c) for c in order[above[0] + 1 :]]
    return tail if view.weight(tail) <= 0.005 * view.filled + 1 else []
