"""The in-process bus: the contract in both modes, and what is its own."""

import asyncio
import gc

import pytest

from edgp_magics.errors import BusError, UnknownName
from edgp_magics.services.bus import MCPMessage, MCPMessageBus, MessagePriority
from edgp_magics.testing._bus import BusContract, note, settled


class TestInProcess(BusContract):
    @pytest.fixture
    def bus(self):
        return MCPMessageBus()


class TestReproducible(BusContract):
    @pytest.fixture(params=[1, 2, 3])
    def bus(self, request):
        return MCPMessageBus(seed=request.param)


async def chatter(bus):
    """Five agents that talk to each other; the order in which they were served."""
    served = []

    def agent(name, peers):
        async def handler(message):
            served.append(name)
            left = message.content["left"]
            await asyncio.gather(*(bus.request(note(p, name, content={"left": left - 1})) for p in peers if left))
            return {}

        return handler

    names = "abcde"
    for n in names:
        bus.subscribe(n, agent(n, [p for p in names if p > n]), concurrency=2)
    await asyncio.gather(*(bus.request(note(n, content={"left": 2})) for n in names))
    return "".join(served), [(e.kind, e.at, e.sender, e.recipient) for e in bus.conversation()]


def test_one_seed_one_order():
    first, again, other = (asyncio.run(chatter(MCPMessageBus(seed=s))) for s in (7, 7, 8))
    assert first == again
    assert first[0] != other[0]
    assert sorted(first[0]) == sorted(other[0])


@pytest.mark.parametrize(("ageing", "order"), [(0.02, ["low", "urgent"]), (60.0, ["urgent", "low"])])
async def test_waiting_raises_priority(ageing, order):
    bus, got, gate = MCPMessageBus(ageing=ageing), [], asyncio.Event()

    async def handler(message):
        await gate.wait()
        got.append(message.content["n"])

    bus.subscribe("b", handler)
    await bus.send_message(note("b", content={"n": "first"}))
    await settled()
    await bus.send_message(note("b", content={"n": "low"}, priority=MessagePriority.LOW))
    await asyncio.sleep(0.1)
    await bus.send_message(note("b", content={"n": "urgent"}, priority=MessagePriority.URGENT))
    gate.set()
    await settled()
    assert got == ["first", *order]


async def test_a_low_message_is_not_starved_by_a_stream_of_urgent_ones():
    bus, got = MCPMessageBus(ageing=0.01), []

    async def handler(message):
        got.append(message.priority.name)
        await asyncio.sleep(0.001)

    async def stream():
        while "LOW" not in got:
            await bus.send_message(note("b", priority=MessagePriority.URGENT))
            await asyncio.sleep(0.0005)

    bus.subscribe("b", handler)
    await bus.send_message(note("b", priority=MessagePriority.URGENT))
    await bus.send_message(note("b", priority=MessagePriority.LOW))
    await asyncio.wait_for(stream(), 5)


def test_the_bus_outlives_a_loop():
    bus = MCPMessageBus()

    async def handler(message):
        return {"n": message.content["n"]}

    bus.subscribe("b", handler)
    for n in range(3):
        assert asyncio.run(bus.request(note("b", content={"n": n}))).content == {"n": n}


def test_a_loop_that_ends_in_the_middle_leaves_a_working_bus():
    bus = MCPMessageBus()

    async def handler(message):
        await asyncio.sleep(message.content["s"])
        return {}

    async def leave():
        await bus.send_message(note("b", content={"s": 30}))
        await settled()

    bus.subscribe("b", handler)
    asyncio.run(leave())
    assert [d.reason for d in bus.dead_letters()] == ["closed"]
    asyncio.run(asyncio.wait_for(bus.request(note("b", content={"s": 0})), 1))


async def test_a_handler_that_swallows_its_cancellation_harms_nobody():
    bus = MCPMessageBus()

    async def stubborn(message):
        if message.content.get("ok"):
            return {"ok": 1}
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            return {"too": "late"}

    bus.subscribe("b", stubborn)
    with pytest.raises(BusError, match="deadline"):
        await bus.request(note("b"), timeout=0.02)
    assert (await asyncio.wait_for(bus.request(note("b", content={"ok": 1})), 1)).content == {"ok": 1}
    assert bus.load()["b"]["waiting"] == 0


async def test_one_way_messages_have_deadlines_too():
    bus, got = MCPMessageBus(), []

    async def handler(message):
        got.append(message.content["n"])
        await asyncio.sleep(30)

    bus.subscribe("b", handler)
    await bus.send_message(note("b", content={"n": 0}))
    await bus.send_message(MCPMessage(**soon("b", 0.03), content={"n": 1}))
    await settled()
    await asyncio.sleep(0.06)
    assert got == [0]
    assert [(d.reason, d.message.content["n"]) for d in bus.dead_letters()] == [("deadline", 1)]
    await bus.close()


def soon(recipient, seconds):
    import datetime as dt

    return {"sender_id": "t", "recipient_id": recipient, "deadline": dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)}


async def test_tasks_of_a_handler_may_ask_side_by_side_and_outlive_it():
    bus, left = MCPMessageBus(), []

    async def parent(message):
        await asyncio.gather(*(bus.request(note("child", "parent", content={"n": n})) for n in range(5)))
        left.append(asyncio.ensure_future(bus.request(note("child", "parent", content={"n": 9}))))
        return {}

    async def child(message):
        await asyncio.sleep(0.002)
        if message.content["n"] == 2:
            await bus.request(note("leaf", "child"))
        return {}

    async def leaf(message):
        return {}

    for name, handler in (("parent", parent), ("child", child), ("leaf", leaf)):
        bus.subscribe(name, handler, concurrency=1)
    await asyncio.wait_for(asyncio.gather(*(bus.request(note("parent")) for _ in range(10))), 10)
    await asyncio.gather(*left)
    await settled()
    assert all(box.free == 1 for box in bus._mailboxes.values())


async def test_slots_come_back_whatever_happens():
    bus = MCPMessageBus()

    async def a(message):
        n = message.content["n"]
        if n % 3 == 0:
            raise ValueError(n)
        await bus.request(note("b", "a", content={"n": n}), timeout=0.01 if n % 3 == 1 else None)
        return {}

    async def b(message):
        await asyncio.sleep(0.02 if message.content["n"] % 3 == 1 else 0)
        return {}

    bus.subscribe("a", a, concurrency=2, capacity=5)
    bus.subscribe("b", b, concurrency=3, capacity=2)
    calls = [asyncio.ensure_future(bus.request(note("a", content={"n": n}))) for n in range(40)]
    await asyncio.sleep(0.01)
    for call in calls[::5]:
        call.cancel()
    await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)
    await asyncio.sleep(0.05)
    assert {n: (box.free, box.waiting, box.seeking, len(box.room)) for n, box in bus._mailboxes.items()} == {
        "a": (2, 0, 0, 0),
        "b": (3, 0, 0, 0),
    }


async def test_a_queued_request_that_is_cancelled_is_never_handled():
    bus, got, gate = MCPMessageBus(), [], asyncio.Event()

    async def handler(message):
        got.append(message.content["n"])
        await gate.wait()
        return {}

    bus.subscribe("b", handler)
    calls = [asyncio.ensure_future(bus.request(note("b", content={"n": n}))) for n in range(3)]
    await settled()
    calls[1].cancel()
    await settled()
    gate.set()
    await asyncio.gather(*calls, return_exceptions=True)
    assert got == [0, 2]


async def test_the_first_caller_gives_up_and_the_second_is_told():
    bus = MCPMessageBus()

    async def handler(message):
        await asyncio.sleep(30)

    bus.subscribe("b", handler)
    first, second = (asyncio.ensure_future(bus.request(note("b"), idempotency_key="k")) for _ in range(2))
    await settled()
    first.cancel()
    with pytest.raises(BusError, match="was cancelled"):
        await asyncio.wait_for(second, 1)


async def test_stop_iteration_cannot_cross_and_is_said():
    bus = MCPMessageBus()

    async def handler(message):
        return {"n": next(iter(()))}

    bus.subscribe("b", handler)
    with pytest.raises((BusError, RuntimeError), match="StopIteration"):
        await bus.request(note("b"))


async def test_a_frame_in_a_reply_is_the_handlers_error():
    import pandas as pd

    bus = MCPMessageBus()

    async def handler(message):
        return {"data": pd.DataFrame({"a": [1]})}

    bus.subscribe("b", handler)
    with pytest.raises(BusError, match="handle"):
        await bus.request(note("b"))


async def test_replay_of_what_is_not_there():
    bus = MCPMessageBus()
    with pytest.raises(UnknownName, match="no dead letter"):
        await bus.replay("m-1")
    with pytest.raises(BusError):
        await bus.send_message(note("b"))
    with pytest.raises(BusError, match="not on the bus"):
        await bus.replay(bus.dead_letters()[0].message.message_id)


async def test_events_are_reported():
    seen = []
    bus = MCPMessageBus(on_event=lambda kind, message, seconds: seen.append((kind, message.message_type, seconds >= 0)))

    async def handler(message):
        if message.content.get("fail"):
            raise ValueError

    bus.subscribe("b", handler)
    await bus.request(note("b"))
    with pytest.raises(ValueError):
        await bus.request(note("b", content={"fail": 1}))
    assert seen == [("sent", "request", True), ("handled", "request", True), ("sent", "request", True), ("failed", "request", True)]


async def test_a_thousand_requests_at_once_are_all_answered_and_nothing_is_kept():
    bus = MCPMessageBus()

    async def handler(message):
        await asyncio.sleep(0)
        return {"n": message.content["n"]}

    bus.subscribe("b", handler, concurrency=4, capacity=10)
    replies = await asyncio.gather(*(bus.request(note("b", content={"n": n})) for n in range(1000)))
    assert [r.content["n"] for r in replies] == list(range(1000))
    await settled()
    gc.collect()
    assert not bus._mailboxes["b"].workers


async def test_the_conversation_has_what_is_handled_waits_and_waits_for_room():
    bus, go = MCPMessageBus(), asyncio.Event()

    async def handler(message):
        await go.wait()

    subscription = bus.subscribe("b", handler, capacity=1)
    senders = []
    for _ in range(3):
        senders.append(asyncio.create_task(bus.send_message(note("b"))))
        await asyncio.sleep(0.01)
    assert [e.kind for e in bus.conversation()] == ["sent"] * 3
    subscription.cancel()
    await asyncio.gather(*senders)
    assert sorted(e.kind for e in bus.conversation()) == ["dead", "dead", "sent", "sent", "sent"]
    go.set()
    await asyncio.sleep(0.01)
    assert [e.kind for e in bus.conversation()].count("handled") == 1


async def test_a_message_whose_sender_is_stopped_before_it_has_its_slot_back_is_called_off():
    bus, room, leave = MCPMessageBus(), asyncio.Event(), asyncio.Event()

    async def full(message):
        await room.wait()

    async def agent(message):
        if message.content["n"]:
            await leave.wait()  # holds the slot that the first one lent
        else:
            await bus.send_message(note("full"))

    bus.subscribe("full", full, capacity=1)
    bus.subscribe("agent", agent)
    for _ in range(2):
        await bus.send_message(note("full"))
        await asyncio.sleep(0.01)
    asking = asyncio.create_task(bus.request(note("agent", content={"n": 0})))
    await asyncio.sleep(0.01)
    await bus.send_message(note("agent", content={"n": 1}))
    await asyncio.sleep(0.02)
    room.set()
    await asyncio.sleep(0.02)
    asking.cancel()
    await asyncio.sleep(0.02)
    leave.set()
    await asyncio.sleep(0.02)
    kinds = [e.kind for e in bus.conversation() if e.recipient == "full"]
    assert (kinds.count("sent"), kinds.count("handled"), kinds.count("cancelled")) == (3, 2, 1)
