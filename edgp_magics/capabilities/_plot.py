"""visualization: charts of a table's aggregates, static and theme-following, each with its text equivalent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np

from ..frames import Column, Frame
from ..values import AgentCapability, Block, Context, Progress, Result, Status, mask, plural
from ._options import Option
from .charts import Chart, bars, heat
from .charts import columns as column_chart
from .profiling._semantic import meaning_of

Kind = Literal["auto", "missing", "distribution", "correlation", "findings"]
_NUMERIC = ("integer", "float", "decimal")
_TIMES = ("date", "datetime")
_MOST = 30
_BINS = 24
_SMALL = 5


@dataclass(frozen=True, kw_only=True, repr=False)
class ChartResult(Result):
    """Charts: each has ``spec`` (Vega-Lite), ``svg`` and ``alt``."""

    charts: tuple[Chart, ...] = ()

    def body(self) -> list[Block]:
        """The charts."""
        return [c.drawing for c in self.charts]


def visualize(
    frame: Frame,
    context: Context,
    *,
    kind: Annotated[
        Kind, Option("missing: null share per column; distribution: one chart per column; correlation; findings by severity")
    ] = "auto",
    columns: Annotated[tuple[str, ...], Option("only these columns", kind="column")] = (),
) -> ChartResult:
    """Draw aggregates of a table; raw rows are never drawn, and categories under 5 rows are pooled.

    ``auto`` draws the distribution of the columns named, or missing values when none is named.
    """
    chosen = frame.select(columns)
    what = kind if kind != "auto" else "distribution" if columns else "missing"
    draw = {"missing": _missing, "distribution": _distributions, "correlation": _correlations, "findings": _findings}[what]
    charts = tuple(draw(chosen, context)) if frame.rows or what == "findings" else ()
    skipped = max(0, len(chosen) - _MOST)
    return ChartResult(
        capability=AgentCapability.VISUALIZATION,
        dataset=frame.ref,
        status=Status.OK if charts else Status.NOT_ASSESSED,
        summary=f"{plural(len(charts), 'chart')} of {frame.name}: {what}."
        if charts
        else f"Nothing to draw in {frame.name}: {_why(what, frame)}.",
        notes=(f"{skipped} more columns are not drawn; name them with --columns.",) if skipped and what != "missing" else (),
        charts=charts,
    )


def _why(what: str, frame: Frame) -> str:
    if not frame.rows:
        return "there are no rows"
    return {"correlation": "fewer than two numeric columns that vary", "findings": "no findings in this session"}.get(
        what, "no such column"
    )


def _missing(chosen: list[Column], context: Context) -> list[Chart]:
    rates = sorted(((c.name, round(100 * c.null_count / max(1, len(c)), 2)) for c in chosen), key=lambda kv: (-kv[1], kv[0]))
    shown = rates[:_MOST]
    title = "Missing values per column (%)" + (f", the {_MOST} worst of {len(rates)}" if len(rates) > _MOST else "")
    return [bars(title, [n for n, _ in shown], [v for _, v in shown], unit=" %", top=100)] if shown else []


def _distributions(chosen: list[Column], context: Context) -> list[Chart]:
    out = []
    for i, column in enumerate(chosen[:_MOST]):
        context.progress.step(column.name, i / len(chosen))
        chart = _histogram(column) if column.kind in (*_NUMERIC, *_TIMES) else _frequencies(column, context.progress)
        out += [chart] if chart else []
    return out


def _histogram(column: Column) -> Chart | None:
    values, label = _axis(column)
    values = values[np.isfinite(values)]
    if not values.size:
        return None
    low, high = np.quantile(values, [0.005, 0.995])
    inside = values[(values >= low) & (values <= high)] if high > low else values
    counts, edges = np.histogram(inside, bins=min(_BINS, max(1, len(np.unique(inside[:10_000])))))
    outside = values.size - inside.size
    title = f"{column.name}: distribution" + (f" (the outer {outside:,} values are left out)" if outside else "")
    return column_chart(title, [label(e) for e in edges], [int(c) for c in counts])


def _axis(column: Column) -> tuple[np.ndarray[Any, Any], Any]:
    if column.kind in _NUMERIC:
        return column.numbers(), lambda v: f"{v:,.4g}"
    import polars as pl

    days = column.series.cast(pl.Datetime("us")).to_physical().cast(pl.Float64).to_numpy() / 86_400e6
    return np.asarray(days, dtype=float), lambda v: _date(v)


def _date(days: float) -> str:
    try:
        return (dt.date(1970, 1, 1) + dt.timedelta(days=float(days))).isoformat()
    except OverflowError:
        return f"day {days:,.0f}"


def _frequencies(column: Column, progress: Progress) -> Chart | None:
    table = column.text_counts
    large = table.filter(table["count"] >= _SMALL).head(_MOST // 2)
    personal = meaning_of(column, progress).personal
    labels = [mask(v) if personal else str(v) for v in large["value"].to_list()]
    counts = [int(c) for c in large["count"].to_list()]
    rest = int(table["count"].sum() or 0) - sum(counts)
    if rest:
        labels, counts = [*labels, "(rare values together)"], [*counts, rest]
    return bars(f"{column.name}: most frequent values (rows)", labels, counts) if labels else None


def _correlations(chosen: list[Column], context: Context) -> list[Chart]:
    numeric = [c for c in chosen if c.kind in _NUMERIC][:12]
    data = [c.numbers() for c in numeric]
    keep = [
        (c, x)
        for c, x in zip(numeric, data, strict=True)
        if np.isfinite(x).sum() > 2 and np.nanstd(np.where(np.isfinite(x), x, np.nan)) > 0
    ]
    if len(keep) < 2:
        return []
    names = [c.name for c, _ in keep]
    matrix = [[_spearman(a, b) for _, b in keep] for _, a in keep]
    return [heat("Spearman correlation", names, names, matrix)]


def _spearman(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float | None:
    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() < 3:
        return None
    x, y = _ranks(a[both]), _ranks(b[both])
    if not x.std() or not y.std():
        return None
    return round(float(np.corrcoef(x, y)[0, 1]), 4)


def _ranks(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Average ranks of ties."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[inverse], dtype=float)


def _findings(chosen: list[Column], context: Context) -> list[Chart]:
    from ..values import Severity

    found = [f for r in context.results.values() for f in r.findings]
    if not found:
        return []
    labels = [s.value for s in reversed(Severity)]
    return [bars("Findings by severity", labels, [sum(f.severity.value == s for f in found) for s in labels])]
