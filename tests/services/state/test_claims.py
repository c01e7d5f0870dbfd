"""Claims of runs: one holder at a time, lost with the lease or the process, the same in every store."""

import asyncio
import os
import platform
import subprocess
import sys

import pytest

from edgp_magics.errors import WorkflowError
from edgp_magics.infrastructure import resolve
from edgp_magics.services.state import open_checkpointer
from edgp_magics.services.state._claims import LEASE, MemoryClaims
from edgp_magics.testing._state import chain, thread, writer

HERE = f"{platform.node()}:{os.getppid()}:y"
"""A process of this machine that lives, but is not this one."""


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def other(claims, me="elsewhere:77:x", clock=None):
    """The claims of another process on the same store."""
    twin = object.__new__(type(claims))
    twin.__dict__ |= claims.__dict__ | {"_me": me, "_mine": {}}
    if clock:
        twin._clock = clock
    return twin


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGP_HOME", str(tmp_path))


SERVERS = [pytest.param(k, marks=pytest.mark.slow) for k in ("postgres", "redis")]


@pytest.fixture(params=["sqlite", "memory", *SERVERS])
def settings(request):
    call = {"checkpointer": request.param}
    if request.param in ("postgres", "redis"):
        call["checkpointer_url"] = request.getfixturevalue(f"{request.param}_url")
    return resolve(call, environ={}, folder=None)


async def test_a_run_has_one_holder(settings):
    async with open_checkpointer(settings) as saver:
        run, mine = thread()["configurable"]["thread_id"], other(saver.claims, me=HERE)
        theirs = other(mine)
        assert not await theirs.held(run)
        await mine.take(run)
        await mine.take(run)  # one's own again: a leg that ended without giving it back
        assert await theirs.held(run)
        with pytest.raises(WorkflowError, match=rf"process {os.getppid()} on {platform.node()}"):
            await theirs.take(run)
        await mine.give(run)
        await theirs.take(run)
        with pytest.raises(WorkflowError, match="process 77 on elsewhere"):
            await mine.take(run)
        await theirs.give(run)


async def test_a_claim_that_ran_out_is_lost_and_the_old_holder_writes_nothing(settings):
    async with open_checkpointer(settings) as saver:
        graph, config, clock = chain(saver, a=writer("a")), thread(), Clock()
        run, mine = config["configurable"]["thread_id"], saver.claims
        mine._clock, mine._me = clock, HERE
        theirs = other(mine, clock=clock)
        await mine.take(run)
        clock.now += LEASE / 2
        await mine.keep(run)
        clock.now += LEASE * 0.75
        with pytest.raises(WorkflowError, match="going on in another kernel"):
            await theirs.take(run)
        clock.now += LEASE
        await theirs.take(run)
        with pytest.raises(WorkflowError, match="was taken over"):
            await graph.ainvoke({"log": []}, config)
        assert (await graph.aget_state(config)).values == {}


async def test_a_dead_process_of_this_machine_holds_nothing():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead = MemoryClaims(me=f"{platform.node()}:{gone.pid}:x")
    living = other(dead, me=HERE)
    await dead.take("wf-1")
    assert not await living.held("wf-1")
    await living.take("wf-1")
    with pytest.raises(WorkflowError, match="going on"):
        await other(living, me="elsewhere:1:z").take("wf-1")


async def test_a_claim_renewed_from_two_sides_at_once_is_not_lost(settings):
    async with open_checkpointer(settings) as saver:
        run, claims, clock = thread()["configurable"]["thread_id"], saver.claims, Clock()
        claims._clock = clock
        await claims.take(run)
        clock.now += LEASE / 2
        await asyncio.gather(*(claims.keep(run) for _ in range(4)))
        assert await claims.held(run)
