"""One viewer's own numbers, once it is not sent all of its stream: without holes where it was.

A viewer who is sent everything shares the stream's numbers. From the first picture that is left
out, or the first that comes from another layer, packets are moved to numbers that follow what
the viewer has had, so that it asks for nothing that was never meant for it.
"""

from webrtc.history import History, OutputPacket

# 1024 packets are 5 s of a picture of 1.5 Mbit/s; and SRTP refuses older numbers anyway.
_MAX_PACKETS = 1024
_MAX_BYTES = 2 * 1024 * 1024


class Renumbering:
    """Numbers follow ``newest``, the last that the viewer had under the stream's own."""

    def __init__(self, *, newest: int, newest_timestamp: int) -> None:
        self.sent = History(max_packets=_MAX_PACKETS, max_bytes=_MAX_BYTES)
        self.first = newest + 1
        """The keyframe from which the viewer goes on: nothing before it is of use any more."""
        self._next = newest + 1
        self._newest_timestamp = newest_timestamp
        self._floor, self._ceiling = 0, -1  # input numbers that have their place
        self._is_open = False
        self._offset = 0
        self.timestamp_offset = 0

    def begin(self, first: int, timestamp: int, *, timestamp_offset: int) -> None:
        """From input number ``first`` on, packets have a place again.

        ``timestamp`` is that picture's own; moved by the offset it may not fall behind what the
        viewer has seen, or it would be taken for old.
        """
        self.first = self._next
        self._offset = self._next - first
        self._floor, self._ceiling = first, first
        late = self._newest_timestamp + 1 - (timestamp + timestamp_offset)
        self.timestamp_offset = timestamp_offset + max(0, late)
        self._is_open = True

    def end(self) -> None:
        """What comes after the newest packet is left out; what is still missing has its place."""
        self._is_open = False

    def place(self, packet: OutputPacket) -> OutputPacket | None:
        """The packet as this viewer is sent it; None if it is not. No number is given twice."""
        sequence = packet.sequence
        if sequence < self._floor or (sequence > self._ceiling and not self._is_open):
            return None
        moved = OutputPacket(
            sequence + self._offset,
            packet.timestamp + self.timestamp_offset,
            packet.marker,
            packet.payload,
            packet.extension,
        )
        if not self.sent.put(moved):
            return None
        self._ceiling = max(self._ceiling, sequence)
        self._next = max(self._next, moved.sequence + 1)
        self._newest_timestamp = max(self._newest_timestamp, moved.timestamp)
        return moved
