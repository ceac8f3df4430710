"""A patrol's live streams and who watches them, as they are kept."""

from datetime import datetime, timedelta
from uuid import uuid4

from domain.identifiers import StreamId, ViewingId
from domain.patrol_streams import PatrolStream, ThreatReason
from domain.people import Role
from domain.principals import DevicePrincipal
from server.database.leases import PgLeases
from server.database.patrol_streams import PatrolStreams
from server.database.pool import Database
from server.database.screens import Screens
from server.database.units import Shifts
from server.database.viewings import Viewings
from tests.integration.database.town import NOW, SECOND, Town, facts, shift_of

MINUTE = timedelta(minutes=1)


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
