"""Answers by idempotency key: the same thing asked twice is done once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Literal

from ...errors import BusError
from ._message import MCPMessage

_KEPT = 1_024
Key = tuple[Literal["message", "request"], str, str]


@dataclass
class _Known:
    message: MCPMessage
    pending: asyncio.Future[MCPMessage] | None = None
    reply: MCPMessage | None = None


class Answers:
    """What the last 1,024 keys led to. A failed or withdrawn message frees its key, so that a retry is delivered."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, _Known] = OrderedDict()

    def sent(self, message: MCPMessage, key: str) -> str:
        """The id of the message that was sent with this key, or nothing."""
        known = self._find(("message", message.recipient_id, key), message)
        return known.message.message_id if known else ""

    def answer(self, message: MCPMessage, key: str) -> Awaitable[MCPMessage] | None:
        """The reply to the request with this key, perhaps still to come, or None."""
        known = self._find(("request", message.recipient_id, key), message)
        return _share(known) if known else None

    def remember(
        self, kind: Literal["message", "request"], message: MCPMessage, key: str, pending: asyncio.Future[MCPMessage] | None = None
    ) -> Key:
        """Take note of a key in use."""
        full: Key = (kind, message.recipient_id, key)
        self._known[full] = _Known(message, pending)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return full

    def keep(self, key: Key, reply: MCPMessage) -> None:
        """The request of this key was answered."""
        if key in self._known:
            self._known[key] = _Known(self._known[key].message, reply=reply)

    def forget(self, key: Key) -> None:
        """The message of this key came to nothing."""
        self._known.pop(key, None)

    def _find(self, key: Key, message: MCPMessage) -> _Known | None:
        known = self._known.get(key)
        if known is None:
            return None
        if (known.message.capability, known.message.content) != (message.capability, message.content):
            raise BusError(
                f"the idempotency key `{key[2][:40]}` was used for another message.", hint="Use a new key.", reason="idempotency"
            )
        return known


async def _share(known: _Known) -> MCPMessage:
    if known.reply is not None:
        return known.reply
    if known.pending is None:
        raise BusError("the first request of this key has no answer.", reason="idempotency")
    try:
        return await asyncio.shield(known.pending)
    except asyncio.CancelledError:
        if known.pending.cancelled():  # the first caller gave up, not we
            raise BusError("the first request of this key was cancelled.", hint="Ask again.", reason="cancelled") from None
        raise
