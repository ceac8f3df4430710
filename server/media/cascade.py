"""Streams that this process hands on to others, and those that it has from others.

A process hands on only what it has at first hand, and takes nothing that it has itself: a stream
passes one link at most, so no loop can come about.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol
from uuid import UUID, uuid4

from domain.errors import Unavailable
from domain.identifiers import StreamId
from domain.streams import StreamOffline, StreamTaken, TooManyViewers
from server.media.parts import Parts
from webrtc.calling import Answered
from webrtc.fetching import FetchedSession, GivenSession
from webrtc.handing_on import HandingOn, ReceivedSession
from webrtc.offers import check_offer
from webrtc.relay import EndReason, RelayedStream
from webrtc.signalling import PeerSession

logger = logging.getLogger(__name__)

LET_GO_AFTER_S = 5.0  # without a viewer; one who only changes the page finds it still there
AWAY_FOR_S = 5.0  # then its viewers ask control anew: the stream may be with another process
FIRST_PICTURE_WITHIN_S = 3.0
LOOK_EVERY_S, LOOK_FOR_A_PICTURE_S = 0.5, 0.02
AGAIN_AFTER_S, TRIES = 1.0, 3
MOST_HANDED_ON = 200
#: The stream is over here: then it is over there too.
_OVER = {EndReason.STREAM_ENDED, EndReason.STOPPED}
_LINKS = HandingOn | ReceivedSession | FetchedSession | GivenSession
_LINK_KBIT_S = 50_000
"""A link between hosts is told no phone's limit: a whole GOP comes at once."""


class Neighbours(Protocol):
    """How other media processes are reached; each method raises ``DomainError``."""

    async def offer(
        self,
        url: str,
        stream_id: StreamId,
        session_id: UUID,
        sdp: str,
        *,
        makes_keyframes: bool,
    ) -> Answered:
        """Offer the stream; give the answer."""

    async def over(self, url: str, stream_id: StreamId) -> None:
        """Say that the stream is over."""


@dataclass(eq=False)
class _HandedOn:
    """``asked_s``: when somebody last wanted it there; ``over`` once nothing is left of it."""

    started: asyncio.Future[None]
    over: asyncio.Future[None]
    asked_s: float
    session: HandingOn | None = None
    is_stopping: bool = False

    def stop(self) -> None:
        self.is_stopping = True
        if self.session is not None:
            self.session.end(EndReason.STOPPED)


class Cascade:
    def __init__(
        self,
        parts: Parts,
        *,
        is_own: Callable[[StreamId], bool],
        coming: Callable[[], Collection[StreamId]],
        source_of: Callable[[StreamId], str | None],
        neighbours: Neighbours | None,
    ) -> None:
        """``is_own``: whether a stream's camera or phone sends to this very process.

        ``coming``: the streams that somebody is about to watch here.
        """
        self._parts, self._relay, self._sessions = parts, parts.relay, parts.sessions
        self._is_own, self._coming = is_own, coming
        self._source_of, self._neighbours = source_of, neighbours
        self._handed_on: dict[tuple[StreamId, str], _HandedOn] = {}
        self._received: dict[StreamId, float] = {}  # since when nobody watches, or it is away
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Hand on what was asked for, let go of what nobody watches, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                while True:
                    await asyncio.sleep(LOOK_EVERY_S)
                    self._look()
        finally:
            self._group = None

    def links(self) -> list[PeerSession]:
        """The sessions that lead to other processes, or come from them."""
        return [one for one in self._sessions.values() if isinstance(one, _LINKS)]

    # The sending end

    async def hand_on(self, stream_id: StreamId, to: str) -> None:
        """Return once the process at ``to`` is sent the stream.

        Raises ``StreamNotFound``, ``StreamOffline``, ``TooManyViewers``, ``Unavailable``.
        """
        stream = self._relay.to_watch(stream_id)
        if self._source_of(stream_id) == to:
            return  # it comes from there
        if stream_id in self._received:
            raise StreamOffline("this process has the stream from another one itself")
        if self._group is None or self._neighbours is None:
            raise Unavailable("this process hands nothing on now")
        loop = asyncio.get_running_loop()
        while (link := self._handed_on.get((stream_id, to))) is not None and link.is_stopping:
            await asyncio.shield(link.over)
        if link is None:
            if len(self._handed_on) >= MOST_HANDED_ON:
                raise TooManyViewers(f"{MOST_HANDED_ON} streams are handed on")
            link = _HandedOn(loop.create_future(), loop.create_future(), loop.time())
            self._handed_on[stream_id, to] = link
            keeping = self._keep(stream, to, self._neighbours, link)
            self._group.create_task(keeping, name=f"hand on {stream_id}")
        link.asked_s = loop.time()
        await asyncio.shield(link.started)

    def is_handed_on_to(self, urls: Collection[str]) -> bool:
        return any(to in urls for _, to in self._handed_on)

    def keep_only(
        self,
        watched: Collection[tuple[StreamId, str]],
        *,
        of: Collection[str],
        asked_before_s: float,
    ) -> None:
        """Stop handing on to those of ``of`` what is not ``watched`` there.

        Save what somebody has wanted since ``asked_before_s``, of the loop's clock.
        """
        for (stream_id, to), link in self._handed_on.items():
            is_watched = (stream_id, to) in watched or link.asked_s >= asked_before_s
            if to in of and not is_watched and not link.is_stopping:
                logger.info("stream %s is not watched at %s any more", stream_id, to)
                link.stop()

    async def _keep(
        self,
        stream: RelayedStream,
        to: str,
        neighbours: Neighbours,
        link: _HandedOn,
    ) -> None:
        """Send until the other end lets go, the stream is over, or the link does not come up."""
        failed = 0

        def sending() -> None:
            nonlocal failed
            failed = 0
            if not link.started.done():
                link.started.set_result(None)

        try:
            while failed < TRIES and not link.is_stopping:
                failed += 1
                if await self._hand_on_once(stream, to, neighbours, link, sending):
                    return
                await asyncio.sleep(AGAIN_AFTER_S)
            if not link.is_stopping:
                logger.warning("stream %s could not be handed on to %s", stream.id, to)
        finally:
            del self._handed_on[stream.id, to]
            link.over.set_result(None)
            if not link.started.done():
                link.started.set_exception(Unavailable("the stream could not be handed on"))
            link.started.exception()  # seen: who asked may have gone

    async def _hand_on_once(
        self,
        stream: RelayedStream,
        to: str,
        neighbours: Neighbours,
        link: _HandedOn,
        sending: Callable[[], None],
    ) -> bool:
        """One session to its end; True when there is to be no other."""
        session_id, publisher = uuid4(), stream.publisher
        link.session = session = HandingOn(
            session_id,
            stream,
            metrics=self._parts.metrics,
            limits=self._parts.limits,
            exchange=partial(
                neighbours.offer,
                to,
                stream.id,
                session_id,
                makes_keyframes=publisher is not None and publisher.makes_keyframes,
            ),
            sending=sending,
        )
        self._sessions[session_id] = session
        try:
            reason = await session.hand_on()
        finally:
            link.session = None
            del self._sessions[session_id]
        if not session.answer.cancelled() and (refused := session.answer.exception()) is not None:
            if not link.started.done():
                link.started.set_exception(refused)
            return True
        if reason in _OVER:
            try:
                await neighbours.over(to, stream.id)
            except Unavailable:
                logger.info("stream %s is over; who received it hears it later", stream.id)
        return reason in _OVER or reason is EndReason.LEFT

    # The receiving end

    async def receive(
        self, stream_id: StreamId, session_id: UUID, body: bytes, *, makes_keyframes: bool
    ) -> PeerSession:
        """Raises as `MediaService.publish`."""
        offer = check_offer(body, we_send=False)
        if self._is_own(stream_id):
            raise StreamTaken("this process has the stream at first hand")
        stream = self._relay.open_for_device(stream_id)
        self._received.setdefault(stream_id, asyncio.get_running_loop().time())
        session = ReceivedSession(
            session_id,
            stream,
            metrics=self._parts.metrics,
            limits=replace(self._parts.limits, publisher_kbit_s=_LINK_KBIT_S),
            port=self._parts.port,
            makes_keyframes=makes_keyframes,
        )
        return await self._parts.open_session(session, offer)

    async def picture_of(self, stream_id: StreamId) -> None:
        """Wait for the first packet of a stream that has just been handed on to us."""
        if stream_id not in self._received:
            return
        loop = asyncio.get_running_loop()
        until_s = loop.time() + FIRST_PICTURE_WITHIN_S
        while loop.time() < until_s:
            stream = self._relay.find(stream_id)
            if stream is None or stream.video.codec is not None:
                return
            await asyncio.sleep(LOOK_FOR_A_PICTURE_S)

    def over(self, stream_id: StreamId) -> None:
        """A stream that we had from another process is over, or let go; its viewers end."""
        if self._received.pop(stream_id, None) is None:
            return
        stream = self._relay.find(stream_id)
        for session in list(self._sessions.values()):
            if session.stream is stream:
                session.end(EndReason.STREAM_ENDED)
        self._relay.remove(stream_id)

    def _look(self) -> None:
        now_s = asyncio.get_running_loop().time()
        links = self.links()
        # Those who are connecting or on their way too: a phone may need seconds for it.
        watched = {one.stream.id for one in self._sessions.values() if one not in links}
        watched.update(self._coming())
        connecting = {one.stream.id for one in links if not one.connected}
        for stream_id, since_s in list(self._received.items()):
            stream = self._relay.find(stream_id)
            if stream is None or self._is_own(stream_id):
                del self._received[stream_id]  # forgotten, or at first hand from now on
            elif stream_id in watched and stream.publisher is not None:
                self._received[stream_id] = now_s
            elif stream_id not in watched and stream_id in connecting:
                self._received[stream_id] = now_s  # its viewer is sent here once it is there
            elif now_s - since_s > (AWAY_FOR_S if stream_id in watched else LET_GO_AFTER_S):
                self.over(stream_id)
