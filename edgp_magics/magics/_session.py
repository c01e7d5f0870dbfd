"""What the magic remembers in one shell: results, plans, logs."""

from __future__ import annotations

import contextlib
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from ..agents import Runtime, reset, runtime
from ..errors import UnknownName, closest
from ..values import ChangeLog, Explanation, Plan, Result
from ._progress import Ticker
from ._settings import settings_of

_KEPT = 200


class Session:
    """The state of ``%governance`` in a shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.results: deque[Result] = deque(maxlen=_KEPT)
        self.logs: deque[tuple[ChangeLog, Any]] = deque(maxlen=20)
        self.ticker = Ticker(shell, "", shown=False)
        self._local: Mapping[str, Any] = {}

    @property
    def runtime(self) -> Runtime:
        """The kernel's runtime under the settings in force."""
        current = runtime()
        current.settings = settings_of(self.shell)
        return current

    @property
    def namespace(self) -> dict[str, Any]:
        """The names a cell can use."""
        return {**self.shell.user_ns, **self._local}

    @contextlib.contextmanager
    def local(self, names: Mapping[str, Any], ticker: Ticker) -> Iterator[None]:
        """One call: local names of the calling function can be used, and progress goes to ``ticker``."""
        before = self._local, self.ticker
        self._local, self.ticker = names, ticker
        try:
            yield
        finally:
            self._local, self.ticker = before

    def remember(self, result: Result) -> Result:
        """Keep a result so that ``why`` finds it."""
        self.results.append(result)
        return result

    def explain(self, finding_id: str) -> Explanation:
        """The explanation of a finding of this session (or a clause, or a column of its result), the latest result first.

        What was run from Python (``edgp_magics.run``) comes after what the magic ran.
        """
        results = (*reversed(self.results), *self.runtime.newest_results())
        for result in results:
            with contextlib.suppress(UnknownName):
                return result.explain(finding_id)
        known = list(dict.fromkeys(f.id for r in results for f in r.findings))
        near = closest(finding_id, known) if known else None
        hint = f"Did you mean `{near}`? " if near else "" if results else "Nothing was run here yet. "
        raise UnknownName(
            "finding",
            finding_id,
            known=known,
            hint=f"{hint}Give the id at the end of a finding's row, or a clause or column of what was run.",
        )

    def plan_of(self, value: Any, name: str) -> Plan:
        """The plan in a value: itself, a result's, or a stored file's."""
        found = value if isinstance(value, Plan) else getattr(value, "plan", None)
        if not isinstance(found, Plan):
            raise UnknownName(
                "plan",
                name,
                known=[n for n, v in self.shell.user_ns.items() if isinstance(v, Plan) or isinstance(getattr(v, "plan", None), Plan)],
            )
        return found


_sessions: weakref.WeakKeyDictionary[Any, Session] = weakref.WeakKeyDictionary()


def session_of(shell: Any) -> Session:
    """The session of a shell; made on first use."""
    if shell not in _sessions:
        _sessions[shell] = Session(shell)
    return _sessions[shell]


def forget(shell: Any) -> None:
    """Drop the session of a shell and stop the runtime."""
    _sessions.pop(shell, None)
    reset()
