"""Positions: stored in batches, on a running shift only; the newest of each unit."""

from collections.abc import Sequence
from datetime import datetime

from domain.identifiers import CommuneId, UnitId
from domain.positions import Point, Position
from domain.units import Shift
from mobile_api.keys import Fix
from server.database.pool import Database, Row
from server.database.statements import load
from server.database.units import SQL as UNITS
from server.database.units import read_shift

SQL = load("positions")
LONGEST_TRACK = 20_000  # fixes: a shift of eleven hours at one every two seconds


class Positions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, fixes: Sequence[Fix], *, shift: Shift, received_at: datetime) -> None:
        """Store those that are not there yet, in one statement.

        Raises ``NotOnShift`` or ``OnBreak``, and stores nothing, when the row of ``shift`` says so
        by now: the shift can't end between the question and the storing.
        """
        async with self._database.transaction() as t:
            current = read_shift(await t.row(UNITS["shift_shared"], shift.id))
            current.check_locatable()
            for fix in fixes:
                current.check_covers(fix.position.fixed_at)
            where = (current.commune_id, current.unit_id, current.device_id, current.id)
            positions = [fix.position for fix in fixes]
            await t.execute(
                SQL["add"],
                [fix.id for fix in fixes],
                *where,
                received_at,
                [position.point.lon for position in positions],
                [position.point.lat for position in positions],
                [position.accuracy_m for position in positions],
                [position.heading_deg for position in positions],
                [position.speed_mps for position in positions],
                [position.fixed_at for position in positions],
            )

    async def latest(self, unit_id: UnitId) -> Position | None:
        """The newest fix of the running shifts of ``unit_id``."""
        row = await self._database.row(SQL["latest"], unit_id)
        return read_position(row) if row else None

    async def track(self, unit_id: UnitId, since: datetime, until: datetime) -> list[Position]:
        """Where the unit was, oldest first. Whoever shows it notes it in the register."""
        rows = await self._database.rows(SQL["track"], unit_id, since, until, LONGEST_TRACK)
        return [read_position(row) for row in rows]

    async def moved_since(
        self, received_after: datetime
    ) -> list[tuple[CommuneId, UnitId, Position]]:
        """Each unit's newest fix among those that came in after ``received_after``."""
        rows = await self._database.rows(SQL["moved_since"], received_after)
        return [(row["commune_id"], row["unit_id"], read_position(row)) for row in rows]


def read_position(row: Row) -> Position:
    return Position(
        point=Point(row["lon"], row["lat"]),
        fixed_at=row["fixed_at"],
        accuracy_m=row["accuracy_m"],
        heading_deg=row["heading_deg"],
        speed_mps=row["speed_mps"],
    )
