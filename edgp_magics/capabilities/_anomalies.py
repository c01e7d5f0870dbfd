"""anomaly_detection: how odd every row is and why, odd cells, and odd points in time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np

from ..frames import Frame
from ..values import (
    AgentCapability,
    Block,
    Context,
    Dimension,
    Evidence,
    Facts,
    Finding,
    Fold,
    Grid,
    Result,
    Severity,
    Status,
    Table,
    Text,
    finding,
    plural,
    worst_first,
)
from ._options import Option
from .anomalies import (
    MINIMUM_ROWS,
    Features,
    RowReasons,
    Scored,
    SeriesPoint,
    SeriesReading,
    TimeAxis,
    alarm_threshold,
    features_of,
    odd_cells,
    read_series,
    reasons_of,
    score_rows,
    time_axis,
)

CAPABILITY = AgentCapability.ANOMALY_DETECTION
_EXPLAINED = 200
_SHOWN = 15
_WORDS = {
    "far_outside": "far outside the rest of its column",
    "impossible_date": "a date that cannot be, or is far from all others",
    "far_outside_group": "far outside its group",
    "rare_combination": "values that hardly ever stand together",
    "point": "points that break trend or season",
    "level_shift": "shifts of level",
    "gap": "gaps in time",
}


@dataclass(frozen=True, kw_only=True, repr=False)
class AnomalyResult(Result):
    """One score per row in 0..1 (higher is odder), the rows beyond the threshold with reasons, odd cells and points in time.

    ``rows`` are 0-based positions, the oddest first. ``threshold`` is the score from which rows are named; it needs no guess
    of how many there are: ``alarm_rate`` is the share of ordinary rows it is set to name by mistake.
    """

    scores: tuple[float, ...]
    rows: tuple[int, ...]
    reasons: tuple[RowReasons, ...]
    threshold: float | None
    alarm_rate: float
    method: str
    cells: Table = field(default_factory=lambda: Table({"row": [], "column": [], "rule": [], "why": [], "confidence": []}))
    points: tuple[SeriesPoint, ...] = ()
    time_axis: str | None = None

    def body(self) -> list[Block]:
        """How it was scored, the oddest rows and why, odd cells, odd points."""
        pairs = (("rows named", len(self.rows)), ("odd cells", len(self.cells)), ("points in time", len(self.points)))
        out: list[Block] = [Facts(pairs), Text(self.method, tone="note")]
        if self.reasons:
            out.append(self._rows_grid())
        if len(self.cells):
            counted = Counter(zip(self.cells["rule"], self.cells["column"], strict=True))
            rows = tuple(
                (_WORDS.get(rule, rule), column, n) for (rule, column), n in sorted(counted.items(), key=lambda kv: (-kv[1], kv[0]))
            )
            out.append(
                Fold(
                    f"Odd cells ({len(self.cells):,})",
                    (Grid("Odd cells", ("what", "column", "cells"), rows[:60], more=max(0, len(rows) - 60)),),
                )
            )
        if self.points:
            points = tuple((p.row, p.column, p.kind.replace("_", " "), p.distance, p.why) for p in self.points[:60])
            grid = Grid(f"Along {self.time_axis}", ("row", "column", "what", "distance", "why"), points, more=max(0, len(self.points) - 60))
            out.append(Fold(f"Time series ({plural(len(self.points), 'place')})", (grid,)))
        return out

    def _rows_grid(self) -> Grid:
        shown = self.reasons[:_SHOWN]
        rows = tuple((str(r.label), f"{r.score:.4f}", str(r), ", ".join(c.shown for c in r.columns)) for r in shown)
        return Grid("Oddest rows (values masked)", ("row", "score", "why", "values"), rows, more=len(self.rows) - len(shown))


def detect_anomalies(
    frame: Frame,
    context: Context,
    *,
    alarm_rate: Annotated[float, Option("share of ordinary rows that may be named by mistake", minimum=0.00001, maximum=0.2)] = 0.005,
    columns: Annotated[tuple[str, ...], Option("only these columns", kind="column")] = (),
    cells: Annotated[bool, Option("look for odd cells, too")] = True,
) -> AnomalyResult:
    """Score every row by an ensemble of distances and densities, name those beyond the threshold, and say why.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> rng = np.random.default_rng(0)
    >>> df = pd.DataFrame({"a": rng.normal(size=300), "b": rng.normal(size=300)})
    >>> df.loc[7] = [9.0, -9.0]
    >>> detect_anomalies(as_frame(df, name="t"), Context()).rows[0]
    7
    """
    axis = time_axis(frame)
    reading = read_series(frame, axis, context.progress) if axis else SeriesReading()
    features = features_of(frame, context.progress, axis, reading)
    if columns:
        wanted = {c.name for c in frame.select(columns)}
        features = Features(items=tuple(f for f in features.items if f.column in wanted), left_out=features.left_out)
    scored = _scored(frame, features, context)
    rows, threshold = _named(scored, alarm_rate) if scored else ((), None)
    scores = scored.scores if scored else np.zeros(frame.rows)
    context.progress.step("reasons", 0.9)
    reasons = reasons_of(frame, features, rows[:_EXPLAINED], scores)
    odd = (
        odd_cells(frame, context)
        if cells and frame.rows >= MINIMUM_ROWS
        else Table({"row": [], "column": [], "rule": [], "why": [], "confidence": []})
    )
    return _result(frame, features, scored, rows, threshold, alarm_rate, reasons, odd, reading, axis)


def _scored(frame: Frame, features: Features, context: Context) -> Scored | None:
    if frame.rows < MINIMUM_ROWS or not features.items:
        return None
    return score_rows(features.matrix(), seed=context.seed, progress=context.progress)


def _named(scored: Scored, rate: float) -> tuple[tuple[int, ...], float | None]:
    """The rows beyond the threshold, the oddest first: as many of the highest scores as there are rows with that evidence."""
    count = int((scored.evidence > alarm_threshold(scored.evidence, rate)).sum())
    order = np.lexsort((np.arange(len(scored.scores)), -scored.scores))
    return tuple(int(r) for r in order[:count]), (float(scored.scores[order[count - 1]]) if count else None)


def _result(
    frame: Frame,
    features: Features,
    scored: Scored | None,
    rows: tuple[int, ...],
    threshold: float | None,
    alarm_rate: float,
    reasons: tuple[RowReasons, ...],
    cells: Table,
    reading: SeriesReading,
    axis: TimeAxis | None,
) -> AnomalyResult:
    points = reading.points
    findings = worst_first(
        [*_row_findings(frame, rows, reasons, scored, alarm_rate), *_cell_findings(frame, cells), *_point_findings(frame, points)]
    )
    return AnomalyResult(
        capability=CAPABILITY,
        dataset=frame.ref,
        status=Status.NOT_ASSESSED if scored is None else Status.ISSUES if findings else Status.OK,
        summary=_summary(frame, scored, rows, cells, points),
        findings=findings,
        metrics={"rows_named": len(rows), "odd_cells": len(cells), "series_points": len(points), "features": len(features.items)},
        notes=_notes(features, scored, reading, axis),
        scores=tuple(float(s) for s in (scored.scores if scored else np.zeros(frame.rows))),
        rows=rows,
        reasons=reasons,
        threshold=threshold,
        alarm_rate=alarm_rate,
        method=_method(scored, alarm_rate, len(features.items)),
        cells=cells,
        points=points,
        time_axis=axis.name if axis else None,
    )


def _method(scored: Scored | None, rate: float, features: int) -> str:
    if scored is None:
        return f"Not scored: it needs {MINIMUM_ROWS} rows and a column that varies."
    return (
        f"Mean rank of distances at ten scales and Gaussian mixtures over {plural(features, 'feature')}, "
        f"on values and on normal scores; {scored.method}. "
        f"Rows are named from a threshold set for {100 * rate:g} % of ordinary rows (on simulated tables without anomalies it "
        f"names a third of that to three times that, most where one column alone varies)."
    )


def _summary(frame: Frame, scored: Scored | None, rows: tuple[int, ...], cells: Table, points: tuple[SeriesPoint, ...]) -> str:
    if scored is None:
        return f"Rows were not scored ({plural(frame.rows, 'row')}, {plural(len(frame.columns), 'column')})."
    head = (
        f"{plural(len(rows), 'row')} of {frame.rows:,} stand{'s' if len(rows) == 1 else ''} out"
        if rows
        else f"No row of {frame.rows:,} stands out"
    )
    parts = [head, plural(len(cells), "odd cell")]
    parts += [plural(len(points), "odd place") + " in time"] if points else []
    return "; ".join(parts) + "."


def _notes(features: Features, scored: Scored | None, reading: SeriesReading, axis: TimeAxis | None) -> tuple[str, ...]:
    notes = [f"{name}: left out, {why}." for name, why in features.left_out]
    if scored is None:
        notes.append("NOT_ASSESSED: too few rows, or nothing varies.")
    if axis is None:
        notes.append("No time axis: no dates (in a column or the index) at mostly equal steps, overall or within the values of a column.")
    if axis is not None and axis.by:
        notes.append(f"One series per value of {axis.by}: {len(axis.series):,} series along {axis.column or 'the index'}.")
    if reading.rest:
        notes.append(f"Rows are judged by what trend and season leave of {', '.join(list(reading.rest)[:8])}.")
    if reading.unread:
        notes.append(f"NOT ASSESSED along time: {plural(reading.unread, 'further series')}.")
    return tuple(notes)


def _row_findings(
    frame: Frame, rows: tuple[int, ...], reasons: tuple[RowReasons, ...], scored: Scored | None, rate: float
) -> list[Finding]:
    if not rows or scored is None:
        return []
    shown = tuple(
        Evidence(row=r.label, column=c.column, shown=c.shown, note=f"{c.why}, {c.distance:.1f} spreads")
        for r in reasons[:5]
        for c in r.columns[:2]
    )
    message = f"{plural(len(rows), 'row')} far from every group of rows"
    level = Severity.MEDIUM if len(rows) <= 0.05 * frame.rows else Severity.LOW
    return [
        finding(
            CAPABILITY,
            "odd_row",
            (),
            message,
            level,
            count=len(rows),
            of=frame.rows,
            rows=frame.row_labels(rows[:50]),
            evidence=shown,
            dimension=Dimension.ACCURACY.value,
            confidence=0.8,
            computation=f"{_method(scored, rate, 0).split(' over ')[0]}; {scored.method}; threshold for {100 * rate:g} % false alarms",
            actions=("look at the rows before using the data",),
        )
    ]


def _cell_findings(frame: Frame, cells: Table) -> list[Finding]:
    groups: dict[tuple[str, str], list[int]] = {}
    for row, column, rule in zip(cells["row"], cells["column"], cells["rule"], strict=True):
        groups.setdefault((rule, column), []).append(row)
    out = []
    for (rule, column), rows in groups.items():
        level = Severity.MEDIUM if rule in ("impossible_date", "far_outside") else Severity.LOW
        out.append(
            finding(
                CAPABILITY,
                rule,
                (column,),
                f"{column}: {plural(len(rows), 'cell')}, {_WORDS[rule]}",
                level,
                count=len(rows),
                of=frame.rows,
                rows=frame.row_labels(rows[:50]),
                dimension=Dimension.ACCURACY.value,
                confidence=0.8,
                computation="robust fences three interquartile ranges out, and a gap before what lies beyond"
                if rule != "rare_combination"
                else "seen at most a twentieth as often as two independent columns would",
                actions=("check the value against its source",),
            )
        )
    return out


def _point_findings(frame: Frame, points: tuple[SeriesPoint, ...]) -> list[Finding]:
    groups: dict[tuple[str, str], list[SeriesPoint]] = {}
    for point in points:
        groups.setdefault((point.kind, point.column), []).append(point)
    return [
        finding(
            CAPABILITY,
            kind,
            (column,),
            f"{column}: {plural(len(group), 'place')}, {_WORDS[kind]}",
            Severity.MEDIUM if kind == "level_shift" else Severity.LOW,
            count=len(group),
            of=frame.rows,
            rows=frame.row_labels([p.row for p in group[:50]]),
            dimension=Dimension.TIMELINESS.value if kind == "gap" else Dimension.ACCURACY.value,
            confidence=0.8,
            computation="a line, up to two seasons and a running median taken away, and what is left in robust spreads (six or more)",
            actions=("check what happened then",),
        )
        for (kind, column), group in groups.items()
    ]
