"""A disk that is really full, or really read-only: said, nothing lost, and it goes on by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.volumes import VolumeTrouble
from tests.component.recordings.filming import Filming
from tests.component.recordings.room import Room
from tests.component.webrtc.peers import until
from tests.small_disks import SmallDisk, small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "recordings", size="4m") as mounted:
        yield mounted


async def test_a_full_disk_keeps_what_it_has_and_is_recorded_on_again_when_there_is_room(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.media.volume_recorder.AGAIN_AFTER_S", 0.1)
    room, filming = Room(disk.path), Filming()
    one = room.publish(filming)
    async with room.recording() as recorder:
        filming.show(10)
        await until(lambda: room.shows(one, 10))
        ballast = disk.fill()
        filming.show(10)
        await until(lambda: recorder.trouble_of(one.commune_id) is VolumeTrouble.FULL)
        assert room.pictures_of(one) == 10
        ballast.unlink()
        await until(lambda: recorder.trouble_of(one.commune_id) is VolumeTrouble.NONE)
        filming.pause(1)
        filming.show(10)
        await until(lambda: room.pictures_of(one) >= 20)

    files = [room.path(one, row) for row in room.rows(one)]
    assert all(closed for *_, closed in room.rows(one))
    assert [file.stat().st_size for file in files] == [
        written.size for _, _, written, _ in room.rows(one)
    ]


async def test_a_disk_that_went_read_only_is_said_and_recorded_on_again_when_it_is_back(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.media.volume_recorder.AGAIN_AFTER_S", 0.1)
    room, filming = Room(disk.path), Filming()
    one = room.publish(filming)
    async with room.recording():
        filming.show(10)
        await until(lambda: room.shows(one, 10))
    disk.remount("ro")
    async with room.recording() as recorder:
        filming.show(10)
        await until(lambda: recorder.trouble_of(one.commune_id) is VolumeTrouble.READ_ONLY)
        assert room.pictures_of(one) == 10
        disk.remount("rw")
        await until(lambda: recorder.trouble_of(one.commune_id) is VolumeTrouble.NONE)
        filming.show(10)
        await until(lambda: room.pictures_of(one) >= 20)
