"""The five agents."""

from __future__ import annotations

from ..values import AgentCapability, AgentType
from ._base import BaseAgent


class DataQualityAgent(BaseAgent):
    """Profiles tables, assesses their quality, finds anomalies."""

    agent_type = AgentType.DATA_QUALITY
    purpose = "profiles tables, assesses their quality, finds anomalies"


class ComplianceAgent(BaseAgent):
    """Finds personal data, checks clauses of regulations, prepares audits."""

    agent_type = AgentType.COMPLIANCE
    purpose = "finds personal data, checks clauses of regulations, prepares audits"
    listens_to = (AgentCapability.DATA_PROFILING, AgentCapability.DATA_CLEANING)


class PolicySuggestionAgent(BaseAgent):
    """Suggests rules, drafts policies, answers questions of governance."""

    agent_type = AgentType.POLICY_SUGGESTION
    purpose = "suggests rules, drafts policies, answers questions of governance"


class RemediationAgent(BaseAgent):
    """Plans fixes that can be previewed, approved, applied and undone."""

    agent_type = AgentType.REMEDIATION
    purpose = "plans fixes that can be previewed, approved, applied and undone"
    listens_to = (
        AgentCapability.DATA_QUALITY_ASSESSMENT,
        AgentCapability.ANOMALY_DETECTION,
        AgentCapability.PRIVACY_SCAN,
        AgentCapability.COMPLIANCE_CHECK,
    )


class AnalyticsAgent(BaseAgent):
    """Writes reports, draws charts, keeps metrics."""

    agent_type = AgentType.ANALYTICS
    purpose = "writes reports, draws charts, keeps metrics"
    listens_to = tuple(AgentCapability)


AGENTS: tuple[type[BaseAgent], ...] = (DataQualityAgent, ComplianceAgent, PolicySuggestionAgent, RemediationAgent, AnalyticsAgent)
"""Every agent; a new one is a class with a type, and its line here."""
