"""What is kept about runs: metrics, history, the audit log, traces. Never cell values; never a reason for a run to fail."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import GovernanceError, Interrupted
from ..infrastructure import Settings, home
from ..values import AgentCapability, ChangeLog, DatasetRef, Result

if TYPE_CHECKING:
    from ..infrastructure import AgentMetrics, AuditLog, History, PastRun, Tracer
    from ..infrastructure._audit import Event


class Recorder:
    """Writes what happened to the user data folder, as far as the settings ask for it.

    A folder that cannot be written does not stop the work: :attr:`trouble` says what is not being kept, and health shows it.
    """

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self.trouble: dict[str, str] = {}
        self.contacted: set[str] = set()
        """Servers that answered in this session; health would not ask them."""

    @functools.cached_property
    def telemetry(self) -> AgentMetrics:
        """The guide's nine metrics in a registry of this runtime's own."""
        from ..infrastructure import AgentMetrics

        return AgentMetrics()

    @functools.cached_property
    def history(self) -> History:
        """Past runs of all kernels of this user."""
        from ..infrastructure import History

        return History(home() / "history.sqlite", on_notice=functools.partial(self.trouble.__setitem__, "history"))

    @functools.cached_property
    def audit(self) -> AuditLog:
        """The hash-chained log."""
        from ..infrastructure import AuditLog

        return AuditLog(home() / "audit" / "audit.jsonl")

    @functools.cached_property
    def tracer(self) -> Tracer:
        """Span trees, one file a run."""
        from ..infrastructure import Tracer

        try:
            return Tracer(home() / "traces" if self._settings()["trace"] else None)
        except GovernanceError as error:
            self.trouble["trace"] = str(error)
            return Tracer(None)

    # -- what happened ---------------------------------------------------------------------------------------
    def result(self, result: Result) -> None:
        """A capability ended well."""
        run = result.run
        assert run is not None
        self.telemetry.capability_done(result.agent, result.capability.value, run.seconds)
        detail = {"run": run.id, "status": result.status.value, "findings": len(result.findings)}
        self._keep("history", lambda: self.history.add(result))
        self._keep("audit", lambda: self.audit.append("run", result.capability.value, dataset=result.dataset, detail=detail))

    def failure(self, agent_id: str, capability: AgentCapability, ref: DatasetRef, error: BaseException, seconds: float) -> None:
        """A capability failed, or was stopped."""
        stopped = isinstance(error, Interrupted) or not isinstance(error, Exception)
        self.telemetry.capability_done(agent_id, capability.value, seconds, outcome="cancelled" if stopped else "failed")
        detail = {"status": "stopped" if stopped else "failed", "error": type(error).__name__}
        self._keep("audit", lambda: self.audit.append("run", capability.value, dataset=ref, detail=detail))

    def applied(self, log: ChangeLog, *, undone: bool = False) -> None:
        """A plan was applied, or taken back."""
        detail = {"changes": len(log), "actions": ",".join(log.actions), "after": log.after.fingerprint}
        self._keep("audit", lambda: self.audit.append("undo" if undone else "apply", "plan", dataset=log.before, detail=detail))

    def event(self, event: Event, what: str, ref: DatasetRef, detail: Mapping[str, Any], *, once: bool = False) -> None:
        """Something a workflow did: ended, was approved, applied a plan. ``once``: it may have been recorded before a crash."""
        self._keep("audit", lambda: self.audit.append(event, what, dataset=ref, detail=detail, once=once))

    def _keep(self, what: str, write: Callable[[], object]) -> None:
        """Write a record unless it is switched off; one that cannot be written is named in :attr:`trouble`."""
        if not self._settings()[what]:
            return
        try:
            write()
        except (OSError, GovernanceError) as error:
            self.trouble[what] = str(error)
        else:
            self.trouble.pop(what, None)

    # -- asking ----------------------------------------------------------------------------------------------
    def past(self, dataset: str, *, limit: int = 50) -> tuple[PastRun, ...]:
        """Earlier runs on datasets of this name, oldest first."""
        return self.history.runs(dataset, limit=limit)

    def metrics(self) -> Mapping[str, Any]:
        """The nine metrics as plain figures."""
        return self.telemetry.snapshot()

    def close(self) -> None:
        """Give back the history's connection."""
        if "history" in self.__dict__:
            self.history.close()
