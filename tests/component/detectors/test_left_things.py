"""Left things: a bag that stays is one; light, leaves, passers-by and what has gone are not."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.left_things import MOST_THINGS, LeftThings
from detectors.protocol import Luma
from domain.looks import LeftThing

START = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
LOOK = timedelta(milliseconds=200)
SECOND = 5  # looks

type Drawing = Callable[[NDArray[np.float32], int], None]


def pavement(seed: int = 0) -> NDArray[np.float32]:
    chance = np.random.default_rng(seed)
    coarse = chance.normal(0, 25, (23, 40)).astype(np.float32)
    stones = cv2.resize(coarse, (320, 180), interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(chance.normal(0, 30, (180, 320)).astype(np.float32), (0, 0), 1.0)
    return (120 + stones + grain).astype(np.float32)


GROUND = pavement()
GRAIN = np.random.default_rng(1).normal(0, 1, (7, 180, 320)).astype(np.float32)


def looks(drawings: Iterable[Drawing], *, noise: float = 2.5) -> Iterable[Luma]:
    for number, draw in enumerate(drawings):
        picture = GROUND.copy()
        draw(picture, number)
        picture += noise * GRAIN[number % len(GRAIN)]
        yield np.clip(picture, 0, 255).astype(np.uint8)


def seen(
    drawings: Iterable[Drawing], *, measure: LeftThings | None = None, noise: float = 2.5
) -> list[tuple[LeftThing, ...]]:
    measure = measure or LeftThings()
    return [
        measure.look(picture, START + number * LOOK)
        for number, picture in enumerate(looks(drawings, noise=noise))
    ]


def nothing(picture: NDArray[np.float32], number: int) -> None:
    pass


def bag(picture: NDArray[np.float32], number: int) -> None:
    picture[120:130, 200:212] = 45
    picture[122:124, 203:209] = 90


def walker(picture: NDArray[np.float32], number: int) -> None:
    left = 6 * number % 300
    picture[70:130, left : left + 18] = 30


def lamp(picture: NDArray[np.float32], number: int) -> None:
    picture[90:150, 60:130] *= 1.5


def shadow(picture: NDArray[np.float32], number: int) -> None:
    picture[60:140, 240:290] *= 0.6


def leaves(picture: NDArray[np.float32], number: int) -> None:
    chance = np.random.default_rng(number)
    picture[10:60, 10:80] += chance.normal(0, 40, (50, 70))


def rain(picture: NDArray[np.float32], number: int) -> None:
    chance = np.random.default_rng(number)
    for row, column in chance.integers(0, (165, 319), (120, 2)):
        picture[row : row + 12, column] = 210


def cloud(picture: NDArray[np.float32], number: int) -> None:
    picture *= 1.0 - 0.35 * min(1.0, number / 60)


BEFORE = [nothing] * (3 * SECOND)


@pytest.mark.parametrize("noise", [1.0, 6.0])
def test_a_bag_that_stays_is_one_thing_with_its_place_and_its_time(noise: float) -> None:
    told = seen([*BEFORE, *[bag] * (20 * SECOND)], noise=noise)

    assert told[3 * SECOND + 4] == ()
    (thing,) = told[-1]
    assert thing.id == 1
    box = thing.box
    assert (box.left * 320, box.top * 180) == pytest.approx((200, 120), abs=3)
    assert (box.right * 320, box.bottom * 180) == pytest.approx((212, 130), abs=3)
    assert timedelta(seconds=16) < thing.still_for < timedelta(seconds=21)


def test_who_walks_before_it_does_not_make_it_another() -> None:
    def both(picture: NDArray[np.float32], number: int) -> None:
        bag(picture, number)
        walker(picture, number)

    told = seen([*BEFORE, *[bag] * (8 * SECOND), *[both] * (10 * SECOND), *[bag] * (4 * SECOND)])

    assert [thing.id for thing in told[-1]] == [1]
    assert told[-1][0].still_for > timedelta(seconds=18)


def test_a_bag_that_is_taken_away_is_told_no_longer() -> None:
    told = seen([*BEFORE, *[bag] * (10 * SECOND), *[nothing] * (6 * SECOND)])

    assert told[13 * SECOND - 1] != ()
    assert told[-1] == ()


@pytest.mark.parametrize("what", [nothing, walker, lamp, shadow, leaves, rain, cloud])
def test_what_is_no_thing_is_never_told(what: Drawing) -> None:
    told = seen([*BEFORE, *[what] * (20 * SECOND)])

    assert {thing.id for look in told[SECOND:] for thing in look if _lasted(thing)} == set()


def _lasted(thing: LeftThing) -> bool:
    return thing.still_for > timedelta(seconds=6)


def test_what_was_there_from_the_start_and_goes_is_no_left_thing() -> None:
    told = seen([*[bag] * (10 * SECOND), *[nothing] * (20 * SECOND)])

    assert not any(_lasted(thing) for look in told for thing in look)


def test_all_of_the_scene_changing_starts_again() -> None:
    other = pavement(7)

    def moved(picture: NDArray[np.float32], number: int) -> None:
        picture[:] = other

    told = seen([*BEFORE, *[bag] * (5 * SECOND), *[moved] * (10 * SECOND)])

    assert told[8 * SECOND - 1] != ()
    assert told[-1] == ()


def test_another_size_and_a_clock_set_back_start_again() -> None:
    measure = LeftThings()
    assert seen([*BEFORE, *[bag] * (5 * SECOND)], measure=measure)[-1] != ()
    picture = next(iter(looks([bag])))

    assert measure.look(picture[:90].copy(), START + timedelta(minutes=1)) == ()
    assert seen([*BEFORE, *[bag] * (5 * SECOND)], measure=measure)[-1] != ()
    assert measure.look(picture, START) == ()


def test_no_scene_gives_more_things_than_the_bound() -> None:
    def litter(picture: NDArray[np.float32], number: int) -> None:
        for row in range(8, 170, 14):
            for column in range(8, 310, 14):
                picture[row : row + 6, column : column + 6] = 10

    told = seen([*BEFORE, *[litter] * (8 * SECOND)])

    assert max(len(look) for look in told) == MOST_THINGS


def test_a_bag_beside_which_somebody_stood_for_a_while_stays() -> None:
    def stood(picture: NDArray[np.float32], number: int) -> None:
        picture[50:132, 206:236] = 60  # both are one blob, most of it his

    def both(picture: NDArray[np.float32], number: int) -> None:
        bag(picture, number)
        stood(picture, number)

    things = seen([*BEFORE, *[both] * (4 * SECOND), *[bag] * (10 * SECOND)])

    (thing,) = things[-1]
    assert thing.still_for > timedelta(seconds=12)
    assert (thing.box.left * 320, thing.box.top * 180) == pytest.approx((200, 120), abs=3)
