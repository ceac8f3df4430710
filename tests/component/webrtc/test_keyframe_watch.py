"""A camera that is frozen or covered, told by the packets of real encoders."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import chain, repeat

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain.impairments import Impairment
from domain.streams import Codec
from webrtc import h264, h265
from webrtc.keyframe_watch import KeyframeWatch

type Luma = NDArray[np.uint8]

WIDTH, HEIGHT = 320, 180
MORNING = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
STEP = timedelta(seconds=20)
PICTURES = 2  # from one keyframe to the next: what is between them is not looked at
LEARNT = 40
ENCODERS = {
    "h264": (Codec.H264, "libx264", {"crf": "26", "sc_threshold": "0"}),
    "h264-cbr": (
        Codec.H264,
        "libx264",
        {
            "x264-params": "nal-hrd=cbr:filler=1:scenecut=0:bitrate=900"
            ":vbv-maxrate=900:vbv-bufsize=900"
        },
    ),
    "h265": (Codec.H265, "libx265", {"x265-params": "crf=26:bframes=0:scenecut=0:log-level=none"}),
}


@cache
def street() -> Luma:
    coarse = np.random.default_rng(5).uniform(0, 255, (23, 40)).astype(np.float32)
    return (
        cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        .clip(0, 255)
        .astype(np.uint8)
    )


def filmed(place: Luma, noise: float, count: int) -> Iterator[Luma]:
    """A place that stands still, as a sensor gives it."""
    chance = np.random.default_rng(count)
    for _ in range(count):
        grain = chance.normal(0, noise, place.shape)
        yield (place + grain).round().clip(0, 255).astype(np.uint8)


def units(pictures: Iterable[Luma], encoder: str) -> Iterator[tuple[bytes, bool]]:
    _, name, options = ENCODERS[encoder]
    codec = av.CodecContext.create(name, "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, 25), Fraction(25)
    codec.gop_size, codec.max_b_frames, codec.thread_count = PICTURES, 0, 1
    codec.options = {"preset": "ultrafast", "tune": "zerolatency", **options}
    chroma = np.full((HEIGHT // 2, WIDTH), 128, np.uint8)
    for number, luma in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, 25)
        yield from ((bytes(packet), packet.is_keyframe) for packet in codec.encode(frame))
    yield from ((bytes(packet), packet.is_keyframe) for packet in codec.encode(None))


def said_after(phases: Iterable[Iterable[Luma]], encoder: str) -> list[set[str]]:
    """What is said in the second half of each phase; keyframes lie twenty seconds apart."""
    codec, watch, at = ENCODERS[encoder][0], KeyframeWatch(), MORNING
    module = h265 if codec is Codec.H265 else h264
    shown = [list(phase) for phase in phases]
    said = list[str]()
    for data, is_keyframe in units(chain.from_iterable(shown), encoder):
        if is_keyframe:
            at += STEP
            watch.took(codec, module.packetise(data), at)
            said.append(watch.impaired.what if watch.impaired is not None else "nothing")
    seconds_halves, start = [], 0
    for phase in shown:
        end = start + len(phase) // PICTURES
        seconds_halves.append(set(said[(start + end) // 2 : end]))
        start = end
    return seconds_halves


def lives(keyframes: int) -> Iterator[Luma]:
    return filmed(street(), 1.0, keyframes * PICTURES)


def of_nothing(noise: float) -> Iterator[Luma]:
    return filmed(np.full((HEIGHT, WIDTH), 20, np.uint8), noise, 8 * PICTURES)


def still_night() -> Iterator[Luma]:
    """Nothing moves, and the camera takes the noise out: all but its keyframes is skipped."""
    return filmed((street() * 0.3 + 10).astype(np.uint8), 0.4, 30 * PICTURES)


@pytest.mark.parametrize("encoder", ["h264", "h265"])
def test_what_becomes_of_a_camera_is_told_and_taken_back(encoder: str) -> None:
    (stopped,) = filmed(street(), 1.0, 1)
    phases = [
        lives(LEARNT),
        repeat(stopped, 30 * PICTURES),
        lives(8),
        of_nothing(0.0),
        lives(8),
        of_nothing(0.5),
        lives(8),
        still_night(),
    ]

    said = said_after(phases, encoder)

    nothing = {"nothing"}
    assert said == [
        nothing,
        {Impairment.FROZEN},
        nothing,
        {Impairment.BLINDED},
        nothing,
        {Impairment.BLINDED},
        nothing,
        nothing,
    ]


def test_what_a_constant_rate_is_filled_up_with_is_no_picture() -> None:
    said = said_after([lives(LEARNT), still_night(), of_nothing(0.0)], "h264-cbr")

    assert said == [{"nothing"}, {"nothing"}, {Impairment.BLINDED}]


SPS, PPS, SEI, FILLER = b"\x67\x42\xc0\x1e", b"\x68\xcb\x8c\xb2", b"\x06\x05" * 9, b"\x0c" * 900


def keyframe(size: int, sps: bytes = SPS) -> list[bytes]:
    return [h264.aggregate([sps, PPS, SEI]), *h264.packetise(b"\0\0\1\x65" + b"\x88" * (size - 1))]


def test_slices_alone_are_weighed() -> None:
    small = h264.aggregate([SPS, SEI, b"\x65" * 30])
    filler = [FILLER, b"\x7c\x8c" + FILLER, b"\x7c\x0c" + FILLER]

    assert h264.slice_bytes([small, b"\x65" * 500, *filler]) == 530
    assert abs(h264.slice_bytes(keyframe(5000)) - 5000) <= 1
    small = h265.aggregate([b"\x42\x01" * 9, b"\x4e\x01" * 9, b"\x26\x01" * 15])
    assert h265.slice_bytes([small, b"\x26\x01" * 250, b"\x4c\x01" * 400]) == 530
    assert h265.slice_bytes([b"\x62\x01\xa6" + b"x" * 90, b"\x62\x01\x13" + b"x" * 90]) == 90


@given(st.lists(st.binary(max_size=40)))
def test_hostile_payloads_weigh_no_more_than_they_are(payloads: list[bytes]) -> None:
    for module in (h264, h265):
        assert 0 <= module.slice_bytes(payloads) <= sum(map(len, payloads))


def test_a_camera_that_is_set_to_another_size_is_not_blinded() -> None:
    watch, at = KeyframeWatch(), MORNING
    for number in range(2 * LEARNT):
        at += STEP
        watch.took(Codec.H264, keyframe(14_000 + 7 * (number % 31)), at)
    for number in range(LEARNT):
        at += STEP
        watch.took(Codec.H264, keyframe(1200 + 7 * (number % 31), SPS + b"\x01"), at)

        assert watch.impaired is None
