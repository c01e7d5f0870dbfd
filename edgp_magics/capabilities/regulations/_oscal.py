"""An audit as OSCAL assessment results (NIST OSCAL 1.1.2, JSON)."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

OSCAL = "1.1.2"
_SPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_NAMES = "urn:edgp-magics:evidence"
_NO_DAY = "1980-01-01"
_UNDATED = "No day of processing was declared: every time in this document is a placeholder."
_BROKEN = ("FAIL", "WARN")


def assessment_results(data: Mapping[str, Any]) -> dict[str, Any]:
    """One OSCAL document: a result per dataset with an observation and a finding per clause, and a risk for each that is broken.

    Identifiers are derived from the content, so that the same audit gives the same document; times are the day the audit
    speaks of (the first day of 1980 where none was given, which is said), never the clock's.
    """
    verdicts = hashlib.sha256(json.dumps(data["clauses"], sort_keys=True).encode()).hexdigest()
    mark = "|".join(f"{d['ref']['name']}:{d['sha256']}" for d in data["datasets"])
    mark += f"|{data['catalogue_version']}|{data['as_of']}|{verdicts}"
    when = f"{(data['as_of'] or _NO_DAY)[:10]}T00:00:00Z"
    said = "Checked by rules on data and declared facts; not legal advice."
    return {
        "assessment-results": {
            "uuid": _id(mark),
            "metadata": {
                "title": "Regulatory audit",
                "last-modified": when,
                "version": data["catalogue_version"],
                "oscal-version": OSCAL,
                "remarks": said if data["as_of"] else f"{said} {_UNDATED}",
            },
            "import-ap": {"href": "#" + _id(mark + "|plan"), "remarks": "The plan is the clause catalogue that was checked."},
            "results": [_result(d, [c for c in data["clauses"] if c["dataset"] == d["ref"]["name"]], mark, when) for d in data["datasets"]],
            "back-matter": {"resources": [_plan(data, mark)]},
        }
    }


def _id(text: str) -> str:
    return str(uuid.uuid5(_SPACE, text))


def _text(value: Any) -> str:
    """A text of one line without blanks at its ends, as the schema asks for."""
    return " ".join(str(value).split())


def _prose(value: Any) -> str:
    """A text for a field that is read as Markdown: names of columns are not ours, and none becomes an element."""
    parts = _text(value).split("`")
    code = len(parts) % 2 == 1
    return "`".join(p if code and i % 2 else p.replace("&", "&amp;").replace("<", "&lt;") for i, p in enumerate(parts))


def _plan(data: Mapping[str, Any], mark: str) -> dict[str, Any]:
    """What the clauses were checked by, to which ``import-ap`` points."""
    text = f"Clause catalogue {data['catalogue_version']} of edgp_magics, SHA-256 {data['catalogue_sha256']}."
    return {"uuid": _id(mark + "|plan"), "title": f"Clause catalogue {data['catalogue_version']}", "citation": {"text": text}}


def _result(dataset: Mapping[str, Any], clauses: list[Mapping[str, Any]], mark: str, when: str) -> dict[str, Any]:
    name = dataset["ref"]["name"]
    seed = f"{mark}|{name}"
    risks = [_risk(c, seed) for c in clauses if _broken(c)]
    return {
        "uuid": _id(seed),
        "title": _prose(f"Dataset {name}"),
        "description": f"{dataset['ref']['rows']} rows, {len(dataset['ref']['columns'])} columns, SHA-256 {dataset['sha256']}.",
        "start": when,
        "reviewed-controls": {
            "control-selections": [{"include-controls": [{"control-id": c["id"]} for c in clauses]}],
            "control-objective-selections": [{"include-all": {}}],
        },
        "observations": [_observation(c, seed, when) for c in clauses],
        **({"risks": risks} if risks else {}),
        "findings": [_finding(c, seed) for c in clauses],
    }


def _observation(clause: Mapping[str, Any], seed: str, when: str) -> dict[str, Any]:
    expires = clause["attestation"]["expires"] if _attested(clause) else ""
    return {
        "uuid": _id(f"{seed}|o|{clause['id']}"),
        "title": _prose(f"{clause['citation']} {clause['title']}"),
        "description": _prose(clause["message"] or clause["status"]),
        "methods": [_method(clause)],
        "types": ["control-objective"],
        "props": [{"name": name, "ns": _NAMES, "value": _text(value)} for name, value in _props(clause).items()],
        "collected": when,
        **({"expires": f"{expires}T23:59:59Z"} if expires else {}),
    }


def _attested(clause: Mapping[str, Any]) -> bool:
    return bool((clause.get("attestation") or {}).get("used"))


def _computed(clause: Mapping[str, Any]) -> str:
    """The verdict before a person replaced it."""
    return str((clause.get("override") or {}).get("computed") or clause["status"])


def _broken(clause: Mapping[str, Any]) -> bool:
    return clause["status"] in _BROKEN or _computed(clause) in _BROKEN


def _method(clause: Mapping[str, Any]) -> str:
    """How the verdict came about: a person said so, the data was computed on, or what is declared was looked at."""
    if _attested(clause):
        return "INTERVIEW"
    return "TEST" if clause["kind"].startswith("data") and _computed(clause) in ("PASS", *_BROKEN) else "EXAMINE"


def _props(clause: Mapping[str, Any]) -> dict[str, Any]:
    """What else stands about a verdict: how many break it, and which person it rests on."""
    out = {"status": clause["status"], "violations": clause["violating_rows"], "unit": clause["unit"], "severity": clause["severity"]}
    attestation, override = clause.get("attestation") or {}, clause.get("override") or {}
    if _attested(clause):
        out |= {"attested-by": attestation["by"], "attested-on": attestation["on"]}
    if override:
        out |= {"overridden-by": override["by"], "override-reason": override["reason"], "computed-status": override["computed"]}
    return out


def _risk(clause: Mapping[str, Any], seed: str) -> dict[str, Any]:
    """What a broken clause leaves open; where a person took it upon themselves, it stays on record as that."""
    todo = _prose(clause["remediation"])
    advice = {"uuid": _id(f"{seed}|m|{clause['id']}"), "lifecycle": "recommendation", "title": "What to do", "description": todo}
    taken = clause["status"] not in _BROKEN
    return {
        "uuid": _id(f"{seed}|r|{clause['id']}"),
        "title": _prose(f"{clause['id']} {clause['title']}"),
        "description": _prose(clause["message"]),
        "statement": _prose(clause["check"]),
        "props": [{"name": "severity", "ns": _NAMES, "value": clause["severity"]}],
        "status": "deviation-approved" if taken else "open",
        **({"remediations": [advice]} if todo else {}),
        "related-observations": [{"observation-uuid": _id(f"{seed}|o|{clause['id']}")}],
    }


_STATES = {"PASS": ("satisfied", "pass"), "NOT_APPLICABLE": ("satisfied", "other"), "FAIL": ("not-satisfied", "fail")}


def _finding(clause: Mapping[str, Any], seed: str) -> dict[str, Any]:
    state, reason = _STATES.get(clause["status"], ("not-satisfied", "other"))
    target: dict[str, Any] = {
        "type": "objective-id",
        "target-id": clause["id"],
        "status": {"state": state, "reason": reason, "remarks": _prose(f"{clause['status']}: {clause['message']}")},
    }
    if clause["status"] == "NOT_APPLICABLE":
        target["implementation-status"] = {"state": "not-applicable"}
    return {
        "uuid": _id(f"{seed}|f|{clause['id']}"),
        "title": _prose(f"{clause['id']} {clause['title']}"),
        "description": _prose(clause["check"]),
        "target": target,
        "related-observations": [{"observation-uuid": _id(f"{seed}|o|{clause['id']}")}],
        **({"related-risks": [{"risk-uuid": _id(f"{seed}|r|{clause['id']}")}]} if _broken(clause) else {}),
    }
