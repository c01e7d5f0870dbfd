"""How one table differs from another of the same kind: columns that came or went, and values that moved.

Works on two profiles, never on the tables: distribution sketches for numbers and dates, counts of the values that may
be shown for categories, hash buckets for personal ones, lengths and patterns for text that hardly repeats. Every test
gives a p-value and an effect, the largest change in the probability of a range or set of values; a column has drifted
when both say so, with Holm's correction over all tests. Identifiers are compared by form, not by value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...values import (
    AgentCapability,
    Badge,
    Block,
    Code,
    Dimension,
    Facts,
    Finding,
    Fold,
    Grid,
    Result,
    Severity,
    Status,
    finding,
    percent,
    plural,
    worst_first,
)
from ._model import SHOWN_ROWS, SHOWN_SHARE, ColumnProfile
from ._runs import Array

if TYPE_CHECKING:
    import pandas as pd

    from .._profile import ProfileResult

Measure = Literal["values", "nulls", "lengths", "patterns", "blanks"]
_FEW = 20
MIN_EFFECT = 0.03
_MOVED = 0.1
"""A shift of numbers by a tenth of the interquartile range counts, too, however small the change of probabilities."""
_EXPECTED = 5.0


@dataclass(frozen=True, kw_only=True)
class Test:
    """One comparison: what was compared, how, its p-value (raw and corrected) and its effect (0..1)."""

    measure: Measure
    method: str
    p_value: float
    effect: float
    corrected: float = 1.0


@dataclass(frozen=True, kw_only=True)
class ColumnDrift:
    """How one column moved. ``psi`` and ``js`` (Jensen-Shannon distance) are of the values; ``wasserstein`` is scaled by
    the interquartile range of the reference.
    """

    name: str
    drifted: bool
    effect: float
    p_value: float
    what: str = ""
    tests: tuple[Test, ...] = ()
    psi: float | None = None
    js: float | None = None
    ks: float | None = None
    wasserstein: float | None = None
    shift: str = ""
    new: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    left_out: str = ""


@dataclass(frozen=True, kw_only=True)
class SchemaChange:
    """A column that came, went, moved or changed its type."""

    column: str
    change: Literal["added", "removed", "type", "moved"]
    before: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class DriftResult(Result):
    """What changed between a reference and the profiled table."""

    reference: str = ""
    columns: Mapping[str, ColumnDrift] = field(default_factory=dict)
    schema: tuple[SchemaChange, ...] = ()
    alpha: float = 0.01
    min_effect: float = MIN_EFFECT

    @property
    def drifted(self) -> tuple[str, ...]:
        """The columns that drifted, strongest first."""
        moved = [c for c in self.columns.values() if c.drifted]
        return tuple(c.name for c in sorted(moved, key=lambda c: (-c.effect, c.name)))

    @property
    def title(self) -> str:
        """The heading of the result."""
        return f"Drift: {self.dataset.name} against {self.reference}"

    def to_frame(self) -> pd.DataFrame:
        """One row per column."""
        import pandas as pd

        names = ("name", "drifted", "effect", "p_value", "psi", "js", "ks", "wasserstein", "what", "left_out")
        return pd.DataFrame([[getattr(c, n) for n in names] for c in self.columns.values()], columns=["column", *names[1:]])

    def body(self) -> list[Block]:
        """What drifted; all columns folded."""
        ranked = sorted(self.columns.values(), key=lambda c: (not c.drifted, -c.effect, c.name))
        moved = [c for c in ranked if c.drifted]
        judged = [c for c in ranked if not c.left_out or c.tests]
        blocks: list[Block] = [
            Facts((("drifted", len(moved)), ("compared", len(judged)), ("schema changes", len(self.schema)), ("reference", self.reference)))
        ]
        if self.schema:
            rows = tuple((Code(s.column), s.change, s.before, s.after) for s in self.schema[:50])
            blocks.append(Grid("Schema", ("column", "change", "before", "after"), rows, more=max(0, len(self.schema) - 50)))
        if moved:
            blocks.append(_grid("Columns that drifted", moved[:25], len(moved) - 25))
        rest = ranked[len(moved) :]
        if rest:
            blocks.append(Fold(f"{len(rest):,} columns without drift", (_grid("Columns without drift", rest[:200], len(rest) - 200),)))
        return blocks


def _grid(caption: str, columns: Sequence[ColumnDrift], more: int) -> Grid:
    rows = tuple(
        (
            Code(c.name),
            Badge("drift", Severity.MEDIUM) if c.drifted else "left out" if c.left_out and not c.tests else "same",
            round(c.effect, 3),
            f"{c.p_value:.1g}" if c.tests else None,
            None if c.psi is None else round(c.psi, 3),
            None if c.wasserstein is None else round(c.wasserstein, 3),
            c.what or c.left_out,
        )
        for c in columns
    )
    return Grid(caption, ("column", "verdict", "effect", "p (corrected)", "PSI", "shift in IQR", "what"), rows, more=max(0, more))


def compare_profiles(new: ProfileResult, old: ProfileResult, *, alpha: float = 0.01, min_effect: float = MIN_EFFECT) -> DriftResult:
    """The drift from ``old`` (the reference) to ``new``."""
    common = [n for n in new.columns if n in old.columns]
    raw = [_column(old.columns[n], new.columns[n]) for n in common]
    corrected = _holm([t.p_value for c in raw for t in c.tests])
    judged = list(_judged(raw, corrected, alpha, min_effect, old, new))
    schema = _schema(old, new)
    findings = worst_first([*_drift_findings(judged, new), *_schema_findings(schema)])
    moved = [c for c in judged if c.drifted]
    return DriftResult(
        capability=AgentCapability.DATA_PROFILING,
        dataset=new.dataset,
        status=Status.ISSUES if findings else Status.OK if judged else Status.NOT_ASSESSED,
        summary=_summary(moved, judged, schema, old.dataset.name),
        findings=findings,
        metrics={"drifted": len(moved), "compared": sum(bool(c.tests) for c in judged), "schema_changes": len(schema)},
        notes=_notes(judged, alpha, min_effect),
        reference=old.dataset.name,
        columns={c.name: c for c in judged},
        schema=schema,
        alpha=alpha,
        min_effect=min_effect,
    )


def _summary(moved: Sequence[ColumnDrift], judged: Sequence[ColumnDrift], schema: Sequence[SchemaChange], reference: str) -> str:
    names = ", ".join(f"`{c.name}`" for c in sorted(moved, key=lambda c: (-c.effect, c.name))[:8])
    what = (
        f"{plural(len(moved), 'column')} of {len(judged):,} drifted from {reference}: {names}."
        if moved
        else f"No column drifted from {reference}."
    )
    return what + (f" {plural(len(schema), 'change')} of schema." if schema else "")


def _notes(judged: Sequence[ColumnDrift], alpha: float, min_effect: float) -> tuple[str, ...]:
    out = [
        f"Drift: p below {alpha:g} after Holm's correction over all tests, and an effect of at least {min_effect:g}: some range or set of "
        f"values became that much more or less frequent (or numbers moved by {_MOVED:g} interquartile ranges).",
        "Numbers and dates are compared by Kolmogorov-Smirnov on quantile sketches; categories, lengths and patterns by chi-square.",
    ]
    out += [f"{c.name}: {c.left_out}." for c in judged if c.left_out][:12]
    return tuple(out)


# -- one column --------------------------------------------------------------------------------------------------
def _column(old: ColumnProfile, new: ColumnProfile) -> ColumnDrift:
    tests = list(_tests(old, new))
    extra = _sizes(old, new)
    left_out = "" if tests and any(t.measure == "values" for t in tests) else _why_not(old, new)
    gone, come = _categories_changed(old, new)
    return ColumnDrift(
        name=new.name,
        drifted=False,
        effect=max((t.effect for t in tests), default=0.0),
        p_value=min((t.p_value for t in tests), default=1.0),
        tests=tuple(tests),
        left_out=left_out,
        new=come,
        lost=gone,
        **extra,
    )


def _why_not(old: ColumnProfile, new: ColumnProfile) -> str:
    if min(old.count, new.count) < _FEW:
        return f"NOT ASSESSED, fewer than {_FEW} values"
    if old.identifier or new.identifier:
        return "an identifier: compared by form, not by value"
    if old.kind != new.kind:
        return "NOT ASSESSED by value, the type changed"
    return "values hardly repeat: compared by form"


def _tests(old: ColumnProfile, new: ColumnProfile) -> Iterator[Test]:
    if min(old.rows, new.rows) < _FEW:
        return
    yield _share_test("nulls", old.nulls, old.rows, new.nulls, new.rows)
    if min(old.count, new.count) < _FEW or old.kind != new.kind:
        return
    if old.blanks or new.blanks:
        yield _share_test("blanks", old.blanks, old.count, new.blanks, new.count)
    if old.identifier and new.identifier:
        yield from _form_tests(old, new)
        return
    sketches = _sketch(old), _sketch(new)
    if len(sketches[0]) and len(sketches[1]):
        yield _ks(sketches[0], sketches[1], old.count, new.count)
        return
    tables = _value_tables(old, new)
    if tables is not None:
        yield _chi2("values", *tables)
    else:
        yield from _form_tests(old, new)


def _sketch(profile: ColumnProfile) -> Array:
    """The distribution of a column of numbers or dates: the fine sketch in memory, or the saved one."""
    points = profile.sketch if profile.sketch is not None else profile.grid
    return np.asarray(points, float)


def _share_test(measure: Measure, a: int, n: int, b: int, m: int) -> Test:
    p = _chi2_sf(*_chi2_of(np.array([a, n - a], float), np.array([b, m - b], float)))
    return Test(measure=measure, method="chi-square", p_value=p, effect=abs(a / n - b / m))


def _form_tests(old: ColumnProfile, new: ColumnProfile) -> Iterator[Test]:
    if old.lengths is not None and new.lengths is not None and old.lengths.counts and new.lengths.counts:
        yield _chi2("lengths", *_aligned(dict(old.lengths.counts), old.count, dict(new.lengths.counts), new.count))
    if old.shapes and new.shapes:
        mine, theirs = {s.text: s.count for s in old.shapes}, {s.text: s.count for s in new.shapes}
        yield _chi2("patterns", *_aligned(mine, old.shapes_of, theirs, new.shapes_of))


def _value_tables(old: ColumnProfile, new: ColumnProfile) -> tuple[Array, Array] | None:
    if old.categories and new.categories and sum(old.categories.values()) >= 0.5 * old.count:
        return _aligned(old.categories, old.count, new.categories, new.count)
    if old.buckets and len(old.buckets) == len(new.buckets):
        return np.asarray(old.buckets, float), np.asarray(new.buckets, float)
    return None


def _aligned(old: Mapping[Any, int], n: int, new: Mapping[Any, int], m: int) -> tuple[Array, Array]:
    """Counts over the same values, the rest in one more."""
    names = sorted({*old, *new}, key=str)
    a, b = np.array([old.get(k, 0) for k in names], float), np.array([new.get(k, 0) for k in names], float)
    return np.append(a, max(0.0, n - a.sum())), np.append(b, max(0.0, m - b.sum()))


def _chi2(measure: Measure, a: Array, b: Array) -> Test:
    """Chi-square with rare values pooled; effect is total variation less what chance alone would give."""
    a, b = _pooled(a, b)
    statistic, degrees = _chi2_of(a, b)
    p, q = a / max(a.sum(), 1), b / max(b.sum(), 1)
    mean = (a + b) / max(a.sum() + b.sum(), 1)
    spread = np.sqrt(mean * (1 - mean) * (1 / max(a.sum(), 1) + 1 / max(b.sum(), 1)))
    noise = 0.5 * float(np.sqrt(2 / np.pi) * spread.sum())
    distance = 0.5 * float(np.abs(p - q).sum())
    effect = distance if distance > 3 * noise else max(0.0, distance - noise)
    return Test(measure=measure, method="chi-square", p_value=_chi2_sf(statistic, degrees), effect=effect)


def _pooled(a: Array, b: Array) -> tuple[Array, Array]:
    """Values expected in fewer than five rows of either side go together."""
    total = a + b
    share = min(a.sum(), b.sum()) / max(total.sum(), 1)
    rare = total * share < _EXPECTED
    if not rare.any():
        return a, b
    return np.append(a[~rare], a[rare].sum()), np.append(b[~rare], b[rare].sum())


def _chi2_of(a: Array, b: Array) -> tuple[float, int]:
    total = a + b
    used = total > 0
    a, b, total = a[used], b[used], total[used]
    if len(total) < 2 or not a.sum() or not b.sum():
        return 0.0, 0
    ea, eb = total * a.sum() / total.sum(), total * b.sum() / total.sum()
    return float(((a - ea) ** 2 / ea + (b - eb) ** 2 / eb).sum()), len(total) - 1


def _chi2_sf(statistic: float, degrees: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(degrees, statistic)) if degrees else 1.0


def _ks(a: Array, b: Array, n: int, m: int) -> Test:
    """Two-sample Kolmogorov-Smirnov on quantile sketches, less the coarseness of the sketches."""
    distance = _apart(a, b)
    coarse = sum(1.0 / len(s) for s, size in ((a, n), (b, m)) if len(s) < size)
    effective = n * m / (n + m)
    root = np.sqrt(effective)
    from scipy.special import kolmogorov

    p = float(kolmogorov(max(0.0, distance - coarse) * (root + 0.12 + 0.11 / root)))
    return Test(measure="values", method="kolmogorov-smirnov", p_value=p, effect=max(0.0, distance - coarse))


def _apart(a: Array, b: Array) -> float:
    """The largest difference between two distribution functions."""
    at = np.union1d(a, b)
    return float(np.abs(_below(a, at) - _below(b, at)).max())


def _below(points: Array, at: Array) -> Array:
    out: Array = np.searchsorted(points, at, "right") / len(points)
    return out


def _sizes(old: ColumnProfile, new: ColumnProfile) -> dict[str, Any]:
    """PSI, Jensen-Shannon, KS and Wasserstein as plain sizes of the change."""
    if old.kind != new.kind or min(old.count, new.count) < _FEW or (old.identifier and new.identifier):
        return {}
    a, b = _sketch(old), _sketch(new)
    if len(a) and len(b):
        edges = np.unique(np.quantile(a, np.linspace(0.1, 0.9, 9)))
        p, q = _binned(a, edges), _binned(b, edges)
        levels = np.linspace(0.005, 0.995, 199)
        iqr = float(np.quantile(a, 0.75) - np.quantile(a, 0.25))
        apart = float(np.abs(np.quantile(a, levels) - np.quantile(b, levels)).mean())
        return {
            "psi": _psi(p, q),
            "js": _js(p, q),
            "ks": round(_apart(a, b), 6),
            "wasserstein": round(apart / iqr, 6) if iqr > 0 else None,
            "shift": _shift(a, b),
        }
    tables = _value_tables(old, new)
    if tables is None:
        return {}
    x, y = _pooled(*tables)
    p, q = x / max(x.sum(), 1), y / max(y.sum(), 1)
    return {"psi": _psi(p, q), "js": _js(p, q)}


def _shift(a: Array, b: Array) -> str:
    before, after = float(np.median(a)), float(np.median(b))
    return "up" if after > before else "down" if after < before else ""


def _binned(points: Array, edges: Array) -> Array:
    out: Array = np.bincount(np.searchsorted(edges, points, "left"), minlength=len(edges) + 1) / len(points)
    return out


def _psi(p: Array, q: Array) -> float:
    """Population stability index; empty bins count as one in ten thousand."""
    p, q = np.maximum(p, 1e-4), np.maximum(q, 1e-4)
    return round(float(((q - p) * np.log(q / p)).sum()), 6)


def _js(p: Array, q: Array) -> float:
    """Jensen-Shannon distance in bits (0..1)."""
    mean = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(p > 0, p * np.log2(p / mean), 0.0).sum()
        right = np.where(q > 0, q * np.log2(q / mean), 0.0).sum()
    return round(float(np.sqrt(max(0.0, (left + right) / 2))), 6)


def _categories_changed(old: ColumnProfile, new: ColumnProfile) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Values that are gone and values that are new, among those frequent enough to be shown."""
    if not old.categories or not new.categories:
        return (), ()
    gone = [k for k, n in old.categories.items() if k not in new.categories and _expected(n, old.rows, new.rows)]
    come = [k for k, n in new.categories.items() if k not in old.categories and _expected(n, new.rows, old.rows)]
    return tuple(gone[:20]), tuple(come[:20])


def _expected(count: int, rows: int, other: int) -> bool:
    """Whether the other table should have held the value well above the limit of what is listed."""
    there = count / rows * other
    return there >= 3 * max(SHOWN_ROWS, SHOWN_SHARE * other)


# -- all columns -------------------------------------------------------------------------------------------------
def _holm(values: Sequence[float]) -> list[float]:
    """Holm's step-down correction.

    >>> [round(p, 3) for p in _holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(values)), key=lambda i: values[i])
    out, highest = [1.0] * len(values), 0.0
    for place, i in enumerate(order):
        highest = max(highest, min(1.0, values[i] * (len(values) - place)))
        out[i] = highest
    return out


def _judged(
    columns: Sequence[ColumnDrift], corrected: Sequence[float], alpha: float, least: float, old: ProfileResult, new: ProfileResult
) -> Iterator[ColumnDrift]:
    place = 0
    for column in columns:
        tests = tuple(replace(t, corrected=p) for t, p in zip(column.tests, corrected[place : place + len(column.tests)], strict=True))
        place += len(column.tests)
        far = (column.wasserstein or 0.0) >= _MOVED
        hits = [t for t in tests if t.corrected < alpha and (t.effect >= least or (t.method == "kolmogorov-smirnov" and far))]
        what = _what(max(hits, key=lambda t: t.effect), old.columns[column.name], new.columns[column.name], column) if hits else ""
        yield replace(column, tests=tests, drifted=bool(hits), what=what, p_value=min((t.corrected for t in tests), default=1.0))


def _what(test: Test, old: ColumnProfile, new: ColumnProfile, column: ColumnDrift) -> str:
    """The change in words."""
    if test.measure == "nulls":
        return f"null in {percent(new.nulls, new.rows)}, was {percent(old.nulls, old.rows)}"
    if test.measure == "blanks":
        return f"blank in {percent(new.blanks, new.count)}, was {percent(old.blanks, old.count)}"
    if test.measure == "lengths":
        return _moved(
            {str(k): v for k, v in _counts(old.lengths)}, old.count, {str(k): v for k, v in _counts(new.lengths)}, new.count, "length "
        )
    if test.measure == "patterns":
        return _moved(
            {s.text: s.count for s in old.shapes}, old.shapes_of, {s.text: s.count for s in new.shapes}, new.shapes_of, "pattern "
        )
    if old.categories and new.categories:
        return _moved(old.categories, old.count, new.categories, new.count, "")
    if column.wasserstein is not None:
        return f"values moved {column.shift or 'apart'} by {column.wasserstein:.2f} interquartile ranges"
    return f"the mix of values changed (PSI {column.psi:.2f})" if column.psi is not None else "the distribution changed"


def _counts(lengths: Any) -> Sequence[tuple[int, int]]:
    return lengths.counts if lengths is not None else ()


def _moved(old: Mapping[str, int], n: int, new: Mapping[str, int], m: int, label: str) -> str:
    """The values whose share moved most."""
    names = sorted({*old, *new}, key=lambda k: (-abs(new.get(k, 0) / m - old.get(k, 0) / n), k))
    return ", ".join(f"{label}{k} {percent(old.get(k, 0), n)} → {percent(new.get(k, 0), m)}" for k in names[:3])


def _schema(old: ProfileResult, new: ProfileResult) -> tuple[SchemaChange, ...]:
    out = [SchemaChange(column=n, change="removed", before=old.columns[n].logical_type) for n in old.columns if n not in new.columns]
    out += [SchemaChange(column=n, change="added", after=new.columns[n].logical_type) for n in new.columns if n not in old.columns]
    both = [n for n in new.columns if n in old.columns]
    out += [
        SchemaChange(column=n, change="type", before=old.columns[n].kind, after=new.columns[n].kind)
        for n in both
        if old.columns[n].kind != new.columns[n].kind
    ]
    before = [n for n in old.columns if n in new.columns]
    return tuple(
        out
        + [SchemaChange(column=n, change="moved", before=str(before.index(n)), after=str(i)) for i, n in enumerate(both) if before[i] != n]
    )


def _drift_findings(columns: Sequence[ColumnDrift], new: ProfileResult) -> Iterator[Finding]:
    for c in columns:
        rows = new.columns[c.name].rows
        if c.drifted:
            severity = Severity.HIGH if c.effect >= 0.3 else Severity.MEDIUM if c.effect >= 0.1 else Severity.LOW
            computation = "; ".join(f"{t.measure}: {t.method}, corrected p {t.corrected:.2g}, effect {t.effect:.3f}" for t in c.tests)
            yield finding(
                AgentCapability.DATA_PROFILING,
                "drift",
                [c.name],
                f"`{c.name}` drifted: {c.what}.",
                severity,
                of=rows,
                dimension=Dimension.CONSISTENCY.value,
                computation=computation,
            )
        for label, names in (("new", c.new), ("lost", c.lost)):
            if names:
                listed = ", ".join(names[:5])
                yield finding(
                    AgentCapability.DATA_PROFILING,
                    f"{label}_values",
                    [c.name],
                    f"`{c.name}` has {plural(len(names), f'{label} value')}: {listed}.",
                    Severity.LOW,
                    of=rows,
                    dimension=Dimension.CONSISTENCY.value,
                    computation="frequent values of both tables compared",
                )


def _schema_findings(schema: Sequence[SchemaChange]) -> Iterator[Finding]:
    words = {"added": "is new", "removed": "is gone", "type": "changed its type"}
    for s in schema:
        if s.change in words:
            detail = f" ({s.before} → {s.after})" if s.change == "type" else ""
            severity = Severity.LOW if s.change == "added" else Severity.HIGH
            yield finding(
                AgentCapability.DATA_PROFILING,
                f"column_{s.change}",
                [s.column],
                f"`{s.column}` {words[s.change]}{detail}.",
                severity,
                dimension=Dimension.CONSISTENCY.value,
                computation="column names and types of both tables compared",
            )
