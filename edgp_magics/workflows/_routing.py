"""Where a workflow goes next: pure functions of the state, tested as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ..values import Severity, Status

ROUNDS = 3


def quality_check_router(state: Mapping[str, Any]) -> Literal["issues_found", "no_issues"]:
    """``issues_found`` when the quality check has a finding above info, or could not be made: unknown is not a pass.

    >>> quality_check_router({"quality_results": {"findings": []}})
    'no_issues'
    """
    results = state.get("quality_results")
    if results is None or results.get("status") == Status.NOT_ASSESSED.value:
        return "issues_found"
    serious = any(Severity(f["severity"]).rank > Severity.INFO.rank for f in results.get("findings", []))
    return "issues_found" if serious else "no_issues"


def privacy_router(state: Mapping[str, Any]) -> Literal["personal_data", "no_personal_data"]:
    """``personal_data`` when the risk step saw a personal column, personal text or too small classes.

    >>> privacy_router({"results": {"risk_assessment": {"personal": False}}})
    'no_personal_data'
    """
    risk = (state.get("results") or {}).get("risk_assessment") or {}
    return "personal_data" if risk.get("personal", True) else "no_personal_data"


def plan_router(state: Mapping[str, Any]) -> Literal["to_approve", "nothing_to_do"]:
    """``to_approve`` when the plan has an action that changes something.

    >>> plan_router({"remediation_plan": {"doable": 0}})
    'nothing_to_do'
    """
    return "to_approve" if (state.get("remediation_plan") or {}).get("doable", 0) else "nothing_to_do"


def approval_router(state: Mapping[str, Any]) -> Literal["approved", "rejected"]:
    """``approved`` when the last decision names an action.

    >>> approval_router({"decisions": {"approval": {"approve": []}}})
    'rejected'
    """
    decisions = list((state.get("decisions") or {}).values())
    return "approved" if decisions and decisions[-1]["approve"] else "rejected"


def remediation_router(state: Mapping[str, Any]) -> Literal["improve", "fixed_point"]:
    """``improve`` until a round changed nothing, the score no longer rises, or the rounds are used up.

    >>> remediation_router({"scores": [80.0]}), remediation_router({"scores": [80.0, 80.0], "applied": [{}]})
    ('improve', 'fixed_point')
    """
    scores, rounds = state.get("scores") or [], len(state.get("applied") or [])
    if rounds >= int(state.get("max_rounds") or ROUNDS):
        return "fixed_point"
    if rounds and len(scores) > 1 and scores[-1] <= scores[-2]:
        return "fixed_point"
    return "improve"


def drift_router(state: Mapping[str, Any]) -> Literal["drifted", "stable"]:
    """``drifted`` when the comparison moved, or could not be made: unknown is not a pass.

    >>> drift_router({"results": {"compare": {"drifted": False}}})
    'stable'
    """
    compare = (state.get("results") or {}).get("compare") or {}
    return "drifted" if compare.get("drifted", True) else "stable"
