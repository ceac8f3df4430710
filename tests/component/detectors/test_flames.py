"""Flames: a fire has its core and its dance; what only shines, flashes or passes by has not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from benchmarks._sets.fires import cloth, flame, glow, lay, leaves, reflect
from detectors.flames import Flames
from detectors.protocol import Picture
from domain.looks import Flame

START = datetime(2026, 12, 1, 20, 0, tzinfo=UTC)
LOOK = timedelta(milliseconds=200)
SECOND = 5  # looks
STRONG = 0.5

type Drawing = Callable[[Picture, float], None]


def ground(level: float, tint: tuple[float, float, float] = (0.95, 1.0, 1.05)) -> Picture:
    chance = np.random.default_rng(1)
    coarse = cv2.resize(chance.normal(0, 1, (23, 40)), (320, 180), interpolation=cv2.INTER_CUBIC)
    grey = level * (1 + 0.2 * coarse)
    return np.clip(np.dstack([grey * one for one in tint]), 0, 255).astype(np.uint8)


NIGHT, DAY = ground(30), ground(130)
STONE = ground(150, (0.75, 1.0, 1.2))
"""Yellow, as a station's square: what a fire lights of it has fire's colour."""


def looks(draw: Drawing, *, scene: Picture = NIGHT, seconds: int = 12) -> list[tuple[Flame, ...]]:
    measure, chance = Flames(), np.random.default_rng(2)
    grain = [chance.normal(0, 3, scene.shape).astype(np.int8) for _ in range(5)]
    told = []
    for number in range(seconds * SECOND):
        picture = scene.copy()
        draw(picture, number / SECOND)
        noisy = cv2.add(picture, grain[number % 5], dtype=cv2.CV_8U).astype(np.uint8, copy=False)
        told.append(measure.look(noisy, START + number * LOOK))
    return told


def fire(picture: Picture, at_s: float) -> None:
    if at_s >= 1:
        tall = 14 + 2 * at_s
        lay(picture, *flame(at_s, 5), foot=(160, 125), tall=tall)
        glow(picture, (160, 125 - 0.3 * tall), 1.2 * tall, (4, 18, 34))


def lamps(picture: Picture, at_s: float) -> None:
    """A sunset; a street lamp, flashing lights, a beacon, brake lights and headlights before it."""
    picture[:50] = (60, 140, 235)
    glow(picture, (100, 45), 16, (60, 150, 255))
    glow(picture, (270, 75), 7, (90, 170, 255))
    if 1.3 * at_s % 1 < 0.5:
        glow(picture, (30, 90), 5, (20, 150, 255))
    glow(picture, (80, 90), 3 + 2 * abs(np.sin(3 * at_s)), (20, 150, 255))
    if 3 * at_s % 1 < 0.4:
        glow(picture, (130, 90), 6, (255, 120, 40))
    for x in (0, 15):
        glow(picture, (180 + x, 90), 3, (40, 40, 255) if at_s % 6 < 3 else (10, 10, 90))
        glow(picture, (40 * at_s % 340 + x, 160), 4.5, (170, 225, 255))
        glow(picture, (220 + x + 2 * at_s, 115 + at_s / 2), 4.5, (150, 215, 255))


def vest(picture: Picture, at_s: float) -> None:
    """Somebody in orange who works on the spot and moves his arm."""
    x, reach = round(150 + np.sin(0.9 * at_s)), round(4 * np.sin(5 * at_s))
    picture[100:115, x : x + 9] = (30, 110, 245)
    picture[103:111, x + 9 + min(0, reach) : x + 11 + max(0, reach)] = (30, 110, 245)


def wind(picture: Picture, at_s: float) -> None:
    """Goes through dry leaves and an orange cloth that has been hung up."""
    leaves(picture, (240, 60), 38, at_s, 1)
    if at_s >= 2:
        cloth(picture, (60, 80), (45, 30), (30, 110, 245), at_s)


def wet(picture: Picture, at_s: float) -> None:
    """Wet ground below the lamps of a car that has come, and below a beacon."""
    if at_s < 2:
        return
    for x in (80, 104):
        reflect(picture, (x, 120), (x, 145), 4, (90, 170, 255), at_s)
        glow(picture, (x, 100), 4, (90, 170, 255))
    turned = 4 * (0.4 + 0.6 * abs(1 - 3 * at_s % 2))
    reflect(picture, (230, 120), (230, 145), turned, (20, 150, 255), at_s)
    glow(picture, (230, 95), turned, (20, 150, 255))


@pytest.mark.parametrize("scene", [NIGHT, DAY, STONE], ids=["night", "day", "stone"])
def test_a_fire_is_told_at_its_place_and_the_stronger_the_more_it_grows(scene: Picture) -> None:
    told = looks(fire, scene=scene)

    assert not any(told[:SECOND])
    early, late = (max(one.strength for one in told[n * SECOND]) for n in (5, 11))
    assert STRONG < early <= late <= 1
    (one,) = told[-1]
    assert abs((one.box.left + one.box.right) / 2 * 320 - 160) < 12
    assert abs(one.box.bottom * 180 - 125) < 6


@pytest.mark.parametrize("scene", [NIGHT, DAY], ids=["night", "day"])
@pytest.mark.parametrize("draw", [lamps, vest, wind, wet])
def test_what_shines_flashes_is_orange_or_reflects_is_none(draw: Drawing, scene: Picture) -> None:
    told = looks(draw, scene=scene)

    assert not [flames for flames in told if any(one.strength >= STRONG for one in flames)]


def test_another_size_and_a_clock_set_back_begin_anew() -> None:
    measure, frames = Flames(), []
    for number in range(8 * SECOND):
        frames.append(picture := NIGHT.copy())
        fire(picture, number / SECOND)
        told = measure.look(picture, START + number * LOOK)
    assert told

    smaller = cv2.resize(frames[-1], (160, 90), interpolation=cv2.INTER_AREA).astype(np.uint8)
    assert measure.look(smaller, START + 9 * SECOND * LOOK) == ()
    for picture in frames:
        told = measure.look(picture, START + 10 * SECOND * LOOK)
    assert measure.look(frames[-1], START) == ()
