"""A browser that loses packets, and one whose link is thought too small."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction
from itertools import count
from typing import Any

import av

from domain.streams import Codec
from server.media import MediaService
from tests.component.webrtc.peers import new_stream, picture, publishing, running, until
from tests.integration.webrtc.test_chromium import WATCH, browser, page_of, reported
from tests.integration.webrtc.test_chromium import pytestmark as pytestmark
from tests.udp import dropped
from webrtc import h264
from webrtc.adapting import Link
from webrtc.relay import EndReason, RelayedStream
from webrtc.sending import Burst
from webrtc.viewer import ViewerSession

SIZES = ((640, 360), (320, 180))


def viewer_of(service: MediaService) -> ViewerSession:
    found = [each for each in service._sessions.values() if isinstance(each, ViewerSession)]
    assert len(found) == 1
    return found[0]


async def test_what_a_browser_loses_comes_again_apart() -> None:
    chance, stream = random.Random(3), new_stream()
    async with running() as service, browser() as context, publishing(service, stream):
        desk = await page_of(context, service, stream)
        await desk.evaluate(WATCH)
        session = viewer_of(service)
        stock = session.send

        def losing(burst: Burst, codec: Codec | None) -> int:
            kept = [packet for packet in burst.packets if chance.random() > 0.1]
            if kept:
                stock(Burst(kept, ssrc=burst.ssrc), codec)
            return len(burst.packets)

        session.send = losing  # type: ignore[method-assign]  # the network, losing
        await reported(desk, lambda now: now.get("retransmittedPacketsReceived", 0) >= 10)

        assert session.statistics().rtx is True
        assert session.statistics().sent_again >= 10


class Phone:
    """Publishes two sizes of one picture, encoded by x264, a keyframe each second."""

    makes_keyframes = False

    def __init__(self, stream: RelayedStream) -> None:
        self._stream = stream
        self._pictures = [list(_encoded(*size)) for size in SIZES]

    def request_keyframe(self, layer: int = 0) -> None: ...

    def end(self, reason: EndReason) -> None: ...

    async def run(self) -> None:
        self._stream.publish(self, layers=len(SIZES))
        for layer in self._stream.layers:
            layer.begin(Codec.H264)
        for number in count():
            for at, layer in enumerate(self._stream.layers):
                units = self._pictures[at]
                payloads = h264.packetise(units[number % len(units)])
                layer.receive_unit(payloads, number * 3600 + 12_345 * at)
            await asyncio.sleep(0.04)


def _encoded(width: int, height: int) -> list[bytes]:
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"g": "25", "bf": "0", "preset": "ultrafast", "profile": "baseline"}
    units = []
    for number in range(50):
        frame = picture(60 + 2 * number, width=width, height=height)
        frame.pts = number
        units += [bytes(each) for each in encoder.encode(frame)]
    return units + [bytes(each) for each in encoder.encode(None)]


@asynccontextmanager
async def filming(service: MediaService, stream: RelayedStream) -> AsyncIterator[None]:
    task = asyncio.create_task(Phone(stream).run())
    try:
        await until(lambda: stream.is_live)
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()


async def test_a_browser_goes_to_the_smaller_picture_and_back_in_one_stream() -> None:
    async with running() as service, browser() as context:
        stream, lost_here = service.relay.open_for_camera(new_stream()), dropped()
        async with filming(service, stream):
            desk = await page_of(context, service, stream.id)
            await desk.evaluate(WATCH)
            session = viewer_of(service)
            await reported(desk, lambda now: now.get("frameWidth") == 640)

            session._feed.link = Link(layer=1, bit_per_s=2e6)
            await until(lambda: session.statistics().layer == 1)
            await reported(desk, lambda now: now.get("frameWidth") == 320)

            # After ten good seconds, by itself.
            await until(lambda: session.statistics().layer == 0)
            report = await reported(desk, lambda now: now.get("frameWidth") == 640)
            assert report["packetsLost"] <= dropped() - lost_here
