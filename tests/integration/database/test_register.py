"""The register: gapless, append-only, and every tampering shows."""

import asyncio
from pathlib import Path

import pytest

from domain.errors import Invalid
from domain.register import Action, Entry
from server.database.pool import Database
from server.database.register import Register, note_head, read_heads
from tests.integration.database.town import NOW, SECOND, Town


def entry(n: int) -> Entry:
    return Entry(
        at=NOW + n * SECOND,
        actor="person:x",
        action=Action.VIEWING_STARTED,
        about=f"camera:{n}",
        motive="différend, à vue",
        data={"n": n, "share": 0.1, "é": ["ü", None]},
    )


async def tamper(database: Database, sql: str) -> None:
    """Do what only somebody with the database in his hands can do."""
    async with database.transaction() as t:
        await t.execute("ALTER TABLE register DISABLE TRIGGER register_append_only")
        await t.execute(sql)
        await t.execute("ALTER TABLE register ENABLE TRIGGER register_append_only")


@pytest.fixture
async def register(database: Database) -> Register:
    register = Register(database)
    await register.write(*(entry(n) for n in range(1, 11)))
    return register


async def test_an_untouched_book_holds(register: Register) -> None:
    verification = await register.verify()

    assert (verification.holds, verification.checked) == (True, 10)
    assert verification.head == (await register.head()).hash


async def test_writers_at_once_leave_no_gap(database: Database) -> None:
    register = Register(database)
    await asyncio.gather(*(register.write(entry(n)) for n in range(40)))

    verification = await register.verify()
    assert (verification.holds, verification.checked) == (True, 40)


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'person:y'",
        "action = 'sign-in'",
        "action = 'unheard-of'",
        "about = 'camera:6'",
        "motive = ''",
        "at = at + interval '1 microsecond'",
        "data = replace(data, '0.1', '0.2')",
        "data = data || ' '",
        "data = 'nonsense'",
        "hash = set_byte(hash, 0, (get_byte(hash, 0) + 1) % 256)",
        "previous_hash = set_byte(previous_hash, 31, (get_byte(previous_hash, 31) + 1) % 256)",
    ],
)
async def test_any_change_shows_where_it_is(
    database: Database, register: Register, change: str
) -> None:
    await tamper(database, f"UPDATE register SET {change} WHERE number = 5")  # noqa: S608 - above

    verification = await register.verify()
    assert not verification.holds
    assert verification.broken_at == 5


async def test_a_missing_entry_shows(database: Database, register: Register) -> None:
    await tamper(database, "DELETE FROM register WHERE number = 5")

    assert (await register.verify()).broken_at == 5


async def test_a_cut_tail_shows_by_a_head_that_was_kept(
    database: Database, register: Register, tmp_path: Path
) -> None:
    note_head(tmp_path, await register.head())
    await tamper(database, "DELETE FROM register WHERE number > 7")

    assert (await register.verify()).holds  # without the kept head nothing shows
    verification = await register.verify(kept=read_heads(tmp_path))
    assert (verification.holds, verification.broken_at) == (False, 8)


async def test_a_book_written_anew_shows_by_a_head_that_was_kept(
    database: Database, register: Register, tmp_path: Path
) -> None:
    note_head(tmp_path, await register.head())
    await tamper(database, "DELETE FROM register")
    await register.write(*(entry(n) for n in range(101, 113)))

    assert (await register.verify()).holds
    assert (await register.verify(kept=read_heads(tmp_path))).broken_at == 10


async def test_a_head_is_noted_once(register: Register, tmp_path: Path) -> None:
    for _ in range(3):
        note_head(tmp_path, await register.head())
    await register.write(entry(11))
    note_head(tmp_path, await register.head())

    assert list(read_heads(tmp_path)) == [10, 11]


async def test_heads_are_read_around_a_line_that_was_cut(
    register: Register, tmp_path: Path
) -> None:
    head = await register.head()
    (tmp_path / "register.heads").write_text(f"{head.number} {head.hash.hex()} x\n11 abc")

    assert read_heads(tmp_path) == {10: head.hash}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE register SET motive = ''",
        "DELETE FROM register",
        "TRUNCATE register",
        "DELETE FROM history",
    ],
)
async def test_the_books_refuse_to_be_changed(
    database: Database, register: Register, sql: str
) -> None:
    async def change() -> None:
        async with database.transaction() as t:
            await t.execute(sql)

    with pytest.raises(Invalid):
        await change()


async def test_a_page_gives_the_communes_entries_with_names_newest_first(
    town: Town, other_town: Town
) -> None:
    person = await town.person(name="Claire")
    mine = town.commune.id
    register = Register(town.database)
    for commune in (mine, other_town.commune.id):
        await register.write(
            Entry(
                at=NOW,
                actor=f"person:{person.id}",
                action=Action.REGISTER_READ,
                about="register",
                commune_id=commune,
                data={},
            )
        )

    page = await register.page(mine, limit=1)
    assert [(one["action"], one["actor_name"]) for one in page] == [("register-read", "Claire")]
    older = await register.page(mine, before=int(str(page[0]["number"])))
    assert {one["commune_id"] for one in older} <= {mine, None}
