"""What a profile is made of: frozen values, safe to save (raw cell values stay in memory)."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from ...values import RAW, mask, plain, restore, spark

SHOWN_ROWS = 5
SHOWN_SHARE = 0.001
"""A cell value is shown when at least this many rows and this share of them hold it, and the column is not personal."""


@dataclass(frozen=True, kw_only=True)
class TopValue:
    """A value and how often it occurs; ``shown`` is what may be displayed of it."""

    value: Any = field(default=None, metadata=RAW)
    shown: str
    count: int
    share: float


@dataclass(frozen=True, kw_only=True)
class Coded:
    """A value that stands for "missing" (``N/A``, ``-``, ``999``)."""

    shown: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """Lengths of text in characters; ``counts`` holds rows by length, above 128 by range of lengths (named by its first)."""

    min: int
    max: int
    mean: float
    counts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ShapeShare:
    """A character pattern: ``pattern`` with runs folded (``A9``), ``detail`` with lengths (``A{2}9{8}``).

    ``detail`` is empty where lengths vary so much that patterns are told apart by their folded form alone.
    """

    pattern: str
    detail: str
    count: int
    share: float

    @property
    def text(self) -> str:
        """The pattern as it is shown."""
        return self.detail or self.pattern


@dataclass(frozen=True, kw_only=True)
class DateFacts:
    """The range of a date column and what is missing in it, in days."""

    span_days: float
    distinct_days: int
    missing_days: int
    longest_gap_days: float
    gap_after: str
    midnight_share: float
    future: int | None = None


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Counts in bins of equal width; the first and last bin hold the tails, too."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


class Quantiles(dict[str, float]):
    """Quantiles by name (``"5%"``); a number finds its name.

    >>> Quantiles({"50%": 7.0})[0.5]
    7.0
    """

    def __missing__(self, key: object) -> float:
        if isinstance(key, (int, float)):
            return self[f"{100 * key:g}%"]
        raise KeyError(key)


@dataclass(frozen=True, kw_only=True)
class ColumnProfile(Mapping[str, Any]):
    """What is in one column; attributes and dict keys alike.

    ``min``, ``max`` and the values of ``top`` are raw in memory; :meth:`to_dict` of the result masks them unless
    they are figures of a column that is not personal, or values that recur.
    """

    name: str
    position: int
    kind: str
    dtype: str
    logical_type: str
    rows: int
    nulls: int
    distinct: int
    distinct_how: str = "exact"
    semantic_type: str | None = None
    semantic_share: float = 0.0
    personal: bool = False
    identifier: bool = False
    blanks: int = 0
    padded: int = 0
    coded_missing: int = 0
    coded: tuple[Coded, ...] = ()
    singletons: int = 0
    repeated: tuple[int, ...] = ()
    min: Any = field(default=None, metadata=RAW)
    max: Any = field(default=None, metadata=RAW)
    mean: Any = None
    std: float | None = None
    quantiles: Mapping[str, Any] = field(default_factory=dict)
    skew: float | None = None
    zeros: int = 0
    negatives: int = 0
    infinite: int = 0
    outliers: int = 0
    fences: tuple[float, float] | None = None
    top: tuple[TopValue, ...] = ()
    lengths: Lengths | None = None
    shapes: tuple[ShapeShare, ...] = ()
    shapes_of: int = 0
    shapes_unread: int = 0
    dates: DateFacts | None = None
    histogram: Histogram | None = None
    grid: tuple[float, ...] = ()
    sketch: Any = field(default=None, metadata=RAW)
    again: Any = field(default=None, metadata=RAW)
    categories: Mapping[str, int] = field(default_factory=dict)
    buckets: tuple[int, ...] = ()
    mixed: Mapping[str, int] = field(default_factory=dict)

    # -- as a mapping ----------------------------------------------------------------------------------------
    def __getitem__(self, key: str) -> Any:
        if key not in _NAMES:
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)

    def __hash__(self) -> int:
        return hash((self.name, self.position, self.rows, self.nulls, self.distinct))

    # -- derived ---------------------------------------------------------------------------------------------
    @property
    def count(self) -> int:
        """Cells that are not null."""
        return self.rows - self.nulls

    @property
    def missing(self) -> int:
        """Null, blank or coded missing."""
        return self.nulls + self.blanks + self.coded_missing

    @property
    def missing_share(self) -> float:
        """``missing`` over all rows, 0..1."""
        return self.missing / self.rows if self.rows else 0.0

    @property
    def unique(self) -> bool:
        """Whether no value occurs twice (nulls aside)."""
        return self.count > 0 and self.distinct == self.count

    @property
    def numeric(self) -> bool:
        """Whether the column holds numbers."""
        return self.kind in ("integer", "float", "decimal")

    @property
    def temporal(self) -> bool:
        """Whether the column holds dates, times or durations."""
        return self.kind in ("date", "datetime", "time", "duration")

    @property
    def spark(self) -> str:
        """The histogram in characters: of values, of lengths for text, of the top values for categories."""
        if self.histogram is not None:
            return spark(self.histogram.counts)
        if self.top and self.logical_type in ("categorical", "boolean"):
            return spark([t.count for t in self.top])
        if self.lengths is not None and len(self.lengths.counts) > 1:
            found = dict(self.lengths.counts)
            low, high = min(found), max(found)
            return spark([found.get(n, 0) for n in range(low, high + 1)]) if high - low < 24 else ""
        return ""

    def shown(self, value: Any) -> Any:
        """``min`` or ``max`` as it may leave the kernel."""
        if value is None or (not self.personal and (self.numeric or self.temporal or self.kind == "boolean")):
            return value
        return mask(value)

    # -- as plain data ---------------------------------------------------------------------------------------
    def __plain__(self) -> dict[str, Any]:
        out = {f.name: plain(getattr(self, f.name)) for f in fields(self) if not f.metadata.get("raw")}
        out |= {"min": plain(self.shown(self.min)), "max": plain(self.shown(self.max))}
        if self.personal and self.histogram is not None:
            out["histogram"]["edges"] = []  # the ends are somebody's values
        if self.personal and self.dates is not None:
            out["dates"]["gap_after"] = ""  # so is the day before a gap
        return out

    @classmethod
    def __restore__(cls, data: Mapping[str, Any]) -> Self:
        hints = typing.get_type_hints(cls)
        return cls(**{name: restore(hints[name], value) for name, value in data.items() if name in hints})


_NAMES: tuple[str, ...] = tuple(f.name for f in fields(ColumnProfile))


@dataclass(frozen=True, kw_only=True)
class Key:
    """Columns whose values identify a row. ``chance`` is the number of collisions expected if the columns were
    independent: uniqueness means something when it is large.
    """

    columns: tuple[str, ...]
    duplicates: int
    nulls: int
    chance: float | None = None

    @property
    def exact(self) -> bool:
        """No duplicate, no null."""
        return not self.duplicates and not self.nulls


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """``left`` determines ``right`` but for ``violations`` rows; ``g3`` = violations / rows where both are given."""

    left: tuple[str, ...]
    right: str
    g3: float
    violations: int
    of: int
    groups: int
    rows: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inclusion:
    """Values of ``column`` occur in ``ref_column`` of the table ``ref`` but for ``orphans`` rows."""

    column: str
    ref: str
    ref_column: str
    share: float
    orphans: int
    of: int
    coverage: float
    ref_unique: bool
    rows: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Association:
    """How strongly two columns go together, 0..1 (Spearman keeps its sign), and by which measure."""

    a: str
    b: str
    value: float
    measure: str
    of: int


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """Rows that repeat an earlier row: exactly, or in all columns but one (letter case and spaces ignored)."""

    exact: int = 0
    groups: int = 0
    near: int | None = None
    rows: tuple[Any, ...] = ()
    near_rows: tuple[Any, ...] = ()
    near_columns: Mapping[str, int] = field(default_factory=dict)


def visible(value: Any, count: int, rows: int, *, personal: bool) -> str:
    """``value`` as it may be shown: as it is where it recurs and is not personal, else masked."""
    if personal or count < SHOWN_ROWS or count < SHOWN_SHARE * rows:
        return mask(value)
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"
