"""Regular expressions that every engine reads alike, and what is wrong with those that cannot be read."""

from __future__ import annotations

import polars as pl

from ...errors import DataError


def check_pattern(pattern: str) -> None:
    """Raise where a regular expression is wrong, and say where.

    >>> check_pattern("^[a-z")
    Traceback (most recent call last):
    ...
    edgp_magics.capabilities.checks._pattern.BadPattern: the pattern is wrong at character 2: `^` >>> `[a-z` (unclosed character class). \
Lookaround and back references cannot be used.
    """
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        raise BadPattern(pattern, str(error)) from None


class BadPattern(DataError):
    """A regular expression that cannot be read."""

    def __init__(self, pattern: str, said: str) -> None:
        lines = said.splitlines()
        caret = next((line.index("^") - 4 for line in lines if line.strip() and not line.strip("^ ")), None)
        why = next((line.split("error:", 1)[1].strip() for line in lines if line.startswith("error:")), "not a regular expression")
        where = f" at character {caret + 1}: `{pattern[:caret]}` >>> `{pattern[caret:]}`" if caret is not None and caret >= 0 else ""
        super().__init__(f"the pattern is wrong{where} ({why}).", hint="Lookaround and back references cannot be used.", pattern=pattern)
