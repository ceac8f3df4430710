"""What happened beside the recordings of some hours: alerts, events, and the holds on them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.alerts import AlertState
from domain.events import EventKind
from domain.identifiers import AlertId, CommuneId, EventId
from domain.recordings import Hold
from server.database.playbacks import Stored, read_stored
from server.database.pool import Database
from server.database.recordings import SQL, read_hold

MOST_SEGMENTS = 10_000  # 31 days of five minutes, and as many again
MOST_MARKS = 1000


@dataclass(frozen=True, kw_only=True)
class AlertMark:
    id: AlertId
    kind: EventKind
    at: datetime
    state: AlertState


@dataclass(frozen=True, kw_only=True)
class EventMark:
    """``until`` None: it goes on, or nobody saw it end."""

    id: EventId
    kind: EventKind
    at: datetime
    until: datetime | None


class Timelines:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def segments(
        self,
        source: UUID,
        commune_id: CommuneId,
        *,
        starts_at: datetime,
        ends_at: datetime,
        now: datetime,
    ) -> list[Stored]:
        """What may be shown, in order, without its cues."""
        hours = (starts_at, ends_at, MOST_SEGMENTS, now)
        rows = await self._database.rows(SQL["recorded"], source, commune_id, *hours)
        return [read_stored(row) for row in rows]

    async def alerts(
        self, source: UUID, commune_id: CommuneId, *, starts_at: datetime, ends_at: datetime
    ) -> list[AlertMark]:
        """Of the camera; of a patrol's stream those that its agent raised meanwhile."""
        hours = (starts_at, ends_at, MOST_MARKS)
        rows = await self._database.rows(SQL["alerts_beside"], source, commune_id, *hours)
        return [
            AlertMark(
                id=row["id"],
                kind=EventKind(row["kind"]),
                at=row["raised_at"],
                state=AlertState(row["state"]),
            )
            for row in rows
        ]

    async def events(
        self, source: UUID, commune_id: CommuneId, *, starts_at: datetime, ends_at: datetime
    ) -> list[EventMark]:
        hours = (starts_at, ends_at, MOST_MARKS)
        rows = await self._database.rows(SQL["events_beside"], source, commune_id, *hours)
        return [
            EventMark(
                id=row["id"],
                kind=EventKind(row["kind"]),
                at=row["opened_at"],
                until=row["closed_at"],
            )
            for row in rows
        ]

    async def holds(
        self, source: UUID, commune_id: CommuneId, *, starts_at: datetime, ends_at: datetime
    ) -> list[Hold]:
        """Those in force that keep something of these hours, the earliest first."""
        rows = await self._database.rows(SQL["holds_in_force"], commune_id)
        found = [
            hold
            for hold in map(read_hold, rows)
            if source in hold.sources and hold.starts_at < ends_at and hold.ends_at >= starts_at
        ]
        return sorted(found, key=lambda hold: hold.starts_at)
