"""At an edge: phones' streams that inner hosts fetch, and those that nobody fetches, which end.

So an edge that has lost the inside keeps nothing: a phone's page sees that its publication is over,
and asks again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from domain.identifiers import StreamId
from domain.streams import StreamOffline, TooManyViewers
from server.media.parts import Parts
from webrtc.fetching import GivenSession
from webrtc.offers import check_offer
from webrtc.relay import EndReason, RelayedStream
from webrtc.signalling import PeerSession

LOOK_EVERY_S, LOOK_FOR_A_PICTURE_S = 0.5, 0.02
FIRST_PICTURE_WITHIN_S = 3.0  # who asks waits 4 s, and asks again
MOST_GIVEN = 200


class Giving:
    def __init__(
        self,
        parts: Parts,
        *,
        is_own: Callable[[StreamId], bool],
        end_stream: Callable[[StreamId], None],
        untaken_s: float | None,
    ) -> None:
        """``is_own``: whether a stream's phone sends to this very process.

        ``untaken_s``: a publication that nobody fetches, or asks for, for so long is ended; None:
        never.
        """
        self._parts, self._relay, self._sessions = parts, parts.relay, parts.sessions
        self._is_own, self._end_stream, self._untaken_s = is_own, end_stream, untaken_s
        self._untaken_since: dict[StreamId, float] = {}
        self._asked: Counter[StreamId] = Counter()  # questions that wait for a picture

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._untaken_s is not None:
                self._look(asyncio.get_running_loop().time(), self._untaken_s)

    async def give(self, stream_id: StreamId, session_id: UUID, body: bytes) -> PeerSession:
        """Answer an inner host that fetches a phone's stream, once it has a picture.

        Raises as `MediaService.watch`.
        """
        offer = check_offer(body, we_send=True)
        self._asked[stream_id] += 1
        try:
            stream = await self._with_picture(stream_id)
        finally:
            self._asked -= Counter([stream_id])
        if len(self._given()) >= MOST_GIVEN:
            raise TooManyViewers(f"{MOST_GIVEN} streams are fetched")
        session = GivenSession(
            session_id,
            stream,
            metrics=self._parts.metrics,
            limits=self._parts.limits,
            port=self._parts.port,
        )
        return await self._parts.open_session(session, offer)

    async def _with_picture(self, stream_id: StreamId) -> RelayedStream:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + FIRST_PICTURE_WITHIN_S
        while True:
            is_last = loop.time() >= until_s
            stream = self._relay.find(stream_id)
            shows = stream is not None and stream.publisher and stream.video.codec
            if stream is not None and shows and self._is_own(stream_id):
                return stream
            if is_last:
                raise StreamOffline(f"stream {stream_id} shows no picture here")
            await asyncio.sleep(LOOK_FOR_A_PICTURE_S)

    def publisher_left(self, stream: RelayedStream) -> None:
        """Nothing comes any more: who fetches it sees that, and asks again."""
        for session in self._given():
            if session.stream is stream:
                session.end(EndReason.STREAM_ENDED)

    def _given(self) -> list[GivenSession]:
        return [one for one in self._sessions.values() if isinstance(one, GivenSession)]

    def _look(self, now_s: float, untaken_s: float) -> None:
        # Who asks gets none before there is a picture: a phone's radio may need long for it.
        taken = {session.stream.id for session in self._given()} | self._asked.keys()
        own = {stream.id for stream in self._relay if self._is_own(stream.id)}
        for gone in self._untaken_since.keys() - (own - taken):
            del self._untaken_since[gone]
        for stream_id in own - taken:
            if now_s - self._untaken_since.setdefault(stream_id, now_s) > untaken_s:
                self._end_stream(stream_id)
