"""The recorder at work: what is wanted and published is on the volume, whatever else fails."""

import asyncio
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from domain.streams import Codec
from server.recordings.segments import SegmentFile, SegmentWriter, recover
from server.recordings.volume import Room as Free
from server.recordings.volume import Volume
from tests.component.recordings.conftest import MASTER
from tests.component.recordings.filming import Filming, mp4_of
from tests.component.recordings.room import Room
from tests.component.webrtc.encoded import sound
from tests.component.webrtc.peers import until
from webrtc.metrics import value


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "recordings")


async def test_what_comes_is_on_the_disk_before_anything_ends(room: Room) -> None:
    filming = Filming()
    one = room.publish(filming)
    async with room.recording():
        filming.show(10)
        await until(lambda: room.pictures_of(one) == 10)
        filming.show(5)
        await until(lambda: room.pictures_of(one) == 15)
        assert value(room.metrics.streams) == 1
        assert [closed for *_, closed in room.rows(one)] == [False]

    ((about, _, written, closed),) = room.rows(one)
    assert (closed, written.is_whole, written.pictures) == (True, True, 15)
    assert about.camera_id == one.camera_id
    assert value(room.metrics.streams) == 0


async def test_nothing_is_recorded_that_is_not_wanted(room: Room) -> None:
    filmed, other = Filming(), Filming()
    one = room.publish(filmed)
    room.streams[other.stream.id] = other.stream
    async with room.recording():
        filmed.show(10)
        other.show(10)
        await until(lambda: room.pictures_of(one) == 10)

    assert {row[0].stream_id for row in room.index.rows.values()} == {filmed.stream.id}


async def test_when_the_commune_ends_recording_the_segment_ends_at_once(room: Room) -> None:
    filming = Filming()
    one = room.publish(filming)
    async with room.recording():
        filming.show(10)
        await until(lambda: room.pictures_of(one) == 10)
        room.index.plan.clear()
        await until(lambda: [closed for *_, closed in room.rows(one)] == [True])
        filming.show(10)

    assert room.pictures_of(one) == 10


async def test_a_stream_that_comes_back_anew_is_another_segment_of_the_same_chain(
    room: Room,
) -> None:
    first = Filming()
    one = room.publish(first)
    async with room.recording():
        first.show(10)
        await until(lambda: room.pictures_of(one) == 10)
        again = Filming(first.now_s)
        again.stream.id = first.stream.id
        room.streams[one.stream_id] = again.stream
        await until(lambda: [closed for *_, closed in room.rows(one)] == [True])
        again.show(10)
        await until(lambda: room.pictures_of(one) == 20)

    before, after = sorted(room.rows(one), key=lambda row: row[0].started_at)
    assert after[0].previous == before[2].sha256


async def test_while_the_database_is_away_recording_goes_on_and_is_noted_later(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.media.noting.AGAIN_AFTER_S", 0.1)
    filming = Filming()
    one = room.publish(filming)
    async with room.recording():
        filming.show(10)
        await until(lambda: room.pictures_of(one) == 10)
        room.index.away = True
        room.index.rows.clear()
        other = Filming(filming.now_s)
        other.stream.id = filming.stream.id
        room.streams[one.stream_id] = other.stream
        await until(lambda: value(room.metrics.streams) == 0)
        other.show(10)
        await until(lambda: room.pictures_of(one) == 20)
        assert room.index.rows == {}
        room.index.away = False
        await until(lambda: len(room.rows(one)) == 2)


async def test_a_volume_that_takes_nothing_is_an_alarm_and_no_other_volume_notices(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.media.volume_recorder.AGAIN_AFTER_S", 0.1)
    failing, well = Filming(), Filming()
    one, other = room.publish(failing), room.publish(well)
    room.folder.mkdir()
    blocked = room.folder / str(one.commune_id)
    blocked.write_text("a file where the volume should be")
    async with room.recording() as recorder:
        failing.show(10)
        well.show(10)
        await until(lambda: room.pictures_of(other) == 10)
        await until(lambda: recorder.volumes[one.commune_id].trouble == "failing")
        assert value(room.metrics.failing) == 1
        blocked.unlink()
        await until(lambda: recorder.volumes[one.commune_id].trouble == "")
        failing.show(10)
        await until(lambda: room.pictures_of(one) >= 10)
        assert value(room.metrics.failing) == 0


async def test_when_the_reserve_is_used_up_segments_end_and_no_file_stays_open(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.media.volume_recorder.AGAIN_AFTER_S", 0.1)
    used_up = threading.Event()
    monkeypatch.setattr(Volume, "room", lambda _: Free(free=0 if used_up.is_set() else 8, total=8))
    filming = Filming()
    one = room.publish(filming)
    async with room.recording(reserve_bytes=4) as recorder:
        filming.show(10)
        await until(lambda: room.pictures_of(one) == 10)
        used_up.set()
        await until(lambda: [closed for *_, closed in room.rows(one)] == [True])
        assert recorder.volumes[one.commune_id].trouble == "full"
        used_up.clear()
        await until(lambda: recorder.volumes[one.commune_id].trouble == "")
        filming.pause(1)
        filming.show(10)
        await until(lambda: room.pictures_of(one) == 20)

    assert [written.is_whole for _, _, written, _ in room.rows(one)] == [True, True]


async def test_what_a_killed_process_left_is_made_good_at_the_next_start(room: Room) -> None:
    filming = Filming()
    one = room.publish(filming)
    async with room.recording():
        filming.show(10)
        await until(lambda: room.pictures_of(one) == 10)
    (row,) = room.rows(one)
    path = room.path(one, row)
    with SegmentFile(path, master=MASTER) as file:
        places = file._chunks
    whole = path.read_bytes()
    path.write_bytes(whole[: places[-1].offset + 3])  # killed while it summed up
    room.index.rows.clear()  # and the index was lost
    room.streams.clear()

    async with room.recording(now_s=filming.now_s):
        await until(lambda: len(room.rows(one)) == 1)

    ((about, _, written, closed),) = room.rows(one)
    assert (about, written.pictures) == (row[0], 10)
    assert (closed, written.is_whole) == (True, False)
    assert path.read_bytes() == whole[: places[-1].offset - 5]


async def test_a_patrols_sound_is_recorded_and_a_cameras_is_not(room: Room) -> None:
    recorded = {}
    for patrol in (True, False):
        filming = Filming()
        one = room.publish(filming, patrol=patrol)
        filming.stream.audio.begin(Codec.OPUS)
        async with room.recording():
            for turn in range(3):
                filming.show(10)
                for number in range(10 * turn, 10 * turn + 10):
                    packet = sound()[number]
                    filming.stream.audio.receive(number, 960 * number, False, packet)
                filming.stream.audio.flush()
                shown = 10 * turn + 10
                await until(partial(room.shows, one, shown))
        (row,) = room.rows(one)
        recorded[patrol] = mp4_of(room.path(one, row))
        assert row[0].with_sound is patrol
        room.index.plan.clear()

    assert b"Opus" in recorded[True]
    assert any(packet in recorded[True] for packet in sound()[10:30])
    assert b"Opus" not in recorded[False]
    assert not any(packet in recorded[False] for packet in sound()[:30])


async def test_a_disk_that_hangs_holds_up_nobody(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event loop turns, and what came meanwhile is written when the disk goes on."""
    goes_on, hung = threading.Event(), threading.Event()
    write = SegmentWriter.fragment

    def hang(self: SegmentWriter, data: bytes, **said: Any) -> None:
        hung.set()
        assert goes_on.wait(60)
        write(self, data, **said)

    filming = Filming()
    one = room.publish(filming)
    async with room.recording():
        filming.show(10)
        await until(lambda: room.pictures_of(one) == 10)
        monkeypatch.setattr(SegmentWriter, "fragment", hang)
        filming.show(5)
        assert await asyncio.to_thread(hung.wait, 60)
        filming.show(5)
        assert room.pictures_of(one) == 10
        goes_on.set()
        await until(lambda: room.pictures_of(one) == 20)


async def test_a_disk_that_hangs_does_not_keep_the_process_from_ending(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.media.volume_recorder.END_WITHIN_S", 0.1)
    goes_on, hung = threading.Event(), threading.Event()

    def hang(self: Volume) -> Free:
        hung.set()
        goes_on.wait(60)
        return Free(free=8, total=8)

    filming = Filming()
    one = room.publish(filming)
    async with room.recording():
        filming.show(10)
        await until(lambda: room.pictures_of(one) == 10)
        monkeypatch.setattr(Volume, "room", hang)
        assert await asyncio.to_thread(hung.wait, 60)
    waited_for = [thread for thread in threading.enumerate() if not thread.daemon]
    goes_on.set()

    assert not any("recorder" in thread.name for thread in waited_for)


async def test_a_fault_over_one_camera_is_no_other_cameras_and_keeps_no_file_open(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty, well = Filming(), Filming()
    one, other = room.publish(faulty), room.publish(well)
    room.index.plan[1] = other = replace(other, commune_id=one.commune_id)
    fragment = SegmentWriter.fragment

    def fail(self: SegmentWriter, data: bytes, **said: Any) -> None:
        if self.about.stream_id == one.stream_id and said["pictures"]:
            raise ValueError("a fault")
        fragment(self, data, **said)

    async with room.recording():
        faulty.show(10)
        well.show(10)
        await until(lambda: room.pictures_of(one) == 20)  # a volume shows what all its cameras have
        with monkeypatch.context() as fault:
            fault.setattr(SegmentWriter, "fragment", fail)
            faulty.show(10)
            well.show(10)
            await until(lambda: room.pictures_of(one) == 30)
            await until(lambda: [closed for *_, closed in room.rows(one)] == [True])
            (row,) = room.rows(one)
            assert recover(room.path(one, row), master=MASTER)  # nobody has it open any more
        faulty.show(10)
        await until(lambda: len(room.rows(one)) == 2)
        assert [closed for *_, closed in room.rows(other)] == [False]
