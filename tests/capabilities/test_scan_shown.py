"""What a scan says first, and what it leaves open."""

from __future__ import annotations

import pandas as pd

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
