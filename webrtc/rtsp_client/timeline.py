"""A camera's RTP times, made one line that never runs back; and pictures out of their order.

Cameras set their clocks, and some let the pictures' times jump with them. A viewer would wait for
an hour; here the line goes on with the time that has really passed.
"""

from collections import deque

from domain.streams import VIDEO_CLOCK_HZ
from webrtc.sources import DownReason, SourceDown

_AHEAD = 2 * VIDEO_CLOCK_HZ
"""A picture whose time is so much further on than it came: the clock has jumped."""
_REORDERED = VIDEO_CLOCK_HZ
"""B-frames lie before the picture that was sent ahead of them, by less than this."""
_FRAME = VIDEO_CLOCK_HZ // 25
_WITHIN_PICTURES = 64


class Timeline:
    """`place` each picture's time, in the order of arrival.

    ``reorders``: B-frames are welcome, since who takes the pictures puts them in order.
    """

    def __init__(self, *, reorders: bool = False) -> None:
        self.jumps = 0
        self._reorders = reorders
        self._newest_in: int | None = None
        self._came_s = 0.0
        self._out = 0
        self._pictures = 0
        self._backwards: deque[int] = deque(maxlen=2)

    def place(self, timestamp: int, now_s: float) -> int:
        """``timestamp``: 32 bits; ``now_s``: monotonic. Raises `SourceDown` for B-frames."""
        self._pictures += 1
        passed = (now_s - self._came_s) * VIDEO_CLOCK_HZ
        newest, self._came_s = self._newest_in, now_s
        if newest is None:
            self._newest_in = timestamp
            return self._out
        step = ((timestamp - newest + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        if -_REORDERED <= step < 0:
            if self._reorders:
                return self._out + step
            self._note_backwards()
        self._newest_in = timestamp
        if 0 <= step <= passed + _AHEAD:
            self._out += step
        else:
            self.jumps += 1
            self._out += max(_FRAME, round(passed))
        return self._out

    def _note_backwards(self) -> None:
        """Once, the clock was set back; twice, pictures are sent out of their order."""
        self._backwards.append(self._pictures)
        apart = self._backwards[-1] - self._backwards[0]
        if len(self._backwards) == 2 and apart <= _WITHIN_PICTURES:
            raise SourceDown(DownReason.B_FRAMES)
