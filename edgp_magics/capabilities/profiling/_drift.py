"""How one table differs from another of the same kind: columns that came or went, and values that moved.

Works on two profiles, never on the tables: distribution sketches for numbers and dates, counts of the values that may
be shown for categories, hash buckets for personal ones and for those with many values, lengths and patterns for text that
hardly repeats. A profile lists the most frequent values only, so a value is compared by itself only where both lists would
hold it if nothing had changed; what a list leaves out is unknown, not absent. Every test gives a p-value and an effect, the
largest change in the probability of a range or set of values; a column has drifted when both say so, with Holm's
correction over all tests. Identifiers are compared by form, not by value.
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
from ._texts import CATEGORIES, CATEGORY_LENGTH, bucket_of

if TYPE_CHECKING:
    import pandas as pd

    from .._profile import ProfileResult

Measure = Literal["values", "nulls", "lengths", "patterns", "blanks"]
_FEW = 20
MIN_EFFECT = 0.03
_MOVED = 0.1
"""A shift of numbers by a tenth of the interquartile range counts, too, however small the change of probabilities."""
_EXPECTED = 5.0
_COVERED = 0.5
"""Without hash buckets, the values that are compared one by one must make up so much of both tables."""
_RECUR = 0.5
_LENGTHS = 24
_SURE = 3.0
_BEYOND = 4.0
"""Standard errors by which a value is sure to be listed, and by which it is new or lost beyond chance."""


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
    unknown = _unknown(judged, old, new)
    return DriftResult(
        capability=AgentCapability.DATA_PROFILING,
        dataset=new.dataset,
        status=Status.ISSUES if findings else Status.NOT_ASSESSED if unknown else Status.OK,
        summary=_summary(moved, judged, schema, old.dataset.name, unknown),
        findings=findings,
        metrics={"drifted": len(moved), "compared": sum(bool(c.tests) for c in judged), "schema_changes": len(schema)},
        notes=_notes(judged, alpha, min_effect),
        reference=old.dataset.name,
        columns={c.name: c for c in judged},
        schema=schema,
        alpha=alpha,
        min_effect=min_effect,
    )


def _unknown(judged: Sequence[ColumnDrift], old: ProfileResult, new: ProfileResult) -> str:
    """Why nothing can be said about drift, and what is needed; empty where something can."""
    if any(c.tests for c in judged):
        return ""
    if not judged:
        return "the tables have no column in common; give a reference with columns of the same names"
    rows = {side: max((p.rows for p in side_of.columns.values()), default=0) for side, side_of in (("reference", old), ("new table", new))}
    short = " and ".join(f"the {side} has {plural(n, 'row')}" for side, n in rows.items() if n < _FEW)
    return f"{short}; at least {_FEW} rows of each are needed"


def _summary(
    moved: Sequence[ColumnDrift], judged: Sequence[ColumnDrift], schema: Sequence[SchemaChange], reference: str, unknown: str
) -> str:
    names = ", ".join(f"`{c.name}`" for c in sorted(moved, key=lambda c: (-c.effect, c.name))[:8])
    what = (
        f"{plural(len(moved), 'column')} of {len(judged):,} drifted from {reference}: {names}."
        if moved
        else f"Drift from {reference}: NOT ASSESSED, {unknown}."
        if unknown
        else f"No column drifted from {reference}."
    )
    return what + (f" {plural(len(schema), 'change')} of schema." if schema else "")


def _notes(judged: Sequence[ColumnDrift], alpha: float, min_effect: float) -> tuple[str, ...]:
    out = [
        f"Drift: p below {alpha:g} after Holm's correction over all tests, and an effect of at least {min_effect:g}: some range or set of "
        f"values became that much more or less frequent (or numbers moved by {_MOVED:g} interquartile ranges).",
        "Numbers and dates are compared by Kolmogorov-Smirnov on quantile sketches, lengths by it where they vary much; categories, "
        "patterns and few lengths by chi-square.",
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
        yield _length_test(dict(old.lengths.counts), dict(new.lengths.counts))
    if old.shapes and new.shapes and not (old.shapes_unread or new.shapes_unread):
        yield _chi2("patterns", *_aligned(*_patterns(old, new)))


def _value_tables(old: ColumnProfile, new: ColumnProfile) -> tuple[Array, Array] | None:
    """Counts to compare: of values by themselves where both lists would hold them, of the others by hash bucket."""
    bucketed = bool(old.buckets) and len(old.buckets) == len(new.buckets) and _recur(old) and _recur(new)
    if not (old.categories and new.categories):
        return (np.asarray(old.buckets, float), np.asarray(new.buckets, float)) if bucketed else None
    before, after = _categories(old), _categories(new)
    if bucketed:
        return _with_buckets(before, old.buckets, after, new.buckets)
    a, b = _aligned(before, after)
    return (a, b) if min(1 - a[-1] / a.sum(), 1 - b[-1] / b.sum()) >= _COVERED else None


def _with_buckets(old: _Listed, old_buckets: Sequence[int], new: _Listed, new_buckets: Sequence[int]) -> tuple[Array, Array]:
    names = [k for k in _sure(old, new) if len(k) < CATEGORY_LENGTH]
    places = np.array([bucket_of(k, len(old_buckets)) for k in names], np.int64)
    out = []
    for side, buckets in ((old, old_buckets), (new, new_buckets)):
        counts = np.array([side.counts.get(k, 0) for k in names], float)
        rest = np.asarray(buckets, float) - np.bincount(places, weights=counts, minlength=len(buckets))
        out.append(np.append(counts, np.maximum(rest, 0.0)))
    return out[0], out[1]


def _recur(p: ColumnProfile) -> bool:
    """Whether values come back often enough for their mix to be the same in two tables."""
    return p.distinct <= _RECUR * p.count


# -- lists of frequent values --------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class _Listed:
    """Counts of the most frequent values out of ``total``; a value that is not among them occurs at most ``limit`` times."""

    counts: Mapping[str, int]
    total: int
    limit: float


def _categories(p: ColumnProfile) -> _Listed:
    complete, full = sum(p.categories.values()) == p.count, len(p.categories) >= CATEGORIES
    least = max(SHOWN_ROWS, SHOWN_SHARE * p.rows, min(p.categories.values()) if full else 0)
    return _Listed(counts=p.categories, total=p.count, limit=0.0 if complete else least)


def _patterns(old: ColumnProfile, new: ColumnProfile) -> tuple[_Listed, _Listed]:
    """Both lists of patterns, folded alike."""
    fold = not all(s.detail for s in (*old.shapes, *new.shapes))
    return _shapes(old, fold=fold), _shapes(new, fold=fold)


def _shapes(p: ColumnProfile, *, fold: bool) -> _Listed:
    counts: dict[str, int] = {}
    for s in p.shapes:
        name = s.pattern if fold else s.text
        counts[name] = counts.get(name, 0) + s.count
    complete = sum(counts.values()) == p.shapes_of
    return _Listed(counts=counts, total=p.shapes_of, limit=0.0 if complete else min(s.count for s in p.shapes))


def _sure(old: _Listed, new: _Listed) -> list[str]:
    """Values that both lists would hold, beyond chance, if the tables were alike (by the share in both together)."""
    return sorted(k for k in {*old.counts, *new.counts} if _expected(k, old, new, old) and _expected(k, old, new, new))


def _expected(name: str, old: _Listed, new: _Listed, where: _Listed) -> bool:
    share = (old.counts.get(name, 0) + new.counts.get(name, 0)) / (old.total + new.total)
    there = share * where.total
    return not where.limit or there >= where.limit + _SURE * np.sqrt(there)


def _aligned(old: _Listed, new: _Listed) -> tuple[Array, Array]:
    """Counts of the values that can be compared one by one, all others in one more."""
    a, b = ([float(side.counts.get(k, 0)) for k in _sure(old, new)] for side in (old, new))
    return np.array([*a, max(0.0, old.total - sum(a))]), np.array([*b, max(0.0, new.total - sum(b))])


def _length_test(old: Mapping[int, int], new: Mapping[int, int]) -> Test:
    """A few lengths are told apart one by one; of many, as in sentences, the distribution is."""
    names = sorted({*old, *new})
    a, b = (np.array([side.get(k, 0) for k in names], float) for side in (old, new))
    if len(names) <= _LENGTHS:
        return _chi2("lengths", a, b)
    n, m = float(a.sum()), float(b.sum())
    distance = float(np.abs(np.cumsum(a) / n - np.cumsum(b) / m).max())
    return Test(measure="lengths", method="kolmogorov-smirnov", p_value=_ks_sf(distance, n, m), effect=distance)


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
    effect = max(0.0, distance - coarse)
    return Test(measure="values", method="kolmogorov-smirnov", p_value=_ks_sf(effect, n, m), effect=effect)


def _ks_sf(distance: float, n: float, m: float) -> float:
    """The chance of such a distance between two samples of one distribution (Stephens' approximation)."""
    from scipy.special import kolmogorov

    root = np.sqrt(n * m / (n + m))
    return float(kolmogorov(distance * (root + 0.12 + 0.11 / root)))


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
    """Values that are gone and values that are new, among those that both lists would hold if nothing had changed."""
    if not old.categories or not new.categories:
        return (), ()
    before, after = _categories(old), _categories(new)
    sure = _sure(before, after)
    return _only(sure, before, after), _only(sure, after, before)


def _only(names: Sequence[str], here: _Listed, there: _Listed) -> tuple[str, ...]:
    """Those of one list alone, the most frequent first, if chance cannot have kept them from the other."""
    found = [k for k in names if k in here.counts and k not in there.counts and _apart_by(here.counts[k], here, there) >= _BEYOND]
    return tuple(sorted(found, key=lambda k: (-here.counts[k], k))[:20])


def _apart_by(count: int, here: _Listed, there: _Listed) -> float:
    """How many standard errors lie between a share here and the most it can be there."""
    high, low = count / here.total, there.limit / there.total
    both = (count + there.limit) / (here.total + there.total)
    return float((high - low) / np.sqrt(max(both * (1 - both), 1e-12) * (1 / here.total + 1 / there.total)))


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
        return _moved("length ", _lengths(old), _lengths(new))
    if test.measure == "patterns":
        return _moved("pattern ", *_patterns(old, new)) or "the mix of patterns changed"
    if old.categories and new.categories and (moved := _moved("", _categories(old), _categories(new))):
        return moved
    if column.wasserstein is not None:
        return f"values moved {column.shift or 'apart'} by {column.wasserstein:.2f} interquartile ranges"
    return f"the mix of values changed (PSI {column.psi:.2f})" if column.psi is not None else "the distribution changed"


def _lengths(p: ColumnProfile) -> _Listed:
    return _Listed(counts={str(n): count for n, count in (p.lengths.counts if p.lengths else ())}, total=p.count, limit=0.0)


def _moved(label: str, old: _Listed, new: _Listed) -> str:
    """The values whose share moved most, of those that can be compared."""
    shares = {k: (old.counts.get(k, 0) / old.total, new.counts.get(k, 0) / new.total) for k in _sure(old, new)}
    names = sorted(shares, key=lambda k: (-abs(shares[k][1] - shares[k][0]), k))
    return ", ".join(f"{label}{k} {_share(k, old)} → {_share(k, new)}" for k in names[:3])


def _share(name: str, side: _Listed) -> str:
    """A share in words; of a value that is not listed no more is known than that it is rare."""
    if name in side.counts or not side.limit:
        return percent(side.counts.get(name, 0), side.total)
    return f"at most {percent(side.limit, side.total)}"


def _schema(old: ProfileResult, new: ProfileResult) -> tuple[SchemaChange, ...]:
    out = [SchemaChange(column=n, change="removed", before=old.columns[n].logical_type) for n in old.columns if n not in new.columns]
    out += [SchemaChange(column=n, change="added", after=new.columns[n].logical_type) for n in new.columns if n not in old.columns]
    both = [n for n in new.columns if n in old.columns]
    out += [
        SchemaChange(column=n, change="type", before=old.columns[n].kind, after=new.columns[n].kind)
        for n in both
        if old.columns[n].kind != new.columns[n].kind
    ]
    before = sorted((n for n in old.columns if n in new.columns), key=lambda n: old.columns[n].position)  # a file may sort names
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
