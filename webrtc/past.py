"""The pictures since the newest keyframe, sent to whoever has none: under which times, how fast.

A receiver shows a picture at the time its timestamp says, and takes one that comes later than that
for a sign of a bad network. So the past is moved together, to just before the live pictures, and
the receiver is told to show each as soon as it is decoded (the header extension "playout delay").
"""

from typing import NamedTuple

from domain.streams import VIDEO_CLOCK_HZ
from webrtc.adapting import Link
from webrtc.history import History, OutputPacket
from webrtc.relay import RelayedStream
from webrtc.track import Track

_LEAST = VIDEO_CLOCK_HZ // 50
_TOGETHER = 400
"""Ticks of the past in one: pictures 40 ms apart come to lie 9 ticks, a tenth of a ms, apart.

So a page tells them from live ones: their times stand still while they arrive.
"""
_ONE_BYTE_HEADERS = b"\xbe\xde\x00\x01"  # RFC 8285 section 4.2, one word of extensions
_LAST_ONE_BYTE_ID = 14
_ROOM_FOR_EXTENSION = 1400
"""A larger payload would not fit an Ethernet frame with the extension before it."""

RESENT_EVERY_S = 5.0
"""A viewer that loses its picture again sooner waits for the next keyframe."""
_RESENT_WITHIN_S = 5.0
"""A link that takes longer for the past gets the next keyframe instead: it is there as soon."""


class Squeeze(NamedTuple):
    """Timestamps up to ``until`` moved towards it, in order: ``into`` ticks for each ``ticks``.

    A function of the packet and of values that never change for a viewer: the same packet is the
    same bytes whenever it is sent. ``extension`` goes with the picture of time ``first`` alone,
    since a receiver keeps to it.
    """

    until: int = -1
    into: int = 1
    ticks: int = 1
    first: int = -1
    extension: bytes = b""

    def apply(self, packet: OutputPacket) -> OutputPacket:
        early = self.until - packet.timestamp
        if early <= 0:
            return packet
        extended = packet.timestamp == self.first and len(packet.payload) <= _ROOM_FOR_EXTENSION
        return packet._replace(
            timestamp=self.until - early * self.into // self.ticks,
            extension=self.extension if extended else b"",
        )


def squeeze(
    history: History, start: int, *, spare_bit_per_s: float, as_decoded: int | None
) -> Squeeze:
    """How what comes from ``start`` on is moved, where so much more than live can be sent.

    ``as_decoded``: the id of the extension by which the receiver shows pictures as they are
    decoded. None: the past gets the times at which it comes, so that the receiver finds nothing
    late and delays nothing that follows.
    """
    oldest = next(history.since(start)).timestamp
    takes = int(_octets(history, start) * 8 / spare_bit_per_s * VIDEO_CLOCK_HZ)
    if as_decoded is None:
        until = history.newest_timestamp + max(_LEAST, takes)
        return Squeeze(until, min(until - history.newest_timestamp, until - oldest), until - oldest)
    # Whoever loses its picture has seen the newest: even the oldest of the past comes behind it.
    age = history.newest_timestamp - oldest
    until = history.newest_timestamp + max(_LEAST, takes, 2 * age // _TOGETHER)
    return Squeeze(until, 1, _TOGETHER, oldest, _show_as_decoded(as_decoded))


def start_again(stream: RelayedStream, link: Link, *, after_s: float) -> int | None:
    """Where a viewer who has lost its picture is to start, so long after it was sent the past.

    None: at the next keyframe. The past only helps where the publisher makes none when asked.
    """
    publisher = stream.publisher
    if publisher is None or publisher.makes_keyframes or link.reduced or after_s < RESENT_EVERY_S:
        return None
    start = stream.starting_point()
    if start is None:
        return None
    bits = 8 * _octets(stream.video.history, start)
    return start if bits <= spare_bit_per_s(stream.video, link) * _RESENT_WITHIN_S else None


def spare_bit_per_s(track: Track, link: Link) -> float:
    """What a link takes, as far as is known, beside what is live."""
    rate = track.bit_per_s()
    takes = link.pace_bit_per_s(rate) if link.bit_per_s is None else link.bit_per_s
    return takes - rate


def _octets(history: History, start: int) -> int:
    return sum(len(packet.payload) for packet in history.since(start))


def usable_id(agreed: int | None) -> int | None:
    """The extension's id, if it fits the short form that we write."""
    return agreed if agreed is not None and agreed <= _LAST_ONE_BYTE_ID else None


def _show_as_decoded(agreed: int) -> bytes:
    """The extension: two numbers of 12 bits, from and to how many 10 ms a picture may wait: 0."""
    return _ONE_BYTE_HEADERS + bytes([agreed << 4 | 2, 0, 0, 0])
