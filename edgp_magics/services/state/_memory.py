"""Workflow state in memory: gone with the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.memory import InMemorySaver

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig


class MemorySaver(InMemorySaver):
    """LangGraph's, but for one thing: what a node wrote is kept whole or not at all, as the databases do."""

    def put_writes(self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        """Keep what a task wrote."""
        for _, value in writes:
            self.serde.dumps_typed(value)  # raises before anything is kept
        super().put_writes(config, writes, task_id, task_path)
