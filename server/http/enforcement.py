"""Ends what has lost its right: viewings and publications, at the media process, at once.

A durable listener, so that a right revoked while no control process ran is acted on at the next
start; and a look at everything each minute, for what ends by the clock (sessions, orders).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import DomainError, Forbidden, NotFound, Unauthenticated, Unavailable
from domain.facts import (
    AccessRevoked,
    CameraChanged,
    ConfigurationChanged,
    Fact,
    InterventionChanged,
    PatrolStreamChanged,
    UnitChanged,
)
from domain.identifiers import PersonId, StreamId
from domain.patrol_streams import PatrolStream
from domain.people import Permission, Person
from domain.principals import PersonPrincipal, Principal
from server.access import Access
from server.bus import Bus
from server.database.devices import Devices
from server.database.patrol_streams import PatrolStreams
from server.database.people import People
from server.database.sessions import Sessions
from server.database.talks import OpenTalk, Talks
from server.database.viewings import Viewing, Viewings
from server.http.loudspeakers import Loudspeakers
from server.http.media import Media
from server.http.principal import check_agent

logger = logging.getLogger(__name__)

DURABLE = "control-enforcement"
LOOK_EVERY_S = 60.0
ABANDONED_EVERY_S = 10.0
#: A phone behind a tunnel comes back to its stream within this; then it begins another one.
ABANDONED_AFTER = timedelta(minutes=2)
RETRIES, PAUSE_S = 5, 0.5
ACTOR = "system"
#: After these facts, somebody who watches may no longer have the right to.
RIGHTS_CHANGE = (AccessRevoked, CameraChanged, ConfigurationChanged)
#: After these, a device may no longer: its shift ended, or its unit left the intervention.
DEVICES_RIGHTS_CHANGE = (UnitChanged, InterventionChanged)


class Enforcement:
    """Listens, and looks; ``run`` goes on until it is cancelled."""

    def __init__(
        self,
        *,
        bus: Bus,
        access: Access,
        viewings: Viewings,
        sessions: Sessions,
        devices: Devices,
        people: People,
        patrol_streams: PatrolStreams,
        talks: Talks,
        loudspeakers: Loudspeakers,
        media: Media,
        clock: Callable[[], datetime],
    ) -> None:
        self._bus = bus
        self._access = access
        self._viewings = viewings
        self._sessions = sessions
        self._devices = devices
        self._people = people
        self._patrol_streams = patrol_streams
        self._talks, self._loudspeakers = talks, loudspeakers
        self._media = media
        self._clock = clock

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="enforcement: facts")
            group.create_task(self._look(), name="enforcement: the clock")
            group.create_task(self._end_abandoned(), name="enforcement: abandoned streams")

    async def _listen(self) -> None:
        async for delivered in self._bus.subscribe(durable=DURABLE):
            await self._hear_patiently(delivered.fact)
            try:
                await delivered.ack()
            except Unavailable as error:
                logger.warning("a fact will be heard again: %s", error)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            checks = (self._check_viewings, self._check_publications, self._check_talks)
            try:
                await _each(check() for check in checks)
            except DomainError as error:
                logger.warning("what goes on could not be checked: %s", error)

    async def _end_abandoned(self) -> None:
        """End what a patrol, or its media process, has left without a goodbye."""
        while True:
            await asyncio.sleep(ABANDONED_EVERY_S)
            try:
                await self._patrol_streams.end_abandoned(
                    after=ABANDONED_AFTER, actor=ACTOR, at=self._clock()
                )
            except DomainError as error:
                logger.warning("abandoned streams could not be ended: %s", error)

    async def _hear_patiently(self, fact: Fact) -> None:
        """Act on ``fact``; a media process that does not answer is asked a few times.

        What then still runs is met again by the look of each minute.
        """
        for attempt in range(1, RETRIES + 1):
            try:
                await self._hear(fact)
            except DomainError as error:
                logger.warning("%s could not be enforced (%d): %s", fact.kind, attempt, error)
                await asyncio.sleep(PAUSE_S * attempt)
            else:
                return

    async def _hear(self, fact: Fact) -> None:
        if isinstance(fact, PatrolStreamChanged):
            await self._end_stream(StreamId(fact.stream_id))
        elif isinstance(fact, RIGHTS_CHANGE):
            checks = [self._check_viewings, self._check_talks]
            if isinstance(fact, AccessRevoked):
                checks.append(self._check_publications)
            await _each(check() for check in checks)
        elif isinstance(fact, DEVICES_RIGHTS_CHANGE):
            await _each(
                self._check(viewing)
                for viewing in await self._viewings.open()
                if viewing.device_id is not None and viewing.commune_id == fact.commune_id
            )
            if isinstance(fact, UnitChanged):
                await self._check_publications()

    async def _check_viewings(self) -> None:
        await _each(self._check(viewing) for viewing in await self._viewings.open())

    async def _check_publications(self) -> None:
        """End what is filmed with a device whose agent or crew may not film any more."""
        for stream in await self._patrol_streams.open():
            try:
                device = await self._devices.in_hand(stream.device_id)
                if device is None:
                    raise Unauthenticated("the device was revoked")
                check_agent(device, at=self._clock())
                await self._access.check_sees_pictures(device)
            except (Forbidden, Unauthenticated) as refusal:
                logger.info("a publication ends: %s", refusal, extra={"stream": str(stream.id)})
                # The fact that this tells ends it at its media process.
                await self._patrol_streams.end(stream.id, actor=ACTOR, at=self._clock())

    async def _check_talks(self) -> None:
        """Silence who may not speak through a camera any more, and end the row of one who is gone.

        A media process that hangs ends each of its talks by itself, within two minutes.
        """
        await _each(self._check_talk(one) for one in await self._talks.open())

    async def _check_talk(self, one: OpenTalk) -> None:
        talk, at = one.talk, self._clock()
        try:
            principal = await self._person_of(talk.person_id, one.session_id, at)
            await self._access.camera_for(
                principal, talk.camera_id, Permission.SPEAK_THROUGH_CAMERAS
            )
        except (Forbidden, NotFound, Unauthenticated) as refusal:
            logger.info("a talk ends: %s", refusal, extra={"talk": str(talk.id)})
            await self._silence(one)
        if not talk.is_on(at):
            await self._talks.end(talk.id, sounded=None, actor=ACTOR, at=at)

    async def _silence(self, one: OpenTalk) -> None:
        try:
            await self._loudspeakers.end(one.holder, one.talk.id)
        except NotFound:
            await self._talks.end(one.talk.id, sounded=None, actor=ACTOR, at=self._clock())

    async def _end_stream(self, stream_id: StreamId) -> None:
        """End a patrol's publication whose row says that it is over; its viewers end with it."""
        try:
            stream = await self._patrol_streams.get(stream_id)
            if stream.ended_at is not None:
                await self._end_everywhere(stream)
        except NotFound:
            return
        except DomainError as error:
            if isinstance(error, Unavailable):
                raise
            # Nothing is published on it: it has ended.

    async def _end_everywhere(self, stream: PatrolStream) -> None:
        """At the media process, and where the phone's own peer is: neither waits for the other."""
        failed: DomainError | None = None
        async with asyncio.TaskGroup() as group:
            group.create_task(self._media.end_at_edges(stream.id), name="end at edges")
            try:
                process = await self._media.of_patrol(stream)
                await self._media.end_stream(process, stream.id)
            except DomainError as error:
                failed = error
        if failed is not None:
            raise failed

    async def _check(self, viewing: Viewing) -> None:
        """End ``viewing`` unless its person may still watch, through what he watches with."""
        try:
            principal = await self._principal_of(viewing)
            await self._access.stream_for(principal, viewing.stream_id)
        except (Forbidden, NotFound, Unauthenticated) as refusal:
            logger.info("a viewing ends: %s", refusal, extra={"viewing": str(viewing.id)})
            await self._end(viewing)

    async def _principal_of(self, viewing: Viewing) -> Principal:
        at = self._clock()
        if viewing.device_id is not None:
            device = await self._devices.in_hand(viewing.device_id)
            if device is None:
                raise Unauthenticated("the device was revoked")
            check_agent(device, at=at)
            return device
        return await self._person_of(viewing.person_id, viewing.session_id, at)

    async def _person_of(
        self, person_id: PersonId, session: UUID | None, at: datetime
    ) -> PersonPrincipal:
        person: Person = await self._people.get(person_id)
        if session is None or not await self._sessions.is_open(session, at=at):
            raise Unauthenticated("the session is over")
        return PersonPrincipal(person=person, session_id=session, session_kind="page")

    async def _end(self, viewing: Viewing) -> None:
        if self._media.is_edge(viewing.holder):
            # An edge may be silent, or taken over: who hands the stream on to it stops by the row.
            await self._viewings.end(viewing.id, at=self._clock(), actor=ACTOR)
        try:
            process = await self._media.by_holder(viewing.holder)
            await self._media.end_session(process, viewing.id)
        except NotFound:
            logger.debug("the media process of viewing %s is gone", viewing.id)
        await self._viewings.end(viewing.id, at=self._clock(), actor=ACTOR)


async def _each(checks: Iterable[Awaitable[None]]) -> None:
    """Make each, whatever becomes of the others; then raise ``Unavailable`` if one failed."""
    failed: Unavailable | None = None
    for check in checks:
        try:
            await check
        except Unavailable as error:  # a media process hangs: what goes through the others ends now
            failed = error
    if failed is not None:
        raise failed
