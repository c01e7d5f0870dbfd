"""Every error a user of edgp_magics can meet.

::

    GovernanceError
    ├── UsageError             the cell text, an option or an argument is wrong
    │   ├── UnknownName        a verb, option, workflow, agent or setting that does not exist
    │   ├── BadOption          an option value of the wrong type or out of range
    │   └── BadCellBody        the body of a %%governance cell cannot be read
    ├── DataError              the data cannot be used as asked
    │   ├── DataNotFound       the expression or path names no data
    │   ├── UnsupportedData    not a frame, or of a kind that cannot be read
    │   ├── ColumnNotFound     no such column
    │   └── FrameChanged       the frame is not the one a plan or run was made for
    ├── PlanError              a plan, action or log that cannot be applied or undone
    ├── WorkflowError          a workflow, run or node that cannot go on
    ├── BusError               a message that cannot be delivered or answered
    ├── KnowledgeError         a document, index or encoder that cannot be used
    ├── NotAvailable           an optional part that is not installed or not configured
    └── Interrupted            the user stopped the work

An error says what went wrong and what to do next, in one line; ``--debug`` shows the traceback.

>>> print(ColumnNotFound("emial", of="customers", known=["id", "email"]))
no column `emial` in `customers`. Did you mean `email`? Columns: id, email
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "BadCellBody",
    "BadOption",
    "BusError",
    "ColumnNotFound",
    "DataError",
    "DataNotFound",
    "FrameChanged",
    "GovernanceError",
    "Interrupted",
    "KnowledgeError",
    "NotAvailable",
    "PlanError",
    "UnknownName",
    "UnsupportedData",
    "UsageError",
    "WorkflowError",
    "closest",
]

_LINE_LIMIT = 200


class GovernanceError(Exception):
    """Base of all errors: a message, the next move (``hint``) and the offending values."""

    debug: bool = False

    def __init__(self, message: str, *, hint: str = "", **values: object) -> None:
        self.message = message
        self.hint = hint
        self.values = values
        super().__init__(message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        return (_restore, (type(self), self.message, self.hint, self.values))

    def one_line(self) -> str:
        """The error as a notebook shows it: one line of at most 200 characters."""
        text = " ".join(f"{type(self).__name__}: {self}".split())
        return text if len(text) <= _LINE_LIMIT else text[: _LINE_LIMIT - 1] + "…"

    def _render_traceback_(self) -> list[str]:
        """IPython prints this in place of a traceback; the cell still fails."""
        if not self.debug:
            return [self.one_line()]
        import traceback

        return "".join(traceback.format_exception(self)).splitlines()


def _restore(kind: type[GovernanceError], message: str, hint: str, values: dict[str, object]) -> GovernanceError:
    error = kind.__new__(kind)
    GovernanceError.__init__(error, message, hint=hint, **values)
    return error


class UsageError(GovernanceError):
    """The cell text, an option or an argument is wrong."""


class UnknownName(UsageError):
    """A name that does not exist, with the nearest one that does."""

    def __init__(self, kind: str, name: str, *, known: Iterable[str], hint: str = "") -> None:
        names = sorted(known)
        super().__init__(f"no {kind} `{_short(name)}`.", hint=hint or _suggestion(name, names, "Known"), name=name, kind=kind)


class BadOption(UsageError):
    """An option value of the wrong type or out of range."""


class BadCellBody(UsageError):
    """The body of a cell cannot be read; ``line`` is the 1-based line of the body."""

    def __init__(self, message: str, *, line: int | None = None, hint: str = "") -> None:
        where = f"line {line} of the cell body: " if line else ""
        super().__init__(where + message, hint=hint, line=line)


class DataError(GovernanceError):
    """The data cannot be used as asked."""


class DataNotFound(DataError):
    """The expression or path names no data."""


class UnsupportedData(DataError):
    """Not a frame, or a frame that cannot be read."""


class ColumnNotFound(DataError):
    """No such column, with the nearest one."""

    def __init__(self, name: str, *, of: str, known: Iterable[str]) -> None:
        names = list(known)
        super().__init__(
            f"no column `{_short(name)}` in `{of}`.",
            hint=_suggestion(name, names, "Columns"),
            name=name,
            dataset=of,
        )


class FrameChanged(DataError):
    """The frame is not the one a plan or a run was made for."""


class PlanError(GovernanceError):
    """A plan, action or log that cannot be applied or undone."""


class WorkflowError(GovernanceError):
    """A workflow, run or node that cannot go on."""


class BusError(GovernanceError):
    """A message that cannot be delivered or answered."""


class KnowledgeError(GovernanceError):
    """A document, index or encoder that cannot be used."""


class NotAvailable(GovernanceError):
    """An optional part that is not installed or not configured."""


class Interrupted(GovernanceError):
    """The user stopped the work; nothing was changed."""


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name nearest to ``name``, or None when none is near.

    >>> closest("assses", ["assess", "scan"])
    'assess'
    """
    import difflib

    folded = {k.casefold(): k for k in known}
    match = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[match[0]] if match else None


def _suggestion(name: str, known: list[str], label: str) -> str:
    near = closest(name, known)
    listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    listing = f"{label}: {listed}" if known else f"{label}: none"
    return f"Did you mean `{near}`? {listing}" if near else listing


def _short(text: str, limit: int = 40) -> str:
    flat = " ".join(str(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
