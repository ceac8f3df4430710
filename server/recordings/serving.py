"""A recorded file's MP4, sent whole or by parts: decrypted as it goes."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from errno import EIO
from functools import partial
from http import HTTPStatus

from aiohttp import hdrs, web

from domain.errors import Unavailable
from domain.recordings import RecordingDamaged
from server.recordings.disk import DiskThreads
from server.recordings.segments import Damaged, SegmentFile

logger = logging.getLogger(__name__)

MP4 = "video/mp4"
CHECKED_BYTES = 16 * 1024 * 1024
"""A part that is asked for is read once before it is sent, if it is no larger."""


async def send(
    request: web.Request,
    file: SegmentFile,
    *,
    disk: DiskThreads | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Send what is asked for and close ``file``; a changed byte ends it short of its length.

    Raises ``RecordingDamaged`` for a part in which there is one.
    ``disk``: the threads that wait for where the file lies; None: a disk that others wait for too.
    """
    do = disk.do if disk else asyncio.to_thread
    try:
        start, stop = _wanted(request, file.mp4_size)
        whole = (start, stop) == (0, file.mp4_size) and hdrs.RANGE not in request.headers
        response = web.StreamResponse(
            status=HTTPStatus.OK if whole else HTTPStatus.PARTIAL_CONTENT, headers=headers
        )
        if hdrs.RANGE in request.headers and stop - start <= CHECKED_BYTES:
            await do(partial(_check, file, start, stop))
        response.headers[hdrs.ACCEPT_RANGES] = "bytes"
        response.content_length = stop - start
        response.content_type = MP4
        if not whole:
            response.headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{stop - 1}/{file.mp4_size}"
        await response.prepare(request)
        parts = file.mp4(start, stop)
        try:
            while (part := await do(partial(_next, parts))) is not None:
                await response.write(part)
            await response.write_eof()
        except Damaged as error:
            logger.error("a recording is damaged: %s", error)
            if request.transport is not None:
                request.transport.close()  # short of its length: nobody takes it for the end
        return response
    finally:
        await do(file.close)


def _check(file: SegmentFile, start: int, stop: int) -> None:
    try:
        for _ in file.mp4(start, stop):
            pass
    except (Damaged, OSError) as error:
        logger.error("a recording is damaged: %s", error)
        raise damaged(error) from error


def damaged(error: Damaged | OSError) -> RecordingDamaged | Unavailable:
    """A sector that can't be read any more is as good as changed; other trouble may pass."""
    if isinstance(error, Damaged) or error.errno == EIO:
        return RecordingDamaged(str(error))
    return Unavailable(f"this recording can't be read: {error}")


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
