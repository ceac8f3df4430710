"""The detect process's cameras: a pipeline each, for as long as an authorisation covers it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Set
from contextlib import aclosing, suppress
from datetime import datetime
from functools import partial
from typing import Protocol

from detectors.metrics import CAMERAS_WATCHED, EVENTS_OPENED
from detectors.protocol import Frame
from domain.analysed import Analysed
from domain.identifiers import CameraId, StreamId
from domain.ptz import PresetIn, at_no_preset
from domain.references import Reference
from domain.resting import Acts
from domain.watching import EventClosed, EventOpened
from server.clock_readings import ClockReading
from server.pipeline import (
    FIRST_DELAY_S,
    LONGEST_DELAY_S,
    CameraPipeline,
    Clock,
    EventSink,
    Eye,
    Inquiry,
    Listed,
    Measures,
    Onlookers,
    Watched,
)

logger = logging.getLogger(__name__)


class WatchList(Protocol):
    def changes(self) -> AsyncIterator[Listed]:
        """Give all cameras that may be worth watching: at once, after each change, and often.

        "Often" is at least every 30 s, changed or not: a list that nobody confirms any more can't
        tell of a revocation. It gets over the loss of its database by itself.
        """
        ...


class Streams(Protocol):
    def frames(self, stream_id: StreamId) -> AsyncGenerator[Frame]: ...


class _Counted:
    """A sink, what it has stored counted: of live pictures alone, not of what is tried."""

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink

    async def opened(self, event: EventOpened, still: bytes) -> None:
        await self._sink.opened(event, still)
        EVENTS_OPENED.inc()

    async def closed(self, event: EventClosed) -> None:
        await self._sink.closed(event)

    async def referenced(self, reference: Reference) -> None:
        await self._sink.referenced(reference)


class DetectService:
    """Keeps a pipeline running for each camera that an authorisation covers at this moment.

    No other stream is asked of the media process, so nothing else is even decoded. The acts are
    held in memory with their ends: they end to the second also when the database can't be reached.
    """

    TICK_S = 1.0
    TRUSTED_FOR_S = 120.0
    """A list this old is trusted no longer: an act may have been revoked since."""
    HEALTHY_AFTER_S = 60.0

    def __init__(
        self,
        *,
        watch_list: WatchList,
        streams: Streams,
        new_eye: Callable[[Watched], Eye],
        new_measures: Callable[[Watched], Measures],
        sink: EventSink,
        clock: Clock,
        analysed: Analysed,
        new_inquiry: Callable[[], Inquiry] | None = None,
        labels: Set[str] = frozenset(),
        preset_in: PresetIn = at_no_preset,
        onlookers: Onlookers | None = None,
    ) -> None:
        """``labels``: what the models know that the operator has supplied."""
        self._new_inquiry, self._preset_in = new_inquiry, preset_in
        self._analysed = analysed
        self._watch_list = watch_list
        self._streams = streams
        self._new_eye = new_eye
        self._new_measures = new_measures
        self._sink = _Counted(sink)
        self._clock = clock
        self._labels = labels
        self._onlookers = onlookers
        self._list: Listed | None = None
        self._listed: Mapping[CameraId, Watched] = {}
        self._list_came = asyncio.Event()
        self._running: dict[CameraId, tuple[Watched, asyncio.Task[None]]] = {}

    def watches(self, camera_id: CameraId) -> bool:
        """Tell whether a camera's rules and acts have it watched at this moment."""
        listed = self._listed.get(camera_id)
        return listed is not None and bool(self._acts_now(listed, self._clock()))

    async def run(self) -> None:
        """Follow the watch list until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow_list())
            while True:
                self._keep_pipelines(tasks)
                self._list_came.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.TICK_S):
                        await self._list_came.wait()

    async def _follow_list(self) -> None:
        async for listed in self._watch_list.changes():
            self._list, known = listed, self._listed
            # What is as it was stays the same object: by that it is known again at each look.
            self._listed = {
                one.camera_id: before if (before := known.get(one.camera_id)) == one else one
                for one in listed.watched
            }
            self._list_came.set()

    def _keep_pipelines(self, tasks: asyncio.TaskGroup) -> None:
        wanted = {watched.camera_id: watched for watched in self._wanted()}
        for camera_id, (watched, task) in list(self._running.items()):
            if task.done():
                del self._running[camera_id]
            elif wanted.get(camera_id) is not watched:
                task.cancel()  # once it has ended, a later round starts the camera as it is now
        for camera_id, watched in wanted.items():
            if camera_id not in self._running:
                logger.info("watching begins", extra={"camera": str(camera_id)})
                task = tasks.create_task(self._keep_looking(watched), name=f"camera {camera_id}")
                self._running[camera_id] = (watched, task)
        CAMERAS_WATCHED.set(len(self._running))

    def _wanted(self) -> list[Watched]:
        if not self._is_trusted():
            if self._running:
                logger.error(
                    "no news of authorisations for %.0f s: watching stops", self.TRUSTED_FOR_S
                )
            return []
        now = self._clock()
        return [one for one in self._listed.values() if one.acts_at(now)]

    def _is_trusted(self) -> bool:
        now = ClockReading.now(self._clock)
        return self._list is not None and not self._list.asked.is_older(self.TRUSTED_FOR_S, now=now)

    def _acts_now(self, watched: Watched, at: datetime) -> Acts:
        """What allows a look: nothing, once the newest list says otherwise or is too old.

        Asked at each look: a pipeline is stopped a little later, and a process may have stood still
        with a picture in its hands.
        """
        is_listed = self._listed.get(watched.camera_id) is watched
        return watched.acts_at(at) if is_listed and self._is_trusted() else {}

    async def _keep_looking(self, watched: Watched) -> None:
        """Run one camera's pipeline, again after a while when it fails, until cancelled."""
        loop = asyncio.get_running_loop()
        delay_s = FIRST_DELAY_S
        while True:
            started = loop.time()
            try:
                async with asyncio.TaskGroup() as own:
                    own.create_task(self._look(watched))
            except ExceptionGroup:
                # Whatever it was, it was this camera's: the others do not notice.
                logger.exception(
                    "a camera's watching failed", extra={"camera": str(watched.camera_id)}
                )
            if loop.time() - started > self.HEALTHY_AFTER_S:
                delay_s = FIRST_DELAY_S
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, LONGEST_DELAY_S)

    async def _look(self, watched: Watched) -> None:
        async with aclosing(self._streams.frames(watched.stream_id)) as frames:
            await CameraPipeline(
                watched=watched,
                frames=frames,
                eye=self._new_eye(watched),
                measures=self._new_measures(watched),
                sink=self._sink,
                clock=self._clock,
                analysed=self._analysed,
                inquiry=self._new_inquiry() if self._new_inquiry else None,
                labels=self._labels,
                preset_in=self._preset_in,
                onlookers=self._onlookers,
                present_acts=partial(self._acts_now, watched),
            ).run()
