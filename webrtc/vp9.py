"""VP9 as RTP carries it (RFC 9628): where a picture starts, and its bytes without descriptors.

Both functions are total: hostile bytes give False or `ValueError`, never more.
"""

from collections.abc import Iterable
from typing import NamedTuple

_PICTURE_ID, _INTER, _LAYERS, _FLEXIBLE, _BEGIN, _STRUCTURE = 0x80, 0x40, 0x20, 0x10, 0x08, 0x02
_Y, _G = 0x10, 0x08
_MAX_REFERENCES = 3


class _Descriptor(NamedTuple):
    begins: bool
    needs_others: bool
    spatial_layer: int
    length: int


def _read(payload: bytes) -> _Descriptor:
    """Raises IndexError when the descriptor is cut (RFC 9628 section 4.2)."""
    flags, at = payload[0], 1
    spatial = 0
    if flags & _PICTURE_ID:
        at += 2 if payload[at] & 0x80 else 1
    if flags & _LAYERS:
        spatial = payload[at] >> 1 & 0x07
        at += 1 if flags & _FLEXIBLE else 2
    if flags & _FLEXIBLE and flags & _INTER:
        for _ in range(_MAX_REFERENCES):
            at += 1
            if not payload[at - 1] & 0x01:
                break
    if flags & _STRUCTURE:
        at = _skip_structure(payload, at)
    return _Descriptor(bool(flags & _BEGIN), bool(flags & _INTER), spatial, at)


def _skip_structure(payload: bytes, at: int) -> int:
    """Past the scalability structure (RFC 9628 section 4.2.1)."""
    head = payload[at]
    at += 1
    if head & _Y:
        at += 4 * ((head >> 5) + 1)
    if head & _G:
        pictures = payload[at]
        at += 1
        for _ in range(pictures):
            at += 1 + (payload[at] >> 2 & 0x03)
    return at


def starts_keyframe(payload: bytes) -> bool:
    """Whether this payload begins a picture that needs no other."""
    try:
        descriptor = _read(payload)
        payload[descriptor.length]
    except IndexError:
        return False
    return descriptor.begins and not descriptor.needs_others and not descriptor.spatial_layer


def access_unit(payloads: Iterable[bytes]) -> bytes:
    """One picture from all its payloads, in order.

    Raises `ValueError` if its start is missing, or if it is made of several spatial layers: those
    would have to be put together as a superframe, and no browser sends them unasked.
    """
    parts: list[bytes] = []
    for payload in payloads:
        try:
            descriptor = _read(payload)
        except IndexError:
            raise ValueError("a payload descriptor is cut") from None
        if descriptor.spatial_layer:
            raise ValueError("a picture of several spatial layers")
        if descriptor.begins == bool(parts):
            raise ValueError("the start of the picture is missing, or comes twice")
        parts.append(payload[descriptor.length :])
    if not any(parts):
        raise ValueError("the picture is empty")
    return b"".join(parts)
