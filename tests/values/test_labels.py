"""Row labels in findings and plans: text is masked unless it is a plain code."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from edgp_magics.capabilities._check import check_compliance
from edgp_magics.capabilities._scan import scan_privacy
from edgp_magics.frames import as_frame
from edgp_magics.values import AgentCapability, Context, Evidence, Example, Severity, finding, mask_label


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("jane.doe@example.org", "xxxx.xxx@xxxxxxx.xxx"),
        ("Maria Garcia", "Xxxxx Xxxxxx"),
        ("S1234567D", "X9999999X"),
        ("O-0012", "O-0012"),
        ("row12", "row12"),
        ("2024-01-05", "2024-01-05"),
        (7, 7),
        (True, True),
        (99_999_999, 99_999_999),
        (521_786_961, "999999999"),
        (np.int64(4539578763621486), "9999999999999999"),
        (4539578763621486.0, "9999999999999999.9"),
        (Decimal("4539578763621486"), "9999999999999999"),
        (-521_786_961, "-999999999"),
        ((2025, 4539578763621486), (2025, "9999999999999999")),
        (("Maria", 3), ("Xxxxx", 3)),
        (b"jane@x.org", "xxxx@x.xxx"),
    ],
)
def test_a_label_is_shown_as_far_as_it_may_be(label, shown):
    assert mask_label(label) == shown
    made = finding(
        AgentCapability.PRIVACY_SCAN, "r", ["c"], "m", Severity.LOW, rows=(label,), evidence=(Evidence(row=label, column="c", shown="x"),)
    )
    assert made.rows == (shown,) and made.evidence[0].row == shown
    assert Example(row=label, before="a", after="b").row == shown


def test_no_card_number_of_an_index_leaves_raw():
    df = pd.DataFrame({"mail": [f"a{i}@example.org" for i in range(20)]}, index=pd.Index([4539578763621486 + i for i in range(20)]))
    result = scan_privacy(as_frame(df, name="t"), Context())
    check = check_compliance(as_frame(df, name="t"), Context())
    assert any(f.rows for f in check.findings)
    for shown in (result, check, result.deidentify(df, preset="mask")):
        assert "45395787636" not in str(shown.to_dict()) + getattr(shown, "to_html", str)()


def test_no_label_leaves_raw():
    df = pd.DataFrame({"phone": [f"+65 9123 4{i:03d}" for i in range(20)]}, index=[f"zorblax{i}@example.org" for i in range(20)])
    result = scan_privacy(as_frame(df, name="t"), Context())
    plan = result.deidentify(df, preset="mask")
    assert "zorblax" not in str(result.to_dict()) + result.to_html() + str(plan.to_dict()) + str(plan.document())
