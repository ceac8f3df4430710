"""The live socket: a snapshot, then what happens, for whom it is meant, until it may not."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from domain.identifiers import AlertId, CameraId, DeviceId, StreamId, UnitId, ViewingId
from domain.people import Role
from domain.positions import Point, Position
from domain.units import Unit
from mobile_api.tokens import digest
from server.database.alerts import Alerts
from server.database.devices import Devices
from server.database.sessions import Sessions
from server.database.units import Units
from server.database.viewings import Viewings
from server.http.app import utc_now
from server.http.live import HUB
from server.http.sockets import QUEUE_SIZE
from tests.integration.http.conftest import Installation
from tests.integration.http.town import HOLDER, NEIGHBOUR, TOWN, Place

LIMIT_S = 60.0


class Follower:
    """One live socket of a test."""

    def __init__(self, ws: ClientWebSocketResponse) -> None:
        self.ws = ws

    async def next(self, type_: str, **members: Any) -> dict[str, Any]:
        """Wait for a message of that type, and with those members; skip the others."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                message = await self.ws.receive()
                assert message.type is WSMsgType.TEXT, message
                document: dict[str, Any] = json.loads(message.data)
                if document["type"] == type_ and members.items() <= document.items():
                    return document

    async def closed(self) -> int | None:
        async with asyncio.timeout(LIMIT_S):
            while True:
                message = await self.ws.receive()
                if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED):
                    return self.ws.close_code


async def follow(town: Installation, who: str, *, place: Place = TOWN) -> Follower:
    ws = await town.client.ws_connect(
        "/api/v1/live", protocols=("ilotier.v1", f"bearer.{place.token(who)}")
    )
    assert ws.protocol == "ilotier.v1"
    return Follower(ws)


async def confirm(town: Installation) -> None:
    by, at = TOWN.person(Role.SUPERVISOR), utc_now()
    await Alerts(town.database).change(
        AlertId(TOWN.id("raised")), lambda alert: alert.confirm(by=by, at=at), actor=f"person:{by}"
    )


async def begin_to_watch(town: Installation) -> None:
    await Viewings(town.database).start(
        viewing_id=ViewingId(uuid4()),
        stream_id=StreamId(TOWN.id("camera-stream")),
        commune_id=TOWN.commune,
        camera_id=CameraId(TOWN.id("camera")),
        person_id=TOWN.person(Role.OPERATOR),
        session_id=TOWN.id("session-operator"),
        device_id=None,
        holder=HOLDER,
        motive="test",
        at=utc_now(),
        actor="system",
    )


async def test_an_operator_sees_what_is_open_and_then_what_happens(town: Installation) -> None:
    operator = await follow(town, "operator")
    snapshot = await operator.next("snapshot")
    await confirm(town)
    fact = await operator.next("fact", kind="alert-confirmed")

    assert {one["id"] for one in snapshot["alerts"]} == {TOWN.text("alert"), TOWN.text("raised")}
    assert snapshot["me"]["person"]["sign_in"] == "operator.ville"
    assert [one["id"] for one in snapshot["cameras"]] == [TOWN.text("camera")]
    assert "rtsp://" not in json.dumps(snapshot)
    assert fact["alert"]["state"] == "confirmed"
    assert fact["seq"] > 0


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.http.live.HEALTH_EVERY_S", 3600.0)
    monkeypatch.setattr("server.http.live.WATCHING_EVERY_S", 3600.0)


@pytest.mark.usefixtures("seldom")  # what is told is told because somebody came
async def test_who_opens_a_page_is_told_at_once_whether_all_is_well(town: Installation) -> None:
    operator = await follow(town, "operator")
    told = await operator.next("health")

    assert told["health"]["database"]["ok"] is True


async def test_the_other_commune_hears_nothing_of_it(town: Installation) -> None:
    neighbour = await follow(town, "operator", place=NEIGHBOUR)
    snapshot = await neighbour.next("snapshot")
    operator = await follow(town, "operator")
    await operator.next("snapshot")
    await confirm(town)
    await operator.next("fact", kind="alert-confirmed")
    await neighbour.ws.send_str('{"type":"snapshot"}')
    after = await neighbour.next("snapshot")

    for document in (snapshot, after):
        assert TOWN.text("alert") not in json.dumps(document)
    assert after["seq"] >= 0


async def test_roles_that_see_no_alerts_get_none(town: Installation) -> None:
    auditor = await follow(town, "auditor")
    snapshot = await auditor.next("snapshot")

    assert snapshot["alerts"] == snapshot["units"] == snapshot["streams"] == []
    assert snapshot["cameras"]


async def test_a_phone_gets_its_own_unit_s_things(town: Installation) -> None:
    phone = await follow(town, "device")
    snapshot = await phone.next("snapshot")
    at = utc_now()
    await Alerts(town.database).decline(
        AlertId(TOWN.id("alert")),
        unit_id=UnitId(TOWN.id("unit")),
        reason="loin",
        actor="system",
        at=at,
    )
    fact = await phone.next("fact", kind="alert-declined")

    assert [one["id"] for one in snapshot["alerts"]] == [TOWN.text("alert")]
    assert snapshot["me"]["device"]["id"] == TOWN.text("device")
    assert snapshot["intervention"]["id"] == TOWN.text("intervention")
    assert fact["alert"]["declined"] is True


async def test_a_phone_is_told_anew_when_its_unit_becomes_one_without_pictures(
    town: Installation,
) -> None:
    phone = await follow(town, "device")
    before = await phone.next("snapshot")
    admin = TOWN.token("administrator")
    path = f"/api/v1/units/{TOWN.text('unit')}"
    status, _ = await town.ask("PATCH", path, token=admin, json={"kind": "proprete"})
    after = await phone.next("snapshot")

    assert status == 200
    assert [one["me"]["sees_pictures"] for one in (before, after)] == [True, False]
    assert not any(alert["camera_id"] or alert["still"] for alert in after["alerts"])


async def test_a_position_is_shown_at_once_and_an_older_one_is_not(town: Installation) -> None:
    operator = await follow(town, "operator")
    await operator.next("snapshot")
    unit: Unit = await Units(town.database).get(UnitId(TOWN.id("unit")))
    newest = Position(point=Point(3.07, 50.64), fixed_at=utc_now())
    older = Position(point=Point(3.0, 50.0), fixed_at=newest.fixed_at - timedelta(seconds=9))
    for position in (newest, older):
        town.app[HUB].heard(unit, position)
    await confirm(town)
    seen = [await operator.next("position")]
    await operator.next("fact", kind="alert-confirmed")

    assert seen[0]["position"]["point"]["coordinates"] == [3.07, 50.64]


async def test_a_fix_that_another_process_took_in_is_shown_too(town: Installation) -> None:
    """The seed's fix was stored by no hub of ours: it comes out of the table."""
    operator = await follow(town, "operator")
    await operator.next("snapshot")
    async with town.database.transaction() as t:
        await t.execute("UPDATE position SET received_at = now()")
    message = await operator.next("position")

    assert message["unit_id"] == TOWN.text("unit")


@pytest.mark.usefixtures("seldom")  # the hub looks when the test says so
async def test_the_number_of_those_who_watch_is_shown_as_it_changes(town: Installation) -> None:
    operator = await follow(town, "operator")
    snapshot = await operator.next("snapshot")
    await town.app[HUB]._tell_watching()
    await Viewings(town.database).end(ViewingId(TOWN.id("viewing")), at=utc_now(), actor="system")
    ended = await operator.next("fact", kind="viewing-ended")
    await begin_to_watch(town)  # as many watch then as at the look before
    await town.app[HUB]._tell_watching()
    begun = await operator.next("fact", kind="camera-changed")

    assert snapshot["cameras"][0]["watching"] == 1
    assert (ended["camera"]["id"], ended["camera"]["watching"]) == (TOWN.text("camera"), 0)
    assert begun["camera"]["watching"] == 1


async def test_a_revoked_session_ends_its_socket_at_once(town: Installation) -> None:
    operator = await follow(town, "operator")
    await operator.next("snapshot")
    await Sessions(town.database).revoke_all(
        TOWN.person(Role.OPERATOR), actor="system", at=utc_now()
    )

    assert (await operator.next("closing"))["reason"] == "revoked"
    assert await operator.closed() == 1008


async def test_a_revoked_device_is_cut_off_at_once(town: Installation) -> None:
    phone = await follow(town, "device")
    await phone.next("snapshot")
    await Devices(town.database).revoke(DeviceId(TOWN.id("device")), actor="system", at=utc_now())

    assert (await phone.next("closing"))["reason"] == "revoked"


async def test_a_stopping_server_says_goodbye(town: Installation) -> None:
    operator = await follow(town, "operator")
    await operator.next("snapshot")
    town.app[HUB].say_goodbye()

    assert (await operator.next("closing"))["reason"] == "going-away"
    assert await operator.closed() == 1001


async def test_who_does_not_read_is_closed_and_the_others_don_t_wait(town: Installation) -> None:
    hub = town.app[HUB]
    slow, quick = await follow(town, "operator"), await follow(town, "supervisor")
    await slow.next("snapshot")
    await quick.next("snapshot")
    unit = await Units(town.database).get(UnitId(TOWN.id("unit")))
    at = utc_now()
    # In one go: no writer runs meanwhile, so both queues overflow, as a stalled peer's would.
    for step in range(QUEUE_SIZE + 1):
        hub.heard(unit, Position(point=Point(3.0, 50.0), fixed_at=at + timedelta(seconds=step)))

    assert (await slow.next("closing"))["reason"] == "too-slow"
    again = await follow(town, "operator")
    assert (await again.next("snapshot"))["alerts"]


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
async def test_a_page_s_socket_is_opened_from_our_own_page_only(
    town: Installation, origin: str | None
) -> None:
    await Sessions(town.database).begin(
        token_hash=digest("page-token"),
        session_id=TOWN.id("page"),
        person_id=TOWN.person(Role.OPERATOR),
        kind="page",
        csrf_token="c",
        at=utc_now(),
        expires_at=utc_now() + timedelta(hours=1),
    )
    headers = {"Cookie": "ilotier_session=page-token"}
    if origin is not None:
        headers["Origin"] = origin
    with pytest.raises(WSServerHandshakeError) as refused:
        await town.client.ws_connect("/api/v1/live", headers=headers)
    assert refused.value.status == 403

    headers["Origin"] = "https://csu.example.org"
    ws = await town.client.ws_connect("/api/v1/live", headers=headers)
    assert (await Follower(ws).next("snapshot"))["me"]


@pytest.mark.parametrize("said", ["nonsense", "[" * 50_000, '{"type":"?"}', "\x00", '"snapshot"'])
async def test_nonsense_from_a_client_does_no_harm(town: Installation, said: str) -> None:
    operator = await follow(town, "operator")
    await operator.next("snapshot")
    await operator.ws.send_str(said)
    await operator.ws.send_bytes(b"\xff\xfe")
    await operator.ws.send_str('{"type":"snapshot"}')

    assert (await operator.next("snapshot"))["alerts"]
