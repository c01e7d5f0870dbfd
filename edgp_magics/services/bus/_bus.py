"""The agents' message bus: a seam (:class:`MessageBus`) and its in-process form (:class:`MCPMessageBus`)."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import Context, ContextVar
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from ...errors import BusError, UnknownName
from ...infrastructure import child_trace, traceparent
from ...values import AgentCapability
from ._conversation import Entry, Kind, Told, events, told
from ._idempotency import Answers
from ._mailbox import Answer, Handler, Item, Mailbox, Overflow
from ._message import MCPMessage, MessagePriority
from ._turns import Turns

_LOG_KEPT = 1_000
_DEAD_KEPT = 1_000
_DEPTH = 32
"""A chain of nested calls longer than this is a circle."""
_SPINS = 2
"""How often a worker looks again before it ends: a reply often brings the next request."""

_current: ContextVar[Item | None] = ContextVar("edgp_bus_item", default=None)

OnEvent = Callable[[Kind, MCPMessage, float], None]
Stop = Literal["deadline", "cancelled", "closed"]


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message that was not handled, and why. ``error`` stays in the kernel: its text may quote data."""

    message: MCPMessage
    reason: str
    error: BaseException | None = None


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A recipient on the bus; :meth:`cancel` takes it off."""

    name: str
    capabilities: frozenset[AgentCapability]
    cancel: Callable[[], None]


class MessageBus(Protocol):
    """What agents need of a bus. A handler holds a slot of its recipient, and lends it out while it waits for others."""

    async def send_message(self, message: MCPMessage, *, idempotency_key: str = "") -> str:
        """Queue a message for its recipient; returns its id."""

    async def request(self, message: MCPMessage, *, timeout: float | None = None, idempotency_key: str = "") -> MCPMessage:
        """Send and wait for the reply; what the handler raises is raised here."""

    async def broadcast_message(
        self,
        capability: AgentCapability,
        content: Mapping[str, Any],
        *,
        sender_id: str = "",
        message_type: str = "notice",
        priority: MessagePriority = MessagePriority.NORMAL,
        context: Mapping[str, Any] | None = None,
    ) -> tuple[str, ...]:
        """Send to all who subscribed to the capability, the sender excepted; returns who they are."""

    def subscribe(
        self,
        name: str,
        handler: Handler,
        *,
        capabilities: Iterable[AgentCapability] = (),
        concurrency: int = 1,
        capacity: int = 1_000,
        overflow: Overflow = "wait",
    ) -> Subscription:
        """Put a recipient on the bus."""

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """What could not be handled, oldest first."""

    async def replay(self, message_id: str | None = None) -> int:
        """Send dead letters again (all, or one); returns how many."""

    def conversation(self) -> tuple[Entry, ...]:
        """Who said what to whom, oldest first; no content."""

    async def close(self) -> None:
        """Stop handlers and fail what waits."""


class MCPMessageBus:
    """The bus inside one process.

    It lives on the event loop it is used from and holds nothing of that loop while idle. ``seed`` makes the order of
    work and the clock of the conversation reproducible; another seed gives another order that is just as allowed.
    ``ageing`` is the wait in seconds that raises a message by one priority.

    >>> async def echo(message):
    ...     return {"heard": message.content["say"]}
    >>> async def talk():
    ...     bus = MCPMessageBus()
    ...     bus.subscribe("echo", echo)
    ...     reply = await bus.request(MCPMessage(sender_id="me", recipient_id="echo", content={"say": "hi"}))
    ...     return reply.content
    >>> asyncio.run(talk())
    {'heard': 'hi'}
    """

    def __init__(self, *, ageing: float = 1.0, seed: int | None = None, on_event: OnEvent | None = None) -> None:
        self._ageing = ageing
        self._mailboxes: dict[str, Mailbox] = {}
        self._log: deque[Told] = deque(maxlen=_LOG_KEPT)
        self._outside: set[Item] = set()
        """Those that wait for room; the rest of what is under way is in the mailboxes, or:"""
        self._at_work: dict[asyncio.Task[None] | None, Item] = {}
        """What each worker handles, or handled last."""
        self._dead: deque[DeadLetter] = deque(maxlen=_DEAD_KEPT)
        self._answers = Answers()
        self._on_event = on_event
        self._closed = False
        self._turns = Turns(seed) if seed is not None else None
        self._clock: Callable[[], float] = self._turns.clock if self._turns else time.perf_counter
        self._started = self._clock()
        self._nowhere = Mailbox("", _unheard, concurrency=1, capacity=1, overflow="reject", ageing=ageing)

    # -- who is there ----------------------------------------------------------------------------------------
    def subscribe(
        self,
        name: str,
        handler: Handler,
        *,
        capabilities: Iterable[AgentCapability] = (),
        concurrency: int = 1,
        capacity: int = 1_000,
        overflow: Overflow = "wait",
    ) -> Subscription:
        """Put a recipient on the bus: direct messages by ``name``, broadcasts by ``capabilities``."""
        if self._closed:
            raise _closed()
        if name in self._mailboxes:
            raise BusError(f"`{name}` is on the bus already.", hint="Cancel its subscription first.", reason="duplicate")
        if concurrency < 1 or capacity < 1:
            raise BusError("concurrency and capacity are at least 1.", reason="limits")
        mailbox = Mailbox(name, handler, concurrency=concurrency, capacity=capacity, overflow=overflow, ageing=self._ageing)
        mailbox.capabilities = frozenset(capabilities)
        self._mailboxes[name] = mailbox
        return Subscription(name=name, capabilities=mailbox.capabilities, cancel=lambda: self._unsubscribe(mailbox))

    def _unsubscribe(self, mailbox: Mailbox) -> None:
        if self._mailboxes.get(mailbox.name) is not mailbox:
            return
        del self._mailboxes[mailbox.name]
        for item in mailbox.queued():
            mailbox.forget(item)
            self._bury(item, "recipient left")
        mailbox.let_everyone_in()

    # -- sending ---------------------------------------------------------------------------------------------
    async def send_message(self, message: MCPMessage, *, idempotency_key: str = "") -> str:
        """Queue a message for its recipient; returns its id.

        With an ``idempotency_key``, a second message with that key and the same content is not delivered again.
        """
        if idempotency_key and (first := self._answers.sent(message, idempotency_key)):
            return first
        item = self._item(message, _current.get())
        if idempotency_key:
            item.key = self._answers.remember("message", message, idempotency_key)
        if item.mailbox.waiting < item.mailbox.capacity or await self._overflow(item):
            self._post(item)
        return message.message_id

    async def request(self, message: MCPMessage, *, timeout: float | None = None, idempotency_key: str = "") -> MCPMessage:
        """Send and wait for the reply.

        What the handler raises is raised here, with its type. No recipient is an error at once. ``timeout`` (seconds), the
        message's ``deadline`` or that of the request being handled ends the call and whatever it called in turn. A second
        request with the same ``idempotency_key`` and content gets the first one's reply.
        """
        if message.message_type != "request":
            message = replace(message, message_type="request")
        holder = _current.get()
        if holder is not None:
            self._lend_slot(holder)
        try:
            if idempotency_key and (known := self._answers.answer(message, idempotency_key)) is not None:
                return await known
            item = self._item(message, holder, timeout)
            future: asyncio.Future[MCPMessage] = asyncio.get_running_loop().create_future()
            item.future = future
            if idempotency_key:
                item.key = self._answers.remember("request", message, idempotency_key, future)
            try:
                if item.mailbox.waiting < item.mailbox.capacity or await self._overflow(item):
                    self._post(item)
                return await future
            except asyncio.CancelledError:
                self._withdraw(item, future)
                raise
        finally:
            if holder is not None:
                await self._regain_slot(holder)

    def _withdraw(self, item: Item, future: asyncio.Future[MCPMessage]) -> None:
        """The caller was cancelled: nobody waits for the answer."""
        self._stop(item, "cancelled")
        if future.done() and not future.cancelled():
            future.exception()  # it came too late to be of interest

    async def broadcast_message(
        self,
        capability: AgentCapability,
        content: Mapping[str, Any],
        *,
        sender_id: str = "",
        message_type: str = "notice",
        priority: MessagePriority = MessagePriority.NORMAL,
        context: Mapping[str, Any] | None = None,
    ) -> tuple[str, ...]:
        """Send to all who subscribed to the capability, the sender excepted; returns who they are."""
        original = MCPMessage(
            sender_id=sender_id,
            message_type=message_type,
            capability=capability,
            content=content,
            priority=priority,
            context=context or {},
        )
        trace = original.context["traceparent"]
        reached: list[str] = []
        for name in [n for n, box in self._mailboxes.items() if capability in box.capabilities and n != sender_id]:
            if name not in self._mailboxes:  # left while another one's full mailbox was waited for
                continue
            copy = replace(
                original,
                recipient_id=name,
                message_id=f"{original.message_id}.{len(reached)}",
                correlation_id=original.message_id,
                context={**original.context, "traceparent": child_trace(trace)},
            )
            await self.send_message(copy)
            reached.append(name)
        return tuple(reached)

    def _item(self, message: MCPMessage, parent: Item | None, timeout: float | None = None) -> Item:
        """The message on its way, with its deadline running; ``parent`` is the message whose handler sends it."""
        mailbox = self._mailboxes.get(message.recipient_id)
        if mailbox is None or self._closed:
            raise self._refused(message)
        item = Item(message, mailbox, self._clock())
        if parent is not None or timeout is not None or message.deadline is not None:
            _bind(item, parent, timeout)
            if item.due:
                item.timer = asyncio.get_running_loop().call_at(item.due, self._stop, item, "deadline")
        return item

    def _refused(self, message: MCPMessage) -> BusError:
        error = _closed() if self._closed else self._nobody(message)
        lost = Item(message, self._nowhere, self._clock())
        self._bury(lost, str(error.values["reason"]))
        return error

    def _post(self, item: Item) -> None:
        mailbox = item.mailbox
        mailbox.put(item)
        if self._on_event is not None:
            self._on_event("sent", item.message, 0.0)
        if mailbox.free and mailbox.waiting > mailbox.seeking:
            self._start(mailbox)

    async def _overflow(self, item: Item) -> bool:
        """Make room, wait for it, or bury the item; returns whether it has a place now."""
        mailbox = item.mailbox
        if mailbox.overflow == "wait":
            await self._await_room(item)
        elif mailbox.overflow == "drop_oldest":
            victim = mailbox.least_wanted()
            mailbox.forget(victim)
            self._bury(victim, "overflow")
        else:
            self._bury(item, "overflow")
            if mailbox.overflow == "reject" and item.future is None:
                raise _full(mailbox)
        return not item.done

    async def _await_room(self, item: Item) -> None:
        """Wait for a place; a handler lends its slot meanwhile, and the deadline goes on running."""
        holder = _current.get() if item.future is None else None  # a request has lent the slot already
        if holder is not None:
            self._lend_slot(holder)
        self._outside.add(item)
        try:
            try:
                await item.mailbox.wait_for_room(item)
            finally:
                if holder is not None:
                    await self._regain_slot(holder)
        except asyncio.CancelledError:
            self._stop(item, "cancelled")
            raise
        finally:
            self._outside.discard(item)
        if not item.done and (self._closed or self._mailboxes.get(item.mailbox.name) is not item.mailbox):
            self._bury(item, "closed" if self._closed else "recipient left")

    # -- handling --------------------------------------------------------------------------------------------
    def _start(self, mailbox: Mailbox) -> None:
        mailbox.free -= 1
        task = asyncio.get_running_loop().create_task(self._work(mailbox), name=f"bus {mailbox.name}", context=Context())
        mailbox.workers.add(task)
        task.add_done_callback(mailbox.workers.discard)

    async def _work(self, mailbox: Mailbox) -> None:
        """Handle messages until there are none. The worker starts with a slot; a handler may lose it for good."""
        holds = True
        worker = asyncio.current_task()
        clock, direct = self._clock, self._turns is None
        try:
            while holds:
                item = mailbox.pop(clock) if direct and mailbox.waiting and not mailbox.resuming else await self._seek(mailbox)
                if item is None:
                    break
                if item.due and item.due <= asyncio.get_running_loop().time():
                    self._bury(item, "deadline")
                    continue
                message = item.message
                item.worker, item.has_slot = worker, True
                self._at_work[worker] = item
                _current.set(item)
                traceparent.set(message.context["traceparent"])
                item.started = clock()
                try:
                    answer = await mailbox.handler(message)
                    reply = None if item.future is None else _reply(item, answer)
                except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  whatever the handler raises is the caller's
                    self._break_off(item, error)
                else:
                    self._settle(item, reply)
                finally:
                    item.worker = None
                    holds, item.has_slot = item.has_slot, False
        except asyncio.CancelledError:  # the loop ends, or the bus: nobody takes over
            if holds:
                mailbox.release()
            raise
        finally:
            self._at_work.pop(worker, None)
        if holds:
            self._release(mailbox)

    async def _seek(self, mailbox: Mailbox) -> Item | None:
        """The next message; None when there is none for a while, or a handler waits to go on."""
        mailbox.seeking += 1
        try:
            for _ in range(_SPINS + 1):
                if self._turns is not None:
                    await self._turns.take()
                if mailbox.resuming:
                    return None
                if item := mailbox.pop(self._clock):
                    return item
                await asyncio.sleep(0)
            return None
        finally:
            mailbox.seeking -= 1

    def _break_off(self, item: Item, error: BaseException | None) -> None:
        """The handler raised, or the message was stopped meanwhile; the worker goes on unless it is to stop as well."""
        if item.stopped:
            if item.worker is not None and item.worker.uncancel():
                raise asyncio.CancelledError  # somebody else stops the worker, too
        elif isinstance(error, Exception):
            self._fail(item, error)
        elif error is not None:
            self._stop(item, "closed")
            raise error

    def _settle(self, item: Item, reply: MCPMessage | None) -> None:
        if item.stopped:
            self._break_off(item, None)
            return
        now = self._clock()
        item.done = True
        self._log.append(told(item, "handled", now))
        if item.timer is not None:
            item.timer.cancel()
        if self._on_event is not None:
            self._on_event("handled", item.message, now - item.started)
        future = item.future
        if future is not None and reply is not None:
            if item.key:
                self._answers.keep(item.key, reply)
            if not future.done():
                future.set_result(reply)

    def _fail(self, item: Item, error: Exception) -> None:
        self._finish(item, "failed", type(error).__name__)
        if item.future is None:
            self._dead.append(DeadLetter(message=item.message, reason=f"failed: {type(error).__name__}", error=error))
        elif not item.future.done():
            if isinstance(error, StopIteration):  # a future cannot carry one
                error = BusError(f"the handler of `{item.mailbox.name}` raised StopIteration.", reason="handler")
            item.future.set_exception(error)

    def _finish(self, item: Item, outcome: Kind, detail: str = "") -> None:
        now = self._clock()
        item.finish()
        self._log.append(told(item, outcome, now, detail))
        if item.key:
            self._answers.forget(item.key)
        if self._on_event is not None:
            self._on_event(outcome, item.message, now - (item.started or item.since))

    def _stop(self, item: Item, why: Stop) -> None:
        """Deadline, cancellation or closing: take it out of the queue, or cancel its handler."""
        if item.done:
            return
        item.stopped = why
        if item.worker is not None and why != "closed":
            item.worker.cancel()
        elif item.worker is None and item not in self._outside:
            item.mailbox.forget(item)
        if why == "cancelled":
            self._finish(item, "cancelled")
        else:
            self._bury(item, why)

    def _bury(self, item: Item, reason: str) -> None:
        """A message that will not be handled: dead letter, and an error for who waits for the reply."""
        self._finish(item, "dead", reason)
        self._dead.append(DeadLetter(message=item.message, reason=reason))
        if item.future is not None and not item.future.done():
            item.future.set_exception(_undelivered(item.mailbox, reason))

    # -- slots -----------------------------------------------------------------------------------------------
    def _lend_slot(self, holder: Item) -> None:
        """A handler waits: others may run in its slot, or two agents that ask each other would wait for ever."""
        holder.waits += 1
        if holder.has_slot:
            holder.has_slot = False
            self._release(holder.mailbox)

    async def _regain_slot(self, holder: Item) -> None:
        holder.waits -= 1
        if holder.waits or holder.has_slot or not holder.handled_now():
            return
        await holder.mailbox.regain()
        if holder.waits or holder.has_slot or not holder.handled_now():  # it ended or waits again, in a task of its own
            self._release(holder.mailbox)
        else:
            holder.has_slot = True

    def _release(self, mailbox: Mailbox) -> None:
        if mailbox.release() and not self._closed:
            while mailbox.free and mailbox.waiting > mailbox.seeking:
                self._start(mailbox)

    # -- what happened ---------------------------------------------------------------------------------------
    def conversation(self) -> tuple[Entry, ...]:
        """Who said what to whom, oldest first, the last 1,000 messages; names and times, no content."""
        under_way = [told(item, "sent", 0.0) for item in self._under_way()]
        return tuple(sorted((e for known in (*self._log, *under_way) for e in events(known, self._started)), key=lambda e: e.at))

    def _under_way(self) -> Iterator[Item]:
        """What is not done yet: found when it is asked for, so that sending keeps no list of it."""
        places = (self._at_work.values(), self._outside, *(box.queued() for box in self._mailboxes.values()))
        return (item for place in places for item in place if not item.done)

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """The last 1,000 messages that could not be handled, oldest first."""
        return tuple(self._dead)

    async def replay(self, message_id: str | None = None) -> int:
        """Send dead letters again, all or one; returns how many. Nobody waits for their replies any more.

        Letters to recipients who are not there stay. A deadline is not carried over: it has passed, or will.
        """
        chosen = [d for d in self._dead if message_id in (None, d.message.message_id)]
        if message_id is not None and not chosen:
            raise UnknownName("dead letter", message_id, known=[d.message.message_id for d in self._dead])
        chosen = [d for d in chosen if d.message.recipient_id in self._mailboxes]
        if message_id is not None and not chosen:
            raise BusError(f"the recipient of `{message_id}` is not on the bus.", hint="It stays a dead letter.", reason="no recipient")
        for letter in chosen:
            self._dead.remove(letter)
            await self.send_message(replace(letter.message, deadline=None))
        return len(chosen)

    def load(self) -> dict[str, dict[str, int]]:
        """Each recipient's messages that wait and handlers that run."""
        return {n: {"waiting": box.waiting, "running": sum(not w.done() for w in box.workers)} for n, box in self._mailboxes.items()}

    async def close(self) -> None:
        """Stop handlers and fail what waits; the bus takes no more messages."""
        self._closed = True
        workers = [w for box in self._mailboxes.values() for w in box.workers]
        for mailbox in self._mailboxes.values():
            for item in mailbox.queued():
                mailbox.forget(item)
                self._bury(item, "closed")
            mailbox.let_everyone_in()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def _nobody(self, message: MCPMessage) -> BusError:
        known = ", ".join(sorted(self._mailboxes)) or "nobody"
        who = f"nobody is called `{message.recipient_id}`" if message.recipient_id else "the message has no recipient"
        return BusError(f"{who}.", hint=f"On the bus: {known}.", reason="no recipient", recipient=message.recipient_id)


def _bind(item: Item, parent: Item | None, timeout: float | None) -> None:
    """Tie a message to the call it is part of: how deep it is, and when it must be answered."""
    if parent is not None:
        item.depth = parent.depth + 1
        if item.depth > _DEPTH:
            raise BusError(f"more than {_DEPTH} nested calls.", hint="The agents ask each other in a circle.", reason="depth")
    if timeout is not None or item.message.deadline is not None or (parent is not None and parent.due):
        _set_due(item, timeout, parent)


def _set_due(item: Item, timeout: float | None, parent: Item | None) -> None:
    """The nearest of timeout, deadline and the deadline of the call this one is part of; the handler sees it."""
    now, clock = asyncio.get_running_loop().time(), dt.datetime.now(dt.UTC)
    moments = [parent.due] if parent is not None and parent.due else []
    if timeout is not None:
        moments.append(now + timeout)
    if item.message.deadline is not None:
        moments.append(now + (item.message.deadline - clock).total_seconds())
    item.due = min(moments)
    item.message = replace(item.message, deadline=clock + dt.timedelta(seconds=item.due - now))


async def _unheard(message: MCPMessage) -> None:
    """Nobody: the handler of messages without a recipient."""


def _reply(item: Item, answer: Answer) -> MCPMessage:
    """The handler's answer as a message."""
    if isinstance(answer, MCPMessage):
        return answer if answer.correlation_id else replace(answer, correlation_id=item.message.message_id)
    return item.message.reply(answer or {})


def _closed() -> BusError:
    return BusError("the bus is closed.", hint="Load the extension again.", reason="closed")


def _full(mailbox: Mailbox) -> BusError:
    return BusError(
        f"the mailbox of `{mailbox.name}` is full ({mailbox.capacity:,} messages).", hint="Send again later.", reason="overflow"
    )


def _undelivered(mailbox: Mailbox, reason: str) -> BusError:
    if reason == "overflow":
        return _full(mailbox)
    if reason == "deadline":
        return BusError(f"`{mailbox.name}` did not answer before the deadline.", hint="Give it more time.", reason=reason)
    return BusError(f"`{mailbox.name}` will not answer: {reason}.", reason=reason)
