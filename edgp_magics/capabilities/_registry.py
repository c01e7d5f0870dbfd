"""The capabilities there are: one line each. A module is imported when its capability is first used."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import UnknownName
from ..values import AgentCapability as Cap
from ..values import AgentType as Agent
from ..values import Context, Result
from ._options import OptionSpec, options_of

Run = Callable[..., Result]


@dataclass(frozen=True)
class CapabilitySpec:
    """A capability's name, its agent, what it does in a line, and where its function is."""

    capability: Cap
    verb: str
    agent: Agent
    summary: str
    target: str
    example: str
    body: str = ""
    needs: tuple[Cap, ...] = ()
    """Results it builds on: run first unless this session has them."""
    uses: tuple[Cap, ...] = ()
    """Results it takes in where this session has them."""
    reads: str = ""
    """Words by which it is given all passages that hold them (findings cite some), instead of an answer to a question."""
    query: str = ""
    """What is asked of the knowledge base first; ``{option}`` and ``{question}`` are filled in."""

    @property
    def function(self) -> Run:
        """The capability itself: ``f(frame, context, **options) -> Result``."""
        return _load(self.target)

    @property
    def options(self) -> tuple[OptionSpec, ...]:
        """Its options, read from the signature."""
        return options_of(self.function)


@functools.cache
def _load(target: str) -> Run:
    module, _, name = target.partition(":")
    function: Run = getattr(importlib.import_module(f".{module}", __package__), name)
    return function


_SPECS = (
    CapabilitySpec(
        Cap.PRIVACY_SCAN,
        "scan",
        Agent.COMPLIANCE,
        "personal data in columns and texts, re-identification risk, attacks on hashes",
        "_scan:scan_privacy",
        "%governance scan customers",
        query="personal data, identifiers, de-identification and re-identification risk",
    ),
    CapabilitySpec(
        Cap.COMPLIANCE_CHECK,
        "check",
        Agent.COMPLIANCE,
        "every clause of nine regulations on the table and its metadata, with the rows that break it",
        "_check:check_compliance",
        "%governance check customers --regulations gdpr,pci",
        body="metadata as YAML (lawful_basis: contract) or an ODCS data contract",
        reads="Check id",
        needs=(Cap.PRIVACY_SCAN,),
    ),
    CapabilitySpec(
        Cap.REGULATORY_AUDIT,
        "audit",
        Agent.COMPLIANCE,
        "clauses over several tables, record of processing, gaps, statements, and an evidence pack",
        "_audit:audit_regulatory",
        "%governance audit customers --frames orders,payments -o audit",
        body="metadata as YAML; `datasets:` holds what differs by table",
        reads="Check id",
        needs=(Cap.PRIVACY_SCAN,),
    ),
    CapabilitySpec(
        Cap.DATA_PROFILING,
        "profile",
        Agent.DATA_QUALITY,
        "what is in every column, keys, dependencies",
        "_profile:profile_data",
        "%governance profile orders",
    ),
    CapabilitySpec(
        Cap.DATA_QUALITY_ASSESSMENT,
        "assess",
        Agent.DATA_QUALITY,
        "six dimensions scored, checks given and found, every suspect cell",
        "_assess:assess_quality",
        "%governance assess orders",
        body="checks, one a line, as SodaCL, Great Expectations, dbt, ODCS or plain comparisons",
    ),
    CapabilitySpec(
        Cap.ANOMALY_DETECTION,
        "anomalies",
        Agent.DATA_QUALITY,
        "odd rows with reasons, odd cells, odd points in time",
        "_anomalies:detect_anomalies",
        "%governance anomalies orders",
    ),
    CapabilitySpec(
        Cap.REPORT_GENERATION,
        "report",
        Agent.ANALYTICS,
        "one document from what the other agents found",
        "_report:generate_report",
        "%governance report orders --template full",
        needs=(Cap.DATA_QUALITY_ASSESSMENT, Cap.PRIVACY_SCAN),
        uses=tuple(Cap),
    ),
    CapabilitySpec(
        Cap.VISUALIZATION,
        "plot",
        Agent.ANALYTICS,
        "charts of missing values, distributions, correlation, findings",
        "_plot:visualize",
        "%governance plot orders --kind missing",
        uses=tuple(Cap),
    ),
    CapabilitySpec(
        Cap.METRICS_CALCULATION,
        "metrics",
        Agent.ANALYTICS,
        "rates and counts, overall, by group and by column",
        "_metrics:calculate_metrics",
        "%governance metrics orders --by country",
    ),
    CapabilitySpec(
        Cap.POLICY_GENERATION,
        "policy",
        Agent.POLICY_SUGGESTION,
        "a draft policy from what the table holds, with citations",
        "_policy:generate_policy",
        "%governance policy orders --kind retention",
        needs=(Cap.PRIVACY_SCAN,),
        uses=(Cap.DATA_QUALITY_ASSESSMENT,),
        query="{kind} policy requirements",
    ),
    CapabilitySpec(
        Cap.GOVERNANCE_ADVICE,
        "advise",
        Agent.POLICY_SUGGESTION,
        "an answer in quoted sentences of the knowledge, each cited, or that it is not known",
        "_advise:advise_governance",
        "%governance advise orders --question 'how long may we keep CVs?'",
        body="a question in plain words",
        uses=(Cap.DATA_QUALITY_ASSESSMENT, Cap.PRIVACY_SCAN, Cap.COMPLIANCE_CHECK),
        query="{question}",
    ),
    CapabilitySpec(
        Cap.RULE_SUGGESTION,
        "rules",
        Agent.POLICY_SUGGESTION,
        "rules the data keeps to, counted; to_odcs() to_great_expectations() to_dbt() to_soda() to_pandera() write them",
        "_rules:suggest_rules",
        "%governance rules orders",
        uses=(Cap.DATA_PROFILING,),
    ),
    CapabilitySpec(
        Cap.DATA_CLEANING,
        "clean",
        Agent.REMEDIATION,
        "wrong cells and duplicate rows, with a plan to repair them",
        "_clean:clean_data",
        "%governance clean orders",
        body="checks that hold for true values, one a line, as for assess: qty >= 0, zip -> city",
    ),
    CapabilitySpec(
        Cap.ISSUE_RESOLUTION,
        "resolve",
        Agent.REMEDIATION,
        "what to do about each finding of assess, scan and check",
        "_resolve:resolve_issues",
        "%governance resolve orders",
        needs=(Cap.DATA_CLEANING,),
        uses=(Cap.DATA_CLEANING, Cap.DATA_QUALITY_ASSESSMENT, Cap.PRIVACY_SCAN, Cap.COMPLIANCE_CHECK),
    ),
    CapabilitySpec(
        Cap.QUALITY_IMPROVEMENT,
        "improve",
        Agent.REMEDIATION,
        "scores before and after repair, effort against effect",
        "_improve:improve_quality",
        "%governance improve orders",
    ),
)
CAPABILITIES: dict[Cap, CapabilitySpec] = {s.capability: s for s in sorted(_SPECS, key=lambda s: list(Cap).index(s.capability))}
"""Every capability that works; what is not here does not exist yet."""


def spec_of(name: str | Cap) -> CapabilitySpec:
    """The capability of this full name or verb.

    >>> spec_of("profile").capability.value
    'data_profiling'
    """
    text = str(name).strip().lower().replace("-", "_")
    for spec in CAPABILITIES.values():
        if text in (spec.capability.value, spec.verb):
            return spec
    raise UnknownName("capability", str(name), known=names())


def names() -> list[str]:
    """Verbs and full names."""
    return [n for s in CAPABILITIES.values() for n in (s.verb, s.capability.value)]


__all__ = ["CAPABILITIES", "CapabilitySpec", "Context", "names", "spec_of"]
