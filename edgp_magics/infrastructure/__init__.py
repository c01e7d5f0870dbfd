"""Settings, the user data folder, telemetry, health, history and audit.

Settings and the folder come at once, because loading the extension needs them; the rest when first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._config import SETTINGS, Setting, Settings, resolve
from ._home import home, set_aside

if TYPE_CHECKING:
    from ._audit import AuditLog, AuditRecord, Verdict, audit_document
    from ._columns import column_figures
    from ._crew import ProcessCrew
    from ._health import Health, check, health_document, home_health, settings_health
    from ._history import History, PastRun, history_document
    from ._sqlite import identity, mend, write_ahead
    from ._telemetry import AgentMetrics, monitor
    from ._trace import Span, Tracer, child_trace, read_trace, trace_document, traceparent

_LATER = {
    "_audit": ("AuditLog", "AuditRecord", "Verdict", "audit_document"),
    "_columns": ("column_figures",),
    "_crew": ("ProcessCrew",),
    "_health": ("Health", "check", "health_document", "home_health", "settings_health"),
    "_history": ("History", "PastRun", "history_document"),
    "_sqlite": ("identity", "mend", "write_ahead"),
    "_telemetry": ("AgentMetrics", "monitor"),
    "_trace": ("Span", "Tracer", "child_trace", "read_trace", "trace_document", "traceparent"),
}
_HOMES = {name: module for module, names in _LATER.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


__all__ = [
    "SETTINGS",
    "AgentMetrics",
    "AuditLog",
    "AuditRecord",
    "Health",
    "History",
    "PastRun",
    "ProcessCrew",
    "Setting",
    "Settings",
    "Span",
    "Tracer",
    "Verdict",
    "audit_document",
    "check",
    "child_trace",
    "column_figures",
    "health_document",
    "history_document",
    "home",
    "home_health",
    "identity",
    "mend",
    "monitor",
    "read_trace",
    "resolve",
    "set_aside",
    "settings_health",
    "trace_document",
    "traceparent",
    "write_ahead",
]
