"""Peers that stop half way, vanish, or come all at once: each ends in time, the others go on."""

import asyncio
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aioice import Candidate

from domain.errors import Unavailable
from domain.streams import ManyConnecting
from server.media import build_app
from server.media.turns import Turns
from tests.component.webrtc.peers import (
    LIMIT_S,
    Listener,
    Peer,
    hurry,
    new_stream,
    publishing,
    running,
    until,
    watching,
)
from tests.stalls import stand_still
from webrtc import internals
from webrtc.metrics import value
from webrtc.relay import EndReason
from webrtc.signalling import PeerSession
from webrtc.viewer import ViewerSession

STORM = 1000


async def test_a_viewer_that_vanishes_is_ended_in_time_and_the_others_go_on() -> None:
    stream, listener = new_stream(), Listener()
    async with (
        running(listener, gone_after_s=0.8) as service,
        publishing(service, stream),
        watching(service, stream) as stays,
        watching(service, stream) as leaves,
    ):
        await leaves.frame()
        assert leaves.session is not None
        leaves.vanish()
        ended = await listener.wait_for("viewer_ended")
        await stays.frame()

        assert ended[1:3] == (leaves.session.id, EndReason.CONNECTION_LOST)
        await until(lambda: service.status()[0].viewers == 1)


async def test_a_viewer_still_connecting_is_told_that_its_stream_is_over() -> None:
    stream, listener = new_stream(), Listener()
    async with running(listener) as service, publishing(service, stream):
        peer = Peer()
        peer.pc.addTransceiver("video", direction="recvonly")
        session = await service.watch(stream, uuid4(), await peer.offer())
        service.relay.remove(stream)
        ended = await listener.wait_for("viewer_ended")
        await peer.close()

        assert ended[1:3] == (session.id, EndReason.STREAM_ENDED)


async def test_what_refuses_after_the_answer_ends_that_session_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream, listener = new_stream(), Listener()

    async def refuse(session: PeerSession, pc: object) -> EndReason:
        raise Unavailable("what it needs has just gone")

    async with running(listener) as service, publishing(service, stream):
        monkeypatch.setattr(ViewerSession, "_serve", refuse)
        peer = Peer()
        peer.pc.addTransceiver("video", direction="recvonly")
        await service.watch(stream, uuid4(), await peer.offer())
        ended = await listener.wait_for("viewer_ended")
        await peer.close()

        assert ended[2] is EndReason.FAILED
        assert service.is_running
        assert service.status()[0].state == "live"


async def test_a_publisher_that_vanishes_leaves_its_stream_away() -> None:
    stream, listener = new_stream(), Listener()
    async with running(listener, gone_after_s=0.8) as service:
        async with publishing(service, stream) as phone:
            phone.vanish()
            await listener.wait_for("stream_away")

        assert service.relay.get(stream).publisher is None
        failed = service.metrics.sessions_failed.labels("publisher", EndReason.CONNECTION_LOST)
        assert value(failed) == 1


async def test_a_peer_that_answers_is_kept_for_longer_than_a_silent_one() -> None:
    stream, listener = new_stream(), Listener()
    async with (
        running(listener, gone_after_s=0.2) as service,
        publishing(service, stream),
        watching(service, stream) as viewer,
    ):
        for _ in range(40):  # at 30 pictures a second, well beyond the time
            await viewer.frame()

        assert [kind for kind, _ in listener.heard if kind == "viewer_ended"] == []


async def test_dtls_that_never_finishes_ends_in_time_whatever_is_sent_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream, listener = new_stream(), Listener()
    async with (
        running(listener) as service,
        publishing(service, stream),
    ):
        peer = Peer()
        peer.pc.addTransceiver("video", direction="recvonly")
        session = await service.watch(stream, uuid4(), await peer.offer())
        lines = dict(
            line[2:].split(":", 1)
            for line in session.answer.result().splitlines()
            if line.startswith(("a=ice-", "a=candidate"))
        )
        connection = internals.ice_connection(peer.pc)
        connection.remote_username, connection.remote_password = (
            lines["ice-ufrag"],
            lines["ice-pwd"],
        )
        await connection.add_remote_candidate(Candidate.from_sdp(lines["candidate"]))
        async with asyncio.timeout(LIMIT_S):
            await connection.connect()
        hello = b"\x16\xfe\xfd" + bytes(8) + b"\xff\xff"  # a record that says it is longer
        for _ in range(2000):
            await connection.send(hello)
        theirs = service.session(session.id)._pc
        assert theirs is not None
        await until(lambda: theirs.iceConnectionState == "completed")
        stand_still(monkeypatch, LIMIT_S)
        ended = await listener.wait_for("viewer_ended")
        await peer.close()

        assert ended[1:3] == (session.id, EndReason.NEVER_CONNECTED)
        assert service.relay.get(stream).is_live


async def test_a_thousand_offers_at_once_are_answered_or_told_when_to_come_back() -> None:
    stream, listener = new_stream(), Listener()
    async with (
        running(listener, max_connecting=20) as service,
        publishing(service, stream),
        watching(service, stream) as watches,
        TestClient(TestServer(build_app(service, internal_token="of-this-test"))) as client,
    ):
        await watches.frame()
        hurry(service, connect_within_s=2.0)
        peer = Peer()
        peer.pc.addTransceiver("video", direction="recvonly")
        offer = await peer.offer()

        unconnected: list[int] = []

        async def ask() -> tuple[int, str | None]:
            headers = {
                "Authorization": "Bearer of-this-test",
                "Content-Type": "application/sdp",
            }
            async with client.post(
                f"/streams/{stream}/whep?session={uuid4()}", data=offer, headers=headers
            ) as response:
                sessions = service._sessions.values()
                unconnected.append(sum(not session.connected for session in sessions))
                return response.status, response.headers.get("Retry-After")

        async with asyncio.timeout(120):
            answers = await asyncio.gather(*(ask() for _ in range(STORM)))
        taken = [status for status, _ in answers if status == 201]
        await watches.frame()
        for _ in taken:
            await listener.wait_for("viewer_ended", count=len(taken))
        hurry(service, connect_within_s=30.0)
        async with watching(service, stream) as late:
            await late.frame()
        await peer.close()

        assert taken
        assert max(unconnected) <= 20 + 2  # two may be half way when the bound is reached
        assert {answer for answer in answers if answer[0] != 201} == {(503, "2")}
        await until(lambda: service.status()[0].viewers == 1)


async def test_who_waits_for_a_turn_waits_in_order_and_the_crowd_is_sent_away() -> None:
    turns, done, hold = Turns(), [], asyncio.Event()

    async def negotiate(number: int) -> None:
        try:
            async with turns.turn(connecting=0):
                await hold.wait()
                done.append(number)
        except ManyConnecting:
            done.append(-1)

    asked = [asyncio.ensure_future(negotiate(number)) for number in range(80)]
    await until(lambda: done.count(-1) == 80 - 52)
    hold.set()
    await asyncio.gather(*asked)

    assert [number for number in done if number >= 0] == list(range(52))
