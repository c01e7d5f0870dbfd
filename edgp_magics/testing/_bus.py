"""The contract of a message bus: subclass it, give it a ``bus`` fixture, and pytest runs it over yours."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest

from ..errors import BusError, ColumnNotFound
from ..services.bus import MCPMessage, MessageBus, MessagePriority
from ..values import AgentCapability, DatasetRef

REF = DatasetRef(name="orders", fingerprint="0" * 32, rows=3, columns=("id",))
SCAN = AgentCapability.PRIVACY_SCAN


def note(recipient: str, sender: str = "tester", **fields: Any) -> MCPMessage:
    """A message to ``recipient``; other keywords are its fields."""
    return MCPMessage(sender_id=sender, recipient_id=recipient, **fields)


async def settled(rounds: int = 50) -> None:
    """Let everything that can go on go on."""
    for _ in range(rounds):
        await asyncio.sleep(0)


class BusContract:
    """What every bus keeps; needs a fixture ``bus``."""

    async def test_a_request_is_answered(self, bus: MessageBus) -> None:
        async def handler(message: MCPMessage) -> dict[str, Any]:
            return {"got": message.content["n"] + 1}

        bus.subscribe("b", handler)
        asked = note("b", capability=SCAN, content={"n": 1})
        reply = await bus.request(asked)
        assert reply.content == {"got": 2}
        assert (reply.sender_id, reply.recipient_id, reply.message_type) == ("b", "tester", "reply")
        assert (reply.correlation_id, reply.capability) == (asked.message_id, SCAN)

    async def test_a_handler_may_build_its_reply_or_have_none(self, bus: MessageBus) -> None:
        async def handler(message: MCPMessage) -> MCPMessage | None:
            return message.reply({"ok": True}) if message.content["reply"] else None

        bus.subscribe("b", handler)
        assert (await bus.request(note("b", content={"reply": True}))).content == {"ok": True}
        assert (await bus.request(note("b", content={"reply": False}))).content == {}

    async def test_one_way_messages_arrive_in_order(self, bus: MessageBus) -> None:
        got: list[int] = []

        async def handler(message: MCPMessage) -> None:
            got.append(message.content["n"])

        bus.subscribe("b", handler)
        for n in range(20):
            await bus.send_message(note("b", content={"n": n}))
        await settled()
        assert got == list(range(20))

    async def test_a_broadcast_reaches_who_subscribed_but_not_the_sender(self, bus: MessageBus) -> None:
        got: list[str] = []

        async def handler(message: MCPMessage) -> None:
            got.append(message.recipient_id)

        bus.subscribe("a", handler, capabilities=[SCAN])
        bus.subscribe("b", handler, capabilities=[SCAN, AgentCapability.DATA_CLEANING])
        bus.subscribe("c", handler, capabilities=[AgentCapability.DATA_CLEANING])
        assert await bus.broadcast_message(SCAN, {"dataset": REF}, sender_id="a") == ("b",)
        assert await bus.broadcast_message(SCAN, {"dataset": REF}) == ("a", "b")
        assert await bus.broadcast_message(AgentCapability.VISUALIZATION, {}) == ()
        await settled()
        assert sorted(got) == ["a", "b", "b"]

    async def test_errors_reach_the_caller_with_their_type(self, bus: MessageBus) -> None:
        async def handler(message: MCPMessage) -> None:
            raise ColumnNotFound("emial", of="orders", known=["email"])

        bus.subscribe("b", handler)
        with pytest.raises(ColumnNotFound, match="Did you mean `email`"):
            await bus.request(note("b"))

    @pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), TimeoutError(), RuntimeError()])
    async def test_any_error_does(self, bus: MessageBus, error: Exception) -> None:
        async def handler(message: MCPMessage) -> None:
            raise error

        bus.subscribe("b", handler)
        with pytest.raises(type(error)):
            await bus.request(note("b"))

    async def test_no_recipient_is_an_error_at_once(self, bus: MessageBus) -> None:
        async def handler(message: MCPMessage) -> None: ...

        bus.subscribe("known", handler)
        for send in (bus.request, bus.send_message):
            with pytest.raises(BusError, match="On the bus: known") as caught:
                await asyncio.wait_for(send(note("unknown")), 1)
            assert caught.value.values["reason"] == "no recipient"

    async def test_two_agents_that_ask_each_other_do_not_wait_for_ever(self, bus: MessageBus) -> None:
        async def a(message: MCPMessage) -> dict[str, Any]:
            depth = message.content["depth"]
            if depth == 0:
                return {"sum": 0}
            reply = await bus.request(note("b", "a", content={"depth": depth - 1}))
            return {"sum": reply.content["sum"] + 1}

        async def b(message: MCPMessage) -> dict[str, Any]:
            depth = message.content["depth"]
            if depth == 0:
                return {"sum": 0}
            reply = await bus.request(note("a", "b", content={"depth": depth - 1}))
            return {"sum": reply.content["sum"] + 1}

        bus.subscribe("a", a, concurrency=1)
        bus.subscribe("b", b, concurrency=1)
        asked = [bus.request(note(who, content={"depth": 6})) for who in ("a", "b") * 10]
        replies = await asyncio.wait_for(asyncio.gather(*asked), 10)
        assert [r.content["sum"] for r in replies] == [6] * 20

    async def test_a_circle_ends_with_an_error(self, bus: MessageBus) -> None:
        async def handler(message: MCPMessage) -> dict[str, Any]:
            await bus.request(note("b", "b"))
            return {}

        bus.subscribe("b", handler)
        with pytest.raises(BusError, match="circle"):
            await asyncio.wait_for(bus.request(note("b")), 10)

    async def test_no_more_handlers_run_at_once_than_allowed(self, bus: MessageBus) -> None:
        running = most = 0

        async def handler(message: MCPMessage) -> dict[str, Any]:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.001)
            running -= 1
            await bus.request(note("other", "b"))  # the slot is lent meanwhile ...
            running += 1
            most = max(most, running)  # ... and held again afterwards
            await asyncio.sleep(0.001)
            running -= 1
            return {}

        async def other(message: MCPMessage) -> None:
            await asyncio.sleep(0.001)

        bus.subscribe("b", handler, concurrency=2)
        bus.subscribe("other", other, concurrency=9)
        await asyncio.wait_for(asyncio.gather(*(bus.request(note("b")) for _ in range(20))), 10)
        assert most == 2

    async def test_the_urgent_go_first(self, bus: MessageBus) -> None:
        got: list[str] = []

        async def handler(message: MCPMessage) -> None:
            got.append(message.priority.name)
            await asyncio.sleep(0)

        bus.subscribe("b", handler)
        for priority in (MessagePriority.LOW, MessagePriority.NORMAL, MessagePriority.URGENT, MessagePriority.HIGH):
            await bus.send_message(note("b", priority=priority))
        await settled()
        assert got == ["URGENT", "HIGH", "NORMAL", "LOW"]

    async def test_a_deadline_reaches_nested_calls(self, bus: MessageBus) -> None:
        ended: list[str] = []

        async def outer(message: MCPMessage) -> None:
            try:
                await bus.request(note("inner", "outer"))
            finally:
                ended.append("outer")

        async def inner(message: MCPMessage) -> None:
            assert message.deadline is not None
            try:
                await asyncio.sleep(30)
            finally:
                ended.append("inner")

        bus.subscribe("outer", outer)
        bus.subscribe("inner", inner)
        with pytest.raises(BusError, match="deadline"):
            await bus.request(note("outer"), timeout=0.05)
        await asyncio.sleep(0.05)
        assert sorted(ended) == ["inner", "outer"]

    async def test_a_passed_deadline_is_not_handled(self, bus: MessageBus) -> None:
        got: list[str] = []

        async def handler(message: MCPMessage) -> None:
            got.append(message.message_id)

        bus.subscribe("b", handler)
        past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        with pytest.raises(BusError) as caught:
            await bus.request(note("b", deadline=past))
        assert caught.value.values["reason"] == "deadline"
        await settled()
        assert got == []

    async def test_cancellation_reaches_nested_calls_and_the_next_request_works(self, bus: MessageBus) -> None:
        ended: list[str] = []

        async def outer(message: MCPMessage) -> dict[str, Any]:
            if message.content.get("quick"):
                return {"ok": True}
            try:
                await bus.request(note("inner", "outer"))
            finally:
                ended.append("outer")
            return {}

        async def inner(message: MCPMessage) -> None:
            try:
                await asyncio.sleep(30)
            finally:
                ended.append("inner")

        bus.subscribe("outer", outer)
        bus.subscribe("inner", inner)
        call = asyncio.ensure_future(bus.request(note("outer")))
        await asyncio.sleep(0.02)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.sleep(0.02)
        assert sorted(ended) == ["inner", "outer"]
        assert (await asyncio.wait_for(bus.request(note("outer", content={"quick": 1})), 1)).content == {"ok": True}

    async def test_reject_says_so(self, bus: MessageBus) -> None:
        gate = asyncio.Event()

        async def handler(message: MCPMessage) -> None:
            await gate.wait()

        bus.subscribe("b", handler, capacity=2, overflow="reject")
        await bus.send_message(note("b"))
        await settled()
        for _ in range(2):
            await bus.send_message(note("b"))
        for send in (bus.send_message, bus.request):
            with pytest.raises(BusError, match="full") as caught:
                await send(note("b"))
            assert caught.value.values["reason"] == "overflow"
        gate.set()
        await settled()
        assert [d.reason for d in bus.dead_letters()] == ["overflow", "overflow"]

    async def test_drop_oldest_and_drop_newest(self, bus: MessageBus) -> None:
        got: dict[str, list[int]] = {"oldest": [], "newest": []}
        gate = asyncio.Event()

        async def handler(message: MCPMessage) -> None:
            got[message.recipient_id].append(message.content["n"])
            await gate.wait()

        bus.subscribe("oldest", handler, capacity=2, overflow="drop_oldest")
        bus.subscribe("newest", handler, capacity=2, overflow="drop_newest")
        for name in got:
            await bus.send_message(note(name, content={"n": 0}))
        await settled()
        for name in got:
            for n in (1, 2, 3):
                await bus.send_message(note(name, content={"n": n}))
        gate.set()
        await settled()
        assert got == {"oldest": [0, 2, 3], "newest": [0, 1, 2]}
        assert [(d.reason, d.message.content["n"]) for d in bus.dead_letters()] == [("overflow", 1), ("overflow", 3)]

    async def test_wait_holds_the_sender_back_and_loses_nothing(self, bus: MessageBus) -> None:
        got: list[int] = []

        async def handler(message: MCPMessage) -> None:
            got.append(message.content["n"])
            await asyncio.sleep(0)

        bus.subscribe("b", handler, capacity=3, overflow="wait")
        await asyncio.wait_for(asyncio.gather(*(bus.send_message(note("b", content={"n": n})) for n in range(50))), 10)
        await settled(300)
        assert sorted(got) == list(range(50))
        assert not bus.dead_letters()

    async def test_a_handler_that_writes_into_its_own_full_mailbox_goes_on(self, bus: MessageBus) -> None:
        got: list[int] = []

        async def handler(message: MCPMessage) -> None:
            got.append(message.content["n"])
            if message.content["n"] < 3:
                for _ in range(2):
                    await bus.send_message(note("b", "b", content={"n": message.content["n"] + 1}))

        bus.subscribe("b", handler, capacity=1, overflow="wait", concurrency=1)
        await bus.send_message(note("b", content={"n": 0}))
        await settled(500)
        assert len(got) == 15

    async def test_dead_letters_are_kept_and_replayed(self, bus: MessageBus) -> None:
        fail = True
        got: list[int] = []

        async def handler(message: MCPMessage) -> None:
            if fail:
                raise ValueError("the mailbox keeps the error here, and nowhere else")
            got.append(message.content["n"])

        bus.subscribe("b", handler)
        for n in range(3):
            await bus.send_message(note("b", content={"n": n}))
        await settled()
        letters = bus.dead_letters()
        assert [letter.reason for letter in letters] == ["failed: ValueError"] * 3
        fail = False
        assert await bus.replay(letters[1].message.message_id) == 1
        assert await bus.replay() == 2
        await settled()
        assert got == [1, 0, 2]
        assert bus.dead_letters() == ()

    async def test_letters_to_the_absent_stay(self, bus: MessageBus) -> None:
        with pytest.raises(BusError):
            await bus.send_message(note("later", content={"n": 1}))
        assert await bus.replay() == 0
        got: list[int] = []

        async def handler(message: MCPMessage) -> None:
            got.append(message.content["n"])

        bus.subscribe("later", handler)
        assert await bus.replay() == 1
        await settled()
        assert got == [1]

    async def test_the_same_key_is_done_once(self, bus: MessageBus) -> None:
        calls = 0

        async def handler(message: MCPMessage) -> dict[str, Any]:
            nonlocal calls
            calls += 1
            await asyncio.sleep(0.01)
            return {"call": calls}

        bus.subscribe("b", handler)
        ask = [bus.request(note("b", content={"n": 1}), idempotency_key="k") for _ in range(5)]
        replies = await asyncio.gather(*ask)
        later = await bus.request(note("b", content={"n": 1}), idempotency_key="k")
        assert {r.content["call"] for r in [*replies, later]} == {1}
        first = await bus.send_message(note("b", content={"n": 1}), idempotency_key="s")
        assert await bus.send_message(note("b", content={"n": 1}), idempotency_key="s") == first
        with pytest.raises(BusError, match="another message"):
            await bus.request(note("b", content={"n": 2}), idempotency_key="k")
        await asyncio.sleep(0.05)
        assert calls == 2

    async def test_a_failed_request_may_be_tried_again_with_its_key(self, bus: MessageBus) -> None:
        calls = 0

        async def handler(message: MCPMessage) -> dict[str, Any]:
            nonlocal calls
            calls += 1
            if calls == 1:
                raise OSError("once")
            return {"call": calls}

        bus.subscribe("b", handler)
        with pytest.raises(OSError, match="once"):
            await bus.request(note("b"), idempotency_key="k")
        assert (await bus.request(note("b"), idempotency_key="k")).content == {"call": 2}

    async def test_the_trace_goes_through(self, bus: MessageBus) -> None:
        seen: list[str] = []

        async def outer(message: MCPMessage) -> None:
            seen.append(message.context["traceparent"])
            await bus.request(note("inner", "outer"))

        async def inner(message: MCPMessage) -> None:
            seen.append(message.context["traceparent"])

        bus.subscribe("outer", outer)
        bus.subscribe("inner", inner)
        given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        reply = await bus.request(note("outer", context={"traceparent": given, "tenant": "eu"}))
        traces = [given, *seen, reply.context["traceparent"]]
        assert {t[:36] for t in traces} == {given[:36]}
        assert len({t[36:52] for t in traces[1:]}) == 3

    async def test_a_recipient_that_left_answers_nobody(self, bus: MessageBus) -> None:
        gate = asyncio.Event()

        async def handler(message: MCPMessage) -> None:
            await gate.wait()

        subscription = bus.subscribe("b", handler)
        calls = [asyncio.ensure_future(bus.request(note("b"))) for _ in range(3)]
        await settled()
        subscription.cancel()
        gate.set()
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert [isinstance(d, BusError) for d in done] == [False, True, True]
        with pytest.raises(BusError, match="On the bus: nobody"):
            await bus.request(note("b"))
        bus.subscribe("b", handler)

    async def test_names_are_unique(self, bus: MessageBus) -> None:
        async def handler(message: MCPMessage) -> None: ...

        bus.subscribe("b", handler)
        with pytest.raises(BusError, match="already"):
            bus.subscribe("b", handler)

    async def test_close_ends_everything(self, bus: MessageBus) -> None:
        ended: list[str] = []

        async def handler(message: MCPMessage) -> None:
            try:
                await asyncio.sleep(30)
            finally:
                ended.append("b")

        bus.subscribe("b", handler)
        calls = [asyncio.ensure_future(bus.request(note("b"))) for _ in range(3)]
        await settled()
        await bus.close()
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(d) for d in done] == [BusError] * 3
        assert ended == ["b"]
        with pytest.raises(BusError, match="closed"):
            await bus.request(note("b"))

    async def test_the_conversation_has_names_but_no_content(self, bus: MessageBus) -> None:
        async def handler(message: MCPMessage) -> dict[str, Any]:
            return {"secret": "canary-value"}

        bus.subscribe("b", handler)
        await bus.request(note("b", capability=SCAN, content={"dataset": REF, "secret": "canary-value"}))
        told = bus.conversation()
        assert [e.kind for e in told] == ["sent", "handled", "reply"]
        assert (told[0].sender, told[0].recipient, told[0].capability, told[0].dataset) == ("tester", "b", SCAN.value, "orders")
        assert "canary" not in repr(told)
