"""Fifty cameras and two cores: all are looked at less often by the same, at their newest."""

import heapq
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fair_share import PACE_OVER, FairShare, PaceMeter

START = datetime(2026, 12, 1, tzinfo=UTC)
PERIOD_S = 0.2


def simulated(
    cameras: int, places: int, cost_s: float, seconds: float, chance: Random
) -> tuple[list[int], list[float]]:
    """Let cameras ask each period, at costs that vary; give their looks and their longest waits."""
    share: FairShare[int] = FairShare(places)
    looks, waits, asked = [0] * cameras, [0.0] * cameras, [0.0] * cameras
    happens = [(chance.random() * PERIOD_S, "due", camera) for camera in range(cameras)]
    heapq.heapify(happens)
    while happens and happens[0][0] < seconds:
        now, what, camera = heapq.heappop(happens)
        if what == "due":
            asked[camera] = now
            share.ask(camera)
        else:
            share.free()
            looks[camera] += 1
            heapq.heappush(happens, (max(now, asked[camera] + PERIOD_S), "due", camera))
        while (next_one := share.give()) is not None:
            waits[next_one] = max(waits[next_one], now - asked[next_one])
            took_s = cost_s * chance.uniform(0.3, 1.7)
            heapq.heappush(happens, (now + took_s, "done", next_one))
    return looks, waits


@pytest.mark.parametrize("seed", range(5))
def test_fifty_cameras_on_two_cores_fall_evenly(seed: int) -> None:
    looks, waits = simulated(50, 2, 0.030, 60.0, Random(seed))

    # 66 looks a second can be made of the 250 that are wanted.
    assert sum(looks) == pytest.approx(60 * 2 / 0.030, rel=0.05)
    assert max(looks) - min(looks) <= 2  # those that are being made when it ends
    assert max(waits) < 2 * 50 * 0.030 / 2


def test_with_room_for_all_nobody_waits_long_and_all_have_their_rate() -> None:
    looks, waits = simulated(10, 2, 0.020, 30.0, Random(1))

    assert min(looks) >= 30 * 5 - 2
    assert max(waits) < 10 * 0.034


@given(st.lists(st.sampled_from(["ask", "begun", "give", "free"]), max_size=80))
def test_no_more_have_a_place_than_there_are_and_looks_that_have_begun_come_first(
    steps: list[str],
) -> None:
    share: FairShare[int] = FairShare(2)
    waiting: dict[bool, list[int]] = {True: [], False: []}
    placed = number = 0
    for step in steps:
        if step in ("ask", "begun"):
            number += 1
            share.ask(number, begun=step == "begun")
            waiting[step == "begun"].append(number)
        elif step == "free" and placed:
            share.free()
            placed -= 1
        else:
            given = share.give()
            queue = waiting[True] or waiting[False]
            assert given == (queue.pop(0) if queue and placed < 2 else None)
            placed += given is not None
        assert share.waiting == sum(map(len, waiting.values()))


def test_who_withdraws_is_passed_over_and_who_has_a_place_must_free_it() -> None:
    share: FairShare[str] = FairShare(1)
    share.ask("quay")
    share.ask("square")
    assert share.give() == "quay"

    assert share.withdraw("square")
    assert not share.withdraw("quay")
    share.free()
    assert share.give() is None


def test_a_camera_that_is_looked_at_less_than_it_should_be_is_behind() -> None:
    meter = PaceMeter()
    for look in range(40):
        meter.looked(START + look * timedelta(seconds=0.5), missed=1 if look % 2 else 2)

    pace = meter.pace(START + 39 * timedelta(seconds=0.5))

    assert pace.looks_per_s == pytest.approx(2.0, abs=0.1)
    assert pace.wanted_per_s == pytest.approx(5.0, abs=0.3)
    assert pace.is_behind


def test_a_camera_that_sends_one_picture_a_second_is_not_behind() -> None:
    meter = PaceMeter()
    for look in range(20):
        meter.looked(START + look * timedelta(seconds=1), missed=0)

    assert not meter.pace(START + timedelta(seconds=20)).is_behind


def test_a_clock_that_is_set_back_starts_the_pace_anew() -> None:
    meter = PaceMeter()
    meter.looked(START + timedelta(hours=1), missed=50)
    meter.looked(START, missed=0)

    assert not meter.pace(START).is_behind
    assert meter.pace(START + PACE_OVER).wanted_per_s == 0
