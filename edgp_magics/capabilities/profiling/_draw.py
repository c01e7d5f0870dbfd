"""A profile as blocks: one line per column, worst first where there are many, the rest folded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from ...values import Bar, Block, Cell, Code, Facts, Finding, Fold, Grid, percent
from ._model import SHOWN_ROWS, Association, ColumnProfile, Dependency, Duplicates, Inclusion, Key

_OPEN = 25
_ALL_OPEN = 32
_FOLDED = 400
_LIST = 20


def facts(profiles: Sequence[ColumnProfile], keys: Sequence[Key], duplicates: Duplicates | None) -> Facts:
    """The table on one line."""
    rows = profiles[0].rows if profiles else 0
    cells = rows * len(profiles)
    pairs: list[tuple[str, Cell]] = [
        ("rows", rows),
        ("columns", len(profiles)),
        ("missing cells", percent(sum(p.missing for p in profiles), cells)),
    ]
    if duplicates is not None:
        pairs.append(("repeated rows", duplicates.exact))
    exact = [" + ".join(k.columns) for k in keys if k.exact]
    pairs.append(("key", Code(exact[0]) if exact else "none"))
    return Facts(tuple(pairs))


def column_blocks(profiles: Sequence[ColumnProfile], findings: Sequence[Finding]) -> list[Block]:
    """The columns as one grid, or the worst of them and a fold."""
    if len(profiles) <= _ALL_OPEN:
        return [_grid(f"Columns ({len(profiles)})", profiles)] if profiles else []
    order = worst_columns(profiles, findings)
    rest = order[_OPEN:]
    shown = rest[:_FOLDED]
    return [
        _grid(f"Columns: the {_OPEN} that need most attention, of {len(profiles):,}", order[:_OPEN]),
        Fold(f"{len(rest):,} more columns", (_grid("More columns", shown, more=len(rest) - len(shown)),)),
    ]


def worst_columns(profiles: Sequence[ColumnProfile], findings: Sequence[Finding]) -> list[ColumnProfile]:
    """Columns by the weight of their findings, then by what is missing, then as they stand in the table."""
    weight: dict[str, float] = {}
    for found in findings:
        for name in found.columns:
            weight[name] = weight.get(name, 0.0) + 4.0**found.severity.rank
    return sorted(profiles, key=lambda p: (-weight.get(p.name, 0.0), -p.missing_share, p.position))


def _grid(caption: str, profiles: Sequence[ColumnProfile], more: int = 0) -> Grid:
    names = ("column", "type", "missing", "distinct", "least", "greatest", "mean", "typical", "spread")
    return Grid(caption, names, tuple(_row(p) for p in profiles), more=more)


def _row(p: ColumnProfile) -> tuple[Cell, ...]:
    kind = p.logical_type + (f" ({p.semantic_type})" if p.semantic_type and p.semantic_type not in p.logical_type else "")
    missing = Bar(p.missing_share, percent(p.missing, p.rows), "bad" if p.missing_share >= 0.3 else "neutral") if p.missing else None
    ends = (p.min, p.max) if (p.numeric or p.temporal) and not p.personal else (None, None)
    return (
        Code(p.name),
        kind,
        missing,
        p.distinct,
        _cell(ends[0]),
        _cell(ends[1]),
        _cell(p.mean if p.kind != "boolean" else None),
        _typical(p),
        p.spark,
    )


def _typical(p: ColumnProfile) -> Cell:
    if p.kind in ("integer", "float", "decimal"):
        return f"median {_figure(p.quantiles['50%'])}" if "50%" in p.quantiles and not p.identifier else None
    if p.logical_type in ("categorical", "boolean") and p.top:
        return ", ".join(f"{t.shown} {percent(t.share)}" for t in p.top[:3])
    if p.shapes:
        return Code(p.shapes[0].text) if p.shapes[0].share > 0.2 else f"{p.shapes[0].text} and others"
    return f"longest gap {p.dates.longest_gap_days:,.0f} days" if p.dates is not None and p.dates.longest_gap_days >= 2 else None


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 and abs(value) < 1e15 else f"{value:.4g}"


def _cell(value: Any) -> Cell:
    if isinstance(value, float):
        return float(f"{value:.4g}") if abs(value) < 1e15 else f"{value:.4g}"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d") if not (value.hour or value.minute) else value.strftime("%Y-%m-%d %H:%M")
    return value if value is None or isinstance(value, (int, str)) else str(value)


def detail_blocks(profiles: Mapping[str, ColumnProfile]) -> list[Block]:
    """Quantiles, shapes and top values, folded."""
    numbers = [p for p in profiles.values() if p.numeric and p.quantiles and not p.identifier][:100]
    texts = [p for p in profiles.values() if p.shapes][:100]
    tops = [p for p in profiles.values() if p.top and p.top[0].count >= SHOWN_ROWS and not p.unique][:100]
    blocks: list[Block] = []
    if numbers:
        levels = ("1%", "5%", "25%", "50%", "75%", "95%", "99%")
        rows = tuple(
            (Code(p.name), *(_cell(p.quantiles.get(q)) for q in levels), _cell(p.std), p.zeros, p.negatives, p.outliers) for p in numbers
        )
        blocks.append(Fold("Quantiles", (Grid("Quantiles", ("column", *levels, "std", "zeros", "negative", "far out"), rows),)))
    if tops:
        rows_ = tuple((Code(p.name), ", ".join(f"{t.shown} ({t.count:,})" for t in p.top[:5] if t.count >= SHOWN_ROWS)) for p in tops)
        blocks.append(
            Fold(
                "Most frequent values",
                (Grid("Most frequent values (masked unless they recur and are not personal)", ("column", "values"), rows_),),
            )
        )
    if texts:
        rows_ = tuple((Code(p.name), ", ".join(f"{s.text} {percent(s.share)}" for s in p.shapes[:4])) for p in texts)
        blocks.append(
            Fold("Character patterns", (Grid("Character patterns (A letter, a small letter, 9 digit)", ("column", "patterns"), rows_),))
        )
    return blocks


def table_blocks(
    keys: Sequence[Key], dependencies: Sequence[Dependency], inclusions: Sequence[Inclusion], correlations: Sequence[Association]
) -> list[Block]:
    """Keys, dependencies, references and associations, folded."""
    blocks: list[Block] = []
    if keys:
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (Code(" + ".join(k.columns)), k.duplicates, k.nulls, "key" if k.exact else "nearly") for k in keys[:_LIST]
        )
        blocks.append(
            Fold(
                f"Keys ({len(keys)})",
                (Grid("Candidate keys", ("columns", "repeats", "nulls", "verdict"), rows, more=len(keys) - len(rows)),),
            )
        )
    if dependencies:
        rows = tuple((Code(", ".join(d.left) + " → " + d.right), d.violations, percent(d.g3), d.groups) for d in dependencies[:_LIST])
        grid = Grid(
            "Dependencies: the left side determines the right",
            ("dependency", "rows that break it", "g3 error", "groups"),
            rows,
            more=len(dependencies) - len(rows),
        )
        blocks.append(Fold(f"Dependencies ({len(dependencies)})", (grid,)))
    if inclusions:
        rows = tuple((Code(i.column), Code(f"{i.ref}.{i.ref_column}"), percent(i.share), i.orphans) for i in inclusions[:_LIST])
        blocks.append(
            Fold(
                f"References ({len(inclusions)})",
                (Grid("Values that come from other tables", ("column", "refers to", "found", "orphans"), rows),),
            )
        )
    if correlations:
        rows = tuple((Code(c.a), Code(c.b), round(c.value, 2), c.measure.replace("_", " ")) for c in correlations[:_LIST])
        grid = Grid("Columns that go together", ("a", "b", "strength", "measure"), rows, more=len(correlations) - len(rows))
        blocks.append(Fold(f"Associations ({len(correlations)})", (grid,)))
    return blocks
