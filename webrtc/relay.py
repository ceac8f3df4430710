"""Each stream once in, and to every viewer out, with no decode and no encode for any of them.

A stream outlives its publisher: its numbers, its SSRCs and its viewers stay while a phone is in a
tunnel, and the picture goes on when it comes back with a new session.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from domain.identifiers import StreamId
from domain.streams import (
    VIDEO_CLOCK_HZ,
    Codec,
    Packet,
    StreamNotFound,
    StreamOffline,
    StreamTaken,
)
from webrtc.metrics import Metrics
from webrtc.sending import Burst
from webrtc.track import Clock, Track, Unit, ntp_time

AUDIO_CLOCK_HZ = 48_000  # Opus, RFC 7587 section 4.1
SILENT_AFTER_S = 3.0
"""Without a packet for so long a stream counts as away, whatever its session says."""
MAX_LAYERS = 3
"""More are seldom sent, and none is of use to a phone or a tile."""
_MAX_BURST_AGE_S = 2.5
_RATE_WINDOW_S = 2.0


class Publishing(Protocol):
    """What a stream asks of whoever publishes it."""

    @property
    def makes_keyframes(self) -> bool:
        """Whether `request_keyframe` has an effect: a browser's does, a camera's seldom."""

    def request_keyframe(self, layer: int = 0) -> None:
        """Ask for a picture that needs no other, soon; the publisher limits how often it does.

        ``layer`` counts from the highest, as `RelayedStream.layers` does.
        """

    def end(self, reason: "EndReason") -> None: ...


class Watching(Protocol):
    """What a stream asks of each viewer."""

    def deliver_video(self, burst: Burst) -> None:
        """Packets of a layer it subscribes to; ``burst.ssrc`` is that layer's."""

    def deliver_audio(self, burst: Burst) -> None: ...

    def layers_changed(self) -> None:
        """`RelayedStream.layers` is another; who was on one that is gone is on the highest now."""

    def end(self, reason: "EndReason") -> None: ...


class EndReason(StrEnum):
    """Why a session or a publication is over."""

    STOPPED = "stopped"  # DELETE: by its own end, or because access was revoked
    STREAM_ENDED = "stream-ended"
    REPLACED = "replaced"  # the same device publishes again
    NEVER_CONNECTED = "never-connected"
    LEFT = "left"  # the other end closed the connection, saying so
    CONNECTION_LOST = "connection-lost"
    TOO_SLOW = "too-slow"
    TOO_FAST = "too-fast"  # it sends far more than it was told it may
    CODEC_CHANGED = "codec-changed"
    TIME_UP = "time-up"  # a talk has lasted as long as one may
    FAILED = "failed"
    SHUTTING_DOWN = "shutting-down"


class StreamState(StrEnum):
    LIVE = "live"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """What a page shows of a stream. ``since``: when ``state`` began, aware UTC."""

    stream_id: StreamId
    state: StreamState
    since: datetime
    codec: Codec | None
    kbit_per_s: int
    viewers: int


class RelayedStream:
    """One stream: its tracks, its publisher or none, its viewers, and who wants whole pictures.

    ``layers``: the same picture in falling sizes (simulcast), one as a rule. The highest is
    ``video``, for the stream's whole life; each has numbers, history and keyframes of its own.
    """

    def __init__(self, stream_id: StreamId, *, metrics: Metrics, clock: Clock = time.time) -> None:
        self.id = stream_id
        self._subscribers: dict[Track, set[Watching]] = {}
        self._expected: set[Watching] = set()
        self._closed: EndReason | None = None
        self.publisher: Publishing | None = None
        self._metrics, self._clock = metrics, clock
        self._listeners: set[Callable[[Packet], None]] = set()
        self._units = 0
        self._away_since_s = self._live_since_s = clock()
        self._clock_offset: int | None = None
        self._rate = (clock(), 0, 0.0)  # window's start, octets then, bit/s of the window before
        self.video = self._new_layer(saw_unit=self._saw_unit)
        self.layers: tuple[Track, ...] = (self.video,)
        self._lower: list[Track] = []  # kept when a publisher sends fewer: their numbers go on
        self.audio = Track(
            clock_hz=AUDIO_CLOCK_HZ,
            send=self._send_audio,
            saw_unit=lambda unit: None,
            metrics=metrics,
            clock=clock,
        )

    def _new_layer(self, *, saw_unit: Callable[[Unit], None]) -> Track:
        layer: Track = Track(
            clock_hz=VIDEO_CLOCK_HZ,
            send=lambda burst: self._send_video(layer, burst),
            saw_unit=saw_unit,
            metrics=self._metrics,
            clock=self._clock,
        )
        self._subscribers[layer] = set()
        layer.is_watched = False
        return layer

    # The publisher's side

    def publish(self, publisher: Publishing, *, layers: int = 1) -> None:
        """``publisher`` has the stream from now on; whoever had it is told that it was replaced.

        It sends so many layers, `MAX_LAYERS` at most.
        """
        before, self.publisher = self.publisher, publisher
        self._set_layers(layers)
        self._clock_offset = None
        if before is None:
            self._live_since_s = self._clock()
        elif before is not publisher:
            before.end(EndReason.REPLACED)

    def _set_layers(self, count: int) -> None:
        if not 1 <= count <= MAX_LAYERS:
            raise ValueError(f"a stream has 1 to {MAX_LAYERS} layers, not {count}")
        while len(self._lower) < count - 1:
            self._lower.append(self._new_layer(saw_unit=lambda unit: None))
        layers = (self.video, *self._lower[: count - 1])
        if layers == self.layers:
            return
        self.layers = layers
        for gone in self._lower[count - 1 :]:
            gone.flush()
            self._subscribers[self.video] |= self._subscribers[gone]
            self._subscribers[gone].clear()
            self.video.is_watched, gone.is_watched = bool(self._subscribers[self.video]), False
        for viewer in self.viewers:
            viewer.layers_changed()

    def unpublish(self, publisher: Publishing) -> bool:
        """The publisher is gone; False if another has taken its place already."""
        if self.publisher is not publisher:
            return False
        for layer in self.layers:
            layer.flush()
        self.publisher = None
        self._away_since_s = self._clock()
        return True

    def heard_report(self, track: Track, ntp: int, timestamp: int) -> None:
        """The publisher's sender report for one of its tracks."""
        if self._clock_offset is None:
            # Once per publisher: what matters is that picture and sound are moved alike.
            self._clock_offset = ntp_time(self._clock()) - ntp
        track.heard_report(ntp, timestamp)

    # The viewers' side

    @property
    def viewers(self) -> frozenset[Watching]:
        return frozenset().union(*self._subscribers.values())

    @property
    def is_wanted(self) -> bool:
        """Whether somebody watches, or is on the way."""
        return bool(self._expected or self.viewers)

    def expect(self, viewer: Watching) -> None:
        """``viewer`` is connecting, for however long its radio takes: it counts, and hears of the
        end, until `unsubscribe`."""
        if self._closed is not None:
            viewer.end(self._closed)
        else:
            self._expected.add(viewer)

    def subscribe(self, viewer: Watching, layer: Track | None = None) -> None:
        """Deliver ``layer`` (None: the highest) to ``viewer`` from now on, and the sound.

        A viewer on its way from one layer to another may be on both until a keyframe has come.
        """
        layer = layer or self.video
        self._subscribers[layer].add(viewer)
        layer.is_watched = True

    def unsubscribe(self, viewer: Watching, layer: Track | None = None) -> None:
        """Deliver ``layer`` no more; None: nothing of this stream."""
        if layer is None:
            self._expected.discard(viewer)
        for subscribed in self._subscribers if layer is None else [layer]:
            self._subscribers[subscribed].discard(viewer)
            subscribed.is_watched = bool(self._subscribers[subscribed])

    def close(self, reason: EndReason) -> None:
        """No more will come, ever: whoever watches or would is told."""
        self._closed = reason
        for viewer in self.viewers | self._expected:
            viewer.end(reason)

    def starting_point(self, layer: Track | None = None) -> int | None:
        """The sequence number from which a new viewer of ``layer`` gets a picture at once.

        None: from nowhere. Then, or when the keyframe is old and the publisher can make another,
        one is asked for.
        """
        if self.publisher is None:
            return None
        patient = self.publisher.makes_keyframes
        track = layer or self.video
        start = track.keyframe_start(max_age_s=_MAX_BURST_AGE_S if patient else 3600.0)
        if start is None:
            self.request_keyframe(layer)
        return start

    def request_keyframe(self, layer: Track | None = None) -> None:
        track = layer or self.video
        if self.publisher is not None and track in self.layers:
            self.publisher.request_keyframe(self.layers.index(track))

    def report(self, track: Track) -> tuple[int, int] | None:
        return track.report(self._clock_offset or 0)

    def _send_video(self, layer: Track, burst: Burst) -> None:
        for viewer in list(self._subscribers[layer]):
            viewer.deliver_video(burst)

    def _send_audio(self, burst: Burst) -> None:
        for viewer in self.viewers:
            viewer.deliver_audio(burst)

    # Whoever wants whole pictures

    def listen(self, hear: Callable[[Packet], None]) -> None:
        """Give every whole picture to ``hear`` from now on."""
        self._listeners.add(hear)
        self.video.wants_units = True

    def unlisten(self, hear: Callable[[Packet], None]) -> None:
        self._listeners.discard(hear)
        self.video.wants_units = bool(self._listeners)

    def _saw_unit(self, unit: Unit) -> None:
        self._units += 1
        if self.video.codec is None:
            return
        packet = Packet(
            stream_id=self.id,
            codec=self.video.codec,
            data=unit.data,
            is_keyframe=unit.is_keyframe,
            captured_at=datetime.fromtimestamp(unit.captured_at_s, UTC),
            timestamp=unit.timestamp,
            sequence_number=self._units,
        )
        for hear in list(self._listeners):
            hear(packet)

    # What is told of it

    @property
    def is_live(self) -> bool:
        newest = self.video.last_packet_s
        return (
            self.publisher is not None
            and newest is not None
            and self._clock() - newest <= SILENT_AFTER_S
        )

    def status(self) -> StreamStatus:
        live = self.is_live
        if live:
            since_s = self._live_since_s
        elif self.publisher is None:
            since_s = self._away_since_s
        else:  # connected, and silent: away since its last picture
            since_s = self.video.last_packet_s or self._live_since_s
        return StreamStatus(
            stream_id=self.id,
            state=StreamState.LIVE if live else StreamState.AWAY,
            since=datetime.fromtimestamp(since_s, UTC),
            codec=self.video.codec,
            kbit_per_s=round(self._bit_per_s() / 1000) if live else 0,
            viewers=len(self.viewers),
        )

    def _bit_per_s(self) -> float:
        start, octets, rate = self._rate
        now, seen = self._clock(), self.video.octets + self.audio.octets
        if now - start >= _RATE_WINDOW_S:
            rate = (seen - octets) * 8 / (now - start)
            self._rate = (now, seen, rate)
        return rate


class Relay:
    """All streams of a media process."""

    def __init__(self, *, metrics: Metrics, clock: Clock = time.time) -> None:
        self.metrics = metrics
        self._clock = clock
        self._streams: dict[StreamId, RelayedStream] = {}
        self._cameras: set[StreamId] = set()

    def __iter__(self) -> Iterator[RelayedStream]:
        return iter(list(self._streams.values()))

    def get(self, stream_id: StreamId) -> RelayedStream:
        """Raises `StreamNotFound`."""
        stream = self._streams.get(stream_id)
        if stream is None:
            raise StreamNotFound(f"stream {stream_id} is not published here")
        return stream

    def find(self, stream_id: StreamId) -> RelayedStream | None:
        return self._streams.get(stream_id)

    def is_camera(self, stream_id: StreamId) -> bool:
        return stream_id in self._cameras

    def open_for_camera(self, stream_id: StreamId) -> RelayedStream:
        """The stream of a camera: it stays, up or down, until `remove`."""
        self._cameras.add(stream_id)
        return self._open(stream_id)

    def open_for_device(self, stream_id: StreamId) -> RelayedStream:
        """The stream a device publishes on. Raises `StreamTaken` if it is a camera's."""
        if stream_id in self._cameras:
            raise StreamTaken(f"stream {stream_id} belongs to a camera")
        return self._open(stream_id)

    def _open(self, stream_id: StreamId) -> RelayedStream:
        stream = self._streams.get(stream_id)
        if stream is None:
            stream = RelayedStream(stream_id, metrics=self.metrics, clock=self._clock)
            self._streams[stream_id] = stream
        return stream

    def remove(self, stream_id: StreamId) -> None:
        """Forget a stream; its viewers are told that it has ended."""
        self._cameras.discard(stream_id)
        stream = self._streams.pop(stream_id, None)
        if stream is not None:
            stream.close(EndReason.STREAM_ENDED)

    def to_watch(self, stream_id: StreamId) -> RelayedStream:
        """The stream, for a viewer. Raises `StreamNotFound`, `StreamOffline`.

        A device's stream that is away is watched in patience; a camera that has shown nothing yet
        has no codec to agree on.
        """
        stream = self.get(stream_id)
        if stream.video.codec is None:
            raise StreamOffline(f"stream {stream_id} has shown no picture yet")
        if stream_id in self._cameras and stream.publisher is None:
            raise StreamOffline(f"the camera of stream {stream_id} is down")
        return stream
