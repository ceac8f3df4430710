"""Destroys recordings at their hour, makes room when a disk fills, signs what was destroyed.

The index says what must go, the file goes, the index is told: whatever is cut short is done again.
What can't be destroyed is an alarm: the longest month of a commune is the law's, not the disk's.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Gauge

from domain.errors import DomainError
from domain.identifiers import CommuneId, SegmentId
from domain.receipts import Why
from server.database.recordings import Doomed, Recordings, SeenVolume
from server.recordings.volume import Volume

logger = logging.getLogger(__name__)

EVERY_S = 60.0
TROUBLE_PURGE = "purge"
"""What is past its hour is still there: the disk or the database does not let it go."""


class KeeperMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.overdue = Gauge(
            "ilotier_recordings_overdue",
            "Segments past their hour that are still there, held ones not counted.",
            registry=registry,
        )
        self.failing = Gauge(
            "ilotier_recordings_purge_failing",
            "1 while recordings that must go can't be destroyed.",
            registry=registry,
        )
        self.free = Gauge(
            "ilotier_recordings_free_bytes", "Free on a volume.", ["commune"], registry=registry
        )
        self.full_at = Gauge(
            "ilotier_recordings_full_at_seconds",
            "When a volume will be full, Unix time; 0: old pictures go in time.",
            ["commune"],
            registry=registry,
        )
        self.destroyed = Counter(
            "ilotier_recordings_destroyed", "Segments destroyed.", ["why"], registry=registry
        )


@dataclass(frozen=True, kw_only=True)
class KeeperOptions:
    """``trouble``: what keeps a commune's volume from being recorded on, "" when nothing does."""

    holder: str
    reserve_bytes: int
    sign: Callable[[bytes], bytes]
    clock: Callable[[], datetime]
    trouble: Callable[[CommuneId], str] = lambda commune_id: ""


class Keeper:
    """Looks after all volumes of this host; of several processes one does, for each volume."""

    def __init__(
        self,
        recordings: Recordings,
        *,
        folder: Path,
        metrics: KeeperMetrics,
        options: KeeperOptions,
    ) -> None:
        self._recordings, self._folder = recordings, folder
        self._metrics, self._options = metrics, options
        self._overdue: dict[UUID, int] = {}
        self._failing: set[str] = set()

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Do once for each volume what is due. What fails is an alarm, and tried again."""
        for name in await asyncio.to_thread(self._names):
            try:
                await self._keep(name)
                self._failing.discard(name)
            except (OSError, DomainError) as error:
                if name not in self._failing:
                    logger.error("recordings of volume %s can't be destroyed: %s", name, error)
                self._failing.add(name)
        self._metrics.failing.set(bool(self._failing))
        self._metrics.overdue.set(sum(self._overdue.values()))

    def _names(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        found = []
        for one in self._folder.iterdir():
            with suppress(ValueError):
                found.append(str(UUID(one.name)))
        return found

    async def _keep(self, name: str) -> None:
        volume = await asyncio.to_thread(Volume, self._folder / name)
        with ExitStack() as stack:
            if not await asyncio.to_thread(stack.enter_context, volume.alone()):
                return
            failure: OSError | None = None
            try:
                await self._destroy_due(volume)
                await self._make_room(volume)
            except OSError as error:
                failure = error
            await self._recordings.sign_receipts(
                volume.id, volume.commune_id, sign=self._options.sign, now=self._options.clock()
            )
            await self._note(volume, failure)
        if failure is not None:
            raise failure

    async def _destroy_due(self, volume: Volume) -> None:
        index, now = self._recordings, self._options.clock()
        await self._destroy(volume)  # what was decided before, and cut short
        while await index.doom_due(volume.id, volume.commune_id, now=now):
            await self._destroy(volume)

    async def _make_room(self, volume: Volume) -> None:
        """Below the reserve the oldest goes before its hour, and never what is held."""
        room = await asyncio.to_thread(volume.room)
        wanted = self._options.reserve_bytes - room.free
        if wanted <= 0:
            return
        gone = await self._recordings.doom_oldest(
            volume.id, volume.commune_id, bytes_wanted=wanted, now=self._options.clock()
        )
        logger.error(
            "volume %s is full: %d of the oldest recordings go before their hour",
            volume.root.name,
            len(gone),
        )
        await self._destroy(volume)

    async def _destroy(self, volume: Volume) -> None:
        """Destroy what is decided. Raises `OSError` after all were tried."""
        failure: OSError | None = None
        while doomed := await self._recordings.doomed(volume.id):
            gone, error = await asyncio.to_thread(_remove, volume, doomed)
            failure = failure or error
            for why, ids in gone.items():
                await self._recordings.destroyed(ids, why=why, at=self._options.clock())
                self._metrics.destroyed.labels(why.value).inc(len(ids))
            if failure is not None:
                raise failure

    async def _note(self, volume: Volume, failure: OSError | None) -> None:
        now, options = self._options.clock(), self._options
        room = await asyncio.to_thread(volume.room)
        count, since = await self._recordings.overdue(volume.id, now=now)
        full_at = await self._recordings.full_at(
            volume.id, volume.commune_id, bytes_free=room.free - options.reserve_bytes, now=now
        )
        if count:
            logger.error("%d recordings are past their hour, the first since %s", count, since)
        self._overdue[volume.id] = count
        labels = volume.root.name
        self._metrics.free.labels(labels).set(room.free)
        self._metrics.full_at.labels(labels).set(full_at.timestamp() if full_at else 0)
        trouble = TROUBLE_PURGE if count or failure else options.trouble(volume.commune_id)
        seen = SeenVolume(
            id=volume.id,
            commune_id=volume.commune_id,
            holder=options.holder,
            bytes_free=room.free,
            bytes_total=room.total,
            full_at=full_at,
            trouble=trouble,
            overdue=count,
        )
        await self._recordings.note_volume(seen, at=now)


def _remove(
    volume: Volume, doomed: list[Doomed]
) -> tuple[Mapping[Why, list[SegmentId]], OSError | None]:
    """Which are gone, and for what reason; and the first refusal of the disk."""
    gone: dict[Why, list[SegmentId]] = {}
    failure: OSError | None = None
    for one in doomed:
        try:
            was_there = volume.remove(one.path)
        except OSError as error:
            failure = failure or error
            continue
        gone.setdefault(one.why if was_there else Why.LOST, []).append(one.id)
    with suppress(OSError):  # the disk has the last word at its next sync
        volume.sync()
    return gone, failure
