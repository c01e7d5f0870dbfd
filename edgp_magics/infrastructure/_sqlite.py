"""Embedded database files: whether one is sound, and what to do when it is not."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path

from ._home import set_aside
from ._lock import locked

BUSY = 10.0
"""Seconds to wait for another process that writes."""


def write_ahead(connection: sqlite3.Connection) -> None:
    """Let several processes use a file at once, readers beside a writer.

    Who finds another just doing so is turned away by SQLite at once, however long it would wait for a writer, and asks again.
    """
    until = time.monotonic() + BUSY
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            if not getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous=NORMAL")


def mend(path: Path, what: str) -> str:
    """Move a damaged file aside, so that a new one can be begun; returns what to tell the user, or nothing.

    Only one process mends at a time, and the second one finds it done.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.with_suffix(".lock")):
        if is_sound(path):
            return ""
        kept = set_aside(path)
        for part in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + part).rename(kept.with_name(kept.name + part))
    return f"The {what} was damaged; it was moved to {kept.name} and a new one begun."


def is_sound(path: Path) -> bool:
    """Whether the file is absent, empty or a database that passes its own check."""
    if not path.is_file():
        return not path.exists()
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY)) as connection:
        try:
            return [line for (line,) in connection.execute("PRAGMA quick_check(1)")] == ["ok"]
        except sqlite3.OperationalError as error:
            if not is_damage(error):
                raise
            return False
        except sqlite3.DatabaseError:
            return False


def identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at ``path`` now: after another kernel moved a damaged one aside, another one does."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_dev, stat.st_ino


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is at fault, and not the moment (locked, full, not permitted)."""
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or (name == "SQLITE_ERROR" and "no such table" in str(error))
