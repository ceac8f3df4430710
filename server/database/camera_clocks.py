"""What was last read of cameras' clocks."""

from dataclasses import dataclass
from datetime import timedelta

from domain.camera_clocks import CameraClock
from domain.identifiers import CameraId
from domain.onvif import ClockOffset
from server.database.cameras import open_credentials
from server.database.pool import Database, Row
from server.database.statements import load
from server.secrets import Vault

SQL = load("camera_clocks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A camera whose clock can be asked for; ``clock`` None: it never was."""

    camera_id: CameraId
    address: str
    username: str | None
    password: str | None
    clock: CameraClock | None


class CameraClocks:
    def __init__(self, database: Database, *, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def of_holder(self, holder: str) -> list[Timed]:
        """Those that a process runs, the one that was read longest ago first."""
        return [self._timed(row) for row in await self._database.rows(SQL["of_holder"], holder)]

    async def put(self, camera_id: CameraId, clock: CameraClock) -> None:
        offset = clock.offset
        values = (offset.least, offset.most, clock.read_at, clock.wrong_since, clock.drift_a_day)
        async with self._database.transaction() as t:
            await t.execute(SQL["put"], camera_id, *values)

    def _timed(self, row: Row) -> Timed:
        camera_id = CameraId(row["camera_id"])
        username, password = open_credentials(self._vault, camera_id, row["credentials"])
        return Timed(
            camera_id=camera_id,
            address=row["address"],
            username=username,
            password=password,
            clock=clock_in(row) if row["read_at"] is not None else None,
        )


def clock_in(row: Row) -> CameraClock:
    drift: timedelta | None = row["drift_a_day"]
    offset = ClockOffset(row["least"], row["most"])
    return CameraClock(offset, row["read_at"], row["wrong_since"], drift)
