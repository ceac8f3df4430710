"""What of one viewer's picture has come there, as its receiver reports tell (RFC 3550 section 6.4).

A report's own fraction of lost packets is of the time since the report before, which may be ten
milliseconds and three packets: so loss is counted here, over a second and thirty packets. The
highest number a viewer has had tells two things more: how long what it has not had yet has been on
its way, and how much came there between two reports, which is what a full link takes.
"""

from collections import deque
from typing import NamedTuple

_APART_S = 0.02
"""What leaves within this counts as one."""
_DEPARTURES = 150
"""3 s at the least: a link that holds more than that is known to be behind long before."""
_REPORTS = 32
_LOSS_OVER_S, _LOSS_OVER_PACKETS = 1.0, 30
_RATE_OVER_S = 0.4
_PAUSED_S, _STUCK_S = 0.25, 0.8
_PLAUSIBLE = 0x4000
"""Packets: a viewer that claims to be further behind, or ahead, says nothing."""


type _Departure = tuple[float, int, int]
"""When, up to which number, and all octets sent until then, what was sent again included."""


class _Report(NamedTuple):
    at_s: float
    highest: int
    lost: int
    octets: float
    """All that was sent up to the packet of this number."""


class Delivery:
    """One per viewer, bounded whatever it reports."""

    def __init__(self) -> None:
        self.behind_s = 0.0
        """How long the oldest packet that the viewer has not had yet was on its way then."""
        self._departures: deque[_Departure] = deque(maxlen=_DEPARTURES)
        self._reports: deque[_Report] = deque(maxlen=_REPORTS)
        self._from = 0

    def restart(self) -> None:
        """The viewer is sent less, or more, from now on: what was before counts no longer."""
        self._reports.clear()
        self._from = self._departures[-1][1] + 1 if self._departures else 0
        self.behind_s = 0.0

    def sent(self, newest: int, octets: int, now_s: float) -> None:
        """Packets up to ``newest`` have left; ``octets`` in all since the beginning."""
        # For each picture of each viewer: plain tuples, and nothing that need not be.
        departures = self._departures
        if departures:
            at_s, before, _ = departures[-1]
            if newest < before:
                newest = before
            if now_s - at_s < _APART_S:
                departures[-1] = (at_s, newest, octets)
                return
        departures.append((now_s, newest, octets))

    def reported(self, *, highest: int, lost: int, now_s: float) -> None:
        """A report: the highest number had (its low 16 bits count), and all lost so far."""
        if not self._departures:
            return
        departures = self._departures
        last_s, newest, _ = departures[-1]
        number = newest - ((newest - highest) & 0xFFFF)
        self.behind_s = 0.0
        if number < max(self._from, newest - _PLAUSIBLE):
            return
        while len(departures) > 1 and departures[1][1] <= number:
            departures.popleft()
        _, before, octets_before = departures[0]
        octets, waiting_s = float(octets_before), None
        for at_s, upto, octets_upto in departures:
            if upto > number:
                waiting_s = at_s
                if upto > before:
                    share = max(0.0, (number - before) / (upto - before))
                    octets += share * (octets_upto - octets_before)
                break
        self._reports.append(_Report(now_s, number, lost, octets))
        # After a pause it may as well be lost: nothing has come behind it that would tell. And a
        # full link always brings something: who has had nothing for a second does not count.
        earlier = self._back(_STUCK_S, 0)
        stuck = earlier is not None and earlier.highest == number
        if waiting_s is not None and now_s - last_s < _PAUSED_S and not stuck:
            self.behind_s = now_s - waiting_s

    @property
    def loss(self) -> float:
        """0 to 1, of the last second or thirty packets; 0 while nothing can be said."""
        return self._loss_since(self._back(_LOSS_OVER_S, _LOSS_OVER_PACKETS))

    @property
    def bit_per_s(self) -> float | None:
        """What came there lately; None: too little was reported."""
        earlier = self._back(_RATE_OVER_S, 1)
        if earlier is None:
            return None
        now = self._reports[-1]
        octets = (now.octets - earlier.octets) * (1 - self._loss_since(earlier))
        return max(0.0, octets) * 8 / (now.at_s - earlier.at_s)

    def _back(self, seconds: float, packets: int) -> _Report | None:
        """The newest report that lies so far behind the last."""
        if not self._reports:
            return None
        now = self._reports[-1]
        for report in reversed(self._reports):
            if now.at_s - report.at_s >= seconds and now.highest - report.highest >= packets:
                return report
        return None

    def _loss_since(self, earlier: _Report | None) -> float:
        if earlier is None:
            return 0.0
        now = self._reports[-1]
        lost = now.lost - earlier.lost
        return min(1.0, max(0.0, lost / (now.highest - earlier.highest)))
