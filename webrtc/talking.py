"""One talk: what somebody says, or an announcement, on its way to one camera's loudspeaker.

A voice comes by WHIP, audio alone. Nothing is kept of it, and nothing of the camera is heard.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from uuid import UUID

from aiortc import RTCPeerConnection

from domain.identifiers import StreamId
from domain.streams import Codec
from domain.talks import LONGEST
from webrtc import internals
from webrtc.metrics import Metrics
from webrtc.offers import Offer
from webrtc.port import Port
from webrtc.relay import EndReason, RelayedStream
from webrtc.rtp import ExtensionIds, parse
from webrtc.rtsp_client.back_channel import BackChannel
from webrtc.rtsp_client.reordering import Reordering
from webrtc.signalling import PeerSession, SessionLimits, codecs_for
from webrtc.speech import Encoder, Voice

logger = logging.getLogger(__name__)

QUIET_S = 3.0
"""A browser sends packets all the time, held key or not: one that sends none has gone."""
_LOOK_EVERY_S = 0.5
_WAITING = 10
"""Payloads, 0.2 s of them: what comes late is not said late, but the oldest not at all."""
_AHEAD = 2
"""So many wait before the first is sent: a network's jitter is not heard."""


class Spoken:
    """Paces payloads to a loudspeaker, one at a time as long as they last."""

    def __init__(self, channel: BackChannel, encoder: Encoder) -> None:
        self._channel, self._encoder = channel, encoder
        self._waiting: deque[bytes] = deque(maxlen=_WAITING)
        self._more = asyncio.Event()
        self._sent = 0

    @property
    def sounded_s(self) -> float:
        return self._sent * self._encoder.step_s

    def put(self, payloads: Iterable[bytes]) -> None:
        self._waiting.extend(payloads)
        if len(self._waiting) >= _AHEAD:
            self._more.set()

    async def run(self) -> None:
        """What is put, until cancelled."""
        began_s = due_s = time.monotonic()
        fresh = True
        while True:
            if not self._waiting:
                self._more.clear()
                await self._more.wait()
                due_s, fresh = max(due_s, time.monotonic()), True
            self._send(self._waiting.popleft(), due_s - began_s, fresh=fresh)
            due_s, fresh = due_s + self._encoder.step_s, False
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))

    async def say(self, payloads: Iterable[bytes]) -> None:
        """All of an announcement."""
        began_s = time.monotonic()
        for number, payload in enumerate(payloads):
            at_s = number * self._encoder.step_s
            self._send(payload, at_s, fresh=number == 0)
            await asyncio.sleep(max(0.0, began_s + at_s + self._encoder.step_s - time.monotonic()))

    def _send(self, payload: bytes, at_s: float, *, fresh: bool) -> None:
        # In steps: a pause moves the time on, and what follows it is as evenly spaced as before.
        timestamp = round(at_s / self._encoder.step_s) * self._encoder.step
        self._channel.send(payload, timestamp, marker=fresh or self._encoder.marks_all)
        self._sent += 1


class TalkSession(PeerSession):
    """Somebody's voice. It owns ``channel``, and closes it."""

    role = "talker"

    def __init__(
        self,
        talk_id: UUID,
        channel: BackChannel,
        *,
        metrics: Metrics,
        limits: SessionLimits,
        port: Port,
        over: Callable[[UUID, float], None],
    ) -> None:
        # A stream that no relay knows: nobody else can have it.
        stream = RelayedStream(StreamId(talk_id), metrics=metrics)
        super().__init__(talk_id, stream, metrics=metrics, limits=limits, port=port)
        self._channel, self._over = channel, over
        encoder = Encoder(channel.loudspeaker)
        self._voice, self.spoken = Voice(encoder), Spoken(channel, encoder)
        self._reordering = Reordering()
        self._payload_type: int | None = None
        self._ssrc: int | None = None
        self._quiet_s = 0.0

    def _prepare(self, pc: RTCPeerConnection, offer: Offer) -> None:
        transceiver = pc.addTransceiver("audio", direction="recvonly")
        transceiver.setCodecPreferences(codecs_for("audio", (Codec.OPUS,)))

    def _codec_reason(self) -> str:
        return "a voice is sent as Opus"

    def _negotiated(self, pc: RTCPeerConnection) -> None:
        (transceiver,) = pc.getTransceivers()
        internals.keep_header_extensions(transceiver)
        internals.drop_transport_feedback(transceiver)
        for codec in internals.negotiated_codecs(transceiver):
            if codec.mimeType.lower() == "audio/opus":
                self._payload_type = codec.payloadType
        internals.take_rtp(internals.dtls_transport(pc), self._handle)

    async def _work(self, pc: RTCPeerConnection) -> None:
        for transceiver in pc.getTransceivers():
            internals.end_decoder(transceiver.receiver)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.spoken.run(), name=f"speech {self.id}")
            group.create_task(self._keep_camera(), name=f"loudspeaker {self.id}")
            group.create_task(self._watch(), name=f"talker {self.id}")

    async def _keep_camera(self) -> None:
        why = await self._channel.keep()
        logger.warning("talk %s ends: the camera has ended it, %s", self.id, why)
        self.end(EndReason.STREAM_ENDED)

    async def _watch(self) -> None:
        began_s = now_s = time.monotonic()
        while True:
            looked_s = now_s
            await asyncio.sleep(_LOOK_EVERY_S)
            now_s = time.monotonic()
            if now_s - began_s >= LONGEST.total_seconds():
                self.end(EndReason.TIME_UP)
            # As far as we listened: what came while this process stood still is yet to be heard.
            self._quiet_s += min(now_s - looked_s, 1.5 * _LOOK_EVERY_S)
            if self._quiet_s >= QUIET_S:
                self.end(EndReason.CONNECTION_LOST)

    async def _handle(self, data: bytes) -> None:
        # An exception here would end aiortc's receiving task unseen.
        try:
            if not self.connected or self.is_ending:
                return
            for packet in self._reordering.put(data, time.monotonic()):
                self._take(packet)
        except Exception:  # one peer connection's boundary: nobody else is to notice
            logger.exception("a packet of talk %s could not be taken", self.id)
            self.end(EndReason.FAILED)

    def _take(self, data: bytes) -> None:
        packet = parse(data, ExtensionIds())
        if packet is None or packet.payload_type != self._payload_type or not packet.payload:
            return
        self._ssrc = self._ssrc if self._ssrc is not None else packet.ssrc
        if packet.ssrc != self._ssrc:
            return
        self._quiet_s = 0.0
        self.spoken.put(self._voice.payloads(packet.payload, packet.timestamp))

    def _left(self) -> None:
        self._channel.close()
        self._over(self.id, self.spoken.sounded_s)
