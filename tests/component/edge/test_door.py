"""Who comes in from inside: whoever has the edge's key, and nobody between the two."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from domain.errors import Unavailable
from server.edge.dialling import Dialler, EdgeAddress
from server.edge.door import MOST_GREETING, MOST_OF_STRANGER, MOST_STRANGERS, Shown
from server.edge.greeting import Purpose
from server.edge.line import dialling_context
from tests.component.edge.conftest import KEY, Edge
from tests.waiting import LIMIT_S

OTHER_KEY = bytes(32)


async def test_who_has_the_key_is_let_in_and_knows_the_edge(edge: Edge) -> None:
    line, greeted = await Dialler(edge.address, key=KEY).dial(Purpose.REQUESTS)
    await edge.is_reached()
    line.close()

    assert greeted.purpose is Purpose.REQUESTS
    assert greeted.instance


async def test_an_edge_with_another_key_is_not_served(edge: Edge) -> None:
    with pytest.raises(Unavailable, match="does not have the key"):
        await Dialler(edge.address, key=OTHER_KEY).dial(Purpose.REQUESTS)

    assert not edge.lines.is_up


async def test_who_only_repeats_the_edges_proof_is_not_let_in(edge: Edge) -> None:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", edge.port, ssl=dialling_context(), server_hostname=""
    )
    said = {"ilotier": 1, "purpose": "requests", "nonce": "00" * 32}
    writer.write(json.dumps(said).encode() + b"\n")
    answered = json.loads(await reader.readline())
    writer.write(json.dumps({"proof": answered["proof"]}).encode() + b"\n")
    with suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()

    assert not edge.lines.is_up


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"[]\n",
        b"{}\n",
        b"\xff\xfe\n",
        b'{"ilotier":1,"purpose":"requests","nonce":"short"}\n',
        b'{"ilotier":2,"purpose":"requests","nonce":"' + b"0" * 64 + b'"}\n',
        b"x" * 5000,
        b'{"ilotier":1' + b" " * 900 + b"\n" + b"y" * 100_000,
        b"[" * 10_000 + b"\n",
        b'{"ilotier":1,"purpose":"requests","nonce":"'
        + b"0" * 64
        + b'","x":"\\ud800"}\n{"proof":"\\ud800"}\n',
    ],
)
async def test_strangers_are_hung_up_on(said: bytes, edge: Edge) -> None:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", edge.port, ssl=dialling_context(), server_hostname=""
    )
    with suppress(ConnectionError):
        writer.write(said)
        await writer.drain()
        await asyncio.wait_for(reader.read(), LIMIT_S)
    writer.transport.abort()
    assert not edge.lines.is_up

    line, _ = await Dialler(edge.address, key=KEY).dial(Purpose.REQUESTS)
    await edge.is_reached()
    line.close()


async def test_whoever_sits_between_the_two_can_not_pass_the_greeting_on(edge: Edge) -> None:
    async with between(edge) as port:
        address = EdgeAddress(f"https://127.0.0.1:{port}")
        with pytest.raises(Unavailable):
            await Dialler(address, key=KEY).dial(Purpose.REQUESTS)

    assert not edge.lines.is_up


@asynccontextmanager
async def between(edge: Edge) -> AsyncIterator[int]:
    """Somebody who takes the line to the edge, and passes on every byte; gives his port."""

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ssl.SSLError):
            while data := await source.read(4096):
                sink.write(data)
        sink.transport.abort()

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to = await asyncio.open_connection(
            "127.0.0.1", edge.port, ssl=dialling_context(), server_hostname=""
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(carry(reader, to))
            group.create_task(carry(there, writer))

    server = await asyncio.start_server(taken, "127.0.0.1", 0, ssl=Shown.make().context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_a_line_that_says_nothing_does_not_stay(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.edge.door.WITHIN_S", 0.05)
    with suppress(ConnectionError):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", edge.port, ssl=dialling_context(), server_hostname=""
        )
        assert await asyncio.wait_for(reader.read(), LIMIT_S) == b""
        writer.transport.abort()


class Crowd:
    """Strangers of several addresses who connect and say nothing, not even in TLS."""

    def __init__(self, edge: Edge) -> None:
        self._port = edge.port
        self.here: list[socket.socket] = []

    async def come(self, address: str, *, many: int) -> None:
        for _ in range(many):
            one = socket.socket()
            one.setblocking(False)
            one.bind((address, 0))
            self.here.append(one)
            await asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", self._port))

    async def stay(self, count: int) -> None:
        """Wait until no more than the last ``count`` are there."""
        for one in self.here[:-count]:
            with suppress(ConnectionError):
                got = asyncio.get_running_loop().sock_recv(one, 1)
                assert await asyncio.wait_for(got, LIMIT_S) == b""
        for one in self.here[-count:]:
            with pytest.raises(BlockingIOError):
                one.recv(1)

    def leave(self) -> None:
        for one in self.here:
            one.close()


@pytest.fixture
def crowd(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crowd]:
    monkeypatch.setattr("server.edge.door.WITHIN_S", 10 * LIMIT_S)  # it does not help here
    crowd = Crowd(edge)
    yield crowd
    crowd.leave()


async def test_one_address_has_its_share_of_the_door(edge: Edge, crowd: Crowd) -> None:
    await crowd.come("127.0.0.2", many=100)
    await crowd.stay(MOST_OF_STRANGER)

    line, _ = await Dialler(edge.address, key=KEY).dial(Purpose.REQUESTS)
    line.close()


async def test_an_inner_host_that_was_greeted_dials_for_many_phones_at_once(edge: Edge) -> None:
    dialler = Dialler(edge.address, key=KEY)
    first, _ = await dialler.dial(Purpose.CALLS)
    async with asyncio.TaskGroup() as group:
        dialled = [group.create_task(dialler.dial(Purpose.CALLS)) for _ in range(24)]

    assert len(dialled) > MOST_OF_STRANGER
    for line in (first, *(each.result()[0] for each in dialled)):
        line.abort()


async def test_a_crowd_of_many_addresses_keeps_nobody_out(edge: Edge, crowd: Crowd) -> None:
    for last in range(2, 12):
        await crowd.come(f"127.0.0.{last}", many=MOST_OF_STRANGER)
    await crowd.stay(MOST_STRANGERS)
    assert MOST_STRANGERS < MOST_GREETING

    for _ in range(2):  # a stranger too, until it is greeted
        line, _ = await Dialler(edge.address, key=KEY).dial(Purpose.REQUESTS)
        line.close()
    await crowd.stay(MOST_STRANGERS - 1)  # one of them went
