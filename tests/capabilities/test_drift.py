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
from edgp_magics.errors import GovernanceError
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


def wordy(seed: int, rows: int) -> pd.DataFrame:
    """Columns whose lists of frequent values, lengths or patterns are cut off somewhere."""
    r = np.random.default_rng(seed)
    words = np.array(["the", "a", "dog", "cat", "runs", "sleeps", "A-1", "9"])
    few = pd.DataFrame({f"of_{k}": r.choice([f"v{i}" for i in range(k)], rows) for k in (150, 201, 250, 400, 800)})
    return few.assign(
        zipf=[f"w{v}" for v in np.minimum(r.zipf(1.5, rows), 10**6)],
        geometric=[f"g{v}" for v in r.geometric(0.05, rows)],
        typos=np.where(r.random(rows) < 0.01, [f"x{v}" for v in r.integers(0, 300, rows)], r.choice(["a", "b"], rows)),
        text=[" ".join(r.choice(words, n)) for n in r.integers(1, 25, rows)],
        email=[f"{'abcdefgh'[:k]}{v}@x.org" for k, v in zip(r.integers(1, 9, rows), r.integers(0, 10**6, rows), strict=True)],
        last_name=r.choice([f"Name{i}" for i in range(300)], rows),
        amount=r.lognormal(3, 1, rows),
        count=r.poisson(3, rows),
        maybe=np.where(r.random(rows) < 0.02, None, r.choice(list("xyz"), rows)),
    )


@pytest.mark.parametrize("rows", [(300, 300), (5000, 5000), (1000, 20_000), (20_000, 1000)])
def test_what_a_list_leaves_out_is_not_absent(rows):
    drift = profile(wordy(1, rows[0])).compare(profile(wordy(2, rows[1])))
    assert drift.drifted == () and not any(c.new or c.lost for c in drift.columns.values())


@pytest.mark.slow
def test_the_false_alarm_rate_is_as_stated():
    profiles = [profile(wordy(seed, rows)) for seed, rows in zip(range(80), [500, 1500, 4000, 8000] * 20, strict=True)]
    pairs = [(profiles[i], profiles[(i + shift) % 80]) for i in range(80) for shift in (1, 7)]
    alarms = [drift.drifted for a, b in pairs if (drift := a.compare(b)).drifted]
    assert len(alarms) <= 5, alarms  # alpha is .01 over all columns: 1.6 expected in 160 pairs


LISTS: dict[str, Any] = {
    "of_400": lambda d: d.assign(of_400=np.where(d.index % 10 == 0, "v7", d.of_400)),
    "typos": lambda d: d.assign(typos=np.where((d.typos == "a") & (d.index % 5 == 0), "b", d.typos)),
    "text": lambda d: d.assign(text=np.where(d.index % 4 == 0, d.text + " and so on and so on", d.text)),
    "last_name": lambda d: d.assign(last_name=np.where(d.index % 10 == 0, "Name3", d.last_name)),
}


@pytest.mark.parametrize("column", LISTS)
def test_what_moved_in_a_long_list_is_found(column):
    new, old = profile(LISTS[column](wordy(1, 5000))), profile(wordy(2, 5000))
    assert new.compare(old).drifted == new.compare(json.loads(json.dumps(old.to_dict()))).drifted == (column,)


def test_a_stored_profile_is_a_reference():
    new, old = profile(CHANGES["amount"](batch(2))), profile(batch(1), "before")
    stored = json.loads(json.dumps(old.to_dict()))
    assert new.compare(stored).drifted == new.compare(old).drifted == new.compare(batch(1)).drifted == ("amount",)
    assert "Name7" not in json.dumps(stored)


def test_the_reference_may_be_stored_anywhere(tmp_path, monkeypatch):
    import edgp_magics as edgp

    monkeypatch.chdir(tmp_path)
    new, old = CHANGES["amount"](batch(2)), profile(batch(1), "before")
    old.save("before.json")
    batch(1).to_parquet("before.parquet")
    for reference, frames in (("before.json", {}), ("before.parquet", {}), ("old", {"old": old}), ("old", {"old": batch(1)})):
        result = edgp.run("profile", new, name="now", frames=frames, reference=reference)
        assert result.drift.drifted == ("amount",) and not result.drift.schema, reference
    assert profile(new).compare("before.json").drifted == profile(new).compare(tmp_path / "before.json").drifted == ("amount",)


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("befor", "Did you mean `before`"),
        ("gone.json", "no file"),
        ("bad.json", "holds no stored result"),
        ("odd", "anomaly_detection result"),
    ],
)
def test_a_wrong_reference_is_a_line_with_a_hint(reference, says, tmp_path, monkeypatch):
    import edgp_magics as edgp

    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text("[1")
    table = pd.DataFrame({"a": np.arange(50.0)})
    frames = {"before": table, "odd": edgp.run("anomalies", table)}
    with pytest.raises(GovernanceError, match=says):
        edgp.run("profile", table, frames=frames, reference=reference)


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


@pytest.mark.parametrize(
    ("new", "old", "says"),
    [
        (50, 0, "the reference has 0 rows; at least 20 rows of each are needed"),
        (0, 50, "the new table has 0 rows"),
        (10, 50, "the new table has 10 rows"),
        (1, 2, "the reference has 2 rows and the new table has 1 row"),
    ],
)
def test_too_little_data_is_not_assessed(new, old, says):
    table = pd.DataFrame({"a": np.arange(50.0)})
    drift = profile(table.head(new)).compare(profile(table.head(old)))
    assert drift.status is Status.NOT_ASSESSED and drift.drifted == ()
    assert says in drift.summary and drift.to_html()


def test_no_common_column_is_not_assessed():
    drift = profile(pd.DataFrame()).compare(profile(pd.DataFrame({"a": np.arange(50.0)})))
    assert "NOT ASSESSED" in drift.summary and "no column in common" in drift.summary


def test_all_null_is_drift_of_nulls():
    assert profile(pd.DataFrame({"a": [None] * 40})).compare(profile(pd.DataFrame({"a": np.arange(50.0)}))).drifted == ("a",)


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
