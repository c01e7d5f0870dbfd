"""What a scan says first, and what it leaves open."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from edgp_magics.capabilities._scan import ScanResult, scan_privacy
from edgp_magics.frames import as_frame
from edgp_magics.values import Context, Grid, Status


def scan(notes: list[str], **options: object) -> ScanResult:
    return scan_privacy(as_frame(pd.DataFrame({"notes": notes}), name="t"), Context(), **options)  # type: ignore[arg-type]


def test_texts_that_were_not_read_to_the_end_are_no_pass() -> None:
    long = "nothing to see here. " * 6000 + "mail a.tan@example.org"
    result = scan(["all fine"] * 20 + [long])
    assert result.status is Status.PARTIAL
    assert "longer than 100,000 characters; what stands behind was not read" in result.summary
    assert scan(["all fine", "done"] * 20).status is Status.OK


def test_texts_beyond_the_limit_are_no_pass() -> None:
    result = scan([f"nothing in text number {i} of the desk" for i in range(60)], text_rows=20)
    assert result.status is Status.PARTIAL
    assert "20 distinct texts of 60 were read" in result.summary


def test_pieces_are_counted_gravest_first() -> None:
    result = scan(["all fine"] * 30 + [f"mail u{i}@example.org" for i in range(9)] + ["pay with 4111 1111 1111 1111"])
    grid = next(b for b in result.body() if isinstance(b, Grid) and b.caption.startswith("Personal data inside texts"))
    assert [row[1:] for row in grid.rows] == [("CREDIT_CARD", 1), ("EMAIL", 9)]


def test_figures_of_risk_come_with_what_they_mean() -> None:
    people = pd.DataFrame({"gender": ["F", "M"] * 20, "birth_date": [f"19{50 + i}-03-0{1 + i % 9}" for i in range(40)]})
    shown = scan_privacy(as_frame(people, name="t"), Context()).to_markdown()
    assert "k is the size of the smallest group" in shown
    assert "k is the size" not in scan(["all fine"] * 20).to_markdown()


@pytest.mark.parametrize("ner", [None, lambda text: [(0, 5, "SHIP_NAME", 0.9)]], ids=["places", "a type of the user's own"])
def test_types_that_only_texts_hold_are_shown(ner: Any) -> None:
    notes = [f"Maria Garcia moved from Berlin to Paris and is 34 years old, order {i}" for i in range(30)]
    result = scan_privacy(as_frame(pd.DataFrame({"note": notes}), name="notes"), Context(), ner=ner)
    kinds = set(result.spans["entity_type"])
    assert "LOCATION" in kinds
    assert all(kind in result.to_html() for kind in kinds)
    assert all(kind.replace("_", "\\_") in result.to_markdown() for kind in kinds)
