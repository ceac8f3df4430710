"""One WHIP session: a device's picture and sound, from its peer connection into its stream.

RTP is taken before aiortc's parser, jitter buffer and decoder. Receiver reports go on as aiortc
makes them; lost packets and keyframes are asked for here, and congestion is reported.
`docs/design/congestion.md` says why each of these.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from uuid import UUID

from aiortc import RTCPeerConnection, RTCRtpTransceiver
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket

from domain.streams import Codec
from webrtc import congestion, internals, negotiable
from webrtc.backlog import Backlog
from webrtc.codecs import PREFERENCE
from webrtc.intake import Highest, Intake
from webrtc.metrics import VIEWER, Metrics
from webrtc.offers import Offer
from webrtc.port import Port
from webrtc.relay import EndReason, RelayedStream
from webrtc.rtp import ExtensionIds, Incoming, parse, unwrap
from webrtc.signalling import PeerSession, SessionLimits, codec_of, codecs_for

logger = logging.getLogger(__name__)

_KEYFRAME_EVERY_S = 0.5
"""At most so often a publisher is asked for keyframes, however many viewers want one."""
_REPORT_EVERY_S = 0.05
"""Browsers' own interval lies between 50 and 250 ms."""
_CEILING_EVERY_S = 1.0
_MAX_STRANGERS = 50
"""SSRCs that nothing was agreed on: libsrtp keeps a context for each and looks through them all."""
# Chromium begins at 0.3 Mbit/s; this extension of its own makes it begin near where it ends. What
# it may come down to on a thin network is left to its estimator.
_START_KBIT_S = {"x-google-start-bitrate": "1800"}
# Without feedback there is no estimator that would come down before packets are lost.
_WITHOUT_FEEDBACK = {"x-google-min-bitrate": "600", "x-google-max-bitrate": "3000"}


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
        self._ceiling = congestion.Ceiling(bit_per_s=limits.publisher_kbit_s * 1000)
        self._backlog = Backlog(ceiling_bit_per_s=limits.publisher_kbit_s * 1000)
        self._measured: Intake | None = None
        self._arrivals = congestion.Arrivals()
        self._strangers: set[int] = set()

    def request_keyframe(self, layer: int = 0) -> None:
        self._keyframes_wanted.add(self._highest.source if layer == 0 else layer)
        self._keyframe_wanted.set()

    # Negotiation

    def _prepare(self, pc: RTCPeerConnection, offer: Offer) -> None:
        self._rids, self._repairs = offer.rids, offer.repairs
        self._keyframe_wanted = asyncio.Event()
        self._keyframes_wanted: set[int] = set()
        orders = {"video": PREFERENCE, "audio": (Codec.OPUS,)}
        for kind in offer.kinds:
            transceiver = pc.addTransceiver(kind, direction="recvonly")
            transceiver.setCodecPreferences(codecs_for(kind, orders[kind], sent_again_apart=True))

    def _codec_reason(self) -> str:
        return "the relay takes H264, VP8, VP9, AV1 or H265 (main profile), and Opus"

    def _negotiated(self, pc: RTCPeerConnection) -> None:
        self._dtls = internals.dtls_transport(pc)
        self._layers: list[Intake] = []
        self._sound: Intake | None = None
        self._by_ssrc: dict[int, Intake] = {}
        self._by_payload_type: dict[int, str] = {}
        self._takes_remb = False
        self._repairing: dict[int, int] = {}  # payload type of RTX to that of what it repairs
        ids: dict[str, int] = {}
        for transceiver in pc.getTransceivers():
            wanted = [negotiable.MID, negotiable.TRANSPORT_SEQUENCE]
            if self._rids:
                wanted += [negotiable.RID, negotiable.REPAIRED_RID]
            ids |= internals.keep_header_extensions(transceiver, *wanted)
            self._take_from(transceiver)
            internals.count_decodes(transceiver.receiver, self.metrics.decodes.labels(VIEWER).inc)
            internals.watch_rtcp(transceiver.receiver, self._saw_rtcp)
        self._ids = ExtensionIds(
            ids.get(negotiable.TRANSPORT_SEQUENCE, 0),
            ids.get(negotiable.RID, 0),
            ids.get(negotiable.REPAIRED_RID, 0),
        )
        if not self._ids.rid:
            del self._layers[1:]
        self._highest = Highest(self._layers, self.stream.video)
        internals.take_rtp(self._dtls, self._handle)

    def _take_from(self, transceiver: RTCRtpTransceiver) -> None:
        codecs: dict[int, tuple[Codec, int]] = {}
        with_feedback = False
        for negotiated in internals.negotiated_codecs(transceiver):
            codec, payload_type = codec_of(negotiated.mimeType), negotiated.payloadType
            if payload_type is None:
                continue
            if codec is not None:
                codecs[payload_type] = (codec, negotiated.clockRate)
                self._by_payload_type[payload_type] = transceiver.kind
                with_feedback = negotiable.TRANSPORT_CC in negotiated.rtcpFeedback
                if codec.is_video:
                    self._takes_remb |= negotiable.REMB in negotiated.rtcpFeedback
                    hint = _START_KBIT_S if with_feedback else _START_KBIT_S | _WITHOUT_FEEDBACK
                    negotiated.parameters = {**negotiated.parameters, **hint}
            elif isinstance(repaired := negotiated.parameters.get("apt"), int):
                self._repairing[payload_type] = repaired
        if transceiver.kind == "audio":
            self._sound = Intake(
                transceiver.receiver, self.stream.audio, codecs=codecs, repaired=False
            )
            return
        for _ in self._rids or ("",):
            self._layers.append(
                Intake(transceiver.receiver, self.stream.video, codecs=codecs, repaired=True)
            )

    def _finished(self, answer: str) -> str:
        """Take the offered layers (RFC 8853); aiortc has no words for them."""
        if len(self._layers) < 2:
            return answer
        lines = [f"a=rid:{rid} recv" for rid in self._rids]
        lines.append(f"a=simulcast:recv {';'.join(self._rids)}")
        head, video, rest = answer.partition("m=video ")
        section, following, others = rest.partition("\r\nm=")
        added = section.rstrip("\r\n") + "\r\n" + "\r\n".join(lines)
        return head + video + added + (following + others if following else "\r\n")

    # At work

    async def _work(self, pc: RTCPeerConnection) -> None:
        for transceiver in pc.getTransceivers():
            internals.end_decoder(transceiver.receiver)
        self.metrics.publishers.inc()
        self._counted = True
        self.stream.publish(self, layers=len(self._layers))
        for intake, track in zip(self._layers, self.stream.layers, strict=True):
            intake.tracks = [track]
        self._published(self)
        for layer in range(len(self._layers)):
            self.request_keyframe(layer)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ask_for_keyframes(), name=f"keyframes {self.id}")
            group.create_task(self._report(), name=f"reports to {self.id}")

    async def _ask_for_keyframes(self) -> None:
        while True:
            await self._keyframe_wanted.wait()
            self._keyframe_wanted.clear()
            wanted, self._keyframes_wanted = self._keyframes_wanted, set()
            for layer in sorted(wanted):
                intake = self._layers[layer]
                if intake.ssrc is not None:
                    await internals.ask_keyframe(intake.receiver, intake.ssrc)
            await asyncio.sleep(_KEYFRAME_EVERY_S)

    async def _report(self) -> None:
        """Tell when packets came, and how much may be sent; look after the layers."""
        receiver = self._layers[0].receiver
        own_ssrc = internals.rtcp_ssrc(receiver)
        told, told_s = 0, 0.0
        while True:
            await asyncio.sleep(_REPORT_EVERY_S)
            now_s = time.monotonic()
            ssrcs = [intake.ssrc for intake in self._layers if intake.ssrc is not None]
            if not ssrcs:
                continue
            packets = self._arrivals.feedback(sender_ssrc=own_ssrc, media_ssrc=ssrcs[0])
            limit = self._backlog.limit(now_s) or self._limits.publisher_kbit_s * 1000
            if self._takes_remb and (limit != told or now_s - told_s >= _CEILING_EVERY_S):
                told, told_s = limit, now_s
                packets.append(congestion.remb(own_ssrc, limit, ssrcs))
            await internals.send_rtcp(self._dtls, packets)
            if (layer := self._highest.look(now_s)) is not None:
                self._keyframes_wanted.add(layer)
                self._keyframe_wanted.set()

    def _left(self) -> None:
        self.stream.unpublish(self)
        if self._counted:
            self.metrics.publishers.dec()

    # Packets

    async def _handle(self, data: bytes) -> None:
        # An exception here would end aiortc's receiving task unseen.
        try:
            if self.stream.publisher is not self:
                return
            now_s = time.monotonic()
            if self._ceiling.saw(len(data), now_s):
                self._refuse(EndReason.TOO_FAST, "far more than the bit rate it was told")
                return
            self._backlog.carried(len(data), now_s)
            packet = parse(data, self._ids)
            if packet is None:
                return
            if packet.transport_sequence is not None:
                self._arrivals.saw(packet.transport_sequence, int(now_s * 1_000_000))
            intake, lost = self._take(packet, now_s)
            if intake is not None and lost:
                await internals.ask_again(intake.receiver, intake.ssrc or 0, lost)
        except Exception:  # one peer connection's boundary: nobody else is to notice
            logger.exception("a packet of session %s could not be taken", self.id)
            self.end(EndReason.FAILED)

    def _take(self, packet: Incoming, now_s: float) -> tuple[Intake | None, list[int]]:
        """Pass a packet on; whose it was, and what that source is to be asked for."""
        repaired = self._repairing.get(packet.payload_type)
        intake = self._by_ssrc.get(packet.ssrc)
        if repaired is not None:
            intake = intake or self._bind_repair(packet)
            if intake is None or intake.ssrc is None or packet.ssrc != intake.rtx_ssrc:
                self._note_stranger(packet)
                return None, []
            original = unwrap(packet, payload_type=repaired, ssrc=intake.ssrc)
            if original is None:
                return None, []
            return intake, self._pass_on(intake, original, now_s, again=True)
        if intake is None or packet.ssrc != intake.ssrc:
            intake = self._bind(packet, now_s)
        if intake is None:
            return None, []
        return intake, self._pass_on(intake, packet, now_s)

    def _pass_on(
        self, intake: Intake, packet: Incoming, now_s: float, *, again: bool = False
    ) -> list[int]:
        if len(self._layers) > 1:
            self._highest.before(intake, packet)
        if intake is self._layers[self._highest.source] and not again:
            if intake is not self._measured:
                self._measured = intake
                self._backlog.restart()
            self._backlog.saw(packet.timestamp, now_s)
        return intake.take(packet, now_s, again=again)

    def _bind(self, packet: Incoming, now_s: float) -> Intake | None:
        """The intake of an SSRC seen for the first time, if it may have one."""
        kind = self._by_payload_type.get(packet.payload_type)
        intake = self._sound if kind == "audio" else self._layer_of(packet.rid)
        if kind is None or intake is None or not intake.may_take_over(now_s):
            self._note_stranger(packet)
            return None
        for gone in (intake.ssrc, intake.rtx_ssrc):
            if gone is not None:
                self._by_ssrc.pop(gone, None)
                internals.route_rtcp(self._dtls, gone, None)
        intake.start(packet)
        self._measured = None
        self._by_ssrc[packet.ssrc] = intake
        internals.route_rtcp(self._dtls, packet.ssrc, intake.receiver)
        if intake is not self._sound:
            self._keyframes_wanted.add(self._layers.index(intake))
            self._keyframe_wanted.set()
        return intake

    def _bind_repair(self, packet: Incoming) -> Intake | None:
        """What retransmissions under this SSRC repair, by the offer or by their RID (RFC 8852)."""
        if packet.repaired_rid is not None:
            intake = self._layer_of(packet.repaired_rid)
        else:
            intake = self._by_ssrc.get(self._repairs.get(packet.ssrc, -1))
        if intake is None or intake.ssrc is None or intake.rtx_ssrc is not None:
            return None
        intake.rtx_ssrc = packet.ssrc
        self._by_ssrc[packet.ssrc] = intake
        return intake

    def _note_stranger(self, packet: Incoming) -> None:
        self._strangers.add(packet.ssrc)
        if len(self._strangers) > _MAX_STRANGERS:
            self._refuse(EndReason.FAILED, "under more SSRCs than anybody needs")

    def _refuse(self, reason: EndReason, what: str) -> None:
        if not self.is_ending:
            logger.warning("session %s publishes %s: ended", self.id, what)
        self.end(reason)

    def _layer_of(self, rid: str | None) -> Intake | None:
        if len(self._layers) == 1:
            return self._layers[0]
        return self._layers[self._rids.index(rid)] if rid in self._rids else None

    def _saw_rtcp(self, packet: AnyRtcpPacket) -> None:
        intake = self._by_ssrc.get(packet.ssrc) if isinstance(packet, RtcpSrPacket) else None
        if intake is not None and isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            for track in intake.tracks:
                self.stream.heard_report(track, info.ntp_timestamp, info.rtp_timestamp)
