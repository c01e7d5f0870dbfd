"""A workflow as a person drives it: the picture while it runs, the question, its buttons, the end, and the notebook without kernel."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

import pytest

_spec = importlib.util.spec_from_file_location("edgp_lab", Path(__file__).parent / "lab.py")
assert _spec is not None
assert _spec.loader is not None
lab = importlib.util.module_from_spec(_spec)
sys.modules["edgp_lab"] = lab
_spec.loader.exec_module(lab)

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not lab.CHROMIUM, reason="no chromium on this machine"), pytest.mark.timeout(900)]

START = "%load_ext edgp_magics\nimport pandas as pd\nfrom edgp_magics.testing import planted_customers\ncustomers = planted_customers(200, each=4).frame"
SEEN = """() => { window.seen = []; new MutationObserver(() => {
  for (const e of document.querySelectorAll('.jp-OutputArea-output svg title')) if (!window.seen.includes(e.textContent)) window.seen.push(e.textContent)
}).observe(document.body, {subtree: true, childList: true}) }"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with lab.running_lab(tmp_path_factory.mktemp("lab"), height=1900) as found:
        yield found


@pytest.fixture(autouse=True)
def no_network() -> None:
    """The browser and the server talk over loopback by themselves."""


def test_a_run_is_seen_asks_is_answered_and_ends(running: Any) -> None:
    running.notebook(
        [START, "%governance workflow remediation_loop customers -o run", "%governance resume run --widget -o approval"], name="f.ipynb"
    )
    page = running.page
    page.evaluate(SEEN)
    running.run_all()
    seen = page.evaluate("() => window.seen")
    for state in ("quality check: running", "quality check: done", "remediation plan: running", "approval: waiting"):
        assert state in seen, seen
    ticks = page.locator(".widget-checkbox input")
    assert ticks.nth(0).is_checked()
    ticks.nth(0).uncheck()
    ticks.nth(1).check()
    page.get_by_text("1 action ticked").wait_for()
    page.get_by_role("button", name="Go on").click()
    page.get_by_text(re.compile(r"\b1 of \d+ actions approved")).first.wait_for()
    page.get_by_role("button", name="Reject all").click()
    page.get_by_text("The run is completed").wait_for()
    assert "Completed: 7 steps on customers" in running.outputs()[2]
    assert "New table customers_clean" in running.outputs()[2]
    assert running.errors == []
    assert running.offsite == []


def test_the_end_of_a_run_is_read_without_kernel(running: Any) -> None:
    running.reopen("f.ipynb", "later.ipynb", shown="svg")
    shown = "\n".join(running.outputs())
    for word in ("Waiting: 2 steps on customers", "Completed: 7 steps on customers", "customers_clean"):
        assert word in shown


def test_messages_and_monitor_are_drawn_and_refreshed(running: Any) -> None:
    cells = ["%governance assess customers", "%governance clean customers", "%governance messages", "%governance monitor --live -o live"]
    running.notebook([START, *cells], name="m.ipynb")
    running.run_all()
    page = running.page
    shown = page.evaluate("() => [...document.querySelectorAll('.jp-OutputArea-output')].map(e => e.textContent).join(' ')")
    for words in ("Taken in from other agents", "notice: data quality assessment (customers)", "Runs by capability"):
        assert words in shown
    page.get_by_text("Refreshed every second").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
    assert running.errors == []
