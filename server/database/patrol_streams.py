"""Live streams of patrols: begun by the agent's hand for a stated reason, received, ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.errors import NotFound
from domain.facts import PatrolStreamChanged
from domain.identifiers import DeviceId, InterventionId, PersonId, StreamId
from domain.patrol_streams import PatrolStream, ThreatReason
from domain.register import Action, Entry
from server.database import history
from server.database.columns import same_commune
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("streams")


class PatrolStreams:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, stream_id: StreamId) -> PatrolStream:
        """Raises ``NotFound``."""
        return read_stream(await self._database.row(SQL["stream"], stream_id))

    async def open_of(self, device_id: DeviceId) -> PatrolStream | None:
        """The stream that a device publishes now, the latest if it lost one."""
        row = await self._database.row(SQL["open_of_device"], device_id)
        return read_stream(row) if row else None

    async def open(self) -> list[PatrolStream]:
        """All that are published now."""
        return [read_stream(row) for row in await self._database.rows(SQL["all_open"])]

    async def begin(self, stream: PatrolStream, *, actor: str) -> PatrolStream:
        """Store it with its reason, before the first picture; the same id gives the stored one."""
        at = stream.started_at
        async with self._database.transaction() as t:
            who = (stream.commune_id, stream.device_id, stream.unit_id, stream.person_id)
            why = (stream.reason.value, at, stream.intervention_id)
            if await t.value(SQL["begin"], stream.id, *who, *why) is not None:
                data = {"device": str(stream.device_id), "unit": str(stream.unit_id)}
                _noted(t, stream, Action.PUBLICATION_STARTED, actor, at, data)
                await _told(t, stream, "started", actor, at, {"reason": stream.reason.value})
        return same_commune(await self.get(stream.id), stream.commune_id)

    async def received(self, stream_id: StreamId, *, by: PersonId, at: datetime) -> PatrolStream:
        """An operator says that he sees it; who was first stays."""
        async with self._database.transaction() as t:
            if await t.value(SQL["received"], stream_id, at, by) is not None:
                stream = read_stream(await t.row(SQL["stream"], stream_id))
                await _told(t, stream, "received", f"person:{by}", at, {})
        return await self.get(stream_id)

    async def note_live(self, stream_id: StreamId, live: bool, *, at: datetime) -> None:
        """Note whether pictures come in; tells it when that is news."""
        async with self._database.transaction() as t:
            commune_id = await t.value(SQL["note_live"], stream_id, live, at)
            if commune_id is not None:
                fact = PatrolStreamChanged(at=at, commune_id=commune_id, stream_id=stream_id)
                t.publish(fact)

    async def end_abandoned(self, *, after: timedelta, actor: str, at: datetime) -> None:
        """Note the streams whose media process is gone; end those without a picture for so long."""
        async with self._database.transaction() as t:
            for row in await t.rows(SQL["note_lost"], at):
                t.publish(
                    PatrolStreamChanged(at=at, commune_id=row["commune_id"], stream_id=row["id"])
                )
            for row in await t.rows(SQL["abandoned"], at - after):
                await end_streams_of(t, stream_id=row["id"], actor=actor, at=at)

    async def end(self, stream_id: StreamId, *, actor: str, at: datetime) -> PatrolStream:
        """It is over; ending it twice changes nothing. Raises ``NotFound``."""
        async with self._database.transaction() as t:
            await end_streams_of(t, stream_id=stream_id, actor=actor, at=at)
        return await self.get(stream_id)


async def end_streams_of(
    t: Transaction,
    *,
    stream_id: StreamId | None = None,
    device_id: DeviceId | None = None,
    intervention_id: InterventionId | None = None,
    actor: str,
    at: datetime,
) -> None:
    """End one stream, or those of a device or an intervention, in the caller's transaction."""
    for row in await t.rows(SQL["end_streams"], stream_id, device_id, intervention_id, at):
        stream = read_stream(row)
        seconds = round((at - stream.started_at).total_seconds())
        _noted(t, stream, Action.PUBLICATION_ENDED, actor, at, {"seconds": seconds})
        await _told(t, stream, "ended", actor, at, {})


def read_stream(row: Row | None) -> PatrolStream:
    if row is None:
        raise NotFound("there is no such stream")
    return PatrolStream(
        id=row["id"],
        commune_id=row["commune_id"],
        device_id=row["device_id"],
        unit_id=row["unit_id"],
        person_id=row["person_id"],
        reason=ThreatReason(row["reason"]),
        started_at=row["started_at"],
        intervention_id=row["intervention_id"],
        received_at=row["received_at"],
        received_by=row["received_by"],
        ended_at=row["ended_at"],
    )


def _noted(
    t: Transaction,
    stream: PatrolStream,
    action: Action,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
) -> None:
    t.enter(
        Entry(
            at=at,
            actor=actor,
            action=action,
            about=f"stream:{stream.id}",
            commune_id=stream.commune_id,
            motive=stream.reason.value,
            data=data,
        )
    )


async def _told(
    t: Transaction,
    stream: PatrolStream,
    what: str,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
) -> None:
    commune_id = stream.commune_id
    await history.append(
        t, "patrol-stream", stream.id, what, commune_id=commune_id, actor=actor, at=at, data=data
    )
    t.publish(PatrolStreamChanged(at=at, commune_id=commune_id, stream_id=stream.id))
