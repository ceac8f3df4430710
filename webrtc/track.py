"""One track of a stream: packets in from whoever publishes, numbered, kept, and handed to viewers.

Nothing here decodes. Pictures are told apart by timestamp and marker (RFC 3550), keyframes by the
first bytes of a payload.
"""

import asyncio
import random
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from domain.streams import Codec
from webrtc import h264
from webrtc.codecs import access_unit, starts_keyframe
from webrtc.history import History, OutputPacket
from webrtc.metrics import Metrics
from webrtc.numbering import Numbering
from webrtc.sending import MAX_PAYLOAD_BYTES, PACED_PACKETS, Burst, bursts

# Pictures wait this long for their marker bit, then what is there goes out.
_FLUSH_AFTER_S = 0.004
# A camera's GOP of 10 s at 6 Mbit/s is 6,300 packets and 7.5 MB; a bit rate half as high again
# still fits. Most streams hold far less: see `_forget_old`.
_MAX_PACKETS = 8192
_MAX_BYTES = 12 * 1024 * 1024
_KEPT_PACKETS = 1024
"""Held in any case, for viewers that ask again: as far back as SRTP sends the same number twice."""
_RATE_WINDOW_S = 2.0
_NTP_EPOCH_S = 2_208_988_800  # from 1900 to 1970


class Clock(Protocol):
    """The wall clock (``time.time``): seconds since 1970."""

    def __call__(self) -> float: ...


class Unit(NamedTuple):
    """One whole picture as it came out of the relay, in the codec's own form."""

    data: bytes
    is_keyframe: bool
    captured_at_s: float
    timestamp: int


class Track:
    """Video or sound of one stream, for all its life; publishers come and go.

    ``send`` is given every burst; ``saw_unit`` every whole picture while ``wants_units`` is set.
    """

    def __init__(
        self,
        *,
        clock_hz: int,
        send: Callable[[Burst], None],
        saw_unit: Callable[[Unit], None],
        metrics: Metrics,
        clock: Clock = time.time,
    ) -> None:
        self.ssrc = random.randint(1, 2**32 - 1)  # noqa: S311 an identifier, not a secret
        self.codec: Codec | None = None
        self.wants_units = False
        self.is_watched = True
        self.last_packet_s: float | None = None
        self.octets = 0
        # A start in the lower half: a first packet lost near the wrap would upset SRTP's counter.
        self._numbering = Numbering(
            clock_hz=clock_hz,
            first_sequence=random.randint(1, 2**15 - 1),  # noqa: S311 as above
            first_timestamp=random.randint(2**24, 2**31),  # noqa: S311 as above
        )
        self.history = History(max_packets=_MAX_PACKETS, max_bytes=_MAX_BYTES)
        self._clock_hz = clock_hz
        self._send, self._saw_unit = send, saw_unit
        self._metrics, self._clock = metrics, clock
        self._next_in = 0  # input numbers of pictures that come without any
        self._pending: dict[int, OutputPacket] = {}  # by sequence number, of one picture
        self._pending_time = 0
        self._pending_at_s = 0.0
        self._flush_timer: asyncio.TimerHandle | None = None
        self._unit_start: int | None = None  # first sequence number of the newest picture
        self._unit_time: int | None = None
        self._unit_is_keyframe = False
        self._unit_at_s = 0.0
        self._keyframe_start: int | None = None
        self._keyframe_at_s = 0.0
        self._keyframe_time: int | None = None
        self._flushed_time: int | None = None  # timestamp of the newest picture that went out
        self._rate = (clock(), 0, 0.0)  # window's start, octets then, bit/s of the window before
        self._report: tuple[int, int] | None = None  # NTP time and output timestamp
        self._newest: tuple[int, float] | None = None  # output timestamp, when it came

    def begin(self, codec: Codec, *, at: int | None = None) -> None:
        """A publisher starts: the numbers go on, the pictures before it are no start any more.

        ``at``: its first timestamp, which the track's very first publisher keeps.
        """
        self.flush()
        now = self._clock()
        self._numbering.begin(after_s=now - (self.last_packet_s or now), at=at)
        if codec is not self.codec:
            self.history.forget()
        self.codec = codec
        self._keyframe_start = self._unit_start = self._unit_time = None
        self._report = None

    def receive(self, sequence: int, timestamp: int, marker: bool, payload: bytes) -> None:
        """One RTP packet from the publisher, numbers as it gave them."""
        self._metrics.packets_in.inc()
        # An empty payload is a browser's padding. It goes on: without it there would be a hole in
        # the numbers, and every viewer would ask for what never was.
        if len(payload) > MAX_PAYLOAD_BYTES:
            self._metrics.packets_dropped.labels("size").inc()
            return
        place = self._numbering.place(sequence, timestamp)
        if place is None:
            self._metrics.packets_dropped.labels("out-of-place").inc()
            return
        packet = OutputPacket(place[0], place[1], marker, payload)
        if packet.sequence in self._pending or not self.history.takes(packet.sequence):
            self._metrics.packets_dropped.labels("duplicate").inc()
            return
        if self._pending and self._pending_time != packet.timestamp:
            self.flush()
        if not self._pending:
            self._pending_time, self._pending_at_s = packet.timestamp, self._clock()
        self._pending[packet.sequence] = packet
        if marker:
            self.flush()
            self._finish_unit(packet)
        elif self._flush_timer is None:
            self._flush_timer = asyncio.get_running_loop().call_later(_FLUSH_AFTER_S, self.flush)

    def receive_unit(self, payloads: list[bytes], timestamp: int) -> None:
        """One whole picture, packetised already; ``timestamp`` in 90 kHz units, 32 bits used."""
        for payload in payloads[:-1]:
            self.receive(self._next_in, timestamp & 0xFFFFFFFF, False, payload)
            self._next_in = (self._next_in + 1) & 0xFFFF
        self.receive(self._next_in, timestamp & 0xFFFFFFFF, True, payloads[-1])
        self._next_in = (self._next_in + 1) & 0xFFFF

    def _note(self, packet: OutputPacket) -> None:
        self.octets += len(packet.payload)
        if self._unit_time is None or packet.timestamp > self._unit_time:
            self.last_packet_s = self._unit_at_s = self._pending_at_s
            self._unit_time, self._unit_start = packet.timestamp, packet.sequence
            self._unit_is_keyframe = False
            self._newest = (packet.timestamp, self._unit_at_s)
        elif packet.timestamp == self._unit_time and packet.sequence < (self._unit_start or 0):
            self._unit_start = packet.sequence  # it came late, from ahead of what we have
            if self._unit_is_keyframe:
                self._keyframe_start = packet.sequence
        if packet.timestamp != self._unit_time or self._unit_is_keyframe or self.codec is None:
            return
        if starts_keyframe(self.codec, packet.payload):
            self._unit_is_keyframe = True
            self._keyframe_time = packet.timestamp
            self._forget_old()
            self._keyframe_start, self._keyframe_at_s = self._unit_start, self._unit_at_s

    def _forget_old(self) -> None:
        """A new keyframe: the pictures before the last one are nobody's first any more."""
        if self._keyframe_start is not None:
            kept = self.history.newest - _KEPT_PACKETS
            self.history.forget_before(min(self._keyframe_start, kept))

    def flush(self) -> None:
        """Send what has come of the newest picture."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        if not self._pending:
            return
        pending, self._pending = self._pending, {}
        # Kept only now, in the form that goes out: whatever is sent again is the same bytes.
        packets = [
            each for each in self._evened(sorted(pending.values())) if self.history.put(each)
        ]
        for packet in packets:
            self._note(packet)
        timestamp = self._pending_time
        starts = self._flushed_time is None or timestamp > self._flushed_time
        if starts:
            self._flushed_time = timestamp
        if not self.is_watched:
            return  # whoever comes finds them in the history
        for burst in bursts(
            packets,
            ssrc=self.ssrc,
            most=PACED_PACKETS,
            starts_picture=starts,
            is_keyframe=timestamp == self._keyframe_time,
        ):
            self._send(burst)

    def bit_per_s(self) -> float:
        """What came in over the last whole window; asked for at least now and then."""
        start_s, octets, rate = self._rate
        now_s = self._clock()
        if now_s - start_s >= _RATE_WINDOW_S:
            rate = (self.octets - octets) * 8 / (now_s - start_s)
            self._rate = (now_s, self.octets, rate)
        return rate

    def _evened(self, packets: list[OutputPacket]) -> list[OutputPacket]:
        """The same numbers, the pictures' fragments of one size; as they came if one is missing."""
        first, last = packets[0].sequence, packets[-1].sequence
        if self.codec is not Codec.H264 or last - first != len(packets) - 1:
            return packets
        evened = h264.evened([packet.payload for packet in packets])
        return [
            packet._replace(payload=payload)
            for packet, payload in zip(packets, evened, strict=True)
        ]

    def _finish_unit(self, last: OutputPacket) -> None:
        if not self.wants_units or last.timestamp != self._unit_time or self._unit_start is None:
            return
        unit = self._whole(self._unit_start, last.sequence)
        if unit is not None:
            self._saw_unit(Unit(unit, self._unit_is_keyframe, self._unit_at_s, last.timestamp))

    def _whole(self, first: int, last: int) -> bytes | None:
        payloads = []
        for sequence in range(first, last + 1):
            packet = self.history.get(sequence)
            if packet is None:
                return None
            if packet.payload:
                payloads.append(packet.payload)
        if self.codec is None:
            return None
        try:
            return access_unit(self.codec, payloads)
        except ValueError:
            return None

    @property
    def keyframe_at_s(self) -> float:
        """When the newest keyframe came: all since came later."""
        return self._keyframe_at_s

    def came_at_s(self, timestamp: int, *, not_before_s: float = float("-inf")) -> float:
        """When the picture of ``timestamp`` came, by how far it lies before the newest.

        ``not_before_s``: what is known of it; a publisher's times alone may say anything.
        """
        newest, newest_at_s = self._newest or (timestamp, self._clock())
        at_s = min(newest_at_s, newest_at_s - (newest - timestamp) / self._clock_hz)
        was_set_back = not_before_s > newest_at_s  # our clock: then nothing is known
        return at_s if was_set_back else max(at_s, not_before_s)

    def keyframe_start(self, *, max_age_s: float) -> int | None:
        """Where the newest keyframe begins, if all since is held and it is not older than that."""
        start = self._keyframe_start
        if start is None or not self.history.holds(start):
            return None
        return start if self._clock() - self._keyframe_at_s <= max_age_s else None

    def units_since_keyframe(self, *, max_age_s: float) -> list[Unit]:
        """The whole pictures from the newest keyframe on, up to the first that has a hole."""
        start = self.keyframe_start(max_age_s=max_age_s)
        units: list[Unit] = []
        if start is None:
            return units
        first = start
        for sequence in range(start, self.history.newest + 1):
            packet = self.history.get(sequence)
            if packet is None:
                break
            if packet.marker:
                data = self._whole(first, sequence)
                if data is None:
                    break
                at_s = self.came_at_s(packet.timestamp)
                units.append(Unit(data, not units, at_s, packet.timestamp))
                first = sequence + 1
        return units

    def heard_report(self, ntp: int, timestamp: int) -> None:
        """The publisher's sender report: its clock's time for one of its timestamps."""
        self._report = (ntp, self._numbering.output_time(timestamp))

    def report(self, clock_offset: int) -> tuple[int, int] | None:
        """NTP time and timestamp for our sender reports; None before the first packet.

        ``clock_offset`` (NTP units) turns the publisher's clock into ours, the same for picture
        and sound: what the publisher said belongs together stays together.
        """
        if self._newest is None:
            return None
        timestamp, at_s = self._newest
        if self._report is None:
            return ntp_time(at_s), timestamp
        ntp, known = self._report
        elapsed = ((timestamp - known) << 32) // self._clock_hz
        return (ntp + elapsed + clock_offset) & (2**64 - 1), timestamp


def ntp_time(wall_s: float) -> int:
    """64 bits, seconds since 1900 in the upper half (RFC 5905)."""
    return int((wall_s + _NTP_EPOCH_S) * 2**32)
