"""Short films in every codec the relay forwards, encoded once, and sound."""

from fractions import Fraction
from functools import cache
from typing import NamedTuple

import av
from av.audio.frame import AudioFrame
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from domain.streams import Codec
from tests import priority

FPS, STEP = 25, 3600
_ENCODERS = {
    Codec.H264: ("libx264", {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}),
    Codec.H265: (
        "libx265",
        {"preset": "ultrafast", "tune": "zerolatency", "x265-params": "log-level=0"},
    ),
    Codec.VP8: ("libvpx", {"deadline": "realtime", "lag-in-frames": "0"}),
    Codec.VP9: ("libvpx-vp9", {"deadline": "realtime", "lag-in-frames": "0", "cpu-used": "8"}),
    Codec.AV1: ("libsvtav1", {"preset": "12", "svtav1-params": "pred-struct=1"}),
}


class Encoded(NamedTuple):
    data: bytes
    is_keyframe: bool


@cache
def film(
    codec: Codec, *, pictures: int = 25, gop: int = 10, size: tuple[int, int] = (160, 90)
) -> tuple[Encoded, ...]:
    name, options = _ENCODERS[codec]
    encoder = av.CodecContext.create(name, "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, FPS)
    encoder.gop_size = gop
    encoder.options = options
    found = []
    with priority.kept():
        for number in range(pictures):
            frame = VideoFrame(*size, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([number * number % 256]) * plane.buffer_size)
            frame.pts = number
            found += encoder.encode(frame)
        found += encoder.encode(None)
    return tuple(Encoded(bytes(packet), packet.is_keyframe) for packet in found)


@cache
def sound(*, packets: int = 50) -> tuple[bytes, ...]:
    """Opus packets of 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", "s16"
    found = []
    for number in range(packets):
        frame = AudioFrame(format="s16", layout="stereo", samples=960)
        frame.planes[0].update(bytes(range(128)) * 30)
        frame.sample_rate, frame.pts = 48_000, number * 960
        found += encoder.encode(frame)
    return tuple(bytes(packet) for packet in found)
