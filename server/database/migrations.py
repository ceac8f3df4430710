"""Brings the schema to this release's form: numbered files, each applied once, each checked.

A file is called ``NNN_name.pre.sql`` when it must run before this release starts, and
``NNN_name.post.sql`` when it waits until no process of the previous release runs any more. Files
that were applied are never edited: their checksum is kept and compared.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from server.database.books import CLASS, MIGRATIONS
from server.database.pool import Database, DatabaseRefused, connect

FOLDER = Path(__file__).parent / "migrations"
FILE_NAME = re.compile(r"(?P<number>\d{3})_(?P<name>[a-z0-9_]+)\.(?P<phase>pre|post)\.sql")

# The book of migrations: which file was applied, when, and what it said.
BOOK = """
CREATE TABLE IF NOT EXISTS schema_migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    phase text NOT NULL CHECK (phase IN ('pre', 'post')),
    checksum bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


@dataclass(frozen=True)
class Migration:
    """One file: its number, its name, when it runs, its SQL."""

    number: int
    name: str
    phase: Literal["pre", "post"]
    sql: str

    @property
    def checksum(self) -> bytes:
        return sha256(self.sql.encode()).digest()


def read_migrations(folder: Path = FOLDER) -> list[Migration]:
    """Read the files in their order. Raises ``DatabaseRefused`` for a wrong or double number."""
    found = []
    for file in sorted(folder.glob("*.sql")):
        if (parts := FILE_NAME.fullmatch(file.name)) is None:
            raise DatabaseRefused(f"{file.name} is not called NNN_name.pre.sql or .post.sql")
        phase: Literal["pre", "post"] = "pre" if parts["phase"] == "pre" else "post"
        found.append(Migration(int(parts["number"]), parts["name"], phase, file.read_text("utf-8")))
    if [one.number for one in found] != list(range(1, len(found) + 1)):
        raise DatabaseRefused("the migrations' numbers do not run from 001 without a gap")
    return found


# Any: asyncpg publishes no types.
async def migrate(
    connection: Any,
    *,
    migrations: Sequence[Migration] | None = None,
    with_post: bool = True,
) -> list[str]:
    """Apply what is missing; give the names of what was applied, none on a second run.

    ``connection`` is one of the driver's: ``async with database.driver() as connection``.
    Two processes that start together do it once. ``with_post=False`` leaves the newest ``post``
    files for later, while processes of the previous release still run. Raises ``DatabaseRefused``
    for a schema newer than this release, or a file that was changed after it was applied.
    """
    ours = list(migrations) if migrations is not None else read_migrations()
    # A migration may rewrite a table: the limits on a screen's queries are not for it.
    await connection.execute("SET statement_timeout = 0; SET lock_timeout = 0")
    await connection.execute(
        "SELECT pg_advisory_lock($1::integer, $2::integer)", CLASS, MIGRATIONS, timeout=600.0
    )
    try:
        return await _apply(connection, ours, with_post)
    finally:
        await connection.execute(
            "SELECT pg_advisory_unlock($1::integer, $2::integer)", CLASS, MIGRATIONS
        )
        await connection.execute("RESET statement_timeout; RESET lock_timeout")


async def migrate_url(dsn: str, *, wait_for_s: float = 60.0) -> list[str]:
    """Connect, waiting for the server, and ``migrate``: what happens before any process starts."""
    async with (
        connect(dsn, most_connections=1, wait_for_s=wait_for_s) as database,
        database.driver() as connection,
    ):
        return await migrate(connection)


async def schema_number(database: Database) -> int:
    """The number of the newest migration applied; 0 for an empty database."""
    if await database.value("SELECT to_regclass('schema_migration')") is None:
        return 0
    return int(await database.value("SELECT coalesce(max(number), 0) FROM schema_migration"))


async def _apply(connection: Any, ours: list[Migration], with_post: bool) -> list[str]:
    await connection.execute(BOOK)
    applied = {
        row["number"]: row
        for row in await connection.fetch("SELECT number, name, checksum FROM schema_migration")
    }
    newest = len(ours)
    if (stranger := max(applied, default=0)) > newest:
        raise DatabaseRefused(
            f"the database is of a newer release: its schema is {stranger:03d} "
            f"({applied[stranger]['name']}), this release knows {newest:03d}"
        )
    done = []
    for one in ours:
        if (before := applied.get(one.number)) is not None:
            if before["checksum"] != one.checksum:
                raise DatabaseRefused(
                    f"migration {one.number:03d}_{one.name} was changed after it was applied here"
                )
            continue
        if one.phase == "post" and not with_post:
            break  # what comes after it may build upon it
        async with connection.transaction():
            await connection.execute(one.sql, timeout=3600.0)
            await connection.execute(
                "INSERT INTO schema_migration (number, name, phase, checksum)"
                " VALUES ($1, $2, $3, $4)",
                *(one.number, one.name, one.phase, one.checksum),
            )
        done.append(f"{one.number:03d}_{one.name}")
    return done
