"""What has come of a stream since the last look: whole pictures in order, and a phone's sound.

The stream's history is the one queue between the network and the disk. It is looked at a few times
a second; who looks too late loses what the history has forgotten, and nobody else notices.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.streams import Codec
from webrtc.codecs import access_unit, starts_keyframe
from webrtc.history import OutputPacket
from webrtc.relay import AUDIO_CLOCK_HZ, RelayedStream
from webrtc.track import Track

HOLE_WAIT_S = 0.4
"""What a radio link lost is mostly there again by then, asked for by NACK."""
MOST_SKEW_S = 1.0
"""A picture is dated by its publisher's times, which space it better than its arrival; no more."""
_ASK_AGAIN_S = 2.0
_OPUS_FRAMES = (1, 2, 2)  # by the last two bits of the first byte; 3: the second byte says
# Opus packets' frames by configuration number, in samples of 48 kHz (RFC 6716 section 3.1).
_OPUS_SAMPLES = (
    *(480, 960, 1920, 2880) * 3,
    *(480, 960) * 2,
    *(120, 240, 480, 960) * 4,
)


class Picture(NamedTuple):
    """One whole picture in its codec's form, H264 as Annex B. ``at_s``: since 1970, our clock."""

    data: bytes
    timestamp: int
    is_keyframe: bool
    at_s: float


class Sound(NamedTuple):
    """One Opus packet, its time and its length in samples of 48 kHz."""

    data: bytes
    timestamp: int
    samples: int


@dataclass(slots=True)
class Taken:
    """What came since the last look. ``lost``: pictures that were sent and are not among these."""

    codec: Codec
    pictures: list[Picture] = field(default_factory=list)
    sounds: list[Sound] = field(default_factory=list)
    lost: int = 0
    sound_at: tuple[int, int] | None = None
    """A timestamp of the sound and the one of the pictures at the same moment."""


class Follower:
    """One stream, followed for a recorder; `take` is called a few times a second.

    ``not_before_s``: since 1970; pictures that came earlier were not to be recorded.
    """

    def __init__(
        self,
        stream: RelayedStream,
        *,
        with_sound: bool,
        not_before_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.stream = stream
        self._with_sound, self._clock = with_sound, clock
        self._not_before_s, self._wall = not_before_s, wall
        self._codec: Codec | None = None
        self._next: int | None = None  # None: from the next keyframe on
        self._next_sound: int | None = None
        self._not_taken_before_s = float("-inf")  # of what is taken next, by the relay's clock
        self._hole: tuple[int, float] | None = None
        self._asked_s = float("-inf")

    def take(self) -> Taken | None:
        """What has come since; None before there is a picture to begin with."""
        track = self.stream.video
        if track.codec is None:
            return None
        if track.codec is not self._codec:
            self._codec, self._next, self._next_sound = track.codec, None, None
        taken = Taken(track.codec)
        if self._next is None and not self._begin(track):
            return None
        self._take_pictures(track, taken)
        if self._with_sound:
            self._take_sounds(taken)
        return taken

    def _begin(self, track: Track) -> bool:
        self._next = track.keyframe_start(max_age_s=self._wall() - self._not_before_s)
        self._not_taken_before_s = track.keyframe_at_s
        self._hole = None
        if self._next is None and self._clock() - self._asked_s >= _ASK_AGAIN_S:
            self._asked_s = self._clock()
            self.stream.request_keyframe()
        return self._next is not None

    def _take_pictures(self, track: Track, taken: Taken) -> None:
        history = track.history
        if self._next is None or self._next > history.newest:
            return
        if not history.holds(self._next):  # we came too late, or the publisher changed its codec
            taken.lost += 1
            if not self._begin(track):
                return
        while packets := self._next_whole(track, taken):
            self._put(track, packets, taken)
        if self._next > history.newest and track.last_packet_s is not None:
            self._not_taken_before_s = track.last_packet_s

    def _next_whole(self, track: Track, taken: Taken) -> list[OutputPacket]:
        """All packets of the next picture; none while it is still coming."""
        packets: list[OutputPacket] = []
        sequence = self._next or 0
        while sequence <= track.history.newest:
            packet = track.history.get(sequence)
            if packet is None:
                after = self._over_hole(track, sequence)
                if after is None:
                    return []
                taken.lost += 1
                packets, sequence, self._next = [], after, after
            elif packets and packet.timestamp != packets[0].timestamp:
                self._next = sequence
                return packets
            else:
                sequence += 1
                if packet.payload:  # an empty one is a browser's padding
                    packets.append(packet)
                if packet.marker or not packets:
                    self._next = sequence
                if packet.marker and packets:
                    return packets
        return []

    def _over_hole(self, track: Track, sequence: int) -> int | None:
        """Where the next picture may begin behind a hole; None: it is still waited for."""
        now_s = self._clock()
        if self._hole is None or self._hole[0] != sequence:
            self._hole = (sequence, now_s)
        if now_s - self._hole[1] < HOLE_WAIT_S:
            return None
        torn: int | None = None
        for packet in track.history.since(sequence):
            if torn is None:
                torn = packet.timestamp
            elif packet.timestamp != torn:
                return packet.sequence
            if packet.marker:
                return packet.sequence + 1
        return None

    def _put(self, track: Track, packets: list[OutputPacket], taken: Taken) -> None:
        payloads = [packet.payload for packet in packets]
        try:
            data = access_unit(taken.codec, payloads)
        except ValueError:
            taken.lost += 1
            return
        timestamp = packets[0].timestamp
        is_keyframe = any(starts_keyframe(taken.codec, payload) for payload in payloads)
        at_s = track.came_at_s(timestamp, not_before_s=self._not_taken_before_s - MOST_SKEW_S)
        taken.pictures.append(Picture(data, timestamp, is_keyframe, at_s))

    def _take_sounds(self, taken: Taken) -> None:
        track, video = self.stream.audio, self.stream.video
        history = track.history
        if track.codec is not Codec.OPUS or history.newest < 0:
            return
        if self._next_sound is None:
            self._next_sound = history.newest + 1
        for packet in history.since(self._next_sound):
            self._next_sound = packet.sequence + 1
            samples = opus_samples(packet.payload)
            if samples:
                taken.sounds.append(Sound(packet.payload, packet.timestamp, samples))
        heard, seen = self.stream.report(track), self.stream.report(video)
        if heard is not None and seen is not None:
            apart_s = (heard[0] - seen[0]) / 2**32
            at_pictures = heard[1] - round(apart_s * AUDIO_CLOCK_HZ)
            taken.sound_at = (at_pictures, seen[1])


def opus_samples(packet: bytes) -> int:
    """How long an Opus packet lasts, in samples of 48 kHz; 0 for what is none."""
    if len(packet) < 2:
        return 0
    kind = packet[0] & 3
    frames = packet[1] & 0x3F if kind == 3 else _OPUS_FRAMES[kind]
    samples = frames * _OPUS_SAMPLES[packet[0] >> 3]
    return samples if samples <= 5760 else 0  # 120 ms, RFC 6716 section 3.2.5
