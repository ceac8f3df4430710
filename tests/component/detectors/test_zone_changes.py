"""Zone changes: bags above a bin's rim are one; light, shadows, noise and passers-by are not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.protocol import Luma
from detectors.zone_changes import BESIDE, LONGEST_SIDE, ZoneChanges, read, zone_picture
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.references import ASKED_FOR, Light, Reference
from domain.rules import type_of
from domain.zones import Zone

START = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
LOOK = timedelta(seconds=2)
BIN = RuleId(UUID(int=1))
RIM = Zone.drawn([(0.45, 0.36), (0.56, 0.36), (0.56, 0.52), (0.45, 0.52)])
OVERFULL = type_of(EventKind.OVERFULL_BIN).thresholds[0].default / 100


def square(
    *, bags: int = 0, light: float = 1.0, shadow: bool = False, person: bool = False,
    car: tuple[int, int] | None = None, noise: float = 3.0, seed: int = 0,
) -> Luma:  # fmt: skip
    chance = np.random.default_rng(5)
    grain = cv2.GaussianBlur(chance.normal(0, 25, (360, 640)).astype(np.float32), (0, 0), 1.2)
    picture: NDArray[Any] = 120 + grain
    if car:
        cv2.rectangle(picture, (car[0], 120), (car[1], 190), 60.0, -1)
        for pane in range(car[0] + 8, car[1] - 8, 24):
            cv2.rectangle(picture, (pane, 130), (pane + 16, 150), 190.0, -1)
    cv2.rectangle(picture, (300, 170), (350, 260), 70.0, -1)
    cv2.rectangle(picture, (296, 165), (354, 172), 40.0, -1)
    chance = np.random.default_rng(seed)
    for n in range(bags):
        centre = (302 + 48 * n // bags, 150 + int(chance.integers(0, 14)))
        axes = (int(chance.integers(9, 15)), int(chance.integers(8, 13)))
        cv2.ellipse(picture, centre, axes, 30 * n, 0, 360, float([30, 215][n % 2]), -1)
    if shadow:
        corners = np.array([(290, 100), (340, 100), (420, 300), (310, 300)], np.int32)
        lies = cv2.fillPoly(np.zeros(picture.shape, np.uint8), [corners], 1) > 0
        picture[lies] = 0.55 * picture[lies]
    if person:
        picture[80:260, 310:345] = 20
    grains = np.random.default_rng(seed + 99).normal(0, noise, picture.shape)
    seen: Luma = np.clip(light * picture + grains, 0, 255).astype(np.uint8)
    return seen


def wanted(light: Light = Light.DAY, asked_at: datetime = START) -> Reference:
    return Reference(rule_id=BIN, light=light, asked_at=asked_at)


@pytest.fixture(scope="module")
def empty() -> Reference:
    changes = ZoneChanges({BIN: RIM}, [wanted()])
    looks = (changes.take(square(seed=n), START + n * LOOK, {BIN}) for n in range(9))
    (taken,) = next(references for references in looks if references)
    return taken


def shares(pictures: Sequence[Luma], *references: Reference, looks: int = 32) -> list[float]:
    changes = ZoneChanges({BIN: RIM}, references)
    found = (
        changes.look(pictures[n % len(pictures)], START + n * LOOK, {BIN}).get(BIN)
        for n in range(looks)
    )
    return [share for share in found if share is not None]


def test_the_reference_is_the_zone_and_its_sides_alone_and_small(empty: Reference) -> None:
    assert empty.picture is not None
    picture = read(empty.picture)
    assert picture is not None

    assert max(picture.shape) <= LONGEST_SIDE * (1 + 2 * BESIDE[1])
    assert empty.taken_at == START + 4 * LOOK
    assert not empty.is_wanted(START + 5 * LOOK)
    assert zone_picture(np.full((360, 640), 9, np.uint8), RIM).max() == 9


@pytest.mark.parametrize("bags", [4, 6])
def test_bags_above_the_rim_are_told_once_a_minute(bags: int, empty: Reference) -> None:
    (share,) = shares([square(bags=bags)], empty)

    assert share > OVERFULL


@pytest.mark.parametrize(
    "pictures",
    [
        [square()],
        [square(light=0.5)],
        [square(light=0.25, noise=6.0, seed=seed) for seed in range(7)],
        [square(light=1.4)],
        [square(shadow=True)],
    ],
    ids=["empty", "dim", "night", "sun", "shadow"],
)
def test_an_empty_bin_by_another_light_has_not_changed(
    pictures: list[Luma], empty: Reference
) -> None:
    (share,) = shares(pictures, empty)

    assert share < OVERFULL


def test_who_stands_before_it_for_a_part_of_the_minute_changes_nothing(empty: Reference) -> None:
    (share,) = shares([square(), square(person=True), square()], empty)

    assert share < OVERFULL


@pytest.mark.parametrize("car", [(180, 460), (305, 460), (180, 345)], ids=["all", "right", "left"])
def test_of_a_minute_in_which_a_car_parks_behind_it_nothing_is_said(
    car: tuple[int, int], empty: Reference
) -> None:
    assert shares([square(car=car)], empty) == []


def test_nothing_is_said_once_a_car_that_stood_behind_it_has_gone() -> None:
    ok, png = cv2.imencode(".png", zone_picture(square(car=(180, 460)), RIM))
    assert ok
    with_it = replace(wanted(), picture=png.tobytes(), taken_at=START)
    (back,) = shares([square(car=(180, 460))], with_it)

    assert shares([square()], with_it) == []
    assert back < OVERFULL
    (filled,) = shares([square(car=(180, 460), bags=6)], with_it)
    assert filled > OVERFULL


def test_the_nearer_of_two_references_counts(empty: Reference) -> None:
    ok, png = cv2.imencode(".png", zone_picture(square(bags=6), RIM))
    assert ok
    night = Reference(
        rule_id=BIN, light=Light.NIGHT, asked_at=START, picture=png.tobytes(), taken_at=START
    )

    (share,) = shares([square()], empty, night)

    assert share < OVERFULL


def test_without_a_reference_or_with_a_broken_one_nothing_is_told(empty: Reference) -> None:
    broken = Reference(
        rule_id=BIN, light=Light.DAY, asked_at=START, picture=b"none", taken_at=START
    )

    assert shares([square()]) == shares([square()], broken) == shares([square()], wanted()) == []


def test_another_resolution_is_compared_and_a_clock_set_back_begins_anew(empty: Reference) -> None:
    larger = cv2.resize(square(), (1280, 720)).astype(np.uint8)
    (share,) = shares([larger], empty)
    assert share < OVERFULL
    changes = ZoneChanges({BIN: RIM}, [empty])
    for n in range(27):
        assert changes.look(square(), START + n * LOOK, {BIN}) == {}

    for n in range(9):
        assert changes.look(square(), START - timedelta(hours=1) + 3 * n * LOOK, {BIN}) == {}
    assert changes.look(square(), START - timedelta(hours=1) + 27 * LOOK, {BIN}) != {}


def test_what_was_asked_for_long_ago_is_not_taken() -> None:
    changes = ZoneChanges({BIN: RIM}, [wanted()])
    looks = [changes.take(square(), START + ASKED_FOR + n * LOOK, {BIN}) for n in range(9)]

    assert looks == [[]] * 9


def test_the_zone_of_a_rule_that_rests_is_not_measured_and_its_minute_begins_anew(
    empty: Reference,
) -> None:
    changes = ZoneChanges({BIN: RIM}, [empty])
    rests = range(27, 54)
    looks = [
        changes.look(square(), START + n * LOOK, frozenset() if n in rests else {BIN})
        for n in range(82)
    ]

    assert [n for n, found in enumerate(looks) if found] == [81]


def test_what_was_drawn_at_another_preset_is_not_taken_from_this_ones_pictures() -> None:
    changes = ZoneChanges({BIN: RIM}, [wanted()])
    looks = [changes.take(square(), START + n * LOOK, frozenset()) for n in range(9)]

    assert looks == [[]] * 9
