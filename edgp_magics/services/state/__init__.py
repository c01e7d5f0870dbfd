"""Workflow state: LangGraph checkpointers that hold plain data only. Nothing of LangGraph is imported until one is opened."""

from ._open import explained, open_checkpointer

__all__ = ["explained", "open_checkpointer"]
