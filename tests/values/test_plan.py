"""The plan: editing, applying, undoing, saving, code."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from edgp_magics.errors import BadOption, FrameChanged, PlanError, UnknownName
from edgp_magics.frames import as_frame
from edgp_magics.values import Action, ChangeLog, Example, Plan


def table() -> pd.DataFrame:
    return pd.DataFrame({"city": ["Graz", "Gratz", "Linz", "Linz"], "n": [1, 2, 99, 4], "note": ["a", "b", "c", "c"]}, index=list("wxyz"))


def plan_for(data: object) -> Plan:
    common = {"reason": "because", "confidence": 0.97}
    frame = as_frame(data, name="t")
    return Plan(
        dataset=frame.ref,
        like=frame,
        actions=(
            Action(
                id="A-1",
                kind="set",
                detector="typo",
                title="Correct city",
                tier="auto",
                column="city",
                rows=(1,),
                old=("Gratz",),
                new=("Graz",),
                **common,
            ),
            Action(
                id="A-2",
                kind="set",
                detector="sentinel",
                title="Empty n",
                tier="review",
                column="n",
                rows=(2,),
                old=(99,),
                new=(None,),
                **common,
            ),
            Action(id="A-3", kind="drop_rows", detector="duplicates", title="Drop", tier="flag", rows=(3,), **common),
            Action(
                id="A-4",
                kind="flag",
                detector="shape",
                title="Look",
                tier="flag",
                column="note",
                rows=(0,),
                old=("a",),
                new=(None,),
                **common,
            ),
        ),
    )


FRAMES = {
    "pandas": lambda: table(),
    "polars": lambda: pl.from_pandas(table().reset_index(drop=True)),
    "arrow": lambda: pa.Table.from_pandas(table(), preserve_index=False),
}


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize(
    ("approve", "cells", "rows"),
    [("auto", 1, 4), ("all", 2, 4), (["A-2"], 1, 4), ("A-1,A-3", 1, 3), (0.5, 2, 4), (0.99, 0, 4), ("accepted", 0, 4)],
)
def test_apply_and_undo(kind, approve, cells, rows):
    data = FRAMES[kind]()
    before = as_frame(data).fingerprint
    done = plan_for(data).apply(data, approve)
    assert len(done.log.entries) == cells and as_frame(done.frame).rows == rows
    assert as_frame(data).fingerprint == before, "the input is never changed"
    back = done.log.undo(done.frame)
    assert type(back) is type(data) and as_frame(back).fingerprint == before


@pytest.mark.parametrize("approve", ["auto", "all"])
def test_an_approval_that_makes_nothing_says_what_to_name(approve):
    plan = plan_for(table())
    waiting = replace(plan, actions=tuple(replace(a, tier="flag") for a in plan.actions if a.kind == "set"))
    text = " ".join(str(waiting.apply(table(), approve)).split())
    assert "This approval made nothing" in text
    assert "a person's word left as they are" in text
    assert f"(--approve {waiting.actions[0].id}" in text


def test_an_empty_plan_says_so_once():
    text = str(replace(plan_for(table()), actions=()))
    assert "Nothing to change." in text
    assert "0 actions" not in text


def test_undo_gives_the_identical_pandas_frame():
    data = table()
    done = plan_for(data).apply(data, ["A-1", "A-2", "A-3"])
    assert str(done.frame["n"].dtype) == "Int64"
    pd.testing.assert_frame_equal(done.log.undo(done.frame), data)


def test_log_says_who_what_when():
    done = plan_for(table()).apply(table(), "all", who="kim")
    frame = done.log.to_frame()
    assert frame[["row", "column", "old", "new", "action", "who"]].values.tolist()[0] == [1, "city", "Gratz", "Graz", "A-1", "kim"]
    assert "Gratz" not in json.dumps(done.log.to_dict())


def test_quarantine_holds_the_dropped_rows():
    done = plan_for(table()).apply(table(), ["A-3"])
    assert done.quarantine.index.tolist() == ["z"] and done.quarantine["n"].tolist() == [4]


@pytest.mark.parametrize(
    ("edit", "cells"),
    [
        (lambda p: p.reject("A-1"), []),
        (lambda p: p.accept("A-2"), [1, 2]),
        (lambda p: p.reject("A-1", rows=[1]), []),
        (lambda p: p.reject("A-1", values=["Gratz"]), []),
        (lambda p: p.reject("A-1", labels=["x"]), []),
        (lambda p: p.accept("A-2", labels=["y"]), [1, 2]),
        (lambda p: p.reject(rows=[1]), []),
        (lambda p: p.edit("A-2", 3), [1, 2]),
        (lambda p: p.edit("A-2", 3, rows=[2]), [1, 2]),
        (lambda p: p.edit("A-4", "A"), [0, 1]),
    ],
)
def test_decisions_win_over_tiers(edit, cells):
    done = edit(plan_for(table())).apply(table(), "auto")
    assert [e[0] for e in done.log.entries] == cells


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: p.reject("A-1", values=["Linz"]),
        lambda p: p.accept("A-2", rows=[0]),
        lambda p: p.accept("A-2", rows=["y"]),
        lambda p: p.reject("A-1", labels=["w"]),
        lambda p: p.reject(rows=[77]),
        lambda p: p.apply(table(), None),
    ],
)
def test_what_would_do_nothing_is_refused(edit):
    with pytest.raises(BadOption):
        edit(plan_for(table()))


@pytest.mark.parametrize("edit", [lambda p: p.edit("A-3", 1), lambda p: Plan.from_dict(p.to_dict(values=True)).reject("A-1", labels=["x"])])
def test_what_a_plan_cannot_know(edit):
    with pytest.raises(PlanError):
        edit(plan_for(table()))


def test_an_edited_action_shows_what_it_will_write():
    plan = plan_for(table())
    one = replace(plan["A-1"], examples=(Example(row="x", before="Gxxxx", after="Gxxx"),))
    assert replace(plan, actions=(one,)).edit("A-1", "Wien")["A-1"].examples[0].after == "Wxxx"


def test_a_member_of_a_cluster_can_stay():
    plan = plan_for(table()).accept("A-3").reject("A-3", rows=[3])
    assert len(plan.apply(table()).frame) == 4


def test_later_stage_wins_a_cell():
    plan = plan_for(table())
    later = Action(
        id="A-9",
        kind="set",
        detector="d",
        title="t",
        reason="",
        tier="auto",
        confidence=0.95,
        column="city",
        rows=(1,),
        old=("Gratz",),
        new=("Wien",),
        stage=1,
    )
    both = Plan(dataset=plan.dataset, actions=(*plan.actions, later))
    assert both.apply(table()).frame["city"].tolist()[1] == "Wien"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.iloc[:3], "3 rows"),
        (lambda t: t.rename(columns={"n": "m"}), "columns differ"),
        (lambda t: t.assign(city=["Graz", "Wien", "Linz", "Linz"]), "rows x moved"),
        (lambda t: t.assign(note="q"), "rows w, x, y, z moved"),
        (lambda t: t.assign(n=[1, np.nan, 99, 4]), "rows x moved"),
        (lambda t: t.sort_values("n", ascending=False), "rows y, z, x, w moved"),
    ],
)
def test_a_changed_frame_is_refused(change, says):
    with pytest.raises(FrameChanged, match=says):
        plan_for(table()).apply(change(table()))


def test_many_moved_rows_are_counted():
    data = pd.DataFrame({"v": range(40)})
    with pytest.raises(FrameChanged, match=r"rows 39, 38, 37, 36, 35, … \(40 in all\)"):
        Plan(dataset=as_frame(data).ref, like=as_frame(data)).apply(data[::-1])
    loaded = Plan(dataset=as_frame(data).ref)
    with pytest.raises(FrameChanged, match="cells outside the plan"):
        loaded.apply(data[::-1])


def test_undo_refuses_a_changed_frame():
    done = plan_for(table()).apply(table())
    with pytest.raises(FrameChanged):
        done.log.undo(done.frame.assign(n=0))


def test_bad_requests():
    plan = plan_for(table())
    with pytest.raises(UnknownName):
        plan.accept("A-7")
    with pytest.raises(BadOption):
        plan.apply(table(), 3.5)


def test_save_load_apply(tmp_path):
    plan = plan_for(table())
    again = Plan.load(plan.save(tmp_path / "plan.json"))
    assert again == plan
    assert again.apply(table(), "all").frame.equals(plan.apply(table(), "all").frame)
    assert pickle.loads(pickle.dumps(plan)).apply(table(), "all").frame.equals(plan.apply(table(), "all").frame)
    shown = json.dumps(plan.to_dict())
    assert "Gratz" not in shown
    with pytest.raises(PlanError):
        Plan.from_dict(json.loads(shown)).apply(table())


@pytest.mark.parametrize("approve", ["auto", "all", ["A-1", "A-2", "A-3"]])
def test_code_equals_the_fix(approve):
    plan = plan_for(table())
    scope = {"orders": table()}
    exec(plan.code(approve, name="orders"), scope)
    pd.testing.assert_frame_equal(scope["orders"], plan.apply(table(), approve).frame)


# -- a log in another kernel ---------------------------------------------------------------------------------------
def odd_table() -> pd.DataFrame:
    """Many types, ways of missing, and labels that JSON does not know."""
    df = pd.DataFrame(
        {
            "city": ["Graz", "Gratz", "Linz", "Linz"],
            "n": [1, 2, 99, 4],
            "note": pd.Series(["a", None, float("nan"), pd.NA], dtype=object),
            "when": pd.to_datetime(["2024-01-01 10:00:00.123456789", None, "2024-03-01", "2024-03-02"], format="ISO8601").tz_localize(
                "Europe/Vienna"
            ),
            "kind": pd.Categorical(["u", "v", "u", "u"], categories=["v", "u", "w"], ordered=True),
            "whole": pd.array([1, None, 3, 4], dtype="Int16"),
            "day": pd.Series([dt.date(2024, 1, 1), None, dt.date(2024, 1, 3), (1, "x")], dtype=object),
            "share": np.array([0.5, np.nan, 1, 2], dtype="float32"),
        }
    )
    df.columns = pd.MultiIndex.from_tuples([("a", i) for i in range(8)], names=["x", None])
    return df


def odd_plan(data: pd.DataFrame) -> Plan:
    frame = as_frame(data, name="t")
    common = {"detector": "d", "title": "t", "reason": "because", "tier": "auto", "confidence": 1.0}
    names = frame.columns
    cells = [(names[0], "Gratz", "Graz"), (names[2], None, "b"), (names[3], None, pd.Timestamp("2025-01-01", tz="UTC"))]
    cells += [(names[4], "v", "new"), (names[5], None, 7), (names[7], None, 2.0)]
    sets = [Action(id=f"A-{i}", kind="set", column=c, rows=(1,), old=(o,), new=(n,), **common) for i, (c, o, n) in enumerate(cells)]
    sets.append(Action(id="A-n", kind="set", column=names[1], rows=(0,), old=(1,), new=(None,), **common))
    drop = Action(id="A-rows", kind="drop_rows", rows=(2, 3), **common)
    gone = Action(id="A-columns", kind="drop_columns", columns=(names[6],), **common)
    return Plan(dataset=frame.ref, like=frame, actions=(*sets, drop, gone))


INDEXES = {
    "range": pd.RangeIndex(4, name="i"),
    "text": pd.Index(list("wxyz")),
    "days": pd.date_range("2024-01-01", periods=4, name="day"),
    "twice": pd.Index([1, 1, None, "b"], dtype=object),
    "levels": pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1), ("b", 2)], names=["x", "y"]),
}


@pytest.mark.parametrize("approve", ["no columns", "no rows", "all"])
@pytest.mark.parametrize("index", INDEXES)
def test_a_saved_log_gives_the_identical_frame(tmp_path, index, approve):
    data = odd_table().set_axis(INDEXES[index])
    left_out = {"no columns": "A-columns", "no rows": "A-rows"}.get(approve)
    plan = odd_plan(data)
    done = plan.apply(data, [a.id for a in plan.actions if a.id != left_out], who="kim")
    log = ChangeLog.load(done.log.save(tmp_path / "log.json"))
    back = log.undo(done.frame)
    pd.testing.assert_frame_equal(back, data, check_exact=True, check_freq=True)
    assert type(back.index) is type(data.index)
    assert [type(v) for v in back.iloc[:, 2]] == [type(v) for v in data.iloc[:, 2]]
    assert (log.entries, log.who, log.when, log.before, log.after) == (
        done.log.entries,
        "kim",
        done.log.when,
        done.log.before,
        done.log.after,
    )


@pytest.mark.parametrize("kind", ["polars", "arrow"])
def test_a_saved_log_of_other_tables(tmp_path, kind):
    data = FRAMES[kind]()
    done = plan_for(data).apply(data, ["A-1", "A-2", "A-3"])
    back = ChangeLog.load(done.log.save(tmp_path / "log.json")).undo(done.frame)
    assert back.equals(data) and back.schema == data.schema


def test_a_log_undoes_in_another_kernel(tmp_path):
    data = odd_table().set_axis(INDEXES["levels"])
    plan = odd_plan(data)
    done = plan.apply(data, [a.id for a in plan.actions])
    path = done.log.save(tmp_path / "log.json")
    assert path.stat().st_mode & 0o777 == 0o600
    assert next(iter(json.loads(path.read_text()).items()))[1].startswith("RAW VALUES")
    done.frame.to_pickle(tmp_path / "new.pkl")
    script = (
        "import pandas as pd, sys; from edgp_magics.values import ChangeLog; new = pd.read_pickle(sys.argv[1] + '/new.pkl');"
        "ChangeLog.load(sys.argv[1] + '/log.json').undo(new).to_pickle(sys.argv[1] + '/back.pkl')"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    pd.testing.assert_frame_equal(pd.read_pickle(tmp_path / "back.pkl"), data)


def test_what_is_no_log_is_said(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(PlanError, match="change log"):
        ChangeLog.load(tmp_path / "x.json")
