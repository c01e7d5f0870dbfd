"""Is each part fit for work? Looked up in this kernel and on this disk; nothing is sent anywhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from ..errors import GovernanceError
from ..values import Badge, Block, Code, Document, Grid, Text, plural
from ._config import Settings
from ._home import home

Fitness = Literal["ok", "idle", "degraded", "down", "off"]
_LITTLE = 200 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Health:
    """One part's state: ``idle`` was not used yet, ``degraded`` works with less, ``off`` is switched off."""

    name: str
    status: Fitness
    detail: str = ""
    hint: str = ""


def check(parts: Mapping[str, Callable[[], Health]]) -> tuple[Health, ...]:
    """Ask each part; one that cannot even answer is down, and the others still answer.

    >>> def broken() -> Health:
    ...     raise OSError("no such device")
    >>> [h.status for h in check({"a": lambda: Health(name="a", status="ok"), "b": broken})]
    ['ok', 'down']
    """
    return tuple(_ask(name, part) for name, part in parts.items())


def _ask(name: str, part: Callable[[], Health]) -> Health:
    try:
        return part()
    except GovernanceError as error:
        return Health(name=name, status="down", detail=error.message, hint=error.hint)
    except Exception as error:  # noqa: BLE001  a broken part must not hide the state of the others; it is reported
        return Health(name=name, status="down", detail=f"{type(error).__name__}: {error}")


def home_health() -> Health:
    """The user data folder: there, writable, with room."""
    folder = home()
    free = shutil.disk_usage(folder).free
    if free < _LITTLE:
        return Health(name="home", status="degraded", detail=f"{free // 2**20} MB free in {folder}", hint="Free some disk space.")
    return Health(name="home", status="ok", detail=f"{folder}, {free / 2**30:,.1f} GB free")


_PACKAGES = {
    "sqlite": ("langgraph.checkpoint.sqlite", "langgraph-checkpoint-sqlite"),
    "postgres": ("langgraph.checkpoint.postgres", "edgp_magics[postgres]"),
    "redis": ("redis.asyncio", "edgp_magics[redis]"),
    "memory": ("langgraph.checkpoint.memory", "langgraph"),
}


def settings_health(settings: Settings, *, contacted: Collection[str] = ()) -> tuple[Health, ...]:
    """What the settings ask for, as far as it can be told without opening a connection; ``contacted`` names what answered before."""
    return (
        _checkpointer(settings, answered="workflow_state" in contacted),
        *(_switch(name, settings) for name in ("history", "audit", "trace")),
    )


def _checkpointer(settings: Settings, *, answered: bool) -> Health:
    kind = settings.checkpointer
    module, package = _PACKAGES[kind]
    if not _is_there(module):
        return Health(name="workflow_state", status="down", detail=f"{kind}: not installed", hint=f"pip install {package}")
    if kind in ("postgres", "redis"):
        if not settings.checkpointer_url:
            return Health(name="workflow_state", status="down", detail=f"{kind}: no address", hint="Set checkpointer_url.")
        if answered:
            return Health(name="workflow_state", status="ok", detail=f"{kind}: answered in this session")
        return Health(name="workflow_state", status="idle", detail=f"{kind}: configured, not contacted")
    return Health(
        name="workflow_state",
        status="ok",
        detail="in memory, gone with the kernel" if kind == "memory" else "a file in the user data folder",
    )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _switch(name: str, settings: Settings) -> Health:
    return Health(name=name, status="ok" if settings[name] else "off", detail=f"set by {settings.where(name)}")


def health_document(parts: tuple[Health, ...]) -> Document:
    """What ``%governance health`` shows."""
    bad = [p for p in parts if p.status in ("down", "degraded")]
    head = "All parts are fit for work." if not bad else f"{plural(len(bad), 'part needs', 'parts need')} attention."
    rows = tuple((Code(p.name), Badge(p.status), p.detail, p.hint) for p in parts)
    blocks: tuple[Block, ...] = (Text(head, tone="strong"), Grid("Parts", ("part", "state", "detail", "what to do"), rows))
    return Document(title="Health", blocks=blocks, footer="Looked up in this kernel; nothing was sent anywhere.")
