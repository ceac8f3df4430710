"""From the media process's encoded packets to the newest frame of each stream that is wished for.

Media writes to a Unix socket (`webrtc/tap.py`); this end says, in lines of JSON, for which streams
it may. Nothing is decoded that nobody asked a frame of.
"""

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
from av.codec.context import ThreadType
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from detectors.executor import Worker
from detectors.feed import PacketFeed
from detectors.metrics import FRAMES_DECODED, FRAMES_DROPPED
from detectors.protocol import Luma, Picture
from domain.identifiers import StreamId
from domain.streams import BadPacket, Codec, Packet, PacketBuffer

logger = logging.getLogger(__name__)

READ_BYTES = 256 * 1024
CONNECT_LIMIT_S = 5.0
FIRST_DELAY_S, LONGEST_DELAY_S = 0.2, 5.0
JPEG_QUALITY = 85
FFMPEG_NAMES = {Codec.H264: "h264", Codec.VP8: "vp8", Codec.VP9: "vp9", Codec.AV1: "libdav1d"}


class DecodedFrame:
    """A frame as the codec left it (mostly yuv420p): colours are converted only for who asks."""

    def __init__(self, frame: VideoFrame, captured_at: datetime) -> None:
        self._frame = frame
        self.captured_at = captured_at

    def luma(self) -> Luma:
        """Give the Y plane, without its padding."""
        if not self._frame.format.name.startswith(("yuv", "gray")) or self._frame.format.is_rgb:
            return self._frame.to_ndarray(format="gray").astype(np.uint8, copy=False)
        plane = self._frame.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        return rows[:, : plane.width]

    def bgr(self) -> Picture:
        return self._frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)

    def jpeg(self) -> bytes:
        quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        return cv2.imencode(".jpg", self.bgr(), quality)[1].tobytes()


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
                newest = DecodedFrame(frames[-1], packet.captured_at)
        return newest

    def _open(self, codec: Codec) -> None:
        context = av.CodecContext.create(FFMPEG_NAMES[codec], "r")
        if not isinstance(context, VideoCodecContext):
            raise TypeError(f"{codec} is not a video codec")
        context.thread_type = ThreadType.NONE  # threads would hold pictures back
        context.flags |= av.codec.context.Flags.low_delay
        self._context, self._codec = context, codec


class TapClient:
    """The connection to one media process, kept up for ever; media may come and go.

    ``looks_per_s`` bounds how many frames of each stream are given.
    """

    def __init__(self, socket: Path, *, worker: Worker, looks_per_s: float) -> None:
        self._socket = socket
        self._worker = worker
        self._period = timedelta(seconds=1 / looks_per_s)
        self._feeds: dict[StreamId, PacketFeed] = {}
        self._wishes_changed = asyncio.Event()

    async def run(self) -> None:
        """Stay connected until cancelled: again after a while when media is gone."""
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

    async def frames(self, stream_id: StreamId) -> AsyncGenerator[DecodedFrame]:
        """Give the newest frame of ``stream_id`` whenever one is due, for ever.

        Between two packets media may have gone and come back; the picture goes on with the next
        keyframe. A stream can be asked for once at a time (``ValueError``).
        """
        if stream_id in self._feeds:
            raise ValueError(f"stream {stream_id} is being decoded already")
        feed = self._feeds[stream_id] = PacketFeed()
        self._wishes_changed.set()
        decoder = StreamDecoder()
        given_at: datetime | None = None
        try:
            while True:
                packets = await feed.take(after=given_at, period=self._period)
                frame = await self._worker.run(partial(decoder.newest, packets))
                if frame is None:
                    continue
                if given_at is not None:
                    missed = (frame.captured_at - given_at) // self._period - 1
                    FRAMES_DROPPED.labels("late").inc(max(0, missed))
                given_at = frame.captured_at
                yield frame
        finally:
            del self._feeds[stream_id]
            self._wishes_changed.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                wishing = tasks.create_task(self._tell_wishes(writer))
                await self._read(reader)
                wishing.cancel()
        except* (OSError, BadPacket) as broken:
            logger.warning("lost media's tap: %s", broken.exceptions[0])
        finally:
            for feed in self._feeds.values():
                feed.lost()
            writer.close()

    async def _tell_wishes(self, writer: asyncio.StreamWriter) -> None:
        while True:
            self._wishes_changed.clear()
            streams = sorted(str(stream_id) for stream_id in self._feeds)
            writer.write(json.dumps({"streams": streams}).encode() + b"\n")
            await writer.drain()
            await self._wishes_changed.wait()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        buffer = PacketBuffer()
        while data := await reader.read(READ_BYTES):
            for packet in buffer.feed(data):
                feed = self._feeds.get(packet.stream_id)
                if feed is not None and packet.codec.is_video:
                    feed.put(packet)
        logger.info("media closed its tap")
