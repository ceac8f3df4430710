"""What one viewer has lost is sent again: how much of it, and how often.

A repair that is lost itself is asked for late: a browser that only receives is never told the round
trip, and takes 100 ms for it. Two of them in a row are a freeze. So where packets are lost by
chance each repair goes twice, the second a moment later, since radio loses in bunches.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from webrtc.history import OutputPacket

_SHARE, _LEAST_BIT_PER_S = 0.5, 500_000.0
"""Of the picture's rate, second copies included. At a quarter lost the first ones are a third. On a
thin link more of it would only take the place of what is new."""
_LOST_BY_CHANCE = 0.005
"""The loss from which a repair goes twice."""
_APART_S = 0.008
_MOST_WAITING = 128


class Repairs:
    """A second's worth at once, at most. Times are monotonic; ``send`` gives a packet once more."""

    def __init__(self, send: Callable[[OutputPacket], None], *, now_s: float) -> None:
        self._send = send
        self._bit_per_s = self._room = 2 * _LEAST_BIT_PER_S
        self._filled_at_s = now_s
        self._waiting: deque[OutputPacket] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Send no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting.clear()

    def follow(self, bit_per_s: float) -> None:
        """The picture's rate is so much."""
        self._bit_per_s = max(_LEAST_BIT_PER_S, _SHARE * bit_per_s)

    def send_again(self, packet: OutputPacket, now_s: float, *, loss: float) -> bool:
        """Send ``packet`` again if there is room for it; twice at such a loss, 0 to 1, by chance.

        Give 0 for ``loss`` where it comes of a link that is too thin.
        """
        if not self._take(packet, now_s):
            return False
        self._send(packet)
        may_wait = loss >= _LOST_BY_CHANCE and len(self._waiting) < _MOST_WAITING
        if may_wait and self._take(packet, now_s):
            self._waiting.append(packet)
            if self._timer is None:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(_APART_S, self._send_second_copies)
        return True

    def _send_second_copies(self) -> None:
        self._timer = None
        while self._waiting:
            self._send(self._waiting.popleft())

    def _take(self, packet: OutputPacket, now_s: float) -> bool:
        room = self._room + (now_s - self._filled_at_s) * self._bit_per_s
        self._room, self._filled_at_s = min(self._bit_per_s, room), now_s
        if self._room <= 0:
            return False
        self._room -= 8 * len(packet.payload)
        return True
