"""The stream's own sequence numbers and timestamps, which go on when its publisher is replaced.

All viewers of a stream see the same numbers. Input numbers are moved by an offset, so that a hole
stays a hole (viewers ask for what is missing) and a late packet falls into its place.
"""

_JUMP = 1000
"""Packets: an input number further ahead or behind than this is a new start, not loss."""
_STALE_LIMIT = 50
"""So many packets in a row from far behind mean the publisher has begun to count anew."""
_MAX_TIME_STEP_S = 30
_FRAME_S = 1 / 25
"""The time put between the last picture of one publisher and the first of the next, at least."""


class Numbering:
    """Extended (never wrapping) output numbers; their low 16 and 32 bits go on the wire."""

    def __init__(self, *, clock_hz: int, first_sequence: int, first_timestamp: int) -> None:
        self._clock_hz = clock_hz
        self._next_sequence = first_sequence
        self._next_timestamp = first_timestamp
        self._newest_in: int | None = None  # extended input number; None: the next one is the first
        self._sequence_offset = 0
        self._floor = first_sequence  # numbers below belong to the publisher before
        self._newest_time_in = 0
        self._timestamp_offset = 0
        self._stale = 0
        self._newest_out: int | None = None  # newest timestamp given out

    def begin(self, *, after_s: float, at: int | None = None) -> None:
        """Another source starts, ``after_s`` seconds after the last picture of the one before.

        ``at``: the first timestamp that is given out, if none was yet.
        """
        if self._newest_out is None:
            self._next_timestamp = self._next_timestamp if at is None else at
        else:
            step = max(_FRAME_S, min(after_s, 3600.0))
            self._next_timestamp = self._newest_out + int(step * self._clock_hz)
        self._newest_in = None
        self._stale = 0

    def place(self, sequence: int, timestamp: int) -> tuple[int, int] | None:
        """The output sequence number and timestamp of an input packet; None if it has no place."""
        if self._newest_in is None:
            self._start(sequence, timestamp)
        newest = self._newest_in
        assert newest is not None  # noqa: S101 set by _start
        delta = ((sequence - newest + 0x8000) & 0xFFFF) - 0x8000
        if delta < -_JUMP:
            self._stale += 1
            if self._stale < _STALE_LIMIT:
                return None
        if not -_JUMP <= delta <= _JUMP:
            self.begin(after_s=_FRAME_S)
            self._start(sequence, timestamp)
            delta = 0
        self._stale = 0
        extended = (self._newest_in or 0) + delta
        out = extended + self._sequence_offset
        if out < self._floor:
            return None
        if delta > 0:
            self._newest_in = extended
        self._next_sequence = max(self._next_sequence, out + 1)
        return out, self._place_time(timestamp)

    def _start(self, sequence: int, timestamp: int) -> None:
        self._newest_in = sequence
        self._sequence_offset = self._next_sequence - sequence
        self._floor = self._next_sequence
        self._newest_time_in = timestamp
        self._timestamp_offset = self._next_timestamp - timestamp

    def _place_time(self, timestamp: int) -> int:
        delta = ((timestamp - self._newest_time_in + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        if abs(delta) > _MAX_TIME_STEP_S * self._clock_hz:
            # The publisher's clock has jumped: go on one picture later, or viewers wait for hours.
            newest = self._next_timestamp if self._newest_out is None else self._newest_out
            out = newest + int(_FRAME_S * self._clock_hz)
            self._timestamp_offset = out - timestamp
            self._newest_time_in = timestamp
            delta = 0
        extended = self._newest_time_in + delta
        if delta > 0:
            self._newest_time_in = extended
        out = extended + self._timestamp_offset
        if self._newest_out is None or out > self._newest_out:
            self._newest_out = out
        return out

    def output_time(self, timestamp: int) -> int:
        """Where an input timestamp (32 bits) near the newest one falls; places no packet."""
        delta = ((timestamp - self._newest_time_in + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        return self._newest_time_in + delta + self._timestamp_offset
