"""One commune's volume, and the recordings on it: a task, a thread that writes, one that syncs.

A few times a second what has come of each stream is handed to the writing thread, all streams at
once, and not again before it is done: what waits, waits in the streams' histories.
"""

import asyncio
import errno
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from enum import Enum, auto
from functools import partial
from pathlib import Path
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Gauge

from domain.errors import Unavailable
from domain.identifiers import StreamId
from domain.volumes import VolumeTrouble
from server.database.recordings import Wanted
from server.media.looking import Looker, look_through, open_volume
from server.media.noting import Index
from server.media.recording import SEGMENT_S, Note, Recording, first_of
from server.recordings.disk import DiskThreads
from server.recordings.volume import Volume
from webrtc.recording.following import Follower, Taken
from webrtc.relay import RelayedStream

logger = logging.getLogger(__name__)

TICK_S = 0.4
"""A process that is killed loses what came since the last tick, and the picture then coming."""
SYNC_EVERY_S = 0.4
"""A power cut loses in addition what was written since the last sync, and while it was going on."""
AGAIN_AFTER_S = 5.0
END_WITHIN_S = 3.0

_TROUBLES = {
    errno.ENOSPC: VolumeTrouble.FULL,
    errno.EDQUOT: VolumeTrouble.FULL,
    errno.EROFS: VolumeTrouble.READ_ONLY,
}

type Sources = Mapping[StreamId, tuple[Wanted, RelayedStream, float]]
"""What is published here and wanted on this volume, and from when on, since 1970."""


class Work(Enum):
    """What of the work can fail by itself: a disk may take pictures that it can't keep."""

    WRITE = auto()
    SYNC = auto()


class RecorderMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"ilotier_recorder_{name}", text, registry=registry)

        def counter(name: str, text: str) -> Counter:
            return Counter(f"ilotier_recorder_{name}", text, registry=registry)

        self.streams = gauge("streams", "Streams being recorded now.")
        self.failing = gauge("volumes_failing", "Volumes that take nothing now.")
        self.sync_s = gauge("sync_seconds", "How long the disk took to have all, last time.")
        self.bytes = counter("bytes", "Bytes written to volumes.")
        self.pictures = counter("pictures", "Pictures recorded.")
        self.lost = counter("lost", "Runs of pictures that came and were not recorded.")


@dataclass(frozen=True, kw_only=True)
class RecorderOptions:
    """What wiring sets. ``reserve_bytes``: left free; at half of it nothing more is written."""

    looker: Looker
    reserve_bytes: int = 0
    segment_s: float = SEGMENT_S


class VolumeRecorder:
    """`run` records what ``sources`` gives, until cancelled."""

    def __init__(
        self,
        root: Path,
        *,
        sources: Callable[[], Sources],
        index: Index,
        note: Callable[[UUID, Note], None],
        metrics: RecorderMetrics,
        options: RecorderOptions,
    ) -> None:
        self._root, self._sources = root, sources
        self._index, self._note = index, note
        self._metrics, self._options = metrics, options
        self._volume: Volume | None = None
        self._running: dict[StreamId, tuple[Follower, Recording]] = {}
        self._chain: dict[UUID, bytes] = {}  # cameras', and those of patrols that film now
        self._notes: list[Note] = []  # the writing thread's, given on between its turns
        self._writing, self._syncing = DiskThreads("recorder"), DiskThreads("recorder-sync")
        self._dirty = asyncio.Event()
        self.streams = 0
        self._troubles = {Work.WRITE: VolumeTrouble.NONE, Work.SYNC: VolumeTrouble.NONE}

    @property
    def trouble(self) -> VolumeTrouble:
        """Why nothing is recorded on this volume now."""
        return self._troubles[Work.WRITE] or self._troubles[Work.SYNC]

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_syncing(), name=f"recorder sync {self._root.name}")
                while True:
                    began_s = time.monotonic()
                    try:
                        await self._turn()
                        self._worked(Work.WRITE)
                    except (OSError, Unavailable) as error:
                        self._failed(Work.WRITE, error)
                        await asyncio.sleep(AGAIN_AFTER_S)
                    await asyncio.sleep(max(0.0, TICK_S - (time.monotonic() - began_s)))
        finally:
            self.streams = 0
            await self._end_all()

    async def _turn(self) -> None:
        """Take what has come of every stream, and write it. Raises `OSError`, ``Unavailable``."""
        volume = self._volume
        if volume is None:
            volume = await self._open()
        over = await self._follow(volume)
        batch: list[tuple[Recording, Taken | None]] = [(one, None) for one in over]
        batch += self._taken()
        try:
            if await self._writing.do(partial(self._write, volume, batch, frozenset(over))):
                self._dirty.set()
        finally:
            self._give_on_notes(volume)
        self.streams = sum(one.is_open for _, one in self._running.values())

    def _taken(self) -> list[tuple[Recording, Taken | None]]:
        """What has come of each stream since the last turn."""
        batch = []
        for stream_id, (follower, recording) in self._running.items():
            try:
                taken = follower.take()
            except Exception:  # a fault over one camera's pictures is no other camera's
                logger.exception("stream %s can't be followed", stream_id)
                taken = None
            if taken is not None:
                self._metrics.lost.inc(taken.lost)
            batch.append((recording, taken))
        return batch

    async def _open(self) -> Volume:
        """The volume, what a crash has left on it made good: new files are chained to that."""
        index, by = self._index, self._options.looker
        volume = await open_volume(self._root, index=index, disk=self._writing, by=by)
        today = by.clock().astimezone(UTC).date()
        days = [today + timedelta(days=n) for n in (-1, 0, 1)]
        try:
            notes = await look_through(volume, index=index, disk=self._writing, by=by, days=days)
        except Unavailable as error:
            logger.warning("volume %s is looked through later: %s", volume.id, error)
            notes = []
        for note in sorted(notes, key=lambda one: one.about.started_at):
            self._chain[note.about.source] = note.written.sha256
        self._volume = volume
        return volume

    async def _follow(self, volume: Volume) -> list[Recording]:
        """Keep to what is wanted; give the recordings that are over."""
        wanted = self._sources()
        over = []
        for stream_id, (follower, recording) in list(self._running.items()):
            found = wanted.get(stream_id)
            if found is None or found[1] is not follower.stream:
                over.append(recording)
                del self._running[stream_id]
            else:
                recording.change(found[0].keep_days)
        new = wanted.keys() - self._running.keys()
        await self._find_chains({wanted[one][0].source for one in new})
        for stream_id in new:
            one, stream, since_s = wanted[stream_id]
            follower = Follower(stream, with_sound=one.with_sound, not_before_s=since_s)
            recording = Recording(
                one,
                volume,
                master=self._options.looker.master,
                chain=self._chain,
                notes=self._notes,
                segment_s=self._options.segment_s,
                first_s=first_of(one.source, self._options.segment_s),
            )
            self._running[stream_id] = (follower, recording)
        return over

    async def _find_chains(self, sources: set[UUID]) -> None:
        """What new files of these hang on: one question for all of them."""
        if unknown := sources - self._chain.keys():
            with suppress(Unavailable):  # then chains begin anew
                self._chain.update(await self._index.last_hashes(unknown))

    def _give_on_notes(self, volume: Volume) -> None:
        for note in self._notes:
            self._note(volume.id, note)
        self._notes.clear()

    # In the writing thread

    def _write(
        self,
        volume: Volume,
        batch: list[tuple[Recording, Taken | None]],
        over: frozenset[Recording],
    ) -> int:
        """Give how many bytes were written; a stream's trouble does not stop the next."""
        failure: OSError | None = None
        if volume.room().free < self._options.reserve_bytes // 2:
            failure = OSError(errno.ENOSPC, "the volume's reserve is used up")
        has_room = failure is None
        total, now_s = 0, self._options.looker.clock().timestamp()
        for recording, taken in batch:
            try:
                if recording in over:
                    recording.end()
                    if recording.wanted.camera_id is None:
                        self._chain.pop(recording.wanted.stream_id, None)
                elif not has_room:
                    recording.end()  # what comes next begins with a keyframe
                elif taken is not None and taken.pictures:
                    total += recording.write(taken)
                    self._metrics.pictures.inc(len(taken.pictures))
                else:
                    recording.end_if_idle(now_s)
            except OSError as error:
                failure = failure or error
            except Exception:  # a fault over one camera's pictures is no other camera's
                logger.exception("stream %s has a fault", recording.wanted.stream_id)
                recording.abandon()
        self._metrics.bytes.inc(total)
        if failure is not None:
            raise failure
        return total

    # Beside it

    async def _keep_syncing(self) -> None:
        """Bring what was written to the disk, again and again."""
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            began_s = time.monotonic()
            if self._volume is not None:
                try:
                    await self._syncing.do(self._volume.sync)
                    self._worked(Work.SYNC)
                except OSError as error:
                    self._failed(Work.SYNC, error)
                    self._dirty.set()  # tried again
            self._metrics.sync_s.set(time.monotonic() - began_s)
            await asyncio.sleep(SYNC_EVERY_S)

    async def _end_all(self) -> None:
        """End every segment, if the disk takes it in time; the next start makes good the rest."""
        batch = self._taken()
        self._running.clear()
        try:
            async with asyncio.timeout(END_WITHIN_S):
                if self._volume is not None:
                    await self._writing.do(partial(self._finish, self._volume, batch))
                    self._give_on_notes(self._volume)
        except TimeoutError:
            logger.error("volume %s did not take the last pictures in time", self._root.name)
        finally:
            self._writing.close()
            self._syncing.close()

    def _finish(self, volume: Volume, batch: list[tuple[Recording, Taken | None]]) -> None:
        for recording, taken in batch:
            with suppress(OSError):  # what is there is whole, and is found at the next start
                if taken is not None:
                    recording.write(taken)
                recording.end()
        with suppress(OSError):
            volume.sync()

    def _failed(self, part: Work, error: Exception) -> None:
        number = error.errno if isinstance(error, OSError) else None
        trouble = _TROUBLES.get(number or 0, VolumeTrouble.FAILING)
        if trouble is not self._troubles[part]:
            logger.error("nothing is recorded on volume %s: %s", self._root.name, error)
        if not self.trouble:
            self._metrics.failing.inc()
        self._troubles[part] = trouble

    def _worked(self, part: Work) -> None:
        if not self._troubles[part]:
            return
        self._troubles[part] = VolumeTrouble.NONE
        if not self.trouble:
            logger.info("volume %s takes recordings again", self._root.name)
            self._metrics.failing.dec()
