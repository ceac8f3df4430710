"""Exports: a still or a clip that is taken out of the recordings, by whom and why.

What is taken out inherits the clock of its pictures: it goes when the first of them does, and what
was handed over is to be destroyed a month after (CSI L.252-3).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from domain.errors import Conflict, Invalid
from domain.identifiers import CommuneId, ExportId, PersonId, PlaybackId

LONGEST_CLIP = timedelta(hours=1)
#: A month, as the law has it for those who receive a copy; no clip lies here for longer.
HANDED_OVER_FOR = timedelta(days=30)
#: Where a hold alone keeps the pictures past their hour, a clip of them is there to be fetched.
AT_LEAST = timedelta(days=1)
#: A clip that can't be made just now is tried for as long, ever less often.
PATIENCE = timedelta(hours=1)
SOONEST_AGAIN, LATEST_AGAIN = timedelta(seconds=30), timedelta(minutes=5)


class BadExport(Invalid):
    code: ClassVar[str] = "bad-export"
    title: ClassVar[str] = "This can't be taken out like this"


class NotReady(Conflict):
    code: ClassVar[str] = "clip-not-ready"
    title: ClassVar[str] = "The clip is not there yet, or not any more"


class Kind(StrEnum):
    STILL = "still"
    CLIP = "clip"


class State(StrEnum):
    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"  # destroyed at its hour


@dataclass(frozen=True, kw_only=True)
class Export:
    """``starts_at`` and ``ends_at`` as they were asked for; a still has one moment."""

    id: ExportId
    kind: Kind
    commune_id: CommuneId
    source: UUID
    playback_id: PlaybackId
    person_id: PersonId
    motive: str
    starts_at: datetime
    ends_at: datetime
    asked_at: datetime

    def __post_init__(self) -> None:
        lasts = self.ends_at - self.starts_at
        if self.kind is Kind.CLIP and not timedelta(0) < lasts <= LONGEST_CLIP:
            raise BadExport("a clip lasts at most an hour, and ends after it starts")


def keep_until(first_goes_at: datetime, *, made_at: datetime) -> datetime:
    """When a clip goes whose pictures begin to go at ``first_goes_at``: with them, never later.

    Where their hour has passed a hold alone keeps them: then there is a day to fetch the clip.
    """
    if first_goes_at <= made_at:
        return made_at + AT_LEAST
    return min(first_goes_at, made_at + HANDED_OVER_FOR)


def again_at(failing_since: datetime, *, now: datetime) -> datetime | None:
    """When a clip that can't be made just now is tried again; None: it has been for too long."""
    lasts = now - failing_since
    if lasts >= PATIENCE:
        return None
    return now + min(max(SOONEST_AGAIN, lasts), LATEST_AGAIN)
