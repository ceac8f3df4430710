"""The relay's own parts, without a network: payloads, numbers, history, loss."""

from fractions import Fraction
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.streams import Codec
from tests.component.webrtc.peers import picture
from webrtc import h264, vp8
from webrtc.codecs import access_unit, starts_keyframe
from webrtc.history import History, OutputPacket
from webrtc.loss import Missing
from webrtc.numbering import Numbering

NAL = st.builds(
    lambda head, body: bytes([head]) + body.replace(b"\x00", b"\x01") + b"\x80",
    st.sampled_from([0x65, 0x41, 0x67, 0x68]),
    st.binary(max_size=4000),
)


def annex_b(units: list[bytes]) -> bytes:
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units)


# H264


@given(units=st.lists(NAL, min_size=1, max_size=6), size=st.integers(100, 1200))
def test_a_picture_survives_packetising(units: list[bytes], size: int) -> None:
    payloads = h264.packetise(annex_b(units), size=size)

    assert all(len(payload) <= size for payload in payloads)
    assert h264.access_unit(payloads) == annex_b(units)


def test_all_fragments_but_the_last_are_of_one_size_so_that_one_call_sends_them() -> None:
    payloads = h264.packetise(annex_b([b"\x65" + b"\x01" * 5000]))

    assert {len(payload) for payload in payloads[:-1]} == {h264.PAYLOAD_BYTES}
    assert len(payloads[-1]) <= h264.PAYLOAD_BYTES


def as_a_browser_cuts(unit: bytes, count: int) -> list[bytes]:
    """FU-A fragments that differ by a byte, the larger ones first."""
    body, fragments, at = unit[1:], [], 0
    for number in range(count):
        size = len(body) // count + (number < len(body) % count)
        bits = (0x80 if not number else 0) | (0x40 if number == count - 1 else 0)
        head = bytes((unit[0] & 0x60 | 28, bits | unit[0] & 0x1F))
        fragments.append(head + body[at : at + size])
        at += size
    return fragments


INFORMATION = b"\x06\x05\x01\x80"


@given(
    units=st.lists(st.tuples(NAL, st.integers(1, 9), st.booleans()), min_size=1, max_size=4),
    lost=st.sets(st.integers(0, 40), max_size=3),
)
def test_evened_payloads_show_the_same_picture_in_as_many_packets(
    units: list[tuple[bytes, int, bool]], lost: set[int]
) -> None:
    payloads: list[bytes] = []
    for unit, count, informed in units:
        payloads += [INFORMATION] * informed
        cut = count > 1 and len(unit) > 2 * count
        payloads += as_a_browser_cuts(unit, count) if cut else [unit]
    came = [payload for index, payload in enumerate(payloads) if index not in lost]
    evened = h264.evened(came)

    assert len(evened) == len(came)
    assert max(map(len, evened), default=0) <= max(map(len, came), default=0) + 2
    if not lost:
        shown = h264.access_unit(evened).replace(annex_b([INFORMATION]), b"")
        assert shown == annex_b([unit for unit, _, _ in units])


def test_a_browsers_picture_goes_out_in_one_call() -> None:
    unit = b"\x41" + b"\x9a" * 8003
    came = [INFORMATION, *as_a_browser_cuts(unit, 7)]
    sizes = [len(payload) for payload in h264.evened(came)]

    assert len(sizes) == 8
    assert len(set(sizes[:-1])) == 1
    assert 0 < sizes[-1] <= sizes[0]


@given(st.lists(st.binary(max_size=30), max_size=8))
def test_hostile_payloads_are_evened_to_as_many(payloads: list[bytes]) -> None:
    assert len(h264.evened(payloads)) == len(payloads)


def test_what_a_viewer_does_not_need_is_left_out() -> None:
    delimiter, information, slice_ = b"\x09\xf0", b"\x06\x05\x01\x80", b"\x41\x9a\x80"

    assert h264.packetise(annex_b([delimiter, information, slice_])) == [slice_]


@given(st.binary(max_size=60))
def test_hostile_payloads_are_no_picture_and_raise_no_other_error(payload: bytes) -> None:
    for codec in Codec:
        starts_keyframe(codec, payload)
        try:
            access_unit(codec, [payload])
        except ValueError:
            continue


def test_a_picture_without_its_first_or_last_fragment_is_not_whole() -> None:
    payloads = h264.packetise(annex_b([b"\x65" + b"\x01" * 5000]))
    for part in (payloads[1:], payloads[:-1], [*payloads[:-1], b"\x41\x9a"], []):
        with pytest.raises(ValueError, match="missing"):
            h264.access_unit(part)


@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        (b"\x65\x88", True),
        (b"\x67\x42", True),
        (b"\x41\x9a", False),
        (b"\x7c\x85\x00", True),  # FU-A, start of an IDR slice
        (b"\x7c\x05\x00", False),  # its middle
        (b"\x78\x00\x02\x67\x42\x00\x02\x68\xce", True),  # STAP-A with parameter sets
        (b"\x78\x00\x02\x41\x9a", False),
        (b"", False),
    ],
)
def test_keyframes_are_told_by_their_first_bytes(payload: bytes, starts: bool) -> None:
    assert h264.starts_keyframe(payload) is starts


def test_vp8_keyframes_and_descriptors_are_read() -> None:
    key, delta = b"\x10\x10\x02\x00\x9d\x01\x2a", b"\x10\x11\x02\x00"
    extended = b"\x90\xf0\x81\x23\x05\x40" + key[1:]

    assert vp8.starts_keyframe(key)
    assert vp8.starts_keyframe(extended)
    assert not vp8.starts_keyframe(delta)
    assert not vp8.starts_keyframe(b"\x00" + key[1:])  # not the start of a picture
    assert vp8.access_unit([extended, b"\x00more"]) == key[1:] + b"more"


def test_the_encoder_of_the_tests_makes_what_the_relay_expects() -> None:
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 240, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    frame = picture(90)
    frame.pts = 0
    data = b"".join(bytes(p) for p in [*encoder.encode(frame), *encoder.encode(None)])

    assert h264.is_keyframe(data)
    assert h264.parameter_sets(data)


# Numbers


def numbering() -> Numbering:
    return Numbering(clock_hz=90_000, first_sequence=1000, first_timestamp=5_000_000)


def test_numbers_go_on_when_the_publisher_is_replaced() -> None:
    numbers = numbering()
    first = [numbers.place(65_534 + i & 0xFFFF, 4_294_967_000 + 3600 * i) for i in range(4)]
    numbers.begin(after_s=2.0)
    second = [numbers.place(7 + i, 3600 * i) for i in range(2)]

    assert first == [(1000 + i, 5_000_000 + 3600 * i) for i in range(4)]
    assert second == [(1004 + i, 5_000_000 + 3600 * 3 + 180_000 + 3600 * i) for i in range(2)]


def test_a_late_packet_falls_into_its_place_and_a_stale_one_has_none() -> None:
    numbers = numbering()
    assert numbers.place(100, 0) == (1000, 5_000_000)
    assert numbers.place(103, 7200) == (1003, 5_007_200)
    assert numbers.place(101, 3600) == (1001, 5_003_600)
    assert numbers.place(99, 0) is None  # its number belongs to the publisher before


@given(st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 2**32 - 1)), max_size=200))
def test_hostile_numbers_never_bring_a_used_number_back_after_a_restart(
    packets: list[tuple[int, int]],
) -> None:
    numbers, history = numbering(), History(max_packets=256, max_bytes=10_000)
    sent: dict[int, int] = {}
    for index, (sequence, timestamp) in enumerate(packets):
        place = numbers.place(sequence, timestamp)
        if place is None or not history.put(OutputPacket(*place, False, b"%d" % index)):
            continue
        assert place[0] not in sent  # no two payloads under one number
        sent[place[0]] = index


# History


def packet(sequence: int, size: int = 10) -> OutputPacket:
    return OutputPacket(sequence, 0, False, bytes(size))


def test_history_finds_by_the_low_bits_and_refuses_a_number_used_before() -> None:
    history = History(max_packets=16, max_bytes=1000)
    for sequence in range(65_530, 65_545):
        assert history.put(packet(sequence))

    assert history.find(65_545 - 1 & 0xFFFF) == packet(65_544)
    assert history.find(65_535) == packet(65_535)
    assert history.find(100) is None
    assert not history.put(packet(65_540))
    assert not history.put(packet(65_000))


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 300)), max_size=100))
def test_history_holds_no_more_than_its_bounds(puts: list[tuple[int, int]]) -> None:
    history = History(max_packets=16, max_bytes=1000)
    for sequence, size in puts:
        history.put(packet(sequence, size))
        held = list(history.since(0))

        assert len(held) <= 16
        assert sum(len(each.payload) for each in held) == history.held_bytes
        assert history.held_bytes <= 1000 or len(held) == 1


def test_a_gap_larger_than_the_ring_forgets_everything() -> None:
    history = History(max_packets=16, max_bytes=1000)
    history.put(packet(1))
    history.put(packet(5000))

    assert [each.sequence for each in history.since(0)] == [5000]
    history.forget()
    assert not history.put(packet(5000))
    assert history.put(packet(5001))


# Loss


def test_what_is_missing_is_asked_for_again_and_then_given_up() -> None:
    missing = Missing()
    assert missing.saw(10, 0.0) == []
    assert missing.saw(13, 0.0) == [11, 12]
    assert missing.saw(14, 0.01) == []  # a round trip has not passed
    assert missing.saw(11, 0.02) == []
    assert missing.saw(15, 0.1) == [12]
    for i in range(20):
        asked = missing.saw(16 + i, 0.2 + i * 0.1)
    assert asked == []


def test_a_jump_is_a_new_start_and_not_thirty_thousand_holes() -> None:
    missing = Missing()
    missing.saw(10, 0.0)

    assert missing.saw(30_010, 0.0) == []
    assert missing.saw(30_012, 0.0) == [30_011]
