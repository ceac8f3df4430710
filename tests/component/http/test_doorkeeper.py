"""Half-sent requests, and connections that ask nothing, do not keep others out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from domain.addresses import Network
from server.http.doorkeeper import ASKS_WITHIN_S, MOST_IDLE_OF_ADDRESS, Doorkeeper

HALF = b"GET / HTTP/1.1\r\nHost: x\r\nX-"
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LIMIT_S = 60.0

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door:
    """A server with its doorkeeper and a clock of the test's."""

    def __init__(self, server: BaseTestServer, *, proxies: tuple[Network, ...] = ()) -> None:
        assert server.runner is not None
        assert server.runner.server is not None
        self.server, self.inner, self.now_s = server, server.runner.server, 100.0
        self.kept: list[asyncio.StreamWriter] = []
        self.keeper = Doorkeeper(self.inner, proxies=proxies, clock=lambda: self.now_s)

    async def connect(self, said: bytes) -> asyncio.StreamReader:
        """Connect and say this; the connection stays as long as the reader is kept."""
        reader, writer = await asyncio.open_connection(self.server.host, self.server.port)
        writer.write(said)
        await writer.drain()
        self.kept.append(writer)
        return reader

    async def there(self, count: int) -> None:
        """Wait until the server has accepted so many."""
        async with asyncio.timeout(LIMIT_S):
            while len(self.inner.connections) < count:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.001)


async def answer(_: web.Request) -> web.Response:
    return web.Response(text="yes")


@asynccontextmanager
async def serving(handler: Handler, *, proxies: tuple[Network, ...] = ()) -> AsyncIterator[Door]:
    app = web.Application()
    app.router.add_route("GET", "/", handler)
    async with TestServer(app) as server:
        door = Door(server, proxies=proxies)
        try:
            yield door
        finally:
            for writer in door.kept:
                writer.transport.abort()
            await asyncio.sleep(0)  # the loop closes what was aborted


async def is_closed(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(LIMIT_S):
            return await reader.read() == b""
    except ConnectionResetError:
        return True


async def test_a_half_sent_request_is_given_up() -> None:
    async with serving(answer) as door:
        reader = await door.connect(HALF)
        await door.there(1)
        door.keeper.look()
        door.now_s += ASKS_WITHIN_S + 1
        door.keeper.look()

        assert await is_closed(reader)


async def test_a_connection_that_goes_on_asking_stays() -> None:
    async with serving(answer) as door:
        reader = await door.connect(WHOLE)
        for _ in range(3):
            async with asyncio.timeout(LIMIT_S):
                assert b"yes" in await reader.readuntil(b"yes")
            door.keeper.look()
            door.now_s += ASKS_WITHIN_S - 1
            door.keeper.look()
            door.kept[0].write(WHOLE)

        async with asyncio.timeout(LIMIT_S):
            assert b"yes" in await reader.readuntil(b"yes")


async def test_what_is_being_answered_is_not_idle() -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        asked.set()
        await may_answer.wait()
        return await answer(request)

    async with serving(slow) as door, asyncio.timeout(LIMIT_S):
        reader = await door.connect(WHOLE)
        await asked.wait()
        door.keeper.look()
        door.now_s += 100 * ASKS_WITHIN_S
        door.keeper.look()
        may_answer.set()

        assert b"yes" in await reader.readuntil(b"yes")


@pytest.mark.parametrize("is_proxy", [False, True])
async def test_one_address_holds_so_many_and_its_oldest_go(is_proxy: bool) -> None:
    proxies: tuple[Network, ...] = (ip_network("127.0.0.0/8"),) if is_proxy else ()
    async with serving(answer, proxies=proxies) as door:
        first = await door.connect(HALF)
        await door.there(1)
        door.keeper.look()
        door.now_s += 1
        others = [await door.connect(HALF) for _ in range(MOST_IDLE_OF_ADDRESS)]
        await door.there(MOST_IDLE_OF_ADDRESS + 1)
        door.keeper.look()
        if not is_proxy:
            assert await is_closed(first)

        assert [one.at_eof() for one in others] == [False] * len(others)
        assert first.at_eof() is not is_proxy
