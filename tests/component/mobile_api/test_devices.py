"""Enrolment, the first page, the push address."""

from typing import Any

import pytest

from mobile_api.attempts import FREE_TRIES
from mobile_api.tokens import code_digest, digest
from tests.component.mobile_api.conftest import Client, Phone, World

ENROLMENT = "/api/v1/mobile/enrolment"
PUSH = {
    "channel": "web-push",
    "endpoint": "https://push.example.org/x",
    "keys": {"p256dh": "key", "auth": "auth"},
}


async def enrol(client: Client, **changes: Any) -> tuple[int, dict[str, Any]]:
    body = {"code": "7K3M9-QXD2R", "pin": "1234"} | changes
    async with client.post(ENROLMENT, json=body) as response:
        return response.status, await response.json()


async def test_a_device_is_enrolled_once_with_its_code(world: World, client: Client) -> None:
    device_id = world.device()
    world.devices.codes[code_digest("7K3M9-QXD2R")] = device_id

    status, answer = await enrol(client, code="7k3m9 qxd2r", kind="body-camera")
    again = await enrol(client)

    assert status == 201
    assert answer["device"]["id"] == str(device_id)
    assert answer["device"]["kind"] == "body-camera"
    assert answer["osmand"]["url"] == "https://csu.example.org/osmand"
    assert world.devices.tokens[digest(answer["token"])] == device_id
    assert world.devices.osmand[digest(answer["osmand"]["id"])] == device_id
    assert world.devices.pins[device_id] == "hashed:1234"
    assert (again[0], again[1]["type"]) == (422, "/problems/bad-enrolment-code")


async def test_codes_are_not_guessed_for_ever(world: World, client: Client) -> None:
    for _ in range(FREE_TRIES):
        assert (await enrol(client, code="WRONG-CODE0"))[0] == 422
    world.devices.codes[code_digest("7K3M9-QXD2R")] = world.device()

    status, answer = await enrol(client)

    assert (status, answer["type"]) == (429, "/problems/too-many")


@pytest.mark.parametrize(
    "changes",
    [{"pin": "123"}, {"pin": "123456789"}, {"pin": "12a4"}, {"pin": 1234}, {"code": ""}, {"x": 1}],
)
async def test_an_enrolment_that_says_nonsense_is_told_where(
    client: Client, changes: dict[str, Any]
) -> None:
    status, answer = await enrol(client, **changes)

    assert (status, answer["type"]) == (422, "/problems/invalid")
    assert answer["errors"][0]["where"] == f"/{next(iter(changes))}"


async def test_the_first_page_has_everything(phone: Phone, other: Phone) -> None:
    me = await phone.get("/me")

    assert me["commune"]["name"] == "Villeneuve"
    assert me["commune"]["centre"] == {"type": "Point", "coordinates": [24.94, 60.17]}
    assert [unit["call_sign"] for unit in me["units"]] == ["ALPHA", "BRAVO"]
    assert me["shift"]["unit_id"] == str(phone.unit_id)
    assert me["shift"]["started_at"].endswith("Z")
    assert me["vapid_public_key"] == "BFakeKey"
    assert me["channels"] == {
        "web_push": {"on": True, "reason": ""},
        "firebase": {"on": True, "reason": ""},
    }
    assert me["intervention"] is None
    assert me["device"]["push"] is None


async def test_who_has_no_token_is_told_so(client: Client) -> None:
    async with client.get("/api/v1/mobile/me") as response:
        answer = await response.json()

    assert (response.status, answer["type"]) == (401, "/problems/unauthenticated")


async def test_a_push_address_is_kept_tested_and_forgotten(world: World, phone: Phone) -> None:
    assert await phone.refused("POST", "/push-subscription/test") == (409, "no-push-address")

    await phone.ask("PUT", "/push-subscription", PUSH)
    assert (await phone.get("/me"))["device"]["push"] == "web-push"
    await phone.post("/push-subscription/test")
    expected = {"endpoint": "https://push.example.org/x", "p256dh": "key", "auth": "auth"}
    assert world.push.tested == [expected]

    assert (await phone.ask("DELETE", "/push-subscription"))[0] == 204
    assert (await phone.get("/me"))["device"]["push"] is None


@pytest.mark.parametrize("address", [{"token": "t"}, {"fid": "f"}])
async def test_an_app_gives_a_token_or_an_installation_id(
    world: World, phone: Phone, address: dict[str, str]
) -> None:
    status, _ = await phone.ask("PUT", "/push-subscription", {"channel": "firebase"} | address)

    assert status == 204
    kept = world.devices.subscriptions[phone.device_id]
    assert (kept.channel, kept.address) == ("firebase", address)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"channel": "pigeon"},
        {"channel": "web-push", "endpoint": "https://x.example.org/"},
        {"channel": "firebase"},
        {"channel": "firebase", "token": "t", "fid": "f"},
        PUSH | {"token": "t"},
        PUSH | {"keys": {"p256dh": "key"}},
    ],
)
async def test_half_an_address_is_refused(phone: Phone, body: dict[str, Any]) -> None:
    assert await phone.refused("PUT", "/push-subscription", body) == (422, "invalid")
