"""What an assessment is made of: a score per dimension, with its formula and inputs, and one line per check."""

from ._accuracy import compare_with
from ._dimensions import DimensionScore, Evidence, score_dimensions, total
from ._lines import CheckLine, check_line, finding_of
from ._masked import masked_frame

__all__ = [
    "CheckLine",
    "DimensionScore",
    "Evidence",
    "check_line",
    "compare_with",
    "finding_of",
    "masked_frame",
    "score_dimensions",
    "total",
]
