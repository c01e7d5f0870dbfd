"""SQL conditions over columns: ``status = 'closed' AND balance > 0``."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import polars as pl

from ...errors import UsageError

_DATE = re.compile(r"(?<!\w )'([0-9]{4}-[0-9]{2}-[0-9]{2})'")
_MOMENT = re.compile(r"'([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)'")


@dataclass(frozen=True)
class Condition:
    """A condition: its text, as an expression, and the same with text like ``'2026-01-31'`` read as dates."""

    text: str
    expression: pl.Expr
    dated: pl.Expr | None
    columns: tuple[str, ...]


@functools.lru_cache(maxsize=512)
def read_condition(text: str) -> Condition:
    """An SQL condition; names with blanks or capitals that matter stand in double quotes.

    >>> read_condition("status = 'closed' AND balance > 0").columns
    ('status', 'balance')
    """
    expression = _parse(text)
    dated = _MOMENT.sub(r"TIMESTAMP '\1 \2'", text)
    dated = _DATE.sub(r"DATE '\1'", dated)
    columns = tuple(dict.fromkeys(expression.meta.root_names()))
    return Condition(text, expression, _parse(dated) if dated != text else None, columns)


def _parse(text: str) -> pl.Expr:
    python = re.sub(r"(?<![<>!=])==(?!=)", "=", text)
    try:
        return pl.sql_expr(python)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0][:100]
        raise UsageError(
            f"`{text[:60]}` is not a condition ({reason}).", hint="Write it as SQL: status = 'closed' AND balance > 0."
        ) from None
