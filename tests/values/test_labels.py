"""Row labels in findings and plans: text is masked unless it is a plain code."""

import pandas as pd
import pytest

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


def test_no_label_leaves_raw():
    df = pd.DataFrame({"phone": [f"+65 9123 4{i:03d}" for i in range(20)]}, index=[f"zorblax{i}@example.org" for i in range(20)])
    result = scan_privacy(as_frame(df, name="t"), Context())
    plan = result.deidentify(df, preset="mask")
    assert "zorblax" not in str(result.to_dict()) + result.to_html() + str(plan.to_dict()) + str(plan.document())
