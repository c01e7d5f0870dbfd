"""The names of checks, for completion."""

from __future__ import annotations

from ._dbt import TESTS
from ._gx import EXPECTATIONS
from ._soda import METRICS

CHECK_NAMES: tuple[str, ...] = tuple(sorted({*METRICS, *EXPECTATIONS, *TESTS}))
"""Check names that a cell body understands: Soda's metrics, Great Expectations' and dbt's."""
