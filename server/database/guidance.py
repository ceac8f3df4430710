"""Guidance: stored before it is sent, rung on the unit's phones until it has arrived."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from domain.errors import NotFound
from domain.facts import GuidanceChanged
from domain.guidance import Guidance
from domain.identifiers import DeviceId, GuidanceId, UnitId
from domain.register import Action, Entry
from server.database import history
from server.database.alert_rows import SQL as ALERTS
from server.database.columns import Clock, lon_lat, point_of, same_commune, utc_now
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("interventions")
#: Guidance is about now: what has not arrived by then helps nobody.
RINGS_FOR = timedelta(minutes=10)


class Guidances:
    def __init__(
        self, database: Database, *, clock: Clock = utc_now, rings_for: timedelta = RINGS_FOR
    ) -> None:
        self._database = database
        self._clock = clock
        self._rings_for = rings_for

    async def get(self, guidance_id: GuidanceId) -> Guidance:
        """Raises ``NotFound``."""
        return read_guidance(await self._database.row(SQL["guidance"], guidance_id))

    async def of_unit(self, unit_id: UnitId, *, since: datetime) -> Sequence[Guidance]:
        """What was sent to ``unit_id`` since then, newest first, at most 100."""
        rows = await self._database.rows(SQL["guidance_of_unit"], unit_id, since)
        return [read_guidance(row) for row in rows]

    async def add(self, guidance: Guidance, *, actor: str) -> Guidance:
        """Store it, with a message to each device on shift in the unit; the same id is once."""
        one, at = guidance, guidance.sent_at
        async with self._database.transaction() as t:
            where = (one.commune_id, one.unit_id, one.intervention_id, *lon_lat(one.point))
            what = (one.place, one.text, one.sent_by, at)
            if await t.value(SQL["add_guidance"], one.id, *where, *what) is not None:
                until = at + self._rings_for
                about = ("guidance", one.id, [one.unit_id])
                await t.execute(ALERTS["deliver"], one.commune_id, *about, at, until)
                await _noted(t, one, "sent", actor, at)
                t.enter(
                    Entry(
                        at=at,
                        actor=actor,
                        action=Action.GUIDANCE_SENT,
                        about=f"guidance:{one.id}",
                        commune_id=one.commune_id,
                        data={"unit": str(one.unit_id)},
                    )
                )
        return same_commune(await self.get(one.id), one.commune_id)

    async def change(
        self,
        guidance_id: GuidanceId,
        how: Callable[[Guidance], Guidance],
        *,
        actor: str,
        at: datetime | None = None,
        device_id: DeviceId | None = None,
    ) -> Guidance:
        """It arrived, it was read. ``device_id``: on which phone, if one said so."""
        now = at or self._clock()
        async with self._database.transaction() as t:
            before = read_guidance(await t.row(SQL["guidance_locked"], guidance_id))
            after = how(before)
            if device_id is not None:
                await t.execute(ALERTS["arrived_on"], "guidance", guidance_id, device_id, now)
            if after != before:
                await t.execute(
                    SQL["change_guidance"], guidance_id, after.arrived_at, after.read_at
                )
                what = "read" if after.read_at and not before.read_at else "arrived"
                await _noted(t, after, what, actor, now)
        return after


def read_guidance(row: Row | None) -> Guidance:
    if row is None:
        raise NotFound("there is no such guidance")
    return Guidance(
        id=row["id"],
        commune_id=row["commune_id"],
        unit_id=row["unit_id"],
        intervention_id=row["intervention_id"],
        point=point_of(row),
        place=row["place"],
        text=row["text"],
        sent_by=row["sent_by"],
        sent_at=row["sent_at"],
        arrived_at=row["arrived_at"],
        read_at=row["read_at"],
    )


async def _noted(t: Transaction, one: Guidance, what: str, actor: str, at: datetime) -> None:
    commune_id = one.commune_id
    await history.append(
        t, "guidance", one.id, what, commune_id=commune_id, actor=actor, at=at, data={}
    )
    t.publish(GuidanceChanged(at=at, commune_id=commune_id, guidance_id=one.id))
