"""A real PostgreSQL for the whole run, and a database of its own for each test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from server.database.migrations import migrate
from server.database.pool import Database, connect
from server.secrets import InstallationKey
from tests.integration.embedded_host import start_host, stop_host
from tests.integration.http.seeding import seed

# Nothing here must outlive the run, so nothing needs to reach the disk before an answer.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB")
TEMPLATE = "template_ilotier"
TOWN_TEMPLATE = "template_town"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DSN of a server that lives as long as the run; its database `ilotier` is empty.

    It lives in a process of its own: the event loop of one test ends with that test.
    """
    host, dsn = start_host(tmp_path_factory.mktemp("postgres"), *FAST)
    assert dsn.startswith("postgresql:"), dsn
    yield dsn
    stop_host(host)


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """The name of a database with today's schema and no rows, to be cloned."""
    asyncio.run(_make_template(postgres))
    return TEMPLATE


@pytest.fixture
async def database_url(postgres: str, template: str) -> AsyncIterator[str]:
    """The DSN of a database with today's schema, for this test alone."""
    name = f"test_{uuid4().hex}"
    server = await asyncpg.connect(postgres)
    try:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield dsn_of(postgres, name)
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()


def dsn_of(postgres: str, database: str) -> str:
    """The DSN of another ``database`` of the same server."""
    return postgres.replace("/ilotier?", f"/{database}?")


async def _make_template(postgres: str) -> None:
    server = await asyncpg.connect(postgres)
    try:
        await server.execute(f"CREATE DATABASE {TEMPLATE}")
    finally:
        await server.close()
    connection = await asyncpg.connect(dsn_of(postgres, TEMPLATE))
    try:
        await migrate(connection)
    finally:
        await connection.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The pool of a test's own database."""
    async with connect(database_url, most_connections=6, wait_for_s=10.0) as database:
        yield database


@pytest.fixture(scope="session")
def town_template(postgres: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with both communes, to be cloned."""
    folder = tmp_path_factory.mktemp("town")
    asyncio.run(_fill(postgres, template, folder))
    return TOWN_TEMPLATE


async def _fill(postgres: str, template: str, folder: Path) -> None:
    server = await asyncpg.connect(postgres)
    try:
        await server.execute(f"CREATE DATABASE {TOWN_TEMPLATE} TEMPLATE {template}")
    finally:
        await server.close()
    async with connect(dsn_of(postgres, TOWN_TEMPLATE)) as database:
        await seed(database, InstallationKey.open(folder).vault)
