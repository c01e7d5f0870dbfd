"""Odd rows, odd cells and odd points in time, planted and found again; clean tables stay quiet."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from edgp_magics.capabilities._anomalies import AnomalyResult, detect_anomalies
from edgp_magics.errors import Interrupted
from edgp_magics.frames import as_frame
from edgp_magics.values import Context, Progress, Result, Status


def detect(df: Any, *, as_of: dt.date | None = None, **options: Any) -> AnomalyResult:
    return detect_anomalies(as_frame(df, name="t"), Context(as_of=as_of), **options)


def mixed(n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    size = rng.normal(170, 8, n)
    kind = rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1])
    return pd.DataFrame(
        {
            "size": size,
            "weight": 0.9 * size - 90 + rng.normal(0, 2, n),
            "pay": rng.lognormal(8, 0.4, n),
            "kind": kind,
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
        }
    )


def test_planted_rows_come_first_with_their_columns() -> None:
    df = mixed()
    df.loc[11, ["size", "weight"]] = [205.0, 40.0]
    df.loc[50, ["size", "pay"]] = [110.0, 900_000.0]
    result = detect(df)
    assert set(result.rows[:2]) == {11, 50}
    by_row = {r.row: {c.column for c in r.columns} for r in result.reasons}
    assert by_row[11] & {"size", "weight"}
    assert "pay" in by_row[50]


def test_a_conditional_outlier_is_seen() -> None:
    df = mixed()
    tall = df["size"].idxmax()
    df.loc[tall, "weight"] = df["weight"].median() - 12
    result = detect(df)
    assert tall in result.rows[:3]


def test_one_score_per_row_in_0_to_1() -> None:
    result = detect(mixed())
    assert len(result.scores) == 600
    assert all(0 <= s <= 1 for s in result.scores)
    assert result.rows == tuple(sorted(result.rows, key=lambda r: (-result.scores[r], r)))


CLEAN: dict[str, Any] = {
    "normal": lambda rng, n: rng.normal(size=(n, 6)),
    "uniform": lambda rng, n: rng.uniform(size=(n, 6)),
    "exponential": lambda rng, n: rng.exponential(size=(n, 6)),
    "clusters": lambda rng, n: rng.normal(size=(3, 6))[rng.integers(0, 3, n)] * 5 + rng.normal(size=(n, 6)),
    "one": lambda rng, n: rng.normal(size=(n, 1)),
    "two groups": lambda rng, n: rng.choice([0, 10], (n, 1)) + rng.normal(size=(n, 1)),
    "a flag": lambda rng, n: np.c_[rng.normal(size=n), rng.random(n) < 0.1],
    "nearly equal": lambda rng, n: rng.normal(size=(n, 1)) + 0.1 * rng.normal(size=(n, 2)),
}


@pytest.mark.parametrize("kind", CLEAN)
def test_the_false_alarm_rate_holds_on_clean_tables(kind: str) -> None:
    values = CLEAN[kind](np.random.default_rng(5), 1500)
    result = detect(pd.DataFrame(values, columns=list("abcdef")[: values.shape[1]]), cells=False)
    assert len(result.rows) <= 0.015 * 1500


def days(values: Any, freq: str = "D") -> pd.DataFrame:
    return pd.DataFrame({"day": pd.date_range("2015-01-01", periods=len(values), freq=freq), "y": values})


ORDINARY: dict[str, Any] = {
    "trend": lambda rng: days(0.5 * np.arange(500) + rng.normal(size=500)),
    "yearly season": lambda rng: days(20 * np.sin(2 * np.pi * np.arange(1100) / 365) + rng.normal(size=1100)),
    "day and weekend": lambda rng: days(
        20 * np.sin(2 * np.pi * np.arange(1440) / 24) + 10 * (np.arange(1440) // 24 % 7 > 4) + rng.normal(size=1440), "h"
    ),
    "months": lambda rng: days(2.0 * np.arange(96) + 20 * np.sin(2 * np.pi * np.arange(96) / 12) + rng.normal(size=96), "MS"),
    "months, trend alone": lambda rng: days(2.0 * np.arange(96) + rng.normal(size=96), "MS"),
    "slow noise": lambda rng: days(pd.Series(rng.normal(size=600)).ewm(alpha=0.2).mean().to_numpy()),
    "random walk": lambda rng: days(rng.normal(size=600).cumsum()),
    "week": lambda rng: days(10 * np.sin(2 * np.pi * np.arange(600) / 7) + rng.normal(size=600)),
    "a gap in a season": lambda rng: days(10 * np.sin(2 * np.pi * np.arange(600) / 7) + rng.normal(size=600)).drop(range(200, 215)),
}


@pytest.mark.parametrize("kind", ORDINARY)
@pytest.mark.parametrize("seed", range(3))
def test_trends_and_seasons_are_ordinary(kind: str, seed: int) -> None:
    df = ORDINARY[kind](np.random.default_rng(seed)).reset_index(drop=True)
    result = detect(df, cells=False)
    assert [p for p in result.points if p.kind != "gap"] == []
    assert len(result.rows) <= 0.02 * len(df)


@pytest.mark.parametrize("kind", ["trend", "day and weekend", "months", "week"])
def test_a_shift_and_a_point_are_found_whatever_the_trend_and_season(kind: str) -> None:
    df = ORDINARY[kind](np.random.default_rng(1))
    at = len(df) // 2
    df.loc[at:, "y"] += 20
    df.loc[at // 2, "y"] -= 25
    points = {p.kind: p.row for p in detect(df, cells=False).points}
    assert abs(points.pop("level_shift") - at) <= 1
    assert points == {"point": at // 2}


def as_index(df: pd.DataFrame) -> pd.DataFrame:
    return df.set_index("day")


def as_text(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(day=df["day"].dt.strftime("%Y-%m-%d"))


@pytest.mark.parametrize(("form", "name"), [(as_index, "the index"), (as_text, "day")])
def test_dates_in_the_index_or_in_text_order_the_rows(form: Any, name: str) -> None:
    df = ORDINARY["week"](np.random.default_rng(0))
    df.loc[301, "y"] += 15
    result = detect(form(df))
    assert result.time_axis == name
    assert [(p.row, p.kind) for p in result.points] == [(301, "point")]


def test_a_panel_is_read_entity_by_entity() -> None:
    rng = np.random.default_rng(0)
    parts = [ORDINARY["week"](rng).assign(shop=name, y=lambda d, k=k: d["y"] * 10**k) for k, name in enumerate("ABC")]
    df = pd.concat(parts).sample(frac=1, random_state=1).reset_index(drop=True)
    row = int(df.index[(df["shop"] == "B") & (df["day"] == "2015-08-01")][0])
    df.loc[row, "y"] += 200
    result = detect(df)
    assert result.time_axis == "day by shop"
    assert [(p.row, p.kind) for p in result.points] == [(row, "point")]
    assert result.rows[0] == row


@pytest.mark.parametrize("size", [1e3, 1e100, 1e154, 1e200, 1e300, 1.7e308])
def test_numbers_too_large_to_square_are_named(size: float) -> None:
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"f": np.r_[rng.normal(size=300), size, -size], "g": rng.normal(size=302)})
    assert set(detect(df, cells=False).rows) >= {300, 301}
    assert detect(pd.DataFrame({"f": [size] * 20 + [-size] * 20})).to_dict()


def test_a_number_that_counts_rows_is_no_reason() -> None:
    rng = np.random.default_rng(2)
    df = pd.DataFrame(
        {"email": [f"user{i}@example.org" for i in range(1000)], "kind": rng.choice(list("aab"), 1000), "x": rng.normal(size=1000)}
    )
    df.loc[400, "email"] = "someone else entirely, at quite some length @ nowhere"
    result = detect(df)
    said = {r.row: str(r) for r in result.reasons}
    assert "email" in said[400]
    assert not any("email" in why for row, why in said.items() if row != 400)
    assert not any("common" in why or "is there" in why for why in said.values())


def test_missing_values_and_types_of_all_kinds() -> None:
    df = mixed().astype({"size": object})
    df.loc[5:9, "size"] = None
    df["flag"] = True
    df["text"] = [f"note {i} " + "x" * (i % 7) for i in range(len(df))]
    df.loc[77, "text"] = "z" * 5000
    result = detect(df)
    assert len(result.scores) == len(df)
    assert 77 in result.rows


def test_cells_alone_by_group_and_together() -> None:
    rng = np.random.default_rng(0)
    n = 900
    land = np.array(["SG"] * 450 + ["DE"] * 450)
    money = np.where(land == "SG", "SGD", "EUR")
    pay = np.where(land == "SG", rng.normal(100, 5, n), rng.normal(1000, 50, n))
    df = pd.DataFrame({"land": land, "money": money, "pay": pay, "day": pd.date_range("2021-01-01", periods=n, freq="D")})
    df = df.sample(frac=1, random_state=0).reset_index(drop=True)
    group = int(df.index[df["land"] == "SG"][0])
    df.loc[group, "pay"] = 990.0
    pair = int(df.index[df["land"] == "DE"][3])
    df.loc[pair, "money"] = "SGD"
    df.loc[20, "pay"] = 1e7
    df.loc[30, "day"] = pd.Timestamp("1890-01-01")
    cells = {(c["row"], c["column"], c["rule"]) for c in detect(df, as_of=dt.date(2026, 1, 1)).cells}
    assert (group, "pay", "far_outside_group") in cells
    assert (pair, "money", "rare_combination") in cells
    assert (20, "pay", "far_outside") in cells
    assert (30, "day", "impossible_date") in cells


def test_bounds_of_a_personal_column_are_not_told() -> None:
    rng = np.random.default_rng(0)
    df = pd.DataFrame(
        {"salary": rng.integers(3000, 7000, 500), "birth_date": pd.Timestamp("1970-01-01") + pd.to_timedelta(np.arange(500), unit="D")}
    )
    df["size"] = df["salary"]
    df.loc[9, ["salary", "size"]] = 1_000_000
    df.loc[5, "birth_date"] = pd.Timestamp("1801-03-07")
    result = detect(df)
    assert {(c["row"], c["column"]) for c in result.cells} >= {(9, "salary"), (9, "size"), (5, "birth_date")}
    why = {c["column"]: c["why"] for c in result.cells}
    assert not any(map(str.isdigit, why["salary"] + why["birth_date"]))
    assert any(map(str.isdigit, why["size"]))


def series(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    t = np.arange(n)
    return pd.DataFrame(
        {"day": pd.date_range("2024-01-01", periods=n, freq="D"), "v": 10 * np.sin(2 * np.pi * t / 7) + rng.normal(0, 0.5, n)}
    )


def test_series_points_shifts_and_gaps() -> None:
    df = series()
    df.loc[100, "v"] += 15
    df.loc[250:, "v"] += 40
    df = df.drop(index=range(300, 310)).reset_index(drop=True)
    points = detect(df.sample(frac=1, random_state=2).reset_index(drop=True)).points
    shuffled = df.sample(frac=1, random_state=2).reset_index(drop=True)
    day = {p.kind: shuffled.loc[p.row, "day"] for p in points}
    assert day["gap"] == df.loc[300, "day"]
    assert day["point"] == df.loc[100, "day"]
    assert abs((day["level_shift"] - df.loc[250, "day"]).days) <= 1


def test_a_quiet_series_has_no_points() -> None:
    result = detect(series())
    assert result.time_axis == "day"
    assert result.points == ()


def test_no_time_axis_is_said() -> None:
    assert any("No time axis" in n for n in detect(mixed()).notes)


def test_equal_runs_are_equal_and_round_trip() -> None:
    one, two = detect(mixed()), detect(mixed())
    assert one.to_dict() == two.to_dict()
    data = json.loads(json.dumps(one.to_dict()))
    again = Result.from_dict(data)
    assert isinstance(again, AnomalyResult)
    assert again.to_dict() == data
    assert again.scores == one.scores


@pytest.mark.parametrize(
    "df", [pd.DataFrame(), pd.DataFrame({"a": [1.0, 2.0]}), pd.DataFrame({"a": [None] * 20}), pd.DataFrame({"a": [7] * 50})]
)
def test_nothing_to_score_is_not_assessed(df: pd.DataFrame) -> None:
    result = detect(df)
    assert result.status is Status.NOT_ASSESSED
    assert len(result.scores) == len(df)
    assert result.summary


def test_large_frames_use_a_stated_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    from edgp_magics.capabilities.anomalies import _ensemble

    monkeypatch.setattr(_ensemble, "EXACT_ROWS", 1_000)
    df = pd.DataFrame(np.random.default_rng(0).normal(size=(3_000, 3)), columns=list("abc"))
    df.loc[1234] = [9.0, 9.0, -9.0]
    result = detect(df, cells=False)
    assert result.rows[0] == 1234
    assert "drawn with seed 0" in result.method


def test_a_cancelled_run_stops() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Interrupted):
        detect_anomalies(as_frame(mixed()), Context(progress=progress))


@pytest.mark.slow
def test_open_sets(shared: Path) -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    from edgp_magics.capabilities.anomalies import score_rows

    figures = []
    for path in sorted((shared / "data/repair/anomaly/open").glob("*.npz")):
        data = np.load(path, allow_pickle=True)
        values, truth = data["X"].astype(float), data["y"].astype(int).ravel()
        scores = score_rows(values[:, values.std(axis=0) > 0], seed=0, progress=Progress()).scores
        figures.append((roc_auc_score(truth, scores), average_precision_score(truth, scores)))
    auroc, ap = np.mean(figures, axis=0)
    assert auroc >= 0.865
    assert ap >= 0.50
