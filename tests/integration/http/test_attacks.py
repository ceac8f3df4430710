"""What an attacker tried on the API, and what he is told now."""

import asyncio
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import WSMsgType

from domain.communes import Commune
from domain.identifiers import CommuneId, GrantId, PersonId, StreamId, ViewingId
from domain.people import Grant, Person, Role
from domain.positions import Point
from mobile_api.attempts import FREE_TRIES
from server.database.communes import Communes
from server.database.people import People
from server.database.viewings import MOST_OF_DEVICE
from server.http import keys
from server.http.app import utc_now
from server.http.live import MOST_OF_DEVICE as MOST_SOCKETS
from server.http.media import MEDIA, Media, MediaAnswer
from tests.integration.http.conftest import Installation
from tests.integration.http.town import HOLDER, NEIGHBOUR, TOWN

API = "/api/v1"
ADMIN = TOWN.token("administrator")
CAMERA: dict[str, Any] = {
    "commune_id": str(TOWN.commune),
    "number": 77,
    "name": "Vraie caméra",
    "main_url": "rtsp://10.1.2.3/main",
    "point": {"type": "Point", "coordinates": [3.06, 50.63]},
    "bearing_deg": 0,
    "field_of_view_deg": 90,
    "range_m": 50,
}


@pytest.mark.parametrize("name", ["Authorization", "Cookie", "Sec-WebSocket-Protocol"])
async def test_a_token_that_is_no_text_is_refused_like_any_other(
    town: Installation, name: str
) -> None:
    sent = {
        "Authorization": b"Bearer \xff\xfe",
        "Cookie": b"ilotier_session=\xff\xfe",
        "Sec-WebSocket-Protocol": b"bearer.\xff\xfe",
    }[name]
    server = town.client.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"GET /api/v1/map/place HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n")
    writer.write(name.encode() + b": " + sent + b"\r\n\r\n")
    async with asyncio.timeout(60.0):
        status = await reader.readline()
    writer.close()

    assert b" 401 " in status


async def test_a_town_in_france_has_no_demonstration_camera(town: Installation) -> None:
    """Else a fictional order and a fictional act would open, and analyse, a real camera."""
    said = CAMERA | {"demonstration": True}
    status, problem = await town.ask("POST", f"{API}/cameras", token=ADMIN, json=said)

    assert (status, problem["type"]) == (422, "/problems/bad-camera")


async def test_no_demonstration_begins_beside_real_towns(town: Installation) -> None:
    said = {"name": "Essai", "centre": CAMERA["point"], "profile": "demonstration"}
    status, problem = await town.ask("POST", f"{API}/communes", token=ADMIN, json=said)

    assert (status, problem["type"]) == (403, "/problems/forbidden")


@pytest.mark.parametrize("url", ["rtsp://10.1.2.3/main", "rtsp://127.0.0.1.evil.example/main"])
async def test_a_demonstration_shows_clips_of_this_machine_only(
    town: Installation, url: str
) -> None:
    commune = await demonstration(town)
    said = CAMERA | {"commune_id": str(commune), "demonstration": True}
    local = said | {"main_url": "rtsp://127.0.0.1:8554/clip"}
    refused, _ = await town.ask(
        "POST", f"{API}/cameras", token=ADMIN, json=said | {"main_url": url}
    )
    added, camera = await town.ask("POST", f"{API}/cameras", token=ADMIN, json=local)
    changed, _ = await town.ask(
        "PATCH", f"{API}/cameras/{camera['id']}", token=ADMIN, json={"main_url": url}
    )
    sub, _ = await town.ask(
        "PATCH", f"{API}/cameras/{camera['id']}", token=ADMIN, json={"sub_url": url}
    )

    assert (refused, added, changed, sub) == (422, 201, 422, 422)


@pytest.mark.parametrize("begins_in", [timedelta(days=-1), timedelta(days=5)])
@pytest.mark.parametrize("disabled", [False, True])
async def test_nobody_becomes_somebody_of_another_commune_by_a_password_link(
    town: Installation, begins_in: timedelta, disabled: bool
) -> None:
    """Also before the other commune's habilitation begins, and while the person is disabled."""
    person = await lent(town, begins_in=begins_in, disabled=disabled)
    path = f"{API}/people/{person}"
    link, _ = await town.ask("POST", f"{path}/password-link", token=ADMIN)
    enabling, _ = await town.ask("PATCH", path, token=ADMIN, json={"disabled": False})

    assert (link, enabling) == (403, 403)


async def test_a_link_that_can_still_be_used_is_in_no_log(
    town: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        status, _ = await town.ask(
            "POST", f"{API}/links/link-{TOWN.name}", json={"password": "court"}
        )

    assert status == 422
    # aiohttp's own access log is the test server's: the product runs without it.
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("server.")]
    assert ours
    assert not any(f"link-{TOWN.name}" in line for line in ours)


async def test_many_pins_at_once_are_no_more_tries(town: Installation) -> None:
    said = {"unit_id": TOWN.text("unit"), "pin": "0000"}
    tries = [
        town.ask("POST", f"{API}/mobile/shift", token=TOWN.token("device"), json=said)
        for _ in range(4 * FREE_TRIES)
    ]
    statuses = [status for status, _ in await asyncio.gather(*tries)]

    assert statuses.count(403) <= FREE_TRIES
    assert statuses.count(429) >= 3 * FREE_TRIES


async def test_a_viewing_that_ended_while_it_began_shows_nothing(
    town: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A right that ends between the check and the answer ends the session that comes of it."""
    ended: list[UUID] = []

    async def whep(
        media: Media, process: object, stream_id: StreamId, session_id: UUID, offer: bytes
    ) -> MediaAnswer:
        await town.app[keys.VIEWINGS].end(ViewingId(session_id), at=utc_now(), actor="system")
        return MediaAnswer(body=b"v=0\r\n")

    async def end_session(media: Media, process: object, session_id: UUID) -> None:
        ended.append(session_id)

    await on_air(town, monkeypatch)
    monkeypatch.setattr(Media, "whep", whep)
    monkeypatch.setattr(Media, "end_session", end_session)
    status, _ = await watch(town, TOWN.token("operator"))

    assert status == 403
    assert len(ended) == 1


async def test_one_person_does_not_take_every_viewers_place(
    town: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def whep(*_: object) -> MediaAnswer:
        return MediaAnswer(body=b"v=0\r\n")

    await on_air(town, monkeypatch)
    monkeypatch.setattr(Media, "whep", whep)
    at_once = [watch(town, TOWN.token("device")) for _ in range(2 * MOST_OF_DEVICE)]
    device = await asyncio.gather(*at_once)
    operator, _ = await watch(town, TOWN.token("operator"))

    assert [status for status, _ in device].count(201) == MOST_OF_DEVICE
    refused = {answer["type"] for status, answer in device if status != 201}
    assert refused == {"/problems/too-many-viewers"}
    assert operator == 201


async def test_who_has_no_place_left_costs_no_media_process_anything(
    town: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a stream would be handed on to another process for somebody who may not watch it."""
    asked: list[object] = []

    async def with_room(media: Media, process: object, *rest: object) -> object:
        asked.append(process)
        return process

    await on_air(town, monkeypatch)
    monkeypatch.setattr(Media, "with_room", with_room)
    monkeypatch.setattr("server.database.viewings.MOST_OF_DEVICE", 0)
    status, answer = await watch(town, TOWN.token("device"))

    assert (status, answer["type"]) == (503, "/problems/too-many-viewers")
    assert asked == []


async def test_a_device_has_one_live_stream(
    town: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one phone could take the place of every patrol's picture."""

    async def whip(*_: object) -> MediaAnswer:
        return MediaAnswer(body=b"v=0\r\n")

    monkeypatch.setattr(Media, "whip", whip)
    for _ in range(3):
        status, _ = await town.ask(
            "POST",
            f"{API}/whip?reason=officers-threatened",
            token=TOWN.token("device"),
            data=b"v=0\r\n",
            headers={"Content-Type": "application/sdp"},
        )
        assert status == 201
    _, streams = await town.ask("GET", f"{API}/streams", token=TOWN.token("operator"))

    assert len(streams) == 1


async def test_a_picture_ends_with_the_habilitation_of_who_films(town: Installation) -> None:
    before, _ = await shown(town)
    await People(town.database).revoke_grant(
        TOWN.person(Role.AGENT), GrantId(TOWN.id("grant-agent")), actor="system", at=utc_now()
    )
    async with asyncio.timeout(60.0):
        while (await shown(town))[0]:  # each asking gives the enforcement its turn
            continue

    assert before == 1


async def test_one_who_follows_too_often_loses_his_oldest_socket(town: Installation) -> None:
    sockets = [
        await town.client.ws_connect(
            f"{API}/live", protocols=("ilotier.v1", f"bearer.{TOWN.token('device')}")
        )
        for _ in range(MOST_SOCKETS + 1)
    ]
    async with asyncio.timeout(60.0):
        while (await sockets[0].receive()).type is WSMsgType.TEXT:
            continue

    assert sockets[0].closed
    assert [socket.closed for socket in sockets[1:]] == [False] * MOST_SOCKETS


async def test_a_phone_names_no_intervention_that_is_there_already(town: Installation) -> None:
    """Else the alert would be acknowledged and lead to no intervention."""
    status, _ = await town.ask(
        "POST",
        f"{API}/mobile/alerts/{TOWN.text('alert')}/acknowledgement",
        token=TOWN.token("device"),
        json={"id": NEIGHBOUR.text("intervention")},
    )
    _, alert = await town.ask(
        "GET", f"{API}/alerts/{TOWN.text('alert')}", token=TOWN.token("operator")
    )

    assert status == 409
    assert alert["state"] == "sent"


async def demonstration(town: Installation) -> CommuneId:
    """A demonstration commune that the administrator of TOWN administers too."""
    commune = Commune(
        id=CommuneId(uuid4()), name="Démo", centre=Point(3.06, 50.63), profile="demonstration"
    )
    await Communes(town.database).add(commune, actor="system", at=utc_now())
    await People(town.database).grant(
        TOWN.person(Role.ADMINISTRATOR), granted(commune.id), actor="system", at=utc_now()
    )
    return commune.id


def granted(
    commune: CommuneId, *, role: Role = Role.ADMINISTRATOR, begins_in: timedelta = timedelta(0)
) -> Grant:
    return Grant(
        id=GrantId(uuid4()),
        commune_id=commune,
        role=role,
        act_reference="arrêté 3",
        starts_at=utc_now() + begins_in,
        ends_at=None,
    )


async def lent(town: Installation, *, begins_in: timedelta, disabled: bool) -> PersonId:
    """Somebody whom TOWN keeps and who serves in the other commune as well."""
    person = Person(
        id=PersonId(uuid4()),
        name="Prêtée",
        sign_in="pretee",
        locale="fr",
        grants=(granted(NEIGHBOUR.commune, role=Role.OPERATOR, begins_in=begins_in),),
        disabled_at=utc_now() - timedelta(hours=1) if disabled else None,
    )
    people = People(town.database)
    await people.add(person, commune_id=TOWN.commune, actor="system", at=utc_now())
    await people.change(person.id, lambda one: person, actor="system", at=utc_now())
    return person.id


async def on_air(town: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every camera is run by the one media process there is."""

    async def of_camera(media: Media, camera: object) -> object:
        return await media.by_holder(HOLDER)

    monkeypatch.setattr(Media, "of_camera", of_camera)
    assert town.app[MEDIA] is not None


async def watch(town: Installation, token: str) -> tuple[int, Any]:
    return await town.ask(
        "POST",
        f"{API}/streams/{TOWN.text('camera-stream')}/whep",
        token=token,
        data=b"v=0\r\n",
        headers={"Content-Type": "application/sdp"},
    )


async def shown(town: Installation) -> tuple[int, Any]:
    _, streams = await town.ask("GET", f"{API}/streams", token=TOWN.token("operator"))
    return len(streams), streams
