"""An audit as OSCAL assessment results (NIST OSCAL 1.1.2, JSON)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

OSCAL = "1.1.2"
_SPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_NO_DAY = "1980-01-01"


def assessment_results(data: Mapping[str, Any]) -> dict[str, Any]:
    """One OSCAL document: a result per dataset with an observation and a finding per clause.

    Identifiers are derived from the content, so that the same audit gives the same document; times are the day the audit
    speaks of (the first day of 1980 where none was given), never the clock's.
    """
    mark = "|".join(f"{d['ref']['name']}:{d['sha256']}" for d in data["datasets"]) + f"|{data['catalogue_version']}|{data['as_of']}"
    when = f"{(data['as_of'] or _NO_DAY)[:10]}T00:00:00Z"
    return {
        "assessment-results": {
            "uuid": _id(mark),
            "metadata": {
                "title": "Regulatory audit",
                "last-modified": when,
                "version": data["catalogue_version"],
                "oscal-version": OSCAL,
                "remarks": "Checked by rules on data and declared facts; not legal advice.",
            },
            "import-ap": {"href": "#" + _id(mark + "|plan"), "remarks": "The plan is the clause catalogue named in the version."},
            "results": [_result(d, [c for c in data["clauses"] if c["dataset"] == d["ref"]["name"]], mark, when) for d in data["datasets"]],
        }
    }


def _id(text: str) -> str:
    return str(uuid.uuid5(_SPACE, text))


def _result(dataset: Mapping[str, Any], clauses: list[Mapping[str, Any]], mark: str, when: str) -> dict[str, Any]:
    name = dataset["ref"]["name"]
    seed = f"{mark}|{name}"
    out: dict[str, Any] = {
        "uuid": _id(seed),
        "title": f"Dataset {name}",
        "description": f"{dataset['ref']['rows']} rows, {len(dataset['ref']['columns'])} columns, SHA-256 {dataset['sha256']}.",
        "start": when,
        "reviewed-controls": {"control-selections": [{"include-controls": [{"control-id": c["id"]} for c in clauses]}]},
    }
    if clauses:
        out["observations"] = [_observation(c, seed, when) for c in clauses]
        out["findings"] = [_finding(c, seed) for c in clauses]
    return out


def _observation(clause: Mapping[str, Any], seed: str, when: str) -> dict[str, Any]:
    return {
        "uuid": _id(f"{seed}|o|{clause['id']}"),
        "title": f"{clause['citation']} {clause['title']}",
        "description": clause["message"] or clause["status"],
        "methods": ["TEST" if clause["kind"].startswith("data") else "EXAMINE"],
        "props": [
            {"name": "status", "value": clause["status"]},
            {"name": "violations", "value": str(clause["violating_rows"])},
            {"name": "unit", "value": clause["unit"]},
        ],
        "collected": when,
    }


_STATES = {"PASS": ("satisfied", "pass"), "NOT_APPLICABLE": ("satisfied", "other"), "FAIL": ("not-satisfied", "fail")}


def _finding(clause: Mapping[str, Any], seed: str) -> dict[str, Any]:
    state, reason = _STATES.get(clause["status"], ("not-satisfied", "other"))
    return {
        "uuid": _id(f"{seed}|f|{clause['id']}"),
        "title": f"{clause['id']} {clause['title']}",
        "description": clause["check"],
        "target": {
            "type": "objective-id",
            "target-id": clause["id"],
            "status": {"state": state, "reason": reason, "remarks": f"{clause['status']}: {clause['message']}"},
        },
        "related-observations": [{"observation-uuid": _id(f"{seed}|o|{clause['id']}")}],
    }
