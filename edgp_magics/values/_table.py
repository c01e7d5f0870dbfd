"""A small column table that lives in results: pandas for people, Arrow underneath, plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._plain import plain

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class Table:
    """Named columns of equal length, immutable.

    >>> t = Table({"row": [0, 3], "rule": ["unique", "unique"]})
    >>> len(t), t.names, t.rows(1)
    (2, ('row', 'rule'), [{'row': 0, 'rule': 'unique'}])
    """

    __slots__ = ("_arrow",)

    def __init__(self, columns: Mapping[str, Sequence[Any]] | pa.Table) -> None:
        import pyarrow as pa

        self._arrow: pa.Table = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))

    @property
    def arrow(self) -> pa.Table:
        """The table as ``pyarrow.Table``."""
        return self._arrow

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(self._arrow.column_names)

    def __len__(self) -> int:
        return int(self._arrow.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in self._arrow.to_batches(max_chunksize=10_000):
            yield from batch.to_pylist()

    def __getitem__(self, name: str) -> list[Any]:
        return list(self._arrow.column(name).to_pylist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self._arrow.equals(other._arrow)

    __hash__ = None  # type: ignore[assignment]  # a table compares by content

    def __repr__(self) -> str:
        return f"Table({len(self):,} x {len(self.names)}: {', '.join(self.names)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Table, (self._arrow,))

    def rows(self, limit: int | None = None) -> list[dict[str, Any]]:
        """The first ``limit`` rows as dicts."""
        return list(self._arrow.slice(0, limit).to_pylist())

    def to_frame(self) -> pd.DataFrame:
        """The table as a pandas frame."""
        frame: pd.DataFrame = self._arrow.to_pandas()
        return frame

    def __plain__(self) -> dict[str, Any]:
        return {name: plain(self._arrow.column(name).to_pylist()) for name in self.names}

    @classmethod
    def __restore__(cls, data: Mapping[str, Sequence[Any]]) -> Table:
        return cls(data)
