"""Encoded packets from a socket to the newest frame, across the other end's failures."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from detectors.decoding import StreamDecoder, TapClient
from detectors.executor import Worker
from detectors.frames import DecodedFrame
from detectors.metrics import FRAMES_DECODED, FRAMES_DROPPED
from domain.identifiers import StreamId
from domain.streams import Codec, Packet
from tests import priority

QUAY, SQUARE = StreamId(UUID(int=1)), StreamId(UUID(int=2))
START = datetime(2026, 12, 1, tzinfo=UTC)
FRAME = timedelta(seconds=1) / 15
LIMIT_S = 60.0
ENCODERS = {
    Codec.H264: "libx264",
    Codec.VP8: "libvpx",
    Codec.VP9: "libvpx-vp9",
    Codec.AV1: "libsvtav1",
}
OPTIONS = {
    Codec.H264: {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "g": "10"},
    Codec.VP8: {"deadline": "realtime", "lag-in-frames": "0", "g": "10"},
    Codec.VP9: {"deadline": "realtime", "lag-in-frames": "0", "cpu-used": "8", "g": "10"},
    Codec.AV1: {"preset": "12", "svtav1-params": "pred-struct=1", "g": "10"},
}


def encoded(count: int, codec: Codec = Codec.H264, *, stream: StreamId = QUAY) -> list[Packet]:
    """Encode ``count`` pictures whose brightness is ten times their number."""
    context = av.CodecContext.create(ENCODERS[codec], "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = 320, 176, "yuv420p"
    context.framerate, context.time_base = Fraction(15), Fraction(1, 15)
    context.options = OPTIONS[codec]
    packets: list[av.Packet[VideoStream]] = []
    with priority.kept():
        for number in range(count):
            picture = np.full((176, 320, 3), 10 * (number % 20) + 20, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number
            packets += context.encode(frame)
        packets += context.encode(None)
    return [
        Packet(stream, codec, bytes(one), one.is_keyframe, START + n * FRAME, n * 6000, n)
        for n, one in enumerate(packets)
    ]


class Media:
    """The other end of the tap: notes what is wished for, sends what it is told to."""

    def __init__(self) -> None:
        self.wishes: list[set[str]] = []
        self.changed = asyncio.Condition()
        self.writers: list[asyncio.StreamWriter] = []
        self.left = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        while line := await reader.readline():
            async with self.changed:
                self.wishes.append(set(json.loads(line)["streams"]))
                self.changed.notify_all()
        self.left.set()
        writer.close()

    async def is_wished(self, *streams: StreamId) -> None:
        wanted = {str(one) for one in streams}
        async with asyncio.timeout(LIMIT_S), self.changed:
            await self.changed.wait_for(lambda: bool(self.wishes) and self.wishes[-1] == wanted)

    async def send(self, *packets: Packet) -> None:
        for packet in packets:
            self.writers[-1].write(packet.to_bytes())
        await self.writers[-1].drain()


@asynccontextmanager
async def listening(path: Path) -> AsyncIterator[Media]:
    media = Media()
    server = await asyncio.start_unix_server(media.serve, path)
    try:
        yield media
    finally:
        server.close()
        for writer in media.writers:
            writer.close()


@asynccontextmanager
async def connected(client: TapClient) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(client.run())
        yield
        running.cancel()


async def next_of(frames: AsyncGenerator[DecodedFrame]) -> DecodedFrame:
    async with asyncio.timeout(LIMIT_S):
        return await anext(frames)


@pytest.fixture
def worker() -> Iterator[Worker]:
    with Worker.of("test", threads=2) as worker:
        yield worker


def client_of(*sockets: Path, worker: Worker) -> TapClient:
    """A client of media processes that listen there."""

    async def there() -> tuple[Path, ...]:
        return sockets

    return TapClient(there, worker=worker, looks_per_s=15)


@pytest.fixture
def client(tmp_path: Path, worker: Worker) -> TapClient:
    return client_of(tmp_path / "tap", worker=worker)


@pytest.mark.parametrize("codec", list(ENCODERS))
def test_the_newest_of_some_packets_is_given_with_its_own_time(codec: Codec) -> None:
    packets = encoded(7, codec)
    before = FRAMES_DECODED._value.get()

    frame = StreamDecoder().newest(packets)

    assert frame is not None
    assert frame.captured_at == START + 6 * FRAME
    assert frame.luma().shape == (176, 320)
    assert frame.bgr().shape == (176, 320, 3)
    assert abs(float(frame.bgr().mean()) - 80) < 6
    assert frame.jpeg().startswith(b"\xff\xd8\xff")
    assert FRAMES_DECODED._value.get() - before == 7


def test_garbage_is_counted_and_the_next_keyframe_is_shown() -> None:
    packets = encoded(12)
    broken = Packet(QUAY, Codec.H264, b"\x00\x00\x00\x01\x65garbage" * 20, True, START, 0, 0)
    before = FRAMES_DROPPED.labels("damaged")._value.get()
    decoder = StreamDecoder()

    assert decoder.newest([broken, *packets[1:5]]) is None
    frame = decoder.newest(packets[10:])

    assert FRAMES_DROPPED.labels("damaged")._value.get() > before
    assert frame is not None
    assert frame.captured_at == START + 11 * FRAME


def test_a_camera_may_change_its_codec_and_its_size() -> None:
    decoder = StreamDecoder()
    assert decoder.newest(encoded(3)) is not None

    frame = decoder.newest(encoded(3, Codec.VP8))

    assert frame is not None
    assert abs(float(frame.bgr().mean()) - 40) < 6


async def test_only_what_is_asked_for_is_wished_of_media(client: TapClient, tmp_path: Path) -> None:
    async with listening(tmp_path / "tap") as media, connected(client):
        await media.is_wished()
        async with aclosing(client.frames(QUAY)) as frames:
            waiting = asyncio.ensure_future(anext(frames))
            await media.is_wished(QUAY)
            await media.send(*encoded(3, stream=SQUARE), *encoded(3))
            assert (await waiting).captured_at <= START + 2 * FRAME
        await media.is_wished()


async def test_a_media_process_that_goes_away_and_comes_back_is_found_again(
    client: TapClient, tmp_path: Path
) -> None:
    async with connected(client), aclosing(client.frames(QUAY)) as frames:
        async with listening(tmp_path / "tap") as media:
            waiting = asyncio.ensure_future(anext(frames))
            await media.is_wished(QUAY)
            await media.send(*encoded(1))
            assert (await waiting).captured_at == START
        async with listening(tmp_path / "tap") as media:
            waiting = asyncio.ensure_future(anext(frames))
            await media.is_wished(QUAY)
            later = START + timedelta(seconds=1)
            keyframe, next_one = encoded(2)
            await media.send(next_one, replace(keyframe, captured_at=later))
            async with asyncio.timeout(LIMIT_S):
                assert (await waiting).captured_at == later


async def test_bytes_that_are_no_packet_end_the_connection_not_the_process(
    client: TapClient, tmp_path: Path
) -> None:
    async with listening(tmp_path / "tap") as media, connected(client):
        await media.is_wished()
        media.writers[-1].write(b"\xff" * 64)
        async with aclosing(client.frames(QUAY)) as frames:
            waiting = asyncio.ensure_future(anext(frames))
            async with asyncio.timeout(LIMIT_S), media.changed:
                await media.changed.wait_for(lambda: len(media.writers) == 2)
            await media.is_wished(QUAY)
            await media.send(*encoded(1))
            async with asyncio.timeout(LIMIT_S):
                assert (await waiting).captured_at == START


async def test_a_camera_that_moves_to_another_media_process_is_looked_at_there(
    worker: Worker, tmp_path: Path
) -> None:
    client = client_of(tmp_path / "one", tmp_path / "two", worker=worker)
    packets = encoded(14)  # keyframes are the first and the eleventh
    async with (
        listening(tmp_path / "one") as one,
        listening(tmp_path / "two") as two,
        connected(client),
        aclosing(client.frames(QUAY)) as frames,
    ):
        waiting = asyncio.ensure_future(anext(frames))
        await one.is_wished(QUAY)
        await two.is_wished(QUAY)
        await one.send(packets[0])
        assert (await waiting).captured_at == START
        lost = FRAMES_DROPPED.labels("gap")._value.get()

        # For a moment both run it: a picture of the second alone can't be built on the first's.
        await two.send(packets[5])
        await one.send(*packets[1:4])
        assert (await next_of(frames)).captured_at <= START + 3 * FRAME
        await two.send(*packets[10:])
        while (frame := await next_of(frames)).captured_at < START + 10 * FRAME:
            pass

    assert frame.captured_at <= START + 13 * FRAME
    assert FRAMES_DROPPED.labels("gap")._value.get() == lost


async def test_who_runs_no_media_process_any_more_is_let_go(worker: Worker, tmp_path: Path) -> None:
    there = {tmp_path / "one"}

    async def sockets() -> set[Path]:
        return set(there)

    client = TapClient(sockets, worker=worker, looks_per_s=15)
    async with (
        listening(tmp_path / "one") as one,
        listening(tmp_path / "two") as two,
        connected(client),
    ):
        await one.is_wished()
        there.add(tmp_path / "two")
        await two.is_wished()
        there.discard(tmp_path / "one")

        async with asyncio.timeout(LIMIT_S):
            await one.left.wait()
        assert not two.left.is_set()


async def test_a_stream_is_decoded_once_at_a_time(client: TapClient) -> None:
    async with aclosing(client.frames(QUAY)) as first:
        waiting = asyncio.ensure_future(anext(first))
        await asyncio.sleep(0)
        with pytest.raises(ValueError, match="already"):
            await anext(client.frames(QUAY))
        waiting.cancel()
        await asyncio.wait({waiting})


async def test_looks_that_came_too_late_are_counted(client: TapClient, tmp_path: Path) -> None:
    late = FRAMES_DROPPED.labels("late")
    async with (
        listening(tmp_path / "tap") as media,
        connected(client),
        aclosing(client.frames(QUAY)) as frames,
    ):
        waiting = asyncio.ensure_future(anext(frames))
        await media.is_wished(QUAY)
        packets = encoded(10)
        await media.send(packets[0])
        await waiting
        before = late._value.get()
        feed = client._feeds[QUAY]
        for packet in packets[1:]:  # while the detector is busy with the first
            feed.put(packet)
        frame = await next_of(frames)

    assert frame.captured_at == START + 9 * FRAME
    assert late._value.get() - before == 8
