"""Who dials meets somebody else, or an edge that hangs up: told why, it dials less often."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from domain.errors import Unavailable
from server.edge import keeping
from server.edge.dialling import Dialler, EdgeAddress
from server.edge.door import Shown
from server.edge.greeting import Purpose, greet_inner
from server.edge.keeping import AT_ONCE, EdgeConnections, EdgeLines
from server.supervision import supervise
from tests.component.edge.conftest import KEY
from tests.waiting import eventually


class Impostor:
    """Takes lines where the edge is expected; says ``said`` to each, or greets it and hangs up."""

    def __init__(self, said: bytes | None) -> None:
        self.said, self.met, self._shown = said, 0, Shown.make()

    @asynccontextmanager
    async def listens(self) -> AsyncIterator[EdgeAddress]:
        server = await asyncio.start_server(
            self._meet, "127.0.0.1", 0, ssl=self._shown.context, limit=4096
        )
        try:
            yield EdgeAddress(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        finally:
            server.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.met += 1
        with suppress(ConnectionError):
            if self.said is None:
                await greet_inner(
                    _Talk(reader, writer), key=KEY, certificate=self._shown.der, instance="x"
                )
            else:
                await reader.readline()
                writer.write(self.said)
                await writer.drain()
                await reader.read()
        writer.transport.abort()


class _Talk:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def hear(self) -> bytes:
        return await self._reader.readline()

    def say(self, line: bytes) -> None:
        self._writer.write(line + b"\n")


SAID = {
    "half a surrogate pair": b'{"nonce":"n","instance":"i","proof":"\\ud800"}\n',
    "half a pair in all": b'{"nonce":"\\ud800","instance":"\\udfff","proof":"\\ud800"}\n',
    "numbers": b'{"nonce":1,"instance":1e400,"proof":-0.0}\n',
    "a number of 1000 digits": b'{"proof":' + b"9" * 1000 + b"}\n",
    "lists": b'{"nonce":[],"instance":{"a":[null]},"proof":[[1]]}\n',
    "nothing of it": b"{}\n",
    "no object": b'"proof"\n',
    "no JSON": b"220 edge ESMTP\r\n",
    "no text": b"\xff\xfe\x00\n",
    "too deep": b"[" * 1000 + b"\n",
    "a long line": b'{"proof":"' + b"a" * 1_000_000 + b'"}\n',
    "a line without an end": b"x" * 1_000_000,
    "a proof of another": json.dumps(
        {"nonce": "0" * 64, "instance": "i", "proof": "0" * 64}
    ).encode()
    + b"\n",
    "silence": b"",
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID.keys())
async def test_whatever_an_impostor_says_the_edge_is_unavailable(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not said:
        monkeypatch.setattr("server.edge.dialling.WITHIN_S", 0.2)
    async with Impostor(said).listens() as address:
        with pytest.raises(Unavailable):
            await Dialler(address, key=KEY).dial(Purpose.REQUESTS)


@pytest.mark.parametrize("said", [b"{}\n", None], ids=["an impostor", "an edge that hangs up"])
async def test_who_takes_lines_in_vain_is_dialled_less_and_less_often(
    said: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FIRST_BACK_OFF_S", 0.002)
    pauses_s: list[float] = []

    class Noting(EdgeLines):
        def _back_off_s(self, failed: int) -> float:
            pauses_s.append(super()._back_off_s(failed))
            return pauses_s[-1]

    impostor = Impostor(said)
    async with impostor.listens() as address:
        lines = Noting(
            Dialler(address, key=KEY),
            serve=asyncio.Protocol,
            connections=EdgeConnections(),
            jitter=lambda: 1.0,
        )
        async with supervise({"lines": lines.run}, on_failure=lambda: None):

            async def pauses_are_longer() -> bool:
                return len(pauses_s) > 0 and pauses_s[-1] >= 8 * pauses_s[0]

            await eventually(pauses_are_longer)
            assert impostor.met <= (len(pauses_s) + 2) * AT_ONCE
