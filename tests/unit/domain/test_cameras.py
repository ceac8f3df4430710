"""A camera shows a picture only under the prefect's order that it rests on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.cameras import (
    BadCamera,
    Camera,
    NoOrderInForce,
    Order,
    PlaceKind,
    SourceKind,
    spellings,
    split_user,
)
from domain.identifiers import CameraId, CommuneId, OrderId, StreamId
from domain.positions import Point

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HERE = CommuneId(uuid4())
SQUARE = (Point(2.0, 48.0), Point(2.1, 48.0), Point(2.1, 48.1), Point(2.0, 48.1))


def camera(**changes: object) -> Camera:
    values: dict[str, object] = {
        "id": CameraId(uuid4()),
        "commune_id": HERE,
        "number": 12,
        "name": "Place du Marché",
        "source": SourceKind.RTSP,
        "point": Point(2.05, 48.05),
        "bearing_deg": 90.0,
        "field_of_view_deg": 60.0,
        "range_m": 80.0,
        "place_kind": PlaceKind.PUBLIC_ROAD,
        "main_stream_id": StreamId(uuid4()),
    }
    return Camera(**(values | changes))  # type: ignore[arg-type]  # test data by field name


def order(**changes: object) -> Order:
    values: dict[str, object] = {
        "id": OrderId(uuid4()),
        "commune_id": HERE,
        "number": "2026-0031",
        "starts_at": NOW - timedelta(days=30),
        "ends_at": NOW + timedelta(days=1800),
        "perimeter": SQUARE,
    }
    return Order(**(values | changes))  # type: ignore[arg-type]  # test data by field name


def test_on_a_public_road_an_order_in_force_allows_the_picture() -> None:
    camera().check_lawful(order(), profile="france", at=NOW)
    camera().check_lawful(order(perimeter=None), profile="france", at=NOW)


@pytest.mark.parametrize(
    "rests_on",
    [
        None,
        order(ends_at=NOW),
        order(starts_at=NOW + timedelta(seconds=1)),
        order(perimeter=tuple(Point(p.lon + 1, p.lat) for p in SQUARE)),
        order(fictive=True),
    ],
)
def test_without_an_order_that_covers_it_now_there_is_no_picture(rests_on: Order | None) -> None:
    with pytest.raises(NoOrderInForce):
        camera().check_lawful(rests_on, profile="france", at=NOW)


def test_a_place_closed_to_the_public_needs_no_order() -> None:
    inside = camera(place_kind=PlaceKind.CLOSED_TO_PUBLIC)

    inside.check_lawful(None, profile="france", at=NOW)


def test_the_demonstration_profile_is_refused_for_a_real_camera() -> None:
    fictive = order(fictive=True)
    camera(demonstration=True).check_lawful(fictive, profile="demonstration", at=NOW)

    with pytest.raises(NoOrderInForce):
        camera().check_lawful(order(), profile="demonstration", at=NOW)


def test_the_end_of_an_order_is_announced_six_months_before() -> None:
    rests_on = order(ends_at=NOW + timedelta(days=180))

    assert rests_on.is_ending(NOW)
    assert not replace(rests_on, ends_at=NOW + timedelta(days=200)).is_ending(NOW)
    assert not replace(rests_on, ends_at=NOW).is_ending(NOW)


def test_a_fictive_order_allows_nothing_in_a_real_commune() -> None:
    with pytest.raises(NoOrderInForce):
        camera(demonstration=True).check_lawful(order(fictive=True), profile="france", at=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 0},
        {"name": " "},
        {"bearing_deg": 360.0},
        {"field_of_view_deg": 0.0},
        {"range_m": 5000.0},
    ],
)
def test_a_camera_with_a_senseless_value_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadCamera):
        camera(**wrong)


def test_an_order_has_a_number_and_ends_after_it_starts() -> None:
    with pytest.raises(BadCamera):
        order(number="")
    with pytest.raises(BadCamera):
        order(ends_at=NOW - timedelta(days=31))


def test_an_address_is_the_same_with_and_without_its_usual_port() -> None:
    spelt = spellings("rtsp://10.0.0.7/stream?channel=1")

    assert "rtsp://10.0.0.7:554/stream?channel=1" in spelt
    assert "rtsp://10.0.0.7/stream?channel=1" in spellings("rtsp://10.0.0.7:554/stream?channel=1")
    assert "rtsp://10.0.0.7/stream?channel=1" not in spellings("rtsp://10.0.0.7:8554/stream")
    assert "rtsp://[fd00::7]/a" in spellings("rtsp://[fd00::7]:554/a")


@pytest.mark.parametrize(
    ("address", "user", "password"),
    [
        ("rtsp://csu:a@b@10.0.0.5/1", "csu", "a@b"),
        ("rtsp://csu:a:b@10.0.0.5/1", "csu", "a:b"),
        ("rtsp://csu:a/b@10.0.0.5/1", "csu", "a/b"),
        ("rtsp://csu:a%b@10.0.0.5/1", "csu", "a%b"),
        ("rtsp://csu:?a#b@10.0.0.5/1", "csu", "?a#b"),
        ("rtsp://csu:/@10.0.0.5/1", "csu", "/"),
        ("rtsp://csu:@:/%@10.0.0.5/1", "csu", "@:/%"),
        ("rtsp://csu:a%40%3A%2F%25@10.0.0.5/1", "csu", "a@:/%"),
        ("rtsp://c%40u@10.0.0.5/1", "c@u", ""),
    ],
)
def test_a_password_is_read_as_it_is_meant(address: str, user: str, password: str) -> None:
    assert split_user(address) == ("rtsp://10.0.0.5/1", (user, password))


def test_a_path_with_an_at_names_nobody() -> None:
    address = "rtsp://10.0.0.5:8554/live/a@b?user=c@d"
    assert split_user(address) == (address, None)
    assert split_user("rtsp://csu:a/b@10.0.0.5:8554/live/a@b?user=c@d") == (address, ("csu", "a/b"))
