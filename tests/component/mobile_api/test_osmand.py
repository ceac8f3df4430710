"""Traccar Client against ``/osmand``: what it sends, and that it never sends it for ever."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from domain.events import EventKind
from mobile_api.osmand import HttpsRequired, _check_transport
from mobile_api.tokens import digest, new_token
from tests.component.mobile_api.conftest import Client, Phone, World


class Traccar:
    """A phone's Traccar Client: a report stays until the answer is 2xx, oldest first."""

    def __init__(self, world: World, client: Client, phone: Phone) -> None:
        self.world, self.client, self.id = world, client, new_token()
        world.devices.osmand[digest(self.id)] = phone.device_id

    def parameters(self, *, age: timedelta = timedelta(0), **more: str) -> dict[str, str]:
        timestamp = str(int((self.world.clock() - age).timestamp()))
        return {"id": self.id, "lat": "60.17", "lon": "24.94", "timestamp": timestamp} | more

    async def ask(self, method: str, **request: Any) -> tuple[int, Mapping[str, Any]]:
        async with self.client.request(method, "/osmand", **request) as response:
            return response.status, await response.json()


@pytest.fixture
def traccar(world: World, client: Client, phone: Phone) -> Traccar:
    return Traccar(world, client, phone)


async def test_each_form_gives_the_same_fix_once(
    world: World, phone: Phone, traccar: Traccar
) -> None:
    parameters = traccar.parameters()
    coords = {"latitude": 60.17, "longitude": 24.94, "speed": -1, "heading": -1}
    at = world.clock().isoformat()
    body = {"device_id": traccar.id, "location": {"timestamp": at, "coords": coords}}
    answers = [
        await traccar.ask("GET", params=parameters),
        await traccar.ask("POST", params=parameters),
        await traccar.ask("POST", data=parameters),
        await traccar.ask("POST", json=body),
    ]

    assert answers == [(200, {"stored": True, "alarm": False, "code": None, "detail": None})] * 4
    ((unit_id, position),) = world.town.fixes.values()
    assert unit_id == phone.unit_id
    assert position.fixed_at == world.clock()


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (timedelta(hours=-1), "bad-clock"),
        (timedelta(hours=2), "not-on-shift"),
        (timedelta(hours=20), "bad-clock"),
    ],
)
async def test_a_fix_refused_for_good_is_not_sent_for_ever(
    world: World, traccar: Traccar, age: timedelta, code: str
) -> None:
    status, answer = await traccar.ask("GET", params=traccar.parameters(age=age))

    assert status == 200, "the client deletes it and goes on with the next"
    assert (answer["stored"], answer["code"]) == (False, code)
    assert not world.town.fixes


async def test_on_a_break_and_off_shift_nothing_is_stored(
    world: World, phone: Phone, traccar: Traccar
) -> None:
    await phone.post("/shift/break")
    on_break = await traccar.ask("GET", params=traccar.parameters())
    await phone.ask("DELETE", "/shift")
    off_shift = await traccar.ask("GET", params=traccar.parameters())

    assert (on_break[0], on_break[1]["code"]) == (200, "on-break")
    assert (off_shift[0], off_shift[1]["code"]) == (200, "not-on-shift")
    assert not world.town.fixes


async def test_sos_is_a_panic_alarm_raised_once(
    world: World, phone: Phone, traccar: Traccar
) -> None:
    parameters = traccar.parameters(alarm="sos")
    for _ in range(2):
        assert (await traccar.ask("GET", params=parameters))[1]["alarm"] is True
    world.clock.advance(60 * world.seconds)
    await traccar.ask("GET", params=traccar.parameters(alarm="sos"))

    alerts = list(world.town.alerts.values())
    assert [alert.kind for alert in alerts] == [EventKind.PANIC] * 2
    assert all(alert.place == "Grande Rue" for alert in alerts)


async def test_sos_is_heard_off_shift_and_its_place_is_not_kept_as_a_position(
    world: World, phone: Phone, traccar: Traccar
) -> None:
    await phone.ask("DELETE", "/shift")
    status, answer = await traccar.ask("GET", params=traccar.parameters(alarm="sos"))

    assert (status, answer["alarm"], answer["stored"]) == (200, True, False)
    (alert,) = world.town.alerts.values()
    assert alert.point is not None
    assert not world.town.fixes


async def test_an_agent_whose_habilitation_ended_is_not_located(
    world: World, phone: Phone, traccar: Traccar
) -> None:
    principal = world.town.devices[phone.device_id]
    ended = replace(principal.person.grants[0], ends_at=world.clock())
    world.town.devices[phone.device_id] = replace(
        principal, person=replace(principal.person, grants=(ended,))
    )

    status, answer = await traccar.ask("GET", params=traccar.parameters(alarm="sos"))

    assert (status, answer["code"], answer["alarm"]) == (200, "forbidden", False)
    assert not world.town.fixes
    assert not world.town.alerts


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({}, 422, "invalid"),
        ({"id": "stranger", "lat": "60", "lon": "24"}, 404, "not-found"),
        ({"id": "x" * 200}, 422, "invalid"),
    ],
)
async def test_a_report_of_nobody_s_is_a_problem(
    traccar: Traccar, parameters: dict[str, str], status: int, code: str
) -> None:
    answer = await traccar.ask("GET", params=parameters)

    assert (answer[0], answer[1]["type"]) == (status, f"/problems/{code}")


@pytest.mark.parametrize("change", [{"lat": "nan"}, {"lon": "181"}, {"timestamp": "soon"}])
async def test_a_place_nowhere_on_earth_is_a_problem(
    traccar: Traccar, change: dict[str, str]
) -> None:
    status, answer = await traccar.ask("GET", params=traccar.parameters() | change)

    assert (status, answer["type"]) == (422, "/problems/bad-position")


@pytest.mark.parametrize("raw", [b"{", b"{}", b"\xff\xfe", b'{"device_id": 7}'])
async def test_a_body_that_is_no_report_is_a_problem(traccar: Traccar, raw: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    status, answer = await traccar.ask("POST", data=raw, headers=headers)

    assert status in (400, 422)
    assert answer["type"] in ("/problems/bad-json", "/problems/invalid")


async def test_a_body_without_end_is_refused(traccar: Traccar) -> None:
    status, answer = await traccar.ask("POST", data=b"lat=1&" * 10_000)

    assert (status, answer["type"]) == (413, "/problems/too-large")


def test_the_secret_is_not_taken_in_clear_from_elsewhere() -> None:
    clear = make_mocked_request("GET", "/osmand").clone(remote="192.0.2.7")
    with pytest.raises(HttpsRequired):
        _check_transport(clear)
    with pytest.raises(HttpsRequired):
        _check_transport(clear.clone(remote=""))

    _check_transport(clear.clone(scheme="https"))
    _check_transport(clear.clone(remote="127.0.0.1"))
    _check_transport(clear.clone(remote="::1"))
