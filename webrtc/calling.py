"""A session that we make the offer for: towards another media process, or an edge.

Our offer holds no candidates: who answers has nobody to dial, and learns where we are from our
first check. So every first packet, of ICE and of DTLS, goes the way the HTTP request went.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiortc import RTCPeerConnection, RTCSessionDescription

from domain.errors import Unavailable
from domain.streams import BadSessionDescription
from webrtc.offers import Offer, check_answer
from webrtc.relay import EndReason
from webrtc.signalling import PeerSession


@dataclass(frozen=True, slots=True)
class Answered:
    """``hosts``: where whoever answers may be met; None: it is one of ours, and is believed."""

    sdp: str
    hosts: frozenset[str] | None = None


type Exchange = Callable[[str], Awaitable[Answered]]
"""An offer to the other process, its answer back; raises ``DomainError``."""


class CallingSession(PeerSession):
    """`signalling.PeerSession` with offer and answer the other way round.

    By a port of its own: who answers tells sessions apart by the address that their packets come
    from, and two between the same two processes would have one.
    """

    _exchange: Exchange

    async def run(self, offer: Offer) -> EndReason:
        try:
            return await super().run(offer)
        finally:
            self._port.close()

    async def _negotiate(self, pc: RTCPeerConnection, offer: Offer) -> str:
        self._prepare(pc, offer)
        self._before_offer(pc)
        self._connect_by_port(pc)
        try:
            await pc.setLocalDescription(await pc.createOffer())
        except OSError as error:
            raise Unavailable(f"no address to offer: {error}") from error
        answered = await self._exchange(_without_candidates(pc.localDescription.sdp))
        answer = answered.sdp
        if answered.hosts is not None:
            try:
                checked = check_answer(answer.encode(), hosts=answered.hosts)
            except BadSessionDescription as error:
                raise Unavailable(f"the other end's answer could not be used: {error}") from error
            self._saw_answer(checked)
            answer = checked.sdp
        try:
            await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        except Exception as error:  # aiortc raises seven kinds on what it can't read
            raise Unavailable("the other media process's answer could not be used") from error
        self._negotiated(pc)
        return answer

    def _before_offer(self, pc: RTCPeerConnection) -> None:
        """The transceivers are there; the offer is not yet made."""

    def _saw_answer(self, answer: Offer) -> None:
        """What the answer says of its sources, before it is applied."""


def _without_candidates(sdp: str) -> str:
    kept = [line for line in sdp.splitlines() if not line.startswith("a=candidate:")]
    return "\r\n".join(line for line in kept if line != "a=end-of-candidates") + "\r\n"
