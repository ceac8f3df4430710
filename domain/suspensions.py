"""Suspensions: a kind of event that cries wolf on a camera stops there by itself, and says so.

An alert that is dismissed as not real has cost an operator the look that a true one needs. So false
alerts are counted per camera and kind, over the last week, and more than the commune's rate a day
suspends the kind on that camera until a supervisor lifts it, with a motive.

What counts is when the alert was raised, not when it was dismissed: a Monday that clears the
week-end's queue is no burst. A week evens out a night of rain without hiding a bad camera. Less
than a whole day of watching counts as one, so that at a rate of 1 a first false alert on the first
morning suspends nothing and the second does; at a rate of 0.5 the first does, as the rate says.
After a lift counting begins anew: what was false before it was known to whoever lifted it.
A sensor's reports are held to the same rule, as if it were a camera.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Self

from domain.authorisations import Authorisation
from domain.errors import Conflict, Invalid
from domain.events import EventKind
from domain.identifiers import CameraId, CommuneId, PersonId, SensorId, SuspensionId
from domain.watched_time import DAY, Period, total

WINDOW = timedelta(days=7)


class NotSuspended(Conflict):
    code: ClassVar[str] = "not-suspended"
    title: ClassVar[str] = "This suspension has been lifted already"


class MotiveMissing(Invalid):
    code: ClassVar[str] = "motive-missing"
    title: ClassVar[str] = "Say why"


@dataclass(frozen=True, slots=True, kw_only=True)
class TooMany:
    """What suspended a kind: so many false alerts, in so many days, where ``per_day`` may be."""

    false_alerts: int
    days: float
    per_day: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """One kind of one camera or sensor, from its suspension until it was lifted, and why."""

    id: SuspensionId
    commune_id: CommuneId
    camera_id: CameraId | None = None
    sensor_id: SensorId | None = None
    kind: EventKind
    suspended_at: datetime
    because: TooMany
    lifted_at: datetime | None = None
    lifted_by: PersonId | None = None
    motive: str = ""

    def lift(self, *, by: PersonId, motive: str, at: datetime) -> Self:
        """Raises ``NotSuspended`` the second time, ``MotiveMissing`` without a motive."""
        if self.lifted_at is not None:
            raise NotSuspended("somebody has lifted it already")
        if not motive.strip():
            raise MotiveMissing("a suspension is lifted for a reason")
        return replace(self, lifted_at=at, lifted_by=by, motive=motive.strip())


def counted_since(now: datetime, lifted_at: datetime | None) -> datetime:
    """Give from when false alerts count: a week back, and not before the last lift."""
    since = now - WINDOW
    return since if lifted_at is None else max(since, lifted_at)


def cries_wolf(
    raised_at: Iterable[datetime],
    *,
    watched: Iterable[Period],
    now: datetime,
    lifted_at: datetime | None,
    per_day: float,
) -> TooMany | None:
    """Tell whether a kind is to be suspended on a camera, by the false alerts that it raised.

    ``raised_at``: when each was; ``watched``: while an act allowed the kind there, not overlapping.
    """
    since = counted_since(now, lifted_at)
    false_alerts = sum(since < at <= now for at in raised_at)
    days = max(total(watched, since, now), DAY) / DAY
    if false_alerts <= per_day * days:
        return None
    return TooMany(false_alerts=false_alerts, days=days, per_day=per_day)


def not_suspended(
    acts: Iterable[Authorisation], suspended: Collection[EventKind]
) -> tuple[Authorisation, ...]:
    """Give the acts as they count on a camera where ``suspended`` are: without those kinds."""
    if not suspended:
        return tuple(acts)
    return tuple(
        replace(act, kinds=left) for act in acts if (left := act.kinds.difference(suspended))
    )
