"""Zones drawn on a picture: which can be used, and who stands in them."""

from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detections import Box, PicturePoint
from domain.zones import Fault, InvalidZone, Zone, area

SQUARE = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]
HORSESHOE = [(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.6, 0.9), (0.6, 0.4), (0.4, 0.4), (0.4, 0.9),
             (0.1, 0.9)]  # fmt: skip

shares = st.floats(0, 1, allow_nan=False)


def zone(points: list[tuple[float, float]]) -> Zone:
    return Zone.drawn(points)


def circle(sides: int) -> list[tuple[float, float]]:
    turns = [2 * pi * i / sides for i in range(sides)]
    return [(0.5 + 0.4 * cos(turn), 0.5 + 0.4 * sin(turn)) for turn in turns]


def test_a_point_inside_a_hollow_shape_is_told_from_one_in_its_hollow() -> None:
    assert zone(HORSESHOE).contains(PicturePoint(0.25, 0.7))
    assert not zone(HORSESHOE).contains(PicturePoint(0.5, 0.7))


def test_a_foot_cut_off_by_the_pictures_edge_stands_in_a_zone_that_reaches_it() -> None:
    to_the_edge = zone([(0.2, 0.5), (0.8, 0.5), (0.8, 1.0), (0.2, 1.0)])

    assert to_the_edge.holds(Box(0.4, 0.6, 0.6, 1.0))


def test_a_head_over_the_fence_does_not_stand_behind_it() -> None:
    behind_the_fence = zone([(0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5)])

    assert not behind_the_fence.holds(Box(0.4, 0.3, 0.5, 0.8))


@given(x=shares, y=shares)
def test_a_square_holds_what_lies_between_its_sides(x: float, y: float) -> None:
    inside = 0.2 <= x <= 0.8 and 0.2 <= y <= 0.8
    near_the_border = min(abs(x - 0.2), abs(x - 0.8), abs(y - 0.2), abs(y - 0.8)) < 1e-6

    assert near_the_border or zone(SQUARE).contains(PicturePoint(x, y)) == inside


@given(x=shares, y=shares, turn=st.integers(0, 7), mirrored=st.booleans())
def test_where_the_drawing_began_and_which_way_it_went_changes_nothing(
    x: float, y: float, turn: int, mirrored: bool
) -> None:
    redrawn = HORSESHOE[turn:] + HORSESHOE[:turn]
    point = PicturePoint(x, y)

    other = zone(redrawn[::-1] if mirrored else redrawn)
    assert other.contains(point) == zone(HORSESHOE).contains(point)


def test_a_zone_of_64_points_is_taken_and_its_area_is_the_pictures_share() -> None:
    assert area(zone(circle(64)).points) == pytest.approx(pi * 0.4**2, rel=0.01)


@pytest.mark.parametrize(
    ("points", "fault"),
    [
        (SQUARE[:2], Fault.TOO_FEW_POINTS),
        ([], Fault.TOO_FEW_POINTS),
        (circle(65), Fault.TOO_MANY_POINTS),
        ([*SQUARE[:3], (float("nan"), 0.8)], Fault.NOT_A_NUMBER),
        ([*SQUARE[:3], (float("inf"), 0.8)], Fault.NOT_A_NUMBER),
        ([*SQUARE[:3], (0.2, 1.01)], Fault.OUTSIDE_THE_PICTURE),
        ([*SQUARE, SQUARE[0]], Fault.SAME_POINT_TWICE),
        ([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], Fault.CROSSES_ITSELF),
        ([(0.1, 0.1), (0.9, 0.1), (0.5, 0.1), (0.5, 0.9)], Fault.CROSSES_ITSELF),
        ([(0.1, 0.1), (0.5, 0.5), (0.9, 0.9)], Fault.CROSSES_ITSELF),
        (
            [(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.1), (0.1, 0.9)],  # touches its first side
            Fault.CROSSES_ITSELF,
        ),
        ([(0.1, 0.1), (0.11, 0.1), (0.11, 0.11)], Fault.TOO_SMALL),
    ],
)
def test_a_zone_that_cannot_be_watched_is_refused_with_its_reason(
    points: list[tuple[float, float]], fault: Fault
) -> None:
    with pytest.raises(InvalidZone) as refused:
        zone(points)

    assert refused.value.fault is fault


def test_a_point_that_is_no_pair_is_refused() -> None:
    with pytest.raises(InvalidZone) as refused:
        Zone.drawn([(0.1, 0.1, 0.1), (0.5, 0.1), (0.5, 0.5)])

    assert refused.value.fault is Fault.NOT_A_NUMBER
