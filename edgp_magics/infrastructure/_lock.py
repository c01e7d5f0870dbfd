"""A lock between processes, on a file."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import NotAvailable

_threads = threading.Lock()  # file locks are per process: threads of one process need their own
_WAIT = 10.0


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at ``path``; waits at most ten seconds for another process."""
    until = time.monotonic() + _WAIT
    with _threads, path.open("a+b") as file:
        while not _take(file.fileno()):
            if time.monotonic() > until:
                raise NotAvailable(f"{path.name} is held by another process.", hint="Close the other kernel, or try again.")
            time.sleep(0.005)
        try:
            yield
        finally:
            _give(file.fileno())


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _give(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _give(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
