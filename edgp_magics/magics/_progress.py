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

    def show(self, line: str, picture: str) -> None:
        """Show a line at once, or in a kernel the picture (SVG of ours) that says the same."""
        if self._handle is not None:
            self._handle.update(_Line(f"{self._title} · {line}", picture))
        else:
            self((line, None), always=True)

    def close(self) -> None:
        """Back to the title (kernel), or a clear line (terminal)."""
        if self._handle is not None:
            self._handle.update(_Line(self._title))
        elif self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def ticker_for(shell: Any, line: str, local: Mapping[str, Any]) -> Ticker:
    """The progress line of a magic call: for workflows, documents that are added, and large tables, by the words of the line alone."""
    from ._settings import settings_of

    words = line.split()
    if settings_of(shell)["progress"] == "off":
        return Ticker(shell, "", shown=False)
    named = (shell.user_ns.get(w, local.get(w)) for w in words[1:])
    long = words[:1] == ["workflow"] or words[:2] == ["knowledge", "add"]
    return Ticker(shell, line.strip(), shown=long or any(is_large(v) for v in named))


def is_large(data: Any) -> bool:
    """Whether work on this data may take over a second; decided by its shape alone."""
    shape = getattr(data, "shape", None)
    return isinstance(shape, tuple) and len(shape) == 2 and shape[0] * shape[1] >= _LARGE


class _Line:
    def __init__(self, text: str, picture: str = "") -> None:
        self._text, self._picture = text, picture

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from html import escape

        shown = self._picture or escape(self._text)
        return {"text/plain": self._text, "text/html": f'<div style="opacity:.8;font-size:12px">{shown}</div>'}


class StepPicture:
    """The graph of a workflow as it runs: each step with its state, time and findings; in a terminal one line.

    The picture stands in the place of the progress line and goes when the run ends or stops: what stays is the result's own.
    """

    _SIGNS: ClassVar[dict[str, str]] = {"running": "…", "done": "✓", "failed": "✗", "waiting": "✎"}

    def __init__(self, ticker: Ticker, layout: Any = None, finished: tuple[str, ...] = ()) -> None:
        self._ticker, self._layout = ticker, layout
        names = [n for layer in layout.layers for n in layer if not n.startswith("__")] if layout is not None else finished
        self._states = {name: "done" if name in finished else "" for name in names}
        self._notes: dict[str, str] = {}

    def __call__(self, event: Any) -> None:
        """Show a step's new state."""
        if event.status not in self._SIGNS:
            return
        self._states[event.step] = event.status
        took = [f"{event.seconds:.1f} s"] if event.seconds else []
        found = [f"{event.findings} found"] if event.findings else []
        self._notes[event.step] = ", ".join([*took, *found])
        line = " → ".join(self._word(name, state) for name, state in self._states.items())
        self._ticker.show(line, self._drawn())

    def _word(self, name: str, state: str) -> str:
        note = self._notes.get(name, "")
        return f"{self._SIGNS.get(state, '·')} {name}" + (f" ({note})" if note else "")

    def _drawn(self) -> str:
        if self._layout is None:
            return ""
        from ..workflows import picture_of

        return picture_of(self._layout, self._states, self._notes)
