"""A Stream is one live publication by a camera or a device; a Packet is one encoded picture of it.

`webrtc/tap.py` writes packets to a local socket and `detectors/decoding.py` reads them: the bytes
of `Packet.to_bytes` and `PacketBuffer` are all that the two know of each other.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from domain.errors import Conflict, DomainError, Invalid, NotFound, Unavailable
from domain.identifiers import StreamId

MOST_PIXELS = 8192 * 4352
"""Of a picture that is decoded here: what sends it says how much memory that takes."""
VIDEO_CLOCK_HZ = 90_000
"""Units of `Packet.timestamp` in a second, for every video codec (RFC 3551)."""

MAX_PACKET_BYTES = 8 * 1024 * 1024
"""The longest body `Packet.from_bytes` accepts; a 4K keyframe stays below 2 MiB."""


class Codec(StrEnum):
    """What the relay forwards. Nothing is ever transcoded, so nothing else can be shown."""

    H264 = "h264"
    VP8 = "vp8"
    VP9 = "vp9"
    AV1 = "av1"
    H265 = "h265"
    OPUS = "opus"

    @property
    def is_video(self) -> bool:
        return self is not Codec.OPUS


class NoCommonCodec(DomainError):
    """The publisher and the viewer speak no common codec (HTTP 406)."""

    code = "no-common-codec"
    title = "This device cannot show the codec of this stream"


class BadSessionDescription(Invalid):
    """A WHIP or WHEP body is not an offer, or not a candidate list, that can be used (HTTP 400)."""

    code = "bad-session-description"
    title = "The WebRTC session description cannot be used"


class StreamOffline(Conflict):
    """The stream is known, and nothing is published on it now (HTTP 409)."""

    code = "stream-offline"
    title = "This stream has no picture at the moment"


class StreamNotFound(NotFound):
    """No such stream: never published here, or ended more than half a minute ago (HTTP 404)."""

    code = "stream-not-found"
    title = "There is no such stream"


class SessionNotFound(NotFound):
    """No such WHIP or WHEP session, or it has ended (HTTP 404)."""

    code = "session-not-found"
    title = "There is no such session"


class SessionExists(Conflict):
    """A session of this id is open already (HTTP 409)."""

    code = "session-exists"
    title = "This session is open already"


class StaleSession(DomainError):
    """The ETag of a PATCH is not the session's (HTTP 412, RFC 9725 section 4.3.1)."""

    code = "stale-session"
    title = "The session has changed; connect again"


class StreamTaken(Conflict):
    """Somebody else publishes on this stream: a camera, not a device (HTTP 409)."""

    code = "stream-taken"
    title = "This stream belongs to a camera"


class TooManyRenditions(Unavailable):
    """The media process decodes and encodes as many streams as it may."""

    code = "too-many-renditions"
    title = "This server renders as many streams as it may"


class TooManyViewers(Unavailable):
    """This process serves as many viewers, or as many publishers, as it may (HTTP 503)."""

    code = "too-many-viewers"
    title = "Too many people are watching"


class ManyConnecting(Unavailable):
    """More want to connect at this moment than a media process can answer (HTTP 503)."""

    code = "many-connecting"
    title = "Many are connecting at this moment"
    retry_after_s: ClassVar[int] = 2


class SentTooFast(Unavailable):
    """This device's stream was just ended, since it sent far more than it may (HTTP 503)."""

    code = "too-fast"
    title = "This device sends far more than it may"
    retry_after_s: ClassVar[int] = 5


class PictureUnreadable(Unavailable):
    """This device's stream was just ended: what it sends could not be read (HTTP 503)."""

    code = "picture-unreadable"
    title = "What this device sends could not be read"
    retry_after_s: ClassVar[int] = 1


class BadPacket(Invalid):
    """Bytes that are no framed Packet: the other end of the socket is not ours, or is broken."""

    code = "bad-packet"
    title = "These bytes are not an encoded picture"


# version, codec, flags, stream, sequence number, timestamp, microseconds since 1970 (UTC)
_HEADER = struct.Struct("!BBB16sQQq")
_LENGTH = struct.Struct("!I")
_VERSION = 1
_KEYFRAME = 0x01
_CODEC_NUMBERS = {
    Codec.H264: 1,
    Codec.VP8: 2,
    Codec.OPUS: 3,
    Codec.VP9: 4,
    Codec.AV1: 5,
    Codec.H265: 6,
}
_CODECS = {number: codec for codec, number in _CODEC_NUMBERS.items()}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MAX_U64 = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Packet:
    """One access unit: all the encoded bytes of one picture (or of one Opus packet).

    - ``data``: for H264 and H265 in Annex B form, parameter sets included ahead of a keyframe;
      for AV1 a temporal unit of OBUs with sizes.
    - ``captured_at``: when the media process received its first byte, aware UTC. Cameras' own
      clocks are not trusted; their offset is reported apart.
    - ``timestamp``: `VIDEO_CLOCK_HZ` units; rises over the life of the stream, also across
      publishers, and never wraps (0 to 2**64 - 1).
    - ``sequence_number``: counts the access units of the stream; a gap says how many were dropped.
    """

    stream_id: StreamId
    codec: Codec
    data: bytes
    is_keyframe: bool
    captured_at: datetime
    timestamp: int
    sequence_number: int

    def __post_init__(self) -> None:
        if self.captured_at.utcoffset() != timedelta(0):
            raise ValueError("captured_at is an aware datetime in UTC")
        if not (0 <= self.timestamp <= _MAX_U64 and 0 <= self.sequence_number <= _MAX_U64):
            raise ValueError("timestamp and sequence_number lie between 0 and 2**64 - 1")
        if len(self.data) > MAX_PACKET_BYTES - _HEADER.size:
            raise ValueError(f"a packet holds at most {MAX_PACKET_BYTES - _HEADER.size} bytes")

    def to_bytes(self) -> bytes:
        """The framed form: the body's length in four bytes, big-endian, then the body."""
        header = _HEADER.pack(
            _VERSION,
            _CODEC_NUMBERS[self.codec],
            _KEYFRAME if self.is_keyframe else 0,
            self.stream_id.bytes,
            self.sequence_number,
            self.timestamp,
            (self.captured_at - _EPOCH) // _MICROSECOND,
        )
        return b"".join((_LENGTH.pack(len(header) + len(self.data)), header, self.data))

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read one body, without its length. Raises `BadPacket` on anything else."""
        if len(body) > MAX_PACKET_BYTES:
            raise BadPacket(f"a packet of {len(body)} bytes is longer than {MAX_PACKET_BYTES}")
        if len(body) < _HEADER.size:
            raise BadPacket(f"a packet of {len(body)} bytes is shorter than its header")
        version, number, flags, stream, sequence, timestamp, micros = _HEADER.unpack_from(body)
        if version != _VERSION:
            raise BadPacket(f"packet version {version} is not {_VERSION}")
        codec = _CODECS.get(number)
        if codec is None:
            raise BadPacket(f"codec number {number} is not known")
        if flags & ~_KEYFRAME:
            raise BadPacket(f"flags {flags:#x} are not known")
        try:
            captured_at = _EPOCH + timedelta(microseconds=micros)
        except OverflowError as error:
            raise BadPacket(f"a time of {micros} microseconds is no date") from error
        return cls(
            stream_id=StreamId(UUID(bytes=stream)),
            codec=codec,
            data=bytes(body[_HEADER.size :]),
            is_keyframe=bool(flags & _KEYFRAME),
            captured_at=captured_at,
            timestamp=timestamp,
            sequence_number=sequence,
        )


class PacketBuffer:
    """Bytes in, as the socket gives them; whole packets out. Holds at most one packet's bytes.

    After `BadPacket` the place of the next packet is unknown: the connection is to be closed.
    """

    def __init__(self, *, max_packet_bytes: int = MAX_PACKET_BYTES) -> None:
        self._max = max_packet_bytes
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Packet]:
        """The packets that ``data`` completes, oldest first. Raises `BadPacket`."""
        self._held += data
        packets = []
        start = 0
        while len(self._held) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._held, start)
            if not _HEADER.size <= length <= self._max:
                raise BadPacket(f"a packet of {length} bytes is announced")
            end = start + _LENGTH.size + length
            if len(self._held) < end:
                break
            packets.append(Packet.from_bytes(bytes(self._held[start + _LENGTH.size : end])))
            start = end
        del self._held[:start]
        return packets
