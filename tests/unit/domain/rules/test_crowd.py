"""Crowd: who is where when all begin to run, whatever numbers the tracker gives them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.looks import Look
from domain.rules.crowd import Crowd, over_ground
from domain.rules.subjects import PEOPLE
from tests.unit.domain.rules.walks import START, Eyes, Mover, Way, goes, looks, stands

HEIGHT, RATE = 0.2, 5.0
BEGINS = 2.0
# In the picture's width: at each look who runs stands where the one before him stood.
APART = 0.35 * HEIGHT * 9 / 16
PACE = 0.35 * RATE
PLACES = [(0.2 + APART * n, 0.6 + 0.08 * (n % 2)) for n in range(6)]


def runs_after_a_while(x: float, y: float) -> Way:
    away = goes((x, y), (x + 0.6, y), heights_a_second=PACE)
    return lambda at: (x, y) if at < BEGINS else away(at - BEGINS)


def numbered_by_place(look: Look) -> Look:
    """As a tracker does it that has seen them stand: from left to right."""
    ordered = sorted(look.tracks, key=lambda one: one.box.left)
    return replace(
        look, tracks=tuple(replace(one, track=n) for n, one in enumerate(ordered, start=1))
    )


@pytest.mark.parametrize("seed", range(5))
def test_who_stands_where_the_one_before_him_stood_runs(seed: int) -> None:
    crowd = Crowd(PEOPLE, confidence=0.35)
    movers = [Mover(runs_after_a_while(x, y)) for x, y in PLACES]

    for look in looks(movers, seconds=BEGINS + 1.2, eyes=Eyes(rate=RATE, seed=seed)):
        crowd.follow(numbered_by_place(look))

    paths = crowd.since(look.at)
    assert len(paths) == len(PLACES)
    for path in paths:
        assert path.last.at - path.steps[0].at > timedelta(seconds=BEGINS)
        pace = over_ground(*path.velocity(timedelta(seconds=0.6))) / path.height
        assert pace == pytest.approx(PACE, rel=0.2)


@pytest.mark.parametrize("seed", range(5))
def test_who_stands_and_is_missed_now_and_then_does_not_run(seed: int) -> None:
    crowd = Crowd(PEOPLE, confidence=0.35)
    movers = [Mover(stands(2 * x, y)) for x, y in PLACES]

    for look in looks(movers, seconds=10, eyes=Eyes(misses=0.1, seed=seed)):
        crowd.follow(look)

        for path in crowd.since(look.at):
            pace = over_ground(*path.velocity(timedelta(seconds=0.6))) / path.height
            assert pace < PACE / 2


def test_what_appears_half_as_tall_beside_where_somebody_was_lost_is_not_he() -> None:
    crowd = Crowd(PEOPLE, confidence=0.35)
    first = next(iter(looks([Mover(stands(0.3, 0.6))], seconds=1, eyes=Eyes())))
    (person,) = first.tracks
    box, aside = person.box, 0.03
    bollard = replace(
        person,
        track=2,
        box=replace(
            box,
            left=box.left + aside,
            right=box.right + aside,
            top=box.bottom - (box.bottom - box.top) / 2,
        ),
    )
    for n in range(10):
        crowd.follow(
            Look(at=START + timedelta(seconds=n / 5), tracks=(person if n < 5 else bollard,))
        )

    heights = [path.height for path in crowd.since(START + timedelta(seconds=0.5))]
    assert heights[1] == pytest.approx(heights[0] / 2)
