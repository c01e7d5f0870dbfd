"""Risk equals pycanon, attacks are carried out, de-identification holds what it promises."""

import datetime as dt
import hashlib
import json
import time
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import edgp_magics
from edgp_magics.capabilities._scan import scan_privacy
from edgp_magics.capabilities.privacy import PRESETS, Transform, assess_risk, deidentify, search_quasi_sets
from edgp_magics.capabilities.privacy._transforms import date_shift, format_preserving, token
from edgp_magics.errors import BadOption, ColumnNotFound, FrameChanged
from edgp_magics.frames import as_frame
from edgp_magics.values import ChangeLog, Context

KEY = b"only for the tests"


def people(seed, rows=300, nulls=0):
    r = np.random.default_rng(seed)
    df = pd.DataFrame(
        {
            "a": r.integers(0, 4, rows),
            "b": r.choice(list("xyz"), rows),
            "c": r.choice(["u", "v"], rows),
            "s": r.choice(["h", "i", "j", "k"], rows, p=[0.5, 0.3, 0.15, 0.05]),
            "w": r.integers(0, 30, rows),
            "f": r.normal(size=rows).round(1),
            "flag": r.choice([True, False], rows),
        }
    )
    df.loc[r.integers(0, rows, nulls), "b"] = None
    return df


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("nulls", [0, 15])
def test_equals_pycanon(seed, nulls):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        anonymity = pytest.importorskip("pycanon.anonymity")
    df, quasi = people(seed, nulls=nulls), ["a", "b", "c"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        k = anonymity.k_anonymity(df, quasi)
        diversity = anonymity.l_diversity(df, quasi, ["s", "w", "f"])
        close = {s: anonymity.t_closeness(df, quasi, [s]) for s in ("s", "w", "f", "flag")}
    risk = assess_risk(as_frame(df, name="t"), quasi, ["s", "w", "f", "flag"])
    assert risk.k == k
    assert min(risk.l_by[s] for s in ("s", "w", "f")) == diversity
    assert risk.t_by == pytest.approx(close, abs=1e-12)


def test_risks_of_a_small_table():
    df = pd.DataFrame({"zip": ["1", "1", "1", "2", "2", "3"], "sex": ["m", "m", "m", "f", "f", "f"]})
    risk = assess_risk(as_frame(df, name="t"), ["zip", "sex"], threshold=3, sampling_fraction=0.1)
    assert (risk.k, risk.classes, risk.unique, risk.below) == (1, 3, 1, 3)
    assert risk.uniqueness == pytest.approx(1 / 6)
    assert risk.prosecutor_max == 1.0 and risk.prosecutor_mean == pytest.approx(0.5)
    assert risk.journalist_max == pytest.approx(0.1) and risk.marketer == pytest.approx(0.05)


def test_the_library_does_not_matter():
    df = people(1, nulls=9)
    a = assess_risk(as_frame(df, name="t"), ["a", "b"], ["s", "w"])
    b = assess_risk(as_frame(pl.from_pandas(df), name="t"), ["a", "b"], ["s", "w"])
    assert a == b


def test_a_row_of_nothing_is_not_assessed():
    assert not assess_risk(as_frame(pd.DataFrame({"a": [None]}), name="t"), ["a"]).assessed
    assert not assess_risk(as_frame(pd.DataFrame({"a": []}), name="t"), ["a"]).assessed
    assert not assess_risk(as_frame(pd.DataFrame({"a": [1]}), name="t"), []).assessed


def test_search_finds_what_singles_out():
    r = np.random.default_rng(0)
    df = pd.DataFrame(
        {
            "sex": r.choice(["m", "f"], 500),
            "born": [str(dt.date(1950, 1, 1) + dt.timedelta(days=int(d))) for d in r.integers(0, 20000, 500)],
            "zip": r.integers(0, 60, 500),
        }
    )
    best = search_quasi_sets(as_frame(df, name="t"), ["sex", "born", "zip"])[0]
    assert "born" in best.columns and best.unique_share > 0.9


def test_who_is_alone_in_a_sample_is_not_counted_as_alone():
    n, r = 250_000, np.random.default_rng(3)
    df = pl.DataFrame(
        {"born": r.integers(0, 9000, n), "sex": r.choice(["m", "f"], n), "job": r.integers(0, 300, n), "zip": r.zipf(1.5, n) % 3000}
    )
    found = {q.columns: q for q in search_quasi_sets(as_frame(df, name="t"), df.columns)}
    assert ("born", "job") in found and ("born", "sex") not in found
    for columns, q in found.items():
        alone = (df.group_by(columns).len()["len"] == 1).sum() / n
        assert q.rows < n and q.unique_share == pytest.approx(alone, abs=0.02), columns


@pytest.mark.parametrize("values", [[float("nan")] * 6, [None] * 6, [1.0, *[float("nan")] * 5], [2**64 - 1, 2**63, 5, 5, 2**63, 5]])
def test_sensitive_columns_of_gaps_or_huge_numbers(values):
    df = pd.DataFrame({"zip": ["1", "1", "1", "2", "2", "2"], "pay": values})
    risk = assess_risk(as_frame(df, name="t"), ["zip"], ["pay"])
    groups = [set(df["pay"][:3].map(str)), set(df["pay"][3:].map(str))]
    assert risk.k == 3 and risk.l == min(map(len, groups)) and 0.0 <= risk.t <= 1.0


@pytest.mark.parametrize("columns", [1, 4, 12, 40])
def test_classes_of_many_wide_columns_are_those_of_a_grouping(columns):
    r = np.random.default_rng(columns)
    df = pd.DataFrame({f"q{i}": r.integers(0, 2, 500) * 2**40 + (r.integers(0, 2, 500) if i < 2 else 0) for i in range(columns)})
    df["q0"] = df["q0"].where(r.random(500) < 0.9)
    sizes = df.groupby(list(df.columns), dropna=True).size()
    risk = assess_risk(as_frame(df, name="t"), list(df.columns))
    assert (risk.k, risk.classes, risk.unique) == (sizes.min(), len(sizes), (sizes == 1).sum())


@pytest.mark.slow
def test_a_million_rows_in_a_second():
    n, r = 1_000_000, np.random.default_rng(0)
    df = pd.DataFrame(
        {
            "zip": r.integers(10000, 99999, n).astype(str),
            "sex": r.choice(["m", "f"], n),
            "age": r.integers(0, 100, n),
            "race": r.choice(list("abcde"), n),
            "nat": r.choice(["DE", "FR", "US"], n),
        }
    )
    frame = as_frame(df, name="t")
    start = time.process_time()
    assess_risk(frame, list(df.columns))
    assert time.process_time() - start < 1.0


# -- attacks ---------------------------------------------------------------------------------------------------------------
def sha(values):
    return [hashlib.sha256(str(v).encode()).hexdigest() for v in values]


def attacks(df):
    return [(a.kind, a.column, a.source) for a in scan_privacy(as_frame(df, name="t"), Context()).attacks]


def test_a_hash_of_another_column():
    mails = [f"U{i}@example.org" for i in range(50)]
    df = pd.DataFrame({"mail": mails, "mail_hash": sha(m.lower() for m in mails)})
    assert attacks(df) == [("hash_of_column", "mail_hash", "mail")]


@pytest.mark.parametrize(
    ("values", "space"),
    [
        ([f"{i % 97:04d}" for i in range(0, 9000, 37)], "four digits"),
        ([str(dt.date(1950, 1, 1) + dt.timedelta(days=31 * i)) for i in range(400)], "dates since 1930"),
        ([f"{10000 + 211 * i:05d}" for i in range(300)], "five digits (postal codes)"),
        (["male", "female"] * 20, "category words"),
    ],
)
def test_a_hash_of_a_small_space(values, space):
    df = pd.DataFrame({"token": sha(values) if space != "category words" else [*sha(values), *sha(["other"] * 3)]})
    assert [(k, s) for k, _, s in attacks(df)] == [("hash_of_small_space", space)] or len(set(values)) < 3


@pytest.mark.parametrize("algorithm", ["sha256", "sha3_256", "blake2s", "blake2b"])
@pytest.mark.parametrize(
    ("values", "space"),
    [
        ([str(i) for i in range(1, 121)], "whole numbers up to four digits"),
        ([f"{i * 7919 % 1_000_000:06}" for i in range(150)], "six digits"),
        (["yes", "no"] * 20, "category words"),
        (["DE", "FR", "SG"] * 9, "category words"),
    ],
)
def test_small_spaces_under_other_algorithms(values, space, algorithm):
    token = [hashlib.new(algorithm, v.encode()).hexdigest() for v in values]
    assert attacks(pd.DataFrame({"token": token})) == [("hash_of_small_space", "token", space)]


@pytest.mark.parametrize(
    ("values", "hashed"),
    [
        (pd.date_range("1850-01-01", periods=60), "%Y-%m-%d"),
        ([f"u{i}@example.org".encode() for i in range(60)], None),
        (np.arange(10**8, 10**8 + 60) * 7.0, None),
        ([Decimal(10**8 + i) for i in range(60)], None),
    ],
)
def test_a_hash_of_a_column_of_any_dtype(values, hashed):
    texts = values.strftime(hashed) if hashed else [v.decode() if isinstance(v, bytes) else int(v) for v in values]
    assert attacks(pd.DataFrame({"source": values, "ref": sha(texts)})) == [("hash_of_column", "ref", "source")]


@pytest.mark.parametrize("cards", [["378282246310005", "371449635398431"], ["4111111111111111", "4012888888881881"]])
@pytest.mark.parametrize("algorithm", ["sha256", "sha3_256"])
def test_the_two_ends_of_a_card_beside_its_hash(cards, algorithm):
    ref = [hashlib.new(algorithm, c.encode()).hexdigest() for c in cards]
    split = pd.DataFrame({"bin": [c[:6] for c in cards], "tail": [int(c[-4:]) for c in cards], "ref": ref})
    assert attacks(split) == [("hash_and_truncated_pan", "ref", "bin + tail")]
    shown = pd.DataFrame({"shown": [c[:6] + "*****" + c[-4:] for c in cards], "ref": ref})
    assert attacks(shown) == [("hash_and_truncated_pan", "ref", "shown")]


def test_a_truncated_card_beside_its_hash():
    cards = ["4111111111111111", "4012888888881881", "5555555555554444", "5105105105105100"]
    df = pd.DataFrame({"shown": [c[:6] + "******" + c[-4:] for c in cards], "ref": sha(cards)})
    assert attacks(df) == [("hash_and_truncated_pan", "ref", "shown")]


@pytest.mark.parametrize(
    ("preset", "transforms", "planned"),
    [
        ("mask", {}, "mask key"),
        ("pci", {}, "suppress key"),
        ("pdpa", {}, "suppress key"),
        ("hipaa_safe_harbor", {}, "suppress key"),
        ("pseudonymise", {}, "token key"),
        ("mask", {"key": "keep"}, None),
        ("mask", {"key": "redact"}, "redact key"),
    ],
)
def test_a_hash_that_was_undone_goes_with_what_it_gives_away(preset, transforms, planned):
    cards = ["4111111111111111", "5555555555554444", "6011111111111117", "4012888888881881"] * 5
    df = pd.DataFrame({"card_number": cards, "key": [hashlib.sha256(c.encode()).hexdigest() for c in cards], "qty": range(20)})
    plan = scan_privacy(as_frame(df, name="t"), Context()).deidentify(df, preset=preset, key=KEY, transforms=transforms)
    assert next((a.title for a in plan.actions if a.column == "key"), None) == planned


def test_a_hash_of_what_a_preset_keeps_stays():
    mails = [f"user{i}@example.org" for i in range(20)]
    df = pd.DataFrame({"email": mails, "key": [hashlib.sha256(m.encode()).hexdigest() for m in mails]})
    plan = scan_privacy(as_frame(df, name="t"), Context()).deidentify(df, preset="pci")
    assert not plan.selected("all") and plan.apply(df, approve="all").frame.equals(df)


def test_keyed_and_salted_hashes_stand():
    import hmac

    mails = [f"u{i}@example.org" for i in range(60)]
    keyed = [hmac.new(KEY, m.encode(), hashlib.sha256).hexdigest() for m in mails]
    assert attacks(pd.DataFrame({"mail": mails, "token": keyed})) == []


def test_anonymous_with_k_of_one():
    r = np.random.default_rng(0)
    df = pd.DataFrame(
        {
            "age": r.integers(18, 90, 200),
            "gender": r.choice(["m", "f"], 200),
            "zip_code": r.integers(10000, 20000, 200),
            "diagnosis": r.choice(["asthma", "type 2 diabetes"], 200),
        }
    )
    result = scan_privacy(as_frame(df, name="t"), Context())
    assert result.risk.k == 1 and result.risk.sensitive == ("diagnosis",)
    found = next(f for f in result.findings if f.rule == "k_anonymity")
    assert "not anonymous" in found.message


# -- de-identification -------------------------------------------------------------------------------------------------------
def table():
    return pd.DataFrame(
        {
            "patient_name": ["Maria Garcia", "John Smith", "Anna Müller", "Wei Chen"] * 5,
            "email": [f"p{i}@example.org" for i in range(20)],
            "dob": [f"19{30 + i}-03-0{1 + i % 9}" for i in range(20)],
            "age": [*range(75, 95)],
            "zip_code": ["94105", "03601", "10001-1234", "60601"] * 5,
            "gender": ["f", "m"] * 10,
            "card_number": ["4111111111111111", "5555555555554444"] * 10,
            "visits": [*range(20)],
        }
    )


def test_safe_harbor_and_a_rescan_proves_it():
    df = table()
    result = scan_privacy(as_frame(df, name="t"), Context())
    done = result.deidentify(df, preset="hipaa_safe_harbor").apply(df, approve="all")
    out = done.frame
    assert out["patient_name"].isna().all() and out["email"].isna().all() and out["card_number"].isna().all()
    assert set(out["zip_code"]) == {"941", "000", "100", "606"}
    assert out["age"].max() == 90 and out["dob"].str.fullmatch(r"\d{4}").all()
    assert out["visits"].equals(df["visits"])
    again = scan_privacy(as_frame(out, name="t"), Context())
    assert {d.group for found in again.columns.values() for d in found} <= {"quasi", "location", "direct"} - {"direct"} or set(
        again.types
    ) <= {"dob", "age", "zip_code", "gender"}
    pd.testing.assert_frame_equal(done.log.undo(out), df)


def with_links_and_notes():
    df = table()
    days = [f"2021-03-{i + 1:02}" for i in range(20)]
    return df.assign(
        website=[f"https://people.example.org/~u{i}" for i in range(20)],
        diagnosis=["E11.9", "I10"] * 10,
        admission_date=days,
        remark=[f"came on {d} to see the doctor, link www.example.org/r{i}" for i, d in enumerate(days)],
        note=[f"Patient Maria Garcia called on {d} from +1 415 555 2671 about her refill" for d in days],
    )


def test_safe_harbor_passes_its_own_clauses():
    df = with_links_and_notes()
    out = scanned(df).deidentify(df, preset="hipaa_safe_harbor").apply(df, approve="all").frame
    declared = {"declared_deidentified": "safe harbor"}
    raw, clean = (
        {c.id[-1]: c.status for c in edgp_magics.run("compliance_check", x, metadata=declared).clauses if ".b2i-" in c.id}
        for x in (df, out)
    )
    assert {"A", "C", "D", "F", "N"} <= {letter for letter, status in raw.items() if status == "FAIL"}
    assert len(clean) == 18 and set(clean.values()) == {"PASS"}


def test_safe_harbor_takes_what_only_a_name_or_uniqueness_tells():
    df = with_links_and_notes()
    further = {
        "trial_id": [f"ST-{1000 + i}" for i in range(20)],
        "accession": range(5000, 5020),
        "barcode": [f"{i * 7919 % 99999:05}AB" for i in range(20)],
        "license_no": [f"D{i:07}" for i in range(20)],
        "photo": [f"img_{i}.jpg" for i in range(20)],
        "county": ["Kings", "Queens"] * 10,
        "month": ["2023-01", "2023-02"] * 10,
    }
    kept = {"device_type": ["pump", "stent"] * 10, "glucose": [100.0 + i for i in range(20)], "photo_count": range(20)}
    df = df.assign(**further, **kept)
    plan = scanned(df).deidentify(df, preset="hipaa_safe_harbor")
    out = plan.apply(df, approve="all").frame
    checked = edgp_magics.run("compliance_check", out, metadata={"declared_deidentified": "safe harbor"}).clauses
    assert {c.status for c in checked if ".b2i-" in c.id} == {"PASS"}
    assert out[list(further)[:-1]].isna().all().all() and set(out["month"]) == {"2023"}
    assert out[list(kept)].equals(df[list(kept)])
    assert "icence numbers" in next(a.reason for a in plan.actions if a.column == "license_no")
    code = scanned(df).deidentify(df, preset="hipaa_safe_harbor", transforms={"trial_id": "keep"}).apply(df, approve="all").frame
    assert code["trial_id"].equals(df["trial_id"])


def test_pdpa_leaves_only_what_it_keeps():
    df = with_links_and_notes()
    out = scanned(df).deidentify(df, preset="pdpa", key=b"x" * 32).apply(df, approve="all").frame
    again = scanned(out)
    assert set(again.types.values()) <= {"DATE_OF_BIRTH", "AGE", "POSTAL_CODE", "GENDER", "HEALTH"}
    assert not len(again.spans)


def test_pci_truncates_cards():
    df = table()
    result = scan_privacy(as_frame(df, name="t"), Context())
    out = result.deidentify(df, preset="pci").apply(df, approve="all").frame
    assert set(out["card_number"]) == {"411111******1111", "555555******4444"}
    assert "card_number" not in scan_privacy(as_frame(out, name="t"), Context()).types


def test_tokens_keep_joins_and_need_a_key():
    df = table()
    frame = as_frame(df, name="t")
    with pytest.raises(BadOption):
        deidentify(frame, {"email": "EMAIL"}, preset="pdpa")
    out = deidentify(frame, {"email": "EMAIL"}, preset="pdpa", key=KEY).apply(df, approve="all").frame
    other = (
        deidentify(as_frame(df[["email"]].copy(), name="u"), {"email": "EMAIL"}, preset="pdpa", key=KEY)
        .apply(df[["email"]], approve="all")
        .frame
    )
    assert list(out["email"]) == list(other["email"]) and not out["email"].str.contains("@").any()


@given(st.text(alphabet="0123456789abcXYZ- ", min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_format_preserving_keeps_the_form(value):
    out = format_preserving(value, KEY)
    assert [("9" if c.isdigit() else "a" if c.islower() else "A" if c.isupper() else c) for c in out] == [
        ("9" if c.isdigit() else "a" if c.islower() else "A" if c.isupper() else c) for c in value
    ]


def test_format_preserving_is_one_to_one():
    assert len({format_preserving(f"{i:04d}", KEY) for i in range(2000)}) == 2000


def test_dates_shift_alike_for_a_subject():
    a, b = date_shift("2024-01-01", "p1", KEY), date_shift("2024-01-15", "p1", KEY)
    assert (dt.date.fromisoformat(b) - dt.date.fromisoformat(a)).days == 14
    assert date_shift("2024-01-01", "p1", KEY) != "2024-01-01" and token("x", KEY) == token("X ", KEY)
    df = pd.DataFrame({"id": ["p1", "p1", "p2"], "seen": ["2024-01-01", "2024-01-15", "2024-01-01"]})
    plan = deidentify(
        as_frame(df, name="t"), {"seen": "DATE_TIME"}, transforms={"seen": Transform(method="date_shift")}, key=KEY, subject="id"
    )
    out = plan.apply(df, approve="all").frame
    assert (pd.to_datetime(out["seen"][1]) - pd.to_datetime(out["seen"][0])).days == 14


@pytest.mark.parametrize("method", ["mask", "redact", "suppress", "generalise", "top_code", "drop_column", "last4"])
def test_every_method_applies(method):
    df = pd.DataFrame({"age": [31, 47, 95]})
    plan = deidentify(as_frame(df, name="t"), {"age": "AGE"}, transforms={"age": Transform(method=method)})
    out = plan.apply(df, approve="all").frame
    assert len(out) == 3 and list(df["age"]) == [31, 47, 95]
    wide = pl.from_pandas(df)
    done = deidentify(as_frame(wide, name="t"), {"age": "AGE"}, transforms={"age": Transform(method=method)}).apply(wide, approve="all")
    assert done.frame.shape[0] == 3 and done.log.undo(done.frame).equals(wide)
    if method == "generalise":
        assert list(out["age"]) == ["30-39", "40-49", "90-99"]


def notes():
    return pd.DataFrame(
        {
            "note": [f"Card 4111 1111 1111 1111 of order {i:04d}, call +65 9123 4{i:03d} about it" for i in range(30)],
            "memo": [f"call +65 9123 4{i:03d} now, card 4111 1111 1111 1111 was read out" for i in range(30)],
            "admitted": pd.date_range("2024-03-05", periods=30),
            "born": [f"{1920 + i}-05-06" for i in range(30)],
            "team": ["a", "b"] * 15,
        }
    )


def scanned(df):
    return scan_privacy(as_frame(df, name="t"), Context())


def test_texts_are_redacted_piece_by_piece():
    df = notes()
    out = scanned(df).deidentify(df, preset="pci").apply(df, approve="all").frame
    assert out["note"][3] == "Card 4111 11** **** 1111 of order 0003, call +65 9123 4003 about it"
    assert out["memo"][3] == "call +65 9123 4003 now, card 4111 11** **** 1111 was read out"
    out = scanned(df).deidentify(df, preset="hipaa_safe_harbor").apply(df, approve="all").frame
    assert out["note"][3] == "Card [CREDIT_CARD] of order 0003, call [PHONE] about it"
    assert not len(scanned(out).spans)


def test_safe_harbor_leaves_no_date_and_pools_the_oldest():
    df = notes()
    out = scanned(df).deidentify(df, preset="hipaa_safe_harbor").apply(df, approve="all").frame
    assert set(out["admitted"]) == {"2024"}
    assert out["born"].min() == "1934" and out["born"].max() == "1949"


@pytest.mark.parametrize("transforms", [{"team": "maks"}, {"team": {"method": "mask", "wdth": 3}}, {"nobody": "mask"}])
def test_a_typo_in_transforms_is_refused(transforms):
    df = notes()
    with pytest.raises((BadOption, ColumnNotFound)):
        scanned(df).deidentify(df, transforms=transforms)


def test_columns_without_a_type_can_be_transformed():
    df = notes()
    result = scanned(df)
    out = result.deidentify(df, preset="pci", transforms={"team": "suppress", "note": "redact"}).apply(df, approve="all").frame
    assert out["team"].isna().all() and set(out["note"]) == {"[VALUE]"}


def test_another_table_is_refused():
    df = notes()
    with pytest.raises(FrameChanged):
        scanned(df).deidentify(df.iloc[:10], preset="pci")


def test_what_is_masked_is_not_found_again():
    df = table()
    out = scanned(df).deidentify(df, preset="mask").apply(df, approve="all").frame
    assert scanned(out).types == {}
    long = pd.DataFrame({"email": [f"{'x' * 70}{i}@example.org" for i in range(20)]})
    out = scanned(long).deidentify(long, preset="mask").apply(long, approve="all").frame
    assert set(out["email"].str.len()) <= {82 + 1, 83 + 1, 84} and scanned(out).types == {}


def test_small_classes_are_counted_after_the_other_actions():
    df = pd.DataFrame({"age": [20 + i % 10 for i in range(60)], "sex": ["m", "f"] * 30})
    plan = deidentify(
        as_frame(df, name="t"), {"age": "AGE"}, transforms={"age": "generalise"}, preset="pci", minimum_k=20, quasi=["age", "sex"]
    )
    assert [a.kind for a in plan.actions] == ["set"]


def test_k_is_enforced():
    df = pd.DataFrame({"zip": ["1"] * 60 + ["x"] * 2, "sex": ["m"] * 62})
    plan = deidentify(as_frame(df, name="t"), {}, minimum_k=5, quasi=["zip", "sex"])
    assert [(a.kind, a.rows) for a in plan.actions] == [("drop_rows", (60, 61))]
    done = plan.apply(df, approve="all")
    assert assess_risk(as_frame(done.frame, name="t"), ["zip", "sex"]).k == 60
    pd.testing.assert_frame_equal(done.log.undo(done.frame), df)


@pytest.mark.parametrize("k", [2, 5, 40])
@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("seed", range(3))
def test_k_is_reached_with_few_rows_dropped(seed, library, k):
    r, n = np.random.default_rng(seed), 400
    df = pd.DataFrame(
        {
            "born": pd.to_datetime("1950-01-01") + pd.to_timedelta(r.integers(0, 20_000, n), "D"),
            "age": r.integers(18, 95, n),
            "zip": r.choice(["94105", "10001", "60601", "73301"], n),
            "job": r.choice([f"job {i}" for i in range(30)], n),
            "pay": r.normal(size=n),
        }
    )
    df.loc[r.integers(0, n, 20), "job"] = None
    table, quasi = df if library == "pandas" else pl.from_pandas(df), ["born", "age", "zip", "job"]
    plan = deidentify(
        as_frame(table, name="t"),
        {"born": "DATE_OF_BIRTH", "age": "AGE", "zip": "POSTAL_CODE"},
        preset="hipaa_safe_harbor",
        minimum_k=k,
        quasi=quasi,
    )
    done = plan.apply(table, approve="all")
    left = done.frame if library == "pandas" else done.frame.to_pandas()
    assert left.groupby(quasi, dropna=False).size().min() >= k and len(left) >= 0.95 * n
    assert (
        left[quasi].notna().any().any() and left.groupby(quasi, dropna=False).size().min() < 4 * k and (left["pay"].isin(df["pay"])).all()
    )
    assert as_frame(done.log.undo(done.frame)).fingerprint == as_frame(table).fingerprint


@pytest.mark.parametrize("rows", [1, 3])
def test_a_table_of_fewer_rows_than_k_keeps_them_and_tells_nothing_of_persons(rows):
    df = pd.DataFrame({"age": [31, 47, 95][:rows], "sex": ["m", "f", "f"][:rows], "dose": [1.0, 2.0, 3.0][:rows]})
    out = deidentify(as_frame(df, name="t"), {}, minimum_k=5, quasi=["age", "sex"]).apply(df, approve="all").frame
    assert len(out) == rows and out[["age", "sex"]].isna().all().all() and list(out["dose"]) == list(df["dose"])


def test_k_without_quasi_identifiers_is_refused():
    with pytest.raises(BadOption, match="quasi"):
        deidentify(as_frame(table(), name="t"), {}, minimum_k=5)


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([123, 45]),
        pd.Series([123.0, 45.0]),
        pd.Series([123.0, 45.0, None]),
        pd.Series([123, 45], dtype="Int64"),
        pd.Series(["123", " 45 "]),
        pd.Series(["123.0", "45.0"]),
        pd.Series([Decimal("123.00"), Decimal(45)]),
        pd.Series([b"123", b"45"]),
        pd.Series(["123", "45"], dtype="category"),
    ],
    ids=lambda v: str(v.dtype) + str(len(v)),
)
def test_tokens_join_across_dtypes(values):
    df = pd.DataFrame({"id": values})
    out = deidentify(as_frame(df, name="t"), {"id": "MRN"}, transforms={"id": "token"}, key=KEY).apply(df, approve="all").frame
    tokens = [v.decode() if isinstance(v, bytes) else v for v in out["id"][:2]]
    assert tokens == [token(123, KEY), token("45", KEY)]


def test_tokens_join_days_and_ways_of_writing():
    assert len({token(v, KEY) for v in (dt.date(2024, 1, 2), dt.datetime(2024, 1, 2), "2024-01-02")}) == 1
    assert token("Jos\u00e9  TAN", KEY) == token("jose\u0301 tan", KEY) != token("jose tan", KEY)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_format_preserving_is_one_to_one_on_short_domains(size):
    texts = [f"{i:0{size}}" for i in range(10**size)]
    assert sorted(format_preserving(v, KEY) for v in texts) == texts
    numbers = list(range(10 ** (size - 1) if size > 1 else 0, 10**size))
    assert sorted(format_preserving(v, KEY) for v in numbers) == numbers


@pytest.mark.parametrize("value", ["José Núñez", "王小明", "محمد", "١٢٣٤", "１２３４", "Ünal", "Дмитрий"])
def test_format_preserving_leaves_no_letter_of_any_script(value):
    moved = [(a, b) for a, b in zip(value, format_preserving(value, KEY), strict=True) if a.isalnum()]
    assert all(b.isalnum() and a.isdecimal() == b.isdecimal() for a, b in moved) and sum(a == b for a, b in moved) <= 1


def shifted(df, **options):
    plan = deidentify(as_frame(df, name="t"), {}, transforms=dict.fromkeys(df.columns.drop("id"), "date_shift"), key=KEY, **options)
    return plan, plan.apply(df, approve="all").frame


def test_shifted_dates_keep_intervals_in_every_form():
    df = pd.DataFrame(
        {
            "id": [1, 1, 2],
            "at": pd.to_datetime(["2024-01-01 08:30", "2024-01-15 09:00", "2024-02-01 00:00"]),
            "us": ["01/02/2024", "01/20/2024", "02/03/2024"],
            "iso": ["2024-01-02T10:00:00Z", "2024-01-03", "2024-02-03 07:00"],
            "day": [dt.date(2024, 1, 3), None, dt.date(9999, 12, 31)],
        }
    )
    _, out = shifted(df, subject="id")
    move = out["at"] - df["at"]
    assert move[0] == move[1] and abs(move[0].days) <= 182 and move[0].seconds == 0
    assert list(pd.to_datetime(out["us"], format="%m/%d/%Y") - pd.to_datetime(df["us"], format="%m/%d/%Y")) == list(move)
    assert (
        out["iso"].str[10:].tolist() == df["iso"].str[10:].tolist() and pd.Timestamp(out["iso"][1]) - pd.Timestamp("2024-01-03") == move[1]
    )
    assert out["day"][0] - df["day"][0] == move[0].to_pytimedelta()
    other = shifted(df[["id", "at"]].assign(id=["1", "1", "2"]), subject="id")[1]
    assert list(other["at"]) == list(out["at"])


def test_dates_without_a_subject_do_not_all_move_alike():
    df = pd.DataFrame({"id": [None] * 20, "a": pd.date_range("2024-01-01", periods=20), "b": pd.date_range("2024-01-05", periods=20)})
    for options in ({}, {"subject": "id"}):
        out = shifted(df, **options)[1]
        assert len(set(out["a"] - df["a"])) > 10 and (out["b"] - out["a"] == df["b"] - df["a"]).all()
    assert "every row is moved on its own" in shifted(df)[0].actions[0].reason
    ambiguous = pd.DataFrame({"id": [1], "a": ["03/04/2024"]})
    assert shifted(ambiguous, subject="id")[1]["a"].isna().all()


@pytest.mark.parametrize(
    ("value", "preset", "entity", "kept"),
    [
        (19200105, "hipaa_safe_harbor", "DATE_OF_BIRTH", 1933),
        (1950, "hipaa_safe_harbor", "DATE_OF_BIRTH", 1950),
        (7, "hipaa_safe_harbor", "DATE_OF_BIRTH", None),
        ("04/05/58", "hipaa_safe_harbor", "DATE_OF_BIRTH", None),
        (dt.date(1950, 5, 6), "hipaa_safe_harbor", "DATE_OF_BIRTH", "1950"),
        (dt.datetime(1920, 5, 6), "hipaa_safe_harbor", "DATE_OF_BIRTH", "1933"),
        ("93 years", "hipaa_safe_harbor", "AGE", "90+"),
        ("85 years", "hipaa_safe_harbor", "AGE", "85 years"),
        ("90+", "hipaa_safe_harbor", "AGE", "90+"),
        (90, "hipaa_safe_harbor", "AGE", 90),
        (104.0, "hipaa_safe_harbor", "AGE", 90),
        ("2139", "hipaa_safe_harbor", "POSTAL_CODE", "021"),
        ("SW1A 1AA", "hipaa_safe_harbor", "POSTAL_CODE", "000"),
        (94105, "hipaa_safe_harbor", "POSTAL_CODE", 941),
        (941, "hipaa_safe_harbor", "POSTAL_CODE", 941),
        ("637459", "pdpa", "POSTAL_CODE", "63****"),
        ("S1234567D", "pdpa", "SG_NRIC_FIN", "*****567D"),
        ("1234", "pdpa", "NATIONAL_ID", "**34"),
        ("219-09-9999", "pdpa", "US_SSN", "*******9999"),
        ("8.8.4.4", "pdpa", "IP_ADDRESS", token("8.8.4.4", KEY)),
        (b"a@x.org", "mask", "EMAIL", b"a******"),
    ],
)
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_single_cells_under_a_preset(value, preset, entity, kept, library):
    df = pd.DataFrame({"x": pd.Series([value] * 3)}) if library == "pandas" else pl.DataFrame({"x": [value] * 3})
    plan = deidentify(as_frame(df, name="t"), {"x": entity}, preset=preset, key=KEY, as_of=dt.date(2023, 6, 1))
    done = plan.apply(df, approve="all")
    out = done.frame["x"].to_list()[0]
    assert pd.isna(out) if kept is None else out == kept
    assert as_frame(done.log.undo(done.frame)).fingerprint == as_frame(df).fingerprint


def test_the_oldest_are_pooled_by_what_the_table_tells():
    births = [f"{1930 + i}-05-06" for i in range(40)]

    def pooled(**more):
        df = pd.DataFrame({"born": births, **more})
        types = {"born": "DATE_OF_BIRTH", **({"age": "AGE"} if "age" in more else {})}
        plan = deidentify(as_frame(df, name="t"), types, preset="hipaa_safe_harbor")
        return plan.apply(df, approve="all").frame["born"].min(), plan.actions[0].reason

    assert pooled(seen=["03/04/2031"] * 40, until=["12/31/9999"] * 40) == ("1941", pooled(seen=["2031-01-01"] * 40)[1])
    assert pooled(age=[*(2030 - 1930 - i for i in range(39)), 400])[0] == "1940"
    assert "over 89 in 2031" in pooled(seen=["2031-01-01"] * 40)[1]


@pytest.mark.parametrize("options", [{"method": "generalise", "width": 0}, {"method": "top_code", "limit": "90"}])
def test_impossible_transforms_are_refused(options):
    with pytest.raises(BadOption):
        Transform.of(options)


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ({"method": "generalise", "widht": 5}, "width"),
        ({"method": "generalize"}, "generalise"),
        ("top_kode", "top_code"),
        ({"metod": "mask"}, "method"),
    ],
)
def test_a_typo_in_a_transform_is_answered_with_what_is_near(given, near):
    with pytest.raises(BadOption, match=f"Did you mean `{near}`"):
        Transform.of(given)


DAYS = [
    "2024-03-05",
    "03/05/2024 14:30",
    "5 March 2024",
    "March 5th, 2024",
    "Mar 2024",
    "05-Mar-24",
    "05Mar2024",
    "5. März 2024",
    "2024-03",
    "20240305",
]


@pytest.mark.parametrize("day", [*DAYS, "5 de marzo de 2024", "March 5", "in May", "on 03/05", "October"])
def test_no_form_of_a_date_is_left_in_a_text(day):
    df = pd.DataFrame({"note": [f"Patient seen {day}; dose 3/4 of 1.5 mg, score 120/80"] * 12, "diagnosis": ["E11.9", "I10"] * 6})
    out = scanned(df).deidentify(df, preset="hipaa_safe_harbor").apply(df, approve="all").frame
    left = out["note"][0].replace("[2024]", "").replace("[DATE_TIME]", "")
    assert left.endswith("dose 3/4 of 1.5 mg, score 120/80") and not {"2024", "March", "May", "Mar", "October", "05"} & set(left.split())


def records():
    days = [f"2021-03-{i + 1:02}" for i in range(20)]
    cells = [{"name": "Maria Garcia", "mail": f"u{i}@example.org", "seen": [{"on": d, "n": i}]} for i, d in enumerate(days)]
    return pd.DataFrame(
        {
            "js": cells,
            "text": [
                json.dumps({"card": 4111111111111111, "name": ["John Smith", "Anna Müller", "Wei Chen"][i % 3], "n": i}) for i in range(20)
            ],
            "tags": [[f"u{i}@example.org", "x"] for i in range(20)],
            "doc": [f"letter to Maria Garcia of {d}".encode() for d in days],
            "diagnosis": ["E11.9", "I10"] * 10,
        }
    )


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_records_and_bytes_are_deidentified_and_stay_what_they_are(library, tmp_path):
    df = records().assign(seen=pd.date_range("2021-03-01", periods=20))
    df = df if library == "pandas" else pl.from_pandas(df)
    plan = scanned(df).deidentify(df, preset="hipaa_safe_harbor")
    done = plan.apply(df, approve="all")
    out = (
        [dict(zip(done.frame.columns, row, strict=True)) for row in done.frame.iter_rows()]
        if library == "polars"
        else done.frame.to_dict("records")
    )
    assert out[3]["js"] == {"name": "[PERSON_NAME]", "mail": "[EMAIL]", "seen": [{"on": "2021", "n": 3}]}
    assert json.loads(out[3]["text"]) == {"card": "[CREDIT_CARD]", "name": "[PERSON_NAME]", "n": 3}
    assert list(out[3]["tags"]) == ["[EMAIL]", "x"] and out[3]["doc"] is None
    assert as_frame(done.log.undo(done.frame)).fingerprint == as_frame(df).fingerprint
    log = ChangeLog.load(done.log.save(tmp_path / "log.json"))
    assert as_frame(log.undo(done.frame)).fingerprint == as_frame(df).fingerprint
    shown = json.dumps(plan.to_dict(), default=str) + json.dumps(done.log.to_dict(), default=str) + repr(plan) + repr(done)
    assert not any(raw in shown for raw in ("Garcia", "Smith", "example.org", "4111111111111111", "2021-03"))


@pytest.mark.parametrize("method", ["mask", "token", "year", "suppress", "format_preserving"])
def test_cells_of_mixed_types_come_back_as_they_were(method):
    cells = [1, "a@example.org", None, 2.5, dt.date(2020, 1, 1), b"x", Decimal("1.50"), float("nan"), 10**25, pd.NaT, [1], {"a": 1}]
    df = pd.DataFrame({"x": pd.Series(cells, dtype=object), "big": pd.Series([10**25, 1] * 6, dtype=object)})
    plan = deidentify(as_frame(df, name="t"), {}, transforms={"x": method, "big": method}, key=KEY)
    done = plan.apply(df, approve="all")
    back = done.log.undo(done.frame)
    assert [type(v) for v in back["x"]] == [type(v) for v in cells] and repr(list(back["x"])) == repr(cells)
    pd.testing.assert_frame_equal(back, df)


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize(("values", "dtype"), [([120, 99, 7, -5], "int8"), ([32_000, 12_345], "int16"), ([2**63 - 1, 2**62], "int64")])
def test_numbers_exchanged_stay_numbers_of_as_many_digits(values, dtype, library):
    df = pd.DataFrame({"x": pd.Series(values, dtype=dtype)})
    table = df if library == "pandas" else pl.from_pandas(df)
    done = deidentify(as_frame(table, name="t"), {}, transforms={"x": "format_preserving"}, key=KEY).apply(table, approve="all")
    out = done.frame["x"].to_list()
    assert [len(str(v)) for v in out] == [len(str(v)) for v in values] and out == [format_preserving(v, KEY) for v in values]
    assert as_frame(done.log.undo(done.frame)).fingerprint == as_frame(table).fingerprint


def test_long_texts_keep_their_form():
    text = "Ab1 " * 5000
    out = format_preserving(text, KEY)
    assert len(out) == len(text) and out[3::4] == text[3::4] and format_preserving(text[:-4] + "Ab2 ", KEY) != out


def test_texts_that_the_scan_did_not_read_are_read():
    df = pd.DataFrame({"note": [f"Card 4111 1111 1111 1111 of order {i:04d}, call +65 9123 4{i:03d} about it" for i in range(120)]})
    frame = as_frame(df, name="t")
    spans = scan_privacy(frame, Context(), text_rows=30).spans
    assert 0 < len({s["row"] for s in spans}) < 120
    plan = deidentify(frame, {}, preset="hipaa_safe_harbor", spans=spans, texts_read=30)
    out = plan.apply(df, approve="all").frame
    assert out["note"].str.fullmatch(r"Card \[CREDIT_CARD\] of order [0-9]+, call \[PHONE\] about it").all()


@pytest.mark.parametrize("preset", ["mask", "hipaa_safe_harbor", "pseudonymise"])
@pytest.mark.parametrize("start", [99_990, 100_000, 199_795, 250_000])
def test_texts_of_which_the_scan_read_but_the_beginning_are_read_to_their_end(preset, start):
    filler = "All went well on that day and nothing more was said. " * 6_000
    text = filler[: start - 14].rstrip() + " Please mail anna.kowalski@example.org about it, " + filler[: 300_000 - start]
    df = pd.DataFrame({"note": [text, *[f"Nothing to say on line {i} of this long list." for i in range(30)]]})
    out = scanned(df).deidentify(df, preset=preset, key=KEY).apply(df, approve="all").frame
    assert "kowalski" not in out["note"][0] and out["note"][0].endswith(filler[: 300_000 - start][-100:])
    assert list(out["note"][1:]) == list(df["note"][1:])


def test_records_of_which_the_keys_were_not_read_to_the_end_are_said():
    long = json.dumps({"x": "y" * 100_100, "mail": "anna.kowalski@example.org", "label": "A-17"})
    df = pd.DataFrame({"payload": [long, *[json.dumps({"x": "y", "mail": f"u{i}@example.org"}) for i in range(30)]]})
    plan = scanned(df).deidentify(df)
    assert "kowalski" not in plan.apply(df, approve="all").frame["payload"][0]
    assert [a.rows for a in plan.actions if "read without keys" in a.title] == [(0,)]


@pytest.mark.parametrize(("preset", "kept"), [("pci", ["email", "phone"]), ("pdpa", []), ("mask", []), ("hipaa_safe_harbor", [])])
def test_what_a_preset_of_few_types_leaves_is_said(preset, kept):
    df = pd.DataFrame(
        {"email": [f"u{i}@example.org" for i in range(40)], "phone": [f"+65 9123 4{i:03d}" for i in range(40)], "n": range(40)}
    )
    plan = scanned(df).deidentify(df, preset=preset, key=KEY)
    said = [a for a in plan.actions if "left as" in a.title]
    assert [list(a.columns) for a in said] == ([kept] if kept else [])
    assert [a.title for a in said] == (["2 personal columns left as they are"] if kept else [])
    assert not scanned(df).deidentify(df, preset=preset, transforms={"email": "keep", "phone": "keep"}).actions


@pytest.mark.parametrize("preset", ["pdpa", "pseudonymise"])
def test_keys_that_can_be_tried_out_are_refused(preset):
    frame = as_frame(table(), name="t")
    with pytest.raises(BadOption, match=r"5 bytes.*16 or more[\s\S]*secrets\.token_bytes\(32\)"):
        deidentify(frame, {"email": "EMAIL"}, preset=preset, key=b"short")
    assert deidentify(frame, {"email": "EMAIL"}, preset=preset, key=b"0123456789abcdef").actions
    assert deidentify(frame, {"email": "EMAIL"}, preset="mask", key=b"short").actions


def test_columns_that_are_kept_are_still_searched():
    names = [f"{a} {b}" for a in ("Maria", "John", "Anna", "Peter") for b in ("Garcia", "Smith", "Novak", "Rossi", "Khan")]
    stray = [*names[:19], "Omar Khan 4111 1111 1111 1111"]
    codes = ["E11.9"] * 19 + ["S52.5 on 3 March 2024"]
    df = pd.DataFrame({"cardholder": stray, "pan": ["4111111111111111", "5555555555554444"] * 10, "diagnosis": codes})
    result = scanned(df)
    assert result.types["cardholder"] == "PERSON_NAME" and result.types["diagnosis"] == "HEALTH"
    out = result.deidentify(df, preset="pci").apply(df, approve="all").frame
    assert list(out["cardholder"][:19]) == names[:19] and out["cardholder"][19].endswith("4111 11** **** 1111")
    out = result.deidentify(df, preset="hipaa_safe_harbor").apply(df, approve="all").frame
    assert out["diagnosis"][19] == "S52.5 on [2024]" and set(out["diagnosis"][:19]) == {"E11.9"}
    out = result.deidentify(df, preset="pci", transforms={"cardholder": "keep"}).apply(df, approve="all").frame
    assert list(out["cardholder"]) == stray


def test_pieces_that_overlap_leave_nothing_between_them():
    df = pd.DataFrame({"t": ["Zoe Quinn of 3 March 2024 came"] * 3})
    spans = [{"row": i, "column": "t", "start": 0, "end": 16, "entity_type": "PERSON_NAME", "confidence": 0.9} for i in range(3)]
    out = deidentify(as_frame(df, name="t"), {}, preset="hipaa_safe_harbor", spans=spans).apply(df, approve="all").frame
    assert not any(word in out["t"][0] for word in ("Zoe", "Quinn", "March", "3"))


def test_uniqueness_after_safe_harbor_is_shown_and_widened_on_demand():
    df = with_links_and_notes().assign(note=[f"aged {20 + i}, came back" for i in range(20)])
    declared = {"declared_deidentified": "safe harbor"}

    def verdict(minimum_k, **more):
        out = scanned(df).deidentify(df, preset="hipaa_safe_harbor", minimum_k=minimum_k).apply(df, approve="all").frame
        found = edgp_magics.run("compliance_check", out, metadata=declared | more).clauses
        return next(c for c in found if c.id == "HIPAA-164.514.b2ii")

    quasi = {"quasi_identifiers": ["dob", "age", "gender", "zip_code"]}
    assert [verdict(0).status, verdict(0, **quasi).status, verdict(2, **quasi).status] == ["WARN", "FAIL", "PASS"]
    assert "note" not in verdict(0).message


def test_presets_name_known_methods():
    assert {"hipaa_safe_harbor", "pci", "pdpa"} <= set(PRESETS)
    with pytest.raises(BadOption):
        deidentify(as_frame(table(), name="t"), {}, preset="nope")


def test_columns_that_a_preset_leaves_are_said_when_it_is_applied():
    df = pd.DataFrame({"email": [f"u{i}@example.org" for i in range(40)], "card": ["4111111111111111"] * 40})
    done = scanned(df).deidentify(df, preset="pci").apply(df, approve="all")
    assert "1 flagged column left as they are: flagged columns are for a person to decide: `email`." in " ".join(str(done).split())


def test_a_key_that_is_text_is_refused_with_what_to_write():
    df = pd.DataFrame({"email": [f"u{i}@example.org" for i in range(40)]})
    with pytest.raises(BadOption, match="has to be bytes"):
        scanned(df).deidentify(df, preset="pdpa", key="k" * 40)


def test_each_set_of_columns_is_shown_once():
    df = pd.DataFrame({"name": ["Maria Garcia", "John Smith", "Anna Miller"] * 20, "department": ["a", "b", "c"] * 20})
    df["hired"] = [f"2020-01-{1 + i * i % 23:02}" for i in range(60)]
    found = scan_privacy(as_frame(df, name="staff"), Context(), quasi_identifiers=("department", "hired"))
    sets = [s.columns for s in found.risk.sets]
    assert sets and len(sets) == len(set(sets))
    assert all(len(set(columns)) == len(columns) for columns in sets)
