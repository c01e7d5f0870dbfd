"""Regulations: the clause catalogue, the rules that evaluate it, and the evidence pack."""

from ._case import Case
from ._catalogue import Catalogue, catalogue, clause_hint, clause_list, regulation_of, same_clause
from ._engine import RULES, evaluate
from ._metadata import CONTRACT_COLUMNS, Metadata, declared, read_metadata
from ._model import Attestation, Clause, ClauseResult, Override
from ._pack import Verification, verify_pack
from ._rules_anonymity import safe_harbor_columns
from ._statements import by_clause, statements_of, unused_statements

__all__ = [
    "CONTRACT_COLUMNS",
    "RULES",
    "Attestation",
    "Case",
    "Catalogue",
    "Clause",
    "ClauseResult",
    "Metadata",
    "Override",
    "Verification",
    "by_clause",
    "catalogue",
    "clause_hint",
    "clause_list",
    "declared",
    "evaluate",
    "read_metadata",
    "regulation_of",
    "safe_harbor_columns",
    "same_clause",
    "statements_of",
    "unused_statements",
    "verify_pack",
]
