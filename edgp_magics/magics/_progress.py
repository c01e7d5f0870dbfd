"""A progress line for work that takes long, in kernels and terminals."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any, ClassVar

_LARGE = 1_000_000
_EVERY = 0.2


class Ticker:
    """Shows ``title`` at once, the stage while work goes on, and ``title`` again at the end.

    First and last text are equal, so that a saved notebook is the same however long the work took; whether a line
    is shown depends on the size of the data alone.
    """

    def __init__(self, shell: Any, title: str, *, shown: bool) -> None:
        self._title = title
        self._last = 0.0
        self._handle: Any = None
        self._terminal = shown and not hasattr(shell, "kernel") and sys.stderr.isatty()
        if shown and hasattr(shell, "kernel"):
            from IPython.core.display_functions import display

            self._handle = display(_Line(title), display_id=True)

    def __call__(self, event: tuple[str, float | None], *, always: bool = False) -> None:
        """Show a stage, at most five times a second."""
        label, done = event
        now = time.monotonic()
        if now - self._last < _EVERY and not always:
            return
        self._last = now
        text = label if done is None else f"{label} {done:.0%}"
        if self._handle is not None:
            self._handle.update(_Line(f"{self._title} · {text}"))
        elif self._terminal:
            sys.stderr.write(f"\r\x1b[K{self._title} · {text[:60]}")
            sys.stderr.flush()

    def close(self) -> None:
        """Back to the title (kernel), or a clear line (terminal)."""
        if self._handle is not None:
            self._handle.update(_Line(self._title))
        elif self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def ticker_for(shell: Any, line: str, local: Mapping[str, Any]) -> Ticker:
    """The progress line of a magic call: shown for workflows and for large tables, by the words of the line alone."""
    from ._settings import settings_of

    words = line.split()
    if settings_of(shell)["progress"] == "off":
        return Ticker(shell, "", shown=False)
    named = (shell.user_ns.get(w, local.get(w)) for w in words[1:])
    return Ticker(shell, line.strip(), shown=words[:1] == ["workflow"] or any(is_large(v) for v in named))


def is_large(data: Any) -> bool:
    """Whether work on this data may take over a second; decided by its shape alone."""
    shape = getattr(data, "shape", None)
    return isinstance(shape, tuple) and len(shape) == 2 and shape[0] * shape[1] >= _LARGE


class _Line:
    def __init__(self, text: str) -> None:
        self._text = text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from html import escape

        return {"text/plain": self._text, "text/html": f'<div style="opacity:.8;font-size:12px">{escape(self._text)}</div>'}


class StepList:
    """The steps of a workflow in one line, each with its state."""

    _SIGNS: ClassVar[dict[str, str]] = {"running": "…", "done": "✓", "failed": "✗", "waiting": "✎"}

    def __init__(self, ticker: Ticker, steps: tuple[str, ...]) -> None:
        self._ticker = ticker
        self._states = dict.fromkeys(steps, "")
        self._seconds: dict[str, str] = {}

    def __call__(self, event: Any) -> None:
        if event.status in self._SIGNS:
            self._states[event.step] = event.status
            if event.seconds:
                self._seconds[event.step] = f" {event.seconds:.1f} s"
            line = " → ".join(f"{self._SIGNS.get(state, '·')} {step}{self._seconds.get(step, '')}" for step, state in self._states.items())
            self._ticker((line, None), always=True)
