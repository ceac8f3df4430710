"""The demonstration's town stands on real streets, breaks no rule and names nobody."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from domain.authorisations import Authorisation
from domain.cameras import Order, SourceKind
from domain.identifiers import AuthorisationId, CameraId, CommuneId, OrderId
from domain.people import Role
from domain.positions import Point
from domain.profiles import Profile
from domain.zones import Zone
from server.demo.town import TOWN, DemoCamera
from server.streets.graph import Mode, StreetGraph
from server.streets.places import Places

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize("camera", TOWN.cameras, ids=lambda camera: camera.name)
def test_every_camera_stands_where_its_two_streets_meet_and_looks_along_one(
    town_map: Path, camera: DemoCamera
) -> None:
    graph = StreetGraph.read(town_map, Mode.FOOT)
    node = graph.nearest(camera.point.lon, camera.point.lat)
    steps = graph.steps(node)

    assert Point(*graph.nodes[node]).distance_m(camera.point) < 5
    assert set(camera.streets) <= {step.name for step in steps}
    turned = [
        abs((Point(*step.line[0]).bearing_deg(Point(*step.line[-1])) - camera.bearing_deg + 180)
            % 360 - 180)
        for step in steps
        if step.name == camera.streets[0]
    ]  # fmt: skip
    assert min(turned) < 10


def test_the_map_knows_an_address_for_every_camera(town_map: Path) -> None:
    places = Places(town_map)

    assert all(places.describe(camera.point.lon, camera.point.lat) for camera in TOWN.cameras)


def test_there_are_cameras_enough_and_one_is_over_rtsp() -> None:
    assert len(TOWN.cameras) >= 4
    assert [camera.source for camera in TOWN.cameras].count(SourceKind.RTSP) == 1
    assert len({camera.number for camera in TOWN.cameras}) == len(TOWN.cameras)


def test_order_is_fictive_and_covers_every_camera() -> None:
    order = Order(
        id=OrderId(uuid4()),
        commune_id=CommuneId(uuid4()),
        number=TOWN.order.number,
        starts_at=NOW - TOWN.order.started_before,
        ends_at=NOW + TOWN.order.ends_after,
        perimeter=TOWN.order.perimeter,
        fictive=True,
    )

    assert "FICTIF" in order.number
    assert order.in_force(NOW)
    assert order.ends_at - order.starts_at <= timedelta(days=5 * 365 + 2)
    assert all(order.covers(camera.point) for camera in TOWN.cameras)


def test_authorisation_can_be_recorded_and_says_that_it_is_fictive() -> None:
    given = TOWN.authorisation
    recorded = Authorisation(
        id=AuthorisationId(uuid4()),
        commune_id=CommuneId(uuid4()),
        profile=given.profile,
        law=given.law,
        act_reference=given.act_reference,
        act_date=NOW.date(),
        authority=given.authority,
        purpose=given.purpose,
        place=given.place,
        kinds=given.kinds,
        camera_ids=frozenset({CameraId(uuid4())}),
        starts_at=NOW,
        ends_at=NOW + given.ends_after,
        recorded_at=NOW,
        recorded_by=None,
    )

    assert recorded.profile is Profile.DEMONSTRATION
    assert "FICTIF" in given.law
    assert "FICTIF" in given.act_reference
    assert given.camera_number == TOWN.zone.camera_number == TOWN.camera(1).number


def test_zone_can_be_watched() -> None:
    Zone(TOWN.zone.polygon)


def test_people_are_roles_and_every_role_is_there() -> None:
    assert all("de démonstration" in person.name for person in TOWN.people)
    assert {role for person in TOWN.people for role in person.roles} == set(Role)


def test_every_phone_has_a_holder_who_is_an_agent_and_a_unit() -> None:
    agents = {person.sign_in for person in TOWN.people if Role.AGENT in person.roles}

    assert {device.holder for device in TOWN.devices} <= agents
    assert all(TOWN.unit(device.call_sign) for device in TOWN.devices)
    assert [TOWN.unit(device.call_sign).start is None for device in TOWN.devices].count(True) == 1


def test_simulated_units_start_on_streets_of_their_kind(town_map: Path) -> None:
    for unit in TOWN.units:
        if unit.start is not None:
            graph = StreetGraph.read(town_map, unit.mode)
            at = graph.nodes[graph.nearest(unit.start.lon, unit.start.lat)]
            assert Point(*at).distance_m(unit.start) < 120
