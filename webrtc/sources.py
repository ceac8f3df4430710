"""A fixed camera's encoded pictures, read by PyAV in a thread: RTSP over TCP, or a looped file.

Everything in this file blocks; `rtsp.py` runs it in a thread and owns what comes out of it.
"""

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple, Self
from urllib.parse import quote, urlsplit, urlunsplit

import av
import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from domain.errors import Invalid
from domain.identifiers import CameraId, StreamId
from domain.masks import Mask
from domain.streams import VIDEO_CLOCK_HZ
from webrtc import h264
from webrtc.renditions import Recipe

_ANNEX_B = (b"\x00\x00\x01", b"\x00\x00\x00\x01")
_FRAME = VIDEO_CLOCK_HZ // 25
_CATCH_UP_S = 1.0
_PROBED_PICTURES = 25


class BadSource(Invalid):
    """A camera's address that is neither rtsp://, rtsps:// nor file:///."""

    code = "bad-source"
    title = "A camera's address is rtsp:// or rtsps://"


class DownReason(StrEnum):
    """Why a camera gives no picture, in words an operator can act on. The set is closed."""

    UNREACHABLE = "unreachable"  # nothing answers at this address and port
    TIMED_OUT = "timed-out"  # it answers, and then hangs
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 a reason, not a password
    NOT_FOUND = "not-found"  # the camera knows no such stream
    NOT_RTSP = "not-rtsp"  # what answers does not speak RTSP, or sends garbage
    NO_VIDEO = "no-video"
    UNSUPPORTED_CODEC = "unsupported-codec"  # H265, MJPEG: browsers are not sent these
    B_FRAMES = "b-frames"  # browsers can't play them; they are to be switched off in the camera
    ENDED = "ended"  # the camera ended the stream
    FILE_MISSING = "file-missing"
    FILE_UNREADABLE = "file-unreadable"
    FILE_TRUNCATED = "file-truncated"
    RENDITION_FAILED = "rendition-failed"  # its pictures could not be masked, so none are shown
    TOO_MANY_RENDITIONS = "too-many-renditions"  # of this media process: `media.most_renditions`


class SourceDown(Exception):
    """The source gives no more pictures; ``reason`` says why. Holds no address, no password."""

    def __init__(self, reason: DownReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CameraSource:
    """One stream of one camera: where it is pulled from.

    ``url``: rtsp://host[:port]/path or rtsps://, without credentials; file:///path is looped, in
    real time, for the demonstration and tests. Raises `BadSource`. Two sources are equal when
    nothing needs to be restarted.

    ``masks`` are burnt into every picture before anybody has it; ``masks_version`` names them. They
    change without a restart.
    """

    stream_id: StreamId
    camera_id: CameraId
    url: str = field(repr=False)
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    masks: tuple[Mask, ...] = field(default=(), compare=False)
    masks_version: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            port_is_wrong = parts.port == 0
        except ValueError:
            raise BadSource("the address can't be read") from None
        if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
            return
        if parts.scheme not in ("rtsp", "rtsps") or not parts.hostname or port_is_wrong:
            raise BadSource("the address is to be rtsp://HOST/PATH or rtsps://HOST/PATH")

    @property
    def is_file(self) -> bool:
        return self.url.startswith("file:")

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def recipe(self) -> Recipe | None:
        """What is made of its pictures before they are shown; None: they go out as they come."""
        return Recipe(masks=self.masks, version=self.masks_version) if self.masks else None

    def address(self) -> str:
        """The URL with its credentials: for the library that connects, never for a log."""
        if self.username is None:
            return self.url
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        secret = f"{quote(self.username, safe='')}:{quote(self.password or '', safe='')}"
        return urlunsplit(parts._replace(netloc=f"{secret}@{host}"))

    def redacted(self) -> str:
        """The URL without user name, password and query: cameras put passwords in queries too."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=host, query="", fragment=""))


@dataclass(frozen=True, slots=True)
class CameraTimes:
    """Limits and pauses, in seconds."""

    open_within_s: float = 10.0
    read_within_s: float = 5.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    healthy_after_s: float = 30.0
    """Up for so long, a camera starts again from the first pause."""

    def for_check(self) -> "CameraTimes":
        return replace(self, open_within_s=min(self.open_within_s, 8.0))


class Picture(NamedTuple):
    """One access unit: Annex B, as RTP payloads, and its time in `VIDEO_CLOCK_HZ` units."""

    data: bytes
    payloads: list[bytes]
    timestamp: int
    is_keyframe: bool
    clock_offset: timedelta | None


def pictures(
    source: CameraSource, *, times: CameraTimes, stop: threading.Event
) -> Iterator[Picture]:
    """The pictures of ``source`` as they come, until ``stop``. Raises `SourceDown`."""
    if source.is_file:
        yield from _of_file(source, stop)
    else:
        yield from _of_camera(source, times, stop)


def _of_camera(
    source: CameraSource, times: CameraTimes, stop: threading.Event
) -> Iterator[Picture]:
    options = {
        "rtsp_transport": "tcp",
        "allowed_media_types": "video",  # sound may not be recorded from the public road
        "timeout": str(int(times.read_within_s * 1_000_000)),
        "analyzeduration": "500000",
    }
    with (
        _explained(_CAMERA_REASONS, DownReason.NOT_RTSP, 0.9 * times.read_within_s) as explained,
        av.open(
            source.address(),
            format="rtsp",
            options=options,
            timeout=(times.open_within_s, times.read_within_s),
        ) as container,
    ):
        stream = _video_of(container)
        extradata = stream.codec_context.extradata or b""
        parameter_sets = extradata if extradata.startswith(_ANNEX_B) else b""
        order, clock = _Order(reorders=source.recipe is not None), _CameraClock()
        for packet in container.demux(stream):
            if stop.is_set():
                return
            if packet.size == 0:
                continue
            explained.progress()
            timestamp = order.take(packet.pts, stream)
            offset = clock.saw(container.start_time_realtime, timestamp)
            yield _picture(bytes(packet), timestamp, parameter_sets, offset)
        raise SourceDown(explained.judge(DownReason.ENDED))


class _CameraClock:
    """How far the camera's clock is ahead, by its first RTCP sender report; good to about 0.5 s."""

    def __init__(self) -> None:
        self._pictures = 0
        self._offset: timedelta | None = None

    def saw(self, reported_us: int | None, timestamp: int) -> timedelta | None:
        """``reported_us``: the report's time, microseconds since 1970; None: none has come yet."""
        self._pictures += 1
        # The first pictures come in a heap, from while the stream was being probed.
        if self._offset is None and reported_us is not None and self._pictures >= _PROBED_PICTURES:
            camera_s = reported_us / 1_000_000
            if self._pictures == _PROBED_PICTURES:  # it came at the start, which is timestamp 0
                camera_s += timestamp / VIDEO_CLOCK_HZ
            self._offset = timedelta(seconds=camera_s - time.time())
        return self._offset


def _of_file(source: CameraSource, stop: threading.Event) -> Iterator[Picture]:
    path, reorders = source.path, source.recipe is not None
    with _explained(_FILE_REASONS, DownReason.FILE_UNREADABLE):
        _check_whole(path, reorders=reorders)
        pace = _Pace(stop)
        offset = 0
        while not stop.is_set():
            last = first = None
            step = _FRAME
            with av.open(path) as container:
                for data, timestamp in _annex_b(container, reorders=reorders):
                    first = timestamp if first is None else first
                    step = timestamp - last if last is not None and timestamp > last else step
                    last = timestamp if last is None else max(last, timestamp)
                    if not pace.wait_for(offset + timestamp - first):
                        return
                    yield _picture(data, offset + timestamp - first, b"", None)
            if first is None or last is None:
                raise SourceDown(DownReason.NO_VIDEO)
            offset += last - first + step


def _check_whole(path: str, *, reorders: bool) -> None:
    """Read the file once without pausing, so that a cut one is refused before it is shown."""
    with av.open(path) as container:
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


def _picture(
    data: bytes, timestamp: int, parameter_sets: bytes, offset: timedelta | None
) -> Picture:
    is_keyframe = h264.is_keyframe(data)
    if is_keyframe and parameter_sets and not h264.has_parameter_sets(data):
        data = parameter_sets + data  # the camera gives them in its SDP only
    return Picture(data, h264.packetise(data), timestamp, is_keyframe, offset)


class _Order:
    """Turns times into 90 kHz units, and finds B-frames: pictures sent out of their order.

    ``reorders``: they are welcome, since who takes them puts them in order.
    """

    def __init__(self, *, reorders: bool) -> None:
        self._reorders = reorders
        self._newest: int | None = None

    def take(self, pts: int | None, stream: VideoStream) -> int:
        if pts is None:  # FFmpeg gives the first picture of some servers no time
            timestamp = (self._newest or 0) + (-_FRAME if self._newest is None else _FRAME)
        else:
            timestamp = round(pts * stream.time_base * VIDEO_CLOCK_HZ)
        if self._newest is not None and timestamp < self._newest and not self._reorders:
            # A clock set back looks alike once; reconnecting cures that, not a B-frame.
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


_CAMERA_REASONS: dict[type, DownReason] = {
    av.error.HTTPUnauthorizedError: DownReason.WRONG_PASSWORD,
    av.error.HTTPForbiddenError: DownReason.WRONG_PASSWORD,
    av.error.HTTPNotFoundError: DownReason.NOT_FOUND,
    av.error.ExitError: DownReason.TIMED_OUT,  # PyAV's own limit
    av.error.TimeoutError: DownReason.TIMED_OUT,  # FFmpeg's
    av.error.ConnectionRefusedError: DownReason.UNREACHABLE,
    av.error.ConnectionResetError: DownReason.ENDED,
    av.error.BrokenPipeError: DownReason.ENDED,
    av.error.EOFError: DownReason.ENDED,
    av.error.OSError: DownReason.UNREACHABLE,  # no route, no such name
}
_FILE_REASONS: dict[type, DownReason] = {
    av.error.FileNotFoundError: DownReason.FILE_MISSING,
    av.error.EOFError: DownReason.FILE_TRUNCATED,
}


class _explained:  # noqa: N801 read as a word: with _explained(...)
    """Turns what FFmpeg raises into `SourceDown`; its texts hold addresses, so none is kept.

    FFmpeg says "invalid data" or "end of file" of a peer that was silent until its time limit, so
    the time since the last progress tells a hang (``silence_s`` or more) from garbage and from an
    end.
    """

    def __init__(
        self, reasons: dict[type, DownReason], other: DownReason, silence_s: float = math.inf
    ) -> None:
        self._reasons, self._other, self._silence_s = reasons, other, silence_s

    def __enter__(self) -> Self:
        self.progress()
        return self

    def progress(self) -> None:
        self._progress_s = time.monotonic()

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is None or not issubclass(kind, av.error.FFmpegError):
            return
        known = [self._reasons[base] for base in kind.__mro__ if base in self._reasons]
        raise SourceDown(self.judge(known[0] if known else self._other)) from None

    def judge(self, reason: DownReason) -> DownReason:
        silent = time.monotonic() - self._progress_s >= self._silence_s
        ambiguous = reason in (self._other, DownReason.ENDED)
        return DownReason.TIMED_OUT if silent and ambiguous else reason
