"""Single pictures of recordings, as JPEG: two decoded at a time, small ones kept a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

from aiohttp import hdrs, web

from domain.cues import Cue, time_of
from domain.errors import Invalid, NotFound, Unavailable
from server.recordings.segments import Damaged, SegmentFile
from webrtc.recording.pictures import picture_at

DECODED_AT_ONCE = 2
MOST_WAITING = 32
MOST_BYTES = 64 * 1024 * 1024
"""From one keyframe to the next: ten seconds of 50 Mbit/s."""
KEPT = 256
"""Thumbnails of some 20 kB."""
type Kept = tuple[bytes, str]


class Pictures:
    """``open_file``: what a request's path names. Raises `NotFound`, `Unavailable`."""

    def __init__(self, open_file: Callable[[web.Request], SegmentFile]) -> None:
        self._open = open_file
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
                kept = await asyncio.get_running_loop().run_in_executor(
                    self._pool, self._decoded, request, start, stop, ticks, width
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

    def _decoded(
        self, request: web.Request, start: int, stop: int, ticks: int | None, width: int | None
    ) -> Kept:
        with self._open(request) as file:
            try:
                mp4 = file.playable(start, stop)
            except (Damaged, OSError) as error:
                raise Unavailable(f"this recording can't be read: {error}") from error
            taken = picture_at(mp4, ticks=ticks, width=width)
            if taken is None:
                raise NotFound("there is no picture that can be decoded")
            at = time_of(Cue(0, taken.ticks), file.about.started_at)
        at += timedelta(microseconds=500)  # to the nearest millisecond
        return taken.jpeg, at.astimezone(UTC).isoformat(timespec="milliseconds")


def _number(request: web.Request, name: str) -> int:
    text = request.query.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Invalid(f"{name} is no number")
    return int(text)
