"""Transport-wide feedback: what is built is what is read, whatever the network has done."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.congestion import TICK_US, Arrivals, Ceiling, Feedback, build, parse, remb

# Two packets 2 ms apart with one lost between, reference 16 (1.024 s), laid out by hand after
# draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1.
BY_HAND = bytes.fromhex(
    "8fcd0005 00000001 00000002 fffe0003 00001007"  # header, counter 7
    "a800"  # one-bit vector: came, lost, came
    "0408"  # 1 ms after the reference, then 2 ms
)


def told(packets: list[bytes]) -> dict[int, int]:
    """Sequence number (16 bits) to arrival time, of all that came."""
    found: dict[int, int] = {}
    for packet in packets:
        feedback = parse(packet)
        for offset, at_us in enumerate(feedback.arrivals):
            if at_us is not None:
                found[(feedback.first + offset) & 0xFFFF] = at_us
    return found


def steps(at_us: int) -> int:
    return at_us // TICK_US * TICK_US


def test_a_feedback_is_laid_out_as_the_draft_says() -> None:
    assert build(1, 2, 0xFFFE, 7, [1_025_000, None, 1_027_000]) == BY_HAND
    assert parse(BY_HAND) == Feedback(1, 2, 0xFFFE, 7, [1_025_000, None, 1_027_000])


gaps_us = st.one_of(st.integers(0, 70_000), st.integers(0, 8_000_000))
times = st.lists(st.tuples(st.booleans(), gaps_us), min_size=0, max_size=80)


@given(first=st.integers(0, 0xFFFF), base_us=st.integers(0, 2**30), rest=times)
def test_what_is_built_is_what_is_read(
    first: int, base_us: int, rest: list[tuple[bool, int]]
) -> None:
    now_us, arrivals = base_us, [base_us]
    expected: list[int | None] = [steps(base_us)]
    given: list[int | None] = list(arrivals)
    for came, gap_us in rest:
        now_us += gap_us if came else 0
        given.append(now_us if came else None)
        expected.append(steps(now_us) if came else None)
    packet = build(9, 8, first, 3, given)

    assert parse(packet) == Feedback(9, 8, first, 3, expected)
    assert len(packet) % 4 == 0


@given(
    start=st.integers(0, 0xFFFF),
    moves=st.lists(
        st.tuples(st.integers(-30, 60), st.integers(0, 50_000), st.booleans()), max_size=200
    ),
)
def test_each_packet_is_told_of_through_wrap_loss_and_reordering(
    start: int, moves: list[tuple[int, int, bool]]
) -> None:
    arrivals, sent = Arrivals(), dict[int, int]()
    now_us, number = 5_000_000, 10_000 + start
    heard: dict[int, int] = {}
    for move, gap_us, report in moves:
        number, now_us = number + move, now_us + gap_us
        arrivals.saw(number & 0xFFFF, now_us)
        sent.setdefault(number & 0xFFFF, steps(now_us))
        if report:
            heard |= told(arrivals.feedback(sender_ssrc=1, media_ssrc=2))
    heard |= told(arrivals.feedback(sender_ssrc=1, media_ssrc=2))

    missed = {sequence for sequence in sent if sequence not in heard}
    assert all(heard[sequence] == at_us for sequence, at_us in sent.items() if sequence in heard)
    # A packet may stay untold only when it came too far behind the newest to matter.
    assert not missed or max(abs(move) for move, _, _ in moves) * len(moves) > 512


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 10_000_000)), max_size=400))
def test_any_numbers_whatever_are_told_in_feedback_that_can_be_read_and_fits_a_datagram(
    packets: list[tuple[int, int]],
) -> None:
    arrivals, now_us = Arrivals(), 0
    for sequence, gap_us in packets:
        now_us += gap_us
        arrivals.saw(sequence, now_us)
    for packet in arrivals.feedback(sender_ssrc=1, media_ssrc=2):
        assert len(packet) <= 1400
        assert parse(packet).arrivals[0] is not None
    assert arrivals.feedback(sender_ssrc=1, media_ssrc=2) == []


def test_what_is_remembered_is_bounded_when_nobody_asks() -> None:
    arrivals = Arrivals()
    for number in range(200_000):
        arrivals.saw(number & 0xFFFF, number * 100)
    packets = arrivals.feedback(sender_ssrc=1, media_ssrc=2)

    assert len(told(packets)) <= 512 + 4096 + 1
    assert all(len(packet) <= 1400 for packet in packets)


def test_a_packet_that_was_told_lost_is_told_again_when_it_comes() -> None:
    arrivals = Arrivals()
    for sequence in (1, 3):
        arrivals.saw(sequence, sequence * 1000)
    assert told(arrivals.feedback(sender_ssrc=1, media_ssrc=2)) == {1: 1000, 3: 3000}
    arrivals.saw(2, 9000)

    assert told(arrivals.feedback(sender_ssrc=1, media_ssrc=2)) == {2: 9000, 3: 3000}


def test_a_pause_of_minutes_is_told_in_two_parts() -> None:
    arrivals = Arrivals()
    arrivals.saw(1, 0)
    arrivals.saw(2, 600_000_000)
    packets = arrivals.feedback(sender_ssrc=1, media_ssrc=2)

    assert [parse(packet).first for packet in packets] == [1, 2]
    assert [parse(packet).counter for packet in packets] == [0, 1]


@given(st.binary(max_size=80))
def test_bytes_that_are_no_feedback_raise_only_value_error(noise: bytes) -> None:
    for body in (noise, b"\x8f\xcd" + struct.pack("!H", len(noise) // 4) + noise):
        try:
            parse(body)
        except ValueError:
            continue


@given(at=st.integers(0, len(BY_HAND) - 1), value=st.integers(0, 255))
def test_a_damaged_feedback_raises_only_value_error(at: int, value: int) -> None:
    damaged = bytearray(BY_HAND)
    damaged[at] = value
    try:
        parse(bytes(damaged))
    except ValueError:
        return


def test_remb_names_its_sources() -> None:
    packet = remb(7, 4_000_000, [0x11223344])

    assert packet[:4] == bytes.fromhex("8fce0005")
    assert packet[12:16] == b"REMB"
    assert packet[-4:] == bytes.fromhex("11223344")


@pytest.mark.parametrize(("bit_per_s", "too_much"), [(3_900_000, False), (50_000_000, True)])
def test_who_sends_far_more_than_it_may_is_found_within_three_seconds(
    bit_per_s: int, too_much: bool
) -> None:
    ceiling, octets = Ceiling(bit_per_s=1_000_000), 1000
    found = [ceiling.saw(octets, step * octets * 8 / bit_per_s) for step in range(3 * 6250)]

    assert any(found[: int(3 * bit_per_s / octets / 8)]) is too_much


def test_a_burst_of_a_second_is_no_reason() -> None:
    ceiling = Ceiling(bit_per_s=1_000_000)
    found = [ceiling.saw(1000, step / 6250) for step in range(6250)]
    found += [ceiling.saw(1000, 1 + step / 10) for step in range(100)]

    assert not any(found)
