"""The five agents."""

from __future__ import annotations

from ..services.bus import MCPMessage
from ..values import AgentCapability, AgentType, Result
from ._base import BaseAgent


class DataQualityAgent(BaseAgent):
    """Profiles tables, assesses their quality, finds anomalies."""

    agent_type = AgentType.DATA_QUALITY
    purpose = "profiles tables, assesses their quality, finds anomalies"


class ComplianceAgent(BaseAgent):
    """Finds personal data, checks clauses of regulations, prepares audits."""

    agent_type = AgentType.COMPLIANCE
    purpose = "finds personal data, checks clauses of regulations, prepares audits"


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

    def takes_in(self, notice: MCPMessage, result: Result) -> bool:
        """What was found on the very table that is to be repaired."""
        return bool(notice.content["dataset"]["fingerprint"] == result.dataset.fingerprint)


class AnalyticsAgent(BaseAgent):
    """Writes reports, draws charts, keeps metrics."""

    agent_type = AgentType.ANALYTICS
    purpose = "writes reports, draws charts, keeps metrics"
    listens_to = tuple(AgentCapability)

    def takes_in(self, notice: MCPMessage, result: Result) -> bool:
        """A report names everything that was told in this session."""
        return result.capability is AgentCapability.REPORT_GENERATION


AGENTS: tuple[type[BaseAgent], ...] = (DataQualityAgent, ComplianceAgent, PolicySuggestionAgent, RemediationAgent, AnalyticsAgent)
"""Every agent; a new one is a class with a type, and its line here."""
