"""An audit as OSCAL assessment results (NIST OSCAL 1.1.2, JSON)."""

from __future__ import annotations

import hashlib
import json
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
    verdicts = hashlib.sha256(json.dumps(data["clauses"], sort_keys=True).encode()).hexdigest()
    mark = "|".join(f"{d['ref']['name']}:{d['sha256']}" for d in data["datasets"])
    mark += f"|{data['catalogue_version']}|{data['as_of']}|{verdicts}"
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


def _text(value: Any) -> str:
    """A text of one line without blanks at its ends, as the schema asks for."""
    return " ".join(str(value).split())


def _result(dataset: Mapping[str, Any], clauses: list[Mapping[str, Any]], mark: str, when: str) -> dict[str, Any]:
    name = dataset["ref"]["name"]
    seed = f"{mark}|{name}"
    out: dict[str, Any] = {
        "uuid": _id(seed),
        "title": _text(f"Dataset {name}"),
        "description": f"{dataset['ref']['rows']} rows, {len(dataset['ref']['columns'])} columns, SHA-256 {dataset['sha256']}.",
        "start": when,
        "reviewed-controls": {"control-selections": [{"include-controls": [{"control-id": c["id"]} for c in clauses]} if clauses else {}]},
    }
    if clauses:
        out["observations"] = [_observation(c, seed, when) for c in clauses]
        out["findings"] = [_finding(c, seed) for c in clauses]
    return out


def _observation(clause: Mapping[str, Any], seed: str, when: str) -> dict[str, Any]:
    return {
        "uuid": _id(f"{seed}|o|{clause['id']}"),
        "title": f"{clause['citation']} {clause['title']}",
        "description": _text(clause["message"] or clause["status"]),
        "methods": ["TEST" if clause["kind"].startswith("data") else "EXAMINE"],
        "props": [{"name": name, "ns": _NAMES, "value": _text(value)} for name, value in _props(clause).items()],
        "collected": when,
    }


_NAMES = "urn:edgp-magics:evidence"


def _props(clause: Mapping[str, Any]) -> dict[str, Any]:
    """What else stands about a verdict: how many break it, and which person it rests on."""
    out = {"status": clause["status"], "violations": clause["violating_rows"], "unit": clause["unit"]}
    attestation, override = clause.get("attestation") or {}, clause.get("override") or {}
    if attestation.get("used"):
        out |= {"attested-by": attestation["by"], "attested-on": attestation["on"]}
    if override:
        out |= {"overridden-by": override["by"], "override-reason": override["reason"], "computed-status": override["computed"]}
    return out


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
            "status": {"state": state, "reason": reason, "remarks": _text(f"{clause['status']}: {clause['message']}")},
        },
        "related-observations": [{"observation-uuid": _id(f"{seed}|o|{clause['id']}")}],
    }
