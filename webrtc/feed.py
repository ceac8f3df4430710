"""One viewer's share of a stream's picture: paced, thinned, renumbered, and sent again when lost.

As long as a viewer is sent everything, it is handed the bursts that all viewers share; what its
link can't take is left out by whole pictures, up to the next keyframe, and never waits for long.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from domain.streams import VIDEO_CLOCK_HZ, Codec
from webrtc.adapting import Heard, Link, look
from webrtc.delivery import Delivery
from webrtc.history import OutputPacket
from webrtc.keyframe_requests import KeyframeRequests
from webrtc.past import Squeeze, spare_bit_per_s, squeeze, start_again
from webrtc.relay import RelayedStream, Watching
from webrtc.renumbering import Renumbering
from webrtc.repairs import Repairs
from webrtc.sending import Burst, bursts
from webrtc.track import Track

_WAIT_S, _KEYFRAME_WAIT_S = 0.5, 0.2
"""A picture that would wait longer for its turn is left out, and so is what needs it.

A keyframe, after a pause, takes long itself.
"""
_MAX_WAITING_BYTES = 2 * 1024 * 1024
"""One picture may be larger than any limit of time says; a publisher that means harm makes one."""
_TICK_S = 0.005  # turns closer together than this are taken as one
_STEP_S = 0.02
_LATE_S = 0.01  # so much that a turn comes too late, as on a busy machine, is made up for


class Emitting(Protocol):
    """How a feed reaches its viewer; each gives the packets that its socket took."""

    def send(self, burst: Burst, codec: Codec | None) -> int: ...

    def send_again(self, packet: OutputPacket, ssrc: int, codec: Codec | None) -> int: ...


class Feed:
    """The picture of ``stream`` for one ``viewer``. `deliver` is called for each of its bursts."""

    def __init__(
        self,
        viewer: Watching,
        stream: RelayedStream,
        emitting: Emitting,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.link = Link()
        self.packets = self.octets = self.resent = self.asked = self.left_out = 0
        self.refused = 0
        self._viewer, self._stream, self._emitting = viewer, stream, emitting
        self._monotonic = monotonic
        self._main = self._source = stream.video
        self._target: Track | None = None
        self._own: Renumbering | None = None
        self._codec = stream.video.codec
        self._skipping = False
        self._first: int | None = None
        self._newest = -1  # of the stream's own numbers
        self._newest_timestamp = 0
        self._squeeze = Squeeze()
        self._in_past, self._past_since_s = False, float("-inf")
        self.as_decoded: int | None = None
        self._waiting: deque[tuple[Burst, Codec | None]] = deque()
        self._waiting_octets = 0
        self._timer: asyncio.TimerHandle | None = None
        self._free_at_s = 0.0
        self._s_per_octet = 8 / self.link.pace_bit_per_s(0)
        self._repairs = Repairs(self._repair, now_s=monotonic())
        self._keyframes = KeyframeRequests()
        self._octets_again = 0
        self._delivery = Delivery()
        self._looked = (monotonic(), 0, 0)
        self._reported = (0, 0.0)  # the middle of our last report's NTP time, and when it went
        self.round_trip_s: float | None = None
        self.bit_per_s = 0.0

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._waiting.clear()
        self._repairs.close()

    # On the way out

    def deliver(self, burst: Burst) -> None:
        """Send ``burst`` now, in its turn, or not at all."""
        if self._in_past and burst.ssrc == self._source.ssrc:
            return  # it is in the history, and comes when the past has come so far
        self._deliver(burst)

    def _deliver(self, burst: Burst) -> None:
        if (
            self._own is not None
            or burst.ssrc != self._main.ssrc
            or burst.packets[0].timestamp < self._squeeze.until
        ):
            self._deliver_apart(burst)
            return
        now_s = self._monotonic()
        if now_s < self._free_at_s - _TICK_S or self._waiting:
            if burst.starts_picture and self._backlog_s(now_s) > _WAIT_S:
                self._leave_stream()
                self._skip()
                return
            self._note(burst)
            self._queue(burst, self._main.codec, now_s)
            return
        free_at_s = self._free_at_s
        if now_s > free_at_s:
            free_at_s = now_s
        self._free_at_s = free_at_s + burst.octets * self._s_per_octet
        self._note(burst)
        self._send(burst, self._main.codec, now_s)

    def _note(self, burst: Burst) -> None:
        if self._first is None:
            self._first = burst.packets[0].sequence
        if burst.newest > self._newest:
            self._newest = burst.newest
            self._newest_timestamp = burst.packets[-1].timestamp

    def _deliver_apart(self, burst: Burst) -> None:
        """A burst that is not this viewer's as it is."""
        if self._target is not None and burst.ssrc == self._target.ssrc:
            if not (burst.starts_picture and burst.is_keyframe):
                return
            self._switch(self._target, burst.packets[0])
        elif burst.ssrc != self._source.ssrc:
            return
        elif self._own is not None and burst.starts_picture:
            self._admit(burst)
        if self._own is not None and self._source.codec is not self._codec:
            self._own.sent.forget()  # the same bytes under another payload type are another packet
            self._codec = self._source.codec
        packets: Sequence[OutputPacket] = burst.packets
        if burst.ssrc == self._main.ssrc:
            packets = [self._squeeze.apply(packet) for packet in packets]
        if self._own is None:
            again = Burst(packets, ssrc=burst.ssrc)
            self._note(again)
            self._queue(again, self._source.codec, self._monotonic())
            return
        placed = [moved for each in packets if (moved := self._own.place(each)) is not None]
        self.left_out += len(packets) - len(placed)
        most = max(2, int(_STEP_S / self._s_per_octet / 1200))
        for part in bursts(placed, ssrc=self._main.ssrc, most=most):
            self._queue(part, self._source.codec, self._monotonic())

    def _admit(self, burst: Burst) -> None:
        """Whether this picture is sent: it need not wait for long, and what it needs was sent."""
        backlog_s = self._backlog_s(self._monotonic())
        if self._skipping:
            if burst.is_keyframe and backlog_s <= _KEYFRAME_WAIT_S and self._target is None:
                first = burst.packets[0]
                self._begin(first, 0 if self._own is None else self._own.timestamp_offset)
        elif backlog_s > _WAIT_S:
            self._skip()

    def _begin(self, first: OutputPacket, timestamp_offset: int) -> None:
        if self._own is not None:
            self._own.begin(first.sequence, first.timestamp, timestamp_offset=timestamp_offset)
        self._skipping = False

    def _skip(self) -> None:
        if self._own is not None:
            self._own.end()
        self._skipping = True
        self.want_keyframe()

    def _leave_stream(self) -> None:
        """From here on this viewer's numbers are its own."""
        if self._own is None:
            self._own = Renumbering(newest=self._newest, newest_timestamp=self._newest_timestamp)
            self._codec = self._source.codec

    def _backlog_s(self, now_s: float) -> float:
        return self._waiting_octets * self._s_per_octet + max(0.0, self._free_at_s - now_s)

    def _queue(self, burst: Burst, codec: Codec | None, now_s: float) -> None:
        if self._waiting_octets > _MAX_WAITING_BYTES:
            self.left_out += len(burst.packets)
            return
        if not self._waiting:
            self._free_at_s = max(now_s, self._free_at_s)
        self._waiting.append((burst, codec))
        self._waiting_octets += burst.octets
        if self._timer is None:
            self._drain(now_s)

    def _drain(self, now_s: float | None = None) -> None:
        self._timer = None
        now_s = self._monotonic() if now_s is None else now_s
        while self._waiting and now_s >= self._free_at_s - _TICK_S:
            burst, codec = self._waiting.popleft()
            self._waiting_octets -= burst.octets
            self._free_at_s = max(now_s - _LATE_S, self._free_at_s)
            self._free_at_s += burst.octets * self._s_per_octet
            self._send(burst, codec, now_s)
        if self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, self._free_at_s - now_s), self._drain)

    def _send(self, burst: Burst, codec: Codec | None, now_s: float) -> None:
        sent = self._emitting.send(burst, codec)
        self.packets += sent
        if sent == len(burst.packets):
            self.octets += burst.octets
        else:
            self.refused += len(burst.packets) - sent
        self._delivery.sent(burst.newest, self.octets + self._octets_again, now_s)

    # A picture at once

    def begin_past(self, start: int) -> None:
        """What comes from ``start`` on, up to the live picture, is decoded but hardly shown."""
        self._in_past, self._past_since_s = True, self._monotonic()
        silent = self._stream.audio.codec is None  # else the times keep lips and sound together
        self._squeeze = squeeze(
            self._main.history,
            start,
            spare_bit_per_s=max(1e6, spare_bit_per_s(self._main, self.link)),
            as_decoded=self.as_decoded if silent else None,
        )
        if self._newest >= start or self._own is not None:
            self._leave_stream()  # it has had these numbers
            first = self._squeeze.apply(next(self._main.history.since(start)))
            self._begin(first, 0 if self._own is None else self._own.timestamp_offset)

    def deliver_past(self, packets: Sequence[OutputPacket]) -> float:
        """Packets of the cached pictures; seconds until there is room for more."""
        self._set_pace()
        self._deliver(Burst(packets, ssrc=self._main.ssrc))
        return self._backlog_s(self._monotonic())

    def end_past(self) -> None:
        """Level with the stream."""
        self._in_past = False

    def needs_past(self) -> int | None:
        """Where a viewer who has lost its picture is to start again; None: at the next keyframe."""
        now_s = self._monotonic()
        late = self._in_past or self._backlog_s(now_s) > _KEYFRAME_WAIT_S
        if late or self._source is not self._main or self._target is not None:
            return None
        return start_again(self._stream, self.link, after_s=now_s - self._past_since_s)

    def _set_pace(self) -> None:
        layers = self._stream.layers
        layer = layers[min(self.link.layer, len(layers) - 1)]  # the publisher may send fewer now
        self._s_per_octet = 8 / self.link.pace_bit_per_s(layer.bit_per_s())

    # What the viewer says

    def want_keyframe(self) -> None:
        """A keyframe of the layer it watches, as often as the others can be asked to pay for it."""
        if self._keyframes.take(self._monotonic(), is_thinned=self._own is not None):
            self._stream.request_keyframe(self._target or self._source)

    def send_again(self, low_bits: int) -> None:
        """A packet the viewer has missed, in the bytes it was sent in; floods are not answered."""
        self.asked += 1
        packet = self._sent(low_bits)
        now_s = self._monotonic()
        if self._own is not None and self._backlog_s(now_s) > _WAIT_S:
            return  # a link that is behind already is not given more
        by_chance = self.loss if self.link.bit_per_s is None else 0.0
        if packet is not None and self._repairs.send_again(packet, now_s, loss=by_chance):
            taken_s = len(packet.payload) * self._s_per_octet
            self._free_at_s = max(now_s, self._free_at_s) + taken_s

    def _repair(self, packet: OutputPacket) -> None:
        self.resent += self._emitting.send_again(packet, self._main.ssrc, self._source.codec)
        self._octets_again += len(packet.payload)

    def _sent(self, low_bits: int) -> OutputPacket | None:
        if self._own is not None:
            packet = self._own.sent.find(low_bits)
            return packet if packet is not None and packet.sequence >= self._own.first else None
        packet = self._main.history.find(low_bits)
        if packet is None or self._first is None:
            return None
        if not self._first <= packet.sequence <= self._newest:
            return None  # of another number space, or not sent yet
        return self._squeeze.apply(packet)

    def heard(
        self,
        *,
        highest: int,
        lost: int,
        last_report: int,
        delay_s: float,
        estimate_bit_per_s: float | None,
    ) -> None:
        """A receiver report of the viewer's (RFC 3550 section 6.4.2), and its own estimate."""
        now_s = self._monotonic()
        reported, reported_at_s = self._reported
        round_trip_s = None
        if reported and last_report == reported:
            round_trip_s = max(0.0, now_s - reported_at_s - delay_s)
        self.round_trip_s = round_trip_s or self.round_trip_s
        at_s, octets, refused = self._looked
        if now_s - at_s < 0.2:  # reports in a heap say nothing of a rate
            return
        self._delivery.reported(highest=highest, lost=lost, now_s=now_s)
        sent = self.octets + self._octets_again
        self._looked = (now_s, sent, self.refused)
        self.bit_per_s = (sent - octets) * 8 / (now_s - at_s)
        heard = Heard(
            now_s,
            self.bit_per_s,
            self.loss,
            round_trip_s,
            estimate_bit_per_s,
            self.refused - refused,
            self._delivery.bit_per_s,
            self._delivery.behind_s,
        )
        rates = [layer.bit_per_s() for layer in self._stream.layers]
        before, self.link = self.link, look(self.link, heard, rates)
        if self.link.changed_at_s != before.changed_at_s:
            self._delivery.restart()
        self._repairs.follow(rates[self.link.layer])
        self._set_pace()
        self._go_to(self._stream.layers[self.link.layer])

    @property
    def loss(self) -> float:
        return self._delivery.loss

    # Layers

    def _go_to(self, layer: Track) -> None:
        if layer is (self._target or self._source):
            return
        if self._target is not None:
            self._stream.unsubscribe(self._viewer, self._target)
        self._target = None if layer is self._source else layer
        if self._target is not None:
            self._stream.subscribe(self._viewer, self._target)
            self._keyframes.asked_apart(self._monotonic())
            self._stream.request_keyframe(self._target)

    def layers_changed(self) -> None:
        """The publisher sends other layers now: what is gone is left at the next keyframe."""
        layers = self._stream.layers
        if self._target is not None and self._target not in layers:
            self._target = None
            if self._source is not self._main:
                self._stream.unsubscribe(self._viewer, self._main)
        if self._source not in layers:
            self._leave_stream()
            self._target = self._main
            self._skip()

    def _switch(self, layer: Track, first: OutputPacket) -> None:
        """``layer`` goes on where the layer before ends, at its keyframe, in one line of time."""
        self._leave_stream()
        own = self._own
        before, after = self._stream.report(self._source), self._stream.report(layer)
        offset = 0
        if own is not None and before is not None and after is not None:
            between = ((after[0] - before[0]) * VIDEO_CLOCK_HZ) >> 32
            offset = own.timestamp_offset + before[1] + between - after[1]
        if layer is not self._source:
            self._stream.unsubscribe(self._viewer, self._source)
        self._source, self._target = layer, None
        self._begin(first, offset)

    @property
    def layer(self) -> int:
        layers = self._stream.layers
        return layers.index(self._source) if self._source in layers else 0

    def report(self) -> tuple[int, int, int, int] | None:
        """What a sender report tells: NTP time, its timestamp, packets, octets."""
        times = self._stream.report(self._source)
        if times is None or not self.packets:
            return None
        self._reported = ((times[0] >> 16) & 0xFFFFFFFF, self._monotonic())
        offset = self._own.timestamp_offset if self._own is not None else 0
        return times[0], times[1] + offset, self.packets, self.octets
