"""What a publisher sends, source by source: RTP in, on to the tracks of its stream.

One `Intake` for each layer of the picture and one for the sound; `Highest` keeps the stream's
``video`` in pictures while a publisher rests its highest layer.
"""

from aiortc import RTCRtpReceiver

from domain.streams import Codec
from webrtc import internals
from webrtc.codecs import starts_keyframe
from webrtc.loss import Missing
from webrtc.rtp import Incoming
from webrtc.track import Track

_SSRC_SILENT_S = 1.0
_RESTS_AFTER_S = 0.7
"""A layer without a packet for so long, while another goes on, is one the publisher has paused."""


class Intake:
    """One RTP source at a time, under one SSRC and at most one for its retransmissions.

    ``codecs``: payload type to codec and clock. ``tracks``: where its packets go, changed by
    `Highest` alone.
    """

    def __init__(
        self,
        receiver: RTCRtpReceiver,
        track: Track,
        *,
        codecs: dict[int, tuple[Codec, int]],
        repaired: bool,
    ) -> None:
        self.receiver = receiver
        self.tracks = [track]
        self.ssrc: int | None = None
        self.rtx_ssrc: int | None = None
        self.codec: Codec | None = None
        self.heard_at_s: float | None = None
        self._codecs = codecs
        self._repaired = repaired
        self._statistics = internals.report_statistics(receiver)
        self._missing: Missing | None = None

    def may_take_over(self, now_s: float) -> bool:
        """Whether another SSRC may take this one's place: two at a time are not negotiated."""
        return self.heard_at_s is None or now_s - self.heard_at_s >= _SSRC_SILENT_S

    def start(self, packet: Incoming) -> None:
        """``packet`` is the first of a new source."""
        if self.ssrc is not None:
            self._statistics.pop(self.ssrc, None)
        clock_hz = self._codecs[packet.payload_type][1]
        self._statistics[packet.ssrc] = internals.Received(clock_hz)
        self.ssrc, self.codec, self.rtx_ssrc = packet.ssrc, None, None
        self._missing = Missing() if self._repaired else None

    def codec_of(self, packet: Incoming) -> Codec | None:
        known = self._codecs.get(packet.payload_type)
        return known[0] if known is not None else None

    def take(self, packet: Incoming, now_s: float, *, again: bool = False) -> list[int]:
        """Pass a packet on; the sequence numbers to ask for. ``again``: by retransmission."""
        known = self._codecs.get(packet.payload_type)
        if known is None:
            return []
        self.heard_at_s = now_s
        if known[0] is not self.codec:
            self.codec = known[0]
            for track in self.tracks:
                track.begin(self.codec)
        if not again:  # what was lost stays lost in the reports (RFC 4588 section 6.3)
            internals.count_received(self._statistics[packet.ssrc], packet)
        for track in self.tracks:
            track.receive(packet.sequence_number, packet.timestamp, packet.marker, packet.payload)
        if self._missing is None:
            return []
        return self._missing.saw(packet.sequence_number, now_s)


class Highest:
    """Feeds ``video`` from the highest layer that is sent.

    A browser short of bandwidth pauses its highest layer first. Whoever watches the stream is on
    that layer's track; so from the next keyframe on it is given the next layer's packets, and the
    highest's again when that returns.
    """

    def __init__(self, intakes: list[Intake], video: Track) -> None:
        self._intakes, self._video = intakes, video
        self.source = 0
        self._next = 0

    def look(self, now_s: float) -> int | None:
        """Which layer is to give a keyframe now, since it is to be shown from then on."""
        sent = [
            layer
            for layer, intake in enumerate(self._intakes)
            if intake.heard_at_s is not None and now_s - intake.heard_at_s < _RESTS_AFTER_S
        ]
        self._next = sent[0] if sent else self.source
        return self._next if self._next != self.source else None

    def before(self, intake: Intake, packet: Incoming) -> None:
        """To be told of each packet ahead of `Intake.take`."""
        new = self._intakes[self._next]
        if intake is not new or self._next == self.source:
            return
        codec = new.codec_of(packet)
        if codec is not None and starts_keyframe(codec, packet.payload):
            self._intakes[self.source].tracks.remove(self._video)
            new.tracks.append(self._video)
            self.source = self._next
            self._video.begin(codec)
