"""Rules as a data contract: Open Data Contract Standard v3.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..checks import Rule
from ..profiling._model import ColumnProfile
from ._sql import allowed_percent, counting, pattern_of, share
from ._yaml import dump

_TYPES = {
    "integer": "integer",
    "float": "number",
    "decimal": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
    "time": "time",
}
_DIMENSIONS = {"validity": "conformity"}


def to_odcs(table: str, columns: Mapping[str, ColumnProfile], rules: Sequence[Rule], broken: Mapping[str, str], *, contract_id: str) -> str:
    """A draft contract: properties with their logical types, and a ``quality`` list for every rule.

    ``broken`` says by rule id how many rows break a strict rule today: such a rule warns and demands nothing of the property.
    """
    properties = [_property(p, [r for r in rules if _own(r, p.name)], broken) for p in columns.values()]
    whole: dict[str, Any] = {
        "name": table,
        "physicalName": table,
        "logicalType": "object",
        "physicalType": "table",
        "properties": properties,
    }
    quality = [_quality(r, table, broken) for r in rules if not any(_own(r, c) for c in columns) and r.kind != "freshness"]
    if quality:
        whole["quality"] = quality
    contract: dict[str, Any] = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": contract_id, "name": f"{table} (suggested)"}
    contract |= {"version": "0.1.0", "status": "draft", "schema": [whole]}
    levels = [
        {"property": "latency", "value": r.parameters["days"], "unit": "d", "element": f"{table}.{r.columns[0]}"}
        for r in rules
        if r.kind == "freshness"
    ]
    return dump(contract | ({"slaProperties": levels} if levels else {}))


def _own(rule: Rule, column: str) -> bool:
    return rule.columns == (column,) and rule.kind not in ("freshness", "row_count", "relationship")


def _property(p: ColumnProfile, rules: Sequence[Rule], broken: Mapping[str, str]) -> dict[str, Any]:
    out: dict[str, Any] = {"name": p.name, "logicalType": _TYPES.get(p.kind, "string"), "physicalType": p.dtype}
    kept = {r.kind for r in rules if not allowed_percent(r) and r.id not in broken}
    if "not_null" in kept:
        out["required"] = True
    if "unique" in kept:
        out["unique"] = True
    if p.personal:
        out["classification"] = "restricted"
    quality = [_quality(r, "{object}", broken) for r in rules]
    return out | ({"quality": quality} if quality else {})


def _quality(rule: Rule, table: str, broken: Mapping[str, str]) -> dict[str, Any]:
    dimension = _DIMENSIONS.get(rule.dimension.value, rule.dimension.value)
    head = {
        "id": f"rule_{rule.id[2:]}",
        "name": rule.label,
        "dimension": dimension,
        "severity": "error" if rule.severity.rank >= 3 and rule.id not in broken else "warning",
    }
    if rule.id in broken:
        head["description"] = broken[rule.id]
    return head | _body(rule, table)


def _body(rule: Rule, table: str) -> dict[str, Any]:
    if rule.kind == "row_count":
        return {"type": "library", "metric": "rowCount", "mustBeBetween": [rule.parameters["min"], rule.parameters["max"]]}
    metric = _metric(rule)
    if metric is not None:
        return {"type": "library", **metric, **_limit(rule)}
    allowed = allowed_percent(rule)
    if allowed:
        return {"type": "sql", "query": share(rule, table), "mustBeLessOrEqualTo": allowed}
    return {"type": "sql", "query": counting(rule, table), "mustBe": 0}


def _metric(rule: Rule) -> dict[str, Any] | None:
    if rule.kind == "not_null":
        return {"metric": "nullValues"}
    if rule.kind == "unique":
        return {"metric": "duplicateValues"}
    if rule.kind == "unique_combo":
        return {"metric": "duplicateValues", "arguments": {"properties": list(rule.columns)}}
    if rule.kind == "in_set":
        return {"metric": "invalidValues", "arguments": {"validValues": list(rule.parameters["values"])}}
    pattern = pattern_of(rule)
    return {"metric": "invalidValues", "arguments": {"pattern": pattern}} if pattern else None


def _limit(rule: Rule) -> dict[str, Any]:
    allowed = allowed_percent(rule)
    return {"mustBeLessOrEqualTo": allowed, "unit": "percent"} if allowed else {"mustBe": 0}
