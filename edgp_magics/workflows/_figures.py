"""What conditions can speak about: the figures of each kind of result, known by name before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..values import AgentCapability as Cap
from ..values import ClauseStatus, Dimension, Severity

RANKS = {"none": -1} | {s.value: s.rank for s in Severity}
WORDS = ("severity", "status", "answer")
"""The figures that are words; every other one is a number."""
_EVERY = ("findings", "severity", "status", "actions")
_DIMENSIONS = tuple(d.value for d in Dimension)
_VERDICTS = ("clauses", *(s.value.lower() for s in ClauseStatus))
_FIGURES: Mapping[Cap, tuple[str, ...]] = {
    Cap.DATA_QUALITY_ASSESSMENT: ("score", *_DIMENSIONS, "checks_passed", "checks_failed", "checks_not_run", "suspicions"),
    Cap.ANOMALY_DETECTION: ("rows_named", "odd_cells", "series_points", "features"),
    Cap.DATA_PROFILING: (
        *("rows", "columns", "cells", "nulls", "blanks", "coded_missing"),
        *("missing_share", "keys", "duplicate_rows", "near_duplicate_rows"),
    ),
    Cap.PRIVACY_SCAN: (
        *("columns", "personal_columns", "special_columns", "secret_columns", "spans", "attacks"),
        *("k", "l", "t", "uniqueness", "prosecutor_risk", "journalist_risk", "marketer_risk"),
    ),
    Cap.COMPLIANCE_CHECK: _VERDICTS,
    Cap.REGULATORY_AUDIT: ("datasets", *_VERDICTS),
    Cap.POLICY_GENERATION: ("columns_public", "columns_internal", "columns_confidential", "columns_restricted"),
    Cap.RULE_SUGGESTION: ("rules", "columns_covered"),
    Cap.GOVERNANCE_ADVICE: ("passages", "sentences", "sources"),
    Cap.DATA_CLEANING: ("cells", "suspect_cells", "auto_cells", "review_cells", "flagged_cells", "duplicate_pairs", "duplicate_clusters"),
    Cap.ISSUE_RESOLUTION: ("issues", "asked", "conflicts"),
    Cap.QUALITY_IMPROVEMENT: ("rounds", "score_before", "score_after"),
    Cap.REPORT_GENERATION: ("quality_score", *(f"findings_{s.value}" for s in Severity)),
    Cap.VISUALIZATION: (),
    Cap.METRICS_CALCULATION: ("row_count", "null_rate", "blank_rate", "completeness", "duplicate_rate", "distinct_rate"),
}
_OPEN: Mapping[Cap, str] = {Cap.RULE_SUGGESTION: "rules_"}
"""Figures of which only the beginning is known: there is one for each kind of rule."""
_OF_100: Mapping[Cap, tuple[str, ...]] = {
    Cap.DATA_QUALITY_ASSESSMENT: ("score", *_DIMENSIONS),
    Cap.QUALITY_IMPROVEMENT: ("score_before", "score_after"),
    Cap.REPORT_GENERATION: ("quality_score",),
}
APPROVAL_FIGURES = ("approved", "proposed", "answer")
APPLY_FIGURES = ("changes",)


class Points(float):
    """A figure from 0 to 100, of which 99 is 99 %; any other figure that is compared with a percentage is a share from 0 to 1."""


def known_figures(capability: Cap) -> tuple[str, ...]:
    """The names of the figures a capability's result can have.

    >>> "score" in known_figures(Cap.DATA_QUALITY_ASSESSMENT), "score" in known_figures(Cap.DATA_PROFILING)
    (True, False)
    """
    return (*_EVERY, *_FIGURES[capability])


def is_figure(name: str, capability: Cap) -> bool:
    """Whether a capability's result can have a figure of this name."""
    start = _OPEN.get(capability)
    return name in known_figures(capability) or (start is not None and name.startswith(start))


def figures_of(brief: Mapping[str, Any]) -> dict[str, Any]:
    """What a condition can speak about: the metrics of a result, its score, findings, worst severity, status, actions.

    >>> figures_of({"findings_total": 1, "findings": [{"severity": "high"}], "metrics": {"rows": 3}, "status": "issues"})["severity"]
    'high'
    """
    found = [f["severity"] for f in brief.get("findings", ())]
    own = {
        "findings": brief.get("findings_total", len(found)),
        "severity": max(found, key=lambda s: RANKS[s], default="none"),
        "status": brief.get("status", ""),
        "actions": len(brief.get("action_ids", ())),
    }
    out = {**(brief.get("metrics") or {}), **({"score": brief["score"]} if "score" in brief else {}), **own}
    of_100 = _OF_100.get(brief.get("capability", ""), ())
    return {name: Points(v) if name in of_100 and isinstance(v, (int, float)) else v for name, v in out.items()}
