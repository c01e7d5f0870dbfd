"""Workflow state: LangGraph checkpointers that hold plain data only. Nothing of LangGraph is imported until one is opened."""

from ._claims import LEASE, Claims
from ._damaged import Damaged, is_damaged
from ._open import explained, open_checkpointer

__all__ = ["LEASE", "Claims", "Damaged", "explained", "is_damaged", "open_checkpointer"]
