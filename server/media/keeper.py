"""Destroys recordings at their hour, makes room when a disk fills, signs what was destroyed.

The index says what must go, the file goes, the index is told: whatever is cut short is done again.
What can't be destroyed is an alarm: the longest month of a commune is the law's, not the disk's.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Gauge

from domain.clocks import Clocks
from domain.errors import DomainError
from domain.identifiers import CommuneId, SegmentId
from domain.receipts import Why
from domain.volumes import SEEN_LATELY, VolumeTrouble
from server.database.recording_clocks import RecordingClocks
from server.database.recordings import Doomed, Recordings, SeenVolume
from server.media.clocks import HostClocks, read_clocks
from server.media.looking import Looker, look_through, open_volume
from server.recordings.disk import DiskThreads
from server.recordings.volume import Volume

logger = logging.getLogger(__name__)

EVERY_S = 60.0
LOOK_THROUGH_EVERY_S = 3600.0
MOST_ENTRIES = 10_000
"""Of the folder of all volumes: a volume a commune, and nothing else belongs there."""


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
        self.clock_off_s = Gauge(
            "ilotier_recordings_clock_off_seconds",
            "By how much this host's clock is in doubt; nothing is destroyed unless 0.",
            registry=registry,
        )
        self.trouble = Gauge(
            "ilotier_recordings_trouble",
            "1 for what is wrong with a volume.",
            ["commune", "trouble"],
            registry=registry,
        )
        self.destroyed = Counter(
            "ilotier_recordings_destroyed", "Segments destroyed.", ["why"], registry=registry
        )


@dataclass(frozen=True, kw_only=True)
class KeeperOptions:
    """``trouble``: what keeps a commune's volume from being recorded on."""

    holder: str
    reserve_bytes: int
    sign: Callable[[bytes], bytes]
    looker: Looker
    read_clocks: Callable[[], HostClocks] = read_clocks
    trouble: Callable[[CommuneId], VolumeTrouble] = lambda commune_id: VolumeTrouble.NONE


class Keeper:
    """Looks after all volumes of this host; of several processes one does, for each volume.

    A volume whose disk hangs is waited for by its own task and thread alone.
    """

    def __init__(
        self,
        recordings: Recordings,
        *,
        clocks: RecordingClocks,
        folder: Path,
        metrics: KeeperMetrics,
        options: KeeperOptions,
    ) -> None:
        self._recordings, self._clocks, self._folder = recordings, clocks, folder
        self._metrics, self._options = metrics, options
        self._overdue: dict[UUID, int] = {}
        self._failing: set[str] = set()
        self._looking: set[str] = set()
        self._looked_s: dict[str, float] = {}
        self._disk = DiskThreads("keeper")
        self._disks: dict[str, DiskThreads] = {}

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    for name in await self._disk.do(self._names):
                        if name in self._looking:
                            self._failed(name, "its disk hangs")
                        else:
                            group.create_task(self._look(name), name=f"keeper {name}")
                    self._say()
                    await asyncio.sleep(EVERY_S)
        finally:
            for disk in (self._disk, *self._disks.values()):
                disk.close()

    async def look(self) -> None:
        """Do once for each volume what is due. What fails is an alarm, and tried again."""
        async with asyncio.TaskGroup() as group:
            for name in await self._disk.do(self._names):
                group.create_task(self._look(name), name=f"keeper {name}")
        self._say()

    async def _look(self, name: str) -> None:
        self._looking.add(name)
        try:
            await self._keep(name, self._disks.setdefault(name, DiskThreads("keeper")))
        except (OSError, DomainError) as error:
            self._failed(name, error)
        else:
            self._failing.discard(name)
        finally:
            self._looking.discard(name)

    def _failed(self, name: str, error: Exception | str) -> None:
        if name not in self._failing:
            logger.error("recordings of volume %s can't be destroyed: %s", name, error)
        self._failing.add(name)

    def _say(self) -> None:
        self._metrics.failing.set(bool(self._failing))
        self._metrics.overdue.set(sum(self._overdue.values()))

    def _names(self) -> list[str]:
        """The folders of communes: the first of them where a folder is full of other things."""
        if not self._folder.is_dir():
            return []
        found = []
        with os.scandir(self._folder) as entries:
            for one in islice(entries, MOST_ENTRIES):
                with suppress(ValueError):
                    found.append(str(UUID(one.name)))
            if next(entries, None) is not None:
                logger.error("%s holds more than %d things", self._folder, MOST_ENTRIES)
        return found

    async def _keep(self, name: str, disk: DiskThreads) -> None:
        index, looker = self._recordings, self._options.looker
        volume = await open_volume(self._folder / name, index=index, disk=disk, by=looker)
        with ExitStack() as stack:
            if not await disk.do(lambda: stack.enter_context(volume.alone())):
                return
            await self._look_through(volume, disk)
            believed_at = await self._believed_at(volume)
            failure: OSError | None = None
            try:
                await self._destroy(volume, disk)  # what was decided before, and cut short
                if believed_at is not None:
                    await self._destroy_due(volume, disk, now=believed_at)
                await self._make_room(volume, disk)
            except OSError as error:
                failure = error
            if believed_at is not None:
                await self._recordings.sign_receipts(
                    volume.id, volume.commune_id, sign=self._options.sign, now=believed_at
                )
            await self._note(volume, disk, failure, in_doubt=believed_at is None)
        if failure is not None:
            raise failure

    async def _look_through(self, volume: Volume, disk: DiskThreads) -> None:
        """Once in a while all of it: also where nothing is recorded any more."""
        name, now_s = volume.root.name, time.monotonic()
        if now_s - self._looked_s.get(name, float("-inf")) < LOOK_THROUGH_EVERY_S:
            return
        index, looker = self._recordings, self._options.looker
        try:
            await look_through(volume, index=index, disk=disk, by=looker)
        except OSError as error:  # what is known can go all the same
            logger.error("volume %s can't be looked through: %s", volume.id, error)
            return
        await index.forget_volumes(
            volume.commune_id, but=volume.id, not_seen_since=looker.clock() - SEEN_LATELY
        )
        self._looked_s[name] = now_s

    async def _believed_at(self, volume: Volume) -> datetime | None:
        """What time it is; None: nothing may be destroyed by this clock, see `domain.clocks`."""
        said = self._options.read_clocks()
        now = Clocks(
            wall=said.wall,
            database=await self._clocks.database_clock(),
            boot=said.boot,
            steady=said.steady,
            is_set=said.is_set,
        )
        belief = await self._clocks.look(self._options.looker.host, now)
        self._metrics.clock_off_s.set(belief.off.total_seconds())
        if belief.doubt is not None:
            logger.error("the clock is %s by %s: nothing is destroyed", belief.doubt, belief.off)
            return None
        await self._clocks.date_back(volume.id, now=now.wall)
        return now.wall

    async def _destroy_due(self, volume: Volume, disk: DiskThreads, *, now: datetime) -> None:
        while await self._recordings.doom_due(volume.id, volume.commune_id, now=now):
            await self._destroy(volume, disk)

    async def _make_room(self, volume: Volume, disk: DiskThreads) -> None:
        """Below the reserve the oldest goes before its hour, and never what is held."""
        room = await disk.do(volume.room)
        wanted = self._options.reserve_bytes - room.free
        if wanted <= 0:
            return
        gone = await self._recordings.doom_oldest(
            volume.id, volume.commune_id, bytes_wanted=wanted, now=self._options.looker.clock()
        )
        logger.error(
            "volume %s is full: %d of the oldest recordings go before their hour",
            volume.root.name,
            len(gone),
        )
        await self._destroy(volume, disk)

    async def _destroy(self, volume: Volume, disk: DiskThreads) -> None:
        """Destroy what is decided. Raises `OSError` after all were tried."""
        failure: OSError | None = None
        while doomed := await self._recordings.doomed(volume.id):
            gone, error = await disk.do(partial(_remove, volume, doomed))
            failure = failure or error
            for why, ids in gone.items():
                await self._recordings.destroyed(ids, why=why, at=self._options.looker.clock())
                self._metrics.destroyed.labels(why.value).inc(len(ids))
            if failure is not None:
                raise failure

    async def _note(
        self, volume: Volume, disk: DiskThreads, failure: OSError | None, *, in_doubt: bool
    ) -> None:
        now, options = self._options.looker.clock(), self._options
        room = await disk.do(volume.room)
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
        trouble = VolumeTrouble.PURGE if count or failure else options.trouble(volume.commune_id)
        if in_doubt:
            trouble = VolumeTrouble.CLOCK
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
        for one in VolumeTrouble:
            if one is not VolumeTrouble.NONE:
                self._metrics.trouble.labels(labels, one.value).set(one is trouble)
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
