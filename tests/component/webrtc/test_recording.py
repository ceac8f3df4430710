"""A stream on its way into a file: followed without a hole, laid out so that players read it."""

import gc
import io
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from uuid import uuid4

import av
import pytest

from domain.identifiers import StreamId
from domain.streams import Codec
from tests.component.webrtc.encoded import STEP, Encoded, film, sound
from webrtc import h264
from webrtc.metrics import Metrics
from webrtc.recording.following import (
    HOLE_WAIT_S,
    MOST_SKEW_S,
    Follower,
    Picture,
    Sound,
    opus_samples,
)
from webrtc.recording.fragments import Fragments, NotRecordable, head, signature
from webrtc.relay import RelayedStream


def pictures_of(frames: Sequence[Encoded], start: int = 1_000_000) -> list[Picture]:
    return [
        Picture(one.data, start + number * STEP, one.is_keyframe, 0.0)
        for number, one in enumerate(frames)
    ]


def slices(data: bytes) -> int:
    """The picture itself, without what only some of its ways carry: enough to know it by."""
    return hash(tuple(nal for nal in h264.nal_units(data) if nal[0] & 0x1F in (1, 5)))


def read(data: bytes) -> list[tuple[float, str]]:
    """Decode a file: each frame's time in seconds, and its kind."""
    with av.open(io.BytesIO(data), "r") as container:
        frames: list[Any] = [frame for packet in container.demux() for frame in packet.decode()]
        return [(frame.time, type(frame).__name__) for frame in frames]


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265, Codec.VP9, Codec.AV1])
def test_a_file_of_fragments_plays_with_the_times_of_its_pictures(codec: Codec) -> None:
    pictures = pictures_of(film(codec))
    fragments = Fragments(codec, pictures[0])
    file = head(codec, pictures[0].data, with_sound=False)
    for at in range(0, len(pictures), 7):
        file += fragments.fragment(pictures[at : at + 7])

    times = [time for time, _ in read(file)]

    assert times == pytest.approx([number / 25 for number in range(25)])


def test_a_phones_sound_lies_where_it_was_heard() -> None:
    pictures = pictures_of(film(Codec.H264))
    fragments = Fragments(Codec.H264, pictures[0])
    file = head(Codec.H264, pictures[0].data, with_sound=True)
    # Sound that is 0.4 s behind the first picture, and one packet from before it.
    sounds = [Sound(data, 5000 + 960 * n, 960) for n, data in enumerate(sound(packets=20))]
    sound_at = (5960 - round(0.4 * 48_000), pictures[0].timestamp)
    early = [Sound(sounds[0].data, sound_at[0] - 960, 960)]
    file += fragments.fragment(pictures[:13], [*early, *sounds[1:10]], sound_at=sound_at)
    file += fragments.fragment(pictures[13:], sounds[10:], sound_at=sound_at)

    with av.open(io.BytesIO(file), "r") as container:
        starts = [float(p.pts * p.time_base) for p in container.demux(audio=0) if p.pts is not None]

    assert starts == pytest.approx([0.4 + 0.02 * n for n in range(19)])
    assert {kind for _, kind in read(file)} == {"VideoFrame", "AudioFrame"}


def test_sound_at_the_end_of_a_segment_is_in_one_of_the_two() -> None:
    pictures = pictures_of(film(Codec.H264))
    sounds = [Sound(data, 960 * n, 960) for n, data in enumerate(sound(packets=50))]
    sound_at = (0, pictures[0].timestamp)
    first = Fragments(Codec.H264, pictures[0])
    second = Fragments(Codec.H264, pictures[10])
    files = [head(Codec.H264, pictures[0].data, with_sound=True)] * 2
    files[0] += first.fragment(
        pictures[:10], sounds, sound_at=sound_at, until=pictures[10].timestamp
    )
    files[1] += second.fragment(pictures[10:], sounds, sound_at=sound_at)

    counts = []
    for file in files:
        with av.open(io.BytesIO(file), "r") as container:
            counts.append(sum(1 for p in container.demux(audio=0) if p.size))

    assert counts == [20, 30]  # 0.4 s, and the rest


def test_a_file_cut_after_any_fragment_plays_up_to_there() -> None:
    pictures = pictures_of(film(Codec.H264))
    fragments = Fragments(Codec.H264, pictures[0])
    file = head(Codec.H264, pictures[0].data, with_sound=False)
    for at in range(0, len(pictures), 5):
        file += fragments.fragment(pictures[at : at + 5])

        assert len(read(file)) == min(at + 5, len(pictures))


@pytest.mark.parametrize(
    ("codec", "keyframe"),
    [(Codec.VP8, b"\x10\x02\x00"), (Codec.H264, b"garbage"), (Codec.AV1, b""), (Codec.VP9, b"\0")],
)
def test_what_mp4_can_not_hold_is_refused(codec: Codec, keyframe: bytes) -> None:
    with pytest.raises(NotRecordable):
        head(codec, keyframe, with_sound=False)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.VP9, Codec.AV1])
def test_another_size_is_another_head_and_the_same_size_is_not(codec: Codec) -> None:
    small, large = film(codec), film(codec, size=(320, 180))
    keyframes = [one.data for one in small if one.is_keyframe]

    assert {signature(codec, one) for one in keyframes} == {signature(codec, keyframes[0])}
    assert signature(codec, large[0].data) != signature(codec, keyframes[0])


def test_an_opus_packet_says_how_long_it_is() -> None:
    assert {opus_samples(packet) for packet in sound()} == {960}
    assert [opus_samples(data) for data in (b"", b"\x00", b"\xff\x3f")] == [0, 0, 0]
    assert opus_samples(b"\xfb\x06") == 5760  # six frames of 20 ms


# Following


class Filming:
    """A stream whose publisher is the test, and its follower, with a clock set by hand."""

    def __init__(self, **said: Any) -> None:
        self.stream = RelayedStream(StreamId(uuid4()), metrics=Metrics())
        self.now_s = 0.0
        self.follower = Follower(
            self.stream, with_sound=said.pop("with_sound", False), clock=lambda: self.now_s
        )
        self.frames = film(Codec.H264, pictures=30, gop=10, size=(640, 360))
        self.stream.video.begin(Codec.H264)
        self.sequence = 0

    def packets(self, number: int) -> list[tuple[int, int, bool, bytes]]:
        """The RTP packets of one picture, several as a rule."""
        payloads = h264.packetise(self.frames[number].data, size=100)
        found = []
        for at, payload in enumerate(payloads):
            self.sequence += 1
            found.append((self.sequence, number * STEP, at + 1 == len(payloads), payload))
        return found

    def show(self, *numbers: int) -> None:
        for number in numbers:
            for packet in self.packets(number):
                self.stream.video.receive(*packet)

    def show_leaping(self, numbers: range) -> None:
        """At once, though the phone's times say half a minute between two pictures."""
        for number in numbers:
            for sequence, _, marker, payload in self.packets(number):
                self.stream.video.receive(sequence, number * 29 * 90_000, marker, payload)

    def take(self) -> tuple[list[int], int]:
        """Which pictures were taken, and how many were said to be lost."""
        taken = self.follower.take()
        if taken is None:
            return [], 0
        known = [slices(one.data) for one in self.frames]
        return [known.index(slices(one.data)) for one in taken.pictures], taken.lost


async def test_each_picture_is_taken_once_in_order() -> None:
    filming = Filming()
    filming.show(0, 1, 2)
    first = filming.take()
    filming.show(3)

    assert (first, filming.take(), filming.take()) == (([0, 1, 2], 0), ([3], 0), ([], 0))


async def test_it_begins_with_a_keyframe_even_in_the_middle_of_a_stream() -> None:
    filming = Filming()
    filming.show(4, 5)
    assert filming.take() == ([], 0)
    filming.show(10, 11)

    assert filming.take() == ([10, 11], 0)


async def test_a_picture_that_is_still_coming_is_left_for_the_next_look() -> None:
    filming = Filming()
    filming.show(0)
    begun = filming.packets(1)
    assert len(begun) > 1
    for packet in begun[:-1]:
        filming.stream.video.receive(*packet)
    filming.stream.video.flush()
    before = filming.take()
    filming.stream.video.receive(*begun[-1])

    assert (before, filming.take()) == (([0], 0), ([1], 0))


async def test_what_is_sent_again_in_time_is_recorded() -> None:
    filming = Filming()
    filming.show(0)
    late = filming.packets(1)
    filming.show(2)
    before = filming.take()
    for packet in late:
        filming.stream.video.receive(*packet)
    filming.stream.video.flush()

    assert before == ([0], 0)
    assert filming.take() == ([1, 2], 0)


async def test_what_never_comes_costs_its_picture_and_no_other() -> None:
    filming = Filming()
    filming.show(0)
    filming.packets(1)
    filming.show(2, 3)
    filming.take()
    filming.now_s += HOLE_WAIT_S

    assert filming.take() == ([3], 1)  # where the hole ends inside of picture 2 is not known
    filming.show(4)
    assert filming.take() == ([4], 0)


async def test_who_looks_too_late_goes_on_with_the_newest_keyframe() -> None:
    filming = Filming()
    filming.show(0)
    filming.take()
    filming.show(1)
    filming.stream.video.history.forget_before(filming.stream.video.history.newest)
    filming.show(10, 11)

    assert filming.take() == ([10, 11], 1)


async def test_another_codec_is_begun_with_its_own_keyframe() -> None:
    filming = Filming()
    filming.show(0, 1)
    filming.take()
    filming.stream.video.begin(Codec.VP8)
    filming.stream.video.receive(9, 0, True, b"\x10\x01")
    assert filming.follower.take() is None
    filming.stream.video.receive(10, 3600, True, b"\x10\x00")  # a keyframe

    taken = filming.follower.take()
    assert taken is not None
    assert taken.codec is Codec.VP8
    assert len(taken.pictures) == 1


async def test_the_times_are_those_at_which_pictures_came() -> None:
    filming = Filming()
    filming.show(0, 1, 2)

    taken = filming.follower.take()
    assert taken is not None
    steps = [after.at_s - before.at_s for before, after in pairwise(taken.pictures)]
    assert steps == pytest.approx([0.04, 0.04], abs=1e-5)


async def test_a_phone_whose_times_leap_dates_no_picture_before_it_came() -> None:
    filming = Filming()
    filming.show(0)
    began = filming.follower.take()
    filming.show_leaping(range(1, 10))

    taken = filming.follower.take()
    assert began is not None
    assert taken is not None
    came_s = began.pictures[0].at_s
    assert len(taken.pictures) == 9
    assert min(one.at_s for one in taken.pictures) >= came_s - MOST_SKEW_S


async def test_a_phone_whose_times_leap_before_anybody_looks_is_dated_from_its_keyframe() -> None:
    filming = Filming()
    began_s = time.time()
    filming.show(0)
    filming.show_leaping(range(1, 10))

    taken = filming.follower.take()
    assert taken is not None
    assert len(taken.pictures) == 10
    assert min(one.at_s for one in taken.pictures) >= began_s - MOST_SKEW_S


async def test_sound_is_taken_when_it_may_be_and_never_else() -> None:
    for with_sound in (True, False):
        filming = Filming(with_sound=with_sound)
        filming.stream.audio.begin(Codec.OPUS)
        filming.show(0)
        filming.stream.audio.receive(1, 0, False, sound()[0])
        filming.stream.audio.flush()
        filming.follower.take()
        for number in (1, 2, 3):
            filming.stream.audio.receive(1 + number, 960 * number, False, sound()[number])
        filming.stream.audio.flush()

        taken = filming.follower.take()
        assert taken is not None
        assert [one.data for one in taken.sounds] == (list(sound()[1:4]) if with_sound else [])


def test_a_new_file_leaves_nothing_that_waits_for_the_garbage_collector() -> None:
    """It is slow to come by in a process with many objects: 100 cameras begin one at once."""
    keyframe = film(Codec.H264)[0].data
    head(Codec.H264, keyframe, with_sound=True)
    gc.collect()
    gc.disable()
    try:
        head(Codec.H264, keyframe, with_sound=True)
        assert gc.collect() == 0
    finally:
        gc.enable()
