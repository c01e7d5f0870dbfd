"""One recipient's queue: four lanes with ageing, a bound, and slots for handlers that run at the same time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from ._idempotency import Key
from ._message import MCPMessage, MessagePriority

Overflow = Literal["wait", "reject", "drop_oldest", "drop_newest"]
"""What happens to a message for a full mailbox.

The sender waits, the sender gets an error, the oldest of the least urgent makes room, or the new one is dropped. What is
not delivered becomes a dead letter in every case.
"""

Answer = MCPMessage | Mapping[str, Any] | None
Handler = Callable[[MCPMessage], Awaitable[Answer]]


class Item:
    """A message on its way, with what the bus must know about it.

    The bus makes one for each message and reads its fields many times: slots, set here, are read three times as fast as
    defaults of the class.
    """

    __slots__ = (
        "depth",
        "done",
        "due",
        "future",
        "has_slot",
        "key",
        "mailbox",
        "message",
        "place",
        "since",
        "started",
        "stopped",
        "timer",
        "waits",
        "worker",
    )

    def __init__(self, message: MCPMessage, mailbox: Mailbox, since: float) -> None:
        self.message = message
        self.mailbox = mailbox
        self.since = since
        self.depth = 0
        self.due = 0.0
        """When it must be answered, on the loop's clock; 0 for never."""
        self.future: asyncio.Future[MCPMessage] | None = None
        """Who wants an answer waits on it."""
        self.timer: asyncio.TimerHandle | None = None
        self.key: Key | None = None
        self.place: asyncio.Future[None] | None = None
        """What the sender waits on while the mailbox is full."""
        self.worker: asyncio.Task[None] | None = None
        """The task that handles it now."""
        self.has_slot = False
        self.waits = 0
        """Nested calls of its handler that are under way."""
        self.stopped = ""
        self.done = False
        self.started = 0.0

    def over(self) -> bool:
        """Whether it is done, asked anew: other tasks change it."""
        return self.done

    def handled_now(self) -> bool:
        """Whether its handler runs, asked anew."""
        return self.worker is not None

    def finish(self) -> None:
        """Nothing more will happen to it."""
        self.done = True
        if self.timer is not None:
            self.timer.cancel()
        if self.place is not None and not self.place.done():
            self.place.set_result(None)


class Mailbox:
    """Lanes by priority, first in first out in each; the lane whose head is most urgent after ageing goes first."""

    __slots__ = (
        "ageing",
        "capabilities",
        "capacity",
        "free",
        "handler",
        "lanes",
        "mixed",
        "name",
        "overflow",
        "resuming",
        "room",
        "seeking",
        "usual",
        "waiting",
        "workers",
    )

    def __init__(self, name: str, handler: Handler, *, concurrency: int, capacity: int, overflow: Overflow, ageing: float) -> None:
        self.name = name
        self.handler = handler
        self.capacity = capacity
        self.overflow = overflow
        self.ageing = max(ageing, 1e-9)
        self.free = concurrency
        self.lanes: tuple[deque[Item], ...] = tuple(deque() for _ in MessagePriority)
        self.usual = self.lanes[MessagePriority.NORMAL]
        self.mixed = False
        """Whether a message of another than the usual priority may be waiting."""
        self.waiting = 0
        """Messages in the lanes that are still wanted."""
        self.seeking = 0
        """Workers that hold a slot and look for a message."""
        self.workers: set[asyncio.Task[None]] = set()
        self.resuming: deque[asyncio.Future[None]] = deque()
        self.room: deque[asyncio.Future[None]] = deque()
        self.capabilities: frozenset[Any] = frozenset()

    def put(self, item: Item) -> None:
        """Queue an item."""
        lane = self.lanes[item.message.priority]
        lane.append(item)
        if lane is not self.usual:
            self.mixed = True
        self.waiting += 1

    def pop(self, clock: Callable[[], float]) -> Item | None:
        """The most urgent item that is still wanted, or None."""
        while self.waiting:
            item = (self._lane(clock) if self.mixed else self.usual).popleft()
            if item.done:
                continue
            self.waiting -= 1
            if not self.waiting:
                self._clear()
            if self.room:
                self._make_room()
            return item
        return None

    def _lane(self, clock: Callable[[], float]) -> deque[Item]:
        filled = [lane for lane in self.lanes if lane]
        if len(filled) == 1:
            return filled[0]
        now = clock()
        return max(filled, key=lambda lane: lane[0].message.priority + (now - lane[0].since) / self.ageing)

    def queued(self) -> list[Item]:
        """What waits and is still wanted, the least urgent first."""
        return [item for lane in self.lanes for item in lane if not item.done]

    def least_wanted(self) -> Item:
        """Whom ``drop_oldest`` drops: the oldest of the least urgent."""
        return next(item for lane in self.lanes for item in lane if not item.done)

    def forget(self, item: Item) -> None:
        """A queued item is no longer wanted; its place is free at once, the lanes drop it when it comes up."""
        item.done = True
        self.waiting -= 1
        self._make_room()
        if not self.waiting:
            self._clear()

    def _clear(self) -> None:
        """Nobody is wanted any more: drop those who were called off."""
        if self.mixed or self.usual:
            for lane in self.lanes:
                lane.clear()
            self.mixed = False

    def _make_room(self) -> None:
        while self.room:
            place = self.room.popleft()
            if not place.done():
                place.set_result(None)
                return

    def let_everyone_in(self) -> None:
        """Wake all who wait for room, because the mailbox closes."""
        self.capacity = 1 << 62
        while self.room:
            self._make_room()

    async def wait_for_room(self, item: Item) -> None:
        """Wait until a place is free or the item is done for; places are given in the order they were asked for."""
        while self.waiting >= self.capacity and not item.over():
            item.place = place = asyncio.get_running_loop().create_future()
            self.room.append(place)
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self._make_room()  # the place was ours: pass it on
                raise
            if item.over():
                self._make_room()

    # -- slots -----------------------------------------------------------------------------------------------
    def release(self) -> bool:
        """Give a slot back: to a handler that waits to go on, or (True) to whoever comes next."""
        while self.resuming:
            turn = self.resuming.popleft()
            if not turn.done():
                turn.set_result(None)
                return False
        self.free += 1
        return True

    async def regain(self) -> None:
        """Take a slot again after a nested call; handlers that go on come before new messages."""
        if self.free:
            self.free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self.resuming.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()
            raise
