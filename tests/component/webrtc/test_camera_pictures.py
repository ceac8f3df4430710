"""A camera's packets to pictures: as cameras are, in order or not. No network, no clock."""

from itertools import pairwise
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.streams import Codec
from webrtc import h264, h265
from webrtc.rtsp_client import reports
from webrtc.rtsp_client.description import Described
from webrtc.rtsp_client.pictures import Bounds, Picture, Pictures
from webrtc.rtsp_client.reordering import Reordering
from webrtc.rtsp_client.reports import CameraClock
from webrtc.rtsp_client.timeline import Timeline
from webrtc.sources import SourceDown

SPS, PPS, IDR, SLICE = b"\x67\x42\xc0\x1e", b"\x68\xcb\x8c\xb2", b"\x65\x88\x80", b"\x41\x9a\x80"
VPS5, SPS5, PPS5 = b"\x40\x01\x0c", b"\x42\x01\x01", b"\x44\x01\xc0"
IDR5, SLICE5 = b"\x26\x01\xaf\x80", b"\x02\x01\xd0\x80"
H264 = Described(Codec.H264, 96, "", (SPS, PPS))
FPS = 15


class Sent:
    """A camera that sends; the pictures that come of it."""

    def __init__(self, described: Described = H264, bounds: Bounds | None = None) -> None:
        self.pictures = Pictures(described, bounds=bounds or Bounds(), now_s=0.0)
        self.sequence, self.now_s = 65_530, 0.0

    def packet(self, payload: bytes, timestamp: int, *, marker: bool = True) -> bytes:
        second = (0x80 if marker else 0) | self.pictures._payload_type
        head = pack("!BBHII", 0x80, second, self.sequence, timestamp & 0xFFFFFFFF, 7)
        self.sequence = (self.sequence + 1) & 0xFFFF
        return head + payload

    def picture(self, timestamp: int, *payloads: bytes, marks: bool = True) -> list[Picture]:
        """All the packets of one; what has come of them."""
        done = []
        self.now_s += 1 / FPS
        for number, payload in enumerate(payloads, 1):
            last = number == len(payloads) and marks
            packet = self.packet(payload, timestamp, marker=last)
            done += self.pictures.take(packet, self.now_s)
        return done

    def many(
        self, count: int, *, start: int = 0, first: bytes = IDR, other: bytes = SLICE
    ) -> list[Picture]:
        done = []
        for number in range(start, start + count):
            done += self.picture(number * 6000, first if number == start else other)
        return done


def test_sets_that_are_in_the_description_only_go_ahead_of_each_keyframe() -> None:
    sent = Sent()
    shown = sent.many(8) + sent.many(2, start=8)

    keyframes = [h264.access_unit(each.payloads) for each in shown if each.is_keyframe]
    assert len(keyframes) == 2
    for unit in keyframes:
        assert [nal[0] & 0x1F for nal in h264.nal_units(unit)] == [7, 8, 5]
    assert [each.timestamp for each in shown] == [number * 6000 for number in range(10)]


def test_sets_in_packets_of_their_own_belong_to_the_picture_after_them() -> None:
    """Some cameras set the marker on each unit, or give the sets a time of their own."""
    sent = Sent(Described(Codec.H264, 96, ""))
    shown = sent.picture(0, SPS) + sent.picture(0, PPS) + sent.picture(10, IDR)
    shown += sent.many(7, start=1, first=SLICE)

    assert h264.parameter_sets(h264.access_unit(shown[0].payloads)).count(SPS) == 1
    assert shown[0].is_keyframe
    later = sent.picture(9000 * 6, IDR)  # it sent them once: they are given again
    assert h264.parameter_sets(h264.access_unit(later[0].payloads)).count(SPS) == 1


def test_a_marker_at_every_slice_does_not_cut_a_picture() -> None:
    sent = Sent()
    sent.many(8)
    for number in range(8, 12):
        shown = sent.picture(number * 6000, SLICE) + sent.picture(number * 6000, SLICE)

    assert [len(each.payloads) for each in shown] == [2]


def test_pictures_end_without_a_marker_too() -> None:
    sent = Sent()
    shown = sent.picture(0, IDR, marks=False)
    for number in range(1, 9):
        shown += sent.picture(number * 6000, SLICE, SLICE, marks=False)

    assert [len(each.payloads) for each in shown[1:]] == [2] * 7


def test_nothing_is_shown_before_a_keyframe_and_not_for_ever_waited_for() -> None:
    sent = Sent(bounds=Bounds(first_keyframe_s=2.0))
    assert sent.many(20, first=SLICE) == []

    with pytest.raises(SourceDown, match="no-keyframe"):
        sent.many(20, start=20, first=SLICE)


@pytest.mark.parametrize("order", [(0, 3, 1, 2, 6, 4, 5), (0, 2, 1, 4, 3, 6, 5)])
def test_b_frames_are_found_before_anything_is_shown(order: tuple[int, ...]) -> None:
    sent, shown = Sent(), list[Picture]()

    def send() -> None:
        for number in order:
            shown.extend(sent.picture(number * 6000, IDR if number == 0 else SLICE))

    with pytest.raises(SourceDown, match="b-frames"):
        send()
    assert shown == []


def test_a_clock_that_jumps_an_hour_leaves_no_hole() -> None:
    sent = Sent()
    shown = sent.many(8)
    hour = 3600 * 90_000
    for at in (hour, hour + 6000, 6000, 12_000, -hour):
        shown += sent.picture(at, SLICE)

    steps = [b.timestamp - a.timestamp for a, b in pairwise(shown)]
    assert all(0 < step <= 12_000 for step in steps)
    assert sent.pictures.vitals.jumps == 3


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.floats(0, 5)), min_size=1, max_size=80))
def test_the_line_of_time_never_runs_back(steps: list[tuple[int, float]]) -> None:
    timeline, now_s, before = Timeline(), 0.0, -1
    try:
        for timestamp, passed_s in steps:
            now_s += passed_s
            out = timeline.place(timestamp, now_s)
            assert out >= before
            before = out
    except SourceDown:
        return  # two steps back within a second


@pytest.mark.parametrize(
    ("described", "payload"),
    [
        (H264, IDR5), (H264, b"\x62\x01\x93" + b"\x01" * 90), (H264, b"\x00\x00\x00\x01\xff\xd8"),
        (Described(Codec.H265, 96, ""), IDR), (Described(Codec.H265, 96, ""), b"\x7c\x85\x01\x02"),
    ],
)  # fmt: skip
def test_a_camera_that_lies_about_its_codec_is_told(described: Described, payload: bytes) -> None:
    sent = Sent(described)

    with pytest.raises(SourceDown, match="garbage"):
        sent.many(30, first=payload, other=payload)


def test_more_than_is_allowed_ends_a_camera_early() -> None:
    sent = Sent(bounds=Bounds(bit_per_s=20e6))
    kilobytes = [b"\x41" + b"\x9a" * 1300] * 320

    def send() -> None:
        for number in range(40):  # 50 Mbit/s
            sent.picture(number * 6000, IDR if number == 0 else SLICE, *kilobytes)

    with pytest.raises(SourceDown, match="too-much"):
        send()
    assert 1.0 < sent.now_s < 2.5


def test_one_picture_without_end_is_too_much() -> None:
    sent = Sent(bounds=Bounds(bit_per_s=1e12))
    with pytest.raises(SourceDown, match="too-much"):
        sent.picture(0, *[b"\x41" + b"\x9a" * 1300] * 4200)


def test_a_picture_with_a_hole_is_left_out_and_a_keyframe_with_one_waited_for() -> None:
    sent = Sent()
    sent.many(8)
    sent.sequence += 2  # two packets lost, with a slice in its place
    whole = sent.picture(8 * 6000, SLICE, SLICE)
    fragments = h264.packetise(b"\x00\x00\x01\x41" + b"\x9a" * 5000)
    sent.sequence += 1
    torn = sent.picture(9 * 6000, *fragments[1:])  # its head is lost
    after = sent.picture(10 * 6000, SLICE)
    keyframe = h264.packetise(b"\x00\x00\x01\x65" + b"\x88" * 5000)
    sent.picture(11 * 6000, keyframe[0], marks=False)
    sent.sequence += 1
    sent.picture(11 * 6000, *keyframe[2:])

    assert [len(one) for one in (whole, torn, after)] == [1, 0, 1]
    assert sent.picture(12 * 6000, SLICE) == []
    assert len(sent.picture(13 * 6000, IDR)) == 1


@pytest.mark.parametrize("module", [h264, h265])
def test_large_payloads_are_cut_to_what_every_link_takes(module: object) -> None:
    is_265 = module is h265
    head = b"\x26\x01" if is_265 else b"\x65"
    unit = b"\x00\x00\x00\x01" + head + bytes(range(1, 256)) * 60
    came = (h265 if is_265 else h264).packetise(unit, size=1440)
    cut = (h265 if is_265 else h264).recut(came)

    assert max(map(len, came)) > 1200 >= max(map(len, cut))
    assert (h265 if is_265 else h264).access_unit(cut) == unit


def test_h265_is_shown_with_its_sets() -> None:
    sent = Sent(Described(Codec.H265, 96, "", (VPS5, SPS5, PPS5)))
    shown = sent.many(8, first=IDR5, other=SLICE5)

    assert [each.is_keyframe for each in shown] == [True] + [False] * 7
    unit = h265.access_unit(shown[0].payloads)
    assert h265.is_keyframe(unit)
    assert h265.parameter_sets(unit) == b"".join(
        b"\x00\x00\x00\x01" + s for s in (VPS5, SPS5, PPS5)
    )


def test_who_was_sent_away_is_shown_again_once_it_has_kept_from_it() -> None:
    sent = Sent(bounds=Bounds(hold_s=1.0))
    assert sent.many(14) == []

    shown = sent.many(6, start=14)
    assert shown[0].is_keyframe
    assert len(shown) > 1


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_hostile_packets_raise_nothing_but_a_reason(packets: list[bytes]) -> None:
    pictures = Pictures(H264, bounds=Bounds(), now_s=0.0)
    for number, packet in enumerate(packets):
        try:
            pictures.take(packet, number / 10)
            reports.read(packet)
        except SourceDown:
            return


# By UDP


@given(st.permutations(range(12)), st.integers(0, 65_535))
def test_packets_that_overtook_each_other_are_put_in_order(order: list[int], start: int) -> None:
    reordering, out = Reordering(), list[int]()
    for number in [-1, *order]:
        packet = pack("!BBHII", 0x80, 96, (start + number) & 0xFFFF, 0, 0)
        out += [int.from_bytes(each[2:4], "big") for each in reordering.put(packet, 0.0)]

    assert out == [(start + number) & 0xFFFF for number in range(-1, 12)]


def test_a_lost_packet_is_not_waited_for_for_long() -> None:
    reordering = Reordering()
    packets = [pack("!BBHII", 0x80, 96, number, 0, 0) for number in range(5)]
    reordering.put(packets[0], 0.0)

    assert reordering.put(packets[2], 0.0) == []
    assert reordering.put(packets[3], 0.05) == []
    assert reordering.put(packets[4], 0.2) == packets[2:]


# Its clock


def sender_report(camera_s: float) -> bytes:
    ntp = int((camera_s + 2_208_988_800) * 2**32)
    return pack("!BBHIQIII", 0x80, 200, 6, 7, ntp, 0, 0, 0) + pack("!BBHI", 0x81, 203, 1, 7)


def test_a_clock_that_runs_fast_is_measured_through_late_reports() -> None:
    clock, start_s = CameraClock(), 1_700_000_000.0
    assert clock.drift_ppm is None
    for number in range(120):
        passed_s = number * 5.0
        late_s = 0.3 * (number % 4 != 0)
        heard = reports.read(sender_report(start_s + 40 + passed_s * (1 + 200e-6)))
        assert heard.camera_s is not None
        assert heard.is_bye
        clock.heard(heard.camera_s, start_s + passed_s + late_s)

    assert clock.drift_ppm == pytest.approx(200, abs=40)
    assert clock.offset is not None
    assert clock.offset.total_seconds() == pytest.approx(40, abs=0.6)


def test_a_clock_that_is_set_begins_the_measurement_anew() -> None:
    clock = CameraClock()
    for number in range(100):
        clock.heard(1000 + number * 5.0 + (3600 if number > 60 else 0), 1000 + number * 5.0)

    assert clock.drift_ppm == pytest.approx(0, abs=1)
