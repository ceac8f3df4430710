"""From the media processes' encoded packets to the newest frame of each stream wished for.

Each writes to a Unix socket (`webrtc/tap.py`); this end says, in lines of JSON, for which streams
it may. A camera is run by one of them, now this and now that one. Nothing is decoded that nobody
asked a frame of.
"""

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import av
from av.codec.context import ThreadType
from av.video.codeccontext import VideoCodecContext

from detectors.executor import Worker
from detectors.feed import PacketFeed
from detectors.frames import DecodedFrame
from detectors.metrics import FRAMES_DECODED, FRAMES_DROPPED
from domain.fair_share import Pace, PaceMeter
from domain.identifiers import StreamId
from domain.streams import MOST_PIXELS, BadPacket, Codec, Packet, PacketBuffer

logger = logging.getLogger(__name__)

READ_BYTES = 256 * 1024
CONNECT_LIMIT_S = 5.0
FIRST_DELAY_S, LONGEST_DELAY_S = 0.2, 5.0
LOOK_EVERY_S = 1.0  # which media processes are there
FFMPEG_NAMES = {
    Codec.H264: "h264",
    Codec.H265: "hevc",
    Codec.VP8: "vp8",
    Codec.VP9: "vp9",
    Codec.AV1: "libdav1d",
}


class StreamDecoder:
    """Decodes one stream's packets, all of them, since each picture is built on the one before."""

    def __init__(self) -> None:
        self._context: VideoCodecContext | None = None
        self._codec: Codec | None = None

    def newest(self, packets: Sequence[Packet]) -> DecodedFrame | None:
        """Decode ``packets``, oldest first, and give the last picture in them.

        What can't be decoded is counted and skipped up to the next keyframe. Blocks.
        """
        newest: DecodedFrame | None = None
        for packet in packets:
            if packet.is_keyframe and packet.codec is not self._codec:
                self._open(packet.codec)
            if self._context is None:
                continue
            try:
                frames = self._context.decode(av.Packet(packet.data))
            except av.FFmpegError as error:
                logger.debug("undecodable picture of %s: %s", packet.stream_id, error)
                FRAMES_DROPPED.labels("damaged").inc()
                self._context = self._codec = None
                continue
            FRAMES_DECODED.inc(len(frames))
            if frames:
                # Streams here have no B-frames (WebRTC forbids them, cameras have none): what
                # comes out is what went in. With them a time is early by two frames at most.
                newest = DecodedFrame(frames[-1], packet.captured_at, timestamp=packet.timestamp)
        return newest

    def _open(self, codec: Codec) -> None:
        context = av.CodecContext.create(FFMPEG_NAMES[codec], "r")
        if not isinstance(context, VideoCodecContext):
            raise TypeError(f"{codec} is not a video codec")
        context.options = {"max_pixels": str(MOST_PIXELS)}
        context.thread_type = ThreadType.NONE  # threads would hold pictures back
        context.flags |= av.codec.context.Flags.low_delay
        self._context, self._codec = context, codec


class TapClient:
    """The connections to this host's media processes, kept up for ever; they may come and go.

    ``sockets`` gives their sockets as they are now; ``looks_per_s`` bounds how many frames of each
    stream are given.
    """

    def __init__(
        self,
        sockets: Callable[[], Awaitable[Collection[Path]]],
        *,
        worker: Worker,
        looks_per_s: float,
    ) -> None:
        self._sockets = sockets
        self._worker = worker
        self._period = timedelta(seconds=1 / looks_per_s)
        self._feeds: dict[StreamId, PacketFeed] = {}
        self._meters: dict[StreamId, PaceMeter] = {}
        self._taps: dict[Path, _Tap] = {}
        self._giving: dict[StreamId, _Tap] = {}

    async def run(self) -> None:
        """Stay connected to each media process until cancelled."""
        running: dict[Path, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                there = set(await self._sockets())
                for path in running.keys() - there:
                    running.pop(path).cancel()
                    del self._taps[path]
                for path in there - running.keys():
                    tap = self._taps[path] = _Tap(path, self)
                    running[path] = group.create_task(tap.run(), name=f"tap {path.name}")
                await asyncio.sleep(LOOK_EVERY_S)

    async def frames(self, stream_id: StreamId) -> AsyncGenerator[DecodedFrame]:
        """Give the newest frame of ``stream_id`` whenever one is due, for ever.

        Between two packets media may have gone and come back; the picture goes on with the next
        keyframe. A stream can be asked for once at a time (``ValueError``). With more to do than
        can be done, it is the newest frame all the same, and what was missed is counted.
        """
        if stream_id in self._feeds:
            raise ValueError(f"stream {stream_id} is being decoded already")
        feed = self._feeds[stream_id] = PacketFeed(self._period)
        meter = self._meters[stream_id] = PaceMeter()
        self._wish_anew()
        decoder = StreamDecoder()
        try:
            while True:
                await feed.due()
                async with self._worker.turn():
                    packets, missed = feed.take()
                    frame = await self._worker.in_turn(partial(decoder.newest, packets))
                if frame is None:
                    continue
                FRAMES_DROPPED.labels("late").inc(missed)
                meter.looked(frame.captured_at, missed=missed)
                yield frame
        finally:
            del self._feeds[stream_id], self._meters[stream_id]
            self._giving.pop(stream_id, None)
            self._wish_anew()

    def paces(self, at: datetime) -> dict[StreamId, Pace]:
        """Give how often each stream that is wished for was looked at just before ``at``."""
        return {stream_id: meter.pace(at) for stream_id, meter in self._meters.items()}

    def _wish_anew(self) -> None:
        for tap in self._taps.values():
            tap.wishes_changed.set()

    def wishes(self) -> list[str]:
        """Give the streams that are wished for now."""
        return sorted(str(stream_id) for stream_id in self._feeds)

    def take(self, packet: Packet, tap: "_Tap") -> None:
        """Take in a packet, from the process that gives its stream."""
        feed = self._feeds.get(packet.stream_id)
        if feed is None or not packet.codec.is_video:
            return
        if self._giving.get(packet.stream_id) is not tap:
            # A camera that has moved here, or is run by two for a moment: pictures of both can't
            # be mixed, and a keyframe needs none of what came before.
            if not packet.is_keyframe:
                return
            feed.lost()
            self._giving[packet.stream_id] = tap
        feed.put(packet)

    def lost(self, tap: "_Tap") -> None:
        """Hear that a process is gone: its streams go on with a keyframe, from whoever has it."""
        for stream_id, giving in list(self._giving.items()):
            if giving is tap:
                del self._giving[stream_id]
                if (feed := self._feeds.get(stream_id)) is not None:
                    feed.lost()


class _Tap:
    """The connection to one media process."""

    def __init__(self, socket: Path, client: TapClient) -> None:
        self._socket, self._client = socket, client
        self.wishes_changed = asyncio.Event()

    async def run(self) -> None:
        """Stay connected until cancelled: again after a while when the process is gone."""
        delay_s = FIRST_DELAY_S
        while True:
            try:
                async with asyncio.timeout(CONNECT_LIMIT_S):
                    reader, writer = await asyncio.open_unix_connection(self._socket)
            except OSError as error:  # TimeoutError is one
                logger.info("media's tap does not answer: %s", error)
            else:
                delay_s = FIRST_DELAY_S
                await self._serve(reader, writer)
            await asyncio.sleep(delay_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, no secret
            delay_s = min(2 * delay_s, LONGEST_DELAY_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                wishing = tasks.create_task(self._tell_wishes(writer))
                await self._read(reader)
                wishing.cancel()
        except* (OSError, BadPacket) as broken:
            logger.warning("lost media's tap: %s", broken.exceptions[0])
        finally:
            self._client.lost(self)
            writer.close()

    async def _tell_wishes(self, writer: asyncio.StreamWriter) -> None:
        # The reader notices that too. A task of the group that failed just when the group is
        # cancelled would make it forget that it was (mended in Python 3.13).
        with suppress(OSError):
            while True:
                self.wishes_changed.clear()
                writer.write(json.dumps({"streams": self._client.wishes()}).encode() + b"\n")
                await writer.drain()
                await self.wishes_changed.wait()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        buffer = PacketBuffer()
        while data := await reader.read(READ_BYTES):
            for packet in buffer.feed(data):
                self._client.take(packet, self)
        logger.info("media closed its tap")
