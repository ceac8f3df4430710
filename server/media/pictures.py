"""Single pictures of recordings, as JPEG: two decoded at a time, small ones kept a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from aiohttp import hdrs, web

from domain.cues import Cue, time_of
from domain.errors import Invalid, NotFound, Unavailable
from webrtc.recording.pictures import picture_at

DECODED_AT_ONCE = 2
MOST_WAITING = 32
MOST_BYTES = 64 * 1024 * 1024
"""From one keyframe to the next: ten seconds of 50 Mbit/s."""
KEPT = 256
"""Thumbnails of some 20 kB."""
type Kept = tuple[bytes, str]


class Playable(NamedTuple):
    """A head and the fragments from one place to another, of a file that ``started_at``."""

    mp4: bytes
    started_at: datetime


class Pictures:
    """``read``: from one place to another of what a request's path names.

    It raises `NotFound`, `Unavailable`, and waits for the disk: no decoder does.
    """

    def __init__(self, read: Callable[[web.Request, int, int], Awaitable[Playable]]) -> None:
        self._read = read
        self._pool = ThreadPoolExecutor(DECODED_AT_ONCE, thread_name_prefix="recorded-picture")
        self._waiting = 0
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    async def send(self, request: web.Request) -> web.Response:
        """``?start=&stop=``: places between two keyframes; ``ticks``: else the first picture."""
        start, stop = _number(request, "start"), _number(request, "stop")
        ticks = _number(request, "ticks") if "ticks" in request.query else None
        width = _number(request, "width") if "width" in request.query else None
        if not 0 <= start < stop <= start + MOST_BYTES:
            raise Invalid("these places are no part of a recording")
        kept = self._kept.get(request.path_qs) if width else None
        if kept is None:
            if self._waiting >= MOST_WAITING:
                raise Unavailable("many pictures are being decoded; try again")
            self._waiting += 1
            try:
                playable = await self._read(request, start, stop)
                kept = await asyncio.get_running_loop().run_in_executor(
                    self._pool, _decoded, playable, ticks, width
                )
            finally:
                self._waiting -= 1
            if width:
                self._keep(request.path_qs, kept)
        picture, at = kept
        return web.Response(
            body=picture,
            content_type="image/jpeg",
            headers={"X-Captured-At": at, hdrs.CACHE_CONTROL: "no-store"},
        )

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _keep(self, name: str, picture: Kept) -> None:
        self._kept[name] = picture
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _decoded(playable: Playable, ticks: int | None, width: int | None) -> Kept:
    taken = picture_at(playable.mp4, ticks=ticks, width=width)
    if taken is None:
        raise NotFound("there is no picture that can be decoded")
    at = time_of(Cue(0, taken.ticks), playable.started_at)
    at += timedelta(microseconds=500)  # to the nearest millisecond
    return taken.jpeg, at.astimezone(UTC).isoformat(timespec="milliseconds")


def _number(request: web.Request, name: str) -> int:
    text = request.query.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Invalid(f"{name} is no number")
    return int(text)
