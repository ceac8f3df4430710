"""H264 as RTP carries it (RFC 6184, packetization mode 1) and as decoders read it (Annex B).

Every function here is total: hostile bytes give False, an empty list or `ValueError`, never more.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from struct import pack, unpack_from
from typing import NamedTuple

# RFC 6184 section 5.2, ITU-T H.264 table 7-1
_IDR, _SEI, _SPS, _PPS, _AUD, _FILLER = 5, 6, 7, 8, 9, 12
_STAP_A, _FU_A = 24, 28
_SLICES = range(1, 6)
_START, _END = 0x80, 0x40
_START_CODE = b"\x00\x00\x00\x01"
# A viewer decodes without them, and each small packet ahead of a slice is one more send.
_USELESS = frozenset({_SEI, _AUD, _FILLER})

PAYLOAD_BYTES = 1200
"""Largest RTP payload we make: fits IPv6's 1280 with UDP, RTP and the SRTP trailer."""


def nal_units(access_unit: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex B byte stream, start codes and trailing zeros removed."""
    starts = []
    found = access_unit.find(b"\x00\x00\x01")
    while found != -1:
        starts.append(found)
        found = access_unit.find(b"\x00\x00\x01", found + 3)
    starts.append(len(access_unit))
    for begin, end in pairwise(starts):
        # A NAL unit never ends in a zero byte: what does belongs to the next start code.
        unit = access_unit[begin + 3 : end].rstrip(b"\x00")
        if unit:
            yield unit


def packetise(access_unit: bytes, *, size: int = PAYLOAD_BYTES) -> list[bytes]:
    """RTP payloads of one picture: small units together (STAP-A), large ones cut (FU-A).

    All fragments of a unit but the last are ``size`` bytes, so that one system call can send them.
    """
    payloads: list[bytes] = []
    useful = (unit for unit in nal_units(access_unit) if unit[0] & 0x1F not in _USELESS)
    for units in gathered(useful, head=1, size=size):
        if len(units[0]) > size:
            payloads += _fragments(units[0], size)
        else:
            payloads.append(aggregate(units))
    return payloads


def gathered(units: Iterable[bytes], *, head: int, size: int) -> Iterator[list[bytes]]:
    """Units by the payload they go into: those that fit into ``size`` together, large ones alone.

    Together they take ``head`` bytes, and two for each.
    """
    small: list[bytes] = []
    room = size - head
    for unit in units:
        if small and len(unit) + 2 > room:
            yield small
            small, room = [], size - head
        if len(unit) > size:
            yield [unit]
        else:
            small.append(unit)
            room -= len(unit) + 2
    if small:
        yield small


def aggregate(units: Sequence[bytes]) -> bytes:
    """Several small units in one payload (STAP-A); one as it is."""
    if len(units) == 1:
        return units[0]
    importance = max(unit[0] & 0x60 for unit in units)  # RFC 6184 section 5.7.1
    parts = [bytes([importance | _STAP_A])]
    for unit in units:
        parts += (pack("!H", len(unit)), unit)
    return b"".join(parts)


def _fragments(unit: bytes, size: int) -> Iterator[bytes]:
    indicator = unit[0] & 0x60 | _FU_A
    kind = unit[0] & 0x1F
    room = size - 2
    for at in range(1, len(unit), room):
        header = kind
        if at == 1:
            header |= _START
        if at + room >= len(unit):
            header |= _END
        yield bytes((indicator, header)) + unit[at : at + room]


def evened(payloads: list[bytes]) -> list[bytes]:
    """As many payloads, showing the same picture: the fragments of a unit all of one size.

    Browsers cut a unit into parts that differ by a byte, and cameras put a small unit that no
    viewer needs ahead of each picture: both cost one more system call per viewer and picture. Here
    only a unit's last fragment is smaller, and what is left out leaves its place to one more
    fragment of what follows. A unit that is not whole stays as it came.
    """
    result: list[bytes] = []
    spare: list[bytes] = []  # of no use, their places free for the unit that follows
    index = 0
    while index < len(payloads):
        whole = _unit_at(payloads, index)
        index += len(whole)
        if len(whole) == 1 and whole[0][:1] and whole[0][0] & 0x1F in _USELESS:
            spare += whole
            continue
        result += _cut_evenly(whole, len(spare) + len(whole)) or spare + whole
        spare = []
    return result + spare


def _unit_at(payloads: list[bytes], index: int) -> list[bytes]:
    """All fragments of the unit that begins here, if it is whole; else the one payload."""
    first = payloads[index]
    if len(first) > 2 and first[0] & 0x1F == _FU_A and first[1] & (_START | _END) == _START:
        for end in range(index + 1, len(payloads)):
            payload = payloads[end]
            if len(payload) < 3 or payload[0] != first[0] or payload[1] & _START:
                break
            if payload[1] & _END:
                return payloads[index : end + 1]
    return payloads[index : index + 1]


def _cut_evenly(whole: list[bytes], count: int) -> list[bytes] | None:
    """The unit in ``count`` fragments of one size; None: it can't be, or there is no need."""
    first = whole[0]
    if count == 1 or len(first) < 2:
        return None
    if len(whole) > 1:
        head = first[0] & 0xE0 | first[1] & 0x1F
        body = b"".join(fragment[2:] for fragment in whole)
    elif 1 <= first[0] & 0x1F < _STAP_A:
        head, body = first[0], first[1:]
    else:
        return None
    size = -(-len(body) // count)
    if (count - 1) * size >= len(body):
        return None  # so short that nothing would be left for the last
    indicator, kind = head & 0xE0 | _FU_A, head & 0x1F
    bits = [_START, *[0] * (count - 2), _END]
    return [
        bytes((indicator, kind | bit)) + body[number * size : (number + 1) * size]
        for number, bit in enumerate(bits)
    ]


def recut(payloads: list[bytes], *, size: int = PAYLOAD_BYTES) -> list[bytes]:
    """The same picture in payloads of at most ``size``: large units are cut anew, evenly.

    Raises `ValueError` if the picture is not whole.
    """
    result: list[bytes] = []
    index = 0
    while index < len(payloads):
        whole = _unit_at(payloads, index)
        index += len(whole)
        if max(map(len, whole)) > size:
            length = sum(len(payload) - 2 for payload in whole)
            cut = _cut_evenly(whole, max(2, -(-length // (size - 2))))
            if cut is None or max(map(len, cut)) > size:
                return packetise(access_unit(payloads), size=size)
            result += cut
        else:
            result += whole
    return result


class Look(NamedTuple):
    """What a picture begins with: a slice at all, one that needs no other, a set ahead of it."""

    has_picture: bool
    is_intra: bool
    has_sets: bool


def look(payloads: Iterable[bytes]) -> Look:
    """What the picture of these payloads, in order, begins with."""
    has_sets = False
    for payload in payloads:
        for kind in _kinds(payload):
            if kind == _SPS:
                has_sets = True
            elif kind in (1, _IDR):  # data partitions (2 to 4) no camera makes, no browser takes
                return Look(True, kind == _IDR, has_sets)
    return Look(False, False, has_sets)


def _kinds(payload: bytes) -> list[int]:
    """The kinds of the units that begin in this payload."""
    if len(payload) < 2 or payload[0] & 0x80:
        return []
    kind = payload[0] & 0x1F
    if kind == _FU_A:
        return [payload[1] & 0x1F] if payload[1] & _START else []
    if kind == _STAP_A:
        return [unit[0] & 0x1F for unit in aggregated(payload)]
    return [kind]


def is_part_of_keyframe(payload: bytes) -> bool:
    """Whether a slice that needs no other lies in this payload, be it its middle."""
    if len(payload) > 1 and payload[0] & 0x1F == _FU_A:
        return payload[1] & 0x1F == _IDR
    return _IDR in _kinds(payload)


def sets_in(payloads: Iterable[bytes]) -> list[bytes]:
    """The parameter sets ahead of the picture in these payloads."""
    found = []
    for payload in payloads:
        kind = payload[0] & 0x1F if payload else 0
        if kind in (_FU_A, 1, _IDR):
            break
        units = aggregated(payload) if kind == _STAP_A else [payload]
        found += [unit for unit in units if unit and unit[0] & 0x1F in (_SPS, _PPS)]
    return found


def slice_bytes(payloads: Iterable[bytes]) -> int:
    """What the slices of this picture take: no sets, no information, no filler."""
    total = 0
    for payload in payloads:
        kind = payload[0] & 0x1F if len(payload) > 1 else 0
        if kind == _FU_A:
            if payload[1] & 0x1F in _SLICES:
                total += len(payload) - 2
        elif kind == _STAP_A:
            total += sum(len(unit) for unit in aggregated(payload) if unit[0] & 0x1F in _SLICES)
        elif kind in _SLICES:
            total += len(payload)
    return total


def starts_keyframe(payload: bytes) -> bool:
    """Whether this RTP payload holds the start of a picture that needs no other to be decoded."""
    if not payload:
        return False
    kind = payload[0] & 0x1F
    if kind == _FU_A:
        return len(payload) > 1 and bool(payload[1] & _START) and payload[1] & 0x1F == _IDR
    if kind == _STAP_A:
        return any(unit[0] & 0x1F in (_IDR, _SPS) for unit in aggregated(payload))
    return kind in (_IDR, _SPS)


def aggregated(payload: bytes, at: int = 1) -> list[bytes]:
    """The NAL units of an aggregation packet, from ``at`` on (RFC 6184 5.7.1, RFC 7798 4.4.2)."""
    units = []
    while at + 2 < len(payload):
        (length,) = unpack_from("!H", payload, at)
        unit = payload[at + 2 : at + 2 + length]
        if not length or len(unit) < length:
            break
        units.append(unit)
        at += 2 + length
    return units


def access_unit(payloads: Iterable[bytes]) -> bytes:
    """One picture in Annex B form from all its RTP payloads, in order.

    Raises `ValueError` if a first or last fragment is missing, or a payload is of a kind we never
    negotiate. A hole in the middle shows in the sequence numbers only: it is the caller's to see.
    """
    parts: list[bytes] = []
    open_fragment = False
    for payload in payloads:
        if len(payload) < 2:
            raise ValueError("a payload is too short")
        is_fragment = payload[0] & 0x1F == _FU_A
        if open_fragment != (is_fragment and not payload[1] & _START):
            raise ValueError("a fragment is missing")
        if is_fragment:
            if payload[1] & _START:
                parts += (_START_CODE, bytes([payload[0] & 0xE0 | payload[1] & 0x1F]))
            parts.append(payload[2:])
            open_fragment = not payload[1] & _END
        else:
            for unit in _whole_units(payload):
                parts += (_START_CODE, unit)
    if open_fragment or not parts:
        raise ValueError("a fragment is missing")
    return b"".join(parts)


def _whole_units(payload: bytes) -> list[bytes]:
    kind = payload[0] & 0x1F
    if kind == _STAP_A:
        return aggregated(payload)
    if 1 <= kind < _STAP_A:
        return [payload]
    raise ValueError(f"a payload of kind {kind} is not for this mode")


def is_keyframe(unit: bytes) -> bool:
    """Whether an Annex B access unit holds an IDR picture."""
    return any(nal[0] & 0x1F == _IDR for nal in nal_units(unit))


def parameter_sets(unit: bytes) -> bytes:
    """The parameter sets of an Annex B access unit, as one value to compare."""
    return b"".join(_START_CODE + nal for nal in nal_units(unit) if nal[0] & 0x1F in (_SPS, _PPS))


def length_prefixed(unit: bytes) -> bytes:
    """An Annex B access unit as MP4 has it (ISO 14496-15): each NAL unit behind its length."""
    parts: list[bytes] = []
    for nal in nal_units(unit):
        parts += (pack("!I", len(nal)), nal)
    return b"".join(parts)
