"""A vehicle that stays: hidden, renumbered, trembling; and traffic that is only slow."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detections import ObjectClass
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.looks import Look
from domain.rules import Rule
from domain.zones import Zone
from tests.unit.domain.rules.walks import (
    FEW,
    START,
    Eyes,
    Mover,
    Told,
    Way,
    during,
    goes,
    looks,
    stands,
    watched,
)

BUS_LANE = Zone.drawn([(0.1, 0.5), (0.9, 0.5), (0.9, 0.9), (0.1, 0.9)])
RULE = Rule(
    id=RuleId(UUID(int=3)),
    kind=EventKind.STOPPED_VEHICLE,
    name="arrêt de bus",
    shape=BUS_LANE,
    thresholds={"seconds": 20},
)
HEIGHT = 0.15


def car(way: Way, what: ObjectClass = ObjectClass.CAR) -> Mover:
    return Mover(way, height=HEIGHT, width=0.3, what=what)


def arrives(x: float) -> Way:
    return goes((0.0, 0.7), (x, 0.7), heights_a_second=4, height=HEIGHT)


@FEW
@given(
    seed=st.integers(0, 10_000),
    rate=st.sampled_from([2.0, 5.0]),
    mixes_up=st.lists(st.floats(2, 25), max_size=3),
)
def test_a_car_that_stops_is_one_event_however_badly_it_is_seen(
    seed: int, rate: float, mixes_up: list[float]
) -> None:
    eyes = Eyes(rate=rate, trembles=0.04, misses=0.2, mixes_up=tuple(mixes_up), seed=seed)

    told = watched(RULE, car(arrives(0.5)), seconds=40, eyes=eyes)

    (after,) = told.opened_after
    assert 20 <= after <= 27


def test_its_time_begins_when_it_stands() -> None:
    (after,) = watched(RULE, car(arrives(0.5)), seconds=40).opened_after
    drives = 0.5 * 16 / 9 / (4 * HEIGHT)

    assert drives + 19 <= after <= drives + 21


def test_a_van_seen_less_surely_once_it_stands_is_there() -> None:
    def fainter(look: Look) -> Look:
        since = (look.at - START).total_seconds()
        tracks = (replace(one, confidence=0.25 if since > 5 else 0.7) for one in look.tracks)
        return replace(look, tracks=tuple(tracks))

    van = looks([car(arrives(0.5), ObjectClass.TRUCK)], seconds=40, eyes=Eyes())

    assert len(Told(RULE).see(map(fainter, van)).opened) == 1


def test_a_bus_that_hides_it_for_a_while_does_not_set_it_going() -> None:
    # Hidden for 8 s, and the tracker knows it no more.
    hidden = car(lambda at: None if 10 <= at < 18 else (0.5, 0.7))

    told = watched(RULE, hidden, seconds=30, eyes=Eyes(mixes_up=(15,)))

    assert [20 <= after < 21 for after in told.opened_after] == [True]


def test_people_who_pass_before_it_make_one_event() -> None:
    passers = [
        Mover(during(n, n + 10, goes((0, 0.75), (1, 0.75), heights_a_second=0.9)))
        for n in range(0, 60, 4)
    ]

    told = watched(RULE, car(stands(0.5, 0.7)), *passers, seconds=60, eyes=Eyes(misses=0.3))

    assert len(told.opened) == 1


@pytest.mark.parametrize("rate", [2.0, 5.0])
@pytest.mark.parametrize("misses", [0.0, 0.1])
def test_a_slow_queue_is_none(rate: float, misses: float) -> None:
    # Each stands for 6 s, moves up by a car's length in 3 s, and stands again.
    def queued(n: int) -> Way:
        def way(at: float) -> tuple[float, float] | None:
            turn, rest = divmod(at + 9 * n, 9)
            place = -0.6 + 0.17 * (turn + max(0.0, (rest - 6) / 3))
            return (place, 0.7) if 0 <= place <= 1 else None

        return way

    queue = [car(queued(n)) for n in range(9)]

    told = watched(RULE, *queue, seconds=90, eyes=Eyes(rate=rate, misses=misses))

    assert told.opened == []


def test_a_car_that_creeps_is_none() -> None:
    creeps = car(goes((0.1, 0.7), (0.9, 0.7), heights_a_second=0.1, height=HEIGHT))

    assert watched(RULE, creeps, seconds=80).opened == []


@pytest.mark.parametrize(
    "mover",
    [
        pytest.param(car(stands(0.5, 0.4)), id="beside the zone"),
        pytest.param(car(stands(0.5, 0.7), ObjectClass.BICYCLE), id="a bicycle"),
        pytest.param(Mover(stands(0.5, 0.7)), id="a person"),
        pytest.param(car(during(0, 15, stands(0.5, 0.7))), id="not for long"),
    ],
)
def test_what_else_stands_is_none(mover: Mover) -> None:
    assert watched(RULE, mover, seconds=60).opened == []


def test_a_van_cut_by_the_picture_s_edge_is_seen() -> None:
    whole = Zone.drawn([(0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)])
    rule = Rule(id=RULE.id, kind=RULE.kind, name="bord", shape=whole, thresholds=RULE.thresholds)

    assert len(watched(rule, car(stands(0.98, 1.05)), seconds=30).opened) == 1


def test_a_clock_set_back_starts_again() -> None:
    told = watched(RULE, car(stands(0.5, 0.7)), seconds=15)

    told.see(looks([car(stands(0.5, 0.7))], seconds=15, eyes=Eyes()))

    assert told.opened == []
