"""One UDP port for all peers: real sockets on the loopback, real ICE at both ends; strangers."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from aioice import stun
from aioice.ice import Connection

from tests.component.webrtc.peers import (
    LIMIT_S,
    LOOPBACK,
    Listener,
    Peer,
    new_stream,
    publishing,
    running,
    until,
    watching,
)
from webrtc import ice, internals
from webrtc.ice import IceAddresses
from webrtc.metrics import Metrics, value
from webrtc.port import Port, sender_for

MEDIA = b"\x80\x60" + b"\x00" * 20  # SRTP to the first byte, nonsense to the last
BOTH = IceAddresses(bind=("127.0.0.1", "::1"))


@dataclass
class Relay:
    """A port and what it counts; ``refused`` by reason."""

    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self.port = Port(metrics=self.metrics)

    def refused(self, reason: str) -> float:
        return value(self.metrics.datagrams_refused.labels(reason))

    async def expects(self, addresses: IceAddresses = LOOPBACK) -> Connection:
        """A session that has answered and waits for its peer."""
        connection = Connection(ice_controlling=False)
        ice.prepare(connection, addresses, self.port)
        await connection.gather_candidates()
        return connection


@asynccontextmanager
async def relay() -> AsyncIterator[Relay]:
    made = Relay()
    try:
        yield made
    finally:
        made.port.close()


@asynccontextmanager
async def pair(
    made: Relay, *, through: int | None = None
) -> AsyncIterator[tuple[Connection, Connection]]:
    """Two ends that ICE has joined: a session of ``made``, and its peer.

    The peer finds the session at the port ``through`` of a middle box, if there is one.
    """
    theirs, box = Connection(ice_controlling=True), Port(metrics=Metrics())
    ice.prepare(theirs, LOOPBACK, box)
    await theirs.gather_candidates()
    ours = await made.expects()
    for end, other in ((ours, theirs), (theirs, ours)):
        end.remote_username, end.remote_password = other.local_username, other.local_password
    for candidate in ours.local_candidates:
        candidate.port = through or candidate.port
        await theirs.add_remote_candidate(candidate)
    async with asyncio.timeout(LIMIT_S):
        await asyncio.gather(ours.connect(), theirs.connect())
    try:
        yield ours, theirs
    finally:
        await theirs.close()
        await ours.close()
        box.close()


def check(to: Connection, *, password: str | None = None, name: str | None = None) -> bytes:
    """A connectivity check for ``to``, as its peer would sign it."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{name or to.local_username}:{to.remote_username or 'peer'}"
    request.attributes["PRIORITY"] = 1845494271
    request.attributes["ICE-CONTROLLING"] = 1
    request.add_message_integrity((password or to.local_password).encode())
    return bytes(request)


async def received(end: Connection) -> bytes:
    async with asyncio.timeout(LIMIT_S):
        return await end.recv()


async def test_publisher_and_viewers_meet_at_one_port() -> None:
    stream = new_stream()
    async with (
        running() as service,
        publishing(service, stream) as phone,
        watching(service, stream) as first,
        watching(service, stream) as second,
    ):
        await first.frame()
        await second.frame()
        answers = [peer.session.answer.result() for peer in (phone, first, second) if peer.session]
        ports = {
            line.split()[5]
            for answer in answers
            for line in answer.splitlines()
            if line.startswith("a=candidate:")
        }

    assert len(answers) == 3
    assert len(ports) == 1


async def test_a_viewer_that_has_ipv6_alone_watches() -> None:
    stream, box = new_stream(), Port(metrics=Metrics())
    async with running(addresses=BOTH) as service, publishing(service, stream):
        peer = Peer()
        peer.pc.addTransceiver("video", direction="recvonly")
        ice.prepare(internals.ice_connection(peer.pc), IceAddresses(bind=("::1",)), box)
        await peer.accept(await service.watch(stream, uuid4(), await peer.offer()))
        await peer.frame()
        chosen = internals.nominated_pair(internals.dtls_transport(peer.pc))
        await peer.close()
    box.close()

    assert chosen is not None
    assert chosen.remote_addr[0] == "::1"


async def test_all_addresses_share_one_number_and_both_families_are_offered() -> None:
    async with relay() as made:
        candidates = (await made.expects(BOTH)).local_candidates

    assert {each.host for each in candidates} == {"127.0.0.1", "::1"}
    assert {each.port for each in candidates} == {made.port.number or candidates[0].port}


async def test_a_second_process_is_refused_the_port() -> None:
    async with relay() as made:
        await made.expects()
        with pytest.raises(OSError, match="no UDP port"):
            Port(made.port.number, metrics=Metrics()).open(["127.0.0.1"])


async def test_what_a_viewer_is_sent_has_a_buffer_of_its_own_and_the_port_still_receives() -> None:
    async with relay() as made, pair(made) as (ours, theirs):
        dtls_pair = ours._nominated[1]
        senders = [sender_for(dtls_pair) for _ in range(20)]
        for sender in senders:
            assert sender.getsockname()[1] == made.port.number
            sender.sendto(MEDIA, dtls_pair.remote_addr)
            assert await received(theirs) == MEDIA
        for _ in range(50):
            await theirs.send(MEDIA)
            assert await received(ours) == MEDIA
        for sender in senders:
            sender.close()


# Strangers


@pytest.mark.parametrize(
    ("reason", "datagram"),
    [
        ("unknown-ufrag", lambda session: check(session, name="nobody")),
        ("bad-integrity", lambda session: check(session, password="guess" * 8)),
        ("unknown-address", lambda session: MEDIA),
        ("unknown-address", lambda session: b"\x16\xfe\xfd" + bytes(40)),  # DTLS
        ("malformed", lambda session: b"\x00\x01" + bytes(30)),
        ("malformed", lambda session: b""),
        ("malformed", lambda session: b"\x50" * 30),
        ("malformed", lambda session: check(session)[:-1]),
        ("unknown-answer", lambda session: b"\x01\x01" + check(session)[2:]),
    ],
)
async def test_a_stranger_gets_no_answer_leaves_nothing_and_is_counted(reason, datagram) -> None:  # type: ignore[no-untyped-def]  # a table
    async with relay() as made, pair(made) as (ours, theirs):
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as stranger:
            stranger.setblocking(False)
            stranger.bind(("127.0.0.1", 0))
            before = len(ours.remote_candidates)
            for _ in range(200):
                stranger.sendto(datagram(ours), ("127.0.0.1", made.port.number))
            await until(lambda: made.refused(reason) == 200)
            with pytest.raises(BlockingIOError):
                stranger.recv(2000)

        assert len(ours.remote_candidates) == before
        await theirs.send(MEDIA)
        assert await received(ours) == MEDIA


async def test_a_signed_check_that_says_nothing_of_itself_ends_nothing() -> None:
    """PRIORITY is missing, or shorter than it may be: aioice would raise on either."""
    async with relay() as made, pair(made) as (ours, theirs):
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{ours.local_username}:{ours.remote_username}"
        request.add_message_integrity(ours.local_password.encode())
        name = f"{ours.local_username}:peer".encode()
        name = struct.pack("!HH", 0x0006, len(name)) + name + bytes(-len(name) % 4)
        attributes = name + b"\x00\x24\x00\x01\x00\x00"
        short = struct.pack("!HH", 1, len(attributes)) + check(ours)[4:20] + attributes
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as stranger:
            for hostile in (bytes(request), short):
                stranger.sendto(hostile, ("127.0.0.1", made.port.number))
            await until(lambda: made.refused("bad-integrity") + made.refused("malformed") == 2)
        await theirs.send(MEDIA)
        assert await received(ours) == MEDIA


async def test_checks_on_a_path_that_stands_are_answered_without_the_ice_agent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with relay() as made, pair(made) as (ours, theirs):
        seen: list[object] = []
        monkeypatch.setattr(ours, "request_received", lambda *what: seen.append(what))
        path = internals.nominated_pair_of(theirs)
        assert path is not None
        assert theirs.remote_password is not None
        async with asyncio.timeout(LIMIT_S):
            answer, _ = await path.protocol.request(
                theirs.build_request(path, nominate=False),
                path.remote_addr,
                integrity_key=theirs.remote_password.encode(),
            )

        assert answer.attributes["XOR-MAPPED-ADDRESS"][0] == "127.0.0.1"
        assert seen == []


async def test_a_check_at_an_address_that_a_session_never_had_is_not_answered() -> None:
    async with relay() as made:
        first = await made.expects()
        await made.expects(BOTH)
        with closing(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)) as peer:
            peer.sendto(check(first), ("::1", made.port.number))

            await until(lambda: made.refused("unknown-ufrag") == 1)


# Addresses that move


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


# Media in


async def test_what_was_not_protected_by_the_peer_is_counted_and_hurts_nobody() -> None:
    stream = new_stream()
    async with running() as service, publishing(service, stream) as phone:
        transport = internals.ice_connection(phone.pc)
        packets = value(service.metrics.packets_in)
        for hostile in (MEDIA, MEDIA * 60, b"\x80\x60" + bytes(10), b"\x80\x60", b"\x80\xc8" * 9):
            await transport.send(hostile)
        refused = service.metrics.datagrams_refused.labels("bad-srtp")
        await until(lambda: value(refused) >= 4)  # the fifth is SRTCP, which aiortc refuses
        await until(lambda: value(service.metrics.packets_in) > packets + 20)

        assert service.relay.get(stream).is_live


async def test_a_packet_that_cannot_be_handled_ends_its_own_session_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, sound, listener = new_stream(), new_stream(), Listener()
    async with (
        running(listener) as service,
        publishing(service, broken) as phone,
        publishing(service, sound),
    ):
        assert phone.session is not None
        assert phone.session._pc is not None

        async def fail(data: bytes, arrival_time_ms: int) -> None:
            raise ValueError("of this test")

        internals.dtls_transport(phone.session._pc)._handle_rtp_data = fail  # type: ignore[method-assign]  # a defect
        await listener.wait_for("stream_away")
        packets = service.relay.get(sound).video.octets
        await until(lambda: service.relay.get(sound).video.octets > packets)

        assert service.relay.get(sound).is_live
        assert "its session ends" in caplog.text
