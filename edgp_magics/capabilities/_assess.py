"""data_quality_assessment: how good the data is by dimension, which checks fail, and every suspect cell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import polars as pl

from ..errors import BadOption, NotAvailable
from ..frames import Frame
from ..values import (
    RAW,
    AgentCapability,
    Badge,
    Bar,
    Block,
    Code,
    Context,
    Document,
    Finding,
    Fold,
    Grid,
    Result,
    Severity,
    Status,
    Table,
    Text,
    View,
    mask,
    percent,
    plural,
    worst_first,
)
from ._options import Option
from .assessment import CheckLine, DimensionScore, Evidence, check_line, compare_with, finding_of, masked_frame, score_dimensions, total
from .checks import TABLE_KINDS, CheckTable, Found, Outcome, Rule, Semantics, cell_table, find_checks, read_checks, run_rules, semantics_of

if TYPE_CHECKING:
    import pandas as pd

CAPABILITY = AgentCapability.DATA_QUALITY_ASSESSMENT
_LINES_SHOWN = 60
_CELLS_SHOWN = 20
_SUSPECTS_ROWS = 25_000
_SUSPECTS_CELLS = 500_000


@dataclass(frozen=True, kw_only=True, repr=False)
class AssessmentResult(Result):
    """A score 0..100, the six dimensions behind it, every check with its counts, and the cells that are suspect."""

    score: float | None
    dimensions: Mapping[str, DimensionScore]
    checks: tuple[CheckLine, ...]
    semantics: str
    rules: tuple[Rule, ...] = field(default=(), metadata=RAW)
    suspects: Table | None = field(default=None, metadata=RAW)

    @property
    def cells(self) -> pd.DataFrame:
        """Every suspect cell and why: row (0-based position), column, rule, check, severity, dimension, confidence, value, fix, repair.

        ``fix`` is advice, ``repair`` the value to put there, where one is known. It holds raw values, masked where it is
        shown, and stays in the kernel: a result that was saved and read back has no cells.
        """
        if self.suspects is None:
            raise NotAvailable("the suspect cells of a saved result are not kept.", hint="Run assess on the data again.")
        return masked_frame(self.suspects.to_frame(), ("value", "repair"))

    def costs(self) -> View:
        """Seconds that each check took, dearest first; apart from the result, because no two runs take the same time."""
        ranked = sorted(self.checks, key=lambda c: -c.seconds)
        rows = tuple((c.label, round(c.seconds, 4), c.judged) for c in ranked)
        return View(Document(f"What the checks cost: {self.dataset.name}", (Grid("Checks", ("check", "seconds", "rows judged"), rows),)))

    def body(self) -> list[Block]:
        """The dimensions, the checks that were given, those that were found, and some of the cells."""
        out: list[Block] = [self._dimension_grid(), Text(f"Counted as {self.semantics}", tone="note")]
        stopped = [c for c in self.checks if c.status == "not_run"]
        if stopped:
            rows = tuple((Badge("NOT RUN", Severity.HIGH), c.label, c.reason, c.line) for c in stopped)
            out.append(Grid("Checks that were NOT RUN", ("status", "check", "why", "line"), rows))
        given = [c for c in self.checks if c.origin != "found"]
        found = [c for c in self.checks if c.origin == "found"]
        if given:
            out.append(_lines_grid(given, f"Checks given ({len(given)})"))
        if found:
            caption = f"Checks found in the data ({len(found)}, {sum(c.status == 'fail' for c in found)} broken)"
            out.append(Fold(caption, (_lines_grid(found, "Checks found in the data"),)))
        if self.suspects is not None and len(self.suspects):
            out.append(Fold(_cells_said(self.suspects).capitalize(), (self._cells_grid(self.suspects),)))
        return out

    def _dimension_grid(self) -> Grid:
        rows = tuple(
            (d.dimension, _score_bar(d), _inputs_text(d), d.formula if d.score is not None else f"to assess it: {d.missing}")
            for d in self.dimensions.values()
        )
        return Grid("Dimensions (ISO/IEC 25012, DAMA)", ("dimension", "score", "inputs", "formula"), rows)

    def _cells_grid(self, cells: Table) -> Grid:
        shown = cells.rows(_CELLS_SHOWN)
        rows = tuple(
            (r["row"], r["column"], r["check"], Badge(r["severity"], Severity(r["severity"])), Code(mask(r["value"])), _fix(r))
            for r in shown
        )
        return Grid(
            "Suspect cells (values masked)", ("row", "column", "check", "severity", "value", "fix"), rows, more=len(cells) - len(rows)
        )


def _fix(cell: Mapping[str, Any]) -> str:
    return str(cell["fix"]) if cell["repair"] is None else f"{cell['fix']}: {mask(cell['repair'])}"


def assess_quality(
    frame: Frame,
    context: Context,
    *,
    checks: Annotated[Any, Option("checks as text, or a list of lines, mappings and rules; the cell body adds to them")] = None,
    semantics: Annotated[
        Literal["edgp", "gx", "dbt", "soda", "odcs", "pointblank"],
        Option("what nulls and duplicates mean: the project's own or another tool's"),
    ] = "edgp",
    discover: Annotated[bool, Option("look for checks in the data, besides those given")] = True,
    reference: Annotated[str | None, Option("a frame that holds the true values, for accuracy", kind="frame")] = None,
    key: Annotated[tuple[str, ...], Option("columns that identify a row in both frames", kind="column")] = (),
) -> AssessmentResult:
    """Score the six dimensions, run the checks given and found, and list every suspect cell.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> t = as_frame(pd.DataFrame({"age": [31, 140, None]}), name="people")
    >>> result = assess_quality(t, Context(body="age between 0 and 120"))
    >>> result.checks[0].failing, result.dimensions["completeness"].score, result.dimensions["timeliness"].status
    (1, 66.67, 'NOT_ASSESSED')
    """
    means = semantics_of(semantics)
    rules = _given(frame, context, checks)
    table = CheckTable(frame, context.progress)
    outcomes = run_rules(frame, rules, context, semantics=means, table=table)
    found = find_checks(table, context) if discover else Found(outcomes=())
    every = [*outcomes, *_new(outcomes, found.outcomes)]
    every += compare_with(table, context, reference, key) if reference else []
    evidence = Evidence(table=table, outcomes=every, searched=found.searched, extra_rows=found.extra_rows)
    context.progress.step("scoring", 0.92)
    dimensions = score_dimensions(evidence)
    suspects, notes = _suspects(frame, context, every, discover)
    return _result(frame, every, dimensions, suspects, means, notes)


def _given(frame: Frame, context: Context, checks: Any) -> tuple[Rule, ...]:
    rules = list(read_checks(context.body, frame)) if context.body.strip() else []
    if checks is None:
        return tuple(rules)
    if isinstance(checks, Mapping):
        checks = [checks] if not isinstance(next(iter(checks.values()), None), list) else _as_text(checks)
    if not isinstance(checks, (str, Sequence)):
        raise BadOption("--checks cannot be read.", hint="Give text, or a list of lines, mappings or rules.", option="checks")
    return (*rules, *read_checks(checks, frame))


def _as_text(document: Mapping[str, Any]) -> str:
    import yaml

    return str(yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True))


def _new(given: Sequence[Outcome], found: Sequence[Outcome]) -> list[Outcome]:
    """Found outcomes that no given check already speaks about."""
    spoken = {(o.rule.kind, o.rule.columns) for o in given if o.status != "not_run"}
    return [o for o in found if not _says(o.rule) & spoken]


def _says(rule: Rule) -> set[tuple[str, tuple[str, ...]]]:
    """What a found rule says, as kind and columns; a dependency says it of every column that decides alone."""
    lefts = rule.parameters.get("also", ())
    return {(rule.kind, rule.columns), *((rule.kind, (left, rule.columns[-1])) for left in lefts)}


def _suspects(frame: Frame, context: Context, outcomes: Sequence[Outcome], discover: bool) -> tuple[Table, tuple[str, ...]]:
    """All suspect cells: those that fail a row-level check, and in tables of moderate size those the cleaner doubts."""
    if not discover or not frame.cells:
        return cell_table(frame, outcomes), ()
    if frame.rows > _SUSPECTS_ROWS or frame.cells > _SUSPECTS_CELLS:
        note = f"Above {_SUSPECTS_ROWS:,} rows suspect cells come from checks alone; `clean` looks at every cell."
        return cell_table(frame, outcomes), (note,)
    context.progress.step("looking for suspect cells", 0.95)
    failing = cell_table(frame, outcomes)
    doubted = [part for part in (_unsaid(p, failing) for p in _doubted(frame, context)) if part.height]
    return cell_table(frame, outcomes, extra=doubted) if doubted else failing, ()


def _unsaid(doubted: pl.DataFrame, failing: Table) -> pl.DataFrame:
    """What the cleaner doubts and no check of the same rule has said of the cell already."""
    said = pl.from_arrow(failing.arrow)
    assert isinstance(said, pl.DataFrame)
    if said.is_empty():
        return doubted
    known = said.select(pl.col("row").cast(pl.UInt32), pl.col("column").cast(pl.String), pl.col("rule").cast(pl.String)).unique()
    return doubted.join(known, on=["row", "column", "rule"], how="anti", maintain_order="left")


def _doubted(frame: Frame, context: Context) -> list[pl.DataFrame]:
    from .checks._cells import cell_text
    from .cleaning import suspect_cells

    doubted = pl.from_arrow(suspect_cells(frame, context).arrow)
    assert isinstance(doubted, pl.DataFrame)
    out = []
    for (column,), part in doubted.group_by("column", maintain_order=True):
        rows = part["row"].cast(pl.UInt32)
        level = pl.when(pl.col("confidence") >= 0.8).then(pl.lit("medium")).otherwise(pl.lit("low"))
        out.append(
            part.select(
                rows,
                pl.lit(str(column)).alias("column"),
                pl.col("rule").cast(pl.String),
                pl.concat_str(pl.lit(f"{column}: "), pl.col("rule").str.replace_all("_", " ")).alias("check"),
                level.alias("severity"),
                pl.lit("validity").alias("dimension"),
                pl.col("confidence").cast(pl.Float64),
                cell_text(frame, str(column), rows).alias("value"),
                pl.lit("see `clean` for a repair").alias("fix"),
                pl.lit(None, dtype=pl.String).alias("repair"),
            )
        )
    return out


def _result(
    frame: Frame,
    outcomes: Sequence[Outcome],
    dimensions: Mapping[str, DimensionScore],
    suspects: Table,
    semantics: Semantics,
    notes: tuple[str, ...],
) -> AssessmentResult:
    lines = tuple(check_line(o) for o in outcomes)
    failed = [o for o in outcomes if o.status == "fail"]
    findings = worst_first(_without_twins(finding_of(frame, o, semantics, CAPABILITY) for o in failed))
    score = total(dimensions)
    words = Counter(line.status for line in lines)
    unknown = tuple(f"{d.dimension}: NOT_ASSESSED, {d.missing}." for d in dimensions.values() if d.score is None)
    return AssessmentResult(
        capability=CAPABILITY,
        dataset=frame.ref,
        status=_status(score, words),
        summary=_summary(frame, score, dimensions, words, suspects, lines),
        findings=findings,
        metrics=_metrics(score, dimensions, words, suspects),
        notes=(*notes, *unknown, "The score is the mean of the assessed dimensions, with equal weights."),
        score=score,
        dimensions=dimensions,
        checks=tuple(replace(line) for line in lines),
        semantics=str(semantics),
        rules=tuple(o.rule for o in outcomes),
        suspects=suspects,
    )


def _without_twins(findings: Any) -> list[Finding]:
    """Findings with distinct ids: a check given twice is one finding."""
    return list({f.id: f for f in findings}.values())


def _status(score: float | None, words: Counter[str]) -> Status:
    if words["not_run"]:
        return Status.PARTIAL
    if score is None:
        return Status.NOT_ASSESSED
    return Status.ISSUES if words["fail"] else Status.OK


def _summary(
    frame: Frame,
    score: float | None,
    dimensions: Mapping[str, DimensionScore],
    words: Counter[str],
    suspects: Table,
    lines: Sequence[CheckLine],
) -> str:
    if score is None:
        return f"Nothing could be assessed: the table has {plural(frame.rows, 'row')} and {plural(len(frame.columns), 'column')}."
    assessed = [d for d in dimensions.values() if d.score is not None]
    weakest = min(assessed, key=lambda d: (d.score or 0.0, d.dimension))
    given = sum(line.origin != "found" for line in lines)
    parts = [f"Quality {_tenths(score)} of 100 over {len(assessed)} of {len(dimensions)} dimensions"]
    if weakest.score is not None and weakest.score < 100:
        parts[0] += f"; weakest is {weakest.dimension} ({_tenths(weakest.score)})"
    checked = plural(len(lines), "check")
    parts.append(
        f"{checked} ({given} given, {len(lines) - given} found): {words['pass']} pass, {words['fail']} fail, {words['not_run']} NOT RUN"
    )
    parts.append(_cells_said(suspects))
    return ". ".join(parts) + "."


def _cells_said(suspects: Table) -> str:
    """How many cells are suspect, and how many suspicions there are where that is another number."""
    cells = _distinct_cells(suspects)
    several = f" ({plural(len(suspects), 'suspicion')})" if cells != len(suspects) else ""
    return plural(cells, "suspect cell") + several


def _distinct_cells(suspects: Table) -> int:
    cells = pl.from_arrow(suspects.arrow)
    assert isinstance(cells, pl.DataFrame)
    return int(cells.select(pl.struct("row", "column").n_unique()).item()) if cells.height else 0


def _tenths(score: float) -> str:
    """The score with one decimal, rounded down: 99.97 is no 100.0."""
    return f"{math.floor(score * 10 + 1e-9) / 10:.1f}"


def _metrics(
    score: float | None, dimensions: Mapping[str, DimensionScore], words: Counter[str], suspects: Table
) -> dict[str, float | int | None]:
    out: dict[str, float | int | None] = {"score": score}
    out |= {d.dimension: d.score for d in dimensions.values()}
    return out | {
        "checks_passed": words["pass"],
        "checks_failed": words["fail"],
        "checks_not_run": words["not_run"],
        "suspicions": len(suspects),
    }


def _score_bar(dimension: DimensionScore) -> Bar | Badge:
    if dimension.score is None:
        return Badge("NOT_ASSESSED")
    tone: Literal["good", "bad", "neutral"] = "good" if dimension.score >= 99 else "bad" if dimension.score < 90 else "neutral"
    return Bar(dimension.score / 100, f"{dimension.score:.2f}", tone)


def _inputs_text(dimension: DimensionScore) -> str:
    return ", ".join(f"{k} {v:,}" for k, v in dimension.inputs.items())


def _lines_grid(lines: Sequence[CheckLine], caption: str) -> Grid:
    order = {"fail": 0, "not_run": 1, "pass": 2}
    ranked = sorted(lines, key=lambda c: (order[c.status], -Severity(c.severity).rank, -c.failing))
    columns = ("status", "check", "failing", "of", "share", "value", "severity", "dimension")
    return Grid(caption, columns, tuple(map(_line_row, ranked[:_LINES_SHOWN])), more=max(0, len(ranked) - _LINES_SHOWN))


def _line_row(line: CheckLine) -> tuple[Any, ...]:
    badge = {"pass": Badge("pass"), "fail": Badge("FAIL", Severity(line.severity)), "not_run": Badge("NOT RUN", Severity.HIGH)}[line.status]
    value = f"{line.value:,.6g}" if isinstance(line.value, (int, float)) else line.value
    counted = line.kind not in TABLE_KINDS and line.status != "not_run"
    failing, judged = (line.failing, line.judged) if counted else (None, None)
    share = percent(line.failing, line.judged) if counted and line.judged else None
    check = f"{line.label}; {line.reason}" if line.reason and line.status != "not_run" else line.label
    return badge, check, failing, judged, share, value, line.severity, line.dimension
