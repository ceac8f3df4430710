"""Watched time: while acts allowed a kind on a camera, the denominator of all that is counted.

Days count on whose footing the act does: none of a fictional act while the camera was real, none of
an act for closed sites while the public could come. An act with daily hours is in force from its
first day to its last: a night's watch is one camera-day, as the operator who is woken by it would
say.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from domain.authorisations import Authorisation
from domain.events import EventKind
from domain.footings import Footing, lasting
from domain.identifiers import CameraId, SensorId

DAY = timedelta(days=1)

type Period = tuple[datetime, datetime]
"""From its first moment, included, to its last, excluded."""


def in_force(
    acts: Iterable[Authorisation],
    *,
    source: CameraId | SensorId,
    kind: EventKind,
    footings: Sequence[Footing],
) -> list[Period]:
    """Give when one of ``acts`` allowed ``kind`` of ``source``: in order, not overlapping.

    ``footings``: the source's, in order.
    """
    return merged(
        (max(act.starts_at, footing.since), min(act.over_at, ends))
        for act in acts
        if source in act.camera_ids | act.sensor_ids and kind in act.kinds
        for footing, ends in lasting(footings)
        if act.is_for(footing.place_kind, is_demonstration=footing.is_demonstration)
    )


def merged(periods: Iterable[Period]) -> list[Period]:
    """Give the same time in periods that do not touch, in order; empty ones are left out."""
    found: list[Period] = []
    for starts, ends in sorted(one for one in periods if one[0] < one[1]):
        if found and starts <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((starts, ends))
    return found


def without(periods: Iterable[Period], gaps: Iterable[Period]) -> list[Period]:
    """Give what of ``periods`` (which do not overlap) is in none of ``gaps``."""
    left = list(periods)
    for gap_starts, gap_ends in gaps:
        left = [
            part
            for starts, ends in left
            for part in ((starts, min(ends, gap_starts)), (max(starts, gap_ends), ends))
            if part[0] < part[1]
        ]
    return left


def within(periods: Iterable[Period], since: datetime, until: datetime) -> Sequence[Period]:
    cut = ((max(starts, since), min(ends, until)) for starts, ends in periods)
    return [one for one in cut if one[0] < one[1]]


def total(periods: Iterable[Period], since: datetime, until: datetime) -> timedelta:
    """Give how long ``periods``, which do not overlap, are within these bounds."""
    return sum((ends - starts for starts, ends in within(periods, since, until)), start=timedelta())
