"""What the history keeps of a profile's columns: aggregates over many rows, from which no single value can be read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..values import AgentCapability, Result

_FEW = 20
"""Of columns with fewer values only the kind and what is missing is kept: an aggregate of few says much about each."""
_COARSE = 50
"""Quartiles are rounded to a fiftieth of the distance between them, mean and deviation to a fiftieth of the deviation."""


def column_figures(result: Result) -> dict[str, dict[str, Any]]:
    """Kind, rows, shares of missing and distinct values, and for numbers mean, deviation and quartiles, coarsened."""
    columns = getattr(result, "columns", None)
    if result.capability is not AgentCapability.DATA_PROFILING or not isinstance(columns, Mapping):
        return {}
    return {str(name): _figures(c) for name, c in columns.items() if hasattr(c, "missing_share")}


def _figures(column: Any) -> dict[str, Any]:
    out: dict[str, Any] = {"kind": column.kind, "count": column.count, "missing": round(column.missing_share, 4)}
    if column.count < _FEW:
        return out
    out["distinct"] = round(column.distinct / column.count, 4)
    if column.lengths is not None:
        out["length"] = round(column.lengths.mean, 1)
    if column.numeric and column.std and not column.identifier:
        out["std"] = _coarse(column.std, column.std)
        out["mean"] = _coarse(column.mean, column.std)
        quartiles = [column.quantiles.get(q) for q in ("25%", "50%", "75%")]
        if None not in quartiles and float(quartiles[2]) > float(quartiles[0]):
            out["quartiles"] = [_coarse(q, float(quartiles[2]) - float(quartiles[0])) for q in quartiles]
    return out


def _coarse(value: Any, spread: Any) -> float:
    """A value rounded to a power of ten near a fiftieth of the spread.

    >>> _coarse(1234.567, 100)
    1235.0
    """
    digits = -math.floor(math.log10(float(spread) / _COARSE))
    return round(float(value), digits)
