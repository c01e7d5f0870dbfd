"""Open Data Contract Standard v3.1: properties, their quality rules and service levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...values import Dimension, Severity
from ._bounded import counted, limits, tolerance_of
from ._model import Rule
from ._soda import days_of
from ._words import names_of, severity_of, take

Located = tuple[Rule, int | None]
_METRICS = {
    "nullValues": "null",
    "nullCheck": "null",
    "missingValues": "missing",
    "invalidValues": "invalid",
    "validValues": "invalid",
    "duplicateValues": "duplicate",
    "duplicateCount": "duplicate",
    "uniqueCheck": "duplicate",
    "rowCount": "rows",
}
_OPERATORS = {
    "mustBe": ("min", "max", ""),
    "mustBeGreaterThan": ("min", "", "strict_min"),
    "mustBeGreaterOrEqualTo": ("min", "", ""),
    "mustBeGreaterThanOrEqualTo": ("min", "", ""),
    "mustBeLessThan": ("", "max", "strict_max"),
    "mustBeLessOrEqualTo": ("", "max", ""),
    "mustBeLessThanOrEqualTo": ("", "max", ""),
}
_DIMENSIONS = {"conformity": Dimension.VALIDITY, "coverage": Dimension.COMPLETENESS} | {d.value: d for d in Dimension}


def contract_rules(document: Mapping[str, Any], table: str) -> list[Located]:
    """All rules of a contract for the schema object of this name (the only one, where there is one)."""
    objects = [s for s in document.get("schema") or [] if isinstance(s, Mapping)]
    chosen = [s for s in objects if table.lower() in {str(s.get("name", "")).lower(), str(s.get("physicalName", "")).lower()}] or objects[
        :1
    ]
    out: list[Located] = []
    for item in chosen or [document]:
        for prop in item.get("properties") or []:
            out += _property(prop)
        out += _quality(item.get("quality") or [], ())
    for level in document.get("slaProperties") or []:
        out += _service_level(level)
    return out


def _property(prop: Mapping[str, Any]) -> Iterable[Located]:
    name, line = str(prop.get("name")), getattr(prop, "line", None)
    if prop.get("required") is True:
        yield Rule.of("not_null", name), line
    if prop.get("unique") is True or prop.get("primaryKey") is True:
        yield Rule.of("unique", name), line
    options = prop.get("logicalTypeOptions") or {}
    if options.get("pattern"):
        yield Rule.of("regex", name, pattern=str(options["pattern"])), line
    if options.get("format") in ("email", "uuid", "ipv4"):
        yield Rule.of("type_is", name, type=str(options["format"])), line
    for kind, low, high in (("length", "minLength", "maxLength"), ("range", "minimum", "maximum")):
        given = {"min": options.get(low), "max": options.get(high)}
        if kind == "range":
            given |= {"strict_min": options.get("exclusiveMinimum"), "strict_max": options.get("exclusiveMaximum")}
        given = _exclusive({k: v for k, v in given.items() if v is not None})
        if given:
            yield Rule.of(kind, name, **given), line  # type: ignore[arg-type]  # one of two kinds
    yield from _quality(prop.get("quality") or [], (name,))


def _exclusive(given: dict[str, Any]) -> dict[str, Any]:
    """``exclusiveMinimum: 0`` (a bound) as ``min: 0, strict_min: True``; a plain true stays."""
    for side in ("min", "max"):
        value = given.get(f"strict_{side}")
        if value is not None and not isinstance(value, bool):
            given |= {side: value, f"strict_{side}": True}
    return given


def _quality(items: Iterable[Any], columns: tuple[str, ...]) -> Iterable[Located]:
    for item in items:
        yield quality_rule(item, columns), getattr(item, "line", None)


def quality_rule(item: Mapping[str, Any], columns: tuple[str, ...] = ()) -> Rule:
    """One entry of a ``quality`` list.

    >>> quality_rule({"metric": "nullValues", "mustBeLessThan": 1, "unit": "percent"}, ("email",)).label
    'email not null (failing < 1 %)'
    """
    own = names_of(take(item, "column", "property", default=()))
    rule = _of_kind(item, own or columns)
    if item.get("name"):
        rule = rule.but(name=str(item["name"]))
    level = severity_of(str(item.get("severity") or ""))
    dimension = _DIMENSIONS.get(str(item.get("dimension") or "").lower())
    rule = rule.but(severity=level) if level else rule
    return rule.but(dimension=dimension) if dimension else rule


def _of_kind(item: Mapping[str, Any], columns: tuple[str, ...]) -> Rule:
    kind = str(item.get("type") or "library").lower()
    if kind == "text":
        return Rule.of("unsupported", columns, reason="it is written for people: a person has to judge it")
    if kind == "custom":
        return Rule.of("unsupported", columns, reason=f"it is written for another engine ({item.get('engine', 'not named')})")
    bounds = _bounds(item)
    if kind == "sql" or item.get("query"):
        return Rule.of("query", columns, query=str(item.get("query", "")), **limits(bounds or {"min": 0, "max": 0}))
    metric = _METRICS.get(str(take(item, "metric", "rule", default="")))
    if metric is None:
        return Rule.of("unsupported", columns, reason=f"no metric `{take(item, 'metric', 'rule', default='')}` in ODCS v3.1")
    if "mustNotBe" in item or "mustNotBeBetween" in item:
        return Rule.of("unsupported", columns, reason="mustNotBe cannot be checked here: give the limit that must hold")
    return _library(metric, item, columns, bounds)


def _library(metric: str, item: Mapping[str, Any], columns: tuple[str, ...], bounds: dict[str, Any] | None) -> Rule:
    arguments = {**item, **(item.get("arguments") or {})}
    if metric == "rows":
        return Rule.of("row_count", **limits(bounds or {}))
    columns = names_of(arguments.get("properties") or ()) or columns
    if not columns:
        return Rule.of("unsupported", reason="it names no column")
    if metric == "duplicate":
        return counted("unique_combo" if len(columns) > 1 else "unique", columns, bounds)
    if metric in ("null", "missing"):
        tokens = [v for v in arguments.get("missingValues") or [] if v is not None]
        extra: dict[str, Any] = {"missing": [t for t in tokens if t != ""]} if tokens else {}
        extra |= {"blank": True} if "" in tokens else {}
        return counted("not_null", columns, bounds, **extra)
    return _valid(arguments, columns, bounds)


def _valid(arguments: Mapping[str, Any], columns: tuple[str, ...], bounds: dict[str, Any] | None) -> Rule:
    if arguments.get("validValues") is not None:
        rule = Rule.of("in_set", columns, values=list(arguments["validValues"]))
    elif arguments.get("pattern"):
        rule = Rule.of("regex", columns, pattern=str(arguments["pattern"]))
    else:
        return Rule.of("unsupported", columns, reason="invalidValues needs validValues or a pattern")
    tolerance = tolerance_of(bounds)
    if tolerance is None:
        return Rule.of("unsupported", columns, reason="only an upper limit of invalid rows can be checked here")
    return rule.but(tolerance=tolerance)


def _bounds(item: Mapping[str, Any]) -> dict[str, Any] | None:
    out: dict[str, Any] = {}
    for name, (low, high, strict) in _OPERATORS.items():
        if item.get(name) is not None:
            out |= {k: item[name] for k in (low, high) if k}
            out |= {strict: True} if strict else {}
    if item.get("mustBeBetween") is not None:
        low_value, high_value = item["mustBeBetween"]
        out |= {"min": low_value, "max": high_value}
    if str(item.get("unit") or "").lower() in ("percent", "%"):
        out["percent"] = True
    return out if "min" in out or "max" in out else None


def _service_level(level: Mapping[str, Any]) -> Iterable[Located]:
    """``latency`` or ``freshness`` of an element as a freshness rule."""
    line = getattr(level, "line", None)
    if str(level.get("property", "")).lower() not in ("latency", "ly", "freshness", "fr"):
        return
    element = str(level.get("element") or "").rsplit(".", 1)[-1]
    days = days_of(f"{level.get('value')}{str(level.get('unit') or 'd')[:1]}")
    if not element or days is None:
        yield (
            Rule.of("unsupported", reason="a service level needs an element, a value and a unit").but(dimension=Dimension.TIMELINESS),
            line,
        )
    else:
        yield Rule.of("freshness", element, days=days).but(severity=Severity.MEDIUM), line
