"""References: the pictures that zones are compared with, asked for by people, taken by detect."""

from collections.abc import Collection
from datetime import datetime

from domain.cameras import Camera
from domain.errors import NotFound
from domain.facts import CameraChanged
from domain.identifiers import CameraId, RuleId
from domain.references import Light, Reference
from server.database.history import camera_configured
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("references")


class References:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_cameras(
        self, camera_ids: Collection[CameraId]
    ) -> dict[CameraId, tuple[Reference, ...]]:
        """Those of several cameras; one without any is left out."""
        found: dict[CameraId, tuple[Reference, ...]] = {}
        for row in await self._database.rows(SQL["of_cameras"], [*camera_ids]):
            camera_id = CameraId(row["camera_id"])
            found[camera_id] = (*found.get(camera_id, ()), _read(row))
        return found

    async def of_rule(self, camera_id: CameraId, rule_id: RuleId) -> list[Reference]:
        references = (await self.of_cameras([camera_id])).get(camera_id, ())
        return [one for one in references if one.rule_id == rule_id]

    async def ask(
        self, camera: Camera, rule_id: RuleId, light: Light, *, actor: str, at: datetime
    ) -> None:
        """Have one taken. Raises ``NotFound`` for a rule that is not this camera's."""
        async with self._database.transaction() as t:
            if await t.value(SQL["ask"], rule_id, camera.id, light.value, at) is None:
                raise NotFound("this camera has no such rule")
            data = {"reference_asked": [str(rule_id), light.value]}
            camera_configured(t, camera, actor=actor, at=at, data=data)

    async def take(self, reference: Reference) -> None:
        """Store what was taken; one that nobody asks for any more changes nothing."""
        if reference.taken_at is None:
            raise ValueError("a reference that was taken has its time")
        async with self._database.transaction() as t:
            row = await t.row(
                SQL["take"],
                reference.rule_id,
                reference.light.value,
                reference.asked_at,
                reference.picture,
                reference.taken_at,
            )
            if row is not None:
                at, camera_id = reference.taken_at, row["camera_id"]
                t.publish(CameraChanged(at=at, commune_id=row["commune_id"], camera_id=camera_id))

    async def drop(
        self, camera: Camera, rule_id: RuleId, light: Light, *, actor: str, at: datetime
    ) -> None:
        """Raises ``NotFound`` when there is none."""
        async with self._database.transaction() as t:
            if await t.value(SQL["drop"], rule_id, camera.id, light.value) is None:
                raise NotFound("this rule has no such reference")
            data = {"reference_dropped": [str(rule_id), light.value]}
            camera_configured(t, camera, actor=actor, at=at, data=data)


def _read(row: Row) -> Reference:
    return Reference(
        rule_id=row["rule_id"],
        light=Light(row["light"]),
        asked_at=row["asked_at"],
        picture=row["picture"],
        taken_at=row["taken_at"],
    )
