"""Presence: which processes are there, how they do, and which media process has which stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain.facts import MediaStarted
from domain.identifiers import CameraId, StreamId
from server.database.columns import Clock, utc_now
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("presence")
#: A process says that it is there every 2 s; after three missed times it is taken for gone.
GONE_AFTER = timedelta(seconds=6)
STREAM_TTL = timedelta(seconds=15)  # the media process renews it from the first picture on

type Role = Literal["control", "media", "detect"]


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process of this installation, as it last said of itself."""

    holder: str
    role: Role
    url: str
    tap_path: str
    public_url: str
    """Where phones and browsers are sent, as in "https://media2.example:8444"; "": nowhere."""
    started_at: datetime
    seen_at: datetime
    clock_offset_ms: float | None
    health: Mapping[str, object]


class Processes:
    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def here(
        self,
        holder: str,
        role: Role,
        url: str = "",
        tap_path: str = "",
        *,
        at: datetime,
        public_url: str = "",
        health: Mapping[str, object] | None = None,
        clock_offset_ms: float | None = None,
    ) -> None:
        """Say at start that it is there; who watched through a media process asks anew."""
        async with self._database.transaction() as t:
            said = (clock_offset_ms, dict(health or {}))
            await t.execute(SQL["here"], holder, role, url, tap_path, at, *said, public_url)
            if role == "media":
                t.publish(MediaStarted(at=at, commune_id=None, holder=holder))

    async def seen(
        self,
        holder: str,
        at: datetime,
        *,
        health: Mapping[str, object] | None = None,
        clock_offset_ms: float | None = None,
    ) -> bool:
        """Say that it still is; False when its row is gone: say ``here`` again."""
        async with self._database.transaction() as t:
            said = (clock_offset_ms, dict(health) if health is not None else None)
            return await t.value(SQL["seen"], holder, at, *said) is not None

    async def gone(self, holder: str) -> None:
        """It ends in good order."""
        async with self._database.transaction() as t:
            await t.execute(SQL["gone"], holder)

    async def all(self) -> list[Process]:
        """All that were heard and did not end in good order, by role."""
        return [_read_process(row) for row in await self._database.rows(SQL["all"])]

    async def labels(self) -> frozenset[str]:
        """What the models know that the operator has supplied, of the detect processes there."""
        found: set[str] = set()
        for process in await self.all():
            said = process.health.get("labels")
            if process.role == "detect" and self.is_there(process) and isinstance(said, list):
                found.update(str(label) for label in said)
        return frozenset(found)

    async def media(self) -> list[Process]:
        """The media processes that are there now, the one with the least to do first."""
        since = self._clock() - GONE_AFTER
        return [_read_process(row) for row in await self._database.rows(SQL["media"], since)]

    async def media_of_camera(self, camera_id: CameraId) -> Process | None:
        """The media process that runs a camera."""
        return await self._holding(f"camera:{camera_id}")

    async def media_of_stream(self, stream_id: StreamId) -> Process | None:
        """The media process that a patrol's stream was placed with."""
        return await self._holding(f"stream:{stream_id}")

    async def place_stream(self, stream_id: StreamId, holder: str) -> bool:
        """Place a patrol's stream with ``holder``; False while one that is there holds it."""
        since = self._clock() - GONE_AFTER
        async with self._database.transaction() as t:
            placing = (f"stream:{stream_id}", holder, STREAM_TTL, since)
            return await t.value(SQL["place_stream"], *placing) is not None

    def is_there(self, process: Process) -> bool:
        """Whether it was heard lately enough to be asked something."""
        return process.seen_at > self._clock() - GONE_AFTER

    async def _holding(self, name: str) -> Process | None:
        row = await self._database.row(SQL["holding"], name)
        return _read_process(row) if row else None


def _read_process(row: Row) -> Process:
    return Process(
        holder=row["holder"],
        role=row["role"],
        url=row["url"],
        tap_path=row["tap_path"],
        public_url=row["public_url"],
        started_at=row["started_at"],
        seen_at=row["seen_at"],
        clock_offset_ms=row["clock_offset_ms"],
        health=row["health"],
    )
