"""What cries wolf is suspended by its dismissals, raises nothing, and is lifted with a motive."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.alerts import Alert, AlertState, DismissalReason
from domain.authorisations import Authorisation
from domain.cameras import Camera
from domain.events import EventKind
from domain.identifiers import AlertId, AuthorisationId, EventId, PersonId
from domain.people import Role
from domain.resting import Rests
from domain.rules import Rule
from domain.suspensions import NotSuspended
from server.database.alert_rows import store_alert
from server.database.alerts import Alerts
from server.database.authorisations import Authorisations
from server.database.bus import PgBus
from server.database.figures import DetectionFigures
from server.database.pool import Database
from server.database.rule_states import RuleStates
from server.database.screens import Screens
from server.database.suspensions import Suspensions, suspend_what_cries_wolf
from server.intake import EventRecorder, Intake
from server.watch_list import WatchedSource
from tests.integration.database.events import seen
from tests.integration.database.town import ADMIN, NOW, SECOND, Town, facts, jpeg
from tests.waiting import eventually

WRONG, RIGHT = DismissalReason.NOTHING_THERE, DismissalReason.AUTHORISED_PERSON
ZONE, CROWD = EventKind.FORBIDDEN_ZONE, EventKind.DENSITY
WEEK = timedelta(days=7)
WAITS = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND NOT granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

type Watched = tuple[Camera, Rule, Authorisation]


@pytest.fixture
async def watched(town: Town) -> Watched:
    """A camera on which two kinds are watched, since yesterday."""
    camera, zone, act = await town.watched_camera()
    both = replace(act, id=AuthorisationId(uuid4()), kinds=frozenset({ZONE, CROWD}))
    return camera, zone, await Authorisations(town.database).add(both, actor=ADMIN, at=NOW)


class Room:
    """Events come in, and an operator answers them all the same."""

    def __init__(self, database: Database, watched: Watched, operator: PersonId) -> None:
        self.database, self.watched, self.operator = database, watched, operator
        self.recorder = EventRecorder(database, clock=lambda: NOW)
        self.intake = Intake(database, PgBus(database), clock=lambda: NOW)
        self.states = RuleStates(database, clock=lambda: NOW)

    async def event(self, kind: EventKind = ZONE) -> EventId:
        event = replace(seen(*self.watched), kind=kind)
        await self.recorder.opened(event, jpeg())
        return event.event_id

    async def alert(self, kind: EventKind = ZONE) -> AlertId:
        return await self.intake.raise_for(await self.event(kind))

    async def dismiss(self, alert_id: AlertId, reason: DismissalReason = WRONG) -> Alert:
        return await Alerts(self.database).change(
            alert_id,
            lambda alert: alert.dismiss(reason, by=self.operator, at=NOW, note="la pluie"),
            actor=ADMIN,
            at=NOW,
        )

    async def dismissed(self, times: int, reason: DismissalReason = WRONG) -> None:
        for _ in range(times):
            await self.dismiss(await self.alert(), reason)

    async def suspended(self) -> set[EventKind]:
        running = await Suspensions(self.database).running()
        return set(running.get(self.watched[0].id, ()))

    async def kinds_watched(self) -> set[EventKind]:
        source = WatchedSource(self.database, PgBus(self.database), clock=lambda: NOW)
        return {
            kind
            for one in await source.read()
            for act in one.authorisations
            for kind in act.kinds - one.suspended
        }

    async def rests(self) -> list[Rests | None]:
        return [one.rests for one in await self.states.of(at=NOW)]

    async def alerts(self) -> int:
        return int(await self.database.value("SELECT count(*) FROM alert"))


@pytest.fixture
async def room(database: Database, town: Town, watched: Watched) -> Room:
    return Room(database, watched, (await town.person(Role.OPERATOR)).id)


async def test_dismissed_too_often_it_is_silent_until_a_supervisor_lifts_it(
    database: Database, town: Town, room: Room
) -> None:
    await room.dismissed(1)
    assert (await room.suspended(), await room.rests()) == (set(), [None])
    await room.dismissed(1)
    assert await room.suspended() == {ZONE}
    assert (await room.kinds_watched(), await room.rests()) == ({CROWD}, [Rests.SUSPENDED])

    await room.event(ZONE)
    assert await database.value("SELECT count(*) FROM event") == 2  # not even stored
    assert await room.alerts() == 2
    await room.alert(CROWD)
    assert await room.alerts() == 3

    supervisor = await town.person(Role.SUPERVISOR)
    suspensions = Suspensions(database)
    running = (await suspensions.of_communes([town.commune.id], since=NOW))[0].suspension
    assert (running.because.false_alerts, running.because.days) == (2, 1.0)

    async def lift() -> None:
        motive = "caméra recadrée"
        await suspensions.lift(running.id, by=supervisor.id, motive=motive, actor=ADMIN, at=NOW)

    await lift()
    assert (await room.kinds_watched(), await room.rests()) == ({ZONE, CROWD}, [None])
    await room.alert(ZONE)
    assert await room.alerts() == 4
    with pytest.raises(NotSuspended):
        await lift()


async def test_it_says_so_in_the_register_on_the_bus_and_on_screens(
    database: Database, town: Town, room: Room
) -> None:
    await room.dismissed(2)

    row = await database.row("SELECT * FROM register WHERE action = 'detection-suspended'")
    assert row is not None
    assert (row["actor"], row["about"]) == ("system", f"camera:{room.watched[0].id}")
    assert json.loads(row["data"])["false_alerts"] == 2
    assert await facts(database, "detection-suspended") == 1
    screens = Screens(database, clock=lambda: NOW)
    camera = (await screens.cameras([town.commune.id]))[0]
    assert [one.kind for one in camera.suspended] == [ZONE]
    assert camera.kinds == {CROWD}
    health = await screens.health(at=NOW)
    assert [(one.number, one.kind) for one in health.suspensions] == [(77, ZONE)]


async def test_what_was_real_never_suspends(room: Room) -> None:
    for reason in DismissalReason:
        if not reason.was_not_real:
            await room.dismissed(2, reason)

    assert await room.suspended() == set()


async def test_two_desks_that_dismiss_at_once_are_both_counted(
    database: Database, room: Room
) -> None:
    first = await room.alert()
    await database.value("UPDATE alert SET state = 'confirmed' RETURNING id")
    second = await room.alert()
    async with database.transaction() as t:
        dismissed = (await Alerts(database).get(first)).dismiss(WRONG, by=room.operator, at=NOW)
        await store_alert(t, dismissed)
        await suspend_what_cries_wolf(t, dismissed, at=NOW)
        other = asyncio.create_task(room.dismiss(second))

        async def waits() -> bool:
            return other.done() or bool(await database.value(WAITS))

        await eventually(waits)
    await other

    assert await room.suspended() == {ZONE}


async def test_figures_are_those_of_the_period_and_of_the_days_watched(
    database: Database, town: Town, room: Room
) -> None:
    await room.dismissed(1)
    await room.dismissed(2, RIGHT)
    confirmed = await room.alert()
    await Alerts(database).change(
        confirmed, lambda alert: alert.confirm(by=room.operator, at=NOW), actor=ADMIN, at=NOW
    )
    await room.alert()

    figures = DetectionFigures(database)
    found = await figures.of(town.commune.id, since=NOW - WEEK, until=NOW + SECOND)
    of = {one.kind: one.figures for one in found}
    assert of.keys() == {ZONE, CROWD}
    assert (of[ZONE].raised, of[ZONE].confirmed, of[ZONE].waiting) == (5, 1, 1)
    assert of[ZONE].dismissed == {WRONG: 1, RIGHT: 2}
    assert of[ZONE].days == pytest.approx(1.0, abs=1e-4)
    assert (of[CROWD].raised, of[CROWD].decided) == (0, 0)
    later = await figures.of(town.commune.id, since=NOW + SECOND, until=NOW + WEEK)
    assert {one.figures.raised for one in later} == {0}


async def test_the_days_of_a_suspension_are_not_watched(
    database: Database, town: Town, room: Room
) -> None:
    await room.dismissed(2)

    found = await DetectionFigures(database).of(
        town.commune.id, since=NOW - WEEK, until=NOW + timedelta(days=1)
    )
    days = {one.kind: one.figures.days for one in found}
    assert days[ZONE] == pytest.approx(1.0)
    assert days[CROWD] == pytest.approx(2.0)


async def test_a_reason_s_note_is_kept_and_goes_with_it(database: Database, room: Room) -> None:
    alert_id = await room.alert()
    await room.dismiss(alert_id, RIGHT)
    kept = await Alerts(database).get(alert_id)
    assert (kept.state, kept.dismissal_note) == (AlertState.DISMISSED, "la pluie")

    again = await Alerts(database).change(alert_id, Alert.reopen, actor=ADMIN, at=NOW)
    assert (again.dismissal, again.dismissal_note) == (None, "")
