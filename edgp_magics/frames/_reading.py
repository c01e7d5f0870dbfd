"""The border to the libraries behind a table: whatever they raise becomes one line."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator

from ..errors import GovernanceError, UnsupportedData

_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|‘[^’\n]*’")
_NAMING = ("ColumnNotFoundError", "SchemaFieldNotFoundError", "DuplicateError", "BinderException", "CatalogException", "ParserException")
_LIMIT = 110


@contextlib.contextmanager
def reading(what: str) -> Iterator[None]:
    """Inside, any error of an engine is raised as :class:`UnsupportedData` that says what could not be read and why.

    >>> with reading("`t`"):
    ...     int("4111 1111")
    Traceback (most recent call last):
    ...
    edgp_magics.errors.UnsupportedData: cannot read `t`: ValueError: invalid literal for int() with base 10: '…'. ...
    """
    try:
        yield
    except GovernanceError:
        raise
    except BaseException as error:  # five engines have no common error, and polars panics outside of Exception
        if not isinstance(error, (Exception, _panic())):
            raise
        raise UnsupportedData(
            f"cannot read {what}: {reason_of(error)}.", hint="Compute or convert it in a cell of its own first.", kind=type(error).__name__
        ) from error


def reason_of(error: BaseException) -> str:
    """The kind of an error and its first line; what it quotes may be a cell's value, and is left out unless it is a name."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    text = first if type(error).__name__ in _NAMING else _QUOTED.sub("'…'", first)
    text = text if len(text) <= _LIMIT else text[: _LIMIT - 1] + "…"
    return f"{type(error).__name__}: {text}".rstrip(":. ")


def _panic() -> type[BaseException]:
    """What polars raises where it meets what it has no room for."""
    polars = sys.modules.get("polars")
    found: type[BaseException] = polars.exceptions.PanicException if polars is not None else Exception
    return found
