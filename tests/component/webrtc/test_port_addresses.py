"""Whose an address is behind one port: forged ones, peers that move, sessions that have ended."""

import asyncio
import socket
from contextlib import closing

import pytest

from tests.component.webrtc.behind_port import MEDIA, check, pair, received, relay
from tests.component.webrtc.peers import LIMIT_S, until
from webrtc import internals


async def test_another_sessions_address_is_not_taken_by_writing_it_on_a_datagram() -> None:
    """Somebody who may watch, too, signs checks of his own session with another's address."""
    async with relay() as made, pair(made) as (ours, theirs):
        attacker = await made.expects()
        attacker.remote_username, attacker.remote_password = "peer", "of-the-attacker" * 3
        connecting = asyncio.ensure_future(attacker.connect())
        known = len(attacker.remote_candidates)
        # From the very socket of the victim: a forged sender's address looks no different.
        theirs._nominated[1].protocol.transport.sendto(
            check(attacker), ("127.0.0.1", made.port.number)
        )
        await until(lambda: len(attacker.remote_candidates) > known)
        for _ in range(20):
            await theirs.send(MEDIA)
            assert await received(ours) == MEDIA
        assert internals.waiting(attacker) == 0
        await attacker.close()
        with pytest.raises(ConnectionError):
            await connecting


class MiddleBox(asyncio.DatagramProtocol):
    """A NAT before a peer; `rebind` gives its mapping another port."""

    def __init__(self, target: int) -> None:
        self._target = ("127.0.0.1", target)
        self._inner, self._outer = (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)
        )
        self._inner.bind(("127.0.0.1", 0))
        self._inner.setblocking(False)
        self.port = self._inner.getsockname()[1]
        self._peer: tuple[str, int] | None = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._inner, self._outwards)
        self._map()

    def _map(self) -> None:
        self._outer.bind(("127.0.0.1", 0))
        self._outer.setblocking(False)
        self._loop.add_reader(self._outer, self._inwards)

    def rebind(self) -> None:
        self._loop.remove_reader(self._outer)
        self._outer.close()
        self._outer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._map()

    def close(self) -> None:
        for sock in (self._inner, self._outer):
            self._loop.remove_reader(sock)
            sock.close()

    def _outwards(self) -> None:
        data, self._peer = self._inner.recvfrom(2048)
        self._outer.sendto(data, self._target)

    def _inwards(self) -> None:
        data = self._outer.recv(2048)
        if self._peer is not None:
            self._inner.sendto(data, self._peer)


async def test_a_peer_whose_nat_moves_it_is_followed_once_it_has_answered_there() -> None:
    async with relay() as made:
        made.port.open(["127.0.0.1"])
        with closing(MiddleBox(made.port.number)) as nat:
            async with pair(made, through=nat.port) as (ours, theirs):
                await theirs.send(MEDIA)
                assert await received(ours) == MEDIA
                nat.rebind()
                await theirs.send(MEDIA)
                await until(lambda: made.refused("unknown-address") == 1)
                # What a browser does every 2.5 s: the check of the pair it uses.
                chosen = theirs._nominated[1]
                before = ours._nominated[1]
                assert theirs.remote_password is not None
                await chosen.protocol.request(
                    theirs.build_request(chosen, nominate=True),
                    chosen.remote_addr,
                    integrity_key=theirs.remote_password.encode(),
                )
                await until(lambda: ours._nominated[1] is not before)

                await theirs.send(MEDIA)
                assert await received(ours) == MEDIA
                await ours.send(MEDIA)
                assert await received(theirs) == MEDIA


async def test_a_peer_that_shows_ever_new_addresses_is_held_to_a_bound() -> None:
    async with relay() as made, pair(made) as (ours, theirs):
        for _ in range(120):
            with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as moving:
                moving.setblocking(False)
                moving.sendto(check(ours), ("127.0.0.1", made.port.number))
                async with asyncio.timeout(LIMIT_S):
                    await asyncio.get_running_loop().sock_recv(moving, 2048)

        [listener] = made.port._listeners.values()
        assert len(ours.remote_candidates) <= 48
        assert len(ours._check_list) <= 48
        assert len(listener._holders) <= 8
        await theirs.send(MEDIA)
        assert await received(ours) == MEDIA


async def test_nothing_is_left_of_a_session_that_has_ended() -> None:
    async with relay() as made:
        async with pair(made):
            pass
        [listener] = made.port._listeners.values()

        assert not listener._holders
        assert not listener.transactions
        assert not made.port._peers
