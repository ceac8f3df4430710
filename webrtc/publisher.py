"""One WHIP session: a device's picture and sound, from its peer connection into its stream.

RTP is taken before aiortc's jitter buffer and decoder. Receiver reports go on as aiortc makes
them; lost packets and keyframes are asked for here.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from uuid import UUID

from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpTransceiver
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket, RtpPacket

from domain.streams import Codec
from webrtc import internals
from webrtc.loss import Missing
from webrtc.metrics import VIEWER, Metrics
from webrtc.offers import Offer
from webrtc.port import Port
from webrtc.relay import EndReason, RelayedStream
from webrtc.signalling import PeerSession, SessionLimits, codec_of, codecs_for
from webrtc.track import Track

logger = logging.getLogger(__name__)

_KEYFRAME_EVERY_S = 0.5
"""At most so often a publisher is asked for a keyframe, however many viewers want one."""
_SSRC_SILENT_S = 1.0
# Without transport-wide feedback Chromium begins at 0.3 Mbit/s and needs 20 s to reach 2; this
# Chromium extension of the answer's fmtp makes it begin near where it ends.
_BITRATE_HINT = {
    "x-google-min-bitrate": "600",
    "x-google-start-bitrate": "1800",
    "x-google-max-bitrate": "3000",
}


class PublisherSession(PeerSession):
    """A device publishing; `relay.Publishing` for its stream."""

    role = "publisher"
    makes_keyframes = True
    _counted = False

    def __init__(
        self,
        session_id: UUID,
        stream: RelayedStream,
        *,
        metrics: Metrics,
        limits: SessionLimits,
        port: Port,
        published: Callable[["PublisherSession"], None],
    ) -> None:
        super().__init__(session_id, stream, metrics=metrics, limits=limits, port=port)
        self._published = published

    def request_keyframe(self, layer: int = 0) -> None:
        self._keyframe_wanted.set()

    def _prepare(self, pc: RTCPeerConnection, offer: Offer) -> None:
        self._keyframe_wanted = asyncio.Event()
        self._intakes: dict[str, _Intake] = {}
        orders = {"video": [Codec.H264, Codec.VP8], "audio": [Codec.OPUS]}
        for kind in offer.kinds:
            transceiver = pc.addTransceiver(kind, direction="recvonly")
            transceiver.setCodecPreferences(codecs_for(kind, orders[kind]))

    def _codec_reason(self) -> str:
        return "the relay takes H264 (constrained baseline or baseline) or VP8, and Opus"

    def _negotiated(self, pc: RTCPeerConnection) -> None:
        for transceiver in pc.getTransceivers():
            track = self.stream.video if transceiver.kind == "video" else self.stream.audio
            if transceiver.kind == "video":
                for codec in internals.negotiated_codecs(transceiver):
                    codec.parameters = {**codec.parameters, **_BITRATE_HINT}
            self._intakes[transceiver.kind] = _Intake(transceiver, track, self)
            internals.count_decodes(transceiver.receiver, self.metrics.decodes.labels(VIEWER).inc)

    async def _work(self, pc: RTCPeerConnection) -> None:
        for transceiver in pc.getTransceivers():
            internals.end_decoder(transceiver.receiver)
        self.metrics.publishers.inc()
        self._counted = True
        self.stream.publish(self)
        self._published(self)
        self.request_keyframe()
        while True:
            await self._keyframe_wanted.wait()
            self._keyframe_wanted.clear()
            video = self._intakes["video"]
            if video.ssrc is not None:
                await internals.ask_keyframe(video.receiver, video.ssrc)
                await asyncio.sleep(_KEYFRAME_EVERY_S)

    def _left(self) -> None:
        self.stream.unpublish(self)
        if self._counted:
            self.metrics.publishers.dec()


class _Intake:
    """One received track: RTP in, numbered packets on to the stream's track."""

    def __init__(
        self, transceiver: RTCRtpTransceiver, track: Track, session: PublisherSession
    ) -> None:
        self.receiver: RTCRtpReceiver = transceiver.receiver
        self.ssrc: int | None = None
        self._track, self._session = track, session
        self._codecs = {
            codec.payloadType: (name, codec.clockRate)
            for codec in internals.negotiated_codecs(transceiver)
            if (name := codec_of(codec.mimeType)) is not None
        }
        self._codec: Codec | None = None
        self._statistics = internals.report_statistics(self.receiver)
        self._missing = Missing() if transceiver.kind == "video" else None
        self._heard_at_s = 0.0
        internals.take_rtp(self.receiver, self._handle)
        internals.watch_rtcp(self.receiver, self._saw_rtcp)

    async def _handle(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        # An exception here would end aiortc's receiving task unseen.
        try:
            lost = self._take(packet)
            if lost:
                await internals.ask_again(self.receiver, packet.ssrc, lost)
        except Exception:
            logger.exception("a packet of session %s could not be taken", self._session.id)
            self._session.end(EndReason.FAILED)

    def _take(self, packet: RtpPacket) -> list[int]:
        known = self._codecs.get(packet.payload_type)
        stream = self._session.stream
        if known is None or stream.publisher is not self._session:
            return []
        codec, clock_hz = known
        now_s = time.monotonic()
        if packet.ssrc != self.ssrc:
            if self.ssrc is not None and now_s - self._heard_at_s < _SSRC_SILENT_S:
                return []  # two at a time are not negotiated
            self._statistics.clear()
            self._statistics[packet.ssrc] = StreamStatistics(clock_hz)
            self.ssrc, self._codec = packet.ssrc, None
            self._missing = Missing() if self._missing is not None else None
            self._session.request_keyframe()
        self._heard_at_s = now_s
        if codec is not self._codec:
            self._codec = codec
            self._track.begin(codec)
        self._statistics[packet.ssrc].add(packet)
        self._track.receive(
            packet.sequence_number, packet.timestamp, bool(packet.marker), packet.payload
        )
        if self._missing is None:
            return []
        return self._missing.saw(packet.sequence_number, now_s)

    def _saw_rtcp(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket) and packet.ssrc == self.ssrc:
            info = packet.sender_info
            self._session.stream.heard_report(self._track, info.ntp_timestamp, info.rtp_timestamp)
