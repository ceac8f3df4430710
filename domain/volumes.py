"""Volumes: which of them a folder is, what becomes of a file on one, what is an alarm.

The index and the disk may say different things after a crash, a copy or a lost file. What a file is
follows from what both say; the rules are told it, and read neither.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from domain.errors import Conflict
from domain.identifiers import CommuneId
from domain.recordings import MOST_DAYS

SEEN_LATELY = timedelta(minutes=5)
"""A volume that a media process has looked at within this is where that process is."""
EARLY = timedelta(days=7)
"""A disk that will be full within this is told of, while one can still be bought."""


class VolumeTrouble(StrEnum):
    """What is wrong with a volume, as the media process sees it that writes there."""

    NONE = ""
    FAILING = "failing"  # the disk takes nothing, for a reason of its own
    FULL = "full"
    READ_ONLY = "read-only"
    PURGE = "purge"  # what is past its hour is still there
    CLOCK = "clock"  # the clock is not believed: nothing is destroyed


@dataclass(frozen=True, kw_only=True)
class VolumeState:
    """A volume as it was last seen. ``full_at`` None: old pictures go in time."""

    id: UUID
    commune_id: CommuneId
    holder: str
    free_bytes: int
    total_bytes: int
    full_at: datetime | None
    trouble: VolumeTrouble
    trouble_since: datetime | None
    overdue: int
    seen_at: datetime


class AlarmKind(StrEnum):
    FAILING = "failing"
    FULL = "full"
    READ_ONLY = "read-only"
    PURGE = "purge"
    CLOCK = "clock"
    FILLING = "filling"  # it will be full within `EARLY`
    LOST = "lost"  # no media process looks at it: nobody writes, nor destroys


@dataclass(frozen=True, kw_only=True)
class Alarm:
    kind: AlarmKind
    since: datetime


def alarms(volume: VolumeState, *, now: datetime) -> list[Alarm]:
    """What somebody must look at, the gravest first; [] when all is well."""
    if now - volume.seen_at > SEEN_LATELY:
        return [Alarm(kind=AlarmKind.LOST, since=volume.seen_at)]
    found = []
    if volume.trouble is not VolumeTrouble.NONE:
        since = volume.trouble_since or volume.seen_at
        found.append(Alarm(kind=AlarmKind(volume.trouble.value), since=since))
    if volume.full_at is not None and volume.full_at - now <= EARLY:
        found.append(Alarm(kind=AlarmKind.FILLING, since=volume.seen_at))
    return found


class VolumeSeen(Conflict):
    code: ClassVar[str] = "volume-seen"
    title: ClassVar[str] = "This volume is there"


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What is lost with a volume: so many recordings, some of which a hold was to keep."""

    segments: int
    held: int

    def declared(self, volume: VolumeState, *, shown: "Loss", now: datetime) -> None:
        """A person says that the volume is gone for good, by what was ``shown``.

        Raises `VolumeSeen` while a process looks at it, ``Conflict`` where more would be lost, or
        less, than who says so has read.
        """
        if now - volume.seen_at <= SEEN_LATELY:
            raise VolumeSeen(f"{volume.holder} sees this volume: nothing of it is lost")
        if shown != self:
            raise Conflict("what would be lost has changed; look again")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A volume that the index names for some of the files that were found in a folder.

    ``host``: where it was seen last, and ``seen_at`` when; None: it was never looked at.
    """

    volume: UUID
    files: int
    host: str | None = None
    seen_at: datetime | None = None

    def is_elsewhere(self, host: str, *, now: datetime) -> bool:
        """Whether it lies on another host now, so that what is found here is a copy."""
        return self.seen_at is not None and self.host != host and now - self.seen_at <= SEEN_LATELY


def identity(claims: Iterable[Claim], *, host: str, now: datetime) -> UUID | None:
    """Which volume a folder is whose own number was lost, by what is in it; None: a new one."""
    ours = [one for one in claims if not one.is_elsewhere(host, now=now)]
    best = max(ours, key=lambda one: (one.files, one.volume), default=None)
    return best.volume if best else None


class Fate(StrEnum):
    """What becomes of a file that was found."""

    STAY = "stay"  # the index knows it, and where it is
    NOTE = "note"  # the index is told of it, or of its end: then it goes at its hour
    FOLLOW = "follow"  # the index is told where it is now
    DESTROY = "destroy"  # a copy, or what should have gone


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the index says of a segment. ``claim``: the volume that it lies on."""

    claim: Claim
    path: str
    is_closed: bool
    is_doomed: bool = False
    is_destroyed: bool = False


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file of a segment. ``original_is_there``: whether the one is that the index names."""

    volume: UUID
    path: str
    original_is_there: bool


def fate(found: Found, row: Known | None, *, host: str, now: datetime) -> Fate:
    """Nothing that is found outlives what the index knows of it."""
    if row is None:
        return Fate.NOTE
    if row.is_destroyed:
        return Fate.DESTROY
    if row.claim.volume != found.volume:
        # A copy of what another host has: it goes when that goes.
        return Fate.STAY if row.claim.is_elsewhere(host, now=now) else Fate.FOLLOW
    if row.path != found.path:
        return Fate.DESTROY if found.original_is_there else Fate.FOLLOW
    return Fate.STAY if row.is_closed or row.is_doomed else Fate.NOTE


def is_past_any_hour(day: str, *, now: datetime) -> bool:
    """Whether pictures of a day (``YYYY-MM-DD``, UTC) may be there no more, whoever decided what.

    For a file that nobody can read, nor the index know: its folder's name is all there is.
    """
    try:
        ends_at = datetime.combine(date.fromisoformat(day), time(), UTC) + timedelta(days=1)
    except ValueError:
        return False
    return now - ends_at > timedelta(days=MOST_DAYS)
