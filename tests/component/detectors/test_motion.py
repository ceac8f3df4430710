"""The motion gate: shut on a still street, open when somebody walks, unmoved by lightning."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from detectors.motion import Motion, MotionMeter
from detectors.protocol import Luma
from domain.detections import PicturePoint

START = datetime(2026, 12, 1, tzinfo=UTC)
LOOK = timedelta(milliseconds=200)


def street(number: int, *, walker_at: int | None = None, noise: float = 3.0) -> Luma:
    chance = np.random.default_rng(number)
    luma = np.full((720, 1280), 110.0)
    luma[:, 400:420] = 60
    if walker_at is not None:
        luma[400:620, walker_at : walker_at + 80] = 200
    return np.clip(luma + chance.normal(0, noise, luma.shape), 0, 255).astype(np.uint8)


def look(meter: MotionMeter, number: int, luma: Luma) -> Motion:
    return meter.look(luma, START + number * LOOK).motion


def test_a_noisy_street_without_anybody_is_still() -> None:
    meter = MotionMeter()
    assert look(meter, 0, street(0)) is Motion.FIRST

    assert {look(meter, n, street(n)) for n in range(1, 40)} == {Motion.STILL}


def test_somebody_who_walks_is_noticed_at_each_look() -> None:
    meter = MotionMeter()
    for number in range(10):
        look(meter, number, street(number))

    looks = [look(meter, n, street(n, walker_at=100 + 30 * n)) for n in range(10, 35)]

    assert set(looks) == {Motion.MOVED}


def test_a_small_far_walker_is_noticed() -> None:
    meter = MotionMeter()
    for number in range(10):
        look(meter, number, street(number))
    far = street(11)
    far[300:345, 700:718] = 180

    assert look(meter, 11, far) is Motion.MOVED


def test_it_says_where_something_moves() -> None:
    meter = MotionMeter()
    for number in range(10):
        look(meter, number, street(number))

    (region,) = meter.look(street(10, walker_at=640), START + 10 * LOOK).regions

    assert region.left == pytest.approx(640 / 1280, abs=0.02)
    assert region.right == pytest.approx(720 / 1280, abs=0.02)
    assert region.top == pytest.approx(400 / 720, abs=0.03)
    assert region.bottom == pytest.approx(620 / 720, abs=0.03)


def test_where_a_mask_is_nothing_is_looked_for() -> None:
    corners = [(0.4, 0.4), (0.7, 0.4), (0.7, 1.0), (0.4, 1.0)]
    meter = MotionMeter([[PicturePoint(*corner) for corner in corners]])
    for number in range(10):
        look(meter, number, street(number))

    assert look(meter, 10, street(10, walker_at=640)) is Motion.STILL
    assert look(meter, 11, street(11, walker_at=100)) is Motion.MOVED


def test_somebody_is_noticed_while_a_cloud_dims_all_of_the_street() -> None:
    meter = MotionMeter()
    for number in range(10):
        look(meter, number, street(number))
    dimmed = [np.clip(street(n).astype(int) - 30, 0, 255).astype(np.uint8) for n in (10, 11)]
    walker = np.clip(street(12, walker_at=640).astype(int) - 30, 0, 255).astype(np.uint8)

    assert {look(meter, 10 + n, one) for n, one in enumerate(dimmed)} <= {
        Motion.STILL,
        Motion.LIGHT_CHANGED,
    }
    assert look(meter, 12, walker) is Motion.MOVED


def test_light_that_changes_everywhere_is_not_motion() -> None:
    meter = MotionMeter()
    for number in range(10):
        look(meter, number, street(number))
    flash = np.clip(street(11).astype(int) + 80, 0, 255).astype(np.uint8)

    assert look(meter, 11, flash) is Motion.LIGHT_CHANGED
    later = np.clip(street(12).astype(int) + 80, 0, 255).astype(np.uint8)
    assert look(meter, 12, later) is Motion.STILL


def test_a_picture_of_another_size_starts_again() -> None:
    meter = MotionMeter()
    look(meter, 0, street(0))

    assert look(meter, 1, street(1)[::2, ::2].copy()) is Motion.FIRST
