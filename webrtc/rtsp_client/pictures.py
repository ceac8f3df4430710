"""A camera's RTP packets to whole pictures, as the relay forwards them. No I/O; time is passed in.

Payloads go on as they came, save that none is larger than a viewer's link takes. A picture with a
hole (UDP) is left out and counted; after a keyframe with a hole, all up to the next one.
"""

from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from domain.streams import Codec
from webrtc import h264, h265, rtp
from webrtc.h264 import PAYLOAD_BYTES, Look
from webrtc.rtsp_client.description import Described
from webrtc.rtsp_client.timeline import Timeline
from webrtc.sources import DownReason, SourceDown

_HEADER = Struct("!BBHII")
_NO_EXTENSIONS = rtp.ExtensionIds()
_MAX_PICTURE_BYTES = 4 * 1024 * 1024
_MAX_PICTURE_PACKETS = 4096
_MAX_AHEAD = 8
"""Packets that come ahead of a picture without being one: parameter sets, information."""
_GARBAGE_PICTURES = 25
"""So many in a row without a slice of the codec that was announced."""
_STALE_PACKETS = 50
_RATE_WINDOW_S = 4.0
_HELD_PICTURES, _HELD_S = 6, 0.5
"""The first are held until their order is known: B-frames show within these."""


class Picture(NamedTuple):
    """One whole picture: its RTP payloads, and its time in `VIDEO_CLOCK_HZ` units."""

    payloads: list[bytes]
    timestamp: int
    is_keyframe: bool


@dataclass(slots=True)
class Vitals:
    """How a camera does. ``gop_s``: between its last two keyframes. ``lost``: pictures."""

    bit_per_s: float = 0.0
    pictures_per_s: float = 0.0
    gop_s: float | None = None
    lost: int = 0
    jumps: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """``hold_s``: at least so long nothing is shown, for a camera that was just sent away.

    ``reorders``: the pictures are decoded here, so B-frames are welcome.
    """

    bit_per_s: float = 20e6
    first_keyframe_s: float = 60.0
    hold_s: float = 0.0
    reorders: bool = False


class Pictures:
    """`take` each packet; gives the pictures that it completes. Raises `SourceDown`."""

    def __init__(self, described: Described, *, bounds: Bounds, now_s: float) -> None:
        self.vitals = Vitals()
        self.ssrc: int | None = None
        self.highest = 0  # extended number of a packet, for reports
        self.codec = described.codec
        self._module = h265 if described.codec is Codec.H265 else h264
        self._payload_type = described.payload_type
        self._sets = list(described.parameter_sets)
        self._bounds, self._began_s = bounds, now_s
        self._timeline = Timeline(reorders=bounds.reorders)
        self._next = self._stale = 0
        self._payloads: list[bytes] = []
        self._octets = 0
        self._timestamp = 0
        self._is_torn = False
        self._needs_keyframe = True
        self._ahead: list[bytes] = []  # of the next picture
        self._done_time: int | None = None  # timestamp of the picture that went out last
        self._marks_slices = False
        self._garbage = 0
        self._held: list[Picture] | None = []
        self._keyframe_at_s: float | None = None
        self._window = (now_s, 0, 0)  # its start; octets and pictures since

    def take(self, packet: bytes, now_s: float) -> list[Picture]:
        """``now_s``: monotonic."""
        done: list[Picture] = []
        if len(packet) < _HEADER.size:
            return done
        first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(packet)
        if second & 0x7F != self._payload_type:
            return done
        payload = packet[12:] if first == 0x80 else _payload_of(packet)
        missing = self._missing(ssrc, sequence)
        if payload is None or missing is None:
            return done
        self._is_torn = self._is_torn or bool(missing and self._payloads)
        if self._payloads and timestamp != self._timestamp:
            self._finish(done, now_s)
        if not self._payloads:
            self._start(payload, timestamp, missing)
        if payload:
            self._payloads.append(payload)
            self._count(len(packet), now_s)
        if second & 0x80 and self._payloads and not self._marks_slices:
            self._finish(done, now_s)
        return done

    def _missing(self, ssrc: int, sequence: int) -> int | None:
        """How many packets are missing before this one; None: it has come too late."""
        if ssrc != self.ssrc:
            self._begin_source(ssrc, sequence)
        missing = (sequence - self._next) & 0xFFFF
        if missing >= 0x8000:
            # From behind: late, or the camera has begun to count anew.
            self._stale += 1
            if self._stale < _STALE_PACKETS:
                return None
            self._begin_source(ssrc, sequence)
            missing = 0
        self._next = (sequence + 1) & 0xFFFF
        self.highest += (sequence - self.highest) & 0xFFFF
        return missing

    def _start(self, payload: bytes, timestamp: int, missing: int) -> None:
        """The first packet of a picture, unless what was before it is missing."""
        self._timestamp = timestamp
        if missing:
            self.vitals.lost += 1
            found = self._module.look([payload])
            self._is_torn = not (found.has_picture or found.has_sets)
        if timestamp == self._done_time and payload:
            self._marks_slices = True  # it sets the marker at each slice, not at the last

    def _begin_source(self, ssrc: int, sequence: int) -> None:
        self.ssrc, self.highest = ssrc, sequence
        self._payloads, self._octets = [], 0
        self._is_torn, self._stale, self._next = False, 0, sequence

    def _count(self, size: int, now_s: float) -> None:
        self._octets += size
        start_s, octets, pictures = self._window
        octets += size
        if octets * 8 > self._bounds.bit_per_s * _RATE_WINDOW_S or (
            self._octets > _MAX_PICTURE_BYTES or len(self._payloads) > _MAX_PICTURE_PACKETS
        ):
            raise SourceDown(DownReason.TOO_MUCH)
        if now_s - start_s >= _RATE_WINDOW_S:
            self.vitals.bit_per_s = octets * 8 / (now_s - start_s)
            self.vitals.pictures_per_s = pictures / (now_s - start_s)
            start_s, octets, pictures = now_s, 0, 0
        self._window = (start_s, octets, pictures)

    def _finish(self, done: list[Picture], now_s: float) -> None:
        """The packets of one time are there, as far as they came."""
        payloads, self._payloads, self._octets = self._payloads, [], 0
        torn, self._is_torn = self._is_torn, False
        if torn:
            self.vitals.lost += 1
            if any(self._module.is_part_of_keyframe(payload) for payload in payloads):
                self._needs_keyframe = True
            return
        found = self._module.look(payloads)
        if not found.has_picture:
            self._keep_ahead(payloads, now_s)
            return
        timestamp, self._done_time = self._timestamp, self._timestamp
        self._garbage = 0
        if self._ahead:
            payloads, self._ahead = self._ahead + payloads, []
            found = self._module.look(payloads)
        is_keyframe = found.is_intra or found.has_sets
        if self._needs_keyframe and not is_keyframe:
            self._check_patience(now_s)
            return
        placed = self._timeline.place(timestamp, now_s)
        self.vitals.jumps = self._timeline.jumps
        if is_keyframe:
            payloads = self._with_sets(payloads, found)
            self._note_keyframe(now_s)
        if max(map(len, payloads)) > PAYLOAD_BYTES:
            try:
                payloads = self._module.recut(payloads)
            except ValueError:
                self.vitals.lost += 1
                return
        self._needs_keyframe = False
        start_s, octets, pictures = self._window
        self._window = (start_s, octets, pictures + 1)
        self._show(Picture(payloads, placed, is_keyframe), done, now_s)

    def _keep_ahead(self, payloads: list[bytes], now_s: float) -> None:
        self._ahead = (self._ahead + payloads)[-_MAX_AHEAD:]
        self._garbage += 1
        if self._garbage >= _GARBAGE_PICTURES:
            raise SourceDown(DownReason.GARBAGE)
        self._check_patience(now_s)

    def _check_patience(self, now_s: float) -> None:
        never = self._keyframe_at_s is None
        if never and now_s - self._began_s > self._bounds.first_keyframe_s:
            raise SourceDown(DownReason.NO_KEYFRAME)

    def _with_sets(self, payloads: list[bytes], found: Look) -> list[bytes]:
        """The keyframe behind its parameter sets; those in its own packets are remembered."""
        if found.has_sets:
            self._sets = self._module.sets_in(payloads) or self._sets
            return payloads
        if not self._sets:
            return payloads
        return [self._module.aggregate(self._sets), *payloads]

    def _note_keyframe(self, now_s: float) -> None:
        if self._keyframe_at_s is not None:
            self.vitals.gop_s = now_s - self._keyframe_at_s
        self._keyframe_at_s = now_s

    def _show(self, picture: Picture, done: list[Picture], now_s: float) -> None:
        if self._held is None:
            done.append(picture)
            return
        if picture.is_keyframe and len(self._held) > _HELD_PICTURES:
            self._held.clear()  # while much is held, the newest keyframe is enough
        self._held.append(picture)
        held_s = now_s - self._began_s
        if held_s < self._bounds.hold_s:
            return
        if len(self._held) >= _HELD_PICTURES or held_s >= self._bounds.hold_s + _HELD_S:
            done += self._held
            self._held = None


def _payload_of(packet: bytes) -> bytes | None:
    parsed = rtp.parse(packet, _NO_EXTENSIONS)
    return parsed.payload if parsed is not None else None
