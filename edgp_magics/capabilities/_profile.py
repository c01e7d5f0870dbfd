"""data_profiling: what is in every column, what identifies rows, what depends on what, and how it differs from before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pyarrow as pa

from ..errors import BadOption, DataNotFound, closest
from ..frames import Frame, as_frame
from ..values import AgentCapability, Block, Context, Finding, Result, Status, percent, plural, worst_first
from ._options import Option
from .profiling._associations import associations
from .profiling._dependencies import dependencies
from .profiling._draw import column_blocks, detail_blocks, facts, table_blocks
from .profiling._drift import MIN_EFFECT, DriftResult, compare_profiles
from .profiling._duplicates import duplicate_rows
from .profiling._findings import column_findings, table_findings
from .profiling._inclusions import inclusions
from .profiling._keys import composite_keys, single_keys
from .profiling._measure import profile_column
from .profiling._model import Association, ColumnProfile, Dependency, Duplicates, Inclusion, Key
from .profiling._sample import draw

if TYPE_CHECKING:
    import pandas as pd

Depth = Literal["full", "columns"]
REFERENCE_ROWS = 250_000


@dataclass(frozen=True, kw_only=True, repr=False)
class ProfileResult(Result):
    """The profile of a table: ``columns`` by name, and what is known about the table as a whole."""

    columns: Mapping[str, ColumnProfile] = field(default_factory=dict)
    keys: tuple[Key, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    inclusions: tuple[Inclusion, ...] = ()
    correlations: tuple[Association, ...] = ()
    duplicates: Duplicates | None = None
    drift: DriftResult | None = None

    def body(self) -> list[Block]:
        """Facts, columns, and the rest folded."""
        profiles = list(self.columns.values())
        blocks: list[Block] = [facts(profiles, self.keys, self.duplicates), *column_blocks(profiles, self.findings)]
        if self.drift is not None:
            blocks += self.drift.body()
        blocks += table_blocks(self.keys, self.dependencies, self.inclusions, self.correlations)
        return blocks + detail_blocks(self.columns)

    def to_frame(self) -> pd.DataFrame:
        """One row per column."""
        import pandas as pd

        names = (
            "name",
            "logical_type",
            "semantic_type",
            "rows",
            "nulls",
            "blanks",
            "coded_missing",
            "distinct",
            "min",
            "max",
            "mean",
            "std",
        )
        rows = [[p.shown(p[n]) if n in ("min", "max") else p[n] for n in names] for p in self.columns.values()]
        return pd.DataFrame(rows, columns=["column", *names[1:]], dtype=object)

    def compare(self, other: Any, *, alpha: float = 0.01, min_effect: float = MIN_EFFECT) -> DriftResult:
        """How this table (the new one) differs from ``other``, the reference: schema and drift.

        Parameters
        ----------
        other
            a profile, what its ``to_dict()`` gave or the path of the ``.json`` it was saved in (a stored profile), or a table.
        alpha
            the chance of one false alarm over all columns (Holm's correction).
        min_effect
            the least change that counts, as a difference in probability: 0.03 says that some range or set of values
            became at least three percentage points more or less frequent.
        """
        return compare_profiles(self, _as_profile(other), alpha=alpha, min_effect=min_effect)


def _as_profile(other: Any) -> ProfileResult:
    if isinstance(other, (str, Path)) and str(other).lower().endswith(".json"):
        other = Result.load(other)
    elif isinstance(other, Mapping) and "columns" in other and "type" in other:
        other = Result.from_dict(other)
    if isinstance(other, ProfileResult):
        return other
    if isinstance(other, Result):
        raise BadOption(
            f"a {other.capability.value} result is no reference.", hint="Give a table, or the result of a profile.", option="reference"
        )
    return _reference_profile(as_frame(other), Context())


def _reference_profile(frame: Frame, context: Context) -> ProfileResult:
    """The columns of a table to compare with; of a large one on a seeded sample, which settles any shift worth naming."""
    if frame.rows <= REFERENCE_ROWS:
        return profile_data(frame, context, depth="columns")
    chosen = np.sort(np.random.default_rng(context.seed).choice(frame.rows, REFERENCE_ROWS, replace=False, shuffle=False))
    arrays = []
    for position in range(len(frame.columns)):
        context.progress.step("reading the reference")
        arrays.append(frame.cells_at(position, chosen))
    part = as_frame(pa.table(arrays, names=list(frame.columns)), name=frame.name)
    return profile_data(part, context, depth="columns")


def profile_data(
    frame: Frame,
    context: Context,
    *,
    columns: Annotated[tuple[str, ...], Option("only these columns", kind="column")] = (),
    depth: Annotated[Depth, Option("`columns` leaves out keys, dependencies, associations and duplicate rows")] = "full",
    reference: Annotated[
        str | None, Option("a table or stored profile (by name or path) to compare with: schema and drift", kind="frame")
    ] = None,
) -> ProfileResult:
    """Profile a table.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> r = profile_data(as_frame(pd.DataFrame({"id": [1, 2, 3], "kind": ["a", "b", "a"]}), name="t"), Context())
    >>> r.columns["kind"].distinct, r.columns["id"].max, r.keys[0].columns
    (2, 3, ('id',))
    """
    chosen = [frame.position(name) for name in columns] or list(range(len(frame.columns)))
    profiles, found = _profiles(frame, chosen, context)
    result = _assemble(frame, profiles, found, context, full=depth == "full")
    if reference is None:
        return result
    return _with_drift(result, _referred(reference, context))


def _referred(reference: str, context: Context) -> ProfileResult:
    """The profile behind a name or path: of a table, or a stored one."""
    if reference in context.stored:
        return _as_profile(context.stored[reference])
    if reference in context.frames:
        return _reference_profile(context.frames[reference], context)
    known = [*context.frames, *context.stored]
    near = closest(reference, known)
    raise DataNotFound(
        f"no table or stored profile `{reference}` to compare with.",
        hint=(f"Did you mean `{near}`? " if near else "")
        + "Name a DataFrame or profile of this kernel, or a .parquet, .csv or .json file.",
        name=reference,
    )


def _profiles(frame: Frame, chosen: Sequence[int], context: Context) -> tuple[list[ColumnProfile], list[Finding]]:
    """Every column and what is to be said about it, while it is at hand: a large table holds few columns at once."""
    out: list[ColumnProfile] = []
    found: list[Finding] = []
    for place, position in enumerate(chosen):
        column = frame.column(position)
        context.progress.step(f"profiling {column.name[:40]}", 0.8 * place / max(1, len(chosen)))
        out.append(profile_column(column, context.progress, as_of=context.as_of))
        found += column_findings(frame, out[-1])
    return out, found


def _assemble(frame: Frame, profiles: list[ColumnProfile], found: list[Finding], context: Context, *, full: bool) -> ProfileResult:
    progress = context.progress
    keys = single_keys(profiles)
    parts: dict[str, Any] = {}
    notes = _notes(profiles)
    if full and frame.rows > 1:
        sample = draw(frame, context.seed, len(profiles))
        keys += composite_keys(frame, profiles, sample, progress)
        parts = {
            "dependencies": tuple(dependencies(frame, profiles, sample, progress)),
            "correlations": tuple(associations(profiles, sample, progress)),
            "inclusions": tuple(inclusions(frame, context.frames, progress)),
            "duplicates": duplicate_rows(frame, profiles, progress),
        }
        notes += _table_notes(frame, sample.rows, parts["duplicates"])
        found += table_findings(frame, parts["dependencies"], parts["inclusions"], parts["duplicates"])
    findings = worst_first(found)
    return ProfileResult(
        capability=AgentCapability.DATA_PROFILING,
        dataset=frame.ref,
        status=_status(frame, findings),
        summary=_summary(frame, profiles, keys, parts.get("duplicates"), findings),
        findings=findings,
        metrics=_metrics(frame, profiles, keys, parts.get("duplicates")),
        notes=tuple(notes),
        columns={p.name: p for p in profiles},
        keys=tuple(keys),
        **parts,
    )


def _status(frame: Frame, findings: tuple[Finding, ...]) -> Status:
    if not frame.rows or not frame.columns:
        return Status.NOT_ASSESSED
    return Status.ISSUES if findings else Status.OK


def _summary(
    frame: Frame, profiles: Sequence[ColumnProfile], keys: Sequence[Key], duplicates: Duplicates | None, findings: Sequence[Finding]
) -> str:
    if not frame.columns:
        return f"{frame.name} has no columns: there is nothing to profile."
    if not frame.rows:
        return f"{frame.name} has {plural(len(profiles), 'column')} and no rows: nothing can be said about values."
    missing = percent(sum(p.missing for p in profiles), frame.rows * len(profiles))
    exact = [" + ".join(k.columns) for k in keys if k.exact]
    near = [" + ".join(k.columns) for k in keys if not k.exact]
    key = f"`{exact[0]}` identifies a row" if exact else f"`{near[0]}` nearly identifies a row" if near else "no column identifies a row"
    repeated = (
        f", {plural(duplicates.exact, 'row')} {'repeats' if duplicates.exact == 1 else 'repeat'} another"
        if duplicates is not None and duplicates.exact
        else ""
    )
    look = f" {plural(len(findings), 'thing')} to look at." if findings else " Nothing stands out."
    return f"{plural(frame.rows, 'row')} and {plural(len(profiles), 'column')}; {missing} of the cells are missing; {key}{repeated}.{look}"


def _metrics(
    frame: Frame, profiles: Sequence[ColumnProfile], keys: Sequence[Key], duplicates: Duplicates | None
) -> dict[str, float | int | None]:
    cells = frame.rows * len(profiles)
    return {
        "rows": frame.rows,
        "columns": len(profiles),
        "cells": cells,
        "nulls": sum(p.nulls for p in profiles),
        "blanks": sum(p.blanks for p in profiles),
        "coded_missing": sum(p.coded_missing for p in profiles),
        "missing_share": sum(p.missing for p in profiles) / cells if cells else None,
        "keys": sum(k.exact for k in keys),
        "duplicate_rows": None if duplicates is None else duplicates.exact,
        "near_duplicate_rows": None if duplicates is None else duplicates.near,
    }


def _notes(profiles: Sequence[ColumnProfile]) -> list[str]:
    hashed = [p.name for p in profiles if p.distinct_how != "exact"]
    partial = [p for p in profiles if 0 < p.shapes_of < p.count]
    notes = ["None, NaN, NA and NaT are null. Counts, means, quantiles (linear interpolation) and distinct values are exact over all rows."]
    if hashed:
        notes.append(f"Distinct values of {', '.join(hashed[:8])} are counted on 64-bit hashes: exact but for a chance below 1 in 100,000.")
    notes += [f"Character patterns of {p.name}: counted on {p.shapes_of:,} of {p.count:,} values." for p in partial[:8]]
    return notes


def _table_notes(frame: Frame, sampled: int, duplicates: Duplicates) -> list[str]:
    notes = []
    if sampled < frame.rows:
        notes.append(
            f"Associations, and the search for keys and dependencies, use a seeded sample of {sampled:,} rows (standard error of a "
            f"correlation at most {1 / max(1, sampled) ** 0.5:.3f}); keys and dependencies that are reported were then counted on all rows."
        )
    if duplicates.near is None:
        notes.append("Near duplicate rows: NOT ASSESSED, the table is large and has no two columns that are selective enough.")
    return notes


def _with_drift(result: ProfileResult, reference: ProfileResult) -> ProfileResult:
    drift = result.compare(reference)
    return replace(
        result,
        drift=drift,
        findings=worst_first([*result.findings, *drift.findings]),
        summary=f"{result.summary} {drift.summary}",
        status=Status.ISSUES if drift.findings else result.status,
    )
