"""Figures of the workflows: cost over direct calls, size of the checkpoints, many runs at once.

Run it as a script; it prints one line a figure, and fails where one is missed.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["EDGP_HOME"] = tempfile.mkdtemp(prefix="edgp-bench-")

import numpy as np
import pandas as pd

import edgp_magics as edgp
from edgp_magics.agents import reset, runtime
from edgp_magics.workflows import arun_workflow, described, run_workflow

CAPABILITIES = ("assess", "scan", "clean", "report")


def table(rows: int) -> pd.DataFrame:
    """Customers with some defects."""
    random = np.random.default_rng(7)
    df = pd.DataFrame(
        {
            "id": np.arange(rows),
            "email": [f"user{i % 5000}@example.org" for i in range(rows)],
            "country": random.choice(["SG", "DE", "FR", "US"], rows),
            "amount": random.gamma(2.0, 50.0, rows).round(2),
            "day": pd.date_range("2020-01-01", periods=rows, freq="min").as_unit("us"),
        }
    )
    df.loc[random.choice(rows, rows // 50, replace=False), "email"] = None
    df.loc[random.choice(rows, rows // 100, replace=False), "country"] = "??"
    return df


def seconds(work: Callable[[], object]) -> float:
    """The time of one call, in a fresh runtime."""
    reset()
    edgp.retrieve("warm up")
    clock = time.perf_counter()
    work()
    return time.perf_counter() - clock


def direct(df: pd.DataFrame) -> None:
    """The calls that the assessment makes."""
    for verb in CAPABILITIES:
        edgp.run(verb, df, name="customers")


def overhead(rows: int, times: int) -> float:
    """The assessment as a workflow over the same calls made directly (medians, taken in turn)."""
    df = table(rows)
    direct(df)
    run_workflow("comprehensive_data_assessment", df, dataset="customers")
    pairs = [
        (seconds(lambda: run_workflow("comprehensive_data_assessment", df, dataset="customers")), seconds(lambda: direct(df)))
        for _ in range(times)
    ]
    return statistics.median(w for w, _ in pairs) / statistics.median(d for _, d in pairs)


def kept_bytes(rows: int) -> int:
    """What one assessment leaves in the checkpoint files."""
    home = Path(os.environ["EDGP_HOME"])
    reset()
    for old in home.glob("workflows.sqlite*"):
        old.unlink()
    run = run_workflow("comprehensive_data_assessment", table(rows), dataset="customers")
    assert run.status == "completed", run.failed
    return sum(p.stat().st_size for p in home.glob("workflows.sqlite*") if not p.name.endswith("-shm"))


def at_once(count: int) -> tuple[int, float]:
    """Runs of a small workflow at the same time: how many were completed, and how long all took."""
    df = pd.DataFrame({"a": range(20), "b": ["x", "y"] * 10})
    small = described("nodes:\n  figures: metrics\n  again: {capability: metrics, options: {by: [b]}}\nedges:\n  - figures -> again\n")

    async def all_of_them() -> int:
        runs = await asyncio.gather(*(arun_workflow(small, df, dataset="small") for _ in range(count)))
        return sum(r.status == "completed" and r.state["completed_steps"] == ["figures", "again"] for r in runs)

    reset()
    clock = time.perf_counter()
    return runtime().wait(all_of_them()), time.perf_counter() - clock


def main(quick: bool) -> int:
    """Print the figures; 1 where one is missed."""
    ratio = overhead(20_000 if quick else 100_000, 3)
    size = kept_bytes(1_000_000)
    done, took = at_once(1000)
    checks = {
        f"assessment as a workflow / direct calls: {ratio:.2f} (at most 1.3)": ratio <= 1.3,
        f"checkpoints of a run on 1,000,000 rows: {size:,} bytes (under 100,000)": size < 100_000,
        f"runs completed of 1,000 at once: {done} in {took:.1f} s": done == 1000,
    }
    for text, good in checks.items():
        print(("ok    " if good else "MISSED"), text)
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main("--quick" in sys.argv))
