"""Cues: where the keyframes of a recorded segment lie, and the parts that a player is given.

Times are in ticks of 90 kHz from the segment's first picture, places in bytes of its MP4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

TICKS_PER_S = 90_000
#: Keyframes of a camera that makes many are noted once a second: it bounds what is kept.
LEAST_BETWEEN_CUES = TICKS_PER_S
#: A part lasts at least this, and up to the keyframe behind it: 3 to 6 s with usual cameras.
LEAST_PART = 3 * TICKS_PER_S


class Cue(NamedTuple):
    """A place in a segment and its time."""

    offset: int
    ticks: int


class Part(NamedTuple):
    """Some seconds that begin with a keyframe; ``offset`` and ``size`` in bytes."""

    starts_at: datetime
    ends_at: datetime
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Cues:
    """``places``: fragments that begin with a keyframe, in order; before the first lies the head.

    ``end``: behind the last fragment, where its last picture ends.
    """

    places: tuple[Cue, ...]
    end: Cue

    @property
    def head_size(self) -> int:
        return self.places[0].offset

    def parts(self, started_at: datetime, *, since: datetime, until: datetime) -> list[Part]:
        """What is to be played of these hours: never less, at most a part more on each side."""
        places = [self.places[0]]
        for cue in self.places[1:]:
            if cue.ticks - places[-1].ticks >= LEAST_PART:
                places.append(cue)
        found = []
        for cue, after in zip(places, [*places[1:], self.end], strict=True):
            begins, ends = time_of(cue, started_at), time_of(after, started_at)
            if begins < until and ends > since:
                found.append(Part(begins, ends, cue.offset, after.offset - cue.offset))
        return found

    def before(self, ticks: int) -> Cue:
        """The keyframe at or before ``ticks``; the first one when that is too early."""
        earlier = [cue for cue in self.places if cue.ticks <= ticks]
        return earlier[-1] if earlier else self.places[0]

    def after(self, ticks: int) -> Cue:
        """The keyframe behind ``ticks``, or the end."""
        return next((cue for cue in self.places if cue.ticks > ticks), self.end)


def time_of(cue: Cue, started_at: datetime) -> datetime:
    return started_at + timedelta(microseconds=cue.ticks * 100 // 9)


def ticks_at(at: datetime, started_at: datetime) -> int:
    """How far into a segment that was ``started_at``; negative before it."""
    return (at - started_at) // timedelta(microseconds=1) * 9 // 100


def keyframe_times(
    segments: Sequence[tuple[datetime, Cues]], *, since: datetime, until: datetime
) -> list[datetime]:
    """When the keyframes of some hours were taken, in order."""
    times = (time_of(cue, started) for started, cues in segments for cue in cues.places)
    return [at for at in times if since <= at < until]
