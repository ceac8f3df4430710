"""An incoming RTP packet, read no further than the relay needs (RFC 3550, RFC 8285, RFC 4588).

Total: hostile bytes give None. aiortc's own parser lets exceptions of several kinds out of a broken
header extension, and its router remembers every SSRC it is shown.
"""

from struct import Struct
from typing import NamedTuple

_HEADER = Struct("!BBHII")
_EXTENSION = Struct("!HH")
_NUMBER = Struct("!H")
_ONE_BYTE = 0xBEDE
_TWO_BYTES = 0x1000


class ExtensionIds(NamedTuple):
    """Ids of the header extensions that were agreed on; 0: not agreed."""

    transport_sequence: int = 0
    rid: int = 0
    repaired_rid: int = 0


class Incoming(NamedTuple):
    """``transport_sequence``: over all of the connection's packets; the RIDs are RFC 8852's."""

    payload_type: int
    marker: bool
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes
    transport_sequence: int | None = None
    rid: str | None = None
    repaired_rid: str | None = None


def parse(data: bytes, ids: ExtensionIds) -> Incoming | None:
    """``data``: one packet, its protection removed."""
    if len(data) < _HEADER.size:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    start, end = _HEADER.size + 4 * (first & 0x0F), len(data)
    found: dict[int, bytes] = {}
    if first & 0x10 and end >= start + 4:
        profile, words = _EXTENSION.unpack_from(data, start)
        start += 4 + 4 * words
        found = _extensions(profile, data[start - 4 * words : start])
    elif first & 0x10:
        return None
    if first & 0x20:  # padding says its length, itself included
        end -= data[-1] or end
    if first >> 6 != 2 or end < start:
        return None
    number = found.get(ids.transport_sequence)
    return Incoming(
        second & 0x7F,
        bool(second & 0x80),
        sequence,
        timestamp,
        ssrc,
        data[start:end],
        _NUMBER.unpack(number)[0] if number is not None and len(number) == 2 else None,
        _text(found.get(ids.rid)),
        _text(found.get(ids.repaired_rid)),
    )


def _extensions(profile: int, data: bytes) -> dict[int, bytes]:
    """Ids, never 0, and values, up to the first that is cut."""
    found: dict[int, bytes] = {}
    two_bytes = profile & 0xFFF0 == _TWO_BYTES
    if not two_bytes and profile != _ONE_BYTE:
        return found
    at = 0
    while at < len(data):
        if not data[at]:  # padding
            at += 1
            continue
        if two_bytes:
            if at + 1 >= len(data):
                break
            number, size, at = data[at], data[at + 1], at + 2
        else:
            number, size, at = data[at] >> 4, (data[at] & 0x0F) + 1, at + 1
            if number == 15:  # RFC 8285 section 4.2: the rest is to be ignored
                break
        if at + size > len(data):
            break
        if number:
            found[number] = data[at : at + size]
        at += size
    return found


def _text(value: bytes | None) -> str | None:
    return value.decode("ascii", "replace") if value else None


def unwrap(rtx: Incoming, *, payload_type: int, ssrc: int) -> Incoming | None:
    """The packet that a retransmission carries (RFC 4588 section 4); None: it was only padding."""
    if len(rtx.payload) < 2:
        return None
    (original,) = _NUMBER.unpack_from(rtx.payload)
    return Incoming(
        payload_type, rtx.marker, original, rtx.timestamp, ssrc, rtx.payload[_NUMBER.size :]
    )
