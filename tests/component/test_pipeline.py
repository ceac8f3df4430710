"""One camera's way from frames to events, and who keeps it: the law comes before all else."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.metrics import FRAMES_ANALYSED
from detectors.protocol import DetectorFailed, Frame, Luma, Picture
from domain.authorisations import Authorisation, Profile
from domain.detections import Box, Detection, ObjectClass
from domain.errors import Unavailable
from domain.events import EventKind
from domain.identifiers import (
    AuthorisationId,
    CameraId,
    CommuneId,
    EventId,
    PersonId,
    StreamId,
    ZoneId,
)
from domain.watching import EventClosed, EventOpened
from domain.zones import Zone
from server import pipeline
from server.pipeline import CameraPipeline, DetectService, Watched

QUAY, SQUARE = CameraId(UUID(int=1)), CameraId(UUID(int=2))
START = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)
LOOK = timedelta(milliseconds=200)
LIMIT_S = 60.0
ZONE = Zone.drawn(ZoneId(UUID(int=3)), "quai", [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)])
INTRUDER = Detection(ObjectClass.PERSON, 0.8, Box(0.2, 0.3, 0.3, 0.8), track=1)

ACT = Authorisation(
    id=AuthorisationId(UUID(int=10)),
    commune_id=CommuneId(UUID(int=11)),
    profile=Profile.FRANCE,
    law="Loi no 2023-380, article 10",
    act_reference="Arrêté 2026-117",
    act_date=date(2026, 11, 20),
    authority="Préfecture",
    purpose="Sécurité du marché de Noël",
    place="Quai",
    kinds=frozenset({EventKind.FORBIDDEN_ZONE}),
    camera_ids=frozenset({QUAY, SQUARE}),
    starts_at=START,
    ends_at=START + timedelta(hours=1),
    recorded_at=START - timedelta(days=1),
    recorded_by=PersonId(UUID(int=12)),
)


def watched(camera: CameraId = QUAY, *acts: Authorisation, zones: bool = True) -> Watched:
    return Watched(
        camera_id=camera,
        stream_id=StreamId(UUID(int=camera.int + 100)),
        is_demonstration=False,
        zones=(ZONE,) if zones else (),
        authorisations=acts or (ACT,),
    )


@dataclass
class Still:
    """A frame that holds nothing but its time."""

    captured_at: datetime

    def luma(self) -> Luma:
        return np.zeros((9, 16), np.uint8)

    def bgr(self) -> Picture:
        return np.zeros((9, 16, 3), np.uint8)

    def jpeg(self) -> bytes:
        return b"jpeg of " + self.captured_at.isoformat().encode()


class OpenGate:
    async def worth_a_look(self, frame: Frame, *, following: bool) -> bool:
        return True


class ShutGate:
    async def worth_a_look(self, frame: Frame, *, following: bool) -> bool:
        return False


class NoTracker:
    def follow(self, detections: Sequence[Detection]) -> Sequence[Detection]:
        return detections


@dataclass
class Eye:
    """A detector that notes what it looked at and sees what it is told to."""

    sees: Callable[[datetime], Sequence[Detection]] = lambda at: [INTRUDER]
    looked_at: list[datetime] = field(default_factory=list)

    async def detect(self, frame: Frame) -> Sequence[Detection]:
        self.looked_at.append(frame.captured_at)
        return self.sees(frame.captured_at)


class Sink:
    """Keeps what it is told; fails ``failures`` times first."""

    def __init__(self, *, failures: int = 0) -> None:
        self.facts: list[EventOpened | EventClosed] = []
        self.stills: list[bytes] = []
        self.told = asyncio.Condition()
        self.failures = failures

    async def opened(self, event: EventOpened, still: bytes) -> None:
        self.stills.append(still)
        await self._keep(event)

    async def closed(self, event: EventClosed) -> None:
        await self._keep(event)

    async def _keep(self, event: EventOpened | EventClosed) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable("the database is starting")
        async with self.told:
            self.facts.append(event)
            self.told.notify_all()

    async def has(self, count: int) -> None:
        async with asyncio.timeout(LIMIT_S), self.told:
            await self.told.wait_for(lambda: len(self.facts) >= count)

    @property
    def kinds(self) -> list[type]:
        return [type(fact) for fact in self.facts]


async def stills(times: Sequence[datetime]) -> AsyncGenerator[Still]:
    for at in times:
        yield Still(at)


def analysed(authorised: str) -> float:
    return float(FRAMES_ANALYSED.labels(authorised)._value.get())


def camera_pipeline(
    times: Sequence[datetime],
    *,
    eye: Eye,
    sink: Sink,
    of: Watched | None = None,
    now: Callable[[], datetime] = lambda: START + timedelta(minutes=1),
    motion: OpenGate | ShutGate | None = None,
) -> CameraPipeline[Still]:
    return CameraPipeline(
        watched=of or watched(),
        frames=stills(times),
        motion=motion or OpenGate(),
        detector=eye,
        tracker=NoTracker(),
        sink=sink,
        clock=now,
    )


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "FIRST_DELAY_S", 0.001)


async def test_somebody_in_the_zone_is_an_event_with_its_still_and_its_act() -> None:
    sink, times = Sink(), [START + n * LOOK for n in range(5)]

    await camera_pipeline(times, eye=Eye(), sink=sink).run()

    opened, closed = sink.facts
    assert isinstance(opened, EventOpened)
    assert isinstance(closed, EventClosed)
    assert (opened.camera_id, opened.zone_id, opened.authorisation_id) == (QUAY, ZONE.id, ACT.id)
    assert opened.opened_at == times[2]
    assert sink.stills == [Still(times[2]).jpeg()]
    assert closed.event_id == opened.event_id


async def test_a_shut_motion_gate_spares_the_detector() -> None:
    eye = Eye()

    await camera_pipeline([START], eye=eye, sink=Sink(), motion=ShutGate()).run()

    assert eye.looked_at == []


async def test_an_event_that_can_not_be_stored_yet_is_stored_later() -> None:
    sink = Sink(failures=3)

    await camera_pipeline([START + n * LOOK for n in range(9)], eye=Eye(), sink=sink).run()

    assert sink.kinds == [EventOpened, EventClosed]


async def test_frames_that_stop_coming_close_the_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BLIND_AFTER_S", 0.05)
    sink = Sink()

    async def then_nothing() -> AsyncIterator[Still]:
        for n in range(4):
            yield Still(START + n * LOOK)
        await asyncio.Event().wait()

    blind = CameraPipeline(
        watched=watched(),
        frames=then_nothing(),
        motion=OpenGate(),
        detector=Eye(),
        tracker=NoTracker(),
        sink=sink,
        clock=lambda: START,
    )
    running = asyncio.create_task(blind.run())
    await sink.has(2)
    running.cancel()
    await asyncio.wait({running})

    assert sink.kinds == [EventOpened, EventClosed]


minutes = st.integers(-90, 150).map(lambda number: START + timedelta(minutes=number))


@given(
    captured=st.lists(minutes, max_size=12),
    now=minutes,
    act=st.builds(
        lambda starts, length, revoked: replace(
            ACT,
            act_date=starts.date(),
            starts_at=starts,
            ends_at=starts + timedelta(minutes=length),
            revoked_at=revoked,
        ),
        minutes,
        st.integers(1, 90),
        st.none() | minutes,
    ),
    is_other_camera=st.booleans(),
)
def test_no_frame_is_analysed_outside_an_authorisation(
    captured: list[datetime], now: datetime, act: Authorisation, is_other_camera: bool
) -> None:
    if is_other_camera:
        act = replace(act, camera_ids=frozenset({SQUARE}))
    eye, unauthorised, authorised = Eye(), analysed("no"), analysed("yes")

    async def run() -> None:
        await camera_pipeline(
            captured, eye=eye, sink=Sink(), of=watched(QUAY, act), now=lambda: now
        ).run()

    asyncio.run(run())

    def is_covered(at: datetime) -> bool:
        return act.covers(QUAY, EventKind.FORBIDDEN_ZONE, at)

    assert eye.looked_at == [at for at in captured if is_covered(at) and is_covered(now)]
    assert analysed("no") == unauthorised == 0
    assert analysed("yes") - authorised == len(eye.looked_at)


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
    def __init__(self, *listed: Watched) -> None:
        self.lists: asyncio.Queue[Sequence[Watched]] = asyncio.Queue(maxsize=10)
        self.lists.put_nowait(listed)

    async def changes(self) -> AsyncIterator[Sequence[Watched]]:
        while True:
            yield await self.lists.get()


class Scene:
    """A detect service with everything around it, at a time that the test sets."""

    def __init__(self, *listed: Watched, eye: Eye | None = None) -> None:
        self.now = START + timedelta(minutes=1)
        self.streams = Streams(lambda: self.now)
        self.list = WatchList(*listed)
        self.sink = Sink()
        self.eye = eye or Eye()
        self.service = DetectService(
            watch_list=self.list,
            streams=self.streams,
            detector=self.eye,
            new_motion=OpenGate,
            new_tracker=NoTracker,
            sink=self.sink,
            clock=lambda: self.now,
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
        await scene.streams.are(QUAY, SQUARE)

        await scene.list.lists.put([watched(QUAY, zones=False), watched(SQUARE, later)])
        await scene.streams.are(SQUARE)


async def test_at_the_end_of_the_act_watching_stops_also_without_news_of_the_database() -> None:
    scene = Scene(watched(QUAY))
    async with scene.plays():
        await scene.sink.has(1)

        scene.now = ACT.ends_at
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

        await scene.list.lists.put([watched(QUAY, ACT.revoke(at=scene.now))])
        await scene.streams.are()


async def test_a_list_that_nobody_confirms_is_trusted_no_longer() -> None:
    scene = Scene(watched(QUAY))
    scene.service.TRUSTED_FOR_S = 0.1
    async with scene.plays():
        await scene.streams.are(QUAY)
        await scene.streams.are()

        await scene.list.lists.put([watched(QUAY)])
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
