"""Lists of cameras: judged against what is there, taken in whole, taken back, taken out."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid4

from domain.camera_lists import Judged, KnownCamera, Line, Proposed, Verdict, judge
from domain.cameras import Camera, SourceKind
from domain.errors import Conflict, NotFound
from domain.identifiers import CameraId, CommuneId, OrderId, StreamId
from domain.positions import Point
from server.database.cameras import SQL as CAMERAS
from server.database.cameras import camera_columns, split_url
from server.database.footings import note_footing
from server.database.history import configured
from server.database.pool import Database, Row, Transaction
from server.database.statements import load
from server.secrets import Vault

SQL = load("camera_imports")

type Describe = Callable[[Point], str]


class ImportRecorded(Conflict):
    code: ClassVar[str] = "import-recorded"
    title: ClassVar[str] = "Something was recorded from these cameras"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    id: UUID
    imported_by: str
    imported_at: datetime
    cameras: int
    undone_at: datetime | None
    recorded: bool


@dataclass(frozen=True, slots=True)
class Undone:
    """``removed``: as if they had never been; ``retired``: out of use, for they have a history."""

    removed: int
    retired: int


class CameraImports:
    def __init__(self, database: Database, *, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def preview(
        self, commune_id: CommuneId, lines: Sequence[Line], *, usual_order: OrderId | None
    ) -> list[Judged]:
        """Say what would become of each line. Nothing changes."""
        known = await self._database.rows(SQL["known_cameras"], commune_id)
        orders = await self._database.rows(CAMERAS["orders_of"], [commune_id])
        return await _judged(lines, known, orders, usual_order)

    async def take_in(
        self,
        commune_id: CommuneId,
        lines: Sequence[Line],
        *,
        usual_order: OrderId | None,
        describe: Describe,
        actor: str,
        at: datetime,
    ) -> tuple[UUID | None, list[Judged]]:
        """Add what is new, all at once; give the import's id, None when nothing was new."""
        async with self._database.transaction() as t:
            await t.value(SQL["one_import_at_a_time"], commune_id)
            known = await t.rows(SQL["known_cameras"], commune_id)
            orders = await t.rows(CAMERAS["orders_of"], [commune_id])
            judged = await _judged(lines, known, orders, usual_order)
            new = [one.proposed for one in judged if one.proposed is not None]
            if not new:
                return None, judged
            import_id, ids = uuid4(), []
            for proposed in new:
                camera = _camera(commune_id, proposed)
                place = proposed.place or describe(proposed.point)
                await self._add(t, camera, proposed, place, at)
                ids.append(camera.id)
            await t.execute(SQL["add_import"], import_id, commune_id, actor, at, ids)
            configured(
                t,
                "camera-import",
                import_id,
                commune_id=commune_id,
                actor=actor,
                at=at,
                data={"added": [one.number for one in new]},
            )
        return import_id, judged

    async def undo(
        self, commune_id: CommuneId, import_id: UUID, *, actor: str, at: datetime
    ) -> Undone:
        """Take a list back; once is enough. Raises ``ImportRecorded``, ``NotFound``."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["import_locked"], import_id, commune_id)
            if row is None:
                raise NotFound("there is no such import")
            if row["undone_at"] is not None:
                return Undone(0, 0)
            ids = row["camera_ids"]
            if await t.value(SQL["recorded_from"], ids):
                raise ImportRecorded("take single cameras out of use instead")
            await t.execute(SQL["forget_states"], ids)
            removed = len(await t.rows(SQL["forget_cameras"], ids))
            retired = len(await t.rows(SQL["retire_cameras"], ids, at))
            await t.execute(SQL["undone"], import_id, at)
            configured(
                t,
                "camera-import",
                import_id,
                commune_id=commune_id,
                actor=actor,
                at=at,
                data={"removed": removed, "retired": retired},
            )
        return Undone(removed, retired)

    async def of_commune(self, commune_id: CommuneId) -> list[ImportView]:
        """The newest first."""
        return [
            ImportView(
                id=row["id"],
                imported_by=row["person_name"] or row["imported_by"],
                imported_at=row["imported_at"],
                cameras=len(row["camera_ids"]),
                undone_at=row["undone_at"],
                recorded=row["recorded"],
            )
            for row in await self._database.rows(SQL["imports"], commune_id)
        ]

    async def listed(self, commune_id: CommuneId) -> list[Mapping[str, object]]:
        """The cameras in use, by the columns of a list; without users and passwords."""
        rows = await self._database.rows(SQL["listed_cameras"], commune_id)
        return [dict(row) for row in rows]

    async def _add(
        self, t: Transaction, camera: Camera, proposed: Proposed, place: str, at: datetime
    ) -> None:
        main, written = split_url(proposed.main_url, SourceKind.RTSP)
        sub = split_url(proposed.sub_url, SourceKind.RTSP)[0] if proposed.sub_url else None
        said = (proposed.username, proposed.password or "") if proposed.username else written
        about = f"camera:{camera.id}"
        sealed = self._vault.seal(json.dumps(said), about=about) if said is not None else None
        values = (camera.commune_id, *camera_columns(camera), place, main, sub, sealed, at)
        await t.value(CAMERAS["add"], camera.id, *values)
        await note_footing(t, camera, at=at)


async def _judged(
    lines: Sequence[Line],
    known: Sequence[Row],
    orders: Sequence[Row],
    usual_order: OrderId | None,
) -> list[Judged]:
    numbers = {row["number"]: OrderId(row["id"]) for row in orders}
    if usual_order is not None and usual_order not in numbers.values():
        raise NotFound("there is no such order")
    there = [KnownCamera(row["number"], row["main_url"]) for row in known]
    # 5,000 lines take some tenths of a second: beside the loop.
    return await asyncio.to_thread(
        judge, lines, known=there, orders=numbers, usual_order=usual_order
    )


def _camera(commune_id: CommuneId, proposed: Proposed) -> Camera:
    return Camera(
        id=CameraId(uuid4()),
        commune_id=commune_id,
        number=proposed.number,
        name=proposed.name,
        source=SourceKind.RTSP,
        point=proposed.point,
        bearing_deg=proposed.bearing_deg,
        field_of_view_deg=proposed.field_of_view_deg,
        range_m=proposed.range_m,
        place_kind=proposed.place_kind,
        main_stream_id=StreamId(uuid4()),
        sub_stream_id=StreamId(uuid4()) if proposed.sub_url else None,
        order_id=proposed.order_id,
    )


def counted(judged: Sequence[Judged]) -> dict[Verdict, int]:
    return {verdict: sum(one.verdict is verdict for one in judged) for verdict in Verdict}
