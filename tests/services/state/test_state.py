"""Every store under one contract, and what is particular to each."""

import asyncio
import sqlite3
import subprocess
import sys

import pytest

from edgp_magics.errors import NotAvailable, WorkflowError
from edgp_magics.infrastructure import home, resolve
from edgp_magics.services.state import explained, open_checkpointer
from edgp_magics.testing._state import StateContract, chain, thread, writer


def settings_for(**call):
    return resolve(call, environ={}, folder=None)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGP_HOME", str(tmp_path))


class TestSqlite(StateContract):
    @pytest.fixture
    def settings(self):
        return settings_for()


class TestMemory(StateContract):
    keeps_after_closing = False

    @pytest.fixture
    def settings(self):
        return settings_for(checkpointer="memory")


@pytest.mark.slow
class TestPostgres(StateContract):
    @pytest.fixture
    def settings(self, postgres_url):
        return settings_for(checkpointer="postgres", checkpointer_url=postgres_url)


@pytest.mark.slow
class TestRedis(StateContract):
    @pytest.fixture
    def settings(self, redis_url):
        return settings_for(checkpointer="redis", checkpointer_url=redis_url)


@pytest.mark.parametrize("content", [b"no database at all" * 50, b"SQLite format 3\x00" + b"\xff" * 9000])
async def test_a_damaged_file_is_moved_aside_and_said(content):
    (home() / "workflows.sqlite").write_bytes(content)
    said = []
    async with open_checkpointer(settings_for(), on_notice=said.append) as saver:
        await chain(saver, a=writer("a")).ainvoke({"log": []}, thread())
    assert said == ["The file with workflow state was damaged; it was moved to workflows.sqlite.damaged-1 and a new one begun."]
    assert (home() / "workflows.sqlite.damaged-1").read_bytes() == content


def test_two_kernels_write_at_the_same_time():
    code = (
        "import asyncio\n"
        "from edgp_magics.infrastructure import resolve\n"
        "from edgp_magics.services.state import open_checkpointer\n"
        "from edgp_magics.testing._state import chain, thread, writer\n"
        "async def main():\n"
        "    async with open_checkpointer(resolve(folder=None)) as saver:\n"
        "        graph = chain(saver, a=writer('a'), b=writer('b'))\n"
        "        for n in range(15): await graph.ainvoke({'log': []}, thread())\n"
        "asyncio.run(main())\n"
    )
    kernels = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(2)]
    errors = [k.communicate(timeout=90)[1].decode() for k in kernels]
    assert [k.returncode for k in kernels] == [0, 0], errors

    async def count():
        async with open_checkpointer(settings_for()) as saver:
            return len({c.config["configurable"]["thread_id"] async for c in saver.alist(None)})

    assert asyncio.run(count()) == 30


def test_a_kernel_that_ends_without_closing_does_not_hang():
    code = (
        "import asyncio, threading\n"
        "from edgp_magics.infrastructure import resolve\n"
        "from edgp_magics.services.state import open_checkpointer\n"
        "loop = asyncio.new_event_loop()\n"
        "threading.Thread(target=loop.run_forever, daemon=True).start()\n"
        "opened = open_checkpointer(resolve(folder=None))\n"
        "asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result()\n"
        "print('open')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=60, capture_output=True, text=True)
    assert done.stdout == "open\n"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ({"checkpointer": "postgres"}, "Set checkpointer_url"),
        ({"checkpointer": "redis"}, "Set checkpointer_url"),
        ({"checkpointer": "postgres", "checkpointer_url": "postgresql://me:canary@127.0.0.1:1/x"}, "Check checkpointer_url"),
        ({"checkpointer": "redis", "checkpointer_url": "redis://me:canary@127.0.0.1:1/0"}, "Check checkpointer_url"),
    ],
)
async def test_a_server_that_is_not_there_is_one_clear_line(call, says):
    with pytest.raises(NotAvailable, match=says) as caught:
        async with open_checkpointer(settings_for(**call)):
            pass
    assert "canary" not in caught.value.one_line()


async def test_errors_of_the_work_itself_pass_through():
    with pytest.raises(WorkflowError, match="mine"):
        async with open_checkpointer(settings_for(checkpointer="memory")):
            raise WorkflowError("mine")
    with pytest.raises(KeyError):
        async with open_checkpointer(settings_for()):
            raise KeyError("mine")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (sqlite3.OperationalError("database or disk is full"), "disk is full"),
        (OSError(28, "No space left on device"), "disk is full"),
        (sqlite3.OperationalError("database is locked"), "Close other kernels"),
        (ValueError("x"), None),
        (OSError(2, "x"), None),
    ],
)
def test_failures_of_the_store_in_one_line(error, says):
    known = explained(error)
    assert (known is None) if says is None else says in known.one_line()


async def test_a_full_disk_leaves_what_was_kept():
    async with open_checkpointer(settings_for()) as saver:
        graph, config = chain(saver, a=writer("a"), b=writer("b", "x" * 3_000_000), c=writer("c")), thread()
        pages = (await (await saver.conn.execute("PRAGMA page_count")).fetchone())[0]
        await saver.conn.execute(f"PRAGMA max_page_count = {pages + 20}")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            await graph.ainvoke({"log": []}, config, durability="sync")
        assert (await graph.aget_state(config)).next == ("b",)
        await saver.conn.execute("PRAGMA max_page_count = 100000")
        assert (await graph.ainvoke(None, config))["log"] == ["a", "b", "c"]


async def test_only_harmless_types_are_rebuilt():
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    from edgp_magics.services.state._serde import StrictSerializer

    hostile = JsonPlusSerializer(pickle_fallback=True)
    from edgp_magics.values import Evidence

    kind, blob = hostile.dumps_typed(Evidence(row=1, column="c", shown="s"))
    assert not isinstance(StrictSerializer().loads_typed((kind, blob)), Evidence)
    with pytest.raises(NotImplementedError):
        StrictSerializer().loads_typed(("pickle", b"\x80\x04N."))


def test_the_door_imports_nothing_of_langgraph():
    code = (
        "import sys, edgp_magics.services.state\n"
        "assert not {'langgraph', 'aiosqlite', 'redis', 'psycopg'} & {m.split('.')[0] for m in sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
async def test_two_kernels_make_the_postgres_tables_at_once(postgres_url):
    import psycopg

    name = "fresh_for_two"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    settings = settings_for(checkpointer="postgres", checkpointer_url=postgres_url.replace("/postgres", f"/{name}"))

    async def use():
        async with open_checkpointer(settings) as saver:
            return (await chain(saver, a=writer("a")).ainvoke({"log": []}, thread()))["log"]

    assert await asyncio.wait_for(asyncio.gather(*(use() for _ in range(4))), 60) == [["a"]] * 4


@pytest.mark.slow
async def test_postgres_may_drop_connections(postgres_url):
    import psycopg

    settings = settings_for(checkpointer="postgres", checkpointer_url=postgres_url)
    async with open_checkpointer(settings) as saver:
        graph, config = chain(saver, a=writer("a")), thread()
        await graph.ainvoke({"log": []}, config)
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'postgres'"
            )
        assert (await graph.aget_state(config)).values["log"] == ["a"]
