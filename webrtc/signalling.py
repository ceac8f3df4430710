"""One WHIP or WHEP session's frame: offer in, answer out, candidates trickled in, and its end.

`publisher.py` and `viewer.py` fill the frame. The offer has been checked (`offers.py`); whatever
aiortc still raises on it becomes `BadSessionDescription` here, and the peer connection is closed
whatever happens, so that no refused peer keeps a socket or a task.
"""

import asyncio
import hashlib
import logging
import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.exceptions import OperationError

from domain.errors import DomainError, Unavailable
from domain.streams import BadSessionDescription, Codec, NoCommonCodec, StaleSession
from webrtc import consent, ice, internals
from webrtc.metrics import Metrics
from webrtc.offers import MAX_CANDIDATES, Offer, check_fragment
from webrtc.port import Port
from webrtc.relay import EndReason, RelayedStream

logger = logging.getLogger(__name__)

_CLOSE_WITHIN_S = 5.0
_FAILURES = {
    EndReason.NEVER_CONNECTED,
    EndReason.CONNECTION_LOST,
    EndReason.TOO_SLOW,
    EndReason.TOO_FAST,
    EndReason.FAILED,
}


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Seconds and addresses every session shares."""

    addresses: ice.IceAddresses = field(default_factory=ice.IceAddresses)
    connect_within_s: float = 15.0
    gone_after_s: float = 20.0
    """A peer that answers no check for so long is gone; RFC 7675 allows 30 s."""
    slow_after_s: float = 5.0
    """A viewer whose socket refuses everything for so long is let go."""
    publisher_kbit_s: int = 4000
    """A publisher is told that it may send so much; one that sends four times as much is ended."""


class PeerSession(ABC):
    """One peer connection's whole life is `run`; `answer` is there once negotiation is over."""

    role: str

    def __init__(
        self,
        session_id: UUID,
        stream: RelayedStream,
        *,
        metrics: Metrics,
        limits: SessionLimits,
        port: Port,
    ) -> None:
        self.id = session_id
        self.stream = stream
        self.etag = f'"{secrets.token_hex(8)}"'
        self.connected = False
        loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[str] = loop.create_future()
        self._connected: asyncio.Future[None] = loop.create_future()
        self._ended: asyncio.Future[EndReason] = loop.create_future()
        self.metrics, self._limits, self._port = metrics, limits, port
        self._pc: RTCPeerConnection | None = None
        self._offer: Offer | None = None

    def end(self, reason: EndReason) -> None:
        """Ask `run` to close the connection and return; the first reason stays."""
        if not self._ended.done():
            self._ended.set_result(reason)

    @property
    def is_ending(self) -> bool:
        return self._ended.done()

    async def run(self, offer: Offer) -> EndReason:
        """Negotiate, serve until the end, close. Raises nothing but `asyncio.CancelledError`.

        A refusal is the exception of `answer`.
        """
        reason = EndReason.FAILED
        self._offer = offer
        self._pc = pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        try:
            self.answer.set_result(await self._negotiate(pc, offer))
            reason = await self._serve(pc)
        except DomainError as error:
            self.metrics.offers_refused.labels(error.code).inc()
            if self.answer.done():
                logger.warning("%s session %s ends: %s", self.role, self.id, error)
            else:
                self.answer.set_exception(error)
        except Exception:  # one peer connection's boundary: nobody else is to notice
            logger.exception("%s session %s failed", self.role, self.id)
            if not self.answer.done():
                self.answer.set_exception(BadSessionDescription("the offer could not be used"))
        finally:
            self._left()
            await _close(pc)
            self.connected = False
            if not self.answer.done() or self.answer.cancelled():
                self.answer.cancel()
            elif reason in _FAILURES and self.answer.exception() is None:
                self.metrics.sessions_failed.labels(self.role, reason).inc()
        return reason

    async def _negotiate(self, pc: RTCPeerConnection, offer: Offer) -> str:
        self._prepare(pc, offer)
        try:
            await pc.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        except OperationError as error:  # aiortc's word for "no common codec"
            raise NoCommonCodec(self._codec_reason()) from error
        except Exception as error:  # aiortc raises many kinds on what it can't read
            digest = hashlib.sha256(offer.sdp.encode()).hexdigest()[:12]
            logger.info(
                "an offer of %d characters (sha256 %s…) was refused: %s",
                len(offer.sdp),
                digest,
                type(error).__name__,
            )
            raise BadSessionDescription("the offer could not be used") from error
        self._negotiated(pc)
        internals.prefer_gcm_as_server(pc)
        self._connect_by_port(pc)
        try:
            await pc.setLocalDescription(await pc.createAnswer())
        except OSError as error:
            raise Unavailable(f"no address to answer with: {error}") from error
        return self._finished(pc.localDescription.sdp)

    def _connect_by_port(self, pc: RTCPeerConnection) -> None:
        """Give ``pc`` the port's sockets and our rules; before its description is made."""
        dtls, connection = internals.dtls_transport(pc), internals.ice_connection(pc)
        refused = self.metrics.datagrams_refused.labels("bad-rtcp").inc
        internals.take_broken_rtcp(dtls, refused)
        ice.prepare(connection, self._limits.addresses, self._port, dtls=dtls)
        internals.replace_consent(
            connection,
            lambda: consent.keep(
                connection,
                gone_after_s=self._limits.gone_after_s,
                gone=lambda: self.end(EndReason.CONNECTION_LOST),
            ),
        )
        pc.on("connectionstatechange", self._state_changed)

    def _state_changed(self) -> None:
        state = self._pc.connectionState if self._pc is not None else "closed"
        if state == "connected" and not self._connected.done():
            self._connected.set_result(None)
        elif state in ("failed", "closed"):
            if not self._connected.done():
                self.end(EndReason.NEVER_CONNECTED)
            else:
                self.end(EndReason.LEFT if state == "closed" else EndReason.CONNECTION_LOST)

    async def _serve(self, pc: RTCPeerConnection) -> EndReason:
        either: set[asyncio.Future[Any]] = {self._connected, self._ended}
        await asyncio.wait(
            either,
            timeout=self._limits.connect_within_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not self._connected.done():
            self.end(EndReason.NEVER_CONNECTED)
        if self._ended.done():
            return self._ended.result()
        self.connected = True
        async with asyncio.TaskGroup() as group:
            work = group.create_task(self._work(pc), name=f"{self.role} {self.id}")
            reason = await self._ended
            work.cancel()
        return reason

    async def add_candidates(self, body: bytes, *, etag: str | None) -> None:
        """A trickle-ice-sdpfrag (RFC 8840). Raises `BadSessionDescription`, `StaleSession`.

        ICE restarts are not done: a client whose network changed makes a new session.
        """
        if etag is not None and etag not in (self.etag, "*"):
            raise StaleSession("the ETag is not this session's")
        fragment = check_fragment(body)
        if self._offer is not None and fragment.ufrag not in (None, self._offer.ufrag):
            raise StaleSession("ICE restart is not supported: connect again")
        if self._pc is None or not self.answer.done() or self._ended.done():
            return
        transport = internals.dtls_transport(self._pc).transport
        for candidate in fragment.candidates:
            if len(transport.getRemoteCandidates()) < 2 * MAX_CANDIDATES:
                await transport.addRemoteCandidate(candidate)

    @abstractmethod
    def _prepare(self, pc: RTCPeerConnection, offer: Offer) -> None:
        """Add the transceivers, before the offer is applied (later their codecs do not count)."""

    @abstractmethod
    def _negotiated(self, pc: RTCPeerConnection) -> None:
        """The offer is applied; the answer may still be shaped."""

    def _finished(self, answer: str) -> str:
        """The answer as it goes out: for what aiortc has no words for."""
        return answer

    @abstractmethod
    async def _work(self, pc: RTCPeerConnection) -> None:
        """Connected: do what the session is for, until cancelled."""

    @abstractmethod
    def _left(self) -> None:
        """Whatever happened, take the session out of its stream."""

    @abstractmethod
    def _codec_reason(self) -> str:
        """Why no codec is common, for the person in front of the device."""


def codecs_for(
    kind: str, order: Sequence[Codec], *, sent_again_apart: bool = False
) -> list[RTCRtpCodecCapability]:
    """aiortc's capabilities for these codecs, in this order; RTX (RFC 4588) only if asked for."""
    capabilities = RTCRtpReceiver.getCapabilities(kind)
    found = capabilities.codecs if capabilities is not None else []
    again = [each for each in found if sent_again_apart and each.mimeType == f"{kind}/rtx"]
    return again + [
        capability
        for codec in order
        for capability in sorted(found, key=_constrained_first)
        if capability.mimeType.lower() == f"{kind}/{codec}"
    ]


def _constrained_first(capability: RTCRtpCodecCapability) -> bool:
    # Constrained baseline is what every browser and every phone's chip makes and shows.
    return capability.parameters.get("profile-level-id") != "42e01f"


def codec_of(mime_type: str) -> Codec | None:
    name = mime_type.lower().partition("/")[2]
    return Codec(name) if name in Codec else None


async def _close(pc: RTCPeerConnection) -> None:
    """Close ``pc`` even where aiortc stumbles over what it was given.

    In a task of its own: aiortc may be closing it already, and then cancelling our wait would
    cancel the future that its own closing sets.
    """
    closing = asyncio.ensure_future(pc.close())
    try:
        await asyncio.wait({closing}, timeout=_CLOSE_WITHIN_S)
    except asyncio.CancelledError:
        await asyncio.wait({closing}, timeout=_CLOSE_WITHIN_S)
        raise
    finally:
        if not closing.done():
            closing.cancel()
        elif not closing.cancelled() and (error := closing.exception()) is not None:
            logger.error("a peer connection did not close by itself", exc_info=error)
            await _stop_transports(pc)


async def _stop_transports(pc: RTCPeerConnection) -> None:
    """Whatever state aiortc has left them in: from here an error would end every session."""
    for transport in internals.ice_transports(pc):
        try:
            await transport.stop()
        except Exception:  # one peer connection's boundary
            logger.exception("an ICE transport did not stop")
