"""The same packets to many viewers: built once, protected in place per viewer, sent in few calls.

Viewers of a stream share its SSRC, sequence numbers and timestamps; each has keys of its own. So a
burst (the packets of one picture, as a rule) is laid out once per payload type, copied for each
viewer, protected where it lies, and each run of equal packets goes out in one system call with UDP
segmentation offload (Linux's GSO). `docs/design/relay.md` gives the figures.
"""

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from struct import Struct

from aiortc.rtcdtlstransport import RTCDtlsTransport

from webrtc import internals
from webrtc.history import OutputPacket
from webrtc.port import sender_for

_HEADER = Struct("!BBHII")  # RFC 3550 section 5.1, without CSRC
_VERSION_2, _EXTENDED = 0x80, 0x10
_MARKER = 0x80

# Linux refuses more than 64 segments and 65507 bytes in one call.
MAX_BURST_PACKETS = 48
PACED_PACKETS = 24
"""More of one picture than this goes out in turns: a picture of 5 Mbit/s still goes in one."""
_MAX_BURST_BYTES = 60_000
MAX_PAYLOAD_BYTES = 1440
"""Larger RTP payloads would not fit an Ethernet frame once protected; no browser makes them."""

_UDP_SEGMENT = 103  # linux/udp.h
_SEGMENT_SIZE = Struct("H")
# What the kernel says when it, or the card, can't segment: then each packet goes alone, for good.
_NO_SEGMENTATION = frozenset({errno.EIO, errno.EINVAL, errno.EMSGSIZE, errno.ENOPROTOOPT})

# One scratch buffer for all: protecting and sending a burst never yields to the event loop.
_arena = bytearray(_MAX_BURST_BYTES + 8 * 1024)
_arena_view = memoryview(_arena)
_arena_pointer = internals.ffi.from_buffer("char[]", _arena)
_length = internals.ffi.new("int *")
_protect = internals.libsrtp.srtp_protect


@dataclass(slots=True)
class _Run:
    """Packets of one size, where they lie in the arena; the last may be smaller."""

    start: int
    end: int
    size: int
    whole: list[memoryview] = field(default_factory=list)
    control: list[tuple[int, int, bytes]] = field(default_factory=list)
    """What asks the kernel to cut the run into its packets; empty: it is a single one."""

    def prepare(self) -> None:
        """Once for all viewers, what each call needs."""
        self.whole = [_arena_view[self.start : self.end]]
        if self.end - self.start > self.size:
            segments = _SEGMENT_SIZE.pack(self.size)
            self.control = [(socket.IPPROTO_UDP, _UDP_SEGMENT, segments)]

    def __len__(self) -> int:
        return -((self.start - self.end) // self.size)


@dataclass(frozen=True, slots=True)
class _Template:
    """A burst laid out for one payload type, with room for the protection behind each packet."""

    data: bytes
    slots: list[tuple[object, int]]  # pointer into the arena, length before protection
    runs: list[_Run]


class Burst:
    """Up to `MAX_BURST_PACKETS` packets, the same for every viewer. Lives for one event loop turn.

    Anything larger is to be divided by the caller (`bursts`).
    """

    def __init__(
        self,
        packets: Sequence[OutputPacket],
        *,
        ssrc: int,
        starts_picture: bool = False,
        is_keyframe: bool = False,
    ) -> None:
        self.packets = packets
        self.starts_picture, self.is_keyframe = starts_picture, is_keyframe
        self.newest = max(packet.sequence for packet in packets)
        self.octets = sum(len(packet.payload) for packet in packets)
        self.ssrc = ssrc
        self._templates: dict[tuple[int, int], _Template] = {}

    def template(self, payload_type: int, trailer: int) -> _Template:
        key = (payload_type, trailer)
        template = self._templates.get(key)
        if template is None:
            template = self._templates[key] = self._lay_out(payload_type, trailer)
        return template

    def _lay_out(self, payload_type: int, trailer: int) -> _Template:
        room = bytes(trailer)
        parts: list[bytes] = []
        slots: list[tuple[object, int]] = []
        runs: list[_Run] = []
        at = 0
        for sequence, timestamp, marker, payload, extension in self.packets:
            header = rtp_header(payload_type, sequence, timestamp, self.ssrc, marker, extension)
            parts += (header, payload, room)
            length = len(header) + len(payload)
            slots.append((_arena_pointer + at, length))
            end = at + length + trailer
            # A run takes packets of one size, and a smaller one as its last.
            run = runs[-1] if runs else None
            if run and run.size >= end - at and (run.end - run.start) % run.size == 0:
                run.end = end
            else:
                runs.append(_Run(at, end, end - at))
            at = end
        for run in runs:
            run.prepare()
        return _Template(b"".join(parts), slots, runs)


def rtp_header(
    payload_type: int,
    sequence: int,
    timestamp: int,
    ssrc: int,
    marker: bool,
    extension: bytes = b"",
) -> bytes:
    header = _HEADER.pack(
        _VERSION_2 | (_EXTENDED if extension else 0),
        (_MARKER if marker else 0) | payload_type,
        sequence & 0xFFFF,
        timestamp & 0xFFFFFFFF,
        ssrc,
    )
    return header + extension


def bursts(
    packets: Sequence[OutputPacket],
    *,
    ssrc: int,
    most: int = MAX_BURST_PACKETS,
    starts_picture: bool = False,
    is_keyframe: bool = False,
) -> list[Burst]:
    """``packets`` in as few bursts as the limits allow, ``most`` in one; the first may start a
    picture."""
    divided: list[Burst] = []
    start, size = 0, 0
    for index, packet in enumerate(packets):
        length = len(packet.payload) + 32
        if index - start == most or size + length > _MAX_BURST_BYTES:
            divided.append(_part(packets[start:index], ssrc, starts_picture, is_keyframe, start))
            start, size = index, 0
        size += length
    if start < len(packets):
        divided.append(_part(packets[start:], ssrc, starts_picture, is_keyframe, start))
    return divided


def _part(
    packets: Sequence[OutputPacket], ssrc: int, starts: bool, is_keyframe: bool, at: int
) -> Burst:
    return Burst(packets, ssrc=ssrc, starts_picture=starts and at == 0, is_keyframe=is_keyframe)


class Path:
    """The way to one viewer: its keys, its sending socket, and the address ICE has chosen.

    Nothing is queued: what the socket does not take at once is dropped and counted, and the viewer
    asks for it again. So a slow viewer costs nobody else anything, and no memory.
    """

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        self._dtls = dtls
        # What the last burst was sent with; held, so that the keys' memory stays while we use it.
        self._session: object = None
        self._pair: object = None
        self._keys: tuple[object, int] = (None, 0)
        self._socket: socket.socket | None = None
        self._address: tuple[str, int] = ("", 0)
        self._segmentation = True

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @property
    def is_open(self) -> bool:
        """Whether there is a viewer at the other end: handshakes over, and not closed since."""
        connected = internals.srtp_session(self._dtls) is not None
        return connected and internals.nominated_pair(self._dtls) is not None

    def _open(self) -> socket.socket | None:
        """The socket, once there are keys and an address; opened anew when either has changed."""
        session = internals.srtp_session(self._dtls)
        pair = internals.nominated_pair(self._dtls)
        if session is self._session and pair is self._pair and self._socket is not None:
            return self._socket
        self.close()
        if session is not None and pair is not None:
            self._keys = internals.srtp_keys(self._dtls, session)
            self._socket = sender_for(pair)
            self._address, self._session, self._pair = pair.remote_addr, session, pair
        return self._socket

    def send(self, burst: Burst, payload_type: int) -> int:
        """Send ``burst``; how many packets were dropped. Never waits, never raises `OSError`."""
        sock = self._open()
        if sock is None:
            return len(burst.packets)
        context, trailer = self._keys
        template = burst.template(payload_type, trailer)
        _arena[: len(template.data)] = template.data
        for pointer, length in template.slots:
            _length[0] = length
            if _protect(context, pointer, _length):
                return len(burst.packets)
        dropped = 0
        for run in template.runs:
            if run.control and self._segmentation:
                try:
                    sock.sendmsg(run.whole, run.control, 0, self._address)
                except OSError as error:
                    dropped += self._refused(sock, run, error)
            else:
                dropped += self._send_each(sock, run)
        return dropped

    def _refused(self, sock: socket.socket, run: _Run, error: OSError) -> int:
        """A run that did not go in one call; how many of its packets were dropped."""
        if error.errno not in _NO_SEGMENTATION:
            return len(run)
        self._segmentation = False
        return self._send_each(sock, run)

    def _send_each(self, sock: socket.socket, run: _Run) -> int:
        dropped = 0
        for at in range(run.start, run.end, run.size):
            packet = _arena_view[at : min(at + run.size, run.end)]
            try:
                sock.sendto(packet, self._address)
            except OSError:
                dropped += 1
        return dropped
