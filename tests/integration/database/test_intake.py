"""From what a watch saw to one alert, however often it is told, whoever is away."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.alerts import AlertState
from domain.authorisations import Authorisation
from domain.cameras import Camera
from domain.errors import NotFound
from domain.identifiers import AlertId, AuthorisationId, EventId
from domain.people import Role
from domain.rules import Rule
from domain.watching import EventClosed
from server.database.alerts import Alerts
from server.database.authorisations import Authorisations
from server.database.bus import PgBus
from server.database.pool import Database
from server.database.screens import Screens
from server.intake import EventRecorder, Intake
from server.supervision import supervise
from server.watch_list import WatchedSource
from tests.integration.database.events import seen
from tests.integration.database.town import ADMIN, NOW, SECOND, Town, jpeg

LIMIT_S = 60.0

type Watched = tuple[Camera, Rule, Authorisation]


@pytest.fixture
async def watched(town: Town) -> Watched:
    return await town.watched_camera()


@pytest.fixture
def recorder(database: Database) -> EventRecorder:
    return EventRecorder(database, clock=lambda: NOW)


@pytest.fixture
def intake(database: Database) -> Intake:
    return Intake(database, PgBus(database), clock=lambda: NOW)


async def kinds(database: Database, what: str) -> int:
    return int(await database.value("SELECT count(*) FROM outbox WHERE kind = $1", what))


async def test_an_event_told_twice_is_stored_once(
    database: Database, watched: Watched, recorder: EventRecorder
) -> None:
    event = seen(*watched)
    for _ in range(2):
        await recorder.opened(event, jpeg())

    assert await database.value("SELECT count(*) FROM event") == 1
    assert await database.value("SELECT count(*) FROM still") == 1
    assert await kinds(database, "event-opened") == 1


async def test_an_event_rests_on_an_act_that_was_in_force_when_it_was_seen(
    database: Database, watched: Watched, recorder: EventRecorder, town: Town
) -> None:
    """Who watches hears of a revocation later: at once, or when the database is there again."""
    *_, act = watched
    before, event = seen(*watched), seen(*watched)
    before = replace(before, opened_at=NOW - timedelta(seconds=1))
    acts = Authorisations(database)
    await acts.revoke(act.id, actor=ADMIN, at=NOW)
    for one in (before, event):
        await recorder.opened(one, jpeg())
    other = replace(act, id=AuthorisationId(uuid4()))
    await acts.add(other, actor=ADMIN, at=NOW)
    again = seen(*watched)
    await recorder.opened(again, jpeg())

    rows = await database.rows("SELECT id, authorisation_id FROM event")
    assert {row["id"]: row["authorisation_id"] for row in rows} == {
        before.event_id: act.id,
        again.event_id: other.id,
    }
    assert await database.value("SELECT count(*) FROM still") == 2


async def test_what_a_killed_process_left_open_is_closed_at_the_next_start(
    database: Database, watched: Watched, recorder: EventRecorder
) -> None:
    await recorder.opened(seen(*watched), jpeg())

    for _ in range(2):
        await recorder.close_left_open()

    assert await database.value("SELECT closed_at FROM event") == NOW
    assert await kinds(database, "event-closed") == 1


async def test_an_event_becomes_one_alert_with_its_still_place_and_act(
    database: Database, town: Town, watched: Watched, recorder: EventRecorder, intake: Intake
) -> None:
    camera, rule, act = watched
    event, picture = seen(camera, rule, act), jpeg()
    await recorder.opened(event, picture)
    first = await intake.raise_for(event.event_id)

    assert await intake.raise_for(event.event_id) == first
    view = (await Screens(database, clock=lambda: NOW).alerts([town.commune.id]))[0]
    assert (view.id, view.state, view.events) == (first, AlertState.RAISED, 1)
    assert (view.point, view.place) == (camera.point, "1 place du Marché")
    assert view.event is not None
    assert view.event.box == (0.4, 0.1, 0.6, 0.6)
    assert view.event.rule is not None
    assert view.event.rule.name == "Cour"
    assert view.event.authorisation is not None
    assert view.event.authorisation.id == act.id
    still = await Alerts(database).still_of(first)
    assert still is not None
    assert still.jpeg == picture
    assert await kinds(database, "alert-raised") == 1


async def test_what_a_camera_says_by_itself_becomes_an_alert_without_a_rule(
    database: Database, town: Town, watched: Watched, recorder: EventRecorder, intake: Intake
) -> None:
    event = replace(seen(*watched), rule_id=None, shown=())
    await recorder.opened(event, jpeg())
    await intake.raise_for(event.event_id)

    view = (await Screens(database, clock=lambda: NOW).alerts([town.commune.id]))[0]
    assert view.event is not None
    assert (view.event.box, view.event.rule) == (None, None)
    assert view.event.authorisation is not None


async def test_an_operator_is_asked_once_while_the_alert_waits(
    database: Database, town: Town, watched: Watched, recorder: EventRecorder, intake: Intake
) -> None:
    events = [replace(seen(*watched), opened_at=NOW + n * SECOND) for n in range(3)]
    pictures = [jpeg() for _ in events]
    alerts = []
    for event, picture in zip(events, pictures, strict=True):
        await recorder.opened(event, picture)
        alerts.append(await intake.raise_for(event.event_id))

    assert len(set(alerts)) == 1
    view = (await Screens(database, clock=lambda: NOW).alerts([town.commune.id]))[0]
    assert (view.events, view.still) == (3, True)
    assert view.event is not None
    assert view.event.id == events[-1].event_id
    still = await Alerts(database).still_of(alerts[0])
    assert still is not None
    assert still.jpeg == pictures[-1]  # the newest event's: its box is drawn on it


async def test_after_a_decision_the_next_event_asks_again(
    town: Town, watched: Watched, recorder: EventRecorder, intake: Intake, database: Database
) -> None:
    operator = (await town.person(Role.OPERATOR)).id
    first, second = seen(*watched), seen(*watched)
    await recorder.opened(first, jpeg())
    decided = await intake.raise_for(first.event_id)
    await Alerts(database).change(
        decided, lambda alert: alert.confirm(by=operator, at=NOW), actor=ADMIN, at=NOW
    )
    await recorder.opened(second, jpeg())

    assert await intake.raise_for(second.event_id) != decided


async def test_two_intakes_make_one_alert(
    database: Database, watched: Watched, recorder: EventRecorder
) -> None:
    event = seen(*watched)
    await recorder.opened(event, jpeg())
    made: list[AlertId] = await asyncio.gather(
        *(Intake(database, PgBus(database)).raise_for(event.event_id) for _ in range(4))
    )

    assert len(set(made)) == 1
    assert await database.value("SELECT count(*) FROM alert") == 1


async def test_intake_runs_from_the_bus_and_goes_on_where_it_stopped(
    database: Database, town: Town, watched: Watched, recorder: EventRecorder
) -> None:
    bus = PgBus(database)

    def failed() -> None:
        raise AssertionError("intake died")

    for _ in range(2):
        await recorder.opened(seen(*watched), jpeg())  # while nobody listens
        intake = Intake(database, bus, clock=lambda: NOW)
        async with (
            supervise({"bus": bus.run, "intake": intake.run}, on_failure=failed),
            asyncio.timeout(LIMIT_S),
        ):
            async for delivered in bus.subscribe(durable="test"):
                await delivered.ack()
                if delivered.fact.kind == "alert-raised":
                    break

    view = (await Screens(database, clock=lambda: NOW).alerts([town.commune.id]))[0]
    assert view.events == 2
    assert await database.value("SELECT count(*) FROM alert") == 1


async def test_the_end_of_an_event_is_kept_and_an_unknown_end_is_harmless(
    database: Database, town: Town, watched: Watched, recorder: EventRecorder, intake: Intake
) -> None:
    camera, rule, act = watched
    event = seen(camera, rule, act)
    closed = EventClosed(event.event_id, camera.id, rule.id, NOW + 9 * SECOND)
    await recorder.closed(closed)
    await recorder.opened(event, jpeg())
    await intake.raise_for(event.event_id)
    for _ in range(2):
        await recorder.closed(closed)

    view = (await Screens(database, clock=lambda: NOW).alerts([town.commune.id]))[0]
    assert view.event is not None
    assert view.event.closed_at == NOW + 9 * SECOND
    assert await kinds(database, "event-closed") == 1


async def test_an_unknown_event_makes_no_alert(intake: Intake, town: Town) -> None:
    with pytest.raises(NotFound):
        await intake.raise_for(EventId(town.commune.id))


async def test_what_may_be_watched_is_what_acts_name_and_rules_are_drawn_on(
    database: Database, town: Town, watched: Watched
) -> None:
    camera, rule, act = watched
    await town.camera(2)
    source = WatchedSource(database, PgBus(database), clock=lambda: NOW)

    found = await source.read()
    assert [(one.camera_id, one.rules, one.authorisations) for one in found] == [
        (camera.id, (rule,), (act,))
    ]
    assert found[0].stream_id == camera.sub_stream_id
    late = WatchedSource(database, PgBus(database), clock=lambda: NOW + timedelta(days=2))
    assert await late.read() == []


async def test_a_revocation_is_heard_at_once(
    database: Database, town: Town, watched: Watched
) -> None:
    act = watched[2]
    bus = PgBus(database)

    def failed() -> None:
        raise AssertionError("the bus died")

    async with supervise({"bus": bus.run}, on_failure=failed), asyncio.timeout(LIMIT_S):
        changes = WatchedSource(database, bus, clock=lambda: NOW).changes()
        assert len((await anext(changes)).watched) == 1
        await Authorisations(database).revoke(act.id, actor=ADMIN, at=NOW)
        while (await anext(changes)).watched:
            pass
        await changes.aclose()  # type: ignore[attr-defined]  # an async generator
