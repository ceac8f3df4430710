"""Devices, shifts and positions: what a phone's owner holds in his hand, as it is kept."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.errors import NotFound
from domain.identifiers import ShiftId
from domain.positions import Point, Position
from domain.units import NotOnShift, OnBreak, ShiftConflict, UnitState
from mobile_api.keys import Fix, Subscription
from server.database.devices import Devices
from server.database.pool import Database
from server.database.positions import Positions
from server.database.screens import Screens
from server.database.units import Shifts, Units
from tests.integration.database.town import ADMIN, NOW, SECOND, Town, digest, facts, shift_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def devices(database: Database) -> Devices:
    return Devices(database)


@pytest.fixture
def positions(database: Database) -> Positions:
    return Positions(database)


def a_fix(at_s: int = 1, lon: float = 24.94) -> Fix:
    position = Position(
        point=Point(lon, 60.17), fixed_at=NOW + at_s * SECOND, accuracy_m=5.0, heading_deg=359.9999
    )
    return Fix(id=uuid4(), position=position)


async def test_a_code_enrols_once(town: Town, devices: Devices) -> None:
    phone = await town.device("token")

    assert await devices.by_token(digest("token"), at=NOW) == phone
    assert await devices.by_osmand(digest("osmand token"), at=NOW) == phone
    assert await devices.by_token(digest("osmand token"), at=NOW) is None
    assert await devices.pin_hash(phone.device.id) == "a hash"
    with pytest.raises(NotFound):
        await devices.enrol(
            code_hash=digest("code token"),
            token_hash=digest("x"),
            osmand_hash=digest("y"),
            pin_hash="z",
            kind=None,
            at=NOW,
        )


async def test_a_code_out_of_date_and_a_replaced_code_enrol_nothing(
    town: Town, devices: Devices
) -> None:
    phone = (await town.device()).device
    for code in ("first", "second"):
        await devices.add_code(
            phone.id, code_hash=digest(code), expires_at=NOW + MINUTE, actor=ADMIN, at=NOW
        )

    for code, at in (("first", NOW), ("second", NOW + MINUTE)):
        with pytest.raises(NotFound):
            await devices.enrol(
                code_hash=digest(code),
                token_hash=digest("x"),
                osmand_hash=digest("y"),
                pin_hash="z",
                kind=None,
                at=at,
            )


async def test_a_device_enrolled_anew_loses_its_old_token_shift_and_push_address(
    database: Database, town: Town, devices: Devices
) -> None:
    unit = await town.unit("PM 1")
    phone = (await town.on_shift(unit)).device
    address = Subscription(channel="firebase", address={"token": "t"})
    await devices.subscribe(phone.id, address, at=NOW)
    assert await devices.subscription(phone.id) == address
    await devices.add_code(
        phone.id, code_hash=digest("c"), expires_at=NOW + MINUTE, actor=ADMIN, at=NOW
    )
    again = await devices.enrol(
        code_hash=digest("c"),
        token_hash=digest("new"),
        osmand_hash=digest("new osmand"),
        pin_hash="z",
        kind=None,
        at=NOW + SECOND,
    )

    assert again.shift is None
    assert await devices.subscription(phone.id) is None
    assert await facts(database, "access-revoked") == 1


async def test_a_revoked_device_opens_nothing(
    database: Database, town: Town, devices: Devices
) -> None:
    phone = await town.on_shift(await town.unit("PM 1"))
    for _ in range(2):
        await devices.revoke(phone.device.id, actor=ADMIN, at=NOW + SECOND)

    assert await devices.in_hand(phone.device.id) is None
    assert await devices.pin_hash(phone.device.id) is None
    board = (await Screens(database).units([town.commune.id]))[0]
    assert board.state is UnitState.OFF_DUTY
    assert await facts(database, "access-revoked") == 1
    listed = await devices.of_communes([town.commune.id])
    assert [one.device.revoked_at for one in listed] == [NOW + SECOND]


async def test_a_device_is_on_one_shift_at_a_time(
    town: Town, other_town: Town, shifts: Shifts
) -> None:
    unit, other = await town.unit("PM 1"), await town.unit("PM 2")
    phone = await town.on_shift(unit)
    running = shift_of(phone)

    assert await shifts.begin(running) == running
    with pytest.raises(ShiftConflict):
        await shifts.begin(replace(running, id=ShiftId(uuid4()), unit_id=other.id))
    foreign = await other_town.unit("PM 1")
    with pytest.raises(NotFound):
        await shifts.begin(replace(running, id=ShiftId(uuid4()), unit_id=foreign.id))


async def test_the_board_says_what_a_unit_is_doing_and_where(
    town: Town, database: Database, shifts: Shifts, positions: Positions
) -> None:
    unit = await town.unit("PM 1")
    screens = Screens(database, clock=lambda: NOW)
    phone = await town.on_shift(unit)
    fix = a_fix()
    await positions.add([fix], shift=shift_of(phone), received_at=NOW)
    board = (await screens.units([town.commune.id]))[0]
    assert (board.state, board.position) == (UnitState.FREE, fix.position)
    assert board.shift is not None
    assert board.shift.device_id == phone.device.id

    shift_id = shift_of(phone).id
    await shifts.change(shift_id, lambda one: one.take_break(at=NOW + MINUTE), actor=phone.actor)
    board = (await screens.units([town.commune.id]))[0]
    assert (board.state, board.position) == (UnitState.ON_BREAK, None)

    await shifts.change(shift_id, lambda one: one.end(at=NOW + MINUTE), actor=phone.actor)
    board = (await screens.units([town.commune.id], ids=[unit.id]))[0]
    assert (board.state, board.shift) == (UnitState.OFF_DUTY, None)
    assert await positions.latest(unit.id) is None


async def test_positions_are_stored_once_each(
    town: Town, database: Database, positions: Positions
) -> None:
    unit = await town.unit("PM 1")
    shift = shift_of(await town.on_shift(unit))
    fixes = [a_fix(n, lon=24.0 + n / 1000) for n in range(1, 501)]
    await positions.add(fixes, shift=shift, received_at=NOW)
    await positions.add(fixes[:10], shift=shift, received_at=NOW)

    assert await database.value("SELECT count(*) FROM position") == 500
    assert await positions.latest(unit.id) == fixes[-1].position
    track = await positions.track(unit.id, NOW, NOW + timedelta(hours=1))
    assert track == [fix.position for fix in fixes]
    assert [one[1:] for one in await positions.moved_since(NOW - SECOND)] == [
        (unit.id, fixes[-1].position)
    ]


@pytest.mark.parametrize("state", ["over", "break"])
async def test_off_shift_and_on_a_break_nothing_is_stored(
    town: Town, database: Database, shifts: Shifts, positions: Positions, state: str
) -> None:
    phone = await town.on_shift(await town.unit("PM 1"))
    shift = shift_of(phone)
    over = state == "over"
    await shifts.change(
        shift.id,
        lambda one: one.end(at=NOW) if over else one.take_break(at=NOW),
        actor=phone.actor,
    )

    with pytest.raises(NotOnShift if over else OnBreak):
        await positions.add([a_fix()], shift=shift, received_at=NOW)
    assert await database.value("SELECT count(*) FROM position") == 0


async def test_a_fix_of_the_break_is_not_stored_after_it(
    town: Town, database: Database, shifts: Shifts, positions: Positions
) -> None:
    phone = await town.on_shift(await town.unit("PM 1"))
    shift = shift_of(phone)
    await shifts.change(shift.id, lambda one: one.take_break(at=NOW + SECOND), actor=phone.actor)
    resumed = await shifts.change(
        shift.id, lambda one: one.resume(at=NOW + MINUTE), actor=phone.actor
    )

    with pytest.raises(OnBreak):
        await positions.add([a_fix(30)], shift=resumed, received_at=NOW + MINUTE)
    await positions.add([a_fix(61)], shift=resumed, received_at=NOW + MINUTE)
    assert await database.value("SELECT count(*) FROM position") == 1


async def test_a_unit_out_of_use_is_not_on_the_board(town: Town, database: Database) -> None:
    unit = await town.unit("PM 1")
    units = Units(database)
    changed = await units.change(
        unit.id, lambda one: replace(one, disabled_at=NOW), actor=ADMIN, at=NOW
    )

    assert await units.get(unit.id) == changed
    assert await units.of_commune(town.commune.id) == []
    assert await units.of_communes([town.commune.id]) == [changed]
    assert await Screens(database).units([town.commune.id]) == []
