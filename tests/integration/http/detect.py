"""A detect process's inner API on the town's host: all of it real, save what it sees."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from detectors.executor import Worker
from detectors.motion import Glance, Motion
from domain.analysed import Analysed
from domain.detections import Box, Detection, ObjectClass
from domain.events import EventKind
from domain.identifiers import CameraId, RuleId
from domain.looks import Look
from domain.rules import Rule
from domain.watching import Doing, RuleState
from domain.zones import Zone
from server.database.bus import PgBus
from server.database.playbacks import Playbacks
from server.database.presence import Processes
from server.detect.app import build_app
from server.detect.film_files import FilmFiles
from server.detect.looks import Looks
from server.detect.pictures import RecordedPictures
from server.detect.trials import Trials
from server.edge.calling import Callees
from server.http.app import utc_now
from server.pipeline import CameraPipeline
from server.supervision import supervise
from server.watch_list import WatchedSource
from tests.component.watching import Eye, NoMeasures
from tests.integration.http.conftest import Installation
from tests.integration.http.town import TOWN, stays

CAMERA_ID = CameraId(UUID(TOWN.text("camera")))
LARGEST_FILM, LONGEST_FILM = 2 * 1024**2, timedelta(minutes=10)
RULE = Rule(
    id=RuleId(UUID(int=7)),
    kind=EventKind.FORBIDDEN_ZONE,
    name="quai",
    shape=Zone.drawn([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]),
)
WALKER = Detection(ObjectClass.PERSON, 0.81, Box(0.1, 0.2, 0.3, 0.9), track=4)
GLANCE = Glance(Motion.MOVED, (Box(0.1, 0.1, 0.2, 0.2),), np.zeros((1, 1), np.uint8))


@dataclass
class Detect:
    """What it watches is said by the test."""

    looks: Looks
    cameras: set[CameraId]
    eye: Eye
    """What looks at recorded pictures."""
    trials: Trials

    def watches(self, camera_id: CameraId) -> bool:
        return camera_id in self.cameras

    async def tells(self, people: int = 1) -> bool:
        """Tell of a look at so many people; give whether somebody follows.

        Who has gone is noticed by a look.
        """
        look = Look(
            at=datetime(2026, 1, 1, tzinfo=UTC), timestamp=2**32 + 9000, tracks=(WALKER,) * people
        )
        self.looks.looked(CAMERA_ID, look, [RuleState(RULE, Doing.COUNTS)], GLANCE)
        return self.looks.followed(CAMERA_ID)

    async def is_left(self) -> bool:
        return not await self.tells()


@asynccontextmanager
async def detecting(town: Installation, folder: Path) -> AsyncIterator[Detect]:
    processes, eye, database = Processes(town.database), Eye(), town.database
    with Worker.of("trial") as worker:
        async with ClientSession() as session:
            trials = Trials(
                pictures=RecordedPictures(
                    callees=Callees(session, internal_token="internal"),
                    processes=processes,
                    worker=worker,
                    looks_per_s=5.0,
                ),
                files=FilmFiles(
                    folder,
                    worker=worker,
                    looks_per_s=5.0,
                    largest=LARGEST_FILM,
                    longest=LONGEST_FILM,
                ),
                watched_for=WatchedSource(database, PgBus(database)).of_trial,
                shown_of=lambda segments: Playbacks(database).shown_of(segments, now=utc_now()),
                replay=lambda watched, frames, sink: CameraPipeline(
                    watched=watched,
                    frames=frames,
                    eye=eye,
                    measures=NoMeasures(),
                    sink=sink,
                    clock=utc_now,
                    analysed=Analysed(),
                    present_acts=watched.allowed_at,
                ).run(),
                clock=utc_now,
            )
            one = Detect(Looks(), {CAMERA_ID}, eye, trials)
            app = build_app(looks=one.looks, trials=trials, watching=one, internal_token="internal")
            async with (
                supervise({"trials": trials.run}, on_failure=lambda: None),
                TestServer(app) as server,
            ):
                url = str(server.make_url("")).rstrip("/")
                await processes.here("detect@test/1", "detect", url, at=stays())
                yield one
