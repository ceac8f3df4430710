"""A stream on its way from one media process to another: one copy a link, by WHIP.

The process that has the stream offers and sends; the other answers and serves its own viewers. So
the first packet of ICE and of DTLS goes the way the HTTP request went.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiortc import RTCPeerConnection, RTCSessionDescription

from domain.errors import Unavailable
from webrtc import internals
from webrtc.metrics import Metrics
from webrtc.offers import Offer
from webrtc.port import Port
from webrtc.publisher import PublisherSession
from webrtc.relay import EndReason, RelayedStream
from webrtc.signalling import SessionLimits
from webrtc.viewer import ViewerSession

type Exchange = Callable[[str], Awaitable[str]]
"""An offer to the other process, its answer back; raises ``DomainError``."""


class HandingOn(ViewerSession):
    """The sending end: a viewer that we make the offer for."""

    def __init__(
        self,
        session_id: UUID,
        stream: RelayedStream,
        *,
        metrics: Metrics,
        limits: SessionLimits,
        port: Port,
        exchange: Exchange,
        sending: Callable[[], None],
    ) -> None:
        super().__init__(session_id, stream, metrics=metrics, limits=limits, port=port)
        self._exchange, self._sending = exchange, sending

    async def hand_on(self) -> EndReason:
        """`run`, with an offer of our own."""
        kinds = ("video", "audio") if self.stream.audio.codec is not None else ("video",)
        return await self.run(Offer("", kinds, ""))

    async def _negotiate(self, pc: RTCPeerConnection, offer: Offer) -> str:
        self._prepare(pc, offer)
        for transceiver in pc.getTransceivers():
            track = self.stream.video if transceiver.kind == "video" else self.stream.audio
            internals.use_ssrc(transceiver.sender, track.ssrc)
        self._connect_by_port(pc)
        try:
            await pc.setLocalDescription(await pc.createOffer())
        except OSError as error:
            raise Unavailable(f"no address to offer: {error}") from error
        answer = await self._exchange(_without_candidates(pc.localDescription.sdp))
        try:
            await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        except Exception as error:  # aiortc raises seven kinds on what it can't read
            raise Unavailable("the other media process's answer could not be used") from error
        self._negotiated(pc)
        return answer

    async def _work(self, pc: RTCPeerConnection) -> None:
        self._sending()
        await super()._work(pc)


def _without_candidates(sdp: str) -> str:
    """We call, and are met where we call from: the other end need not dial us."""
    kept = [line for line in sdp.splitlines() if not line.startswith("a=candidate:")]
    return "\r\n".join(line for line in kept if line != "a=end-of-candidates") + "\r\n"


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
