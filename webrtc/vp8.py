"""VP8 as RTP carries it (RFC 7741): where a picture starts, and its bytes without descriptors.

Every function is total: hostile bytes give False, None or `ValueError`, never more.
"""

from collections.abc import Iterable

_EXTENDED, _START, _PARTITION = 0x80, 0x10, 0x07
_START_CODE = b"\x9d\x01\x2a"
_PICTURE_ID, _TL0PICIDX, _TID, _KEYIDX = 0x80, 0x40, 0x20, 0x10


def _descriptor_length(payload: bytes) -> int:
    """Raises IndexError when the descriptor is cut (RFC 7741 section 4.2)."""
    if not payload[0] & _EXTENDED:
        return 1
    flags, length = payload[1], 2
    if flags & _PICTURE_ID:
        length += 2 if payload[length] & 0x80 else 1
    if flags & _TL0PICIDX:
        length += 1
    if flags & (_TID | _KEYIDX):
        length += 1
    return length


def starts_keyframe(payload: bytes) -> bool:
    """Whether this payload begins a picture that needs no other (RFC 7741 section 4.3, P = 0)."""
    try:
        if not payload[0] & _START or payload[0] & _PARTITION:
            return False
        return payload[_descriptor_length(payload)] & 0x01 == 0
    except IndexError:
        return False


def size(keyframe: bytes) -> tuple[int, int] | None:
    """Width and height of a whole keyframe (RFC 6386 section 9.1); None of what is none."""
    if len(keyframe) < 10 or keyframe[0] & 0x01 or keyframe[3:6] != _START_CODE:
        return None
    width, height = (int.from_bytes(keyframe[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    return (width, height) if width and height else None


def access_unit(payloads: Iterable[bytes]) -> bytes:
    """One picture from all its payloads, in order. Raises `ValueError` if its start is missing."""
    parts: list[bytes] = []
    for payload in payloads:
        try:
            if not parts and (not payload[0] & _START or payload[0] & _PARTITION):
                raise ValueError("the start of the picture is missing")
            parts.append(payload[_descriptor_length(payload) :])
        except IndexError:
            raise ValueError("a payload descriptor is cut") from None
    if not parts:
        raise ValueError("the picture is empty")
    return b"".join(parts)
