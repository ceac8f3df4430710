"""All rows out of the database and back, table by table: what a backup is made of.

COPY in text form, and not ``pg_dump``: it works with every server we support, whatever programs
are installed beside it, and a row that a newer schema does not know is refused and not guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.database.migrations import Migration, migrate
from server.database.pool import DatabaseRefused

LIMIT_S = 3600.0  # for one table
#: What says who works or is signed in now, and says nothing of another day.
OF_THE_MOMENT = frozenset({"lease", "process", "session", "schema_migration"})

TABLES = """
SELECT c.relname AS name,
    array_agg(quote_ident(a.attname) ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY c.relname ORDER BY c.relname
"""
SEQUENCES = """
SELECT c.relname AS "table", a.attname AS "column",
    pg_sequence_last_value(pg_get_serial_sequence(quote_ident(c.relname), a.attname)::regclass)
        AS last
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attidentity <> ''
"""
FOREIGN_KEYS = """
SELECT conrelid::regclass::text AS "table", quote_ident(conname) AS name,
    pg_get_constraintdef(oid) AS definition
FROM pg_constraint
WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Dump:
    """What was written: the columns of each table, and how far each sequence had counted."""

    tables: Mapping[str, Sequence[str]]
    sequences: Mapping[str, int]


# Any: asyncpg publishes no types.
async def dump(connection: Any, folder: Path) -> Dump:
    """Write each table into ``folder``, all of the same moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL statement_timeout = 0")
        tables = {
            row["name"]: list(row["columns"])
            for row in await connection.fetch(TABLES)
            if row["name"] not in OF_THE_MOMENT
        }
        sequences = {
            f"{row['table']}.{row['column']}": row["last"]
            for row in await connection.fetch(SEQUENCES)
            if row["last"] is not None
        }
        for table, columns in tables.items():
            query = f'SELECT {", ".join(columns)} FROM "{table}"'  # noqa: S608 - names from the catalogue
            await connection.copy_from_query(query, output=folder / table, timeout=LIMIT_S)
    return Dump(tables=tables, sequences=sequences)


async def is_in_use(connection: Any) -> list[str]:
    """Give the names of Ilotier's processes that are connected: they must stop first."""
    rows = await connection.fetch(
        "SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name IN ('ilotier control', 'ilotier media', 'ilotier detect')"
        " ORDER BY 1"
    )
    return [row["application_name"] for row in rows]


async def holds_something(connection: Any) -> bool:
    """Whether somebody has begun to work with this database."""
    if await connection.fetchval("SELECT to_regclass('commune')") is None:
        return False
    query = "SELECT EXISTS (SELECT FROM commune) OR EXISTS (SELECT FROM person)"
    return bool(await connection.fetchval(query))


async def load(
    connection: Any, folder: Path, what: Dump, *, migrations: Sequence[Migration]
) -> None:
    """Put ``what`` in place of everything; the caller is in a transaction.

    ``migrations`` are those of the schema that was dumped. Raises ``DatabaseRefused`` for a table
    or a column that it does not have.
    """
    await connection.execute("SET LOCAL statement_timeout = 0")
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.reload_schema_state()
    await migrate(connection, migrations=migrations)
    await connection.execute("SET LOCAL statement_timeout = 0")
    known = {row["name"]: set(row["columns"]) for row in await connection.fetch(TABLES)}
    for table, columns in what.tables.items():
        if strange := set(columns) - known.get(table, set()):
            raise DatabaseRefused(f"the backup's table {table} has {sorted(strange)}: unknown here")
    # Rows name each other in circles (an alert and its event): the keys are checked at the end.
    keys = await connection.fetch(FOREIGN_KEYS)
    for key in keys:
        await connection.execute(f"ALTER TABLE {key['table']} DROP CONSTRAINT {key['name']}")
    for table, columns in what.tables.items():
        names = [column.strip('"') for column in columns]
        await connection.copy_to_table(table, source=folder / table, columns=names, timeout=LIMIT_S)
    for key in keys:
        await connection.execute(
            f"ALTER TABLE {key['table']} ADD CONSTRAINT {key['name']} {key['definition']}",
            timeout=LIMIT_S,
        )
    for place, last in what.sequences.items():
        table, _, column = place.partition(".")
        await connection.fetchval(
            "SELECT setval(pg_get_serial_sequence(quote_ident($1), $2)::regclass, $3)",
            *(table, column, last),
        )
