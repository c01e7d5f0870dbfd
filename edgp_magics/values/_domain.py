"""The words of the domain: agents, capabilities, severities, statuses."""

from __future__ import annotations

from enum import StrEnum


class AgentType(StrEnum):
    """The five agents."""

    DATA_QUALITY = "data_quality"
    COMPLIANCE = "compliance"
    POLICY_SUGGESTION = "policy_suggestion"
    REMEDIATION = "remediation"
    ANALYTICS = "analytics"


class AgentCapability(StrEnum):
    """The fifteen things the agents can do."""

    DATA_QUALITY_ASSESSMENT = "data_quality_assessment"
    ANOMALY_DETECTION = "anomaly_detection"
    DATA_PROFILING = "data_profiling"
    COMPLIANCE_CHECK = "compliance_check"
    PRIVACY_SCAN = "privacy_scan"
    REGULATORY_AUDIT = "regulatory_audit"
    POLICY_GENERATION = "policy_generation"
    RULE_SUGGESTION = "rule_suggestion"
    GOVERNANCE_ADVICE = "governance_advice"
    DATA_CLEANING = "data_cleaning"
    ISSUE_RESOLUTION = "issue_resolution"
    QUALITY_IMPROVEMENT = "quality_improvement"
    REPORT_GENERATION = "report_generation"
    VISUALIZATION = "visualization"
    METRICS_CALCULATION = "metrics_calculation"


class AgentStatus(StrEnum):
    """What an agent is doing now."""

    IDLE = "idle"
    BUSY = "busy"
    STOPPED = "stopped"


class Severity(StrEnum):
    """How much a finding matters; compare with ``rank``.

    >>> Severity.HIGH.rank > Severity.LOW.rank
    True
    """

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info up to 4 for critical."""
        return list(Severity).index(self)


class Status(StrEnum):
    """How a run of a capability ended.

    ``ok``: done, nothing found that needs action; ``issues``: done, with findings; ``partial``: some of it
    could not be done, and the notes say what; ``not_assessed``: nothing could be known.
    """

    OK = "ok"
    ISSUES = "issues"
    PARTIAL = "partial"
    NOT_ASSESSED = "not_assessed"


class ClauseStatus(StrEnum):
    """The verdict on one clause of a regulation. Missing knowledge is never a pass."""

    PASS = "PASS"  # noqa: S105  # a verdict
    FAIL = "FAIL"
    WARN = "WARN"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NOT_ASSESSED = "NOT_ASSESSED"
    NEEDS_ATTESTATION = "NEEDS_ATTESTATION"


class Dimension(StrEnum):
    """Data quality dimensions (DAMA UK 2013; ISO/IEC 25012 names them alike)."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    ACCURACY = "accuracy"
    TIMELINESS = "timeliness"
