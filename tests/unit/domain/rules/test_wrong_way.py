"""Movement against the direction: a distance, not a step; and what only looks like it."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detections import ObjectClass
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.rules import Rule, Subjects
from domain.zones import Zone
from tests.unit.domain.rules.walks import (
    FEW,
    Eyes,
    Mover,
    Way,
    during,
    goes,
    looks,
    stands,
    watched,
)

STREET = Zone.drawn([(0.1, 0.3), (0.9, 0.3), (0.9, 0.95), (0.1, 0.95)])
# One way: to the picture's right.
RULE = Rule(
    id=RuleId(UUID(int=3)), kind=EventKind.WRONG_WAY, name="rue", shape=STREET, bearing=90.0
)
PEOPLE = replace(RULE, subjects=Subjects.PEOPLE)
HALF = Eyes(rate=2.0)
LEFT, RIGHT = (0.15, 0.6), (0.85, 0.6)


def car(way: Way) -> Mover:
    return Mover(way, height=0.15, width=0.3, what=ObjectClass.CAR)


def cyclist(way: Way) -> Mover:
    return Mover(way, height=0.2, width=0.15, what=ObjectClass.BICYCLE)


@pytest.mark.parametrize("eyes", [Eyes(), HALF], ids=["5 looks/s", "2 looks/s"])
def test_a_car_that_drives_against_the_direction_is_an_event(eyes: Eyes) -> None:
    told = watched(RULE, car(goes(RIGHT, LEFT, heights_a_second=4)), seconds=6, eyes=eyes)

    assert len(told.opened) == 1
    assert told.opened_after[0] <= 1.0 + 1 / eyes.rate + 0.01


def test_a_person_is_seen_as_soon_as_the_distance_is_done() -> None:
    told = watched(PEOPLE, Mover(goes(RIGHT, LEFT, heights_a_second=0.8)), seconds=8)

    (after,) = told.opened_after
    assert 1.5 / 0.8 - 0.2 <= after <= 1.5 / 0.8 + 0.6


def test_people_are_not_watched_where_vehicles_are() -> None:
    walker = Mover(goes(RIGHT, LEFT, heights_a_second=0.8))

    assert watched(RULE, walker, seconds=8).opened == []
    assert len(watched(replace(RULE, subjects=Subjects.BOTH), walker, seconds=8).opened) == 1


@pytest.mark.parametrize(
    "mover",
    [
        pytest.param(car(goes(LEFT, RIGHT, heights_a_second=4)), id="the right way"),
        pytest.param(
            car(goes(LEFT, (0.7, 0.6), (0.7, 0.7), (0.2, 0.7), heights_a_second=3)), id="a U-turn"
        ),
        pytest.param(cyclist(goes((0.5, 0.35), (0.5, 0.95), heights_a_second=2)), id="crosses"),
        pytest.param(
            cyclist(goes((0.5, 0.35), (0.45, 0.95), heights_a_second=2)), id="crosses askew"
        ),
        pytest.param(car(goes((0.95, 0.1), (0.2, 0.1), heights_a_second=4)), id="beside the zone"),
    ],
)
@pytest.mark.parametrize("eyes", [Eyes(misses=0.1), HALF], ids=["5 looks/s", "2 looks/s"])
def test_what_does_not_go_against_the_direction_is_none(mover: Mover, eyes: Eyes) -> None:
    assert watched(RULE, mover, seconds=8, eyes=eyes).opened == []


@FEW
@given(seed=st.integers(0, 10_000), rate=st.sampled_from([2.0, 5.0]))
def test_what_stands_and_trembles_is_none(seed: int, rate: float) -> None:
    eyes = Eyes(rate=rate, trembles=0.04, misses=0.2, mixes_up=(10.0, 20.0), seed=seed)
    parked = Mover(stands(0.5, 0.6)), Mover(stands(0.53, 0.6)), Mover(stands(0.56, 0.6))

    assert watched(PEOPLE, *parked, seconds=30, eyes=eyes).opened == []


@FEW
@given(seed=st.integers(0, 10_000), paces=st.floats(0.02, 0.1))
def test_somebody_who_paces_a_few_steps_is_none(seed: int, paces: float) -> None:
    there, back = (0.5, 0.6), (0.5 + paces, 0.6)
    way = goes(*([there, back] * 20), there, heights_a_second=0.7)

    assert watched(PEOPLE, Mover(way), seconds=30, eyes=Eyes(seed=seed)).opened == []


@FEW
@given(
    seed=st.integers(0, 10_000),
    rate=st.sampled_from([2.0, 5.0]),
    mixes_up=st.lists(st.floats(0.0, 2.0), max_size=1),
    pace=st.floats(0.6, 2.5),
)
def test_noise_missed_looks_and_new_numbers_hide_no_wrong_way(
    seed: int, rate: float, mixes_up: list[float], pace: float
) -> None:
    eyes = Eyes(rate=rate, misses=0.1, mixes_up=tuple(mixes_up), seed=seed)
    walker = Mover(goes((0.99, 0.6), (0.01, 0.6), heights_a_second=pace))

    assert len(watched(PEOPLE, walker, seconds=16, eyes=eyes).opened) == 1


@FEW
@given(seed=st.integers(0, 10_000), rate=st.sampled_from([2.0, 5.0]))
def test_a_queue_that_moves_on_is_none_however_the_numbers_slip(seed: int, rate: float) -> None:
    # Each time the first one leaves, the tracker gives his number to the one behind.
    queue = [Mover(stands(0.3 + 0.08 * n, 0.6)) for n in range(5)]
    eyes = Eyes(rate=rate, trembles=0.02, seed=seed)
    told = watched(replace(PEOPLE, bearing=90.0), seconds=0)

    for turn, look in enumerate(looks(queue, seconds=20, eyes=eyes)):
        slipped = int(turn / rate / 4)
        told.see(
            [
                replace(
                    look,
                    tracks=tuple(
                        replace(one, track=(one.track or 0) + slipped) for one in look.tracks
                    ),
                )
            ]
        )

    assert told.opened == []


def test_a_clock_set_back_starts_again() -> None:
    back = goes((0.6, 0.6), (0.5, 0.6), heights_a_second=0.8)
    told = watched(PEOPLE, Mover(during(0, 1, back)), seconds=1)

    told.see(looks([Mover(during(0, 1, back))], seconds=1, eyes=Eyes()))

    assert told.opened == []


def test_a_bus_that_comes_in_at_the_edge_the_right_way_is_none() -> None:
    whole = replace(RULE, shape=Zone.drawn([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]))
    comes = goes((-0.2, 0.7), (1.2, 0.7), heights_a_second=1.5, height=0.4)
    bus = Mover(comes, height=0.4, width=0.9, what=ObjectClass.BUS)

    assert watched(whole, bus, seconds=12).opened == []
