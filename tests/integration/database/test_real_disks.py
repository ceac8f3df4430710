"""Keeping and destroying on a disk that is really full, or really read-only."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from server.database.pool import Database
from server.recordings.volume import Volume
from tests.integration.database.archive import DAY, Archive
from tests.integration.database.town import NOW
from tests.small_disks import SmallDisk, small_disk

SIZE = 300_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "small", size="2m") as mounted:
        yield mounted


@pytest.fixture
def small(archive: Archive, disk: SmallDisk) -> Archive:
    """The archive, on that disk."""
    return replace(archive, volume=Volume(disk.path / archive.volume.root.name))


async def test_a_full_disk_lets_the_oldest_go_and_nothing_that_is_held(small: Archive) -> None:
    held = await small.recorded(size=SIZE)
    await small.hold()
    others = [await small.recorded(at=NOW + n * timedelta(hours=2), size=SIZE) for n in (1, 2, 3)]
    while small.volume.room().free > 400_000:  # of what else is on it
        with (small.volume.root.parent / "ballast").open("ab") as other:
            other.write(bytes(4096))
    await small.keeper(reserve_bytes=600_000).look()

    assert held.stat().st_size > SIZE
    assert [path.exists() for path in others] == [False, True, True]
    assert small.volume.room().free >= 600_000


async def test_on_a_read_only_disk_the_purge_is_an_alarm_and_goes_on_when_it_is_back(
    small: Archive, disk: SmallDisk, database: Database
) -> None:
    path = await small.recorded()
    keeper = small.keeper()
    await keeper.look()
    disk.remount("ro")
    small.now = NOW + 10 * DAY
    await keeper.look()
    noted = await database.row("SELECT trouble, overdue, seen_at FROM recording_volume")
    assert noted is not None
    assert (noted["trouble"], noted["overdue"], noted["seen_at"]) == ("purge", 1, small.now)
    assert path.exists()

    disk.remount("rw")
    await keeper.look()
    assert not path.exists()
    assert await database.value("SELECT trouble FROM recording_volume") == ""
