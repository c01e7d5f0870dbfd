"""Workflow state in Redis: plain hashes and a sorted set, so that any Redis will do.

Why not LangGraph's own Redis saver: it needs the search and JSON modules, which a plain Redis (and most managed ones, and
the one of the distributions) does not have, and it keeps values as JSON with a serialiser of its own, which would let more
types through than ours.

One checkpoint is one hash; its writes are another; the ids of a thread are a sorted set in which they stand by name.
"""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import ormsgpack
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
)

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.serde.base import SerializerProtocol
    from redis.asyncio import Redis

_PREFIX = "edgp:state"
_THREADS = f"{_PREFIX}:threads"


class RedisSaver(BaseCheckpointSaver[str]):
    """A LangGraph checkpointer on a Redis client that returns bytes; asynchronous only."""

    def __init__(self, client: Redis, *, serde: SerializerProtocol | None = None) -> None:
        super().__init__(serde=serde)
        self._redis: Any = client  # the client's own types mix sync and async answers

    # -- writing ---------------------------------------------------------------------------------------------
    async def aput(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        """Keep a checkpoint."""
        thread, space = _place(config)
        kind, blob = self.serde.dumps_typed(checkpoint)
        fields = {
            "parent": get_checkpoint_id(config) or "",
            "type": kind,
            "checkpoint": blob,
            "metadata": json.dumps(get_checkpoint_metadata(config, metadata), ensure_ascii=False),
        }
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_key(thread, space, checkpoint["id"]), mapping=fields)
            pipe.zadd(_ids(thread, space), {checkpoint["id"]: 0})
            pipe.sadd(_THREADS, json.dumps([thread, space]))
            await pipe.execute()
        return _config(thread, space, checkpoint["id"])

    async def aput_writes(self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        """Keep what a task wrote; the first writing of a value counts, but for LangGraph's own channels."""
        thread, space = _place(config)
        name = _writes(thread, space, str(get_checkpoint_id(config)))
        again = all(channel in WRITES_IDX_MAP for channel, _ in writes)
        async with self._redis.pipeline(transaction=True) as pipe:
            for number, (channel, value) in enumerate(writes):
                index = WRITES_IDX_MAP.get(channel, number)
                packed = ormsgpack.packb([task_path, task_id, index, channel, *self.serde.dumps_typed(value)])
                (pipe.hset if again else pipe.hsetnx)(name, f"{task_id}:{index}", packed)
            await pipe.execute()

    async def adelete_thread(self, thread_id: str) -> None:
        """Forget a run."""
        for thread, space in await self._spaces(thread_id):
            ids = await self._redis.zrange(_ids(thread, space), 0, -1)
            keys = [k for i in ids for k in (_key(thread, space, i.decode()), _writes(thread, space, i.decode()))]
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.delete(_ids(thread, space), *keys)
                pipe.srem(_THREADS, json.dumps([thread, space]))
                await pipe.execute()

    # -- reading ---------------------------------------------------------------------------------------------
    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint that the config names, or the thread's last."""
        thread, space = _place(config)
        wanted = get_checkpoint_id(config)
        if not wanted:
            last = await self._redis.zrevrangebylex(_ids(thread, space), "+", "-", start=0, num=1)
            if not last:
                return None
            wanted = last[0].decode()
        return await self._load(thread, space, wanted)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Checkpoints, newest first."""
        found = 0
        for thread, space, wanted in await self._listed(config, before):
            if limit is not None and found >= limit:
                return
            loaded = await self._load(thread, space, wanted)
            if loaded is not None and _matches(loaded.metadata, filter or {}):
                found += 1
                yield loaded

    async def _listed(self, config: RunnableConfig | None, before: RunnableConfig | None) -> list[tuple[str, str, str]]:
        given = (config or {}).get("configurable", {})
        spaces = [s for s in await self._spaces(given.get("thread_id")) if given.get("checkpoint_ns") in (None, s[1])]
        end = f"({get_checkpoint_id(before)}" if before else "+"
        out = []
        for thread, space in spaces:
            ids = [i.decode() for i in await self._redis.zrevrangebylex(_ids(thread, space), end, "-")]
            only = get_checkpoint_id(config) if config else None
            out += [(thread, space, i) for i in ids if only in (None, "", i)]
        return sorted(out, key=lambda place: place[2], reverse=True)

    async def _spaces(self, thread_id: Any = None) -> list[tuple[str, str]]:
        named = sorted(tuple(json.loads(m)) for m in await self._redis.smembers(_THREADS))
        return [(t, s) for t, s in named if thread_id is None or t == str(thread_id)]

    async def _load(self, thread: str, space: str, wanted: str) -> CheckpointTuple | None:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(_key(thread, space, wanted))
            pipe.hvals(_writes(thread, space, wanted))
            fields, packed = await pipe.execute()
        if not fields:
            return None
        parent = fields[b"parent"].decode()
        return CheckpointTuple(
            _config(thread, space, wanted),
            self.serde.loads_typed((fields[b"type"].decode(), fields[b"checkpoint"])),
            cast("CheckpointMetadata", json.loads(fields[b"metadata"])),
            _config(thread, space, parent) if parent else None,
            [
                (task, channel, self.serde.loads_typed((kind, blob)))
                for _, task, _, channel, kind, blob in sorted((ormsgpack.unpackb(p) for p in packed), key=lambda w: w[:3])
            ],
        )

    def get_next_version(self, current: str | None, channel: None) -> str:
        """The version after ``current``: a number that sorts as text, and a random part that tells branches apart."""
        number = int(current.split(".")[0]) if current else 0
        return f"{number + 1:032}.{random.random():016}"  # noqa: S311  no secret


def _place(config: RunnableConfig) -> tuple[str, str]:
    given = config["configurable"]
    return str(given["thread_id"]), str(given.get("checkpoint_ns", ""))


def _config(thread: str, space: str, wanted: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": space, "checkpoint_id": wanted}}


def _name(*parts: str) -> str:
    return ":".join([_PREFIX, *(quote(p, safe="") for p in parts)])


def _key(thread: str, space: str, wanted: str) -> str:
    return _name("checkpoint", thread, space, wanted)


def _writes(thread: str, space: str, wanted: str) -> str:
    return _name("writes", thread, space, wanted)


def _ids(thread: str, space: str) -> str:
    return _name("ids", thread, space)


def _matches(metadata: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    pairs: Iterable[tuple[str, Any]] = wanted.items()
    return all(metadata.get(name) == value for name, value in pairs)
