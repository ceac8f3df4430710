"""Units with their call signs, and the shifts on which somebody is one."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from domain.errors import Conflict, NotFound
from domain.facts import UnitChanged
from domain.identifiers import CommuneId, DeviceId, ShiftId, UnitId
from domain.units import Shift, ShiftConflict, Unit, UnitKind
from server.database.columns import Clock, difference, plain, same_commune, utc_now
from server.database.history import configured
from server.database.patrol_streams import end_streams_of
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("units")


class Units:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, unit_id: UnitId) -> Unit:
        """Raises ``NotFound``."""
        return read_unit(await self._database.row(SQL["unit"], unit_id))

    async def of_communes(self, communes: Collection[CommuneId]) -> list[Unit]:
        """By call sign, those out of use last."""
        return [read_unit(row) for row in await self._database.rows(SQL["units_of"], [*communes])]

    async def of_commune(self, commune_id: CommuneId) -> Sequence[Unit]:
        """The units in use, by call sign."""
        return [
            read_unit(row) for row in await self._database.rows(SQL["units_in_use"], commune_id)
        ]

    async def add(self, unit: Unit, *, actor: str, at: datetime) -> Unit:
        """The same id again gives the stored one; raises ``Conflict`` for a call sign taken."""
        async with self._database.transaction() as t:
            values = (unit.call_sign, unit.kind.value, unit.armed, unit.disabled_at)
            if await t.value(SQL["add_unit"], unit.id, unit.commune_id, *values) is not None:
                _unit_changed(t, unit, actor, at, {"added": plain(unit)})
        return same_commune(await self.get(unit.id), unit.commune_id)

    async def change(
        self, unit_id: UnitId, how: Callable[[Unit], Unit], *, actor: str, at: datetime
    ) -> Unit:
        async with self._database.transaction() as t:
            before = read_unit(await t.row(SQL["unit_locked"], unit_id))
            after = how(before)
            if after != before:
                values = (after.call_sign, after.kind.value, after.armed, after.disabled_at)
                await t.execute(SQL["change_unit"], unit_id, *values)
                _unit_changed(t, after, actor, at, difference(before, after))
        return after


class Shifts:
    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def get(self, shift_id: ShiftId) -> Shift:
        """Raises ``NotFound``."""
        return read_shift(await self._database.row(SQL["shift"], shift_id))

    async def begin(self, shift: Shift) -> Shift:
        """Store it and tell it; the same id again gives the stored one.

        Raises ``ShiftConflict`` when the device is on another shift, ``NotFound`` for a unit that
        is not the commune's or is out of use.
        """
        async with self._database.transaction() as t:
            unit = await t.row(SQL["unit"], shift.unit_id)
            if unit is None or unit["commune_id"] != shift.commune_id or unit["disabled_at"]:
                raise NotFound("there is no such unit")
            running = await t.row(SQL["running_shift_locked"], shift.device_id)
            if running is not None and running["id"] != shift.id:
                raise ShiftConflict("this device is on another shift: end it first")
            values = (shift.commune_id, shift.unit_id, shift.device_id, shift.person_id)
            if await t.value(SQL["add_shift"], shift.id, *values, shift.started_at) is not None:
                t.publish(_unit_moved(shift, shift.started_at))
            stored = read_shift(await t.row(SQL["shift"], shift.id))
            if stored.device_id != shift.device_id:
                raise Conflict("this id is taken")
        return stored

    async def change(
        self,
        shift_id: ShiftId,
        how: Callable[[Shift], Shift],
        *,
        actor: str,
        at: datetime | None = None,
    ) -> Shift:
        """Break, resume, end. Its device's live streams end with it."""
        now = at or self._clock()
        async with self._database.transaction() as t:
            before = read_shift(await t.row(SQL["shift_locked"], shift_id))
            after = how(before)
            if after != before:
                await store_shift(t, before, after, actor=actor, at=now)
        return after


async def end_shift_of(
    t: Transaction, device_id: DeviceId, *, actor: str, at: datetime
) -> Shift | None:
    """End the shift that a device is on; give it."""
    row = await t.row(SQL["running_shift_locked"], device_id)
    if row is None:
        return None
    before = read_shift(row)
    after = before.end(at=at)
    await store_shift(t, before, after, actor=actor, at=at)
    return after


async def store_shift(
    t: Transaction, before: Shift, after: Shift, *, actor: str, at: datetime
) -> None:
    await t.execute(
        SQL["change_shift"], after.id, after.break_since, after.resumed_at, after.ended_at
    )
    t.publish(_unit_moved(after, at))
    if after.ended_at and not before.ended_at:
        await end_streams_of(t, device_id=after.device_id, actor=actor, at=at)


def read_unit(row: Row | None) -> Unit:
    if row is None:
        raise NotFound("there is no such unit")
    return Unit(
        id=row["id"],
        commune_id=row["commune_id"],
        call_sign=row["call_sign"],
        kind=UnitKind(row["kind"]),
        armed=row["armed"],
        disabled_at=row["disabled_at"],
    )


def read_shift(row: Row | None) -> Shift:
    if row is None:
        raise NotFound("there is no such shift")
    return Shift(
        id=row["id"],
        commune_id=row["commune_id"],
        unit_id=row["unit_id"],
        device_id=row["device_id"],
        person_id=row["person_id"],
        started_at=row["started_at"],
        break_since=row["break_since"],
        resumed_at=row["resumed_at"],
        ended_at=row["ended_at"],
    )


def _unit_moved(shift: Shift, at: datetime) -> UnitChanged:
    return UnitChanged(at=at, commune_id=shift.commune_id, unit_id=shift.unit_id)


def _unit_changed(
    t: Transaction, unit: Unit, actor: str, at: datetime, data: dict[str, object]
) -> None:
    configured(t, "unit", unit.id, commune_id=unit.commune_id, actor=actor, at=at, data=data)
    t.publish(UnitChanged(at=at, commune_id=unit.commune_id, unit_id=unit.id))
