"""Duplicate rows: found across typos, told from records that share an entity, dropped only when accepted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from _dirty import CITIES, FIRST, LAST, STREETS, slip

from edgp_magics.capabilities._clean import clean_data
from edgp_magics.errors import BadOption
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


def sales(rows: int = 600, people: int = 90) -> pd.DataFrame:
    """Orders with a key; customers come back with all that belongs to them."""
    i, rng = np.arange(rows), np.random.default_rng(7)
    return pd.DataFrame(
        {
            "order": [f"SO-{n:05d}" for n in i],
            "customer": [f"Customer Name {n % people}" for n in i],
            "email": [f"user{n % people}@example.org" for n in i],
            "city": np.array(CITIES[:3])[i % 3],
            "sku": [f"K{n:03d}" for n in rng.integers(0, 50, rows)],
            "day": [f"2024-{m:02d}-{d:02d}" for m, d in zip(rng.integers(1, 13, rows), rng.integers(1, 29, rows), strict=True)],
        }
    )


def fleet(rows: int = 900) -> pd.DataFrame:
    """Machines with a plate; the model says nearly all the rest."""
    rng = np.random.default_rng(2)
    model = rng.integers(0, 40, rows)
    return pd.DataFrame(
        {
            "plate": [f"N{n}{chr(65 + n % 26)}W" for n in rng.permutation(9000)[:rows] + 1000],
            "year": (1990 + model % 9 + rng.integers(0, 4, rows)).astype(str),
            "model": [f"A{300 + m}" for m in model],
            "maker": np.array(LAST)[model % 12],
            "seats": (50 + 7 * (model % 15)).astype(str),
            "engine": np.array(["jet", "fan", "prop"])[model % 3],
        }
    )


def visits() -> pd.DataFrame:
    """Visits without a key: a guest comes back on other days for other things."""
    return sales().drop(columns="order")


@pytest.mark.parametrize("make", [sales, fleet, visits])
def test_what_comes_back_is_no_duplicate(make):
    df = make()
    assert not found(df)
    copies = pd.concat([df, df.iloc[[3, 50, 77]]], ignore_index=True)
    assert found(copies) == {(3, len(df)), (50, len(df) + 1), (77, len(df) + 2)}


@pytest.mark.parametrize("key", [np.arange(360), np.random.default_rng(1).permutation(360) + 70_000])
def test_a_surrogate_key_does_not_hide_duplicates(key):
    df, truth = persons()
    assert found(df.assign(id=key)) == found(df) and len(found(df) & truth) >= 0.95 * len(truth)


def test_the_row_that_stays_takes_what_the_others_know():
    df, _ = persons(twins=0)
    df["mail"] = [f"m{i}@example.org" for i in range(len(df))]
    one, two = df.iloc[[5]].assign(no="", street=""), df.iloc[[5]]
    both = pd.concat([df.assign(mail=df["mail"].where(df.index != 5, None)), one, two.assign(mail=None)], ignore_index=True)
    result = clean_data(as_frame(both), Context())
    assert [c.rows for c in result.duplicates.clusters] == [(5, 300, 301)]
    fill = next(a for a in result.plan.actions if a.detector == "golden_record")
    assert (fill.column, fill.new) == ("mail", ("m5@example.org",)) and fill.examples[0].after == "m9@xxxxxxx.xxx"
    assert len(result.plan.apply(both, "all").frame) == len(both), "only when accepted"
    done = result.plan.accept().apply(both)
    assert done.frame.loc[done.frame["given"].eq(df.given[5]) & done.frame["ref"].eq(df.ref[5]), "mail"].tolist() == ["m5@example.org"]
    other = result.keeping(both, 301)
    assert other.duplicates.clusters[0].keep == 301 and other.plan.actions[-1].rows == (5, 300)
    assert clean_data(as_frame(both), Context(), keep="last").duplicates.clusters[0].keep == 301
    for wrong in ((7,), (5, 300)):
        with pytest.raises(BadOption):
            result.keeping(both, *wrong)


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
