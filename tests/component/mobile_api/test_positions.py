"""Positions: stored once, on shift only, and refused one by one."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.component.mobile_api.conftest import Phone, World


def fix(world: World, *, age: timedelta = timedelta(seconds=5), **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "point": {"type": "Point", "coordinates": [24.94, 60.17]},
        "fixed_at": (world.clock() - age).isoformat(),
        "accuracy_m": 12.5,
    } | changes


async def test_fixes_are_stored_and_the_newest_is_told(world: World, phone: Phone) -> None:
    old, new = fix(world, age=timedelta(seconds=30)), fix(world, age=timedelta(seconds=1))
    answer = await phone.post("/positions", {"positions": [new, old]})

    assert answer == {"stored": 2, "refused": []}
    ((unit_id, told),) = world.town.heard
    assert unit_id == phone.unit_id
    assert told.fixed_at == world.clock() - timedelta(seconds=1)


async def test_a_fix_sent_twice_is_there_once(world: World, phone: Phone) -> None:
    body = {"positions": [fix(world)]}
    first = await phone.post("/positions", body)
    second = await phone.post("/positions", body)

    assert first == second
    assert len(world.town.fixes) == 1


async def test_off_shift_nothing_is_taken(world: World, resting: Phone) -> None:
    body = {"positions": [fix(world)]}

    assert await resting.refused("POST", "/positions", body) == (403, "not-on-shift")
    assert not world.town.fixes
    assert not world.town.heard


async def test_on_a_break_nothing_is_taken_and_later_neither(world: World, phone: Phone) -> None:
    await phone.post("/shift/break")
    world.clock.advance(600 * world.seconds)
    taken_on_break = fix(world, age=timedelta(minutes=5))
    body = {"positions": [taken_on_break]}
    assert await phone.refused("POST", "/positions", body) == (403, "on-break")

    await phone.ask("DELETE", "/shift/break")
    answer = await phone.post("/positions", body)

    assert answer == {"stored": 0, "refused": [{"id": taken_on_break["id"], "code": "on-break"}]}
    assert not world.town.fixes


async def test_a_fix_from_before_the_shift_is_refused(world: World, phone: Phone) -> None:
    early = fix(world, age=timedelta(hours=2))
    answer = await phone.post("/positions", {"positions": [early]})

    assert answer["refused"] == [{"id": early["id"], "code": "not-on-shift"}]


async def test_one_bad_fix_does_not_cost_the_others(world: World, phone: Phone) -> None:
    good = fix(world)
    ahead = fix(world, age=timedelta(hours=-1))
    nowhere = fix(world, point={"type": "Point", "coordinates": [24.94, 91.0]})
    wild = fix(world, speed_mps=4000.0)
    answer = await phone.post("/positions", {"positions": [ahead, nowhere, good, wild]})

    assert answer["stored"] == 1
    assert {one["id"]: one["code"] for one in answer["refused"]} == {
        ahead["id"]: "bad-clock",
        nowhere["id"]: "bad-position",
        wild["id"]: "bad-position",
    }


@pytest.mark.parametrize("off_by", [timedelta(hours=1), timedelta(hours=-1)])
async def test_a_phone_whose_clock_is_an_hour_off_is_told_so(
    world: World, phone: Phone, off_by: timedelta
) -> None:
    one = fix(world)
    sent_at = (world.clock() + off_by).isoformat()
    answer = await phone.post("/positions", {"positions": [one], "sent_at": sent_at})

    assert answer == {"stored": 0, "refused": [{"id": one["id"], "code": "bad-clock"}]}


async def test_what_waited_in_a_tunnel_is_taken_when_the_clock_is_right(
    world: World, phone: Phone
) -> None:
    late = fix(world, age=timedelta(minutes=40))
    body = {"positions": [late], "sent_at": world.clock().isoformat()}

    assert (await phone.post("/positions", body))["stored"] == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "seven"},
        {"point": {"type": "Point", "coordinates": ["24.94", "60.17"]}},
        {"point": {"type": "Point", "coordinates": [False, True]}},
        {"point": {"type": "Point", "coordinates": [24.94]}},
        {"fixed_at": "2026-03-01T22:00:00"},
        {"fixed_at": 1772402400},
        {"accuracy_m": "12"},
        {"altitude_m": 3},
    ],
)
async def test_what_is_no_fix_is_told_where(
    world: World, phone: Phone, changes: dict[str, Any]
) -> None:
    status, answer = await phone.ask("POST", "/positions", {"positions": [fix(world, **changes)]})

    assert (status, answer["type"]) == (422, "/problems/invalid")
    assert answer["errors"][0]["where"].startswith(f"/positions/0/{next(iter(changes))}")


@pytest.mark.parametrize("raw", ['{"positions": [NaN]}', "[", '{"a": 1, "a": 2}', "[" * 10_000])
async def test_what_is_no_json_is_refused(phone: Phone, raw: str) -> None:
    headers = {
        "Authorization": f"Bearer {phone.device_id}",
        "Content-Type": "application/json",
    }
    async with phone.client.post("/api/v1/mobile/positions", data=raw, headers=headers) as response:
        answer = await response.json()

    assert (response.status, answer["type"]) == (400, "/problems/bad-json")


async def test_five_hundred_fixes_fit_and_more_are_refused(world: World, phone: Phone) -> None:
    full: dict[str, Any] = {
        "accuracy_m": 12.345678901234567,
        "heading_deg": 123.4567890123,
        "speed_mps": 1.23456,
    }
    fixes = [fix(world, **full) for _ in range(500)]

    assert (await phone.post("/positions", {"positions": fixes}))["stored"] == 500
    assert await phone.refused("POST", "/positions", {"positions": []}) == (422, "invalid")
    fixes.append(fix(world))
    assert await phone.refused("POST", "/positions", {"positions": fixes}) == (422, "invalid")
