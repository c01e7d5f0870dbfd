"""Where workflow state lives: a file in the user data folder, or a server, or memory."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ...errors import GovernanceError, NotAvailable
from ...infrastructure import Settings, home, identity, mend

if TYPE_CHECKING:
    from ._guarded import Guarded

Notice = Callable[[str], None]
_FILE = "workflows.sqlite"
_BUSY = 10.0
_CONNECT = 5
_SETUP_LOCK = 0x65646770  # "edgp"


@asynccontextmanager
async def open_checkpointer(settings: Settings, *, on_notice: Notice | None = None) -> AsyncIterator[Guarded]:
    """The checkpointer the settings ask for, for use on the running event loop, closed at the end.

    ``on_notice`` is told when a damaged file had to be moved aside.
    """
    opener = _OPENERS[settings.checkpointer]
    try:
        async with opener(settings, on_notice or _silent) as saver:
            yield saver
    except GovernanceError:
        raise
    except Exception as error:
        known = explained(error)
        if known is None:
            raise
        raise known from error


def _silent(notice: str) -> None:
    """Nobody asked to be told."""


@asynccontextmanager
async def _sqlite(settings: Settings, notice: Notice) -> AsyncIterator[Guarded]:
    import aiosqlite
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    from ._claims import SqlClaims
    from ._guarded import Guarded
    from ._serde import StrictSerializer

    class Saver(Guarded, AsyncSqliteSaver):
        """In a file."""

    path = home() / _FILE
    if said := await asyncio.to_thread(mend, path, "file with workflow state"):
        notice(said)
    connection = aiosqlite.connect(path, timeout=_BUSY)
    connection._thread.daemon = True  # or a kernel that ends without closing would wait for this thread for ever
    async with connection:
        await connection.execute("PRAGMA synchronous=NORMAL")
        saver = Saver(connection, serde=StrictSerializer())
        await saver.setup()

        async def execute(statement: str, values: tuple[str, ...] = ()) -> list[Any]:
            async with saver.lock, connection.execute(statement, values) as cursor:
                rows = list(await cursor.fetchall())
                await connection.commit()
            return rows

        await execute(SqlClaims.TABLE)
        file = identity(path)
        saver.claims, saver.moved = SqlClaims(execute), lambda: identity(path) != file
        yield saver


@asynccontextmanager
async def _memory(settings: Settings, notice: Notice) -> AsyncIterator[Guarded]:
    from ._claims import MemoryClaims
    from ._guarded import Guarded
    from ._memory import MemorySaver
    from ._serde import StrictSerializer

    class Saver(Guarded, MemorySaver):
        """In this process."""

    saver = Saver(serde=StrictSerializer())
    saver.claims = MemoryClaims()
    yield saver


@asynccontextmanager
async def _postgres(settings: Settings, notice: Notice) -> AsyncIterator[Guarded]:
    _need("psycopg", "postgres")
    _need("langgraph.checkpoint.postgres", "postgres")
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg import AsyncConnection
    from psycopg.rows import dict_row
    from psycopg_pool import AsyncConnectionPool

    from ._claims import SqlClaims
    from ._guarded import Guarded
    from ._serde import StrictSerializer

    class Saver(Guarded, AsyncPostgresSaver):
        """On a Postgres server."""

    url = _url(settings)
    options: dict[str, Any] = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row, "connect_timeout": _CONNECT}
    connection: Any = await AsyncConnection.connect(url, **options)
    async with connection, _alone(connection):
        await AsyncPostgresSaver(connection, serde=StrictSerializer()).setup()
        await connection.execute(SqlClaims.TABLE)
    pool: Any = AsyncConnectionPool(url, min_size=1, max_size=4, open=False, kwargs=options, check=AsyncConnectionPool.check_connection)

    async def execute(statement: str, values: tuple[str, ...] = ()) -> list[Any]:
        async with pool.connection() as used:
            return list(await (await used.execute(statement, values)).fetchall())

    async with pool:
        saver = Saver(pool, serde=StrictSerializer())
        saver.claims = SqlClaims(execute, mark="%s")
        yield saver


@asynccontextmanager
async def _alone(connection: Any) -> AsyncIterator[None]:
    """One kernel at a time makes the tables.

    The lock is tried for, not waited for: a waiting statement would hold up the index that the other kernel builds.
    """
    while not (await (await connection.execute("SELECT pg_try_advisory_lock(%s) AS got", (_SETUP_LOCK,))).fetchone())["got"]:
        await asyncio.sleep(0.05)
    try:
        yield
    finally:
        await connection.execute("SELECT pg_advisory_unlock(%s)", (_SETUP_LOCK,))


@asynccontextmanager
async def _redis(settings: Settings, notice: Notice) -> AsyncIterator[Guarded]:
    _need("redis.asyncio", "redis")
    from redis.asyncio import BlockingConnectionPool, Redis

    from ._claims import RedisClaims
    from ._guarded import Guarded
    from ._redis import RedisSaver
    from ._serde import StrictSerializer

    class Saver(Guarded, RedisSaver):
        """On a Redis server."""

    # a pool that lets runs wait for a connection: the plain one fails the eleventh run at once
    pool: Any = BlockingConnectionPool.from_url(_url(settings), max_connections=16, timeout=30, socket_connect_timeout=_CONNECT)
    client: Any = Redis.from_pool(pool)
    async with contextlib.aclosing(client):
        await client.ping()
        saver = Saver(client, serde=StrictSerializer())
        saver.claims = RedisClaims(client)
        yield saver


_OPENERS: dict[str, Callable[[Settings, Notice], AbstractAsyncContextManager[Guarded]]] = {
    "sqlite": _sqlite,
    "memory": _memory,
    "postgres": _postgres,
    "redis": _redis,
}


def _url(settings: Settings) -> str:
    url = settings.checkpointer_url
    if not url:
        raise NotAvailable(f"no address for workflow state in {settings.checkpointer}.", hint="Set checkpointer_url.")
    return str(url)


def _need(module: str, extra: str) -> None:
    try:
        there = find_spec(module) is not None
    except ModuleNotFoundError:
        there = False
    if not there:
        raise NotAvailable(f"workflow state in {extra} needs {module}.", hint=f"pip install 'edgp_magics[{extra}]'")


def explained(error: BaseException) -> GovernanceError | None:
    """A failure of the store in one clear line, or None when it is something else. Addresses and passwords stay out."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full()
    if isinstance(error, sqlite3.Error):
        if "full" in str(error):
            return _full()
        return NotAvailable(f"the file with workflow state cannot be used: {error}.", hint="Close other kernels; then resume the run.")
    server = {"psycopg": "Postgres", "psycopg_pool": "Postgres", "redis": "Redis"}.get(type(error).__module__.partition(".")[0])
    if server is None:
        return None
    return NotAvailable(
        f"the {server} server with workflow state cannot be used ({type(error).__name__}).", hint="Check checkpointer_url and the server."
    )


def _full() -> NotAvailable:
    return NotAvailable("the disk is full: the state of the run could not be written.", hint="Free some space, then resume the run.")
