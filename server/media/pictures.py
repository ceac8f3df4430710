"""Single pictures of recordings, as JPEG: two decoded at a time, small ones kept a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from aiohttp import hdrs, web

from domain.cues import Cue, time_of
from domain.errors import Invalid, NotFound, Unavailable
from webrtc.recording.pictures import picture_at

DECODED_AT_ONCE = 2
MOST_WAITING = 32
MOST_BYTES = 64 * 1024 * 1024
"""From one keyframe to the next: ten seconds of 50 Mbit/s."""
MOST_WAITING_BYTES = 2 * MOST_BYTES
"""Of all that wait together; they are read before they are decoded."""
KEPT = 256
"""Thumbnails of some 20 kB."""
type Kept = tuple[bytes, str]


class Playable(NamedTuple):
    """A head and the fragments from one place to another, of a file that ``started_at``."""

    mp4: bytes
    started_at: datetime


class Pictures:
    """``name``: which file a request asks for; ``read``: it, from one place to another.

    They raise `Invalid`, `NotFound`, `Unavailable`; ``read`` waits for the disk: no decoder does.
    """

    def __init__(
        self,
        *,
        name: Callable[[web.Request], Path],
        read: Callable[[Path, int, int], Awaitable[Playable]],
    ) -> None:
        self._name, self._read = name, read
        self._pool = ThreadPoolExecutor(DECODED_AT_ONCE, thread_name_prefix="recorded-picture")
        self._waiting = self._waiting_bytes = 0
        self._kept: OrderedDict[tuple[Path, str], Kept] = OrderedDict()

    async def send(self, request: web.Request) -> web.Response:
        """``?start=&stop=``: places between two keyframes; ``ticks``: else the first picture."""
        path = self._name(request)
        start, stop = number_in(request, "start"), number_in(request, "stop")
        ticks = number_in(request, "ticks") if "ticks" in request.query else None
        width = number_in(request, "width") if "width" in request.query else None
        if not 0 <= start < stop <= start + MOST_BYTES:
            raise Invalid("these places are no part of a recording")
        which = path, request.query_string
        kept = self._kept.get(which) if width else None
        if kept is None:
            kept = await self._decode(path, start, stop, ticks=ticks, width=width)
            if width:
                self._keep(which, kept)
        picture, at = kept
        return web.Response(
            body=picture,
            content_type="image/jpeg",
            headers={"X-Captured-At": at, hdrs.CACHE_CONTROL: "no-store"},
        )

    @property
    def files(self) -> set[Path]:
        """Of which something is kept."""
        return {path for path, _ in self._kept}

    def forget(self, gone: Collection[Path]) -> None:
        """Keep nothing of these files any more."""
        for which in [one for one in self._kept if one[0] in gone]:
            del self._kept[which]

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _decode(
        self, path: Path, start: int, stop: int, *, ticks: int | None, width: int | None
    ) -> Kept:
        size = stop - start
        if self._waiting >= MOST_WAITING or self._waiting_bytes + size > MOST_WAITING_BYTES:
            raise Unavailable("many pictures are being decoded; try again")
        self._waiting += 1
        self._waiting_bytes += size
        try:
            playable = await self._read(path, start, stop)
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, _decoded, playable, ticks, width
            )
        finally:
            self._waiting -= 1
            self._waiting_bytes -= size

    def _keep(self, which: tuple[Path, str], picture: Kept) -> None:
        self._kept[which] = picture
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _decoded(playable: Playable, ticks: int | None, width: int | None) -> Kept:
    taken = picture_at(playable.mp4, ticks=ticks, width=width)
    if taken is None:
        raise NotFound("there is no picture that can be decoded")
    at = time_of(Cue(0, taken.ticks), playable.started_at)
    at += timedelta(microseconds=500)  # to the nearest millisecond
    return taken.jpeg, at.astimezone(UTC).isoformat(timespec="milliseconds")


def number_in(request: web.Request, name: str) -> int:
    text = request.query.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Invalid(f"{name} is no number")
    return int(text)
