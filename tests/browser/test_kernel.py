"""A real kernel: how soon the first output comes, and how soon an interrupt returns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BIG = (
    "%load_ext edgp_magics\nimport numpy as np, pandas as pd\n"
    "r = np.random.default_rng(0)\n"
    "big = pd.DataFrame({f'n{i}': r.normal(size=1_500_000) for i in range(10)} | {f's{i}': r.integers(0, 10**9, 1_500_000).astype(str) for i in range(6)})"
)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Any]:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture(autouse=True)
def no_network() -> None:
    """The kernel is spoken to over loopback."""


def run(client: Any, code: str, timeout: float = 120) -> tuple[str, list[dict[str, Any]]]:
    """Run a cell; its status and what it put out."""
    shown: list[dict[str, Any]] = []
    reply = client.execute_interactive(
        code, timeout=timeout, output_hook=lambda m: shown.append({"type": m["msg_type"], "at": time.monotonic(), **m["content"]})
    )
    return reply["content"]["status"], shown


def test_an_interrupt_returns_within_a_second_and_the_next_cell_runs(kernel: Any) -> None:
    manager, client = kernel
    assert run(client, BIG + "\n%governance profile big.head(9)")[0] == "ok"  # what is imported on first use is there
    request = client.execute("%governance profile big")
    time.sleep(1.5)
    begun = time.monotonic()
    manager.interrupt_kernel()
    while True:
        reply = client.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == request:
            break
    waited = time.monotonic() - begun
    assert reply["content"]["status"] == "error"
    assert reply["content"]["ename"] == "Interrupted"
    assert waited < 1.0
    status, shown = run(client, "small = big.head(50)\n%governance profile small")
    assert status == "ok"
    assert any("Data profiling" in str(m.get("data", "")) for m in shown)


def test_feedback_comes_first(kernel: Any) -> None:
    _, client = kernel
    begun = time.monotonic()
    status, shown = run(client, "medium = big.head(100_000)\n%governance profile medium")
    assert status == "ok"
    outputs = [m for m in shown if m["type"] in ("display_data", "execute_result")]
    assert outputs[0]["type"] == "display_data"
    assert outputs[0]["at"] - begun < outputs[-1]["at"] - begun
