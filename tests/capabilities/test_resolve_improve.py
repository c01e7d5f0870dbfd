"""issue_resolution and quality_improvement: what becomes of findings, and what it is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from _dirty import make

from edgp_magics.capabilities._assess import assess_quality
from edgp_magics.capabilities._check import check_compliance
from edgp_magics.capabilities._clean import clean_data
from edgp_magics.capabilities._improve import improve_quality
from edgp_magics.capabilities._resolve import resolve_issues
from edgp_magics.capabilities._scan import scan_privacy
from edgp_magics.errors import BadOption
from edgp_magics.frames import as_frame
from edgp_magics.values import Context, Result


def people(rows: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    age = rng.integers(20, 70, rows).astype(float)
    age[::17] = np.nan
    age[5] = 400
    return pd.DataFrame(
        {
            "email": [f"person{i}@example.org" for i in range(rows)],
            "team": [["red", "blue", "green"][i % 3] for i in range(rows)],
            "floor": [None if i % 20 == 7 else ["1", "2", "3"][i % 3] for i in range(rows)],
            "age": age,
            "pay": [np.nan if i == 9 else 1000.0 * (i % 3 + 1) + i % 5 for i in range(rows)],
        }
    )


@pytest.fixture(scope="module")
def resolved():
    df = people()
    frame = as_frame(df, name="people")
    context = Context(body="age between 0 and 120")
    earlier = [clean_data(frame, Context()), assess_quality(frame, context), scan_privacy(frame, Context())]
    return df, resolve_issues(frame, Context(results={r.capability.value: r for r in earlier}))


def test_every_issue_has_an_action_or_a_question(resolved):
    _, result = resolved
    assert result.issues
    ids = {a.id for a in result.plan.actions}
    for issue in result.issues:
        assert (issue.resolution == "ask" and issue.ask) or (issue.actions and set(issue.actions) <= ids)


def test_masking_is_never_made_unasked(resolved):
    df, result = resolved
    assert "de-identify" in {i.resolution for i in result.issues}
    assert result.plan.apply(df, "all").frame["email"].tolist() == df["email"].tolist()
    masking = [a.id for a in result.plan.actions if a.detector == "deidentify" and a.column == "email"]
    assert "person" not in str(result.plan.apply(df, masking).frame["email"].tolist())


@pytest.mark.parametrize("preset", ["mask", "hipaa_safe_harbor"])
def test_a_preset_that_was_asked_for_is_made_with_all_as_from_the_scan(preset):
    df = people()
    frame = as_frame(df, name="people")
    scan = scan_privacy(frame, Context())
    plan = resolve_issues(frame, Context(results={scan.capability.value: scan}), privacy=preset).plan
    done = plan.apply(df, "all").frame["email"]
    assert done.astype(object).equals(scan.deidentify(df, preset=preset).apply(df, "all").frame["email"].astype(object))
    assert not set(done.dropna()) & set(df["email"].dropna()), "none is left"
    assert plan.apply(df, "auto").frame["email"].tolist() == df["email"].tolist()


@pytest.mark.parametrize("preset", ["propose", "mask", "hipaa_safe_harbor"])
def test_what_a_repair_fills_does_not_stand_unmasked(preset):
    df = pd.DataFrame({"member": [f"M{i % 12:03d}" for i in range(120)], "email": [f"user{i % 12}@example.org" for i in range(120)]})
    df.loc[[5, 30, 77], "email"] = None
    frame = as_frame(df, name="t")
    scan = scan_privacy(frame, Context())
    plan = resolve_issues(frame, Context(results={scan.capability.value: scan}), privacy=preset).plan
    done = plan.accept(*[a.id for a in plan.actions if a.detector == "deidentify"]).apply(df, "all")
    assert not done.frame["email"].astype(str).str.contains("user").any()
    assert as_frame(done.log.undo(done.frame)).fingerprint == frame.fingerprint
    assert plan.apply(df, "auto").frame["email"][5] == "user5@example.org"


def test_missing_values_are_estimated_and_marked(resolved):
    df, result = resolved
    done = result.plan.apply(df, "all")
    assert done.frame["floor"].notna().all() and (done.frame["floor"].to_numpy() == np.array(["1", "2", "3"] * 40)).all()
    pay = next(a for a in result.plan.actions if a.detector == "impute" and a.column == "pay")
    assert "team" in pay.reason and "half of the known values lie within" in pay.reason and abs(pay.new[0] - 1002) <= 2
    assert {"impute", "missing_fill"} & set(done.log.to_frame()["detector"])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("customer_id", np.arange(1000, 1200)),
        ("ref", np.random.default_rng(0).permutation(9000)[:200]),
        ("year", 2000 + np.arange(200) % 20),
        ("birthYear", 1950 + np.arange(200) % 50),
        ("zip", 10_115 + np.arange(200) % 50 * 17),
        ("flag", np.random.default_rng(0).integers(0, 2, 200)),
        ("grade", np.random.default_rng(1).integers(1, 6, 200)),
    ],
)
@pytest.mark.parametrize("dtype", ["Int64", "float64"])
def test_names_and_coin_flips_are_not_estimated(name, values, dtype):
    df = pd.DataFrame({name: pd.Series(values).astype(dtype), "team": ["red", "blue", "green", "grey"] * 50})
    df.loc[:9, name] = pd.NA if dtype == "Int64" else np.nan
    plan = resolve_issues(as_frame(df, name="t"), Context()).plan
    assert not [a for a in plan.actions if a.detector == "impute"]


def test_conflicts_are_shown_and_settled(resolved):
    _, result = resolved
    for conflict in result.conflicts:
        assert conflict.first in conflict.settled or conflict.second in conflict.settled


def test_a_missing_declaration_is_asked_for_and_not_masked_away():
    frame = as_frame(people(), name="people")
    scan = scan_privacy(frame, Context())
    check = check_compliance(frame, Context(results={scan.capability.value: scan}))
    results = {r.capability.value: r for r in (clean_data(frame, Context()), scan, check)}
    issues = {i.finding: i for i in resolve_issues(frame, Context(results=results)).issues}
    undeclared = [f for f in check.findings if "Not declared" in f.message]
    assert undeclared and all(issues[f.id].resolution == "ask" and not issues[f.id].actions for f in undeclared)
    assert "lawful_basis" in next(issues[f.id].ask for f in undeclared if "lawful_basis" in f.message)
    broken = next(f for f in check.findings if f.count and "email" in f.columns)
    assert issues[broken.id].resolution == "de-identify"


@pytest.mark.parametrize(
    ("preset", "left"),
    [
        ("mask", "Patient M**** ****** called, mail p*************, about order 7"),
        ("hipaa_safe_harbor", "Patient [PERSON_NAME] called, mail [EMAIL], about order 7"),
        ("pci", "Patient Maria Garcia called, mail p7@example.org, about order 7"),
    ],
)
def test_texts_are_cut_piece_by_piece(preset, left):
    df = people().assign(note=[f"Patient Maria Garcia called, mail p{i}@example.org, about order {i}" for i in range(120)])
    frame = as_frame(df, name="people")
    scan = scan_privacy(frame, Context())
    plan = resolve_issues(frame, Context(results={scan.capability.value: scan}), privacy=preset).plan
    done = plan.apply(df, [a.id for a in plan.actions if a.detector == "deidentify"])
    assert done.frame["note"][7] == left
    assert as_frame(done.log.undo(done.frame)).fingerprint == frame.fingerprint


@pytest.mark.parametrize("preset", ["pseudonymise", "pdpa"])
def test_presets_with_a_key(preset):
    df = people()
    frame = as_frame(df, name="people")
    scan = scan_privacy(frame, Context())
    context = Context(results={scan.capability.value: scan})
    plan = resolve_issues(frame, context, privacy=preset, key=b"0123456789abcdef").plan
    masking = [a.id for a in plan.actions if a.detector == "deidentify" and a.column == "email"]
    assert "person" not in str(plan.apply(df, masking).frame["email"].tolist())
    for key in (b"", "text"):
        with pytest.raises(BadOption):
            resolve_issues(frame, context, privacy=preset, key=key)


def test_what_was_not_run_is_said():
    assert "assess, scan, check" in resolve_issues(as_frame(people(), name="p"), Context()).notes[0]


def test_improvement_scores_rise_and_the_plan_equals_the_rounds():
    table = make("orders", seed=3)
    result = improve_quality(as_frame(table.dirty, name="orders"), Context())
    before, auto, everything = result.scenarios
    assert before.cells == 0 and before.score < auto.score <= everything.score
    done = result.plan.apply(table.dirty, "auto")
    assert len(done.log.entries) == auto.cells
    assert as_frame(done.log.undo(done.frame)).fingerprint == as_frame(table.dirty).fingerprint
    assert not clean_data(as_frame(done.frame), Context(), duplicates=False).plan.selected("auto"), "a fixed point"
    assert result.efforts[0].per_minute is None


@pytest.mark.parametrize("rounds", [1, 2, 4])
@pytest.mark.parametrize("shape", ["orders", "catalogue"])
def test_a_fixed_point_is_one_or_is_not_claimed(shape, rounds):
    dirty = make(shape, seed=2, share=0.06).dirty
    result = improve_quality(as_frame(dirty, name="t"), Context(), rounds=rounds)
    after = result.plan.apply(dirty, "auto").frame
    again = clean_data(as_frame(after), Context(), duplicates=False).plan.selected("auto")
    assert result.fixed is not bool(again)
    assert ("Nothing more changes" in result.summary) is result.fixed or "no repair is known" in result.summary


@pytest.mark.parametrize("run", [resolve_issues, improve_quality])
@pytest.mark.parametrize(
    "data", [pd.DataFrame(), pd.DataFrame({"a": pd.Series([], dtype="str")}), pd.DataFrame({"a": [None] * 5}), people().head(1)]
)
def test_odd_tables(run, data):
    result = run(as_frame(data, name="t"), Context())
    assert Result.from_dict(result.to_dict()).to_dict() == result.to_dict() and repr(result)
    result.plan.apply(data, "all")
