"""Viewers: RTP that was not encoded here, its protection, and sender reports that tell of it."""

import time
from collections.abc import Callable
from typing import cast

from aiortc import RTCRtpSender
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import AnyRtcpPacket
from pylibsrtp import Session

from webrtc.internals.checked import private

_TRAILER_BYTES = {b"SRTP_AEAD_AES_128_GCM": 16, b"SRTP_AES128_CM_SHA1_80": 10}

_REPORTS_AT_FIRST = 3
_REPORT_EVERY_S = 2.0
"""A report costs as much as a picture; between two, clocks part by microseconds."""


def count_encodes(sender: RTCRtpSender, count: Callable[[], None]) -> None:
    """Call ``count`` for each frame this sender encodes: never, since its track gives none."""
    stock = private(sender)._next_encoded_frame

    async def next_encoded_frame(codec: RTCRtpCodecParameters) -> object:
        frame = await stock(codec)
        if frame is not None:
            count()
        return frame

    private(sender)._next_encoded_frame = next_encoded_frame


def take_feedback(
    sender: RTCRtpSender,
    *,
    retransmit: Callable[[int], None],
    keyframe_wanted: Callable[[], None],
) -> None:
    """Answer the viewer's NACK (a sequence number of 16 bits each), PLI and FIR ourselves."""

    async def handle_nack(sequence: int) -> None:
        retransmit(sequence)

    private(sender)._retransmit = handle_nack
    private(sender)._send_keyframe = keyframe_wanted


def fill_reports(
    sender: RTCRtpSender, read: Callable[[], tuple[int, int, int, int] | None]
) -> None:
    """Fill sender reports with (NTP time, RTP time, packets, octets); None: send none yet.

    aiortc would send one a second. The first few go at its pace, so that lips and sound agree
    soon; then `_REPORT_EVERY_S` is enough.
    """
    stock = private(sender)._send_rtcp
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
                private(sender)._RTCRtpSender__lsr, private(sender)._RTCRtpSender__lsr_time = last
                return
            info.ntp_timestamp, rtp_time, packet_count, octets = values
            info.rtp_timestamp = rtp_time & 0xFFFFFFFF
            info.packet_count = packet_count & 0xFFFFFFFF
            info.octet_count = octets & 0xFFFFFFFF
            sent, last_s = sent + 1, now_s
            last = ((info.ntp_timestamp >> 16) & 0xFFFFFFFF, time.time())
            private(sender)._RTCRtpSender__lsr = last[0]
        await stock(packets)

    private(sender)._send_rtcp = send_rtcp


def srtp_session(dtls: RTCDtlsTransport) -> Session | None:
    """What protects packets to the peer; None: not connected."""
    return cast(Session | None, private(dtls)._tx_srtp)


def srtp_keys(dtls: RTCDtlsTransport, session: Session) -> tuple[object, int]:
    """The libsrtp context of ``session``, valid while that is held, and the bytes it adds."""
    profile = private(dtls)._ssl.get_selected_srtp_profile()
    return private(session)._srtp[0], _TRAILER_BYTES[profile]
