"""Masks: each decision on what of a camera's picture nobody is shown, and which is in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.cameras import host_in, spellings
from domain.errors import NotFound
from domain.facts import CameraChanged, ConfigurationChanged
from domain.identifiers import CameraId, PersonId
from domain.masks import Mask, Masking, MasksChanged, check_moves
from domain.register import Action, Entry
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("masks")
MOST_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A decision, with the name of who made it."""

    masking: Masking
    by_name: str


class Masks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, camera_id: CameraId) -> list[Decided]:
        """What was decided of a camera, the newest first: that one is in force."""
        rows = await self._database.rows(SQL["decisions"], camera_id, MOST_SHOWN)
        return [Decided(masking=_read(row), by_name=row["name"]) for row in rows]

    async def of_address(self, url: str) -> tuple[Mask, ...]:
        """The masks of the cameras at this address (without user), however it is written.

        An address of no camera is given those of all at its host: another path may show the same
        picture. Of whatever commune.
        """
        rows = await self._database.rows(SQL["of_address"], spellings(url), host_in(url))
        return tuple(mask for row in rows for mask in masks_in(row["polygons"]))

    async def decide(
        self,
        camera_id: CameraId,
        masks: Sequence[Mask],
        *,
        by_camera: bool,
        after: int,
        person_id: PersonId,
        actor: str,
        at: datetime,
    ) -> Masking:
        """Decide anew. ``after``: the version that was seen; raises ``MasksChanged`` if another is
        in force, ``NotFound``, ``InvalidMask``.

        What is in force already is not decided again.
        """
        async with self._database.transaction() as t:
            camera = await t.row(SQL["camera_locked"], camera_id)
            if camera is None:
                raise NotFound("there is no such camera")
            row = await t.row(SQL["in_force"], camera_id)
            before = _read(row) if row is not None else None
            version = before.version if before is not None else 0
            if version != after:
                raise MasksChanged(f"version {version} is in force, and {after} was seen")
            decided = Masking(
                version=version + 1,
                masks=tuple(masks),
                by_camera=by_camera,
                decided_at=at,
                decided_by=person_id,
            )
            if before is not None and before.says_the_same(decided):
                return before
            check_moves(masks, moves=bool(await t.value(SQL["moves"], camera_id)))
            await t.execute(
                SQL["decide"],
                *(camera_id, decided.version, polygons_of(decided.masks), by_camera, at, person_id),
            )
            # They show what is masked now, or lack what is masked no longer.
            await t.execute(SQL["drop_references"], camera_id)
            _note(t, camera, decided, actor)
        return decided


def masks_in(polygons: Sequence[Sequence[Sequence[float]]]) -> tuple[Mask, ...]:
    return tuple(Mask.drawn(points) for points in polygons)


def polygons_of(masks: Sequence[Mask]) -> list[list[list[float]]]:
    return [[[point.x, point.y] for point in mask.points] for mask in masks]


def _read(row: Row) -> Masking:
    return Masking(
        version=row["version"],
        masks=masks_in(row["polygons"]),
        by_camera=row["by_camera"],
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
    )


def _note(t: Transaction, camera: Row, decided: Masking, actor: str) -> None:
    camera_id, commune_id, at = camera["id"], camera["commune_id"], decided.decided_at
    t.enter(
        Entry(
            at=at,
            actor=actor,
            action=Action.MASKS_DECIDED,
            about=f"camera:{camera_id}",
            commune_id=commune_id,
            data={
                "version": decided.version,
                "masks": polygons_of(decided.masks),
                "by_camera": decided.by_camera,
            },
        )
    )
    t.publish(ConfigurationChanged(at=at, commune_id=commune_id, object="camera"))
    t.publish(CameraChanged(at=at, commune_id=commune_id, camera_id=camera_id))
