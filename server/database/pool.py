"""The way to PostgreSQL: a bounded pool, transactions that are one command each, limits on waits.

A command's transaction holds its rows, its history, its register entries and its facts, or none
of them. Nothing here waits for ever: for a connection, a statement or a lock.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import asyncpg

from domain.facts import Fact
from domain.register import Entry
from server.database.books import write_entries, write_facts
from server.database.errors import DRIVER, is_lost, translated

logger = logging.getLogger(__name__)

type Row = Mapping[str, Any]

OLDEST_SERVER = 15  # its major version: MERGE, security of public schemas, NULLS NOT DISTINCT
STATEMENT_LIMIT_S = 10.0  # the slowest screen query takes milliseconds; a purge is cut in batches
RECONNECT_FOR_S = 5.0  # a killed PostgreSQL is back within a second; a request waits that long
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 0.5


class DatabaseRefused(RuntimeError):
    """The database can't be used as it is; the text says why, for the person who installs."""


class Transaction:
    """One command: what it writes, and what it will say when it is done.

    ``enter`` and ``publish`` only note: both books are written at the end, under their locks.
    """

    def __init__(self, connection: Any) -> None:  # Any: asyncpg publishes no types
        self._connection = connection
        self._entries: list[Entry] = []
        self._facts: list[Fact] = []

    async def rows(self, sql: str, *args: object) -> list[Row]:
        with translated():
            return list(await self._connection.fetch(sql, *args))

    async def row(self, sql: str, *args: object) -> Row | None:
        with translated():
            found: Row | None = await self._connection.fetchrow(sql, *args)
            return found

    async def value(self, sql: str, *args: object) -> Any:
        with translated():
            return await self._connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: object) -> int:
        """Run a statement; give how many rows it touched."""
        with translated():
            status: str = await self._connection.execute(sql, *args)
        count = status.rsplit(" ", 1)[-1]
        return int(count) if count.isdecimal() else 0

    def enter(self, entry: Entry) -> None:
        """Write ``entry`` in the register when this transaction commits."""
        self._entries.append(entry)

    def publish(self, *facts: Fact) -> None:
        """Tell ``facts`` to the Bus when this transaction commits."""
        self._facts.extend(facts)

    async def write_books(self) -> None:
        with translated():
            await write_entries(self._connection, self._entries)
            await write_facts(self._connection, self._facts)


class Database:
    """PostgreSQL for one process. Made by ``connect``."""

    def __init__(self, pool: Any, *, dsn: str, reconnect_for_s: float) -> None:
        self._pool = pool
        self._reconnect_for_s = reconnect_for_s
        self.dsn = dsn

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Run the block as one transaction; its books are written last, then all is committed.

        Raises ``Unavailable`` when the server does not answer. After it was raised by the commit
        itself the transaction may have been stored: commands are idempotent, so ask again.
        """
        return self._transaction()

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """Read several things in the block as they were at one moment; nothing is written in it.

        The books least of all: their ends have to be read as they are, not as they were.
        """
        return self._transaction(isolation="repeatable_read", readonly=True)

    @asynccontextmanager
    async def _transaction(self, **options: object) -> AsyncIterator[Transaction]:
        connection, work = await self._begin(options)
        try:
            transaction = Transaction(connection)
            try:
                yield transaction
                await transaction.write_books()
            except BaseException:
                with suppress(*DRIVER):  # what failed is told by the error that we are handling
                    await work.rollback()
                raise
            with translated():
                await work.commit()
        finally:
            await self._release(connection)

    async def rows(self, sql: str, *args: object) -> list[Row]:
        """Read outside of a transaction; asked again when the connection is lost meanwhile."""
        return list(await self._read("fetch", sql, args))

    async def row(self, sql: str, *args: object) -> Row | None:
        found: Row | None = await self._read("fetchrow", sql, args)
        return found

    async def value(self, sql: str, *args: object) -> Any:
        return await self._read("fetchval", sql, args)

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[Any]:
        """Lend a connection of the driver itself, for migrations and backups."""
        connection = await self._within_limit(self._acquire)
        try:
            yield connection
        finally:
            await self._release(connection)

    async def _read(self, how: str, sql: str, args: tuple[object, ...]) -> Any:
        async def read() -> Any:
            connection = await self._acquire()
            try:
                return await getattr(connection, how)(sql, *args)
            finally:
                await self._release(connection)

        with translated():
            return await self._within_limit(read)

    async def _begin(self, options: Mapping[str, object]) -> tuple[Any, Any]:
        async def begin() -> tuple[Any, Any]:
            connection = await self._acquire()
            try:
                work = connection.transaction(**options)
                await work.start()
            except BaseException:
                with suppress(*DRIVER):
                    connection.terminate()  # whether BEGIN was done there is not known
                await self._release(connection)
                raise
            return connection, work

        with translated():
            return await self._within_limit(begin)

    async def _acquire(self) -> Any:
        return await self._pool.acquire(timeout=self._reconnect_for_s)

    async def _within_limit[T](self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try again for a few seconds while the server is not there; nothing is written yet."""
        clock = asyncio.get_running_loop().time
        deadline, pause = clock() + self._reconnect_for_s, FIRST_PAUSE_S
        while True:
            try:
                return await attempt()
            except DRIVER as error:
                # A statement over its time limit is "lost" too, and is not asked again.
                again = is_lost(error) and not isinstance(error, asyncpg.QueryCanceledError)
                if not again or clock() + pause > deadline:
                    raise
                logger.debug("asking the database again: %s", error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _release(self, connection: Any) -> None:
        with suppress(*DRIVER):  # the pool throws a lost connection away, and says so
            await self._pool.release(connection)


@asynccontextmanager
async def connect(
    dsn: str,
    *,
    most_connections: int = 10,
    wait_for_s: float = 60.0,
    statement_limit_s: float = STATEMENT_LIMIT_S,
    reconnect_for_s: float = RECONNECT_FOR_S,
    name: str = "ilotier",
) -> AsyncIterator[Database]:
    """Give the ``Database`` at ``dsn``, waiting up to ``wait_for_s`` for it to be there.

    ``name`` is how the server's own views call us. Raises ``DatabaseRefused`` for a wrong password,
    an unknown database, a server older than PostgreSQL 15, or one that never came.
    """
    pool = await _open(
        dsn,
        wait_for_s,
        min_size=0,  # asyncpg would complain aloud, again and again, while the server is away
        max_size=most_connections,
        command_timeout=statement_limit_s + 2.0,  # the server's own limit comes first
        timeout=5.0,
        init=prepare_connection,
        server_settings=settings_for(name, statement_limit_s),
    )
    try:
        yield Database(pool, dsn=dsn, reconnect_for_s=reconnect_for_s)
    finally:
        try:
            async with asyncio.timeout(5.0):
                await pool.close()
        except TimeoutError:
            pool.terminate()


def settings_for(name: str, statement_limit_s: float) -> dict[str, str]:
    """What a connection of ours asks of the server."""
    return {
        "application_name": name,
        "statement_timeout": f"{statement_limit_s * 1000:.0f}",
        "lock_timeout": f"{statement_limit_s * 1000:.0f}",
        "idle_in_transaction_session_timeout": "60000",
        "timezone": "UTC",
    }


async def prepare_connection(connection: Any) -> None:
    """Read and write jsonb as Python values."""
    await connection.set_type_codec(
        "jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog"
    )


async def _open(dsn: str, wait_for_s: float, **options: Any) -> Any:
    clock = asyncio.get_running_loop().time
    deadline, pause = clock() + wait_for_s, FIRST_PAUSE_S
    while True:
        pool = await asyncpg.create_pool(dsn, **options)
        try:
            async with pool.acquire() as connection:
                major = connection.get_server_version().major
            break
        except (
            asyncpg.InvalidAuthorizationSpecificationError,
            asyncpg.InvalidCatalogNameError,
            asyncpg.ClientConfigurationError,
        ) as error:
            raise DatabaseRefused(f"the database refuses us: {error}") from error
        except DRIVER as error:
            pool.terminate()
            if not is_lost(error):
                raise
            if clock() + pause > deadline:
                raise DatabaseRefused(
                    f"no PostgreSQL answered within {wait_for_s:.0f} s ({error})"
                ) from error
            logger.debug("waiting for PostgreSQL: %s", error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)
    if major < OLDEST_SERVER:
        await pool.close()
        raise DatabaseRefused(f"PostgreSQL {major} is too old: at least {OLDEST_SERVER} is needed")
    return pool
