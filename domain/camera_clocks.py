"""Cameras' clocks, compared again and again: how far off, since when wrong, how fast they drift."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from domain.onvif import ClockOffset

#: A quartz drifts by a second or two a day; a camera that asks a time server, by none.
ASKED_EVERY, ASKED_WHEN_WRONG = timedelta(hours=1), timedelta(minutes=10)
#: What was not read for so long says nothing of now.
READ_FOR = timedelta(hours=6)
#: Over less the uncertainty of two readings is more than what a clock drifts.
DRIFT_OVER = timedelta(minutes=30)
#: A quartz does not drift by more; whoever does was set.
MOST_DRIFT_A_DAY = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CameraClock:
    """``offset``: the camera's clock minus ours; ``wrong_since``: certainly off by over 100 ms.

    ``drift_a_day``: how much it gains in a day, from two readings without a setting in between.
    """

    offset: ClockOffset
    read_at: datetime
    wrong_since: datetime | None = None
    drift_a_day: timedelta | None = None

    @classmethod
    def first(cls, offset: ClockOffset, at: datetime) -> Self:
        return cls(offset, at, at if offset.is_alarming else None)

    def read(self, offset: ClockOffset, at: datetime) -> Self:
        """Compared once more."""
        since = (self.wrong_since or at) if offset.is_alarming else None
        lasted = at - self.read_at
        if lasted < DRIFT_OVER:
            return type(self)(offset, at, since, self.drift_a_day)
        drift = (offset.likely - self.offset.likely) * (_DAY / lasted)
        sure = (offset.uncertainty + self.offset.uncertainty) * (_DAY / lasted)
        was_set = abs(drift) > MOST_DRIFT_A_DAY + sure
        return type(self)(offset, at, since, None if was_set else drift)

    @property
    def ask_again_at(self) -> datetime:
        every = ASKED_WHEN_WRONG if self.wrong_since is not None else ASKED_EVERY
        return self.read_at + every
