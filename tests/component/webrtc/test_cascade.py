"""A stream handed on from one media process to another, which serves its own viewers of it."""

import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from domain.errors import Unavailable
from domain.identifiers import CameraId
from domain.streams import StreamOffline, StreamTaken
from server.edge.calling import Callees
from server.media import CameraSource, HttpNeighbours, MediaService, build_app
from server.media import cascade as timing
from server.media.expected import Expected
from tests.component.webrtc.peers import (
    LIMIT_S,
    Listener,
    Peer,
    make_clip,
    new_stream,
    publishing,
    running,
    until,
    watching,
)
from webrtc import internals
from webrtc.handing_on import HandingOn, ReceivedSession
from webrtc.metrics import value
from webrtc.relay import EndReason

TOKEN = "of-this-test"
# An estimate (REMB) for 255 sources that holds none of them: aiortc's parser stumbles over it.
SHORT_REMB = struct.pack("!BBHII4sI", 0x8F, 206, 4, 1, 0, b"REMB", 255 << 24)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(timing, "AGAIN_AFTER_S", 0.1)
    # On a machine that stands still for a moment nobody is let go for that, nor away.
    monkeypatch.setattr("server.media.neighbours.LIMIT_S", LIMIT_S)
    monkeypatch.setattr(timing, "LET_GO_AFTER_S", LIMIT_S)
    monkeypatch.setattr(timing, "AWAY_FOR_S", LIMIT_S)


@asynccontextmanager
async def processes(*listeners: Listener) -> AsyncIterator[list[tuple[MediaService, str]]]:
    """So many media processes that reach each other by HTTP; each with its inner address."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(ClientSession())
        found = []
        for listener in listeners:
            neighbours = HttpNeighbours(Callees(client, internal_token=TOKEN))
            service = await stack.enter_async_context(running(listener, neighbours=neighbours))
            app = build_app(service, internal_token=TOKEN)
            server = await stack.enter_async_context(TestServer(app))
            found.append((service, str(server.make_url("")).rstrip("/")))
        yield found


def links(service: MediaService) -> list[type[object]]:
    return [type(one) for one in service.cascade.links()]


async def test_one_copy_on_the_link_however_many_watch_and_none_when_they_have_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = new_stream()
    async with (
        processes(Listener(), Listener()) as [(first, _), (second, url)],
        publishing(first, stream, luma=60, sound=True),
    ):
        await first.cascade.hand_on(stream, url)
        async with watching(second, stream, sound=True) as one:
            await one.frame_of(60)
            await first.cascade.hand_on(stream, url)
            async with watching(second, stream) as other:
                await other.frame_of(60)
                assert links(first) == [HandingOn]
                assert links(second) == [ReceivedSession]
                assert len(first.relay.get(stream).viewers) == 1
                assert len(second.relay.get(stream).viewers) == 2
            assert one.tracks["audio"].readyState == "live"
        assert value(second.metrics.decodes.labels("viewer")) == 0
        monkeypatch.setattr(timing, "LET_GO_AFTER_S", 0.1)  # not sooner: connecting takes its time

        await until(lambda: second.relay.find(stream) is None)
        await until(lambda: not links(first) and not links(second))
        assert first.relay.get(stream).is_live


async def test_it_is_kept_for_who_is_on_the_way_and_while_the_link_itself_connects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream, late, session_id = new_stream(), new_stream(), uuid4()
    sender = Peer()
    sender.pc.addTransceiver("video", direction="sendonly")
    async with (
        processes(Listener(), Listener()) as [(first, _), (second, url)],
        publishing(first, stream, luma=60),
    ):
        monkeypatch.setattr(timing, "LET_GO_AFTER_S", -1.0)  # whom nobody wants: at once
        coming = Expected(kind="whep", stream_id=stream, session_id=session_id)
        second.expectations.add(coming, seconds=60)
        await first.cascade.hand_on(stream, url)
        link = await second.cascade.receive(
            late, uuid4(), await sender.offer(), makes_keyframes=True
        )
        second.cascade._look()
        assert second.relay.find(stream) is not None
        assert second.relay.find(late) is not None

        second.end_session(session_id)
        link.end(EndReason.NEVER_CONNECTED)
        await until(lambda: second.relay.find(stream) is None)
        await until(lambda: second.relay.find(late) is None)
        await sender.close()


async def test_two_streams_go_to_the_same_process_beside_each_other() -> None:
    dark, bright = new_stream(), new_stream()
    async with (
        processes(Listener(), Listener()) as [(first, _), (second, url)],
        publishing(first, dark, luma=60),
        publishing(first, bright, luma=200),
    ):
        await first.cascade.hand_on(dark, url)
        async with watching(second, dark) as one:
            await one.frame_of(60)
            await first.cascade.hand_on(bright, url)
            async with watching(second, bright) as other:
                await other.frame_of(200)
                videos = [second.relay.get(stream).video for stream in (dark, bright)]
                newest = [video.history.newest + 20 for video in videos]
                await until(
                    lambda: all(a.history.newest > b for a, b in zip(videos, newest, strict=True))
                )
        assert value(second.metrics.datagrams_refused.labels("bad-srtp")) == 0
        assert value(first.metrics.datagrams_refused.labels("bad-srtp")) == 0


async def test_a_camera_s_picture_is_there_at_once_at_the_other_end_too(tmp_path: Path) -> None:
    clip, listener, stream = make_clip(tmp_path / "a.mp4", luma=90), Listener(), new_stream()
    async with processes(listener, Listener()) as [(first, _), (second, url)]:
        first.set_sources([CameraSource(stream, CameraId(uuid4()), clip.as_uri())])
        await listener.wait_for("camera_up")
        await first.cascade.hand_on(stream, url)
        async with watching(second, stream) as viewer:
            await viewer.frame_of(90)
            publisher = second.relay.get(stream).publisher
            # A camera makes no keyframe when asked: a late viewer is given the last one.
            assert publisher is not None
            assert not publisher.makes_keyframes


async def test_what_is_over_is_over_at_the_other_end_at_once() -> None:
    stream, listener = new_stream(), Listener()
    async with (
        processes(Listener(), listener) as [(first, _), (second, url)],
        publishing(first, stream, luma=60),
    ):
        await first.cascade.hand_on(stream, url)
        async with watching(second, stream) as viewer:
            await viewer.frame_of(60)

            first.end_stream(stream)

            await listener.wait_for("viewer_ended")
            await until(lambda: second.relay.find(stream) is None)
    told = {kind for kind, _ in listener.heard}
    assert told == {"viewer_ended"}  # the second publishes nothing, and says nothing of it


async def test_a_link_that_breaks_is_made_anew_and_the_viewers_stay() -> None:
    stream = new_stream()
    async with (
        processes(Listener(), Listener()) as [(first, _), (second, url)],
        publishing(first, stream, luma=60),
    ):
        await first.cascade.hand_on(stream, url)
        async with watching(second, stream) as viewer:
            await viewer.frame_of(60)
            before = second.relay.get(stream).publisher

            [link] = first.cascade.links()
            link.end(EndReason.CONNECTION_LOST)

            await until(lambda: second.relay.get(stream).publisher not in (None, before))
            for _ in range(20):
                await viewer.frame()


async def test_a_report_that_cannot_be_read_ends_no_link() -> None:
    stream = new_stream()
    async with (
        processes(Listener(), Listener()) as [(first, _), (second, url)],
        publishing(first, stream, luma=60),
    ):
        await first.cascade.hand_on(stream, url)
        async with watching(second, stream) as viewer:
            await viewer.frame_of(60)
            [link], [far_end] = first.cascade.links(), second.cascade.links()
            assert far_end._pc is not None
            refused = first.metrics.datagrams_refused.labels("bad-rtcp")

            await internals.send_rtcp(internals.dtls_transport(far_end._pc), [SHORT_REMB])

            await until(lambda: value(refused) == 1)
            for _ in range(20):
                await viewer.frame()
            assert first.cascade.links() == [link]
            assert link.connected


async def test_no_stream_goes_round() -> None:
    stream = new_stream()
    async with (
        processes(Listener(), Listener(), Listener()) as [(a, url_a), (b, url_b), (_, url_c)],
        publishing(a, stream),
    ):
        await a.cascade.hand_on(stream, url_b)
        async with watching(b, stream) as viewer:
            await viewer.frame()
            for url in (url_a, url_c):
                with pytest.raises(StreamOffline):
                    await b.cascade.hand_on(stream, url)
        with pytest.raises(StreamTaken):
            await a.cascade.receive(stream, uuid4(), offer_of_video(), makes_keyframes=True)
        with pytest.raises(Unavailable):
            await a.cascade.hand_on(stream, url_a)  # to itself
        assert a.relay.get(stream).is_live


async def test_a_process_that_takes_the_camera_over_goes_on_with_the_same_viewers(
    tmp_path: Path,
) -> None:
    clip, stream = make_clip(tmp_path / "a.mp4", luma=150), new_stream()
    async with (
        processes(Listener(), Listener()) as [(first, _), (second, url)],
        publishing(first, stream, luma=60),
    ):
        await first.cascade.hand_on(stream, url)
        async with watching(second, stream) as viewer:
            await viewer.frame_of(60)

            second.set_sources([CameraSource(stream, CameraId(uuid4()), clip.as_uri())])

            await viewer.frame_of(150)
            await until(lambda: not links(first) and not links(second))
            await viewer.frame_of(150)


async def test_a_neighbour_that_does_not_answer_is_told_so() -> None:
    stream = new_stream()
    async with (
        processes(Listener()) as [(first, _)],
        publishing(first, stream),
    ):
        with pytest.raises(Unavailable):
            await first.cascade.hand_on(stream, "http://127.0.0.1:9")
        await until(lambda: not links(first))


def offer_of_video() -> bytes:
    """An offer as another process makes it."""
    lines = (
        *("v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE 0"),
        *("m=video 9 UDP/TLS/RTP/SAVPF 97", "c=IN IP4 0.0.0.0", "a=mid:0", "a=sendonly"),
        *("a=rtcp-mux", "a=rtpmap:97 H264/90000", "a=ice-ufrag:abcd", f"a=ice-pwd:{'p' * 22}"),
        *(f"a=fingerprint:sha-256 {':'.join(['AA'] * 32)}", "a=setup:actpass"),
    )
    return "\r\n".join((*lines, "")).encode()
