"""Points, distances and fixes that can be believed."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.positions import BadClock, BadPosition, Point, Position

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
points = st.builds(Point, st.floats(-180, 180), st.floats(-90, 90))


@pytest.mark.parametrize(
    ("lon", "lat"), [(math.nan, 0), (0, math.inf), (180.1, 0), (0, -90.1), (-181, 0), (0, 91)]
)
def test_what_is_not_on_earth_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(BadPosition):
        Point(lon, lat)


def test_distance_paris_to_lyon_is_known() -> None:
    assert Point(2.3522, 48.8566).distance_m(Point(4.8357, 45.7640)) == pytest.approx(
        391_500, rel=0.005
    )


def test_bearing_of_the_four_winds() -> None:
    here = Point(0, 0)
    around = [Point(0, 1), Point(1, 0), Point(0, -1), Point(-1, 0)]

    assert [round(here.bearing_deg(p)) for p in around] == [0, 90, 180, 270]


@given(points, points)
def test_distance_is_symmetric_and_bearing_is_in_range(a: Point, b: Point) -> None:
    assert a.distance_m(b) == pytest.approx(b.distance_m(a))
    assert 0 <= a.bearing_deg(b) < 360


@pytest.mark.parametrize(
    "wrong", [{"accuracy_m": math.nan}, {"heading_deg": 361.0}, {"speed_mps": -1.0}]
)
def test_a_fix_with_a_senseless_figure_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadPosition):
        Position(point=Point(0, 0), fixed_at=NOW, **wrong)


@pytest.mark.parametrize(
    ("away", "refused"),
    [
        (timedelta(hours=1), True),
        (timedelta(minutes=1), False),
        (timedelta(hours=-11), False),
        (timedelta(hours=-13), True),
    ],
)
def test_a_clock_an_hour_ahead_is_refused_and_a_tunnel_is_not(
    away: timedelta, refused: bool
) -> None:
    fix = Position(point=Point(0, 0), fixed_at=NOW + away, accuracy_m=8.0)

    if refused:
        with pytest.raises(BadClock):
            fix.check_clock(received_at=NOW)
    else:
        fix.check_clock(received_at=NOW)
