"""Intake: from what a watch saw to a recorded event, and from that to an alert on screens.

The detect process records the event, its still and the fact in one transaction; control, woken by
the fact, makes the alert, its history, its register entry and the next fact in another. Both may
be told the same thing twice: what is stored already stays.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from domain import watching
from domain.alerts import Alert, AlertOrigin
from domain.authorisations import authorisation_for
from domain.cameras import Camera
from domain.errors import DomainError, NotFound, Unavailable
from domain.events import Event
from domain.facts import AlertRaised, EventClosed, EventOpened
from domain.identifiers import AlertId, AuthorisationId, EventId, StillId
from domain.references import Reference
from server.bus import Bus, Delivered
from server.database import history
from server.database.alert_rows import SQL as ALERTS
from server.database.alert_rows import add_alert, locked
from server.database.authorisations import read_authorisation
from server.database.cameras import SQL as CAMERAS
from server.database.cameras import read_camera
from server.database.columns import Clock, utc_now
from server.database.events import SQL as EVENTS
from server.database.events import read_event, store_event
from server.database.pool import Database, Transaction
from server.database.references import References
from server.database.sensors import SQL as SENSORS
from server.database.sensors import read_sensor
from server.database.stills import NewStill, add_still
from server.database.suspensions import is_suspended

logger = logging.getLogger(__name__)

ACTOR = "system"
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0


class EventRecorder:
    """Stores what a watch saw (``server.pipeline.EventSink``): event, still and fact together.

    Raises ``Unavailable`` when the database does not answer; telling it again is safe.
    """

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def opened(self, event: watching.EventOpened, still: bytes) -> None:
        """One of a kind that is suspended on its camera, or of no act any more, changes nothing."""
        async with self._database.transaction() as t:
            camera = read_camera(await t.row(CAMERAS["camera"], event.camera_id))
            act_id = await _act_of(t, event, camera)
            if act_id is None:
                # Who watches had not heard of the revocation: the database may have been away.
                logger.info("an event of a revoked act is left out", extra=_about(event))
                return
            event = replace(event, authorisation_id=act_id)
            if await is_suspended(t, camera.id, event.kind):
                # Who watches has not heard of it yet: it is a matter of milliseconds.
                logger.info("an event of a suspended kind is left out", extra=_about(event))
                return
            picture = NewStill(
                id=StillId(uuid5(NAMESPACE_URL, f"still:{event.event_id}")),
                jpeg=still,
                taken_at=event.opened_at,
            )
            await add_still(t, picture, camera.commune_id, camera.id)
            if await store_event(t, event, commune_id=camera.commune_id, still_id=picture.id):
                t.publish(
                    EventOpened(
                        at=self._clock(), commune_id=camera.commune_id, event_id=event.event_id
                    )
                )

    async def closed(self, event: watching.EventClosed) -> None:
        """An event that is unknown, or closed already, changes nothing."""
        async with self._database.transaction() as t:
            row = await t.row(EVENTS["close"], event.event_id, event.last_seen_at)
            if row is not None:
                now, commune_id = self._clock(), row["commune_id"]
                t.publish(EventClosed(at=now, commune_id=commune_id, event_id=event.event_id))

    async def referenced(self, reference: Reference) -> None:
        """One that nobody asks for any more changes nothing."""
        await References(self._database).take(reference)

    async def close_left_open(self) -> None:
        """When the detect process starts: end the events that a killed one has left open."""
        now = self._clock()
        async with self._database.transaction() as t:
            for row in await t.rows(EVENTS["close_left_open"], now):
                t.publish(EventClosed(at=now, commune_id=row["commune_id"], event_id=row["id"]))


class Intake:
    """Makes an alert of each recorded event, once."""

    def __init__(self, database: Database, bus: Bus, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock

    async def run(self) -> None:
        """Take in events until cancelled; while the database is away, the event waits."""
        async for delivered in self._bus.subscribe(durable="intake"):
            await self._take(delivered)

    async def _take(self, delivered: Delivered) -> None:
        pause = FIRST_PAUSE_S
        while True:
            try:
                if isinstance(delivered.fact, EventOpened):
                    await self.raise_for(EventId(delivered.fact.event_id))
                await delivered.ack()
                return
            except Unavailable as error:
                logger.warning("an event waits for the database: %s", error)
            except DomainError:
                # Asking again would not help, and those behind it must not wait for it.
                logger.exception("no alert can be made of fact %s", delivered.fact.id)
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def raise_for(self, event_id: EventId) -> AlertId:
        """Make the alert of an event, or let it join one that nobody has decided yet.

        An operator is asked once: while an alert of the same camera (or sensor) and kind waits, it
        gathers the events that follow. Raises ``NotFound`` for an event that is not there.
        """
        now = self._clock()
        async with self._database.transaction() as t:
            row = await t.row(EVENTS["locked"], event_id)
            if row is None:
                raise NotFound("there is no such event")
            if row["alert_id"] is not None:
                return AlertId(row["alert_id"])
            event = read_event(row)
            source = event.camera_id or event.sensor_id
            waiting = await t.value(ALERTS["waiting"], source, event.kind.value)
            if waiting is not None:
                await _join(t, AlertId(waiting), event_id, now)
                return AlertId(waiting)
            alert = await _alert_of(t, event, at=now)
            data = {"event": str(event_id), "authorisation": str(event.authorisation_id)}
            await add_alert(t, alert, actor=ACTOR, at=now, data=data)
            await t.execute(ALERTS["join_event"], event_id, alert.id)
        return alert.id


async def _alert_of(t: Transaction, event: Event, *, at: datetime) -> Alert:
    """Where it is: at the camera that saw it, or at the sensor, which has no picture."""
    alert = Alert(
        id=AlertId(uuid5(NAMESPACE_URL, f"alert:{event.id}")),
        commune_id=event.commune_id,
        kind=event.kind,
        origin=AlertOrigin.DETECTOR,
        point=None,
        place="",
        raised_at=at,
        event_id=event.id,
        camera_id=event.camera_id,
        sensor_id=event.sensor_id,
        still_id=event.still_id,
    )
    if event.sensor_id is not None:
        sensor = read_sensor(await t.row(SENSORS["sensor"], event.sensor_id))
        place = " · ".join(part for part in (sensor.name, sensor.place) if part)
        return replace(alert, origin=AlertOrigin.SENSOR, point=sensor.point, place=place)
    row = await t.row(CAMERAS["camera"], event.camera_id)
    camera = read_camera(row)
    return replace(alert, point=camera.point, place=(row["place"] if row else "") or camera.name)


async def _act_of(
    t: Transaction, event: watching.EventOpened, camera: Camera
) -> AuthorisationId | None:
    """Give the act that ``event`` rests on: the one it cites, unless that was revoked before it."""
    cited = read_authorisation(await t.row(CAMERAS["authorisation_kept"], event.authorisation_id))
    if cited.revoked_at is None or event.opened_at < cited.revoked_at:
        return cited.id
    running = await t.rows(CAMERAS["authorisations_running"], event.opened_at)
    other = authorisation_for(
        [read_authorisation(row) for row in running],
        camera=camera.id,
        kind=event.kind,
        at=event.opened_at,
        is_demonstration=camera.demonstration,
        place_kind=camera.place_kind,
    )
    return other.id if other is not None else None


def _about(event: watching.EventOpened) -> dict[str, str]:
    return {"camera": str(event.camera_id), "kind": event.kind.value}


async def _join(t: Transaction, alert_id: AlertId, event_id: EventId, at: datetime) -> None:
    alert = await locked(t, alert_id)
    await t.execute(ALERTS["join_event"], event_id, alert_id)
    await history.append(
        t,
        "alert",
        alert_id,
        "joined",
        commune_id=alert.commune_id,
        actor=ACTOR,
        at=at,
        data={"event": str(event_id)},
    )
    t.publish(AlertRaised(at=at, commune_id=alert.commune_id, alert_id=alert_id))
