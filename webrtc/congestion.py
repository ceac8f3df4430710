"""What a publisher is told of its network: when each of its packets came, and how much it may send.

Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1) is what a
browser's own estimator lives on; REMB is the relay's ceiling. Nothing here does I/O or has a clock.
"""

from collections.abc import Iterator
from struct import Struct, error, pack, unpack_from
from typing import NamedTuple

from aiortc.rtp import RTCP_PSFB, RTCP_PSFB_APP, RTCP_RTPFB, pack_remb_fci, pack_rtcp_packet

FMT_TRANSPORT_CC = 15
TICK_US = 250
"""Arrival times are told in steps of this."""
_REFERENCE_US = 64_000
_HEADER = Struct("!IIHHI")  # sender, media, first sequence, packets, reference time and counter

_BACK = 512
"""Packets: what is later than this is of no use to an estimator any more."""
_AHEAD = 4096
"""A jump further ahead is a new start, not loss."""
_MOST_REPORTED = 300
"""Packets in one feedback: with two bytes for each, and `_AHEAD` statuses, it fits a datagram."""

_LOST, _SMALL, _LARGE = 0, 1, 2
_RUN_MAX = 0x1FFF


class Arrivals:
    """Remembers when packets came, until they are reported. One per connection, bounded."""

    def __init__(self) -> None:
        self._times: dict[int, int] = {}  # extended sequence number, microseconds
        self._newest: int | None = None
        self._next = 0  # the first that no feedback has told of
        self._floor = 0  # nothing below is remembered
        self._counter = 0

    def saw(self, sequence: int, at_us: int) -> None:
        """A packet of this transport-wide number (16 bits) came; ``at_us`` never runs back."""
        if self._newest is None:
            self._start(sequence)
        newest = self._newest
        assert newest is not None  # noqa: S101 set by _start
        delta = ((sequence - newest + 0x8000) & 0xFFFF) - 0x8000
        if not -_BACK < delta <= _AHEAD:
            self._start(sequence)
            newest, delta = sequence, 0
        extended = newest + delta
        if extended in self._times:
            return
        self._times[extended] = at_us
        self._newest = max(newest, extended)
        # One that was reported lost and came after all: told again, with all behind it.
        self._next = min(self._next, extended)
        self._forget_below(self._newest - _BACK - _AHEAD)

    def _start(self, sequence: int) -> None:
        self._times.clear()
        self._newest, self._next, self._floor = sequence, sequence, sequence - _BACK

    def _forget_below(self, floor: int) -> None:
        while self._floor < floor:
            self._times.pop(self._floor, None)
            self._floor += 1

    def feedback(self, *, sender_ssrc: int, media_ssrc: int) -> list[bytes]:
        """RTCP packets about all that came since the last call; none if nothing did."""
        if self._newest is None or self._next > self._newest:
            return []
        packets = []
        first = max(self._next, self._floor)
        # A feedback begins with a packet that came: its time is the reference.
        known = [number for number in range(first, self._newest + 1) if number in self._times]
        while known:
            run = self._run(known)
            statuses = [self._times.get(number) for number in range(run[0], run[-1] + 1)]
            packets.append(build(sender_ssrc, media_ssrc, run[0] & 0xFFFF, self._counter, statuses))
            self._counter = (self._counter + 1) & 0xFF
            known = known[len(run) :]
        self._next = self._newest + 1
        self._forget_below(self._next - _BACK)
        return packets

    def _run(self, known: list[int]) -> list[int]:
        """As many of ``known``, which are in order, as one feedback can tell of."""
        before = self._times[known[0]]
        for index, number in enumerate(known):
            at_us = self._times[number]
            far = abs(at_us // TICK_US - before // TICK_US) > 0x7FFF
            if far or number - known[0] >= _AHEAD or index == _MOST_REPORTED:
                return known[:index]
            before = at_us
        return known


def build(
    sender_ssrc: int, media_ssrc: int, first: int, counter: int, times_us: list[int | None]
) -> bytes:
    """One feedback: when each packet from ``first`` on came, None: not yet.

    The first and the last have come. Raises `ValueError` if two times are over 8 s apart.
    """
    if not times_us or times_us[0] is None:
        raise ValueError("a feedback begins with a packet that came")
    reference = times_us[0] // _REFERENCE_US
    before = reference * (_REFERENCE_US // TICK_US)
    statuses, deltas = [], []
    for at_us in times_us:
        if at_us is None:
            statuses.append(_LOST)
            continue
        delta, before = at_us // TICK_US - before, at_us // TICK_US
        if 0 <= delta <= 0xFF:
            statuses.append(_SMALL)
            deltas.append(bytes((delta,)))
        elif -0x8000 <= delta <= 0x7FFF:
            statuses.append(_LARGE)
            deltas.append(pack("!h", delta))
        else:
            raise ValueError("two packets came too far apart for one feedback")
    body = _HEADER.pack(
        sender_ssrc,
        media_ssrc,
        first,
        len(times_us),
        (reference & 0xFFFFFF) << 8 | counter,
    )
    body += b"".join((*_chunks(statuses), *deltas))
    body += bytes(-len(body) % 4)
    return pack_rtcp_packet(RTCP_RTPFB, FMT_TRANSPORT_CC, body)


def _chunks(statuses: list[int]) -> Iterator[bytes]:
    at = 0
    while at < len(statuses):
        symbol = statuses[at]
        run = 1
        while at + run < len(statuses) and statuses[at + run] == symbol and run < _RUN_MAX:
            run += 1
        if run >= 7:
            yield pack("!H", symbol << 13 | run)
            at += run
            continue
        one_bit = statuses[at : at + 14]
        if _LARGE not in one_bit:
            bits = sum(status << (13 - index) for index, status in enumerate(one_bit))
            yield pack("!H", 0x8000 | bits)
            at += 14
            continue
        two_bits = statuses[at : at + 7]
        bits = sum(status << (12 - 2 * index) for index, status in enumerate(two_bits))
        yield pack("!H", 0xC000 | bits)
        at += 7


class Feedback(NamedTuple):
    """What a feedback says. ``arrivals``: microseconds in the sender's clock; None: not come."""

    sender_ssrc: int
    media_ssrc: int
    first: int
    counter: int
    arrivals: list[int | None]


def parse(packet: bytes) -> Feedback:
    """One RTCP packet. Raises `ValueError` on anything that is no transport-wide feedback."""
    if len(packet) < 4 + _HEADER.size or packet[:2] != b"\x8f\xcd":
        raise ValueError("this is no transport-wide feedback")
    if len(packet) != 4 * (unpack_from("!H", packet, 2)[0] + 1):
        raise ValueError("a feedback's length is wrong")
    sender_ssrc, media_ssrc, first, packets, last = _HEADER.unpack_from(packet, 4)
    reference = last >> 8
    now_us = (reference - (reference & 0x800000) * 2) * _REFERENCE_US
    arrivals: list[int | None] = []
    try:
        statuses, at = _statuses(packet, packets)
        for status in statuses:
            if status == _LOST:
                arrivals.append(None)
                continue
            if status == _SMALL:
                now_us += packet[at] * TICK_US
                at += 1
            else:
                now_us += unpack_from("!h", packet, at)[0] * TICK_US
                at += 2
            arrivals.append(now_us)
    except (IndexError, error):
        raise ValueError("a feedback is cut") from None
    return Feedback(sender_ssrc, media_ssrc, first, last & 0xFF, arrivals)


def _statuses(packet: bytes, packets: int) -> tuple[list[int], int]:
    """The status of each packet, and where the times begin. Raises `ValueError`."""
    statuses: list[int] = []
    at = 4 + _HEADER.size
    while len(statuses) < packets:
        chunk = unpack_from("!H", packet, at)[0]
        at += 2
        if not chunk & 0x8000:
            run = chunk & _RUN_MAX
            if not run:
                raise ValueError("a run of no packets")
            statuses += [chunk >> 13] * min(run, packets - len(statuses))
        elif chunk & 0x4000:
            statuses += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            statuses += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    del statuses[packets:]
    if any(status > _LARGE for status in statuses):
        raise ValueError("a packet's status is reserved")
    return statuses, at


def remb(sender_ssrc: int, bit_per_s: int, ssrcs: list[int]) -> bytes:
    """The most these sources may send together (draft-alvestrand-rmcat-remb-03)."""
    body = pack("!II", sender_ssrc, 0) + pack_remb_fci(bit_per_s, ssrcs)
    return pack_rtcp_packet(RTCP_PSFB, RTCP_PSFB_APP, body)


class Ceiling:
    """Finds a publisher that sends far more than it was told it may, for longer than a burst."""

    FACTOR = 4
    """A browser's probes reach three times its rate; nothing honest stays above this."""
    WINDOWS = 2

    def __init__(self, *, bit_per_s: int) -> None:
        self._octets_per_s = bit_per_s * self.FACTOR / 8
        self._since_s: float | None = None
        self._octets = 0
        self._over = 0

    def saw(self, octets: int, now_s: float) -> bool:
        """Whether that was too much: over the limit in two whole seconds one after the other."""
        if self._since_s is None:
            self._since_s = now_s
        elapsed_s = now_s - self._since_s
        if elapsed_s >= 1.0:
            self._over = self._over + 1 if self._octets > self._octets_per_s * elapsed_s else 0
            self._since_s, self._octets = now_s, 0
        self._octets += octets
        return self._over >= self.WINDOWS
