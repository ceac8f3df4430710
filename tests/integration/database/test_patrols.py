"""Devices, shifts, positions, live streams and guidance: what a phone's owner holds in his hand."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from domain.errors import NotFound
from domain.guidance import Guidance
from domain.identifiers import GuidanceId, ShiftId, StreamId, ViewingId
from domain.patrol_streams import PatrolStream, ThreatReason
from domain.people import Role
from domain.positions import Point, Position
from domain.principals import DevicePrincipal
from domain.units import NotOnShift, OnBreak, Shift, ShiftConflict, UnitState
from mobile_api.keys import Fix, Subscription
from server.database.devices import Devices
from server.database.guidance import Guidances
from server.database.leases import PgLeases
from server.database.patrol_streams import PatrolStreams
from server.database.pool import Database
from server.database.positions import Positions
from server.database.push_outbox import PushOutbox
from server.database.screens import Screens
from server.database.units import Shifts, Units
from server.database.viewings import Viewings
from tests.integration.database.town import ADMIN, NOW, SECOND, Town, digest

MINUTE = timedelta(minutes=1)


@pytest.fixture
def devices(database: Database) -> Devices:
    return Devices(database)


@pytest.fixture
def shifts(database: Database) -> Shifts:
    return Shifts(database, clock=lambda: NOW)


@pytest.fixture
def positions(database: Database) -> Positions:
    return Positions(database)


def a_fix(at_s: int = 1, lon: float = 24.94) -> Fix:
    position = Position(
        point=Point(lon, 60.17), fixed_at=NOW + at_s * SECOND, accuracy_m=5.0, heading_deg=359.9999
    )
    return Fix(id=uuid4(), position=position)


def shift_of(principal: DevicePrincipal) -> Shift:
    assert principal.shift is not None
    return principal.shift


async def facts(database: Database, kind: str) -> int:
    return int(await database.value("SELECT count(*) FROM outbox WHERE kind = $1", kind))


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


def a_stream(phone: DevicePrincipal) -> PatrolStream:
    return PatrolStream(
        id=StreamId(uuid4()),
        commune_id=phone.device.commune_id,
        device_id=phone.device.id,
        unit_id=shift_of(phone).unit_id,
        person_id=phone.person.id,
        reason=ThreatReason.PERSONS,
        started_at=NOW,
    )


async def test_a_live_stream_is_received_by_the_first_and_ends_with_the_shift(
    town: Town, database: Database, shifts: Shifts
) -> None:
    phone = await town.on_shift(await town.unit("PM 1"))
    operators = [(await town.person(Role.OPERATOR, name=name)).id for name in ("Claire", "Denis")]
    streams, screens = PatrolStreams(database), Screens(database, clock=lambda: NOW)
    stream = await streams.begin(a_stream(phone), actor=phone.actor)
    assert await streams.begin(stream, actor=phone.actor) == stream
    for _ in range(2):
        await streams.note_live(stream.id, True, at=NOW + SECOND)
    for operator in operators:
        await streams.received(stream.id, by=operator, at=NOW + SECOND)

    view = (await screens.patrol_streams([town.commune.id]))[0]
    assert (view.live, view.call_sign, view.viewers) == (True, "PM 1", 0)
    assert view.received_by is not None
    assert view.received_by.name == "Claire"
    assert await facts(database, "patrol-stream-changed") == 3
    assert await streams.open_of(phone.device.id) is not None
    await shifts.change(shift_of(phone).id, lambda one: one.end(at=NOW), actor=phone.actor)
    assert await streams.open_of(phone.device.id) is None
    assert await screens.patrol_streams([town.commune.id]) == []
    actions = await database.rows("SELECT action, motive FROM register ORDER BY number DESC")
    assert actions[0]["action"] == "publication-ended"
    assert actions[1]["motive"] == "persons-threatened"


async def test_a_stream_whose_media_process_died_is_away_and_ends_when_nobody_comes_back(
    town: Town, database: Database
) -> None:
    phone = await town.on_shift(await town.unit("PM 1"))
    streams = PatrolStreams(database)
    stream = await streams.begin(a_stream(phone), actor=phone.actor)
    await streams.note_live(stream.id, True, at=NOW)
    leases = PgLeases(database, holder="media@here/1")
    lease = await leases.acquire(f"stream:{stream.id}")
    assert lease is not None

    async def look(at: datetime) -> bool:
        await streams.end_abandoned(after=2 * MINUTE, actor="system", at=at)
        live = "SELECT live FROM patrol_stream WHERE id = $1"
        return bool(await database.value(live, stream.id))

    assert await look(NOW + MINUTE)
    await leases.release(lease)
    assert not await look(NOW + MINUTE)
    assert await streams.open_of(phone.device.id) is not None
    await look(NOW + 3 * MINUTE + SECOND)
    assert await streams.open_of(phone.device.id) is None


async def test_a_viewing_is_in_the_register_with_its_motive_and_its_length(
    town: Town, database: Database
) -> None:
    camera, operator = await town.camera(), await town.principal(Role.OPERATOR)
    viewings, viewing_id = Viewings(database), ViewingId(uuid4())
    for _ in range(2):
        await viewings.start(
            viewing_id=viewing_id,
            stream_id=camera.main_stream_id,
            commune_id=town.commune.id,
            camera_id=camera.id,
            person_id=operator.person.id,
            session_id=operator.session_id,
            device_id=None,
            holder="media@here",
            motive="différend",
            at=NOW,
            actor=operator.actor,
        )
    screens = Screens(database, clock=lambda: NOW)
    assert (await screens.cameras([town.commune.id]))[0].watching == 1
    assert [one.id for one in await viewings.open_of(session_id=operator.session_id)] == [
        viewing_id
    ]

    assert await viewings.end_of_holder("media@here", actor="system", at=NOW + MINUTE) == 1
    await viewings.end(viewing_id, at=NOW + 2 * MINUTE, actor="system")

    assert (await viewings.get(viewing_id)).ended_at == NOW + MINUTE
    assert await viewings.open() == []
    rows = await database.rows(
        "SELECT action, motive, data FROM register WHERE action LIKE 'viewing%' ORDER BY number"
    )
    assert [(row["action"], row["motive"]) for row in rows] == [
        ("viewing-started", "différend"),
        ("viewing-ended", "différend"),
    ]
    assert '"seconds":60' in rows[1]["data"]


async def test_guidance_rings_until_it_has_arrived(town: Town, database: Database) -> None:
    unit = await town.unit("PM 1")
    phone = await town.on_shift(unit)
    author = await town.principal(Role.DISPATCHER)
    guidances = Guidances(database, clock=lambda: NOW)
    outbox, screens = PushOutbox(database, clock=lambda: NOW), Screens(database)
    sent = Guidance(
        id=GuidanceId(uuid4()),
        commune_id=town.commune.id,
        unit_id=unit.id,
        sent_by=author.person.id,
        sent_at=NOW,
        point=Point(24.9, 60.2),
        text="Par la cour",
    )
    for _ in range(2):
        assert await guidances.add(sent, actor=author.actor) == sent
    due = await outbox.due(limit=5, now=NOW, hold=SECOND)
    assert [(one.device_id, one.about_kind) for one in due] == [(phone.device.id, "guidance")]
    assert due[0].channel is None

    await guidances.change(
        sent.id,
        lambda one: one.arrive(at=NOW + SECOND),
        actor=phone.actor,
        device_id=phone.device.id,
    )
    assert await outbox.due(limit=5, now=NOW + MINUTE, hold=SECOND) == []
    await guidances.change(sent.id, lambda one: one.read(at=NOW + MINUTE), actor=phone.actor)
    view = (await screens.guidance([town.commune.id], unit_id=unit.id))[0]
    assert (view.arrived_at, view.read_at) == (NOW + SECOND, NOW + MINUTE)
    assert [one.what for one in await screens.history("guidance", sent.id)] == [
        "sent",
        "arrived",
        "read",
    ]


async def test_two_couriers_never_take_the_same_message(town: Town, database: Database) -> None:
    unit = await town.unit("PM 1")
    for _ in range(6):
        await town.on_shift(unit)
    author = await town.principal(Role.DISPATCHER)
    await Guidances(database, clock=lambda: NOW).add(
        Guidance(
            id=GuidanceId(uuid4()),
            commune_id=town.commune.id,
            unit_id=unit.id,
            sent_by=author.person.id,
            sent_at=NOW,
            text="Revenez",
        ),
        actor=author.actor,
    )
    outbox = PushOutbox(database)
    taken = await asyncio.gather(*(outbox.due(limit=4, now=NOW, hold=MINUTE) for _ in range(4)))

    ids = [message.id for batch in taken for message in batch]
    assert len(ids) == len(set(ids)) == 6


async def test_a_message_that_is_not_taken_is_tried_again_and_given_up_aloud(
    town: Town, database: Database
) -> None:
    unit = await town.unit("PM 1")
    await town.on_shift(unit)
    author = await town.principal(Role.DISPATCHER)
    await Guidances(database, clock=lambda: NOW).add(
        Guidance(
            id=GuidanceId(uuid4()),
            commune_id=town.commune.id,
            unit_id=unit.id,
            sent_by=author.person.id,
            sent_at=NOW,
            text="Revenez",
        ),
        actor=author.actor,
    )
    outbox = PushOutbox(database, clock=lambda: NOW)
    first = (await outbox.due(limit=1, now=NOW, hold=SECOND))[0]
    await outbox.failed(first.id, channel="web-push", error="503", retry_at=NOW + MINUTE)
    assert await outbox.due(limit=1, now=NOW + 30 * SECOND, hold=SECOND) == []
    again = (await outbox.due(limit=1, now=NOW + MINUTE, hold=SECOND))[0]
    assert again.attempts == 1
    before = await facts(database, "guidance-changed")
    await outbox.given_up(again.id, error="no address")

    assert await outbox.waiting() == 0
    assert await facts(database, "guidance-changed") == before + 1


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
