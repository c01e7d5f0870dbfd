"""Checkpointers that write only for the process that holds the claim of a run, and know whether their file is still there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.base import BaseCheckpointSaver, ChannelVersions, Checkpoint, CheckpointMetadata

from ._claims import Claims

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig


class Guarded(BaseCheckpointSaver[Any]):
    """To be put before a checkpointer's class; ``claims`` is set once the store is open."""

    claims: Claims
    moved: Callable[[], bool] = staticmethod(lambda: False)
    """Whether the file was moved aside since it was opened: what is written then is lost."""

    async def aput(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        """Keep a checkpoint, if the run is still ours."""
        await self.claims.keep(str(config["configurable"]["thread_id"]))
        return await super().aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        """Keep what a task wrote, if the run is still ours."""
        await self.claims.keep(str(config["configurable"]["thread_id"]))
        await super().aput_writes(config, writes, task_id, task_path)
