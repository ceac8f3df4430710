"""A fixed camera: pulled, published on its stream, and connected again for ever when it drops.

Over the network everything happens on the event loop (`webrtc.rtsp_client`). A file blocks, so it
is read in a thread of its own, whose pictures cross over by a bounded hand-over. A camera's trouble
stays in its own task.
"""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from domain.cameras import Transport
from domain.identifiers import CameraId, StreamId
from domain.impairments import Impaired, Impairment
from domain.streams import Codec, TooManyRenditions
from webrtc import films, h264
from webrtc.codecs import access_unit
from webrtc.keyframe_watch import KeyframeWatch
from webrtc.metrics import Metrics
from webrtc.relay import EndReason, RelayedStream
from webrtc.renditions import (
    Input,
    Recipe,
    Rendered,
    Rendition,
    Renditions,
    Source,
)
from webrtc.rtsp_client.client import Pull
from webrtc.rtsp_client.dials import Dials
from webrtc.rtsp_client.pictures import Bounds, Picture
from webrtc.rtsp_client.reports import CameraClock
from webrtc.sources import (
    STANDING,
    BadSource,
    CameraSource,
    CameraTimes,
    DownReason,
    SourceDown,
)

__all__ = ["BadSource", "Camera", "CameraSource", "CameraTimes", "DownReason"]

logger = logging.getLogger(__name__)

_HANDED_OVER = 64
"""Pictures of a file on their way to the event loop; more drop up to the next keyframe."""
_INPUTS = {Codec.H264: Input.H264, Codec.H265: Input.H265}
_CLOCK_MOVED = timedelta(seconds=1)
_PROBATION_S = {DownReason.B_FRAMES: 2.0, DownReason.TOO_MUCH: 5.0}
"""Who was sent away for these is shown again once it has kept from them for so long."""


@dataclass(frozen=True, slots=True)
class CameraVitals:
    """How one source does. None: not known, or not now; films have neither rate nor clock.

    ``lost``, ``jumps``: since it plays. ``clock_offset_s``: how far its clock is ahead of ours.
    """

    camera_id: CameraId
    stream_id: StreamId
    up: bool
    codec: Codec | None
    kbit_per_s: int | None
    pictures_per_s: float | None
    gop_s: float | None
    lost: int | None
    jumps: int | None
    restarts: int
    clock_offset_s: float | None
    drift_ppm: float | None
    impaired: Impaired | None

    @property
    def frozen(self) -> bool:
        return self.impaired is not None and self.impaired.what is Impairment.FROZEN

    @property
    def blinded(self) -> bool:
        return self.impaired is not None and self.impaired.what is Impairment.BLINDED


class Camera:
    """One source's whole life is `run`; `relay.Publishing` for its stream."""

    def __init__(
        self,
        source: CameraSource,
        stream: RelayedStream,
        *,
        metrics: Metrics,
        times: CameraTimes,
        renditions: Renditions,
        dials: Dials,
        up: Callable[[CameraSource, Codec], None],
        down: Callable[[CameraSource, DownReason], None],
        clock: Callable[[CameraSource, timedelta], None],
    ) -> None:
        self.source = source
        self._stream, self._metrics, self._times = stream, metrics, times
        self._renditions, self._dials = renditions, dials
        self._rendition: Rendition | None = None
        self._input = Input.H264
        self._by_udp = source.transport is Transport.UDP
        self._up, self._down, self._clock = up, down, clock
        self._is_up = False
        self._told: DownReason | None = None
        self._offset: timedelta | None = None
        self._camera_clock = CameraClock()
        self._keyframes = KeyframeWatch()
        self._pull: Pull | None = None
        self._last: DownReason | None = None
        self._restarts = -1

    @property
    def makes_keyframes(self) -> bool:
        return self._rendition is not None

    def request_keyframe(self, layer: int = 0) -> None:
        """Cameras make keyframes when they like; what is made of their pictures, when asked."""
        if self._rendition is not None:
            self._rendition.request_keyframe()

    def mask(self, source: CameraSource) -> None:
        """The same source with other masks: burnt in from the next picture on."""
        self.source = source
        if self._rendition is not None and (recipe := source.recipe) is not None:
            self._rendition.change(replace(recipe, source=self._input))

    def end(self, reason: EndReason) -> None:
        """A camera's stream is ended by taking its source away."""

    def vitals(self) -> CameraVitals:
        pictures = self._pull.pictures if self._pull is not None else None
        seen = pictures.vitals if pictures is not None else None
        offset, drift = self._camera_clock.offset, self._camera_clock.drift_ppm
        return CameraVitals(
            self.source.camera_id,
            self.source.stream_id,
            self._is_up,
            pictures.codec if pictures is not None else None,
            round(seen.bit_per_s / 1000) if seen is not None else None,
            round(seen.pictures_per_s, 1) if seen is not None else None,
            round(seen.gop_s, 2) if seen is not None and seen.gop_s is not None else None,
            seen.lost if seen is not None else None,
            seen.jumps if seen is not None else None,
            max(0, self._restarts),
            round(offset.total_seconds(), 3) if offset is not None else None,
            round(drift, 1) if drift is not None else None,
            self._keyframes.impaired if self._is_up else None,
        )

    async def run(self) -> None:
        """Pull for ever, until cancelled; between attempts a pause that grows, with jitter."""
        pause_s = self._times.first_pause_s
        while True:
            began_s = time.monotonic()
            reason = await self.run_once()
            self._metrics.camera_failures.labels(reason).inc()
            self._tell_down(reason)
            if time.monotonic() - began_s >= self._times.healthy_after_s:
                pause_s = self._times.first_pause_s
            if reason in STANDING:
                pause_s = max(pause_s, self._times.standing_pause_s)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 jitter
            pause_s = min(pause_s * 2, self._times.longest_pause_s)

    async def run_once(self) -> DownReason:
        """Connect and publish until the source ends; why it did."""
        self._restarts += 1
        try:
            reason = await (self._play_film() if self.source.is_file else self._play())
            self._last = reason
            return reason
        finally:
            self._pull = None
            self._stream.unpublish(self)
            if self._is_up:
                self._is_up = False
                self._metrics.cameras.labels("up").dec()

    # Over the network

    async def _play(self) -> DownReason:
        hold_s = _PROBATION_S.get(self._last, 0.0) if self._last is not None else 0.0
        recipe = self.source.recipe
        bounds = Bounds(
            bit_per_s=self._times.most_bit_per_s, hold_s=hold_s, reorders=recipe is not None
        )
        pull = self._pull = Pull(
            self.source,
            self,
            times=self._times,
            bounds=bounds,
            turn=self._dials.turn(self.source.host, again=self._told is not None),
            by_udp=self._by_udp,
        )
        reason = await (pull.run() if recipe is None else self._play_rendered(pull, recipe))
        may_change = self.source.transport is Transport.AUTO and not self._by_udp
        if reason is DownReason.NO_TRANSPORT and may_change:
            self._by_udp = True  # it takes no TCP, and said so before anything played
            return await self._play()
        return reason

    async def _play_rendered(self, pull: Pull, recipe: Recipe) -> DownReason:
        async with asyncio.TaskGroup() as group:
            over = group.create_task(pull.run(), name="camera pull")
            await asyncio.wait({over, pull.opened}, return_when=asyncio.FIRST_COMPLETED)
            if over.done() or pull.pictures is None:
                return await over
            self._input = _INPUTS[pull.pictures.codec]
            reason = await self._render(replace(recipe, source=self._input), over)
            over.cancel()
        return reason

    def took(self, picture: Picture) -> None:
        codec = self._pull.pictures.codec if self._pull and self._pull.pictures else Codec.H264
        if picture.is_keyframe:
            self._keyframes.took(codec, picture.payloads, datetime.now(UTC))
        if self.source.recipe is None:
            self._publish(codec, picture.payloads, picture.timestamp, picture.is_keyframe)
        elif self._rendition is not None:
            try:
                data = access_unit(codec, picture.payloads)
            except ValueError:
                return
            self._rendition.put(Source(data, picture.timestamp, picture.is_keyframe))

    def heard_clock(self, camera_s: float) -> None:
        self._camera_clock.heard(camera_s, time.time())
        offset = self._camera_clock.offset
        if self._is_up and offset is not None:
            self._compare_clocks(offset)

    # A file

    async def _play_film(self) -> DownReason:
        loop = asyncio.get_running_loop()
        over: asyncio.Future[DownReason] = loop.create_future()
        stop = threading.Event()
        reader = _Reader(self.source, stop, loop, self._took_film, over)
        thread = threading.Thread(
            target=reader.run, name=f"camera {self.source.stream_id}", daemon=True
        )
        thread.start()
        try:
            if (recipe := self.source.recipe) is None:
                return await over
            return await self._render(recipe, over)
        finally:
            # The thread ends at its next picture; nothing of it arrives any more.
            stop.set()

    def _took_film(self, picture: films.FilmPicture) -> None:
        if not picture.payloads:
            return
        if picture.is_keyframe:
            self._keyframes.took(Codec.H264, picture.payloads, datetime.now(UTC))
        if self.source.recipe is None:
            self._publish(Codec.H264, picture.payloads, picture.timestamp, picture.is_keyframe)
        elif self._rendition is not None:
            self._rendition.put(Source(picture.data, picture.timestamp, picture.is_keyframe))

    # What is made of either

    async def _render(self, recipe: Recipe, over: "asyncio.Future[DownReason]") -> DownReason:
        """Show what is made of the pictures, and without that nothing."""
        self._rendition = self._renditions.make(recipe, deliver=self._rendered)
        try:
            async with asyncio.TaskGroup() as group:
                making = group.create_task(self._make(self._rendition), name="camera rendition")
                await asyncio.wait({making, over}, return_when=asyncio.FIRST_COMPLETED)
                making.cancel()
            return making.result() if not making.cancelled() else over.result()
        finally:
            self._rendition = None

    async def _make(self, rendition: Rendition) -> DownReason:
        try:
            await rendition.run()
        except TooManyRenditions:
            return DownReason.TOO_MANY_RENDITIONS
        return DownReason.RENDITION_FAILED

    def _rendered(self, picture: Rendered) -> None:
        payloads = h264.packetise(picture.data)
        self._publish(Codec.H264, payloads, picture.timestamp, picture.is_keyframe)

    # Either

    def _publish(
        self, codec: Codec, payloads: list[bytes], timestamp: int, is_keyframe: bool
    ) -> None:
        if self._stream.publisher is not self:
            if not is_keyframe:
                return
            self._stream.publish(self)
            self._stream.video.begin(codec)
        self._stream.video.receive_unit(payloads, timestamp)
        if not self._is_up:
            self._is_up, self._told = True, None
            self._metrics.cameras.labels("up").inc()
            logger.info("camera %s is up: %s", self.source.camera_id, self.source.redacted())
            self._up(self.source, codec)
            if (offset := self._camera_clock.offset) is not None:
                self._compare_clocks(offset)

    def _compare_clocks(self, offset: timedelta) -> None:
        if self._offset is None or abs(offset - self._offset) >= _CLOCK_MOVED:
            self._offset = offset
            self._clock(self.source, offset)

    def _tell_down(self, reason: DownReason) -> None:
        if reason is not self._told:
            self._told = reason
            logger.warning(
                "camera %s is down, %s: %s", self.source.camera_id, reason, self.source.redacted()
            )
            self._down(self.source, reason)


class _Reader:
    """The thread's side of a film: reads, and hands over as long as somebody takes."""

    def __init__(
        self,
        source: CameraSource,
        stop: threading.Event,
        loop: asyncio.AbstractEventLoop,
        arrived: Callable[[films.FilmPicture], None],
        over: "asyncio.Future[DownReason]",
    ) -> None:
        self._source, self._stop = source, stop
        self._loop, self._arrived, self._over = loop, arrived, over
        self._room = threading.BoundedSemaphore(_HANDED_OVER)

    def run(self) -> None:
        reason = DownReason.ENDED
        try:
            self._read()
        except SourceDown as down:
            reason = down.reason
        except RuntimeError:
            return  # the event loop is closed: the process is going away
        self._call(self._finish, reason)

    def _read(self) -> None:
        dropping = False
        for picture in films.pictures(
            self._source.path, self._stop, reorders=self._source.recipe is not None
        ):
            if self._stop.is_set():
                return
            if (dropping and not picture.is_keyframe) or not self._room.acquire(blocking=False):
                dropping = True
                continue
            dropping = False
            self._loop.call_soon_threadsafe(self._hand_over, picture)

    def _hand_over(self, picture: films.FilmPicture) -> None:
        self._room.release()
        if not self._stop.is_set():
            self._arrived(picture)

    def _finish(self, reason: DownReason) -> None:
        if not self._over.done():
            self._over.set_result(reason)

    def _call(self, function: Callable[[DownReason], None], reason: DownReason) -> None:
        try:
            self._loop.call_soon_threadsafe(function, reason)
        except RuntimeError:
            logger.debug("the event loop closed before camera %s", self._source.camera_id)
