"""Events: what a watch saw, stored with its still, under the authorisation that allowed it."""

from datetime import datetime

from domain import watching
from domain.events import Event, EventKind
from domain.identifiers import CameraId, CommuneId, StillId
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("events")

MOST_SHOWN = 500


class Events:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_camera(
        self, camera_id: CameraId, *, starts_at: datetime, ends_at: datetime
    ) -> list[Row]:
        """What its rules found in some hours, in order, each with its alert's state."""
        return await self._database.rows(
            SQL["of_camera"], camera_id, starts_at, ends_at, MOST_SHOWN
        )


async def store_event(
    t: Transaction, event: watching.EventOpened, *, commune_id: CommuneId, still_id: StillId
) -> bool:
    """Store it; False when it is already there. The surest of what shows it stands for all."""
    surest = max(event.shown, key=lambda one: one.confidence or 0.0, default=None)
    box = surest.box if surest else None
    added = await t.value(
        SQL["add"],
        event.event_id,
        commune_id,
        event.camera_id,
        event.kind.value,
        event.opened_at,
        event.authorisation_id,
        event.rule_id,
        still_id,
        [box.left, box.top, box.right, box.bottom] if box else None,
        surest.confidence if surest else None,
    )
    return added is not None


def read_event(row: Row) -> Event:
    box = row["box"]
    return Event(
        id=row["id"],
        commune_id=row["commune_id"],
        camera_id=row["camera_id"],
        sensor_id=row["sensor_id"],
        kind=EventKind(row["kind"]),
        opened_at=row["opened_at"],
        authorisation_id=row["authorisation_id"],
        rule_id=row["rule_id"],
        still_id=row["still_id"],
        box=tuple(box) if box else None,
        confidence=row["confidence"],
        closed_at=row["closed_at"],
    )
