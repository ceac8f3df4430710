"""H265 as RTP carries it (RFC 7798, without DON) and as decoders read it (Annex B).

Every function here is total: hostile bytes give False, an empty list or `ValueError`, never more.
"""

from collections.abc import Iterable, Sequence
from struct import pack

from webrtc.h264 import PAYLOAD_BYTES, Look, aggregated, gathered, nal_units

# RFC 7798 section 4.4, ITU-T H.265 table 7-1
_KEYFRAMES = range(16, 22)  # BLA, IDR, CRA
_PICTURES = range(32)
_VPS, _SPS, _PPS, _AUD, _FILLER, _SEI, _SEI_AFTER = 32, 33, 34, 35, 38, 39, 40
_SETS = (_VPS, _SPS, _PPS)
_SET_MARKS = [bytes((0, 0, 1, kind << 1)) for kind in _SETS]
_AGGREGATE, _FRAGMENT = 48, 49
_START, _END = 0x80, 0x40
_START_CODE = b"\x00\x00\x00\x01"
_USELESS = frozenset({_AUD, _FILLER, _SEI, _SEI_AFTER})


def _kind(unit: bytes) -> int:
    """Of a NAL unit or a payload; 63, which means nothing, for what has no usable header."""
    if len(unit) < 3 or unit[0] & 0x81 or unit[1] & 0xF8 or not unit[1] & 0x07:
        return 63  # the forbidden bit, a layer above the first, or no temporal id
    return unit[0] >> 1


def packetise(access_unit: bytes, *, size: int = PAYLOAD_BYTES) -> list[bytes]:
    """RTP payloads of one picture: small units together, large ones cut."""
    payloads: list[bytes] = []
    useful = (unit for unit in nal_units(access_unit) if _kind(unit) not in _USELESS)
    for units in gathered(useful, head=2, size=size):
        if len(units[0]) > size:
            payloads += _fragments(units[0][:2], units[0][2:], size)
        else:
            payloads.append(aggregate(units))
    return payloads


def aggregate(units: Sequence[bytes]) -> bytes:
    if len(units) == 1:
        return units[0]
    parts = [bytes((_AGGREGATE << 1, 1))]
    for unit in units:
        parts += (pack("!H", len(unit)), unit)
    return b"".join(parts)


def _fragments(head: bytes, body: bytes, size: int) -> list[bytes]:
    """All of one size but the last, which may be smaller."""
    count = -(-len(body) // (size - 3))
    room = -(-len(body) // count)
    start = bytes((head[0] & 0x81 | _FRAGMENT << 1, head[1]))
    kind = head[0] >> 1 & 0x3F
    cut = []
    for at in range(0, len(body), room):
        bits = (_START if at == 0 else 0) | (_END if at + room >= len(body) else 0)
        cut.append(start + bytes((kind | bits,)) + body[at : at + room])
    return cut


def recut(payloads: Sequence[bytes], *, size: int = PAYLOAD_BYTES) -> list[bytes]:
    """The same picture in payloads of at most ``size``. Raises `ValueError` if it is not whole."""
    return packetise(access_unit(payloads), size=size)


def look(payloads: Iterable[bytes]) -> Look:
    """What the picture of these payloads, in order, begins with."""
    has_sets = False
    for payload in payloads:
        for kind in _kinds(payload):
            if kind == _SPS:
                has_sets = True
            elif kind in _PICTURES:
                return Look(True, kind in _KEYFRAMES, has_sets)
    return Look(False, False, has_sets)


def _kinds(payload: bytes) -> list[int]:
    """The kinds of the units that begin in this payload."""
    kind = _kind(payload)
    if kind == _FRAGMENT:
        return [payload[2] & 0x3F] if payload[2] & _START else []
    if kind == _AGGREGATE:
        return [_kind(unit) for unit in aggregated(payload, at=2)]
    return [kind]


def is_part_of_keyframe(payload: bytes) -> bool:
    """Whether a slice that needs no other lies in this payload, be it its middle."""
    if _kind(payload) == _FRAGMENT:
        return payload[2] & 0x3F in _KEYFRAMES
    return any(kind in _KEYFRAMES for kind in _kinds(payload))


def sets_in(payloads: Iterable[bytes]) -> list[bytes]:
    """The parameter sets ahead of the picture in these payloads."""
    found = []
    for payload in payloads:
        kind = _kind(payload)
        if kind == _FRAGMENT or kind in _PICTURES:
            break
        units = aggregated(payload, at=2) if kind == _AGGREGATE else [payload]
        found += [unit for unit in units if _kind(unit) in _SETS]
    return found


def slice_bytes(payloads: Iterable[bytes]) -> int:
    """What the slices of this picture take: no sets, no information, no filler."""
    total = 0
    for payload in payloads:
        kind = _kind(payload)
        if kind == _FRAGMENT:
            if payload[2] & 0x3F in _PICTURES:
                total += len(payload) - 3
        elif kind == _AGGREGATE:
            total += sum(len(u) for u in aggregated(payload, at=2) if _kind(u) in _PICTURES)
        elif kind in _PICTURES:
            total += len(payload)
    return total


def starts_keyframe(payload: bytes) -> bool:
    """Whether this RTP payload holds the start of a picture that needs no other to be decoded."""
    return any(kind in _KEYFRAMES or kind in (_VPS, _SPS) for kind in _kinds(payload))


def access_unit(payloads: Iterable[bytes]) -> bytes:
    """One picture in Annex B form from all its RTP payloads, in order.

    Raises `ValueError` as `h264.access_unit` does.
    """
    parts: list[bytes] = []
    open_fragment = False
    for payload in payloads:
        kind = _kind(payload)
        is_fragment = kind == _FRAGMENT
        if open_fragment != (is_fragment and not payload[2] & _START):
            raise ValueError("a fragment is missing")
        if is_fragment:
            if payload[2] & _START:
                first = payload[0] & 0x81 | (payload[2] & 0x3F) << 1
                parts += (_START_CODE, bytes((first, payload[1])))
            parts.append(payload[3:])
            open_fragment = not payload[2] & _END
        elif kind < _AGGREGATE:
            parts += (_START_CODE, payload)
        elif kind == _AGGREGATE:
            for unit in aggregated(payload, at=2):
                parts += (_START_CODE, unit)
        else:
            raise ValueError(f"a payload of kind {kind} is not for this mode")
    if open_fragment or not parts:
        raise ValueError("a fragment is missing")
    return b"".join(parts)


def is_keyframe(unit: bytes) -> bool:
    """Whether an Annex B access unit holds a picture that needs no other."""
    return any(_kind(nal) in _KEYFRAMES for nal in nal_units(unit))


def parameter_sets(unit: bytes) -> bytes:
    """The parameter sets of an Annex B access unit, as one value to compare."""
    return b"".join(_START_CODE + nal for nal in nal_units(unit) if _kind(nal) in _SETS)


def without_sets(unit: bytes) -> bytes:
    """An Annex B access unit without its parameter sets."""
    if not any(mark in unit for mark in _SET_MARKS):
        return unit
    return b"".join(_START_CODE + nal for nal in nal_units(unit) if _kind(nal) not in _SETS)
