"""Talk-down: somebody speaks through a camera's loudspeaker, or lets an announcement sound."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from domain.errors import Conflict, Invalid, Unavailable
from domain.identifiers import AnnouncementId, CameraId, CommuneId, PersonId, TalkId

#: Nobody needs longer to be understood; who forgets that he is on the air is not heard for long.
LONGEST = timedelta(seconds=120)
#: A camera is dialled and a browser connected within this, or there is no talk.
BEGINS_WITHIN = timedelta(seconds=30)
#: A talk whose end nobody told (its media process died) holds the loudspeaker no longer than this.
FREE_AFTER = LONGEST + BEGINS_WITHIN

#: A voice says it within a minute; a longer one is heard by nobody in the street.
LONGEST_ANNOUNCEMENT = timedelta(seconds=60)
MOST_ANNOUNCEMENTS = 50
"""Of one commune: a list that is read at a glance."""


class NoLoudspeaker(Conflict):
    code: ClassVar[str] = "no-loudspeaker"
    title: ClassVar[str] = "The camera has no loudspeaker that can be spoken through"


class LoudspeakerTaken(Conflict):
    """``holder`` speaks through it now; what is known of him is beside the camera."""

    code: ClassVar[str] = "loudspeaker-taken"
    title: ClassVar[str] = "Somebody else speaks through this camera"

    def __init__(self, holder: PersonId) -> None:
        super().__init__("it is free once he has ended, two minutes from his beginning at most")
        self.holder = holder


class LoudspeakerAway(Unavailable):
    code: ClassVar[str] = "loudspeaker-away"
    title: ClassVar[str] = "The camera can't be spoken through at the moment"


class BadAnnouncement(Invalid):
    code: ClassVar[str] = "bad-announcement"
    title: ClassVar[str] = "The announcement can't be kept like this"


class TooManyAnnouncements(Conflict):
    code: ClassVar[str] = "too-many-announcements"
    title: ClassVar[str] = "There are as many announcements as a list can hold"


class Spoken(StrEnum):
    VOICE = "voice"
    ANNOUNCEMENT = "announcement"


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """A recorded message: its sound is kept beside it, ``text`` is what it says, word for word."""

    id: AnnouncementId
    commune_id: CommuneId
    name: str
    text: str
    lasts: timedelta

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.text.strip():
            raise BadAnnouncement("an announcement has a name, and its words in writing")
        if not timedelta(0) < self.lasts <= LONGEST_ANNOUNCEMENT:
            raise BadAnnouncement("an announcement lasts a minute at most")


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One person at one loudspeaker, from before the first sound on.

    ``announcement_id``: what sounds; None: his voice. ``sounded``: for how long something did.
    """

    id: TalkId
    camera_id: CameraId
    commune_id: CommuneId
    person_id: PersonId
    motive: str
    started_at: datetime
    announcement_id: AnnouncementId | None = None
    ended_at: datetime | None = None
    sounded: timedelta | None = None

    @property
    def spoken(self) -> Spoken:
        return Spoken.VOICE if self.announcement_id is None else Spoken.ANNOUNCEMENT

    @property
    def free_at(self) -> datetime:
        """When the loudspeaker is free, whatever happens."""
        return self.started_at + FREE_AFTER

    def is_on(self, at: datetime) -> bool:
        return self.ended_at is None and at < self.free_at

    def end(self, *, at: datetime, sounded: timedelta | None) -> Self:
        """Over, once: what has ended stays as it is. ``sounded`` None: nobody can say."""
        if self.ended_at is not None:
            return self
        return replace(self, ended_at=min(max(at, self.started_at), self.free_at), sounded=sounded)


def check_free(before: Talk | None, *, at: datetime) -> None:
    """Raise ``LoudspeakerTaken`` while the last talk at this loudspeaker goes on.

    One's own too: two voices of one person at one loudspeaker are a page that was left open.
    """
    if before is not None and before.is_on(at):
        raise LoudspeakerTaken(before.person_id)
