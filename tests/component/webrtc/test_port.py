"""One UDP port for all peers: real sockets on the loopback, real ICE at both ends; strangers."""

import asyncio
import socket
import struct
from contextlib import closing
from uuid import uuid4

import pytest
from aioice import stun

from tests.component.webrtc.behind_port import BOTH, MEDIA, check, pair, received, relay
from tests.component.webrtc.peers import (
    LIMIT_S,
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
            # Or more: the answer to a check that was sent again may have come twice.
            await until(lambda: made.refused(reason) >= 200)
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
