"""The disk is full: what can't be stored is refused and named, and nothing stored is lost."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from domain.errors import Unavailable
from server.database.alerts import Alerts
from server.database.migrations import migrate_url
from server.database.pool import Database, connect
from server.database.register import Register
from tests.integration.database.town import ADMIN, NOW, found
from tests.integration.embedded_host import start_host, stop_host
from tests.waiting import eventually

SIZE = "160m"  # a new cluster takes about 60 MB, its log 16 MB at a time
BEFORE, MOST_ALERTS = 5, 2000
BALLAST_STEP = 64 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, in memory, that can be filled without harm to the host."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(disk)],  # noqa: S607 - where root's PATH finds it
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)  # noqa: S607 - as above


@pytest.fixture
async def database(small_disk: Path) -> AsyncIterator[Database]:
    host, dsn = start_host(small_disk / "data", "shared_buffers=16MB", "max_wal_size=32MB")
    try:
        await migrate_url(dsn, wait_for_s=30.0)
        async with connect(dsn, reconnect_for_s=1.0) as database:
            yield database
    finally:
        stop_host(host)


def fill(disk: Path) -> Path:
    """Take all room that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb") as writing:
        while shutil.disk_usage(disk).free >= BALLAST_STEP:
            writing.write(b"\0" * BALLAST_STEP)
            writing.flush()
    return ballast


async def test_a_full_disk_is_said_and_what_was_stored_is_there_when_there_is_room_again(
    small_disk: Path, database: Database
) -> None:
    town = await found(database)
    alerts, stored = Alerts(database, clock=lambda: NOW), set()

    async def add(many: int) -> None:
        for _ in range(many):
            alert = town.alert()
            await alerts.add(alert, actor=ADMIN, at=NOW)
            stored.add(alert.id)

    async def takes_again() -> bool:
        try:
            await add(1)
        except Unavailable:
            return False
        return True

    await add(BEFORE)
    ballast = fill(small_disk)
    with pytest.raises(Unavailable, match="disk is full"):
        await add(MOST_ALERTS)
    ballast.unlink()
    await eventually(takes_again)

    rows = await database.rows("SELECT id FROM alert")
    assert stored <= {row["id"] for row in rows}
    assert len(stored) > BEFORE
    assert (await Register(database).verify()).holds
