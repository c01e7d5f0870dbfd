"""What a profile would have somebody look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...frames import Column, Frame
from ...values import ROWS_KEPT, AgentCapability, Dimension, Finding, Severity, finding, percent, plural
from ._missing import SPELLINGS
from ._model import ColumnProfile, Dependency, Duplicates, Inclusion, ShapeShare
from ._runs import Array
from ._texts import chunks

CAPABILITY = AgentCapability.DATA_PROFILING
_RARE = 0.05
_DOMINANT = 0.95
_MISSING = 0.05
Found = Iterator[Finding]


def column_findings(frame: Frame, profile: ColumnProfile) -> list[Finding]:
    """The findings about one column."""
    if not profile.rows:
        return []
    column = frame.column(profile.position)
    return [found for look in _LOOKS for found in look(frame, column, profile)]


def _make(profile: ColumnProfile, rule: str, message: str, severity: Severity, count: int, dimension: Dimension, **rest: Any) -> Finding:
    return finding(CAPABILITY, rule, [profile.name], message, severity, count=count, of=profile.rows, dimension=dimension.value, **rest)


def _empty(frame: Frame, column: Column, p: ColumnProfile) -> Found:
    if not p.count:
        yield _make(
            p,
            "all_null",
            f"`{p.name}` holds no value at all.",
            Severity.MEDIUM,
            p.rows,
            Dimension.COMPLETENESS,
            computation="nulls counted over all rows",
        )
    elif p.distinct == 1 and p.rows > 1 and not p.nulls:
        yield _make(
            p,
            "constant",
            f"`{p.name}` holds one value in every row.",
            Severity.LOW,
            p.rows,
            Dimension.VALIDITY,
            computation="distinct non-null values counted",
        )


def _missing(frame: Frame, column: Column, p: ColumnProfile) -> Found:
    if p.count and p.nulls and p.nulls >= _MISSING * p.rows:
        severity = Severity.MEDIUM if p.nulls >= 0.3 * p.rows else Severity.LOW
        rows = _positions(column, lambda piece: pc.is_null(piece))
        yield _make(
            p,
            "nulls",
            f"`{p.name}` is null in {percent(p.nulls, p.rows)} of the rows.",
            severity,
            p.nulls,
            Dimension.COMPLETENESS,
            rows=frame.row_labels(rows),
            computation="nulls (None, NaN, NA, NaT) counted over all rows",
        )
    if p.blanks:
        rows = _positions(column, _blank)
        yield _make(
            p,
            "blank",
            f"`{p.name}` is {'empty' if p.kind == 'binary' else 'blank text'} in {plural(p.blanks, 'row')}.",
            Severity.MEDIUM,
            p.blanks,
            Dimension.COMPLETENESS,
            rows=frame.row_labels(rows),
            computation="text that is empty once spaces are removed",
        )


def _blank(piece: pa.Array) -> pa.Array:
    return pc.equal(
        pc.binary_length(piece) if pa.types.is_large_binary(piece.type) else pc.binary_length(pc.utf8_trim_whitespace(piece)), 0
    )


def _coded(frame: Frame, column: Column, p: ColumnProfile) -> Found:
    if not p.coded_missing:
        return
    listed = ", ".join(c.shown for c in p.coded[:4])
    rows = _positions(column, lambda piece: pc.is_in(piece, pa.array(sorted(SPELLINGS), pa.large_string()))) if p.kind == "string" else []
    yield _make(
        p,
        "coded_missing",
        f"`{p.name}` says missing with a value ({listed}) in {plural(p.coded_missing, 'row')}.",
        Severity.MEDIUM,
        p.coded_missing,
        Dimension.COMPLETENESS,
        rows=frame.row_labels(rows),
        actions=(f"Turn {listed} into null.",),
        computation="words and marks for missing; sentinel numbers and dates that recur far outside all other values",
    )


def _spaces(frame: Frame, column: Column, p: ColumnProfile) -> Found:
    if p.padded:
        rows = _positions(column, lambda piece: pc.match_substring_regex(piece, r"^\s+\S|\S\s+$"))
        yield _make(
            p,
            "padded",
            f"`{p.name}` begins or ends with spaces in {plural(p.padded, 'row')}.",
            Severity.LOW,
            p.padded,
            Dimension.VALIDITY,
            rows=frame.row_labels(rows),
            actions=("Trim the spaces.",),
            computation="text compared with itself trimmed",
        )


_PLURALS = {"money": "amounts of money"}


def _types(frame: Frame, column: Column, p: ColumnProfile) -> Found:
    if p.mixed:
        listed = ", ".join(f"{n:,} {t}" for t, n in list(p.mixed.items())[:4])
        odd = p.rows - p.nulls - max(p.mixed.values())
        yield _make(
            p,
            "mixed_types",
            f"`{p.name}` mixes types: {listed}.",
            Severity.MEDIUM,
            odd,
            Dimension.CONSISTENCY,
            computation="Python types of the cells counted",
        )
    elif p.logical_type.endswith(" in text"):
        kind = p.logical_type.removesuffix(" in text")
        yield _make(
            p,
            f"{kind}_in_text",
            f"`{p.name}` holds {_PLURALS.get(kind, kind + 's')}, but as text.",
            Severity.LOW,
            p.count,
            Dimension.VALIDITY,
            confidence=0.9,
            actions=(f"Convert to {'date' if 'date' in kind else 'number'}.",),
            computation="200 evenly spaced values matched against the form",
        )


def _shapes(frame: Frame, column: Column, p: ColumnProfile) -> Found:
    """Few rows of a fixed form look different."""
    if p.kind != "string" or p.logical_type in ("categorical", "free_text", "json") or len(p.shapes) < 2 or p.shapes_of < 20:
        return
    if p.logical_type.endswith(" in text"):
        return
    usual = [s for s in p.shapes if s.share >= _RARE]
    names = _usual_names(usual)
    alike = [s for s in p.shapes if s.text in names or s.pattern in names]
    listed = sum(s.count for s in p.shapes)
    if sum(s.count for s in alike) < _DOMINANT * p.shapes_of or len(usual) > 4 or (len(alike) == len(p.shapes) and listed == p.shapes_of):
        return
    regex = f"^(?:{'|'.join(shape_regex(n) for n in names)})$"
    rows, rare = _counted_positions(column, lambda piece: pc.invert(pc.match_substring_regex(piece, regex)))
    if not rare:
        return
    yield _make(
        p,
        "rare_shape",
        f"`{p.name}` looks like {' or '.join(names)}, but not in {plural(rare, 'row')}.",
        Severity.LOW,
        rare,
        Dimension.VALIDITY,
        rows=frame.row_labels(rows),
        confidence=0.8,
        computation="character patterns of all values counted",
    )


def _usual_names(usual: Sequence[ShapeShare]) -> list[str]:
    """The patterns that are usual; where two differ by lengths alone, lengths vary and only what is folded counts."""
    patterns = [s.pattern for s in usual]
    return list(dict.fromkeys(s.pattern if patterns.count(s.pattern) > 1 else s.text for s in usual))


def shape_regex(shape: str) -> str:
    """The regular expression of a shape, folded or with lengths.

    >>> shape_regex("A{2}9{8}"), shape_regex("a.a@a")
    ('[A-Z]{2}[0-9]{8}', '[a-z]+[.][a-z]+@[a-z]+')
    """
    import re

    fixed = "{" in shape
    out = []
    for part in re.findall(r"Aa|[Aa9](?:\{\d+\})?|.", shape, flags=re.DOTALL):
        out.append(
            _CLASSES[part[0]] + (part[1:] or ("" if fixed else "+"))
            if part[0] in _CLASSES and part != "Aa"
            else _WORD
            if part == "Aa" and not fixed
            else _literal(part)
        )
    return "".join(out)


_CLASSES = {"A": "[A-Z]", "a": "[a-z]", "9": "[0-9]"}
_WORD = "[A-Z][A-Za-z]*"


def _literal(text: str) -> str:
    return "".join(_CLASSES.get(c, f"[{c}]" if c in ".*+?()|$" else "\\" + c if c in "[]{}^\\" else c) for c in text)


def _numbers(frame: Frame, column: Column, p: ColumnProfile) -> Found:
    if p.infinite:
        rows = _positions(column, lambda piece: pc.is_inf(piece))
        yield _make(
            p,
            "infinite",
            f"`{p.name}` is infinite in {plural(p.infinite, 'row')}.",
            Severity.MEDIUM,
            p.infinite,
            Dimension.VALIDITY,
            rows=frame.row_labels(rows),
            computation="inf and -inf counted; left out of mean and quantiles",
        )
    if p.numeric and p.fences is not None and 0 < p.outliers <= 0.01 * p.rows and p.distinct > 20 and not p.identifier:
        low, high = p.fences
        rows = _positions(column, lambda piece: pc.or_(pc.less(_floats(piece), low), pc.greater(_floats(piece), high)))
        yield _make(
            p,
            "far_out",
            f"`{p.name}` lies far outside the rest in {plural(p.outliers, 'row')}.",
            Severity.LOW,
            p.outliers,
            Dimension.VALIDITY,
            rows=frame.row_labels(rows),
            confidence=0.7,
            computation="beyond three interquartile ranges from the quartiles",
        )


def _floats(piece: pa.Array) -> pa.Array:
    return piece.cast(pa.float64(), safe=False)


def _dates(frame: Frame, column: Column, p: ColumnProfile) -> Found:
    if p.dates is not None and p.dates.future:
        yield _make(
            p,
            "future",
            f"`{p.name}` lies in the future in {plural(p.dates.future, 'row')}.",
            Severity.MEDIUM,
            p.dates.future,
            Dimension.VALIDITY,
            computation="dates after the day of the run",
        )


def _identity(frame: Frame, column: Column, p: ColumnProfile) -> Found:
    repeats = p.count - p.distinct
    if p.identifier and repeats:
        yield _make(
            p,
            "nearly_unique",
            f"`{p.name}` names rows, but {plural(repeats, 'row')} {'repeats' if repeats == 1 else 'repeat'} an earlier value.",
            Severity.MEDIUM,
            repeats,
            Dimension.UNIQUENESS,
            rows=frame.row_labels(p.repeated),
            computation="non-null rows less distinct values",
        )


_LOOKS: tuple[Callable[[Frame, Column, ColumnProfile], Found], ...] = (
    _empty,
    _missing,
    _coded,
    _spaces,
    _types,
    _shapes,
    _numbers,
    _dates,
    _identity,
)


def table_findings(
    frame: Frame, dependencies: Sequence[Dependency], inclusions: Sequence[Inclusion], duplicates: Duplicates
) -> list[Finding]:
    """The findings about the table as a whole."""
    broken = [_broken(frame, d) for d in dependencies if d.violations]
    return [*_repeated(frame, duplicates), *broken, *(_orphans(i) for i in inclusions if i.orphans)]


def _repeated(frame: Frame, found: Duplicates) -> Found:
    if found.exact:
        yield finding(
            CAPABILITY,
            "duplicate_rows",
            (),
            f"{plural(found.exact, 'row')} {'repeats' if found.exact == 1 else 'repeat'} an earlier row exactly.",
            Severity.MEDIUM,
            count=found.exact,
            of=frame.rows,
            rows=found.rows,
            dimension=Dimension.UNIQUENESS.value,
            computation="rows equal in all columns, beyond the first of each",
            actions=("Drop the repeated rows.",),
        )
    if found.near:
        where = ", ".join(f"{name or 'case and spaces'}: {n:,}" for name, n in list(found.near_columns.items())[:4])
        yield finding(
            CAPABILITY,
            "near_duplicate_rows",
            (),
            f"{plural(found.near, 'row')} {'equals' if found.near == 1 else 'equal'} an earlier row in all columns but one ({where}).",
            Severity.LOW,
            count=found.near,
            of=frame.rows,
            rows=found.near_rows,
            dimension=Dimension.UNIQUENESS.value,
            confidence=0.8,
            computation="rows compared with each column left out in turn, letter case and spaces ignored",
        )


def _broken(frame: Frame, d: Dependency) -> Finding:
    return finding(
        CAPABILITY,
        "dependency",
        (*d.left, d.right),
        f"`{', '.join(d.left)}` determines `{d.right}`, but not in {plural(d.violations, 'row')}.",
        Severity.LOW,
        count=d.violations,
        of=d.of,
        rows=frame.row_labels(d.rows),
        dimension=Dimension.CONSISTENCY.value,
        confidence=round(1 - d.g3, 4),
        computation="rows that differ from the most frequent value of their group (g3), over groups of two and more",
    )


def _orphans(i: Inclusion) -> Finding:
    return finding(
        CAPABILITY,
        "orphans",
        (i.column,),
        f"`{i.column}` refers to `{i.ref}.{i.ref_column}`, but without a match there in {plural(i.orphans, 'row')}.",
        Severity.MEDIUM,
        key=f"{i.ref}.{i.ref_column}",
        count=i.orphans,
        of=i.of,
        rows=i.rows,
        dimension=Dimension.CONSISTENCY.value,
        confidence=round(i.share, 4),
        computation="distinct values looked up in the other table",
    )


def _positions(column: Column, test: Callable[[pa.Array], Any], limit: int = ROWS_KEPT) -> list[int]:
    """Positions of the first rows that pass a test (a null result does not)."""
    out: list[int] = []
    for found in _hits(column, test):
        out += found[: limit - len(out)].tolist()
        if len(out) >= limit:
            break
    return out


def _counted_positions(column: Column, test: Callable[[pa.Array], Any], limit: int = ROWS_KEPT) -> tuple[list[int], int]:
    """Positions of the first rows that pass a test, and how many do."""
    found = list(_hits(column, test))
    return [int(i) for part in found for i in part[:limit]][:limit], sum(map(len, found))


def _hits(column: Column, test: Callable[[pa.Array], Any]) -> Iterator[Array]:
    for start, piece in chunks(column.array):
        yield np.flatnonzero(pc.fill_null(test(piece), False).to_numpy(zero_copy_only=False)) + start
