"""Walls that a control room shares, and the layouts that each person keeps.

What a wall shows is a document of the pages: the server carries it, and gives no picture by it.
Who looks at a wall is asked for each picture, as everywhere.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import Conflict, NotFound
from domain.facts import WallChanged
from domain.identifiers import CommuneId, LayoutId, PersonId, WallId
from server.database.history import configured
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("walls")

#: Far more than a room has; so that a mistaken program can't fill the screens of all.
MOST_WALLS, MOST_LAYOUTS = 50, 100

type Shows = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class WallView:
    """A shared wall as it hangs, with the name of who drives it."""

    id: WallId
    commune_id: CommuneId
    name: str
    shows: Shows
    driven_by: PersonId
    driver: str
    driven_at: datetime


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A wall that a person has named."""

    id: LayoutId
    name: str
    shows: Shows
    saved_at: datetime


class Walls:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_communes(
        self, communes: Collection[CommuneId], *, wall_id: UUID | None = None
    ) -> list[WallView]:
        """By name."""
        rows = await self._database.rows(SQL["walls"], [*communes], wall_id)
        return [_read_wall(row) for row in rows]

    async def commune_of(self, wall_id: WallId) -> CommuneId:
        """Raises ``NotFound``."""
        commune = await self._database.value(SQL["commune_of_wall"], wall_id)
        if commune is None:
            raise NotFound("there is no such wall")
        return CommuneId(commune)

    async def add(
        self,
        wall_id: WallId,
        *,
        commune_id: CommuneId,
        name: str,
        shows: Shows,
        by: PersonId,
        actor: str,
        at: datetime,
    ) -> None:
        """Raises ``Conflict`` when the name is taken, or the room has more than it can hang."""
        async with self._database.transaction() as t:
            await t.value(SQL["lock_commune_of_walls"], commune_id)
            if await t.value(SQL["count_walls"], commune_id) >= MOST_WALLS:
                raise Conflict(f"a commune has at most {MOST_WALLS} walls")
            values = (commune_id, name, dict(shows), by, at)
            if await t.value(SQL["add_wall"], wall_id, *values) is None:
                raise Conflict("a wall with this id is already there")
            data: dict[str, object] = {"added": name}
            configured(t, "wall", wall_id, commune_id=commune_id, actor=actor, at=at, data=data)
            t.publish(WallChanged(at=at, commune_id=commune_id, wall_id=wall_id))

    async def drive(self, wall_id: WallId, shows: Shows, *, by: PersonId, at: datetime) -> None:
        """Let it show something else. The last one who says so drives it. Raises ``NotFound``."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["drive_wall"], wall_id, dict(shows), by, at)
            if row is None:
                raise NotFound("there is no such wall")
            t.publish(WallChanged(at=at, commune_id=row["commune_id"], wall_id=wall_id))

    async def remove(self, wall_id: WallId, *, actor: str, at: datetime) -> None:
        """Take it out of use; one that is out of use already stays so."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["remove_wall"], wall_id, at)
            if row is None:
                return
            commune_id, data = row["commune_id"], {"removed": row["name"]}
            configured(t, "wall", wall_id, commune_id=commune_id, actor=actor, at=at, data=data)
            t.publish(WallChanged(at=at, commune_id=commune_id, wall_id=wall_id))

    async def layouts(self, person_id: PersonId) -> list[Layout]:
        """By name."""
        rows = await self._database.rows(SQL["layouts"], person_id)
        return [
            Layout(id=row["id"], name=row["name"], shows=row["shows"], saved_at=row["saved_at"])
            for row in rows
        ]

    async def keep(
        self, layout_id: LayoutId, name: str, shows: Shows, *, of: PersonId, at: datetime
    ) -> None:
        """Keep one more; raises ``Conflict`` when the name is taken, or for too many."""
        async with self._database.transaction() as t:
            await t.value(SQL["lock_person"], of)
            if await t.value(SQL["count_layouts"], of) >= MOST_LAYOUTS:
                raise Conflict(f"at most {MOST_LAYOUTS} layouts are kept; drop one")
            if await t.value(SQL["add_layout"], layout_id, of, name, dict(shows), at) is None:
                raise Conflict("a layout with this id is already there")

    async def change_layout(
        self, layout_id: LayoutId, name: str, shows: Shows, *, of: PersonId, at: datetime
    ) -> None:
        """Keep this in its place; raises ``NotFound`` for another's, ``Conflict`` for its name."""
        async with self._database.transaction() as t:
            if await t.value(SQL["change_layout"], layout_id, of, name, dict(shows), at) is None:
                raise NotFound("there is no such layout")

    async def drop(self, layout_id: LayoutId, *, of: PersonId) -> None:
        """Raises ``NotFound`` for another's, or one that is gone."""
        async with self._database.transaction() as t:
            if await t.value(SQL["drop_layout"], layout_id, of) is None:
                raise NotFound("there is no such layout")


def _read_wall(row: Row) -> WallView:
    return WallView(
        id=row["id"],
        commune_id=row["commune_id"],
        name=row["name"],
        shows=row["shows"],
        driven_by=row["driven_by"],
        driver=row["driver"],
        driven_at=row["driven_at"],
    )
