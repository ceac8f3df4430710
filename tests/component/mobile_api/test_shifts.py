"""Shifts and breaks, as an agent takes them."""

from uuid import uuid4

from domain.people import Role
from domain.units import UnitKind
from mobile_api.attempts import FREE_TRIES
from tests.component.mobile_api.conftest import Phone, World


async def test_a_shift_begins_with_the_pin_and_ends(resting: Phone) -> None:
    body = {"id": str(uuid4()), "unit_id": str(resting.unit_id), "pin": "1234"}
    begun = await resting.post("/shift", body)
    again = await resting.post("/shift", body)
    status, ended = await resting.ask("DELETE", "/shift")
    twice, _ = await resting.ask("DELETE", "/shift")

    assert begun["shift"]["id"] == again["shift"]["id"] == body["id"]
    assert begun["shift"]["unit_id"] == str(resting.unit_id)
    assert (status, ended["shift"]) == (200, None)
    assert twice == 200


async def test_a_wrong_pin_begins_nothing_and_is_not_guessed_for_ever(resting: Phone) -> None:
    body = {"unit_id": str(resting.unit_id), "pin": "9999"}
    for _ in range(FREE_TRIES):
        assert await resting.refused("POST", "/shift", body) == (403, "wrong-pin")

    body["pin"] = "1234"
    assert await resting.refused("POST", "/shift", body) == (429, "too-many")
    assert (await resting.get("/me"))["shift"] is None


async def test_a_device_is_in_one_unit_at_a_time(phone: Phone, other: Phone) -> None:
    body = {"unit_id": str(other.unit_id), "pin": "1234"}

    assert await phone.refused("POST", "/shift", body) == (409, "shift-conflict")


async def test_there_is_no_shift_in_a_unit_of_elsewhere(resting: Phone) -> None:
    body = {"unit_id": str(uuid4()), "pin": "1234"}

    assert await resting.refused("POST", "/shift", body) == (404, "not-found")


async def test_a_break_has_a_beginning_and_an_end(world: World, phone: Phone) -> None:
    since = (await phone.post("/shift/break"))["shift"]["break_since"]
    world.clock.advance(600 * world.seconds)
    assert (await phone.post("/shift/break"))["shift"]["break_since"] == since
    _, resumed = await phone.ask("DELETE", "/shift/break")

    assert since is not None
    assert resumed["shift"]["break_since"] is None


async def test_who_is_off_shift_takes_no_break(resting: Phone) -> None:
    assert await resting.refused("POST", "/shift/break") == (403, "not-on-shift")
    assert await resting.refused("DELETE", "/shift/break") == (403, "not-on-shift")


async def test_a_responder_is_of_his_own_services_crew_and_of_none_of_the_polices(
    world: World, resting: Phone
) -> None:
    fire = world.unit("VSAV 1", UnitKind.FIRE)
    crew = Phone(resting.client, world.device(role=Role.RESPONDER), fire)
    body = {"pin": "1234"}

    assert [unit["call_sign"] for unit in (await crew.get("/me"))["units"]] == ["VSAV 1"]
    as_police = body | {"unit_id": str(resting.unit_id)}
    assert await crew.refused("POST", "/shift", as_police) == (403, "crew-without-pictures")
    begun = await crew.post("/shift", body | {"unit_id": str(fire)})
    assert (begun["shift"]["unit_id"], begun["sees_pictures"]) == (str(fire), False)
    police = await resting.post("/shift", as_police)
    assert police["sees_pictures"] is True
