"""The framing of packets between media and detect: what it carries, and what it refuses."""

import contextlib
import struct
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import StreamId
from domain.streams import MAX_PACKET_BYTES, BadPacket, Codec, Packet, PacketBuffer

U64 = st.integers(min_value=0, max_value=2**64 - 1)
packets = st.builds(
    Packet,
    stream_id=st.uuids().map(StreamId),
    codec=st.sampled_from(Codec),
    data=st.binary(max_size=2000),
    is_keyframe=st.booleans(),
    captured_at=st.datetimes(timezones=st.just(UTC)),
    timestamp=U64,
    sequence_number=U64,
)
A_PACKET = Packet(
    stream_id=StreamId(UUID(int=7)),
    codec=Codec.H264,
    data=b"\x00\x00\x00\x01\x65picture",
    is_keyframe=True,
    captured_at=datetime(2026, 11, 21, 22, 0, 0, 123456, tzinfo=UTC),
    timestamp=90_000,
    sequence_number=3,
)


@given(packet=packets)
def test_a_packet_survives_its_framing(packet: Packet) -> None:
    framed = packet.to_bytes()

    assert Packet.from_bytes(framed[4:]) == packet


@given(sent=st.lists(packets, max_size=5), sizes=st.lists(st.integers(1, 700), min_size=1))
def test_packets_cut_anywhere_come_out_whole_and_in_order(
    sent: list[Packet], sizes: list[int]
) -> None:
    stream, buffer, received = b"".join(p.to_bytes() for p in sent), PacketBuffer(), []
    turn = 0
    while stream:
        size = sizes[turn % len(sizes)]
        received += buffer.feed(stream[:size])
        stream, turn = stream[size:], turn + 1

    assert received == sent


@given(body=st.binary(max_size=300))
def test_hostile_bytes_raise_the_named_error_or_are_a_packet(body: bytes) -> None:
    try:
        packet = Packet.from_bytes(body)
    except BadPacket:
        return

    assert packet.to_bytes()[4:] == body


@given(packet=packets, position=st.integers(0, 42), value=st.integers(0, 255))
def test_a_header_with_one_wrong_byte_never_escapes_as_another_error(
    packet: Packet, position: int, value: int
) -> None:
    body = bytearray(packet.to_bytes()[4:])
    body[position] = value
    with contextlib.suppress(BadPacket):
        Packet.from_bytes(bytes(body))


def test_an_announced_length_over_the_bound_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadPacket, match="announced"):
        PacketBuffer().feed(struct.pack("!I", MAX_PACKET_BYTES + 1))


def test_a_length_too_short_for_a_header_is_refused() -> None:
    with pytest.raises(BadPacket, match="announced"):
        PacketBuffer().feed(struct.pack("!I", 3) + b"abc")


def test_a_buffer_with_a_smaller_bound_refuses_a_longer_packet() -> None:
    with pytest.raises(BadPacket):
        PacketBuffer(max_packet_bytes=50).feed(A_PACKET.to_bytes())


@pytest.mark.parametrize(("position", "wrong"), [(1, 9), (2, 0x82)], ids=["codec", "flags"])
def test_a_number_that_nobody_gave_a_meaning_is_refused(position: int, wrong: int) -> None:
    body = bytearray(A_PACKET.to_bytes()[4:])
    body[position] = wrong

    with pytest.raises(BadPacket, match="not known"):
        Packet.from_bytes(bytes(body))


def test_a_time_that_is_no_date_is_refused() -> None:
    body = bytearray(A_PACKET.to_bytes()[4:])
    body[35:43] = struct.pack("!q", 2**63 - 1)

    with pytest.raises(BadPacket, match="no date"):
        Packet.from_bytes(bytes(body))


@pytest.mark.parametrize("wrong", [b"", b"\x02" + bytes(60), bytes(MAX_PACKET_BYTES + 1)])
def test_a_wrong_version_or_size_is_refused(wrong: bytes) -> None:
    with pytest.raises(BadPacket):
        Packet.from_bytes(wrong)


@pytest.mark.parametrize(
    "captured_at",
    [datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))],  # noqa: DTZ001 the naive time is the point
)
def test_a_time_that_is_not_utc_is_refused(captured_at: datetime) -> None:
    with pytest.raises(ValueError, match="UTC"):
        Packet(**{**_fields(A_PACKET), "captured_at": captured_at})  # type: ignore[arg-type]  # the fields of a packet, one replaced


@pytest.mark.parametrize("field", ["timestamp", "sequence_number"])
def test_a_number_out_of_range_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="between"):
        Packet(**{**_fields(A_PACKET), field: -1})  # type: ignore[arg-type]  # the fields of a packet, one replaced


def test_a_picture_too_long_to_frame_is_refused_where_it_is_made() -> None:
    with pytest.raises(ValueError, match="at most"):
        Packet(**{**_fields(A_PACKET), "data": bytes(MAX_PACKET_BYTES)})  # type: ignore[arg-type]  # the fields of a packet, one replaced


def test_only_sound_is_not_video() -> None:
    assert [codec.is_video for codec in (Codec.H264, Codec.VP8, Codec.OPUS)] == [True, True, False]


def _fields(packet: Packet) -> dict[str, object]:
    return {name: getattr(packet, name) for name in Packet.__dataclass_fields__}
