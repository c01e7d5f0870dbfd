"""Counts and values held against bounds, as rules: what Soda metrics, dbt limits and ODCS operators have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._model import Rule, RuleKind, Tolerance

Bounds = Mapping[str, Any]
_ZERO: Bounds = {"min": 0, "max": 0}
_LIMITS = ("min", "max", "strict_min", "strict_max")


def limits(bounds: Bounds) -> dict[str, Any]:
    """The bounds without what is not a bound."""
    return {k: bounds[k] for k in _LIMITS if k in bounds}


def tolerance_of(bounds: Bounds | None) -> Tolerance | None:
    """How many failing rows these bounds allow; None where they also demand some.

    >>> tolerance_of({"max": 5, "strict_max": True, "percent": True})
    Tolerance(count=None, percent=5.0, strict=True)
    """
    given = bounds or _ZERO
    if given.get("min") not in (None, 0) or given.get("max") is None or given.get("strict_min"):
        return None
    strict = bool(given.get("strict_max"))
    limit = float(given["max"])
    return Tolerance(percent=limit, strict=strict) if given.get("percent") else Tolerance(count=limit, strict=strict)


def counted(kind: RuleKind, columns: tuple[str, ...], bounds: Bounds | None, **parameters: Any) -> Rule:
    """A check on rows that may fail so often; where failures are demanded, the count itself as a value."""
    tolerance = tolerance_of(bounds)
    if tolerance is not None:
        return Rule.of(kind, columns, **parameters).but(tolerance=tolerance)
    function = {"not_null": "missing", "unique": "duplicates", "unique_combo": "duplicates"}.get(kind)
    if function is None or bounds is None:
        reason = "only an upper limit of failing rows can be checked here"
        return Rule.of("unsupported", columns, reason=reason)
    name = f"{function}_percent" if bounds.get("percent") else function
    return Rule.of("aggregate", columns, function=name, **limits(bounds))


def opposite(bounds: Bounds) -> Bounds:
    """The bounds that hold when ``when ...`` does not: ``when > 5`` leaves up to 5.

    >>> opposite({"min": 5, "strict_min": True})
    {'max': 5}
    """
    out: dict[str, Any] = {"percent": True} if bounds.get("percent") else {}
    low, high = bounds.get("min"), bounds.get("max")
    if low is not None and high is None:
        return {"max": low, **({} if bounds.get("strict_min") else {"strict_max": True}), **out}
    if high is not None and low is None:
        return {"min": high, **({} if bounds.get("strict_max") else {"strict_min": True}), **out}
    return {"min": low, "max": high, **out}
