"""The monitor, refreshed in place until it is stopped: a thin view over the page that the command shows once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ..display import to_html
from ..values import Document

_EVERY, _QUIET = 1.0, 120.0


class LiveMonitor:
    """A page that is made anew every second, on a thread of its own, so that it moves while a cell works.

    It stops by :meth:`stop`, by its button, or by itself when nothing was new for two minutes.
    """

    def __init__(self, page: Callable[[], Document], *, every: float = _EVERY, quiet: float = _QUIET) -> None:
        self._page, self._every, self._quiet = page, every, quiet
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._shown = ""
        self._widgets: dict[str, Any] = {}

    @property
    def running(self) -> bool:
        """Whether it is still refreshed."""
        return self._thread is not None and self._thread.is_alive()

    def refresh(self) -> bool:
        """Make the page anew; whether it is another than before."""
        made = to_html(self._page())
        fresh, self._shown = made != self._shown, made
        if fresh and self._widgets:
            self._widgets["page"].value = made
        return fresh

    def stop(self) -> None:
        """Refresh no more."""
        self._ended.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=self._every + 5)

    def widget(self) -> Any:
        """The page with its button; refreshing begins."""
        import ipywidgets as w

        button = w.Button(description="Stop", tooltip="refresh no more")
        button.on_click(lambda _: self.stop())
        self._widgets = {"page": w.HTML(self._shown), "stop": button, "status": w.HTML("Refreshed every second.")}
        self.refresh()
        self._thread = threading.Thread(target=self._run, name="edgp-monitor", daemon=True)
        self._thread.start()
        return w.VBox([self._widgets["page"], w.HBox([button, self._widgets["status"]])])

    def _run(self) -> None:
        news = time.monotonic()
        while not self._ended.wait(self._every):
            if self.refresh():
                news = time.monotonic()
            elif time.monotonic() - news > self._quiet:
                break
        self._widgets["status"].value = "Stopped."
        self._widgets["stop"].disabled = True

    def __repr__(self) -> str:
        return "Live monitor: .stop() ends it."
