"""The versions that a result depends on."""

from __future__ import annotations

import functools
import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("edgp_magics", "pandas", "polars", "pyarrow", "duckdb")


@functools.cache
def versions() -> dict[str, str]:
    """Versions of this package, Python and the frame libraries."""
    out = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            out[package] = version(package)
        except PackageNotFoundError:
            continue  # run from a source tree, or a library that is not there
    return out
