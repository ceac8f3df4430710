"""One WHEP session: a stream's packets, as they came in, to one viewer's peer connection.

aiortc's sender stays for its RTCP; its track is parked, so it never has anything to encode.
"""

import asyncio
import random
import time
from dataclasses import dataclass
from itertools import islice
from struct import error as cut_short
from struct import pack
from typing import Any

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender
from aiortc.rtp import (
    RTCP_PSFB_APP,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpSrPacket,
    unpack_remb_fci,
)

from domain.streams import Codec, NoCommonCodec
from webrtc import internals
from webrtc.codecs import PREFERENCE
from webrtc.feed import Feed
from webrtc.history import OutputPacket
from webrtc.metrics import VIEWER
from webrtc.negotiable import PLAYOUT_DELAY
from webrtc.offers import Offer
from webrtc.past import usable_id
from webrtc.relay import EndReason
from webrtc.sending import PACED_PACKETS, Burst, Path
from webrtc.signalling import PeerSession, codec_of, codecs_for

_AHEAD_S = 0.03
"""So much of the past waits for its turn, that none is missed."""
_ESTIMATE_FRESH_S = 3.0
_ESTIMATE_FROM_S = 6.0
"""The burst of the first pictures upsets a receiver's estimate for so long."""


class ParkedTrack(MediaStreamTrack):
    """A track that never gives a frame: the sender waits at it and encodes nothing."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    async def recv(self) -> object:  # type: ignore[override]  # it never returns
        return await asyncio.get_running_loop().create_future()


@dataclass(frozen=True, slots=True)
class Statistics:
    """How one viewer is served. Rates and loss are of the time between its last two reports.

    ``layer`` counts from the highest, of ``layers``. ``reduced``: the link takes less than the
    lowest layer, so that pictures are left out. ``estimate_kbit_per_s``: the receiver's own.
    """

    codec: Codec | None
    kbit_per_s: int
    layer: int
    layers: int
    reduced: bool
    link_kbit_per_s: int | None
    estimate_kbit_per_s: int | None
    loss: float
    round_trip_ms: int | None
    packets: int
    refused: int
    left_out: int
    asked_again: int
    sent_again: int
    rtx: bool
    connected_s: float


class ViewerSession(PeerSession):
    """Somebody watching; `relay.Watching` for the stream."""

    role = "viewer"
    resends_past = True
    """Whether a viewer without a picture, whose publisher makes none, is sent the past again."""
    _path: Path | None = None
    _watching = False
    _refused_since_s: float | None = None
    _started_s: float | None = None

    def _prepare(self, pc: RTCPeerConnection, offer: Offer) -> None:
        self._payload_types: dict[Codec, int] = {}
        self._again_types: dict[int, int] = {}  # payload type: that of its RTX
        self._again_ssrc = 0
        self._again_sequence = random.randint(1, 2**15 - 1)  # noqa: S311 an identifier
        self._estimate: tuple[float, float] | None = None  # bit/s, when it came
        self._feed = Feed(self, self.stream, self)
        self._picture_lost = asyncio.Event()
        self._sound: _Sound | None = None
        self.stream.expect(self)
        current = self.stream.video.codec or Codec.H264
        # All video codecs both know are agreed on, the stream's first: a publisher that comes back
        # with the other one goes on in the same session.
        others = [codec for codec in PREFERENCE if codec is not current]
        orders = {"video": [current, *others], "audio": [Codec.OPUS]}
        for kind in offer.kinds:
            transceiver = pc.addTransceiver(ParkedTrack(kind), direction="sendonly")
            again = kind == "video"
            transceiver.setCodecPreferences(codecs_for(kind, orders[kind], sent_again_apart=again))

    def _codec_reason(self) -> str:
        return f"this stream is {(self.stream.video.codec or Codec.H264).upper()} with Opus sound"

    def _negotiated(self, pc: RTCPeerConnection) -> None:
        for transceiver in pc.getTransceivers():
            for negotiated in internals.negotiated_codecs(transceiver):
                codec = codec_of(negotiated.mimeType)
                if codec is not None and negotiated.payloadType is not None:
                    self._payload_types.setdefault(codec, negotiated.payloadType)
                elif negotiated.name.lower() == "rtx" and negotiated.payloadType is not None:
                    self._again_types[int(str(negotiated.parameters["apt"]))] = (
                        negotiated.payloadType
                    )
            # Our packets carry none, so that viewers share them; but see `past.Squeeze`.
            agreed = internals.keep_header_extensions(transceiver, PLAYOUT_DELAY)
            internals.drop_transport_feedback(transceiver)
            sender = transceiver.sender
            internals.count_encodes(sender, self.metrics.encodes.labels(VIEWER).inc)
            internals.watch_rtcp(sender, self._saw_rtcp)
            if transceiver.kind == "video":
                self._feed.as_decoded = usable_id(agreed.get(PLAYOUT_DELAY))
                self._again_ssrc = internals.use_ssrc(sender, self.stream.video.ssrc)
                internals.take_feedback(
                    sender,
                    retransmit=self._feed.send_again,
                    keyframe_wanted=self._lost_picture,
                )
                internals.fill_reports(sender, self._feed.report)
            else:
                self._sound = _Sound(self, sender)
        if self.stream.video.codec not in self._payload_types:
            raise NoCommonCodec(self._codec_reason())

    async def _work(self, pc: RTCPeerConnection) -> None:
        self._path = Path(internals.dtls_transport(pc))
        self.metrics.viewers_served.inc()
        self.metrics.viewers.inc()
        self._watching = True
        self._started_s = time.monotonic()
        start = self.stream.starting_point()
        if start is not None:
            await self._catch_up(start)
        self.stream.subscribe(self)
        while True:
            await self._picture_lost.wait()
            self._picture_lost.clear()
            start = self._feed.needs_past()
            if start is not None:
                await self._catch_up(start)

    async def _catch_up(self, start: int) -> None:
        """Send what has come since the last keyframe, until level with the stream."""
        history = self.stream.video.history
        self._feed.begin_past(start)
        while start <= history.newest:
            packets = list(islice(history.since(start), PACED_PACKETS))
            if not packets:
                break
            start = packets[-1].sequence + 1
            ahead_s = self._feed.deliver_past(packets)
            if ahead_s > _AHEAD_S and start <= history.newest:
                await asyncio.sleep(ahead_s - _AHEAD_S / 2)
        self._feed.end_past()

    def _left(self) -> None:
        self.stream.unsubscribe(self)
        self._feed.close()
        if self._watching:
            self.metrics.viewers.dec()
        if self._path is not None:
            self._path.close()

    def deliver_video(self, burst: Burst) -> None:
        self._feed.deliver(burst)

    def deliver_audio(self, burst: Burst) -> None:
        if self._sound is not None:
            self._sound.deliver(burst)

    def layers_changed(self) -> None:
        self._feed.layers_changed()

    # What the feed asks for

    def send(self, burst: Burst, codec: Codec | None) -> int:
        """Send on this viewer's path; how many packets went. Ends the session if none has long."""
        payload_type = self._payload_types.get(codec) if codec is not None else None
        if self._path is None or payload_type is None:
            self.end(EndReason.CODEC_CHANGED)
            return 0
        dropped = self._path.send(burst, payload_type)
        if not dropped:
            self._refused_since_s = None
        elif self._path.is_open:  # else the viewer has left, and its session ends in a moment
            self.metrics.packets_dropped.labels("viewer-slow").inc(dropped)
            now_s = time.monotonic()
            if self._refused_since_s is None:
                self._refused_since_s = now_s
            elif now_s - self._refused_since_s > self._limits.slow_after_s:
                self.end(EndReason.TOO_SLOW)
        sent = len(burst.packets) - dropped
        self.metrics.packets_out.inc(sent)
        return sent

    def send_again(self, packet: OutputPacket, ssrc: int, codec: Codec | None) -> int:
        """By RTX (RFC 4588) where agreed: an SSRC and a counter of this viewer's own.

        Else the same bytes under the same number: another packet there would break AES-GCM.
        """
        payload_type = self._payload_types.get(codec) if codec is not None else None
        if self._path is None or payload_type is None:
            return 0
        again = self._again_types.get(payload_type)
        if again is not None:
            original = pack("!H", packet.sequence & 0xFFFF)
            packet = packet._replace(
                sequence=self._again_sequence, payload=original + packet.payload
            )
            self._again_sequence += 1
            payload_type, ssrc = again, self._again_ssrc
        sent = 1 - self._path.send(Burst([packet], ssrc=ssrc), payload_type)
        self.metrics.retransmitted.inc(sent)
        return sent

    # What the viewer says

    def _lost_picture(self) -> None:
        """It asks for a keyframe: its decoder has none, or has lost what the next picture needs."""
        if self.resends_past and self._feed.needs_past() is not None:
            self._picture_lost.set()
        else:
            self._feed.want_keyframe()

    def _saw_rtcp(self, packet: AnyRtcpPacket) -> None:
        now_s = time.monotonic()
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            try:
                self._estimate = (float(unpack_remb_fci(packet.fci)[0]), now_s)
            except (ValueError, cut_short):
                return
        if not isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            return
        for report in packet.reports:
            if report.ssrc == self.stream.video.ssrc:
                self._feed.heard(
                    highest=report.highest_sequence,
                    lost=report.packets_lost,
                    last_report=report.lsr,
                    delay_s=report.dlsr / 65536,
                    estimate_bit_per_s=self._fresh_estimate(now_s),
                )

    def _fresh_estimate(self, now_s: float) -> float | None:
        if self._estimate is None or self._started_s is None:
            return None
        bit_per_s, at_s = self._estimate
        settled = now_s - self._started_s >= _ESTIMATE_FROM_S
        return bit_per_s if settled and now_s - at_s <= _ESTIMATE_FRESH_S else None

    def statistics(self) -> Statistics:
        feed, now_s = self._feed, time.monotonic()
        estimate = self._fresh_estimate(now_s)
        codec = self.stream.video.codec
        return Statistics(
            codec=codec,
            kbit_per_s=round(feed.bit_per_s / 1000),
            layer=feed.layer,
            layers=len(self.stream.layers),
            reduced=feed.link.reduced,
            link_kbit_per_s=_kilo(feed.link.bit_per_s),
            estimate_kbit_per_s=_kilo(estimate),
            loss=round(feed.loss, 3),
            round_trip_ms=_kilo(None if feed.round_trip_s is None else feed.round_trip_s * 1e6),
            packets=feed.packets,
            refused=feed.refused,
            left_out=feed.left_out,
            asked_again=feed.asked,
            sent_again=feed.resent,
            rtx=codec is not None and self._payload_types.get(codec) in self._again_types,
            connected_s=round(now_s - self._started_s, 1) if self._started_s is not None else 0.0,
        )


def _kilo(value: float | None) -> int | None:
    return None if value is None else round(value / 1000)


class _Sound:
    """The sent sound: its counters for sender reports. What is lost of it is soon too old."""

    def __init__(self, session: ViewerSession, sender: RTCRtpSender) -> None:
        self._session, self._track = session, session.stream.audio
        self._packets = self._octets = 0
        internals.use_ssrc(sender, self._track.ssrc)
        internals.take_feedback(sender, retransmit=_ignore, keyframe_wanted=lambda: None)
        internals.fill_reports(sender, self._report)

    def deliver(self, burst: Burst) -> None:
        sent = self._session.send(burst, self._track.codec)
        self._packets += sent
        if sent == len(burst.packets):
            self._octets += burst.octets

    def _report(self) -> tuple[int, int, int, int] | None:
        times = self._session.stream.report(self._track)
        if times is None or not self._packets:
            return None
        return (*times, self._packets, self._octets)


def _ignore(low_bits: Any) -> None:
    """Sound is not asked for again: no codec of it was agreed with NACK."""
