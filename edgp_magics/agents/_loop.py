"""One daemon thread with one event loop, so that async work runs inside kernels, terminals and tests alike."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ..errors import Interrupted
from ..values import Progress

T = TypeVar("T")
_POLL = 0.05


class Loop:
    """An event loop on its own thread, started on first use."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self) -> asyncio.AbstractEventLoop:
        """The running loop."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="edgp-loop", daemon=True)
                self._thread.start()
            return self._loop

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Run a coroutine on the loop."""
        return asyncio.run_coroutine_threadsafe(work, self.start())

    def wait(
        self,
        work: Coroutine[Any, Any, T],
        progress: Progress,
        events: queue.SimpleQueue[Any] | None = None,
        show: Callable[[Any], None] | None = None,
    ) -> T:
        """Run a coroutine and wait; an interrupt cancels it and returns at once. ``show`` gets events on this thread."""
        future = self.submit(work)
        try:
            while True:
                try:
                    return future.result(timeout=_POLL)
                except concurrent.futures.TimeoutError:
                    if future.done():
                        raise
                    _drain(events, show)
        except KeyboardInterrupt:
            progress.cancel()
            future.cancel()
            raise Interrupted("stopped.", hint="Nothing was changed; the next cell can run.") from None
        finally:
            _drain(events, show)

    def stop(self) -> None:
        """End the thread; pending work is cancelled."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(timeout=5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        loop.close()


async def _cancel_all() -> None:
    tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _drain(events: queue.SimpleQueue[Any] | None, show: Callable[[Any], None] | None) -> None:
    while events is not None and show is not None:
        try:
            event = events.get_nowait()
        except queue.Empty:
            return
        show(event)
