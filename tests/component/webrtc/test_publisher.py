"""The publisher's side, packet by packet: repair, layers, feedback, and what is too much."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiortc import RTCPeerConnection

from domain.identifiers import StreamId
from domain.streams import PictureUnreadable, SentTooFast
from server.media.service import MediaService
from tests.component.webrtc.peers import (
    Listener,
    new_stream,
    publishing,
    running,
    until,
    watching,
)
from tests.component.webrtc.wire import DELTA, KEY, Wire, forwarded, wired
from webrtc import congestion
from webrtc.metrics import value
from webrtc.publisher import PublisherSession


def heard_by(pc: RTCPeerConnection) -> list[bytes]:
    """The RTCP this peer gets from now on, before aiortc reads it."""
    dtls, heard = pc.getSenders()[0].transport, list[bytes]()
    stock = dtls._handle_rtcp_data

    async def hear(data: bytes) -> None:
        heard.append(data)
        await stock(data)

    dtls._handle_rtcp_data = hear  # type: ignore[method-assign]  # to listen in
    return heard


def connected(wire: Wire) -> bool:
    return wire.peer.pc.getSenders()[0].transport.state == "connected"


async def test_what_is_lost_on_the_way_in_is_repaired_by_rtx() -> None:
    stream = new_stream()
    async with running() as service:
        async with (
            publishing(service, stream, again=True) as peer,
            watching(service, stream) as viewer,
        ):
            await viewer.frame()
            dtls = peer.pc.getSenders()[0].transport
            stock, seen, types = dtls._send_rtp, set[bytes](), list[int]()

            async def lossy(data: bytes) -> None:
                if not 192 <= data[1] <= 208:
                    types.append(data[1] & 0x7F)
                    if data[3] % 5 == 0 and data[2:4] not in seen and types[-1] == types[0]:
                        seen.add(data[2:4])
                        return
                await stock(data)

            dtls._send_rtp = lossy  # type: ignore[method-assign]  # the network, losing
            track = service.relay.get(stream).video
            start = track.history.newest + 1
            await until(lambda: len(seen) >= 5 and track.history.newest > start + 40)
            end = track.history.newest
            numbers = range(start, end)
            await until(lambda: all(track.history.get(number) for number in numbers))

        assert len(set(types)) == 2  # the picture's, and that of its repair


async def test_a_repair_goes_to_its_place_and_one_of_the_unknown_nowhere() -> None:
    stream = new_stream()
    async with running() as service, wired(service, stream, fid="1 2") as wire:
        first, lost, last = (wire.packet(n, p) for n, p in ((1, KEY), (2, DELTA), (3, KEY)))
        await wire.send(first, last)
        await wire.send(
            wire.repair(wire.packet(2, b"\x41strange"), ssrc=77),
            wire.repair(wire.packet(2, b"\x41stranger"), ssrc=1),
            wire.repair(lost, ssrc=2),
        )
        rtx = wire.repair(wire.packet(9, b""), ssrc=2)
        rtx.payload = b"\x00"
        await wire.send(rtx, wire.packet(4, DELTA))
        await until(lambda: len(forwarded(wire.stream)) == 4)

        assert forwarded(wire.stream) == [KEY, DELTA, KEY, DELTA]


async def test_layers_are_told_apart_by_their_rid_and_then_by_their_ssrc() -> None:
    stream = new_stream()
    async with running() as service, wired(service, stream, rids=("h", "l")) as wire:
        await wire.send(
            wire.packet(1, KEY, ssrc=10, rid="h"),
            wire.packet(1, b"\x65low", ssrc=20, rid="l"),
            wire.packet(2, DELTA, ssrc=10),
            wire.packet(2, b"\x41low", ssrc=20),
            wire.packet(1, b"\x65nobody", ssrc=30),  # no RID: nobody's
            wire.packet(1, b"\x65other", ssrc=40, rid="x"),
            wire.packet(1, b"\x65usurper", ssrc=50, rid="h"),  # while 10 still sends
            wire.packet(4, KEY, ssrc=10),
            wire.repair(wire.packet(3, DELTA), ssrc=11, repaired_rid="h"),
        )
        await until(lambda: len(forwarded(wire.stream)) == 4)

        assert forwarded(wire.stream) == [KEY, DELTA, DELTA, KEY]
        assert forwarded(wire.stream, 1) == [b"\x65low", b"\x41low"]


async def test_at_most_three_layers_are_taken() -> None:
    stream = new_stream()
    async with running() as service, wired(service, stream, rids=("a", "b", "c", "d")) as wire:
        answer = wire.peer.pc.remoteDescription.sdp
        assert wire.peer.session is not None

        assert "a=simulcast:recv a;b;c\r\n" in wire.peer.session.answer.result()
        assert "a=rid:d" not in answer
        assert len(wire.stream.layers) == 3


async def test_a_layer_goes_on_under_a_new_ssrc_once_the_old_one_is_silent() -> None:
    stream = new_stream()
    async with running() as service, wired(service, stream, rids=("h", "l")) as wire:
        await wire.send(wire.packet(1, b"\x65low", ssrc=20, rid="l"))
        await until(lambda: forwarded(wire.stream, 1))
        low = wire.stream.layers[1]
        newest, number = low.history.newest, 40_000
        async with asyncio.timeout(60.0):
            while low.history.newest == newest:  # refused until the old one has been silent
                number += 1
                await wire.send(wire.packet(number, b"\x65new", ssrc=21, rid="l"))
                await asyncio.sleep(0.05)

        assert forwarded(wire.stream, 1)[:2] == [b"\x65low", b"\x65new"]
        assert low.history.newest == newest + 1


async def test_the_highest_layer_is_shown_from_the_next_while_it_rests() -> None:
    stream = new_stream()
    async with running() as service, wired(service, stream, rids=("h", "l")) as wire:
        await wire.send(wire.packet(1, KEY, ssrc=10, rid="h"))
        await until(lambda: forwarded(wire.stream) == [KEY])
        number = 0
        async with asyncio.timeout(60.0):
            while len(forwarded(wire.stream)) == 1:  # from the lower's first keyframe after
                number += 1
                await wire.send(wire.packet(number, b"\x65low", ssrc=20, rid="l"))
                await asyncio.sleep(0.05)
        await wire.send(wire.packet(number + 1, b"\x41low", ssrc=20))
        await until(lambda: forwarded(wire.stream)[-1] == b"\x41low")
        shown = len(forwarded(wire.stream))
        heard = heard_by(wire.peer.pc)
        number = 100
        async with asyncio.timeout(60.0):
            while forwarded(wire.stream)[-1] != KEY:  # the highest returns: no more of the lower
                number += 1
                await wire.send(wire.packet(number, DELTA, ssrc=10))
                if any(data[1] == 206 and data[0] & 31 == 1 for data in heard):  # PLI
                    await wire.send(wire.packet(number + 1, KEY, ssrc=10))
                await asyncio.sleep(0.05)

        assert set(forwarded(wire.stream)[1:shown]) == {b"\x65low", b"\x41low"}
        assert forwarded(wire.stream)[shown] == KEY


async def test_each_packets_arrival_is_reported_and_the_ceiling_told() -> None:
    stream = new_stream()
    async with running(publisher_kbit_s=2500) as service, wired(service, stream) as wire:
        heard = heard_by(wire.peer.pc)
        for number, transport in enumerate((65_534, 65_535, 1), start=1):
            await wire.send(wire.packet(number, KEY, transport=transport))

        def came() -> set[int]:
            reports = [congestion.parse(data) for data in heard if data[:2] == b"\x8f\xcd"]
            return {
                (report.first + offset) & 0xFFFF
                for report in reports
                for offset, at_us in enumerate(report.arrivals)
                if at_us is not None
            }

        await until(lambda: came() == {65_534, 65_535, 1})
        await until(lambda: any(b"REMB" in data for data in heard))
        ceilings = [data for data in heard if b"REMB" in data]
        exponent, mantissa = ceilings[0][17] >> 2, int.from_bytes(ceilings[0][17:20]) & 0x3FFFF
        assert mantissa << exponent == pytest.approx(2_500_000, rel=0.01)


async def test_a_publisher_that_sends_far_too_much_is_ended_and_may_come_back() -> None:
    stream, listener = new_stream(), Listener()
    async with running(listener, publisher_kbit_s=100) as service:
        async with wired(service, stream) as wire:
            session = wire.peer.session
            assert session is not None
            payload, number = KEY + bytes(1000), 0
            async with asyncio.timeout(60.0):
                while session.connected and connected(wire):
                    number += 20
                    for each in range(number - 20, number):
                        await wire.send(wire.packet(each & 0xFFFF, payload))
                    await asyncio.sleep(0.005)
        await listener.wait_for("stream_away")
        failed = service.metrics.sessions_failed.labels("publisher", "too-fast")
        assert value(failed) == 1
        # It is told why, in place of its next answer; then it may come back.
        with pytest.raises(SentTooFast):
            async with wired(service, stream):
                pass
        async with asyncio.timeout(60.0), AsyncExitStack() as stack:
            wire = await _taken_back(stack, service, stream)
            await wire.send(wire.packet(1, KEY))
            await until(lambda: forwarded(wire.stream)[-1] == KEY)


async def _taken_back(stack: AsyncExitStack, service: MediaService, stream: StreamId) -> Wire:
    while True:
        try:
            return await stack.enter_async_context(wired(service, stream))
        except SentTooFast:
            await asyncio.sleep(0.1)


async def test_a_publisher_of_ssrcs_without_number_is_ended() -> None:
    stream, listener = new_stream(), Listener()
    async with running(listener) as service, wired(service, stream) as wire:
        await wire.send(wire.packet(1, KEY))
        session, ssrc = wire.peer.session, 1000
        assert isinstance(session, PublisherSession)
        async with asyncio.timeout(60.0):
            while session.connected and connected(wire):
                ssrc += 1
                await wire.send(wire.packet(2, DELTA, ssrc=ssrc))
                await asyncio.sleep(0.001)

        await until(lambda: not session.connected)
        assert set(session._by_ssrc) == {1}
        assert forwarded(wire.stream) == [KEY]
        assert value(service.metrics.sessions_failed.labels("publisher", "failed")) == 1

        # Its phone is told so once, and then comes back.
        await listener.wait_for("stream_away")
        with pytest.raises(PictureUnreadable):
            async with wired(service, stream):
                pass
        async with wired(service, stream) as again:
            await again.send(again.packet(1, KEY))
            await until(lambda: forwarded(again.stream)[-1] == KEY)
            assert again.peer.session is not session


async def test_hostile_rtp_ends_nothing() -> None:
    stream = new_stream()
    async with running() as service, wired(service, stream) as wire:
        await wire.send(wire.packet(1, KEY))
        head = bytes((0x90, wire.payload_type)) + bytes(9) + b"\x01"
        # aiortc's own parser lets struct.error and UnicodeDecodeError out of the first two.
        for extension in (b"\x40\x01\x00\x00", b"\x11\xff\xfe\x00", b"\x4f\x01\x02\x03"):
            await wire.send_bytes(head + b"\xbe\xde\x00\x01" + extension)
        await wire.send(wire.packet(2, DELTA))
        await until(lambda: forwarded(wire.stream)[-1:] == [DELTA])

        assert wire.peer.session is not None
        assert wire.peer.session.connected


async def test_a_publisher_with_other_layers_and_codec_goes_on_in_the_viewers_session() -> None:
    stream = new_stream()
    async with (
        running() as service,
        publishing(service, stream, luma=40),
        watching(service, stream) as viewer,
    ):
        await viewer.frame_of(40)
        async with wired(service, stream, rids=("h", "m", "l")) as wire:
            await until(lambda: len(wire.stream.layers) == 3)
            await wire.send(wire.packet(1, KEY, ssrc=10, rid="h"))
        async with publishing(service, stream, luma=200, codec="video/VP8"):
            await viewer.frame_of(200)
            assert len(service.relay.get(stream).layers) == 1
