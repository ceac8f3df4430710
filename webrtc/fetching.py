"""A phone's stream on its way from an edge inwards: we offer to receive, and the edge answers.

The edge reaches nobody, so the stream is fetched (WHEP), by whoever will relay, record and show it.
"""

from collections.abc import Callable
from uuid import UUID

from webrtc.calling import CallingSession, Exchange
from webrtc.metrics import Metrics
from webrtc.offers import Offer
from webrtc.port import Port
from webrtc.publisher import PublisherSession
from webrtc.relay import EndReason, RelayedStream
from webrtc.signalling import SessionLimits
from webrtc.viewer import ViewerSession


class FetchedSession(CallingSession, PublisherSession):
    """Inside: a publisher that we make the offer for."""

    def __init__(
        self,
        session_id: UUID,
        stream: RelayedStream,
        *,
        metrics: Metrics,
        limits: SessionLimits,
        exchange: Exchange,
        published: Callable[[PublisherSession], None],
    ) -> None:
        super().__init__(
            session_id,
            stream,
            metrics=metrics,
            limits=limits,
            port=Port(metrics=metrics),
            published=published,
        )
        self._exchange = exchange

    async def fetch(self) -> EndReason:
        """`run`, with an offer of our own."""
        return await self.run(Offer("", ("video", "audio"), ""))

    def _saw_answer(self, answer: Offer) -> None:
        self._repairs = answer.repairs


class GivenSession(ViewerSession):
    """At the edge: the inner host that takes a phone's stream."""
