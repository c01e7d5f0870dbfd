"""Checks: the model every dialect is read into, what runs them, and what finds them in the data."""

from ._cells import cell_table
from ._find import Found, find_checks
from ._missing import is_coded_missing
from ._model import AGGREGATES, TABLE_KINDS, Rule, RuleKind, Tolerance, dimension_of
from ._names import CHECK_NAMES
from ._read import read_checks
from ._run import Outcome, run_rules
from ._semantics import SEMANTICS, Semantics, semantics_of
from ._table import CheckTable
from ._types import TYPES, TextType, is_valid, text_type

__all__ = [
    "AGGREGATES",
    "CHECK_NAMES",
    "SEMANTICS",
    "TABLE_KINDS",
    "TYPES",
    "CheckTable",
    "Found",
    "Outcome",
    "Rule",
    "RuleKind",
    "Semantics",
    "TextType",
    "Tolerance",
    "cell_table",
    "dimension_of",
    "find_checks",
    "is_coded_missing",
    "is_valid",
    "read_checks",
    "run_rules",
    "semantics_of",
    "text_type",
]
