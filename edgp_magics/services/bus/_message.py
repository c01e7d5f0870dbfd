"""Messages between agents: small, immutable, plain. A table never travels; its handle does."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import os
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any

from ...errors import BusError
from ...infrastructure import child_trace, traceparent
from ...values import AgentCapability, plain

VALUES_LIMIT = 5_000
TEXT_LIMIT = 64 * 1024
"""A message holds at most so many values and characters: enough for findings, too little for a table."""


class MessagePriority(IntEnum):
    """How urgent a message is; waiting raises it (see the bus's ``ageing``)."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    URGENT = 3


_ids = itertools.count(1)
_process = f"{os.getpid():x}-{os.urandom(4).hex()}"


def _new_id() -> str:
    return f"m-{_process}-{next(_ids)}"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class MCPMessage:
    """One message. ``content`` and ``context`` become plain data; a frame in them raises.

    >>> note = MCPMessage(sender_id="a", recipient_id="b", content={"findings": (1, 2)})
    >>> note.content, note.reply({"ok": True}).correlation_id == note.message_id
    ({'findings': [1, 2]}, True)
    """

    sender_id: str
    recipient_id: str = ""
    message_type: str = "notice"
    capability: AgentCapability | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    priority: MessagePriority = MessagePriority.NORMAL
    context: Mapping[str, Any] = field(default_factory=dict)
    message_id: str = field(default_factory=_new_id)
    timestamp: dt.datetime = field(default_factory=_now)
    correlation_id: str = ""
    deadline: dt.datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", plain_content(self.content))
        if self.deadline is not None and self.deadline.tzinfo is None:
            raise BusError("a deadline needs its time zone.", hint="Use datetime.now(UTC) + timedelta(…).", reason="deadline")
        context = plain_content(self.context) if self.context else {}
        if "traceparent" not in context:
            context["traceparent"] = child_trace(traceparent.get())
        object.__setattr__(self, "context", context)

    def reply(self, content: Mapping[str, Any], *, message_type: str = "reply") -> MCPMessage:
        """The answer to this message: sender and recipient swapped, same trace, same urgency."""
        return MCPMessage(
            sender_id=self.recipient_id,
            recipient_id=self.sender_id,
            message_type=message_type,
            capability=self.capability,
            content=content,
            priority=self.priority,
            context={"traceparent": child_trace(self.context["traceparent"])},
            correlation_id=self.message_id,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return dict(plain(self))


def plain_content(content: Mapping[str, Any]) -> dict[str, Any]:
    """``content`` as plain data, or :class:`BusError` when it holds something that is none.

    >>> plain_content({"when": dt.date(2026, 1, 2), "share": 0.5})
    {'when': '2026-01-02', 'share': 0.5}
    """
    if type(content) is not dict and not isinstance(content, Mapping):
        raise BusError(f"the content of a message is a mapping, not {type(content).__name__}.", hint="Give names to what you send.")
    size = None
    out: dict[str, Any] = {}
    for name, value in content.items():
        key = name if type(name) is str else str(plain(name))
        kind = type(value)
        if kind in _SMALL or (kind is str and len(value) <= _SHORT):
            out[key] = value
        else:
            size = size or _Size()
            out[key] = _walk(value, size, key)
    return out


_SMALL = frozenset({int, bool, type(None)})
_SHORT = 64  # shorter texts are bounded by the number of values
_SCALARS = (dt.datetime, dt.date, dt.time, dt.timedelta, Decimal, Path)


class _Size:
    """What is left of the limits."""

    __slots__ = ("text", "values")

    def __init__(self) -> None:
        self.values = VALUES_LIMIT
        self.text = TEXT_LIMIT

    def take(self, values: int, text: int, where: str) -> None:
        self.values -= values
        self.text -= text
        if self.values < 0 or self.text < 0:
            raise BusError(
                f"`{where}` is too large for a message.", hint="Register the data and send its handle (DatasetRef).", reason="size"
            )


def _walk(value: Any, size: _Size, where: str) -> Any:
    kind = type(value)
    if kind is str:
        if len(value) > _SHORT:
            size.take(1, len(value), where)
        return value
    if kind in _SMALL:
        return value
    if kind is float:
        return value if value - value == 0 else None  # NaN and infinities have no JSON
    if kind is dict:
        size.take(len(value), 0, where)
        return {k if type(k) is str else str(plain(k)): _walk(v, size, where) for k, v in value.items()}
    if kind is list or kind is tuple:
        size.take(len(value), 0, where)
        return [_walk(v, size, where) for v in value]
    return _walk_other(value, size, where)


def _walk_other(value: Any, size: _Size, where: str) -> Any:
    if isinstance(value, Enum):
        return _walk(value.value, size, where)
    if isinstance(value, str):
        return _walk(str.__str__(value), size, where)  # a subclass, such as numpy's, as the text it is
    if isinstance(value, (int, float, *_SCALARS)):
        return plain(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = (f.name for f in dataclasses.fields(value) if not f.metadata.get("raw"))
        return {name: _walk(getattr(value, name), size, where) for name in kept}
    if isinstance(value, Mapping):
        return _walk(dict(value), size, where)
    if isinstance(value, AbstractSet):
        return sorted((_walk(v, size, where) for v in value), key=str)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return _walk(list(value), size, where)
    if getattr(value, "shape", None) == () and hasattr(value, "item"):  # a numpy scalar
        return _walk_numpy(value.item(), size, where)
    raise BusError(
        f"`{where}` holds {type(value).__module__.partition('.')[0]}.{type(value).__name__}, which cannot travel in a message.",
        hint="Register a table and send its handle (DatasetRef).",
        reason="content",
    )


def _walk_numpy(item: Any, size: _Size, where: str) -> Any:
    return _walk(item, size, where) if isinstance(item, (bool, int, float, str, *_SCALARS)) else str(item)
