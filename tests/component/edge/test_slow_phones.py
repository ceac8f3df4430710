"""Whoever takes an answer slowly, or asks for much: others have their lines all the same."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress

import pytest
from aiohttp import ClientSession, TCPConnector, web

from server.edge import forwarding
from server.edge.pool import NobodyInside
from server.edge.shares import UNCOUNTED, Pace, Room, Turns
from tests.component.edge.conftest import Edge, Inside, edge_host
from tests.waiting import LIMIT_S, eventually

FILE, ASKED = "/assets/map.js", "/api/v1/mobile/me"
LARGE = bytes(4 * 1024 * 1024)
"""More than the kernel keeps for a connection whose other end takes nothing."""


async def file(_: web.Request) -> web.Response:
    return web.Response(body=LARGE)


async def me(_: web.Request) -> web.Response:
    return web.Response(text="you")


class Stranger:
    """Asks for a file, from an address of its own, and takes nothing of it."""

    def __init__(self, edge: Edge, address: str = "127.0.0.2") -> None:
        host, port = edge.url.removeprefix("http://").split(":")
        self._to, self._socket = (host, int(port)), socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.setblocking(False)
        self._socket.bind((address, 0))

    async def asks(self, path: str = FILE) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, self._to)
        said = f"GET {path} HTTP/1.1\r\nHost: edge\r\n\r\n"
        await loop.sock_sendall(self._socket, said.encode())

    async def takes_all(self) -> int:
        """How many bytes come until the other end has hung up."""
        taken = 0
        with suppress(ConnectionError):
            async with asyncio.timeout(LIMIT_S):
                while part := await asyncio.get_running_loop().sock_recv(self._socket, 65536):
                    taken += len(part)
        return taken

    def leaves(self) -> None:
        self._socket.close()


@asynccontextmanager
async def leaving() -> AsyncIterator[Callable[[Edge], Stranger]]:
    """Makes strangers, who leave at the end."""
    with ExitStack() as stack:

        def make(edge: Edge) -> Stranger:
            stranger = Stranger(edge)
            stack.callback(stranger.leaves)
            return stranger

        yield make


async def test_strangers_who_take_a_file_slowly_hold_no_line(
    edge: Edge, inside: Inside, phone: ClientSession
) -> None:
    asked = 0

    async def counted(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return await file(request)

    inside.answers("GET", FILE, counted)
    inside.answers("GET", ASKED, me)
    async with inside.dials(edge.address, spare=2, most=3), leaving() as strangers:
        await edge.is_reached()
        for _ in range(6):
            await strangers(edge).asks()

        async def all_were_served() -> bool:
            return asked == 6

        await eventually(all_were_served)
        async with phone.get(edge.url + ASKED) as answer:
            assert (answer.status, await answer.text()) == (200, "you")


async def test_what_is_too_large_to_be_kept_is_passed_on_whole(
    edge: Edge, inside: Inside, phone: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "KEPT_AT_MOST", 1024)
    inside.answers("GET", FILE, file)
    async with inside.dials(edge.address):
        await edge.is_reached()
        async with phone.get(edge.url + FILE) as answer:
            assert await answer.read() == LARGE


async def test_the_head_of_an_answer_tells_its_length_without_its_body(
    edge: Edge, inside: Inside, phone: ClientSession
) -> None:
    inside.answers("GET", FILE, file)
    inside.answers("HEAD", FILE, file)
    async with inside.dials(edge.address, spare=1, most=1):
        await edge.is_reached()
        for _ in range(2):
            async with phone.head(edge.url + FILE) as answer:
                assert answer.headers["Content-Length"] == str(len(LARGE))


async def test_one_address_asks_so_many_things_at_once_and_its_neighbour_does_not_notice() -> None:
    turns, gate = Turns(at_once=2, waiting=0, wait_s=60.0), asyncio.Event()

    async def ask(address: str) -> None:
        async with turns.turn(address):
            await gate.wait()

    async with asyncio.TaskGroup() as group:
        for last in (1, 2):  # of one subscriber
            group.create_task(ask(f"2001:db8::{last}"))
        await asyncio.sleep(0)
        with pytest.raises(NobodyInside):
            await ask("2001:db8::3")
        group.create_task(ask("192.0.2.1"))
        gate.set()
    await ask("2001:db8::3")


async def test_who_waits_too_long_for_a_turn_is_told() -> None:
    turns = Turns(at_once=1, waiting=1, wait_s=0.01)
    async with turns.turn("192.0.2.1"):
        with pytest.raises(NobodyInside):
            async with turns.turn("192.0.2.1"):
                pass


def test_who_takes_longest_goes_when_the_room_is_used_up() -> None:
    room, gone = Room(in_all=100 * UNCOUNTED, of_address=40 * UNCOUNTED), list[str]()
    stack = ExitStack()

    def keep(address: str, size: int, name: str) -> None:
        size *= UNCOUNTED
        stack.enter_context(room.keep(address, size, give_up=lambda: gone.append(name)))

    keep("192.0.2.1", 20, "the first")
    keep("192.0.2.1", 20, "the second")
    keep("192.0.2.1", 20, "the third")
    assert gone == ["the first"]  # its own neighbours' share
    keep("192.0.2.2", 30, "another's")
    keep("192.0.2.3", 40, "a third one's")
    assert gone == ["the first", "the second"]  # of who has most
    keep("192.0.2.4", 1, "an answer of the API")
    assert room.used == 90 * UNCOUNTED
    stack.close()
    assert room.used == 0


async def test_who_was_put_out_is_hung_up_on_and_leaves_no_trace(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside.answers("GET", FILE, file)
    room = Room(in_all=2 * len(LARGE), of_address=len(LARGE))
    monkeypatch.setattr(forwarding, "Room", lambda: room)
    async with edge_host() as small, inside.dials(small.address), leaving() as strangers:
        await small.is_reached()
        slow = strangers(small)
        await slow.asks()

        async def is_kept() -> bool:
            return room.used == len(LARGE)

        await eventually(is_kept)
        async with (
            ClientSession(connector=TCPConnector(local_addr=("127.0.0.2", 0))) as quick,
            quick.get(small.url + FILE) as answer,
        ):
            assert await answer.read() == LARGE
        assert await slow.takes_all() < len(LARGE)

        async def is_empty() -> bool:
            return room.used == 0

        await eventually(is_empty)


def test_a_phone_has_as_long_as_it_takes_something() -> None:
    pace = Pace(within_s=30.0, slowest_bytes_s=8192)
    for _ in range(100):
        pace.took(64 * 1024, seconds=8.0)
    assert pace.left_s == 30.0
    for _ in range(20):
        pace.took(1024, seconds=2.0)
    assert pace.left_s < 0.0
