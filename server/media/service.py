"""The media role's service: sessions, cameras, tap and reports, each task owned by one `run`."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from domain.errors import DomainError, Unavailable
from domain.identifiers import StreamId
from domain.streams import (
    Codec,
    SessionExists,
    SessionNotFound,
    StreamNotFound,
    TooManyViewers,
)
from server.media.cascade import Cascade
from server.media.expected import Expectations, Expected
from server.media.fetches import Fetches, Others
from server.media.giving import Giving
from server.media.limits import MediaLimits
from server.media.listener import MediaListener
from server.media.parts import Parts
from server.media.talks import Talks
from server.media.telling import Telling
from server.media.turns import Turns
from server.media.why_ended import WhyEnded
from webrtc import internals
from webrtc.cameras import Cameras, CameraSource, CameraVitals, Checked
from webrtc.converting import Conversions
from webrtc.fetching import FetchedSession, GivenSession
from webrtc.metrics import Metrics
from webrtc.offers import Offer, check_offer
from webrtc.port import Port, PortTaken
from webrtc.publisher import PublisherSession
from webrtc.relay import EndReason, Relay, RelayedStream, StreamStatus
from webrtc.renditions import Renditions
from webrtc.signalling import PeerSession
from webrtc.stills import Still, Stills
from webrtc.tap import Tap
from webrtc.viewer import ViewerSession

logger = logging.getLogger(__name__)


class MediaService:
    """All streams of this process. `run` is to be running before anything is asked of it."""

    def __init__(
        self,
        *,
        listener: MediaListener,
        tap_path: Path | None = None,
        limits: MediaLimits | None = None,
        metrics: Metrics | None = None,
        neighbours: Others | None = None,
    ) -> None:
        internals.assert_internals()
        internals.extend_tables()
        self.metrics = metrics or Metrics()
        self.relay = Relay(metrics=self.metrics)
        self._limits = limits or MediaLimits()
        self._listener = listener
        self._sessions: dict[UUID, PeerSession] = {}
        self._arriving: dict[UUID, StreamId] = {}  # those that wait for their turn
        self._started: set[StreamId] = set()
        self._telling = Telling()
        self._why_ended = WhyEnded()
        self._group: asyncio.TaskGroup | None = None
        self._stills = Stills(metrics=self.metrics)
        self.renditions = Renditions(metrics=self.metrics, most=self._limits.most_renditions)
        self._conversions = Conversions(
            relay=self.relay, renditions=self.renditions, metrics=self.metrics
        )
        self._cameras = Cameras(
            relay=self.relay,
            metrics=self.metrics,
            times=self._limits.cameras,
            renditions=self.renditions,
            up=lambda source, codec: self._telling.tell(self._listener.camera_up, source, codec),
            down=lambda source, reason: self._telling.tell(
                self._listener.camera_down, source, reason
            ),
            clock=lambda source, offset: self._telling.tell(
                self._listener.camera_clock, source, offset
            ),
        )
        self._port = Port(self._limits.sessions.addresses.port, metrics=self.metrics)
        self._turns = Turns(max_connecting=self._limits.max_connecting)
        self._tap = Tap(relay=self.relay, path=tap_path, metrics=self.metrics)
        self.expectations = Expectations(never_came=self._never_began)
        parts = Parts(
            relay=self.relay,
            metrics=self.metrics,
            limits=self._limits.sessions,
            port=self._port,
            sessions=self._sessions,
            open_session=self._open,
        )
        self.cascade = Cascade(
            parts,
            is_own=lambda stream_id: self.relay.is_camera(stream_id) or stream_id in self._started,
            coming=lambda: self.expectations.streams() | set(self._arriving.values()),
            source_of=lambda stream_id: self.fetches.source_of(stream_id),
            neighbours=neighbours,
        )
        self.fetches = Fetches(
            parts,
            published=self._published,
            left=self._publisher_left,
            edges=neighbours,
        )
        self.giving = Giving(
            parts,
            is_own=lambda stream_id: stream_id in self._started,
            end_stream=self.end_stream,
            untaken_s=self._limits.untaken_s,
        )

        self.talks = Talks(
            parts,
            source_of=self._cameras.source,
            over=lambda talk_id, sounded_s: self._telling.tell(
                self._listener.talk_ended, talk_id, sounded_s
            ),
        )

    async def run(self) -> None:
        """Serve until cancelled; then every session is closed and reported."""
        try:
            # At once, so that a taken port is said at the start; each offer tries again.
            with suppress(PortTaken):
                self._port.open(self._limits.sessions.addresses.local())
            async with asyncio.TaskGroup() as group:
                self._group = group
                group.create_task(self._telling.run(), name="media reports")
                group.create_task(self._forget_the_away(), name="media streams away")
                group.create_task(self._cameras.run(), name="media cameras")
                group.create_task(self._conversions.run(), name="media conversions")
                group.create_task(self._tap.run(), name="media tap")
                group.create_task(self.expectations.run(), name="media expectations")
                group.create_task(self.cascade.run(), name="media cascade")
                group.create_task(self.fetches.run(), name="media fetches")
                group.create_task(self.giving.run(), name="media giving")
                group.create_task(self.talks.run(), name="media talks")
        finally:
            self._group = None
            self._port.close()
            self._stills.close()
            await self._telling.finish()

    @property
    def is_running(self) -> bool:
        return self._group is not None

    def published(self, stream_id: StreamId) -> RelayedStream | None:
        """The stream, if its camera or its phone sends to this very process."""
        here = self.relay.is_camera(stream_id) or stream_id in self._started
        return self.relay.find(stream_id) if here else None

    def set_sources(self, sources: Iterable[CameraSource]) -> None:
        """The cameras this process is to run from now on: single ones start, stop, change."""
        self._cameras.set_sources(sources)

    def camera_vitals(self) -> list[CameraVitals]:
        """How each camera of this process does."""
        return self._cameras.vitals()

    async def check_camera(self, source: CameraSource) -> Checked:
        """Open a camera once: why it is not usable, or a picture of it."""
        return await self._cameras.check(source, self._stills)

    # Sessions

    async def publish(self, stream_id: StreamId, session_id: UUID, body: bytes) -> PeerSession:
        """WHIP. Raises `BadSessionDescription`, `NoCommonCodec`, `StreamTaken`, `SessionExists`,
        `TooManyViewers`, `ManyConnecting`, `SentTooFast`,
        `PictureUnreadable`.
        """
        async with self._turn(stream_id, session_id):
            return await self._publish(stream_id, session_id, body)

    async def _publish(self, stream_id: StreamId, session_id: UUID, body: bytes) -> PeerSession:
        offer = check_offer(body, we_send=False)
        self._why_ended.check(stream_id)
        self._check_new(session_id, PublisherSession, self._limits.max_publishers)
        stream = self.relay.open_for_device(stream_id)
        self._replace_unconnected(stream)
        session = PublisherSession(
            session_id,
            stream,
            metrics=self.metrics,
            limits=self._limits.sessions,
            port=self._port,
            published=self._published,
        )
        return await self._open(session, offer)

    def _replace_unconnected(self, stream: RelayedStream) -> None:
        """A device that asks anew has given up what never connected; it holds nobody's place."""
        for session in self._sessions.values():
            is_its = isinstance(session, PublisherSession) and session.stream is stream
            if is_its and not session.connected:
                session.end(EndReason.STOPPED)

    async def watch(self, stream_id: StreamId, session_id: UUID, body: bytes) -> PeerSession:
        """WHEP. Raises as `publish`, and `StreamNotFound`, `StreamOffline`."""
        async with self._turn(stream_id, session_id, for_picture=True):
            return await self._watch(stream_id, session_id, body)

    async def _watch(self, stream_id: StreamId, session_id: UUID, body: bytes) -> PeerSession:
        offer = check_offer(body, we_send=True)
        self._check_new(session_id, ViewerSession, self._limits.max_viewers)
        stream = self.relay.to_watch(stream_id)
        if stream.video.codec is Codec.H265 and not offer.names(Codec.H265):
            stream = self._conversions.of(stream)
        session = ViewerSession(
            session_id,
            stream,
            metrics=self.metrics,
            limits=self._limits.sessions,
            port=self._port,
        )
        return await self._open(session, offer)

    @asynccontextmanager
    async def _turn(
        self, stream_id: StreamId, session_id: UUID, *, for_picture: bool = False
    ) -> AsyncIterator[None]:
        """Raises `SessionNotFound` when the right to the session ends before its turn comes."""
        if session_id in self._arriving:
            raise SessionExists(f"session {session_id} is asked for already")
        self._arriving[session_id] = stream_id
        try:
            if for_picture:
                await self.cascade.picture_of(stream_id)
                await self._cameras.picture_of(stream_id)
            connecting = sum(not session.connected for session in self._sessions.values())
            async with self._turns.turn(connecting=connecting):
                if self._arriving.pop(session_id, None) is None:
                    raise SessionNotFound("the right to this session has just ended")
                yield
        finally:
            self._arriving.pop(session_id, None)

    def expect(self, expected: Expected, *, seconds: float) -> None:
        """Control sends a client here. Raises as `publish` and `watch` would, before it comes."""
        if self._group is None:
            raise Unavailable("the media process is starting or stopping")
        if expected.kind == "whep":
            self._check_new(expected.session_id, ViewerSession, self._limits.max_viewers)
            self.relay.to_watch(expected.stream_id)
        else:
            self._check_new(expected.session_id, PublisherSession, self._limits.max_publishers)
        self.expectations.add(expected, seconds=seconds)

    async def begin(self, expected: Expected, body: bytes) -> PeerSession:
        """The client has come: the session is begun, or refused, once. Raises as those two."""
        self.expectations.take(expected.session_id)
        try:
            if expected.kind == "whep":
                return await self.watch(expected.stream_id, expected.session_id, body)
            return await self.publish(expected.stream_id, expected.session_id, body)
        except DomainError:
            self._never_began(expected)
            raise

    def _never_began(self, expected: Expected) -> None:
        """Its viewing is in the register: it ends there too."""
        if expected.kind == "whep":
            reason = EndReason.NEVER_CONNECTED
            self._telling.tell(
                self._listener.viewer_ended, expected.stream_id, expected.session_id, reason
            )

    def _check_new(self, session_id: UUID, kind: type[PeerSession], limit: int) -> None:
        if session_id in self._sessions:
            raise SessionExists(f"session {session_id} is open")
        links = self.cascade.links()  # they have a bound of their own
        there = [one for one in self._sessions.values() if one not in links]
        if sum(isinstance(session, kind) for session in there) >= limit:
            raise TooManyViewers(f"{limit} {kind.role}s are connected")

    async def _open(self, session: PeerSession, offer: Offer) -> PeerSession:
        if self._group is None:
            raise Unavailable("the media process is starting or stopping")
        self._sessions[session.id] = session
        self._group.create_task(self._live(session, offer), name=f"{session.role} {session.id}")
        await asyncio.shield(session.answer)
        return session

    async def _live(self, session: PeerSession, offer: Offer) -> None:
        reason = EndReason.SHUTTING_DOWN
        try:
            reason = await session.run(offer)
        finally:
            del self._sessions[session.id]
            stream = session.stream
            answered = session.answer.done() and not session.answer.cancelled()
            watched = isinstance(session, ViewerSession) and not isinstance(session, GivenSession)
            if watched and answered and not session.answer.exception():
                self._telling.tell(self._listener.viewer_ended, stream.id, session.id, reason)
            if isinstance(session, PublisherSession):
                if answered and not session.answer.exception():
                    self._why_ended.note(stream.id, reason)
                self._publisher_left(stream)

    def _publisher_left(self, stream: RelayedStream) -> None:
        # Unless another session of the device has taken over already.
        if stream.publisher is None and stream.id in self._started:
            self._telling.tell(self._listener.stream_away, stream.id)
            self.giving.publisher_left(stream)

    def watching(self) -> list[UUID]:
        """The sessions that watch here, and those on their way."""
        viewers = [
            session.id
            for session in self._sessions.values()
            if isinstance(session, ViewerSession) and session not in self.cascade.links()
        ]
        return viewers + list(self._arriving)

    def session(self, session_id: UUID) -> PeerSession:
        """Raises `SessionNotFound`."""
        session = self._sessions.get(session_id)
        if session is None:
            raise SessionNotFound(f"session {session_id} is not open here")
        return session

    def _published(self, session: PublisherSession) -> None:
        self._started.add(session.stream.id)
        self._telling.tell(self._listener.stream_started, session.stream.id, session.id)

    def end_session(self, session_id: UUID) -> None:
        """End it wherever it is: expected, waiting for its turn, or open.

        Raises `SessionNotFound`.
        """
        was_expected = self.expectations.drop(session_id)
        was_arriving = self._arriving.pop(session_id, None) is not None
        if session_id in self._sessions or not (was_expected or was_arriving):
            self.session(session_id).end(EndReason.STOPPED)

    # Streams

    def status(self) -> list[StreamStatus]:
        return [stream.status() for stream in self.relay]

    async def still(self, stream_id: StreamId) -> Still:
        """Raises `StreamNotFound`, `StreamOffline`."""
        return await self._stills.take(self.relay.get(stream_id))

    def end_stream(self, stream_id: StreamId) -> None:
        """End a device's publication and all its viewers, those on their way too.

        A camera's stream is ended by `set_sources`; here only its viewers are. Raises
        `StreamNotFound`.
        """
        self.expectations.stream_over(stream_id)
        for session_id in [one for one, its in self._arriving.items() if its == stream_id]:
            del self._arriving[session_id]
        stream = self.relay.find(stream_id)
        if stream is None:
            raise StreamNotFound(f"stream {stream_id} is not published here")
        for session in list(self._sessions.values()):
            if session.stream.id == stream_id:  # its H264 is a stream of its own
                session.end(EndReason.STOPPED)
        if not self.relay.is_camera(stream_id):
            self._end(stream_id, EndReason.STOPPED)

    def _end(self, stream_id: StreamId, reason: EndReason) -> None:
        self.relay.remove(stream_id)
        if stream_id in self._started:
            self._started.discard(stream_id)
            self._telling.tell(self._listener.stream_ended, stream_id, reason)

    async def _forget_the_away(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            limit = timedelta(seconds=self._limits.keep_away_s)
            busy = {
                session.stream.id
                for session in self._sessions.values()
                if isinstance(session, PublisherSession)
                and (session.connected or not isinstance(session, FetchedSession))
            }
            for stream in self.relay:
                if self.relay.is_camera(stream.id) or stream.id in busy:
                    continue
                if datetime.now(UTC) - stream.status().since > limit:
                    self._end(stream.id, EndReason.CONNECTION_LOST)
