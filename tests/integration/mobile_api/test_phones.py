"""A phone's day against the real application and the real database."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from domain.alerts import AlertState
from domain.identifiers import AlertId, UnitId
from domain.people import Role
from server.database.alerts import Alerts
from tests.integration.http.conftest import Installation
from tests.integration.http.town import TOWN
from tests.integration.mobile_api.conftest import Phone, enrolled, now


def fix(*, age: timedelta = timedelta(0), **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "point": {"type": "Point", "coordinates": [3.06, 50.63]},
        "fixed_at": (now() - age).isoformat(),
        "accuracy_m": 8.0,
    } | changes


async def stored(town: Installation, device_id: UUID) -> int:
    count = await town.database.value(
        "SELECT count(*) FROM position WHERE device_id = $1", device_id
    )
    return int(count)


async def sent(town: Installation, *units: UnitId) -> AlertId:
    """An alert confirmed by the operator and sent to ``units``."""
    body = {
        "id": str(uuid4()),
        "commune_id": str(TOWN.commune),
        "kind": "fight",
        "point": {"type": "Point", "coordinates": [3.07, 50.63]},
    }
    token = TOWN.token(Role.OPERATOR.value)
    status, alert = await town.ask("POST", "/api/v1/alerts", token=token, json=body)
    assert status == 201, alert
    path, to = f"/api/v1/alerts/{body['id']}/sending", {"unit_ids": [str(u) for u in units]}
    status, alert = await town.ask("POST", path, token=token, json=to)
    assert status == 200, alert
    return AlertId(UUID(str(body["id"])))


async def test_a_code_enrols_once_and_the_token_works(town: Installation) -> None:
    phone = await enrolled(town, "unit")
    me = await phone.done("GET", "/me")

    assert me["device"]["id"] == str(phone.device_id)
    assert [unit["call_sign"] for unit in me["units"]] == ["PM 1", "PM 2"]
    assert me["shift"] is None
    wrong = {"unit_id": str(phone.unit_id), "pin": "0000"}
    status, problem = await phone.ask("POST", "/shift", wrong)
    assert (status, problem["type"]) == (403, "/problems/wrong-pin")
    await phone.begin()
    assert (await phone.done("GET", "/me"))["shift"]["unit_id"] == str(phone.unit_id)


async def test_fixes_are_kept_once_on_shift_and_never_off_it(
    town: Installation, phone: Phone
) -> None:
    one = fix()
    for _ in range(2):
        assert await phone.done("POST", "/positions", {"positions": [one]}) == {
            "stored": 1,
            "refused": [],
        }
    assert await stored(town, phone.device_id) == 1

    await phone.done("POST", "/shift/break")
    status, problem = await phone.ask("POST", "/positions", {"positions": [fix()]})
    assert (status, problem["type"]) == (403, "/problems/on-break")
    during = fix()
    await phone.done("DELETE", "/shift/break")
    answer = await phone.done("POST", "/positions", {"positions": [during]})
    assert answer["refused"] == [{"id": during["id"], "code": "on-break"}]

    await phone.done("DELETE", "/shift")
    status, problem = await phone.ask("POST", "/positions", {"positions": [fix()]})
    assert (status, problem["type"]) == (403, "/problems/not-on-shift")
    assert await stored(town, phone.device_id) == 1


async def test_a_shift_that_ends_meanwhile_takes_nothing_more(
    town: Installation, phone: Phone
) -> None:
    batches = [{"positions": [fix()]} for _ in range(10)]
    asked = [phone.ask("POST", "/positions", batch) for batch in batches]
    answers = await asyncio.gather(*asked, phone.ask("DELETE", "/shift"))

    taken = sum(answer["stored"] for status, answer in answers[:-1] if status == 200)
    assert all(status in (200, 403) for status, _ in answers)
    assert await stored(town, phone.device_id) == taken


async def test_two_units_at_once_and_one_goes(
    town: Installation, phone: Phone, other: Phone
) -> None:
    alert_id = await sent(town, phone.unit_id, other.unit_id)
    path = f"/alerts/{alert_id}/acknowledgement"
    both = await asyncio.gather(phone.ask("POST", path, {}), other.ask("POST", path, {}))

    statuses = sorted(status for status, _ in both)
    assert statuses == [200, 409]
    winner, loser = sorted(both, key=lambda one: one[0])
    first = winner[1]["alert"]["acknowledged_by"]
    assert loser[1]["type"] == "/problems/alert-already-acknowledged"
    assert (loser[1]["unit_id"], loser[1]["call_sign"]) == (first["unit_id"], first["call_sign"])
    assert winner[1]["intervention"]["mine"] == "assigned"
    assert (await Alerts(town.database).get(alert_id)).state is AlertState.ACKNOWLEDGED


async def test_an_acknowledgement_sent_again_from_a_tunnel_opens_one_intervention(
    town: Installation, phone: Phone
) -> None:
    alert_id, intervention_id = await sent(town, phone.unit_id), str(uuid4())
    path = f"/alerts/{alert_id}/acknowledgement"
    asked = [phone.done("POST", path, {"id": intervention_id}) for _ in range(5)]
    answers = await asyncio.gather(*asked)

    assert {answer["intervention"]["id"] for answer in answers} == {intervention_id}
    path = f"/interventions/{intervention_id}/state"
    for state in ("en-route", "on-scene", "closed"):
        assert (await phone.done("POST", path, {"state": state}))["mine"] == state
    count = await town.database.value(
        "SELECT count(*) FROM intervention WHERE alert_id = $1", alert_id
    )
    assert count == 1


async def test_an_alarm_is_in_the_control_room_at_once(town: Installation, phone: Phone) -> None:
    body = {"id": str(uuid4()), "point": fix()["point"]}
    asked = [phone.done("POST", "/alarms", body) for _ in range(3)]
    await asyncio.gather(*asked)

    token = TOWN.token(Role.OPERATOR.value)
    status, alerts = await town.ask("GET", "/api/v1/alerts?state=raised", token=token)
    assert status == 200
    (alarm,) = [one for one in alerts if one["kind"] == "panic"]
    assert alarm["id"] == body["id"]
    assert (alarm["origin"], alarm["place"]) == ("device", "rue Haute")


async def test_traccar_client_is_the_same_phone(town: Installation, phone: Phone) -> None:
    parameters = {
        "id": phone.osmand_id,
        "lat": "50.63",
        "lon": "3.06",
        "timestamp": str(int(now().timestamp()) + 1),
        "speed": "3.5",
    }
    for _ in range(2):
        status, answer = await town.ask("GET", "/osmand", params=parameters)
        assert (status, answer["stored"]) == (200, True), answer
    assert await stored(town, phone.device_id) == 1

    await phone.done("DELETE", "/shift")
    status, answer = await town.ask("POST", "/osmand", data=parameters)
    assert (status, answer["code"]) == (200, "not-on-shift")
    status, answer = await town.ask("GET", "/osmand", params=parameters | {"id": "stranger"})
    assert (status, answer["type"]) == (404, "/problems/not-found")


async def test_a_revoked_device_opens_nothing(town: Installation, phone: Phone) -> None:
    token = TOWN.token(Role.ADMINISTRATOR.value)
    status, _ = await town.ask("DELETE", f"/api/v1/devices/{phone.device_id}", token=token)
    assert status in (200, 204)

    status, problem = await phone.ask("GET", "/me")
    assert (status, problem["type"]) == (401, "/problems/unauthenticated")
    status, _ = await town.ask("GET", "/osmand", params={"id": phone.osmand_id})
    assert status == 404


async def test_guidance_reaches_its_unit_and_no_other(
    town: Installation, phone: Phone, other: Phone
) -> None:
    token = TOWN.token(Role.OPERATOR.value)
    path = f"/api/v1/units/{phone.unit_id}/guidance"
    body = {"id": str(uuid4()), "text": "Par la rue Basse"}
    status, answer = await town.ask("POST", path, token=token, json=body)
    assert status == 201, answer

    shown = await phone.done("GET", "/guidance")
    assert shown[0]["text"] == "Par la rue Basse"
    assert shown[0]["sent_by"]["name"] == "operator ville"
    read = await phone.done("POST", f"/guidance/{body['id']}/reading")
    assert read["read_at"] is not None
    status, _ = await other.ask("POST", f"/guidance/{body['id']}/reading")
    assert status == 404


async def test_the_cameras_near_are_those_the_law_lets_through(
    town: Installation, phone: Phone
) -> None:
    shown = await phone.done("GET", "/cameras?lon=3.06&lat=50.63")
    assert [camera["id"] for camera in shown] == [TOWN.text("camera")]

    async with town.database.transaction() as t:
        await t.execute("UPDATE prefect_order SET ends_at = starts_at + interval '1 day'")
    assert await phone.done("GET", "/cameras?lon=3.06&lat=50.63") == []
    status, problem = await phone.ask("GET", f"/cameras/{TOWN.id('camera')}/still")
    assert (status, problem["type"]) == (403, "/problems/no-order-in-force")
