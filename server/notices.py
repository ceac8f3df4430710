"""What cameras say by themselves, as events: asked of those that an authorisation names, no others.

A camera's own analysis is held to the law as ours is: `domain.notices` drops what no authorisation
in force covers, and counts it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter

from domain.authorisations import Authorisation
from domain.errors import DomainError, Unavailable
from domain.facts import CameraChanged, ConfigurationChanged, DetectionResumed, DetectionSuspended
from domain.identifiers import CameraId, EventId, StreamId
from domain.notices import CameraNotices, Notice
from domain.suspensions import not_suspended
from domain.watching import EventClosed, EventOpened, WatchFact
from server.bus import Bus, FellBehind
from server.clock_readings import ClockReading
from server.database.authorisations import Authorisations
from server.database.columns import Clock
from server.database.onvif import Noticed, OnvifCameras
from server.database.suspensions import Suspensions
from server.onvif.addresses import OnvifTrouble

logger = logging.getLogger(__name__)

#: Facts that change which notices count.
MATTERS = (CameraChanged, ConfigurationChanged, DetectionSuspended, DetectionResumed)
#: Without news of authorisations for this long, no camera is heard: as in the detect process.
TRUSTED_FOR_S = 120.0
LOOK_EVERY_S = 25.0
AGAIN_AFTER_S = 1.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
END_S = 3.0
#: Between two questions: a camera may answer all of them at once.
POLLS_APART_S = 0.1

type Acts = Mapping[CameraId, tuple[Authorisation, ...]]
type Still = Callable[[StreamId], Awaitable[bytes]]


class Subscribed(Protocol):
    """One camera's own notices (``server.onvif.notices.Subscription``, on its own loop)."""

    async def open(self) -> None: ...
    async def pull(self) -> Sequence[Notice]: ...
    async def close(self) -> None: ...


class Sink(Protocol):
    async def opened(self, event: EventOpened, still: bytes) -> None: ...
    async def closed(self, event: EventClosed) -> None: ...


@dataclass(frozen=True, slots=True)
class WhatCounts:
    """The cameras that this process runs and that tell, with the acts that name each."""

    cameras: Sequence[Noticed]
    acts: Acts


def what_counts(
    cameras: OnvifCameras,
    authorisations: Authorisations,
    suspensions: Suspensions,
    *,
    holder: str,
    clock: Clock,
) -> Callable[[], Awaitable[WhatCounts]]:
    """Give what reads it anew, for the process ``holder``."""

    async def read() -> WhatCounts:
        told = await cameras.noticed(holder)
        running = await authorisations.running(at=clock()) if told else []
        suspended = await suspensions.running() if told else {}
        acts = {
            one.camera_id: not_suspended(
                (act for act in running if one.camera_id in act.camera_ids),
                suspended.get(one.camera_id, frozenset()),
            )
            for one in told
        }
        return WhatCounts(told, {camera_id: named for camera_id, named in acts.items() if named})

    return read


class Notices:
    """`run` follows what authorisations say; each camera is heard, fails and stops on its own."""

    def __init__(
        self,
        *,
        read: Callable[[], Awaitable[WhatCounts]],
        subscribe: Callable[[Noticed], Subscribed],
        still: Still,
        sink: Sink,
        bus: Bus,
        clock: Clock,
        registry: CollectorRegistry,
    ) -> None:
        self._read, self._subscribe, self._still, self._sink = read, subscribe, still, sink
        self._bus, self._clock = bus, clock
        self._known: ClockReading | None = None
        self._running: dict[Noticed, tuple[CameraNotices, asyncio.Task[None]]] = {}
        self._dropped = Counter(
            "ilotier_camera_notices_dropped",
            "what cameras said of themselves that became no event",
            ["why"],
            registry=registry,
        )

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                with self._bus.follow() as facts, suppress(FellBehind):
                    while True:
                        # What is read is as old as the question.
                        asked, pause_s = ClockReading.now(self._clock), LOOK_EVERY_S
                        try:
                            what = await self._read()
                            self._known = asked
                            self._follow(group, what)
                        except Unavailable:
                            pause_s = AGAIN_AFTER_S
                            if not self._is_trusted():
                                self._follow(group, WhatCounts((), {}))
                        with suppress(TimeoutError):
                            async with asyncio.timeout(pause_s):
                                async for one in facts:
                                    if isinstance(one.fact, MATTERS):
                                        break

    def _is_trusted(self) -> bool:
        now = ClockReading.now(self._clock)
        return self._known is not None and not self._known.is_older(TRUSTED_FOR_S, now=now)

    def _follow(self, group: asyncio.TaskGroup, what: WhatCounts) -> None:
        wanted = {
            one: what.acts[one.camera_id] for one in what.cameras if one.camera_id in what.acts
        }
        for one in [*self._running]:
            if one not in wanted:
                self._running.pop(one)[1].cancel()
        for one, acts in wanted.items():
            if one in self._running and not self._running[one][1].done():
                self._running[one][0].acts = acts
                continue
            notices = CameraNotices(
                one.camera_id,
                one.is_demonstration,
                lambda: EventId(uuid4()),
                acts,
                one.place_kind,
            )
            hearing = group.create_task(self._hear(one, notices), name=f"notices {one.camera_id}")
            self._running[one] = notices, hearing

    async def _hear(self, one: Noticed, notices: CameraNotices) -> None:
        """Until cancelled; a camera that does not tell is asked again, ever less often."""
        pause = FIRST_PAUSE_S
        try:
            while True:
                try:
                    await self._hear_once(one, notices)
                    pause = FIRST_PAUSE_S
                except OnvifTrouble as trouble:
                    logger.info("camera %s tells nothing: %s", one.camera_id, trouble)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
        finally:
            try:
                async with asyncio.timeout(END_S):
                    await self._store(one, notices.ends(at=self._clock()))
            except TimeoutError:  # a slow database is no reason to hear no camera any more
                logger.warning("the end of a notice of camera %s is lost", one.camera_id)

    async def _hear_once(self, one: Noticed, notices: CameraNotices) -> None:
        subscribed = self._subscribe(one)
        try:
            await subscribed.open()
            while True:
                said = await subscribed.pull()
                now = self._clock()
                if not self._is_trusted():  # asked here too: the question may be still on its way
                    notices.acts = ()
                facts = [fact for notice in said for fact in notices.told(notice, at=now)]
                self._count(notices)
                await self._store(one, [*facts, *notices.passes(at=now)])
                await asyncio.sleep(POLLS_APART_S)
        finally:
            with suppress(OnvifTrouble, TimeoutError):
                async with asyncio.timeout(END_S):
                    await subscribed.close()

    def _count(self, notices: CameraNotices) -> None:
        for why, count in notices.dropped.items():
            self._dropped.labels(why.value).inc(count)
        notices.dropped.clear()

    async def _store(self, one: Noticed, facts: Sequence[WatchFact]) -> None:
        for fact in facts:
            try:
                if isinstance(fact, EventOpened):
                    # The proof: without a picture there is nothing that a person could judge.
                    await self._sink.opened(fact, await self._still(one.stream_id))
                else:
                    await self._sink.closed(fact)
            except DomainError as error:
                logger.warning("a notice of camera %s is lost: %s", one.camera_id, error)
