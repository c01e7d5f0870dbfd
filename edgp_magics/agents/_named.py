"""Which columns and tables a request in plain words names, and as what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..capabilities import CapabilitySpec

_GROUPS = r"(?:by|per|for each|for every|within each|across|grouped by|broken down by)(?: the)?\s+"
_ALONE = (r"(?:column|field)s?\s+(?:named\s+)?[`'\"]?{name}[`'\"]?(?!\w)", r"(?<!\w)[`'\"]?{name}[`'\"]?\s+(?:column|field)\b", r"`{name}`")
_IN = r"\b(?:values|cells|typos|mistakes|outliers) (?:in|of)\s+(?:the )?[`'\"]?{name}[`'\"]?(?!\w)"
_COMPARED = (
    r"\b(?:compar\w+ (?:it |this )?(?:with|to)|(?:differ\w*|changed?|drifted|shifted|moved) (?:from|since)|than|against|versus|vs\.?)"
    r"\s+(?:the\s+|table\s+)*[`'\"]?{name}[`'\"]?(?!\w)"
)


def options_named(
    question: str, spec: CapabilitySpec, columns: Sequence[str], frames: Iterable[str] = ()
) -> dict[str, tuple[str, ...] | str]:
    """Options that a question sets: "by state" groups, "in the amount column" limits, "compared with orders" refers to a table.

    ``frames`` are the names of the other tables there are.

    Only what is said plainly counts: a word that happens to be a column's name limits nothing.

    >>> from edgp_magics.capabilities import spec_of
    >>> options_named("completeness by state", spec_of("metrics"), ["id", "state"])
    {'by': ('state',)}
    >>> options_named("outliers in the unit price column?", spec_of("anomalies"), ["unit_price", "state"])
    {'columns': ('unit_price',)}
    >>> options_named("has it drifted compared with may?", spec_of("profile"), ["id"], ["may"])
    {'reference': 'may'}
    """
    known = {o.name for o in spec.options}
    grouped = _said(question, columns, (_GROUPS + r"[`'\"]?{name}[`'\"]?(?!\w)",))
    alone = tuple(c for c in _said(question, columns, (*_ALONE, _IN)) if c not in grouped)
    compared = _said(question, frames, (_COMPARED,))
    found: dict[str, tuple[str, ...] | str] = {"by": grouped, "columns": alone, "reference": compared[0] if compared else ""}
    return {option: names for option, names in found.items() if names and option in known}


def _said(question: str, columns: Iterable[str], patterns: Iterable[str]) -> tuple[str, ...]:
    forms = list(patterns)
    return tuple(c for c in columns if any(re.search(f.replace("{name}", _spoken(c)), question, re.IGNORECASE) for f in forms))


def _spoken(column: str) -> str:
    """A pattern of the name as people write it: underscores may be blanks."""
    return re.escape(column).replace("_", "[_ ]")
