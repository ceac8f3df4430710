"""Interventions: who goes, and what each unit on it is doing, each with its time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.alerts import Alert
from domain.errors import Conflict, NotFound
from domain.events import EventKind
from domain.facts import InterventionChanged, UnitChanged
from domain.identifiers import AlertId, InterventionId, UnitId
from domain.interventions import Assignment, Intervention
from server.database import history
from server.database.alert_rows import resolve
from server.database.columns import (
    Clock,
    difference,
    lon_lat,
    plain,
    point_of,
    same_commune,
    utc_now,
)
from server.database.patrol_streams import end_streams_of
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("interventions")


class Interventions:
    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def get(self, intervention_id: InterventionId) -> Intervention:
        """Raises ``NotFound``."""
        return read_intervention(await self._database.row(SQL["intervention"], intervention_id))

    async def of_alert(self, alert_id: AlertId) -> Intervention | None:
        row = await self._database.row(SQL["of_alert"], alert_id)
        return read_intervention(row) if row else None

    async def current_of(self, unit_id: UnitId) -> Intervention | None:
        """The open intervention that ``unit_id`` is on, the latest assigned one."""
        row = await self._database.row(SQL["current_of"], unit_id)
        return read_intervention(row) if row else None

    async def add(self, intervention: Intervention, *, actor: str) -> Intervention:
        """Store one with its assignments; the same id again gives the stored one."""
        async with self._database.transaction() as t:
            await add_intervention(t, intervention, actor=actor, at=intervention.created_at)
        return same_commune(await self.get(intervention.id), intervention.commune_id)

    async def change(
        self,
        intervention_id: InterventionId,
        how: Callable[[Intervention], Intervention],
        *,
        actor: str,
        at: datetime | None = None,
    ) -> Intervention:
        """Hold the row, apply the domain's function, store what follows.

        Closing ends the live streams of the intervention (CSI R.241-11) and resolves its alert.
        Raises ``NotFound`` also for a unit that is not the commune's.
        """
        now = at or self._clock()
        async with self._database.transaction() as t:
            alert_id = await t.value(SQL["alert_of"], intervention_id)
            if alert_id is not None:
                await t.value(SQL["lock_alert"], alert_id)
            await t.value(SQL["lock"], intervention_id)
            before = read_intervention(await t.row(SQL["intervention"], intervention_id))
            after = how(before)
            if after != before:
                await _store(t, before, after, actor, now)
                if after.closed_at and not before.closed_at:
                    await self._closed(t, after, actor, now)
        return after

    async def _closed(
        self, t: Transaction, intervention: Intervention, actor: str, at: datetime
    ) -> None:
        await end_streams_of(t, intervention_id=intervention.id, actor=actor, at=at)
        if intervention.alert_id is not None:
            await resolve(t, intervention.alert_id, actor=actor, at=at)


async def join_alert(
    t: Transaction,
    alert: Alert,
    unit_id: UnitId,
    *,
    intervention_id: InterventionId,
    actor: str,
    at: datetime,
) -> Intervention:
    """Open the intervention of ``alert``, or take the one it has, with the unit assigned to it.

    The caller holds the alert's row.
    """
    row = await t.row(SQL["of_alert"], alert.id)
    if row is None:
        new = Intervention(
            id=intervention_id,
            commune_id=alert.commune_id,
            kind=alert.kind,
            place=alert.place,
            point=alert.point,
            created_at=at,
            alert_id=alert.id,
        ).assign(unit_id, at=at)
        if not await add_intervention(t, new, actor=actor, at=at):
            raise Conflict("this id is another intervention's")
        return new
    await t.value(SQL["lock"], row["id"])
    before = read_intervention(await t.row(SQL["intervention"], row["id"]))
    after = before if before.closed_at else before.assign(unit_id, at=at)
    if after != before:
        await _store(t, before, after, actor, at)
    return after


async def add_intervention(
    t: Transaction, intervention: Intervention, *, actor: str, at: datetime
) -> bool:
    """Store it; False when its id is there already, and nothing was done."""
    one = intervention
    what = (one.commune_id, one.alert_id, one.kind.value, *lon_lat(one.point), one.place)
    if await t.value(SQL["add"], one.id, *what, one.created_at, one.created_by) is None:
        return False
    await _put_assignments(t, one, one.assignments)
    commune_id, data = one.commune_id, {"units": plain([a.unit_id for a in one.assignments])}
    await history.append(
        t, "intervention", one.id, "created", commune_id=commune_id, actor=actor, at=at, data=data
    )
    _told(t, one, [a.unit_id for a in one.assignments], at)
    return True


def read_intervention(row: Row | None) -> Intervention:
    if row is None:
        raise NotFound("there is no such intervention")
    return Intervention(
        id=row["id"],
        commune_id=row["commune_id"],
        kind=EventKind(row["kind"]),
        place=row["place"],
        point=point_of(row),
        created_at=row["created_at"],
        alert_id=row["alert_id"],
        created_by=row["created_by"],
        assignments=tuple(_assignment_in(one) for one in row["assignments"]),
        closed_at=row["closed_at"],
        closed_by=row["closed_by"],
        report=row["report"],
    )


def _assignment_in(document: Mapping[str, Any]) -> Assignment:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(document[name]) if document[name] else None

    return Assignment(
        unit_id=UnitId(UUID(document["unit_id"])),
        assigned_at=datetime.fromisoformat(document["assigned_at"]),
        en_route_at=moment("en_route_at"),
        on_scene_at=moment("on_scene_at"),
        cleared_at=moment("cleared_at"),
        by_radio=document["by_radio"],
    )


async def _store(
    t: Transaction, before: Intervention, after: Intervention, actor: str, at: datetime
) -> None:
    await t.execute(SQL["change"], after.id, after.closed_at, after.closed_by, after.report)
    changed = [one for one in after.assignments if one not in before.assignments]
    await _put_assignments(t, after, changed)
    what = "closed" if after.closed_at and not before.closed_at else "changed"
    data = difference(before, after)
    if "assignments" in data:
        data["assignments"] = plain(changed)
    await history.append(
        t,
        "intervention",
        after.id,
        what,
        commune_id=after.commune_id,
        actor=actor,
        at=at,
        data=data,
    )
    _told(t, after, [one.unit_id for one in changed], at)


async def _put_assignments(
    t: Transaction, intervention: Intervention, assignments: Sequence[Assignment]
) -> None:
    units = [one.unit_id for one in assignments]
    if units and await t.value(SQL["units_of_commune"], units, intervention.commune_id) != len(
        units
    ):
        raise NotFound("there is no such unit")
    for one in assignments:
        times = (one.assigned_at, one.en_route_at, one.on_scene_at, one.cleared_at)
        await t.execute(SQL["put_assignment"], intervention.id, one.unit_id, *times, one.by_radio)


def _told(t: Transaction, one: Intervention, units: list[UnitId], at: datetime) -> None:
    t.publish(InterventionChanged(at=at, commune_id=one.commune_id, intervention_id=one.id))
    for unit in units:
        t.publish(UnitChanged(at=at, commune_id=one.commune_id, unit_id=unit))
