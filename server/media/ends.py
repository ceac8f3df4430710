"""At an edge: who watches there, and whose watching has just ended, for control to write down."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from aiohttp import web

from domain.identifiers import StreamId
from domain.streams import Codec
from webrtc.cameras import CameraSource
from webrtc.relay import EndReason
from webrtc.rtsp import DownReason

KEPT, KEPT_S = 1000, 60.0
"""Those beyond are known by not watching any more, their end some seconds late."""
WAIT_S = 10.0


class Ends:
    """``server.media.listener.MediaListener`` of an edge: it has no cameras, nobody to tell."""

    def __init__(self) -> None:
        self._kept: deque[tuple[UUID, float]] = deque(maxlen=KEPT)
        self._count = 0
        self._news = asyncio.Event()

    async def viewer_ended(
        self, stream_id: StreamId, session_id: UUID, reason: EndReason, at: datetime
    ) -> None:
        self._count += 1
        self._kept.append((session_id, asyncio.get_running_loop().time()))
        self._news.set()

    def handler(
        self, watching: Callable[[], Sequence[UUID]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """``GET /watching?after=COUNT``: ``{count, watching: [id], ended: [[id, age in s]]}``.

        It waits for the next end, if no more than COUNT have been.
        """

        async def answer(request: web.Request) -> web.Response:
            if request.query.get("after") == str(self._count):
                self._news.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(WAIT_S):
                        await self._news.wait()
            now_s = asyncio.get_running_loop().time()
            ended = [
                [str(session_id), round(now_s - at_s, 3)]
                for session_id, at_s in self._kept
                if now_s - at_s <= KEPT_S
            ]
            here = [str(session_id) for session_id in watching()]
            return web.json_response({"count": self._count, "watching": here, "ended": ended})

        return answer

    async def stream_started(self, stream_id: StreamId, session_id: UUID, at: datetime) -> None:
        """Whoever fetches the stream tells it."""

    async def stream_away(self, stream_id: StreamId, at: datetime) -> None:
        """As above."""

    async def stream_ended(self, stream_id: StreamId, reason: EndReason, at: datetime) -> None:
        """As above."""

    async def camera_up(self, source: CameraSource, codec: Codec, at: datetime) -> None: ...

    async def camera_down(self, source: CameraSource, reason: DownReason, at: datetime) -> None: ...

    async def camera_clock(self, source: CameraSource, offset: timedelta, at: datetime) -> None: ...

    async def talk_ended(self, talk_id: UUID, sounded_s: float, at: datetime) -> None: ...
