"""Guard tours of ours, and where cameras that move look now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.cameras import Camera
from domain.errors import NotFound
from domain.facts import CameraChanged
from domain.identifiers import CameraId
from domain.ptz import Lock, Looking, Seen, Whereabouts
from domain.register import Action, Entry
from domain.tours import Stop, Tour
from server.database.cameras import open_credentials
from server.database.history import camera_configured
from server.database.pool import Database, Row
from server.database.ptz import read_lock
from server.database.statements import load
from server.secrets import Vault

SQL = load("tours")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mobile:
    """A camera that moves, as the process that runs it has to know it."""

    camera_id: CameraId
    address: str
    profile: str
    username: str | None
    password: str | None
    tour: Tour | None
    lock: Lock | None


class Tours:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, camera_id: CameraId) -> Tour | None:
        row = await self._database.row(SQL["tour"], camera_id)
        return _read(row) if row is not None else None

    async def keep(self, camera: Camera, tour: Tour | None, *, actor: str, at: datetime) -> None:
        """None: the camera has none any more."""
        stops = [_said(stop) for stop in tour.stops] if tour is not None else None
        async with self._database.transaction() as t:
            if stops is not None:
                await t.execute(SQL["keep"], camera.id, stops)
            elif await t.value(SQL["drop"], camera.id) is None:
                return
            camera_configured(t, camera, actor=actor, at=at, data={"tour": stops})

    async def run(self, camera: Camera, running: bool, *, actor: str, at: datetime) -> None:
        """Start it, or stop it; as it was already: nothing. Raises ``NotFound`` without one."""
        if await self.of(camera.id) is None:
            raise NotFound("this camera has no guard tour of ours")
        async with self._database.transaction() as t:
            if await t.value(SQL["run"], camera.id, at if running else None) is None:
                return
            t.enter(
                Entry(
                    at=at,
                    actor=actor,
                    action=Action.TOUR_STARTED if running else Action.TOUR_STOPPED,
                    about=f"camera:{camera.id}",
                    commune_id=camera.commune_id,
                    data={},
                )
            )
            t.publish(CameraChanged(at=at, commune_id=camera.commune_id, camera_id=camera.id))


class Whereabout:
    """Where each camera that moves looks: written by who runs it, read by whom it matters to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, camera_id: CameraId, *, now: datetime) -> Seen | None:
        """As it may be relied on now; None: it was never asked."""
        row = await self._database.row(SQL["seen"], camera_id)
        return _seen(row).at(now) if row is not None else None

    async def at_presets(self) -> dict[CameraId, Seen]:
        """Those that looked at a preset when they were last asked, however long ago."""
        rows = await self._database.rows(SQL["at_presets"])
        return {CameraId(row["camera_id"]): _seen(row) for row in rows}

    async def looked(self, camera_id: CameraId, where: Whereabouts, *, at: datetime) -> Seen:
        """What a camera said ``at`` a time; give it with how long that has been so."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["seen"], camera_id)
            seen = _seen(row).looked(where, at) if row is not None else Seen(where, at, at)
            values = (seen.where.looking.value, seen.where.preset, seen.since, seen.seen_at)
            await t.execute(SQL["look"], camera_id, *values)
        return seen


class Mobiles:
    """The cameras that move and that one process runs."""

    def __init__(self, database: Database, *, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def of_holder(self, holder: str) -> list[Mobile]:
        return [self._mobile(row) for row in await self._database.rows(SQL["moved_by"], holder)]

    def _mobile(self, row: Row) -> Mobile:
        camera_id = CameraId(row["camera_id"])
        username, password = open_credentials(self._vault, camera_id, row["credentials"])
        return Mobile(
            camera_id=camera_id,
            address=row["address"],
            profile=row["profile"],
            username=username,
            password=password,
            tour=_read(row) if row["stops"] is not None else None,
            lock=read_lock(row) if row["person_id"] is not None else None,
        )


def _said(stop: Stop) -> dict[str, object]:
    dwell_s = stop.dwell / timedelta(seconds=1)
    return {"preset": stop.preset, "name": stop.name, "dwell_s": dwell_s}


def _stop(said: Mapping[str, Any]) -> Stop:
    dwell = timedelta(seconds=said["dwell_s"])
    return Stop(preset=said["preset"], name=said["name"], dwell=dwell)


def _read(row: Row) -> Tour:
    return Tour(
        camera_id=CameraId(row["camera_id"]),
        stops=tuple(_stop(one) for one in row["stops"]),
        running_since=row["running_since"],
    )


def _seen(row: Row) -> Seen:
    where = Whereabouts(Looking(row["looking"]), row["preset"])
    return Seen(where, row["since"], row["seen_at"])
