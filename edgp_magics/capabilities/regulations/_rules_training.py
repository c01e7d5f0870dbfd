"""Rules on training data (EU AI Act)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from ...values import percent, plural
from . import _read as read
from ._case import Case, number, positions
from ._model import Clause, Hits, Verdict, failed, not_assessed, not_found, passed, warned

if TYPE_CHECKING:
    from ...frames import Column

Rule = Callable[[Case, Clause], Verdict]
_SMALL_GROUP = 30


def bias(case: Case, clause: Clause) -> Verdict:
    """Label rates of protected groups differ by no more than the declared ratio."""
    label = case.column("label_column")
    columns = [c for n in read.listed(case.metadata["protected_columns"]) if (c := case.named(n)) is not None]
    if label is None or not columns:
        lost = case.lost("label_column")
        return (
            not_assessed("The declared label column is not in the table.", *lost)
            if lost
            else not_assessed("No protected column of the table is declared.", "protected_columns")
            if case.metadata.has("protected_columns")
            else passed("")
        )
    good = _favourable(case, label)
    if good is None:
        return not_assessed("The label has more than two values: declare `favourable_label`.", "favourable_label")
    limit = float(clause.params["impact_ratio_min"])
    facts: dict[str, Any] = {}
    off, unsure = [], []
    for column in columns:
        ratio, groups = _impact(column, good)
        facts |= {f"{column.name}: ratio": ratio, f"{column.name}: groups": groups}
        if ratio is None:
            unsure.append(column.name)
        elif ratio < limit:
            off.append((column.name, ratio))
    if off:
        said = ", ".join(f"{n} {r:.2f}" for n, r in off)
        return failed(f"The lowest label rate over the highest is below {limit:g}: {said}.", columns=tuple(n for n, _ in off), facts=facts)
    if unsure:
        return warned(
            f"Groups of {', '.join(unsure)} are too few or too small (under {_SMALL_GROUP} rows) to compare.",
            columns=tuple(unsure),
            facts=facts,
        )
    return passed(
        f"Label rates of the groups of {', '.join(c.name for c in columns)} differ by no more than the ratio {limit:g}.", facts=facts
    )


def _favourable(case: Case, label: Column) -> pl.Series | None:
    wanted = case.metadata["favourable_label"]
    if wanted is not None and str(wanted).strip():
        return label.text.str.strip_chars().str.to_lowercase() == str(wanted).strip().casefold()
    values = [v for v in label.text_counts["value"].to_list() if v.strip()]
    truths = {v: read.truth(v) for v in values}
    if len(values) <= 2 and None not in truths.values():
        return label.text.replace_strict(truths, default=None, return_dtype=pl.Boolean)
    if len(values) <= 2:
        return label.text == sorted(values)[-1] if values else None
    return None


def _impact(column: Column, good: pl.Series) -> tuple[float | None, str]:
    """The lowest rate over the highest among groups large enough, and the groups without their names."""
    groups = (
        pl.DataFrame({"g": column.text, "y": good})
        .drop_nulls()
        .group_by("g")
        .agg(pl.len().alias("n"), pl.col("y").mean().alias("rate"))
        .sort(["n", "g"], descending=[True, False])
    )
    large = groups.filter(pl.col("n") >= _SMALL_GROUP)
    shown = ", ".join(
        f"group {i + 1}: {percent(float(r), 1.0)} of {n:,}"
        for i, (n, r) in enumerate(zip(groups["n"], groups["rate"], strict=True))
        if i < 8
    )
    if large.height < 2:
        return None, shown
    low, high = number(large["rate"].min()), number(large["rate"].max())
    return (round(low / high, 4) if high else 1.0), shown


def gaps(case: Case, clause: Clause) -> Verdict:
    """Missing values and strata that nobody wrote down."""
    share = {c.name: c.null_count / case.rows for c in case.frame} if case.rows else {}
    holes = [n for n, s in share.items() if s > clause.params["null_rate_max"]]
    strata = _empty_strata(case)
    facts = {f"missing in {n}": percent(share[n]) for n in holes} | ({"empty strata": "; ".join(strata)} if strata else {})
    if not holes and not strata:
        return passed(f"No column lacks more than {percent(clause.params['null_rate_max'])} and no declared stratum is empty.")
    if case.metadata.has("data_gaps"):
        return passed("There are gaps, and they are on record.", facts=facts)
    rows = [Hits(n, positions(case.frame.column(n).series.is_null()), "missing") for n in holes]
    return failed(
        f"{plural(len(holes), 'column')} with many missing values, {plural(len(strata), 'empty stratum', 'empty strata')}; "
        "none is on record (`data_gaps`).",
        *rows,
        facts=facts,
        missing=("data_gaps",),
    )


def _empty_strata(case: Case) -> list[str]:
    """Declared groups without a row."""
    out = []
    for name, wanted in case.metadata.mapping("target_population").items():
        column = case.named(name)
        members = wanted if isinstance(wanted, Mapping) else dict.fromkeys(read.listed(wanted))
        here = {v.strip().casefold() for v in column.text_counts["value"].to_list()} if column is not None else set()
        out += [f"{name}={m}" for m in members if column is not None and str(m).strip().casefold() not in here]
    return out


def representative(case: Case, clause: Clause) -> Verdict:
    """No duplicates across splits, few errors, close to the target population."""
    split = case.column("split_column")
    leaked = _leaks(case, split) if split is not None else None
    drift = _drift(case)
    far = [(n, d) for n, d in drift if d > clause.params["drift_max"]]
    copies = (
        positions(case.frame.polars().select(pl.exclude([split.series.name] if split is not None else [])).is_duplicated())
        if split is None and case.rows
        else None
    )
    facts = {f"distance in {n}": round(d, 4) for n, d in drift}
    if leaked is not None and leaked.rows.size:
        return failed(f"{plural(int(leaked.rows.size), 'row')} occur in more than one split.", leaked, facts=facts)
    if far:
        return failed(
            f"The table differs from the target population in {', '.join(n for n, _ in far)}.",
            columns=tuple(n for n, _ in far),
            facts=facts,
        )
    lost = case.lost("split_column")
    if lost:
        return not_assessed("The declared split column is not in the table.", *lost)
    if copies is not None and copies.size:
        facts["duplicate rows"] = int(copies.size)
    if case.metadata.has("target_population") and not drift:
        return not_assessed("`target_population` names no column of the table.", "target_population")
    return passed("No row is in more than one split, and the table is close to the target population.", facts=facts)


def _leaks(case: Case, split: Column) -> Hits:
    """Rows equal in every column but the split, in different splits; or one subject in different splits."""
    data = case.frame.polars()
    key = case.column("subject_key")
    keys = (
        [key.series.name]
        if key is not None
        else [c.series.name for c in case.frame if c.name != split.name and c.kind not in ("nested", "binary")]
    )
    if not keys or not case.rows:
        return Hits(split.name, positions(pl.Series([], dtype=pl.Boolean)))
    rows = positions(data.select(pl.col(split.series.name).n_unique().over(keys) > 1).to_series())
    return Hits(split.name, rows, "in more than one split")


def _drift(case: Case) -> list[tuple[str, float]]:
    """Total variation distance (0 to 1) of every declared column from its target shares."""
    out = []
    for name, wanted in case.metadata.mapping("target_population").items():
        column = case.named(name)
        if column is None or not isinstance(wanted, Mapping):
            continue
        shares = {str(k).strip().casefold(): float(v) for k, v in wanted.items() if isinstance(v, (int, float))}
        whole = sum(shares.values())
        counts: dict[str, int] = {}
        for value, n in column.text_counts.iter_rows():
            counts[value.strip().casefold()] = counts.get(value.strip().casefold(), 0) + n
        rows = sum(counts.values())
        if whole > 0 and rows:
            out.append(
                (str(name), 0.5 * math.fsum(abs(counts.get(k, 0) / rows - shares.get(k, 0) / whole) for k in sorted({*counts, *shares})))
            )
    return out


def setting(case: Case, clause: Clause) -> Verdict:
    """Every country of use is in the data."""
    column = case.column("country_column")
    wanted = [read.country(c) for c in read.listed(case.metadata["deployment_countries"])]
    if column is None or not wanted:
        lost = case.lost("country_column")
        return not_assessed("The declared country column is not in the table.", *lost) if lost else passed("")
    counts: dict[str, int] = {}
    for value, n in column.text_counts.iter_rows():
        counts[read.country(value)] = counts.get(read.country(value), 0) + n
    absent = [c for c in wanted if not counts.get(c)]
    facts = {f"rows of {c}": counts.get(c, 0) for c in wanted}
    if absent:
        return failed(
            f"No data from {', '.join(absent)}, where the system will be used.",
            columns=(column.name,),
            count=len(absent),
            unit="countries",
            facts=facts,
        )
    thin = [c for c in wanted if counts[c] < _SMALL_GROUP]
    if thin:
        return warned(f"Fewer than {_SMALL_GROUP} rows from {', '.join(thin)}.", columns=(column.name,), facts=facts)
    return passed("Every country of use is in the data.", facts=facts)


def conditions(case: Case, clause: Clause) -> Verdict:
    """Special categories only under every one of the conditions."""
    columns = case.columns_of(*clause.types)
    if not columns:
        return not_found("No special category of data was found.")
    given = case.metadata["art10_5_conditions"]
    met = (
        {read.word(k) for k, v in given.items() if read.truth(v) is not False and read.given(v)}
        if isinstance(given, Mapping)
        else set(case.metadata.words("art10_5_conditions"))
    )
    lacking = [c for c in clause.params["conditions"] if not any(m in met for m in (c, *clause.params["conditions"][c]))]
    if lacking and given is not None:
        return failed(
            f"{plural(len(lacking), 'condition')} not declared to be met: {', '.join(lacking)}.",
            *case.hits(*clause.types),
            count=None,
            facts={"conditions lacking": ", ".join(lacking)},
        )
    return passed("Every condition is declared to be met.", columns=columns)


def always_high_risk(case: Case) -> bool:
    """Whether a system of Annex III profiles natural persons: then no derogation of Art. 6(3) takes it out."""
    return _in_annex(case) is True and case.metadata.truth("profiling") is True


def _in_annex(case: Case) -> bool | None:
    """Whether the use is declared to be one of Annex III; None when nothing is declared."""
    if not case.metadata.has("annex_iii_area"):
        return None
    return case.metadata.truth("annex_iii_area") is not False


def derogation(case: Case, clause: Clause) -> Verdict:
    """A system of Annex III is high-risk unless one of four conditions is documented, and always when it profiles people."""
    high, inside = case.metadata.truth("high_risk_system"), _in_annex(case)
    if high is None:
        return passed("")
    if high:
        return passed("The system is declared high-risk; the duties of Chapter III apply.")
    if inside is None:
        return not_assessed("Declared not high-risk; whether the use is in an area of Annex III is not declared.", "annex_iii_area")
    if not inside:
        return passed("Declared to be outside the areas of Annex III; the derogation of Art. 6(3) is not needed.")
    if case.metadata.truth("profiling"):
        return failed("Declared not high-risk, but a system in an area of Annex III that profiles natural persons always is (Art. 6(3)).")
    if not case.metadata.has("profiling"):
        return not_assessed("Declared not high-risk within Annex III; whether it profiles natural persons is not declared.", "profiling")
    if not case.metadata.has("derogation_assessment"):
        said = "Declared not high-risk within Annex III, and no assessment is on record that shows why (Art. 6(4))."
        return failed(said, missing=("derogation_assessment",))
    return passed("Within Annex III without profiling; the assessment for the derogation is on record and a person has to judge it.")


RULES: dict[str, Rule] = {
    "bias": bias,
    "gaps": gaps,
    "representative": representative,
    "setting": setting,
    "conditions": conditions,
    "derogation": derogation,
}
