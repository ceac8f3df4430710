"""What the detect process may be asked to watch, and which media processes give it pictures."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from domain.errors import NotFound, Unavailable
from domain.facts import CameraChanged, ConfigurationChanged, DetectionResumed, DetectionSuspended
from server.bus import Bus, FellBehind, Numbered
from server.clock_readings import ClockReading
from server.database.authorisations import Authorisations
from server.database.cameras import SQL as CAMERAS
from server.database.cameras import read_camera
from server.database.columns import Clock, utc_now
from server.database.footings import footings_of
from server.database.masks import masks_in
from server.database.pool import Database
from server.database.presence import Processes
from server.database.references import References
from server.database.rules import Rules
from server.database.suspensions import Suspensions
from server.pipeline import Listed, Watched
from server.trial_requests import TrialRequest

logger = logging.getLogger(__name__)

#: Facts that change what may be watched.
MATTERS = (CameraChanged, ConfigurationChanged, DetectionSuspended, DetectionResumed)
CONFIRMED_EVERY_S = 25.0  # the pipeline asks for at most 30: a revocation must be heard of
AGAIN_AFTER_S = 1.0
APART_S = 0.5
"""A burst of facts (a list of cameras that is taken over) is one reading, so late at the most."""
#: A media process that is busy, or whose database is, keeps its pictures coming.
TAP_KEPT_FOR = timedelta(seconds=60)


class Facts(Protocol):
    def follow(self) -> AbstractContextManager[AsyncIterator[Numbered]]:
        """As the `server.bus.Bus` does."""
        ...


class WatchedSource:
    """Gives the list when it changes, and often (``server.pipeline.WatchList``).

    While the database is away nothing is given: who has the last list keeps it as long as it may.
    """

    def __init__(self, database: Database, bus: Bus, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock

    def changes(self) -> AsyncIterator[Listed]:
        return followed(self.read, self._bus, clock=self._clock)

    async def read(self) -> list[Watched]:
        """Every camera in use that has rules and is named by an act that is not over."""
        acts = await Authorisations(self._database).running(at=self._clock())
        named = {camera_id for act in acts for camera_id in act.camera_ids}
        suspended = await Suspensions(self._database).running()
        rules = await Rules(self._database).of_cameras(named)
        references = await References(self._database).of_cameras(named)
        return [
            Watched(
                camera_id=camera.id,
                stream_id=camera.sub_stream_id or camera.main_stream_id,
                is_demonstration=camera.demonstration,
                place_kind=camera.place_kind,
                rules=tuple(rules[camera.id]),
                references=references.get(camera.id, ()),
                authorisations=tuple(act for act in acts if camera.id in act.camera_ids),
                suspended=frozenset(suspended.get(camera.id, ())),
                masks=masks_in(row["masks"] or ()),
            )
            for row in await self._database.rows(CAMERAS["sources"])
            if (camera := read_camera(row)).id in rules
        ]

    async def of_trial(self, asked: TrialRequest) -> Watched:
        """A camera with rules that are tried, and what allows it; suspensions are no matter of law.

        What is looked back on is judged by what the camera was then.
        A recording does not say where a camera that turns was looking: presets count for nothing.
        Of references, those that are there are compared with, and none is taken.
        Raises ``NotFound``.
        """
        acts = await Authorisations(self._database).running(at=self._clock())
        row = await self._database.row(CAMERAS["sources_of"], asked.camera_id)
        if row is None:
            raise NotFound("there is no such camera")
        camera = read_camera(row)
        references = await References(self._database).of_cameras([camera.id])
        footings = await footings_of(self._database, [camera.id])
        return Watched(
            camera_id=camera.id,
            stream_id=camera.main_stream_id,
            is_demonstration=camera.demonstration,
            place_kind=camera.place_kind,
            rules=tuple(replace(rule, preset=None) for rule in asked.rules),
            authorisations=tuple(act for act in acts if camera.id in act.camera_ids),
            masks=masks_in(row["masks"] or ()),
            references=tuple(one for one in references.get(camera.id, ()) if one.picture),
            footings=footings[camera.id],
        )


async def followed(
    read: Callable[[], Awaitable[list[Watched]]], bus: Facts, *, clock: Clock
) -> AsyncIterator[Listed]:
    """Give what ``read`` reads, anew when a fact says so, and often.

    What is read is as old as the question: an answer may be on its way for as long as a query may.
    The first fact in ``APART_S`` is heard at once.
    """
    loop, is_told = asyncio.get_running_loop(), False
    while True:
        with bus.follow() as facts:  # from before the list is read: nothing is missed
            while True:
                asked, pause_s = ClockReading.now(clock), CONFIRMED_EVERY_S
                again_at = loop.time() + APART_S
                try:
                    watched = await read()
                except Unavailable as error:
                    if not is_told:
                        logger.warning("what may be watched is not known anew: %s", error)
                    is_told, pause_s = True, AGAIN_AFTER_S
                else:
                    is_told = False
                    yield Listed(watched, asked)
                if not await _wait_for_change(facts, pause_s):
                    break
                if not await _take_until(again_at, facts):
                    break


async def _wait_for_change(facts: AsyncIterator[Numbered], limit_s: float) -> bool:
    """Return at the next fact that matters, or after ``limit_s``; False when facts were missed."""
    try:
        async with asyncio.timeout(limit_s):
            async for numbered in facts:
                if isinstance(numbered.fact, MATTERS):
                    return True
    except TimeoutError:
        return True
    except FellBehind:
        return False
    return False


async def _take_until(when: float, facts: AsyncIterator[Numbered]) -> bool:
    """Take what comes until then, and what has come; False when facts were missed."""
    try:
        async with asyncio.timeout_at(when):
            async for _ in facts:
                pass
    except TimeoutError:
        return True
    except FellBehind:
        return False
    return False


class TapsOfHost:
    """The taps of the media processes of ``host``, as those say where they are."""

    def __init__(self, processes: Processes, *, host: str, clock: Clock = utc_now) -> None:
        self._processes = processes
        self._name = f"media@{host}/"
        self._clock = clock
        self._known: frozenset[Path] = frozenset()

    async def sockets(self) -> frozenset[Path]:
        """Give where they listen; what was known last while the database is away."""
        try:
            there = await self._processes.all()
        except Unavailable:
            return self._known
        since = self._clock() - TAP_KEPT_FOR
        self._known = frozenset(
            Path(process.tap_path)
            for process in there
            if process.holder.startswith(self._name) and process.tap_path
            if process.seen_at > since
        )
        return self._known
