"""The detect processes, as control calls them: what one sees on a camera just now."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientError, ClientTimeout, StreamReader, web
from aiohttp.http_exceptions import LineTooLong

from domain.cameras import Camera
from domain.errors import NotFound, TooMany, Unavailable
from domain.streams import StreamOffline
from server.database.presence import Process, Processes
from server.edge.calling import Callees, read_all
from server.http.media import Media
from server.http.refusals import refusal_of

CONNECT_LIMIT_S = 5.0
SILENCE_LIMIT_S = 5.0
"""Without a look it says each second that it is there."""
LARGEST_PROBLEM = 64 * 1024
MISSED_FOR_S = 5.0
"""A process that is busy says late that it is there, or that it has the camera: for so long one
that is missed is waited for, and no longer."""
MISSED_AGAIN_S = 0.5


class NotWatched(NotFound):
    code = "not-watched"
    title = "Detection does not watch this camera at the moment"


class DetectProcesses:
    """All detect processes of the installation; each watches the cameras of its host."""

    def __init__(self, *, callees: Callees, processes: Processes, media: Media) -> None:
        self._callees, self._processes, self._media = callees, processes, media

    async def of_camera(self, camera: Camera) -> Process:
        """Give the process that is given the camera's pictures, once it is there.

        Raises ``NotWatched`` when none is for some seconds.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + MISSED_FOR_S
        while True:
            try:
                return await self._there_now(camera)
            except NotWatched:
                if loop.time() >= until:
                    raise
            await asyncio.sleep(MISSED_AGAIN_S)

    async def _there_now(self, camera: Camera) -> Process:
        try:
            host = _host(await self._media.of_camera(camera))
        except StreamOffline as error:
            raise NotWatched(str(error)) from error
        for one in await self._processes.all():
            if one.role == "detect" and _host(one) == host and self._processes.is_there(one):
                return one
        raise NotWatched("no detect process is there on the camera's host")

    @asynccontextmanager
    async def looks(self, camera: Camera) -> AsyncIterator[AsyncIterator[bytes]]:
        """Follow what is seen on a camera, line by line; an empty one says that it goes on.

        Raises ``NotWatched``, ``TooMany``, ``Unavailable``.
        """
        process = await self.of_camera(camera)
        try:
            async with self._callees.request(
                "GET",
                process.url,
                f"/cameras/{camera.id}/looks",
                headers={},
                timeout=ClientTimeout(
                    total=None, connect=CONNECT_LIMIT_S, sock_read=SILENCE_LIMIT_S
                ),
                allow_redirects=False,
            ) as response:
                if response.status == 404:
                    raise NotWatched("its rules rest, or its pictures do not come")
                if response.status == 429:
                    raise TooMany("others tune this camera just now", retry_after_s=10)
                if response.status != 200:
                    raise refusal_of(
                        response.status, await read_all(response, most=LARGEST_PROBLEM)
                    )
                yield _lines(response.content)
        except (ClientError, TimeoutError, OSError) as error:
            raise Unavailable("the detect process does not answer; try again") from error


async def _lines(content: StreamReader) -> AsyncIterator[bytes]:
    """Give line by line. Raises ``Unavailable`` for what is none: it does not end in time."""
    try:
        async for line in content:
            yield line
    except (LineTooLong, ValueError) as error:  # of this aiohttp, and of those before
        raise Unavailable("the detect process says what can't be read") from error


def _host(process: Process) -> str:
    """The machine of a holder such as "media@host/1" (`server.wiring.process.holder_of`)."""
    return process.holder.partition("@")[2].rpartition("/")[0]


DETECT = web.AppKey("DETECT", DetectProcesses)
