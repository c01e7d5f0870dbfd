"""What a capability is given besides frame and options."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import Interrupted
from ._crew import Crew
from ._request import Passage

if TYPE_CHECKING:
    from ..frames import Frame


class Progress:
    """Says how far the work is and stops it when asked.

    Capabilities call :meth:`step` between pieces of at most some tens of milliseconds; it raises
    :class:`~edgp_magics.errors.Interrupted` once :meth:`cancel` was called. Safe across threads.
    """

    def __init__(self, report: Callable[[str, float | None], None] | None = None) -> None:
        self._report = report
        self._cancelled = threading.Event()
        self._on_cancel: list[Callable[[], None]] = []

    def step(self, label: str = "", done: float | None = None) -> None:
        """Report (``done`` in 0..1, or None when unknown), or raise when cancelled."""
        if self._cancelled.is_set():
            raise Interrupted("stopped.", hint="Nothing was changed.")
        if self._report is not None and label:
            self._report(label, done)

    def on_cancel(self, stop: Callable[[], None]) -> None:
        """Call ``stop`` (for example a connection's ``interrupt``) when the work is cancelled."""
        self._on_cancel.append(stop)

    def cancel(self) -> None:
        """Ask the work to stop."""
        self._cancelled.set()
        for stop in self._on_cancel:
            stop()

    @property
    def cancelled(self) -> bool:
        """Whether the work was asked to stop."""
        return self._cancelled.is_set()


@dataclass(frozen=True, kw_only=True)
class Context:
    """Values gathered for a capability by its agent: it fetches nothing itself.

    ``as_of`` is the date against which freshness and ages are computed; None where the caller gave none.
    ``frames`` are other datasets by name (references, the previous month). ``results`` are earlier results on
    the same dataset by capability value. ``stored`` are results by the name or file they were kept under. ``body`` is
    the text of the cell. ``crew`` does what comes in many independent pieces.
    """

    progress: Progress = field(default_factory=Progress)
    crew: Crew = field(default_factory=Crew)
    as_of: dt.date | None = None
    seed: int = 0
    body: str = ""
    frames: Mapping[str, Frame] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    results: Mapping[str, Any] = field(default_factory=dict)
    stored: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[Mapping[str, Any], ...] = ()
