"""Every suspect cell of a table, for whoever only wants to know where to look."""

from __future__ import annotations

from ...frames import Frame
from ...values import Context, Table
from ._assemble import suspect_table
from ._detect import detect
from ._verdicts import verdicts_of


def suspect_cells(frame: Frame, context: Context) -> Table:
    """All suspect cells as a table: row position, column, rule, confidence.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> cells = suspect_cells(as_frame(pd.DataFrame({"v": ["a ", "b", "c"]})), Context())
    >>> cells.rows()
    [{'row': 0, 'column': 'v', 'rule': 'whitespace', 'confidence': 0.99}]
    """
    found = detect(frame, context)
    return suspect_table(found, verdicts_of(found.hits))
