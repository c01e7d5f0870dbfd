"""SQL conditions over columns: ``status = 'closed' AND balance > 0``."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import polars as pl

from ...errors import UsageError

_DATE = re.compile(r"(?<!\w )'([0-9]{4}-[0-9]{2}-[0-9]{2})'")
_BARE = re.compile(r"'[^']*'|\"[^\"]*\"|(?<![\w-])([0-9]{4}-[0-9]{2}-[0-9]{2})(?![\w-])")
_NAME = r"(?:\"([^\"]+)\"|(?<![\w'])([A-Za-z_]\w*))"
_OPERATOR = r"(?:<=|>=|<>|!=|==|=|<|>)"
_DAY_LITERAL = r"'[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:]+)?'"
_NUMBER_LITERAL = r"[-+]?[0-9]+(?:\.[0-9]+)?(?![\w.'])"
_MOMENT = re.compile(r"'([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)'")


@dataclass(frozen=True)
class Condition:
    """A condition: its text, as an expression, and the same with text like ``'2026-01-31'`` read as dates.

    ``dates`` and ``numbers`` are the columns held against a literal of that kind.
    """

    text: str
    expression: pl.Expr
    dated: pl.Expr | None
    columns: tuple[str, ...]
    dates: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@functools.lru_cache(maxsize=512)
def read_condition(text: str) -> Condition:
    """An SQL condition; names with blanks or capitals that matter stand in double quotes.

    >>> read_condition("status = 'closed' AND balance > 0").columns
    ('status', 'balance')
    """
    quoted = _BARE.sub(lambda m: f"'{m[1]}'" if m[1] else m[0], text)
    expression = _parse(quoted)
    dated = _MOMENT.sub(r"TIMESTAMP '\1 \2'", quoted)
    dated = _DATE.sub(r"DATE '\1'", dated)
    columns = tuple(dict.fromkeys(expression.meta.root_names()))
    dates, numbers = (_held_against(quoted, literal, columns) for literal in (_DAY_LITERAL, _NUMBER_LITERAL))
    return Condition(text, expression, _parse(dated) if dated != quoted else None, columns, dates, numbers)


def _held_against(text: str, literal: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that stand next to a literal of a kind in a comparison."""
    after = rf"{_NAME}\s*(?:{_OPERATOR}|(?i:(?:not\s+)?between)\s)\s*{literal}"
    before = rf"(?<![\w.]){literal}\s*{_OPERATOR}\s*{_NAME}(?!\s*\()"
    found = {a or b for pattern in (after, before) for a, b in re.findall(pattern, text)}
    return tuple(c for c in columns if c in found)


def _parse(text: str) -> pl.Expr:
    python = re.sub(r"(?<![<>!=])==(?!=)", "=", text)
    try:
        return pl.sql_expr(python)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0][:100]
        raise UsageError(
            f"`{text[:60]}` is not a condition ({reason}).", hint="Write it as SQL: status = 'closed' AND balance > 0."
        ) from None
