"""Finds the queue that grows in front of a publisher's link, before its own estimator does.

A picture's RTP timestamp is the time of its capture. What a picture takes longer on its way than
the quickest of late has waited: in the browser, and in the network. A browser's estimator hears of
that once a delayed packet has come, and needs several to be sure; by then a link that was cut to a
third holds a second of pictures. The relay sees the pictures themselves, and may say REMB at once.
"""

import math
from collections import deque

_CLOCK_HZ = 90_000
_WINDOW_S = 5.0
"""The quickest of this window and of the one before is the measure: clocks drift, routes change."""
_LATE_S = 0.25
_SURE_AFTER = 3
"""Pictures that are late one after the other: a keyframe makes one or two so."""
_GROWING_S, _GROWN_BY_S = 0.15, 0.01
"""Late enough if each of those pictures was later than the one before: a queue grows, where a
network that only stalled gives all at once, each picture less late than the last."""
_MAX_STEP = 30 * _CLOCK_HZ
_RATE_OVER_S = 0.16
_SHARE = 0.75
"""Of what gets through: the rest empties the queue. With less an encoder that can't make its
pictures so small keeps them, which is no better."""
_IN_THE_NETWORK = 0.75
"""Of a limit, or less, gets through, and pictures come ever later: that is no queue of the browser
behind the limit, and the limit is too high."""
_LEAST_BIT_PER_S = 300_000
_CUT_EVERY_S, _STEP_EVERY_S = 0.3, 0.5
_STEP_AT_LAST_S = 2.0
"""Pictures that are late for so long under a limit may be waiting for nothing but the limit."""
_STEP = 1.25


class Backlog:
    """One per publisher. `limit` is what it may send now, `None` if it is not to be held back."""

    def __init__(self, *, ceiling_bit_per_s: int) -> None:
        self._ceiling = float(ceiling_bit_per_s)
        self._limit: float | None = None
        self._stepped_s = 0.0
        self._came: deque[tuple[float, int]] = deque()
        self._octets = 0
        self.restart()

    def restart(self) -> None:
        """Another source, whose clock has nothing to do with the last one's."""
        self._timestamp: int | None = None
        self._elapsed = 0
        self._window_s: float | None = None
        self._quickest = [math.inf, math.inf]  # of this window, of the one before
        self._late = self._later = 0
        self._waited_s = 0.0

    def carried(self, octets: int, now_s: float) -> None:
        """To be told of every packet: what gets through now."""
        self._came.append((now_s, octets))
        self._octets += octets
        while self._came[0][0] < now_s - _RATE_OVER_S:
            self._octets -= self._came.popleft()[1]

    def saw(self, timestamp: int, now_s: float) -> None:
        """A packet of the picture, with its RTP timestamp (32 bits)."""
        step = 0 if self._timestamp is None else timestamp - self._timestamp
        step = ((step + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        if abs(step) > _MAX_STEP:  # the publisher's clock has jumped
            self.restart()
            step = 0
        if step <= 0 and self._timestamp is not None:
            return  # the same picture, or one before it
        self._timestamp = timestamp
        self._elapsed += step
        transit_s = now_s - self._elapsed / _CLOCK_HZ
        if self._window_s is None or now_s - self._window_s >= _WINDOW_S:
            self._window_s, self._quickest = now_s, [math.inf, self._quickest[0]]
        self._quickest[0] = min(self._quickest[0], transit_s)
        before_s, self._waited_s = self._waited_s, transit_s - min(self._quickest)
        self._late = self._late + 1 if self._waited_s > _LATE_S else 0
        self._later = self._later + 1 if self._waited_s > before_s + _GROWN_BY_S else 0

    @property
    def _rate(self) -> float:
        """Bit/s, from the first of the last packets, itself not counted, to the last."""
        if not self._came:
            return 0.0
        at_s, octets = self._came[0]
        return (self._octets - octets) * 8 / max(_RATE_OVER_S / 2, self._came[-1][0] - at_s)

    @property
    def _grows(self) -> bool:
        growing = self._later >= _SURE_AFTER and self._waited_s > _GROWING_S
        return growing or self._late >= _SURE_AFTER

    def limit(self, now_s: float) -> int | None:
        """Bit/s; to be asked a few times a second."""
        since_s = now_s - self._stepped_s
        if self._grows and self._rate < _IN_THE_NETWORK * (self._limit or math.inf):
            if since_s >= _CUT_EVERY_S:
                least = max(_LEAST_BIT_PER_S, self._rate * _SHARE)
                self._limit, self._stepped_s = min(self._ceiling, least), now_s
        elif self._limit is not None and since_s >= (
            _STEP_EVERY_S if self._waited_s < _LATE_S and not self._grows else _STEP_AT_LAST_S
        ):
            # What it now is the browser's estimator finds by itself.
            raised = self._limit * _STEP
            self._limit = raised if raised < self._ceiling else None
            self._stepped_s = now_s
        return int(self._limit) if self._limit is not None else None
