"""Peer connections: their ICE, their DTLS, and what an answer is made of."""

import secrets
import struct
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, cast

from aioice.ice import CandidatePair, Connection, StunProtocol
from aiortc import (
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCRtpTransceiver,
)
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AES128_CM_SHA1_80,
    SRTP_PROFILES,
    RTCDtlsTransport,
)
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import AnyRtcpPacket, RtcpRrPacket

from webrtc.internals.checked import private

# The first of these that the viewer offers too: AES-GCM costs half of AES-CM with SHA-1, but the
# DTLS server chooses, so the relay takes that role.
_PREFERRED_PROFILES = [
    profile
    for profile in (SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80)
    if profile in SRTP_PROFILES
]


def ice_connection(pc: RTCPeerConnection) -> Connection:
    """The one ICE connection of a bundled peer connection."""
    return cast(Connection, private(dtls_transport(pc).transport)._connection)


def ice_transports(pc: RTCPeerConnection) -> list[RTCIceTransport]:
    """All of them, also those that no transceiver of an odd offer has."""
    return list(private(pc)._RTCPeerConnection__iceTransports)


def replace_gathering(connection: Connection, gather: Callable[..., Awaitable[Any]]) -> None:
    """Let ``gather`` open this connection's sockets instead of aioice."""
    private(connection).get_component_candidates = gather


def use_sockets(connection: Connection, sockets: Sequence[StunProtocol]) -> None:
    """What this connection pairs with its peer's candidates, and closes at its end."""
    private(connection)._protocols = list(sockets)


def rename(connection: Connection, name: str) -> None:
    """Set ICE's user fragment, before the answer is made."""
    private(connection)._local_username = name


def bound_candidates(connection: Connection, address: tuple[str, int], *, limit: int) -> None:
    """Forget the oldest addresses of a peer, not in use, before it shows us one too many."""
    inner = private(connection)
    known = inner._remote_candidates
    if len(known) < limit or any((c._network_host, c.port) == address for c in known):
        return
    in_use = {id(pair.remote_candidate) for pair in inner._nominated.values()}
    gone = next(candidate for candidate in known if id(candidate) not in in_use)
    known.remove(gone)
    for pair in [p for p in inner._check_list if p.remote_candidate is gone]:
        if pair.task is not None:
            pair.task.cancel()
        inner._check_list.remove(pair)


def replace_consent(connection: Connection, keep: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Let ``keep`` check whether the peer is there, from when ICE is done until it closes."""
    private(connection).query_consent = keep


def waiting(connection: Connection) -> int:
    """Datagrams that nobody has taken out of the connection's queue yet."""
    return cast(int, private(connection)._queue.qsize())


def dtls_transport(pc: RTCPeerConnection) -> RTCDtlsTransport:
    return pc.getTransceivers()[0].receiver.transport


def prefer_gcm_as_server(pc: RTCPeerConnection) -> None:
    """Take the DTLS server role if the offer leaves it open, and choose AES-GCM when it can be."""
    transport = private(dtls_transport(pc))
    transport._srtp_profiles = _PREFERRED_PROFILES
    if transport._role == "auto":
        transport._set_role("server")


def negotiated_codecs(transceiver: RTCRtpTransceiver) -> list[RTCRtpCodecParameters]:
    """What the answer will hold, in order; may be changed until the answer is made."""
    return cast(list[RTCRtpCodecParameters], private(transceiver)._codecs)


def keep_header_extensions(transceiver: RTCRtpTransceiver, *uris: str) -> dict[str, int]:
    """Answer with these at most; their ids, of those that were offered."""
    inner = private(transceiver)
    inner._headerExtensions = [each for each in inner._headerExtensions if each.uri in uris]
    return {each.uri: each.id for each in inner._headerExtensions}


def drop_transport_feedback(transceiver: RTCRtpTransceiver) -> None:
    """Answer without transport-wide feedback: it needs a number in every packet's header."""
    for codec in negotiated_codecs(transceiver):
        codec.rtcpFeedback = [each for each in codec.rtcpFeedback if each.type != "transport-cc"]


def use_ssrc(sender: RTCRtpSender, ssrc: int) -> int:
    """Send under the stream's SSRC; to be called before the answer is made.

    Gives the SSRC under which packets are sent again (RTX): the viewer's own, and never the same.
    """
    private(sender)._ssrc = ssrc
    while private(sender)._rtx_ssrc == ssrc:
        private(sender)._rtx_ssrc = secrets.randbits(32)
    return cast(int, private(sender)._rtx_ssrc)


def nominated_pair(dtls: RTCDtlsTransport) -> CandidatePair | None:
    """The pair of addresses in use; another object once ICE has changed it."""
    return nominated_pair_of(private(dtls.transport)._connection)


def nominated_pair_of(connection: Connection) -> CandidatePair | None:
    pairs: dict[int, CandidatePair] = private(connection)._nominated
    return pairs.get(1)


def take_broken_rtcp(dtls: RTCDtlsTransport, refused: Callable[[], None]) -> None:
    """Drop RTCP that aiortc stumbles over, and call ``refused``: it would end the session.

    Its parsers let the errors of a short bit rate estimate (REMB) out.
    """
    stock = private(dtls)._handle_rtcp_data

    async def handle(data: bytes) -> None:
        try:
            await stock(data)
        except (struct.error, ValueError, IndexError):
            refused()

    private(dtls)._handle_rtcp_data = handle


def watch_rtcp(end: RTCRtpReceiver | RTCRtpSender, saw: Callable[[AnyRtcpPacket], None]) -> None:
    """Show every RTCP packet to ``saw`` before aiortc handles it.

    It is not given receiver reports: it would keep statistics of them that nobody asks for.
    """
    stock = private(end)._handle_rtcp_packet

    async def handle(packet: AnyRtcpPacket) -> None:
        saw(packet)
        if not isinstance(packet, RtcpRrPacket):
            await stock(packet)

    private(end)._handle_rtcp_packet = handle
