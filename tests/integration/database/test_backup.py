"""Backup and restore: everything comes back, keys included, or nothing is changed."""

import tarfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from domain.facts import MediaStarted
from domain.identifiers import StillId
from domain.people import Role
from server.backup import BackupRefused, back_up, restore
from server.database.alerts import Alerts
from server.database.bus import PgBus
from server.database.cameras import Cameras
from server.database.migrations import read_migrations
from server.database.pool import Database, connect
from server.database.register import Register, note_head, read_heads
from server.database.stills import NewStill
from server.intake import EventRecorder, Intake
from server.secrets import InstallationKey
from tests.integration.conftest import dsn_of
from tests.integration.database.events import seen
from tests.integration.database.town import ADMIN, NOW, Town, jpeg

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def fresh(postgres: str) -> AsyncIterator[Database]:
    """An empty database without any schema."""
    name = f"fresh_{uuid4().hex}"
    server = await asyncpg.connect(postgres)
    try:
        await server.execute(f"CREATE DATABASE {name}")
        async with connect(dsn_of(postgres, name), wait_for_s=10.0) as database:
            yield database
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()


async def a_full_town(town: Town, data_dir: Path) -> None:
    """A camera with a password, a detected alert with its still, heads, a certificate."""
    vault = InstallationKey.open(data_dir).vault
    await town.person(Role.OPERATOR)
    camera, rule, act = await town.watched_camera()
    await Cameras(town.database, vault=vault).change(
        camera.id, lambda one: one, credentials=("op", "s3cret"), actor=ADMIN, at=NOW
    )
    event = seen(camera, rule, act)
    await EventRecorder(town.database, clock=lambda: NOW).opened(event, jpeg())
    await Intake(town.database, PgBus(town.database), clock=lambda: NOW).raise_for(event.event_id)
    still = NewStill(id=StillId(uuid4()), jpeg=jpeg(), taken_at=NOW)
    await Alerts(town.database).add(town.alert(), still=still, actor=ADMIN, at=NOW)
    (data_dir / "tls").mkdir()
    (data_dir / "tls" / "root.crt").write_text("a certificate")
    note_head(data_dir, await Register(town.database).head())


async def rows_of(database: Database, table: str) -> list[dict[str, object]]:
    rows = await database.rows(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 - a test's own names
    return [dict(row) for row in rows]


@pytest.fixture
async def backup(town: Town, tmp_path: Path) -> Path:
    data_dir = tmp_path / "data"
    await a_full_town(town, data_dir)
    out = tmp_path / "town.backup"
    await back_up(town.database, data_dir=data_dir, out=out, at=NOW)
    return out


async def test_everything_comes_back_in_a_fresh_installation(
    database: Database, fresh: Database, backup: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    contents = await restore(fresh, data_dir=other, archive=backup, replace=False, at=LATER)

    assert contents.schema == read_migrations()[-1].number
    for table in ("person", "camera", "event", "alert", "still", "rule", "authorisation", "outbox"):
        assert await rows_of(fresh, table) == await rows_of(database, table)
        assert await rows_of(fresh, table)
    source = (await Cameras(fresh, vault=InstallationKey.open(other).vault).sources())[0]
    assert (source.username, source.password) == ("op", "s3cret")
    assert (other / "tls" / "root.crt").read_text() == "a certificate"
    assert mode_of(other / "secrets" / "installation.key") == 0o600


async def test_the_register_holds_after_a_restore_and_tells_of_it(
    fresh: Database, backup: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    await restore(fresh, data_dir=other, archive=backup, replace=False, at=LATER)

    verification = await Register(fresh).verify(kept=read_heads(other))
    assert verification.holds
    actions = [row["action"] for row in await rows_of(fresh, "register")]
    assert actions[-2:] == ["backed-up", "restored"]


async def test_work_goes_on_after_a_restore(fresh: Database, backup: Path, tmp_path: Path) -> None:
    await restore(fresh, data_dir=tmp_path / "other", archive=backup, replace=False, at=LATER)
    newest = "SELECT max(seq) FROM outbox"
    before = await fresh.value(newest)
    await PgBus(fresh).publish(MediaStarted(at=LATER, commune_id=None, holder="media@here"))

    assert await fresh.value(newest) > before


async def test_a_database_that_holds_something_is_not_overwritten(
    database: Database, town: Town, backup: Path, tmp_path: Path
) -> None:
    before = await rows_of(database, "register")
    data_dir = tmp_path / "other"

    with pytest.raises(BackupRefused, match="--replace"):
        await restore(database, data_dir=data_dir, archive=backup, replace=False, at=LATER)
    assert await rows_of(database, "register") == before
    assert not (data_dir / "secrets").exists()


async def test_it_is_overwritten_when_one_says_so(
    database: Database, town: Town, backup: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    await town.unit("PM 99")
    await restore(database, data_dir=data_dir, archive=backup, replace=True, at=LATER)

    assert await rows_of(database, "unit") == []
    assert (await Register(database).verify(kept=read_heads(data_dir))).holds


async def test_another_installations_key_is_not_overwritten(
    fresh: Database, backup: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    key = InstallationKey.open(other).derived("a")

    with pytest.raises(BackupRefused, match=r"installation\.key"):
        await restore(fresh, data_dir=other, archive=backup, replace=False, at=LATER)
    assert InstallationKey.open(other).derived("a") == key
    await restore(fresh, data_dir=other, archive=backup, replace=True, at=LATER)
    assert InstallationKey.open(other).derived("a") != key
    assert list((other / "secrets").glob("installation.key.replaced-*"))


@pytest.mark.parametrize("damage", ["cut", "changed", "no archive"])
async def test_a_damaged_file_is_refused_and_nothing_is_changed(
    fresh: Database, backup: Path, tmp_path: Path, damage: str
) -> None:
    spoil(backup, damage)

    with pytest.raises(BackupRefused):
        await restore(fresh, data_dir=tmp_path / "x", archive=backup, replace=False, at=LATER)
    assert await fresh.value("SELECT to_regclass('commune')") is None


def spoil(backup: Path, damage: str) -> None:
    content = bytearray(backup.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "changed":
        content[len(content) // 2] ^= 1
    else:
        content = bytearray(b"not an archive")
    backup.write_bytes(content)


async def test_a_changed_row_is_found_by_its_checksum(
    fresh: Database, backup: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "unpacked"
    with tarfile.open(backup) as archive:
        archive.extractall(folder, filter="data")
        names = archive.getnames()
    person = folder / "rows" / "commune"
    person.write_text(person.read_text().replace("Aubeville", "Aubevillx"))
    with tarfile.open(backup, "w:gz") as archive:
        for name in names:
            archive.add(folder / name, arcname=name)

    with pytest.raises(BackupRefused, match="checksum"):
        await restore(fresh, data_dir=tmp_path / "x", archive=backup, replace=False, at=LATER)


async def test_a_newer_releases_backup_is_refused(
    fresh: Database, backup: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "unpacked"
    with tarfile.open(backup) as archive:
        archive.extractall(folder, filter="data")
        names = archive.getnames()
    manifest = folder / "manifest.json"
    schema = read_migrations()[-1].number
    text = manifest.read_text().replace(f'"schema": {schema}', '"schema": 999')
    manifest.write_text(text)
    with tarfile.open(backup, "w:gz") as archive:
        for name in names:
            archive.add(folder / name, arcname=name)

    with pytest.raises(BackupRefused, match="newer release"):
        await restore(fresh, data_dir=tmp_path / "x", archive=backup, replace=False, at=LATER)


async def test_a_working_installation_is_not_restored_over(
    postgres: str, fresh: Database, backup: Path, tmp_path: Path
) -> None:
    async with connect(fresh.dsn, name="ilotier control", wait_for_s=10.0):
        with pytest.raises(BackupRefused, match="stop Ilotier first"):
            await restore(fresh, data_dir=tmp_path / "x", archive=backup, replace=False, at=LATER)


async def test_a_backup_does_not_overwrite_a_file(town: Town, backup: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="exists"):
        await back_up(town.database, data_dir=tmp_path / "data", out=backup, at=NOW)


async def test_only_its_owner_may_read_a_backup(backup: Path) -> None:
    assert mode_of(backup) == 0o600


def mode_of(file: Path) -> int:
    return file.stat().st_mode & 0o777
