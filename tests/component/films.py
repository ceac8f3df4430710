"""Films as somebody brings them: files of a form, encoded here."""

import io
from contextlib import ExitStack
from fractions import Fraction
from functools import cache

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tests import priority

FPS = 10
RATE_HZ, SAMPLES = 48_000, 1024


@cache
def film_file(
    *,
    form: str = "mp4",
    codec: str = "libx264",
    seconds: int = 4,
    size: tuple[int, int] = (160, 90),
    starts_at_s: int = 0,
    b_frames: int = 0,
    has_sound: bool = False,
) -> bytes:
    """A keyframe a second. Its sound is silence, as long as the pictures."""
    file = io.BytesIO()
    presets = {"libx265": {"preset": "ultrafast", "x265-params": "log-level=0"}}
    options = presets.get(codec, {"preset": "ultrafast", "bf": str(b_frames)})
    with priority.kept(), av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, FPS, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt, stream.gop_size = "yuv420p", FPS
        stream.time_base = Fraction(1, FPS)
        sound = container.add_stream("aac", RATE_HZ) if has_sound else None
        for number in range(seconds * FPS):
            frame = VideoFrame(*size, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([number * number % 256]) * plane.buffer_size)
            frame.pts, frame.time_base = number + starts_at_s * FPS, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            _be_silent(container, sound, seconds)
    return file.getvalue()


@cache
def sound_file() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        _be_silent(container, container.add_stream("aac", RATE_HZ), seconds=1)
    return file.getvalue()


def _be_silent(container: OutputContainer, sound: AudioStream, seconds: int) -> None:
    for number in range(seconds * RATE_HZ // SAMPLES):
        frame = AudioFrame(format="fltp", layout="stereo", samples=SAMPLES)
        frame.sample_rate, frame.pts = RATE_HZ, number * SAMPLES
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(sound.encode(frame))
    container.mux(sound.encode(None))


def remuxed(*beside: bytes, earlier_s: Fraction = Fraction(0)) -> bytes:
    """A film with further streams ``beside`` its pictures, which begin ``earlier_s`` before it."""
    out = io.BytesIO()
    with ExitStack() as stack:
        made = stack.enter_context(av.open(out, "w", format="mp4"))
        read = [av.open(io.BytesIO(one), "r") for one in (film_file(), *beside)]
        for opened in read:
            stack.callback(opened.close)
        to = [made.add_stream_from_template(one.streams[0]) for one in read]
        for source, stream in zip(reversed(read), reversed(to), strict=True):
            for packet in source.demux(source.streams[0]):
                if packet.pts is None or packet.dts is None:
                    continue
                shift = int(earlier_s / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = stream
                made.mux(packet)
    return out.getvalue()
