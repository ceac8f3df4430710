"""A film that stands in for a camera, in demonstrations and tests: read by PyAV, in real time.

Everything in this file blocks; `rtsp.py` runs it in a thread and owns what comes out of it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import av
import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from domain.streams import VIDEO_CLOCK_HZ
from webrtc import h264
from webrtc.opening import open_limited
from webrtc.sources import DownReason, SourceDown

_FRAME = VIDEO_CLOCK_HZ // 25
_CATCH_UP_S = 1.0


class FilmPicture(NamedTuple):
    """One access unit: Annex B, as RTP payloads, and its time in `VIDEO_CLOCK_HZ` units."""

    data: bytes
    payloads: list[bytes]
    timestamp: int
    is_keyframe: bool


def pictures(path: str, stop: threading.Event, *, reorders: bool = False) -> Iterator[FilmPicture]:
    """The file's pictures, over and over, until ``stop``. Blocks. Raises `SourceDown`.

    ``reorders``: B-frames are welcome, since who takes the pictures puts them in order.
    """
    with _explained():
        _check_whole(path, reorders=reorders)
        pace = _Pace(stop)
        offset = 0
        while not stop.is_set():
            last = first = None
            step = _FRAME
            with open_limited(path) as container:
                for data, timestamp in _annex_b(container, reorders=reorders):
                    first = timestamp if first is None else first
                    step = timestamp - last if last is not None and timestamp > last else step
                    last = timestamp if last is None else max(last, timestamp)
                    if not pace.wait_for(offset + timestamp - first):
                        return
                    yield _picture(data, offset + timestamp - first)
            if first is None or last is None:
                raise SourceDown(DownReason.NO_VIDEO)
            offset += last - first + step


def _check_whole(path: str, *, reorders: bool) -> None:
    """Read the file once without pausing, so that a cut one is refused before it is shown."""
    with open_limited(path) as container:
        promised = _video_of(container).frames
        found = sum(1 for _ in _annex_b(container, reorders=reorders))
    if found < promised:
        raise SourceDown(DownReason.FILE_TRUNCATED)


def _annex_b(container: InputContainer, *, reorders: bool) -> Iterator[tuple[bytes, int]]:
    stream = _video_of(container)
    convert = av.BitStreamFilterContext("h264_mp4toannexb", stream)
    order = _Order(reorders=reorders)
    for packet in container.demux(stream):
        if packet.is_corrupt:
            raise SourceDown(DownReason.FILE_TRUNCATED)
        if packet.size == 0:
            continue
        timestamp = order.take(packet.pts, stream)
        for converted in convert.filter(packet):
            yield bytes(converted), timestamp


def _video_of(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise SourceDown(DownReason.NO_VIDEO)
    stream = container.streams.video[0]
    if stream.codec_context.name != "h264":
        raise SourceDown(DownReason.UNSUPPORTED_CODEC)
    return stream


def _picture(data: bytes, timestamp: int) -> FilmPicture:
    return FilmPicture(data, h264.packetise(data), timestamp, h264.is_keyframe(data))


class _Order:
    """Turns times into 90 kHz units, and finds B-frames: pictures sent out of their order."""

    def __init__(self, *, reorders: bool) -> None:
        self._reorders = reorders
        self._newest: int | None = None

    def take(self, pts: int | None, stream: VideoStream) -> int:
        if pts is None:
            raise SourceDown(DownReason.FILE_UNREADABLE)
        timestamp = round(pts * stream.time_base * VIDEO_CLOCK_HZ)
        if self._newest is not None and timestamp < self._newest and not self._reorders:
            raise SourceDown(DownReason.B_FRAMES)
        self._newest = timestamp
        return timestamp


class _Pace:
    """Real time for a file."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._started_s = time.monotonic()

    def wait_for(self, timestamp: int) -> bool:
        """Wait until it is time for this picture; False if asked to stop."""
        due_s = self._started_s + timestamp / VIDEO_CLOCK_HZ
        late_s = time.monotonic() - due_s
        if late_s > _CATCH_UP_S:
            self._started_s += late_s  # the machine slept: go on from here, do not hurry
        return not self._stop.wait(max(0.0, -late_s))


_REASONS: dict[type[Exception], DownReason] = {
    av.error.FileNotFoundError: DownReason.FILE_MISSING,
    av.error.EOFError: DownReason.FILE_TRUNCATED,
}


@contextmanager
def _explained() -> Iterator[None]:
    """Turns what FFmpeg raises into `SourceDown`; its texts hold paths, so none is kept."""
    try:
        yield
    except av.error.FFmpegError as error:
        known = [reason for kind, reason in _REASONS.items() if isinstance(error, kind)]
        raise SourceDown(known[0] if known else DownReason.FILE_UNREADABLE) from None
