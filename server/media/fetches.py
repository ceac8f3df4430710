"""Inside: phones' streams that are fetched from edges, each for as long as it is a stream here.

A phone that publishes through an edge has its peer there, and the edge reaches nobody. So control
tells a media process to fetch the stream, which then is that process's own: relayed, tapped and
handed on as if the phone had come here.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Protocol
from uuid import UUID, uuid4

from domain.errors import DomainError, Unavailable
from domain.identifiers import StreamId
from domain.streams import TooManyViewers
from server.media.cascade import Neighbours
from server.media.parts import Parts
from webrtc.calling import Answered
from webrtc.fetching import FetchedSession
from webrtc.publisher import PublisherSession
from webrtc.relay import EndReason, RelayedStream

logger = logging.getLogger(__name__)

MOST_FETCHED = 200
AGAIN_AFTER_S = 0.2  # the edge itself holds an answer back until there is a picture
_LINK_KBIT_S = 50_000


class Edges(Protocol):
    """How edges are reached; each method raises ``DomainError``."""

    async def ask_for(
        self, url: str, stream_id: StreamId, session_id: UUID, sdp: str, /
    ) -> Answered:
        """Offer to receive the stream; give the answer."""

    async def end(self, url: str, stream_id: StreamId, /) -> None:
        """End the phone's publication, if it is there."""


class Others(Neighbours, Edges, Protocol):
    """Whom this process calls."""


class Fetches:
    """The service is told of what is ``published`` and has ``left``."""

    def __init__(
        self,
        parts: Parts,
        *,
        published: Callable[[PublisherSession], None],
        left: Callable[[RelayedStream], None],
        edges: Edges | None,
    ) -> None:
        self._relay, self._metrics, self._sessions = parts.relay, parts.metrics, parts.sessions
        self._limits = replace(parts.limits, publisher_kbit_s=_LINK_KBIT_S)
        self._published, self._left = published, left
        self._edges = edges
        self._from: dict[StreamId, str] = {}
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Fetch what was asked for, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await asyncio.get_running_loop().create_future()
        finally:
            self._group = None

    def source_of(self, stream_id: StreamId) -> str | None:
        """The edge that a stream is fetched from."""
        return self._from.get(stream_id)

    def fetch(self, stream_id: StreamId, url: str) -> None:
        """Fetch the stream from the edge at ``url`` from now on.

        Raises ``StreamTaken``, ``TooManyViewers``, ``Unavailable``.
        """
        if self._group is None or self._edges is None:
            raise Unavailable("this process fetches nothing now")
        stream = self._relay.open_for_device(stream_id)
        if self._from.get(stream_id) == url:
            return
        if len(self._from) >= MOST_FETCHED:
            raise TooManyViewers(f"{MOST_FETCHED} streams are fetched from edges")
        self._from[stream_id] = url  # who fetched it from another edge sees that, and ends
        self._group.create_task(self._keep(stream, url, self._edges), name=f"fetch {stream_id}")

    async def _keep(self, stream: RelayedStream, url: str, edges: Edges) -> None:
        try:
            while self._is_wanted(stream, url):
                reason = await self._fetch_once(stream, url, edges)
                if reason is EndReason.REPLACED:  # the phone has come by another way
                    break
                await asyncio.sleep(AGAIN_AFTER_S)
        finally:
            if self._from.get(stream.id) == url:
                del self._from[stream.id]
            # Also while this process stops: whoever takes the stream next, the phone asks anew.
            with suppress(DomainError):
                await edges.end(url, stream.id)

    def _is_wanted(self, stream: RelayedStream, url: str) -> bool:
        return self._relay.find(stream.id) is stream and self._from.get(stream.id) == url

    async def _fetch_once(self, stream: RelayedStream, url: str, edges: Edges) -> EndReason | None:
        """One session to its end; None: the edge has no picture of it now."""
        session_id = uuid4()
        session = FetchedSession(
            session_id,
            stream,
            metrics=self._metrics,
            limits=self._limits,
            exchange=partial(edges.ask_for, url, stream.id, session_id),
            published=self._published,
        )
        self._sessions[session_id] = session
        try:
            reason = await session.fetch()
        finally:
            del self._sessions[session_id]
        if session.answer.cancelled() or session.answer.exception() is not None:
            return None
        self._left(stream)
        return reason
