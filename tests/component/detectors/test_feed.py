"""Packets waiting to be decoded: bounded, and whole from a keyframe on."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.feed import MOST_PACKETS, PacketFeed
from detectors.metrics import FRAMES_DROPPED
from domain.identifiers import StreamId
from domain.streams import Codec, Packet

STREAM = StreamId(UUID(int=1))
START = datetime(2026, 12, 1, tzinfo=UTC)
FRAME = timedelta(seconds=1) / 15
PERIOD = timedelta(seconds=0.2)


def packet(number: int, *, is_keyframe: bool = False) -> Packet:
    return Packet(STREAM, Codec.H264, b"x", is_keyframe, START + number * FRAME, number, number)


def dropped(reason: str) -> float:
    return float(FRAMES_DROPPED.labels(reason)._value.get())


async def numbers(feed: PacketFeed) -> list[int]:
    async with asyncio.timeout(60):
        await feed.due()
    return [one.sequence_number for one in feed.take()[0]]


async def test_nothing_is_given_before_the_first_keyframe() -> None:
    feed = PacketFeed(PERIOD)
    for number in range(3):
        feed.put(packet(number))
    feed.put(packet(3, is_keyframe=True))
    feed.put(packet(4))

    assert await numbers(feed) == [3, 4]


async def test_a_new_keyframe_makes_what_came_before_it_useless() -> None:
    feed = PacketFeed(PERIOD)
    feed.put(packet(0, is_keyframe=True))
    feed.put(packet(1))
    feed.put(packet(2, is_keyframe=True))

    assert await numbers(feed) == [2]


async def test_after_a_gap_the_picture_waits_for_a_keyframe() -> None:
    feed, before = PacketFeed(PERIOD), dropped("gap")
    feed.put(packet(0, is_keyframe=True))
    feed.put(packet(5))
    feed.put(packet(6))
    feed.put(packet(7, is_keyframe=True))

    assert await numbers(feed) == [7]
    assert dropped("gap") - before == 6  # four lost between, two that could not be decoded


async def test_a_media_process_that_came_back_counts_anew() -> None:
    feed = PacketFeed(PERIOD)
    feed.put(packet(100, is_keyframe=True))
    assert await numbers(feed) == [100]

    feed.lost()
    feed.put(packet(1))
    feed.put(packet(2, is_keyframe=True))

    assert await numbers(feed) == [2]


async def test_a_consumer_that_stands_still_costs_a_bounded_amount() -> None:
    feed, before = PacketFeed(PERIOD), dropped("overflow")
    feed.put(packet(0, is_keyframe=True))
    for number in range(1, MOST_PACKETS + 10):
        feed.put(packet(number))
    feed.put(packet(MOST_PACKETS + 10, is_keyframe=True))

    assert await numbers(feed) == [MOST_PACKETS + 10]
    assert dropped("overflow") - before == MOST_PACKETS + 1


async def test_a_look_waits_until_one_is_due() -> None:
    feed = PacketFeed(PERIOD)
    feed.put(packet(0, is_keyframe=True))
    assert await numbers(feed) == [0]

    waiting = asyncio.create_task(numbers(feed))
    for number in (1, 2):
        feed.put(packet(number))
        await asyncio.sleep(0)
        assert not waiting.done()
    feed.put(packet(3))

    assert await waiting == [1, 2, 3]


async def test_a_clock_set_back_does_not_stop_the_looks() -> None:
    feed = PacketFeed(PERIOD)
    feed.put(packet(50_000, is_keyframe=True))
    assert await numbers(feed) == [50_000]

    feed.lost()
    feed.put(packet(0, is_keyframe=True))

    assert await numbers(feed) == [0]


async def test_looks_that_were_due_and_not_made_are_told() -> None:
    feed = PacketFeed(PERIOD)
    for number in range(15):  # a second
        feed.put(packet(number, is_keyframe=number == 0))

    packets, missed = feed.take()

    assert (len(packets), missed) == (15, 4)
    assert feed.take() == ([], 0)


@pytest.mark.parametrize("pictures_per_s", [5, 7, 10, 12.5, 15, 20, 25, 29.97, 30, 50, 60])
def test_as_many_are_looked_at_as_are_wanted_whatever_the_camera_s_rate(
    pictures_per_s: float,
) -> None:
    feed, jitter = PacketFeed(PERIOD), Random(1)
    for number in range(round(60 * pictures_per_s)):
        late = timedelta(seconds=jitter.uniform(0, 0.01))
        at = START + timedelta(seconds=number / pictures_per_s) + late
        feed.put(Packet(STREAM, Codec.H264, b"x", True, at, number, number))

    looks = feed.take()[1] + 1

    assert 295 <= looks <= 301  # five a second for a minute


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=60))
def test_what_is_given_begins_with_a_keyframe_or_follows_what_was_given(
    steps: list[tuple[int, bool]],
) -> None:
    async def run() -> None:
        feed, number, given_last = PacketFeed(PERIOD), 0, -10
        for step, is_keyframe in steps:
            number += step
            feed.put(packet(number, is_keyframe=is_keyframe))
            if not feed._packets:
                continue
            taken, _ = feed.take()
            for one in taken:
                assert one.is_keyframe or one.sequence_number in (given_last, given_last + 1)
                given_last = one.sequence_number

    asyncio.run(run())
