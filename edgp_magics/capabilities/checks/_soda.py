"""SodaCL: metrics with thresholds, and what may stand below them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...values import Severity
from ._bounded import Bounds, counted, limits, opposite, tolerance_of
from ._model import Rule
from ._words import bounds_of, names_of, take

_AGGREGATES = {
    "avg": "mean",
    "mean": "mean",
    "sum": "sum",
    "min": "min",
    "max": "max",
    "stddev": "std",
    "stddev_samp": "std",
    "median": "median",
    "avg_length": "mean_length",
    "min_length": "min_length",
    "max_length": "max_length",
    "distinct_count": "distinct",
    "unique_count": "distinct",
    "cardinality": "distinct",
}
_ROWS = {
    "missing_count": "not_null",
    "missing_percent": "not_null",
    "null_count": "not_null",
    "duplicate_count": "unique",
    "duplicate_percent": "unique",
}
METRICS = frozenset(_AGGREGATES) | frozenset(_ROWS) | {"invalid_count", "invalid_percent", "freshness", "row_count"}
"""Metric names that are understood."""
_UNITS = {"s": 1 / 86400, "m": 1 / 1440, "h": 1 / 24, "d": 1.0, "w": 7.0}


def days_of(text: str) -> float | None:
    """A duration such as ``1d``, ``12h`` or ``1d12h`` in days.

    >>> days_of("36h"), days_of("soon")
    (1.5, None)
    """
    parts = re.findall(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z])[a-z]*", text.strip().lower())
    if not parts or re.sub(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z])[a-z]*\s*", "", text.strip().lower()):
        return None
    return sum(float(n) * _UNITS[u] for n, u in parts) if all(u in _UNITS for _, u in parts) else None


def metric_rules(metric: str, arguments: str, rest: str, detail: Any) -> list[Rule] | None:
    """The rules of ``metric(columns) THRESHOLD`` with its detail; None where the threshold cannot be read.

    >>> [r.label for r in metric_rules("missing_percent", "email", "< 5%", None)]
    ['email not null (failing < 5 %)']
    """
    options: Mapping[str, Any] = detail if isinstance(detail, Mapping) else {}
    columns = names_of(arguments)
    if metric == "freshness":
        return _freshness(columns, rest)
    alerts = _alerts(options)
    if not rest.strip() and alerts:
        return [
            _configured(r, options).but(severity=level) for bounds, level in alerts for r in _with_bounds(metric, columns, bounds, options)
        ]
    bounds = bounds_of(rest)
    if bounds is None:
        return None
    if metric.endswith("_percent"):
        bounds = {**bounds, "percent": True}
    return [_configured(r, options) for r in _with_bounds(metric, columns, bounds, options)]


def _freshness(columns: tuple[str, ...], rest: str) -> list[Rule] | None:
    days = days_of(re.sub(r"^(<=|<)\s*", "", rest.strip()))
    return None if days is None else [Rule.of("freshness", columns, days=days)]


def _alerts(options: Mapping[str, Any]) -> list[tuple[Bounds, Severity]]:
    """``warn: when > 5`` and ``fail: when > 10`` as bounds that must hold."""
    out = []
    for word, level in (("warn", Severity.MEDIUM), ("fail", Severity.HIGH)):
        given = bounds_of(re.sub(r"(?i)^\s*when\s+", "", str(options.get(word) or "")))
        if given is not None:
            out.append((opposite(given), level))
    return out


def _with_bounds(metric: str, columns: tuple[str, ...], bounds: Bounds, options: Mapping[str, Any]) -> list[Rule]:
    if metric == "row_count":
        return [Rule.of("row_count", **limits(bounds))]
    if metric in _AGGREGATES:
        return [Rule.of("aggregate", columns, function=_AGGREGATES[metric], **limits(bounds))]
    if metric in _ROWS:
        kind = "unique_combo" if _ROWS[metric] == "unique" and len(columns) > 1 else _ROWS[metric]
        missing = list(take(options, "missing values", default=[]) or [])
        extra = {"missing": missing} if missing and kind == "not_null" else {}
        return [counted(kind, columns, bounds, **extra)]  # type: ignore[arg-type]  # one of three kinds
    return _invalid(columns, bounds, options)


def _invalid(columns: tuple[str, ...], bounds: Bounds, options: Mapping[str, Any]) -> list[Rule]:
    """One rule for each notion of valid that is given."""
    rules: list[Rule] = []
    for key, value in options.items():
        rules += _validity(key.replace("_", " ").lower(), columns, value)
    rules += _ranged("range", columns, options, "valid min", "valid max")
    rules += _ranged("length", columns, options, "valid min length", "valid max length")
    tolerance = tolerance_of(bounds)
    if not rules:
        return [Rule.of("unsupported", columns, reason="it does not say what is valid (valid values, valid regex, valid min, ...)")]
    if tolerance is None:
        return [Rule.of("unsupported", columns, reason="only an upper limit of invalid rows can be checked here")]
    return [r.but(tolerance=tolerance) for r in rules]


def _validity(key: str, columns: tuple[str, ...], value: Any) -> list[Rule]:
    if key == "valid values":
        return [Rule.of("in_set", columns, values=list(value))]
    if key == "invalid values":
        return [Rule.of("not_in_set", columns, values=list(value))]
    if key in ("valid regex", "invalid regex"):
        return [Rule.of("regex" if key == "valid regex" else "not_regex", columns, pattern=str(value))]
    if key == "valid format":
        if isinstance(value, Mapping):
            return [Rule.of("regex", columns, pattern=str(value.get("regex", "")))]
        return [Rule.of("type_is", columns, type=str(value))]
    if key == "valid length":
        return [Rule.of("length", columns, min=value, max=value)]
    return []


def _ranged(kind: Any, columns: tuple[str, ...], options: Mapping[str, Any], low: str, high: str) -> list[Rule]:
    given = {"min": take(options, low, low.replace(" ", "_")), "max": take(options, high, high.replace(" ", "_"))}
    given = {k: v for k, v in given.items() if v is not None}
    return [Rule.of(kind, columns, **given)] if given else []


def _configured(rule: Rule, options: Mapping[str, Any]) -> Rule:
    """The rule with the name and filter given below it."""
    if options.get("name"):
        rule = rule.but(name=str(options["name"]))
    condition = take(options, "filter", "where")
    return rule.but(filter=str(condition)) if condition else rule


def schema_check(detail: Any) -> list[Rule]:
    """``schema:`` with required columns, forbidden ones and types, under ``fail`` or ``warn``."""
    rules: list[Rule] = []
    for word, level in (("warn", Severity.MEDIUM), ("fail", Severity.HIGH)):
        given = (detail or {}).get(word) or {}
        for key, value in given.items():
            name = key.lower().removeprefix("when ").strip()
            if name == "required column missing":
                rules.append(Rule.of("column_exists", names_of(value)).but(severity=level))
            elif name == "wrong column type":
                rules += [Rule.of("column_type", c, type=str(t)).but(severity=level) for c, t in value.items()]
            else:
                rules.append(Rule.of("unsupported", reason=f"`{key}` needs an earlier schema or is not known").but(severity=level))
    return rules or [Rule.of("unsupported", reason="`schema` says neither required columns nor types")]


def failed_rows(detail: Any) -> list[Rule]:
    """``failed rows:`` with a condition that marks failing rows, or a query."""
    options = detail if isinstance(detail, Mapping) else {}
    condition, query = take(options, "fail condition", "expression"), take(options, "fail query", "query")
    if condition:
        return [_configured(Rule.of("expression", condition=f"NOT ({condition})"), options)]
    if query:
        count = f"SELECT count(*) FROM ({query}) AS failed"  # noqa: S608  # the user's own query, run on frames alone
        return [_configured(Rule.of("query", query=count, min=0, max=0), options)]
    return [Rule.of("unsupported", reason="`failed rows` needs a fail condition or a fail query")]


def reference_check(text: str) -> Rule | None:
    """``values in (a) must exist in other (b)``.

    >>> reference_check("values in (country) must exist in countries (code)").label
    'country in countries.code'
    """
    match = re.match(r"(?i)^values in \(?(.+?)\)?\s+must exist in\s+(\w[\w.]*)\s*\(?(.*?)\)?$", text.strip())
    if match is None:
        return None
    columns = names_of(match.group(1))
    return Rule.of("relationship", columns, frame=match.group(2), columns=names_of(match.group(3)) or columns)


def beyond_reach(text: str) -> Rule | None:
    """Soda checks that need history, a distribution file or a second source: understood, and NOT RUN."""
    if re.match(
        r"(?i)^(anomaly (score|detection)|change |percent change |distribution\(|group by|group evolution|for each|automated monitoring)",
        text,
    ):
        return Rule.of("unsupported", reason="it needs earlier runs or another source")
    return None
