"""The output packets a stream keeps: to answer a viewer's NACK, and to show a picture at once.

One ring for both, shared by all viewers of the stream, bounded in packets and in bytes.
"""

from collections.abc import Iterator
from typing import NamedTuple


class OutputPacket(NamedTuple):
    """One RTP packet as every viewer gets it, save payload type and protection.

    ``sequence`` and ``timestamp`` are extended; a number is never given to two payloads, since two
    packets protected under one number would give away an AES-GCM key's authentication.
    """

    sequence: int
    timestamp: int
    marker: bool
    payload: bytes
    extension: bytes = b""
    """A header extension (RFC 8285), whole words: only of the past that one viewer is sent."""


class History:
    """The newest packets by their sequence number; the oldest leave first."""

    def __init__(self, *, max_packets: int, max_bytes: int) -> None:
        if max_packets & (max_packets - 1):
            raise ValueError("max_packets is a power of two")
        self._mask = max_packets - 1
        self._ring: list[OutputPacket | None] = [None] * max_packets
        self._max_bytes = max_bytes
        self.held_bytes = 0
        self.newest = -1
        self.newest_timestamp = 0
        self._oldest = 0

    def takes(self, sequence: int) -> bool:
        """False: the number was used, or may have been."""
        return self.newest < 0 or (sequence >= self._oldest and self.get(sequence) is None)

    def put(self, packet: OutputPacket) -> bool:
        """Keep ``packet``. False: its number was used, or may have been; it must not go out."""
        sequence = packet.sequence
        if not self.takes(sequence):
            return False
        if self.newest < 0:
            self._oldest = sequence
        self._forget_until(sequence - self._mask)
        self._ring[sequence & self._mask] = packet
        self.held_bytes += len(packet.payload)
        if sequence > self.newest:
            self.newest, self.newest_timestamp = sequence, packet.timestamp
        while self.held_bytes > self._max_bytes and self._oldest < self.newest:
            self._forget_until(self._oldest + 1)
        return True

    def _forget_until(self, sequence: int) -> None:
        if sequence - self._oldest > self._mask:  # a jump over the whole ring
            self._ring = [None] * (self._mask + 1)
            self.held_bytes = 0
            self._oldest = sequence
        while self._oldest < sequence:
            old = self._ring[self._oldest & self._mask]
            if old is not None and old.sequence == self._oldest:
                self.held_bytes -= len(old.payload)
                self._ring[self._oldest & self._mask] = None
            self._oldest += 1

    def forget_before(self, sequence: int) -> None:
        """What nobody needs any more: it is neither a first picture nor likely to be asked for."""
        self._forget_until(min(sequence, self.newest))

    def forget(self) -> None:
        """Drop everything: the same numbers would go out under another payload type."""
        self._ring = [None] * (self._mask + 1)
        self.held_bytes = 0
        self._oldest = self.newest + 1

    def get(self, sequence: int) -> OutputPacket | None:
        packet = self._ring[sequence & self._mask]
        return packet if packet is not None and packet.sequence == sequence else None

    def find(self, low_bits: int) -> OutputPacket | None:
        """The newest packet whose number ends in these 16 bits, as a NACK gives it (RFC 4585)."""
        if self.newest < 0:
            return None
        return self.get(self.newest - ((self.newest - low_bits) & 0xFFFF))

    def holds(self, sequence: int) -> bool:
        """Whether nothing from ``sequence`` on has been forgotten."""
        return self._oldest <= sequence <= self.newest

    def since(self, sequence: int) -> Iterator[OutputPacket]:
        """What is held from ``sequence`` on, in order; holes are left out."""
        for number in range(max(sequence, self._oldest), self.newest + 1):
            packet = self.get(number)
            if packet is not None:
                yield packet
