"""Who is at work on a run: a claim in the store, so that two processes never go on with the same run at once.

A claim is a lease: its holder renews it while it works, a process that died loses it. On the machine of its holder that is
seen at once; elsewhere when the lease has run out. Before anything is written, the holder makes sure that the claim is still
its own (a machine may have slept meanwhile): that takes a look at the store only where the lease may have run out.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import WorkflowError

if TYPE_CHECKING:
    from redis.asyncio import Redis

LEASE = 60.0
_MARK = uuid.uuid4().hex[:12]
"""Tells this process from one that had its number before."""


class Claims(ABC):
    """The claims of one store; ``clock`` and ``me`` are given in tests."""

    def __init__(self, *, clock: Callable[[], float] = time.time, me: str = "") -> None:
        self._clock = clock
        self._me = me or f"{platform.node()}:{os.getpid()}:{_MARK}"
        self._mine: dict[str, tuple[str, float]] = {}
        self._one = asyncio.Lock()
        """A step that writes and the beat that renews may come together: the second one looks at what the first one made."""

    @abstractmethod
    async def _read(self, run: str) -> str:
        """The claim as it is kept, or nothing."""

    @abstractmethod
    async def _swap(self, run: str, old: str, new: str) -> bool:
        """Put ``new`` in the place of ``old`` in one step; nothing stands for no claim. Whether ``old`` was still there."""

    async def take(self, run: str) -> None:
        """Claim a run, or raise :class:`WorkflowError` while another process works on it."""
        async with self._one:
            await self._take(run)

    async def _take(self, run: str) -> None:
        for _ in range(3):  # another process may be faster between the look and the claim
            found = await self._read(run)
            if found and not self._is_void(found):
                break
            new = self._claim()
            if await self._swap(run, found, new):
                self._mine[run] = (new, self._clock())
                return
        owner, _, _ = found.rpartition(" ")
        machine, process, _ = owner.rsplit(":", 2)
        where = f"process {process} on {machine}"
        raise WorkflowError(f"run {run} is going on in another kernel ({where}).", hint="Wait for it, or interrupt it there.", run=run)

    async def keep(self, run: str, *, after: float = LEASE / 3) -> None:
        """Make sure that a claim of ours still holds: renewed where it is older than ``after`` seconds; another's raises.

        A run that was never claimed here (a graph used by itself) is not looked at.
        """
        async with self._one:
            await self._keep(run, after)

    async def _keep(self, run: str, after: float) -> None:
        if run not in self._mine:
            return
        held, confirmed = self._mine[run]
        if 0 <= self._clock() - confirmed < after:
            return
        new = self._claim()
        if not await self._swap(run, held, new):
            raise WorkflowError(
                f"run {run} was taken over by another kernel.", hint=f"See where it stands: %governance workflows --run {run}"
            )
        self._mine[run] = (new, self._clock())

    async def give(self, run: str) -> None:
        """Release a claim of ours."""
        async with self._one:
            held, _ = self._mine.pop(run, ("", 0.0))
            if held:
                await self._swap(run, held, "")

    async def held(self, run: str) -> bool:
        """Whether anybody works on a run."""
        found = await self._read(run)
        return bool(found) and (run in self._mine or not self._is_void(found))

    def _claim(self) -> str:
        return f"{self._me} {self._clock() + LEASE:.3f}"

    def _is_void(self, claim: str) -> bool:
        owner, _, until = claim.rpartition(" ")
        return owner == self._me or float(until) < self._clock() or _is_dead(owner)


def _is_dead(owner: str) -> bool:
    """Whether a process of this machine is gone; of another machine nothing is known."""
    machine, process, _ = owner.rsplit(":", 2)
    if machine != platform.node() or sys.platform == "win32":
        return False
    if int(process) == os.getpid():
        return True  # an earlier process had our number
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class MemoryClaims(Claims):
    """For runs that live in this process."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._kept: dict[str, str] = {}

    async def _read(self, run: str) -> str:
        return self._kept.get(run, "")

    async def _swap(self, run: str, old: str, new: str) -> bool:
        if self._kept.get(run, "") != old:
            return False
        self._kept[run] = new
        return True


Execute = Callable[[str, tuple[str, ...]], Any]


class SqlClaims(Claims):
    """In a table of the database. ``execute(statement, values)`` commits and gives the rows."""

    TABLE = "CREATE TABLE IF NOT EXISTS edgp_claims (run TEXT PRIMARY KEY, claim TEXT NOT NULL)"

    def __init__(self, execute: Execute, *, mark: str = "?", **given: Any) -> None:
        super().__init__(**given)
        self._execute, self._mark = execute, mark

    async def _run(self, statement: str, *values: str) -> list[str]:
        rows = await self._execute(statement.replace("?", self._mark), values)
        return [next(iter(r.values())) if isinstance(r, dict) else r[0] for r in rows]

    async def _read(self, run: str) -> str:
        return next(iter(await self._run("SELECT claim FROM edgp_claims WHERE run = ?", run)), "")

    async def _swap(self, run: str, old: str, new: str) -> bool:
        if not old:
            statement = "INSERT INTO edgp_claims (run, claim) VALUES (?, ?) ON CONFLICT (run) DO NOTHING RETURNING run"
            return bool(await self._run(statement, run, new))
        if not new:
            return bool(await self._run("DELETE FROM edgp_claims WHERE run = ? AND claim = ? RETURNING run", run, old))
        return bool(await self._run("UPDATE edgp_claims SET claim = ? WHERE run = ? AND claim = ? RETURNING run", new, run, old))


class RedisClaims(Claims):
    """In a key each, which goes by itself some time after its lease."""

    _SWAP = """
    if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
    if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
    return 1
    """

    def __init__(self, client: Redis, **given: Any) -> None:
        super().__init__(**given)
        self._redis: Any = client

    async def _read(self, run: str) -> str:
        return (await self._redis.get(f"edgp:claim:{run}") or b"").decode()

    async def _swap(self, run: str, old: str, new: str) -> bool:
        return bool(await self._redis.eval(self._SWAP, 1, f"edgp:claim:{run}", old, new, str(round(LEASE * 2))))
