"""The monitor that is refreshed in place, without a browser."""

from __future__ import annotations

import time

from edgp_magics.values import Document, Text
from edgp_magics.widgets import LiveMonitor


def until(met: object) -> None:
    for _ in range(200):
        if met():  # type: ignore[operator]
            return
        time.sleep(0.02)
    raise AssertionError("did not come")


def test_it_is_refreshed_until_the_button_stops_it() -> None:
    said = ["one run"]
    live = LiveMonitor(lambda: Document("Monitor", (Text(said[-1]),)), every=0.02)
    box = live.widget()
    assert "one run" in box.children[0].value
    said.append("two runs")
    until(lambda: "two runs" in box.children[0].value)
    live._widgets["stop"].click()
    until(lambda: not live.running)
    said.append("three runs")
    time.sleep(0.1)
    assert "three runs" not in box.children[0].value
    assert live._widgets["status"].value == "Stopped."


def test_it_stops_by_itself_when_nothing_is_new() -> None:
    live = LiveMonitor(lambda: Document("Monitor", (Text("quiet"),)), every=0.02, quiet=0.1)
    live.widget()
    assert live.running
    until(lambda: not live.running)
