"""One picture of a stream as JPEG: decoded when somebody asks, never for a viewer.

The pictures since the newest keyframe are decoded in a thread and the last one is kept for a
second, so that a row of tiles or a burst of alerts costs one decode.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import NamedTuple
from weakref import WeakKeyDictionary

import av
import av.error
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from domain.streams import MOST_PIXELS, Codec, StreamOffline
from webrtc import jpeg
from webrtc.codecs import DECODERS
from webrtc.metrics import STILL, Metrics
from webrtc.relay import RelayedStream
from webrtc.track import Unit

_KEPT_S = 1.0
_WAIT_FOR_KEYFRAME_S = 2.5
_POLL_S = 0.05
_MAX_KEYFRAME_AGE_S = 20.0
"""Cameras' GOPs last up to 10 s; decoding 20 s of pictures for one still would take a second."""
_MAX_AGE_WITH_REQUEST_S = 3.0
_THREADS = 2


class Still(NamedTuple):
    jpeg: bytes
    captured_at: datetime


class Stills:
    """To be closed with the service."""

    def __init__(self, *, metrics: Metrics) -> None:
        self._decodes = metrics.decodes.labels(STILL)
        self._encodes = metrics.encodes.labels(STILL)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="still")
        self._kept: WeakKeyDictionary[RelayedStream, tuple[float, Still]] = WeakKeyDictionary()
        self._locks: WeakKeyDictionary[RelayedStream, asyncio.Lock] = WeakKeyDictionary()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def take(self, stream: RelayedStream) -> Still:
        """The newest picture, at most a second old. Raises `StreamOffline` if there is none."""
        async with self._locks.setdefault(stream, asyncio.Lock()):
            kept = self._kept.get(stream)
            if kept is not None and time.monotonic() - kept[0] < _KEPT_S:
                return kept[1]
            if not stream.is_live:
                raise StreamOffline(f"stream {stream.id} gives no picture at the moment")
            still = await self.decode(stream)
            self._kept[stream] = (time.monotonic(), still)
            return still

    async def decode(self, stream: RelayedStream) -> Still:
        """Decode the newest picture now. Raises `StreamOffline`."""
        units = await self._units(stream)
        codec = stream.video.codec
        if not units or codec is None:
            raise StreamOffline(f"stream {stream.id} has shown no whole picture yet")
        loop = asyncio.get_running_loop()
        decoded = await loop.run_in_executor(self._pool, _to_jpeg, codec, units)
        if decoded is None:
            raise StreamOffline(f"the picture of stream {stream.id} could not be decoded")
        jpeg, count, captured_at_s = decoded
        self._decodes.inc(count)
        self._encodes.inc()
        return Still(jpeg, datetime.fromtimestamp(captured_at_s, UTC))

    async def _units(self, stream: RelayedStream) -> list[Unit]:
        publisher = stream.publisher
        asks = publisher is not None and publisher.makes_keyframes
        max_age_s = _MAX_AGE_WITH_REQUEST_S if asks else _MAX_KEYFRAME_AGE_S
        units = stream.video.units_since_keyframe(max_age_s=max_age_s)
        limit_s = time.monotonic() + _WAIT_FOR_KEYFRAME_S
        if not units:
            stream.request_keyframe()
        while not units and time.monotonic() < limit_s:
            await asyncio.sleep(_POLL_S)
            units = stream.video.units_since_keyframe(max_age_s=max_age_s)
        return units


def _to_jpeg(codec: Codec, units: list[Unit]) -> tuple[bytes, int, float] | None:
    """The last picture that decodes, how many were decoded, and its time. Runs in a thread."""
    decoder = av.CodecContext.create(DECODERS[codec], "r")
    if not isinstance(decoder, VideoCodecContext):
        return None
    decoder.options = {"flags": "low_delay", "max_pixels": str(MOST_PIXELS)}
    newest: tuple[VideoFrame, float] | None = None
    count = 0
    try:
        for unit in units:
            packet = av.Packet(unit.data)
            for frame in decoder.decode(packet):
                newest, count = (frame, unit.captured_at_s), count + 1
        for frame in decoder.decode(None):
            newest, count = (frame, units[-1].captured_at_s), count + 1
    except av.error.FFmpegError:
        pass  # what came before the damage is still a picture
    if newest is None:
        return None
    return jpeg.encode(newest[0]), count, newest[1]
