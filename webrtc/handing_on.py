"""A stream on its way from one media process to another: one copy a link, by WHIP.

The process that has the stream offers and sends; the other answers and serves its own viewers. So
the first packet of ICE and of DTLS goes the way the HTTP request went.
"""

from collections.abc import Callable
from uuid import UUID

from aiortc import RTCPeerConnection

from webrtc import internals
from webrtc.calling import CallingSession, Exchange
from webrtc.metrics import Metrics
from webrtc.offers import Offer
from webrtc.port import Port
from webrtc.publisher import PublisherSession
from webrtc.relay import EndReason, RelayedStream
from webrtc.signalling import SessionLimits
from webrtc.viewer import ViewerSession


class HandingOn(CallingSession, ViewerSession):
    """The sending end: a viewer that we make the offer for."""

    resends_past = False  # the other end keeps the past itself

    def __init__(
        self,
        session_id: UUID,
        stream: RelayedStream,
        *,
        metrics: Metrics,
        limits: SessionLimits,
        exchange: Exchange,
        sending: Callable[[], None],
    ) -> None:
        super().__init__(
            session_id, stream, metrics=metrics, limits=limits, port=Port(metrics=metrics)
        )
        self._exchange, self._sending = exchange, sending

    async def hand_on(self) -> EndReason:
        """`run`, with an offer of our own."""
        kinds = ("video", "audio") if self.stream.audio.codec is not None else ("video",)
        return await self.run(Offer("", kinds, ""))

    def _before_offer(self, pc: RTCPeerConnection) -> None:
        for transceiver in pc.getTransceivers():
            track = self.stream.video if transceiver.kind == "video" else self.stream.audio
            internals.use_ssrc(transceiver.sender, track.ssrc)

    async def _work(self, pc: RTCPeerConnection) -> None:
        self._sending()
        await super()._work(pc)


class ReceivedSession(PublisherSession):
    """The receiving end: a publisher that is another process's relay."""

    def __init__(
        self,
        session_id: UUID,
        stream: RelayedStream,
        *,
        metrics: Metrics,
        limits: SessionLimits,
        port: Port,
        makes_keyframes: bool,
    ) -> None:
        super().__init__(
            session_id, stream, metrics=metrics, limits=limits, port=port, published=_no_news
        )
        self.makes_keyframes = makes_keyframes


def _no_news(session: PublisherSession) -> None:
    """It is published where its device or its camera is; there it is told."""
