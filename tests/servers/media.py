"""A media process's inner API that negotiates nothing: it notes what control asks of it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

ANSWER = "v=0\r\n"


@dataclass
class NotedMedia:
    """``refuses``: the problem (status, code) that the next negotiation is answered with.

    ``meanwhile``: what happens before anything that was posted is answered.
    """

    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    """The bodies that were JSON."""
    refuses: tuple[int, str] | None = None
    meanwhile: Callable[[], Awaitable[object]] | None = None
    hangs: bool = False
    still: bytes = b"\xff\xd8 still"
    statistics: dict[str, object] = field(default_factory=dict)
    noted: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def wait_for(self, method: str, path: str) -> None:
        """Return once control has asked that."""
        async with asyncio.timeout(60.0), self.noted:
            await self.noted.wait_for(lambda: (method, path) in self.asked)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer internal"
        async with self.noted:
            self.asked.append((request.method, request.path))
            if request.content_type == "application/json":
                self.told.append(await request.json())
            self.noted.notify_all()
        if self.hangs:
            await asyncio.sleep(3600)
        if self.refuses is not None:
            (status, code), self.refuses = self.refuses, None
            problem = {"type": f"/problems/{code}", "detail": "said by media"}
            return web.Response(
                status=status,
                body=json.dumps(problem).encode(),
                content_type="application/problem+json",
            )
        if request.path.endswith("/still"):
            return web.Response(
                body=self.still,
                content_type="image/jpeg",
                headers={"X-Captured-At": "2026-01-01T12:00:00.000Z"},
            )
        if request.path.endswith(("/statistics", "/camera")):
            return web.json_response(self.statistics)
        if request.path == "/cameras/check":
            still = base64.b64encode(self.still).decode()
            return web.json_response({"ok": True, "reason": None, "codec": "h264", "still": still})
        if request.method == "POST":
            if self.meanwhile is not None:
                await self.meanwhile()
            return web.Response(
                status=201, text=ANSWER, content_type="application/sdp", headers={"ETag": '"1"'}
            )
        return web.Response(status=204)


@asynccontextmanager
async def noting() -> AsyncIterator[NotedMedia]:
    """Serve one on a free port of this machine."""
    media = NotedMedia()
    async with TestServer(media.app()) as server:
        media.url = str(server.make_url("")).rstrip("/")
        yield media
