"""One track by itself: pictures told apart, sent in time, and their clock."""

import asyncio
from collections.abc import Iterator

import pytest

from domain.streams import Codec
from tests.component.webrtc.peers import until
from webrtc.metrics import Metrics
from webrtc.sending import Burst
from webrtc.track import Track, Unit, ntp_time

KEY, MORE, DELTA = b"\x65\x88\x80", b"\x7c\x45\x01", b"\x41\x9a\x80"
START_OF_KEY = b"\x7c\x85\x01"


class Clocked:
    """A track, what it sent, and a wall clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0
        self.sent: list[Burst] = []
        self.units: list[Unit] = []
        self.track = self.new(90_000)

    def new(self, clock_hz: int) -> Track:
        return Track(
            clock_hz=clock_hz,
            send=self.sent.append,
            saw_unit=self.units.append,
            metrics=Metrics(),
            clock=lambda: self.now_s,
        )

    @property
    def payloads(self) -> list[list[bytes]]:
        return [[packet.payload for packet in burst.packets] for burst in self.sent]


@pytest.fixture
def clocked() -> Iterator[Clocked]:
    clocked = Clocked()
    clocked.track.wants_units = True
    clocked.track.begin(Codec.H264)
    yield clocked
    clocked.track.flush()


async def test_a_picture_goes_out_as_one_burst_at_its_marker(clocked: Clocked) -> None:
    clocked.track.receive(1, 0, False, START_OF_KEY)
    assert clocked.sent == []
    clocked.track.receive(2, 0, True, MORE)
    clocked.track.receive(3, 3600, True, DELTA)

    assert clocked.payloads == [[START_OF_KEY, MORE], [DELTA]]
    assert [unit.is_keyframe for unit in clocked.units] == [True, False]


async def test_a_picture_whose_end_is_late_goes_out_as_far_as_it_came(clocked: Clocked) -> None:
    clocked.track.receive(1, 0, False, START_OF_KEY)
    await until(lambda: clocked.sent)
    clocked.track.receive(2, 0, True, MORE)

    assert clocked.payloads == [[START_OF_KEY], [MORE]]


FRAGMENTS = [b"\x7c\x85" + b"a" * 12, b"\x7c\x05" + b"b" * 8, b"\x7c\x45" + b"c" * 7]


async def test_fragments_go_out_evened_and_are_sent_again_the_same(clocked: Clocked) -> None:
    clocked.track.receive(1, 0, False, FRAGMENTS[0])
    clocked.track.receive(2, 0, False, FRAGMENTS[1])
    assert clocked.track.history.newest < 0  # nobody can be sent the form it came in
    clocked.track.receive(3, 0, True, FRAGMENTS[2])

    (burst,) = clocked.sent
    assert [len(packet.payload) for packet in burst.packets] == [11, 11, 11]
    assert [clocked.track.history.find(packet.sequence) for packet in burst.packets] == [
        *burst.packets
    ]


async def test_a_picture_with_a_hole_goes_out_as_it_came(clocked: Clocked) -> None:
    clocked.track.receive(1, 0, False, FRAGMENTS[0])
    clocked.track.receive(3, 0, True, FRAGMENTS[2])
    clocked.track.receive(2, 0, False, FRAGMENTS[1])
    clocked.track.flush()

    assert clocked.payloads == [[FRAGMENTS[0], FRAGMENTS[2]], [FRAGMENTS[1]]]


async def test_the_next_picture_pushes_out_one_that_lost_its_end(clocked: Clocked) -> None:
    clocked.track.receive(1, 0, False, START_OF_KEY)
    clocked.track.receive(3, 3600, True, DELTA)

    assert clocked.payloads == [[START_OF_KEY], [DELTA]]
    assert [unit.is_keyframe for unit in clocked.units] == [False]  # the first was not whole
    assert clocked.track.units_since_keyframe(max_age_s=5) == []


async def test_a_keyframes_first_packet_that_comes_late_is_where_it_begins(
    clocked: Clocked,
) -> None:
    clocked.track.receive(1, 0, True, DELTA)
    clocked.track.receive(3, 3600, False, KEY)
    clocked.track.receive(2, 3600, False, b"\x67\x42\x80")
    clocked.track.receive(4, 3600, True, DELTA)
    units = clocked.track.units_since_keyframe(max_age_s=5)

    assert len(units) == 1
    assert units[0].data.startswith(b"\x00\x00\x00\x01\x67")


async def test_a_keyframe_is_no_start_once_it_is_old_or_of_another_publisher(
    clocked: Clocked,
) -> None:
    clocked.track.receive(1, 0, True, KEY)
    assert clocked.track.keyframe_start(max_age_s=2) is not None
    clocked.now_s += 3
    assert clocked.track.keyframe_start(max_age_s=2) is None
    clocked.track.receive(2, 3600, True, KEY)
    clocked.track.begin(Codec.H264)
    assert clocked.track.keyframe_start(max_age_s=2) is None


async def test_what_is_sent_twice_or_too_long_is_dropped(clocked: Clocked) -> None:
    clocked.track.receive(1, 0, True, KEY)
    clocked.track.receive(1, 0, True, DELTA)
    clocked.track.receive(2, 0, True, bytes(1500))
    clocked.track.receive(3, 0, False, b"")  # padding goes on
    clocked.track.flush()

    assert clocked.payloads == [[KEY], [b""]]


async def test_after_a_change_of_codec_nothing_older_is_sent_again(clocked: Clocked) -> None:
    clocked.track.receive(1, 0, True, KEY)
    number = clocked.sent[0].packets[0].sequence
    assert clocked.track.history.find(number & 0xFFFF) is not None
    clocked.track.begin(Codec.VP8)

    assert clocked.track.history.find(number & 0xFFFF) is None


async def test_picture_and_sound_keep_the_times_their_publisher_gave_them() -> None:
    clocked = Clocked()
    video, audio = clocked.track, clocked.new(48_000)
    video.begin(Codec.H264)
    audio.begin(Codec.OPUS)
    assert video.report(0) is None
    video.receive(1, 90_000, True, KEY)
    assert video.report(0) == (ntp_time(clocked.now_s), clocked.sent[0].packets[0].timestamp)
    audio.receive(1, 48_000, True, b"opus")
    # The publisher says: its picture 90000 and its sound 43200 are of the same instant.
    video.heard_report(ntp_time(5000.0), 90_000)
    audio.heard_report(ntp_time(5000.0), 43_200)
    shift = ntp_time(clocked.now_s) - ntp_time(5000.0)
    picture, sound = video.report(shift), audio.report(shift)

    assert picture is not None
    assert sound is not None
    assert (sound[0] - picture[0]) / 2**32 == pytest.approx(0.1, abs=1e-6)  # 4800 of 48000
    assert picture[0] / 2**32 == pytest.approx(ntp_time(clocked.now_s) / 2**32, abs=1e-3)
    await asyncio.sleep(0)
    audio.flush()
