"""AV1 as RTP carries it (AV1 RTP payload format 1.0) and as decoders read it (section 5 OBUs).

Both functions are total: hostile bytes give False or `ValueError`, never more.
"""

from collections.abc import Iterable

# The aggregation header, section 4.4.
_CONTINUES, _GOES_ON, _NEW_SEQUENCE = 0x80, 0x40, 0x08
# An OBU's header: AV1 specification, sections 5.3.2 and 6.2.2.
_EXTENSION, _HAS_SIZE = 0x04, 0x02
_TEMPORAL_DELIMITER, _TILE_LIST, _PADDING = 2, 8, 15
_USELESS = frozenset({_TEMPORAL_DELIMITER, _TILE_LIST, _PADDING})
START_OF_PICTURE = bytes((_TEMPORAL_DELIMITER << 3 | _HAS_SIZE, 0))


def starts_keyframe(payload: bytes) -> bool:
    """Whether this payload is the first of a new coded video sequence: it begins with a key."""
    return len(payload) > 1 and payload[0] & (_CONTINUES | _NEW_SEQUENCE) == _NEW_SEQUENCE


def access_unit(payloads: Iterable[bytes]) -> bytes:
    """One temporal unit from all its payloads, in order, each OBU with its size.

    Raises `ValueError` if a payload is malformed or a part of an OBU is missing.
    """
    units: list[bytes] = []
    open_unit: bytes | None = None
    for payload in payloads:
        elements = _elements(payload)
        continues = bool(payload[0] & _CONTINUES)
        if continues != (open_unit is not None):
            raise ValueError("a part of an OBU is missing")
        if open_unit is not None:
            elements[0] = open_unit + elements[0]
        open_unit = elements.pop() if payload[0] & _GOES_ON else None
        units += elements
    sized = [_with_size(unit) for unit in units if unit]
    if open_unit is not None or not any(sized):
        raise ValueError("a part of an OBU is missing")
    return b"".join((START_OF_PICTURE, *sized))


def _elements(payload: bytes) -> list[bytes]:
    """The OBUs, or parts of them, in one payload. Raises `ValueError`."""
    if len(payload) < 2:
        raise ValueError("a payload is too short")
    count = payload[0] >> 4 & 0x03  # 0: each element has its length; else the last has none
    elements: list[bytes] = []
    at = 1
    while at < len(payload):
        length = len(payload) - at
        if not count or len(elements) < count - 1:
            length, at = _leb128(payload, at)
        if at + length > len(payload):
            raise ValueError("an OBU is longer than its payload")
        elements.append(payload[at : at + length])
        at += length
    if count and len(elements) != count:
        raise ValueError("a payload holds fewer OBUs than it says")
    return elements


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """The number at ``at``, and where it ends (AV1 specification, section 4.10.5)."""
    value = 0
    for index in range(8):
        if at >= len(data):
            break
        value |= (data[at] & 0x7F) << (7 * index)
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
    raise ValueError("a length is cut")


def _with_size(unit: bytes) -> bytes:
    """The OBU as a decoder wants it; empty if it is of no use to one."""
    if unit[0] >> 3 & 0x0F in _USELESS:
        return b""
    if unit[0] & _HAS_SIZE:
        return unit
    header = 2 if unit[0] & _EXTENSION else 1
    body = unit[header:]
    return bytes((unit[0] | _HAS_SIZE,)) + unit[1:header] + _as_leb128(len(body)) + body


def _as_leb128(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(0x80 | value & 0x7F)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
