"""Which cameras this media process runs, by lease and by law, and what it says of them.

A camera is pulled while this process holds its lease and the law allows its picture. The media
processes that are there share the cameras, each taking no more than its part. What the
media service reports is kept here and stored as soon as the database takes it, so that nothing
that was reported is lost while PostgreSQL restarts.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from domain.cameras import NoOrderInForce
from domain.errors import NotFound, Unavailable
from domain.facts import CameraChanged, ConfigurationChanged, MediaStarted
from domain.identifiers import CameraId, StreamId, TalkId, ViewingId
from domain.streams import Codec
from server.bus import FellBehind, Lease
from server.database.bus import PgBus
from server.database.cameras import Cameras, CameraSources
from server.database.leases import PgLeases
from server.database.patrol_streams import PatrolStreams
from server.database.presence import Processes
from server.database.talks import Talks
from server.database.viewings import Viewings
from server.media import CameraSource, MediaService
from webrtc.relay import EndReason
from webrtc.sources import BadSource, DownReason

logger = logging.getLogger(__name__)

RENEW_EVERY_S = 3.0  # three tries within a lease's ten seconds
#: Without news from the database for this long, no order is known to be in force any more.
TRUSTED_FOR_S = 300.0
MOST_CAMERAS = 200  # of one process; more cameras want more media processes
LAST_WORDS_S = 3.0
CAMERA = "camera:"
#: After a media process has started, cameras change hands: one gives back, the other takes.
SETTLED_WITHIN_S, LOOK_MEANWHILE_S = 6.0, 0.5
A_MOMENT_S = 0.05  # past the end of a lease, by the database's clock

type Clock = Callable[[], datetime]
type Telling = Callable[[], Coroutine[None, None, object]]


@dataclass(frozen=True, slots=True)
class CameraReport:
    """The last thing the media service said of a camera."""

    up: bool
    at: datetime
    reason: str = ""
    codec: str | None = None
    clock_offset_ms: float | None = None


class Reports:
    """The media service's listener: keeps what was said until it is stored. Never raises."""

    def __init__(
        self,
        *,
        cameras: Cameras,
        streams: PatrolStreams,
        viewings: Viewings,
        talks: Talks,
        actor: str,
    ) -> None:
        self._cameras = cameras
        self._streams = streams
        self._viewings, self._talks = viewings, talks
        self._actor = actor
        # One entry a thing, the newest: a camera that flaps for an hour is one entry.
        self._unsaid: dict[UUID, Telling] = {}
        self._states: dict[CameraId, CameraReport] = {}
        self._news = asyncio.Event()
        self.main_streams: frozenset[StreamId] = frozenset()
        self.publishing: set[StreamId] = set()

    async def run(self) -> None:
        """Store what is reported until cancelled, and then, for a moment, the rest."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                if not await self._tell():
                    await asyncio.sleep(RENEW_EVERY_S)
                    self._news.set()
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._tell()

    async def camera_up(self, source: CameraSource, codec: Codec, at: datetime) -> None:
        self._note(source, CameraReport(up=True, at=at, codec=codec.value))

    async def camera_down(self, source: CameraSource, reason: DownReason, at: datetime) -> None:
        self._note(source, CameraReport(up=False, at=at, reason=reason.value))

    async def camera_clock(self, source: CameraSource, offset: timedelta, at: datetime) -> None:
        known = self._states.get(source.camera_id)
        if known is not None and known.up:
            offset_ms = offset.total_seconds() * 1000
            self._note(
                source,
                CameraReport(up=True, at=at, codec=known.codec, clock_offset_ms=offset_ms),
            )

    async def stream_started(self, stream_id: StreamId, session_id: UUID, at: datetime) -> None:
        self.publishing.add(stream_id)
        self._later(stream_id, lambda: self._streams.note_live(stream_id, True, at=at))

    async def stream_away(self, stream_id: StreamId, at: datetime) -> None:
        self._later(stream_id, lambda: self._streams.note_live(stream_id, False, at=at))

    async def stream_ended(self, stream_id: StreamId, reason: EndReason, at: datetime) -> None:
        self.publishing.discard(stream_id)
        if reason is EndReason.SHUTTING_DOWN:
            # The process goes, not the patrol: its phone publishes again through the next one.
            self._later(stream_id, lambda: self._streams.note_live(stream_id, False, at=at))
        else:
            self._later(stream_id, lambda: self._streams.end(stream_id, actor=self._actor, at=at))

    async def viewer_ended(
        self, stream_id: StreamId, session_id: UUID, reason: EndReason, at: datetime
    ) -> None:
        viewing = ViewingId(session_id)
        self._later(session_id, lambda: self._viewings.end(viewing, at=at, actor=self._actor))

    async def talk_ended(self, talk_id: UUID, sounded_s: float, at: datetime) -> None:
        sounded = timedelta(seconds=sounded_s)
        self._later(
            talk_id,
            lambda: self._talks.end(TalkId(talk_id), sounded=sounded, at=at, actor=self._actor),
        )

    def not_pulled(self, camera_id: CameraId, *, reason: str, at: datetime) -> None:
        """We leave this camera alone; ``reason`` is what the operator reads."""
        self._keep(camera_id, CameraReport(up=False, at=at, reason=reason))

    def _note(self, source: CameraSource, report: CameraReport) -> None:
        # The main stream is the camera's word; a sub-stream that fails shows on its own tile.
        if source.stream_id not in self.main_streams:
            return
        self._keep(source.camera_id, report)

    def _keep(self, camera_id: CameraId, report: CameraReport) -> None:
        self._states[camera_id] = report
        self._later(camera_id, lambda: self._store_state(camera_id, report))

    async def _store_state(self, camera_id: CameraId, report: CameraReport) -> None:
        if report.up:
            await self._cameras.note_up(
                camera_id,
                codec=report.codec,
                clock_offset_ms=report.clock_offset_ms,
                at=report.at,
            )
        else:
            await self._cameras.note_down(camera_id, reason=report.reason, at=report.at)

    def _later(self, about: UUID, telling: Telling) -> None:
        self._unsaid[about] = telling
        self._news.set()

    async def _tell(self) -> bool:
        """Store what waits; False when the database did not take all of it."""
        for about, telling in list(self._unsaid.items()):
            try:
                await telling()
            except Unavailable as error:
                logger.warning("a report waits to be stored: %s", error)
                return False
            except NotFound:
                logger.info("a report of what is gone", extra={"about": str(about)})
            if self._unsaid.get(about) is telling:
                del self._unsaid[about]
        return True


class CameraDuty:
    """Takes leases, tells the media service which cameras to pull, gives back what it loses."""

    def __init__(
        self,
        *,
        service: MediaService,
        cameras: Cameras,
        leases: PgLeases,
        processes: Processes,
        bus: PgBus,
        reports: Reports,
        clock: Clock,
        most: int = MOST_CAMERAS,
    ) -> None:
        self._service = service
        self._cameras = cameras
        self._leases = leases
        self._processes = processes
        self._bus = bus
        self._reports = reports
        self._clock = clock
        self._most = most
        self._mine: Sequence[CameraSources] = ()
        self._confirmed_at = float("-inf")
        self._unlawful: frozenset[CameraId] = frozenset()
        self._look = asyncio.Event()
        self._settling_until = self._next_look_s = 0.0

    async def run(self) -> None:
        """Keep the leases and the sources true until cancelled, then give the leases back."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hear(), name="duty-hears")
                while True:
                    self._look.clear()
                    too_many = await self._renew()
                    self._apply()
                    await self._give_back(too_many)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._pause_s()):
                            await self._look.wait()
        finally:
            with suppress(TimeoutError, Unavailable):
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._leases.release(*await self._held())

    async def _hear(self) -> None:
        """Look at once when a camera, an order or a profile changed, or another takes part."""
        while True:
            with suppress(FellBehind), self._bus.follow() as facts:
                async for numbered in facts:
                    if isinstance(numbered.fact, MediaStarted):
                        now_s = asyncio.get_running_loop().time()
                        self._settling_until = now_s + SETTLED_WITHIN_S
                    elif not isinstance(numbered.fact, CameraChanged | ConfigurationChanged):
                        continue
                    self._look.set()
            self._look.set()

    async def _renew(self) -> list[Lease]:
        """Keep our part of the cameras; give the leases that are beyond it."""
        try:
            sources = {f"{CAMERA}{s.camera.id}": s for s in await self._cameras.sources()}
            there = {process.holder for process in await self._processes.media()}
            part = part_of(self._leases.holder, there, of=len(sources))
            held = await self._leases.acquire_many(list(sources), most=min(part, self._most))
            kept = {lease.name for lease in held}
            too_many = [lease for lease in await self._held() if lease.name not in kept]
            self._next_look_s = await self._next_turn_s() if len(held) < part else RENEW_EVERY_S
            # A copy: a phone may come or go while the database answers.
            for stream_id in tuple(self._reports.publishing):
                await self._leases.acquire(f"stream:{stream_id}")
        except Unavailable as error:
            # Pictures matter more than the lease while the database is away: nobody else can take
            # it either, and a camera that two processes pull for a moment harms no one.
            logger.warning("no news of cameras: %s", error)
            self._next_look_s = RENEW_EVERY_S
            return []
        self._mine = [sources[lease.name] for lease in held]
        self._confirmed_at = asyncio.get_running_loop().time()
        return too_many

    async def _give_back(self, leases: Sequence[Lease]) -> None:
        """Let others have these at once; they are pulled no more."""
        if leases:
            with suppress(Unavailable):  # then they end by themselves
                await self._leases.release(*leases)

    async def _next_turn_s(self) -> float:
        """Until the lease of a process that has died may be taken, or until the next renewal."""
        left = await self._leases.first_end_of_others(CAMERA)
        until_s = RENEW_EVERY_S if left is None else left.total_seconds() + A_MOMENT_S
        return min(RENEW_EVERY_S, until_s)

    def _pause_s(self) -> float:
        settling = asyncio.get_running_loop().time() < self._settling_until
        return LOOK_MEANWHILE_S if settling else self._next_look_s

    def _apply(self) -> None:
        now = self._clock()
        age_s = asyncio.get_running_loop().time() - self._confirmed_at
        lawful = [one for one in self._mine if age_s < TRUSTED_FOR_S and _is_lawful(one, now)]
        self._reports.main_streams = frozenset(one.camera.main_stream_id for one in lawful)
        self._service.set_sources(source for one in lawful for source in _streams_of(one))
        unlawful = frozenset(one.camera.id for one in self._mine) - {o.camera.id for o in lawful}
        for camera_id in unlawful - self._unlawful:
            self._reports.not_pulled(camera_id, reason=NoOrderInForce.code, at=now)
        self._unlawful = unlawful

    async def _held(self) -> list[Lease]:
        ours = self._leases.holder
        return [lease for lease in await self._leases.held(CAMERA) if lease.holder == ours]


def part_of(holder: str, there: Collection[str], *, of: int) -> int:
    """How many ``of`` all cameras are ``holder``'s while those that are ``there`` share them.

    What does not divide goes to the first by name, so that the parts make up the whole.
    """
    sharing = sorted({holder, *there})
    each, over = divmod(of, len(sharing))
    return each + (sharing.index(holder) < over)


def _is_lawful(one: CameraSources, now: datetime) -> bool:
    try:
        one.camera.check_lawful(one.order, profile=one.profile, at=now)
    except NoOrderInForce:
        return False
    return True


def _streams_of(one: CameraSources) -> list[CameraSource]:
    camera = one.camera
    urls = [(camera.main_stream_id, one.main_url)]
    if camera.sub_stream_id is not None and one.sub_url:
        urls.append((camera.sub_stream_id, one.sub_url))
    found = []
    for stream_id, url in urls:
        try:
            source = CameraSource(stream_id, camera.id, url, one.username, one.password)
            source = replace(source, masks=one.masks, masks_version=one.masks_version)
            found.append(replace(source, transcode=camera.transcode, transport=camera.transport))
        except BadSource as error:
            logger.warning("camera %d: %s", camera.number, error)
    return found
