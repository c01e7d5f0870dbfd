"""metrics_calculation: rates and counts, overall and by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import polars as pl

from ..errors import BadOption
from ..frames import Column, Frame
from ..values import AgentCapability, Bar, Block, Code, Context, Grid, Result, Status, Table, mask, percent, plural
from ._options import Option

Metric = Literal["completeness", "null_rate", "blank_rate", "duplicate_rate", "distinct_rate", "row_count"]
_METRICS: tuple[str, ...] = Metric.__args__  # type: ignore[attr-defined]
_FORMULAS = {
    "row_count": "rows",
    "completeness": "1 - null_rate - blank_rate",
    "null_rate": "null cells / cells",
    "blank_rate": "empty or white-space text cells / cells",
    "duplicate_rate": "rows that repeat an earlier row / rows",
    "distinct_rate": "distinct non-null values / non-null cells, mean over columns",
}
_SMALL = 5
_GROUPS = 40
_SAMPLE = 2_000


@dataclass(frozen=True, kw_only=True, repr=False)
class MetricsResult(Result):
    """Metrics of the table in ``metrics``, by group in ``tables["groups"]``, by column in ``tables["columns"]``."""

    by: tuple[str, ...] = ()

    def body(self) -> list[Block]:
        """Metrics with their formulas, then groups, then columns."""
        rows = tuple((Code(n), _shown(n, v), _FORMULAS[n]) for n, v in self.metrics.items())
        out: list[Block] = [Grid("Metrics", ("metric", "value", "formula"), rows)]
        for key, caption in (("groups", f"By {', '.join(self.by)}"), ("columns", "By column")):
            if key in self.tables:
                out.append(_grid(self.tables[key], caption))
        return out


def calculate_metrics(
    frame: Frame,
    context: Context,
    *,
    metrics: Annotated[tuple[str, ...], Option("which metrics: " + ", ".join(_METRICS))] = (),
    by: Annotated[tuple[str, ...], Option("also for each value of these columns", kind="column")] = (),
    columns: Annotated[tuple[str, ...], Option("count only these columns", kind="column")] = (),
) -> MetricsResult:
    """Compute completeness, null, blank, duplicate and distinct rates; exact, over all rows.

    Groups of fewer than 5 rows are pooled as ``(small groups)``, so that nobody is singled out.
    """
    wanted = _wanted(metrics)
    chosen = frame.select(columns)
    keys = [frame.column(frame.position(b)) for b in by]
    data = pl.DataFrame([c.series for c in chosen]) if chosen else pl.DataFrame()
    overall = _measure(data, chosen, frame.rows, wanted)
    tables: dict[str, Table] = {}
    if keys and frame.rows:
        tables["groups"] = _by_group(data, chosen, keys, wanted, context)
    if chosen:
        tables["columns"] = _by_column(chosen, context)
    missing = overall.get("null_rate", _rate(sum(c.null_count for c in chosen), frame.rows * len(chosen)))
    return MetricsResult(
        capability=AgentCapability.METRICS_CALCULATION,
        dataset=frame.ref,
        status=Status.OK if frame.rows else Status.NOT_ASSESSED,
        summary=f"{plural(frame.rows, 'row')} x {plural(len(chosen), 'column')}; {percent(missing or 0)} of the cells are null.",
        metrics=overall,
        tables=tables,
        notes=() if frame.rows else ("There are no rows: rates are not defined.",),
        by=tuple(k.name for k in keys),
    )


def _wanted(metrics: tuple[str, ...]) -> tuple[str, ...]:
    for name in metrics:
        if name not in _METRICS:
            from ..errors import closest

            near = closest(name, _METRICS)
            raise BadOption(
                f"--metrics cannot hold {name!r}.", hint=(f"Did you mean {near}? " if near else "") + f"It takes {', '.join(_METRICS)}."
            )
    return metrics or _METRICS


def _measure(data: pl.DataFrame, columns: list[Column], rows: int, wanted: tuple[str, ...]) -> dict[str, float | int | None]:
    cells = rows * len(columns)
    nulls = sum(int(data[s.series.name].null_count()) for s in columns)
    blanks = sum(int(_blank(data[c.series.name]).sum()) for c in columns if c.kind in ("string", "mixed"))
    null_rate, blank_rate = _rate(nulls, cells), _rate(blanks, cells)
    values: dict[str, Any] = {
        "row_count": rows,
        "null_rate": null_rate,
        "blank_rate": blank_rate,
        "completeness": None if null_rate is None or blank_rate is None else round(1 - null_rate - blank_rate, 6),
    }
    if "duplicate_rate" in wanted:
        flat = [c.series.name for c in columns if c.kind not in ("nested", "binary")]
        values["duplicate_rate"] = _rate(rows - data.select(flat).unique().height, rows) if flat else None
    if "distinct_rate" in wanted:
        rates = [
            _rate(data[c.series.name].drop_nulls().n_unique(), rows - data[c.series.name].null_count())
            for c in columns
            if c.kind != "nested"
        ]
        known = [r for r in rates if r is not None]
        values["distinct_rate"] = round(sum(known) / len(known), 6) if known else None
    return {name: values[name] for name in wanted}


def _blank(series: pl.Series) -> pl.Series:
    return (series.str.strip_chars().str.len_bytes() == 0).fill_null(False)


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _by_group(data: pl.DataFrame, columns: list[Column], keys: list[Column], wanted: tuple[str, ...], context: Context) -> Table:
    label = pl.concat_str([_labels(k, hidden) for k, hidden in zip(keys, _persons(keys), strict=True)], separator=" · ").alias("group")
    grouped = data.with_columns(label)
    sizes = grouped.group_by("group").agg(pl.len().alias("n")).sort(["n", "group"], descending=[True, False])
    large = sizes.filter(pl.col("n") >= _SMALL)
    rows = []
    for i, (name, size) in enumerate(large.head(_GROUPS).iter_rows()):
        context.progress.step(f"group {i + 1}", i / max(1, large.height))
        rows.append({"group": name, **_measure(grouped.filter(pl.col("group") == name), columns, size, wanted)})
    rest = sizes.filter(~pl.col("group").is_in(large.head(_GROUPS)["group"].to_list()))
    if rest.height:
        part = grouped.filter(pl.col("group").is_in(rest["group"].to_list()))
        rows.append({"group": "(small groups)", **_measure(part, columns, part.height, wanted)})
    return Table({n: [r[n] for r in rows] for n in ("group", *wanted)})


def _persons(keys: list[Column]) -> list[bool]:
    """Which of the columns name persons or hold what is theirs alone: a figure may be shown of them, who they are may not."""
    from ._scan import DIRECT_GROUPS
    from .privacy import facts_of, judge_columns

    verdicts = judge_columns([facts_of(k, _SAMPLE) for k in keys])
    return [any(d.group in DIRECT_GROUPS for d in v.asserted) for v in verdicts]


def _labels(key: Column, hidden: bool) -> pl.Series:
    text = key.text.fill_null("(null)")
    if not hidden:
        return text
    values = text.unique().to_list()
    return text.replace_strict(values, [f"{mask(v)} ({i})" for i, v in enumerate(sorted(values), 1)], return_dtype=pl.String)


def _by_column(columns: list[Column], context: Context) -> Table:
    rows = []
    for i, column in enumerate(columns):
        context.progress.step(column.name, i / len(columns))
        blank = int(_blank(column.series).sum()) if column.kind in ("string", "mixed") else 0
        total = len(column)
        rows.append((column.name, _rate(column.null_count, total), _rate(blank, total), _rate(total - column.null_count - blank, total)))
    names = ("column", "null_rate", "blank_rate", "completeness")
    return Table({n: [r[i] for r in rows] for i, n in enumerate(names)})


def _grid(table: Table, caption: str) -> Grid:
    shown = table.rows(_GROUPS)
    rows = tuple(tuple(_shown(n, v) if n not in ("group", "column") else Code(str(v)) for n, v in r.items()) for r in shown)
    return Grid(caption, tuple(n.replace("_", " ") for n in table.names), rows, more=len(table) - len(shown))


def _shown(name: str, value: Any) -> Any:
    if value is None:
        return "not defined"
    if name == "row_count":
        return int(value)
    return Bar(float(value), percent(value), "neutral")
