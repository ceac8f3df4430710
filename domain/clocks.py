"""Clocks: whether the time by which recordings are destroyed may be believed.

A clock that jumps ahead by a retention would destroy all that is not held. So a host's wall clock
is compared with the one that only counts, and with the database's. What can't be explained stops
the destroying until the clocks agree again, or a person says that the time is right. A clock that
is right after a long stop is believed at once: nothing may stay because the power was off.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

TOLERANCE = timedelta(minutes=1)
"""Less than a segment's length: nothing goes earlier by it that would not go with its segment."""
SET_WITHIN = timedelta(minutes=15)
"""After a machine starts a time server sets its clock within this, and no later in one step."""
SETTLES_WITHIN = timedelta(minutes=5)
"""So long after its start a clock that no time server has set yet is waited for, and no longer."""
ZERO = timedelta(0)


class Doubt(StrEnum):
    JUMPED = "jumped"  # it went on by more, or by less, than the one that only counts
    BEHIND = "behind"  # the machine started, and it is earlier than it was
    APART = "apart"  # the database's clock says something else
    SETTLING = "settling"  # the machine has just started, and no time server was heard: no alarm


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """What the clocks say at one moment.

    ``steady`` counts from the start of the machine, whose name is ``boot``, also while it sleeps.
    ``is_set``: the kernel says that a time server keeps the wall clock; whoever sets it by hand
    ends that.
    """

    wall: datetime
    database: datetime
    boot: str
    steady: timedelta
    is_set: bool


@dataclass(frozen=True, kw_only=True)
class Belief:
    """What is believed of a host's wall clock, from one look to the next.

    ``ahead``: by how much it has jumped since it was believed. ``apart``: what a person accepted
    as its difference to the database's. ``latest``: the latest time that was believed.
    ``is_anchored``: False from a start with a clock that was behind until it is not any more.
    """

    clocks: Clocks
    latest: datetime
    ahead: timedelta = ZERO
    apart: timedelta = ZERO
    is_anchored: bool = True
    is_settling: bool = False

    @classmethod
    def begin(cls, now: Clocks) -> "Belief":
        return cls(clocks=now, latest=now.wall)

    @property
    def doubt(self) -> Doubt | None:
        """Why nothing is destroyed by this clock; None: it is believed."""
        if not self.is_anchored:
            return Doubt.BEHIND
        if abs(self.ahead) > TOLERANCE:
            return Doubt.JUMPED
        if abs(_apart(self.clocks) - self.apart) > TOLERANCE:
            return Doubt.APART
        return Doubt.SETTLING if self.is_settling else None

    @property
    def off(self) -> timedelta:
        """By how much it is in doubt; ahead of what is believed: positive."""
        match self.doubt:
            case Doubt.BEHIND:
                return self.clocks.wall - self.latest
            case Doubt.JUMPED:
                return self.ahead
            case Doubt.APART:
                return _apart(self.clocks) - self.apart
        return ZERO

    def look(self, now: Clocks) -> Self:
        """What is believed now."""
        same_start = now.boot == self.clocks.boot
        seen = self._went_on(now) if same_start else self._started(now)
        if seen.doubt is None:
            return replace(seen, latest=max(seen.latest, now.wall))
        return seen

    def _went_on(self, now: Clocks) -> Self:
        lasted = now.steady - self.clocks.steady
        step = now.wall - self.clocks.wall - lasted
        seen = replace(self, clocks=now, ahead=self.ahead + step)
        if self.is_settling and (now.is_set or now.steady > SETTLES_WITHIN):
            seen = replace(seen, is_settling=False)
        if not self.is_anchored:
            # Whatever it was set to: it is not earlier any more, as after a long stop.
            return replace(seen, ahead=ZERO, is_anchored=now.wall >= self.latest - TOLERANCE)
        if now.is_set and now.steady <= SET_WITHIN:
            return replace(seen, ahead=ZERO)
        # A database elsewhere whose clock went on evenly is a witness; one that jumped along
        # is this very host's.
        database_step = now.database - self.clocks.database - lasted
        agree = abs(_apart(now) - self.apart) <= TOLERANCE
        if abs(step) > TOLERANCE >= abs(database_step) and agree:
            return replace(seen, ahead=ZERO)
        return seen

    def _started(self, now: Clocks) -> Self:
        # A clock that had jumped ahead and was started again with that is not right because of it.
        jumped = self.ahead > TOLERANCE and now.wall >= self.clocks.wall - TOLERANCE
        return replace(
            self,
            clocks=now,
            ahead=self.ahead if jumped else ZERO,
            is_anchored=now.wall >= self.latest - TOLERANCE,
            is_settling=not now.is_set and now.steady <= SETTLES_WITHIN,
        )

    def confirm(self) -> Self:
        """A person says that the wall clock is right."""
        return replace(
            self,
            latest=self.clocks.wall,
            ahead=ZERO,
            apart=_apart(self.clocks),
            is_anchored=True,
            is_settling=False,
        )


def _apart(clocks: Clocks) -> timedelta:
    return clocks.wall - clocks.database
