"""Hosts' clocks as they were last looked at, and whether they are believed."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID, uuid5

from domain.clocks import TOLERANCE, Belief, Clocks
from domain.errors import Conflict, NotFound
from domain.identifiers import CommuneId
from server.database.history import configured
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("recording_clocks")
_CLOCKS, _BELIEF = fields(Clocks), fields(Belief)[1:]


@dataclass(frozen=True, kw_only=True)
class KnownClock:
    host: str
    belief: Belief
    doubted_since: datetime | None


class RecordingClocks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def database_clock(self) -> datetime:
        said: datetime = await self._database.value(SQL["database_clock"])
        return said

    async def look(self, host: str, now: Clocks) -> Belief:
        """What is believed of a host's clock, now that it says this."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["clock_locked"], host)
            belief = _read(row).look(now) if row else Belief.begin(now)
            await _note(t, host, belief)
        return belief

    async def of(self, communes: Collection[CommuneId]) -> list[KnownClock]:
        """Of the hosts that have volumes of these communes."""
        rows = await self._database.rows(SQL["clocks"], [*communes])
        return [
            KnownClock(host=row["host"], belief=_read(row), doubted_since=row["doubted_since"])
            for row in rows
        ]

    async def confirm(
        self, host: str, *, off_s: float, commune_id: CommuneId, actor: str, at: datetime
    ) -> None:
        """A person says that a host's clock is right, knowing by how much it is in doubt.

        Raises ``NotFound``; ``Conflict`` when it is off by something else than he was shown.
        """
        async with self._database.transaction() as t:
            row = await t.row(SQL["clock_locked"], host)
            if row is None:
                raise NotFound("there is no such host")
            belief = _read(row)
            if belief.doubt is None:
                return
            if abs(belief.off.total_seconds() - off_s) > TOLERANCE.total_seconds():
                raise Conflict("the clock is off by something else now; look again")
            await _note(t, host, belief.confirm())
            configured(
                t,
                "recording-clock",
                uuid5(UUID(int=0), host),
                commune_id=commune_id,
                actor=actor,
                at=at,
                data={"host": host, "off_s": round(belief.off.total_seconds(), 3)},
            )

    async def date_back(self, volume: UUID, *, now: datetime) -> int:
        """Pictures dated in the future go as if they were taken ``now``, when that is believed."""
        async with self._database.transaction() as t:
            return await t.execute(SQL["dated_ahead"], volume, now, TOLERANCE)


async def _note(t: Transaction, host: str, belief: Belief) -> None:
    clocks = [getattr(belief.clocks, field.name) for field in _CLOCKS]
    believed = [getattr(belief, field.name) for field in _BELIEF]
    await t.execute(SQL["note_clock"], host, *clocks, *believed, belief.doubt)


def _read(row: Row) -> Belief:
    clocks = Clocks(**{field.name: row[field.name] for field in _CLOCKS})
    return Belief(clocks=clocks, **{field.name: row[field.name] for field in _BELIEF})
