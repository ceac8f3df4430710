"""What differs between the codecs the relay forwards: keyframes, whole pictures, decoders' names.

Every function is total: hostile bytes give False or `ValueError`, never more.
"""

from collections.abc import Callable

from domain.streams import Codec
from webrtc import av1, h264, h265, vp8, vp9

PREFERENCE = (Codec.H264, Codec.VP8, Codec.VP9, Codec.AV1, Codec.H265)
"""Of a publisher that speaks several: first what every phone encodes and every page decodes."""

DECODERS = {
    Codec.H264: "h264",
    Codec.H265: "hevc",
    Codec.VP8: "vp8",
    Codec.VP9: "vp9",
    Codec.AV1: "libdav1d",
}
"""FFmpeg's names."""

_STARTS: dict[Codec, Callable[[bytes], bool]] = {
    Codec.H264: h264.starts_keyframe,
    Codec.H265: h265.starts_keyframe,
    Codec.VP8: vp8.starts_keyframe,
    Codec.VP9: vp9.starts_keyframe,
    Codec.AV1: av1.starts_keyframe,
}
_UNITS: dict[Codec, Callable[[list[bytes]], bytes]] = {
    Codec.H264: h264.access_unit,
    Codec.H265: h265.access_unit,
    Codec.VP8: vp8.access_unit,
    Codec.VP9: vp9.access_unit,
    Codec.AV1: av1.access_unit,
}


def starts_keyframe(codec: Codec, payload: bytes) -> bool:
    """Whether this RTP payload begins a picture that needs no other. Sound has none."""
    starts = _STARTS.get(codec)
    return starts is not None and starts(payload)


def access_unit(codec: Codec, payloads: list[bytes]) -> bytes:
    """One picture as a decoder reads it. Raises `ValueError` if it is not whole, or is sound."""
    unit = _UNITS.get(codec)
    if unit is None:
        raise ValueError(f"{codec} has no pictures")
    return unit(payloads)
