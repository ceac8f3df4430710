"""Where a fixed camera's pictures come from, and why they do not: RTSP, or a looped file."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from domain.cameras import Transport
from domain.errors import Invalid
from domain.identifiers import CameraId, StreamId
from domain.masks import Mask
from webrtc.renditions import Recipe


class BadSource(Invalid):
    """A camera's address that is neither rtsp://, rtsps:// nor file:///."""

    code = "bad-source"
    title = "A camera's address is rtsp:// or rtsps://"


class DownReason(StrEnum):
    """Why a camera gives no picture, in words an operator can act on. The set is closed."""

    UNKNOWN_HOST = "unknown-host"  # the name in its address means nothing here
    NO_ROUTE = "no-route"  # nothing answers at this host: off, unplugged, another network
    REFUSED = "refused"  # the host is there, and takes no connection on this port
    TIMED_OUT = "timed-out"  # it answers, and then hangs
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 a reason, not a password
    NOT_FOUND = "not-found"  # the camera knows no such stream
    BUSY = "busy"  # it serves as many clients as it can
    REFUSES = "refuses"  # it says no, and does not say why
    NO_TRANSPORT = "no-transport"  # neither by TCP nor by UDP, or not as the setting says
    NOT_RTSP = "not-rtsp"  # what answers does not speak RTSP
    NO_VIDEO = "no-video"
    UNSUPPORTED_CODEC = "unsupported-codec"  # MJPEG, MPEG-4: nothing here forwards these
    B_FRAMES = "b-frames"  # browsers can't play them; they are to be switched off in the camera
    NO_KEYFRAME = "no-keyframe"  # pictures come, and for a minute none that one can begin with
    GARBAGE = "garbage"  # what it sends is not what it says it sends
    TOO_MUCH = "too-much"  # more than `media.camera_kbit_s`
    SILENT = "silent"  # it played, and sends nothing any more
    ENDED = "ended"  # the camera ended the stream
    FILE_MISSING = "file-missing"
    FILE_UNREADABLE = "file-unreadable"
    FILE_TRUNCATED = "file-truncated"
    RENDITION_FAILED = "rendition-failed"  # its pictures could not be masked, so none are shown
    TOO_MANY_RENDITIONS = "too-many-renditions"  # of this media process: `media.most_renditions`


STANDING = frozenset(
    {
        DownReason.WRONG_PASSWORD,
        DownReason.UNSUPPORTED_CODEC,
        DownReason.B_FRAMES,
        DownReason.TOO_MUCH,
    }
)
"""What does not pass by itself; and cameras lock out whoever tries a password again and again."""


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

    ``transcode``: its pictures are decoded and encoded again, B-frames and H265 among them.

    ``masks`` are burnt into every picture before anybody has it; ``masks_version`` names them. They
    change without a restart.
    """

    stream_id: StreamId
    camera_id: CameraId
    url: str = field(repr=False)
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    transport: Transport = Transport.AUTO
    transcode: bool = False
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
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def recipe(self) -> Recipe | None:
        """What is made of its pictures before they are shown; None: they go out as they come."""
        if not self.masks and not self.transcode:
            return None
        return Recipe(masks=self.masks, version=self.masks_version)

    def url_without_secrets(self) -> str:
        """What is asked of the camera. Its query may hold a password still: not for a log."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=host, fragment=""))

    def redacted(self) -> str:
        """The URL without user name, password and query: cameras put passwords in queries too."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=host, query="", fragment=""))


@dataclass(frozen=True, slots=True)
class CameraTimes:
    """Limits and pauses, in seconds; ``most_bit_per_s``: what a camera may send."""

    connect_within_s: float = 5.0
    open_within_s: float = 10.0
    read_within_s: float = 5.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    standing_pause_s: float = 60.0
    """After what does not pass by itself: see `STANDING`."""
    healthy_after_s: float = 30.0
    """Up for so long, a camera starts again from the first pause."""
    most_bit_per_s: float = 20e6

    def for_check(self) -> "CameraTimes":
        return replace(self, open_within_s=min(self.open_within_s, 8.0))
