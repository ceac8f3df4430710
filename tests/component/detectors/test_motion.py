"""The motion gate: shut on a still street, open when somebody walks, unmoved by lightning."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from detectors.executor import Worker
from detectors.motion import Motion, MotionGate, MotionMeter
from detectors.protocol import Luma, Picture

START = datetime(2026, 12, 1, tzinfo=UTC)
LOOK = timedelta(milliseconds=200)


def street(number: int, *, walker_at: int | None = None, noise: float = 3.0) -> Luma:
    chance = np.random.default_rng(number)
    luma = np.full((720, 1280), 110.0)
    luma[:, 400:420] = 60
    if walker_at is not None:
        luma[400:620, walker_at : walker_at + 80] = 200
    return np.clip(luma + chance.normal(0, noise, luma.shape), 0, 255).astype(np.uint8)


class StreetFrame:
    def __init__(self, luma: Luma, captured_at: datetime) -> None:
        self._luma = luma
        self.captured_at = captured_at

    def luma(self) -> Luma:
        return self._luma

    def bgr(self) -> Picture:
        return cv2.cvtColor(self._luma, cv2.COLOR_GRAY2BGR).astype(np.uint8)

    def jpeg(self) -> bytes:
        return b""


@pytest.fixture
def worker() -> Iterator[Worker]:
    with Worker.of("test") as worker:
        yield worker


def test_a_noisy_street_without_anybody_is_still() -> None:
    meter = MotionMeter()
    assert meter.look(street(0)) is Motion.FIRST

    assert {meter.look(street(number)) for number in range(1, 40)} == {Motion.STILL}


def test_somebody_who_walks_is_noticed_at_each_look() -> None:
    meter = MotionMeter()
    for number in range(10):
        meter.look(street(number))

    looks = [meter.look(street(n, walker_at=100 + 30 * n)) for n in range(10, 35)]

    assert set(looks) == {Motion.MOVED}


def test_a_small_far_walker_is_noticed() -> None:
    meter = MotionMeter()
    for number in range(10):
        meter.look(street(number))
    far = street(11)
    far[300:345, 700:718] = 180

    assert meter.look(far) is Motion.MOVED


def test_light_that_changes_everywhere_is_not_motion() -> None:
    meter = MotionMeter()
    for number in range(10):
        meter.look(street(number))
    flash = np.clip(street(11).astype(int) + 80, 0, 255).astype(np.uint8)

    assert meter.look(flash) is Motion.LIGHT_CHANGED
    assert meter.look(np.clip(street(12).astype(int) + 80, 0, 255).astype(np.uint8)) is Motion.STILL


def test_a_picture_of_another_size_starts_again() -> None:
    meter = MotionMeter()
    meter.look(street(0))

    assert meter.look(street(1)[::2, ::2].copy()) is Motion.FIRST


async def test_who_stands_still_is_looked_at_again_each_second(worker: Worker) -> None:
    gate = MotionGate(worker)
    opened = [
        await gate.worth_a_look(StreetFrame(street(n), START + n * LOOK), following=True)
        for n in range(16)
    ]

    assert [number for number, is_open in enumerate(opened) if is_open] == [0, 5, 10, 15]


async def test_an_empty_street_is_looked_at_twice_a_minute(worker: Worker) -> None:
    gate = MotionGate(worker)
    opened = [
        await gate.worth_a_look(StreetFrame(street(n), START + 25 * n * LOOK), following=False)
        for n in range(13)
    ]

    assert [number for number, is_open in enumerate(opened) if is_open] == [0, 6, 12]
