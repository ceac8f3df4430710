"""Recordings read back: decrypted as they are sent, by parts where a player asks for them."""

import asyncio
import base64
import re
from functools import partial
from pathlib import Path
from uuid import UUID

from aiohttp import web

from domain.errors import Invalid, NotFound, Unavailable
from server.media.h264_parts import H264Parts
from server.media.pictures import Pictures, Playable
from server.recordings.cueing import Survey, as_bytes
from server.recordings.disk import DiskThreads
from server.recordings.segments import SUFFIX, Damaged, SegmentFile, Written
from server.recordings.serving import damaged, send
from webrtc.renditions import Renditions

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PATH = re.compile(rf"{_UUID}/\d{{4}}-\d\d-\d\d/\d{{6}}-{_UUID}{re.escape(SUFFIX)}")
READ_AT_ONCE = 4
"""Threads a volume: many players share them, part by part."""
SURVEYS_AT_ONCE = 2
"""Each reads a segment, some ten megabytes; of one that is being written only what is new."""
FORGET_EVERY_S, ASKED_S = 60.0, 5.0
"""A destroyed recording's thumbnails leave the memory as soon; those of a disk that hangs too."""
MOST_GROWING = 256
"""Segments that are being written, and were looked at: some kilobytes each."""


class Readers:
    """Serves the files below ``folder``, a commune's folder each.

    `run` forgets what is gone, and owns what is converted.
    """

    def __init__(self, folder: Path, *, master: bytes, renditions: Renditions) -> None:
        self._folder, self._master = folder, master
        self._disks: dict[Path, DiskThreads] = {}  # a commune's folder may be a disk that hangs
        self._surveys = asyncio.Semaphore(SURVEYS_AT_ONCE)
        self._so_far: dict[Path, Survey] = {}
        self._pictures = Pictures(name=self._named, read=self._playable)
        self._h264_parts = H264Parts(name=self._named, read=self._playable, renditions=renditions)

    def add_to(self, app: web.Application) -> None:
        app.router.add_get(
            "/pictures/{commune_id}/{path:.+}", self._pictures.send, allow_head=False
        )
        app.router.add_get("/h264/{commune_id}/{path:.+}", self._h264_parts.send, allow_head=False)
        app.on_cleanup.append(self._close)
        app.router.add_get("/cues/{commune_id}/{path:.+}", self._survey, allow_head=False)
        app.router.add_get("/recordings/{commune_id}/{path:.+}", self._send, allow_head=False)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forget(), name="recorded pictures")
            group.create_task(self._h264_parts.run(), name="recorded parts in H264")

    async def _forget(self) -> None:
        while True:
            await asyncio.sleep(FORGET_EVERY_S)
            await self.forget_destroyed()

    async def forget_destroyed(self) -> None:
        """Keep no thumbnail of a file that is gone: another process may have destroyed it."""
        by_disk: dict[DiskThreads, set[Path]] = {}
        for path in self._pictures.files:
            by_disk.setdefault(self._disk_of(path), set()).add(path)
        for disk, paths in by_disk.items():
            try:
                async with asyncio.timeout(ASKED_S):
                    gone = await disk.do(partial(_gone, paths))
            except (TimeoutError, Unavailable):
                gone = paths
            self._pictures.forget(gone)

    async def _survey(self, request: web.Request) -> web.Response:
        """What a file holds now, also one that is being written: ``{ended_at, cues}``."""
        path = self._named(request)
        so_far = self._so_far.pop(path, None) or Survey()
        async with self._surveys:
            found = await self._disk_of(path).do(partial(self._surveyed, path, so_far))
        if not found.is_whole:
            self._so_far[path] = so_far
            if len(self._so_far) > MOST_GROWING:
                del self._so_far[next(iter(self._so_far))]
        cues = as_bytes(found.cues)
        return web.json_response(
            {
                "ended_at": found.ended_at.isoformat(),
                "cues": base64.b64encode(cues).decode() if cues else None,
            }
        )

    async def _send(self, request: web.Request) -> web.StreamResponse:
        path = self._named(request)
        disk = self._disk_of(path)
        return await send(request, await disk.do(partial(self._open, path)), disk=disk)

    async def _close(self, app: web.Application) -> None:
        self._pictures.close()
        for disk in self._disks.values():
            disk.close()

    def _disk_of(self, path: Path) -> DiskThreads:
        commune = path.parents[2]  # COMMUNE/SOURCE/DAY/FILE
        if commune not in self._disks:
            self._disks[commune] = DiskThreads("reading", threads=READ_AT_ONCE)
        return self._disks[commune]

    def _named(self, request: web.Request) -> Path:
        commune_id, path = request.match_info["commune_id"], request.match_info["path"]
        try:
            folder = self._folder / str(UUID(commune_id))
        except ValueError:
            raise Invalid("a commune's id is a UUID") from None
        if not _PATH.fullmatch(path):
            raise Invalid("this is no recording's place")
        return folder / path

    async def _playable(self, path: Path, start: int, stop: int) -> Playable:
        def read() -> Playable:
            with self._open(path) as file:
                try:
                    return Playable(file.playable(start, stop), file.about.started_at)
                except (Damaged, OSError) as error:
                    raise damaged(error) from error

        return await self._disk_of(path).do(read)

    def _surveyed(self, path: Path, so_far: Survey) -> Written:
        with self._open(path) as file:
            try:
                return file.survey(so_far)
            except (Damaged, OSError) as error:
                raise damaged(error) from error

    def _open(self, path: Path) -> SegmentFile:
        try:
            return SegmentFile(path, master=self._master)
        except FileNotFoundError:
            raise NotFound("this recording is not on this host") from None
        except (Damaged, OSError) as error:
            raise damaged(error) from error


def _gone(paths: set[Path]) -> set[Path]:
    """Those that are no file any more. Runs in a thread."""
    return {path for path in paths if not path.is_file()}
