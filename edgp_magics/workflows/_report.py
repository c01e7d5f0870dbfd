"""The report at the end of a workflow: the analytics agent's, widened by what this run found beside the table's own results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..values import AgentCapability as Cap
from ..values import Progress, Result, Severity, plural, worst_first
from ._nodes import Work, WorkflowContext, options_of, remember, table
from ._state import brief

Named = Sequence[tuple[str, Result]]
_EACH = 3


def report_work(step: str, also: Callable[[WorkflowContext], Named]) -> Work:
    """Write the report; ``also`` gives results of the run that it does not know of, by the heading each shall have."""

    async def work(state: Mapping[str, Any], context: WorkflowContext, progress: Progress) -> dict[str, Any]:
        ref = await table(state, context, progress)
        report = await context.execute(Cap.REPORT_GENERATION, ref, progress, options_of(state, step))
        report = widened(report, also(context))
        remember(state, context, step, report)
        return {"final_report": brief(report)}

    return work


def widened(report: Any, more: Named) -> Any:
    """A report with a section for each further result, and the worst findings of each among its own."""
    from ..capabilities._report import Section

    known = [(s.capability, s.findings) for s in report.sections]
    more = [(heading, r) for heading, r in more if (r.capability.value, r.findings) not in known]
    if not more:
        return report
    sections = tuple(
        Section(
            capability=r.capability.value,
            heading=heading,
            summary=r.summary,
            figures={k.replace("_", " "): v for k, v in list(r.metrics.items())[:8] if v is not None},
            findings=r.findings,
        )
        for heading, r in more
    )
    every = {(s.heading, f.id): f for s in (*report.sections, *sections) for f in s.findings}
    counts = {f"findings_{s.value}": sum(f.severity is s for f in every.values()) for s in Severity}
    top = {f.id: f for f in (*report.findings, *(f for s in sections for f in worst_first(s.findings)[:_EACH]))}
    names = ", ".join(s.heading for s in sections)
    return replace(
        report,
        sections=(*report.sections, *sections),
        findings=worst_first(top.values()),
        metrics={**report.metrics, "findings": len(every), **counts},
        summary=f"{report.summary} With {names}: {plural(len(every), 'finding')} in all.",
    )
