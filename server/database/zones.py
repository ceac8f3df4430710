"""Zones: what is drawn on a camera's picture, put as a whole."""

from collections.abc import Collection, Sequence
from datetime import datetime

from domain.errors import Conflict, NotFound
from domain.facts import CameraChanged
from domain.identifiers import CameraId
from domain.zones import Zone
from server.database.columns import plain
from server.database.history import configured
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("cameras")


class Zones:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, camera_id: CameraId) -> list[Zone]:
        """In the order in which they were drawn."""
        return (await self.of_cameras([camera_id])).get(camera_id, [])

    async def of_cameras(self, camera_ids: Collection[CameraId]) -> dict[CameraId, list[Zone]]:
        """The zones of several cameras; one without a zone is left out."""
        found: dict[CameraId, list[Zone]] = {}
        for row in await self._database.rows(SQL["zones"], [*camera_ids]):
            found.setdefault(row["camera_id"], []).append(_read_zone(row))
        return found

    async def put(
        self, camera_id: CameraId, zones: Sequence[Zone], *, actor: str, at: datetime
    ) -> list[Zone]:
        """Put ``zones`` in place of what was drawn. Raises ``NotFound``, ``Conflict``."""
        async with self._database.transaction() as t:
            camera = await t.row(SQL["camera_locked"], camera_id)
            if camera is None:
                raise NotFound("there is no such camera")
            before = [_read_zone(row) for row in await t.rows(SQL["zones"], [camera_id])]
            if before == list(zones):
                return before
            commune_id = camera["commune_id"]
            await t.rows(SQL["drop_zones"], camera_id, [zone.id for zone in zones])
            for zone in zones:
                points = [[point.x, point.y] for point in zone.points]
                where = (commune_id, camera_id, zone.name, points, at)
                if await t.value(SQL["put_zone"], zone.id, *where) is None:
                    raise Conflict("this zone's id is another camera's")
            data = {"zones": [plain(before), plain(zones)]}
            configured(t, "camera", camera_id, commune_id=commune_id, actor=actor, at=at, data=data)
            t.publish(CameraChanged(at=at, commune_id=commune_id, camera_id=camera_id))
        return await self.of(camera_id)


def _read_zone(row: Row) -> Zone:
    return Zone.drawn(row["id"], row["name"], row["polygon"])
