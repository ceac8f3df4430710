"""Incoming RTP, read by ourselves: as aiortc reads it, and without its exceptions."""

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, RtpPacket, wrap_rtx
from hypothesis import given
from hypothesis import strategies as st

from webrtc.rtp import ExtensionIds, Incoming, parse, unwrap

IDS = ExtensionIds(transport_sequence=3, rid=10, repaired_rid=11)
URIS = {
    3: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    4: "urn:ietf:params:rtp-hdrext:sdes:mid",
    10: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    11: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
}
MAP = HeaderExtensionsMap()
MAP.configure(
    RTCRtpParameters(
        headerExtensions=[RTCRtpHeaderExtensionParameters(id=i, uri=u) for i, u in URIS.items()]
    )
)
names = st.one_of(st.none(), st.text("abcXYZ019", min_size=1, max_size=20))  # over 16: two bytes


@given(
    marker=st.booleans(),
    numbers=st.tuples(st.integers(0, 127), st.integers(0, 0xFFFF), st.integers(0, 2**32 - 1)),
    transport=st.one_of(st.none(), st.integers(0, 0xFFFF)),
    rid=names,
    mid=names,
    payload=st.binary(max_size=50),
    padding=st.integers(0, 255),
    sources=st.lists(st.integers(0, 2**32 - 1), max_size=15),
)
def test_what_aiortc_writes_is_read(
    marker: bool,
    numbers: tuple[int, int, int],
    transport: int | None,
    rid: str | None,
    mid: str | None,
    payload: bytes,
    padding: int,
    sources: list[int],
) -> None:
    payload_type, sequence, timestamp = numbers
    packet = RtpPacket(payload_type, int(marker), sequence, timestamp, 77, payload)
    packet.padding_size, packet.csrc = padding, sources
    packet.extensions = HeaderExtensions(
        transport_sequence_number=transport, rtp_stream_id=rid, mid=mid
    )

    assert parse(packet.serialize(MAP), IDS) == Incoming(
        payload_type, marker, sequence, timestamp, 77, payload, transport, rid
    )


@given(st.binary(max_size=80), st.integers(0, 255))
def test_hostile_bytes_are_read_or_are_none(noise: bytes, flags: int) -> None:
    for data in (noise, bytes((0x80 | flags,)) + noise):
        packet = parse(data, IDS)
        assert packet is None or len(packet.payload) <= len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(12),  # version 0
        b"\x80\x60" + bytes(9),
        b"\x8f\x60" + bytes(10),  # fifteen sources that are not there
        b"\x90\x60" + bytes(10) + b"\xbe\xde",
        b"\x90\x60" + bytes(10) + b"\xbe\xde\xff\xff" + bytes(8),  # 256 KiB of extensions
        b"\xa0\x60" + bytes(10) + b"\x00",  # padding of none
        b"\xa0\x60" + bytes(10) + b"\x09",  # padding longer than the packet
    ],
)
def test_a_broken_packet_is_none(data: bytes) -> None:
    assert parse(data, IDS) is None


def test_a_broken_extension_costs_the_extension_only() -> None:
    head = b"\x90\x60" + bytes(10) + b"\xbe\xde\x00\x01"
    # A number of one byte; a cut one; id 15, after which the rest is ignored.
    for extension in (b"\x30\x01\x00\x00", b"\x00\x00\x00\x31", b"\xf0\x00\x31\x00"):
        packet = parse(head + extension + b"payload", IDS)
        assert packet is not None
        assert (packet.transport_sequence, packet.payload) == (None, b"payload")


@given(sequence=st.integers(0, 0xFFFF), payload=st.binary(max_size=40))
def test_a_retransmission_is_what_was_lost(sequence: int, payload: bytes) -> None:
    lost = RtpPacket(96, 1, sequence, 3600, 5, payload)
    rtx = parse(wrap_rtx(lost, payload_type=97, sequence_number=9, ssrc=6).serialize(), IDS)

    assert rtx is not None
    assert unwrap(rtx, payload_type=96, ssrc=5) == Incoming(96, True, sequence, 3600, 5, payload)


@pytest.mark.parametrize("payload", [b"", b"\x01"])
def test_a_retransmission_of_nothing_is_padding(payload: bytes) -> None:
    assert unwrap(Incoming(97, False, 1, 0, 6, payload), payload_type=96, ssrc=5) is None
