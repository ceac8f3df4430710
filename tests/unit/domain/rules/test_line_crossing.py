"""Crossing a line: who is on the other side has crossed, who trembles on it has not."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detections import ObjectClass
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.lines import Crossing, Line
from domain.rules import InvalidRule, Rule, Subjects, configured
from domain.zones import Zone
from tests.unit.domain.rules.walks import (
    FEW,
    START,
    Eyes,
    Mover,
    Told,
    during,
    goes,
    looks,
    stands,
    watched,
)

ZONE = Zone.drawn([(0.0, 0.0), (0.5, 0.0), (0.5, 1.0)])
# Upwards in the middle of the picture: its right side is the picture's right side.
MIDDLE = Line.drawn([(0.5, 0.95), (0.5, 0.35)])
RULE = Rule(id=RuleId(UUID(int=3)), kind=EventKind.LINE_CROSSING, name="portail", shape=MIDDLE)
TO_THE_RIGHT = goes((0.3, 0.7), (0.7, 0.7), heights_a_second=0.8)
# 0.2 of the picture's width are 16/9 heights of a person of 0.2: at 0.8 a second, 2.2 s.
CROSSES_AFTER = 0.2 * 16 / 9 / 0.2 / 0.8
HALF = Eyes(rate=2.0)


def counting(counts: Crossing) -> Rule:
    return replace(RULE, shape=replace(MIDDLE, counts=counts))


@pytest.mark.parametrize("eyes", [Eyes(), HALF], ids=["5 looks/s", "2 looks/s"])
def test_who_crosses_is_one_event_soon_after(eyes: Eyes) -> None:
    told = watched(RULE, Mover(TO_THE_RIGHT), seconds=8, eyes=eyes)

    (after,) = told.opened_after
    assert CROSSES_AFTER <= after <= CROSSES_AFTER + 4 / eyes.rate
    assert told.opened[0].shown[0].track == 1


@FEW
@given(seed=st.integers(0, 10_000))
def test_who_goes_over_it_steadily_is_told_of_at_the_second_look_beyond(seed: int) -> None:
    told = watched(RULE, Mover(TO_THE_RIGHT), seconds=8, eyes=Eyes(trembles=0.01, seed=seed))

    (after,) = told.opened_after
    assert after <= CROSSES_AFTER + 2 / 5


@FEW
@given(seed=st.integers(0, 10_000), pace=st.floats(0.5, 1.5))
def test_who_walks_onto_the_line_and_stops_has_not_crossed(seed: int, pace: float) -> None:
    stops = goes((0.3, 0.7), (0.5, 0.7), heights_a_second=pace)
    eyes = Eyes(trembles=0.03, misses=0.1, seed=seed)

    assert watched(RULE, Mover(stops), seconds=15, eyes=eyes).opened == []


@pytest.mark.parametrize(
    ("counts", "events"), [(Crossing.RIGHT, 1), (Crossing.LEFT, 0), (Crossing.ANY, 1)]
)
def test_only_the_counted_side_counts(counts: Crossing, events: int) -> None:
    assert len(watched(counting(counts), Mover(TO_THE_RIGHT), seconds=8).opened) == events


@FEW
@given(seed=st.integers(0, 10_000), rate=st.sampled_from([2.0, 5.0]))
def test_who_stands_on_the_line_and_trembles_has_not_crossed(seed: int, rate: float) -> None:
    eyes = Eyes(rate=rate, trembles=0.03, misses=0.2, seed=seed)

    assert watched(RULE, Mover(stands(0.5, 0.7)), seconds=60, eyes=eyes).opened == []


def test_who_steps_onto_the_line_and_goes_back_has_not_crossed() -> None:
    back = goes((0.3, 0.7), (0.505, 0.7), (0.3, 0.7), heights_a_second=0.8)

    assert watched(RULE, Mover(back), seconds=10).opened == []


def test_who_walks_around_the_end_of_the_line_has_not_crossed() -> None:
    around = goes((0.4, 0.5), (0.4, 0.28), (0.6, 0.28), (0.6, 0.5), heights_a_second=0.8)

    assert watched(RULE, Mover(around), seconds=10).opened == []


def test_who_walks_beside_the_line_has_not_crossed() -> None:
    beside = goes((0.47, 0.9), (0.47, 0.4), heights_a_second=0.8)

    assert watched(RULE, Mover(beside), seconds=10).opened == []


@FEW
@given(
    seed=st.integers(0, 10_000),
    rate=st.sampled_from([2.0, 5.0]),
    mixes_up=st.lists(st.floats(1.5, 4.0), max_size=2),
    pace=st.floats(0.5, 2.5),
    to_the_right=st.booleans(),
)
def test_noise_missed_looks_and_new_numbers_hide_no_crossing(
    seed: int, rate: float, mixes_up: list[float], pace: float, to_the_right: bool
) -> None:
    # At two looks a second a runner who is missed once and has another number at the next look was
    # seen but once on this side: nobody can say that it was he.
    pace, misses = (min(pace, 1.2), 0.0) if rate < 5 else (pace, 0.1)
    ends = (0.2, 0.7), (0.8, 0.7)
    way = goes(*(ends if to_the_right else ends[::-1]), heights_a_second=pace)
    eyes = Eyes(rate=rate, misses=misses, mixes_up=tuple(mixes_up), seed=seed)

    told = watched(RULE, Mover(way), seconds=14, eyes=eyes)

    assert len(told.opened) == 1


@FEW
@given(seed=st.integers(0, 10_000), moment=st.floats(1.0, 3.0))
def test_two_who_pass_each_other_beside_the_line_and_swap_numbers_cross_nothing(
    seed: int, moment: float
) -> None:
    # One on each side of the line, a body's height from each other.
    near = goes((0.44, 0.9), (0.44, 0.5), heights_a_second=0.8)
    far = goes((0.56, 0.5), (0.56, 0.9), heights_a_second=0.8)
    told = Told(RULE)

    for look in looks([Mover(near), Mover(far)], seconds=4, eyes=Eyes(seed=seed)):
        swapped = (look.at - START).total_seconds() >= moment
        told.see(
            [
                replace(
                    look,
                    tracks=tuple(
                        replace(one, track=3 - (one.track or 0)) if swapped else one
                        for one in look.tracks
                    ),
                )
            ]
        )

    assert told.opened == []


def test_people_vehicles_or_both() -> None:
    car = Mover(TO_THE_RIGHT, what=ObjectClass.CAR)

    def opened(subjects: Subjects | None) -> int:
        return len(watched(replace(RULE, subjects=subjects), car, seconds=8).opened)

    assert [opened(one) for one in (None, Subjects.PEOPLE)] == [0, 0]
    assert [opened(one) for one in (Subjects.VEHICLES, Subjects.BOTH)] == [1, 1]


def test_a_kind_that_leaves_no_choice_takes_none() -> None:
    forbidden = replace(RULE, kind=EventKind.FORBIDDEN_ZONE, shape=ZONE, subjects=Subjects.VEHICLES)

    with pytest.raises(InvalidRule, match="no choice"):
        configured(forbidden)
    assert configured(replace(RULE, subjects=Subjects.VEHICLES)).subjects is Subjects.VEHICLES


def test_a_clock_set_back_starts_again() -> None:
    told = watched(RULE, Mover(during(0, 1.5, TO_THE_RIGHT)), seconds=2)
    beyond = looks([Mover(stands(0.7, 0.7))], seconds=3, eyes=Eyes())

    told.see(beyond)

    assert told.opened == []


def test_who_leaves_the_picture_over_a_line_at_its_edge_has_crossed_it() -> None:
    at_the_edge = replace(RULE, shape=Line.drawn([(0.95, 0.95), (0.95, 0.35)]))
    leaves = goes((0.7, 0.7), (1.1, 0.7), heights_a_second=0.8)

    assert len(watched(at_the_edge, Mover(leaves), seconds=8).opened) == 1
