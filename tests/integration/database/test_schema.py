"""Migrations run once and refuse what they do not know; the pool says what is wrong."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import Conflict, Invalid, Unavailable
from server.database.migrations import (
    Migration,
    migrate,
    migrate_url,
    read_migrations,
    schema_number,
)
from server.database.pool import Database, DatabaseRefused, connect

NEXT = len(read_migrations()) + 1
MORE = [
    *read_migrations(),
    Migration(NEXT, "more", "pre", "CREATE TABLE more (id integer)"),
    Migration(NEXT + 1, "less", "post", "DROP TABLE more"),
]


async def run(
    database: Database, migrations: Sequence[Migration] | None = None, *, with_post: bool = True
) -> list[str]:
    async with database.driver() as connection:
        return await migrate(connection, migrations=migrations, with_post=with_post)


async def test_migrations_run_once(database: Database) -> None:
    assert await run(database) == []
    assert await schema_number(database) == NEXT - 1
    assert await run(database, MORE) == [f"{NEXT:03d}_more", f"{NEXT + 1:03d}_less"]
    assert await run(database, MORE) == []


async def test_starters_at_once_run_them_once(database: Database) -> None:
    done = await asyncio.gather(*(run(database, MORE) for _ in range(4)))

    assert sorted(len(names) for names in done) == [0, 0, 0, 2]


async def test_what_waits_for_the_former_release_to_end_waits(database: Database) -> None:
    assert await run(database, MORE, with_post=False) == [f"{NEXT:03d}_more"]
    assert await run(database, MORE) == [f"{NEXT + 1:03d}_less"]


async def test_a_newer_schema_is_refused(database: Database) -> None:
    await run(database, MORE)

    with pytest.raises(DatabaseRefused, match="newer release"):
        await run(database)


async def test_a_file_changed_after_it_was_applied_is_refused(database: Database) -> None:
    changed = [replace(read_migrations()[0], sql="SELECT 1"), *MORE[1:]]

    with pytest.raises(DatabaseRefused, match="was changed"):
        await run(database, changed)


async def test_a_migration_that_fails_leaves_nothing(database: Database) -> None:
    broken = [*MORE[:-1], replace(MORE[-1], sql="CREATE TABLE half (id integer); SELECT 1 / 0")]

    with pytest.raises(Exception, match="division by zero"):
        await run(database, broken)
    assert await schema_number(database) == NEXT
    assert await database.value("SELECT to_regclass('half')") is None


@pytest.mark.parametrize("names", [["1_x.pre.sql"], ["001_x.sql"], ["002_x.pre.sql"]])
def test_files_that_are_not_named_in_order_are_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1")

    with pytest.raises(DatabaseRefused):
        read_migrations(tmp_path)


async def test_a_server_that_never_comes_is_told(tmp_path: Path) -> None:
    dsn = f"postgresql://ilotier:secret@/ilotier?host={tmp_path}"

    with pytest.raises(DatabaseRefused, match="no PostgreSQL answered") as refused:
        await migrate_url(dsn, wait_for_s=0.2)
    assert "secret" not in str(refused.value)


async def test_a_wrong_password_is_told_at_once(database_url: str) -> None:
    start, _, rest = database_url.partition("@")
    wrong = f"{start[:-4]}xxxx@{rest}"

    with pytest.raises(DatabaseRefused, match="refuses us") as refused:
        async with connect(wrong):
            pass
    assert "xxxx" not in str(refused.value)


async def test_an_unknown_database_is_told_at_once(database_url: str) -> None:
    with pytest.raises(DatabaseRefused, match="refuses us"):
        async with connect(database_url.replace("/test_", "/no_test_")):
            pass


async def test_a_statement_that_takes_too_long_is_ended(database_url: str) -> None:
    async with connect(database_url, statement_limit_s=1.0) as database:
        with pytest.raises(Unavailable):
            await database.value("SELECT pg_sleep(20)")
        assert await database.value("SELECT 1") == 1


async def test_a_pool_that_is_used_up_says_so(database_url: str) -> None:
    async with connect(database_url, most_connections=1) as database, database.transaction():
        database._reconnect_for_s = 0.2  # not sooner: the first has had time to connect
        with pytest.raises(Unavailable):
            await database.value("SELECT 1")


async def test_a_lost_connection_is_taken_anew(database: Database) -> None:
    async with database.driver() as connection:
        pid = connection.get_server_pid()
    async with connect(database.dsn) as other:
        await other.value("SELECT pg_terminate_backend($1)", pid)

    assert await database.value("SELECT 1") == 1


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("INSERT INTO lease VALUES ('a', 'b', now()), ('a', 'b', now())", Conflict),
        ("INSERT INTO bus_cursor VALUES (NULL, 1)", Invalid),
        ("SELECT 'x'::integer", Invalid),
        (
            "INSERT INTO rule (id, commune_id, camera_id, kind, name, shape, points, created_at)"
            " SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '', '', 'zone', '[]',"
            " now()",
            Conflict,
        ),
    ],
)
async def test_what_the_server_refuses_is_said_in_the_domains_words(
    database: Database, sql: str, error: type[Exception]
) -> None:
    async def run_it() -> None:
        async with database.transaction() as t:
            await t.execute(sql)

    with pytest.raises(error):
        await run_it()
