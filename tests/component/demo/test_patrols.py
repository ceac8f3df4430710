"""Simulated units: on the streets, at their pace, the same each time, and where they are sent."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import shapely

from domain.positions import Point, Position
from server.demo.patrols import DRIFT_M, RESTS_S, SPEEDS_MPS, Fix, Patrol
from server.streets.errors import NoRoute
from server.streets.graph import Mode, StreetGraph
from server.streets.plane import LonLat, Plane, distance_m

START = (24.9440, 60.1700)
TARGET = (24.9500, 60.1690)


@pytest.fixture(scope="module", params=list(Mode))
def mode(request: pytest.FixtureRequest) -> Mode:
    found: Mode = request.param
    return found


@pytest.fixture(scope="module")
def graph(town_map: Path, mode: Mode) -> StreetGraph:
    return StreetGraph.read(town_map, mode)


def walk(patrol: Patrol, seconds: int) -> tuple[list[Fix], list[LonLat]]:
    """Return what the phone says each second, and where the unit really was."""
    fixes, places = [], []
    for _ in range(seconds):
        fixes.append(patrol.advance(1.0))
        places.append(patrol.at)
    return fixes, places


def test_a_patrol_stays_on_streets_and_keeps_its_pace(graph: StreetGraph, mode: Mode) -> None:
    plane = Plane(START[1])
    streets = shapely.union_all(
        [
            shapely.LineString([plane.to_metres(*at) for at in step.line])
            for node in graph.nodes
            for step in graph.steps(node)
        ]
    )
    fixes, places = walk(Patrol(graph, start=START, mode=mode, seed=7), 600)

    assert max(streets.distance(shapely.Point(plane.to_metres(*at))) for at in places) < 0.1
    assert max(distance_m(a, b) for a, b in pairwise(places)) <= SPEEDS_MPS[mode] * 1.01
    assert sum(distance_m(a, b) for a, b in pairwise(places)) > 600 * SPEEDS_MPS[mode] * 0.7
    for fix, at in zip(fixes, places, strict=True):
        assert distance_m((fix.lon, fix.lat), at) <= DRIFT_M + 0.1
        assert fix.accuracy_m >= DRIFT_M


def test_every_fix_is_one_the_server_takes(graph: StreetGraph, mode: Mode) -> None:
    for fix in walk(Patrol(graph, start=START, mode=mode, seed=3), 300)[0]:
        Position(
            point=Point(fix.lon, fix.lat),
            fixed_at=datetime.now(UTC),
            accuracy_m=fix.accuracy_m,
            heading_deg=fix.heading_deg,
            speed_mps=fix.speed_mps,
        )
        assert 0 <= fix.heading_deg < 360


def test_the_same_seed_gives_the_same_way_and_another_one_another(
    graph: StreetGraph, mode: Mode
) -> None:
    first, again, other = (
        walk(Patrol(graph, start=START, mode=mode, seed=seed), 300)[0] for seed in (1, 1, 2)
    )

    assert first == again
    assert first != other


def test_a_patrol_seldom_turns_back(graph: StreetGraph, mode: Mode) -> None:
    fixes, _ = walk(Patrol(graph, start=START, mode=mode, seed=5), 600)
    turned = [abs((b.heading_deg - a.heading_deg + 180) % 360 - 180) for a, b in pairwise(fixes)]

    assert sum(angle > 170 for angle in turned) < 20


def test_a_unit_that_is_sent_arrives_stays_and_goes_on(graph: StreetGraph, mode: Mode) -> None:
    patrol = Patrol(graph, start=START, mode=mode, seed=9)
    walk(patrol, 30)

    metres = patrol.go_to(*TARGET)
    _, places = walk(patrol, int(metres / SPEEDS_MPS[mode]) + 2)

    assert patrol.advance(1.0).speed_mps == 0
    assert distance_m(places[-1], TARGET) < 60  # the nearest street may lie half a block away
    # Cars go round by the one-ways; walkers do not, nor by the passages below the station.
    assert metres < {Mode.FOOT: 700, Mode.CAR: 3000}[mode]
    assert distance_m(START, TARGET) < metres + 200
    _, resting = walk(patrol, int(RESTS_S) - 5)
    assert set(resting) == {places[-1]}
    fixes, _ = walk(patrol, 60)
    assert fixes[-1].speed_mps == SPEEDS_MPS[mode]
    assert patrol.at != places[-1]


def test_a_unit_sent_elsewhere_on_its_way_goes_to_the_last_place(
    graph: StreetGraph, mode: Mode
) -> None:
    patrol = Patrol(graph, start=START, mode=mode, seed=9)
    patrol.go_to(*TARGET)
    walk(patrol, 20)

    metres = patrol.go_to(*START)
    _, places = walk(patrol, int(metres / SPEEDS_MPS[mode]) + 2)

    assert distance_m(places[-1], START) < 120


def test_without_streets_nobody_can_walk() -> None:
    with pytest.raises(NoRoute):
        Patrol(StreetGraph({}, {}), start=START, mode=Mode.FOOT, seed=1)


async def test_fixes_come_for_ever(graph: StreetGraph, mode: Mode) -> None:
    patrol = Patrol(graph, start=START, mode=mode, seed=1)
    seen = []
    async for fix in patrol.fixes(every_s=0.001):
        seen.append(fix)
        if len(seen) == 5:
            break

    assert len(set(seen)) == 5
