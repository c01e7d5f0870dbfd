"""Processor seconds and memory of profile, checks, assess, drift, anomalies and scan, beside floors that do as little as possible.

Every figure is taken in a fresh process, on one table, in one run: a customers table of 20 columns with planted defects, made
here, or by the peers' generator where ``../shared/bench/peers`` is (then its forty checks and its DuckDB floor are used, too).
Each process runs the work on 2,000 rows first, so that imports are not counted. Memory is what the work needs at its peak
beyond the process with the table loaded.

Run: ``python tests/benchmarks/quality.py [--rows 1000000] [--only checks,profile]``
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

HERE = Path(__file__).resolve().parent
PEERS = Path(os.environ.get("DQ_PEERS", HERE.parents[2] / "shared" / "bench" / "peers"))
WARM = 2_000
SCANNED = 100_000
SCORED = 100_000
SOURCES = ("polars", "arrow", "pandas")
Check = dict[str, Any]
Work = Callable[[Any, Any], Any]


# -- the table and its checks --------------------------------------------------------------------------------------
def customers(rows: int, *, seed: int = 7, drifted: bool = False) -> pl.DataFrame:
    """A table of customers; one row in two hundred has a defect of some column."""
    rng = np.random.default_rng(seed)
    ids = np.arange(rows) + 10_000_000
    first = rng.choice(["Ada", "Ben", "Chen", "Diego", "Emma", "Farah", "Grace", "Hugo", "Ines", "Jonas"], rows)
    last = rng.choice(["Abel", "Braun", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Jones", "Khan"], rows)
    country = rng.choice(["SG", "DE", "FR", "GB", "US"], rows, p=[0.1, 0.2, 0.2, 0.1, 0.4] if drifted else [0.3, 0.2, 0.2, 0.2, 0.1])
    segment = rng.choice(["Retail", "Premium", "SME", "Corporate"], rows, p=[0.6, 0.2, 0.15, 0.05])
    limit = np.round(rng.gamma(2, 5_000, rows) + 500, 2)
    born = np.datetime64("1940-01-01", "us") + rng.integers(0, 24_000, rows).astype("timedelta64[D]")
    signed = np.datetime64("2010-01-01", "us") + rng.integers(0, 5_000 * 86_400, rows).astype("timedelta64[s]")
    table = pl.DataFrame(
        {
            "customer_id": ids, "account_no": ids, "first_name": first, "last_name": last, "email": ids, "phone": rng.integers(10**9, 10**10, rows),
            "birth_date": born, "signup_ts": signed, "last_login_ts": signed + rng.integers(0, 900, rows).astype("timedelta64[D]"),
            "country": country, "city": country, "postcode": rng.integers(10_000, 99_999, rows), "segment": segment,
            "status": rng.choice(["active", "inactive", "pending", "closed"], rows, p=[0.7, 0.17, 0.05, 0.08]),
            "balance": np.round(limit * rng.beta(2, 5, rows) * (1.15 if drifted else 1.0), 2), "credit_limit": limit, "txn_count": rng.poisson(90, rows),
            "iban": rng.integers(10**17, 10**18, rows), "card_no": rng.integers(4 * 10**15, 5 * 10**15, rows), "currency": country,
        }
    )  # fmt: skip
    cities = {"SG": "Singapore", "DE": "Berlin", "FR": "Lyon", "GB": "Leeds", "US": "Boston"}
    table = table.with_columns(
        pl.format("AC{}", "account_no").alias("account_no"),
        pl.format("{}.{}{}@example.org", pl.col("first_name").str.to_lowercase(), pl.col("last_name").str.to_lowercase(), "email").alias(
            "email"
        ),
        pl.format("+{}", "phone").alias("phone"),
        pl.col("postcode").cast(pl.String),
        pl.format("DE{}", "iban").alias("iban"),
        pl.col("card_no").cast(pl.String),
        pl.col("city").replace_strict(cities),
        pl.col("currency").replace_strict({"SG": "SGD", "DE": "EUR", "FR": "EUR", "GB": "GBP", "US": "USD"}),
    )
    bad = pl.Series(rng.random(rows) < 0.005)
    return table.with_columns(
        pl.when(bad).then(None).otherwise(pl.col(c)).alias(c)
        if i % 2
        else pl.when(bad).then(pl.col(c).shift(1)).otherwise(pl.col(c)).alias(c)
        for i, c in enumerate(table.columns)
    )


def own_checks() -> list[Check]:
    """Forty checks: presence, uniqueness, patterns, sets, ranges, lengths, pairs, a condition and three of the table."""
    out: list[Check] = [
        {"kind": "not_null", "col": c} for c in ("customer_id", "account_no", "email", "country", "status", "signup_ts", "city", "iban")
    ]
    out += [{"kind": "unique", "col": c} for c in ("customer_id", "account_no", "email")]
    out += [{"kind": "unique_combo", "cols": ["customer_id", "signup_ts"]}]
    patterns = {"account_no": r"^AC\d{8}$", "email": r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", "phone": r"^\+\d{9,15}$", "postcode": r"^\d{5}$"}
    patterns |= {"iban": r"^[A-Z]{2}\d{10,30}$", "card_no": r"^\d{16}$", "currency": r"^[A-Z]{3}$"}
    out += [{"kind": "regex", "col": c, "rx": rx} for c, rx in patterns.items()]
    sets = {"country": ["SG", "DE", "FR", "GB", "US"], "segment": ["Retail", "Premium", "SME", "Corporate"]}
    sets |= {"status": ["active", "inactive", "pending", "closed"], "currency": ["SGD", "EUR", "GBP", "USD"]}
    out += [{"kind": "in_set", "col": c, "values": v} for c, v in sets.items()]
    ranges = {"balance": (0.0, 1e6), "credit_limit": (1.0, 1e5), "txn_count": (0, 10_000)}
    out += [{"kind": "range", "col": c, "lo": lo, "hi": hi} for c, (lo, hi) in ranges.items()]
    from datetime import datetime as day

    out += [{"kind": "range", "col": c, "lo": day(1900, 1, 1), "hi": day(2026, 1, 1)} for c in ("birth_date", "signup_ts", "last_login_ts")]
    out += [
        {"kind": "length", "col": c, "lo": lo, "hi": hi}
        for c, lo, hi in (("first_name", 1, 12), ("last_name", 1, 40), ("account_no", 10, 10), ("city", 4, 60))
    ]
    out += [
        {"kind": "pair", "a": a, "b": b, "op": op}
        for a, b, op in (("last_login_ts", "signup_ts", ">="), ("signup_ts", "birth_date", ">"), ("credit_limit", "balance", ">="))
    ]
    out += [{"kind": "cond", "when": ("status", "closed"), "col": "balance", "hi": 0.0}, {"kind": "row_count", "lo": 1000, "hi": 10**8}]
    return [
        *out,
        {"kind": "mean", "col": "balance", "lo": 1000.0, "hi": 20_000.0},
        {"kind": "n_distinct", "col": "country", "lo": 1, "hi": 8},
    ]


def forty() -> list[Check]:
    """The peers' forty checks where they are, else our own."""
    sys.path.insert(0, str(PEERS))
    try:
        return list(importlib.import_module("spec").CHECKS)
    except ImportError:
        return own_checks()


# -- ours ----------------------------------------------------------------------------------------------------------
def _run(verb: str, data: Any, **options: Any) -> Any:
    from edgp_magics.capabilities import spec_of
    from edgp_magics.frames import as_frame
    from edgp_magics.values import Context

    return spec_of(verb).function(as_frame(data, name="customers"), Context(), **options)


def _rules_run(data: Any) -> tuple[Any, Any]:
    from peer_edgp import rule_of

    from edgp_magics.capabilities.checks import run_rules
    from edgp_magics.frames import as_frame
    from edgp_magics.values import Context

    frame = as_frame(data, name="customers")
    return frame, run_rules(frame, [rule_of(c) for c in forty()], Context())


def ours_checks(data: Any, other: Any) -> Any:
    return sum(outcome.failing for outcome in _rules_run(data)[1])


def ours_rows(data: Any, other: Any) -> Any:
    from edgp_magics.capabilities.checks import cell_table

    return len(cell_table(*_rules_run(data)))


def ours_drift(data: Any, other: Any) -> Any:
    return len(_run("profile", data, depth="columns").compare(other).drifted)


def ours_scan(data: Any, other: Any) -> Any:
    return len(_run("scan", data).columns)


# -- floors --------------------------------------------------------------------------------------------------------
def _failing(check: Check) -> pl.Expr:
    """The rows that fail a check, as a mask (null passes but for presence)."""
    col = pl.col(check["col"]) if "col" in check else pl.lit(None)
    kind = check["kind"]
    masks: dict[str, Callable[[], pl.Expr]] = {
        "not_null": lambda: col.is_null(),
        "unique": lambda: col.is_duplicated() & col.is_not_null(),
        "unique_combo": lambda: pl.struct(check["cols"]).is_duplicated(),
        "regex": lambda: ~col.str.contains(check["rx"]),
        "in_set": lambda: ~col.is_in(check["values"]),
        "range": lambda: ~col.is_between(check["lo"], check["hi"]),
        "length": lambda: ~col.str.len_chars().is_between(check["lo"], check["hi"]),
        "pair": lambda: pl.col(check["a"]) < pl.col(check["b"]) if check["op"] == ">=" else pl.col(check["a"]) <= pl.col(check["b"]),
        "cond": lambda: (pl.col(check["when"][0]) == check["when"][1]) & (col > check["hi"]),
    }
    return masks[kind]()


_OF_THE_TABLE = {
    "row_count": lambda c: pl.len(),
    "mean": lambda c: pl.col(c["col"]).mean(),
    "n_distinct": lambda c: pl.col(c["col"]).n_unique(),
}


def floor_checks(data: pl.DataFrame, other: Any) -> Any:
    every = [
        (_OF_THE_TABLE[c["kind"]](c) if c["kind"] in _OF_THE_TABLE else _failing(c).sum()).alias(str(i)) for i, c in enumerate(forty())
    ]
    return data.lazy().select(every).collect().row(0)


def floor_rows(data: pl.DataFrame, other: Any) -> Any:
    masks = [_failing(c).arg_true().implode().alias(str(i)) for i, c in enumerate(forty()) if c["kind"] not in _OF_THE_TABLE]
    return sum(map(len, data.lazy().select(masks).collect().row(0)))


def floor_profile(data: pl.DataFrame, other: Any) -> Any:
    """Nulls, distinct, ends, mean, deviation, five quantiles of numbers and dates; lengths and ten top values of text."""
    return [_profiled(column) for column in data]


def _profiled(column: pl.Series) -> tuple[Any, ...]:
    if column.dtype != pl.String:
        ordered = column.drop_nulls().sort()
        quantiles = [ordered[int(q * (len(ordered) - 1))] for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
        return column.null_count(), ordered.n_unique(), ordered[0], ordered[-1], ordered.mean(), quantiles
    sizes, hashes = column.str.len_chars(), column.hash()
    few = hashes.gather_every(97).n_unique() * 97 < len(column) // 20
    top = column.value_counts().top_k(10, by="count") if few else None
    return column.null_count(), hashes.n_unique(), column.min(), column.max(), sizes.mean(), top


def floor_drift(data: pl.DataFrame, other: pl.DataFrame) -> Any:
    """Kolmogorov-Smirnov of numbers and dates, counts of text side by side."""
    return [_apart(data[c], other[c]) for c in data.columns]


def _apart(new: pl.Series, old: pl.Series) -> float:
    if new.dtype == pl.String:
        counts = new.value_counts(name="n").join(old.value_counts(name="m"), on=new.name, how="full").fill_null(0)
        return float((counts["n"] / len(new) - counts["m"] / len(old)).abs().sum() / 2)
    a, b = (s.drop_nulls().to_physical().sort().to_numpy() for s in (new, old))
    return float(np.abs(np.searchsorted(b, a) / len(b) - np.arange(len(a)) / len(a)).max())


def floor_anomalies(data: pl.DataFrame, other: Any) -> Any:
    from sklearn.ensemble import IsolationForest

    numbers = data.select(pl.selectors.numeric() | pl.selectors.temporal()).select(pl.all().to_physical().cast(pl.Float64).fill_null(0.0))
    return IsolationForest(random_state=0).fit(numbers.to_numpy()).score_samples(numbers.to_numpy())


_PATTERNS = [
    re.compile(p)
    for p in (
        r"[\w.+-]+@[\w-]+\.[\w.]+", r"\+?\d[\d \-]{7,14}\d", r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b", r"\b(?:\d[ -]?){13,16}\b", r"\b\d{3}-\d{2}-\d{4}\b",
        r"\b[STFG]\d{7}[A-Z]\b", r"\b(?:\d{1,3}\.){3}\d{1,3}\b", r"\b\d{4}-\d{2}-\d{2}\b", r"https?://\S+", r"\b[A-Z][a-z]+ [A-Z][a-z]+\b",
    )
]  # fmt: skip


def floor_scan(data: pl.DataFrame, other: Any) -> Any:
    """Ten expressions of Python's ``re`` on every cell of text."""
    return sum(
        1
        for c in data.columns
        if data[c].dtype == pl.String
        for v in data[c]
        if v is not None
        for p in _PATTERNS
        if p.search(v) is not None
    )


def _duckdb(task: str) -> Work:
    def work(data: Any, other: Any) -> Any:
        return getattr(importlib.import_module("peer_floor_duckdb"), task)(data)

    return work


WORKS: dict[tuple[str, str], Work] = {
    ("checks", "edgp"): ours_checks,
    ("checks", "polars floor"): floor_checks,
    ("checks", "DuckDB floor"): _duckdb("checks"),
    ("rows", "edgp"): ours_rows,
    ("rows", "polars floor"): floor_rows,
    ("profile", "edgp"): lambda data, other: len(_run("profile", data).columns),
    ("profile", "polars floor"): floor_profile,
    ("profile", "DuckDB floor"): _duckdb("profile"),
    ("assess", "edgp"): lambda data, other: len(_run("assess", data).checks),
    ("drift", "edgp"): ours_drift,
    ("drift", "polars floor"): floor_drift,
    ("anomalies", "edgp"): lambda data, other: len(_run("anomalies", data).rows),
    ("anomalies", "isolation forest"): floor_anomalies,
    ("scan", "edgp"): ours_scan,
    ("scan", "re floor"): floor_scan,
}
TASKS = tuple(dict.fromkeys(task for task, _ in WORKS))


# -- measuring -----------------------------------------------------------------------------------------------------
def load(path: Path, source: str) -> Any:
    if source == "DuckDB":
        return importlib.import_module("peer_floor_duckdb").prepare(str(path))
    if source == "pandas":
        import pandas as pd

        return pd.read_parquet(path)
    return pl.read_parquet(path) if source == "polars" else pl.read_parquet(path).to_arrow()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _memory(which: str) -> int:
    """VmRSS (now) or VmHWM (the peak since it was reset) in KiB; 0 where the system does not say."""
    status = Path("/proc/self/status")
    found = re.search(rf"{which}:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) if found else 0


def _forget_peak() -> None:
    mark = Path("/proc/self/clear_refs")
    if mark.exists():
        mark.write_text("5")


def measure(task: str, side: str, source: str, folder: Path) -> dict[str, Any]:
    """One work in this process: seconds of processor and wall, peak MiB beyond the loaded table."""
    work = WORKS[task, side]
    size = "small" if task in ("scan", "anomalies") else "all"
    forty()  # the peers' folder goes on the path
    work(load(folder / "warm.parquet", source), load(folder / "warm.parquet", source))
    data = load(folder / f"{size}.parquet", source)
    other = load(folder / "drifted.parquet", source) if task == "drift" else None
    gc.collect()
    _forget_peak()
    before, cpu, clock = _memory("VmRSS"), _cpu(), time.perf_counter()
    work(data, other)
    return {"cpu": _cpu() - cpu, "wall": time.perf_counter() - clock, "mib": (_memory("VmHWM") - before) / 1024}


def cases(tasks: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for task, side in WORKS:
        if task in tasks:
            sources = SOURCES if side == "edgp" else ("DuckDB",) if side == "DuckDB floor" else ("polars",)
            yield from ((task, side, source) for source in sources)


def in_process(task: str, side: str, source: str, folder: Path) -> dict[str, Any] | None:
    """The figures from a fresh process; None where what it needs is not here."""
    command = [sys.executable, __file__, "--measure", task, side, source, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(HERE)}, check=False)
    if done.returncode:
        print(f"  {task}, {side} from {source}: not run ({done.stderr.strip().splitlines()[-1][:110]})", file=sys.stderr)
        return None
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def make(rows: int, folder: Path) -> str:
    """The tables in ``folder``, and who made them."""
    generator = PEERS / "gen_customers.py"
    if generator.exists():
        subprocess.run([sys.executable, str(generator), str(rows), str(folder)], check=True, capture_output=True)
        table, drifted = (pl.read_parquet(folder / f"customers_{rows}{end}.parquet") for end in ("", "_drift"))
    else:
        table, drifted = customers(rows), customers(rows, seed=8, drifted=True)
    for name, part in (("all", table), ("drifted", drifted), ("small", table.head(max(SCANNED, SCORED))), ("warm", table.head(WARM))):
        part.write_parquet(folder / f"{name}.parquet")
    return "the peers' generator" if generator.exists() else "this script"


def report(rows: int, figures: dict[tuple[str, str, str], dict[str, Any]]) -> Iterator[str]:
    """The figures as a Markdown table, each with its ratio to the least floor of its task."""
    floors: dict[str, float] = {}
    for (task, side, _), found in figures.items():
        if side != "edgp":
            floors[task] = min(floors.get(task, float("inf")), found["cpu"])
    yield "| work | side | from | CPU s | wall s | extra MiB | x floor | cells/s |"
    yield "|---|---|---|---:|---:|---:|---:|---:|"
    for (task, side, source), found in figures.items():
        ratio = f"{found['cpu'] / floors[task]:.2f}" if task in floors else ""
        size = min(rows, SCANNED) if task in ("scan", "anomalies") else rows
        cells = f"{size * 20 / found['cpu']:,.0f}" if task == "scan" else ""
        yield f"| {task} | {side} | {source} | {found['cpu']:.2f} | {found['wall']:.2f} | {found['mib']:.0f} | {ratio} | {cells} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", default=",".join(TASKS), help="works, with commas between: " + ", ".join(TASKS))
    parser.add_argument("--measure", nargs=4, metavar=("TASK", "SIDE", "SOURCE", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        task, side, source, folder = given.measure
        print(json.dumps(measure(task, side, source, Path(folder))))
        return
    with tempfile.TemporaryDirectory(prefix="edgp-bench-") as name:
        maker = make(given.rows, Path(name))
        print(f"{given.rows:,} rows x 20 columns, made by {maker}; scan and anomalies on {min(given.rows, SCANNED):,} rows")
        found = {case: figures for case in cases(tuple(given.only.split(","))) if (figures := in_process(*case, Path(name))) is not None}
        print(*report(given.rows, found), sep="\n")


if __name__ == "__main__":
    main()
