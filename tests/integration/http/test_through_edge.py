"""The whole application through an edge: phones are served, people and their pages are not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType, web
from yarl import URL

from domain.people import Role
from server.edge.dialling import Dialler
from server.edge.keeping import EdgeLines
from server.edge.paths import OF_PHONES
from server.http.through_edge import EDGE_CONNECTIONS, EDGE_PATHS
from tests.component.edge.conftest import KEY, Edge, edge_host, kept_running
from tests.integration.http.conftest import Installation
from tests.integration.http.town import TOWN
from tests.waiting import eventually


@asynccontextmanager
async def reached(town: Installation, edge: Edge) -> AsyncIterator[EdgeLines]:
    """The town's control has lines to ``edge``."""
    runner = town.client.server.runner
    assert isinstance(runner, web.AppRunner)
    assert runner.server is not None
    lines = EdgeLines(
        Dialler(edge.address, key=KEY),
        serve=runner.server,
        connections=town.app[EDGE_CONNECTIONS],
        spare=2,
        most=20,
    )
    async with kept_running("the lines", lines.run):
        await edge.is_reached()
        yield lines


@pytest.fixture
async def edge(town: Installation) -> AsyncIterator[Edge]:
    async with edge_host() as edge, reached(town, edge):
        yield edge


async def ask(edge: Edge, path: str, who: str | None = None, **said: Any) -> tuple[int, Any]:
    headers = {**said.pop("headers", {})}
    if who is not None:
        headers["Authorization"] = f"Bearer {TOWN.token(who)}"
    async with (
        ClientSession() as phone,
        phone.request(said.pop("method", "GET"), edge.url + path, headers=headers, **said) as found,
    ):
        is_json = found.content_type.endswith("json")
        return found.status, await found.json(content_type=None) if is_json else await found.read()


async def test_a_phone_gets_its_page_and_asks_who_it_is(edge: Edge) -> None:
    assert await ask(edge, "/patrol/") == (200, b"a page")
    status, me = await ask(edge, "/api/v1/mobile/me", "device")

    assert status == 200
    assert me["device"]["id"] == TOWN.text("device")


async def test_a_phone_s_live_socket_gets_its_snapshot(edge: Edge) -> None:
    protocols = ("ilotier.v1", f"bearer.{TOWN.token('device')}")
    async with (
        ClientSession() as phone,
        phone.ws_connect(f"{edge.url}/api/v1/live", protocols=protocols) as ws,
    ):
        first = await ws.receive(timeout=30)

    assert first.type is WSMsgType.TEXT
    assert '"snapshot"' in first.data


async def test_a_phone_that_reaches_the_edge_alone_is_enrolled_and_goes_on_shift(
    town: Installation, edge: Edge
) -> None:
    new = {
        "commune_id": str(TOWN.commune),
        "name": "Téléphone 9",
        "kind": "phone",
        "person_id": str(TOWN.person(Role.AGENT)),
    }
    boss = TOWN.token("administrator")
    _, device = await town.ask("POST", "/api/v1/devices", token=boss, json=new)
    path = f"/api/v1/devices/{device['id']}/enrolment-code"
    _, shown = await town.ask("POST", path, token=boss)

    link = URL(shown["url"])
    assert (await ask(edge, link.path))[0] == 200
    code = {"code": link.fragment.removeprefix("code="), "pin": "2580", "kind": "phone"}
    enrolment = "/api/v1/mobile/enrolment"
    status, enrolled = await ask(edge, enrolment, method="POST", json=code)
    assert status == 201, enrolled
    again, _ = await ask(edge, enrolment, method="POST", json=code)
    assert again == 422

    mine = {"Authorization": f"Bearer {enrolled['token']}"}
    shift = {"unit_id": enrolled["units"][0]["id"], "pin": "2580"}
    status, me = await ask(edge, "/api/v1/mobile/shift", method="POST", json=shift, headers=mine)
    assert status in (200, 201), me
    _, me = await ask(edge, "/api/v1/mobile/me", headers=mine)
    assert me["device"]["id"] == device["id"]
    assert me["shift"]["unit_id"] == shift["unit_id"]
    fix = {"id": enrolled["osmand"]["id"], "lat": 50.63, "lon": 3.06, "accuracy": 5}
    reporting = URL(enrolled["osmand"]["url"]).path
    status, outcome = await ask(edge, reporting, method="POST", params=fix)
    assert (status, outcome["stored"]) == (200, True)

    await town.ask("DELETE", f"/api/v1/devices/{device['id']}", token=boss)
    assert (await ask(edge, "/api/v1/mobile/me", headers=mine))[0] == 401


async def test_a_person_s_session_is_of_no_use_out_there(town: Installation, edge: Edge) -> None:
    path = f"/api/v1/streams/{TOWN.text('camera-stream')}/whep"
    inside, _ = await town.ask("OPTIONS", path, token=TOWN.token("operator"))
    outside, problem = await ask(edge, path, "operator", method="OPTIONS")

    assert inside == 204
    assert (outside, problem["type"]) == (404, "/problems/not-from-outside")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v1/people"), ("POST", "/api/v1/sign-in"), ("GET", "/"), ("GET", "/metrics")],
)
async def test_an_edge_that_lets_everything_pass_is_refused_inside(
    method: str, path: str, town: Installation, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.edge.forwarding.passes", lambda *asked: True)  # it is taken over
    status, problem = await ask(edge, path, "administrator", method=method)

    assert (status, problem["type"]) == (404, "/problems/not-from-outside")


async def test_what_is_allowed_out_there_is_decided_inside(town: Installation, edge: Edge) -> None:
    assert town.app[EDGE_PATHS] == OF_PHONES


async def test_guesses_are_counted_by_the_phone_s_address_and_not_by_the_edge_s(
    town: Installation, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"address": "203.0.113.7"}
    monkeypatch.setattr("server.edge.forwarding.client_of", lambda request: told["address"])
    code = {"code": "AAAA-AAAA", "pin": "2580"}
    for _ in range(6):
        await ask(edge, "/api/v1/mobile/enrolment", method="POST", json=code)
    waits, _ = await ask(edge, "/api/v1/mobile/enrolment", method="POST", json=code)
    told["address"] = "203.0.113.8"
    other, _ = await ask(edge, "/api/v1/mobile/enrolment", method="POST", json=code)

    assert (waits, other) == (429, 422)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
async def test_an_edge_s_client_is_never_this_machine(
    address: str, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.edge.forwarding.client_of", lambda request: address)
    monkeypatch.setattr("server.edge.forwarding.passes", lambda *asked: True)
    monkeypatch.setattr("server.http.through_edge.passes", lambda *asked: True)

    assert (await ask(edge, "/metrics"))[0] == 403


async def test_what_a_stranger_writes_does_not_make_it_an_edge_s_request(
    town: Installation,
) -> None:
    headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "edge.example"}
    status, me = await town.ask("GET", "/api/v1/me", token=TOWN.token("operator"), headers=headers)

    assert status == 200
    assert me["person"]["id"] == str(TOWN.person(Role.OPERATOR))


async def test_a_line_in_use_is_replaced_by_another_that_waits(
    town: Installation,
) -> None:
    async with edge_host() as edge, reached(town, edge) as lines, ClientSession() as phone:
        protocols = ("ilotier.v1", f"bearer.{TOWN.token('device')}")
        async with (
            phone.ws_connect(f"{edge.url}/api/v1/live", protocols=protocols),
            phone.ws_connect(f"{edge.url}/api/v1/live", protocols=protocols),
        ):

            async def two_more_wait() -> bool:
                return len(lines) == 4

            await eventually(two_more_wait)
            assert (await ask(edge, "/patrol/"))[0] == 200
