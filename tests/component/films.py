"""Films as somebody brings them: files of a form, encoded here."""

import io
from fractions import Fraction
from functools import cache

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tests import priority

FPS = 10


@cache
def film_file(
    *,
    form: str = "mp4",
    codec: str = "libx264",
    seconds: int = 4,
    size: tuple[int, int] = (160, 90),
    starts_at_s: int = 0,
    b_frames: int = 0,
) -> bytes:
    """A keyframe a second."""
    file = io.BytesIO()
    presets = {"libx265": {"preset": "ultrafast", "x265-params": "log-level=0"}}
    options = presets.get(codec, {"preset": "ultrafast", "bf": str(b_frames)})
    with priority.kept(), av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, FPS, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt, stream.gop_size = "yuv420p", FPS
        stream.time_base = Fraction(1, FPS)
        for number in range(seconds * FPS):
            frame = VideoFrame(*size, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([number * number % 256]) * plane.buffer_size)
            frame.pts, frame.time_base = number + starts_at_s * FPS, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


@cache
def sound_file() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", 48_000)
        assert isinstance(stream, AudioStream)
        for number in range(20):
            frame = AudioFrame(format="fltp", layout="stereo", samples=1024)
            frame.sample_rate, frame.pts = 48_000, number * 1024
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
