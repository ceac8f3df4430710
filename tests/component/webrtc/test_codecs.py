"""VP9 and AV1: what real encoders make, packetised as browsers do, comes back whole."""

from collections.abc import Iterator
from fractions import Fraction

import av
import pytest
from av.video.codeccontext import VideoCodecContext

from domain.streams import Codec
from tests import priority
from tests.component.webrtc.peers import luma_of, picture
from webrtc import av1, codecs, vp9

SIZE = 7
"""Bytes of picture in a payload: small, so that a picture of one grey still needs several."""


def encoded(name: str, options: dict[str, str]) -> Iterator[bytes]:
    """Eight pictures that grow brighter, a keyframe every fourth."""
    encoder = av.CodecContext.create(name, "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 320, 240, "yuv420p"
    encoder.time_base, encoder.gop_size, encoder.options = Fraction(1, 25), 4, options
    for number in range(8):
        frame = picture(40 + 20 * number)
        frame.pts, frame.time_base = number, Fraction(1, 25)
        yield from (bytes(packet) for packet in encoder.encode(frame))
    yield from (bytes(packet) for packet in encoder.encode(None))


def decoded(codec: Codec, units: list[bytes]) -> list[int]:
    decoder = av.CodecContext.create(codecs.DECODERS[codec], "r")
    assert isinstance(decoder, VideoCodecContext)
    frames = [frame for unit in units for frame in decoder.decode(av.Packet(unit))]
    return [luma_of(frame) for frame in [*frames, *decoder.decode(None)]]


def cut(data: bytes) -> list[bytes]:
    return [data[at : at + SIZE] for at in range(0, len(data), SIZE)]


def vp9_payloads(picture: bytes, *, key: bool) -> list[bytes]:
    """Non-flexible mode with a picture id of 15 bits, as Chromium sends it (RFC 9628)."""
    parts = cut(picture)
    payloads = []
    for index, part in enumerate(parts):
        flags = 0x80 | (0 if key else 0x40)
        flags |= (0x08 if index == 0 else 0) | (0x04 if index == len(parts) - 1 else 0)
        structure = b""
        if key and index == 0:  # one layer of 320 x 240, one picture in the group
            flags |= 0x02
            structure = b"\x18\x01\x40\x00\xf0\x01\x04\x01"
        payloads.append(bytes((flags, 0x81, 0x23)) + structure + part)
    return payloads


def av1_units(data: bytes) -> Iterator[bytes]:
    """The OBUs of a temporal unit, without their sizes."""
    at = 0
    while at < len(data):
        header = 2 if data[at] & 0x04 else 1
        assert data[at] & 0x02
        length, body = av1._leb128(data, at + header)
        yield bytes((data[at] & ~0x02,)) + data[at + 1 : at + header] + data[body : body + length]
        at = body + length


def av1_payloads(data: bytes, *, key: bool) -> list[bytes]:
    """Each OBU in payloads of its own, cut where it is long (AV1 RTP payload format, 4.4)."""
    payloads: list[bytes] = []
    for unit in av1_units(data):
        if unit[0] >> 3 & 0x0F == 2:  # temporal delimiters are not sent
            continue
        parts = cut(unit)
        for index, part in enumerate(parts):
            header = 0x10 | (0x80 if index else 0) | (0x40 if index < len(parts) - 1 else 0)
            if key and not payloads:
                header |= 0x08
            payloads.append(bytes((header,)) + part)
    return payloads


def test_vp9_pictures_of_a_real_encoder_come_back_whole() -> None:
    pictures = list(encoded("libvpx-vp9", {"lag-in-frames": "0", "cpu-used": "8"}))
    sent = [vp9_payloads(data, key=index % 4 == 0) for index, data in enumerate(pictures)]
    units = [codecs.access_unit(Codec.VP9, payloads) for payloads in sent]

    assert units == pictures
    assert len(decoded(Codec.VP9, units)) == len(units) == 8
    starts = [codecs.starts_keyframe(Codec.VP9, payloads[0]) for payloads in sent]
    assert starts == [index % 4 == 0 for index in range(8)]
    assert not any(codecs.starts_keyframe(Codec.VP9, payload) for payload in sent[0][1:])


def test_av1_pictures_of_a_real_encoder_come_back_whole() -> None:
    with priority.kept():
        pictures = list(encoded("libsvtav1", {"preset": "12", "svtav1-params": "pred-struct=1"}))
    sent = [av1_payloads(data, key=index == 0) for index, data in enumerate(pictures)]
    units = [codecs.access_unit(Codec.AV1, payloads) for payloads in sent]

    assert decoded(Codec.AV1, units) == decoded(Codec.AV1, pictures)
    assert len(decoded(Codec.AV1, units)) == 8
    assert codecs.starts_keyframe(Codec.AV1, sent[0][0])
    assert not codecs.starts_keyframe(Codec.AV1, sent[1][0])


def test_a_vp9_picture_of_spatial_layers_is_forwarded_and_not_decoded() -> None:
    base, upper = b"\x28\x00\x00key", b"\x28\x02\x00more"  # L and B; SID 0, then 1
    assert vp9.starts_keyframe(base)
    assert not vp9.starts_keyframe(upper)
    with pytest.raises(ValueError, match="spatial"):
        vp9.access_unit([base, upper])


@pytest.mark.parametrize(
    ("codec", "payloads"),
    [
        (Codec.VP9, [b"\x00no start"]),
        (Codec.VP9, [b"\x08one", b"\x08another"]),
        (Codec.VP9, [b"\x0a"]),  # a structure that is cut
        (Codec.AV1, [b"\x90\x32rest"]),  # continues what never began
        (Codec.AV1, [b"\x50\x32start"]),  # goes on, and does not
        (Codec.AV1, [b"\x20\x7fab"]),  # an element longer than its payload
        (Codec.AV1, [b"\x00" + b"\xff" * 9]),  # a length without end
        (Codec.OPUS, [b"sound"]),
    ],
)
def test_what_is_not_whole_is_refused(codec: Codec, payloads: list[bytes]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 each says in its own words what is missing
        codecs.access_unit(codec, payloads)


def test_an_av1_payload_of_several_units_is_divided() -> None:
    several = b"\x20\x03\x32ab\x32cdef"  # W = 2: the first has its length, the last has none
    counted = b"\x00\x03\x32ab\x05\x32cdef"  # W = 0: each has

    expected = b"\x12\x00" + b"\x32\x02ab" + b"\x32\x04cdef"
    # An OBU that has its size already (0x32 has the flag) is taken as it is.
    assert av1.access_unit([several]) == b"\x12\x00\x32ab\x32cdef"
    plain = [body.replace(b"\x32", b"\x30") for body in (several, counted)]
    assert [av1.access_unit([body]) for body in plain] == [expected, expected]
