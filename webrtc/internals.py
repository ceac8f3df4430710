"""The private names of aiortc, aioice and pylibsrtp that the relay stands on, all in this one file.

aiortc has no public way to take RTP before it is decoded or to send RTP that it has not encoded.
The versions and every name are asserted when a media process starts (`assert_internals`), so that
an upgrade that moves one of them ends in one clear line, not in a stream that stays black.
`docs/design/relay.md` says what each is for.
"""

import secrets
import struct
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from importlib.metadata import version
from types import ModuleType
from typing import Any, Protocol, cast

import aiortc.codecs
import aiortc.rtcpeerconnection
import aiortc.rtp
import pylibsrtp
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
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import AnyRtcpPacket, RtcpRrPacket
from pylibsrtp import Session

from webrtc import negotiable

TESTED = {"aiortc": "1.16.", "aioice": "0.13.", "pylibsrtp": "1.0."}
"""Release series whose private names were read and tested."""

# The first of these that the viewer offers too: AES-GCM costs half of AES-CM with SHA-1, but the
# DTLS server chooses, so the relay takes that role.
_PREFERRED_PROFILES = [
    profile
    for profile in (SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80)
    if profile in SRTP_PROFILES
]
_TRAILER_BYTES = {b"SRTP_AEAD_AES_128_GCM": 16, b"SRTP_AES128_CM_SHA1_80": 10}

_REPORTS_AT_FIRST = 3
_REPORT_EVERY_S = 2.0
"""A report costs as much as a picture; between two, clocks part by microseconds."""

_NEEDED: dict[type, str] = {
    RTCRtpReceiver: "_handle_rtcp_packet _send_rtcp_pli _send_rtcp_nack",
    RTCRtpSender: "_handle_rtcp_packet _next_encoded_frame _retransmit _send_keyframe _send_rtcp",
    RTCDtlsTransport: "_set_role _setup_srtp _send_rtp _handle_rtp_data _handle_rtcp_data",
    Connection: "get_component_candidates gather_candidates request_received data_received "
    "query_consent build_request",
    StunProtocol: "request close send_stun send_data",
    Session: "protect protect_rtcp",
}


# Looked up in their modules each time, so that what is put in their place is used.
_NEEDED_OF_MODULES: dict[ModuleType, str] = {
    aiortc.codecs: "CODECS HEADER_EXTENSIONS",
    aiortc.rtcpeerconnection: "CODECS HEADER_EXTENSIONS is_codec_compatible find_common_codecs",
    aiortc.rtp: "DYNAMIC_PAYLOAD_TYPES",
}


class IncompatibleLibrary(RuntimeError):
    """An installed library is not of the series the relay was written against."""


def assert_internals() -> None:
    """Raise `IncompatibleLibrary` naming everything that is not as expected."""
    wrong = [
        f"{name} {version(name)} is installed, the relay was tested with {series}x"
        for name, series in TESTED.items()
        if not version(name).startswith(series)
    ]
    wrong += [
        f"{cls.__name__}.{name} is gone"
        for cls, names in _NEEDED.items()
        for name in names.split()
        if not hasattr(cls, name)
    ]
    wrong += [
        f"pylibsrtp.lib.{name} is gone"
        for name in ("srtp_protect", "srtp_unprotect", "srtp_unprotect_rtcp")
        if not hasattr(libsrtp, name)
    ]
    wrong += [
        f"{module.__name__}.{name} is gone"
        for module, names in _NEEDED_OF_MODULES.items()
        for name in names.split()
        if not hasattr(module, name)
    ]
    if wrong:
        raise IncompatibleLibrary("; ".join(wrong))


def _private(thing: object) -> Any:
    """The same object, its private names not checked by mypy: `assert_internals` does it."""
    return thing


libsrtp = _private(pylibsrtp).lib
ffi = _private(pylibsrtp).ffi

# Tables


def extend_tables() -> None:
    """Teach aiortc the codecs, the feedback and the header extensions that the relay forwards.

    Its tables are global: this is called once per process, and does nothing the second time.
    """
    codecs = aiortc.codecs.CODECS
    if any(codec.mimeType == "video/AV1" for codec in codecs["video"]):
        return
    codecs["video"] += negotiable.video_codecs()
    for kind in ("audio", "video"):
        aiortc.codecs.HEADER_EXTENSIONS[kind] += negotiable.header_extensions(kind)
        for codec in filter(negotiable.takes_feedback, codecs[kind]):
            codec.rtcpFeedback.append(negotiable.TRANSPORT_CC)
    _private(aiortc.rtp).DYNAMIC_PAYLOAD_TYPES = negotiable.PAYLOAD_TYPES
    stock = aiortc.rtcpeerconnection.is_codec_compatible
    _private(aiortc.rtcpeerconnection).is_codec_compatible = lambda a, b: (
        stock(a, b) and negotiable.same_profile(a, b)
    )


# Peer connections


def ice_connection(pc: RTCPeerConnection) -> Connection:
    """The one ICE connection of a bundled peer connection."""
    return cast(Connection, _private(dtls_transport(pc).transport)._connection)


def ice_transports(pc: RTCPeerConnection) -> list[RTCIceTransport]:
    """All of them, also those that no transceiver of an odd offer has."""
    return list(_private(pc)._RTCPeerConnection__iceTransports)


def replace_gathering(connection: Connection, gather: Callable[..., Awaitable[Any]]) -> None:
    """Let ``gather`` open this connection's sockets instead of aioice."""
    _private(connection).get_component_candidates = gather


def use_sockets(connection: Connection, sockets: Sequence[StunProtocol]) -> None:
    """What this connection pairs with its peer's candidates, and closes at its end."""
    _private(connection)._protocols = list(sockets)


def rename(connection: Connection, name: str) -> None:
    """Set ICE's user fragment, before the answer is made."""
    _private(connection)._local_username = name


def bound_candidates(connection: Connection, address: tuple[str, int], *, limit: int) -> None:
    """Forget the oldest addresses of a peer, not in use, before it shows us one too many."""
    private = _private(connection)
    known = private._remote_candidates
    if len(known) < limit or any((c._network_host, c.port) == address for c in known):
        return
    in_use = {id(pair.remote_candidate) for pair in private._nominated.values()}
    gone = next(candidate for candidate in known if id(candidate) not in in_use)
    known.remove(gone)
    for pair in [p for p in private._check_list if p.remote_candidate is gone]:
        if pair.task is not None:
            pair.task.cancel()
        private._check_list.remove(pair)


def replace_consent(connection: Connection, keep: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Let ``keep`` check whether the peer is there, from when ICE is done until it closes."""
    _private(connection).query_consent = keep


def waiting(connection: Connection) -> int:
    """Datagrams that nobody has taken out of the connection's queue yet."""
    return cast(int, _private(connection)._queue.qsize())


def dtls_transport(pc: RTCPeerConnection) -> RTCDtlsTransport:
    return pc.getTransceivers()[0].receiver.transport


def prefer_gcm_as_server(pc: RTCPeerConnection) -> None:
    """Take the DTLS server role if the offer leaves it open, and choose AES-GCM when it can be."""
    transport = _private(dtls_transport(pc))
    transport._srtp_profiles = _PREFERRED_PROFILES
    if transport._role == "auto":
        transport._set_role("server")


def negotiated_codecs(transceiver: RTCRtpTransceiver) -> list[RTCRtpCodecParameters]:
    """What the answer will hold, in order; may be changed until the answer is made."""
    return cast(list[RTCRtpCodecParameters], _private(transceiver)._codecs)


def drop_header_extensions(transceiver: RTCRtpTransceiver) -> None:
    """Answer without header extensions: our packets carry none, so that viewers share them.

    Nor the feedback that needs one.
    """
    _private(transceiver)._headerExtensions = []
    for codec in negotiated_codecs(transceiver):
        codec.rtcpFeedback = [each for each in codec.rtcpFeedback if each.type != "transport-cc"]


def use_ssrc(sender: RTCRtpSender, ssrc: int) -> int:
    """Send under the stream's SSRC; to be called before the answer is made.

    Gives the SSRC under which packets are sent again (RTX): the viewer's own, and never the same.
    """
    _private(sender)._ssrc = ssrc
    while _private(sender)._rtx_ssrc == ssrc:
        _private(sender)._rtx_ssrc = secrets.randbits(32)
    return cast(int, _private(sender)._rtx_ssrc)


# Publishers


def keep_header_extensions(transceiver: RTCRtpTransceiver, *uris: str) -> dict[str, int]:
    """Answer with these at most; their ids, of those that were offered."""
    private = _private(transceiver)
    private._headerExtensions = [each for each in private._headerExtensions if each.uri in uris]
    return {each.uri: each.id for each in private._headerExtensions}


def take_rtp(dtls: RTCDtlsTransport, handle: Callable[[bytes], Awaitable[None]]) -> None:
    """Hand each RTP packet, its protection removed, to ``handle`` instead of aiortc's parser."""

    async def handle_data(data: bytes, arrival_time_ms: int) -> None:
        await handle(data)

    _private(dtls)._handle_rtp_data = handle_data


def route_rtcp(dtls: RTCDtlsTransport, ssrc: int, receiver: RTCRtpReceiver | None) -> None:
    """Let ``receiver`` hear the sender reports of ``ssrc``; None: nobody any more."""
    table = _private(dtls)._rtp_router.ssrc_table
    if receiver is not None:
        table[ssrc] = receiver
    else:
        table.pop(ssrc, None)


def rtcp_ssrc(receiver: RTCRtpReceiver) -> int:
    """Under which we send RTCP about what ``receiver`` receives."""
    return cast(int, _private(receiver)._RTCRtpReceiver__rtcp_ssrc)


async def send_rtcp(dtls: RTCDtlsTransport, packets: list[bytes]) -> None:
    """Each in a datagram of its own; nothing if the connection is over."""
    for packet in packets:
        try:
            await _private(dtls)._send_rtp(packet)
        except ConnectionError:
            return


def take_broken_rtcp(dtls: RTCDtlsTransport, refused: Callable[[], None]) -> None:
    """Drop RTCP that aiortc stumbles over, and call ``refused``: it would end the session.

    Its parsers let the errors of a short bit rate estimate (REMB) out.
    """
    stock = _private(dtls)._handle_rtcp_data

    async def handle(data: bytes) -> None:
        try:
            await stock(data)
        except (struct.error, ValueError, IndexError):
            refused()

    _private(dtls)._handle_rtcp_data = handle


def watch_rtcp(end: RTCRtpReceiver | RTCRtpSender, saw: Callable[[AnyRtcpPacket], None]) -> None:
    """Show every RTCP packet to ``saw`` before aiortc handles it.

    It is not given receiver reports: it would keep statistics of them that nobody asks for.
    """
    stock = _private(end)._handle_rtcp_packet

    async def handle(packet: AnyRtcpPacket) -> None:
        saw(packet)
        if not isinstance(packet, RtcpRrPacket):
            await stock(packet)

    _private(end)._handle_rtcp_packet = handle


class Numbered(Protocol):
    @property
    def sequence_number(self) -> int: ...
    @property
    def timestamp(self) -> int: ...


class Received(StreamStatistics):
    """Counts what receiver reports tell, kept to what their fields hold.

    aiortc's grows over 32 bits on hostile timestamps, and the reports then end for good.
    """

    @property
    def jitter(self) -> int:
        return min(super().jitter, 0xFFFFFFFF)


def count_received(statistics: StreamStatistics, packet: Numbered) -> None:
    statistics.add(_private(packet))  # of a packet it reads these two


def report_statistics(receiver: RTCRtpReceiver) -> dict[int, StreamStatistics]:
    """Per SSRC, what aiortc's receiver reports are made of; the one who takes RTP fills it."""
    return cast(dict[int, StreamStatistics], _private(receiver)._RTCRtpReceiver__remote_streams)


def end_decoder(receiver: RTCRtpReceiver) -> None:
    """End the idle decoder thread that `RTCRtpReceiver.receive` has started."""
    _private(receiver)._RTCRtpReceiver__decoder_queue.put(None)


def count_decodes(receiver: RTCRtpReceiver, count: Callable[[], None]) -> None:
    """Call ``count`` for each frame given to this receiver's decoder: never, if the relay is right.

    The decoder's queue is the only way to it.
    """
    queue = _private(receiver)._RTCRtpReceiver__decoder_queue
    stock = queue.put

    def put(task: object) -> None:
        if task is not None:
            count()
        stock(task)

    queue.put = put


async def ask_keyframe(receiver: RTCRtpReceiver, ssrc: int) -> None:
    await _private(receiver)._send_rtcp_pli(ssrc)


async def ask_again(receiver: RTCRtpReceiver, ssrc: int, lost: list[int]) -> None:
    # Sorted: aiortc raises on numbers that fall, as those around the wrap do.
    await _private(receiver)._send_rtcp_nack(ssrc, sorted(lost))


def receiving_keys(dtls: RTCDtlsTransport) -> Any:
    """The libsrtp context that removes the peer's protection; None: not connected yet."""
    session = _private(dtls)._rx_srtp
    return session._srtp[0] if session is not None else None


def deliver_rtp(dtls: RTCDtlsTransport, packet: bytes) -> None:
    """Let ``packet``, its protection removed, be handled at once instead of by aiortc's task.

    What handles it is a coroutine that never waits: all it does is call, and send on UDP.
    """
    _run_now(_private(dtls)._handle_rtp_data(packet, arrival_time_ms=int(time.time() * 1000)))


def deliver_rtcp(dtls: RTCDtlsTransport, packet: bytes) -> None:
    """As `deliver_rtp`, for RTCP."""
    _run_now(_private(dtls)._handle_rtcp_data(packet))


def _run_now(handling: Coroutine[Any, Any, None]) -> None:
    try:
        handling.send(None)
    except StopIteration:
        return
    handling.close()
    raise IncompatibleLibrary("handling a packet has waited for something")


def end_receiving(connection: Connection) -> None:
    """Make aiortc take the connection for lost; its session ends."""
    _private(connection)._queue.put_nowait(None)


# Viewers


def count_encodes(sender: RTCRtpSender, count: Callable[[], None]) -> None:
    """Call ``count`` for each frame this sender encodes: never, since its track gives none."""
    stock = _private(sender)._next_encoded_frame

    async def next_encoded_frame(codec: RTCRtpCodecParameters) -> object:
        frame = await stock(codec)
        if frame is not None:
            count()
        return frame

    _private(sender)._next_encoded_frame = next_encoded_frame


def take_feedback(
    sender: RTCRtpSender,
    *,
    retransmit: Callable[[int], None],
    keyframe_wanted: Callable[[], None],
) -> None:
    """Answer the viewer's NACK (a sequence number of 16 bits each), PLI and FIR ourselves."""

    async def handle_nack(sequence: int) -> None:
        retransmit(sequence)

    _private(sender)._retransmit = handle_nack
    _private(sender)._send_keyframe = keyframe_wanted


def fill_reports(
    sender: RTCRtpSender, read: Callable[[], tuple[int, int, int, int] | None]
) -> None:
    """Fill sender reports with (NTP time, RTP time, packets, octets); None: send none yet.

    aiortc would send one a second. The first few go at its pace, so that lips and sound agree
    soon; then `_REPORT_EVERY_S` is enough.
    """
    stock = _private(sender)._send_rtcp
    sent = 0
    last_s = 0.0
    last = (0, 0.0)  # what a receiver report's round trip is reckoned from

    async def send_rtcp(packets: list[AnyRtcpPacket]) -> None:
        nonlocal sent, last_s, last
        info = getattr(packets[0], "sender_info", None)
        if info is not None:
            now_s = time.monotonic()
            due = sent < _REPORTS_AT_FIRST or now_s - last_s >= _REPORT_EVERY_S
            values = read() if due else None
            if values is None:
                _private(sender)._RTCRtpSender__lsr, _private(sender)._RTCRtpSender__lsr_time = last
                return
            info.ntp_timestamp, rtp_time, packet_count, octets = values
            info.rtp_timestamp = rtp_time & 0xFFFFFFFF
            info.packet_count = packet_count & 0xFFFFFFFF
            info.octet_count = octets & 0xFFFFFFFF
            sent, last_s = sent + 1, now_s
            last = ((info.ntp_timestamp >> 16) & 0xFFFFFFFF, time.time())
            _private(sender)._RTCRtpSender__lsr = last[0]
        await stock(packets)

    _private(sender)._send_rtcp = send_rtcp


def srtp_session(dtls: RTCDtlsTransport) -> Session | None:
    """What protects packets to the peer; None: not connected."""
    return cast(Session | None, _private(dtls)._tx_srtp)


def srtp_keys(dtls: RTCDtlsTransport, session: Session) -> tuple[object, int]:
    """The libsrtp context of ``session``, valid while that is held, and the bytes it adds."""
    profile = _private(dtls)._ssl.get_selected_srtp_profile()
    return _private(session)._srtp[0], _TRAILER_BYTES[profile]


def nominated_pair(dtls: RTCDtlsTransport) -> CandidatePair | None:
    """The pair of addresses in use; another object once ICE has changed it."""
    return nominated_pair_of(_private(dtls.transport)._connection)


def nominated_pair_of(connection: Connection) -> CandidatePair | None:
    pairs: dict[int, CandidatePair] = _private(connection)._nominated
    return pairs.get(1)
