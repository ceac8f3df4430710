"""Who moves a camera: the lock, its row in the register, and what screens are told of it."""

from datetime import datetime, timedelta

from domain import ptz
from domain.cameras import Camera
from domain.facts import CameraTaken
from domain.identifiers import PersonId
from domain.register import Action, Entry
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("ptz")
#: While a movement lasts, its time is written this seldom.
NOTED_EVERY = timedelta(seconds=4)


class PtzLocks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def use(
        self,
        camera: Camera,
        *,
        by: PersonId,
        rank: int,
        actor: str,
        at: datetime,
        over: bool = False,
    ) -> None:
        """Move the camera from now on, or still; raises ``HeldByAnother``.

        Most movements are of who holds it already: those read one row.
        """
        row = await self._database.row(SQL["lock_of"], camera.id)
        if row is not None and _is_fresh(read_lock(row), by, at):
            return
        async with self._database.transaction() as t:
            await t.value(SQL["one_mover_at_a_time"], camera.id)
            row = await t.row(SQL["lock_of"], camera.id)
            before = read_lock(row) if row is not None else None
            after = ptz.use(before, camera_id=camera.id, person_id=by, rank=rank, at=at, over=over)
            values = after.person_id, after.rank, after.taken_at, after.used_at
            await t.execute(SQL["put_lock"], camera.id, *values)
            if after.taken_at == at:
                held = before is not None and before.is_held(at) and before.person_id != by
                t.enter(
                    Entry(
                        at=at,
                        actor=actor,
                        action=Action.CAMERA_TAKEN,
                        about=f"camera:{camera.id}",
                        commune_id=camera.commune_id,
                        data={"from": str(before.person_id)} if before and held else {},
                    )
                )
            t.publish(CameraTaken(at=at, commune_id=camera.commune_id, camera_id=camera.id))

    async def let_go(self, camera: Camera, *, by: PersonId, at: datetime) -> None:
        """One that he does not hold stays with who does."""
        async with self._database.transaction() as t:
            if await t.value(SQL["let_go"], camera.id, by) is not None:
                t.publish(CameraTaken(at=at, commune_id=camera.commune_id, camera_id=camera.id))


def _is_fresh(lock: ptz.Lock, by: PersonId, at: datetime) -> bool:
    return lock.person_id == by and lock.is_held(at) and at - lock.used_at < NOTED_EVERY


def read_lock(row: Row) -> ptz.Lock:
    return ptz.Lock(
        camera_id=row["camera_id"],
        person_id=row["person_id"],
        rank=row["rank"],
        taken_at=row["taken_at"],
        used_at=row["used_at"],
    )
