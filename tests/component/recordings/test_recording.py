"""One stream's segments: when one ends, what it says of itself, how they hang together."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from domain.streams import Codec
from server.media.recording import Note, Recording, first_of
from server.media.volume_recorder import TICK_S
from server.recordings.cueing import Survey
from server.recordings.segments import GENESIS, SegmentFile
from server.recordings.volume import Volume
from tests.component.recordings.conftest import MASTER
from tests.component.recordings.filming import Filming, mp4_of, times_of, wanted
from tests.component.webrtc.encoded import STEP, film
from webrtc import h264
from webrtc.recording.following import Follower


class Taping:
    """A filmed stream, its follower and its recording."""

    def __init__(
        self, tmp_path: Path, *, segment_s: float = 1.0, first_s: float | None = None
    ) -> None:
        self.filming = Filming()
        one = wanted(self.filming.stream)
        self.notes: list[Note] = []
        self.chain: dict[UUID, bytes] = {}
        self.volume = Volume(tmp_path / str(one.commune_id))
        self.follower = Follower(self.filming.stream, with_sound=False)
        self.recording = Recording(
            one,
            self.volume,
            master=MASTER,
            chain=self.chain,
            notes=self.notes,
            segment_s=segment_s,
            first_s=first_s,
        )

    def look(self) -> None:
        taken = self.follower.take()
        if taken is not None:
            self.recording.write(taken)

    def tape(self, pictures: int) -> None:
        for _ in range(pictures // 5):
            self.filming.show(5)
            self.look()

    def closed(self) -> list[Note]:
        return [note for note in self.notes if note.closed]

    def played(self) -> list[list[float]]:
        return [times_of(mp4_of(self.volume.root / note.path)) for note in self.closed()]


@pytest.fixture
async def taping(tmp_path: Path) -> Taping:  # in a loop: a track has timers
    return Taping(tmp_path)


def every_40ms(count: int) -> Any:
    return pytest.approx([n / 25 for n in range(count)])


async def test_segments_end_at_the_first_keyframe_after_their_time(taping: Taping) -> None:
    taping.tape(80)
    taping.recording.end()

    assert taping.played() == [every_40ms(30), every_40ms(30), every_40ms(20)]


async def test_a_first_segment_may_be_shorter_than_the_others(tmp_path: Path) -> None:
    taping = Taping(tmp_path, first_s=0.3)
    taping.tape(80)
    taping.recording.end()

    assert taping.played() == [every_40ms(10), every_40ms(30), every_40ms(30), every_40ms(10)]


def test_the_first_segments_of_a_hundred_cameras_end_each_at_another_time() -> None:
    random = Random(7)
    lengths = sorted(first_of(UUID(int=random.getrandbits(128)), 300.0) for _ in range(100))

    assert 60.0 <= lengths[0] < lengths[-1] <= 300.0
    in_one_turn = [sum(at <= one < at + TICK_S for one in lengths) for at in lengths]
    assert max(in_one_turn) <= 3


async def test_each_segment_names_the_hash_of_the_one_before(taping: Taping) -> None:
    taping.tape(80)
    taping.recording.end()

    closed = taping.closed()
    previous = [note.about.previous for note in closed]
    assert previous == [GENESIS, *(note.written.sha256 for note in closed[:-1])]


async def test_the_index_is_told_of_a_segment_when_it_is_begun_and_when_it_ends(
    taping: Taping,
) -> None:
    began_s = taping.filming.now_s
    taping.tape(5)
    (begun,) = taping.notes
    taping.recording.end()

    ended = taping.notes[-1]
    assert (begun.closed, ended.closed) == (False, True)
    assert begun.about.started_at == datetime.fromtimestamp(began_s, UTC)
    assert (ended.written.pictures, ended.written.is_whole) == (5, True)
    assert (ended.written.ended_at - begun.about.started_at).total_seconds() == pytest.approx(0.16)
    assert ended.written.size == (taping.volume.root / ended.path).stat().st_size


@pytest.mark.parametrize("by_s", [-3600.0, 3600.0])
async def test_a_clock_that_is_set_begins_another_segment(taping: Taping, by_s: float) -> None:
    taping.tape(10)
    taping.filming.now_s += by_s
    taping.tape(10)
    taping.recording.end()

    first, second = taping.closed()
    assert (second.about.started_at - first.about.started_at).total_seconds() == pytest.approx(
        by_s + 0.4
    )
    assert (second.written.ended_at - second.about.started_at).total_seconds() < 1


async def test_another_retention_begins_another_segment(taping: Taping) -> None:
    taping.tape(10)
    taping.recording.change(30)
    taping.tape(10)
    taping.recording.end()

    assert [note.about.keep_days for note in taping.closed()] == [10, 30]


async def test_another_size_begins_another_segment(taping: Taping) -> None:
    taping.tape(10)
    taping.filming.frames = film(Codec.H264, pictures=30, gop=10, size=(320, 180))
    taping.tape(10)
    taping.recording.end()

    assert taping.played() == [every_40ms(10), every_40ms(10)]


async def test_what_has_come_of_nothing_for_a_while_is_ended(taping: Taping) -> None:
    taping.tape(10)
    taping.recording.end_if_idle(taping.filming.now_s + 5)
    assert taping.recording.is_open
    taping.recording.end_if_idle(taping.filming.now_s + 11)
    assert not taping.recording.is_open
    taping.filming.pause(11)
    taping.tape(10)
    taping.recording.end()

    assert taping.played() == [every_40ms(10), every_40ms(10)]


async def test_two_keyframes_and_then_silence_are_two_pictures(taping: Taping) -> None:
    taping.filming.show(1)
    taping.look()
    taping.filming.pause(0.36)  # and the next is a keyframe
    taping.filming.show(1)
    taping.look()
    taping.recording.end_if_idle(taping.filming.now_s + 60)

    assert taping.played() == [pytest.approx([0.0, 0.4])]


async def test_a_keyframe_that_names_no_size_is_not_recorded_and_said_once(
    taping: Taping, caplog: pytest.LogCaptureFixture
) -> None:
    stream = taping.filming.stream
    stream.video.begin(Codec.VP8)
    for number in range(3):
        stream.video.receive(number, number * 3600, True, b"\x10\x00")
    taping.look()
    taping.look()

    assert taping.notes == []
    assert len([one for one in caplog.records if "is not recorded" in one.message]) == 1


async def test_what_a_phone_sends_in_vp8_is_recorded(taping: Taping) -> None:
    video = taping.filming.stream.video
    video.begin(Codec.VP8)
    for number, one in enumerate(film(Codec.VP8, pictures=20, gop=10)):
        video.receive(number, number * STEP, True, b"\x10" + one.data)
        taping.look()
    taping.recording.end()

    assert taping.played() == [every_40ms(20)]


async def test_a_camera_that_lies_about_its_codec_leaves_no_file(taping: Taping) -> None:
    video = taping.filming.stream.video
    for number in range(3):  # a keyframe by its first bits, and nothing behind them
        video.receive(number, number * 3600, True, b"\x67" + bytes(20))
        video.receive(number, number * 3600, True, b"\x65" + bytes(20))
    taping.look()

    assert list(taping.volume.files()) == []


async def test_fifty_megabits_are_recorded_as_they_came(taping: Taping) -> None:
    large = b"\x41" + b"\x80" * 250_000  # one picture of 50 Mbit/s; no decoder is asked here
    keyframe = taping.filming.frames[0].data
    units = [keyframe, *[b"\x00\x00\x00\x01" + large] * 20]
    for number, unit in enumerate(units):
        taping.filming.stream.video.receive_unit(h264.packetise(unit), number * 3600)
        taping.look()
    taping.recording.end()

    (note,) = taping.closed()
    assert note.written.pictures == 21
    assert note.written.size > 20 * 250_000


async def test_a_disk_that_is_read_only_is_said_and_the_next_keyframe_tries_again(
    taping: Taping,
) -> None:
    taping.filming.show(10)
    blocked = taping.volume.root / str(taping.recording.wanted.camera_id)
    blocked.write_text("a file where the folder should be")
    with pytest.raises(OSError):  # noqa: PT011 whatever the disk says
        taping.look()
    assert not taping.recording.is_open
    blocked.unlink()
    taping.filming.show(10)
    taping.look()
    taping.recording.end()

    assert taping.played() == [every_40ms(10)]


async def test_a_fixed_cameras_sound_has_no_way_into_a_file() -> None:
    of_patrol = wanted(Filming().stream, patrol=True)

    assert of_patrol.with_sound
    assert not wanted(Filming().stream).with_sound
    assert not replace(of_patrol, camera_id=wanted(Filming().stream).camera_id).with_sound


async def test_a_player_may_begin_at_keyframes_a_second_apart_and_the_file_says_the_same(
    tmp_path: Path,
) -> None:
    taping = Taping(tmp_path, segment_s=60.0)
    taping.filming.show(2)  # so that keyframes come in the middle of what is taken
    taping.tape(100)
    taping.recording.end()

    (note,) = taping.closed()
    cues = note.written.cues
    assert cues is not None
    assert [cue.ticks / 90_000 for cue in cues.places] == pytest.approx([0.0, 1.2, 2.4, 3.6])
    with SegmentFile(taping.volume.root / note.path, master=MASTER) as file:
        assert file.survey().cues == cues
        so_far = Survey()
        so_far.cueing.head(file.plain(0))
        so_far.chunks = 1
        assert file.survey(so_far) == file.survey() == file.survey(so_far)
        for cue, after in zip(cues.places, [*cues.places[1:], cues.end], strict=True):
            part = file.playable(cue.offset, after.offset)
            assert times_of(part)[0] == pytest.approx(cue.ticks / 90_000)
