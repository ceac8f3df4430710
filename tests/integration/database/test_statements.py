"""Every statement is one that PostgreSQL understands, has its sentence, and is used."""

import re
from pathlib import Path

import asyncpg
import pytest

from server.database.pool import Database
from server.database.statements import FOLDER, Statements, load

NAMES = sorted(file.stem for file in FOLDER.glob("*.sql"))
CODE = Path(__file__).parents[3] / "server"


@pytest.mark.parametrize("name", NAMES)
async def test_every_statement_can_be_prepared(database: Database, name: str) -> None:
    async with database.driver() as connection:
        for title, statement in load(name).items():
            try:
                await connection.prepare(statement)
            except asyncpg.PostgresError as error:
                pytest.fail(f"{name}.sql, {title}: {error}")


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_is_used(name: str) -> None:
    code = "".join(file.read_text("utf-8") for file in CODE.rglob("*.py"))
    used = set(re.findall(r'[A-Z]+\["([a-z_0-9]+)"\]', code))
    kept = "".join(re.findall(r"self\._kept[^}]*}", code))  # retention's, by what is purged

    assert [one for one in load(name) if one not in used and f'"{one}"' not in kept] == []


def test_a_statement_without_a_sentence_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.sql"
    file.write_text("-- name: nothing\nSELECT 1;\n")

    with pytest.raises(ValueError, match="no sentence"):
        Statements(file)
