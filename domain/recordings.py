"""Recordings: how long pictures are kept, what a hold keeps longer, what goes when room is short.

The rules know no clock and no disk: they are told the time, and say what is to be destroyed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID

from domain.errors import Conflict, DomainError, Invalid
from domain.identifiers import (
    CameraId,
    CommuneId,
    HoldId,
    PersonId,
    PlaybackId,
    SegmentId,
    StreamId,
)

#: Never above one month (CSI L.252-5, R.241-13), which the French profile takes for 30 days.
MOST_DAYS = 30


LONGEST_HOLD = timedelta(days=31)
"""All that can still be there, and a day: a requisition names hours, it is not a retention."""
HOLD_AHEAD = timedelta(days=1)

LONGEST_LOOK = timedelta(hours=24)
LEAVE_LASTS = timedelta(hours=12)
SMALLEST_GAP = timedelta(seconds=2)
CLOCKS_DIFFER = timedelta(minutes=1)


class BadHours(Invalid):
    code: ClassVar[str] = "bad-hours"
    title: ClassVar[str] = "These hours can't be asked for"


class BadPlayback(Invalid):
    code: ClassVar[str] = "bad-playback"
    title: ClassVar[str] = "Recordings can't be looked at like this"


class RecordingDamaged(DomainError):
    """The text names the file, and which part of it."""

    code: ClassVar[str] = "recording-damaged"
    title: ClassVar[str] = "This part of the recording was changed, or can't be read"


class BadRetention(Invalid):
    code: ClassVar[str] = "bad-retention"
    title: ClassVar[str] = f"Recordings are kept from 1 to {MOST_DAYS} days"


class BadHold(Invalid):
    code: ClassVar[str] = "bad-hold"
    title: ClassVar[str] = "Recordings can't be held like this"


class HoldLifted(Conflict):
    code: ClassVar[str] = "hold-lifted"
    title: ClassVar[str] = "This hold was lifted already"


@dataclass(frozen=True, kw_only=True)
class Retention:
    """A commune's decision: ``days`` from ``decided_at`` on; None: nothing is recorded."""

    commune_id: CommuneId
    days: int | None
    decided_at: datetime

    def __post_init__(self) -> None:
        if self.days is not None and not 1 <= self.days <= MOST_DAYS:
            raise BadRetention(f"{self.days} days are not between 1 and {MOST_DAYS}")


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Some minutes of one stream's pictures, in one file.

    ``started_at`` is the time of its oldest picture and ``ended_at`` of its newest; ``keep_days``
    is what was in force when it was begun, and only ever gets less. ``taken_by``: where a clock
    that was ahead dated it in the future, when it was first seen there.
    is what was in force when it was begun, and only ever gets less. While one ``is_open`` its
    newest picture may be later.
    """

    id: SegmentId
    commune_id: CommuneId
    stream_id: StreamId
    camera_id: CameraId | None
    started_at: datetime
    ended_at: datetime
    keep_days: int
    size: int = 0
    taken_by: datetime | None = None
    is_open: bool = False

    @property
    def source(self) -> UUID:
        """The camera; or the stream, of a patrol."""
        return self.camera_id or self.stream_id

    @property
    def keep_until(self) -> datetime:
        """From then on it may not be there. Days of 24 hours: clocks that change play no part."""
        taken_at = min(self.started_at, self.taken_by or self.started_at)
        return taken_at.astimezone(UTC) + timedelta(days=self.keep_days)

    def after(self, decision: Retention) -> Self:
        """What a later decision makes of it: shortening reaches back, lengthening does not."""
        if decision.days is None or decision.days >= self.keep_days:
            return self
        return replace(self, keep_days=decision.days)


def kept_days(fixed: int, taken_at: datetime, decisions: Iterable[Retention]) -> int:
    """How many days pictures are kept that were taken under ``fixed``, after all ``decisions``.

    Not more than what was in force when they were taken, which whoever took them may not have
    known yet; nor than what was decided since.
    """
    known = sorted(
        (one for one in decisions if one.days is not None), key=lambda one: one.decided_at
    )
    before = [one for one in known if one.decided_at < taken_at][-1:]
    since = [one for one in known if one.decided_at >= taken_at]
    return min((fixed, *(one.days for one in (*before, *since) if one.days is not None)))


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A lawful request that keeps recordings of exact cameras, or patrols' streams, and hours."""

    id: HoldId
    commune_id: CommuneId
    requisition: str
    sources: frozenset[UUID]
    starts_at: datetime
    ends_at: datetime
    placed_at: datetime
    placed_by: PersonId
    lifted_at: datetime | None = None
    lifted_by: PersonId | None = None
    lifted_because: str = ""

    def __post_init__(self) -> None:
        if not self.requisition.strip():
            raise BadHold("the requisition is not named")
        if not self.sources:
            raise BadHold("no camera is named")
        if self.ends_at <= self.starts_at:
            raise BadHold("the hours end before they start")

    def placed(self) -> Self:
        """The hold as it is placed. Raises `BadHold` for hours that no requisition names."""
        if self.ends_at - self.starts_at > LONGEST_HOLD:
            raise BadHold(f"ask for at most {LONGEST_HOLD.days} days; place several where needed")
        if self.ends_at > self.placed_at + HOLD_AHEAD:
            raise BadHold(
                "the hours end more than one day from now; hold the rest when it is there"
            )
        return self

    def keeps(self, segment: Segment) -> bool:
        """Whether a picture of ``segment`` may be one of those asked for: then all of it stays."""
        return (
            self.lifted_at is None
            and segment.commune_id == self.commune_id
            and segment.source in self.sources
            and segment.started_at < self.ends_at
            and segment.ended_at >= self.starts_at
        )

    def lift(self, *, by: PersonId, because: str, at: datetime) -> Self:
        if self.lifted_at is not None:
            raise HoldLifted(f"it was lifted on {self.lifted_at:%d/%m/%Y}")
        if not because.strip():
            raise BadHold("say why it is lifted")
        return replace(self, lifted_at=at, lifted_by=by, lifted_because=because)


@dataclass(frozen=True, kw_only=True)
class Playback:
    """Leave to look at one source's recordings of some hours: one person's, for a shift."""

    id: PlaybackId
    commune_id: CommuneId
    source: UUID
    person_id: PersonId
    starts_at: datetime
    ends_at: datetime
    opened_at: datetime

    def __post_init__(self) -> None:
        if not timedelta(0) < self.ends_at - self.starts_at <= LONGEST_LOOK:
            raise BadHours("ask for at most 24 hours, that end after they start")

    def is_open(self, *, by: PersonId, at: datetime) -> bool:
        """Whether it is leave for this person to look, still."""
        lasts = self.opened_at - CLOCKS_DIFFER <= at < self.opened_at + LEAVE_LASTS
        return by == self.person_id and lasts

    def covers(self, segment: Segment, *, by: PersonId, at: datetime) -> bool:
        return (
            self.is_open(by=by, at=at)
            and (segment.source, segment.commune_id) == (self.source, self.commune_id)
            and segment.started_at < self.ends_at
            and (segment.is_open or segment.ended_at >= self.starts_at)
        )


def gaps(
    segments: Sequence[Segment], *, starts_at: datetime, ends_at: datetime
) -> list[tuple[datetime, datetime]]:
    """Where there is no picture between ``starts_at`` and ``ends_at``; ``segments`` in order."""
    found, seen = [], starts_at
    for one in segments:
        if one.started_at - seen > SMALLEST_GAP:
            found.append((seen, one.started_at))
        seen = max(seen, one.ended_at)
    if ends_at - seen > SMALLEST_GAP:
        found.append((seen, ends_at))
    return found


def is_held(segment: Segment, holds: Iterable[Hold]) -> bool:
    return any(hold.keeps(segment) for hold in holds)


def due(segments: Iterable[Segment], holds: Sequence[Hold], *, now: datetime) -> list[Segment]:
    """What must go now: past its hour by the clock of its pictures, and asked for by nobody."""
    return [one for one in segments if one.keep_until <= now and not is_held(one, holds)]


def to_make_room(
    segments: Iterable[Segment], holds: Sequence[Hold], *, bytes_wanted: int
) -> list[Segment]:
    """What goes so that so much is freed: the oldest first, never what is held.

    Less than is wanted when nothing else is left: then recording stops, and what is held stays.
    """
    found: list[Segment] = []
    for one in sorted(segments, key=lambda each: (each.started_at, each.id)):
        if bytes_wanted <= 0:
            break
        if not is_held(one, holds):
            found.append(one)
            bytes_wanted -= one.size
    return found


def full_at(
    going: Iterable[tuple[datetime, int]],
    *,
    now: datetime,
    bytes_free: int,
    bytes_per_s: float,
    keep: timedelta,
) -> datetime | None:
    """When the volume will be full if it goes on like this; None: old pictures go in time.

    ``going``: when how many bytes go by their hour, held ones left out. From ``keep`` on as much
    goes as comes.
    """
    if bytes_per_s <= 0:
        return None
    free, since = float(bytes_free), now
    for at, size in [*sorted(going), (now + keep, 0)]:
        at = max(now, min(at, now + keep))
        lasts_s = max(free, 0.0) / bytes_per_s
        if (at - since).total_seconds() > lasts_s:
            return since + timedelta(seconds=lasts_s)
        free, since = free - (at - since).total_seconds() * bytes_per_s + size, at
    return None
