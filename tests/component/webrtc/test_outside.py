"""What a media process serves to phones and browsers itself: sessions that control has allowed."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer

from domain.identifiers import StreamId
from domain.streams import SessionNotFound, StreamNotFound, StreamOffline, TooManyViewers
from server.media import MediaService, build_outside
from server.media.expected import MOST, MOST_OF_ONE, Expected
from server.secrets import PassKey
from tests.component.webrtc.peers import (
    Listener,
    Peer,
    new_stream,
    publishing,
    running,
    until,
)
from webrtc.relay import EndReason

KEY = PassKey(b"0123456789abcdef0123456789abcdef")
SDP = {"Content-Type": "application/sdp"}
PAGE = "https://csu.example.org"
BACK = ("Location", f"{PAGE}/api/v1/viewings/1")

type Client = TestClient[Any, Any]


@asynccontextmanager
async def outside(service: MediaService) -> AsyncIterator[Client]:
    async with TestClient(TestServer(build_outside(service, pass_key=KEY))) as client:
        yield client


def sent_here(
    service: MediaService,
    stream: StreamId,
    *,
    kind: str = "whep",
    seconds: float = 10.0,
    who: str = "",
) -> tuple[UUID, str]:
    """Expect a session as control does; give its id and its address."""
    session_id = uuid4()
    expected = Expected(
        kind="whep" if kind == "whep" else "whip",
        stream_id=stream,
        session_id=session_id,
        origin=PAGE,
        headers=(BACK, ("Link", '<stun:a>; rel="ice-server"')),
        who=who,
    )
    service.expect(expected, seconds=seconds)
    return session_id, address(session_id)


def address(session_id: UUID, *, expires_in_s: float = 10.0) -> str:
    given = KEY.sign(session_id, expires_at_s=int(time.time() + expires_in_s))
    return f"/sessions/{session_id}?pass={given}"


async def viewer() -> Peer:
    peer = Peer()
    peer.pc.addTransceiver("video", direction="recvonly")
    return peer


async def test_a_session_is_begun_with_its_pass_once_and_leads_back_to_control() -> None:
    stream, listener = new_stream(), Listener()
    async with (
        running(listener) as service,
        publishing(service, stream, luma=60),
        outside(service) as client,
    ):
        peer = await viewer()
        session_id, url = sent_here(service, stream)
        offer, origin = await peer.offer(), {"Origin": PAGE}
        response = await client.post(url, data=offer, headers=SDP | origin)
        assert response.status == 201
        assert response.headers["Location"] == BACK[1]
        assert response.headers["Access-Control-Allow-Origin"] == PAGE
        assert {"Location", "Link", "ETag"} <= set(
            response.headers["Access-Control-Expose-Headers"].split(", ")
        )
        assert response.headers["Cache-Control"] == "no-store"
        await peer.accept(service.session(session_id))
        await peer.frame_of(60)

        again = await client.post(url, data=offer, headers=SDP | origin)
        assert (again.status, (await again.json())["type"]) == (404, "/problems/session-not-found")
        await peer.close()
        await listener.wait_for("viewer_ended")


async def test_a_phone_films_with_a_pass() -> None:
    stream, listener = new_stream(), Listener()
    async with running(listener) as service, outside(service) as client:
        _, url = sent_here(service, stream, kind="whip")
        peer = Peer()
        peer.pc.addTransceiver("video", direction="sendonly")
        response = await client.post(url, data=await peer.offer(), headers=SDP)
        assert response.status == 201
        assert "Access-Control-Allow-Origin" not in response.headers  # no page asked
        await peer.close()


async def test_a_browser_s_question_before_is_answered_for_one_origin() -> None:
    stream = new_stream()
    async with (
        running() as service,
        publishing(service, stream),
        outside(service) as client,
    ):
        _, url = sent_here(service, stream)
        asked = {"Access-Control-Request-Method": "POST"}
        ours = await client.options(url, headers={"Origin": PAGE} | asked)
        other = await client.options(url, headers={"Origin": "https://elsewhere.example"} | asked)
        posted = await client.post(
            url, data=b"v=0", headers=SDP | {"Origin": "https://elsewhere.example"}
        )

    assert ours.status == 204
    assert ours.headers["Access-Control-Allow-Origin"] == PAGE
    assert "content-type" in ours.headers["Access-Control-Allow-Headers"].lower()
    assert "Access-Control-Allow-Credentials" not in ours.headers
    assert "Access-Control-Allow-Origin" not in other.headers
    assert posted.status == 403


@pytest.mark.parametrize("given", ["", "pass=", "pass=9999999999-00", "pass=é-é", "pass=1-ff"])
async def test_without_its_pass_nothing_begins(given: str) -> None:
    stream = new_stream()
    async with (
        running() as service,
        publishing(service, stream),
        outside(service) as client,
    ):
        session_id, _ = sent_here(service, stream)
        response = await client.post(f"/sessions/{session_id}?{given}", data=b"v=0", headers=SDP)
        assert response.status == 403
        stranger = await client.post(address(uuid4()), data=b"v=0", headers=SDP)
        assert stranger.status == 404
        for path in ("/streams", "/metrics", f"/streams/{stream}/whep"):
            assert (await client.get(path)).status in (404, 405)


async def test_a_pass_is_good_for_seconds() -> None:
    session_id = uuid4()
    given = KEY.sign(session_id, expires_at_s=1000)

    assert KEY.holds(given, session_id, now_s=999.9)
    assert not KEY.holds(given, session_id, now_s=1000.0)
    assert not KEY.holds(given.replace("1000", "2000"), session_id, now_s=999.9)
    assert not KEY.holds(given, uuid4(), now_s=999.9)
    assert not PassKey(b"another").holds(given, session_id, now_s=999.9)


async def test_who_never_comes_and_who_is_refused_watches_no_more_for_the_register() -> None:
    stream, listener = new_stream(), Listener()
    async with (
        running(listener) as service,
        publishing(service, stream),
        outside(service) as client,
    ):
        late, _ = sent_here(service, stream, seconds=0.01)
        ended = await listener.wait_for("viewer_ended")
        assert ended[:3] == (stream, late, EndReason.NEVER_CONNECTED)

        refused, url = sent_here(service, stream)
        response = await client.post(url, data=b"v=0", headers=SDP)
        assert (response.status, (await response.json())["type"]) == (
            400,
            "/problems/bad-session-description",
        )
        ended = await listener.wait_for("viewer_ended", count=2)
        assert ended[:3] == (stream, refused, EndReason.NEVER_CONNECTED)


async def test_a_right_that_ends_before_the_client_comes_ends_what_was_expected() -> None:
    stream = new_stream()
    async with (
        running() as service,
        publishing(service, stream),
        outside(service) as client,
    ):
        session_id, url = sent_here(service, stream)
        service.end_session(session_id)
        response = await client.post(url, data=b"v=0", headers=SDP)
        assert response.status == 404


@pytest.mark.parametrize("ended", ["the session", "the stream"])
async def test_a_right_that_ends_while_the_client_waits_its_turn_begins_nothing(ended: str) -> None:
    stream, listener = new_stream(), Listener()
    async with running(listener) as service, publishing(service, stream):
        arriving = []
        for _ in range(3):  # two are negotiated with at once, so the last one waits
            peer = await viewer()
            session_id, _ = sent_here(service, stream)
            begun = service.begin(service.expectations.get(session_id), await peer.offer())
            arriving.append((session_id, peer, begun))
        tasks = [asyncio.ensure_future(begun) for _, _, begun in arriving]
        await asyncio.sleep(0)  # each has come as far as it can
        waiting = arriving[-1][0]
        with pytest.raises(SessionNotFound):
            service.session(waiting)

        if ended == "the session":
            service.end_session(waiting)
        else:
            service.end_stream(stream)

        with pytest.raises((SessionNotFound, StreamNotFound)):
            await tasks[-1]
        with pytest.raises(SessionNotFound):
            service.session(waiting)
        await asyncio.wait(tasks)
        for _, peer, _ in arriving:
            await peer.close()


async def test_a_right_that_ends_while_a_first_picture_is_waited_for_begins_nothing() -> None:
    stream, session_id = new_stream(), uuid4()
    async with running() as service:
        link, peer = Peer(), await viewer()
        link.pc.addTransceiver("video", direction="sendonly")
        await service.cascade.receive(stream, uuid4(), await link.offer(), makes_keyframes=False)
        waiting = asyncio.ensure_future(service.watch(stream, session_id, await peer.offer()))
        await asyncio.sleep(0)  # it has come as far as it can

        service.end_session(session_id)

        with pytest.raises((SessionNotFound, StreamOffline)):
            await waiting
        await link.close()
        await peer.close()


async def test_a_phone_on_its_way_to_film_a_stream_that_is_over_films_nothing() -> None:
    stream = new_stream()
    async with running() as service, outside(service) as client:
        _, url = sent_here(service, stream, kind="whip")
        with pytest.raises(StreamNotFound):
            service.end_stream(stream)  # a shift that ends at this moment
        peer = Peer()
        peer.pc.addTransceiver("video", direction="sendonly")
        response = await client.post(url, data=await peer.offer(), headers=SDP)
        assert response.status == 404
        await peer.close()


async def test_a_phone_that_asks_again_and_again_is_expected_once() -> None:
    async with running() as service:
        stream, other = new_stream(), new_stream()
        theirs, _ = sent_here(service, other, kind="whip")
        asked = [sent_here(service, stream, kind="whip")[0] for _ in range(2 * MOST)]

        for gone in asked[:-1]:
            with pytest.raises(SessionNotFound):
                service.expectations.get(gone)
        assert service.expectations.get(asked[-1]).session_id == asked[-1]
        assert service.expectations.get(theirs).session_id == theirs


async def test_one_person_does_not_take_the_places_of_the_others() -> None:
    stream = new_stream()
    async with running() as service, publishing(service, stream):
        for _ in range(MOST_OF_ONE):
            sent_here(service, stream, who="person:1")
        with pytest.raises(TooManyViewers):
            sent_here(service, stream, who="person:1")

        session_id, _ = sent_here(service, stream, who="person:2")
        assert service.expectations.get(session_id).who == "person:2"


async def test_a_phone_that_never_connects_holds_one_place() -> None:
    stream = new_stream()
    async with running() as service:
        peer = Peer()
        peer.pc.addTransceiver("video", direction="sendonly")
        offer = await peer.offer()
        asked = [await service.publish(stream, uuid4(), offer) for _ in range(4)]

        await until(lambda: list(service._sessions.values()) == asked[-1:])
        assert not asked[-1].is_ending
        await peer.close()


async def test_what_could_not_be_begun_is_not_expected() -> None:
    async with running() as service:
        with pytest.raises(StreamNotFound):
            sent_here(service, new_stream())
        await until(lambda: service.is_running)
