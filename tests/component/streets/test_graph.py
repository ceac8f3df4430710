"""Ways by foot and by car: the shortest, along the streets, one-ways kept by cars."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.streets.basemap import MapBuild
from server.streets.errors import MapUnreadable, NoRoute
from server.streets.graph import Mode, Step, StreetGraph
from tests.component.streets.conftest import at


def total(way: list[Step]) -> float:
    return sum(step.length_m for step in way)


def test_walkers_take_the_shortest_way_even_against_a_one_way(village: Path) -> None:
    graph = StreetGraph.read(village, Mode.FOOT)

    way = graph.route(graph.nearest(*at(2, 2)), graph.nearest(*at(4, 0)))

    assert total(way) == pytest.approx(400, rel=0.01)


def test_cars_keep_the_one_way(village: Path) -> None:
    graph = StreetGraph.read(village, Mode.CAR)
    church, crossing = graph.nearest(*at(2, 0)), graph.nearest(*at(2, 2))
    end = graph.nearest(*at(4, 0))

    assert total(graph.route(crossing, end)) == pytest.approx(400, rel=0.01)
    assert [step.name for step in graph.route(crossing, end)] == [
        "Boulevard Saint-Michel",
        "Rue de l'Église",
    ]
    assert total(graph.route(end, church)) == pytest.approx(200, rel=0.01)


def test_cars_do_not_take_footways(village: Path) -> None:
    walked = StreetGraph.read(village, Mode.FOOT)
    driven = StreetGraph.read(village, Mode.CAR)

    # The footway is the one way without a name.
    assert None in {step.name for node in walked.nodes for step in walked.steps(node)}
    assert None not in {step.name for node in driven.nodes for step in driven.steps(node)}


def test_a_street_cut_off_from_the_town_is_left_out(village: Path) -> None:
    graph = StreetGraph.read(village, Mode.FOOT)

    nearest = graph.nodes[graph.nearest(*at(0, 3))]

    assert nearest != pytest.approx(at(0, 2), abs=1e-6)
    assert nearest != pytest.approx(at(0, 4), abs=1e-6)


def test_an_empty_graph_says_that_no_way_leads_there() -> None:
    graph = StreetGraph({}, {})

    with pytest.raises(NoRoute):
        graph.nearest(2.0, 48.5)


def test_without_a_map_there_is_no_graph(tmp_path: Path) -> None:
    with pytest.raises(MapUnreadable):
        StreetGraph.read(tmp_path, Mode.FOOT)


@pytest.mark.parametrize("mode", list(Mode))
def test_every_way_in_helsinki_is_joined_from_end_to_end(
    helsinki: tuple[Path, MapBuild], mode: Mode
) -> None:
    graph = StreetGraph.read(helsinki[0], mode)
    ids = list(graph.nodes)

    @settings(max_examples=25)
    @given(st.sampled_from(ids), st.sampled_from(ids))
    def joined(start: int, end: int) -> None:
        way = graph.route(start, end)
        line = [at for step in way for at in step.line]
        if start != end:
            assert line[0] == graph.nodes[start]
            assert line[-1] == graph.nodes[end]
        for one, other in pairwise(way):
            assert one.line[-1] == other.line[0]

    joined()
