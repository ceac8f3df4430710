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
"""Late enough if each of those pictures was later than the one before, and the link had no pause: a
queue grows. A network that only stalled gives all at once, each picture less late than the last;
an encoder on a busy machine leaves the link idle between its pictures."""
_PAUSE_S, _FULL_FOR_S = 0.03, 0.15
"""A full packet takes less on a link of 0.4 Mbit/s."""
_MAX_STEP = 30 * _CLOCK_HZ
_RATE_OVER_S = 0.16
_SHARE = 0.75
"""Of what gets through: the rest empties the queue. With less an encoder that can't make its
pictures so small keeps them, which is no better."""
_IN_THE_NETWORK = 0.75
"""Of a limit, or less, gets through a link that has no pause: the limit is too high."""
_LEAST_BIT_PER_S = 300_000
_CUT_EVERY_S, _STEP_EVERY_S = 0.3, 0.5
_STEP = 1.25


class Backlog:
    """One per publisher. `limit` is what it may send now, `None` if it is not to be held back."""

    def __init__(self, *, ceiling_bit_per_s: int) -> None:
        self._ceiling = float(ceiling_bit_per_s)
        self._limit: float | None = None
        self._stepped_s = 0.0
        self._came: deque[tuple[float, int]] = deque()
        self._octets = 0
        self._paused_s = 0.0
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
        if not self._came or now_s - self._came[-1][0] > _PAUSE_S:
            self._paused_s = now_s
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
    def _is_full(self) -> bool:
        """Pictures come ever later through a link that has no pause."""
        full = bool(self._came) and self._came[-1][0] - self._paused_s > _FULL_FOR_S
        return full and self._later >= _SURE_AFTER and self._waited_s > _GROWING_S

    def limit(self, now_s: float) -> int | None:
        """Bit/s; to be asked a few times a second."""
        since_s = now_s - self._stepped_s
        if self._limit is None:
            cut = self._is_full or self._late >= _SURE_AFTER
        else:
            # Pictures that are late under a limit may be waiting for nothing but the limit.
            cut = self._is_full and self._rate < _IN_THE_NETWORK * self._limit
        if cut:
            if since_s >= _CUT_EVERY_S:
                least = max(_LEAST_BIT_PER_S, self._rate * _SHARE)
                self._limit, self._stepped_s = min(self._ceiling, least), now_s
        elif self._limit is not None and self._waited_s < _LATE_S and since_s >= _STEP_EVERY_S:
            # What it now is the browser's estimator finds by itself.
            raised = self._limit * _STEP
            self._limit = raised if raised < self._ceiling else None
            self._stepped_s = now_s
        return int(self._limit) if self._limit is not None else None
