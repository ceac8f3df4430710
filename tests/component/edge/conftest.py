"""An edge and the inside, each with its real parts, in one process on the loopback."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientSession, web

from server.edge.dialling import Dialler, EdgeAddress
from server.edge.door import Door, Shown
from server.edge.forwarding import build_app
from server.edge.keeping import EdgeConnections, EdgeLines
from server.edge.paths import OF_PHONES
from server.edge.pool import InnerLines
from server.supervision import Service, supervise
from tests.waiting import LIMIT_S, eventually

KEY = bytes(range(32))


@asynccontextmanager
async def kept_running(name: str, service: Service) -> AsyncIterator[None]:
    """What dies meanwhile fails the test, with its own error as the cause."""
    died: list[Exception] = []

    async def noting() -> None:
        try:
            await service()
        except Exception as error:  # raised again below, where pytest sees it
            died.append(error)
            raise

    async with supervise({name: noting}, on_failure=lambda: None):
        try:
            yield
        except Exception as error:  # what the block raised, once its service had died
            if not died:
                raise
            died.append(error)
    if died:
        raise ExceptionGroup(f"{name} died", died)


@dataclass
class Edge:
    """An edge that listens: ``url`` for phones, ``port`` for those inside."""

    url: str
    port: int
    lines: InnerLines
    shown: Shown

    @property
    def address(self) -> EdgeAddress:
        return EdgeAddress(f"https://127.0.0.1:{self.port}")

    async def is_reached(self) -> None:
        async def up() -> bool:
            return self.lines.is_up

        await eventually(up)


@asynccontextmanager
async def edge_host(
    *,
    key: bytes = KEY,
    port: int = 0,
    wait_s: float = 20.0,
    inner_app: web.Application | None = None,
) -> AsyncIterator[Edge]:
    """``inner_app``: what the edge answers to those inside."""
    async with AsyncExitStack() as stack:
        lines, shown = InnerLines(wait_s=wait_s), Shown.make()
        calls = web.AppRunner(inner_app or web.Application())
        await calls.setup()
        stack.push_async_callback(calls.cleanup)
        assert calls.server is not None
        door = Door(key=key, lines=lines, calls=calls.server, shown=shown)
        runner = web.AppRunner(build_app(lines, paths=OF_PHONES), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        stack.callback(door.close)
        port = await door.listen("127.0.0.1", port)
        await stack.enter_async_context(kept_running("the door", door.run))
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield Edge(url, port, lines, shown)


@dataclass
class Inside:
    """An inner server and its lines to an edge."""

    app: web.Application = field(default_factory=web.Application)
    connections: EdgeConnections = field(default_factory=EdgeConnections)
    runner: web.AppRunner | None = None

    def answers(self, method: str, path: str, handler: object) -> None:
        self.app.router.add_route(method, path, handler)  # type: ignore[arg-type]  # of any kind

    @asynccontextmanager
    async def dials(
        self, address: EdgeAddress, *, key: bytes = KEY, spare: int = 2, most: int = 20
    ) -> AsyncIterator[EdgeLines]:
        if self.runner is None:
            self.app.middlewares.append(self._noted)
            self.runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1)
            await self.runner.setup()
        assert self.runner.server is not None
        lines = EdgeLines(
            Dialler(address, key=key),
            serve=self.runner.server,
            connections=self.connections,
            spare=spare,
            most=most,
            jitter=lambda: 0.0,
        )
        async with kept_running("the lines", lines.run):
            yield lines

    @web.middleware
    async def _noted(self, request: web.Request, handler: object) -> web.StreamResponse:
        lines = self.connections.through(request.protocol)
        assert lines is not None
        lines.begun(request.protocol)
        try:
            return await handler(request)  # type: ignore[operator,no-any-return]  # aiohttp's
        finally:
            lines.ended(request.protocol)


@pytest.fixture(autouse=True)
def patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """A greeting that takes long is a busy machine's, unless a test says otherwise."""
    monkeypatch.setattr("server.edge.dialling.WITHIN_S", LIMIT_S)
    monkeypatch.setattr("server.edge.door.WITHIN_S", LIMIT_S)


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    async with edge_host() as edge:
        yield edge


@pytest.fixture
async def inside() -> AsyncIterator[Inside]:
    inside = Inside()
    yield inside
    if inside.runner is not None:
        await inside.runner.cleanup()


@pytest.fixture
async def phone() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session
