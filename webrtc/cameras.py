"""The cameras of this process: told which are wanted, each runs, fails and stops on its own.

A camera's masks change while it runs. One that gets its first ones gets a new stream too: nothing
that was ever given an unmasked picture is asked for anything any more.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from domain.identifiers import StreamId
from domain.streams import Codec, StreamOffline
from webrtc.metrics import Metrics
from webrtc.relay import Relay, RelayedStream
from webrtc.renditions import Renditions
from webrtc.rtsp import (
    BadSource,
    Camera,
    CameraSource,
    CameraTimes,
    CameraVitals,
    DownReason,
)
from webrtc.rtsp_client.dials import Dials
from webrtc.stills import Still, Stills

__all__ = ["BadSource", "CameraSource", "CameraVitals", "Cameras", "Checked"]


FIRST_PICTURE_WITHIN_S = 3.0


class Checked(NamedTuple):
    """What opening a camera once has shown: why it gives no picture, or its codec and one."""

    reason: DownReason | None
    codec: Codec | None = None
    still: Still | None = None


class Cameras:
    """`run` follows `set_sources`; a source that changes in any field is started anew."""

    def __init__(
        self,
        *,
        relay: Relay,
        metrics: Metrics,
        times: CameraTimes,
        renditions: Renditions,
        up: Callable[[CameraSource, Codec], None],
        down: Callable[[CameraSource, DownReason], None],
        clock: Callable[[CameraSource, timedelta], None],
    ) -> None:
        self._relay, self._metrics, self._times = relay, metrics, times
        self._renditions, self._dials = renditions, Dials()
        self._running: dict[StreamId, tuple[Camera, asyncio.Task[None]]] = {}
        metrics.registry.register(_PerCamera(self.vitals))
        self._up, self._down, self._clock = up, down, clock
        self._wanted: dict[StreamId, CameraSource] = {}
        #: Of each camera: whether it has shown a picture, or failed to, since it is wanted.
        self._opened: dict[StreamId, asyncio.Event] = {}
        self._changed = asyncio.Event()

    def set_sources(self, sources: Iterable[CameraSource]) -> None:
        self._wanted = {source.stream_id: source for source in sources}
        self._opened = {one: self._opened.get(one, asyncio.Event()) for one in self._wanted}
        self._changed.set()

    def source(self, stream_id: StreamId) -> CameraSource | None:
        """Where the pictures of this stream come from, if this process pulls them."""
        return self._wanted.get(stream_id)

    async def picture_of(self, stream_id: StreamId) -> None:
        """Wait for the first picture of a camera that is only being opened, for a moment.

        So a process that has just started again answers who asks at once; a camera that has failed
        is not waited for.
        """
        if opened := self._opened.get(stream_id):
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_PICTURE_WITHIN_S):
                    await opened.wait()

    async def run(self) -> None:
        """Until cancelled; a camera's task never ends by itself."""
        running = self._running
        async with asyncio.TaskGroup() as group:
            while True:
                await self._changed.wait()
                self._changed.clear()
                for stream_id, (camera, task) in list(running.items()):
                    wanted = self._wanted.get(stream_id)
                    if wanted is None or _starts_anew(camera.source, wanted):
                        task.cancel()
                        await asyncio.wait({task})
                        del running[stream_id]
                        if wanted is None or _was_bare(camera.source, wanted):
                            self._relay.remove(stream_id)
                    elif wanted.recipe != camera.source.recipe:
                        camera.mask(wanted)
                for stream_id, source in self._wanted.items():
                    if stream_id not in running:
                        camera = self._camera(source, self._relay.open_for_camera(stream_id))
                        task = group.create_task(camera.run(), name=f"camera {stream_id}")
                        running[stream_id] = (camera, task)
                self._metrics.cameras.labels("wanted").set(len(running))

    def _camera(self, source: CameraSource, stream: RelayedStream) -> Camera:
        return Camera(
            source,
            stream,
            metrics=self._metrics,
            times=self._times,
            renditions=self._renditions,
            dials=self._dials,
            up=self._came_up,
            down=self._went_down,
            clock=self._clock,
        )

    def _came_up(self, source: CameraSource, codec: Codec) -> None:
        self._note_opened(source.stream_id)
        self._up(source, codec)

    def _went_down(self, source: CameraSource, reason: DownReason) -> None:
        self._note_opened(source.stream_id)
        self._down(source, reason)

    def _note_opened(self, stream_id: StreamId) -> None:
        if opened := self._opened.get(stream_id):
            opened.set()

    def vitals(self) -> list[CameraVitals]:
        return [camera.vitals() for camera, _ in self._running.values()]

    async def check(self, source: CameraSource, stills: Stills) -> Checked:
        """Open ``source`` once, beside whatever runs: why it gives no picture, or one."""
        stream = RelayedStream(source.stream_id, metrics=self._metrics)
        shown = asyncio.Event()
        camera = Camera(
            source,
            stream,
            metrics=self._metrics,
            times=self._times.for_check(),
            renditions=self._renditions,
            dials=self._dials,
            up=lambda source, codec: shown.set(),
            down=lambda source, reason: None,
            clock=lambda source, offset: None,
        )
        async with asyncio.TaskGroup() as group:
            attempt = group.create_task(camera.run_once())
            waiting = group.create_task(shown.wait())
            # The camera's own limits bound this; two reads more for a keyframe that is late.
            limit_s = self._times.open_within_s + 3 * self._times.read_within_s
            done, _ = await asyncio.wait(
                {attempt, waiting}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
            )
            if attempt in done:
                waiting.cancel()
                return Checked(attempt.result())
            try:
                if not done:
                    plays = camera.vitals().codec is not None
                    return Checked(DownReason.NO_KEYFRAME if plays else DownReason.TIMED_OUT)
                return Checked(None, stream.video.codec, await stills.decode(stream))
            except StreamOffline:
                return Checked(DownReason.NO_VIDEO)
            finally:
                attempt.cancel()
                waiting.cancel()


def _starts_anew(before: CameraSource, after: CameraSource) -> bool:
    return before != after or bool(before.masks) != bool(after.masks)


def _was_bare(before: CameraSource, after: CameraSource) -> bool:
    """Whether its stream holds pictures that may not be shown any more."""
    return not before.masks and bool(after.masks)


class _PerCamera(Collector):
    """What each camera sends, read when somebody asks for the metrics."""

    def __init__(self, vitals: Callable[[], list[CameraVitals]]) -> None:
        self._vitals = vitals

    def collect(self) -> Iterator[Metric]:
        families = {
            name: GaugeMetricFamily(f"ilotier_camera_{name}", text, labels=["camera", "stream"])
            for name, text in _PER_CAMERA.items()
        }
        for one in self._vitals():
            for name, family in families.items():
                if (value := getattr(one, name)) is not None:
                    family.add_metric([str(one.camera_id), str(one.stream_id)], float(value))
        yield from families.values()


_PER_CAMERA = {
    "up": "1 while its picture comes in.",
    "kbit_per_s": "What it sends.",
    "pictures_per_s": "Pictures a second.",
    "gop_s": "Seconds between its last two keyframes.",
    "frozen": "1 while the same picture goes on coming.",
    "blinded": "1 while its picture is black or covered, as far as packets tell.",
    "lost": "Pictures that came with a hole, since it plays.",
    "jumps": "Times that its pictures' times have jumped, since it plays.",
    "restarts": "Times that it was connected again.",
    "clock_offset_s": "How far its clock is ahead of ours.",
    "drift_ppm": "How much faster than ours its clock runs.",
}
