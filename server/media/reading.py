"""Recordings read back: decrypted as they are sent, by parts where a player asks for them."""

import asyncio
import base64
import logging
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from aiohttp import hdrs, web

from domain.errors import Invalid, NotFound, Unavailable
from server.media.pictures import Pictures
from server.recordings.cueing import as_bytes
from server.recordings.segments import SUFFIX, Damaged, SegmentFile, Written

logger = logging.getLogger(__name__)

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PATH = re.compile(rf"{_UUID}/\d{{4}}-\d\d-\d\d/\d{{6}}-{_UUID}{re.escape(SUFFIX)}")
MP4 = "video/mp4"
SURVEYS_AT_ONCE = 2
"""Each reads a whole segment: some ten megabytes."""


class Readers:
    """Serves the files below ``folder``, a commune's folder each."""

    def __init__(self, folder: Path, *, master: bytes) -> None:
        self._folder, self._master = folder, master
        self._surveys = asyncio.Semaphore(SURVEYS_AT_ONCE)
        self._pictures = Pictures(lambda request: self._open(self._named(request)))

    def add_to(self, app: web.Application) -> None:
        app.router.add_get(
            "/pictures/{commune_id}/{path:.+}", self._pictures.send, allow_head=False
        )
        app.on_cleanup.append(self._close)
        app.router.add_get("/cues/{commune_id}/{path:.+}", self._survey, allow_head=False)
        app.router.add_get("/recordings/{commune_id}/{path:.+}", self._send, allow_head=False)

    async def _survey(self, request: web.Request) -> web.Response:
        """What a file holds now, also one that is being written: ``{ended_at, cues}``."""
        path = self._named(request)
        async with self._surveys:
            found = await asyncio.to_thread(self._surveyed, path)
        cues = as_bytes(found.cues)
        return web.json_response(
            {
                "ended_at": found.ended_at.isoformat(),
                "cues": base64.b64encode(cues).decode() if cues else None,
            }
        )

    async def _send(self, request: web.Request) -> web.StreamResponse:
        path = self._named(request)
        file = await asyncio.to_thread(self._open, path)
        try:
            start, stop = _wanted(request, file.mp4_size)
            whole = (start, stop) == (0, file.mp4_size) and hdrs.RANGE not in request.headers
            response = web.StreamResponse(
                status=HTTPStatus.OK if whole else HTTPStatus.PARTIAL_CONTENT,
                headers={hdrs.ACCEPT_RANGES: "bytes", hdrs.CONTENT_LENGTH: str(stop - start)},
            )
            response.content_type = MP4
            if not whole:
                response.headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{stop - 1}/{file.mp4_size}"
            await response.prepare(request)
            parts = file.mp4(start, stop)
            try:
                while (part := await asyncio.to_thread(_next, parts)) is not None:
                    await response.write(part)
                await response.write_eof()
            except Damaged as error:
                logger.error("a recording is damaged: %s", error)
                if request.transport is not None:
                    request.transport.close()  # short of its length: nobody takes it for the end
            return response
        finally:
            await asyncio.to_thread(file.close)

    async def _close(self, app: web.Application) -> None:
        self._pictures.close()

    def _named(self, request: web.Request) -> Path:
        commune_id, path = request.match_info["commune_id"], request.match_info["path"]
        try:
            folder = self._folder / str(UUID(commune_id))
        except ValueError:
            raise Invalid("a commune's id is a UUID") from None
        if not _PATH.fullmatch(path):
            raise Invalid("this is no recording's place")
        return folder / path

    def _surveyed(self, path: Path) -> Written:
        with self._open(path) as file:
            try:
                return file.survey()
            except (Damaged, OSError) as error:
                raise Unavailable(f"this recording can't be read: {error}") from error

    def _open(self, path: Path) -> SegmentFile:
        try:
            return SegmentFile(path, master=self._master)
        except FileNotFoundError:
            raise NotFound("this recording is not on this host") from None
        except (Damaged, OSError) as error:
            raise Unavailable(f"this recording can't be read: {error}") from error


def _next(parts: Iterator[bytes]) -> bytes | None:
    return next(parts, None)


def _wanted(request: web.Request, size: int) -> tuple[int, int]:
    """The bytes that are asked for (RFC 9110 section 14.2). Raises 416."""
    try:
        asked = request.http_range
    except ValueError:
        asked = slice(size, size)
    start, stop = asked.start or 0, size if asked.stop is None else min(asked.stop, size)
    if start < 0:
        start = max(0, size + start)
    if start >= stop:
        raise web.HTTPRequestRangeNotSatisfiable(headers={hdrs.CONTENT_RANGE: f"bytes */{size}"})
    return start, stop
