"""What Traccar Client and other OsmAnd clients send, read as they mean it."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.positions import BadPosition
from mobile_api.osmand import from_json, from_parameters

NOW = datetime(2026, 3, 1, 22, tzinfo=UTC)
FIX = {"id": "secret", "lat": "60.17", "lon": "24.94", "timestamp": "1772402400"}


def document(**location: Any) -> bytes:
    """What Traccar Client 9 sends (https://www.traccar.org/osmand/)."""
    coords = {
        "latitude": 60.17,
        "longitude": 24.94,
        "accuracy": 5.5,
        "speed": 2.5,
        "heading": 90,
        "altitude": 12,
    }
    whole = {
        "timestamp": "2026-03-01T22:00:00.000Z",
        "coords": coords,
        "is_moving": True,
        "odometer": 120,
        "event": "motionchange",
        "battery": {"level": 0.8, "is_charging": False},
        "activity": {"type": "on_foot"},
        "extras": {},
        "_": "&id=secret&lat=60.17&lon=24.94&",
    } | location
    return json.dumps({"location": whole, "device_id": "secret"}).encode()


def test_a_query_gives_place_time_and_speed_in_knots() -> None:
    parameters = FIX | {
        "speed": "10",
        "bearing": "45",
        "accuracy": "8",
        "altitude": "3",
        "batt": "80",
    }
    report = from_parameters(parameters, received_at=NOW)

    assert report.secret == "secret"
    assert not report.sos
    position = report.position
    assert position is not None
    assert (position.point.lon, position.point.lat) == (24.94, 60.17)
    assert position.fixed_at == datetime(2026, 3, 1, 22, tzinfo=UTC)
    assert position.speed_mps == pytest.approx(5.1444, abs=1e-4)
    assert position.heading_deg == 45
    assert position.accuracy_m == 8


@pytest.mark.parametrize(
    "text",
    ["1772402400", "1772402400000", "2026-03-01T22:00:00Z", "2026-03-01 22:00:00", "", None],
)
def test_times_come_in_many_forms(text: str | None) -> None:
    parameters = {k: v for k, v in FIX.items() if k != "timestamp"}
    report = from_parameters(
        parameters if text is None else parameters | {"timestamp": text}, received_at=NOW
    )

    assert report.at == NOW


def test_json_gives_place_time_and_speed_in_metres_per_second() -> None:
    report = from_json(document())

    assert report.secret == "secret"
    assert report.position is not None
    assert report.position.speed_mps == 2.5
    assert report.position.heading_deg == 90
    assert report.position.fixed_at == NOW


def test_minus_one_means_unknown() -> None:
    coords = {"latitude": 60.17, "longitude": 24.94, "accuracy": -1, "speed": -1, "heading": -1}
    position = from_json(document(coords=coords)).position

    assert position is not None
    assert (position.accuracy_m, position.speed_mps, position.heading_deg) == (None, None, None)


def test_a_wild_speed_costs_the_speed_and_not_the_fix() -> None:
    position = from_parameters(FIX | {"speed": "9999", "accuracy": "1e9"}, received_at=NOW).position

    assert position is not None
    assert (position.speed_mps, position.accuracy_m) == (None, None)


def test_sos_is_heard_in_each_form_and_whatever_its_place_looks_like() -> None:
    assert from_parameters(FIX | {"alarm": "sos"}, received_at=NOW).sos
    assert from_json(document(extras={"alarm": "sos"})).sos
    assert from_json(document(alarm="sos")).sos
    lost = from_parameters(FIX | {"alarm": "sos", "lat": "nan"}, received_at=NOW)
    assert lost.sos
    assert lost.position is None
    far = from_json(document(alarm="sos", coords={"latitude": 91, "longitude": 0}))
    assert far.sos
    assert far.position is None


def test_a_sign_of_life_has_no_place() -> None:
    assert from_parameters({"id": "secret"}, received_at=NOW).position is None
    assert from_json(document(coords=None)).position is None


@pytest.mark.parametrize(
    "change",
    [
        {"lat": "nan"},
        {"lon": "inf"},
        {"lat": "91"},
        {"lon": "-181"},
        {"lat": ""},
        {"lat": "12,5"},
        {"timestamp": "yesterday"},
        {"timestamp": "9" * 19},
        {"speed": "fast"},
    ],
)
def test_a_fix_that_is_nowhere_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(BadPosition):
        from_parameters(FIX | change, received_at=NOW)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"{}", b'{"device_id": "x"}', b"\xff", b'{"device_id": "x", "location": 3}'],
)
def test_json_that_is_no_report_is_refused(raw: bytes) -> None:
    with pytest.raises(DomainError):
        from_json(raw)


@given(st.dictionaries(st.sampled_from([*FIX, "speed", "alarm", "location"]), st.text(max_size=30)))
def test_no_query_does_more_than_be_refused(parameters: dict[str, str]) -> None:
    with suppress(DomainError):
        from_parameters(parameters, received_at=NOW)
