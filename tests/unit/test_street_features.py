"""What the tags of OpenStreetMap mean for a patrol and for the map."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.streets import features
from server.streets.coast import sea
from server.streets.plane import Plane, along, bearing_deg, distance_m, length_m
from server.streets.style import PALETTES, Theme, style


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, 0),
        ({"highway": "residential", "oneway": "yes"}, 1),
        ({"highway": "residential", "oneway": "-1"}, -1),
        ({"highway": "motorway"}, 1),
        ({"highway": "tertiary", "junction": "roundabout"}, 1),
        ({"highway": "tertiary", "junction": "roundabout", "oneway": "no"}, 0),
    ],
)
def test_one_ways_are_read_from_tags(tags: dict[str, str], expected: int) -> None:
    assert features.oneway(tags) == expected


@pytest.mark.parametrize(
    ("tags", "foot", "car"),
    [
        ({"highway": "residential"}, True, True),
        ({"highway": "motorway"}, False, True),
        ({"highway": "footway"}, True, False),
        ({"highway": "residential", "access": "private"}, False, False),
        ({"highway": "residential", "access": "no", "foot": "yes"}, True, False),
        ({"highway": "pedestrian"}, True, False),
        ({"highway": "corridor"}, False, False),
        ({"highway": "footway", "tunnel": "yes"}, False, False),
        ({"highway": "footway", "tunnel": "building_passage"}, True, False),
        ({"highway": "primary", "tunnel": "yes", "layer": "-1"}, False, True),
        ({"highway": "footway", "indoor": "yes"}, False, False),
        ({}, False, False),
    ],
)
def test_who_may_take_a_way(tags: dict[str, str], foot: bool, car: bool) -> None:
    assert (features.may_walk(tags), features.may_drive(tags)) == (foot, car)


def test_links_are_drawn_as_their_road() -> None:
    drawn = features.line({"highway": "primary_link", "name": "Bretelle"})

    assert drawn is not None
    assert drawn.properties == {"class": "primary", "name": "Bretelle"}


def test_a_road_that_is_an_area_is_drawn_as_a_square_only() -> None:
    tags = {"highway": "pedestrian", "area": "yes"}

    assert features.line(tags) is None
    assert features.area(tags) == features.Drawn("landuse", 14, {"class": "square"})


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8)))
def test_no_tags_at_all_can_make_reading_fail(tags: dict[str, str]) -> None:
    for drawn in (features.line(tags), features.area(tags), features.label(tags)):
        assert drawn is None or drawn.layer in features.LAYERS


def test_sea_lies_to_the_right_of_the_coast() -> None:
    bounds = (0.0, 0.0, 1.0, 1.0)
    eastward = [(-1.0, 0.5), (0.5, 0.5), (2.0, 0.5)]

    (south,) = sea([eastward], bounds)
    (north,) = sea([eastward[::-1]], bounds)

    assert south.bounds == (0.0, 0.0, 1.0, 0.5)
    assert north.bounds == (0.0, 0.5, 1.0, 1.0)


def test_an_island_is_not_sea() -> None:
    island = [(0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6), (0.4, 0.4)]  # land on its left

    (water,) = sea([island], (0.0, 0.0, 1.0, 1.0))

    assert water.area == pytest.approx(1 - 0.04)


def test_a_coast_that_stops_short_of_the_edge_is_led_to_it() -> None:
    (water,) = sea([[(0.1, 0.5), (0.95, 0.5)]], (0.0, 0.0, 1.0, 1.0))

    assert water.area == pytest.approx(0.5)


def test_far_from_any_coast_there_is_no_sea() -> None:
    assert sea([], (0.0, 0.0, 1.0, 1.0)) == []
    assert sea([[(5.0, 5.0), (6.0, 5.0)]], (0.0, 0.0, 1.0, 1.0)) == []


@given(st.floats(-179, 179), st.floats(-80, 80), st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_metres_and_degrees_agree(lon: float, lat: float, east: float, north: float) -> None:
    plane = Plane(lat)

    assert plane.to_degrees(*plane.to_metres(lon, lat)) == pytest.approx((lon, lat))
    assert 0 <= bearing_deg((lon, lat), (lon + east, lat + north)) < 360


def test_a_point_along_a_line_is_where_its_metres_end() -> None:
    line = [(2.0, 48.5), (2.001, 48.5), (2.001, 48.501)]

    assert distance_m(line[0], along(line, 50)) == pytest.approx(50)
    assert along(line, 1e6) == line[-1]
    assert along([line[0], line[0]], 1.0) == line[0]
    assert length_m(line) == pytest.approx(distance_m(*line[:2]) + distance_m(*line[1:]))


@pytest.mark.parametrize("theme", ["day", "night"])
def test_style_asks_for_nothing_but_its_tiles(theme: Theme) -> None:
    found = style(theme, tiles_url="pmtiles:///api/v1/map/tiles.pmtiles?v=1")

    assert "glyphs" not in found
    assert "sprite" not in found
    (source,) = found["sources"].values()
    assert source["url"] == "pmtiles:///api/v1/map/tiles.pmtiles?v=1"
    assert source["attribution"] == "© OpenStreetMap contributors"


@pytest.mark.parametrize("theme", ["day", "night"])
def test_style_draws_layers_that_exist_and_street_names_from_zoom_fifteen(theme: Theme) -> None:
    layers = {layer["id"]: layer for layer in style(theme)["layers"]}

    drawn = {layer["source-layer"] for layer in layers.values() if "source-layer" in layer}
    assert drawn == set(features.LAYERS)
    assert layers["street-name"]["minzoom"] == 15
    assert all(layer["layout"]["text-font"] for layer in layers.values() if "text" in layer)


def _luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["day", "night"])
@pytest.mark.parametrize("under", ["ground", "road", "major", "building", "green", "square"])
@pytest.mark.parametrize("words", ["words", "street_words"])
def test_words_can_be_read_on_whatever_lies_under_them(
    theme: Theme, under: str, words: str
) -> None:
    palette = PALETTES[theme]
    bright, dark = sorted(
        (_luminance(getattr(palette, words)), _luminance(getattr(palette, under))), reverse=True
    )

    assert (bright + 0.05) / (dark + 0.05) >= 4.5
