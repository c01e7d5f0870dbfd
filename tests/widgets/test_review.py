"""Review with buttons: the handlers are called directly, since a click swallows exceptions."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import edgp_magics as edgp
from edgp_magics.errors import PlanError
from edgp_magics.testing import planted_customers
from edgp_magics.widgets import PlanReview


@pytest.fixture
def frame() -> pd.DataFrame:
    return planted_customers(200, each=4).frame


@pytest.fixture
def review(frame: pd.DataFrame) -> PlanReview:
    result: Any = edgp.run("clean", frame, name="customers")
    return PlanReview(result.plan, frame)


def test_decide_apply_undo_without_buttons(review: PlanReview, frame: pd.DataFrame) -> None:
    first = next(a for a in review.plan.actions if a.kind == "set")
    review.decide(first.id, "accept")
    assert review.plan[first.id].decision == "accepted"
    review.decide(first.id, "undecided")
    assert review.plan[first.id].decision is None
    review.apply("all")
    assert not review.frame.equals(frame)
    with pytest.raises(PlanError, match="applied already"):
        review.apply()
    assert review.undo().equals(frame)
    with pytest.raises(PlanError, match="nothing to undo"):
        review.undo()


def test_the_buttons_do_the_same(review: PlanReview, frame: pd.DataFrame) -> None:
    box = review.widget()
    first = next(a for a in review.plan.actions if a.kind == "set")
    review._widgets[first.id].value = "reject"
    assert review.plan[first.id].decision == "rejected"
    review._widgets["approve"].value = "all"
    review._widgets["apply"].click()
    assert review.log is not None
    assert review._widgets["apply"].disabled
    assert "Applied" in review._widgets["status"].value
    review._widgets["undo"].click()
    assert review.frame.equals(frame)
    assert len(box.children) >= 3


def test_some_rows_of_an_action(review: PlanReview) -> None:
    review.widget()
    several = next(a for a in review.plan.actions if a.kind == "set" and len(a.rows) > 2)
    label = review.plan.like.row_labels(several.rows[:1])[0]
    review._widgets[f"{several.id} rows"].value = str(label)
    review._widgets[several.id].value = "accept"
    assert review.plan[several.id].count == 1
    review._widgets[several.id].value = "reject"
    assert review.plan[several.id].count == len(several.rows) - 1 and review.plan[several.id].decision is None
    review._widgets[f"{several.id} rows"].value = "no such row"
    assert "no such row" in review.last_error
    review.decide(several.id, "accept", values=[several.old[0]])
    assert review.plan[several.id].count == several.old.count(several.old[0])


def test_long_plans_are_shown_in_steps() -> None:
    df = pd.DataFrame({f"c{i}": ["x ", *("abcdefghij"[j % 10] * 3 for j in range(30))] for i in range(50)})
    result: Any = edgp.run("clean", df, name="wide", duplicates=False)
    review = PlanReview(result.plan, df)
    rows = review.widget().children[0]
    assert len(rows.children) == 40 and review._widgets["more"].layout.display == ""
    review._widgets["more"].click()
    assert len(rows.children) == len(review.plan) and review._widgets["more"].layout.display == "none"


def test_an_error_of_a_button_is_shown(review: PlanReview, frame: pd.DataFrame) -> None:
    review.widget()
    review.frame = frame.assign(age=1)
    review._widgets["apply"].click()
    assert "FrameChanged" in review.last_error
    assert "FrameChanged" in review._widgets["status"].value
    assert review.log is None
