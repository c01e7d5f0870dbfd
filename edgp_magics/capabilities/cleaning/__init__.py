"""Finding and repairing wrong cells, and duplicate rows."""

from ._assemble import plan_of, suspect_table
from ._detect import Detected, detect
from ._propose import Candidate, Doubt, Proposal, Question
from ._suspects import suspect_cells
from ._verdicts import AUTO, REVIEW, Verdict, verdicts_of

__all__ = [
    "AUTO",
    "REVIEW",
    "Candidate",
    "Detected",
    "Doubt",
    "Proposal",
    "Question",
    "Verdict",
    "detect",
    "plan_of",
    "suspect_cells",
    "suspect_table",
    "verdicts_of",
]
