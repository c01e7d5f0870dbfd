"""Which columns a request in plain words names, and as what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..capabilities import CapabilitySpec

_GROUPS = r"(?:by|per|for each|for every|within each|across|grouped by|broken down by)(?: the)?\s+"
_ALONE = (r"(?:column|field)s?\s+(?:named\s+)?[`'\"]?{name}[`'\"]?(?!\w)", r"(?<!\w)[`'\"]?{name}[`'\"]?\s+(?:column|field)\b", r"`{name}`")


def options_named(question: str, spec: CapabilitySpec, columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Options that a question sets by naming columns: "by state" groups, "in the amount column" limits.

    Only what is said plainly counts: a word that happens to be a column's name limits nothing.

    >>> from edgp_magics.capabilities import spec_of
    >>> options_named("completeness by state", spec_of("metrics"), ["id", "state"])
    {'by': ('state',)}
    >>> options_named("outliers in the unit price column?", spec_of("anomalies"), ["unit_price", "state"])
    {'columns': ('unit_price',)}
    """
    known = {o.name for o in spec.options}
    grouped = _said(question, columns, (_GROUPS + r"[`'\"]?{name}[`'\"]?(?!\w)",))
    alone = tuple(c for c in _said(question, columns, _ALONE) if c not in grouped)
    found = {"by": grouped, "columns": alone}
    return {option: names for option, names in found.items() if names and option in known}


def _said(question: str, columns: Iterable[str], patterns: Iterable[str]) -> tuple[str, ...]:
    forms = list(patterns)
    return tuple(c for c in columns if any(re.search(f.replace("{name}", _spoken(c)), question, re.IGNORECASE) for f in forms))


def _spoken(column: str) -> str:
    """A pattern of the name as people write it: underscores may be blanks."""
    return re.escape(column).replace("_", "[_ ]")
