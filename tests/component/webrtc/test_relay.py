"""Pictures from a publisher to viewers: with real aiortc peers, which do encode and decode."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from domain.streams import (
    NoCommonCodec,
    SessionExists,
    StreamNotFound,
    StreamOffline,
    TooManyViewers,
)
from tests.component.webrtc.peers import (
    Listener,
    Peer,
    forget_the_away,
    luma_of,
    new_stream,
    publishing,
    running,
    until,
    watching,
)
from webrtc.metrics import value
from webrtc.relay import EndReason, StreamState
from webrtc.viewer import ViewerSession


@pytest.mark.parametrize("codec", ["video/H264", "video/VP8"])
async def test_a_viewer_sees_what_is_filmed_and_nothing_is_decoded_for_it(codec: str) -> None:
    stream = new_stream()
    async with (
        running() as service,
        publishing(service, stream, luma=180, codec=codec),
        watching(service, stream) as viewer,
    ):
        frame = await viewer.frame()
        status = service.status()[0]

        assert abs(luma_of(frame) - 180) <= 8
        assert status.state is StreamState.LIVE
        assert status.codec == codec.split("/")[1].lower()
        assert value(service.metrics.decodes.labels("viewer")) == 0
        assert value(service.metrics.encodes.labels("viewer")) == 0
        assert b"ilotier_media_decodes_per_viewer 0.0" in service.metrics.text()


async def test_sound_goes_with_the_picture() -> None:
    stream = new_stream()
    async with (
        running() as service,
        publishing(service, stream, sound=True),
        watching(service, stream, sound=True) as viewer,
    ):
        async with asyncio.timeout(60.0):
            sound = await viewer.tracks["audio"].recv()
        await viewer.frame()

        assert sound.sample_rate == 48_000  # type: ignore[union-attr]  # an audio frame


async def test_ten_viewers_share_one_stream() -> None:
    stream = new_stream()
    async with running() as service, publishing(service, stream, luma=60):
        peers = [Peer() for _ in range(10)]
        for peer in peers:
            peer.pc.addTransceiver("video", direction="recvonly")
            await peer.accept(await service.watch(stream, uuid4(), await peer.offer()))
        frames = [await peer.frame() for peer in peers]

        assert all(abs(luma_of(frame) - 60) <= 8 for frame in frames)
        await until(lambda: service.status()[0].viewers == 10)  # the last may be catching up
        assert value(service.metrics.decodes.labels("viewer")) == 0
        for peer in peers:
            await peer.close()


async def test_a_new_publisher_goes_on_in_the_viewers_session() -> None:
    stream, listener = new_stream(), Listener()
    async with (
        running(listener) as service,
        publishing(service, stream, luma=40) as first,
        watching(service, stream) as viewer,
    ):
        await viewer.frame_of(40)
        async with publishing(service, stream, luma=200):
            await viewer.frame_of(200)
            receiver = viewer.pc.getReceivers()[0]
            report = await receiver.getStats()
            inbound = [each for each in report.values() if each.type == "inbound-rtp"]

            assert len(inbound) == 1  # one SSRC, whoever publishes
            assert inbound[0].packetsLost <= 0
            assert first.session is not None
            await until(lambda: not first.session.connected)  # type: ignore[union-attr]  # as above
    assert [name for name, _ in listener.heard].count("stream_started") == 2


async def test_a_publisher_that_comes_back_with_the_other_codec_is_seen() -> None:
    stream = new_stream()
    async with (
        running() as service,
        publishing(service, stream, luma=40),
        watching(service, stream) as viewer,
    ):
        await viewer.frame_of(40)
        async with publishing(service, stream, luma=200, codec="video/VP8"):
            await viewer.frame_of(200)


async def test_viewers_wait_for_a_stream_that_is_away_and_its_end_is_told() -> None:
    stream, listener = new_stream(), Listener()
    async with (
        running(listener) as service,
        publishing(service, stream) as publisher,
        watching(service, stream) as viewer,
    ):
        await viewer.frame()
        await publisher.close()
        await until(lambda: service.status()[0].state is StreamState.AWAY)

        assert service.status()[0].viewers == 1
        assert (await listener.wait_for("stream_away"))[0] == stream
        forget_the_away(service)
        ended = await listener.wait_for("stream_ended")
        left = await listener.wait_for("viewer_ended")
        assert ended[:2] == (stream, EndReason.CONNECTION_LOST)
        assert left[2] is EndReason.STREAM_ENDED
        assert service.status() == []


async def test_ending_a_stream_ends_its_publisher_and_its_viewers() -> None:
    stream, listener = new_stream(), Listener()
    async with (
        running(listener) as service,
        publishing(service, stream),
        watching(service, stream) as viewer,
    ):
        await viewer.frame()
        service.end_stream(stream)

        assert (await listener.wait_for("viewer_ended"))[2] is EndReason.STOPPED
        assert (await listener.wait_for("stream_ended"))[1] is EndReason.STOPPED
        with pytest.raises(StreamNotFound):
            service.end_stream(stream)


async def test_a_viewer_without_the_streams_codec_is_told_which_it_is() -> None:
    stream = new_stream()
    async with running() as service, publishing(service, stream, codec="video/H264"):
        viewer = Peer()
        viewer.pc.addTransceiver("video", direction="recvonly")
        viewer.codecs("video/VP8")
        with pytest.raises(NoCommonCodec, match="H264"):
            await service.watch(stream, uuid4(), await viewer.offer())
        await viewer.close()


async def test_a_publisher_with_no_codec_of_ours_is_told_which_they_are() -> None:
    async with running() as service:
        publisher = Peer()
        publisher.pc.addTransceiver("video", direction="sendonly")
        offer = await publisher.offer()
        for name in (b"H264", b"H265", b"VP8", b"VP9", b"AV1"):
            offer = offer.replace(name + b"/90000", b"H263/90000")
        with pytest.raises(NoCommonCodec, match="VP8"):
            await service.publish(new_stream(), uuid4(), offer)
        await publisher.close()


@pytest.mark.parametrize("apart", [True, False])
async def test_lost_packets_are_sent_again(apart: bool) -> None:
    stream = new_stream()
    async with running() as service, publishing(service, stream) as publisher, closing() as viewer:
        viewer.pc.addTransceiver("video", direction="recvonly")
        if not apart:
            viewer.codecs("video/H264")  # and not video/rtx
        await viewer.accept(await service.watch(stream, uuid4(), await viewer.offer()))
        await viewer.frame()
        assert isinstance(viewer.session, ViewerSession)
        assert viewer.session.statistics().rtx is apart
        ice = viewer.pc.getReceivers()[0].transport.transport
        stock, seen = ice._recv, set[bytes]()

        async def lossy() -> bytes:
            while True:
                data = await stock()
                is_rtp = 128 <= data[0] < 192 and not 192 <= data[1] <= 208
                if not is_rtp or data[3] % 5 or data[2:4] in seen:
                    return data
                seen.add(data[2:4])  # lost the first time only

        ice._recv = lossy  # the network, losing
        await until(lambda: value(service.metrics.retransmitted) >= 5)
        for _ in range(30):
            await viewer.frame()

        assert publisher.session is not None


@asynccontextmanager
async def closing() -> AsyncIterator[Peer]:
    peer = Peer()
    try:
        yield peer
    finally:
        await peer.close()


async def test_a_viewer_that_takes_nothing_is_let_go_alone() -> None:
    stream, listener = new_stream(), Listener()
    async with (
        running(listener, slow_after_s=0.3) as service,
        publishing(service, stream),
        watching(service, stream) as fast,
        watching(service, stream) as slow,
    ):
        await fast.frame()
        await slow.frame()
        assert isinstance(slow.session, ViewerSession)
        assert slow.session._path is not None
        full = slow.session._path
        full.send = lambda burst, *rest: len(burst.packets)  # type: ignore[method-assign]  # a socket that is full
        ended = await listener.wait_for("viewer_ended")
        for _ in range(5):
            await fast.frame()

        assert ended[1:3] == (slow.session.id, EndReason.TOO_SLOW)
        assert service.status()[0].viewers == 1


async def test_a_wrong_fingerprint_is_found_when_the_handshake_ends() -> None:
    stream = new_stream()
    async with running(connect_within_s=5) as service:
        peer = Peer()
        peer.pc.addTransceiver("video", direction="sendonly")
        offer = (await peer.offer()).decode()
        lines = [
            "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) if "fingerprint:sha-256" in x else x
            for x in offer.split("\r\n")
            if "sha-384" not in x and "sha-512" not in x
        ]
        session = await service.publish(stream, uuid4(), "\r\n".join(lines).encode())
        await peer.accept(session)
        await until(lambda: session.id not in service._sessions)

        assert not session.connected
        assert service.relay.get(stream).publisher is None
        await peer.close()


async def test_what_is_not_there_and_what_is_too_much_have_names() -> None:
    stream = new_stream()
    async with running(max_viewers=1) as service:
        viewer = Peer()
        viewer.pc.addTransceiver("video", direction="recvonly")
        offer = await viewer.offer()
        with pytest.raises(StreamNotFound):
            await service.watch(stream, uuid4(), offer)
        service.relay.open_for_device(stream)
        with pytest.raises(StreamOffline):
            await service.watch(stream, uuid4(), offer)
        async with publishing(service, stream) as publisher:
            assert publisher.session is not None
            with pytest.raises(SessionExists):
                await service.watch(stream, publisher.session.id, offer)
            await service.watch(stream, uuid4(), offer)
            with pytest.raises(TooManyViewers):
                await service.watch(stream, uuid4(), offer)
        await viewer.close()
