"""Impairments: a camera whose picture comes in and shows nothing new, or nothing at all.

Two judges say so (`packet_judge.py`, `picture_judge.py`). Both know a camera by its own past, and
say nothing of one that they have not seen alive.
"""

from collections import deque
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

HOURS = 24


class Impairment(StrEnum):
    FROZEN = "frozen"  # the same picture goes on coming
    BLINDED = "blinded"  # black, covered, or turned to a wall


@dataclass(frozen=True, slots=True)
class Impaired:
    what: Impairment
    since: datetime

    def told(self) -> list[str]:
        """Give it as a process says it with its presence."""
        return [self.what.value, self.since.isoformat()]


def impaired(*, blinded_since: datetime | None, frozen_since: datetime | None) -> Impaired | None:
    """Give which it is: a picture of nothing is also the same for ever."""
    if blinded_since is not None:
        return Impaired(Impairment.BLINDED, blinded_since)
    if frozen_since is not None:
        return Impaired(Impairment.FROZEN, frozen_since)
    return None


class UsualLows:
    """The lowest that some measure of one camera's pictures has been, by the hour of the day.

    An hour is known once it was lived through for a while. Lows of the hours beside it count as
    well: street lights do not go out at the same minute every day.
    """

    KNOWN_AFTER_MINUTES = 10
    KEPT_DAYS = 7

    def __init__(self) -> None:
        self._hours = [_Hour(deque(maxlen=self.KEPT_DAYS)) for _ in range(HOURS)]

    def learn(self, value: float, at: datetime) -> None:
        self._hours[at.hour].learn(value, at)

    def usual(self, at: datetime) -> float | None:
        """Give the lowest that is usual ``at`` that hour; None: it is not known."""
        if self._hours[at.hour].minutes < self.KNOWN_AFTER_MINUTES:
            return None
        around = (self._hours[(at.hour + step) % HOURS] for step in (-1, 0, 1))
        return min(hour.low for hour in around if hour.days)

    def best(self) -> float:
        """Give the low of the hour whose low is highest; 0 while none is known."""
        known = (hour for hour in self._hours if hour.minutes >= self.KNOWN_AFTER_MINUTES)
        return max((hour.low for hour in known), default=0.0)


@dataclass(slots=True)
class _Hour:
    days: deque[tuple[date, float]]
    low: float = 0.0
    minutes: int = 0
    minute: datetime | None = None

    def learn(self, value: float, at: datetime) -> None:
        minute = at.replace(second=0, microsecond=0)
        if minute != self.minute:
            self.minute = minute
            self.minutes += 1
        day = at.date()
        if self.days and self.days[-1][0] == day:
            value = min(value, self.days.pop()[1])
        self.days.append((day, value))
        self.low = min(low for _, low in self.days)
