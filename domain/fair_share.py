"""FairShare: which camera's picture is looked at next when there are more than can be looked at.

Pace: how often a camera is looked at, of how often it should be.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta


class FairShare[W]:
    """A few places, and whoever waits for one; each camera waits for one thing at a time.

    A look that has begun is ended first: its picture grows old. After that who asked first comes
    first, so nobody gets a second turn before all who wait had theirs: with too much to do, all
    are looked at less often by the same, and each time at their newest picture.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._begun: deque[W] = deque()
        self._others: deque[W] = deque()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._begun) + len(self._others)

    def ask(self, who: W, *, begun: bool = False) -> None:
        """Wait for a place; ``begun``: to go on with a look."""
        (self._begun if begun else self._others).append(who)

    def give(self) -> W | None:
        """Give a free place to who is next, or None: nobody waits, or no place is free."""
        queue = self._begun or self._others
        if not queue or not self._free:
            return None
        self._free -= 1
        return queue.popleft()

    def withdraw(self, who: W) -> bool:
        """Wait no longer; False when ``who`` has a place already, which is then to be freed."""
        for queue in (self._begun, self._others):
            if who in queue:
                queue.remove(who)
                return True
        return False

    def free(self) -> None:
        """Give a place back."""
        self._free += 1


PACE_OVER = timedelta(seconds=10)
BEHIND_SHARE = 0.8
"""Fewer looks than this share of those that should have been are told to the operators."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a camera was looked at in the last seconds, and how often it should have been."""

    looks_per_s: float
    wanted_per_s: float

    @property
    def is_behind(self) -> bool:
        """Tell whether so many looks are missing that the operators are to know."""
        return self.looks_per_s < BEHIND_SHARE * self.wanted_per_s


class PaceMeter:
    """Counts the looks of one camera, made and missed, over the last `PACE_OVER`."""

    def __init__(self) -> None:
        self._looks: deque[tuple[datetime, int]] = deque()
        self._missed = 0

    def looked(self, at: datetime, *, missed: int) -> None:
        """Take in a look made now, before which ``missed`` were due and not made."""
        if self._looks and at < self._looks[-1][0]:
            self._looks.clear()  # the clock was set back
            self._missed = 0
        self._looks.append((at, missed))
        self._missed += missed
        self._forget(at)

    def pace(self, at: datetime) -> Pace:
        """Give the pace of the seconds before ``at``; of pictures that came, not of the clock."""
        self._forget(at)
        made, seconds = len(self._looks), PACE_OVER.total_seconds()
        return Pace(made / seconds, (made + self._missed) / seconds)

    def _forget(self, at: datetime) -> None:
        while self._looks and at - self._looks[0][0] >= PACE_OVER:
            self._missed -= self._looks.popleft()[1]
