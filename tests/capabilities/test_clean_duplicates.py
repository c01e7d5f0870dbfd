"""Duplicate rows: found across typos, told from records that share an entity, dropped only when accepted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from _dirty import CITIES, FIRST, LAST, STREETS, slip

from edgp_magics.capabilities._clean import clean_data
from edgp_magics.frames import as_frame
from edgp_magics.values import Context


def persons(rows: int = 300, twins: int = 60, seed: int = 0, wear: int = 3) -> tuple[pd.DataFrame, set[tuple[int, int]]]:
    """Persons, some of them twice with slips, swaps and gaps."""
    rng = np.random.default_rng(seed)
    base = [
        [rng.choice(FIRST), rng.choice(LAST), str(rng.integers(1, 400)), f"{rng.choice(STREETS)} street", rng.choice(CITIES),
         f"19{rng.integers(40, 99)}{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}", str(rng.integers(10**7, 10**8))]
        for _ in range(rows)
    ]  # fmt: skip
    data, pairs = [list(map(str, r)) for r in base], set()
    for i in range(twins):
        copy = list(data[i])
        for _ in range(int(rng.integers(1, wear + 1))):
            j = int(rng.integers(len(copy)))
            copy[j] = "" if rng.random() < 0.2 else slip(rng, copy[j]) if copy[j] else ""
        if rng.random() < 0.2:
            copy[0], copy[1] = copy[1], copy[0]
        pairs.add((i, len(data)))
        data.append(copy)
    order = rng.permutation(len(data))
    place = {old: new for new, old in enumerate(order.tolist())}
    frame = pd.DataFrame([data[i] for i in order], columns=["given", "family", "no", "street", "town", "born", "ref"])
    return frame, {(min(place[a], place[b]), max(place[a], place[b])) for a, b in pairs}


def found(df: pd.DataFrame) -> set[tuple[int, int]]:
    pairs = clean_data(as_frame(df), Context()).duplicates.pairs
    return {(int(a), int(b)) for a, b in zip(pairs["a"], pairs["b"], strict=True)}


@pytest.mark.parametrize(("seed", "wear"), [(0, 2), (1, 3), (2, 4), (3, 3)])
def test_worn_copies_are_found(seed, wear):
    df, truth = persons(seed=seed, wear=wear)
    got = found(df)
    assert len(got & truth) >= 0.95 * len(truth)
    assert len(got & truth) >= 0.97 * len(got)


def test_exact_copies():
    df, _ = persons(twins=0)
    twice = pd.concat([df, df.iloc[:5]], ignore_index=True)
    assert found(twice) == {(i, 300 + i) for i in range(5)}


def test_persons_with_common_names_are_not_one():
    df, _ = persons(twins=0)
    assert len(found(df)) <= 1


def test_records_of_one_entity_are_not_duplicates():
    """Several measurements of each site: what differs is what the row is about."""
    rng = np.random.default_rng(5)
    rows = [
        (
            f"site {i}",
            f"{CITIES[i]}",
            f"{i * 37 + 1000}",
            f"0{i}555",
            f"m{m}",
            f"measure number {m}",
            str(rng.integers(1, 999)),
            str(rng.integers(1, 99)),
        )
        for i in range(30)
        for m in range(8)
    ]
    df = pd.DataFrame(rows, columns=["site", "town", "zip", "tel", "code", "label", "value", "sample"])
    result = clean_data(as_frame(df), Context())
    assert len(result.duplicates) == 0


def test_dropping_takes_a_decision_and_keeps_the_fullest_row():
    df, _ = persons(twins=0)
    copy = df.iloc[:3].assign(street="")
    both = pd.concat([copy, df], ignore_index=True)
    plan = clean_data(as_frame(both), Context()).plan
    drop = next(a for a in plan.actions if a.detector == "duplicates")
    assert len(plan.apply(both, "all").frame) == len(both)
    assert drop.rows == (0, 1, 2)
    done = plan.accept(drop.id).reject(drop.id, rows=[1]).apply(both)
    assert len(done.frame) == len(both) - 2
    assert as_frame(done.log.undo(done.frame)).fingerprint == as_frame(both).fingerprint


@pytest.mark.parametrize(
    "df",
    [pd.DataFrame(), pd.DataFrame({"a": ["x"]}), pd.DataFrame({"a": ["x", "x"]}), pd.DataFrame({"a": [None, None], "b": ["", ""]})],
)
def test_odd_tables(df):
    assert list(clean_data(as_frame(df), Context()).duplicates.pairs.columns) == ["a", "b", "score"]


BENCH = Path(__file__).parents[3] / "shared" / "data" / "repair" / "dups" / "open"
LEAST = {"febrl1": 0.995, "febrl2": 0.995}


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", sorted(BENCH.glob("*.truth_pairs.csv")) or [pytest.param(None, marks=pytest.mark.skip("no labelled pairs"))]
)
def test_labelled_pairs(path):
    name = path.name.partition(".")[0]
    df = pd.read_csv(path.with_name(name + ".csv"), dtype=str, keep_default_na=False).drop(columns="row")
    pairs = pd.read_csv(path)
    truth = set(zip(pairs["a"], pairs["b"], strict=True))
    got = found(df)
    assert 2 * len(got & truth) / (len(got) + len(truth)) >= LEAST.get(name, 0.65)
