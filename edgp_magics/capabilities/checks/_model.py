"""A check as a value: what must hold, for which columns, how strictly, and where it comes from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ...values import Dimension, Severity, plain

RuleKind = Literal[
    "not_null",
    "unique",
    "unique_combo",
    "in_set",
    "not_in_set",
    "regex",
    "not_regex",
    "range",
    "length",
    "type_is",
    "pair",
    "conditional",
    "expression",
    "dependency",
    "relationship",
    "combo_in_set",
    "sorted",
    "z_score",
    "date_format",
    "row_count",
    "freshness",
    "aggregate",
    "column_exists",
    "column_type",
    "schema",
    "vocabulary",
    "query",
    "unsupported",
]
"""The kinds of check and their ``parameters`` (all optional unless said):

==============  ===================================================================================================
not_null        ``missing``: texts that count as null, too; ``blank``: True counts blank text as null
unique          –
unique_combo    – (two columns or more)
in_set          ``values`` (required); ``case``: False ignores case
not_in_set      ``values`` (required)
regex           ``pattern`` (required), in the part that RE2 and Rust share; found anywhere unless anchored
not_regex       ``pattern`` (required)
range           ``min``, ``max``; ``strict_min``, ``strict_max``: True leaves the bound itself out
length          ``min``, ``max`` in characters
type_is         ``type`` (required): a name of :data:`~edgp_magics.capabilities.checks.TYPES`
pair            ``op`` (required): one of ``< <= > >= = !=`` between ``columns[0]`` and ``columns[1]``
conditional     ``when`` and ``then`` (required): SQL conditions over the columns
expression      ``condition`` (required): an SQL condition that must hold in every row
dependency      – ``columns[:-1]`` determine ``columns[-1]``
relationship    ``frame`` (required): name of the other frame; ``columns``: its columns, by default of the same name
combo_in_set    ``values`` (required): lists of one value per column
sorted          ``decreasing``, ``strict``: True where equal neighbours fail; nulls are passed over
z_score         ``max`` (required) standard deviations from the mean; ``one_sided``: True lets low values pass
date_format     ``format`` (required): as in strftime; the text must be read whole by it
row_count       ``min``, ``max``; ``frame``: the other frame that must have as many rows
freshness       ``days`` (required): the newest value is at most so many days before the date of the run
aggregate       ``function`` (required): one of :data:`AGGREGATES`; ``min``, ``max``, ``strict_min``, ``strict_max``
column_exists   –
column_type     ``type`` (required): a kind of column (``string``, ``integer``, ``float``, ``datetime``, ...), or a list of them
schema          ``wanted``: column names that must be there; ``exact``: and no other; ``ordered``: in this order; ``min``, ``max`` columns
vocabulary      ``values`` (required); ``how`` (required): the distinct values ``equal`` or ``contain`` them, or ``most_common`` is one
query           ``query`` (required): an SQL query of one value over the frame's name or ``{object}``; bounds as range
unsupported     ``reason``: understood, but not something that can be computed here; it is reported as NOT RUN
==============  ===================================================================================================

``missing_passes``: True (regex, type_is, range) lets blank text and texts such as ``N/A`` pass like a null.
Bounds and values may be given as text (``"2020-01-01"``): they are read as the column's own type when the check runs.
"""

AGGREGATES = (
    "mean", "sum", "min", "max", "std", "median", "distinct", "missing", "missing_percent", "duplicates",
    "duplicates_percent", "mean_length", "min_length", "max_length", "unique_share",
)  # fmt: skip
"""Functions of an ``aggregate`` check; those in percent are 0..100, ``unique_share`` is 0..1."""

_DIMENSIONS: dict[str, Dimension] = {
    "not_null": Dimension.COMPLETENESS,
    "row_count": Dimension.COMPLETENESS,
    "column_exists": Dimension.COMPLETENESS,
    "unique": Dimension.UNIQUENESS,
    "unique_combo": Dimension.UNIQUENESS,
    "pair": Dimension.CONSISTENCY,
    "conditional": Dimension.CONSISTENCY,
    "expression": Dimension.CONSISTENCY,
    "dependency": Dimension.CONSISTENCY,
    "relationship": Dimension.CONSISTENCY,
    "combo_in_set": Dimension.CONSISTENCY,
    "sorted": Dimension.CONSISTENCY,
    "schema": Dimension.COMPLETENESS,
    "freshness": Dimension.TIMELINESS,
}
_AGGREGATE_DIMENSIONS = {
    "missing": Dimension.COMPLETENESS,
    "missing_percent": Dimension.COMPLETENESS,
    "duplicates": Dimension.UNIQUENESS,
    "duplicates_percent": Dimension.UNIQUENESS,
    "unique_share": Dimension.UNIQUENESS,
}
TABLE_KINDS = frozenset(
    {"row_count", "freshness", "aggregate", "column_exists", "column_type", "schema", "vocabulary", "query", "unsupported"}
)
"""Kinds that judge a column or table as a whole: they name no failing rows."""


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """How many failing rows are allowed: up to ``count``, or up to ``percent`` (0..100) of the rows judged.

    ``strict`` leaves the limit itself out (``< 1 %``).
    """

    count: float | None = None
    percent: float | None = None
    strict: bool = False

    def allows(self, failing: int, judged: int) -> bool:
        """Whether so many failing rows out of ``judged`` are within the limit.

        >>> Tolerance(percent=1, strict=True).allows(1, 100), Tolerance(count=3).allows(3, 100), Tolerance().allows(0, 5)
        (False, True, True)
        """
        if self.percent is not None:
            value, limit = (100.0 * failing / judged if judged else 0.0), self.percent
        else:
            value, limit = float(failing), self.count or 0.0
        return value < limit if self.strict else value <= limit

    def __str__(self) -> str:
        sign = "<" if self.strict else "<="
        if self.percent is not None:
            return f"{sign} {self.percent:g} %"
        return f"{sign} {self.count:g}" if self.count else ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One check. ``columns`` are the frame's column names; ``parameters`` depend on ``kind`` (see :data:`RuleKind`).

    ``filter`` is an SQL condition: only rows for which it holds are judged. ``by`` names columns: the check is made
    in every group of equal values. ``support`` is the share of rows the rule speaks about, ``confidence`` the share
    of those for which it held when it was found (1.0 for a rule somebody gave). ``origin`` says who made it:
    ``given``, ``found`` or ``suggested``; ``text`` is how it was written, ``line`` where.

    >>> Rule.of("range", "age", min=0, max=120).label
    'age between 0 and 120'
    """

    kind: RuleKind
    columns: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.HIGH
    tolerance: Tolerance = Tolerance()
    filter: str = ""
    by: tuple[str, ...] = ()
    dimension: Dimension = Dimension.VALIDITY
    support: float = 1.0
    confidence: float = 1.0
    origin: str = "given"
    name: str = ""
    text: str = ""
    line: int | None = None

    @classmethod
    def of(cls, kind: RuleKind, columns: str | Iterable[str] = (), /, **parameters: Any) -> Rule:
        """A rule of this kind with the dimension that belongs to it."""
        names = (columns,) if isinstance(columns, str) else tuple(columns)
        return cls(kind=kind, columns=names, parameters=parameters, dimension=dimension_of(kind, parameters))

    def but(self, **changes: Any) -> Rule:
        """The same rule with some fields changed."""
        return replace(self, **changes)

    @property
    def id(self) -> str:
        """A short id: equal for rules that demand the same, however they were written."""
        demands = [self.kind, list(self.columns), plain(self.parameters), self.filter, list(self.by), str(self.tolerance)]
        text = json.dumps(demands, sort_keys=True, ensure_ascii=True)
        return "R-" + hashlib.blake2b(text.encode(), digest_size=4).hexdigest()

    @property
    def row_level(self) -> bool:
        """Whether the rule names failing rows (and not only a verdict on the table)."""
        return self.kind not in TABLE_KINDS

    @property
    def label(self) -> str:
        """The rule in words, as short as they come."""
        if self.name:
            return self.name
        text = str(_LABELS[self.kind](self))
        text += f" where {self.filter}" if self.filter else ""
        text += f" by {', '.join(self.by)}" if self.by else ""
        return text + (f" (failing {self.tolerance})" if str(self.tolerance) else "")


def dimension_of(kind: RuleKind, parameters: Mapping[str, Any] | None = None) -> Dimension:
    """The quality dimension a rule of this kind speaks about.

    >>> dimension_of("unique").value, dimension_of("regex").value
    ('uniqueness', 'validity')
    """
    if kind == "aggregate":
        return _AGGREGATE_DIMENSIONS.get(str((parameters or {}).get("function")), Dimension.VALIDITY)
    return _DIMENSIONS.get(kind, Dimension.VALIDITY)


def _names(rule: Rule) -> str:
    return ", ".join(rule.columns)


def _between(rule: Rule, what: str) -> str:
    low, high = rule.parameters.get("min"), rule.parameters.get("max")
    below, above = "<" if rule.parameters.get("strict_max") else "<=", ">" if rule.parameters.get("strict_min") else ">="
    if low is not None and high is not None and not (rule.parameters.get("strict_min") or rule.parameters.get("strict_max")):
        return f"{what} = {low}" if low == high else f"{what} between {low} and {high}"
    parts = [f"{what} {above} {low}"] if low is not None else []
    parts += [f"{what} {below} {high}"] if high is not None else []
    return " and ".join(parts) or what


def _listed(rule: Rule) -> str:
    values = [f"({', '.join(map(str, v))})" if isinstance(v, list) else str(v) for v in rule.parameters.get("values", ())]
    return ", ".join(values[:6]) + (f", … {len(values)} in all" if len(values) > 6 else "")


def _relationship(rule: Rule) -> str:
    theirs = rule.parameters.get("columns") or rule.columns
    return f"{_names(rule)} in {rule.parameters.get('frame')}.{', '.join(theirs)}"


def _way(rule: Rule) -> str:
    return "decreasing" if rule.parameters.get("decreasing") else "increasing"


def _schema(rule: Rule) -> str:
    wanted = rule.parameters.get("wanted")
    if wanted is None:
        return _between(rule, "column count")
    exactly = "are" if rule.parameters.get("exact") else "include"
    return f"columns {exactly} {', '.join(map(str, wanted))}" + (" in this order" if rule.parameters.get("ordered") else "")


def _types(given: object) -> str:
    return " or ".join(map(str, given)) if isinstance(given, list) else str(given)


_HOW = {
    "equal": "values of {} are exactly",
    "contain": "values of {} contain",
    "most_common": "most common value of {} in",
}
_LABELS: dict[str, Any] = {
    "not_null": lambda r: f"{_names(r)} not null",
    "unique": lambda r: f"{_names(r)} unique",
    "unique_combo": lambda r: f"({_names(r)}) unique",
    "in_set": lambda r: f"{_names(r)} in ({_listed(r)})",
    "not_in_set": lambda r: f"{_names(r)} not in ({_listed(r)})",
    "regex": lambda r: f"{_names(r)} matches {r.parameters.get('pattern')}",
    "not_regex": lambda r: f"{_names(r)} does not match {r.parameters.get('pattern')}",
    "range": lambda r: _between(r, _names(r)),
    "length": lambda r: _between(r, f"length of {_names(r)}"),
    "type_is": lambda r: f"{_names(r)} is {r.parameters.get('type')}",
    "pair": lambda r: f" {r.parameters.get('op')} ".join(r.columns),
    "conditional": lambda r: f"if {r.parameters.get('when')} then {r.parameters.get('then')}",
    "expression": lambda r: str(r.parameters.get("condition")),
    "dependency": lambda r: f"{', '.join(r.columns[:-1])} -> {r.columns[-1]}",
    "relationship": _relationship,
    "combo_in_set": lambda r: f"({_names(r)}) in ({_listed(r)})",
    "sorted": lambda r: f"{_names(r)} {'strictly ' if r.parameters.get('strict') else ''}{_way(r)}",
    "z_score": lambda r: f"{_names(r)} within {r.parameters.get('max')} standard deviations of its mean",
    "date_format": lambda r: f"{_names(r)} has the date format {r.parameters.get('format')}",
    "row_count": lambda r: f"as many rows as {r.parameters['frame']}" if r.parameters.get("frame") else _between(r, "row count"),
    "freshness": lambda r: f"{_names(r)} not older than {r.parameters.get('days'):g} days",
    "aggregate": lambda r: _between(r, f"{r.parameters.get('function')} of {_names(r)}"),
    "column_exists": lambda r: f"column {_names(r)} exists",
    "column_type": lambda r: f"{_names(r)} has type {_types(r.parameters.get('type'))}",
    "schema": _schema,
    "vocabulary": lambda r: f"{_HOW[r.parameters['how']].format(_names(r))} ({_listed(r)})",
    "query": lambda r: _between(r, f"({r.parameters.get('query')})"),
    "unsupported": lambda r: r.text or _names(r) or "check",
}
