"""Gathering: people who stay, close to each other, for some time."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events import EventKind
from domain.identifiers import RuleId
from domain.rules import Rule
from domain.watching import EventClosed
from domain.zones import Zone
from tests.unit.domain.rules.walks import Eyes, Mover, during, goes, looks, stands, watched

SQUARE = Zone.drawn([(0.2, 0.3), (0.8, 0.3), (0.8, 1.0), (0.2, 1.0)])
RULE = Rule(
    id=RuleId(UUID(int=3)),
    kind=EventKind.DENSITY,
    name="place",
    shape=SQUARE,
    thresholds={"people": 6, "seconds": 10},
)


def group(size: int, *, apart: float = 0.06, left: float = 0.35, y: float = 0.6) -> list[Mover]:
    """In two rows; ``apart``: in shares of the picture's width."""
    return [Mover(stands(left + apart * (n // 2), y + 0.1 * (n % 2))) for n in range(size)]


@settings(max_examples=8)  # ten people for 40 s, each look
@given(
    seed=st.integers(0, 10_000),
    rate=st.sampled_from([2.0, 5.0]),
    mixes_up=st.lists(st.floats(0, 14), max_size=3),
)
def test_people_who_stay_are_one_event_however_badly_they_are_seen(
    seed: int, rate: float, mixes_up: list[float]
) -> None:
    eyes = Eyes(rate=rate, trembles=0.04, misses=0.2, mixes_up=tuple(mixes_up), seed=seed)

    told = watched(RULE, *group(7), seconds=40, eyes=eyes)

    (after,) = told.opened_after
    assert 10 <= after <= 16


@pytest.mark.parametrize(
    "movers",
    [
        pytest.param(group(5), id="too few"),
        pytest.param(group(4) + group(6, y=0.15), id="most outside"),
        pytest.param(group(8, apart=0.15, left=0.21), id="too far from each other"),
    ],
)
def test_fewer_or_farther_people_are_none(movers: list[Mover]) -> None:
    told = watched(
        replace(RULE, thresholds={**RULE.thresholds, "spacing": 0.4}), *movers, seconds=30
    )

    assert told.opened == []


@pytest.mark.parametrize("rate", [2.0, 5.0])
def test_a_queue_that_passes_by_is_none(rate: float) -> None:
    # For a minute, at any time over ten of them are in the zone.
    way = goes((0.0, 0.6), (1.0, 0.6), heights_a_second=0.7)
    queue = [Mover(during(n, n + 13, way)) for n in range(60)]
    eyes = Eyes(rate=rate, misses=0.1)

    assert watched(RULE, *queue, seconds=70, eyes=eyes).opened == []


def test_a_group_that_leaves_before_the_time_is_none() -> None:
    brief = [Mover(during(0, 8, mover.way)) for mover in group(8)]

    assert watched(RULE, *brief, seconds=30).opened == []


def test_one_who_leaves_and_comes_back_makes_no_second_event() -> None:
    *stay, leaves = group(6)
    restless = Mover(lambda at: None if at > 15 and int(at / 6) % 2 else leaves.way(at))

    told = watched(RULE, *stay, restless, seconds=60)

    assert len(told.opened) == 1


def test_it_is_over_when_they_have_gone() -> None:
    gone = [Mover(during(0, 20, mover.way)) for mover in group(7)]

    told = watched(RULE, *gone, seconds=40)

    assert [type(fact) for fact in told.facts][1:] == [EventClosed]


def test_people_cut_off_by_the_picture_s_edge_are_counted() -> None:
    # Their feet lie below the picture: the box ends at its edge.
    edge = [Mover(stands(0.3 + 0.05 * n, 1.1)) for n in range(7)]

    assert len(watched(RULE, *edge, seconds=20).opened) == 1


def test_a_clock_set_back_starts_again() -> None:
    told = watched(RULE, *group(7), seconds=8)

    told.see(looks(group(7), seconds=8, eyes=Eyes()))

    assert told.opened == []
