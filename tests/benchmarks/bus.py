"""Messages a second, beside a plain asyncio queue that does the same work in the same run.

The queue's side is what one would write by hand for the same purpose: a bounded ``asyncio.Queue`` of 1,000, as the bus's
mailbox is; one consumer task that looks the handler up by recipient, awaits it for each message, catches what it raises and
marks the task done; for a reply, a future beside each message. Both sides build one ``MCPMessage`` (its content checked, with
its id and trace context) for each send and one for each reply, and await the same handler, which yields to the loop once, as
a handler that does anything does. Building messages is about half of the one-way time, and counts on both sides.
The bus adds priorities, slots, deadlines, the trace context around the handler, the conversation log and dead letters; the
queue has none of them. Processor time is counted, the sides take turns, and the best of several rounds on each is compared,
so that other work on the machine does not decide.

Run: ``python tests/benchmarks/bus.py``
"""

import asyncio
import json
import time

from edgp_magics.services.bus import MCPMessage, MCPMessageBus

ROUNDS, COUNT = 40, 1_000


def message(kind="notice"):
    return MCPMessage(sender_id="quality", recipient_id="remediation", message_type=kind, content={"dataset": "orders", "findings": 3})


async def handle(message):
    await asyncio.sleep(0)
    return {"seen": message.content["findings"]}


async def consume(queue, handlers):
    while True:
        sent, future = await queue.get()
        try:
            answer = await handlers[sent.recipient_id](sent)
            if future is not None:
                future.set_result(sent.reply(answer))
        except Exception as error:
            if future is not None:
                future.set_exception(error)
        queue.task_done()


def counted():
    """The handler, and an event that is set when it has seen all messages."""
    left, done = COUNT, asyncio.Event()

    async def handler(sent):
        nonlocal left
        await asyncio.sleep(0)
        left -= 1
        if not left:
            done.set()

    return handler, done


async def queue_one_way():
    queue, (handler, done) = asyncio.Queue(1_000), counted()
    task = asyncio.create_task(consume(queue, {"remediation": handler}))
    for _ in range(COUNT):
        await queue.put((message(), None))
    await done.wait()
    task.cancel()


async def bus_one_way():
    bus, (handler, done) = MCPMessageBus(), counted()
    bus.subscribe("remediation", handler)
    for _ in range(COUNT):
        await bus.send_message(message())
    await done.wait()


async def queue_requests(side_by_side):
    queue = asyncio.Queue(1_000)
    task = asyncio.create_task(consume(queue, {"remediation": handle}))

    async def client():
        for _ in range(COUNT // side_by_side):
            future = asyncio.get_running_loop().create_future()
            await queue.put((message("request"), future))
            await future

    await asyncio.gather(*(client() for _ in range(side_by_side)))
    task.cancel()


async def bus_requests(side_by_side):
    bus = MCPMessageBus()
    bus.subscribe("remediation", handle)

    async def client():
        for _ in range(COUNT // side_by_side):
            await bus.request(message("request"))

    await asyncio.gather(*(client() for _ in range(side_by_side)))


def a_second(work):
    clock = time.process_time()
    asyncio.run(work())
    return COUNT / (time.process_time() - clock)


def measure():
    """Rates and ratios, as plain data."""
    cases = {
        "one_way": (bus_one_way, queue_one_way),
        "request_reply": (lambda: bus_requests(1), lambda: queue_requests(1)),
        "request_reply_50_side_by_side": (lambda: bus_requests(50), lambda: queue_requests(50)),
    }
    out = {}
    for name, (bus, queue) in cases.items():
        rounds = [(a_second(bus), a_second(queue)) for _ in range(ROUNDS)]
        ours, plain = max(r[0] for r in rounds), max(r[1] for r in rounds)
        out[name] = {"bus_per_second": round(ours), "queue_per_second": round(plain), "ratio": round(ours / plain, 2)}
    return out


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
