"""One WHEP session: a stream's packets, as they came in, to one viewer's peer connection.

aiortc's sender stays for its RTCP; its track is parked, so it never has anything to encode.
"""

import asyncio
import time

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender

from domain.streams import Codec, NoCommonCodec
from webrtc import internals
from webrtc.codecs import PREFERENCE
from webrtc.metrics import VIEWER
from webrtc.offers import Offer
from webrtc.relay import EndReason
from webrtc.sending import Burst, Path, bursts
from webrtc.signalling import PeerSession, codec_of, codecs_for
from webrtc.track import Track

_CATCH_UP_PACKETS = 16
_CATCH_UP_EVERY_S = 0.005
"""A late joiner's first pictures come at some 30 Mbit/s: at line rate a thin link loses the end."""
_NACK_PER_S = 400
_NACK_BURST = 800


class ParkedTrack(MediaStreamTrack):
    """A track that never gives a frame: the sender waits at it and encodes nothing."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    async def recv(self) -> object:  # type: ignore[override]  # it never returns
        return await asyncio.get_running_loop().create_future()


class ViewerSession(PeerSession):
    """Somebody watching; `relay.Watching` for the stream."""

    role = "viewer"
    _path: Path | None = None
    _watching = False
    _refused_since_s: float | None = None

    def _prepare(self, pc: RTCPeerConnection, offer: Offer) -> None:
        self._payload_types: dict[Codec, int] = {}
        self._outgoing: dict[str, _Outgoing] = {}
        current = self.stream.video.codec or Codec.H264
        # All video codecs both know are agreed on, the stream's first: a publisher that comes back
        # with the other one goes on in the same session.
        others = [codec for codec in PREFERENCE if codec is not current]
        orders = {"video": [current, *others], "audio": [Codec.OPUS]}
        for kind in offer.kinds:
            transceiver = pc.addTransceiver(ParkedTrack(kind), direction="sendonly")
            transceiver.setCodecPreferences(codecs_for(kind, orders[kind]))

    def _codec_reason(self) -> str:
        return f"this stream is {(self.stream.video.codec or Codec.H264).upper()} with Opus sound"

    def _negotiated(self, pc: RTCPeerConnection) -> None:
        for transceiver in pc.getTransceivers():
            for negotiated in internals.negotiated_codecs(transceiver):
                codec = codec_of(negotiated.mimeType)
                if codec is not None and negotiated.payloadType is not None:
                    self._payload_types.setdefault(codec, negotiated.payloadType)
            internals.drop_header_extensions(transceiver)
            track = self.stream.video if transceiver.kind == "video" else self.stream.audio
            sender = transceiver.sender
            internals.use_ssrc(sender, track.ssrc)
            internals.count_encodes(sender, self.metrics.encodes.labels(VIEWER).inc)
            self._outgoing[transceiver.kind] = _Outgoing(self, sender, track)
        if self.stream.video.codec not in self._payload_types:
            raise NoCommonCodec(self._codec_reason())

    async def _work(self, pc: RTCPeerConnection) -> None:
        self._path = Path(internals.dtls_transport(pc))
        self.metrics.viewers_served.inc()
        self.metrics.viewers.inc()
        self._watching = True
        start = self.stream.starting_point()
        if start is not None:
            await self._catch_up(start)
        self.stream.subscribe(self)
        await asyncio.get_running_loop().create_future()

    async def _catch_up(self, start: int) -> None:
        """Send what has come since the last keyframe, until level with the stream."""
        video = self.stream.video
        while start <= video.history.newest:
            packets = []
            for packet in video.history.since(start):
                packets.append(packet)
                if len(packets) == _CATCH_UP_PACKETS:
                    break
            for burst in bursts(packets, ssrc=video.ssrc):
                self.deliver_video(burst)
            start = packets[-1].sequence + 1 if packets else video.history.newest + 1
            if start <= video.history.newest:
                await asyncio.sleep(_CATCH_UP_EVERY_S)

    def _left(self) -> None:
        self.stream.unsubscribe(self)
        if self._watching:
            self.metrics.viewers.dec()
        if self._path is not None:
            self._path.close()

    def deliver_video(self, burst: Burst) -> None:
        self._outgoing["video"].deliver(burst)

    def deliver_audio(self, burst: Burst) -> None:
        if "audio" in self._outgoing:
            self._outgoing["audio"].deliver(burst)

    def layers_changed(self) -> None:
        """Nothing to do: this viewer is on the highest layer, and stays there."""

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
        return len(burst.packets) - dropped


class _Outgoing:
    """One sent track: its counters for sender reports, and the viewer's wishes."""

    def __init__(self, session: ViewerSession, sender: RTCRtpSender, track: Track) -> None:
        self._session, self._track = session, track
        self._packets = self._octets = 0
        self._first: int | None = None
        self._tokens, self._filled_at_s = float(_NACK_BURST), time.monotonic()
        internals.take_feedback(
            sender,
            retransmit=self._retransmit,
            keyframe_wanted=session.stream.request_keyframe,
        )
        internals.fill_reports(sender, self._report)

    def deliver(self, burst: Burst) -> None:
        if self._first is None:
            self._first = burst.packets[0].sequence
        sent = self._session.send(burst, self._track.codec)
        self._packets += sent
        if sent == len(burst.packets):
            self._octets += burst.octets
        self._session.metrics.packets_out.inc(sent)

    def _retransmit(self, low_bits: int) -> None:
        """The same bytes under the same number: another packet there would break AES-GCM."""
        packet = self._track.history.find(low_bits)
        if packet is None or self._first is None or packet.sequence < self._first:
            return
        if self._take_token():
            burst = Burst([packet], ssrc=self._track.ssrc)
            self._session.send(burst, self._track.codec)
            self._session.metrics.retransmitted.inc()

    def _take_token(self) -> bool:
        now_s = time.monotonic()
        filled = self._tokens + (now_s - self._filled_at_s) * _NACK_PER_S
        self._tokens, self._filled_at_s = min(float(_NACK_BURST), filled), now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _report(self) -> tuple[int, int, int, int] | None:
        times = self._session.stream.report(self._track)
        if times is None or not self._packets:
            return None
        return (*times, self._packets, self._octets)
