"""Clips in the making: read where the recordings lie, joined, encrypted, signed; destroyed in time.

One is made at a time, so that whoever watches is not in its way. What a restart cuts short is made
again: its row still says that it waits.
"""

import asyncio
import logging
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from prometheus_client import Gauge

from domain.cues import Cue, ticks_at, time_of
from domain.errors import DomainError, Unavailable
from domain.exports import HANDED_OVER_FOR, BadExport, Export, keep_until
from domain.identifiers import CameraId, ExportId, SegmentId, StreamId
from domain.manifests import Manifest, Piece
from domain.recordings import gaps
from domain.streams import Codec
from server.database.exports import Exports
from server.database.people import People
from server.database.playbacks import Stored
from server.http.archive import Archive
from server.recordings.joining import Joining, fragments_in
from server.recordings.segments import GENESIS, SUFFIX, About, SegmentFile, SegmentWriter

logger = logging.getLogger(__name__)

FOLDER = "clips"
LOOK_EVERY_S = 30.0
MOST_BYTES = 4 * 1024 * 1024 * 1024  # an hour of 9 Mbit/s
A_FETCH_LASTS = timedelta(hours=1)
RESERVE_BYTES = 1024 * 1024 * 1024  # left free beside it: the database may live on this disk

FAILING = Gauge("ilotier_clips_failing", "1 while clips that must go can't be destroyed.")


@dataclass(frozen=True)
class ClipKeys:
    """``master`` wraps each file's own key; ``sign`` signs manifests (Ed25519)."""

    master: bytes
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True)
class _Cut:
    """What a clip takes of one segment: from a keyframe to a keyframe, or to its end."""

    stored: Stored
    head_size: int
    begin: Cue
    end: Cue

    @property
    def size(self) -> int:
        return self.end.offset - self.begin.offset


class ClipMaker:
    """`run` makes what waits; `wake` it when there is something new."""

    def __init__(
        self,
        *,
        exports: Exports,
        archive: Archive,
        people: People,
        folder: Path,
        clip_keys: ClipKeys,
        clock: Callable[[], datetime],
    ) -> None:
        self._exports, self._archive, self._people = exports, archive, people
        self._folder, self._keys, self._clock = folder, clip_keys, clock
        self._news = asyncio.Event()
        self._progress: dict[ExportId, float] = {}
        self._is_swept = False
        self._fetched_at: dict[ExportId, datetime] = {}

    def wake(self) -> None:
        self._news.set()

    def progress_of(self, export_id: ExportId) -> float:
        """From 0 to 1, of one that is being made; 0 of those that wait."""
        return self._progress.get(export_id, 0.0)

    def begins_fetch(self, export: Export) -> bool:
        """Whether a part of this clip, wherever it lies, is the first to be fetched for long."""
        now = self._clock()
        since = now - A_FETCH_LASTS
        self._fetched_at = {one: at for one, at in self._fetched_at.items() if at > since}
        return self._fetched_at.setdefault(export.id, now) is now

    async def open(self, export: Export) -> SegmentFile:
        """The file of a clip that is ready. Raises ``Unavailable``."""
        try:
            return await asyncio.to_thread(
                SegmentFile, self._path(export), master=self._keys.master
            )
        except OSError as error:
            raise Unavailable("the clip's file can't be read") from error

    async def run(self) -> None:
        while True:
            self._news.clear()
            await self._keep_purging()
            try:
                while (export := await self._exports.take_next()) is not None:
                    await self._make(export)
            except (Unavailable, OSError) as error:
                logger.warning("clips are looked at later: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._news.wait()

    async def _keep_purging(self) -> None:
        """What can't be destroyed is an alarm, and tried again."""
        try:
            await self._purge()  # ahead of what no row knows, which may resist
            if not self._is_swept:
                await self._sweep()
            FAILING.set(0)
        except (Unavailable, OSError) as error:
            logger.error("clips that must go can't be destroyed: %s", error)
            FAILING.set(1)

    async def _purge(self) -> None:
        """Destroy clips whose hour has come. Raises `OSError` after all were tried."""
        failure: OSError | None = None
        for export in await self._exports.due(now=self._clock()):
            try:
                await asyncio.to_thread(self._path(export).unlink, missing_ok=True)
            except OSError as error:
                failure = failure or error
            else:
                await self._exports.gone(export, at=self._clock())
        if failure is not None:
            raise failure

    async def _sweep(self) -> None:
        """Destroy files that no row knows: the database was restored, or a clip was cut short."""
        paths = await asyncio.to_thread(lambda: [*self._folder.glob(f"*/*{SUFFIX}")])
        files: dict[ExportId, Path] = {}
        for path in paths:
            with suppress(ValueError):
                files[ExportId(UUID(path.stem))] = path
        kept = await self._exports.kept(files.keys())
        for export_id in files.keys() - kept:
            await asyncio.to_thread(files[export_id].unlink, missing_ok=True)
        self._is_swept = True

    async def _make(self, export: Export) -> None:
        self._progress = {export.id: 0.0}
        path = self._path(export)
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)  # half of it, from before
            await self._film(export, path)
        except Exception as error:  # one clip's fault is no other's, and not to be met for ever
            is_told = isinstance(error, DomainError)
            logger.error("clip %s can't be made: %s", export.id, error, exc_info=not is_told)
            try:
                await asyncio.to_thread(path.unlink, missing_ok=True)
            except OSError:
                self._is_swept = False  # no row knows it from now on
            reason = str(error) if is_told else "it could not be made"
            await self._exports.failed(export, reason=reason, at=self._clock())
        finally:
            self._progress = {}

    async def _film(self, export: Export, path: Path) -> None:
        cuts = await self._cuts(export)
        total = sum(cut.size for cut in cuts)
        await asyncio.to_thread(self._check_room, total)
        writer = await asyncio.to_thread(
            SegmentWriter, path, self._about(export, cuts[0]), master=self._keys.master
        )
        joining, hashed, size = Joining(), sha256(), 0
        pieces: list[Piece] = []
        ends_at = cuts[-1].stored.segment.ended_at
        try:
            async with aclosing(self._joined(export, cuts, joining, pieces, total)) as film:
                async for data in film:
                    hashed.update(data)
                    size += len(data)
                    await asyncio.to_thread(writer.fragment, data, newest_at=ends_at, pictures=0)
            await asyncio.to_thread(writer.end)
        finally:
            writer.close()
        made_at = self._clock()
        goes_at = min(cut.stored.segment.keep_until for cut in cuts)
        person = await self._people.get(export.person_id)
        manifest = Manifest(
            clip_id=export.id,
            commune_id=export.commune_id,
            source=export.source,
            asked_from=export.starts_at,
            asked_until=export.ends_at,
            asked_at=export.asked_at,
            person_id=export.person_id,
            person=person.name,
            motive=export.motive,
            made_at=made_at,
            destroy_by=made_at + HANDED_OVER_FOR,
            pieces=tuple(pieces),
            gaps=tuple(
                gaps(
                    [cut.stored.segment for cut in cuts],
                    starts_at=export.starts_at,
                    ends_at=export.ends_at,
                )
            ),
            size=size,
            sha256=hashed.hexdigest(),
        ).canonical()
        await self._exports.ready(
            export,
            at=made_at,
            keep_until=keep_until(goes_at, made_at=made_at),
            size=size,
            sha256=hashed.digest(),
            manifest=manifest,
            signature=self._keys.sign(manifest),
        )

    async def _joined(
        self, export: Export, cuts: list[_Cut], joining: Joining, pieces: list[Piece], total: int
    ) -> AsyncGenerator[bytes]:
        """The film's bytes in turn; what it is made of goes into ``pieces``."""
        done = 0
        for cut in cuts:
            started_at = cut.stored.segment.started_at
            head = b"".join([part async for part in self._read(cut, 0, cut.head_size)])
            pieces.append(
                Piece(
                    segment_id=cut.stored.segment.id,
                    starts_at=time_of(cut.begin, started_at),
                    ends_at=time_of(cut.end, started_at),
                    position_s=round(joining.lasts_ticks / 90_000, 3),
                    sha256=(cut.stored.sha256 or b"").hex(),
                )
            )
            if first := joining.begin(head, from_ticks=cut.begin.ticks):
                yield first
            rest = bytearray()
            async with aclosing(self._read(cut, cut.begin.offset, cut.end.offset)) as parts:
                async for part in parts:
                    done += len(part)
                    self._progress[export.id] = min(0.99, done / total)
                    for fragment in fragments_in([part], rest):
                        yield joining.add(fragment)
        yield joining.finish()

    async def _read(self, cut: _Cut, start: int, stop: int) -> AsyncGenerator[bytes]:
        stored = cut.stored
        path = f"/recordings/{stored.segment.commune_id}/{stored.path}"
        asked = f"bytes={start}-{stop - 1}"
        async with self._archive.reading(stored.holder, path, byte_range=asked) as read:
            async for part in read.parts:
                yield part

    async def _cuts(self, export: Export) -> list[_Cut]:
        """What there is of the hours, up to a change of codec. Raises ``BadExport``."""
        found = await self._archive.of_hours(
            export.source,
            export.commune_id,
            starts_at=export.starts_at,
            ends_at=export.ends_at,
            now=self._clock(),
        )
        cuts: list[_Cut] = []
        for one in found:
            cues, started_at = one.cues, one.segment.started_at
            if cues is None and one.segment.is_open:
                continue  # it has no picture yet
            if cues is None:
                raise Unavailable("the host of a recording is not there at the moment")
            if cuts and one.codec != cuts[0].stored.codec:
                break
            begin = cues.before(ticks_at(export.starts_at, started_at))
            last = ticks_at(export.ends_at, started_at)
            end = next((cue for cue in cues.places if cue.ticks >= last), cues.end)
            if end.offset > begin.offset:
                cuts.append(_Cut(one, cues.head_size, begin, end))
        if not cuts:
            raise BadExport("nothing is recorded of these hours (any more)")
        if sum(cut.size for cut in cuts) > MOST_BYTES:
            raise BadExport("this is too large for one clip; ask for less time")
        return cuts

    def _check_room(self, total: int) -> None:
        """Raises ``Unavailable``. Runs in a thread."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free - total < RESERVE_BYTES:
            raise Unavailable("the disk has no room for the clip")

    def _about(self, export: Export, first: _Cut) -> About:
        segment = first.stored.segment
        return About(
            segment_id=SegmentId(export.id),
            commune_id=export.commune_id,
            stream_id=StreamId(segment.stream_id),
            camera_id=CameraId(segment.camera_id) if segment.camera_id else None,
            started_at=time_of(first.begin, segment.started_at),
            keep_days=segment.keep_days,
            codec=Codec(first.stored.codec),
            with_sound=segment.camera_id is None,
            previous=GENESIS,
        )

    def _path(self, export: Export) -> Path:
        return self._folder / str(export.commune_id) / f"{export.id}{SUFFIX}"
