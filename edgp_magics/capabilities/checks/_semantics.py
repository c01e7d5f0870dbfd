"""What nulls and duplicates mean to a check: declared once, printed with the result, or as another tool counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...errors import UnknownName


@dataclass(frozen=True, kw_only=True)
class Semantics:
    """How checks count.

    ``null_fails``: a null fails a check on values (set, pattern, range, length, type, pair); otherwise it is not judged.
    ``one_null_fails``: a null on one side alone fails a pair check. ``duplicates``: what a uniqueness check counts:
    ``rows`` every row whose value recurs, ``extra`` the rows beyond the first of each value, ``values`` the recurring
    values. ``null_recurs``: nulls equal each other there. ``combo_nulls``: in a combination of columns nulls ``recur``,
    or rows are left out that have ``all`` or ``any`` of the columns null. ``set_values``: a set check counts distinct
    values, not rows.
    ``share_of``: whether a percentage is of the ``judged`` (non-null) or of ``all`` rows.
    """

    name: str
    null_fails: bool = False
    one_null_fails: bool = False
    duplicates: Literal["rows", "extra", "values"] = "rows"
    null_recurs: bool = False
    combo_nulls: Literal["recur", "all", "any"] = "all"
    set_values: bool = False
    share_of: Literal["judged", "all"] = "judged"

    def __str__(self) -> str:
        """The semantics in words.

        >>> print(SEMANTICS["edgp"])
        edgp: a null passes every check but not-null; uniqueness counts every row whose value recurs, nulls left out \
(in a combination: rows where all are null); percentages are of the non-null rows.
        """
        null = "a null fails every check on values" if self.null_fails else "a null passes every check but not-null"
        pair = "; a null on one side alone fails a comparison of columns" if self.one_null_fails and not self.null_fails else ""
        counts = {
            "rows": "every row whose value recurs",
            "extra": "the rows beyond the first of each value",
            "values": "the values that recur, not their rows",
        }[self.duplicates]
        nulls = "nulls equal each other" if self.null_recurs else "nulls left out"
        combo = _COMBOS[self.combo_nulls]
        sets = "; set checks count distinct values, not rows" if self.set_values else ""
        share = "the non-null rows" if self.share_of == "judged" else "all rows"
        return f"{self.name}: {null}{pair}; uniqueness counts {counts}, {nulls} ({combo}){sets}; percentages are of {share}."


_COMBOS = {
    "recur": "in a combination nulls equal each other",
    "all": "in a combination: rows where all are null",
    "any": "in a combination: rows where any is null",
}

SEMANTICS: dict[str, Semantics] = {
    s.name: s
    for s in (
        Semantics(name="edgp"),
        Semantics(name="gx", one_null_fails=True),
        Semantics(name="dbt", duplicates="values", combo_nulls="recur", set_values=True, share_of="all"),
        Semantics(name="soda", duplicates="extra", combo_nulls="recur", share_of="all"),
        Semantics(name="odcs", duplicates="values", combo_nulls="any", share_of="all"),
        Semantics(name="pointblank", null_fails=True, one_null_fails=True, null_recurs=True, combo_nulls="recur", share_of="all"),
    )
}
"""The project's own semantics and those of other tools, by name.

The others are what their current releases count (Great Expectations 1, dbt's generic tests, Soda 4, datacontract-cli 1
for ODCS, Pointblank 1 with its default ``na_pass=False``).
"""


def semantics_of(name: str) -> Semantics:
    """The semantics of this name."""
    if name not in SEMANTICS:
        raise UnknownName("semantics", name, known=SEMANTICS)
    return SEMANTICS[name]
