"""Clips in the making: filmed one by one, signed; destroyed in time.

One is made at a time, so that whoever watches is not in its way. What a restart cuts short is made
again: its row still says that it waits.
"""

import asyncio
import errno
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from prometheus_client import Gauge

from domain.errors import DomainError, Unavailable
from domain.exports import HANDED_OVER_FOR, Export, keep_until
from domain.identifiers import ExportId
from domain.manifests import FEW_OPEN, Manifest
from server.database.exports import Exports
from server.database.people import People
from server.http.archive import Archive
from server.http.clip_filming import ClipFilming, Filmed
from server.recordings.segments import SUFFIX, SegmentFile

logger = logging.getLogger(__name__)

FOLDER = "clips"
LOOK_EVERY_S = 30.0
_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
A_FETCH_LASTS = timedelta(hours=1)

FAILING = Gauge("ilotier_clips_failing", "1 while clips that must go can't be destroyed.")


@dataclass(frozen=True)
class ClipKeys:
    """``master`` wraps each file's own key; ``sign`` signs manifests (Ed25519)."""

    master: bytes
    sign: Callable[[bytes], bytes]


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
        self._exports, self._people = exports, people
        self._filming = ClipFilming(archive=archive, master=clip_keys.master, clock=clock)
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
                while (export := await self._exports.take_next(now=self._clock())) is not None:
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
            filmed = await self._filming.film(export, path, tell=partial(self._tell, export))
            await self._finish(export, filmed)
        except Exception as error:  # one clip's fault is no other's, and not to be met for ever
            await self._give_up(export, path, error)
        finally:
            self._progress = {}

    async def _give_up(self, export: Export, path: Path, error: Exception) -> None:
        """For now, where what hinders it may pass; else for good."""
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError:
            self._is_swept = False  # no row may know it from now on
        reason = _reason(error)
        if passes(error) and await self._exports.put_off(export, reason=reason, at=self._clock()):
            logger.warning("clip %s is made later: %s", export.id, error)
            return
        is_told = isinstance(error, DomainError)
        logger.error("clip %s can't be made: %s", export.id, error, exc_info=not is_told)
        await self._exports.failed(export, reason=reason, at=self._clock())

    async def _finish(self, export: Export, filmed: Filmed) -> None:
        """Sign what it is, and say that it is there."""
        made_at = self._clock()
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
            pieces=filmed.pieces,
            gaps=filmed.gaps,
            cut_at=filmed.cut_at,
            damaged=filmed.damaged,
            codec=filmed.codec if filmed.codec in FEW_OPEN else None,
            size=filmed.size,
            sha256=filmed.sha256.hex(),
        ).canonical()
        await self._exports.ready(
            export,
            at=made_at,
            keep_until=keep_until(filmed.goes_at, made_at=made_at),
            size=filmed.size,
            sha256=filmed.sha256,
            manifest=manifest,
            signature=self._keys.sign(manifest),
        )

    def _tell(self, export: Export, share: float) -> None:
        self._progress[export.id] = min(0.99, share)

    def _path(self, export: Export) -> Path:
        return self._folder / str(export.commune_id) / f"{export.id}{SUFFIX}"


def passes(error: Exception) -> bool:
    """Whether it is worth another try: a host that is away, a disk that is full or in repair."""
    return isinstance(error, Unavailable) or (
        isinstance(error, OSError) and error.errno in _OF_THE_DISK
    )


def _reason(error: Exception) -> str:
    if isinstance(error, DomainError):
        return str(error)
    return "the clip's disk takes nothing" if passes(error) else "it could not be made"
