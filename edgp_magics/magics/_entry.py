"""What ``%load_ext edgp_magics`` registers: a name, a completer and settings. Everything else waits for first use."""

from __future__ import annotations

import importlib
import threading
from typing import Any

NAME = "governance"
_POLL = 0.05


class Governance:
    """The magic as a callable, so that its help is made from the command table when somebody asks for it."""

    _ipython_magic_no_var_expand = True  # braces and dollars in a cell are the user's
    _ipython_magic_output_can_be_silenced = True
    needs_local_scope = True

    def __init__(self, shell: Any, *, cell: bool) -> None:
        self._shell = shell
        self._cell = cell
        self.__name__ = NAME

    def __call__(self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> Any:
        from ._progress import ticker_for

        ticker = ticker_for(self._shell, line, local_ns or {})  # before anything heavy is imported
        try:
            _import_apart("._run")
            from ._run import run

            return run(self._shell, line, cell, local_ns, ticker)
        except KeyboardInterrupt:
            from ..errors import Interrupted

            raise Interrupted("stopped.", hint="Nothing was changed; the next cell can run.") from None
        finally:
            ticker.close()

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        from ._help import help_text

        return help_text()


def _import_apart(module: str) -> None:
    """Import on a thread of its own: an interrupt returns at once, and no module is left half made."""
    worker = threading.Thread(target=_import_quietly, args=(module,), name="edgp-import", daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(_POLL)


def _import_quietly(module: str) -> None:
    try:
        importlib.import_module(module, __package__)
    except ImportError:
        return  # raised again where the name is imported


class CompletionMatcher:
    """Completes inside ``%governance`` lines and ``%%governance`` cells; elsewhere it offers nothing."""

    matcher_api_version = 2
    matcher_priority = 100
    matcher_identifier = "edgp_magics.governance"

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.__qualname__ = type(self).__qualname__  # IPython reads it of a matcher as of a function

    def __call__(self, context: Any) -> dict[str, Any]:
        if NAME not in context.full_text:
            return {"completions": []}
        from ._complete import complete

        return complete(self._shell, context)


def load(shell: Any) -> None:
    """Register the magic, the completer and ``%config EdgpMagics``."""
    if NAME in shell.magics_manager.magics["line"]:
        return
    from ._settings import install

    shell.register_magic_function(Governance(shell, cell=False), "line", NAME)
    shell.register_magic_function(Governance(shell, cell=True), "cell", NAME)
    if shell.Completer is not None:
        shell.Completer.custom_matchers.append(CompletionMatcher(shell))
    install(shell)


def unload(shell: Any) -> None:
    """Take back all that :func:`load` and later use put in place."""
    import sys

    from ._settings import remove

    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(NAME, None)
    if shell.Completer is not None:
        shell.Completer.custom_matchers[:] = [m for m in shell.Completer.custom_matchers if not isinstance(m, CompletionMatcher)]
    remove(shell)
    if "edgp_magics.magics._run" in sys.modules:
        from ._run import forget

        forget(shell)
