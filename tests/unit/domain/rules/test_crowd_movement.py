"""Crowd movement: people who suddenly run; and those who only walk, come or wait."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events import EventKind
from domain.identifiers import RuleId
from domain.rules import Rule
from domain.zones import Zone
from tests.unit.domain.rules.walks import Eyes, Mover, Way, during, goes, looks, stands, watched

WHOLE = Zone.drawn([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
RULE = Rule(id=RuleId(UUID(int=3)), kind=EventKind.CROWD_MOVEMENT, name="place", shape=WHOLE)
BEGINS = 12.0
HEIGHT = 0.12


def mover(way: Way) -> Mover:
    return Mover(way, height=HEIGHT, width=0.05)


def then(before: Way, after: Way) -> Way:
    return lambda at: before(at) if at < BEGINS else after(at - BEGINS)


def runs(a: tuple[float, float], b: tuple[float, float], pace: float = 2.5) -> Way:
    return goes(a, b, heights_a_second=pace, height=HEIGHT)


def places(size: int) -> list[tuple[float, float]]:
    return [(0.3 + 0.07 * (n % 4), 0.4 + 0.14 * (n // 4)) for n in range(size)]


def flight(pace: float = 2.5) -> list[Mover]:
    return [mover(then(stands(x, y), runs((x, y), (x + 0.6, y), pace))) for x, y in places(8)]


@settings(max_examples=8)  # eight people for 16 s, each look
@given(seed=st.integers(0, 10_000), rate=st.sampled_from([4.0, 5.0]))
def test_people_who_begin_to_run_together_are_one_event(seed: int, rate: float) -> None:
    eyes = Eyes(rate=rate, misses=0.1, seed=seed)

    (after,) = watched(RULE, *flight(), seconds=16, eyes=eyes).opened_after
    assert BEGINS < after < BEGINS + 2.5


def test_people_who_scatter_are_one_event() -> None:
    middle = (0.45, 0.55)

    def away(x: float, y: float) -> Way:
        far = (x + 3 * (x - middle[0]), y + 3 * (y - middle[1]))
        return then(stands(x, y), runs((x, y), far, 1.2))

    corners = [(0.35, 0.45), (0.55, 0.45), (0.35, 0.65), (0.55, 0.65), (0.45, 0.4), (0.45, 0.7)]

    assert len(watched(RULE, *[mover(away(x, y)) for x, y in corners], seconds=17).opened) == 1


@pytest.mark.parametrize(
    "movers",
    [
        pytest.param([mover(stands(x, y)) for x, y in places(8)], id="they stand"),
        pytest.param(flight(0.8), id="they walk off together"),
        pytest.param(flight()[:4], id="too few"),
        pytest.param(
            flight()[:2] + [mover(stands(x, y + 0.3)) for x, y in places(6)], id="some of them"
        ),
        pytest.param(
            # People wait; a train comes, and many walk past them, some in a hurry.
            [mover(stands(x, 0.9)) for x, _ in places(5)]
            + [
                mover(during(BEGINS, 60, runs((0.0, 0.3 + 0.05 * n), (1.0, 0.3 + 0.05 * n), pace)))
                for n, pace in enumerate([0.7, 0.8, 0.8, 0.9, 1.0, 1.2, 1.4, 1.6])
            ],
            id="a train arrives",
        ),
        pytest.param(
            [
                mover(during(n / 3, 60, runs((0.0, 0.4 + 0.05 * n), (1.0, 0.4 + 0.05 * n))))
                for n in range(8)
            ],
            id="joggers come and go",
        ),
    ],
)
def test_what_else_people_do_is_none(movers: list[Mover]) -> None:
    assert watched(RULE, *movers, seconds=20, eyes=Eyes(misses=0.05)).opened == []


def test_a_clock_set_back_starts_again() -> None:
    told = watched(RULE, *flight(), seconds=BEGINS)

    fled = [mover(runs((x, y), (x + 0.6, y))) for x, y in places(8)]
    told.see(looks(fled, seconds=3, eyes=Eyes()))

    assert told.opened == []
