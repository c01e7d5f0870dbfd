"""The conversation as a chart."""

import asyncio
from xml.etree import ElementTree

import pytest

from edgp_magics.display import to_html, to_markdown, to_text
from edgp_magics.errors import BusError
from edgp_magics.services.bus import MCPMessage, MCPMessageBus, mermaid, sequence_chart
from edgp_magics.testing._bus import REF, SCAN, note, settled
from edgp_magics.values import Drawing, Grid

HOSTILE = "<script>alert(1)</script>;\n%%{init}%% a->>b: \"x\" 'y' 😀"


async def talk(bus, names=("quality", "remediation")):
    first, second = names

    async def plans(message):
        if message.content.get("fail"):
            raise ValueError("canary-value")
        if message.content.get("slow"):
            await asyncio.sleep(30)
        await bus.send_message(note(first, second, capability=SCAN, content={"dataset": HOSTILE}))
        return {"plan": "P-1"}

    async def listens(message):
        return None

    bus.subscribe(first, listens)
    bus.subscribe(second, plans)
    await bus.request(note(second, first, capability=SCAN, content={"dataset": REF}))
    with pytest.raises(ValueError):
        await bus.request(note(second, first, content={"fail": True}))
    with pytest.raises(BusError):
        await bus.send_message(note("nobody", first))
    call = asyncio.ensure_future(bus.request(note(second, first, content={"slow": True})))
    await settled()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    return bus.conversation()


def parts(document, kind):
    return next(b for b in document.blocks if isinstance(b, kind))


async def test_the_chart_says_who_said_what():
    told = await talk(MCPMessageBus())
    document = sequence_chart(told)
    kinds = [row[1] for row in parts(document, Grid).rows]
    assert sorted(kinds) == sorted(["sent"] * 5 + ["reply", "failed", "dead", "cancelled"])
    text = mermaid(told[:3])
    assert text.splitlines()[0] == "sequenceDiagram"
    assert "p0->>p1: privacy scan (orders)" in text
    assert "canary" not in repr(document)


@pytest.mark.parametrize("names", [("quality", "remediation"), (HOSTILE, "<b>x</b>"), ("", "ü")])
async def test_hostile_names_are_harmless(names):
    told = await talk(MCPMessageBus(), names)
    document = sequence_chart(told)
    svg = ElementTree.fromstring(parts(document, Drawing).svg)
    assert not [e for e in svg.iter() if e.tag.endswith("script")]
    for line in mermaid(told).splitlines()[1:]:
        assert line.count(":") <= 1
        assert not set(line.split(":", 1)[-1]) & set('<>;"%{}')
    assert "<script>" not in to_html(document)
    assert to_markdown(document)
    assert to_text(document)


def test_nothing_was_said():
    assert sequence_chart(()).blocks[0].text == "Nothing was said yet."


async def test_what_waits_is_told_too_and_a_long_talk_is_cut():
    bus, gate = MCPMessageBus(), asyncio.Event()

    async def handler(message):
        await gate.wait()

    bus.subscribe("b", handler)
    for n in range(300):
        await bus.send_message(MCPMessage(sender_id="a", recipient_id="b", content={"n": n}))
    assert [e.kind for e in bus.conversation()] == ["sent"] * 300
    document = sequence_chart(bus.conversation())
    assert (len(parts(document, Grid).rows), parts(document, Grid).more) == (200, 100)
    assert parts(document, Drawing).svg.count("<path") == 60
    gate.set()
    await bus.close()


async def test_the_seeded_clock_makes_equal_charts():
    one, two = [sequence_chart(await talk(MCPMessageBus(seed=3))) for _ in range(2)]
    assert parts(one, Drawing) == parts(two, Drawing)
    assert [r[:5] for r in parts(one, Grid).rows] == [r[:5] for r in parts(two, Grid).rows]
