"""report_generation: what the other agents found, as one document for people who were not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from ..frames import Frame
from ..values import (
    AgentCapability,
    Block,
    Context,
    Facts,
    Finding,
    Fold,
    Heading,
    Result,
    Severity,
    Status,
    Text,
    findings_grid,
    plain,
    plural,
    worst_first,
)
from ._options import Option
from .charts import Chart, bars

Template = Literal["executive", "full"]
_TOP = {"executive": 5, "full": 15}


@dataclass(frozen=True, kw_only=True)
class Section:
    """What one capability contributes to a report."""

    capability: str
    heading: str
    summary: str
    figures: Mapping[str, str | float | int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class ReportResult(Result):
    """A report: ``html`` (a whole page), ``markdown``, ``charts``, and the results it rests on as ``sections``."""

    template: str = "executive"
    sections: tuple[Section, ...] = ()
    charts: tuple[Chart, ...] = ()

    @property
    def html(self) -> str:
        """The report as an HTML page without script or outside links."""
        from ..display import to_page

        return to_page(self.document())

    @property
    def markdown(self) -> str:
        """The report as Markdown."""
        return self.to_markdown()

    @property
    def title(self) -> str:
        """The heading of the report."""
        return f"Governance report: {self.dataset.name}"

    def body(self) -> list[Block]:
        """Severity counts, charts, one section per result, then method."""
        counts = Facts(tuple((s.value, self.metrics[f"findings_{s.value}"]) for s in reversed(Severity)))
        out: list[Block] = [counts] if self.findings else []
        out += [c.drawing for c in self.charts]
        for section in self.sections:
            out += [Heading(section.heading), Text(section.summary)]
            if section.figures:
                out.append(Facts(tuple(section.figures.items())))
            if self.template == "full" and section.findings:
                out.append(Fold(plural(len(section.findings), "finding"), (findings_grid(section.findings[:50], section.heading),)))
        return out


_HEADINGS = {
    "data_quality_assessment": "Quality",
    "privacy_scan": "Personal data",
    "compliance_check": "Compliance",
    "regulatory_audit": "Audit",
    "anomaly_detection": "Anomalies",
    "data_profiling": "Profile",
    "rule_suggestion": "Rules",
    "data_cleaning": "Remediation plan",
    "issue_resolution": "Remediation plan for the findings",
    "quality_improvement": "Improvement",
    "metrics_calculation": "Metrics",
}


def generate_report(
    frame: Frame,
    context: Context,
    *,
    template: Annotated[
        Template, Option("executive: the answer, figures and worst findings; full: every section with its findings")
    ] = "executive",
    title: Annotated[str, Option("heading of the summary")] = "",
) -> ReportResult:
    """Write a report from what the other agents found on the same table in this session.

    Quality and personal data are looked at first where that has not happened; other results of the session are
    included. Every figure is taken from those results; nothing is estimated.
    """
    results = {name: r for name, r in context.results.items() if name in _HEADINGS}
    sections = tuple(_section(results[name]) for name in _HEADINGS if name in results)
    findings = worst_first(f for s in sections for f in s.findings)
    serious = [f for f in findings if f.severity.rank >= Severity.HIGH.rank]
    lead = f"{title}. " if title else ""
    summary = lead + (
        f"{plural(len(findings), 'finding')} on {frame.name}, {len(serious)} of high or critical severity. "
        if findings
        else f"No findings on {frame.name}. "
    )
    return ReportResult(
        capability=AgentCapability.REPORT_GENERATION,
        dataset=frame.ref,
        status=Status.ISSUES if findings else Status.OK if frame.cells else Status.NOT_ASSESSED,
        summary=summary + _verdict(results) if frame.cells else f"{frame.name} has no cells: nothing could be assessed.",
        findings=findings[: _TOP[template]] if template == "executive" else findings,
        metrics=_metrics(results, findings),
        notes=_notes(results, findings, template),
        template=template,
        sections=sections,
        charts=tuple(_charts(results)),
    )


def _section(result: Result) -> Section:
    figures = {k.replace("_", " "): v for k, v in result.metrics.items() if v is not None}
    return Section(
        capability=result.capability.value,
        heading=_HEADINGS[result.capability.value],
        summary=result.summary,
        figures=dict(list(figures.items())[:8]),
        findings=result.findings,
    )


def _verdict(results: Mapping[str, Any]) -> str:
    quality, scan = results.get("data_quality_assessment"), results.get("privacy_scan")
    parts = []
    if quality is not None and getattr(quality, "score", None) is not None:
        parts.append(f"Quality score {quality.score:.1f} of 100.")
    if scan is not None:
        personal = [name for name, found in scan.columns.items() if found]
        parts.append(f"Personal data in {plural(len(personal), 'column')}." if personal else "No personal data found.")
    missing = [_HEADINGS[n].lower() for n in ("data_quality_assessment", "privacy_scan") if n not in results]
    if missing:
        parts.append(f"Not assessed: {', '.join(missing)}.")
    return " ".join(parts)


def _metrics(results: Mapping[str, Any], findings: tuple[Finding, ...]) -> dict[str, float | int | None]:
    out: dict[str, float | int | None] = {"findings": len(findings)}
    out |= {f"findings_{s.value}": n for s, n in _severities(findings)}
    quality = results.get("data_quality_assessment")
    if quality is not None:
        out["quality_score"] = getattr(quality, "score", None)
    return out


def _severities(findings: tuple[Finding, ...]) -> list[tuple[Severity, int]]:
    return [(s, sum(f.severity is s for f in findings)) for s in reversed(Severity)]


def _charts(results: Mapping[str, Any]) -> list[Chart]:
    quality = results.get("data_quality_assessment")
    if quality is None:
        return []
    scores = {name: s for name, s in ((str(plain(k)), _score_of(d)) for k, d in quality.dimensions.items()) if s is not None}
    return [bars("Quality by dimension (0 to 100)", list(scores), list(scores.values()), top=100)] if scores else []


def _score_of(dimension: Any) -> float | None:
    value = getattr(dimension, "score", dimension)
    return round(float(value), 1) if isinstance(value, (int, float)) else None


def _notes(results: Mapping[str, Any], findings: tuple[Finding, ...], template: str) -> tuple[str, ...]:
    out = [f"Rests on: {', '.join(results)}."] if results else []
    if template == "executive" and len(findings) > _TOP[template]:
        out.append(f"The worst {_TOP[template]} of {len(findings)} findings are listed; use --template full for all.")
    out += [f"{_HEADINGS[name]}: {note}" for name, r in results.items() for note in (*getattr(r, "unused", ()), *r.notes[:5])]
    return tuple(out)
