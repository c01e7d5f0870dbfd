"""Drift: everything that moved and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from edgp_magics.capabilities._profile import ProfileResult, profile_data
from edgp_magics.capabilities.profiling._drift import DriftResult
from edgp_magics.frames import as_frame
from edgp_magics.values import Context, Result, Severity, Status


def profile(df: Any, name: str = "t") -> ProfileResult:
    return profile_data(as_frame(df, name=name), Context(), depth="columns")


def batch(seed: int, rows: int = 8000) -> pd.DataFrame:
    r = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": np.arange(rows) + seed * 1_000_000,
            "ref": [f"TX-{seed}-{i:07d}" for i in range(rows)],
            "amount": np.where(r.random(rows) < 0.001, 1e7, r.gamma(2, 50, rows)),
            "kind": r.choice(["a", "b", "c"], rows, p=[0.5, 0.3, 0.2]),
            "first_name": r.choice([f"Name{i}" for i in range(60)], rows),
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(r.integers(0, 365, rows), unit="D"),
            "phone": [f"+65{n}" for n in r.integers(80_000_000, 99_999_999, rows)],
            "flag": r.random(rows) < 0.3,
            "note": np.where(r.random(rows) < 0.05, None, "x"),
        }
    )


CHANGES: dict[str, Any] = {
    "amount": lambda d: d.assign(amount=d.amount * 1.15),
    "kind": lambda d: d.assign(kind=np.where((d.kind == "a") & (d.index % 4 == 0), "b", d.kind)),
    "first_name": lambda d: d.assign(first_name=np.where(d.index % 8 == 0, "Name7", d.first_name)),
    "when": lambda d: d.assign(when=d.when + pd.Timedelta(days=30)),
    "phone": lambda d: d.assign(phone=np.where(d.index % 10 == 0, d.phone.str[:-1], d.phone)),
    "flag": lambda d: d.assign(flag=d.flag | (d.index % 7 == 0)),
    "note": lambda d: d.assign(note=d.note.where(d.index % 9 != 0, None)),
}


@pytest.mark.parametrize("column", CHANGES)
def test_what_moved_is_found_and_nothing_else(column):
    drift = profile(CHANGES[column](batch(2))).compare(profile(batch(1), "before"))
    assert drift.drifted == (column,)
    assert drift.columns[column].what and drift.columns[column].p_value < 0.01
    assert drift.status is Status.ISSUES and [f.columns for f in drift.findings if f.rule == "drift"] == [(column,)]


@pytest.mark.parametrize("seed", range(2, 8))
@pytest.mark.parametrize("rows", [300, 8000])
def test_the_same_source_does_not_drift(seed, rows):
    assert profile(batch(seed, rows)).compare(profile(batch(1, rows))).drifted == ()


def test_a_stored_profile_is_a_reference():
    new, old = profile(CHANGES["amount"](batch(2))), profile(batch(1), "before")
    stored = json.loads(json.dumps(old.to_dict()))
    assert new.compare(stored).drifted == new.compare(old).drifted == new.compare(batch(1)).drifted == ("amount",)
    assert "Name7" not in json.dumps(stored)


def test_identifiers_are_compared_by_form_alone():
    drift = profile(batch(2)).compare(profile(batch(1)))
    assert "identifier" in drift.columns["id"].left_out and "identifier" in drift.columns["ref"].left_out
    assert {t.measure for t in drift.columns["ref"].tests} == {"nulls", "lengths", "patterns"}


def test_schema_changes():
    old, new = batch(1), batch(2)
    new = new.drop(columns="note").assign(extra=1, flag=new.flag.astype(int))[
        ["ref", "id", "amount", "kind", "first_name", "when", "phone", "flag", "extra"]
    ]
    drift = profile(new).compare(profile(old))
    assert {(s.column, s.change) for s in drift.schema} == {
        ("note", "removed"), ("extra", "added"), ("flag", "type"), ("ref", "moved"), ("id", "moved"),
    }  # fmt: skip
    assert {f.rule for f in drift.findings} >= {"column_removed", "column_added", "column_type"}
    assert next(f for f in drift.findings if f.rule == "column_removed").severity is Severity.HIGH


def test_new_and_lost_values():
    old, new = batch(1), batch(2)
    new["kind"] = new.kind.replace({"c": "d"})
    column = profile(new).compare(profile(old)).columns["kind"]
    assert (column.new, column.lost, column.drifted) == (("d",), ("c",), True)


def test_sizes_of_a_known_shift():
    r = np.random.default_rng(0)
    old, new = pd.DataFrame({"x": r.normal(0, 1, 20_000)}), pd.DataFrame({"x": r.normal(0.5, 1, 20_000)})
    column = profile(new).compare(profile(old)).columns["x"]
    assert column.ks == pytest.approx(0.1974, abs=0.02)  # of two normal curves half a deviation apart
    assert column.wasserstein == pytest.approx(0.5 / 1.349, abs=0.03)
    assert column.psi == pytest.approx(0.25, abs=0.05)
    assert column.shift == "up"


@pytest.mark.parametrize("data", [pd.DataFrame(), pd.DataFrame({"a": []}), pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [None] * 40})])
def test_little_or_no_data_is_not_assessed_or_silent(data):
    drift = profile(data).compare(profile(pd.DataFrame({"a": np.arange(50.0)})))
    assert drift.drifted == () or (set(drift.drifted) == {"a"} and data["a"].isna().all())
    assert drift.to_html()


def test_round_trip_and_within_a_profile():
    context = Context(frames={"before": as_frame(batch(1), name="before")})
    result = profile_data(as_frame(CHANGES["kind"](batch(2)), name="t"), context, reference="before")
    assert isinstance(result.drift, DriftResult) and result.drift.drifted == ("kind",)
    assert "drift" in {f.rule for f in result.findings} and "drifted" in result.summary
    assert Result.from_dict(json.loads(json.dumps(result.to_dict()))).to_dict() == result.to_dict()


PEERS = Path(__file__).parents[3] / "shared" / "bench" / "peers" / "gen_customers.py"


@pytest.mark.slow
@pytest.mark.skipif(not PEERS.exists(), reason="the peers' data is not here")
def test_the_peers_drifted_table(tmp_path):
    import subprocess
    import sys

    subprocess.run([sys.executable, str(PEERS), "100000", str(tmp_path)], check=True, capture_output=True)
    wanted = json.loads((tmp_path / "drift_100000.json").read_text())["drifted"]
    new, old = (profile(tmp_path / f"customers_100000{end}.parquet") for end in ("_drift", ""))
    assert sorted(new.compare(old).drifted) == sorted(wanted)
    assert sorted(new.compare(old.to_dict()).drifted) == sorted(wanted)
