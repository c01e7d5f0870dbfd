"""Agents: the only place where capabilities and services meet."""

from ._agents import AGENTS, AnalyticsAgent, ComplianceAgent, DataQualityAgent, PolicySuggestionAgent, RemediationAgent
from ._base import AgentTask, BaseAgent
from ._named import options_named
from ._route import nearest, route
from ._runtime import Frames, Runtime, reset, runtime

__all__ = [
    "AGENTS",
    "AgentTask",
    "AnalyticsAgent",
    "BaseAgent",
    "ComplianceAgent",
    "DataQualityAgent",
    "Frames",
    "PolicySuggestionAgent",
    "RemediationAgent",
    "Runtime",
    "nearest",
    "options_named",
    "reset",
    "route",
    "runtime",
]
