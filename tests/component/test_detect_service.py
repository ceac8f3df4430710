"""Which cameras are watched, by whom they are kept, and when that ends."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from detectors.protocol import DetectorFailed, Frame
from domain.analysed import Analysed
from domain.detections import Detection
from domain.identifiers import (
    CameraId,
    EventId,
    StreamId,
)
from domain.profiles import Profile
from domain.watching import EventClosed, EventOpened
from server import pipeline
from server.clock_readings import ClockReading
from server.detect import service
from server.detect.service import DetectService
from server.pipeline import Listed, Watched
from tests.component.watching import (
    ACT,
    INTRUDER,
    LIMIT_S,
    QUAY,
    SQUARE,
    START,
    Eye,
    NoMeasures,
    Sink,
    Still,
    watched,
)


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "FIRST_DELAY_S", 0.001)
    monkeypatch.setattr(service, "FIRST_DELAY_S", 0.001)


class Streams:
    """Cameras that film for ever, as long as somebody asks; ``open`` names those asked for."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.open: set[StreamId] = set()
        self.changed = asyncio.Condition()

    async def frames(self, stream_id: StreamId) -> AsyncGenerator[Frame]:
        await self._note(self.open | {stream_id})
        try:
            while True:
                await asyncio.sleep(0)
                yield Still(self._clock())
        finally:
            self.open -= {stream_id}
            await self._note(self.open)

    async def _note(self, streams: set[StreamId]) -> None:
        async with self.changed:
            self.open = streams
            self.changed.notify_all()

    async def are(self, *cameras: CameraId) -> None:
        wanted = {watched(camera).stream_id for camera in cameras}
        async with asyncio.timeout(LIMIT_S), self.changed:
            await self.changed.wait_for(lambda: self.open == wanted)


class WatchList:
    """Gives what it is given, as asked for at that moment."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lists: asyncio.Queue[Listed] = asyncio.Queue(maxsize=10)

    def put(self, *listed: Watched) -> None:
        self._lists.put_nowait(Listed(listed, ClockReading.now(self._clock)))

    async def changes(self) -> AsyncIterator[Listed]:
        while True:
            yield await self._lists.get()


class Scene:
    """A detect service with everything around it, at a time that the test sets."""

    def __init__(self, *listed: Watched, eye: Eye | None = None) -> None:
        self.now = START + timedelta(minutes=1)
        self.streams = Streams(lambda: self.now)
        self.list = WatchList(lambda: self.now)
        self.list.put(*listed)
        self.sink = Sink()
        self.eye = eye or Eye()
        self.service = DetectService(
            watch_list=self.list,
            streams=self.streams,
            new_eye=lambda watched: self.eye,
            new_measures=lambda watched: NoMeasures(),
            sink=self.sink,
            clock=lambda: self.now,
            analysed=Analysed(),
        )
        self.service.TICK_S = 0.01

    @asynccontextmanager
    async def plays(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(self.service.run())
            yield
            running.cancel()


async def test_only_cameras_with_a_zone_and_an_act_in_force_are_asked_of_media() -> None:
    later = replace(ACT, starts_at=START + timedelta(minutes=30))
    scene = Scene(watched(QUAY), watched(SQUARE, later))
    async with scene.plays():
        await scene.streams.are(QUAY)

        scene.now = START + timedelta(minutes=31)
        scene.list.put(watched(QUAY), watched(SQUARE, later))
        await scene.streams.are(QUAY, SQUARE)

        scene.list.put(watched(QUAY, rules=False), watched(SQUARE, later))
        await scene.streams.are(SQUARE)


async def test_at_the_end_of_the_act_watching_stops_also_without_news_of_the_database() -> None:
    scene = Scene(watched(QUAY))
    async with scene.plays():
        await scene.sink.has(1)

        assert scene.service.watches(QUAY)
        scene.now = ACT.ends_at
        assert not scene.service.watches(QUAY)  # nor told of to who tunes its rules
        await scene.streams.are()
        await scene.sink.has(2)
        looked = len(scene.eye.looked_at)
        for _ in range(100):  # many turns in which it could look, and must not
            await asyncio.sleep(0)

    assert scene.sink.kinds == [EventOpened, EventClosed]
    assert len(scene.eye.looked_at) == looked
    assert max(scene.eye.looked_at) < ACT.ends_at


async def test_a_revoked_act_stops_the_camera_at_once() -> None:
    scene = Scene(watched(QUAY))
    async with scene.plays():
        await scene.streams.are(QUAY)

        scene.list.put(watched(QUAY, ACT.revoke(at=scene.now)))
        await scene.streams.are()


async def test_a_list_that_nobody_confirms_is_trusted_no_longer() -> None:
    scene = Scene(watched(QUAY))
    scene.service.TRUSTED_FOR_S = LIMIT_S
    async with scene.plays():
        await scene.streams.are(QUAY)

        scene.service.TRUSTED_FOR_S = 0.0
        await scene.streams.are()

        scene.service.TRUSTED_FOR_S = LIMIT_S
        scene.list.put(watched(QUAY))
        await scene.streams.are(QUAY)


async def test_a_fictional_act_never_opens_a_real_camera() -> None:
    fictional = replace(ACT, profile=Profile.DEMONSTRATION)
    demonstration = replace(watched(SQUARE, fictional), is_demonstration=True)
    scene = Scene(watched(QUAY, fictional), demonstration)
    async with scene.plays():
        await scene.streams.are(SQUARE)


async def test_one_cameras_failure_touches_no_other() -> None:
    failing = [3]

    def sees(at: datetime) -> Sequence[Detection]:
        if failing[0]:
            failing[0] -= 1
            raise DetectorFailed("out of memory")
        return [INTRUDER]

    scene = Scene(watched(QUAY), watched(SQUARE), eye=Eye(sees))
    async with scene.plays():
        await scene.sink.has(2)

    cameras = {fact.camera_id for fact in scene.sink.facts if isinstance(fact, EventOpened)}
    assert cameras == {QUAY, SQUARE}


async def test_each_event_has_an_id_of_its_own() -> None:
    scene = Scene(watched(QUAY), watched(SQUARE))
    async with scene.plays():
        await scene.sink.has(2)

    ids: set[EventId] = {fact.event_id for fact in scene.sink.facts}
    assert len(ids) == 2
