"""Alerts, interventions, guidance, alarms and cameras, as a phone meets them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.alerts import Alert, AlertOrigin, AlertState
from domain.events import EventKind
from domain.guidance import Guidance
from domain.identifiers import AlertId, GuidanceId, PersonId, StillId, UnitId
from domain.positions import Point
from domain.units import UnitKind
from tests.component.mobile_api.conftest import HERE, Phone, World

OPERATOR = PersonId(uuid4())


def sent(world: World, *units: UnitId, **changes: Any) -> AlertId:
    alert = Alert(
        id=AlertId(uuid4()),
        commune_id=HERE,
        kind=EventKind.FIGHT,
        origin=AlertOrigin.HAND,
        point=Point(24.95, 60.17),
        place="12 Grande Rue",
        raised_at=world.clock(),
        **changes,
    )
    confirmed = alert.confirm(by=OPERATOR, at=world.clock())
    world.town.alerts[alert.id] = confirmed.send(frozenset(units), by=OPERATOR, at=world.clock())
    return alert.id


async def test_a_phone_sees_the_alerts_of_its_unit_and_no_other(
    world: World, phone: Phone, other: Phone
) -> None:
    mine, theirs = sent(world, phone.unit_id), sent(world, other.unit_id)

    (shown,) = await phone.get("/alerts")
    assert shown["id"] == str(mine)
    assert shown["place"] == "12 Grande Rue"
    assert shown["service"] == "police"
    assert shown["point"] == {"type": "Point", "coordinates": [24.95, 60.17]}
    assert shown["state"] == "sent"
    assert await phone.refused("GET", f"/alerts/{theirs}") == (404, "not-found")


async def test_a_crew_of_another_service_is_told_what_and_where_without_a_picture(
    world: World, phone: Phone
) -> None:
    crew = world.town.units[phone.unit_id]
    world.town.units[crew.id] = replace(crew, kind=UnitKind.CLEANING)
    camera = world.camera(1, Point(24.95, 60.17))
    alert_id = sent(world, crew.id, still_id=StillId(uuid4()), camera_id=camera)

    (shown,) = await phone.get("/alerts")
    assert (shown["kind"], shown["place"]) == ("fight", "12 Grande Rue")
    assert (shown["still"], shown["camera_id"], shown["camera_streams"]) == (False, None, None)
    assert await phone.refused("GET", f"/alerts/{alert_id}/still") == (403, "crew-without-pictures")


async def test_off_shift_there_are_no_alerts(world: World, resting: Phone) -> None:
    alert_id = sent(world, resting.unit_id)

    assert await resting.get("/alerts") == []
    assert await resting.refused("GET", f"/alerts/{alert_id}") == (403, "not-on-shift")
    path = f"/alerts/{alert_id}/acknowledgement"
    assert await resting.refused("POST", path) == (403, "not-on-shift")


async def test_the_first_unit_goes_and_the_second_is_told_who_was_first(
    world: World, phone: Phone, other: Phone
) -> None:
    alert_id = sent(world, phone.unit_id, other.unit_id)
    path, intervention_id = f"/alerts/{alert_id}/acknowledgement", str(uuid4())
    first = await phone.post(path, {"id": intervention_id})
    again = await phone.post(path, {"id": intervention_id})
    status, problem = await other.ask("POST", path)

    assert first == again
    assert first["alert"]["mine"] is True
    assert first["alert"]["acknowledged_by"] == {
        "unit_id": str(phone.unit_id),
        "call_sign": "ALPHA",
    }
    assert first["intervention"]["id"] == intervention_id
    assert first["intervention"]["mine"] == "assigned"
    assert first["alert"]["intervention_id"] == intervention_id
    assert status == 409
    assert problem["type"] == "/problems/alert-already-acknowledged"
    assert (problem["unit_id"], problem["call_sign"]) == (str(phone.unit_id), "ALPHA")


async def test_an_alert_arrives_once(world: World, phone: Phone) -> None:
    alert_id = sent(world, phone.unit_id)
    for _ in range(2):
        await phone.post(f"/alerts/{alert_id}/arrival")

    assert world.town.arrivals == [(alert_id, phone.unit_id, phone.device_id)]


async def test_a_unit_that_cannot_go_says_why(world: World, phone: Phone, other: Phone) -> None:
    alert_id = sent(world, phone.unit_id, other.unit_id)
    path = f"/alerts/{alert_id}/refusal"
    assert await phone.refused("POST", path, {}) == (422, "invalid")
    assert await phone.refused("POST", path, {"reason": "  "}) == (422, "invalid")

    refused = await phone.post(path, {"reason": "Escort under way"})

    assert refused["declined"] is True
    assert refused["state"] == "sent", "it stays open for the other unit"
    await other.post(f"/alerts/{alert_id}/acknowledgement")


async def test_an_intervention_goes_its_way_and_not_back(world: World, phone: Phone) -> None:
    alert_id = sent(world, phone.unit_id)
    answer = await phone.post(f"/alerts/{alert_id}/acknowledgement")
    path = f"/interventions/{answer['intervention']['id']}"
    for state in ("en-route", "on-scene", "on-scene"):
        world.clock.advance(60 * world.seconds)
        assert (await phone.post(f"{path}/state", {"state": state}))["mine"] == state
    assert (await phone.get("/me"))["intervention"]["state"] == "on-scene"
    back = await phone.refused("POST", f"{path}/state", {"state": "en-route"})
    foreign = await phone.refused("POST", f"{path}/state", {"state": "created"})
    closed = await phone.post(f"{path}/state", {"state": "closed"})

    (mine,) = closed["assignments"]
    assert mine["en_route_at"] < mine["on_scene_at"] < mine["cleared_at"]
    assert mine["by_radio"] is False
    assert back == (409, "bad-intervention-step")
    assert foreign == (422, "invalid")
    assert (await phone.get("/me"))["intervention"] is None


async def test_an_intervention_of_others_is_not_there(
    world: World, phone: Phone, other: Phone
) -> None:
    alert_id = sent(world, phone.unit_id)
    answer = await phone.post(f"/alerts/{alert_id}/acknowledgement")
    path = f"/interventions/{answer['intervention']['id']}"

    assert (await phone.get(path))["mine"] == "assigned"
    assert await other.refused("GET", path) == (404, "not-found")
    body = {"state": "on-scene"}
    assert await other.refused("POST", f"{path}/state", body) == (404, "not-found")


async def test_a_still_is_shown_and_kept_by_nobody_on_the_way(world: World, phone: Phone) -> None:
    with_still = sent(world, phone.unit_id, still_id=StillId(uuid4()))
    without = sent(world, phone.unit_id)
    headers = {"Authorization": f"Bearer {phone.device_id}"}
    url = f"/api/v1/mobile/alerts/{with_still}/still"
    async with phone.client.get(url, headers=headers) as response:
        assert response.content_type == "image/jpeg"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Captured-At"] == "2026-03-01T22:00:00.000Z"

    assert await phone.refused("GET", f"/alerts/{without}/still") == (404, "not-found")


async def test_guidance_arrives_and_is_read(world: World, phone: Phone, other: Phone) -> None:
    guidance = Guidance(
        id=GuidanceId(uuid4()),
        commune_id=HERE,
        unit_id=phone.unit_id,
        sent_by=OPERATOR,
        sent_at=world.clock(),
        point=Point(24.96, 60.18),
        text="Red jacket, going north",
    )
    world.town.guidances[guidance.id] = guidance
    world.town.people[OPERATOR] = "Operator O"

    (shown,) = await phone.get("/guidance")
    arrived = await phone.post(f"/guidance/{guidance.id}/arrival")
    world.clock.advance(5 * world.seconds)
    read = await phone.post(f"/guidance/{guidance.id}/reading")

    assert shown["sent_by"] == {"id": str(OPERATOR), "name": "Operator O"}
    assert (shown["arrived_at"], shown["read_at"]) == (None, None)
    assert arrived["read_at"] is None
    assert arrived["arrived_at"] == read["arrived_at"] < read["read_at"]
    assert await other.get("/guidance") == []
    path = f"/guidance/{guidance.id}/reading"
    assert await other.refused("POST", path) == (404, "not-found")


async def test_an_alarm_is_raised_at_once_and_once(world: World, phone: Phone) -> None:
    alarm_id = str(uuid4())
    body = {"id": alarm_id, "point": {"type": "Point", "coordinates": [24.94, 60.17]}}
    first = await phone.post("/alarms", body)
    second = await phone.post("/alarms", body)

    assert first == second
    (alert,) = world.town.alerts.values()
    assert alert.id == UUID(alarm_id)
    assert alert.state is AlertState.RAISED
    assert (alert.kind, alert.origin) == (EventKind.PANIC, AlertOrigin.DEVICE)
    assert alert.place == "Grande Rue"
    assert alert.raised_by == world.town.devices[phone.device_id].person.id
    assert (await phone.get(f"/alerts/{alert.id}"))["state"] == "raised"


async def test_an_alarm_without_a_place_takes_the_unit_s_latest_and_says_how_old_it_is(
    world: World, phone: Phone
) -> None:
    fixed_at = world.clock() - timedelta(minutes=30)
    fix = {
        "id": str(uuid4()),
        "point": {"type": "Point", "coordinates": [24.941, 60.171]},
        "fixed_at": fixed_at.isoformat(),
    }
    await phone.post("/positions", {"positions": [fix]})
    alarm = await phone.post("/alarms", {})

    assert alarm["point"]["coordinates"] == [24.941, 60.171]
    assert alarm["note"] == "GPS 2026-03-01 21:30:00 UTC"


async def test_an_alarm_off_shift_and_with_a_damaged_map_is_heard_all_the_same(
    world: World, resting: Phone
) -> None:
    world.places.damaged = True
    body = {"point": {"type": "Point", "coordinates": [24.94, 60.17]}}
    alarm = await resting.post("/alarms", body)

    assert (alarm["state"], alarm["place"]) == ("raised", "")
    assert not world.town.fixes, "off shift an alarm is no position"


async def test_the_cameras_near_come_first(world: World, phone: Phone) -> None:
    far = world.camera(1, Point(24.99, 60.17), up=False)
    near = world.camera(2, Point(24.941, 60.17))

    shown = await phone.get("/cameras?lon=24.94&lat=60.17")
    by_number = await phone.get("/cameras")
    (one,) = await phone.get("/cameras?lon=24.94&lat=60.17&limit=1")

    assert [(camera["id"], camera["up"]) for camera in shown] == [
        (str(near), True),
        (str(far), False),
    ]
    assert 50 < shown[0]["distance_m"] < 60
    assert [camera["number"] for camera in by_number] == [1, 2]
    assert by_number[0]["distance_m"] is None
    assert one["id"] == str(near)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("lon=24.94", "invalid"),
        ("lon=nan&lat=60", "invalid"),
        ("lon=181&lat=60", "bad-position"),
        ("limit=0", "invalid"),
        ("limit=9&limit=8", "invalid"),
        ("near=me", "invalid"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(
    phone: Phone, query: str, code: str
) -> None:
    assert await phone.refused("GET", f"/cameras?{query}") == (422, code)


async def test_a_camera_is_looked_at_on_shift_only(
    world: World, phone: Phone, resting: Phone
) -> None:
    up, down = world.camera(1, Point(24.94, 60.17)), world.camera(2, Point(24.94, 60.17), up=False)

    assert (await phone.ask("GET", f"/cameras/{up}/still"))[0] == 200
    assert await phone.refused("GET", f"/cameras/{down}/still") == (503, "unavailable")
    assert await phone.refused("GET", f"/cameras/{uuid4()}/still") == (404, "not-found")
    assert await phone.refused("GET", "/cameras/one/still") == (404, "not-found")
    assert await resting.refused("GET", f"/cameras/{up}/still") == (403, "not-on-shift")
    assert await resting.refused("GET", "/cameras") == (403, "not-on-shift")
