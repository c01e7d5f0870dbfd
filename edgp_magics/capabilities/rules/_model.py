"""A suggested rule with what it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...values import Severity
from ..checks import Rule, Tolerance

_Z = 1.959964  # 95 %, two-sided


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a rule rests on: rows it speaks about, rows that break it, and why it was suggested.

    ``at_least`` is the Wilson lower bound (95 %) of the share of rows that keep the rule.
    """

    judged: int
    failing: int
    at_least: float
    why: str


@dataclass(frozen=True)
class Draft:
    """A rule not yet counted, and why it came up."""

    rule: Rule
    why: str


def wilson(kept: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share.

    >>> [round(x, 4) for x in wilson(98, 100)]
    [0.93, 0.9945]
    """
    if not of:
        return 0.0, 1.0
    share, z2 = kept / of, _Z * _Z
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, centre - half), min(1.0, centre + half)


def tolerance_for(failing: int, judged: int) -> Tolerance:
    """A limit that today's rows keep: the upper end of the failing share's interval, rounded up; none where nothing fails.

    >>> tolerance_for(3, 1000).percent, str(tolerance_for(0, 1000))
    (0.88, '')
    """
    if not failing or not judged:
        return Tolerance()
    upper = 100 * (1 - wilson(judged - failing, judged)[0])
    digits = 1 - math.floor(math.log10(upper))
    scale = 10**digits
    return Tolerance(percent=min(100.0, math.ceil(upper * scale - 1e-9) / scale))


def severity_for(rule: Rule) -> Severity:
    """How much a break of the rule matters."""
    if rule.kind in ("unique", "unique_combo", "relationship"):
        return Severity.HIGH
    if rule.kind in ("not_null", "in_set", "type_is", "regex", "pair", "dependency", "conditional"):
        return Severity.MEDIUM
    return Severity.LOW
