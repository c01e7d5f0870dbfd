"""The folder that outlives a kernel: state, history, audit, caches."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ..errors import NotAvailable


def home() -> Path:
    """The user data folder: ``EDGP_HOME``, or the platform's; made when it is first asked for.

    >>> import os, tempfile
    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, EDGP_HOME=folder):
    ...     home() == Path(folder).resolve()
    True
    """
    folder = _place()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error.strerror or str(error)) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unusable(folder, "it is not writable")
    return folder


def _place() -> Path:
    given = os.environ.get("EDGP_HOME", "").strip()
    if given:
        with contextlib.suppress(RuntimeError):  # `~somebody` without a home folder is taken literally
            return Path(given).expanduser().resolve()
        return Path(given).resolve()
    from platformdirs import user_data_path

    return user_data_path("edgp_magics", appauthor=False)


def _unusable(folder: Path, why: str) -> NotAvailable:
    return NotAvailable(
        f"the user data folder {folder} cannot be used: {why}.", hint="Set EDGP_HOME to a folder you may write to.", path=str(folder)
    )


def set_aside(path: Path) -> Path:
    """Move a damaged file out of the way and return where it went; nothing is ever deleted."""
    number = 1
    while (target := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(target)
    return target
