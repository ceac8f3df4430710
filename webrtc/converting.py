"""What some browsers can't show, made H264 for those: once for all of them, while one watches.

A camera's H265 goes as it is to whoever has it. The first viewer who has not begins a rendition of
the stream; it ends a while after the last of them has left.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from domain.errors import Unavailable
from domain.identifiers import StreamId
from domain.streams import Codec, Packet, TooManyRenditions
from webrtc import h264
from webrtc.metrics import Metrics
from webrtc.relay import EndReason, Relay, RelayedStream
from webrtc.renditions import Input, Recipe, Rendered, Renditions, Source

LINGERS_S = 10.0
"""Without a viewer: who changes a wall comes back."""
_LOOK_EVERY_S = 0.5
_MAX_AGE_S = 60.0
MOST_WAITING, MOST_WAITING_BYTES = 900, 16 * 1024 * 1024
"""Units on their way to the rendition: a GOP of a minute at 15 a second among them, and all the
bytes that a stream's history has of it (12 MiB)."""
_AT_ONCE = 32
_FEED_EVERY_S = 0.05


class Conversions:
    """`run` owns what is converted; `of` begins it."""

    def __init__(self, *, relay: Relay, renditions: Renditions, metrics: Metrics) -> None:
        self._relay, self._renditions, self._metrics = relay, renditions, metrics
        self._group: asyncio.TaskGroup | None = None
        self._open: dict[StreamId, Conversion] = {}

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self._group = None

    def of(self, stream: RelayedStream) -> RelayedStream:
        """The H264 of ``stream``, which is H265. Raises `TooManyRenditions`, `Unavailable`."""
        if self._group is None:
            raise Unavailable("the media process is starting or stopping")
        known = self._open.get(stream.id)
        if known is not None and known.base is stream and not known.is_over:
            known.want()
            return known.stream
        if self._renditions.is_full:
            raise TooManyRenditions(f"{self._renditions.most} streams are rendered by this process")
        conversion = Conversion(
            stream,
            renditions=self._renditions,
            metrics=self._metrics,
            is_there=lambda: self._relay.find(stream.id) is stream,
        )
        self._open[stream.id] = conversion
        self._group.create_task(self._live(conversion), name=f"conversion {stream.id}")
        return conversion.stream

    async def _live(self, conversion: "Conversion") -> None:
        try:
            await conversion.run()
        finally:
            if self._open.get(conversion.base.id) is conversion:
                del self._open[conversion.base.id]


class Conversion:
    """One stream's; `relay.Publishing` for ``stream``, which is ``base`` in H264."""

    makes_keyframes = True

    def __init__(
        self,
        base: RelayedStream,
        *,
        renditions: Renditions,
        metrics: Metrics,
        is_there: Callable[[], bool],
    ) -> None:
        self.base = base
        self.stream = RelayedStream(base.id, metrics=metrics)
        self._is_there = is_there
        self._rendition = renditions.make(Recipe(source=Input.H265), deliver=self._made)
        self._waiting = Waiting()
        self._something = asyncio.Event()
        self.is_over = False
        self.want()
        self.stream.publish(self)
        self.stream.video.begin(Codec.H264)

    def want(self) -> None:
        """Somebody is about to watch it: from now on it is waited for him."""
        self._wanted_s = asyncio.get_running_loop().time()

    def request_keyframe(self, layer: int = 0) -> None:
        self._rendition.request_keyframe()

    def end(self, reason: EndReason) -> None:
        """It ends with its viewers, or with the stream it is made of."""

    async def run(self) -> None:
        """Until nobody watches, or there is nothing to convert any more."""
        reason = EndReason.SHUTTING_DOWN
        self.base.listen(self._hear)
        try:
            for unit in self.base.video.units_since_keyframe(max_age_s=_MAX_AGE_S):
                self._put(Source(unit.data, unit.timestamp, unit.is_keyframe))
            reason = await self._work()
        finally:
            self.base.unlisten(self._hear)
            self.stream.unpublish(self)
            self.stream.close(reason)

    async def _work(self) -> EndReason:
        async with asyncio.TaskGroup() as group:
            made = group.create_task(self._make(), name="conversion rendition")
            fed = group.create_task(self._feed(), name="conversion feed")
            watched = group.create_task(self._watch(), name="conversion watch")
            for task in (made, watched):
                task.add_done_callback(self._ends)
            await asyncio.wait({made, watched}, return_when=asyncio.FIRST_COMPLETED)
            for task in (made, fed, watched):
                task.cancel()
        return watched.result() if not watched.cancelled() else EndReason.FAILED

    def _ends(self, _: "asyncio.Task[Any]") -> None:
        """Who comes from now on, while its process is being ended, is given another."""
        self.is_over = True

    async def _make(self) -> None:
        """Until it gives no more pictures; the last place may have gone to another meanwhile."""
        with suppress(TooManyRenditions):
            await self._rendition.run()

    async def _watch(self) -> EndReason:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            if not self._is_there():
                return EndReason.STREAM_ENDED
            if self.base.video.codec is not Codec.H265:
                return EndReason.CODEC_CHANGED
            if self.stream.is_wanted:
                self.want()
            elif loop.time() - self._wanted_s >= LINGERS_S:
                return EndReason.STREAM_ENDED

    async def _feed(self) -> None:
        """As fast as the rendition takes it: the past may be long."""
        while True:
            await self._something.wait()
            self._something.clear()
            while self._waiting:
                if self._rendition.waiting >= _AT_ONCE:
                    await asyncio.sleep(_FEED_EVERY_S)
                    continue
                self._rendition.put(self._waiting.take())

    def _hear(self, packet: Packet) -> None:
        self._put(Source(packet.data, packet.timestamp, packet.is_keyframe))

    def _put(self, unit: Source) -> None:
        self._waiting.put(unit)
        self._something.set()

    def _made(self, picture: Rendered) -> None:
        if self.stream.video.last_packet_s is None:
            # The base's own times: what is known of a picture holds of it in both forms.
            self.stream.video.begin(Codec.H264, at=picture.timestamp)
        self.stream.video.receive_unit(h264.packetise(picture.data), picture.timestamp)


class Waiting:
    """Units on their way to the rendition. Too many, or too large: on to the next keyframe."""

    def __init__(self) -> None:
        self._units: deque[Source] = deque()
        self.bytes = 0
        self._needs_keyframe = False

    def __len__(self) -> int:
        return len(self._units)

    def put(self, unit: Source) -> None:
        if unit.is_keyframe and len(self) > _AT_ONCE:
            self._clear()  # all that waits is older than what needs none of it
        if len(self) >= MOST_WAITING or self.bytes + len(unit.data) > MOST_WAITING_BYTES:
            self._clear()
            self._needs_keyframe = True
        if self._needs_keyframe and not unit.is_keyframe:
            return
        self._needs_keyframe = False
        self._units.append(unit)
        self.bytes += len(unit.data)

    def take(self) -> Source:
        """The oldest. Raises `IndexError` if none waits."""
        unit = self._units.popleft()
        self.bytes -= len(unit.data)
        return unit

    def _clear(self) -> None:
        self._units.clear()
        self.bytes = 0
